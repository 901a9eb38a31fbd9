// SPDX-License-Identifier: Apache-2.0

/** `winnow policy show`: what each purpose gets of each field, in plain words. */

#include <stdio.h>

#include "command.h"

static int show(const struct wn_policy *policy, bool json)
{
    struct wn_buffer text = { 0 };
    if (json) {
        wn_policy_show_json(policy, &text);
    } else {
        wn_policy_show(policy, &text);
    }
    fwrite(text.at, 1, text.len, stdout);
    wn_buffer_deinit(&text);
    return CMD_DONE;
}

int cmd_policy_show(int argc, char **argv)
{
    const char *folder = NULL;
    const char *config = NULL;
    bool json = false;
    const struct cmd_option options[] = {
        { "policy", "DIR", "Folder of the policy's *.avsc.", &folder, NULL },
        { "config", "F", "Configuration; its `policy:` where --policy is absent.", &config, NULL },
        { "json", NULL, "Print JSON.", NULL, &json },
    };
    const struct cmd_usage usage = {
        "policy", "show [OPTION]...",
        "Print the policy as a table: what each purpose gets of each field, on which legal basis, "
        "for how long, and what nobody gets.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n != 1 || strcmp(argv[1], "show") != 0) {
        return cmd_wrong(&usage, "the only verb is 'show'");
    }

    WN_CLEANUP(wn_policy_closep) struct wn_policy *policy = NULL;
    status = cmd_policy_of(config, folder, &policy);
    return status == CMD_DONE ? show(policy, json) : status;
}
