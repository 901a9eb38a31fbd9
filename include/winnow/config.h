// SPDX-License-Identifier: Apache-2.0

/**
 * YAML as a typed tree: for winnow.yaml and for source descriptions.
 *
 * A small subset of YAML: block and flow maps, lists and scalars; no anchors, aliases, tags or
 * several documents. Every scalar is text until a getter gives it a type, so `no`, `2` and `"2"`
 * are what they look like. Every fault of a file is collected with its line, none ends the
 * reading; no text of a fault holds a scalar's value (it may be a secret), only keys.
 *
 * libyaml reads the text; nothing outside base/config.c knows it.
 */

#ifndef WINNOW_CONFIG_H
#define WINNOW_CONFIG_H

#include "winnow/arena.h"
#include "winnow/error.h"

/** All that is wrong with one or several files; all-zero is empty. */
struct wn_faults {
    struct wn_buffer lines; ///< One sentence a line, in the order found: `FILE:LINE: sentence`.
    unsigned n;
};

/**
 * Add a fault at `file`:`line`; line 0: the file as a whole; `file` NULL: the sentence says it.
 * What is not printable in the sentence becomes `?`.
 */
void wn_faults_add(struct wn_faults *faults, const char *file, unsigned line, const char *format,
                   ...) WN_PRINTF(4, 5);

/** Add the faults of another list, in order, but those that are there already. */
void wn_faults_merge(struct wn_faults *faults, const struct wn_faults *others);

/** Give the memory back. */
void wn_faults_deinit(struct wn_faults *faults);

enum wn_node_type {
    WN_NODE_TEXT, ///< A scalar.
    WN_NODE_LIST,
    WN_NODE_MAP,
};

struct wn_pair;

/** One value in the tree; lives as long as its document's arena. */
struct wn_node {
    enum wn_node_type type;
    unsigned line;               ///< From 1.
    struct wn_slice text;        ///< TEXT: the scalar, NUL-terminated behind its end.
    size_t n;                    ///< LIST and MAP: how many elements.
    const struct wn_node *items; ///< LIST.
    const struct wn_pair *pairs; ///< MAP, in the order written.
};

struct wn_pair {
    struct wn_slice key; ///< NUL-terminated behind its end.
    unsigned line;
    struct wn_node value;
};

enum {
    WN_CONFIG_LINES = 1 << 21, ///< More than a file has.
    WN_CONFIG_OTHERS = 4,      ///< Files, at most, whose nodes may be put into a tree.
};

/**
 * A document and where its faults go: what every getter needs.
 *
 * Nodes of other files may be put into the tree: those of `others[n]` were read with a `first_line`
 * of (n + 1) × WN_CONFIG_LINES, so that a line says the file as well.
 */
struct wn_config {
    const char *file;                     ///< As named in faults.
    const char *others[WN_CONFIG_OTHERS]; ///< NULL behind the last.
    unsigned first_line;                  ///< Added to each line of a node.
    struct wn_faults *faults;             ///< The caller's.
    struct wn_arena *arena;               ///< Holds the tree; the caller's.
    struct wn_node root;
};

/**
 * Read a YAML file (at most 1 MiB, 32 levels, 4,096 keys a map) whose root is a map.
 *
 * @param config  `file`, `faults` and `arena` set by the caller; `root` is filled in.
 * @return whether there is a tree: false where the file can't be read or is no YAML (said in
 *         `faults`). Faults that leave a tree (an anchor, a key twice) are in `faults` as well:
 *         look at `faults->n` when all is read.
 */
WN_NODISCARD
bool wn_config_read(struct wn_config *config);

/** The same over bytes that are in memory. */
WN_NODISCARD
bool wn_config_parse(struct wn_config *config, struct wn_slice bytes);

/** @return the value of `key` in a map, or NULL where it is not there. */
const struct wn_node *wn_config_find(const struct wn_node *map, const char *key);

/**
 * Report every key of `map` that is not in `keys` (a NULL-terminated list), with the nearest
 * known one as a suggestion; and a value that is no map.
 *
 * @param where  What the map is called in a fault ("run", "fields[3]"); NULL or "" at the root.
 */
void wn_config_keys(const struct wn_config *config, const struct wn_node *map, const char *where,
                    const char *const *keys);

/** @return the file that a line of a node is of; `*line` becomes the line there. */
const char *wn_config_file(const struct wn_config *config, unsigned *line);

/** Add a fault at a node: `FILE:LINE: sentence`. */
void wn_config_fault(const struct wn_config *config, const struct wn_node *node, const char *format,
                     ...) WN_PRINTF(3, 4);

/*
 * Getters. `key` is how a fault names the value ("run.workers"). All of them take a NULL node, as
 * wn_config_find() gives it for what is absent: no fault, nothing is written, the answer is no.
 */

/** @return the scalar's text, or NULL and a fault "KEY: a text is expected here". */
const char *wn_config_text(const struct wn_config *config, const struct wn_node *node,
                           const char *key);

/** Read a whole number from `least` to `most`; a fault otherwise. @return whether it was one. */
bool wn_config_number(const struct wn_config *config, const struct wn_node *node, const char *key,
                      int64_t least, int64_t most, int64_t *ret_number);

/** Read `true` or `false`; a fault otherwise. */
bool wn_config_bool(const struct wn_config *config, const struct wn_node *node, const char *key,
                    bool *ret_value);

/**
 * Read a duration such as `500ms`, `5min`, `15s`, `12h`, `35d` (a whole number and a unit).
 *
 * @param ret_ms  [ms]
 */
bool wn_config_duration(const struct wn_config *config, const struct wn_node *node, const char *key,
                        int64_t *ret_ms);

/**
 * Read a share such as `5%` or `0.25%` (at most two digits behind the point), over 0 and up to
 * 100 %.
 *
 * @param ret_share  [hundredths of a percent]; untouched on failure.
 */
bool wn_config_share(const struct wn_config *config, const struct wn_node *node, const char *key,
                     uint32_t *ret_share);

/**
 * Read a size in octets: a whole number and nothing, `KiB`, `MiB` or `GiB` (`256MiB`).
 *
 * @param ret_bytes  [octets]; untouched on failure.
 */
bool wn_config_bytes(const struct wn_config *config, const struct wn_node *node, const char *key,
                     int64_t *ret_bytes);

/**
 * Read one of the words of `words` (NULL-terminated). @return its index, or -1 and a fault that
 * lists the words.
 */
int wn_config_word(const struct wn_config *config, const struct wn_node *node, const char *key,
                   const char *const *words);

/** @return the word of `words` (NULL-terminated) that `word` is a slip of, or NULL. */
const char *wn_config_nearest(const char *word, const char *const *words);

/** @return how many letters must be put, dropped, changed or swapped to make `b` of `a`. */
size_t wn_config_distance(const char *a, const char *b);

#endif
