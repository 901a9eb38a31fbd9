// SPDX-License-Identifier: Apache-2.0

/*
 * What lists take out of a record. It is done here, once, before anything of a record is output:
 * behind this a helpline's digits are nowhere in the record, so no transform, pseudonym or purpose
 * can give them away, whatever a policy says.
 */

#include "winnow/judge.h"

/** Whether it names something of the network, not a customer. */
static bool is_label(enum wn_kind kind)
{
    return kind == WN_KIND_TOKEN || kind == WN_KIND_APN;
}

/** Whether a text of this kind may hold a number. */
static bool may_hold(enum wn_kind kind)
{
    return is_label(kind) || kind == WN_KIND_ACCOUNT || kind == WN_KIND_NAI ||
           kind == WN_KIND_EMAIL || kind == WN_KIND_ID;
}

bool wn_lists_too_old(const struct wn_lists *lists, const struct wn_limits *limits)
{
    return lists->limit_ms > 0 && limits->now_ms != INT64_MIN &&
           limits->now_ms - lists->changed_ms > lists->limit_ms;
}

/** What becomes of one value. */
struct finding {
    bool masked;
    const struct wn_helpline *row; ///< NULL: masked because the list is too old.
    bool absent;                   ///< Nothing is to stand there.
    struct wn_value shown;
};

static struct finding look_at(const struct wn_lists *lists, bool too_old,
                              const struct wn_field *field, const struct wn_value *value)
{
    struct finding finding = { .masked = false };
    if (value->text.len == 0) {
        return finding;
    }
    if (field->kind == WN_KIND_NUMBER) {
        finding.row = wn_helplines_find(lists->helplines, value, lists->site);
        finding.masked = finding.row || too_old;
        if (finding.masked) {
            finding.shown = wn_helplines_mask(finding.row, value, lists->site);
        }
    } else if (may_hold(field->kind)) {
        finding.row = is_label(field->kind)
                          ? wn_helplines_find_label(lists->helplines, value->text, lists->site)
                          : wn_helplines_find_in(lists->helplines, value->text);
        finding.masked = finding.row != NULL;
        finding.absent = field->nullable;
        if (finding.masked && !finding.absent) {
            finding.shown.text = wn_slice_of(wn_number_class_name(finding.row->class));
        }
    }
    return finding;
}

static void apply_to_items(const struct wn_lists *lists, bool too_old, struct wn_record *record)
{
    const struct wn_shape *shape = record->shape;
    for (unsigned slot = 0; slot < shape->n_items; slot++) {
        const struct wn_field *field = &shape->items[slot];
        if (field->kind != WN_KIND_NUMBER && !may_hold(field->kind)) {
            continue;
        }
        for (unsigned i = 0; i < record->n_items; i++) {
            struct wn_item *item = &record->items[i];
            if ((item->present >> slot & 1) == 0) {
                continue;
            }
            const struct finding finding = look_at(lists, too_old, field, &item->values[slot]);
            if (finding.masked && finding.absent) {
                item->present &= ~(UINT32_C(1) << slot);
            } else if (finding.masked) {
                item->values[slot] = finding.shown;
            }
        }
    }
}

/** The subscriber: a number's canonical form is its digits, or `class:digits`. */
static void apply_to_subscriber(const struct wn_lists *lists, struct wn_decoded *decoded)
{
    struct wn_record *record = &decoded->record;
    const struct wn_helpline *row = NULL;
    if (record->subscriber.len == 0) {
        return;
    }
    if (record->subscriber_kind == WN_KIND_NUMBER) {
        const char *colon = memchr(record->subscriber.at, ':', record->subscriber.len);
        const size_t skip = colon ? (size_t)(colon - record->subscriber.at) + 1 : 0;
        const struct wn_value value = { .text = wn_slice_after(record->subscriber, skip),
                                        .class = WN_NUMBER_UNKNOWN,
                                        .marks = skip > 0 ? 0 : WN_MARK_E164 };
        row = wn_helplines_find(lists->helplines, &value, lists->site);
    } else if (may_hold(record->subscriber_kind)) {
        row = wn_helplines_find_in(lists->helplines, record->subscriber);
    }
    if (row) {
        struct wn_buffer shown = { 0 };
        wn_buffer_format(&shown, "%s:", wn_number_class_name(row->class));
        wn_decoded_hide_subscriber(decoded, wn_arena_copy(decoded->arena, wn_buffer_slice(&shown)));
        wn_buffer_deinit(&shown);
    }
}

enum wn_reason wn_lists_apply(const struct wn_lists *lists, const struct wn_limits *limits,
                              struct wn_decoded *decoded, bool *ret_too_old)
{
    struct wn_record *record = &decoded->record;
    const struct wn_shape *shape = record->shape;
    const bool too_old = wn_lists_too_old(lists, limits);

    *ret_too_old = too_old;
    for (uint8_t slot = 0; slot < shape->n_fields; slot++) {
        if (!wn_record_has(record, slot)) {
            continue;
        }
        const struct finding finding =
            look_at(lists, too_old, &shape->fields[slot], &record->values[slot]);
        if (!finding.masked) {
            continue;
        }
        if (lists->filters_free && slot == shape->bound.called && finding.row &&
            finding.row->free) {
            return WN_REASON_HELPLINE;
        }
        wn_decoded_hide(decoded, slot, finding.absent ? NULL : &finding.shown);
    }
    if (record->n_items > 0) {
        apply_to_items(lists, too_old, record);
    }
    apply_to_subscriber(lists, decoded);
    return WN_REASON_NONE;
}

void wn_destination(const struct wn_lists *lists, struct wn_decoded *decoded)
{
    struct wn_record *record = &decoded->record;
    const uint8_t slot = record->shape->bound.destination_network;
    const uint8_t called = record->shape->bound.called;
    if (!lists->portability || slot == WN_NO_SLOT || wn_record_has(record, slot) ||
        !wn_record_has(record, called) ||
        (record->values[called].marks & (WN_MARK_E164 | WN_MARK_SHIELDED | WN_MARK_WITHHELD)) !=
            WN_MARK_E164) {
        return;
    }
    const struct wn_slice network =
        wn_portability_find(lists->portability, record->values[called].text,
                            record->values[record->shape->bound.start].number);
    if (network.len > 0) {
        record->values[slot] = (struct wn_value){ .text = network };
        record->present |= UINT64_C(1) << slot;
    }
}
