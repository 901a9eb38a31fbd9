// SPDX-License-Identifier: Apache-2.0

#include "quarantine_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/** Where a record lies. */
struct place {
    char file[300]; ///< Or input partition.
    int64_t offset; ///< In the content that it came from [octets]; of the message.
};

/** All records of one source and reason. */
struct group {
    char source[64], reason[64];
    uint64_t records, dropped, replayed, bytes;
    struct place first, last;
};

struct counting {
    struct group *list;
    size_t n;
    bool unordered; ///< Envelopes come in any order: first and last are to be found.
};

static void copy(char *to, size_t size, struct wn_slice from)
{
    snprintf(to, size, "%.*s", (int)(from.len < size ? from.len : size - 1), from.at);
}

static struct group *group_of(struct counting *counting, const struct wn_envelope *envelope)
{
    for (size_t i = 0; i < counting->n; i++) {
        struct group *group = &counting->list[i];
        if (wn_slice_is(envelope->source, group->source) &&
            wn_slice_is(envelope->reason, group->reason)) {
            return group;
        }
    }
    struct group *list = realloc(counting->list, (counting->n + 1) * sizeof(*list));
    if (!list) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    counting->list = list;
    struct group *group = &list[counting->n++];
    *group = (struct group){ 0 };
    copy(group->source, sizeof(group->source), envelope->source);
    copy(group->reason, sizeof(group->reason), envelope->reason);
    return group;
}

static int compare_places(const struct place *a, const struct place *b)
{
    const int diff = strcmp(a->file, b->file);
    return diff != 0 ? diff : (a->offset > b->offset) - (a->offset < b->offset);
}

static enum wn_code count_piece(void *context, const struct quarantine_at *at, struct wn_error *err)
{
    const struct counting *counting = context;
    struct group *group = group_of(context, at->envelope);
    (void)err;
    group->bytes += at->envelope->sealed.len;
    if (at->envelope->piece != 1) {
        return WN_OK;
    }
    struct place place = { .offset = at->envelope->origin.offset };
    copy(place.file, sizeof(place.file), wn_slice_of(at->place));
    const bool only = group->records == 0;
    if (only || (counting->unordered && compare_places(&place, &group->first) < 0)) {
        group->first = place;
    }
    if (only || !counting->unordered || compare_places(&place, &group->last) > 0) {
        group->last = place;
    }
    group->records++;
    group->dropped += at->envelope->sealed.len == 0 ? 1 : 0;
    group->replayed += at->replayed && at->envelope->sealed.len > 0 ? 1 : 0;
    return WN_OK;
}

static int by_name(const void *left, const void *right)
{
    const struct group *a = left;
    const struct group *b = right;
    const int diff = strcmp(a->source, b->source);
    return diff != 0 ? diff : strcmp(a->reason, b->reason);
}

static void json_place(struct wn_buffer *text, const char *name, const char *kind,
                       const struct place *place)
{
    wn_buffer_format(text, "\"%s\":{\"%s\":", name, kind);
    cmd_text_json(text, wn_slice_of(place->file));
    wn_buffer_format(text, ",\"offset\":%lld}", (long long)place->offset);
}

static void add_json(struct wn_buffer *text, const struct group *group, const char *kind)
{
    wn_buffer_format(text, "{\"bytes\":%llu,\"dropped\":%llu,", (unsigned long long)group->bytes,
                     (unsigned long long)group->dropped);
    json_place(text, "first", kind, &group->first);
    wn_buffer_text(text, ",");
    json_place(text, "last", kind, &group->last);
    wn_buffer_text(text, ",\"reason\":");
    cmd_text_json(text, wn_slice_of(group->reason));
    wn_buffer_format(text, ",\"records\":%llu,\"replayed\":%llu,\"source\":",
                     (unsigned long long)group->records, (unsigned long long)group->replayed);
    cmd_text_json(text, wn_slice_of(group->source));
    wn_buffer_text(text, "}\n");
}

static void add_row(struct wn_buffer *text, const struct group *group)
{
    wn_buffer_format(text, "%-20s %-22s %8llu", group->source, group->reason,
                     (unsigned long long)group->records);
    if (group->dropped > 0) {
        wn_buffer_format(text, " (%llu dropped)", (unsigned long long)group->dropped);
    }
    if (group->replayed > 0) {
        wn_buffer_format(text, " (%llu replayed)", (unsigned long long)group->replayed);
    }
    wn_buffer_format(text, "  %s offset %lld", group->first.file, (long long)group->first.offset);
    if (group->records > 1) {
        wn_buffer_format(text, " to %s offset %lld", group->last.file,
                         (long long)group->last.offset);
    }
    wn_buffer_text(text, "\n");
}

enum wn_code quarantine_list(const struct quarantine_where *where, bool json,
                             struct wn_buffer *ret_text, struct wn_error *err)
{
    struct counting counting = { .unordered = where->folder == NULL };
    enum wn_code rc = quarantine_each(where, count_piece, &counting, err);
    if (rc == WN_OK && counting.n > 0) {
        qsort(counting.list, counting.n, sizeof(*counting.list), by_name);
    }
    if (rc == WN_OK && !json) {
        wn_buffer_format(ret_text, counting.n == 0 ? "nothing was refused\n"
                                                   : "source               reason             "
                                                     "     records  first and last\n");
    }
    for (size_t i = 0; rc == WN_OK && i < counting.n; i++) {
        if (json) {
            add_json(ret_text, &counting.list[i], where->folder ? "file" : "input");
        } else {
            add_row(ret_text, &counting.list[i]);
        }
    }
    free(counting.list);
    return rc;
}
