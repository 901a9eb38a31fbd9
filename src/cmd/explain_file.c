// SPDX-License-Identifier: Apache-2.0

/*
 * A whole file, counted: what the source's paths found, what its entries gave, and why records were
 * refused, each kind of refusal by its cause (reason, line, path) with its first places and the
 * shapes of what was refused. Everything is bounded, whatever the file holds.
 */

#include "explain_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"
#include "winnow/memory.h"

static void count(struct explain_count *at, uint64_t record)
{
    at->n += at->last == record ? 0 : 1;
    at->last = record;
}

static struct explain_path *find_path(struct explain_file *file, struct wn_slice path)
{
    for (size_t i = 0; i < file->n_paths; i++) {
        if (wn_slice_same(file->paths[i].use.path, path)) {
            return &file->paths[i];
        }
    }
    return NULL;
}

static bool has_said(const struct wn_buffer *reads, const char *word)
{
    struct wn_slice rest = wn_buffer_slice(reads);
    while (rest.len > 0 && !wn_slice_starts(rest, word)) {
        rest = wn_slice_after(rest, 1);
    }
    return rest.len > 0;
}

/** Add what a path is read for; what sections share is said once. */
static void add_reads(const struct wn_source *source, const struct wn_use *use,
                      struct wn_buffer *reads)
{
    static const char *const words[] = {
        [WN_USE_NODE] = "node",
        [WN_USE_FIELD] = "",
        [WN_USE_SUBSCRIBER] = "subscriber",
        [WN_USE_CONDITION] = "a condition",
        [WN_USE_KEY] = "",
        [WN_USE_REQUIRED] = "required",
        [WN_USE_GAPS] = "gaps",
    };
    struct wn_buffer word = { 0 };
    wn_buffer_text(&word, use->name[0] != '\0' ? use->name : words[use->what]);
    if (use->line > 0) {
        wn_buffer_text(&word, " (line ");
        explain_line(source, use->line, &word);
        wn_buffer_text(&word, ")");
    }
    wn_buffer_add(&word, "", 1);
    if (!has_said(reads, (const char *)word.at)) {
        wn_buffer_format(reads, "%s%s", reads->len > 0 ? ", " : "", (const char *)word.at);
    }
    wn_buffer_deinit(&word);
}

/** Find an entry of the source. @param field  "subscriber", or the field that it fills. */
static struct explain_entry *find_entry(struct explain_file *file, const char *field, unsigned line)
{
    for (size_t i = 0; i < file->n_entries; i++) {
        if (file->entries[i].line == line && strcmp(file->entries[i].field, field) == 0) {
            return &file->entries[i];
        }
    }
    return NULL;
}

static void add_use(void *context, const struct wn_use *use)
{
    struct explain_file *file = context;
    if (use->what == WN_USE_FIELD || use->what == WN_USE_SUBSCRIBER) {
        const char *field = use->what == WN_USE_FIELD ? use->name : "subscriber";
        if (!find_entry(file, field, use->line)) {
            file->entries = wn_grow(file->entries, file->n_entries + 1, sizeof(*file->entries));
            file->entries[file->n_entries++] =
                (struct explain_entry){ field, use->line, use->of_item, { 0, 0 } };
        }
    }
    if (use->take == WN_NO_TAKE) {
        return;
    }
    struct explain_path *path = find_path(file, use->path);
    if (!path) {
        file->paths = wn_grow(file->paths, file->n_paths + 1, sizeof(*file->paths));
        path = &file->paths[file->n_paths++];
        *path = (struct explain_path){ .use = *use };
    }
    add_reads(file->explain->source, use, &path->reads);
}

struct explain_file *explain_file_open(const struct explain *explain)
{
    struct explain_file *file = wn_take(1, sizeof(*file));
    file->explain = explain;
    file->unwanted = wn_drift_open();
    wn_source_each_use(explain->source, add_use, file);
    return file;
}

struct explain_file *explain_file_close(struct explain_file *file)
{
    for (size_t i = 0; file && i < file->n_paths; i++) {
        wn_buffer_deinit(&file->paths[i].reads);
    }
    for (size_t i = 0; file && i < file->n_groups; i++) {
        for (unsigned s = 0; s < file->groups[i].n_shapes; s++) {
            free(file->groups[i].shapes[s].text);
        }
        free(file->groups[i].text);
    }
    if (file) {
        wn_drift_close(file->unwanted);
        free(file->groups);
        free(file->entries);
        free(file->paths);
        free(file);
    }
    return NULL;
}

static char *copy(struct wn_slice text)
{
    char *at = wn_take(text.len + 1, 1);
    memcpy(at, text.at, text.len);
    return at;
}

/** Find the group of a cause, or make it. */
static struct explain_group *find_group(struct explain_file *file, const struct explain_group *like)
{
    for (size_t i = 0; i < file->n_groups; i++) {
        struct explain_group *group = &file->groups[i];
        if (group->outcome == like->outcome && group->reason == like->reason &&
            group->line == like->line && wn_slice_same(group->path, like->path)) {
            return group;
        }
    }
    if (file->n_groups == EXPLAIN_GROUPS) {
        return &file->groups[EXPLAIN_GROUPS - 1];
    }
    file->groups = wn_grow(file->groups, file->n_groups + 1, sizeof(*file->groups));
    file->groups[file->n_groups] = *like;
    return &file->groups[file->n_groups++];
}

static void add_shape(struct explain_group *group, struct wn_slice value)
{
    struct wn_buffer shape = { 0 };
    cmd_text_shape_of(&shape, value);
    for (unsigned i = 0; i < group->n_shapes; i++) {
        if (wn_slice_is(wn_buffer_slice(&shape), group->shapes[i].text)) {
            group->shapes[i].n++;
            wn_buffer_deinit(&shape);
            return;
        }
    }
    if (group->n_shapes < EXPLAIN_SHAPES) {
        group->shapes[group->n_shapes++] =
            (struct explain_shape){ copy(wn_buffer_slice(&shape)), 1 };
    } else {
        group->other_shapes++;
    }
    wn_buffer_deinit(&shape);
}

/** Add a record to the group of its cause. @param trace  The entry that decided, or NULL. */
static void add_to_group(struct explain_file *file, const struct wn_looked *looked,
                         const struct explain_group *like, const struct wn_trace *trace)
{
    struct explain_group *group = find_group(file, like);
    const struct wn_error *fault = looked->sighting->fault;
    group->n++;
    if (group->n_places < EXPLAIN_PLACES) {
        group->places[group->n_places++] =
            (struct explain_place){ looked->number, looked->line,
                                    looked->sighting->origin->offset };
    }
    if (!group->text && fault && like->outcome == WN_QUARANTINED) {
        group->text = copy(wn_slice_of(fault->text));
    }
    if (trace && trace->path.len > 0) {
        add_shape(group, trace->value);
    }
}

static void add_verdict(struct explain_file *file, const struct explained *explained)
{
    const struct wn_looked *looked = explained->looked;
    const struct wn_verdict *verdict = &looked->sighting->verdict;
    const struct wn_trace *culprit = explained->culprit;
    struct explain_group like = { .outcome = verdict->outcome,
                                  .reason = verdict->reason,
                                  .line = explained->filter_line };
    if (verdict->outcome == WN_PASSED) {
        assert(explained->type); // What has none does not pass.
        for (unsigned p = 0; p < explained->type->n_purposes; p++) {
            const char *reason;
            const struct wn_purpose *purpose = &explained->type->purposes[p];
            file->fates[purpose->number][explain_fate(looked->tally, purpose, &reason)]++;
        }
        return;
    }
    if (culprit) {
        like.line = culprit->line;
        like.field = culprit->field;
        like.path = culprit->path;
    } else if (explained->n_missing > 0) {
        like.line = explained->missing[0].line;
        like.path = explained->missing[0].name;
    }
    add_to_group(file, looked, &like, culprit);
}

/** Count what one entry did. */
static void add_trace(struct explain_file *file, const struct wn_looked *looked,
                      const struct wn_trace *trace)
{
    const uint64_t record = looked->number;
    struct explain_path *path = trace->path.len > 0 ? find_path(file, trace->path) : NULL;
    struct explain_entry *entry =
        trace->what == WN_TRACED_GAVE ? find_entry(file, trace->field, trace->line) : NULL;
    if (entry) {
        count(&entry->gave, record);
    }
    if (trace->what == WN_TRACED_UNMAPPED || trace->unknown) {
        const struct explain_group like = { .line = trace->line,
                                            .field = trace->field,
                                            .path = trace->path };
        add_to_group(file, looked, &like, trace);
    }
    if (!path) {
        return;
    }
    switch (trace->what) {
    case WN_TRACED_GAVE:
        count(&path->gave, record);
        break;
    case WN_TRACED_EMPTY:
        count(&path->empty, record);
        break;
    case WN_TRACED_UNMAPPED:
        count(&path->unmapped, record);
        break;
    case WN_TRACED_REFUSED:
        count(&path->refused, record);
        break;
    case WN_TRACED_BEHIND:
    case WN_TRACED_WHEN:
    case WN_TRACED_ABSENT:
    default:
        break;
    }
}

static void add_unwanted(void *context, const char *name, uint64_t n)
{
    wn_drift_restore(context, wn_slice_of(name), n);
}

bool explain_file_add(void *context, const struct wn_looked *looked)
{
    struct explain_file *file = context;
    const struct wn_decoded *decoded = looked->sighting->decoded;
    struct explained explained;

    explained_init(file->explain, looked, &explained);
    file->n++;
    file->outcomes[looked->sighting->verdict.outcome]++;
    if (explained.type) {
        file->typed[explained.type - file->explain->policy->types]++;
    }
    add_verdict(file, &explained);
    for (size_t i = 0; i < explained.n_traces; i++) {
        add_trace(file, looked, &explained.traces[i]);
    }
    for (size_t i = 0; i < file->n_paths && decoded && decoded->read; i++) {
        if (wn_source_found(decoded, &file->paths[i].use)) {
            count(&file->paths[i].found, looked->number);
        }
    }
    explained_each_unwanted(&explained, add_unwanted, file->unwanted);
    explained_deinit(&explained);
    return true;
}
