// SPDX-License-Identifier: Apache-2.0

#include "zone_rule.h"

#include <assert.h>

#include "read.h"
#include "winnow/time.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400
};

/** Take one character. @return whether it was there */
static bool take(struct wn_slice *rest, char c)
{
    if (rest->len == 0 || rest->at[0] != c) {
        return false;
    }
    *rest = wn_slice_after(*rest, 1);
    return true;
}

/** Take a number of one to three digits. @return whether it is there and lies in the range */
static bool take_number(struct wn_slice *rest, unsigned least, unsigned most, unsigned *ret_number)
{
    unsigned number = 0;
    size_t n = 0;
    while (n < rest->len && n < 3 && wn_is_digit(rest->at[n])) {
        number = number * 10 + (unsigned)(rest->at[n++] - '0');
    }
    *rest = wn_slice_after(*rest, n);
    *ret_number = number;
    return n > 0 && number >= least && number <= most;
}

/** Take `[+-]hh[:mm[:ss]]` in seconds. */
static bool take_time(struct wn_slice *rest, unsigned most_hours, int32_t *ret_s)
{
    bool minus = take(rest, '-');
    if (!minus) {
        (void)take(rest, '+');
    }
    unsigned hours;
    unsigned minutes = 0;
    unsigned seconds = 0;
    if (!take_number(rest, 0, most_hours, &hours) ||
        (take(rest, ':') && (!take_number(rest, 0, 59, &minutes) ||
                             (take(rest, ':') && !take_number(rest, 0, 59, &seconds))))) {
        return false;
    }
    int32_t s = (int32_t)(hours * HOUR_S + minutes * MINUTE_S + seconds);
    *ret_s = minus ? -s : s;
    return true;
}

/** Take `CET` or `<+03>`. */
static bool take_name(struct wn_slice *rest, char ret_name[WN_ZONE_NAME])
{
    bool quoted = take(rest, '<');
    size_t n = 0;
    while (n < rest->len &&
           (wn_is_letter(rest->at[n]) ||
            (quoted && (wn_is_digit(rest->at[n]) || rest->at[n] == '+' || rest->at[n] == '-')))) {
        n++;
    }
    if (n < 3 || n >= WN_ZONE_NAME) {
        return false;
    }
    memcpy(ret_name, rest->at, n);
    ret_name[n] = '\0';
    *rest = wn_slice_after(*rest, n);
    return !quoted || take(rest, '>');
}

/** Take `,M3.5.0/2`. */
static bool take_change(struct wn_slice *rest, struct wn_zone_change *ret_change)
{
    unsigned day;
    unsigned month = 0;
    unsigned week = 0;
    if (!take(rest, ',')) {
        return false;
    }
    if (take(rest, 'M')) {
        ret_change->form = WN_CHANGE_WEEK;
        if (!take_number(rest, 1, 12, &month) || !take(rest, '.') ||
            !take_number(rest, 1, 5, &week) || !take(rest, '.') || !take_number(rest, 0, 6, &day)) {
            return false;
        }
    } else {
        bool julian = take(rest, 'J');
        ret_change->form = julian ? WN_CHANGE_JULIAN : WN_CHANGE_DAY;
        if (!take_number(rest, julian ? 1 : 0, 365, &day)) {
            return false;
        }
    }
    ret_change->day = (uint16_t)day;
    ret_change->month = (uint8_t)month;
    ret_change->week = (uint8_t)week;
    ret_change->time_s = 2 * HOUR_S;
    return !take(rest, '/') || take_time(rest, 167, &ret_change->time_s);
}

bool wn_zone_rule_read(struct wn_slice text, struct wn_zone_rule *ret_rule)
{
    *ret_rule = (struct wn_zone_rule){ 0 };
    struct wn_zone_type *standard = &ret_rule->types[0];
    struct wn_zone_type *summer = &ret_rule->types[1];

    int32_t west_s; // POSIX counts west of Greenwich.
    if (!take_name(&text, standard->name) || !take_time(&text, 25, &west_s)) {
        return false;
    }
    standard->offset_s = -west_s;
    ret_rule->n = 1;
    if (text.len == 0) {
        return true;
    }

    if (!take_name(&text, summer->name)) {
        return false;
    }
    summer->offset_s = standard->offset_s + HOUR_S;
    if (text.len > 0 && text.at[0] != ',') {
        if (!take_time(&text, 25, &west_s)) {
            return false;
        }
        summer->offset_s = -west_s;
    }
    ret_rule->n = 2;
    return take_change(&text, &ret_rule->start) && take_change(&text, &ret_rule->end) &&
           text.len == 0;
}

static int64_t day_number(int32_t year, unsigned month, unsigned day)
{
    struct wn_civil civil = { .year = year, .month = (uint8_t)month, .day = (uint8_t)day };
    return wn_civil_utc_ms(&civil) / (DAY_S * INT64_C(1000));
}

/** @return the day number since 1970 of a change in a year. */
static int64_t day_of_change(const struct wn_zone_change *change, int32_t year)
{
    int64_t new_year = day_number(year, 1, 1);
    bool is_leap = day_number(year + 1, 1, 1) - new_year == 366;

    switch (change->form) {
    case WN_CHANGE_JULIAN:
        return new_year + change->day - 1 + (is_leap && change->day > 59 ? 1 : 0);
    case WN_CHANGE_DAY:
        return new_year + change->day;
    case WN_CHANGE_WEEK:
        break;
    }
    int64_t first = day_number(year, change->month, 1);
    int64_t next =
        change->month == 12 ? day_number(year + 1, 1, 1) : day_number(year, change->month + 1U, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; // 1970-01-01 was a Thursday.
    int64_t day = first + (change->day - weekday + 7) % 7 + INT64_C(7) * (change->week - 1);
    return day < next ? day : day - 7;
}

const struct wn_zone_type *wn_zone_rule_at(const struct wn_zone_rule *rule, int64_t utc_s)
{
    assert(rule->n > 0);
    const struct wn_zone_type *standard = &rule->types[0];
    if (rule->n == 1) {
        return standard;
    }

    const struct wn_zone_type *summer = &rule->types[1];
    int32_t year = wn_civil_of((utc_s + standard->offset_s) * 1000).year;
    int64_t start =
        day_of_change(&rule->start, year) * DAY_S + rule->start.time_s - standard->offset_s;
    int64_t end = day_of_change(&rule->end, year) * DAY_S + rule->end.time_s - summer->offset_s;
    bool is_summer = start < end ? utc_s >= start && utc_s < end // North of the equator.
                                 : utc_s >= start || utc_s < end;
    return is_summer ? summer : standard;
}
