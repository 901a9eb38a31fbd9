// SPDX-License-Identifier: Apache-2.0

/*
 * The rules of a start (model-checked): a partition runs only where head and committed
 * offset agree, or where nothing was ever done. Each other case is a break: something outside took
 * offsets, state or records away.
 */

#include "restore.h"

static enum wn_finding find_disagreement(const struct wn_evidence *evidence)
{
    if (evidence->has_head) {
        // Kafka forgets a group's offsets with the topic: then the topic is what to name.
        return evidence->other_incarnation ? WN_FINDING_INPUT_RECREATED : WN_FINDING_OFFSET_DIFFERS;
    }
    bool nothing_done = evidence->committed < 0 && evidence->state_low == 0;
    return nothing_done && !evidence->has_receipt ? WN_FINDING_GENESIS : WN_FINDING_STATE_LOST;
}

enum wn_finding wn_restore_find(const struct wn_evidence *evidence)
{
    if (!evidence->has_head || evidence->committed != evidence->head_next) {
        return find_disagreement(evidence);
    }
    if (!evidence->begins) {
        return WN_FINDING_STATE_LOST;
    }
    if (evidence->head_next > evidence->high || evidence->other_incarnation) {
        return WN_FINDING_INPUT_RECREATED;
    }
    return evidence->head_next < evidence->low ? WN_FINDING_INPUT_TRIMMED : WN_FINDING_GO;
}

int64_t wn_restore_start(const struct wn_evidence *evidence)
{
    int64_t start = evidence->committed >= 0 ? evidence->committed
                    : evidence->has_head     ? evidence->head_next
                                             : evidence->low;
    bool in_range = start >= evidence->low && start <= evidence->high;
    return in_range && !evidence->other_incarnation ? start : evidence->low;
}

const char *wn_finding_reason(enum wn_finding finding)
{
    switch (finding) {
    case WN_FINDING_STATE_LOST:
        return "state-lost";
    case WN_FINDING_OFFSET_DIFFERS:
        return "offset-differs";
    case WN_FINDING_INPUT_TRIMMED:
        return "input-trimmed";
    case WN_FINDING_INPUT_RECREATED:
        return "input-recreated";
    case WN_FINDING_GO:
    case WN_FINDING_GENESIS:
        break;
    }
    return NULL;
}
