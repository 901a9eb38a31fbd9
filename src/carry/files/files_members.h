// SPDX-License-Identifier: Apache-2.0

/**
 * The contents of one batch, in the order given, each once.
 */

#ifndef WINNOW_FILES_MEMBERS_H
#define WINNOW_FILES_MEMBERS_H

#include "files_input.h"

/** A content of the batch. */
struct wn_member {
    const struct wn_input_file *input;
    struct wn_content content;
    uint64_t records; ///< Once it was read.
};

/** All-zero is empty. */
struct wn_members {
    struct wn_member *list;
    size_t n, capacity;
    uint64_t bytes;   ///< Of all, unpacked.
    uint32_t *places; ///< Hash table over the digests: index + 1, or 0; twice `capacity` large.
};

/** Add a content. @return false where the batch has it already. */
WN_NODISCARD
bool wn_members_add(struct wn_members *members, const struct wn_input_file *input,
                    const struct wn_content *content);

/** Forget all. */
void wn_members_clear(struct wn_members *members);

/** Give the memory back. */
void wn_members_deinit(struct wn_members *members);

#endif
