// SPDX-License-Identifier: Apache-2.0

/**
 * DIR, the folder that sift writes to: its lock, its manifest, and how a publication gets its
 * names. Used by whatever writes to it (a batch, a drop) and by who reads it.
 *
 *     lock          held while somebody writes (exclusive) or audits (shared)
 *     manifest.db   what is committed
 *     tmp/          what is being written; nothing in it counts
 *     state/        duplicate entries
 *     usage.PURPOSE.TYPE/ quarantine/ receipts/   what is published
 */

#ifndef WINNOW_FILES_FOLDER_H
#define WINNOW_FILES_FOLDER_H

#include <limits.h>

#include "winnow/manifest.h"

/** All-zero is closed. */
struct wn_folder {
    char path[PATH_MAX];
    int lock; ///< Descriptor + 1; 0: not locked.
    struct wn_manifest *manifest;
    struct wn_manifest_newest newest;
};

/**
 * Open DIR for writing, and make it where it is not there: take its lock, finish the renames of
 * what was committed before a crash, remove the rest.
 *
 * @return WN_OK, or WN_FATAL: "out-locked", "file-write".
 */
WN_NODISCARD
enum wn_code wn_folder_open(const char *path, struct wn_folder *ret_folder, struct wn_error *err);

/**
 * Open DIR for reading: nothing in it is changed. Where nobody can be locked out (no lock file, no
 * right to open it) it is read without a lock. The manifest stays closed.
 *
 * @return WN_OK, or WN_FATAL: "out-locked" (a sift works in it), "file-read".
 */
WN_NODISCARD
enum wn_code wn_folder_open_read(const char *path, struct wn_folder *ret_folder,
                                 struct wn_error *err);

/**
 * Open the manifest of a folder that is open for reading; it stays NULL where there is none.
 *
 * @return WN_OK, or WN_FATAL: "file-read" (damaged; or a crash left a journal beside it, which the
 *         next run that writes to the folder works off).
 */
WN_NODISCARD
enum wn_code wn_folder_read_manifest(struct wn_folder *folder, struct wn_error *err);

/** Unlock and close; may be called twice. */
void wn_folder_close(struct wn_folder *folder);

/** Write `DIR/name` into `ret_path`. WN_FATAL: "file-write" (too long). */
WN_NODISCARD
enum wn_code wn_folder_path(const struct wn_folder *folder, const char *name,
                            char ret_path[PATH_MAX], struct wn_error *err);

/** Write `DIR/name` whole and synced; it must not be there. For a receipt written aside. */
WN_NODISCARD
enum wn_code wn_folder_write(const struct wn_folder *folder, const char *name,
                             struct wn_slice bytes, struct wn_error *err);

/** Sync the folder `tmp/`: the last thing before wn_manifest_commit(). */
WN_NODISCARD
enum wn_code wn_folder_sync_aside(const struct wn_folder *folder, struct wn_error *err);

/**
 * Remove what was written aside for a publication that was given up before its commit, so that a
 * full disk has its room back; as far as it goes.
 */
void wn_folder_empty_aside(const struct wn_folder *folder);

/**
 * Give the files of a receipt that was just committed their names, in the order of the manifest,
 * the receipt last. What it leaves undone the next wn_folder_open() does.
 */
WN_NODISCARD
enum wn_code wn_folder_rename(const struct wn_folder *folder, uint64_t receipt,
                              struct wn_error *err);

#endif
