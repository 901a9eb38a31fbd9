// SPDX-License-Identifier: Apache-2.0

/**
 * Where the inlets of a process lie that no worker has: a partition that moves from one worker to
 * another takes its state along, and only what was added to its log meanwhile is read.
 *
 *     assigned  take: a new one, or the one that was put here
 *     revoked   put
 *
 * A partition has one inlet a process, and an inlet has one holder. A worker that is assigned a
 * partition whose inlet another worker still has gets nothing, and asks again at its next turn: who
 * has it was told, or will be, that the partition is not its own any more.
 *
 * Threads: any; an inlet is its holder's.
 */

#ifndef WINNOW_SHELF_H
#define WINNOW_SHELF_H

#include "ground.h"

struct wn_shelf;

/** @return an empty shelf, never NULL; the caller's to give to wn_shelf_close(). */
struct wn_shelf *wn_shelf_open(const struct wn_ground *ground, const struct wn_settings *settings);

/** Close it and all its inlets; NULL is fine. @return NULL */
struct wn_shelf *wn_shelf_close(struct wn_shelf *shelf);

/**
 * Take a partition's inlet.
 *
 * @param facts  The taker's, which it works with from now on.
 * @return NULL: another one has it yet.
 */
struct wn_inlet *wn_shelf_take(struct wn_shelf *shelf, const struct wn_input_facts *facts,
                               int32_t partition);

/** Put an inlet back: nothing of it may be in a transaction or in a restorer's hands. */
void wn_shelf_put(struct wn_shelf *shelf, struct wn_inlet *inlet);

/**
 * Write runs of what lies here, where it is time to or too much of it is only in memory.
 *
 * @param all  It is time to.
 * @return WN_OK, or WN_FATAL: "file-write".
 */
WN_NODISCARD
enum wn_code wn_shelf_tend(struct wn_shelf *shelf, bool all, struct wn_error *err);

#endif
