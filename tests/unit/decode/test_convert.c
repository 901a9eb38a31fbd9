// SPDX-License-Identifier: Apache-2.0

/** Conversions by form: what the octets of BER give, and what the same gives as text. */

#include "../../../src/decode/convert.h"
#include "table.h"

#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

enum mode {
    PLAIN,
    RAW_UNSIGNED,
    BY_ZONE
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
struct row {
    const char *name;
    const char *as;
    enum wn_form form;
    struct wn_slice octets;
    int64_t number;
    const char *text;   ///< NULL: `number` counts, "": absent.
    const char *reason; ///< NULL: not refused.
    enum mode mode;
};

#define STAMP "\x26\x10\x25\x02\x30\x00\x2b\x02\x00"

// clang-format off
static const struct row rows[] = {
    { "an INTEGER", "int", WN_FORM_INTEGER, OCTETS("\x01\x00"), 256, NULL, NULL, PLAIN },
    { "a negative INTEGER is no count", "octets", WN_FORM_INTEGER, OCTETS("\xff"), 0, NULL, "bad-integer", PLAIN },
    { "a negative INTEGER of a node that forgets the zero octet", "octets", WN_FORM_INTEGER, OCTETS("\xff\xff\xff\xfa"), 4294967290, NULL, NULL, RAW_UNSIGNED },
    { "an id is unsigned", "int", WN_FORM_UNSIGNED, OCTETS("\xff\xff\xff\xfa"), 4294967290, NULL, NULL, PLAIN },
    { "an INTEGER without octets", "int", WN_FORM_INTEGER, OCTETS(""), 0, NULL, "bad-integer", PLAIN },
    { "an ENUM", "int", WN_FORM_ENUM, OCTETS("\x02"), 2, NULL, NULL, PLAIN },
    { "seconds", "s", WN_FORM_INTEGER, OCTETS("\x0e\x10"), 3600000, NULL, NULL, PLAIN },
    { "seconds that milliseconds can't hold", "s", WN_FORM_INTEGER, OCTETS("\x7f\xff\xff\xff\xff\xff\xff\xff"), 0, NULL, "bad-integer", PLAIN },
    { "milliseconds", "ms", WN_FORM_INTEGER, OCTETS("\x0e\x10"), 3600, NULL, NULL, PLAIN },
    { "segments of 64 octets", "octets64", WN_FORM_INTEGER, OCTETS("\x0a"), 640, NULL, NULL, PLAIN },
    { "segments that are text", "octets64", WN_FORM_TEXT, OCTETS("10"), 640, NULL, NULL, PLAIN },
    { "a TimeStamp", "timestamp", WN_FORM_TIMESTAMP, OCTETS(STAMP), 1792888200000, NULL, NULL, PLAIN },
    { "a TimeStamp whose offset is not to be trusted", "timestamp", WN_FORM_TIMESTAMP, OCTETS("\x26\x07\x01\x12\x00\x00\x2b\x99\x77"), 1782900000000, NULL, NULL, BY_ZONE },
    { "a TimeStamp as hexadecimal text", "timestamp", WN_FORM_TEXT, OCTETS("2610250230002B0200"), 1792888200000, NULL, NULL, PLAIN },
    { "a TimeStamp of an odd count of digits", "timestamp", WN_FORM_TEXT, OCTETS("2610250230002b020"), 0, NULL, "bad-time", PLAIN },
    { "a TimeStamp of filler is absent", "timestamp", WN_FORM_TIMESTAMP, OCTETS("\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0, "", NULL, PLAIN },
    { "a TimeStamp in binary", "timestamp", WN_FORM_TIMESTAMP, OCTETS("\x1a\x0a\x19\x02\x1e\x00\x2b\x02\x00"), 0, NULL, "bad-bcd", PLAIN },
    { "the offset of a TimeStamp", "timestamp_offset", WN_FORM_TIMESTAMP, OCTETS(STAMP), 120, NULL, NULL, PLAIN },
    { "a TimeStamp without offset has none", "timestamp_offset", WN_FORM_TIMESTAMP, OCTETS("\x26\x10\x25\x02\x30\x00"), 0, "", NULL, BY_ZONE },
    { "an offset that is not to be trusted is none", "timestamp_offset", WN_FORM_TIMESTAMP, OCTETS(STAMP), 0, "", NULL, BY_ZONE },
    { "the phone's zone", "tz_3gpp", WN_FORM_MS_TIME_ZONE, OCTETS("\x0a\x00"), -300, NULL, NULL, PLAIN },
    { "the phone's zone of filler is absent", "tz_3gpp", WN_FORM_MS_TIME_ZONE, OCTETS("\xff\xff"), 0, "", NULL, PLAIN },
    { "the phone's zone as text", "tz_3gpp", WN_FORM_TEXT, OCTETS("0x8001"), 120, NULL, NULL, PLAIN },
    { "an IMSI", "imsi", WN_FORM_TBCD, OCTETS("\x02\x94\x08\x00\x00\x10\x32\xf4"), 0, "204980000001234", NULL, PLAIN },
    { "an IMSI as UTF8String", "imsi", WN_FORM_TEXT, OCTETS("imsi-204980000001234"), 0, "204980000001234", NULL, PLAIN },
    { "an IMEI", "imei", WN_FORM_TBCD, OCTETS("\x53\x02\x99\x00\x71\x16\x84\xf1"), 0, "35209900176148", NULL, PLAIN },
    { "a device of 5G as octets", "imei", WN_FORM_OCTETS, OCTETS("imeisv-3520990017614823"), 0, "35209900176148", NULL, PLAIN },
    { "an AddressString", "number", WN_FORM_ADDRESS, OCTETS("\x91\x44\x77\x00\x09\x10\x32"), 0, "447700900123", NULL, PLAIN },
    { "a directory number", "number", WN_FORM_DIRECTORY, OCTETS("\x11\xa0\x44\x77\x00\x09\x10\x32"), 0, "447700900123", NULL, PLAIN },
    { "an address of a short message", "number", WN_FORM_SMS_ADDRESS, OCTETS("\x0c\x91\x44\x77\x00\x09\x10\x32"), 0, "447700900123", NULL, PLAIN },
    { "a number as text", "number", WN_FORM_TEXT, OCTETS("tel:+447700900123"), 0, "447700900123", NULL, PLAIN },
    { "a network", "plmn", WN_FORM_PLMN, OCTETS("\x13\x20\x10"), 0, "310-012", NULL, PLAIN },
    { "the network of a location", "location_plmn", WN_FORM_OCTETS, OCTETS("\x18\x02\xf4\x89\x12\x34"), 0, "204-98", NULL, PLAIN },
    { "the network of a location as text", "location_plmn", WN_FORM_TEXT, OCTETS("0x1802f4891234"), 0, "204-98", NULL, PLAIN },
    { "characteristics are hexadecimal", "token", WN_FORM_OCTETS, OCTETS("\x08\x00"), 0, "0800", NULL, PLAIN },
    { "an id of octets", "id", WN_FORM_OCTETS, OCTETS("\x09\xfd"), 0, "09fd", NULL, PLAIN },
    { "a cause by its number", "ps_cause", WN_FORM_INTEGER, OCTETS("\x04"), WN_CAUSE_ABNORMAL, NULL, NULL, PLAIN },
    { "IPv4", "ip", WN_FORM_IP, OCTETS("\x80\x04\xc0\x00\x02\x01"), 0, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01", NULL, PLAIN },
    { "IPv4 as text", "ip", WN_FORM_IP, OCTETS("\x82\x09" "192.0.2.1"), 0, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01", NULL, PLAIN },
    { "IPv6", "ip", WN_FORM_IP, OCTETS("\x81\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), 0, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", NULL, PLAIN },
    { "IPv6 as text", "ip", WN_FORM_IP, OCTETS("\x83\x0b" "2001:db8::1"), 0, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", NULL, PLAIN },
    { "IPv6 with the length of its prefix", "ip", WN_FORM_IP, OCTETS("\xa4\x15\x04\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x01\x38"), 0, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", NULL, PLAIN },
    { "an address that is cut", "ip", WN_FORM_IP, OCTETS("\x80\x04\xc0\x00"), 0, NULL, "bad-ber", PLAIN },
    { "an address with a prefix that is cut", "ip", WN_FORM_IP, OCTETS("\xa4\x02\x04\x10"), 0, NULL, "bad-ber", PLAIN },
    { "no address", "ip", WN_FORM_IP, OCTETS("\x82\x03" "abc"), 0, NULL, "bad-identifier", PLAIN },
};
// clang-format on

static const struct wn_conversion *find(const char *name)
{
    const struct wn_conversion *conversion;
    for (unsigned i = 0; (conversion = wn_conversion_at(i)) != NULL; i++) {
        if (strcmp(conversion->name, name) == 0) {
            return conversion;
        }
    }
    fail_msg("no conversion %s", name);
    return NULL;
}

static enum wn_kind kind_of(const struct wn_conversion *conversion)
{
    unsigned kind = 0;
    while ((conversion->kinds >> kind & 1) == 0) {
        kind++;
    }
    return (enum wn_kind)kind;
}

/** As an entry of a source does it. */
static enum wn_code convert(const struct row *row, struct wn_converting *how,
                            struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    const struct wn_conversion *conversion = find(row->as);
    const struct wn_taken taken = { .form = (uint8_t)row->form, .text = row->octets };
    struct wn_slice text;
    how->kind = kind_of(conversion);
    how->form = taken.form;
    if ((conversion->forms >> row->form & 1) != 0) {
        return conversion->coded(how, row->octets, ret_value, ret_present, err);
    }
    assert_int_equal(wn_taken_text(&taken, how->arena, &text, err), WN_OK);
    return conversion->convert(how, text, ret_value, ret_present, err);
}

static void check(void **state)
{
    const struct row *row = *state;
    const struct wn_site site = wn_site_default();
    const struct wn_number_rules rules = { 0 };
    WN_CLEANUP(wn_zone_closep) struct wn_zone *zone = NULL;
    struct wn_arena arena = { 0 };
    struct wn_error err;
    assert_int_equal(wn_zone_open("Europe/Amsterdam", &zone, &err), WN_OK);
    const struct wn_source_plan plan = {
        .reading = { .site = &site, .numbers = &rules },
        .clock = { .zone = zone },
        .decimal = '.',
        .raw_unsigned = row->mode == RAW_UNSIGNED,
        .offsets_by_zone = row->mode == BY_ZONE,
    };
    struct wn_converting how = { .plan = &plan, .arena = &arena };
    struct wn_value value = { 0 };
    bool present = false;

    const enum wn_code rc = convert(row, &how, &value, &present, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
    } else {
        assert_int_equal(rc, WN_OK);
        const bool is_absent = row->text && row->text[0] == '\0' && value.text.len == 0;
        assert_int_equal(present, !is_absent);
        if (present && row->text) {
            assert_memory_equal(value.text.at, row->text, value.text.len);
            assert_true(value.text.len == 16 || value.text.len == strlen(row->text));
        } else if (present) {
            assert_int_equal(value.number, row->number);
        }
    }
    wn_arena_deinit(&arena);
}

int main(void)
{
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    return wn_run_tests("convert", &all);
}
