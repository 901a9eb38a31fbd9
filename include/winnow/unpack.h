// SPDX-License-Identifier: Apache-2.0

/**
 * A file's content as a stream: plain, gzip or Zstandard, told apart by its first octets.
 */

#ifndef WINNOW_UNPACK_H
#define WINNOW_UNPACK_H

#include "winnow/error.h"
#include "winnow/slice.h"

struct wn_unpack;

/** What an archive may unpack to; all-zero: the defaults. */
struct wn_unpack_limits {
    uint64_t bytes; ///< At most so many octets; 256 GiB.
    uint64_t ratio; ///< And so many for each of its own, where that is over 64 MiB; 500.
};

/** @return what a file of so many octets may unpack to [octets]: itself at least. */
uint64_t wn_unpack_most(const struct wn_unpack_limits *limits, uint64_t size);

/**
 * Begin to read the content of an open file from its beginning.
 *
 * Several gzip members or Zstandard frames one after the other are one content. A Zstandard
 * frame may ask for a window of at most 128 MiB.
 *
 * @param fd    Read with pread(2) from offset 0; stays the caller's.
 * @param name  For messages: the path as the user gave it.
 * @param most  How much it may unpack to, at most [octets]: wn_unpack_most().
 */
WN_NODISCARD
enum wn_code wn_unpack_open(int fd, const char *name, uint64_t most, struct wn_unpack **ret_unpack,
                            struct wn_error *err);

/**
 * Read the next octets.
 *
 * @param ret_len  How many; 0 at the end.
 * @return WN_OK; WN_REJECT: "file-refused" (it unpacks to more than it may: a bomb costs one file,
 *         not the machine); or WN_FATAL: "file-read" (the system, a damaged or cut archive: names
 *         the place).
 */
WN_NODISCARD
enum wn_code wn_unpack_read(struct wn_unpack *unpack, void *bytes, size_t room, size_t *ret_len,
                            struct wn_error *err);

/** Give it back; NULL is fine. @return NULL */
struct wn_unpack *wn_unpack_close(struct wn_unpack *unpack);

#endif
