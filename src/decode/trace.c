// SPDX-License-Identifier: Apache-2.0

/*
 * A record is filled once more, one entry at a time:
 *
 *     probe   each path of the entry by itself: which is there, which gives, which is refused
 *     apply   the entry, as fill.c does: its word is final, the probes only say where to look
 *     tell
 *
 * The second filling works on a copy of the decoded record and in an arena of its own, which is
 * wiped. wn_taken_set is shared: filling only reads it.
 */

#include <assert.h>
#include <stdlib.h>

#include "plan.h"
#include "winnow/memory.h"
#include "winnow/trace.h"

struct replay {
    wn_trace_visit *visit;
    void *context;
    struct wn_arena arena;
    struct wn_drift *drift; ///< Of one probe.
    struct wn_decoded decoded;
    struct wn_section_plan one; ///< The section's plan with one entry of `subscriber`.
    bool refused;
};

/** What is at the paths of a term. */
struct probe {
    enum wn_traced what;
    struct wn_slice path, value;
    bool unknown;
};

static void add_count(void *context, const char *name, uint64_t count)
{
    (void)name;
    *(uint64_t *)context += count;
}

/** Read one path of a term by itself. */
static struct probe probe_path(struct replay *replay, const struct wn_fill *fill,
                               const struct wn_term *term, const struct wn_plan_path *path)
{
    const struct wn_taken *taken = wn_taken_first(wn_scope_taken(&fill->scope, path));
    struct probe probe = { .what = WN_TRACED_ABSENT, .path = path->text };
    if (!taken) {
        return probe;
    }
    struct wn_fill once = *fill;
    struct wn_term alone = *term;
    struct wn_read read;
    struct wn_error err;
    uint64_t counted = 0;
    once.drift = replay->drift;
    alone.from.paths = path;
    alone.from.n_paths = 1;
    alone.high = (struct wn_from){ 0 };
    wn_drift_clear(replay->drift);
    probe.value = taken->text;
    if (wn_fill_term(&once, &alone, &read, &err) != WN_OK) {
        probe.what = WN_TRACED_REFUSED;
        return probe;
    }
    wn_drift_each(replay->drift, add_count, &counted);
    probe.unknown = read.present && counted > 0;
    probe.what = read.present ? WN_TRACED_GAVE : counted > 0 ? WN_TRACED_UNMAPPED : WN_TRACED_EMPTY;
    return probe;
}

/** Read the paths of a term in order, to the first that decides. */
static struct probe probe_term(struct replay *replay, const struct wn_fill *fill,
                               const struct wn_term *term)
{
    struct probe best = { .what = WN_TRACED_ABSENT };
    if (term->from.what == WN_FROM_FIELD) {
        best.what =
            wn_scope_value(&fill->scope, term->from.slot) ? WN_TRACED_GAVE : WN_TRACED_ABSENT;
        return best;
    }
    for (unsigned i = 0; term->from.what == WN_FROM_PATHS && i < term->from.n_paths; i++) {
        struct probe probe = probe_path(replay, fill, term, &term->from.paths[i]);
        if (probe.what == WN_TRACED_GAVE || probe.what == WN_TRACED_REFUSED) {
            return probe;
        }
        if (probe.what != WN_TRACED_ABSENT && best.what == WN_TRACED_ABSENT) {
            best = probe;
        }
    }
    return best;
}

static void set_from(struct wn_trace *trace, const struct wn_entry *entry)
{
    switch (entry->what) {
    case WN_ENTRY_FROM:
        trace->from = entry->term.from.what == WN_FROM_PATHS ? WN_TRACE_PATH : WN_TRACE_FIELD;
        trace->name = entry->term.from.what == WN_FROM_FIELD ? entry->term.field->name : "node";
        break;
    case WN_ENTRY_VALUE:
        trace->from = WN_TRACE_CONSTANT;
        break;
    case WN_ENTRY_SUM:
    case WN_ENTRY_MIN:
    case WN_ENTRY_MAX:
    case WN_ENTRY_FIRST:
    case WN_ENTRY_LAST:
    case WN_ENTRY_COUNT:
    case WN_ENTRY_ANY:
    default:
        trace->from = WN_TRACE_TOTAL;
        break;
    }
}

static void put_probe(struct wn_trace *trace, const struct probe *probe)
{
    trace->path = probe->path;
    trace->value = probe->value;
    trace->unknown = probe->unknown;
}

/** Apply an entry that is read, and say what it did. */
static void apply(struct replay *replay, struct wn_fill *fill, const struct wn_entry *entry,
                  struct wn_trace *trace)
{
    const bool reads = entry->what == WN_ENTRY_FROM;
    struct probe probe = { .what = WN_TRACED_ABSENT };
    struct probe minus = { .what = WN_TRACED_ABSENT };
    struct wn_error err;

    if (reads) {
        probe = probe_term(replay, fill, &entry->term);
    }
    if (reads && entry->subtracts && probe.what == WN_TRACED_GAVE) {
        minus = probe_term(replay, fill, &entry->minus);
    }
    const bool refused = wn_fill_entries(fill, entry, 1, &err) != WN_OK;
    const bool gave = (fill->scope.given >> entry->slot & 1) != 0;
    const bool by_minus = reads && entry->subtracts && probe.what == WN_TRACED_GAVE && !gave &&
                          (!refused || minus.what == WN_TRACED_REFUSED);
    put_probe(trace, by_minus ? &minus : &probe);
    trace->what = by_minus ? minus.what : probe.what;
    if (refused) {
        trace->what = WN_TRACED_REFUSED;
        trace->reason = err.reason;
        replay->refused = true;
    } else if (gave) {
        trace->what = WN_TRACED_GAVE;
    } else if (trace->what == WN_TRACED_GAVE || trace->what == WN_TRACED_REFUSED) {
        trace->what = WN_TRACED_ABSENT; // The other half of it is.
    }
}

static void replay_entries(struct replay *replay, struct wn_fill *fill,
                           const struct wn_entry *entries, size_t n, const struct wn_trace *like)
{
    for (size_t i = 0; i < n && !replay->refused; i++) {
        const struct wn_entry *entry = &entries[i];
        struct wn_trace trace = *like;
        trace.field = entry->field->name;
        trace.slot = entry->slot;
        trace.line = entry->line;
        set_from(&trace, entry);
        if ((fill->scope.given >> entry->slot & 1) != 0) {
            trace.what = WN_TRACED_BEHIND;
        } else if (!wn_scope_holds(&fill->scope, entry->when)) {
            trace.what = WN_TRACED_WHEN;
        } else {
            apply(replay, fill, entry, &trace);
        }
        replay->visit(replay->context, &trace);
    }
}

static void replay_node(struct replay *replay, struct wn_fill *fill)
{
    const struct wn_source_plan *plan = fill->plan;
    struct wn_record *record = &replay->decoded.record;
    struct wn_trace trace = { .field = "node", .slot = WN_NO_SLOT, .line = plan->node_line };
    struct wn_error err;

    record->node = (struct wn_slice){ 0 };
    replay->refused = wn_fill_node(fill, record, &err) != WN_OK;
    trace.reason = replay->refused ? err.reason : NULL;
    trace.what = replay->refused         ? WN_TRACED_REFUSED
                 : record->node.len == 0 ? WN_TRACED_ABSENT
                                         : WN_TRACED_GAVE;
    for (unsigned i = 0; i < plan->node.from.n_paths && trace.path.len == 0; i++) {
        const struct wn_plan_path *path = &plan->node.from.paths[i];
        const struct wn_taken *taken = wn_taken_first(wn_scope_taken(&fill->scope, path));
        if (taken) {
            trace.path = path->text;
            trace.value = taken->text;
        }
    }
    if (trace.path.len == 0 && record->node.len > 0) {
        trace.from = WN_TRACE_CONSTANT;
    }
    replay->visit(replay->context, &trace);
}

static void replay_items(struct replay *replay, const struct wn_fill *fill)
{
    const struct wn_section_plan *plan = fill->section;
    const struct wn_taken_set *taken = &replay->decoded.taken;
    struct wn_value values[WN_ITEM_SLOTS];
    for (unsigned i = 0; plan->n_items > 0 && i < taken->n_items && i < WN_ITEMS; i++) {
        struct wn_fill inner = wn_fill_begin_item(fill, i, values);
        const struct wn_trace like = { .of_item = true, .item = i };
        replay_entries(replay, &inner, plan->items, plan->n_items, &like);
    }
}

/** @return the field that an entry takes the subscriber from, by the record's direction or not. */
static const char *whose_field(const struct wn_fill *fill, const struct wn_whose *whose)
{
    const struct wn_shape *shape = fill->scope.decoded->record.shape;
    if (!whose->by_direction) {
        return whose->term.from.what == WN_FROM_FIELD ? whose->term.field->name : "node";
    }
    const struct wn_value *direction = wn_scope_value(&fill->scope, shape->bound.direction);
    const uint8_t slot = direction ? whose->by[direction->number] : WN_NO_SLOT;
    return slot == WN_NO_SLOT ? "of no direction" : shape->fields[slot].name;
}

/** Read one entry of `subscriber`. */
static void replay_whose(struct replay *replay, const struct wn_fill *fill,
                         const struct wn_whose *whose, struct wn_trace *trace)
{
    struct wn_record *record = &replay->decoded.record;
    struct wn_buffer scratch = { 0 };
    struct wn_error err;
    struct wn_fill once = *fill;

    replay->one.subscriber = whose;
    replay->one.n_subscriber = 1;
    once.section = &replay->one;
    if (whose->by_direction || whose->term.from.what != WN_FROM_PATHS) {
        trace->from = WN_TRACE_FIELD;
        trace->name = whose_field(fill, whose);
        trace->what = WN_TRACED_ABSENT;
    } else {
        struct probe probe = probe_term(replay, fill, &whose->term);
        put_probe(trace, &probe);
        trace->what = probe.what == WN_TRACED_GAVE ? WN_TRACED_EMPTY : probe.what;
    }
    if (wn_fill_subscriber(&once, record, &scratch, &err) != WN_OK) {
        trace->what = WN_TRACED_REFUSED;
        trace->reason = err.reason;
        replay->refused = true;
    } else if (record->subscriber_kind != WN_KIND_NONE) {
        trace->what = WN_TRACED_GAVE;
    }
    wn_buffer_wipe(&scratch);
    wn_buffer_deinit(&scratch);
}

static void replay_subscriber(struct replay *replay, const struct wn_fill *fill)
{
    const struct wn_section_plan *plan = fill->section;
    replay->one = *plan;
    replay->decoded.record.subscriber_kind = WN_KIND_NONE;
    for (size_t i = 0; i < plan->n_subscriber && !replay->refused; i++) {
        const struct wn_whose *whose = &plan->subscriber[i];
        struct wn_trace trace = { .field = "subscriber", .slot = WN_NO_SLOT, .line = whose->line };
        if (replay->decoded.record.subscriber_kind != WN_KIND_NONE) {
            trace.what = WN_TRACED_BEHIND;
        } else if (!wn_scope_holds(&fill->scope, whose->when)) {
            trace.what = WN_TRACED_WHEN;
        } else {
            replay_whose(replay, fill, whose, &trace);
        }
        replay->visit(replay->context, &trace);
    }
}

void wn_source_trace(const struct wn_decoded *decoded, wn_trace_visit *visit, void *context)
{
    if (!decoded->read) {
        return;
    }
    struct replay *replay = wn_take(1, sizeof(*replay));
    replay->visit = visit;
    replay->context = context;
    replay->drift = wn_drift_open();
    replay->decoded = *decoded;
    replay->decoded.given = 0;
    replay->decoded.hidden = 0; // Numbers are withheld when all is filled.
    struct wn_fill fill = wn_fill_begin(&replay->decoded, &replay->arena, NULL);

    replay_node(replay, &fill);
    if (!replay->refused && fill.section) {
        replay_items(replay, &fill);
        replay_entries(replay, &fill, fill.section->fields, fill.section->n_fields,
                       &(const struct wn_trace){ 0 });
    }
    if (!replay->refused && fill.section) {
        replay_subscriber(replay, &fill);
    }
    wn_arena_deinit(&replay->arena);
    wn_drift_close(replay->drift);
    explicit_bzero(replay, sizeof(*replay));
    free(replay);
}
