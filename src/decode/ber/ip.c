// SPDX-License-Identifier: Apache-2.0

/*
 * IPAddress (TS 32.298), one of five alternatives:
 *
 *     80 04 c0000201                    [0] IPv4
 *     81 10 …                           [1] IPv6
 *     82 n  31 39 …, 83 n …             [2] [3] IPv4 and IPv6 as text
 *     a4 17 04 10 … 02 01 38            [4] IPv6 and the length of its prefix
 *
 * One gateway may be written in two of them, so that all become the same 16 octets.
 */

#include "winnow/ber.h"
#include "winnow/form.h"

#include "winnow/coded.h"

enum {
    IPV4 = 0,
    IPV6 = 1,
    IPV4_TEXT = 2,
    IPV6_TEXT = 3,
    IPV6_PREFIX = 4,
};

static enum wn_code cut(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-ber", "an IPAddress that is cut");
}

enum wn_code wn_ip_element(const struct wn_reading *how, struct wn_slice element,
                           struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                           struct wn_error *err)
{
    struct wn_tlv tlv;
    *ret_present = false;
    if (element.len == 0) {
        return WN_OK;
    }
    if (wn_tlv_next(&element, &tlv, err) != WN_OK) {
        return cut(err);
    }
    struct wn_slice address = tlv.content;
    switch (tlv.tag) {
    case IPV4_TEXT:
    case IPV6_TEXT:
        return wn_kind_read(WN_KIND_IP, how, address, arena, ret_value, ret_present, err);
    case IPV6_PREFIX:
        while (tlv.constructed) { // A CHOICE within a CHOICE may nest its tags.
            address = tlv.content;
            if (wn_tlv_next(&address, &tlv, err) != WN_OK) {
                return cut(err);
            }
        }
        address = tlv.content;
        break;
    case IPV4:
    case IPV6:
    default:
        break;
    }
    return wn_ip_octets(how, address, arena, ret_value, ret_present, err);
}
