// SPDX-License-Identifier: Apache-2.0

/**
 * HMAC-SHA-256 (RFC 2104) from midstates that lie in locked memory, and HKDF-Expand (RFC 5869).
 *
 * OpenSSL's EVP_MAC allocates at each use and leaves key state on the heap; the two SHA-256 states
 * behind the padded key are all that a MAC needs, and copying them is four times as fast (ADR 7).
 */

#ifndef WINNOW_MAC_H
#define WINNOW_MAC_H

#include "winnow/slice.h"

enum {
    WN_MAC_BYTES = 32,
    WN_KEY_BYTES = 32
};

/** A key ready for use: allocate it with wn_mac_open() only. */
struct wn_mac;

/**
 * Prepare a key, in locked memory.
 *
 * @return NULL where the memory can't be locked.
 */
struct wn_mac *wn_mac_open(const uint8_t key[WN_KEY_BYTES]);

/** Wipe it and give it back; NULL is fine. @return NULL */
struct wn_mac *wn_mac_close(struct wn_mac *mac);

/** Compute HMAC-SHA-256. Allocates nothing. Threads: any; the key is only read. */
void wn_mac_of(const struct wn_mac *mac, const void *bytes, size_t len,
               uint8_t ret_mac[WN_MAC_BYTES]);

/** The same for a key of any length that is used once (RFC 4231's vectors; key derivation). */
void wn_mac_once(const void *key, size_t key_len, const void *bytes, size_t len,
                 uint8_t ret_mac[WN_MAC_BYTES]);

/** HKDF-Expand-SHA-256 to 32 octets or fewer… `len` up to 255 × 32. */
void wn_hkdf_expand(const uint8_t prk[32], const void *info, size_t info_len, uint8_t *ret_okm,
                    size_t len);

#endif
