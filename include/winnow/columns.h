// SPDX-License-Identifier: Apache-2.0

/**
 * A table for a person's eyes: columns of fixed width, text that is too long goes on below.
 *
 * Widths count octets; what is not ASCII makes a column narrower, never wrong.
 */

#ifndef WINNOW_COLUMNS_H
#define WINNOW_COLUMNS_H

#include "winnow/slice.h"

enum {
    WN_COLUMNS = 12 ///< Of a table, at most.
};

/** A table; its cells are filled by the caller, row by row. All-zero cells are empty. */
struct wn_columns {
    unsigned n;
    unsigned widths[WN_COLUMNS]; ///< At least 1; the last one only says where text is cut.
    struct wn_buffer cells[WN_COLUMNS];
};

/** Append the row that the cells hold, indented by two, and empty them. */
void wn_columns_row(struct wn_columns *columns, struct wn_buffer *ret_text);

/** Append a line across the whole table. */
void wn_columns_rule(const struct wn_columns *columns, struct wn_buffer *ret_text);

/** Give the cells' memory back, wiped: they may have held values. */
void wn_columns_deinit(struct wn_columns *columns);

#endif
