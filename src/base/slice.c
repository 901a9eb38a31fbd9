// SPDX-License-Identifier: Apache-2.0

#include "winnow/slice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DIGITS_MOST = 20 ///< Of a number of 64 bits.
};

void wn_freep(void *pointer)
{
    free(*(void **)pointer);
}

bool wn_slice_same_any_case(struct wn_slice a, struct wn_slice b)
{
    for (size_t i = 0; i < a.len && a.len == b.len; i++) {
        if (wn_ascii_lower(a.at[i]) != wn_ascii_lower(b.at[i])) {
            return false;
        }
    }
    return a.len == b.len;
}

struct wn_slice wn_slice_strip(struct wn_slice slice)
{
    while (slice.len > 0 && (slice.at[0] == ' ' || slice.at[0] == '\t')) {
        slice = wn_slice_after(slice, 1);
    }
    while (slice.len > 0 && (slice.at[slice.len - 1] == ' ' || slice.at[slice.len - 1] == '\t')) {
        slice.len--;
    }
    return slice;
}

bool wn_slice_take(struct wn_slice *slice, unsigned octets, uint64_t *ret_number)
{
    if (slice->len < octets) {
        return false;
    }
    uint64_t number = 0;
    for (unsigned i = 0; i < octets; i++) {
        number = number << 8 | (uint8_t)slice->at[i];
    }
    *slice = wn_slice_after(*slice, octets);
    *ret_number = number;
    return true;
}

bool wn_slice_number(struct wn_slice slice, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (slice.len == 0) {
        return false;
    }
    if (slice.len < DIGITS_MOST) { // Nothing can overflow.
        for (size_t i = 0; i < slice.len; i++) {
            unsigned digit = (unsigned)(unsigned char)slice.at[i] - '0';
            if (digit > 9) {
                return false;
            }
            number = number * 10 + digit;
        }
        *ret_number = number;
        return true;
    }
    for (size_t i = 0; i < slice.len; i++) {
        unsigned digit = (unsigned)(unsigned char)slice.at[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, (uint64_t)digit, &number)) {
            return false;
        }
    }
    *ret_number = number;
    return true;
}

static void *grow(void *at, size_t size)
{
    void *grown = realloc(at, size);
    if (!grown) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return grown;
}

void wn_buffer_grow(struct wn_buffer *buffer, size_t more)
{
    size_t need = buffer->len + more;
    size_t capacity = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
    if (capacity < need) {
        capacity = need;
    }
    buffer->at = grow(buffer->at, capacity);
    buffer->capacity = capacity;
}

void wn_buffer_put(struct wn_buffer *buffer, uint64_t number, unsigned octets)
{
    uint8_t *at = wn_buffer_room(buffer, octets);
    for (unsigned i = 0; i < octets; i++) {
        at[i] = (uint8_t)(number >> 8 * (octets - 1 - i));
    }
    buffer->len += octets;
}

void wn_buffer_text(struct wn_buffer *buffer, const char *text)
{
    wn_buffer_add(buffer, text, strlen(text));
}

void wn_buffer_format(struct wn_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0) {
        uint8_t *room = wn_buffer_room(buffer, (size_t)len + 1);
        vsnprintf((char *)room, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void wn_buffer_deinit(struct wn_buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct wn_buffer){ 0 };
}

void wn_buffer_wipe(struct wn_buffer *buffer)
{
    if (buffer->len > 0) {
        explicit_bzero(buffer->at, buffer->len);
    }
    buffer->len = 0;
}
