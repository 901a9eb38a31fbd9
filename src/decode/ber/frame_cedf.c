// SPDX-License-Identifier: Apache-2.0

/*
 * CallEventDataFile, the file of the older standard:
 *
 *     30 len  a0 len header   a1 len record record …   a2 len trailer
 *     └──────── a part ────┘  └─────┘ passed           └── a part ──┘
 *
 * Lengths may be indefinite. What is lost among the records is lost up to the trailer, where the
 * length says where that is.
 */

#include "frame_step.h"

enum {
    FILE_TAG = 0x30,
    HEADER_TAG = 0xa0,
    RECORDS_TAG = 0xa1,
    HEAD_MOST = 12,       ///< Octets of a tag and a length.
    PART_MOST = 64 << 10, ///< Octets of a header or trailer.
};

enum stage {
    STAGE_FILE,
    STAGE_BODY,
    STAGE_RECORDS,
};

/** @return octets of the tag and length at `at`, with the length; 0: they are not there. */
static size_t read_head(struct wn_slice bytes, size_t at, uint64_t *ret_length)
{
    if (bytes.len < at + 2) {
        return 0;
    }
    const uint8_t first = wn_octet(bytes, at + 1);
    const unsigned n = first > 0x80 ? first & 0x7fU : 0;
    if (n > 8 || bytes.len < at + 2 + n) {
        return 0;
    }
    *ret_length = n > 0 ? wn_number_at(bytes, at + 2, n) : first;
    if (first == 0x80 || *ret_length > INT64_MAX) {
        *ret_length = UINT64_MAX;
    }
    return 2 + n;
}

/** Cut an element at `at`, and what stands before it, off as a part. @return false: more is needed
 */
static bool cut_part(const struct wn_view *view, size_t at, struct wn_step *step)
{
    const struct wn_frame_tlv tlv = wn_frame_tlv(view, at, UINT64_MAX);
    const bool has_end = tlv.sight == WN_SIGHT_EXACT;
    if (tlv.sight == WN_SIGHT_NOT || (has_end && tlv.whole > PART_MOST)) {
        *step = wn_step_lost(0, "frame-lost", "neither header nor trailer nor records stand here");
        return true;
    }
    if (has_end && at + tlv.whole <= view->bytes.len) {
        *step = (struct wn_step){ .len = at + (size_t)tlv.whole, .is_part = true };
        return true;
    }
    if (wn_view_may_have(view, has_end ? at + tlv.whole : view->bytes.len + 1)) {
        return false;
    }
    *step = wn_step_lost(0, "record-cut", "the input ends in its header or trailer");
    return true;
}

static bool step_file(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    const struct wn_slice bytes = view->bytes;
    uint64_t length;
    step->skip = wn_frame_padding(bytes);
    if (step->skip > 0) {
        return true;
    }
    if (wn_octet(bytes, 0) != FILE_TAG) {
        *step = framer->at == 0 ? wn_step_lost(0, "unknown-framing", "no CallEventDataFile")
                                : wn_step_lost(0, "frame-lost", "no file begins behind the file");
        return true;
    }
    if (bytes.len < HEAD_MOST && !view->end) {
        return false;
    }
    const size_t head = read_head(bytes, 0, &length);
    if (head == 0 || head == bytes.len) {
        *step = wn_step_lost(0, "record-cut", "the input ends in its header");
        return true;
    }
    framer->stage = STAGE_BODY;
    if (wn_octet(bytes, head) == HEADER_TAG) {
        const bool known = cut_part(view, head, step);
        framer->stage = known ? STAGE_BODY : STAGE_FILE;
        return known;
    }
    *step = (struct wn_step){ .len = head, .is_part = true };
    return true;
}

static bool step_body(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    const struct wn_slice bytes = view->bytes;
    uint64_t length = 0;
    step->skip = wn_frame_padding(bytes); // The file's end-of-contents, too.
    if (step->skip > 0) {
        return true;
    }
    if (wn_octet(bytes, 0) == FILE_TAG) {
        framer->stage = STAGE_FILE;
        return step_file(framer, view, step);
    }
    if (wn_octet(bytes, 0) != RECORDS_TAG) {
        return cut_part(view, 0, step);
    }
    if (bytes.len < HEAD_MOST && !view->end) {
        return false;
    }
    step->skip = read_head(bytes, 0, &length);
    if (step->skip == 0) {
        *step = wn_step_lost(0, "record-cut", "the input ends before its records");
        return true;
    }
    framer->stage = STAGE_RECORDS;
    framer->records_end = length == UINT64_MAX ? UINT64_MAX : framer->at + step->skip + length;
    return true;
}

bool wn_frame_step_cedf(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    const struct wn_slice bytes = view->bytes;
    if (framer->stage == STAGE_FILE) {
        return step_file(framer, view, step);
    }
    const bool is_open = framer->records_end == UINT64_MAX;
    if (framer->stage == STAGE_RECORDS && !is_open && framer->at == framer->records_end) {
        framer->stage = STAGE_BODY;
    }
    if (framer->stage == STAGE_BODY) {
        return step_body(framer, view, step);
    }
    const uint64_t room = is_open ? UINT64_MAX : framer->records_end - framer->at;
    if (is_open && wn_octet(bytes, 0) == 0) {
        if (bytes.len < 2 && !view->end) {
            return false;
        }
        step->skip = bytes.len < 2 ? 1 : 2;
        framer->stage = STAGE_BODY;
        return true;
    }
    step->skip = wn_frame_padding(bytes);
    if (step->skip > room) {
        step->skip = (size_t)room;
    }
    return step->skip > 0 || wn_frame_step_record(view, room, step);
}
