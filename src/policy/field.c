// SPDX-License-Identifier: Apache-2.0

/*
 * One field: its type, what it is (a kind, or made by winnow), and for each purpose what becomes
 * of it. Fields of the record and of an item of the repeated group are read alike; an item knows
 * neither `made` nor the subscriber.
 */

#include "load.h"

#include <stdio.h>

/** A field on its way into the shape. */
struct reading {
    struct wn_field *field;
    unsigned slot;
    bool item;
    struct wn_avro_type type;
    bool typed;      ///< The type was read, and fits.
    const char *doc; ///< NULL where there is none.
};

/** What winnow makes, and the type that it has. */
static const struct made {
    const char *name;
    enum wn_made made;
    enum wn_avro avro;
    bool nullable;
    unsigned fixed_bytes;
    const char *type_name; ///< FIXED.
    const char *words;
} mades[] = {
    { "record_id", WN_MADE_RECORD_ID, WN_AVRO_FIXED, false, 16, "winnow.RecordId",
      "fixed winnow.RecordId of 16" },
    { "origin", WN_MADE_ORIGIN, WN_AVRO_ORIGIN, false, 0, NULL,
      "a record of input, partition, offset, index" },
    { "source", WN_MADE_SOURCE, WN_AVRO_STRING, false, 0, NULL, "string" },
    { "node", WN_MADE_NODE, WN_AVRO_STRING, true, 0, NULL, "[\"null\", \"string\"]" },
    { "key_id", WN_MADE_KEY_ID, WN_AVRO_FIXED, false, 8, "winnow.KeyId",
      "fixed winnow.KeyId of 8" },
    { "subscriber_kind", WN_MADE_SUBSCRIBER_KIND, WN_AVRO_ENUM, false, 0, NULL,
      "an enum of imsi, nai, account, number" },
    { "session", WN_MADE_SESSION, WN_AVRO_FIXED, true, 16, "winnow.SessionId",
      "[\"null\", fixed winnow.SessionId of 16]" },
    { "flags", WN_MADE_FLAGS, WN_AVRO_ENUMS, false, 0, NULL, "an array of an enum" },
    { "other", WN_MADE_OTHER, WN_AVRO_STRING, true, 0, NULL, "[\"null\", \"string\"]" },
};

static void read_kind(struct wn_loading *load, struct reading *reading, const char *name)
{
    reading->field->kind = wn_kind_find(wn_slice_of(name));
    if (reading->field->kind == WN_KIND_NONE) {
        wn_load_fault(load, "unknown kind '%.64s'; what has no kind can't be carried", name);
        reading->typed = false;
        return;
    }
    if (reading->item && reading->field->kind == WN_KIND_SUBSCRIBER) {
        wn_load_fault(load, "the subscriber is the record's, not an item's");
    }
    if (reading->typed) {
        reading->typed = wn_load_kind_fits(load, reading->field->kind, &reading->type);
    }
}

/** @return whether the enum of `subscriber_kind` is the kinds of subscribers, in any order. */
static bool is_subscriber_kinds(const struct wn_avro_type *type)
{
    unsigned n = 0;
    for (unsigned kind = 0; kind < WN_KINDS; kind++) {
        if (wn_kind_is_subscriber((enum wn_kind)kind)) {
            const char *word = wn_kind_name((enum wn_kind)kind);
            if (wn_symbol_find(type->symbols, type->n_symbols, wn_slice_of(word)) < 0) {
                return false;
            }
            n++;
        }
    }
    return n == type->n_symbols;
}

static bool made_fits(const struct made *made, const struct wn_avro_type *type)
{
    return made->avro == type->avro && made->nullable == type->nullable && !type->timestamp &&
           (made->avro != WN_AVRO_FIXED ||
            (made->fixed_bytes == type->fixed_bytes && strcmp(made->type_name, type->name) == 0)) &&
           (made->made != WN_MADE_SUBSCRIBER_KIND || is_subscriber_kinds(type));
}

static void read_made(struct wn_loading *load, struct reading *reading, const char *name)
{
    const struct wn_shape *shape = &load->type->shape;
    const struct made *made = NULL;
    for (unsigned i = 0; i < WN_COUNT(mades) && !made; i++) {
        made = strcmp(mades[i].name, name) == 0 ? &mades[i] : NULL;
    }
    if (!made || reading->item) {
        wn_load_fault(load, "winnow makes no '%.64s'%s", name, reading->item ? " of an item" : "");
        reading->typed = false;
        return;
    }
    for (unsigned i = 0; i < reading->slot; i++) {
        if (shape->fields[i].made == made->made) {
            wn_load_fault(load, "'%s' is made once; field '%s' has it", name,
                          shape->fields[i].name);
        }
    }
    reading->field->made = made->made;
    if (made->made == WN_MADE_OTHER) {
        reading->field->kind = WN_KIND_NUMBER;
        if (strcmp(reading->field->name, "other") != 0) {
            wn_load_fault(load, "the field that is made 'other' has that name");
        }
    }
    if (reading->typed && !made_fits(made, &reading->type)) {
        wn_load_fault(load, "what is made '%s' is %s", name, made->words);
        reading->typed = false;
    }
    if (made->made == WN_MADE_FLAGS && reading->typed) {
        load->type->shape.flags = reading->type.symbols;
        load->type->shape.n_flags = reading->type.n_symbols;
        if (reading->type.n_symbols > WN_FLAGS) {
            wn_load_fault(load, "more than %d flags", WN_FLAGS);
        }
    }
}

/** The doc of an output: the field's, and what is left of it. */
static const char *output_doc(struct wn_loading *load, const struct reading *reading,
                              const struct wn_output *output)
{
    if (output->transform == WN_TRANSFORM_KEEP || !reading->doc) {
        return reading->doc;
    }
    struct wn_buffer text = { 0 };
    wn_buffer_format(&text, "%s Here: ", reading->doc);
    wn_transform_words(output, &text);
    wn_buffer_text(&text, ".");
    const char *doc = wn_arena_copy(&load->policy->arena, wn_buffer_slice(&text)).at;
    wn_buffer_deinit(&text);
    return doc;
}

static void kind_symbols(const struct reading *reading, struct wn_output *output)
{
    if (reading->field->made != WN_MADE_SUBSCRIBER_KIND) {
        return;
    }
    for (unsigned i = 0; i < reading->type.n_symbols; i++) {
        output->kind_symbols[wn_kind_find(wn_slice_of(reading->type.symbols[i]))] = (uint8_t)i;
    }
}

/** Put one output into a purpose's plan. */
static void add_output(struct wn_loading *load, const struct reading *reading,
                       struct wn_purpose *purpose, const char *name, const char *transform)
{
    struct wn_output *list = reading->item ? purpose->items : purpose->outputs;
    unsigned *n = reading->item ? &purpose->n_items : &purpose->n_outputs;
    const unsigned most = reading->item ? WN_ITEM_SLOTS : WN_OUTPUTS;

    if (!wn_avro_name(name)) {
        wn_load_fault(load, "%s: '%.64s' is no Avro name (letters, digits and _)", purpose->name,
                      name);
        return;
    }
    for (unsigned i = 0; i < *n; i++) {
        if (strcmp(list[i].name, name) == 0) {
            wn_load_fault(load, "%s: two outputs are named '%s'", purpose->name, name);
            return;
        }
    }
    if (*n == most) {
        wn_load_fault(load, "%s: more than %u outputs", purpose->name, most);
        return;
    }
    struct wn_output *output = &list[*n];
    (*n)++; // Counted also where it is refused: its purpose is not without fields.
    output->name = wn_arena_copy(&load->policy->arena, wn_slice_of(name)).at;
    output->slot = (uint8_t)reading->slot;
    output->made = reading->field->made;
    output->kind = reading->field->kind;
    if (!reading->typed) {
        return;
    }
    if (output->kind == WN_KIND_NONE) { // Made by winnow.
        if (strcmp(transform, "keep") != 0) {
            wn_load_fault(load, "%s: what winnow makes is kept or left out", purpose->name);
        }
        wn_load_keep(&reading->type, output);
        kind_symbols(reading, output);
    } else if (!wn_load_transform(load, purpose->name, transform, &reading->type, output)) {
        return;
    }
    output->doc = output_doc(load, reading, output);
}

/** Read `"keep"` or `{"as": "hour", "do": "floor(1h)"}`. */
static void read_output(struct wn_loading *load, const struct reading *reading,
                        struct wn_purpose *purpose, json_t *value)
{
    static const char *const keys[] = { "as", "do", NULL };

    if (json_is_string(value)) {
        add_output(load, reading, purpose, reading->field->name, json_string_value(value));
        return;
    }
    if (!json_is_object(value)) {
        wn_load_fault(load, "%s: a transform, {\"as\": name, \"do\": transform}, or a list of them",
                      purpose->name);
        return;
    }
    wn_load_keys(load, value, purpose->name, keys);
    const char *name = wn_load_optional(load, value, "as");
    const char *transform = wn_load_text(load, value, purpose->name, "do");
    if (transform) {
        add_output(load, reading, purpose, name ? name : reading->field->name, transform);
    }
}

static struct wn_purpose *find_purpose(struct wn_type *type, const char *name)
{
    for (unsigned i = 0; i < type->n_purposes; i++) {
        if (strcmp(type->purposes[i].name, name) == 0) {
            return &type->purposes[i];
        }
    }
    return NULL;
}

/** Read what the purposes do; @return how many there are. */
static unsigned read_outputs(struct wn_loading *load, const struct reading *reading,
                             json_t *annotation)
{
    unsigned n = 0;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(annotation, key, value)
    {
        if (strcmp(key, "kind") == 0 || strcmp(key, "made") == 0 || strcmp(key, "judge") == 0) {
            continue;
        }
        n++;
        struct wn_purpose *purpose = find_purpose(load->type, key);
        if (!purpose) {
            wn_load_fault(load,
                          "unknown annotation '%.64s': neither kind, made, judge nor a purpose of "
                          "the record",
                          key);
        } else if (json_is_array(value)) {
            if (json_array_size(value) == 0) {
                wn_load_fault(load, "%s: an empty list", purpose->name);
            }
            for (size_t i = 0; i < json_array_size(value); i++) {
                read_output(load, reading, purpose, json_array_get(value, i));
            }
        } else {
            read_output(load, reading, purpose, value);
        }
    }
    return n;
}

static void read_annotation(struct wn_loading *load, struct reading *reading, json_t *annotation)
{
    if (!json_is_object(annotation)) {
        wn_load_fault(load, "no annotation \"winnow\": every field has a purpose or is judge's");
        return;
    }
    const char *kind = wn_load_optional(load, annotation, "kind");
    const char *made = wn_load_optional(load, annotation, "made");
    if (kind && made) {
        wn_load_fault(load, "either a source fills it (kind) or winnow makes it (made)");
    } else if (kind) {
        read_kind(load, reading, kind);
    } else if (made) {
        read_made(load, reading, made);
    } else {
        if (!json_object_get(annotation, "kind") && !json_object_get(annotation, "made")) {
            wn_load_fault(load, "neither 'kind' nor 'made'");
        }
        reading->typed = false;
    }

    json_t *judge = json_object_get(annotation, "judge");
    reading->field->judge = json_is_true(judge);
    if (judge && !json_is_true(judge)) {
        wn_load_fault(load, "'judge' is true, or is left out");
    }
    unsigned n = read_outputs(load, reading, annotation);
    if (judge && n > 0) {
        wn_load_fault(load, "what only judge reads has no purpose");
    } else if (!judge && n == 0) {
        wn_load_fault(load, "every field has a purpose or is judge's: this one has neither");
    }
}

/** The field's name, type and doc. @return false where there is no name to go on with. */
static bool read_head(struct wn_loading *load, json_t *json, struct reading *reading)
{
    static const char *const keys[] = { "name", "type", "doc", "default", "winnow", NULL };

    const struct wn_field *fields = reading->field - reading->slot;
    const char *name =
        wn_load_text(load, json, reading->item ? "an item's field" : "a field", "name");
    if (!name) {
        return false;
    }
    reading->field->name = name;
    char place[160];
    snprintf(place, sizeof(place), "%s%s", reading->item ? "usage." : "", name);
    load->field = wn_arena_copy(&load->policy->arena, wn_slice_of(place)).at;
    if (!wn_avro_name(name)) {
        wn_load_fault(load, "its name is no Avro name (letters, digits and _)");
    }
    for (unsigned i = 0; i < reading->slot; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            wn_load_fault(load, "two fields have this name");
        }
    }
    wn_load_keys(load, json, "a field", keys);
    reading->doc = wn_load_optional(load, json, "doc");
    json_t *type = json_object_get(json, "type");
    if (!type) {
        wn_load_fault(load, "it lacks 'type'");
    }
    reading->typed = type && wn_load_avro(load, type, &reading->type);
    reading->field->nullable = reading->type.nullable;
    reading->field->symbols = reading->type.avro == WN_AVRO_ENUM ? reading->type.symbols : NULL;
    reading->field->n_symbols = reading->type.avro == WN_AVRO_ENUM ? reading->type.n_symbols : 0;
    json_t *missing = json_object_get(json, "default");
    if (missing && !(json_is_null(missing) && reading->type.nullable)) {
        wn_load_fault(load, "the only default is null, of a nullable type");
    }
    return true;
}

static void read_items(struct wn_loading *load, json_t *fields)
{
    struct wn_shape *shape = &load->type->shape;
    size_t n = json_array_size(fields);
    if (n == 0 || n > WN_ITEM_SLOTS) {
        wn_load_fault(load, "an item has 1 to %d fields", WN_ITEM_SLOTS);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct reading item = { .field = &shape->items[shape->n_items],
                                .slot = shape->n_items,
                                .item = true };
        json_t *json = json_array_get(fields, i);
        if (!read_head(load, json, &item)) {
            continue;
        }
        shape->n_items++;
        load->type->item_docs[item.slot] = item.doc;
        if (item.typed && (item.type.avro == WN_AVRO_ITEMS || item.type.avro == WN_AVRO_ORIGIN ||
                           item.type.avro == WN_AVRO_ENUMS)) {
            wn_load_fault(load, "an item holds no lists and no records");
            item.typed = false;
        }
        read_annotation(load, &item, json_object_get(json, "winnow"));
    }
}

/** The repeated group: one output in every purpose that names a field of its items. */
static void read_group(struct wn_loading *load, const struct reading *reading, json_t *json)
{
    struct wn_shape *shape = &load->type->shape;

    if (strcmp(reading->field->name, "usage") != 0) {
        wn_load_fault(load, "a list of records is the repeated group, whose name is 'usage'");
    }
    if (json_object_get(json, "winnow")) {
        wn_load_fault(load, "the fields of its items say what their purposes are, not the list");
    }
    shape->group = (uint8_t)reading->slot;
    if (shape->n_items > 0) {
        return; // Two lists of this name: said already.
    }
    read_items(load, reading->type.fields);
    load->field = reading->field->name;
    for (unsigned i = 0; i < load->type->n_purposes; i++) {
        struct wn_purpose *purpose = &load->type->purposes[i];
        if (purpose->n_items == 0) {
            continue;
        }
        if (purpose->n_outputs == WN_OUTPUTS) {
            wn_load_fault(load, "%s: more than %d outputs", purpose->name, WN_OUTPUTS);
            continue;
        }
        struct wn_output *output = &purpose->outputs[purpose->n_outputs++];
        output->name = reading->field->name;
        output->doc = reading->doc;
        output->slot = (uint8_t)reading->slot;
        output->avro = WN_AVRO_ITEMS;
        for (unsigned other = 0; other + 1 < purpose->n_outputs; other++) {
            if (strcmp(purpose->outputs[other].name, output->name) == 0) {
                wn_load_fault(load, "%s: two outputs are named '%s'", purpose->name, output->name);
            }
        }
    }
}

void wn_load_field(struct wn_loading *load, json_t *json)
{
    struct wn_shape *shape = &load->type->shape;
    struct reading reading = { .field = &shape->fields[shape->n_fields], .slot = shape->n_fields };

    load->field = NULL;
    if (!read_head(load, json, &reading)) {
        return;
    }
    shape->n_fields++;
    load->type->docs[reading.slot] = reading.doc;
    if (reading.typed && reading.type.avro == WN_AVRO_ITEMS) {
        read_group(load, &reading, json);
        return;
    }
    if (strcmp(reading.field->name, "usage") == 0) {
        wn_load_fault(load, "'usage' is the repeated group: an array of records");
    }
    read_annotation(load, &reading, json_object_get(json, "winnow"));
}
