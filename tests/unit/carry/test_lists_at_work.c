// SPDX-License-Identifier: Apache-2.0

/** Lists while records flow: a better one is taken, a worse one is not, and none stops anything. */

#include "winnow/lists.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch_folder.h"
#include "table.h"

/** A folder of its own, in which the test works. */
static char place[PATH_MAX];

static int scratch_enter(void **state)
{
    (void)state;
    scratch_make(place);
    return chdir(place);
}

static int scratch_leave(void **state)
{
    (void)state;
    assert_int_equal(chdir("/"), 0);
    scratch_remove(place);
    return 0;
}

#define HEAD "number,country,class,source\n"
#define ONE HEAD "113,NL,freephone,a\n"
#define TWO HEAD "113,NL,freephone,a\n112,EU,freephone,b\n"

static void replace(const char *text)
{
    struct wn_error err;
    assert_int_equal(wn_io_replace("list.csv", 0600, text, strlen(text), &err), WN_OK);
}

static void write_config(const char *text)
{
    struct wn_error err;
    assert_int_equal(wn_io_replace("winnow.yaml", 0600, text, strlen(text), &err), WN_OK);
}

/** Read the config and the list that it names. */
static struct wn_lists_at_work *open_lists(const char *config, struct wn_settings *ret_settings)
{
    struct wn_faults faults = { 0 };
    struct wn_lists_at_work *lists = NULL;
    write_config(config);
    assert_true(wn_settings_read("winnow.yaml", &faults, ret_settings));
    assert_true(wn_lists_open(ret_settings, &faults, &lists));
    wn_faults_deinit(&faults);
    return lists;
}

static void swaps_a_list_that_changed(void **state)
{
    (void)state;
    struct wn_settings settings;
    const struct wn_limits limits = wn_limits_default();
    replace(ONE);
    struct wn_lists_at_work *lists =
        open_lists("lists: {helplines: {file: list.csv, free: filter}}\n", &settings);
    const struct wn_lists *now = wn_lists_now(lists);
    assert_int_equal(now->helplines->n_rows, 1);
    assert_true(now->filters_free);
    assert_ptr_equal(now->site, &settings.site);

    const struct wn_helplines *first = now->helplines;
    wn_lists_renew(lists, &limits);
    assert_ptr_equal(now->helplines, first); // Nothing changed, nothing was read.

    uint8_t version[32];
    memcpy(version, first->version, sizeof(version));
    replace(TWO);
    wn_lists_renew(lists, &limits);
    assert_int_equal(now->helplines->n_rows, 2);
    assert_memory_not_equal(now->helplines->version, version, sizeof(version));
    assert_null(wn_lists_close(lists));
    wn_settings_deinit(&settings);
}

/** Two workers at work: an old list lives as long as one of them has it in a transaction. */
static void an_old_list_is_held(void **state)
{
    (void)state;
    struct wn_settings settings;
    struct wn_lists one = { .helplines = NULL };
    struct wn_lists two = { .helplines = NULL };
    const struct wn_limits limits = wn_limits_default();
    replace(ONE);
    struct wn_lists_at_work *lists = open_lists("lists: {helplines: list.csv}\n", &settings);
    wn_lists_hold(lists, &limits, &one);
    wn_lists_hold(lists, &limits, &two);
    assert_ptr_equal(one.helplines, two.helplines);
    replace(TWO);
    wn_lists_hold(lists, &limits, &two);
    assert_int_equal(one.helplines->n_rows, 1);
    assert_int_equal(two.helplines->n_rows, 2);
    assert_ptr_equal(two.site, &settings.site);
    wn_lists_drop(lists, &one);
    assert_null(one.helplines);
    wn_lists_hold(lists, &limits, &one);
    assert_ptr_equal(one.helplines, two.helplines);
    wn_lists_drop(lists, &one);
    wn_lists_drop(lists, &two);
    assert_null(wn_lists_close(lists));
    wn_settings_deinit(&settings);
}

static const struct row {
    const char *name;
    const char *text; ///< NULL: the file is gone.
} rows[] = {
    { "keeps the old one where the new one has a fault", HEAD "11,NL,freephone,a\n" },
    { "keeps the old one where the new one is cut", HEAD "113,NL,freephone,a\n112,EU,fr" },
    { "keeps the old one where the new one is empty", HEAD },
    { "keeps the old one where there is none", NULL },
};

static void check_broken(void **state)
{
    const struct row *row = *state;
    void *folder = NULL;
    assert_int_equal(scratch_enter(&folder), 0);
    struct wn_settings settings;
    const struct wn_limits limits = wn_limits_default();
    replace(ONE);
    struct wn_lists_at_work *lists = open_lists("lists: {helplines: list.csv}\n", &settings);
    const struct wn_lists *now = wn_lists_now(lists);
    const struct wn_helplines *first = now->helplines;
    if (row->text) {
        replace(row->text);
    } else {
        assert_int_equal(unlink("list.csv"), 0);
    }
    wn_lists_renew(lists, &limits);
    wn_lists_renew(lists, &limits);
    assert_ptr_equal(now->helplines, first);
    replace(TWO); // Mended: it goes on by itself.
    wn_lists_renew(lists, &limits);
    assert_int_equal(now->helplines->n_rows, 2);
    wn_lists_close(lists);
    wn_settings_deinit(&settings);
    assert_int_equal(scratch_leave(&folder), 0);
}

static void a_list_must_be_there_at_the_start(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    struct wn_lists_at_work *lists = NULL;
    write_config("lists: {helplines: gone.csv}\n");
    assert_true(wn_settings_read("winnow.yaml", &faults, &settings));
    assert_false(wn_lists_open(&settings, &faults, &lists));
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, "gone.csv: No such file or directory\n");
    wn_faults_deinit(&faults);
    wn_settings_deinit(&settings);
}

/** The policy's own list, where the config names none. */
static void takes_the_list_beside_the_policy(void **state)
{
    (void)state;
    struct wn_settings settings;
    struct wn_error err;
    assert_int_equal(wn_io_make_folder("policy/lists", 0700, &err), WN_OK);
    assert_int_equal(wn_io_replace("policy/lists/helplines.csv", 0600, TWO, strlen(TWO), &err),
                     WN_OK);
    struct wn_lists_at_work *lists = open_lists("policy: policy\n", &settings);
    assert_string_equal(wn_lists_now(lists)->helplines->file, "policy/lists/helplines.csv");
    wn_lists_close(lists);
    wn_settings_deinit(&settings);
}

static void knows_how_old_it_is(void **state)
{
    (void)state;
    struct wn_settings settings;
    struct stat status;
    replace(ONE);
    struct wn_lists_at_work *lists =
        open_lists("lists: {helplines: {file: list.csv, limit: 1d}}\n", &settings);
    const struct wn_lists *now = wn_lists_now(lists);
    assert_int_equal(stat("list.csv", &status), 0);
    assert_true(now->changed_ms / 1000 == status.st_mtim.tv_sec);
    struct wn_limits limits = { .now_ms = now->changed_ms + 86400000 };
    wn_lists_renew(lists, &limits);
    assert_false(wn_lists_too_old(now, &limits));
    limits.now_ms++;
    wn_lists_renew(lists, &limits);
    assert_true(wn_lists_too_old(now, &limits));
    wn_lists_close(lists);
    wn_settings_deinit(&settings);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test_setup_teardown(swaps_a_list_that_changed, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(an_old_list_is_held, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(a_list_must_be_there_at_the_start, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(takes_the_list_beside_the_policy, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(knows_how_old_it_is, scratch_enter, scratch_leave),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, others);
    WN_ADD_TABLE(&all, rows, check_broken);
    return wn_run_tests("lists at work", &all);
}
