// SPDX-License-Identifier: Apache-2.0

/*
 * What each topic needs of its broker is the table of wants.h. A state topic has as many partitions
 * as its input, so that the state of an input partition lies in the partition of the same number.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "topics_rights.h"
#include "winnow/kafka.h"
#include "winnow/memory.h"
#include "winnow/wants.h"

enum {
    PAIRS = 32,      ///< Names and values of a topic's settings, at most.
    KNOCK_MS = 10000 ///< How long to wait for the brokers.
};

/** The topics to be, and the texts that they point to. */
struct work {
    struct wn_topics_plan plan;
    struct wn_topic topics[WN_PLANNED]; ///< Those of the plan that are to be made.
    const struct wn_planned *planned[WN_PLANNED];
    size_t n;
    struct wn_arena arena;
};

/** Add a topic with the settings that its role wants. */
static void add(struct work *work, const struct wn_settings *settings,
                const struct wn_planned *planned, int32_t partitions)
{
    const char **list = wn_arena_zeroed(&work->arena, PAIRS + 1, sizeof(char *));
    const struct wn_want *want;
    size_t n = 0;
    for (unsigned i = 0; (want = wn_want_of(planned->role, i)) != NULL; i++) {
        if (want->made && n < PAIRS) {
            char *value = wn_arena_take(&work->arena, 32);
            wn_want_value(want, settings, value);
            list[n++] = want->setting;
            list[n++] = value;
        }
    }
    work->planned[work->n] = planned;
    work->topics[work->n++] = (struct wn_topic){ planned->name, partitions, list, WN_TOPIC_OPEN };
}

/** An input is made by who writes it, or by --partitions: its number is the state topic's. */
static enum wn_code plan_input(struct work *work, struct wn_reader *reader,
                               const struct wn_settings *settings, const struct wn_planned *planned,
                               int32_t *partitions, struct wn_error *err)
{
    enum wn_code rc = WN_RETRY;
    int32_t found = 0;
    for (int tries = 0; tries < 5 && rc == WN_RETRY; tries++) {
        rc = wn_reader_partitions(reader, planned->name, &found, err);
    }
    const bool missing = rc == WN_FATAL && strcmp(err->reason, "topic-missing") == 0;
    if (missing && *partitions > 0) {
        add(work, settings, planned, *partitions);
        return WN_OK;
    }
    if (missing) {
        return wn_fail(err, WN_FATAL, "topic-missing",
                       "%s: no such input topic; make it as its writer needs it, or say "
                       "--partitions N to have it made",
                       planned->name);
    }
    *partitions = found;
    return rc;
}

static enum wn_code check_names(const struct wn_settings *settings, struct wn_error *err)
{
    char name[WN_TOPIC_NAME];
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        if (!wn_state_topic(settings->group, settings->inputs[i].topic, name)) {
            return wn_fail(err, WN_FATAL, "config", "%s: its state topic's name is too long",
                           settings->inputs[i].topic);
        }
    }
    return WN_OK;
}

static enum wn_code plan(struct work *work, const struct wn_settings *settings, int32_t partitions,
                         struct wn_error *err)
{
    const int32_t outputs =
        partitions > 0 && partitions <= WN_OUTPUT_PARTITIONS ? partitions : WN_OUTPUT_PARTITIONS;
    int32_t of_input = 0;
    struct wn_reader *reader = NULL;
    enum wn_code rc = check_names(settings, err);
    rc = rc == WN_OK ? wn_kafka_knock(settings, KNOCK_MS, NULL, NULL, err) : rc;
    rc = rc == WN_OK ? wn_reader_open(settings, true, &reader, err) : rc;
    for (unsigned i = 0; i < work->plan.n && rc == WN_OK; i++) {
        const struct wn_planned *planned = &work->plan.list[i];
        if (planned->role == WN_ROLE_INPUT) {
            of_input = partitions;
            rc = plan_input(work, reader, settings, planned, &of_input, err);
        } else if (planned->role == WN_ROLE_STATE) { // Stands behind its input.
            add(work, settings, planned, of_input);
        } else {
            const bool one = planned->role == WN_ROLE_RECEIPTS || planned->role == WN_ROLE_KEYS;
            add(work, settings, planned, one ? 1 : outputs);
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
static enum wn_code check_states(const struct work *work, const struct wn_settings *settings,
                                 struct wn_error *err)
{
    struct wn_reader *reader = NULL;
    enum wn_code rc = wn_reader_open(settings, true, &reader, err);
    for (size_t i = 0; i < work->n && rc == WN_OK; i++) {
        const struct wn_topic *topic = &work->topics[i];
        int32_t found = topic->partitions;
        if (work->planned[i]->role == WN_ROLE_STATE && topic->result == WN_TOPIC_WAS_THERE) {
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
    struct work *work = wn_take(1, sizeof(*work));
    wn_topics_plan(settings, policy, &work->plan);
    enum wn_code rc = plan(work, settings, partitions, &err);
    if (rc == WN_OK) {
        rc = wn_topics_create(settings, work->topics, work->n, &err);
    }
    for (size_t i = 0; i < work->n && rc == WN_OK; i++) {
        const struct wn_topic *topic = &work->topics[i];
        printf("%-40s %s\n", topic->name,
               topic->result == WN_TOPIC_MADE ? "made" : "was there, left as it is");
    }
    if (rc == WN_OK) {
        rc = check_states(work, settings, &err);
    }
    wn_arena_deinit(&work->arena);
    free(work);
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
    bool print_acls = false;
    const struct cmd_option options[] = {
        { "config", "F", "the configuration, winnow.yaml", &config, NULL },
        { "partitions", "N", "of outputs (12), and of inputs that are not there yet", &partitions,
          NULL },
        { "print-acls", NULL, "print the rights that 'winnow run' needs, as commands; make nothing",
          NULL, &print_acls },
    };
    const struct cmd_usage usage = {
        "topics", "create --config F [--partitions N | --print-acls]",
        "Make the topics that 'winnow run' needs: outputs, quarantine, receipts, keys, and the "
        "state of each\ninput. What is there is left as it is. With "
        "--print-acls no broker is asked: the commands that grant the\nrights are printed.",
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
    if (status == CMD_DONE && print_acls) {
        topics_rights_print(&settings, policy);
    } else if (status == CMD_DONE) {
        status = create(&settings, policy, number);
    }
    (void)wn_policy_close(policy);
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
    return status;
}
