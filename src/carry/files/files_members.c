// SPDX-License-Identifier: Apache-2.0

/*
 * A switch may write one file a call, so a batch may have very many members: whether a content is
 * among them already is asked of a hash table (open addressing, at most half full). The digests
 * are SHA-256: their first octets are as good as any hash.
 */

#include "files_members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
    if (!memory) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return memory;
}

/** The slot of a digest: its member's, or an empty one. */
static uint32_t *slot_of(const struct wn_members *members, const uint8_t *digest)
{
    uint64_t hash;
    memcpy(&hash, digest, sizeof(hash));
    const size_t size = 2 * members->capacity;
    for (size_t at = hash % size;; at = (at + 1) % size) {
        uint32_t *slot = &members->places[at];
        if (*slot == 0 ||
            memcmp(members->list[*slot - 1].content.digest, digest, WN_SHA256_BYTES) == 0) {
            return slot;
        }
    }
}

static void index_all(struct wn_members *members)
{
    memset(members->places, 0, 2 * members->capacity * sizeof(*members->places));
    for (size_t i = 0; i < members->n; i++) {
        *slot_of(members, members->list[i].content.digest) = (uint32_t)i + 1;
    }
}

bool wn_members_add(struct wn_members *members, const struct wn_input_file *input,
                    const struct wn_content *content)
{
    if (members->n == members->capacity) {
        members->capacity = members->capacity == 0 ? 64 : members->capacity * 2;
        members->list = need(realloc(members->list, members->capacity * sizeof(*members->list)));
        members->places =
            need(realloc(members->places, 2 * members->capacity * sizeof(*members->places)));
        index_all(members);
    }
    uint32_t *slot = slot_of(members, content->digest);
    if (*slot != 0) {
        return false;
    }
    members->list[members->n++] = (struct wn_member){ input, *content, 0 };
    members->bytes += content->bytes;
    *slot = (uint32_t)members->n;
    return true;
}

void wn_members_clear(struct wn_members *members)
{
    members->n = 0;
    members->bytes = 0;
    if (members->places) {
        index_all(members);
    }
}

void wn_members_deinit(struct wn_members *members)
{
    free(members->list);
    free(members->places);
    *members = (struct wn_members){ 0 };
}
