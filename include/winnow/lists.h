// SPDX-License-Identifier: Apache-2.0

/**
 * Lists at work: read at the start, and anew between two batches where a file has changed.
 *
 * A list that can't be read at the start is an error. One that was changed for the worse while
 * winnow runs is not taken: the old one stays, and an alarm is logged (`list-refused`). A list is
 * replaced by writing it aside and renaming it: one that is cut does not end with a line's end, and
 * is refused.
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

#endif
