// SPDX-License-Identifier: Apache-2.0

/**
 * Borrowed bytes, and a buffer that grows.
 *
 * A slice owns nothing; who hands one out says how long its bytes live. It has
 * no printf form on purpose: a slice of a record must not reach a message.
 */

#ifndef WINNOW_SLICE_H
#define WINNOW_SLICE_H

#include <string.h>

#include "winnow/base.h"

WN_C_BEGIN

/** Bytes that somebody else owns. All-zero is the empty slice. */
struct wn_slice {
    const char *at;
    size_t len; ///< [octets]
};

/** How a text is read that is not UTF-8. */
enum wn_encoding {
    WN_ENCODING_UTF8,   ///< Not at all.
    WN_ENCODING_LATIN1, ///< ISO 8859-1.
    WN_ENCODING_CP1252, ///< Windows-1252: 27 signs more, five octets that are none.
};

/** @return a slice over a NUL-terminated text; lives as long as the text. */
static inline struct wn_slice wn_slice_of(const char *text)
{
    struct wn_slice slice = { text, strlen(text) };
    return slice;
}

/** @return whether the slice holds exactly this text. */
static inline bool wn_slice_is(struct wn_slice slice, const char *text)
{
    size_t len = strlen(text);
    return slice.len == len && (len == 0 || memcmp(slice.at, text, len) == 0);
}

/** @return whether two slices hold the same bytes. */
static inline bool wn_slice_same(struct wn_slice a, struct wn_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/** @return an ASCII letter in lower case, any other octet as it is; knows no locale. */
static inline char wn_ascii_lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c | 0x20);
    }
    return c;
}

/** @return whether two slices hold the same bytes but for the case of ASCII letters. */
bool wn_slice_same_any_case(struct wn_slice a, struct wn_slice b);

/** @return whether the slice begins with this text. */
static inline bool wn_slice_starts(struct wn_slice slice, const char *text)
{
    size_t len = strlen(text);
    return slice.len >= len && memcmp(slice.at, text, len) == 0;
}

/** @return the slice without its first `n` octets; `n` must not exceed its length. */
static inline struct wn_slice wn_slice_after(struct wn_slice slice, size_t n)
{
    struct wn_slice rest = { slice.at + n, slice.len - n };
    return rest;
}

/**
 * Take a big-endian number off the front.
 *
 * @param octets      1 to 8.
 * @param ret_number  Untouched on failure.
 * @return false where there are not enough octets.
 */
WN_NODISCARD
bool wn_slice_take(struct wn_slice *slice, unsigned octets, uint64_t *ret_number);

/** @return the slice without spaces and tabs at both ends. */
struct wn_slice wn_slice_strip(struct wn_slice slice);

/**
 * Read an unsigned decimal number that fills the whole slice.
 *
 * @param ret_number  Untouched on failure.
 * @return false where it is empty, has another octet than 0-9, or exceeds 64 bits.
 */
WN_NODISCARD
bool wn_slice_number(struct wn_slice slice, uint64_t *ret_number);

/** Memory of its own that grows; all-zero is the empty buffer. */
struct wn_buffer {
    uint8_t *at;
    size_t len;      ///< Octets in use.
    size_t capacity; ///< Octets allocated.
};

/** Make the buffer larger, so that `more` octets fit behind `len`: wn_buffer_room() calls it. */
void wn_buffer_grow(struct wn_buffer *buffer, size_t more);

/**
 * Make room for `more` octets behind `len`.
 *
 * @return where they go (`at + len`; `len` is the caller's to move). Ends the
 *         process with a message where memory is exhausted: there is no sane way on.
 */
static inline uint8_t *wn_buffer_room(struct wn_buffer *buffer, size_t more)
{
    if (more > buffer->capacity - buffer->len) {
        wn_buffer_grow(buffer, more);
    }
    return buffer->at + buffer->len;
}

/** Append bytes. */
static inline void wn_buffer_add(struct wn_buffer *buffer, const void *bytes, size_t len)
{
    if (len > 0) {
        memcpy(wn_buffer_room(buffer, len), bytes, len);
        buffer->len += len;
    }
}

/** Append a number big-endian, in 1 to 8 octets. */
void wn_buffer_put(struct wn_buffer *buffer, uint64_t number, unsigned octets);

/** Append a NUL-terminated text without its NUL. */
void wn_buffer_text(struct wn_buffer *buffer, const char *text);

/** Append formatted text without its NUL. */
void wn_buffer_format(struct wn_buffer *buffer, const char *format, ...) WN_PRINTF(2, 3);

/** @return the bytes in use as a slice; good until the next call that grows the buffer. */
static inline struct wn_slice wn_buffer_slice(const struct wn_buffer *buffer)
{
    struct wn_slice slice = { (const char *)buffer->at, buffer->len };
    return slice;
}

/** Give the memory back; the buffer is empty afterwards. May be called twice. */
void wn_buffer_deinit(struct wn_buffer *buffer);

/** Overwrite what was in use, keep the memory, set `len` to 0: for buffers of raw records. */
void wn_buffer_wipe(struct wn_buffer *buffer);

WN_C_END

#endif
