// SPDX-License-Identifier: Apache-2.0

#include "versions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "winnow/memory.h"

/** Close a version that is neither held nor the last. */
static void close_old(struct wn_versions *versions, size_t at)
{
    if (versions->list[at].holders > 0 || at + 1 == versions->n) {
        return;
    }
    versions->close(versions->list[at].at);
    memmove(&versions->list[at], &versions->list[at + 1],
            (versions->n - at - 1) * sizeof(*versions->list));
    versions->n--;
}

void wn_versions_add(struct wn_versions *versions, void *version)
{
    versions->list = wn_grow(versions->list, versions->n + 1, sizeof(*versions->list));
    versions->list[versions->n++] = (struct wn_version){ version, 0 };
    if (versions->n > 1) {
        close_old(versions, versions->n - 2);
    }
}

void *wn_versions_now(const struct wn_versions *versions)
{
    return versions->n > 0 ? versions->list[versions->n - 1].at : NULL;
}

void *wn_versions_hold(struct wn_versions *versions, const void *held)
{
    void *now = wn_versions_now(versions);
    if (now && now != held) {
        versions->list[versions->n - 1].holders++;
    }
    if (held != now) {
        wn_versions_drop(versions, held);
    }
    return now;
}

void wn_versions_drop(struct wn_versions *versions, const void *held)
{
    for (size_t i = 0; held && i < versions->n; i++) {
        if (versions->list[i].at == held) {
            assert(versions->list[i].holders > 0);
            versions->list[i].holders--;
            close_old(versions, i);
            return;
        }
    }
}

void wn_versions_deinit(struct wn_versions *versions)
{
    for (size_t i = 0; i < versions->n; i++) {
        versions->close(versions->list[i].at);
    }
    free(versions->list);
    versions->list = NULL;
    versions->n = 0;
}
