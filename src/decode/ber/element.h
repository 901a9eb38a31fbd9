// SPDX-License-Identifier: Apache-2.0

/** Elements within a record, the common ones read without a call. */

#ifndef WINNOW_DECODE_BER_ELEMENT_H
#define WINNOW_DECODE_BER_ELEMENT_H

#include "table.h"
#include "winnow/ber.h"

/** An element within a record. */
struct wn_element {
    uint32_t tag; ///< As wn_ber_tag().
    bool constructed;
    struct wn_slice content;
    struct wn_slice whole; ///< With tag and length.
};

/** As wn_element_next(), for every form of tag and length. */
enum wn_code wn_element_any(struct wn_slice *rest, struct wn_element *ret, struct wn_error *err);

/**
 * Cut an element off what an element around it holds; `rest` is not empty.
 *
 * @return WN_OK, or WN_REJECT: "bad-ber" (also where it is longer than what holds it), "too-deep".
 */
static inline enum wn_code wn_element_next(struct wn_slice *rest, struct wn_element *ret,
                                           struct wn_error *err)
{
    const unsigned in_front = 31; // Smaller tags stand in the first octet.
    const uint8_t *at = (const uint8_t *)rest->at;
    size_t n = 0;
    uint32_t tag = at[0] & in_front;
    if (tag != in_front) {
        n = 1;
    } else if (rest->len > 2 && at[1] < 0x80) {
        tag = at[1];
        n = 2;
    }
    if (n == 0 || rest->len <= n + 2) {
        return wn_element_any(rest, ret, err);
    }
    const uint8_t first = at[n];
    size_t len = first;
    if (first == 0x82) {
        len = (size_t)at[n + 1] << 8 | at[n + 2];
        n += 2;
    } else if (first == 0x81) {
        len = at[n + 1];
        n += 1;
    } else if (first >= 0x80) {
        return wn_element_any(rest, ret, err);
    }
    if (len > rest->len - n - 1) {
        return wn_element_any(rest, ret, err);
    }
    ret->tag = wn_ber_tag(at[0] >> 6, tag);
    ret->constructed = (at[0] & 0x20) != 0;
    ret->content.at = rest->at + n + 1;
    ret->content.len = len;
    ret->whole.at = rest->at;
    ret->whole.len = n + 1 + len;
    rest->at += n + 1 + len;
    rest->len -= n + 1 + len;
    return WN_OK;
}

/** Skip padding, which is no element: octets of zero where a tag is due. */
static inline void wn_element_skip_zeros(struct wn_slice *rest)
{
    while (rest->len > 0 && rest->at[0] == 0) {
        rest->at++;
        rest->len--;
    }
}

/**
 * Join the segments of a value that is constructed though it need not be; what is not made of
 * segments is left as it is.
 */
struct wn_slice wn_element_join(const struct wn_element *element, struct wn_arena *arena);

#endif
