// SPDX-License-Identifier: Apache-2.0

#include "avro_take.h"

bool wn_avro_take_long(struct wn_slice *rest, int64_t *ret_number)
{
    uint64_t zigzag = 0;
    for (unsigned i = 0; i < 10 && i < rest->len; i++) {
        uint64_t septet = (uint8_t)rest->at[i] & 0x7fU;
        if (i == 9 && septet > 1) {
            return false;
        }
        zigzag |= septet << (7 * i);
        if (((uint8_t)rest->at[i] & 0x80U) == 0) {
            *ret_number = (int64_t)(zigzag >> 1 ^ (0 - (zigzag & 1)));
            *rest = wn_slice_after(*rest, i + 1);
            return true;
        }
    }
    return false;
}

bool wn_avro_take_int(struct wn_slice *rest, int32_t *ret_number)
{
    int64_t number;
    if (!wn_avro_take_long(rest, &number) || number < INT32_MIN || number > INT32_MAX) {
        return false;
    }
    *ret_number = (int32_t)number;
    return true;
}

bool wn_avro_take_fixed(struct wn_slice *rest, size_t len, struct wn_slice *ret_bytes)
{
    if (len > rest->len) {
        return false;
    }
    *ret_bytes = (struct wn_slice){ rest->at, len };
    *rest = wn_slice_after(*rest, len);
    return true;
}

bool wn_avro_take_bytes(struct wn_slice *rest, struct wn_slice *ret_bytes)
{
    int64_t len;
    return wn_avro_take_long(rest, &len) && len >= 0 && (uint64_t)len <= rest->len &&
           wn_avro_take_fixed(rest, (size_t)len, ret_bytes);
}

/** @return octets of the UTF-8 character at the front (RFC 3629), 0 where it is none. */
static size_t character(struct wn_slice text)
{
    const uint8_t *at = (const uint8_t *)text.at;
    if (at[0] < 0x80) {
        return 1;
    }
    size_t len = at[0] >= 0xf0 ? 4 : (at[0] >= 0xe0 ? 3 : 2);
    if (at[0] < 0xc2 || at[0] > 0xf4 || len > text.len) {
        return 0;
    }
    uint8_t low = 0x80, high = 0xbf; // Of the second octet.
    low = at[0] == 0xe0 ? 0xa0 : (at[0] == 0xf0 ? 0x90 : low);
    high = at[0] == 0xed ? 0x9f : (at[0] == 0xf4 ? 0x8f : high);
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool wn_avro_take_string(struct wn_slice *rest, struct wn_slice *ret_text)
{
    if (!wn_avro_take_bytes(rest, ret_text)) {
        return false;
    }
    for (struct wn_slice left = *ret_text; left.len > 0;) {
        size_t len = character(left);
        if (len == 0) {
            return false;
        }
        left = wn_slice_after(left, len);
    }
    return true;
}
