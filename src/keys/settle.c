// SPDX-License-Identifier: Apache-2.0

/*
 * Making the folder agree with the register: the second half of making and of destroying, and what
 * finishes either after a crash. Every step may be done again.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "vault.h"

/** A root's file by its name: `<purpose>-<period>.key` and perhaps `.tmp`. */
struct root_name {
    char purpose[WN_PURPOSE_BYTES];
    uint32_t period;
    bool staged;
};

static bool read_name(const char *name, struct root_name *ret_name)
{
    struct wn_slice text = wn_slice_of(name);
    *ret_name = (struct root_name){ 0 };
    if (text.len > 4 && wn_slice_is(wn_slice_after(text, text.len - 4), ".tmp")) {
        ret_name->staged = true;
        text.len -= 4;
    }
    if (text.len < 4 || !wn_slice_is(wn_slice_after(text, text.len - 4), ".key")) {
        return false;
    }
    text.len -= 4;
    size_t dash = text.len;
    while (dash > 0 && text.at[dash - 1] != '-') {
        dash--;
    }
    uint64_t period;
    if (dash < 2 || dash - 1 >= WN_PURPOSE_BYTES ||
        !wn_slice_number(wn_slice_after(text, dash), &period) || period > UINT32_MAX) {
        return false;
    }
    memcpy(ret_name->purpose, text.at, dash - 1);
    ret_name->period = (uint32_t)period;
    return wn_register_is_purpose(ret_name->purpose) && wn_register_is_period((uint32_t)period);
}

/**
 * Overwrite and remove a file. Over a journal or on flash the old octets may live on below; what
 * they hold is wrapped, and the register refuses it.
 */
static void shred(const char *path)
{
    int fd = -1;
    if (chmod(path, 0600) == 0) {
        fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd >= 0) {
        uint8_t noise[256];
        randombytes_buf(noise, sizeof(noise));
        if (write(fd, noise, sizeof(noise)) > 0) {
            (void)fsync(fd);
        }
        close(fd);
    }
    unlink(path);
}

/** Give a staged root its name where the register has it and no file; else remove it. */
static enum wn_code settle_staged(const struct wn_vault *vault, const struct wn_register_key *key,
                                  const char *staged, const char *path, struct wn_error *err)
{
    enum wn_root_found found = WN_ROOT_BROKEN;
    if (key && !key->destroyed && access(path, F_OK) != 0) {
        if (wn_vault_read_root(vault, key, ".tmp", vault->secrets->root, &found, err) != WN_OK) {
            return err->code;
        }
        sodium_memzero(vault->secrets->root, WN_KEY_BYTES);
    }
    if (found != WN_ROOT_READ) {
        shred(staged);
    } else if (rename(staged, path) != 0 && errno != EROFS && errno != EACCES) {
        return wn_fail(err, WN_FATAL, "keys", "%s: can't get its name: %s", staged,
                       strerror(errno));
    }
    return WN_OK;
}

static enum wn_code settle_one(const struct wn_vault *vault, const struct root_name *name,
                               struct wn_error *err)
{
    const struct wn_register_key *key = wn_register_find(&vault->reg, name->purpose, name->period);
    char path[PATH_MAX], staged[PATH_MAX];
    wn_vault_root_file(vault, name->purpose, name->period, "", path);
    wn_vault_root_file(vault, name->purpose, name->period, ".tmp", staged);
    if (name->staged) {
        return settle_staged(vault, key, staged, path, err);
    }
    if (!key) {
        return wn_fail(err, WN_FATAL, "register",
                       "%s: the register %s never saw this key: it is older than the folder, or of "
                       "another one; put its newest copy back",
                       path, vault->reg_path);
    }
    if (key->destroyed) {
        shred(path);
    }
    return WN_OK;
}

enum wn_code wn_vault_settle(const struct wn_vault *vault, struct wn_error *err)
{
    DIR *folder = opendir(vault->dir);
    if (!folder) {
        return wn_fail(err, WN_FATAL, "keys", "%s: %s", vault->dir, strerror(errno));
    }
    enum wn_code rc = WN_OK;
    const struct dirent *entry;
    while (rc == WN_OK && (entry = readdir(folder))) {
        struct root_name name;
        if (read_name(entry->d_name, &name)) {
            rc = settle_one(vault, &name, err);
        }
    }
    closedir(folder);
    return rc;
}
