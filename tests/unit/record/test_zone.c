// SPDX-License-Identifier: Apache-2.0

/** Time zones: every change of Amsterdam from 2025 to 2027, rules, and damaged files. */

#include <stdlib.h>

#include "table.h"
#include "winnow/time.h"
#include "zone.h"
#include "zone_rule.h"

static struct wn_zone *open_zone(const char *name)
{
    struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_zone_open(name, &zone, &err), WN_OK);
    assert_non_null(zone);
    return zone;
}

struct change_row {
    const char *name;
    const char *zone;
    int64_t epoch_s;
    int32_t before_s, after_s;
    const char *names[2];
};

static const struct change_row change_rows[] = {
    { "spring of 2025", "Europe/Amsterdam", 1743296400, 3600, 7200, { "CET", "CEST" } },
    { "autumn of 2025", "Europe/Amsterdam", 1761440400, 7200, 3600, { "CEST", "CET" } },
    { "spring of 2026", "Europe/Amsterdam", 1774746000, 3600, 7200, { "CET", "CEST" } },
    { "autumn of 2026", "Europe/Amsterdam", 1792890000, 7200, 3600, { "CEST", "CET" } },
    { "spring of 2027", "Europe/Amsterdam", 1806195600, 3600, 7200, { "CET", "CEST" } },
    { "autumn of 2027", "Europe/Amsterdam", 1824944400, 7200, 3600, { "CEST", "CET" } },
    { "spring of 2099, by the rule",
      "Europe/Amsterdam",
      4078429200,
      3600,
      7200,
      { "CET", "CEST" } },
    { "autumn of 2099, by the rule",
      "Europe/Amsterdam",
      4096573200,
      7200,
      3600,
      { "CEST", "CET" } },
    { "autumn of Sydney", "Australia/Sydney", 1775318400, 39600, 36000, { "AEDT", "AEST" } },
    { "spring of Sydney", "Australia/Sydney", 1791043200, 36000, 39600, { "AEST", "AEDT" } },
    { "autumn of Sydney in 2099, by the rule",
      "Australia/Sydney",
      4079001600,
      39600,
      36000,
      { "AEDT", "AEST" } },
};

static void check_change(void **state)
{
    const struct change_row *row = *state;
    struct wn_zone *zone = open_zone(row->zone);
    int64_t at_ms = row->epoch_s * 1000;

    assert_int_equal(wn_zone_offset_s(zone, at_ms - 1), row->before_s);
    assert_int_equal(wn_zone_offset_s(zone, at_ms), row->after_s);
    assert_string_equal(wn_zone_abbreviation(zone, at_ms - 1), row->names[0]);
    assert_string_equal(wn_zone_abbreviation(zone, at_ms), row->names[1]);
    assert_null(wn_zone_close(zone));
}

struct local_row {
    const char *name;
    const char *zone;
    struct wn_civil local;
    unsigned n;
    int64_t epoch_s[2];
};

static const struct local_row local_rows[] = {
    { "summer time",
      "Europe/Amsterdam",
      { 2026, 10, 24, 21, 0, 5, 0 },
      1,
      { 1792868405, 1792868405 } },
    { "winter time",
      "Europe/Amsterdam",
      { 2026, 1, 15, 12, 0, 0, 0 },
      1,
      { 1768474800, 1768474800 } },
    { "02:30 twice in autumn of 2025",
      "Europe/Amsterdam",
      { 2025, 10, 26, 2, 30, 0, 0 },
      2,
      { 1761438600, 1761442200 } },
    { "02:30 twice in autumn of 2026",
      "Europe/Amsterdam",
      { 2026, 10, 25, 2, 30, 0, 0 },
      2,
      { 1792888200, 1792891800 } },
    { "02:30 twice in autumn of 2027",
      "Europe/Amsterdam",
      { 2027, 10, 31, 2, 30, 0, 0 },
      2,
      { 1824942600, 1824946200 } },
    { "02:00:00 is the first repeated second",
      "Europe/Amsterdam",
      { 2026, 10, 25, 2, 0, 0, 0 },
      2,
      { 1792886400, 1792890000 } },
    { "01:59:59 comes once",
      "Europe/Amsterdam",
      { 2026, 10, 25, 1, 59, 59, 0 },
      1,
      { 1792886399, 1792886399 } },
    { "02:59:59 comes twice",
      "Europe/Amsterdam",
      { 2026, 10, 25, 2, 59, 59, 0 },
      2,
      { 1792889999, 1792893599 } },
    { "03:00:00 comes once",
      "Europe/Amsterdam",
      { 2026, 10, 25, 3, 0, 0, 0 },
      1,
      { 1792893600, 1792893600 } },
    { "02:30 never in spring of 2025",
      "Europe/Amsterdam",
      { 2025, 3, 30, 2, 30, 0, 0 },
      0,
      { 0, 0 } },
    { "02:30 never in spring of 2026",
      "Europe/Amsterdam",
      { 2026, 3, 29, 2, 30, 0, 0 },
      0,
      { 0, 0 } },
    { "02:30 never in spring of 2027",
      "Europe/Amsterdam",
      { 2027, 3, 28, 2, 30, 0, 0 },
      0,
      { 0, 0 } },
    { "02:00:00 never in spring", "Europe/Amsterdam", { 2026, 3, 29, 2, 0, 0, 0 }, 0, { 0, 0 } },
    { "01:59:59 in spring",
      "Europe/Amsterdam",
      { 2026, 3, 29, 1, 59, 59, 0 },
      1,
      { 1774745999, 1774745999 } },
    { "03:00:00 in spring",
      "Europe/Amsterdam",
      { 2026, 3, 29, 3, 0, 0, 0 },
      1,
      { 1774746000, 1774746000 } },
    { "UTC has no changes", "UTC", { 2026, 10, 25, 2, 30, 0, 0 }, 1, { 1792895400, 1792895400 } },
    { "a quarter of an hour in Nepal",
      "Asia/Kathmandu",
      { 2026, 1, 1, 5, 45, 0, 0 },
      1,
      { 1767225600, 1767225600 } },
    { "a day that Samoa left out", "Pacific/Apia", { 2011, 12, 30, 12, 0, 0, 0 }, 0, { 0, 0 } },
    { "half an hour twice on Lord Howe",
      "Australia/Lord_Howe",
      { 2026, 4, 5, 1, 45, 0, 0 },
      2,
      { 1775313900, 1775315700 } },
};

static void check_local(void **state)
{
    const struct local_row *row = *state;
    struct wn_zone *zone = open_zone(row->zone);
    int64_t utc_ms[2] = { 0, 0 };

    assert_int_equal(wn_zone_utc(zone, &row->local, utc_ms), row->n);
    if (row->n > 0) {
        assert_int_equal(utc_ms[0], row->epoch_s[0] * 1000);
        assert_int_equal(utc_ms[1], row->epoch_s[1] * 1000);
    }
    wn_zone_close(zone);
}

struct rule_row {
    const char *name;
    const char *text;
    int64_t utc_s;
    int32_t offset_s; ///< INT32_MIN: the text is refused.
};

static const struct rule_row rule_rows[] = {
    { "a fixed offset", "UTC0", 0, 0 },
    { "a fixed offset east", "<+0530>-5:30", 0, 19800 },
    { "a fixed offset west", "EST5", 0, -18000 },
    { "seconds of an offset", "XXX-1:02:03", 0, 3723 },
    { "summer an hour ahead", "CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 7200 },
    { "winter a second before", "CET-1CEST,M3.5.0,M10.5.0/3", 1774745999, 3600 },
    { "the default time of 02:00", "EST5EDT,M3.2.0,M11.1.0", 1772953200, -14400 },
    { "a second before it", "EST5EDT,M3.2.0,M11.1.0", 1772953199, -18000 },
    { "negative summer time", "IST-1GMT0,M10.5.0,M3.5.0/1", 1767225600, 0 },
    { "negative summer time in July", "IST-1GMT0,M10.5.0,M3.5.0/1", 1782864000, 3600 },
    { "hours before midnight", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774746000, -3600 },
    { "a Julian day after February of a leap year", "AAA0BBB,J60/0,J365/23", 1709251200, 3600 },
    { "the day before it", "AAA0BBB,J60/0,J365/23", 1709251199, 0 },
    { "a counted day of a leap year", "AAA0BBB,59/0,364/0", 1709164800, 3600 },
    { "nothing", "", 0, INT32_MIN },
    { "no offset", "CET", 0, INT32_MIN },
    { "a short name", "CE-1", 0, INT32_MIN },
    { "a long name", "<ABCDEFGHIJKLMNOPQRST>-1", 0, INT32_MIN },
    { "an open quote", "<+03-3", 0, INT32_MIN },
    { "summer without a rule", "CET-1CEST", 0, INT32_MIN },
    { "one change only", "CET-1CEST,M3.5.0", 0, INT32_MIN },
    { "month 13", "CET-1CEST,M13.5.0,M10.5.0", 0, INT32_MIN },
    { "week 6", "CET-1CEST,M3.6.0,M10.5.0", 0, INT32_MIN },
    { "weekday 7", "CET-1CEST,M3.5.7,M10.5.0", 0, INT32_MIN },
    { "hour 168", "CET-1CEST,M3.5.0/168,M10.5.0", 0, INT32_MIN },
    { "Julian day 0", "CET-1CEST,J0,J300", 0, INT32_MIN },
    { "day 366", "CET-1CEST,366,3", 0, INT32_MIN },
    { "an offset of 26 hours", "CET-26", 0, INT32_MIN },
    { "something behind the rule", "CET-1CEST,M3.5.0,M10.5.0/3,", 0, INT32_MIN },
};

static void check_rule(void **state)
{
    const struct rule_row *row = *state;
    struct wn_zone_rule rule;
    bool is_rule = wn_zone_rule_read(wn_slice_of(row->text), &rule);

    assert_int_equal(is_rule, row->offset_s != INT32_MIN);
    if (is_rule) {
        assert_int_equal(wn_zone_rule_at(&rule, row->utc_s)->offset_s, row->offset_s);
    }
}

struct name_row {
    const char *name;
    const char *zone;
};

static const struct name_row name_rows[] = {
    { "refuses a zone that does not exist", "Europe/Atlantis" },
    { "refuses an empty name", "" },
    { "refuses an absolute path", "/etc/hostname" },
    { "refuses a way up", "../zoneinfo/UTC" },
    { "refuses a folder", "Europe" },
    { "refuses a name that ends with a slash", "Europe/" },
    { "refuses a file of the database that is no zone", "zone.tab" },
    { "refuses a zone that counts leap seconds", "right/UTC" },
};

static void check_name(void **state)
{
    const struct name_row *row = *state;
    struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };

    assert_int_equal(wn_zone_open(row->zone, &zone, &err), WN_FATAL);
    assert_string_equal(err.reason, "config");
    assert_null(zone);
}

/** A whole TZif file: no 32-bit block, one change in 2025 from AAA (0) to BBB (3600), a rule. */
static const char tzif[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                           "\0\0\0\0\0\0UTC\0"
                           "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\10"
                           "\0\0\0\0\x67\xe8\x9b\x10"
                           "\1"
                           "\0\0\0\0\0\0"
                           "\0\0\16\20\1\4"
                           "AAA\0BBB\0"
                           "\nBBB-1\n";

enum {
    SECOND = 44 + 10,
    COUNTS = SECOND + 20,
    BLOCK = SECOND + 44
};

static void reads_a_file(void **state)
{
    (void)state;
    struct wn_zone *zone = wn_zone_parse((struct wn_slice){ tzif, sizeof(tzif) - 1 });
    assert_non_null(zone);
    assert_int_equal(wn_zone_offset_s(zone, INT64_C(1743297295999)), 0);
    assert_int_equal(wn_zone_offset_s(zone, INT64_C(1743297296000)), 3600);
    assert_string_equal(wn_zone_abbreviation(zone, INT64_C(1743297296000)), "BBB");
    wn_zone_close(zone);
}

static void refuses_a_file_cut_anywhere(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(tzif) - 1; len++) {
        char *cut = malloc(len + 1); // Of its own, so that a sanitizer sees a step too far.
        assert_non_null(cut);
        memcpy(cut, tzif, len);
        assert_null(wn_zone_parse((struct wn_slice){ cut, len }));
        free(cut);
    }
}

struct damage_row {
    const char *name;
    size_t at;
    char octet;
};

static const struct damage_row damage_rows[] = {
    { "another magic", 0, 'X' },
    { "version 1", 4, 0 },
    { "another second magic", SECOND, 'X' },
    { "more indicators than octets", COUNTS + 3, 9 },
    { "more standard indicators than octets", COUNTS + 7, 9 },
    { "leap seconds", COUNTS + 11, 1 },
    { "a count of 16 million transitions", COUNTS + 12, 1 },
    { "no local time", COUNTS + 19, 0 },
    { "more local times than octets", COUNTS + 19, 9 },
    { "no abbreviations", COUNTS + 23, 0 },
    { "a transition to a local time that is not there", BLOCK + 8, 2 },
    { "an offset of more than 26 hours", BLOCK + 16, 2 },
    { "an abbreviation behind the others", BLOCK + 20, 8 },
    { "an abbreviation without its end", BLOCK + 28, 'X' },
    { "a footer that does not begin", BLOCK + 29, 'X' },
    { "a footer that does not end", sizeof(tzif) - 2, 'X' },
    { "a footer that is no rule", BLOCK + 30, '9' },
};

static void check_damage(void **state)
{
    const struct damage_row *row = *state;
    char copy[sizeof(tzif)];
    memcpy(copy, tzif, sizeof(tzif));
    assert_int_not_equal(copy[row->at], row->octet);
    copy[row->at] = row->octet;
    assert_null(wn_zone_parse((struct wn_slice){ copy, sizeof(copy) - 1 }));
}

static void names_the_database(void **state)
{
    (void)state;
    const char *version = wn_zone_database();
    assert_true(strlen(version) >= 5); // "2025b", or "unknown".

    assert_int_equal(setenv("TZDIR", "/nonexistent", 1), 0);
    assert_string_equal(wn_zone_database(), "unknown");
    struct wn_zone *zone = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_zone_open("Europe/Amsterdam", &zone, &err), WN_FATAL);
    assert_string_equal(err.text, "no time zone 'Europe/Amsterdam' in /nonexistent; correct the "
                                  "name, or install the package tzdata");
    assert_int_equal(unsetenv("TZDIR"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_file),
        cmocka_unit_test(refuses_a_file_cut_anywhere),
        cmocka_unit_test(names_the_database),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, change_rows, check_change);
    WN_ADD_TABLE(&all, local_rows, check_local);
    WN_ADD_TABLE(&all, rule_rows, check_rule);
    WN_ADD_TABLE(&all, name_rows, check_name);
    WN_ADD_TABLE(&all, damage_rows, check_damage);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("zone", &all);
}
