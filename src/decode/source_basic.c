// SPDX-License-Identifier: Apache-2.0

/*
 * What a source says before its fields: format, type, clock, node, numbers, words.
 */

#include "ber/frame.h"
#include "load.h"

static const struct wn_node *find(const struct wn_loader *loader, const char *key)
{
    return wn_config_find(&loader->config.root, key);
}

void wn_plan_load_format(struct wn_loader *loader)
{
    const struct wn_node *node = find(loader, "format");
    const char *names[8] = { 0 };
    for (unsigned i = 0; i + 1 < WN_COUNT(names) && wn_format_at(i); i++) {
        names[i] = wn_format_at(i)->name;
    }
    if (!node) {
        wn_config_fault(&loader->config, &loader->config.root,
                        "format: is missing; say how the records are written");
        return;
    }
    if (!wn_config_text(&loader->config, node, "format")) {
        return;
    }
    loader->source->format = wn_format_find(node->text);
    if (!loader->source->format) {
        wn_plan_load_unknown(loader, node, "format", "format", names);
    }
}

void wn_plan_load_framing(struct wn_loader *loader)
{
    const struct wn_node *node = find(loader, "framing");
    const char *names[WN_FRAMINGS + 1] = { 0 };
    if (!node || !wn_config_text(&loader->config, node, "framing")) {
        return;
    }
    if (loader->source->format && loader->source->format != &wn_format_ber) {
        wn_config_fault(&loader->config, node, "framing: stands only beside `format: ber`");
        return;
    }
    const enum wn_framing framing = wn_framing_find(node->text);
    for (unsigned i = 0; i < WN_FRAMINGS; i++) {
        names[i] = wn_framing_name(i);
    }
    if (framing == WN_FRAMINGS) {
        wn_plan_load_unknown(loader, node, "framing", "framing", names);
        return;
    }
    loader->plan->options.framing = framing;
}

void wn_plan_load_type(struct wn_loader *loader)
{
    const struct wn_source_ground *ground = loader->ground;
    const struct wn_node *node = find(loader, "type");
    const char *names[17] = { 0 };
    if (!node) {
        wn_config_fault(&loader->config, &loader->config.root,
                        "type: is missing; name the policy's record type");
        return;
    }
    if (!wn_config_text(&loader->config, node, "type")) {
        return;
    }
    for (unsigned i = 0; i < ground->n_shapes; i++) {
        const struct wn_shape *shape = ground->shapes[i];
        if (wn_slice_is(node->text, shape->type)) {
            loader->shape = shape;
            loader->section->shape = shape;
            return;
        }
        if (i + 1 < WN_COUNT(names)) {
            names[i] = shape->type;
        }
    }
    wn_plan_load_unknown(loader, node, "type", "record type", names);
}

/** Read one character, or `none` where that is allowed. */
static char read_character(struct wn_loader *loader, const struct wn_node *map, const char *key,
                           char otherwise, bool may_be_none)
{
    const struct wn_node *node = wn_config_find(map, key);
    if (!node || !wn_config_text(&loader->config, node, key)) {
        return otherwise;
    }
    if (may_be_none && wn_slice_is(node->text, "none")) {
        return 0;
    }
    if (node->text.len != 1 || node->text.at[0] == '\n' || node->text.at[0] == '\r' ||
        (unsigned char)node->text.at[0] >= 0x80) {
        wn_config_fault(&loader->config, node, "%s: one ASCII character%s is expected here", key,
                        may_be_none ? ", or none," : "");
        return otherwise;
    }
    return node->text.at[0];
}

static void load_columns(struct wn_loader *loader, const struct wn_node *csv,
                         const struct wn_node *node)
{
    struct wn_format_options *options = &loader->plan->options;
    if (!node) {
        wn_config_fault(&loader->config, csv,
                        "columns: is missing; list the names in order, or say `header` where the "
                        "first row has them");
        return;
    }
    if (node->type == WN_NODE_TEXT && wn_slice_is(node->text, "header")) {
        return;
    }
    if (node->type == WN_NODE_TEXT) {
        wn_config_fault(&loader->config, node,
                        "columns: a list of names is expected here, or `header`");
        return;
    }
    wn_plan_load_columns(loader, node, &options->csv_columns, &options->n_csv_columns);
}

/** Read the columns that this layout has not: paths to them are fine, and absent. */
static void load_missing(struct wn_loader *loader, const struct wn_node *node)
{
    const struct wn_format_options *options = &loader->plan->options;
    if (!node) {
        return;
    }
    if (!options->csv_columns) {
        wn_config_fault(&loader->config, node,
                        "missing: stands only beside a list of columns; what a header row has not "
                        "is absent anyway");
        return;
    }
    wn_plan_load_texts(loader, node, "missing", false, &loader->missing, &loader->n_missing);
    for (size_t i = 0; i < loader->n_missing; i++) {
        for (size_t j = 0; j < options->n_csv_columns; j++) {
            if (wn_slice_same(loader->missing[i], options->csv_columns[j])) {
                wn_config_fault(&loader->config, node,
                                "missing: '%.64s' is among the columns; leave one of them out",
                                loader->missing[i].at);
            }
        }
    }
}

/** Read what is said of the header row. */
static void load_header(struct wn_loader *loader, const struct wn_node *csv)
{
    static const char *const names[] = { "exact", "any-case", NULL };
    struct wn_format_options *options = &loader->plan->options;
    const struct wn_node *name = wn_config_find(csv, "names");
    const struct wn_node *types = wn_config_find(csv, "types");

    options->csv_any_case = wn_config_word(&loader->config, name, "names", names) == 1;
    if (types) {
        wn_plan_load_texts(loader, types, "types", false, &options->csv_types,
                           &options->n_csv_types);
    }
    if ((name || types) && options->csv_columns) {
        wn_config_fault(&loader->config, name ? name : types,
                        "%s: stands only with `columns: header`", name ? "names" : "types");
    }
}

void wn_plan_load_csv(struct wn_loader *loader)
{
    static const char *const keys[] = { "delimiter", "quote", "columns", "missing",
                                        "names",     "types", "lines",   NULL };
    const struct wn_node *csv = find(loader, "csv");
    struct wn_format_options *options = &loader->plan->options;

    options->csv_delimiter = ',';
    options->csv_quote = '"';
    if (!csv) {
        if (loader->source->format == &wn_format_csv) {
            wn_config_fault(&loader->config, &loader->config.root,
                            "csv: is missing; say the columns: csv: {columns: [A, B]}");
        }
        return;
    }
    if (loader->source->format && loader->source->format != &wn_format_csv) {
        wn_config_fault(&loader->config, csv, "csv: stands only beside `format: csv`");
    }
    wn_config_keys(&loader->config, csv, "csv", keys);
    if (csv->type != WN_NODE_MAP) {
        return;
    }
    options->csv_delimiter = read_character(loader, csv, "delimiter", ',', false);
    options->csv_quote = read_character(loader, csv, "quote", '"', true);
    if (options->csv_delimiter == options->csv_quote) {
        wn_config_fault(&loader->config, csv,
                        "csv: delimiter and quote are the same; change one of them");
    }
    load_columns(loader, csv, wn_config_find(csv, "columns"));
    load_missing(loader, wn_config_find(csv, "missing"));
    load_header(loader, csv);
    wn_plan_load_lines(loader, wn_config_find(csv, "lines"));
}

/** Read a member's name: text that is not empty. */
static struct wn_slice read_member(struct wn_loader *loader, const struct wn_node *map,
                                   const char *key)
{
    const struct wn_node *node = wn_config_find(map, key);
    if (!node || !wn_config_text(&loader->config, node, key)) {
        return (struct wn_slice){ 0 };
    }
    if (node->text.len == 0) {
        wn_config_fault(&loader->config, node, "%s: the name of a member is expected here", key);
    }
    return node->text;
}

void wn_plan_load_json(struct wn_loader *loader)
{
    static const char *const keys[] = { "wrapped", "lists", "named", NULL };
    static const char *const lists[] = { "single", NULL };
    const struct wn_node *json = find(loader, "json");
    if (!json) {
        return;
    }
    if (loader->source->format && loader->source->format != &wn_format_json) {
        wn_config_fault(&loader->config, json, "json: stands only beside `format: json`");
    }
    wn_config_keys(&loader->config, json, "json", keys);
    if (json->type != WN_NODE_MAP) {
        return;
    }
    const struct wn_node *single = wn_config_find(json, "lists");
    const struct wn_wrapping wrapping = {
        .wrapped = read_member(loader, json, "wrapped"),
        .named = read_member(loader, json, "named"),
        .single = wn_config_word(&loader->config, single, "lists", lists) == 0,
    };
    if (wrapping.named.len > 0 && wrapping.wrapped.len == 0) {
        wn_config_fault(&loader->config, json,
                        "named: needs `wrapped`: the member that has the value");
    }
    wn_paths_wrap(loader->plan->paths, &wrapping);
}

void wn_plan_load_encoded(struct wn_loader *loader)
{
    static const char *const encodings[] = { "percent", "json", "latin-1", NULL };
    static const enum wn_escaping values[] = { WN_ESCAPING_PERCENT, WN_ESCAPING_JSON,
                                               WN_ESCAPING_LATIN_1 };
    const struct wn_node *map = find(loader, "encoded");
    if (map && map->type != WN_NODE_MAP) {
        wn_config_fault(&loader->config, map, "encoded: a map is expected here: {PATH: percent}");
        return;
    }
    for (size_t i = 0; map && i < map->n; i++) {
        const struct wn_pair *pair = &map->pairs[i];
        const struct wn_node path = { .line = pair->line, .text = pair->key };
        struct wn_error err = { 0 };
        int word = wn_config_word(&loader->config, &pair->value, "encoded", encodings);
        if (word < 0) {
            continue;
        }
        if (wn_paths_encode(loader->plan->paths, pair->key, values[word], &err) != WN_OK) {
            wn_config_fault(&loader->config, &path, "encoded: %s", err.text);
            continue;
        }
        (void)wn_plan_load_path_fits(loader, &path, pair->key, "encoded");
    }
}

void wn_plan_load_text(struct wn_loader *loader)
{
    static const char *const keys[] = { "else", NULL };
    static const char *const words[] = { "latin-1", "cp1252", NULL };
    static const enum wn_encoding encodings[] = { WN_ENCODING_LATIN1, WN_ENCODING_CP1252 };
    const struct wn_node *map = find(loader, "text");
    if (!map) {
        return;
    }
    wn_config_keys(&loader->config, map, "text", keys);
    const struct wn_node *node = wn_config_find(map, "else");
    if (!node) {
        wn_config_fault(&loader->config, map,
                        "text: {else: latin-1} or {else: cp1252} is expected here");
        return;
    }
    int word = wn_config_word(&loader->config, node, "else", words);
    loader->plan->reading.otherwise = word < 0 ? WN_ENCODING_UTF8 : encodings[word];
    loader->plan->options.otherwise = loader->plan->reading.otherwise;
}

void wn_plan_load_decimal(struct wn_loader *loader)
{
    static const char *const signs[] = { "point", "comma", NULL };
    if (wn_config_word(&loader->config, find(loader, "decimal"), "decimal", signs) == 1) {
        loader->plan->decimal = ',';
    }
}

void wn_plan_load_emit(struct wn_loader *loader)
{
    static const char *const words[] = { "record", "per-item", NULL };
    const struct wn_node *node = find(loader, "emit");
    if (wn_config_word(&loader->config, node, "emit", words) == 1) {
        wn_config_fault(&loader->config, node,
                        "emit: one raw record gives one usage record, or receipts could not count "
                        "them; its items stand in `usage`");
    }
}

void wn_plan_load_integers(struct wn_loader *loader)
{
    static const char *const words[] = { "signed", "raw-unsigned", NULL };
    const struct wn_node *node = find(loader, "integers");
    loader->plan->raw_unsigned = wn_config_word(&loader->config, node, "integers", words) == 1;
}

static void open_zone(struct wn_loader *loader, const struct wn_node *node, const char *name)
{
    struct wn_error err = { 0 };
    if (wn_zone_open(name, &loader->plan->zone, &err) != WN_OK) {
        loader->zone_is_bad = true;
        wn_config_fault(&loader->config, node, "%s: %s", node ? "zone" : "site.zone", err.text);
    }
}

void wn_plan_load_clock(struct wn_loader *loader)
{
    static const char *const keys[] = { "zone",        "resolution", "stamps",  "ambiguous",
                                        "nonexistent", "layout",     "offsets", NULL };
    static const char *const offsets[] = { "stamp", "zone", NULL };
    static const char *const stamps[] = { "zone", "utc", NULL };
    static const char *const instants[] = { "first", "second", NULL };
    static const char *const ways[] = { "quarantine", "shift", NULL };
    static const char *const resolutions[] = { "1us", "1ms", "1s", NULL };
    const struct wn_node *map = find(loader, "clock");
    struct wn_source_plan *plan = loader->plan;
    const struct wn_node *zone = wn_config_find(map, "zone");
    const char *name = zone ? wn_config_text(&loader->config, zone, "zone") : NULL;

    loader->source->resolution_ms = 1000; // At least: whole seconds may stand beside finer ones.
    if (map) {
        wn_config_keys(&loader->config, map, "clock", keys);
        (void)wn_config_word(&loader->config, wn_config_find(map, "resolution"), "resolution",
                             resolutions);
        plan->stamps_are_utc =
            wn_config_word(&loader->config, wn_config_find(map, "stamps"), "stamps", stamps) == 1;
        plan->offsets_by_zone = wn_config_word(&loader->config, wn_config_find(map, "offsets"),
                                               "offsets", offsets) == 1;
        plan->takes_second = wn_config_word(&loader->config, wn_config_find(map, "ambiguous"),
                                            "ambiguous", instants) == 1;
        plan->clock.is_late = wn_config_word(&loader->config, wn_config_find(map, "nonexistent"),
                                             "nonexistent", ways) == 1;
    }
    if (name) {
        open_zone(loader, zone, name);
    } else if (!zone && loader->ground->site->zone) {
        open_zone(loader, NULL, loader->ground->site->zone);
    }
    plan->clock.zone = plan->zone;
    if (plan->offsets_by_zone && !plan->zone && !loader->zone_is_bad) {
        wn_config_fault(&loader->config, wn_config_find(map, "offsets"),
                        "offsets: stamps are read in the clock's zone, and none is known; name one "
                        "with `zone`");
    }
    const struct wn_node *layout = wn_config_find(map, "layout");
    if (layout && wn_config_text(&loader->config, layout, "layout") &&
        !wn_layout_read(layout->text, &plan->layout)) {
        wn_config_fault(&loader->config, layout,
                        "layout: YYYY, MM, DD, hh, mm and ss are expected here, each once, and "
                        "blanks or - / . : T between them, such as DD-MM-YYYY hh:mm:ss");
    }
}

static void load_tolerance(struct wn_loader *loader, const struct wn_node *node)
{
    int64_t ms;
    if (!wn_config_duration(&loader->config, node, "tolerance", &ms)) {
        return;
    }
    if (ms < 1000 || ms > 86400000 || ms % 1000 != 0) {
        wn_config_fault(&loader->config, node,
                        "tolerance: whole seconds from 1s to 24h are expected here");
        return;
    }
    loader->source->tolerance_s = ms / 1000;
}

void wn_plan_load_ways(struct wn_loader *loader)
{
    static const char *const affinities[] = { "none", "node", "session", NULL };
    static const enum wn_affinity values[] = { WN_AFFINITY_NONE, WN_AFFINITY_NODE,
                                               WN_AFFINITY_SESSION };
    int word = wn_config_word(&loader->config, find(loader, "affinity"), "affinity", affinities);

    loader->source->affinity = word < 0 ? WN_AFFINITY_NONE : values[word];
    load_tolerance(loader, find(loader, "tolerance"));
}

void wn_plan_load_volumes(struct wn_loader *loader)
{
    static const char *const volumes[] = { "delta", "cumulative", NULL };
    loader->section->cumulative =
        wn_config_word(&loader->config, find(loader, "volumes"), "volumes", volumes) == 1;
}

static void check_pattern(struct wn_loader *loader, const struct wn_node *node,
                          struct wn_slice pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.at[i];
        if (c != 'x' && (c < '0' || c > '9')) {
            wn_config_fault(&loader->config, node,
                            "internal: a pattern is of digits and x, which stands for any digit");
            return;
        }
    }
}

void wn_plan_load_numbers(struct wn_loader *loader)
{
    static const char *const keys[] = { "bare", "internal", "unreadable", NULL };
    static const char *const fates[] = { "quarantine", "class", NULL };
    static const char *const bares[] = { "international", "national", NULL };
    const struct wn_node *map = find(loader, "numbers");
    struct wn_number_rules *rules = &loader->plan->numbers;
    if (!map) {
        return;
    }
    wn_config_keys(&loader->config, map, "numbers", keys);
    int bare = wn_config_word(&loader->config, wn_config_find(map, "bare"), "bare", bares);
    if (bare >= 0) {
        rules->bare = bare == 0 ? WN_BARE_INTERNATIONAL : WN_BARE_NATIONAL;
    }
    rules->keeps_class = wn_config_word(&loader->config, wn_config_find(map, "unreadable"),
                                        "unreadable", fates) == 1;
    const struct wn_node *internal = wn_config_find(map, "internal");
    if (internal && wn_plan_load_is_list(loader, internal, "internal")) {
        wn_plan_load_texts(loader, internal, "internal", false, &rules->internal,
                           &rules->n_internal);
        for (size_t i = 0; i < rules->n_internal; i++) {
            check_pattern(loader, internal, rules->internal[i]);
        }
    }
}

void wn_plan_load_words(struct wn_loader *loader)
{
    const struct wn_node *map = find(loader, "words");
    if (map && map->type != WN_NODE_MAP) {
        wn_config_fault(&loader->config, map, "words: a map is expected here: {NAME: [TEXT]}");
        return;
    }
    struct wn_word_list *lists = wn_plan_load_zeroed(loader, map ? map->n : 0, sizeof(*lists));
    loader->words = lists;
    for (size_t i = 0; map && i < map->n; i++) {
        const struct wn_pair *pair = &map->pairs[i];
        lists[i].name = pair->key;
        if (pair->value.type == WN_NODE_LIST && pair->value.n == 0) {
            continue; // A list for a site to fill: nothing is in it.
        }
        if (wn_plan_load_is_list(loader, &pair->value, "words")) {
            wn_plan_load_texts(loader, &pair->value, "words", false, &lists[i].texts, &lists[i].n);
        }
    }
    loader->n_words = map ? map->n : 0;
}

void wn_plan_load_node(struct wn_loader *loader)
{
    static const char *const keys[] = { "from", "join", "before", "or", "value", NULL };
    static const char *const points[] = { "epoch", NULL };
    const struct wn_node *map = find(loader, "node");
    const struct wn_place place = { 0 };
    struct wn_source_plan *plan = loader->plan;
    if (!map) {
        wn_config_fault(&loader->config, &loader->config.root,
                        "node: is missing; say which switch writes: {from: PATH, or: TEXT}, or "
                        "{value: TEXT}");
        return;
    }
    wn_config_keys(&loader->config, map, "node", keys);
    plan->node_line = map->line;
    if (map->type != WN_NODE_MAP) {
        return;
    }
    const struct wn_node *from = wn_config_find(map, "from");
    const struct wn_node *join = wn_config_find(map, "join");
    const struct wn_node *before = wn_config_find(map, "before");
    const struct wn_node *otherwise = wn_config_find(map, "or");
    const struct wn_node *value = wn_config_find(map, "value");
    if (!!from + !!join + !!value != 1 || (value && otherwise) || (before && !from)) {
        wn_config_fault(&loader->config, map,
                        "node: {from: PATHS}, with `before: epoch` or without, or {join: PATHS}, "
                        "either with `or: TEXT` or without, or {value: TEXT} is expected here");
        return;
    }
    if (from || join) {
        wn_plan_load_paths(loader, &place, from ? from : join, from ? "from" : "join",
                           &plan->node.from);
        plan->node.joins = join != NULL;
    }
    plan->node.before_epoch = wn_config_word(&loader->config, before, "before", points) == 0;
    const struct wn_node *text = value ? value : otherwise;
    if (text && wn_config_text(&loader->config, text, value ? "value" : "or")) {
        if (text->text.len == 0) {
            wn_config_fault(&loader->config, text, "%s: a name is expected here",
                            value ? "value" : "or");
        }
        plan->node_otherwise = text->text;
    }
}
