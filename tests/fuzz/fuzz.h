// SPDX-License-Identifier: Apache-2.0

/** What the fuzz targets of the formats share. */

#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "winnow/format.h"

/** What libFuzzer calls, and replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * Run an input through a format and stop the process where a property does not hold:
 *
 * - every octet is passed once: pieces stand in order, and what lies between them is white space
 *   (or, with `has_header`, one header row);
 * - every value lies in its record or in the arena;
 * - the pieces are the same when the input comes in chunks.
 *
 * The first octet of the input says how long the chunks are; the rest is the input.
 */
void fuzz_format(const struct wn_format *format, const struct wn_format_options *options,
                 const uint8_t *data, size_t size);

/** Add paths, separated by spaces. */
void fuzz_add_paths(struct wn_paths *paths, const char *list);

#endif
