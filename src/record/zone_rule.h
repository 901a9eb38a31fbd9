// SPDX-License-Identifier: Apache-2.0

/**
 * The rule behind the last transition of a zone: a POSIX TZ text such as
 * `CET-1CEST,M3.5.0,M10.5.0/3` (IEEE 1003.1 chapter 8.3, with RFC 8536's hours from -167 to 167).
 */

#ifndef WINNOW_RECORD_ZONE_RULE_H
#define WINNOW_RECORD_ZONE_RULE_H

#include "winnow/slice.h"

enum {
    WN_ZONE_NAME = 16
}; ///< Octets of an abbreviation, NUL included.

/** A local time of a zone. */
struct wn_zone_type {
    int32_t offset_s; ///< East of UTC.
    char name[WN_ZONE_NAME];
};

/** The day and time of a change. */
struct wn_zone_change {
    enum {
        WN_CHANGE_JULIAN, ///< `Jn`: day 1 to 365, 29 February does not count.
        WN_CHANGE_DAY,    ///< `n`: day 0 to 365.
        WN_CHANGE_WEEK,   ///< `Mm.w.d`.
    } form;
    uint16_t day;   ///< Of the year; of WEEK: weekday, 0 is Sunday.
    uint8_t month;  ///< From 1.
    uint8_t week;   ///< 1 to 5; 5 is the last.
    int32_t time_s; ///< Local time of the change.
};

/** A rule; all-zero: there is none. */
struct wn_zone_rule {
    unsigned n;                   ///< Local times: 0 no rule, 1 always standard, 2 with summer.
    struct wn_zone_type types[2]; ///< Standard, summer.
    struct wn_zone_change start, end;
};

/** Read a rule. @return false where it is none; `*ret_rule` is then unspecified. */
WN_NODISCARD
bool wn_zone_rule_read(struct wn_slice text, struct wn_zone_rule *ret_rule);

/** @return the local time at an instant; the rule must not be empty. */
const struct wn_zone_type *wn_zone_rule_at(const struct wn_zone_rule *rule, int64_t utc_s);

#endif
