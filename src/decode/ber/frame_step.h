// SPDX-License-Identifier: Apache-2.0

/** What the framings share: they look at the front of what is left and say what stands there. */

#ifndef WINNOW_DECODE_BER_FRAME_STEP_H
#define WINNOW_DECODE_BER_FRAME_STEP_H

#include "frame.h"

/** What is left of an input, as far as it is there. */
struct wn_view {
    struct wn_slice bytes;
    bool end; ///< Nothing follows `bytes`.
};

/** What to do next: pass `skip` octets, cut `len` off, pass `excess`; all 0: it is the end. */
struct wn_step {
    size_t skip, len, excess;
    const char *reason, *text; ///< Why what is cut off is refused; NULL: it is not.
    bool is_part;
    uint64_t lost; ///< Behind `skip` as many octets are lost, for `reason`; UINT64_MAX: all.
};

/** What can be said without seeing more. */
enum wn_sight {
    WN_SIGHT_NOT,   ///< Not so.
    WN_SIGHT_LOOKS, ///< It looks so.
    WN_SIGHT_EXACT, ///< Lengths agree, or the input ends there.
    WN_SIGHT_MORE,  ///< More octets are needed to tell.
};

static inline uint8_t wn_octet(struct wn_slice bytes, size_t at)
{
    return (uint8_t)bytes.at[at];
}

/** @return a big-endian number of `n` octets. */
static inline uint64_t wn_number_at(struct wn_slice bytes, size_t at, unsigned n)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < n; i++) {
        number = number << 8 | wn_octet(bytes, at + i);
    }
    return number;
}

/** @return whether `n` octets are there or may come: if so and they are not, WN_RETRY is due. */
static inline bool wn_view_may_have(const struct wn_view *view, uint64_t n)
{
    return n <= view->bytes.len || (!view->end && n <= WN_RECORD_BYTES);
}

enum {
    WN_FRAME_PAD_LEAST = 4, ///< Octets alike that are padding, and no header of a record.
};

/** @return how many octets at the front are all `octet`. */
size_t wn_frame_run(struct wn_slice bytes, uint8_t octet);

/** @return where the length of the element at `at` stands; `bytes.len` where it is not there. */
size_t wn_frame_length_at(struct wn_slice bytes, size_t at);

/** An element at some place of what is left. */
struct wn_frame_tlv {
    enum wn_sight sight; ///< EXACT: it is one; NOT: none; MORE: that can't be told yet.
    bool is_open;        ///< Its length is indefinite.
    uint64_t whole;      ///< Of EXACT: its octets, which need not all be there.
};

/** Look at the element at `at`; one of indefinite length ends at `most` at the latest. */
struct wn_frame_tlv wn_frame_tlv(const struct wn_view *view, size_t at, uint64_t most);

/** @return whether an octet begins a record: a constructed element of the context's class. */
static inline bool wn_frame_is_record(uint8_t octet)
{
    return (octet & 0xe0) == 0xa0;
}

/** @return whether an octet is padding. */
static inline bool wn_frame_is_pad(uint8_t octet)
{
    return octet == 0 || octet == 0xff;
}

/** The header before a record. */
struct wn_frame_head {
    size_t size;     ///< Its octets.
    uint64_t length; ///< That it says.
    uint8_t format;  ///< 1 BER, 2 to 4 other encodings; 0: can't be.
    uint8_t standard;
};

/** Look at the header of a record at `at`. @return EXACT, NOT or MORE */
enum wn_sight wn_frame_head(const struct wn_framer *framer, const struct wn_view *view, size_t at,
                            struct wn_frame_head *ret_head);

/** Does a record with its header stand at `at`, or does the input end there? */
enum wn_sight wn_frame_fits(const struct wn_framer *framer, const struct wn_view *view, size_t at);

/**
 * Does a file's header stand at the front, of the framing that the framer has?
 *
 * @param ret_size  Its octets, where it LOOKS so or is EXACT.
 */
enum wn_sight wn_frame_file_header(const struct wn_framer *framer, const struct wn_view *view,
                                   size_t *ret_size);

/** Find out what framing the input has; sets `framing` and `prefix`. @return false: MORE is needed.
 * `step` is where it begins: its header, or the loss of all. */
bool wn_frame_guess(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step);

/** The next step in framings with a header before each record. @return false: more is needed. */
bool wn_frame_step_headed(struct wn_framer *framer, const struct wn_view *view,
                          struct wn_step *step);

/** @return how many octets of padding stand at the front. */
size_t wn_frame_padding(struct wn_slice bytes);

/**
 * The next step where a record should stand by itself.
 *
 * @param room  What it lies in ends so many octets on; UINT64_MAX: not known.
 * @return false: more is needed.
 */
bool wn_frame_step_record(const struct wn_view *view, uint64_t room, struct wn_step *step);

/** The next step where records stand one behind the other. @return false: more is needed. */
bool wn_frame_step_bare(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step);

/** The next step in a CallEventDataFile. @return false: more is needed. */
bool wn_frame_step_cedf(struct wn_framer *framer, const struct wn_view *view, struct wn_step *step);

/** @return that everything behind `skip` octets is lost. */
static inline struct wn_step wn_step_lost(size_t skip, const char *reason, const char *text)
{
    return (struct wn_step){ .skip = skip, .lost = UINT64_MAX, .reason = reason, .text = text };
}

#endif
