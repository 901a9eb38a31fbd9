// SPDX-License-Identifier: Apache-2.0

/** An audit of topics at work: topics_audit.c says the order, topics_receipts.c reads receipts. */

#ifndef WINNOW_TOPICS_AUDIT_H
#define WINNOW_TOPICS_AUDIT_H

#include "heads.h"
#include "winnow/recount.h"
#include "winnow/topics.h"

/** A chain of receipts: an input partition's, or that of the drops of a quarantine partition. */
struct wn_audit_chain {
    char *name;  ///< "raw.calls[0]".
    char *input; ///< Topic.
    int32_t partition;
    char *state_topic;             ///< NULL: of no input of the configuration.
    struct wn_last_head then, now; ///< When the audit began, and when it was read again.
    size_t number;                 ///< Of the recount's.
    uint64_t last, newest;         ///< Receipts that were checked; that were seen.
    int64_t last_ms;               ///< When the last one was written; INT64_MIN: none.
};

struct wn_audit_work {
    const struct wn_topics_audit *what;
    struct wn_scan *scan;
    struct wn_audit *audit;
    struct wn_recount *recount;
    struct wn_buffer *notes;
    struct wn_audit_chain *chains;
    size_t n_chains;
    char unread[256]; ///< An output that receipts name and the policy does not.
};

/** @return a chain, new or known. */
struct wn_audit_chain *wn_audit_chain(struct wn_audit_work *work, const char *input,
                                      int32_t partition);

/** Read `winnow.receipts`, then the open receipts of the heads. */
WN_NODISCARD
enum wn_code wn_audit_receipts(struct wn_audit_work *work, struct wn_error *err);

#endif
