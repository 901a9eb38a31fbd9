// SPDX-License-Identifier: Apache-2.0

/**
 * Lists that people keep for winnow (consent, helplines): a CSV file with a header, row by row.
 *
 * UTF-8, a comma between cells, one row a line (LF or CRLF), the last one ended as well, so that a
 * cut file shows. A cell with a comma or a quote stands in quotes, a quote in it twice (RFC 4180);
 * a cell holds no line break. Empty lines are passed over. The first line is the header: exactly
 * the columns, in their order.
 *
 * Cells hold identifiers of persons, so no fault says what stands in one: it names the line, the
 * column and the rule. The file is read through one window, which is wiped; how large the file is
 * does not matter.
 */

#ifndef WINNOW_ROWS_H
#define WINNOW_ROWS_H

#include "winnow/config.h"
#include "winnow/hash.h"
#include "winnow/io.h"

enum {
    WN_ROWS_CELLS = 16,          ///< Columns, at most.
    WN_ROWS_LINE = 65536,        ///< Octets of a line, at most.
    WN_ROWS_FAULTS = 20,         ///< Faults of one file that are said; the others are counted.
    WN_ROWS_WINDOW = 256 * 1024, ///< Read at once.
};

struct wn_rows;

/**
 * Take a row.
 *
 * @param cells  One a column, without their quotes; good during the call.
 * @return false: read no more; what is wrong was said with wn_rows_fault().
 */
typedef bool wn_rows_visit(struct wn_rows *rows, const struct wn_slice *cells);

/** A file that is being read; the upper members are the caller's. */
struct wn_rows {
    const char *file;           ///< Path, as named in faults.
    const char *const *columns; ///< NULL-terminated.
    struct wn_faults *faults;
    wn_rows_visit *visit;
    void *context; ///< The visitor's.

    unsigned line;                   ///< Of the row at hand, from 1.
    unsigned n_faults;               ///< Said and not said.
    struct wn_stamp stamp;           ///< Of the file as it was opened.
    uint8_t sha256[WN_SHA256_BYTES]; ///< Of its octets, where it was read to its end.
};

/**
 * Read the whole file.
 *
 * @param rows  The caller's members are set, the others zero.
 * @return false where there is a fault: the file can't be read, it changed meanwhile, its header or
 *         a row is wrong, or the visitor said so.
 */
WN_NODISCARD
bool wn_rows_read(struct wn_rows *rows);

/** Add a fault at the row at hand; `column` NULL: of the row as a whole. No value of a cell! */
void wn_rows_fault(struct wn_rows *rows, const char *column, const char *format, ...)
    WN_PRINTF(3, 4);

#endif
