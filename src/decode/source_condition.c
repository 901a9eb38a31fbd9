// SPDX-License-Identifier: Apache-2.0

/*
 * Conditions, read: what a test can mean for a field of its kind is decided here, once. A test of
 * a word becomes a mask of the closed list's words, a test of a number a list of numbers.
 */

#include "load.h"

enum {
    DEPTH_MOST = 16,
    KINDS_MOST = 200, ///< Types of records of a format, and a NULL.
    BIT_MOST = 4095,  ///< Of a BIT STRING.
};

static const char *const tests[] = { "present", "is", "starts", "contains", "above", "bit", NULL };

/** @return the one key of `names` that a map has; NULL where it has none or several. */
static const char *only(const struct wn_node *map, const char *const *names,
                        const struct wn_node **ret_value)
{
    const char *found = NULL;
    for (size_t i = 0; names[i]; i++) {
        const struct wn_node *value = wn_config_find(map, names[i]);
        if (value && found) {
            return NULL;
        }
        if (value) {
            found = names[i];
            *ret_value = value;
        }
    }
    return found;
}

static enum wn_condition_op op_of(const char *test)
{
    static const enum wn_condition_op ops[] = { WN_WHEN_PRESENT,  WN_WHEN_IS,    WN_WHEN_STARTS,
                                                WN_WHEN_CONTAINS, WN_WHEN_ABOVE, WN_WHEN_BIT };
    size_t i = 0;
    while (tests[i] != test) {
        i++;
    }
    return ops[i];
}

/** Read the number of `above` or `bit`. */
static void load_number(struct wn_loader *loader, const struct wn_node *node, const char *test,
                        struct wn_condition *condition)
{
    int64_t *number = wn_plan_load_zeroed(loader, 1, sizeof(*number));
    const bool is_bit = condition->op == WN_WHEN_BIT;
    (void)wn_config_number(&loader->config, node, test, is_bit ? 0 : -INT64_MAX,
                           is_bit ? BIT_MOST : INT64_MAX, number);
    condition->numbers = number;
    condition->n = 1;
}

/** Turn the texts of a test on a number into numbers. */
static void load_numbers(struct wn_loader *loader, const struct wn_node *node,
                         struct wn_condition *condition)
{
    int64_t *numbers = wn_plan_load_zeroed(loader, condition->n, sizeof(*numbers));
    for (size_t i = 0; i < condition->n; i++) {
        struct wn_slice text = condition->texts[i];
        bool minus = wn_slice_starts(text, "-");
        uint64_t size = 0;
        if (!wn_slice_number(minus ? wn_slice_after(text, 1) : text, &size) || size > INT64_MAX) {
            wn_config_fault(&loader->config, node,
                            "is: the field holds a number; a whole number is expected here");
            size = 0;
        }
        numbers[i] = minus ? -(int64_t)size : (int64_t)size;
    }
    condition->numbers = numbers;
    condition->op = WN_WHEN_NUMBER;
}

/** @return the words of a field's closed list, NULL-terminated in `room`; false: it has none. */
static bool words_of(const struct wn_field *field, const char *room[WN_SLOTS + 1])
{
    size_t n = 0;
    if (field->kind == WN_KIND_FLAG) {
        room[n++] = "false";
        room[n++] = "true";
    } else if (field->kind == WN_KIND_CAUSE) {
        while (n <= WN_CAUSE_UNKNOWN) {
            room[n] = wn_cause_name((enum wn_cause)n);
            n++;
        }
    } else if (field->kind == WN_KIND_ENUM) {
        while (n < field->n_symbols && n < WN_SLOTS) {
            room[n] = field->symbols[n];
            n++;
        }
    }
    room[n] = NULL;
    return n > 0;
}

static bool passes(enum wn_condition_op op, const char *word, struct wn_slice text)
{
    if (op == WN_WHEN_IS) {
        return wn_slice_is(text, word);
    }
    return op == WN_WHEN_STARTS ? strncmp(word, text.at, text.len) == 0
                                : strstr(word, text.at) != NULL;
}

/** Turn a test on a word into the words that pass it; a text that no word passes is a fault. */
static void load_mask(struct wn_loader *loader, const struct wn_node *node, const char *test,
                      const char *const *words, struct wn_condition *condition)
{
    for (size_t i = 0; i < condition->n; i++) {
        uint64_t mask = 0;
        for (size_t word = 0; words[word]; word++) {
            if (passes(condition->op, words[word], condition->texts[i])) {
                mask |= UINT64_C(1) << word;
            }
        }
        if (mask == 0) {
            struct wn_node shown = { .line = node->line, .text = condition->texts[i] };
            wn_plan_load_unknown(loader, &shown, test, "word", words);
        }
        condition->mask |= mask;
    }
    condition->op = WN_WHEN_WORD;
}

/** Fit a test to the kind of the field that it is about. */
static void fit_to_field(struct wn_loader *loader, const struct wn_field *field, const char *test,
                         const struct wn_node *node, struct wn_condition *condition)
{
    const char *words[WN_SLOTS + 1];
    bool has_words = words_of(field, words);
    bool is_number = wn_kind_is_number(field->kind);

    condition->is_number = is_number;
    if (condition->op == WN_WHEN_PRESENT) {
        return;
    }
    if (condition->op == WN_WHEN_ABOVE ? !is_number : is_number && condition->op != WN_WHEN_IS) {
        wn_config_fault(&loader->config, node, "%s: not a test for '%s', whose kind is %s", test,
                        field->name, wn_kind_name(field->kind));
    } else if (field->kind == WN_KIND_MAC || field->kind == WN_KIND_IP) {
        wn_config_fault(&loader->config, node,
                        "%s: an address has no text; test its path with `from`", test);
    } else if (is_number && condition->op == WN_WHEN_IS) {
        load_numbers(loader, node, condition);
    } else if (has_words) {
        load_mask(loader, node, test, words, condition);
    }
}

/** Read `{from: PATHS, TEST}` or `{field: NAME, TEST}`. */
static void load_test(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *map, struct wn_condition *condition)
{
    const struct wn_node *node = NULL;
    const char *test = only(map, tests, &node);
    if (!test) {
        wn_config_fault(&loader->config, map,
                        "when: exactly one test is expected here: present, is, starts, contains, "
                        "above or bit");
        return;
    }
    condition->op = op_of(test);
    if (condition->op == WN_WHEN_PRESENT) {
        (void)wn_config_bool(&loader->config, node, test, &condition->wanted);
    } else if (condition->op == WN_WHEN_ABOVE || condition->op == WN_WHEN_BIT) {
        load_number(loader, node, test, condition);
    } else {
        wn_plan_load_texts(loader, node, test, true, &condition->texts, &condition->n);
    }

    const struct wn_node *from = wn_config_find(map, "from");
    const struct wn_node *name = wn_config_find(map, "field");
    if (from) {
        if (from->type == WN_NODE_TEXT && !wn_plan_load_is_path(from->text)) {
            wn_config_fault(&loader->config, from,
                            "from: a path is expected here; a field is tested with `field`");
            return;
        }
        wn_plan_load_paths(loader, place, from, "from", &condition->from);
        return;
    }
    if (name->type == WN_NODE_TEXT && wn_slice_is(name->text, "node") && !place->of_item) {
        condition->from.what = WN_FROM_NODE;
        return;
    }
    if (name->type == WN_NODE_TEXT && wn_slice_is(name->text, "subscriber") &&
        place->has_subscriber) {
        condition->from.what = WN_FROM_SUBSCRIBER;
        return;
    }
    condition->from.slot = wn_plan_load_field(loader, place, name, "field");
    if (condition->from.slot != WN_NO_SLOT) {
        condition->from.what = WN_FROM_FIELD;
        fit_to_field(loader, &place->fields[condition->from.slot], test, node, condition);
    }
}

static void load_zero(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *list, struct wn_condition *condition)
{
    condition->op = WN_WHEN_ZERO;
    if (!wn_plan_load_is_list(loader, list, "zero")) {
        return;
    }
    if (list->n == 0) {
        wn_config_fault(&loader->config, list, "zero: name one field at least");
    }
    for (size_t i = 0; i < list->n; i++) {
        uint8_t slot = wn_plan_load_field(loader, place, &list->items[i], "zero");
        if (slot == WN_NO_SLOT) {
            continue;
        }
        if (!wn_kind_is_number(place->fields[slot].kind)) {
            wn_config_fault(&loader->config, &list->items[i],
                            "zero: '%s' holds no number, its kind is %s", place->fields[slot].name,
                            wn_kind_name(place->fields[slot].kind));
            continue;
        }
        condition->mask |= UINT64_C(1) << slot;
    }
}

static void load_network(struct wn_loader *loader, const struct wn_place *place,
                         const struct wn_node *node, struct wn_condition *condition)
{
    static const char *const networks[] = { "home", "foreign", "test", NULL };
    int word = wn_config_word(&loader->config, node, "network", networks);
    condition->op = WN_WHEN_NETWORK;
    condition->network = word == 0   ? WN_NETWORK_HOME
                         : word == 1 ? WN_NETWORK_FOREIGN
                                     : WN_NETWORK_TEST;
    if (!place->has_subscriber) {
        wn_config_fault(&loader->config, node,
                        "network: the subscriber is found after all fields; this stands under "
                        "`flags` and `filter` only");
    }
}

/** Whether the format knows a type of record of this name. @param names  For the nearest one. */
static bool is_kind(const struct wn_format *format, struct wn_slice name, const char **names)
{
    for (unsigned i = 0; i + 1 < KINDS_MOST && format->kind_at(i); i++) {
        names[i] = format->kind_at(i)->name;
        if (wn_slice_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/** Read `record`: a type of record, or a list of them. */
static void load_record(struct wn_loader *loader, const struct wn_node *value,
                        struct wn_condition *condition)
{
    const struct wn_format *format = loader->source->format;
    const bool is_list = value->type == WN_NODE_LIST;
    const struct wn_node *nodes = is_list ? value->items : value;
    const size_t n = is_list ? value->n : 1;
    condition->op = WN_WHEN_RECORD;
    if (format && !format->kind_at) {
        wn_config_fault(&loader->config, value,
                        "record: only ber has types of records; this source's format does not");
        return;
    }
    struct wn_slice *texts = wn_plan_load_zeroed(loader, n, sizeof(*texts));
    condition->texts = texts;
    for (size_t i = 0; i < n; i++) {
        const char *names[KINDS_MOST] = { 0 };
        if (!wn_config_text(&loader->config, &nodes[i], "record")) {
            continue;
        }
        if (format && !is_kind(format, nodes[i].text, names)) {
            wn_plan_load_unknown(loader, &nodes[i], "record", "record", names);
            continue;
        }
        texts[condition->n++] = nodes[i].text;
    }
}

static void load(struct wn_loader *loader, const struct wn_place *place, const struct wn_node *node,
                 const char *key, unsigned depth, struct wn_condition *condition);

/** Read a list of conditions as the parts of one. */
static void load_parts(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *list, const char *key, unsigned depth,
                       struct wn_condition *condition)
{
    if (list->n == 0) {
        wn_config_fault(&loader->config, list, "%s: one condition at least is expected here", key);
        return;
    }
    struct wn_condition *parts = wn_plan_load_zeroed(loader, list->n, sizeof(*parts));
    for (size_t i = 0; i < list->n; i++) {
        load(loader, place, &list->items[i], key, depth + 1, &parts[i]);
    }
    condition->parts = parts;
    condition->n = list->n;
}

/** Read `all`, `any` or `not`. */
static void load_joined(struct wn_loader *loader, const struct wn_place *place, const char *head,
                        const struct wn_node *value, unsigned depth, struct wn_condition *condition)
{
    condition->op = strcmp(head, "any") == 0   ? WN_WHEN_ANY
                    : strcmp(head, "not") == 0 ? WN_WHEN_NOT
                                               : WN_WHEN_ALL;
    if (condition->op == WN_WHEN_NOT) {
        struct wn_condition *part = wn_plan_load_zeroed(loader, 1, sizeof(*part));
        load(loader, place, value, "not", depth + 1, part);
        condition->parts = part;
        condition->n = 1;
    } else if (wn_plan_load_is_list(loader, value, head)) {
        load_parts(loader, place, value, head, depth, condition);
    }
}

/** Read a map: its one head says what it is. */
static void load_map(struct wn_loader *loader, const struct wn_place *place,
                     const struct wn_node *node, const char *key, unsigned depth,
                     struct wn_condition *condition)
{
    static const char *const heads[] = { "from", "field", "zero", "network", "record",
                                         "all",  "any",   "not",  NULL };
    static const char *const from_keys[] = { "from",     "present", "is",  "starts",
                                             "contains", "above",   "bit", NULL };
    static const char *const field_keys[] = { "field",    "present", "is", "starts",
                                              "contains", "above",   NULL };
    const struct wn_node *value = NULL;
    const char *head = only(node, heads, &value);
    if (!head) {
        wn_config_fault(&loader->config, node,
                        "%s: a condition is expected here, with exactly one of: from, field, "
                        "zero, network, record, all, any, not",
                        key);
        return;
    }
    if (strcmp(head, "from") == 0 || strcmp(head, "field") == 0) {
        wn_config_keys(&loader->config, node, key, head[1] == 'r' ? from_keys : field_keys);
        load_test(loader, place, node, condition);
        return;
    }
    const char *const keys[] = { head, NULL };
    wn_config_keys(&loader->config, node, key, keys);
    if (strcmp(head, "zero") == 0) {
        load_zero(loader, place, value, condition);
    } else if (strcmp(head, "network") == 0) {
        load_network(loader, place, value, condition);
    } else if (strcmp(head, "record") == 0) {
        load_record(loader, value, condition);
    } else {
        load_joined(loader, place, head, value, depth, condition);
    }
}

static void load(struct wn_loader *loader, const struct wn_place *place, const struct wn_node *node,
                 const char *key, unsigned depth, struct wn_condition *condition)
{
    if (depth > DEPTH_MOST) {
        wn_config_fault(&loader->config, node, "%s: nested deeper than %d conditions", key,
                        DEPTH_MOST);
    } else if (node->type == WN_NODE_LIST) {
        load_parts(loader, place, node, key, depth, condition);
    } else {
        load_map(loader, place, node, key, depth, condition);
    }
}

const struct wn_condition *wn_plan_load_condition(struct wn_loader *loader,
                                                  const struct wn_place *place,
                                                  const struct wn_node *node, const char *key)
{
    if (!node) {
        return NULL;
    }
    struct wn_condition *condition = wn_plan_load_zeroed(loader, 1, sizeof(*condition));
    load(loader, place, node, key, 0, condition);
    return condition;
}
