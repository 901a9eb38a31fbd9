// SPDX-License-Identifier: Apache-2.0

/*
 * How the worker stands, for who looks from outside: counts as they are committed, and a status
 * that is posted between two steps of the loop, some times a second.
 */

#include <stdio.h>
#include <time.h>

#include "winnow/memory.h"
#include "worker_impl.h"

enum {
    POST_MS = 200,        ///< How often it is posted.
    SLOW_MS = 60 * 1000,  ///< How often the keys are counted.
    RATE_MS = 10 * 1000,  ///< Over what time the rate is taken.
    MONTH_STEPS = 12 * 50 ///< A ring does not reach further.
};

static void add_reasons(uint64_t into[WN_REASONS], const uint64_t from[WN_REASONS])
{
    for (unsigned i = 0; i < WN_REASONS; i++) {
        into[i] += from[i];
    }
}

void wn_worker_count(struct wn_worker *worker, struct wn_inlet *inlet, uint64_t receipts)
{
    const struct wn_input_work *work = (const struct wn_input_work *)inlet->facts;
    struct wn_status_input *counts = &worker->inputs[work - worker->inputs].counts;
    const struct wn_tally *tally = inlet->tally;
    counts->in += tally->in;
    counts->passed += tally->passed;
    counts->duplicates += tally->duplicates;
    counts->superseded += tally->superseded;
    counts->receipts += receipts;
    add_reasons(counts->filtered, tally->filtered);
    for (unsigned i = 0; i < WN_ATTEMPTS; i++) {
        counts->attempts[i] += tally->attempts[i];
    }
    add_reasons(counts->quarantined, tally->quarantined);
    add_reasons(counts->masked, tally->masked);
    for (unsigned i = 0; i < WN_PURPOSES; i++) {
        counts->purposes[i].out += tally->purposes[i].out;
        counts->purposes[i].no_consent += tally->purposes[i].no_consent;
        add_reasons(counts->purposes[i].withheld, tally->purposes[i].withheld);
    }
    worker->seen.in += tally->in;
}

void wn_worker_count_abort(struct wn_worker *worker, const struct wn_error *why)
{
    enum wn_reason reason = wn_reason_find(wn_slice_of(why->reason ? why->reason : ""));
    enum wn_status_abort class = WN_STATUS_ABORTABLE;
    if (reason == WN_REASON_NAME_TAKEN) {
        class = WN_STATUS_FENCED;
    } else if (reason == WN_REASON_BATCH_REFUSED) {
        class = WN_STATUS_SAME_AGAIN;
    } else if (reason != WN_REASON_NONE && wn_reason_info(reason)->fate == WN_FATE_PAUSE) {
        class = WN_STATUS_PAUSES;
    } else if (why->code == WN_FATAL) {
        class = WN_STATUS_FATAL;
    }
    worker->seen.aborts[class]++;
}

// ---- Parts of a status
// ---------------------------------------------------------------------------

/** The guard's worst reason of those that a person did not excuse. */
static void fill_poison(const struct wn_poison *poison, struct wn_status_partition *ret_partition)
{
    uint32_t most = 0;
    for (unsigned i = 1; i < WN_REASONS; i++) {
        most = poison->counts[i] > most ? poison->counts[i] : most;
    }
    ret_partition->poison_seen = poison->n;
    ret_partition->poison_share = poison->n > 0 ? most * WN_POISON_SHARES / poison->n : 0;
    ret_partition->excused = poison->any_excused;
}

static enum wn_status_phase phase_of(const struct wn_inlet *inlet)
{
    switch (inlet->phase) {
    case WN_PHASE_AWAY:
        return WN_STATUS_WAITING;
    case WN_PHASE_RESTORING:
        return WN_STATUS_RESTORING;
    case WN_PHASE_RUNNING:
        return WN_STATUS_RUNNING;
    case WN_PHASE_PAUSED:
        break;
    }
    return WN_STATUS_PAUSED;
}

/** What is the restorer's while it restores is not touched but for its progress. */
static void fill_partition(const struct wn_worker *worker, struct wn_inlet *inlet,
                           struct wn_status_partition *ret_partition)
{
    const struct wn_input_work *work = (const struct wn_input_work *)inlet->facts;
    *ret_partition = (struct wn_status_partition){ .input = (unsigned)(work - worker->inputs),
                                                   .partition = inlet->partition,
                                                   .phase = phase_of(inlet),
                                                   .next = -1,
                                                   .high = -1,
                                                   .stable = -1 };
    if (inlet->phase == WN_PHASE_RESTORING) {
        ret_partition->restored = atomic_load(&inlet->restored);
        ret_partition->to_restore = atomic_load(&inlet->to_restore);
        return;
    }
    if (inlet->phase == WN_PHASE_RUNNING || wn_worker_is_poisoned(inlet)) {
        ret_partition->next = inlet->next;
    }
    if (inlet->phase == WN_PHASE_PAUSED) {
        ret_partition->reason =
            wn_reason_find(wn_slice_of(inlet->why.reason ? inlet->why.reason : ""));
        ret_partition->is_break = inlet->is_break;
    }
    if (inlet->state) {
        ret_partition->numbers = wn_sequences_totals(wn_state_numbers(inlet->state));
    }
    fill_poison(&inlet->poison, ret_partition);
}

static void fill_inputs(struct wn_worker *worker, struct wn_status *status)
{
    status->inputs = wn_take(worker->n_inputs + 1, sizeof(*status->inputs));
    status->n_inputs = worker->n_inputs;
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        struct wn_input_work *work = &worker->inputs[i];
        struct wn_status_input *counts = &work->counts;
        const struct wn_chain_names *names = &work->facts.names;
        (void)snprintf(counts->topic, sizeof(counts->topic), "%s", names->topic);
        (void)snprintf(counts->source, sizeof(counts->source), "%s", names->source->name);
        counts->refused = wn_plans_is_refused(worker->crew->plans, i);
        status->inputs[i] = *counts;
    }
}

static void fill_partitions(const struct wn_worker *worker, struct wn_status *status)
{
    status->partitions =
        wn_take(worker->n_inlets + worker->n_awaited + 1, sizeof(*status->partitions));
    for (size_t i = 0; i < worker->n_awaited; i++) {
        const struct wn_awaited *awaited = &worker->awaited[i];
        status->partitions[status->n_partitions++] =
            (struct wn_status_partition){ .input = (unsigned)(awaited->work - worker->inputs),
                                          .partition = awaited->partition,
                                          .phase = WN_STATUS_WAITING,
                                          .next = -1,
                                          .high = -1,
                                          .stable = -1 };
    }
    for (size_t i = 0; i < worker->n_inlets; i++) {
        if (worker->inlets[i]->owned) {
            fill_partition(worker, worker->inlets[i], &status->partitions[status->n_partitions++]);
        }
    }
}

// ---- Keys
// ----------------------------------------------------------------------------------------

static bool is_monthly(const struct wn_policy *policy, unsigned purpose)
{
    for (unsigned i = 0; i < policy->n_types; i++) {
        const struct wn_type *type = &policy->types[i];
        for (unsigned j = 0; j < type->n_purposes; j++) {
            if (type->purposes[j].number == purpose &&
                type->purposes[j].period == WN_PERIOD_MONTH) {
                return true;
            }
        }
    }
    return false;
}

/** @return the end of the last month in a row, from that of `now_ms` on, that has a key. */
static int64_t keys_until(const struct wn_keyring *keyring, const char *purpose, int64_t now_ms)
{
    const time_t now = (time_t)(now_ms / 1000);
    struct tm month;
    (void)gmtime_r(&now, &month);
    month = (struct tm){ .tm_year = month.tm_year, .tm_mon = month.tm_mon, .tm_mday = 1 };
    for (unsigned i = 0; i < MONTH_STEPS; i++) {
        const uint32_t period = (uint32_t)(month.tm_year + 1900) * 100 + (uint32_t)month.tm_mon + 1;
        if (!wn_keyring_has(keyring, purpose, period, NULL)) {
            break;
        }
        month.tm_mon++;
        if (month.tm_mon == 12) {
            month.tm_mon = 0;
            month.tm_year++;
        }
    }
    const int64_t until = (int64_t)timegm(&month) * 1000;
    return until > now_ms ? until : now_ms;
}

static void count_keys(struct wn_worker *worker)
{
    const struct wn_policy *policy = worker->plan.policy;
    struct wn_worker_seen *seen = &worker->seen;
    seen->n_keys = 0;
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        if (!is_monthly(policy, i)) {
            continue;
        }
        struct wn_status_key *key = &seen->keys[seen->n_keys++];
        (void)snprintf(key->purpose, sizeof(key->purpose), "%s", policy->purposes[i]);
        key->until_ms =
            keys_until(worker->options->keyring, policy->purposes[i], wn_worker_now_ms());
    }
}

// ---- The whole
// -----------------------------------------------------------------------------------

static void fill_lists(const struct wn_worker *worker, struct wn_status *status)
{
    const struct wn_limits clock = { .now_ms = wn_worker_now_ms() };
    const struct wn_lists *lists = &worker->lists;
    status->helplines =
        (struct wn_status_list){ true, lists->changed_ms, wn_lists_too_old(lists, &clock) };
    if (worker->settings->consent) {
        status->consent =
            (struct wn_status_list){ true, wn_consent_file_changed_ms(worker->options->consent),
                                     worker->consent.too_old };
    }
}

static void take_rate(struct wn_worker_seen *seen, int64_t now)
{
    if (seen->rate_ms == 0) {
        seen->rate_ms = now;
    }
    if (now - seen->rate_ms >= RATE_MS) {
        seen->rate_milli = (seen->in - seen->rate_in) * 1000000 / (uint64_t)(now - seen->rate_ms);
        seen->rate_ms = now;
        seen->rate_in = seen->in;
    }
}

static void post(struct wn_worker *worker)
{
    const struct wn_policy *policy = worker->plan.policy;
    const struct wn_worker_seen *seen = &worker->seen;
    struct wn_status status = { .committed_ms = seen->committed_ms,
                                .started_ms = seen->started_ms,
                                .assigned = worker->assignment > 0,
                                .commits = seen->commits,
                                .aborts_in_a_row = worker->aborts,
                                .rate_milli = seen->rate_milli,
                                .n_keys = seen->n_keys,
                                .n_purposes = policy->n_purposes };
    (void)snprintf(status.name, sizeof(status.name), "%s", worker->name);
    status.transaction = worker->producer ? wn_producer_state(worker->producer) : WN_TXN_DEAD;
    if (status.transaction == WN_TXN_OPEN || status.transaction == WN_TXN_SENT ||
        status.transaction == WN_TXN_BROKEN) {
        status.began_ms = worker->begun_ms;
    }
    memcpy(status.aborts, seen->aborts, sizeof(status.aborts));
    memcpy(status.keys, seen->keys, sizeof(status.keys));
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        (void)snprintf(status.purposes[i], sizeof(status.purposes[i]), "%s", policy->purposes[i]);
    }
    fill_lists(worker, &status);
    fill_inputs(worker, &status);
    fill_partitions(worker, &status);
    wn_board_post(worker->mate->board, &status);
    wn_status_deinit(&status);
}

void wn_worker_show(struct wn_worker *worker)
{
    struct wn_worker_seen *seen = &worker->seen;
    const int64_t now = wn_worker_clock_ms();
    if (now - seen->posted_ms < POST_MS) {
        return;
    }
    seen->posted_ms = now;
    seen->started_ms = seen->started_ms ? seen->started_ms : wn_worker_now_ms();
    if (seen->keys_ms == 0 || now - seen->keys_ms >= SLOW_MS) {
        seen->keys_ms = now;
        count_keys(worker);
    }
    take_rate(seen, now);
    post(worker);
}
