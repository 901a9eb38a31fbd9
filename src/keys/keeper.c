// SPDX-License-Identifier: Apache-2.0

#include "winnow/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "derive.h"
#include "guard.h"
#include "locked.h"
#include "vault.h"
#include "winnow/time.h"

enum {
    FIRST_YEAR = 2020, ///< A clock that says less lost its battery.
    LAST_YEAR = 2200,
};

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 || errno != ENOENT;
}

/** Refuse what is there, or can't be looked at. @param remedy  Behind "is there already; ". */
static enum wn_code refuse_there(const char *path, const char *remedy, struct wn_error *err)
{
    struct stat status;
    if (lstat(path, &status) == 0) {
        return wn_fail(err, WN_FATAL, "keys", "%s: is there already; %s", path, remedy);
    }
    if (errno != ENOENT) {
        return wn_fail(err, WN_FATAL, "keys", "%s: %s", path, strerror(errno));
    }
    return WN_OK;
}

enum wn_code wn_keeper_check_clock(int64_t now_s, struct wn_error *err)
{
    const struct wn_civil today = wn_civil_of(now_s * 1000);
    if (today.year < FIRST_YEAR || today.year > LAST_YEAR) {
        return wn_fail(err, WN_FATAL, "keys",
                       "the clock of this machine is wrong by decades, and keys are made by the "
                       "month: set it, then run the same command again");
    }
    return WN_OK;
}

/** Remove an officer's key that an interrupted init wrote: its folder never got its name. */
static void undo_officer(const struct wn_vault *vault, const char *officer_key)
{
    char path[PATH_MAX];
    uint8_t secret[32], public_key[32], said[32];
    struct wn_error ignored;
    snprintf(path, sizeof(path), "%.*s.new/officer.pub", PATH_MAX - 64, vault->dir);
    if (wn_guard_read_hex(path, WN_GUARD_OPEN, "public key", said, &ignored) == WN_OK &&
        wn_guard_read_hex(officer_key, WN_GUARD_SECRET, "private key", secret, &ignored) == WN_OK &&
        crypto_scalarmult_base(public_key, secret) == 0 &&
        memcmp(public_key, said, sizeof(said)) == 0) {
        unlink(officer_key);
    }
    sodium_memzero(secret, sizeof(secret));
}

/** Refuse to make a folder over anything of an earlier one. */
static enum wn_code refuse_old(const struct wn_vault *vault, const char *officer_key,
                               struct wn_error *err)
{
    if (refuse_there(vault->dir,
                     "winnow keys ensure makes the keys that it lacks, also where an earlier init "
                     "was interrupted",
                     err) != WN_OK) {
        return err->code;
    }
    if (wn_guard_is_inside(officer_key, vault->dir)) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: the officer's private key must not lie in the keys folder; name another "
            "place with --officer-key",
            officer_key);
    }
    if (wn_vault_undo_register(vault, err) != WN_OK) {
        return err->code;
    }
    undo_officer(vault, officer_key);
    return refuse_there(officer_key, "move it away, or name another place with --officer-key", err);
}

static enum wn_code make_folder(struct wn_vault *vault, const char *officer_key, int64_t now_s,
                                struct wn_error *err)
{
    if (wn_vault_make_kek(vault, err) != WN_OK) {
        return err->code;
    }
    uint8_t *secret = vault->secrets->root;
    uint8_t officer_public[32];
    // Two keys, one after the other, through the same locked octets.
    uint8_t *officer = vault->secrets->signing;
    crypto_box_keypair(officer_public, officer);
    randombytes_buf(secret, WN_KEY_BYTES);
    if (wn_vault_make_aside(vault, secret, officer_public, err) != WN_OK ||
        wn_guard_write_hex(officer_key, 0400, officer, err) != WN_OK) {
        return err->code;
    }
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer line = { 0 };
    crypto_sign_seed_keypair(vault->signing_public, vault->secrets->signing, secret);
    wn_register_begin(&vault->reg, officer_public, now_s, vault->secrets->signing, &line);
    return wn_vault_make_final(vault, wn_buffer_slice(&line), err);
}

enum wn_code wn_keeper_init(const struct wn_key_paths *paths, const char *officer_key,
                            int64_t now_s, struct wn_error *err)
{
    struct wn_vault vault;
    char officer[PATH_MAX];
    if (wn_keeper_check_clock(now_s, err) != WN_OK || wn_vault_place(paths, &vault, err) != WN_OK) {
        return err->code;
    }
    if (!officer_key) {
        snprintf(officer, sizeof(officer), "%.*s.officer.key", PATH_MAX - 64, vault.dir);
        officer_key = officer;
    }
    enum wn_code rc = refuse_old(&vault, officer_key, err);
    if (rc == WN_OK) {
        rc = make_folder(&vault, officer_key, now_s, err);
    }
    wn_vault_close(&vault);
    return rc;
}

/** A month as "2026-11", none as "". */
static const char *month(uint32_t period, char ret_text[16])
{
    ret_text[0] = '\0';
    if (period > 0) {
        snprintf(ret_text, 16, " %04" PRIu32 "-%02" PRIu32, period / 100, period % 100);
    }
    return ret_text;
}

/** Make one root, staged and entered. */
static enum wn_code make_root(struct wn_vault *vault, const struct wn_key_want *want, int64_t now_s,
                              struct wn_buffer *lines, struct wn_error *err)
{
    uint8_t kcv[WN_KCV_BYTES];
    uint8_t *root = vault->secrets->root;
    randombytes_buf(root, WN_KEY_BYTES);
    wn_derive_kcv(root, want->purpose, want->period, kcv);
    enum wn_code rc = wn_vault_stage(vault, want->purpose, want->period, root, err);
    sodium_memzero(root, WN_KEY_BYTES);
    if (rc == WN_OK) {
        const struct wn_register_entry entry = {
            .purpose = want->purpose,
            .period = want->period,
            .kcv = kcv,
            .time_s = now_s,
        };
        wn_register_add(&vault->reg, &entry, vault->secrets->signing, lines);
    }
    return rc;
}

static enum wn_code check_want(const struct wn_key_want *want, struct wn_error *err)
{
    if (!wn_register_is_purpose(want->purpose) || !wn_register_is_period(want->period)) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%.32s: no key can be made for it: a purpose is a-z, 0-9, _ and -, at most 31 "
            "letters, and a period is a month",
            want->purpose);
    }
    return WN_OK;
}

/** Compare a live root with the register. @return WN_OK, or WN_FATAL: "keys", what is wrong. */
static enum wn_code check_root(struct wn_vault *vault, const struct wn_register_key *key,
                               struct wn_error *err)
{
    enum wn_root_found found = WN_ROOT_MISSING;
    uint8_t *root = vault->secrets->root;
    char path[PATH_MAX], text[16];
    wn_vault_root_file(vault, key->purpose, key->period, "", path);
    enum wn_code rc = wn_vault_read_root(vault, key, "", root, &found, err);
    if (rc == WN_OK && found == WN_ROOT_MISSING) { // Just made, or the folder can't be written.
        rc = wn_vault_read_root(vault, key, ".tmp", root, &found, err);
    }
    sodium_memzero(root, WN_KEY_BYTES);
    if (rc != WN_OK || found == WN_ROOT_READ) {
        return rc;
    }
    return wn_fail(err, WN_FATAL, "keys",
                   "%s: the key of %s%s is %s, and can't be made again: another one would give its "
                   "subscribers other pseudonyms; put the file back from a backup, import it, or "
                   "destroy the key",
                   path, key->purpose, month(key->period, text),
                   found == WN_ROOT_MISSING ? "missing" : "broken");
}

static enum wn_code ensure_one(struct wn_vault *vault, const struct wn_key_want *want,
                               int64_t now_s, struct wn_buffer *lines, struct wn_keeper_done *done,
                               struct wn_error *err)
{
    const struct wn_register_key *key = wn_register_find(&vault->reg, want->purpose, want->period);
    if (!key) {
        done->made++;
        return make_root(vault, want, now_s, lines, err);
    }
    if (key->destroyed) {
        done->destroyed++;
        return WN_OK;
    }
    struct wn_error ignored; // check_roots() says it.
    done->kept += check_root(vault, key, &ignored) == WN_OK;
    return WN_OK;
}

/** Say which live roots can't be used, wanted or not: the first one, and how many more. */
static enum wn_code check_roots(struct wn_vault *vault, struct wn_keeper_done *done,
                                struct wn_error *err)
{
    struct wn_error first = { 0 }, other;
    for (size_t i = 0; i < vault->reg.n_keys; i++) {
        const struct wn_register_key *key = &vault->reg.keys[i];
        if (!key->destroyed &&
            check_root(vault, key, done->faulty == 0 ? &first : &other) != WN_OK) {
            done->faulty++;
        }
    }
    if (done->faulty == 0) {
        return WN_OK;
    }
    *err = first;
    if (done->faulty > 1) {
        size_t len = strlen(err->text);
        snprintf(err->text + len, sizeof(err->text) - len,
                 " (and %u more are missing or broken: winnow keys list names them)",
                 done->faulty - 1);
    }
    return err->code;
}

static enum wn_code ensure_all(struct wn_vault *vault, const struct wn_key_want *wants,
                               size_t n_wants, int64_t now_s, struct wn_keeper_done *done,
                               struct wn_error *err)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer lines = { 0 };
    size_t valid = vault->reg.text.len;
    enum wn_code rc = WN_OK;
    struct wn_error first = { 0 };
    for (size_t i = 0; i < n_wants; i++) {
        // A name that is none hinders none of the others.
        if ((rc = check_want(&wants[i], err)) == WN_OK) {
            rc = ensure_one(vault, &wants[i], now_s, &lines, done, err);
        }
        if (rc != WN_OK && first.code == WN_OK) {
            first = *err;
        }
    }
    if (lines.len > 0 && wn_vault_commit(vault, valid, wn_buffer_slice(&lines), err) != WN_OK) {
        return err->code;
    }
    rc = check_roots(vault, done, err);
    if (first.code != WN_OK) {
        *err = first;
        return first.code;
    }
    return rc;
}

enum wn_code wn_keeper_ensure(const struct wn_key_paths *paths, const struct wn_key_want *wants,
                              size_t n_wants, int64_t now_s, struct wn_keeper_done *ret_done,
                              struct wn_error *err)
{
    struct wn_vault vault;
    *ret_done = (struct wn_keeper_done){ 0 };
    if (wn_vault_place(paths, &vault, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = wn_vault_open(&vault, err);
    if (rc == WN_OK) {
        rc = ensure_all(&vault, wants, n_wants, now_s, ret_done, err);
    }
    wn_vault_close(&vault);
    return rc;
}

static enum wn_code destroy(struct wn_vault *vault, const struct wn_key_want *which, int64_t now_s,
                            struct wn_keeper_done *done, struct wn_error *err)
{
    const struct wn_register_key *key =
        wn_register_find(&vault->reg, which->purpose, which->period);
    if (!key) {
        char text[16];
        return wn_fail(err, WN_FATAL, "keys",
                       "%s: there is no key of %.32s%s; winnow keys list shows which there are",
                       vault->dir, which->purpose, month(which->period, text));
    }
    if (key->destroyed) {
        return WN_OK;
    }
    uint8_t kcv[WN_KCV_BYTES];
    memcpy(kcv, key->kcv, sizeof(kcv)); // `key` moves when the register grows.
    const struct wn_register_entry entry = {
        .destroyed = true,
        .purpose = which->purpose,
        .period = which->period,
        .kcv = kcv,
        .time_s = now_s,
    };
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer line = { 0 };
    size_t valid = vault->reg.text.len;
    wn_register_add(&vault->reg, &entry, vault->secrets->signing, &line);
    done->destroyed = 1;
    return wn_vault_commit(vault, valid, wn_buffer_slice(&line), err);
}

enum wn_code wn_keeper_destroy(const struct wn_key_paths *paths, const char *purpose,
                               uint32_t period, int64_t now_s, struct wn_keeper_done *ret_done,
                               struct wn_error *err)
{
    struct wn_vault vault;
    *ret_done = (struct wn_keeper_done){ 0 };
    if (wn_vault_place(paths, &vault, err) != WN_OK) {
        return err->code;
    }
    const struct wn_key_want which = { purpose, period };
    enum wn_code rc = wn_vault_open(&vault, err);
    if (rc == WN_OK) {
        rc = destroy(&vault, &which, now_s, ret_done, err);
    }
    if (rc == WN_OK) {
        char path[PATH_MAX];
        wn_vault_root_file(&vault, purpose, period, "", path);
        if (is_there(path)) {
            rc =
                wn_fail(err, WN_FATAL, "file-write",
                        "%s: the key is destroyed in the register and refused from now on, but its "
                        "file can't be removed; remove it",
                        path);
        }
    }
    wn_vault_close(&vault);
    return rc;
}
