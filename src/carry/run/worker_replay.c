// SPDX-License-Identifier: Apache-2.0

/*
 * Replay: records that were refused are read again from the raw topic, by their places, under the
 * source as it is now. One order is one transaction of its own:
 *
 *     finish     what is open is committed first
 *     close      the open receipt: what it accounts for is not the replay's
 *     read       each message once; of its records only those that are named take their way
 *     commit     outputs, quarantine, the receipt of the replay, state, the same offset as before
 *
 * Nothing twice: who orders says which receipts it had seen (`as of`). Where the partition's chain
 * has had a replay since, the order is refused, and whoever gave it looks again. After a restore
 * nobody knows which of the chain's receipts were replays, so all count.
 *
 * The order, fields split by tabs:
 *
 *     replay  TOPIC:PARTITION  AS-OF  REASON  REFERS  OFFSET.INDEX,OFFSET.INDEX,…
 *
 * The places ascend. The answer's first word is `ok` (with counts), `again` (nothing was done; the
 * same may work later) or `no`.
 */

#include <stdio.h>
#include <stdlib.h>

#include "step.h"
#include "winnow/log.h"
#include "winnow/memory.h"
#include "worker_impl.h"

enum {
    READ_MS = 8000, ///< All messages of an order; well under transaction.timeout.ms.
    LEAP = 1000,    ///< Messages that are rather read than leapt over.
};

/** An order at work. */
struct order {
    struct wn_worker *worker;
    struct wn_inlet *inlet;
    uint64_t as_of;
    const char *reason, *refers;
    struct wn_receipt_input *records; ///< What was found is moved to the front.
    unsigned n, n_found;
    int32_t *indexes; ///< Of the message at hand.
    int64_t at;       ///< Offset that comes next from the reader; -1: it stands.
    int64_t until_ms;
    struct wn_buffer gone; ///< Places that are no longer there.
};

// ---- Reading the order --------------------------------------------------------------------------

/** Take a number off the front. */
static bool take_number(const char **text, int64_t most, int64_t *ret_number)
{
    int64_t number = 0;
    const char *at = *text;
    while (*at >= '0' && *at <= '9' && number <= most / 10) {
        number = number * 10 + (*at++ - '0');
    }
    const bool good = at > *text && !(*at >= '0' && *at <= '9') && number <= most;
    *text = at;
    *ret_number = number;
    return good;
}

/** @return whether a place lies behind the one before it. */
static bool ascends(const struct order *order, int64_t offset, int64_t index)
{
    const struct wn_receipt_input *last = order->n > 0 ? &order->records[order->n - 1] : NULL;
    return !last || offset > last->first_offset ||
           (offset == last->first_offset && index > last->index);
}

static bool read_places(struct order *order, const char *text)
{
    size_t most = 1;
    for (const char *at = text; *at; at++) {
        most += *at == ',';
    }
    order->records = wn_take(most, sizeof(*order->records));
    order->indexes = wn_take(most, sizeof(*order->indexes));
    for (;;) {
        int64_t offset = 0;
        int64_t index = 0;
        if (!take_number(&text, INT64_MAX / 2, &offset) || *text++ != '.' ||
            !take_number(&text, INT32_MAX, &index) || !ascends(order, offset, index)) {
            return false;
        }
        order->records[order->n++] =
            (struct wn_receipt_input){ .topic = order->inlet->facts->names.topic,
                                       .partition = order->inlet->partition,
                                       .first_offset = offset,
                                       .last_offset = offset,
                                       .is_one = true,
                                       .index = (int32_t)index,
                                       .records = 1 };
        if (*text == '\0') {
            return true;
        }
        if (*text++ != ',') {
            return false;
        }
    }
}

static struct wn_inlet *find_target(const struct wn_worker *worker, const char *target)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        char name[300];
        const struct wn_inlet *inlet = worker->inlets[i];
        (void)snprintf(name, sizeof(name), "%s:%d", inlet->facts->names.topic,
                       (int)inlet->partition);
        if (strcmp(name, target) == 0) {
            return worker->inlets[i];
        }
    }
    return NULL;
}

/** Split the line. @return false where it is none, which was said. */
static bool read_order(struct order *order, char *line, struct wn_buffer *ret_reply)
{
    char *fields[6] = { NULL };
    for (size_t i = 0; i < WN_COUNT(fields); i++) {
        fields[i] = strsep(&line, "\t");
        if (!fields[i]) {
            wn_buffer_text(ret_reply, "no: an order of six fields is expected\n");
            return false;
        }
    }
    int64_t as_of = 0;
    const char *number = fields[2];
    order->inlet = find_target(order->worker, fields[1]);
    order->reason = fields[3];
    order->refers = fields[4];
    if (!order->inlet || !order->inlet->owned) {
        wn_buffer_format(ret_reply,
                         "no: %.260s is not read by this worker; give the order where "
                         "it is\n",
                         fields[1]);
        return false;
    }
    if (!take_number(&number, INT64_MAX / 2, &as_of) || *number != '\0' ||
        wn_reason_find(wn_slice_of(order->reason)) == WN_REASON_NONE ||
        strlen(order->refers) > 60 || !read_places(order, fields[5])) {
        wn_buffer_text(ret_reply, "no: this is no order of a replay\n");
        return false;
    }
    order->as_of = (uint64_t)as_of;
    return true;
}

// ---- Reading again ------------------------------------------------------------------------------

/** Find the message at an offset. @return WN_OK, WN_REJECT: it is gone, or WN_ABORT. */
static enum wn_code fetch(struct order *order, int64_t offset, struct wn_message *ret_message,
                          struct wn_error *err)
{
    struct wn_reader *reader = order->worker->checker;
    const struct wn_place place = { order->inlet->facts->names.topic, order->inlet->partition,
                                    offset };
    if (order->at < 0 || offset < order->at || offset - order->at > LEAP) {
        order->at = -1;
        if (wn_reader_start(reader, &place, err) != WN_OK) {
            err->code = WN_ABORT;
            return WN_ABORT;
        }
    }
    while (wn_worker_clock_ms() < order->until_ms) {
        wn_reader_next(reader, 100, ret_message);
        if (ret_message->kind == WN_MESSAGE_RECORD && ret_message->offset == offset) {
            order->at = offset + 1;
            return WN_OK;
        }
        const bool behind = ret_message->kind == WN_MESSAGE_RECORD && ret_message->offset > offset;
        const bool out = ret_message->kind == WN_MESSAGE_FAULT && ret_message->reason;
        if (behind || out || ret_message->kind == WN_MESSAGE_END) {
            order->at = -1;
            return wn_fail(err, WN_REJECT, "input-trimmed", "the message is gone");
        }
    }
    return wn_fail(err, WN_ABORT, "broker-away",
                   "%s@%lld: the brokers did not give the record in %d s", order->inlet->name,
                   (long long)offset, READ_MS / 1000);
}

static enum wn_code take_again(struct order *order, const struct wn_message *message, size_t n,
                               struct wn_error *err)
{
    struct wn_worker *worker = order->worker;
    struct wn_inlet *inlet = order->inlet;
    struct wn_limits limits = worker->settings->limits;
    limits.now_ms = wn_worker_now_ms();
    const struct wn_passage passage = { message, &limits, NULL, order->indexes, n };
    const uint64_t before = inlet->tally->in;
    enum wn_code rc = wn_worker_pass(worker, inlet, &passage, err);
    if (rc == WN_OK && inlet->tally->in - before != n) {
        return wn_fail(err, WN_REJECT, "config",
                       "%s@%lld: the source as it is now finds other records in the message than "
                       "it did; put its format back",
                       inlet->name, (long long)message->offset);
    }
    return rc;
}

/** Take all that is named; what is gone is noted. WN_REJECT: the order can't be done at all. */
static enum wn_code take_all(struct order *order, struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    order->at = -1;
    order->until_ms = wn_worker_clock_ms() + READ_MS;
    for (unsigned i = 0; i < order->n && rc == WN_OK;) {
        const int64_t offset = order->records[i].first_offset;
        unsigned n = 0;
        while (i + n < order->n && order->records[i + n].first_offset == offset) {
            order->indexes[n] = order->records[i + n].index;
            n++;
        }
        struct wn_message message = { .kind = WN_MESSAGE_NONE };
        rc = fetch(order, offset, &message, err);
        const bool there = rc == WN_OK;
        rc = there ? take_again(order, &message, n, err) : rc == WN_REJECT ? WN_OK : rc;
        for (unsigned j = 0; j < n && rc == WN_OK; j++) {
            if (there) {
                order->records[order->n_found++] = order->records[i + j];
            } else {
                wn_buffer_format(&order->gone, "%s%lld.%d", order->gone.len > 0 ? "," : "",
                                 (long long)offset, order->indexes[j]);
            }
        }
        i += n;
    }
    wn_reader_stop(order->worker->checker);
    return rc;
}

// ---- The transaction ----------------------------------------------------------------------------

static uint64_t sum(const uint64_t counts[WN_REASONS])
{
    uint64_t n = 0;
    for (unsigned i = 0; i < WN_REASONS; i++) {
        n += counts[i];
    }
    return n;
}

static void say_counts(const struct order *order, const struct wn_tally *tally, uint64_t receipt,
                       struct wn_buffer *ret_reply)
{
    wn_buffer_format(ret_reply,
                     "ok receipt=%llu passed=%llu duplicates=%llu superseded=%llu filtered=%llu "
                     "quarantined=%llu gone=%.*s\n",
                     (unsigned long long)receipt, (unsigned long long)tally->passed,
                     (unsigned long long)tally->duplicates, (unsigned long long)tally->superseded,
                     (unsigned long long)sum(tally->filtered),
                     (unsigned long long)sum(tally->quarantined), (int)order->gone.len,
                     order->gone.len > 0 ? (const char *)order->gone.at : "");
}

/** Begin, and read everything. */
static enum wn_code begin(struct order *order, struct wn_error *err)
{
    struct wn_worker *worker = order->worker;
    struct wn_inlet *inlet = order->inlet;
    enum wn_code rc = wn_worker_touch(worker, inlet, err);
    rc = rc == WN_OK ? wn_worker_close_receipt(worker, inlet, err) : rc;
    rc = rc == WN_OK ? take_all(order, err) : rc;
    inlet->replay =
        (struct wn_chain_replay){ order->reason, order->refers, order->records, order->n_found };
    return rc;
}

/** Do the order. @return WN_FATAL: the producer is at its end; else what there was to say is said.
 */
static enum wn_code execute(struct order *order, struct wn_buffer *ret_reply, struct wn_error *err)
{
    struct wn_worker *worker = order->worker;
    struct wn_inlet *inlet = order->inlet;
    enum wn_code rc = begin(order, err);
    if (rc == WN_FATAL) {
        return rc;
    }
    if (rc == WN_REJECT || (rc == WN_OK && order->n_found == 0)) {
        if (rc == WN_REJECT) {
            wn_buffer_format(ret_reply, "no: %s\n", err->text);
        } else { // Nothing is there any more: no receipt either.
            say_counts(order, inlet->tally, inlet->last_replay, ret_reply);
            (void)wn_fail(err, WN_ABORT, "input-trimmed", "%s: nothing to replay", inlet->name);
        }
        return wn_worker_undo(worker, err);
    }
    if (rc != WN_OK) {
        wn_buffer_format(ret_reply, "again: %s\n", err->text);
        return wn_worker_undo(worker, err);
    }
    const uint64_t number = inlet->chain.staged.closed + 1;
    struct wn_buffer counts = { 0 };
    say_counts(order, inlet->tally, number, &counts);
    wn_step("replay-taken");
    rc = wn_worker_finish(worker, false, err);
    if (rc == WN_OK && inlet->chain.now.closed >= number && !inlet->touched) {
        inlet->last_replay = number;
        wn_buffer_add(ret_reply, counts.at, counts.len);
        wn_log(WN_LOG_INFO, "replayed", "partition=%s receipt=%llu records=%u", inlet->name,
               (unsigned long long)number, order->n_found);
    } else if (rc == WN_OK) {
        wn_buffer_text(ret_reply, "again: the transaction was aborted; see the log\n");
    }
    wn_buffer_deinit(&counts);
    return rc;
}

/** @return whether the order may be done now; else that was said. */
static bool may_begin(const struct order *order, struct wn_buffer *ret_reply)
{
    const struct wn_worker *worker = order->worker;
    const struct wn_inlet *inlet = order->inlet;
    if (inlet->phase == WN_PHASE_PAUSED) {
        wn_buffer_format(ret_reply, "no: %s is paused; see: winnow ctl status\n", inlet->name);
    } else if (inlet->phase != WN_PHASE_RUNNING || inlet->due.due || worker->reassign ||
               wn_consumer_change(worker->consumer) != WN_CHANGE_NONE ||
               wn_producer_state(worker->producer) != WN_TXN_IDLE) {
        wn_buffer_format(ret_reply, "again: %s is not at rest\n", inlet->name);
    } else if (order->as_of < inlet->last_replay) {
        wn_buffer_format(ret_reply, "again: %s had a replay since\n", inlet->name);
    } else {
        return true;
    }
    return false;
}

enum wn_code wn_worker_replay(struct wn_worker *worker, const char *line,
                              struct wn_buffer *ret_reply, struct wn_error *err)
{
    struct order order = { .worker = worker };
    char *text = strdup(line);
    if (!text) {
        abort();
    }
    enum wn_code rc = WN_OK;
    if (read_order(&order, text, ret_reply)) {
        rc = wn_consumer_change(worker->consumer) == WN_CHANGE_NONE
                 ? wn_worker_finish(worker, false, err)
                 : WN_OK;
        rc = rc == WN_OK && may_begin(&order, ret_reply) ? execute(&order, ret_reply, err) : rc;
        if (order.inlet) {
            order.inlet->replay = (struct wn_chain_replay){ .n = 0 };
        }
    }
    wn_buffer_deinit(&order.gone);
    free(order.records);
    free(order.indexes);
    free(text);
    return rc;
}
