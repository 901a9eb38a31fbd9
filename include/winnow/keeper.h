// SPDX-License-Identifier: Apache-2.0

/**
 * Making, destroying and carrying keys: what `winnow keys` does. Reading them is keyring.h.
 *
 * Writers exclude each other and readers by a lock on the folder. Whatever is interrupted is
 * finished, or undone, by the next opening of the folder.
 *
 * Reasons of failures: those of keyring.h, and "file-write".
 */

#ifndef WINNOW_KEEPER_H
#define WINNOW_KEEPER_H

#include "winnow/keyring.h"

/**
 * Make a keys folder without roots: signing key, officer's key pair, a register that names the
 * officer's public key, and the key-encryption key where there is none yet. What an interrupted
 * attempt left is made anew; behind its last step, wn_keeper_ensure() goes on.
 *
 * @param officer_key  Where the officer's private key goes, to be taken away; NULL:
 *                     `DIR.officer.key`. Never inside the folder.
 * @param now_s        The clock, for the register [s since 1970].
 * @return WN_OK, or WN_FATAL: "keys" (the folder is there already, or can't be looked at; the clock
 *         is wrong), "locked-memory", "file-write".
 */
WN_NODISCARD
enum wn_code wn_keeper_init(const struct wn_key_paths *paths, const char *officer_key,
                            int64_t now_s, struct wn_error *err);

/**
 * Refuse a clock that lost its battery: keys are made by the month, and the register is for ever.
 *
 * @return WN_OK from 2020 to 2200, else WN_FATAL: "keys".
 */
WN_NODISCARD
enum wn_code wn_keeper_check_clock(int64_t now_s, struct wn_error *err);

/** A root that there should be. */
struct wn_key_want {
    const char *purpose;
    uint32_t period; ///< 0, or yyyymm.
};

/** What became of what was wanted. */
struct wn_keeper_done {
    unsigned made;      ///< New here.
    unsigned kept;      ///< There already, and usable.
    unsigned destroyed; ///< Refused, or removed here, as they are destroyed.
    unsigned faulty;    ///< Live in the register, and their file is missing or broken.
};

/**
 * Make the roots that are wanted and were never made. One that was destroyed is never made again,
 * nor is one whose file is missing or broken: that is said of every live root of the register,
 * wanted or not, when the others are made.
 *
 * @param now_s  The clock, for the register [s since 1970].
 * @param ret_done  Holds also where there are faulty ones.
 * @return WN_OK, or WN_FATAL: "keys" (also: a live root whose file is missing or broken),
 *         "register", "locked-memory", "file-write".
 */
WN_NODISCARD
enum wn_code wn_keeper_ensure(const struct wn_key_paths *paths, const struct wn_key_want *wants,
                              size_t n_wants, int64_t now_s, struct wn_keeper_done *ret_done,
                              struct wn_error *err);

/**
 * Destroy a root for ever: the register first, then the file, overwritten and removed.
 *
 * @param ret_done  `destroyed` 1; 0 where it was destroyed before.
 * @return WN_OK, or WN_FATAL: "keys" (there never was such a key), "register", "locked-memory",
 *         "file-write".
 */
WN_NODISCARD
enum wn_code wn_keeper_destroy(const struct wn_key_paths *paths, const char *purpose,
                               uint32_t period, int64_t now_s, struct wn_keeper_done *ret_done,
                               struct wn_error *err);

/**
 * Write all live roots, the signing key, the officer's public key and the register into one file,
 * wrapped under a key file that must travel apart from it.
 *
 * @param wrap  Key file (64 hexadecimal digits); made, mode 0400, where there is none.
 * @return WN_OK, or WN_FATAL: "keys" (`file` is there already; a root's file is gone), "register",
 *         "locked-memory", "file-write".
 */
WN_NODISCARD
enum wn_code wn_keeper_export(const struct wn_key_paths *paths, const char *file, const char *wrap,
                              struct wn_error *err);

/**
 * Take over what another host exported; a folder that is not there is made. Destroyed on either
 * side is destroyed here.
 *
 * @param ret_done  Roots that are new here, were here, and are destroyed.
 * @return WN_OK, or WN_FATAL: "keys" (wrong key file, a changed file, a folder with another signing
 *         key, or with another root of the same purpose and period: nothing is changed then),
 *         "register", "locked-memory", "file-write".
 */
WN_NODISCARD
enum wn_code wn_keeper_import(const struct wn_key_paths *paths, const char *file, const char *wrap,
                              int64_t now_s, struct wn_keeper_done *ret_done, struct wn_error *err);

#endif
