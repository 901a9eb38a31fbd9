// SPDX-License-Identifier: Apache-2.0

#include "winnow/coded.h"
#include "winnow/form.h"
#include "winnow/hash.h"

enum {
    NUMBER_BYTES = 24, ///< Of a number of 64 bits in decimal, and a sign.
};

/** Write a number in decimal: for each record, so not by printf. @return how many digits */
static size_t put_number(uint64_t number, char *to)
{
    char digits[NUMBER_BYTES]; // The last first.
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < n; i++) {
        to[i] = digits[n - 1 - i];
    }
    return n;
}

static enum wn_code bad_integer(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-integer", "an INTEGER has no octets or over 64 bits");
}

/** @return the octets without those in front that only repeat `filler`; one is left. */
static struct wn_slice without_front(struct wn_slice octets, char filler)
{
    while (octets.len > 1 && octets.at[0] == filler) {
        octets = wn_slice_after(octets, 1);
    }
    return octets;
}

/** @return the octets as a number, the most significant first. */
static uint64_t number_of(struct wn_slice octets, uint64_t begin)
{
    uint64_t number = begin;
    for (size_t i = 0; i < octets.len; i++) {
        number = number << 8 | (uint8_t)octets.at[i];
    }
    return number;
}

static enum wn_code unsigned_text(struct wn_slice octets, struct wn_arena *arena,
                                  struct wn_slice *ret_text, struct wn_error *err)
{
    octets = without_front(octets, 0);
    if (octets.len == 0 || octets.len > sizeof(uint64_t)) {
        return bad_integer(err);
    }
    char *text = wn_arena_take(arena, NUMBER_BYTES);
    *ret_text = (struct wn_slice){ text, put_number(number_of(octets, 0), text) };
    return WN_OK;
}

static enum wn_code integer_text(struct wn_slice octets, struct wn_arena *arena,
                                 struct wn_slice *ret_text, struct wn_error *err)
{
    if (octets.len == 0 || ((uint8_t)octets.at[0] & 0x80) == 0) {
        return unsigned_text(octets, arena, ret_text, err);
    }
    while (octets.len > sizeof(uint64_t) && octets.at[0] == '\xff' &&
           ((uint8_t)octets.at[1] & 0x80) != 0) {
        octets = wn_slice_after(octets, 1);
    }
    if (octets.len > sizeof(uint64_t)) {
        return bad_integer(err);
    }
    char *text = wn_arena_take(arena, NUMBER_BYTES);
    text[0] = '-';
    *ret_text =
        (struct wn_slice){ text, 1 + put_number(0 - number_of(octets, UINT64_MAX), text + 1) };
    return WN_OK;
}

static enum wn_code boolean_text(struct wn_slice octets, struct wn_slice *ret_text,
                                 struct wn_error *err)
{
    if (octets.len != 1) {
        return wn_fail(err, WN_REJECT, "bad-ber", "a BOOLEAN is not of one octet");
    }
    *ret_text = wn_slice_of(octets.at[0] ? "true" : "false");
    return WN_OK;
}

static enum wn_code hex_text(struct wn_slice octets, struct wn_arena *arena,
                             struct wn_slice *ret_text)
{
    char *text = wn_arena_take(arena, 2 * octets.len + 1);
    wn_hex((const uint8_t *)octets.at, octets.len, text);
    *ret_text = (struct wn_slice){ text, 2 * octets.len };
    return WN_OK;
}

static enum wn_code tbcd_text(struct wn_slice octets, struct wn_arena *arena,
                              struct wn_slice *ret_text, struct wn_error *err)
{
    static const char signs[] = "0123456789*#abc";
    const unsigned filler = 15;
    char *text = wn_arena_take(arena, 2 * octets.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < 2 * octets.len; i++) {
        const unsigned octet = (uint8_t)octets.at[i / 2];
        const unsigned nibble = i % 2 == 0 ? octet & 15 : octet >> 4;
        if (nibble == filler && i + 1 < 2 * octets.len) {
            return wn_fail(err, WN_REJECT, "bad-bcd", "a filler stands before the last digit");
        }
        if (nibble != filler) {
            text[n++] = signs[nibble];
        }
    }
    *ret_text = (struct wn_slice){ text, n };
    return WN_OK;
}

static enum wn_code bits_text(struct wn_slice octets, struct wn_arena *arena,
                              struct wn_slice *ret_text, struct wn_error *err)
{
    const unsigned most = 4096; // Of bits: a record type has 64 at most.
    const unsigned unused = octets.len > 0 ? (uint8_t)octets.at[0] : 8;
    if (unused > 7 || (octets.len == 1 && unused > 0) || octets.len > 1 + most / 8) {
        return wn_fail(err, WN_REJECT, "bad-ber", "a BIT STRING has no count of unused bits");
    }
    const unsigned n_bits = (unsigned)(8 * (octets.len - 1)) - unused;
    char *text = wn_arena_take(arena, (size_t)6 * n_bits + 1); // Four digits and a comma each.
    size_t len = 0;
    for (unsigned i = 0; i < n_bits; i++) {
        if (((uint8_t)octets.at[1 + i / 8] & 0x80U >> i % 8) != 0) {
            if (len > 0) {
                text[len++] = ',';
            }
            len += put_number(i, text + len);
        }
    }
    *ret_text = (struct wn_slice){ text, len };
    return WN_OK;
}

static enum wn_code oid_text(struct wn_slice octets, struct wn_arena *arena,
                             struct wn_slice *ret_text, struct wn_error *err)
{
    const uint64_t first_arc = 40;
    // Seven bits are two digits or three and a point.
    char *text = wn_arena_take(arena, 4 * octets.len + 8);
    size_t len = 0;
    uint64_t arc = 0;
    for (size_t i = 0; i < octets.len; i++) {
        const uint8_t octet = (uint8_t)octets.at[i];
        arc = arc << 7 | (octet & 0x7f);
        if (arc > UINT32_MAX) {
            break;
        }
        if ((octet & 0x80) != 0) {
            continue;
        }
        if (len == 0) { // The first two arcs are one number.
            const uint64_t root = arc < first_arc ? 0 : arc < 2 * first_arc ? 1 : 2;
            len = put_number(root, text);
            arc -= root * first_arc;
        }
        text[len++] = '.';
        len += put_number(arc, text + len);
        arc = 0;
        if (i + 1 == octets.len) {
            *ret_text = (struct wn_slice){ text, len };
            return WN_OK;
        }
    }
    return wn_fail(err, WN_REJECT, "bad-ber", "an OBJECT IDENTIFIER is none");
}

/** Give the text of a value whose kind has one canonical form: the same however it is coded. */
static enum wn_code kind_text(const struct wn_taken *taken, struct wn_arena *arena,
                              struct wn_slice *ret_text, struct wn_error *err)
{
    static const struct wn_reading how = { 0 }; // Neither looks at the site.
    struct wn_value value = { 0 };
    bool present = false;
    if (taken->form == WN_FORM_PLMN) {
        if (wn_plmn_octets(&how, taken->text, arena, &value, &present, err) != WN_OK) {
            return err->code;
        }
        *ret_text = value.text;
        return WN_OK;
    }
    if (wn_ip_element(&how, taken->text, arena, &value, &present, err) != WN_OK) {
        return err->code;
    }
    *ret_text = wn_ip_text(value.text, arena);
    return WN_OK;
}

enum wn_code wn_taken_text(const struct wn_taken *taken, struct wn_arena *arena,
                           struct wn_slice *ret_text, struct wn_error *err)
{
    switch ((enum wn_form)taken->form) {
    case WN_FORM_INTEGER:
    case WN_FORM_ENUM:
        return integer_text(taken->text, arena, ret_text, err);
    case WN_FORM_UNSIGNED:
        return unsigned_text(taken->text, arena, ret_text, err);
    case WN_FORM_BOOLEAN:
        return boolean_text(taken->text, ret_text, err);
    case WN_FORM_NULL:
        *ret_text = wn_slice_of("true");
        return WN_OK;
    case WN_FORM_BITS:
        return bits_text(taken->text, arena, ret_text, err);
    case WN_FORM_OID:
        return oid_text(taken->text, arena, ret_text, err);
    case WN_FORM_TBCD:
        return tbcd_text(taken->text, arena, ret_text, err);
    case WN_FORM_ADDRESS:
        *ret_text = wn_address_text(WN_ADDRESS_STRING, taken->text, arena);
        return WN_OK;
    case WN_FORM_DIRECTORY:
        *ret_text = wn_address_text(WN_ADDRESS_DIRECTORY, taken->text, arena);
        return WN_OK;
    case WN_FORM_SMS_ADDRESS:
        *ret_text = wn_address_text(WN_ADDRESS_SMS, taken->text, arena);
        return WN_OK;
    case WN_FORM_TIMESTAMP:
        *ret_text = wn_stamp_text(taken->text, arena);
        return WN_OK;
    case WN_FORM_IP:
    case WN_FORM_PLMN:
        return kind_text(taken, arena, ret_text, err);
    case WN_FORM_OCTETS:
    case WN_FORM_MS_TIME_ZONE:
        return hex_text(taken->text, arena, ret_text);
    case WN_FORM_TEXT:
    case WN_FORMS:
    default:
        *ret_text = taken->text;
        return WN_OK;
    }
}
