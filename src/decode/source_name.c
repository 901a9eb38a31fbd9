// SPDX-License-Identifier: Apache-2.0

/*
 * The words of a source description: texts, lists of the site, fields, paths, constants.
 */

#include <stdio.h>

#include "load.h"

enum {
    TEXTS_MOST = 4096, ///< Of one list: as many as a record has names.
};

struct wn_place wn_plan_load_place(const struct wn_loader *loader, bool has_subscriber)
{
    return (struct wn_place){
        .fields = loader->shape->fields,
        .n_fields = loader->shape->n_fields,
        .filled = loader->filled,
        .has_subscriber = has_subscriber,
    };
}

void *wn_plan_load_zeroed(struct wn_loader *loader, size_t n, size_t size)
{
    return wn_arena_zeroed(&loader->plan->arena, n > 0 ? n : 1, size);
}

bool wn_plan_load_is_list(struct wn_loader *loader, const struct wn_node *node, const char *key)
{
    if (node && node->type != WN_NODE_LIST) {
        wn_config_fault(&loader->config, node, "%s: a list is expected here", key);
    }
    return node && node->type == WN_NODE_LIST;
}

/** @return the elements of a node that is one text or a list. */
static size_t elements(const struct wn_node *node, const struct wn_node **ret_items)
{
    *ret_items = node->type == WN_NODE_LIST ? node->items : node;
    return node->type == WN_NODE_LIST ? node->n : 1;
}

/** @return the list of `words` that a text `$NAME` stands for, or NULL. */
static const struct wn_word_list *find_words(const struct wn_loader *loader,
                                             const struct wn_node *node)
{
    for (size_t i = 0; i < loader->n_words && node->text.len > 0; i++) {
        if (node->text.at[0] == '$' &&
            wn_slice_same(wn_slice_after(node->text, 1), loader->words[i].name)) {
            return &loader->words[i];
        }
    }
    return NULL;
}

/** Add one text, or those of a list of `words`. */
static void add_text(struct wn_loader *loader, const struct wn_node *node, const char *key,
                     bool words, struct wn_slice *texts, size_t *n)
{
    if (!wn_config_text(&loader->config, node, key)) {
        return;
    }
    if (node->text.len == 0) {
        wn_config_fault(&loader->config, node, "%s: an empty text is an absent value; leave it out",
                        key);
        return;
    }
    if (!words || node->text.at[0] != '$') {
        texts[(*n)++] = node->text;
        return;
    }
    const struct wn_word_list *list = find_words(loader, node);
    for (size_t i = 0; list && i < list->n; i++) {
        texts[(*n)++] = list->texts[i];
    }
    if (!list) {
        wn_config_fault(&loader->config, node,
                        "%s: there is no list '%.64s' under `words`; add it there", key,
                        node->text.at + 1);
    }
}

void wn_plan_load_texts(struct wn_loader *loader, const struct wn_node *node, const char *key,
                        bool words, const struct wn_slice **ret_texts, size_t *ret_n)
{
    const struct wn_node *items;
    size_t n = elements(node, &items), room = 0;
    for (size_t i = 0; i < n; i++) {
        const struct wn_word_list *list = words ? find_words(loader, &items[i]) : NULL;
        room += list ? list->n : 1;
    }
    *ret_texts = NULL;
    *ret_n = 0;
    if (room > TEXTS_MOST) {
        wn_config_fault(&loader->config, node, "%s: at most %d texts can stand here", key,
                        TEXTS_MOST);
        return;
    }
    struct wn_slice *texts = wn_plan_load_zeroed(loader, room, sizeof(*texts));
    *ret_texts = texts;
    for (size_t i = 0; i < n; i++) {
        add_text(loader, &items[i], key, words, texts, ret_n);
    }
    if (n == 0) {
        wn_config_fault(&loader->config, node, "%s: the list is empty; name one text at least",
                        key);
    }
}

void wn_plan_load_unknown(struct wn_loader *loader, const struct wn_node *node, const char *key,
                          const char *what, const char *const *words)
{
    const char *nearest = wn_config_nearest(node->text.at, words);
    if (nearest) {
        wn_config_fault(&loader->config, node, "%s: there is no %s '%.64s'; did you mean '%s'?",
                        key, what, node->text.at, nearest);
        return;
    }
    char known[700] = "";
    size_t len = 0;
    for (size_t i = 0; words[i] && len + 40 < sizeof(known); i++) {
        int more =
            snprintf(known + len, sizeof(known) - len, "%s%.30s", i > 0 ? ", " : "", words[i]);
        len += more > 0 ? (size_t)more : 0;
    }
    wn_config_fault(&loader->config, node, "%s: there is no %s '%.64s'; what there is: %s", key,
                    what, node->text.at, known);
}

uint8_t wn_plan_load_slot(struct wn_loader *loader, const struct wn_place *place,
                          const struct wn_node *node, const char *key)
{
    const char *names[WN_SLOTS + 1] = { 0 };
    if (!wn_config_text(&loader->config, node, key)) {
        return WN_NO_SLOT;
    }
    for (uint8_t i = 0; i < place->n_fields; i++) {
        if (wn_slice_is(node->text, place->fields[i].name)) {
            return i;
        }
        names[i] = place->fields[i].name;
    }
    if (place->n_fields == 0) {
        wn_config_fault(&loader->config, node,
                        "%s: no field has a value yet, only `node`; look at a path with `from`",
                        key);
        return WN_NO_SLOT;
    }
    char what[64] = "field";
    if (place->of_item) {
        (void)snprintf(what, sizeof(what), "field of usage");
    } else if (loader->section->line > 0) { // Of several: which lacks it?
        (void)snprintf(what, sizeof(what), "field of a %.32s", loader->shape->type);
    }
    wn_plan_load_unknown(loader, node, key, what, names);
    return WN_NO_SLOT;
}

uint8_t wn_plan_load_field(struct wn_loader *loader, const struct wn_place *place,
                           const struct wn_node *node, const char *key)
{
    uint8_t slot = wn_plan_load_slot(loader, place, node, key);
    if (slot != WN_NO_SLOT && (place->filled >> slot & 1) == 0) {
        wn_config_fault(&loader->config, node,
                        "%s: no entry further up fills '%s'; move that entry up, or add one", key,
                        place->fields[slot].name);
        return WN_NO_SLOT;
    }
    return slot;
}

bool wn_plan_load_is_path(struct wn_slice text)
{
    return wn_slice_starts(text, "/") || wn_slice_starts(text, "./") ||
           wn_slice_starts(text, "../");
}

void wn_plan_load_columns(struct wn_loader *loader, const struct wn_node *node,
                          const struct wn_slice **ret_columns, size_t *ret_n)
{
    wn_plan_load_texts(loader, node, "columns", false, ret_columns, ret_n);
    const struct wn_slice *columns = *ret_columns;
    for (size_t i = 0; i < *ret_n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (wn_slice_same(columns[i], columns[j])) {
                wn_config_fault(&loader->config, node,
                                "columns: '%.64s' stands there twice; give each its own name",
                                columns[i].at);
            }
        }
    }
}

/** @return the first name of a path that begins with a slash; `*ret_rest` is what follows it. */
static struct wn_slice first_name(struct wn_slice path, struct wn_slice *ret_rest)
{
    struct wn_slice name = wn_slice_after(path, 1);
    const char *slash = name.len > 0 ? memchr(name.at, '/', name.len) : NULL;
    if (slash) {
        name.len = (size_t)(slash - name.at);
    }
    *ret_rest = wn_slice_after(path, 1 + name.len);
    return name;
}

/** @return the last name of a path that is neither a star nor a place in a list. */
static struct wn_slice last_name(struct wn_slice path)
{
    struct wn_slice name = path, rest = path;
    while (rest.len > 0) {
        uint64_t place;
        struct wn_slice next = first_name(rest, &rest);
        bool is_place =
            wn_slice_is(next, "*") || wn_slice_is(next, "-1") || wn_slice_number(next, &place);
        name = is_place ? name : next;
    }
    return name;
}

static bool is_column(const struct wn_loader *loader, struct wn_slice name)
{
    const struct wn_format_options *options = &loader->plan->options;
    for (size_t i = 0; i < options->n_csv_columns; i++) {
        if (wn_slice_same(options->csv_columns[i], name)) {
            return true;
        }
    }
    for (size_t i = 0; i < loader->n_missing; i++) {
        if (wn_slice_same(loader->missing[i], name)) {
            return true;
        }
    }
    return options->n_csv_columns == 0;
}

bool wn_plan_load_path_fits(struct wn_loader *loader, const struct wn_node *node,
                            struct wn_slice path, const char *key)
{
    const struct wn_format *format = loader->source->format;
    struct wn_slice rest;
    struct wn_slice name = first_name(path, &rest);

    if (format == &wn_format_csv && rest.len > 0) {
        wn_config_fault(&loader->config, node, "%s: csv has one level of names; write /COLUMN",
                        key);
        return false;
    }
    if (format == &wn_format_detail && rest.len > 0 && !wn_slice_is(rest, "/*")) {
        wn_config_fault(&loader->config, node,
                        "%s: detail has one level of names; write /NAME, or /NAME/* where it may "
                        "repeat",
                        key);
        return false;
    }
    if (format == &wn_format_csv && !wn_slice_is(name, "*") && !is_column(loader, name)) {
        wn_config_fault(&loader->config, node,
                        "%s: '%.64s' is not among the columns of `csv`; add it there, or mend the "
                        "path",
                        key, node->text.at);
        return false;
    }
    return true;
}

/** Read a path into a part that is no record. */
static bool load_part_path(struct wn_loader *loader, const struct wn_node *node, const char *key,
                           struct wn_plan_path *ret_path)
{
    struct wn_error err = { 0 };
    if (!wn_plan_load_part_fits(loader, node, ret_path->text, key)) {
        return false;
    }
    if (wn_paths_add(loader->plan->parts, ret_path->text, &ret_path->take, &err) != WN_OK) {
        wn_config_fault(&loader->config, node, "%s: %s", key, err.text);
        return false;
    }
    ret_path->name = last_name(ret_path->text);
    return true;
}

/** Read a path. @return false and a fault. */
static bool load_path(struct wn_loader *loader, const struct wn_place *place,
                      const struct wn_node *node, const char *key, struct wn_plan_path *ret_path)
{
    struct wn_error err = { 0 };
    if (!wn_config_text(&loader->config, node, key)) {
        return false;
    }
    struct wn_slice text = node->text;
    const bool is_outer = wn_slice_starts(text, "../");
    *ret_path =
        (struct wn_plan_path){ .text = text, .of_item = is_outer || wn_slice_starts(text, "./") };
    if (!wn_plan_load_is_path(text)) {
        wn_config_fault(&loader->config, node,
                        "%s: '%.64s' is no path; a path begins with a slash, such as /a/b", key,
                        text.at);
        return false;
    }
    if (ret_path->of_item && !place->of_item) {
        wn_config_fault(&loader->config, node,
                        "%s: './' begins a path from an item; it stands under `usage` only", key);
        return false;
    }
    if (is_outer && loader->source->format != &wn_format_ber) {
        wn_config_fault(&loader->config, node,
                        "%s: '../' begins a path from the element around the item; only ber has "
                        "such",
                        key);
        return false;
    }
    if (place->of_part) {
        return load_part_path(loader, node, key, ret_path);
    }
    if (!ret_path->of_item && !wn_plan_load_path_fits(loader, node, text, key)) {
        return false;
    }
    if ((ret_path->of_item
             ? wn_paths_add_item(loader->plan->paths, text, &ret_path->take, &err)
             : wn_paths_add(loader->plan->paths, text, &ret_path->take, &err)) != WN_OK) {
        wn_config_fault(&loader->config, node, "%s: %s", key, err.text);
        return false;
    }
    if (!wn_plan_load_path_is_known(loader, node, text, key)) {
        return false;
    }
    ret_path->name = last_name(ret_path->of_item ? wn_slice_after(text, is_outer ? 2 : 1) : text);
    (ret_path->of_item ? loader->plan->item_take_paths : loader->plan->take_paths)[ret_path->take] =
        text;
    return true;
}

void wn_plan_load_paths(struct wn_loader *loader, const struct wn_place *place,
                        const struct wn_node *node, const char *key, struct wn_from *ret_from)
{
    const struct wn_node *items;
    size_t n = elements(node, &items);

    *ret_from = (struct wn_from){ .what = WN_FROM_PATHS, .line = node->line };
    if (n == 0 || n > WN_PLAN_PATHS) {
        wn_config_fault(&loader->config, node, "%s: from 1 to %d paths are expected here", key,
                        WN_PLAN_PATHS);
        return;
    }
    struct wn_plan_path *paths = wn_plan_load_zeroed(loader, n, sizeof(*paths));
    ret_from->paths = paths;
    for (size_t i = 0; i < n; i++) {
        if (load_path(loader, place, &items[i], key, &paths[ret_from->n_paths])) {
            ret_from->n_paths++;
        }
    }
}

void wn_plan_load_from(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *node, const char *key, struct wn_from *ret_from)
{
    if (node->type != WN_NODE_TEXT || wn_plan_load_is_path(node->text)) {
        wn_plan_load_paths(loader, place, node, key, ret_from);
        return;
    }
    *ret_from = (struct wn_from){ .line = node->line };
    if (!place->of_item && wn_slice_is(node->text, "node")) {
        ret_from->what = WN_FROM_NODE;
        return;
    }
    ret_from->slot = wn_plan_load_field(loader, place, node, key);
    ret_from->what = ret_from->slot == WN_NO_SLOT ? WN_FROM_NOTHING : WN_FROM_FIELD;
}

/** Read a constant of a text kind, as the kind reads it. */
static bool read_text_constant(struct wn_loader *loader, const struct wn_field *field,
                               const struct wn_node *node, const char *key,
                               struct wn_value *ret_value)
{
    struct wn_error err = { 0 };
    bool present = false;
    if (wn_kind_is_text(field->kind) &&
        wn_kind_read(field->kind, &loader->plan->reading, node->text, &loader->plan->arena,
                     ret_value, &present, &err) == WN_OK &&
        present) {
        return true;
    }
    wn_config_fault(&loader->config, node, "%s: no value of the kind %s, which '%s' has", key,
                    wn_kind_name(field->kind), field->name);
    return false;
}

static bool read_word(struct wn_loader *loader, const struct wn_node *node, const char *key,
                      const char *const *words, int64_t *ret_number)
{
    int word = wn_config_word(&loader->config, node, key, words);
    *ret_number = word < 0 ? 0 : word;
    return word >= 0;
}

/** Read a class of cause, or `failed-` and what an attempt came to nothing by. */
static bool read_cause(struct wn_loader *loader, const struct wn_node *node, const char *key,
                       struct wn_value *ret_value)
{
    static const char *const words[] = { "normal",         "failed",         "abnormal",
                                         "unknown",        "failed-user",    "failed-number",
                                         "failed-refused", "failed-network", NULL };
    if (!read_word(loader, node, key, words, &ret_value->number)) {
        return false;
    }
    if (ret_value->number > WN_CAUSE_UNKNOWN) {
        ret_value->class = (uint8_t)(WN_ATTEMPT_USER + ret_value->number - WN_CAUSE_UNKNOWN - 1);
        ret_value->number = WN_CAUSE_FAILED;
    }
    return true;
}

bool wn_plan_load_constant(struct wn_loader *loader, const struct wn_field *field,
                           const struct wn_node *node, const char *key, struct wn_value *ret_value)
{
    static const char *const flags[] = { "false", "true", NULL };

    *ret_value = (struct wn_value){ 0 };
    if (!wn_config_text(&loader->config, node, key)) {
        return false;
    }
    if (field->kind == WN_KIND_FLAG) {
        return read_word(loader, node, key, flags, &ret_value->number);
    }
    if (field->kind == WN_KIND_CAUSE) {
        return read_cause(loader, node, key, ret_value);
    }
    if (field->kind == WN_KIND_ENUM) {
        const char *symbols[WN_SLOTS + 1] = { 0 };
        for (unsigned i = 0; i < field->n_symbols && i < WN_SLOTS; i++) {
            symbols[i] = field->symbols[i];
        }
        return read_word(loader, node, key, symbols, &ret_value->number);
    }
    if (field->kind == WN_KIND_TIME) {
        wn_config_fault(&loader->config, node,
                        "%s: a time can't be a constant; read it with `from`", key);
        return false;
    }
    if (wn_kind_is_number(field->kind)) {
        return wn_config_number(&loader->config, node, key,
                                field->kind == WN_KIND_OFFSET ? -14 * 60 : 0, INT64_MAX,
                                &ret_value->number);
    }
    return read_text_constant(loader, field, node, key, ret_value);
}
