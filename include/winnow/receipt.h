// SPDX-License-Identifier: Apache-2.0

/**
 * Receipts: the signed account of one batch or one offset range, as one JSON object.
 *
 * What Ed25519 signs: UTF-8, members in byte order, no spaces, integers only, without `signature`.
 * The published bytes are the same text with `signature` in its place and a newline at the end;
 * their SHA-256 (newline excluded) is the next receipt's `previous`. `signature` is 128 lower-case
 * hexadecimal digits.
 *
 * All members are there in every receipt, an event's too; `filtered`, `quarantined`, `withheld` and
 * `masked` hold what is not zero, as does `attempts`: why those that were filtered as `attempt`
 * came to nothing (`{"network": 2, "user": 40}`); `keys` stand in order of purpose and period.
 * `lists` names the versions of lists (helplines, consent) that acted on the records:
 * `{"helplines": ["<SHA-256 of the file>"]}`, several where a list was swapped while the receipt
 * was open. `declared` has the totals that the source names, with what was found in the inputs that
 * declare them, whatever became of the records:
 * `{"records": {"absent": 0, "declared": 33, "found": 32, "inputs": 1, "missing": 1, "surplus":
 * 0}}`; `absent` counts inputs that should have said it and did not. A difference does not make a
 * receipt untrue: it is what a switch says against itself. `nodes` has the numbers that nodes gave
 * (sequences.h), by node, one entry for each run of its counter; `missing` are ranges, both ends
 * inclusive:
 * `[{"first": 7, "last": 12, "missing": [[9, 10]], "node": "ams-1", "passed": 4, "records": 4,
 * "unlisted": 0}]`.
 */

#ifndef WINNOW_RECEIPT_H
#define WINNOW_RECEIPT_H

#include "winnow/keyring.h"
#include "winnow/tally.h"

/** An input of a receipt: a file's content, or an offset range. */
struct wn_receipt_input {
    const char *sha256; ///< Files: hex of the unpacked content; NULL for a topic.
    int64_t bytes;      ///< Files: unpacked.
    const char *topic;  ///< Kafka; NULL for a file.
    int32_t partition;
    int64_t first_offset, last_offset; ///< Kafka: of the range, both inclusive.
    bool is_one;                       ///< Of a replay: one record, `index` of its message.
    int32_t index;
    uint64_t records;
};

/** An output: a file, or what went into a topic. */
struct wn_receipt_output {
    const char *file; ///< Files: path from DIR; NULL for a topic.
    const char *topic;
    const char *digest; ///< Files: SHA-256 of the file; topics: wn_receipt_digest(); hex.
    uint64_t records;
};

/** An event that is no batch: a break, a drop, an expiry, a replay. */
struct wn_receipt_event {
    const char *kind; ///< "break", "drop", …; NULL: no event.
    const char *reason;
    const char *refers; ///< Number of the receipt that it refers to, or what else; may be NULL.
};

/** What a receipt says; all texts are the caller's. */
struct wn_receipt {
    uint64_t number; ///< From 1; one more than the previous one's.
    const char
        *previous; ///< SHA-256 of the previous receipt as published, hex; NULL for the first.
    struct wn_receipt_event event;
    const char *policy;           ///< `wn_policy.id`.
    const char *source;           ///< Name of the source.
    const char *source_id;        ///< SHA-256 of its file.
    const struct wn_tally *tally; ///< NULL for an event without counts.
    const char *const *purposes;  ///< Names, by number.
    unsigned n_purposes;
    const struct wn_receipt_input *inputs;
    unsigned n_inputs;
    const struct wn_receipt_output *outputs;
    unsigned n_outputs;
};

/**
 * Write and sign a receipt.
 *
 * @param keyring    NULL: leave it unsigned (the open receipt in the head).
 * @param ret_bytes  The published text, without newline; appended.
 * @param ret_sha256 Of that text, hex: the next one's `previous`; may be NULL.
 */
void wn_receipt_write(const struct wn_receipt *receipt, const struct wn_keyring *keyring,
                      struct wn_buffer *ret_bytes, char ret_sha256[65]);

/**
 * Check a published receipt's form and signature.
 *
 * @return WN_OK, or WN_REJECT: "receipt" (no JSON in the canonical form, or the signature does not
 *         fit the key).
 */
WN_NODISCARD
enum wn_code wn_receipt_verify(struct wn_slice bytes, const uint8_t public_key[32],
                               struct wn_error *err);

/**
 * Read a receipt back: the open receipt of a head after a restart, or one to audit.
 *
 * The signature is not looked at: wn_receipt_verify() does.
 *
 * @param purposes     Names by number, as they were written; a purpose that is not in the list is
 * WN_REJECT.
 * @param arena        Holds the texts of `ret_receipt`.
 * @param ret_receipt  Its `tally` is new, the caller's to give to wn_tally_close().
 * @return WN_OK, or WN_REJECT: "receipt" (not canonical, a member that is missing, unknown or of
 * another type).
 */
WN_NODISCARD
enum wn_code wn_receipt_read(struct wn_slice bytes, const char *const *purposes,
                             unsigned n_purposes, struct wn_arena *arena,
                             struct wn_receipt *ret_receipt, struct wn_error *err);

/**
 * List the purposes that a receipt tells of, for a reader that has no policy.
 *
 * @param arena  Holds the names.
 * @return WN_OK, or WN_REJECT: "receipt".
 */
WN_NODISCARD
enum wn_code wn_receipt_purposes(struct wn_slice bytes, struct wn_arena *arena,
                                 const char *ret_purposes[WN_PURPOSES], unsigned *ret_n,
                                 struct wn_error *err);

/**
 * Add a record's Avro bytes to a topic's digest, 32 octets, zero at first.
 *
 * @param ordered  true: billing, `d ← SHA-256(d ‖ SHA-256(value))` in order of origin; false: the
 * sum of SHA-256(value) modulo 2^256, for purposes whose records are shuffled.
 */
void wn_receipt_digest(uint8_t digest[32], bool ordered, struct wn_slice value);

/** The same for a value whose SHA-256 is known. */
void wn_receipt_digest_add(uint8_t digest[32], bool ordered, const uint8_t of_value[32]);

#endif
