// SPDX-License-Identifier: Apache-2.0

#include "json.h"
#include "winnow/memory.h"

static struct wn_reader *json_open(const struct wn_format_options *options)
{
    const struct wn_paths *paths = options->paths;
    size_t n_lanes = (size_t)paths->n_lists + 1;
    struct wn_reader *reader = wn_take(1, sizeof(*reader));
    reader->options = options;
    reader->simd = wn_json_simd_open();
    reader->forms = wn_json_forms_open();
    reader->at_begin = true;
    reader->stack = wn_take(n_lanes * paths->n_nodes, sizeof(*reader->stack));
    reader->seen = wn_take(n_lanes * paths->n_nodes, sizeof(*reader->seen));
    reader->tails = wn_take(n_lanes * WN_TAKES, sizeof(struct wn_taken *));
    return reader;
}

static struct wn_reader *json_close(struct wn_reader *reader)
{
    if (reader) {
        wn_json_forms_close(reader->forms);
        free(reader->tails);
        free(reader->seen);
        free(reader->stack);
        wn_json_simd_close(reader->simd);
        free(reader);
    }
    return NULL;
}

static void json_begin(struct wn_reader *reader)
{
    reader->scan = (struct wn_json_scan){ 0 };
    reader->at_begin = true;
    reader->is_over = false;
    reader->is_dense = false;
    reader->indexed.raw.len = 0;
    wn_json_simd_shrink(reader->simd);
}

const struct wn_format wn_format_json = {
    .name = "json",
    .open = json_open,
    .close = json_close,
    .begin = json_begin,
    .split = wn_json_split,
    .decode = wn_json_decode,
};
