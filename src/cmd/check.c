// SPDX-License-Identifier: Apache-2.0

/** `winnow check`: everything that is wrong at once, and what the policy does. */

#include "check.h"

#include <stdio.h>

int cmd_check(int argc, char **argv)
{
    const char *config = NULL;
    const char *folder = NULL;
    bool connect = false;
    bool json = false;
    const struct cmd_option options[] = {
        { "config", "F", "Configuration; what it names is checked.", &config, NULL },
        { "policy", "DIR", "Folder of *.avsc and sources/, in place of the config's.", &folder,
          NULL },
        { "connect", NULL, "Not in this version: brokers and topics are not asked.", NULL,
          &connect },
        { "json", NULL, "Print JSON.", NULL, &json },
    };
    const struct cmd_usage usage = {
        "check", "[OPTION]...",
        "Say everything that is wrong with configuration, policy, sources, lists, consent file "
        "and\n"
        "keys, each with its file and line; warn of what people forget; and show what the policy\n"
        "gives to whom, and which fields each source fills. With inputs: the sources that they\n"
        "name, else all of the policy's folder. Nothing is written, no broker is asked.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n > 0) {
        return cmd_wrong(&usage, "no operands are expected");
    }
    if (connect) {
        return cmd_wrong(&usage, "--connect is not in this version; without it everything is "
                                 "checked but brokers and topics, which `winnow run` checks when "
                                 "it starts");
    }
    wn_process_harden();
    struct check check = { .policy = NULL };
    struct wn_buffer text = { 0 };
    check_gather(&check, config, folder);
    if (json) {
        check_json(&check, &text);
    } else {
        check_text(&check, &text);
    }
    fwrite(text.at, 1, text.len, stdout);
    status = check.n_config > 0 ? CMD_USAGE : check.faults.n > 0 ? CMD_FAILED : CMD_DONE;
    wn_buffer_deinit(&text);
    check_deinit(&check);
    return status;
}
