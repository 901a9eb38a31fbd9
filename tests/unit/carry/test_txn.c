// SPDX-License-Identifier: Apache-2.0

#include "table.h"

#include "winnow/txn.h"

#define END WN_TXN_EVENTS // Not an event: ends a way.

static const struct row {
    const char *name;
    enum wn_txn_event way[8]; ///< From IDLE, ended by END; all but the last must be possible.
    bool may;                 ///< Whether the last event may happen.
    enum wn_txn_state then;   ///< Where it leads; of no meaning where it may not.
} rows[] = {
    { "begins when idle", { WN_TXN_BEGIN, END }, true, WN_TXN_OPEN },
    { "does not begin twice", { WN_TXN_BEGIN, WN_TXN_BEGIN, END }, false, WN_TXN_IDLE },
    { "does not commit without offsets", { WN_TXN_BEGIN, WN_TXN_COMMIT, END }, false, WN_TXN_IDLE },
    { "commits with offsets",
      { WN_TXN_BEGIN, WN_TXN_SEND, WN_TXN_COMMIT, END },
      true,
      WN_TXN_IDLE },
    { "takes offsets once", { WN_TXN_BEGIN, WN_TXN_SEND, WN_TXN_SEND, END }, false, WN_TXN_IDLE },
    { "takes no offsets without a transaction", { WN_TXN_SEND, END }, false, WN_TXN_IDLE },
    { "does not commit what is broken",
      { WN_TXN_BEGIN, WN_TXN_BREAK, WN_TXN_COMMIT, END },
      false,
      WN_TXN_IDLE },
    { "takes no offsets when broken",
      { WN_TXN_BEGIN, WN_TXN_BREAK, WN_TXN_SEND, END },
      false,
      WN_TXN_IDLE },
    { "breaks again", { WN_TXN_BEGIN, WN_TXN_BREAK, WN_TXN_BREAK, END }, true, WN_TXN_BROKEN },
    { "breaks after the offsets, too",
      { WN_TXN_BEGIN, WN_TXN_SEND, WN_TXN_BREAK, END },
      true,
      WN_TXN_BROKEN },
    { "aborts what is broken",
      { WN_TXN_BEGIN, WN_TXN_BREAK, WN_TXN_ABORT, END },
      true,
      WN_TXN_UNDONE },
    { "aborts after the offsets",
      { WN_TXN_BEGIN, WN_TXN_SEND, WN_TXN_ABORT, END },
      true,
      WN_TXN_UNDONE },
    { "has nothing to abort when idle", { WN_TXN_ABORT, END }, false, WN_TXN_IDLE },
    { "does not begin before the consumer is rewound",
      { WN_TXN_BEGIN, WN_TXN_ABORT, WN_TXN_BEGIN, END },
      false,
      WN_TXN_IDLE },
    { "begins after the rewind",
      { WN_TXN_BEGIN, WN_TXN_ABORT, WN_TXN_REWIND, WN_TXN_BEGIN, END },
      true,
      WN_TXN_OPEN },
    { "does not rewind an open one", { WN_TXN_BEGIN, WN_TXN_REWIND, END }, false, WN_TXN_IDLE },
    { "dies from anywhere", { WN_TXN_BEGIN, WN_TXN_SEND, WN_TXN_DIE, END }, true, WN_TXN_DEAD },
    { "stays dead", { WN_TXN_DIE, WN_TXN_REWIND, END }, false, WN_TXN_IDLE },
    { "hears of failures after its death", { WN_TXN_DIE, WN_TXN_BREAK, END }, true, WN_TXN_DEAD },
    { "does not abort when dead",
      { WN_TXN_BEGIN, WN_TXN_DIE, WN_TXN_ABORT, END },
      false,
      WN_TXN_IDLE },
};

static void check(void **state)
{
    const struct row *row = *state;
    enum wn_txn_state at = WN_TXN_IDLE;
    for (size_t i = 0; row->way[i] != END; i++) {
        if (row->way[i + 1] == END) {
            assert_true(wn_txn_may(at, row->way[i]) == row->may);
            if (!row->may) {
                return;
            }
        }
        at = wn_txn_next(at, row->way[i]);
    }
    assert_int_equal(at, row->then);
    assert_non_null(wn_txn_name(at));
}

int main(void)
{
    return WN_RUN_TABLE("txn", rows, check);
}
