// SPDX-License-Identifier: Apache-2.0

/**
 * Which of their own numbers nodes have given: the account of what is missing.
 *
 * A switch numbers what it writes (3GPP: localSequenceNumber, 32 bits, wraps to 0; TS 32.298
 * 5.1.2.2.28). What every record says of its node and number, whatever its fate, is kept as ranges
 * in a *set*: of a transaction, of a receipt, of an input's state, of an audit. Sets are joined by
 * the rule that single numbers are taken by, so order matters as little as it can:
 *
 *     a series     numbers of one run of the counter, first to last, with gaps
 *     next         continues the series
 *     in its span  closes (a part of) a gap, or is a repeat
 *     ahead        by up to WN_SEQUENCE_REACH: a gap is left between
 *     behind       its first number, by less than WN_SEQUENCE_LATE: came late. Not 0 and 1, which
 *                  counters begin with
 *     else         the counter was set anew: a further series. So also where new records (passed,
 *                  which no duplicate is) come under numbers that were there
 *
 * Limits hold what is in memory and in receipts; what falls over them is counted (`unlisted`,
 * `records` of WN_NODE_MORE).
 *
 * Threads: a set belongs to one thread.
 */

#ifndef WINNOW_SEQUENCES_H
#define WINNOW_SEQUENCES_H

#include "winnow/error.h"
#include "winnow/mac.h"
#include "winnow/slice.h"

enum {
    WN_SEQUENCE_NODES = 1024,    ///< Nodes of a set, at most; others are one, WN_NODE_MORE.
    WN_SEQUENCE_SERIES = 16,     ///< Series of a node, at most: the oldest goes. Of a set twice as
                                 ///< many as nodes.
    WN_SEQUENCE_GAPS = 8192,     ///< Gaps of a set, at most: others are closed, and counted.
    WN_SEQUENCE_REACH = 1000000, ///< How far ahead a number may be: else its counter is another.
    WN_SEQUENCE_LATE = 128,      ///< How far behind the first number one may come late.
    WN_NODE_HIDDEN_BYTES = 4,    ///< Of the digest.
    WN_NODE_NAME = 65,           ///< Octets of a node's name, the final NUL included.
};

/** Nodes beyond the limit; records whose number can't be read; records without a node. */
#define WN_NODE_MORE "(more)"
#define WN_NODE_UNREADABLE "(unreadable)"
#define WN_NODE_NONE "(none)"

/** A name that may not show is this, and a keyed digest in hexadecimal digits. */
#define WN_NODE_HIDDEN "hidden-"

/** Numbers that were not given, both inclusive, modulo 2^32. */
struct wn_gap {
    uint32_t first, last;
    int64_t since_ms; ///< Event time when it showed; INT64_MIN: not known.
};

/** One run of a node's counter. */
struct wn_series {
    uint32_t first, last; ///< Modulo 2^32; at most 2^30 apart.
    uint64_t records;     ///< That gave a number of it, repeats too.
    uint64_t passed;      ///< Numbers that passed records gave first.
    uint64_t unlisted;    ///< Numbers of gaps that were closed by a limit.
    struct wn_gap *gaps;  ///< From `first` on; apart from each other.
    unsigned n_gaps, room;
};

/** What is known of one node. */
struct wn_sequence {
    char name[WN_NODE_NAME];  ///< As it may be shown (wn_node_name()).
    struct wn_series *series; ///< In the order in which they began; of WN_NODE_MORE and
                              ///< WN_NODE_UNREADABLE one, whose numbers say nothing.
    unsigned n_series;
};

/**
 * The name that a node is shown under: its own where that may show (identifier.h), else
 * WN_NODE_HIDDEN and a keyed digest, the same everywhere; nobody without the key finds whose.
 *
 * @param node      As the source names it; empty: it stays so.
 * @param ret_name  Holds what is not the node's own.
 */
struct wn_slice wn_node_name(struct wn_slice node, const struct wn_mac *mac,
                             char ret_name[WN_NODE_NAME]);

/** A set. */
struct wn_sequences {
    struct wn_sequence *list; ///< In the order in which they came.
    unsigned n, room;
    unsigned n_gaps;                ///< Of all.
    unsigned n_series;              ///< Of all.
    int64_t newest_ms;              ///< Event time of the newest record; INT64_MIN: not known.
    unsigned n_loose;               ///< Of `n`: names that stand for no node of their own.
    unsigned most_gaps, most_nodes; ///< WN_SEQUENCE_GAPS and _NODES, unless its owner says other
                                    ///< numbers before anything is taken.
    uint32_t *slots;                ///< Hash table: places in `list`, plus one.
    unsigned at;                    ///< Place that was looked up last.
};

/** What a record says of its node. */
struct wn_sequence_number {
    struct wn_slice node; ///< As it may be shown; empty: none.
    uint32_t number;
    bool readable;   ///< false: there is one, and it can't be read.
    bool passed;     ///< The record passed.
    int64_t time_ms; ///< Event time of the newest record so far; INT64_MIN: none.
};

/** @return an empty set, for wn_sequences_close(). Never NULL. */
struct wn_sequences *wn_sequences_open(void);

/** Give it back; NULL is fine. @return NULL */
struct wn_sequences *wn_sequences_close(struct wn_sequences *set);

/** Forget everything. */
void wn_sequences_clear(struct wn_sequences *set);

/** Take what one record says. */
void wn_sequences_take(struct wn_sequences *set, const struct wn_sequence_number *number);

/** Join what another set has, series by series in their order; gaps between them show at its newest
 * event. */
void wn_sequences_join(struct wn_sequences *into, const struct wn_sequences *from);

/**
 * Join one series to a node.
 *
 * @param name    1 to WN_NODE_NAME - 1 octets.
 * @param since   For gaps between it and what is there, and those of its own that say nothing.
 */
void wn_sequences_join_series(struct wn_sequences *set, struct wn_slice name,
                              const struct wn_series *series, int64_t since_ms);

/** Put one series behind the others of its node, unjudged: what a receipt says is read back. */
void wn_sequences_add(struct wn_sequences *set, struct wn_slice name,
                      const struct wn_series *series);

/** @return the node of this name, or NULL. */
const struct wn_sequence *wn_sequences_find(const struct wn_sequences *set, struct wn_slice name);

/** Close gaps that showed before a time: nothing fills them any more. Counted as `unlisted`. */
void wn_sequences_expire(struct wn_sequences *set, int64_t before_ms);

/** @return how many numbers a series spans, first and last too. */
static inline uint64_t wn_series_span(const struct wn_series *series)
{
    return (uint64_t)(series->last - series->first) + 1;
}

/** @return how many numbers a gap has. */
static inline uint64_t wn_gap_numbers(const struct wn_gap *gap)
{
    return (uint64_t)(gap->last - gap->first) + 1;
}

/** @return how many numbers of a series are missing. */
uint64_t wn_series_missing(const struct wn_series *series);

/** @return whether a node writes 0 into every record: it has no account. */
bool wn_sequence_is_frozen(const struct wn_sequence *sequence);

/** @return whether a name stands for no node of its own, and its numbers say nothing. */
bool wn_sequence_is_loose(const struct wn_sequence *sequence);

/** What a set says in all; frozen nodes and numbers that say nothing are left out. */
struct wn_sequence_totals {
    uint64_t nodes;   ///< With an account.
    uint64_t gaps;    ///< Open.
    uint64_t missing; ///< Numbers in them.
    uint64_t resets;  ///< Series beyond the first of each node.
    uint64_t frozen;  ///< Nodes that write 0.
};

/** Add them up. */
struct wn_sequence_totals wn_sequences_totals(const struct wn_sequences *set);

/**
 * Append a set as bytes: a change of the state log, and what an index keeps.
 *
 * A byte 2, the newest event's time, then for each series: its node's name (one octet of length),
 * first, last, records, passed, unlisted, number of gaps, and each gap's first, last, time; numbers
 * big-endian.
 */
void wn_sequences_write(const struct wn_sequences *set, struct wn_buffer *ret_bytes);

/** Called with each piece. */
typedef enum wn_code wn_sequences_piece(void *context, struct wn_slice bytes, struct wn_error *err);

/**
 * The same in pieces, each of which can be read by itself, of at most `most` octets where a single
 * series does not need more (WN_SEQUENCE_GAPS are 128 KiB). An empty set has none.
 *
 * @param visit  Called once a piece; not WN_OK ends the walk and is returned.
 */
WN_NODISCARD
enum wn_code wn_sequences_each_piece(const struct wn_sequences *set, size_t most,
                                     wn_sequences_piece *visit, void *context,
                                     struct wn_error *err);

/**
 * Join what such bytes hold, or, `as_is`, put it behind what is there, unjudged.
 *
 * @return false where they are none; then the set may have a part.
 */
WN_NODISCARD
bool wn_sequences_read(struct wn_slice bytes, bool as_is, struct wn_sequences *into);

enum {
    WN_SEQUENCES_VERSION = 2 ///< First octet; entries of the state begin with 1.
};

#endif
