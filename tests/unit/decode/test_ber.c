// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

#include "table.h"
#include "winnow/ber.h"
#include "winnow/form.h"

enum {
    OCTETS = 600,
};

/** Octets of a row, written in hexadecimal with spaces. */
struct octets {
    char at[OCTETS];
    size_t len;
};

static struct octets octets_of(const char *hex)
{
    struct octets octets = { .len = 0 };
    for (; *hex; hex++) {
        if (*hex == ' ') {
            continue;
        }
        const char pair[] = { hex[0], hex[1], '\0' };
        assert_true(octets.len < OCTETS && hex[1] != '\0');
        octets.at[octets.len++] = (char)strtoul(pair, NULL, 16);
        hex++;
    }
    return octets;
}

static struct wn_slice slice_of(const struct octets *octets)
{
    return (struct wn_slice){ octets->at, octets->len };
}

/** Elements of formats.md's examples and of X.690; the next one is always `80 00`. */
static const struct tlv_row {
    const char *name;
    const char *hex;
    unsigned class_;
    unsigned tag;
    bool constructed;
    const char *content;
} tlv_rows[] = {
    { "reads a small tag", "80 01 55", 2, 0, false, "55" },
    { "reads a tag of two octets", "bf 4f 02 05 00", 2, 79, true, "0500" },
    { "reads a tag of three octets", "bf 81 48 00", 2, 200, true, "" },
    { "reads a universal tag", "30 03 02 01 07", 0, 16, true, "020107" },
    { "reads an application's tag", "61 00", 1, 1, true, "" },
    { "reads a private tag", "df 82 2c 01 00", 3, 300, false, "00" },
    { "reads a small tag in two octets", "9f 05 01 09", 2, 5, false, "09" },
    { "reads a tag with octets of zeros in front", "9f 80 80 05 00", 2, 5, false, "" },
    { "reads the largest tag", "9f ff ff ff 7f 00", 2, 0xfffffff, false, "" },
    { "reads a length in two octets", "85 81 01 09", 2, 5, false, "09" },
    { "reads a length with zeros in front", "85 84 00 00 00 01 09", 2, 5, false, "09" },
    { "reads a length of nine octets", "85 89 00 00 00 00 00 00 00 00 01 09", 2, 5, false, "09" },
    { "reads an indefinite length", "a9 80 80 01 07 00 00", 2, 9, true, "800107" },
    { "reads an indefinite length without content", "a9 80 00 00", 2, 9, true, "" },
    { "reads indefinite lengths in one another", "a9 80 30 80 04 01 00 00 00 81 00 00 00", 2, 9,
      true, "30800401000000 8100" },
    { "does not end at zeros within a value", "a9 80 04 04 00 00 00 00 00 00", 2, 9, true,
      "0404 00000000" },
    { "reads a definite length within an indefinite one", "a9 80 a0 02 00 00 00 00", 2, 9, true,
      "a0020000" },
    { "gives end-of-contents where none is due as an element", "00 00", 0, 0, false, "" },
};

static void check_tlv(void **state)
{
    const struct tlv_row *row = *state;
    struct octets content = octets_of(row->content);
    struct octets octets = octets_of(row->hex);
    const size_t whole = octets.len;
    octets.at[octets.len++] = '\x80';
    octets.at[octets.len++] = '\0';
    struct wn_slice rest = slice_of(&octets);
    struct wn_error err = { 0 };
    struct wn_tlv tlv;
    assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_OK);
    assert_int_equal(tlv.class_, row->class_);
    assert_int_equal(tlv.tag, row->tag);
    assert_int_equal(tlv.constructed, row->constructed);
    assert_int_equal(tlv.whole, whole);
    assert_true(wn_slice_same(tlv.content, slice_of(&content)));
    assert_true(tlv.content.at >= octets.at && tlv.content.at + tlv.content.len <= rest.at);
    assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_OK);
    assert_int_equal(tlv.whole, 2);
    assert_int_equal(rest.len, 0);
}

/** Cut at every octet, an element wants more, says how much at least, and moves nothing. */
static void check_tlv_cut(void **state)
{
    const struct tlv_row *row = *state;
    const struct octets octets = octets_of(row->hex);
    for (size_t n = 0; n < octets.len; n++) {
        char *exact = malloc(n + 1); // So that a sanitizer sees a read beyond it.
        assert_non_null(exact);
        memcpy(exact, octets.at, n);
        char *front = realloc(exact, n > 0 ? n : 1);
        assert_non_null(front);
        struct wn_slice rest = { front, n };
        struct wn_error err = { 0 };
        struct wn_tlv tlv;
        assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_RETRY);
        assert_int_equal(rest.len, n);
        assert_true(tlv.whole <= octets.len);
        assert_true(tlv.whole == 0 || tlv.whole >= n);
        free(front);
    }
}

static const struct bad_row {
    const char *name;
    const char *hex;
    const char *reason;
    unsigned deep; ///< Indefinite lengths in front.
} bad_rows[] = {
    { "refuses a tag of 29 bits", "9f 81 80 80 80 00 00", "bad-ber", 0 },
    { "refuses a length that begins with ff", "80 ff 00 00", "bad-ber", 0 },
    { "refuses a length of over 62 bits", "80 88 40 00 00 00 00 00 00 00", "bad-ber", 0 },
    { "refuses a primitive value of indefinite length", "80 80 00 00", "bad-ber", 0 },
    { "refuses bad octets within an indefinite length", "a0 80 80 ff 00 00", "bad-ber", 0 },
    { "refuses indefinite lengths nested 65 deep", "00 00", "too-deep", 65 },
};

static void check_bad(void **state)
{
    const struct bad_row *row = *state;
    struct octets octets = { .len = 0 };
    for (unsigned i = 0; i < row->deep; i++) {
        octets.at[octets.len++] = '\x30';
        octets.at[octets.len++] = '\x80';
    }
    const struct octets tail = octets_of(row->hex);
    memcpy(octets.at + octets.len, tail.at, tail.len);
    octets.len += tail.len;
    struct wn_slice rest = slice_of(&octets);
    struct wn_error err = { 0 };
    struct wn_tlv tlv;
    assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_REJECT);
    assert_string_equal(err.reason, row->reason);
    assert_int_equal(rest.len, octets.len);
}

static void says_how_much_an_element_takes(void **state)
{
    (void)state;
    struct octets octets = octets_of("bf 4f 84 00 ff ff ff 80 01");
    struct wn_slice rest = slice_of(&octets);
    struct wn_error err = { 0 };
    struct wn_tlv tlv;
    assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_RETRY);
    assert_int_equal(tlv.whole, 7 + 0xffffff);
}

/** What a value is in text, or the reason why it has none. */
static const struct text_row {
    const char *name;
    enum wn_form form;
    const char *hex;
    const char *text;
    const char *reason;
} text_rows[] = {
    { "leaves text as it is", WN_FORM_TEXT, "41 c3 a9", "A\xc3\xa9", NULL },
    { "writes an INTEGER", WN_FORM_INTEGER, "55", "85", NULL },
    { "writes an INTEGER with zeros in front", WN_FORM_INTEGER, "00 00 00 00 00 00 00 00 00 07",
      "7", NULL },
    { "writes a negative INTEGER", WN_FORM_INTEGER, "ff", "-1", NULL },
    { "writes the least INTEGER", WN_FORM_INTEGER, "ff 80 00 00 00 00 00 00 00",
      "-9223372036854775808", NULL },
    { "refuses a smaller INTEGER", WN_FORM_INTEGER, "ff 7f ff ff ff ff ff ff ff", NULL,
      "bad-integer" },
    { "refuses an INTEGER without octets", WN_FORM_INTEGER, "", NULL, "bad-integer" },
    { "writes an ENUMERATED", WN_FORM_ENUM, "02", "2", NULL },
    { "writes an id of one octet above 127", WN_FORM_UNSIGNED, "c8", "200", NULL },
    { "writes an id of nine octets", WN_FORM_UNSIGNED, "00 ff ff ff ff ff ff ff ff",
      "18446744073709551615", NULL },
    { "refuses an id of over 64 bits", WN_FORM_UNSIGNED, "01 00 00 00 00 00 00 00 00", NULL,
      "bad-integer" },
    { "writes an INTEGER of 64 bits without a sign", WN_FORM_INTEGER, "00 ff ff ff ff ff ff ff ff",
      "18446744073709551615", NULL },
    { "takes any octet but 0 for true", WN_FORM_BOOLEAN, "01", "true", NULL },
    { "takes 0 for false", WN_FORM_BOOLEAN, "00", "false", NULL },
    { "refuses a BOOLEAN without octets", WN_FORM_BOOLEAN, "", NULL, "bad-ber" },
    { "says that a NULL is there", WN_FORM_NULL, "", "true", NULL },
    { "writes octets in hexadecimal", WN_FORM_OCTETS, "00 ff a5", "00ffa5", NULL },
    { "names the bits that are set", WN_FORM_BITS, "02 00 00 00 80 04", "24,37", NULL },
    { "writes no bits", WN_FORM_BITS, "00", "", NULL },
    { "refuses bits without their count", WN_FORM_BITS, "", NULL, "bad-ber" },
    { "refuses eight unused bits", WN_FORM_BITS, "08 00", NULL, "bad-ber" },
    { "refuses unused bits without bits", WN_FORM_BITS, "01", NULL, "bad-ber" },
    { "writes an object identifier", WN_FORM_OID, "2b 06 01 04 01 81 80 00", "1.3.6.1.4.1.16384",
      NULL },
    { "writes an object identifier below 2", WN_FORM_OID, "88 37 03", "2.999.3", NULL },
    { "refuses half an arc", WN_FORM_OID, "2b 86", NULL, "bad-ber" },
    { "refuses an arc of over 32 bits", WN_FORM_OID, "2b 90 80 80 80 00", NULL, "bad-ber" },
    { "refuses no object identifier", WN_FORM_OID, "", NULL, "bad-ber" },
    { "writes the digits of an IMSI", WN_FORM_TBCD, "00 01 01 21 43 65 87 f9", "001010123456789",
      NULL },
    { "writes star and hash", WN_FORM_TBCD, "1a b2", "*12#", NULL },
    { "writes a time with its offset", WN_FORM_TIMESTAMP, "26 10 25 02 30 00 2b 02 00",
      "2026-10-25T02:30:00+02:00", NULL },
    { "writes an international number with a plus", WN_FORM_ADDRESS, "91 44 77 00 09 10 32",
      "+447700900123", NULL },
    { "writes a number past octet 3a", WN_FORM_DIRECTORY, "01 a0 21 43", "1234", NULL },
    { "writes the number of a short message", WN_FORM_SMS_ADDRESS, "04 81 21 43", "1234", NULL },
    { "writes no letters of a short message", WN_FORM_SMS_ADDRESS, "07 d0 d4 20 56 09", "", NULL },
    { "writes a network", WN_FORM_PLMN, "02 f4 40", "204-04", NULL },
    { "refuses a network of letters", WN_FORM_PLMN, "0a f4 40", NULL, "bad-bcd" },
    { "writes an address", WN_FORM_IP, "80 04 c0 00 02 0d", "192.0.2.13", NULL },
    { "writes the same address that is text", WN_FORM_IP, "82 0a 31 39 32 2e 30 2e 32 2e 31 33",
      "192.0.2.13", NULL },
    { "refuses half an address", WN_FORM_IP, "80 04 c0 00", NULL, "bad-ber" },
    { "refuses a filler before the end", WN_FORM_TBCD, "f1 21", NULL, "bad-bcd" },
};

static void check_text(void **state)
{
    const struct text_row *row = *state;
    const struct octets octets = octets_of(row->hex);
    const struct wn_taken taken = {
        .state = WN_TAKEN_TEXT,
        .form = (uint8_t)row->form,
        .text = slice_of(&octets),
    };
    struct wn_arena arena = { 0 };
    struct wn_error err = { 0 };
    struct wn_slice text = { 0 };
    const enum wn_code rc = wn_taken_text(&taken, &arena, &text, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
    } else {
        assert_int_equal(rc, WN_OK);
        assert_true(wn_slice_is(text, row->text));
    }
    wn_arena_deinit(&arena);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(says_how_much_an_element_takes),
    };
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, tlv_rows, check_tlv);
    WN_ADD_TABLE(&tests, tlv_rows, check_tlv_cut);
    WN_ADD_TABLE(&tests, bad_rows, check_bad);
    WN_ADD_TABLE(&tests, text_rows, check_text);
    WN_ADD_TESTS(&tests, others);
    return wn_run_tests("ber", &tests);
}
