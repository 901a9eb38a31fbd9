// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"

#include <stdlib.h>

#include <jansson.h>

/**
 * jansson's opinion of one record: what it accepts is read, or refused for a limit of ours. It
 * swallows a NUL behind a number or word (RFC 8259 does not), so records with one are left out.
 */
static void compare(const struct wn_format_options *options, struct wn_slice raw)
{
    static const char *const limits[] = { "too-deep", "too-many-fields", "too-many-items",
                                          "duplicate-field", "bad-encoding" };
    if (memchr(raw.at, '\0', raw.len)) {
        return;
    }
    json_error_t error;
    json_t *root = json_loadb(raw.at, raw.len, 0, &error);
    if (!root || !json_is_object(root)) {
        json_decref(root);
        return;
    }
    struct wn_reader *reader = wn_format_json.open(options);
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    enum wn_code rc = wn_format_json.decode(reader, raw, &arena, NULL, &taken, &err);
    bool is_limit = false; // Of encoding: percent signs.
    for (size_t i = 0; rc != WN_OK && i < WN_COUNT(limits); i++) {
        is_limit = is_limit || strcmp(err.reason, limits[i]) == 0;
    }
    if (rc != WN_OK && !is_limit) {
        abort();
    }
    wn_arena_deinit(&arena);
    wn_format_json.close(reader);
    json_decref(root);
}

/** No octet is lost or doubled, chunks change nothing, nor what came before, and what jansson
 * accepts is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_paths *paths = wn_paths_open();
    struct wn_error err;
    uint8_t take, list;
    fuzz_add_paths(paths, "/a /a/b /v/u /c/-1/p/n /c/0 /c/* /c/*/o/*/x /l/-1/-1");
    const bool has_items = size % 2 == 0; // Without, the reader remembers forms.
    if ((has_items && (wn_paths_add_each(paths, wn_slice_of("/l/*"), &list, &err) != WN_OK ||
                       wn_paths_add_each(paths, wn_slice_of("/c/*/l/*"), &list, &err) != WN_OK)) ||
        wn_paths_add_item(paths, wn_slice_of("./x"), &take, &err) != WN_OK ||
        wn_paths_add_item(paths, wn_slice_of("./y/*"), &take, &err) != WN_OK ||
        wn_paths_encode(paths, wn_slice_of("/v/*"), WN_ESCAPING_PERCENT, &err) != WN_OK ||
        wn_paths_encode(paths, wn_slice_of("/a"), WN_ESCAPING_LATIN_1, &err) != WN_OK) {
        abort();
    }
    if (size % 4 >= 2) {
        const struct wn_wrapping wrapping = { .wrapped = wn_slice_of("v"),
                                              .named = wn_slice_of("n"),
                                              .single = true };
        wn_paths_wrap(paths, &wrapping);
    }
    wn_paths_compile(paths);
    struct wn_format_options options = { .paths = paths,
                                         .otherwise = (enum wn_encoding)(size % 3) };
    fuzz_format(&wn_format_json, &options, data, size);
    if (size > 1) {
        compare(&options, (struct wn_slice){ (const char *)data + 1, size - 1 });
    }
    wn_paths_close(paths);
    return 0;
}
