// SPDX-License-Identifier: Apache-2.0

/**
 * A keyring without a folder, in place of keys/keyring.c: its keys are SHA-256 of
 * `PURPOSE/KIND/PERIOD`, its check values the first 8 octets of SHA-256 of `PURPOSE/PERIOD`.
 * Include it in one file of a program.
 */

#ifndef KEYRING_DOUBLE_H
#define KEYRING_DOUBLE_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "winnow/hash.h"
#include "winnow/keyring.h"

enum {
    KEYRING_DOUBLE_KEYS = 64
};

struct wn_keyring {
    const char *missing; ///< A purpose that has no keys; NULL: none.
    unsigned n_found;    ///< How often a key was asked for.
    unsigned n_keys;
    struct {
        char name[64];
        struct wn_mac *mac;
    } keys[KEYRING_DOUBLE_KEYS];
};

const struct wn_mac *wn_keyring_find(struct wn_keyring *keyring, const char *purpose,
                                     const char *kind, uint32_t period)
{
    char name[64];
    uint8_t key[WN_SHA256_BYTES];

    keyring->n_found++;
    if (keyring->missing && strcmp(keyring->missing, purpose) == 0) {
        return NULL;
    }
    snprintf(name, sizeof(name), "%s/%s/%u", purpose, kind, period);
    for (unsigned i = 0; i < keyring->n_keys; i++) {
        if (strcmp(keyring->keys[i].name, name) == 0) {
            return keyring->keys[i].mac;
        }
    }
    assert(keyring->n_keys < KEYRING_DOUBLE_KEYS);
    wn_sha256_of(name, strlen(name), key);
    snprintf(keyring->keys[keyring->n_keys].name, sizeof(name), "%s", name);
    keyring->keys[keyring->n_keys].mac = wn_mac_open(key);
    assert(keyring->keys[keyring->n_keys].mac);
    return keyring->keys[keyring->n_keys++].mac;
}

bool wn_keyring_has(const struct wn_keyring *keyring, const char *purpose, uint32_t period,
                    uint8_t ret_kcv[8])
{
    char name[64];
    uint8_t digest[WN_SHA256_BYTES];

    if (keyring->missing && strcmp(keyring->missing, purpose) == 0) {
        return false;
    }
    snprintf(name, sizeof(name), "%s/%u", purpose, period);
    wn_sha256_of(name, strlen(name), digest);
    if (ret_kcv) {
        memcpy(ret_kcv, digest, 8);
    }
    return true;
}

/** Close its keys. */
static inline void keyring_double_deinit(struct wn_keyring *keyring)
{
    for (unsigned i = 0; i < keyring->n_keys; i++) {
        wn_mac_close(keyring->keys[i].mac);
    }
    keyring->n_keys = 0;
}

#endif
