// SPDX-License-Identifier: Apache-2.0

/*
 * What a record gets when its fields are filled: the subscriber, the defaults, and what a caller's
 * wish to be withheld leaves of the numbers.
 */

#include "plan.h"

/** Whether a value can be the subscriber; text that stands for nobody can't. */
static bool is_somebody(enum wn_kind kind, const struct wn_value *value)
{
    return value->text.len > 0 &&
           (kind != WN_KIND_NUMBER || !wn_number_is_nobodys((enum wn_number_class)value->class));
}

/** Read one entry of `subscriber`. */
static enum wn_code read_whose(struct wn_fill *fill, const struct wn_whose *whose,
                               struct wn_read *ret_read, struct wn_error *err)
{
    const struct wn_shape *shape = fill->scope.decoded->record.shape;

    if (!whose->by_direction) {
        return wn_fill_term(fill, &whose->term, ret_read, err);
    }
    const struct wn_value *direction = wn_scope_value(&fill->scope, shape->bound.direction);
    uint8_t slot = direction ? whose->by[direction->number] : WN_NO_SLOT;
    const struct wn_value *value = wn_scope_value(&fill->scope, slot);
    if (value) {
        *ret_read = (struct wn_read){ .value = *value, .present = true };
    }
    return WN_OK;
}

/** Keep a subscriber's canonical form in the record. */
static void keep_subscriber(struct wn_fill *fill, struct wn_record *record, enum wn_kind kind,
                            const struct wn_value *value, struct wn_buffer *scratch)
{
    uint8_t slot = record->shape->bound.subscriber;

    scratch->len = 0;
    wn_kind_canonical(kind, value, NULL, scratch);
    record->subscriber_kind = kind;
    record->subscriber = wn_arena_copy(fill->arena, wn_buffer_slice(scratch));
    wn_buffer_wipe(scratch);
    if (slot < WN_SLOTS) {
        record->values[slot] =
            (struct wn_value){ .text = record->subscriber, .class = (uint8_t)kind };
        record->present |= UINT64_C(1) << slot;
    }
}

enum wn_code wn_fill_subscriber(struct wn_fill *fill, struct wn_record *record,
                                struct wn_buffer *scratch, struct wn_error *err)
{
    for (size_t i = 0; i < fill->section->n_subscriber; i++) {
        const struct wn_whose *whose = &fill->section->subscriber[i];
        struct wn_read read = { 0 };

        if (!wn_scope_holds(&fill->scope, whose->when)) {
            continue;
        }
        if (read_whose(fill, whose, &read, err) != WN_OK) {
            return wn_context(err, "subscriber");
        }
        if (read.present && is_somebody(whose->kind, &read.value)) {
            keep_subscriber(fill, record, whose->kind, &read.value, scratch);
            return WN_OK;
        }
    }
    return WN_OK;
}

/** Fill a slot that has no value. */
static void fill_default(struct wn_record *record, uint8_t slot, int64_t number)
{
    if (slot < WN_SLOTS && !wn_record_has(record, slot)) {
        record->values[slot] = (struct wn_value){ .number = number };
        record->present |= UINT64_C(1) << slot;
    }
}

static void set_flag(struct wn_record *record, int flag)
{
    if (flag != WN_PLAN_NO_WORD) {
        record->flags |= UINT32_C(1) << flag;
    }
}

static void fill_defaults(const struct wn_fill *fill, struct wn_record *record)
{
    const struct wn_section_plan *plan = fill->section;
    const struct wn_zone *zone = fill->plan->zone;
    const struct wn_shape *shape = record->shape;

    fill_default(record, shape->bound.final, 1);
    fill_default(record, shape->bound.incomplete, 0);
    fill_default(record, shape->bound.cause, WN_CAUSE_UNKNOWN);
    if (plan->words.direction_unknown != WN_PLAN_NO_WORD) {
        fill_default(record, shape->bound.direction, plan->words.direction_unknown);
    }
    if (plan->words.sms != WN_PLAN_NO_WORD && wn_record_has(record, shape->bound.service) &&
        record->values[shape->bound.service].number == plan->words.sms) {
        fill_default(record, shape->bound.duration, 0);
    }
    if (zone && shape->bound.utc_offset < WN_SLOTS &&
        !wn_record_has(record, shape->bound.utc_offset) &&
        wn_record_has(record, shape->bound.start)) {
        int64_t start = record->values[shape->bound.start].number;
        fill_default(record, shape->bound.utc_offset, wn_zone_offset_s(zone, start) / 60);
        set_flag(record, plan->words.node_zone);
    }
}

/** Served by a network that is none of the site's own. */
static void mark_roaming(const struct wn_fill *fill, struct wn_record *record)
{
    const uint8_t slot = record->shape->bound.visited_network;
    if (wn_record_has(record, slot) &&
        wn_site_is_foreign_network(fill->plan->reading.site, record->values[slot].text)) {
        set_flag(record, fill->section->words.roaming);
    }
}

/** Whether a record's direction is this word of its list. */
static bool is_direction(const struct wn_record *record, int word)
{
    uint8_t slot = record->shape->bound.direction;
    return word != WN_PLAN_NO_WORD && wn_record_has(record, slot) &&
           record->values[slot].number == word;
}

void wn_decoded_hide(struct wn_decoded *decoded, uint8_t slot, const struct wn_value *shown)
{
    struct wn_record *record = &decoded->record;
    if (!decoded->hidden_values) {
        decoded->hidden_values =
            wn_arena_zeroed(decoded->arena, record->shape->n_fields, sizeof(struct wn_value));
    }
    if ((decoded->hidden >> slot & 1) == 0) { // Else keys see what was hidden first.
        decoded->hidden_values[slot] = record->values[slot];
        decoded->hidden |= UINT64_C(1) << slot;
    }
    if (shown) {
        record->values[slot] = *shown;
    } else {
        record->present &= ~(UINT64_C(1) << slot);
    }
}

void wn_decoded_hide_subscriber(struct wn_decoded *decoded, struct wn_slice shown)
{
    struct wn_record *record = &decoded->record;
    uint8_t slot = record->shape->bound.subscriber;
    if (decoded->hidden_subscriber.len == 0) {
        decoded->hidden_subscriber = record->subscriber;
    }
    record->subscriber = shown;
    if (wn_record_has(record, slot)) {
        record->values[slot].text = shown;
    }
}

/** Numbers whose withholding was asked for: marked, and kept on originating records only. */
static void withhold(struct wn_fill *fill, struct wn_decoded *decoded)
{
    struct wn_record *record = &decoded->record;
    bool keep = is_direction(record, fill->section->words.originating);

    for (uint64_t left = record->shape->numbers; left != 0; left &= left - 1) {
        const uint8_t slot = (uint8_t)__builtin_ctzll(left);
        bool asked = (fill->asked >> slot & 1) != 0;
        if (!wn_record_has(record, slot)) {
            if (asked) { // A placeholder: nothing to keep, and the wish is known.
                record->values[slot] =
                    (struct wn_value){ .class = WN_NUMBER_WITHHELD, .marks = WN_MARK_WITHHELD };
                record->present |= UINT64_C(1) << slot;
            }
            continue;
        }
        if (asked) {
            record->values[slot].marks |= WN_MARK_WITHHELD;
        }
        if ((record->values[slot].marks & WN_MARK_WITHHELD) != 0 && !keep) {
            static const struct wn_value withheld = { .class = WN_NUMBER_WITHHELD,
                                                      .marks = WN_MARK_WITHHELD };
            wn_decoded_hide(decoded, slot, &withheld);
        }
    }
}

/** The other party's number, as it stands in the record by now. */
static void fill_other(const struct wn_section_plan *plan, struct wn_record *record)
{
    const struct wn_shape *shape = record->shape;
    uint8_t from =
        is_direction(record, plan->words.terminating) ? shape->bound.calling : shape->bound.called;
    if (shape->bound.other < WN_SLOTS && wn_record_has(record, from)) {
        record->values[shape->bound.other] = record->values[from];
        record->present |= UINT64_C(1) << shape->bound.other;
    }
}

void wn_fill_finish(struct wn_fill *fill, struct wn_decoded *decoded)
{
    struct wn_record *record = &decoded->record;
    if (fill->ambiguous || fill->twice != 0) {
        set_flag(record, fill->section->words.ambiguous_time);
    }
    fill_defaults(fill, record);
    mark_roaming(fill, record);
    withhold(fill, decoded);
    fill_other(fill->section, record);
}
