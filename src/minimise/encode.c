// SPDX-License-Identifier: Apache-2.0

/*
 * One record for one purpose, as Avro binary, in one pass over the purpose's program.
 *
 * Avro binary is the values of the derived schema's fields one behind the other. The policy's
 * loader made one step of each (policy/compile.c), so the steps are the whole program: for each
 * the union's branch where it may be null, then what the transform leaves of the slot's value.
 * Slots that no step names are not looked at.
 *
 * What costs is not the octets but finding out what to do. So a step is four octets that say all,
 * there is one switch, and what is most common is written in place; what calls, or needs the wide
 * output, is kept out of the loop (COLD), which then keeps its registers.
 *
 * `at` is where the next octet goes; every function takes it and returns it moved on, so that it
 * stays in a register. Room for all that is not text is made once (ROOM for each value); a text
 * makes room for itself and for the rest again.
 */

#include <assert.h>

#include "minimiser.h"
#include "transform.h"
#include "winnow/number.h"
#include "write.h"

enum {
    ROOM = 64, ///< For any value but text and flags, and for the lengths around a text.
    SOME = 2,  ///< Branch 1 of a union, zig-zag.
    NONE = 0,  ///< Branch 0: null.
};

#define COLD __attribute__((noinline))

/** What one call needs at hand. */
struct encoding {
    struct wn_minimiser *minimiser;
    const struct wn_purpose *purpose;
    const struct wn_record *record;
    const struct wn_ready *ready;
    bool key_missing; ///< A pseudonym could not be made.
    size_t room;      ///< For all values but text.
    struct wn_buffer *out;
    const uint8_t *end; ///< Of the room in `out`.
};

/** A program and what it runs over: the record's slots, or an item's. */
struct group {
    const struct wn_plan_step *steps;
    const struct wn_output *outputs; ///< One each.
    unsigned n;
    uint64_t present;
    const struct wn_value *values;
};

static inline const struct wn_output *output_of(const struct group *group,
                                                const struct wn_plan_step *step)
{
    return &group->outputs[step - group->steps];
}

/** Make room for `more` octets and the rest. @return where `at` is now. */
COLD static uint8_t *grow(struct encoding *encoding, const uint8_t *at, size_t more)
{
    struct wn_buffer *out = encoding->out;
    out->len = (size_t)(at - out->at);
    uint8_t *moved = wn_buffer_room(out, more + encoding->room);
    encoding->end = out->at + out->capacity;
    return moved;
}

static inline uint8_t *make_room(struct encoding *encoding, uint8_t *at, size_t more)
{
    const bool short_of = (size_t)(encoding->end - at) < more + encoding->room;
    return __builtin_expect(short_of, 0) ? grow(encoding, at, more) : at;
}

/** The union's branch of a value that is there; without a branch in the code. */
static inline uint8_t *put_some(uint8_t *at, const struct wn_plan_step *step)
{
    *at = SOME;
    return at + step->nullable;
}

static inline uint8_t *put_none(uint8_t *at, const struct wn_plan_step *step)
{
    assert(step->nullable);
    *at++ = NONE;
    return at;
}

static inline uint8_t *put_long(uint8_t *at, const struct wn_plan_step *step,
                                const struct wn_value *value)
{
    return value ? wn_put_long(put_some(at, step), value->number) : put_none(at, step);
}

/** Where a flag is absent and null can't say it, it is false. */
static inline uint8_t *put_flag(uint8_t *at, const struct wn_plan_step *step,
                                const struct wn_value *value, bool flag)
{
    if (!value && step->nullable) {
        return put_none(at, step);
    }
    at = put_some(at, step);
    *at++ = flag ? 1 : 0;
    return at;
}

/** Where a number is absent and null can't say it, it is withheld. */
static inline uint8_t *put_class(uint8_t *at, const struct wn_plan_step *step,
                                 const struct wn_value *value)
{
    if (!value && step->nullable) {
        return put_none(at, step);
    }
    return wn_put_length(put_some(at, step), value ? value->class : WN_NUMBER_WITHHELD);
}

static inline uint8_t *put_text(struct encoding *encoding, uint8_t *at, struct wn_slice text)
{
    at = make_room(encoding, at, text.len);
    return wn_put_bytes(wn_put_length(at, text.len), text.at, text.len);
}

/** A number as its holder lets it be seen. */
static inline uint8_t *put_number(struct encoding *encoding, uint8_t *at,
                                  const struct wn_plan_step *step, const struct wn_value *value)
{
    if (!value || !wn_transform_shows(value)) {
        return put_none(at, step);
    }
    const bool plus = (value->marks & WN_MARK_E164) != 0;
    at = make_room(encoding, put_some(at, step), value->text.len);
    at = wn_put_length(at, value->text.len + plus);
    *at = '+';
    return wn_put_bytes(at + plus, value->text.at, value->text.len);
}

/** What is always as long as that; `len` is a constant. */
static inline uint8_t *put_fixed(uint8_t *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static inline uint8_t *put_session(uint8_t *at, const struct wn_plan_step *step,
                                   const struct wn_record *record)
{
    return record->has_session
               ? put_fixed(put_some(at, step), record->session, sizeof(record->session))
               : put_none(at, step);
}

static inline uint8_t *put_node(struct encoding *encoding, uint8_t *at,
                                const struct wn_plan_step *step)
{
    const struct wn_slice node = encoding->record->node;
    return node.len > 0 ? put_text(encoding, put_some(at, step), node) : put_none(at, step);
}

COLD static uint8_t *put_made_text(struct encoding *encoding, uint8_t *at,
                                   const struct wn_plan_step *step, const struct wn_output *output,
                                   const struct wn_value *value)
{
    char scratch[WN_TRANSFORM_TEXT];
    struct wn_slice text;

    return wn_transform_text(output, value, scratch, &text)
               ? put_text(encoding, put_some(at, step), text)
               : put_none(at, step);
}

COLD static uint8_t *put_made_long(uint8_t *at, const struct wn_plan_step *step,
                                   const struct wn_output *output, const struct wn_value *value)
{
    if (!value) {
        return put_none(at, step);
    }
    return wn_put_long(put_some(at, step), output->transform == WN_TRANSFORM_FLOOR
                                               ? wn_transform_floor(value->number, output->args[0])
                                               : wn_transform_bucket(output, value->number));
}

COLD static uint8_t *put_prefix(uint8_t *at, const struct wn_plan_step *step,
                                const struct wn_output *output, const struct wn_value *value)
{
    if (!value) {
        return put_none(at, step);
    }
    at = put_some(at, step);
    wn_transform_prefix(output, value->text, at);
    return at + 16;
}

COLD static uint8_t *put_pseudonym(struct encoding *encoding, uint8_t *at,
                                   const struct wn_plan_step *step, const struct wn_output *output,
                                   const struct wn_value *value)
{
    if (!value || value->text.len == 0 || (value->marks & WN_MARK_SHIELDED) != 0) {
        return put_none(at, step);
    }
    at = put_some(at, step);
    if (!wn_pseudonym_of(encoding->minimiser, encoding->purpose->name, output->kind,
                         encoding->ready->period, value, at)) {
        encoding->key_missing = true;
    }
    return at + 16;
}

COLD static uint8_t *put_origin(struct encoding *encoding, uint8_t *at)
{
    const struct wn_origin *origin = &encoding->record->origin;

    at = put_text(encoding, at, origin->input);
    at = wn_put_long(at, origin->partition);
    at = wn_put_long(at, origin->offset);
    return wn_put_long(at, origin->index);
}

/** An array: one block of all, where there are any, then the empty block that ends it. */
COLD static uint8_t *put_flags(struct encoding *encoding, uint8_t *at)
{
    uint32_t flags = encoding->record->flags;

    if (flags != 0) {
        at = make_room(encoding, at, WN_FLAGS);
        at = wn_put_length(at, (size_t)__builtin_popcount(flags));
    }
    for (; flags != 0; flags &= flags - 1) {
        at = wn_put_length(at, (size_t)__builtin_ctz(flags));
    }
    *at++ = 0;
    return at;
}

COLD static uint8_t *put_items(struct encoding *encoding, uint8_t *at);

/** Run a program. */
static uint8_t *put_group(struct encoding *encoding, uint8_t *at, const struct group *group)
{
    const struct wn_record *record = encoding->record;
    const struct wn_value *values = group->values; // Else read anew behind each octet written.
    const uint64_t present = group->present;
    const struct wn_plan_step *end = group->steps + group->n;

    for (const struct wn_plan_step *step = group->steps; step < end; step++) {
        const bool here = (present >> step->slot & 1) != 0;
        const struct wn_value *value = here ? &values[step->slot] : NULL;

        switch ((enum wn_op)step->op) {
        case WN_OP_LONG:
            at = put_long(at, step, value);
            break;
        case WN_OP_BOOLEAN:
            at = put_flag(at, step, value, value && value->number != 0);
            break;
        case WN_OP_TEXT:
            at = value ? put_text(encoding, put_some(at, step), value->text) : put_none(at, step);
            break;
        case WN_OP_NUMBER:
            at = put_number(encoding, at, step, value);
            break;
        case WN_OP_CLASS:
            at = put_class(at, step, value);
            break;
        case WN_OP_SHIELDED:
            at = put_flag(at, step, value, value && (value->marks & WN_MARK_SHIELDED) != 0);
            break;
        case WN_OP_WITHHELD:
            at = put_flag(at, step, value, value && (value->marks & WN_MARK_WITHHELD) != 0);
            break;
        case WN_OP_MADE_LONG:
            at = put_made_long(at, step, output_of(group, step), value);
            break;
        case WN_OP_MADE_TEXT:
            at = put_made_text(encoding, at, step, output_of(group, step), value);
            break;
        case WN_OP_PREFIX:
            at = put_prefix(at, step, output_of(group, step), value);
            break;
        case WN_OP_PSEUDONYM:
            at = put_pseudonym(encoding, at, step, output_of(group, step), value);
            break;
        case WN_OP_SUBSCRIBER:
            at = put_fixed(at, encoding->ready->subscriber, 16);
            break;
        case WN_OP_RECORD_ID:
            at = put_fixed(at, record->record_id, sizeof(record->record_id));
            break;
        case WN_OP_KEY_ID:
            at = put_fixed(at, encoding->ready->key_id, 8);
            break;
        case WN_OP_SUBSCRIBER_KIND:
            at = wn_put_length(at, output_of(group, step)->kind_symbols[record->subscriber_kind]);
            break;
        case WN_OP_SESSION:
            at = put_session(at, step, record);
            break;
        case WN_OP_SOURCE:
            at = put_text(encoding, at, record->source);
            break;
        case WN_OP_NODE:
            at = put_node(encoding, at, step);
            break;
        case WN_OP_ORIGIN:
            at = put_origin(encoding, at);
            break;
        case WN_OP_FLAGS:
            at = put_flags(encoding, at);
            break;
        case WN_OP_ITEMS:
            at = put_items(encoding, at);
            break;
        case WN_OP_NONE:
            assert(false);
        }
    }
    return at;
}

/** The repeated group: an array, as the flags are. */
COLD static uint8_t *put_items(struct encoding *encoding, uint8_t *at)
{
    const struct wn_record *record = encoding->record;
    const struct wn_purpose *purpose = encoding->purpose;

    if (record->n_items > 0) {
        at = wn_put_length(at, record->n_items);
    }
    for (unsigned i = 0; i < record->n_items; i++) {
        const struct wn_item *item = &record->items[i];
        const struct group group = { .steps = purpose->item_steps,
                                     .outputs = purpose->items,
                                     .n = purpose->n_items,
                                     .present = item->present,
                                     .values = item->values };
        at = make_room(encoding, at, (size_t)purpose->n_items * ROOM);
        at = put_group(encoding, at, &group);
    }
    *at++ = 0;
    return at;
}

bool wn_encode(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
               const struct wn_record *record, const struct wn_ready *ready,
               struct wn_buffer *ret_bytes)
{
    struct encoding encoding = { .minimiser = minimiser,
                                 .purpose = purpose,
                                 .record = record,
                                 .ready = ready,
                                 .room = (size_t)(purpose->n_outputs + 1) * ROOM,
                                 .out = ret_bytes };
    const struct group group = { .steps = purpose->steps,
                                 .outputs = purpose->outputs,
                                 .n = purpose->n_outputs,
                                 .present = record->present,
                                 .values = record->values };
    uint8_t *at = wn_buffer_room(ret_bytes, encoding.room);
    encoding.end = ret_bytes->at + ret_bytes->capacity;
    at = put_group(&encoding, at, &group);
    ret_bytes->len = (size_t)(at - ret_bytes->at);
    return !encoding.key_missing;
}

enum wn_minimised wn_minimise(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
                              const struct wn_record *record, uint32_t period,
                              struct wn_buffer *ret_bytes, uint8_t ret_subscriber[16])
{
    assert(record->subscriber_kind != WN_KIND_NONE);
    assert((period == 0) == (purpose->period == WN_PERIOD_NONE));

    const struct wn_ready ready = {
        .period = period,
        .key_id = wn_minimiser_key_id(minimiser, purpose->name, period),
        .subscriber = ret_subscriber,
    };
    if (!ready.key_id || !wn_pseudonym(minimiser, purpose->name, record->subscriber_kind, period,
                                       record->subscriber, ret_subscriber)) {
        return WN_MINIMISED_KEY_MISSING;
    }
    const size_t before = ret_bytes->len;
    if (!wn_encode(minimiser, purpose, record, &ready, ret_bytes)) {
        ret_bytes->len = before;
        return WN_MINIMISED_KEY_MISSING;
    }
    return WN_MINIMISED_OUT;
}
