// SPDX-License-Identifier: Apache-2.0

/**
 * Times: from the texts that switches write to UTC milliseconds since 1970.
 *
 * Zones are read from the system's tz database (TZif, RFC 8536): libc has one zone a process, and
 * takes an unknown one for UTC in silence. Dates before 2000 are refused ("bad-time"): old history
 * differs between builds of the database.
 */

#ifndef WINNOW_TIME_H
#define WINNOW_TIME_H

#include "winnow/error.h"
#include "winnow/slice.h"

struct wn_zone;

/** How a switch sets its clock: `clock:` of its source. */
struct wn_clock {
    const struct wn_zone *zone; ///< Not NULL where a local time is read.
    bool is_late; ///< It is set late in spring: a skipped time is read as though it had not been
                  ///< set yet; else "time-nonexistent".
};

/** A date and time of day without a zone, proleptic Gregorian. */
struct wn_civil {
    int32_t year;
    uint8_t month, day;           ///< From 1.
    uint8_t hour, minute, second; ///< From 0.
    uint16_t ms;
};

/**
 * Load a zone by its IANA name ("Europe/Amsterdam") from $TZDIR or /usr/share/zoneinfo.
 *
 * @return WN_OK, or WN_FATAL: "config" (no such zone, or the database is missing).
 */
WN_NODISCARD
enum wn_code wn_zone_open(const char *name, struct wn_zone **ret_zone, struct wn_error *err);

/** Give it back; NULL is fine. @return NULL */
struct wn_zone *wn_zone_close(struct wn_zone *zone);

/** For WN_CLEANUP(). */
static inline void wn_zone_closep(struct wn_zone **zone)
{
    wn_zone_close(*zone);
}

/** @return seconds east of UTC at this instant. */
int32_t wn_zone_offset_s(const struct wn_zone *zone, int64_t utc_ms);

/**
 * @return the version of the tz database ("2025b"), or "unknown"; good until the same thread's next
 *         call. Reads a file: to be asked once.
 */
const char *wn_zone_database(void);

/**
 * Turn local time into UTC.
 *
 * @param ret_utc_ms  In time's order; both the same where there is one.
 * @return how many instants have this local time: 0 (the hour that spring skips), 1, 2.
 */
unsigned wn_zone_utc(const struct wn_zone *zone, const struct wn_civil *local,
                     int64_t ret_utc_ms[2]);

/** Turn a civil time in UTC into milliseconds. */
int64_t wn_civil_utc_ms(const struct wn_civil *civil);

/** Turn UTC milliseconds into a civil time in UTC. */
struct wn_civil wn_civil_of(int64_t utc_ms);

/** @return the day number since 1970-01-01 UTC, rounded down. */
int32_t wn_day_of(int64_t utc_ms);

/** @return the key period of an instant: yyyymm in UTC (202611). */
uint32_t wn_month_of(int64_t utc_ms);

enum wn_time_unit {
    WN_UNIT_S, ///< A fraction may follow; cut after milliseconds.
    WN_UNIT_MS,
    WN_UNIT_US,
};

/** Read a time since 1970. @return WN_OK, or WN_REJECT: "bad-time" (no number, before 2000, after
 * 2200). */
WN_NODISCARD
enum wn_code wn_time_epoch(struct wn_slice text, enum wn_time_unit unit, int64_t *ret_ms,
                           struct wn_error *err);

/** Read a duration to milliseconds, cut. @return WN_OK, or WN_REJECT: "bad-integer". */
WN_NODISCARD
enum wn_code wn_time_duration(struct wn_slice text, enum wn_time_unit unit, int64_t *ret_ms,
                              struct wn_error *err);

/** Read `1:02:05`, hours of any size, to milliseconds. @return WN_OK, or WN_REJECT: "bad-integer".
 */
WN_NODISCARD
enum wn_code wn_time_hms(struct wn_slice text, int64_t *ret_ms, struct wn_error *err);

enum {
    WN_LAYOUT_STAMP = 20 ///< Octets of `2026-10-24 21:00:05`, the NUL included.
};

/** An order of the parts of a stamp: `DD-MM-YYYY hh:mm:ss`. */
struct wn_layout {
    size_t len;    ///< Octets of a stamp; 0: none is known.
    char text[32]; ///< `99-99-9999 99:99:99`.
    uint8_t at[6]; ///< Where year, month, day, hour, minute and second begin.
};

/**
 * Read a layout: `YYYY`, `MM`, `DD`, `hh`, `mm` and `ss`, each once, in any order, and between them
 * blanks, `-`, `/`, `.`, `:` and `T`.
 *
 * @return false where it is none; less than 32 octets.
 */
bool wn_layout_read(struct wn_slice text, struct wn_layout *ret_layout);

/**
 * Put a stamp of this layout into the order of the readers here; what follows it in the text is the
 * caller's to put behind. It is not looked at whether there is such a time.
 *
 * @return false where the text does not begin with such a stamp.
 */
bool wn_layout_apply(const struct wn_layout *layout, struct wn_slice text,
                     char ret_stamp[WN_LAYOUT_STAMP]);

/**
 * @return whether a text says that there is no time: nothing but blanks, `-1`, a number of zeros
 *         only (`0`, `0.000000`), a date of zeros (`0000-00-00`, `00-00-0000 00:00:00`). A time of
 *         day alone (`00:00`) says nothing of the kind. To be asked before a conversion, which
 *         refuses them all.
 */
bool wn_time_is_placeholder(struct wn_slice text);

/**
 * Read `2026-10-24 21:00:05` as a civil time (fraction allowed, `T` in place of the space).
 *
 * @return WN_OK, or WN_REJECT: "bad-time", "spreadsheet-damaged" (no seconds, or slashes).
 */
WN_NODISCARD
enum wn_code wn_time_civil(struct wn_slice text, struct wn_civil *ret_civil, struct wn_error *err);

/** What a local time can mean; `later_ms` is another instant where it comes twice, in autumn. */
struct wn_instants {
    int64_t ms;       ///< UTC; the first of two.
    int64_t later_ms; ///< UTC; the same as `ms` where there is one.
};

/** @return whether a local time can mean two instants. */
static inline bool wn_instants_are_two(const struct wn_instants *instants)
{
    return instants->ms != instants->later_ms;
}

/**
 * Read a time in UTC as people write it to winnow: `2026-10-24T21:00:05Z` (a fraction is allowed).
 *
 * @return WN_OK, or WN_REJECT: "bad-time".
 */
WN_NODISCARD
enum wn_code wn_time_utc(struct wn_slice text, int64_t *ret_ms, struct wn_error *err);

/**
 * Read a RADIUS date: `Oct 24 2026 21:15:08 CEST`, `… +03`, the same without a zone, RFC 3339
 * (`2026-10-24T12:00:00Z`), or epoch seconds. A zone abbreviation is the source's zone's own; it
 * chooses between the two instants of the repeated hour.
 *
 * @return WN_OK, or WN_REJECT: "bad-time", "time-nonexistent".
 */
WN_NODISCARD
enum wn_code wn_time_radius(struct wn_slice text, const struct wn_clock *clock,
                            struct wn_instants *ret_instants, struct wn_error *err);

/**
 * Turn a local time into UTC.
 *
 * @return WN_OK, or WN_REJECT: "time-nonexistent" (in the hour that spring skips).
 */
WN_NODISCARD
enum wn_code wn_time_local(const struct wn_civil *local, const struct wn_clock *clock,
                           struct wn_instants *ret_instants, struct wn_error *err);

/**
 * Read `2026-10-24 21:00:05` as the local time that it is, or with its own offset behind it (`Z`,
 * `+02:00`, `+0200`, ISO 8601), which outranks the zone.
 *
 * @return WN_OK, or WN_REJECT: "bad-time", "spreadsheet-damaged", "time-nonexistent".
 */
WN_NODISCARD
enum wn_code wn_time_stamp(struct wn_slice text, const struct wn_clock *clock,
                           struct wn_instants *ret_instants, struct wn_error *err);

/**
 * Choose between two instants by another one of the same record that is surely UTC: the one within
 * 60 s of it is taken, where exactly one is.
 *
 * @return whether one instant is left.
 */
bool wn_time_choose(struct wn_instants *instants, int64_t near_ms);

/**
 * Find the seconds since 1970 that an id begins with: `1690325492.2`, `ams1-1690325492.2`.
 *
 * @return false: there are none in it, or none from 2000 to 2199.
 */
bool wn_time_of_id(struct wn_slice id, int64_t *ret_ms);

/**
 * @return the name before the seconds since 1970 of an id: `ams1` of `ams1-1690325492.2`; nothing
 *         where there is none, or the id is of another form: it may be anything then.
 */
struct wn_slice wn_time_name_of_id(struct wn_slice id);

/**
 * Read a 3GPP time zone (TS 29.060 7.7.52, TS 23.040 9.2.3.11): quarter hours, semi-octets swapped,
 * bit 3 of the first octet the sign, daylight saving included; the second octet, its hours, may be
 * missing.
 *
 * @return WN_OK, or WN_REJECT: "bad-time" (over 14 h, not BCD, another length).
 */
WN_NODISCARD
enum wn_code wn_time_tz_octets(struct wn_slice octets, int32_t *ret_minutes, struct wn_error *err);

/** The same as text, `0x8001` (TS 29.061 16.4.7.2). */
WN_NODISCARD
enum wn_code wn_time_tz_3gpp(struct wn_slice text, int32_t *ret_minutes, struct wn_error *err);

#endif
