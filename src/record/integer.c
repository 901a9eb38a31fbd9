// SPDX-License-Identifier: Apache-2.0

/*
 * Numbers and bits of BER. Writers give an identity four octets without the zero in front that
 * its top bit asks for, so that to the letter it is negative: an identity is unsigned at the width
 * that it has. A negative volume is no volume.
 */

#include "read.h"
#include "winnow/coded.h"

enum {
    WIDEST = 8,
    DECIMALS = 20, ///< Digits of 64 bits.
};

/** @return the octets without the zero ones in front; the last stays. */
static struct wn_slice without_zeros(struct wn_slice octets)
{
    while (octets.len > 1 && octets.at[0] == 0) {
        octets = wn_slice_after(octets, 1);
    }
    return octets;
}

static uint64_t join(struct wn_slice octets)
{
    uint64_t number = 0;
    for (size_t i = 0; i < octets.len; i++) {
        number = number << 8 | (uint8_t)octets.at[i];
    }
    return number;
}

enum wn_code wn_integer_octets(struct wn_slice octets, enum wn_integer how, int64_t *ret_number,
                               struct wn_error *err)
{
    if (octets.len == 0) {
        return wn_fail(err, WN_REJECT, "bad-integer", "an INTEGER without octets");
    }
    if (how == WN_INTEGER_COUNT && (octets.at[0] & 0x80) != 0) {
        return wn_fail(err, WN_REJECT, "bad-integer",
                       "a negative volume, count or duration; where the node leaves the leading "
                       "zero octet out, say `integers: raw-unsigned` in the source");
    }
    octets = without_zeros(octets);
    if (octets.len > WIDEST || (octets.len == WIDEST && (octets.at[0] & 0x80) != 0)) {
        return wn_fail(err, WN_REJECT, "bad-integer", "an INTEGER of over 63 bits");
    }
    *ret_number = (int64_t)join(octets);
    return WN_OK;
}

struct wn_slice wn_integer_text(struct wn_slice octets, struct wn_arena *arena)
{
    octets = without_zeros(octets);
    if (octets.len == 0 || octets.len > WIDEST) {
        return (struct wn_slice){ 0 };
    }
    char *text = wn_arena_take(arena, DECIMALS);
    uint64_t number = join(octets);
    size_t at = DECIMALS;
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct wn_slice){ text + at, DECIMALS - at };
}

bool wn_bits_has(struct wn_slice octets, unsigned bit)
{
    if (octets.len < 2) {
        return false;
    }
    const unsigned unused = (uint8_t)octets.at[0];
    const size_t n = 8 * (octets.len - 1);
    return unused < 8 && bit < n - unused &&
           ((uint8_t)octets.at[1 + bit / 8] >> (7 - bit % 8) & 1) != 0;
}

struct wn_slice wn_bits_text(struct wn_slice octets, struct wn_arena *arena)
{
    enum {
        BITS = 999,     ///< More are not told.
        DIGITS = 3 + 1, ///< Of a number, and a blank.
    };
    const size_t n = octets.len < 2 ? 0 : 8 * (octets.len - 1) < BITS ? 8 * (octets.len - 1) : BITS;
    char *text = wn_arena_take(arena, DIGITS * n + 1);
    size_t len = 0;
    for (unsigned bit = 0; bit < n; bit++) {
        if (!wn_bits_has(octets, bit)) {
            continue;
        }
        if (len > 0) {
            text[len++] = ' ';
        }
        if (bit >= 100) {
            text[len++] = (char)('0' + bit / 100);
        }
        if (bit >= 10) {
            text[len++] = (char)('0' + bit / 10 % 10);
        }
        text[len++] = (char)('0' + bit % 10);
    }
    return (struct wn_slice){ text, len };
}
