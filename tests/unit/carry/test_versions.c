// SPDX-License-Identifier: Apache-2.0

/** Versions that are replaced while others are held: each is closed once, and not too early. */

#include "versions.h"

#include "table.h"

enum {
    MOST = 4
};

/** How often each was closed: a version is its place here. */
static int closed[MOST];

static void close_one(void *version)
{
    ++*(int *)version;
}

static int begin(void **state)
{
    (void)state;
    memset(closed, 0, sizeof(closed));
    return 0;
}

static void one_that_nobody_holds_is_closed_at_once(void **state)
{
    (void)state;
    struct wn_versions versions = { .close = close_one };
    assert_null(wn_versions_now(&versions));
    assert_null(wn_versions_hold(&versions, NULL));
    wn_versions_add(&versions, &closed[0]);
    assert_ptr_equal(wn_versions_now(&versions), &closed[0]);
    wn_versions_add(&versions, &closed[1]);
    assert_int_equal(closed[0], 1);
    assert_ptr_equal(wn_versions_now(&versions), &closed[1]);
    wn_versions_deinit(&versions);
    assert_int_equal(closed[0], 1);
    assert_int_equal(closed[1], 1);
}

static void one_that_is_held_lives_until_the_last_lets_go(void **state)
{
    (void)state;
    struct wn_versions versions = { .close = close_one };
    wn_versions_add(&versions, &closed[0]);
    const void *a = wn_versions_hold(&versions, NULL);
    const void *b = wn_versions_hold(&versions, NULL);
    assert_ptr_equal(wn_versions_hold(&versions, a), a); // Once, however often it asks.
    wn_versions_add(&versions, &closed[1]);
    wn_versions_add(&versions, &closed[2]);
    assert_int_equal(closed[1], 1); // Nobody held it.
    a = wn_versions_hold(&versions, a);
    assert_ptr_equal(a, &closed[2]);
    assert_int_equal(closed[0], 0);
    wn_versions_drop(&versions, b);
    assert_int_equal(closed[0], 1);
    wn_versions_drop(&versions, a);
    wn_versions_drop(&versions, NULL);
    assert_int_equal(closed[2], 0); // It counts.
    wn_versions_deinit(&versions);
    assert_int_equal(closed[2], 1);
}

static void what_is_still_held_ends_with_the_rest(void **state)
{
    (void)state;
    struct wn_versions versions = { .close = close_one };
    wn_versions_add(&versions, &closed[0]);
    (void)wn_versions_hold(&versions, NULL);
    wn_versions_add(&versions, &closed[1]);
    wn_versions_deinit(&versions);
    assert_int_equal(closed[0], 1);
    assert_int_equal(closed[1], 1);
    assert_null(wn_versions_now(&versions));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_that_nobody_holds_is_closed_at_once, begin),
        cmocka_unit_test_setup(one_that_is_held_lives_until_the_last_lets_go, begin),
        cmocka_unit_test_setup(what_is_still_held_ends_with_the_rest, begin),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("versions", &all);
}
