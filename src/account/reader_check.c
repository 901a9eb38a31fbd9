// SPDX-License-Identifier: Apache-2.0

#include "avro_take.h"
#include "reader.h"

enum {
    FIXED_BYTES = 1 << 20,
    SCHEMA_FIELDS = 10000
};

/** @param budget  Schemas that may still be looked at. */
static bool has_end(avro_schema_t schema, bool direct, unsigned depth, unsigned *budget)
{
    if (depth == 0 || *budget == 0) {
        return false;
    }
    --*budget;
    bool good = true;
    if (is_avro_record(schema)) {
        size_t n = avro_schema_record_size(schema);
        for (size_t i = 0; i < n && good; i++) {
            good = has_end(avro_schema_record_field_get_by_index(schema, (int)i), direct, depth - 1,
                           budget);
        }
    } else if (is_avro_link(schema)) {
        // Behind a union or a list it may come again; what it links to is looked at where it
        // stands.
        good = !direct || has_end(avro_schema_link_target(schema), true, depth - 1, budget);
    } else if (is_avro_union(schema)) {
        size_t n = avro_schema_union_size(schema);
        for (size_t i = 0; i < n && good; i++) {
            good = has_end(avro_schema_union_branch(schema, (int)i), false, depth - 1, budget);
        }
    } else if (is_avro_array(schema)) {
        good = has_end(avro_schema_array_items(schema), false, depth - 1, budget);
    } else if (is_avro_map(schema)) {
        good = has_end(avro_schema_map_values(schema), false, depth - 1, budget);
    } else if (is_avro_fixed(schema)) {
        good = avro_schema_fixed_size(schema) >= 0 && avro_schema_fixed_size(schema) <= FIXED_BYTES;
    }
    return good;
}

bool wn_avro_schema_has_end(avro_schema_t schema)
{
    unsigned budget = SCHEMA_FIELDS;
    return has_end(schema, true, WN_AVRO_DEPTH, &budget);
}

static bool check_record(avro_schema_t schema, struct wn_slice *rest, unsigned depth)
{
    size_t n = avro_schema_record_size(schema);
    for (size_t i = 0; i < n; i++) {
        if (!wn_avro_check(avro_schema_record_field_get_by_index(schema, (int)i), rest,
                           depth - 1)) {
            return false;
        }
    }
    return true;
}

/** @param map  Each item has a key before it. */
static bool check_items(avro_schema_t items, bool map, struct wn_slice *rest, unsigned depth)
{
    for (;;) {
        int64_t n, bytes;
        if (!wn_avro_take_long(rest, &n) || n == INT64_MIN) {
            return false;
        }
        if (n < 0 && (!wn_avro_take_long(rest, &bytes) || bytes < 0)) {
            return false;
        }
        n = n < 0 ? -n : n;
        if (n == 0) {
            return true;
        }
        if ((uint64_t)n > rest->len) { // An item takes an octet at least.
            return false;
        }
        for (int64_t i = 0; i < n; i++) {
            struct wn_slice key;
            if ((map && !wn_avro_take_string(rest, &key)) ||
                !wn_avro_check(items, rest, depth - 1)) {
                return false;
            }
        }
    }
}

static bool check_union(avro_schema_t schema, struct wn_slice *rest, unsigned depth)
{
    int64_t branch;
    return wn_avro_take_long(rest, &branch) && branch >= 0 &&
           (uint64_t)branch < avro_schema_union_size(schema) &&
           wn_avro_check(avro_schema_union_branch(schema, (int)branch), rest, depth - 1);
}

static bool check_enum(avro_schema_t schema, struct wn_slice *rest)
{
    int32_t symbol;
    return wn_avro_take_int(rest, &symbol) && symbol >= 0 &&
           symbol < avro_schema_enum_number_of_symbols(schema);
}

static bool check_boolean(struct wn_slice *rest)
{
    struct wn_slice octet;
    return wn_avro_take_fixed(rest, 1, &octet) && (octet.at[0] == 0 || octet.at[0] == 1);
}

bool wn_avro_check(avro_schema_t schema, struct wn_slice *rest, unsigned depth)
{
    struct wn_slice bytes;
    int64_t number;
    int32_t small;
    if (depth == 0) {
        return false;
    }
    switch ((int)avro_typeof(schema)) { // As a number: avro-c 1.12 has one more.
    case AVRO_STRING:
        return wn_avro_take_string(rest, &bytes);
    case AVRO_BYTES:
        return wn_avro_take_bytes(rest, &bytes);
    case AVRO_INT32:
        return wn_avro_take_int(rest, &small);
    case AVRO_INT64:
        return wn_avro_take_long(rest, &number);
    case AVRO_FLOAT:
        return wn_avro_take_fixed(rest, 4, &bytes);
    case AVRO_DOUBLE:
        return wn_avro_take_fixed(rest, 8, &bytes);
    case AVRO_BOOLEAN:
        return check_boolean(rest);
    case AVRO_NULL:
        return true;
    case AVRO_RECORD:
        return check_record(schema, rest, depth);
    case AVRO_ENUM:
        return check_enum(schema, rest);
    case AVRO_FIXED:
        return wn_avro_take_fixed(rest, (size_t)avro_schema_fixed_size(schema), &bytes);
    case AVRO_MAP:
        return check_items(avro_schema_map_values(schema), true, rest, depth);
    case AVRO_ARRAY:
        return check_items(avro_schema_array_items(schema), false, rest, depth);
    case AVRO_UNION:
        return check_union(schema, rest, depth);
    case AVRO_LINK:
        return wn_avro_check(avro_schema_link_target(schema), rest, depth - 1);
    default:
        return false;
    }
}
