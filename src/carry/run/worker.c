// SPDX-License-Identifier: Apache-2.0

/*
 * The loop of a worker. One thread does all of it but restores (restorer.c) and waking the fetcher
 * (kafka_consumer.c):
 *
 *     orders     what came by the control socket
 *     rebalance  revoked: finish, put everything on the shelf · lost: abort · assigned: take from
 *                the shelf, restore
 *     restored   partitions that are ready are read from now on
 *     follow     policy and sources that were read anew
 *     poll       a batch → pipeline → producer
 *     finish     at commit.records, commit.ms or 32 MiB, or what is due without records
 *
 * What is read is always set as a whole, by one call that names each running partition and its
 * next offset: at an assignment, after an abort, to pause, to go on. Anything unclear (fenced, a
 * commit of unknown outcome) ends in a new producer and consumer, and in restores.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "winnow/log.h"
#include "winnow/memory.h"
#include "worker_impl.h"

enum {
    IDLE_MS = 50, ///< A poll that finds nothing.
    RENEWALS = 3, ///< New producers in a row without a commit.
};

void wn_worker_is_alive(struct wn_worker *worker)
{
    wn_board_turned(worker->mate->board, wn_worker_clock_ms());
}

/** @return whether all are to end. */
static bool is_to_stop(const struct wn_worker *worker)
{
    return atomic_load(&worker->crew->stop);
}

bool wn_worker_gives_up(void *context)
{
    struct wn_worker *worker = context;
    wn_worker_is_alive(worker); // It is asked between the steps of a wait.
    if (!is_to_stop(worker)) {
        return false;
    }
    if (worker->stop_ms == 0) {
        worker->stop_ms = wn_worker_clock_ms();
    }
    return wn_worker_clock_ms() - worker->stop_ms > WN_STOP_MS;
}

// ---- What is read ------------------------------------------------------------------------------

static bool is_read(const struct wn_inlet *inlet)
{
    return inlet->owned && inlet->phase == WN_PHASE_RUNNING && !inlet->due.due;
}

/** Read every running partition from its next offset. */
static enum wn_code read_from_next(struct wn_worker *worker, struct wn_error *err)
{
    struct wn_place *places = calloc(worker->n_inlets + 1, sizeof(*places));
    if (!places) {
        abort();
    }
    size_t n = 0;
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        if (is_read(inlet)) {
            places[n++] =
                (struct wn_place){ inlet->facts->names.topic, inlet->partition, inlet->next };
        }
    }
    enum wn_code rc = wn_consumer_assign(worker->consumer, places, n, err);
    free(places);
    if (rc == WN_OK) {
        worker->reassign = false;
        wn_producer_rewound(worker->producer);
    }
    return rc == WN_RETRY ? WN_OK : rc;
}

// ---- Rebalances --------------------------------------------------------------------------------

/** Put an inlet back on the shelf, and close the gap. */
static void put_back(struct wn_worker *worker, size_t at)
{
    wn_shelf_put(worker->crew->shelf, worker->inlets[at]);
    worker->inlets[at] = worker->inlets[--worker->n_inlets];
}

/** Nothing is ours any more: another worker may take it. What the restorer has comes back soon. */
static void let_go(struct wn_worker *worker)
{
    worker->n_awaited = 0;
    worker->hint = NULL;
    worker->inlet = NULL;
    for (size_t i = worker->n_inlets; i-- > 0;) {
        struct wn_inlet *inlet = worker->inlets[i];
        inlet->owned = false;
        if (inlet->phase == WN_PHASE_RESTORING) {
            atomic_store(&inlet->wanted, false);
        } else {
            put_back(worker, i);
        }
    }
    worker->assignment++;
}

static enum wn_code finish_or_abort(struct wn_worker *worker, bool lost, struct wn_error *err)
{
    enum wn_txn_state state = wn_producer_state(worker->producer);
    bool open = state == WN_TXN_OPEN || state == WN_TXN_BROKEN || state == WN_TXN_SENT;
    if (lost) {
        (void)wn_fail(err, WN_ABORT, "broker-away", "the group gave our partitions to others");
        return open ? wn_worker_undo(worker, err) : WN_OK;
    }
    enum wn_code rc = state == WN_TXN_IDLE || open ? wn_worker_due(worker, true, err) : WN_OK;
    return rc == WN_OK ? wn_worker_finish(worker, true, err) : rc;
}

static enum wn_code on_revoked(struct wn_worker *worker, bool lost, struct wn_error *err)
{
    wn_log(WN_LOG_INFO, "revoked", "lost=%s", lost ? "yes" : "no");
    enum wn_code rc = finish_or_abort(worker, lost, err);
    if (rc != WN_OK) {
        return rc; // Its producer ends first: reports of it may still come.
    }
    wn_producer_serve(worker->producer);
    let_go(worker);
    worker->reassign = false;
    rc = wn_consumer_unassign(worker->consumer, err);
    rc = rc == WN_RETRY ? WN_OK : rc;
    wn_producer_rewound(worker->producer); // Nothing is read: there is nothing to rewind.
    return rc;
}

/** Have the inlet of a partition. @return NULL: another worker has it yet. */
static struct wn_inlet *have_inlet(struct wn_worker *worker, const struct wn_input_work *work,
                                   int32_t partition)
{
    struct wn_inlet *inlet = wn_worker_inlet(worker, work->facts.names.topic, partition);
    if (!inlet) {
        inlet = wn_shelf_take(worker->crew->shelf, &work->facts, partition);
        if (inlet) {
            worker->inlets =
                wn_grow((void *)worker->inlets, worker->n_inlets + 1, sizeof(struct wn_inlet *));
            worker->inlets[worker->n_inlets++] = inlet;
        }
    }
    return inlet;
}

static void give(struct wn_worker *worker, struct wn_inlet *inlet)
{
    inlet->assignment = worker->assignment;
    wn_restorer_give(worker->restorer, inlet);
}

/** Begin with a partition that is ours. @return false: another worker has its inlet yet. */
static bool take_partition(struct wn_worker *worker, const struct wn_input_work *work,
                           int32_t partition)
{
    struct wn_inlet *inlet = have_inlet(worker, work, partition);
    if (!inlet) {
        return false;
    }
    inlet->owned = true;
    if (inlet->phase == WN_PHASE_RESTORING) {
        // It comes back with an old assignment's number, and is given again.
        atomic_store(&inlet->wanted, true);
        return true;
    }
    if (inlet->partition >= inlet->facts->partitions) {
        struct wn_error err;
        (void)wn_fail(&err, WN_ABORT, "partition-added",
                      "%s: the input had %d partitions when its state was begun; a session would "
                      "be split over two: begin a new topic and a new group",
                      inlet->name, (int)inlet->facts->partitions);
        wn_worker_pause(worker, inlet, &err, false);
        return true;
    }
    give(worker, inlet);
    return true;
}

static void take_place(struct wn_worker *worker, const struct wn_place *place)
{
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        struct wn_input_work *work = &worker->inputs[i];
        if (strcmp(work->facts.names.topic, place->topic) == 0 &&
            !take_partition(worker, work, place->partition)) {
            worker->awaited =
                wn_grow(worker->awaited, worker->n_awaited + 1, sizeof(*worker->awaited));
            worker->awaited[worker->n_awaited++] = (struct wn_awaited){ work, place->partition };
        }
    }
}

/** Ask again for what another worker had yet. */
static void take_awaited(struct wn_worker *worker)
{
    for (size_t i = worker->n_awaited; i-- > 0;) {
        const struct wn_awaited *awaited = &worker->awaited[i];
        if (take_partition(worker, awaited->work, awaited->partition)) {
            worker->awaited[i] = worker->awaited[--worker->n_awaited];
        }
    }
}

static enum wn_code on_assigned(struct wn_worker *worker, struct wn_error *err)
{
    size_t n = 0;
    const struct wn_place *places = wn_consumer_places(worker->consumer, &n);
    wn_log(WN_LOG_INFO, "assigned", "partitions=%zu", n);
    let_go(worker); // Also where the last assignment was never taken back.
    for (size_t i = 0; i < n; i++) {
        take_place(worker, &places[i]);
    }
    return read_from_next(worker, err); // Nothing yet: it answers the group.
}

static enum wn_code rebalance(struct wn_worker *worker, struct wn_error *err)
{
    switch (wn_consumer_change(worker->consumer)) {
    case WN_CHANGE_NONE:
        return WN_OK;
    case WN_CHANGE_ASSIGNED:
        return on_assigned(worker, err);
    case WN_CHANGE_REVOKED:
        return on_revoked(worker, false, err);
    case WN_CHANGE_LOST:
        break;
    }
    return on_revoked(worker, true, err);
}

static size_t place_of(const struct wn_worker *worker, const struct wn_inlet *inlet)
{
    size_t i = 0;
    while (worker->inlets[i] != inlet) {
        i++;
        assert(i < worker->n_inlets);
    }
    return i;
}

/** Take back what is restored. */
static enum wn_code take_restored(struct wn_worker *worker, struct wn_error *err)
{
    struct wn_inlet *inlet;
    struct wn_error said;
    while ((inlet = wn_restorer_take(worker->restorer, &said)) != NULL) {
        inlet->phase = WN_PHASE_AWAY;
        if (!inlet->owned) {
            put_back(worker, place_of(worker, inlet));
            continue;
        }
        if (inlet->assignment != worker->assignment || said.code == WN_RETRY) {
            give(worker, inlet);
            continue;
        }
        if (said.code == WN_FATAL) {
            *err = said;
            return wn_context(err, "%s: restore", inlet->name);
        }
        if (said.code == WN_ABORT) {
            wn_worker_pause(worker, inlet, &said, inlet->is_break);
            continue;
        }
        if (inlet->by_hand) {
            wn_worker_pause(worker, inlet, &inlet->hand, false);
            continue;
        }
        inlet->phase = WN_PHASE_RUNNING;
        inlet->chain.opened_ms = wn_worker_clock_ms(); // Its time counts from now.
        inlet->last_replay = inlet->chain.now.closed;  // Nobody knows which of them were replays.
        worker->reassign = true;
        wn_log(WN_LOG_INFO, "running",
               "partition=%s worker=%u next=%lld sequence=%lld receipts=%llu kept=%s read=%lld",
               inlet->name, worker->mate->number, (long long)inlet->next,
               (long long)inlet->head.sequence, (unsigned long long)inlet->chain.now.closed,
               inlet->kept ? "yes" : "no", (long long)inlet->n_read);
    }
    return WN_OK;
}

// ---- The end of a producer ----------------------------------------------------------------------

/** After a WN_FATAL: begin anew with a new producer and consumer where that can help. */
static enum wn_code begin_anew(struct wn_worker *worker, struct wn_error *err)
{
    int64_t now = wn_worker_clock_ms();
    bool fenced = strcmp(err->reason, "name-taken") == 0;
    bool dead = worker->producer && wn_producer_state(worker->producer) == WN_TXN_DEAD;
    if (fenced && worker->fenced_ms != 0 && now - worker->fenced_ms < WN_FENCED_AGAIN_MS) {
        return wn_context(
            err,
            "fenced twice in five minutes: another winnow uses the name %s; give each "
            "its own instance:",
            worker->name);
    }
    if (dead && !fenced && is_to_stop(worker)) {
        // Told to stop while it waited for an answer: the next start of this name ends it.
        wn_log(WN_LOG_WARNING, "left-open", "reason=%s text=\"%s\"", err->reason, err->text);
        return WN_OK;
    }
    if ((!fenced && !dead) || is_to_stop(worker) || ++worker->renewed > RENEWALS) {
        return err->code;
    }
    if (fenced) {
        worker->fenced_ms = now;
    }
    wn_worker_count_abort(worker, err);
    wn_log(WN_LOG_WARNING, "begun-anew", "reason=%s text=\"%s\"", err->reason, err->text);
    wn_worker_forget(worker);
    wn_worker_disconnect(worker);
    let_go(worker);
    worker->reassign = false;
    return wn_worker_connect(worker, err);
}

// ---- The loop
// ------------------------------------------------------------------------------------

static int wait_ms(const struct wn_worker *worker)
{
    if (wn_producer_state(worker->producer) == WN_TXN_IDLE) {
        return IDLE_MS;
    }
    int64_t left = worker->began_ms + worker->settings->commit_ms - wn_worker_clock_ms();
    return left < 0 ? 0 : left > IDLE_MS ? IDLE_MS : (int)left;
}

static enum wn_code finish_in_time(struct wn_worker *worker, struct wn_error *err)
{
    enum wn_code rc = wn_worker_due(worker, false, err);
    if (rc != WN_OK || wn_producer_state(worker->producer) == WN_TXN_IDLE) {
        return rc;
    }
    bool late = wn_worker_clock_ms() - worker->began_ms >= worker->settings->commit_ms;
    return late || wn_producer_state(worker->producer) != WN_TXN_OPEN
               ? wn_worker_finish(worker, false, err)
               : WN_OK;
}

static enum wn_code write_runs(struct wn_worker *worker, struct wn_error *err)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        if (inlet->phase == WN_PHASE_RESTORING) {
            continue;
        }
        enum wn_code rc = wn_inlet_write_runs(inlet, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    worker->runs_ms = wn_worker_clock_ms();
    return WN_OK;
}

/** Is it time to write what is only in memory, or is that too much by now? */
static bool are_runs_due(const struct wn_worker *worker, int64_t now)
{
    const struct wn_settings *settings = worker->settings;
    uint64_t held = 0;
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        bool counts = inlet->phase != WN_PHASE_RESTORING && inlet->state;
        held += counts ? wn_state_held(inlet->state) : 0;
    }
    const uint64_t share = (uint64_t)settings->state_held / settings->workers;
    return settings->state_dir && (now - worker->runs_ms >= settings->state_ms || held >= share);
}

/** Write runs between two transactions: the open one ends for it, since a busy input has always
 * one open. */
static enum wn_code write_due_runs(struct wn_worker *worker, struct wn_error *err)
{
    if (wn_producer_state(worker->producer) == WN_TXN_OPEN &&
        wn_worker_finish(worker, false, err) != WN_OK) {
        return err->code;
    }
    return wn_producer_state(worker->producer) == WN_TXN_IDLE ? write_runs(worker, err) : WN_OK;
}

static enum wn_code take_batch(struct wn_worker *worker, struct wn_error *err)
{
    const struct wn_message *messages;
    size_t n = wn_consumer_poll(worker->consumer, wait_ms(worker), &messages);
    enum wn_code rc = WN_OK;
    // Where the rewind failed, what comes is from behind the place to begin at: it is read again.
    if (wn_consumer_change(worker->consumer) == WN_CHANGE_NONE && !worker->reassign) {
        rc = wn_worker_take(worker, messages, n, err);
    }
    return rc == WN_ABORT ? wn_worker_undo(worker, err) : rc;
}

static enum wn_code turn(struct wn_worker *worker, struct wn_error *err)
{
    worker->asked.code = WN_OK;
    wn_worker_is_alive(worker);
    wn_inbox_serve(&worker->mate->inbox, wn_worker_order, worker);
    if (worker->asked.code != WN_OK) {
        *err = worker->asked;
        return err->code;
    }
    enum wn_code rc = rebalance(worker, err);
    rc = rc == WN_OK ? take_restored(worker, err) : rc;
    if (rc == WN_OK) {
        take_awaited(worker);
        rc = wn_worker_follow(worker, err);
    }
    if (rc == WN_OK && worker->reassign) {
        rc = read_from_next(worker, err);
    }
    rc = rc == WN_OK ? take_batch(worker, err) : rc;
    rc = rc == WN_OK ? wn_consumer_alive(worker->consumer, err) : rc;
    rc = rc == WN_OK && !worker->reassign ? finish_in_time(worker, err) : rc;
    if (rc != WN_OK) {
        return rc;
    }
    int64_t now = wn_worker_clock_ms();
    if (wn_producer_state(worker->producer) == WN_TXN_IDLE) {
        wn_consent_file_hold(worker->options->consent, now, &worker->consent);
    }
    return are_runs_due(worker, now) ? write_due_runs(worker, err) : WN_OK;
}

/** Finish or abort, then write what is kept. */
static enum wn_code stop(struct wn_worker *worker, struct wn_error *err)
{
    (void)wn_worker_gives_up(worker); // Its time begins.
    bool lost = wn_consumer_change(worker->consumer) == WN_CHANGE_LOST;
    struct wn_error failed;
    if (finish_or_abort(worker, lost, &failed) != WN_OK) {
        // The next start of this name ends the transaction.
        wn_log(WN_LOG_WARNING, "left-open", "reason=%s text=\"%s\"", failed.reason, failed.text);
        wn_worker_forget(worker);
    }
    worker->restorer = wn_restorer_close(worker->restorer);
    return write_runs(worker, err);
}

static enum wn_code open_worker(struct wn_worker *worker, struct wn_error *err)
{
    const struct wn_settings *settings = worker->settings;
    const struct wn_limits clock = { .now_ms = wn_worker_now_ms() };
    wn_lists_hold(worker->options->lists, &clock, &worker->lists);
    wn_consent_file_hold(worker->options->consent, wn_worker_clock_ms(), &worker->consent);
    wn_plans_hold(worker->crew->plans, &worker->plan);
    atomic_store(&worker->mate->taken, worker->plan.number);
    (void)snprintf(worker->name, sizeof(worker->name), WN_WORKER_NAME, settings->group,
                   settings->instance, worker->mate->number);
    enum wn_code rc = wn_worker_setup(worker, err);
    rc = rc == WN_OK ? wn_restorer_open(settings, &worker->restorer, err) : rc;
    return rc == WN_OK ? wn_worker_connect(worker, err) : rc;
}

static void close_worker(struct wn_worker *worker)
{
    worker->restorer = wn_restorer_close(worker->restorer);
    wn_worker_disconnect(worker);
    worker->checker = wn_reader_close(worker->checker);
    wn_worker_forget(worker);
    while (worker->n_inlets > 0) {
        worker->inlets[worker->n_inlets - 1]->phase = WN_PHASE_AWAY; // The restorer is no more.
        put_back(worker, worker->n_inlets - 1);
    }
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        worker->inputs[i].pipeline = wn_pipeline_close(worker->inputs[i].pipeline);
    }
    wn_plans_drop(worker->crew->plans, &worker->plan);
    wn_consent_file_drop(worker->options->consent, &worker->consent);
    wn_lists_drop(worker->options->lists, &worker->lists);
    free((void *)worker->inlets);
    free(worker->awaited);
    free(worker->held);
    wn_buffer_deinit(&worker->held_bytes);
    free(worker);
}

enum wn_code wn_worker_run(struct wn_mate *mate, struct wn_error *err)
{
    struct wn_worker *worker = wn_take(1, sizeof(*worker));
    worker->mate = mate;
    worker->crew = mate->crew;
    worker->options = mate->crew->options;
    worker->settings = worker->options->settings;
    enum wn_code rc = open_worker(worker, err);
    worker->runs_ms = wn_worker_clock_ms();
    atomic_store(&mate->connected, rc == WN_OK);
    while (rc == WN_OK && !is_to_stop(worker)) {
        rc = turn(worker, err);
        if (rc == WN_FATAL) {
            rc = begin_anew(worker, err);
        }
        wn_worker_show(worker);
    }
    if (rc == WN_OK && worker->producer && worker->consumer) {
        rc = stop(worker, err);
    } else if (rc == WN_RETRY && is_to_stop(worker)) {
        rc = WN_OK; // Told to stop while it waited for the brokers.
    }
    close_worker(worker);
    return rc;
}
