// SPDX-License-Identifier: Apache-2.0

/** What a `struct wn_mac` is inside, for the keyring's slab; nobody else's business. */

#ifndef WINNOW_KEYS_MAC_STATE_H
#define WINNOW_KEYS_MAC_STATE_H

#include "winnow/mac.h"

/** The SHA-256 states behind the first block of both hashes of an HMAC: the padded keys. */
struct wn_mac {
    uint32_t inner[8], outer[8];
};

/** Prepare a key in memory that the caller has locked. */
void wn_mac_init(struct wn_mac *mac, const void *key, size_t key_len);

#endif
