// SPDX-License-Identifier: Apache-2.0

/*
 * Which framing an input has, by its front; the first that fits:
 *
 *     guard24, ts32297, custom24     their file headers, plausible and with a record behind them
 *     cedf                           30 with a0, a1 or a2 in it
 *     61, 62                         TAP: "tap-file"
 *     FD, LD, LT, FT in letters      blocks around BER: "unsupported-encoding"
 *     prefixed                       a length that is exactly that of the record behind it
 *     ber                            an element of the context's class that ends before another
 * one, before padding or the input's end, or is cut else "unknown-framing"
 *
 * Only so many octets are looked at that the answer never depends on how they came.
 */

#include "frame_step.h"

enum {
    WINDOW = 16 << 10,     ///< Octets that are looked at.
    HEADER_LEAST = 50,     ///< Octets of a TS 32.297 header that is named.
    HEADER_MOST = 1 << 18, ///< The same.
    HEADER_24 = 24,
    TAP_BATCH = 0x61,
    TAP_NOTIFICATION = 0x62,
    CEDF = 0x30,
};

static const char no_framing[] = "no framing that is known: name it in the source (`framing:`)";
static const char not_named[] = "the input does not begin as the framing that the source names";

/** Choose between two readings of a record's header by the first record. */
static bool choose_prefix(struct wn_framer *framer, const struct wn_view *view, size_t at,
                          uint8_t other_prefix)
{
    struct wn_framer other = *framer;
    other.prefix = other_prefix;
    const enum wn_sight one = wn_frame_fits(framer, view, at);
    const enum wn_sight two = wn_frame_fits(&other, view, at);
    if (one == WN_SIGHT_MORE || (one != WN_SIGHT_EXACT && two == WN_SIGHT_MORE)) {
        return false;
    }
    if (one != WN_SIGHT_EXACT && two == WN_SIGHT_EXACT) {
        framer->prefix = other_prefix;
    }
    return true;
}

/** Begin with a file header of `size` octets. @return false: more is needed. */
static bool begin(struct wn_framer *framer, const struct wn_view *view, size_t size,
                  struct wn_step *step)
{
    bool known = true;
    if (framer->framing == WN_FRAMING_GUARD24 || framer->framing == WN_FRAMING_CUSTOM24) {
        known = choose_prefix(framer, view, size, 4);
    }
    *step = (struct wn_step){ .len = size, .is_part = true };
    return known;
}

static uint8_t prefix_of(enum wn_framing framing)
{
    return framing == WN_FRAMING_GUARD24 ? 5 : 2;
}

/** @return whether an element begins as records do: its first element is one of the context's. */
static bool holds_fields(const struct wn_view *view, size_t at)
{
    const struct wn_slice bytes = view->bytes;
    size_t inner = wn_frame_length_at(bytes, at);
    if (inner >= bytes.len) {
        return false;
    }
    const uint8_t length = wn_octet(bytes, inner);
    inner += 1 + (length > 0x80 ? length & 0x7fU : 0);
    if (inner >= bytes.len || wn_octet(bytes, inner) >> 6 != 2) {
        return false;
    }
    return wn_frame_tlv(view, inner, UINT64_MAX).sight == WN_SIGHT_EXACT;
}

/** Does a record stand at `at`, with another one or nothing behind it? */
static enum wn_sight look_bare(const struct wn_view *view, size_t at)
{
    const struct wn_slice bytes = view->bytes;
    if (at == bytes.len || !wn_frame_is_record(wn_octet(bytes, at))) {
        return WN_SIGHT_NOT;
    }
    const struct wn_frame_tlv tlv = wn_frame_tlv(view, at, UINT64_MAX);
    if (tlv.sight == WN_SIGHT_NOT || tlv.whole > WN_RECORD_BYTES) {
        return WN_SIGHT_NOT;
    }
    if (tlv.sight == WN_SIGHT_MORE || tlv.whole > bytes.len - at) {
        return holds_fields(view, at) ? WN_SIGHT_LOOKS : WN_SIGHT_NOT;
    }
    const size_t next = at + (size_t)tlv.whole;
    const bool fits = next == bytes.len || wn_frame_is_pad(wn_octet(bytes, next)) ||
                      wn_frame_is_record(wn_octet(bytes, next));
    return fits ? WN_SIGHT_EXACT : WN_SIGHT_NOT;
}

static bool is_cedf(struct wn_slice bytes)
{
    if (bytes.len < 3 || wn_octet(bytes, 0) != CEDF) {
        return false;
    }
    const uint8_t length = wn_octet(bytes, 1);
    const size_t inner = 2 + (length > 0x80 ? length & 0x7fU : 0);
    return inner < bytes.len && wn_octet(bytes, inner) >= 0xa0 && wn_octet(bytes, inner) <= 0xa2;
}

/** @return whether the input begins with a block of letters: `FD`, `LD`, `LT`, `FT`. */
static bool is_lettered(struct wn_slice bytes)
{
    return wn_slice_starts(bytes, "FD") || wn_slice_starts(bytes, "LD") ||
           wn_slice_starts(bytes, "LT") || wn_slice_starts(bytes, "FT");
}

/** Those without a file header. */
static struct wn_step guess_bare(struct wn_framer *framer, const struct wn_view *view)
{
    const struct wn_slice bytes = view->bytes;
    const uint8_t first = wn_octet(bytes, 0);
    if (is_cedf(bytes)) {
        framer->framing = WN_FRAMING_CEDF;
        return (struct wn_step){ 0 };
    }
    if (first == TAP_BATCH || first == TAP_NOTIFICATION) {
        return wn_step_lost(0, "tap-file", "a TAP file, not charging records");
    }
    if (is_lettered(bytes)) {
        return wn_step_lost(0, "unsupported-encoding", "blocks that begin with letters");
    }
    framer->framing = WN_FRAMING_PREFIXED;
    framer->prefix = prefix_of(WN_FRAMING_PREFIXED);
    if (wn_frame_fits(framer, view, 0) == WN_SIGHT_EXACT) {
        return (struct wn_step){ 0 };
    }
    framer->framing = WN_FRAMING_BER;
    if (look_bare(view, wn_frame_padding(bytes)) == WN_SIGHT_NOT) {
        return wn_step_lost(0, "unknown-framing", no_framing);
    }
    return (struct wn_step){ 0 };
}

/** Begin with what the source names. @return false: more is needed. */
static bool begin_named(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    const bool is_standard = framer->named == WN_FRAMING_TS32297;
    const size_t least = is_standard ? 8 : HEADER_24;
    framer->framing = framer->named;
    framer->prefix = prefix_of(framer->framing);
    if (!is_standard && framer->named != WN_FRAMING_GUARD24 &&
        framer->named != WN_FRAMING_CUSTOM24) {
        return true;
    }
    uint64_t size = least;
    if (is_standard && view->bytes.len >= least) {
        size = wn_number_at(view->bytes, 4, 4);
        size = size >= HEADER_LEAST && size <= HEADER_MOST ? size : UINT64_MAX;
    }
    if (wn_view_may_have(view, size) && size > view->bytes.len) {
        return false;
    }
    if (size > view->bytes.len) {
        *step = wn_step_lost(0, "unknown-framing", not_named);
        return true;
    }
    return begin(framer, view, (size_t)size, step);
}

bool wn_frame_guess(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    static const enum wn_framing headed[] = { WN_FRAMING_GUARD24, WN_FRAMING_TS32297,
                                              WN_FRAMING_CUSTOM24 };
    struct wn_framer found = *framer;
    if (!view->end && view->bytes.len < WINDOW) {
        return false;
    }
    const struct wn_view window = {
        .bytes = { view->bytes.at, view->bytes.len < WINDOW ? view->bytes.len : WINDOW },
        .end = view->end && view->bytes.len <= WINDOW,
    };
    if (framer->named != WN_FRAMING_AUTO) {
        if (!begin_named(&found, view, step)) {
            return false;
        }
        *framer = found;
        return true;
    }
    for (unsigned i = 0; i < WN_COUNT(headed); i++) {
        size_t size = 0;
        found.framing = headed[i];
        found.prefix = prefix_of(headed[i]);
        const enum wn_sight sight = wn_frame_file_header(&found, &window, &size);
        if (sight == WN_SIGHT_LOOKS || sight == WN_SIGHT_EXACT) {
            (void)begin(&found, &window, size, step);
            *framer = found;
            return true;
        }
    }
    *step = guess_bare(&found, &window);
    *framer = found;
    return true;
}
