// SPDX-License-Identifier: Apache-2.0

/**
 * A series as a set of numbers on the circle of 32 bits: what is added to it, what fits it.
 *
 * Coordinates are signed distances to the series' `last`: it is at 0, `first` at most 2^30 behind.
 */

#ifndef ACCOUNT_SERIES_H
#define ACCOUNT_SERIES_H

#include "winnow/sequences.h"

/** @return whether what was read back is a series: a record at least, and its gaps stand in order,
 * apart from each other and its ends. */
bool wn_series_is_sound(const struct wn_series *series);

/** How well a series continues another one, from not at all to best. */
enum wn_fit {
    WN_FIT_NONE,   ///< A counter that was set anew.
    WN_FIT_NEAR,   ///< Ahead, and a gap is left; or behind: it came late.
    WN_FIT_SEEN,   ///< In the span; some numbers were there.
    WN_FIT_INSIDE, ///< In the span, and none was there.
    WN_FIT_NEXT,
};

/** @return how `more` fits `series`; @param ret_distance  NEAR: how far. */
enum wn_fit wn_series_fit(const struct wn_series *series, const struct wn_series *more,
                          uint32_t *ret_distance);

/**
 * Add all numbers of `more`.
 *
 * @param since_ms  For gaps that it opens, and those of its own without a time.
 * @param most      Gaps that it may have; others are closed, the youngest ones, and counted.
 */
void wn_series_add(struct wn_series *series, const struct wn_series *more, int64_t since_ms,
                   unsigned most);

/** Add a single number as a record gives it. */
void wn_series_add_number(struct wn_series *series, const struct wn_sequence_number *number,
                          unsigned most);

/** @return how a single number fits; the same as wn_series_fit() of a series of it. */
enum wn_fit wn_series_fit_number(const struct wn_series *series, uint32_t number, bool passed,
                                 uint32_t *ret_distance);

#endif
