// SPDX-License-Identifier: Apache-2.0

/**
 * Versions of something that is replaced while others still work with the old one: a list, a
 * consent file, a source. An old version is closed once nobody holds it.
 *
 * Threads: one at a time; who shares it between threads has a lock around it.
 */

#ifndef WINNOW_VERSIONS_H
#define WINNOW_VERSIONS_H

#include <stddef.h>

typedef void wn_version_close(void *version);

/** One that is held or counts. */
struct wn_version {
    void *at;
    unsigned holders;
};

/** All-zero but for `close` is empty. */
struct wn_versions {
    wn_version_close *close;
    struct wn_version *list; ///< The one that counts is the last.
    size_t n;
};

/** Let a version count from now on: it is closed by and by. */
void wn_versions_add(struct wn_versions *versions, void *version);

/** @return the version that counts, or NULL; nothing is held. */
void *wn_versions_now(const struct wn_versions *versions);

/**
 * Hold the version that counts in place of the one that was held.
 *
 * @param held  What the last call returned, or NULL.
 * @return NULL where there is none.
 */
void *wn_versions_hold(struct wn_versions *versions, const void *held);

/** Hold nothing any more; NULL is fine. */
void wn_versions_drop(struct wn_versions *versions, const void *held);

/** Close all, held or not. */
void wn_versions_deinit(struct wn_versions *versions);

#endif
