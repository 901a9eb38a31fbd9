// SPDX-License-Identifier: Apache-2.0

/*
 * What writers put around values, records and characters: `json:` and `encoded:` of a source.
 */

#include <stdlib.h>

#include "harness.h"

#define WRAPPED .wrapped = "value", .named = "name", .single = true

/** A record, what the source says, and what is found. */
static const struct wrapping_row {
    const char *name;
    struct harness_source source;
    const char *raw;
    const char *expected;
} wrapping_rows[] = {
    { "takes a plain value", { .paths = "/a", WRAPPED }, "{\"a\":1}", "1" },
    { "takes what an object wraps",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"type\":\"x\",\"value\":1}}",
      "1" },
    { "takes the only element of a list", { .paths = "/a", WRAPPED }, "{\"a\":[1]}", "1" },
    { "takes the only element of a wrapped list",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"value\":[1]}}",
      "1" },
    { "takes values of an object in wrappings at each level",
      { .paths = "/v/g/i", WRAPPED },
      "{\"v\":{\"value\":{\"g\":[{\"i\":{\"value\":[\"x\"]}}]}}}",
      "x" },
    { "takes values of a plain object",
      { .paths = "/v/g/i", WRAPPED },
      "{\"v\":{\"g\":{\"i\":1}}}",
      "1" },
    { "takes the elements of a wrapped list",
      { .paths = "/a/*", WRAPPED },
      "{\"a\":{\"value\":[1,2]}}",
      "1+2" },
    { "refuses a list of several", { .paths = "/a", WRAPPED }, "{\"a\":[1,2]}", "{}" },
    { "refuses a wrapped list of several",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"value\":[1,2]}}",
      "{}" },
    { "takes an empty list for nothing", { .paths = "/a", WRAPPED }, "{\"a\":[]}", "-" },
    { "takes null in a wrapping for nothing",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"value\":null}}",
      "-" },
    { "refuses an object without the member",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"values\":1}}",
      "{}" },
    { "refuses an object in a wrapping",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"value\":{\"value\":1}}}",
      "{}" },
    { "refuses a list in a list", { .paths = "/a", WRAPPED }, "{\"a\":[[1]]}", "{}" },
    { "refuses a member that stands twice",
      { .paths = "/a", WRAPPED },
      "{\"a\":{\"value\":1,\"value\":2}}",
      "duplicate-field" },
    { "means what it says where a path goes on",
      { .paths = "/a/value /a/x", WRAPPED },
      "{\"a\":{\"value\":{\"value\":3},\"x\":2}}",
      "3|2" },
    { "wraps nothing unless the source says so",
      { .paths = "/a /b" },
      "{\"a\":{\"value\":1},\"b\":[1]}",
      "{}|{}" },
    { "unwraps where lists are lists",
      { .paths = "/a /b", .wrapped = "value" },
      "{\"a\":{\"value\":1},\"b\":[1]}",
      "1|{}" },
    { "takes lists of one where nothing is wrapped",
      { .paths = "/a /b", .single = true },
      "{\"a\":{\"value\":1},\"b\":[1]}",
      "{}|1" },
    { "reads items within wrappings",
      { .paths = "/a", .each = "/l/*", .item_paths = "./x", WRAPPED },
      "{\"l\":[{\"x\":{\"value\":1}},{\"x\":2}]}",
      "-(1)(2)" },
    { "reads a list of named values",
      { .paths = "/a /b", WRAPPED },
      "[{\"name\":\"b\",\"type\":\"t\",\"value\":2},{\"value\":[1],\"name\":\"a\"}]",
      "1|2" },
    { "reads a name with an escape",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"\\u0061\",\"value\":2}]",
      "2" },
    { "reads names of wrappings within values as values",
      { .paths = "/a", WRAPPED },
      "[{\"x\":{\"name\":\"b\"},\"name\":\"a\",\"value\":2}]",
      "2" },
    { "reads an empty list", { .paths = "/a", WRAPPED }, "[]", "-" },
    { "refuses a name that two of a list have",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"a\",\"value\":1},{\"name\":\"a\",\"value\":1}]",
      "duplicate-field" },
    { "lets two of a list have a name that nobody wants",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"c\",\"value\":1},{\"name\":\"c\",\"value\":1},{\"name\":\"a\",\"value\":3}]",
      "3" },
    { "refuses one of a list that has two names",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"c\",\"name\":\"a\",\"value\":1}]",
      "duplicate-field" },
    { "refuses one of a list without a name",
      { .paths = "/a", WRAPPED },
      "[{\"value\":1}]",
      "json-syntax" },
    { "refuses one of a list whose name is no text",
      { .paths = "/a", WRAPPED },
      "[{\"name\":1,\"value\":1}]",
      "json-syntax" },
    { "refuses one of a list that is no object", { .paths = "/a", WRAPPED }, "[1]", "json-syntax" },
    { "refuses one of a list without a value that is wanted",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"a\"}]",
      "{}" },
    { "refuses a missing comma",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"a\"}{}]",
      "json-syntax" },
    { "refuses a list that is open",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"a\"}",
      "json-syntax" },
    { "refuses an object in it that is open",
      { .paths = "/a", WRAPPED },
      "[{\"name\":\"a\"",
      "json-syntax" },
    { "refuses what follows the list", { .paths = "/a", WRAPPED }, "[]1", "json-syntax" },
    { "undoes the escapes of JSON twice",
      { .paths = "/a /b", .json_json = "/a" },
      "{\"a\":\"x\\\\\\\"\\\\\\/\\\\u00e9\",\"b\":\"\\\\n\"}",
      "x\"/\xc3\xa9|\\n" },
    { "undoes encodings within wrappings",
      { .paths = "/a /b", .json_json = "/*", WRAPPED },
      "{\"a\":{\"value\":\"\\\\n\"},\"b\":[\"\\\\t\"]}",
      "\n|\t" },
    { "refuses what is no escape the second time",
      { .paths = "/a", .json_json = "/a" },
      "{\"a\":\"\\\\q\"}",
      "json-syntax" },
    { "refuses half an escape the second time",
      { .paths = "/a", .json_json = "/a" },
      "{\"a\":\"x\\\\\"}",
      "json-syntax" },
    { "refuses NUL the second time",
      { .paths = "/a", .json_json = "/a" },
      "{\"a\":\"\\\\u0000\"}",
      "bad-encoding" },
    { "takes characters for octets",
      { .paths = "/a", .latin_1 = "/a" },
      "{\"a\":\"z\\u00c3\\u00bb\\u00C2\\u0080\"}",
      "z\xc3\xbb\xc2\x80" },
    { "refuses octets that are not UTF-8",
      { .paths = "/a", .latin_1 = "/a" },
      "{\"a\":\"\\u00fb\"}",
      "bad-encoding" },
    { "reads octets that are not UTF-8 where the source says so",
      { .paths = "/a", .latin_1 = "/a", .otherwise = WN_ENCODING_LATIN1 },
      "{\"a\":\"\\u00fb\\u0080x\"}",
      "\xc3\xbb\xc2\x80x" },
    { "reads characters that stand raw where the source says what text is else",
      { .paths = "/a", .latin_1 = "/a", .otherwise = WN_ENCODING_LATIN1 },
      "{\"a\":\"zo\xc3\xab\"}",
      "zo\xc3\xab" },
    { "keeps a text with a character that is no octet",
      { .paths = "/a", .latin_1 = "/a" },
      "{\"a\":\"\\u00c3\\u00bb\\u0100\"}",
      "\xc3\x83\xc2\xbb\xc4\x80" },
    { "keeps a text whose last octet is half a character",
      { .paths = "/a", .latin_1 = "/a", .otherwise = WN_ENCODING_LATIN1 },
      "{\"a\":\"\xc3\"}",
      "\xc3\x83" },
};

static void check_wrapping(void **state)
{
    const struct wrapping_row *row = *state;
    struct wn_buffer text = { 0 };
    const char *reason =
        harness_decode(&wn_format_json, &row->source, wn_slice_of(row->raw), &text);
    assert_string_equal(reason ? reason : (const char *)text.at, row->expected);
    wn_buffer_deinit(&text);
}

/** An input, and what harness_run() tells of it; the take is /a. */
static const struct list_row {
    const char *name;
    const char *input;
    const char *expected;
} list_rows[] = {
    { "cuts a list a line",
      "[{\"name\":\"a\",\"value\":1}]\n[{\"name\":\"a\",\"value\":2}] \r\n\n[]\n", "1\n2\n-\n" },
    { "cuts lists and objects", "{\"a\":1}\n[{\"name\":\"a\",\"value\":2}]\n{\n\"a\":3\n}\n",
      "1\n2\n3\n" },
    { "calls a list cut that ends in the middle",
      "[{\"name\":\"a\",\"val\n[{\"name\":\"a\",\"value\":2}]", "record-cut\n2\n" },
    { "calls a list cut of which there is a bracket", "[\n{\"a\":2}", "record-cut\n2\n" },
    { "loses one line where a list is broken",
      "[{\"name\":\"a\",\"value\":\"x}]\n[{\"name\":\"a\",\"value\":2}]\n", "json-syntax\n2\n" },
    { "refuses what begins with something else", "(]\n[]\n", "json-syntax\n-\n" },
};

static void check_list(void **state)
{
    static const struct harness_source source = { .paths = "/a", WRAPPED };
    const struct list_row *row = *state;
    harness_check(&wn_format_json, &source, wn_slice_of(row->input), row->expected);
}

static void count_names(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, "%s=%llu ", name, (unsigned long long)count);
}

/** The writer's form is no news; the names of a list are counted as though it were an object. */
static void counts_no_name_of_a_wrapping(void **state)
{
    (void)state;
    struct wn_paths *paths = harness_paths(&(struct harness_source){ .paths = "/a", WRAPPED });
    struct wn_format_options options = { .paths = paths };
    struct wn_reader *reader = wn_format_json.open(&options);
    struct wn_drift *drift = wn_drift_open();
    struct wn_arena arena = { 0 };
    static const char *const records[] = {
        "{\"a\":{\"type\":\"t\",\"value\":1},\"x\":{\"type\":\"t\",\"value\":1}}",
        "[{\"name\":\"a\",\"type\":\"t\",\"value\":1},{\"name\":\"y\",\"type\":\"t\"}]",
    };
    for (unsigned round = 0; round < 4; round++) {
        struct wn_taken_set taken;
        struct wn_error err = { 0 };
        struct wn_slice raw = wn_slice_of(records[round % 2]);
        assert_int_equal(wn_format_json.decode(reader, raw, &arena, drift, &taken, &err), WN_OK);
    }
    struct wn_buffer text = { 0 };
    wn_drift_each(drift, count_names, &text);
    assert_true(wn_slice_is(wn_buffer_slice(&text), "x=2 y=2 "));
    wn_buffer_deinit(&text);
    wn_arena_deinit(&arena);
    wn_drift_close(drift);
    wn_format_json.close(reader);
    wn_paths_close(paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_no_name_of_a_wrapping),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, wrapping_rows, check_wrapping);
    WN_ADD_TABLE(&all, list_rows, check_list);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("json-wrapping", &all);
}
