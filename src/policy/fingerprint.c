// SPDX-License-Identifier: Apache-2.0

/*
 * CRC-64-AVRO of a schema's parsing canonical form (Avro 1.11 specification, "Parsing Canonical
 * Form for Schemas", "Schema Fingerprints"): full names, only what matters for reading, in a fixed
 * order, without white space. It does not change with docs, defaults and logical types.
 */

#include <jansson.h>

#include "winnow/policy.h"

enum {
    MOST_DEPTH = 32
};

/** The fingerprint of no bytes, and the polynomial's feedback. */
static const uint64_t empty = UINT64_C(0xc15d213aa4d7a795);

static bool canonical(const json_t *schema, const char *namespace, unsigned depth,
                      struct wn_buffer *out);

static bool is_primitive(const char *word)
{
    static const char *const words[] = { "null",  "boolean", "int",   "long",
                                         "float", "double",  "bytes", "string" };

    for (unsigned i = 0; i < WN_COUNT(words); i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/** `"word"`, with its namespace where it is a name without one. */
static void put_name(const char *word, const char *namespace, struct wn_buffer *out)
{
    bool full = is_primitive(word) || strchr(word, '.') || namespace[0] == '\0';
    wn_buffer_format(out, "\"%s%s%s\"", full ? "" : namespace, full ? "" : ".", word);
}

/** The elements of a list, with commas: a union's branches, a record's fields. */
static bool put_fields(const json_t *fields, const char *namespace, unsigned depth,
                       struct wn_buffer *out)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        const char *name = json_string_value(json_object_get(field, "name"));
        const json_t *type = json_object_get(field, "type");
        if (!name || !type) {
            return false;
        }
        wn_buffer_format(out, "%s{\"name\":\"%s\",\"type\":", i > 0 ? "," : "", name);
        if (!canonical(type, namespace, depth, out)) {
            return false;
        }
        wn_buffer_text(out, "}");
    }
    return true;
}

/** A record, enum or fixed. */
static bool put_named(const json_t *schema, const char *word, const char *namespace, unsigned depth,
                      struct wn_buffer *out)
{
    const char *name = json_string_value(json_object_get(schema, "name"));
    const char *own = json_string_value(json_object_get(schema, "namespace"));
    if (!name) {
        return false;
    }
    struct wn_buffer inner = { 0 };
    const char *dot = strrchr(name, '.');
    if (dot) {
        wn_buffer_add(&inner, name, (size_t)(dot - name));
    } else {
        wn_buffer_text(&inner, own ? own : namespace);
    }
    wn_buffer_add(&inner, "", 1); // Its NUL.

    wn_buffer_text(out, "{\"name\":");
    put_name(name, (const char *)inner.at, out);
    wn_buffer_format(out, ",\"type\":\"%s\"", word);
    bool fine = true;
    if (strcmp(word, "record") == 0) {
        wn_buffer_text(out, ",\"fields\":[");
        fine = put_fields(json_object_get(schema, "fields"), (const char *)inner.at, depth, out);
        wn_buffer_text(out, "]}");
    } else if (strcmp(word, "enum") == 0) {
        const json_t *symbols = json_object_get(schema, "symbols");
        wn_buffer_text(out, ",\"symbols\":[");
        for (size_t i = 0; i < json_array_size(symbols); i++) {
            const char *symbol = json_string_value(json_array_get(symbols, i));
            wn_buffer_format(out, "%s\"%s\"", i > 0 ? "," : "", symbol ? symbol : "");
        }
        wn_buffer_text(out, "]}");
    } else {
        wn_buffer_format(out, ",\"size\":%lld}",
                         (long long)json_integer_value(json_object_get(schema, "size")));
    }
    wn_buffer_deinit(&inner);
    return fine;
}

static bool put_object(const json_t *schema, const char *namespace, unsigned depth,
                       struct wn_buffer *out)
{
    const json_t *type = json_object_get(schema, "type");
    const char *word = json_string_value(type);
    if (!word) {
        return type && canonical(type, namespace, depth, out);
    }
    if (strcmp(word, "record") == 0 || strcmp(word, "enum") == 0 || strcmp(word, "fixed") == 0) {
        return put_named(schema, word, namespace, depth, out);
    }
    const bool array = strcmp(word, "array") == 0;
    if (array || strcmp(word, "map") == 0) {
        const char *inside = array ? "items" : "values";
        const json_t *items = json_object_get(schema, inside);
        wn_buffer_format(out, "{\"type\":\"%s\",\"%s\":", word, inside);
        if (!items || !canonical(items, namespace, depth, out)) {
            return false;
        }
        wn_buffer_text(out, "}");
        return true;
    }
    put_name(word, namespace, out);
    return true;
}

static bool canonical(const json_t *schema, const char *namespace, unsigned depth,
                      struct wn_buffer *out)
{
    if (depth == 0) {
        return false;
    }
    if (json_is_string(schema)) {
        put_name(json_string_value(schema), namespace, out);
        return true;
    }
    if (json_is_object(schema)) {
        return put_object(schema, namespace, depth - 1, out);
    }
    if (!json_is_array(schema)) {
        return false;
    }
    wn_buffer_text(out, "[");
    for (size_t i = 0; i < json_array_size(schema); i++) {
        wn_buffer_text(out, i > 0 ? "," : "");
        if (!canonical(json_array_get(schema, i), namespace, depth - 1, out)) {
            return false;
        }
    }
    wn_buffer_text(out, "]");
    return true;
}

static uint64_t crc64(const uint8_t *bytes, size_t len)
{
    uint64_t crc = empty;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? empty : 0);
        }
    }
    return crc;
}

uint64_t wn_schema_fingerprint(const char *json)
{
    json_t *schema = json_loads(json, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    struct wn_buffer out = { 0 };
    uint64_t fingerprint = 0;
    if (schema && canonical(schema, "", MOST_DEPTH, &out)) {
        fingerprint = crc64(out.at, out.len);
    }
    wn_buffer_deinit(&out);
    json_decref(schema);
    return fingerprint;
}
