// SPDX-License-Identifier: Apache-2.0

/*
 * What travels is one text file; each secret in it is wrapped under the key file as in the folder
 * it was wrapped under the key-encryption key, the register is signed, and a MAC over all of it
 * binds them together:
 *
 *     winnow-export/v1
 *     officer HEX
 *     signing WRAPPED
 *     root PURPOSE PERIOD WRAPPED        one a live root
 *     register OCTETS                    then so many octets: the register's lines
 *     check HEX                          HMAC-SHA-256 over all before
 *
 * An import looks at everything before it changes anything. Where one register continues the
 * other, its lines are taken as they are, so that all hosts have the same; where both went on by
 * themselves, the events that are missing here are entered anew.
 */

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
#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/keeper.h"
#include "wrap.h"

static const char title[] = "winnow-export/v1\n";

enum {
    CHECK_LINE = 6 + 64 + 1
};

/** Secrets under way, in locked memory. */
struct cargo {
    uint8_t wrap[WN_KEY_BYTES], seed[WN_KEY_BYTES], root[WN_KEY_BYTES], signing[64];
};

/** Where the parts of an export lie in its text. */
struct bundle {
    struct wn_slice officer, signing, roots, lines;
    uint8_t officer_public[32], signing_public[32];
    struct wn_register reg;
    const char *file;
};

static void check_of(const struct cargo *cargo, struct wn_slice text, uint8_t ret_mac[WN_MAC_BYTES])
{
    static const char info[] = "winnow/export/v1";
    uint8_t key[WN_KEY_BYTES];
    wn_hkdf_expand(cargo->wrap, info, sizeof(info) - 1, key, sizeof(key));
    wn_mac_once(key, sizeof(key), text.at, text.len, ret_mac);
    sodium_memzero(key, sizeof(key));
}

static enum wn_code write_roots(const struct wn_vault *vault, struct cargo *cargo,
                                struct wn_buffer *text, struct wn_error *err)
{
    char wrapped[WN_WRAPPED_HEX];
    for (size_t i = 0; i < vault->reg.n_keys; i++) {
        const struct wn_register_key *key = &vault->reg.keys[i];
        enum wn_root_found found;
        if (key->destroyed) {
            continue;
        }
        if (wn_vault_read_root(vault, key, "", cargo->root, &found, err) != WN_OK) {
            return err->code;
        }
        if (found != WN_ROOT_READ) {
            char path[PATH_MAX];
            wn_vault_root_file(vault, key->purpose, key->period, "", path);
            return wn_fail(
                err, WN_FATAL, "keys",
                "%s: the key is gone or can't be unwrapped, so that an export would lack "
                "it; put the file back, or destroy the key",
                path);
        }
        wn_wrap(cargo->wrap, (struct wn_wrap_name){ key->purpose, key->period }, cargo->root,
                wrapped);
        wn_buffer_format(text, "root %s %" PRIu32 " %s\n", key->purpose, key->period, wrapped);
    }
    return WN_OK;
}

static enum wn_code write_bundle(const struct wn_vault *vault, struct cargo *cargo,
                                 struct wn_buffer *text, struct wn_error *err)
{
    char hex[WN_SHA256_HEX], wrapped[WN_WRAPPED_HEX];
    wn_hex(vault->officer_public, sizeof(vault->officer_public), hex);
    wn_wrap(cargo->wrap, (struct wn_wrap_name){ 0 }, vault->secrets->signing, wrapped);
    wn_buffer_format(text, "%sofficer %s\nsigning %s\n", title, hex, wrapped);
    if (write_roots(vault, cargo, text, err) != WN_OK) {
        return err->code;
    }
    wn_buffer_format(text, "register %zu\n", vault->reg.text.len);
    wn_buffer_add(text, vault->reg.text.at, vault->reg.text.len);

    uint8_t mac[WN_MAC_BYTES];
    check_of(cargo, wn_buffer_slice(text), mac);
    wn_hex(mac, sizeof(mac), hex);
    wn_buffer_format(text, "check %s\n", hex);
    return WN_OK;
}

/** Read the key file, and make it first where there is none and `make` is set. */
static enum wn_code read_wrap_key(const char *wrap, bool make, struct cargo *cargo,
                                  struct wn_error *err)
{
    if (make && access(wrap, F_OK) != 0 && errno == ENOENT) {
        randombytes_buf(cargo->wrap, sizeof(cargo->wrap));
        return wn_guard_write_hex(wrap, 0400, cargo->wrap, err);
    }
    return wn_guard_read_hex(wrap, WN_GUARD_SECRET, "key that wraps an export", cargo->wrap, err);
}

enum wn_code wn_keeper_export(const struct wn_key_paths *paths, const char *file, const char *wrap,
                              struct wn_error *err)
{
    struct stat status;
    if (lstat(file, &status) == 0) {
        return wn_fail(err, WN_FATAL, "keys", "%s: is there already; name a new file", file);
    }
    struct wn_vault vault;
    if (wn_vault_place(paths, &vault, err) != WN_OK) {
        return err->code;
    }
    WN_CLEANUP(wn_locked_givep) struct cargo *cargo = wn_locked_take(sizeof(*cargo));
    if (!cargo) {
        return wn_locked_fail(sizeof(*cargo), err);
    }
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    enum wn_code rc = wn_vault_open(&vault, err);
    if (rc == WN_OK) {
        rc = read_wrap_key(wrap, true, cargo, err);
    }
    if (rc == WN_OK) {
        rc = write_bundle(&vault, cargo, &text, err);
    }
    if (rc == WN_OK) {
        rc = wn_io_replace(file, 0400, text.at, text.len, err);
    }
    wn_vault_close(&vault);
    return rc;
}

/** Take a line that begins with `word` and a space off the front. */
static bool take_line(struct wn_slice *rest, const char *word, struct wn_slice *ret_value)
{
    const char *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
    size_t len = strlen(word);
    if (!end || !wn_slice_starts(*rest, word) || (size_t)(end - rest->at) < len) {
        return false;
    }
    *ret_value = (struct wn_slice){ rest->at + len, (size_t)(end - rest->at) - len };
    *rest = wn_slice_after(*rest, (size_t)(end - rest->at) + 1);
    return true;
}

/** Find the parts of a text whose MAC holds. */
static bool split(struct wn_slice text, struct bundle *bundle)
{
    struct wn_slice rest = text, line, size;
    uint64_t len;
    if (!wn_slice_starts(rest, title)) {
        return false;
    }
    rest = wn_slice_after(rest, sizeof(title) - 1);
    if (!take_line(&rest, "officer ", &bundle->officer) ||
        !take_line(&rest, "signing ", &bundle->signing)) {
        return false;
    }
    bundle->roots = rest;
    while (take_line(&rest, "root ", &line)) {
    }
    bundle->roots.len = (size_t)(rest.at - bundle->roots.at);
    if (!take_line(&rest, "register ", &size) || !wn_slice_number(size, &len) || len != rest.len) {
        return false;
    }
    bundle->lines = rest;
    return wn_unhex(bundle->officer, sizeof(bundle->officer_public), bundle->officer_public);
}

/** Verify an export and read all but its roots. */
static enum wn_code open_bundle(struct wn_slice text, struct cargo *cargo, struct bundle *bundle,
                                struct wn_error *err)
{
    uint8_t mac[WN_MAC_BYTES], said[WN_MAC_BYTES];
    struct wn_slice body = { text.at, text.len > CHECK_LINE ? text.len - CHECK_LINE : 0 };
    struct wn_slice check = wn_slice_after(text, body.len);
    check_of(cargo, body, mac);
    if (body.len == 0 || !wn_slice_starts(check, "check ") || check.at[CHECK_LINE - 1] != '\n' ||
        !wn_unhex((struct wn_slice){ check.at + 6, 64 }, sizeof(said), said) ||
        sodium_memcmp(mac, said, sizeof(mac)) != 0) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: can't be read with this key file: it is another export's, or the export "
            "was changed on its way",
            bundle->file);
    }
    if (!split(body, bundle) ||
        !wn_unwrap(cargo->wrap, (struct wn_wrap_name){ 0 }, bundle->signing, cargo->seed)) {
        return wn_fail(err, WN_FATAL, "keys", "%s: is an export of another version of winnow",
                       bundle->file);
    }
    crypto_sign_seed_keypair(bundle->signing_public, cargo->signing, cargo->seed);
    if (wn_register_add_lines(&bundle->reg, bundle->file, bundle->lines, bundle->signing_public,
                              err) != WN_OK) {
        return err->code;
    }
    return wn_register_check_officer(&bundle->reg, bundle->file, bundle->officer_public,
                                     bundle->file, err);
}

/** Refuse what contradicts the folder, before anything is changed. */
static enum wn_code compare(const struct wn_vault *vault, const struct bundle *bundle,
                            struct wn_error *err)
{
    if (memcmp(vault->signing_public, bundle->signing_public, sizeof(vault->signing_public)) != 0 ||
        memcmp(vault->officer_public, bundle->officer_public, sizeof(vault->officer_public)) != 0) {
        return wn_fail(err, WN_FATAL, "keys",
                       "%s: has another signing key or officer's key than %s: the two were made "
                       "apart and can't be one; import into a folder that is not there yet",
                       bundle->file, vault->dir);
    }
    for (size_t i = 0; i < bundle->reg.n_keys; i++) {
        const struct wn_register_key *theirs = &bundle->reg.keys[i];
        const struct wn_register_key *ours =
            wn_register_find(&vault->reg, theirs->purpose, theirs->period);
        if (ours && memcmp(ours->kcv, theirs->kcv, sizeof(ours->kcv)) != 0) {
            return wn_fail(err, WN_FATAL, "keys",
                           "%s: has another key of %s %" PRIu32
                           " than %s: one subscriber would have "
                           "two pseudonyms; destroy the one that was not used yet",
                           bundle->file, theirs->purpose, theirs->period, vault->dir);
        }
    }
    return WN_OK;
}

/** Wrap one of their roots for this folder, where it is wanted here. */
static enum wn_code stage_root(const struct wn_vault *vault, struct cargo *cargo,
                               const struct wn_register_key *theirs, struct wn_slice wrapped,
                               struct wn_keeper_done *done, struct wn_error *err)
{
    const struct wn_register_key *ours =
        wn_register_find(&vault->reg, theirs->purpose, theirs->period);
    char path[PATH_MAX];
    wn_vault_root_file(vault, theirs->purpose, theirs->period, "", path);
    if ((ours && ours->destroyed) || theirs->destroyed) {
        return WN_OK; // Counted with the register.
    }
    if (access(path, F_OK) == 0) {
        done->kept++;
        return WN_OK;
    }
    uint8_t kcv[WN_KCV_BYTES];
    bool fine = wn_unwrap(cargo->wrap, (struct wn_wrap_name){ theirs->purpose, theirs->period },
                          wrapped, cargo->root);
    wn_derive_kcv(cargo->root, theirs->purpose, theirs->period, kcv);
    if (!fine || memcmp(kcv, theirs->kcv, sizeof(kcv)) != 0) {
        return wn_fail(err, WN_FATAL, "keys", "an exported root is not that of its register");
    }
    done->made++;
    return wn_vault_stage(vault, theirs->purpose, theirs->period, cargo->root, err);
}

/** Take what stands before a space off the front. */
static struct wn_slice take_word(struct wn_slice *rest)
{
    const char *space = rest->len > 0 ? memchr(rest->at, ' ', rest->len) : NULL;
    size_t len = space ? (size_t)(space - rest->at) : rest->len;
    struct wn_slice word = { rest->at, len };
    *rest = wn_slice_after(*rest, space ? len + 1 : len);
    return word;
}

/** Read `PURPOSE PERIOD WRAPPED`. @return the key of their register that it is, or NULL. */
static const struct wn_register_key *find_theirs(const struct bundle *bundle, struct wn_slice line,
                                                 struct wn_slice *ret_wrapped)
{
    struct wn_slice name = take_word(&line), month = take_word(&line);
    char purpose[WN_PURPOSE_BYTES] = { 0 };
    uint64_t period;
    *ret_wrapped = line;
    if (name.len >= sizeof(purpose) || !wn_slice_number(month, &period) || period > UINT32_MAX) {
        return NULL;
    }
    memcpy(purpose, name.at, name.len);
    return wn_register_find(&bundle->reg, purpose, (uint32_t)period);
}

static enum wn_code stage_roots(const struct wn_vault *vault, struct cargo *cargo,
                                const struct bundle *bundle, struct wn_keeper_done *done,
                                struct wn_error *err)
{
    struct wn_slice rest = bundle->roots, line;
    while (take_line(&rest, "root ", &line)) {
        struct wn_slice wrapped;
        const struct wn_register_key *theirs = find_theirs(bundle, line, &wrapped);
        if (!theirs) {
            return wn_fail(err, WN_FATAL, "keys", "%s: holds a root that its register lacks",
                           bundle->file);
        }
        if (stage_root(vault, cargo, theirs, wrapped, done, err) != WN_OK) {
            return wn_context(err, "%s", bundle->file);
        }
    }
    return WN_OK;
}

/** Enter what the other register has and ours lacks. */
static void enter_missing(struct wn_vault *vault, const struct bundle *bundle, int64_t now_s,
                          struct wn_buffer *lines)
{
    for (size_t i = 0; i < bundle->reg.n_keys; i++) {
        const struct wn_register_key *theirs = &bundle->reg.keys[i];
        struct wn_register_entry entry = {
            .purpose = theirs->purpose,
            .period = theirs->period,
            .kcv = theirs->kcv,
            .time_s = now_s,
        };
        if (!wn_register_find(&vault->reg, theirs->purpose, theirs->period)) {
            wn_register_add(&vault->reg, &entry, vault->secrets->signing, lines);
        }
        const struct wn_register_key *ours =
            wn_register_find(&vault->reg, theirs->purpose, theirs->period);
        if (theirs->destroyed && !ours->destroyed) {
            entry.destroyed = true;
            wn_register_add(&vault->reg, &entry, vault->secrets->signing, lines);
        }
    }
}

static enum wn_code merge_register(struct wn_vault *vault, const struct bundle *bundle,
                                   int64_t now_s, struct wn_error *err)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer lines = { 0 };
    struct wn_slice ours = wn_buffer_slice(&vault->reg.text), theirs = bundle->lines;
    size_t valid = ours.len;
    if (theirs.len >= ours.len && wn_slice_same((struct wn_slice){ theirs.at, ours.len }, ours)) {
        struct wn_slice more = wn_slice_after(theirs, ours.len);
        wn_buffer_add(&lines, more.at, more.len);
        if (wn_register_add_lines(&vault->reg, bundle->file, more, vault->signing_public, err) !=
            WN_OK) {
            return err->code;
        }
    } else {
        enter_missing(vault, bundle, now_s, &lines);
    }
    // Also without a line: a root whose file was gone may have been staged.
    return wn_vault_commit(vault, valid, wn_buffer_slice(&lines), err);
}

/** Take a verified bundle over into an open folder. */
static enum wn_code merge(struct wn_vault *vault, struct cargo *cargo, const struct bundle *bundle,
                          int64_t now_s, struct wn_keeper_done *done, struct wn_error *err)
{
    if (compare(vault, bundle, err) != WN_OK ||
        stage_roots(vault, cargo, bundle, done, err) != WN_OK ||
        merge_register(vault, bundle, now_s, err) != WN_OK) {
        return err->code;
    }
    for (size_t i = 0; i < vault->reg.n_keys; i++) {
        done->destroyed += vault->reg.keys[i].destroyed;
    }
    return WN_OK;
}

/** Refuse a register that is left of another folder, before there is one under it. */
static enum wn_code check_left(const struct wn_vault *vault, const struct bundle *bundle,
                               struct wn_error *err)
{
    struct stat status;
    struct wn_register left = { 0 };
    if (lstat(vault->reg_path, &status) != 0 || status.st_size == 0) {
        return WN_OK;
    }
    enum wn_code rc = wn_register_read(vault->reg_path, bundle->signing_public, &left, err);
    if (rc == WN_OK) {
        rc = wn_register_check_officer(&left, vault->reg_path, bundle->officer_public, bundle->file,
                                       err);
    }
    wn_register_deinit(&left);
    return rc;
}

/** Make the folder where there is none, with the signing key of the bundle. */
static enum wn_code make_folder(struct wn_vault *vault, const struct cargo *cargo,
                                const struct bundle *bundle, struct wn_error *err)
{
    struct stat status;
    if (lstat(vault->dir, &status) == 0 || errno != ENOENT) {
        return WN_OK;
    }
    if (check_left(vault, bundle, err) != WN_OK || wn_vault_make_kek(vault, err) != WN_OK ||
        wn_vault_make_aside(vault, cargo->seed, bundle->officer_public, err) != WN_OK) {
        return err->code;
    }
    // The one that names the officer; its lines are verified, so that they are there.
    struct wn_slice first = { bundle->lines.at, 0 };
    while (first.len < bundle->lines.len && first.at[first.len] != '\n') {
        first.len++;
    }
    first.len++;
    return wn_vault_make_final(vault, first, err);
}

static enum wn_code import(struct wn_vault *vault, struct cargo *cargo, struct bundle *bundle,
                           int64_t now_s, struct wn_keeper_done *done, struct wn_error *err)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    if (wn_io_read(bundle->file, 2 * (size_t)WN_REGISTER_MOST, &text, err) != WN_OK ||
        open_bundle(wn_buffer_slice(&text), cargo, bundle, err) != WN_OK ||
        make_folder(vault, cargo, bundle, err) != WN_OK || wn_vault_open(vault, err) != WN_OK) {
        return err->code;
    }
    return merge(vault, cargo, bundle, now_s, done, err);
}

enum wn_code wn_keeper_import(const struct wn_key_paths *paths, const char *file, const char *wrap,
                              int64_t now_s, struct wn_keeper_done *ret_done, struct wn_error *err)
{
    *ret_done = (struct wn_keeper_done){ 0 };
    struct wn_vault vault;
    if (wn_vault_place(paths, &vault, err) != WN_OK) {
        return err->code;
    }
    WN_CLEANUP(wn_locked_givep) struct cargo *cargo = wn_locked_take(sizeof(*cargo));
    if (!cargo) {
        return wn_locked_fail(sizeof(*cargo), err);
    }
    struct bundle bundle = { .file = file };
    enum wn_code rc = read_wrap_key(wrap, false, cargo, err);
    if (rc == WN_OK) {
        rc = import(&vault, cargo, &bundle, now_s, ret_done, err);
    }
    wn_register_deinit(&bundle.reg);
    wn_vault_close(&vault);
    return rc;
}
