// SPDX-License-Identifier: Apache-2.0

/*
 * One record as a table: field by field the line of the source that gave the value, or why none
 * did, and what each purpose gets of it.
 */

#include <stdlib.h>

#include "explain.h"
#include "text.h"
#include "winnow/columns.h"

enum {
    FIELD,
    LINE,
    FROM,
    PURPOSES, ///< The first of them; with values it comes one later.
};

struct writer {
    const struct explain *explain;
    const struct explained *explained;
    struct wn_columns columns;
    unsigned first_purpose;
    bool passed;
    struct wn_buffer *text;
};

static const struct wn_record *record_of(const struct explained *explained)
{
    return &explained->looked->sighting->decoded->record;
}

/** Put the value of a trace into its cell, for a terminal. */
static void put_value(struct writer *writer, struct wn_slice value)
{
    if (writer->explain->show_values) {
        cmd_text_cell(&writer->columns.cells[PURPOSES], value);
    }
}

/** End a row: what each purpose gets of a value, or that there is none. */
static void end_row(struct writer *writer, const struct wn_field *field, uint8_t slot, bool of_item,
                    bool has_value)
{
    const struct wn_type *type = writer->explained->type;
    for (unsigned p = 0; writer->passed && p < type->n_purposes; p++) {
        struct wn_buffer *cell = &writer->columns.cells[writer->first_purpose + p];
        wn_purpose_words(&type->purposes[p], field, slot, of_item, cell);
        if (!has_value && !wn_slice_starts(wn_buffer_slice(cell), "never")) {
            cell->len = 0;
            wn_buffer_text(cell, "nothing");
        }
    }
    wn_columns_row(&writer->columns, writer->text);
}

static void put_name(struct writer *writer, const struct wn_field *field, bool of_item)
{
    wn_buffer_format(&writer->columns.cells[FIELD], "%s%s", of_item ? "usage/" : "", field->name);
}

static bool is_of(const struct wn_trace *trace, const struct wn_field *field, uint8_t slot,
                  bool of_item)
{
    if (field->kind == WN_KIND_SUBSCRIBER && !of_item) {
        return trace->slot == WN_NO_SLOT && strcmp(trace->field, "subscriber") == 0;
    }
    if (field->made == WN_MADE_NODE) {
        return trace->slot == WN_NO_SLOT && strcmp(trace->field, "node") == 0;
    }
    return trace->slot == slot && trace->of_item == of_item;
}

/** Whether a number of the record was withheld as its caller asked. */
static bool is_withheld(const struct writer *writer, const struct wn_field *field, uint8_t slot)
{
    const struct wn_record *record = record_of(writer->explained);
    return field->kind == WN_KIND_NUMBER && wn_record_has(record, slot) &&
           (record->values[slot].marks & WN_MARK_WITHHELD) != 0;
}

/** A row for the entry that gave the value; for items, for each that gave one. */
static bool put_given(struct writer *writer, const struct wn_field *field, uint8_t slot,
                      bool of_item)
{
    const struct explained *explained = writer->explained;
    unsigned told = 0; // Its line.
    for (size_t i = 0; i < explained->n_traces; i++) {
        const struct wn_trace *trace = &explained->traces[i];
        if (!is_of(trace, field, slot, of_item) || trace->what != WN_TRACED_GAVE ||
            trace->line == told) {
            continue;
        }
        told = trace->line;
        put_name(writer, field, of_item);
        explain_line(writer->explain->source, trace->line, &writer->columns.cells[LINE]);
        explain_from(trace, &writer->columns.cells[FROM]);
        if (trace->unknown) {
            wn_buffer_text(&writer->columns.cells[FROM], " (a word that no table has)");
        }
        if (!of_item && is_withheld(writer, field, slot)) {
            wn_buffer_text(&writer->columns.cells[FROM], " (withheld: the caller asked for it)");
        }
        put_value(writer, trace->value);
        end_row(writer, field, slot, of_item, true);
    }
    return told != 0;
}

/** Rows for the entries that gave nothing, each with what it did. */
static void put_absent(struct writer *writer, const struct wn_field *field, uint8_t slot,
                       bool of_item)
{
    const struct explained *explained = writer->explained;
    unsigned n = 0;
    for (size_t i = 0; i < explained->n_traces; i++) {
        const struct wn_trace *trace = &explained->traces[i];
        if (!is_of(trace, field, slot, of_item) || trace->item > 0) {
            continue;
        }
        put_name(writer, field, of_item);
        explain_line(writer->explain->source, trace->line, &writer->columns.cells[LINE]);
        struct wn_buffer *from = &writer->columns.cells[FROM];
        wn_buffer_format(from, "%s", explain_traced(trace->what));
        if (trace->path.len > 0) {
            wn_buffer_text(from, ": ");
            explain_from(trace, from);
        }
        put_value(writer, trace->value);
        end_row(writer, field, slot, of_item, false);
        n++;
    }
    if (n == 0) {
        put_name(writer, field, of_item);
        wn_buffer_text(&writer->columns.cells[FROM],
                       explained->culprit ? "not read" : "no entry of the source");
        end_row(writer, field, slot, of_item, false);
    }
}

static void put_field(struct writer *writer, uint8_t slot, bool of_item)
{
    const struct wn_shape *shape = &writer->explained->type->shape;
    const struct wn_field *field = of_item ? &shape->items[slot] : &shape->fields[slot];
    const struct wn_record *record = record_of(writer->explained);
    const bool made = field->made != WN_MADE_NOT && field->made != WN_MADE_NODE;
    if (!made && put_given(writer, field, slot, of_item)) {
        return;
    }
    const bool has_default = !of_item && !writer->explained->culprit && wn_record_has(record, slot);
    if (made || has_default) {
        put_name(writer, field, of_item);
        wn_buffer_text(&writer->columns.cells[FROM],
                       !made                            ? "the default"
                       : field->made == WN_MADE_OTHER   ? "the other party's number"
                       : field->made == WN_MADE_SESSION ? "winnow, where there is a session key"
                                                        : "winnow itself");
        end_row(writer, field, slot, of_item, true);
        return;
    }
    put_absent(writer, field, slot, of_item);
}

static void put_table(struct writer *writer)
{
    const struct wn_type *type = writer->explained->type;
    static const char *const heads[] = { "field", "line", "from" };
    for (unsigned i = 0; i < WN_COUNT(heads); i++) {
        wn_buffer_text(&writer->columns.cells[i], heads[i]);
    }
    if (writer->explain->show_values) {
        wn_buffer_text(&writer->columns.cells[PURPOSES], "value as written");
    }
    for (unsigned p = 0; writer->passed && p < type->n_purposes; p++) {
        wn_buffer_text(&writer->columns.cells[writer->first_purpose + p], type->purposes[p].name);
    }
    wn_columns_row(&writer->columns, writer->text);
    wn_columns_rule(&writer->columns, writer->text);
    for (uint8_t slot = 0; slot < type->shape.n_fields; slot++) {
        if (slot != type->shape.group) {
            put_field(writer, slot, false);
            continue;
        }
        for (uint8_t item = 0; item < type->shape.n_items; item++) {
            put_field(writer, item, true);
        }
    }
}

static void put_verdict(struct writer *writer)
{
    const struct explained *explained = writer->explained;
    const struct wn_sighting *sighting = explained->looked->sighting;
    const struct wn_reason_info *info = wn_reason_info(sighting->verdict.reason);
    const struct wn_trace *culprit = explained->culprit;
    struct wn_buffer *text = writer->text;

    wn_buffer_format(text, "verdict: %s", explain_outcome(sighting->verdict.outcome));
    if (sighting->verdict.reason != WN_REASON_NONE) {
        wn_buffer_format(text, ": %s. %s", info->id, info->meaning);
    }
    wn_buffer_text(text, "\n");
    if (explained->filter_line > 0) {
        wn_buffer_text(text, "  decided by ");
        explain_place(writer->explain->source, explained->filter_line, text);
        wn_buffer_text(text, "\n");
    }
    if (sighting->fault) {
        wn_buffer_format(text, "  %s\n", sighting->fault->text);
    }
    if (culprit) {
        wn_buffer_text(text, "  decided by ");
        explain_place(writer->explain->source, culprit->line, text);
        if (culprit->path.len > 0) {
            wn_buffer_format(text, ", which reads %.*s; its value has the shape ",
                             (int)culprit->path.len, culprit->path.at);
            cmd_text_shape_of(text, culprit->value);
        }
        wn_buffer_text(text, "\n");
    }
    if (sighting->verdict.outcome == WN_QUARANTINED) {
        wn_buffer_format(text, "  what to do: %s.\n", info->remedy);
    }
}

static void put_purposes(struct writer *writer)
{
    const struct wn_type *type = writer->explained->type;
    for (unsigned p = 0; p < type->n_purposes; p++) {
        const struct wn_purpose *purpose = &type->purposes[p];
        const char *reason = NULL;
        wn_buffer_format(writer->text, "%s: ", purpose->name);
        switch (explain_fate(writer->explained->looked->tally, purpose, &reason)) {
        case EXPLAIN_OUT:
            wn_buffer_format(writer->text, "goes out to %s\n", purpose->topic);
            break;
        case EXPLAIN_NO_CONSENT:
            wn_buffer_text(writer->text,
                           "goes out only with the subscriber's consent, which is not looked at "
                           "here\n");
            break;
        case EXPLAIN_WITHHELD:
        default:
            wn_buffer_format(writer->text, "withheld: %s\n", reason ? reason : "");
            break;
        }
    }
}

static void put_missing(struct writer *writer)
{
    const struct explained *explained = writer->explained;
    for (size_t i = 0; i < explained->n_missing; i++) {
        const struct wn_missing *missing = &explained->missing[i];
        wn_buffer_format(writer->text, "required and missing: %s%.*s",
                         missing->of_item ? "usage/" : "", (int)missing->name.len,
                         missing->name.at);
        if (missing->line > 0) {
            wn_buffer_text(writer->text, " (required by ");
            explain_place(writer->explain->source, missing->line, writer->text);
            wn_buffer_text(writer->text, ")\n");
        } else {
            wn_buffer_text(writer->text, " (required by the policy)\n");
        }
    }
}

/** A list of names that is being written. */
struct names {
    struct wn_buffer *text;
    const struct explain *explain;
    const struct explained *explained;
    uint64_t n;
    struct wn_slice told[WN_TAKES]; ///< Paths.
};

static void put_unwanted(void *context, const char *name, uint64_t count)
{
    struct names *names = context;
    wn_buffer_text(names->text, names->n++ > 0 ? ", " : "\ndropped unread, by name: ");
    wn_buffer_text(names->text, name);
    if (count > 1) {
        wn_buffer_format(names->text, " %llu times", (unsigned long long)count);
    }
}

/** Whether a path was not told yet; it counts as told from now on. */
static bool is_new(struct names *names, struct wn_slice path)
{
    for (uint64_t i = 0; i < names->n; i++) {
        if (wn_slice_same(names->told[i], path)) {
            return false;
        }
    }
    if (names->n < WN_COUNT(names->told)) {
        names->told[names->n] = path;
        return true;
    }
    return false;
}

static void put_only_read(void *context, const struct wn_use *use)
{
    struct names *names = context;
    const struct wn_section *section = names->explained->section;
    if (use->what <= WN_USE_SUBSCRIBER || (use->section && use->section != section) ||
        !explain_only_read(names->explain, section, use->path) ||
        !wn_source_found(names->explained->looked->sighting->decoded, use) ||
        !is_new(names, use->path)) {
        return;
    }
    wn_buffer_text(names->text,
                   names->n++ > 0 ? ", " : "\nread by conditions and keys, kept by nobody: ");
    wn_buffer_format(names->text, "%.*s (line ", (int)use->path.len, use->path.at);
    explain_line(names->explain->source, use->line, names->text);
    wn_buffer_text(names->text, ")");
}

static void put_names(struct writer *writer)
{
    struct names read = { .text = writer->text,
                          .explain = writer->explain,
                          .explained = writer->explained };
    wn_source_each_use(writer->explain->source, put_only_read, &read);
    wn_buffer_text(writer->text, read.n > 0 ? "\n" : "");
    struct names unwanted = { .text = writer->text };
    explained_each_unwanted(writer->explained, put_unwanted, &unwanted);
    wn_buffer_text(writer->text, unwanted.n > 0 ? "\n" : "");
}

static void put_usage(struct writer *writer)
{
    const struct wn_type *type = writer->explained->type;
    for (unsigned p = 0; p < type->n_purposes; p++) {
        wn_buffer_format(writer->text,
                         "\n%s would get (its pseudonyms are made with throw-away "
                         "keys):\n",
                         type->purposes[p].name);
        if (!explain_usage(writer->explain, writer->explained->looked, &type->purposes[p],
                           writer->text)) {
            wn_buffer_text(writer->text, "nothing");
        }
        wn_buffer_text(writer->text, "\n");
    }
}

void explain_record_text(const struct explain *explain, const struct explained *explained,
                         struct wn_buffer *text)
{
    static const unsigned widths[] = { 20, 4, 36, 28 };
    const struct wn_looked *looked = explained->looked;
    const struct wn_sighting *sighting = looked->sighting;
    const struct wn_type *type = explained->type;
    struct writer writer = {
        .explain = explain,
        .explained = explained,
        .passed = sighting->verdict.outcome == WN_PASSED,
        .first_purpose = PURPOSES + (explain->show_values ? 1 : 0),
        .text = text,
    };
    writer.columns.n = writer.first_purpose + (writer.passed && type ? type->n_purposes : 0);
    for (unsigned i = 0; i < writer.columns.n; i++) {
        writer.columns.widths[i] = widths[i < WN_COUNT(widths) ? i : WN_COUNT(widths) - 1];
    }
    writer.columns.widths[LINE] = explain_line_width(explain->source);
    wn_buffer_format(text, "record %llu: line %llu, octet %lld, %zu octets; %s by %s\n",
                     (unsigned long long)looked->number, (unsigned long long)looked->line,
                     (long long)sighting->origin->offset, sighting->raw.len,
                     type ? type->shape.type : "of no type", explain->source_file);
    put_verdict(&writer);
    if (writer.passed) {
        put_purposes(&writer);
    }
    put_missing(&writer);
    if (sighting->decoded && sighting->decoded->read) {
        wn_buffer_text(text, "\n");
        if (type) {
            put_table(&writer);
        }
        put_names(&writer);
    }
    if (writer.passed && explain->show_values) {
        put_usage(&writer);
    }
    wn_columns_deinit(&writer.columns);
}
