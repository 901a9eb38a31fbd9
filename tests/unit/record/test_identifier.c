// SPDX-License-Identifier: Apache-2.0

/** Identifiers: each spelling has one canonical form, and placeholders have none. */

#include <stdio.h>

#include "table.h"
#include "winnow/identifier.h"

/** A text that may hold NUL. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
struct row {
    const char *name;
    enum wn_kind kind;
    struct wn_slice text;
    struct wn_slice canonical; ///< Empty: absent, or refused.
    const char *reason;        ///< NULL: not refused.
    enum wn_encoding otherwise;
};

static const struct row imsi_rows[] = {
    { "fifteen digits", WN_KIND_IMSI, TEXT("001010123456789"), TEXT("001010123456789"), NULL, 0 },
    { "fourteen digits", WN_KIND_IMSI, TEXT("00101012345678"), TEXT("00101012345678"), NULL, 0 },
    { "blanks around", WN_KIND_IMSI, TEXT(" 204980123456789 "), TEXT("204980123456789"), NULL, 0 },
    { "the prefix of 5G", WN_KIND_IMSI, TEXT("imsi-204980123456789"), TEXT("204980123456789"), NULL,
      0 },
    { "another prefix of 5G", WN_KIND_IMSI, TEXT("nai-204980123456789"), TEXT(""), "bad-identifier",
      0 },
    { "zeros are absent", WN_KIND_IMSI, TEXT("000000000000000"), TEXT(""), NULL, 0 },
    { "filler is absent", WN_KIND_IMSI, TEXT("fffffffffffffff"), TEXT(""), NULL, 0 },
    { "capital filler is absent", WN_KIND_IMSI, TEXT("FFFFFFFFFFFFFFFF"), TEXT(""), NULL, 0 },
    { "unknown is absent as imsi", WN_KIND_IMSI, TEXT("unknown"), TEXT(""), NULL, 0 },
    { "- is absent as imsi", WN_KIND_IMSI, TEXT("-"), TEXT(""), NULL, 0 },
    { "none is absent as imsi", WN_KIND_IMSI, TEXT("none"), TEXT(""), NULL, 0 },
    { "0 is absent as imsi", WN_KIND_IMSI, TEXT("0"), TEXT(""), NULL, 0 },
    { "nothing is absent", WN_KIND_IMSI, TEXT(""), TEXT(""), NULL, 0 },
    { "N/A is absent", WN_KIND_IMSI, TEXT("N/A"), TEXT(""), NULL, 0 },
    { "thirteen digits", WN_KIND_IMSI, TEXT("0010101234567"), TEXT(""), "bad-identifier", 0 },
    { "sixteen digits", WN_KIND_IMSI, TEXT("0010101234567890"), TEXT(""), "bad-identifier", 0 },
    { "a letter", WN_KIND_IMSI, TEXT("00101012345678a"), TEXT(""), "bad-identifier", 0 },
    { "a realm behind it", WN_KIND_IMSI, TEXT("001010123456789@x"), TEXT(""), "bad-identifier", 0 },
};

static const struct row imei_rows[] = {
    { "fourteen digits", WN_KIND_IMEI, TEXT("35209900176148"), TEXT("35209900176148"), NULL, 0 },
    { "a check digit", WN_KIND_IMEI, TEXT("352099001761481"), TEXT("35209900176148"), NULL, 0 },
    { "a zero in its place", WN_KIND_IMEI, TEXT("352099001761480"), TEXT("35209900176148"), NULL,
      0 },
    { "a software version", WN_KIND_IMEI, TEXT("3520990017614823"), TEXT("35209900176148"), NULL,
      0 },
    { "another check digit that is zero", WN_KIND_IMEI, TEXT("490154203237518"),
      TEXT("49015420323751"), NULL, 0 },
    { "a 15th digit that is no check digit", WN_KIND_IMEI, TEXT("352099001761482"),
      TEXT("35209900176148"), NULL, 0 },
    { "the prefix of 5G", WN_KIND_IMEI, TEXT("imei-352099001761481"), TEXT("35209900176148"), NULL,
      0 },
    { "the prefix of 5G, with a software version", WN_KIND_IMEI, TEXT("imeisv-3520990017614823"),
      TEXT("35209900176148"), NULL, 0 },
    { "thirteen digits", WN_KIND_IMEI, TEXT("3520990017614"), TEXT(""), "bad-identifier", 0 },
    { "seventeen digits", WN_KIND_IMEI, TEXT("35209900176148123"), TEXT(""), "bad-identifier", 0 },
    { "a letter", WN_KIND_IMEI, TEXT("3520990017614x"), TEXT(""), "bad-identifier", 0 },
    { "zeros are absent", WN_KIND_IMEI, TEXT("000000000000000"), TEXT(""), NULL, 0 },
    { "one digit over and over is absent", WN_KIND_IMEI, TEXT("111111111111111"), TEXT(""), NULL,
      0 },
    { "the test device is absent", WN_KIND_IMEI, TEXT("004999010640000"), TEXT(""), NULL, 0 },
    { "a type of zeros is absent", WN_KIND_IMEI, TEXT("000000001761481"), TEXT(""), NULL, 0 },
    { "filler is absent", WN_KIND_IMEI, TEXT("ffffffffffffffff"), TEXT(""), NULL, 0 },
    { "unknown is absent as imei", WN_KIND_IMEI, TEXT("unknown"), TEXT(""), NULL, 0 },
    { "0 is absent as imei", WN_KIND_IMEI, TEXT("0"), TEXT(""), NULL, 0 },
    { "999999999999999 is absent as imei", WN_KIND_IMEI, TEXT("999999999999999"), TEXT(""), NULL,
      0 },
    { "00000000123456 is absent as imei", WN_KIND_IMEI, TEXT("00000000123456"), TEXT(""), NULL, 0 },
    { "nothing is absent", WN_KIND_IMEI, TEXT(""), TEXT(""), NULL, 0 },
};

static const struct row name_rows[] = {
    { "a plain name", WN_KIND_NAI, TEXT("klaas"), TEXT("klaas"), NULL, 0 },
    { "the realm in lower case", WN_KIND_NAI, TEXT("Klaas@ISP.Example"), TEXT("Klaas@isp.example"),
      NULL, 0 },
    { "the realm behind the last @", WN_KIND_NAI, TEXT("A@B@ISP.Example"), TEXT("A@B@isp.example"),
      NULL, 0 },
    { "no letter above ASCII changes in a realm", WN_KIND_NAI, TEXT("a@\xc3\x89X.example"),
      TEXT("a@\xc3\x89x.example"), NULL, 0 },
    { "a composed name", WN_KIND_NAI, TEXT("ren\xc3\xa9@isp.example"),
      TEXT("ren\xc3\xa9@isp.example"), NULL, 0 },
    { "a decomposed name is the composed one", WN_KIND_NAI, TEXT("rene\xcc\x81@isp.example"),
      TEXT("ren\xc3\xa9@isp.example"), NULL, 0 },
    { "a Latin-1 name is the composed one", WN_KIND_NAI, TEXT("ren\xe9@isp.example"),
      TEXT("ren\xc3\xa9@isp.example"), NULL, WN_ENCODING_LATIN1 },
    { "UTF-8 stays UTF-8 where Latin-1 is allowed", WN_KIND_NAI, TEXT("ren\xc3\xa9"),
      TEXT("ren\xc3\xa9"), NULL, WN_ENCODING_LATIN1 },
    { "a Windows-1252 name", WN_KIND_NAI, TEXT("\x8e\xe9\x80@x"),
      TEXT("\xc5\xbd\xc3\xa9\xe2\x82\xac@x"), NULL, WN_ENCODING_CP1252 },
    { "0x80 is a control in Latin-1", WN_KIND_NAI, TEXT("\x80\xe9"), TEXT("\xc2\x80\xc3\xa9"), NULL,
      WN_ENCODING_LATIN1 },
    { "octets that are no character of Windows-1252 are refused", WN_KIND_NAI, TEXT("a\x9d"),
      TEXT(""), "bad-encoding", WN_ENCODING_CP1252 },
    { "Latin-1 that is not allowed", WN_KIND_NAI, TEXT("ren\xe9@isp.example"), TEXT(""),
      "bad-encoding", 0 },
    { "the Angstrom sign is the letter", WN_KIND_NAI, TEXT("\xe2\x84\xab"), TEXT("\xc3\x85"), NULL,
      0 },
    { "NUL and controls stay", WN_KIND_NAI, TEXT("a\0b\x01\x7f"), TEXT("a\0b\x01\x7f"), NULL, 0 },
    { "NUL stays beside other letters", WN_KIND_NAI, TEXT("e\xcc\x81\0b"), TEXT("\xc3\xa9\0b"),
      NULL, 0 },
    { "blanks stay", WN_KIND_NAI, TEXT(" a b "), TEXT(" a b "), NULL, 0 },
    { "case of the name stays", WN_KIND_NAI, TEXT("Klaas"), TEXT("Klaas"), NULL, 0 },
    { "an unassigned code point", WN_KIND_NAI, TEXT("a\xcd\xb8"), TEXT(""), "bad-identifier", 0 },
    { "an overlong form", WN_KIND_NAI, TEXT("a\xc0\xaf"), TEXT(""), "bad-encoding", 0 },
    { "an overlong form of three", WN_KIND_NAI, TEXT("a\xe0\x80\xaf"), TEXT(""), "bad-encoding",
      0 },
    { "a surrogate", WN_KIND_NAI, TEXT("a\xed\xa0\x80"), TEXT(""), "bad-encoding", 0 },
    { "above U+10FFFF", WN_KIND_NAI, TEXT("a\xf4\x90\x80\x80"), TEXT(""), "bad-encoding", 0 },
    { "a sequence cut short", WN_KIND_NAI, TEXT("a\xe2\x84"), TEXT(""), "bad-encoding", 0 },
    { "anonymous is absent", WN_KIND_NAI, TEXT("anonymous"), TEXT(""), NULL, 0 },
    { "anonymous at a realm is absent", WN_KIND_NAI, TEXT("Anonymous@isp.example"), TEXT(""), NULL,
      0 },
    { "a realm alone is absent", WN_KIND_NAI, TEXT("@isp.example"), TEXT(""), NULL, 0 },
    { "anonymous2 is somebody", WN_KIND_NAI, TEXT("anonymous2@isp.example"),
      TEXT("anonymous2@isp.example"), NULL, 0 },
    { "unknown is absent", WN_KIND_NAI, TEXT("UNKNOWN"), TEXT(""), NULL, 0 },
    { "none is absent as nai", WN_KIND_NAI, TEXT("none"), TEXT(""), NULL, 0 },
    { "- is absent as nai", WN_KIND_NAI, TEXT("-"), TEXT(""), NULL, 0 },
    { "N/A is absent as nai", WN_KIND_NAI, TEXT("N/A"), TEXT(""), NULL, 0 },
    { "private is absent as nai", WN_KIND_NAI, TEXT("private"), TEXT(""), NULL, 0 },
    { "restricted is absent as nai", WN_KIND_NAI, TEXT("restricted"), TEXT(""), NULL, 0 },
    { "withheld is absent as nai", WN_KIND_NAI, TEXT("withheld"), TEXT(""), NULL, 0 },
    { "unavailable is absent as nai", WN_KIND_NAI, TEXT("unavailable"), TEXT(""), NULL, 0 },
    { "<null> is absent as nai", WN_KIND_NAI, TEXT("<null>"), TEXT(""), NULL, 0 },
    { "0000000000 is absent as nai", WN_KIND_NAI, TEXT("0000000000"), TEXT(""), NULL, 0 },
    { "anonymous@anonymous.invalid is absent as nai", WN_KIND_NAI,
      TEXT("anonymous@anonymous.invalid"), TEXT(""), NULL, 0 },
    { "nothing is absent", WN_KIND_NAI, TEXT(""), TEXT(""), NULL, 0 },

    { "an address in lower case", WN_KIND_EMAIL, TEXT("Ren\xc3\x89@ISP.Example"),
      TEXT("ren\xc3\xa9@isp.example"), NULL, 0 },
    { "a decomposed address", WN_KIND_EMAIL, TEXT("RENE\xcc\x81@ISP.Example"),
      TEXT("ren\xc3\xa9@isp.example"), NULL, 0 },
    { "an address without a domain", WN_KIND_EMAIL, TEXT("klaas@"), TEXT(""), "bad-identifier", 0 },
    { "an address without a name", WN_KIND_EMAIL, TEXT("@isp.example"), TEXT(""), "bad-identifier",
      0 },
    { "an address without @", WN_KIND_EMAIL, TEXT("klaas"), TEXT(""), "bad-identifier", 0 },
    { "an address with a blank", WN_KIND_EMAIL, TEXT("k l@isp.example"), TEXT(""), "bad-identifier",
      0 },
    { "none is absent as email", WN_KIND_EMAIL, TEXT("none"), TEXT(""), NULL, 0 },
    { "unavailable is absent as email", WN_KIND_EMAIL, TEXT("unavailable"), TEXT(""), NULL, 0 },
    { "- is absent as email", WN_KIND_EMAIL, TEXT("-"), TEXT(""), NULL, 0 },
    { "the anonymous address is absent", WN_KIND_EMAIL, TEXT("anonymous@anonymous.invalid"),
      TEXT(""), NULL, 0 },

    { "an account, trimmed", WN_KIND_ACCOUNT, TEXT("\t C-1001 "), TEXT("C-1001"), NULL, 0 },
    { "an account, composed", WN_KIND_ACCOUNT, TEXT("Rene\xcc\x81"), TEXT("Ren\xc3\xa9"), NULL, 0 },
    { "unknown is absent as account", WN_KIND_ACCOUNT, TEXT("unknown"), TEXT(""), NULL, 0 },
    { "anonymous is absent as account", WN_KIND_ACCOUNT, TEXT("anonymous"), TEXT(""), NULL, 0 },
    { "N/A is absent as account", WN_KIND_ACCOUNT, TEXT("N/A"), TEXT(""), NULL, 0 },
    { "- is absent as account", WN_KIND_ACCOUNT, TEXT("-"), TEXT(""), NULL, 0 },
    { "<null> is absent as account", WN_KIND_ACCOUNT, TEXT("<null>"), TEXT(""), NULL, 0 },
    { "an account of zeros is absent", WN_KIND_ACCOUNT, TEXT("0000"), TEXT(""), NULL, 0 },
    { "an account of blanks is absent", WN_KIND_ACCOUNT, TEXT("  "), TEXT(""), NULL, 0 },
    { "an account that is not UTF-8", WN_KIND_ACCOUNT, TEXT("\xff"), TEXT(""), "bad-encoding", 0 },

    { "an id as it is", WN_KIND_ID, TEXT(" \xff\0x "), TEXT(" \xff\0x "), NULL, 0 },
    { "no id is absent", WN_KIND_ID, TEXT(""), TEXT(""), NULL, 0 },
    { "an id of zeros is absent", WN_KIND_ID, TEXT("0000000000000000"), TEXT(""), NULL, 0 },
    { "an id that says none is absent", WN_KIND_ID, TEXT("None"), TEXT(""), NULL, 0 },
    { "an id that says <null> is absent", WN_KIND_ID, TEXT("<null>"), TEXT(""), NULL, 0 },

    { "a token as it is", WN_KIND_TOKEN, TEXT("Trunk 7 north"), TEXT("Trunk 7 north"), NULL, 0 },
    { "a token with eight digits", WN_KIND_TOKEN, TEXT("t12345678"), TEXT("t12345678"), NULL, 0 },
    { "a token with nine digits", WN_KIND_TOKEN, TEXT("t123456789"), TEXT(""), "token-suspect", 0 },
    { "a token with nine digits apart", WN_KIND_TOKEN, TEXT("1234-56789"), TEXT("1234-56789"), NULL,
      0 },
    { "a token with an @", WN_KIND_TOKEN, TEXT("a@b"), TEXT(""), "token-suspect", 0 },
    { "a token that is not UTF-8", WN_KIND_TOKEN, TEXT("\xff"), TEXT(""), "bad-encoding", 0 },
    { "no token is absent", WN_KIND_TOKEN, TEXT(""), TEXT(""), NULL, 0 },
    { "a dash is absent", WN_KIND_TOKEN, TEXT("-"), TEXT(""), NULL, 0 },
    { "N/A is absent", WN_KIND_TOKEN, TEXT("n/a"), TEXT(""), NULL, 0 },
    { "a token of zeros may mean something", WN_KIND_TOKEN, TEXT("0000"), TEXT("0000"), NULL, 0 },
};

static const struct row network_rows[] = {
    { "colons", WN_KIND_MAC, TEXT("00:1B:44:11:3a:B7"), TEXT("\0\x1b\x44\x11\x3a\xb7"), NULL, 0 },
    { "hyphens", WN_KIND_MAC, TEXT("00-1B-44-11-3A-B7"), TEXT("\0\x1b\x44\x11\x3a\xb7"), NULL, 0 },
    { "three groups", WN_KIND_MAC, TEXT("001b.4411.3ab7"), TEXT("\0\x1b\x44\x11\x3a\xb7"), NULL,
      0 },
    { "digits alone", WN_KIND_MAC, TEXT("001b44113ab7"), TEXT("\0\x1b\x44\x11\x3a\xb7"), NULL, 0 },
    { "zeros are absent", WN_KIND_MAC, TEXT("00:00:00:00:00:00"), TEXT(""), NULL, 0 },
    { "broadcast is absent", WN_KIND_MAC, TEXT("ff:ff:ff:ff:ff:ff"), TEXT(""), NULL, 0 },
    { "a random address is absent", WN_KIND_MAC, TEXT("da:a1:19:00:00:01"), TEXT(""), NULL, 0 },
    { "unknown is absent as mac", WN_KIND_MAC, TEXT("unknown"), TEXT(""), NULL, 0 },
    { "- is absent as mac", WN_KIND_MAC, TEXT("-"), TEXT(""), NULL, 0 },
    { "no address is absent", WN_KIND_MAC, TEXT(""), TEXT(""), NULL, 0 },
    { "mixed separators", WN_KIND_MAC, TEXT("00:1b-44:11:3a:b7"), TEXT(""), "bad-identifier", 0 },
    { "another separator", WN_KIND_MAC, TEXT("00_1b_44_11_3a_b7"), TEXT(""), "bad-identifier", 0 },
    { "an SSID behind it", WN_KIND_MAC, TEXT("00-1B-44-11-3A-B7:x"), TEXT(""), "bad-identifier",
      0 },
    { "a letter too far", WN_KIND_MAC, TEXT("00:1b:44:11:3a:bg"), TEXT(""), "bad-identifier", 0 },

    { "IPv4", WN_KIND_IP, TEXT("192.0.2.1"), TEXT("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"), NULL,
      0 },
    { "IPv4 mapped", WN_KIND_IP, TEXT("::ffff:192.0.2.1"),
      TEXT("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"), NULL, 0 },
    { "IPv6", WN_KIND_IP, TEXT("2001:DB8::1"), TEXT("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), NULL,
      0 },
    { "0.0.0.0 is absent", WN_KIND_IP, TEXT("0.0.0.0"), TEXT(""), NULL, 0 },
    { ":: is absent", WN_KIND_IP, TEXT("::"), TEXT(""), NULL, 0 },
    { "none is absent as ip", WN_KIND_IP, TEXT("none"), TEXT(""), NULL, 0 },
    { "N/A is absent as ip", WN_KIND_IP, TEXT("N/A"), TEXT(""), NULL, 0 },
    { "no IP is absent", WN_KIND_IP, TEXT(""), TEXT(""), NULL, 0 },
    { "::1 is an address", WN_KIND_IP, TEXT("::1"), TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), NULL,
      0 },
    { "a number above 255", WN_KIND_IP, TEXT("192.0.2.256"), TEXT(""), "bad-identifier", 0 },
    { "a NUL inside", WN_KIND_IP, TEXT("192.0.2.1\0x"), TEXT(""), "bad-identifier", 0 },
    { "a text of no end", WN_KIND_IP, TEXT("1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1"),
      TEXT(""), "bad-identifier", 0 },

    { "five digits", WN_KIND_PLMN, TEXT("20404"), TEXT("204-04"), NULL, 0 },
    { "six digits", WN_KIND_PLMN, TEXT("310410"), TEXT("310-410"), NULL, 0 },
    { "the written form", WN_KIND_PLMN, TEXT("204-04"), TEXT("204-04"), NULL, 0 },
    { "the written form with three", WN_KIND_PLMN, TEXT("310-410"), TEXT("310-410"), NULL, 0 },
    { "zeros are absent", WN_KIND_PLMN, TEXT("00000"), TEXT(""), NULL, 0 },
    { "unknown is absent as plmn", WN_KIND_PLMN, TEXT("unknown"), TEXT(""), NULL, 0 },
    { "no network is absent", WN_KIND_PLMN, TEXT(""), TEXT(""), NULL, 0 },
    { "four digits", WN_KIND_PLMN, TEXT("2040"), TEXT(""), "bad-identifier", 0 },
    { "seven digits", WN_KIND_PLMN, TEXT("2040404"), TEXT(""), "bad-identifier", 0 },
    { "a hyphen elsewhere", WN_KIND_PLMN, TEXT("20-404"), TEXT(""), "bad-identifier", 0 },
    { "a letter in the written form", WN_KIND_PLMN, TEXT("204-0x"), TEXT(""), "bad-identifier", 0 },

    { "a name", WN_KIND_APN, TEXT("internet"), TEXT("internet"), NULL, 0 },
    { "a name in lower case", WN_KIND_APN, TEXT(" Smart.Grid-1.Example "),
      TEXT("smart.grid-1.example"), NULL, 0 },
    { "without the operator's part", WN_KIND_APN, TEXT("Internet.MNC004.mcc204.gprs"),
      TEXT("internet"), NULL, 0 },
    { "with something like it", WN_KIND_APN, TEXT("internet.mnc04.mcc204.gprs"),
      TEXT("internet.mnc04.mcc204.gprs"), NULL, 0 },
    { "the operator's part alone", WN_KIND_APN, TEXT(".mnc004.mcc204.gprs"), TEXT(""),
      "bad-identifier", 0 },
    { "- is absent as apn", WN_KIND_APN, TEXT("-"), TEXT(""), NULL, 0 },
    { "none is absent as apn", WN_KIND_APN, TEXT("none"), TEXT(""), NULL, 0 },
    { "no name is absent", WN_KIND_APN, TEXT(""), TEXT(""), NULL, 0 },
    { "a MAC address and an SSID", WN_KIND_APN, TEXT("00-1B-44-11-3A-B7:Cafe"), TEXT(""),
      "token-suspect", 0 },
    { "a MAC address with colons", WN_KIND_APN, TEXT("00:1b:44:11:3a:b7"), TEXT(""),
      "token-suspect", 0 },
    { "a MAC address without separators", WN_KIND_APN, TEXT("da1b44fffab7"), TEXT(""),
      "token-suspect", 0 },
    { "a MAC address in three groups", WN_KIND_APN, TEXT("001b.4411.3ab7"), TEXT(""),
      "token-suspect", 0 },
    { "a number", WN_KIND_APN, TEXT("31610000000"), TEXT(""), "token-suspect", 0 },
    { "a user name", WN_KIND_APN, TEXT("klaas@isp.example"), TEXT(""), "token-suspect", 0 },
    { "hexadecimal letters in a name", WN_KIND_APN, TEXT("cafe.example"), TEXT("cafe.example"),
      NULL, 0 },
    { "a blank inside", WN_KIND_APN, TEXT("my network"), TEXT(""), "bad-identifier", 0 },
    { "an empty label", WN_KIND_APN, TEXT("a..b"), TEXT(""), "bad-identifier", 0 },
    { "a point at the end", WN_KIND_APN, TEXT("a."), TEXT(""), "bad-identifier", 0 },
};

static void check(void **state)
{
    const struct row *row = *state;
    const struct wn_site site = wn_site_default();
    const struct wn_number_rules numbers = { 0 };
    const struct wn_reading how = { .site = &site,
                                    .numbers = &numbers,
                                    .otherwise = row->otherwise };
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err = { 0 };
    bool present = false;

    enum wn_code rc = wn_kind_read(row->kind, &how, row->text, &arena, &value, &present, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(present, row->canonical.len > 0);
        if (present) {
            assert_true(wn_slice_same(value.text, row->canonical));
        }
    }
    wn_arena_deinit(&arena);
}

struct plmn_row {
    const char *name;
    const char *plmn;
    const char *country;
    unsigned mnc_digits;
};

static const struct plmn_row plmn_rows[] = {
    { "the Netherlands", "204-04", "NL", 2 },
    { "Greece, the first row", "202-01", "GR", 2 },
    { "Germany", "262-01", "DE", 2 },
    { "the United States", "310-410", "US", 3 },
    { "the United States by 316", "316-010", "US", 3 },
    { "Canada", "302-220", "CA", 3 },
    { "Mexico", "334-020", "MX", 3 },
    { "India by 404", "404-10", "IN", 2 },
    { "three digits in US by 311", "311-010", "US", 3 },
    { "three digits in US by 312", "312-010", "US", 3 },
    { "three digits in US by 313", "313-010", "US", 3 },
    { "three digits in US by 314", "314-010", "US", 3 },
    { "three digits in US by 315", "315-010", "US", 3 },
    { "three digits in JM by 338", "338-010", "JM", 3 },
    { "three digits in BB by 342", "342-010", "BB", 3 },
    { "three digits in AG by 344", "344-010", "AG", 3 },
    { "three digits in KY by 346", "346-010", "KY", 3 },
    { "three digits in VG by 348", "348-010", "VG", 3 },
    { "three digits in GD by 352", "352-010", "GD", 3 },
    { "three digits in MS by 354", "354-010", "MS", 3 },
    { "three digits in KN by 356", "356-010", "KN", 3 },
    { "three digits in LC by 358", "358-010", "LC", 3 },
    { "three digits in VC by 360", "360-010", "VC", 3 },
    { "three digits in AI by 365", "365-010", "AI", 3 },
    { "three digits in DM by 366", "366-010", "DM", 3 },
    { "three digits in TC by 376", "376-010", "TC", 3 },
    { "three digits in HN by 708", "708-010", "HN", 3 },
    { "three digits in AR by 722", "722-010", "AR", 3 },
    { "three digits in CO by 732", "732-010", "CO", 3 },
    { "India by 405 and 00: three digits", "405-000", "IN", 3 },
    { "India by 405 and 01: not to be told", "405-010", "IN", 0 },
    { "India by 405 and 02: three digits", "405-025", "IN", 3 },
    { "India by 405 and 03: not to be told", "405-030", "IN", 0 },
    { "India by 405 and 04: not to be told", "405-041", "IN", 0 },
    { "India by 405 and 05: two digits", "405-051", "IN", 2 },
    { "India by 405 and 15: two digits", "405-150", "IN", 2 },
    { "India by 405 and 16: not to be told", "405-160", "IN", 0 },
    { "India by 405 and 17: two digits", "405-170", "IN", 2 },
    { "India by 405 and 23: two digits", "405-239", "IN", 2 },
    { "India by 405 and 24: not to be told", "405-240", "IN", 0 },
    { "India by 405 and 28: two digits", "405-281", "IN", 2 },
    { "India by 405 and 51: two digits", "405-511", "IN", 2 },
    { "India by 405 and 56: two digits", "405-561", "IN", 2 },
    { "India by 405 and 57: not to be told", "405-571", "IN", 0 },
    { "India by 405 and 66: two digits", "405-661", "IN", 2 },
    { "India by 405 and 70: two digits", "405-701", "IN", 2 },
    { "India by 405 and 74: two digits", "405-741", "IN", 2 },
    { "India by 405 and 75: three digits", "405-750", "IN", 3 },
    { "India by 405 and 76: two digits", "405-761", "IN", 2 },
    { "India by 405 and 77: two digits", "405-771", "IN", 2 },
    { "India by 405 and 78: not to be told", "405-781", "IN", 0 },
    { "India by 405 and 79: three digits", "405-799", "IN", 3 },
    { "India by 405 and 80: three digits", "405-800", "IN", 3 },
    { "India by 405 and 81: not to be told", "405-810", "IN", 0 },
    { "India by 405 and 86: not to be told", "405-864", "IN", 0 },
    { "India by 405 and 87: three digits", "405-874", "IN", 3 },
    { "India by 405 and 88: three digits", "405-881", "IN", 3 },
    { "India by 405 and 89: not to be told", "405-891", "IN", 0 },
    { "India by 405 and 90: three digits", "405-908", "IN", 3 },
    { "India by 405 and 92: three digits", "405-929", "IN", 3 },
    { "India by 405 and 93: not to be told", "405-931", "IN", 0 },
    { "Puerto Rico, which mixes", "330-01", "PR", 0 },
    { "Bermuda, which mixes", "350-01", "BM", 0 },
    { "Trinidad, which mixes", "374-01", "TT", 0 },
    { "Panama, which mixes", "714-01", "PA", 0 },
    { "a stray of three digits in BY", "257-501", "BY", 3 },
    { "beside the stray in BY", "257-500", "BY", 2 },
    { "a stray of three digits in DE", "262-901", "DE", 3 },
    { "beside the stray in DE", "262-900", "DE", 2 },
    { "a stray of three digits in KP", "467-193", "KP", 3 },
    { "beside the stray in KP", "467-192", "KP", 2 },
    { "a stray of three digits in ID", "510-995", "ID", 3 },
    { "beside the stray in ID", "510-994", "ID", 2 },
    { "another stray of three digits in ID", "510-996", "ID", 3 },
    { "beside the other stray in ID", "510-997", "ID", 2 },
    { "a stray of three digits in GY", "738-002", "GY", 3 },
    { "beside the stray in GY", "738-001", "GY", 2 },
    { "Malaysia, which mixes", "502-12", "MY", 0 },
    { "the Falklands", "750-001", "FK", 3 },
    { "networks of no country, the last row", "901-28", "INT", 2 },
    { "the test network", "001-01", "unknown", 2 },
    { "private networks", "999-70", "unknown", 2 },
    { "no digits", "x", "unknown", 2 },
};

static void check_plmn(void **state)
{
    const struct plmn_row *row = *state;
    assert_string_equal(wn_plmn_country(wn_slice_of(row->plmn)), row->country);
    char imsi[32];
    const char *mnc = strchr(row->plmn, '-');
    snprintf(imsi, sizeof(imsi), "%.3s%s000000000", row->plmn, mnc ? mnc + 1 : "");
    assert_int_equal(wn_imsi_mnc_digits(wn_slice_of(imsi)), row->mnc_digits);
}

int main(void)
{
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, imsi_rows, check);
    WN_ADD_TABLE(&all, imei_rows, check);
    WN_ADD_TABLE(&all, name_rows, check);
    WN_ADD_TABLE(&all, network_rows, check);
    WN_ADD_TABLE(&all, plmn_rows, check_plmn);
    return wn_run_tests("identifier", &all);
}
