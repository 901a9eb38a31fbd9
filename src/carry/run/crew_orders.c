// SPDX-License-Identifier: Apache-2.0

/*
 * Orders: a line of fields, split by tabs.
 *
 *     status
 *     accept-break  TARGET  REASON      TARGET: TOPIC:PARTITION, `*` for all, `` for the only one
 *     pause         TARGET  REASON      the partition, with its transaction finished
 *     resume        TARGET              read a partition again that was paused for another reason
 *     replay        …                   worker_replay.c
 *
 * Which worker has a partition, it alone knows for sure. So each is asked first how many of its
 * partitions an order is about; then those do it that said so. A partition that moves meanwhile is
 * refused by the worker that lost it, and whoever gave the order looks again. An order that is
 * about nobody's goes to the first worker, which says what is wrong with it.
 */

#include <string.h>

#include "crew.h"

enum {
    WAIT_MS = 100, ///< How long is waited before it is looked after everything else.
};

/** Ask those of the workers that are meant, and wait for all of them: `ended` ones do not answer.
 */
static void ask(struct wn_crew *crew, enum wn_order order, const char *line, const bool *meant)
{
    for (unsigned i = 0; i < crew->n_started; i++) {
        struct wn_mate *mate = &crew->mates[i];
        if ((!meant || meant[i]) && !atomic_load(&mate->ended)) {
            wn_inbox_put(&mate->inbox, order, line);
        }
    }
    for (unsigned i = 0; i < crew->n_started; i++) {
        struct wn_mate *mate = &crew->mates[i];
        while (!wn_inbox_wait(&mate->inbox, WAIT_MS) && !atomic_load(&mate->ended)) {
            wn_crew_tell_status(crew); // One that hangs is silent by itself.
        }
    }
}

/** Append a further answer of `ok`: without that word. */
static void add_reply(const struct wn_buffer *reply, struct wn_buffer *ret_reply)
{
    struct wn_slice rest = wn_buffer_slice(reply);
    const bool further = ret_reply->len > 0 && wn_slice_starts(rest, "ok\n");
    rest = wn_slice_after(rest, further ? 3 : 0);
    wn_buffer_add(ret_reply, rest.at, rest.len);
}

/** Each worker's first line, then what they have in common, then their partitions. */
static void say_status(struct wn_crew *crew, const char *line, struct wn_buffer *ret_reply)
{
    ask(crew, WN_ORDER_DO, line, NULL);
    wn_buffer_text(ret_reply, "ok ");
    for (unsigned i = 0; i < crew->n_started; i++) {
        const struct wn_buffer *reply = &crew->mates[i].inbox.reply;
        const uint8_t *end = memchr(reply->at, '\n', reply->len);
        wn_buffer_add(ret_reply, reply->at, end ? (size_t)(end - reply->at) + 1 : 0);
    }
    wn_plans_say(crew->plans, ret_reply);
    for (unsigned i = 0; i < crew->n_started; i++) {
        const struct wn_buffer *reply = &crew->mates[i].inbox.reply;
        const uint8_t *end = memchr(reply->at, '\n', reply->len);
        const size_t first = end ? (size_t)(end - reply->at) + 1 : reply->len;
        wn_buffer_add(ret_reply, reply->at + first, reply->len - first);
    }
}

/** @return whether the line names its target. */
static bool has_target(const char *line)
{
    const char *target = strchr(line, '\t');
    return target && target[1] != '\0' && target[1] != '\t';
}

void wn_crew_answer(void *context, const char *line, struct wn_buffer *ret_reply)
{
    struct wn_crew *crew = context;
    bool meant[WN_WORKERS] = { false };
    size_t n = 0;
    if (strcmp(line, "status") == 0) {
        say_status(crew, line, ret_reply);
        return;
    }
    ask(crew, WN_ORDER_COUNT, line, NULL);
    for (unsigned i = 0; i < crew->n_started; i++) {
        meant[i] = crew->mates[i].inbox.n > 0;
        n += crew->mates[i].inbox.n;
    }
    if (n > 1 && !has_target(line)) {
        wn_buffer_format(ret_reply,
                         "no: %zu partitions wait; name one with --partition TOPIC:NUMBER, or "
                         "--all\n",
                         n);
        return;
    }
    meant[0] = meant[0] || n == 0;
    ask(crew, WN_ORDER_DO, line, meant);
    for (unsigned i = 0; i < crew->n_started; i++) {
        if (meant[i]) {
            add_reply(&crew->mates[i].inbox.reply, ret_reply);
        }
    }
    if (ret_reply->len == 0) {
        wn_buffer_text(ret_reply, "no: the worker has ended, and winnow stops\n");
    }
}
