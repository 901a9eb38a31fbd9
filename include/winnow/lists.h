// SPDX-License-Identifier: Apache-2.0

/**
 * Lists at work: read at the start, and anew between two batches where a file has changed.
 *
 * A list that can't be read at the start is an error. One that was changed for the worse while
 * winnow runs is not taken: the old one stays, and an alarm is logged (`list-refused`). A list is
 * replaced by writing it aside and renaming it: one that is cut does not end with a line's end, and
 * is refused.
 *
 * Threads: one at a time; but several may hold versions, each its own, by wn_lists_hold().
 */

#ifndef WINNOW_LISTS_H
#define WINNOW_LISTS_H

#include "winnow/judge.h"
#include "winnow/settings.h"

struct wn_lists_at_work;

/**
 * Read the lists that the settings name; where they name none, the policy's or the shipped one.
 *
 * @param settings  Must outlive the lists; its `policy` is the one that is used.
 * @param faults    Every fault, by file and line.
 * @param ret_lists On success the caller's to give to wn_lists_close().
 * @return false where there are faults.
 */
WN_NODISCARD
bool wn_lists_open(struct wn_settings *settings, struct wn_faults *faults,
                   struct wn_lists_at_work **ret_lists);

/** Give them back; NULL is fine. @return NULL */
struct wn_lists_at_work *wn_lists_close(struct wn_lists_at_work *lists);

/** @return the lists, until they are renewed. */
const struct wn_lists *wn_lists_now(const struct wn_lists_at_work *lists);

/**
 * Read anew what has changed; to be called between two batches, when no record points into a list.
 *
 * Logs `list-swapped`, `list-refused` and `list-too-old`, each once a change.
 *
 * @param limits  Whose clock says whether a list is too old.
 */
void wn_lists_renew(struct wn_lists_at_work *lists, const struct wn_limits *limits);

/**
 * Renew, and hold the lists that act from now on in place of those that were held before. Other
 * workers may go on with older ones meanwhile: they live as long as one holds them.
 *
 * @param held  All-zero at first; to be given to wn_lists_drop() at the end.
 *
 * Threads: any, each with a `held` of its own; none may use wn_lists_renew() or wn_lists_now()
 * besides.
 */
void wn_lists_hold(struct wn_lists_at_work *lists, const struct wn_limits *limits,
                   struct wn_lists *held);

/** Hold nothing any more. Threads: any. */
void wn_lists_drop(struct wn_lists_at_work *lists, struct wn_lists *held);

#endif
