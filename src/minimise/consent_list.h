// SPDX-License-Identifier: Apache-2.0

/** What consent_load.c fills and consent.c asks. Nothing outside this room includes it. */

#ifndef WINNOW_MINIMISE_CONSENT_LIST_H
#define WINNOW_MINIMISE_CONSENT_LIST_H

#include "winnow/consent.h"

/** When a subscriber's consent holds. */
struct wn_interval {
    uint8_t subscriber[16];
    int64_t from_ms, to_ms; ///< Half open; `to_ms` INT64_MAX: until withdrawn.
};

/** Those of a purpose. */
struct wn_consent_list {
    struct wn_interval *at;
    size_t n, room;
    uint32_t *starts; ///< Where each place begins, and the end; NULL: not settled.
    unsigned bits;    ///< Of a digest that say its place.
};

struct wn_consent {
    uint8_t version[WN_SHA256_BYTES];
    int64_t end_ms;
    struct wn_consent_list lists[WN_PURPOSES]; ///< By the purpose's number.
};

/** Add an interval. What was moved is wiped where it was. */
void wn_consent_list_add(struct wn_consent_list *list, const struct wn_interval *interval);

/** Sort, join what touches, make the index: nothing is added afterwards. */
void wn_consent_list_settle(struct wn_consent_list *list);

#endif
