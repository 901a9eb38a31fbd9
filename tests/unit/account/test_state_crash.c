// SPDX-License-Identifier: Apache-2.0

/**
 * The state after a crash at each step from flush to publish, and after damage.
 *
 * A crash is a copy of the folder as it is at that moment: what the process would have done later
 * is not in it.
 */

#include "entries.h"

/** The step at which the power fails. */
enum step {
    STEP_STAGED,    ///< The batch is being taken in.
    STEP_FLUSHED,   ///< wn_state_flush() returned.
    STEP_TORN,      ///< In the flush: `index.new` is not there yet, its runs are.
    STEP_ASIDE,     ///< In the flush: `index.new.tmp` is half written.
    STEP_PUBLISHED, ///< wn_state_publish() returned.
    STEP_RENAMED,   ///< In the publish: old runs are still there.
};

struct row {
    const char *name;
    enum step step;
    bool committed; ///< The carrier's commit of batch 10 counts.
    bool kept;      ///< What batch 10 staged must be there.
};

static const struct row rows[] = {
    { "before the flush: the old set", STEP_STAGED, false, false },
    { "runs without index.new: the old set", STEP_TORN, false, false },
    { "index.new half written: the old set", STEP_ASIDE, false, false },
    { "flushed, not committed: the old set", STEP_FLUSHED, false, false },
    { "flushed and committed: the new set", STEP_FLUSHED, true, true },
    { "renamed, old runs not removed: the new set", STEP_RENAMED, true, true },
    { "published: the new set", STEP_PUBLISHED, true, true },
};

static void in_folder(char ret_path[SCRATCH_PATH + 32], const char *folder, const char *name)
{
    snprintf(ret_path, SCRATCH_PATH + 32, "%s/%s", folder, name);
}

/** Make the folder as the crash leaves it. */
static void crash(struct wn_state *state, const char *folder, const char *after, enum step step)
{
    char path[SCRATCH_PATH + 32], to[SCRATCH_PATH + 32];
    if (step == STEP_STAGED) {
        scratch_copy(folder, after);
        return;
    }
    flush(state, true, 10);
    scratch_copy(folder, after);
    in_folder(path, after, "index.new");
    if (step == STEP_TORN) {
        assert_int_equal(remove(path), 0);
    } else if (step == STEP_ASIDE) {
        in_folder(to, after, "index.new.tmp");
        assert_int_equal(rename(path, to), 0);
        assert_int_equal(truncate(to, 30), 0);
    } else if (step == STEP_RENAMED) {
        in_folder(to, after, "index");
        assert_int_equal(rename(path, to), 0);
    } else if (step == STEP_PUBLISHED) {
        char again[SCRATCH_PATH];
        scratch_make(again);
        publish(state);
        scratch_remove(after);
        scratch_copy(folder, again);
        assert_int_equal(rename(again, after), 0);
    }
}

static void check_crash(void **context)
{
    const struct row *row = *context;
    char folder[SCRATCH_PATH], after[SCRATCH_PATH], path[SCRATCH_PATH + 256];
    scratch_make(folder);
    scratch_make(after);
    struct wn_state *state = open_state(folder);
    for (int64_t i = 1; i <= 9; i++) { // The tenth flush merges.
        stage(state, DAY, (uint64_t)i, 1);
        flush(state, true, i == 9 ? 9 : i);
        publish(state);
    }
    for (uint64_t i = 100; i < 110; i++) {
        stage(state, DAY, i, 1);
        stage(state, DAY + 1, i, 1);
    }
    crash(state, folder, after, row->step);
    wn_state_close(state);

    recover(after, row->committed ? 10 : 9);
    recover(after, row->committed ? 10 : 9); // A second crash in the recovery.
    state = open_state(after);
    assert_int_equal(wn_state_position(state).sequence, row->committed ? 10 : 9);
    for (uint64_t i = 1; i <= 9; i++) {
        assert_int_equal(find(state, i), 1);
    }
    for (uint64_t i = 100; i < 110; i++) {
        assert_int_equal(find(state, i), row->kept ? 2 : 0);
    }
    assert_int_equal(scratch_count(after, "index.new", path), 0);
    assert_int_equal(scratch_count(after, ".tmp", path), 0);
    stage(state, DAY, 200, 1);
    flush(state, true, 11);
    publish(state);
    assert_int_equal(find(state, 200), 1);
    wn_state_close(state);
    scratch_remove(after);
    scratch_remove(folder);
}

/** Close with a flush that was not published, as a process that fails in its commit does. */
static void close_keeps_flushed(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH];
    scratch_make(folder);
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    flush(state, true, 1);
    wn_state_close(state);
    recover(folder, 1);
    state = open_state(folder);
    assert_int_equal(find(state, 1), 1);
    wn_state_close(state);
    scratch_remove(folder);
}

static void no_folder_is_fine(void **context)
{
    (void)context;
    recover("/nonexistent/winnow", 3);
}

static void expect_refused(const char *folder, const char *path)
{
    struct wn_state *state = NULL;
    struct wn_error err;
    assert_int_equal(wn_state_open(folder, "files", WINDOW, &state, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, "restore the state folder"));
    assert_null(state);
}

static void every_octet_of_the_index(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 32];
    scratch_make(folder);
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    flush(state, true, 1);
    publish(state);
    wn_state_close(state);
    in_folder(path, folder, "index");
    struct wn_buffer bytes = { 0 };
    scratch_read(path, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes.at[i] ^= (uint8_t)(1U << bit);
            scratch_write(path, bytes.at, bytes.len);
            expect_refused(folder, path);
            bytes.at[i] ^= (uint8_t)(1U << bit);
        }
    }
    for (size_t len = 0; len < bytes.len; len++) {
        scratch_write(path, bytes.at, len);
        expect_refused(folder, path);
    }
    scratch_write(path, bytes.at, bytes.len);
    char new_path[SCRATCH_PATH + 32];
    in_folder(new_path, folder, "index.new");
    scratch_write(new_path, bytes.at, bytes.len - 1);
    struct wn_error err;
    assert_int_equal(wn_state_recover(folder, at_sequence(1), &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    wn_buffer_deinit(&bytes);
    scratch_remove(folder);
}

static void runs_lost_or_swapped(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 256];
    scratch_make(folder);
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    flush(state, true, 1);
    publish(state);
    wn_state_close(state);
    assert_int_equal(scratch_count(folder, ".run", path), 1);
    struct wn_buffer bytes = { 0 };
    scratch_read(path, &bytes);
    bytes.at[bytes.len - 20] ^= 4;
    scratch_write(path, bytes.at, bytes.len);
    expect_refused(folder, path);
    assert_int_equal(remove(path), 0);
    expect_refused(folder, path);

    // Another good run of the same scope under the name: not what the index names.
    char other[SCRATCH_PATH], other_path[SCRATCH_PATH + 256];
    scratch_make(other);
    state = open_state(other);
    stage(state, DAY, 2, 1);
    flush(state, true, 1);
    publish(state);
    wn_state_close(state);
    scratch_count(other, ".run", other_path);
    bytes.len = 0;
    scratch_read(other_path, &bytes);
    scratch_write(path, bytes.at, bytes.len);
    expect_refused(folder, path);
    wn_buffer_deinit(&bytes);
    scratch_remove(other);
    scratch_remove(folder);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(close_keeps_flushed),
        cmocka_unit_test(no_folder_is_fine),
        cmocka_unit_test(every_octet_of_the_index),
        cmocka_unit_test(runs_lost_or_swapped),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_crash);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("state after a crash", &all);
}
