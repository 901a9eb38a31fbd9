// SPDX-License-Identifier: Apache-2.0

/**
 * Frames: where the records of a file of BER lie. TS 32.297 and its relatives.
 *
 *     ts32297    file header, then {length 2, release, format and standard, [release]} record …
 *     guard24    24 octets with e6e6, then {length 2, e6e6, 1} record …    (gtp-guard)
 *     custom24   24 octets, then {length 2} record …                       (Cisco custom2)
 *     prefixed   {length 2} record …
 *     ber        record record …, 00 and ff between them are padding       (Cisco custom1, 3, 4)
 *     blocks     the same in blocks of 2 KiB that no record crosses
 *     cedf       30 {a0 header, a1 {record …}, a2 trailer}                 (CallEventDataFile)
 *
 * A framer tells them apart by the front of an input, unless the source names one, and then cuts
 * record by record. What is plausible suffices; what disagrees is counted, or declared as a value
 * of a *part* (format.h): the header or trailer. A broken record costs itself where the frame says
 * where the next one begins. Where it does not, the rest is lost in one piece: "frame-lost".
 *
 * Nothing is copied, and no length of the input is believed beyond the octets that are there.
 */

#ifndef WINNOW_DECODE_BER_FRAME_H
#define WINNOW_DECODE_BER_FRAME_H

#include "winnow/format.h"

enum wn_framing {
    WN_FRAMING_AUTO, ///< Told by the input.
    WN_FRAMING_TS32297,
    WN_FRAMING_GUARD24,
    WN_FRAMING_CUSTOM24,
    WN_FRAMING_PREFIXED,
    WN_FRAMING_BER,
    WN_FRAMING_BLOCKS,
    WN_FRAMING_CEDF,
    WN_FRAMINGS, ///< How many there are.
};

/** @return the name of a framing, as a source writes it; NULL from WN_FRAMINGS on. */
const char *wn_framing_name(unsigned framing);

/** @return the framing of this name, or WN_FRAMINGS. */
enum wn_framing wn_framing_find(struct wn_slice name);

/** What a framer met that costs no record; counted until wn_framer_end(). */
enum wn_frame_oddity {
    WN_FRAME_EMPTY,    ///< Frames without a record.
    WN_FRAME_EXCESS,   ///< Frames longer than their record.
    WN_FRAME_LENGTH,   ///< Lengths that count their own octets, too.
    WN_FRAME_OVERFLOW, ///< Lengths of which the record alone tells what they should be.
    WN_FRAME_ODDITIES, ///< How many there are.
};

/** What the record header of TS 32.297 says of the record that was cut last. */
struct wn_frame_record {
    uint8_t standard; ///< TS number: 6 CS, 7 PS, 9 IMS, 15 SMS, 20 CHF …; WN_FRAME_NO_STANDARD.
};

enum {
    WN_FRAME_NO_STANDARD = 0xff, ///< The frame does not say.
    WN_FRAME_BLOCK = 2048,       ///< Octets of a block.
};

/** A framer at work; a value within a reader. */
struct wn_framer {
    enum wn_framing named;   ///< By the source.
    enum wn_framing framing; ///< Of this input; WN_FRAMING_AUTO: not known yet.
    uint64_t at;             ///< Octets of the input that were passed.
    uint8_t prefix;          ///< Octets of a record's header, where all have as many.
    bool is_part;            ///< What was cut last is a header or trailer.
    struct wn_frame_record record;

    uint64_t lost; ///< Octets that are lost from here on; UINT64_MAX: all.
    const char *lost_reason, *lost_text;

    bool is_padded;       ///< Padding stands before the record at hand.
    bool crosses;         ///< A record or padding did not keep to blocks.
    uint64_t n_blocks;    ///< Times that padding ended with a block.
    unsigned stage;       ///< Of a CallEventDataFile.
    uint64_t records_end; ///< Where its records end; UINT64_MAX: by end-of-contents.
    uint64_t odd[WN_FRAME_ODDITIES];
};

/** A new input begins. `named` is the source's, or WN_FRAMING_AUTO. */
void wn_framer_begin(struct wn_framer *framer, enum wn_framing named);

/**
 * Cut the next record or part, as `split` of a format (format.h).
 *
 * `ret_raw` is the record alone, without its frame.
 *
 * @return WN_OK; WN_RETRY; or WN_REJECT: "unknown-framing", "tap-file", "unsupported-encoding",
 *         "frame-lost", "record-cut", "record-too-long".
 */
WN_NODISCARD
enum wn_code wn_framer_split(struct wn_framer *framer, struct wn_slice *rest, bool end,
                             struct wn_slice *ret_raw, struct wn_error *err);

/**
 * The input is over: count what was odd in it as names, `frame-excess`; NULL: don't.
 */
void wn_framer_end(struct wn_framer *framer, struct wn_drift *drift);

/**
 * Find what is wanted of the part that was cut last: paths `/file/NAME`, see wn_frame_part_name().
 *
 * @param parts  Compiled; NULL: nothing is wanted.
 * @param taken  `top` is made; all values are texts in the arena.
 */
void wn_framer_decode_part(const struct wn_framer *framer, struct wn_slice raw,
                           const struct wn_paths *parts, struct wn_arena *arena,
                           struct wn_taken_set *taken);

/** @return the i-th name that a part may have under `/file/`, or NULL behind the last. */
const char *wn_frame_part_name(unsigned i);

#endif
