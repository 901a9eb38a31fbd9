// SPDX-License-Identifier: Apache-2.0

/**
 * Bring an input partition's state up to date and decide where it goes on: the comparison of head
 * and committed offset on which "exactly once" rests.
 */

#ifndef WINNOW_RESTORE_H
#define WINNOW_RESTORE_H

#include <stdatomic.h>

#include "inlet.h"

/** The clients of a restore, and when to leave it. */
struct wn_restore {
    struct wn_reader *committed;   ///< read_committed.
    struct wn_reader *uncommitted; ///< read_uncommitted.
    const atomic_bool *stop;       ///< All are to be left.
    const atomic_bool *wanted;     ///< False: this one is.
};

/**
 * Restore an inlet.
 *
 * On WN_OK it may run from `inlet->next` on, or waits for a person: `inlet->why.code` is not WN_OK
 * then, and `is_break` says whether `accept-break` helps.
 *
 * @return WN_OK, or WN_RETRY: stopped; WN_FATAL: it can't be done ("rights", "topic-missing",
 * "file-write").
 */
WN_NODISCARD
enum wn_code wn_restore(const struct wn_restore *restore, struct wn_inlet *inlet,
                        struct wn_error *err);

/**
 * What a restore compares, as plain numbers: so that the rules can be tested without a broker.
 */
struct wn_evidence {
    int64_t committed; ///< The group's offset, or WN_OFFSET_NONE.
    bool has_head;
    int64_t head_next;
    bool begins;            ///< The oldest message that the head needs is there.
    int64_t state_low;      ///< Low watermark of the state partition.
    bool has_receipt;       ///< Of this partition, in the receipts topic.
    int64_t low, high;      ///< Watermarks of the input.
    bool other_incarnation; ///< The head's last record is not what it was.
};

enum wn_finding {
    WN_FINDING_GO,      ///< Head and offset agree: on from there.
    WN_FINDING_GENESIS, ///< Nothing was ever done: from the low watermark.
    WN_FINDING_STATE_LOST,
    WN_FINDING_OFFSET_DIFFERS,
    WN_FINDING_INPUT_TRIMMED,
    WN_FINDING_INPUT_RECREATED,
};

/** Judge the evidence. */
enum wn_finding wn_restore_find(const struct wn_evidence *evidence);

/** @return where to go on after an accepted break: the committed offset, else the head's, but the
 * low watermark where that one can't be used. */
int64_t wn_restore_start(const struct wn_evidence *evidence);

/** @return the id of the reason that a finding pauses for; NULL: it does not. */
const char *wn_finding_reason(enum wn_finding finding);

#endif
