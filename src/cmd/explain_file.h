// SPDX-License-Identifier: Apache-2.0

/** What `winnow explain --all` counts (explain_file.c) and writes (explain_file_text.c, _json.c).
 */

#ifndef WINNOW_CMD_EXPLAIN_FILE_H
#define WINNOW_CMD_EXPLAIN_FILE_H

#include "explain.h"

enum {
    EXPLAIN_PLACES = 3,
    EXPLAIN_SHAPES = 5,
    EXPLAIN_GROUPS = 500, ///< Kinds of refusals that are told apart; further ones share the last.
};

/** How many records; each counts once. */
struct explain_count {
    uint64_t n, last;
};

/** Where a record lies. */
struct explain_place {
    uint64_t number, line;
    int64_t octet;
};

/** The shape of a value, and how often. */
struct explain_shape {
    char *text;
    uint64_t n;
};

/** Records that met the same end for the same cause. */
struct explain_group {
    enum wn_outcome outcome; ///< PASSED: an entry's map lacks the word, and the record went on.
    enum wn_reason reason;
    unsigned line;        ///< Of the entry or filter that decided; 0: another rule.
    const char *field;    ///< Of the entry, or NULL.
    struct wn_slice path; ///< Of the entry, or what is missing; may be empty.
    char *text;           ///< What was said of the first one, or NULL.
    uint64_t n;
    struct explain_place places[EXPLAIN_PLACES]; ///< The first ones.
    unsigned n_places;
    struct explain_shape shapes[EXPLAIN_SHAPES];
    unsigned n_shapes;
    uint64_t other_shapes;
};

/** A path that the source reads. */
struct explain_path {
    struct wn_use use;      ///< The first of its uses.
    struct wn_buffer reads; ///< What for, in words: "start (24), when (31)".
    struct explain_count found, gave, empty, unmapped, refused;
};

/** An entry of the source. */
struct explain_entry {
    const char *field;
    unsigned line;
    bool of_item;
    struct explain_count gave;
};

struct explain_file {
    const struct explain *explain;
    uint64_t n, outcomes[WN_QUARANTINED + 1];
    uint64_t typed[WN_TYPES];                          ///< Records of each of the policy's types.
    uint64_t fates[WN_PURPOSES][EXPLAIN_WITHHELD + 1]; ///< By the purposes' numbers.
    struct explain_path *paths;
    size_t n_paths;
    struct explain_entry *entries;
    size_t n_entries;
    struct explain_group *groups; ///< In the order met.
    size_t n_groups;
    struct wn_drift *unwanted;
};

#endif
