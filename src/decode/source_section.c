// SPDX-License-Identifier: Apache-2.0

/*
 * The sections of a source: what it says of the records of one type.
 *
 *     required: [/id]              ┌─ section 0: type session, its own fields, required of all
 *     types:                       │
 *       - {type: session, when: …, fields: …}
 *       - {type: call, fields: …} ─── section 1: every other record
 *
 * A section is read as though it were a whole source: its own keys, and what of the source's keys
 * it has not. Without `types` the source itself is the only section, so no other part knows of
 * them.
 */

#include "load.h"

enum {
    FAULTS_MOST = 200, // Of the sections before; the next one would only say most of them again.
};

/** Find the words that defaults and rules need. */
static void bind_words(struct wn_loader *loader)
{
    const struct wn_shape *shape = loader->shape;
    struct wn_section_plan *plan = loader->section->plan;
    const struct wn_field none = { 0 };
    const struct wn_field *direction =
        shape->bound.direction == WN_NO_SLOT ? &none : &shape->fields[shape->bound.direction];
    const struct wn_field *service =
        shape->bound.service == WN_NO_SLOT ? &none : &shape->fields[shape->bound.service];

    plan->words.originating =
        wn_symbol_find(direction->symbols, direction->n_symbols, wn_slice_of("originating"));
    plan->words.terminating =
        wn_symbol_find(direction->symbols, direction->n_symbols, wn_slice_of("terminating"));
    plan->words.direction_unknown =
        wn_symbol_find(direction->symbols, direction->n_symbols, wn_slice_of("unknown"));
    plan->words.sms = wn_symbol_find(service->symbols, service->n_symbols, wn_slice_of("sms"));
    plan->words.ambiguous_time =
        wn_symbol_find(shape->flags, shape->n_flags, wn_slice_of("ambiguous_time"));
    plan->words.node_zone = wn_symbol_find(shape->flags, shape->n_flags, wn_slice_of("node_zone"));
    plan->words.roaming = wn_symbol_find(shape->flags, shape->n_flags, wn_slice_of("roaming"));
}

/** Read what names fields of a type, in the order in which the parts build on each other. */
static void load_parts(struct wn_loader *loader)
{
    wn_plan_load_volumes(loader);
    if (!loader->shape) {
        return; // Without the type no field can be looked up; its fault is said.
    }
    wn_plan_load_usage(loader);
    wn_plan_load_fields(loader);
    wn_plan_load_subscriber(loader);
    wn_plan_load_required(loader);
    wn_plan_load_keys(loader);
    wn_plan_load_flags(loader);
    wn_plan_load_filter(loader);
    bind_words(loader);
    wn_sha256_of(loader->rule.at, loader->rule.len,
                 loader->rules[loader->section - loader->source->sections]);
}

/** Begin a section. */
static void begin_section(struct wn_loader *loader)
{
    loader->section = &loader->source->sections[loader->source->n_sections++];
    loader->section->plan = wn_plan_load_zeroed(loader, 1, sizeof(*loader->section->plan));
    loader->shape = NULL;
    loader->rule.len = 0;
    loader->filled = loader->filled_items = 0;
    loader->has_usage = false;
    loader->each = NULL;
}

/** Read an entry of `types`; all that it has not is the source's. */
static void load_entry(struct wn_loader *loader, const struct wn_node *entry, bool is_last)
{
    static const char *const keys[] = { "type",    "when",        "volumes",  "usage",
                                        "fields",  "subscriber",  "required", "duplicate_key",
                                        "content", "session_key", "flags",    "filter",
                                        NULL };
    static const struct wn_place nowhere = { .fields = NULL };
    const struct wn_node *when = wn_config_find(entry, "when");
    struct wn_section *section = loader->section;

    section->line = entry->line;
    wn_config_keys(&loader->config, entry, "types", keys);
    if (entry->type != WN_NODE_MAP) {
        return;
    }
    section->when = wn_plan_load_condition(loader, &nowhere, when, "when");
    if (!when && !is_last) {
        wn_config_fault(&loader->config, entry,
                        "types: without `when` an entry takes every record, and those behind it "
                        "none; give it one, or move it to the end");
    }
    const struct wn_node root = loader->config.root;
    loader->config.root = wn_plan_load_joined(loader, entry, NULL, &root);
    wn_plan_load_type(loader);
    load_parts(loader);
    loader->config.root = root;
}

/** Read `types`. */
static void load_types(struct wn_loader *loader, const struct wn_node *list)
{
    struct wn_faults *all = loader->config.faults;
    const unsigned before = all->n;
    for (size_t i = 0; i < list->n && all->n <= before + FAULTS_MOST; i++) {
        struct wn_faults own = { 0 }; // Those of what the sections share are said once.
        loader->config.faults = &own;
        begin_section(loader);
        load_entry(loader, &list->items[i], i + 1 == list->n);
        wn_faults_merge(all, &own);
        wn_faults_deinit(&own);
        loader->config.faults = all;
    }
}

void wn_plan_load_sections(struct wn_loader *loader)
{
    const struct wn_node *list = wn_config_find(&loader->config.root, "types");
    if (!list) {
        begin_section(loader);
        wn_plan_load_type(loader);
        load_parts(loader);
        return;
    }
    if (!wn_plan_load_is_list(loader, list, "types")) {
        return;
    }
    if (list->n == 0 || list->n > WN_SECTIONS) {
        wn_config_fault(&loader->config, list, "types: from 1 to %d entries are expected here",
                        WN_SECTIONS);
        return;
    }
    load_types(loader, list);
}
