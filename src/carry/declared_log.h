// SPDX-License-Identifier: Apache-2.0

/** Saying what switches say against themselves: totals that differ, numbers that are missing. */

#ifndef WINNOW_DECLARED_LOG_H
#define WINNOW_DECLARED_LOG_H

#include "winnow/tally.h"

/**
 * Write a line `event=totals-differ` for each total that differs from what was found, or was
 * absent.
 *
 * @param key    What `value` is: "batch", "partition".
 * @param value  Where the inputs came from: no name of a file, which may be somebody's.
 */
void wn_declared_log(const char *key, const char *value, const struct wn_tally *tally);

/**
 * Write a line `event=sequence-gap`, `sequence-reset`, `sequence-frozen` where more is missing,
 * more counters were set anew, or more nodes write 0 than before. No node is named.
 */
void wn_gaps_log(const char *key, const char *value, const struct wn_sequence_totals *before,
                 const struct wn_sequence_totals *now);

#endif
