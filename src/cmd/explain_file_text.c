// SPDX-License-Identifier: Apache-2.0

#include "explain_file.h"
#include "text.h"
#include "winnow/columns.h"

static void put_count(struct wn_buffer *cell, uint64_t n)
{
    if (n > 0) {
        wn_buffer_format(cell, "%llu", (unsigned long long)n);
    } else {
        wn_buffer_text(cell, "-");
    }
}

/** @return whether any type of the source has a purpose. */
static bool has_purpose(const struct explain *explain, const char *purpose)
{
    bool has = false;
    for (unsigned i = 0; i < explain->source->n_sections; i++) {
        has = has || wn_type_purpose(explain->types[i], purpose);
    }
    return has;
}

/** Put how many records were of each type, where the source has several. */
static void put_typed(const struct explain_file *file, struct wn_buffer *text)
{
    const struct wn_policy *policy = file->explain->policy;
    for (unsigned i = 0; file->explain->source->sections[0].line > 0 && i < policy->n_types; i++) {
        if (file->typed[i] > 0) {
            wn_buffer_format(text, "  %-12s %9llu  of this type\n", policy->types[i].shape.type,
                             (unsigned long long)file->typed[i]);
        }
    }
}

static void put_outcomes(const struct explain_file *file, struct wn_buffer *text)
{
    const struct wn_policy *policy = file->explain->policy;
    wn_buffer_format(text, "%llu record%s; ", (unsigned long long)file->n, file->n == 1 ? "" : "s");
    explain_types(file->explain->source, text);
    wn_buffer_format(text, " by %s\n", file->explain->source_file);
    put_typed(file, text);
    for (unsigned i = WN_PASSED; i <= WN_QUARANTINED; i++) {
        if (file->outcomes[i] > 0 || i == WN_PASSED || i == WN_QUARANTINED) {
            wn_buffer_format(text, "  %-12s %9llu%s\n", explain_outcome((enum wn_outcome)i),
                             (unsigned long long)file->outcomes[i],
                             i == WN_DUPLICATE ? "  within this file" : "");
        }
    }
    for (unsigned p = 0; p < policy->n_purposes && file->outcomes[WN_PASSED] > 0; p++) {
        const uint64_t *fates = file->fates[p];
        if (!has_purpose(file->explain, policy->purposes[p])) {
            continue;
        }
        wn_buffer_format(text, "  %-12s %9llu  out", policy->purposes[p],
                         (unsigned long long)fates[EXPLAIN_OUT]);
        if (fates[EXPLAIN_NO_CONSENT] > 0) {
            wn_buffer_format(text, ", %llu only with consent, which is not looked at here",
                             (unsigned long long)fates[EXPLAIN_NO_CONSENT]);
        }
        if (fates[EXPLAIN_WITHHELD] > 0) {
            wn_buffer_format(text, ", %llu withheld", (unsigned long long)fates[EXPLAIN_WITHHELD]);
        }
        wn_buffer_text(text, "\n");
    }
}

static void put_group(const struct explain_file *file, const struct explain_group *group,
                      struct wn_buffer *text)
{
    if (group->outcome == WN_PASSED) {
        wn_buffer_format(text, "  %llu values", (unsigned long long)group->n);
    } else {
        wn_buffer_format(text, "  %s: %llu", wn_reason_info(group->reason)->id,
                         (unsigned long long)group->n);
    }
    if (group->field) {
        wn_buffer_format(text, ", field %s", group->field);
    }
    if (group->path.len > 0) {
        wn_buffer_format(text, ", %.*s", (int)group->path.len, group->path.at);
    }
    if (group->line > 0) {
        wn_buffer_text(text, ", ");
        explain_place(file->explain->source, group->line, text);
    }
    wn_buffer_text(text, "\n");
    if (group->text) {
        wn_buffer_format(text, "    %s\n", group->text);
    }
    for (unsigned i = 0; i < group->n_shapes; i++) {
        wn_buffer_format(text, "%s%s %llu times", i == 0 ? "    shape " : ", ",
                         group->shapes[i].text, (unsigned long long)group->shapes[i].n);
    }
    if (group->other_shapes > 0) {
        wn_buffer_format(text, ", others %llu times", (unsigned long long)group->other_shapes);
    }
    wn_buffer_text(text, group->n_shapes > 0 ? "\n" : "");
    for (unsigned i = 0; i < group->n_places; i++) {
        const struct explain_place *place = &group->places[i];
        wn_buffer_format(text, "%srecord %llu (line %llu, octet %lld)", i == 0 ? "    " : ", ",
                         (unsigned long long)place->number, (unsigned long long)place->line,
                         (long long)place->octet);
    }
    wn_buffer_text(text, group->n > group->n_places ? ", …\n" : "\n");
}

/** The groups of an outcome, under a head. */
static void put_groups(const struct explain_file *file, enum wn_outcome outcome, const char *head,
                       struct wn_buffer *text)
{
    bool headed = false;
    for (size_t i = 0; i < file->n_groups; i++) {
        if (file->groups[i].outcome == outcome) {
            wn_buffer_text(text, headed ? "" : head);
            headed = true;
            put_group(file, &file->groups[i], text);
        }
    }
}

static void put_paths(const struct explain_file *file, struct wn_buffer *text)
{
    static const char *const heads[] = { "name",       "found",   "gave a value", "empty",
                                         "not in map", "refused", "read for" };
    struct wn_columns columns = { .n = WN_COUNT(heads), .widths = { 40, 9, 12, 9, 10, 9, 60 } };
    wn_buffer_text(text, "\nnames that the source reads, in how many records:\n\n");
    for (unsigned i = 0; i < columns.n; i++) {
        wn_buffer_text(&columns.cells[i], heads[i]);
    }
    wn_columns_row(&columns, text);
    wn_columns_rule(&columns, text);
    for (size_t i = 0; i < file->n_paths; i++) {
        const struct explain_path *path = &file->paths[i];
        wn_buffer_add(&columns.cells[0], path->use.path.at, path->use.path.len);
        put_count(&columns.cells[1], path->found.n);
        put_count(&columns.cells[2], path->gave.n);
        put_count(&columns.cells[3], path->empty.n);
        put_count(&columns.cells[4], path->unmapped.n);
        put_count(&columns.cells[5], path->refused.n);
        wn_buffer_add(&columns.cells[6], path->reads.at, path->reads.len);
        wn_columns_row(&columns, text);
    }
    wn_columns_deinit(&columns);
}

static void put_entries(const struct explain_file *file, struct wn_buffer *text)
{
    struct wn_columns columns = { .n = 3, .widths = { 40, 9, 12 } };
    columns.widths[1] = explain_line_width(file->explain->source) + 5;
    wn_buffer_text(text,
                   "\nentries of the source, and in how many records they gave the value:\n\n");
    for (size_t i = 0; i < file->n_entries; i++) {
        const struct explain_entry *entry = &file->entries[i];
        wn_buffer_format(&columns.cells[0], "%s%s", entry->of_item ? "usage/" : "", entry->field);
        wn_buffer_text(&columns.cells[1], "line ");
        explain_line(file->explain->source, entry->line, &columns.cells[1]);
        put_count(&columns.cells[2], entry->gave.n);
        wn_columns_row(&columns, text);
    }
    wn_columns_deinit(&columns);
}

static void put_unwanted(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, "  %9llu  %s\n", (unsigned long long)count, name);
}

void explain_file_text(const struct explain_file *file, struct wn_buffer *text)
{
    struct wn_buffer names = { 0 };
    put_outcomes(file, text);
    put_groups(file, WN_QUARANTINED, "\nrefused, by reason and cause:\n", text);
    put_groups(file, WN_DUPLICATE, "\nduplicates of records before them:\n", text);
    put_groups(file, WN_SUPERSEDED, "\nsuperseded:\n", text);
    put_groups(file, WN_FILTERED, "\nfiltered, by rule:\n", text);
    put_groups(file, WN_PASSED, "\nwords that no map or table has:\n", text);
    put_paths(file, text);
    put_entries(file, text);
    wn_drift_each(file->unwanted, put_unwanted, &names);
    if (names.len > 0) {
        wn_buffer_text(text, "\nnames that no entry names: dropped unread, counted\n\n");
        wn_buffer_add(text, names.at, names.len);
    }
    wn_buffer_deinit(&names);
}

/* The same as JSON. */

static void json_number(struct wn_buffer *text, const char *name, uint64_t number, bool more)
{
    wn_buffer_format(text, "\"%s\":%llu%s", name, (unsigned long long)number, more ? "," : "");
}

static void json_text(struct wn_buffer *text, const char *name, struct wn_slice value, bool more)
{
    wn_buffer_format(text, "\"%s\":", name);
    cmd_text_json(text, value);
    wn_buffer_text(text, more ? "," : "");
}

/** A line of the source, and its file where it is another one's. */
static void json_line(const struct explain_file *file, unsigned line, struct wn_buffer *text)
{
    unsigned number = line;
    const char *name = wn_source_file(file->explain->source, &number);
    if (number != line) {
        json_text(text, "source-file", wn_slice_of(name), true);
    }
    json_number(text, "line", number, true);
}

static void json_group(const struct explain_file *file, const struct explain_group *group,
                       struct wn_buffer *text)
{
    wn_buffer_text(text, "{");
    json_text(
        text, "verdict",
        wn_slice_of(group->outcome == WN_PASSED ? "unmapped" : explain_outcome(group->outcome)),
        true);
    json_text(text, "reason",
              wn_slice_of(group->reason == WN_REASON_NONE ? "" : wn_reason_info(group->reason)->id),
              true);
    json_text(text, "field", wn_slice_of(group->field ? group->field : ""), true);
    json_text(text, "name", group->path, true);
    json_line(file, group->line, text);
    json_text(text, "text", wn_slice_of(group->text ? group->text : ""), true);
    json_number(text, "count", group->n, true);
    wn_buffer_text(text, "\"shapes\":{");
    for (unsigned i = 0; i < group->n_shapes; i++) {
        wn_buffer_text(text, i > 0 ? "," : "");
        cmd_text_json(text, wn_slice_of(group->shapes[i].text));
        wn_buffer_format(text, ":%llu", (unsigned long long)group->shapes[i].n);
    }
    wn_buffer_text(text, "},");
    json_number(text, "other-shapes", group->other_shapes, true);
    wn_buffer_text(text, "\"first\":[");
    for (unsigned i = 0; i < group->n_places; i++) {
        wn_buffer_text(text, i > 0 ? ",{" : "{");
        json_number(text, "record", group->places[i].number, true);
        json_number(text, "line", group->places[i].line, true);
        json_number(text, "octet", (uint64_t)group->places[i].octet, false);
        wn_buffer_text(text, "}");
    }
    wn_buffer_text(text, "]}");
}

static void json_path(const struct explain_path *path, struct wn_buffer *text)
{
    wn_buffer_text(text, "{");
    json_text(text, "name", path->use.path, true);
    json_number(text, "found", path->found.n, true);
    json_number(text, "gave", path->gave.n, true);
    json_number(text, "empty", path->empty.n, true);
    json_number(text, "unmapped", path->unmapped.n, true);
    json_number(text, "refused", path->refused.n, true);
    json_text(text, "read-for", wn_buffer_slice(&path->reads), false);
    wn_buffer_text(text, "}");
}

static void json_name(void *context, const char *name, uint64_t count)
{
    struct wn_buffer *text = context;
    wn_buffer_text(text, text->len > 0 ? "," : "");
    cmd_text_json(text, wn_slice_of(name));
    wn_buffer_format(text, ":%llu", (unsigned long long)count);
}

/** The one type, or how many records were of each. */
static void json_types(const struct explain_file *file, struct wn_buffer *text)
{
    const struct explain *explain = file->explain;
    const char *between = "";
    if (explain->source->sections[0].line == 0) {
        json_text(text, "type", wn_slice_of(explain->types[0]->shape.type), true);
        return;
    }
    wn_buffer_text(text, "\"types\":{");
    for (unsigned i = 0; i < explain->policy->n_types; i++) {
        if (file->typed[i] > 0) {
            wn_buffer_text(text, between);
            json_number(text, explain->policy->types[i].shape.type, file->typed[i], false);
            between = ",";
        }
    }
    wn_buffer_text(text, "},");
}

static void json_purposes(const struct explain_file *file, struct wn_buffer *text)
{
    const struct wn_policy *policy = file->explain->policy;
    const char *between = "";
    wn_buffer_text(text, "\"purposes\":{");
    for (unsigned p = 0; p < policy->n_purposes; p++) {
        if (!has_purpose(file->explain, policy->purposes[p])) {
            continue;
        }
        wn_buffer_format(text, "%s\"%s\":{", between, policy->purposes[p]);
        between = ",";
        json_number(text, "out", file->fates[p][EXPLAIN_OUT], true);
        json_number(text, "only-with-consent", file->fates[p][EXPLAIN_NO_CONSENT], true);
        json_number(text, "withheld", file->fates[p][EXPLAIN_WITHHELD], false);
        wn_buffer_text(text, "}");
    }
    wn_buffer_text(text, "},");
}

void explain_file_json(const struct explain_file *file, struct wn_buffer *text)
{
    wn_buffer_text(text, "{");
    json_text(text, "source", wn_slice_of(file->explain->source->name), true);
    json_text(text, "file", wn_slice_of(file->explain->source_file), true);
    json_types(file, text);
    json_number(text, "in", file->n, true);
    for (unsigned i = WN_PASSED; i <= WN_QUARANTINED; i++) {
        json_number(text, explain_outcome((enum wn_outcome)i), file->outcomes[i], true);
    }
    json_purposes(file, text);
    wn_buffer_text(text, "\"causes\":[");
    for (size_t i = 0; i < file->n_groups; i++) {
        wn_buffer_text(text, i > 0 ? "," : "");
        json_group(file, &file->groups[i], text);
    }
    wn_buffer_text(text, "],\"names\":[");
    for (size_t i = 0; i < file->n_paths; i++) {
        wn_buffer_text(text, i > 0 ? "," : "");
        json_path(&file->paths[i], text);
    }
    wn_buffer_text(text, "],\"entries\":[");
    for (size_t i = 0; i < file->n_entries; i++) {
        const struct explain_entry *entry = &file->entries[i];
        wn_buffer_text(text, i > 0 ? ",{" : "{");
        json_text(text, "field", wn_slice_of(entry->field), true);
        json_line(file, entry->line, text);
        json_number(text, "gave", entry->gave.n, false);
        wn_buffer_text(text, "}");
    }
    struct wn_buffer names = { 0 };
    wn_drift_each(file->unwanted, json_name, &names);
    wn_buffer_text(text, "],\"unwanted\":{");
    wn_buffer_add(text, names.at, names.len);
    wn_buffer_text(text, "}}\n");
    wn_buffer_deinit(&names);
}
