// SPDX-License-Identifier: Apache-2.0

/**
 * Avro's primitives into memory that has room for them: what avro.c offers and encode.c uses
 * inline. Each `put` returns the place behind what it wrote.
 */

#ifndef WINNOW_MINIMISE_WRITE_H
#define WINNOW_MINIMISE_WRITE_H

#include "winnow/slice.h"

enum {
    WN_LONG_BYTES = 10
}; ///< Of a long, at most.

/** int and long: zig-zag, seven bits an octet, least significant first. */
static inline uint8_t *wn_put_long(uint8_t *at, int64_t number)
{
    uint64_t rest = (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);

    while (rest > 0x7f) {
        *at++ = (uint8_t)(rest | 0x80);
        rest >>= 7;
    }
    *at++ = (uint8_t)rest;
    return at;
}

/** Octets as they are; `len` may be 0 with no bytes at all. */
static inline uint8_t *wn_put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    if (len > 0) {
        memcpy(at, bytes, len);
    }
    return at + len;
}

#endif
