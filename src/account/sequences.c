// SPDX-License-Identifier: Apache-2.0

#include "winnow/sequences.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "series.h"
#include "winnow/hash.h"
#include "winnow/identifier.h"
#include "winnow/memory.h"

struct wn_slice wn_node_name(struct wn_slice node, const struct wn_mac *mac,
                             char ret_name[WN_NODE_NAME])
{
    uint8_t digest[WN_MAC_BYTES];
    char hex[2 * WN_NODE_HIDDEN_BYTES + 1];
    if (node.len == 0 || wn_node_may_show(node)) {
        return node;
    }
    struct wn_buffer bytes = { 0 };
    wn_buffer_text(&bytes, "node");
    wn_buffer_add(&bytes, "", 1);
    wn_buffer_add(&bytes, node.at, node.len);
    wn_mac_of(mac, bytes.at, bytes.len, digest);
    wn_buffer_wipe(&bytes);
    wn_buffer_deinit(&bytes);
    wn_hex(digest, WN_NODE_HIDDEN_BYTES, hex);
    (void)snprintf(ret_name, WN_NODE_NAME, "%s%s", WN_NODE_HIDDEN, hex);
    return wn_slice_of(ret_name);
}

/** @return how many slots the hash table has; a quarter of them is used at most, but for names of
 * ours. */
static size_t slots_of(const struct wn_sequences *set)
{
    return 4 * (size_t)set->most_nodes;
}

struct wn_sequences *wn_sequences_open(void)
{
    struct wn_sequences *set = wn_take(1, sizeof(*set));
    set->newest_ms = INT64_MIN;
    set->most_gaps = WN_SEQUENCE_GAPS;
    set->most_nodes = WN_SEQUENCE_NODES;
    return set;
}

static void free_series(struct wn_sequence *sequence)
{
    for (unsigned i = 0; i < sequence->n_series; i++) {
        free(sequence->series[i].gaps);
    }
    free(sequence->series);
}

void wn_sequences_clear(struct wn_sequences *set)
{
    for (unsigned i = 0; i < set->n; i++) {
        free_series(&set->list[i]);
    }
    if (set->n > 0) {
        memset(set->slots, 0, slots_of(set) * sizeof(*set->slots));
    }
    set->n = 0;
    set->newest_ms = INT64_MIN;
    set->n_loose = 0;
    set->n_series = 0;
    set->n_gaps = 0;
    set->at = 0;
}

struct wn_sequences *wn_sequences_close(struct wn_sequences *set)
{
    if (set) {
        wn_sequences_clear(set);
        free(set->list);
        free(set->slots);
        free(set);
    }
    return NULL;
}

/** FNV-1a. */
static size_t hash_of(struct wn_slice name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001b3);
    }
    return (size_t)(hash ^ hash >> 32);
}

/** @return the slot of a name, or the free one where it would stand. */
static uint32_t *slot_of(const struct wn_sequences *set, struct wn_slice name)
{
    const size_t slots = slots_of(set);
    assert(slots > 0);
    size_t i = hash_of(name) % slots;
    while (set->slots[i] > 0 && !wn_slice_is(name, set->list[set->slots[i] - 1].name)) {
        i = (i + 1) % slots;
    }
    return &set->slots[i];
}

const struct wn_sequence *wn_sequences_find(const struct wn_sequences *set, struct wn_slice name)
{
    const uint32_t slot = set->n > 0 ? *slot_of(set, name) : 0;
    return slot > 0 ? &set->list[slot - 1] : NULL;
}

static bool is_loose(struct wn_slice name)
{
    return wn_slice_is(name, WN_NODE_MORE) || wn_slice_is(name, WN_NODE_UNREADABLE);
}

/** @return the node of a name, a new one where it is not there; beyond the limit WN_NODE_MORE. */
static struct wn_sequence *find_or_add(struct wn_sequences *set, struct wn_slice name)
{
    if (set->at < set->n && wn_slice_is(name, set->list[set->at].name)) {
        return &set->list[set->at];
    }
    if (!set->slots) {
        set->slots = wn_take(slots_of(set), sizeof(*set->slots));
    }
    uint32_t *slot = slot_of(set, name);
    if (*slot == 0) {
        const bool loose = is_loose(name);
        if (!loose && set->n - set->n_loose >= set->most_nodes) {
            return find_or_add(set, wn_slice_of(WN_NODE_MORE));
        }
        if (set->n == set->room) {
            set->room = 2 * set->room + 4;
            set->list = wn_grow(set->list, set->room, sizeof(*set->list));
        }
        struct wn_sequence *sequence = &set->list[set->n++];
        assert(name.len > 0 && name.len < sizeof(sequence->name));
        *sequence = (struct wn_sequence){ .n_series = 0 };
        memcpy(sequence->name, name.at, name.len);
        set->n_loose += loose ? 1 : 0;
        *slot = set->n;
    }
    set->at = *slot - 1U;
    return &set->list[set->at];
}

bool wn_sequence_is_loose(const struct wn_sequence *sequence)
{
    return is_loose(wn_slice_of(sequence->name));
}

/** Add a series that continues none. */
static struct wn_series *add_series(struct wn_sequences *set, struct wn_sequence *sequence,
                                    uint32_t first)
{
    const bool full = set->n_series >= 2 * set->most_nodes && sequence->n_series > 1;
    if (sequence->n_series == 0) {
        sequence->series = wn_take(1, sizeof(*sequence->series));
    } else if (sequence->n_series < WN_SEQUENCE_SERIES && !full) {
        sequence->series =
            wn_grow(sequence->series, sequence->n_series + 1, sizeof(*sequence->series));
    } else { // The oldest one goes; what it lacked stays counted.
        assert(sequence->series);
        struct wn_series *oldest = &sequence->series[0];
        sequence->series[1].unlisted += oldest->unlisted + wn_series_missing(oldest);
        set->n_gaps -= oldest->n_gaps;
        free(oldest->gaps);
        memmove(oldest, oldest + 1, (sequence->n_series - 1) * sizeof(*oldest));
        sequence->n_series--;
        set->n_series--;
    }
    set->n_series++;
    struct wn_series *series = &sequence->series[sequence->n_series++];
    *series = (struct wn_series){ .first = first, .last = first };
    return series;
}

/** Count records of a name that stands for no node of its own. */
static void count_loose(struct wn_sequences *set, struct wn_sequence *sequence, uint64_t records)
{
    struct wn_series *series =
        sequence->n_series > 0 ? &sequence->series[0] : add_series(set, sequence, 0);
    series->records += records;
}

/** What was found to continue. */
struct choice {
    struct wn_series *series; ///< NULL: none.
    enum wn_fit fit;
    uint32_t distance;
};

/** Take a series into the choice; of equals the nearer, then the younger one. */
static void consider(struct choice *choice, struct wn_series *series, enum wn_fit fit,
                     uint32_t distance)
{
    const bool nearer = fit == choice->fit && distance < choice->distance;
    if (fit > choice->fit || nearer) {
        *choice = (struct choice){ series, fit, distance };
    }
}

/** @return how many gaps a series may have. */
static unsigned most_of(const struct wn_sequences *set, const struct wn_series *series)
{
    return series->n_gaps + (set->most_gaps - set->n_gaps);
}

void wn_sequences_take(struct wn_sequences *set, const struct wn_sequence_number *number)
{
    const struct wn_slice name = !number->readable       ? wn_slice_of(WN_NODE_UNREADABLE)
                                 : number->node.len == 0 ? wn_slice_of(WN_NODE_NONE)
                                                         : number->node;
    struct wn_sequence *sequence = find_or_add(set, name);
    set->newest_ms = number->time_ms > set->newest_ms ? number->time_ms : set->newest_ms;
    if (wn_sequence_is_loose(sequence)) {
        count_loose(set, sequence, 1);
        return;
    }
    struct choice choice = { .fit = WN_FIT_NONE };
    for (unsigned i = sequence->n_series; i > 0 && choice.fit != WN_FIT_NEXT; i--) {
        uint32_t distance = 0;
        enum wn_fit fit = wn_series_fit_number(&sequence->series[i - 1], number->number,
                                               number->passed, &distance);
        consider(&choice, &sequence->series[i - 1], fit, distance);
    }
    if (!choice.series) {
        struct wn_series *series = add_series(set, sequence, number->number);
        series->records = 1;
        series->passed = number->passed ? 1 : 0;
        return;
    }
    const unsigned before = choice.series->n_gaps;
    wn_series_add_number(choice.series, number, most_of(set, choice.series));
    set->n_gaps = set->n_gaps - before + choice.series->n_gaps;
}

/** Add a series to another one of the set. */
static void add(struct wn_sequences *set, struct wn_series *into, const struct wn_series *series,
                int64_t since_ms)
{
    const unsigned before = into->n_gaps;
    wn_series_add(into, series, since_ms, most_of(set, into));
    set->n_gaps = set->n_gaps - before + into->n_gaps;
}

/** Where a series has grown to the number before another one begins, the two are one: it came late.
 */
static void close_up(struct wn_sequences *set, struct wn_sequence *sequence, unsigned grown)
{
    struct wn_series *late = &sequence->series[grown];
    for (unsigned i = 0; i < sequence->n_series; i++) {
        uint32_t distance = 0;
        struct wn_series *into = &sequence->series[i];
        if (late->last + 1 == into->first && wn_series_fit(into, late, &distance) == WN_FIT_NEAR &&
            distance == 1) {
            add(set, into, late, INT64_MIN);
            set->n_gaps -= late->n_gaps;
            free(late->gaps);
            memmove(late, late + 1, (sequence->n_series - grown - 1) * sizeof(*late));
            sequence->n_series--;
            set->n_series--;
            return;
        }
    }
}

void wn_sequences_join_series(struct wn_sequences *set, struct wn_slice name,
                              const struct wn_series *series, int64_t since_ms)
{
    struct wn_sequence *sequence = find_or_add(set, name);
    if (wn_sequence_is_loose(sequence)) {
        count_loose(set, sequence, series->records);
        return;
    }
    struct choice choice = { .fit = WN_FIT_NONE };
    for (unsigned i = sequence->n_series; i > 0; i--) {
        uint32_t distance = 0;
        enum wn_fit fit = wn_series_fit(&sequence->series[i - 1], series, &distance);
        consider(&choice, &sequence->series[i - 1], fit, distance);
    }
    struct wn_series *into =
        choice.series ? choice.series : add_series(set, sequence, series->first);
    add(set, into, series, since_ms);
    close_up(set, sequence, (unsigned)(into - sequence->series));
}

void wn_sequences_add(struct wn_sequences *set, struct wn_slice name,
                      const struct wn_series *series)
{
    struct wn_sequence *sequence = find_or_add(set, name);
    struct wn_series *into = add_series(set, sequence, series->first);
    add(set, into, series, INT64_MIN);
}

void wn_sequences_join(struct wn_sequences *into, const struct wn_sequences *from)
{
    for (unsigned i = 0; i < from->n; i++) {
        const struct wn_sequence *sequence = &from->list[i];
        for (unsigned k = 0; k < sequence->n_series; k++) {
            wn_sequences_join_series(into, wn_slice_of(sequence->name), &sequence->series[k],
                                     from->newest_ms);
        }
    }
    into->newest_ms = from->newest_ms > into->newest_ms ? from->newest_ms : into->newest_ms;
}

/** Close a series' gaps that showed before a time. @return how many. */
static unsigned expire(struct wn_series *series, int64_t before_ms)
{
    const unsigned before = series->n_gaps;
    unsigned kept = 0;
    for (unsigned i = 0; i < before; i++) {
        const struct wn_gap *gap = &series->gaps[i];
        if (gap->since_ms != INT64_MIN && gap->since_ms < before_ms) {
            series->unlisted += wn_gap_numbers(gap);
        } else {
            series->gaps[kept++] = *gap;
        }
    }
    series->n_gaps = kept;
    return before - kept;
}

void wn_sequences_expire(struct wn_sequences *set, int64_t before_ms)
{
    for (unsigned i = 0; i < set->n; i++) {
        for (unsigned k = 0; k < set->list[i].n_series; k++) {
            set->n_gaps -= expire(&set->list[i].series[k], before_ms);
        }
    }
}

bool wn_sequence_is_frozen(const struct wn_sequence *sequence)
{
    const struct wn_series *newest =
        sequence->n_series > 0 ? &sequence->series[sequence->n_series - 1] : NULL;
    return newest && newest->first == 0 && newest->last == 0 && newest->records > 1 &&
           !wn_sequence_is_loose(sequence);
}

struct wn_sequence_totals wn_sequences_totals(const struct wn_sequences *set)
{
    struct wn_sequence_totals totals = { 0 };
    for (unsigned i = 0; i < set->n; i++) {
        const struct wn_sequence *sequence = &set->list[i];
        if (wn_sequence_is_loose(sequence)) {
            continue;
        }
        const bool frozen = wn_sequence_is_frozen(sequence);
        totals.nodes += frozen ? 0 : 1;
        totals.frozen += frozen ? 1 : 0;
        totals.resets += sequence->n_series - (frozen && sequence->n_series > 1 ? 2 : 1);
        for (unsigned k = 0; k < sequence->n_series; k++) {
            totals.gaps += sequence->series[k].n_gaps;
            totals.missing += wn_series_missing(&sequence->series[k]);
        }
    }
    return totals;
}
