// SPDX-License-Identifier: Apache-2.0

/**
 * Memory that is given back all at once: one arena a batch, reset between records or at commit.
 *
 * Threads: an arena belongs to one thread.
 */

#ifndef WINNOW_ARENA_H
#define WINNOW_ARENA_H

#include "winnow/slice.h"

WN_C_BEGIN

struct wn_arena_block;

/** All-zero is an empty arena. */
struct wn_arena {
    struct wn_arena_block *blocks;
};

/**
 * Take `size` octets, aligned for any type, not zeroed.
 *
 * Ends the process with a message where memory is exhausted.
 *
 * @return never NULL; good until the next reset or deinit.
 */
void *wn_arena_take(struct wn_arena *arena, size_t size);

/** Take zeroed memory for `n` elements of `size` octets. */
void *wn_arena_zeroed(struct wn_arena *arena, size_t n, size_t size);

/** Copy bytes into the arena (a NUL follows them). @return the copy. */
struct wn_slice wn_arena_copy(struct wn_arena *arena, struct wn_slice bytes);

/** Forget everything, wipe it, keep the first block for the next record. */
void wn_arena_reset(struct wn_arena *arena);

/** Wipe and give all memory back. May be called twice. */
void wn_arena_deinit(struct wn_arena *arena);

WN_C_END

#endif
