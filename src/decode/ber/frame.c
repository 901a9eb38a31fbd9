// SPDX-License-Identifier: Apache-2.0

/*
 * The way of an input through a framer:
 *
 *     guess    which framing?                 frame_guess.c, once an input
 *     step     what stands at the front?      frame_headed.c, frame_bare.c, frame_cedf.c
 *     lost     from here on nothing is found  here
 *
 * A step looks and says; only split() moves. So every step is the same however the octets came: one
 * that would need more of them says so, and is taken again when they are there.
 */

#include "frame_step.h"

#include <assert.h>

static const char *const names[WN_FRAMINGS] = {
    [WN_FRAMING_AUTO] = "auto",         [WN_FRAMING_TS32297] = "ts32297",
    [WN_FRAMING_GUARD24] = "guard24",   [WN_FRAMING_CUSTOM24] = "custom24",
    [WN_FRAMING_PREFIXED] = "prefixed", [WN_FRAMING_BER] = "ber",
    [WN_FRAMING_BLOCKS] = "blocks",     [WN_FRAMING_CEDF] = "cedf",
};

static const char *const oddities[WN_FRAME_ODDITIES] = {
    [WN_FRAME_EMPTY] = "frame-empty",
    [WN_FRAME_EXCESS] = "frame-excess",
    [WN_FRAME_LENGTH] = "frame-length",
    [WN_FRAME_OVERFLOW] = "frame-overflow",
};

const char *wn_framing_name(unsigned framing)
{
    return framing < WN_FRAMINGS ? names[framing] : NULL;
}

enum wn_framing wn_framing_find(struct wn_slice name)
{
    unsigned i = 0;
    while (i < WN_FRAMINGS && !wn_slice_is(name, names[i])) {
        i++;
    }
    return (enum wn_framing)i;
}

void wn_framer_begin(struct wn_framer *framer, enum wn_framing named)
{
    *framer = (struct wn_framer){ .named = named, .record = { .standard = WN_FRAME_NO_STANDARD } };
}

size_t wn_frame_run(struct wn_slice bytes, uint8_t octet)
{
    size_t n = 0;
    while (n < bytes.len && wn_octet(bytes, n) == octet) {
        n++;
    }
    return n;
}

static void pass(struct wn_framer *framer, struct wn_slice *rest, size_t n)
{
    framer->at += n;
    *rest = wn_slice_after(*rest, n);
}

/** Cut a piece of what is lost off: all of it, or as much as a record may have. */
static enum wn_code cut_lost(struct wn_framer *framer, struct wn_slice *rest, bool end,
                             struct wn_slice *ret_raw, struct wn_error *err)
{
    const size_t most = framer->lost < WN_RECORD_BYTES ? (size_t)framer->lost : WN_RECORD_BYTES;
    if (rest->len < most && !end) {
        return WN_RETRY;
    }
    const size_t n = most < rest->len ? most : rest->len;
    *ret_raw = (struct wn_slice){ rest->at, n };
    pass(framer, rest, n);
    framer->lost -= framer->lost == UINT64_MAX ? 0 : n;
    return wn_fail(err, WN_REJECT, framer->lost_reason, "%s", framer->lost_text);
}

static bool look(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step)
{
    switch (framer->framing) {
    case WN_FRAMING_TS32297:
    case WN_FRAMING_GUARD24:
    case WN_FRAMING_CUSTOM24:
    case WN_FRAMING_PREFIXED:
        return wn_frame_step_headed(framer, view, step);
    case WN_FRAMING_BER:
    case WN_FRAMING_BLOCKS:
        return wn_frame_step_bare(framer, view, step);
    case WN_FRAMING_CEDF:
        return wn_frame_step_cedf(framer, view, step);
    case WN_FRAMING_AUTO:
    case WN_FRAMINGS:
    default:
        return wn_frame_guess(framer, view, step);
    }
}

enum wn_code wn_framer_split(struct wn_framer *framer, struct wn_slice *rest, bool end,
                             struct wn_slice *ret_raw, struct wn_error *err)
{
    framer->is_part = false;
    framer->record.standard = WN_FRAME_NO_STANDARD;
    for (;;) {
        struct wn_step step = { 0 };
        *ret_raw = (struct wn_slice){ rest->at, 0 };
        if (rest->len == 0) {
            return end ? WN_OK : WN_RETRY;
        }
        if (framer->lost > 0) {
            return cut_lost(framer, rest, end, ret_raw, err);
        }
        const struct wn_view view = { *rest, end };
        const bool is_guess = framer->framing == WN_FRAMING_AUTO;
        if (!look(framer, &view, &step)) {
            assert(!end && rest->len < WN_RECORD_BYTES);
            return WN_RETRY;
        }
        assert(is_guess || step.skip + step.len > 0 || step.lost > 0);
        pass(framer, rest, step.skip);
        framer->lost = step.lost;
        framer->lost_reason = step.reason;
        framer->lost_text = step.text;
        if (step.lost > 0 || step.len == 0) {
            continue;
        }
        *ret_raw = (struct wn_slice){ rest->at, step.len };
        pass(framer, rest, step.len + step.excess);
        framer->is_part = step.is_part;
        return step.reason ? wn_fail(err, WN_REJECT, step.reason, "%s", step.text) : WN_OK;
    }
}

void wn_framer_end(struct wn_framer *framer, struct wn_drift *drift)
{
    for (unsigned i = 0; i < WN_FRAME_ODDITIES; i++) {
        if (framer->odd[i] > 0 && drift) {
            wn_drift_restore(drift, wn_slice_of(oddities[i]), framer->odd[i]);
        }
        framer->odd[i] = 0;
    }
}
