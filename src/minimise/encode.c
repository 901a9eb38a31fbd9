// SPDX-License-Identifier: Apache-2.0

/*
 * One record for one purpose, as Avro binary, in one pass over the purpose's plan.
 *
 * The plan's outputs are the fields of the derived schema in their order; Avro binary is their
 * values one behind the other, so the plan is the whole program: for each output the union's
 * branch where it may be null, then what the transform leaves of the slot's value. Slots that no
 * output names are not looked at.
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
};

/** Kept out of the loop over the outputs, which is then short and keeps its registers. */
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

/** Make room for `more` octets and the rest. @return where `at` is now. */
static uint8_t *grow(struct encoding *encoding, const uint8_t *at, size_t more)
{
    struct wn_buffer *out = encoding->out;
    out->len = (size_t)(at - out->at);
    uint8_t *moved = wn_buffer_room(out, more + encoding->room);
    encoding->end = out->at + out->capacity;
    return moved;
}

static inline uint8_t *make_room(struct encoding *encoding, uint8_t *at, size_t more)
{
    return (size_t)(encoding->end - at) < more + encoding->room ? grow(encoding, at, more) : at;
}

static inline uint8_t *put_text(struct encoding *encoding, uint8_t *at, struct wn_slice text)
{
    at = make_room(encoding, at, text.len);
    at = wn_put_long(at, (int64_t)text.len);
    return wn_put_bytes(at, text.at, text.len);
}

/** The union's branch of a value that is there. */
static inline uint8_t *put_some(uint8_t *at, const struct wn_output *output)
{
    if (output->nullable) {
        *at++ = 2; // Branch 1, zig-zag.
    }
    return at;
}

static inline uint8_t *put_none(uint8_t *at, const struct wn_output *output)
{
    assert(output->nullable);
    *at++ = 0;
    return at;
}

static inline uint8_t *put_pseudonym(struct encoding *encoding, uint8_t *at,
                                     const struct wn_output *output, const struct wn_value *value)
{
    if (output->kind == WN_KIND_SUBSCRIBER) {
        return wn_put_bytes(at, encoding->ready->subscriber, 16);
    }
    if (!value || value->text.len == 0) {
        return put_none(at, output);
    }
    at = put_some(at, output);
    if (!wn_pseudonym_of(encoding->minimiser, encoding->purpose->name, output->kind,
                         encoding->ready->period, value, at)) {
        encoding->key_missing = true;
    }
    return at + 16;
}

/** A pseudonym, or the network part of an address: 16 octets. */
COLD static uint8_t *put_fixed(struct encoding *encoding, uint8_t *at,
                               const struct wn_output *output, const struct wn_value *value)
{
    if (output->transform == WN_TRANSFORM_PSEUDONYM) {
        return put_pseudonym(encoding, at, output, value);
    }
    assert(output->transform == WN_TRANSFORM_PREFIX);
    if (!value) {
        return put_none(at, output);
    }
    at = put_some(at, output);
    wn_transform_prefix(output, value->text, at);
    return at + 16;
}

COLD static uint8_t *put_string(struct encoding *encoding, uint8_t *at,
                                const struct wn_output *output, const struct wn_value *value)
{
    char scratch[WN_TRANSFORM_TEXT];
    struct wn_slice text;

    if (value && output->transform == WN_TRANSFORM_KEEP && output->kind != WN_KIND_NUMBER) {
        return put_text(encoding, put_some(at, output), value->text); // The most common one.
    }
    if (!wn_transform_text(output, value, scratch, &text)) {
        return put_none(at, output);
    }
    at = make_room(encoding, put_some(at, output), text.len);
    const bool plus = wn_transform_plus(output, value);
    at = wn_put_long(at, (int64_t)text.len + plus);
    *at = '+';
    return wn_put_bytes(at + plus, text.at, text.len);
}

/** What a transform leaves of a value that is written as a number; of a flag: 0 or 1. */
COLD static int64_t number_of(const struct wn_output *output, const struct wn_value *value)
{
    switch (output->transform) {
    case WN_TRANSFORM_FLOOR:
        return wn_transform_floor(value->number, output->args[0]);
    case WN_TRANSFORM_BUCKET:
        return wn_transform_bucket(output, value->number);
    case WN_TRANSFORM_CLASS:
        return value->class;
    case WN_TRANSFORM_SHIELDED:
        return (value->marks & WN_MARK_SHIELDED) != 0;
    case WN_TRANSFORM_WITHHELD:
        return (value->marks & WN_MARK_WITHHELD) != 0;
    case WN_TRANSFORM_KEEP:
    case WN_TRANSFORM_PSEUDONYM:
    case WN_TRANSFORM_DESTINATION:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORM_NETWORK:
    case WN_TRANSFORM_MODEL:
    case WN_TRANSFORM_PREFIX:
    case WN_TRANSFORMS:
        break;
    }
    return value->number;
}

static inline uint8_t *put_number(uint8_t *at, const struct wn_output *output,
                                  const struct wn_value *value)
{
    static const struct wn_value no_number = { .class = WN_NUMBER_WITHHELD };

    if (!value && output->nullable) {
        return put_none(at, output);
    }
    if (!value) {
        assert(output->kind == WN_KIND_NUMBER); // Its class and marks.
        value = &no_number;
    }
    at = put_some(at, output);
    const int64_t number =
        output->transform == WN_TRANSFORM_KEEP ? value->number : number_of(output, value);
    if (output->avro == WN_AVRO_BOOLEAN) {
        *at++ = number != 0 ? 1 : 0;
        return at;
    }
    return wn_put_long(at, number);
}

/** One value of a slot, or of an item's slot; NULL: absent. */
static inline __attribute__((always_inline)) uint8_t *put_value(struct encoding *encoding,
                                                                uint8_t *at,
                                                                const struct wn_output *output,
                                                                const struct wn_value *value)
{
    switch (output->avro) {
    case WN_AVRO_BOOLEAN:
    case WN_AVRO_INT:
    case WN_AVRO_LONG:
    case WN_AVRO_ENUM:
        return put_number(at, output, value);
    case WN_AVRO_STRING:
    case WN_AVRO_BYTES:
        return put_string(encoding, at, output, value);
    case WN_AVRO_FIXED:
        return put_fixed(encoding, at, output, value);
    case WN_AVRO_ENUMS:
    case WN_AVRO_ORIGIN:
    case WN_AVRO_ITEMS:
        break;
    }
    assert(false);
    return at;
}

/** The repeated group: one block of all items, then the empty block that ends an array. */
COLD static uint8_t *put_items(struct encoding *encoding, uint8_t *at)
{
    static const struct wn_value no = { 0 };
    const struct wn_record *record = encoding->record;
    const struct wn_purpose *purpose = encoding->purpose;

    if (record->n_items > 0) {
        at = wn_put_long(at, record->n_items);
    }
    for (unsigned i = 0; i < record->n_items; i++) {
        const struct wn_item *item = &record->items[i];
        at = make_room(encoding, at, (size_t)purpose->n_items * ROOM);
        for (unsigned n = 0; n < purpose->n_items; n++) {
            const struct wn_output *output = &purpose->items[n];
            const bool present = (item->present >> output->slot & 1) != 0;
            const bool flag = output->avro == WN_AVRO_BOOLEAN && !output->nullable &&
                              output->transform == WN_TRANSFORM_KEEP;
            at = put_value(encoding, at, output,
                           present ? &item->values[output->slot] : (flag ? &no : NULL));
        }
    }
    *at++ = 0;
    return at;
}

/** As for the items: one block, and the end. */
COLD static uint8_t *put_flags(struct encoding *encoding, uint8_t *at, unsigned n_symbols)
{
    const uint32_t flags = encoding->record->flags;

    if (flags != 0) {
        at = make_room(encoding, at, WN_FLAGS);
        at = wn_put_long(at, __builtin_popcount(flags));
        for (unsigned i = 0; i < n_symbols; i++) {
            if ((flags >> i & 1) != 0) {
                at = wn_put_long(at, i);
            }
        }
    }
    *at++ = 0;
    return at;
}

COLD static uint8_t *put_origin(struct encoding *encoding, uint8_t *at,
                                const struct wn_origin *origin)
{
    at = put_text(encoding, at, origin->input);
    at = wn_put_long(at, origin->partition);
    at = wn_put_long(at, origin->offset);
    return wn_put_long(at, origin->index);
}

/** What winnow fills itself. */
COLD static uint8_t *put_made(struct encoding *encoding, uint8_t *at,
                              const struct wn_output *output)
{
    const struct wn_record *record = encoding->record;

    switch (output->made) {
    case WN_MADE_RECORD_ID:
        return wn_put_bytes(at, record->record_id, sizeof(record->record_id));
    case WN_MADE_ORIGIN:
        return put_origin(encoding, at, &record->origin);
    case WN_MADE_SOURCE:
        return put_text(encoding, at, record->source);
    case WN_MADE_NODE:
        return record->node.len == 0 ? put_none(at, output)
                                     : put_text(encoding, put_some(at, output), record->node);
    case WN_MADE_KEY_ID:
        return wn_put_bytes(at, encoding->ready->key_id, 8);
    case WN_MADE_SUBSCRIBER_KIND:
        return wn_put_long(at, output->kind_symbols[record->subscriber_kind]);
    case WN_MADE_SESSION:
        return !record->has_session
                   ? put_none(at, output)
                   : wn_put_bytes(put_some(at, output), record->session, sizeof(record->session));
    case WN_MADE_FLAGS:
        return put_flags(encoding, at, output->n_symbols);
    case WN_MADE_NOT:
    case WN_MADE_OTHER:
        break;
    }
    assert(false);
    return at;
}

static uint8_t *put_outputs(struct encoding *encoding, uint8_t *at)
{
    const struct wn_record *record = encoding->record;
    const struct wn_output *end = encoding->purpose->outputs + encoding->purpose->n_outputs;

    for (const struct wn_output *output = encoding->purpose->outputs; output < end; output++) {
        if (output->kind != WN_KIND_NONE) {
            const bool present = wn_record_has(record, output->slot);
            at = put_value(encoding, at, output, present ? &record->values[output->slot] : NULL);
        } else if (output->avro == WN_AVRO_ITEMS) {
            at = put_items(encoding, at);
        } else {
            at = put_made(encoding, at, output);
        }
    }
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
    uint8_t *at = wn_buffer_room(ret_bytes, encoding.room);
    encoding.end = ret_bytes->at + ret_bytes->capacity;
    at = put_outputs(&encoding, at);
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
