// SPDX-License-Identifier: Apache-2.0

/**
 * The clock that limits and waits are measured by. What a record or a receipt says is the wall
 * clock's.
 */

#ifndef WINNOW_CLOCK_H
#define WINNOW_CLOCK_H

#include <stdint.h>

/** @return milliseconds since an instant in the past; never less than before. Threads: any. */
int64_t wn_monotonic_ms(void);

#endif
