// SPDX-License-Identifier: Apache-2.0

#include "element.h"

#include "winnow/format.h"

enum wn_code wn_element_any(struct wn_slice *rest, struct wn_element *ret, struct wn_error *err)
{
    struct wn_tlv tlv;
    const char *front = rest->at;
    const enum wn_code rc = wn_tlv_next(rest, &tlv, err);
    if (rc == WN_RETRY) {
        return wn_fail(err, WN_REJECT, "bad-ber", "an element is longer than what it lies in");
    }
    if (rc == WN_OK) {
        *ret = (struct wn_element){
            .tag = wn_ber_tag(tlv.class_, tlv.tag),
            .constructed = tlv.constructed,
            .content = tlv.content,
            .whole = { front, tlv.whole },
        };
    }
    return rc;
}

/**
 * Walk over segments, which may have segments of their own, and copy their octets.
 *
 * @param to  Where they go; NULL: they are only counted.
 * @return false where an element is no segment.
 */
static bool walk_segments(struct wn_slice rest, unsigned depth, char *to, size_t *n)
{
    while (rest.len > 0) {
        struct wn_tlv tlv;
        struct wn_error unused;
        if (depth == 0 || wn_tlv_next(&rest, &tlv, &unused) != WN_OK ||
            tlv.class_ != WN_BER_UNIVERSAL || tlv.tag == 0) {
            return false;
        }
        if (tlv.constructed) {
            if (!walk_segments(tlv.content, depth - 1, to, n)) {
                return false;
            }
            continue;
        }
        if (to && tlv.content.len > 0) {
            memcpy(to + *n, tlv.content.at, tlv.content.len);
        }
        *n += tlv.content.len;
    }
    return true;
}

struct wn_slice wn_element_join(const struct wn_element *element, struct wn_arena *arena)
{
    const unsigned depth = 8; // Nobody nests them; X.690 allows it.
    size_t n = 0;
    if (element->content.len == 0 || !walk_segments(element->content, depth, NULL, &n)) {
        return element->content;
    }
    char *joined = wn_arena_take(arena, n + 1);
    size_t len = 0;
    walk_segments(element->content, depth, joined, &len);
    return (struct wn_slice){ joined, len };
}
