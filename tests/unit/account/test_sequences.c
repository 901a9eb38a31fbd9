// SPDX-License-Identifier: Apache-2.0

/** Which numbers nodes gave: gaps, what fills them, repeats, resets, wraps; joined in any cut. */

#include "winnow/sequences.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "table.h"
#include "winnow/hash.h"
#include "winnow/slice.h"

/**
 * Take numbers: `7` of a record that passed, `f7` of one that did not (duplicate, filtered,
 * quarantined), `x` one that can't be read, `a:7` of node a, else of node n; `3-9` each of them;
 * `|` begins another set, which is joined to those before.
 */
static struct wn_sequences *take_all(const char *text, bool whole)
{
    struct wn_sequences *all = wn_sequences_open();
    struct wn_sequences *part = wn_sequences_open();
    for (const char *at = text; *at != '\0'; at += strspn(at, " ")) {
        const size_t len = strcspn(at, " ");
        struct wn_sequence_number number = {
            .node = wn_slice_of("n"), .readable = *at != 'x', .passed = true, .time_ms = 1000
        };
        char word[64];
        snprintf(word, sizeof(word), "%.*s", (int)len, at);
        at += len;
        if (word[0] == '|') {
            if (!whole) {
                wn_sequences_join(all, part);
                wn_sequences_clear(part);
            }
            continue;
        }
        char *digits = word;
        if (digits[0] != '\0' && digits[1] == ':') {
            number.node = (struct wn_slice){ digits, 1 };
            digits += 2;
        }
        if (*digits == 'f') {
            number.passed = false;
            digits++;
        }
        const uint32_t first = (uint32_t)strtoul(digits, &digits, 10);
        const uint32_t last = *digits == '-' ? (uint32_t)strtoul(digits + 1, NULL, 10) : first;
        for (uint32_t i = first;; i++) {
            number.number = i;
            wn_sequences_take(part, &number);
            if (i == last) {
                break;
            }
        }
    }
    wn_sequences_join(all, part);
    wn_sequences_close(part);
    return all;
}

static void write_series(const struct wn_series *series, struct wn_buffer *ret_text)
{
    wn_buffer_format(ret_text, " %" PRIu32 "-%" PRIu32, series->first, series->last);
    for (unsigned g = 0; g < series->n_gaps; g++) {
        const struct wn_gap *gap = &series->gaps[g];
        wn_buffer_format(ret_text, "%s %" PRIu32, g > 0 ? "" : " missing", gap->first);
        if (gap->last != gap->first) {
            wn_buffer_format(ret_text, "-%" PRIu32, gap->last);
        }
    }
}

/** `n 1-9 missing 3 5-6, 20-22; a 1-1`: nodes, their series, what is missing. */
static void write_text(const struct wn_sequences *set, struct wn_buffer *ret_text)
{
    for (unsigned i = 0; i < set->n; i++) {
        const struct wn_sequence *sequence = &set->list[i];
        wn_buffer_format(ret_text, "%s%s", i > 0 ? "; " : "", sequence->name);
        for (unsigned k = 0; k < sequence->n_series; k++) {
            wn_buffer_text(ret_text, k > 0 ? "," : "");
            write_series(&sequence->series[k], ret_text);
        }
    }
    wn_buffer_add(ret_text, "", 1);
}

static const struct row {
    const char *name;
    const char *numbers;
    const char *text;
} rows[] = {
    { "numbers one after the other", "7-10", "n 7-10" },
    { "a number that is not there is a gap", "7 8 10", "n 7-10 missing 9" },
    { "one that comes late fills its gap", "7 9 8 10", "n 7-10" },
    { "a late one fills a part of its gap", "7 12 9 11", "n 7-12 missing 8 10" },
    { "a gap's first and last", "1 10 2 9", "n 1-10 missing 3-8" },
    { "the same again is a repeat", "7 7 8", "n 7-8" },
    { "one of a duplicate that was there is a repeat", "1-9 f5 10", "n 1-10" },
    { "a filtered record's number counts", "1 f2 3", "n 1-3" },
    { "a new record under a number that was there: the counter was set anew", "5-20 6 7 8",
      "n 5-20, 6-8" },
    { "it goes on where each counter was", "5-20 6 7 21 8", "n 5-21, 6-8" },
    { "back to 1", "100-102 1 2 3", "n 100-102, 1-3" },
    { "back to 0", "100-102 0 1 3", "n 100-102, 0-3 missing 2" },
    { "far behind", "5000-5010 4000 4001", "n 5000-5010, 4000-4001" },
    { "a little behind the first is late", "1000 998 1001", "n 998-1001 missing 999" },
    { "right before the first is late", "1000 999", "n 999-1000" },
    { "the furthest that is late", "1000 873", "n 873-1000 missing 874-999" },
    { "the nearest that is not", "1000 872", "n 1000-1000, 872-872" },
    { "the widest gap", "5 1000005", "n 5-1000005 missing 6-1000004" },
    { "one more is another counter", "5 1000006", "n 5-5, 1000006-1000006" },
    { "over the end of 32 bits", "4294967294 4294967295 0 1", "n 4294967294-1" },
    { "a gap over it", "4294967294 2", "n 4294967294-2 missing 4294967295-1" },
    { "that is filled on both sides", "4294967294 2 0 4294967295", "n 4294967294-2 missing 1" },
    { "late before the first, over it", "1 4294967295", "n 4294967295-1 missing 0" },
    { "frozen at 0", "0 0 0 f0", "n 0-0" },
    { "nodes have counters of their own", "a:1 b:7 a:2 b:9", "a 1-2; b 7-9 missing 8" },
    { "what can't be read is counted", "1 x 2 x", "n 1-2; (unreadable) 0-0" },
    { "set anew, it passes through what was there and an old gap", "30 36 1-33",
      "n 30-36 missing 31-35, 1-33" },
    { "a gap between two sets", "1-3 | 6-7", "n 1-7 missing 4-5" },
    { "filled by a third", "1-3 | 6-7 | 4 5", "n 1-7" },
    { "numbers dealt out to several", "1 3 5 | 2 6 | 4 7", "n 1-7" },
    { "behind and within", "45 47 49 | 42 43 46 48", "n 42-49 missing 44" },
    { "set anew between two sets", "5000-5010 | 1-3 | 4", "n 5000-5010, 1-4" },
    { "the set that was left behind goes on", "5000-5010 | 1-3 | 5012",
      "n 5000-5012 missing 5011, 1-3" },
    { "a set that is sent again", "1-9 | f1-9 | 10", "n 1-10" },
    { "and has more than before", "1-9 | f1-9 10-12", "n 1-12" },
    { "set anew, over what was there", "90-100 | 1-95 | 96", "n 90-100, 1-96" },
    { "the last number again", "1-9 | 9 10", "n 1-10" },
    { "frozen at 0, set after set", "0 0 | 0 0 | 0", "n 0-0" },
    { "a gap of a set is a gap of all", "1 3 | 5", "n 1-5 missing 2 4" },
    { "two series of one set that are one", "1000 872 | 873-999", "n 872-1000" },
};

static void check_row(void **state)
{
    const struct row *row = *state;
    for (int whole = 0; whole < 2; whole++) {
        struct wn_sequences *set = take_all(row->numbers, whole);
        struct wn_buffer text = { 0 };
        write_text(set, &text);
        assert_string_equal((const char *)text.at, row->text);
        wn_buffer_deinit(&text);
        wn_sequences_close(set);
    }
}

/** Every way to cut the numbers gives the same, and so do the bytes of each part. */
static void cuts(void **state)
{
    (void)state;
    static const uint32_t numbers[] = { 4294967290, 4294967291, 4294967293, 4294967292, 4294967295,
                                        2,          0,          3,          9,          6 };
    enum {
        N = sizeof(numbers) / sizeof(numbers[0])
    };
    for (unsigned mask = 0; mask < 1U << (N - 1); mask++) {
        struct wn_sequences *all = wn_sequences_open();
        struct wn_sequences *part = wn_sequences_open();
        for (unsigned i = 0; i < N; i++) {
            const struct wn_sequence_number number = {
                .node = wn_slice_of("n"), .number = numbers[i], .readable = true, .passed = true
            };
            wn_sequences_take(part, &number);
            if ((mask >> i & 1) != 0 || i == N - 1) {
                struct wn_buffer bytes = { 0 };
                wn_sequences_write(part, &bytes);
                assert_true(wn_sequences_read(wn_buffer_slice(&bytes), false, all));
                wn_sequences_clear(part);
                wn_buffer_deinit(&bytes);
            }
        }
        struct wn_buffer text = { 0 };
        write_text(all, &text);
        assert_string_equal((const char *)text.at, "n 4294967290-9 missing 4294967294 1 4-5 7-8");
        const struct wn_sequence_totals totals = wn_sequences_totals(all);
        assert_int_equal(totals.gaps, 4);
        assert_int_equal(totals.missing, 6);
        assert_int_equal(all->n_gaps, 4);
        assert_int_equal(all->list[0].series[0].records, N);
        wn_buffer_deinit(&text);
        wn_sequences_close(part);
        wn_sequences_close(all);
    }
}

/** Random sets of one counter, against a plain list of which numbers were given. */
static void model(void **state)
{
    (void)state;
    enum {
        SPAN = 300
    };
    uint32_t seed = 7;
    for (unsigned round = 0; round < 300; round++) {
        const uint32_t base = UINT32_MAX - round;
        bool given[SPAN] = { false };
        struct wn_sequences *all = wn_sequences_open();
        struct wn_sequences *part = wn_sequences_open();
        unsigned low = SPAN;
        unsigned high = 0;
        for (unsigned i = 0; i < SPAN; i++) {
            seed = seed * 1664525 + 1013904223;
            const unsigned place = (i / 2 + (seed >> 16) % (SPAN / 2)) % SPAN;
            if (i > 0 && place + WN_SEQUENCE_LATE <= low) {
                continue; // It would be another counter.
            }
            const struct wn_sequence_number number = { .node = wn_slice_of("n"),
                                                       .number = base + place,
                                                       .readable = true,
                                                       .passed = !given[place] };
            if (base + place <= 1 && place < low) {
                continue; // So would this.
            }
            given[place] = true;
            low = place < low ? place : low;
            high = place > high ? place : high;
            wn_sequences_take(part, &number);
            if ((seed >> 8) % 8 == 0) {
                wn_sequences_join(all, part);
                wn_sequences_clear(part);
            }
        }
        wn_sequences_join(all, part);
        unsigned missing = 0;
        for (unsigned i = low; i < high; i++) {
            missing += given[i] ? 0 : 1;
        }
        assert_int_equal(all->n, 1);
        if (all->list[0].n_series == 1) { // A cut may hold one of these alone, too.
            assert_int_equal(all->list[0].series[0].first, base + low);
            assert_int_equal(all->list[0].series[0].last, base + high);
            assert_int_equal(wn_series_missing(&all->list[0].series[0]), missing);
        }
        wn_sequences_close(part);
        wn_sequences_close(all);
    }
}

/** A node too many goes under a name for all of them, and nothing of it is lost silently. */
static void too_many_nodes(void **state)
{
    (void)state;
    struct wn_sequences *set = wn_sequences_open();
    for (unsigned i = 0; i < WN_SEQUENCE_NODES + 5; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", i);
        const struct wn_sequence_number number = {
            .node = wn_slice_of(name), .number = i + 1, .readable = true, .passed = true
        };
        wn_sequences_take(set, &number);
        wn_sequences_take(set, &number);
    }
    assert_int_equal(set->n, WN_SEQUENCE_NODES + 1);
    const struct wn_sequence *more = wn_sequences_find(set, wn_slice_of(WN_NODE_MORE));
    assert_non_null(more);
    assert_int_equal(more->series[0].records, 10);
    assert_int_equal(wn_sequences_totals(set).nodes, WN_SEQUENCE_NODES);
    assert_null(wn_sequences_find(set, wn_slice_of("n1025")));
    wn_sequences_close(set);
}

/** A gap too many is closed, and counted. */
static void too_many_gaps(void **state)
{
    (void)state;
    struct wn_sequences *set = wn_sequences_open();
    for (unsigned i = 0; i < WN_SEQUENCE_GAPS + 10; i++) {
        const struct wn_sequence_number number = {
            .node = wn_slice_of("n"), .number = 3 * i, .readable = true, .passed = true
        };
        wn_sequences_take(set, &number);
    }
    const struct wn_series *series = &set->list[0].series[0];
    assert_int_equal(set->n_gaps, WN_SEQUENCE_GAPS);
    assert_int_equal(series->n_gaps, WN_SEQUENCE_GAPS);
    assert_int_equal(series->unlisted, 2 * 9);
    assert_int_equal(series->last, 3 * (WN_SEQUENCE_GAPS + 9));
    wn_sequences_close(set);
}

/** The oldest of too many series goes; the numbers that it lacked stay counted. */
static void too_many_series(void **state)
{
    (void)state;
    struct wn_sequences *set = wn_sequences_open();
    for (unsigned i = 0; i < WN_SEQUENCE_SERIES + 3; i++) {
        for (uint32_t k = 0; k < 3; k += 2) {
            const struct wn_sequence_number number = { .node = wn_slice_of("n"),
                                                       .number = 10000000 * (i + 1) + k,
                                                       .readable = true,
                                                       .passed = true };
            wn_sequences_take(set, &number);
        }
    }
    assert_int_equal(set->list[0].n_series, WN_SEQUENCE_SERIES);
    assert_int_equal(set->list[0].series[0].unlisted, 3);
    assert_int_equal(set->n_gaps, WN_SEQUENCE_SERIES);
    wn_sequences_close(set);
}

/** A gap that nothing fills any more is counted, and open no longer. */
static void expiry(void **state)
{
    (void)state;
    struct wn_sequences *set = wn_sequences_open();
    for (uint32_t i = 0; i < 4; i++) {
        const struct wn_sequence_number number = { .node = wn_slice_of("n"),
                                                   .number = 5 * i,
                                                   .readable = true,
                                                   .passed = true,
                                                   .time_ms = 1000 * (int64_t)i };
        wn_sequences_take(set, &number);
    }
    wn_sequences_expire(set, 2000);
    const struct wn_series *series = &set->list[0].series[0];
    assert_int_equal(series->n_gaps, 2);
    assert_int_equal(series->gaps[0].first, 6);
    assert_int_equal(series->gaps[0].since_ms, 2000);
    assert_int_equal(series->unlisted, 4);
    assert_int_equal(set->n_gaps, 2);
    wn_sequences_close(set);
}

/** A counter of years: what lies 2^30 back is forgotten, and its gaps with it. */
static void long_life(void **state)
{
    (void)state;
    struct wn_sequences *set = wn_sequences_open();
    for (uint64_t i = 0; i < (UINT64_C(1) << 33); i += 900000) {
        const struct wn_sequence_number number = {
            .node = wn_slice_of("n"), .number = (uint32_t)i, .readable = true, .passed = true
        };
        wn_sequences_take(set, &number);
    }
    assert_int_equal(set->list[0].n_series, 1);
    const struct wn_series *series = &set->list[0].series[0];
    assert_true(series->last - series->first <= UINT32_C(1) << 30);
    assert_true(series->n_gaps <= (1U << 30) / 900000 + 1);
    wn_sequences_close(set);
}

static const struct bytes_row {
    const char *name;
    const char *hex;
} bytes_rows[] = {
    { "nothing", "" },
    { "no set", "02" },
    { "an empty set", "020000000000000000" },
    { "another version", "01" },
    { "cut in the name", "02000000000000000005616263" },
    { "no name", "02000000000000000000" },
    { "cut in the numbers", "020000000000000000016e0000000100000009" },
    { "a gap that begins at the first number",
      "020000000000000000016e00000001000000090000000000000005"
      "0000000000000005000000000000000000000001"
      "0000000100000002000000000000000a" },
    { "a gap that ends at the last one", "020000000000000000016e00000001000000090000000000000005"
                                         "0000000000000005000000000000000000000001"
                                         "0000000700000009000000000000000a" },
    { "more gaps than there may be", "020000000000000000016e00000001000000090000000000000005"
                                     "00000000000000050000000000000000ffffffff" },
    { "no records", "020000000000000000016e00000001000000010000000000000000"
                    "0000000000000000000000000000000000000000" },
};

static void refuse_bytes(void **state)
{
    const struct bytes_row *row = *state;
    uint8_t bytes[256];
    const size_t len = strlen(row->hex) / 2;
    assert_true(wn_unhex(wn_slice_of(row->hex), len, bytes));
    struct wn_sequences *set = wn_sequences_open();
    assert_false(wn_sequences_read((struct wn_slice){ (const char *)bytes, len }, false, set));
    wn_sequences_close(set);
}

/** Frozen nodes have no account; what they were before has. */
static void totals(void **state)
{
    (void)state;
    struct wn_sequences *set = take_all("a:0 a:0 b:5 b:7 b:1 c:0 c:1 d:7 d:8 d:0 d:0 x", true);
    const struct wn_sequence_totals totals = wn_sequences_totals(set);
    assert_int_equal(totals.nodes, 2);
    assert_int_equal(totals.frozen, 2);
    assert_int_equal(totals.gaps, 1);
    assert_int_equal(totals.missing, 1);
    assert_int_equal(totals.resets, 1);
    wn_sequences_close(set);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts),
        cmocka_unit_test(model),
        cmocka_unit_test(too_many_nodes),
        cmocka_unit_test(too_many_gaps),
        cmocka_unit_test(too_many_series),
        cmocka_unit_test(expiry),
        cmocka_unit_test(long_life),
        cmocka_unit_test(totals),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_row);
    WN_ADD_TABLE(&all, bytes_rows, refuse_bytes);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("sequences", &all);
}
