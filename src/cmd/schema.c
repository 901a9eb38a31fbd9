// SPDX-License-Identifier: Apache-2.0

/** `winnow schema PURPOSE TYPE`: the Avro schema that a purpose's reader needs. */

#include <stdio.h>

#include "command.h"

/** Find what was asked for, or say what there is. */
static const struct wn_purpose *find(const struct cmd_usage *usage, const struct wn_policy *policy,
                                     const char *purpose, const char *type)
{
    const struct wn_type *found = wn_policy_type(policy, type);
    const struct wn_purpose *wanted = found ? wn_type_purpose(found, purpose) : NULL;
    if (wanted) {
        return wanted;
    }

    struct wn_buffer list = { 0 };
    for (unsigned i = 0; i < policy->n_types; i++) {
        const struct wn_type *one = &policy->types[i];
        for (unsigned p = 0; p < one->n_purposes; p++) {
            wn_buffer_format(&list, "%s%s %s", list.len > 0 ? ", " : "", one->purposes[p].name,
                             one->shape.type);
        }
    }
    cmd_wrong(usage, "the policy has no purpose and type of these names; there is %.*s",
              (int)list.len, (const char *)list.at);
    wn_buffer_deinit(&list);
    return NULL;
}

int cmd_schema(int argc, char **argv)
{
    const char *folder = NULL;
    const char *config = NULL;
    const struct cmd_option options[] = {
        { "policy", "DIR", "Folder of the policy's *.avsc.", &folder, NULL },
        { "config", "F", "Configuration; its `policy:` where --policy is absent.", &config, NULL },
    };
    const struct cmd_usage usage = {
        "schema", "[OPTION]... PURPOSE TYPE",
        "Print the Avro schema of what a purpose gets of a record type, such as `billing call`.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n != 2) {
        return cmd_wrong(&usage, "PURPOSE and TYPE are needed");
    }

    WN_CLEANUP(wn_policy_closep) struct wn_policy *policy = NULL;
    status = cmd_policy_of(config, folder, &policy);
    if (status != CMD_DONE) {
        return status;
    }
    const struct wn_purpose *purpose = find(&usage, policy, argv[1], argv[2]);
    if (!purpose) {
        return CMD_USAGE;
    }
    fputs(purpose->schema, stdout);
    return CMD_DONE;
}
