// SPDX-License-Identifier: Apache-2.0

/** Numbers as switches write them, against answers made by hand from the numbering plan. */

#include "table.h"
#include "winnow/number.h"

/** Sites and sources that the rows name. */
enum {
    NL,
    NL_INTERNATIONAL,
    NL_NATIONAL,
    NL_PBX,
    GB,
    IT,
    US,
    DE
};

struct row {
    const char *name;
    const char *text;
    int where;
    const char *digits; ///< NULL: the record is refused; "": none.
    enum wn_number_class class;
    bool e164;
};

static const struct row rows[] = {
    { "takes the prefix of 5G off", "msisdn-447700900123", NL, "447700900123",
      WN_NUMBER_INTERNATIONAL, true },
    { "takes digits behind the prefix of 5G with their country code", "msisdn-31610000000", NL,
      "31610000000", WN_NUMBER_MOBILE, true },
    // Every class of the Netherlands, as dialled.
    { "knows a geographic number", "020 6000000", NL, "31206000000", WN_NUMBER_GEOGRAPHIC, true },
    { "knows a number of area 010", "0106000000", NL, "31106000000", WN_NUMBER_GEOGRAPHIC, true },
    { "knows a number of area 03", "0306000000", NL, "31306000000", WN_NUMBER_GEOGRAPHIC, true },
    { "knows a number of area 04", "0406000000", NL, "31406000000", WN_NUMBER_GEOGRAPHIC, true },
    { "knows a number of area 05", "0506000000", NL, "31506000000", WN_NUMBER_GEOGRAPHIC, true },
    { "knows a number of area 07", "0706000000", NL, "31706000000", WN_NUMBER_GEOGRAPHIC, true },
    { "knows mobile 061", "0610000000", NL, "31610000000", WN_NUMBER_MOBILE, true },
    { "knows mobile 062", "0620000000", NL, "31620000000", WN_NUMBER_MOBILE, true },
    { "knows mobile 063", "0630000000", NL, "31630000000", WN_NUMBER_MOBILE, true },
    { "knows mobile 064", "0640000000", NL, "31640000000", WN_NUMBER_MOBILE, true },
    { "knows mobile 065", "0650000000", NL, "31650000000", WN_NUMBER_MOBILE, true },
    { "counts paging 066 as mobile", "0660000000", NL, "31660000000", WN_NUMBER_MOBILE, true },
    { "knows mobile 068", "0680000000", NL, "31680000000", WN_NUMBER_MOBILE, true },
    { "knows no class of 060", "0600000000", NL, "31600000000", WN_NUMBER_UNKNOWN, true },
    { "knows no class of 067", "0670000000", NL, "31670000000", WN_NUMBER_UNKNOWN, true },
    { "knows m2m by its eleven digits", "097000000001", NL, "3197000000001", WN_NUMBER_M2M, true },
    { "takes nine digits of 097 for no m2m", "0970000000", NL, "31970000000", WN_NUMBER_UNKNOWN,
      true },
    { "knows personal 084", "0840000000", NL, "31840000000", WN_NUMBER_PERSONAL, true },
    { "knows personal 087", "0870000000", NL, "31870000000", WN_NUMBER_PERSONAL, true },
    { "knows 085", "0850000000", NL, "31850000000", WN_NUMBER_LOCATION_INDEPENDENT, true },
    { "knows 091", "0910000000", NL, "31910000000", WN_NUMBER_LOCATION_INDEPENDENT, true },
    { "knows a company's 088", "0880000000", NL, "31880000000", WN_NUMBER_COMPANY, true },
    { "knows a private network's 082", "0820000", NL, "31820000", WN_NUMBER_COMPANY, true },
    { "knows a short freephone number", "0800 0000", NL, "318000000", WN_NUMBER_FREEPHONE, true },
    { "knows a long freephone number", "08000000000", NL, "318000000000", WN_NUMBER_FREEPHONE,
      true },
    { "knows a freephone number of the world", "0080000000000", NL, "80000000000",
      WN_NUMBER_FREEPHONE, true },
    { "takes 0800 with nine digits for none", "0800000000", NL, "31800000000", WN_NUMBER_UNKNOWN,
      true },
    { "knows premium 0900", "09000000", NL, "319000000", WN_NUMBER_PREMIUM, true },
    { "knows premium 0906 with ten digits", "09060000000", NL, "319060000000", WN_NUMBER_PREMIUM,
      true },
    { "knows premium 0909", "09090000", NL, "319090000", WN_NUMBER_PREMIUM, true },
    { "knows premium of the world", "+979100000000", NL, "979100000000", WN_NUMBER_PREMIUM, true },
    { "knows directory enquiries", "1850", NL, "1850", WN_NUMBER_DIRECTORY, false },
    { "knows 112", "112", NL, "112", WN_NUMBER_EMERGENCY, false },
    { "knows 911", "911", NL, "911", WN_NUMBER_EMERGENCY, false },
    { "knows 116 numbers", "116000", NL, "116000", WN_NUMBER_HARMONISED, false },
    { "knows 113", "113", NL, "113", WN_NUMBER_HARMONISED, false },
    { "knows a town hall's 14 and area code", "14020", NL, "14020", WN_NUMBER_SHORT, false },
    { "knows 14 and a long area code", "140344", NL, "140344", WN_NUMBER_SHORT, false },
    { "knows 1400", "1400", NL, "1400", WN_NUMBER_SHORT, false },
    { "knows 1412", "1412", NL, "1412", WN_NUMBER_SHORT, false },
    { "knows 144", "144", NL, "144", WN_NUMBER_SHORT, false },
    { "knows an operator's 12xy", "1233", NL, "1233", WN_NUMBER_SHORT, false },
    { "knows a code of short messages", "4004", NL, "4004", WN_NUMBER_SHORT, false },
    { "gives no country code to six digits", "300000", NL_NATIONAL, "300000", WN_NUMBER_SHORT,
      false },
    { "drops the digits of a feature code", "*21*0610000000#", NL, "", WN_NUMBER_FEATURE, false },
    { "drops 113 with a hash", "113#", NL, "", WN_NUMBER_FEATURE, false },
    { "knows an extension", "1001", NL_PBX, "1001", WN_NUMBER_INTERNAL, false },
    { "prefers an extension to directory enquiries", "1850", NL_PBX, "1850", WN_NUMBER_INTERNAL,
      false },
    { "prefers an extension to the trunk prefix", "099", NL_PBX, "099", WN_NUMBER_INTERNAL, false },
    { "knows an extension in a URI", "sip:1001@pbx.example", NL_PBX, "1001", WN_NUMBER_INTERNAL,
      false },
    { "takes 112 for an emergency under any plan of extensions", "112", NL_PBX, "112",
      WN_NUMBER_EMERGENCY, false },
    { "knows the sender of a short message", "Bank 4U", NL, "Bank 4U", WN_NUMBER_ALPHANUMERIC,
      false },
    { "knows satellites", "0088161000000", NL, "88161000000", WN_NUMBER_SATELLITE, true },
    { "knows ships", "+870600000000", NL, "870600000000", WN_NUMBER_SATELLITE, true },
    { "takes 00880 for Bangladesh", "0088017000000", NL, "88017000000", WN_NUMBER_INTERNATIONAL,
      true },
    { "knows a foreign number", "+447700900123", NL, "447700900123", WN_NUMBER_INTERNATIONAL,
      true },
    { "knows no class of an unassigned country code", "+2101234567", NL, "2101234567",
      WN_NUMBER_UNKNOWN, true },

    // Every spelling of one number.
    { "reads +", "+31600000000", NL, "31600000000", WN_NUMBER_UNKNOWN, true },
    { "reads + with separators", "+31 (6) 10-00.00/00", NL, "31610000000", WN_NUMBER_MOBILE, true },
    { "reads 00", "0031610000000", NL, "31610000000", WN_NUMBER_MOBILE, true },
    { "reads 0", "0610000000", NL, "31610000000", WN_NUMBER_MOBILE, true },
    { "refuses bare digits without a rule", "31610000000", NL, NULL, 0, false },
    { "reads bare international digits", "31610000000", NL_INTERNATIONAL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "reads bare national digits", "610000000", NL_NATIONAL, "31610000000", WN_NUMBER_MOBILE,
      true },
    { "reads 0 where bare is international", "0610000000", NL_INTERNATIONAL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "reads 00 where bare is national", "00447700900123", NL_NATIONAL, "447700900123",
      WN_NUMBER_INTERNATIONAL, true },
    { "reads a bare number of North America", "16125550100", NL_INTERNATIONAL, "16125550100",
      WN_NUMBER_INTERNATIONAL, true },
    { "reads tel:", "tel:+31-6-1000-0000", NL, "31610000000", WN_NUMBER_MOBILE, true },
    { "reads TEL: in capitals", "TEL:0610000000", NL, "31610000000", WN_NUMBER_MOBILE, true },
    { "reads a routing number's parameters away", "tel:+31610000000;npdi;rn=+31970000001", NL,
      "31610000000", WN_NUMBER_MOBILE, true },
    { "reads phone-context as the prefix", "tel:0610000000;phone-context=+31", NL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "reads a foreign phone-context", "tel:7700900123;phone-context=+44", NL, "447700900123",
      WN_NUMBER_INTERNATIONAL, true },
    { "gives a short code of abroad its context", "tel:900123;phone-context=+447700", NL,
      "447700900123", WN_NUMBER_INTERNATIONAL, true },
    { "keeps a short code of its own country", "tel:112;phone-context=+31", NL, "112",
      WN_NUMBER_EMERGENCY, false },
    { "reads a phone-context that is a domain", "tel:0610000000;phone-context=ims.example", NL,
      "31610000000", WN_NUMBER_MOBILE, true },
    { "reads sip:", "sip:+31610000000@ims.example;user=phone", NL, "31610000000", WN_NUMBER_MOBILE,
      true },
    { "reads sips: with an escaped +", "<sips:%2B31610000000@ims.example>", NL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "reads a user part with phone-context", "sip:0610000000;phone-context=+31@ims.example", NL,
      "31610000000", WN_NUMBER_MOBILE, true },
    { "reads user@host without a scheme", "+31610000000@ims.example", NL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "drops the name before an address", "Alice <sip:+31610000000@ims.example>", NL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "drops a person's name in an address", "sip:alice@ims.example", NL, "",
      WN_NUMBER_ALPHANUMERIC, false },
    { "drops the name of user@host", "alice@ims.example", NL, "", WN_NUMBER_ALPHANUMERIC, false },
    { "strips a carrier's code before a national number", "16550610000000", NL, "31610000000",
      WN_NUMBER_MOBILE, true },
    { "strips a carrier's code before a foreign number", "165500447700900123", NL, "447700900123",
      WN_NUMBER_INTERNATIONAL, true },
    { "strips a carrier's code before 113", "1655113", NL, "113", WN_NUMBER_HARMONISED, false },
    { "strips a carrier's code before 112", "1655112", NL, "112", WN_NUMBER_EMERGENCY, false },
    { "reads 113 behind +31", "+31113", NL, "113", WN_NUMBER_HARMONISED, false },
    { "reads 113 behind 0031", "0031113", NL, "113", WN_NUMBER_HARMONISED, false },
    { "reads 112 behind +31", "+31112", NL, "112", WN_NUMBER_EMERGENCY, false },

    // Shapes.
    { "keeps seven digits", "+2991234", NL, "2991234", WN_NUMBER_INTERNATIONAL, true },
    { "refuses six digits", "+299123", NL, NULL, 0, false },
    { "keeps fifteen digits", "+491234567890123", NL, "491234567890123", WN_NUMBER_INTERNATIONAL,
      true },
    { "refuses sixteen digits", "+4912345678901234", NL, NULL, 0, false },
    { "refuses more digits than any number has", "+49123456789012345678901234567890123456789012345",
      NL, NULL, 0, false },
    { "refuses a trunk zero behind the country code", "+31 (0)6 10000000", NL, NULL, 0, false },
    { "refuses a country code that begins with zero", "+0610000000", NL, NULL, 0, false },
    { "keeps the zero of Italy", "+390600000000", NL, "390600000000", WN_NUMBER_INTERNATIONAL,
      true },
    { "keeps the zero of Ivory Coast", "+2250700000000", NL, "2250700000000",
      WN_NUMBER_INTERNATIONAL, true },
    { "refuses two digits", "12", NL, NULL, 0, false },
    { "refuses a lone +", "+", NL, NULL, 0, false },
    { "refuses a + inside", "31+610000000", NL, NULL, 0, false },
    { "refuses a name longer than a sender may have", "Twelve Chars", NL, NULL, 0, false },
    { "refuses other characters", "06=10000000", NL, NULL, 0, false },
    { "refuses a percent sign outside of a URI", "%2B31610000000", NL, NULL, 0, false },
    { "refuses octets above ASCII", "06\xc3\xa9", NL, NULL, 0, false },
    { "refuses separators alone", "()", NL, NULL, 0, false },

    // Other countries.
    { "dials as in Britain", "07700 900123", GB, "447700900123", WN_NUMBER_UNKNOWN, true },
    { "takes the Netherlands for abroad in Britain", "0031610000000", GB, "31610000000",
      WN_NUMBER_INTERNATIONAL, true },
    { "knows 112 in Britain", "112", GB, "112", WN_NUMBER_EMERGENCY, false },
    { "has no carrier codes in Britain", "1655061000000", GB, NULL, 0, false },
    { "keeps the zero of Italy as dialled there", "0600000000", IT, "390600000000",
      WN_NUMBER_UNKNOWN, true },
    { "dials 011 in North America", "01131610000000", US, "31610000000", WN_NUMBER_INTERNATIONAL,
      true },
    { "dials 1 in North America", "1 (612) 555-0100", US, "16125550100", WN_NUMBER_UNKNOWN, true },
    { "dials as in Germany", "030 23125000", DE, "493023125000", WN_NUMBER_UNKNOWN, true },
    { "knows Germany's 110", "110", DE, "110", WN_NUMBER_EMERGENCY, false },
    { "knows 110 behind Germany's code", "+49110", DE, "110", WN_NUMBER_EMERGENCY, false },
    { "takes 110 for a short code elsewhere", "110", NL, "110", WN_NUMBER_SHORT, false },
    { "takes 911 for an emergency in North America", "911", US, "911", WN_NUMBER_EMERGENCY, false },
    { "knows 999 in Britain", "999", GB, "999", WN_NUMBER_EMERGENCY, false },
    { "reads ten digits in North America", "612 555 0100", US, "16125550100", WN_NUMBER_UNKNOWN,
      true },
    { "reads a mobile of Italy as dialled there", "3401230000", IT, "393401230000",
      WN_NUMBER_UNKNOWN, true },
    { "keeps three digits of Italy as a short code", "340", IT, "340", WN_NUMBER_SHORT, false },
    { "refuses bare digits where a trunk prefix is due", "3023125000", DE, NULL, 0, false },
};

static const struct wn_slice extensions[] = { { "1xxx", 4 }, { "0XX", 3 }, { "11x", 3 } };

static struct wn_reading reading_of(int where, struct wn_site *site,
                                    struct wn_number_rules *numbers)
{
    static const char countries[][4] = { [NL] = "31",          [NL_INTERNATIONAL] = "31",
                                         [NL_NATIONAL] = "31", [NL_PBX] = "31",
                                         [GB] = "44",          [IT] = "39",
                                         [US] = "1",           [DE] = "49" };

    *site = wn_site_default();
    memcpy(site->country, countries[where], sizeof(site->country));
    *numbers = (struct wn_number_rules){ 0 };
    if (where == NL_INTERNATIONAL) {
        numbers->bare = WN_BARE_INTERNATIONAL;
    }
    if (where == NL_NATIONAL) {
        numbers->bare = WN_BARE_NATIONAL;
    }
    if (where == NL_PBX) {
        numbers->internal = extensions;
        numbers->n_internal = WN_COUNT(extensions);
    }
    return (struct wn_reading){ .site = site, .numbers = numbers };
}

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_site site;
    struct wn_number_rules numbers;
    const struct wn_reading how = reading_of(row->where, &site, &numbers);
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err = { 0 };
    bool present = false;

    enum wn_code rc =
        wn_kind_read(WN_KIND_NUMBER, &how, wn_slice_of(row->text), &arena, &value, &present, &err);
    if (row->digits) {
        assert_int_equal(rc, WN_OK);
        assert_true(present);
        assert_string_equal(wn_number_class_name((enum wn_number_class)value.class),
                            wn_number_class_name(row->class));
        assert_true(wn_slice_is(value.text, row->digits));
        assert_int_equal(value.marks, row->e164 ? WN_MARK_E164 : 0);
    } else {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, "bad-identifier");
        assert_true(strlen(row->text) < 3 || strstr(err.text, row->text) == NULL); // No value.
    }
    wn_arena_deinit(&arena);
}

struct absent_row {
    const char *name;
    const char *text;
    bool withheld;
};

static const struct absent_row absent_rows[] = {
    { "takes nothing as absent", "", false },
    { "takes a blank as absent", " ", false },
    { "takes ten zeros as absent", "0000000000", false },
    { "takes one zero as absent", "0", false },
    { "takes zeros with separators as absent", "000-0000", false },
    { "takes unknown as absent", "Unknown", false },
    { "takes unavailable as absent", "unavailable", false },
    { "takes a dash as absent", "-", false },
    { "takes N/A as absent", "N/A", false },
    { "takes none as absent", "none", false },
    { "takes <null> as absent", "<null>", false },
    { "takes anonymous as withheld", "Anonymous", true },
    { "takes the anonymous address as withheld", "anonymous@anonymous.invalid", true },
    { "takes the anonymous URI as withheld", "sip:anonymous@anonymous.invalid", true },
    { "takes restricted as withheld", "restricted", true },
    { "takes private as withheld", "PRIVATE", true },
    { "takes withheld as withheld", "withheld", true },
    { "takes a URI of unknown as absent", "sip:unknown@ims.example", false },
    { "takes an escaped name as withheld", "sip:%61nonymou%73@anonymous.invalid", true },
    { "takes an escaped zero as absent", "tel:%30%30", false },
    { "takes a URI behind a name as withheld", "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
      true },
    { "takes zeros behind + as absent", "+0000000000", false },
    { "takes any case between blanks", "  UnAvailable ", false },
};

static void check_absent(void **state)
{
    const struct absent_row *row = *state;
    struct wn_site site;
    struct wn_number_rules numbers;
    const struct wn_reading how = reading_of(NL, &site, &numbers);
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err = { 0 };
    bool present = true;

    assert_int_equal(
        wn_kind_read(WN_KIND_NUMBER, &how, wn_slice_of(row->text), &arena, &value, &present, &err),
        WN_OK);
    assert_false(present);
    assert_int_equal(value.class, WN_NUMBER_WITHHELD);
    assert_int_equal(value.marks, row->withheld ? WN_MARK_WITHHELD : 0);
    wn_arena_deinit(&arena);
}

static void keeps_the_class_alone_where_the_source_says_so(void **state)
{
    (void)state;
    static const char *const texts[] = { "+31 (0)6 10000000", "12", "06=10000000", "31610000000",
                                         "Twelve Chars" };
    struct wn_site site;
    struct wn_number_rules numbers;
    const struct wn_reading how = reading_of(NL, &site, &numbers);
    numbers.keeps_class = true;
    for (size_t i = 0; i < WN_COUNT(texts); i++) {
        struct wn_arena arena = { 0 };
        struct wn_value value;
        struct wn_error err = { 0 };
        bool present = false;
        assert_int_equal(wn_kind_read(WN_KIND_NUMBER, &how, wn_slice_of(texts[i]), &arena, &value,
                                      &present, &err),
                         WN_OK);
        assert_true(present);
        assert_int_equal(value.class, WN_NUMBER_UNKNOWN);
        assert_int_equal(value.text.len, 0);
        assert_int_equal(value.marks, 0);
        wn_arena_deinit(&arena);
    }
}

struct country_row {
    const char *name;
    const char *digits;
    const char *country;
};

static const struct country_row country_rows[] = {
    { "places the Netherlands", "31610000000", "NL" },
    { "places a code of three digits", "35312345678", "IE" },
    { "places Russia", "79001234567", "RU" },
    { "places Kazakhstan by 76", "76001234567", "KZ" },
    { "places Kazakhstan by 77", "77001234567", "KZ" },
    { "places Italy", "390612345678", "IT" },
    { "places the Vatican", "390669812345", "VA" },
    { "places Britain", "447700900123", "GB" },
    { "places Guernsey", "441481123456", "GG" },
    { "places mobiles of Guernsey", "447911712345", "GG" },
    { "keeps their neighbours in Britain", "447911234567", "GB" },
    { "places Jersey", "441534123456", "JE" },
    { "places mobiles of Jersey", "447700312345", "JE" },
    { "places the Isle of Man", "447457612345", "IM" },
    { "places Svalbard", "4779123456", "SJ" },
    { "places the Cocos Islands", "61891621234", "CC" },
    { "places Christmas Island", "61891641234", "CX" },
    { "places Mayotte", "262269123456", "YT" },
    { "places Reunion", "262692123456", "RE" },
    { "places Tristan da Cunha", "2908123", "TA" },
    { "places Aland", "35818123456", "AX" },
    { "places Bonaire", "5997123456", "BQ" },
    { "places Curacao", "5999123456", "CW" },
    { "does not tell North America apart", "16125550100", "NANP" },
    { "has no country for a service of the world", "80012345678", "INT" },
    { "has no country for a satellite", "881612345678", "INT" },
    { "does not know an unassigned code", "2101234567", "unknown" },
    { "does not know a code cut short", "21", "unknown" },
};

static void check_country(void **state)
{
    const struct country_row *row = *state;
    struct wn_value value = { .text = wn_slice_of(row->digits), .marks = WN_MARK_E164 };

    assert_string_equal(wn_number_country(&value), row->country);
    value.marks = 0; // The same digits as a short code belong to no country.
    assert_string_equal(wn_number_country(&value), "unknown");
}

static void names_classes_as_symbols(void **state)
{
    (void)state;
    for (unsigned class = 0; class < WN_NUMBER_CLASSES; class ++) {
        const char *name = wn_number_class_name((enum wn_number_class) class);
        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz2_"), strlen(name));
    }
    assert_string_equal(wn_number_class_name(WN_NUMBER_LOCATION_INDEPENDENT),
                        "location_independent");
}

static void knows_what_is_nobodys(void **state)
{
    (void)state;
    static const enum wn_number_class nobodys[] = {
        WN_NUMBER_INTERNAL,  WN_NUMBER_SHORT,   WN_NUMBER_DIRECTORY,
        WN_NUMBER_EMERGENCY, WN_NUMBER_FEATURE, WN_NUMBER_ALPHANUMERIC,
    };
    for (size_t i = 0; i < WN_COUNT(nobodys); i++) {
        assert_true(wn_number_is_nobodys(nobodys[i]));
    }
    assert_false(wn_number_is_nobodys(WN_NUMBER_MOBILE));
    assert_false(wn_number_is_nobodys(WN_NUMBER_GEOGRAPHIC));
    assert_false(wn_number_is_nobodys(WN_NUMBER_INTERNATIONAL));
    assert_false(wn_number_is_nobodys(WN_NUMBER_UNKNOWN));
}

static void borrows_digits_in_one_piece(void **state)
{
    (void)state;
    struct wn_site site;
    struct wn_number_rules numbers;
    const struct wn_reading how = reading_of(NL, &site, &numbers);
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err = { 0 };
    bool present;
    struct wn_slice text = wn_slice_of("+31610000000");

    assert_int_equal(wn_kind_read(WN_KIND_NUMBER, &how, text, &arena, &value, &present, &err),
                     WN_OK);
    assert_ptr_equal(value.text.at, text.at + 1);
    assert_null(arena.blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_classes_as_symbols),
        cmocka_unit_test(knows_what_is_nobodys),
        cmocka_unit_test(borrows_digits_in_one_piece),
        cmocka_unit_test(keeps_the_class_alone_where_the_source_says_so),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, absent_rows, check_absent);
    WN_ADD_TABLE(&all, country_rows, check_country);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("number", &all);
}
