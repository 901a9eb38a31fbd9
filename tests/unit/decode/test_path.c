// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>

#include "table.h"
#include "winnow/path.h"

/** A path that is refused, or the number of its take. */
static const struct path_row {
    const char *name;
    const char *path;
    int take; ///< -1: refused.
} path_rows[] = {
    { "takes a name", "/a", 0 },
    { "takes a name with dots", "/Vendor-Specific.3GPP.IMSI", 0 },
    { "takes stars and numbers", "/a/*/b/-1/0", 0 },
    { "takes sixteen names", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", 0 },
    { "refuses seventeen names", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", -1 },
    { "refuses a path without a slash", "a", -1 },
    { "refuses the path from the item", "./a", -1 },
    { "refuses nothing", "", -1 },
    { "refuses an empty name", "/", -1 },
    { "refuses an empty name in the middle", "/a//b", -1 },
    { "refuses a slash at the end", "/a/", -1 },
};

static void check_path(void **state)
{
    const struct path_row *row = *state;
    struct wn_paths *paths = wn_paths_open();
    struct wn_error err = { 0 };
    uint8_t take = WN_NO_TAKE;
    enum wn_code rc = wn_paths_add(paths, wn_slice_of(row->path), &take, &err);
    if (row->take < 0) {
        assert_int_equal(rc, WN_FATAL);
        assert_string_equal(err.reason, "config");
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(take, row->take);
        assert_int_equal(wn_paths_count(paths), 1);
    }
    wn_paths_close(paths);
}

static void numbers_takes_and_items_apart(void **state)
{
    (void)state;
    struct wn_paths *paths = wn_paths_open();
    struct wn_error err = { 0 };
    uint8_t a, b, again, item;
    assert_int_equal(wn_paths_add(paths, wn_slice_of("/a"), &a, &err), WN_OK);
    assert_int_equal(wn_paths_add(paths, wn_slice_of("/a/b"), &b, &err), WN_OK);
    assert_int_equal(wn_paths_add(paths, wn_slice_of("/a"), &again, &err), WN_OK);
    assert_int_equal(wn_paths_add_item(paths, wn_slice_of("./a"), &item, &err), WN_OK);
    assert_int_equal(a, 0);
    assert_int_equal(b, 1);
    assert_int_equal(again, 0);
    assert_int_equal(item, 0);
    assert_int_equal(wn_paths_count(paths), 2);
    assert_int_equal(wn_paths_count_item(paths), 1);
    assert_null(wn_paths_close(paths));
    assert_null(wn_paths_close(NULL));
}

static void has_room_for_250_paths(void **state)
{
    (void)state;
    struct wn_paths *paths = wn_paths_open();
    struct wn_error err = { 0 };
    for (int i = 0; i < WN_TAKES; i++) {
        char path[16];
        uint8_t take;
        snprintf(path, sizeof(path), "/n%d", i);
        assert_int_equal(wn_paths_add(paths, wn_slice_of(path), &take, &err), WN_OK);
        assert_int_equal(take, i);
    }
    uint8_t take;
    assert_int_equal(wn_paths_add(paths, wn_slice_of("/n0"), &take, &err), WN_OK);
    assert_int_equal(wn_paths_add(paths, wn_slice_of("/more"), &take, &err), WN_FATAL);
    assert_string_equal(err.reason, "config");
    wn_paths_compile(paths);
    wn_paths_close(paths);
}

static void refuses_lists_without_a_star(void **state)
{
    (void)state;
    static const char *const paths_refused[] = { "/a", "/a/*x", "*", "/", "" };
    struct wn_paths *paths = wn_paths_open();
    struct wn_error err = { 0 };
    uint8_t list = 0;
    for (size_t i = 0; i < WN_COUNT(paths_refused); i++) {
        assert_int_equal(wn_paths_add_each(paths, wn_slice_of(paths_refused[i]), &list, &err),
                         WN_FATAL);
    }
    for (int i = 0; i < WN_LISTS; i++) {
        char path[16];
        snprintf(path, sizeof(path), "/l%d/*", i);
        assert_int_equal(wn_paths_add_each(paths, wn_slice_of(path), &list, &err), WN_OK);
        assert_int_equal(list, i);
    }
    assert_int_equal(wn_paths_add_each(paths, wn_slice_of("/l3/*"), &list, &err), WN_OK);
    assert_int_equal(list, 3);
    assert_int_equal(wn_paths_add_each(paths, wn_slice_of("/l9/*"), &list, &err), WN_FATAL);
    assert_int_equal(wn_paths_count_lists(paths), WN_LISTS);
    uint8_t take;
    assert_int_equal(wn_paths_add_item(paths, wn_slice_of("/a"), &take, &err), WN_FATAL);
    assert_int_equal(wn_paths_add_item(paths, wn_slice_of("."), &take, &err), WN_FATAL);
    wn_paths_close(paths);
}

/** How a name is shown. */
static const struct drift_row {
    const char *name;
    const char *raw;
    const char *shown;
} drift_rows[] = {
    { "shows a name", "sip_user_agent", "sip_user_agent" },
    { "shows dots, colons and hyphens", "a.b:c-d", "a.b:c-d" },
    { "shows three digits in a row", "rtp123a456", "rtp123a456" },
    { "hides four digits in a row", "rtp1234", "(hidden)" },
    { "hides a short code", "113", "(hidden)" },
    { "hides a number", "447700900123", "(hidden)" },
    { "hides a number in groups", "06-12-34-56-78", "(hidden)" },
    { "hides a number behind a word", "tel_316_123_456_78", "(hidden)" },
    { "hides an IPv4 address", "192.0.2.7", "(hidden)" },
    { "hides an IPv6 address", "fe80::a:b", "(hidden)" },
    { "hides a MAC address", "aa-bb-cc-dd-ee-ff", "(hidden)" },
    { "hides a MAC address without separators", "aabbccddeeff", "(hidden)" },
    { "shows a name of letters that are digits, too", "feedback_bad", "feedback_bad" },
    { "hides an e-mail address", "anna@mail.example", "(hidden)" },
    { "hides text", "a b", "(hidden)" },
    { "hides what begins with an underscore", "_a", "(hidden)" },
    { "hides the empty name", "", "(hidden)" },
    { "shows 64 letters", "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh",
      "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh" },
    { "hides 65 letters", "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghi",
      "(hidden)" },
};

static void show(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, "%s=%llu ", name, (unsigned long long)count);
}

static void check_drift(void **state)
{
    const struct drift_row *row = *state;
    struct wn_drift *drift = wn_drift_open();
    struct wn_buffer text = { 0 };
    struct wn_buffer expected = { 0 };
    wn_drift_count(drift, wn_slice_of(row->raw));
    wn_drift_count(drift, wn_slice_of(row->raw));
    wn_drift_each(drift, show, &text);
    wn_buffer_format(&expected, "%s=2 ", row->shown);
    assert_true(wn_slice_same(wn_buffer_slice(&text), wn_buffer_slice(&expected)));
    wn_buffer_deinit(&text);
    wn_buffer_deinit(&expected);
    wn_drift_close(drift);
}

static void count_in(void *context, const char *name, uint64_t count)
{
    uint64_t *counts = context;
    counts[strcmp(name, "(more)") == 0 ? 1 : 0] += count;
}

static void tells_a_thousand_names_apart(void **state)
{
    (void)state;
    struct wn_drift *drift = wn_drift_open();
    for (int i = 0; i < 1500; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%dx%d", i / 100, i % 100);
        wn_drift_count(drift, wn_slice_of(name));
    }
    uint64_t counts[2] = { 0 };
    wn_drift_each(drift, count_in, counts);
    assert_int_equal(counts[0], 1000);
    assert_int_equal(counts[1], 500);
    wn_drift_close(drift);
}

static void adds_and_forgets_counts(void **state)
{
    (void)state;
    struct wn_drift *one = wn_drift_open();
    struct wn_drift *two = wn_drift_open();
    struct wn_buffer text = { 0 };
    wn_drift_count(one, wn_slice_of("b"));
    wn_drift_count(two, wn_slice_of("b"));
    wn_drift_count(two, wn_slice_of("a"));
    wn_drift_count(two, wn_slice_of("Z"));
    wn_drift_count(two, wn_slice_of("1234"));
    wn_drift_add(one, two);
    wn_drift_each(one, show, &text);
    assert_true(wn_slice_is(wn_buffer_slice(&text), "(hidden)=1 Z=1 a=1 b=2 "));
    text.len = 0;
    wn_drift_clear(one);
    wn_drift_each(one, show, &text);
    assert_int_equal(text.len, 0);
    wn_drift_add(one, two);
    wn_drift_each(one, show, &text);
    assert_true(wn_slice_is(wn_buffer_slice(&text), "(hidden)=1 Z=1 a=1 b=1 "));
    wn_buffer_deinit(&text);
    wn_drift_close(one);
    wn_drift_close(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_takes_and_items_apart),
        cmocka_unit_test(has_room_for_250_paths),
        cmocka_unit_test(refuses_lists_without_a_star),
        cmocka_unit_test(tells_a_thousand_names_apart),
        cmocka_unit_test(adds_and_forgets_counts),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, path_rows, check_path);
    WN_ADD_TABLE(&all, drift_rows, check_drift);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("path", &all);
}
