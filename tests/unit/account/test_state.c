// SPDX-License-Identifier: Apache-2.0

/** The state: what was staged is found, what was committed stays, what was aborted is gone. */

#include "winnow/state.h"

#include "entries.h"

static void finds_staged(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 11);
    assert_int_equal(find(state, 1), 1);
    assert_int_equal(find(state, 2), 0);
    assert_int_equal(wn_state_staged(state), 1);
    assert_int_equal(wn_state_held(state), 1);
    wn_state_close(state);
}

static void finds_extra_and_day(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 11);
    stage(state, DAY + 1, 1, 12);
    stage(state, DAY + 1, 1, 12);
    flush(state, true, 1);
    publish(state);
    stage(state, DAY + 2, 1, 13);
    struct wn_found found[8];
    struct wn_entry entry = entry_from(1, 0);
    assert_int_equal(wn_state_find(state, entry.fingerprint, DAY, found, 8), 3);
    assert_int_equal(wn_state_find(state, entry.fingerprint, DAY + 1, found, 8), 2);
    uint32_t extras = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(found[i].day, DAY + (int32_t)found[i].extra - 11);
        extras += found[i].extra;
    }
    assert_int_equal(extras, 25);
    assert_int_equal(wn_state_find(state, entry.fingerprint, DAY, found, 2), 2);
    wn_state_close(state);
}

static void forgets_aborted(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    wn_state_commit(state);
    stage(state, DAY + 50, 2, 1);
    assert_int_equal(find(state, 1), 0); // Out of the window that the open batch opened.
    wn_state_abort(state);
    assert_int_equal(find(state, 1), 1);
    assert_int_equal(find(state, 2), 0);
    assert_int_equal(wn_state_staged(state), 0);
    wn_state_close(state);
}

static void survives_restart(const char *folder)
{
    struct wn_state *state = open_state(folder);
    assert_int_equal(wn_state_position(state).sequence, -1);
    for (uint64_t i = 0; i < 1000; i++) {
        stage(state, DAY + (int32_t)(i % 5), i, (uint32_t)i);
    }
    flush(state, true, 7);
    publish(state);
    assert_int_equal(wn_state_held(state), 0);
    wn_state_close(state);

    state = open_state(folder);
    assert_int_equal(wn_state_position(state).sequence, 7);
    assert_int_equal(wn_state_position(state).offset, 0);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(find(state, i), 1);
    }
    assert_int_equal(find(state, 1000), 0);
    wn_state_close(state);
}

static void unpublished_is_lost(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    wn_state_commit(state);
    wn_state_close(state);
    state = open_state(folder);
    assert_int_equal(find(state, 1), 0);
    wn_state_close(state);
}

static void flush_without_staged(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    wn_state_commit(state);
    stage(state, DAY, 2, 1);
    flush(state, false, 3);
    publish(state);
    assert_int_equal(find(state, 1), 1);
    assert_int_equal(find(state, 2), 1);
    assert_int_equal(wn_state_staged(state), 1);
    wn_state_abort(state);
    assert_int_equal(find(state, 2), 0);
    wn_state_close(state);
    state = open_state(folder);
    assert_int_equal(find(state, 1), 1);
    assert_int_equal(find(state, 2), 0);
    wn_state_close(state);
}

static void abort_after_flush(const char *folder)
{
    char path[SCRATCH_PATH + 256];
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    flush(state, true, 1);
    publish(state);
    stage(state, DAY, 2, 1);
    flush(state, true, 2);
    assert_int_equal(scratch_count(folder, "index.new", path), 1);
    wn_state_abort(state);
    assert_int_equal(scratch_count(folder, "index.new", path), 0);
    assert_int_equal(scratch_count(folder, ".run", path), 1);
    assert_int_equal(find(state, 1), 1);
    assert_int_equal(find(state, 2), 0);
    wn_state_close(state);
}

static void merges_nine(const char *folder)
{
    char path[SCRATCH_PATH + 256];
    struct wn_state *state = open_state(folder);
    for (int64_t i = 1; i <= 9; i++) {
        for (uint64_t k = 0; k < 100; k++) {
            stage(state, DAY, (uint64_t)i * 1000 + k, (uint32_t)k);
        }
        stage(state, DAY - 1, (uint64_t)i, 5);
        stage(state, DAY - 1, 77, 5); // The same in all.
        flush(state, true, i);
        publish(state);
        unsigned runs = scratch_count(folder, ".run", path);
        assert_int_equal(runs, i < 9 ? 2 * i : 2);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint64_t i = 1; i <= 9; i++) {
            assert_int_equal(find(state, i), 1);
            for (uint64_t k = 0; k < 100; k++) {
                assert_int_equal(find(state, i * 1000 + k), 1);
            }
        }
        assert_int_equal(find(state, 77), 1);
        wn_state_close(state);
        state = open_state(folder);
    }
    wn_state_close(state);
}

static void drops_old_days(const char *folder)
{
    char path[SCRATCH_PATH + 256];
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    stage(state, DAY + 1, 2, 1);
    flush(state, true, 1);
    publish(state);
    assert_int_equal(scratch_count(folder, ".run", path), 2);
    stage(state, DAY + 1 + WINDOW, 3, 1);
    assert_int_equal(find(state, 1), 0);
    assert_int_equal(find(state, 2), 1);
    stage(state, DAY, 4, 1); // Too old to count.
    assert_int_equal(find(state, 4), 0);
    flush(state, true, 2);
    publish(state);
    assert_int_equal(scratch_count(folder, ".run", path), 2);
    assert_int_equal(find(state, 1), 0);
    assert_int_equal(find(state, 2), 1);
    assert_int_equal(find(state, 3), 1);
    wn_state_close(state);
}

static void window_outlives_restart(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 1, 1);
    flush(state, true, 1);
    publish(state);
    wn_state_close(state);
    state = open_state(folder);
    stage(state, DAY - WINDOW - 1, 2, 1);
    assert_int_equal(find(state, 2), 0);
    stage(state, DAY - WINDOW, 3, 1);
    assert_int_equal(find(state, 3), 1);
    wn_state_close(state);
}

/** Messages, kept. */
struct messages {
    struct wn_buffer bytes;
    size_t lens[64];
    size_t n, most;
};

static enum wn_code keep(void *context, struct wn_slice bytes, struct wn_error *err)
{
    struct messages *messages = context;
    (void)err;
    assert_in_range(bytes.len, 1, messages->most);
    assert_in_range(messages->n, 0, 63);
    messages->lens[messages->n++] = bytes.len;
    wn_buffer_add(&messages->bytes, bytes.at, bytes.len);
    return WN_OK;
}

static void log_rebuilds(const char *folder)
{
    struct wn_state *state = open_state(folder), *other = NULL;
    struct wn_error err;
    assert_int_equal(wn_state_open(NULL, "other", WINDOW, &other, &err), WN_OK);
    for (uint64_t i = 0; i < 500; i++) {
        stage(state, DAY + (int32_t)(i % 3), i, (uint32_t)i * 7);
    }
    struct messages messages = { .most = 300 };
    assert_int_equal(wn_state_each_message(state, 300, keep, &messages, &err), WN_OK);
    assert_in_range(messages.n, 500 * 16 / 300, 40);
    const char *at = (const char *)messages.bytes.at;
    for (size_t i = 0; i < messages.n; i++) {
        struct wn_slice message = { at, messages.lens[i] };
        assert_int_equal(wn_state_apply(other, message, &err), WN_OK);
        at += messages.lens[i];
    }
    for (uint64_t i = 0; i < 500; i++) {
        struct wn_found found[2];
        struct wn_entry entry = entry_from(i, 0);
        assert_int_equal(wn_state_find(other, entry.fingerprint, 0, found, 2), 1);
        assert_int_equal(found[0].extra, i * 7);
        assert_int_equal(found[0].day, DAY + (int32_t)(i % 3));
    }
    wn_buffer_deinit(&messages.bytes);
    wn_state_close(other);
    wn_state_close(state);
}

static enum wn_code refuse(void *context, struct wn_slice bytes, struct wn_error *err)
{
    unsigned *calls = context;
    (void)bytes;
    ++*calls;
    return wn_fail(err, WN_ABORT, "broker-away", "away");
}

static void log_stops(const char *folder)
{
    struct wn_state *state = open_state(folder);
    struct wn_error err;
    unsigned calls = 0;
    assert_int_equal(wn_state_each_message(state, 100, refuse, &calls, &err), WN_OK);
    assert_int_equal(calls, 0); // Nothing is staged.
    for (uint64_t i = 0; i < 100; i++) {
        stage(state, DAY, i, 0);
    }
    assert_int_equal(wn_state_each_message(state, 100, refuse, &calls, &err), WN_ABORT);
    assert_int_equal(calls, 1);
    wn_state_close(state);
}

static void damaged_log_is_refused(const char *folder)
{
    struct wn_state *state = open_state(folder);
    struct wn_error err;
    static const struct wn_slice messages[] = {
        { "", 0 },
        { "\2", 1 },
        { "\1\0\0\0\0\0\0\0", 8 },
        { "\1\0\0\x50\xdc\0\0\0\0", 9 },
        { "\1\0\0\x50\xdc\0\0\0\1"
          "0123456789abcde",
          24 },
        { "\1\0\0\x50\xdc\xff\xff\xff\xff"
          "0123456789abcdef",
          25 },
        { "\1\x7f\0\x50\xdc\0\0\0\1"
          "0123456789abcdef",
          25 },
        { "\1\0\0\x50\xdc\0\0\0\1"
          "0123456789abcdef"
          "x",
          26 },
    };
    for (size_t i = 0; i < WN_COUNT(messages); i++) {
        assert_int_equal(wn_state_apply(state, messages[i], &err), WN_FATAL);
        assert_string_equal(err.reason, "state-lost");
    }
    struct wn_slice good = { "\1\0\0\x50\xdc\0\0\0\1"
                             "0123456789ab\1\2\3\4",
                             25 };
    assert_int_equal(wn_state_apply(state, good, &err), WN_OK);
    struct wn_found found[2];
    assert_int_equal(wn_state_find(state, (const uint8_t *)"0123456789ab", 0, found, 2), 1);
    assert_int_equal(found[0].extra, 0x01020304);
    assert_int_equal(found[0].day, 0x50dc);
    wn_state_close(state);
}

/** Stage numbers of node n. */
static void stage_numbers(struct wn_state *state, uint32_t first, uint32_t last, int64_t time_ms)
{
    struct wn_sequences *numbers = wn_sequences_open();
    for (uint32_t i = first; i <= last; i++) {
        const struct wn_sequence_number number = { .node = wn_slice_of("n"),
                                                   .number = i,
                                                   .readable = true,
                                                   .passed = true,
                                                   .time_ms = time_ms };
        wn_sequences_take(numbers, &number);
    }
    wn_state_stage_numbers(state, numbers);
    wn_sequences_close(numbers);
}

/** @return `gaps missing last` of node n, as a number: 2 gaps with 7 numbers up to 9 is 20709. */
static unsigned account_of(const struct wn_state *state)
{
    const struct wn_sequence *node = wn_sequences_find(wn_state_numbers(state), wn_slice_of("n"));
    if (!node) {
        return 0;
    }
    assert_int_equal(node->n_series, 1);
    return 10000 * node->series[0].n_gaps + 100 * (unsigned)wn_series_missing(&node->series[0]) +
           node->series[0].last;
}

static void numbers_count_once_committed(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage_numbers(state, 1, 3, 0);
    assert_int_equal(account_of(state), 0);
    assert_true(wn_state_has_changes(state));
    wn_state_commit(state);
    assert_int_equal(account_of(state), 3);
    assert_false(wn_state_has_changes(state));
    stage_numbers(state, 6, 9, 0);
    wn_state_abort(state);
    assert_int_equal(account_of(state), 3);
    stage_numbers(state, 6, 7, 0);
    stage_numbers(state, 6, 7, 0); // The batch is done over: staged anew, not twice.
    wn_state_commit(state);
    assert_int_equal(account_of(state), 10207);
    assert_int_equal(wn_state_numbers(state)->list[0].series[0].records, 5);
    wn_state_close(state);
}

static void numbers_survive_restart(const char *folder)
{
    struct wn_state *state = open_state(folder);
    stage_numbers(state, 1, 3, 0);
    flush(state, true, 1);
    publish(state);
    assert_int_equal(account_of(state), 3);
    stage_numbers(state, 6, 9, 0);
    flush(state, true, 2);
    publish(state);
    assert_int_equal(account_of(state), 10209);
    stage_numbers(state, 20, 20, 0); // Not flushed: lost with the process.
    wn_state_commit(state);
    wn_state_close(state);

    state = open_state(folder);
    assert_int_equal(account_of(state), 10209);
    stage_numbers(state, 4, 4, 0);
    flush(state, false, 3);
    publish(state);
    assert_int_equal(account_of(state), 10209);
    assert_true(wn_state_has_changes(state)); // The open batch stays open.
    wn_state_commit(state);
    assert_int_equal(account_of(state), 10109);
    stage_numbers(state, 5, 5, 0);
    flush(state, true, 4);
    wn_state_abort(state); // Flushed, and not committed by the carrier.
    assert_int_equal(account_of(state), 10109);
    wn_state_close(state);
}

static void log_rebuilds_numbers(const char *folder)
{
    struct wn_state *state = open_state(folder);
    struct wn_state *other = NULL;
    struct wn_error err;
    assert_int_equal(wn_state_open(NULL, "other", WINDOW, &other, &err), WN_OK);
    for (uint32_t i = 0; i < 5; i++) {
        struct messages messages = { .most = 300 };
        stage_numbers(state, 1 + 4 * i, 3 + 4 * i, DAY * INT64_C(86400000));
        stage(state, DAY, i, 1);
        assert_int_equal(wn_state_each_message(state, 300, keep, &messages, &err), WN_OK);
        assert_int_equal(messages.n, 2);
        const char *at = (const char *)messages.bytes.at;
        for (size_t m = 0; m < messages.n; m++) {
            const struct wn_slice message = { at, messages.lens[m] };
            assert_int_equal(wn_state_apply(other, message, &err), WN_OK);
            at += messages.lens[m];
        }
        wn_buffer_deinit(&messages.bytes);
        wn_state_commit(state);
        assert_int_equal(account_of(other), account_of(state));
    }
    assert_int_equal(account_of(other), 40419);
    wn_state_close(other);
    wn_state_close(state);
}

static void numbers_expire(const char *folder)
{
    const int64_t day_ms = 86400000;
    struct wn_state *state = open_state(folder);
    stage_numbers(state, 1, 1, DAY * day_ms);
    stage(state, DAY, 1, 1);
    wn_state_commit(state);
    stage_numbers(state, 3, 3, (DAY + 1) * day_ms);
    wn_state_commit(state);
    stage_numbers(state, 6, 6, (DAY + 30) * day_ms);
    stage(state, DAY + 30, 2, 1);
    wn_state_commit(state);
    assert_int_equal(account_of(state), 20306); // 2, 4 and 5.
    stage(state, DAY + 38, 3, 1);
    flush(state, true, 1);
    publish(state);
    assert_int_equal(account_of(state), 10206);
    assert_int_equal(wn_state_numbers(state)->list[0].series[0].unlisted, 1);
    wn_state_close(state);
}

static void memory_only(const char *folder)
{
    (void)folder;
    struct wn_state *state = open_state(NULL);
    stage(state, DAY, 1, 1);
    flush(state, true, 4);
    publish(state);
    assert_int_equal(wn_state_position(state).sequence, 4);
    assert_int_equal(find(state, 1), 1);
    stage(state, DAY + WINDOW + 1, 2, 1);
    flush(state, true, 5);
    wn_state_abort(state);
    assert_int_equal(find(state, 1), 1);
    stage(state, DAY + WINDOW + 1, 2, 1);
    wn_state_commit(state);
    flush(state, false, 6);
    publish(state);
    assert_int_equal(find(state, 1), 0);
    assert_int_equal(wn_state_held(state), 1);
    wn_state_close(state);
    assert_null(wn_state_close(NULL));
}

static void scope_is_checked(const char *folder)
{
    struct wn_state *state = open_state(folder), *other = NULL;
    stage(state, DAY, 1, 1);
    flush(state, true, 1);
    publish(state);
    wn_state_close(state);
    struct wn_error err;
    assert_int_equal(wn_state_open(folder, "main/raw.calls/3", WINDOW, &other, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_non_null(strstr(err.text, "another input"));
}

static void odd_scope_makes_good_names(const char *folder)
{
    static const char scope[] = "../main/raw.calls-and-a-very-long-topic-name-that-goes-on-and-on-"
                                "and-does-not-end-before-it-has-to/12";
    struct wn_state *state = NULL;
    struct wn_error err;
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(wn_state_open(folder, scope, WINDOW, &state, &err), WN_OK);
        if (pass == 0) {
            stage(state, DAY, 1, 1);
            flush(state, true, 1);
            publish(state);
        }
        assert_int_equal(find(state, 1), 1);
        wn_state_close(state);
    }
    char path[SCRATCH_PATH + 256];
    assert_int_equal(scratch_count(folder, ".run", path), 1);
}

static void unwritable_folder(const char *folder)
{
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof(path), "%s/file", folder);
    scratch_write(path, "x", 1);
    struct wn_state *state = NULL;
    struct wn_error err;
    assert_int_equal(wn_state_open(path, "files", WINDOW, &state, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_null(state);
}

struct row {
    const char *name;
    void (*body)(const char *folder);
};

static const struct row rows[] = {
    { "a staged entry is found, another is not", finds_staged },
    { "entries of one fingerprint are found with extra and day, each once", finds_extra_and_day },
    { "an aborted batch leaves nothing, not even its newest day", forgets_aborted },
    { "what was flushed and published is there after a restart", survives_restart },
    { "what was committed but not flushed is the log's to bring back", unpublished_is_lost },
    { "a flush without the open batch leaves it open", flush_without_staged },
    { "an abort after the flush takes the flushed set back", abort_after_flush },
    { "nine runs of a day become one", merges_nine },
    { "days out of the window are not searched, and their files go at publish", drops_old_days },
    { "the newest day is remembered over a restart", window_outlives_restart },
    { "change messages rebuild the state elsewhere", log_rebuilds },
    { "a visitor that fails ends the walk", log_stops },
    { "what is no change message is state-lost", damaged_log_is_refused },
    { "numbers of nodes count once they are committed", numbers_count_once_committed },
    { "numbers of nodes are there after a restart", numbers_survive_restart },
    { "change messages rebuild numbers of nodes elsewhere", log_rebuilds_numbers },
    { "gaps out of the window are closed", numbers_expire },
    { "without a folder everything stays in memory", memory_only },
    { "the state of another input is refused", scope_is_checked },
    { "a scope with any characters makes file names that work", odd_scope_makes_good_names },
    { "a folder that can't be made is file-write", unwritable_folder },
};

static void check(void **state)
{
    const struct row *row = *state;
    char folder[SCRATCH_PATH];
    scratch_make(folder);
    row->body(folder);
    scratch_remove(folder);
}

int main(void)
{
    return WN_RUN_TABLE("state", rows, check);
}
