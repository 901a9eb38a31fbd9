// SPDX-License-Identifier: Apache-2.0

/*
 * What becomes of a record for its kind alone. Of one session several nodes write; the table of the
 * format says which of them bills it by the standard, the source's `records` where an operator
 * bills by another.
 */

#include "load.h"

static const char *const words[] = {
    "billed", "covered", "trunk", "not-usage", "unsupported-record-type", NULL
};

static const struct wn_record_kind *find_kind(const struct wn_format *format, struct wn_slice name)
{
    const struct wn_record_kind *kind;
    for (unsigned i = 0; format->kind_at && (kind = format->kind_at(i)) != NULL; i++) {
        if (wn_slice_is(name, kind->name)) {
            return kind;
        }
    }
    return NULL;
}

void wn_plan_load_records(struct wn_loader *loader)
{
    const struct wn_node *map = wn_config_find(&loader->config.root, "records");
    if (!map) {
        return;
    }
    if (loader->source->format && !loader->source->format->kind_at) {
        wn_config_fault(&loader->config, map,
                        "records: only ber has types of records; this source's format does not");
        return;
    }
    if (map->type != WN_NODE_MAP || map->n == 0) {
        wn_config_fault(&loader->config, map,
                        "records: a map is expected here: {sGWRecord: billed}");
        return;
    }
    struct wn_plan_fate *fates = wn_plan_load_zeroed(loader, map->n, sizeof(*fates));
    for (size_t i = 0; i < map->n; i++) {
        const struct wn_pair *pair = &map->pairs[i];
        const struct wn_node at = { .line = pair->line, .text = pair->key };
        const int word = wn_config_word(&loader->config, &pair->value, "records", words);
        if (loader->source->format && !find_kind(loader->source->format, pair->key)) {
            wn_config_fault(&loader->config, &at,
                            "records: there is no record '%.64s'; its name in the CHOICE of TS "
                            "32.298 is meant, such as pGWRecord",
                            pair->key.at);
        }
        fates[i].record = pair->key;
        fates[i].reason = word <= 0 ? WN_REASON_NONE : wn_reason_find(wn_slice_of(words[word]));
    }
    loader->plan->fates = fates;
    loader->plan->n_fates = map->n;
}

enum wn_reason wn_plan_fate(const struct wn_source_plan *plan, const struct wn_record_kind *kind)
{
    if (!kind) {
        return WN_REASON_NONE;
    }
    for (size_t i = 0; i < plan->n_fates; i++) {
        if (wn_slice_is(plan->fates[i].record, kind->name)) {
            return plan->fates[i].reason;
        }
    }
    return kind->fate ? wn_reason_find(wn_slice_of(kind->fate)) : WN_REASON_NONE;
}

/** @return whether a condition may hold for a kind of record. */
static bool may_hold(const struct wn_condition *condition, const char *record)
{
    if (!condition) {
        return true;
    }
    const bool is_any = condition->op == WN_WHEN_ANY || condition->op == WN_WHEN_RECORD;
    if (!is_any && condition->op != WN_WHEN_ALL) {
        return true;
    }
    for (size_t i = 0; i < condition->n; i++) {
        const bool may = condition->op == WN_WHEN_RECORD ? wn_slice_is(condition->texts[i], record)
                                                         : may_hold(&condition->parts[i], record);
        if (may == is_any) {
            return is_any;
        }
    }
    return !is_any;
}

bool wn_source_bills(const struct wn_source *source, const char *record)
{
    const struct wn_record_kind *kind = find_kind(source->format, wn_slice_of(record));
    if (!kind || wn_plan_fate(source->plan, kind) != WN_REASON_NONE) {
        return false;
    }
    for (unsigned i = 0; i < source->n_sections; i++) {
        if (may_hold(source->sections[i].when, record)) {
            return true;
        }
    }
    return false;
}
