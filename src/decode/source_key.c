// SPDX-License-Identifier: Apache-2.0

/*
 * What a source says of the record as a whole: whom it is about, what it must have, what makes it
 * new, which flags it gets, which rule filters it.
 */

#include "load.h"

static const struct wn_node *find(const struct wn_loader *loader, const char *key)
{
    return wn_config_find(&loader->config.root, key);
}

/** Read `{DIRECTION: FIELD}`. */
static void load_by_direction(struct wn_loader *loader, const struct wn_place *place,
                              const struct wn_node *map, struct wn_whose *whose)
{
    uint8_t direction = loader->shape->bound.direction;
    const char *words[WN_PLAN_REQUIRED + 1] = { 0 };

    whose->by_direction = true;
    memset(whose->by, WN_NO_SLOT, sizeof(whose->by));
    if (direction == WN_NO_SLOT || (loader->filled >> direction & 1) == 0) {
        wn_config_fault(&loader->config, map,
                        "from: no entry fills 'direction', by which this chooses; add one, or name "
                        "one field");
        return;
    }
    const struct wn_field *field = &loader->shape->fields[direction];
    for (unsigned i = 0; i < field->n_symbols && i < WN_PLAN_REQUIRED; i++) {
        words[i] = field->symbols[i];
    }
    for (size_t i = 0; i < map->n; i++) {
        const struct wn_pair *pair = &map->pairs[i];
        const struct wn_node key = { .line = pair->line, .text = pair->key };
        int word = wn_symbol_find(field->symbols, field->n_symbols, pair->key);
        if (word < 0 || word >= WN_PLAN_REQUIRED) {
            wn_plan_load_unknown(loader, &key, "from", "direction", words);
            continue;
        }
        uint8_t slot = wn_plan_load_field(loader, place, &pair->value, "from");
        if (slot != WN_NO_SLOT && place->fields[slot].kind != whose->kind) {
            wn_config_fault(&loader->config, &pair->value,
                            "from: '%s' is of the kind %s, and one of the kind %s is expected here",
                            place->fields[slot].name, wn_kind_name(place->fields[slot].kind),
                            wn_kind_name(whose->kind));
            continue;
        }
        whose->by[word] = slot;
    }
}

/** @return the kind of a subscriber, or WN_KIND_NONE and a fault. */
static enum wn_kind load_kind(struct wn_loader *loader, const struct wn_node *map)
{
    static const char *const kinds[] = { "imsi", "nai", "account", "number", NULL };
    static const enum wn_kind values[] = { WN_KIND_IMSI, WN_KIND_NAI, WN_KIND_ACCOUNT,
                                           WN_KIND_NUMBER };
    const struct wn_node *node = wn_config_find(map, "kind");
    if (!node) {
        wn_config_fault(&loader->config, map,
                        "kind: is missing; say what the value is: imsi, nai, account or number");
    }
    int word = wn_config_word(&loader->config, node, "kind", kinds);
    return word < 0 ? WN_KIND_NONE : values[word];
}

static void load_whose(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *map, struct wn_whose *whose)
{
    static const char *const keys[] = { "kind", "from", "when", NULL };
    wn_config_keys(&loader->config, map, "subscriber", keys);
    if (map->type != WN_NODE_MAP) {
        return;
    }
    const struct wn_node *from = wn_config_find(map, "from");
    whose->line = map->line;
    whose->when = wn_plan_load_condition(loader, place, wn_config_find(map, "when"), "when");
    whose->kind = load_kind(loader, map);
    if (!from) {
        wn_config_fault(&loader->config, map,
                        "from: is missing; name paths, a field, or {DIRECTION: FIELD}");
    } else if (whose->kind != WN_KIND_NONE && from->type == WN_NODE_MAP) {
        load_by_direction(loader, place, from, whose);
    } else if (whose->kind != WN_KIND_NONE) {
        // A field of the entry's kind stands for the slot: only its kind is looked at.
        struct wn_field *field = wn_plan_load_zeroed(loader, 1, sizeof(*field));
        *field = (struct wn_field){ .name = "subscriber", .kind = whose->kind };
        wn_plan_load_term(loader, place, map, field, whose->kind, &whose->term);
    }
}

void wn_plan_load_subscriber(struct wn_loader *loader)
{
    const struct wn_node *list = find(loader, "subscriber");
    const struct wn_place place = wn_plan_load_place(loader, false);
    if (!list) {
        if (loader->shape->bound.subscriber != WN_NO_SLOT) {
            wn_config_fault(&loader->config, &loader->config.root,
                            "subscriber: is missing; say whom a record is about");
        }
        return;
    }
    if (!wn_plan_load_is_list(loader, list, "subscriber")) {
        return;
    }
    if (list->n == 0) {
        wn_config_fault(&loader->config, list,
                        "subscriber: the list is empty; say whom a record is about");
    }
    struct wn_whose *whose = wn_plan_load_zeroed(loader, list->n, sizeof(*whose));
    for (size_t i = 0; i < list->n; i++) {
        load_whose(loader, &place, &list->items[i], &whose[i]);
    }
    loader->section->plan->lines.subscriber = list->line;
    loader->section->plan->subscriber = whose;
    loader->section->plan->n_subscriber = list->n;
}

/** Read a name of `required` or of a key: a field, a path, `node` or `subscriber`. */
static bool load_name(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *node, const char *key, struct wn_from *ret_from)
{
    *ret_from = (struct wn_from){ .line = node->line };
    if (node->type != WN_NODE_TEXT) {
        wn_config_fault(&loader->config, node, "%s: fields and paths are expected here", key);
        return false;
    }
    if (wn_slice_is(node->text, "node")) {
        ret_from->what = WN_FROM_NODE;
    } else if (wn_slice_is(node->text, "subscriber")) {
        ret_from->what = WN_FROM_SUBSCRIBER;
    } else {
        wn_plan_load_from(loader, place, node, key, ret_from);
    }
    return ret_from->what == WN_FROM_PATHS ? ret_from->n_paths > 0
                                           : ret_from->what != WN_FROM_NOTHING;
}

void wn_plan_load_required(struct wn_loader *loader)
{
    const struct wn_node *list = find(loader, "required");
    const struct wn_place place = wn_plan_load_place(loader, true);
    struct wn_section_plan *plan = loader->section->plan;
    if (!list || !wn_plan_load_is_list(loader, list, "required")) {
        return;
    }
    if (list->n > WN_PLAN_REQUIRED) {
        wn_config_fault(&loader->config, list, "required: at most %d names can stand here",
                        WN_PLAN_REQUIRED);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (load_name(loader, &place, &list->items[i], "required",
                      &plan->required[plan->n_required])) {
            plan->n_required++;
        }
    }
}

/** Whether a path has a star: several values. */
static bool has_star(struct wn_slice path)
{
    for (size_t i = 1; i < path.len; i++) {
        if (path.at[i] == '*' && path.at[i - 1] == '/' &&
            (i + 1 == path.len || path.at[i + 1] == '/')) {
            return true;
        }
    }
    return false;
}

/** Check what a part may not be. */
static bool may_be_part(struct wn_loader *loader, const struct wn_node *node, const char *key,
                        const struct wn_from *from)
{
    const struct wn_shape *shape = loader->shape;
    if (from->what == WN_FROM_PATHS && has_star(node->text)) {
        wn_config_fault(&loader->config, node,
                        "%s: a part of a key is one value; a path with a star has several", key);
        return false;
    }
    if (loader->source->tolerance_s > 0 && from->what == WN_FROM_FIELD &&
        (from->slot == shape->bound.start || from->slot == shape->bound.end)) {
        wn_config_fault(&loader->config, node,
                        "%s: with `tolerance` no time stands in a key; `start` is in it already, "
                        "and '%s' moves when a record is sent again",
                        key, shape->fields[from->slot].name);
        return false;
    }
    return true;
}

static void add_part(struct wn_loader *loader, const struct wn_from *from, struct wn_key *key)
{
    struct wn_key_part *part = &key->parts[key->n++];
    struct wn_section_plan *plan = loader->section->plan;

    *part = (struct wn_key_part){ .what = WN_PART_NODE };
    switch (from->what) {
    case WN_FROM_PATHS:
        part->what = WN_PART_TAKE;
        part->index = from->paths[0].take;
        plan->key_takes[plan->n_key_takes++] = part->index;
        break;
    case WN_FROM_FIELD:
        part->what = WN_PART_FIELD;
        part->index = from->slot;
        break;
    case WN_FROM_SUBSCRIBER:
        part->what = WN_PART_SUBSCRIBER;
        break;
    case WN_FROM_NODE:
    case WN_FROM_NOTHING:
    default:
        break;
    }
}

static bool stands_before(const struct wn_node *list, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (list->items[j].type == WN_NODE_TEXT &&
            wn_slice_same(list->items[j].text, list->items[i].text)) {
            return true;
        }
    }
    return false;
}

/** Read a key, and its canonical text for the rule's id. @return its node, or NULL. */
static const struct wn_node *load_key(struct wn_loader *loader, const char *name,
                                      struct wn_key *key)
{
    const struct wn_node *list = find(loader, name);
    const struct wn_place place = wn_plan_load_place(loader, true);
    struct wn_from from;

    wn_buffer_format(&loader->rule, "%s\n", name);
    if (!list || !wn_plan_load_is_list(loader, list, name)) {
        return NULL;
    }
    if (list->n > WN_KEY_PARTS) {
        wn_config_fault(&loader->config, list, "%s: at most %d parts can stand here", name,
                        WN_KEY_PARTS);
        return list;
    }
    for (size_t i = 0; i < list->n; i++) {
        const struct wn_node *node = &list->items[i];
        const bool is_position = node->type == WN_NODE_TEXT && wn_slice_is(node->text, "position");
        if (is_position && key != &loader->section->duplicate_key) {
            wn_config_fault(&loader->config, node,
                            "%s: where a record lies is no value of it; `position` stands in "
                            "`duplicate_key` only",
                            name);
            continue;
        }
        if (is_position) {
            key->parts[key->n++] = (struct wn_key_part){ .what = WN_PART_POSITION };
            wn_buffer_format(&loader->rule, " %zu %s\n", node->text.len, node->text.at);
            continue;
        }
        if (!load_name(loader, &place, node, name, &from) ||
            !may_be_part(loader, node, name, &from)) {
            continue;
        }
        if (stands_before(list, i)) {
            wn_config_fault(&loader->config, node, "%s: '%.64s' stands there twice; leave one out",
                            name, node->text.at);
            continue;
        }
        add_part(loader, &from, key);
        wn_buffer_format(&loader->rule, " %zu %s\n", node->text.len, node->text.at);
    }
    return list;
}

void wn_plan_load_keys(struct wn_loader *loader)
{
    const int64_t tolerance_s = loader->source->tolerance_s;
    struct wn_section *section = loader->section;
    uint8_t final = loader->shape->bound.final;

    wn_buffer_format(&loader->rule, "type %s\n", loader->shape->type);
    const struct wn_node *duplicate = load_key(loader, "duplicate_key", &section->duplicate_key);
    const struct wn_node *content = load_key(loader, "content", &section->content);
    const struct wn_node *sessions = load_key(loader, "session_key", &section->session_key);
    wn_buffer_format(&loader->rule, "tolerance %lld\n", (long long)tolerance_s);
    section->plan->lines.duplicate_key = duplicate ? duplicate->line : 0;
    section->plan->lines.content = content ? content->line : 0;
    section->plan->lines.session_key = sessions ? sessions->line : 0;

    if (!find(loader, "duplicate_key") || (duplicate && duplicate->n == 0)) {
        wn_config_fault(&loader->config, duplicate ? duplicate : &loader->config.root,
                        "duplicate_key: is missing; say which values make a record the same "
                        "chargeable event");
    }
    if (tolerance_s > 0 && content && content->n > 0) {
        wn_config_fault(&loader->config, content,
                        "content: with `tolerance` the source has no clock of its own, and content "
                        "is empty: []");
    }
    if (sessions && sessions->n > 0 && final != WN_NO_SLOT && (loader->filled >> final & 1) == 0) {
        wn_config_fault(&loader->config, sessions,
                        "session_key: where records share a session `final` must be filled; add an "
                        "entry that maps it");
    }
}

void wn_plan_load_flags(struct wn_loader *loader)
{
    static const char *const keys[] = { "flag", "when", NULL };
    const struct wn_node *list = find(loader, "flags");
    const struct wn_shape *shape = loader->shape;
    const struct wn_place place = wn_plan_load_place(loader, true);
    const char *names[WN_FLAGS + 1] = { 0 };
    if (!list || !wn_plan_load_is_list(loader, list, "flags")) {
        return;
    }
    for (unsigned i = 0; i < shape->n_flags && i < WN_FLAGS; i++) {
        names[i] = shape->flags[i];
    }
    struct wn_flagging *flags = wn_plan_load_zeroed(loader, list->n, sizeof(*flags));
    for (size_t i = 0; i < list->n; i++) {
        const struct wn_node *map = &list->items[i];
        const struct wn_node *flag = wn_config_find(map, "flag");
        wn_config_keys(&loader->config, map, "flags", keys);
        if (map->type == WN_NODE_MAP && !flag) {
            wn_config_fault(&loader->config, map, "flag: is missing; name one of the type's flags");
        }
        if (flag && wn_config_text(&loader->config, flag, "flag")) {
            int index = wn_symbol_find(shape->flags, shape->n_flags, flag->text);
            if (index < 0) {
                wn_plan_load_unknown(loader, flag, "flag", "flag", names);
            }
            flags[i].bit = index < 0 ? 0 : UINT32_C(1) << index;
        }
        flags[i].line = map->line;
        flags[i].when = wn_plan_load_condition(loader, &place, wn_config_find(map, "when"), "when");
    }
    loader->section->plan->flags = flags;
    loader->section->plan->n_flags = list->n;
}

/** Read a rule's id: a reason by which records are filtered. */
static enum wn_reason load_rule(struct wn_loader *loader, const struct wn_node *map)
{
    const struct wn_node *node = wn_config_find(map, "rule");
    const char *names[WN_REASONS + 1] = { 0 };
    size_t n = 0;
    if (!node) {
        if (map->type == WN_NODE_MAP) {
            wn_config_fault(&loader->config, map, "rule: is missing; name what is filtered");
        }
        return WN_REASON_NONE;
    }
    if (!wn_config_text(&loader->config, node, "rule")) {
        return WN_REASON_NONE;
    }
    for (int i = WN_REASON_NONE + 1; i < WN_REASONS; i++) {
        const struct wn_reason_info *info = wn_reason_info((enum wn_reason)i);
        if (info->fate == WN_FATE_FILTER) {
            names[n++] = info->id;
        }
    }
    enum wn_reason rule = wn_reason_find(node->text);
    if (rule != WN_REASON_NONE && wn_reason_info(rule)->fate == WN_FATE_FILTER) {
        return rule;
    }
    wn_plan_load_unknown(loader, node, "rule", "rule of a filter", names);
    return WN_REASON_NONE;
}

void wn_plan_load_filter(struct wn_loader *loader)
{
    static const char *const keys[] = { "rule", "when", NULL };
    const struct wn_node *list = find(loader, "filter");
    const struct wn_place place = wn_plan_load_place(loader, true);
    if (!list || !wn_plan_load_is_list(loader, list, "filter")) {
        return;
    }
    struct wn_filter *filters = wn_plan_load_zeroed(loader, list->n, sizeof(*filters));
    for (size_t i = 0; i < list->n; i++) {
        const struct wn_node *map = &list->items[i];
        wn_config_keys(&loader->config, map, "filter", keys);
        filters[i].line = map->line;
        filters[i].rule = load_rule(loader, map);
        filters[i].when =
            wn_plan_load_condition(loader, &place, wn_config_find(map, "when"), "when");
    }
    loader->section->filters = filters;
    loader->section->n_filters = (unsigned)list->n;
}
