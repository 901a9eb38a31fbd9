// SPDX-License-Identifier: Apache-2.0

/**
 * What winnow remembers of records that passed: duplicate entries and sessions, by event day; and
 * of all records the numbers that their nodes gave them.
 *
 * One format for both carriers: entries of 16 octets, sorted runs on disk (one file an event day),
 * a table in memory for what came since, and what the open batch staged. An aborted batch must not
 * see itself as duplicates, so entries are staged, and merged by wn_state_commit() after the
 * carrier's commit.
 *
 * A *run* is written sorted, mapped read-only, with a filter so that a new key touches no page of
 * it. An *index* file names the runs that count and the position that they stand for; it is
 * replaced atomically, so a crash leaves the old or the new set. Days older than the window
 * (counted from the newest event day seen) are dropped.
 *
 * Reasons: WN_FATAL "file-read" (a damaged run or index: every octet is under a checksum; the text
 * names the file and the remedy), "file-write".
 *
 * Threads: a state belongs to one thread.
 */

#ifndef WINNOW_STATE_H
#define WINNOW_STATE_H

#include "winnow/error.h"
#include "winnow/sequences.h"
#include "winnow/slice.h"
#include "winnow/state_entry.h"

/** How far a log has been taken in: Kafka: state offset and sequence; files: 0 and the batch's
 * number. */
struct wn_state_position {
    int64_t offset;
    int64_t sequence;
};

struct wn_state;

/**
 * Open a state: map the runs that its index names; files that it does not name are removed.
 *
 * @param folder       Made where it is not there; NULL: keep everything in memory.
 * @param scope        Whose state: `files`, or cluster, topic and partition; part of the file names
 * and written into the runs: a run of another scope is "file-read".
 * @param window_days  How long entries count (lateness plus one day).
 */
WN_NODISCARD
enum wn_code wn_state_open(const char *folder, const char *scope, unsigned window_days,
                           struct wn_state **ret_state, struct wn_error *err);

/**
 * Close without writing; NULL is fine.
 *
 * What was flushed and not published stays on disk: only the carrier knows whether its commit
 * counts, and tells wn_state_recover().
 *
 * @return NULL
 */
struct wn_state *wn_state_close(struct wn_state *state);

/** @return the position that the index stands for; {-1, -1} where there is none. */
struct wn_state_position wn_state_position(const struct wn_state *state);

/** Ask for the memory that wn_state_find() of this fingerprint will look at, and do not wait. */
void wn_state_expect(const struct wn_state *state, const uint8_t fingerprint[12],
                     int32_t first_day);

/**
 * Find all entries with a fingerprint, staged ones too.
 *
 * @param first_day  Days before it are not searched (the day of the record's start).
 * @return how many were written to `ret_found`, at most `most`.
 */
size_t wn_state_find(const struct wn_state *state, const uint8_t fingerprint[12], int32_t first_day,
                     struct wn_found *ret_found, size_t most);

/**
 * Stage an entry of the open batch; not between flush and publish.
 *
 * A batch of more than 256k entries spills to disk: its entries become runs that are searched, but
 * not named by the index.
 *
 * @return WN_OK, or WN_FATAL: "file-write".
 */
WN_NODISCARD
enum wn_code wn_state_stage(struct wn_state *state, int32_t day, const struct wn_entry *entry,
                            struct wn_error *err);

/** Stage the numbers that nodes gave in the open batch; once a batch, when it is whole. */
void wn_state_stage_numbers(struct wn_state *state, const struct wn_sequences *numbers);

/** @return the numbers that nodes have given, as committed; gaps older than the window are closed.
 */
const struct wn_sequences *wn_state_numbers(const struct wn_state *state);

/** The batch was committed: what it staged counts from now on. */
void wn_state_commit(struct wn_state *state);

/** The batch was aborted: forget what it staged, also where it was flushed (and not published). */
void wn_state_abort(struct wn_state *state);

/** @return entries staged in the open batch; the very same entry counts once (but again after a
 * spill). */
size_t wn_state_staged(const struct wn_state *state);

/** @return whether the open batch staged anything, entries or numbers. */
bool wn_state_has_changes(const struct wn_state *state);

/** @return entries in memory, staged or committed: what a flush would write. Some 32 octets each.
 */
size_t wn_state_held(const struct wn_state *state);

/** Called with each change message. */
typedef enum wn_code wn_state_message(void *context, struct wn_slice bytes, struct wn_error *err);

/**
 * Append what is staged as change messages for the state log, each of at most `most` octets:
 * entries, then numbers (with a message each, at least).
 *
 * @param visit  Called once a message; not WN_OK ends the walk and is returned.
 */
WN_NODISCARD
enum wn_code wn_state_each_message(const struct wn_state *state, size_t most,
                                   wn_state_message *visit, void *context, struct wn_error *err);

/** Take in a change message that was read from the log. WN_FATAL: "state-lost" where it is none. */
WN_NODISCARD
enum wn_code wn_state_apply(struct wn_state *state, struct wn_slice message, struct wn_error *err);

/**
 * Write everything that is not in a run yet, staged entries too where `staged` is true, as runs
 * (a day with more than eight is merged), and `index.new`, all synced. Nothing counts until
 * wn_state_publish(), and what is searched does not change.
 *
 * @param position  What the set stands for; its `sequence` must differ from that of the index:
 * wn_state_recover() tells them apart by it.
 * @return WN_OK, or WN_FATAL: "file-write"; then the state is as before.
 */
WN_NODISCARD
enum wn_code wn_state_flush(struct wn_state *state, bool staged, struct wn_state_position position,
                            struct wn_error *err);

/** Make the flushed set count: rename `index.new`, remove runs that are no longer named. Implies
 * wn_state_commit() where staged entries were flushed. WN_FATAL: "file-write"; then
 * wn_state_recover() settles it at the next start. */
WN_NODISCARD
enum wn_code wn_state_publish(struct wn_state *state, struct wn_error *err);

/**
 * Before wn_state_open(), after a crash: finish or drop what a flush left.
 *
 * A folder that is not there, or without `index.new`, is fine: compare wn_state_position() with
 * what the carrier committed after the open, a folder that was emptied is an empty state.
 *
 * @param position  What the carrier committed; an `index.new` of this sequence counts, any other is
 * removed.
 * @return WN_OK, or WN_FATAL: "file-read" (a damaged `index.new`), "file-write".
 */
WN_NODISCARD
enum wn_code wn_state_recover(const char *folder, struct wn_state_position position,
                              struct wn_error *err);

#endif
