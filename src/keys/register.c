// SPDX-License-Identifier: Apache-2.0

/*
 * A line is read by taking its members in their order, and by writing it anew from what was read:
 * if that gives the same bytes, the line is exactly one that winnow writes. So there is one place
 * that knows the form, and no second spelling of an entry.
 */

#include "register.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "guard.h"
#include "winnow/hash.h"
#include "winnow/io.h"

enum {
    SIGNATURE = 64,
    OFFICER = 32
};

static const char officer_name[] = "officer"; ///< Its kind and its purpose.

/** An entry as it stands in a line. */
struct line {
    struct wn_register_entry entry;
    uint64_t n;
    const uint8_t *previous;  ///< NULL at first.
    const uint8_t *signature; ///< NULL: without the member, as it is signed.
};

bool wn_register_is_purpose(const char *purpose)
{
    size_t len = strspn(purpose, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return purpose[0] >= 'a' && purpose[0] <= 'z' && purpose[len] == '\0' && len < WN_PURPOSE_BYTES;
}

bool wn_register_is_period(uint32_t period)
{
    return period == 0 ||
           (period >= 200001 && period <= 999912 && period % 100 >= 1 && period % 100 <= 12);
}

static const char *kind_of(const struct wn_register_entry *entry)
{
    return entry->officer ? officer_name : entry->destroyed ? "destroyed" : "made";
}

/** Append a line without its newline. */
static void write_line(const struct line *line, struct wn_buffer *ret_text)
{
    char kcv[2 * WN_KCV_BYTES + 1], previous[WN_SHA256_HEX + 2] = "null";
    wn_hex(line->entry.kcv, WN_KCV_BYTES, kcv);
    if (line->previous) {
        char hex[WN_SHA256_HEX];
        wn_hex(line->previous, WN_SHA256_BYTES, hex);
        snprintf(previous, sizeof(previous), "\"%s\"", hex);
    }
    wn_buffer_format(ret_text, "{\"kcv\":\"%s\",\"kind\":\"%s\",\"n\":%" PRIu64, kcv,
                     kind_of(&line->entry), line->n);
    if (line->entry.officer) {
        char officer[2 * OFFICER + 1];
        wn_hex(line->entry.officer, OFFICER, officer);
        wn_buffer_format(ret_text, ",\"officer\":\"%s\"", officer);
    }
    wn_buffer_format(ret_text, ",\"period\":%" PRIu32 ",\"previous\":%s,\"purpose\":\"%s\",",
                     line->entry.period, previous, line->entry.purpose);
    if (line->signature) {
        char signature[2 * SIGNATURE + 1];
        wn_hex(line->signature, SIGNATURE, signature);
        wn_buffer_format(ret_text, "\"signature\":\"%s\",", signature);
    }
    wn_buffer_format(ret_text, "\"time\":%" PRId64 "}", line->entry.time_s);
}

/** Take what stands between `before` and `end` off the front. */
static bool take(struct wn_slice *rest, const char *before, const char *end,
                 struct wn_slice *ret_value)
{
    if (!wn_slice_starts(*rest, before)) {
        return false;
    }
    *rest = wn_slice_after(*rest, strlen(before));
    size_t len = 0;
    while (len < rest->len && !wn_slice_starts(wn_slice_after(*rest, len), end)) {
        len++;
    }
    if (len == rest->len) {
        return false;
    }
    *ret_value = (struct wn_slice){ rest->at, len };
    *rest = wn_slice_after(*rest, len);
    return true;
}

/** What a line's members point to. */
struct parts {
    char purpose[WN_PURPOSE_BYTES];
    uint8_t kcv[WN_KCV_BYTES], previous[WN_SHA256_BYTES], signature[SIGNATURE], officer[OFFICER];
};

/** Compute what an officer's public key is called. */
static void officer_id(const uint8_t officer[OFFICER], uint8_t ret_id[WN_KCV_BYTES])
{
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(officer, OFFICER, digest);
    memcpy(ret_id, digest, WN_KCV_BYTES);
}

/** The member that only an officer's entry has; behind the others, which it must fit. */
static bool read_officer(struct wn_slice officer, struct parts *parts, struct line *ret_line)
{
    uint8_t id[WN_KCV_BYTES];
    if (!wn_unhex(officer, OFFICER, parts->officer)) {
        return false;
    }
    officer_id(parts->officer, id);
    ret_line->entry.officer = parts->officer;
    return memcmp(id, parts->kcv, sizeof(id)) == 0 && ret_line->entry.period == 0 &&
           strcmp(parts->purpose, officer_name) == 0;
}

/** The members that are names. */
static bool read_names(struct wn_slice purpose, struct wn_slice kind, struct parts *parts,
                       struct line *ret_line)
{
    if (purpose.len == 0 || purpose.len >= WN_PURPOSE_BYTES) {
        return false;
    }
    memcpy(parts->purpose, purpose.at, purpose.len);
    parts->purpose[purpose.len] = '\0';
    ret_line->entry.purpose = parts->purpose;
    ret_line->entry.destroyed = wn_slice_is(kind, "destroyed");
    return wn_register_is_purpose(parts->purpose);
}

/** The members that are numbers. */
static bool read_numbers(struct wn_slice n, struct wn_slice period, struct wn_slice time,
                         struct line *ret_line)
{
    uint64_t period_number, seconds;
    if (!wn_slice_number(n, &ret_line->n) || !wn_slice_number(period, &period_number) ||
        period_number > UINT32_MAX || !wn_slice_number(time, &seconds) || seconds > INT64_MAX) {
        return false;
    }
    ret_line->entry.period = (uint32_t)period_number;
    ret_line->entry.time_s = (int64_t)seconds;
    return wn_register_is_period(ret_line->entry.period);
}

/** The members that are octets. */
static bool read_octets(struct wn_slice kcv, struct wn_slice previous, struct wn_slice signature,
                        struct parts *parts, struct line *ret_line)
{
    if (!wn_slice_is(previous, "null")) {
        if (previous.len < 2 || !wn_unhex((struct wn_slice){ previous.at + 1, previous.len - 2 },
                                          WN_SHA256_BYTES, parts->previous)) {
            return false;
        }
        ret_line->previous = parts->previous;
    }
    ret_line->entry.kcv = parts->kcv;
    ret_line->signature = parts->signature;
    return wn_unhex(kcv, WN_KCV_BYTES, parts->kcv) &&
           wn_unhex(signature, SIGNATURE, parts->signature);
}

/** Take the officer's public key off the front, where it stands there. */
static bool take_officer(struct wn_slice *rest, struct wn_slice *ret_officer)
{
    static const char before[] = ",\"officer\":\"";
    *ret_officer = (struct wn_slice){ NULL, 0 };
    if (!wn_slice_starts(*rest, before)) {
        return true;
    }
    if (!take(rest, before, "\"", ret_officer)) {
        return false;
    }
    *rest = wn_slice_after(*rest, 1);
    return true;
}

static bool read_line(struct wn_slice text, struct parts *parts, struct line *ret_line)
{
    *ret_line = (struct line){ 0 };
    struct wn_slice rest = text, kcv, kind, n, officer, period, previous, purpose, signature, time;
    if (!take(&rest, "{\"kcv\":\"", "\"", &kcv) || !take(&rest, "\",\"kind\":\"", "\"", &kind) ||
        !take(&rest, "\",\"n\":", ",", &n) || !take_officer(&rest, &officer) ||
        !take(&rest, ",\"period\":", ",", &period) ||
        !take(&rest, ",\"previous\":", ",", &previous) ||
        !take(&rest, ",\"purpose\":\"", "\"", &purpose) ||
        !take(&rest, "\",\"signature\":\"", "\"", &signature) ||
        !take(&rest, "\",\"time\":", "}", &time) || !read_names(purpose, kind, parts, ret_line) ||
        !read_numbers(n, period, time, ret_line) ||
        !read_octets(kcv, previous, signature, parts, ret_line) ||
        (officer.at && !read_officer(officer, parts, ret_line))) {
        return false;
    }
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer anew = { 0 };
    write_line(ret_line, &anew);
    return wn_slice_same(wn_buffer_slice(&anew), text);
}

static bool is_signed(const struct line *line, const uint8_t public_key[32])
{
    struct line bare = *line;
    bare.signature = NULL;
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    write_line(&bare, &text);
    return crypto_sign_verify_detached(line->signature, text.at, text.len, public_key) == 0;
}

static int compare(const struct wn_register_key *key, const char *purpose, uint32_t period)
{
    int order = strcmp(key->purpose, purpose);
    if (order != 0) {
        return order;
    }
    return (key->period > period) - (key->period < period);
}

/** @return where the key stands, or would stand. */
static size_t place_of(const struct wn_register *reg, const char *purpose, uint32_t period)
{
    size_t low = 0, high = reg->n_keys;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&reg->keys[middle], purpose, period) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct wn_register_key *wn_register_find(const struct wn_register *reg, const char *purpose,
                                               uint32_t period)
{
    size_t place = place_of(reg, purpose, period);
    bool found = place < reg->n_keys && compare(&reg->keys[place], purpose, period) == 0;
    return found ? &reg->keys[place] : NULL;
}

static void insert(struct wn_register *reg, const struct wn_register_entry *entry)
{
    size_t place = place_of(reg, entry->purpose, entry->period);
    struct wn_register_key *keys = realloc(reg->keys, (reg->n_keys + 1) * sizeof(*keys));
    if (!keys) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    memmove(keys + place + 1, keys + place, (reg->n_keys - place) * sizeof(*keys));
    keys[place] = (struct wn_register_key){ .period = entry->period, .made_s = entry->time_s };
    memcpy(keys[place].purpose, entry->purpose, strlen(entry->purpose) + 1);
    memcpy(keys[place].kcv, entry->kcv, WN_KCV_BYTES);
    reg->keys = keys;
    reg->n_keys++;
}

static const char *apply_officer(struct wn_register *reg, const struct wn_register_entry *entry)
{
    if (reg->n > 0) {
        return "it names an officer's key, which only the first line does";
    }
    reg->has_officer = true;
    reg->officer_s = entry->time_s;
    memcpy(reg->officer, entry->officer, sizeof(reg->officer));
    memcpy(reg->officer_id, entry->kcv, sizeof(reg->officer_id));
    return NULL;
}

/** Apply an event to the keys. @return NULL, or what is wrong with it. */
static const char *apply(struct wn_register *reg, const struct wn_register_entry *entry)
{
    if (entry->officer) {
        return apply_officer(reg, entry);
    }
    const struct wn_register_key *key = wn_register_find(reg, entry->purpose, entry->period);
    if (!entry->destroyed) {
        if (key) {
            return "it makes a key that was made before";
        }
        insert(reg, entry);
        return NULL;
    }
    if (!key || key->destroyed || memcmp(key->kcv, entry->kcv, WN_KCV_BYTES) != 0) {
        return "it destroys a key that is not there";
    }
    struct wn_register_key *mine = &reg->keys[key - reg->keys];
    mine->destroyed = true;
    mine->destroyed_s = entry->time_s;
    return NULL;
}

/** Add a line that is in order. */
static void accept(struct wn_register *reg, struct wn_slice text)
{
    wn_buffer_add(&reg->text, text.at, text.len);
    wn_buffer_text(&reg->text, "\n");
    wn_sha256_of(text.at, text.len, reg->last);
    reg->n++;
}

/** @return NULL, or what is wrong with the next line. */
static const char *add_line(struct wn_register *reg, struct wn_slice text,
                            const uint8_t public_key[32])
{
    struct parts parts;
    struct line line;
    if (!read_line(text, &parts, &line)) {
        return "it is not an entry as winnow writes them";
    }
    bool follows = reg->n == 0
                       ? !line.previous
                       : line.previous && memcmp(line.previous, reg->last, sizeof(reg->last)) == 0;
    if (line.n != reg->n + 1 || !follows) {
        return "it does not follow on the line before it";
    }
    if (!is_signed(&line, public_key)) {
        return "its signature is not of this folder's signing key";
    }
    const char *wrong = apply(reg, &line.entry);
    if (!wrong) {
        accept(reg, text);
    }
    return wrong;
}

enum wn_code wn_register_add_lines(struct wn_register *reg, const char *path, struct wn_slice lines,
                                   const uint8_t public_key[32], struct wn_error *err)
{
    while (lines.len > 0) {
        const char *end = memchr(lines.at, '\n', lines.len);
        if (!end) {
            return WN_OK; // What a crash left: it never took effect.
        }
        struct wn_slice text = { lines.at, (size_t)(end - lines.at) };
        const char *wrong = add_line(reg, text, public_key);
        if (wrong) {
            return wn_fail(err, WN_FATAL, "register",
                           "%s:%" PRIu64 ": the register was changed: %s; put its newest copy back",
                           path, reg->n + 1, wrong);
        }
        lines = wn_slice_after(lines, text.len + 1);
    }
    return WN_OK;
}

void wn_register_add(struct wn_register *reg, const struct wn_register_entry *entry,
                     const uint8_t secret[64], struct wn_buffer *ret_line)
{
    struct line line = {
        .entry = *entry,
        .n = reg->n + 1,
        .previous = reg->n > 0 ? reg->last : NULL,
    };
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    write_line(&line, &text);

    uint8_t signature[SIGNATURE];
    crypto_sign_detached(signature, NULL, text.at, text.len, secret);
    line.signature = signature;
    text.len = 0;
    write_line(&line, &text);

    wn_buffer_add(ret_line, text.at, text.len);
    wn_buffer_text(ret_line, "\n");
    const char *wrong = apply(reg, entry);
    if (wrong) {
        fprintf(stderr, "winnow: register: %s\n", wrong); // The caller looked before.
        abort();
    }
    accept(reg, wn_buffer_slice(&text));
}

void wn_register_begin(struct wn_register *reg, const uint8_t officer[32], int64_t time_s,
                       const uint8_t secret[64], struct wn_buffer *ret_line)
{
    uint8_t id[WN_KCV_BYTES];
    officer_id(officer, id);
    const struct wn_register_entry entry = {
        .purpose = officer_name,
        .kcv = id,
        .time_s = time_s,
        .officer = officer,
    };
    wn_register_add(reg, &entry, secret, ret_line);
}

enum wn_code wn_register_check_officer(const struct wn_register *reg, const char *path,
                                       const uint8_t officer[32], const char *officer_path,
                                       struct wn_error *err)
{
    if (!reg->has_officer) {
        return wn_fail(
            err, WN_FATAL, "register",
            "%s: its first line does not name the officer's public key: it was emptied, or "
            "made before registers did so; put its newest copy back, or make a new keys folder",
            path);
    }
    if (memcmp(reg->officer, officer, sizeof(reg->officer)) != 0) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: is not the officer's public key that the register %s names, and "
            "quarantine would be sealed to somebody else; put it back from a backup (the "
            "register's first line has its digits, too)",
            officer_path, path);
    }
    return WN_OK;
}

enum wn_code wn_register_read(const char *path, const uint8_t public_key[32],
                              struct wn_register *ret_reg, struct wn_error *err)
{
    struct stat status;
    if (lstat(path, &status) != 0 && errno == ENOENT) {
        return wn_fail(err, WN_FATAL, "register",
                       "%s: the register is missing; it alone knows which keys were destroyed: put "
                       "its newest copy back",
                       path);
    }
    int fd = -1;
    if (wn_guard_open(path, WN_GUARD_OPEN, &fd, err) != WN_OK) {
        return err->code;
    }
    close(fd); // Looked at; the lines vouch for themselves.
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer bytes = { 0 };
    if (wn_io_read(path, WN_REGISTER_MOST, &bytes, err) != WN_OK) {
        err->reason = "register";
        return err->code;
    }
    return wn_register_add_lines(ret_reg, path, wn_buffer_slice(&bytes), public_key, err);
}

enum wn_code wn_register_append(const char *path, size_t valid, struct wn_slice lines,
                                struct wn_error *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 ||
        (status.st_size > (off_t)valid && ftruncate(fd, (off_t)valid) != 0)) {
        wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return err->code;
    }
    enum wn_code rc = wn_io_write(fd, path, lines.at, lines.len, err);
    if (rc == WN_OK && fsync(fd) != 0) {
        rc = wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    }
    if (rc != WN_OK && ftruncate(fd, (off_t)valid) == 0) {
        (void)fsync(fd);
    }
    close(fd);
    return rc;
}

void wn_register_deinit(struct wn_register *reg)
{
    free(reg->keys);
    wn_buffer_deinit(&reg->text);
    *reg = (struct wn_register){ 0 };
}
