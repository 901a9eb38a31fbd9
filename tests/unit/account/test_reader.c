// SPDX-License-Identifier: Apache-2.0

/** The generic reader: every Avro type as JSON and CSV, and any damage as an error. */

#include "winnow/reader.h"

#include <stdio.h>

#include "table.h"

/** One record of one field `x` of a type. */
struct row {
    const char *name;
    const char *type;
    struct wn_slice bytes;
    const char *json; ///< Of the field; NULL: refused.
    const char *csv;  ///< NULL: as JSON.
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct row rows[] = {
    { "true", "\"boolean\"", BYTES("\1"), "true", NULL },
    { "a boolean of 2 is refused", "\"boolean\"", BYTES("\2"), NULL, NULL },
    { "an int", "\"int\"", BYTES("\xff\xff\xff\xff\x0f"), "-2147483648", NULL },
    { "an int beyond 32 bits is refused", "\"int\"", BYTES("\x80\x80\x80\x80\x20"), NULL, NULL },
    { "the smallest long", "\"long\"", BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"),
      "-9223372036854775808", NULL },
    { "a long beyond 64 bits is refused", "\"long\"",
      BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\2"), NULL, NULL },
    { "a long without an end is refused", "\"long\"",
      BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), NULL, NULL },
    { "a time is its number", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
      BYTES("\200\240\277\351\326\146"), "1764000000000", NULL },
    { "a double", "\"double\"", BYTES("\0\0\0\0\0\0\xf8\x3f"), "1.5", NULL },
    { "a double that is no number", "\"double\"", BYTES("\0\0\0\0\0\0\xf8\x7f"), "null", NULL },
    { "a float", "\"float\"", BYTES("\0\0\xc0\x3f"), "1.5", NULL },
    { "a string", "\"string\"",
      BYTES("\x06"
            "abc"),
      "\"abc\"", "abc" },
    { "an empty string", "\"string\"", BYTES("\0"), "\"\"", "" },
    { "a string with what JSON escapes", "\"string\"",
      BYTES("\x08"
            "\"\\\n\1"),
      "\"\\\"\\\\\\u000a\\u0001\"", "\"\"\"\\\n\1\"" },
    { "a string with a comma", "\"string\"",
      BYTES("\x06"
            "a,b"),
      "\"a,b\"", "\"a,b\"" },
    { "a string of two octets a character", "\"string\"",
      BYTES("\x04"
            "\xc3\xa9"),
      "\"\xc3\xa9\"", "\xc3\xa9" },
    { "a string of four octets a character", "\"string\"",
      BYTES("\x08"
            "\xf0\x9f\x93\x9e"),
      "\"\xf0\x9f\x93\x9e\"", "\xf0\x9f\x93\x9e" },
    { "a surrogate is refused", "\"string\"",
      BYTES("\x06"
            "\xed\xa0\x80"),
      NULL, NULL },
    { "an overlong character is refused", "\"string\"",
      BYTES("\x04"
            "\xc0\x80"),
      NULL, NULL },
    { "Latin-1 is refused", "\"string\"",
      BYTES("\x02"
            "\xe9"),
      NULL, NULL },
    { "a string longer than what is left is refused", "\"string\"",
      BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1"
            "abc"),
      NULL, NULL },
    { "a string of negative length is refused", "\"string\"",
      BYTES("\1"
            "abc"),
      NULL, NULL },
    { "bytes are hex", "\"bytes\"", BYTES("\x04\xde\xad"), "\"dead\"", "dead" },
    { "a fixed is hex", "{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}", BYTES("\0\x1f\xff"),
      "\"001fff\"", "001fff" },
    { "a fixed that is cut is refused", "{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}",
      BYTES("\0\x1f"), NULL, NULL },
    { "an enum is its symbol", "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"voice\",\"sms\"]}",
      BYTES("\2"), "\"sms\"", "sms" },
    { "an enum beyond its symbols is refused",
      "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"voice\",\"sms\"]}", BYTES("\4"), NULL,
      NULL },
    { "null of a union", "[\"null\",\"string\"]", BYTES("\0"), "null", "" },
    { "a union is its value", "[\"null\",\"string\"]",
      BYTES("\2\2"
            "a"),
      "\"a\"", "a" },
    { "a union beyond its branches is refused", "[\"null\",\"string\"]",
      BYTES("\4\2"
            "a"),
      NULL, NULL },
    { "an array", "{\"type\":\"array\",\"items\":\"int\"}", BYTES("\4\2\4\0"), "[1,2]",
      "\"[1,2]\"" },
    { "an array in two blocks, one with its size", "{\"type\":\"array\",\"items\":\"int\"}",
      BYTES("\1\2\2\2\4\0"), "[1,2]", "\"[1,2]\"" },
    { "an empty array", "{\"type\":\"array\",\"items\":\"int\"}", BYTES("\0"), "[]", NULL },
    { "an array of more items than octets is refused", "{\"type\":\"array\",\"items\":\"null\"}",
      BYTES("\xfe\xff\xff\xff\xff\x1f\0"), NULL, NULL },
    { "an array without an end is refused", "{\"type\":\"array\",\"items\":\"int\"}", BYTES("\2\2"),
      NULL, NULL },
    { "an array of records",
      "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"U\",\"fields\":["
      "{\"name\":\"a\",\"type\":[\"null\",\"long\"]},{\"name\":\"b\",\"type\":\"boolean\"}]}}",
      BYTES("\2\0\1\0"), "[{\"a\":null,\"b\":true}]", "\"[{\"\"a\"\":null,\"\"b\"\":true}]\"" },
    { "a map", "{\"type\":\"map\",\"values\":\"int\"}",
      BYTES("\2\2"
            "k\2\0"),
      "{\"k\":1}", "\"{\"\"k\"\":1}\"" },
};

static struct wn_avro_reader *open_reader(const char *schema)
{
    struct wn_avro_reader *reader = NULL;
    struct wn_error err;
    if (wn_avro_reader_open(schema, &reader, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
    return reader;
}

static void expect(const struct wn_buffer *text, const char *expected)
{
    struct wn_buffer copy = { 0 };
    wn_buffer_add(&copy, text->at, text->len);
    wn_buffer_add(&copy, "", 1);
    assert_string_equal((const char *)copy.at, expected);
    wn_buffer_deinit(&copy);
}

static void check(void **state)
{
    const struct row *row = *state;
    char schema[1024], json[256];
    snprintf(schema, sizeof(schema),
             "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"winnow\",\"fields\":["
             "{\"name\":\"x\",\"type\":%s}]}",
             row->type);
    struct wn_avro_reader *reader = open_reader(schema);
    struct wn_buffer text = { 0 };
    struct wn_error err;
    struct wn_slice rest = row->bytes;
    enum wn_code rc = wn_avro_reader_json(reader, &rest, &text, &err);
    assert_int_equal(rc, row->json ? WN_OK : WN_REJECT);
    if (row->json) {
        assert_int_equal(rest.len, 0);
        snprintf(json, sizeof(json), "{\"x\":%s}", row->json);
        expect(&text, json);
        text.len = 0;
        rest = row->bytes;
        assert_int_equal(wn_avro_reader_csv(reader, &rest, &text, &err), WN_OK);
        expect(&text, row->csv ? row->csv : (strcmp(row->json, "null") == 0 ? "null" : row->json));
        for (size_t len = 0; len < row->bytes.len; len++) {
            rest = (struct wn_slice){ row->bytes.at, len };
            assert_int_equal(wn_avro_reader_json(reader, &rest, NULL, &err), WN_REJECT);
            assert_int_equal(rest.len, len);
        }
    } else {
        assert_string_equal(err.reason, "file-read");
        assert_int_equal(text.len, 0);
        assert_int_equal(rest.len, row->bytes.len);
    }
    wn_buffer_deinit(&text);
    wn_avro_reader_close(reader);
}

static const char usage_schema[] =
    "{\"type\":\"record\",\"name\":\"Call\",\"namespace\":\"winnow.billing\",\"doc\":\"d\","
    "\"fields\":["
    "{\"name\":\"record_id\",\"type\":{\"type\":\"fixed\",\"name\":\"RecordId\","
    "\"namespace\":\"winnow\",\"size\":2}},"
    "{\"name\":\"origin\",\"type\":{\"type\":\"record\",\"name\":\"Origin\",\"fields\":["
    "{\"name\":\"input\",\"type\":\"string\"},{\"name\":\"offset\",\"type\":\"long\"}]}},"
    "{\"name\":\"again\",\"type\":\"winnow.RecordId\"},"
    "{\"name\":\"from\",\"type\":\"Origin\"},"
    "{\"name\":\"called\",\"type\":[\"null\",\"string\"]}]}";
static const struct wn_slice usage_bytes = BYTES("\xab\xcd\2t\x54\1\2\0\4\2\x18+31600000001");

static void reads_records_in_records(void **state)
{
    (void)state;
    struct wn_avro_reader *reader = open_reader(usage_schema);
    struct wn_buffer text = { 0 };
    struct wn_error err;
    struct wn_slice rest = usage_bytes;
    assert_int_equal(wn_avro_reader_json(reader, &rest, &text, &err), WN_OK);
    expect(&text, "{\"record_id\":\"abcd\",\"origin\":{\"input\":\"t\",\"offset\":42},"
                  "\"again\":\"0102\",\"from\":{\"input\":\"\",\"offset\":2},"
                  "\"called\":\"+31600000001\"}");
    text.len = 0;
    assert_int_equal(wn_avro_reader_csv_header(reader, &text, &err), WN_OK);
    expect(&text, "record_id,origin.input,origin.offset,again,from.input,from.offset,called");
    text.len = 0;
    rest = usage_bytes;
    assert_int_equal(wn_avro_reader_csv(reader, &rest, &text, &err), WN_OK);
    expect(&text, "abcd,t,42,0102,,2,+31600000001");
    wn_buffer_deinit(&text);
    wn_avro_reader_close(reader);
}

static void reads_one_after_the_other(void **state)
{
    (void)state;
    struct wn_avro_reader *reader = open_reader(usage_schema);
    struct wn_buffer block = { 0 };
    struct wn_error err;
    for (int i = 0; i < 3; i++) {
        wn_buffer_add(&block, usage_bytes.at, usage_bytes.len);
    }
    struct wn_slice rest = wn_buffer_slice(&block);
    for (int i = 3; i > 0; i--) {
        assert_int_equal(rest.len, (size_t)i * usage_bytes.len);
        assert_int_equal(wn_avro_reader_json(reader, &rest, NULL, &err), WN_OK);
    }
    assert_int_equal(wn_avro_reader_json(reader, &rest, NULL, &err), WN_REJECT);
    wn_buffer_deinit(&block);
    wn_avro_reader_close(reader);
}

/** Random octets, and a good record with random octets in it: an answer or an error, nothing else.
 */
static void survives_any_octets(void **state)
{
    (void)state;
    struct wn_avro_reader *reader = open_reader(usage_schema);
    struct wn_buffer text = { 0 };
    struct wn_error err;
    uint64_t seed = 7;
    unsigned refused = 0;
    for (int i = 0; i < 20000; i++) {
        char bytes[64];
        memcpy(bytes, usage_bytes.at, usage_bytes.len);
        for (int k = 0; k < 1 + i % 3; k++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            bytes[(seed >> 40) % usage_bytes.len] = (char)(seed >> 33);
        }
        struct wn_slice rest = { bytes, usage_bytes.len };
        text.len = 0;
        refused += wn_avro_reader_json(reader, &rest, &text, &err) != WN_OK ? 1 : 0;
    }
    assert_in_range(refused, 1000, 19000);
    wn_buffer_deinit(&text);
    wn_avro_reader_close(reader);
}

static void recursion_has_an_end(void **state)
{
    (void)state;
    struct wn_avro_reader *reader =
        open_reader("{\"type\":\"record\",\"name\":\"N\",\"fields\":[{\"name\":\"next\","
                    "\"type\":[\"null\",\"N\"]}]}");
    struct wn_buffer text = { 0 };
    struct wn_error err;
    struct wn_slice rest = BYTES("\2\2\0");
    assert_int_equal(wn_avro_reader_json(reader, &rest, &text, &err), WN_OK);
    expect(&text, "{\"next\":{\"next\":{\"next\":null}}}");
    char deep[1000];
    memset(deep, 2, sizeof(deep));
    rest = (struct wn_slice){ deep, sizeof(deep) };
    assert_int_equal(wn_avro_reader_json(reader, &rest, &text, &err), WN_REJECT);
    wn_buffer_deinit(&text);
    wn_avro_reader_close(reader);
}

static const char absurd[] = "{\"type\":\"record\",\"name\":\"N\",\"fields\":[{\"name\":\"a\","
                             "\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":9999999999}}]}";

static void refuses_other_schemas(void **state)
{
    (void)state;
    static const char *const schemas[] = {
        "",
        "{",
        "\"int\"",
        "{\"type\":\"record\"}",
        "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[]}",
        "{\"type\":\"record\",\"name\":\"N\",\"fields\":[{\"name\":\"a\",\"type\":\"N\"}]}",
        absurd,
    };
    for (size_t i = 0; i < WN_COUNT(schemas); i++) {
        struct wn_avro_reader *reader = NULL;
        struct wn_error err;
        assert_int_equal(wn_avro_reader_open(schemas[i], &reader, &err), WN_FATAL);
        assert_string_equal(err.reason, "file-read");
        assert_null(reader);
    }
    assert_null(wn_avro_reader_close(NULL));
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(reads_records_in_records), cmocka_unit_test(reads_one_after_the_other),
        cmocka_unit_test(survives_any_octets),      cmocka_unit_test(recursion_has_an_end),
        cmocka_unit_test(refuses_other_schemas),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("reader", &all);
}
