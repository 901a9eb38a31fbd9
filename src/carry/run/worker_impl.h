// SPDX-License-Identifier: Apache-2.0

/**
 * A worker's parts: known to worker*.c only.
 *
 *     worker.c          the loop: poll, take, commit; rebalances; the end
 *     worker_setup.c    what it is made of: pipelines, consumer, producer
 *     worker_take.c     a message's way: into the pipeline, out of the sink
 *     worker_commit.c   the transaction: finish or abort, then
 *     worker_control.c  what a person asks
 *     worker_follow.c   policy and sources that were read anew
 *     worker_replay.c   refused records, taken again
 *     worker_status.c   what is shown outside
 *
 * Threads: the worker's own, but for the inlets in the restorer's hands.
 */

#ifndef WINNOW_WORKER_IMPL_H
#define WINNOW_WORKER_IMPL_H

#include "crew.h"
#include "restorer.h"
#include "winnow/pipeline.h"
#include "winnow/status.h"
#include "winnow/worker.h"

enum {
    WN_TXN_BYTES = 32 * 1024 * 1024, ///< Input of a transaction, at most.
    WN_FRONT = 10,                   ///< What stands before a record in a message, at most.
    WN_REFUSALS = 3,                 ///< Aborts at one offset, then it is paused.
    WN_FENCED_AGAIN_MS = 5 * 60 * 1000,
    WN_STOP_MS = 3000, ///< How long a stop may wait for the brokers.
};

/** One input: its plan and what its partitions share. */
struct wn_input_work {
    struct wn_input_facts facts;
    struct wn_pipeline *pipeline;
    struct wn_status_input counts; ///< Of what was committed.
};

/** A record of another purpose than billing: it waits for the end of the transaction, to be
 * shuffled. */
struct wn_held {
    uint64_t order;
    struct wn_inlet *inlet;
    unsigned topic; ///< Of the producer.
    uint8_t key[16];
    uint8_t front[WN_FRONT];
    size_t front_len;
    size_t at, len; ///< In `held_bytes`.
};

/** What is counted to be shown outside. */
struct wn_worker_seen {
    uint64_t in; ///< Records of committed transactions.
    uint64_t commits, aborts[WN_STATUS_ABORTS];
    int64_t started_ms;   ///< [UTC ms]; 0: not yet.
    int64_t committed_ms; ///< When the last transaction was committed; 0: none was.
    int64_t posted_ms, keys_ms;
    int64_t rate_ms; ///< Since when the rate is taken; 0: not yet.
    uint64_t rate_in, rate_milli;
    struct wn_status_key keys[WN_PURPOSES];
    unsigned n_keys;
};

/** A partition that is ours, and whose inlet another worker of the process has yet. */
struct wn_awaited {
    struct wn_input_work *work;
    int32_t partition;
};

struct wn_worker {
    struct wn_mate *mate; ///< What the crew sees of it.
    struct wn_crew *crew;
    const struct wn_worker_options *options;
    const struct wn_settings *settings;
    struct wn_plan plan; ///< Policy and sources that it works by.
    char name[300];      ///< `<group>-<instance>-<worker>`.
    struct wn_sink sink;
    struct wn_input_work inputs[WN_INPUTS];
    unsigned n_inputs;
    struct wn_inlet **inlets; ///< Those that it has: its own, and what is in the restorer's hands.
    size_t n_inlets;
    struct wn_awaited *awaited;
    size_t n_awaited;

    struct wn_consumer *consumer;
    struct wn_producer *producer;
    struct wn_reader
        *checker; ///< read_uncommitted: watermarks, and whether records are what they were.
    struct wn_restorer *restorer;
    unsigned topics[WN_SUMS]; ///< Of the producer, by sum.
    uint8_t quarantine_front[WN_FRONT];

    struct wn_consent_view consent; ///< Of the open transaction.
    struct wn_lists lists;          ///< Of the open transaction.
    unsigned assignment;            ///< Counts the group's assignments.
    bool reassign;                  ///< What is read must be set anew.
    struct wn_inlet *hint;          ///< Whose message came last.

    // The open transaction.
    struct wn_inlet *inlet; ///< Whose message is on its way.
    int64_t records, bytes;
    int64_t began_ms; ///< Monotonic; 0: it is to end at once.
    int64_t begun_ms; ///< When it really was begun.
    struct wn_held *held;
    size_t n_held, held_room;
    struct wn_buffer held_bytes;

    int64_t fenced_ms; ///< When it was fenced last; 0: never.
    unsigned renewed;  ///< New producers without a commit since.
    unsigned aborts;   ///< Without a commit since.
    int64_t runs_ms;   ///< When runs were written last.
    struct wn_error
        asked;       ///< What went wrong while somebody's order was done; `code` WN_OK: nothing.
    int64_t stop_ms; ///< When the stop was first seen; 0: not yet.
    struct wn_worker_seen seen;
};

/** @return whether the process was told to stop, and the time for that is up. */
bool wn_worker_gives_up(void *context);

// ---- worker_setup.c

/** Open a reader, and a pipeline for each input. */
WN_NODISCARD
enum wn_code wn_worker_setup(struct wn_worker *worker, struct wn_error *err);

/** Open consumer and producer. */
WN_NODISCARD
enum wn_code wn_worker_connect(struct wn_worker *worker, struct wn_error *err);

/** Between two transactions: a new producer in place of a doubtful one (kafka.h). WN_RETRY: told to
 * stop while it waited; WN_FATAL. */
WN_NODISCARD
enum wn_code wn_worker_renew_producer(struct wn_worker *worker, struct wn_error *err);

/** After messages were not delivered: where a topic that is written to was deleted, say that in
 * `err`, as "batch-refused"; where the brokers don't answer at once, leave it. */
void wn_worker_look_for_topics(struct wn_worker *worker, struct wn_error *err);

/** Close them. */
void wn_worker_disconnect(struct wn_worker *worker);

/** Open a pipeline for an input by a plan. WN_FATAL: "keys", "locked-memory". */
WN_NODISCARD
enum wn_code wn_worker_pipeline(const struct wn_worker *worker, const struct wn_plan *plan,
                                unsigned input, struct wn_pipeline **ret_pipeline,
                                struct wn_error *err);

// ---- worker_take.c

/** Fill in the sink. */
void wn_worker_sink(struct wn_worker *worker);

/** @return the inlet of a partition, or NULL. */
struct wn_inlet *wn_worker_inlet(const struct wn_worker *worker, const char *topic,
                                 int32_t partition);

/** Take the messages of a poll. WN_ABORT, WN_FATAL. */
WN_NODISCARD
enum wn_code wn_worker_take(struct wn_worker *worker, const struct wn_message *messages, size_t n,
                            struct wn_error *err);

/** Have a transaction with this inlet in it. */
WN_NODISCARD
enum wn_code wn_worker_touch(struct wn_worker *worker, struct wn_inlet *inlet,
                             struct wn_error *err);

// ---- worker_commit.c

/**
 * Finish the open transaction: everything out, receipts that are due, state, offsets, commit,
 * merge.
 *
 * @param close_all  Close every open receipt.
 * @return WN_OK: also where it was aborted and the consumer rewound; WN_FATAL: see
 * begin_anew() in worker.c.
 */
WN_NODISCARD
enum wn_code wn_worker_finish(struct wn_worker *worker, bool close_all, struct wn_error *err);

/** Abort the open transaction and rewind. `err` says why; becomes what went wrong besides. */
WN_NODISCARD
enum wn_code wn_worker_undo(struct wn_worker *worker, struct wn_error *err);

/** Forget what the transaction had: after an abort, or with its producer. */
void wn_worker_forget(struct wn_worker *worker);

/** Touch what is due without any record: timed receipts, daily heads. */
WN_NODISCARD
enum wn_code wn_worker_due(struct wn_worker *worker, bool close_all, struct wn_error *err);

/** @return whether an inlet waits because the poison guard tripped. */
bool wn_worker_is_poisoned(const struct wn_inlet *inlet);

/** Close the staged receipt of an inlet, where it has something to say. */
WN_NODISCARD
enum wn_code wn_worker_close_receipt(struct wn_worker *worker, struct wn_inlet *inlet,
                                     struct wn_error *err);

/** Pause an inlet. */
void wn_worker_pause(struct wn_worker *worker, struct wn_inlet *inlet, const struct wn_error *why,
                     bool is_break);

/** A message on its way through the pipeline. */
struct wn_passage {
    const struct wn_message *message;
    const struct wn_limits *limits;
    struct wn_poison *poison; ///< NULL: the guard does not judge it.
    const int32_t *only;      ///< As struct wn_intake; NULL: all records.
    size_t n_only;
};

/** Take the records of a message of this inlet; as wn_pipeline_bytes(). */
WN_NODISCARD
enum wn_code wn_worker_pass(struct wn_worker *worker, struct wn_inlet *inlet,
                            const struct wn_passage *passage, struct wn_error *err);

// ---- worker_follow.c

/** Take a newer plan where there is one. WN_FATAL as wn_worker_finish(). */
WN_NODISCARD
enum wn_code wn_worker_follow(struct wn_worker *worker, struct wn_error *err);

/** Note on the board that the loop turned: also while it is waited in steps. */
void wn_worker_is_alive(struct wn_worker *worker);

// ---- worker_status.c

/** Count what the open transaction has of an inlet: it was committed, with so many closed receipts.
 */
void wn_worker_count(struct wn_worker *worker, struct wn_inlet *inlet, uint64_t receipts);

/** Count an abort, or a producer that came to its end, by its class. */
void wn_worker_count_abort(struct wn_worker *worker, const struct wn_error *why);

/** Once a turn: post how the worker stands where it is time to. */
void wn_worker_show(struct wn_worker *worker);

// ---- worker_control.c

/** Do an order; what went wrong besides is in `asked`. As wn_inbox_do. */
size_t wn_worker_order(void *context, enum wn_order order, const char *line,
                       struct wn_buffer *ret_reply);

// ---- worker_replay.c

/** Do the order of a replay: worker_replay.c says what it looks like. WN_FATAL as
 * wn_worker_finish(). */
WN_NODISCARD
enum wn_code wn_worker_replay(struct wn_worker *worker, const char *line,
                              struct wn_buffer *ret_reply, struct wn_error *err);

#endif
