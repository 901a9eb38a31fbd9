// SPDX-License-Identifier: Apache-2.0

/*
 * The bytes of a key: what makes a record the same event, or the same session, as another.
 *
 *     u32 length ‖ record type, then for each part   u32 length ‖ canonical bytes
 *                                                    ffffffff where it is absent
 *
 * Lengths make the encoding unambiguous: no two lists of values give the same bytes.
 */

#include "plan.h"

static void put_u32(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)(number >> 24);
    at[1] = (uint8_t)(number >> 16);
    at[2] = (uint8_t)(number >> 8);
    at[3] = (uint8_t)number;
}

static void put_u64(uint8_t *at, uint64_t number)
{
    put_u32(at, (uint32_t)(number >> 32));
    put_u32(at + 4, (uint32_t)number);
}

static void add(struct wn_buffer *bytes, struct wn_slice value)
{
    uint8_t len[4];
    put_u32(len, (uint32_t)value.len);
    wn_buffer_add(bytes, len, sizeof(len));
    wn_buffer_add(bytes, value.at, value.len);
}

static void add_absent(struct wn_buffer *bytes)
{
    const uint8_t absent[4] = { 0xff, 0xff, 0xff, 0xff };
    wn_buffer_add(bytes, absent, sizeof(absent));
}

static void add_or_absent(struct wn_buffer *bytes, struct wn_slice value)
{
    if (value.len == 0) {
        add_absent(bytes);
    } else {
        add(bytes, value);
    }
}

static void add_field(struct wn_buffer *bytes, const struct wn_decoded *decoded, uint8_t slot)
{
    const struct wn_record *record = &decoded->record;
    const struct wn_field *field = &record->shape->fields[slot];
    const struct wn_value *value = &record->values[slot];

    const bool hidden = (decoded->hidden >> slot & 1) != 0;
    if (hidden) {
        value = &decoded->hidden_values[slot];
    }
    // A number that is present without digits is one that was withheld: no value to tell calls by.
    if ((!hidden && !wn_record_has(record, slot)) ||
        (field->kind == WN_KIND_NUMBER && value->text.len == 0)) {
        add_absent(bytes);
        return;
    }
    (void)wn_buffer_room(bytes, 4);
    size_t at = bytes->len;
    bytes->len += 4;
    wn_kind_canonical(field->kind, value, field->symbols, bytes);
    put_u32(bytes->at + at, (uint32_t)(bytes->len - at - 4));
}

static void add_part(struct wn_buffer *bytes, const struct wn_decoded *decoded,
                     const struct wn_key_part *part)
{
    const struct wn_taken *taken;
    uint8_t position[12];
    switch (part->what) {
    case WN_PART_TAKE:
        taken = wn_taken_first(&decoded->taken.top[part->index]);
        add_or_absent(bytes, taken ? wn_decoded_text(decoded, taken) : (struct wn_slice){ 0 });
        break;
    case WN_PART_FIELD:
        add_field(bytes, decoded, part->index);
        break;
    case WN_PART_NODE:
        add_or_absent(bytes, decoded->record.node);
        break;
    case WN_PART_SUBSCRIBER:
        if (decoded->record.subscriber_kind == WN_KIND_NONE) {
            add_absent(bytes);
            add_absent(bytes);
        } else {
            add(bytes, wn_slice_of(wn_kind_name(decoded->record.subscriber_kind)));
            add(bytes, decoded->hidden_subscriber.len > 0 ? decoded->hidden_subscriber
                                                          : decoded->record.subscriber);
        }
        break;
    case WN_PART_POSITION:
        put_u64(position, (uint64_t)decoded->record.origin.offset);
        put_u32(position + 8, (uint32_t)decoded->record.origin.index);
        add(bytes, (struct wn_slice){ (const char *)position, sizeof(position) });
        break;
    default:
        break;
    }
}

void wn_key_bytes(const struct wn_key *key, const struct wn_decoded *decoded,
                  struct wn_buffer *ret_bytes)
{
    add(ret_bytes, wn_slice_of(decoded->record.shape->type));
    for (unsigned i = 0; i < key->n; i++) {
        add_part(ret_bytes, decoded, &key->parts[i]);
    }
}
