// SPDX-License-Identifier: Apache-2.0

/**
 * What receipts say of the quarantine topic: of drops (topics.h), a partition, a range of its
 * offsets, a reason, a source; and of replays (replays.h).
 */

#ifndef WINNOW_DROPS_H
#define WINNOW_DROPS_H

#include "replays.h"
#include "scan.h"
#include "winnow/quarantine.h"

/** One drop. */
struct wn_dropped {
    int32_t partition;
    int64_t first, last; ///< Offsets in the quarantine topic, both inclusive.
    char reason[64];
    char source[64]; ///< "": all.
};

/** The last receipt of a partition's chain of drops. */
struct wn_drop_chain {
    int32_t partition;
    uint64_t number;
    char sha256[65];
};

/** All-zero: none. */
struct wn_drops {
    struct wn_dropped *list;
    size_t n;
    struct wn_drop_chain *chains;
    size_t n_chains;
    struct wn_replays replays;
    uint64_t
        not_signed; ///< Receipts of drops and replays that somebody else wrote; they don't count.
};

/**
 * Read drops and replays from `winnow.receipts`.
 *
 * @param signer     Public key of the signing key.
 * @param ret_drops  To be given to wn_drops_deinit(), also on failure.
 * @return WN_OK, or WN_FATAL as wn_scan_topic().
 */
WN_NODISCARD
enum wn_code wn_drops_read(struct wn_scan *scan, const uint8_t signer[32],
                           struct wn_drops *ret_drops, struct wn_error *err);

/** Give the memory back. */
void wn_drops_deinit(struct wn_drops *drops);

/** @return whether the envelope in this message of the quarantine topic was dropped. */
bool wn_drops_has(const struct wn_drops *drops, int32_t partition, int64_t offset,
                  const struct wn_envelope *envelope);

/** @return the end of a partition's chain, or NULL where nothing of it was ever dropped. */
const struct wn_drop_chain *wn_drops_chain(const struct wn_drops *drops, int32_t partition);

#endif
