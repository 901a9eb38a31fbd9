// SPDX-License-Identifier: Apache-2.0

#include "receipt_nodes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "series.h"
#include "winnow/identifier.h"
#include "winnow/memory.h"

static int by_node(const void *a, const void *b)
{
    const struct wn_sequence *first = a;
    const struct wn_sequence *second = b;
    return strcmp(first->name, second->name);
}

static void put_series(struct wn_buffer *out, const char *node, const struct wn_series *series)
{
    wn_buffer_format(out, "{\"first\":%" PRIu32 ",\"last\":%" PRIu32 ",\"missing\":[",
                     series->first, series->last);
    for (unsigned i = 0; i < series->n_gaps; i++) {
        wn_buffer_format(out, "%s[%" PRIu32 ",%" PRIu32 "]", i > 0 ? "," : "",
                         series->gaps[i].first, series->gaps[i].last);
    }
    // A node's name has no character that JSON escapes.
    wn_buffer_format(out, "],\"node\":\"%s\",\"passed\":%" PRIu64 ",\"records\":%" PRIu64, node,
                     series->passed, series->records);
    wn_buffer_format(out, ",\"unlisted\":%" PRIu64 "}", series->unlisted);
}

void wn_receipt_put_nodes(struct wn_buffer *out, const struct wn_sequences *set)
{
    struct wn_sequence *sorted = wn_take(set->n, sizeof(*sorted));
    const char *comma = "";
    if (set->n > 0) {
        memcpy(sorted, set->list, set->n * sizeof(*sorted));
        qsort(sorted, set->n, sizeof(*sorted), by_node);
    }
    wn_buffer_text(out, "[");
    for (unsigned i = 0; i < set->n; i++) {
        for (unsigned k = 0; k < sorted[i].n_series; k++) {
            wn_buffer_text(out, comma);
            put_series(out, sorted[i].name, &sorted[i].series[k]);
            comma = ",";
        }
    }
    wn_buffer_text(out, "]");
    free(sorted);
}

static bool read_count(const json_t *object, const char *name, uint64_t *ret_count)
{
    const json_t *member = json_object_get(object, name);
    const json_int_t count = json_integer_value(member);
    *ret_count = (uint64_t)count;
    return json_is_integer(member) && count >= 0;
}

/** @return whether a node's name may stand there: as wn_node_may_show(), or one of ours. */
static bool is_node_name(const char *name)
{
    return wn_node_may_show(wn_slice_of(name)) || strcmp(name, WN_NODE_MORE) == 0 ||
           strcmp(name, WN_NODE_NONE) == 0 || strcmp(name, WN_NODE_UNREADABLE) == 0;
}

static bool read_sequence(const json_t *object, const char *name, uint32_t *ret_number)
{
    uint64_t number = 0;
    bool good = read_count(object, name, &number) && number <= UINT32_MAX;
    *ret_number = (uint32_t)number;
    return good;
}

static bool read_gaps(const json_t *list, struct wn_series *series)
{
    for (unsigned i = 0; i < series->n_gaps; i++) {
        const json_t *pair = json_array_get(list, i);
        const json_int_t first = json_integer_value(json_array_get(pair, 0));
        const json_int_t last = json_integer_value(json_array_get(pair, 1));
        if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 0)) ||
            !json_is_integer(json_array_get(pair, 1)) || first < 0 || first > UINT32_MAX ||
            last < 0 || last > UINT32_MAX) {
            return false;
        }
        series->gaps[i] = (struct wn_gap){ (uint32_t)first, (uint32_t)last, INT64_MIN };
    }
    return true;
}

static bool read_node(const json_t *object, struct wn_sequences *set)
{
    const char *name = json_string_value(json_object_get(object, "node"));
    const json_t *missing = json_object_get(object, "missing");
    struct wn_series series = { 0 };
    if (json_object_size(object) != 7 || !name || !is_node_name(name) || !json_is_array(missing) ||
        json_array_size(missing) > WN_SEQUENCE_GAPS ||
        !read_sequence(object, "first", &series.first) ||
        !read_sequence(object, "last", &series.last) ||
        !read_count(object, "passed", &series.passed) ||
        !read_count(object, "records", &series.records) ||
        !read_count(object, "unlisted", &series.unlisted)) {
        return false;
    }
    series.n_gaps = (unsigned)json_array_size(missing);
    series.gaps = wn_take(series.n_gaps, sizeof(*series.gaps));
    const bool good = read_gaps(missing, &series) && wn_series_is_sound(&series);
    if (good) {
        wn_sequences_add(set, wn_slice_of(name), &series);
    }
    free(series.gaps);
    return good;
}

bool wn_receipt_read_nodes(const json_t *list, struct wn_sequences *set)
{
    bool good = json_is_array(list);
    for (size_t i = 0; i < json_array_size(list) && good; i++) {
        good = read_node(json_array_get(list, i), set);
    }
    return good;
}
