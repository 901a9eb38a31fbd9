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
