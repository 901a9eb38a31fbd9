// SPDX-License-Identifier: Apache-2.0

#include "inbox.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

void wn_inbox_init(struct wn_inbox *inbox)
{
    (void)pthread_mutex_init(&inbox->lock, NULL);
    (void)pthread_cond_init(&inbox->answered, NULL);
    atomic_init(&inbox->full, false);
}

void wn_inbox_deinit(struct wn_inbox *inbox)
{
    wn_buffer_deinit(&inbox->reply);
    (void)pthread_cond_destroy(&inbox->answered);
    (void)pthread_mutex_destroy(&inbox->lock);
}

void wn_inbox_put(struct wn_inbox *inbox, enum wn_order order, const char *line)
{
    assert(!atomic_load(&inbox->full));
    inbox->order = order;
    inbox->line = line;
    inbox->n = 0;
    inbox->reply.len = 0;
    atomic_store(&inbox->full, true); // What is above is seen with it.
}

bool wn_inbox_wait(struct wn_inbox *inbox, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&inbox->lock);
    int rc = 0;
    while (atomic_load(&inbox->full) && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&inbox->answered, &inbox->lock, &until);
    }
    const bool done = !atomic_load(&inbox->full);
    (void)pthread_mutex_unlock(&inbox->lock);
    return done;
}

void wn_inbox_serve(struct wn_inbox *inbox, wn_inbox_do *what, void *context)
{
    if (!atomic_load(&inbox->full)) {
        return;
    }
    inbox->n = what(context, inbox->order, inbox->line, &inbox->reply);
    (void)pthread_mutex_lock(&inbox->lock);
    atomic_store(&inbox->full, false);
    (void)pthread_cond_signal(&inbox->answered);
    (void)pthread_mutex_unlock(&inbox->lock);
}
