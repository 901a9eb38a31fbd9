// SPDX-License-Identifier: Apache-2.0

/*
 * winnow keys VERB: what is made is read off the policy (its purposes and their key periods), and
 * the purposes `record` and `consent`, which are winnow's own.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "winnow/consent.h"
#include "winnow/hash.h"
#include "winnow/keeper.h"
#include "winnow/time.h"

enum {
    MONTHS_BACK = 13,
    MONTHS_AHEAD = 3,
    MOST_MONTHS = 240,
};

/** What the command line says. */
struct arguments {
    const char *config, *policy, *keys, *kek, *reg, *officer_key, *from, *to, *wrap;
    bool json, yes;
    char **operands; ///< argv[1…].
    int n_operands;
};

/** A verb at work. */
struct work {
    const struct cmd_usage *usage;
    const struct arguments *arguments;
    struct wn_settings settings;
};

/** Which options a verb takes besides those that say where the keys are. */
enum {
    TAKES_POLICY = 1,
    TAKES_OFFICER = 2,
    TAKES_MONTHS = 4,
    TAKES_JSON = 8,
    TAKES_YES = 16,
    TAKES_WRAP = 32,
};

static uint32_t month_after(uint32_t month, int n)
{
    int count = (int)(month / 100) * 12 + (int)(month % 100) - 1 + n;
    return (uint32_t)(count / 12 * 100 + count % 12 + 1);
}

/** Read YYYY-MM. */
static bool read_month(const char *text, uint32_t *ret_month)
{
    uint64_t year, month;
    if (strlen(text) != 7 || text[4] != '-' ||
        !wn_slice_number((struct wn_slice){ text, 4 }, &year) ||
        !wn_slice_number((struct wn_slice){ text + 5, 2 }, &month) || year < 2000 || month < 1 ||
        month > 12) {
        return false;
    }
    *ret_month = (uint32_t)(year * 100 + month);
    return true;
}

/** A period as "2026-11"; "-" for none. */
static const char *period_text(uint32_t period, char ret_text[16])
{
    snprintf(ret_text, 16, "-");
    if (period > 0) {
        snprintf(ret_text, 16, "%04" PRIu32 "-%02" PRIu32, period / 100, period % 100);
    }
    return ret_text;
}

/** A day as "2026-11-24". */
static const char *day_text(int64_t time_s, char ret_text[16])
{
    struct wn_civil civil = wn_civil_of(time_s * 1000);
    snprintf(ret_text, 16, "%04d-%02u-%02u", (int)(civil.year % 10000), civil.month % 100U,
             civil.day % 100U);
    return ret_text;
}

/** Find out the first and the last month. @return CMD_DONE or an exit status. */
static int read_months(const struct work *work, uint32_t *ret_from, uint32_t *ret_to)
{
    struct wn_error err = { 0 };
    if (wn_keeper_check_clock((int64_t)time(NULL), &err) != WN_OK) {
        return cmd_failed(&err);
    }
    uint32_t now = wn_month_of((int64_t)time(NULL) * 1000);
    *ret_from = month_after(now, -MONTHS_BACK);
    *ret_to = month_after(now, MONTHS_AHEAD);
    const struct arguments *arguments = work->arguments;
    if (arguments->from && !read_month(arguments->from, ret_from)) {
        return cmd_wrong(work->usage, "--from: a month is written YYYY-MM");
    }
    if (arguments->to && !read_month(arguments->to, ret_to)) {
        return cmd_wrong(work->usage, "--to: a month is written YYYY-MM");
    }
    if (*ret_from > *ret_to || month_after(*ret_from, MOST_MONTHS) < *ret_to) {
        return cmd_wrong(work->usage, "--from is after --to, or more than %d months before it",
                         MOST_MONTHS);
    }
    return CMD_DONE;
}

static void add_want(struct wn_buffer *wants, const char *purpose, uint32_t period)
{
    const struct wn_key_want want = { purpose, period };
    wn_buffer_add(wants, &want, sizeof(want));
}

/** Add what a purpose needs: one root, or one a month. */
static void add_purpose(const struct wn_policy *policy, const char *name, const uint32_t months[2],
                        struct wn_buffer *wants)
{
    bool is_needed[] = { [WN_PERIOD_NONE] = false, [WN_PERIOD_MONTH] = false };
    for (unsigned i = 0; i < policy->n_types; i++) {
        const struct wn_purpose *purpose = wn_type_purpose(&policy->types[i], name);
        if (purpose) {
            is_needed[purpose->period] = true;
        }
    }
    if (is_needed[WN_PERIOD_NONE]) {
        add_want(wants, name, 0);
    }
    for (uint32_t month = months[0]; is_needed[WN_PERIOD_MONTH] && month <= months[1];
         month = month_after(month, 1)) {
        add_want(wants, name, month);
    }
}

static int ensure_keys(struct work *work, struct wn_keeper_done *ret_done)
{
    uint32_t months[2] = { 0 };
    struct wn_policy *policy = NULL;
    int status = read_months(work, &months[0], &months[1]);
    status = status == CMD_DONE ? cmd_policy(&work->settings, &policy) : status;
    if (status != CMD_DONE) {
        return status;
    }
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer wants = { 0 };
    struct wn_error err = { 0 };
    add_want(&wants, "record", 0);
    add_want(&wants, WN_CONSENT_PURPOSE, 0);
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        add_purpose(policy, policy->purposes[i], months, &wants);
    }
    if (wn_keeper_ensure(&work->settings.keys, (const struct wn_key_want *)(const void *)wants.at,
                         wants.len / sizeof(struct wn_key_want), (int64_t)time(NULL), ret_done,
                         &err) != WN_OK) {
        status = cmd_failed(&err);
    }
    wn_policy_close(policy);
    return status;
}

static int run_ensure(struct work *work)
{
    struct wn_keeper_done done = { 0 };
    int status = ensure_keys(work, &done);
    if (status == CMD_DONE || done.faulty > 0) { // The others are made.
        printf("%u keys made, %u were there", done.made, done.kept);
        printf(done.destroyed > 0 ? ", %u stay destroyed.\n" : ".\n", done.destroyed);
    }
    return status;
}

static int run_init(struct work *work)
{
    struct wn_keeper_done done;
    struct wn_error err = { 0 };
    uint32_t months[2] = { 0 };
    struct wn_policy *policy = NULL;
    // Everything that can be wrong is said before there is a folder.
    int status = read_months(work, &months[0], &months[1]);
    status = status == CMD_DONE ? cmd_policy(&work->settings, &policy) : status;
    wn_policy_close(policy);
    if (status != CMD_DONE) {
        return status;
    }
    if (wn_keeper_init(&work->settings.keys, work->arguments->officer_key, (int64_t)time(NULL),
                       &err) != WN_OK) {
        return cmd_failed(&err);
    }
    status = ensure_keys(work, &done);
    if (status == CMD_DONE) {
        const char *dir = work->settings.keys.dir;
        size_t len = strlen(dir);
        while (len > 1 && dir[len - 1] == '/') {
            len--;
        }
        printf("%u keys made in %s.\n", done.made, dir);
        if (work->arguments->officer_key) {
            printf("The officer's private key is in %s: take it away from this machine.\n",
                   work->arguments->officer_key);
        } else {
            printf("The officer's private key is in %.*s.officer.key: take it away from this "
                   "machine.\n",
                   (int)len, dir);
        }
        printf("Back up the folder and the key-encryption key apart; keep the newest copy of the "
               "register.\n");
    }
    return status;
}

static const char *const states[] = {
    [WN_KEY_LIVE] = "live",
    [WN_KEY_DESTROYED] = "destroyed",
    [WN_KEY_MISSING] = "missing",
    [WN_KEY_BROKEN] = "broken",
};

static void print_row(const struct wn_key_row *row, bool json, bool is_first)
{
    char kcv[2 * sizeof(row->kcv) + 1], period[16], made[16], destroyed[16] = "-";
    wn_hex(row->kcv, sizeof(row->kcv), kcv);
    if (json) {
        printf(
            "%s\n  {\"purpose\":\"%s\",\"period\":%" PRIu32 ",\"key_id\":\"%s\",\"state\":\"%s\","
            "\"made\":%" PRId64,
            is_first ? "" : ",", row->purpose, row->period, kcv, states[row->state], row->made_s);
        if (row->destroyed) {
            printf(",\"destroyed\":%" PRId64, row->destroyed_s);
        }
        printf("}");
        return;
    }
    if (row->destroyed) {
        day_text(row->destroyed_s, destroyed);
    }
    printf("%-20s %-8s %-17s %-10s %-10s %s\n", row->purpose, period_text(row->period, period), kcv,
           states[row->state], day_text(row->made_s, made), destroyed);
}

/** The officer's public key, as the register names it: behind the rows. */
static void print_officer(const struct wn_key_row *officer, bool json)
{
    char id[2 * sizeof(officer->kcv) + 1], made[16];
    wn_hex(officer->kcv, sizeof(officer->kcv), id);
    if (json) {
        printf("\n],\"officer\":{\"key_id\":\"%s\",\"made\":%" PRId64 "}}\n", id, officer->made_s);
    } else {
        printf("\nofficer's public key: %s, made %s\n", id, day_text(officer->made_s, made));
    }
}

static int run_list(struct work *work)
{
    WN_CLEANUP(wn_keyring_closep) struct wn_keyring *keyring = NULL;
    struct wn_error err = { 0 };
    if (wn_keyring_open(&work->settings.keys, &keyring, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    bool json = work->arguments->json;
    if (json) {
        printf("{\"keys\":[");
    } else {
        printf("%-20s %-8s %-17s %-10s %-10s %s\n", "purpose", "period", "key id", "state", "made",
               "destroyed");
    }
    struct wn_key_row row;
    const struct wn_key_row officer = wn_keyring_officer(keyring);
    unsigned n_faulty = 0;
    for (unsigned i = 0; wn_keyring_row(keyring, i, &row); i++) {
        print_row(&row, json, i == 0);
        n_faulty += row.state == WN_KEY_MISSING || row.state == WN_KEY_BROKEN;
    }
    print_officer(&officer, json);
    if (n_faulty > 0) {
        fprintf(stderr,
                "winnow: %u of the keys can't be used, and their purposes are withheld: put their "
                "files back from a backup, or import them.\n",
                n_faulty);
    }
    return n_faulty > 0 ? CMD_FAILED : CMD_DONE;
}

static int run_destroy(struct work *work)
{
    const struct arguments *arguments = work->arguments;
    const char *purpose = arguments->operands[0];
    uint32_t period = 0;
    char text[16];
    if (arguments->n_operands > 1 && !read_month(arguments->operands[1], &period)) {
        return cmd_wrong(work->usage, "the second operand is a month, written YYYY-MM");
    }
    if (!arguments->yes) {
        fprintf(
            stderr,
            "winnow keys destroy: the key of %s%s%s would be gone for ever, also where a backup "
            "brings its file back: nobody can compute or check its pseudonyms again, and "
            "nothing new of %s can be written under it.\n%s"
            "winnow keys destroy: nothing was done; say --yes to do it.\n",
            purpose, period > 0 ? " " : "", period > 0 ? period_text(period, text) : "", purpose,
            strcmp(purpose, "record") == 0
                ? "winnow keys destroy: without the key of record no duplicate is recognised "
                  "any more, and sift and run stop: this is the end of this folder.\n"
                : "");
        return CMD_USAGE;
    }
    struct wn_keeper_done done;
    struct wn_error err = { 0 };
    if (wn_keeper_destroy(&work->settings.keys, purpose, period, (int64_t)time(NULL), &done,
                          &err) != WN_OK) {
        return cmd_failed(&err);
    }
    printf(done.destroyed > 0 ? "Destroyed, and entered in the register.\n"
                              : "It was destroyed before.\n");
    return CMD_DONE;
}

static int run_export(struct work *work)
{
    struct wn_error err = { 0 };
    const char *file = work->arguments->operands[0];
    if (wn_keeper_export(&work->settings.keys, file, work->arguments->wrap, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    printf("Exported to %s. Its key is %s: send the two by different ways.\n", file,
           work->arguments->wrap);
    return CMD_DONE;
}

static int run_import(struct work *work)
{
    struct wn_keeper_done done;
    struct wn_error err = { 0 };
    if (wn_keeper_import(&work->settings.keys, work->arguments->operands[0], work->arguments->wrap,
                         (int64_t)time(NULL), &done, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    printf("%u keys are new here, %u were there, %u are destroyed.\n", done.made, done.kept,
           done.destroyed);
    return CMD_DONE;
}

static const struct verb {
    const char *name, *full_name; ///< "init", "keys init".
    const char *arguments, *summary;
    unsigned takes;
    int least, most; ///< Operands.
    int (*run)(struct work *work);
} verbs[] = {
    { "init", "keys init", "[OPTION]…",
      "Make a new keys folder: the signing key of receipts, the privacy officer's key pair, and a\n"
      "key for each purpose of the policy.",
      TAKES_POLICY | TAKES_OFFICER | TAKES_MONTHS, 0, 0, run_init },
    { "ensure", "keys ensure", "[OPTION]…",
      "Make the keys that the policy's purposes lack. One that was destroyed is never made again, "
      "nor\n"
      "is one whose file is missing or broken: that is said, and the status is 1.",
      TAKES_POLICY | TAKES_MONTHS, 0, 0, run_ensure },
    { "list", "keys list", "[OPTION]…",
      "List all keys that were ever made: live, destroyed, missing (no file) or broken; and the\n"
      "id of the officer's public key, as envelopes of quarantine name it.",
      TAKES_JSON, 0, 0, run_list },
    { "destroy", "keys destroy", "[OPTION]… PURPOSE [YYYY-MM]",
      "Destroy the key of a purpose, or of a month of it, for ever.", TAKES_YES, 1, 2,
      run_destroy },
    { "export", "keys export", "[OPTION]… FILE",
      "Write all keys and the register into FILE for another host, wrapped under the key in "
      "--wrap,\n"
      "which is made where there is none.",
      TAKES_WRAP, 1, 1, run_export },
    { "import", "keys import", "[OPTION]… FILE",
      "Take over what another host exported; a folder that is not there is made. What is "
      "destroyed\n"
      "on either side is destroyed here.",
      TAKES_WRAP, 1, 1, run_import },
};

/** Read the config and what overrides it. @return CMD_DONE or an exit status. */
static int read_settings(struct work *work)
{
    const struct arguments *arguments = work->arguments;
    struct wn_settings *settings = &work->settings;
    struct wn_faults faults = { 0 };
    bool fine = wn_settings_read(arguments->config, &faults, settings);
    int status = fine ? CMD_DONE : cmd_faults(&faults);
    wn_faults_deinit(&faults);
    if (arguments->keys) {
        settings->keys = (struct wn_key_paths){ .dir = arguments->keys };
    }
    settings->policy = arguments->policy ? arguments->policy : settings->policy;
    settings->keys.kek = arguments->kek ? arguments->kek : settings->keys.kek;
    settings->keys.reg = arguments->reg ? arguments->reg : settings->keys.reg;
    if (status == CMD_DONE && !settings->keys.dir) {
        return cmd_wrong(work->usage, "--keys is needed (or `keys: {dir: …}` in --config)");
    }
    return status;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    struct arguments arguments = { 0 };
    struct cmd_option options[12] = {
        { "keys", "DIR", "keys folder", &arguments.keys, NULL },
        { "kek", "F", "key-encryption key; default: the credential, or DIR.kek", &arguments.kek,
          NULL },
        { "register", "F", "register; default: DIR.register", &arguments.reg, NULL },
        { "config", "F", "winnow.yaml, which may say all this", &arguments.config, NULL },
    };
    const struct {
        unsigned taken_with;
        struct cmd_option option;
    } more[] = {
        { TAKES_POLICY, { "policy", "DIR", "the policy", &arguments.policy, NULL } },
        { TAKES_OFFICER,
          { "officer-key", "F", "where the officer's private key goes; default: DIR.officer.key",
            &arguments.officer_key, NULL } },
        { TAKES_MONTHS,
          { "from", "YYYY-MM", "first month; default: 13 months back", &arguments.from, NULL } },
        { TAKES_MONTHS,
          { "to", "YYYY-MM", "last month; default: 3 months ahead", &arguments.to, NULL } },
        { TAKES_JSON, { "json", NULL, "print JSON", NULL, &arguments.json } },
        { TAKES_YES, { "yes", NULL, "do it", NULL, &arguments.yes } },
        { TAKES_WRAP,
          { "wrap", "F", "key file of the export, which travels apart", &arguments.wrap, NULL } },
    };
    size_t n = 4;
    for (size_t i = 0; i < WN_COUNT(more); i++) {
        if ((verb->takes & more[i].taken_with) != 0) {
            options[n++] = more[i].option;
        }
    }
    const struct cmd_usage usage = { verb->full_name, verb->arguments, verb->summary, options, n };
    int status = CMD_DONE;
    arguments.n_operands = cmd_options(&usage, argc, argv, &status);
    arguments.operands = argv + 1;
    if (arguments.n_operands < 0) {
        return status;
    }
    if (arguments.n_operands < verb->least || arguments.n_operands > verb->most) {
        return cmd_wrong(&usage, "%s",
                         verb->most == 0   ? "there are no operands here"
                         : verb->most == 1 ? "one FILE is needed"
                                           : "PURPOSE, and perhaps a month, is needed");
    }
    if ((verb->takes & TAKES_WRAP) != 0 && !arguments.wrap) {
        return cmd_wrong(&usage, "--wrap is needed");
    }
    struct work work = { .usage = &usage, .arguments = &arguments };
    status = read_settings(&work);
    status = status == CMD_DONE ? verb->run(&work) : status;
    wn_settings_deinit(&work.settings);
    return status;
}

int cmd_keys(int argc, char **argv)
{
    wn_process_harden();
    for (size_t i = 0; argc > 1 && i < WN_COUNT(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return run_verb(&verbs[i], argc - 1, argv + 1);
        }
    }
    bool help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    FILE *out = help ? stdout : stderr;
    fputs("Usage: winnow keys VERB [OPTION]…\n\n", out);
    for (size_t i = 0; i < WN_COUNT(verbs); i++) {
        fprintf(out, "  winnow %s %s\n", verbs[i].full_name, verbs[i].arguments);
    }
    fputs("\nTry 'winnow keys VERB --help'.\n", out);
    return help ? CMD_DONE : CMD_USAGE;
}
