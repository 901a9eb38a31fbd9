// SPDX-License-Identifier: Apache-2.0

/**
 * Runs: duplicate entries of one event day on disk, sorted, read-only, behind a filter.
 *
 * A run is whole or refused: each of its octets is under a checksum that is verified when the run
 * is opened. Looking for a key that is not in it touches one cache line of the filter and no page
 * of the entries (but for about one key in a hundred).
 *
 * Reasons: WN_FATAL "file-read" (damaged, of another scope), "file-write".
 */

#ifndef ACCOUNT_RUN_H
#define ACCOUNT_RUN_H

#include "table.h"
#include "winnow/state.h"

/** Whose run it is. */
struct wn_run_identity {
    uint8_t scope[32]; ///< SHA-256 of the state's scope.
    struct wn_state_position position;
    int32_t day; ///< [days since 1970]
};

/** How far a run counts. */
enum wn_run_standing {
    WN_RUN_NAMED,   ///< By the index.
    WN_RUN_LOOSE,   ///< Committed, but not in the index yet.
    WN_RUN_PENDING, ///< Of the open batch.
};

/** A run, mapped. */
struct wn_run {
    char *path;
    const char *name; ///< In `path`.
    int32_t day;
    uint64_t count;
    uint32_t crc;    ///< Of its header, which holds those of the rest.
    uint64_t blocks; ///< Of the filter.
    const uint8_t *map;
    size_t bytes;
    enum wn_run_standing standing;
    bool synced;
    unsigned refs;
};

/** A source of sorted entries for wn_run_write(). */
struct wn_run_source {
    const struct wn_entry *at, *end;
    const struct wn_run *run; ///< Whose mapped pages are let go behind `at`; NULL: memory.
    const struct wn_entry *kept;
};

/** @return all entries of a run as a source. */
struct wn_run_source wn_run_source(const struct wn_run *run);

/**
 * Open a run and verify it.
 *
 * @param scope    It must be of this scope.
 * @param ret_run  The caller's to give to wn_run_unref().
 * @return WN_OK, or WN_FATAL: "file-read".
 */
WN_NODISCARD
enum wn_code wn_run_open(const char *path, const uint8_t scope[32], struct wn_run **ret_run,
                         struct wn_error *err);

/**
 * Write sources, merged and each entry once, as a run; not synced.
 *
 * @param sources  Moved to their ends.
 * @param ret_run  The caller's to give to wn_run_unref().
 * @return WN_OK, or WN_FATAL: "file-write"; then no file is left.
 */
WN_NODISCARD
enum wn_code wn_run_write(const char *path, const struct wn_run_identity *identity,
                          struct wn_run_source *sources, size_t n_sources, struct wn_run **ret_run,
                          struct wn_error *err);

/** Make a run last on the disk. */
WN_NODISCARD
enum wn_code wn_run_sync(struct wn_run *run, struct wn_error *err);

/** @return whether the filter lets a fingerprint through to the entries. */
bool wn_run_may_hold(const struct wn_run *run, const uint8_t fingerprint[12]);

/** Find all entries with a fingerprint that the filter let through. */
void wn_run_find(const struct wn_run *run, const uint8_t fingerprint[12],
                 struct wn_finding *finding);

/** Let the mapped pages of the entries (and of the filter) go: they stay in the page cache, not in
 * our memory. */
void wn_run_let_go(const struct wn_run *run, bool filter);

/** Hold a run once more; give it back. @return the run; NULL */
struct wn_run *wn_run_ref(struct wn_run *run);
struct wn_run *wn_run_unref(struct wn_run *run);

/** Runs by event day, rising. */
struct wn_runs {
    struct wn_run **at;
    size_t n, capacity;
    unsigned touches; ///< Searches of entries since pages were let go.
};

/** Add a run, which the list then holds (without counting it up). */
void wn_runs_add(struct wn_runs *runs, struct wn_run *run);

/** @return whether the list holds this run. */
bool wn_runs_has(const struct wn_runs *runs, const struct wn_run *run);

/** Take a run out by its place; it is the caller's then. */
struct wn_run *wn_runs_take(struct wn_runs *runs, size_t place);

/** Find all entries with a fingerprint on `first_day` or later. */
void wn_runs_find(struct wn_runs *runs, const uint8_t fingerprint[12], int32_t first_day,
                  struct wn_finding *finding);

/** Give all runs and the memory back; the list is empty afterwards. */
void wn_runs_deinit(struct wn_runs *runs);

#endif
