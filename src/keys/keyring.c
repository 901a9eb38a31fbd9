// SPDX-License-Identifier: Apache-2.0

/*
 * All secrets of a ring lie in one piece of locked memory: the signing key, and for each key of the
 * register its root and room for the keys derived from it. The room is enough for every kind that
 * is ever hashed, so that no use of the ring can fail for want of lockable memory later.
 */

#include "winnow/keyring.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "derive.h"
#include "guard.h"
#include "locked.h"
#include "mac_state.h"
#include "vault.h"

enum {
    KINDS = 16,
    KIND_BYTES = 24
};

/** The secrets of one key. */
struct cell {
    uint8_t root[WN_KEY_BYTES];
    struct wn_mac macs[KINDS];
};

struct slab {
    uint8_t signing[64];
    struct cell cells[];
};

/** One key of the register. */
struct ring_key {
    struct wn_register_key key;
    enum wn_key_state state;
    atomic_uint n_kinds; ///< Derived so far: what is counted is whole, and never changes again.
    char kinds[KINDS][KIND_BYTES];
};

struct wn_keyring {
    bool scratch;         ///< A key serves every period.
    pthread_mutex_t lock; ///< Between those who derive.
    struct slab *slab;
    struct ring_key *keys; ///< By purpose and period, as in the register.
    size_t n_keys;
    struct wn_buffer lines; ///< The register's.
    uint8_t signing_public[32], officer_public[32];
    uint8_t officer_id[WN_KCV_BYTES];
    int64_t officer_s;
};

struct wn_keyring *wn_keyring_close(struct wn_keyring *keyring)
{
    if (keyring) {
        wn_locked_give(keyring->slab);
        (void)pthread_mutex_destroy(&keyring->lock);
        free(keyring->keys);
        wn_buffer_deinit(&keyring->lines);
        free(keyring);
    }
    return NULL;
}

static enum wn_code load_keys(const struct wn_vault *vault, struct wn_keyring *keyring,
                              struct wn_error *err)
{
    static const enum wn_key_state states[] = {
        [WN_ROOT_READ] = WN_KEY_LIVE,
        [WN_ROOT_MISSING] = WN_KEY_MISSING,
        [WN_ROOT_BROKEN] = WN_KEY_BROKEN,
    };
    for (size_t i = 0; i < vault->reg.n_keys; i++) {
        struct ring_key *mine = &keyring->keys[i];
        mine->key = vault->reg.keys[i];
        mine->state = WN_KEY_DESTROYED;
        if (mine->key.destroyed) {
            continue;
        }
        enum wn_root_found found = WN_ROOT_MISSING;
        if (wn_vault_read_root(vault, &mine->key, "", keyring->slab->cells[i].root, &found, err) !=
            WN_OK) {
            return err->code;
        }
        mine->state = states[found];
    }
    return WN_OK;
}

/** Make a ring of `n` keys that hold nothing yet. */
static enum wn_code make(size_t n, struct wn_keyring **ret_keyring, struct wn_error *err)
{
    size_t size = sizeof(struct slab) + n * sizeof(struct cell);
    struct wn_keyring *keyring = calloc(1, sizeof(*keyring));
    struct ring_key *keys = calloc(n + 1, sizeof(*keys));
    if (!keyring || !keys) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    (void)pthread_mutex_init(&keyring->lock, NULL);
    keyring->keys = keys;
    keyring->n_keys = n;
    keyring->slab = wn_locked_take(size);
    if (!keyring->slab) {
        wn_keyring_close(keyring);
        return wn_locked_fail(size, err);
    }
    *ret_keyring = keyring;
    return WN_OK;
}

static enum wn_code load(const struct wn_vault *vault, struct wn_keyring **ret_keyring,
                         struct wn_error *err)
{
    struct wn_keyring *keyring = NULL;
    if (make(vault->reg.n_keys, &keyring, err) != WN_OK) {
        return err->code;
    }
    assert(keyring);
    memcpy(keyring->slab->signing, vault->secrets->signing, sizeof(keyring->slab->signing));
    memcpy(keyring->signing_public, vault->signing_public, sizeof(keyring->signing_public));
    memcpy(keyring->officer_public, vault->officer_public, sizeof(keyring->officer_public));
    memcpy(keyring->officer_id, vault->reg.officer_id, sizeof(keyring->officer_id));
    keyring->officer_s = vault->reg.officer_s;
    wn_buffer_add(&keyring->lines, vault->reg.text.at, vault->reg.text.len);
    if (load_keys(vault, keyring, err) != WN_OK) {
        wn_keyring_close(keyring);
        return err->code;
    }
    *ret_keyring = keyring;
    return WN_OK;
}

enum wn_code wn_keyring_open(const struct wn_key_paths *paths, struct wn_keyring **ret_keyring,
                             struct wn_error *err)
{
    struct wn_vault vault;
    if (wn_vault_place(paths, &vault, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = wn_vault_open(&vault, err);
    if (rc == WN_OK) {
        rc = load(&vault, ret_keyring, err);
    }
    wn_vault_close(&vault);
    return rc;
}

enum wn_code wn_keyring_scratch(const char *const *purposes, unsigned n_purposes,
                                struct wn_keyring **ret_keyring, struct wn_error *err)
{
    static const char *const own[] = { "record", "consent" };
    uint8_t officer_secret[crypto_box_SECRETKEYBYTES];
    struct wn_keyring *keyring = NULL;

    if (make(n_purposes + WN_COUNT(own), &keyring, err) != WN_OK) {
        return err->code;
    }
    assert(keyring);
    keyring->scratch = true;
    for (size_t i = 0; i < keyring->n_keys; i++) {
        struct ring_key *mine = &keyring->keys[i];
        const char *purpose = i < n_purposes ? purposes[i] : own[i - n_purposes];
        snprintf(mine->key.purpose, sizeof(mine->key.purpose), "%s", purpose);
        mine->state = WN_KEY_LIVE;
        randombytes_buf(keyring->slab->cells[i].root, sizeof(keyring->slab->cells[i].root));
    }
    crypto_sign_keypair(keyring->signing_public, keyring->slab->signing);
    crypto_box_keypair(keyring->officer_public, officer_secret);
    sodium_memzero(officer_secret, sizeof(officer_secret));
    *ret_keyring = keyring;
    return WN_OK;
}

static size_t find_live(const struct wn_keyring *keyring, const char *purpose, uint32_t period)
{
    for (size_t i = 0; i < keyring->n_keys; i++) {
        const struct ring_key *mine = &keyring->keys[i];
        if ((mine->key.period == period || keyring->scratch) && mine->state == WN_KEY_LIVE &&
            strcmp(mine->key.purpose, purpose) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/** @return the key of a kind among those derived from a root so far, or NULL. */
static const struct wn_mac *find_derived(const struct ring_key *mine, const struct cell *cell,
                                         const char *kind)
{
    const unsigned n = atomic_load_explicit(&mine->n_kinds, memory_order_acquire);
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(mine->kinds[i], kind) == 0) {
            return &cell->macs[i];
        }
    }
    return NULL;
}

static const struct wn_mac *derive(struct ring_key *mine, struct cell *cell, const char *purpose,
                                   const char *kind)
{
    const unsigned n = atomic_load_explicit(&mine->n_kinds, memory_order_relaxed);
    // Kinds are a closed set, of which fewer than these are ever hashed.
    assert(n < KINDS && strlen(kind) < KIND_BYTES);
    uint8_t key[WN_KEY_BYTES];
    wn_derive(cell->root, purpose, kind, mine->key.period, key);
    wn_mac_init(&cell->macs[n], key, sizeof(key));
    sodium_memzero(key, sizeof(key));
    memcpy(mine->kinds[n], kind, strlen(kind) + 1);
    atomic_store_explicit(&mine->n_kinds, n + 1, memory_order_release);
    return &cell->macs[n];
}

const struct wn_mac *wn_keyring_find(struct wn_keyring *keyring, const char *purpose,
                                     const char *kind, uint32_t period)
{
    size_t at = find_live(keyring, purpose, period);
    if (at == SIZE_MAX) {
        return NULL;
    }
    struct ring_key *mine = &keyring->keys[at];
    struct cell *cell = &keyring->slab->cells[at];
    const struct wn_mac *mac = find_derived(mine, cell, kind);
    if (!mac) { // Once a kind: only then do workers wait for one another.
        (void)pthread_mutex_lock(&keyring->lock);
        mac = find_derived(mine, cell, kind);
        mac = mac ? mac : derive(mine, cell, purpose, kind);
        (void)pthread_mutex_unlock(&keyring->lock);
    }
    return mac;
}

bool wn_keyring_has(const struct wn_keyring *keyring, const char *purpose, uint32_t period,
                    uint8_t ret_kcv[8])
{
    size_t at = find_live(keyring, purpose, period);
    if (at != SIZE_MAX && ret_kcv) {
        memcpy(ret_kcv, keyring->keys[at].key.kcv, WN_KCV_BYTES);
    }
    return at != SIZE_MAX;
}

bool wn_keyring_row(const struct wn_keyring *keyring, unsigned i, struct wn_key_row *ret_row)
{
    if (i >= keyring->n_keys) {
        return false;
    }
    const struct ring_key *mine = &keyring->keys[i];
    *ret_row = (struct wn_key_row){
        .purpose = mine->key.purpose,
        .period = mine->key.period,
        .destroyed = mine->key.destroyed,
        .made_s = mine->key.made_s,
        .destroyed_s = mine->key.destroyed_s,
        .state = mine->state,
    };
    memcpy(ret_row->kcv, mine->key.kcv, sizeof(ret_row->kcv));
    return true;
}

struct wn_key_row wn_keyring_officer(const struct wn_keyring *keyring)
{
    struct wn_key_row row = { .purpose = "officer", .made_s = keyring->officer_s };
    memcpy(row.kcv, keyring->officer_id, sizeof(row.kcv));
    return row;
}

struct wn_slice wn_keyring_register(const struct wn_keyring *keyring)
{
    return wn_buffer_slice(&keyring->lines);
}

void wn_keyring_sign(const struct wn_keyring *keyring, struct wn_slice bytes,
                     uint8_t ret_signature[64])
{
    crypto_sign_detached(ret_signature, NULL, (const unsigned char *)bytes.at, bytes.len,
                         keyring->slab->signing);
}

const uint8_t *wn_keyring_signing_public(const struct wn_keyring *keyring)
{
    return keyring->signing_public;
}

const uint8_t *wn_keyring_officer_public(const struct wn_keyring *keyring)
{
    return keyring->officer_public;
}

enum wn_code wn_public_key_read(const char *path, uint8_t ret_key[32], struct wn_error *err)
{
    return wn_guard_read_hex(path, WN_GUARD_OPEN, "public key", ret_key, err);
}

enum wn_code wn_officer_key_read(const char *path, uint8_t ret_secret[32], struct wn_error *err)
{
    return wn_guard_read_hex(path, WN_GUARD_SECRET, "private key", ret_secret, err);
}

void wn_process_harden(void)
{
    const struct rlimit none = { 0, 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
