// SPDX-License-Identifier: Apache-2.0

/*
 * Conditions, applied. An absent value passes only `present: false`; a path with a star passes a
 * test where one of its values does. A value that is no scalar is present and passes no test.
 */

#include "plan.h"
#include "winnow/coded.h"
#include "winnow/form.h"

struct wn_scope wn_scope_of(const struct wn_decoded *decoded)
{
    return (struct wn_scope){
        .decoded = decoded,
        .fields = decoded->record.shape->fields,
        .values = decoded->record.values,
        .given = decoded->given,
    };
}

const struct wn_value *wn_scope_value(const struct wn_scope *scope, uint8_t slot)
{
    if (slot >= WN_SLOTS || (scope->given >> slot & 1) == 0) {
        return NULL;
    }
    if (!scope->item && (scope->decoded->hidden >> slot & 1) != 0) {
        return &scope->decoded->hidden_values[slot];
    }
    return &scope->values[slot];
}

const struct wn_taken *wn_scope_taken(const struct wn_scope *scope, const struct wn_plan_path *path)
{
    return path->of_item ? &scope->item[path->take] : &scope->decoded->taken.top[path->take];
}

const struct wn_taken *wn_taken_first(const struct wn_taken *taken)
{
    while (taken && taken->state == WN_TAKEN_ABSENT) {
        taken = taken->next;
    }
    return taken;
}

struct wn_slice wn_decoded_text(const struct wn_decoded *decoded, const struct wn_taken *taken)
{
    struct wn_slice text = { 0 };
    struct wn_error unused;
    if (taken->form == WN_FORM_TEXT) {
        return taken->text;
    }
    return wn_taken_text(taken, decoded->arena, &text, &unused) == WN_OK ? text
                                                                         : (struct wn_slice){ 0 };
}

/** @return the values of the first path that is present, or NULL. */
static const struct wn_taken *find(const struct wn_scope *scope, const struct wn_from *from)
{
    for (unsigned i = 0; i < from->n_paths; i++) {
        const struct wn_taken *first = wn_taken_first(wn_scope_taken(scope, &from->paths[i]));
        if (first) {
            return first;
        }
    }
    return NULL;
}

static bool contains(struct wn_slice text, struct wn_slice part)
{
    for (size_t i = 0; part.len <= text.len && i <= text.len - part.len; i++) {
        if (memcmp(text.at + i, part.at, part.len) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether a decimal text is above a number: `0.5` is above 0. */
static bool is_above(struct wn_slice text, int64_t number)
{
    const char *point = text.len > 0 ? memchr(text.at, '.', text.len) : NULL;
    struct wn_slice whole = { text.at, point ? (size_t)(point - text.at) : text.len };
    bool minus = wn_slice_starts(whole, "-");
    uint64_t size;
    bool more = false;

    if (!wn_slice_number(minus ? wn_slice_after(whole, 1) : whole, &size)) {
        return false;
    }
    for (size_t i = whole.len + 1; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        more |= text.at[i] != '0';
    }
    if (minus) { // A fraction makes it smaller, but never down to the next whole number.
        return number < 0 && size < (uint64_t)INT64_MAX && -(int64_t)size > number;
    }
    return number < 0 || size > (uint64_t)number || (size == (uint64_t)number && more);
}

static bool test_text(const struct wn_condition *condition, struct wn_slice text)
{
    if (text.len == 0) {
        return false;
    }
    if (condition->op == WN_WHEN_ABOVE) {
        return is_above(text, condition->numbers[0]);
    }
    for (size_t i = 0; i < condition->n; i++) {
        struct wn_slice wanted = condition->texts[i];
        struct wn_slice front = { text.at, wanted.len < text.len ? wanted.len : text.len };
        if (condition->op == WN_WHEN_IS       ? wn_slice_same(text, wanted)
            : condition->op == WN_WHEN_STARTS ? wn_slice_same(front, wanted)
                                              : contains(text, wanted)) {
            return true;
        }
    }
    return false;
}

static bool test_paths(const struct wn_scope *scope, const struct wn_condition *condition)
{
    const struct wn_taken *taken = find(scope, &condition->from);
    if (condition->op == WN_WHEN_PRESENT) {
        return (taken != NULL) == condition->wanted;
    }
    for (; taken; taken = taken->next) {
        if (condition->op == WN_WHEN_BIT) {
            if (taken->form == WN_FORM_BITS &&
                wn_bits_has(taken->text, (unsigned)condition->numbers[0])) {
                return true;
            }
        } else if (taken->state == WN_TAKEN_TEXT &&
                   test_text(condition, wn_decoded_text(scope->decoded, taken))) {
            return true;
        }
    }
    return false;
}

static bool test_number(const struct wn_condition *condition, int64_t number)
{
    if (condition->op == WN_WHEN_ABOVE) {
        return number > condition->numbers[0];
    }
    for (size_t i = 0; i < condition->n; i++) {
        if (condition->numbers[i] == number) {
            return true;
        }
    }
    return false;
}

static bool test_field(const struct wn_scope *scope, const struct wn_condition *condition)
{
    const struct wn_value *value = wn_scope_value(scope, condition->from.slot);
    if (condition->op == WN_WHEN_PRESENT) {
        return (value != NULL) == condition->wanted;
    }
    if (!value) {
        return false;
    }
    if (condition->op == WN_WHEN_WORD) {
        return value->number < WN_SLOTS && (condition->mask >> value->number & 1) != 0;
    }
    return condition->is_number ? test_number(condition, value->number)
                                : test_text(condition, value->text);
}

static bool test(const struct wn_scope *scope, const struct wn_condition *condition)
{
    struct wn_slice text;
    switch (condition->from.what) {
    case WN_FROM_PATHS:
        return test_paths(scope, condition);
    case WN_FROM_FIELD:
        return test_field(scope, condition);
    case WN_FROM_NODE:
        text = scope->decoded->record.node;
        break;
    case WN_FROM_SUBSCRIBER:
        text = scope->decoded->hidden_subscriber.len > 0 ? scope->decoded->hidden_subscriber
                                                         : scope->decoded->record.subscriber;
        break;
    case WN_FROM_NOTHING:
    default:
        return false;
    }
    return condition->op == WN_WHEN_PRESENT ? (text.len > 0) == condition->wanted
                                            : test_text(condition, text);
}

static bool is_zero(const struct wn_scope *scope, uint64_t slots)
{
    for (unsigned slot = 0; slot < WN_SLOTS; slot++) {
        const struct wn_value *value =
            (slots >> slot & 1) != 0 ? wn_scope_value(scope, (uint8_t)slot) : NULL;
        if (value && value->number != 0) {
            return false;
        }
    }
    return true;
}

static bool is_of_network(const struct wn_scope *scope, enum wn_network network)
{
    const struct wn_record *record = &scope->decoded->record;
    return record->subscriber_kind == WN_KIND_IMSI &&
           wn_site_network(scope->decoded->source->plan->reading.site, record->subscriber) ==
               network;
}

static bool is_of_kind(const struct wn_record_kind *kind, const struct wn_condition *condition)
{
    for (size_t i = 0; kind && i < condition->n; i++) {
        if (wn_slice_is(condition->texts[i], kind->name)) {
            return true;
        }
    }
    return false;
}

/** Whether all parts hold, or any of them. */
static bool holds_joined(const struct wn_scope *scope, const struct wn_condition *condition)
{
    bool any = condition->op == WN_WHEN_ANY;
    for (size_t i = 0; i < condition->n; i++) {
        if (wn_scope_holds(scope, &condition->parts[i]) == any) {
            return any;
        }
    }
    return !any;
}

bool wn_scope_holds(const struct wn_scope *scope, const struct wn_condition *condition)
{
    if (!condition) {
        return true;
    }
    switch (condition->op) {
    case WN_WHEN_ALL:
    case WN_WHEN_ANY:
        return holds_joined(scope, condition);
    case WN_WHEN_NOT:
        return !wn_scope_holds(scope, condition->parts);
    case WN_WHEN_ZERO:
        return is_zero(scope, condition->mask);
    case WN_WHEN_RECORD:
        return is_of_kind(scope->decoded->taken.kind, condition);
    case WN_WHEN_NETWORK:
        return is_of_network(scope, condition->network);
    case WN_WHEN_PRESENT:
    case WN_WHEN_IS:
    case WN_WHEN_STARTS:
    case WN_WHEN_CONTAINS:
    case WN_WHEN_ABOVE:
    case WN_WHEN_BIT:
    case WN_WHEN_NUMBER:
    case WN_WHEN_WORD:
    default:
        return test(scope, condition);
    }
}

bool wn_condition_holds(const struct wn_condition *condition, const struct wn_decoded *decoded)
{
    struct wn_scope scope = wn_scope_of(decoded);
    return wn_scope_holds(&scope, condition);
}
