// SPDX-License-Identifier: Apache-2.0

/* The limits of JSON, on both sides, and records that are cut at every octet. */

#include "harness.h"

/** A record of nested lists and objects, `depth` deep. */
static void add_nested(struct wn_buffer *raw, unsigned depth, const char *open, const char *close)
{
    wn_buffer_text(raw, "{\"x\":");
    for (unsigned i = 1; i < depth; i++) {
        wn_buffer_text(raw, open);
    }
    wn_buffer_text(raw, "1");
    for (unsigned i = 1; i < depth; i++) {
        wn_buffer_text(raw, close);
    }
    wn_buffer_text(raw, "}");
}

/** A record with this many names, or items. */
static void add_many(struct wn_buffer *raw, unsigned n, const char *open, const char *one,
                     const char *close)
{
    wn_buffer_text(raw, open);
    for (unsigned i = 0; i < n; i++) {
        wn_buffer_text(raw, i > 0 ? "," : "");
        wn_buffer_text(raw, one);
    }
    wn_buffer_text(raw, close);
}

static void check_reason(struct wn_buffer *raw, const char *expected)
{
    static const struct harness_source source = { .paths = "/a /x/*/*/*/y",
                                                  .each = "/l/*",
                                                  .item_paths = "./x" };
    struct wn_buffer text = { 0 };
    const char *reason = harness_decode(&wn_format_json, &source, wn_buffer_slice(raw), &text);
    if (expected) {
        assert_non_null(reason);
        assert_string_equal(reason, expected);
    } else {
        assert_null(reason);
    }
    wn_buffer_deinit(&text);
    wn_buffer_deinit(raw);
}

static void stops_at_64_levels(void **state)
{
    (void)state;
    struct wn_buffer raw = { 0 };
    add_nested(&raw, WN_DEPTH, "[", "]");
    check_reason(&raw, NULL);
    add_nested(&raw, WN_DEPTH + 1, "[", "]");
    check_reason(&raw, "too-deep");
    add_nested(&raw, WN_DEPTH, "{\"y\":", "}");
    check_reason(&raw, NULL);
    add_nested(&raw, WN_DEPTH + 1, "{\"y\":", "}");
    check_reason(&raw, "too-deep");
    add_nested(&raw, 100000, "[", "]");
    check_reason(&raw, "too-deep");
}

static void stops_at_4096_names(void **state)
{
    (void)state;
    struct wn_buffer raw = { 0 };
    add_many(&raw, WN_RECORD_FIELDS, "{", "\"z\":1", "}");
    check_reason(&raw, NULL);
    add_many(&raw, WN_RECORD_FIELDS + 1, "{", "\"z\":1", "}");
    check_reason(&raw, "too-many-fields");
    add_many(&raw, WN_RECORD_FIELDS - 1, "{\"y\":[{", "\"z\":1", "}]}");
    check_reason(&raw, NULL);
    add_many(&raw, WN_RECORD_FIELDS, "{\"y\":[{", "\"z\":1", "}]}");
    check_reason(&raw, "too-many-fields");
}

static void stops_at_1024_items(void **state)
{
    (void)state;
    struct wn_buffer raw = { 0 };
    add_many(&raw, 1024, "{\"l\":[", "{\"x\":1}", "]}");
    check_reason(&raw, NULL);
    add_many(&raw, 1025, "{\"l\":[", "{\"x\":1}", "]}");
    check_reason(&raw, "too-many-items");
}

/** A record of exactly `len` octets that ends with `tail`. */
static void add_long(struct wn_buffer *input, size_t len, const char *head, const char *tail)
{
    size_t begin = input->len;
    wn_buffer_text(input, head);
    size_t fill = len - (input->len - begin) - strlen(tail);
    memset(wn_buffer_room(input, fill), 'x', fill);
    input->len += fill;
    wn_buffer_text(input, tail);
}

static void check_long(size_t len, const char *head, const char *tail, const char *expected)
{
    static const struct harness_source source = { .paths = "/a" };
    static const size_t steps[] = { 1 << 30, 3 << 20 };
    for (size_t i = 0; i < WN_COUNT(steps); i++) {
        struct wn_buffer input = { 0 };
        struct wn_buffer text = { 0 };
        add_long(&input, len, head, tail);
        wn_buffer_text(&input, "\n{\"a\":2}\n");
        harness_run(&wn_format_json, &source, wn_buffer_slice(&input), steps[i], &text);
        assert_string_equal((const char *)text.at, expected);
        wn_buffer_deinit(&input);
        wn_buffer_deinit(&text);
    }
}

static void stops_at_16_mib(void **state)
{
    (void)state;
    check_long(WN_RECORD_BYTES, "{\"a\":1,\"b\":\"", "\"}", "1\n2\n");
    check_long(WN_RECORD_BYTES + 1, "{\"a\":1,\"b\":\"", "\"}",
               "record-too-long\nrecord-too-long\n2\n");
    check_long(WN_RECORD_BYTES, "{\n\"a\":1,\"b\":\"", "\"}", "1\n2\n");
    check_long(WN_RECORD_BYTES + 1, "{\n\"a\":1,\"b\":\"", "\"}",
               "record-too-long\nrecord-too-long\n2\n");
    check_long((size_t)WN_RECORD_BYTES * 2, "[", "]", "record-too-long\nrecord-too-long\n2\n");
}

/** A record cut at any octet costs itself, and not the next one. */
static void check_cuts(const char *record, const char *next)
{
    static const struct harness_source source = { .paths = "/a /b/c" };
    size_t len = strlen(record);
    for (size_t cut = 1; cut < len; cut++) {
        struct wn_buffer input = { 0 };
        struct wn_buffer text = { 0 };
        wn_buffer_add(&input, record, cut);
        wn_buffer_text(&input, "\n");
        wn_buffer_text(&input, next);
        harness_run(&wn_format_json, &source, wn_buffer_slice(&input), 5, &text);
        assert_string_equal((const char *)text.at, "record-cut\nnext|-\n");
        wn_buffer_deinit(&input);
        wn_buffer_deinit(&text);
    }
}

static void loses_only_what_is_cut(void **state)
{
    (void)state;
    check_cuts("{\"a\":\"x\\\"{\",\"b\":{\"c\":[1,{\"d\":\"}\"}]},\"e\":null}",
               "{\"a\":\"next\"}\n");
    check_cuts("{\n  \"a\": \"x\\\"{\",\n  \"b\": {\n    \"c\": [1, {\"d\": \"}\"}]\n  }\n}",
               "{\n  \"a\": \"next\"\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_at_64_levels),     cmocka_unit_test(stops_at_4096_names),
        cmocka_unit_test(stops_at_1024_items),    cmocka_unit_test(stops_at_16_mib),
        cmocka_unit_test(loses_only_what_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
