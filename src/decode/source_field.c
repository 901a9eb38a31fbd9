// SPDX-License-Identifier: Apache-2.0

/*
 * Entries of `fields` and of `usage`, read in order: an entry may use what those above it fill.
 */

#include "load.h"

static const char *const origins[] = { "from",  "value", "sum",   "min", "max",
                                       "first", "last",  "count", "any", NULL };
static const enum wn_entry_what whats[] = { WN_ENTRY_FROM, WN_ENTRY_VALUE, WN_ENTRY_SUM,
                                            WN_ENTRY_MIN,  WN_ENTRY_MAX,   WN_ENTRY_FIRST,
                                            WN_ENTRY_LAST, WN_ENTRY_COUNT, WN_ENTRY_ANY };

/** Find the one key that says where the value comes from. @return its place, or -1 and a fault. */
static int find_origin(struct wn_loader *loader, const struct wn_node *map)
{
    int found = -1;
    for (int i = 0; origins[i]; i++) {
        if (!wn_config_find(map, origins[i])) {
            continue;
        }
        if (found >= 0) {
            wn_config_fault(&loader->config, map,
                            "fields: '%s' and '%s' stand in one entry; make two entries of it",
                            origins[found], origins[i]);
            return -1;
        }
        found = i;
    }
    if (found < 0) {
        wn_config_fault(&loader->config, map,
                        "fields: the entry has no value; give it one of: from, value, sum, min, "
                        "max, first, last, count, any");
    }
    return found;
}

/** Refuse what stands only with `from`. */
static void refuse_companions(struct wn_loader *loader, const struct wn_node *map)
{
    static const char *const companions[] = { "as",       "map",  "else",  "absent",
                                              "high",     "time", "minus", "withheld",
                                              "on_error", "near", "pick",  NULL };
    for (size_t i = 0; companions[i]; i++) {
        const struct wn_node *node = wn_config_find(map, companions[i]);
        if (node) {
            wn_config_fault(&loader->config, node, "%s: stands only with `from`", companions[i]);
        }
    }
}

/** Check that a source may fill the slot. */
static bool may_fill(struct wn_loader *loader, const struct wn_place *place,
                     const struct wn_node *node, uint8_t slot)
{
    const struct wn_field *field = &place->fields[slot];
    bool is_session =
        strcmp(field->name, "session_uplink") == 0 || strcmp(field->name, "session_downlink") == 0;

    if (field->made != WN_MADE_NOT) {
        wn_config_fault(&loader->config, node,
                        "field: winnow itself makes '%s'; leave the entry out", field->name);
        return false;
    }
    if (!place->of_item && (slot == loader->shape->group || field->kind == WN_KIND_SUBSCRIBER)) {
        wn_config_fault(&loader->config, node,
                        "field: '%s' is filled by `%s:`; leave the entry out", field->name,
                        slot == loader->shape->group ? "usage" : "subscriber");
        return false;
    }
    if (loader->section->cumulative && field->kind == WN_KIND_OCTETS && !is_session) {
        wn_config_fault(&loader->config, node,
                        "field: with `volumes: cumulative` only session_uplink and "
                        "session_downlink hold octets; '%s' is of one record",
                        field->name);
        return false;
    }
    return true;
}

/** @return the kind that is read before something is subtracted; WN_KIND_NONE and a fault. */
static enum wn_kind kind_before_minus(struct wn_loader *loader, const struct wn_node *minus,
                                      const struct wn_field *field)
{
    if (!minus) {
        return field->kind;
    }
    if (field->kind == WN_KIND_TIME || field->kind == WN_KIND_DURATION ||
        field->kind == WN_KIND_OFFSET) {
        return WN_KIND_TIME;
    }
    wn_config_fault(&loader->config, minus,
                    "minus: gives a time, a duration or an offset; '%s' is of the kind %s",
                    field->name, wn_kind_name(field->kind));
    return WN_KIND_NONE;
}

static void load_minus(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *node, struct wn_entry *entry)
{
    const enum wn_kind kind = entry->field->kind == WN_KIND_TIME ? WN_KIND_DURATION : WN_KIND_TIME;

    entry->subtracts = true;
    wn_plan_load_operand(loader, place, node, "minus", entry->field, kind, &entry->minus);
    const struct wn_node *otherwise = wn_config_find(node, "or");
    if (otherwise && wn_config_find(node, "from")) {
        struct wn_value *value = wn_plan_load_zeroed(loader, 1, sizeof(*value));
        if (wn_plan_load_converted(loader, &entry->minus, otherwise, "or", value)) {
            entry->otherwise = value;
        }
    }
}

static void load_from(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *map, struct wn_entry *entry)
{
    const struct wn_node *minus = wn_config_find(map, "minus");
    const struct wn_node *withheld = wn_config_find(map, "withheld");
    enum wn_kind kind = kind_before_minus(loader, minus, entry->field);

    if (kind == WN_KIND_NONE) {
        return;
    }
    if (minus && wn_config_find(map, "map")) {
        wn_config_fault(&loader->config, minus, "minus: does not stand with `map`");
        return;
    }
    wn_plan_load_term(loader, place, map, entry->field, kind, &entry->term);
    if (minus) {
        load_minus(loader, place, minus, entry);
    }
    if (withheld && (entry->field->kind != WN_KIND_NUMBER || place->of_item)) {
        wn_config_fault(&loader->config, withheld,
                        "withheld: '%s' is no number of the record; only such a one is withheld",
                        entry->field->name);
    } else if (withheld) {
        entry->withheld = wn_plan_load_condition(loader, place, withheld, "withheld");
    }
}

/** Read whether a value that can't be read is absent. */
static void load_on_error(struct wn_loader *loader, const struct wn_node *map,
                          struct wn_entry *entry)
{
    static const char *const words[] = { "quarantine", "absent", NULL };
    const struct wn_node *node = wn_config_find(map, "on_error");

    entry->forgives = wn_config_word(&loader->config, node, "on_error", words) == 1;
    if (entry->forgives && !entry->field->nullable) {
        wn_config_fault(&loader->config, node,
                        "on_error: '%s' must have a value; only what may be missing is absent "
                        "where it can't be read",
                        entry->field->name);
    }
}

/** Find NAME of `usage/NAME`. @return its item slot, or WN_NO_SLOT and a fault. */
static uint8_t find_total(struct wn_loader *loader, const struct wn_node *node, const char *key)
{
    const struct wn_place items = {
        .fields = loader->shape->items,
        .n_fields = loader->shape->n_items,
        .filled = loader->filled_items,
        .of_item = true,
    };
    if (!wn_config_text(&loader->config, node, key)) {
        return WN_NO_SLOT;
    }
    if (!wn_slice_starts(node->text, "usage/")) {
        wn_config_fault(&loader->config, node, "%s: usage/NAME is expected here", key);
        return WN_NO_SLOT;
    }
    if (!loader->has_usage) {
        wn_config_fault(&loader->config, node,
                        "%s: the source has no `usage:`, so there is nothing to total", key);
        return WN_NO_SLOT;
    }
    const struct wn_node name = {
        .type = WN_NODE_TEXT,
        .line = node->line,
        .text = wn_slice_after(node->text, strlen("usage/")),
    };
    return wn_plan_load_field(loader, &items, &name, key);
}

/** Whether a total of an item's field can fill a field. */
static bool total_fits(enum wn_entry_what what, const struct wn_field *field,
                       const struct wn_field *item)
{
    bool same = field->kind == item->kind && field->n_symbols == item->n_symbols;
    switch (what) {
    case WN_ENTRY_SUM:
        return same && (field->kind == WN_KIND_OCTETS || field->kind == WN_KIND_COUNT ||
                        field->kind == WN_KIND_DURATION || field->kind == WN_KIND_AMOUNT);
    case WN_ENTRY_MIN:
    case WN_ENTRY_MAX:
        return same && wn_kind_is_number(field->kind);
    case WN_ENTRY_COUNT:
        return field->kind == WN_KIND_COUNT;
    case WN_ENTRY_ANY:
        return same && field->kind == WN_KIND_FLAG;
    case WN_ENTRY_FIRST:
    case WN_ENTRY_LAST:
        return same;
    case WN_ENTRY_FROM:
    case WN_ENTRY_VALUE:
    default:
        return false;
    }
}

static void load_total(struct wn_loader *loader, const struct wn_place *place, const char *key,
                       const struct wn_node *node, struct wn_entry *entry)
{
    if (place->of_item) {
        wn_config_fault(&loader->config, node,
                        "%s: totals the items; it stands under `fields` only", key);
        return;
    }
    entry->item = find_total(loader, node, key);
    if (entry->item == WN_NO_SLOT) {
        return;
    }
    const struct wn_field *item = &loader->shape->items[entry->item];
    if (!total_fits(entry->what, entry->field, item)) {
        wn_config_fault(&loader->config, node, "%s: of the kind %s gives none of the kind %s", key,
                        wn_kind_name(item->kind), wn_kind_name(entry->field->kind));
    }
}

/** Read one entry. @return the slot that it fills, or WN_NO_SLOT. */
static uint8_t load_entry(struct wn_loader *loader, const struct wn_place *place,
                          const struct wn_node *map, struct wn_entry *entry)
{
    static const char *const keys[] = { "field", "from", "as",    "map",      "else",  "absent",
                                        "high",  "time", "minus", "withheld", "value", "sum",
                                        "min",   "max",  "first", "last",     "count", "any",
                                        "when",  "near", "pick",  "on_error", NULL };
    wn_config_keys(&loader->config, map, "fields", keys);
    if (map->type != WN_NODE_MAP) {
        return WN_NO_SLOT;
    }
    const struct wn_node *name = wn_config_find(map, "field");
    if (!name) {
        wn_config_fault(&loader->config, map, "field: is missing; name what the entry fills");
        return WN_NO_SLOT;
    }
    uint8_t slot = wn_plan_load_slot(loader, place, name, "field");
    if (slot == WN_NO_SLOT || !may_fill(loader, place, name, slot)) {
        return WN_NO_SLOT;
    }
    entry->slot = slot;
    entry->line = map->line;
    entry->field = &place->fields[slot];
    entry->when = wn_plan_load_condition(loader, place, wn_config_find(map, "when"), "when");

    int origin = find_origin(loader, map);
    if (origin < 0) {
        return slot;
    }
    const struct wn_node *node = wn_config_find(map, origins[origin]);
    entry->what = whats[origin];
    if (entry->what == WN_ENTRY_FROM) {
        load_from(loader, place, map, entry);
        load_on_error(loader, map, entry);
        return slot;
    }
    refuse_companions(loader, map);
    if (entry->what == WN_ENTRY_VALUE) {
        (void)wn_plan_load_constant(loader, entry->field, node, "value", &entry->value);
    } else {
        load_total(loader, place, origins[origin], node, entry);
    }
    return slot;
}

/** Read a list of entries. @return the slots that they fill. */
static uint64_t load_entries(struct wn_loader *loader, struct wn_place *place,
                             const struct wn_node *list, const struct wn_entry **ret_entries,
                             size_t *ret_n)
{
    struct wn_entry *entries = wn_plan_load_zeroed(loader, list->n, sizeof(*entries));
    for (size_t i = 0; i < list->n; i++) {
        uint8_t slot = load_entry(loader, place, &list->items[i], &entries[i]);
        if (slot != WN_NO_SLOT) {
            place->filled |= UINT64_C(1) << slot;
        }
    }
    *ret_entries = entries;
    *ret_n = list->n;
    return place->filled;
}

static void load_each(struct wn_loader *loader, const struct wn_node *each)
{
    bool is_list = each->type == WN_NODE_LIST;
    const struct wn_node *items = is_list ? each->items : each;
    size_t n = is_list ? each->n : 1;
    struct wn_section_plan *plan = loader->section->plan;
    struct wn_error err = { 0 };

    if (loader->source->format && loader->source->format != &wn_format_json &&
        loader->source->format != &wn_format_ber) {
        wn_config_fault(&loader->config, each,
                        "each: %s has no lists; only json and ber have items",
                        loader->source->format->name);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint8_t list;
        if (!wn_config_text(&loader->config, &items[i], "each")) {
            continue;
        }
        if (wn_paths_add_each(loader->plan->paths, items[i].text, &list, &err) != WN_OK) {
            wn_config_fault(&loader->config, &items[i], "each: %s", err.text);
        } else if (wn_plan_load_path_is_known(loader, &items[i], items[i].text, "each") &&
                   plan->n_lists < WN_LISTS) { // More of them only where one stands there twice.
            plan->lists[plan->n_lists++] = list;
        }
    }
}

void wn_plan_load_usage(struct wn_loader *loader)
{
    static const char *const keys[] = { "each", "fields", NULL };
    const struct wn_node *map = wn_config_find(&loader->config.root, "usage");
    if (!map) {
        return;
    }
    if (loader->shape->group == WN_NO_SLOT) {
        wn_config_fault(&loader->config, map, "usage: the type %s has no repeated group",
                        loader->shape->type);
        return;
    }
    wn_config_keys(&loader->config, map, "usage", keys);
    const struct wn_node *each = wn_config_find(map, "each");
    const struct wn_node *fields = wn_config_find(map, "fields");
    if (map->type == WN_NODE_MAP && (!each || !fields)) {
        wn_config_fault(&loader->config, map,
                        "usage: {each: PATH/*, fields: […]} is expected here");
    }
    struct wn_place place = {
        .fields = loader->shape->items,
        .n_fields = loader->shape->n_items,
        .of_item = true,
    };
    loader->has_usage = true;
    if (each) {
        loader->each = each;
        load_each(loader, each);
    }
    if (wn_plan_load_is_list(loader, fields, "fields")) {
        struct wn_section_plan *plan = loader->section->plan;
        loader->filled_items = load_entries(loader, &place, fields, &plan->items, &plan->n_items);
    }
}

/** Report fields that every record must have and no entry can fill. */
static void check_filled(struct wn_loader *loader, const struct wn_node *list)
{
    const struct wn_shape *shape = loader->shape;
    for (uint8_t slot = 0; slot < shape->n_fields; slot++) {
        const struct wn_field *field = &shape->fields[slot];
        bool has_default = slot == shape->bound.final || slot == shape->bound.incomplete ||
                           slot == shape->bound.direction || slot == shape->bound.cause ||
                           slot == shape->bound.duration || slot == shape->bound.utc_offset;
        if (!field->nullable && !has_default && field->made == WN_MADE_NOT &&
            field->kind != WN_KIND_SUBSCRIBER && slot != shape->group &&
            (loader->filled >> slot & 1) == 0) {
            wn_config_fault(&loader->config, list,
                            "fields: no entry fills '%s', which every %s must have; add one",
                            field->name, shape->type);
        }
    }
}

/** An amount without its currency could be billed in another one. */
static void check_amounts(struct wn_loader *loader, const struct wn_node *list)
{
    const struct wn_shape *shape = loader->shape;
    struct wn_section_plan *plan = loader->section->plan;
    uint64_t amounts = 0;
    for (uint8_t slot = 0; slot < shape->n_fields; slot++) {
        const uint64_t bit = loader->filled & UINT64_C(1) << slot;
        amounts |= shape->fields[slot].kind == WN_KIND_AMOUNT ? bit : 0;
        plan->currencies |= shape->fields[slot].kind == WN_KIND_CURRENCY ? bit : 0;
    }
    plan->amounts = amounts;
    if (amounts != 0 && plan->currencies == 0) {
        wn_config_fault(&loader->config, list,
                        "fields: an amount is filled, and no currency; add an entry for it, such "
                        "as one with `value: EUR`");
    }
}

void wn_plan_load_fields(struct wn_loader *loader)
{
    const struct wn_node *list = wn_config_find(&loader->config.root, "fields");
    if (!list) {
        wn_config_fault(&loader->config, &loader->config.root,
                        "fields: is missing; say where each field is found");
        return;
    }
    if (!wn_plan_load_is_list(loader, list, "fields")) {
        return;
    }
    struct wn_section_plan *plan = loader->section->plan;
    struct wn_place place = wn_plan_load_place(loader, false);
    loader->filled = load_entries(loader, &place, list, &plan->fields, &plan->n_fields);
    check_filled(loader, list);
    check_amounts(loader, list);
}
