// SPDX-License-Identifier: Apache-2.0

#include "audit_topics.h"

#include <string.h>

#include "command.h"
#include "winnow/registry.h"
#include "winnow/topics.h"

int audit_topics(const struct audit_topics *what, struct wn_audit_said *ret_said)
{
    struct wn_settings settings;
    struct wn_faults faults = { 0 };
    struct wn_policy *policy = NULL;
    int status =
        wn_settings_read(what->config, &faults, &settings) ? CMD_DONE : cmd_faults(&faults);
    if (status == CMD_DONE) {
        status = cmd_policy(&settings, &policy);
    }
    if (status == CMD_DONE) {
        struct wn_topics_audit audit = {
            .settings = &settings,
            .policy = policy,
            .from_ms = what->from_ms,
            .to_ms = what->to_ms,
        };
        struct wn_error err = { 0 };
        memcpy(audit.public_key, what->public_key, sizeof(audit.public_key));
        if (wn_registry_resolve(&settings, WN_REGISTRY_LOOK, policy, &err) != WN_OK ||
            wn_topics_audit(&audit, ret_said, &err) != WN_OK) {
            status = cmd_failed(&err);
        } else {
            status = ret_said->n_findings > 0 ? CMD_FAILED : CMD_DONE;
        }
    }
    wn_policy_close(policy);
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
    return status;
}
