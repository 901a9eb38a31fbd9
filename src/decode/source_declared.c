// SPDX-License-Identifier: Apache-2.0

/*
 * What an input says of itself, as a source tells it: the lines of a CSV that are no records
 * (`csv: {lines: …}`), and the totals in such parts (`declared:`), each with what is to be found.
 */

#include <stdio.h>

#include "ber/frame.h"
#include "load.h"

enum {
    LINES_MOST = 8, ///< Kinds of lines that are no records.
};

/** @return whether a text is a name: a small letter, then small letters, digits, `-`, `_`. */
static bool is_name(struct wn_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        const bool letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '_'))) {
            return false;
        }
    }
    return text.len > 0 && text.len < WN_DECLARED_NAME;
}

static bool is_among(struct wn_slice text, const struct wn_slice *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (wn_slice_same(text, texts[i])) {
            return true;
        }
    }
    return false;
}

/** Refuse a first value that a line before has, too. */
static void check_first(struct wn_loader *loader, const struct wn_node *node, size_t n)
{
    const struct wn_csv_line *lines = loader->plan->options.csv_lines;
    const struct wn_csv_line *line = &lines[n];
    for (size_t i = 0; i < line->n_first; i++) {
        for (size_t j = 0; j < n; j++) {
            if (is_among(line->first[i], lines[j].first, lines[j].n_first)) {
                wn_config_fault(&loader->config, node,
                                "first: '%.64s' stands under two lines; leave one out",
                                line->first[i].at);
            }
        }
    }
}

static void load_line(struct wn_loader *loader, const struct wn_pair *pair,
                      struct wn_csv_line *line)
{
    static const char *const keys[] = { "first", "columns", NULL };
    const struct wn_node *first = wn_config_find(&pair->value, "first");
    const struct wn_node *columns = wn_config_find(&pair->value, "columns");

    line->name = pair->key;
    wn_config_keys(&loader->config, &pair->value, "lines", keys);
    if (!is_name(pair->key)) {
        wn_config_fault(&loader->config, &pair->value,
                        "lines: a name is of small letters, digits, - and _, and begins with a "
                        "letter");
    }
    if (!first) {
        wn_config_fault(&loader->config, &pair->value,
                        "first: is missing; say by which first value such a line is told");
    } else {
        wn_plan_load_texts(loader, first, "first", false, &line->first, &line->n_first);
    }
    if (columns && wn_plan_load_is_list(loader, columns, "columns")) {
        wn_plan_load_columns(loader, columns, &line->columns, &line->n_columns);
    }
}

void wn_plan_load_lines(struct wn_loader *loader, const struct wn_node *node)
{
    struct wn_format_options *options = &loader->plan->options;
    if (!node) {
        return;
    }
    if (node->type != WN_NODE_MAP || node->n == 0 || node->n > LINES_MOST) {
        wn_config_fault(&loader->config, node,
                        "lines: a map of 1 to %d is expected here: {NAME: {first: TEXT, columns: "
                        "[A, B]}}",
                        LINES_MOST);
        return;
    }
    struct wn_csv_line *lines = wn_plan_load_zeroed(loader, node->n, sizeof(*lines));
    options->csv_lines = lines;
    for (size_t i = 0; i < node->n; i++) {
        load_line(loader, &node->pairs[i], &lines[i]);
        check_first(loader, &node->pairs[i].value, i);
        options->n_csv_lines++;
    }
}

/** @return the line that a path leads into, and the name of its column; NULL: into none. */
static const struct wn_csv_line *find_line(const struct wn_loader *loader, struct wn_slice path,
                                           struct wn_slice *ret_column)
{
    const struct wn_format_options *options = &loader->plan->options;
    for (size_t i = 0; i < options->n_csv_lines; i++) {
        const struct wn_csv_line *line = &options->csv_lines[i];
        const size_t len = line->name.len;
        if (path.len > len + 1 && memcmp(path.at + 1, line->name.at, len) == 0 &&
            path.at[len + 1] == '/') {
            *ret_column = wn_slice_after(path, len + 2);
            return line;
        }
    }
    return NULL;
}

/** Refuse a path that is not `/file/NAME`. */
static bool fits_file(struct wn_loader *loader, const struct wn_node *node, struct wn_slice path,
                      const char *key)
{
    static const char file[] = "/file/";
    const size_t len = strlen(file);
    char names[256] = "";
    size_t used = 0;
    for (unsigned i = 0; wn_frame_part_name(i); i++) {
        const char *name = wn_frame_part_name(i);
        if (wn_slice_starts(path, file) && wn_slice_is(wn_slice_after(path, len), name)) {
            return true;
        }
        used +=
            (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? ", " : "", name);
    }
    wn_config_fault(&loader->config, node,
                    "%s: '%.64s' is nothing that a file says of itself; write /file/NAME: %s", key,
                    path.at, names);
    return false;
}

bool wn_plan_load_part_fits(struct wn_loader *loader, const struct wn_node *node,
                            struct wn_slice path, const char *key)
{
    if (loader->source->format == &wn_format_ber) {
        return fits_file(loader, node, path, key);
    }
    struct wn_slice column = { 0 };
    const struct wn_csv_line *line = find_line(loader, path, &column);
    for (size_t i = 0; line && i < line->n_columns; i++) {
        if (wn_slice_same(line->columns[i], column)) {
            return true;
        }
    }
    wn_config_fault(&loader->config, node,
                    "%s: '%.64s' is no column of a line of `csv: {lines: …}`; write /LINE/COLUMN",
                    key, path.at);
    return false;
}

/** Read what a conversion gives: of a total, a kind that can be added. @return NONE and a fault. */
static enum wn_kind load_kind(struct wn_loader *loader, const struct wn_node *map)
{
    static const enum wn_kind kinds[] = { WN_KIND_COUNT, WN_KIND_DURATION, WN_KIND_OCTETS,
                                          WN_KIND_AMOUNT };
    const struct wn_node *as = wn_config_find(map, "as");
    const struct wn_conversion *conversion;
    for (unsigned i = 0; as && (conversion = wn_conversion_at(i)) != NULL; i++) {
        for (size_t j = 0; j < WN_COUNT(kinds) && wn_slice_is(as->text, conversion->name); j++) {
            if ((conversion->kinds >> kinds[j] & 1) != 0) {
                return kinds[j];
            }
        }
    }
    wn_config_fault(&loader->config, as ? as : map,
                    "as: a total is read by one of: int, s, ms, us, hms, octets, decimal, cents, "
                    "millionths");
    return WN_KIND_NONE;
}

/** Read `from` and what stands with it. @return the kind of its values, or NONE and a fault. */
static enum wn_kind load_term(struct wn_loader *loader, const struct wn_node *map, bool of_part,
                              struct wn_term *ret_term)
{
    const struct wn_field nobody = { .name = "a total" };
    const struct wn_place place = { .of_part = of_part };
    const struct wn_node *from = wn_config_find(map, "from");
    if (!from || (from->type == WN_NODE_TEXT && !wn_plan_load_is_path(from->text))) {
        wn_config_fault(&loader->config, from ? from : map,
                        "from: a path is expected here, such as %s",
                        of_part ? "/trailer/records" : "/seconds");
        return WN_KIND_NONE;
    }
    enum wn_kind kind = load_kind(loader, map);
    if (kind != WN_KIND_NONE) {
        wn_plan_load_term(loader, &place, map, &nobody, kind, ret_term);
    }
    return kind;
}

/** @return what a word says that is to be found; WN_FOUND_SUM: it says none. */
static enum wn_found find_word(struct wn_slice word)
{
    return wn_slice_is(word, "records")  ? WN_FOUND_RECORDS
           : wn_slice_is(word, "octets") ? WN_FOUND_OCTETS
           : wn_slice_is(word, "none")   ? WN_FOUND_NONE
                                         : WN_FOUND_SUM;
}

/** Read what is to be found: a word, or a sum over records. */
static void load_found(struct wn_loader *loader, const struct wn_node *map, enum wn_kind kind,
                       struct wn_total *total)
{
    static const char *const keys[] = { "from", "as", "absent", NULL };
    const struct wn_node *found = wn_config_find(map, "found");
    const bool is_word = found && found->type == WN_NODE_TEXT;

    total->what = is_word ? find_word(found->text) : WN_FOUND_SUM;
    if (!found || found->type == WN_NODE_LIST || (is_word && total->what == WN_FOUND_SUM)) {
        wn_config_fault(&loader->config, found ? found : map,
                        "found: `records`, `octets`, `none`, or {from: PATH, as: CONVERSION} to "
                        "sum, is expected here");
        return;
    }
    if (!is_word) {
        wn_config_keys(&loader->config, found, "found", keys);
    }
    enum wn_kind other = WN_KIND_COUNT;
    if (!is_word) {
        other = load_term(loader, found, false, &total->found);
    } else if (total->what == WN_FOUND_OCTETS) {
        other = WN_KIND_OCTETS;
    } else if (total->what == WN_FOUND_NONE) {
        other = kind;
    }
    if (kind != WN_KIND_NONE && other != WN_KIND_NONE && other != kind) {
        wn_config_fault(&loader->config, found,
                        "found: of the kind %s, and the total is of the kind %s",
                        wn_kind_name(other), wn_kind_name(kind));
    }
}

static void load_total(struct wn_loader *loader, const struct wn_node *map, struct wn_total *total)
{
    static const char *const keys[] = {
        "total", "from", "as", "absent", "found", "required", NULL
    };
    wn_config_keys(&loader->config, map, "declared", keys);
    if (map->type != WN_NODE_MAP) {
        return;
    }
    const struct wn_node *name = wn_config_find(map, "total");
    if (!name || name->type != WN_NODE_TEXT || !is_name(name->text)) {
        wn_config_fault(&loader->config, name ? name : map,
                        "total: a name of small letters, digits, - and _ is expected here");
        return;
    }
    total->name = wn_arena_copy(&loader->plan->arena, name->text).at;
    total->line = map->line;
    total->required = true;
    const struct wn_node *required = wn_config_find(map, "required");
    if (required) {
        (void)wn_config_bool(&loader->config, required, "required", &total->required);
    }
    load_found(loader, map, load_term(loader, map, true, &total->declared), total);
    for (unsigned i = 0; i < loader->plan->n_totals; i++) {
        if (strcmp(loader->plan->totals[i].name, total->name) == 0) {
            wn_config_fault(&loader->config, name, "total: '%s' stands there twice", total->name);
        }
    }
    loader->plan->n_totals++;
}

void wn_plan_load_declared(struct wn_loader *loader)
{
    const struct wn_node *list = wn_config_find(&loader->config.root, "declared");
    if (!wn_plan_load_is_list(loader, list, "declared")) {
        return;
    }
    if (list->n > WN_DECLARED) {
        wn_config_fault(&loader->config, list, "declared: at most %d totals are expected here",
                        WN_DECLARED);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        load_total(loader, &list->items[i], &loader->plan->totals[loader->plan->n_totals]);
    }
}
