// SPDX-License-Identifier: Apache-2.0

/**
 * What all commands share: options, messages, exit statuses. One command a file, `cmd_NAME()`,
 * listed in main.c.
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage or config, 3 the poison guard tripped, 4 another
 * instance has our name.
 */

#ifndef WINNOW_COMMAND_H
#define WINNOW_COMMAND_H

#include "winnow/config.h"
#include "winnow/error.h"
#include "winnow/keyring.h"
#include "winnow/lists.h"
#include "winnow/policy.h"
#include "winnow/settings.h"
#include "winnow/source.h"

enum {
    CMD_DONE = 0,
    CMD_FAILED = 1,
    CMD_USAGE = 2,
    CMD_POISON = 3,
    CMD_NAME_TAKEN = 4
};

/** One option, `--name VALUE` or `--name`; exactly one of `value` and `flag` is set. */
struct cmd_option {
    const char *name;     ///< Without the dashes.
    const char *argument; ///< What stands behind it in the help ("DIR"); NULL for a flag.
    const char *help;     ///< One sentence.
    const char **value;   ///< Where its value goes.
    bool *flag;
};

/** How a command is called. */
struct cmd_usage {
    const char *name;      ///< "sift", "keys init".
    const char *arguments; ///< "[OPTION]… FILE…".
    const char *summary;   ///< What it does, for --help: a few sentences.
    const struct cmd_option *options;
    size_t n_options;
};

/**
 * Before any command: a standard stream that the caller closed is held by a descriptor that can be
 * neither read nor written as such, so that no file of ours gets its number and our messages; and a
 * limit on the size of files is an error that is said, not a signal.
 *
 * @return false where even that can't be done.
 */
bool cmd_begin(void);

/**
 * Behind any command: what it printed is written, or that is said. @return `status`, or CMD_FAILED.
 */
int cmd_end(int status);

/**
 * Read GNU-style options (also `--name=VALUE`, mixed with operands, `--` ends them). Empty
 * values and operands are wrong usage: they are a script's unset variable.
 *
 * @param argv        `argv[0]` is the command's name; operands are moved to the front of
 * `argv[1…]`.
 * @param ret_status  Set where false is returned: `--help` was printed (0), or wrong usage was said
 * (2).
 * @return how many operands there are, or -1: end with `*ret_status`.
 */
int cmd_options(const struct cmd_usage *usage, int argc, char **argv, int *ret_status);

/** Say `winnow NAME: sentence; try 'winnow NAME --help'`. @return CMD_USAGE */
int cmd_wrong(const struct cmd_usage *usage, const char *format, ...) WN_PRINTF(2, 3);

/** Say `winnow: TEXT` and, where the reason has a row in the table, its remedy; control
 * octets, which a file's name may hold, as '?'. @return CMD_USAGE for "config", else CMD_FAILED (3
 * for "poison", 4 for "name-taken"). */
int cmd_failed(const struct wn_error *err);

/** Print all faults, one a line. @return CMD_USAGE */
int cmd_faults(const struct wn_faults *faults);

/** Load the policy of the settings, or print what is wrong. @return CMD_DONE or an exit status. */
int cmd_policy(const struct wn_settings *settings, struct wn_policy **ret_policy);

/**
 * Load the policy of a folder, or where that is NULL of a config, or where that is NULL too of the
 * default; or print what is wrong. @return CMD_DONE or an exit status.
 */
int cmd_policy_of(const char *config, const char *folder, struct wn_policy **ret_policy);

/** Open the lists of the settings, or print what is wrong. @return CMD_DONE or an exit status. */
int cmd_lists_open(struct wn_settings *settings, struct wn_lists_at_work **ret_lists);

/** Load a source by its name, or print what is wrong. @return CMD_DONE or an exit status. */
int cmd_source(struct wn_settings *settings, const struct wn_policy *policy, const char *name,
               struct wn_source **ret_source);

/** Print docs/runbook.md, generated from the table of reasons, to standard output. */
void cmd_runbook(void);

/** Print docs/metrics.md, generated from the table of metrics, to standard output. */
void cmd_metrics(void);

int cmd_sift(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_policy_show(int argc, char **argv);
int cmd_cat(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_quarantine(int argc, char **argv);
int cmd_topics(int argc, char **argv);
int cmd_ctl(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_lists(int argc, char **argv);
int cmd_check(int argc, char **argv);

#endif
