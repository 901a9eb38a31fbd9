// SPDX-License-Identifier: Apache-2.0

/*
 * A record taken apart, and the words that its explanations share.
 */

#include <assert.h>
#include <stdlib.h>

#include "explain.h"
#include "winnow/memory.h"
#include "winnow/reader.h"
#include "winnow/time.h"

/** Double the room of a list where it is full. */
static void *room_for(void *list, size_t n, size_t size)
{
    const bool full = (n & (n - 1)) == 0; // At 0, 1, 2, 4, 8 …
    return full ? wn_grow(list, n > 0 ? 2 * n : 1, size) : list;
}

static void add_trace(void *context, const struct wn_trace *trace)
{
    struct explained *explained = context;
    explained->traces = room_for(explained->traces, explained->n_traces, sizeof(*trace));
    explained->traces[explained->n_traces++] = *trace;
}

static void add_missing(void *context, const struct wn_missing *missing)
{
    struct explained *explained = context;
    explained->missing = room_for(explained->missing, explained->n_missing, sizeof(*missing));
    explained->missing[explained->n_missing++] = *missing;
}

/** @return the line of the source's filter that took a record, or 0. */
static unsigned find_filter(const struct wn_sighting *sighting)
{
    const struct wn_section *section = sighting->decoded->section;
    for (unsigned i = 0; section && i < section->n_filters; i++) {
        const struct wn_filter *filter = &section->filters[i];
        if (filter->rule == sighting->verdict.reason &&
            wn_condition_holds(filter->when, sighting->decoded)) {
            return filter->line;
        }
    }
    return 0;
}

void explained_init(const struct explain *explain, const struct wn_looked *looked,
                    struct explained *ret_explained)
{
    const struct wn_sighting *sighting = looked->sighting;
    const struct wn_source *source = explain->source;
    const enum wn_reason reason = sighting->verdict.reason;
    *ret_explained = (struct explained){ .looked = looked };
    ret_explained->section = sighting->decoded ? sighting->decoded->section : NULL;
    if (!ret_explained->section && source->n_sections == 1) {
        ret_explained->section = &source->sections[0]; // Whatever it is.
    }
    if (ret_explained->section) {
        ret_explained->type = explain->types[ret_explained->section - source->sections];
    }
    if (!sighting->decoded || !sighting->decoded->read) {
        return;
    }
    wn_source_trace(sighting->decoded, add_trace, ret_explained);
    if (ret_explained->n_traces > 0) {
        const struct wn_trace *last = &ret_explained->traces[ret_explained->n_traces - 1];
        ret_explained->culprit = last->what == WN_TRACED_REFUSED ? last : NULL;
    }
    if (reason == WN_REASON_MISSING_FIELD || reason == WN_REASON_MISSING_SUBSCRIBER) {
        wn_source_each_missing(sighting->decoded, add_missing, ret_explained);
    }
    if (sighting->verdict.outcome == WN_FILTERED) {
        ret_explained->filter_line = find_filter(sighting);
    }
}

void explained_deinit(struct explained *explained)
{
    free(explained->traces);
    free(explained->missing);
    *explained = (struct explained){ 0 };
}

/** What is asked of the uses of a path. */
struct question {
    const struct wn_section *section;
    struct wn_slice path;
    bool kept, found;
};

static void look_for(void *context, const struct wn_use *use)
{
    struct question *question = context;
    const bool is_here = !use->section || use->section == question->section;
    if (is_here && use->take != WN_NO_TAKE && wn_slice_same(use->path, question->path)) {
        question->found = true;
        question->kept = question->kept || use->what <= WN_USE_SUBSCRIBER;
    }
}

bool explain_only_read(const struct explain *explain, const struct wn_section *section,
                       struct wn_slice path)
{
    struct question question = { .section = section, .path = path };
    wn_source_each_use(explain->source, look_for, &question);
    return question.found && !question.kept;
}

/** Names that are told, without those that are counted because a map lacks their word. */
struct unwanted {
    const struct explained *explained;
    explain_name_visit *visit;
    void *context;
};

/** @return the last name of a path. */
static struct wn_slice last_name(struct wn_slice path)
{
    size_t at = path.len;
    while (at > 0 && path.at[at - 1] != '/') {
        at--;
    }
    return wn_slice_after(path, at);
}

static void tell_unwanted(void *context, const char *name, uint64_t count)
{
    const struct unwanted *unwanted = context;
    const struct explained *explained = unwanted->explained;
    for (size_t i = 0; i < explained->n_traces && count > 0; i++) {
        const struct wn_trace *trace = &explained->traces[i];
        if ((trace->what == WN_TRACED_UNMAPPED || trace->unknown) &&
            wn_slice_is(last_name(trace->path), name)) {
            count--;
        }
    }
    if (count > 0) {
        unwanted->visit(unwanted->context, name, count);
    }
}

void explained_each_unwanted(const struct explained *explained, explain_name_visit *visit,
                             void *context)
{
    struct unwanted unwanted = { explained, visit, context };
    wn_drift_each(explained->looked->tally->drift, tell_unwanted, &unwanted);
}

const char *explain_outcome(enum wn_outcome outcome)
{
    static const char *const words[] = {
        [WN_PASSED] = "passed",           [WN_DUPLICATE] = "duplicate",
        [WN_SUPERSEDED] = "superseded",   [WN_FILTERED] = "filtered",
        [WN_QUARANTINED] = "quarantined",
    };
    return words[outcome];
}

enum explain_fate explain_fate(const struct wn_tally *tally, const struct wn_purpose *purpose,
                               const char **ret_reason)
{
    const struct wn_tally_purpose *counts = &tally->purposes[purpose->number];
    if (counts->out > 0) {
        return EXPLAIN_OUT;
    }
    for (unsigned i = 0; i < WN_REASONS; i++) {
        if (counts->withheld[i] > 0) {
            *ret_reason = wn_reason_info((enum wn_reason)i)->id;
            return EXPLAIN_WITHHELD;
        }
    }
    return EXPLAIN_NO_CONSENT;
}

const char *explain_traced(enum wn_traced what)
{
    static const char *const words[] = {
        [WN_TRACED_GAVE] = "gave the value",
        [WN_TRACED_BEHIND] = "not read: an entry above gave one",
        [WN_TRACED_WHEN] = "its `when` does not hold",
        [WN_TRACED_ABSENT] = "nothing is there",
        [WN_TRACED_EMPTY] = "what is there stands for nothing",
        [WN_TRACED_UNMAPPED] = "not in its map",
        [WN_TRACED_REFUSED] = "refused",
    };
    return words[what];
}

void explain_from(const struct wn_trace *trace, struct wn_buffer *text)
{
    switch (trace->from) {
    case WN_TRACE_PATH:
        wn_buffer_add(text, trace->path.at, trace->path.len);
        break;
    case WN_TRACE_FIELD:
        wn_buffer_format(text, "field %s", trace->name);
        break;
    case WN_TRACE_CONSTANT:
        wn_buffer_text(text, "a constant");
        break;
    case WN_TRACE_TOTAL:
    default:
        wn_buffer_text(text, "a total of usage");
        break;
    }
}

bool explain_usage(const struct explain *explain, const struct wn_looked *looked,
                   const struct wn_purpose *purpose, struct wn_buffer *text)
{
    const struct wn_decoded *decoded = looked->sighting->decoded;
    struct wn_minimiser *minimiser = NULL;
    struct wn_avro_reader *reader = NULL;
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    uint8_t subscriber[16];
    const uint32_t period =
        purpose->period == WN_PERIOD_MONTH ? wn_month_of(wn_event_ms(decoded)) : 0;
    bool good = wn_minimiser_open(explain->ring, 0, &minimiser, &err) == WN_OK &&
                wn_avro_reader_open(purpose->schema, &reader, &err) == WN_OK;
    good = good && wn_minimise(minimiser, purpose, &decoded->record, period, &bytes, subscriber) ==
                       WN_MINIMISED_OUT;
    if (good) {
        struct wn_slice rest = wn_buffer_slice(&bytes);
        good = wn_avro_reader_json(reader, &rest, text, &err) == WN_OK;
    }
    wn_buffer_wipe(&bytes);
    wn_buffer_deinit(&bytes);
    wn_avro_reader_close(reader);
    wn_minimiser_close(minimiser);
    return good;
}

void explain_types(const struct wn_source *source, struct wn_buffer *text)
{
    for (unsigned i = 0; i < source->n_sections; i++) {
        const struct wn_shape *shape = source->sections[i].shape;
        bool has = false;
        for (unsigned j = 0; j < i; j++) {
            has = has || source->sections[j].shape == shape;
        }
        if (!has) {
            wn_buffer_format(text, "%s%s", i > 0 ? ", " : "", shape->type);
        }
    }
}

void explain_place(const struct wn_source *source, unsigned line, struct wn_buffer *text)
{
    const char *file = wn_source_file(source, &line);
    wn_buffer_format(text, "%s:%u", file, line);
}

/** @return the name of the other source that a line is of; nothing for the source's own lines. */
static struct wn_slice other_name(const struct wn_source *source, unsigned line)
{
    unsigned own = 0;
    const char *file = wn_source_file(source, &line);
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    bool is_own = strcmp(file, wn_source_file(source, &own)) == 0;
    return (struct wn_slice){ name, is_own ? 0 : strcspn(name, ".") };
}

void explain_line(const struct wn_source *source, unsigned line, struct wn_buffer *text)
{
    struct wn_slice name = other_name(source, line);
    (void)wn_source_file(source, &line);
    wn_buffer_format(text, "%.*s%s%u", (int)name.len, name.at, name.len > 0 ? ":" : "", line);
}

unsigned explain_line_width(const struct wn_source *source)
{
    unsigned most = 4;
    for (unsigned i = 1; i <= WN_CONFIG_OTHERS; i++) {
        const unsigned width = (unsigned)other_name(source, i * WN_CONFIG_LINES).len + 5;
        most = width > 5 && width > most ? width : most;
    }
    return most;
}
