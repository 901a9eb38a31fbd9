// SPDX-License-Identifier: Apache-2.0

/** What is required, what can be true: a row on both sides of each threshold. */

#include "judge_fixture.h"
#include "table.h"

#define KEYS                                                                                       \
    "duplicate_key: [node, /id]\ncontent: [start, duration]\n"                                     \
    "clock: {zone: UTC, resolution: 1us}\n"
#define DELTA KEYS "session_key: []\n"
#define AMSTERDAM                                                                                  \
    "duplicate_key: [node, /id]\ncontent: [start, duration]\nsession_key: []\n"                    \
    "clock: {zone: Europe/Amsterdam, resolution: 1us}\n"
#define CUMULATIVE                                                                                 \
    "volumes: cumulative\ntolerance: 5min\nclock: {zone: UTC, resolution: 1s}\n"                   \
    "duplicate_key: [node, /id]\ncontent: []\nsession_key: [node, /id]\n"

// 2026-10-24 14:00:00 UTC in milliseconds, and what is the same in all rows.
#define AT "1792850400000"
#define WHO "\"node\":\"n\",\"id\":\"1\",\"imsi\":\"204980000000001\","
#define VOICE "{" WHO "\"service\":\"voice\",\"start\":" AT ","
#define NIGHT "{" WHO "\"service\":\"voice\",\"start\":1792884600000,"
#define SPRING "{" WHO "\"service\":\"voice\",\"start\":1774744200000,"
#define LINE "\"node\":\"n\",\"id\":\"1\",\"user\":\"someone@isp.example\","
#define FIXED "{" LINE "\"service\":\"data\",\"final\":\"yes\",\"end\":" AT ","
#define OF(service, duration)                                                                      \
    "{" WHO "\"service\":\"" service "\",\"start\":" AT ",\"duration\":" duration "}"
#define ITEMS                                                                                      \
    DELTA "usage: {each: /list/*, fields: [{field: uplink, from: ./up, as: octets}, {field: "      \
          "duration, from: ./ms, as: ms}]}\n"
#define LIST(items)                                                                                \
    DATA "\"start\":1792850300000,\"duration\":100000,\"list\":[{\"up\":1}," items "]}"
#define DATA "{" WHO "\"service\":\"data\",\"final\":\"yes\",\"end\":" AT ","

static const int64_t day_ms = 86400000;

static const struct row {
    const char *name;
    const char *type;
    const char *source;
    const char *json;
    const char *reason;    ///< NULL: accepted.
    enum wn_reason filter; ///< With `reason` NULL.
    int64_t now_ms;        ///< 0: no clock.
} rows[] = {
    { "accepts an ordinary call", "call", DELTA, VOICE "\"end\":1792850460000,\"duration\":60000}",
      NULL, 0, 0 },
    { "wants a start", "call", DELTA, "{" WHO "\"service\":\"voice\",\"duration\":1}",
      "missing-field", 0, 0 },
    { "wants a duration", "call", DELTA, VOICE "\"end\":1792850460000}", "missing-field", 0, 0 },
    { "wants a service", "call", DELTA, "{" WHO "\"start\":" AT ",\"duration\":1}", "missing-field",
      0, 0 },
    { "wants somebody to charge", "call", DELTA,
      "{\"id\":\"1\",\"node\":\"n\",\"service\":\"voice\",\"start\":" AT ",\"duration\":5}",
      "missing-subscriber", 0, 0 },
    { "lets a short message do without a duration", "call", DELTA,
      "{" WHO "\"service\":\"sms\",\"start\":" AT "}", NULL, 0, 0 },
    { "accepts stamps that differ by a second", "call", DELTA,
      VOICE "\"end\":1792850461000,\"duration\":60000}", NULL, 0, 0 },
    { "refuses stamps that differ by more", "call", DELTA,
      VOICE "\"end\":1792850461001,\"duration\":60000}", "duration-mismatch", 0, 0 },
    { "refuses a duration that is too long for its stamps", "call", DELTA,
      VOICE "\"end\":1792850458999,\"duration\":60000}", "duration-mismatch", 0, 0 },
    { "refuses an hour's difference on an ordinary day", "call", AMSTERDAM,
      VOICE "\"end\":1792854060000,\"duration\":60000}", "duration-mismatch", 0, 0 },
    { "refuses an hour's difference in a zone that sets no clock", "call", DELTA,
      NIGHT "\"end\":1792893600000,\"duration\":5400000}", "duration-mismatch", 0, 0 },
    // 01:30 to 03:00 on 25 October 2026: two hours and a half; the switch subtracted local times.
    { "takes an hour less over autumn's change for the change", "call", AMSTERDAM,
      NIGHT "\"end\":1792893600000,\"duration\":5400000}", NULL, 0, 0 },
    { "takes an hour and a second less for the change", "call", AMSTERDAM,
      NIGHT "\"end\":1792893600000,\"duration\":5399000}", NULL, 0, 0 },
    { "refuses an hour and more than a second less", "call", AMSTERDAM,
      NIGHT "\"end\":1792893600000,\"duration\":5398999}", "duration-mismatch", 0, 0 },
    { "refuses less than the hour by more than a second", "call", AMSTERDAM,
      NIGHT "\"end\":1792893600000,\"duration\":5401001}", "duration-mismatch", 0, 0 },
    { "takes what agrees over autumn's change", "call", AMSTERDAM,
      NIGHT "\"end\":1792893600000,\"duration\":9000000}", NULL, 0, 0 },
    { "refuses an hour's difference that ends before the change", "call", AMSTERDAM,
      NIGHT "\"end\":1792889999000,\"duration\":1799000}", "duration-mismatch", 0, 0 },
    { "takes it that ends with the change", "call", AMSTERDAM,
      NIGHT "\"end\":1792890000000,\"duration\":1800000}", NULL, 0, 0 },
    // 01:30 to 03:30 on 29 March 2026: one hour.
    { "takes an hour more over spring's change for the change", "call", AMSTERDAM,
      SPRING "\"end\":1774747800000,\"duration\":7200000}", NULL, 0, 0 },
    { "takes what agrees over spring's change", "call", AMSTERDAM,
      SPRING "\"end\":1774747800000,\"duration\":3600000}", NULL, 0, 0 },
    { "refuses half an hour over spring's change", "call", AMSTERDAM,
      SPRING "\"end\":1774747800000,\"duration\":5400000}", "duration-mismatch", 0, 0 },
    { "filters voice of no time", "call", DELTA, VOICE "\"duration\":0}", NULL,
      WN_REASON_ZERO_USAGE, 0 },
    { "filters voice of no time whose stamps agree", "call", DELTA,
      VOICE "\"end\":" AT ",\"duration\":0}", NULL, WN_REASON_ZERO_USAGE, 0 },
    { "refuses voice of no time whose stamps differ", "call", DELTA,
      VOICE "\"end\":1792850400001,\"duration\":0}", "duration-mismatch", 0, 0 },
    { "keeps voice of a millisecond", "call", DELTA, VOICE "\"duration\":1}", NULL, 0, 0 },
    { "keeps a call of seven days", "call", DELTA, VOICE "\"duration\":604800000}", NULL, 0, 0 },
    { "refuses a call of more", "call", DELTA, VOICE "\"duration\":604800001}",
      "duration-implausible", 0, 0 },
    { "keeps a session of four hundred days", "session", CUMULATIVE,
      DATA "\"start\":1758290400000,\"duration\":34560000000}", NULL, 0, 0 },
    { "refuses a session of more", "session", CUMULATIVE,
      DATA "\"start\":1758290399000,\"duration\":34560001000}", "duration-implausible", 0, 0 },
    { "keeps a short message of seven days", "call", DELTA, OF("sms", "604800000"), NULL, 0, 0 },
    { "refuses a short message of more", "call", DELTA, OF("sms", "604800001"),
      "duration-implausible", 0, 0 },
    { "keeps a fax of seven days", "call", DELTA, OF("fax", "604800000"), NULL, 0, 0 },
    { "refuses a fax of more", "call", DELTA, OF("fax", "604800001"), "duration-implausible", 0,
      0 },
    { "keeps what is none of them for seven days", "call", DELTA, OF("other", "604800000"), NULL, 0,
      0 },
    { "refuses what is none of them for more", "call", DELTA, OF("other", "604800001"),
      "duration-implausible", 0, 0 },
    { "keeps a record of data of 35 days", "call", DELTA, OF("data", "3024000000"), NULL, 0, 0 },
    { "refuses a record of data of more", "call", DELTA, OF("data", "3024000001"),
      "duration-implausible", 0, 0 },
    { "refuses a duration of stamps the wrong way round", "call", DELTA,
      "{" WHO "\"service\":\"data\",\"start\":" AT ",\"until\":1792850399999}",
      "duration-implausible", 0, 0 },
    { "keeps a duration of stamps that are the same", "call", DELTA,
      "{" WHO "\"service\":\"data\",\"start\":" AT ",\"until\":" AT "}", NULL, 0, 0 },
    { "keeps what ten gigabits a second carry", "session", CUMULATIVE,
      FIXED "\"start\":1792850300000,\"duration\":100000,\"up\":125000000000}", NULL, 0, 0 },
    { "refuses an octet more", "session", CUMULATIVE,
      FIXED "\"start\":1792850300000,\"duration\":100000,\"up\":125000000001}",
      "volume-implausible", 0, 0 },
    { "keeps what four gigabits a second carry to a mobile", "session", CUMULATIVE,
      DATA "\"start\":1792850300000,\"duration\":100000,\"up\":50000000000}", NULL, 0, 0 },
    { "refuses an octet more to a mobile", "session", CUMULATIVE,
      DATA "\"start\":1792850300000,\"duration\":100000,\"up\":50000000001}", "volume-implausible",
      0, 0 },
    { "takes a minute at least for the volume", "session", CUMULATIVE,
      FIXED "\"start\":" AT ",\"duration\":0,\"down\":75000000000}", NULL, 0, 0 },
    { "refuses more than a minute's volume in no time", "session", CUMULATIVE,
      FIXED "\"start\":" AT ",\"duration\":0,\"down\":75000000001}", "volume-implausible", 0, 0 },
    { "takes a minute for 59 seconds", "session", CUMULATIVE,
      FIXED "\"start\":1792850341000,\"duration\":59000,\"down\":75000000000}", NULL, 0, 0 },
    { "gives 61 seconds more", "session", CUMULATIVE,
      FIXED "\"start\":1792850339000,\"duration\":61000,\"down\":76250000000}", NULL, 0, 0 },
    { "keeps 2^50 octets of a long session", "session", CUMULATIVE,
      DATA "\"start\":1790258400000,\"duration\":2592000000,\"down\":1125899906842624}", NULL, 0,
      0 },
    { "refuses more than 2^50 octets however long", "session", CUMULATIVE,
      DATA "\"start\":1790258400000,\"duration\":2592000000,\"down\":1125899906842625}",
      "volume-implausible", 0, 0 },
    { "keeps an item of what the whole record may count", "session", ITEMS,
      LIST("{\"up\":50000000000,\"ms\":3024000000}"), NULL, 0, 0 },
    { "refuses an item of an octet more", "session", ITEMS, LIST("{\"up\":50000000001}"),
      "volume-implausible", 0, 0 },
    { "refuses an item of a millisecond more", "session", ITEMS, LIST("{\"ms\":3024000001}"),
      "duration-implausible", 0, 0 },
    { "is not late within 35 days", "call", DELTA, VOICE "\"duration\":1}", NULL, 0,
      INT64_C(1792850400001) + 35 * INT64_C(86400000) },
    { "is late after 35 days", "call", DELTA, VOICE "\"duration\":1}", "late", 0,
      INT64_C(1792850400002) + 35 * INT64_C(86400000) },
    { "may end a day ahead of the clock", "call", DELTA, VOICE "\"duration\":1}", NULL, 0,
      INT64_C(1792850400001) - INT64_C(86400000) },
    { "may not end later", "call", DELTA, VOICE "\"duration\":1}", "future", 0,
      INT64_C(1792850400000) - INT64_C(86400000) },
};

static void set_voice(struct wn_limits *limits)
{
    limits->duration_ms[WN_CEILING_VOICE] = 60000;
}

static void set_session(struct wn_limits *limits)
{
    limits->duration_ms[WN_CEILING_SESSION] = 60000;
}

static void set_tolerance(struct wn_limits *limits)
{
    limits->tolerance_ms = 5000;
}

static void set_volume(struct wn_limits *limits)
{
    limits->octets_per_s = 1000;
    limits->mobile_octets_per_s = 500;
    limits->octets_least_s = 10;
    limits->octets_most = 100000;
}

static void set_time(struct wn_limits *limits)
{
    limits->lateness_ms = 60000;
    limits->future_ms = 30000;
    limits->now_ms = 1792850460001;
}

static void set_early(struct wn_limits *limits)
{
    set_time(limits);
    limits->now_ms = 1792850370001;
}

/** Limits of the config, and a record on either side of each. */
static const struct set_row {
    const char *name;
    void (*set)(struct wn_limits *limits);
    const char *type;
    const char *source;
    const char *json;
    const char *reason; ///< NULL: accepted.
} set_rows[] = {
    { "a ceiling of a minute is met", set_voice, "call", DELTA, OF("voice", "60000"), NULL },
    { "a ceiling of a minute is passed", set_voice, "call", DELTA, OF("voice", "60001"),
      "duration-implausible" },
    { "a ceiling of voice is not that of data", set_voice, "call", DELTA, OF("data", "60001"),
      NULL },
    { "a ceiling of sessions is met", set_session, "session", CUMULATIVE,
      DATA "\"start\":1792850340000,\"duration\":60000}", NULL },
    { "a ceiling of sessions is passed", set_session, "session", CUMULATIVE,
      DATA "\"start\":1792850339000,\"duration\":61000}", "duration-implausible" },
    { "stamps may differ by five seconds", set_tolerance, "call", DELTA,
      VOICE "\"end\":1792850465000,\"duration\":60000}", NULL },
    { "stamps may not differ by more", set_tolerance, "call", DELTA,
      VOICE "\"end\":1792850465001,\"duration\":60000}", "duration-mismatch" },
    { "stamps may be short by five seconds", set_tolerance, "call", DELTA,
      VOICE "\"end\":1792850455000,\"duration\":60000}", NULL },
    { "stamps may not be short by more", set_tolerance, "call", DELTA,
      VOICE "\"end\":1792850454999,\"duration\":60000}", "duration-mismatch" },
    { "a rate is met", set_volume, "session", CUMULATIVE,
      FIXED "\"start\":1792850380000,\"duration\":20000,\"up\":20000}", NULL },
    { "a rate is passed", set_volume, "session", CUMULATIVE,
      FIXED "\"start\":1792850380000,\"duration\":20000,\"up\":20001}", "volume-implausible" },
    { "a mobile's rate is met", set_volume, "session", CUMULATIVE,
      DATA "\"start\":1792850380000,\"duration\":20000,\"up\":10000}", NULL },
    { "a mobile's rate is passed", set_volume, "session", CUMULATIVE,
      DATA "\"start\":1792850380000,\"duration\":20000,\"up\":10001}", "volume-implausible" },
    { "the least time is met", set_volume, "session", CUMULATIVE,
      FIXED "\"start\":1792850399000,\"duration\":1000,\"up\":10000}", NULL },
    { "the least time is passed", set_volume, "session", CUMULATIVE,
      FIXED "\"start\":1792850399000,\"duration\":1000,\"up\":10001}", "volume-implausible" },
    { "the most of all is met", set_volume, "session", CUMULATIVE,
      FIXED "\"start\":1792850100000,\"duration\":300000,\"up\":100000}", NULL },
    { "the most of all is passed", set_volume, "session", CUMULATIVE,
      FIXED "\"start\":1792850100000,\"duration\":300000,\"up\":100001}", "volume-implausible" },
    { "a minute ago is not late", set_time, "call", DELTA, OF("voice", "1"), NULL },
    { "a minute and a millisecond ago is late", set_time, "call", DELTA,
      "{" WHO "\"service\":\"sms\",\"start\":" AT "}", "late" },
    { "half a minute ahead is not the future", set_early, "call", DELTA, OF("voice", "1"), NULL },
    { "a millisecond more is the future", set_early, "call", DELTA, OF("voice", "2"), "future" },
};

static void check_set(void **state)
{
    const struct set_row *row = *state;
    struct judge_fixture fixture = judge_fixture_open(row->type, row->source);
    struct wn_decoded *decoded = judge_fixture_decode(&fixture, row->json);
    struct wn_limits limits = wn_limits_default();
    struct wn_error err = { 0 };
    enum wn_reason filter;

    row->set(&limits);
    enum wn_code rc = wn_plausible(decoded, &limits, &filter, &err);
    assert_int_equal(rc, row->reason ? WN_REJECT : WN_OK);
    if (row->reason) {
        assert_string_equal(err.reason, row->reason);
    }
    judge_fixture_close(&fixture);
}

static void check(void **state)
{
    const struct row *row = *state;
    struct judge_fixture fixture = judge_fixture_open(row->type, row->source);
    struct wn_decoded *decoded = judge_fixture_decode(&fixture, row->json);
    struct wn_limits limits = wn_limits_default();
    struct wn_error err = { 0 };
    enum wn_reason filter;

    assert_int_equal(limits.lateness_ms, 35 * day_ms);
    limits.now_ms = row->now_ms ? row->now_ms : INT64_MIN;
    enum wn_code rc = wn_plausible(decoded, &limits, &filter, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
        assert_int_not_equal(wn_reason_find(wn_slice_of(err.reason)), WN_REASON_NONE);
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(filter, row->filter);
    }
    judge_fixture_close(&fixture);
}

int main(void)
{
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, rows, check);
    WN_ADD_TABLE(&tests, set_rows, check_set);
    return wn_run_tests("plausible", &tests);
}
