// SPDX-License-Identifier: Apache-2.0

/**
 * The workers of a process, and what they have in common: known to crew*.c and worker*.c only.
 *
 *     crew.c         begins them, looks after what is one a process, ends them
 *     crew_orders.c  the control socket: which worker an order is for
 *     crew_told.c    what the service manager is told
 *
 * Workers have no locks between them. What they share is read-only (settings, ground, key ring) or
 * handed over: plans, lists and consent between two transactions, inlets over the shelf when a
 * partition moves, orders by their inbox, how they stand by their board.
 *
 * Threads: the crew's is the main one; each worker has its own.
 */

#ifndef WINNOW_CREW_H
#define WINNOW_CREW_H

#include "ground.h"
#include "inbox.h"
#include "plans.h"
#include "shelf.h"
#include "winnow/control.h"

/** A worker, as the crew sees it. */
struct wn_mate {
    struct wn_crew *crew;
    unsigned number; ///< From 1.
    pthread_t thread;
    struct wn_board *board;
    struct wn_inbox inbox;
    atomic_bool connected; ///< Consumer and producer are there.
    atomic_uint taken;     ///< Number of the plan that it works by.
    atomic_bool ended;     ///< What is below is the crew's from then on.
    enum wn_code rc;
    struct wn_error err;
};

struct wn_crew {
    const struct wn_worker_options *options;
    struct wn_ground ground;
    struct wn_plans *plans;
    struct wn_shelf *shelf;
    atomic_bool stop; ///< All are to end.

    // ---- the crew's thread's ----
    struct wn_control *control;
    struct wn_reader *reader; ///< read_uncommitted.
    struct wn_mate *mates;
    unsigned n_mates;
    unsigned n_started;
    int64_t stop_ms;  ///< When the stop was first seen [monotonic ms]; 0: not yet.
    int64_t added_ms; ///< When it was last looked whether partitions were added.

    // What the service manager was told.
    bool ready, reloading;
    int hangups;         ///< SIGHUPs that it was told of.
    int64_t watchdog_ms; ///< How often it wants to hear of us; 0: it does not.
    int64_t alive_ms;    ///< When it heard of us last.
    int64_t status_ms;   ///< When it was last looked whether the line is still true.
    char status[300];    ///< The line.
};

/** Run one worker until the crew stops or it can't go on; as wn_workers_run(). worker.c. */
WN_NODISCARD
enum wn_code wn_worker_run(struct wn_mate *mate, struct wn_error *err);

/** @return the monotonic clock [ms], never 0; the wall clock [UTC ms]. */
int64_t wn_worker_clock_ms(void);
int64_t wn_worker_now_ms(void);

// ---- crew_orders.c

/** Answer a line of the control socket. */
void wn_crew_answer(void *context, const char *line, struct wn_buffer *ret_reply);

// ---- crew_told.c

enum wn_crew_news {
    WN_CREW_STOPPING,  ///< SIGTERM came, or a worker can't go on.
    WN_CREW_RELOADING, ///< SIGHUP came …
    WN_CREW_RELOADED,  ///< … and what was to be read was read, or refused.
};

/** Tell the service manager. */
void wn_crew_tell(struct wn_crew *crew, enum wn_crew_news news);

/** Once a turn: tell the service manager that all are ready, how many partitions run, where that
 * changed, and that all loops turn. */
void wn_crew_tell_status(struct wn_crew *crew);

#endif
