// SPDX-License-Identifier: Apache-2.0

/**
 * The inside of `struct wn_paths`, for the formats that walk along it.
 *
 * Node 0 is the record's top, node 1 the item's, node 2 that of the element around its list; every
 * other node is the child of exactly one, but for those below wrappings: a node, and the same
 * within its wrapping, have the same children. All formats share the way in which a value is put
 * into a row (wn_trie_put()).
 */

#ifndef WINNOW_DECODE_TRIE_H
#define WINNOW_DECODE_TRIE_H

#include <assert.h>

#include "winnow/path.h"

enum {
    WN_TRIE_TOP = 0,
    WN_TRIE_ITEM = 1,
    WN_TRIE_OUTER = 2,
    WN_TRIE_DEPTH = 16, ///< Names in a path, at most.
};

/** From a node to the child of this name; `node` 0: the place is free. */
struct wn_trie_edge {
    uint64_t hash;
    struct wn_slice name;
    uint16_t node;
};

struct wn_trie_node {
    struct wn_slice name;       ///< Of the edge to it; empty for `*`, the top and the item.
    struct wn_trie_edge *edges; ///< wn_paths_compile() makes a hash table of this list.
    uint32_t mask;              ///< Places of the table - 1.
    uint16_t n_names;
    uint16_t first, last, any; ///< Children `0`, `-1` and `*`; 0: none.
    uint16_t inner;            ///< This node within its wrapping; 0: none.
    uint16_t sole;             ///< This node as the only element of a list; 0: none.
    uint8_t take;              ///< WN_NO_TAKE: none.
    uint8_t list;              ///< Elements of the list of `each` of this number, from 1.
    uint8_t outers;            ///< Bit of each list (from 0) that lies in elements here.
    enum wn_escaping escaping; ///< Of the values here.
};

/** Values under this path are encoded. */
struct wn_trie_encoded {
    struct wn_trie_encoded *next;
    struct wn_slice path;
    enum wn_escaping escaping;
};

struct wn_paths {
    struct wn_arena arena; ///< Names, tables.
    struct wn_trie_node *nodes;
    struct wn_trie_encoded *encoded;
    struct wn_wrapping wrapping;
    unsigned n_nodes, capacity;
    unsigned n_takes, n_item_takes, n_lists;
    bool compiled;
};

static inline uint64_t wn_trie_word(const char *at, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, at, len);
    return word;
}

/** @return the hash of a name for the tables here and in drift.c; cheap for short names. */
static inline uint64_t wn_trie_hash(struct wn_slice name)
{
    const char *at = name.at;
    size_t len = name.len;
    uint64_t hash = 0x9e3779b97f4a7c15U ^ len;
    if (len >= 8) {
        for (; len > 8; at += 8, len -= 8) {
            hash = (hash ^ wn_trie_word(at, 8)) * 0xff51afd7ed558ccdU;
            hash ^= hash >> 32;
        }
        hash ^= wn_trie_word(name.at + name.len - 8, 8);
    } else if (len >= 4) {
        hash ^= wn_trie_word(at, 4) << 32 | wn_trie_word(at + len - 4, 4);
    } else if (len > 0) {
        hash ^= (uint64_t)(unsigned char)at[0] << 16 | (uint64_t)(unsigned char)at[len / 2] << 8 |
                (unsigned char)at[len - 1];
    }
    hash *= 0xc4ceb9fe1a85ec53U;
    return hash ^ hash >> 29;
}

/**
 * @return whether the names are the same: they have the same hash, so it is nearly certain. It
 *         leaves at a difference, because what adds them up is made a loop of vectors, and names
 *         are too short for those.
 */
static inline bool wn_trie_same(const char *a, const char *b, size_t len)
{
    if (len < 4) {
        return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
    }
    if (len < 8) {
        return wn_trie_word(a, 4) == wn_trie_word(b, 4) &&
               wn_trie_word(a + len - 4, 4) == wn_trie_word(b + len - 4, 4);
    }
    for (size_t i = 0; i + 8 < len; i += 8) {
        if (wn_trie_word(a + i, 8) != wn_trie_word(b + i, 8)) {
            return false;
        }
    }
    return wn_trie_word(a + len - 8, 8) == wn_trie_word(b + len - 8, 8);
}

/** @return the child of this name, or NULL. */
static inline const struct wn_trie_node *wn_trie_find(const struct wn_paths *paths,
                                                      const struct wn_trie_node *node,
                                                      struct wn_slice name, uint64_t hash)
{
    if (node->n_names == 0) {
        return NULL;
    }
    for (size_t i = hash & node->mask; node->edges[i].node != 0; i = (i + 1) & node->mask) {
        const struct wn_trie_edge *edge = &node->edges[i];
        if (edge->hash == hash && edge->name.len == name.len &&
            wn_trie_same(edge->name.at, name.at, name.len)) {
            return &paths->nodes[node->edges[i].node];
        }
    }
    return NULL;
}

/** @return the node of this number, or NULL for 0. */
static inline const struct wn_trie_node *wn_trie_at(const struct wn_paths *paths, uint16_t node)
{
    return node ? &paths->nodes[node] : NULL;
}

/**
 * Put a value into a row, behind those of the same take.
 *
 * @param tails  For each take of the row, its last value; need not be cleared between rows.
 */
static inline void wn_trie_put(struct wn_arena *arena, struct wn_taken *row,
                               struct wn_taken **tails, uint8_t take, enum wn_taken_state state,
                               struct wn_slice text)
{
    assert(take != WN_NO_TAKE);
    struct wn_taken *at = &row[take];
    if (at->state != WN_TAKEN_ABSENT) {
        at = wn_arena_take(arena, sizeof(*at));
        tails[take]->next = at;
    }
    at->state = state;
    at->form = 0;
    at->text.at = text.at; // One by one: a struct copied through the stack stalls here.
    at->text.len = text.len;
    at->next = NULL;
    tails[take] = at;
}

/**
 * @return the path of the element around a list of items: of `/a/STAR/b/STAR` it is `/a/STAR`;
 *         empty: the list lies in none.
 */
struct wn_slice wn_trie_outer(struct wn_slice list);

/**
 * Begin the row of a further item.
 *
 * @param first    Rows that there is room for at first.
 * @param ret_row  `n_item_takes` absent values; good until the list's next item.
 * @return WN_OK, or WN_REJECT: "too-many-items".
 */
WN_NODISCARD
enum wn_code wn_trie_add_item(const struct wn_paths *paths, struct wn_arena *arena,
                              struct wn_taken_list *list, unsigned first, struct wn_taken **ret_row,
                              struct wn_error *err);

enum {
    WN_DRIFT_NAMES = 1000
}; ///< Told apart, at most.

/** Count a name whose hash is known already. @return its number from 1, or 0: it has none. */
unsigned wn_drift_count_hash(struct wn_drift *drift, struct wn_slice name, uint64_t hash);

/**
 * Ask whether the numbers of names are still those that a learner knows, and be its from now on.
 *
 * @param learner  Who remembers numbers: only compared, never followed.
 * @return false where others have learned since, or all was forgotten: the learner starts anew.
 */
bool wn_drift_is_known(struct wn_drift *drift, const void *learner);

/** @return the name of a number; empty: none has it. */
struct wn_slice wn_drift_name_of(const struct wn_drift *drift, unsigned number);

/** Count the name of a number once more. */
void wn_drift_count_at(struct wn_drift *drift, unsigned number);

#endif
