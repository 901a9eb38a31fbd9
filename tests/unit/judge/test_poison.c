// SPDX-License-Identifier: Apache-2.0

/** When a source has gone wrong: a row on both sides of each threshold. */

#include "table.h"
#include "winnow/poison.h"

/** So many records of one fate. */
struct stretch {
    unsigned n;
    enum wn_reason reason; ///< NONE: good.
};

static const struct row {
    const char *name;
    uint32_t share, least;
    struct stretch stretches[8];
    unsigned trips_at; ///< Place of the record that trips it, from 1; 0: none does.
    enum wn_reason reason;
} rows[] = {
    { "does not judge one record short of enough",
      500,
      1000,
      { { 999, WN_REASON_BAD_TIME } },
      0,
      0 },
    { "judges from enough records on",
      500,
      1000,
      { { 1000, WN_REASON_BAD_TIME } },
      1000,
      WN_REASON_BAD_TIME },
    { "judges what came before there were enough",
      500,
      1000,
      { { 51, WN_REASON_BAD_TIME }, { 949, WN_REASON_NONE } },
      1000,
      WN_REASON_BAD_TIME },
    { "lets the very share pass",
      500,
      1000,
      { { 950, WN_REASON_NONE }, { 50, WN_REASON_BAD_TIME } },
      0,
      0 },
    { "trips at one record more",
      500,
      1000,
      { { 949, WN_REASON_NONE }, { 51, WN_REASON_BAD_TIME } },
      1000,
      WN_REASON_BAD_TIME },
    { "lets the very share of a full window pass",
      500,
      1000,
      { { 20000, WN_REASON_NONE }, { 500, WN_REASON_BAD_TIME } },
      0,
      0 },
    { "trips at one record more of a full window",
      500,
      1000,
      { { 20000, WN_REASON_NONE }, { 501, WN_REASON_BAD_TIME } },
      20501,
      WN_REASON_BAD_TIME },
    { "forgets what is older than the window",
      500,
      1000,
      { { 9500, WN_REASON_NONE },
        { 500, WN_REASON_BAD_TIME },
        { 10000, WN_REASON_NONE },
        { 500, WN_REASON_BAD_TIME } },
      0,
      0 },
    { "remembers the oldest of the window",
      500,
      1000,
      { { 9500, WN_REASON_NONE },
        { 500, WN_REASON_BAD_TIME },
        { 9499, WN_REASON_NONE },
        { 1, WN_REASON_BAD_TIME } },
      20000 - 500,
      WN_REASON_BAD_TIME },
    { "judges each reason by itself",
      500,
      1000,
      { { 9500, WN_REASON_NONE }, { 500, WN_REASON_BAD_TIME }, { 500, WN_REASON_LATE } },
      0,
      0 },
    { "names the reason of several",
      500,
      1000,
      { { 9501, WN_REASON_NONE }, { 499, WN_REASON_BAD_TIME }, { 501, WN_REASON_LATE } },
      10501,
      WN_REASON_LATE },
    { "judges duplicates of other content, too",
      500,
      1000,
      { { 949, WN_REASON_NONE }, { 51, WN_REASON_DUPLICATE_CONFLICT } },
      1000,
      WN_REASON_DUPLICATE_CONFLICT },
    { "lets usage pass that no source could mend",
      500,
      1000,
      { { 9999, WN_REASON_UNSUPPORTED_RECORD_TYPE } },
      0,
      0 },
    { "never trips at a hundred percent", 10000, 1, { { 20000, WN_REASON_BAD_TIME } }, 0, 0 },
    { "trips at the first record where it is told to",
      1,
      1,
      { { 1, WN_REASON_BAD_TIME } },
      1,
      WN_REASON_BAD_TIME },
    { "judges only a full window where it is told to",
      500,
      10000,
      { { 9999, WN_REASON_BAD_TIME }, { 1, WN_REASON_NONE } },
      10000,
      WN_REASON_BAD_TIME },
};

static void check(void **state)
{
    const struct row *row = *state;
    const struct wn_poison_limits limits = { row->share, row->least };
    struct wn_poison poison = { 0 };
    unsigned at = 0;
    for (size_t i = 0; i < WN_COUNT(row->stretches); i++) {
        for (unsigned j = 0; j < row->stretches[i].n; j++) {
            enum wn_reason reason = wn_poison_take(&poison, &limits, row->stretches[i].reason);
            at++;
            if (reason != WN_REASON_NONE) {
                assert_int_equal(at, row->trips_at);
                assert_int_equal(reason, row->reason);
                return;
            }
        }
    }
    assert_int_equal(row->trips_at, 0);
}

/** Take so many. @return the reason that tripped it, or NONE. */
static enum wn_reason take(struct wn_poison *poison, unsigned n, enum wn_reason reason)
{
    const struct wn_poison_limits limits = wn_poison_limits_default();
    enum wn_reason tripped = WN_REASON_NONE;
    for (unsigned i = 0; i < n && tripped == WN_REASON_NONE; i++) {
        tripped = wn_poison_take(poison, &limits, reason);
    }
    return tripped;
}

static void says_source_reason_and_counts(void **state)
{
    (void)state;
    struct wn_poison poison = { 0 };
    struct wn_error err;
    assert_int_equal(take(&poison, 2000, WN_REASON_NONE), WN_REASON_NONE);
    assert_int_equal(take(&poison, 2000, WN_REASON_BAD_TIME), WN_REASON_BAD_TIME);
    assert_int_equal(wn_poison_fail(&poison, "some-switch", &err), WN_ABORT);
    assert_string_equal(err.reason, "poison");
    assert_string_equal(err.text,
                        "106 of the last 2106 records of source 'some-switch' were refused as "
                        "bad-time: nothing of the batch at hand goes out");
}

static void goes_on_where_a_person_says_so(void **state)
{
    (void)state;
    struct wn_poison poison = { 0 };
    assert_int_equal(take(&poison, 1000, WN_REASON_BAD_TIME), WN_REASON_BAD_TIME);
    wn_poison_excuse(&poison, WN_REASON_BAD_TIME);
    assert_int_equal(take(&poison, 30000, WN_REASON_BAD_TIME), WN_REASON_NONE);
    // Another reason is not excused.
    assert_int_equal(take(&poison, 1000, WN_REASON_LATE), WN_REASON_LATE);
}

static void judges_again_once_the_share_came_down(void **state)
{
    (void)state;
    struct wn_poison poison = { 0 };
    wn_poison_excuse(&poison, WN_REASON_BAD_TIME);
    assert_int_equal(take(&poison, 2000, WN_REASON_BAD_TIME), WN_REASON_NONE);
    assert_int_equal(take(&poison, 9499, WN_REASON_NONE), WN_REASON_NONE);
    assert_true(poison.excused[WN_REASON_BAD_TIME]);
    assert_int_equal(take(&poison, 1, WN_REASON_NONE), WN_REASON_NONE);
    assert_false(poison.excused[WN_REASON_BAD_TIME]);
    assert_int_equal(take(&poison, 2000, WN_REASON_BAD_TIME), WN_REASON_BAD_TIME);
}

static void excuses_one_reason_after_the_other(void **state)
{
    (void)state;
    struct wn_poison poison = { 0 };
    wn_poison_excuse(&poison, WN_REASON_BAD_TIME);
    wn_poison_excuse(&poison, WN_REASON_LATE);
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(take(&poison, 1, WN_REASON_LATE), WN_REASON_NONE);
        assert_int_equal(take(&poison, 1, WN_REASON_BAD_TIME), WN_REASON_NONE);
    }
}

static void forgets_everything_with_another_source(void **state)
{
    (void)state;
    struct wn_poison poison = { 0 };
    assert_int_equal(take(&poison, 999, WN_REASON_BAD_TIME), WN_REASON_NONE);
    wn_poison_excuse(&poison, WN_REASON_LATE);
    wn_poison_forget(&poison);
    static const struct wn_poison fresh = { 0 };
    assert_memory_equal(&poison, &fresh, sizeof(fresh));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_source_reason_and_counts),
        cmocka_unit_test(goes_on_where_a_person_says_so),
        cmocka_unit_test(judges_again_once_the_share_came_down),
        cmocka_unit_test(excuses_one_reason_after_the_other),
        cmocka_unit_test(forgets_everything_with_another_source),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("poison", &all);
}
