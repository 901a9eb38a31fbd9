// SPDX-License-Identifier: Apache-2.0

#include <assert.h>
#include <stdio.h>

#include "winnow/log.h"
#include "worker_impl.h"

enum {
    DAY_MS = 24 * 3600 * 1000,
    START_MS = 10000, ///< How long a start waits for the brokers.
};

bool wn_state_topic(const char *group, const char *input, char ret_name[WN_TOPIC_NAME])
{
    int len = snprintf(ret_name, WN_TOPIC_NAME, "winnow.state.%s.%s", group, input);
    return len > 0 && len < WN_TOPIC_NAME;
}

bool wn_control_path(const struct wn_settings *settings, char ret_path[108])
{
    int len = snprintf(ret_path, 108, "%s/ctl", settings->state_dir);
    return len > 0 && len < 108;
}

static enum wn_code find_cluster(struct wn_worker *worker, struct wn_error *err)
{
    int64_t until = wn_worker_clock_ms() + START_MS;
    enum wn_code rc;
    do {
        rc = wn_reader_cluster(worker->checker, worker->cluster, err);
    } while (rc == WN_RETRY && wn_worker_clock_ms() < until && !wn_worker_gives_up(worker));
    if (rc == WN_RETRY) {
        return wn_fail(err, WN_FATAL, "broker-away",
                       "%s: no broker answered in %d s; is it running, and may this host reach it?",
                       wn_settings_brokers(worker->settings), START_MS / 1000);
    }
    return rc;
}

static enum wn_code count_partitions(struct wn_worker *worker, const char *topic, bool ours,
                                     int32_t *ret_partitions, struct wn_error *err)
{
    int64_t until = wn_worker_clock_ms() + START_MS;
    enum wn_code rc;
    do {
        rc = wn_reader_partitions(worker->checker, topic, ret_partitions, err);
    } while (rc == WN_RETRY && wn_worker_clock_ms() < until && !wn_worker_gives_up(worker));
    if (rc == WN_FATAL && strcmp(err->reason, "topic-missing") == 0) {
        return wn_fail(err, WN_FATAL, "topic-missing", "%s: no such topic; %s", topic,
                       ours ? "make it with: winnow topics create --config F"
                            : "is the name under inputs: right?");
    }
    if (rc == WN_RETRY) {
        err->code = WN_FATAL;
        return WN_FATAL;
    }
    return rc;
}

enum wn_code wn_worker_affinity(const struct wn_input *input, const struct wn_source *source,
                                int32_t partitions, struct wn_error *err)
{
    int affinity = input->affinity >= 0 ? input->affinity : (int)source->affinity;
    if (partitions <= 1 || affinity != WN_AFFINITY_NONE) {
        return WN_OK;
    }
    return wn_fail(
        err, WN_FATAL, "affinity",
        "line %u: inputs: %s has %d partitions, but the source '%s' does not say that "
        "all records of a session or node lie on one: duplicates on two partitions would "
        "not be found. Use one partition, or say what the writer does with affinity: "
        "session or affinity: node",
        input->line, input->topic, (int)partitions, source->name);
}

static enum wn_code setup_facts(struct wn_worker *worker, struct wn_input_work *work,
                                const struct wn_input *input, const struct wn_source *source,
                                struct wn_error *err)
{
    struct wn_input_facts *facts = &work->facts;
    int32_t partitions = 0;
    if (!wn_state_topic(worker->settings->group, input->topic, work->state_topic)) {
        return wn_fail(err, WN_FATAL, "config",
                       "line %u: inputs: %s: the name of its state topic, "
                       "winnow.state.<group>.<input>, is over 249 characters",
                       input->line, input->topic);
    }
    enum wn_code rc = count_partitions(worker, input->topic, false, &partitions, err);
    rc = rc == WN_OK ? wn_worker_affinity(input, source, partitions, err) : rc;
    rc = rc == WN_OK ? count_partitions(worker, work->state_topic, true, &facts->partitions, err)
                     : rc;
    rc = rc == WN_OK
             ? count_partitions(worker, WN_RECEIPTS_TOPIC, true, &facts->receipt_partitions, err)
             : rc;
    facts->settings = worker->settings;
    facts->cluster = worker->cluster;
    facts->state_topic = work->state_topic;
    facts->receipts_topic = WN_RECEIPTS_TOPIC;
    facts->names = (struct wn_chain_names){ worker->policy, source, worker->options->keyring,
                                            input->topic, WN_QUARANTINE_TOPIC };
    int64_t days = (worker->settings->limits.lateness_ms + DAY_MS - 1) / DAY_MS + 1;
    facts->window_days = (unsigned)(days < WN_DAY_MARKS - 8 ? days : WN_DAY_MARKS - 8);
    facts->keep_days = (int32_t)facts->window_days + 2;
    return rc;
}

enum wn_code wn_worker_pipeline(const struct wn_worker *worker, const struct wn_policy *policy,
                                const struct wn_source *source, struct wn_pipeline **ret_pipeline,
                                struct wn_error *err)
{
    const struct wn_pipeline_options options = { .policy = policy,
                                                 .source = source,
                                                 .keyring = worker->options->keyring,
                                                 .sink = &worker->sink,
                                                 .cached = 16384 };
    return wn_pipeline_open(&options, ret_pipeline, err);
}

static enum wn_code setup_input(struct wn_worker *worker, unsigned i, struct wn_error *err)
{
    struct wn_input_work *work = &worker->inputs[i];
    const struct wn_input *input = &worker->settings->inputs[i];
    const struct wn_source *source = worker->options->sources[i];
    enum wn_code rc = setup_facts(worker, work, input, source, err);
    if (rc != WN_OK) {
        return rc;
    }
    work->file = worker->options->source_files ? worker->options->source_files[i] : NULL;
    rc = wn_worker_pipeline(worker, worker->policy, source, &work->pipeline, err);
    worker->n_inputs += rc == WN_OK;
    return rc;
}

static enum wn_code check_outputs(struct wn_worker *worker, struct wn_error *err)
{
    const struct wn_policy *policy = worker->policy;
    int32_t partitions;
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes; j++) {
            enum wn_code rc = count_partitions(worker, policy->types[i].purposes[j].topic, true,
                                               &partitions, err);
            if (rc != WN_OK) {
                return rc;
            }
        }
    }
    return count_partitions(worker, WN_QUARANTINE_TOPIC, true, &partitions, err);
}

enum wn_code wn_worker_setup(struct wn_worker *worker, struct wn_error *err)
{
    const struct wn_settings *settings = worker->settings;
    if (settings->n_inputs == 0 || settings->n_inputs > WN_INPUTS) {
        return wn_fail(err, WN_FATAL, "config", "inputs: from 1 to %d topics are expected",
                       WN_INPUTS);
    }
    wn_worker_sink(worker);
    enum wn_code rc = wn_reader_open(settings, false, &worker->checker, err);
    rc = rc == WN_OK ? find_cluster(worker, err) : rc;
    for (unsigned i = 0; i < settings->n_inputs && rc == WN_OK; i++) {
        rc = setup_input(worker, i, err);
    }
    return rc == WN_OK ? check_outputs(worker, err) : rc;
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
    const struct wn_policy *policy = worker->policy;
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
    const struct wn_policy *policy = worker->policy;
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

void wn_worker_look_for_added(struct wn_worker *worker)
{
    for (unsigned i = 0; i < worker->n_inputs; i++) {
        const struct wn_input_facts *facts = &worker->inputs[i].facts;
        struct wn_error err;
        int32_t partitions = 0;
        if (wn_reader_partitions(worker->checker, facts->names.topic, &partitions, &err) == WN_OK &&
            partitions > facts->partitions) {
            wn_log(WN_LOG_ERROR, "partition-added",
                   "topic=%s partitions=%d begun-with=%d text=\"the added ones are not read: a "
                   "session would be split over two; begin a new topic and a new group\"",
                   facts->names.topic, (int)partitions, (int)facts->partitions);
        }
    }
}
