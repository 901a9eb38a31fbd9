// SPDX-License-Identifier: Apache-2.0

/**
 * The keys folder: roots per purpose and period, the signing key of receipts, the officer's public
 * key; and the register that remembers what was destroyed (register.h).
 *
 * A root is 32 fresh random octets per purpose and period, wrapped under a key-encryption key;
 * what hashes is derived from it by kind: `HKDF-Expand(root, "winnow/pseudonym/v1" 00
 * tenant 00 purpose 00 kind 00 period_be32)`, tenant `main`, period 0 or yyyymm. Roots and derived
 * keys live in locked memory only. Everything about a record itself comes from the purpose
 * `record`, period 0, kinds `key`, `session`, `content`, `file`, `order`; who has consented is held
 * under the purpose `consent`, period 0 (consent.h).
 *
 * Reasons of failures: "keys" (folder, owner, mode, symbolic link, unwrapping), "register"
 * (missing, changed, signed by another), "locked-memory".
 */

#ifndef WINNOW_KEYRING_H
#define WINNOW_KEYRING_H

#include "winnow/error.h"
#include "winnow/mac.h"

/** Where things lie; NULL members take the defaults that are named. */
struct wn_key_paths {
    const char *dir; ///< Keys folder; obligatory. Not a symbolic link; `keys/` is `keys`.
    const char *kek; ///< Key-encryption key: `$CREDENTIALS_DIRECTORY/winnow.kek` where there is
                     ///< one, else `DIR.kek`.
    const char *reg; ///< Register; `DIR.register`.
};

struct wn_keyring;

/**
 * Open for use: unwraps every live root, checks it and the officer's public key against the
 * register, finishes what a crash of `winnow keys` left. A root that is missing, broken or
 * destroyed is absent; the others work.
 *
 * @param ret_keyring  On success the caller's to give to wn_keyring_close().
 * @return WN_OK, or WN_FATAL: "keys", "register", "locked-memory".
 */
WN_NODISCARD
enum wn_code wn_keyring_open(const struct wn_key_paths *paths, struct wn_keyring **ret_keyring,
                             struct wn_error *err);

/**
 * Make a ring of random keys that nobody else has and that end with it: to look at records where
 * nothing leaves. What is sealed with it nobody opens.
 *
 * @param purposes  Of the policy; `record` and `consent` are there besides. One key a purpose
 *                  serves every period.
 * @return WN_OK, or WN_FATAL: "locked-memory".
 */
WN_NODISCARD
enum wn_code wn_keyring_scratch(const char *const *purposes, unsigned n_purposes,
                                struct wn_keyring **ret_keyring, struct wn_error *err);

/** Wipe and close; NULL is fine. @return NULL */
struct wn_keyring *wn_keyring_close(struct wn_keyring *keyring);

/** For WN_CLEANUP(). */
static inline void wn_keyring_closep(struct wn_keyring **keyring)
{
    wn_keyring_close(*keyring);
}

/**
 * Find the key of a purpose, kind and period, derived at first use and kept.
 *
 * @param kind    A kind's name ("imsi"), or one of `record`'s.
 * @param period  0, or yyyymm.
 * @return NULL where there is no such root (never made, or destroyed): the purpose is withheld
 *         ("key-missing").
 */
const struct wn_mac *wn_keyring_find(struct wn_keyring *keyring, const char *purpose,
                                     const char *kind, uint32_t period);

/** @return whether there is a root of this purpose and period; `ret_kcv` (NULL: not wanted) is its
 * check value. */
bool wn_keyring_has(const struct wn_keyring *keyring, const char *purpose, uint32_t period,
                    uint8_t ret_kcv[8]);

/** What may be done with a key. */
enum wn_key_state {
    WN_KEY_LIVE,
    WN_KEY_DESTROYED, ///< Refused for ever, also where its file came back.
    WN_KEY_MISSING,   ///< The register has it, the folder does not: its purpose is withheld.
    WN_KEY_BROKEN,    ///< Its file can't be unwrapped, or is another key's: withheld as well.
};

/** A row of what the ring holds. */
struct wn_key_row {
    const char *purpose;
    uint32_t period;
    uint8_t kcv[8];
    bool destroyed;
    int64_t made_s, destroyed_s; ///< [s since 1970]
    enum wn_key_state state;
};

/** @return the i-th key of the register, by purpose and period; false behind the last. */
bool wn_keyring_row(const struct wn_keyring *keyring, unsigned i, struct wn_key_row *ret_row);

/** @return the officer's public key as a row: purpose `officer`, its id as check value. */
struct wn_key_row wn_keyring_officer(const struct wn_keyring *keyring);

/** @return the register's lines as they stand in its file, each with its newline; they live as long
 * as the ring. */
struct wn_slice wn_keyring_register(const struct wn_keyring *keyring);

/** Sign with Ed25519 (RFC 8032) what a receipt says. */
void wn_keyring_sign(const struct wn_keyring *keyring, struct wn_slice bytes,
                     uint8_t ret_signature[64]);

/** @return the public half of the signing key. */
const uint8_t *wn_keyring_signing_public(const struct wn_keyring *keyring);

/** @return the officer's public key (X25519), for sealed boxes. */
const uint8_t *wn_keyring_officer_public(const struct wn_keyring *keyring);

/**
 * Read a public key file (`signing.pub`, `officer.pub`: 64 hexadecimal digits and a newline).
 *
 * @return WN_OK, or WN_FATAL: "keys".
 */
WN_NODISCARD
enum wn_code wn_public_key_read(const char *path, uint8_t ret_key[32], struct wn_error *err);

/** Read the officer's private key file; the memory is the caller's to wipe. @return as above. */
WN_NODISCARD
enum wn_code wn_officer_key_read(const char *path, uint8_t ret_secret[32], struct wn_error *err);

/** Turn core dumps and ptrace off for this process (PR_SET_DUMPABLE, RLIMIT_CORE). Called by every
 * command that opens keys. */
void wn_process_harden(void);

#endif
