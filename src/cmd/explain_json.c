// SPDX-License-Identifier: Apache-2.0

#include <assert.h>

#include "explain.h"
#include "text.h"

/** Members of an object, being written. */
struct object {
    struct wn_buffer *text;
    bool begun;
};

static void member(struct object *object, const char *name)
{
    wn_buffer_format(object->text, "%s\"%s\":", object->begun ? "," : "", name);
    object->begun = true;
}

static void member_text(struct object *object, const char *name, struct wn_slice value)
{
    member(object, name);
    cmd_text_json(object->text, value);
}

static void member_number(struct object *object, const char *name, uint64_t number)
{
    member(object, name);
    wn_buffer_format(object->text, "%llu", (unsigned long long)number);
}

/** A line of the source, and its file where it is another one's. */
static void member_line(struct object *object, const struct wn_source *source, const char *name,
                        unsigned line)
{
    unsigned number = line;
    const char *file = wn_source_file(source, &number);
    if (number != line) {
        member_text(object, "source-file", wn_slice_of(file));
    }
    member_number(object, name, number);
}

static void member_shape(struct object *object, const char *name, struct wn_slice value)
{
    struct wn_buffer shape = { 0 };
    cmd_text_shape_of(&shape, value);
    member_text(object, name, wn_buffer_slice(&shape));
    wn_buffer_deinit(&shape);
}

static const char *word_of(enum wn_traced what)
{
    static const char *const words[] = {
        [WN_TRACED_GAVE] = "gave",       [WN_TRACED_BEHIND] = "not-read",
        [WN_TRACED_WHEN] = "when",       [WN_TRACED_ABSENT] = "absent",
        [WN_TRACED_EMPTY] = "empty",     [WN_TRACED_UNMAPPED] = "unmapped",
        [WN_TRACED_REFUSED] = "refused",
    };
    return words[what];
}

static void put_trace(const struct explain *explain, const struct wn_trace *trace,
                      struct wn_buffer *text)
{
    struct object object = { .text = text };
    struct wn_buffer from = { 0 };
    wn_buffer_text(text, "{");
    member_text(&object, "field", wn_slice_of(trace->field));
    if (trace->of_item) {
        member_number(&object, "item", trace->item);
    }
    member_line(&object, explain->source, "line", trace->line);
    member_text(&object, "did", wn_slice_of(word_of(trace->what)));
    explain_from(trace, &from);
    if (from.len > 0) {
        member_text(&object, trace->from == WN_TRACE_PATH ? "path" : "from",
                    wn_buffer_slice(&from));
    }
    wn_buffer_deinit(&from);
    if (trace->what == WN_TRACED_REFUSED) {
        member_text(&object, "reason", wn_slice_of(trace->reason));
    }
    if (trace->what == WN_TRACED_REFUSED || trace->what == WN_TRACED_UNMAPPED) {
        member_shape(&object, "shape", trace->value);
    }
    if (explain->show_values && trace->path.len > 0) {
        member_text(&object, "value", trace->value);
    }
    wn_buffer_text(text, "}");
}

static void put_fields(const struct wn_type *type, bool of_item, bool *begun,
                       struct wn_buffer *text)
{
    const unsigned n = of_item ? type->shape.n_items : type->shape.n_fields;
    for (uint8_t slot = 0; slot < n; slot++) {
        const struct wn_field *field =
            of_item ? &type->shape.items[slot] : &type->shape.fields[slot];
        if (!of_item && slot == type->shape.group) {
            put_fields(type, true, begun, text);
            continue;
        }
        wn_buffer_format(text, "%s\"%s%s\":{", *begun ? "," : "", of_item ? "usage/" : "",
                         field->name);
        *begun = true;
        for (unsigned p = 0; p < type->n_purposes; p++) {
            struct wn_buffer words = { 0 };
            wn_purpose_words(&type->purposes[p], field, slot, of_item, &words);
            wn_buffer_format(text, "%s\"%s\":", p > 0 ? "," : "", type->purposes[p].name);
            cmd_text_json(text, wn_buffer_slice(&words));
            wn_buffer_deinit(&words);
        }
        wn_buffer_text(text, "}");
    }
}

static void put_fates(const struct explained *explained, struct wn_buffer *text)
{
    const struct wn_type *type = explained->type;
    for (unsigned p = 0; p < type->n_purposes; p++) {
        const char *reason = NULL;
        const enum explain_fate fate =
            explain_fate(explained->looked->tally, &type->purposes[p], &reason);
        wn_buffer_format(text, "%s\"%s\":\"%s%s%s\"", p > 0 ? "," : "", type->purposes[p].name,
                         fate == EXPLAIN_OUT          ? "out"
                         : fate == EXPLAIN_NO_CONSENT ? "only-with-consent"
                                                      : "withheld",
                         reason ? ":" : "", reason ? reason : "");
    }
}

static void put_missing(const struct wn_source *source, const struct explained *explained,
                        struct wn_buffer *text)
{
    for (size_t i = 0; i < explained->n_missing; i++) {
        const struct wn_missing *missing = &explained->missing[i];
        struct object object = { .text = text };
        wn_buffer_text(text, i > 0 ? ",{" : "{");
        member_text(&object, "name", missing->name);
        member_line(&object, source, "line", missing->line);
        wn_buffer_text(text, "}");
    }
}

static void put_name(void *context, const char *name, uint64_t count)
{
    struct object *object = context;
    wn_buffer_text(object->text, object->begun ? "," : "");
    object->begun = true;
    cmd_text_json(object->text, wn_slice_of(name));
    wn_buffer_format(object->text, ":%llu", (unsigned long long)count);
}

static void put_verdict(const struct explained *explained, struct object *object)
{
    const struct wn_sighting *sighting = explained->looked->sighting;
    member_text(object, "verdict", wn_slice_of(explain_outcome(sighting->verdict.outcome)));
    if (sighting->verdict.reason != WN_REASON_NONE) {
        member_text(object, "reason", wn_slice_of(wn_reason_info(sighting->verdict.reason)->id));
    }
    if (sighting->fault) {
        member_text(object, "text", wn_slice_of(sighting->fault->text));
    }
    const unsigned line = explained->culprit ? explained->culprit->line : explained->filter_line;
    if (line > 0) {
        member_line(object, sighting->decoded->source, "decided-by-line", line);
    }
}

void explain_record_json(const struct explain *explain, const struct explained *explained,
                         struct wn_buffer *text)
{
    const struct wn_looked *looked = explained->looked;
    const struct wn_sighting *sighting = looked->sighting;
    struct object object = { .text = text };
    bool begun = false;

    wn_buffer_text(text, "{");
    member_number(&object, "record", looked->number);
    member_number(&object, "line", looked->line);
    member_number(&object, "octet", (uint64_t)sighting->origin->offset);
    member_number(&object, "octets", sighting->raw.len);
    member_text(&object, "source", wn_slice_of(explain->source->name));
    member_text(&object, "file", wn_slice_of(explain->source_file));
    if (explained->type) {
        member_text(&object, "type", wn_slice_of(explained->type->shape.type));
    }
    put_verdict(explained, &object);
    if (sighting->verdict.outcome == WN_PASSED) {
        assert(explained->type); // What passed has a type.
        member(&object, "purposes");
        wn_buffer_text(text, "{");
        put_fates(explained, text);
        wn_buffer_text(text, "},\"fields\":{");
        put_fields(explained->type, false, &begun, text);
        wn_buffer_text(text, "}");
    }
    member(&object, "missing");
    wn_buffer_text(text, "[");
    put_missing(explain->source, explained, text);
    wn_buffer_text(text, "],\"entries\":[");
    for (size_t i = 0; i < explained->n_traces; i++) {
        wn_buffer_text(text, i > 0 ? "," : "");
        put_trace(explain, &explained->traces[i], text);
    }
    wn_buffer_text(text, "],\"unwanted\":{");
    struct object names = { .text = text };
    explained_each_unwanted(explained, put_name, &names);
    wn_buffer_text(text, "}}\n");
}
