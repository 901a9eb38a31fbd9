// SPDX-License-Identifier: Apache-2.0

/*
 * Records one behind the other, and padding. What stands behind a record must be another one,
 * padding or the end: else its own length is in doubt, and a record that may be cut where one of
 * its elements ends would be read as if it were whole.
 *
 * Padding that ends with a block of 2 KiB again and again, and no record over a block's end, say
 * that there are blocks: then what is lost is lost up to the end of its block.
 */

#include "frame_step.h"

enum {
    BLOCKS_LEAST = 2, ///< Times that padding ends with a block, until they are believed in.
};

/** @return octets to the end of the block, where there are blocks; UINT64_MAX: there are none. */
static uint64_t room_in_block(const struct wn_framer *framer)
{
    const bool has_blocks = framer->framing == WN_FRAMING_BLOCKS ||
                            (framer->n_blocks >= BLOCKS_LEAST && !framer->crosses);
    return has_blocks ? WN_FRAME_BLOCK - framer->at % WN_FRAME_BLOCK : UINT64_MAX;
}

static struct wn_step lost(uint64_t n, const char *reason, const char *text)
{
    return (struct wn_step){ .lost = n, .reason = reason, .text = text };
}

/** Cut a record off, if what stands behind it may stand there. @return false: more is needed. */
static bool confirm(const struct wn_view *view, size_t whole, uint64_t room, struct wn_step *step)
{
    const struct wn_slice bytes = view->bytes;
    step->len = whole;
    if (whole == bytes.len || whole == room) {
        return whole == room || !wn_view_may_have(view, bytes.len + 1);
    }
    if (!wn_frame_is_pad(wn_octet(bytes, whole)) && !wn_frame_is_record(wn_octet(bytes, whole))) {
        *step = lost(room, "frame-lost", "neither padding nor a record stands behind a record");
    }
    return true;
}

/** A record's end can't be seen yet: will it be? @return false: more is needed. */
static bool wait(const struct wn_view *view, uint64_t room, struct wn_step *step)
{
    if (wn_view_may_have(view, view->bytes.len + 1)) {
        return false;
    }
    *step = view->end ? lost(room, "record-cut", "the input ends in the middle of a record")
                      : lost(room, "record-too-long", "a record of over 16 MiB");
    return true;
}

bool wn_frame_step_record(const struct wn_view *view, uint64_t room, struct wn_step *step)
{
    const struct wn_slice bytes = view->bytes;
    const struct wn_frame_tlv tlv = wn_frame_tlv(view, 0, room);
    if (!wn_frame_is_record(wn_octet(bytes, 0))) {
        *step = lost(room, "frame-lost", "no record begins where the next one should");
        return true;
    }
    if (tlv.sight == WN_SIGHT_NOT) {
        *step = lost(room, "frame-lost", "a record's tag or length can't be read");
        return true;
    }
    if (tlv.sight == WN_SIGHT_EXACT && tlv.whole > room) {
        *step = lost(room, "record-cut", "a record ends beyond what it lies in");
        return true;
    }
    if (tlv.sight == WN_SIGHT_EXACT && tlv.whole > WN_RECORD_BYTES) {
        *step = lost(tlv.whole, "record-too-long", "a record of over 16 MiB");
        return true;
    }
    return tlv.sight == WN_SIGHT_MORE || tlv.whole > bytes.len
               ? wait(view, room, step)
               : confirm(view, (size_t)tlv.whole, room, step);
}

size_t wn_frame_padding(struct wn_slice bytes)
{
    size_t n = 0;
    while (n < bytes.len && wn_frame_is_pad(wn_octet(bytes, n))) {
        n++;
    }
    return n;
}

bool wn_frame_step_bare(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    step->skip = wn_frame_padding(view->bytes);
    if (step->skip > 0) {
        framer->is_padded = true;
        return true;
    }
    if (framer->is_padded) {
        const bool is_end = framer->at % WN_FRAME_BLOCK == 0;
        framer->is_padded = false;
        framer->n_blocks += is_end ? 1 : 0;
        framer->crosses = framer->crosses || !is_end;
    }
    if (!wn_frame_step_record(view, room_in_block(framer), step)) {
        return false;
    }
    framer->crosses = framer->crosses || framer->at % WN_FRAME_BLOCK + step->len > WN_FRAME_BLOCK;
    return true;
}
