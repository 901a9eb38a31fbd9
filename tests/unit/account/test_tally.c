// SPDX-License-Identifier: Apache-2.0

/** Counts: add up, balance, and say which sum is off. */

#include "winnow/tally.h"

#include "table.h"

/** Make a tally that balances: two purposes. */
static struct wn_tally *make(void)
{
    struct wn_tally *tally = wn_tally_open();
    tally->in = 21;
    tally->passed = 10;
    tally->duplicates = 5;
    tally->superseded = 1;
    tally->filtered[WN_REASON_ATTEMPT] = 2;
    tally->attempts[WN_ATTEMPT_USER] = tally->attempts[WN_ATTEMPT_UNKNOWN] = 1;
    tally->filtered[WN_REASON_ZERO_USAGE] = 1;
    tally->quarantined[WN_REASON_BAD_TIME] = 2;
    tally->purposes[0].out = 10;
    tally->purposes[1].no_consent = 7;
    tally->purposes[1].withheld[WN_REASON_KEY_MISSING] = 3;
    tally->masked[WN_REASON_LIST_TOO_OLD] = 4;
    tally->first_ms = 1000;
    tally->last_ms = 2000;
    return tally;
}

/** What inputs say of themselves, and the text of the sum. */
static const struct declared_row {
    const char *name;
    struct wn_declared inputs[3];
    const char *text;
    unsigned differences;
} declared_rows[] = {
    { "an input that holds what it declares",
      { { .name = "records", .n = 1, .declared = 33, .found = 33 } },
      "records: ",
      0 },
    { "an input that lacks some",
      { { .name = "records", .n = 1, .declared = 33, .found = 30 } },
      "records: declared 33, found 30, missing 3",
      1 },
    { "what one lacks and another has too much does not cancel",
      { { .name = "records", .n = 1, .declared = 33, .found = 32 },
        { .name = "records", .n = 1, .declared = 10, .found = 11 },
        { .name = "records", .n = 1, .declared = -5, .found = -5 } },
      "records: declared 38, found 38, missing 1, surplus 1",
      1 },
    { "a trailer that is missing, and is required",
      { { .name = "records", .required = true, .found = 7 } },
      "records: absent or unreadable in 1 input",
      1 },
    { "a trailer that is missing, and need not be there",
      { { .name = "records", .found = 7 } },
      "records: ",
      0 },
    { "a trailer that can't be read, required or not",
      { { .name = "records", .n = 1, .declared = 7, .found = 7, .unreadable = true },
        { .name = "records", .required = true },
        { .name = "records", .n = 1, .declared = 2 } },
      "records: declared 2, found 0, missing 2, absent or unreadable in 2 inputs",
      1 },
    { "differences that have more than 63 bits",
      { { .name = "cost", .n = 1, .declared = INT64_MAX, .found = INT64_MIN },
        { .name = "cost", .n = 1, .declared = INT64_MIN, .found = INT64_MAX },
        { .name = "cost", .n = 1, .declared = 1 } },
      "cost: declared 0, found -1, missing 9223372036854775807, surplus 9223372036854775807",
      1 },
};

static void check_declared(void **state)
{
    const struct declared_row *row = *state;
    struct wn_tally *tally = wn_tally_open();
    struct wn_tally *sum = wn_tally_open();
    for (size_t i = 0; i < 3 && row->inputs[i].name; i++) {
        wn_tally_declare(tally, &row->inputs[i]);
        wn_tally_add(sum, tally); // A transaction at a time.
        wn_tally_clear(tally);
    }
    struct wn_buffer text = { 0 };
    assert_int_equal(sum->n_declared, 1);
    wn_tally_declared_text(&sum->declared[0], &text);
    wn_buffer_add(&text, "", 1);
    assert_string_equal((const char *)text.at, row->text);
    assert_int_equal(wn_tally_differences(sum), row->differences);
    wn_buffer_deinit(&text);
    wn_tally_close(sum);
    wn_tally_close(tally);
}

struct row {
    const char *name;
    void (*change)(struct wn_tally *tally);
    const char *text; ///< NULL: it balances.
};

static void nothing(struct wn_tally *tally)
{
    (void)tally;
}

static void one_more_in(struct wn_tally *tally)
{
    tally->in++;
}

static void filtered_once_more(struct wn_tally *tally)
{
    tally->filtered[WN_REASON_ATTEMPT]++;
}

static void attempt_in_two_groups(struct wn_tally *tally)
{
    tally->attempts[WN_ATTEMPT_NETWORK]++;
}

static void lost_for_insight(struct wn_tally *tally)
{
    tally->purposes[1].no_consent--;
}

static void twice_for_billing(struct wn_tally *tally)
{
    tally->purposes[0].out++;
}

static void filter_in_quarantine(struct wn_tally *tally)
{
    tally->quarantined[WN_REASON_BAD_TIME]--;
    tally->quarantined[WN_REASON_ATTEMPT]++;
}

static void masked_by_a_filter(struct wn_tally *tally)
{
    tally->masked[WN_REASON_HELPLINE]++;
}

static void without_reason(struct wn_tally *tally)
{
    tally->in++;
    tally->filtered[WN_REASON_NONE]++;
}

static const struct row rows[] = {
    { "a tally whose fates add up balances", nothing, NULL },
    { "a record without a fate is found", one_more_in, "in is not" },
    { "a record with two fates is found", filtered_once_more, "in is not" },
    { "an attempt in two groups is found", attempt_in_two_groups, "groups of attempts" },
    { "a record that a purpose lost is found", lost_for_insight, "purpose 1" },
    { "a record that a purpose gave twice is found", twice_for_billing, "purpose 0" },
    { "a count under a reason of another fate is found", filter_in_quarantine, "another fate" },
    { "a mask under a reason of another fate is found", masked_by_a_filter, "another fate" },
    { "a count without a reason is found", without_reason, "another fate" },
};

static void check_balance(void **state)
{
    const struct row *row = *state;
    struct wn_tally *tally = make();
    struct wn_error err;
    row->change(tally);
    enum wn_code rc = wn_tally_balanced(tally, 2, &err);
    assert_int_equal(rc, row->text ? WN_FATAL : WN_OK);
    if (row->text) {
        assert_string_equal(err.reason, "internal");
        assert_non_null(strstr(err.text, row->text));
    }
    wn_tally_close(tally);
}

static void note_name(void *context, const char *name, uint64_t count)
{
    uint64_t *found = context;
    assert_string_equal(name, "SIP-Header");
    *found = count;
}

static void adds_and_clears(void **state)
{
    (void)state;
    static const uint8_t kcv[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, other[8] = { 9 };
    struct wn_tally *sum = wn_tally_open(), *one = make();
    wn_tally_key(one, "billing", 0, kcv);
    wn_tally_key(one, "billing", 0, kcv);
    wn_tally_key(one, "insight", 202611, kcv);
    wn_tally_key(one, "insight", 202611, other);
    assert_int_equal(one->n_keys, 3);
    for (uint8_t i = 0; i < 100; i++) { // More than any table of a fixed size.
        const uint8_t version[32] = { i };
        wn_tally_list(one, "helplines", version);
        wn_tally_list(one, "consent", version);
        wn_tally_list(one, "consent", version);
    }
    assert_int_equal(one->n_lists, 200);
    wn_drift_count(one->drift, wn_slice_of("SIP-Header"));
    assert_int_equal(sum->first_ms, INT64_MAX);
    assert_int_equal(sum->last_ms, INT64_MIN);
    wn_tally_add(sum, one);
    one->first_ms = 500;
    one->last_ms = 1500;
    wn_tally_add(sum, one);

    struct wn_error err;
    assert_int_equal(wn_tally_balanced(sum, 2, &err), WN_OK);
    assert_int_equal(sum->in, 42);
    assert_int_equal(sum->filtered[WN_REASON_ATTEMPT], 4);
    assert_int_equal(sum->attempts[WN_ATTEMPT_USER], 2);
    assert_int_equal(sum->purposes[1].withheld[WN_REASON_KEY_MISSING], 6);
    assert_int_equal(sum->masked[WN_REASON_LIST_TOO_OLD], 8);
    assert_int_equal(sum->first_ms, 500);
    assert_int_equal(sum->last_ms, 2000);
    assert_int_equal(sum->n_keys, 3);
    assert_int_equal(sum->n_lists, 200);
    assert_string_equal(sum->lists[3].name, "consent");
    assert_int_equal(sum->lists[3].version[0], 1);
    uint64_t drift = 0;
    wn_drift_each(sum->drift, note_name, &drift);
    assert_int_equal(drift, 2);

    wn_tally_clear(sum);
    assert_int_equal(sum->in, 0);
    assert_int_equal(sum->first_ms, INT64_MAX);
    assert_int_equal(sum->n_keys, 0);
    assert_int_equal(sum->n_lists, 0);
    drift = 0;
    wn_drift_each(sum->drift, note_name, &drift);
    assert_int_equal(drift, 0);
    wn_tally_close(one);
    assert_null(wn_tally_close(sum));
    assert_null(wn_tally_close(NULL));
}

int main(void)
{
    static const struct CMUnitTest others[] = { cmocka_unit_test(adds_and_clears) };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_balance);
    WN_ADD_TABLE(&all, declared_rows, check_declared);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("tally", &all);
}
