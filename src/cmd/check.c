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
        { "connect", NULL, "Ask the brokers, too: topics, settings, rights. It alters nothing.",
          NULL, &connect },
        { "json", NULL, "Print JSON.", NULL, &json },
    };
    const struct cmd_usage usage = {
        "check", "[OPTION]...",
        "Say everything that is wrong with configuration, policy, sources, lists, consent file "
        "and\n"
        "keys, each with its file and line; warn of what people forget; and show what the policy\n"
        "gives to whom, and which fields each source fills. With inputs: the sources that they\n"
        "name, else all of the policy's folder. Nothing is written; no broker is asked but with\n"
        "--connect, which compares what is on them with what `winnow run` needs.",
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
    if (connect && !config) {
        return cmd_wrong(&usage, "--connect needs --config F, which names brokers and inputs");
    }
    wn_process_harden();
    struct check check = { .policy = NULL };
    struct wn_buffer text = { 0 };
    check_gather(&check, config, folder);
    if (connect) {
        check_brokers(&check);
    }
    if (json) {
        check_json(&check, &text);
    } else {
        check_text(&check, &text);
    }
    fwrite(text.at, 1, text.len, stdout);
    const unsigned n_faults = check.faults.n + check.findings.n_faults;
    status = check.n_config > 0 ? CMD_USAGE : n_faults > 0 ? CMD_FAILED : CMD_DONE;
    wn_buffer_deinit(&text);
    check_deinit(&check);
    return status;
}
