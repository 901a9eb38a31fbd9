// SPDX-License-Identifier: Apache-2.0

/*
 * Rows of values with a delimiter, one a physical line.
 *
 *     uuid,caller,"name, with a comma","with a ""quote"""
 *
 * A value whose first octet is the quote ends at the next single one, behind which only a
 * delimiter or the line's end may come; a quote anywhere else is "csv-quote", since writers that
 * do not escape values are common, and guessing where a value ends could charge the wrong party.
 * A quote that is still open at the line's end costs this line and no more.
 *
 * split() checks quotes and columns, so that what decode() gets is whole. Without names of
 * columns from the source the first row of each input has them; where that row is broken, or names
 * nothing that a path wants (it is a record, the header was left out), it and every row of this
 * input is refused: values must not become names. The same row again, as in files that were joined,
 * is no record. Nor is, right below it, a row of types,
 *
 *     "cdrRecordType","pkid"
 *     INTEGER,UNIQUEIDENTIFIER
 *
 * each of whose values begins with a text that the source lists. A row that is left out because it
 * stands in a place, or because it begins in a way, could be a record: this one can't.
 *
 * A line whose first value is a mark of the source's (`csv: {lines: …}`) is a part of the input
 * that is no record. It is told before anything else is asked of it, so that a header or trailer of
 * other columns costs nothing.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"
#include "winnow/format.h"
#include "winnow/identifier.h"

enum header {
    HEADER_NONE, ///< It comes, as the first row.
    HEADER_READ,
    HEADER_BROKEN,
};

/** What a column gives; without node and hash nothing is wanted of it. */
struct column {
    const struct wn_trie_node *node; ///< NULL: no path wants it.
    struct wn_slice name;            ///< For drift.
    uint64_t hash;
};

struct wn_reader {
    const struct wn_format_options *options;
    bool at_begin;  ///< A byte order mark may come.
    bool is_over;   ///< What comes is the rest of a line that was too long.
    size_t scanned; ///< Octets of the line at hand that hold no line's end.
    enum header header;
    struct wn_slice header_raw;     ///< The header row as it stands, in `names`.
    bool is_under_header;           ///< The row before this one was the header row.
    bool has_duplicates;            ///< A column that is wanted has its name twice.
    const struct wn_csv_line *part; ///< Of the line that was cut last; NULL: it is a record.
    size_t n_columns;
    struct column columns[WN_RECORD_FIELDS];
    struct wn_arena names; ///< Of the header row.
    struct wn_taken *tails[WN_TAKES];
};

/** One value of a row. */
struct cell {
    struct wn_slice text; ///< Without its quotes.
    bool has_quotes;      ///< Doubled ones, within.
};

/** What is left of a row; `at_end` tells "no value" from "an empty one". */
struct row {
    struct wn_slice rest;
    bool at_end;
};

/** Read a value in quotes; `row->rest` is behind the first one. @return false: "csv-quote" */
static bool read_quoted(const struct wn_format_options *options, struct row *row,
                        struct cell *ret_cell)
{
    const char quote = options->csv_quote;
    struct wn_slice rest = row->rest;
    size_t i = 0;
    ret_cell->has_quotes = false;
    for (;;) {
        const char *at = i < rest.len ? memchr(rest.at + i, quote, rest.len - i) : NULL;
        if (!at) {
            return false;
        }
        i = (size_t)(at - rest.at) + 1;
        if (i == rest.len || rest.at[i] != quote) {
            break;
        }
        ret_cell->has_quotes = true;
        i++;
    }
    ret_cell->text = (struct wn_slice){ rest.at, i - 1 };
    row->at_end = i == rest.len;
    if (!row->at_end && rest.at[i] != options->csv_delimiter) {
        return false;
    }
    row->rest = wn_slice_after(rest, row->at_end ? i : i + 1);
    return true;
}

/** Read the next value of a row that is not at its end. @return false: "csv-quote" */
static bool read_cell(const struct wn_format_options *options, struct row *row,
                      struct cell *ret_cell)
{
    struct wn_slice rest = row->rest;
    assert(!row->at_end);
    if (options->csv_quote != 0 && rest.len > 0 && rest.at[0] == options->csv_quote) {
        row->rest = wn_slice_after(rest, 1);
        return read_quoted(options, row, ret_cell);
    }
    const char *delimiter = rest.len > 0 ? memchr(rest.at, options->csv_delimiter, rest.len) : NULL;
    size_t len = delimiter ? (size_t)(delimiter - rest.at) : rest.len;
    *ret_cell = (struct cell){ .text = { rest.at, len } };
    row->at_end = !delimiter;
    row->rest = wn_slice_after(rest, delimiter ? len + 1 : len);
    return options->csv_quote == 0 || len == 0 || !memchr(rest.at, options->csv_quote, len);
}

/** @return the value with its doubled quotes made single. */
static struct wn_slice cell_text(const struct wn_format_options *options, struct wn_arena *arena,
                                 const struct cell *cell)
{
    if (!cell->has_quotes) {
        return cell->text;
    }
    char *text = wn_arena_take(arena, cell->text.len);
    size_t n = 0;
    for (size_t i = 0; i < cell->text.len; i++) {
        text[n++] = cell->text.at[i];
        i += cell->text.at[i] == options->csv_quote ? 1 : 0;
    }
    return (struct wn_slice){ text, n };
}

static enum wn_code fail_quote(struct wn_error *err, size_t column)
{
    return wn_fail(err, WN_REJECT, "csv-quote",
                   "column %zu: a quote is left open, or stands within a value", column + 1);
}

static enum wn_code fail_count(const struct wn_reader *reader, struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "column-count",
                   "not the number of columns, %zu, that it should have", reader->n_columns);
}

/** Find what is wanted under a name, in any case of its letters. */
static const struct wn_trie_node *find_any_case(const struct wn_paths *paths, struct wn_slice name)
{
    const struct wn_trie_node *top = &paths->nodes[WN_TRIE_TOP];
    for (uint32_t i = 0; top->n_names > 0 && i <= top->mask; i++) {
        const struct wn_trie_edge *edge = &top->edges[i];
        if (edge->node != 0 && wn_slice_same_any_case(edge->name, name)) {
            return &paths->nodes[edge->node];
        }
    }
    return NULL;
}

/** Add a column of this name. @return false: there are too many. */
static bool add_column(struct wn_reader *reader, struct wn_slice name)
{
    const struct wn_paths *paths = reader->options->paths;
    if (reader->n_columns == WN_RECORD_FIELDS) {
        return false;
    }
    uint64_t hash = wn_trie_hash(name);
    const struct wn_trie_node *node =
        reader->options->csv_any_case ? find_any_case(paths, name)
                                      : wn_trie_find(paths, &paths->nodes[WN_TRIE_TOP], name, hash);
    for (size_t i = 0; node && i < reader->n_columns; i++) {
        reader->has_duplicates = reader->has_duplicates || reader->columns[i].node == node;
    }
    reader->columns[reader->n_columns++] = (struct column){ node, name, hash };
    return true;
}

static struct wn_reader *csv_open(const struct wn_format_options *options)
{
    struct wn_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    reader->options = options;
    reader->at_begin = true;
    for (size_t i = 0; options->csv_columns && i < options->n_csv_columns; i++) {
        bool ok = add_column(reader, options->csv_columns[i]);
        assert(ok); // The source's loader knows the limit.
        (void)ok;
    }
    return reader;
}

static struct wn_reader *csv_close(struct wn_reader *reader)
{
    if (reader) {
        wn_arena_deinit(&reader->names);
        free(reader);
    }
    return NULL;
}

static void csv_begin(struct wn_reader *reader)
{
    reader->at_begin = true;
    reader->is_over = false;
    reader->scanned = 0;
    if (!reader->options->csv_columns) {
        reader->header = HEADER_NONE;
        reader->is_under_header = false;
        reader->has_duplicates = false;
        reader->n_columns = 0;
        wn_arena_reset(&reader->names);
    }
}

/** Read the names of the columns from the first row of an input. */
static enum wn_code read_header(struct wn_reader *reader, struct wn_slice raw, struct wn_error *err)
{
    struct row row = { .rest = raw };
    bool is_wanted = false;
    reader->header = HEADER_BROKEN;
    while (!row.at_end) {
        struct cell cell;
        if (!read_cell(reader->options, &row, &cell)) {
            fail_quote(err, reader->n_columns);
            return wn_context(err, "the header row");
        }
        struct wn_slice name = cell_text(reader->options, &reader->names, &cell);
        struct wn_slice utf8;
        struct wn_error unused;
        if (wn_text_utf8(name, reader->options->otherwise, &reader->names, &utf8, &unused) ==
            WN_OK) {
            name = utf8; // Else no path is its name, and drift hides it.
        }
        if (!add_column(reader, wn_arena_copy(&reader->names, name))) {
            return wn_fail(err, WN_REJECT, "too-many-fields", "the header row: more than %d names",
                           WN_RECORD_FIELDS);
        }
        is_wanted = is_wanted || reader->columns[reader->n_columns - 1].node;
    }
    if (!is_wanted) {
        return wn_fail(err, WN_REJECT, "column-count",
                       "the header row names nothing that the source reads: is it a record?");
    }
    reader->header = HEADER_READ;
    reader->header_raw = wn_arena_copy(&reader->names, raw);
    return WN_OK;
}

/** Whether each value of a row begins with one of the texts of types. */
static bool is_of_types(const struct wn_reader *reader, struct wn_slice raw)
{
    const struct wn_format_options *options = reader->options;
    struct row row = { .rest = raw };
    bool fits = options->n_csv_types > 0;
    while (fits && !row.at_end) {
        struct cell cell;
        if (!read_cell(options, &row, &cell)) {
            return false;
        }
        fits = false;
        for (size_t i = 0; i < options->n_csv_types && !fits; i++) {
            size_t len = options->csv_types[i].len;
            fits = cell.text.len >= len && memcmp(cell.text.at, options->csv_types[i].at, len) == 0;
        }
    }
    return fits;
}

/** Whether a row behind the header row is none of records: the header again, or its types. */
static bool is_heading(struct wn_reader *reader, struct wn_slice raw)
{
    bool was_under = reader->is_under_header;
    reader->is_under_header = wn_slice_same(raw, reader->header_raw);
    return reader->is_under_header || (was_under && is_of_types(reader, raw));
}

/** Check the quotes of a row, and the number of its columns. */
static enum wn_code check_row(const struct wn_reader *reader, struct wn_slice raw,
                              struct wn_error *err)
{
    struct row row = { .rest = raw };
    size_t n = 0;
    if (reader->header == HEADER_BROKEN) {
        return wn_fail(err, WN_REJECT, "column-count",
                       "the header row of this input is broken: there are no names for its rows");
    }
    for (; !row.at_end; n++) {
        struct cell cell;
        if (!read_cell(reader->options, &row, &cell)) {
            return fail_quote(err, n);
        }
    }
    if (n != reader->n_columns) {
        return fail_count(reader, err);
    }
    return WN_OK;
}

/** Skip empty lines. */
static void skip_empty(struct wn_reader *reader, struct wn_slice *rest)
{
    size_t n = 0;
    while (n < rest->len && (rest->at[n] == '\n' || (rest->at[n] == '\r' && n + 1 < rest->len &&
                                                     rest->at[n + 1] == '\n'))) {
        n++;
    }
    reader->is_over = reader->is_over && n == 0;
    *rest = wn_slice_after(*rest, n);
}

/**
 * Cut the next line that is not empty off.
 *
 * @return WN_OK (with an empty `ret_raw` at the end), WN_RETRY, or WN_REJECT: "record-too-long".
 */
static enum wn_code next_line(struct wn_reader *reader, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_raw, struct wn_error *err)
{
    if (reader->scanned > rest->len) { // Not the bytes of the call before.
        reader->scanned = 0;
    }
    if (reader->scanned == 0) {
        skip_empty(reader, rest);
    }
    *ret_raw = (struct wn_slice){ rest->at, 0 };
    if (rest->len == 0) {
        return end ? WN_OK : WN_RETRY;
    }
    size_t most = rest->len < WN_RECORD_BYTES ? rest->len : WN_RECORD_BYTES;
    const char *newline = memchr(rest->at + reader->scanned, '\n', most - reader->scanned);
    if (!newline && most < WN_RECORD_BYTES && !end) {
        reader->scanned = most;
        return WN_RETRY;
    }
    reader->scanned = 0;
    bool was_over = reader->is_over;
    reader->is_over = !newline && most == WN_RECORD_BYTES;
    ret_raw->len = newline ? (size_t)(newline - rest->at) : most;
    *rest = wn_slice_after(*rest, ret_raw->len);
    if (was_over || reader->is_over) {
        return wn_fail(err, WN_REJECT, "record-too-long", "a line of more than %d octets",
                       WN_RECORD_BYTES);
    }
    if (ret_raw->at[ret_raw->len - 1] == '\r') {
        ret_raw->len--;
    }
    return WN_OK;
}

/** @return what the source says of a line that is no record, or NULL. */
static const struct wn_csv_line *find_part(const struct wn_format_options *options,
                                           struct wn_slice raw)
{
    struct row row = { .rest = raw };
    struct cell cell = { .has_quotes = true };
    if (options->n_csv_lines == 0 || !read_cell(options, &row, &cell) || cell.has_quotes) {
        return NULL;
    }
    for (size_t i = 0; i < options->n_csv_lines; i++) {
        const struct wn_csv_line *line = &options->csv_lines[i];
        for (size_t j = 0; j < line->n_first; j++) {
            if (wn_slice_same(cell.text, line->first[j])) {
                return line;
            }
        }
    }
    return NULL;
}

static bool csv_is_part(const struct wn_reader *reader)
{
    return reader->part != NULL;
}

static enum wn_code csv_decode_part(struct wn_reader *reader, struct wn_slice raw,
                                    struct wn_arena *arena, struct wn_taken_set *taken,
                                    struct wn_error *err)
{
    const struct wn_csv_line *line = reader->part;
    const struct wn_paths *paths = reader->options->parts;
    assert(line && paths);
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, paths->n_takes, sizeof(*taken->top)),
    };
    const struct wn_trie_node *node =
        wn_trie_find(paths, &paths->nodes[WN_TRIE_TOP], line->name, wn_trie_hash(line->name));
    if (!node) {
        return WN_OK;
    }
    struct wn_text_sink sink = { reader->options, arena, taken->top, reader->tails };
    struct row row = { .rest = raw };
    size_t n = 0;
    for (; !row.at_end && n < line->n_columns; n++) {
        struct cell cell;
        if (!read_cell(reader->options, &row, &cell)) {
            return fail_quote(err, n);
        }
        const struct wn_slice name = line->columns[n];
        const struct wn_trie_node *column = wn_trie_find(paths, node, name, wn_trie_hash(name));
        if (column && column->take != WN_NO_TAKE &&
            wn_text_take(&sink, column, cell_text(reader->options, arena, &cell), true, err) !=
                WN_OK) {
            return wn_context(err, "column %zu", n + 1);
        }
    }
    return n == line->n_columns && row.at_end
               ? WN_OK
               : wn_fail(err, WN_REJECT, "column-count",
                         "not the number of columns, %zu, that such a line should have",
                         line->n_columns);
}

static enum wn_code csv_split(struct wn_reader *reader, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_raw, struct wn_error *err)
{
    *ret_raw = (struct wn_slice){ rest->at, 0 };
    reader->part = NULL;
    if (reader->at_begin && !wn_text_skip_bom(rest, end)) {
        return WN_RETRY;
    }
    reader->at_begin = false;
    for (;;) {
        enum wn_code rc = next_line(reader, rest, end, ret_raw, err);
        if (rc != WN_OK || (ret_raw->len == 0 && rest->len == 0)) {
            return rc;
        }
        if (ret_raw->len == 0) { // A carriage return alone.
            continue;
        }
        reader->part = find_part(reader->options, *ret_raw);
        if (reader->part) {
            return WN_OK;
        }
        if (!reader->options->csv_columns && reader->header == HEADER_NONE) {
            if (read_header(reader, *ret_raw, err) != WN_OK) {
                return err->code;
            }
            reader->is_under_header = true;
        } else if (reader->header != HEADER_READ || !is_heading(reader, *ret_raw)) {
            return check_row(reader, *ret_raw, err);
        }
    }
}

/** Take the value of a column that a path wants, count the name of one that none wants. */
static enum wn_code take(struct wn_reader *reader, const struct wn_text_sink *sink,
                         const struct column *column, const struct cell *cell,
                         struct wn_drift *drift, struct wn_error *err)
{
    if (!column->node) {
        if (drift) {
            wn_drift_count_hash(drift, column->name, column->hash);
        }
        return WN_OK;
    }
    if (column->node->take == WN_NO_TAKE) {
        return WN_OK;
    }
    struct wn_slice text = cell_text(reader->options, sink->arena, cell);
    return wn_text_take(sink, column->node, text, true, err);
}

static enum wn_code csv_decode(struct wn_reader *reader, struct wn_slice raw,
                               struct wn_arena *arena, struct wn_drift *drift,
                               struct wn_taken_set *taken, struct wn_error *err)
{
    const struct wn_paths *paths = reader->options->paths;
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, paths->n_takes, sizeof(*taken->top)),
    };
    struct wn_text_sink sink = { reader->options, arena, taken->top, reader->tails };
    if (reader->has_duplicates) {
        return wn_fail(err, WN_REJECT, "duplicate-field",
                       "two columns have the name of one that is wanted");
    }
    struct row row = { .rest = raw };
    size_t n = 0;
    for (; !row.at_end && n < reader->n_columns; n++) {
        struct cell cell;
        if (!read_cell(reader->options, &row, &cell)) {
            return fail_quote(err, n);
        }
        if (take(reader, &sink, &reader->columns[n], &cell, drift, err) != WN_OK) {
            return wn_context(err, "column %zu", n + 1);
        }
    }
    return n == reader->n_columns && row.at_end ? WN_OK : fail_count(reader, err);
}

const struct wn_format wn_format_csv = {
    .name = "csv",
    .open = csv_open,
    .close = csv_close,
    .begin = csv_begin,
    .split = csv_split,
    .decode = csv_decode,
    .is_part = csv_is_part,
    .decode_part = csv_decode_part,
};
