// SPDX-License-Identifier: Apache-2.0

/**
 * The states of a worker's transaction, and what may happen in each: one table, so that a wrong
 * order of calls is a failed assertion and not a lost record. Knows no Kafka.
 */

#ifndef WINNOW_TXN_H
#define WINNOW_TXN_H

#include "winnow/base.h"

enum wn_txn_state {
    WN_TXN_IDLE,   ///< Nothing is open; the offsets are those last committed.
    WN_TXN_OPEN,   ///< Records are being produced.
    WN_TXN_BROKEN, ///< A produce() or a delivery failed; only an abort is left.
    WN_TXN_SENT,   ///< State and offsets are in; only the commit is left.
    WN_TXN_UNDONE, ///< Aborted; the consumer must rewind before the next batch.
    WN_TXN_DEAD,   ///< Fenced, fatal or of unknown outcome; a new producer, or the end.
    WN_TXN_STATES, ///< How many there are.
};

enum wn_txn_event {
    WN_TXN_BEGIN,  ///< begin_transaction() said ok.
    WN_TXN_BREAK,  ///< A message of the transaction can't arrive any more.
    WN_TXN_SEND,   ///< send_offsets_to_transaction() said ok.
    WN_TXN_COMMIT, ///< commit_transaction() said ok.
    WN_TXN_ABORT,  ///< abort_transaction() said ok.
    WN_TXN_REWIND, ///< The consumer stands at the committed offsets again.
    WN_TXN_DIE,    ///< The producer is of no use any more.
    WN_TXN_EVENTS, ///< How many there are.
};

/** @return whether `event` may happen in `state`. */
bool wn_txn_may(enum wn_txn_state state, enum wn_txn_event event);

/** @return the state after `event`; one that may not happen is a programming error (assert). */
enum wn_txn_state wn_txn_next(enum wn_txn_state state, enum wn_txn_event event);

/** @return its name for a log line: "open"; static storage. */
const char *wn_txn_name(enum wn_txn_state state);

#endif
