// SPDX-License-Identifier: Apache-2.0

/**
 * Recount: do the usage records and the quarantine in topics agree with the receipts?
 *
 * Knows no Kafka: the carrier says which offset ranges the receipts account for and what they say
 * of each output, then shows every message of one output after the other.
 *
 * What a digest covers: the Avro record alone, without the ten octets of Avro's single-object
 * encoding before it (C3 01 and the schema's fingerprint), which are compared by themselves; not
 * the message's key, nor its timestamp. Billing and quarantine are recounted one to one: each
 * record by its `origin` under the receipt whose range it lies in, in order of origin, index and
 * piece. Other purposes carry no origin: their whole topic is compared with the sum of all
 * receipts.
 *
 * A topic that was deleted and made anew, or an offset set back, gives two ranges of one partition
 * with the same offsets. They are told apart by time: the receipt of the break lies between them.
 *
 * Findings go to the audit and name topics, offsets and receipts, never a value; what could not be
 * checked goes to the notes. Cost: about 80 octets of memory a record of the largest topic.
 */

#ifndef WINNOW_RECOUNT_H
#define WINNOW_RECOUNT_H

#include "winnow/audit.h"
#include "winnow/policy.h"
#include "winnow/record.h"

/**
 * Read where a usage record says that it comes from.
 *
 * The fields before `origin` are skipped by their types; a purpose's fields keep their order.
 *
 * @param avro        Without the single-object header.
 * @param ret_origin  Its input lies in `avro`.
 * @return false where the bytes are no record of this purpose, or it has no origin.
 */
WN_NODISCARD
bool wn_usage_origin(const struct wn_purpose *purpose, struct wn_slice avro,
                     struct wn_origin *ret_origin);

struct wn_recount;

/** Begin. @param audit  Takes the findings; must outlive it. @return never NULL. */
struct wn_recount *wn_recount_open(struct wn_audit *audit);

/** Forget it all; NULL is fine. @return NULL */
struct wn_recount *wn_recount_close(struct wn_recount *recount);

/** An input partition: its receipts make one chain. */
struct wn_recount_chain {
    const char *name;  ///< "raw.calls[0]": for findings.
    const char *input; ///< Topic.
    int32_t partition;
};

/** @return the number of a chain, new or known. */
size_t wn_recount_chain(struct wn_recount *recount, const struct wn_recount_chain *chain);

/** Say where the chain's worker is: records from `next` on are younger than the audit. */
void wn_recount_head(struct wn_recount *recount, size_t chain, int64_t next);

/** From this time on records of the chain belong to what came after a break. */
void wn_recount_break(struct wn_recount *recount, size_t chain, int64_t time_ms);

/** What one receipt accounts for. */
struct wn_recount_range {
    size_t chain;
    uint64_t receipt;
    int64_t first, last; ///< Offsets, both inclusive; `last` below `first`: none.
    int64_t since_ms;    ///< Its records were written after this time; INT64_MIN: nobody knows.
    bool wanted;         ///< Its outputs are to be checked.
    bool replay;         ///< Not a range: single records of it, by wn_recount_replay().
    bool same_policy;    ///< Made under the policy at hand: the schemas must be its own.
};

/** Add a range, after the breaks before it. @return its number, for wn_recount_want(). */
size_t wn_recount_range(struct wn_recount *recount, const struct wn_recount_range *range);

/** A record that a receipt of a replay names: from then on it is that receipt's. */
struct wn_recount_replay {
    size_t chain;
    size_t range;     ///< Of the replay; SIZE_MAX: it is younger than the audit.
    uint64_t receipt; ///< Its number.
    int64_t offset;
    int32_t index;
};

/** Add one. */
void wn_recount_replay(struct wn_recount *recount, const struct wn_recount_replay *replay);

/** Note what a receipt says of an output; ranges in the order of their numbers. */
void wn_recount_want(struct wn_recount *recount, size_t range, const char *topic,
                     const char *digest_hex, uint64_t records);

/** An output topic to be counted. */
struct wn_recount_topic {
    const char *name;
    bool ordered;         ///< Billing, quarantine; else only the sum counts.
    uint64_t fingerprint; ///< Of the schema at hand.
    uint32_t schema_id;   ///< Of it in the schema registry; 0: not known.
    bool any_schema;      ///< Another fingerprint is nobody's fault.
};

/** Begin a topic; all ranges and wants are known. */
void wn_recount_begin(struct wn_recount *recount, const struct wn_recount_topic *topic);

/** A message of the topic. */
struct wn_recount_message {
    int32_t partition;
    int64_t offset, time_ms;
    struct wn_slice value;
};

/** Take a message's header off. @return false where it has none: a finding was made. */
WN_NODISCARD
bool wn_recount_header(struct wn_recount *recount, const struct wn_recount_message *message,
                       struct wn_slice *ret_avro);

/** Where an envelope stands; all-zero for a usage record. */
struct wn_recount_piece {
    int32_t piece;
    uint64_t receipt; ///< That it names.
};

/** Count a record of an ordered topic. */
void wn_recount_add(struct wn_recount *recount, const struct wn_recount_message *message,
                    const struct wn_origin *origin, const struct wn_recount_piece *piece);

/** Count a record of a topic without order. */
void wn_recount_sum(struct wn_recount *recount, struct wn_slice avro);

/** Say that a message is none that winnow wrote. */
void wn_recount_foreign(struct wn_recount *recount, const struct wn_recount_message *message,
                        const char *why);

/** What retention has left of a topic. */
struct wn_recount_age {
    bool trimmed;          ///< A partition's low watermark is above 0.
    int32_t partition;     ///< Which, for the note,
    int64_t low;           ///< and its low watermark.
    int64_t reaches_ms;    ///< Records written until then may be gone; INT64_MAX: all.
    const char *unsettled; ///< Not NULL: why a sum may differ without anybody's fault.
};

/** Compare; findings go to the audit. @param ret_notes  What could not be checked, one a line. */
void wn_recount_finish(struct wn_recount *recount, const struct wn_recount_age *age,
                       struct wn_buffer *ret_notes);

/**
 * After all topics: records that are younger than the audit must lie below where the worker is by
 * now.
 *
 * @param next  The worker's next offset, read after the last message.
 */
void wn_recount_younger(struct wn_recount *recount, size_t chain, int64_t next);

/** @return how many records were younger than the audit. */
uint64_t wn_recount_n_younger(const struct wn_recount *recount);

#endif
