// SPDX-License-Identifier: Apache-2.0

#include "quarantine_where.h"

#include <limits.h>
#include <stdio.h>

#include "winnow/files.h"
#include "winnow/topics.h"

int quarantine_where_open(const struct cmd_usage *usage, int n, const char *folder,
                          const char *config, struct quarantine_where *ret_where)
{
    *ret_where = (struct quarantine_where){ .folder = n > 0 ? folder : NULL };
    if (n > 1 || (n == 1) == (config != NULL)) {
        return cmd_wrong(usage, "DIR or --config is needed, one of them");
    }
    if (!config) {
        return CMD_DONE;
    }
    struct wn_faults faults = { 0 };
    const int status =
        wn_settings_read(config, &faults, &ret_where->settings) ? CMD_DONE : cmd_faults(&faults);
    wn_faults_deinit(&faults);
    return status;
}

void quarantine_where_close(struct quarantine_where *where)
{
    wn_settings_deinit(&where->settings);
}

/** What is handed on. */
struct handing {
    quarantine_visit *visit;
    void *context;
};

static enum wn_code from_file(void *context, const struct wn_files_envelope *at,
                              struct wn_error *err)
{
    const struct handing *handing = context;
    const struct quarantine_at one = { at->file, at->envelope, false };
    return handing->visit(handing->context, &one, err);
}

static enum wn_code from_topic(void *context, const struct wn_topics_envelope *at,
                               struct wn_error *err)
{
    const struct handing *handing = context;
    const struct quarantine_at one = { at->input, at->envelope, at->replayed };
    return handing->visit(handing->context, &one, err);
}

bool quarantine_signer(const struct wn_settings *settings, uint8_t ret_key[32],
                       struct wn_error *err)
{
    char path[PATH_MAX];
    const char *dir = settings->keys.dir;
    if (!dir || snprintf(path, sizeof(path), "%s/signing.pub", dir) >= (int)sizeof(path)) {
        (void)wn_fail(err, WN_FATAL, "config", "%s: keys: names no folder", settings->file);
        return false;
    }
    return wn_public_key_read(path, ret_key, err) == WN_OK;
}

/** The same, or say what it means that it is not known. */
static bool read_signer(const struct wn_settings *settings, uint8_t ret_key[32])
{
    struct wn_error err;
    if (quarantine_signer(settings, ret_key, &err)) {
        return true;
    }
    fprintf(stderr, "winnow: signing.pub of the keys folder can't be read: what was dropped or "
                    "replayed shows, too\n");
    return false;
}

enum wn_code quarantine_each(const struct quarantine_where *where, quarantine_visit *visit,
                             void *context, struct wn_error *err)
{
    struct handing handing = { visit, context };
    if (where->folder) {
        return wn_files_each_envelope(where->folder, from_file, &handing, err);
    }
    uint8_t signer[32];
    struct wn_topics_met met = { 0 };
    const bool known = read_signer(&where->settings, signer);
    const enum wn_code rc = wn_topics_each_envelope(&where->settings, known ? signer : NULL,
                                                    from_topic, &handing, &met, err);
    if (rc == WN_OK && met.foreign + met.not_signed > 0) {
        fprintf(stderr,
                "winnow: %llu messages are no envelopes of winnow, %llu drops or replays are not "
                "signed "
                "and do not count; winnow audit says where\n",
                (unsigned long long)met.foreign, (unsigned long long)met.not_signed);
    }
    return rc;
}
