// SPDX-License-Identifier: Apache-2.0

/*
 * The index is a text, so that a person can read it:
 *
 *     winnow-state 1
 *     scope 64 hexadecimal digits
 *     position OFFSET SEQUENCE
 *     newest DAY                     or: newest none
 *     run CHECKSUM NAME              one a run
 *     numbers HEXADECIMAL            what nodes gave, in the form of the log; only where they did
 *     check CHECKSUM                 CRC-32C of all above
 *
 * It is read strictly: written again from what was read it must be the same octets.
 */

#include <errno.h>
#include <unistd.h>

#include "state_impl.h"
#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/memory.h"

enum {
    MOST_BYTES = 64 * 1024 * 1024
};

static void format_head(struct wn_buffer *text, const uint8_t scope[32],
                        struct wn_state_position position, int32_t newest)
{
    char hex[65];
    wn_hex(scope, 32, hex);
    wn_buffer_format(text, "winnow-state 1\nscope %s\nposition %lld %lld\n", hex,
                     (long long)position.offset, (long long)position.sequence);
    if (newest == WN_NO_DAY) {
        wn_buffer_text(text, "newest none\n");
    } else {
        wn_buffer_format(text, "newest %d\n", newest);
    }
}

static void format_numbers(struct wn_buffer *text, struct wn_slice numbers)
{
    if (numbers.len > 0) {
        wn_buffer_text(text, "numbers ");
        wn_hex((const uint8_t *)numbers.at, numbers.len,
               (char *)wn_buffer_room(text, 2 * numbers.len + 1));
        text->len += 2 * numbers.len;
        wn_buffer_text(text, "\n");
    }
}

/** Append a state's numbers, with those of the open batch where they count, too. */
static void format_all_numbers(struct wn_buffer *text, const struct wn_state *state)
{
    struct wn_sequences *all = wn_state_open_numbers();
    struct wn_buffer bytes = { 0 };
    wn_sequences_join(all, state->numbers);
    if (state->flushed_staged) {
        wn_sequences_join(all, state->staged_numbers);
    }
    if (all->n > 0) {
        wn_sequences_write(all, &bytes);
    }
    format_numbers(text, wn_buffer_slice(&bytes));
    wn_buffer_deinit(&bytes);
    wn_sequences_close(all);
}

static void format_check(struct wn_buffer *text)
{
    uint32_t crc = wn_crc32c(0, text->at, text->len);
    wn_buffer_format(text, "check %08x\n", crc);
}

enum wn_code wn_index_write(const char *path, const struct wn_state *state,
                            const struct wn_runs *runs, struct wn_state_position position,
                            int32_t newest, struct wn_error *err)
{
    struct wn_buffer text = { 0 };
    format_head(&text, state->scope, position, newest);
    for (size_t i = 0; i < runs->n; i++) {
        wn_buffer_format(&text, "run %08x %s\n", runs->at[i]->crc, runs->at[i]->name);
    }
    format_all_numbers(&text, state);
    format_check(&text);
    enum wn_code rc = wn_io_replace(path, 0600, text.at, text.len, err);
    wn_buffer_deinit(&text);
    return rc;
}

static bool take_line(struct wn_slice *rest, struct wn_slice *ret_line)
{
    const char *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
    if (!end) {
        return false;
    }
    *ret_line = (struct wn_slice){ rest->at, (size_t)(end - rest->at) };
    *rest = wn_slice_after(*rest, ret_line->len + 1);
    return true;
}

static bool parse_run(struct wn_slice line, struct wn_index *index)
{
    struct wn_index_run run = { .crc = 0 };
    uint8_t crc[4];
    if (line.len < 14 || line.len - 13 >= sizeof(run.name) ||
        !wn_unhex((struct wn_slice){ line.at + 4, 8 }, 4, crc) ||
        memchr(line.at + 13, '/', line.len - 13)) {
        return false;
    }
    run.crc = (uint32_t)crc[0] << 24 | (uint32_t)crc[1] << 16 | (uint32_t)crc[2] << 8 | crc[3];
    memcpy(run.name, line.at + 13, line.len - 13);
    if ((index->n_runs & (index->n_runs - 1)) == 0) {
        size_t capacity = index->n_runs > 0 ? 2 * index->n_runs : 1;
        index->runs = wn_grow(index->runs, capacity, sizeof(*index->runs));
    }
    index->runs[index->n_runs++] = run;
    return true;
}

static bool parse_numbers(struct wn_slice hex, struct wn_buffer *numbers)
{
    numbers->len = 0;
    uint8_t *room = wn_buffer_room(numbers, hex.len / 2);
    numbers->len = hex.len / 2;
    return wn_unhex(hex, hex.len / 2, room);
}

/** Read the text as far as it is one; what it gets wrong shows when it is written again. */
static bool parse(struct wn_slice text, struct wn_index *index)
{
    struct wn_slice line = { 0 };
    char copy[128];
    long long offset = 0, sequence = 0;
    index->newest = WN_NO_DAY;
    while (take_line(&text, &line)) {
        snprintf(copy, sizeof(copy), "%.*s", (int)(line.len < 127 ? line.len : 127), line.at);
        bool good = true;
        if (wn_slice_starts(line, "scope ")) {
            good = wn_unhex(wn_slice_after(line, 6), 32, index->scope);
        } else if (wn_slice_starts(line, "position ")) {
            char *next = NULL;
            offset = strtoll(copy + 9, &next, 10);
            sequence = strtoll(next, NULL, 10);
        } else if (wn_slice_starts(line, "newest ") && !wn_slice_is(line, "newest none")) {
            index->newest = (int32_t)strtol(copy + 7, NULL, 10);
        } else if (wn_slice_starts(line, "run ")) {
            good = parse_run(line, index);
        } else if (wn_slice_starts(line, "numbers ")) {
            good = parse_numbers(wn_slice_after(line, 8), &index->numbers);
        }
        if (!good) {
            return false;
        }
    }
    index->position = (struct wn_state_position){ offset, sequence };
    return true;
}

static bool is_same(const struct wn_index *index, struct wn_slice text)
{
    struct wn_buffer again = { 0 };
    format_head(&again, index->scope, index->position, index->newest);
    for (size_t i = 0; i < index->n_runs; i++) {
        wn_buffer_format(&again, "run %08x %s\n", index->runs[i].crc, index->runs[i].name);
    }
    format_numbers(&again, wn_buffer_slice(&index->numbers));
    format_check(&again);
    bool same = wn_slice_same(wn_buffer_slice(&again), text);
    wn_buffer_deinit(&again);
    return same;
}

enum wn_code wn_index_read(const char *path, struct wn_index *ret_index, bool *ret_there,
                           struct wn_error *err)
{
    *ret_there = access(path, F_OK) == 0 || errno != ENOENT;
    if (!*ret_there) {
        return WN_OK;
    }
    struct wn_buffer bytes = { 0 };
    enum wn_code rc = wn_io_read(path, MOST_BYTES, &bytes, err);
    if (rc == WN_OK) {
        struct wn_slice text = wn_buffer_slice(&bytes);
        if (!parse(text, ret_index) || !is_same(ret_index, text)) {
            wn_index_deinit(ret_index);
            rc = wn_fail(err, WN_FATAL, "file-read",
                         "%s: a damaged index; restore the state folder from a backup that is not "
                         "older than the last commit",
                         path);
        }
    }
    wn_buffer_deinit(&bytes);
    return rc;
}

void wn_index_deinit(struct wn_index *index)
{
    free(index->runs);
    wn_buffer_deinit(&index->numbers);
    *index = (struct wn_index){ 0 };
}

enum wn_code wn_state_recover(const char *folder, struct wn_state_position position,
                              struct wn_error *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum wn_code rc = wn_state_path(folder, "index.new", from, err);
    if (rc == WN_OK) {
        rc = wn_state_path(folder, "index", to, err);
    }
    struct wn_index index = { 0 };
    bool there = false;
    if (rc == WN_OK) {
        rc = wn_index_read(from, &index, &there, err);
    }
    if (rc != WN_OK || !there) {
        return rc;
    }
    bool counts = index.position.sequence == position.sequence;
    wn_index_deinit(&index);
    if (counts ? rename(from, to) != 0 : unlink(from) != 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", from, strerror(errno));
    }
    return wn_io_sync_folder(folder, err);
}
