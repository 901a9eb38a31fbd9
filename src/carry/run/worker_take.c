// SPDX-License-Identifier: Apache-2.0

/*
 * A message's way. Billing goes out as it comes; other purposes are held until the transaction ends
 * and go out in the order of a keyed hash, so that a place in one topic tells nothing of a place in
 * the other.
 *
 * Value: Avro single-object encoding (Avro 1.11): C3 01, the schema's fingerprint little-endian,
 * the record. With a schema registry, its wire format: 00, the schema's id big-endian, the record.
 */

#include <stdio.h>
#include <stdlib.h>

#include "step.h"
#include "winnow/hash.h"
#include "winnow/log.h"
#include "worker_impl.h"

static void write_front(uint64_t fingerprint, uint8_t ret_front[WN_FRONT])
{
    ret_front[0] = 0xc3;
    ret_front[1] = 0x01;
    for (unsigned i = 0; i < 8; i++) {
        ret_front[2 + i] = (uint8_t)(fingerprint >> 8 * i);
    }
}

/** @return how many octets stand before a record of a purpose. */
static size_t front_of(const struct wn_purpose *purpose, uint8_t ret_front[WN_FRONT])
{
    if (purpose->schema_id == 0) {
        write_front(purpose->fingerprint, ret_front);
        return WN_FRONT;
    }
    ret_front[0] = 0;
    for (unsigned i = 0; i < 4; i++) {
        ret_front[1 + i] = (uint8_t)(purpose->schema_id >> (24 - 8 * i));
    }
    return 1 + 4;
}

static void hold(struct wn_worker *worker, const struct wn_usage *usage, unsigned topic,
                 struct wn_slice front)
{
    if (worker->n_held == worker->held_room) {
        worker->held_room = worker->held_room ? 2 * worker->held_room : 1024;
        worker->held = realloc(worker->held, worker->held_room * sizeof(*worker->held));
        if (!worker->held) {
            abort();
        }
    }
    struct wn_held *held = &worker->held[worker->n_held++];
    *held = (struct wn_held){ .order = usage->order,
                              .inlet = worker->inlet,
                              .topic = topic,
                              .at = worker->held_bytes.len,
                              .len = usage->avro.len };
    memcpy(held->key, usage->subscriber, sizeof(held->key));
    memcpy(held->front, front.at, front.len);
    held->front_len = front.len;
    wn_buffer_add(&worker->held_bytes, usage->avro.at, usage->avro.len);
}

static enum wn_code on_usage(void *context, const struct wn_usage *usage, struct wn_error *err)
{
    struct wn_worker *worker = context;
    unsigned sum = wn_chain_sum(worker->plan.policy, usage->type, usage->purpose);
    uint8_t front[WN_FRONT];
    const struct wn_slice before = { (const char *)front, front_of(usage->purpose, front) };
    wn_chain_add(&worker->inlet->chain, sum, usage->avro);
    if (usage->purpose->number != 0) {
        hold(worker, usage, worker->topics[sum], before);
        return WN_OK;
    }
    const struct wn_put put = {
        .topic = worker->topics[sum],
        .partition = -1,
        .key = { (const char *)usage->subscriber, 16 },
        .front = before,
        .body = usage->avro,
        .delivery = &worker->inlet->usage,
    };
    return wn_producer_put(worker->producer, &put, err);
}

static enum wn_code on_quarantine(void *context, struct wn_slice avro, struct wn_error *err)
{
    struct wn_worker *worker = context;
    wn_step("in-seal");
    wn_chain_add(&worker->inlet->chain, WN_SUM_QUARANTINE, avro);
    const struct wn_put put = {
        .topic = worker->topics[WN_SUM_QUARANTINE],
        .partition = -1,
        .front = { (const char *)worker->quarantine_front, WN_FRONT },
        .body = avro,
        .delivery = &worker->inlet->usage,
    };
    return wn_producer_put(worker->producer, &put, err);
}

void wn_worker_sink(struct wn_worker *worker)
{
    worker->sink = (struct wn_sink){ worker, on_usage, on_quarantine };
    write_front(wn_schema_fingerprint(wn_quarantine_schema()), worker->quarantine_front);
}

static bool is_of(const struct wn_inlet *inlet, const char *topic, int32_t partition)
{
    return inlet->partition == partition && strcmp(inlet->facts->names.topic, topic) == 0;
}

struct wn_inlet *wn_worker_inlet(const struct wn_worker *worker, const char *topic,
                                 int32_t partition)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        if (is_of(worker->inlets[i], topic, partition)) {
            return worker->inlets[i];
        }
    }
    return NULL;
}

enum wn_code wn_worker_touch(struct wn_worker *worker, struct wn_inlet *inlet, struct wn_error *err)
{
    if (wn_producer_state(worker->producer) == WN_TXN_IDLE) {
        enum wn_code rc = wn_producer_is_doubtful(worker->producer)
                              ? wn_worker_renew_producer(worker, err)
                              : WN_OK;
        rc = rc == WN_OK ? wn_producer_begin(worker->producer, err) : rc;
        if (rc != WN_OK) {
            return rc;
        }
        const struct wn_limits clock = { .now_ms = wn_worker_now_ms() };
        wn_lists_hold(worker->options->lists, &clock, &worker->lists);
        worker->began_ms = wn_worker_clock_ms();
        worker->begun_ms = worker->began_ms;
        wn_consent_file_hold(worker->options->consent, worker->began_ms, &worker->consent);
        worker->records = 0;
        worker->bytes = 0;
    }
    if (!inlet->touched) {
        inlet->touched = true;
        inlet->began_at = inlet->next;
        inlet->first_record.offset = -1;
        inlet->log = (struct wn_delivery){ .offset = 0 };
        wn_chain_begin(&inlet->chain);
    }
    return WN_OK;
}

/** The guard tripped: the transaction is given up, and the partition is not read until it may. */
static enum wn_code take_poison(struct wn_worker *worker, struct wn_inlet *inlet,
                                const struct wn_error *err)
{
    inlet->tripped = inlet->poison.tripped;
    wn_worker_pause(worker, inlet, err, false);
    return WN_ABORT;
}

enum wn_code wn_worker_pass(struct wn_worker *worker, struct wn_inlet *inlet,
                            const struct wn_passage *passage, struct wn_error *err)
{
    const struct wn_message *message = passage->message;
    const struct wn_input_work *input = (const struct wn_input_work *)inlet->facts;
    const struct wn_lane lane = {
        .state = inlet->state,
        .tally = inlet->tally,
        .limits = passage->limits,
        .poison = passage->poison,
        .consent = &worker->consent,
        .lists = &worker->lists,
        .receipt = inlet->chain.staged.closed + 1,
    };
    struct wn_intake intake = { .rest = message->value,
                                .origin = { .input = wn_slice_of(inlet->facts->names.topic),
                                            .partition = inlet->partition,
                                            .offset = message->offset },
                                .begin = true,
                                .end = true,
                                .packed = true,
                                .only = passage->only,
                                .n_only = passage->n_only };
    worker->inlet = inlet;
    enum wn_code rc = wn_pipeline_bytes(input->pipeline, &lane, &intake, err);
    worker->inlet = NULL;
    return rc;
}

static enum wn_code take_record(struct wn_worker *worker, struct wn_inlet *inlet,
                                const struct wn_message *message, const struct wn_limits *limits,
                                struct wn_error *err)
{
    const struct wn_passage passage = { message, limits, &inlet->poison, NULL, 0 };
    uint64_t before = inlet->tally->in;
    enum wn_code rc = wn_worker_pass(worker, inlet, &passage, err);
    if (rc != WN_OK) {
        (void)wn_context(err, "%s@%lld", inlet->name, (long long)message->offset);
        return strcmp(err->reason, "poison") == 0 ? take_poison(worker, inlet, err) : rc;
    }
    inlet->last_record = (struct wn_last){ message->offset, message->timestamp_ms,
                                           wn_crc32c(0, message->value.at, message->value.len) };
    if (inlet->first_record.offset < 0) {
        inlet->first_record = inlet->last_record;
    }
    inlet->next = message->offset + 1;
    worker->records += (int64_t)(inlet->tally->in - before);
    worker->bytes += (int64_t)message->value.len;
    return WN_OK;
}

/** The partition can't be read. */
static enum wn_code take_fault(struct wn_worker *worker, struct wn_inlet *inlet,
                               const struct wn_message *message, struct wn_error *err)
{
    if (!message->reason) {
        wn_log(WN_LOG_WARNING, "read-failed", "partition=%s text=\"%s\"", inlet->name,
               message->text);
        return WN_OK;
    }
    // What is in the transaction of it was read before; it is finished or undone as a whole.
    (void)wn_fail(err, WN_ABORT, message->reason, "%s: %s", inlet->name, message->text);
    wn_worker_pause(worker, inlet, err, strcmp(message->reason, "input-trimmed") == 0);
    return WN_ABORT;
}

static enum wn_code take_one(struct wn_worker *worker, const struct wn_message *message,
                             const struct wn_limits *limits, struct wn_error *err)
{
    if (!worker->hint || !is_of(worker->hint, message->topic, message->partition)) {
        worker->hint = wn_worker_inlet(worker, message->topic, message->partition);
    }
    struct wn_inlet *inlet = worker->hint;
    if (!inlet || !inlet->owned || inlet->phase != WN_PHASE_RUNNING) {
        if (!inlet && message->kind == WN_MESSAGE_FAULT) {
            wn_log(WN_LOG_WARNING, "read-failed", "text=\"%s\"", message->text);
        }
        return WN_OK;
    }
    if (message->kind == WN_MESSAGE_FAULT) {
        return take_fault(worker, inlet, message, err);
    }
    if (message->offset < inlet->next || inlet->due.due) {
        return WN_OK; // Of a fetch before the last assignment.
    }
    if (message->kind == WN_MESSAGE_END && message->offset == inlet->next) {
        return WN_OK;
    }
    enum wn_code rc = wn_worker_touch(worker, inlet, err);
    if (rc != WN_OK) {
        return rc;
    }
    if (message->kind == WN_MESSAGE_END) {
        inlet->next = message->offset; // Markers of the input's own transactions lie before it.
        return WN_OK;
    }
    return take_record(worker, inlet, message, limits, err);
}

static bool is_full(const struct wn_worker *worker)
{
    return worker->records >= worker->settings->commit_records || worker->bytes >= WN_TXN_BYTES;
}

enum wn_code wn_worker_take(struct wn_worker *worker, const struct wn_message *messages, size_t n,
                            struct wn_error *err)
{
    struct wn_limits limits = worker->settings->limits;
    limits.now_ms = wn_worker_now_ms();
    unsigned assignment = worker->assignment;
    for (size_t i = 0; i < n; i++) {
        enum wn_code rc = take_one(worker, &messages[i], &limits, err);
        if (rc == WN_OK && is_full(worker)) {
            rc = wn_worker_finish(worker, false, err);
            worker->records = 0;
            worker->bytes = 0;
        }
        if (rc != WN_OK) {
            return rc;
        }
        if (worker->reassign || worker->assignment != assignment) {
            return WN_OK; // The transaction was undone: the rest comes again.
        }
    }
    wn_producer_serve(worker->producer);
    return WN_OK;
}
