// SPDX-License-Identifier: Apache-2.0

#ifndef WINNOW_DECODE_BER_WALK_H
#define WINNOW_DECODE_BER_WALK_H

#include "route.h"
#include "winnow/format.h"

/** What a walk writes to. */
struct wn_walk {
    const struct wn_paths *paths;
    struct wn_arena *arena;
    struct wn_drift *drift; ///< NULL: names are not counted.
    uint32_t learned;       ///< Ways whose `learned` is this know their number in `drift`.
    struct wn_taken_list *lists;
    struct wn_taken *rows[WN_LANES];
    struct wn_taken **tails[WN_LANES];
    struct wn_error *err;
};

/**
 * Walk the content of a record along its route, once.
 *
 * Descends only where something is wanted, so the depth is that of the paths. What is not wanted is
 * skipped by its length.
 *
 * @return WN_OK, or WN_REJECT: "bad-ber", "too-deep", "duplicate-field", "too-many-items".
 */
enum wn_code wn_walk_record(struct wn_walk *walk, const struct wn_route *route,
                            struct wn_slice content);

#endif
