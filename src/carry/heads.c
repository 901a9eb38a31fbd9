// SPDX-License-Identifier: Apache-2.0

#include "heads.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    STEP = 64,  ///< Messages looked at first, from the end.
    FACTOR = 16 ///< How many times more, where no head was among them.
};

/** A look at the end of a log. */
struct look {
    struct wn_last_head *head;
    struct wn_head *read; ///< Large: not on the stack.
};

static enum wn_code note(void *context, const struct wn_message *message, struct wn_error *err)
{
    struct look *look = context;
    struct wn_last_head *head = look->head;
    struct wn_slice body = message->value;
    struct wn_slice open;
    struct wn_mark mark;
    struct wn_error damaged;
    (void)err;
    if (wn_mark_read(&body, &mark, &damaged) != WN_OK ||
        (mark.kind == WN_LOG_HEAD && wn_head_read(body, look->read, &open, &damaged) != WN_OK)) {
        head->strange = message->offset;
        return WN_OK;
    }
    if (mark.kind == WN_LOG_HEAD) {
        head->there = true;
        head->next = look->read->next_offset;
        head->closed = (uint64_t)look->read->closed;
        (void)snprintf(head->previous, sizeof(head->previous), "%s", look->read->previous);
        head->open.len = 0;
        wn_buffer_add(&head->open, open.at, open.len);
        head->offset = message->offset;
        head->time_ms = message->timestamp_ms;
    }
    return WN_OK;
}

enum wn_code wn_last_head_read(struct wn_scan *scan, const char *topic, int32_t partition,
                               struct wn_last_head *ret_head, struct wn_error *err)
{
    struct wn_ends ends = { 0, 0 };
    struct look look = { ret_head, calloc(1, sizeof(*look.read)) };
    if (!look.read) {
        abort();
    }
    wn_last_head_deinit(ret_head);
    ret_head->strange = -1;
    enum wn_code rc = wn_scan_ends(scan, topic, partition, &ends, err);
    int64_t from = ends.end;
    for (int64_t step = STEP; rc == WN_OK && !ret_head->there && from > ends.low; step *= FACTOR) {
        int64_t end = from;
        from = end - ends.low > step ? end - step : ends.low;
        const struct wn_place place = { topic, partition, from };
        rc = wn_scan_read(scan, &place, end, note, &look, err);
    }
    free(look.read);
    return rc;
}

void wn_last_head_deinit(struct wn_last_head *head)
{
    wn_buffer_deinit(&head->open);
    *head = (struct wn_last_head){ .strange = -1 };
}
