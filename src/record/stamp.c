// SPDX-License-Identifier: Apache-2.0

/*
 * Times as 3GPP records code them.
 *
 *     26 10 25 02 30 00 2b 02 00      2026-10-25 02:30:00 +02:00, which is 00:30 UTC
 *     YY MM DD hh mm ss  +  hh mm     BCD, high half first; the sign in ASCII
 *
 * The stamp carries its own offset, so that the hour that autumn repeats is told apart. A node
 * whose clock was never set begins at 1970 or 2000, which two digits make 2070 and 2000.
 */

#include "civil.h"
#include "read.h"
#include "winnow/coded.h"

enum {
    WHOLE = 9, ///< Octets with an offset.
    LOCAL = 6, ///< Octets without.
    CENTURY = 2000,
    NEVER_SET = 2070, ///< From here on 1970 and later are meant.
    MOST_HOURS = 14,
};

/** Read two digits. @return 100 or more where they are none */
static unsigned two(struct wn_slice octets, size_t i)
{
    const unsigned octet = (uint8_t)octets.at[i];
    return (octet >> 4) > 9 || (octet & 15) > 9 ? 100 : (octet >> 4) * 10 + (octet & 15);
}

static enum wn_code take_civil(struct wn_slice octets, struct wn_civil *ret_civil, bool *ret_leap,
                               struct wn_error *err)
{
    unsigned parts[LOCAL];
    for (size_t i = 0; i < LOCAL; i++) {
        parts[i] = two(octets, i);
        if (parts[i] >= 100) {
            return wn_fail(err, WN_REJECT, "bad-bcd",
                           "octet %zu of a time has a half octet above 9: the node may write it "
                           "in binary",
                           i + 1);
        }
    }
    *ret_leap = parts[5] == 60;
    *ret_civil = (struct wn_civil){
        .year = CENTURY + (int32_t)parts[0],
        .month = (uint8_t)parts[1],
        .day = (uint8_t)parts[2],
        .hour = (uint8_t)parts[3],
        .minute = (uint8_t)parts[4],
        .second = (uint8_t)(*ret_leap ? 59 : parts[5]),
    };
    if (ret_civil->year == CENTURY || ret_civil->year >= NEVER_SET) {
        return wn_fail(err, WN_REJECT, "bad-time",
                       "a time of 1970 or 2000: the node's clock was not set");
    }
    if (parts[1] < 1 || parts[1] > 12 || parts[3] > 23 || parts[4] > 59 || parts[5] > 60 ||
        !wn_civil_is_date(ret_civil)) {
        return wn_fail(err, WN_REJECT, "bad-time", "there is no such date or time of day");
    }
    return WN_OK;
}

static enum wn_code take_offset(struct wn_slice octets, int32_t *ret_minutes, struct wn_error *err)
{
    const char sign = octets.at[LOCAL];
    const unsigned hours = two(octets, LOCAL + 1);
    const unsigned minutes = two(octets, LOCAL + 2);
    if (hours >= 100 || minutes >= 100) {
        return wn_fail(err, WN_REJECT, "bad-bcd", "an offset with a half octet above 9");
    }
    const unsigned total = hours * 60 + minutes;
    if ((sign != '+' && sign != '-') || total > MOST_HOURS * 60 || minutes > 45 ||
        minutes % 15 != 0) {
        return wn_fail(err, WN_REJECT, "bad-time",
                       "an offset without sign, of over 14 hours, or not of quarter hours; where "
                       "the node gets it wrong, say `clock: {offsets: zone}` in the source");
    }
    *ret_minutes = sign == '-' ? -(int32_t)total : (int32_t)total;
    return WN_OK;
}

/** @return whether there is no time: the date and time of day are all zeros or all ones. */
static bool is_nothing(struct wn_slice octets)
{
    const struct wn_slice local = { octets.at, octets.len < LOCAL ? octets.len : LOCAL };
    return octets.len == 0 || wn_text_is_all(local, '\0') || wn_text_is_all(local, '\xff');
}

enum wn_code wn_stamp_octets(struct wn_slice octets, const struct wn_clock *clock, bool by_zone,
                             struct wn_stamp *ret_stamp, bool *ret_present, struct wn_error *err)
{
    struct wn_civil civil;
    *ret_stamp = (struct wn_stamp){ 0 };
    *ret_present = false;
    if (is_nothing(octets)) {
        return WN_OK;
    }
    if (octets.len != WHOLE && octets.len != LOCAL) {
        return wn_fail(err, WN_REJECT, "bad-time", "not a time: nine octets, or six, are due");
    }
    if (take_civil(octets, &civil, &ret_stamp->is_leap, err) != WN_OK) {
        return err->code;
    }
    *ret_present = true;
    if (octets.len == LOCAL || by_zone) {
        if (!clock->zone) {
            return wn_fail(err, WN_REJECT, "bad-time",
                           "a time without an offset: say the node's zone, `clock: {zone: …}`");
        }
        return wn_time_local(&civil, clock, &ret_stamp->instants, err);
    }
    if (take_offset(octets, &ret_stamp->offset_min, err) != WN_OK) {
        return err->code;
    }
    const int64_t ms = wn_civil_utc_ms(&civil) - ret_stamp->offset_min * INT64_C(60000);
    ret_stamp->instants = (struct wn_instants){ ms, ms };
    ret_stamp->has_offset = true;
    return WN_OK;
}

struct wn_slice wn_stamp_text(struct wn_slice octets, struct wn_arena *arena)
{
    static const char form[] = "2099-99-99T99:99:99+99:99";
    const bool is_whole = octets.len == WHOLE;
    if (!is_whole && octets.len != LOCAL) {
        return (struct wn_slice){ 0 };
    }
    const size_t len = is_whole ? sizeof(form) - 1 : sizeof(form) - 7;
    char *text = wn_arena_take(arena, len);
    size_t at = 0; // Half octet.
    for (size_t i = 0; i < len; i++) {
        const unsigned octet = (uint8_t)octets.at[at / 2];
        if (form[i] == '9') {
            text[i] = "0123456789??????"[at % 2 == 0 ? octet >> 4 : octet & 15];
            at++;
        } else if (form[i] == '+') {
            text[i] = "?+-"[octet == '+' ? 1 : octet == '-' ? 2 : 0];
            at += 2;
        } else {
            text[i] = form[i];
        }
    }
    return (struct wn_slice){ text, len };
}
