// SPDX-License-Identifier: Apache-2.0

/*
 * Identities that are coded in half octets, and addresses of octets.
 *
 *     83 08  00 01 01 21 43 65 87 f9        low half first
 *            00 10 10 12 34 56 78 9f   →    001010123456789, f fills up
 *
 *     PLMN   02 f4 40                       mcc 2 1 | mnc 3, mcc 3 | mnc 2 1
 *            20 4f 04                  →    204-04; 13 20 10 is 310-012
 *
 * The digits go into the arena as text, and the reader of the kind does the rest: what an IMSI is
 * stands in one place.
 */

#include <arpa/inet.h>

#include "read.h"
#include "winnow/coded.h"

enum {
    ASCII_LEAST = 14, ///< Octets of an identity in ASCII; fewer are TBCD.
    IMSI_OCTETS = 8,
    IMEI_DIGITS = 14,
    PLMN_OCTETS = 3,
    LOCATION_LEAST = 1 + PLMN_OCTETS,
    IPV4_OCTETS = 4,
    IPV6_OCTETS = 16,
};

/** @return the i-th half octet. */
static unsigned half(struct wn_slice octets, size_t i)
{
    const unsigned octet = (uint8_t)octets.at[i / 2];
    return i % 2 == 0 ? octet & 15 : octet >> 4;
}

/** @return how many half octets stand before the filler at the end. */
static size_t halves_of(struct wn_slice octets)
{
    size_t n = 2 * octets.len;
    while (n > 0 && half(octets, n - 1) == 15) {
        n--;
    }
    return n;
}

/** @return digits as text. */
static struct wn_slice text_of(struct wn_slice octets, size_t n, struct wn_arena *arena)
{
    char *text = wn_arena_take(arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        text[i] = (char)('0' + half(octets, i));
    }
    return (struct wn_slice){ text, n };
}

static enum wn_code bad_bcd(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-bcd",
                   "a half octet above 9 where a digit is due, or a filler before the end; look at "
                   "how the node codes it");
}

static bool are_digits(struct wn_slice octets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (half(octets, i) > 9) {
            return false;
        }
    }
    return true;
}

enum wn_code wn_imsi_octets(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err)
{
    if (octets.len >= ASCII_LEAST) {
        return wn_imsi_read(how, octets, arena, ret_value, ret_present, err);
    }
    const size_t n = halves_of(octets);
    if (!are_digits(octets, n)) {
        return bad_bcd(err);
    }
    if (octets.len > IMSI_OCTETS) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an IMSI: at most eight octets, or 14 to 16 digits in ASCII");
    }
    return wn_imsi_read(how, text_of(octets, n, arena), arena, ret_value, ret_present, err);
}

enum wn_code wn_imei_octets(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err)
{
    if (octets.len >= ASCII_LEAST) {
        return wn_imei_read(how, octets, arena, ret_value, ret_present, err);
    }
    size_t n = halves_of(octets);
    n = n < IMEI_DIGITS ? n : IMEI_DIGITS;
    if (!are_digits(octets, n)) {
        return bad_bcd(err);
    }
    if (octets.len > IMSI_OCTETS) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an IMEI: seven or eight octets, or 14 to 16 digits in ASCII");
    }
    return wn_imei_read(how, text_of(octets, n, arena), arena, ret_value, ret_present, err);
}

enum wn_code wn_plmn_octets(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err)
{
    (void)how;
    if (octets.len == 0 || wn_text_is_all(octets, '\0') || wn_text_is_all(octets, '\xff')) {
        return WN_OK;
    }
    if (octets.len != PLMN_OCTETS) {
        return wn_fail(err, WN_REJECT, "bad-identifier", "not a network: three octets are due");
    }

    // The digits in the order in which they are written; the sixth of them is the third's half.
    static const uint8_t order[] = { 0, 1, 2, 4, 5, 3 };
    const size_t n = half(octets, 3) == 15 ? 5 : 6;
    char *plmn = wn_arena_take(arena, n + 1);
    char *to = plmn;
    for (size_t i = 0; i < n; i++) {
        const unsigned digit = half(octets, order[i]);
        if (digit > 9) {
            return bad_bcd(err);
        }
        if (i == 3) {
            *to++ = '-';
        }
        *to++ = (char)('0' + digit);
    }
    ret_value->text = (struct wn_slice){ plmn, n + 1 };
    *ret_present = true;
    return WN_OK;
}

enum wn_code wn_location_plmn_octets(const struct wn_reading *how, struct wn_slice octets,
                                     struct wn_arena *arena, struct wn_value *ret_value,
                                     bool *ret_present, struct wn_error *err)
{
    if (octets.len == 0) {
        return WN_OK;
    }
    if (octets.len < LOCATION_LEAST) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not a user location: a type and a network of three octets are due");
    }
    const struct wn_slice plmn = { octets.at + 1, PLMN_OCTETS };
    return wn_plmn_octets(how, plmn, arena, ret_value, ret_present, err);
}

enum wn_code wn_ip_octets(const struct wn_reading *how, struct wn_slice octets,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err)
{
    (void)how;
    if (octets.len == 0 || wn_text_is_all(octets, '\0')) {
        return WN_OK;
    }
    if (octets.len != IPV4_OCTETS && octets.len != IPV6_OCTETS) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an IP address: 4 or 16 octets are due");
    }
    static const uint8_t mapped[IPV6_OCTETS - IPV4_OCTETS] = { [10] = 0xff, [11] = 0xff };
    ret_value->text = octets;
    if (octets.len == IPV4_OCTETS) {
        char *ip = wn_arena_take(arena, IPV6_OCTETS);
        memcpy(ip, mapped, sizeof(mapped));
        memcpy(ip + sizeof(mapped), octets.at, IPV4_OCTETS);
        ret_value->text = (struct wn_slice){ ip, IPV6_OCTETS };
    }
    *ret_present = true;
    return WN_OK;
}

struct wn_slice wn_ip_text(struct wn_slice ip, struct wn_arena *arena)
{
    static const uint8_t mapped[IPV6_OCTETS - IPV4_OCTETS] = { [10] = 0xff, [11] = 0xff };
    char text[INET6_ADDRSTRLEN];
    if (ip.len != IPV6_OCTETS) {
        return (struct wn_slice){ 0 };
    }
    const bool is_v4 = memcmp(ip.at, mapped, sizeof(mapped)) == 0;
    if (!inet_ntop(is_v4 ? AF_INET : AF_INET6, ip.at + (is_v4 ? sizeof(mapped) : 0), text,
                   sizeof(text))) {
        return (struct wn_slice){ 0 };
    }
    return wn_arena_copy(arena, wn_slice_of(text));
}
