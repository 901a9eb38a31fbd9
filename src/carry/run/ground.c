// SPDX-License-Identifier: Apache-2.0

#include "ground.h"

#include <stdio.h>

#include "winnow/clock.h"
#include "winnow/log.h"

enum {
    DAY_MS = 24 * 3600 * 1000,
    START_MS = 10000, ///< How long a start waits for the brokers.
};

/** A search, with what it is asked with. */
struct search {
    const struct wn_worker_options *options;
    struct wn_reader *reader;
    wn_give_up *give_up;
    void *context;
    struct wn_ground *ground;
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

/** @return whether to ask the brokers again. */
static bool once_more(const struct search *search, enum wn_code rc, int64_t until)
{
    return rc == WN_RETRY && wn_monotonic_ms() < until && !search->give_up(search->context);
}

static enum wn_code find_cluster(const struct search *search, struct wn_error *err)
{
    const int64_t until = wn_monotonic_ms() + START_MS;
    enum wn_code rc;
    do {
        rc = wn_reader_cluster(search->reader, search->ground->cluster, err);
    } while (once_more(search, rc, until));
    if (rc == WN_RETRY) {
        return wn_fail(err, WN_FATAL, "broker-away",
                       "%s: no broker answered in %d s; is it running, and may this host reach it?",
                       wn_settings_brokers(search->options->settings), START_MS / 1000);
    }
    return rc;
}

static enum wn_code count_partitions(const struct search *search, const char *topic, bool ours,
                                     int32_t *ret_partitions, struct wn_error *err)
{
    const int64_t until = wn_monotonic_ms() + START_MS;
    enum wn_code rc;
    do {
        rc = wn_reader_partitions(search->reader, topic, ret_partitions, err);
    } while (once_more(search, rc, until));
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

enum wn_code wn_ground_affinity(const struct wn_input *input, const struct wn_source *source,
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

static enum wn_code find_input(const struct search *search, unsigned i, struct wn_error *err)
{
    const struct wn_worker_options *options = search->options;
    const struct wn_settings *settings = options->settings;
    const struct wn_input *input = &settings->inputs[i];
    struct wn_input_facts *facts = &search->ground->facts[i];
    char *state_topic = search->ground->state_topics[i];
    int32_t partitions = 0;
    if (!wn_state_topic(settings->group, input->topic, state_topic)) {
        return wn_fail(err, WN_FATAL, "config",
                       "line %u: inputs: %s: the name of its state topic, "
                       "winnow.state.<group>.<input>, is over 249 characters",
                       input->line, input->topic);
    }
    enum wn_code rc = count_partitions(search, input->topic, false, &partitions, err);
    rc = rc == WN_OK ? wn_ground_affinity(input, options->sources[i], partitions, err) : rc;
    rc = rc == WN_OK ? count_partitions(search, state_topic, true, &facts->partitions, err) : rc;
    rc = rc == WN_OK
             ? count_partitions(search, WN_RECEIPTS_TOPIC, true, &facts->receipt_partitions, err)
             : rc;
    facts->settings = settings;
    facts->cluster = search->ground->cluster;
    facts->state_topic = state_topic;
    facts->receipts_topic = WN_RECEIPTS_TOPIC;
    facts->names = (struct wn_chain_names){ options->policy, options->sources[i], options->keyring,
                                            input->topic, WN_QUARANTINE_TOPIC };
    int64_t days = (settings->limits.lateness_ms + DAY_MS - 1) / DAY_MS + 1;
    facts->window_days = (unsigned)(days < WN_DAY_MARKS - 8 ? days : WN_DAY_MARKS - 8);
    facts->keep_days = (int32_t)facts->window_days + 2;
    search->ground->n_inputs += rc == WN_OK;
    return rc;
}

static enum wn_code check_outputs(const struct search *search, struct wn_error *err)
{
    const struct wn_policy *policy = search->options->policy;
    int32_t partitions;
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes; j++) {
            enum wn_code rc = count_partitions(search, policy->types[i].purposes[j].topic, true,
                                               &partitions, err);
            if (rc != WN_OK) {
                return rc;
            }
        }
    }
    return count_partitions(search, WN_QUARANTINE_TOPIC, true, &partitions, err);
}

enum wn_code wn_ground_find(const struct wn_worker_options *options, struct wn_reader *reader,
                            wn_give_up *give_up, void *context, struct wn_ground *ret_ground,
                            struct wn_error *err)
{
    const struct wn_settings *settings = options->settings;
    const struct search search = { options, reader, give_up, context, ret_ground };
    if (settings->n_inputs == 0 || settings->n_inputs > WN_INPUTS) {
        return wn_fail(err, WN_FATAL, "config", "inputs: from 1 to %d topics are expected",
                       WN_INPUTS);
    }
    enum wn_code rc = find_cluster(&search, err);
    for (unsigned i = 0; i < settings->n_inputs && rc == WN_OK; i++) {
        rc = find_input(&search, i, err);
    }
    return rc == WN_OK ? check_outputs(&search, err) : rc;
}

void wn_ground_look_for_added(const struct wn_ground *ground, struct wn_reader *reader)
{
    for (unsigned i = 0; i < ground->n_inputs; i++) {
        const struct wn_input_facts *facts = &ground->facts[i];
        struct wn_error err;
        int32_t partitions = 0;
        if (wn_reader_partitions(reader, facts->names.topic, &partitions, &err) == WN_OK &&
            partitions > facts->partitions) {
            wn_log(WN_LOG_ERROR, "partition-added",
                   "topic=%s partitions=%d begun-with=%d text=\"the added ones are not read: a "
                   "session would be split over two; begin a new topic and a new group\"",
                   facts->names.topic, (int)partitions, (int)facts->partitions);
        }
    }
}
