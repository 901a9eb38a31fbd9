// SPDX-License-Identifier: Apache-2.0

/**
 * The account of nodes' numbers over all receipts of an audit.
 *
 * Receipts of several chains are joined in the order of the event times that they tell of, those of
 * one chain in the order of the chain: so what one partition lacks is filled by another before the
 * account grows.
 */

#ifndef ACCOUNT_AUDIT_NODES_H
#define ACCOUNT_AUDIT_NODES_H

#include "winnow/receipt.h"

struct wn_audit_nodes;

/** @return an empty account. Never NULL. */
struct wn_audit_nodes *wn_audit_nodes_open(void);

/** Give it back; NULL is fine. @return NULL */
struct wn_audit_nodes *wn_audit_nodes_close(struct wn_audit_nodes *nodes);

/**
 * Take what a good receipt says.
 *
 * @param newest_ms  Of its chain: the newest event time so far, INT64_MIN at first; moves on.
 */
void wn_audit_nodes_take(struct wn_audit_nodes *nodes, const struct wn_receipt *receipt,
                         int64_t *newest_ms);

/**
 * Join all that was taken, and say what is missing; once.
 *
 * @param lateness_ms  Gaps that are older than this before the newest event stay open for good.
 * @param ret_notes    Lines for a person; at most 20 of each sort, then how many more.
 * @param ret_gaps     Objects of a JSON array: `{"count": 3, "first": 1040, "last": 1042, "node":
 *                     "pgw-1", "open": true, "since": "2026-10-24T20:00:05Z", "source": "ps"}`;
 *                     all of them.
 */
void wn_audit_nodes_say(struct wn_audit_nodes *nodes, int64_t lateness_ms,
                        struct wn_buffer *ret_notes, struct wn_buffer *ret_gaps);

#endif
