// SPDX-License-Identifier: Apache-2.0

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "confine.h"
#include "winnow/clock.h"
#include "winnow/http.h"
#include "winnow/log.h"
#include "winnow/registry.h"
#include "winnow/source.h"
#include "winnow/topics.h"
#include "winnow/worker.h"

/** Set by SIGTERM and SIGINT, counted by SIGHUP: the only mutable globals (docs/HACKING.md). */
static volatile sig_atomic_t stop, reload;

static void on_signal(int number)
{
    if (number == SIGHUP) {
        reload = reload == SIG_ATOMIC_MAX ? 0 : reload + 1;
    } else {
        stop = 1;
    }
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
}

/** What `run` opens, in this order. */
struct running {
    struct wn_settings settings;
    struct wn_policy *policy;
    struct wn_keyring *keyring;
    struct wn_consent_file *consent;
    struct wn_lists_at_work *lists;
    struct wn_source **sources; ///< One an input.
    const char **files;         ///< Theirs; in the settings' arena.
    unsigned n_sources;
    struct wn_board **boards; ///< One a worker.
    unsigned n_boards;
    struct wn_watch *watch;
    struct wn_http *http;
};

static void close_all(struct running *running)
{
    (void)wn_http_close(running->http);
    (void)wn_watch_close(running->watch);
    for (unsigned i = 0; i < running->n_boards; i++) {
        (void)wn_board_close(running->boards[i]);
    }
    free((void *)running->boards);
    for (unsigned i = 0; i < running->n_sources; i++) {
        (void)wn_source_close(running->sources[i]);
    }
    free((void *)running->sources);
    free((void *)running->files);
    (void)wn_consent_file_close(running->consent);
    (void)wn_lists_close(running->lists);
    (void)wn_keyring_close(running->keyring);
    (void)wn_policy_close(running->policy);
    wn_settings_deinit(&running->settings);
}

static int check_settings(const struct wn_settings *settings)
{
    struct wn_error err;
    if (settings->n_inputs == 0) {
        (void)wn_fail(&err, WN_FATAL, "config",
                      "%s: inputs: no topic is named; write inputs: [{topic: T, source: NAME}]",
                      settings->file);
        return cmd_failed(&err);
    }
    return CMD_DONE;
}

static int load_sources(struct running *running)
{
    const struct wn_policy *policy = running->policy;
    const struct wn_shape *shapes[WN_TYPES];
    for (unsigned i = 0; i < policy->n_types; i++) {
        shapes[i] = &policy->types[i].shape;
    }
    struct wn_settings *settings = &running->settings;
    running->sources = calloc(settings->n_inputs, sizeof(struct wn_source *));
    running->files = calloc(settings->n_inputs, sizeof(char *));
    if (!running->sources || !running->files) {
        abort();
    }
    struct wn_faults faults = { 0 };
    struct wn_error err;
    int status = CMD_DONE;
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        const char *file = wn_settings_source(settings, settings->inputs[i].source, &faults);
        if (file && wn_source_load(file, shapes, policy->n_types, &settings->site, &faults,
                                   &running->sources[i], &err) == WN_OK) {
            running->n_sources = i + 1;
            running->files[i] = file;
        } else if (faults.n == 0) {
            status = cmd_failed(&err);
            break;
        }
    }
    if (faults.n > 0) {
        status = cmd_faults(&faults);
    }
    wn_faults_deinit(&faults);
    return status;
}

/** What is wrong with the file withholds what needs consent, and is said; it stops nothing. */
static void open_consent(struct running *running)
{
    const struct wn_consent_file_options options = {
        .file = running->settings.consent,
        .policy = running->policy,
        .site = &running->settings.site,
        .keyring = running->keyring,
        .limit_ms = running->settings.consent_ms,
        .look_ms = 1000,
        .beside = true,
    };
    running->consent = wn_consent_file_open(&options, NULL);
    if (!wn_consent_file_has_key(running->consent)) {
        wn_log(
            WN_LOG_ERROR, "key-missing",
            "purpose=consent text=\"what needs consent is withheld; winnow keys ensure makes the "
            "key, unless it was destroyed\"");
    }
}

static int open_all(struct running *running, const char *config)
{
    struct wn_faults faults = { 0 };
    bool read = wn_settings_read(config, &faults, &running->settings);
    int status = read ? check_settings(&running->settings) : cmd_faults(&faults);
    wn_faults_deinit(&faults);
    struct wn_error err;
    if (status == CMD_DONE && cmd_confine(&running->settings, config, &err) != WN_OK) {
        status = cmd_failed(&err); // No thread is started before that.
    }
    if (status == CMD_DONE) {
        status = cmd_policy(&running->settings, &running->policy);
    }
    if (status == CMD_DONE) {
        status = load_sources(running);
    }
    if (status == CMD_DONE) {
        status = cmd_lists_open(&running->settings, &running->lists);
    }
    if (status == CMD_DONE &&
        wn_keyring_open(&running->settings.keys, &running->keyring, &err) != WN_OK) {
        status = cmd_failed(&err);
    }
    if (status == CMD_DONE) {
        open_consent(running);
    }
    return status;
}

static void open_boards(struct running *running)
{
    const unsigned n = running->settings.workers;
    running->boards = calloc(n, sizeof(struct wn_board *));
    if (!running->boards) {
        abort();
    }
    while (running->n_boards < n) {
        running->boards[running->n_boards++] = wn_board_open();
    }
}

/** Listen, before anything is begun: an address that is taken is said at once. */
static enum wn_code open_http(struct running *running, struct wn_error *err)
{
    const struct wn_settings *settings = &running->settings;
    if (!settings->http_listen) {
        return WN_OK;
    }
    const struct wn_http_options options = { settings->http_listen, settings->file, running->boards,
                                             running->n_boards };
    enum wn_code rc = wn_http_open(&options, &running->http, err);
    return rc == WN_OK
               ? wn_watch_open(settings, running->boards, running->n_boards, &running->watch, err)
               : rc;
}

/** Asked between attempts to reach the brokers: whoever waits for them is alive. */
static bool is_told_to_stop(void *context)
{
    const struct running *running = context;
    for (unsigned i = 0; i < running->n_boards; i++) {
        wn_board_turned(running->boards[i], wn_monotonic_ms() + 1);
    }
    return stop != 0;
}

static int work(struct running *running)
{
    struct wn_error err;
    open_boards(running);
    if (open_http(running, &err) != WN_OK) {
        wn_log(WN_LOG_ERROR, "ended", "reason=%s", err.reason);
        return cmd_failed(&err);
    }
    const struct wn_worker_options options = {
        .settings = &running->settings,
        .policy = running->policy,
        .keyring = running->keyring,
        .consent = running->consent,
        .lists = running->lists,
        .boards = running->boards,
        .sources = (const struct wn_source *const *)running->sources,
        .source_files = running->files,
        .stop = &stop,
        .reload = &reload,
    };
    if (wn_registry_resolve(&running->settings, WN_REGISTRY_USE, running->policy, &err) != WN_OK) {
        wn_log(WN_LOG_ERROR, "ended", "reason=%s", err.reason);
        return cmd_failed(&err);
    }
    enum wn_code rc =
        wn_keys_topic_publish(&running->settings, running->keyring, is_told_to_stop, running, &err);
    if (rc == WN_OK) {
        rc = wn_workers_run(&options, &err);
    } else if (stop) {
        rc = WN_OK; // It waited for the brokers, and nothing was begun.
    }
    if (rc != WN_OK) {
        wn_log(WN_LOG_ERROR, "ended", "reason=%s", err.reason);
        return cmd_failed(&err);
    }
    wn_log(WN_LOG_INFO, "ended", "reason=%s", "stopped");
    return CMD_DONE;
}

int cmd_run(int argc, char **argv)
{
    const char *config = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "the configuration, winnow.yaml", &config, NULL },
    };
    const struct cmd_usage usage = {
        "run", "--config F",
        "Read raw records from the input topics, write usage records, quarantine and receipts, "
        "each event\nonce. Runs until SIGTERM; 'winnow ctl' tells it what to do meanwhile.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n > 0 || !config) {
        return cmd_wrong(&usage, n > 0 ? "no operands are expected" : "--config F is needed");
    }
    catch_signals();
    wn_process_harden();
    struct running running = { .n_sources = 0 };
    status = open_all(&running, config);
    if (status == CMD_DONE) {
        status = work(&running);
    }
    close_all(&running);
    return status;
}
