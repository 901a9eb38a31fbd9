// SPDX-License-Identifier: Apache-2.0

/** Entries in memory: a set, found by fingerprint, sorted when asked. */

#include "account/table.h"

#include <stdlib.h>

#include "table.h"

enum {
    MANY = 5000
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static struct wn_entry entry_of(uint64_t high, uint32_t low, uint32_t extra)
{
    struct wn_entry entry = { { 0 }, extra };
    for (int i = 0; i < 8; i++) {
        entry.fingerprint[i] = (uint8_t)(high >> (56 - 8 * i));
    }
    memcpy(entry.fingerprint + 8, &low, sizeof(low));
    return entry;
}

/** How entries are drawn: what a table must stand. */
struct row {
    const char *name;
    size_t n;
    uint64_t keep;  ///< Which bits of a random fingerprint are kept.
    uint64_t set;   ///< Which are set.
    uint32_t extra; ///< Extra is drawn below this.
};

static void check_sorted(void **state)
{
    const struct row *row = *state;
    uint64_t seed = 88172645463325252U;
    struct wn_table table = { 0 };
    struct wn_entry *all = calloc(row->n + 1, sizeof(*all));
    assert_non_null(all);
    size_t n_new = 0;
    for (size_t i = 0; i < row->n; i++) {
        uint64_t high = (next_random(&seed) & row->keep) | row->set;
        all[i] = entry_of(high, 0, (uint32_t)(next_random(&seed) % row->extra));
        n_new += wn_table_add(&table, &all[i]) ? 1 : 0;
        assert_false(wn_table_add(&table, &all[i]));
    }
    assert_int_equal(table.n, n_new);

    struct wn_entry *sorted = calloc(n_new + 1, sizeof(*sorted));
    assert_non_null(sorted);
    wn_table_sort(&table, sorted);
    for (size_t i = 1; i < n_new; i++) {
        assert_true(wn_entry_order(&sorted[i - 1], &sorted[i]) < 0);
    }
    for (size_t i = 0; i < row->n; i += 7) {
        struct wn_found found[MANY];
        struct wn_finding finding = { found, 0, MANY };
        wn_table_find(&table, all[i].fingerprint, 20000, &finding);
        bool there = false;
        for (size_t k = 0; k < finding.n; k++) {
            assert_int_equal(found[k].day, 20000);
            there = there || found[k].extra == all[i].extra;
        }
        assert_true(there);
    }
    free(sorted);
    free(all);
    wn_table_deinit(&table);
}

static const struct row rows[] = {
    { "uniform fingerprints come out sorted", MANY, UINT64_MAX, 0, UINT32_MAX },
    { "the all-zero entry is an entry", 3, 0, 0, 1 },
    { "entries of one fingerprint are all kept", 900, 0, 0x123456789abcdef0U, UINT32_MAX },
    { "entries at the end of the number space go on at its beginning", 700, 0xff, ~(uint64_t)0xff,
      UINT32_MAX },
    { "entries at both ends stay apart", MANY, 0x80000000000000ffU, 0, 3 },
    { "few fingerprints, many extras", MANY, 0x7, 0, 1000 },
};

static void check_days(void **state)
{
    (void)state;
    struct wn_tables tables = { 0 };
    struct wn_entry entry = entry_of(7, 0, 1);
    static const int32_t days[] = { 20010, 20000, 20005, 20010, 20001 };
    for (size_t i = 0; i < WN_COUNT(days); i++) {
        wn_tables_add(&tables, days[i], &entry);
    }
    assert_int_equal(tables.n, 4);
    assert_int_equal(tables.entries, 4);

    struct wn_found found[8];
    struct wn_finding finding = { found, 0, WN_COUNT(found) };
    wn_tables_find(&tables, entry.fingerprint, 20005, &finding);
    assert_int_equal(finding.n, 2);

    wn_tables_drop(&tables, 20005);
    assert_int_equal(tables.n, 2);
    assert_int_equal(tables.entries, 2);
    assert_null(wn_tables_day(&tables, 20001));
    assert_non_null(wn_tables_day(&tables, 20005));
    wn_tables_deinit(&tables);
}

static void check_most(void **state)
{
    (void)state;
    struct wn_table table = { 0 };
    for (uint32_t i = 0; i < 10; i++) {
        struct wn_entry entry = entry_of(7, 0, i);
        assert_true(wn_table_add(&table, &entry));
    }
    struct wn_found found[4] = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 99, 99 } };
    struct wn_finding finding = { found, 0, 3 };
    wn_table_find(&table, entry_of(7, 0, 0).fingerprint, 1, &finding);
    assert_int_equal(finding.n, 3);
    assert_int_equal(found[3].extra, 99);
    wn_table_deinit(&table);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(check_days),
        cmocka_unit_test(check_most),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_sorted);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("table", &all);
}
