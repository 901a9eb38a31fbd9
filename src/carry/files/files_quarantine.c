// SPDX-License-Identifier: Apache-2.0

/*
 * Quarantine in a folder: read what lies there, and erase what was judged.
 *
 * A drop writes each file that holds something to erase anew, envelopes and their number as they
 * were, the sealed bytes gone, and publishes it like a batch: aside, manifest, rename, receipt.
 * One receipt a file, so that a crash leaves whole files, and what is left is dropped by the same
 * command run again.
 */

#include "winnow/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files_folder.h"
#include "files_input.h"
#include "step.h"
#include "winnow/container.h"
#include "winnow/quarantine.h"
#include "winnow/reader.h"
#include "winnow/receipt.h"

/** Names of the files of DIR/quarantine, sorted. */
struct names {
    char **list; ///< From DIR: "quarantine/NAME".
    size_t n;
};

static void names_deinit(struct names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->list[i]);
    }
    free(names->list);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static enum wn_code names_read(const struct wn_folder *folder, struct names *ret_names,
                               struct wn_error *err)
{
    char path[PATH_MAX];
    *ret_names = (struct names){ 0 };
    if (wn_folder_path(folder, "quarantine", path, err) != WN_OK) {
        return err->code;
    }
    DIR *dir = opendir(path);
    if (!dir) {
        return errno == ENOENT
                   ? WN_OK
                   : wn_fail(err, WN_FATAL, "file-read", "%s: %s", path, strerror(errno));
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char **list = realloc(ret_names->list, (ret_names->n + 1) * sizeof(*list));
        char name[PATH_MAX];
        snprintf(name, sizeof(name), "quarantine/%s", entry->d_name);
        char *copy = strdup(name);
        if (!list || !copy) {
            fputs("winnow: out of memory\n", stderr);
            abort();
        }
        list[ret_names->n++] = copy;
        ret_names->list = list;
    }
    closedir(dir);
    if (ret_names->n > 0) {
        qsort(ret_names->list, ret_names->n, sizeof(char *), by_text);
    }
    return WN_OK;
}

/** Visit an envelope; `avro` is its bytes. */
typedef enum wn_code piece_visit(void *context, struct wn_slice avro,
                                 const struct wn_envelope *envelope, struct wn_error *err);

/** Visit the `n` envelopes of a block. */
static enum wn_code each_in_block(struct wn_avro_reader *avro, struct wn_slice block, uint64_t n,
                                  piece_visit *visit, void *context, struct wn_error *err)
{
    for (uint64_t i = 0; i < n; i++) {
        struct wn_slice rest = block;
        struct wn_envelope envelope;
        if (wn_avro_reader_json(avro, &rest, NULL, err) != WN_OK) {
            return err->code;
        }
        const struct wn_slice piece = { block.at, block.len - rest.len };
        if (wn_envelope_read(piece, &envelope, err) != WN_OK) {
            err->code = WN_FATAL; // The file's fault, not a record's.
            err->reason = "file-read";
            return err->code;
        }
        if (visit(context, piece, &envelope, err) != WN_OK) {
            return err->code;
        }
        block = rest;
    }
    return WN_OK;
}

/** Visit the envelopes of an open container. */
static enum wn_code each_in_file(struct wn_container_reader *reader, piece_visit *visit,
                                 void *context, struct wn_error *err)
{
    struct wn_avro_reader *avro = NULL;
    if (wn_avro_reader_open(wn_container_schema(reader), &avro, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = WN_OK;
    uint64_t n = 0;
    do {
        struct wn_slice block;
        rc = wn_container_block(reader, &block, &n, err);
        if (rc == WN_OK) {
            rc = each_in_block(avro, block, n, visit, context, err);
        }
    } while (rc == WN_OK && n > 0);
    wn_avro_reader_close(avro);
    return rc;
}

/** Open a file of quarantine and visit its envelopes. */
static enum wn_code each_of(const struct wn_folder *folder, const char *file, piece_visit *visit,
                            void *context, struct wn_error *err)
{
    char path[PATH_MAX];
    struct wn_container_reader *reader = NULL;
    if (wn_folder_path(folder, file, path, err) != WN_OK ||
        wn_container_open(path, &reader, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = each_in_file(reader, visit, context, err);
    if (rc != WN_OK) {
        wn_context(err, "%s", path);
    }
    wn_container_reader_close(reader);
    return rc;
}

/** What wn_files_each_envelope() hands on. */
struct walk {
    const char *file;
    wn_files_envelope_visit *visit;
    void *context;
};

static enum wn_code walk_piece(void *context, struct wn_slice avro,
                               const struct wn_envelope *envelope, struct wn_error *err)
{
    const struct walk *walk = context;
    const struct wn_files_envelope at = { walk->file, envelope };
    (void)avro;
    return walk->visit(walk->context, &at, err);
}

enum wn_code wn_files_each_envelope(const char *folder, wn_files_envelope_visit *visit,
                                    void *context, struct wn_error *err)
{
    struct wn_folder opened;
    struct names names = { 0 };
    if (wn_folder_open_read(folder, &opened, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = names_read(&opened, &names, err);
    for (size_t i = 0; rc == WN_OK && i < names.n; i++) {
        struct walk walk = { names.list[i], visit, context };
        rc = each_of(&opened, names.list[i], walk_piece, &walk, err);
    }
    names_deinit(&names);
    wn_folder_close(&opened);
    return rc;
}

/** A drop at work. */
struct dropping {
    struct wn_folder folder;
    const struct wn_files_drop *what;
    const struct wn_keyring *keyring;
    const char *file;               ///< At hand, from DIR.
    struct wn_container *container; ///< Written anew; NULL while counting.
    struct wn_buffer piece;
    uint64_t hits;   ///< In the file at hand.
    uint64_t refers; ///< Receipt that names it.
    uint64_t *records, *receipts;
};

static bool is_hit(const struct wn_files_drop *what, const struct wn_envelope *envelope)
{
    return envelope->sealed.len > 0 && wn_slice_is(envelope->reason, what->reason) &&
           (!what->source || wn_slice_is(envelope->source, what->source));
}

/** Count, or write anew without the sealed bytes. */
static enum wn_code drop_piece(void *context, struct wn_slice avro,
                               const struct wn_envelope *envelope, struct wn_error *err)
{
    struct dropping *dropping = context;
    bool hit = is_hit(dropping->what, envelope);
    if (!dropping->container) {
        dropping->hits += hit ? 1 : 0;
        return WN_OK;
    }
    if (!hit) {
        return wn_container_add(dropping->container, avro, err);
    }
    struct wn_envelope emptied = *envelope;
    emptied.sealed.len = 0;
    dropping->piece.len = 0;
    wn_envelope_write(&emptied, &dropping->piece);
    return wn_container_add(dropping->container, wn_buffer_slice(&dropping->piece), err);
}

static enum wn_code find_receipt(void *context, uint64_t receipt,
                                 const struct wn_manifest_file *file, struct wn_error *err)
{
    struct dropping *dropping = context;
    (void)err;
    if (strcmp(file->file, dropping->file) == 0) {
        dropping->refers = receipt;
    }
    return WN_OK;
}

/** Write the file at hand anew, aside. */
static enum wn_code rewrite(struct dropping *dropping, const char *aside,
                            struct wn_receipt_output *output, char ret_sha256[WN_SHA256_HEX],
                            struct wn_error *err)
{
    char path[PATH_MAX];
    char old[PATH_MAX];
    struct wn_container_reader *reader = NULL;
    if (wn_folder_path(&dropping->folder, aside, path, err) != WN_OK ||
        wn_folder_path(&dropping->folder, dropping->file, old, err) != WN_OK ||
        wn_container_open(old, &reader, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = wn_container_create(path, wn_container_schema(reader),
                                          wn_container_sync(reader), &dropping->container, err);
    if (rc == WN_OK) {
        rc = each_in_file(reader, drop_piece, dropping, err);
    }
    if (rc == WN_OK) {
        rc = wn_container_finish(&dropping->container, ret_sha256, &output->records, err);
    }
    dropping->container = wn_container_close(dropping->container);
    wn_container_reader_close(reader);
    output->file = dropping->file;
    output->digest = ret_sha256;
    return rc;
}

/** Write the receipt of a drop, aside. */
static enum wn_code write_receipt(const struct dropping *dropping, const char *aside,
                                  const struct wn_receipt_output *output,
                                  char ret_sha256[2][WN_SHA256_HEX], struct wn_error *err)
{
    const struct wn_manifest_newest *newest = &dropping->folder.newest;
    char refers[24];
    snprintf(refers, sizeof(refers), "%llu", (unsigned long long)dropping->refers);
    const struct wn_receipt receipt = {
        .number = newest->receipt + 1,
        .previous = newest->receipt > 0 ? newest->sha256 : NULL,
        .event = { "drop", dropping->what->reason, refers },
        .policy = "",
        .source = dropping->what->source ? dropping->what->source : "",
        .source_id = "",
        .outputs = output,
        .n_outputs = 1,
    };
    struct wn_buffer bytes = { 0 };
    wn_receipt_write(&receipt, dropping->keyring, &bytes, ret_sha256[0]);
    wn_buffer_text(&bytes, "\n");
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(bytes.at, bytes.len, digest);
    wn_hex(digest, sizeof(digest), ret_sha256[1]);
    enum wn_code rc = wn_folder_write(&dropping->folder, aside, wn_buffer_slice(&bytes), err);
    wn_buffer_deinit(&bytes);
    return rc;
}

/** Drop what is to be dropped of the file at hand. */
static enum wn_code drop_file(struct dropping *dropping, struct wn_error *err)
{
    const unsigned long long number = dropping->folder.newest.receipt + 1;
    char aside[2][64];
    char receipt_file[64];
    char sha256[WN_SHA256_HEX];
    char receipt_sha256[2][WN_SHA256_HEX];
    struct wn_receipt_output output = { 0 };
    snprintf(aside[0], sizeof(aside[0]), "tmp/drop-%llu.avro", number);
    snprintf(aside[1], sizeof(aside[1]), "tmp/drop-%llu.json", number);
    snprintf(receipt_file, sizeof(receipt_file), "receipts/drop-%06llu.json", number);

    if (wn_manifest_each_file(dropping->folder.manifest, 1, find_receipt, dropping, err) != WN_OK ||
        rewrite(dropping, aside[0], &output, sha256, err) != WN_OK ||
        write_receipt(dropping, aside[1], &output, receipt_sha256, err) != WN_OK ||
        wn_folder_sync_aside(&dropping->folder, err) != WN_OK) {
        wn_folder_empty_aside(&dropping->folder);
        return err->code;
    }
    const struct wn_manifest_file files[] = {
        { aside[0], dropping->file, sha256, output.records },
        { aside[1], receipt_file, receipt_sha256[1], 0 },
    };
    const struct wn_publication publication = {
        .receipt = number,
        .receipt_sha256 = receipt_sha256[0],
        .files = files,
        .n_files = WN_COUNT(files),
    };
    if (wn_manifest_commit(dropping->folder.manifest, &publication, err) != WN_OK) {
        return err->code;
    }
    wn_step("committed");
    *dropping->records += dropping->hits;
    (*dropping->receipts)++;
    if (wn_folder_rename(&dropping->folder, publication.receipt, err) != WN_OK) {
        return err->code;
    }
    return wn_manifest_newest(dropping->folder.manifest, &dropping->folder.newest, err);
}

static enum wn_code check_signer(struct dropping *dropping, struct wn_error *err)
{
    char hex[WN_SHA256_HEX];
    bool other = false;
    wn_hex(wn_keyring_signing_public(dropping->keyring), 32, hex);
    const struct wn_manifest_fact fact = { "signing key", hex };
    if (wn_manifest_contradicts(dropping->folder.manifest, &fact, &other, err) != WN_OK) {
        return err->code;
    }
    return other ? wn_fail(err, WN_FATAL, "keys",
                           "%s: was made with another signing key; name its keys",
                           dropping->folder.path)
                 : WN_OK;
}

static enum wn_code drop_all(struct dropping *dropping, const struct names *names,
                             struct wn_error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        dropping->file = names->list[i];
        dropping->hits = 0;
        if (each_of(&dropping->folder, names->list[i], drop_piece, dropping, err) != WN_OK ||
            (dropping->hits > 0 && drop_file(dropping, err) != WN_OK)) {
            return err->code;
        }
    }
    return WN_OK;
}

enum wn_code wn_files_drop(const char *folder, const struct wn_files_drop *drop,
                           struct wn_keyring *keyring, uint64_t *ret_records,
                           uint64_t *ret_receipts, struct wn_error *err)
{
    struct names names = { 0 };
    char manifest[PATH_MAX];
    // A folder that is not there is not made: it would be empty.
    if (snprintf(manifest, sizeof(manifest), "%s/manifest.db", folder) >= (int)sizeof(manifest) ||
        access(manifest, F_OK) != 0) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: holds no manifest.db of sift", folder);
    }
    *ret_records = 0;
    *ret_receipts = 0;
    struct dropping dropping = {
        .what = drop, .keyring = keyring, .records = ret_records, .receipts = ret_receipts
    };
    if (wn_folder_open(folder, &dropping.folder, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = check_signer(&dropping, err);
    if (rc == WN_OK) {
        rc = names_read(&dropping.folder, &names, err);
    }
    if (rc == WN_OK) {
        rc = drop_all(&dropping, &names, err);
    }
    names_deinit(&names);
    wn_buffer_deinit(&dropping.piece);
    wn_folder_close(&dropping.folder);
    return rc;
}

enum wn_code wn_files_sha256(const char *file, char ret_sha256[65], struct wn_error *err)
{
    const struct wn_input_file input = { .name = file, .spool = -1 };
    struct wn_window window = { 0 };
    struct wn_content content;
    enum wn_code rc = wn_content_hash(&input, &window, &content, err);
    if (rc == WN_OK) {
        memcpy(ret_sha256, content.sha256, sizeof(content.sha256));
    }
    wn_window_deinit(&window);
    return rc;
}
