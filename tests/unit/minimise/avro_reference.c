// SPDX-License-Identifier: Apache-2.0

#include "avro_reference.h"

#include <assert.h>
#include <stdio.h>

#include "winnow/identifier.h"
#include "winnow/keyring.h"
#include "winnow/number.h"

/** Fails the program: the reference must be right, or it says nothing. */
static void must(int rc)
{
    assert(rc == 0);
    (void)rc;
}

void avro_reference_init(struct avro_reference *reference, struct wn_keyring *keyring,
                         const struct wn_purpose *purpose, uint32_t period)
{
    avro_schema_t schema = NULL;
    must(avro_schema_from_json_length(purpose->schema, strlen(purpose->schema), &schema));
    reference->keyring = keyring;
    reference->purpose = purpose;
    reference->period = period;
    reference->class = avro_generic_class_from_schema(schema);
    assert(reference->class);
    must(avro_generic_value_new(reference->class, &reference->value));
    avro_schema_decref(schema);
}

void avro_reference_deinit(struct avro_reference *reference)
{
    avro_value_decref(&reference->value);
    avro_value_iface_decref(reference->class);
}

size_t avro_reference_write(const struct avro_reference *reference, char *bytes, size_t capacity)
{
    avro_value_t value = reference->value;
    avro_writer_t writer = avro_writer_memory(bytes, (int64_t)capacity);
    must(avro_value_write(writer, &value));
    size_t len = (size_t)avro_writer_tell(writer);
    avro_writer_free(writer);
    return len;
}

// NOLINTBEGIN(clang-analyzer-core.NullDereference): enter() says whether there is a value, and
// must() whether avro-c gave one; the analyzer follows neither.

/** Enter the union's branch where there is a union. @return whether there is a value to set. */
static bool enter(avro_value_t *field, bool some)
{
    if (avro_value_get_type(field) != AVRO_UNION) {
        assert(some);
        return true;
    }
    avro_value_t branch;
    must(avro_value_set_branch(field, some ? 1 : 0, &branch));
    if (!some) {
        must(avro_value_set_null(&branch));
    }
    *field = branch;
    return some;
}

static void set_text(avro_value_t *field, struct wn_slice text)
{
    if (avro_value_get_type(field) == AVRO_BYTES) {
        char copy[128];
        assert(text.len <= sizeof(copy));
        memcpy(copy, text.at, text.len);
        must(avro_value_set_bytes(field, copy, text.len));
        return;
    }
    char with_nul[128]; // avro-c's length of a string counts its NUL.
    assert(text.len < sizeof(with_nul));
    memcpy(with_nul, text.at, text.len);
    with_nul[text.len] = '\0';
    must(avro_value_set_string_len(field, with_nul, text.len + 1));
}

static void set_fixed(avro_value_t *field, const void *bytes, size_t len)
{
    uint8_t copy[16];
    memcpy(copy, bytes, len);
    must(avro_value_set_fixed(field, copy, len));
}

static void set_number(avro_value_t *field, int64_t number)
{
    switch ((int)avro_value_get_type(field)) {
    case AVRO_INT32:
        must(avro_value_set_int(field, (int32_t)number));
        break;
    case AVRO_INT64:
        must(avro_value_set_long(field, number));
        break;
    case AVRO_BOOLEAN:
        must(avro_value_set_boolean(field, (int)number));
        break;
    case AVRO_ENUM:
        must(avro_value_set_enum(field, (int)number));
        break;
    default:
        assert(false);
    }
}

static void set_pseudonym(const struct avro_reference *reference, avro_value_t *field,
                          enum wn_kind kind, struct wn_slice canonical)
{
    uint8_t mac[WN_MAC_BYTES];
    const struct wn_mac *key = wn_keyring_find(reference->keyring, reference->purpose->name,
                                               wn_kind_name(kind), reference->period);
    wn_mac_of(key, canonical.at, canonical.len, mac);
    set_fixed(field, mac, 16);
}

/** Kept or derived text of a number. */
static void set_number_text(avro_value_t *field, const struct wn_output *output,
                            const struct wn_value *value)
{
    char text[64];
    const bool digits = value && value->text.len > 0;
    const bool shown = digits && !(value->marks & WN_MARK_SHIELDED);
    const bool e164 = digits && (value->marks & WN_MARK_E164);
    int len = digits ? (int)value->text.len : 0;

    switch ((int)output->transform) {
    case WN_TRANSFORM_KEEP:
        snprintf(text, sizeof(text), "%s%.*s", e164 ? "+" : "", len, digits ? value->text.at : "");
        break;
    case WN_TRANSFORM_DIGITS:
        len = len > output->args[0] ? (int)output->args[0] : len;
        snprintf(text, sizeof(text), "%.*s", len, digits ? value->text.at : "");
        break;
    case WN_TRANSFORM_COUNTRY:
        snprintf(text, sizeof(text), "%s", digits ? wn_number_country(value) : "");
        break;
    default:
        snprintf(text, sizeof(text), "%s%s%s", e164 ? wn_number_country(value) : "",
                 e164 ? "/" : "",
                 value ? wn_number_class_name((enum wn_number_class)value->class) : "withheld");
        break;
    }
    const bool some = output->transform == WN_TRANSFORM_DESTINATION ||
                      (output->transform == WN_TRANSFORM_COUNTRY ? digits : shown);
    if (enter(field, some)) {
        set_text(field, wn_slice_of(text));
    }
}

static void set_number_value(const struct avro_reference *reference, avro_value_t *field,
                             const struct wn_output *output, const struct wn_value *value)
{
    char canonical[64];

    switch ((int)output->transform) {
    case WN_TRANSFORM_CLASS:
        set_number(field, value ? value->class : WN_NUMBER_WITHHELD);
        break;
    case WN_TRANSFORM_SHIELDED:
        set_number(field, value && (value->marks & WN_MARK_SHIELDED));
        break;
    case WN_TRANSFORM_WITHHELD:
        set_number(field, value && (value->marks & WN_MARK_WITHHELD));
        break;
    case WN_TRANSFORM_PSEUDONYM:
        if (enter(field, value && value->text.len > 0 && !(value->marks & WN_MARK_SHIELDED))) {
            const bool e164 = (value->marks & WN_MARK_E164) != 0;
            snprintf(canonical, sizeof(canonical), "%s%s%.*s",
                     e164 ? "" : wn_number_class_name((enum wn_number_class)value->class),
                     e164 ? "" : ":", (int)value->text.len, value->text.at);
            set_pseudonym(reference, field, WN_KIND_NUMBER, wn_slice_of(canonical));
        }
        break;
    default:
        set_number_text(field, output, value);
        break;
    }
}

/** An address bit by bit. */
static void set_prefix(avro_value_t *field, const struct wn_output *output, struct wn_slice address)
{
    uint8_t left[16] = { 0 };
    const bool v4 = memcmp(address.at, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    const int64_t bits = v4 ? 96 + output->args[0] : output->args[1];
    for (int64_t bit = 0; bit < bits; bit++) {
        left[bit / 8] |= (uint8_t)((uint8_t)address.at[bit / 8] & 0x80 >> bit % 8);
    }
    set_fixed(field, left, sizeof(left));
}

static void set_some(const struct avro_reference *reference, avro_value_t *field,
                     const struct wn_output *output, const struct wn_value *value)
{
    char text[16];
    int64_t largest = 0;

    switch ((int)output->transform) {
    case WN_TRANSFORM_FLOOR:
        set_number(field, value->number / output->args[0] * output->args[0]);
        break;
    case WN_TRANSFORM_BUCKET:
        for (unsigned i = 0; i < output->n_args; i++) {
            largest = output->args[i] <= value->number ? output->args[i] : largest;
        }
        set_number(field, largest);
        break;
    case WN_TRANSFORM_PSEUDONYM:
        set_pseudonym(reference, field, output->kind, value->text);
        break;
    case WN_TRANSFORM_COUNTRY:
        set_text(field, wn_slice_of(wn_plmn_country(value->text)));
        break;
    case WN_TRANSFORM_NETWORK:
        snprintf(text, sizeof(text), "%.3s-%.2s", value->text.at, value->text.at + 3); // 204 only.
        set_text(field, wn_slice_of(text));
        break;
    case WN_TRANSFORM_MODEL:
        set_text(field, (struct wn_slice){ value->text.at, 8 });
        break;
    case WN_TRANSFORM_PREFIX:
        set_prefix(field, output, value->text);
        break;
    default:
        if (output->avro == WN_AVRO_STRING || output->avro == WN_AVRO_BYTES) {
            set_text(field, value->text);
        } else {
            set_number(field, value->number);
        }
    }
}

static void set_value(const struct avro_reference *reference, avro_value_t *field,
                      const struct wn_output *output, const struct wn_value *value)
{
    if (output->kind == WN_KIND_NUMBER) {
        set_number_value(reference, field, output, value);
    } else if (enter(field, value != NULL)) {
        set_some(reference, field, output, value);
    }
}

static void set_origin(avro_value_t *field, const struct wn_origin *origin)
{
    avro_value_t member;
    must(avro_value_get_by_name(field, "input", &member, NULL));
    set_text(&member, origin->input);
    must(avro_value_get_by_name(field, "partition", &member, NULL));
    set_number(&member, origin->partition);
    must(avro_value_get_by_name(field, "offset", &member, NULL));
    set_number(&member, origin->offset);
    must(avro_value_get_by_name(field, "index", &member, NULL));
    set_number(&member, origin->index);
}

static void set_made(const struct avro_reference *reference, avro_value_t *field,
                     const struct wn_output *output, const struct wn_record *record)
{
    uint8_t kcv[8];

    switch ((int)output->made) {
    case WN_MADE_RECORD_ID:
        set_fixed(field, record->record_id, 16);
        break;
    case WN_MADE_ORIGIN:
        set_origin(field, &record->origin);
        break;
    case WN_MADE_SOURCE:
        set_text(field, record->source);
        break;
    case WN_MADE_NODE:
        if (enter(field, record->node.len > 0)) {
            set_text(field, record->node);
        }
        break;
    case WN_MADE_KEY_ID:
        assert(
            wn_keyring_has(reference->keyring, reference->purpose->name, reference->period, kcv));
        set_fixed(field, kcv, 8);
        break;
    case WN_MADE_SUBSCRIBER_KIND:
        set_number(field, wn_symbol_find(output->symbols, output->n_symbols,
                                         wn_slice_of(wn_kind_name(record->subscriber_kind))));
        break;
    case WN_MADE_SESSION:
        if (enter(field, record->has_session)) {
            set_fixed(field, record->session, 16);
        }
        break;
    default:
        assert(output->made == WN_MADE_FLAGS);
        for (unsigned i = 0; i < output->n_symbols; i++) {
            avro_value_t flag;
            if (record->flags & 1u << i) {
                must(avro_value_append(field, &flag, NULL));
                must(avro_value_set_enum(&flag, (int)i));
            }
        }
        break;
    }
}

static void set_items(const struct avro_reference *reference, avro_value_t *field,
                      const struct wn_record *record)
{
    static const struct wn_value no = { 0 };

    for (unsigned i = 0; i < record->n_items; i++) {
        avro_value_t item;
        must(avro_value_append(field, &item, NULL));
        for (unsigned n = 0; n < reference->purpose->n_items; n++) {
            const struct wn_output *output = &reference->purpose->items[n];
            const bool present = record->items[i].present >> output->slot & 1;
            const bool flag = output->kind == WN_KIND_FLAG && !output->nullable;
            avro_value_t member;
            must(avro_value_get_by_name(&item, output->name, &member, NULL));
            set_value(reference, &member, output,
                      present ? &record->items[i].values[output->slot] : (flag ? &no : NULL));
        }
    }
}

void avro_reference_set(struct avro_reference *reference, const struct wn_record *record)
{
    must(avro_value_reset(&reference->value));
    for (unsigned i = 0; i < reference->purpose->n_outputs; i++) {
        const struct wn_output *output = &reference->purpose->outputs[i];
        avro_value_t field;
        must(avro_value_get_by_name(&reference->value, output->name, &field, NULL));
        if (output->kind == WN_KIND_SUBSCRIBER) {
            set_pseudonym(reference, &field, record->subscriber_kind, record->subscriber);
        } else if (output->avro == WN_AVRO_ITEMS) {
            set_items(reference, &field, record);
        } else if (output->kind == WN_KIND_NONE) {
            set_made(reference, &field, output, record);
        } else {
            set_value(reference, &field, output,
                      wn_record_has(record, output->slot) ? &record->values[output->slot] : NULL);
        }
    }
}

// NOLINTEND(clang-analyzer-core.NullDereference)
