// SPDX-License-Identifier: Apache-2.0

/*
 * Per purpose one array of intervals of 32 octets, by digest and beginning, and over it an index of
 * the digests' upper bits:
 *
 *     starts    0    2    2    5 …      2^bits + 1 places: where the digests that begin with
 *               │         │    │        these bits lie; two to four in each
 *     at       [a b][]  [c d e][f …
 *
 * Digests are as good as random, so the index is also how the array is sorted: every interval is
 * swapped to where its bits belong, in place, and each small place is then sorted by itself.
 */

#include "winnow/consent.h"

#include <assert.h>
#include <stdlib.h>

#include "consent_list.h"
#include "winnow/memory.h"

enum {
    BITS_MOST = 24
};

/** @return how many bits the index of `n` intervals has. */
static unsigned bits_for(size_t n)
{
    unsigned bits = 0;
    while (bits < BITS_MOST && (n >> (bits + 2)) > 0) {
        bits++;
    }
    return bits;
}

/** @return a digest's place in an index of so many bits. */
static size_t place_of(const uint8_t subscriber[16], unsigned bits)
{
    const uint32_t upper = (uint32_t)subscriber[0] << 24 | (uint32_t)subscriber[1] << 16 |
                           (uint32_t)subscriber[2] << 8 | subscriber[3];
    return bits == 0 ? 0 : upper >> (32 - bits);
}

/** Count how many intervals each place has; what is returned is for free(). */
static uint32_t *make_starts(const struct wn_consent_list *list, unsigned bits)
{
    const size_t places = (size_t)1 << bits;
    uint32_t *starts = wn_take(places + 1, sizeof(*starts));
    for (size_t i = 0; i < list->n; i++) {
        starts[place_of(list->at[i].subscriber, bits) + 1]++;
    }
    for (size_t i = 0; i < places; i++) {
        starts[i + 1] += starts[i];
    }
    return starts;
}

static int by_subscriber(const void *left, const void *right)
{
    const struct wn_interval *a = left;
    const struct wn_interval *b = right;
    int order = memcmp(a->subscriber, b->subscriber, sizeof(a->subscriber));
    return order != 0 ? order : (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

/** Sort: each to its place, then each place. */
static void sort(struct wn_consent_list *list)
{
    const unsigned bits = bits_for(list->n);
    const size_t places = (size_t)1 << bits;
    uint32_t *starts = make_starts(list, bits);
    uint32_t *next = wn_take(places, sizeof(*next));
    memcpy(next, starts, places * sizeof(*next));
    for (size_t place = 0; place < places; place++) {
        while (next[place] < starts[place + 1]) {
            struct wn_interval *here = &list->at[next[place]];
            const size_t home = place_of(here->subscriber, bits);
            const struct wn_interval moved = *here;
            *here = list->at[next[home]];
            list->at[next[home]++] = moved;
        }
        const size_t n = starts[place + 1] - starts[place];
        if (n > 1) {
            qsort(list->at + starts[place], n, sizeof(*list->at), by_subscriber);
        }
    }
    free(next);
    free(starts);
}

/** Make one of the intervals of a subscriber that touch; drop those that never hold. */
static void merge(struct wn_consent_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct wn_interval *next = &list->at[i];
        struct wn_interval *last = n > 0 ? &list->at[n - 1] : NULL;
        if (next->from_ms == next->to_ms) {
            continue;
        }
        if (last && memcmp(last->subscriber, next->subscriber, sizeof(last->subscriber)) == 0 &&
            next->from_ms <= last->to_ms) {
            last->to_ms = next->to_ms > last->to_ms ? next->to_ms : last->to_ms;
        } else {
            list->at[n++] = *next;
        }
    }
    list->n = n;
}

void wn_consent_list_add(struct wn_consent_list *list, const struct wn_interval *interval)
{
    if (list->n == list->room) {
        const size_t room = list->room > 0 ? 2 * list->room : 1024;
        struct wn_interval *at = wn_take(room, sizeof(*at));
        if (list->n > 0) {
            memcpy(at, list->at, list->n * sizeof(*at));
            explicit_bzero(list->at, list->n * sizeof(*at));
        }
        free(list->at);
        list->at = at;
        list->room = room;
    }
    list->at[list->n++] = *interval;
}

void wn_consent_list_settle(struct wn_consent_list *list)
{
    assert(!list->starts);
    sort(list);
    merge(list);
    list->bits = bits_for(list->n);
    list->starts = make_starts(list, list->bits);
}

struct wn_consent *wn_consent_close(struct wn_consent *consent)
{
    if (consent) {
        for (unsigned i = 0; i < WN_PURPOSES; i++) {
            struct wn_consent_list *list = &consent->lists[i];
            if (list->at) {
                explicit_bzero(list->at, list->room * sizeof(*list->at));
            }
            free(list->at);
            free(list->starts);
        }
        free(consent);
    }
    return NULL;
}

const uint8_t *wn_consent_version(const struct wn_consent *consent)
{
    return consent->version;
}

int64_t wn_consent_end_ms(const struct wn_consent *consent)
{
    return consent->end_ms;
}

size_t wn_consent_count(const struct wn_consent *consent)
{
    size_t n = 0;
    for (unsigned i = 0; i < WN_PURPOSES; i++) {
        n += consent->lists[i].n;
    }
    return n;
}

bool wn_consent_held(const struct wn_consent *consent, unsigned purpose,
                     const uint8_t subscriber[16], int64_t time_ms)
{
    assert(purpose < WN_PURPOSES);
    const struct wn_consent_list *list = &consent->lists[purpose];
    if (list->n == 0) {
        return false;
    }
    const size_t place = place_of(subscriber, list->bits);
    for (uint32_t i = list->starts[place]; i < list->starts[place + 1]; i++) {
        const struct wn_interval *interval = &list->at[i];
        if (memcmp(interval->subscriber, subscriber, sizeof(interval->subscriber)) == 0 &&
            interval->from_ms <= time_ms && time_ms < interval->to_ms) {
            return true;
        }
    }
    return false;
}

enum wn_consent_answer wn_consent_ask(const struct wn_consent_view *view,
                                      struct wn_minimiser *minimiser,
                                      const struct wn_purpose *purpose,
                                      const struct wn_record *record, int64_t event_ms,
                                      int64_t now_ms)
{
    const struct wn_consent *consent = view->consent;
    uint8_t subscriber[16];

    if (view->too_old) {
        return WN_CONSENT_TOO_OLD;
    }
    if (!consent || record->subscriber.len == 0) {
        return WN_CONSENT_NONE;
    }
    if (!wn_pseudonym(minimiser, WN_CONSENT_PURPOSE, record->subscriber_kind, 0, record->subscriber,
                      subscriber)) {
        return WN_CONSENT_KEY_MISSING;
    }
    return wn_consent_held(consent, purpose->number, subscriber, event_ms) &&
                   wn_consent_held(consent, purpose->number, subscriber,
                                   now_ms == INT64_MIN ? consent->end_ms : now_ms)
               ? WN_CONSENT_GIVEN
               : WN_CONSENT_NONE;
}
