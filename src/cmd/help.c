// SPDX-License-Identifier: Apache-2.0

#include "command.h"

#include <stdio.h>
#include <string.h>

#include "winnow/http.h"
#include "winnow/reason.h"

static const char *const fates[] = {
    [WN_FATE_QUARANTINE] = "Records in quarantine",
    [WN_FATE_FILTER] = "Records that are filtered",
    [WN_FATE_WITHHOLD] = "Purposes that are withheld",
    [WN_FATE_PAUSE] = "Input partitions that are paused",
    [WN_FATE_STOP] = "The process ends",
};

void cmd_runbook(void)
{
    printf("# Runbook\n\nGenerated from the code's own table by `winnow help --runbook`; do not "
           "edit.\n\nEvery reason to refuse a record, to withhold a purpose, to pause a partition "
           "or to stop: what\nhappened, what it protects, and the one thing to do.\n");
    for (size_t fate = 0; fate < WN_COUNT(fates); fate++) {
        const bool of_records = fate == WN_FATE_QUARANTINE || fate == WN_FATE_FILTER;
        printf("\n## %s\n\n| reason | what happened |%s what it protects | what to do |\n"
               "|---|---|%s---|---|\n",
               fates[fate], of_records ? " what sets it |" : "", of_records ? "---|" : "");
        for (unsigned i = 1; i < WN_REASONS; i++) {
            const struct wn_reason_info *info = wn_reason_info((enum wn_reason)i);
            if (info->fate != (enum wn_fate)fate) {
                continue;
            }
            printf("| `%s` | %s |", info->id, info->meaning);
            if (of_records) {
                printf(" %s |", wn_reason_set_by((enum wn_reason)i));
            }
            printf(" %s | %s. |\n", info->protects, info->remedy);
        }
    }
}

void cmd_metrics(void)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    wn_http_metrics_manual(&text);
    fwrite(text.at, 1, text.len, stdout);
}
