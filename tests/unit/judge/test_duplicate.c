// SPDX-License-Identifier: Apache-2.0

/** Is it new? Pairs of records: the second against what the first one left. */

#include "judge_fixture.h"
#include "table.h"

#define CLOCK                                                                                      \
    "duplicate_key: [node, subscriber, /id, start]\ncontent: [end, duration]\nsession_key: []\n"   \
    "clock: {zone: UTC, resolution: 1us}\n"
#define TOLERANT                                                                                   \
    "tolerance: 5min\nvolumes: cumulative\nclock: {zone: UTC, resolution: 1s}\n"                   \
    "duplicate_key: [node, /id, duration]\ncontent: []\nsession_key: [node, /id]\n"

#define CALL(start, end, more)                                                                     \
    "{\"node\":\"n\",\"imsi\":\"204980000000001\",\"service\":\"voice\",\"start\":" start          \
    ",\"end\":" end "," more "}"
#define PART(start, more)                                                                          \
    "{\"node\":\"n\",\"imsi\":\"204980000000001\",\"service\":\"data\",\"final\":\"yes\","         \
    "\"end\":1792850400000,\"start\":" start "," more "}"

// Starts in seconds: 1792799700 is a whole bucket of ten minutes, 300 s before midnight UTC of
// 2026-10-24.
static const struct row {
    const char *name;
    const char *type;
    const char *source;
    const char *first, *second;
    enum wn_outcome outcome; ///< Of the second.
    bool same_session;       ///< With a session key.
} rows[] = {
    { "finds the same record again", "call", CLOCK,
      CALL("1792850400000", "1792850460000", "\"id\":\"a\",\"duration\":60000"),
      CALL("1792850400000", "1792850460000", "\"id\":\"a\",\"duration\":60000"), WN_DUPLICATE,
      false },
    { "tells records by a part of the key", "call", CLOCK,
      CALL("1792850400000", "1792850460000", "\"id\":\"a\",\"duration\":60000"),
      CALL("1792850400000", "1792850460000", "\"id\":\"b\",\"duration\":60000"), WN_PASSED, false },
    { "tells an absent part from an empty one's neighbour", "call", CLOCK,
      CALL("1792850400000", "1792850460000", "\"duration\":60000"),
      CALL("1792850400000", "1792850460000", "\"id\":\"0\",\"duration\":60000"), WN_PASSED, false },
    { "quarantines the same key with other content", "call", CLOCK,
      CALL("1792850400000", "1792850460000", "\"id\":\"a\",\"duration\":60000"),
      CALL("1792850400000", "1792850461000", "\"id\":\"a\",\"duration\":60000"), WN_QUARANTINED,
      false },
    { "takes a start within the tolerance for the same event", "session", TOLERANT,
      PART("1792800000000", "\"id\":\"a\",\"duration\":1000"),
      PART("1792800300000", "\"id\":\"a\",\"duration\":1000"), WN_DUPLICATE, false },
    { "takes a start beyond the tolerance for another one", "session", TOLERANT,
      PART("1792800000000", "\"id\":\"a\",\"duration\":1000"),
      PART("1792800301000", "\"id\":\"a\",\"duration\":1000"), WN_PASSED, false },
    { "finds an event in the bucket before", "session", TOLERANT,
      PART("1792800000000", "\"id\":\"a\",\"duration\":1000"),
      PART("1792799999000", "\"id\":\"a\",\"duration\":1000"), WN_DUPLICATE, false },
    { "does not take a neighbour of the same bucket for the same event", "session", TOLERANT,
      PART("1792800001000", "\"id\":\"a\",\"duration\":1000"),
      PART("1792800599000", "\"id\":\"a\",\"duration\":1000"), WN_PASSED, false },
    { "keeps the parts of a session together though its start moves", "session", TOLERANT,
      PART("1792800000000", "\"id\":\"a\",\"duration\":1000"),
      PART("1792800250000", "\"id\":\"a\",\"duration\":2000"), WN_PASSED, true },
    { "begins another session where the id is used again", "session", TOLERANT,
      PART("1792800000000", "\"id\":\"a\",\"duration\":1000"),
      PART("1792803600000", "\"id\":\"a\",\"duration\":2000"), WN_PASSED, false },
};

/** A key that is no secret: the tests' own. */
static struct wn_judge_keys test_keys(void)
{
    uint8_t key[WN_KEY_BYTES];
    struct wn_judge_keys keys;
    memset(key, 1, sizeof(key));
    keys.key = wn_mac_open(key);
    memset(key, 2, sizeof(key));
    keys.session = wn_mac_open(key);
    memset(key, 3, sizeof(key));
    keys.content = wn_mac_open(key);
    return keys;
}

/** What a state would find: entries with one of the probe's fingerprints. */
static size_t find(const struct wn_entry *entries, const int32_t *days, size_t n,
                   const struct wn_probe *probe, struct wn_found *ret_found)
{
    size_t n_found = 0;
    for (size_t i = 0; i < n; i++) {
        for (unsigned p = 0; p < probe->n; p++) {
            if (days[i] >= probe->first_day &&
                memcmp(entries[i].fingerprint, probe->fingerprints[p], 12) == 0) {
                ret_found[n_found++] = (struct wn_found){ entries[i].extra, days[i] };
            }
        }
    }
    return n_found;
}

static void check(void **state)
{
    const struct row *row = *state;
    struct judge_fixture fixture = judge_fixture_open(row->type, row->source);
    struct wn_judge_keys keys = test_keys();
    struct wn_buffer scratch = { 0 };
    struct wn_probe probe;
    struct wn_found found[8];
    struct wn_entry entries[2], sessions[2];
    int32_t days[2] = { 0 };
    uint8_t session[16] = { 0 };

    struct wn_decoded *decoded = judge_fixture_decode(&fixture, row->first);
    wn_duplicate_probe(&keys, decoded, &scratch, &probe);
    wn_duplicate_content(&keys, decoded, &scratch, &probe);
    assert_int_equal(wn_duplicate_decide(fixture.source, &probe, NULL, 0).outcome, WN_PASSED);
    entries[0].extra = probe.extra;
    memcpy(entries[0].fingerprint, probe.fingerprints[probe.own], 12);
    days[0] = probe.day;
    struct wn_probe of_session;
    bool has_session = wn_session_probe(&keys, decoded, &scratch, &of_session);
    if (has_session) {
        const struct wn_entries none = { NULL, 0 };
        assert_true(wn_session_decide(&keys, decoded, &scratch, &of_session, &none, &sessions[0]));
        memcpy(session, decoded->record.session, sizeof(session));
    }

    decoded = judge_fixture_decode(&fixture, row->second);
    wn_duplicate_probe(&keys, decoded, &scratch, &probe);
    wn_duplicate_content(&keys, decoded, &scratch, &probe);
    size_t n = find(entries, days, 1, &probe, found);
    struct wn_verdict verdict = wn_duplicate_decide(fixture.source, &probe, found, n);
    assert_int_equal(verdict.outcome, row->outcome);
    assert_int_equal(verdict.reason == WN_REASON_DUPLICATE_CONFLICT,
                     row->outcome == WN_QUARANTINED);
    if (has_session && row->outcome == WN_PASSED) {
        assert_true(wn_session_probe(&keys, decoded, &scratch, &of_session));
        n = find(sessions, days, 1, &of_session, found);
        const struct wn_entries entered = { found, n };
        bool stage =
            wn_session_decide(&keys, decoded, &scratch, &of_session, &entered, &sessions[1]);
        assert_int_equal(memcmp(session, decoded->record.session, 16) == 0, row->same_session);
        assert_int_equal(stage, !row->same_session);
    }

    wn_buffer_deinit(&scratch);
    judge_fixture_close(&fixture);
}

int main(void)
{
    return WN_RUN_TABLE("duplicate", rows, check);
}
