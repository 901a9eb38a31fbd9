// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"
#include "scratch.h"

#include <stdlib.h>

#include "winnow/hash.h"

/** What two runs over the same input are compared by. */
struct run {
    uint64_t pieces; ///< Hash over offsets, lengths, codes and values.
    size_t skipped;  ///< Octets that belong to no piece.
};

static uint64_t mix(uint64_t hash, uint64_t more)
{
    uint64_t both[2] = { hash, more };
    return wn_hash64(both, sizeof(both));
}

/** Find whether a value lies in the record or in memory of the arena, and read all of it. */
static uint64_t look_at(const struct wn_format_options *options, struct wn_slice raw,
                        const struct wn_taken *taken, uint64_t hash)
{
    // Undoing escapes makes nothing longer; UTF-8 of another encoding is at most three times so.
    const size_t most = options->otherwise == WN_ENCODING_UTF8 ? raw.len : 3 * raw.len;
    for (; taken; taken = taken->next) {
        must(taken->state == WN_TAKEN_TEXT || taken->text.len == 0);
        must(taken->state != WN_TAKEN_TEXT || taken->text.len > 0);
        must(taken->text.len <= most);
        hash = mix(hash, wn_hash64(taken->text.at, taken->text.len)); // ASan watches.
        hash = mix(hash, taken->state);
    }
    return hash;
}

static uint64_t decode(const struct wn_format *format, const struct wn_format_options *options,
                       struct wn_reader *reader, struct wn_drift *drift, struct wn_slice raw,
                       uint64_t hash)
{
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    enum wn_code rc = format->decode(reader, raw, &arena, drift, &taken, &err);
    if (rc == WN_OK) {
        unsigned n = wn_paths_count(options->paths);
        for (unsigned i = 0; i < n; i++) {
            hash = look_at(options, raw, &taken.top[i], hash);
        }
        for (uint8_t list = 0; list < wn_paths_count_lists(options->paths); list++) {
            wn_taken_pick(&taken, &list, 1);
            n = wn_paths_count_item(options->paths) * taken.n_items;
            for (unsigned i = 0; i < n; i++) {
                hash = look_at(options, raw, &taken.items[i], hash);
            }
        }
    } else {
        must(rc == WN_REJECT);
        hash = mix(hash, wn_hash64(err.reason, strlen(err.reason)));
    }
    wn_arena_deinit(&arena);
    return hash;
}

/** The same for a part that is no record. */
static uint64_t decode_part(const struct wn_format *format, const struct wn_format_options *options,
                            struct wn_reader *reader, struct wn_slice raw, uint64_t hash)
{
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    enum wn_code rc = format->decode_part(reader, raw, &arena, &taken, &err);
    must(rc == WN_OK || rc == WN_REJECT);
    for (unsigned i = 0; rc == WN_OK && i < wn_paths_count(options->parts); i++) {
        hash = look_at(options, raw, &taken.top[i], mix(hash, i));
    }
    wn_arena_deinit(&arena);
    return mix(hash, (uint64_t)rc);
}

/**
 * Run the whole input through, `step` octets at a time; each call sees a copy of its own.
 *
 * @param forgets  The names counted are forgotten before each record, and what was learned of them.
 */
static struct run run(const struct wn_format *format, const struct wn_format_options *options,
                      struct wn_slice input, size_t step, bool forgets)
{
    struct wn_reader *reader = format->open(options);
    struct wn_drift *drift = wn_drift_open();
    struct run run = { 0 };
    size_t at = 0;
    size_t seen = step < input.len ? step : input.len;
    format->begin(reader);
    for (bool done = false; !done;) {
        size_t len = seen - at;
        char *copy = malloc(len + 1);
        must(copy != NULL);
        char *bytes = copy + 1; // Odd, and its end is the end of the memory.
        if (len > 0) {
            memcpy(bytes, input.at + at, len);
        }
        struct wn_slice rest = { bytes, len };
        struct wn_slice raw = { bytes, 0 };
        struct wn_error err = { 0 };
        enum wn_code rc = format->split(reader, &rest, seen == input.len, &raw, &err);
        size_t passed = (size_t)(rest.at - bytes);
        must(passed + rest.len == len);
        if (rc == WN_RETRY) {
            must(seen < input.len);
            seen = input.len - seen > step ? seen + step : input.len;
            run.skipped += passed;
        } else if (raw.len == 0) {
            must(rc == WN_OK && seen == input.len && rest.len == 0);
            run.skipped += passed;
            done = true;
        } else {
            must(rc == WN_OK || rc == WN_REJECT);
            must(raw.at >= bytes && raw.at + raw.len <= rest.at);
            run.pieces = mix(run.pieces, at + (size_t)(raw.at - bytes));
            run.pieces = mix(run.pieces, raw.len);
            run.skipped += passed - raw.len;
            if (forgets) {
                wn_drift_clear(drift);
            }
            const bool is_part = rc == WN_OK && format->is_part && format->is_part(reader);
            run.pieces = is_part       ? decode_part(format, options, reader, raw, run.pieces)
                         : rc == WN_OK ? decode(format, options, reader, drift, raw, run.pieces)
                                       : mix(run.pieces, wn_hash64(err.reason, strlen(err.reason)));
        }
        at += passed;
        free(copy);
    }
    wn_drift_close(drift);
    format->close(reader);
    return run;
}

void fuzz_format(const struct wn_format *format, const struct wn_format_options *options,
                 const uint8_t *data, size_t size)
{
    if (size == 0) {
        return;
    }
    struct wn_slice input = { (const char *)data + 1, size - 1 };
    struct run whole = run(format, options, input, input.len + 1, false);
    struct run parts = run(format, options, input, (size_t)data[0] % 32 + 1, false);
    struct run anew = run(format, options, input, input.len + 1, true);
    must(whole.pieces == parts.pieces);
    must(whole.skipped == parts.skipped);
    must(whole.pieces == anew.pieces);
    must(whole.skipped == anew.skipped);
}

void fuzz_add_paths(struct wn_paths *paths, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, " ");
        struct wn_error err;
        uint8_t take;
        must(wn_paths_add(paths, (struct wn_slice){ list, len }, &take, &err) == WN_OK);
        list += len + (list[len] == ' ');
    }
}
