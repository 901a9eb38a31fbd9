// SPDX-License-Identifier: Apache-2.0

/** A framer at work on one input, told as a text that a test can compare. */

#ifndef FRAME_HARNESS_H
#define FRAME_HARNESS_H

#include "ber/frame.h"

/**
 * Cut an input, `step` octets at a time as a carrier would read it; 0: all at once.
 *
 * The text has a word for each piece: `5+9` a record of 9 octets at 5; `5+9/20` the same with the
 * TS number of its header; `#0+50{…}` a part, with what it says, `name=value`; `!frame-lost@5+9` a
 * piece that is refused. Behind them what was odd: `(frame-empty)=1`.
 *
 * It is checked that pieces stand in order within the input, that none is empty, and that what lies
 * between them is not more than headers and padding can be: a caller sees it by the numbers.
 *
 * @param ret_text  Appended to; ends with a NUL that is not counted.
 */
void frame_tell(struct wn_slice input, enum wn_framing named, size_t step,
                struct wn_buffer *ret_text);

/** Append the octets of hexadecimal digits; spaces are nothing, `ff*20` is an octet 20 times. */
void frame_bytes(const char *hex, struct wn_buffer *ret_bytes);

#endif
