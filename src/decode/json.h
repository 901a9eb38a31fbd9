// SPDX-License-Identifier: Apache-2.0

/**
 * The parts of the JSON format: the structural index (json_simd.cc, the one file that knows
 * simdjson), cutting a stream into records (json_split.c), walking a record (json_walk.c).
 */

#ifndef WINNOW_DECODE_JSON_H
#define WINNOW_DECODE_JSON_H

#include "winnow/format.h"

WN_C_BEGIN

struct wn_json_simd;

/** What became of an attempt to index. */
enum wn_json_indexed {
    WN_JSON_INDEXED = 0, ///< The index is whole.
    WN_JSON_BAD_UTF8,    ///< The index is whole, but not all of the text is UTF-8.
    WN_JSON_CONTROL,     ///< No index: a control character in a string.
    WN_JSON_UNCLOSED,    ///< No index: a string is not closed, or there is nothing at all.
};

/** @return never NULL; the caller's to close. */
struct wn_json_simd *wn_json_simd_open(void);

/** Give it back; NULL is fine. @return NULL */
struct wn_json_simd *wn_json_simd_close(struct wn_json_simd *simd);

/**
 * Find where the tokens of a text begin: each of `{}[],:` outside of strings, the opening quote of
 * each string, the first octet of everything else.
 *
 * @param ret_index  Offsets in `text`, ascending; good until the next call.
 */
WN_NODISCARD
enum wn_json_indexed wn_json_simd_index(struct wn_json_simd *simd, struct wn_slice text,
                                        const uint32_t **ret_index, size_t *ret_n);

/** Give back the memory that an unusually long record took. */
void wn_json_simd_shrink(struct wn_json_simd *simd);

WN_C_END

#ifndef __cplusplus

#include "json_form.h"

/** A node that the value at hand has reached, and the row that its takes go to. */
struct wn_json_active {
    const struct wn_trie_node *node;
    struct wn_taken *row;
    unsigned lane; ///< 0: the top; else the number of the list whose item it is.
};

/** How far the search for a record's end has come; offsets count from the record's begin. */
struct wn_json_scan {
    size_t at;    ///< All before was looked at.
    size_t line;  ///< Where the line at hand begins.
    int64_t open; ///< Brackets: see weight_of in json_split.c.
    bool in_string;
    bool is_broken; ///< The record is lost; its end is looked for.
    bool is_cut;    ///< … and the fault was the end of a line, the one before this.
    bool is_last;   ///< … and this line is the last of what is lost.
};

/**
 * What is likely to come next. A switch writes its names in the same order again and again, so of
 * each name that nobody wants, by its number in the drift counts, its successor is remembered.
 */
struct wn_json_guess {
    const struct wn_drift *drift;       ///< Whose numbers these are.
    unsigned last;                      ///< The name met last.
    uint16_t next[WN_DRIFT_NAMES + 1];  ///< Its successor, when it was met before.
    uint16_t below[WN_DRIFT_NAMES + 1]; ///< Node below which nobody wants this name.
};

struct wn_reader {
    const struct wn_format_options *options;
    struct wn_json_simd *simd;

    // Of split().
    struct wn_json_scan scan;
    bool at_begin; ///< A byte order mark may come.
    bool is_over;  ///< What comes is the rest of a record, or line, that was too long.
    bool is_dense; ///< Several records stand on one line.

    // What split() has indexed, for the decode() of the very same bytes that comes next.
    struct wn_json_text indexed; ///< Empty: nothing.
    bool is_utf8;
    const struct wn_json_form *form; ///< Which the text has; NULL: none that is known.

    // Of decode(): scratch of fixed size.
    struct wn_json_active *stack; ///< Sets of active nodes, one on top of the other.
    size_t n_stack;
    uint64_t *seen;          ///< For each lane and node, in which object its name was met last.
    uint64_t n_objects;      ///< Numbers objects for `seen`.
    struct wn_taken **tails; ///< For each lane, WN_TAKES of them.
    struct wn_taken_list lists[WN_LISTS];
    struct wn_json_guess guess;
    struct wn_json_forms *forms;
};

/** See `struct wn_format`. */
enum wn_code wn_json_split(struct wn_reader *reader, struct wn_slice *rest, bool end,
                           struct wn_slice *ret_raw, struct wn_error *err);
enum wn_code wn_json_decode(struct wn_reader *reader, struct wn_slice raw, struct wn_arena *arena,
                            struct wn_drift *drift, struct wn_taken_set *taken,
                            struct wn_error *err);

/**
 * Undo the escapes of a string (RFC 8259 §7).
 *
 * A lone surrogate and U+0000 are refused: the first is no character, the second ends a text in
 * half of the programs behind us.
 *
 * @param text       Between the quotes.
 * @param ret_plain  In `text`, where nothing was escaped, or in the arena.
 * @return WN_OK, or WN_REJECT: "json-syntax" (no such escape), "bad-encoding".
 */
WN_NODISCARD
enum wn_code wn_json_unescape(struct wn_arena *arena, struct wn_slice text,
                              struct wn_slice *ret_plain, struct wn_error *err);

/** @return whether a token is a number, true, false or null (RFC 8259 §3, §6). */
bool wn_json_is_scalar(struct wn_slice token);

#endif

#endif
