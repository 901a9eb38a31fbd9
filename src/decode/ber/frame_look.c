// SPDX-License-Identifier: Apache-2.0

/* What stands at a place: an element, a record with its header, the header of a file. */

#include "frame_step.h"
#include "winnow/ber.h"

enum {
    FORMAT_BER = 1,
    FORMAT_LAST = 4,    ///< XER.
    RELEASE_BEYOND = 7, ///< The release stands in an octet of its own.
    MAGIC = 0xe6e6,     ///< gtp-guard's.
    HEADER_LEAST = 50,  ///< Octets of a file header of TS 32.297.
    HEADER_MOST = 4096, ///< The same, where it is not named.
    HEADER_24 = 24,     ///< Octets of the file headers of others.
    MONTH_MOST = 12,
    HOUR_MOST = 23,
};

size_t wn_frame_length_at(struct wn_slice bytes, size_t at)
{
    if ((wn_octet(bytes, at++) & 0x1f) == 0x1f) {
        while (at < bytes.len && (wn_octet(bytes, at) & 0x80) != 0) {
            at++;
        }
        at++;
    }
    return at < bytes.len ? at : bytes.len;
}

struct wn_frame_tlv wn_frame_tlv(const struct wn_view *view, size_t at, uint64_t most)
{
    const size_t there = most < view->bytes.len ? (size_t)most : view->bytes.len;
    struct wn_frame_tlv found = { .sight = WN_SIGHT_MORE };
    struct wn_tlv tlv;
    struct wn_error unused;
    if (at >= there) {
        return found;
    }
    struct wn_slice rest = { view->bytes.at + at, there - at };
    const size_t length = wn_frame_length_at(rest, 0);
    found.is_open = length < rest.len && wn_octet(rest, length) == 0x80;
    const enum wn_code rc = wn_tlv_next(&rest, &tlv, &unused);
    const bool is_cut = rc == WN_RETRY;
    if (rc == WN_OK || (is_cut && tlv.whole > 0 && !found.is_open)) {
        found.sight = WN_SIGHT_EXACT;
        found.whole = tlv.whole;
    } else if (!is_cut || most <= view->bytes.len) { // It is none, or does not end before `most`.
        found.sight = WN_SIGHT_NOT;
    }
    return found;
}

/** @return what it means that `n` octets are not there. */
static enum wn_sight want(const struct wn_view *view, uint64_t n)
{
    return wn_view_may_have(view, n) ? WN_SIGHT_MORE : WN_SIGHT_NOT;
}

/** The record header of TS 32.297. */
static enum wn_sight read_standard_head(const struct wn_view *view, size_t at,
                                        struct wn_frame_head *ret_head)
{
    const struct wn_slice bytes = view->bytes;
    if (at + 4 > bytes.len) {
        return want(view, at + 4);
    }
    const uint8_t format = wn_octet(bytes, at + 3) >> 5;
    *ret_head = (struct wn_frame_head){
        .size = 4,
        .length = wn_number_at(bytes, at, 2),
        .format = format >= FORMAT_BER && format <= FORMAT_LAST ? format : 0,
        .standard = wn_octet(bytes, at + 3) & 0x1f,
    };
    if (wn_octet(bytes, at + 2) >> 5 != RELEASE_BEYOND) {
        return WN_SIGHT_EXACT;
    }
    if (at + 5 > bytes.len) {
        return want(view, at + 5);
    }
    // No release is so high that its octet would look like a record: then it was left out.
    ret_head->size += wn_frame_is_record(wn_octet(bytes, at + 4)) ? 0 : 1;
    return WN_SIGHT_EXACT;
}

enum wn_sight wn_frame_head(const struct wn_framer *framer, const struct wn_view *view, size_t at,
                            struct wn_frame_head *ret_head)
{
    const struct wn_slice bytes = view->bytes;
    if (framer->framing == WN_FRAMING_TS32297) {
        return read_standard_head(view, at, ret_head);
    }
    if (at + framer->prefix > bytes.len) {
        return want(view, at + framer->prefix);
    }
    const bool is_guard = framer->framing == WN_FRAMING_GUARD24;
    *ret_head = (struct wn_frame_head){
        .size = framer->prefix,
        .length = wn_number_at(bytes, at, is_guard ? 2 : framer->prefix),
        .format = is_guard && wn_number_at(bytes, at + 2, 2) != MAGIC ? 0 : FORMAT_BER,
        .standard = WN_FRAME_NO_STANDARD,
    };
    return WN_SIGHT_EXACT;
}

enum wn_sight wn_frame_fits(const struct wn_framer *framer, const struct wn_view *view, size_t at)
{
    const struct wn_slice bytes = view->bytes;
    struct wn_frame_head head = { 0 };
    if (at >= bytes.len) {
        return at == bytes.len && view->end ? WN_SIGHT_EXACT : want(view, at + 1);
    }
    if (wn_frame_is_pad(wn_octet(bytes, at))) {
        const size_t n = wn_frame_run(wn_slice_after(bytes, at), wn_octet(bytes, at));
        const bool is_rest = n == bytes.len - at;
        if (n >= WN_FRAME_PAD_LEAST || (is_rest && view->end)) {
            return WN_SIGHT_LOOKS;
        }
        if (is_rest) {
            return want(view, bytes.len + 1);
        }
    }
    enum wn_sight sight = wn_frame_head(framer, view, at, &head);
    if (sight != WN_SIGHT_EXACT || head.format == 0) {
        return sight == WN_SIGHT_MORE ? sight : WN_SIGHT_NOT;
    }
    if (head.format != FORMAT_BER || head.length == 0) {
        return framer->framing == WN_FRAMING_TS32297 ? WN_SIGHT_LOOKS : WN_SIGHT_NOT;
    }
    at += head.size;
    if (at >= bytes.len) {
        return want(view, at + 1);
    }
    if (!wn_frame_is_record(wn_octet(bytes, at))) {
        return WN_SIGHT_NOT;
    }
    const size_t length = wn_frame_length_at(bytes, at);
    if (length == bytes.len) {
        return want(view, length + 1);
    }
    if (wn_octet(bytes, length) == 0x80) {
        return WN_SIGHT_LOOKS; // An indefinite length: where it ends is not looked for.
    }
    const struct wn_frame_tlv tlv = wn_frame_tlv(view, at, UINT64_MAX);
    if (tlv.sight != WN_SIGHT_EXACT) {
        return tlv.sight == WN_SIGHT_MORE ? want(view, bytes.len + 1) : WN_SIGHT_NOT;
    }
    return tlv.whole == head.length || tlv.whole + head.size == head.length ? WN_SIGHT_EXACT
                                                                            : WN_SIGHT_LOOKS;
}

/** @return whether four octets are a time of a file header: month, day, hour, minute, offset. */
static bool is_time(uint64_t stamp)
{
    return stamp >> 28 <= MONTH_MOST && (stamp >> 18 & 0x1f) <= HOUR_MOST;
}

static enum wn_sight look_standard(const struct wn_framer *framer, const struct wn_view *view,
                                   size_t *ret_size)
{
    const struct wn_slice bytes = view->bytes;
    struct wn_frame_head head = { 0 };
    const uint64_t size = wn_number_at(bytes, 4, 4);
    if (size < HEADER_LEAST || size > HEADER_MOST) {
        return WN_SIGHT_NOT;
    }
    if (bytes.len < size) {
        return want(view, size);
    }
    if (!is_time(wn_number_at(bytes, 10, 4)) || !is_time(wn_number_at(bytes, 14, 4))) {
        return WN_SIGHT_NOT;
    }
    enum wn_sight sight = wn_frame_head(framer, view, size, &head);
    if (sight == WN_SIGHT_MORE) {
        return sight;
    }
    *ret_size = size;
    if (sight == WN_SIGHT_NOT || head.format != 0) { // The input ends there, or is cut there.
        return WN_SIGHT_EXACT;
    }
    const struct wn_frame_tlv tlv = wn_frame_tlv(view, size + head.size, UINT64_MAX);
    return tlv.sight == WN_SIGHT_EXACT && tlv.whole == head.length ? WN_SIGHT_LOOKS : WN_SIGHT_NOT;
}

static enum wn_sight look_custom(const struct wn_framer *framer, const struct wn_view *view,
                                 size_t *ret_size)
{
    const struct wn_slice bytes = view->bytes;
    if (wn_number_at(bytes, 4, 4) != 1 || wn_number_at(bytes, 12, 4) > wn_number_at(bytes, 8, 4)) {
        return WN_SIGHT_NOT;
    }
    *ret_size = HEADER_24;
    if (view->end && wn_number_at(bytes, 16, 4) == bytes.len) {
        return WN_SIGHT_EXACT;
    }
    struct wn_framer other = *framer;
    other.prefix = 4;
    const enum wn_sight two = wn_frame_fits(framer, view, HEADER_24);
    return two == WN_SIGHT_NOT ? wn_frame_fits(&other, view, HEADER_24) : two;
}

enum wn_sight wn_frame_file_header(const struct wn_framer *framer, const struct wn_view *view,
                                   size_t *ret_size)
{
    const struct wn_slice bytes = view->bytes;
    const enum wn_framing framing = framer->framing;
    if (framing == WN_FRAMING_PREFIXED) {
        return WN_SIGHT_NOT;
    }
    if (bytes.len < HEADER_24) {
        return want(view, HEADER_24);
    }
    if (framing == WN_FRAMING_TS32297) {
        return look_standard(framer, view, ret_size);
    }
    if (framing == WN_FRAMING_CUSTOM24) {
        return look_custom(framer, view, ret_size);
    }
    if (wn_number_at(bytes, 4, 4) != HEADER_24 || wn_number_at(bytes, 8, 2) != MAGIC) {
        return WN_SIGHT_NOT;
    }
    *ret_size = HEADER_24;
    return WN_SIGHT_EXACT;
}
