// SPDX-License-Identifier: Apache-2.0

/*
 * Open addressing with linear probing, at most 5/8 full. Fingerprints are an HMAC's octets, so they
 * are their own hash: an entry's home is its first 8 octets, scaled to the capacity. Scaled, not
 * masked, so that the homes rise as the fingerprints do: read from slot to slot, a table is sorted
 * but for a few neighbours, and an insertion sort finishes it in about n steps (a quicksort of 256k
 * entries was a tenth of the time that a file took).
 *
 *     slots   a c b . d . . f e . h      homes: a 0, b 1, c 0, d 4, f 6, e 7, h 10
 *
 * Entries that were pushed over the end go on at slot 0; they are read last.
 *
 * An empty slot is all-zero; the all-zero entry itself is kept as a flag.
 */

#include "table.h"

#include "winnow/memory.h"

enum {
    LEAST_CAPACITY = 64
};

void wn_finding_add(struct wn_finding *finding, uint32_t extra, int32_t day)
{
    for (size_t i = 0; i < finding->n; i++) {
        if (finding->at[i].extra == extra && finding->at[i].day == day) {
            return;
        }
    }
    if (finding->n < finding->most) {
        finding->at[finding->n++] = (struct wn_found){ extra, day };
    }
}

static bool is_zero(const struct wn_entry *entry)
{
    static const struct wn_entry zero = { { 0 }, 0 };
    return memcmp(entry, &zero, sizeof(zero)) == 0;
}

static size_t home(const struct wn_table *table, const uint8_t fingerprint[12])
{
    return (size_t)wn_key_scale(wn_fingerprint_key(fingerprint), table->capacity);
}

/** Put an entry that is not all-zero; there is room. @return false where it was there already. */
static bool put(struct wn_table *table, const struct wn_entry *entry)
{
    size_t at = home(table, entry->fingerprint);
    while (!is_zero(&table->slots[at])) {
        if (memcmp(&table->slots[at], entry, sizeof(*entry)) == 0) {
            return false;
        }
        at = (at + 1) & (table->capacity - 1);
    }
    table->slots[at] = *entry;
    return true;
}

static void make_room(struct wn_table *table)
{
    if (table->capacity > 0 && table->n < table->capacity / 8 * 5) {
        return;
    }
    struct wn_table larger = { .capacity =
                                   table->capacity > 0 ? table->capacity * 2 : LEAST_CAPACITY };
    larger.slots = wn_take(larger.capacity, sizeof(*larger.slots));
    for (size_t i = 0; i < table->capacity; i++) {
        if (!is_zero(&table->slots[i])) {
            put(&larger, &table->slots[i]);
        }
    }
    free(table->slots);
    table->slots = larger.slots;
    table->capacity = larger.capacity;
}

bool wn_table_add(struct wn_table *table, const struct wn_entry *entry)
{
    if (is_zero(entry)) {
        bool is_new = !table->zero;
        table->zero = true;
        table->n += is_new ? 1 : 0;
        return is_new;
    }
    make_room(table);
    if (!put(table, entry)) {
        return false;
    }
    table->n++;
    return true;
}

void wn_table_find(const struct wn_table *table, const uint8_t fingerprint[12], int32_t day,
                   struct wn_finding *finding)
{
    static const struct wn_entry zero = { { 0 }, 0 };
    if (table->zero && memcmp(zero.fingerprint, fingerprint, sizeof(zero.fingerprint)) == 0) {
        wn_finding_add(finding, 0, day);
    }
    if (table->capacity == 0) {
        return;
    }
    size_t at = home(table, fingerprint);
    while (!is_zero(&table->slots[at])) {
        const struct wn_entry *entry = &table->slots[at];
        if (memcmp(entry->fingerprint, fingerprint, sizeof(entry->fingerprint)) == 0) {
            wn_finding_add(finding, entry->extra, day);
        }
        at = (at + 1) & (table->capacity - 1);
    }
}

static int by_order(const void *a, const void *b)
{
    return wn_entry_order(a, b);
}

/** Sort what is nearly sorted; where it turns out not to be, by the library. */
static void finish_sort(struct wn_entry *entries, size_t n)
{
    size_t budget = 16 * n + 1024;
    for (size_t i = 1; i < n; i++) {
        struct wn_entry entry = entries[i];
        size_t at = i;
        while (at > 0 && wn_entry_order(&entries[at - 1], &entry) > 0 && budget > 0) {
            entries[at] = entries[at - 1];
            at--;
            budget--;
        }
        entries[at] = entry;
        if (budget == 0) {
            qsort(entries, n, sizeof(*entries), by_order);
            return;
        }
    }
}

void wn_table_sort(const struct wn_table *table, struct wn_entry *ret_entries)
{
    size_t n = 0;
    if (table->zero) {
        ret_entries[n++] = (struct wn_entry){ { 0 }, 0 };
    }
    size_t first_empty = 0;
    for (; first_empty < table->capacity && !is_zero(&table->slots[first_empty]); first_empty++) {
        if (home(table, table->slots[first_empty].fingerprint) <= first_empty) {
            ret_entries[n++] = table->slots[first_empty];
        }
    }
    for (size_t i = first_empty; i < table->capacity; i++) {
        if (!is_zero(&table->slots[i])) {
            ret_entries[n++] = table->slots[i];
        }
    }
    for (size_t i = 0; i < first_empty; i++) {
        if (home(table, table->slots[i].fingerprint) > i) {
            ret_entries[n++] = table->slots[i]; // Pushed over the end.
        }
    }
    finish_sort(ret_entries, n);
}

void wn_table_deinit(struct wn_table *table)
{
    free(table->slots);
    *table = (struct wn_table){ 0 };
}

/** @return the first place whose day is not before `day`. */
static size_t place_of(const struct wn_tables *tables, int64_t day)
{
    size_t low = 0, high = tables->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tables->at[middle].day < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct wn_table *make_day(struct wn_tables *tables, int32_t day)
{
    size_t place = place_of(tables, day);
    if (place < tables->n && tables->at[place].day == day) {
        return &tables->at[place].table;
    }
    if (tables->n == tables->capacity) {
        tables->capacity = tables->capacity > 0 ? tables->capacity * 2 : 8;
        tables->at = wn_grow(tables->at, tables->capacity, sizeof(*tables->at));
    }
    memmove(&tables->at[place + 1], &tables->at[place], (tables->n - place) * sizeof(*tables->at));
    tables->at[place] = (struct wn_day_table){ .day = day };
    tables->n++;
    return &tables->at[place].table;
}

bool wn_tables_add(struct wn_tables *tables, int32_t day, const struct wn_entry *entry)
{
    if (!wn_table_add(make_day(tables, day), entry)) {
        return false;
    }
    tables->entries++;
    return true;
}

void wn_tables_expect(const struct wn_tables *tables, const uint8_t fingerprint[12],
                      int32_t first_day)
{
    for (size_t i = tables->n; i > 0 && tables->at[i - 1].day >= first_day; i--) {
        const struct wn_table *table = &tables->at[i - 1].table;
        if (table->capacity > 0) {
            __builtin_prefetch(&table->slots[home(table, fingerprint)], 1);
        }
    }
}

void wn_tables_find(const struct wn_tables *tables, const uint8_t fingerprint[12],
                    int32_t first_day, struct wn_finding *finding)
{
    for (size_t i = tables->n; i > 0 && tables->at[i - 1].day >= first_day; i--) {
        wn_table_find(&tables->at[i - 1].table, fingerprint, tables->at[i - 1].day, finding);
    }
}

const struct wn_table *wn_tables_day(const struct wn_tables *tables, int32_t day)
{
    size_t place = place_of(tables, day);
    return place < tables->n && tables->at[place].day == day ? &tables->at[place].table : NULL;
}

void wn_tables_drop(struct wn_tables *tables, int64_t first_day)
{
    size_t n_dropped = place_of(tables, first_day);
    if (n_dropped == 0) {
        return;
    }
    for (size_t i = 0; i < n_dropped; i++) {
        tables->entries -= tables->at[i].table.n;
        wn_table_deinit(&tables->at[i].table);
    }
    tables->n -= n_dropped;
    memmove(tables->at, &tables->at[n_dropped], tables->n * sizeof(*tables->at));
}

void wn_tables_deinit(struct wn_tables *tables)
{
    for (size_t i = 0; i < tables->n; i++) {
        wn_table_deinit(&tables->at[i].table);
    }
    free(tables->at);
    *tables = (struct wn_tables){ 0 };
}
