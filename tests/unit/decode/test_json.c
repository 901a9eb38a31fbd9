// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

#include "harness.h"

#define BOM "\xef\xbb\xbf"

/** An input, and what harness_run() tells of it; the takes are /a and /b/c. */
static const struct split_row {
    const char *name;
    const char *input;
    const char *expected;
} split_rows[] = {
    { "finds nothing in nothing", "", "" },
    { "finds nothing in white space", " \n\r\n\t", "" },
    { "finds nothing behind a byte order mark", BOM, "" },
    { "refuses half a byte order mark", "\xef\xbb", "json-syntax\n" },
    { "reads one record without a line's end", "{\"a\":1}", "1|-\n" },
    { "reads a record behind a byte order mark", BOM "{\"a\":1}", "1|-\n" },
    { "reads one record a line", "{\"a\":1}\n{\"a\":2}\n", "1|-\n2|-\n" },
    { "reads lines that end with CR LF", "{\"a\":1}\r\n{\"a\":2}\r\n", "1|-\n2|-\n" },
    { "skips empty lines", "\n\n{\"a\":1}\n\n{\"a\":2}\n\n", "1|-\n2|-\n" },
    { "reads records on one line", "{\"a\":1}{\"a\":2} {\"a\":3}\n{\"a\":4}",
      "1|-\n2|-\n3|-\n4|-\n" },
    { "reads records that span lines",
      "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n{\n  \"a\": 3\n}\n", "1|2\n3|-\n" },
    { "reads one that begins on the line on which another ends", "{\n \"a\": 1\n} {\n \"a\": 2\n}",
      "1|-\n2|-\n" },
    { "takes brackets in strings for text", "{\"a\":\"}]{[\"}\n{\"a\":\"\\\"}\"}\n",
      "}]{[|-\n\"}|-\n" },
    { "takes brackets in strings for text, over lines",
      "{\n\"a\":\"}]{[\"\n}\n{\n\"a\":\"\\\\\"\n}\n", "}]{[|-\n\\|-\n" },
    { "ends a record at its line where no brace closes it", "{\"a\":1,\"b\":{\"c\":2}\n{\"a\":3}\n",
      "record-cut\n3|-\n" },
    { "ends a record at its line where a string is cut", "{\"a\":1,\"b\":\"tex\n{\"a\":3}\n",
      "record-cut\n3|-\n" },
    { "calls a record cut where the input ends", "{\"a\":1,\"b\":{\"c\":2}", "record-cut\n" },
    { "calls a record cut where the input ends behind its line", "{\"a\":1,\"b\":\"tex\n",
      "record-cut\n" },
    { "loses one line where a string is open and another line follows",
      "{\"a\":\"tex\nxt\"}\n{\"a\":2}", "json-syntax\njson-syntax\n2|-\n" },
    { "loses one line of many that are cut", "{\"a\n{\"a\":\n{\"a\":1\n{\"a\":1}\n{",
      "record-cut\nrecord-cut\nrecord-cut\n1|-\nrecord-cut\n" },
    { "loses one record of those that span lines where a string is open",
      "{\n  \"a\": \"tex,\n  \"b\": [\n  {\"c\": 1}\n  ]\n}\n{\n  \"a\": 2\n}\n",
      "json-syntax\n2|-\n" },
    { "loses one record of those that span lines where it is cut",
      "{\n  \"a\": 1,\n  \"b\": {\n{\n  \"a\": 2\n}\n", "record-cut\n2|-\n" },
    { "loses one record of those that span lines where it is cut in a string",
      "{\n  \"a\": 1,\n  \"b\": \"tex\n{\n  \"a\": 2\n}\n", "record-cut\n2|-\n" },
    { "loses a record whose brackets do not match", "{\"a\":[1}\n{\"a\":2}\n",
      "json-syntax\n2|-\n" },
    { "loses a record with a bracket too many", "{\"a\":1]}\n{\"a\":2}\n", "json-syntax\n2|-\n" },
    { "loses a record whose brackets cross", "{\"a\":[1,{\"c\":1]}}\n{\"a\":2}\n",
      "json-syntax\n2|-\n" },
    { "refuses a line that begins with something else", "[{\"a\":1}]\n{\"a\":2}\n",
      "json-syntax\n2|-\n" },
    { "refuses what follows a record on its line", "{\"a\":1}x{\"a\":2}\n{\"a\":3}",
      "1|-\njson-syntax\n3|-\n" },
    { "refuses a closing brace too many", "{\"a\":1}}\n{\"a\":3}", "1|-\njson-syntax\n3|-\n" },
    { "tells a bad record on a line from the good one before it",
      "{\"a\":1}{\"b\":\"\xff\"}\n{\"a\":3}", "1|-\nbad-encoding\n3|-\n" },
    { "tells a bad record on a line from the good one behind it", "{\"b\":\"\xff\"}{\"a\":1}\n",
      "bad-encoding\n1|-\n" },
    { "refuses a tab in a string", "{\"a\":\"\t\"}\n{\"a\":1}", "json-syntax\n1|-\n" },
    { "refuses a tab in a string, over lines", "{\n\"x\":\"\t\"\n}\n{\"a\":1}",
      "json-syntax\n1|-\n" },
    { "reads on behind a backslash outside of a string", "{\\\"a\":1}\n{\"a\":1}",
      "record-cut\n1|-\n" },
};

static void check_split(void **state)
{
    static const struct harness_source source = { .paths = "/a /b/c" };
    const struct split_row *row = *state;
    harness_check(&wn_format_json, &source, wn_slice_of(row->input), row->expected);
}

/** A record, the paths wanted of it, and what is found. */
static const struct decode_row {
    const char *name;
    struct harness_source source;
    const char *raw;
    const char *expected; ///< The takes, or the reason.
} decode_rows[] = {
    { "finds a text", { .paths = "/a" }, "{\"a\":\"x\"}", "x" },
    { "finds a text in white space", { .paths = "/a" }, " { \"a\" :\t\"x\" \r\n } ", "x" },
    { "finds a name in a name", { .paths = "/a/b/c" }, "{\"a\":{\"b\":{\"c\":\"x\"}}}", "x" },
    { "finds a name with dots", { .paths = "/a.b" }, "{\"a\":{\"b\":1},\"a.b\":2}", "2" },
    { "gives a number as it is written",
      { .paths = "/a /b" },
      "{\"a\":-1.50e+3,\"b\":0}",
      "-1.50e+3|0" },
    { "gives a truth value as a word",
      { .paths = "/a /b" },
      "{\"a\":true,\"b\":false}",
      "true|false" },
    { "takes null and empty text for absent",
      { .paths = "/a /b /c" },
      "{\"a\":null,\"b\":\"\"}",
      "-|-|-" },
    { "takes an object where a text is wanted for composite",
      { .paths = "/a /b" },
      "{\"a\":{\"x\":1},\"b\":[]}",
      "{}|{}" },
    { "finds a path and one below it", { .paths = "/a /a/b" }, "{\"a\":{\"b\":1}}", "{}|1" },
    { "takes a text where an object is wanted for absent",
      { .paths = "/a/b" },
      "{\"a\":\"x\"}",
      "-" },
    { "takes a list where an object is wanted for absent",
      { .paths = "/a/b" },
      "{\"a\":[{\"b\":1}]}",
      "-" },
    { "takes an object where a list is wanted for absent",
      { .paths = "/a/-1 /a/*" },
      "{\"a\":{\"x\":1}}",
      "-|-" },
    { "finds the first and the last element", { .paths = "/a/0 /a/-1" }, "{\"a\":[1,2,3]}", "1|3" },
    { "takes one element for first and last",
      { .paths = "/a/0/x /a/-1/x" },
      "{\"a\":[{\"x\":5}]}",
      "5|5" },
    { "finds no element in an empty list", { .paths = "/a/0 /a/-1 /a/*" }, "{\"a\":[ ]}", "-|-|-" },
    { "finds a name that is a number in an object",
      { .paths = "/a/0 /a/-1" },
      "{\"a\":{\"0\":1,\"-1\":2}}",
      "1|2" },
    { "finds the last of the last",
      { .paths = "/a/-1/b/-1/c" },
      "{\"a\":[{\"b\":[{\"c\":1}]},{\"b\":[{\"c\":2},{\"c\":3}]}]}",
      "3" },
    { "forgets nothing of an element before the last",
      { .paths = "/a/-1/b" },
      "{\"a\":[{\"b\":1},{\"c\":2}]}",
      "-" },
    { "is not misled by commas further in",
      { .paths = "/a/-1/b" },
      "{\"a\":[{\"b\":1},{\"x\":[1,{\"y\":[2,3]},4],\"b\":5}]}",
      "5" },
    { "finds each element",
      { .paths = "/a/* /a/*/b" },
      "{\"a\":[1,{\"b\":2},null,\"\",{\"b\":3},4]}",
      "1+{}+{}+4|2+3" },
    { "finds each of each",
      { .paths = "/a/*/b/*" },
      "{\"a\":[{\"b\":[1,2]},{},{\"b\":[3]}]}",
      "1+2+3" },
    { "finds the last of each",
      { .paths = "/a/*/b/-1" },
      "{\"a\":[{\"b\":[1,2]},{\"b\":[3,4]}]}",
      "2+4" },
    { "finds what a switch nests",
      { .paths = "/f/-1/p/o/c/*/x /f/-1/p/n" },
      "{\"f\":[{\"p\":{\"n\":1}},{\"p\":{\"n\":2,\"o\":{\"c\":[{\"x\":3},{\"x\":4}]}}}]}",
      "3+4|2" },
    { "undoes escapes",
      { .paths = "/a" },
      "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
      "\"\\/\b\f\n\r\t" },
    { "undoes escapes of one to four octets",
      { .paths = "/a" },
      "{\"a\":\"x\\u0041\\u00e9\\u20AC\\ud83d\\ude00y\"}",
      "xA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80y" },
    { "undoes escapes in names", { .paths = "/ab/c" }, "{\"\\u0061b\":{\"\\u0063\":1}}", "1" },
    { "refuses half a pair of surrogates",
      { .paths = "/a" },
      "{\"a\":\"\\ud83d\"}",
      "bad-encoding" },
    { "refuses the other half", { .paths = "/a" }, "{\"a\":\"\\ude00\"}", "bad-encoding" },
    { "refuses a pair the wrong way round",
      { .paths = "/a" },
      "{\"a\":\"\\ude00\\ud83d\"}",
      "bad-encoding" },
    { "refuses a half before another escape",
      { .paths = "/a" },
      "{\"a\":\"\\ud83d\\u0041\"}",
      "bad-encoding" },
    { "refuses NUL", { .paths = "/a" }, "{\"a\":\"\\u0000\"}", "bad-encoding" },
    { "refuses NUL in a name", { .paths = "/a" }, "{\"a\\u0000\":1}", "bad-encoding" },
    { "refuses an unknown escape", { .paths = "/a" }, "{\"a\":\"\\q\"}", "json-syntax" },
    { "refuses an escape of three digits", { .paths = "/a" }, "{\"a\":\"\\u00e\"}", "json-syntax" },
    { "refuses an escape with a sign", { .paths = "/a" }, "{\"a\":\"\\u+0ff\"}", "json-syntax" },
    { "refuses a name that stands twice",
      { .paths = "/a" },
      "{\"a\":1,\"a\":1}",
      "duplicate-field" },
    { "refuses one of them being null",
      { .paths = "/a" },
      "{\"a\":null,\"a\":1}",
      "duplicate-field" },
    { "refuses one of them being escaped",
      { .paths = "/a" },
      "{\"a\":1,\"\\u0061\":1}",
      "duplicate-field" },
    { "refuses a name on the way that stands twice",
      { .paths = "/a/b /a/c" },
      "{\"a\":{\"b\":1},\"a\":{\"c\":1}}",
      "duplicate-field" },
    { "lets names stand twice that nobody wants",
      { .paths = "/a" },
      "{\"x\":1,\"x\":2,\"a\":3}",
      "3" },
    { "lets a name stand in two elements",
      { .paths = "/l/*/a" },
      "{\"l\":[{\"a\":1},{\"a\":2}]}",
      "1+2" },
    { "refuses invalid UTF-8", { .paths = "/a" }, "{\"a\":\"\xff\"}", "bad-encoding" },
    { "refuses invalid UTF-8 where nobody wants it",
      { .paths = "/a" },
      "{\"b\":\"\xff\"}",
      "bad-encoding" },
    { "reads another encoding where the source says so",
      { .paths = "/a", .otherwise = WN_ENCODING_LATIN1 },
      "{\"a\":\"\xff\"}",
      "\xc3\xbf" },
    { "decodes percent signs",
      { .paths = "/v/a", .percent = "/v/*" },
      "{\"v\":{\"a\":\"%2B31%203a%3A\"}}",
      "+31 3a:" },
    { "decodes percent signs once",
      { .paths = "/v/a", .percent = "/v/*" },
      "{\"v\":{\"a\":\"%252B\"}}",
      "%2B" },
    { "decodes percent signs below the path only",
      { .paths = "/v/a /w", .percent = "/v/*" },
      "{\"v\":{\"a\":\"%41\"},\"w\":\"%41\"}",
      "A|%41" },
    { "decodes percent signs of one path",
      { .paths = "/a /b", .percent = "/a" },
      "{\"a\":\"%41\",\"b\":\"%41\"}",
      "A|%41" },
    { "decodes percent signs in elements",
      { .paths = "/v/-1/a /v/0", .percent = "/v/*" },
      "{\"v\":[\"%42\",{\"a\":\"%41\"}]}",
      "A|B" },
    { "refuses a percent sign before no digits",
      { .paths = "/a", .percent = "/a" },
      "{\"a\":\"%4\"}",
      "bad-encoding" },
    { "refuses a percent sign before letters",
      { .paths = "/a", .percent = "/a" },
      "{\"a\":\"%4gx\"}",
      "bad-encoding" },
    { "refuses a percent sign at the end",
      { .paths = "/a", .percent = "/a" },
      "{\"a\":\"x%\"}",
      "bad-encoding" },
    { "refuses what percent signs make invalid",
      { .paths = "/a", .percent = "/a" },
      "{\"a\":\"%ff\"}",
      "bad-encoding" },
    { "reads what percent signs make invalid where the source says so",
      { .paths = "/a", .percent = "/a", .otherwise = WN_ENCODING_LATIN1 },
      "{\"a\":\"%ff\"}",
      "\xc3\xbf" },
    { "fills a row for each item",
      { .paths = "/a", .each = "/l/*", .item_paths = "./x ./y/z" },
      "{\"l\":[{\"x\":1},{\"y\":{\"z\":2}},{\"x\":3,\"y\":{\"z\":4}}],\"a\":5}",
      "5(1|-)(-|2)(3|4)" },
    { "takes the first list that has items",
      { .paths = "/a", .each = "/k/* /l/* /m/*", .item_paths = "./x" },
      "{\"m\":[{\"x\":3}],\"l\":[{\"x\":1},{\"x\":2}],\"k\":[]}",
      "-(1)(2)" },
    { "takes null for no item",
      { .paths = "/a", .each = "/l/*", .item_paths = "./x" },
      "{\"l\":[null,{\"x\":1}]}",
      "-(1)" },
    { "joins the items of nested lists",
      { .paths = "/a", .each = "/p/*/l/*", .item_paths = "./x ./y/*" },
      "{\"p\":[{\"l\":[{\"x\":1,\"y\":[7,8]}]},{\"l\":[{\"x\":2,\"y\":[9]}]}]}",
      "-(1|7+8)(2|9)" },
    { "refuses a name that stands twice in an item",
      { .paths = "/a", .each = "/l/*", .item_paths = "./x" },
      "{\"l\":[{\"x\":1,\"x\":2}]}",
      "duplicate-field" },
    { "decodes percent signs in items",
      { .paths = "/a", .each = "/l/*", .item_paths = "./x", .percent = "/l/*" },
      "{\"l\":[{\"x\":\"%41\"}]}",
      "-(A)" },
    { "refuses nothing", { .paths = "/a" }, "", "json-syntax" },
    { "refuses a list", { .paths = "/a" }, "[]", "json-syntax" },
    { "refuses a text", { .paths = "/a" }, "\"a\"", "json-syntax" },
    { "refuses a second record", { .paths = "/a" }, "{}{}", "json-syntax" },
    { "refuses a name without a value", { .paths = "/a" }, "{\"a\"}", "json-syntax" },
    { "refuses a name without quotes", { .paths = "/a" }, "{a:1}", "json-syntax" },
    { "refuses a missing comma", { .paths = "/a" }, "{\"x\":1 \"a\":2}", "json-syntax" },
    { "refuses a missing comma in a list", { .paths = "/a/*" }, "{\"a\":[1 2]}", "json-syntax" },
    { "refuses a missing comma in a list that nobody wants",
      { .paths = "/a" },
      "{\"x\":[1 2]}",
      "json-syntax" },
    { "refuses a comma at the end", { .paths = "/a" }, "{\"a\":1,}", "json-syntax" },
    { "refuses a comma at the end of a list", { .paths = "/a/*" }, "{\"a\":[1,]}", "json-syntax" },
    { "refuses a comma at the end of what nobody wants",
      { .paths = "/a" },
      "{\"x\":{\"y\":[1,]}}",
      "json-syntax" },
    { "refuses two colons", { .paths = "/a" }, "{\"a\"::1}", "json-syntax" },
    { "refuses two colons where nobody wants it",
      { .paths = "/a" },
      "{\"x\":{\"a\"::1}}",
      "json-syntax" },
    { "refuses brackets that cross in what nobody wants",
      { .paths = "/a" },
      "{\"x\":[{\"y\":1]}}",
      "json-syntax" },
    { "refuses a leading zero", { .paths = "/a" }, "{\"a\":01}", "json-syntax" },
    { "refuses a number with a tail where nobody wants it",
      { .paths = "/a" },
      "{\"x\":1.2.3zz}",
      "json-syntax" },
    { "refuses a plus sign", { .paths = "/a" }, "{\"a\":+1}", "json-syntax" },
    { "refuses a point without digits", { .paths = "/a" }, "{\"a\":1.}", "json-syntax" },
    { "refuses an exponent without digits", { .paths = "/a" }, "{\"a\":1e}", "json-syntax" },
    { "refuses a minus sign alone", { .paths = "/a" }, "{\"a\":-}", "json-syntax" },
    { "refuses an unknown word", { .paths = "/a" }, "{\"a\":nul}", "json-syntax" },
    { "refuses text behind a text", { .paths = "/a" }, "{\"a\":\"x\"y}", "json-syntax" },
    { "refuses text before a text", { .paths = "/a" }, "{\"a\":1\"x\"}", "json-syntax" },
    { "refuses a form feed for a comma", { .paths = "/a" }, "{\"x\":1\x0c\"a\":2}", "json-syntax" },
    { "refuses a substitute for a colon",
      { .paths = "/a" },
      "{\"a\"\x1a"
      "2}",
      "json-syntax" },
};

static void check_decode(void **state)
{
    const struct decode_row *row = *state;
    struct wn_buffer text = { 0 };
    const char *reason =
        harness_decode(&wn_format_json, &row->source, wn_slice_of(row->raw), &text);
    assert_string_equal(reason ? reason : (const char *)text.at, row->expected);
    wn_buffer_deinit(&text);
}

static void forgets_an_input_that_ends_in_a_record(void **state)
{
    (void)state;
    struct wn_paths *paths = harness_paths(&(struct harness_source){ .paths = "/a" });
    struct wn_format_options options = { .paths = paths };
    struct wn_reader *reader = wn_format_json.open(&options);
    struct wn_slice raw;
    struct wn_error err = { 0 };
    struct wn_slice half = wn_slice_of("{\"a\":\"x");
    wn_format_json.begin(reader);
    assert_int_equal(wn_format_json.split(reader, &half, false, &raw, &err), WN_RETRY);
    struct wn_slice whole = wn_slice_of("{\"a\":\"other\"}\n");
    wn_format_json.begin(reader);
    assert_int_equal(wn_format_json.split(reader, &whole, false, &raw, &err), WN_OK);
    assert_int_equal(raw.len, 13);
    assert_null(wn_format_json.close(reader));
    assert_null(wn_format_json.close(NULL));
    wn_paths_close(paths);
}

static void count_names(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, "%s=%llu ", name, (unsigned long long)count);
}

static void counts_names_where_it_descends(void **state)
{
    (void)state;
    struct wn_paths *paths = harness_paths(&(struct harness_source){ .paths = "/a/b /l/*/c /t" });
    struct wn_format_options options = { .paths = paths };
    struct wn_reader *reader = wn_format_json.open(&options);
    struct wn_drift *drift = wn_drift_open();
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    struct wn_buffer text = { 0 };
    struct wn_slice raw = wn_slice_of(
        "{\"x\":{\"deep\":1},\"a\":{\"b\":1,\"x\":2},\"l\":[{\"c\":1,\"d\":2},{\"d\":3}],"
        "\"447700900123\":1,\"t\":{\"under\":1}}");
    assert_int_equal(wn_format_json.decode(reader, raw, &arena, drift, &taken, &err), WN_OK);
    wn_drift_each(drift, count_names, &text);
    assert_true(wn_slice_is(wn_buffer_slice(&text), "(hidden)=1 d=2 x=2 "));
    wn_buffer_deinit(&text);
    wn_arena_deinit(&arena);
    wn_drift_close(drift);
    wn_format_json.close(reader);
    wn_paths_close(paths);
}

/** The names that a record is expected to have next are never taken for granted. */
static void guesses_no_wanted_name_away(void **state)
{
    (void)state;
    struct wn_paths *paths = harness_paths(&(struct harness_source){ .paths = "/b/x /b/y /a/z" });
    struct wn_format_options options = { .paths = paths };
    struct wn_reader *reader = wn_format_json.open(&options);
    struct wn_drift *drift = wn_drift_open();
    struct wn_arena arena = { 0 };
    static const char *const records[] = {
        "{\"a\":{\"x\":1,\"y\":1},\"b\":{\"u\":1,\"v\":1}}",
        "{\"a\":{\"x\":1,\"y\":1},\"b\":{\"x\":2,\"y\":3}}",
        "{\"b\":{\"u\":1,\"x\":2,\"v\":1,\"y\":3},\"a\":{\"u\":1,\"v\":1}}",
        "{\"b\":{\"x\":2,\"y\":3,\"z\":1},\"a\":{\"x\":1,\"y\":1}}",
    };
    for (unsigned round = 0; round < 64; round++) {
        struct wn_taken_set taken;
        struct wn_error err = { 0 };
        unsigned i = round % 4;
        if (round % 5 == 4) { // Others count names, in another order.
            wn_drift_clear(drift);
            wn_drift_count(drift, wn_slice_of(round % 2 == 0 ? "y" : "x"));
            wn_drift_count(drift, wn_slice_of("z"));
        }
        assert_int_equal(
            wn_format_json.decode(reader, wn_slice_of(records[i]), &arena, drift, &taken, &err),
            WN_OK);
        assert_int_equal(taken.top[0].state, i == 0 ? WN_TAKEN_ABSENT : WN_TAKEN_TEXT);
        assert_int_equal(taken.top[1].state, i == 0 ? WN_TAKEN_ABSENT : WN_TAKEN_TEXT);
        assert_int_equal(taken.top[2].state, WN_TAKEN_ABSENT);
    }
    wn_arena_deinit(&arena);
    wn_drift_close(drift);
    wn_format_json.close(reader);
    wn_paths_close(paths);
}

static void finds_formats_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(wn_format_find(wn_slice_of("json")), &wn_format_json);
    assert_ptr_equal(wn_format_find(wn_slice_of("csv")), &wn_format_csv);
    assert_ptr_equal(wn_format_find(wn_slice_of("detail")), &wn_format_detail);
    assert_null(wn_format_find(wn_slice_of("JSON")));
    assert_ptr_equal(wn_format_find(wn_slice_of("ber")), &wn_format_ber);
    assert_non_null(wn_format_at(3));
    assert_null(wn_format_at(4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgets_an_input_that_ends_in_a_record),
        cmocka_unit_test(counts_names_where_it_descends),
        cmocka_unit_test(guesses_no_wanted_name_away),
        cmocka_unit_test(finds_formats_by_name),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, split_rows, check_split);
    WN_ADD_TABLE(&all, decode_rows, check_decode);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("json", &all);
}
