// SPDX-License-Identifier: Apache-2.0

/**
 * An input partition at work: its state, its receipts, its place, and what the open transaction
 * has of it. It lives as long as the process: state outlives a revocation, and goes from worker to
 * worker over the shelf (shelf.h).
 *
 * Threads: while `phase` is RESTORING everything below the line belongs to the restorer's thread,
 * else to the worker's.
 */

#ifndef WINNOW_INLET_H
#define WINNOW_INLET_H

#include <stdatomic.h>

#include "chain.h"
#include "winnow/kafka.h"
#include "winnow/poison.h"
#include "winnow/state.h"

enum wn_phase {
    WN_PHASE_AWAY,      ///< Not ours, or not begun; state may be kept.
    WN_PHASE_RESTORING, ///< In the restorer's hands.
    WN_PHASE_RUNNING,
    WN_PHASE_PAUSED, ///< Waits for a person: `why`.
};

/** What the restore of an inlet needs that is the same for all partitions of an input. */
struct wn_input_facts {
    const struct wn_settings *settings;
    struct wn_chain_names names;
    const char *state_topic, *receipts_topic;
    const char *cluster;
    int32_t partitions;         ///< Of the state topic: what the input had when it was begun.
    int32_t receipt_partitions; ///< Of the receipts topic.
    unsigned window_days;       ///< How long an entry counts.
    int32_t keep_days;          ///< How long a state message is needed, by the clock.
    unsigned topic_state, topic_receipts; ///< Numbers of the producer's topics.
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): members stand by who may touch them.
struct wn_inlet {
    const struct wn_input_facts *facts;
    int32_t partition;
    char name[300]; ///< "raw.calls[3]", for messages.
    enum wn_phase phase;
    bool owned;          ///< By the group's last assignment.
    atomic_bool wanted;  ///< RESTORING: it is not for nothing. Both threads'.
    unsigned assignment; ///< Number of the assignment that it was restored for.

    atomic_llong restored;   ///< RESTORING: messages of the state log that were read …
    atomic_llong to_restore; ///< … of so many: both threads'.

    // ---- the restorer's while it restores ----
    struct wn_state *state;
    struct wn_state_position position; ///< Head that `state` stands for; {-1, -1}: none.
    int64_t written;                   ///< Sequence of the runs on disk.
    bool kept;      ///< The last restore went on from what was kept, in memory or as runs …
    int64_t n_read; ///< … and read so many messages of the log.
    bool has_head;
    struct wn_head head;
    struct wn_chain chain;
    struct wn_due due;
    bool close_at_once;  ///< The first receipt of a chain, or one behind a break.
    int64_t next;        ///< Offset of the next record.
    int64_t log_end;     ///< No message of a later transaction lies before this offset of the state
                         ///< partition.
    char accept[256];    ///< Reason with which a break is accepted; "": it is not.
    struct wn_error why; ///< PAUSED: what happened.
    bool is_break;       ///< PAUSED: `accept-break` goes on.
    bool by_hand;        ///< Somebody paused it: it stays so until `resume`, also over a rebalance.
    struct wn_error hand; ///< … for this reason.

    struct wn_inlet *link; ///< In a queue of the restorer.

    // ---- the open transaction ----
    struct wn_head staged_head;
    struct wn_sequence_totals told; ///< Of nodes' numbers, when the log was told last.
    bool touched;
    int64_t began_at; ///< `next` when it was begun.
    struct wn_tally *tally;
    struct wn_last first_record; ///< Of the transaction; offset -1: none.
    struct wn_last last_record;
    struct wn_poison poison;       ///< With the transaction at hand.
    struct wn_poison poison_kept;  ///< As committed.
    enum wn_reason tripped;        ///< PAUSED for poison: by what.
    struct wn_delivery usage, log; ///< Messages of outputs; of the state log.
    struct wn_chain_replay replay; ///< What the transaction replays; `n` 0: it is an ordinary one.
    uint64_t last_replay;          ///< No receipt behind it is of a replay.
    unsigned refusals;             ///< Aborts in a row at the same offset.
    int64_t refused_at;
    int64_t head_ms; ///< When the last head was written [UTC ms].
};

/** Make one; never NULL. */
struct wn_inlet *wn_inlet_open(const struct wn_input_facts *facts, int32_t partition);

/** Hand it over to who works with these facts of the same input: its state stays. */
void wn_inlet_move(struct wn_inlet *inlet, const struct wn_input_facts *facts);

/** Close; NULL is fine. @return NULL */
struct wn_inlet *wn_inlet_close(struct wn_inlet *inlet);

/** Forget what the open transaction has of it, and go back to where it began. */
void wn_inlet_undo(struct wn_inlet *inlet);

/**
 * Write what is only in memory as sorted runs, where there is more than the last time.
 *
 * @return WN_OK, or WN_FATAL: "file-write".
 */
WN_NODISCARD
enum wn_code wn_inlet_write_runs(struct wn_inlet *inlet, struct wn_error *err);

/**
 * Open its state: with the runs on disk, or, `fresh`, without: they are removed.
 *
 * @return WN_OK, or WN_FATAL: "file-read" (a damaged run: open it fresh), "file-write".
 */
WN_NODISCARD
enum wn_code wn_inlet_open_state(struct wn_inlet *inlet, bool fresh, struct wn_error *err);

#endif
