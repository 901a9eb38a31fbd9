// SPDX-License-Identifier: Apache-2.0

/*
 * SIGHUP: policy and sources are read anew, together, and taken together or not at all: a field
 * that is new in the policy and filled by a source needs both. Lists and consent are looked at
 * before each transaction anyway.
 *
 *     load       policy, then the source of each input against it
 *     judge      whole; the same record types, purposes, topics, bases and key periods (receipts,
 *                producer and consent are numbered by them); of each source what worker_source.c
 * asks open       a pipeline an input: what fails, fails before anything is changed close      the
 * open receipts: a receipt names one policy swap       between two transactions
 *
 * What is refused is said in the log and in `winnow ctl status`, and everything stays as it was.
 */

#include <stdio.h>
#include <stdlib.h>

#include "winnow/log.h"
#include "winnow/registry.h"
#include "worker_impl.h"

/** What is read anew, until it counts. */
struct reload {
    struct wn_policy *policy;
    struct wn_source *sources[WN_INPUTS];
    struct wn_pipeline *pipelines[WN_INPUTS];
};

static void drop(struct reload *reload)
{
    for (unsigned i = 0; i < WN_INPUTS; i++) {
        reload->pipelines[i] = wn_pipeline_close(reload->pipelines[i]);
        reload->sources[i] = wn_source_close(reload->sources[i]);
    }
    reload->policy = wn_policy_close(reload->policy);
}

static void refuse(struct wn_worker *worker, const char *reason, const char *text)
{
    (void)snprintf(worker->refused, sizeof(worker->refused), "%s", text);
    wn_log(WN_LOG_ERROR, "policy-refused", "reason=%s text=\"%s\"", reason, text);
}

static bool load_policy(struct wn_worker *worker, struct reload *reload)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { .reason = "config" };
    const bool good =
        wn_policy_load(worker->settings->policy, &faults, &reload->policy, &err) == WN_OK;
    if (!good) {
        char text[512];
        const uint8_t *end = faults.n > 0 ? memchr(faults.lines.at, '\n', faults.lines.len) : NULL;
        if (end) {
            (void)snprintf(text, sizeof(text), "%.*s (%u faults in all)",
                           (int)(end - faults.lines.at), (const char *)faults.lines.at, faults.n);
        } else {
            (void)snprintf(text, sizeof(text), "%s", err.text);
        }
        refuse(worker, "config", text);
    }
    wn_faults_deinit(&faults);
    if (good &&
        wn_registry_resolve(worker->settings, WN_REGISTRY_USE, reload->policy, &err) != WN_OK) {
        refuse(worker, err.reason, err.text);
        return false;
    }
    return good;
}

static bool is_same_purpose(const struct wn_purpose *a, const struct wn_purpose *b)
{
    return a->number == b->number && strcmp(a->topic, b->topic) == 0 &&
           a->needs_consent == b->needs_consent && a->period == b->period;
}

static bool is_same_type(const struct wn_type *a, const struct wn_type *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->n_purposes == b->n_purposes;
    for (unsigned i = 0; same && i < a->n_purposes; i++) {
        same = is_same_purpose(&a->purposes[i], &b->purposes[i]);
    }
    return same;
}

/** @return whether the frame is the same that receipts, producer and consent are built on. */
static bool is_same_frame(const struct wn_policy *a, const struct wn_policy *b)
{
    bool same = a->n_types == b->n_types && a->n_purposes == b->n_purposes;
    for (unsigned i = 0; same && i < a->n_purposes; i++) {
        same = strcmp(a->purposes[i], b->purposes[i]) == 0;
    }
    for (unsigned i = 0; same && i < a->n_types; i++) {
        same = is_same_type(&a->types[i], &b->types[i]);
    }
    return same;
}

static bool open_sources(struct wn_worker *worker, struct reload *reload)
{
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        struct wn_input_work *work = &worker->inputs[i];
        struct wn_error err;
        reload->sources[i] = wn_worker_load_source(worker, work, reload->policy);
        if (!reload->sources[i] || !wn_worker_may_follow(worker, work, reload->sources[i])) {
            refuse(worker, "source-refused", work->refused);
            return false;
        }
        if (wn_worker_pipeline(worker, reload->policy, reload->sources[i], &reload->pipelines[i],
                               &err) != WN_OK) {
            refuse(worker, err.reason, err.text);
            return false;
        }
    }
    return true;
}

static bool is_at_hand(const struct wn_worker *worker)
{
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        if (!wn_worker_is_at_hand(worker, &worker->inputs[i])) {
            return false;
        }
    }
    return true;
}

/** Let it count. The old policies stay until the end: counts and the consent file point into them.
 */
static void swap(struct wn_worker *worker, struct reload *reload)
{
    struct wn_policy **grown =
        realloc(worker->own_policies, (worker->n_own_policies + 1) * sizeof(struct wn_policy *));
    if (!grown) {
        abort();
    }
    worker->own_policies = grown;
    worker->own_policies[worker->n_own_policies++] = reload->policy;
    worker->policy = reload->policy;
    wn_log(WN_LOG_WARNING, "policy-read", "id=%.16s", worker->policy->id);
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        worker->inputs[i].facts.names.policy = reload->policy;
        wn_worker_take_source(worker, &worker->inputs[i], reload->sources[i], reload->pipelines[i]);
    }
    *reload = (struct reload){ .policy = NULL };
    worker->refused[0] = '\0';
}

/** @return whether it may count; else that was said. */
static bool read_anew(struct wn_worker *worker, struct reload *reload)
{
    if (!load_policy(worker, reload)) {
        return false;
    }
    if (!is_same_frame(worker->policy, reload->policy)) {
        refuse(worker, "config",
               "its record types, purposes, topics, key periods, or what rests on consent are "
               "others: make the topics, then start anew");
        return false;
    }
    return open_sources(worker, reload);
}

enum wn_code wn_worker_reload(struct wn_worker *worker, struct wn_error *err)
{
    const sig_atomic_t wanted = worker->options->reload ? *worker->options->reload : 0;
    if (wanted == worker->reloaded || !worker->options->source_files || !is_at_hand(worker)) {
        return WN_OK;
    }
    struct reload reload = { .policy = NULL };
    wn_worker_tell(worker, WN_WORKER_RELOADING);
    enum wn_code rc = WN_OK;
    bool done = !read_anew(worker, &reload);
    if (!done) {
        rc = wn_worker_due(worker, true, err);
        rc = rc == WN_OK ? wn_worker_finish(worker, true, err) : rc;
        if (rc == WN_OK && wn_producer_state(worker->producer) == WN_TXN_IDLE &&
            !worker->reassign) {
            swap(worker, &reload);
            done = true;
        }
    }
    if (done) {
        worker->reloaded = wanted; // Else at the next turn.
    }
    drop(&reload);
    wn_worker_tell(worker, WN_WORKER_RELOADED);
    return rc;
}
