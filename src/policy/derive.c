// SPDX-License-Identifier: Apache-2.0

/*
 * The derived schema of a purpose and record type: plain Avro, without our annotations, with the
 * outputs of the purpose's plan in their order and nothing else.
 *
 * Its namespace is `winnow.<purpose>`, so that the records of two purposes are two types. A named
 * type is defined where it first stands and referred to by its name from there on (Avro 1.11,
 * "Names"); the fixed types are in the namespace `winnow` and the same for all. A field that may be
 * missing has the default null: a reader with a newer schema can read older records.
 */

#include <stdio.h>
#include <stdlib.h>

#include <avro.h>

#include "load.h"

enum {
    MOST_NAMES = 96
};

/** A schema in the making. */
struct deriving {
    const char *defined[MOST_NAMES]; ///< Names of types that stand in it already.
    unsigned n_defined;
};

/** @return whether the name is new: to be defined here. */
static bool define(struct deriving *deriving, const char *name)
{
    for (unsigned i = 0; i < deriving->n_defined; i++) {
        if (strcmp(deriving->defined[i], name) == 0) {
            return false;
        }
    }
    if (deriving->n_defined < MOST_NAMES) {
        deriving->defined[deriving->n_defined++] = name;
    }
    return true;
}

static json_t *named(struct deriving *deriving, const struct wn_output *output)
{
    if (!define(deriving, output->type_name)) {
        return json_string(output->type_name);
    }
    if (output->avro == WN_AVRO_FIXED) {
        return json_pack("{s:s, s:s, s:i}", "type", "fixed", "name", output->type_name, "size",
                         (int)output->fixed_bytes);
    }
    json_t *symbols = json_array();
    for (unsigned i = 0; i < output->n_symbols; i++) {
        json_array_append_new(symbols, json_string(output->symbols[i]));
    }
    return json_pack("{s:s, s:s, s:o}", "type", "enum", "name", output->type_name, "symbols",
                     symbols);
}

static json_t *origin(void)
{
    static const struct {
        const char *name, *type, *doc;
    } members[] = {
        { "input", "string", "Topic, or SHA-256 of the file's content in hex." },
        { "partition", "int", "Partition of the topic; 0 for files." },
        { "offset", "long", "Offset of the message, or octets from the beginning of the content." },
        { "index", "int", "Place in a message of many records; 0 for files." },
    };

    json_t *fields = json_array();
    for (unsigned i = 0; i < WN_COUNT(members); i++) {
        json_array_append_new(fields, json_pack("{s:s, s:s, s:s}", "name", members[i].name, "type",
                                                members[i].type, "doc", members[i].doc));
    }
    return json_pack("{s:s, s:s, s:o}", "type", "record", "name", "Origin", "fields", fields);
}

static json_t *fields_of(struct deriving *deriving, const struct wn_purpose *purpose,
                         const struct wn_output *outputs, unsigned n);

static json_t *type_of(struct deriving *deriving, const struct wn_purpose *purpose,
                       const struct wn_output *output)
{
    static const char *const words[] = {
        [WN_AVRO_BOOLEAN] = "boolean", [WN_AVRO_INT] = "int",     [WN_AVRO_LONG] = "long",
        [WN_AVRO_STRING] = "string",   [WN_AVRO_BYTES] = "bytes",
    };

    switch (output->avro) {
    case WN_AVRO_BOOLEAN:
    case WN_AVRO_INT:
    case WN_AVRO_LONG:
    case WN_AVRO_STRING:
    case WN_AVRO_BYTES:
        return output->timestamp
                   ? json_pack("{s:s, s:s}", "type", "long", "logicalType", "timestamp-millis")
                   : json_string(words[output->avro]);
    case WN_AVRO_FIXED:
    case WN_AVRO_ENUM:
        return named(deriving, output);
    case WN_AVRO_ENUMS:
        return json_pack("{s:s, s:o}", "type", "array", "items", named(deriving, output));
    case WN_AVRO_ORIGIN:
        return origin();
    case WN_AVRO_ITEMS:
        break;
    }
    return json_pack("{s:s, s:{s:s, s:s, s:o}}", "type", "array", "items", "type", "record", "name",
                     "Usage", "fields",
                     fields_of(deriving, purpose, purpose->items, purpose->n_items));
}

static json_t *fields_of(struct deriving *deriving, const struct wn_purpose *purpose,
                         const struct wn_output *outputs, unsigned n)
{
    json_t *fields = json_array();
    for (unsigned i = 0; i < n; i++) {
        const struct wn_output *output = &outputs[i];
        json_t *field = json_object();
        json_object_set_new(field, "name", json_string(output->name));
        json_t *type = type_of(deriving, purpose, output);
        if (output->nullable) {
            type = json_pack("[s, o]", "null", type);
        }
        json_object_set_new(field, "type", type);
        if (output->nullable) {
            json_object_set_new(field, "default", json_null());
        }
        if (output->doc) {
            json_object_set_new(field, "doc", json_string(output->doc));
        }
        json_array_append_new(fields, field);
    }
    return fields;
}

/** @return the whole schema as text, or NULL where memory is exhausted. */
static char *write_schema(const struct wn_type *type, const struct wn_purpose *purpose)
{
    struct deriving deriving = { 0 };
    char namespace[80];
    snprintf(namespace, sizeof(namespace), "winnow.%s", purpose->name);

    json_t *schema = json_object();
    json_object_set_new(schema, "type", json_string("record"));
    json_object_set_new(schema, "name", json_string(type->name));
    json_object_set_new(schema, "namespace", json_string(namespace));
    if (type->doc) {
        json_object_set_new(schema, "doc", json_string(type->doc));
    }
    json_object_set_new(schema, "fields",
                        fields_of(&deriving, purpose, purpose->outputs, purpose->n_outputs));
    char *text = json_dumps(schema, JSON_INDENT(2));
    json_decref(schema);
    return text;
}

enum wn_code wn_policy_derive(const struct wn_type *type, struct wn_purpose *purpose,
                              struct wn_error *err)
{
    char *text = write_schema(type, purpose);
    struct wn_buffer line = { 0 };
    wn_buffer_text(&line, text ? text : "");
    wn_buffer_add(&line, "\n", 2); // And its NUL.
    free(text);
    purpose->schema = (char *)line.at;
    purpose->fingerprint = wn_schema_fingerprint(purpose->schema);

    avro_schema_t schema = NULL;
    if (avro_schema_from_json_length(purpose->schema, strlen(purpose->schema), &schema) != 0) {
        return wn_fail(err, WN_FATAL, "config",
                       "purpose '%s': avro-c refuses the derived schema: %s", purpose->name,
                       avro_strerror());
    }
    avro_schema_decref(schema);
    return WN_OK;
}
