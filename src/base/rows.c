// SPDX-License-Identifier: Apache-2.0

/*
 * One window, filled from the file; whole lines are taken off its front, what is left of a line
 * moves there. Cells are unquoted where they stand.
 */

#include "winnow/rows.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "winnow/memory.h"

/** The file at work. */
struct reading {
    struct wn_rows *rows;
    size_t n_columns;
    int fd;
    struct wn_sha256 *hash;
    char *window;
    size_t used;
    bool stop; ///< The visitor has seen enough.
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

void wn_rows_fault(struct wn_rows *rows, const char *column, const char *format, ...)
{
    if (rows->n_faults++ >= WN_ROWS_FAULTS) {
        return;
    }
    char sentence[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    wn_faults_add(rows->faults, rows->file, rows->line, "%s%s%s", column ? column : "",
                  column ? ": " : "", sentence);
}

/** Say something of the file as a whole. */
static void fault_of_file(struct wn_rows *rows, const char *sentence)
{
    wn_faults_add(rows->faults, rows->file, 0, "%s", sentence);
    rows->n_faults++;
}

/**
 * Take a cell in quotes off the front; `at` stands behind the opening one.
 *
 * @param ret_next  Behind the closing quote.
 * @return false where none closes.
 */
static bool unquote(char *at, const char *end, struct wn_slice *ret_cell, char **ret_next)
{
    char *to = at;
    *ret_cell = (struct wn_slice){ at, 0 };
    while (at < end) {
        if (*at == '"' && (at + 1 == end || at[1] != '"')) {
            ret_cell->len = (size_t)(to - ret_cell->at);
            *ret_next = at + 1;
            return true;
        }
        at += *at == '"' ? 1 : 0;
        *to++ = *at++;
    }
    return false;
}

/** Take the next cell off the front. @return NULL, or what is wrong. */
static const char *cut_cell(char **at, char *end, struct wn_slice *ret_cell)
{
    char *next = *at;
    if (next < end && *next == '"') {
        if (!unquote(next + 1, end, ret_cell, &next)) {
            return "a quote that does not close on its line";
        }
        if (next < end && *next != ',') {
            return "text behind a closing quote; a quote in a cell stands twice";
        }
    } else {
        char *comma = memchr(next, ',', (size_t)(end - next));
        next = comma ? comma : end;
        *ret_cell = (struct wn_slice){ *at, (size_t)(next - *at) };
        if (memchr(ret_cell->at, '"', ret_cell->len)) {
            return "a quote inside a cell; put the whole cell in quotes";
        }
    }
    *at = next;
    return NULL;
}

/** Cut a line into its cells. @return whether there are as many as columns; else a fault. */
static bool cut_line(struct reading *reading, char *at, char *end, struct wn_slice *ret_cells)
{
    struct wn_rows *rows = reading->rows;
    for (size_t n = 0;; n++, at++) {
        struct wn_slice extra;
        const char *wrong = cut_cell(&at, end, n < reading->n_columns ? &ret_cells[n] : &extra);
        if (wrong) {
            wn_rows_fault(rows, n < reading->n_columns ? rows->columns[n] : NULL, "%s", wrong);
            return false;
        }
        if (at == end) {
            if (n + 1 != reading->n_columns) {
                wn_rows_fault(rows, NULL, "not as many cells as the header has columns (%zu)",
                              reading->n_columns);
            }
            return n + 1 == reading->n_columns;
        }
    }
}

static void check_header(struct reading *reading, const struct wn_slice *cells)
{
    struct wn_rows *rows = reading->rows;
    for (size_t i = 0; i < reading->n_columns; i++) {
        if (!wn_slice_is(cells[i], rows->columns[i])) {
            wn_rows_fault(rows, NULL, "the header's column %zu is not '%s'", i + 1,
                          rows->columns[i]);
            reading->stop = true; // Every row would be wrong.
            return;
        }
    }
}

static void take_line(struct reading *reading, char *at, char *end)
{
    struct wn_rows *rows = reading->rows;
    struct wn_slice cells[WN_ROWS_CELLS];
    rows->line++;
    if (end > at && end[-1] == '\r') {
        end--;
    }
    if (rows->line == 1 && end - at >= 3 && memcmp(at, byte_order_mark, 3) == 0) {
        at += 3;
    }
    if (at == end && rows->line > 1) {
        return;
    }
    if (!cut_line(reading, at, end, cells)) {
        reading->stop = rows->line == 1;
    } else if (rows->line == 1) {
        check_header(reading, cells);
    } else {
        reading->stop = !rows->visit(rows, cells);
    }
}

/** Take all whole lines of the window. */
static void take_lines(struct reading *reading)
{
    char *at = reading->window;
    char *const end = at + reading->used;
    for (char *line; !reading->stop && (line = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
        take_line(reading, at, line);
        at = line + 1;
    }
    reading->used = (size_t)(end - at);
    memmove(reading->window, at, reading->used);
    if (reading->used > WN_ROWS_LINE && !reading->stop) {
        reading->rows->line++;
        wn_rows_fault(reading->rows, NULL, "longer than %d octets", WN_ROWS_LINE);
        reading->stop = true;
    }
}

/** Read on. @return whether there was anything. */
static bool fill(struct reading *reading)
{
    for (;;) {
        char *room = reading->window + reading->used;
        ssize_t got = read(reading->fd, room, WN_ROWS_WINDOW - reading->used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            fault_of_file(reading->rows, strerror(errno));
            return false;
        }
        wn_sha256_add(reading->hash, room, (size_t)got);
        reading->used += (size_t)got;
        return got > 0;
    }
}

/** The end: was it whole, and one version of the file? */
static void check_end(struct reading *reading)
{
    struct wn_rows *rows = reading->rows;
    struct stat status;
    if (reading->stop) {
        return;
    }
    if (rows->line == 0 && reading->used == 0) {
        fault_of_file(rows, "is empty; its first line is the header");
    } else if (reading->used > 0) {
        rows->line++;
        wn_rows_fault(rows, NULL, "the last line does not end: the file is cut");
    }
    if (fstat(reading->fd, &status) == 0) {
        const struct wn_stamp now = wn_io_stamp(&status);
        if (!wn_io_same_stamp(&now, &rows->stamp)) {
            fault_of_file(rows, "it changed while it was read; write it aside and rename it");
        }
    }
    wn_sha256_finish(reading->hash, rows->sha256);
}

static bool open_file(struct reading *reading)
{
    struct wn_rows *rows = reading->rows;
    struct stat status;
    reading->fd = open(rows->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (reading->fd < 0 || fstat(reading->fd, &status) != 0) {
        fault_of_file(rows, strerror(errno));
        return false;
    }
    rows->stamp = wn_io_stamp(&status);
    if (!S_ISREG(status.st_mode)) {
        fault_of_file(rows, "is no file");
        return false;
    }
    return true;
}

bool wn_rows_read(struct wn_rows *rows)
{
    struct reading reading = { .rows = rows };
    while (rows->columns[reading.n_columns]) {
        reading.n_columns++;
    }
    assert(reading.n_columns <= WN_ROWS_CELLS);
    if (open_file(&reading)) {
        reading.window = wn_take(WN_ROWS_WINDOW, 1);
        reading.hash = wn_sha256_open();
        while (!reading.stop && fill(&reading)) {
            take_lines(&reading);
        }
        check_end(&reading);
        wn_sha256_close(reading.hash);
        explicit_bzero(reading.window, WN_ROWS_WINDOW);
        free(reading.window);
    }
    if (reading.fd >= 0) {
        close(reading.fd);
    }
    if (rows->n_faults > WN_ROWS_FAULTS) {
        wn_faults_add(rows->faults, rows->file, 0, "%u more faults",
                      rows->n_faults - WN_ROWS_FAULTS);
    }
    return rows->n_faults == 0;
}
