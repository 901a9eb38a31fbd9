// SPDX-License-Identifier: Apache-2.0

#include "declared_log.h"

#include "winnow/log.h"

void wn_declared_log(const char *key, const char *value, const struct wn_tally *tally)
{
    for (unsigned i = 0; i < tally->n_declared; i++) {
        const struct wn_tally_declared *declared = &tally->declared[i];
        if (wn_tally_declared_differs(declared)) {
            wn_log(WN_LOG_WARNING, "totals-differ",
                   "%s=%s total=%s declared=%lld found=%lld missing=%llu surplus=%llu absent=%llu",
                   key, value, declared->name, (long long)declared->declared,
                   (long long)declared->found, (unsigned long long)declared->missing,
                   (unsigned long long)declared->surplus, (unsigned long long)declared->absent);
        }
    }
}

void wn_gaps_log(const char *key, const char *value, const struct wn_sequence_totals *before,
                 const struct wn_sequence_totals *now)
{
    if (now->missing > before->missing || now->gaps > before->gaps) {
        wn_log(WN_LOG_WARNING, "sequence-gap", "%s=%s nodes=%llu gaps=%llu missing=%llu", key,
               value, (unsigned long long)now->nodes, (unsigned long long)now->gaps,
               (unsigned long long)now->missing);
    }
    if (now->resets > before->resets) {
        wn_log(WN_LOG_WARNING, "sequence-reset", "%s=%s resets=%llu", key, value,
               (unsigned long long)now->resets);
    }
    if (now->frozen > before->frozen) {
        wn_log(WN_LOG_WARNING, "sequence-frozen", "%s=%s nodes=%llu", key, value,
               (unsigned long long)now->frozen);
    }
}
