// SPDX-License-Identifier: Apache-2.0

#include "check.h"

#include "text.h"
#include "winnow/memory.h"
#include "winnow/registry.h"

enum {
    WAIT_MS = 10000 ///< For a broker to answer.
};

void check_brokers(struct check *check)
{
    const struct wn_settings *settings = &check->settings;
    struct wn_error err = { 0 };
    if (check->n_config > 0 || settings->n_inputs == 0) {
        wn_faults_add(&check->faults, settings->file, 0,
                      "--connect: the brokers were not asked: %s",
                      check->n_config > 0 ? "mend the other faults first"
                                          : "no inputs are named, so `winnow run` needs none");
        check->n_config++;
        return;
    }
    int *affinities = wn_take(settings->n_inputs, sizeof(*affinities));
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        affinities[i] = check_affinity(check, &settings->inputs[i]);
    }
    const struct wn_connect ask = { settings, check->policy, affinities, WAIT_MS };
    check->connected = wn_connect_look(&ask, &check->findings, &err) == WN_OK;
    if (!check->connected) {
        wn_faults_add(&check->faults, NULL, 0, "%s", err.text);
        check->n_config += strcmp(err.reason, "config") == 0;
    }
    if (check->policy_is_right &&
        wn_registry_resolve(settings, WN_REGISTRY_TRY, check->policy, &err) != WN_OK) {
        wn_faults_add(&check->faults, NULL, 0, "%s", err.text);
    }
    free(affinities);
}

void check_brokers_text(const struct check *check, struct wn_buffer *text)
{
    const struct wn_findings *findings = &check->findings;
    if (!check->connected) {
        return;
    }
    wn_buffer_format(
        text, "brokers: %u topic%s and %u broker%s are compared with what `winnow run` needs\n",
        findings->n_topics, findings->n_topics == 1 ? "" : "s", findings->n_brokers,
        findings->n_brokers == 1 ? "" : "s");
    for (unsigned i = 0; i < findings->n; i++) {
        const struct wn_finding *finding = &findings->list[i];
        wn_buffer_format(text, "  %s: %s: %s: found %s, wanted %s: %s\n      %s\n",
                         finding->fault ? "fault" : "warning", finding->where, finding->setting,
                         finding->found, finding->wanted, finding->why, finding->remedy);
    }
    wn_buffer_text(text, "\n");
}

static void json_member(struct wn_buffer *text, const char *name, const char *value)
{
    wn_buffer_format(text, ",\"%s\":", name);
    cmd_text_json(text, wn_slice_of(value));
}

void check_brokers_json(const struct check *check, struct wn_buffer *text)
{
    const struct wn_findings *findings = &check->findings;
    if (!check->connected) {
        wn_buffer_text(text, "\"brokers\":null,");
        return;
    }
    wn_buffer_format(text, "\"brokers\":{\"topics\":%u,\"brokers\":%u,\"findings\":[",
                     findings->n_topics, findings->n_brokers);
    for (unsigned i = 0; i < findings->n; i++) {
        const struct wn_finding *finding = &findings->list[i];
        wn_buffer_format(text, "%s{\"fault\":%s", i > 0 ? "," : "",
                         finding->fault ? "true" : "false");
        json_member(text, "where", finding->where);
        json_member(text, "setting", finding->setting);
        json_member(text, "found", finding->found);
        json_member(text, "wanted", finding->wanted);
        json_member(text, "why", finding->why);
        json_member(text, "remedy", finding->remedy);
        wn_buffer_text(text, "}");
    }
    wn_buffer_text(text, "]},");
}
