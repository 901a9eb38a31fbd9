// SPDX-License-Identifier: Apache-2.0

/*
 * Addresses: the type of number says more than dialling rules can guess.
 *
 *     AddressString       91 44 77 00 09 10 32     1 | type | plan, digits
 *     BCDDirectoryNumber  91 44 77 …               the same
 *                         11 a0 44 77 …            0 | type | plan, octet 3a (restricted), digits
 *     short message       0c 91 44 77 …            how many half octets first
 *
 * An international number is E.164 as it stands, a national one gets the site's country code, with
 * the trunk prefix gone if a writer left it in. All others, and what is too short to be either,
 * are read as they were dialled: 112 is flagged `international` by some, and a helpline must be
 * found under any type.
 */

#include "number_plan.h"
#include "read.h"
#include "winnow/coded.h"
#include "winnow/number.h"

enum {
    SHORTEST = 7, ///< Digits of an E.164 number, country code included; fewer are a short code.
};

static enum wn_code cut(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-identifier",
                   "not an address: type of number and at most %d digits are due",
                   WN_ADDRESS_DIGITS);
}

/** Take up to `most` half octets; a filler ends them. */
static enum wn_code take_digits(struct wn_slice octets, size_t most, struct wn_address *address,
                                struct wn_error *err)
{
    bool ended = false;
    for (size_t i = 0; i < 2 * octets.len && i < most; i++) {
        const unsigned octet = (uint8_t)octets.at[i / 2];
        const unsigned digit = i % 2 == 0 ? octet & 15 : octet >> 4;
        if (digit == 15) {
            ended = true;
            continue;
        }
        if (ended) {
            return wn_fail(err, WN_REJECT, "bad-bcd", "an address with a filler before its end");
        }
        if (address->n == WN_ADDRESS_DIGITS) {
            return cut(err);
        }
        address->digits[address->n++] = "0123456789*#abc"[digit];
    }
    return WN_OK;
}

/** Tell an address of a short message from one that lacks its first octet. */
static bool has_length(struct wn_slice octets)
{
    const size_t halves = (uint8_t)octets.at[0];
    return octets.len >= 2 && (octets.at[1] & 0x80) != 0 && (halves + 1) / 2 <= octets.len - 2;
}

enum wn_code wn_address_take(enum wn_address_coding coding, struct wn_slice octets,
                             struct wn_address *ret_address, struct wn_error *err)
{
    size_t most = SIZE_MAX;
    *ret_address = (struct wn_address){ 0 };
    if (octets.len == 0 || wn_text_is_all(octets, '\xff')) {
        return WN_OK;
    }
    if (coding == WN_ADDRESS_SMS && has_length(octets)) {
        most = (uint8_t)octets.at[0];
        octets = wn_slice_after(octets, 1);
    }
    const unsigned first = (uint8_t)octets.at[0];
    ret_address->type = (enum wn_address_type)(first >> 4 & 7);
    octets = wn_slice_after(octets, 1);
    if ((first & 0x80) == 0) {
        if (coding == WN_ADDRESS_SMS) { // Neither a length that fits nor a type of number.
            return cut(err);
        }
        if (coding == WN_ADDRESS_DIRECTORY) {
            if (octets.len == 0) {
                return cut(err);
            }
            ret_address->is_restricted = ((uint8_t)octets.at[0] >> 5 & 3) == 1;
            octets = wn_slice_after(octets, 1);
        }
    }
    ret_address->is_letters =
        coding == WN_ADDRESS_SMS && ret_address->type == WN_ADDRESS_ALPHANUMERIC;
    return ret_address->is_letters ? WN_OK : take_digits(octets, most, ret_address, err);
}

/** Put a number behind a plus and a country code, past `skip` of its digits, in the arena. */
static struct wn_slice with_plus(const struct wn_address *address, const char *country, size_t skip,
                                 struct wn_arena *arena)
{
    const size_t before = 1 + strlen(country);
    const size_t rest = address->n - skip;
    char *text = wn_arena_take(arena, before + rest);
    text[0] = '+';
    memcpy(text + 1, country, before - 1);
    memcpy(text + before, address->digits + skip, rest);
    return (struct wn_slice){ text, before + rest };
}

/** @return the number as text that the reader of numbers takes apart by the site's rules. */
static struct wn_slice as_dialled(const struct wn_address *address, const struct wn_site *site,
                                  struct wn_arena *arena)
{
    const struct wn_slice digits = { address->digits, address->n };
    const struct wn_dialling *rules = wn_dialling_of(site->country);
    const bool has_exit = wn_slice_starts(digits, rules->international);

    if (address->type == WN_ADDRESS_INTERNATIONAL &&
        (digits.len >= SHORTEST || wn_slice_starts(digits, site->country))) {
        return with_plus(address, "", wn_slice_starts(digits, "00") ? 2 : 0, arena);
    }
    if (address->type == WN_ADDRESS_NATIONAL && digits.len >= SHORTEST && !has_exit) {
        const bool has_trunk = rules->trunk[0] != '\0' && wn_slice_starts(digits, rules->trunk);
        return with_plus(address, site->country, has_trunk ? strlen(rules->trunk) : 0, arena);
    }
    return wn_arena_copy(arena, digits);
}

/** Find the number of an address. @return WN_OK, of class `withheld` where there is none */
static enum wn_code find_number(const struct wn_address *address, const struct wn_reading *how,
                                struct wn_arena *arena, struct wn_value *ret_value,
                                struct wn_error *err)
{
    if (address->is_letters) {
        ret_value->class = WN_NUMBER_ALPHANUMERIC; // A name, and no number.
        return WN_OK;
    }
    if (address->n == 0) {
        ret_value->class = WN_NUMBER_WITHHELD;
        return WN_OK;
    }
    if (!wn_text_is_digits((struct wn_slice){ address->digits, address->n })) {
        ret_value->class = WN_NUMBER_FEATURE; // `*21*…#` may hold somebody's number: dropped.
        return WN_OK;
    }
    bool present = false;
    return wn_number_read(how, as_dialled(address, how->site, arena), arena, ret_value, &present,
                          err);
}

// NOLINTNEXTLINE(readability-function-size): a reader's six parameters, and the coding.
enum wn_code wn_address_read(enum wn_address_coding coding, const struct wn_reading *how,
                             struct wn_slice octets, struct wn_arena *arena,
                             struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    struct wn_address address;
    *ret_value = (struct wn_value){ 0 };
    *ret_present = false;
    if (wn_address_take(coding, octets, &address, err) != WN_OK ||
        find_number(&address, how, arena, ret_value, err) != WN_OK) {
        if (!how->numbers->keeps_class) {
            return err->code;
        }
        *ret_value = (struct wn_value){ .class = WN_NUMBER_UNKNOWN };
    }
    *ret_present = ret_value->class != WN_NUMBER_WITHHELD;
    ret_value->marks |= address.is_restricted ? WN_MARK_WITHHELD : 0;
    return WN_OK;
}

struct wn_slice wn_address_text(enum wn_address_coding coding, struct wn_slice octets,
                                struct wn_arena *arena)
{
    struct wn_address address;
    struct wn_error unused;
    if (wn_address_take(coding, octets, &address, &unused) != WN_OK || address.n == 0) {
        return (struct wn_slice){ 0 };
    }
    return address.type == WN_ADDRESS_INTERNATIONAL
               ? with_plus(&address, "", 0, arena)
               : wn_arena_copy(arena, (struct wn_slice){ address.digits, address.n });
}
