// SPDX-License-Identifier: Apache-2.0

/**
 * The register: what was made and destroyed, for ever, and whose public key quarantine is sealed
 * to.
 *
 * One line of JSON an entry, its members in byte order, no spaces:
 *
 *     {"kcv":"16 hex","kind":"made","n":1,"period":202611,"previous":null,"purpose":"insight",
 *      "signature":"128 hex","time":1795514400}
 *
 * The first entry is of kind `officer` and has one more member, `"officer":"64 hex"` behind `n`:
 * the officer's public key. Its purpose is `officer`, its period 0, its `kcv` the first 8 octets of
 * the SHA-256 of that key, as envelopes of quarantine name it.
 *
 * `previous` is the SHA-256 of the previous line (without its newline), null at first. `signature`
 * is Ed25519 over the line without that member. A line counts when its newline is there: what a
 * crash left of one never took effect, is not read, and is cut off by the next writer.
 */

#ifndef WINNOW_KEYS_REGISTER_H
#define WINNOW_KEYS_REGISTER_H

#include "winnow/error.h"
#include "winnow/slice.h"

enum {
    WN_KCV_BYTES = 8,
    WN_PURPOSE_BYTES = 32,
    WN_REGISTER_MOST = 16 * 1024 * 1024
};

/** A key as the register knows it. */
struct wn_register_key {
    char purpose[WN_PURPOSE_BYTES]; ///< With its NUL.
    uint32_t period;
    uint8_t kcv[WN_KCV_BYTES];
    bool destroyed;
    int64_t made_s, destroyed_s; ///< [s since 1970]
};

/** The whole register, read and verified; all-zero is the empty one. */
struct wn_register {
    struct wn_register_key *keys; ///< By purpose and period.
    size_t n_keys;
    struct wn_buffer text; ///< The valid lines, each with its newline.
    uint64_t n;            ///< How many lines.
    uint8_t last[32];      ///< SHA-256 of the last line.
    bool has_officer;      ///< It begins with the officer's public key.
    uint8_t officer[32], officer_id[WN_KCV_BYTES];
    int64_t officer_s; ///< [s since 1970]
};

/** One event. */
struct wn_register_entry {
    bool destroyed; ///< Else made.
    const char *purpose;
    uint32_t period;
    const uint8_t *kcv; ///< WN_KCV_BYTES octets.
    int64_t time_s;
    const uint8_t *officer; ///< Names the officer's public key, 32 octets; NULL: made or destroyed.
};

/** @return whether a purpose may be called so: `[a-z][a-z0-9_-]*`, at most 31 letters. */
bool wn_register_is_purpose(const char *purpose);

/** @return whether it is 0 or a month yyyymm. */
bool wn_register_is_period(uint32_t period);

/** @return a key, or NULL where it was never made. Good until the next entry. */
const struct wn_register_key *wn_register_find(const struct wn_register *reg, const char *purpose,
                                               uint32_t period);

/**
 * Verify lines and add them: number, chain, signature, and that each event may follow on those
 * before (made once, destroyed once and with the same check value; an officer only first).
 *
 * @param path        For the message.
 * @param public_key  Of the signing key.
 * @return WN_OK, or WN_FATAL: "register", which names the line.
 */
WN_NODISCARD
enum wn_code wn_register_add_lines(struct wn_register *reg, const char *path, struct wn_slice lines,
                                   const uint8_t public_key[32], struct wn_error *err);

/** Add an event, and append its signed line to `ret_line`. @param secret  Ed25519, 64 octets. */
void wn_register_add(struct wn_register *reg, const struct wn_register_entry *entry,
                     const uint8_t secret[64], struct wn_buffer *ret_line);

/** Begin an empty register: name the officer's public key. @param ret_line  As wn_register_add().
 */
void wn_register_begin(struct wn_register *reg, const uint8_t officer[32], int64_t time_s,
                       const uint8_t secret[64], struct wn_buffer *ret_line);

/**
 * Check that a register names an officer's public key, and this one.
 *
 * @param path          Of the register, for the message.
 * @param officer_path  Of what holds the key.
 * @return WN_OK, or WN_FATAL: "register" (it names none), "keys" (another one).
 */
WN_NODISCARD
enum wn_code wn_register_check_officer(const struct wn_register *reg, const char *path,
                                       const uint8_t officer[32], const char *officer_path,
                                       struct wn_error *err);

/**
 * Read and verify a file.
 *
 * @return WN_OK, or WN_FATAL: "register" (missing, changed), "keys" (owner, mode, link).
 */
WN_NODISCARD
enum wn_code wn_register_read(const char *path, const uint8_t public_key[32],
                              struct wn_register *ret_reg, struct wn_error *err);

/**
 * Append lines behind the valid ones (what a crash left is cut off first), and sync.
 *
 * @return WN_OK, or WN_FATAL: "file-write"; the file is then as it was.
 */
WN_NODISCARD
enum wn_code wn_register_append(const char *path, size_t valid, struct wn_slice lines,
                                struct wn_error *err);

/** Give the memory back; may be called twice. */
void wn_register_deinit(struct wn_register *reg);

#endif
