// SPDX-License-Identifier: Apache-2.0

/**
 * The receipts of one input partition: the open one, what the transaction at hand adds to it, and
 * the chain that closed ones make.
 *
 * Everything is staged first, and counts from wn_chain_commit() on: an aborted transaction leaves
 * no trace. The open receipt lives in the head of the state log, unsigned.
 */

#ifndef WINNOW_CHAIN_H
#define WINNOW_CHAIN_H

#include "head.h"
#include "winnow/receipt.h"
#include "winnow/source.h"

/** One output a type and purpose, and the quarantine's behind them. */
enum {
    WN_SUMS = WN_TYPES * WN_PURPOSES + 1,
    WN_SUM_QUARANTINE = WN_SUMS - 1
};

/** What receipts of an input say that does not change; must outlive the chains. */
struct wn_chain_names {
    const struct wn_policy *policy;
    const struct wn_source *source;
    const struct wn_keyring *keyring;
    const char *topic; ///< The input's.
    const char *quarantine_topic;
};

/** What went into an output. */
struct wn_sum {
    uint8_t digest[32];
    uint64_t records;
};

/** An account: what is closed, and what is open. */
struct wn_account {
    uint64_t closed;   ///< Number of the last closed receipt.
    char previous[65]; ///< Its hash; "": none.
    bool open;
    int64_t first_offset, last_offset; ///< Of the open range.
    struct wn_sum sums[WN_SUMS];
    struct wn_tally *tally;
};

struct wn_chain {
    const struct wn_chain_names *names;
    int32_t partition;
    struct wn_account now;    ///< As committed.
    struct wn_account staged; ///< With the transaction at hand.
    int64_t opened_ms;        ///< When the open receipt began [monotonic ms]; 0: not known yet.
};

/** An event that the next transaction receipts: a break, or a genesis above offset 0. */
struct wn_due {
    bool due;
    char kind[16];
    char reason[256]; ///< The operator's words, or a reason's id.
    char refers[64];  ///< What it is about: a reason's id.
    int64_t first_offset, last_offset;
};

/** Begin an empty chain. */
void wn_chain_init(struct wn_chain *chain, const struct wn_chain_names *names, int32_t partition);

/** Give the memory back. */
void wn_chain_deinit(struct wn_chain *chain);

/**
 * Take over what a head says.
 *
 * @param open  The open receipt; empty: none.
 * @return WN_OK, or WN_FATAL: "state-lost" (the open receipt can't be read).
 */
WN_NODISCARD
enum wn_code wn_chain_load(struct wn_chain *chain, const struct wn_head *head, struct wn_slice open,
                           struct wn_error *err);

/** Go on behind a receipt: nothing is open. `previous` "" for none. */
void wn_chain_follow(struct wn_chain *chain, uint64_t closed, const char *previous);

/** A transaction begins: what is staged is what is committed. */
void wn_chain_begin(struct wn_chain *chain);

/** Add a record's Avro bytes to an output. */
void wn_chain_add(struct wn_chain *chain, unsigned sum, struct wn_slice avro);

/** @return the number of a type's and purpose's sum. */
unsigned wn_chain_sum(const struct wn_policy *policy, const struct wn_type *type,
                      const struct wn_purpose *purpose);

/**
 * Stage an offset range and its counts.
 *
 * @param next  The offset behind the range.
 */
void wn_chain_stage(struct wn_chain *chain, const struct wn_tally *tally, int64_t first,
                    int64_t next);

/** Append the staged open receipt, unsigned; nothing where none is open. */
void wn_chain_write_open(const struct wn_chain *chain, struct wn_buffer *ret_bytes);

/** Close the staged receipt: append it, signed; another one may follow. */
void wn_chain_close(struct wn_chain *chain, struct wn_buffer *ret_bytes);

/** Append a receipt about an event, signed; no record may be in the open one. */
void wn_chain_event(struct wn_chain *chain, const struct wn_due *due, struct wn_buffer *ret_bytes);

/** What the receipt of a replay says besides the counts. */
struct wn_chain_replay {
    const char *reason;                     ///< What the records were refused for.
    const char *refers;                     ///< Numbers of the receipts that refused them.
    const struct wn_receipt_input *records; ///< Each a single one.
    unsigned n;
};

/**
 * Append the receipt of a replay, signed. No record may be in the open one; the open range stays.
 *
 * @param tally  Of the replay; its outputs are what was added since wn_chain_close().
 */
void wn_chain_replayed(struct wn_chain *chain, const struct wn_chain_replay *replay,
                       const struct wn_tally *tally, struct wn_buffer *ret_bytes);

/** What was staged counts. */
void wn_chain_commit(struct wn_chain *chain, int64_t now_ms);

#endif
