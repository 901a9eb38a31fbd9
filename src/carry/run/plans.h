// SPDX-License-Identifier: Apache-2.0

/**
 * Policy and sources at work: read once a process, taken up by each worker between two of its
 * transactions.
 *
 * A source's file is read anew where it changed: operations mend a mapping, and nobody restarts
 * anything. SIGHUP reads policy and sources anew, together, and they are taken together or not at
 * all: a field that is new in the policy and filled by a source needs both. A plan is whole: it is
 * judged before any worker sees it, and the next one is read when all workers have taken this one.
 * What is refused is said in the log and in `winnow ctl status`, and everything stays as it was.
 *
 * Threads: one looks (wn_plans_look() and all below it), any hold.
 */

#ifndef WINNOW_PLANS_H
#define WINNOW_PLANS_H

#include "ground.h"

/** What counts together. */
struct wn_plan {
    unsigned number; ///< From 1: plans are numbered as they come.
    const struct wn_policy *policy;
    const struct wn_source *sources[WN_INPUTS];
};

struct wn_plans;

/** @return plans that hold what the process began with, never NULL; the caller's to give to
 * wn_plans_close(). Both options and ground must outlive them. */
struct wn_plans *wn_plans_open(const struct wn_worker_options *options,
                               const struct wn_ground *ground);

/** Close them; NULL is fine. @return NULL */
struct wn_plans *wn_plans_close(struct wn_plans *plans);

/** @return the number of the newest plan. Costs one atomic load. */
unsigned wn_plans_number(const struct wn_plans *plans);

/** Hold the newest plan; `ret_plan` is the caller's to give to wn_plans_drop(). */
void wn_plans_hold(struct wn_plans *plans, struct wn_plan *ret_plan);

/** Hold it no longer; an all-zero one is fine. */
void wn_plans_drop(struct wn_plans *plans, struct wn_plan *plan);

/** @return whether an input's file was changed and not taken. */
bool wn_plans_is_refused(const struct wn_plans *plans, unsigned input);

/** What a look came to. */
enum wn_look {
    WN_LOOK_NOTHING,
    WN_LOOK_REFUSED, ///< SIGHUP came, and nothing changes.
    WN_LOOK_NEW,     ///< There is a new plan.
    WN_LOOK_TAKEN,   ///< All workers have taken the newest one.
};

/**
 * Once a turn: see whether the newest plan was taken by all workers, and if so, whether there is a
 * newer one.
 *
 * @param taken     The lowest number that a worker works by.
 * @param hangups   How many SIGHUPs came.
 * @param clock_ms  [monotonic ms]
 */
enum wn_look wn_plans_look(struct wn_plans *plans, unsigned taken, int hangups, int64_t clock_ms);

/** Append what `winnow ctl status` says of them. */
void wn_plans_say(const struct wn_plans *plans, struct wn_buffer *ret_text);

#endif
