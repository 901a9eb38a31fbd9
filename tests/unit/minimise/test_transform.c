// SPDX-License-Identifier: Apache-2.0

/** What each transform leaves of a value, and which values it refuses. */

#include "table.h"

#include "transform.h"
#include "winnow/minimise.h"
#include "winnow/number.h"

#define NUMBER(digits, class_, marks_)                                                             \
    {                                                                                              \
        .text = { digits, sizeof(digits) - 1 }, .class = WN_NUMBER_##class_, .marks = (marks_)     \
    }
#define TEXT(string)                                                                               \
    {                                                                                              \
        .text = { string, sizeof(string) - 1 }                                                     \
    }
#define OF(kind_, transform_) .kind = WN_KIND_##kind_, .transform = WN_TRANSFORM_##transform_

enum {
    E164 = WN_MARK_E164,
    HIDDEN = WN_MARK_E164 | WN_MARK_SHIELDED,
    HOUR = 3600000,
    DAY = 86400000,
};

static const struct text {
    const char *name;
    struct wn_output output;
    struct wn_value value;
    bool absent;
    const char *wanted; ///< NULL: null.
} texts[] = {
    { "keeps E.164 with its +",
      { OF(NUMBER, KEEP) },
      NUMBER("31600000001", MOBILE, E164),
      false,
      "+31600000001" },
    { "keeps a short code as it stands",
      { OF(NUMBER, KEEP) },
      NUMBER("1400", SHORT, 0),
      false,
      "1400" },
    { "keeps nothing of a number that is hidden",
      { OF(NUMBER, KEEP) },
      NUMBER("31600000001", MOBILE, HIDDEN),
      false,
      NULL },
    { "keeps nothing of a number without digits",
      { OF(NUMBER, KEEP) },
      NUMBER("", WITHHELD, WN_MARK_WITHHELD),
      false,
      NULL },
    { "keeps a withheld number whose caller pays",
      { OF(NUMBER, KEEP) },
      NUMBER("31600000001", MOBILE, WN_MARK_E164 | WN_MARK_WITHHELD),
      false,
      "+31600000001" },
    { "keeps nothing of nothing", { OF(NUMBER, KEEP) }, { 0 }, true, NULL },
    { "keeps a token", { OF(TOKEN, KEEP) }, TEXT("trunk-a"), false, "trunk-a" },
    { "gives country and class of a number",
      { OF(NUMBER, DESTINATION) },
      NUMBER("31600000001", MOBILE, E164),
      false,
      "NL/mobile" },
    { "gives another country",
      { OF(NUMBER, DESTINATION) },
      NUMBER("447700900123", INTERNATIONAL, E164),
      false,
      "GB/international" },
    { "gives the class alone of a short code",
      { OF(NUMBER, DESTINATION) },
      NUMBER("1400", SHORT, 0),
      false,
      "short" },
    { "gives the destination of a hidden number",
      { OF(NUMBER, DESTINATION) },
      NUMBER("31600000001", MOBILE, HIDDEN),
      false,
      "NL/mobile" },
    { "gives withheld where there is no number",
      { OF(NUMBER, DESTINATION) },
      { 0 },
      true,
      "withheld" },
    { "gives withheld where the number is",
      { OF(NUMBER, DESTINATION) },
      NUMBER("", WITHHELD, WN_MARK_WITHHELD),
      false,
      "withheld" },
    { "gives the country of a number",
      { OF(NUMBER, COUNTRY) },
      NUMBER("31600000001", MOBILE, E164),
      false,
      "NL" },
    { "gives no country of no digits",
      { OF(NUMBER, COUNTRY) },
      NUMBER("", WITHHELD, WN_MARK_WITHHELD),
      false,
      NULL },
    { "gives the country of a network", { OF(PLMN, COUNTRY) }, TEXT("204-04"), false, "NL" },
    { "gives no country of an absent network", { OF(PLMN, COUNTRY) }, { 0 }, true, NULL },
    { "gives the first digits",
      { OF(NUMBER, DIGITS), .args = { 4 }, .n_args = 1 },
      NUMBER("31600000001", MOBILE, E164),
      false,
      "3160" },
    { "gives no more digits than there are",
      { OF(NUMBER, DIGITS), .args = { 8 }, .n_args = 1 },
      NUMBER("112", EMERGENCY, 0),
      false,
      "112" },
    { "gives no digits of a hidden number",
      { OF(NUMBER, DIGITS), .args = { 4 }, .n_args = 1 },
      NUMBER("31600000001", MOBILE, HIDDEN),
      false,
      NULL },
    { "gives the network of an IMSI",
      { OF(IMSI, NETWORK) },
      TEXT("204980000000001"),
      false,
      "204-98" },
    { "gives a network of three digits",
      { OF(IMSI, NETWORK) },
      TEXT("310260000000001"),
      false,
      "310-260" },
    { "gives the country's code where lengths are mixed",
      { OF(IMSI, NETWORK) },
      TEXT("405010000000001"),
      false,
      "405" },
    { "gives the model of a device",
      { OF(IMEI, MODEL) },
      TEXT("35000000123456"),
      false,
      "35000000" },
};

static void check_text(void **state)
{
    const struct text *row = *state;
    char scratch[WN_TRANSFORM_TEXT];
    struct wn_slice text = { 0 };

    bool some = wn_transform_text(&row->output, row->absent ? NULL : &row->value, scratch, &text);
    assert_int_equal(some, row->wanted != NULL);
    if (row->wanted) {
        const bool plus = wn_transform_plus(&row->output, row->absent ? NULL : &row->value);
        assert_int_equal(plus, row->wanted[0] == '+');
        assert_int_equal(text.len, strlen(row->wanted + plus));
        assert_memory_equal(text.at, row->wanted + plus, text.len);
    }
}

static const struct number {
    const char *name;
    struct wn_output output;
    int64_t value, wanted;
} numbers[] = {
    { "floors to the hour", { .args = { HOUR } }, 1795514400000 + 3599999, 1795514400000 },
    { "leaves a whole hour", { .args = { HOUR } }, 1795514400000, 1795514400000 },
    { "floors to the day", { .args = { DAY } }, 1795514400000, 1795478400000 },
    { "floors before 1970", { .args = { HOUR } }, -1, -HOUR },
    { "a value below all bounds is in 0",
      { OF(OCTETS, BUCKET), .args = { 10, 20 }, .n_args = 2 },
      9,
      0 },
    { "a bound is in its own range",
      { OF(OCTETS, BUCKET), .args = { 10, 20 }, .n_args = 2 },
      10,
      10 },
    { "a value is in the range below it",
      { OF(OCTETS, BUCKET), .args = { 10, 20 }, .n_args = 2 },
      19,
      10 },
    { "the last range is open",
      { OF(OCTETS, BUCKET), .args = { 10, 20 }, .n_args = 2 },
      INT64_MAX,
      20 },
    { "a value below 0 is in 0", { OF(OCTETS, BUCKET), .args = { 10 }, .n_args = 1 }, -5, 0 },
};

static void check_number(void **state)
{
    const struct number *row = *state;
    assert_true((row->output.transform == WN_TRANSFORM_BUCKET
                     ? wn_transform_bucket(&row->output, row->value)
                     : wn_transform_floor(row->value, row->output.args[0])) == row->wanted);
}

#define MAPPED "\0\0\0\0\0\0\0\0\0\0\xff\xff"
#define V6 "\x20\x01\x0d\xb8\xff\xff\xff\xff\x01\x02\x03\x04\x05\x06\x07\x08"

static const struct prefix {
    const char *name;
    int64_t v4, v6;
    const char *address, *wanted;
} prefixes[] = {
    { "leaves 24 bits of IPv4", 24, 48, MAPPED "\xc0\x00\x02\x7f", MAPPED "\xc0\x00\x02\x00" },
    { "leaves 20 bits of IPv4", 20, 48, MAPPED "\xc0\x00\xff\x7f", MAPPED "\xc0\x00\xf0\x00" },
    { "leaves 48 bits of IPv6", 24, 48, V6, "\x20\x01\x0d\xb8\xff\xff\0\0\0\0\0\0\0\0\0\0" },
    { "leaves 33 bits of IPv6", 24, 33, V6, "\x20\x01\x0d\xb8\x80\0\0\0\0\0\0\0\0\0\0\0" },
};

static void check_prefix(void **state)
{
    const struct prefix *row = *state;
    const struct wn_output output = { .args = { row->v4, row->v6 }, .n_args = 2 };
    uint8_t prefix[16];

    wn_transform_prefix(&output, (struct wn_slice){ row->address, 16 }, prefix);
    assert_memory_equal(prefix, row->wanted, 16);
}

/** One value against one output. */
static const struct refusal {
    const char *name;
    struct wn_output output;
    struct wn_value value;
    bool absent;
    const char *reason; ///< NULL: accepted.
} refusals[] = {
    { "refuses an absent value that may not be null",
      { OF(TIME, KEEP), .avro = WN_AVRO_LONG },
      { 0 },
      true,
      "transform-failed" },
    { "accepts an absent value that may be null",
      { OF(TIME, KEEP), .avro = WN_AVRO_LONG, .nullable = true },
      { 0 },
      true,
      NULL },
    { "accepts the class of an absent number",
      { OF(NUMBER, CLASS), .avro = WN_AVRO_ENUM },
      { 0 },
      true,
      NULL },
    { "accepts shielded of an absent number",
      { OF(NUMBER, SHIELDED), .avro = WN_AVRO_BOOLEAN },
      { 0 },
      true,
      NULL },
    { "accepts the destination of an absent number",
      { OF(NUMBER, DESTINATION), .avro = WN_AVRO_STRING },
      { 0 },
      true,
      NULL },
    { "refuses a count that an int can't hold",
      { OF(COUNT, KEEP), .avro = WN_AVRO_INT },
      { .number = INT64_C(2147483648) },
      false,
      "transform-failed" },
    { "accepts the largest int",
      { OF(COUNT, KEEP), .avro = WN_AVRO_INT },
      { .number = 2147483647 },
      false,
      NULL },
    { "refuses a symbol that is none",
      { OF(ENUM, KEEP), .avro = WN_AVRO_ENUM, .n_symbols = 5 },
      { .number = 5 },
      false,
      "transform-failed" },
    { "refuses a flag of 2",
      { OF(FLAG, KEEP), .avro = WN_AVRO_BOOLEAN },
      { .number = 2 },
      false,
      "transform-failed" },
    { "refuses a number of 33 octets",
      { OF(NUMBER, KEEP), .avro = WN_AVRO_STRING },
      TEXT("000000000000000000000000000000000"),
      false,
      "transform-failed" },
    { "refuses a class that is none",
      { OF(NUMBER, CLASS), .avro = WN_AVRO_ENUM },
      { .class = WN_NUMBER_CLASSES },
      false,
      "transform-failed" },
    { "refuses an IMSI of another length",
      { OF(IMSI, NETWORK), .avro = WN_AVRO_STRING },
      TEXT("20498"),
      false,
      "transform-failed" },
    { "refuses an IMEI that is too short",
      { OF(IMEI, MODEL), .avro = WN_AVRO_STRING },
      TEXT("3500000"),
      false,
      "transform-failed" },
    { "refuses an address of 4 octets",
      { OF(IP, PREFIX), .avro = WN_AVRO_FIXED },
      TEXT("abcd"),
      false,
      "transform-failed" },
    { "refuses a pseudonym of nothing",
      { OF(IMSI, PSEUDONYM), .avro = WN_AVRO_FIXED },
      TEXT(""),
      false,
      "transform-failed" },
    { "refuses a token with an @",
      { OF(TOKEN, KEEP), .avro = WN_AVRO_STRING },
      TEXT("gw@example"),
      false,
      "token-suspect" },
    { "refuses a token with nine digits in a row",
      { OF(TOKEN, KEEP), .avro = WN_AVRO_STRING },
      TEXT("gw-316000000"),
      false,
      "token-suspect" },
    { "accepts a token with eight",
      { OF(TOKEN, KEEP), .avro = WN_AVRO_STRING },
      TEXT("gw-31600000-1"),
      false,
      NULL },
    { "refuses a MAC address for an access point's name",
      { OF(APN, KEEP), .avro = WN_AVRO_STRING },
      TEXT("02-00-5e-10-00-ff:guest"),
      false,
      "token-suspect" },
    { "accepts an access point's name",
      { OF(APN, KEEP), .avro = WN_AVRO_STRING },
      TEXT("internet.example"),
      false,
      NULL },
};

static struct wn_shape shape;

static enum wn_code check_one(const struct refusal *row, bool item, struct wn_error *err)
{
    struct wn_purpose purpose = { .name = "billing" };
    struct wn_item one = { .present = row->absent ? 0 : 1, .values = { row->value } };
    struct wn_record record = { .shape = &shape,
                                .present = row->absent ? 0 : 1,
                                .values = { row->value },
                                .items = &one,
                                .n_items = 1,
                                .subscriber_kind = WN_KIND_IMSI,
                                .subscriber = wn_slice_of("204980000000001") };

    if (item) {
        purpose.items[0] = row->output;
        purpose.items[0].name = "x";
        purpose.n_items = 1;
    } else {
        purpose.outputs[0] = row->output;
        purpose.outputs[0].name = "x";
        purpose.n_outputs = 1;
    }
    wn_purpose_compile(&purpose);
    return wn_minimise_check(&purpose, &record, err);
}

static void check_refusal(void **state)
{
    const struct refusal *row = *state;

    for (unsigned item = 0; item < 2; item++) {
        struct wn_error err = { 0 };
        enum wn_code rc = check_one(row, item == 1, &err);
        assert_int_equal(rc, row->reason ? WN_REJECT : WN_OK);
        if (row->reason) {
            assert_string_equal(err.reason, row->reason);
            assert_non_null(strstr(err.text, item == 1 ? "purpose 'billing', field 'usage.x': "
                                                       : "purpose 'billing', field 'x': "));
        }
    }
}

static void refuses_a_record_without_subscriber(void **state)
{
    (void)state;
    const struct wn_purpose purpose = { .name = "billing" };
    struct wn_record record = { .shape = &shape };
    struct wn_error err = { 0 };

    assert_int_equal(wn_minimise_check(&purpose, &record, &err), WN_REJECT);
    assert_string_equal(err.reason, "transform-failed");
    record.subscriber_kind = WN_KIND_MAC;
    record.subscriber = wn_slice_of("123456");
    assert_int_equal(wn_minimise_check(&purpose, &record, &err), WN_REJECT);
    record.subscriber_kind = WN_KIND_NAI;
    assert_int_equal(wn_minimise_check(&purpose, &record, &err), WN_OK);
    record.subscriber.len = 0;
    assert_int_equal(wn_minimise_check(&purpose, &record, &err), WN_REJECT);
}

static void accepts_an_items_flag_that_is_absent(void **state)
{
    (void)state;
    const struct refusal flag = { .output = { OF(FLAG, KEEP), .avro = WN_AVRO_BOOLEAN },
                                  .absent = true };
    struct wn_error err = { 0 };

    assert_int_equal(check_one(&flag, true, &err), WN_OK);
    assert_int_equal(check_one(&flag, false, &err), WN_REJECT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_record_without_subscriber),
        cmocka_unit_test(accepts_an_items_flag_that_is_absent),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, texts, check_text);
    WN_ADD_TABLE(&all, numbers, check_number);
    WN_ADD_TABLE(&all, prefixes, check_prefix);
    WN_ADD_TABLE(&all, refusals, check_refusal);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("transform", &all);
}
