// SPDX-License-Identifier: Apache-2.0

/**
 * winnow(1): keep of a usage record what its purpose needs, and no more.
 *
 * - main()                    this file: finds the command, and that is all
 *     - cmd/NAME.c            one command a file
 *
 * - wn_pipeline_bytes()       the way of a record, on one page
 *     - pipeline.c
 *
 * - wn_source_load()          what a switch writes, and where each field is found in it
 *     - decode/source.c       YAML to plan; decode/fill.c applies it
 *     - decode/format.c       the list of formats, one a file
 *     - record/               what a value is
 *
 * - wn_policy_load()          what each purpose may have
 *     - policy/               annotated Avro schemas to plans
 *     - minimise/             plans applied: transform, pseudonym, encode
 *
 * - carriers                  what brings records in and takes results out, all or nothing
 *     - carry/files.c         files, by `winnow sift`
 *     - carry/worker.c        Kafka, by `winnow run`
 *
 * - Used everywhere
 *     - base/                 errors, slices, arenas, hashes, configuration
 */

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

static const struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); ///< Returns the exit status.
} commands[] = {
    { "sift", "minimise files of raw records into a folder", cmd_sift },
    { "check", "say everything that is wrong, and what the policy does", cmd_check },
    { "explain", "show why a record became what it is", cmd_explain },
    { "run", "minimise raw records from Kafka into Kafka, exactly once", cmd_run },
    { "keys", "make, list, destroy, export and import keys", cmd_keys },
    { "schema", "print the Avro schema of a purpose's records", cmd_schema },
    { "policy", "show who gets what, as a table", cmd_policy_show },
    { "cat", "print usage records, envelopes and receipts", cmd_cat },
    { "audit", "check receipts, and outputs against them", cmd_audit },
    { "quarantine", "list, show and drop what was refused", cmd_quarantine },
    { "lists", "check the lists of helplines and of consent", cmd_lists },
    { "topics", "make the topics that `run` needs", cmd_topics },
    { "ctl", "tell a running `winnow run` what to do", cmd_ctl },
};

static int help(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[2], "--runbook") == 0) {
        cmd_runbook();
        return CMD_DONE;
    }
    if (argc > 2 && strcmp(argv[2], "--metrics") == 0) {
        cmd_metrics();
        return CMD_DONE;
    }
    printf("winnow %s: keep of a usage record what its purpose needs, and no more.\n\n"
           "Usage: winnow COMMAND [OPTION]… [OPERAND]…\n\nCommands:\n",
           WINNOW_VERSION);
    for (size_t i = 0; i < WN_COUNT(commands); i++) {
        printf("  %-12s %s\n", commands[i].name, commands[i].summary);
    }
    printf("\n'winnow COMMAND --help' tells more; the manual is winnow(1).\n"
           "Exit status: 0 done, 1 failed, 2 wrong usage or config, 3 the "
           "poison guard tripped,\n4 another instance has our name.\n");
    return CMD_DONE;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";

    if (!cmd_begin()) {
        return CMD_FAILED;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        return cmd_end(help(argc, argv));
    }
    if (strcmp(name, "--version") == 0) {
        printf("winnow %s\n", WINNOW_VERSION);
        return cmd_end(CMD_DONE);
    }
    for (size_t i = 0; i < WN_COUNT(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return cmd_end(commands[i].run(argc - 1, argv + 1));
        }
    }
    fprintf(stderr, "winnow: no such command; try 'winnow help'\n");
    return CMD_USAGE;
}
