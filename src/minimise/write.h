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

/** Seven bits an octet, least significant first. */
static inline uint8_t *wn_put_varint(uint8_t *at, uint64_t rest)
{
    while (__builtin_expect(rest > 0x7f, 0)) { // One octet falls through.
        *at++ = (uint8_t)(rest | 0x80);
        rest >>= 7;
    }
    *at++ = (uint8_t)rest;
    return at;
}

/**
 * int and long: zig-zag, as a varint.
 *
 * A loop on purpose. Spreading the bits over a word without one was tried: it is slower, since
 * where the next value goes then waits for the arithmetic, while a length is mostly guessed right.
 */
static inline uint8_t *wn_put_long(uint8_t *at, int64_t number)
{
    return wn_put_varint(at, (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

/** A length, a count: what is not negative needs no zig-zag. */
static inline uint8_t *wn_put_length(uint8_t *at, size_t length)
{
    return wn_put_varint(at, (uint64_t)length << 1);
}

/** Copy `end` to twice `end` octets: both ends, which overlap in the middle. */
static inline void wn_copy_ends(uint8_t *at, const uint8_t *from, size_t len, size_t end)
{
    memcpy(at, from, end);
    memcpy(at + len - end, from + len - end, end);
}

/** Octets as they are; `len` may be 0 with no bytes at all. Short ones without a call: nothing
 * behind `bytes` is read. */
static inline uint8_t *wn_put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    if (len >= 8 && len <= 16) { // Numbers, names: the most common.
        wn_copy_ends(at, from, len, 8);
    } else if (len < 8) {
        for (size_t i = 0; i < len; i++) {
            at[i] = from[i];
        }
    } else if (len <= 32) {
        wn_copy_ends(at, from, len, 16);
    } else if (len <= 64) {
        wn_copy_ends(at, from, len, 32);
    } else {
        memcpy(at, from, len);
    }
    return at + len;
}

#endif
