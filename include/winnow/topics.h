// SPDX-License-Identifier: Apache-2.0

/**
 * Topics, seen by a person: audited, their quarantine listed and opened, and the register's topic
 * that every start looks at. What works on them is worker.h.
 *
 * Reasons of failures: "broker-away", "topic-missing", "rights", "config", "name-taken", and those
 * that are named.
 */

#ifndef WINNOW_TOPICS_H
#define WINNOW_TOPICS_H

#include "winnow/audit.h"
#include "winnow/kafka.h"
#include "winnow/policy.h"
#include "winnow/quarantine.h"

// ---- Audit --------------------------------------------------------------------------------------

/** What to audit. */
struct wn_topics_audit {
    const struct wn_settings *settings;
    const struct wn_policy *policy;
    uint8_t public_key[32];
    int64_t from_ms, to_ms; ///< Outputs of receipts written in [from, to); INT64_MIN, INT64_MAX.
};

/**
 * Audit the topics of a configuration to their present ends, read as read_committed; `winnow run`
 * may be at work.
 *
 * All receipts in `winnow.receipts` are checked: form, signature, chain per input partition, sums,
 * and that the heads of the state topics go on behind them (the open receipt of a head is the tail
 * of its chain). Then every output topic and the quarantine are recounted (recount.h says what a
 * digest covers).
 *
 * @param ret_said  What it says: appended to.
 * @return WN_OK also where there are findings; WN_FATAL.
 */
WN_NODISCARD
enum wn_code wn_topics_audit(const struct wn_topics_audit *audit, struct wn_audit_said *ret_said,
                             struct wn_error *err);

// ---- Quarantine ---------------------------------------------------------------------------------

/** An envelope in the quarantine topic. */
struct wn_topics_envelope {
    const char *input;                  ///< Where its record came from: "raw.calls[0]".
    const struct wn_envelope *envelope; ///< `sealed` is empty where a signed receipt dropped it.
    bool replayed;  ///< Its record was taken up again since, says a signed receipt.
    bool made_anew; ///< Its input was made anew since: the raw record is gone.
};

typedef enum wn_code wn_topics_envelope_visit(void *context, const struct wn_topics_envelope *at,
                                              struct wn_error *err);

/** What a walk through the quarantine met besides. */
struct wn_topics_met {
    uint64_t foreign;    ///< Messages that are no envelopes.
    uint64_t not_signed; ///< Receipts of drops and replays that are not signed by `signer`, and did
                         ///< not count.
};

/**
 * Visit all envelopes of the quarantine topic, the pieces of a record in their order.
 *
 * Memory: records of several pieces (over 512 KiB) are held until they are whole.
 *
 * @param signer  Public key that receipts of drops are signed with; NULL: nothing counts as
 * dropped.
 */
WN_NODISCARD
enum wn_code wn_topics_each_envelope(const struct wn_settings *settings, const uint8_t signer[32],
                                     wn_topics_envelope_visit *visit, void *context,
                                     struct wn_topics_met *ret_met, struct wn_error *err);

/** What to drop. */
struct wn_topics_drop {
    const char *reason; ///< Id.
    const char *source; ///< NULL: of all sources.
};

/**
 * Mark quarantined records as dropped.
 *
 * Nothing in a topic can be erased in place: the sealed bytes go when retention takes them. What is
 * written is a signed receipt for each partition of the quarantine that holds some, with an event
 * `drop`, the offsets of the first and the last of them, and their source (empty: all). These
 * receipts make chains of their own in `winnow.receipts`, one a partition of the quarantine;
 * `list`, `show` and `replay` leave out what they name.
 *
 * @param ret_records   Records that were marked.
 * @param ret_receipts  Receipts written.
 * @return WN_OK, or WN_FATAL: also "name-taken" (another drop was under way; do it again).
 */
WN_NODISCARD
enum wn_code wn_topics_drop(const struct wn_settings *settings, const struct wn_topics_drop *drop,
                            const struct wn_keyring *keyring, uint64_t *ret_records,
                            uint64_t *ret_receipts, struct wn_error *err);

/** What to replay. */
struct wn_topics_replay {
    const char *reason; ///< Id; NULL: of all reasons.
    const char *source; ///< NULL: of all sources.
};

/** What became of it. */
struct wn_topics_replayed {
    uint64_t records; ///< That were taken up: the sum of the next five.
    uint64_t passed, duplicates, superseded, filtered, quarantined;
    uint64_t gone; ///< Not in the raw topic any more.
    uint64_t left; ///< Not done: read by another worker, paused.
};

/**
 * Have quarantined records read again from the raw topic, under the source as it is now, by the
 * running worker that reads their partitions.
 *
 * By reference: this names topic, partition, offset and index, and needs no key. Each transaction
 * of the worker takes up to 500 of one partition and reason, under a receipt with the event
 * `replay` that names them and refers to the receipts that refused them. Records that were replayed
 * or dropped before are left out, and those of inputs that the configuration
 * does not name. Killed and done again it goes on where it stood.
 *
 * @param signer     Public key that receipts are signed with.
 * @param ret_notes  What was not done, one a line: where, and why.
 * @return WN_OK, or WN_FATAL: also "not-running" (no worker listens), "config" (no control socket).
 */
WN_NODISCARD
enum wn_code wn_topics_replay(const struct wn_settings *settings, const uint8_t signer[32],
                              const struct wn_topics_replay *replay, struct wn_buffer *ret_notes,
                              struct wn_topics_replayed *ret_replayed, struct wn_error *err);

// ---- The register -------------------------------------------------------------------------------

/**
 * Compare the register with the topic `winnow.keys` (compacted; key: an entry's number in decimal;
 * value: its line), and publish the entries that are not there yet.
 *
 * An entry there that the register lacks shows that it was rolled back; one that differs, that this
 * host made keys of its own. Called before a worker starts.
 *
 * @param give_up  Asked while it waits; may be NULL.
 * @return WN_OK, or WN_FATAL: "register".
 */
WN_NODISCARD
enum wn_code wn_keys_topic_publish(const struct wn_settings *settings,
                                   const struct wn_keyring *keyring, wn_give_up *give_up,
                                   void *context, struct wn_error *err);

#endif
