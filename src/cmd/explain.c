// SPDX-License-Identifier: Apache-2.0

/** `winnow explain`: why a record became what it is, or what a source makes of a whole file. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "explain.h"

/** What the command line says. */
struct arguments {
    const char *config, *policy, *source, *record;
    bool all, show_values, json;
    uint64_t number;
};

/** Everything that an explanation is made of, once it is loaded. */
struct parts {
    struct wn_settings settings;
    struct wn_policy *policy;
    struct wn_source *source;
    struct wn_lists_at_work *lists;
    struct wn_keyring *ring;
    struct explain explain;
};

static void parts_close(struct parts *parts)
{
    wn_keyring_close(parts->ring);
    wn_lists_close(parts->lists);
    wn_source_close(parts->source);
    wn_policy_close(parts->policy);
    wn_settings_deinit(&parts->settings);
}

/** Load all parts. @return CMD_DONE or an exit status. */
static int load(const struct arguments *arguments, struct parts *parts)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    int status = wn_settings_read(arguments->config, &faults, &parts->settings)
                     ? CMD_DONE
                     : cmd_faults(&faults);
    wn_faults_deinit(&faults);
    if (status == CMD_DONE) {
        parts->settings.policy = arguments->policy ? arguments->policy : parts->settings.policy;
        status = cmd_policy(&parts->settings, &parts->policy);
    }
    if (status == CMD_DONE) {
        status = cmd_source(&parts->settings, parts->policy, arguments->source, &parts->source);
    }
    if (status == CMD_DONE) {
        status = cmd_lists_open(&parts->settings, &parts->lists);
    }
    if (status == CMD_DONE && wn_keyring_scratch(parts->policy->purposes, parts->policy->n_purposes,
                                                 &parts->ring, &err) != WN_OK) {
        status = cmd_failed(&err);
    }
    if (status != CMD_DONE) {
        return status;
    }
    parts->explain = (struct explain){
        .policy = parts->policy,
        .source = parts->source,
        .source_file = wn_settings_source(&parts->settings, arguments->source, &faults),
        .ring = parts->ring,
        .show_values = arguments->show_values,
    };
    for (unsigned i = 0; i < parts->source->n_sections; i++) {
        parts->explain.types[i] =
            wn_policy_type(parts->policy, parts->source->sections[i].shape->type);
    }
    return CMD_DONE;
}

/** The one record that is wanted. */
struct wanted {
    const struct arguments *arguments;
    const struct explain *explain;
    struct wn_buffer text;
    bool found;
};

static bool take_wanted(void *context, const struct wn_looked *looked)
{
    struct wanted *wanted = context;
    if (looked->number != wanted->arguments->number) {
        return true;
    }
    struct explained explained;
    explained_init(wanted->explain, looked, &explained);
    if (wanted->arguments->json) {
        explain_record_json(wanted->explain, &explained, &wanted->text);
    } else {
        explain_record_text(wanted->explain, &explained, &wanted->text);
    }
    explained_deinit(&explained);
    wanted->found = true;
    return false;
}

static void print(struct wn_buffer *text)
{
    fwrite(text->at, 1, text->len, stdout);
    wn_buffer_wipe(text); // Values may be in it.
    wn_buffer_deinit(text);
}

static int explain_one(const struct arguments *arguments, const struct wn_look_options *options,
                       const struct explain *explain, const char *file)
{
    struct wanted wanted = { .arguments = arguments, .explain = explain };
    struct wn_error err = { 0 };
    uint64_t n = 0;
    const enum wn_code rc = wn_look(options, file, take_wanted, &wanted, &n, &err);
    if (rc == WN_OK && wanted.found) {
        print(&wanted.text);
        return CMD_DONE;
    }
    wn_buffer_deinit(&wanted.text);
    if (rc != WN_OK) {
        return cmd_failed(&err);
    }
    fprintf(stderr, "winnow explain: there is no record %llu; the file has %llu\n",
            (unsigned long long)arguments->number, (unsigned long long)n);
    return CMD_FAILED;
}

static int explain_all(const struct arguments *arguments, const struct wn_look_options *options,
                       const struct explain *explain, const char *file)
{
    struct explain_file *account = explain_file_open(explain);
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    uint64_t n = 0;
    const enum wn_code rc = wn_look(options, file, explain_file_add, account, &n, &err);
    if (rc == WN_OK && arguments->json) {
        explain_file_json(account, &text);
    } else if (rc == WN_OK) {
        explain_file_text(account, &text);
    }
    explain_file_close(account);
    print(&text);
    return rc == WN_OK ? CMD_DONE : cmd_failed(&err);
}

/** @return CMD_DONE, or what was said of a wrong command line. */
static int check(const struct cmd_usage *usage, struct arguments *arguments, int n)
{
    arguments->number = 1;
    if (!arguments->source || n != 1) {
        return cmd_wrong(usage, "--source and one FILE are needed");
    }
    if (arguments->record &&
        (!wn_slice_number(wn_slice_of(arguments->record), &arguments->number) ||
         arguments->number == 0)) {
        return cmd_wrong(usage, "--record expects a whole number from 1");
    }
    if (arguments->all && arguments->record) {
        return cmd_wrong(usage, "--record and --all exclude each other");
    }
    if (arguments->all && arguments->show_values) {
        return cmd_wrong(usage, "--all shows the shapes of values only; --show-values goes with "
                                "--record");
    }
    if (arguments->show_values && !isatty(STDOUT_FILENO)) {
        return cmd_wrong(usage, "--show-values shows a person's data, and only on a terminal; "
                                "standard output is none");
    }
    return CMD_DONE;
}

int cmd_explain(int argc, char **argv)
{
    struct arguments arguments = { 0 };
    const struct cmd_option options[] = {
        { "config", "F", "Configuration (site, limits).", &arguments.config, NULL },
        { "policy", "DIR", "Folder of *.avsc and sources/.", &arguments.policy, NULL },
        { "source", "NAME", "What wrote the file: a file of sources/.", &arguments.source, NULL },
        { "record", "N", "Which record, from 1; the first unless said.", &arguments.record, NULL },
        { "all", NULL, "The whole file: names, counts, shapes.", NULL, &arguments.all },
        { "show-values", NULL, "Show the record's values, on a terminal only.", NULL,
          &arguments.show_values },
        { "json", NULL, "Print JSON.", NULL, &arguments.json },
    };
    const struct cmd_usage usage = {
        "explain", "[OPTION]... --source NAME FILE",
        "Show how one record of FILE goes its way: what each line of the source made of it, what\n"
        "each purpose would get, and why it was refused or filtered. With --all: of each name how\n"
        "often it was found, gave a value or was refused, counts by reason with their places, and\n"
        "the shape of what was refused. No value is shown, nothing is written, no keys are "
        "needed.\n"
        "FILE may be plain, gzip or Zstandard, or - for standard input.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    status = check(&usage, &arguments, n);
    if (status != CMD_DONE) {
        return status;
    }
    wn_process_harden();
    struct parts parts = { 0 };
    status = load(&arguments, &parts);
    if (status == CMD_DONE) {
        const char *spool = getenv("TMPDIR");
        const struct wn_look_options look = {
            .policy = parts.policy,
            .source = parts.source,
            .keyring = parts.ring,
            .limits = &parts.settings.limits,
            .lists = wn_lists_now(parts.lists),
            .spool = spool && spool[0] != '\0' ? spool : "/tmp",
        };
        status = arguments.all ? explain_all(&arguments, &look, &parts.explain, argv[1])
                               : explain_one(&arguments, &look, &parts.explain, argv[1]);
    }
    parts_close(&parts);
    return status;
}
