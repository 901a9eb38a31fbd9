// SPDX-License-Identifier: Apache-2.0

/** Text for a person or another program: JSON strings, CSV cells, masked bytes. */

#ifndef WINNOW_CMD_TEXT_H
#define WINNOW_CMD_TEXT_H

#include "winnow/slice.h"

/** Append a JSON string with its quotes; what is not ASCII goes through as it is. */
void cmd_text_json(struct wn_buffer *text, struct wn_slice value);

/** Take the next line off the front; its newline stays away. @return false where there is none. */
bool cmd_text_line(struct wn_slice *rest, struct wn_slice *ret_line);

/** Append lines, each with its newline, as a JSON array of strings. */
void cmd_text_json_lines(struct wn_buffer *text, struct wn_slice lines);

/** Append a CSV cell (RFC 4180), quoted where it must be. */
void cmd_text_csv(struct wn_buffer *text, struct wn_slice value);

/**
 * Append a receipt as CSV rows `number,member,value`, one for each number and text in it:
 * `7,filtered.attempt,12`. @return false where it is no JSON.
 */
bool cmd_text_receipt_csv(struct wn_buffer *text, struct wn_slice receipt);

/**
 * Append the shape of raw bytes: digits as 9, letters as a and A, octets that are not ASCII as ?.
 *
 * Names stay where they are surely names: a quoted text before a colon, a word at the beginning of
 * a line before " = "; if wn_drift_may_show() them.
 */
void cmd_text_shape(struct wn_buffer *text, struct wn_slice raw);

/**
 * Append the shape of one value, without any name in it: `99-99-9999`, `aaa Aaaa`; at most 48
 * octets of it, then how many there are. A person's value does not show in it, its form does.
 */
void cmd_text_shape_of(struct wn_buffer *text, struct wn_slice value);

/** Append a value for a table on a terminal: no octet of it steers the terminal or ends the line.
 */
void cmd_text_cell(struct wn_buffer *text, struct wn_slice value);

/** Append raw bytes for a terminal: octets that would steer it as \xNN. */
void cmd_text_raw(struct wn_buffer *text, struct wn_slice raw);

#endif
