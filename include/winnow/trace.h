// SPDX-License-Identifier: Apache-2.0

/**
 * Why a record became what it is: the source's entries, one by one, with their lines.
 *
 * For `winnow explain` and `winnow check`. Nothing here runs on the way of a record: a decoded
 * record is filled once more, entry by entry, by the very functions that filled it, and what each
 * entry did is told. So an explanation can't differ from what was done, and costs nothing where
 * nobody asks.
 */

#ifndef WINNOW_TRACE_H
#define WINNOW_TRACE_H

#include "winnow/source.h"

/** What a path of a source is read for. */
enum wn_use_what {
    WN_USE_NODE,
    WN_USE_FIELD, ///< It fills a field.
    WN_USE_SUBSCRIBER,
    WN_USE_CONDITION, ///< Of a section, an entry, a flag or a filter.
    WN_USE_KEY,
    WN_USE_REQUIRED,
    WN_USE_GAPS, ///< The node's own count.
};

/** One use of a path, or of an entry that reads none. */
struct wn_use {
    enum wn_use_what what;
    const char *name;                 ///< FIELD: the field; KEY: "duplicate_key"…; else "".
    bool of_item;                     ///< Of `usage`: field and path are an item's.
    uint8_t take;                     ///< WN_NO_TAKE: a constant, a copy or a total reads no path.
    struct wn_slice path;             ///< As the source writes it.
    unsigned line;                    ///< In the source file; 0: not known.
    const struct wn_section *section; ///< Which is read by it; NULL: all of the source's.
};

typedef void wn_use_visit(void *context, const struct wn_use *use);

/**
 * Visit every use of a source: node, gaps, then for each section its condition, items, fields,
 * subscriber, flags, filters, keys, required. What sections share is visited for each.
 */
void wn_source_each_use(const struct wn_source *source, wn_use_visit *visit, void *context);

/** @return whether a decoded record has something at a use's path (of any item). */
bool wn_source_found(const struct wn_decoded *decoded, const struct wn_use *use);

/** What an entry of the source did to a record. */
enum wn_traced {
    WN_TRACED_GAVE,     ///< It gave the value.
    WN_TRACED_BEHIND,   ///< Not read: an entry above it had given one.
    WN_TRACED_WHEN,     ///< Not read: its `when` does not hold.
    WN_TRACED_ABSENT,   ///< Nothing is there.
    WN_TRACED_EMPTY,    ///< What is there stands for nothing: `absent`, a placeholder, nobody.
    WN_TRACED_UNMAPPED, ///< Its text is not in the `map`.
    WN_TRACED_REFUSED,  ///< It can't be read: the record is refused.
};

/** Where an entry's value comes from. */
enum wn_trace_from {
    WN_TRACE_PATH,
    WN_TRACE_FIELD, ///< Another field, in `name`.
    WN_TRACE_CONSTANT,
    WN_TRACE_TOTAL, ///< Over the items.
};

/** One entry, one record. */
struct wn_trace {
    const char *field; ///< Its name; "node", "subscriber".
    uint8_t slot;      ///< Of the shape, or of its items; WN_NO_SLOT: node, subscriber.
    bool of_item;
    unsigned item; ///< Which, from 0.
    unsigned line; ///< In the source file.
    enum wn_traced what;
    enum wn_trace_from from;
    const char *name; ///< TRACE_FIELD.
    struct wn_slice
        path; ///< The path that decided, as the source writes it; empty: none was there.
    struct wn_slice value; ///< What the raw record has at `path`: **a person's**.
    bool unknown;          ///< GAVE, and no table has its word: the class `unknown`.
    const char *reason;    ///< REFUSED: the reason's id.
};

typedef void wn_trace_visit(void *context, const struct wn_trace *trace);

/**
 * Visit the entries of node, items, fields and subscriber, as they acted on a record; where the
 * record was refused by one, that is the last.
 *
 * @param decoded  Of wn_decoder_decode(), also where that failed. What the format itself refused
 *                 has no entries to visit.
 */
void wn_source_trace(const struct wn_decoded *decoded, wn_trace_visit *visit, void *context);

/** Something that a source leaves open, though it has no fault. */
typedef void wn_remark_visit(void *context, unsigned line, const char *sentence);

/**
 * Visit what people forget in a source: a duplicate key that tells records of two switches, or
 * records without an id, not apart; a node that is always the same; no filter; nobody to charge.
 */
void wn_source_each_remark(const struct wn_source *source, wn_remark_visit *visit, void *context);

/** What is required and absent. */
struct wn_missing {
    struct wn_slice name; ///< A field, a path, `node`, `subscriber`.
    bool of_item;
    unsigned line; ///< Of `required:`; 0: the policy requires it.
};

typedef void wn_missing_visit(void *context, const struct wn_missing *missing);

/** Visit all that wn_source_required() would refuse a record for. */
void wn_source_each_missing(const struct wn_decoded *decoded, wn_missing_visit *visit,
                            void *context);

#endif
