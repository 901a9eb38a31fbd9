// SPDX-License-Identifier: Apache-2.0

/** One format at work on one input, told as a text that a test can compare. */

#ifndef HARNESS_H
#define HARNESS_H

#include "table.h"
#include "winnow/format.h"

/** What a test says of a source; paths are separated by spaces. */
struct harness_source {
    const char *paths;
    const char *each;       ///< Lists of items, or NULL.
    const char *item_paths; ///< `./x`, or NULL.
    const char *percent;    ///< Paths that are percent-encoded, or NULL.
    const char *json_json;  ///< Paths that have the escapes of JSON twice, or NULL.
    const char *latin_1;    ///< Paths whose characters are octets, or NULL.
    const char *wrapped;    ///< See `struct wn_wrapping`; NULL: none.
    const char *named;      ///< The same.
    bool single;            ///< The same.
    const char *columns;    ///< Of a CSV; NULL: from the header row.
    char delimiter;         ///< 0: a comma.
    bool has_no_quote;
    bool any_case;            ///< Of the names of a CSV's header row.
    const char *types;        ///< How the values of a CSV's row of types begin, or NULL.
    const char *parts;        ///< Paths into the line `t` of a CSV, told by `T` or `TRL`, or NULL.
    const char *part_columns; ///< Its columns.
    enum wn_encoding otherwise;
};

/** @return paths compiled from the source; the caller's to close. */
struct wn_paths *harness_paths(const struct harness_source *source);

/**
 * Cut an input and decode its records, `step` octets at a time as a carrier would read it.
 *
 * Every call gets a copy of exactly the octets that it may see. The text has a line for each
 * piece: the reason why it was refused, or the takes, separated by bars: `-` absent, `{}`
 * composite, values of a star joined by `+`; behind them each item in round brackets. A part that
 * is no record has a hash sign in front.
 * It is also checked that the pieces stand in order within the input.
 *
 * @param ret_text  Appended to; ends with a NUL that is not counted.
 */
void harness_run(const struct wn_format *format, const struct harness_source *source,
                 struct wn_slice input, size_t step, struct wn_buffer *ret_text);

/** Assert that an input gives this text, whatever the step. */
void harness_check(const struct wn_format *format, const struct harness_source *source,
                   struct wn_slice input, const char *expected);

/** Decode one record without a split(). @return the reason, or NULL */
const char *harness_decode(const struct wn_format *format, const struct harness_source *source,
                           struct wn_slice raw, struct wn_buffer *ret_text);

#endif
