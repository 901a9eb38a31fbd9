// SPDX-License-Identifier: Apache-2.0

/** The last head of a state log, as somebody sees it who is no worker. */

#ifndef WINNOW_HEADS_H
#define WINNOW_HEADS_H

#include "head.h"
#include "scan.h"

/** What the last head of a state partition says. */
struct wn_last_head {
    bool there;
    int64_t next;            ///< The input's next offset.
    uint64_t closed;         ///< Number of the last closed receipt.
    char previous[65];       ///< Its hash; "" for none.
    struct wn_buffer open;   ///< The open receipt; empty: none.
    int64_t offset, time_ms; ///< Of its message.
    int64_t strange; ///< Offset of a message that is none of the state log; -1: there is none.
};

/**
 * Read the last committed head of a partition, from its end backwards.
 *
 * @param ret_head  All-zero, or of an earlier call; to be given to wn_last_head_deinit().
 * @return WN_OK, or WN_FATAL as wn_scan_read().
 */
WN_NODISCARD
enum wn_code wn_last_head_read(struct wn_scan *scan, const char *topic, int32_t partition,
                               struct wn_last_head *ret_head, struct wn_error *err);

/** Give the memory back. */
void wn_last_head_deinit(struct wn_last_head *head);

#endif
