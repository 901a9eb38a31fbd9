// SPDX-License-Identifier: Apache-2.0

/**
 * `winnow lists check`: can the lists be read, and do they say what they are to say? What stands in
 * a list is never printed: a consent file names persons, and so may a list of numbers.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "text.h"
#include "winnow/consent.h"
#include "winnow/hash.h"

/** What a check says. */
struct report {
    struct wn_faults faults;   ///< Why a list would not be taken.
    struct wn_faults findings; ///< What is odd about one that would.
    struct wn_buffer text, json;
};

/** What there is to say of a list that was read. */
struct list {
    const char *name, *file, *what; ///< `what`: "20 rows, 13 of them free".
    const uint8_t *version;
    const struct wn_stamp *stamp;
    size_t rows;
};

static void tell(struct report *report, const struct list *list)
{
    char version[WN_SHA256_HEX];
    char changed[32] = "?";
    struct tm broken_down;
    wn_hex(list->version, WN_SHA256_BYTES, version);
    if (gmtime_r(&list->stamp->modified.tv_sec, &broken_down)) {
        (void)strftime(changed, sizeof(changed), "%Y-%m-%dT%H:%M:%SZ", &broken_down);
    }
    wn_buffer_format(&report->text, "%s: %s: %s, changed %s\n    version %s\n", list->name,
                     list->file, list->what, changed, version);
    wn_buffer_text(&report->json, report->json.len > 0 ? ",{\"list\":" : "{\"list\":");
    cmd_text_json(&report->json, wn_slice_of(list->name));
    wn_buffer_text(&report->json, ",\"file\":");
    cmd_text_json(&report->json, wn_slice_of(list->file));
    wn_buffer_format(&report->json, ",\"version\":\"%s\",\"changed\":\"%s\",\"rows\":%zu}", version,
                     changed, list->rows);
}

/** Read a row's number as a switch of the site would give it. @return whether it was found. */
static bool can_be_dialled(const struct wn_helplines *list, const struct wn_helpline *row,
                           const struct wn_site *site, bool *ret_in_plan)
{
    static const struct wn_number_rules rules = { .bare = WN_BARE_REFUSED };
    const struct wn_reading how = { .site = site, .numbers = &rules };
    char text[sizeof(row->number) + 1];
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err;
    bool present = false;
    (void)snprintf(text, sizeof(text), "%s%s", row->e164 ? "+" : "", row->number);
    for (char *at = strchr(text, 'x'); at; at = strchr(at, 'x')) {
        *at = '5';
    }
    bool read = wn_kind_read(WN_KIND_NUMBER, &how, wn_slice_of(text), &arena, &value, &present,
                             &err) == WN_OK &&
                present && wn_helplines_find(list, &value, site);
    *ret_in_plan = read && (!row->e164 || value.class != WN_NUMBER_UNKNOWN);
    wn_arena_deinit(&arena);
    return read;
}

static void check_rows(const struct wn_helplines *list, const struct wn_site *site,
                       struct wn_faults *findings)
{
    for (unsigned i = 0; i < list->n_rows; i++) {
        bool in_plan;
        if (!can_be_dialled(list, &list->rows[i], site, &in_plan)) {
            wn_faults_add(findings, list->file, list->rows[i].line,
                          "number: can't be dialled by the rules of country %s", site->country);
        } else if (!in_plan && strcmp(site->country, "31") == 0) { // The plan that is known.
            wn_faults_add(findings, list->file, list->rows[i].line,
                          "number: no number of the plan: a prefix or a length that it does not "
                          "have");
        }
    }
}

static void check_helplines(struct wn_settings *settings, struct report *report)
{
    const char *file = wn_settings_helplines(settings);
    struct wn_helplines *list = NULL;
    if (!wn_helplines_read(file, &report->faults, &list)) {
        return;
    }
    unsigned n_free = 0;
    char what[64];
    for (unsigned i = 0; i < list->n_rows; i++) {
        n_free += list->rows[i].free;
    }
    (void)snprintf(what, sizeof(what), "%u row%s, %u free", list->n_rows,
                   list->n_rows == 1 ? "" : "s", n_free);
    tell(report,
         &(struct list){ "helplines", file, what, list->version, &list->stamp, list->n_rows });
    check_rows(list, &settings->site, &report->findings);
    const struct wn_lists lists = { .limit_ms = settings->lists.helplines_limit_ms,
                                    .changed_ms = wn_io_modified_ms(&list->stamp) };
    const struct wn_limits limits = { .now_ms = (int64_t)time(NULL) * 1000 };
    if (wn_lists_too_old(&lists, &limits)) {
        wn_faults_add(&report->findings, file, 0,
                      "is older than its limit of %lld days: all numbers go on as their class only",
                      (long long)(lists.limit_ms / 86400000));
    }
    wn_helplines_close(list);
}

static void check_portability(const char *file, struct report *report)
{
    struct wn_portability *list = NULL;
    char what[64];
    if (wn_portability_read(file, &report->faults, &list)) {
        (void)snprintf(what, sizeof(what), "%zu range%s of %u network%s", list->n_rows,
                       list->n_rows == 1 ? "" : "s", list->n_networks,
                       list->n_networks == 1 ? "" : "s");
        tell(report, &(struct list){ "portability", file, what, list->version, &list->stamp,
                                     list->n_rows });
        wn_portability_close(list);
    }
}

/** The consent file is read with keys of its own, which end with this process. */
static void check_consent(const struct wn_settings *settings, struct report *report)
{
    struct wn_policy *policy = NULL;
    struct wn_keyring *ring = NULL;
    struct wn_consent *consent = NULL;
    struct wn_consent_keys keys;
    struct wn_stamp stamp;
    struct wn_error err;
    if (wn_policy_load(settings->policy, &report->faults, &policy, &err) != WN_OK) {
        return;
    }
    if (wn_keyring_scratch(policy->purposes, policy->n_purposes, &ring, &err) != WN_OK ||
        !wn_consent_keys(ring, &keys)) {
        wn_faults_add(&report->faults, settings->consent, 0,
                      "no memory can be locked to read it with");
    } else {
        const struct wn_consent_ground ground = { .keys = &keys,
                                                  .policy = policy,
                                                  .site = &settings->site };
        if (wn_consent_load(settings->consent, &ground, &report->faults, &consent, &stamp)) {
            char what[64];
            const size_t n = wn_consent_count(consent);
            (void)snprintf(what, sizeof(what), "%zu interval%s", n, n == 1 ? "" : "s");
            tell(report, &(struct list){ "consent", settings->consent, what,
                                         wn_consent_version(consent), &stamp, n });
        }
    }
    wn_consent_close(consent);
    wn_keyring_close(ring);
    wn_policy_close(policy);
}

static int print(struct report *report, bool json)
{
    struct wn_buffer out = { 0 };
    if (json) {
        wn_buffer_text(&out, "{\"lists\":[");
        wn_buffer_add(&out, report->json.at, report->json.len);
        wn_buffer_text(&out, "],\"faults\":");
        cmd_text_json_lines(&out, wn_buffer_slice(&report->faults.lines));
        wn_buffer_text(&out, ",\"findings\":");
        cmd_text_json_lines(&out, wn_buffer_slice(&report->findings.lines));
        wn_buffer_text(&out, "}\n");
    } else {
        wn_buffer_add(&out, report->text.at, report->text.len);
        wn_buffer_add(&out, report->findings.lines.at, report->findings.lines.len);
        wn_buffer_format(&out, "%u finding%s\n", report->findings.n,
                         report->findings.n == 1 ? "" : "s");
    }
    fwrite(out.at, 1, out.len, stdout);
    wn_buffer_deinit(&out);
    if (report->faults.n > 0) {
        return json ? CMD_USAGE : cmd_faults(&report->faults);
    }
    return report->findings.n > 0 ? CMD_FAILED : CMD_DONE;
}

static int check(const char *config, const char *policy, bool json)
{
    struct report report = { .json = { 0 } };
    struct wn_settings settings = { 0 };
    int status;
    if (wn_settings_read(config, &report.faults, &settings)) {
        settings.policy = policy ? policy : settings.policy;
        check_helplines(&settings, &report);
        if (settings.lists.portability) {
            check_portability(settings.lists.portability, &report);
        }
        if (settings.consent) {
            check_consent(&settings, &report);
        }
        status = print(&report, json);
    } else {
        status = cmd_faults(&report.faults);
    }
    wn_settings_deinit(&settings);
    wn_faults_deinit(&report.faults);
    wn_faults_deinit(&report.findings);
    wn_buffer_deinit(&report.text);
    wn_buffer_deinit(&report.json);
    return status;
}

int cmd_lists(int argc, char **argv)
{
    const char *config = NULL;
    const char *policy = NULL;
    bool json = false;
    const struct cmd_option options[] = {
        { "config", "F", "Configuration; its `lists:`, `consent:` and `site:`.", &config, NULL },
        { "policy", "DIR", "Folder of the policy, with lists/helplines.csv.", &policy, NULL },
        { "json", NULL, "Print JSON.", NULL, &json },
    };
    const struct cmd_usage usage = {
        "lists", "check [OPTION]...",
        "Read the lists that sift and run would take, and say all that is wrong with them, by "
        "file\n"
        "and line: faults (2: they would not start), and findings (1): numbers that nobody at "
        "this\n"
        "site can dial, and a list that is older than its limit. No value of a list is printed.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (n != 1 || strcmp(argv[1], "check") != 0) {
        return cmd_wrong(&usage, "the only verb is 'check'");
    }
    return check(config, policy, json);
}
