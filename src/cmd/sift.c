// SPDX-License-Identifier: Apache-2.0

/** `winnow sift`: minimise files of raw records into a folder. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "sift_report.h"
#include "winnow/files.h"
#include "winnow/time.h"

enum {
    CACHED = 1 << 16
}; ///< Pseudonyms to remember: 4 MiB of locked memory.

/** What the command line says. */
struct arguments {
    const char *config, *policy, *keys, *kek, *reg, *source, *out, *consent, *as_of;
    bool json;
};

/** Everything that a sift is made of, once it is loaded. */
struct parts {
    struct wn_settings settings;
    struct wn_policy *policy;
    struct wn_source *source;
    struct wn_keyring *keyring;
    struct wn_consent_file *consent;
    struct wn_lists_at_work *lists;
};

static void parts_close(struct parts *parts)
{
    wn_consent_file_close(parts->consent);
    wn_lists_close(parts->lists);
    wn_keyring_close(parts->keyring);
    wn_source_close(parts->source);
    wn_policy_close(parts->policy);
    wn_settings_deinit(&parts->settings);
}

/** Load the consent file, where one is named. @return CMD_DONE or an exit status. */
static int load_consent(struct parts *parts)
{
    const struct wn_settings *settings = &parts->settings;
    struct wn_faults faults = { 0 };
    const struct wn_consent_file_options options = {
        .file = settings->consent,
        .policy = parts->policy,
        .site = &settings->site,
        .keyring = parts->keyring,
        .limit_ms = settings->consent_ms,
    };
    parts->consent = wn_consent_file_open(&options, &faults);
    const int status = faults.n > 0 ? cmd_faults(&faults) : CMD_DONE;
    wn_faults_deinit(&faults);
    if (status == CMD_DONE && !wn_consent_file_has_key(parts->consent)) {
        fputs("winnow: there is no key of purpose 'consent': what needs consent is withheld "
              "(key-missing). Unless it was destroyed: winnow keys ensure\n",
              stderr);
    }
    return status;
}

/** Load all parts. @return CMD_DONE or an exit status. */
static int load(const struct cmd_usage *usage, const struct arguments *arguments,
                struct parts *parts)
{
    struct wn_settings *settings = &parts->settings;
    struct wn_faults faults = { 0 };
    bool good = wn_settings_read(arguments->config, &faults, settings);
    int status = good ? CMD_DONE : cmd_faults(&faults);
    wn_faults_deinit(&faults);
    if (!good) {
        return status;
    }
    settings->consent = arguments->consent ? arguments->consent : settings->consent;
    settings->policy = arguments->policy ? arguments->policy : settings->policy;
    if (arguments->keys) {
        settings->keys = (struct wn_key_paths){ .dir = arguments->keys };
    }
    settings->keys.kek = arguments->kek ? arguments->kek : settings->keys.kek;
    settings->keys.reg = arguments->reg ? arguments->reg : settings->keys.reg;
    if (!settings->keys.dir) {
        return cmd_wrong(usage, "--keys is needed (or `keys: {dir: …}` in --config)");
    }
    status = cmd_policy(settings, &parts->policy);
    if (status == CMD_DONE) {
        status = cmd_source(settings, parts->policy, arguments->source, &parts->source);
    }
    if (status == CMD_DONE) {
        status = cmd_lists_open(settings, &parts->lists);
    }
    struct wn_error err = { 0 };
    if (status == CMD_DONE && wn_keyring_open(&settings->keys, &parts->keyring, &err) != WN_OK) {
        status = cmd_failed(&err);
    }
    return status == CMD_DONE ? load_consent(parts) : status;
}

static void print_summary(const struct wn_files *files, const struct parts *parts,
                          const struct arguments *arguments)
{
    struct wn_buffer text = { 0 };
    const struct wn_files_summary *summary = wn_files_summary(files);
    if (arguments->json) {
        sift_summary_json(summary, parts->policy, &text);
    } else {
        sift_summary_text(summary, parts->policy, arguments->out, &text);
    }
    fwrite(text.at, 1, text.len, stdout);
    wn_buffer_deinit(&text);
}

/** Sift the operands. @return exit status. */
static int sift(struct wn_files *files, char **operands, int n, struct sift_progress *progress)
{
    struct wn_error err = { 0 };
    enum wn_code rc = WN_OK;
    for (int i = 0; rc == WN_OK && i < n; i++) {
        rc = wn_files_add(files, operands[i], (unsigned)i + 1, &err);
    }
    rc = rc == WN_OK ? wn_files_sift(files, &err) : rc;
    sift_progress_end(progress);
    if (rc == WN_OK) {
        return CMD_DONE;
    }
    const uint64_t batches = wn_files_summary(files)->batches;
    if (batches > 0) {
        fprintf(stderr, "winnow: %llu batch%s before it %s published and stand%s.\n",
                (unsigned long long)batches, batches == 1 ? "" : "es",
                batches == 1 ? "was" : "were", batches == 1 ? "s" : "");
    }
    return cmd_failed(&err);
}

/** Say which inputs were left out. @return exit status. */
static int say_refused(const struct wn_files_summary *summary)
{
    if (summary->refused == 0) {
        return CMD_DONE;
    }
    const struct wn_reason_info *info = wn_reason_info(WN_REASON_FILE_REFUSED);
    fprintf(stderr, "%swinnow: %s: %llu file%s left out; %s.\n", summary->refusals, info->id,
            (unsigned long long)summary->refused, summary->refused == 1 ? " was" : "s were",
            info->remedy);
    return CMD_FAILED;
}

/** With all parts loaded: open the folder, sift, say what was done. @return exit status. */
static int work(const struct arguments *arguments, struct parts *parts, char **operands, int n)
{
    struct sift_progress progress = { 0 };
    struct wn_files *files = NULL;
    struct wn_error err = { 0 };
    const struct wn_files_options options = {
        .folder = arguments->out,
        .policy = parts->policy,
        .source = parts->source,
        .keyring = parts->keyring,
        .lists = parts->lists,
        .limits = parts->settings.limits,
        .batch_bytes = parts->settings.batch_bytes,
        .unpack = parts->settings.unpack,
        .consent = parts->consent,
        .cached = CACHED,
        .tell = isatty(STDERR_FILENO) ? sift_progress_tell : NULL,
        .context = &progress,
    };
    if (wn_files_open(&options, &files, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    int status = sift(files, operands, n, &progress);
    if (status == CMD_DONE) {
        print_summary(files, parts, arguments);
        status = say_refused(wn_files_summary(files));
    }
    wn_files_close(files);
    if (status == CMD_DONE && (fflush(stdout) != 0 || ferror(stdout))) {
        fputs("winnow: standard output can't be written; all batches were published.\n", stderr);
        status = CMD_FAILED;
    }
    return status;
}

static int count_dashes(char **operands, int n)
{
    int dashes = 0;
    for (int i = 0; i < n; i++) {
        dashes += strcmp(operands[i], "-") == 0 ? 1 : 0;
    }
    return dashes;
}

int cmd_sift(int argc, char **argv)
{
    struct arguments arguments = { 0 };
    const struct cmd_option options[] = {
        { "config", "F", "Configuration (site, limits, files).", &arguments.config, NULL },
        { "policy", "DIR", "Folder of *.avsc and sources/.", &arguments.policy, NULL },
        { "keys", "DIR", "Keys folder.", &arguments.keys, NULL },
        { "kek", "F", "Key that wraps the keys; default DIR.kek.", &arguments.kek, NULL },
        { "register", "F", "Register of keys; default DIR.register.", &arguments.reg, NULL },
        { "source", "NAME", "What wrote the files: a file of sources/.", &arguments.source, NULL },
        { "out", "DIR", "Where to write; made where it is not there.", &arguments.out, NULL },
        { "consent", "F", "Who has consented to what, when; without it nobody.", &arguments.consent,
          NULL },
        { "as-of", "T", "Judge late and future records, and consent, by this clock.",
          &arguments.as_of, NULL },
        { "json", NULL, "Print the summary as JSON.", NULL, &arguments.json },
    };
    const struct cmd_usage usage = {
        "sift", "[OPTION]... --keys DIR --source NAME --out DIR FILE...",
        "Keep of the raw records in FILEs what each purpose needs, and write it to DIR: usage\n"
        "records, quarantine, and a signed receipt for every batch. A FILE may be plain, gzip or\n"
        "Zstandard; a folder stands for its files by name (not hidden ones, nor folders), - for\n"
        "standard input. The same command run again finishes what was interrupted, and leaves\n"
        "out what was sifted before.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (!arguments.source || !arguments.out || n == 0) {
        return cmd_wrong(&usage, "--source, --out and at least one FILE are needed");
    }
    if (count_dashes(argv + 1, n) > 1) {
        return cmd_wrong(&usage, "- (standard input) stands twice");
    }
    int64_t as_of_ms = 0;
    struct wn_error err;
    if (arguments.as_of && wn_time_utc(wn_slice_of(arguments.as_of), &as_of_ms, &err) != WN_OK) {
        return cmd_wrong(&usage, "--as-of expects a time in UTC such as 2026-10-24T00:00:00Z");
    }

    wn_process_harden();
    struct parts parts = { 0 };
    status = load(&usage, &arguments, &parts);
    if (status == CMD_DONE) {
        parts.settings.limits.now_ms = arguments.as_of ? as_of_ms : INT64_MIN;
        status = work(&arguments, &parts, argv + 1, n);
    }
    parts_close(&parts);
    return status;
}
