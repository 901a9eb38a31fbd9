// SPDX-License-Identifier: Apache-2.0

/**
 * Files, read and written so that a crash leaves the old or the new one, never half of it.
 *
 * Every function that can fail returns WN_FATAL with reason "file-read" or "file-write", a text
 * that names the path and what the system said.
 */

#ifndef WINNOW_IO_H
#define WINNOW_IO_H

#include <sys/stat.h>
#include <sys/types.h>

#include "winnow/error.h"
#include "winnow/slice.h"

/** Read a whole file of at most `most` octets; appended to `ret_bytes`. */
WN_NODISCARD
enum wn_code wn_io_read(const char *path, size_t most, struct wn_buffer *ret_bytes,
                        struct wn_error *err);

/** What tells one version of a file from another without reading it. All-zero is that of no file.
 */
struct wn_stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

/** @return the stamp of what stat() or fstat() said. */
struct wn_stamp wn_io_stamp(const struct stat *status);

/** @return the stamp of the file that is there now; all-zero where there is none to be looked at.
 */
struct wn_stamp wn_io_look(const char *path);

/** @return when the file was written last [UTC ms]. */
int64_t wn_io_modified_ms(const struct wn_stamp *stamp);

/** @return whether two stamps are of one version. */
bool wn_io_same_stamp(const struct wn_stamp *a, const struct wn_stamp *b);

/** Write `path` by way of `path.tmp`: written, synced, renamed, folder synced. */
WN_NODISCARD
enum wn_code wn_io_replace(const char *path, mode_t mode, const void *bytes, size_t len,
                           struct wn_error *err);

/** Write all bytes to a descriptor, through short writes and EINTR. `path` is for the message. */
WN_NODISCARD
enum wn_code wn_io_write(int fd, const char *path, const void *bytes, size_t len,
                         struct wn_error *err);

/** fsync a folder, so that the names in it last. */
WN_NODISCARD
enum wn_code wn_io_sync_folder(const char *path, struct wn_error *err);

/** Make a folder and its parents; one that is there already is fine. */
WN_NODISCARD
enum wn_code wn_io_make_folder(const char *path, mode_t mode, struct wn_error *err);

#endif
