// SPDX-License-Identifier: Apache-2.0

/**
 * One format: where a record ends, and what is in it.
 *
 * To add a format: write `src/decode/NAME.c`, export its `struct wn_format` here, list it in
 * `format.c`. Nothing else knows the formats, and no format knows a field: which names are wanted
 * is the trie's (path.h), what becomes of them the source's (source.h).
 */

#ifndef WINNOW_FORMAT_H
#define WINNOW_FORMAT_H

#include "winnow/path.h"

WN_C_BEGIN

/** Limits of every format. */
enum {
    WN_RECORD_BYTES = 16 << 20, ///< A record or message, at most: "record-too-long".
    WN_DEPTH = 64,              ///< Nesting, at most: "too-deep".
    WN_RECORD_FIELDS = 4096,    ///< Names in a record, at most: "too-many-fields".
};

/** Lines of a CSV that are no records: a header, a trailer (`csv: {lines: …}`). */
struct wn_csv_line {
    struct wn_slice name;         ///< As paths of `parts` begin: `/NAME/COLUMN`.
    const struct wn_slice *first; ///< Their first value is one of these.
    size_t n_first;
    const struct wn_slice *columns; ///< Names in order; NULL: as many as there are, none is read.
    size_t n_columns;
};

/** What a format is told of the source. */
struct wn_format_options {
    const struct wn_paths *paths;
    char csv_delimiter;                 ///< ',' unless the source says otherwise.
    char csv_quote;                     ///< '"', or 0: none.
    const struct wn_slice *csv_columns; ///< Names in order; NULL: the first row has them.
    size_t n_csv_columns;
    bool csv_any_case;                ///< Names of the header row are found in any case (ASCII).
    const struct wn_slice *csv_types; ///< How the values of a row of types begin; see csv.c.
    size_t n_csv_types;
    const struct wn_csv_line *csv_lines;
    size_t n_csv_lines;
    const struct wn_paths *parts; ///< What is wanted of parts that are no records; NULL: nothing.
    unsigned framing; ///< Of `ber`: an enum wn_framing (decode/ber/frame.h); 0: told by the input.
    enum wn_encoding otherwise; ///< What text is that is not UTF-8: `text: {else: …}`.
};

/** A format at work on one input: scratch memory of its own; one a thread. */
struct wn_reader;

struct wn_format {
    const char *name; ///< As a source writes it: `format: detail`.

    /** Make a reader. @return never NULL; the caller's to close. `options` must outlive it. */
    struct wn_reader *(*open)(const struct wn_format_options *options);

    /** Give it back; NULL is fine. @return NULL */
    struct wn_reader *(*close)(struct wn_reader *reader);

    /** A new input begins (file or message): forget a header row. */
    void (*begin)(struct wn_reader *reader);

    /**
     * Cut the next raw record off the front of `rest`.
     *
     * What is no record (blank lines, a CSV's header row) is skipped; at the end of the input,
     * when nothing is left, `ret_raw->len` is 0 with WN_OK.
     *
     * @param rest     Moves behind what was cut. It may begin anywhere a record may begin.
     * @param end      No more bytes will follow `rest`.
     * @param ret_raw  The record's bytes, within `rest`.
     * A part that is no record but says something of the input (a header or trailer with totals) is
     * cut off like one: is_part() tells.
     *
     * @return WN_OK; WN_RETRY where the record's end is not in `rest` yet and `end` is false
     *         (`rest` may have moved over what is no record; call again with more bytes behind it;
     *         never where `rest` has WN_RECORD_BYTES, so a buffer of that size is enough);
     *         or WN_REJECT with the syntax reason ("json-syntax", "detail-syntax",
     *         "record-cut", "csv-quote", "column-count", "record-too-long"): `ret_raw` is then what
     * is lost, and `rest` stands where the next record may begin.
     */
    enum wn_code (*split)(struct wn_reader *reader, struct wn_slice *rest, bool end,
                          struct wn_slice *ret_raw, struct wn_error *err);

    /**
     * Find what the paths want in one raw record.
     *
     * No I/O, and no allocation but from `arena` (what must be unescaped).
     *
     * @param raw    As split() cut it, from the input that began last: a CSV's header row and the
     *               index of a JSON record are the reader's. Must outlive `taken`, which borrows
     *               from it.
     * @param drift  Counts names that no path wants; may be NULL.
     * @param taken  Filled in; its arrays are in the arena.
     * @return WN_OK, or WN_REJECT: a syntax reason, "bad-encoding", "value-cut", "record-cut",
     *         "duplicate-field", "too-deep", "too-many-fields", "too-many-items".
     */
    enum wn_code (*decode)(struct wn_reader *reader, struct wn_slice raw, struct wn_arena *arena,
                           struct wn_drift *drift, struct wn_taken_set *taken,
                           struct wn_error *err);

    /**
     * The input is over: count what was odd in it and cost no record, as names of `drift` (NULL:
     * count nothing). NULL: the format knows of nothing odd.
     */
    void (*end)(struct wn_reader *reader, struct wn_drift *drift);

    /** @return the i-th type of record that it knows, NULL behind the last. NULL: it knows none. */
    const struct wn_record_kind *(*kind_at)(unsigned i);

    /**
     * Whether any record can have something at this path, which begins with a slash and has no
     * empty name. NULL: records have any names.
     *
     * @param ret_at       Where not: the place in `path` of the slash before the first name that
     *                     no record has there.
     * @param ret_nearest  And the name that it may be a slip of, or NULL.
     */
    bool (*knows)(struct wn_slice path, size_t *ret_at, const char **ret_nearest);

    /** Whether what split() cut last, with WN_OK, is such a part. NULL: the format has none. */
    bool (*is_part)(const struct wn_reader *reader);

    /**
     * Find what `options->parts` wants in such a part, before the next split().
     *
     * @param taken  Filled in, as by decode(): its array is in the arena.
     * @return WN_OK, or WN_REJECT: a syntax reason, "bad-encoding".
     */
    enum wn_code (*decode_part)(struct wn_reader *reader, struct wn_slice raw,
                                struct wn_arena *arena, struct wn_taken_set *taken,
                                struct wn_error *err);
};

extern const struct wn_format wn_format_ber;
extern const struct wn_format wn_format_json;
extern const struct wn_format wn_format_csv;
extern const struct wn_format wn_format_detail;

/** @return the format with this name, or NULL. */
const struct wn_format *wn_format_find(struct wn_slice name);

/** @return the i-th format, or NULL behind the last: for messages that list them. */
const struct wn_format *wn_format_at(unsigned i);

WN_C_END

#endif
