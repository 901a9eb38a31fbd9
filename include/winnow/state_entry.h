// SPDX-License-Identifier: Apache-2.0

/**
 * An entry of the duplicate state, as judge makes it and account keeps it (state.h).
 */

#ifndef WINNOW_STATE_ENTRY_H
#define WINNOW_STATE_ENTRY_H

#include "winnow/base.h"

/** An entry: fingerprint, and digest or start. */
struct wn_entry {
    uint8_t fingerprint[12];
    uint32_t
        extra; ///< First 4 octets of the content's HMAC; with a tolerance the start [s since 1970].
};

/** What was found for a fingerprint. */
struct wn_found {
    uint32_t extra;
    int32_t day; ///< Event day of the entry [days since 1970].
};

/** All that was found for the fingerprints of one key. */
struct wn_entries {
    const struct wn_found *list;
    size_t n;
};

#endif
