// SPDX-License-Identifier: Apache-2.0

/**
 * Reading what only the right hands may have written: owner, mode and symbolic links are looked at
 * on the open file, so that nobody swaps it in between.
 *
 * All return WN_OK, or WN_FATAL: "keys", with the remedy.
 */

#ifndef WINNOW_KEYS_GUARD_H
#define WINNOW_KEYS_GUARD_H

#include "winnow/error.h"
#include "winnow/slice.h"

/** What a file is to others. */
enum wn_guard {
    WN_GUARD_SECRET,     ///< Nobody else may read or write it.
    WN_GUARD_CREDENTIAL, ///< systemd's: the group bits show its access list, not a group's right.
    WN_GUARD_OPEN,       ///< Anybody may read, nobody else may write it.
};

/** Open a file for reading. @param ret_fd  The caller's to close. */
WN_NODISCARD
enum wn_code wn_guard_open(const char *path, enum wn_guard guard, int *ret_fd,
                           struct wn_error *err);

/** Open a folder that nobody else may write in. @param ret_fd  The caller's to close. */
WN_NODISCARD
enum wn_code wn_guard_open_folder(const char *path, int *ret_fd, struct wn_error *err);

/** Read a whole file of at most `size` octets into memory of the caller's (it may be locked). */
WN_NODISCARD
enum wn_code wn_guard_read(const char *path, enum wn_guard guard, size_t size, char *ret_bytes,
                           size_t *ret_len, struct wn_error *err);

/**
 * Read a file of 64 hexadecimal digits and perhaps a newline.
 *
 * @param what  What it is called in a fault: "key-encryption key".
 */
WN_NODISCARD
enum wn_code wn_guard_read_hex(const char *path, enum wn_guard guard, const char *what,
                               uint8_t ret_key[32], struct wn_error *err);

/** Write a new file of 64 hexadecimal digits and a newline, whole or not at all (by way of
 * `path.tmp`), synced; one that is there is refused. */
WN_NODISCARD
enum wn_code wn_guard_write_hex(const char *path, unsigned mode, const uint8_t key[32],
                                struct wn_error *err);

/** @return whether `path` lies (or would lie) in the folder `dir`, or below it. */
bool wn_guard_is_inside(const char *path, const char *dir);

/** Write the folder of a path: "." where it names none. */
void wn_guard_folder_of(const char *path, size_t size, char *ret_folder);

#endif
