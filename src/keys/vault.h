// SPDX-License-Identifier: Apache-2.0

/**
 * The keys folder, opened and locked: what both its reader (keyring.c) and its writers (keeper.c,
 * transfer.c) stand on.
 *
 *     DIR/<purpose>-<period>.key   a wrapped root, mode 0400
 *     DIR/signing.key              the wrapped Ed25519 seed, mode 0400
 *     DIR/signing.pub officer.pub  64 hexadecimal digits
 *     DIR.kek DIR.register         beside it
 *
 * A root is made in three steps: `X.key.tmp`, its entry in the register, the rename; destroyed in
 * two: the entry, then the file. So a file without an entry is never a crash's doing (the register
 * was changed), and every opening can finish what a crash interrupted.
 *
 * Threads and processes: whoever has the folder open holds its lock (flock); the next one waits.
 */

#ifndef WINNOW_KEYS_VAULT_H
#define WINNOW_KEYS_VAULT_H

#include <limits.h>

#include "register.h"
#include "winnow/keyring.h"

/** What lies in locked memory. */
struct wn_vault_secrets {
    uint8_t kek[WN_KEY_BYTES];
    uint8_t signing[64];        ///< Ed25519: seed and public key, as libsodium wants it.
    uint8_t root[WN_KEY_BYTES]; ///< Of whoever works with one.
};

struct wn_vault {
    char dir[PATH_MAX], kek[PATH_MAX], reg_path[PATH_MAX];
    bool is_credential; ///< The key-encryption key is systemd's.
    int fd;             ///< The folder, locked; -1: not open.
    struct wn_vault_secrets *secrets;
    uint8_t signing_public[32], officer_public[32];
    struct wn_register reg;
};

/**
 * Find out where things lie, without opening anything.
 *
 * @return WN_OK, or WN_FATAL: "keys" (no usable name; register or KEK inside the folder).
 */
WN_NODISCARD
enum wn_code wn_vault_place(const struct wn_key_paths *paths, struct wn_vault *ret_vault,
                            struct wn_error *err);

/** Read the key-encryption key into locked memory. @return WN_OK, or WN_FATAL: "keys",
 * "locked-memory". */
WN_NODISCARD
enum wn_code wn_vault_read_kek(struct wn_vault *vault, struct wn_error *err);

/**
 * Open: lock, unwrap the signing key, verify the register, compare both public keys with what
 * vouches for them (signing.key, the register), finish what a crash interrupted.
 *
 * @param vault  From wn_vault_place(); given to wn_vault_close() also on failure.
 * @return WN_OK, or WN_FATAL: "keys", "register", "locked-memory".
 */
WN_NODISCARD
enum wn_code wn_vault_open(struct wn_vault *vault, struct wn_error *err);

/** Unlock, wipe, close; may be called twice. */
void wn_vault_close(struct wn_vault *vault);

/** Write the path of a file in the folder. */
void wn_vault_file(const struct wn_vault *vault, const char *name, char ret_path[PATH_MAX]);

/** Write the path of a root's file; `suffix` is "" or ".tmp". */
void wn_vault_root_file(const struct wn_vault *vault, const char *purpose, uint32_t period,
                        const char *suffix, char ret_path[PATH_MAX]);

/** Wrap a secret into a new file of mode 0400, synced. `purpose` NULL: the signing seed. */
WN_NODISCARD
enum wn_code wn_vault_write_wrapped(const struct wn_vault *vault, const char *path,
                                    const char *purpose, uint32_t period,
                                    const uint8_t secret[WN_KEY_BYTES], struct wn_error *err);

/** What became of a root's file. */
enum wn_root_found {
    WN_ROOT_READ,
    WN_ROOT_MISSING, ///< There is no file.
    WN_ROOT_BROKEN,  ///< It can't be unwrapped, or its check value is not the register's.
};

/**
 * Unwrap a live root and compare it with the register.
 *
 * @param ret_root  Locked memory of the caller's; zero unless READ.
 * @return WN_OK (see `ret_found`), or WN_FATAL: "keys" (owner, mode, symbolic link).
 */
WN_NODISCARD
enum wn_code wn_vault_read_root(const struct wn_vault *vault, const struct wn_register_key *key,
                                const char *suffix, uint8_t ret_root[WN_KEY_BYTES],
                                enum wn_root_found *ret_found, struct wn_error *err);

/** Write a root aside (`X.key.tmp`): it counts when the register has it. */
WN_NODISCARD
enum wn_code wn_vault_stage(const struct wn_vault *vault, const char *purpose, uint32_t period,
                            const uint8_t root[WN_KEY_BYTES], struct wn_error *err);

/**
 * Make the folder agree with the register: staged roots that it has get their name, others go;
 * roots that it calls destroyed are overwritten and removed. Where the folder can't be written,
 * nothing is done and nothing lost: what is destroyed is not read.
 *
 * @return WN_OK, or WN_FATAL: "register" (a root that the register never saw), "keys".
 */
WN_NODISCARD
enum wn_code wn_vault_settle(const struct wn_vault *vault, struct wn_error *err);

/** Read the key-encryption key, and make one first where there is none. @return as
 * wn_vault_read_kek(). */
WN_NODISCARD
enum wn_code wn_vault_make_kek(struct wn_vault *vault, struct wn_error *err);

/**
 * Make the folder aside, as `DIR.new`, over what an interrupted attempt left of it.
 *
 * @param seed  Of the signing key.
 * @return WN_OK, or WN_FATAL: "file-write", "keys".
 */
WN_NODISCARD
enum wn_code wn_vault_make_aside(const struct wn_vault *vault, const uint8_t seed[WN_KEY_BYTES],
                                 const uint8_t officer_public[32], struct wn_error *err);

/**
 * Make a register where there is none, and give the folder its name.
 *
 * @param first_line  Names the officer's public key (wn_register_begin()), with its newline.
 * @return as before.
 */
WN_NODISCARD
enum wn_code wn_vault_make_final(const struct wn_vault *vault, struct wn_slice first_line,
                                 struct wn_error *err);

/**
 * Remove a register that an interrupted init made: it names the officer and no key, and is signed
 * by the key of the folder aside, which never got its name.
 *
 * @return WN_OK: there is none in the way now; or WN_FATAL: "keys" (another folder's),
 *         "file-write".
 */
WN_NODISCARD
enum wn_code wn_vault_undo_register(const struct wn_vault *vault, struct wn_error *err);

/** Append the lines that wn_register_add() gave behind the first `valid` octets, then settle. */
WN_NODISCARD
enum wn_code wn_vault_commit(const struct wn_vault *vault, size_t valid, struct wn_slice lines,
                             struct wn_error *err);

#endif
