// SPDX-License-Identifier: Apache-2.0

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "winnow/reason.h"

bool cmd_begin(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            continue;
        }
        // The wrong way round: who reads or writes it is told that he can't.
        const int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", flags) != fd) { // The lowest free one is `fd`.
            return false;
        }
    }
    return signal(SIGXFSZ, SIG_IGN) != SIG_ERR;
}

int cmd_end(int status)
{
    const bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || status != CMD_DONE) {
        return status;
    }
    fprintf(stderr, "winnow: standard output can't be written: %s\n", strerror(errno));
    return CMD_FAILED;
}

static void print_help(const struct cmd_usage *usage)
{
    printf("Usage: winnow %s %s\n\n%s\n", usage->name, usage->arguments, usage->summary);
    printf("\nOptions:\n");
    for (size_t i = 0; i < usage->n_options; i++) {
        const struct cmd_option *option = &usage->options[i];
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        printf("  %-24s %s\n", left, option->help);
    }
    printf("  %-24s %s\n", "--help", "say this");
}

int cmd_wrong(const struct cmd_usage *usage, const char *format, ...)
{
    fprintf(stderr, "winnow %s: ", usage->name);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "; try 'winnow %s --help'\n", usage->name);
    return CMD_USAGE;
}

/** The option that `text` (behind its dashes) names; `ret_value` is what stands behind its `=`. */
static const struct cmd_option *find_option(const struct cmd_usage *usage, char *text,
                                            char **ret_value)
{
    char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen(text);
    *ret_value = equals ? equals + 1 : NULL;
    for (size_t i = 0; i < usage->n_options; i++) {
        const char *name = usage->options[i].name;
        if (strlen(name) == len && strncmp(name, text, len) == 0) {
            return &usage->options[i];
        }
    }
    return NULL;
}

/** Take one option at `argv[*at]`. @return CMD_DONE, or what was said. */
static int take_option(const struct cmd_usage *usage, int argc, char **argv, int *at)
{
    char *value;
    const struct cmd_option *option = find_option(usage, argv[*at] + 2, &value);
    if (!option) {
        // An unknown option's text is the user's own, but may hold a value behind '='.
        return cmd_wrong(usage, "no option '%.*s'", (int)strcspn(argv[*at], "="), argv[*at]);
    }
    if (option->flag) {
        if (value) {
            return cmd_wrong(usage, "--%s takes no value", option->name);
        }
        *option->flag = true;
        return CMD_DONE;
    }
    if (!value) {
        if (*at + 1 >= argc) {
            return cmd_wrong(usage, "--%s needs %s", option->name, option->argument);
        }
        value = argv[++*at];
    }
    if (value[0] == '\0') {
        return cmd_wrong(usage, "--%s needs %s, and is empty", option->name, option->argument);
    }
    if (*option->value) {
        return cmd_wrong(usage, "--%s stands twice", option->name);
    }
    *option->value = value;
    return CMD_DONE;
}

int cmd_options(const struct cmd_usage *usage, int argc, char **argv, int *ret_status)
{
    int n_operands = 0;
    bool options_ended = false;
    for (int at = 1; at < argc; at++) {
        bool is_option = !options_ended && argv[at][0] == '-' && argv[at][1] != '\0';
        if (is_option && strcmp(argv[at], "--") == 0) {
            options_ended = true;
            continue;
        }
        if (is_option && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)) {
            print_help(usage);
            *ret_status = CMD_DONE;
            return -1;
        }
        if (is_option && argv[at][1] != '-') {
            *ret_status = cmd_wrong(usage, "options are written with two dashes");
            return -1;
        }
        if (is_option) {
            *ret_status = take_option(usage, argc, argv, &at);
            if (*ret_status != CMD_DONE) {
                return -1;
            }
            continue;
        }
        if (argv[at][0] == '\0') {
            *ret_status = cmd_wrong(usage, "an operand is empty");
            return -1;
        }
        argv[1 + n_operands++] = argv[at];
    }
    return n_operands;
}

/** Print the text of an error; a file's name in it ends no line and moves no cursor. */
static void print_text(const char *text)
{
    fputs("winnow: ", stderr);
    for (; *text != '\0'; text++) {
        const bool control = (unsigned char)*text < ' ' || *text == '\x7f';
        fputc(control ? '?' : *text, stderr);
    }
    fputc('\n', stderr);
}

int cmd_failed(const struct wn_error *err)
{
    const struct wn_reason_info *info =
        wn_reason_info(wn_reason_find(wn_slice_of(err->reason ? err->reason : "")));
    print_text(err->text);
    if (info->remedy[0] != '\0') {
        fprintf(stderr, "winnow: %s: %s.\n", info->id, info->remedy);
    }
    if (err->reason && strcmp(err->reason, "name-taken") == 0) {
        return CMD_NAME_TAKEN;
    }
    if (err->reason && strcmp(err->reason, "poison") == 0) {
        return CMD_POISON;
    }
    return err->reason && strcmp(err->reason, "config") == 0 ? CMD_USAGE : CMD_FAILED;
}

int cmd_faults(const struct wn_faults *faults)
{
    fwrite(faults->lines.at, 1, faults->lines.len, stderr);
    fprintf(stderr, "winnow: %u %s found; nothing was done.\n", faults->n,
            faults->n == 1 ? "fault was" : "faults were");
    return CMD_USAGE;
}

int cmd_policy(const struct wn_settings *settings, struct wn_policy **ret_policy)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    int status = CMD_DONE;
    if (wn_policy_load(settings->policy, &faults, ret_policy, &err) != WN_OK) {
        status = faults.n > 0 ? cmd_faults(&faults) : cmd_failed(&err);
    }
    wn_faults_deinit(&faults);
    return status;
}

int cmd_policy_of(const char *config, const char *folder, struct wn_policy **ret_policy)
{
    struct wn_faults faults = { 0 };
    struct wn_settings settings = { 0 };
    int status;
    if (wn_settings_read(config, &faults, &settings)) {
        settings.policy = folder ? folder : settings.policy;
        status = cmd_policy(&settings, ret_policy);
    } else {
        status = cmd_faults(&faults);
    }
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
    return status;
}

int cmd_lists_open(struct wn_settings *settings, struct wn_lists_at_work **ret_lists)
{
    struct wn_faults faults = { 0 };
    int status = wn_lists_open(settings, &faults, ret_lists) ? CMD_DONE : cmd_faults(&faults);
    wn_faults_deinit(&faults);
    return status;
}

int cmd_source(struct wn_settings *settings, const struct wn_policy *policy, const char *name,
               struct wn_source **ret_source)
{
    const struct wn_shape *shapes[WN_TYPES];
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    int status = CMD_DONE;
    for (unsigned i = 0; i < policy->n_types; i++) {
        shapes[i] = &policy->types[i].shape;
    }
    const char *file = wn_settings_source(settings, name, &faults);
    if (!file || wn_source_load(file, shapes, policy->n_types, &settings->site, &faults, ret_source,
                                &err) != WN_OK) {
        status = faults.n > 0 ? cmd_faults(&faults) : cmd_failed(&err);
    }
    wn_faults_deinit(&faults);
    return status;
}
