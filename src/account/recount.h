// SPDX-License-Identifier: Apache-2.0

/** A recount's parts: recount.c takes in, recount_judge.c compares. */

#ifndef ACCOUNT_RECOUNT_H
#define ACCOUNT_RECOUNT_H

#include "winnow/hash.h"
#include "winnow/recount.h"

enum {
    WN_RECOUNT_NAMED = 5 ///< Messages of one fault that are named; the rest is counted.
};

struct wn_recount_known {
    struct wn_recount_range is;
    size_t epoch; ///< Breaks of its chain before it.
};

/** A range's place among those of its chain. */
struct wn_recount_slot {
    size_t epoch;
    int64_t first;
    size_t range; ///< Its number.
};

/** A replayed record, and the breaks of its chain before the replay. */
struct wn_recount_replayed {
    struct wn_recount_replay is;
    size_t epoch;
};

struct wn_recount_flow {
    struct wn_recount_chain is;
    bool has_head;   ///< `next` is known: of an input of the configuration at hand.
    int64_t next;    ///< Records from this offset on are younger than the audit.
    int64_t *breaks; ///< Times, in their order.
    size_t n_breaks;
    struct wn_recount_slot *ranges; ///< By epoch and first offset, once sorted.
    size_t n_ranges, room;
    struct wn_recount_replayed *replays; ///< By offset, index and receipt, once sorted.
    size_t n_replays, replays_room;
    uint64_t younger;
    int64_t youngest; ///< Highest offset of them.
    char where[300];  ///< Message that holds it.
};

/** What a receipt says of an output. */
struct wn_recount_claim {
    size_t range;
    const char *topic;
    uint8_t digest[WN_SHA256_BYTES];
    uint64_t records;
};

/** A record of the topic at hand. */
struct wn_recount_found {
    size_t range;
    int64_t offset;
    int32_t index, piece;
    int32_t partition; ///< Where its message lies,
    int64_t at;        ///< and its offset there.
    int64_t time_ms;
    uint8_t sha256[WN_SHA256_BYTES];
};

struct wn_recount {
    struct wn_audit *audit;
    struct wn_arena arena;
    struct wn_recount_flow *flows;
    size_t n_flows;
    struct wn_recount_known *ranges;
    size_t n_ranges, ranges_room;
    struct wn_recount_claim *claims;
    size_t n_claims, claims_room;
    bool sorted;
    // The topic at hand.
    struct wn_recount_topic topic;
    struct wn_recount_found *found;
    size_t n_found, found_room;
    uint8_t sum[WN_SHA256_BYTES];
    uint64_t n_summed;
    uint64_t n_foreign, n_unknown; ///< Not written by winnow; under no receipt.
    uint64_t n_elsewhere;          ///< Behind the receipts of inputs of other configurations.
};

#endif
