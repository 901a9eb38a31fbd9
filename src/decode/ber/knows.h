// SPDX-License-Identifier: Apache-2.0

/** Which paths the records of the description can have. */

#ifndef WINNOW_DECODE_BER_KNOWS_H
#define WINNOW_DECODE_BER_KNOWS_H

#include "winnow/slice.h"

/** `knows` of `struct wn_format`. */
bool wn_ber_knows(struct wn_slice path, size_t *ret_at, const char **ret_nearest);

#endif
