// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>
#include <stdlib.h>

#include "walk.h"

struct wn_reader {
    const struct wn_format_options *options;
    struct wn_arena arena;          ///< Routes.
    const struct wn_route **routes; ///< Of each record of the table; NULL: it has no fields.
    struct wn_taken **tails;        ///< WN_LANES × WN_TAKES.
    const struct wn_drift *drift;   ///< In which ways know their numbers,
    uint32_t learned;               ///< those of this mark.
};

static void *cleared(size_t n, size_t size)
{
    void *at = calloc(n, size);
    if (!at) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return at;
}

static struct wn_reader *ber_open(const struct wn_format_options *options)
{
    struct wn_reader *reader = cleared(1, sizeof(*reader));
    reader->options = options;
    reader->routes = cleared(wn_ber_n_records, sizeof(*reader->routes));
    reader->tails = cleared((size_t)WN_LANES * WN_TAKES, sizeof(struct wn_taken *));
    for (unsigned i = 0; i < wn_ber_n_records; i++) {
        if (wn_ber_records[i].fields != 0) {
            reader->routes[i] =
                wn_route_make(&reader->arena, options->paths, wn_ber_records[i].fields);
        }
    }
    return reader;
}

static struct wn_reader *ber_close(struct wn_reader *reader)
{
    if (reader) {
        free(reader->tails);
        free(reader->routes);
        wn_arena_deinit(&reader->arena);
        free(reader);
    }
    return NULL;
}

static void ber_begin(struct wn_reader *reader)
{
    (void)reader; // Records stand one behind the other; nothing of an input is kept.
}

/** Skip what stands between records: padding of blocks. */
static void skip_padding(struct wn_slice *rest)
{
    while (rest->len > 0 && (rest->at[0] == '\0' || rest->at[0] == '\xff')) {
        *rest = wn_slice_after(*rest, 1);
    }
}

static enum wn_code ber_split(struct wn_reader *reader, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_raw, struct wn_error *err)
{
    struct wn_tlv tlv;
    (void)reader;
    skip_padding(rest);
    *ret_raw = (struct wn_slice){ rest->at, 0 };
    if (rest->len == 0) {
        return end ? WN_OK : WN_RETRY;
    }
    const struct wn_slice front = *rest;
    enum wn_code rc = wn_tlv_next(rest, &tlv, err);
    if (rc == WN_RETRY && (tlv.whole > WN_RECORD_BYTES || front.len >= WN_RECORD_BYTES)) {
        rc = wn_fail(err, WN_REJECT, "record-too-long", "a record is over %d octets long",
                     WN_RECORD_BYTES);
    } else if (rc == WN_RETRY && end) {
        rc = wn_fail(err, WN_REJECT, "record-cut", "the input ends within a record");
    }
    if (rc == WN_OK) {
        *ret_raw = (struct wn_slice){ front.at, tlv.whole };
    } else if (rc == WN_REJECT) { // Where the next record begins is lost.
        *ret_raw = front;
        *rest = wn_slice_after(front, front.len);
    }
    return rc;
}

static enum wn_code ber_decode(struct wn_reader *reader, struct wn_slice raw,
                               struct wn_arena *arena, struct wn_drift *drift,
                               struct wn_taken_set *taken, struct wn_error *err)
{
    const struct wn_paths *paths = reader->options->paths;
    const struct wn_ber_record *record;
    struct wn_slice content;
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, paths->n_takes, sizeof(*taken->top)),
    };
    if (wn_ber_dispatch(raw, WN_BER_ANY_STANDARD, &record, &content, err) != WN_OK) {
        return err->code;
    }
    taken->kind = &record->kind;
    const struct wn_route *route = reader->routes[record - wn_ber_records];
    struct wn_taken_list *lists = wn_arena_zeroed(arena, paths->n_lists, sizeof(*lists));
    taken->lists = lists;
    if (!route) {
        return WN_OK;
    }
    if (drift && !(wn_drift_is_known(drift, reader) && reader->drift == drift)) {
        reader->drift = drift;
        reader->learned++;
    }
    struct wn_walk walk = {
        .paths = paths,
        .arena = arena,
        .drift = drift,
        .learned = reader->learned,
        .lists = lists,
        .rows = { taken->top },
        .err = err,
    };
    for (unsigned i = 0; i < WN_LANES; i++) {
        walk.tails[i] = reader->tails + (size_t)i * WN_TAKES;
    }
    if (wn_walk_record(&walk, route, content) != WN_OK) {
        return wn_context(err, "%s", record->kind.name);
    }
    return WN_OK;
}

const struct wn_format wn_format_ber = {
    .name = "ber",
    .open = ber_open,
    .close = ber_close,
    .begin = ber_begin,
    .split = ber_split,
    .decode = ber_decode,
};
