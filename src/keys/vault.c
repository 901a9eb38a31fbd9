// SPDX-License-Identifier: Apache-2.0

#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "derive.h"
#include "guard.h"
#include "locked.h"
#include "winnow/io.h"
#include "wrap.h"

static const char label[] = "winnow-key/v1 ";

enum {
    LABEL = sizeof(label) - 1,
    KEY_FILE = LABEL + WN_WRAPPED_HEX
};

static bool join(char ret_path[PATH_MAX], const char *front, const char *back)
{
    return snprintf(ret_path, PATH_MAX, "%s%s", front, back) < PATH_MAX - 64; // Names follow.
}

/** Where the key-encryption key lies. */
static bool place_kek(const struct wn_key_paths *paths, struct wn_vault *vault)
{
    if (paths->kek) {
        return join(vault->kek, paths->kek, "");
    }
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    if (credentials && join(vault->kek, credentials, "/winnow.kek") &&
        access(vault->kek, F_OK) == 0) {
        vault->is_credential = true;
        return true;
    }
    return join(vault->kek, vault->dir, ".kek");
}

enum wn_code wn_vault_place(const struct wn_key_paths *paths, struct wn_vault *ret_vault,
                            struct wn_error *err)
{
    *ret_vault = (struct wn_vault){ .fd = -1 };
    if (sodium_init() < 0) {
        return wn_fail(err, WN_FATAL, "keys", "the system gives no random numbers");
    }
    bool fits = join(ret_vault->dir, paths->dir, "");
    size_t len = strlen(ret_vault->dir);
    while (len > 1 && ret_vault->dir[len - 1] == '/') {
        ret_vault->dir[--len] = '\0';
    }
    const char *slash = strrchr(ret_vault->dir, '/');
    const char *name = slash ? slash + 1 : ret_vault->dir;
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: name the keys folder itself: its register lies beside it, under its name",
            paths->dir);
    }
    fits = fits && place_kek(paths, ret_vault);
    fits = fits && (paths->reg ? join(ret_vault->reg_path, paths->reg, "")
                               : join(ret_vault->reg_path, ret_vault->dir, ".register"));
    if (!fits) {
        return wn_fail(err, WN_FATAL, "keys",
                       "the path of the keys folder, its key or its register "
                       "is too long");
    }
    const char *const outside[] = { ret_vault->kek, ret_vault->reg_path };
    for (size_t i = 0; i < WN_COUNT(outside); i++) {
        if (wn_guard_is_inside(outside[i], ret_vault->dir)) {
            return wn_fail(err, WN_FATAL, "keys",
                           "%s: must not lie in the keys folder: who restores the folder from a "
                           "backup must not restore this with it",
                           outside[i]);
        }
    }
    return WN_OK;
}

void wn_vault_file(const struct wn_vault *vault, const char *name, char ret_path[PATH_MAX])
{
    snprintf(ret_path, PATH_MAX, "%.*s/%s", PATH_MAX - 64, vault->dir, name);
}

void wn_vault_root_file(const struct wn_vault *vault, const char *purpose, uint32_t period,
                        const char *suffix, char ret_path[PATH_MAX])
{
    char name[WN_PURPOSE_BYTES + 32];
    snprintf(name, sizeof(name), "%s-%" PRIu32 ".key%s", purpose, period, suffix);
    wn_vault_file(vault, name, ret_path);
}

static enum wn_code take_secrets(struct wn_vault *vault, struct wn_error *err)
{
    if (!vault->secrets) {
        vault->secrets = wn_locked_take(sizeof(*vault->secrets));
    }
    return vault->secrets ? WN_OK : wn_locked_fail(sizeof(*vault->secrets), err);
}

enum wn_code wn_vault_read_kek(struct wn_vault *vault, struct wn_error *err)
{
    if (take_secrets(vault, err) != WN_OK) {
        return err->code;
    }
    return wn_guard_read_hex(vault->kek,
                             vault->is_credential ? WN_GUARD_CREDENTIAL : WN_GUARD_SECRET,
                             "key-encryption key", vault->secrets->kek, err);
}

/** Read a wrapped secret. @return WN_OK with `ret_found` READ or BROKEN, or WN_FATAL: "keys". */
static enum wn_code read_wrapped(const struct wn_vault *vault, const char *path,
                                 struct wn_wrap_name name, uint8_t ret_secret[WN_KEY_BYTES],
                                 enum wn_root_found *ret_found, struct wn_error *err)
{
    char text[KEY_FILE];
    size_t len = 0;
    *ret_found = WN_ROOT_BROKEN;
    if (wn_guard_read(path, WN_GUARD_SECRET, sizeof(text), text, &len, err) != WN_OK) {
        return err->code;
    }
    struct wn_slice wrapped = { text, len };
    if (len == KEY_FILE && text[len - 1] == '\n' && wn_slice_starts(wrapped, label)) {
        wrapped = (struct wn_slice){ text + LABEL, WN_WRAPPED_HEX - 1 };
        if (wn_unwrap(vault->secrets->kek, name, wrapped, ret_secret)) {
            *ret_found = WN_ROOT_READ;
        }
    }
    return WN_OK;
}

static enum wn_code read_signing(struct wn_vault *vault, struct wn_error *err)
{
    char path[PATH_MAX];
    enum wn_root_found found;
    wn_vault_file(vault, "signing.key", path);
    uint8_t *seed = vault->secrets->root;
    if (read_wrapped(vault, path, (struct wn_wrap_name){ 0 }, seed, &found, err) != WN_OK) {
        return err->code;
    }
    if (found != WN_ROOT_READ) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: can't be unwrapped: %s is not the key-encryption key of this folder, or "
            "the file was changed",
            path, vault->kek);
    }
    crypto_sign_seed_keypair(vault->signing_public, vault->secrets->signing, seed);
    sodium_memzero(seed, WN_KEY_BYTES);

    uint8_t said[32];
    wn_vault_file(vault, "signing.pub", path);
    if (wn_guard_read_hex(path, WN_GUARD_OPEN, "public key", said, err) != WN_OK) {
        return err->code;
    }
    if (memcmp(said, vault->signing_public, sizeof(said)) != 0) {
        return wn_fail(err, WN_FATAL, "keys",
                       "%s: is not the public half of signing.key; put both back from one backup",
                       path);
    }
    wn_vault_file(vault, "officer.pub", path);
    return wn_guard_read_hex(path, WN_GUARD_OPEN, "public key", vault->officer_public, err);
}

enum wn_code wn_vault_open(struct wn_vault *vault, struct wn_error *err)
{
    if (wn_guard_open_folder(vault->dir, &vault->fd, err) != WN_OK) {
        return err->code;
    }
    while (flock(vault->fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            return wn_fail(err, WN_FATAL, "keys", "%s: can't be locked: %s", vault->dir,
                           strerror(errno));
        }
    }
    if (wn_vault_read_kek(vault, err) != WN_OK || read_signing(vault, err) != WN_OK ||
        wn_register_read(vault->reg_path, vault->signing_public, &vault->reg, err) != WN_OK) {
        return err->code;
    }
    char officer[PATH_MAX];
    wn_vault_file(vault, "officer.pub", officer);
    if (wn_register_check_officer(&vault->reg, vault->reg_path, vault->officer_public, officer,
                                  err) != WN_OK) {
        return err->code;
    }
    return wn_vault_settle(vault, err);
}

void wn_vault_close(struct wn_vault *vault)
{
    wn_register_deinit(&vault->reg);
    vault->secrets = wn_locked_give(vault->secrets);
    if (vault->fd >= 0) {
        close(vault->fd);
        vault->fd = -1;
    }
}

enum wn_code wn_vault_write_wrapped(const struct wn_vault *vault, const char *path,
                                    const char *purpose, uint32_t period,
                                    const uint8_t secret[WN_KEY_BYTES], struct wn_error *err)
{
    char text[KEY_FILE + 1];
    memcpy(text, label, LABEL);
    wn_wrap(vault->secrets->kek, (struct wn_wrap_name){ purpose, period }, secret, text + LABEL);
    text[KEY_FILE - 1] = '\n';

    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (fd < 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    }
    enum wn_code rc = wn_io_write(fd, path, text, KEY_FILE, err);
    if (rc == WN_OK && (fchmod(fd, 0400) != 0 || fsync(fd) != 0)) {
        rc = wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    }
    close(fd);
    if (rc != WN_OK) {
        unlink(path);
    }
    return rc;
}

enum wn_code wn_vault_read_root(const struct wn_vault *vault, const struct wn_register_key *key,
                                const char *suffix, uint8_t ret_root[WN_KEY_BYTES],
                                enum wn_root_found *ret_found, struct wn_error *err)
{
    char path[PATH_MAX];
    wn_vault_root_file(vault, key->purpose, key->period, suffix, path);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        *ret_found = WN_ROOT_MISSING;
        return WN_OK;
    }
    struct wn_wrap_name name = { key->purpose, key->period };
    if (read_wrapped(vault, path, name, ret_root, ret_found, err) != WN_OK) {
        return err->code;
    }
    uint8_t kcv[WN_KCV_BYTES];
    wn_derive_kcv(ret_root, key->purpose, key->period, kcv);
    if (*ret_found != WN_ROOT_READ || memcmp(kcv, key->kcv, sizeof(kcv)) != 0) {
        *ret_found = WN_ROOT_BROKEN;
        sodium_memzero(ret_root, WN_KEY_BYTES);
    }
    return WN_OK;
}

enum wn_code wn_vault_stage(const struct wn_vault *vault, const char *purpose, uint32_t period,
                            const uint8_t root[WN_KEY_BYTES], struct wn_error *err)
{
    char path[PATH_MAX];
    wn_vault_root_file(vault, purpose, period, ".tmp", path);
    return wn_vault_write_wrapped(vault, path, purpose, period, root, err);
}

enum wn_code wn_vault_commit(const struct wn_vault *vault, size_t valid, struct wn_slice lines,
                             struct wn_error *err)
{
    // The names of what was staged must last before the register speaks of it.
    if (wn_io_sync_folder(vault->dir, err) != WN_OK ||
        wn_register_append(vault->reg_path, valid, lines, err) != WN_OK ||
        wn_vault_settle(vault, err) != WN_OK) {
        return err->code;
    }
    return wn_io_sync_folder(vault->dir, err);
}
