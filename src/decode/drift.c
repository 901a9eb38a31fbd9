// SPDX-License-Identifier: Apache-2.0

/*
 * Drift is counted for every name of every record that nobody wants, two hundred in a FreeSWITCH
 * record, so counting is one look-up in a table of hashes and one comparison. Whether a name may
 * be shown is asked once, when it is met first; a name that may not never enters the table.
 */

#include "winnow/path.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trie.h"

enum {
    PLACES = 2048, ///< Of the table: a power of two, about twice the names.
    NAME_BYTES = 64,
    DIGITS_IN_ROW = 3,  ///< At most.
    DIGITS = 6,         ///< At most: more may be a number in groups.
    ADDRESS_BYTES = 12, ///< Of a MAC address without separators.
    COLONS = 2,         ///< Of an IPv6 address, at least.
};

struct entry {
    uint64_t hash;
    uint64_t count;
    unsigned len;
    char name[NAME_BYTES + 1];
};

struct wn_drift {
    uint64_t hidden; ///< Counted as `(hidden)`: the name may be a value.
    uint64_t more;   ///< Counted as `(more)`: names beyond the first 1,000.
    unsigned n_entries;
    const void *learner;     ///< Who knows the entries' numbers.
    uint16_t places[PLACES]; ///< Number of the entry, from 1; 0: free.
    struct entry entries[WN_DRIFT_NAMES];
};

struct wn_drift *wn_drift_open(void)
{
    struct wn_drift *drift = calloc(1, sizeof(*drift));
    if (!drift) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return drift;
}

struct wn_drift *wn_drift_close(struct wn_drift *drift)
{
    free(drift);
    return NULL;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/** Whether a name may be an address: hexadecimal digits in groups, or as many as a MAC address has.
 */
static bool may_be_address(struct wn_slice name)
{
    unsigned colons = 0;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        colons += c == ':' ? 1 : 0;
        if (c == '\0' || !strchr("0123456789abcdefABCDEF_.:-", c)) {
            return false;
        }
    }
    return colons >= COLONS || name.len >= ADDRESS_BYTES;
}

bool wn_drift_may_show(struct wn_slice name)
{
    if (name.len == 0 || name.len > NAME_BYTES || !is_alphanumeric(name.at[0])) {
        return false;
    }
    unsigned in_row = 0;
    unsigned digits = 0;
    bool has_letter = false;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        const bool is_digit = c >= '0' && c <= '9';
        if (!is_alphanumeric(c) && c != '_' && c != '.' && c != ':' && c != '-') {
            return false;
        }
        has_letter = has_letter || (is_alphanumeric(c) && !is_digit);
        digits += is_digit ? 1 : 0;
        in_row = is_digit ? in_row + 1 : 0;
        if (in_row > DIGITS_IN_ROW || digits > DIGITS) {
            return false;
        }
    }
    return has_letter && !may_be_address(name); // Digits alone are a short code: 113.
}

/** @return the place of this name in the table, or the free one where it belongs. */
static uint16_t *find_place(struct wn_drift *drift, struct wn_slice name, uint64_t hash)
{
    for (size_t i = hash & (PLACES - 1);; i = (i + 1) & (PLACES - 1)) {
        uint16_t number = drift->places[i];
        if (number == 0) {
            return &drift->places[i];
        }
        const struct entry *entry = &drift->entries[number - 1];
        if (entry->hash == hash && entry->len == name.len &&
            wn_trie_same(entry->name, name.at, name.len)) {
            return &drift->places[i];
        }
    }
}

/** @return the number of the name, or 0. */
static unsigned add(struct wn_drift *drift, struct wn_slice name, uint64_t hash, uint64_t count)
{
    uint16_t *place = find_place(drift, name, hash);
    if (*place != 0) {
        drift->entries[*place - 1].count += count;
    } else if (!wn_drift_may_show(name)) {
        drift->hidden += count;
    } else if (drift->n_entries == WN_DRIFT_NAMES) {
        drift->more += count;
    } else {
        struct entry *entry = &drift->entries[drift->n_entries++];
        *entry = (struct entry){ .hash = hash, .count = count, .len = (unsigned)name.len };
        memcpy(entry->name, name.at, name.len);
        *place = (uint16_t)drift->n_entries;
    }
    return *place;
}

unsigned wn_drift_count_hash(struct wn_drift *drift, struct wn_slice name, uint64_t hash)
{
    return add(drift, name, hash, 1);
}

bool wn_drift_is_known(struct wn_drift *drift, const void *learner)
{
    bool is_known = drift->learner == learner;
    drift->learner = learner;
    return is_known;
}

struct wn_slice wn_drift_name_of(const struct wn_drift *drift, unsigned number)
{
    if (number == 0 || number > drift->n_entries) {
        return (struct wn_slice){ 0 };
    }
    const struct entry *entry = &drift->entries[number - 1];
    return (struct wn_slice){ entry->name, entry->len };
}

void wn_drift_count_at(struct wn_drift *drift, unsigned number)
{
    assert(number > 0 && number <= drift->n_entries);
    drift->entries[number - 1].count++;
}

void wn_drift_count(struct wn_drift *drift, struct wn_slice name)
{
    add(drift, name, wn_trie_hash(name), 1);
}

void wn_drift_add(struct wn_drift *into, const struct wn_drift *from)
{
    for (unsigned i = 0; i < from->n_entries; i++) {
        const struct entry *entry = &from->entries[i];
        add(into, (struct wn_slice){ entry->name, entry->len }, entry->hash, entry->count);
    }
    into->hidden += from->hidden;
    into->more += from->more;
}

void wn_drift_restore(struct wn_drift *drift, struct wn_slice name, uint64_t count)
{
    if (wn_slice_is(name, "(more)")) {
        drift->more += count;
    } else {
        add(drift, name, wn_trie_hash(name), count);
    }
}

void wn_drift_clear(struct wn_drift *drift)
{
    drift->hidden = 0;
    drift->more = 0;
    drift->n_entries = 0;
    drift->learner = NULL;
    memset(drift->places, 0, sizeof(drift->places));
}

/** What is sorted. */
struct reference {
    const struct entry *entry;
};

static int compare_names(const void *left, const void *right)
{
    const struct reference *a = left;
    const struct reference *b = right;
    return strcmp(a->entry->name, b->entry->name);
}

void wn_drift_each(const struct wn_drift *drift, wn_drift_visit *visit, void *context)
{
    struct reference sorted[WN_DRIFT_NAMES] = { { NULL } };
    for (unsigned i = 0; i < drift->n_entries; i++) {
        sorted[i].entry = &drift->entries[i];
    }
    qsort(sorted, drift->n_entries, sizeof(sorted[0]), compare_names);

    if (drift->hidden > 0) { // An opening bracket comes before all letters and digits.
        visit(context, "(hidden)", drift->hidden);
    }
    if (drift->more > 0) {
        visit(context, "(more)", drift->more);
    }
    for (unsigned i = 0; i < drift->n_entries; i++) {
        visit(context, sorted[i].entry->name, sorted[i].entry->count);
    }
}
