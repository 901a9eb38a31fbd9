// SPDX-License-Identifier: Apache-2.0

/**
 * A signing key for tests: stands in for the keyring, which receipts use for nothing but a
 * signature.
 *
 * A program that includes this defines wn_keyring_sign() itself, so the keyring is not linked.
 */

#ifndef SIGNER_H
#define SIGNER_H

#include <sodium.h>

#include "winnow/keyring.h"

struct wn_keyring {
    uint8_t public_key[32], secret[64];
};

void wn_keyring_sign(const struct wn_keyring *keyring, struct wn_slice bytes,
                     uint8_t ret_signature[64])
{
    crypto_sign_detached(ret_signature, NULL, (const uint8_t *)bytes.at, bytes.len,
                         keyring->secret);
}

/** Make the key whose seed is this octet, 32 times. */
static inline void signer_make(uint8_t octet, struct wn_keyring *ret_signer)
{
    uint8_t seed[32];
    memset(seed, octet, sizeof(seed));
    crypto_sign_seed_keypair(ret_signer->public_key, ret_signer->secret, seed);
}

#endif
