// SPDX-License-Identifier: Apache-2.0

/** Times in every text form, against instants worked out by hand and with the tz database. */

#include "table.h"
#include "winnow/time.h"

/** No instant: the row is refused. */
#define REFUSED INT64_MIN

struct epoch_row {
    const char *name;
    const char *text;
    enum wn_time_unit unit;
    int64_t ms;
};

static const struct epoch_row epoch_rows[] = {
    { "seconds", "1515666344", WN_UNIT_S, 1515666344000 },
    { "seconds with a fraction", "1515666344.5", WN_UNIT_S, 1515666344500 },
    { "seconds with microseconds, cut", "1515666344.534999", WN_UNIT_S, 1515666344534 },
    { "milliseconds", "1515666344534", WN_UNIT_MS, 1515666344534 },
    { "microseconds, cut", "1515666344534999", WN_UNIT_US, 1515666344534 },
    { "the first moment of 2000", "946684800", WN_UNIT_S, 946684800000 },
    { "the last moment of 2199", "7258118399.999", WN_UNIT_S, 7258118399999 },
    { "refuses the second before 2000", "946684799", WN_UNIT_S, REFUSED },
    { "refuses 2200", "7258118400", WN_UNIT_S, REFUSED },
    { "refuses milliseconds that are seconds", "1515666344", WN_UNIT_MS, REFUSED },
    { "refuses seconds that are milliseconds", "1515666344534", WN_UNIT_S, REFUSED },
    { "refuses zero", "0", WN_UNIT_US, REFUSED },
    { "refuses a sign", "-1515666344", WN_UNIT_S, REFUSED },
    { "refuses a plus", "+1515666344", WN_UNIT_S, REFUSED },
    { "refuses nothing", "", WN_UNIT_S, REFUSED },
    { "refuses a point alone", ".", WN_UNIT_S, REFUSED },
    { "refuses a point at the end", "1515666344.", WN_UNIT_S, REFUSED },
    { "refuses two points", "1515666344.5.5", WN_UNIT_S, REFUSED },
    { "refuses a fraction of microseconds", "1515666344534999.5", WN_UNIT_US, REFUSED },
    { "refuses an exponent", "1.5e9", WN_UNIT_S, REFUSED },
    { "refuses a blank", " 1515666344", WN_UNIT_S, REFUSED },
    { "refuses more than 64 bits", "99999999999999999999", WN_UNIT_S, REFUSED },
    { "refuses what overflows as milliseconds", "9223372036854775807", WN_UNIT_S, REFUSED },
};

static void check_epoch(void **state)
{
    const struct epoch_row *row = *state;
    struct wn_error err = { 0 };
    int64_t ms = 0;
    enum wn_code rc = wn_time_epoch(wn_slice_of(row->text), row->unit, &ms, &err);
    if (row->ms == REFUSED) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, "bad-time");
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(ms, row->ms);
}

static const struct epoch_row duration_rows[] = {
    { "seconds", "68", WN_UNIT_S, 68000 },
    { "seconds with a fraction", "67.5399", WN_UNIT_S, 67539 },
    { "milliseconds", "67540", WN_UNIT_MS, 67540 },
    { "microseconds, cut", "67539896", WN_UNIT_US, 67539 },
    { "less than a millisecond", "999", WN_UNIT_US, 0 },
    { "nothing at all", "0", WN_UNIT_S, 0 },
    { "more than 31 bits", "4294967296", WN_UNIT_S, 4294967296000 },
    { "leading zeros", "0000000000000000000000068", WN_UNIT_S, 68000 },
    { "refuses a sign", "-1", WN_UNIT_S, REFUSED },
    { "refuses hours and minutes", "00:01:08", WN_UNIT_S, REFUSED },
    { "refuses nothing", "", WN_UNIT_MS, REFUSED },
    { "refuses an overflow", "9223372036854775807", WN_UNIT_S, REFUSED },
    { "refuses the 64th bit", "9223372036854775808", WN_UNIT_MS, REFUSED },
};

static void check_duration(void **state)
{
    const struct epoch_row *row = *state;
    struct wn_error err = { 0 };
    int64_t ms = 0;
    enum wn_code rc = wn_time_duration(wn_slice_of(row->text), row->unit, &ms, &err);
    if (row->ms == REFUSED) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, "bad-integer");
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(ms, row->ms);
}

struct civil_row {
    const char *name;
    const char *text;
    int64_t ms; ///< As though in UTC.
    const char *reason;
};

static const struct civil_row civil_rows[] = {
    { "a stamp", "2026-10-24 21:00:05", 1792875605000, NULL },
    { "a stamp with T", "2026-10-24T21:00:05", 1792875605000, NULL },
    { "a stamp with microseconds, cut", "2026-10-24 21:00:05.123999", 1792875605123, NULL },
    { "a stamp with tenths", "2026-10-24 21:00:05.1", 1792875605100, NULL },
    { "a leap day", "2028-02-29 00:00:00", 1835395200000, NULL },
    { "the leap day of 2000", "2000-02-29 00:00:00", 951782400000, NULL },
    { "refuses a leap day that is none", "2027-02-29 00:00:00", 0, "bad-time" },
    { "refuses the leap day of 2100", "2100-02-29 00:00:00", 0, "bad-time" },
    { "refuses 31 April", "2026-04-31 00:00:00", 0, "bad-time" },
    { "refuses month 13", "2026-13-01 00:00:00", 0, "bad-time" },
    { "refuses month 0", "2026-00-01 00:00:00", 0, "bad-time" },
    { "refuses day 0", "2026-01-00 00:00:00", 0, "bad-time" },
    { "refuses hour 24", "2026-01-01 24:00:00", 0, "bad-time" },
    { "refuses minute 60", "2026-01-01 00:60:00", 0, "bad-time" },
    { "refuses second 60", "2026-01-01 00:00:60", 0, "bad-time" },
    { "refuses 1999", "1999-12-31 23:59:59", 0, "bad-time" },
    { "refuses zeros", "0000-00-00 00:00:00", 0, "bad-time" },
    { "refuses a zone", "2026-10-24T21:00:05Z", 0, "bad-time" },
    { "refuses a point without a fraction", "2026-10-24 21:00:05.", 0, "bad-time" },
    { "refuses words", "yesterday", 0, "bad-time" },
    { "refuses nothing", "", 0, "bad-time" },
    { "sees a spreadsheet's slashes", "2020/2/10 22:41", 0, "spreadsheet-damaged" },
    { "sees slashes with seconds", "10/24/2026 21:00:05", 0, "spreadsheet-damaged" },
    { "sees that seconds are gone", "2026-10-24 21:00", 0, "spreadsheet-damaged" },
    { "sees that seconds of a day-first date are gone", "24-10-2026 9:00", 0,
      "spreadsheet-damaged" },
};

static void check_civil(void **state)
{
    const struct civil_row *row = *state;
    struct wn_error err = { 0 };
    struct wn_civil civil = { 0 };
    enum wn_code rc = wn_time_civil(wn_slice_of(row->text), &civil, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(wn_civil_utc_ms(&civil), row->ms);
}

static const struct civil_row utc_rows[] = {
    { "reads a time in UTC", "2026-10-24T21:00:05Z", 1792875605000, NULL },
    { "reads its fraction", "2026-10-24T21:00:05.25Z", 1792875605250, NULL },
    { "refuses it without its zone", "2026-10-24T21:00:05", 0, "bad-time" },
    { "refuses a space in place of the T", "2026-10-24 21:00:05Z", 0, "bad-time" },
    { "refuses another zone", "2026-10-24T21:00:05+02:00", 0, "bad-time" },
    { "refuses a day alone", "2026-10-24Z", 0, "bad-time" },
    { "refuses the year 9999, which means never", "9999-12-31T23:59:59Z", 0, "bad-time" },
    { "refuses an empty text", "", 0, "bad-time" },
};

static void check_utc(void **state)
{
    const struct civil_row *row = *state;
    struct wn_error err = { 0 };
    int64_t ms = 0;
    assert_int_equal(wn_time_utc(wn_slice_of(row->text), &ms, &err),
                     row->reason ? WN_REJECT : WN_OK);
    if (row->reason) {
        assert_string_equal(err.reason, row->reason);
    } else {
        assert_int_equal(ms, row->ms);
    }
}

struct radius_row {
    const char *name;
    const char *text;
    const char *zone;
    int64_t epoch_s;
    bool ambiguous;
    const char *reason;
};

static const char ams[] = "Europe/Amsterdam";

static const struct radius_row radius_rows[] = {
    { "summer time", "Oct 24 2026 21:15:08 CEST", ams, 1792869308, false, NULL },
    { "winter time", "Jan 15 2026 12:00:00 CET", ams, 1768474800, false, NULL },
    { "a day padded with a blank", "Jun  9 2015 00:03:47 CEST", ams, 1433801027, false, NULL },
    { "no zone", "Oct 24 2026 21:15:08", ams, 1792869308, false, NULL },
    { "no zone in the repeated hour", "Oct 25 2026 02:30:00", ams, 1792888200, true, NULL },
    { "CEST chooses the first", "Oct 25 2026 02:30:00 CEST", ams, 1792888200, false, NULL },
    { "CET chooses the second", "Oct 25 2026 02:30:00 CET", ams, 1792891800, false, NULL },
    { "a numeric zone", "Oct 24 2026 22:15:08 +03", "Europe/Istanbul", 1792869308, false, NULL },
    { "a numeric zone with minutes", "Oct 25 2026 00:45:08 +0530", "Asia/Kolkata", 1792869308,
      false, NULL },
    { "a numeric zone west", "Oct 24 2026 16:15:08 -03", "America/Sao_Paulo", 1792869308, false,
      NULL },
    { "IST is the source's own", "Oct 25 2026 00:45:08 IST", "Asia/Kolkata", 1792869308, false,
      NULL },
    { "IST is another one in Ireland", "Oct 24 2026 20:15:08 IST", "Europe/Dublin", 1792869308,
      false, NULL },
    { "UTC is UTC everywhere", "Oct 24 2026 19:15:08 UTC", ams, 1792869308, false, NULL },
    { "GMT is UTC", "Oct 24 2026 19:15:08 GMT", ams, 1792869308, false, NULL },
    { "RFC 3339 in UTC", "2026-10-24T12:00:00Z", ams, 1792843200, false, NULL },
    { "RFC 3339 with an offset", "2026-10-24T14:00:00+02:00", ams, 1792843200, false, NULL },
    { "RFC 3339 with an offset west", "2026-10-24T08:30:00-03:30", ams, 1792843200, false, NULL },
    { "RFC 3339 in the repeated hour", "2026-10-25T02:30:00+01:00", ams, 1792891800, false, NULL },
    { "epoch seconds", "1792869308", ams, 1792869308, false, NULL },
    { "blanks around", " Oct 24 2026 21:15:08 CEST ", ams, 1792869308, false, NULL },
    { "the hour that spring skips", "Mar 29 2026 02:30:00", ams, 0, false, "time-nonexistent" },
    { "the hour that spring skips, with a zone", "Mar 29 2026 02:30:00 CET", ams, 0, false,
      "time-nonexistent" },
    { "refuses another zone's abbreviation", "Oct 24 2026 21:15:08 EDT", ams, 0, false,
      "bad-time" },
    { "refuses winter's abbreviation in summer", "Jul  1 2026 12:00:00 CET", ams, 0, false,
      "bad-time" },
    { "refuses more than 14 hours", "Oct 24 2026 21:15:08 +15", ams, 0, false, "bad-time" },
    { "refuses 60 minutes of an offset", "2026-10-24T12:00:00+02:60", ams, 0, false, "bad-time" },
    { "refuses RFC 3339 without a zone", "2026-10-24T12:00:00", ams, 0, false, "bad-time" },
    { "refuses an offset cut short", "2026-10-24T12:00:00+02:", ams, 0, false, "bad-time" },
    { "refuses a colon elsewhere", "2026-10-24T12:00:00+0:200", ams, 0, false, "bad-time" },
    { "refuses an unknown month", "Okt 24 2026 21:15:08 CEST", ams, 0, false, "bad-time" },
    { "refuses 31 June", "Jun 31 2026 21:15:08 CEST", ams, 0, false, "bad-time" },
    { "refuses hour 24", "Jun 30 2026 24:15:08 CEST", ams, 0, false, "bad-time" },
    { "refuses 1999", "Jun 30 1999 21:15:08 CEST", ams, 0, false, "bad-time" },
    { "refuses a date alone", "Jun 30 2026", ams, 0, false, "bad-time" },
    { "refuses nothing", "", ams, 0, false, "bad-time" },
    { "refuses the time glued to its zone", "Oct 24 2026 21:15:08CEST", ams, 0, false, "bad-time" },
    { "refuses an epoch before 2000", "1", ams, 0, false, "bad-time" },
};

static void check_radius(void **state)
{
    const struct radius_row *row = *state;
    WN_CLEANUP(wn_zone_closep) struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_zone_open(row->zone, &zone, &err), WN_OK);

    const struct wn_clock clock = { .zone = zone };
    struct wn_instants instants = { 0 };
    enum wn_code rc = wn_time_radius(wn_slice_of(row->text), &clock, &instants, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(instants.ms, row->epoch_s * 1000);
    assert_int_equal(wn_instants_are_two(&instants), row->ambiguous);
}

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
struct hint_row {
    const char *name;
    struct wn_civil local;
    int64_t hint_ms;
    int64_t epoch_s; ///< 0: the hour does not exist.
    bool ambiguous;
};

static const struct hint_row hint_rows[] = {
    { "needs no hint in summer", { 2026, 10, 24, 21, 0, 5, 0 }, INT64_MIN, 1792868405, false },
    { "takes the first without a hint",
      { 2026, 10, 25, 2, 30, 0, 0 },
      INT64_MIN,
      1792888200,
      true },
    { "takes the first by a hint",
      { 2026, 10, 25, 2, 30, 0, 0 },
      1792888200000,
      1792888200,
      false },
    { "takes the second by a hint",
      { 2026, 10, 25, 2, 30, 0, 0 },
      1792891800000,
      1792891800,
      false },
    { "takes the second by a hint 60 s later",
      { 2026, 10, 25, 2, 30, 0, 0 },
      1792891860000,
      1792891800,
      false },
    { "takes the second by a hint 60 s earlier",
      { 2026, 10, 25, 2, 30, 0, 0 },
      1792891740000,
      1792891800,
      false },
    { "ignores a hint 60.001 s away",
      { 2026, 10, 25, 2, 30, 0, 0 },
      1792891860001,
      1792888200,
      true },
    { "ignores a hint of zero", { 2026, 10, 25, 2, 30, 0, 0 }, 0, 1792888200, true },
    { "invents no time in spring", { 2026, 3, 29, 2, 30, 0, 0 }, 1774747800000, 0, false },
};

static void check_hint(void **state)
{
    const struct hint_row *row = *state;
    WN_CLEANUP(wn_zone_closep) struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_zone_open(ams, &zone, &err), WN_OK);

    const struct wn_clock clock = { .zone = zone };
    struct wn_instants instants = { 0 };
    enum wn_code rc = wn_time_local(&row->local, &clock, &instants, &err);
    if (row->epoch_s == 0) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, "time-nonexistent");
        return;
    }
    assert_int_equal(rc, WN_OK);
    bool is_one = wn_time_choose(&instants, row->hint_ms);
    assert_int_equal(instants.ms, row->epoch_s * 1000);
    assert_int_equal(is_one, !row->ambiguous);
    assert_int_equal(wn_instants_are_two(&instants), row->ambiguous);
}

struct stamp_row {
    const char *name;
    const char *text;
    const char *zone; ///< NULL: Europe/Amsterdam.
    int64_t epoch_s;
    int64_t later_s; ///< 0: there is one instant.
    const char *reason;
    bool is_late;
};

static const struct stamp_row stamp_rows[] = {
    { "summer", "2026-10-24 21:00:05", NULL, 1792868405, 0, NULL, false },
    { "winter, with a fraction", "2026-01-15 12:00:00.5", NULL, 1768474800, 0, NULL, false },
    { "the last second before spring 2025", "2025-03-30 01:59:59", NULL, 1743296399, 0, NULL,
      false },
    { "the first second of summer 2025", "2025-03-30 03:00:00", NULL, 1743296400, 0, NULL, false },
    { "the last second before spring 2026", "2026-03-29 01:59:59", NULL, 1774745999, 0, NULL,
      false },
    { "the first second of summer 2026", "2026-03-29 03:00:00", NULL, 1774746000, 0, NULL, false },
    { "the first second of summer 2027", "2027-03-28 03:00:00", NULL, 1806195600, 0, NULL, false },
    { "the last second before the repeated hour", "2026-10-25 01:59:59", NULL, 1792886399, 0, NULL,
      false },
    { "the repeated hour begins", "2026-10-25 02:00:00", NULL, 1792886400, 1792890000, NULL,
      false },
    { "in the repeated hour", "2026-10-25 02:30:00", NULL, 1792888200, 1792891800, NULL, false },
    { "the repeated hour ends", "2026-10-25 02:59:59", NULL, 1792889999, 1792893599, NULL, false },
    { "the first second after it", "2026-10-25 03:00:00", NULL, 1792893600, 0, NULL, false },
    { "the repeated hour of 2025", "2025-10-26 02:00:00", NULL, 1761436800, 1761440400, NULL,
      false },
    { "the repeated hour of 2027", "2027-10-31 02:00:00", NULL, 1824940800, 1824944400, NULL,
      false },
    { "an offset outranks the zone", "2026-10-25T02:30:00+01:00", NULL, 1792891800, 0, NULL,
      false },
    { "an offset without a colon", "2026-10-25 02:30:00+0200", NULL, 1792888200, 0, NULL, false },
    { "Z is UTC", "2026-10-25T00:30:00.25Z", NULL, 1792888200, 0, NULL, false },
    { "an offset of minus zero", "2026-10-25 00:30:00-0000", NULL, 1792888200, 0, NULL, false },
    { "an offset of three quarters of an hour", "2026-10-25T06:15:00+05:45", NULL, 1792888200, 0,
      NULL, false },
    { "an offset of fourteen hours", "2026-10-25T14:30:00+14:00", NULL, 1792888200, 0, NULL,
      false },
    { "refuses more", "2026-10-25T02:30:00+14:15", NULL, 0, 0, "bad-time", false },
    { "refuses an offset that no place has", "2026-10-25T02:30:00+01:10", NULL, 0, 0, "bad-time",
      false },
    { "the hour that spring skips begins", "2026-03-29 02:00:00", NULL, 0, 0, "time-nonexistent",
      false },
    { "the hour that spring skips ends", "2026-03-29 02:59:59", NULL, 0, 0, "time-nonexistent",
      false },
    { "a clock that is set late has not been set", "2026-03-29 02:30:00", NULL, 1774747800, 0, NULL,
      true },
    { "a late clock changes nothing in autumn", "2026-10-25 02:30:00", NULL, 1792888200, 1792891800,
      NULL, true },
    { "a late clock west of Greenwich", "2026-03-08 02:30:00", "America/New_York", 1772955000, 0,
      NULL, true },
    { "half an hour is repeated on Lord Howe", "2026-04-05 01:45:00", "Australia/Lord_Howe",
      1775313900, 1775315700, NULL, false },
    { "refuses a date without a time", "2026-10-24", NULL, 0, 0, "bad-time", false },
    { "sees that seconds are gone", "2026-10-24 21:00", NULL, 0, 0, "spreadsheet-damaged", false },
    { "refuses 1999", "1999-12-31 23:59:59", NULL, 0, 0, "bad-time", false },
};

static void check_stamp(void **state)
{
    const struct stamp_row *row = *state;
    WN_CLEANUP(wn_zone_closep) struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_zone_open(row->zone ? row->zone : ams, &zone, &err), WN_OK);

    const struct wn_clock clock = { zone, row->is_late };
    struct wn_instants instants = { 0 };
    enum wn_code rc = wn_time_stamp(wn_slice_of(row->text), &clock, &instants, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(instants.ms / 1000, row->epoch_s);
    assert_int_equal(instants.later_ms / 1000, row->later_s ? row->later_s : row->epoch_s);
}

struct absent_row {
    const char *name;
    const char *text;
    bool absent;
};

static const struct absent_row absent_rows[] = {
    { "nothing", "", true },
    { "blanks", "  ", true },
    { "zero", "0", true },
    { "zeros", "000", true },
    { "zero with a fraction of zeros", "0.000000", true },
    { "minus one", "-1", true },
    { "a date of zeros", "0000-00-00", true },
    { "a stamp of zeros", "0000-00-00 00:00:00", true },
    { "a stamp of zeros with T and Z", "0000-00-00T00:00:00.000Z", true },
    { "a date of zeros, day first", "00-00-0000 00:00:00", true },
    { "a date of zeros with slashes", "00/00/0000", true },
    { "a date of zeros at some hour", "0000-00-00 12:30:00", true },
    { "zero between blanks", " 0 ", true },
    { "is not midnight without a date", "00:00", false },
    { "is not midnight with seconds", "00:00:00", false },
    { "is not a dash", "-", false },
    { "is not minus two", "-2", false },
    { "is not minus one and a half", "-1.5", false },
    { "is not a small number", "0.5", false },
    { "is not a point", ".", false },
    { "is not one", "1", false },
    { "is not a word: that is for the reader to refuse", "none", false },
    { "is not a time", "2026-10-24 00:00:00", false },
    { "is not the epoch as a date", "1970-01-01 00:00:00", false },
};

static void check_absent(void **state)
{
    const struct absent_row *row = *state;
    assert_int_equal(wn_time_is_placeholder(wn_slice_of(row->text)), row->absent);
}

struct id_row {
    const char *name;
    const char *id;
    int64_t ms; ///< 0: none in it.
    const char *before;
};

static const struct id_row id_rows[] = {
    { "an epoch and a counter", "1690325492.2", 1690325492000, "" },
    { "behind the system's name", "ams1-1690325492.20817", 1690325492000, "ams1" },
    { "behind a name with hyphens", "pbx-ams-1-1690325492.2", 1690325492000, "pbx-ams-1" },
    { "none in a name that somebody chose", "call-from-the-shop", 0, "" },
    { "none in a UUID", "3da8bf84-c133-4959-9e24-e72875cb33a1", 0, "" },
    { "none without a counter", "1690325492", 0, "" },
    { "none with an empty counter", "1690325492.", 0, "" },
    { "none behind a letter", "x1690325492.2", 0, "" },
    { "none with two points", "1690325492.2.3", 0, "" },
    { "none before 2000", "12.5", 0, "" },
    { "none in nothing", "", 0, "" },
};

static void check_id(void **state)
{
    const struct id_row *row = *state;
    int64_t ms = 0;
    assert_int_equal(wn_time_of_id(wn_slice_of(row->id), &ms), row->ms != 0);
    assert_true(wn_slice_is(wn_time_name_of_id(wn_slice_of(row->id)), row->before));
    assert_int_equal(ms, row->ms);
}

struct tz_row {
    const char *name;
    const char *text;
    int32_t minutes; ///< INT32_MIN: refused.
};

static const struct tz_row tz_rows[] = {
    { "two hours, of them one of summer", "0x8001", 120 },
    { "one hour", "0x4000", 60 },
    { "UTC", "0x0000", 0 },
    { "five and three quarters", "0x3200", 345 },
    { "five hours west", "0x0a00", -300 },
    { "three and a half hours west", "0x4900", -210 },
    { "UTC with a minus", "0x0800", 0 },
    { "fourteen hours", "0x6500", 840 },
    { "fourteen hours west", "0x6D00", -840 },
    { "without 0x", "8001", 120 },
    { "refuses more than fourteen hours", "0x7500", INT32_MIN },
    { "refuses units that are no digit", "0xa000", INT32_MIN },
    { "refuses other than hexadecimal", "0x80g1", INT32_MIN },
    { "refuses one octet", "0x80", INT32_MIN },
    { "refuses three octets", "0x800100", INT32_MIN },
    { "refuses nothing", "", INT32_MIN },
};

static void check_tz(void **state)
{
    const struct tz_row *row = *state;
    struct wn_error err = { 0 };
    int32_t minutes = 1;
    enum wn_code rc = wn_time_tz_3gpp(wn_slice_of(row->text), &minutes, &err);
    if (row->minutes == INT32_MIN) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, "bad-time");
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(minutes, row->minutes);
}

struct day_row {
    const char *name;
    int64_t ms;
    struct wn_civil civil;
    int32_t day;
    uint32_t month;
};

static const struct day_row day_rows[] = {
    { "the epoch", 0, { 1970, 1, 1, 0, 0, 0, 0 }, 0, 197001 },
    { "a millisecond before it", -1, { 1969, 12, 31, 23, 59, 59, 999 }, -1, 196912 },
    { "the leap day of 2000", 951782400000, { 2000, 2, 29, 0, 0, 0, 0 }, 11016, 200002 },
    { "the first of March 2100", 4107542400000, { 2100, 3, 1, 0, 0, 0, 0 }, 47541, 210003 },
    { "the last of a month", 1793491199999, { 2026, 10, 31, 23, 59, 59, 999 }, 20757, 202610 },
    { "the first of a month", 1793491200000, { 2026, 11, 1, 0, 0, 0, 0 }, 20758, 202611 },
    { "New Year", 1798761600000, { 2027, 1, 1, 0, 0, 0, 0 }, 20819, 202701 },
};

static void check_day(void **state)
{
    const struct day_row *row = *state;
    struct wn_civil civil = wn_civil_of(row->ms);
    assert_int_equal(civil.year, row->civil.year);
    assert_int_equal(civil.month, row->civil.month);
    assert_int_equal(civil.day, row->civil.day);
    assert_int_equal(civil.hour, row->civil.hour);
    assert_int_equal(civil.minute, row->civil.minute);
    assert_int_equal(civil.second, row->civil.second);
    assert_int_equal(civil.ms, row->civil.ms);
    assert_int_equal(wn_civil_utc_ms(&row->civil), row->ms);
    assert_int_equal(wn_day_of(row->ms), row->day);
    assert_int_equal(wn_month_of(row->ms), row->month);
}

static void turns_every_day_there_and_back(void **state)
{
    (void)state;
    for (int64_t day = -1000000; day < 1000000; day += 7) {
        int64_t ms = day * 86400000 + 12345678;
        struct wn_civil civil = wn_civil_of(ms);
        assert_true(wn_civil_utc_ms(&civil) == ms);
        assert_true(wn_day_of(ms) == day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(turns_every_day_there_and_back) };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, epoch_rows, check_epoch);
    WN_ADD_TABLE(&all, duration_rows, check_duration);
    WN_ADD_TABLE(&all, civil_rows, check_civil);
    WN_ADD_TABLE(&all, utc_rows, check_utc);
    WN_ADD_TABLE(&all, radius_rows, check_radius);
    WN_ADD_TABLE(&all, hint_rows, check_hint);
    WN_ADD_TABLE(&all, stamp_rows, check_stamp);
    WN_ADD_TABLE(&all, absent_rows, check_absent);
    WN_ADD_TABLE(&all, id_rows, check_id);
    WN_ADD_TABLE(&all, tz_rows, check_tz);
    WN_ADD_TABLE(&all, day_rows, check_day);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("time", &all);
}
