// SPDX-License-Identifier: Apache-2.0

/** Saying that inputs do not hold what they declare. */

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

#endif
