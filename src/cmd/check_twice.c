// SPDX-License-Identifier: Apache-2.0

/*
 * What inputs together would bill twice: of one data session its gateway writes, and each node that
 * it goes through, and in 5G the charging function as well. By the standard's table a gateway and
 * the charging function are billed and the others are covered by them; whether one session is in
 * the records of both, only the operator knows.
 */

#include "check.h"

/** Records of home gateways, as TS 32.298 calls them. */
static const char *const gateways[] = { "pGWRecord", "egsnPDPRecord", "ggsnPDPRecord" };

/** Records of others that count the same octets. */
static const char *const others[] = {
    "chargingFunctionRecord",
    "sgsnPDPRecord",
    "sGWRecord",
    "tDFRecord",
    "iPERecord",
    "ePDGRecord",
    "tWAGRecord",
};

/** @return the first input whose source bills one of these records, and which; or NULL. */
static const struct wn_input *find(struct check *check, const char *const *records, size_t n,
                                   const char **ret_record)
{
    const struct wn_settings *settings = &check->settings;
    for (size_t r = 0; r < n; r++) {
        for (unsigned i = 0; i < settings->n_inputs; i++) {
            const struct wn_source *source = check_source_of(check, &settings->inputs[i]);
            if (source && wn_source_bills(source, records[r])) {
                *ret_record = records[r];
                return &settings->inputs[i];
            }
        }
    }
    return NULL;
}

void check_twice(struct check *check)
{
    const char *gateway, *other;
    const struct wn_input *by = find(check, gateways, WN_COUNT(gateways), &gateway);
    for (size_t i = 0; by && i < WN_COUNT(others); i++) {
        const struct wn_input *too = find(check, &others[i], 1, &other);
        if (too) {
            wn_faults_add(&check->warnings, check->settings.file, too->line,
                          "inputs: %s bills %s, and %s (line %u) %s: a session that is in both is "
                          "billed twice; say `records: {%s: covered}` in the one source, or the "
                          "rule `covered` for those records that are in both",
                          too->source, other, by->source, by->line, gateway, other);
        }
    }
}
