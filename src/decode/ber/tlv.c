// SPDX-License-Identifier: Apache-2.0

#include "winnow/ber.h"

#include "winnow/format.h"

enum {
    TAG_IN_FRONT = 31, ///< Tag numbers from here on follow in octets of their own.
    TAG_BITS = 28,
    LENGTH_BITS = 62,
    LENGTH_OPEN = 0x80,     ///< Indefinite.
    LENGTH_RESERVED = 0xff, ///< X.690 §8.1.3.5 c.
    END_OF_CONTENTS = 2,    ///< Octets.
};

/** Tag and length of an element. */
struct head {
    struct wn_tlv tlv; ///< Without content.
    size_t len;        ///< Octets of tag and length.
    size_t content;    ///< Octets of the content; 0 where it is indefinite.
};

static enum wn_code bad(struct wn_error *err, const char *what)
{
    return wn_fail(err, WN_REJECT, "bad-ber", "%s", what);
}

/** Read the octets of a tag behind the first. @return as wn_tlv_next() */
static enum wn_code read_long_tag(struct wn_slice rest, size_t *at, uint32_t *ret_tag,
                                  struct wn_error *err)
{
    uint32_t tag = 0;
    while (*at < rest.len) {
        const uint8_t octet = (uint8_t)rest.at[(*at)++];
        if (tag >> (TAG_BITS - 7) != 0) {
            return bad(err, "a tag has a number of over 28 bits");
        }
        tag = tag << 7 | (octet & 0x7fU);
        if ((octet & 0x80) == 0) {
            *ret_tag = tag;
            return WN_OK;
        }
    }
    return WN_RETRY;
}

/** Read a length of `n` octets. @return as wn_tlv_next() */
static enum wn_code read_long_length(struct wn_slice rest, size_t *at, size_t n, size_t *ret_len,
                                     struct wn_error *err)
{
    uint64_t len = 0;
    for (; n > 0; n--) {
        if (*at == rest.len) {
            return WN_RETRY;
        }
        if (len >> (LENGTH_BITS - 8) != 0) {
            return bad(err, "a length has over 62 bits");
        }
        len = len << 8 | (uint8_t)rest.at[(*at)++];
    }
    *ret_len = len;
    return WN_OK;
}

static enum wn_code read_head(struct wn_slice rest, struct head *ret, struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    size_t at = 1;
    if (rest.len == 0) {
        return WN_RETRY;
    }
    const uint8_t first = (uint8_t)rest.at[0];
    *ret = (struct head){
        .tlv = { .class_ = first >> 6, .constructed = (first & 0x20) != 0, .tag = first & 31 },
    };
    if (ret->tlv.tag == TAG_IN_FRONT) {
        rc = read_long_tag(rest, &at, &ret->tlv.tag, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    if (at == rest.len) {
        return WN_RETRY;
    }
    const uint8_t length = (uint8_t)rest.at[at++];
    if (length < LENGTH_OPEN) {
        ret->content = length;
    } else if (length == LENGTH_OPEN) {
        ret->tlv.indefinite = true;
        rc = ret->tlv.constructed ? WN_OK : bad(err, "a primitive value has an indefinite length");
    } else if (length == LENGTH_RESERVED) {
        rc = bad(err, "a length begins with ff");
    } else {
        rc = read_long_length(rest, &at, length & 0x7f, &ret->content, err);
    }
    ret->len = at;
    return rc;
}

/**
 * Find the end-of-contents octets of the indefinite length that `content` begins in.
 *
 * @param ret_len  Octets in front of them; with WN_RETRY how far `content` was read, at least.
 */
static enum wn_code find_end(struct wn_slice content, size_t *ret_len, struct wn_error *err)
{
    struct wn_slice rest = content;
    for (unsigned depth = 1; depth > 0;) {
        struct head head;
        *ret_len = content.len - rest.len;
        enum wn_code rc = read_head(rest, &head, err);
        if (rc != WN_OK) {
            return rc;
        }
        if (head.content > rest.len - head.len) {
            *ret_len += head.len + head.content;
            return WN_RETRY;
        }
        rest = wn_slice_after(rest, head.len + head.content);
        const bool is_end = head.tlv.class_ == WN_BER_UNIVERSAL && head.tlv.tag == 0 &&
                            !head.tlv.indefinite && head.content == 0;
        if (is_end) {
            depth--;
        } else if (head.tlv.indefinite && ++depth > WN_DEPTH) {
            return wn_fail(err, WN_REJECT, "too-deep", "indefinite lengths are nested over %d deep",
                           WN_DEPTH);
        }
    }
    return WN_OK;
}

enum wn_code wn_tlv_next(struct wn_slice *rest, struct wn_tlv *ret, struct wn_error *err)
{
    struct head head;
    ret->whole = 0;
    enum wn_code rc = read_head(*rest, &head, err);
    if (rc != WN_OK) {
        return rc;
    }
    size_t tail = 0;
    const struct wn_slice content = wn_slice_after(*rest, head.len);
    if (head.tlv.indefinite) {
        rc = find_end(content, &head.content, err);
        tail = END_OF_CONTENTS;
    } else if (head.content > content.len) {
        rc = WN_RETRY;
    }
    const size_t whole = head.len + head.content + tail;
    if (rc != WN_OK) {
        ret->whole = whole;
        return rc;
    }
    *ret = head.tlv;
    ret->content = (struct wn_slice){ content.at, head.content };
    ret->whole = whole;
    *rest = wn_slice_after(*rest, whole);
    return WN_OK;
}
