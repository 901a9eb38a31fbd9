// SPDX-License-Identifier: Apache-2.0

/*
 * One record for one purpose, as Avro binary, in one pass over the purpose's plan.
 *
 * The plan's outputs are the fields of the derived schema in their order; Avro binary is their
 * values one behind the other, so the plan is the whole program: for each output the union's
 * branch where it may be null, then what the transform leaves of the slot's value. Slots that no
 * output names are not looked at. Room is made ahead for each value, so that writing one is plain
 * stores.
 */

#include <assert.h>

#include "minimiser.h"
#include "transform.h"
#include "winnow/number.h"
#include "write.h"

enum {
    ROOM = 48,  ///< For any value but text, and for the lengths around a text.
    AHEAD = 512 ///< How much is asked for where there is no room.
};

/** Bytes on their way out. */
struct writer {
    struct wn_buffer *buffer;
    uint8_t *at;
    const uint8_t *end;
};

/** What one call needs at hand. */
struct encoding {
    struct wn_minimiser *minimiser;
    const struct wn_purpose *purpose;
    const struct wn_record *record;
    uint32_t period;
    const uint8_t *key_id;
    const uint8_t *subscriber; ///< Its pseudonym.
    bool key_missing;          ///< A pseudonym could not be made.
    struct writer out;
};

static void grow(struct writer *out, size_t room)
{
    out->buffer->len = (size_t)(out->at - out->buffer->at);
    out->at = wn_buffer_room(out->buffer, room + AHEAD);
    out->end = out->buffer->at + out->buffer->capacity;
}

static inline void make_room(struct writer *out, size_t room)
{
    if ((size_t)(out->end - out->at) < room) {
        grow(out, room);
    }
}

static inline void put_text(struct writer *out, struct wn_slice text)
{
    make_room(out, text.len + ROOM);
    out->at = wn_put_long(out->at, (int64_t)text.len);
    out->at = wn_put_bytes(out->at, text.at, text.len);
}

/** The union's branch of a value that is there. */
static inline void put_some(struct writer *out, const struct wn_output *output)
{
    if (output->nullable) {
        *out->at++ = 2; // Branch 1, zig-zag.
    }
}

static inline void put_none(struct writer *out, const struct wn_output *output)
{
    assert(output->nullable);
    *out->at++ = 0;
}

static void put_pseudonym(struct encoding *encoding, const struct wn_output *output,
                          const struct wn_value *value)
{
    struct writer *out = &encoding->out;

    if (output->kind == WN_KIND_SUBSCRIBER) {
        out->at = wn_put_bytes(out->at, encoding->subscriber, 16);
        return;
    }
    if (!value || value->text.len == 0) {
        put_none(out, output);
        return;
    }
    put_some(out, output);
    if (!wn_pseudonym_of(encoding->minimiser, encoding->purpose->name, output->kind,
                         encoding->period, value, out->at)) {
        encoding->key_missing = true;
    }
    out->at += 16;
}

static void put_prefix(struct writer *out, const struct wn_output *output,
                       const struct wn_value *value)
{
    if (!value) {
        put_none(out, output);
        return;
    }
    put_some(out, output);
    wn_transform_prefix(output, value->text, out->at);
    out->at += 16;
}

static void put_transformed_text(struct writer *out, const struct wn_output *output,
                                 const struct wn_value *value)
{
    char scratch[WN_TRANSFORM_TEXT];
    struct wn_slice text;
    if (!wn_transform_text(output, value, scratch, &text)) {
        put_none(out, output);
        return;
    }
    put_some(out, output);
    put_text(out, text);
}

static inline void put_kept(struct writer *out, const struct wn_output *output,
                            const struct wn_value *value)
{
    if (output->avro == WN_AVRO_STRING || output->avro == WN_AVRO_BYTES) {
        put_transformed_text(out, output, value);
        return;
    }
    if (!value) {
        put_none(out, output);
        return;
    }
    put_some(out, output);
    if (output->avro == WN_AVRO_BOOLEAN) {
        *out->at++ = value->number != 0 ? 1 : 0;
    } else { // int, long, or an enum's index.
        out->at = wn_put_long(out->at, value->number);
    }
}

/** One value of a slot, or of an item's slot; NULL: absent. */
static inline void put_value(struct encoding *encoding, const struct wn_output *output,
                             const struct wn_value *value)
{
    struct writer *out = &encoding->out;

    switch (output->transform) {
    case WN_TRANSFORM_KEEP:
        put_kept(out, output, value);
        break;
    case WN_TRANSFORM_PSEUDONYM:
        put_pseudonym(encoding, output, value);
        break;
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
        if (!value) {
            put_none(out, output);
            break;
        }
        put_some(out, output);
        out->at = wn_put_long(out->at, output->transform == WN_TRANSFORM_FLOOR
                                           ? wn_transform_floor(value->number, output->args[0])
                                           : wn_transform_bucket(output, value->number));
        break;
    case WN_TRANSFORM_CLASS:
        out->at = wn_put_long(out->at, value ? value->class : WN_NUMBER_WITHHELD);
        break;
    case WN_TRANSFORM_SHIELDED:
        *out->at++ = value && (value->marks & WN_MARK_SHIELDED) != 0 ? 1 : 0;
        break;
    case WN_TRANSFORM_WITHHELD:
        *out->at++ = value && (value->marks & WN_MARK_WITHHELD) != 0 ? 1 : 0;
        break;
    case WN_TRANSFORM_DESTINATION:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORM_NETWORK:
    case WN_TRANSFORM_MODEL:
        put_transformed_text(out, output, value);
        break;
    case WN_TRANSFORM_PREFIX:
        put_prefix(out, output, value);
        break;
    case WN_TRANSFORMS:
        break;
    }
}

/** The repeated group: one block of all items, then the empty block that ends an array. */
static void put_items(struct encoding *encoding)
{
    static const struct wn_value no = { 0 };
    const struct wn_record *record = encoding->record;
    const struct wn_purpose *purpose = encoding->purpose;
    struct writer *out = &encoding->out;

    if (record->n_items > 0) {
        out->at = wn_put_long(out->at, record->n_items);
    }
    for (unsigned i = 0; i < record->n_items; i++) {
        const struct wn_item *item = &record->items[i];
        for (unsigned n = 0; n < purpose->n_items; n++) {
            const struct wn_output *output = &purpose->items[n];
            const struct wn_value *value =
                (item->present >> output->slot & 1) != 0 ? &item->values[output->slot] : NULL;
            if (!value && output->avro == WN_AVRO_BOOLEAN && !output->nullable) {
                value = &no;
            }
            make_room(out, ROOM);
            put_value(encoding, output, value);
        }
    }
    make_room(out, ROOM);
    *out->at++ = 0;
}

static void put_flags(struct writer *out, uint32_t flags, unsigned n_symbols)
{
    unsigned n = (unsigned)__builtin_popcount(flags);
    make_room(out, ROOM + n);
    if (n > 0) {
        out->at = wn_put_long(out->at, n);
    }
    for (unsigned i = 0; flags >> i != 0; i++) {
        if ((flags >> i & 1) != 0) {
            assert(i < n_symbols);
            out->at = wn_put_long(out->at, i);
        }
        if (i == WN_FLAGS - 1) {
            break;
        }
    }
    *out->at++ = 0;
}

/** What winnow fills itself. */
static void put_made(struct encoding *encoding, const struct wn_output *output)
{
    const struct wn_record *record = encoding->record;
    struct writer *out = &encoding->out;

    switch (output->made) {
    case WN_MADE_RECORD_ID:
        out->at = wn_put_bytes(out->at, record->record_id, sizeof(record->record_id));
        break;
    case WN_MADE_ORIGIN:
        put_text(out, record->origin.input);
        out->at = wn_put_long(out->at, record->origin.partition);
        out->at = wn_put_long(out->at, record->origin.offset);
        out->at = wn_put_long(out->at, record->origin.index);
        break;
    case WN_MADE_SOURCE:
        put_text(out, record->source);
        break;
    case WN_MADE_NODE:
        if (record->node.len == 0) {
            put_none(out, output);
            break;
        }
        put_some(out, output);
        put_text(out, record->node);
        break;
    case WN_MADE_KEY_ID:
        out->at = wn_put_bytes(out->at, encoding->key_id, 8);
        break;
    case WN_MADE_SUBSCRIBER_KIND:
        out->at = wn_put_long(out->at, output->kind_symbols[record->subscriber_kind]);
        break;
    case WN_MADE_SESSION:
        if (!record->has_session) {
            put_none(out, output);
            break;
        }
        put_some(out, output);
        out->at = wn_put_bytes(out->at, record->session, sizeof(record->session));
        break;
    case WN_MADE_FLAGS:
        put_flags(out, record->flags, output->n_symbols);
        break;
    case WN_MADE_NOT:
    case WN_MADE_OTHER:
        assert(false);
        break;
    }
}

static void put_outputs(struct encoding *encoding)
{
    const struct wn_record *record = encoding->record;

    for (unsigned i = 0; i < encoding->purpose->n_outputs; i++) {
        const struct wn_output *output = &encoding->purpose->outputs[i];
        make_room(&encoding->out, ROOM);
        if (output->kind != WN_KIND_NONE) {
            put_value(encoding, output,
                      wn_record_has(record, output->slot) ? &record->values[output->slot] : NULL);
        } else if (output->avro == WN_AVRO_ITEMS) {
            put_items(encoding);
        } else {
            put_made(encoding, output);
        }
    }
}

enum wn_minimised wn_minimise(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
                              const struct wn_record *record, uint32_t period,
                              struct wn_buffer *ret_bytes, uint8_t ret_subscriber[16])
{
    assert(record->subscriber_kind != WN_KIND_NONE);
    assert((period == 0) == (purpose->period == WN_PERIOD_NONE));

    const uint8_t *key_id = wn_minimiser_key_id(minimiser, purpose->name, period);
    if (!key_id || !wn_pseudonym(minimiser, purpose->name, record->subscriber_kind, period,
                                 record->subscriber, ret_subscriber)) {
        return WN_MINIMISED_KEY_MISSING;
    }

    const size_t before = ret_bytes->len;
    struct encoding encoding = { .minimiser = minimiser,
                                 .purpose = purpose,
                                 .record = record,
                                 .period = period,
                                 .key_id = key_id,
                                 .subscriber = ret_subscriber,
                                 .out = { .buffer = ret_bytes } };
    encoding.out.at = wn_buffer_room(ret_bytes, AHEAD);
    encoding.out.end = ret_bytes->at + ret_bytes->capacity;
    put_outputs(&encoding);
    ret_bytes->len = (size_t)(encoding.out.at - ret_bytes->at);
    if (encoding.key_missing) {
        ret_bytes->len = before;
        return WN_MINIMISED_KEY_MISSING;
    }
    return WN_MINIMISED_OUT;
}
