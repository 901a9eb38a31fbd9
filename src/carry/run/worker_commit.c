// SPDX-License-Identifier: Apache-2.0

/*
 * The transaction: "finish or abort, then".
 *
 *     held records of other purposes, shuffled
 *     is the input still what it was? else a break
 *     of each partition: receipts that are due, then changes, then the head, which is last
 *     offsets
 *     commit
 *     merge: staged entries, staged receipts and the staged head count from now on
 *
 * Nothing of a partition's memory changes before the commit said ok; an abort forgets, rewinds, and
 * the same records come again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "declared_log.h"
#include "step.h"
#include "winnow/log.h"
#include "worker_impl.h"

enum {
    MESSAGE_MOST = 512 * 1024, ///< A message of changes.
    CHECK_MS = 3000,
    HOUR_MS = 3600 * 1000,
    DAY_MS = 24 * HOUR_MS,
    HEAD_MS = 20 * HOUR_MS, ///< A head at least daily.
};

static int by_order(const void *a, const void *b)
{
    const struct wn_held *one = a;
    const struct wn_held *two = b;
    return one->order < two->order ? -1 : one->order > two->order;
}

static enum wn_code put_held(struct wn_worker *worker, struct wn_error *err)
{
    if (worker->n_held > 0) {
        qsort(worker->held, worker->n_held, sizeof(*worker->held), by_order);
    }
    int64_t now = wn_worker_now_ms();
    for (size_t i = 0; i < worker->n_held; i++) {
        const struct wn_held *held = &worker->held[i];
        const struct wn_put put = {
            .topic = held->topic,
            .partition = -1,
            .key = { (const char *)held->key, sizeof(held->key) },
            .front = { (const char *)held->front, held->front_len },
            .body = { (const char *)worker->held_bytes.at + held->at, held->len },
            .timestamp_ms = now - now % HOUR_MS,
            .delivery = &held->inlet->usage,
        };
        enum wn_code rc = wn_producer_put(worker->producer, &put, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    worker->n_held = 0;
    wn_buffer_wipe(&worker->held_bytes);
    return WN_OK;
}

// ---- Is the input what it was? ----------------------------------------------------------------

static struct wn_witness check_of(const struct wn_inlet *inlet, const struct wn_last *last)
{
    return (
        struct wn_witness){ .place = { inlet->facts->names.topic, inlet->partition, last->offset },
                            .timestamp_ms = last->timestamp_ms,
                            .crc = last->crc };
}

/** A record is not there any more: trimmed since, which is no fault, or the topic is another one.
 */
static enum wn_code judge_gone(struct wn_worker *worker, struct wn_inlet *inlet,
                               const struct wn_witness *check, struct wn_error *err)
{
    int64_t low = 0;
    int64_t high = 0;
    if (check->result == WN_CHECK_GONE) {
        enum wn_code rc = wn_reader_ends(worker->checker, check->place.topic,
                                         check->place.partition, &low, &high, err);
        if (rc != WN_OK) {
            err->code = WN_ABORT;
            return WN_ABORT;
        }
        if (check->place.offset < low && inlet->next <= high) {
            return WN_OK;
        }
    }
    (void)wn_fail(
        err, WN_ABORT, "input-recreated",
        "%s: the record at offset %lld is not what it was; was the topic deleted and made "
        "anew? Then: winnow ctl accept-break REASON",
        inlet->name, (long long)check->place.offset);
    wn_worker_pause(worker, inlet, err, true);
    return WN_ABORT;
}

static enum wn_code check_input(struct wn_worker *worker, struct wn_error *err)
{
    struct wn_witness *checks = calloc(2 * worker->n_inlets + 1, sizeof(*checks));
    if (!checks) {
        abort();
    }
    size_t n = 0;
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        if (!inlet->touched || inlet->first_record.offset < 0) {
            continue;
        }
        if (inlet->has_head && inlet->head.last.offset >= 0) {
            checks[n++] = check_of(inlet, &inlet->head.last);
        }
        checks[n++] = check_of(inlet, &inlet->first_record);
    }
    enum wn_code rc = n > 0 ? wn_reader_check(worker->checker, checks, n, CHECK_MS, err) : WN_OK;
    if (rc != WN_OK) {
        err->code = WN_ABORT;
        rc = WN_ABORT;
    }
    for (size_t i = 0; i < n && rc == WN_OK; i++) {
        if (checks[i].result != WN_CHECK_SAME) {
            struct wn_inlet *inlet =
                wn_worker_inlet(worker, checks[i].place.topic, checks[i].place.partition);
            rc = judge_gone(worker, inlet, &checks[i], err);
        }
    }
    free(checks);
    return rc;
}

// ---- What a partition adds ---------------------------------------------------------------------

static enum wn_code put_receipt(struct wn_worker *worker, struct wn_inlet *inlet,
                                struct wn_slice bytes, struct wn_error *err)
{
    char key[300];
    (void)snprintf(key, sizeof(key), "%s:%d", inlet->facts->names.topic, (int)inlet->partition);
    const struct wn_put put = {
        .topic = inlet->facts->topic_receipts,
        .partition = inlet->partition % inlet->facts->receipt_partitions,
        .key = wn_slice_of(key),
        .body = bytes,
        .delivery = &inlet->usage,
    };
    return wn_producer_put(worker->producer, &put, err);
}

static enum wn_code close_receipt(struct wn_worker *worker, struct wn_inlet *inlet,
                                  const struct wn_due *due, struct wn_error *err)
{
    struct wn_buffer bytes = { 0 };
    if (due) {
        wn_chain_event(&inlet->chain, due, &bytes);
    } else {
        wn_chain_close(&inlet->chain, &bytes);
    }
    enum wn_code rc = put_receipt(worker, inlet, wn_buffer_slice(&bytes), err);
    wn_buffer_deinit(&bytes);
    return rc;
}

/** @return whether a receipt would tell something. */
static bool tells(const struct wn_tally *tally)
{
    return tally->in > 0 || wn_tally_differences(tally) > 0;
}

static bool is_due(const struct wn_worker *worker, const struct wn_inlet *inlet, bool close_all)
{
    const struct wn_chain *chain = &inlet->chain;
    if (!chain->staged.open || !tells(chain->staged.tally)) {
        return false; // No empty receipts.
    }
    bool old = chain->now.open && tells(chain->now.tally) &&
               wn_worker_clock_ms() - chain->opened_ms >= worker->settings->receipt_ms;
    // Where more gaps came than it will hold, it is closed before they are too many.
    bool full = chain->staged.tally->nodes->n_gaps >= WN_SEQUENCE_GAPS / 2;
    return close_all || inlet->close_at_once || old || full ||
           chain->staged.tally->in >= (uint64_t)worker->settings->receipt_records;
}

enum wn_code wn_worker_close_receipt(struct wn_worker *worker, struct wn_inlet *inlet,
                                     struct wn_error *err)
{
    const struct wn_account *staged = &inlet->chain.staged;
    return staged->open && tells(staged->tally) ? close_receipt(worker, inlet, NULL, err) : WN_OK;
}

/** The receipt of a replay, which is a transaction of its own. */
static enum wn_code write_replay(struct wn_worker *worker, struct wn_inlet *inlet,
                                 struct wn_error *err)
{
    struct wn_buffer bytes = { 0 };
    enum wn_code rc = wn_tally_balanced(inlet->tally, worker->plan.policy->n_purposes, err);
    if (rc == WN_OK) {
        wn_chain_replayed(&inlet->chain, &inlet->replay, inlet->tally, &bytes);
        rc = put_receipt(worker, inlet, wn_buffer_slice(&bytes), err);
    }
    wn_buffer_deinit(&bytes);
    return rc;
}

static enum wn_code write_receipts(struct wn_worker *worker, struct wn_inlet *inlet, bool close_all,
                                   struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    if (inlet->replay.n > 0) {
        return write_replay(worker, inlet, err);
    }
    if (inlet->due.due) {
        if (tells(inlet->chain.staged.tally)) {
            rc = close_receipt(worker, inlet, NULL, err);
        }
        return rc == WN_OK ? close_receipt(worker, inlet, &inlet->due, err) : rc;
    }
    rc = wn_tally_balanced(inlet->tally, worker->plan.policy->n_purposes, err);
    if (rc != WN_OK) {
        return wn_context(err, "%s", inlet->name);
    }
    if (inlet->next > inlet->began_at) {
        wn_chain_stage(&inlet->chain, inlet->tally, inlet->began_at, inlet->next);
    }
    return is_due(worker, inlet, close_all) ? close_receipt(worker, inlet, NULL, err) : WN_OK;
}

/** A message on its way to the state log. */
struct log_writer {
    struct wn_worker *worker;
    struct wn_inlet *inlet;
    struct wn_mark mark;
};

static enum wn_code put_log(struct log_writer *writer, struct wn_slice body, struct wn_error *err)
{
    struct wn_buffer mark = { 0 };
    wn_mark_write(&writer->mark, &mark);
    writer->mark.part++;
    const struct wn_put put = {
        .topic = writer->inlet->facts->topic_state,
        .partition = writer->inlet->partition,
        .front = wn_buffer_slice(&mark),
        .body = body,
        .delivery = &writer->inlet->log,
    };
    enum wn_code rc = wn_producer_put(writer->worker->producer, &put, err);
    wn_buffer_deinit(&mark);
    return rc;
}

static enum wn_code put_changes(void *context, struct wn_slice bytes, struct wn_error *err)
{
    return put_log(context, bytes, err);
}

static void stage_head(struct wn_inlet *inlet)
{
    struct wn_head *head = &inlet->staged_head;
    const struct wn_account *account = &inlet->chain.staged;
    int32_t today = (int32_t)(wn_worker_now_ms() / DAY_MS);
    *head = inlet->head;
    head->sequence++;
    head->next_offset = inlet->next;
    if (inlet->first_record.offset >= 0) {
        head->last = inlet->last_record;
    }
    head->closed = (int64_t)account->closed;
    (void)snprintf(head->previous, sizeof(head->previous), "%s", account->previous);
    if (wn_state_has_changes(inlet->state)) {
        wn_head_note(head, today, inlet->facts->keep_days, inlet->log_end, head->sequence);
    } else {
        wn_head_forget(head, today, inlet->facts->keep_days);
    }
}

/** Changes first, the head last. */
static enum wn_code write_log(struct wn_worker *worker, struct wn_inlet *inlet,
                              struct wn_error *err)
{
    wn_state_stage_numbers(inlet->state, inlet->tally->nodes);
    stage_head(inlet);
    struct log_writer writer = { worker,
                                 inlet,
                                 { WN_LOG_CHANGES, inlet->staged_head.sequence, 0 } };
    enum wn_code rc = WN_OK;
    if (wn_state_has_changes(inlet->state)) {
        rc = wn_state_each_message(inlet->state, MESSAGE_MOST - WN_MARK_BYTES, put_changes, &writer,
                                   err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_buffer open = { 0 };
    struct wn_buffer body = { 0 };
    wn_chain_write_open(&inlet->chain, &open);
    wn_head_write(&inlet->staged_head, wn_buffer_slice(&open), &body);
    writer.mark.kind = WN_LOG_HEAD;
    rc = put_log(&writer, wn_buffer_slice(&body), err);
    wn_buffer_deinit(&body);
    wn_buffer_deinit(&open);
    return rc;
}

static enum wn_code write_all(struct wn_worker *worker, bool close_all, struct wn_error *err)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        if (!inlet->touched) {
            continue;
        }
        enum wn_code rc = write_receipts(worker, inlet, close_all, err);
        rc = rc == WN_OK ? write_log(worker, inlet, err) : rc;
        if (rc != WN_OK) {
            return rc;
        }
    }
    return WN_OK;
}

static enum wn_code send_offsets(struct wn_worker *worker, struct wn_error *err)
{
    struct wn_place *places = calloc(worker->n_inlets + 1, sizeof(*places));
    if (!places) {
        abort();
    }
    size_t n = 0;
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        if (inlet->touched) {
            places[n++] =
                (struct wn_place){ inlet->facts->names.topic, inlet->partition, inlet->next };
        }
    }
    enum wn_code rc = wn_producer_offsets(worker->producer, worker->consumer, places, n, err);
    free(places);
    return rc;
}

// ---- The end of a transaction -------------------------------------------------------------------

/** Once a receipt: say what nodes have not given. */
static void tell_gaps(struct wn_inlet *inlet)
{
    const struct wn_sequence_totals now = wn_sequences_totals(wn_state_numbers(inlet->state));
    if (inlet->chain.staged.closed > inlet->chain.now.closed) {
        wn_gaps_log("partition", inlet->name, &inlet->told, &now);
        inlet->told = now;
    }
}

static void merge(struct wn_worker *worker, struct wn_inlet *inlet)
{
    wn_state_commit(inlet->state);
    inlet->head = inlet->staged_head;
    inlet->has_head = true;
    inlet->head_ms = wn_worker_now_ms();
    inlet->position = (struct wn_state_position){ -1, -1 };
    if (inlet->log.offset > 0) {
        inlet->position.offset = inlet->log.offset - 1;
        inlet->position.sequence = inlet->head.sequence;
        inlet->log_end = inlet->log.offset;
    }
    if (inlet->due.due) {
        inlet->due.due = false;
        inlet->close_at_once = false;
        worker->reassign = true; // It was not read from before its break was receipted.
    } else if (inlet->chain.staged.closed > inlet->chain.now.closed) {
        inlet->close_at_once = false;
    }
    if (!inlet->chain.now.open || wn_tally_differences(inlet->chain.now.tally) == 0) {
        wn_declared_log("partition", inlet->name,
                        inlet->tally); // Once a receipt, which has it all.
    }
    tell_gaps(inlet);
    wn_worker_count(worker, inlet, inlet->chain.staged.closed - inlet->chain.now.closed);
    wn_chain_commit(&inlet->chain, wn_worker_clock_ms());
    wn_tally_clear(inlet->tally);
    inlet->touched = false;
    inlet->poison_kept = inlet->poison;
    inlet->first_record.offset = -1;
    inlet->refusals = 0;
    inlet->usage.refused = false;
    inlet->log.refused = false;
}

static enum wn_code try_commit(struct wn_worker *worker, bool close_all, struct wn_error *err)
{
    enum wn_code rc = put_held(worker, err);
    wn_step("after-produce");
    rc = rc == WN_OK ? check_input(worker, err) : rc;
    rc = rc == WN_OK ? write_all(worker, close_all, err) : rc;
    if (rc == WN_OK) {
        wn_step("after-state");
        rc = send_offsets(worker, err);
    }
    if (rc == WN_OK) {
        wn_step("after-offsets");
        rc = wn_producer_commit(worker->producer, err);
    }
    return rc;
}

enum wn_code wn_worker_finish(struct wn_worker *worker, bool close_all, struct wn_error *err)
{
    enum wn_txn_state state = wn_producer_state(worker->producer);
    if (state == WN_TXN_IDLE || state == WN_TXN_UNDONE) {
        return WN_OK;
    }
    if (state == WN_TXN_DEAD) {
        return wn_fail(err, WN_FATAL, "broker-away", "the producer came to its end before");
    }
    enum wn_code rc = try_commit(worker, close_all, err);
    if (rc == WN_ABORT) {
        return wn_worker_undo(worker, err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    wn_step("before-merge");
    wn_producer_serve(worker->producer);
    for (size_t i = 0; i < worker->n_inlets; i++) {
        if (worker->inlets[i]->touched) {
            merge(worker, worker->inlets[i]);
        }
    }
    worker->renewed = 0;
    worker->aborts = 0;
    worker->seen.commits++;
    worker->seen.committed_ms = wn_worker_clock_ms();
    return WN_OK;
}

void wn_worker_forget(struct wn_worker *worker)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        wn_inlet_undo(worker->inlets[i]);
    }
    worker->n_held = 0;
    wn_buffer_wipe(&worker->held_bytes);
    worker->records = 0;
    worker->bytes = 0;
}

void wn_worker_pause(struct wn_worker *worker, struct wn_inlet *inlet, const struct wn_error *why,
                     bool is_break)
{
    inlet->phase = WN_PHASE_PAUSED;
    inlet->is_break = is_break;
    inlet->why = *why;
    worker->reassign = true;
    wn_log(WN_LOG_ERROR, "paused", "partition=%s reason=%s text=\"%s\"", inlet->name, why->reason,
           why->text);
}

bool wn_worker_is_poisoned(const struct wn_inlet *inlet)
{
    return inlet->owned && inlet->phase == WN_PHASE_PAUSED &&
           strcmp(inlet->why.reason, "poison") == 0;
}

/** Count aborts that would come again, by the partition whose message it was. */
static void count_refusals(struct wn_worker *worker, const struct wn_error *why)
{
    bool any = false;
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        any = any || (inlet->touched && (inlet->usage.refused || inlet->log.refused));
    }
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        bool refused = inlet->usage.refused || inlet->log.refused;
        inlet->usage.refused = false;
        inlet->log.refused = false;
        if (!inlet->touched || (any && !refused)) {
            continue;
        }
        inlet->refusals = inlet->refused_at == inlet->began_at ? inlet->refusals + 1 : 1;
        inlet->refused_at = inlet->began_at;
        if (inlet->refusals >= WN_REFUSALS && inlet->phase == WN_PHASE_RUNNING) {
            struct wn_error err = *why;
            (void)wn_context(&err, "%s@%lld: refused %u times", inlet->name,
                             (long long)inlet->began_at, inlet->refusals);
            wn_worker_pause(worker, inlet, &err, false);
        }
    }
}

static void back_off(unsigned aborts)
{
    unsigned tenths = aborts < 10 ? aborts : 10;
    const struct timespec pause = { tenths / 10, (long)(tenths % 10) * 100000000L };
    (void)nanosleep(&pause, NULL);
}

enum wn_code wn_worker_undo(struct wn_worker *worker, struct wn_error *err)
{
    if (strcmp(err->reason, "broker-away") == 0) {
        wn_worker_look_for_topics(worker, err);
    }
    wn_log(WN_LOG_WARNING, "aborted", "reason=%s text=\"%s\"", err->reason, err->text);
    wn_worker_count_abort(worker, err);
    if (strcmp(err->reason, "batch-refused") == 0) {
        count_refusals(worker, err);
    }
    struct wn_error failed;
    enum wn_code rc = wn_producer_abort(worker->producer, &failed);
    wn_worker_forget(worker);
    worker->reassign = true;
    if (rc != WN_OK) {
        *err = failed;
        return rc;
    }
    back_off(worker->aborts++);
    return WN_OK;
}

static bool is_head_old(const struct wn_inlet *inlet)
{
    return inlet->has_head && inlet->head_ms > 0 && wn_worker_now_ms() - inlet->head_ms >= HEAD_MS;
}

enum wn_code wn_worker_due(struct wn_worker *worker, bool close_all, struct wn_error *err)
{
    int64_t now = wn_worker_clock_ms();
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        const bool by_hand = inlet->phase == WN_PHASE_PAUSED && inlet->by_hand;
        const bool at_work =
            inlet->phase == WN_PHASE_RUNNING || wn_worker_is_poisoned(inlet) || by_hand;
        if (!inlet->owned || !at_work || inlet->touched) {
            continue;
        }
        const struct wn_chain *chain = &inlet->chain;
        bool open = chain->now.open && tells(chain->now.tally);
        bool old = open && now - chain->opened_ms >= worker->settings->receipt_ms;
        if (inlet->due.due || old || (open && close_all) || is_head_old(inlet)) {
            enum wn_code rc = wn_worker_touch(worker, inlet, err);
            if (rc != WN_OK) {
                return rc;
            }
            worker->began_ms = inlet->due.due ? 0 : worker->began_ms; // At once.
        }
    }
    return WN_OK;
}
