// SPDX-License-Identifier: Apache-2.0

/*
 * A new keys folder is made aside and gets its name last: a crash leaves no folder, and the next
 * attempt begins anew. Keys of a folder that never had its name were never used. Its register lies
 * elsewhere and is made just before, so that a crash between the two leaves a register without a
 * folder: it is known by its signature, which is of the folder aside, and goes with that.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "guard.h"
#include "vault.h"
#include "winnow/io.h"

enum wn_code wn_vault_make_kek(struct wn_vault *vault, struct wn_error *err)
{
    if (!vault->is_credential && access(vault->kek, F_OK) != 0 && errno == ENOENT) {
        uint8_t kek[WN_KEY_BYTES];
        randombytes_buf(kek, sizeof(kek));
        enum wn_code rc = wn_guard_write_hex(vault->kek, 0400, kek, err);
        sodium_memzero(kek, sizeof(kek));
        if (rc != WN_OK) {
            return rc;
        }
    }
    return wn_vault_read_kek(vault, err);
}

static void path_aside(const struct wn_vault *vault, const char *name, char ret_path[PATH_MAX])
{
    snprintf(ret_path, PATH_MAX, "%.*s.new%s", PATH_MAX - 64, vault->dir, name);
}

static void remove_aside(const struct wn_vault *vault)
{
    static const char *const names[] = { "/signing.key", "/signing.pub", "/signing.pub.tmp",
                                         "/officer.pub", "/officer.pub.tmp" };
    char path[PATH_MAX];
    for (size_t i = 0; i < WN_COUNT(names); i++) {
        path_aside(vault, names[i], path);
        unlink(path);
    }
    path_aside(vault, "", path);
    rmdir(path);
}

enum wn_code wn_vault_make_aside(const struct wn_vault *vault, const uint8_t seed[WN_KEY_BYTES],
                                 const uint8_t officer_public[32], struct wn_error *err)
{
    uint8_t signing_public[32], signing[64];
    crypto_sign_seed_keypair(signing_public, signing, seed);
    sodium_memzero(signing, sizeof(signing));

    char path[PATH_MAX];
    remove_aside(vault);
    path_aside(vault, "", path);
    if (mkdir(path, 0700) != 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    }
    path_aside(vault, "/signing.key", path);
    if (wn_vault_write_wrapped(vault, path, NULL, 0, seed, err) != WN_OK) {
        return err->code;
    }
    path_aside(vault, "/signing.pub", path);
    if (wn_guard_write_hex(path, 0444, signing_public, err) != WN_OK) {
        return err->code;
    }
    path_aside(vault, "/officer.pub", path);
    return wn_guard_write_hex(path, 0444, officer_public, err);
}

enum wn_code wn_vault_undo_register(const struct wn_vault *vault, struct wn_error *err)
{
    struct stat status;
    if (lstat(vault->reg_path, &status) != 0) {
        return errno == ENOENT
                   ? WN_OK
                   : wn_fail(err, WN_FATAL, "keys", "%s: %s", vault->reg_path, strerror(errno));
    }
    if (status.st_size == 0) {
        return WN_OK; // Nothing is lost with it.
    }
    char path[PATH_MAX];
    uint8_t signing_public[32];
    struct wn_register reg = { 0 };
    struct wn_error ignored;
    path_aside(vault, "/signing.pub", path);
    bool is_ours =
        wn_guard_read_hex(path, WN_GUARD_OPEN, "public key", signing_public, &ignored) == WN_OK &&
        wn_register_read(vault->reg_path, signing_public, &reg, &ignored) == WN_OK &&
        reg.has_officer && reg.n == 1;
    wn_register_deinit(&reg);
    if (!is_ours) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: is the register of a folder that is gone; put that folder back, or move the "
            "register away",
            vault->reg_path);
    }
    if (unlink(vault->reg_path) != 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", vault->reg_path, strerror(errno));
    }
    // Before the folder aside goes, which alone shows whose it was.
    wn_guard_folder_of(vault->reg_path, sizeof(path), path);
    return wn_io_sync_folder(path, err);
}

enum wn_code wn_vault_make_final(const struct wn_vault *vault, struct wn_slice first_line,
                                 struct wn_error *err)
{
    char path[PATH_MAX];
    struct stat status;
    if ((lstat(vault->reg_path, &status) != 0 || status.st_size == 0) &&
        wn_io_replace(vault->reg_path, 0600, first_line.at, first_line.len, err) != WN_OK) {
        return err->code;
    }
    path_aside(vault, "", path);
    if (rename(path, vault->dir) != 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: can't be renamed to %s: %s", path,
                       vault->dir, strerror(errno));
    }
    wn_guard_folder_of(vault->dir, sizeof(path), path);
    return wn_io_sync_folder(path, err);
}
