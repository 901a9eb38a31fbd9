// SPDX-License-Identifier: Apache-2.0

/**
 * Duplicate entries in memory: one hash table an event day.
 *
 * A table is a set: several entries may share a fingerprint, the very same entry is kept once.
 *
 * Threads: a table belongs to one thread.
 */

#ifndef ACCOUNT_TABLE_H
#define ACCOUNT_TABLE_H

#include <string.h>

#include "winnow/state_entry.h"

/** Order of entries in a run: by fingerprint, then by extra. @return <0, 0, >0 */
static inline int wn_entry_order(const struct wn_entry *a, const struct wn_entry *b)
{
    int order = memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint));
    return order != 0 ? order : (a->extra > b->extra) - (a->extra < b->extra);
}

/** @return the first 8 octets of a fingerprint as a number that orders as they do. */
static inline uint64_t wn_fingerprint_key(const uint8_t fingerprint[12])
{
    uint64_t key;
    memcpy(&key, fingerprint, sizeof(key));
    return __builtin_bswap64(key);
}

/** @return `key` scaled from 64 bits to 0 … n - 1, in the same order. */
static inline uint64_t wn_key_scale(uint64_t key, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)key * n >> 64);
}

/** Where a search puts what it finds. */
struct wn_finding {
    struct wn_found *at;
    size_t n, most;
};

/** Add what was found; the same again, or more than `most`, is dropped. */
void wn_finding_add(struct wn_finding *finding, uint32_t extra, int32_t day);

/** A set of entries; all-zero is the empty set. */
struct wn_table {
    struct wn_entry *slots; ///< `capacity` of them; an all-zero slot is empty.
    size_t capacity;        ///< A power of two, or 0.
    size_t n;               ///< Entries, the all-zero one too.
    bool zero;              ///< The all-zero entry is in the set.
};

/** Add an entry. @return false where it was there already. */
bool wn_table_add(struct wn_table *table, const struct wn_entry *entry);

/** Find all entries with a fingerprint. */
void wn_table_find(const struct wn_table *table, const uint8_t fingerprint[12], int32_t day,
                   struct wn_finding *finding);

/** Write all entries, sorted by wn_entry_order(). @param ret_entries  Room for `n`. */
void wn_table_sort(const struct wn_table *table, struct wn_entry *ret_entries);

/** Give the memory back; the table is empty afterwards. */
void wn_table_deinit(struct wn_table *table);

/** A table of an event day. */
struct wn_day_table {
    int32_t day; ///< [days since 1970]
    struct wn_table table;
};

/** Tables by event day, rising; all-zero is the empty list. */
struct wn_tables {
    struct wn_day_table *at;
    size_t n, capacity;
    size_t entries; ///< Of all tables.
};

/** Add an entry to its day's table. @return false where it was there already. */
bool wn_tables_add(struct wn_tables *tables, int32_t day, const struct wn_entry *entry);

/** Begin to load what wn_tables_find() will look at; the tables are larger than the caches. */
void wn_tables_expect(const struct wn_tables *tables, const uint8_t fingerprint[12],
                      int32_t first_day);

/** Find all entries with a fingerprint on `first_day` or later. */
void wn_tables_find(const struct wn_tables *tables, const uint8_t fingerprint[12],
                    int32_t first_day, struct wn_finding *finding);

/** @return the table of a day, or NULL. */
const struct wn_table *wn_tables_day(const struct wn_tables *tables, int32_t day);

/** Forget the tables of days before `first_day`. */
void wn_tables_drop(struct wn_tables *tables, int64_t first_day);

/** Give the memory back; the list is empty afterwards. */
void wn_tables_deinit(struct wn_tables *tables);

#endif
