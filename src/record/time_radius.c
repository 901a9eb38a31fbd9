// SPDX-License-Identifier: Apache-2.0

/**
 * Dates with a zone: as RADIUS servers print them, and stamps with an offset (ISO 8601).
 *
 *     Oct 24 2026 21:15:08 CEST     version 3: local time; the day is padded with a blank
 *     Oct 24 2026 21:15:08 +03      … in a zone whose abbreviation is a number
 *     2026-10-24T19:15:08Z          version 4: RFC 3339
 *     1792869308                    dates_as_integer
 *
 * An abbreviation is ambiguous in the world (IST, CST) and unambiguous in one zone: it is only
 * compared with the source's zone's own. There it says more than the digits do: it chooses between
 * the two instants of the repeated hour. UTC and GMT mean the same everywhere.
 */

#include "civil.h"
#include "read.h"
#include "zone.h"

enum {
    OFFSET_MOST_MIN = 14 * 60,
    STAMP = 19 ///< Characters of `2026-10-24T19:15:08`.
};

static enum wn_code bad_date(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-time",
                   "not a date from 2000 to 2199 such as Oct 24 2026 21:15:08 CEST, "
                   "2026-10-24T19:15:08Z or seconds since 1970");
}

/** Read `+03`, `+0330`, `+03:30` in minutes. */
static bool read_offset(struct wn_slice text, int32_t *ret_minutes)
{
    int32_t digits[4] = { 0 };
    size_t n = 0;
    for (size_t i = 1; i < text.len; i++) {
        if (text.at[i] == ':' && i == 3) {
            continue;
        }
        if (n == 4 || !wn_is_digit(text.at[i])) {
            return false;
        }
        digits[n++] = text.at[i] - '0';
    }
    int32_t rest = digits[2] * 10 + digits[3];
    int32_t minutes = (digits[0] * 10 + digits[1]) * 60 + rest;
    *ret_minutes = text.len > 0 && text.at[0] == '-' ? -minutes : minutes;
    return (n == 2 || n == 4) && text.at[text.len - 1] != ':' && rest < 60 && rest % 15 == 0 &&
           minutes <= OFFSET_MOST_MIN;
}

enum wn_code wn_time_stamp(struct wn_slice text, const struct wn_clock *clock,
                           struct wn_instants *ret_instants, struct wn_error *err)
{
    text = wn_slice_strip(text);
    size_t end = text.len < STAMP ? text.len : STAMP; // A fraction may follow.
    while (end < text.len && (text.at[end] == '.' || wn_is_digit(text.at[end]))) {
        end++;
    }
    struct wn_civil civil;
    enum wn_code rc = wn_time_civil((struct wn_slice){ text.at, end }, &civil, err);
    if (rc != WN_OK) {
        return rc;
    }
    if (end == text.len) {
        return wn_time_local(&civil, clock, ret_instants, err);
    }
    struct wn_slice zone = wn_slice_after(text, end);
    int32_t minutes = 0;
    bool is_utc = wn_slice_is(zone, "Z") || wn_slice_is(zone, "z");
    if (!is_utc && ((zone.at[0] != '+' && zone.at[0] != '-') || !read_offset(zone, &minutes))) {
        return bad_date(err);
    }
    ret_instants->ms = wn_civil_utc_ms(&civil) - minutes * INT64_C(60000);
    ret_instants->later_ms = ret_instants->ms;
    return WN_OK;
}

/** @return whether what stands behind the stamp of a date names a zone. */
static bool has_zone(struct wn_slice text)
{
    size_t end = STAMP;
    while (end < text.len && (text.at[end] == '.' || wn_is_digit(text.at[end]))) {
        end++;
    }
    return end < text.len;
}

/** Take blanks. @return whether there was one */
static bool take_blanks(struct wn_slice *rest)
{
    size_t before = rest->len;
    *rest = wn_slice_strip(*rest);
    return rest->len < before;
}

/** Take a number of at most `n` digits. @return whether there was one */
static bool take_digits(struct wn_slice *rest, size_t n, int32_t *ret_number)
{
    int32_t number = 0;
    size_t i = 0;
    while (i < n && i < rest->len && wn_is_digit(rest->at[i])) {
        number = number * 10 + (rest->at[i++] - '0');
    }
    *rest = wn_slice_after(*rest, i);
    *ret_number = number;
    return i > 0;
}

/** Take `21:15:08`. */
static bool take_time(struct wn_slice *rest, struct wn_civil *ret_civil)
{
    int32_t parts[3];
    for (size_t i = 0; i < 3; i++) {
        if (i > 0) {
            if (rest->len == 0 || rest->at[0] != ':') {
                return false;
            }
            *rest = wn_slice_after(*rest, 1);
        }
        if (!take_digits(rest, 2, &parts[i]) || parts[i] > (i == 0 ? 23 : 59)) {
            return false;
        }
    }
    ret_civil->hour = (uint8_t)parts[0];
    ret_civil->minute = (uint8_t)parts[1];
    ret_civil->second = (uint8_t)parts[2];
    return true;
}

/** Take `Oct 24 2026 21:15:08`. */
static bool take_date(struct wn_slice *rest, struct wn_civil *ret_civil)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    *ret_civil = (struct wn_civil){ 0 };
    for (uint8_t month = 0; month < 12 && rest->len >= 3; month++) {
        if (memcmp(rest->at, months + (size_t)month * 3, 3) == 0) {
            ret_civil->month = (uint8_t)(month + 1);
        }
    }
    if (ret_civil->month == 0) {
        return false;
    }
    *rest = wn_slice_after(*rest, 3);
    int32_t day;
    if (!take_blanks(rest) || !take_digits(rest, 2, &day) || !take_blanks(rest) ||
        !take_digits(rest, 4, &ret_civil->year) || !take_blanks(rest)) {
        return false;
    }
    ret_civil->day = (uint8_t)day;
    return wn_civil_is_date(ret_civil) && take_time(rest, ret_civil);
}

/** Choose the instant at which the zone's abbreviation is this one. */
static enum wn_code by_abbreviation(const struct wn_civil *local, const struct wn_clock *clock,
                                    struct wn_slice name, int64_t *ret_ms, struct wn_error *err)
{
    int64_t utc_ms[2];
    unsigned n = wn_zone_utc(clock->zone, local, utc_ms);
    for (unsigned i = 0; i < n; i++) {
        if (wn_slice_is(name, wn_zone_abbreviation(clock->zone, utc_ms[i]))) {
            *ret_ms = utc_ms[i];
            return WN_OK;
        }
    }
    if (n == 0) {
        struct wn_instants instants = { 0 };
        enum wn_code rc = wn_time_local(local, clock, &instants, err); // Says why.
        *ret_ms = instants.ms;
        return rc;
    }
    return wn_fail(err, WN_REJECT, "bad-time",
                   "a zone abbreviation that the source's zone does not have at this time; correct "
                   "`clock: {zone: …}`");
}

/** Read a date; `later_ms` is filled in for a local one only. */
static enum wn_code read_date(struct wn_slice text, const struct wn_clock *clock,
                              struct wn_instants *ret_instants, struct wn_error *err)
{
    int64_t *ret_ms = &ret_instants->ms;
    if (wn_text_is_digits(text)) {
        return wn_time_epoch(text, WN_UNIT_S, ret_ms, err);
    }
    if (text.len > 0 && wn_is_digit(text.at[0])) {
        return has_zone(text) ? wn_time_stamp(text, clock, ret_instants, err) : bad_date(err);
    }

    struct wn_civil civil;
    if (!take_date(&text, &civil)) {
        return bad_date(err);
    }
    if (text.len == 0) {
        return wn_time_local(&civil, clock, ret_instants, err);
    }
    if (!take_blanks(&text) || text.len == 0) {
        return bad_date(err);
    }
    int32_t minutes = 0;
    bool is_offset = text.at[0] == '+' || text.at[0] == '-';
    bool is_utc = wn_slice_is(text, "UTC") || wn_slice_is(text, "GMT");
    if (!is_utc && !is_offset) {
        return by_abbreviation(&civil, clock, text, ret_ms, err);
    }
    if (is_offset && !read_offset(text, &minutes)) {
        return bad_date(err);
    }
    *ret_ms = wn_civil_utc_ms(&civil) - minutes * INT64_C(60000);
    return WN_OK;
}

enum wn_code wn_time_radius(struct wn_slice text, const struct wn_clock *clock,
                            struct wn_instants *ret_instants, struct wn_error *err)
{
    struct wn_instants instants = { .later_ms = INT64_MIN };
    if (read_date(wn_slice_strip(text), clock, &instants, err) != WN_OK) {
        return err->code;
    }
    if (instants.later_ms == INT64_MIN) {
        instants.later_ms = instants.ms;
    }
    *ret_instants = instants;
    return WN_OK;
}
