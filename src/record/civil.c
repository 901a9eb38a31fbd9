// SPDX-License-Identifier: Apache-2.0

/**
 * Days and civil dates of the proleptic Gregorian calendar.
 *
 * Years are counted from 1 March, so that the leap day is a year's last; 400 such years are an era
 * of 146,097 days. Day 0 of era 0 is 0000-03-01, which is 719,468 days before 1970-01-01.
 */

#include "civil.h"

#include <assert.h>

enum {
    DAYS_OF_ERA = 146097,
    DAYS_TO_1970 = 719468
};

static const int64_t day_ms = 86400000;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t wn_civil_utc_ms(const struct wn_civil *civil)
{
    assert(civil->month >= 1 && civil->month <= 12);

    int64_t year = civil->year - (civil->month <= 2 ? 1 : 0);
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int64_t month = (civil->month + 9) % 12; // From March.
    int64_t of_year = (153 * month + 2) / 5 + civil->day - 1;
    int64_t day =
        era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
    int64_t seconds = civil->hour * INT64_C(3600) + civil->minute * INT64_C(60) + civil->second;
    return day * day_ms + seconds * 1000 + civil->ms;
}

struct wn_civil wn_civil_of(int64_t utc_ms)
{
    int64_t day = floor_div(utc_ms, day_ms);
    int64_t ms = utc_ms - day * day_ms;

    day += DAYS_TO_1970;
    int64_t era = floor_div(day, DAYS_OF_ERA);
    int64_t of_era = day - era * DAYS_OF_ERA;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; // From March.
    int64_t from_january = month < 10 ? month + 3 : month - 9;

    return (struct wn_civil){
        .year = (int32_t)(year + era * 400 + (from_january <= 2 ? 1 : 0)),
        .month = (uint8_t)from_january,
        .day = (uint8_t)(of_year - (153 * month + 2) / 5 + 1),
        .hour = (uint8_t)(ms / 3600000),
        .minute = (uint8_t)(ms / 60000 % 60),
        .second = (uint8_t)(ms / 1000 % 60),
        .ms = (uint16_t)(ms % 1000),
    };
}

int32_t wn_day_of(int64_t utc_ms)
{
    return (int32_t)floor_div(utc_ms, day_ms);
}

uint32_t wn_month_of(int64_t utc_ms)
{
    struct wn_civil civil = wn_civil_of(utc_ms);
    assert(civil.year >= 0);
    return (uint32_t)civil.year * 100 + civil.month;
}

bool wn_civil_is_date(const struct wn_civil *civil)
{
    static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    bool is_leap = civil->year % 4 == 0 && (civil->year % 100 != 0 || civil->year % 400 == 0);
    return civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
           civil->day <= days[civil->month - 1] &&
           (is_leap || civil->month != 2 || civil->day <= 28) && civil->year >= 2000 &&
           civil->year < 2200;
}
