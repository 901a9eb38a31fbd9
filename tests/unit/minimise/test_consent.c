// SPDX-License-Identifier: Apache-2.0

/** The consent file: what it says of whom and when, on both sides of each bound; and each fault. */

#include "winnow/consent.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keyring_double.h"
#include "table.h"
#include "winnow/time.h"

#define HEADER "kind,identifier,purpose,from,to\n"
#define ANNA "imsi,204980000000001,insight,"
#define T(month, day, hour) "2026-" month "-" day "T" hour ":00:00Z"
#define FILE_NAME "consent.csv"

/** Billing by contract, insight and advice by consent; the second type has insight only. */
static const struct wn_policy *make_policy(void)
{
    static struct wn_type types[2];
    static struct wn_policy policy = { .types = types,
                                       .n_types = 2,
                                       .purposes = { "billing", "advice", "insight" },
                                       .n_purposes = 3 };
    types[0].purposes[0] = (struct wn_purpose){ .name = "billing", .number = 0 };
    types[0].purposes[1] =
        (struct wn_purpose){ .name = "advice", .number = 1, .needs_consent = true };
    types[0].n_purposes = 2;
    types[1].purposes[0] =
        (struct wn_purpose){ .name = "insight", .number = 2, .needs_consent = true };
    types[1].n_purposes = 1;
    return &policy;
}

/** A file, the keys, and what came of it. */
struct bench {
    struct wn_keyring keyring;
    struct wn_consent_keys keys;
    struct wn_site site;
    struct wn_minimiser *minimiser;
    struct wn_faults faults;
    struct wn_consent *consent;
    struct wn_stamp stamp;
    size_t most_rows;
};

static bool load(struct bench *bench, const char *text, size_t len)
{
    struct wn_error err = { 0 };
    struct wn_consent_ground ground = { .keys = &bench->keys,
                                        .policy = make_policy(),
                                        .site = &bench->site,
                                        .most_rows = bench->most_rows };
    bench->site = wn_site_default();
    if (text) {
        assert_int_equal(wn_io_replace(FILE_NAME, 0600, text, len, &err), WN_OK);
    }
    assert_int_equal(wn_consent_keys(&bench->keyring, &bench->keys), !bench->keyring.missing);
    assert_int_equal(wn_minimiser_open(&bench->keyring, 0, &bench->minimiser, &err), WN_OK);
    bool good = wn_consent_load(FILE_NAME, &ground, &bench->faults, &bench->consent, &bench->stamp);
    assert_int_equal(good, bench->consent != NULL);
    assert_int_equal(good, bench->faults.n == 0);
    wn_buffer_add(&bench->faults.lines, "", 1);
    remove(FILE_NAME);
    return good;
}

static void end(struct bench *bench)
{
    assert_null(wn_consent_close(bench->consent));
    wn_minimiser_close(bench->minimiser);
    wn_faults_deinit(&bench->faults);
    keyring_double_deinit(&bench->keyring);
}

static int64_t at(const char *text)
{
    struct wn_error err;
    int64_t ms = INT64_MIN;
    if (text) {
        assert_int_equal(wn_time_utc(wn_slice_of(text), &ms, &err), WN_OK);
    }
    return ms;
}

static enum wn_consent_answer ask(struct bench *bench, unsigned purpose, enum wn_kind kind,
                                  const char *canonical, int64_t event_ms, int64_t now_ms)
{
    const struct wn_consent_view view = { .consent = bench->consent };
    const struct wn_purpose asked = { .number = purpose, .needs_consent = true };
    const struct wn_record record = { .subscriber_kind = kind,
                                      .subscriber = wn_slice_of(canonical) };
    return wn_consent_ask(&view, bench->minimiser, &asked, &record, event_ms, now_ms);
}

static const struct asked {
    const char *name;
    const char *file; ///< Behind the header.
    unsigned purpose;
    enum wn_kind kind;
    const char *canonical;
    const char *event, *now; ///< `now` NULL: there is no clock.
    bool given;
} asks[] = {
    { "holds from then on", ANNA T("03", "01", "12") ",\n", 2, WN_KIND_IMSI, "204980000000001",
      T("03", "01", "12"), T("04", "01", "00"), true },
    { "not a millisecond before", ANNA "2026-03-01T12:00:00.001Z,\n", 2, WN_KIND_IMSI,
      "204980000000001", T("03", "01", "12"), T("04", "01", "00"), false },
    { "holds up to the end", ANNA T("03", "01", "12") ",2026-03-01T13:00:00.001Z\n", 2,
      WN_KIND_IMSI, "204980000000001", T("03", "01", "12"), T("03", "01", "13"), true },
    { "the end is not in it", ANNA T("03", "01", "12") "," T("03", "01", "13") "\n", 2,
      WN_KIND_IMSI, "204980000000001", T("03", "01", "12"), T("03", "01", "13"), false },
    { "an event at the end", ANNA T("03", "01", "12") "," T("03", "01", "13") "\n", 2, WN_KIND_IMSI,
      "204980000000001", T("03", "01", "13"), T("03", "01", "12"), false },
    { "withdrawn between event and now", ANNA T("03", "01", "00") "," T("04", "01", "00") "\n", 2,
      WN_KIND_IMSI, "204980000000001", T("03", "05", "00"), T("04", "02", "00"), false },
    { "given between event and now", ANNA T("03", "06", "00") ",\n", 2, WN_KIND_IMSI,
      "204980000000001", T("03", "05", "00"), T("04", "02", "00"), false },
    { "withdrawn and given again: both instants lie in one",
      ANNA T("01", "01", "00") "," T("02", "01", "00") "\n" ANNA T("03", "01", "00") ",\n", 2,
      WN_KIND_IMSI, "204980000000001", T("01", "05", "00"), T("03", "05", "00"), true },
    { "an event in the gap",
      ANNA T("01", "01", "00") "," T("02", "01", "00") "\n" ANNA T("03", "01", "00") ",\n", 2,
      WN_KIND_IMSI, "204980000000001", T("02", "05", "00"), T("03", "05", "00"), false },
    { "without a clock, what is not withdrawn holds",
      ANNA T("01", "01", "00") ",\nimsi,204980000000002,insight," T("01", "01", "00") "," T(
          "06", "01", "00") "\n",
      2, WN_KIND_IMSI, "204980000000001", T("01", "05", "00"), NULL, true },
    { "without a clock, who has an end has withdrawn, even the last one",
      ANNA T("01", "01", "00") "," T("06", "01", "00") "\n", 2, WN_KIND_IMSI, "204980000000001",
      T("01", "05", "00"), NULL, false },
    { "with a clock before the end it holds", ANNA T("01", "01", "00") "," T("06", "01", "00") "\n",
      2, WN_KIND_IMSI, "204980000000001", T("01", "05", "00"), T("05", "31", "23"), true },
    { "overlapping ones, out of order and doubled, are one",
      ANNA T("02", "01", "00") "," T("03", "01", "00") "\n" ANNA T("01", "01", "00") "," T(
          "02", "15", "00") "\n" ANNA T("02", "01", "00") "," T("03", "01", "00") "\n",
      2, WN_KIND_IMSI, "204980000000001", T("01", "05", "00"), T("02", "28", "23"), true },
    { "one inside another ends nothing",
      ANNA T("01", "01", "00") ",\n" ANNA T("02", "01", "00") "," T("03", "01", "00") "\n", 2,
      WN_KIND_IMSI, "204980000000001", T("04", "01", "00"), T("05", "01", "00"), true },
    { "one that touches goes on",
      ANNA T("01", "01", "00") "," T("02", "01", "00") "\n" ANNA T("02", "01", "00") ",\n", 2,
      WN_KIND_IMSI, "204980000000001", T("02", "01", "00"), T("02", "01", "00"), true },
    { "one that ends as it begins never held",
      ANNA T("01", "01", "00") "," T("01", "01", "00") "\n", 2, WN_KIND_IMSI, "204980000000001",
      T("01", "01", "00"), T("01", "01", "00"), false },
    { "another subscriber", ANNA T("01", "01", "00") ",\n", 2, WN_KIND_IMSI, "204980000000002",
      T("01", "05", "00"), NULL, false },
    { "another purpose", ANNA T("01", "01", "00") ",\n", 1, WN_KIND_IMSI, "204980000000001",
      T("01", "05", "00"), NULL, false },
    { "the same digits as another kind", ANNA T("01", "01", "00") ",\n", 2, WN_KIND_ACCOUNT,
      "204980000000001", T("01", "05", "00"), NULL, false },
    { "a number as it is dialled at home", "number,06-12345678,insight," T("01", "01", "00") ",\n",
      2, WN_KIND_NUMBER, "31612345678", T("01", "05", "00"), NULL, true },
    { "a number with its country", "number,+44 7700 900123,advice," T("01", "01", "00") ",\n", 1,
      WN_KIND_NUMBER, "447700900123", T("01", "05", "00"), NULL, true },
    { "a user name is folded as records are",
      "nai,anna@EXAMPLE.net,insight," T("01", "01", "00") ",\n", 2, WN_KIND_NAI, "anna@example.net",
      T("01", "05", "00"), NULL, true },
    { "an account with a comma", "account,\" A,1 \",insight," T("01", "01", "00") ",\n", 2,
      WN_KIND_ACCOUNT, "A,1", T("01", "05", "00"), NULL, true },
    { "an empty list", "", 2, WN_KIND_IMSI, "204980000000001", T("01", "05", "00"), NULL, false },
};

static void check_ask(void **state)
{
    const struct asked *row = *state;
    struct bench bench = { .consent = NULL };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&text, HEADER);
    wn_buffer_text(&text, row->file);
    if (!load(&bench, (const char *)text.at, text.len)) {
        fail_msg("%s", (const char *)bench.faults.lines.at);
    }
    assert_int_equal(
        ask(&bench, row->purpose, row->kind, row->canonical, at(row->event), at(row->now)),
        row->given ? WN_CONSENT_GIVEN : WN_CONSENT_NONE);
    wn_buffer_deinit(&text);
    end(&bench);
}

#define WHEN ",insight," T("01", "01", "00") ",\n"
#define TIME_FAULT "not a time in UTC from 2000 to 2199 such as 2026-10-24T00:00:00Z\n"

static const struct fault {
    const char *name;
    const char *file;   ///< Behind the header.
    const char *faults; ///< A part of what is said.
} faulty[] = {
    { "a purpose that there is not", "imsi,204980000000001,Insight," T("01", "01", "00") ",\n",
      "consent.csv:2: purpose: no purpose of the policy that rests on consent (advice, "
      "insight)\n" },
    { "a purpose that asks nobody", "imsi,204980000000001,billing," T("01", "01", "00") ",\n",
      "consent.csv:2: purpose: no purpose of the policy that rests on consent (advice, "
      "insight)\n" },
    { "an unknown kind", "msisdn,31612345678" WHEN,
      "consent.csv:2: kind: no kind of subscriber: imsi, nai, account or number\n" },
    { "a kind of device", "imei,35123456789012" WHEN,
      "consent.csv:2: kind: no kind of subscriber: imsi, nai, account or number\n" },
    { "an IMSI that is none", "imsi,2049800" WHEN, "consent.csv:2: identifier: " },
    { "an empty identifier", "account,\"\"" WHEN,
      "consent.csv:2: identifier: is empty, or a placeholder that names nobody\n" },
    { "a number without a prefix", "number,31612345678" WHEN, "consent.csv:2: identifier: " },
    { "a short code", "number,1400" WHEN,
      "consent.csv:2: identifier: a number that is nobody's own: a short code, a service or an "
      "extension\n" },
    { "text that is not UTF-8", "nai,\xe9@example.net" WHEN, "consent.csv:2: identifier: " },
    { "no beginning", ANNA ",\n", "consent.csv:2: from: " TIME_FAULT },
    { "a day", ANNA "2026-01-01,\n", "consent.csv:2: from: " TIME_FAULT },
    { "a time without its zone", ANNA "2026-01-01T00:00:00,\n",
      "consent.csv:2: from: " TIME_FAULT },
    { "a time of another zone", ANNA "2026-01-01T00:00:00+01:00,\n",
      "consent.csv:2: from: " TIME_FAULT },
    { "a space in place of the T", ANNA "2026-01-01 00:00:00Z,\n",
      "consent.csv:2: from: " TIME_FAULT },
    { "an end that is no time", ANNA T("01", "01", "00") ",never\n",
      "consent.csv:2: to: " TIME_FAULT },
    { "an end before the beginning", ANNA T("02", "01", "00") "," T("01", "01", "00") "\n",
      "consent.csv:2: to: is before 'from'\n" },
    { "all that is wrong with a row, and the next one", "x,y,z,1,2\nimsi,1,insight,3,\n",
      "consent.csv:2: purpose: no purpose of the policy that rests on consent (advice, insight)\n"
      "consent.csv:2: from: " TIME_FAULT "consent.csv:2: to: " TIME_FAULT
      "consent.csv:2: kind: no kind of subscriber: imsi, nai, account or number\n"
      "consent.csv:3: from: " TIME_FAULT "consent.csv:3: identifier: " },
    { "a row that is cut where its end would stand", ANNA T("01", "01", "00") ",",
      "consent.csv:2: the last line does not end: the file is cut\n" },
    { "a row too short", "imsi,204980000000001,insight\n",
      "consent.csv:2: not as many cells as the header has columns (5)\n" },
};

static void check_fault(void **state)
{
    const struct fault *row = *state;
    struct bench bench = { .consent = NULL };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&text, HEADER);
    wn_buffer_text(&text, row->file);
    assert_false(load(&bench, (const char *)text.at, text.len));
    const char *said = (const char *)bench.faults.lines.at;
    if (!strstr(said, row->faults)) {
        fail_msg("said: %s", said);
    }
    // No word of the file but line, column and what the policy and this program know.
    static const char *const hidden[] = { "204980000000001", "31612345678", "1400",   "never",
                                          "msisdn",          "Insight",     "example" };
    for (size_t i = 0; i < WN_COUNT(hidden); i++) {
        assert_null(strstr(said, hidden[i]));
    }
    wn_buffer_deinit(&text);
    end(&bench);
}

static void says_that_there_is_no_file_or_nothing_in_it(void **state)
{
    (void)state;
    struct bench gone = { .consent = NULL };
    assert_false(load(&gone, NULL, 0));
    assert_string_equal((const char *)gone.faults.lines.at,
                        "consent.csv: No such file or directory\n");
    const struct wn_stamp none = { 0 };
    assert_true(wn_io_same_stamp(&gone.stamp, &none));
    end(&gone);
    struct bench empty = { .consent = NULL };
    assert_false(load(&empty, "", 0));
    assert_string_equal((const char *)empty.faults.lines.at,
                        "consent.csv: is empty; its first line is the header\n");
    assert_false(wn_io_same_stamp(&empty.stamp, &none)); // It was looked at.
    end(&empty);
}

static void knows_its_version_and_its_end(void **state)
{
    (void)state;
    static const char text[] = HEADER ANNA T("01", "01", "00") "," T("06", "01", "00") "\n" ANNA T(
        "02", "01", "00") ",\nnai,a@b.example,advice," T("07", "01", "00") ",\n";
    struct bench bench = { .consent = NULL };
    assert_true(load(&bench, text, strlen(text)));
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(text, strlen(text), digest);
    assert_memory_equal(wn_consent_version(bench.consent), digest, sizeof(digest));
    assert_true(wn_consent_end_ms(bench.consent) == at(T("07", "01", "00")));
    assert_int_equal(wn_consent_count(bench.consent), 2); // The IMSI's two touch.
    end(&bench);
    struct bench empty = { .consent = NULL };
    assert_true(load(&empty, HEADER, strlen(HEADER)));
    assert_true(wn_consent_end_ms(empty.consent) == INT64_MIN);
    end(&empty);
}

static void withholds_without_a_file_a_key_or_a_version_that_counts(void **state)
{
    (void)state;
    static const char text[] = HEADER ANNA T("01", "01", "00") ",\n";
    struct bench bench = { .consent = NULL };
    assert_true(load(&bench, text, strlen(text)));
    const struct wn_purpose purpose = { .number = 2, .needs_consent = true };
    struct wn_record record = { .subscriber_kind = WN_KIND_IMSI,
                                .subscriber = wn_slice_of("204980000000001") };
    struct wn_consent_view view = { .consent = bench.consent };
    const int64_t event_ms = at(T("02", "01", "00"));
    assert_int_equal(wn_consent_ask(&view, bench.minimiser, &purpose, &record, event_ms, INT64_MIN),
                     WN_CONSENT_GIVEN);
    view.too_old = true;
    assert_int_equal(wn_consent_ask(&view, bench.minimiser, &purpose, &record, event_ms, INT64_MIN),
                     WN_CONSENT_TOO_OLD);
    view = (struct wn_consent_view){ .consent = NULL };
    assert_int_equal(wn_consent_ask(&view, bench.minimiser, &purpose, &record, event_ms, INT64_MIN),
                     WN_CONSENT_NONE);
    record.subscriber = (struct wn_slice){ 0 };
    view.consent = bench.consent;
    assert_int_equal(wn_consent_ask(&view, bench.minimiser, &purpose, &record, event_ms, INT64_MIN),
                     WN_CONSENT_NONE);
    end(&bench);

    struct bench keyless = { .keyring = { .missing = "consent" } };
    assert_true(load(&keyless, text, strlen(text)));
    assert_int_equal(wn_consent_count(keyless.consent), 0);
    assert_int_equal(ask(&keyless, 2, WN_KIND_IMSI, "204980000000001", event_ms, INT64_MIN),
                     WN_CONSENT_KEY_MISSING);
    end(&keyless);
}

/** Nothing of the file's texts is kept: digests are those of the purpose `consent`, by kind. */
static void keeps_the_digests_of_its_own_purpose(void **state)
{
    (void)state;
    static const char text[] = HEADER ANNA T("01", "01", "00") ",\n";
    struct bench bench = { .consent = NULL };
    assert_true(load(&bench, text, strlen(text)));
    static const struct {
        const char *purpose;
        enum wn_kind kind;
        uint32_t period;
        bool held;
    } rows[] = { { "consent", WN_KIND_IMSI, 0, true },
                 { "consent", WN_KIND_IMSI, 202602, false },
                 { "consent", WN_KIND_NAI, 0, false },
                 { "billing", WN_KIND_IMSI, 0, false },
                 { "insight", WN_KIND_IMSI, 202602, false } };
    for (size_t i = 0; i < WN_COUNT(rows); i++) {
        uint8_t digest[16];
        assert_true(wn_pseudonym(bench.minimiser, rows[i].purpose, rows[i].kind, rows[i].period,
                                 wn_slice_of("204980000000001"), digest));
        assert_int_equal(wn_consent_held(bench.consent, 2, digest, at(T("02", "01", "00"))),
                         rows[i].held);
    }
    end(&bench);
}

/** Each of a crowd is found, with several intervals each, and nobody else. */
static void finds_each_of_a_crowd(void **state)
{
    (void)state;
    enum {
        CROWD = 20000
    };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&text, HEADER);
    for (unsigned i = 0; i < 2 * CROWD; i++) {
        unsigned who = i * 7919U % CROWD; // A permutation, twice.
        wn_buffer_format(&text, "imsi,20498%010u,%s,2026-0%u-01T00:00:00Z,2026-0%u-15T00:00:00Z\n",
                         who, who % 3 ? "insight" : "advice", 1 + i / CROWD * 4 + who % 2,
                         1 + i / CROWD * 4 + who % 2);
    }
    struct bench bench = { .consent = NULL };
    assert_true(load(&bench, (const char *)text.at, text.len));
    assert_int_equal(wn_consent_count(bench.consent), 2 * CROWD);
    for (unsigned who = 0; who < CROWD + 100; who++) {
        char imsi[16];
        uint8_t digest[16];
        snprintf(imsi, sizeof(imsi), "20498%010u", who);
        assert_true(
            wn_pseudonym(bench.minimiser, "consent", WN_KIND_IMSI, 0, wn_slice_of(imsi), digest));
        const unsigned purpose = who % 3 ? 2 : 1;
        static const char *const days[] = { T("01", "05", "00"), T("02", "05", "00"),
                                            T("05", "05", "00"), T("06", "05", "00") };
        for (unsigned day = 0; day < 4; day++) {
            const bool held = who < CROWD && day % 2 == who % 2;
            assert_int_equal(wn_consent_held(bench.consent, purpose, digest, at(days[day])), held);
            assert_false(wn_consent_held(bench.consent, 3 - purpose, digest, at(days[day])));
        }
    }
    wn_buffer_deinit(&text);
    end(&bench);
}

static void refuses_more_rows_than_memory_is_meant_for(void **state)
{
    (void)state;
    for (size_t most = 1; most <= 2; most++) {
        struct bench bench = { .most_rows = most };
        static const char text[] =
            HEADER ANNA T("01", "01", "00") ",\n" ANNA T("02", "01", "00") ",\n";
        assert_int_equal(load(&bench, text, strlen(text)), most == 2);
        assert_string_equal((const char *)bench.faults.lines.at,
                            most == 2 ? "" : "consent.csv:3: more than 1 rows\n");
        end(&bench);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(says_that_there_is_no_file_or_nothing_in_it),
        cmocka_unit_test(knows_its_version_and_its_end),
        cmocka_unit_test(withholds_without_a_file_a_key_or_a_version_that_counts),
        cmocka_unit_test(keeps_the_digests_of_its_own_purpose),
        cmocka_unit_test(refuses_more_rows_than_memory_is_meant_for),
        cmocka_unit_test(finds_each_of_a_crowd),
    };
    struct wn_tests tests = { 0 };
    char folder[] = "test-consent-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        return 1;
    }
    WN_ADD_TABLE(&tests, asks, check_ask);
    WN_ADD_TABLE(&tests, faulty, check_fault);
    WN_ADD_TESTS(&tests, others);
    int failed = wn_run_tests("consent", &tests);
    return chdir("..") == 0 && rmdir(folder) == 0 ? failed : 1;
}
