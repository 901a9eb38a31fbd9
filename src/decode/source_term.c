// SPDX-License-Identifier: Apache-2.0

/*
 * `from` and what may stand with it, read: a place, and the one way from its text to a value.
 */

#include <assert.h>
#include <stdio.h>

#include "load.h"

static uint32_t bit(enum wn_kind kind)
{
    return UINT32_C(1) << kind;
}

/** List the conversions that give a kind: "epoch_s, epoch_ms". */
static void list_conversions(enum wn_kind kind, char *ret_text, size_t size)
{
    const struct wn_conversion *conversion;
    size_t len = 0;
    ret_text[0] = '\0';
    for (unsigned i = 0; (conversion = wn_conversion_at(i)) != NULL; i++) {
        if ((conversion->kinds & bit(kind)) != 0 && len < size) {
            int more =
                snprintf(ret_text + len, size - len, "%s%s", len > 0 ? ", " : "", conversion->name);
            len += more > 0 ? (size_t)more : 0;
        }
    }
}

static const struct wn_conversion *find_conversion(struct wn_loader *loader,
                                                   const struct wn_node *node, enum wn_kind kind)
{
    const char *names[64] = { 0 };
    const struct wn_conversion *conversion;
    char fitting[256];

    if (!wn_config_text(&loader->config, node, "as")) {
        return NULL;
    }
    for (unsigned i = 0; (conversion = wn_conversion_at(i)) != NULL; i++) {
        if (!wn_slice_is(node->text, conversion->name)) {
            assert(i + 1 < WN_COUNT(names));
            names[i] = conversion->name;
            continue;
        }
        if ((conversion->kinds & bit(kind)) != 0) {
            return conversion;
        }
        list_conversions(kind, fitting, sizeof(fitting));
        wn_config_fault(&loader->config, node, "as: %s gives no value of the kind %s%s%s",
                        conversion->name, wn_kind_name(kind),
                        fitting[0] != '\0' ? "; these do: " : "; map its words with `map`",
                        fitting);
        return NULL;
    }
    wn_plan_load_unknown(loader, node, "as", "conversion", names);
    return NULL;
}

void wn_plan_set_conversion(struct wn_term *term, const struct wn_conversion *conversion)
{
    term->convert = conversion->convert;
    term->reason = conversion->reason;
    term->coded = conversion->coded;
    term->forms = conversion->forms;
}

/** Read `as`, or take the kind's own conversion. */
static void load_conversion(struct wn_loader *loader, const struct wn_node *map_node,
                            struct wn_term *term)
{
    const struct wn_node *as = wn_config_find(map_node, "as");
    const struct wn_node *near = wn_config_find(map_node, "near");
    const struct wn_conversion *conversion =
        as ? find_conversion(loader, as, term->kind) : wn_conversion_of(term->kind);
    char fitting[256];

    if (conversion) {
        wn_plan_set_conversion(term, conversion);
        if (conversion->is_local && !loader->plan->zone && !loader->zone_is_bad) {
            wn_config_fault(&loader->config, as,
                            "as: %s reads local times, and no zone is known; name one with "
                            "`clock: {zone: …}`",
                            conversion->name);
        }
        if (near && !conversion->is_local) {
            wn_config_fault(&loader->config, near,
                            "near: chooses between two instants of a local time; %s gives one",
                            conversion->name);
        }
    } else if (!as) {
        list_conversions(term->kind, fitting, sizeof(fitting));
        wn_config_fault(&loader->config, map_node,
                        "as: is missing; a value of the kind %s is read from a path by one of: %s",
                        wn_kind_name(term->kind), fitting);
    }
}

/** The words of an enum or a flag, read as they stand: a map from each to itself. */
static void load_own_words(struct wn_loader *loader, const struct wn_field *field,
                           struct wn_term *term)
{
    static const char *const flags[] = { "false", "true" };
    bool is_flag = field->kind == WN_KIND_FLAG;
    const char *const *words = is_flag ? flags : field->symbols;
    size_t n = is_flag ? 2 : field->n_symbols;
    struct wn_mapping *map = wn_plan_load_zeroed(loader, n, sizeof(*map));

    for (size_t i = 0; i < n; i++) {
        map[i].text = wn_slice_of(words[i]);
        map[i].value.number = (int64_t)i;
    }
    term->mapped = true;
    term->map = map;
    term->n_map = n;
}

static void load_map(struct wn_loader *loader, const struct wn_node *map_node,
                     const struct wn_node *node, const struct wn_field *field, struct wn_term *term)
{
    const struct wn_node *otherwise = wn_config_find(map_node, "else");
    term->mapped = true;
    if (node->type != WN_NODE_MAP || node->n == 0) {
        wn_config_fault(&loader->config, node, "map: a map is expected here: {TEXT: WORD}");
        return;
    }
    struct wn_mapping *map = wn_plan_load_zeroed(loader, node->n, sizeof(*map));
    for (size_t i = 0; i < node->n; i++) {
        map[i].text = node->pairs[i].key;
        (void)wn_plan_load_constant(loader, field, &node->pairs[i].value, "map", &map[i].value);
    }
    term->map = map;
    term->n_map = node->n;
    if (otherwise) {
        struct wn_value *value = wn_plan_load_zeroed(loader, 1, sizeof(*value));
        (void)wn_plan_load_constant(loader, field, otherwise, "else", value);
        term->otherwise = value;
    }
}

static bool same_words(const struct wn_field *a, const struct wn_field *b)
{
    if (a->n_symbols != b->n_symbols) {
        return false;
    }
    for (unsigned i = 0; i < a->n_symbols; i++) {
        if (strcmp(a->symbols[i], b->symbols[i]) != 0) {
            return false;
        }
    }
    return true;
}

/** Check that a field's value can be copied as it is. */
static void check_copy(struct wn_loader *loader, const struct wn_node *from,
                       const struct wn_field *field, const struct wn_term *term)
{
    if (term->field->kind != term->kind) {
        wn_config_fault(&loader->config, from,
                        "from: '%s' is of the kind %s, and one of the kind %s is expected here",
                        term->field->name, wn_kind_name(term->field->kind),
                        wn_kind_name(term->kind));
    } else if (term->kind == WN_KIND_ENUM && !same_words(field, term->field)) {
        wn_config_fault(&loader->config, from,
                        "from: '%s' and '%s' have different words; map them with `map`",
                        term->field->name, field->name);
    }
}

static bool is_mappable(enum wn_kind kind)
{
    return !wn_kind_is_number(kind) && kind != WN_KIND_MAC && kind != WN_KIND_IP;
}

/** A field is copied, or its words are mapped; nothing else may stand with it. */
static void load_of_field(struct wn_loader *loader, const struct wn_node *map_node,
                          const struct wn_node *from, const struct wn_field *field,
                          struct wn_term *term)
{
    static const char *const refused[] = { "as", "absent", "high", "near", "pick", "time", NULL };
    const struct wn_node *map = wn_config_find(map_node, "map");
    for (size_t i = 0; refused[i]; i++) {
        const struct wn_node *node = wn_config_find(map_node, refused[i]);
        if (node) {
            wn_config_fault(&loader->config, node,
                            "%s: stands only with a path; a field has its value already",
                            refused[i]);
        }
    }
    if (!map) {
        check_copy(loader, from, field, term);
        return;
    }
    load_map(loader, map_node, map, field, term);
    if (!is_mappable(term->field->kind)) {
        wn_config_fault(&loader->config, map,
                        "map: '%s' has no text to look up; map its path instead",
                        term->field->name);
    }
}

/** Read `near`: an instant, told another way than the time that it stands beside. */
static void load_near(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *node, const struct wn_field *field,
                      struct wn_term *term)
{
    static const char *const keys[] = { "from", "as", "near", "plus", "minus", NULL };
    const struct wn_node *plus = wn_config_find(node, "plus");
    const struct wn_node *minus = wn_config_find(node, "minus");
    struct wn_near *near = wn_plan_load_zeroed(loader, 1, sizeof(*near));

    wn_config_keys(&loader->config, node, "near", keys);
    if (node->type != WN_NODE_MAP || !wn_config_find(node, "from") || (plus && minus)) {
        wn_config_fault(&loader->config, node,
                        "near: {from: PATH, as: CONVERSION} is expected here, with `plus` or "
                        "`minus` or neither");
        return;
    }
    wn_plan_load_term(loader, place, node, field, WN_KIND_TIME, &near->term);
    near->has_step = plus || minus;
    near->subtracts = minus != NULL;
    if (near->has_step) {
        const struct wn_node *otherwise = wn_config_find(plus ? plus : minus, "or");
        if (otherwise) {
            wn_config_fault(&loader->config, otherwise,
                            "or: evidence is not assumed; leave it out here");
        }
        wn_plan_load_operand(loader, place, plus ? plus : minus, plus ? "plus" : "minus", field,
                             WN_KIND_DURATION, &near->step);
    }
    term->near = near;
}

/** Read `time`: where the time of day stands whose date is in `from`. */
static void load_time(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *time, const struct wn_node *as, struct wn_term *term)
{
    if (!as || as->type != WN_NODE_TEXT ||
        (!wn_slice_is(as->text, "stamp_local") && !wn_slice_is(as->text, "stamp_utc"))) {
        wn_config_fault(&loader->config, time,
                        "time: stands only with `as: stamp_local` or `as: stamp_utc`");
        return;
    }
    wn_plan_load_paths(loader, place, time, "time", &term->time);
}

/** Read what stands with a path. */
static void load_of_path(struct wn_loader *loader, const struct wn_place *place,
                         const struct wn_node *map_node, const struct wn_field *field,
                         struct wn_term *term)
{
    const struct wn_node *as = wn_config_find(map_node, "as");
    const struct wn_node *map = wn_config_find(map_node, "map");
    const struct wn_node *absent = wn_config_find(map_node, "absent");
    const struct wn_node *high = wn_config_find(map_node, "high");
    const struct wn_node *near = wn_config_find(map_node, "near");
    const struct wn_node *pick = wn_config_find(map_node, "pick");
    const struct wn_node *time = wn_config_find(map_node, "time");
    static const char *const picks[] = { "first", "worst", NULL };

    if (as && map) {
        wn_config_fault(&loader->config, map, "map: stands in place of `as`; leave one out");
    } else if (map) {
        load_map(loader, map_node, map, field, term);
    } else if (!as && (term->kind == WN_KIND_ENUM || term->kind == WN_KIND_FLAG)) {
        load_own_words(loader, field, term);
    } else {
        load_conversion(loader, map_node, term);
    }
    if (pick && (term->kind != WN_KIND_CAUSE || !as)) {
        wn_config_fault(&loader->config, pick, "pick: stands only with a cause that `as` reads");
    }
    term->takes_worst = wn_config_word(&loader->config, pick, "pick", picks) == 1;
    if (near && term->kind != WN_KIND_TIME) {
        wn_config_fault(&loader->config, near, "near: stands only beside a local time");
    } else if (near) {
        load_near(loader, place, near, field, term);
    }
    if (absent) {
        wn_plan_load_texts(loader, absent, "absent", false, &term->absent, &term->n_absent);
    }
    if (time) {
        load_time(loader, place, time, as, term);
    }
    if (high && !(as && as->type == WN_NODE_TEXT && wn_slice_is(as->text, "octets"))) {
        wn_config_fault(&loader->config, high, "high: stands only with `as: octets`");
    } else if (high) {
        wn_plan_load_paths(loader, place, high, "high", &term->high);
    }
}

void wn_plan_load_term(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *map_node, const struct wn_field *field,
                       enum wn_kind kind, struct wn_term *ret_term)
{
    const struct wn_node *from = wn_config_find(map_node, "from");
    const struct wn_node *otherwise = wn_config_find(map_node, "else");

    *ret_term = (struct wn_term){ .kind = kind, .reason = "bad-identifier" };
    wn_plan_load_from(loader, place, from, "from", &ret_term->from);
    if (otherwise && !wn_config_find(map_node, "map")) {
        wn_config_fault(&loader->config, otherwise, "else: stands only with `map`");
    }
    if (ret_term->from.what == WN_FROM_FIELD) {
        ret_term->field = &place->fields[ret_term->from.slot];
        load_of_field(loader, map_node, from, field, ret_term);
    } else if (ret_term->from.what != WN_FROM_NOTHING) {
        load_of_path(loader, place, map_node, field, ret_term);
    }
}

// NOLINTNEXTLINE(readability-function-size): a term, with the name of its key.
void wn_plan_load_operand(struct wn_loader *loader, const struct wn_place *place,
                          const struct wn_node *node, const char *key, const struct wn_field *field,
                          enum wn_kind kind, struct wn_term *ret_term)
{
    static const char *const keys[] = { "from", "as", "or", NULL };
    const struct wn_pair pair = { .key = { "from", 4 }, .line = node->line, .value = *node };
    const struct wn_node of_field = {
        .type = WN_NODE_MAP, .line = node->line, .n = 1, .pairs = &pair
    };

    if (node->type == WN_NODE_TEXT && !wn_plan_load_is_path(node->text)) {
        wn_plan_load_term(loader, place, &of_field, field, kind, ret_term);
        return;
    }
    if (node->type != WN_NODE_MAP || !wn_config_find(node, "from")) {
        wn_config_fault(&loader->config, node,
                        "%s: a field is expected here, or {from: PATH, as: CONVERSION}", key);
        return;
    }
    wn_config_keys(&loader->config, node, key, keys);
    wn_plan_load_term(loader, place, node, field, kind, ret_term);
}

bool wn_plan_load_converted(struct wn_loader *loader, const struct wn_term *term,
                            const struct wn_node *node, const char *key, struct wn_value *ret_value)
{
    struct wn_converting how = { .plan = loader->plan,
                                 .arena = &loader->plan->arena,
                                 .kind = term->kind };
    struct wn_error err = { 0 };
    bool present = false;
    if (!wn_config_text(&loader->config, node, key)) {
        return false;
    }
    if (!term->convert) {
        wn_config_fault(&loader->config, node, "%s: stands only with a path and `as`", key);
        return false;
    }
    if (term->convert(&how, node->text, ret_value, &present, &err) != WN_OK || !present) {
        wn_config_fault(&loader->config, node, "%s: no text that `as` can read", key);
        return false;
    }
    return true;
}
