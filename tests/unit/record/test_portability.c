// SPDX-License-Identifier: Apache-2.0

/** Whose network a number was of at a time: the narrowest range that is in force. */

#include "winnow/portability.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "table.h"
#include "winnow/time.h"

#define HEADER "first,last,network,since,until\n"

static const char list_text[] =
    HEADER "+31970,,block,,\n"
           "+31970123450,+31970123459,ten,2026-01-01T00:00:00Z,\n"
           "+31970123456,,one,2026-03-01T00:00:00Z,2026-06-01T00:00:00Z\n"
           "+31970123456,,two,2026-06-01T00:00:00Z,\n"
           "+44770090,,abroad,,2026-01-01T00:00:00Z\n";

static const char path[] = "portability-test.csv";

static struct wn_portability *read_list(const char *text, struct wn_faults *faults)
{
    struct wn_portability *list = NULL;
    struct wn_error err;
    assert_int_equal(wn_io_replace(path, 0600, text, strlen(text), &err), WN_OK);
    bool good = wn_portability_read(path, faults, &list);
    assert_int_equal(good, list != NULL);
    unlink(path);
    return list;
}

static const struct row {
    const char *name;
    const char *digits;
    const char *at;
    const char *network;
} rows[] = {
    { "a number of a block", "31970999999", "2026-02-01T00:00:00Z", "block" },
    { "the first number of a block", "31970000000", "2026-02-01T00:00:00Z", "block" },
    { "the last number of a block", "31970999999", "2026-02-01T00:00:00Z", "block" },
    { "a number before it", "31969999999", "2026-02-01T00:00:00Z", "" },
    { "a number behind it", "31971000000", "2026-02-01T00:00:00Z", "" },
    { "the first of a range", "31970123450", "2026-01-01T00:00:00Z", "ten" },
    { "the last of a range", "31970123459", "2026-02-01T00:00:00Z", "ten" },
    { "behind a range, in the block", "31970123460", "2026-02-01T00:00:00Z", "block" },
    { "before the range is in force", "31970123450", "2025-12-31T23:59:59Z", "block" },
    { "a ported number before it was", "31970123456", "2026-02-28T23:59:59Z", "ten" },
    { "at the instant at which it was", "31970123456", "2026-03-01T00:00:00Z", "one" },
    { "before it was ported again", "31970123456", "2026-05-31T23:59:59Z", "one" },
    { "at the instant at which it was ported again", "31970123456", "2026-06-01T00:00:00Z", "two" },
    { "a block that is in force no longer", "447700900123", "2026-01-01T00:00:00Z", "" },
    { "a block as long as it was", "447700900123", "2025-12-31T23:59:59Z", "abroad" },
    { "no digits", "", "2026-01-01T00:00:00Z", "" },
    { "more digits than E.164 has", "3197012345612345", "2026-01-01T00:00:00Z", "" },
    { "what is no number", "31970x", "2026-01-01T00:00:00Z", "" },
};

static void finds(void **state)
{
    const struct row *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_error err;
    int64_t at_ms;
    struct wn_portability *list = read_list(list_text, &faults);
    assert_non_null(list);
    assert_int_equal(list->n_rows, 5);
    assert_int_equal(list->n_networks, 5);
    assert_int_equal(wn_time_utc(wn_slice_of(row->at), &at_ms, &err), WN_OK);
    const struct wn_slice network = wn_portability_find(list, wn_slice_of(row->digits), at_ms);
    assert_true(wn_slice_is(network, row->network));
    wn_portability_close(list);
}

static const struct bad_row {
    const char *name;
    const char *text;
    const char *faults;
} bad_rows[] = {
    { "cells that are wrong, all at once",
      HEADER
      "31970,,a,,\n+0197,,a,,\n+31970,+3197,a,,\n+31970,+31969,a,,\n+31970,,a b,,\n+31970,,,,\n"
      "+31970,,a,2026-01-01,\n+31970,,a,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z\n",
      "portability-test.csv:2: first: not + and 1 to 15 digits of E.164\n"
      "portability-test.csv:3: first: not + and 1 to 15 digits of E.164\n"
      "portability-test.csv:4: last: is before 'first', or has another number of digits\n"
      "portability-test.csv:5: last: is before 'first', or has another number of digits\n"
      "portability-test.csv:6: network: not a name of 1 to 32 letters, digits, . _ or -\n"
      "portability-test.csv:7: network: not a name of 1 to 32 letters, digits, . _ or -\n"
      "portability-test.csv:8: since: not a time in UTC from 2000 to 2199 such as "
      "2026-10-24T00:00:00Z\n"
      "portability-test.csv:9: until: is not after 'since'\n" },
    { "ranges across one another", HEADER "+31970100,+31970199,a,,\n+31970150,+31970250,b,,\n",
      "portability-test.csv:3: first: the range lies across that of line 2: a range holds another "
      "one whole, or nothing of it\n" },
    { "a range twice at one time",
      HEADER "+31970,,a,,2026-02-01T00:00:00Z\n+31970,,b,2026-01-31T23:59:59Z,\n",
      "portability-test.csv:3: first: the range is that of line 2, and in force at the same "
      "time\n" },
    { "a file that is cut", HEADER "+31970,,a,,", NULL },
    { "another header", "number,network\n+31970,a\n", NULL },
};

static void refuses(void **state)
{
    const struct bad_row *row = *state;
    struct wn_faults faults = { 0 };
    assert_null(read_list(row->text, &faults));
    assert_true(faults.n > 0);
    if (row->faults) {
        wn_buffer_add(&faults.lines, "", 1);
        assert_string_equal((const char *)faults.lines.at, row->faults);
    }
    wn_faults_deinit(&faults);
}

static void takes_a_list_without_rows(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_portability *list = read_list(HEADER, &faults);
    assert_non_null(list);
    assert_int_equal(wn_portability_find(list, wn_slice_of("31970123456"), 0).len, 0);
    wn_portability_close(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(takes_a_list_without_rows) };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, finds);
    WN_ADD_TABLE(&all, bad_rows, refuses);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("portability", &all);
}
