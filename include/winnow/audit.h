// SPDX-License-Identifier: Apache-2.0

/**
 * Audit: are the receipts whole, signed, chained, balanced, and do the outputs agree with them?
 *
 * Knows no files and no Kafka: cmd/audit.c feeds it from the carrier, receipts in the order of
 * their numbers, then what was found of each output that they name.
 */

#ifndef WINNOW_AUDIT_H
#define WINNOW_AUDIT_H

#include "winnow/error.h"
#include "winnow/slice.h"

struct wn_audit;

/**
 * Begin an audit.
 *
 * @param public_key  Of the signing key, given by the auditor: not one that lies beside the
 * receipts.
 * @return the caller's to give to wn_audit_close(). Never NULL.
 */
struct wn_audit *wn_audit_open(const uint8_t public_key[32]);

/** Forget it all; NULL is fine. @return NULL */
struct wn_audit *wn_audit_close(struct wn_audit *audit);

/** An output that a receipt names. */
struct wn_audit_output {
    uint64_t receipt;   ///< Number of the receipt.
    const char *chain;  ///< As given to wn_audit_receipt().
    const char *place;  ///< File (path from DIR) or topic.
    const char *digest; ///< Hex.
    uint64_t records;
    const char *input_topic; ///< Kafka: whose records it accounts for; NULL for files.
    int32_t input_partition;
    int64_t first_offset, last_offset;
};

/**
 * Check a receipt: form, signature, number (one more than the last of its chain), `previous`, the
 * sums of tally.h, outputs' records against `out` of each purpose. Findings are kept, nothing
 * fails.
 *
 * A chain begins with receipt 1. A receipt whose event is a `break` may jump in number, not in
 * `previous`. An output belongs to the purpose (or to the quarantine) whose name is a part of its
 * path or topic, between dots and slashes: `usage.billing.call/…`.
 *
 * @param chain  Which chain it belongs to: "files", or topic and partition of the input.
 * @param place  For findings: file name, or partition and offset.
 * @param bytes  As published, without the newline at the end.
 * @param open   The open receipt of a head: unsigned, the chain's tail.
 */
void wn_audit_receipt(struct wn_audit *audit, const char *chain, const char *place,
                      struct wn_slice bytes, bool open);

/** Called with each output. */
typedef void wn_audit_visit(void *context, const struct wn_audit_output *output);

/** Visit the outputs that good receipts name, in their order; a file that a drop wrote anew comes
 * again, the last one counts. */
void wn_audit_each_output(const struct wn_audit *audit, wn_audit_visit *visit, void *context);

/** Add a finding of the caller: `PLACE: sentence`. */
void wn_audit_find(struct wn_audit *audit, const char *place, const char *format, ...)
    WN_PRINTF(3, 4);

/**
 * Append what good receipts say that is no fault of theirs, one a line: `PLACE: receipt 7 of
 * TOPIC[0]: totals-differ: records: declared 33, found 32, missing 1`. At most 20, then how many
 * more.
 */
void wn_audit_notes(const struct wn_audit *audit, struct wn_buffer *ret_notes);

/** @return how many findings; and append them, one a line, and a closing line with what was
 * checked. */
unsigned wn_audit_report(const struct wn_audit *audit, struct wn_buffer *ret_text);

/** All that an audit says; all-zero before, the caller's to give to wn_audit_said_deinit(). */
struct wn_audit_said {
    struct wn_buffer report; ///< wn_audit_report().
    struct wn_buffer notes; ///< What could not be checked, wn_audit_notes(); then of nodes' numbers
                            ///< lines `sequence-gap: SOURCE: node NAME: 1040 to 1042 are missing,
                            ///< 3, since 2026-10-24T20:00:05Z`, resets, what has no account; at
                            ///< most 20 of each sort.
    struct wn_buffer gaps;  ///< Objects of a JSON array, with commas between them: every gap.
    unsigned n_findings;
};

/**
 * Say it all, over all receipts: report, notes, gaps; once, at the end.
 *
 * @param lateness_ms  Gaps older than this, before the newest event, stay open for good [ms].
 */
void wn_audit_say(struct wn_audit *audit, int64_t lateness_ms, struct wn_audit_said *ret_said);

/** Give the memory back. */
void wn_audit_said_deinit(struct wn_audit_said *said);

#endif
