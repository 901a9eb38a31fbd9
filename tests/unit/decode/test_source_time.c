// SPDX-License-Identifier: Apache-2.0

/*
 * Local times: what tells the two instants of the repeated hour apart, and what does not.
 *
 * Amsterdam, 25 October 2026: 02:30:00 is 1792888200 in summer time, 1792891800 an hour later.
 */

#include "source_harness.h"

#define FIELDS(duration)                                                                           \
    "fields:\n"                                                                                    \
    "  - {field: start, from: /s, as: stamp_local}\n"                                              \
    "  - {field: end, from: /e, as: stamp_local}\n" duration                                       \
    "  - {field: service, value: voice}\n"
#define PAIR                                                                                       \
    {                                                                                              \
        .type = "call", .change = FIELDS("  - {field: duration, from: /d, as: s}\n")               \
    }
#define REC(start, end, more)                                                                      \
    "{\"s\":\"2026-10-25 " start "\",\"e\":\"2026-10-25 " end "\"" more "}\n"
#define SHOWN "start end flags"
#define CLOCK(text)                                                                                \
    {                                                                                              \
        .type = "call", .change = FIELDS("  - {field: duration, from: /d, as: s}\n"),              \
        .change2 = "clock: {zone: Europe/Amsterdam, " text "}\n"                                   \
    }
#define LATE CLOCK("nonexistent: shift")
#define SECOND CLOCK("ambiguous: second")

/* As Asterisk has it: the stamps of creation, answer and end, the lengths from the first to the
 * last and from the second to the last, and an id that tells the first. */
#define CHAIN                                                                                      \
    {                                                                                              \
        .type = "call",                                                                            \
        .change =                                                                                  \
            "fields:\n"                                                                            \
            "  - field: end\n"                                                                     \
            "    from: /e\n"                                                                       \
            "    as: stamp_local\n"                                                                \
            "    near:\n"                                                                          \
            "      from: /c\n"                                                                     \
            "      as: stamp_local\n"                                                              \
            "      near: {from: /id, as: id_epoch}\n"                                              \
            "      plus: {from: /l, as: s}\n"                                                      \
            "  - {field: duration, from: /d, as: s}\n"                                             \
            "  - {field: start, from: /s, as: stamp_local, near: {from: end, minus: duration}}\n"  \
            "  - {field: service, value: voice}\n"                                                 \
    }
#define CALL(created, answered, ended, length, duration, id)                                       \
    "{\"c\":\"2026-10-25 " created "\",\"s\":\"2026-10-25 " answered                               \
    "\",\"e\":\"2026-10-25 " ended "\",\"l\":\"" length "\",\"d\":\"" duration "\",\"id\":\"" id   \
    "\"}\n"

static const struct source_row rows[] = {
    { "stamps in the source's own layout, with a fraction behind its own sign",
      { .type = "call",
        .change = FIELDS("  - {field: duration, from: /d, as: hms}\n"),
        .change2 = "clock: {zone: Europe/Amsterdam, layout: \"DD-MM-YYYY hh:mm:ss\"}\n"
                   "decimal: comma\n" },
      "{\"s\":\"24-10-2026 21:00:05\",\"e\":\"24-10-2026 22:02:10,250\",\"d\":\"1:02:05\"}\n"
      "{\"s\":\"00-00-0000 00:00:00\"}\n{\"s\":\"2026-10-24 21:00:05\"}\n"
      "{\"s\":\"24-10-2026 21:00\"}\n{\"s\":\"31-02-2026 21:00:05\"}\n"
      "{\"s\":\"29-03-2026 02:30:00\"}\n{\"s\":\"25-10-2026 02:30:00\"}\n",
      "start end duration flags",
      "start=1792868405000 end=1792872130250 duration=3725000 flags=+node_zone\n"
      "start=- end=- duration=- flags=\nbad-time\nspreadsheet-damaged\nbad-time\n"
      "time-nonexistent\nstart=1792888200000 end=- duration=- flags=+ambiguous_time+node_zone\n" },
    { "a date and its time of day, apart",
      { .type = "call",
        .change = "fields:\n"
                  "  - {field: start, from: /d, time: [/t, /u], as: stamp_local}\n"
                  "  - {field: duration, value: 1}\n"
                  "  - {field: service, value: voice}\n",
        .change2 = "clock: {zone: Europe/Amsterdam, layout: DD/MM/YYYY hh:mm:ss}\n" },
      "{\"d\":\"24/10/2026\",\"t\":\"21:00:05\"}\n{\"d\":\"24/10/2026\",\"u\":\"21:00:05\"}\n"
      "{\"d\":\"24/10/2026\"}\n{\"t\":\"21:00:05\"}\n{\"d\":\"24/10/2026\",\"t\":[1]}\n"
      "{\"d\":\"24/10/2026\",\"t\":\"21:00\"}\n",
      "start",
      "start=1792868405000\nstart=1792868405000\nbad-time\nstart=-\nbad-time\n"
      "spreadsheet-damaged\n" },
    { "a local time is read in the zone of the source", PAIR,
      "{\"s\":\"2026-07-01 12:00:00\",\"e\":\"2026-12-01T12:00:00.250\"}\n", SHOWN,
      "start=1782900000000 end=1796122800250 flags=+node_zone\n" },
    { "stamps that are in UTC, and the zone for the offset",
      { .type = "call",
        .change = FIELDS("  - {field: duration, from: /d, as: s}\n"),
        .change2 = "clock: {zone: Europe/Amsterdam, stamps: utc}\n" },
      REC("02:30:00", "02:31:00", ""),
      "start end utc_offset flags",
      "start=1792895400000 end=1792895460000 utc_offset=60 flags=+node_zone\n" },
    { "no time, and what is none", PAIR,
      "{\"s\":\"0000-00-00 00:00:00\",\"e\":\"\"}\n{\"s\":\"yesterday\"}\n"
      "{\"s\":\"1999-12-31 12:00:00\"}\n{\"s\":\"2026/2/10 22:41\"}\n{\"s\":[]}\n",
      SHOWN, "start=- end=- flags=\nbad-time\nbad-time\nspreadsheet-damaged\nbad-time\n" },
    { "the hour that spring skips is no time", PAIR,
      "{\"s\":\"2026-03-29 01:59:59\"}\n{\"s\":\"2026-03-29 02:00:00\"}\n"
      "{\"s\":\"2026-03-29 02:59:59\"}\n{\"s\":\"2026-03-29 03:00:00\"}\n",
      "start", "start=1774745999000\ntime-nonexistent\ntime-nonexistent\nstart=1774746000000\n" },
    { "an offset outranks the zone", PAIR,
      "{\"s\":\"2026-10-25T02:30:00+01:00\",\"e\":\"2026-10-25 01:30:01Z\"}\n"
      "{\"s\":\"2026-10-25T02:30:00+01:10\"}\n",
      SHOWN, "start=1792891800000 end=1792891801000 flags=+node_zone\nbad-time\n" },
    { "a clock that is set late in spring", LATE, "{\"s\":\"2026-03-29 02:30:00\"}\n", "start",
      "start=1774747800000\n" },
    { "the second of two instants, where the source says so", SECOND,
      REC("02:10:00", "02:30:00", ",\"d\":1200") REC("02:30:00", "03:10:00", ",\"d\":6000"), SHOWN,
      "start=1792890600000 end=1792891800000 flags=+ambiguous_time+node_zone\n"
      "start=1792888200000 end=1792894200000 flags=+node_zone\n" },
    { "the first second that is repeated, and the last", PAIR,
      "{\"s\":\"2026-10-25 01:59:59\"}\n{\"s\":\"2026-10-25 02:00:00\"}\n"
      "{\"s\":\"2026-10-25 02:59:59\"}\n{\"s\":\"2026-10-25 03:00:00\"}\n",
      "start flags",
      "start=1792886399000 flags=+node_zone\nstart=1792886400000 flags=+ambiguous_time+node_zone\n"
      "start=1792889999000 flags=+ambiguous_time+node_zone\nstart=1792893600000 "
      "flags=+node_zone\n" },

    { "the duration tells the start by an end that is certain", PAIR,
      REC("02:30:00", "03:10:00", ",\"d\":6000") REC("02:30:00", "03:10:00", ",\"d\":2400"), SHOWN,
      "start=1792888200000 end=1792894200000 flags=+node_zone\n"
      "start=1792891800000 end=1792894200000 flags=+node_zone\n" },
    { "the duration tells the end by a start that is certain", PAIR,
      REC("01:50:00", "02:10:00", ",\"d\":1200") REC("01:50:00", "02:10:00", ",\"d\":4800"), SHOWN,
      "start=1792885800000 end=1792887000000 flags=+node_zone\n"
      "start=1792885800000 end=1792890600000 flags=+node_zone\n" },
    { "the duration tells both where it spans the change", PAIR,
      REC("02:10:00", "02:30:00", ",\"d\":4800") REC("02:50:00", "02:10:00", ",\"d\":1200"), SHOWN,
      "start=1792887000000 end=1792891800000 flags=+node_zone\n"
      "start=1792889400000 end=1792890600000 flags=+node_zone\n" },
    { "the duration is believed to the second", PAIR,
      REC("02:30:00", "03:10:00", ",\"d\":2401") REC("02:30:00", "03:10:00", ",\"d\":2399")
          REC("02:30:00", "03:10:00", ",\"d\":2402"),
      SHOWN,
      "start=1792891800000 end=1792894200000 flags=+node_zone\n"
      "start=1792891800000 end=1792894200000 flags=+node_zone\n"
      "start=1792888200000 end=1792894200000 flags=+ambiguous_time+node_zone\n" },
    { "within one passage of the hour the duration tells nothing", PAIR,
      REC("02:10:00", "02:30:00", ",\"d\":1200"), SHOWN,
      "start=1792887000000 end=1792888200000 flags=+ambiguous_time+node_zone\n" },
    { "without a duration nothing is told", PAIR, REC("02:30:00", "03:10:00", ""), SHOWN,
      "start=1792888200000 end=1792894200000 flags=+ambiguous_time+node_zone\n" },
    { "a duration that was made of the stamps proves nothing",
      { .type = "call", .change = FIELDS("  - {field: duration, from: end, minus: start}\n") },
      REC("02:30:00", "03:10:00", ""),
      SHOWN,
      "start=1792888200000 end=1792894200000 flags=+ambiguous_time+node_zone\n" },
    { "a time that is copied stays as open as it was",
      { .type = "call",
        .change = "fields:\n  - {field: end, from: /e, as: stamp_local}\n"
                  "  - {field: start, from: end}\n"
                  "  - {field: duration, value: \"0\"}\n  - {field: service, value: voice}\n" },
      "{\"e\":\"2026-10-25 02:30:00\"}\n",
      SHOWN,
      "start=1792888200000 end=1792888200000 flags=+ambiguous_time+node_zone\n" },
    { "a start that is made of the end is told with it, or not",
      { .type = "call",
        .change = "fields:\n  - {field: end, from: /e, as: stamp_local}\n"
                  "  - {field: duration, from: /d, as: s}\n"
                  "  - {field: start, from: end, minus: duration}\n"
                  "  - {field: service, value: voice}\n" },
      "{\"e\":\"2026-10-25 02:30:00\",\"d\":60}\n{\"e\":\"2026-10-25 03:00:00\",\"d\":60}\n"
      "{\"e\":\"2026-10-25 02:30:00\",\"d\":9223372036854775}\n",
      SHOWN,
      "start=1792888140000 end=1792888200000 flags=+ambiguous_time+node_zone\n"
      "start=1792893540000 end=1792893600000 flags=+node_zone\n"
      "start=-9223370243966575000 end=1792888200000 flags=+ambiguous_time+node_zone\n" },

    { "an instant beside it tells a time", CHAIN,
      CALL("02:29:50", "02:30:00", "02:31:00", "70", "60", "1792888190.7")
          CALL("02:29:50", "02:30:00", "02:31:00", "70", "60", "ams1-1792891790.7"),
      SHOWN,
      "start=1792888200000 end=1792888260000 flags=+node_zone\n"
      "start=1792891800000 end=1792891860000 flags=+node_zone\n" },
    { "a minute away is near, more is not", CHAIN,
      CALL("02:29:50", "02:30:00", "02:31:00", "70", "60", "1792891730.7")
          CALL("02:29:50", "02:30:00", "02:31:00", "70", "60", "1792891729.7"),
      SHOWN,
      "start=1792891800000 end=1792891860000 flags=+node_zone\n"
      "start=1792888200000 end=1792888260000 flags=+ambiguous_time+node_zone\n" },
    { "a creation that is certain tells the rest without an id", CHAIN,
      CALL("01:59:50", "02:00:10", "02:30:10", "1820", "1800", "shop")
          CALL("01:59:50", "02:40:00", "02:40:30", "6040", "30", "shop"),
      SHOWN,
      "start=1792886410000 end=1792888210000 flags=+node_zone\n"
      "start=1792892400000 end=1792892430000 flags=+node_zone\n" },
    { "an end that is certain tells the rest without an id", CHAIN,
      CALL("02:30:00", "02:30:10", "03:00:10", "1810", "1800", "shop")
          CALL("02:30:00", "02:30:10", "03:00:10", "5410", "5400", "shop"),
      SHOWN,
      "start=1792891810000 end=1792893610000 flags=+node_zone\n"
      "start=1792888210000 end=1792893610000 flags=+node_zone\n" },
    { "evidence that can't be read costs nothing", CHAIN,
      CALL("spoiled", "02:30:00", "02:31:00", "70", "60", "1792891790.7")
          CALL("02:29:50", "02:30:00", "02:31:00", "x", "60", "1792891790.7")
              CALL("02:29:50", "02:30:00", "02:31:00", "9223372036854775", "60", "1792891790.7"),
      SHOWN,
      "start=1792888200000 end=1792888260000 flags=+ambiguous_time+node_zone\n"
      "start=1792888200000 end=1792888260000 flags=+ambiguous_time+node_zone\n"
      "start=1792888200000 end=1792888260000 flags=+ambiguous_time+node_zone\n" },
    { "evidence is not looked at where a time is certain", CHAIN,
      "{\"c\":{},\"s\":\"2026-10-24 12:00:00\",\"e\":\"2026-10-24 12:01:00\",\"d\":\"60\"}\n",
      SHOWN, "start=1792836000000 end=1792836060000 flags=+node_zone\n" },
    { "a RADIUS date has evidence, too",
      { .type = "call",
        .more = "  - {field: end, from: /e, as: radius_date, near: {from: /t, as: epoch_s}}\n" },
      "{\"e\":\"Oct 25 2026 02:30:00\",\"t\":1792891801}\n",
      "end flags",
      "end=1792891800000 flags=\n" },
};

#define FAULT(text)                                                                                \
    {                                                                                              \
        .type = "call", .more = "  - " text "\n"                                                   \
    }

static const struct source_fault_row faults[] = {
    { "stamps that are neither",
      { .type = "call", .change = "clock: {zone: Europe/Amsterdam, stamps: gmt}\n" },
      "s.yaml:3: stamps: one of these is expected here: zone, utc\n" },
    { "another instant than first and second",
      { .type = "call", .change = "clock: {zone: UTC, ambiguous: third}\n" },
      "s.yaml:3: ambiguous: one of these is expected here: first, second\n" },
    { "another way with the skipped hour",
      { .type = "call", .change = "clock: {zone: UTC, nonexistent: guess}\n" },
      "s.yaml:3: nonexistent: one of these is expected here: quarantine, shift\n" },
    { "a local stamp without a zone",
      { .type = "call",
        .change = "clock: {resolution: 1s}\n",
        .more = "  - {field: end, from: /e, as: stamp_local}\n" },
      "s.yaml:12: as: stamp_local reads local times, and no zone is known; name one with `clock: "
      "{zone: …}`\n" },
    { "evidence beside an instant",
      FAULT("{field: end, from: /e, as: epoch_s, near: {from: /x, as: id_epoch}}"),
      "s.yaml:12: near: chooses between two instants of a local time; epoch_s gives one\n" },
    { "evidence beside a field", FAULT("{field: end, from: start, near: {from: /x, as: id_epoch}}"),
      "s.yaml:12: near: stands only with a path; a field has its value already\n" },
    { "evidence beside what is no time",
      FAULT("{field: billable, from: /b, as: int, near: {from: /x, as: id_epoch}}"),
      "s.yaml:12: near: chooses between two instants of a local time; int gives one\n"
      "s.yaml:12: near: stands only beside a local time\n" },
    { "evidence beside a constant",
      FAULT("{field: billable, value: \"1\", near: {from: /x, as: id_epoch}}"),
      "s.yaml:12: near: stands only with `from`\n" },
    { "evidence that is no place", FAULT("{field: end, from: /e, as: stamp_local, near: /x}"),
      "s.yaml:12: near: a map is expected here\n"
      "s.yaml:12: near: {from: PATH, as: CONVERSION} is expected here, with `plus` or `minus` or "
      "neither\n" },
    { "evidence with two steps",
      FAULT("{field: end, from: /e, as: stamp_local, near: {from: start, plus: duration, minus: "
            "duration}}"),
      "s.yaml:12: near: {from: PATH, as: CONVERSION} is expected here, with `plus` or `minus` or "
      "neither\n" },
    { "evidence that is no time",
      FAULT("{field: end, from: /e, as: stamp_local, near: {from: "
            "duration}}"),
      "s.yaml:12: from: 'duration' is of the kind duration, and one of the kind time is expected "
      "here\n" },
    { "a step that is no duration",
      FAULT("{field: end, from: /e, as: stamp_local, near: {from: start, plus: start}}"),
      "s.yaml:12: from: 'start' is of the kind time, and one of the kind duration is expected "
      "here\n" },
    { "a step that is assumed",
      FAULT("{field: end, from: /e, as: stamp_local, near: {from: start, plus: {from: /l, as: s, "
            "or: \"0\"}}}"),
      "s.yaml:12: or: evidence is not assumed; leave it out here\n" },
    { "a step that is nothing",
      FAULT("{field: end, from: /e, as: stamp_local, near: {from: start, plus: /l}}"),
      "s.yaml:12: plus: a field is expected here, or {from: PATH, as: CONVERSION}\n" },
};

int main(void)
{
    struct wn_tests tests = { 0 };
    if (source_setup(NULL) != 0) {
        return 1;
    }
    WN_ADD_TABLE(&tests, rows, source_check);
    WN_ADD_TABLE(&tests, faults, source_check_fault);
    int failed = wn_run_tests("source-time", &tests);
    return source_teardown(NULL) != 0 ? 1 : failed;
}
