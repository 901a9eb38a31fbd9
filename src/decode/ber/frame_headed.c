// SPDX-License-Identifier: Apache-2.0

/*
 * A header before each record, with its length:
 *
 *     ─┬────────┬──────────── length ────────────┬─
 *      │ header │ tag  length  content           │ header …
 *     ─┴────────┴────────────────────────────────┴─
 *
 * The record says as well how long it is, so where the two agree nothing else is asked. Where they
 * do not, the reading counts by which the next header fits: behind `length` octets; behind so many
 * that include the header; or behind the record. If none does, the frame is lost.
 */

#include "frame_step.h"

enum {
    FORMAT_BER = 1,
    STRAY_MOST = 3, ///< Octets of padding between records that do not make a header's length.
    READINGS = 3,
};

/** What stands at the front. */
struct front {
    struct wn_frame_head head;
    struct wn_frame_tlv tlv; ///< Behind the header.
    bool is_there;           ///< As many octets as the header says are.
};

/** A reading of the length. */
struct reading {
    uint64_t frame; ///< Octets behind the header.
    enum wn_frame_oddity odd;
    enum wn_sight sight;
};

/** Pass padding at the front. @return whether there is some, or it can't be told: `*known`. */
static bool pass_padding(const struct wn_framer *framer, const struct wn_view *view,
                         struct wn_step *step, bool *known)
{
    const uint8_t octet = wn_octet(view->bytes, 0);
    const size_t n = wn_frame_run(view->bytes, octet);
    const bool is_rest = n == view->bytes.len;
    if (!wn_frame_is_pad(octet) || (n < WN_FRAME_PAD_LEAST && !(is_rest && view->end))) {
        return false;
    }
    if (is_rest) {
        step->skip = view->end ? n : n - WN_FRAME_PAD_LEAST;
        *known = step->skip > 0;
        return true;
    }
    // The last 00 may be the first octet of a length.
    const enum wn_sight sight = octet == 0 ? wn_frame_fits(framer, view, n - 1) : WN_SIGHT_NOT;
    *known = sight != WN_SIGHT_MORE;
    step->skip = sight == WN_SIGHT_EXACT ? n - 1 : n;
    return true;
}

/**
 * Find a record's header behind a little padding.
 *
 * @param ret_skip  Octets of the padding; 0: there is none.
 * @return false: more is needed to tell.
 */
static bool find_stray(const struct wn_framer *framer, const struct wn_view *view, size_t *ret_skip)
{
    enum wn_sight sight = WN_SIGHT_NOT;
    size_t n = 0;
    while (n < STRAY_MOST && n < view->bytes.len && wn_frame_is_pad(wn_octet(view->bytes, n)) &&
           sight != WN_SIGHT_EXACT && sight != WN_SIGHT_MORE) {
        sight = wn_frame_fits(framer, view, ++n);
    }
    *ret_skip = sight == WN_SIGHT_EXACT ? n : 0;
    return sight != WN_SIGHT_MORE;
}

/** The readings of a length that does not agree with the record, the likeliest first. */
static unsigned list_readings(const struct front *front, struct reading readings[READINGS])
{
    const struct wn_frame_head *head = &front->head;
    const bool has_whole = front->tlv.sight == WN_SIGHT_EXACT;
    unsigned n = 0;
    const struct reading own = { head->length - head->size, WN_FRAME_LENGTH, WN_SIGHT_NOT };
    if (head->length >= head->size && has_whole && front->tlv.whole == own.frame) {
        readings[n++] = own;
    }
    readings[n++] = (struct reading){ head->length, WN_FRAME_ODDITIES, WN_SIGHT_NOT };
    if (head->length >= head->size && n == 1) {
        readings[n++] = own;
    }
    if (has_whole) {
        readings[n++] = (struct reading){ front->tlv.whole, WN_FRAME_OVERFLOW, WN_SIGHT_NOT };
    }
    return n;
}

/** Choose the reading by which the next header fits. @return false: more is needed. */
static bool choose(const struct wn_framer *framer, const struct wn_view *view,
                   const struct front *front, struct reading *ret_reading)
{
    struct reading readings[READINGS];
    const unsigned n = list_readings(front, readings);
    *ret_reading = (struct reading){ .sight = WN_SIGHT_NOT };
    for (unsigned i = 0; i < n && ret_reading->sight != WN_SIGHT_EXACT; i++) {
        const uint64_t next = front->head.size + readings[i].frame;
        if (!wn_view_may_have(view, next)) {
            continue;
        }
        if (next > view->bytes.len) {
            return false;
        }
        readings[i].sight = wn_frame_fits(framer, view, (size_t)next);
        if (readings[i].sight == WN_SIGHT_MORE) {
            return false;
        }
        if (readings[i].sight != WN_SIGHT_NOT &&
            (ret_reading->sight == WN_SIGHT_NOT || readings[i].sight == WN_SIGHT_EXACT)) {
            *ret_reading = readings[i];
        }
    }
    return true;
}

/** Cut the record of a frame off whose end is known. */
static void cut(struct wn_framer *framer, const struct front *front, const struct reading *reading,
                struct wn_step *step)
{
    const struct wn_frame_tlv *tlv = &front->tlv;
    *step = (struct wn_step){ .skip = front->head.size, .len = (size_t)reading->frame };
    framer->record.standard = front->head.standard;
    if (reading->odd != WN_FRAME_ODDITIES) {
        framer->odd[reading->odd]++;
    }
    if (reading->frame == 0) {
        framer->odd[WN_FRAME_EMPTY]++;
    } else if (framer->framing == WN_FRAMING_TS32297 && front->head.format != FORMAT_BER &&
               tlv->whole != reading->frame) {
        step->reason = "unsupported-encoding";
        step->text = "the record's header says another encoding than BER";
    } else if (tlv->sight == WN_SIGHT_EXACT && tlv->whole > reading->frame) {
        step->reason = "record-cut";
        step->text = "the frame is shorter than the record in it";
    } else if (tlv->sight == WN_SIGHT_EXACT && tlv->whole < reading->frame) {
        step->len = (size_t)tlv->whole;
        step->excess = (size_t)(reading->frame - tlv->whole);
        framer->odd[WN_FRAME_EXCESS]++;
    }
}

/** No reading fits: pass what little padding stands here, or give up. @return false: more is
 * needed.
 */
static bool give_up(const struct wn_framer *framer, const struct wn_view *view,
                    const struct front *front, struct wn_step *step)
{
    const bool is_cut = view->end && front->head.format != 0 && !front->is_there;
    if (!find_stray(framer, view, &step->skip)) {
        return false;
    }
    if (step->skip == 0) {
        *step = is_cut ? wn_step_lost(0, "record-cut", "the input ends in the middle of a record")
                       : wn_step_lost(0, "frame-lost",
                                      "no record's header stands where the next one should");
    }
    return true;
}

/** Look at the record behind a header. @return false: more is needed. */
static bool step_record(struct wn_framer *framer, const struct wn_view *view, struct front *front,
                        struct wn_step *step)
{
    const struct wn_frame_head *head = &front->head;
    const uint64_t behind = head->size + head->length;
    front->is_there = behind <= view->bytes.len;
    if (!front->is_there && wn_view_may_have(view, behind)) {
        return false;
    }
    const bool may_be_ber = head->format == FORMAT_BER || head->format == 0;
    if (may_be_ber) {
        front->tlv = wn_frame_tlv(view, head->size, behind);
        front->tlv.sight = front->tlv.sight == WN_SIGHT_MORE
                               ? WN_SIGHT_NOT
                               : front->tlv.sight; // Its frame is all.
    }
    const bool agrees = front->tlv.sight == WN_SIGHT_EXACT && front->tlv.whole == head->length;
    struct reading reading = { head->length, WN_FRAME_ODDITIES,
                               front->is_there ? WN_SIGHT_EXACT : WN_SIGHT_NOT };
    if (!agrees && !choose(framer, view, front, &reading)) {
        return false;
    }
    // A header that can't be one counts only where lengths agree.
    if (reading.sight == WN_SIGHT_NOT || (head->format == 0 && reading.sight != WN_SIGHT_EXACT)) {
        return give_up(framer, view, front, step);
    }
    cut(framer, front, &reading, step);
    return true;
}

bool wn_frame_step_headed(struct wn_framer *framer, const struct wn_view *view,
                          struct wn_step *step)
{
    struct front front = { .tlv = { .sight = WN_SIGHT_NOT } };
    size_t size = 0;
    bool known = true;
    if (pass_padding(framer, view, step, &known)) {
        return known;
    }
    switch (wn_frame_file_header(framer, view, &size)) {
    case WN_SIGHT_MORE:
        return false;
    case WN_SIGHT_EXACT:
    case WN_SIGHT_LOOKS: // Files that were joined.
        *step = (struct wn_step){ .len = size, .is_part = true };
        return true;
    case WN_SIGHT_NOT:
    default:
        break;
    }
    switch (wn_frame_head(framer, view, 0, &front.head)) {
    case WN_SIGHT_MORE:
        return false;
    case WN_SIGHT_NOT:
        *step = wn_step_lost(0, "record-cut", "the input ends in the middle of a record's header");
        return true;
    case WN_SIGHT_EXACT:
    case WN_SIGHT_LOOKS:
    default:
        break;
    }
    if (front.head.length == 0 && front.head.format != 0) {
        framer->odd[WN_FRAME_EMPTY]++;
        step->skip = front.head.size;
        return true;
    }
    return step_record(framer, view, &front, step);
}
