// SPDX-License-Identifier: Apache-2.0

/*
 * The table. A row is a state, a column an event; `NO` is a programming error.
 *
 * - BREAK is idempotent: many messages of one transaction may fail, also while offsets are in.
 * - COMMIT is possible from SENT alone: a transaction without offsets would put records out that
 *   are read again.
 * - UNDONE can't begin: the next batch would leave out what the aborted one had taken.
 * - DEAD is the end of this producer: the next one starts anew in IDLE.
 */

#include "winnow/txn.h"

#include <assert.h>

enum {
    NO = WN_TXN_STATES
};

static const unsigned char
    moves[WN_TXN_STATES][WN_TXN_EVENTS] = {
        // clang-format off
    //                  BEGIN        BREAK          SEND         COMMIT       ABORT          REWIND       DIE
    [WN_TXN_IDLE]   = { WN_TXN_OPEN, NO,            NO,          NO,          NO,            WN_TXN_IDLE, WN_TXN_DEAD },
    [WN_TXN_OPEN]   = { NO,          WN_TXN_BROKEN, WN_TXN_SENT, NO,          WN_TXN_UNDONE, NO,          WN_TXN_DEAD },
    [WN_TXN_BROKEN] = { NO,          WN_TXN_BROKEN, NO,          NO,          WN_TXN_UNDONE, NO,          WN_TXN_DEAD },
    [WN_TXN_SENT]   = { NO,          WN_TXN_BROKEN, NO,          WN_TXN_IDLE, WN_TXN_UNDONE, NO,          WN_TXN_DEAD },
    [WN_TXN_UNDONE] = { NO,          NO,            NO,          NO,          NO,            WN_TXN_IDLE, WN_TXN_DEAD },
    [WN_TXN_DEAD]   = { NO,          WN_TXN_DEAD,   NO,          NO,          NO,            NO,          WN_TXN_DEAD },
        // clang-format on
    };

bool wn_txn_may(enum wn_txn_state state, enum wn_txn_event event)
{
    assert(state < WN_TXN_STATES && event < WN_TXN_EVENTS);
    return moves[state][event] != NO;
}

enum wn_txn_state wn_txn_next(enum wn_txn_state state, enum wn_txn_event event)
{
    assert(wn_txn_may(state, event));
    return (enum wn_txn_state)moves[state][event];
}

const char *wn_txn_name(enum wn_txn_state state)
{
    static const char *const names[WN_TXN_STATES] = { "idle", "open",   "broken",
                                                      "sent", "undone", "dead" };
    assert(state < WN_TXN_STATES);
    return names[state];
}
