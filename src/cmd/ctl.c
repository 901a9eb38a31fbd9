// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "winnow/control.h"
#include "winnow/worker.h"

static int ask(const struct wn_settings *settings, const char *line)
{
    struct wn_error err;
    char path[108];
    if (!settings->state_dir || !wn_control_path(settings, path)) {
        (void)wn_fail(&err, WN_FATAL, "config",
                      "%s: run: state: names no folder, so there is no control socket",
                      settings->file);
        return cmd_failed(&err);
    }
    struct wn_buffer reply = { 0 };
    int status = CMD_DONE;
    if (wn_control_ask(path, line, &reply, &err) != WN_OK) {
        status = cmd_failed(&err);
    } else {
        bool good = reply.len >= 2 && memcmp(reply.at, "ok", 2) == 0;
        (void)fwrite(reply.at, 1, reply.len, good ? stdout : stderr);
        status = good ? CMD_DONE : CMD_FAILED;
    }
    wn_buffer_deinit(&reply);
    return status;
}

/** Write the order's line. @return false where the operands are not those of the verb. */
static bool write_line(int n, char **argv, const char *target, struct wn_buffer *ret_line)
{
    const char *verb = n > 0 ? argv[1] : "";
    if (strcmp(verb, "status") == 0 && n == 1) {
        wn_buffer_text(ret_line, "status");
    } else if (strcmp(verb, "pause") == 0 && n == 4 && !strpbrk(argv[2], "\t\n") &&
               !strpbrk(argv[3], "\t\n") && !strpbrk(argv[4], "\t\n")) {
        wn_buffer_format(ret_line, "pause\t%s:%s\t%s", argv[2], argv[3], argv[4]);
    } else if (strcmp(verb, "resume") == 0 && n == 1) {
        wn_buffer_format(ret_line, "resume\t%s", target);
    } else if (strcmp(verb, "accept-break") == 0 && n == 2 && !strpbrk(argv[2], "\t\n")) {
        wn_buffer_format(ret_line, "accept-break\t%s\t%s", target, argv[2]);
    } else {
        return false;
    }
    wn_buffer_add(ret_line, "", 1);
    return true;
}

int cmd_ctl(int argc, char **argv)
{
    const char *config = NULL;
    const char *partition = NULL;
    bool all = false;
    const struct cmd_option options[] = {
        { "config", "F", "the configuration that 'winnow run' was started with", &config, NULL },
        { "partition", "TOPIC:N", "which partition is meant, where several wait", &partition,
          NULL },
        { "all", NULL, "all partitions that wait are meant", NULL, &all },
    };
    const struct cmd_usage usage = {
        "ctl", "--config F status | pause TOPIC PARTITION REASON | resume | accept-break REASON",
        "Tell a running 'winnow run' what to do.\n\n"
        "  status               each source as it was read; each partition: where it is, and why "
        "it waits\n"
        "  pause TOPIC PARTITION REASON\n"
        "                       stop reading a partition, between two transactions, until resume\n"
        "  accept-break REASON  go on behind a break; REASON goes into a signed receipt\n"
        "  resume               try a partition again that was paused for another reason; where "
        "that was\n"
        "                       'poison', the reason passes until its share has come down",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    struct wn_buffer line = { 0 };
    const char *target = all ? "*" : partition ? partition : "";
    if (!config || strpbrk(target, "\t\n") || !write_line(n, argv, target, &line)) {
        wn_buffer_deinit(&line);
        return cmd_wrong(
            &usage,
            config
                ? "status, pause TOPIC PARTITION REASON, resume or accept-break REASON is expected"
                : "--config F is needed");
    }
    struct wn_settings settings;
    struct wn_faults faults = { 0 };
    if (wn_settings_read(config, &faults, &settings)) {
        status = ask(&settings, (const char *)line.at);
    } else {
        status = cmd_faults(&faults);
    }
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
    wn_buffer_deinit(&line);
    return status;
}
