// SPDX-License-Identifier: Apache-2.0

/**
 * How an order comes to a worker: the thread that listens puts a line here, the worker takes it up
 * at its next turn, between two steps, and answers.
 *
 * Threads: one asks, one serves.
 */

#ifndef WINNOW_INBOX_H
#define WINNOW_INBOX_H

#include <pthread.h>
#include <stdatomic.h>

#include "winnow/slice.h"

/** What the worker is to do with the line. */
enum wn_order {
    WN_ORDER_COUNT, ///< Say how many of its partitions it is about; do nothing.
    WN_ORDER_DO,
};

struct wn_inbox {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    atomic_bool full; ///< There is a line that is not answered.
    enum wn_order order;
    const char *line;       ///< The asker's, until it is answered.
    size_t n;               ///< COUNT: how many.
    struct wn_buffer reply; ///< DO: what is answered.
};

void wn_inbox_init(struct wn_inbox *inbox);
void wn_inbox_deinit(struct wn_inbox *inbox);

/** Put an order in; it is empty. */
void wn_inbox_put(struct wn_inbox *inbox, enum wn_order order, const char *line);

/** Wait for the answer a while. @return whether it is there: then `n` and `reply` are the asker's.
 */
bool wn_inbox_wait(struct wn_inbox *inbox, int64_t ms);

/** Do an order. @return how many partitions it is about. */
typedef size_t wn_inbox_do(void *context, enum wn_order order, const char *line,
                           struct wn_buffer *ret_reply);

/** Answer the order that is in it, if there is one. Costs one atomic load where there is none. */
void wn_inbox_serve(struct wn_inbox *inbox, wn_inbox_do *what, void *context);

#endif
