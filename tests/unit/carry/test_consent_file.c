// SPDX-License-Identifier: Apache-2.0

/** The consent file while records flow: which version counts, at what clock, read in place and
 * beside.
 */

#include "winnow/consent_file.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "keyring_double.h"
#include "scratch_folder.h"

#define HEADER "kind,identifier,purpose,from,to\n"
#define ROW "account,A1,insight,2026-01-01T00:00:00Z,\n"

enum {
    LIMIT_MS = 60000,
    LOOK_MS = 1000
};

/** A file, and what looks at it; `clock_ms` is the test's. */
struct bed {
    char top[PATH_MAX], path[PATH_MAX];
    struct wn_keyring keyring;
    struct wn_type type;
    struct wn_policy policy;
    struct wn_site site;
    struct wn_faults faults;
    struct wn_consent_file *file;
    int64_t clock_ms;
};

/** Put a file there that was written long ago: it need not be read twice. */
static void put(const struct bed *bed, const char *text)
{
    static const struct timespec long_ago[2] = { { 1795000000, 0 }, { 1795000000, 0 } };
    struct wn_error err;
    assert_int_equal(wn_io_replace(bed->path, 0600, text, strlen(text), &err), WN_OK);
    assert_int_equal(utimensat(AT_FDCWD, bed->path, long_ago, 0), 0);
}

static void make(struct bed *bed, const char *text, bool beside)
{
    *bed = (struct bed){ .clock_ms = 1, .site = wn_site_default() };
    scratch_make(bed->top);
    (void)scratch_path(bed->top, "consent.csv", bed->path);
    bed->type.purposes[0] = (struct wn_purpose){ .name = "insight", .needs_consent = true };
    bed->type.n_purposes = 1;
    bed->policy = (struct wn_policy){
        .types = &bed->type, .n_types = 1, .purposes = { "insight" }, .n_purposes = 1
    };
    if (text) {
        put(bed, text);
    }
    const struct wn_consent_file_options options = { .file = bed->path,
                                                     .policy = &bed->policy,
                                                     .site = &bed->site,
                                                     .keyring = &bed->keyring,
                                                     .limit_ms = LIMIT_MS,
                                                     .look_ms = LOOK_MS,
                                                     .beside = beside };
    bed->file = wn_consent_file_open(&options, &bed->faults);
    assert_non_null(bed->file);
}

static void end(struct bed *bed)
{
    assert_null(wn_consent_file_close(bed->file));
    wn_faults_deinit(&bed->faults);
    keyring_double_deinit(&bed->keyring);
    scratch_remove(bed->top);
}

/** Look, so much later. */
static const struct wn_consent_view *look(struct bed *bed, int64_t later_ms)
{
    bed->clock_ms += later_ms;
    return wn_consent_file_look(bed->file, bed->clock_ms);
}

static size_t count(const struct wn_consent_view *view)
{
    return view->consent ? wn_consent_count(view->consent) : 0;
}

/** Look until so many intervals are held, or there is none; the clock stands. */
static const struct wn_consent_view *await(struct bed *bed, size_t n)
{
    const struct wn_consent_view *view;
    while (count(view = look(bed, 0)) != n) {
        (void)sched_yield();
    }
    return view;
}

static void holds_the_first_version_and_swaps_in_the_next(void **state)
{
    const bool beside = *(const bool *)*state;
    struct bed bed;
    make(&bed, HEADER ROW, beside);
    assert_int_equal(bed.faults.n, 0);
    assert_true(wn_consent_file_has_key(bed.file));
    assert_int_equal(count(look(&bed, 0)), 1);
    put(&bed, HEADER ROW "account,A2,insight,2026-01-01T00:00:00Z,\n");
    assert_int_equal(count(look(&bed, LOOK_MS - 1)), 1); // It was looked at just before.
    (void)look(&bed, 1);
    const struct wn_consent_view *view = await(&bed, 2);
    assert_false(view->too_old);
    put(&bed, HEADER);
    (void)look(&bed, LOOK_MS);
    view = await(&bed, 0);
    assert_non_null(view->consent);
    assert_false(view->too_old);
    end(&bed);
}

static void a_wrong_one_leaves_the_old_one_up_to_the_limit(void **state)
{
    const bool beside = *(const bool *)*state;
    struct bed bed;
    make(&bed, HEADER ROW, beside);
    (void)look(&bed, 0);
    put(&bed, HEADER "x\n");
    assert_false(look(&bed, LOOK_MS)->too_old); // The limit begins.
    assert_false(look(&bed, LIMIT_MS)->too_old);
    assert_int_equal(count(look(&bed, 0)), 1);
    assert_true(look(&bed, 1)->too_old);
    assert_int_equal(unlink(bed.path), 0);
    assert_true(look(&bed, LOOK_MS)->too_old);
    put(&bed, HEADER ROW "account,A2,insight,2026-01-01T00:00:00Z,\n");
    // The one that was read before may still be on its way.
    const struct wn_consent_view *view;
    while (count(view = look(&bed, LOOK_MS)) != 2) {
        (void)sched_yield();
    }
    assert_false(view->too_old);
    assert_false(look(&bed, 10LL * LIMIT_MS)->too_old); // What is not changed does not age.
    end(&bed);
}

static void withholds_until_there_is_a_good_one(void **state)
{
    const bool beside = *(const bool *)*state;
    struct bed bed;
    make(&bed, NULL, beside);
    assert_int_equal(bed.faults.n, 1);
    assert_true(look(&bed, 0)->too_old);
    put(&bed, HEADER ROW);
    (void)look(&bed, LOOK_MS);
    assert_false(await(&bed, 1)->too_old);
    end(&bed);
}

/** A write in place that is as long and comes within a tick of the clock is seen by the next look.
 */
static void sees_what_was_written_at_once_behind_it(void **state)
{
    (void)state;
    struct bed bed;
    make(&bed, NULL, false);
    struct wn_error err;
    static const char first[] =
        HEADER "account,A1,insight,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z\n";
    assert_int_equal(wn_io_replace(bed.path, 0600, first, strlen(first), &err), WN_OK);
    assert_int_equal(count(look(&bed, LOOK_MS)), 1);
    FILE *stream = fopen(bed.path, "r+");
    assert_non_null(stream);
    assert_true(fputs(HEADER "account,A1,insight,2026-01-01T00:00:00Z,2026-03-01T00:00:00Z\n",
                      stream) >= 0);
    assert_int_equal(fclose(stream), 0);
    const int64_t february_ms = 1769904000000; // 2026-02-01T00:00:00Z
    assert_true(wn_consent_end_ms(look(&bed, LOOK_MS)->consent) > february_ms);
    end(&bed);
}

static void ends_while_a_file_is_read(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_buffer text = { 0 };
    make(&bed, HEADER ROW, true);
    (void)look(&bed, 0);
    wn_buffer_text(&text, HEADER);
    for (unsigned i = 0; i < 200000; i++) {
        wn_buffer_text(&text, ROW);
    }
    wn_buffer_add(&text, "", 1);
    put(&bed, (const char *)text.at);
    (void)look(&bed, LOOK_MS);
    wn_buffer_deinit(&text);
    end(&bed);
}

/** Two workers at work: an old version lives as long as one of them has it in a transaction. */
static void an_old_version_is_held(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_consent_view one = { .consent = NULL };
    struct wn_consent_view two = { .consent = NULL };
    make(&bed, HEADER ROW, false);
    wn_consent_file_hold(bed.file, bed.clock_ms, &one);
    wn_consent_file_hold(bed.file, bed.clock_ms, &two);
    assert_ptr_equal(one.consent, two.consent);
    put(&bed, HEADER ROW "account,A2,insight,2026-01-01T00:00:00Z,\n");
    wn_consent_file_hold(bed.file, bed.clock_ms += LOOK_MS, &one);
    assert_int_equal(count(&one), 2);
    assert_int_equal(count(&two), 1);
    wn_consent_file_hold(bed.file, bed.clock_ms, &two);
    assert_ptr_equal(one.consent, two.consent);
    wn_consent_file_drop(bed.file, &one);
    assert_null(one.consent);
    assert_int_equal(count(&two), 2);
    wn_consent_file_drop(bed.file, &two);
    end(&bed);
}

/** A worker of several: each holds, reads and holds again. */
static void *hold_again(void *context)
{
    struct bed *bed = context;
    struct wn_consent_view held = { .consent = NULL };
    for (int64_t turn = 1; turn <= 300; turn++) {
        wn_consent_file_hold(bed->file, turn * LOOK_MS, &held);
        assert_non_null(held.consent);
        assert_in_range(count(&held), 1, 2);
        assert_true(wn_consent_file_changed_ms(bed->file) > 0);
    }
    wn_consent_file_drop(bed->file, &held);
    return NULL;
}

static void workers_share_it(void **state)
{
    const bool beside = *(const bool *)*state;
    struct bed bed;
    pthread_t threads[3];
    make(&bed, HEADER ROW, beside);
    for (size_t i = 0; i < WN_COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hold_again, &bed), 0);
    }
    for (unsigned i = 0; i < 100; i++) {
        put(&bed, i % 2 ? HEADER ROW : HEADER ROW "account,A2,insight,2026-01-01T00:00:00Z,\n");
    }
    for (size_t i = 0; i < WN_COUNT(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    end(&bed);
}

static void without_a_file_or_a_key(void **state)
{
    (void)state;
    struct wn_keyring keyless = { .missing = "consent" };
    struct wn_consent_file_options options = { .file = NULL, .keyring = &keyless };
    struct wn_consent_file *file = wn_consent_file_open(&options, NULL);
    assert_true(wn_consent_file_has_key(file)); // Nothing needs one.
    assert_null(wn_consent_file_look(file, 1)->consent);
    assert_false(wn_consent_file_look(file, 1)->too_old);
    wn_consent_file_close(file);

    struct bed bed;
    make(&bed, HEADER ROW, false);
    options = (struct wn_consent_file_options){
        .file = bed.path, .policy = &bed.policy, .site = &bed.site, .keyring = &keyless
    };
    file = wn_consent_file_open(&options, NULL);
    assert_false(wn_consent_file_has_key(file));
    wn_consent_file_close(file);
    assert_null(wn_consent_file_close(NULL));
    end(&bed);
    keyring_double_deinit(&keyless);
}

int main(void)
{
    static bool in_place = false, beside = true;
    static const struct CMUnitTest tests[] = {
        { "swaps, in place", holds_the_first_version_and_swaps_in_the_next, NULL, NULL, &in_place },
        { "swaps, beside", holds_the_first_version_and_swaps_in_the_next, NULL, NULL, &beside },
        { "a wrong one, in place", a_wrong_one_leaves_the_old_one_up_to_the_limit, NULL, NULL,
          &in_place },
        { "a wrong one, beside", a_wrong_one_leaves_the_old_one_up_to_the_limit, NULL, NULL,
          &beside },
        { "withholds, in place", withholds_until_there_is_a_good_one, NULL, NULL, &in_place },
        { "withholds, beside", withholds_until_there_is_a_good_one, NULL, NULL, &beside },
        cmocka_unit_test(sees_what_was_written_at_once_behind_it),
        cmocka_unit_test(ends_while_a_file_is_read),
        cmocka_unit_test(an_old_version_is_held),
        { "workers share it, in place", workers_share_it, NULL, NULL, &in_place },
        { "workers share it, beside", workers_share_it, NULL, NULL, &beside },
        cmocka_unit_test(without_a_file_or_a_key),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("consent_file", &all);
}
