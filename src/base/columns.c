// SPDX-License-Identifier: Apache-2.0

#include "winnow/columns.h"

#include <assert.h>

/** Append the next line of a cell, cut at a space where there is one; moves `rest` behind it. */
static void put_line(struct wn_slice *rest, unsigned width, bool last, struct wn_buffer *out)
{
    size_t len = rest->len;
    if (len > width) {
        len = width;
        while (len > 0 && rest->at[len] != ' ') {
            len--;
        }
        len = len == 0 ? width : len;
    }
    wn_buffer_add(out, rest->at, len);
    for (size_t i = len; i < width && !last; i++) {
        wn_buffer_text(out, " ");
    }
    *rest = len > 0 ? wn_slice_after(*rest, len) : *rest;
    while (rest->len > 0 && rest->at[0] == ' ') {
        *rest = wn_slice_after(*rest, 1);
    }
}

void wn_columns_row(struct wn_columns *columns, struct wn_buffer *ret_text)
{
    struct wn_slice rest[WN_COLUMNS] = { 0 };
    assert(columns->n <= WN_COLUMNS);
    for (unsigned i = 0; i < columns->n; i++) {
        rest[i] = wn_buffer_slice(&columns->cells[i]);
    }
    bool more = true;
    while (more) {
        more = false;
        wn_buffer_text(ret_text, "  ");
        for (unsigned i = 0; i < columns->n; i++) {
            put_line(&rest[i], columns->widths[i], i + 1 == columns->n, ret_text);
            wn_buffer_text(ret_text, i + 1 < columns->n ? " | " : "");
            more = more || rest[i].len > 0;
        }
        while (ret_text->len > 0 && ret_text->at[ret_text->len - 1] == ' ') {
            ret_text->len--;
        }
        wn_buffer_text(ret_text, "\n");
    }
    for (unsigned i = 0; i < columns->n; i++) {
        columns->cells[i].len = 0;
    }
}

void wn_columns_rule(const struct wn_columns *columns, struct wn_buffer *ret_text)
{
    unsigned width = 3 * (columns->n - 1);
    for (unsigned i = 0; i < columns->n; i++) {
        width += columns->widths[i];
    }
    wn_buffer_text(ret_text, "  ");
    for (unsigned i = 0; i < width; i++) {
        wn_buffer_text(ret_text, "-");
    }
    wn_buffer_text(ret_text, "\n");
}

void wn_columns_deinit(struct wn_columns *columns)
{
    for (unsigned i = 0; i < WN_COLUMNS; i++) {
        columns->cells[i].len = columns->cells[i].capacity; // All that was ever in use.
        wn_buffer_wipe(&columns->cells[i]);
        wn_buffer_deinit(&columns->cells[i]);
    }
}
