// SPDX-License-Identifier: Apache-2.0

/** The table of kinds, and the bytes that are hashed. */

#include "table.h"
#include "winnow/kind.h"
#include "winnow/number.h"

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
struct table_row {
    const char *name;
    enum wn_kind kind;
    const char *word;
    bool may_keep, is_text;
};

static const struct table_row table_rows[] = {
    { "time is kept", WN_KIND_TIME, "time", true, false },
    { "duration is kept", WN_KIND_DURATION, "duration", true, false },
    { "octets are kept", WN_KIND_OCTETS, "octets", true, false },
    { "count is kept", WN_KIND_COUNT, "count", true, false },
    { "offset is kept", WN_KIND_OFFSET, "offset", true, false },
    { "score is kept", WN_KIND_SCORE, "score", true, false },
    { "amount is kept", WN_KIND_AMOUNT, "amount", true, false },
    { "flag is kept", WN_KIND_FLAG, "flag", true, false },
    { "enum is kept", WN_KIND_ENUM, "enum", true, false },
    { "cause is kept", WN_KIND_CAUSE, "cause", true, false },
    { "number may be kept", WN_KIND_NUMBER, "number", true, true },
    { "imsi is never kept", WN_KIND_IMSI, "imsi", false, true },
    { "imei is never kept", WN_KIND_IMEI, "imei", false, true },
    { "nai is never kept", WN_KIND_NAI, "nai", false, true },
    { "email is never kept", WN_KIND_EMAIL, "email", false, true },
    { "mac is never kept", WN_KIND_MAC, "mac", false, true },
    { "ip is never kept", WN_KIND_IP, "ip", false, true },
    { "account may be kept", WN_KIND_ACCOUNT, "account", true, true },
    { "subscriber is never kept", WN_KIND_SUBSCRIBER, "subscriber", false, false },
    { "id is never kept", WN_KIND_ID, "id", false, true },
    { "token may be kept", WN_KIND_TOKEN, "token", true, true },
    { "plmn may be kept", WN_KIND_PLMN, "plmn", true, true },
    { "apn may be kept", WN_KIND_APN, "apn", true, true },
    { "currency may be kept", WN_KIND_CURRENCY, "currency", true, true },
};

static void check_table(void **state)
{
    const struct table_row *row = *state;
    assert_string_equal(wn_kind_name(row->kind), row->word);
    assert_int_equal(wn_kind_find(wn_slice_of(row->word)), row->kind);
    assert_int_equal(wn_kind_may_keep(row->kind), row->may_keep);
    assert_int_equal(wn_kind_is_text(row->kind), row->is_text);
}

static void finds_no_other_kind(void **state)
{
    (void)state;
    assert_int_equal(WN_COUNT(table_rows), WN_KINDS - 1);
    static const char *const others[] = { "", "password", "cell", "IMSI", "im" };
    for (size_t i = 0; i < WN_COUNT(others); i++) {
        assert_int_equal(wn_kind_find(wn_slice_of(others[i])), WN_KIND_NONE);
    }
    assert_false(wn_kind_may_keep(WN_KIND_NONE));
}

struct bytes_row {
    const char *name;
    enum wn_kind kind;
    struct wn_value value;
    const char *bytes;
    size_t len;
};

static const struct bytes_row bytes_rows[] = {
    { "a time is eight octets, greatest first",
      WN_KIND_TIME,
      { .number = 1792869308000 },
      "\0\0\1\xa1\x6f\x56\x96\x60",
      8 },
    { "a negative offset is two's complement",
      WN_KIND_OFFSET,
      { .number = -60 },
      "\xff\xff\xff\xff\xff\xff\xff\xc4",
      8 },
    { "an amount is eight octets, signed",
      WN_KIND_AMOUNT,
      { .number = -42000 },
      "\xff\xff\xff\xff\xff\xff\x5b\xf0",
      8 },
    { "a currency is its code", WN_KIND_CURRENCY, { .text = { "EUR", 3 } }, "EUR", 3 },
    { "a flag is its word", WN_KIND_FLAG, { .number = 1 }, "true", 4 },
    { "a flag that is not set, too", WN_KIND_FLAG, { .number = 0 }, "false", 5 },
    { "an enum is its word", WN_KIND_ENUM, { .number = 1 }, "sms", 3 },
    { "a cause is its word", WN_KIND_CAUSE, { .number = WN_CAUSE_ABNORMAL }, "abnormal", 8 },
    { "a number is its digits",
      WN_KIND_NUMBER,
      { .text = { "31610000000", 11 }, .class = WN_NUMBER_MOBILE, .marks = WN_MARK_E164 },
      "31610000000",
      11 },
    { "a short code has its class before it",
      WN_KIND_NUMBER,
      { .text = { "1001", 4 }, .class = WN_NUMBER_INTERNAL },
      "internal:1001",
      13 },
    { "a feature code is its class alone",
      WN_KIND_NUMBER,
      { .class = WN_NUMBER_FEATURE },
      "feature:",
      8 },
    { "an IMSI is its digits",
      WN_KIND_IMSI,
      { .text = { "001010123456789", 15 } },
      "001010123456789",
      15 },
    { "a MAC address is its octets",
      WN_KIND_MAC,
      { .text = { "\0\1\2\3\4\5", 6 } },
      "\0\1\2\3\4\5",
      6 },
    { "a subscriber is as its kind",
      WN_KIND_SUBSCRIBER,
      { .text = { "klaas@isp.example", 17 }, .class = WN_KIND_NAI },
      "klaas@isp.example",
      17 },
};

static void check_bytes(void **state)
{
    static const char *const symbols[] = { "voice", "sms" };
    const struct bytes_row *row = *state;
    struct wn_buffer bytes = { 0 };

    wn_buffer_text(&bytes, "before"); // It appends.
    wn_kind_canonical(row->kind, &row->value, row->kind == WN_KIND_ENUM ? symbols : NULL, &bytes);
    assert_int_equal(bytes.len, row->len + 6);
    assert_memory_equal(bytes.at + 6, row->bytes, row->len);
    wn_buffer_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_no_other_kind) };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, table_rows, check_table);
    WN_ADD_TABLE(&all, bytes_rows, check_bytes);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("kind", &all);
}
