// SPDX-License-Identifier: Apache-2.0

#include "topics_rights.h"

#include <stdio.h>

#include "winnow/memory.h"

/** Print one right: a command, and behind it what it is for. */
static void print_right(const char *command, const char *operations, const char *type,
                        const char *name, const char *why)
{
    printf("%s%s --%s '%s'  # %s\n", command, operations, type, name, why);
}

static const char *why_of(enum wn_role role)
{
    switch (role) {
    case WN_ROLE_INPUT:
        return "input";
    case WN_ROLE_BILLING:
    case WN_ROLE_OTHER:
        return "output";
    case WN_ROLE_QUARANTINE:
        return "what is refused";
    case WN_ROLE_RECEIPTS:
        return "receipts: written, and read at a start";
    case WN_ROLE_KEYS:
        return "the register: compared at a start, and written";
    case WN_ROLE_STATE:
        return "duplicates: written, and read where a partition is taken over";
    case WN_ROLE_BROKER:
        break;
    }
    return "";
}

static void print_topics(const struct wn_topics_plan *plan, const char *command)
{
    for (unsigned i = 0; i < plan->n; i++) {
        const bool reads = wn_role_reads(plan->list[i].role);
        const bool writes = wn_role_writes(plan->list[i].role);
        const char *operations = reads && writes ? " --operation Read --operation Write"
                                 : reads         ? " --operation Read"
                                                 : " --operation Write";
        print_right(command, operations, "topic", plan->list[i].name, why_of(plan->list[i].role));
    }
}

static void print_for_run(const struct wn_settings *settings, const struct wn_topics_plan *plan,
                          const char *command)
{
    char name[WN_TRANSACTIONAL_ID];
    printf("# What `winnow run` needs, and nothing else. Read and Write hold Describe; its "
           "transactions "
           "need no right\n# on the cluster (IdempotentWrite).\n");
    print_topics(plan, command);
    print_right(command, " --operation Read", "group", settings->group,
                "the consumers, and their offsets");
    for (unsigned i = 0; wn_transactional_id(settings, i, name); i++) {
        print_right(command, " --operation Write", "transactional-id", name,
                    i < settings->workers ? "a worker's transactions"
                                          : "the register's transaction");
    }
}

/** What `run` only writes, an auditor reads; to drop is a transaction of its own. */
static void print_for_readers(const struct wn_settings *settings, const struct wn_topics_plan *plan,
                              const char *command)
{
    printf("# Besides, for `winnow audit` and `winnow quarantine list`: better for another user "
           "than run's.\n");
    for (unsigned i = 0; i < plan->n; i++) {
        const enum wn_role role = plan->list[i].role;
        if (wn_role_writes(role) && !wn_role_reads(role)) {
            printf("#%s --operation Read --topic '%s'\n", command, plan->list[i].name);
        }
    }
    printf("# Besides, for `winnow quarantine drop`.\n");
    printf("#%s --operation Write --transactional-id '%s-drop'\n", command, settings->group);
}

static void print_for_others(const struct wn_topics_plan *plan, const char *command)
{
    printf("# Besides, for `winnow check --connect`: settings are compared where they may be "
           "seen.\n");
    for (unsigned i = 0; i < plan->n; i++) {
        printf("#%s --operation DescribeConfigs --topic '%s'\n", command, plan->list[i].name);
    }
    printf("#%s --operation DescribeConfigs --cluster\n", command);
    printf("# Besides, for `winnow topics create`.\n#%s --operation Create --cluster\n", command);
}

/** @return the name that the brokers know us by, or NULL: it is a certificate's, or nothing. */
static const char *name_of(const struct wn_settings *settings)
{
    const char *name = NULL;
    const struct wn_properties *const lists[] = { &settings->kafka, &settings->consumer };
    for (size_t i = 0; i < WN_COUNT(lists); i++) {
        for (unsigned j = 0; j < lists[i]->n; j++) {
            if (strcmp(lists[i]->list[j].name, "sasl.username") == 0) {
                name = lists[i]->list[j].value;
            }
        }
    }
    return name;
}

void topics_rights_print(const struct wn_settings *settings, const struct wn_policy *policy)
{
    struct wn_topics_plan *plan = wn_take(1, sizeof(*plan));
    struct wn_buffer command = { 0 };
    const char *name = name_of(settings);
    wn_topics_plan(settings, policy, plan);
    wn_buffer_format(&command,
                     "kafka-acls.sh --bootstrap-server %s --add --allow-principal 'User:%s'",
                     wn_settings_brokers(settings), name ? name : "NAME");
    wn_buffer_add(&command, "", 1);
    if (!name) {
        printf("# NAME: who the brokers take us for: sasl.username, or the subject of our "
               "certificate.\n");
    }
    print_for_run(settings, plan, (const char *)command.at);
    print_for_readers(settings, plan, (const char *)command.at);
    print_for_others(plan, (const char *)command.at);
    wn_buffer_deinit(&command);
    free(plan);
}
