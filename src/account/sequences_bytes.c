// SPDX-License-Identifier: Apache-2.0

#include <string.h>

#include "series.h"
#include "winnow/memory.h"
#include "winnow/sequences.h"

enum {
    HEAD_BYTES = 1 + 8,
    FIXED_BYTES = 1 + 4 + 4 + 8 + 8 + 8 + 4, ///< Of a series, besides its name and gaps.
    GAP_BYTES = 4 + 4 + 8,
};

static bool get_u32(struct wn_slice *rest, uint32_t *ret_number)
{
    uint64_t number = 0;
    const bool there = wn_slice_take(rest, 4, &number);
    *ret_number = (uint32_t)number;
    return there;
}

static void put_series(struct wn_buffer *bytes, const char *name, const struct wn_series *series)
{
    const size_t len = strlen(name);
    wn_buffer_put(bytes, len, 1);
    wn_buffer_add(bytes, name, len);
    wn_buffer_put(bytes, series->first, 4);
    wn_buffer_put(bytes, series->last, 4);
    wn_buffer_put(bytes, series->records, 8);
    wn_buffer_put(bytes, series->passed, 8);
    wn_buffer_put(bytes, series->unlisted, 8);
    wn_buffer_put(bytes, series->n_gaps, 4);
    for (unsigned i = 0; i < series->n_gaps; i++) {
        wn_buffer_put(bytes, series->gaps[i].first, 4);
        wn_buffer_put(bytes, series->gaps[i].last, 4);
        wn_buffer_put(bytes, (uint64_t)series->gaps[i].since_ms, 8);
    }
}

static void put_head(struct wn_buffer *bytes, int64_t newest_ms)
{
    wn_buffer_put(bytes, WN_SEQUENCES_VERSION, 1);
    wn_buffer_put(bytes, (uint64_t)newest_ms, 8);
}

void wn_sequences_write(const struct wn_sequences *set, struct wn_buffer *ret_bytes)
{
    put_head(ret_bytes, set->newest_ms);
    for (unsigned i = 0; i < set->n; i++) {
        for (unsigned k = 0; k < set->list[i].n_series; k++) {
            put_series(ret_bytes, set->list[i].name, &set->list[i].series[k]);
        }
    }
}

/** A piece in progress. */
struct pieces {
    struct wn_buffer bytes;
    size_t most;
    int64_t newest_ms;
    wn_sequences_piece *visit;
    void *context;
};

static enum wn_code send(struct pieces *pieces, struct wn_error *err)
{
    enum wn_code rc = pieces->bytes.len > HEAD_BYTES
                          ? pieces->visit(pieces->context, wn_buffer_slice(&pieces->bytes), err)
                          : WN_OK;
    pieces->bytes.len = 0;
    put_head(&pieces->bytes, pieces->newest_ms);
    return rc;
}

static enum wn_code add_node(struct pieces *pieces, const struct wn_sequence *node,
                             struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    for (unsigned k = 0; k < node->n_series && rc == WN_OK; k++) {
        const size_t need =
            FIXED_BYTES + strlen(node->name) + (size_t)node->series[k].n_gaps * GAP_BYTES;
        if (pieces->bytes.len + need > pieces->most) {
            rc = send(pieces, err);
        }
        put_series(&pieces->bytes, node->name, &node->series[k]);
    }
    return rc;
}

enum wn_code wn_sequences_each_piece(const struct wn_sequences *set, size_t most,
                                     wn_sequences_piece *visit, void *context, struct wn_error *err)
{
    struct pieces pieces = {
        .most = most, .newest_ms = set->newest_ms, .visit = visit, .context = context
    };
    put_head(&pieces.bytes, set->newest_ms);
    enum wn_code rc = WN_OK;
    for (unsigned i = 0; i < set->n && rc == WN_OK; i++) {
        rc = add_node(&pieces, &set->list[i], err);
    }
    rc = rc == WN_OK ? send(&pieces, err) : rc;
    wn_buffer_deinit(&pieces.bytes);
    return rc;
}

static bool get_series(struct wn_slice *rest, struct wn_slice *ret_name, struct wn_series *series)
{
    uint64_t len = 0;
    if (!wn_slice_take(rest, 1, &len) || len == 0 || len >= WN_NODE_NAME || rest->len < len) {
        return false;
    }
    *ret_name = (struct wn_slice){ rest->at, (size_t)len };
    *rest = wn_slice_after(*rest, (size_t)len);
    if (!get_u32(rest, &series->first) || !get_u32(rest, &series->last) ||
        !wn_slice_take(rest, 8, &series->records) || !wn_slice_take(rest, 8, &series->passed) ||
        !wn_slice_take(rest, 8, &series->unlisted) || !get_u32(rest, &series->n_gaps) ||
        series->n_gaps > WN_SEQUENCE_GAPS) {
        return false;
    }
    series->gaps = wn_take(series->n_gaps, sizeof(*series->gaps));
    for (unsigned i = 0; i < series->n_gaps; i++) {
        uint64_t since = 0;
        if (!get_u32(rest, &series->gaps[i].first) || !get_u32(rest, &series->gaps[i].last) ||
            !wn_slice_take(rest, 8, &since)) {
            return false;
        }
        series->gaps[i].since_ms = (int64_t)since;
    }
    return wn_series_is_sound(series);
}

bool wn_sequences_read(struct wn_slice bytes, bool as_is, struct wn_sequences *into)
{
    uint64_t version = 0;
    uint64_t newest = 0;
    bool good = wn_slice_take(&bytes, 1, &version) && version == WN_SEQUENCES_VERSION &&
                wn_slice_take(&bytes, 8, &newest) && bytes.len > 0;
    const int64_t newest_ms = good ? (int64_t)newest : INT64_MIN;
    while (good && bytes.len > 0) {
        struct wn_series series = { 0 };
        struct wn_slice name = { 0 };
        good = get_series(&bytes, &name, &series);
        if (good && as_is) {
            wn_sequences_add(into, name, &series);
        } else if (good) {
            wn_sequences_join_series(into, name, &series, newest_ms);
        }
        free(series.gaps);
    }
    into->newest_ms = newest_ms > into->newest_ms ? newest_ms : into->newest_ms;
    return good;
}
