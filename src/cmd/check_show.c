// SPDX-License-Identifier: Apache-2.0

#include "check.h"
#include "explain.h"
#include "text.h"
#include "winnow/trace.h"

/** What a source does for a field of its type. */
enum filling {
    FILLED, ///< An entry fills it.
    MADE,   ///< winnow makes it; not told.
    DEFAULT,
    NEVER,
};

/** A list of fields of a source that is being written. */
struct list {
    const struct wn_source *source;
    const struct wn_section *section;
    struct wn_buffer *text;
    bool json;
    unsigned n;
    unsigned line; ///< Of the entry told last.
    const char *field;
};

/** Put an entry that fills a field: "start (14)", or in JSON "start":[14,15]. */
static void put_fill(void *context, const struct wn_use *use)
{
    struct list *list = context;
    const bool whose = use->what == WN_USE_SUBSCRIBER;
    const char *field = whose ? "subscriber" : use->name;
    if (use->section != list->section || (use->what != WN_USE_FIELD && !whose) ||
        (use->line == list->line && list->field && strcmp(list->field, field) == 0)) {
        return;
    }
    if (list->json) {
        unsigned line = use->line;
        const char *file = wn_source_file(list->source, &line);
        wn_buffer_format(list->text, "%s{\"field\":\"%s%s\",\"line\":%u", list->n > 0 ? "," : "",
                         use->of_item && !whose ? "usage/" : "", field, line);
        if (line != use->line) { // Of a source that this one is like.
            wn_buffer_text(list->text, ",\"file\":");
            cmd_text_json(list->text, wn_slice_of(file));
        }
        wn_buffer_text(list->text, "}");
    } else {
        wn_buffer_format(list->text, "%s%s%s (", list->n > 0 ? ", " : "",
                         use->of_item && !whose ? "usage/" : "", field);
        explain_line(list->source, use->line, list->text);
        wn_buffer_text(list->text, ")");
    }
    list->n++;
    list->line = use->line;
    list->field = field;
}

/** Note whether a field is among those that are filled. */
struct question {
    const struct wn_section *section;
    const char *name;
    bool of_item, filled;
};

static void ask(void *context, const struct wn_use *use)
{
    struct question *question = context;
    question->filled =
        question->filled ||
        (use->section == question->section && use->what == WN_USE_FIELD &&
         strcmp(use->name, question->name) == 0 && use->of_item == question->of_item);
}

static enum filling filling_of(const struct list *list, uint8_t slot, bool of_item)
{
    const struct wn_shape *shape = list->section->shape;
    const struct wn_field *field = of_item ? &shape->items[slot] : &shape->fields[slot];
    struct question question = { .section = list->section,
                                 .name = field->name,
                                 .of_item = of_item };
    if (!of_item &&
        (field->made != WN_MADE_NOT || slot == shape->group || slot == shape->bound.subscriber)) {
        return MADE;
    }
    wn_source_each_use(list->source, ask, &question);
    if (question.filled) {
        return FILLED;
    }
    const bool has_default =
        !of_item && (slot == shape->bound.final || slot == shape->bound.incomplete ||
                     slot == shape->bound.direction || slot == shape->bound.cause ||
                     slot == shape->bound.utc_offset);
    return has_default ? DEFAULT : NEVER;
}

/** Put the fields that a section treats in one way. */
static void put_fields(const struct list *list, enum filling wanted)
{
    const struct wn_shape *shape = list->section->shape;
    struct wn_buffer *text = list->text;
    const bool json = list->json;
    unsigned n = 0;
    for (unsigned i = 0; i < shape->n_fields + shape->n_items; i++) {
        const bool of_item = i >= shape->n_fields;
        const uint8_t slot = (uint8_t)(of_item ? i - shape->n_fields : i);
        if (filling_of(list, slot, of_item) == wanted) {
            wn_buffer_format(text, "%s%s%s%s%s", n++ > 0 ? json ? "," : ", " : "", json ? "\"" : "",
                             of_item ? "usage/" : "",
                             of_item ? shape->items[slot].name : shape->fields[slot].name,
                             json ? "\"" : "");
        }
    }
    if (n == 0 && !json) {
        wn_buffer_text(text, "none");
    }
}

/** Put what a source does for the fields of one type. @param margin  Blanks in front. */
static void put_section(const struct wn_source *source, const struct wn_section *section,
                        const char *margin, struct wn_buffer *text)
{
    struct list list = { .source = source, .section = section, .text = text };
    wn_buffer_format(text, "%sfills (line):  ", margin);
    wn_source_each_use(source, put_fill, &list);
    wn_buffer_format(text, "\n%sby default:    ", margin);
    put_fields(&list, DEFAULT);
    wn_buffer_format(text, "\n%snever fills:   ", margin);
    put_fields(&list, NEVER);
    wn_buffer_text(text, "\n");
}

static void put_source(const struct check_source *source, struct wn_buffer *text)
{
    const struct wn_source *by = source->source;
    if (!by) {
        return;
    }
    wn_buffer_format(text, "\n%s: ", source->name);
    explain_types(by, text);
    wn_buffer_format(text, ", by %s", source->file);
    if (source->n_inputs > 0) {
        wn_buffer_format(text, ", for %u input%s", source->n_inputs,
                         source->n_inputs == 1 ? "" : "s");
    }
    wn_buffer_text(text, "\n");
    for (unsigned i = 0; i < by->n_sections; i++) {
        const struct wn_section *section = &by->sections[i];
        if (section->line > 0) {
            wn_buffer_format(text, "  %s (line ", section->shape->type);
            explain_line(by, section->line, text);
            wn_buffer_text(text, ")\n");
        }
        put_section(by, section, section->line > 0 ? "    " : "  ", text);
    }
}

/** Put all lines of faults or warnings, each behind two spaces. */
static void put_lines(const struct wn_faults *faults, const char *head, struct wn_buffer *text)
{
    struct wn_slice rest = wn_buffer_slice(&faults->lines);
    if (faults->n > 0) {
        wn_buffer_format(text, "%s:\n", head);
    }
    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        const size_t len = end ? (size_t)(end - rest.at) : rest.len;
        wn_buffer_text(text, "  ");
        wn_buffer_add(text, rest.at, len);
        wn_buffer_text(text, "\n");
        rest = wn_slice_after(rest, end ? len + 1 : len);
    }
    wn_buffer_text(text, faults->n > 0 ? "\n" : "");
}

void check_text(const struct check *check, struct wn_buffer *text)
{
    put_lines(&check->faults, "faults", text);
    put_lines(&check->warnings, "warnings", text);
    check_brokers_text(check, text);
    if (check->policy_is_right) {
        wn_policy_show(check->policy, text);
    }
    for (size_t i = 0; i < check->n_sources; i++) {
        put_source(&check->sources[i], text);
    }
    const unsigned n_faults = check->faults.n + check->findings.n_faults;
    const unsigned n_warnings = check->warnings.n + check->findings.n - check->findings.n_faults;
    wn_buffer_format(text, "%s%u fault%s, %u warning%s.\n",
                     check->policy_is_right || check->n_sources > 0 ? "\n" : "", n_faults,
                     n_faults == 1 ? "" : "s", n_warnings, n_warnings == 1 ? "" : "s");
}

static void json_lines(const struct wn_faults *faults, const char *name, struct wn_buffer *text)
{
    struct wn_slice rest = wn_buffer_slice(&faults->lines);
    wn_buffer_format(text, "\"%s\":[", name);
    for (bool first = true; rest.len > 0; first = false) {
        const char *end = memchr(rest.at, '\n', rest.len);
        const size_t len = end ? (size_t)(end - rest.at) : rest.len;
        wn_buffer_text(text, first ? "" : ",");
        cmd_text_json(text, (struct wn_slice){ rest.at, len });
        rest = wn_slice_after(rest, end ? len + 1 : len);
    }
    wn_buffer_text(text, "],");
}

static void json_section(const struct wn_source *source, const struct wn_section *section,
                         struct wn_buffer *text)
{
    struct list list = { .source = source, .section = section, .text = text, .json = true };
    wn_buffer_format(text, "\"type\":\"%s\",\"fills\":[", section->shape->type);
    wn_source_each_use(source, put_fill, &list);
    wn_buffer_text(text, "],\"default\":[");
    put_fields(&list, DEFAULT);
    wn_buffer_text(text, "],\"never\":[");
    put_fields(&list, NEVER);
    wn_buffer_text(text, "]");
}

/** Put what a source does for its one type, or for each of its `types`. */
static void json_sections(const struct wn_source *source, struct wn_buffer *text)
{
    if (source->sections[0].line == 0) {
        json_section(source, &source->sections[0], text);
        return;
    }
    wn_buffer_text(text, "\"types\":[");
    for (unsigned i = 0; i < source->n_sections; i++) {
        wn_buffer_text(text, i > 0 ? ",{" : "{");
        json_section(source, &source->sections[i], text);
        wn_buffer_text(text, "}");
    }
    wn_buffer_text(text, "]");
}

static void json_source(const struct check_source *source, struct wn_buffer *text)
{
    wn_buffer_text(text, "{\"name\":");
    cmd_text_json(text, wn_slice_of(source->name));
    wn_buffer_text(text, ",\"file\":");
    cmd_text_json(text, wn_slice_of(source->file ? source->file : ""));
    wn_buffer_format(text, ",\"inputs\":%u", source->n_inputs);
    if (source->source) {
        wn_buffer_text(text, ",");
        json_sections(source->source, text);
    }
    wn_buffer_text(text, "}");
}

void check_json(const struct check *check, struct wn_buffer *text)
{
    wn_buffer_text(text, "{");
    json_lines(&check->faults, "faults", text);
    json_lines(&check->warnings, "warnings", text);
    check_brokers_json(check, text);
    wn_buffer_text(text, "\"sources\":[");
    for (size_t i = 0; i < check->n_sources; i++) {
        wn_buffer_text(text, i > 0 ? "," : "");
        json_source(&check->sources[i], text);
    }
    wn_buffer_text(text, "],\"policy\":");
    if (check->policy_is_right) {
        wn_policy_show_json(check->policy, text);
        text->len--; // Its newline.
    } else {
        wn_buffer_text(text, "null");
    }
    wn_buffer_text(text, "}\n");
}
