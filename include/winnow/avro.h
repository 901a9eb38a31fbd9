// SPDX-License-Identifier: Apache-2.0

/**
 * Avro binary encoding, primitive by primitive (Avro 1.11 specification, "Binary encoding"): for
 * the usage records' hot path and for our own containers. Appends to a buffer, can't fail.
 */

#ifndef WINNOW_AVRO_H
#define WINNOW_AVRO_H

#include "winnow/slice.h"

/** int and long: zig-zag, 7 bits an octet. */
void wn_avro_long(struct wn_buffer *out, int64_t number);

/** boolean: one octet. */
void wn_avro_boolean(struct wn_buffer *out, bool value);

/** string and bytes: length as long, then the octets. */
void wn_avro_bytes(struct wn_buffer *out, const void *bytes, size_t len);

/** fixed: the octets alone. */
void wn_avro_fixed(struct wn_buffer *out, const void *bytes, size_t len);

#endif
