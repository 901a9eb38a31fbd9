// SPDX-License-Identifier: Apache-2.0

/**
 * Memory that does not reach the swap, for keys.
 *
 * A piece costs three pages and more (libsodium puts guard pages around it), so many small keys
 * share one: the caller takes what it needs at once.
 */

#ifndef WINNOW_KEYS_LOCKED_H
#define WINNOW_KEYS_LOCKED_H

#include "winnow/error.h"

/** Take zeroed, locked memory. @return NULL where it can't be locked. */
void *wn_locked_take(size_t size);

/** Wipe it and give it back; NULL is fine. @return NULL */
void *wn_locked_give(void *memory);

/** For WN_CLEANUP(). */
void wn_locked_givep(void *pointer);

/**
 * Say that memory could not be locked, and what to do.
 *
 * @return WN_FATAL: "locked-memory".
 */
enum wn_code wn_locked_fail(size_t size, struct wn_error *err);

#endif
