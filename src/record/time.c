// SPDX-License-Identifier: Apache-2.0

#include "winnow/time.h"

#include "civil.h"
#include "read.h"
#include "winnow/hash.h"

static const int64_t earliest_ms = 946684800000; // 2000-01-01T00:00:00Z
static const int64_t latest_ms = 7258118400000;  // 2200-01-01T00:00:00Z

enum {
    NEAR_MS = 60000,
    STAMP = 19,
    DATE_DIGITS = 8,
    FARTHEST_MS = 15 * 3600000, ///< No zone is farther from UTC.
    TZ_MOST_MIN = 14 * 60
};

/**
 * Read a decimal number to thousandths, cut; with `fraction` false it must be whole.
 *
 * @return false where it is none, or its thousandths exceed 63 bits.
 */
static bool read_thousandths(struct wn_slice text, bool fraction, int64_t *ret_number)
{
    int64_t number = 0;
    size_t i = 0;
    for (; i < text.len && wn_is_digit(text.at[i]); i++) {
        if (__builtin_mul_overflow(number, INT64_C(10), &number) ||
            __builtin_add_overflow(number, (int64_t)(text.at[i] - '0'), &number)) {
            return false;
        }
    }
    if (i == 0 || __builtin_mul_overflow(number, INT64_C(1000), &number)) {
        return false;
    }
    if (i == text.len) {
        *ret_number = number;
        return true;
    }
    if (!fraction || text.at[i] != '.' || i + 1 == text.len) {
        return false;
    }
    int64_t unit = 100;
    int64_t part = 0;
    for (i++; i < text.len; i++, unit /= 10) {
        if (!wn_is_digit(text.at[i])) {
            return false;
        }
        part += (text.at[i] - '0') * unit;
    }
    return !__builtin_add_overflow(number, part, ret_number);
}

/** Read a number of this unit to milliseconds, cut. */
static bool read_ms(struct wn_slice text, enum wn_time_unit unit, int64_t *ret_ms)
{
    if (unit == WN_UNIT_S) {
        return read_thousandths(text, true, ret_ms);
    }
    uint64_t number;
    if (!wn_slice_number(text, &number) || number > INT64_MAX) {
        return false;
    }
    *ret_ms = (int64_t)(unit == WN_UNIT_MS ? number : number / 1000);
    return true;
}

enum wn_code wn_time_epoch(struct wn_slice text, enum wn_time_unit unit, int64_t *ret_ms,
                           struct wn_error *err)
{
    int64_t ms;
    if (!read_ms(text, unit, &ms)) {
        return wn_fail(err, WN_REJECT, "bad-time",
                       "not a time since 1970: a number without sign is expected");
    }
    if (ms < earliest_ms || ms >= latest_ms) {
        return wn_fail(err, WN_REJECT, "bad-time",
                       "a time before 2000 or after 2200: look at the unit that the source says");
    }
    *ret_ms = ms;
    return WN_OK;
}

enum wn_code wn_time_duration(struct wn_slice text, enum wn_time_unit unit, int64_t *ret_ms,
                              struct wn_error *err)
{
    if (!read_ms(text, unit, ret_ms)) {
        return wn_fail(err, WN_REJECT, "bad-integer",
                       "not a duration: a number without sign is expected");
    }
    return WN_OK;
}

bool wn_time_is_placeholder(struct wn_slice text)
{
    size_t zeros = 0;
    bool is_date = false;
    if (text.len > 0 && text.at[0] >= '1' && text.at[0] <= '9') {
        return false; // Nearly every time.
    }
    text = wn_slice_strip(text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '0') {
            zeros++;
        } else if (c == '-' || c == '/' || c == ':' || c == ' ' || c == 'T' || c == 'Z') {
            is_date = true;
        } else if (c != '.') {
            return wn_slice_is(text, "-1") || wn_slice_starts(text, "0000-00-00");
        }
    }
    return text.len == 0 || zeros >= (is_date ? DATE_DIGITS : 1);
}

/** Read two digits. @return false where they are none or exceed `most` */
static bool read_two(const char *at, unsigned least, unsigned most, uint8_t *ret_number)
{
    if (!wn_is_digit(at[0]) || !wn_is_digit(at[1])) {
        return false;
    }
    unsigned number = (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
    *ret_number = (uint8_t)number;
    return number >= least && number <= most;
}

static bool read_fraction(struct wn_slice text, uint16_t *ret_ms)
{
    unsigned unit = 100;
    unsigned ms = 0;
    for (size_t i = 0; i < text.len; i++, unit /= 10) {
        if (!wn_is_digit(text.at[i])) {
            return false;
        }
        ms += (unsigned)(text.at[i] - '0') * unit;
    }
    *ret_ms = (uint16_t)ms;
    return text.len > 0;
}

/**
 * @return whether a spreadsheet has written a date anew: slashes, or hours and minutes without
 *         seconds.
 */
static bool is_resaved(struct wn_slice text)
{
    unsigned colons = 0;
    bool slash = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        colons += c == ':' ? 1 : 0;
        slash = slash || c == '/';
        if (!wn_is_digit(c) && c != ':' && c != '/' && c != '-' && c != '.' && c != ' ' &&
            c != 'T') {
            return false;
        }
    }
    return text.len > 0 && wn_is_digit(text.at[0]) && (slash || colons == 1);
}

static bool read_stamp(struct wn_slice text, struct wn_civil *ret_civil)
{
    const char *at = text.at;
    uint8_t century;
    uint8_t year;
    if (text.len < STAMP || at[4] != '-' || at[7] != '-' || (at[10] != ' ' && at[10] != 'T') ||
        at[13] != ':' || at[16] != ':' || !read_two(at, 0, 99, &century) ||
        !read_two(at + 2, 0, 99, &year) || !read_two(at + 5, 1, 12, &ret_civil->month) ||
        !read_two(at + 8, 1, 31, &ret_civil->day) || !read_two(at + 11, 0, 23, &ret_civil->hour) ||
        !read_two(at + 14, 0, 59, &ret_civil->minute) ||
        !read_two(at + 17, 0, 59, &ret_civil->second)) {
        return false;
    }
    ret_civil->year = century * 100 + year;
    ret_civil->ms = 0;
    if (text.len > STAMP &&
        (at[STAMP] != '.' || !read_fraction(wn_slice_after(text, STAMP + 1), &ret_civil->ms))) {
        return false;
    }
    return wn_civil_is_date(ret_civil);
}

enum wn_code wn_time_civil(struct wn_slice text, struct wn_civil *ret_civil, struct wn_error *err)
{
    struct wn_civil civil = { 0 };
    if (read_stamp(text, &civil)) {
        *ret_civil = civil;
        return WN_OK;
    }
    if (is_resaved(text)) {
        return wn_fail(err, WN_REJECT, "spreadsheet-damaged",
                       "a date with slashes or without seconds: a spreadsheet has saved the file "
                       "anew; take the switch's own file");
    }
    return wn_fail(err, WN_REJECT, "bad-time",
                   "not a time from 2000 to 2199 such as 2026-10-24 21:00:05");
}

enum wn_code wn_time_utc(struct wn_slice text, int64_t *ret_ms, struct wn_error *err)
{
    struct wn_civil civil = { 0 };
    if (text.len <= STAMP || text.at[10] != 'T' || text.at[text.len - 1] != 'Z' ||
        !read_stamp((struct wn_slice){ text.at, text.len - 1 }, &civil)) {
        return wn_fail(err, WN_REJECT, "bad-time",
                       "not a time in UTC from 2000 to 2199 such as 2026-10-24T00:00:00Z");
    }
    *ret_ms = wn_civil_utc_ms(&civil);
    return WN_OK;
}

/** Read a time that spring skips by the offset that held before. */
static int64_t before_the_change(const struct wn_civil *local, const struct wn_zone *zone)
{
    int64_t ms = wn_civil_utc_ms(local);
    return ms - wn_zone_offset_s(zone, ms - FARTHEST_MS) * INT64_C(1000);
}

enum wn_code wn_time_local(const struct wn_civil *local, const struct wn_clock *clock,
                           struct wn_instants *ret_instants, struct wn_error *err)
{
    int64_t utc_ms[2];
    if (wn_zone_utc(clock->zone, local, utc_ms) == 0) {
        if (!clock->is_late) {
            return wn_fail(err, WN_REJECT, "time-nonexistent",
                           "a local time in the hour that spring skips: the source's `clock: "
                           "{zone: …}` is wrong, or the switch sets its clock late: `nonexistent: "
                           "shift`");
        }
        utc_ms[0] = utc_ms[1] = before_the_change(local, clock->zone);
    }
    *ret_instants = (struct wn_instants){ utc_ms[0], utc_ms[1] };
    return WN_OK;
}

bool wn_time_choose(struct wn_instants *instants, int64_t near_ms)
{
    bool first = near_ms >= instants->ms - NEAR_MS && near_ms <= instants->ms + NEAR_MS;
    bool later = near_ms >= instants->later_ms - NEAR_MS && near_ms <= instants->later_ms + NEAR_MS;
    if (first != later) {
        instants->ms = first ? instants->ms : instants->later_ms;
        instants->later_ms = instants->ms;
    }
    return !wn_instants_are_two(instants);
}

/** @return where the part behind the last hyphen begins. */
static size_t behind_name(struct wn_slice id)
{
    size_t from = id.len;
    while (from > 0 && id.at[from - 1] != '-') {
        from--;
    }
    return from;
}

bool wn_time_of_id(struct wn_slice id, int64_t *ret_ms)
{
    struct wn_error err;
    struct wn_slice rest = wn_slice_after(id, behind_name(id));
    const char *point = rest.len > 0 ? memchr(rest.at, '.', rest.len) : NULL;
    if (!point || !wn_text_is_digits(wn_slice_after(rest, (size_t)(point - rest.at) + 1))) {
        return false;
    }
    rest.len = (size_t)(point - rest.at);
    return wn_time_epoch(rest, WN_UNIT_S, ret_ms, &err) == WN_OK;
}

struct wn_slice wn_time_name_of_id(struct wn_slice id)
{
    int64_t ms;
    size_t from = wn_time_of_id(id, &ms) ? behind_name(id) : 0;
    return (struct wn_slice){ id.at, from > 0 ? from - 1 : 0 };
}

enum wn_code wn_time_tz_octets(struct wn_slice octets, int32_t *ret_minutes, struct wn_error *err)
{
    const unsigned first = octets.len > 0 ? (uint8_t)octets.at[0] : 0xff;
    const unsigned units = first >> 4;
    const unsigned tens = first & 7;
    const int minutes = (int)(tens * 10 + units) * 15;
    if (octets.len == 0 || octets.len > 2 || units > 9 || minutes > TZ_MOST_MIN) {
        return wn_fail(err, WN_REJECT, "bad-time",
                       "not a 3GPP time zone: two octets as in 0x8001, at most 14 hours");
    }
    *ret_minutes = (first & 8) != 0 ? -minutes : minutes;
    return WN_OK;
}

enum wn_code wn_time_tz_3gpp(struct wn_slice text, int32_t *ret_minutes, struct wn_error *err)
{
    if (wn_slice_starts(text, "0x") || wn_slice_starts(text, "0X")) {
        text = wn_slice_after(text, 2);
    }
    uint8_t octets[2];
    const bool fits = wn_unhex(text, sizeof(octets), octets);
    return wn_time_tz_octets((struct wn_slice){ (const char *)octets, fits ? sizeof(octets) : 0 },
                             ret_minutes, err);
}
