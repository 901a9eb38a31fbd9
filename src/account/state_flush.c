// SPDX-License-Identifier: Apache-2.0

/*
 * Flush makes the next set of runs beside the present one:
 *
 *     next = runs that count and lie in the window
 *          + a run for each day of the tables
 *          − merged ones, where a day has more than eight
 *
 * writes and syncs what is new, then `index.new`. Publish renames it and removes what only the old
 * set held.
 *
 * Merging takes a day's runs from the smallest upwards, as long as the next one is at most twice as
 * large as those before it together: nine runs of one size become one, but a large one waits until
 * the small ones have grown to its size, so that an entry is rewritten log(n) times and not n / 8
 * times.
 */

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "state_impl.h"
#include "winnow/io.h"
#include "winnow/memory.h"

static struct wn_run_identity identity_of(const struct wn_state *state, int32_t day,
                                          struct wn_state_position position)
{
    struct wn_run_identity identity = { .position = position, .day = day };
    memcpy(identity.scope, state->scope, sizeof(identity.scope));
    return identity;
}

static void remove_run(struct wn_runs *runs, struct wn_run *run)
{
    for (size_t i = 0; i < runs->n; i++) {
        if (runs->at[i] == run) {
            wn_run_unref(wn_runs_take(runs, i));
            return;
        }
    }
}

static int by_count(const void *a, const void *b)
{
    const struct wn_run *const *first = a;
    const struct wn_run *const *second = b;
    return ((*first)->count > (*second)->count) - ((*first)->count < (*second)->count);
}

/** @return how many of the runs, rising by count, are merged. */
static size_t how_many(struct wn_run *const *day, size_t n)
{
    uint64_t sum = day[0]->count + day[1]->count;
    size_t taken = 2;
    while (taken < n && day[taken]->count <= 2 * sum) {
        sum += day[taken++]->count;
    }
    return taken;
}

/** Merge some runs into one that takes their place; files that no other list holds are removed. */
static enum wn_code merge_runs(struct wn_state *state, struct wn_runs *runs,
                               struct wn_run *const *day, size_t n,
                               struct wn_state_position position, struct wn_error *err)
{
    struct wn_run_identity identity = identity_of(state, day[0]->day, position);
    struct wn_run_source *sources = wn_take(n, sizeof(*sources));
    for (size_t i = 0; i < n; i++) {
        sources[i] = wn_run_source(day[i]);
    }
    char path[PATH_MAX];
    wn_state_new_path(state, identity.day, position, path);
    struct wn_run *merged;
    enum wn_code rc = wn_run_write(path, &identity, sources, n, &merged, err);
    free(sources);
    if (rc != WN_OK) {
        return rc;
    }
    merged->standing = day[0]->standing;
    for (size_t i = 0; i < n; i++) {
        wn_run_let_go(day[i], true);
        if (day[i]->refs == 1) {
            wn_state_remove(day[i]);
        }
        remove_run(runs, day[i]);
    }
    wn_runs_add(runs, merged);
    return WN_OK;
}

enum wn_code wn_state_merge(struct wn_state *state, struct wn_runs *runs, bool pending,
                            struct wn_state_position position, struct wn_error *err)
{
    struct wn_run **day = wn_take(runs->n, sizeof(struct wn_run *));
    enum wn_code rc = WN_OK;
    for (size_t i = 0; i < runs->n && rc == WN_OK;) {
        int32_t date = runs->at[i]->day;
        size_t n = 0;
        for (; i < runs->n && runs->at[i]->day == date; i++) {
            if (!pending || runs->at[i]->standing == WN_RUN_PENDING) {
                day[n++] = runs->at[i];
            }
        }
        if (n > WN_STATE_RUNS) {
            qsort(day, n, sizeof(struct wn_run *), by_count);
            size_t taken = how_many(day, n);
            rc = merge_runs(state, runs, day, taken, position, err);
            i -= taken - 1; // Places moved down by as many.
        }
    }
    free(day);
    return rc;
}

/** Write what memory holds of a day as one run of the next set. */
static enum wn_code write_day(struct wn_state *state, int32_t day, bool staged,
                              struct wn_state_position position, struct wn_error *err)
{
    const struct wn_table *tables[2] = { wn_tables_day(&state->committed, day),
                                         staged ? wn_tables_day(&state->staged, day) : NULL };
    struct wn_run_source sources[2] = { { 0 }, { 0 } };
    struct wn_entry *entries[2] = { NULL, NULL };
    size_t n = 0;
    for (size_t i = 0; i < WN_COUNT(tables); i++) {
        if (tables[i]) {
            entries[n] = wn_take(tables[i]->n, sizeof(struct wn_entry));
            wn_table_sort(tables[i], entries[n]);
            sources[n] =
                (struct wn_run_source){ .at = entries[n], .end = entries[n] + tables[i]->n };
            n++;
        }
    }
    struct wn_run_identity identity = identity_of(state, day, position);
    char path[PATH_MAX];
    wn_state_new_path(state, day, position, path);
    struct wn_run *run;
    enum wn_code rc = wn_run_write(path, &identity, sources, n, &run, err);
    free(entries[0]);
    free(entries[1]);
    if (rc == WN_OK) {
        run->standing = WN_RUN_LOOSE;
        wn_runs_add(state->flushed, run);
    }
    return rc;
}

/** Write the tables' days that lie in the window. */
static enum wn_code write_tables(struct wn_state *state, bool staged, int64_t oldest,
                                 struct wn_state_position position, struct wn_error *err)
{
    const struct wn_tables *lists[2] = { &state->committed, staged ? &state->staged : NULL };
    for (size_t l = 0; l < WN_COUNT(lists); l++) {
        for (size_t i = 0; lists[l] && i < lists[l]->n; i++) {
            int32_t day = lists[l]->at[i].day;
            bool done = l == 1 && wn_tables_day(&state->committed, day) != NULL;
            if (day < oldest || done) {
                continue;
            }
            enum wn_code rc = write_day(state, day, staged, position, err);
            if (rc != WN_OK) {
                return rc;
            }
        }
    }
    return WN_OK;
}

static enum wn_code write_set(struct wn_state *state, bool staged, int64_t oldest,
                              struct wn_error *err)
{
    struct wn_state_position position = state->flushed_position;
    enum wn_code rc = write_tables(state, staged, oldest, position, err);
    if (rc == WN_OK) {
        rc = wn_state_merge(state, state->flushed, false, position, err);
    }
    for (size_t i = 0; i < state->flushed->n && rc == WN_OK; i++) {
        rc = wn_run_sync(state->flushed->at[i], err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    char path[PATH_MAX];
    rc = wn_state_path(state->folder, "index.new", path, err);
    return rc == WN_OK
               ? wn_index_write(path, state, state->flushed, position, state->flushed_newest, err)
               : rc;
}

enum wn_code wn_state_flush(struct wn_state *state, bool staged, struct wn_state_position position,
                            struct wn_error *err)
{
    assert(!state->flushed);
    state->flushed = wn_take(1, sizeof(*state->flushed));
    state->flushed_staged = staged;
    state->flushed_position = position;
    state->flushed_newest =
        staged && state->staged_newest > state->newest ? state->staged_newest : state->newest;
    if (!state->folder) {
        return WN_OK;
    }
    int64_t oldest = wn_state_oldest(state, state->flushed_newest);
    for (size_t i = 0; i < state->runs->n; i++) {
        struct wn_run *run = state->runs->at[i];
        if (run->day >= oldest && (staged || run->standing != WN_RUN_PENDING)) {
            wn_runs_add(state->flushed, wn_run_ref(run));
        }
    }
    enum wn_code rc = write_set(state, staged, oldest, err);
    if (rc != WN_OK) {
        wn_state_unflush(state);
    }
    return rc;
}

void wn_state_unflush(struct wn_state *state)
{
    char path[PATH_MAX];
    struct wn_error ignored;
    if (state->folder && wn_state_path(state->folder, "index.new", path, &ignored) == WN_OK) {
        unlink(path);
    }
    for (size_t i = 0; i < state->flushed->n; i++) {
        if (state->flushed->at[i]->refs == 1) {
            wn_state_remove(state->flushed->at[i]);
        }
    }
    wn_runs_deinit(state->flushed);
    free(state->flushed);
    state->flushed = NULL;
}

/** Put the flushed set in the place of what was searched; pending runs of a batch that goes on
 * stay. */
static void swap_runs(struct wn_state *state)
{
    for (size_t i = 0; i < state->flushed->n; i++) {
        state->flushed->at[i]->standing = WN_RUN_NAMED;
    }
    for (size_t i = 0; i < state->runs->n; i++) {
        struct wn_run *run = state->runs->at[i];
        if (run->standing == WN_RUN_PENDING && !state->flushed_staged) {
            wn_runs_add(state->flushed, wn_run_ref(run));
        } else if (!wn_runs_has(state->flushed, run)) {
            wn_state_remove(run);
        }
    }
    wn_runs_deinit(state->runs);
    free(state->runs);
    state->runs = state->flushed;
    state->flushed = NULL;
}

static enum wn_code rename_index(const struct wn_state *state, struct wn_error *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum wn_code rc = wn_state_path(state->folder, "index.new", from, err);
    if (rc == WN_OK) {
        rc = wn_state_path(state->folder, "index", to, err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    if (rename(from, to) != 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", from, strerror(errno));
    }
    return wn_io_sync_folder(state->folder, err);
}

enum wn_code wn_state_publish(struct wn_state *state, struct wn_error *err)
{
    assert(state->flushed);
    bool staged = state->flushed_staged;
    if (state->folder) {
        enum wn_code rc = rename_index(state, err);
        if (rc != WN_OK) {
            return rc;
        }
        swap_runs(state);
        wn_tables_deinit(&state->committed);
    } else {
        free(state->flushed);
        state->flushed = NULL;
        if (staged) {
            wn_state_commit(state);
        }
        wn_tables_drop(&state->committed, wn_state_oldest(state, state->flushed_newest));
    }
    if (staged) {
        wn_tables_deinit(&state->staged);
        state->staged_newest = WN_NO_DAY;
        state->spilled = 0;
    }
    state->newest = state->flushed_newest;
    if (staged) {
        wn_state_merge_numbers(state);
    }
    state->position = state->flushed_position;
    return WN_OK;
}
