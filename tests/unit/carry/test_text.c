// SPDX-License-Identifier: Apache-2.0

#include "cmd/text.h"
#include "table.h"

static void assert_text(struct wn_buffer *text, const char *expected)
{
    wn_buffer_add(text, "", 1);
    assert_string_equal((const char *)text->at, expected);
    wn_buffer_deinit(text);
}

static const struct shape {
    const char *name;
    const char *raw, *shape;
} shapes[] = {
    { "masks digits and letters", "+31 6 0000 Jan\n", "+99 9 9999 Aaa\n" },
    { "keeps a JSON name and masks its value", "{\"caller_id\": \"1001\"}",
      "{\"caller_id\": \"9999\"}" },
    { "masks a JSON name with four digits in a row", "{\"x31600\": 1}", "{\"a99999\": 9}" },
    { "keeps a JSON name with three digits in a row", "{\"q850\":1}", "{\"q850\":9}" },
    { "masks a JSON name that is a number in groups", "{\"06-12-34-56-78\": 1}",
      "{\"99-99-99-99-99\": 9}" },
    { "masks a JSON name that is an address", "{\"192.0.2.7\": 1}", "{\"999.9.9.9\": 9}" },
    { "masks a JSON name that has no form of one", "{\"+316\":1,\"a b\":2}",
      "{\"+999\":9,\"a a\":9}" },
    { "masks a quoted text that is no name", "[\"jan\", \"piet\"]", "[\"aaa\", \"aaaa\"]" },
    { "keeps the attribute of a detail line", "\tUser-Name = \"jan@realm\"\n",
      "\tUser-Name = \"aaa@aaaaa\"\n" },
    { "masks what looks like an attribute in the middle of a line", "x User-Name = 1",
      "a Aaaa-Aaaa = 9" },
    { "shows octets that are not ASCII as ?", "caf\xc3\xa9", "aaa??" },
    { "shows controls as numbers", "a\x1b[2Jb\r\n", "a\\x1b[9Aa\\x0d\n" },
    { "takes nothing", "", "" },
    { "takes a quote at the end", "\"", "\"" },
    { "takes a name at the end", "\"abc", "\"aaa" },
    { "masks a name of over 64 letters",
      "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg\":1",
      "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":9" },
};

static void check_shape(void **state)
{
    const struct shape *row = *state;
    struct wn_buffer text = { 0 };
    cmd_text_shape(&text, wn_slice_of(row->raw));
    assert_text(&text, row->shape);
}

static const struct shape values[] = {
    { "a value's shape has no name in it", "User-Name = 1", "'Aaaa-Aaaa = 9'" },
    { "nor a quoted one", "\"abc\":1", "'\"aaa\":9'" },
    { "steers no terminal", "a\x1b[2J\n\t", "'a\\x1b[9A\\x0a\\x09'" },
    { "is bounded", "12345678901234567890123456789012345678901234567890",
      "'999999999999999999999999999999999999999999999999'… (50 octets)" },
    { "of nothing", "", "''" },
};

static void check_value(void **state)
{
    const struct shape *row = *state;
    struct wn_buffer text = { 0 };
    cmd_text_shape_of(&text, wn_slice_of(row->raw));
    assert_text(&text, row->shape);
}

static const struct receipt {
    const char *name;
    const char *json, *csv; ///< NULL: no receipt.
} receipts[] = {
    { "takes a receipt apart",
      "{\"drift\":{\"receipt\":5},\"inputs\":[{\"bytes\":1},{\"bytes\":2}],\"last\":null,"
      "\"receipt\":7,\"source\":\"a,\\\"b\"}\n",
      "7,drift.receipt,5\n7,inputs.0.bytes,1\n7,inputs.1.bytes,2\n7,last,null\n7,receipt,7\n"
      "7,source,\"a,\\\"\"b\"\n" },
    { "takes empty members", "{\"drift\":{},\"nodes\":[],\"receipt\":1}", "1,receipt,1\n" },
    { "refuses what ends early", "{\"receipt\":1", NULL },
    { "refuses what goes on", "{\"receipt\":1}x", NULL },
    { "refuses what nests too deep", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", NULL },
    { "refuses a text that does not end", "{\"receipt\":\"", NULL },
};

static void check_receipt(void **state)
{
    const struct receipt *row = *state;
    struct wn_buffer text = { 0 };
    assert_int_equal(cmd_text_receipt_csv(&text, wn_slice_of(row->json)), row->csv != NULL);
    assert_text(&text, row->csv ? row->csv : "");
}

static void quotes_for_others(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    cmd_text_json(&text, wn_slice_of("a\"b\\c\n\x7f"));
    assert_text(&text, "\"a\\\"b\\\\c\\u000a\\u007f\"");
    cmd_text_csv(&text, wn_slice_of("plain"));
    wn_buffer_text(&text, ";");
    cmd_text_csv(&text, wn_slice_of("a,\"b\""));
    assert_text(&text, "plain;\"a,\"\"b\"\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(quotes_for_others) };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, shapes, check_shape);
    WN_ADD_TABLE(&all, values, check_value);
    WN_ADD_TABLE(&all, receipts, check_receipt);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("text", &all);
}
