// SPDX-License-Identifier: Apache-2.0

/*
 * One entry of `fields` at a time: the first that gives a value fills its slot.
 *
 *     from ─ absent? ─ map │ conversion ─ high ─┐
 *                                               ├─ minus ─ slot
 *     value, or a total over the items ─────────┘
 *
 * Absent is no fault, unreadable is one, and a placeholder is absent: the next path is looked at,
 * then the next entry. That a number was withheld is remembered, whatever entry fills it later.
 */

#include <assert.h>

#include "plan.h"
#include "winnow/form.h"

enum {
    MINUTE_MS = 60000,
    OFFSET_MINUTES = 14 * 60, ///< No place is farther from UTC.
};

static bool is_among(struct wn_slice text, const struct wn_slice *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text.len == texts[i].len && (text.len == 0 || text.at[0] == texts[i].at[0]) &&
            wn_slice_same(text, texts[i])) {
            return true;
        }
    }
    return false;
}

static void count_drift(const struct wn_fill *fill, struct wn_slice name)
{
    if (fill->drift) {
        wn_drift_count(fill->drift, name);
    }
}

/** Look a text up in the map. @return its value, `else`, or NULL. */
static const struct wn_value *look_up(const struct wn_term *term, struct wn_slice text)
{
    for (size_t i = 0; i < term->n_map; i++) {
        if (wn_slice_same(term->map[i].text, text)) {
            return &term->map[i].value;
        }
    }
    return term->otherwise;
}

/** @return a text as a value that a format found. */
static struct wn_taken text_of(struct wn_slice text)
{
    return (struct wn_taken){ .state = WN_TAKEN_TEXT, .text = text };
}

/** Read a value by map or conversion; `name` is what drift is counted under. */
static enum wn_code convert(struct wn_fill *fill, const struct wn_term *term,
                            const struct wn_taken *taken, struct wn_slice name,
                            struct wn_read *ret_read, struct wn_error *err)
{
    const bool coded = !term->mapped && (term->forms >> taken->form & 1) != 0;
    struct wn_slice text = taken->text;
    if (taken->form != WN_FORM_TEXT && (!coded || term->n_absent > 0) &&
        wn_taken_text(taken, fill->arena, &text, err) != WN_OK) {
        return err->code;
    }
    if ((text.len == 0 && !coded) || is_among(text, term->absent, term->n_absent)) {
        return WN_OK;
    }
    if (term->mapped) {
        const struct wn_value *value = look_up(term, text);
        if (value) {
            ret_read->value = *value;
            ret_read->present = true;
        } else {
            count_drift(fill, name);
        }
        return WN_OK;
    }

    struct wn_converting how = {
        .plan = fill->plan, .arena = fill->arena, .kind = term->kind, .form = taken->form
    };
    struct wn_value value = { 0 };
    bool present = false;
    const enum wn_code rc = coded ? term->coded(&how, taken->text, &value, &present, err)
                                  : term->convert(&how, text, &value, &present, err);
    if (rc != WN_OK) {
        return err->code;
    }
    if (how.unknown) {
        count_drift(fill, name);
    }
    if (term->kind == WN_KIND_NUMBER) {
        ret_read->asked |= (value.marks & WN_MARK_WITHHELD) != 0;
        value.marks &= (uint8_t)~WN_MARK_WITHHELD; // Set once it is known whose number it is.
    }
    if (present) {
        ret_read->value = value;
        ret_read->present = true;
        ret_read->twice = how.ambiguous;
        ret_read->later = how.later_ms;
    }
    return WN_OK;
}

/** Join the upper 32 bits of a counter to its lower ones. */
static enum wn_code join_high(const struct wn_fill *fill, const struct wn_term *term,
                              struct wn_read *read, struct wn_error *err)
{
    const struct wn_taken *taken = NULL;
    uint64_t high = 0;
    for (unsigned i = 0; i < term->high.n_paths && !taken; i++) {
        taken = wn_taken_first(wn_scope_taken(&fill->scope, &term->high.paths[i]));
    }
    if (taken && (taken->state != WN_TAKEN_TEXT || !wn_slice_number(taken->text, &high) ||
                  high > INT32_MAX)) {
        return wn_fail(err, WN_REJECT, "bad-integer", "high: not a whole number of 31 bits");
    }
    if (!read->present) {
        return high == 0 ? WN_OK
                         : wn_fail(err, WN_REJECT, "bad-integer",
                                   "high: the upper half of a counter without its lower one");
    }
    if (read->value.number > (int64_t)UINT32_MAX) {
        return wn_fail(err, WN_REJECT, "bad-integer", "the lower half has more than 32 bits");
    }
    read->value.number |= (int64_t)(high << 32);
    return WN_OK;
}

/** Put the time of day behind a date, with a blank between. */
static struct wn_slice add_time(const struct wn_fill *fill, const struct wn_term *term,
                                struct wn_slice date)
{
    const struct wn_taken *taken = NULL;
    for (unsigned i = 0; i < term->time.n_paths && !taken; i++) {
        taken = wn_taken_first(wn_scope_taken(&fill->scope, &term->time.paths[i]));
    }
    if (!taken || taken->state != WN_TAKEN_TEXT) {
        return date; // No stamp: its conversion says so.
    }
    char *both = wn_arena_take(fill->arena, date.len + 1 + taken->text.len);
    memcpy(both, date.at, date.len);
    both[date.len] = ' ';
    memcpy(both + date.len + 1, taken->text.at, taken->text.len);
    return (struct wn_slice){ both, date.len + 1 + taken->text.len };
}

/** Read one path: the first of its values that is not absent. */
static enum wn_code read_path(struct wn_fill *fill, const struct wn_term *term,
                              const struct wn_plan_path *path, struct wn_read *ret_read,
                              struct wn_error *err)
{
    const struct wn_taken *taken = wn_scope_taken(&fill->scope, path);
    for (; taken && !ret_read->present; taken = taken->next) {
        if (taken->state == WN_TAKEN_COMPOSITE) {
            return wn_fail(err, WN_REJECT, term->reason,
                           "an object or a list, and one value is wanted");
        }
        if (taken->state != WN_TAKEN_TEXT) {
            continue;
        }
        const struct wn_taken both =
            term->time.n_paths > 0 ? text_of(add_time(fill, term, taken->text)) : *taken;
        if (convert(fill, term, &both, path->name, ret_read, err) != WN_OK) {
            return err->code;
        }
    }
    return WN_OK;
}

/** Read every path: the worst of their causes. */
static enum wn_code read_worst(struct wn_fill *fill, const struct wn_term *term,
                               struct wn_read *ret_read, struct wn_error *err)
{
    for (unsigned i = 0; i < term->from.n_paths; i++) {
        struct wn_read read = { 0 };
        if (read_path(fill, term, &term->from.paths[i], &read, err) != WN_OK) {
            return err->code;
        }
        if (read.present && ret_read->present) {
            const enum wn_cause worse = wn_cause_worse((enum wn_cause)ret_read->value.number,
                                                       (enum wn_cause)read.value.number);
            read = read.value.number == (int64_t)worse ? read : *ret_read;
        }
        *ret_read = read.present ? read : *ret_read;
    }
    return WN_OK;
}

static enum wn_code read_paths(struct wn_fill *fill, const struct wn_term *term,
                               struct wn_read *ret_read, struct wn_error *err)
{
    if (term->takes_worst) {
        return read_worst(fill, term, ret_read, err);
    }
    for (unsigned i = 0; i < term->from.n_paths && !ret_read->present; i++) {
        if (read_path(fill, term, &term->from.paths[i], ret_read, err) != WN_OK) {
            return err->code;
        }
    }
    if (ret_read->twice && term->near) {
        ret_read->twice = !wn_fill_choose(fill, term->near, ret_read);
    }
    return term->high.n_paths > 0 ? join_high(fill, term, ret_read, err) : WN_OK;
}

/** @return the text of a field's value, as conditions see it; a map may stand over a word or text.
 */
static struct wn_slice field_text(const struct wn_field *field, const struct wn_value *value)
{
    if (field->kind == WN_KIND_ENUM) {
        return wn_slice_of(field->symbols[value->number]);
    }
    if (field->kind == WN_KIND_FLAG) {
        return wn_slice_of(value->number ? "true" : "false");
    }
    if (field->kind == WN_KIND_CAUSE) {
        return wn_slice_of(wn_cause_name((enum wn_cause)value->number));
    }
    return value->text;
}

/** Take a field's value as it is; of an item's fields none stays open. */
static void read_value(const struct wn_fill *fill, uint8_t slot, const struct wn_value *value,
                       struct wn_read *ret_read)
{
    bool twice = (fill->twice >> slot & 1) != 0;
    *ret_read = (struct wn_read){
        .value = *value,
        .present = true,
        .twice = twice,
        .later = twice ? fill->later[slot] : 0,
    };
}

enum wn_code wn_fill_term(struct wn_fill *fill, const struct wn_term *term,
                          struct wn_read *ret_read, struct wn_error *err)
{
    const struct wn_value *value;
    struct wn_taken taken;

    *ret_read = (struct wn_read){ 0 };
    switch (term->from.what) {
    case WN_FROM_PATHS:
        return read_paths(fill, term, ret_read, err);
    case WN_FROM_NODE:
        taken = text_of(fill->scope.decoded->record.node);
        return convert(fill, term, &taken, wn_slice_of("node"), ret_read, err);
    case WN_FROM_FIELD:
        value = wn_scope_value(&fill->scope, term->from.slot);
        if (value && term->mapped) {
            taken = text_of(field_text(term->field, value));
            return convert(fill, term, &taken, wn_slice_of(term->field->name), ret_read, err);
        }
        if (value) {
            read_value(fill, term->from.slot, value, ret_read);
        }
        return WN_OK;
    case WN_FROM_NOTHING:
    case WN_FROM_SUBSCRIBER:
    default:
        assert(false); // The loader lets no such term through.
        return WN_OK;
    }
}

/** Subtract a number from another one, which becomes a value of this kind. */
static enum wn_code subtract(enum wn_kind kind, int64_t *number, int64_t minus,
                             struct wn_error *err)
{
    int64_t difference;
    if (__builtin_sub_overflow(*number, minus, &difference)) {
        return wn_fail(err, WN_REJECT, kind == WN_KIND_TIME ? "bad-time" : "bad-integer",
                       "minus: the difference has more than 63 bits");
    }
    if (kind == WN_KIND_OFFSET) { // To the nearest minute: stamps are cut to seconds.
        int64_t half = difference < 0 ? -MINUTE_MS / 2 : MINUTE_MS / 2;
        if (difference > (OFFSET_MINUTES + 1) * (int64_t)MINUTE_MS ||
            difference < -(OFFSET_MINUTES + 1) * (int64_t)MINUTE_MS) {
            return wn_fail(err, WN_REJECT, "bad-time", "more than 14 hours from UTC");
        }
        difference = (difference + half) / MINUTE_MS;
    }
    *number = difference;
    return WN_OK;
}

/** Read `from` and what is subtracted. */
static enum wn_code read_from(struct wn_fill *fill, const struct wn_entry *entry,
                              struct wn_read *ret_read, struct wn_error *err)
{
    struct wn_read minus;

    if (wn_fill_term(fill, &entry->term, ret_read, err) != WN_OK) {
        return err->code;
    }
    if (!ret_read->present || !entry->subtracts) {
        return WN_OK;
    }
    if (wn_fill_term(fill, &entry->minus, &minus, err) != WN_OK) {
        return wn_context(err, "minus");
    }
    if (!minus.present && entry->otherwise) {
        minus = (struct wn_read){ .value = *entry->otherwise, .present = true };
    }
    ret_read->present = minus.present;
    if (!minus.present) {
        return WN_OK;
    }
    const enum wn_kind kind = entry->field->kind;
    if (ret_read->twice || minus.twice) {
        ret_read->later = ret_read->twice ? ret_read->later : ret_read->value.number;
        ret_read->twice = true;
        if (subtract(kind, &ret_read->later, minus.twice ? minus.later : minus.value.number, err) !=
            WN_OK) {
            return err->code;
        }
    }
    return subtract(kind, &ret_read->value.number, minus.value.number, err);
}

/** Take one more item into a total. @return false where a sum overflows. */
static bool add_to_total(const struct wn_entry *entry, const struct wn_value *value,
                         struct wn_value *total, bool first)
{
    if (first) {
        *total = *value;
        return true;
    }
    switch (entry->what) {
    case WN_ENTRY_SUM:
        return !__builtin_add_overflow(total->number, value->number, &total->number);
    case WN_ENTRY_MIN:
        total->number = value->number < total->number ? value->number : total->number;
        return true;
    case WN_ENTRY_MAX:
        total->number = value->number > total->number ? value->number : total->number;
        return true;
    case WN_ENTRY_LAST:
        *total = *value;
        return true;
    case WN_ENTRY_ANY:
        total->number |= value->number;
        return true;
    case WN_ENTRY_FIRST:
    case WN_ENTRY_COUNT:
    case WN_ENTRY_FROM:
    case WN_ENTRY_VALUE:
    default:
        return true;
    }
}

/** A total over the items that have the value; absent where none has, but for a count. */
static enum wn_code total(const struct wn_fill *fill, const struct wn_entry *entry,
                          struct wn_read *ret_read, struct wn_error *err)
{
    const struct wn_record *record = &fill->scope.decoded->record;
    int64_t n = 0;
    for (unsigned i = 0; i < record->n_items; i++) {
        const struct wn_item *item = &record->items[i];
        if ((item->present >> entry->item & 1) == 0) {
            continue;
        }
        if (!add_to_total(entry, &item->values[entry->item], &ret_read->value, n == 0)) {
            return wn_fail(err, WN_REJECT, "bad-integer", "sum: more than 63 bits");
        }
        n++;
    }
    ret_read->present = n > 0;
    if (entry->what == WN_ENTRY_COUNT) {
        ret_read->value = (struct wn_value){ .number = n };
        ret_read->present = record->n_items > 0;
    }
    return WN_OK;
}

static enum wn_code read_entry(struct wn_fill *fill, const struct wn_entry *entry,
                               struct wn_read *ret_read, struct wn_error *err)
{
    switch (entry->what) {
    case WN_ENTRY_FROM:
        return read_from(fill, entry, ret_read, err);
    case WN_ENTRY_VALUE:
        *ret_read = (struct wn_read){ .value = entry->value, .present = true };
        return WN_OK;
    case WN_ENTRY_SUM:
    case WN_ENTRY_MIN:
    case WN_ENTRY_MAX:
    case WN_ENTRY_FIRST:
    case WN_ENTRY_LAST:
    case WN_ENTRY_COUNT:
    case WN_ENTRY_ANY:
    default:
        return total(fill, entry, ret_read, err);
    }
}

/** Remember what a slot's value is by the later instant. */
static void keep_later(struct wn_fill *fill, uint8_t slot, int64_t later)
{
    if (!fill->later) {
        fill->later = wn_arena_zeroed(fill->arena, WN_SLOTS, sizeof(*fill->later));
    }
    fill->later[slot] = later;
    fill->twice |= UINT64_C(1) << slot;
}

static enum wn_code fill_entry(struct wn_fill *fill, const struct wn_entry *entry,
                               struct wn_error *err)
{
    const uint64_t bit = UINT64_C(1) << entry->slot;
    struct wn_read read = { 0 };

    if (read_entry(fill, entry, &read, err) != WN_OK) {
        if (!entry->forgives) {
            return wn_context(err, "field '%s'", entry->field->name);
        }
        count_drift(fill, wn_slice_of(entry->field->name));
        read = (struct wn_read){ 0 };
    }
    if (read.asked || (entry->withheld && wn_scope_holds(&fill->scope, entry->withheld))) {
        fill->asked |= bit;
    }
    if (!read.present) {
        return WN_OK;
    }
    if (read.twice) {
        keep_later(fill, entry->slot, read.later);
    }
    fill->values[entry->slot] = read.value;
    fill->scope.given |= bit;
    return WN_OK;
}

enum wn_code wn_fill_entries(struct wn_fill *fill, const struct wn_entry *entries, size_t n,
                             struct wn_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct wn_entry *entry = &entries[i];
        if ((fill->scope.given >> entry->slot & 1) != 0 ||
            !wn_scope_holds(&fill->scope, entry->when)) {
            continue;
        }
        if (fill_entry(fill, entry, err) != WN_OK) {
            return err->code;
        }
    }
    return WN_OK;
}
