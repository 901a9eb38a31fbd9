// SPDX-License-Identifier: Apache-2.0

/**
 * Looking at a file of raw records: each goes the way that it goes in sift, and nothing comes out.
 *
 * For `winnow explain`. No folder is made, no state is kept, nothing is published; the ring of keys
 * is one that ends with the look (wn_keyring_scratch()), so duplicates are found within the file.
 *
 * Threads: one at a time.
 */

#ifndef WINNOW_LOOK_H
#define WINNOW_LOOK_H

#include "winnow/pipeline.h"

/** What a look is made of; all of it must outlive it. */
struct wn_look_options {
    const struct wn_policy *policy;
    const struct wn_source *source;
    struct wn_keyring *keyring;
    const struct wn_limits *limits;
    const struct wn_lists *lists;
    const char *spool; ///< Folder for standard input while it is read: an unlinked file, mode 0600.
};

/** A record that was looked at. */
struct wn_looked {
    uint64_t number; ///< From 1.
    uint64_t line;   ///< Of its first octet in the unpacked content, from 1.
    const struct wn_sighting *sighting;
    const struct wn_tally *tally; ///< Of this record alone: what became of it for each purpose.
};

/** Called once a record, in their order. @return whether to go on. */
typedef bool wn_look_visit(void *context, const struct wn_looked *looked);

/**
 * Look at a file (plain, gzip, Zstandard) or `-`, standard input.
 *
 * @param ret_n  How many records were looked at.
 * @return WN_OK also where the visitor had enough; WN_FATAL: "file-read" (a folder, too),
 *         "file-write" (the spool), "keys", "locked-memory".
 */
WN_NODISCARD
enum wn_code wn_look(const struct wn_look_options *options, const char *file, wn_look_visit *visit,
                     void *context, uint64_t *ret_n, struct wn_error *err);

#endif
