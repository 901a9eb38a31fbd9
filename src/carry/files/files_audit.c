// SPDX-License-Identifier: Apache-2.0

/*
 * An audit of a folder needs nothing but the folder and a public key. It believes the receipts
 * alone, and these only as far as their signatures and their chain go:
 *
 *     1  receipts, by number: form, signature, chain, sums         account/audit.c
 *     2  every file that a receipt names: there, its SHA-256, its number of records
 *     3  every other file that lies where published ones lie
 *     4  the manifest: the same files with the same hashes, nothing besides
 *
 * A drop rewrites a file of quarantine under a receipt of its own, so a file there may be named by
 * several receipts: the last one counts. No other file is ever written again.
 */

#include "winnow/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files_folder.h"
#include "winnow/audit.h"
#include "winnow/container.h"
#include "winnow/hash.h"
#include "winnow/io.h"

enum {
    RECEIPT_MOST = 256 << 20
};

/** A file that lies in the folder. */
struct found {
    char *file;                 ///< From DIR.
    char sha256[WN_SHA256_HEX]; ///< As the last receipt that names it says; "": none does.
    uint64_t records;
    bool receipt;
    bool in_manifest;
};

struct hunt {
    struct wn_folder folder;
    struct wn_audit *audit;
    struct found *list;
    size_t n, capacity;
};

static struct found *add(struct hunt *hunt, const char *file)
{
    if (hunt->n == hunt->capacity) {
        hunt->capacity = hunt->capacity == 0 ? 64 : hunt->capacity * 2;
        struct found *list = realloc(hunt->list, hunt->capacity * sizeof(*list));
        if (!list) {
            fputs("winnow: out of memory\n", stderr);
            abort();
        }
        hunt->list = list;
    }
    struct found *found = &hunt->list[hunt->n++];
    *found = (struct found){ .file = strdup(file) };
    return found;
}

static int by_file(const void *left, const void *right)
{
    return strcmp(((const struct found *)left)->file, ((const struct found *)right)->file);
}

static struct found *find(const struct hunt *hunt, const char *file)
{
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s", file);
    const struct found key = { .file = name };
    return hunt->n == 0 ? NULL : bsearch(&key, hunt->list, hunt->n, sizeof(key), by_file);
}

/** List what lies in a folder where published files lie. */
static enum wn_code list_folder(struct hunt *hunt, const char *name, struct wn_error *err)
{
    char path[PATH_MAX];
    if (wn_folder_path(&hunt->folder, name, path, err) != WN_OK) {
        return err->code;
    }
    DIR *dir = opendir(path);
    if (!dir) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: %s", path, strerror(errno));
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char file[PATH_MAX];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (snprintf(file, sizeof(file), "%s/%s", name, entry->d_name) >= (int)sizeof(file)) {
            continue;
        }
        if (fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(status.st_mode)) {
            wn_audit_find(hunt->audit, file, "is not a file");
            continue;
        }
        add(hunt, file)->receipt = strcmp(name, "receipts") == 0;
    }
    closedir(dir);
    return WN_OK;
}

static bool is_place(const char *name)
{
    return strcmp(name, "receipts") == 0 || strcmp(name, "quarantine") == 0 ||
           strncmp(name, "usage.", strlen("usage.")) == 0;
}

static enum wn_code list_all(struct hunt *hunt, struct wn_error *err)
{
    DIR *dir = opendir(hunt->folder.path);
    if (!dir) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: %s", hunt->folder.path, strerror(errno));
    }
    enum wn_code rc = WN_OK;
    for (const struct dirent *entry = readdir(dir); entry && rc == WN_OK; entry = readdir(dir)) {
        if (is_place(entry->d_name)) {
            rc = list_folder(hunt, entry->d_name, err);
        }
    }
    closedir(dir);
    if (hunt->n > 0) {
        qsort(hunt->list, hunt->n, sizeof(*hunt->list), by_file);
    }
    return rc;
}

/**
 * The number that a receipt's text gives itself, by which receipts are put in order; 0 where there
 * is none. Only a member of the outermost object counts: a raw field may be called "receipt", too.
 */
static uint64_t number_of(struct wn_slice text)
{
    static const char member[] = "\"receipt\":";
    unsigned depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' && depth == 1 && wn_slice_starts(wn_slice_after(text, i), member)) {
            struct wn_slice digits = wn_slice_after(text, i + strlen(member));
            uint64_t number = 0;
            size_t len = 0;
            while (len < digits.len && digits.at[len] >= '0' && digits.at[len] <= '9') {
                len++;
            }
            digits.len = len;
            return wn_slice_number(digits, &number) ? number : 0;
        }
        if (text.at[i] == '"') {
            for (i++; i < text.len && text.at[i] != '"'; i++) {
                i += text.at[i] == '\\' ? 1 : 0;
            }
        } else if (text.at[i] == '{' || text.at[i] == '[') {
            depth++;
        } else if (text.at[i] == '}' || text.at[i] == ']') {
            depth--;
        }
    }
    return 0;
}

static enum wn_code read_file(const struct hunt *hunt, const struct found *found,
                              struct wn_buffer *ret_bytes, struct wn_error *err)
{
    char path[PATH_MAX];
    ret_bytes->len = 0;
    if (wn_folder_path(&hunt->folder, found->file, path, err) != WN_OK) {
        return err->code;
    }
    return wn_io_read(path, RECEIPT_MOST, ret_bytes, err);
}

/** A receipt and its place. */
struct numbered {
    uint64_t number; ///< As it gives itself.
    const struct found *found;
};

static int by_number(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return strcmp(a->found->file, b->found->file);
}

/** Hand one receipt to the audit. */
static void audit_receipt(const struct hunt *hunt, const struct found *found,
                          struct wn_buffer *bytes)
{
    struct wn_error err;
    if (read_file(hunt, found, bytes, &err) != WN_OK) {
        wn_audit_find(hunt->audit, found->file, "can't be read");
        return;
    }
    if (bytes->len == 0 || bytes->at[bytes->len - 1] != '\n') {
        wn_audit_find(hunt->audit, found->file, "does not end with a newline: it was changed");
    } else {
        bytes->len--;
    }
    wn_audit_receipt(hunt->audit, "files", found->file, wn_buffer_slice(bytes), false);
}

/** Hand the receipts to the audit in the order of their numbers. */
static void audit_receipts(const struct hunt *hunt)
{
    struct wn_buffer bytes = { 0 };
    struct wn_error err;
    struct numbered *order = calloc(hunt->n + 1, sizeof(*order));
    size_t n = 0;
    for (size_t i = 0; order && i < hunt->n; i++) {
        const struct found *found = &hunt->list[i];
        if (found->receipt) {
            const bool good = read_file(hunt, found, &bytes, &err) == WN_OK;
            order[n++] = (struct numbered){ good ? number_of(wn_buffer_slice(&bytes)) : 0, found };
        }
    }
    if (n > 0) {
        qsort(order, n, sizeof(*order), by_number);
    }
    for (size_t i = 0; i < n; i++) {
        audit_receipt(hunt, order[i].found, &bytes);
    }
    free(order);
    wn_buffer_deinit(&bytes);
}

/** Note what a receipt says of a file. */
static void note_output(void *context, const struct wn_audit_output *output)
{
    struct hunt *hunt = context;
    struct found *found = find(hunt, output->place);
    if (!found) {
        wn_audit_find(hunt->audit, output->place, "is missing; receipt %llu names it",
                      (unsigned long long)output->receipt);
        return;
    }
    if (found->sha256[0] != '\0' && strncmp(found->file, "quarantine/", 11) != 0) {
        wn_audit_find(hunt->audit, output->place, "is named by two receipts, the second is %llu",
                      (unsigned long long)output->receipt);
    }
    snprintf(found->sha256, sizeof(found->sha256), "%s", output->digest);
    found->records = output->records;
}

/** Hash a file. @return false where it can't be read. */
static bool hash_file(const char *path, char ret_sha256[WN_SHA256_HEX])
{
    enum {
        CHUNK = 256 << 10
    };
    FILE *file = fopen(path, "rb");
    char *chunk = malloc(CHUNK);
    bool good = file && chunk;
    if (good) {
        struct wn_sha256 *hash = wn_sha256_open();
        uint8_t digest[WN_SHA256_BYTES];
        for (size_t got = fread(chunk, 1, CHUNK, file); got > 0;
             got = fread(chunk, 1, CHUNK, file)) {
            wn_sha256_add(hash, chunk, got);
        }
        good = !ferror(file);
        wn_sha256_finish(hash, digest);
        wn_sha256_close(hash);
        wn_hex(digest, sizeof(digest), ret_sha256);
    }
    free(chunk);
    if (file) {
        fclose(file);
    }
    return good;
}

/** Count the records of a container. */
static enum wn_code count_records(const char *path, uint64_t *ret_records, struct wn_error *err)
{
    struct wn_container_reader *reader = NULL;
    struct wn_slice block;
    uint64_t n = 0;
    *ret_records = 0;
    enum wn_code rc = wn_container_open(path, &reader, err);
    do {
        rc = rc == WN_OK ? wn_container_block(reader, &block, &n, err) : rc;
        *ret_records += n;
    } while (rc == WN_OK && n > 0);
    wn_container_reader_close(reader);
    return rc;
}

/** Check one published file that is no receipt against what a receipt says of it. */
static void audit_file(struct hunt *hunt, const struct found *found)
{
    char path[PATH_MAX];
    char sha256[WN_SHA256_HEX];
    struct wn_error err;
    uint64_t records = 0;
    if (found->sha256[0] == '\0') {
        wn_audit_find(hunt->audit, found->file, "no good receipt names it");
        return;
    }
    if (wn_folder_path(&hunt->folder, found->file, path, &err) != WN_OK ||
        !hash_file(path, sha256)) {
        wn_audit_find(hunt->audit, found->file, "can't be read");
        return;
    }
    if (strcmp(sha256, found->sha256) != 0) {
        wn_audit_find(hunt->audit, found->file, "was changed: its SHA-256 is not the receipt's");
        return;
    }
    if (count_records(path, &records, &err) != WN_OK) {
        wn_audit_find(hunt->audit, found->file, "is no whole container");
    } else if (records != found->records) {
        wn_audit_find(hunt->audit, found->file, "has %llu records, its receipt says %llu",
                      (unsigned long long)records, (unsigned long long)found->records);
    }
}

/** Check what the manifest says of a file against what lies there. */
static enum wn_code audit_manifest_file(void *context, uint64_t receipt,
                                        const struct wn_manifest_file *file, struct wn_error *err)
{
    struct hunt *hunt = context;
    (void)err;
    struct found *found = find(hunt, file->file);
    if (!found) {
        char aside[PATH_MAX];
        struct wn_error unused;
        bool waits = wn_folder_path(&hunt->folder, file->aside, aside, &unused) == WN_OK &&
                     access(aside, F_OK) == 0;
        wn_audit_find(hunt->audit, file->file,
                      waits ? "is committed and not yet published (receipt %llu); run sift again"
                            : "is missing; the manifest has it under receipt %llu",
                      (unsigned long long)receipt);
        return WN_OK;
    }
    found->in_manifest = true;
    char path[PATH_MAX];
    char sha256[WN_SHA256_HEX];
    struct wn_error unused;
    if (found->receipt && (wn_folder_path(&hunt->folder, file->file, path, &unused) != WN_OK ||
                           !hash_file(path, sha256) || strcmp(sha256, file->sha256) != 0)) {
        wn_audit_find(hunt->audit, file->file, "is not the receipt that the manifest knows");
    }
    return WN_OK;
}

static void audit_manifest(struct hunt *hunt)
{
    struct wn_error err;
    if (wn_folder_read_manifest(&hunt->folder, &err) != WN_OK) {
        wn_audit_find(hunt->audit, "manifest.db", "%s", err.text);
        return;
    }
    if (!hunt->folder.manifest) {
        wn_audit_find(hunt->audit, "manifest.db", "is missing");
        return;
    }
    if (wn_manifest_each_file(hunt->folder.manifest, 1, audit_manifest_file, hunt, &err) != WN_OK) {
        wn_audit_find(hunt->audit, "manifest.db", "%s", err.text);
        return;
    }
    for (size_t i = 0; i < hunt->n; i++) {
        if (!hunt->list[i].in_manifest) {
            wn_audit_find(hunt->audit, hunt->list[i].file, "the manifest does not have it");
        }
    }
}

static enum wn_code audit_all(struct hunt *hunt, struct wn_error *err)
{
    if (list_all(hunt, err) != WN_OK) {
        return err->code;
    }
    audit_receipts(hunt);
    wn_audit_each_output(hunt->audit, note_output, hunt);
    for (size_t i = 0; i < hunt->n; i++) {
        if (!hunt->list[i].receipt) {
            audit_file(hunt, &hunt->list[i]);
        }
    }
    audit_manifest(hunt);
    return WN_OK;
}

enum wn_code wn_files_audit(const char *folder, const uint8_t public_key[32],
                            struct wn_audit_said *ret_said, struct wn_error *err)
{
    struct hunt hunt = { 0 };
    enum wn_code rc = wn_folder_open_read(folder, &hunt.folder, err);
    if (rc != WN_OK) {
        return rc;
    }
    hunt.audit = wn_audit_open(public_key);
    rc = audit_all(&hunt, err);
    if (rc == WN_OK) {
        wn_audit_say(hunt.audit, wn_limits_default().lateness_ms, ret_said);
    }
    wn_audit_close(hunt.audit);
    for (size_t i = 0; i < hunt.n; i++) {
        free(hunt.list[i].file);
    }
    free(hunt.list);
    wn_folder_close(&hunt.folder);
    return rc;
}
