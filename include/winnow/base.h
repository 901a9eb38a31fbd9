// SPDX-License-Identifier: Apache-2.0

/**
 * Language helpers that every file may use; no knowledge of records.
 */

#ifndef WINNOW_BASE_H
#define WINNOW_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The caller must look at the result. */
#define WN_NODISCARD __attribute__((warn_unused_result))

/** Let the compiler check a printf-like function's arguments. */
#define WN_PRINTF(text, first) __attribute__((format(printf, text, first)))

/** Give an owned local back at the end of its scope: `WN_CLEANUP(wn_x_closep) struct wn_x *x`. */
#define WN_CLEANUP(function) __attribute__((cleanup(function)))

/** Number of elements of an array (not of a pointer). */
#define WN_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#ifdef __cplusplus
#define WN_C_BEGIN extern "C" {
#define WN_C_END }
#else
#define WN_C_BEGIN
#define WN_C_END
#endif

/** Give heap memory back; for WN_CLEANUP() on any pointer to malloc()ed memory. */
void wn_freep(void *pointer);

#endif
