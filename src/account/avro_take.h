// SPDX-License-Identifier: Apache-2.0

/**
 * Taking Avro primitives off the front of bytes that may be damaged (Avro 1.11 specification,
 * "Binary encoding"). Every function returns false, and leaves `rest` anywhere, where the bytes do
 * not hold the value whole.
 */

#ifndef ACCOUNT_AVRO_TAKE_H
#define ACCOUNT_AVRO_TAKE_H

#include "winnow/slice.h"

/** Take a long: at most ten octets, and no bit beyond the 64th. */
WN_NODISCARD
bool wn_avro_take_long(struct wn_slice *rest, int64_t *ret_number);

/** Take an int: a long that fits in 32 bits. */
WN_NODISCARD
bool wn_avro_take_int(struct wn_slice *rest, int32_t *ret_number);

/** Take a fixed of `len` octets. */
WN_NODISCARD
bool wn_avro_take_fixed(struct wn_slice *rest, size_t len, struct wn_slice *ret_bytes);

/** Take bytes or a string: its length, not more than is left, then the octets. */
WN_NODISCARD
bool wn_avro_take_bytes(struct wn_slice *rest, struct wn_slice *ret_bytes);

/** Take a string: bytes that are UTF-8. */
WN_NODISCARD
bool wn_avro_take_string(struct wn_slice *rest, struct wn_slice *ret_text);

#endif
