// SPDX-License-Identifier: Apache-2.0

#include "winnow/columns.h"

#include <stdio.h>

#include "table.h"

static const struct row {
    const char *name;
    const char *cells[3];
    const char *expected;
} rows[] = {
    { "fills a short row up", { "a", "bc", "d" }, "  a        | bc    | d\n" },
    { "leaves no spaces at the end", { "a", "", "" }, "  a        |       |\n" },
    { "goes on below, cut at a space",
      { "one two three", "x", "y" },
      "  one two  | x     | y\n"
      "  three    |       |\n" },
    { "cuts a word that is too long",
      { "abcdefghij", "", "" },
      "  abcdefgh |       |\n"
      "  ij       |       |\n" },
    { "goes on in every column",
      { "a", "1234567", "p q r s" },
      "  a        | 12345 | p q\n"
      "           | 67    | r s\n" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_columns columns = { .n = 3, .widths = { 8, 5, 4 } };
    struct wn_buffer text = { 0 };
    for (unsigned i = 0; i < 3; i++) {
        wn_buffer_text(&columns.cells[i], row->cells[i]);
    }
    wn_columns_row(&columns, &text);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(columns.cells[i].len, 0);
    }
    wn_columns_rule(&columns, &text);
    wn_buffer_add(&text, "", 1);
    char expected[256];
    snprintf(expected, sizeof(expected), "%s  -----------------------\n", row->expected);
    assert_string_equal((const char *)text.at, expected);
    wn_buffer_deinit(&text);
    wn_columns_deinit(&columns);
}

int main(void)
{
    return WN_RUN_TABLE("columns", rows, check);
}
