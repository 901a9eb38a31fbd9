// SPDX-License-Identifier: Apache-2.0

/*
 * avro-c reads, this file shows. Bytes are checked against the schema first (reader_check.c);
 * avro-c then reads just those octets, and must use all of them.
 */

#include "reader.h"

#include <assert.h>
#include <math.h>

#include "winnow/hash.h"
#include "winnow/memory.h"

struct wn_avro_reader {
    avro_schema_t schema;
    avro_value_iface_t *class;
    avro_value_t value;
    bool has_value;
};

enum wn_code wn_avro_reader_open(const char *schema, struct wn_avro_reader **ret_reader,
                                 struct wn_error *err)
{
    struct wn_avro_reader *reader = wn_take(1, sizeof(*reader));
    if (avro_schema_from_json_length(schema, strlen(schema), &reader->schema) != 0) {
        reader->schema = NULL;
    }
    if (reader->schema && avro_typeof(reader->schema) == AVRO_RECORD &&
        wn_avro_schema_has_end(reader->schema)) {
        reader->class = avro_generic_class_from_schema(reader->schema);
    }
    reader->has_value = reader->class && avro_generic_value_new(reader->class, &reader->value) == 0;
    if (!reader->has_value) {
        wn_avro_reader_close(reader);
        return wn_fail(err, WN_FATAL, "file-read", "not the Avro schema of a record");
    }
    *ret_reader = reader;
    return WN_OK;
}

struct wn_avro_reader *wn_avro_reader_close(struct wn_avro_reader *reader)
{
    if (reader) {
        if (reader->has_value) {
            avro_value_decref(&reader->value);
        }
        if (reader->class) {
            avro_value_iface_decref(reader->class);
        }
        if (reader->schema) {
            avro_schema_decref(reader->schema);
        }
        free(reader);
    }
    return NULL;
}

/** Read the next record into the reader's value. */
static enum wn_code read_record(struct wn_avro_reader *reader, struct wn_slice *rest,
                                struct wn_error *err)
{
    struct wn_slice after = *rest;
    if (!wn_avro_check(reader->schema, &after, WN_AVRO_DEPTH)) {
        return wn_fail(err, WN_REJECT, "file-read",
                       "octets that are no record of the schema: damaged, or written by another "
                       "schema");
    }
    struct wn_slice record = { rest->at, rest->len - after.len };
    avro_reader_t memory = avro_reader_memory(record.at, (int64_t)record.len);
    avro_value_reset(&reader->value);
    int fault = memory ? avro_value_read(memory, &reader->value) : 1;
    if (memory) {
        avro_reader_free(memory);
    }
    if (fault != 0) {
        return wn_fail(err, WN_REJECT, "file-read", "octets that avro-c does not read");
    }
    *rest = after;
    return WN_OK;
}

static void put_json(const avro_value_t *value, struct wn_buffer *out);

static void put_json_text(const char *text, size_t len, struct wn_buffer *out)
{
    wn_buffer_text(out, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            wn_buffer_format(out, "\\%c", c);
        } else if (c < 0x20) {
            wn_buffer_format(out, "\\u%04x", c);
        } else {
            wn_buffer_add(out, &c, 1);
        }
    }
    wn_buffer_text(out, "\"");
}

static void put_hex(const void *bytes, size_t len, struct wn_buffer *out)
{
    char *room = (char *)wn_buffer_room(out, 2 * len + 1);
    wn_hex(bytes, len, room);
    out->len += 2 * len;
}

static void put_real(double number, struct wn_buffer *out)
{
    if (isfinite(number)) {
        wn_buffer_format(out, "%.17g", number);
    } else {
        wn_buffer_text(out, "null"); // JSON has no such number.
    }
}

/** Append a number, a boolean or a symbol as text. @return false where the value is none. */
static bool put_scalar(const avro_value_t *value, struct wn_buffer *out)
{
    avro_type_t type = avro_value_get_type(value);
    int integer = 0;
    int32_t small = 0;
    int64_t large = 0;
    float single = 0;
    double real = 0;
    if (type == AVRO_BOOLEAN) {
        avro_value_get_boolean(value, &integer);
        wn_buffer_text(out, integer ? "true" : "false");
    } else if (type == AVRO_INT32) {
        avro_value_get_int(value, &small);
        wn_buffer_format(out, "%d", small);
    } else if (type == AVRO_INT64) {
        avro_value_get_long(value, &large);
        wn_buffer_format(out, "%lld", (long long)large);
    } else if (type == AVRO_FLOAT) {
        avro_value_get_float(value, &single);
        put_real((double)single, out);
    } else if (type == AVRO_DOUBLE) {
        avro_value_get_double(value, &real);
        put_real(real, out);
    } else if (type == AVRO_ENUM) {
        avro_value_get_enum(value, &integer);
        wn_buffer_text(out, avro_schema_enum_get(avro_value_get_schema(value), integer));
    } else {
        return false;
    }
    return true;
}

/** Find the octets of a string, bytes or fixed. @return false where it is none of them. */
static bool find_octets(const avro_value_t *value, struct wn_slice *ret_octets)
{
    avro_type_t type = avro_value_get_type(value);
    const void *bytes = NULL;
    size_t len = 0;
    if (type == AVRO_STRING) {
        const char *text = NULL;
        avro_value_get_string(value, &text, &len); // The length counts a NUL behind the text.
        bytes = text;
        len = len > 0 ? len - 1 : 0;
    } else if (type == AVRO_BYTES) {
        avro_value_get_bytes(value, &bytes, &len);
    } else if (type == AVRO_FIXED) {
        avro_value_get_fixed(value, &bytes, &len);
    } else {
        return false;
    }
    *ret_octets = (struct wn_slice){ bytes, len };
    return true;
}

/** Append a record or a map. */
static void put_members(const avro_value_t *value, struct wn_buffer *out)
{
    size_t n = 0;
    avro_value_get_size(value, &n);
    wn_buffer_text(out, "{");
    for (size_t i = 0; i < n; i++) {
        avro_value_t member = { NULL, NULL };
        const char *name = "";
        int fault = avro_value_get_by_index(value, i, &member, &name);
        assert(fault == 0);
        wn_buffer_text(out, i > 0 ? "," : "");
        put_json_text(name, strlen(name), out);
        wn_buffer_text(out, ":");
        put_json(&member, out);
    }
    wn_buffer_text(out, "}");
}

static void put_elements(const avro_value_t *value, struct wn_buffer *out)
{
    size_t n = 0;
    avro_value_get_size(value, &n);
    wn_buffer_text(out, "[");
    for (size_t i = 0; i < n; i++) {
        avro_value_t element = { NULL, NULL };
        int fault = avro_value_get_by_index(value, i, &element, NULL);
        assert(fault == 0);
        wn_buffer_text(out, i > 0 ? "," : "");
        put_json(&element, out);
    }
    wn_buffer_text(out, "]");
}

/** Append any value as JSON; as deep as wn_avro_check() let through. */
static void put_json(const avro_value_t *value, struct wn_buffer *out)
{
    avro_type_t type = avro_value_get_type(value);
    struct wn_slice octets;
    if (type == AVRO_UNION) {
        avro_value_t branch = *value;
        avro_value_get_current_branch(value, &branch);
        put_json(&branch, out);
    } else if (type == AVRO_RECORD || type == AVRO_MAP) {
        put_members(value, out);
    } else if (type == AVRO_ARRAY) {
        put_elements(value, out);
    } else if (type == AVRO_NULL) {
        wn_buffer_text(out, "null");
    } else if (find_octets(value, &octets) && type == AVRO_STRING) {
        put_json_text(octets.at, octets.len, out);
    } else if (find_octets(value, &octets)) {
        wn_buffer_text(out, "\"");
        put_hex(octets.at, octets.len, out);
        wn_buffer_text(out, "\"");
    } else if (type == AVRO_ENUM) {
        wn_buffer_text(out, "\"");
        put_scalar(value, out);
        wn_buffer_text(out, "\"");
    } else {
        put_scalar(value, out);
    }
}

enum wn_code wn_avro_reader_json(struct wn_avro_reader *reader, struct wn_slice *rest,
                                 struct wn_buffer *ret_json, struct wn_error *err)
{
    enum wn_code rc = read_record(reader, rest, err);
    if (rc == WN_OK && ret_json) {
        put_json(&reader->value, ret_json);
    }
    return rc;
}

/** Append a CSV field, in quotes where RFC 4180 wants them. */
static void put_csv_text(struct wn_slice text, struct wn_buffer *out)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        quoted = quoted || c == '"' || c == ',' || c == '\r' || c == '\n';
    }
    if (!quoted) {
        wn_buffer_add(out, text.at, text.len);
        return;
    }
    wn_buffer_text(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        wn_buffer_add(out, &text.at[i], 1);
        if (text.at[i] == '"') {
            wn_buffer_text(out, "\"");
        }
    }
    wn_buffer_text(out, "\"");
}

/** Append a value's columns: a record has those of its fields, all else has one. */
static void put_csv(const avro_value_t *value, struct wn_buffer *out)
{
    avro_type_t type = avro_value_get_type(value);
    struct wn_slice octets;
    if (type == AVRO_RECORD) {
        size_t n = 0;
        avro_value_get_size(value, &n);
        for (size_t i = 0; i < n; i++) {
            avro_value_t member = { NULL, NULL };
            int fault = avro_value_get_by_index(value, i, &member, NULL);
            assert(fault == 0);
            wn_buffer_text(out, i > 0 ? "," : "");
            put_csv(&member, out);
        }
        return;
    }
    avro_value_t branch = *value;
    if (type == AVRO_UNION) {
        avro_value_get_current_branch(value, &branch);
        type = avro_value_get_type(&branch);
    }
    if (type == AVRO_NULL || put_scalar(&branch, out)) {
        return;
    }
    if (find_octets(&branch, &octets) && type == AVRO_STRING) {
        put_csv_text(octets, out);
    } else if (find_octets(&branch, &octets)) {
        put_hex(octets.at, octets.len, out);
    } else {
        struct wn_buffer json = { 0 };
        put_json(&branch, &json);
        put_csv_text(wn_buffer_slice(&json), out);
        wn_buffer_deinit(&json);
    }
}

enum wn_code wn_avro_reader_csv(struct wn_avro_reader *reader, struct wn_slice *rest,
                                struct wn_buffer *ret_csv, struct wn_error *err)
{
    enum wn_code rc = read_record(reader, rest, err);
    if (rc == WN_OK) {
        put_csv(&reader->value, ret_csv);
    }
    return rc;
}

/** Append the columns of a record, each with the names of the records around it. */
static void put_header(avro_schema_t schema, const char *prefix, struct wn_buffer *out)
{
    size_t n = avro_schema_record_size(schema);
    for (size_t i = 0; i < n; i++) {
        struct wn_buffer name = { 0 };
        wn_buffer_text(&name, prefix);
        wn_buffer_text(&name, avro_schema_record_field_name(schema, (int)i));
        avro_schema_t field = avro_schema_record_field_get_by_index(schema, (int)i);
        if (is_avro_link(field)) {
            field = avro_schema_link_target(field);
        }
        wn_buffer_text(out, i > 0 ? "," : "");
        if (is_avro_record(field)) {
            wn_buffer_add(&name, ".", 2); // With its NUL: it is a prefix.
            put_header(field, (const char *)name.at, out);
        } else {
            wn_buffer_add(out, name.at, name.len);
        }
        wn_buffer_deinit(&name);
    }
}

enum wn_code wn_avro_reader_csv_header(struct wn_avro_reader *reader, struct wn_buffer *ret_csv,
                                       struct wn_error *err)
{
    (void)err; // A schema that has no end was refused at open.
    put_header(reader->schema, "", ret_csv);
    return WN_OK;
}
