// SPDX-License-Identifier: Apache-2.0

/**
 * Which refused records were replayed: by the signed receipts of replays in `winnow.receipts`. Each
 * names the records that it took up; an envelope names the receipt that accounts for it. So an
 * envelope was replayed where a receipt behind its own names its record, whatever the clocks say
 * and whatever retention has taken.
 */

#ifndef WINNOW_CARRY_REPLAYS_H
#define WINNOW_CARRY_REPLAYS_H

#include "winnow/quarantine.h"
#include "winnow/receipt.h"

/** A record that a receipt names. */
struct wn_replayed {
    unsigned input; ///< Of `inputs`.
    int32_t partition, index;
    int64_t offset, receipt;
};

/** All-zero: none. */
struct wn_replays {
    char (*inputs)[250]; ///< Topics.
    unsigned n_inputs;
    struct wn_replayed *list; ///< By input, partition, offset and index, once sorted.
    size_t n, room;
    struct wn_replayed *anew; ///< Breaks at which the input was made anew.
    size_t n_anew, anew_room;
    bool sorted;
};

/** @return whether a receipt's text may be of interest: a cheap look, before it is read. */
bool wn_replays_may_be(struct wn_slice text);

/** Take a receipt in whose signature is good. */
void wn_replays_take(struct wn_replays *replays, const struct wn_receipt *receipt);

/** @return whether the record of an envelope was replayed since it was refused. */
bool wn_replays_has(struct wn_replays *replays, const struct wn_envelope *envelope);

/** @return whether its input was made anew since: its offset is another record's. */
bool wn_replays_made_anew(const struct wn_replays *replays, const struct wn_envelope *envelope);

/** Give the memory back. */
void wn_replays_deinit(struct wn_replays *replays);

#endif
