// SPDX-License-Identifier: Apache-2.0

/** Values in octets: each coding by answers known from its standard, and what writers get wrong. */

#include <stdio.h>

#include "table.h"
#include "winnow/coded.h"
#include "winnow/number.h"

/** Octets written as a literal. */
#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

typedef enum wn_code reader(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err);

static const struct wn_number_rules strict = { 0 };
static const struct wn_number_rules lenient = { .keeps_class = true };

struct identity_row {
    const char *name;
    reader *read;
    struct wn_slice octets;
    struct wn_slice canonical; ///< Empty: absent, or refused.
    const char *reason;        ///< NULL: not refused.
};

static const struct identity_row identity_rows[] = {
    { "an IMSI of 15 digits", wn_imsi_octets, OCTETS("\x00\x01\x01\x21\x43\x65\x87\xf9"),
      OCTETS("001010123456789"), NULL },
    { "an IMSI of a real test node", wn_imsi_octets, OCTETS("\x13\x00\x21\x00\x00\x00\x00\xf0"),
      OCTETS("310012000000000"), NULL },
    { "an IMSI of 14 digits without filler", wn_imsi_octets, OCTETS("\x02\x94\x08\x00\x00\x10\x32"),
      OCTETS("20498000000123"), NULL },
    { "an IMSI of 14 digits with an octet of filler", wn_imsi_octets,
      OCTETS("\x02\x94\x08\x00\x00\x10\x32\xff"), OCTETS("20498000000123"), NULL },
    { "an IMSI in ASCII", wn_imsi_octets, OCTETS("204980000000123"), OCTETS("204980000000123"),
      NULL },
    { "an IMSI in ASCII with the prefix of 5G", wn_imsi_octets, OCTETS("imsi-204980000000123"),
      OCTETS("204980000000123"), NULL },
    { "an IMSI in ASCII of 16 digits is none", wn_imsi_octets, OCTETS("2049800000001234"),
      OCTETS(""), "bad-identifier" },
    { "an IMSI of filler is absent", wn_imsi_octets, OCTETS("\xff\xff\xff\xff\xff\xff\xff\xff"),
      OCTETS(""), NULL },
    { "an IMSI without octets is absent", wn_imsi_octets, OCTETS(""), OCTETS(""), NULL },
    { "an IMSI of zeros is absent", wn_imsi_octets, OCTETS("\0\0\0\0\0\0\0\xf0"), OCTETS(""),
      NULL },
    { "an IMSI with a half octet of a", wn_imsi_octets, OCTETS("\x02\x94\x08\x00\x00\x0a\x10\xf2"),
      OCTETS(""), "bad-bcd" },
    { "an IMSI with a filler in the middle", wn_imsi_octets,
      OCTETS("\x02\x94\xf8\x00\x00\x10\x32\xf4"), OCTETS(""), "bad-bcd" },
    { "an IMSI of 16 digits without filler", wn_imsi_octets,
      OCTETS("\x02\x94\x08\x00\x00\x10\x32\x54"), OCTETS(""), "bad-identifier" },
    { "an IMSI of nine octets", wn_imsi_octets, OCTETS("\x02\x94\x08\x00\x00\x10\x32\x54\x76"),
      OCTETS(""), "bad-identifier" },
    { "an IMSI of two octets", wn_imsi_octets, OCTETS("\x02\x94"), OCTETS(""), "bad-identifier" },

    { "an IMEISV", wn_imei_octets, OCTETS("\x53\x02\x99\x00\x71\x16\x84\x32"),
      OCTETS("35209900176148"), NULL },
    { "an IMEI with its check digit", wn_imei_octets, OCTETS("\x53\x02\x99\x00\x71\x16\x84\xf1"),
      OCTETS("35209900176148"), NULL },
    { "an IMEI with 0 and a filler", wn_imei_octets, OCTETS("\x53\x02\x99\x00\x71\x16\x84\xf0"),
      OCTETS("35209900176148"), NULL },
    { "an IMEI with a filler and 0", wn_imei_octets, OCTETS("\x53\x02\x99\x00\x71\x16\x84\x0f"),
      OCTETS("35209900176148"), NULL },
    { "an IMEI of seven octets", wn_imei_octets, OCTETS("\x53\x02\x99\x00\x71\x16\x84"),
      OCTETS("35209900176148"), NULL },
    { "an IMEI in ASCII", wn_imei_octets, OCTETS("352099001761481"), OCTETS("35209900176148"),
      NULL },
    { "an IMEISV as 5G writes it", wn_imei_octets, OCTETS("imeisv-3520990017614823"),
      OCTETS("35209900176148"), NULL },
    { "an IMEI as 5G writes it", wn_imei_octets, OCTETS("imei-352099001761481"),
      OCTETS("35209900176148"), NULL },
    { "an interface in the place of a device", wn_imei_octets, OCTETS("mac-00-00-5e-00-53-00"),
      OCTETS(""), "bad-identifier" },
    { "an IMEI of zeros is absent", wn_imei_octets, OCTETS("\0\0\0\0\0\0\0\xf0"), OCTETS(""),
      NULL },
    { "an IMEI of filler is absent", wn_imei_octets, OCTETS("\xff\xff\xff\xff\xff\xff\xff\xff"),
      OCTETS(""), NULL },
    { "an IMEI with a half octet of b", wn_imei_octets, OCTETS("\x53\x02\xb9\x00\x71\x16\x84\x32"),
      OCTETS(""), "bad-bcd" },
    { "an IMEI of six octets", wn_imei_octets, OCTETS("\x53\x02\x99\x00\x71\x16"), OCTETS(""),
      "bad-identifier" },

    { "a network with an MNC of two digits", wn_plmn_octets, OCTETS("\x02\xf4\x40"),
      OCTETS("204-04"), NULL },
    { "the test network", wn_plmn_octets, OCTETS("\x00\xf1\x10"), OCTETS("001-01"), NULL },
    { "a network with an MNC of three digits", wn_plmn_octets, OCTETS("\x13\x20\x10"),
      OCTETS("310-012"), NULL },
    { "three digits that begin with 0 stay three", wn_plmn_octets, OCTETS("\x02\x14\x00"),
      OCTETS("204-001"), NULL },
    { "a network of filler is absent", wn_plmn_octets, OCTETS("\xff\xff\xff"), OCTETS(""), NULL },
    { "a network of zeros is absent", wn_plmn_octets, OCTETS("\0\0\0"), OCTETS(""), NULL },
    { "a network with a half octet of a", wn_plmn_octets, OCTETS("\x0a\xf4\x40"), OCTETS(""),
      "bad-bcd" },
    { "a network with a filler for its second digit", wn_plmn_octets, OCTETS("\x02\xf4\xf0"),
      OCTETS(""), "bad-bcd" },
    { "a network of two octets", wn_plmn_octets, OCTETS("\x02\xf4"), OCTETS(""), "bad-identifier" },
    { "the network of a location of E-UTRAN", wn_location_plmn_octets,
      OCTETS("\x18\x02\xf4\x89\x12\x34\x02\xf4\x89\x00\xab\xcd\x01"), OCTETS("204-98"), NULL },
    { "the network of a location of UTRAN", wn_location_plmn_octets,
      OCTETS("\x01\x13\x20\x10\x12\x34\xab\xcd"), OCTETS("310-012"), NULL },
    { "a location without octets is absent", wn_location_plmn_octets, OCTETS(""), OCTETS(""),
      NULL },
    { "a location that is cut", wn_location_plmn_octets, OCTETS("\x18\x02\xf4"), OCTETS(""),
      "bad-identifier" },

    { "an IPv4 address", wn_ip_octets, OCTETS("\xc0\x00\x02\x01"),
      OCTETS("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01"), NULL },
    { "an IPv6 address", wn_ip_octets, OCTETS("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"),
      OCTETS("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), NULL },
    { "an address of zeros is absent", wn_ip_octets, OCTETS("\0\0\0\0"), OCTETS(""), NULL },
    { "an address of five octets", wn_ip_octets, OCTETS("\xc0\x00\x02\x01\x01"), OCTETS(""),
      "bad-identifier" },
};

static void check_identity(void **state)
{
    const struct identity_row *row = *state;
    const struct wn_site site = wn_site_default();
    const struct wn_reading how = { .site = &site, .numbers = &strict };
    struct wn_arena arena = { 0 };
    struct wn_value value = { 0 };
    struct wn_error err;
    bool present = false;

    const enum wn_code rc = row->read(&how, row->octets, &arena, &value, &present, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(present, row->canonical.len > 0);
        if (present) {
            assert_int_equal(value.text.len, row->canonical.len);
            assert_memory_equal(value.text.at, row->canonical.at, value.text.len);
        }
    }
    wn_arena_deinit(&arena);
}

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
struct number_row {
    const char *name;
    enum wn_address_coding coding;
    struct wn_slice octets;
    const char *digits; ///< "": absent, or a class without digits.
    enum wn_number_class class;
    uint8_t marks;
    const char *reason; ///< NULL: not refused.
    const char *text;   ///< As conditions see it; NULL: not looked at.
};

#define STRING WN_ADDRESS_STRING
#define DIRECTORY WN_ADDRESS_DIRECTORY
#define SMS WN_ADDRESS_SMS
#define E164 WN_MARK_E164
#define ASKED WN_MARK_WITHHELD

// clang-format off
static const struct number_row number_rows[] = {
    { "an international number", STRING, OCTETS("\x91\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, "+447700900123" },
    { "an own number", STRING, OCTETS("\x91\x13\x16\x32\x54\x76\xf8"), "31612345678", WN_NUMBER_MOBILE, E164, NULL, "+31612345678" },
    { "a national number", STRING, OCTETS("\xa1\x16\x32\x54\x76\xf8"), "31612345678", WN_NUMBER_MOBILE, E164, NULL, "612345678" },
    { "a national number with the trunk prefix left in", STRING, OCTETS("\xa1\x60\x21\x43\x65\x87"), "31612345678", WN_NUMBER_MOBILE, E164, NULL, NULL },
    { "a free number with the trunk prefix left in", DIRECTORY, OCTETS("\xa1\x80\x00\x40\x23"), "318000432", WN_NUMBER_FREEPHONE, E164, NULL, NULL },
    { "a national number with an exit code is as dialled", DIRECTORY, OCTETS("\xa1\x00\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, NULL },
    { "an international number with an exit code left in", DIRECTORY, OCTETS("\x91\x00\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, NULL },
    { "digits as dialled, abroad", DIRECTORY, OCTETS("\x81\x00\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, "00447700900123" },
    { "digits as dialled, at home", DIRECTORY, OCTETS("\x81\x60\x21\x43\x65\x87"), "31612345678", WN_NUMBER_MOBILE, E164, NULL, "0612345678" },
    { "a call for help", DIRECTORY, OCTETS("\x81\x11\xf2"), "112", WN_NUMBER_EMERGENCY, 0, NULL, "112" },
    { "a call for help that is flagged international", DIRECTORY, OCTETS("\x91\x11\xf2"), "112", WN_NUMBER_EMERGENCY, 0, NULL, NULL },
    { "a call for help that is flagged national", DIRECTORY, OCTETS("\xa1\x11\xf2"), "112", WN_NUMBER_EMERGENCY, 0, NULL, NULL },
    { "a helpline", DIRECTORY, OCTETS("\x81\x11\xf3"), "113", WN_NUMBER_HARMONISED, 0, NULL, NULL },
    { "a helpline behind the country code", DIRECTORY, OCTETS("\x91\x13\x11\xf3"), "113", WN_NUMBER_HARMONISED, 0, NULL, NULL },
    { "a helpline that is flagged national", DIRECTORY, OCTETS("\xa1\x11\x16\x32"), "116123", WN_NUMBER_HARMONISED, 0, NULL, NULL },
    { "a restricted caller", DIRECTORY, OCTETS("\x11\xa0\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164 | ASKED, NULL, "+447700900123" },
    { "an allowed caller, octet 3a", DIRECTORY, OCTETS("\x11\x83\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, NULL },
    { "a caller that is not available", DIRECTORY, OCTETS("\x01\xc3"), "", WN_NUMBER_WITHHELD, 0, NULL, "" },
    { "a restricted caller without digits", DIRECTORY, OCTETS("\x01\xa0"), "", WN_NUMBER_WITHHELD, ASKED, NULL, "" },
    { "a directory number that is cut before octet 3a", DIRECTORY, OCTETS("\x11"), "", WN_NUMBER_WITHHELD, 0, "bad-identifier", "" },
    { "a type without digits is absent", STRING, OCTETS("\x91"), "", WN_NUMBER_WITHHELD, 0, NULL, "" },
    { "nothing is absent", STRING, OCTETS(""), "", WN_NUMBER_WITHHELD, 0, NULL, "" },
    { "filler is absent", STRING, OCTETS("\xff\xff\xff"), "", WN_NUMBER_WITHHELD, 0, NULL, "" },
    { "zeros are absent", DIRECTORY, OCTETS("\x81\x00\x00"), "", WN_NUMBER_WITHHELD, 0, NULL, NULL },
    { "a supplementary service is a feature without digits", DIRECTORY, OCTETS("\x81\x2a\xa1\x60\x21\x43\x65\x87\xfb"), "", WN_NUMBER_FEATURE, 0, NULL, "*21*0612345678#" },
    { "the letters of the keypad are no number", DIRECTORY, OCTETS("\x81\x21\xdc"), "", WN_NUMBER_FEATURE, 0, NULL, "12ab" },
    { "a filler in the middle", STRING, OCTETS("\x91\x44\xf7\x00\x09"), "", WN_NUMBER_WITHHELD, 0, "bad-bcd", "" },
    { "digits of no form", DIRECTORY, OCTETS("\x81\x77\x77\x77\x77"), "", WN_NUMBER_WITHHELD, 0, "bad-identifier", "77777777" },
    { "more digits than a number has", STRING, OCTETS("\x91\x44\x77\x00\x09\x10\x32\x54\x76\x98"), "", WN_NUMBER_WITHHELD, 0, "bad-identifier", NULL },

    { "a short message abroad", SMS, OCTETS("\x0c\x91\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, "+447700900123" },
    { "an odd count of digits", SMS, OCTETS("\x0b\x91\x21\x20\x55\x05\x71\xf8"), "12025550178", WN_NUMBER_INTERNATIONAL, E164, NULL, NULL },
    { "an odd count whose last half is no filler", SMS, OCTETS("\x0b\x91\x21\x20\x55\x05\x71\x08"), "12025550178", WN_NUMBER_INTERNATIONAL, E164, NULL, NULL },
    { "padding behind the digits", SMS, OCTETS("\x0b\x91\x21\x20\x55\x05\x71\xf8\xff\xff"), "12025550178", WN_NUMBER_INTERNATIONAL, E164, NULL, NULL },
    { "a short message as dialled", SMS, OCTETS("\x0a\x81\x60\x21\x43\x65\x87"), "31612345678", WN_NUMBER_MOBILE, E164, NULL, NULL },
    { "a short code", SMS, OCTETS("\x04\x81\x21\x43"), "1234", WN_NUMBER_SHORT, 0, NULL, NULL },
    { "a length that is missing", SMS, OCTETS("\x91\x44\x77\x00\x09\x10\x32"), "447700900123", WN_NUMBER_INTERNATIONAL, E164, NULL, "+447700900123" },
    { "letters are no number", SMS, OCTETS("\x07\xd0\xd4\x20\x56\x09"), "", WN_NUMBER_ALPHANUMERIC, 0, NULL, "" },
    { "letters without a length", SMS, OCTETS("\xd0\xd4\x20\x56\x09"), "", WN_NUMBER_ALPHANUMERIC, 0, NULL, "" },
    { "a length that goes past the end", SMS, OCTETS("\x0c\x91\x44\x77"), "", WN_NUMBER_WITHHELD, 0, "bad-identifier", "" },
    { "a type of number alone", SMS, OCTETS("\x00\x91"), "", WN_NUMBER_WITHHELD, 0, NULL, "" },
};
// clang-format on

static void check_number_by(const struct number_row *row, const struct wn_number_rules *rules)
{
    const struct wn_site site = wn_site_default();
    const struct wn_reading how = { .site = &site, .numbers = rules };
    struct wn_arena arena = { 0 };
    struct wn_value value = { 0 };
    struct wn_error err;
    bool present = false;

    const enum wn_code rc =
        wn_address_read(row->coding, &how, row->octets, &arena, &value, &present, &err);
    if (row->reason && !rules->keeps_class) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
        assert_false(present);
    } else if (row->reason) {
        assert_int_equal(rc, WN_OK);
        assert_true(present);
        assert_int_equal(value.class, WN_NUMBER_UNKNOWN);
        assert_int_equal(value.text.len, 0);
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(present, row->class != WN_NUMBER_WITHHELD);
        assert_int_equal(value.class, row->class);
        assert_int_equal(value.marks, row->marks);
        assert_true(wn_slice_is(value.text, row->digits));
    }
    if (row->text) {
        assert_true(wn_slice_is(wn_address_text(row->coding, row->octets, &arena), row->text));
    }
    wn_arena_deinit(&arena);
}

static void check_number(void **state)
{
    check_number_by(*state, &strict);
    check_number_by(*state, &lenient);
}

static void address_of_other_countries(void **state)
{
    // Italy has no trunk prefix: the zero belongs to the number.
    static const char octets[] = "\xa1\x60\x20\x43\x65\x87";
    struct wn_site site = wn_site_default();
    snprintf(site.country, sizeof(site.country), "39");
    const struct wn_reading how = { .site = &site, .numbers = &strict };
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err;
    bool present;

    (void)state;
    assert_int_equal(wn_address_read(WN_ADDRESS_STRING, &how,
                                     (struct wn_slice){ octets, sizeof(octets) - 1 }, &arena,
                                     &value, &present, &err),
                     WN_OK);
    assert_true(wn_slice_is(value.text, "390602345678"));
    wn_arena_deinit(&arena);
}

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
struct stamp_row {
    const char *name;
    struct wn_slice octets;
    int64_t utc_ms;     ///< 0: absent, or refused.
    int64_t later_ms;   ///< Of two; 0: the same.
    int32_t offset_min; ///< -1: none in it.
    const char *reason;
    const char *text; ///< NULL: not looked at.
    bool by_zone;
    bool no_zone;
};

// clang-format off
static const struct stamp_row stamp_rows[] = {
    { "the first of the hour that comes twice", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x02\x00"), 1792888200000, 0, 120, NULL, "2026-10-25T02:30:00+02:00", false, true },
    { "the second of it", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x01\x00"), 1792891800000, 0, 60, NULL, NULL, false, true },
    { "a stamp of a real record", OCTETS("\x15\x02\x25\x16\x38\x44\x2b\x00\x00"), 1424882324000, 0, 0, NULL, NULL, false, true },
    { "minus nought", OCTETS("\x15\x02\x25\x16\x38\x44\x2d\x00\x00"), 1424882324000, 0, 0, NULL, "2015-02-25T16:38:44-00:00", false, true },
    { "west of UTC, half an hour", OCTETS("\x15\x02\x25\x13\x08\x44\x2d\x03\x30"), 1424882324000, 0, -210, NULL, NULL, false, true },
    { "east of UTC, a quarter of an hour", OCTETS("\x15\x02\x25\x22\x23\x44\x2b\x05\x45"), 1424882324000, 0, 345, NULL, NULL, false, true },
    { "as far east as there is", OCTETS("\x15\x02\x26\x06\x38\x44\x2b\x14\x00"), 1424882324000, 0, 840, NULL, NULL, false, true },
    { "second 60 is 59", OCTETS("\x16\x12\x31\x23\x59\x60\x2b\x00\x00"), 1483228799000, 0, 0, NULL, NULL, false, true },
    { "six octets are of the zone", OCTETS("\x26\x07\x01\x12\x00\x00"), 1782900000000, 0, -1, NULL, "2026-07-01T12:00:00", false, false },
    { "six octets in the hour that comes twice", OCTETS("\x26\x10\x25\x02\x30\x00"), 1792888200000, 1792891800000, -1, NULL, NULL, false, false },
    { "six octets in the hour that spring skips", OCTETS("\x26\x03\x29\x02\x30\x00"), 0, 0, -1, "time-nonexistent", NULL, false, false },
    { "six octets without a zone", OCTETS("\x26\x07\x01\x12\x00\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "an offset that is not to be trusted", OCTETS("\x26\x07\x01\x12\x00\x00\x2b\x99\x77"), 1782900000000, 0, -1, NULL, NULL, true, false },
    { "nothing is absent", OCTETS(""), 0, 0, -1, NULL, "", false, true },
    { "zeros are absent", OCTETS("\0\0\0\0\0\0\0\0\0"), 0, 0, -1, NULL, NULL, false, true },
    { "zeros with an offset are absent", OCTETS("\0\0\0\0\0\0\x2b\0\0"), 0, 0, -1, NULL, NULL, false, true },
    { "ones are absent", OCTETS("\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0, 0, -1, NULL, NULL, false, true },
    { "binary in place of digits", OCTETS("\x1a\x0a\x19\x02\x1e\x00\x2b\x02\x00"), 0, 0, -1, "bad-bcd", "201?-0?-19T02:1?:00+02:00", false, true },
    { "an offset in binary", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x0a\x00"), 0, 0, -1, "bad-bcd", NULL, false, true },
    { "a clock at 1970", OCTETS("\x70\x01\x01\x00\x00\x07\x2b\x00\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "a clock at 2000", OCTETS("\x00\x01\x01\x00\x00\x07\x2b\x00\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "month 0", OCTETS("\x26\x00\x25\x02\x30\x00\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "month 13", OCTETS("\x26\x13\x25\x02\x30\x00\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "day 0", OCTETS("\x26\x10\x00\x02\x30\x00\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "30 February", OCTETS("\x26\x02\x30\x02\x30\x00\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "hour 24", OCTETS("\x26\x10\x25\x24\x00\x00\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "minute 60", OCTETS("\x26\x10\x25\x02\x60\x00\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "second 61", OCTETS("\x26\x10\x25\x02\x30\x61\x2b\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "no sign", OCTETS("\x26\x10\x25\x02\x30\x00\x00\x02\x00"), 0, 0, -1, "bad-time", NULL, false, true },
    { "over 14 hours", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x14\x15"), 0, 0, -1, "bad-time", NULL, false, true },
    { "minutes of seconds", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x02\x70"), 0, 0, -1, "bad-time", NULL, false, true },
    { "minutes of no zone", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x02\x20"), 0, 0, -1, "bad-time", NULL, false, true },
    { "eight octets", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x02"), 0, 0, -1, "bad-time", "", false, true },
    { "ten octets", OCTETS("\x26\x10\x25\x02\x30\x00\x2b\x02\x00\x00"), 0, 0, -1, "bad-time", "", false, true },
    { "three octets", OCTETS("\x26\x10\x25"), 0, 0, -1, "bad-time", "", false, true },
};
// clang-format on

static void check_stamp(void **state)
{
    const struct stamp_row *row = *state;
    WN_CLEANUP(wn_zone_closep) struct wn_zone *zone = NULL;
    struct wn_arena arena = { 0 };
    struct wn_stamp stamp;
    struct wn_error err;
    bool present = false;

    if (!row->no_zone) {
        assert_int_equal(wn_zone_open("Europe/Amsterdam", &zone, &err), WN_OK);
    }
    const struct wn_clock clock = { .zone = zone };
    const enum wn_code rc =
        wn_stamp_octets(row->octets, &clock, row->by_zone, &stamp, &present, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(present, row->utc_ms != 0);
        assert_int_equal(stamp.instants.ms, row->utc_ms);
        assert_int_equal(stamp.instants.later_ms, row->later_ms ? row->later_ms : row->utc_ms);
        assert_int_equal(stamp.has_offset, row->offset_min != -1);
        assert_int_equal(stamp.offset_min, stamp.has_offset ? row->offset_min : 0);
    }
    if (row->text) {
        assert_true(wn_slice_is(wn_stamp_text(row->octets, &arena), row->text));
    }
    wn_arena_deinit(&arena);
}

static void a_leap_second_is_told(void **state)
{
    static const char octets[] = "\x16\x12\x31\x23\x59\x60\x2b\x00";
    const struct wn_clock clock = { 0 };
    struct wn_stamp stamp;
    struct wn_error err;
    bool present;

    (void)state;
    assert_int_equal(wn_stamp_octets((struct wn_slice){ octets, sizeof(octets) }, &clock, false,
                                     &stamp, &present, &err),
                     WN_OK);
    assert_true(stamp.is_leap);
}

struct zone_row {
    const char *name;
    struct wn_slice octets;
    int32_t minutes;
    bool is_refused;
};

static const struct zone_row zone_rows[] = {
    { "two hours, one of them summer", OCTETS("\x80\x01"), 120, false },
    { "five hours west", OCTETS("\x0a\x00"), -300, false },
    { "a quarter of an hour", OCTETS("\x32\x00"), 345, false },
    { "one hour, no second octet", OCTETS("\x40"), 60, false },
    { "UTC", OCTETS("\x00\x00"), 0, false },
    { "as far as there is", OCTETS("\x65\x00"), 840, false },
    { "over 14 hours", OCTETS("\x75\x00"), 0, true },
    { "no digit", OCTETS("\xa0\x00"), 0, true },
    { "filler", OCTETS("\xff\xff"), 0, true },
    { "three octets", OCTETS("\x40\x00\x00"), 0, true },
    { "nothing", OCTETS(""), 0, true },
};

static void check_zone(void **state)
{
    const struct zone_row *row = *state;
    struct wn_error err;
    int32_t minutes = 0;
    const enum wn_code rc = wn_time_tz_octets(row->octets, &minutes, &err);
    assert_int_equal(rc, row->is_refused ? WN_REJECT : WN_OK);
    assert_int_equal(minutes, row->minutes);
    if (row->is_refused) {
        assert_string_equal(err.reason, "bad-time");
    }
}

struct integer_row {
    const char *name;
    struct wn_slice octets;
    int64_t count;  ///< As a count; -1: refused.
    int64_t number; ///< Unsigned; -1: refused.
};

static const struct integer_row integer_rows[] = {
    { "nought", OCTETS("\x00"), 0, 0 },
    { "one octet", OCTETS("\x7f"), 127, 127 },
    { "minus one", OCTETS("\xff"), -1, 255 },
    { "two octets", OCTETS("\x00\xff"), 255, 255 },
    { "an identity with its top bit set", OCTETS("\x80\x00\x00\x06"), -1, 2147483654 },
    { "the same with a zero in front", OCTETS("\x00\x80\x00\x00\x06"), 2147483654, 2147483654 },
    { "the same in eight octets", OCTETS("\0\0\0\0\x80\x00\x00\x06"), 2147483654, 2147483654 },
    { "nine octets", OCTETS("\x00\x00\x00\x00\x00\x00\x00\x00\x07"), 7, 7 },
    { "twelve octets", OCTETS("\0\0\0\0\0\0\0\x02\0\0\0\0"), 8589934592, 8589934592 },
    { "63 bits", OCTETS("\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX, INT64_MAX },
    { "64 bits", OCTETS("\x00\xff\xff\xff\xff\xff\xff\xff\xff"), -1, -1 },
    { "65 bits", OCTETS("\x01\0\0\0\0\0\0\0\0"), -1, -1 },
    { "nothing", OCTETS(""), -1, -1 },
};

static void check_integer(void **state)
{
    const struct integer_row *row = *state;
    struct wn_error err = { 0 };
    int64_t number = -1;

    enum wn_code rc = wn_integer_octets(row->octets, WN_INTEGER_COUNT, &number, &err);
    assert_int_equal(rc, row->count < 0 ? WN_REJECT : WN_OK);
    assert_int_equal(number, row->count);
    number = -1;
    rc = wn_integer_octets(row->octets, WN_INTEGER_UNSIGNED, &number, &err);
    assert_int_equal(rc, row->number < 0 ? WN_REJECT : WN_OK);
    assert_int_equal(number, row->number);
    assert_true(row->count >= 0 || strcmp(err.reason, "bad-integer") == 0);
}

struct bits_row {
    const char *name;
    struct wn_slice octets;
    unsigned set, clear; ///< A bit of each.
};

static const struct bits_row bits_rows[] = {
    { "recordClosure of 38 bits", OCTETS("\x02\x00\x00\x00\x80\x00"), 24, 3 },
    { "two bits", OCTETS("\x02\x10\x00\x00\x80\x00"), 3, 4 },
    { "the last bit", OCTETS("\x02\x00\x00\x00\x00\x04"), 37, 38 },
    { "unused bits count for nothing", OCTETS("\x02\x80\x00\x00\x00\x03"), 0, 38 },
};

static void check_bits(void **state)
{
    const struct bits_row *row = *state;
    assert_true(wn_bits_has(row->octets, row->set));
    assert_false(wn_bits_has(row->octets, row->clear));
    assert_false(wn_bits_has(row->octets, 4000000));
}

static void bits_that_are_none(void **state)
{
    static const char odd[] = "\x09\xff";
    (void)state;
    assert_false(wn_bits_has((struct wn_slice){ 0 }, 0));
    assert_false(wn_bits_has((struct wn_slice){ odd, 1 }, 0));
    assert_false(wn_bits_has((struct wn_slice){ odd, 2 }, 0));
}

static void addresses_as_text(void **state)
{
    static const char v4[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x0d";
    static const char v6[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01";
    struct wn_arena arena = { 0 };
    (void)state;
    assert_true(wn_slice_is(wn_ip_text((struct wn_slice){ v4, 16 }, &arena), "192.0.2.13"));
    assert_true(wn_slice_is(wn_ip_text((struct wn_slice){ v6, 16 }, &arena), "2001:db8::1"));
    assert_int_equal(wn_ip_text((struct wn_slice){ v6, 4 }, &arena).len, 0);
    wn_arena_deinit(&arena);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(address_of_other_countries),
        cmocka_unit_test(a_leap_second_is_told),
        cmocka_unit_test(bits_that_are_none),
        cmocka_unit_test(addresses_as_text),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, identity_rows, check_identity);
    WN_ADD_TABLE(&all, number_rows, check_number);
    WN_ADD_TABLE(&all, stamp_rows, check_stamp);
    WN_ADD_TABLE(&all, zone_rows, check_zone);
    WN_ADD_TABLE(&all, integer_rows, check_integer);
    WN_ADD_TABLE(&all, bits_rows, check_bits);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("coded", &all);
}
