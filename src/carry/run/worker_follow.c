// SPDX-License-Identifier: Apache-2.0

/*
 * A new plan (plans.h) is taken between two transactions:
 *
 *     wait       until no partition is in the restorer's hands, which reads the source
 *     open       a pipeline for each input whose policy or source is another one
 *     close      the open receipts: a receipt names one policy and one source
 *     swap       pipelines and sources
 *     go on      guards begin anew, partitions that waited for the mended source are read again
 */

#include "winnow/log.h"
#include "worker_impl.h"

static bool is_at_hand(const struct wn_worker *worker)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        if (worker->inlets[i]->phase == WN_PHASE_RESTORING) {
            return false;
        }
    }
    return true;
}

/** Pipelines of the next plan, until it counts. */
struct next {
    struct wn_plan plan;
    struct wn_pipeline *pipelines[WN_INPUTS]; ///< NULL: the present one serves.
};

static void drop(struct wn_worker *worker, struct next *next)
{
    for (unsigned i = 0; i < WN_INPUTS; i++) {
        next->pipelines[i] = wn_pipeline_close(next->pipelines[i]);
    }
    wn_plans_drop(worker->crew->plans, &next->plan);
}

static enum wn_code open_pipelines(struct wn_worker *worker, struct next *next,
                                   struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    for (unsigned i = 0; i < worker->n_inputs && rc == WN_OK; i++) {
        if (next->plan.policy != worker->plan.policy ||
            next->plan.sources[i] != worker->plan.sources[i]) {
            rc = wn_worker_pipeline(worker, &next->plan, i, &next->pipelines[i], err);
        }
    }
    return rc;
}

/** Let what the guard had stopped go on under the new source. */
static void go_on(struct wn_worker *worker, const struct wn_input_work *work)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        if (inlet->facts != &work->facts) {
            continue;
        }
        wn_poison_forget(&inlet->poison);
        inlet->poison_kept = inlet->poison;
        if (wn_worker_is_poisoned(inlet)) {
            inlet->assignment = worker->assignment;
            wn_log(WN_LOG_WARNING, "resumed", "partition=%s reason=source-read", inlet->name);
            wn_restorer_give(worker->restorer, inlet);
        }
    }
}

static void swap(struct wn_worker *worker, struct next *next)
{
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        struct wn_input_work *work = &worker->inputs[i];
        work->facts.names.policy = next->plan.policy;
        work->facts.names.source = next->plan.sources[i];
        if (next->pipelines[i]) {
            (void)wn_pipeline_close(work->pipeline);
            work->pipeline = next->pipelines[i];
            next->pipelines[i] = NULL;
            go_on(worker, work);
        }
    }
    const struct wn_plan old = worker->plan;
    worker->plan = next->plan;
    next->plan = old; // To be dropped.
    atomic_store(&worker->mate->taken, worker->plan.number);
}

enum wn_code wn_worker_follow(struct wn_worker *worker, struct wn_error *err)
{
    if (wn_plans_number(worker->crew->plans) == worker->plan.number || !is_at_hand(worker)) {
        return WN_OK;
    }
    struct next next = { .plan = { .number = 0 } };
    wn_plans_hold(worker->crew->plans, &next.plan);
    enum wn_code rc = open_pipelines(worker, &next, err);
    rc = rc == WN_OK ? wn_worker_due(worker, true, err) : rc;
    rc = rc == WN_OK ? wn_worker_finish(worker, true, err) : rc;
    if (rc == WN_OK && wn_producer_state(worker->producer) == WN_TXN_IDLE && !worker->reassign) {
        swap(worker, &next);
    } // Else at the next turn.
    drop(worker, &next);
    return rc;
}
