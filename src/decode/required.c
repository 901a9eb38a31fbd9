// SPDX-License-Identifier: Apache-2.0

#include "plan.h"
#include "winnow/trace.h"

static bool is_required_there(const struct wn_scope *scope, const struct wn_from *from)
{
    switch (from->what) {
    case WN_FROM_PATHS:
        return wn_taken_first(wn_scope_taken(scope, &from->paths[0])) != NULL;
    case WN_FROM_FIELD:
        return wn_scope_value(scope, from->slot) != NULL;
    case WN_FROM_NODE:
        return scope->decoded->record.node.len > 0;
    case WN_FROM_SUBSCRIBER:
        return scope->decoded->record.subscriber_kind != WN_KIND_NONE;
    case WN_FROM_NOTHING:
    default:
        return true;
    }
}

/** Name what is missing: a path or a field, which are the source's own words. */
static enum wn_code fail_missing(const struct wn_shape *shape, const struct wn_from *from,
                                 struct wn_error *err)
{
    switch (from->what) {
    case WN_FROM_PATHS:
        return wn_fail(err, WN_REJECT, "missing-field", "%.*s is required and absent",
                       (int)from->paths[0].text.len, from->paths[0].text.at);
    case WN_FROM_FIELD:
        return wn_fail(err, WN_REJECT, "missing-field", "field '%s' is required and absent",
                       shape->fields[from->slot].name);
    case WN_FROM_SUBSCRIBER:
        return wn_fail(err, WN_REJECT, "missing-subscriber",
                       "no entry of `subscriber` gives a value");
    case WN_FROM_NODE:
    case WN_FROM_NOTHING:
    default:
        return wn_fail(err, WN_REJECT, "missing-field", "the node is required and absent");
    }
}

/** Whether every item must have the slot, and this one has not. */
static bool item_lacks(const struct wn_record *record, unsigned item, unsigned slot)
{
    return !record->shape->items[slot].nullable && (record->items[item].present >> slot & 1) == 0;
}

/** Find an item without a value that every item must have. */
static enum wn_code require_items(const struct wn_record *record, struct wn_error *err)
{
    const struct wn_shape *shape = record->shape;
    for (unsigned i = 0; i < record->n_items; i++) {
        for (unsigned slot = 0; slot < shape->n_items; slot++) {
            if (item_lacks(record, i, slot)) {
                return wn_fail(err, WN_REJECT, "missing-field",
                               "usage, item %u: field '%s' is absent, and its type is not nullable",
                               i, shape->items[slot].name);
            }
        }
    }
    return WN_OK;
}

enum wn_code wn_source_required(const struct wn_decoded *decoded, struct wn_error *err)
{
    const struct wn_section_plan *plan = decoded->section->plan;
    const struct wn_record *record = &decoded->record;
    const struct wn_shape *shape = record->shape;
    const struct wn_scope scope = wn_scope_of(decoded);

    for (size_t i = 0; i < plan->n_required; i++) {
        if (!is_required_there(&scope, &plan->required[i])) {
            return fail_missing(shape, &plan->required[i], err);
        }
    }
    const uint64_t missing = shape->required & ~record->present;
    if (missing != 0) {
        return wn_fail(err, WN_REJECT, "missing-field",
                       "field '%s' is absent, and its type is not nullable",
                       shape->fields[__builtin_ctzll(missing)].name);
    }
    if ((record->present & plan->amounts) != 0 && (record->present & plan->currencies) == 0) {
        return wn_fail(err, WN_REJECT, "missing-field", "an amount without its currency");
    }
    if (require_items(record, err) != WN_OK) {
        return err->code;
    }
    if (shape->bound.subscriber < WN_SLOTS && record->subscriber_kind == WN_KIND_NONE) {
        return wn_fail(err, WN_REJECT, "missing-subscriber",
                       "no entry of `subscriber` gives a value");
    }
    return WN_OK;
}

/** What a name of `required` is called. */
static struct wn_slice name_of(const struct wn_shape *shape, const struct wn_from *from)
{
    switch (from->what) {
    case WN_FROM_PATHS:
        return from->paths[0].text;
    case WN_FROM_FIELD:
        return wn_slice_of(shape->fields[from->slot].name);
    case WN_FROM_SUBSCRIBER:
        return wn_slice_of("subscriber");
    case WN_FROM_NODE:
    case WN_FROM_NOTHING:
    default:
        return wn_slice_of("node");
    }
}

/** Tell which fields of items are missing, each once. */
static void each_missing_item(const struct wn_record *record, wn_missing_visit *visit,
                              void *context)
{
    for (unsigned slot = 0; slot < record->shape->n_items; slot++) {
        for (unsigned i = 0; i < record->n_items; i++) {
            if (item_lacks(record, i, slot)) {
                const struct wn_missing missing = {
                    .name = wn_slice_of(record->shape->items[slot].name), .of_item = true
                };
                visit(context, &missing);
                break;
            }
        }
    }
}

void wn_source_each_missing(const struct wn_decoded *decoded, wn_missing_visit *visit,
                            void *context)
{
    const struct wn_section_plan *plan = decoded->section->plan;
    const struct wn_record *record = &decoded->record;
    const struct wn_shape *shape = record->shape;
    const struct wn_scope scope = wn_scope_of(decoded);
    bool subscriber_said = false;

    for (size_t i = 0; i < plan->n_required; i++) {
        const struct wn_from *from = &plan->required[i];
        if (!is_required_there(&scope, from)) {
            const struct wn_missing missing = { .name = name_of(shape, from), .line = from->line };
            visit(context, &missing);
            subscriber_said = subscriber_said || from->what == WN_FROM_SUBSCRIBER;
        }
    }
    const uint64_t lacking = shape->required & ~record->present;
    for (uint8_t slot = 0; slot < shape->n_fields; slot++) {
        if ((lacking >> slot & 1) != 0) {
            const struct wn_missing missing = { .name = wn_slice_of(shape->fields[slot].name) };
            visit(context, &missing);
        }
    }
    if ((record->present & plan->amounts) != 0 && (record->present & plan->currencies) == 0) {
        const struct wn_missing missing = { .name = wn_slice_of("the amount's currency") };
        visit(context, &missing);
    }
    each_missing_item(record, visit, context);
    if (!subscriber_said && shape->bound.subscriber < WN_SLOTS &&
        record->subscriber_kind == WN_KIND_NONE) {
        const struct wn_missing missing = { .name = wn_slice_of("subscriber") };
        visit(context, &missing);
    }
}
