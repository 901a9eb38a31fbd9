// SPDX-License-Identifier: Apache-2.0

/**
 * Avro's primitives into memory that has room for them: what avro.c offers and encode.c uses
 * inline. Each `put` returns the place behind what it wrote.
 */

#ifndef WINNOW_MINIMISE_WRITE_H
#define WINNOW_MINIMISE_WRITE_H

#include "winnow/slice.h"

enum {
    WN_LONG_ROOM = 10, ///< Octets of a long, at most.
};

/**
 * int and long: zig-zag, seven bits an octet, least significant first.
 *
 * A loop on purpose. Spreading the bits over a word without one was tried: it is slower, since
 * where the next value goes then waits for the arithmetic, while a length is mostly guessed right.
 */
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

/** Octets as they are; `len` may be 0 with no bytes at all. Short ones without a call. */
static inline uint8_t *wn_put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    if (len > 64) {
        memcpy(at, from, len);
    } else if (len > 32) { // Both ends, here and below; they overlap in the middle.
        memcpy(at, from, 32);
        memcpy(at + len - 32, from + len - 32, 32);
    } else if (len >= 16) {
        memcpy(at, from, 16);
        memcpy(at + len - 16, from + len - 16, 16);
    } else if (len >= 8) {
        memcpy(at, from, 8);
        memcpy(at + len - 8, from + len - 8, 8);
    } else {
        for (size_t i = 0; i < len; i++) {
            at[i] = from[i];
        }
    }
    return at + len;
}

#endif
