// SPDX-License-Identifier: Apache-2.0

/*
 * Ordering a replay, while workers are at work:
 *
 *     status     of the worker: which receipts there are, per partition; what it says is the
 *                order's `as of`
 *     look       envelopes and receipts of replays: what is refused and was not taken up since
 *     order      one partition and reason, up to 500 records; the answer is there when it is
 *                committed
 *
 * Status comes first: a replay that it does not know yet can't have been seen by the look, and the
 * worker refuses the order then. After an `again` all is looked at anew; so a command that is
 * killed, or given twice at once, does no harm.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "winnow/control.h"
#include "winnow/memory.h"
#include "winnow/topics.h"
#include "winnow/worker.h"

enum {
    ORDER_RECORDS = 500,
    TRIES = 60,
    NAP_MS = 500
};

/** A refused record that was not taken up since. */
struct reference {
    char topic[250], reason[64];
    int32_t partition, index;
    int64_t offset, receipt;
    bool gone; ///< Its topic was made anew.
};

/** A receipt of this replay. */
struct own {
    char topic[250];
    int32_t partition;
    uint64_t receipt;
};

struct ordering {
    const struct wn_settings *settings;
    const struct wn_topics_replay *what;
    struct wn_topics_replayed *sum;
    struct wn_buffer *notes;
    char path[108]; ///< Of the control socket.
    struct wn_buffer status;
    struct reference *list;
    size_t n, room;
    struct own *own;
    size_t n_own, own_room;
    bool again; ///< Something is to be looked at anew.
    char why[300];
};

// ---- What there is ------------------------------------------------------------------------------

/** @return whether the configuration names the input. */
static bool is_ours(const struct wn_settings *settings, struct wn_slice topic)
{
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        if (wn_slice_is(topic, settings->inputs[i].topic)) {
            return true;
        }
    }
    return false;
}

/** @return the newest receipt of this replay in a partition, up to `most`; 0: none. */
static uint64_t newest_own(const struct ordering *ordering, struct wn_slice topic,
                           int32_t partition, uint64_t most)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < ordering->n_own; i++) {
        const struct own *own = &ordering->own[i];
        if (own->partition == partition && wn_slice_is(topic, own->topic) && own->receipt <= most &&
            own->receipt > newest) {
            newest = own->receipt;
        }
    }
    return newest;
}

/** @return whether this replay itself refused the record again: once is enough. */
static bool is_refused_again(const struct ordering *ordering, const struct wn_envelope *envelope)
{
    const uint64_t receipt = (uint64_t)envelope->receipt;
    return receipt > 0 && newest_own(ordering, envelope->origin.input, envelope->origin.partition,
                                     receipt) == receipt;
}

static void note_own(struct ordering *ordering, const struct reference *of, uint64_t receipt)
{
    if (ordering->n_own == ordering->own_room) {
        ordering->own_room = ordering->own_room > 0 ? 2 * ordering->own_room : 16;
        ordering->own = wn_grow(ordering->own, ordering->own_room, sizeof(*ordering->own));
    }
    struct own *own = &ordering->own[ordering->n_own++];
    *own = (struct own){ .partition = of->partition, .receipt = receipt };
    (void)snprintf(own->topic, sizeof(own->topic), "%s", of->topic);
}

static enum wn_code take_envelope(void *context, const struct wn_topics_envelope *at,
                                  struct wn_error *err)
{
    struct ordering *ordering = context;
    const struct wn_topics_replay *what = ordering->what;
    const struct wn_envelope *envelope = at->envelope;
    (void)err;
    if (envelope->piece != 1 || envelope->sealed.len == 0 || at->replayed ||
        !is_ours(ordering->settings, envelope->origin.input) ||
        is_refused_again(ordering, envelope) ||
        (what->reason && !wn_slice_is(envelope->reason, what->reason)) ||
        (what->source && !wn_slice_is(envelope->source, what->source))) {
        return WN_OK;
    }
    if (ordering->n == ordering->room) {
        ordering->room = ordering->room > 0 ? 2 * ordering->room : 256;
        ordering->list = wn_grow(ordering->list, ordering->room, sizeof(*ordering->list));
    }
    struct reference *reference = &ordering->list[ordering->n++];
    *reference = (struct reference){ .partition = envelope->origin.partition,
                                     .index = envelope->origin.index,
                                     .offset = envelope->origin.offset,
                                     .receipt = envelope->receipt,
                                     .gone = at->made_anew };
    const struct wn_slice topic = envelope->origin.input;
    (void)snprintf(reference->topic, sizeof(reference->topic), "%.*s", (int)topic.len, topic.at);
    (void)snprintf(reference->reason, sizeof(reference->reason), "%.*s",
                   (int)(envelope->reason.len < 63 ? envelope->reason.len : 63),
                   envelope->reason.at);
    return WN_OK;
}

static int by_order(const void *left, const void *right)
{
    const struct reference *a = left;
    const struct reference *b = right;
    int order = strcmp(a->topic, b->topic);
    const int64_t pairs[][2] = { { a->offset, b->offset }, { a->index, b->index } };
    if (order == 0) {
        order = (a->partition > b->partition) - (a->partition < b->partition);
    }
    order = order == 0 ? strcmp(a->reason, b->reason) : order;
    for (size_t i = 0; i < WN_COUNT(pairs) && order == 0; i++) {
        order = (pairs[i][0] > pairs[i][1]) - (pairs[i][0] < pairs[i][1]);
    }
    return order;
}

static bool is_same_group(const struct reference *a, const struct reference *b)
{
    return a->partition == b->partition && strcmp(a->topic, b->topic) == 0 &&
           strcmp(a->reason, b->reason) == 0;
}

// ---- Orders -------------------------------------------------------------------------------------

/** Find what the status says of a partition. @return false where it is not read there. */
static bool find_receipts(const struct ordering *ordering, const struct reference *of,
                          uint64_t *ret_receipts)
{
    char line[320];
    (void)snprintf(line, sizeof(line), "\n%s[%" PRId32 "] running ", of->topic, of->partition);
    const char *at = strstr((const char *)ordering->status.at, line);
    const char *receipts = at ? strstr(at, " receipts=") : NULL;
    if (!receipts) {
        return false;
    }
    *ret_receipts = strtoull(receipts + strlen(" receipts="), NULL, 10);
    return true;
}

static uint64_t count_of(const char *reply, const char *name)
{
    const char *at = strstr(reply, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void note_gone(struct ordering *ordering, const struct reference *of, int64_t offset,
                      int64_t index)
{
    ordering->sum->gone++;
    wn_buffer_format(ordering->notes,
                     "%s[%" PRId32 "] offset %" PRId64 " index %" PRId64
                     ": the raw record is gone\n",
                     of->topic, of->partition, offset, index);
}

/** Note the places of `gone=…`. @return how many. */
static size_t take_gone(struct ordering *ordering, const struct reference *of, const char *reply)
{
    const char *at = strstr(reply, " gone=");
    size_t n = 0;
    for (at = at ? at + strlen(" gone=") : ""; *at >= '0' && *at <= '9'; n++) {
        char *end;
        const int64_t offset = strtoll(at, &end, 10);
        const int64_t index = *end == '.' ? strtoll(end + 1, &end, 10) : 0;
        note_gone(ordering, of, offset, index);
        at = *end == ',' ? end + 1 : end;
    }
    return n;
}

/** Write the order for references of one group. */
static void write_order(const struct reference *list, size_t n, uint64_t as_of,
                        struct wn_buffer *ret_line)
{
    int64_t first = INT64_MAX;
    int64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        first = list[i].receipt < first ? list[i].receipt : first;
        last = list[i].receipt > last ? list[i].receipt : last;
    }
    wn_buffer_format(ret_line, "replay\t%s:%" PRId32 "\t%" PRIu64 "\t%s\t%" PRId64, list->topic,
                     list->partition, as_of, list->reason, first);
    if (last != first) {
        wn_buffer_format(ret_line, "-%" PRId64, last);
    }
    for (size_t i = 0; i < n; i++) {
        wn_buffer_format(ret_line, "%s%" PRId64 ".%" PRId32, i == 0 ? "\t" : ",", list[i].offset,
                         list[i].index);
    }
    wn_buffer_add(ret_line, "", 1);
}

/** Take the answer in. @return whether the group may go on. */
static bool take_answer(struct ordering *ordering, const struct reference *list, size_t n,
                        const char *reply, uint64_t *as_of)
{
    struct wn_topics_replayed *sum = ordering->sum;
    const uint64_t before = sum->records;
    if (strncmp(reply, "ok ", 3) == 0) {
        const uint64_t counts[] = { count_of(reply, " passed="), count_of(reply, " duplicates="),
                                    count_of(reply, " superseded="), count_of(reply, " filtered="),
                                    count_of(reply, " quarantined=") };
        uint64_t *const sums[] = { &sum->passed, &sum->duplicates, &sum->superseded, &sum->filtered,
                                   &sum->quarantined };
        for (size_t i = 0; i < WN_COUNT(counts); i++) {
            *sums[i] += counts[i];
            sum->records += counts[i];
        }
        take_gone(ordering, list, reply);
        *as_of = count_of(reply, " receipt=");
        if (sum->records > before) {
            note_own(ordering, list, *as_of);
        }
        return true;
    }
    if (strncmp(reply, "again", 5) == 0) {
        ordering->again = true;
        (void)snprintf(ordering->why, sizeof(ordering->why), "%.*s",
                       (int)strcspn(reply, "\n") < 290 ? (int)strcspn(reply, "\n") : 290, reply);
        return false;
    }
    sum->left += n;
    wn_buffer_format(ordering->notes, "%s[%" PRId32 "]: %zu records: %.*s\n", list->topic,
                     list->partition, n, (int)strcspn(reply, "\n"), reply);
    return false;
}

/** Have a group replayed. */
static enum wn_code order_group(struct ordering *ordering, const struct reference *list, size_t n,
                                struct wn_error *err)
{
    uint64_t as_of = 0;
    if (!find_receipts(ordering, list, &as_of)) {
        ordering->sum->left += n;
        wn_buffer_format(ordering->notes,
                         "%s[%" PRId32 "]: %zu records: not running here (winnow ctl status); "
                         "give the same command where it is\n",
                         list->topic, list->partition, n);
        return WN_OK;
    }
    const uint64_t own =
        newest_own(ordering, wn_slice_of(list->topic), list->partition, UINT64_MAX);
    as_of = own > as_of ? own : as_of; // What this replay did since the status is known.
    for (size_t at = 0; at < n;) {
        const size_t few = n - at < ORDER_RECORDS ? n - at : ORDER_RECORDS;
        struct wn_buffer line = { 0 };
        struct wn_buffer reply = { 0 };
        write_order(list + at, few, as_of, &line);
        enum wn_code rc = wn_control_ask(ordering->path, (const char *)line.at, &reply, err);
        wn_buffer_add(&reply, "", 1);
        const bool good =
            rc == WN_OK && take_answer(ordering, list + at, n - at, (const char *)reply.at, &as_of);
        wn_buffer_deinit(&line);
        wn_buffer_deinit(&reply);
        if (rc != WN_OK) {
            return wn_context(err, "the rest was not done; give the same command again");
        }
        if (!good) {
            return WN_OK;
        }
        at += few;
    }
    return WN_OK;
}

/** Order everything that the look found. */
static enum wn_code order_all(struct ordering *ordering, struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    if (ordering->n > 0) {
        qsort(ordering->list, ordering->n, sizeof(*ordering->list), by_order);
    }
    size_t kept = 0;
    for (size_t i = 0; i < ordering->n; i++) {
        const struct reference *at = &ordering->list[i];
        if (at->gone) {
            note_gone(ordering, at, at->offset, at->index);
        } else {
            ordering->list[kept++] = *at;
        }
    }
    ordering->n = kept;
    for (size_t i = 0; i < ordering->n && rc == WN_OK;) {
        size_t n = 1;
        while (i + n < ordering->n && is_same_group(&ordering->list[i], &ordering->list[i + n])) {
            n++;
        }
        rc = order_group(ordering, &ordering->list[i], n, err);
        i += n;
    }
    return rc;
}

/** Look once, and order. */
static enum wn_code look(struct ordering *ordering, const struct wn_settings *settings,
                         const uint8_t signer[32], struct wn_error *err)
{
    struct wn_topics_met met;
    ordering->n = 0;
    ordering->again = false;
    ordering->status.len = 0;
    ordering->notes->len = 0;
    ordering->sum->gone = 0;
    ordering->sum->left = 0;
    enum wn_code rc = wn_control_ask(ordering->path, "status", &ordering->status, err);
    wn_buffer_add(&ordering->status, "", 1);
    rc = rc == WN_OK ? wn_topics_each_envelope(settings, signer, take_envelope, ordering, &met, err)
                     : rc;
    return rc == WN_OK ? order_all(ordering, err) : rc;
}

enum wn_code wn_topics_replay(const struct wn_settings *settings, const uint8_t signer[32],
                              const struct wn_topics_replay *replay, struct wn_buffer *ret_notes,
                              struct wn_topics_replayed *ret_replayed, struct wn_error *err)
{
    struct ordering ordering = {
        .settings = settings, .what = replay, .sum = ret_replayed, .notes = ret_notes
    };
    *ret_replayed = (struct wn_topics_replayed){ 0 };
    if (!settings->state_dir || !wn_control_path(settings, ordering.path)) {
        return wn_fail(err, WN_FATAL, "config",
                       "%s: run: state: names no folder, so there is no control socket",
                       settings->file);
    }
    enum wn_code rc = WN_OK;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        const uint64_t before = ordering.sum->records;
        rc = look(&ordering, settings, signer, err);
        if (rc != WN_OK || !ordering.again) {
            break;
        }
        tries = ordering.sum->records > before ? 0 : tries;
        const struct timespec nap = { 0, NAP_MS * 1000000L };
        (void)nanosleep(&nap, NULL);
    }
    if (rc == WN_OK && ordering.again) {
        rc = wn_fail(err, WN_FATAL, "not-running", "the worker does not come to it: %s",
                     ordering.why);
    }
    wn_buffer_deinit(&ordering.status);
    free(ordering.list);
    free(ordering.own);
    return rc;
}
