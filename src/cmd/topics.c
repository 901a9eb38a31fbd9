// SPDX-License-Identifier: Apache-2.0

/*
 * The topics, with what each needs of its broker:
 *
 *     outputs       7 days: transport, not the store
 *     quarantine    14 days
 *     receipts      for ever: they prove what was done
 *     keys          compacted, for ever
 *     state         window and 7 days, by time only; as many partitions as its input has, so that
 *                   the state of an input partition lies in the partition of the same number
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "winnow/kafka.h"
#include "winnow/worker.h"

enum {
    TOPICS = WN_TYPES * WN_PURPOSES + 3 + 64
};

/** The topics to be, and the texts that they point to. */
struct plan {
    struct wn_topic topics[TOPICS];
    size_t n;
    char state_names[64][WN_TOPIC_NAME];
    char state_ms[32];
    const char *state_settings[13];
};

static const char *const output_settings[] = { "cleanup.policy",
                                               "delete",
                                               "retention.ms",
                                               "604800000",
                                               "retention.bytes",
                                               "-1",
                                               "message.timestamp.type",
                                               "CreateTime",
                                               NULL };
static const char *const quarantine_settings[] = { "cleanup.policy",
                                                   "delete",
                                                   "retention.ms",
                                                   "1209600000",
                                                   "retention.bytes",
                                                   "-1",
                                                   "message.timestamp.type",
                                                   "CreateTime",
                                                   NULL };
static const char *const receipt_settings[] = {
    "cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1", NULL
};
static const char *const key_settings[] = { "cleanup.policy", "compact", NULL };

static void add(struct plan *plan, const char *name, int32_t partitions,
                const char *const *settings)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (strcmp(plan->topics[i].name, name) == 0) {
            return;
        }
    }
    if (plan->n < TOPICS) {
        plan->topics[plan->n++] = (struct wn_topic){ name, partitions, settings, WN_TOPIC_OPEN };
    }
}

static void plan_state_settings(struct plan *plan, const struct wn_settings *settings)
{
    const int64_t day_ms = 86400000;
    int64_t window = (settings->limits.lateness_ms + day_ms - 1) / day_ms + 1;
    long long retention_ms = (window + 7) * day_ms;
    (void)snprintf(plan->state_ms, sizeof(plan->state_ms), "%lld", retention_ms);
    const char *const list[] = { "cleanup.policy",
                                 "delete",
                                 "retention.ms",
                                 plan->state_ms,
                                 "retention.bytes",
                                 "-1",
                                 "segment.ms",
                                 "86400000",
                                 "max.message.bytes",
                                 "1048588",
                                 NULL };
    memcpy((void *)plan->state_settings, (const void *)list, sizeof(list));
}

static void plan_outputs(struct plan *plan, const struct wn_policy *policy, int32_t partitions)
{
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes; j++) {
            add(plan, policy->types[i].purposes[j].topic, partitions, output_settings);
        }
    }
    add(plan, WN_QUARANTINE_TOPIC, partitions, quarantine_settings);
    add(plan, WN_RECEIPTS_TOPIC, 1, receipt_settings);
    add(plan, WN_KEYS_TOPIC, 1, key_settings);
}

/** An input is made by who writes it, or by --partitions: its number is the state topic's. */
static enum wn_code plan_inputs(struct plan *plan, const struct wn_settings *settings,
                                int32_t partitions, struct wn_error *err)
{
    struct wn_reader *reader = NULL;
    enum wn_code rc = wn_reader_open(settings, true, &reader, err);
    for (unsigned i = 0; i < settings->n_inputs && i < 64 && rc == WN_OK; i++) {
        const char *topic = settings->inputs[i].topic;
        int32_t found = 0;
        for (int tries = 0; tries < 5; tries++) {
            rc = wn_reader_partitions(reader, topic, &found, err);
            if (rc != WN_RETRY) {
                break;
            }
        }
        bool missing = rc == WN_FATAL && strcmp(err->reason, "topic-missing") == 0;
        if (missing && partitions > 0) {
            add(plan, topic, partitions, NULL);
            found = partitions;
            rc = WN_OK;
        } else if (missing) {
            rc = wn_fail(err, WN_FATAL, "topic-missing",
                         "%s: no such input topic; make it as its writer needs it, or say "
                         "--partitions N to have it made",
                         topic);
        }
        if (rc == WN_OK && !wn_state_topic(settings->group, topic, plan->state_names[i])) {
            rc = wn_fail(err, WN_FATAL, "config", "%s: its state topic's name is too long", topic);
        }
        if (rc == WN_OK) {
            add(plan, plan->state_names[i], found, plan->state_settings);
        }
    }
    (void)wn_reader_close(reader);
    if (rc == WN_RETRY) {
        return wn_fail(err, WN_FATAL, "broker-away",
                       "no broker answers at the address under kafka: bootstrap.servers");
    }
    return rc;
}

/** A state topic that was there must have its input's number of partitions. */
static enum wn_code check_states(const struct plan *plan, const struct wn_settings *settings,
                                 struct wn_error *err)
{
    struct wn_reader *reader = NULL;
    enum wn_code rc = wn_reader_open(settings, true, &reader, err);
    for (size_t i = 0; i < plan->n && rc == WN_OK; i++) {
        const struct wn_topic *topic = &plan->topics[i];
        int32_t found = topic->partitions;
        if (topic->settings == plan->state_settings && topic->result == WN_TOPIC_WAS_THERE) {
            rc = wn_reader_partitions(reader, topic->name, &found, err);
        }
        if (rc == WN_OK && found != topic->partitions) {
            rc =
                wn_fail(err, WN_FATAL, "partition-added",
                        "%s has %d partitions and its input %d: state lies in the partition of the "
                        "same number",
                        topic->name, (int)found, (int)topic->partitions);
        }
    }
    (void)wn_reader_close(reader);
    return rc;
}

static int create(const struct wn_settings *settings, const struct wn_policy *policy,
                  int32_t partitions)
{
    struct wn_error err;
    struct plan *plan = calloc(1, sizeof(*plan));
    if (!plan) {
        abort();
    }
    plan_state_settings(plan, settings);
    plan_outputs(plan, policy, partitions > 0 && partitions <= 12 ? partitions : 12);
    enum wn_code rc = plan_inputs(plan, settings, partitions, &err);
    if (rc == WN_OK) {
        rc = wn_topics_create(settings, plan->topics, plan->n, &err);
    }
    for (size_t i = 0; i < plan->n && rc == WN_OK; i++) {
        const struct wn_topic *topic = &plan->topics[i];
        printf("%-40s %s\n", topic->name,
               topic->result == WN_TOPIC_MADE ? "made" : "was there, left as it is");
    }
    if (rc == WN_OK) {
        rc = check_states(plan, settings, &err);
    }
    free(plan);
    return rc == WN_OK ? CMD_DONE : cmd_failed(&err);
}

static int read_partitions(const struct cmd_usage *usage, const char *text, int32_t *ret_number)
{
    uint64_t number = 0;
    *ret_number = 0;
    if (!text) {
        return CMD_DONE;
    }
    if (!wn_slice_number(wn_slice_of(text), &number) || number < 1 || number > 1000) {
        return cmd_wrong(usage, "--partitions: a whole number from 1 to 1000 is expected");
    }
    *ret_number = (int32_t)number;
    return CMD_DONE;
}

int cmd_topics(int argc, char **argv)
{
    const char *config = NULL;
    const char *partitions = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "the configuration, winnow.yaml", &config, NULL },
        { "partitions", "N", "of outputs (12), and of inputs that are not there yet", &partitions,
          NULL },
    };
    const struct cmd_usage usage = {
        "topics", "create --config F [--partitions N]",
        "Make the topics that 'winnow run' needs: outputs, quarantine, receipts, keys, and the "
        "state of each\ninput. What is there is left as it is.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n != 1 || strcmp(argv[1], "create") != 0 || !config) {
        return cmd_wrong(&usage, "create --config F is expected");
    }
    int32_t number = 0;
    status = read_partitions(&usage, partitions, &number);
    if (status != CMD_DONE) {
        return status;
    }
    struct wn_settings settings;
    struct wn_faults faults = { 0 };
    struct wn_policy *policy = NULL;
    status = wn_settings_read(config, &faults, &settings) ? CMD_DONE : cmd_faults(&faults);
    if (status == CMD_DONE) {
        status = cmd_policy(&settings, &policy);
    }
    if (status == CMD_DONE) {
        status = create(&settings, policy, number);
    }
    (void)wn_policy_close(policy);
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
    return status;
}
