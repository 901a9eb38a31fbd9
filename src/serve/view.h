// SPDX-License-Identifier: Apache-2.0

/**
 * What one request sees: copies of all boards at one instant. What is written of it (metrics, page,
 * health) is pure: no clock, no I/O.
 */

#ifndef WINNOW_SERVE_VIEW_H
#define WINNOW_SERVE_VIEW_H

#include "winnow/status.h"

enum {
    WN_VIEW_ALIVE_MS = 60 * 1000, ///< A loop that did not turn for so long is dead.
    WN_VIEW_ABORTS = 3,           ///< So many aborts without a commit since: it does not commit.
    WN_VIEW_OPEN_MS = 60 * 1000,  ///< A transaction that is open for so long does not commit.
};

/** A worker, as its board has it. */
struct wn_view_worker {
    bool posted;       ///< It has said how it stands; else `status` is all-zero.
    int64_t turned_ms; ///< When its loop turned last [monotonic ms].
    struct wn_status status;
};

struct wn_view {
    int64_t clock_ms; ///< [monotonic ms]
    int64_t now_ms;   ///< [UTC ms]
    struct wn_view_worker *workers;
    unsigned n_workers;
};

/** Take copies of all boards; to be given to wn_view_deinit(). */
void wn_view_take(struct wn_board *const *boards, unsigned n, struct wn_view *ret_view);

/** Give the copies back. */
void wn_view_deinit(struct wn_view *view);

/** @return whether a worker's loop turned in the last minute. */
bool wn_view_is_alive(const struct wn_view *view, const struct wn_view_worker *worker);

/**
 * Is a worker assigned and committing?
 *
 * @param ret_why  What it lacks, one sentence a line; nothing is appended where it is ready.
 * @return whether it is.
 */
bool wn_view_is_ready(const struct wn_view *view, const struct wn_view_worker *worker,
                      struct wn_buffer *ret_why);

/** Append `/healthz`. @return whether all workers are alive. */
bool wn_view_health(const struct wn_view *view, struct wn_buffer *ret_text);

/** Append `/readyz`. @return whether all workers are ready. */
bool wn_view_readiness(const struct wn_view *view, struct wn_buffer *ret_text);

/** Append `/metrics`. */
void wn_view_metrics(const struct wn_view *view, struct wn_buffer *ret_text);

/** Append `/`. */
void wn_view_page(const struct wn_view *view, struct wn_buffer *ret_text);

#endif
