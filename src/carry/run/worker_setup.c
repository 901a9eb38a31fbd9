// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>

#include "winnow/log.h"
#include "worker_impl.h"

enum {
    CACHED = 16384, ///< Pseudonyms that an input's workers remember together: locked memory is
                    ///< scarce, and each sees its own part of the subscribers.
};

enum wn_code wn_worker_pipeline(const struct wn_worker *worker, const struct wn_plan *plan,
                                unsigned input, struct wn_pipeline **ret_pipeline,
                                struct wn_error *err)
{
    const struct wn_pipeline_options options = { .policy = plan->policy,
                                                 .source = plan->sources[input],
                                                 .keyring = worker->options->keyring,
                                                 .sink = &worker->sink,
                                                 .cached = CACHED / worker->settings->workers };
    return wn_pipeline_open(&options, ret_pipeline, err);
}

static enum wn_code setup_input(struct wn_worker *worker, unsigned i, struct wn_error *err)
{
    struct wn_input_work *work = &worker->inputs[i];
    work->facts = worker->crew->ground.facts[i];
    work->facts.names.policy = worker->plan.policy;
    work->facts.names.source = worker->plan.sources[i];
    enum wn_code rc = wn_worker_pipeline(worker, &worker->plan, i, &work->pipeline, err);
    worker->n_inputs += rc == WN_OK;
    return rc;
}

enum wn_code wn_worker_setup(struct wn_worker *worker, struct wn_error *err)
{
    wn_worker_sink(worker);
    enum wn_code rc = wn_reader_open(worker->settings, false, &worker->checker, err);
    for (unsigned i = 0; i < worker->crew->ground.n_inputs && rc == WN_OK; i++) {
        rc = setup_input(worker, i, err);
    }
    return rc;
}

/** @return whether it can be gone on: nothing is said of the topic, or it is there. */
static bool is_there(struct wn_worker *worker, const char *topic, struct wn_error *err)
{
    struct wn_error why;
    int32_t partitions;
    enum wn_code rc = wn_reader_partitions(worker->checker, topic, &partitions, &why);
    if (rc == WN_FATAL && strcmp(why.reason, "topic-missing") == 0) {
        (void)wn_fail(err, WN_ABORT, "batch-refused",
                      "%s: no such topic, it was deleted; make it with: winnow topics create "
                      "--config F, then: winnow ctl resume",
                      topic);
    }
    return rc == WN_OK;
}

void wn_worker_look_for_topics(struct wn_worker *worker, struct wn_error *err)
{
    const struct wn_policy *policy = worker->plan.policy;
    bool on = true;
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes && on; j++) {
            on = is_there(worker, policy->types[i].purposes[j].topic, err);
        }
    }
    on = on && is_there(worker, WN_QUARANTINE_TOPIC, err);
    for (unsigned i = 0; i < worker->n_inputs && on; i++) {
        const struct wn_input_facts *facts = &worker->inputs[i].facts;
        on = is_there(worker, facts->state_topic, err) &&
             is_there(worker, facts->receipts_topic, err);
    }
}

static void number_topics(struct wn_worker *worker)
{
    const struct wn_policy *policy = worker->plan.policy;
    for (unsigned i = 0; i < policy->n_types; i++) {
        const struct wn_type *type = &policy->types[i];
        for (unsigned j = 0; j < type->n_purposes; j++) {
            worker->topics[wn_chain_sum(policy, type, &type->purposes[j])] =
                wn_producer_topic(worker->producer, type->purposes[j].topic);
        }
    }
    worker->topics[WN_SUM_QUARANTINE] = wn_producer_topic(worker->producer, WN_QUARANTINE_TOPIC);
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        struct wn_input_facts *facts = &worker->inputs[i].facts;
        facts->topic_state = wn_producer_topic(worker->producer, facts->state_topic);
        facts->topic_receipts = wn_producer_topic(worker->producer, facts->receipts_topic);
    }
}

static enum wn_code open_producer(struct wn_worker *worker, struct wn_error *err)
{
    enum wn_code rc = wn_producer_open(worker->settings, worker->name, wn_worker_gives_up, worker,
                                       &worker->producer, err);
    if (rc == WN_OK) {
        number_topics(worker);
    }
    return rc;
}

enum wn_code wn_worker_renew_producer(struct wn_worker *worker, struct wn_error *err)
{
    wn_log(WN_LOG_WARNING, "producer-renewed", "text=\"%s\"",
           "a connection broke in the last commit, which is done");
    worker->producer = wn_producer_close(worker->producer);
    return open_producer(worker, err);
}

enum wn_code wn_worker_connect(struct wn_worker *worker, struct wn_error *err)
{
    const char *topics[WN_INPUTS];
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        topics[i] = worker->inputs[i].facts.names.topic;
    }
    // The producer first: what a predecessor of our name left open is ended before we read.
    enum wn_code rc = open_producer(worker, err);
    if (rc != WN_OK) {
        return rc;
    }
    return wn_consumer_open(worker->settings, worker->name, topics, worker->n_inputs,
                            &worker->consumer, err);
}

void wn_worker_disconnect(struct wn_worker *worker)
{
    worker->consumer = wn_consumer_close(worker->consumer);
    worker->producer = wn_producer_close(worker->producer);
}
