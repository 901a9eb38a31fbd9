// SPDX-License-Identifier: Apache-2.0

/*
 * Where an entry lies, and how it moves:
 *
 *     stage ──▶ staged tables ──(more than 256k)──▶ pending runs        the open batch
 *                    │ commit                            │ commit
 *                    ▼                                   ▼
 *              committed tables                      loose runs         counts, lost by a crash
 * (the log has it) └───────────── flush ───────────────┤ ▼ runs of `index.new`       counts once
 * published │ publish: rename ▼ runs of `index`           counts after a crash
 *
 * wn_state_find() searches all of them. A flush never changes what is searched, so that its failure
 * leaves the state as it was; publish swaps. A run file is only ever written whole under a new name
 * and removed when no index names it.
 *
 * A spill keeps a long batch's memory bounded. It is not synced: until a flush names its runs
 * nothing of them need outlive a crash.
 */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "state_impl.h"
#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/memory.h"

int64_t wn_state_oldest(const struct wn_state *state, int32_t newest)
{
    return newest == WN_NO_DAY ? INT32_MIN : (int64_t)newest - state->window_days;
}

static int32_t newest_of(const struct wn_state *state)
{
    return state->newest > state->staged_newest ? state->newest : state->staged_newest;
}

enum wn_code wn_state_path(const char *folder, const char *name, char ret_path[PATH_MAX],
                           struct wn_error *err)
{
    if (snprintf(ret_path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: the path is too long; use a shorter folder",
                       folder);
    }
    return WN_OK;
}

void wn_state_new_path(struct wn_state *state, int32_t day, struct wn_state_position position,
                       char ret_path[PATH_MAX])
{
    int len = snprintf(ret_path, PATH_MAX, "%s/%s-%d-%lld-%lld-%llu.run", state->folder,
                       state->label, day, (long long)position.offset, (long long)position.sequence,
                       (unsigned long long)state->next_file++);
    assert(len > 0 && len < PATH_MAX); // wn_state_open() leaves room.
}

void wn_state_remove(const struct wn_run *run)
{
    unlink(run->path);
}

/** Make the scope's label: what a file name may hold, cut at 64. */
static void set_scope(struct wn_state *state, const char *scope)
{
    wn_sha256_of(scope, strlen(scope), state->scope);
    size_t len = 0;
    for (; len < sizeof(state->label) - 1 && scope[len] != '\0'; len++) {
        char c = scope[len];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c == '.' && len > 0) || c == '_';
        state->label[len] = c;
        if (!plain) {
            state->label[len] = '_';
        }
    }
}

/** @return the last number of a run's name plus one. */
static uint64_t after_number(const char *name)
{
    const char *dash = strrchr(name, '-');
    return dash ? strtoull(dash + 1, NULL, 10) + 1 : 1;
}

static enum wn_code open_run(struct wn_state *state, const struct wn_index_run *named,
                             struct wn_error *err)
{
    char path[PATH_MAX];
    enum wn_code rc = wn_state_path(state->folder, named->name, path, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_run *run;
    rc = wn_run_open(path, state->scope, &run, err);
    if (rc != WN_OK) {
        return rc;
    }
    if (run->crc != named->crc) {
        wn_run_unref(run);
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: not the run that the index names; restore the state folder from a "
                       "backup that is not older than the last commit",
                       path);
    }
    wn_runs_add(state->runs, run);
    uint64_t after = after_number(named->name);
    state->next_file = state->next_file > after ? state->next_file : after;
    return WN_OK;
}

static enum wn_code open_index(struct wn_state *state, struct wn_error *err)
{
    char path[PATH_MAX];
    enum wn_code rc = wn_state_path(state->folder, "index", path, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_index index = { 0 };
    bool there;
    rc = wn_index_read(path, &index, &there, err);
    if (rc != WN_OK || !there) {
        return rc;
    }
    if (memcmp(index.scope, state->scope, sizeof(index.scope)) != 0) {
        wn_index_deinit(&index);
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: the state of another input; give each input a folder of its own", path);
    }
    state->position = index.position;
    state->newest = index.newest;
    if (index.numbers.len > 0 &&
        !wn_sequences_read(wn_buffer_slice(&index.numbers), true, state->numbers)) {
        rc = wn_fail(err, WN_FATAL, "file-read",
                     "%s: holds numbers of nodes that can't be read; restore the state folder from "
                     "a backup that is not older than the last commit",
                     path);
    }
    for (size_t i = 0; i < index.n_runs && rc == WN_OK; i++) {
        rc = open_run(state, &index.runs[i], err);
    }
    wn_index_deinit(&index);
    return rc;
}

static bool is_ours(const struct wn_state *state, const char *name)
{
    for (size_t i = 0; i < state->runs->n; i++) {
        if (strcmp(state->runs->at[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/** Remove runs that the index does not name, and what a flush left. */
static enum wn_code remove_rest(const struct wn_state *state, struct wn_error *err)
{
    DIR *folder = opendir(state->folder);
    if (!folder) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: %s", state->folder, strerror(errno));
    }
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        size_t len = strlen(entry->d_name);
        bool is_run = len > 4 && strcmp(entry->d_name + len - 4, ".run") == 0;
        bool is_rest =
            strcmp(entry->d_name, "index.new") == 0 || strcmp(entry->d_name, "index.new.tmp") == 0;
        if ((is_run && !is_ours(state, entry->d_name)) || is_rest) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    closedir(folder);
    return WN_OK;
}

static enum wn_code open_folder(struct wn_state *state, const char *folder, struct wn_error *err)
{
    if (strlen(folder) > PATH_MAX - 256) {
        return wn_fail(err, WN_FATAL, "file-read",
                       "state folder: the path is too long; use a shorter one");
    }
    state->folder = wn_take(strlen(folder) + 1, 1);
    memcpy(state->folder, folder, strlen(folder) + 1);
    enum wn_code rc = wn_io_make_folder(folder, 0700, err);
    if (rc == WN_OK) {
        rc = open_index(state, err);
    }
    return rc == WN_OK ? remove_rest(state, err) : rc;
}

enum wn_code wn_state_open(const char *folder, const char *scope, unsigned window_days,
                           struct wn_state **ret_state, struct wn_error *err)
{
    struct wn_state *state = wn_take(1, sizeof(*state));
    set_scope(state, scope);
    state->window_days = window_days;
    state->position = (struct wn_state_position){ -1, -1 };
    state->newest = WN_NO_DAY;
    state->staged_newest = WN_NO_DAY;
    state->next_file = 1;
    state->runs = wn_take(1, sizeof(*state->runs));
    state->numbers = wn_state_open_numbers();
    state->staged_numbers = wn_state_open_numbers();
    if (folder) {
        enum wn_code rc = open_folder(state, folder, err);
        if (rc != WN_OK) {
            wn_state_close(state);
            return rc;
        }
    }
    *ret_state = state;
    return WN_OK;
}

struct wn_state *wn_state_close(struct wn_state *state)
{
    if (!state) {
        return NULL;
    }
    for (size_t i = 0; i < state->runs->n; i++) {
        struct wn_run *run = state->runs->at[i];
        bool may_count =
            run->standing == WN_RUN_NAMED || (state->flushed && wn_runs_has(state->flushed, run));
        if (!may_count) {
            wn_state_remove(run);
        }
    }
    if (state->flushed) {
        wn_runs_deinit(state->flushed); // Files stay: wn_state_recover() knows what was committed.
        free(state->flushed);
    }
    wn_runs_deinit(state->runs);
    free(state->runs);
    wn_tables_deinit(&state->committed);
    wn_tables_deinit(&state->staged);
    wn_sequences_close(state->numbers);
    wn_sequences_close(state->staged_numbers);
    free(state->folder);
    free(state);
    return NULL;
}

struct wn_state_position wn_state_position(const struct wn_state *state)
{
    return state->position;
}

void wn_state_expect(const struct wn_state *state, const uint8_t fingerprint[12], int32_t first_day)
{
    wn_tables_expect(&state->staged, fingerprint, first_day);
    wn_tables_expect(&state->committed, fingerprint, first_day);
}

size_t wn_state_find(const struct wn_state *state, const uint8_t fingerprint[12], int32_t first_day,
                     struct wn_found *ret_found, size_t most)
{
    struct wn_finding finding = { ret_found, 0, most };
    int64_t oldest = wn_state_oldest(state, newest_of(state));
    int32_t from = first_day > oldest ? first_day : (int32_t)oldest;
    wn_tables_find(&state->staged, fingerprint, from, &finding);
    wn_tables_find(&state->committed, fingerprint, from, &finding);
    wn_runs_find(state->runs, fingerprint, from, &finding);
    return finding.n;
}

/** Write one staged table as a pending run. */
static enum wn_code spill_day(struct wn_state *state, const struct wn_day_table *day,
                              struct wn_error *err)
{
    struct wn_run_identity identity = { .position = state->position, .day = day->day };
    memcpy(identity.scope, state->scope, sizeof(identity.scope));
    struct wn_entry *entries = wn_take(day->table.n, sizeof(*entries));
    wn_table_sort(&day->table, entries);
    struct wn_run_source source = { .at = entries, .end = entries + day->table.n };
    char path[PATH_MAX];
    wn_state_new_path(state, day->day, state->position, path);
    struct wn_run *run;
    enum wn_code rc = wn_run_write(path, &identity, &source, 1, &run, err);
    free(entries);
    if (rc == WN_OK) {
        run->standing = WN_RUN_PENDING;
        wn_runs_add(state->runs, run);
        state->spilled += run->count;
    }
    return rc;
}

/** Move the open batch's entries from memory to pending runs. */
static enum wn_code spill(struct wn_state *state, struct wn_error *err)
{
    wn_tables_drop(&state->staged, wn_state_oldest(state, newest_of(state)));
    while (state->staged.n > 0) {
        const struct wn_day_table *first = &state->staged.at[0];
        enum wn_code rc = spill_day(state, first, err);
        if (rc != WN_OK) {
            return rc;
        }
        wn_tables_drop(&state->staged, (int64_t)first->day + 1);
    }
    return wn_state_merge(state, state->runs, true, state->position, err);
}

enum wn_code wn_state_stage(struct wn_state *state, int32_t day, const struct wn_entry *entry,
                            struct wn_error *err)
{
    assert(!state->flushed);
    if (state->folder && state->staged.entries >= WN_STATE_SPILL) {
        enum wn_code rc = spill(state, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    wn_tables_add(&state->staged, day, entry);
    state->staged_newest = day > state->staged_newest ? day : state->staged_newest;
    return WN_OK;
}

static void add_table(struct wn_tables *into, const struct wn_day_table *from)
{
    for (size_t i = 0; i < from->table.capacity; i++) {
        static const struct wn_entry zero = { { 0 }, 0 };
        if (memcmp(&from->table.slots[i], &zero, sizeof(zero)) != 0) {
            wn_tables_add(into, from->day, &from->table.slots[i]);
        }
    }
    if (from->table.zero) {
        wn_tables_add(into, from->day, &(struct wn_entry){ { 0 }, 0 });
    }
}

void wn_state_commit(struct wn_state *state)
{
    assert(!state->flushed || !state->flushed_staged);
    if (state->committed.n == 0) {
        wn_tables_deinit(&state->committed);
        state->committed = state->staged;
        state->staged = (struct wn_tables){ 0 };
    }
    for (size_t i = 0; i < state->staged.n; i++) {
        add_table(&state->committed, &state->staged.at[i]);
    }
    wn_tables_deinit(&state->staged);
    for (size_t i = 0; i < state->runs->n; i++) {
        if (state->runs->at[i]->standing == WN_RUN_PENDING) {
            state->runs->at[i]->standing = WN_RUN_LOOSE;
        }
    }
    state->spilled = 0;
    state->newest = newest_of(state);
    state->staged_newest = WN_NO_DAY;
    wn_state_merge_numbers(state);
}

void wn_state_abort(struct wn_state *state)
{
    if (state->flushed && state->flushed_staged) {
        wn_state_unflush(state);
    }
    for (size_t i = state->runs->n; i > 0; i--) {
        if (state->runs->at[i - 1]->standing == WN_RUN_PENDING) {
            struct wn_run *run = wn_runs_take(state->runs, i - 1);
            wn_state_remove(run);
            wn_run_unref(run);
        }
    }
    wn_tables_deinit(&state->staged);
    wn_sequences_clear(state->staged_numbers);
    state->spilled = 0;
    state->staged_newest = WN_NO_DAY;
}

size_t wn_state_staged(const struct wn_state *state)
{
    return state->staged.entries + (size_t)state->spilled;
}

bool wn_state_has_changes(const struct wn_state *state)
{
    return wn_state_staged(state) > 0 || state->staged_numbers->n > 0;
}

size_t wn_state_held(const struct wn_state *state)
{
    return state->staged.entries + state->committed.entries;
}
