// SPDX-License-Identifier: Apache-2.0

/** What the files of the state share: its struct, its files' names, its index. */

#ifndef ACCOUNT_STATE_IMPL_H
#define ACCOUNT_STATE_IMPL_H

#include <limits.h>

#include "run.h"
#include "winnow/state.h"

enum {
    WN_STATE_SPILL = 256 * 1024, ///< Entries in memory that the open batch may stage.
    WN_STATE_RUNS = 8,           ///< Runs of a day, more are merged.
    WN_NO_DAY = INT32_MIN,
};

struct wn_state {
    char *folder;   ///< NULL: everything in memory.
    char label[65]; ///< Of the scope, for file names.
    uint8_t scope[32];
    int64_t window_days;
    struct wn_state_position position;
    int32_t newest, staged_newest; ///< Event day, WN_NO_DAY: none.
    uint64_t next_file;            ///< Last part of a run's name.

    struct wn_tables committed, staged; ///< Not in a run yet.
    struct wn_runs *runs;               ///< What is searched.
    uint64_t spilled;                   ///< Entries in pending runs.
    struct wn_sequences *numbers, *staged_numbers;

    struct wn_runs *flushed; ///< What wn_state_publish() makes count; NULL: nothing was flushed.
    bool flushed_staged;
    struct wn_state_position flushed_position;
    int32_t flushed_newest;
};

/** What an index says. */
struct wn_index {
    uint8_t scope[32];
    struct wn_state_position position;
    int32_t newest;
    struct wn_index_run {
        char name[192];
        uint32_t crc; ///< Of the run's header.
    } * runs;
    size_t n_runs;
    struct wn_buffer numbers; ///< Bytes of wn_sequences_write(); `len` 0: there are none.
};

/** Write the path of a run that is not there yet. */
void wn_state_new_path(struct wn_state *state, int32_t day, struct wn_state_position position,
                       char ret_path[PATH_MAX]);

/** Join a folder and a name. WN_FATAL: "file-read" (too long). */
WN_NODISCARD
enum wn_code wn_state_path(const char *folder, const char *name, char ret_path[PATH_MAX],
                           struct wn_error *err);

/** @return the oldest day that counts where `newest` is the newest one. */
int64_t wn_state_oldest(const struct wn_state *state, int32_t newest);

/** Merge a day's runs where the list holds more than eight of them that count alike; files of its
 * own are removed. */
WN_NODISCARD
enum wn_code wn_state_merge(struct wn_state *state, struct wn_runs *runs, bool pending,
                            struct wn_state_position position, struct wn_error *err);

/** Take the flushed set back: remove its files and `index.new`. */
void wn_state_unflush(struct wn_state *state);

/** @return an empty set of a state's size. */
struct wn_sequences *wn_state_open_numbers(void);

/** Let the staged numbers count. */
void wn_state_merge_numbers(struct wn_state *state);

/** Remove a run's file. */
void wn_state_remove(const struct wn_run *run);

/** Read and verify an index. @param ret_there  false: there is no such file, with WN_OK. */
WN_NODISCARD
enum wn_code wn_index_read(const char *path, struct wn_index *ret_index, bool *ret_there,
                           struct wn_error *err);

/** Write an index, synced. */
WN_NODISCARD
enum wn_code wn_index_write(const char *path, const struct wn_state *state,
                            const struct wn_runs *runs, struct wn_state_position position,
                            int32_t newest, struct wn_error *err);

void wn_index_deinit(struct wn_index *index);

#endif
