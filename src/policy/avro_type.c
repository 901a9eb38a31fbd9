// SPDX-License-Identifier: Apache-2.0

/*
 * The Avro types that a policy's field can have: a subset of Avro's, without maps, floats, and
 * unions but that of null and one type. What a kind needs of its type is the table below.
 */

#include "load.h"

static const char *const primitives[] = {
    [WN_AVRO_BOOLEAN] = "boolean", [WN_AVRO_INT] = "int",     [WN_AVRO_LONG] = "long",
    [WN_AVRO_STRING] = "string",   [WN_AVRO_BYTES] = "bytes",
};

enum {
    BOOLEAN = 1u << WN_AVRO_BOOLEAN,
    INT = 1u << WN_AVRO_INT,
    LONG = 1u << WN_AVRO_LONG,
    STRING = 1u << WN_AVRO_STRING,
    BYTES = 1u << WN_AVRO_BYTES,
    ENUM = 1u << WN_AVRO_ENUM,
};

/** Types that fit a kind, and the same in words. */
static const struct fit {
    unsigned types;
    const char *words;
} fits[WN_KINDS] = {
    [WN_KIND_TIME] = { LONG, "long with the logicalType timestamp-millis" },
    [WN_KIND_DURATION] = { LONG, "long" },
    [WN_KIND_OCTETS] = { LONG, "long" },
    [WN_KIND_COUNT] = { INT | LONG, "int or long" },
    [WN_KIND_OFFSET] = { INT | LONG, "int or long" },
    [WN_KIND_SCORE] = { INT | LONG, "int or long" },
    [WN_KIND_AMOUNT] = { LONG, "long" },
    [WN_KIND_FLAG] = { BOOLEAN, "boolean" },
    [WN_KIND_ENUM] = { ENUM, "an enum" },
    [WN_KIND_CAUSE] = { ENUM, "an enum of normal, failed, abnormal, unknown, in this order" },
    [WN_KIND_NUMBER] = { STRING, "[\"null\", \"string\"], since a number may have to be hidden" },
    [WN_KIND_IMSI] = { STRING, "string" },
    [WN_KIND_IMEI] = { STRING, "string" },
    [WN_KIND_NAI] = { STRING, "string" },
    [WN_KIND_EMAIL] = { STRING, "string" },
    [WN_KIND_MAC] = { STRING | BYTES, "bytes or string" },
    [WN_KIND_IP] = { STRING | BYTES, "bytes or string" },
    [WN_KIND_ACCOUNT] = { STRING, "string" },
    [WN_KIND_SUBSCRIBER] = { STRING, "\"string\", not nullable: a record without is refused" },
    [WN_KIND_ID] = { STRING | BYTES, "string or bytes" },
    [WN_KIND_TOKEN] = { STRING, "string" },
    [WN_KIND_PLMN] = { STRING, "string" },
    [WN_KIND_APN] = { STRING, "string" },
    [WN_KIND_CURRENCY] = { STRING, "string" },
};

static bool is_cause(const struct wn_avro_type *type)
{
    if (type->n_symbols != WN_CAUSE_UNKNOWN + 1) {
        return false;
    }
    for (unsigned i = 0; i < type->n_symbols; i++) {
        if (strcmp(type->symbols[i], wn_cause_name((enum wn_cause)i)) != 0) {
            return false;
        }
    }
    return true;
}

bool wn_load_kind_fits(struct wn_loading *load, enum wn_kind kind, const struct wn_avro_type *type)
{
    bool fine = (fits[kind].types >> type->avro & 1) != 0;
    fine = fine && type->timestamp == (kind == WN_KIND_TIME);
    fine = fine && (kind != WN_KIND_NUMBER || type->nullable);
    fine = fine && (kind != WN_KIND_SUBSCRIBER || !type->nullable);
    fine = fine && (kind != WN_KIND_CAUSE || is_cause(type));
    if (!fine) {
        wn_load_fault(load, "its type does not fit kind '%s', which is %s", wn_kind_name(kind),
                      fits[kind].words);
    }
    return fine;
}

static bool find_word(struct wn_loading *load, const char *word, struct wn_avro_type *ret_type)
{
    for (unsigned i = 0; i < WN_COUNT(primitives); i++) {
        if (strcmp(primitives[i], word) == 0) {
            ret_type->avro = (enum wn_avro)i;
            return true;
        }
    }
    for (unsigned i = 0; i < load->n_named; i++) {
        if (strcmp(load->named[i].name, word) == 0) {
            *ret_type = load->named[i];
            return true;
        }
    }
    wn_load_fault(load,
                  "unknown type '%.64s'; there are boolean, int, long, string, bytes, and what "
                  "stands further up by its name",
                  word);
    return false;
}

/** Remember a named type; each is defined once a file. */
static bool name_type(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    static const char *const ours[] = { "Origin", "Usage", "NumberClass" };

    const char *name = wn_load_text(load, type, "its type", "name");
    if (!name) {
        return false;
    }
    bool fixed = ret_type->avro == WN_AVRO_FIXED;
    const char *local =
        strncmp(name, "winnow.", strlen("winnow.")) == 0 && fixed ? name + strlen("winnow.") : name;
    if (!wn_avro_name(local)) {
        wn_load_fault(load, "'%.64s' is no name of an Avro type (letters, digits and _)", name);
        return false;
    }
    for (unsigned i = 0; i < WN_COUNT(ours); i++) {
        if (strcmp(ours[i], name) == 0 || strcmp(load->type->name, name) == 0) {
            wn_load_fault(load, "the type name '%s' is taken by the derived schema", name);
            return false;
        }
    }
    for (unsigned i = 0; i < load->n_named; i++) {
        if (strcmp(load->named[i].name, name) == 0) {
            wn_load_fault(load, "type '%s' is defined twice; refer to it by its name", name);
            return false;
        }
    }
    if (load->n_named == WN_NAMED) {
        wn_load_fault(load, "more than %d named types", WN_NAMED);
        return false;
    }
    ret_type->name = name;
    load->named[load->n_named] = *ret_type;
    load->n_named++;
    return true;
}

static bool read_symbols(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    json_t *symbols = json_object_get(type, "symbols");
    size_t n = json_array_size(symbols);
    if (n == 0 || n > UINT8_MAX) {
        wn_load_fault(load, "an enum has a list of 1 to 255 symbols");
        return false;
    }
    const char **words = wn_arena_zeroed(&load->policy->arena, n, sizeof(*words));
    for (unsigned i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(symbols, i));
        if (!word || !wn_avro_name(word)) {
            wn_load_fault(load, "symbol %u of its enum is no Avro name (letters, digits and _)",
                          i + 1);
            return false;
        }
        if (wn_symbol_find(words, i, wn_slice_of(word)) >= 0) {
            wn_load_fault(load, "symbol '%.64s' of its enum stands there twice", word);
            return false;
        }
        words[i] = wn_arena_copy(&load->policy->arena, wn_slice_of(word)).at;
    }
    ret_type->symbols = words;
    ret_type->n_symbols = (unsigned)n;
    return true;
}

static bool read_enum(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    static const char *const keys[] = { "type", "name", "symbols", "doc", NULL };

    wn_load_keys(load, type, "its enum", keys);
    ret_type->avro = WN_AVRO_ENUM;
    return read_symbols(load, type, ret_type) && name_type(load, type, ret_type);
}

static bool read_fixed(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    static const char *const keys[] = { "type", "name", "size", "doc", NULL };

    wn_load_keys(load, type, "its fixed type", keys);
    json_int_t size = json_integer_value(json_object_get(type, "size"));
    if (size < 1 || size > UINT8_MAX) {
        wn_load_fault(load, "the size of a fixed type is 1 to 255");
        return false;
    }
    ret_type->avro = WN_AVRO_FIXED;
    ret_type->fixed_bytes = (unsigned)size;
    return name_type(load, type, ret_type);
}

/** An array: of an enum (`flags`), or of records (the repeated group). */
static bool read_array(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    static const char *const keys[] = { "type", "items", NULL };
    static const char *const item_keys[] = { "type", "name", "doc", "fields", NULL };

    wn_load_keys(load, type, "its array", keys);
    json_t *items = json_object_get(type, "items");
    const char *what = json_string_value(json_object_get(items, "type"));
    if (what && strcmp(what, "record") == 0) {
        wn_load_keys(load, items, "its item", item_keys);
        ret_type->avro = WN_AVRO_ITEMS;
        ret_type->fields = json_object_get(items, "fields");
        return true;
    }
    struct wn_avro_type item = { 0 };
    if (!items || !wn_load_avro(load, items, &item)) {
        return false;
    }
    if (item.avro != WN_AVRO_ENUM || item.nullable) {
        wn_load_fault(load, "an array is of an enum (made flags) or of records (usage)");
        return false;
    }
    *ret_type = item;
    ret_type->avro = WN_AVRO_ENUMS;
    return true;
}

/** `origin` is the only record among the types; its members are ours. */
static bool read_record(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    static const struct {
        const char *name, *type;
    } members[] = {
        { "input", "string" }, { "partition", "int" }, { "offset", "long" }, { "index", "int" }
    };

    json_t *fields = json_object_get(type, "fields");
    bool fine = json_array_size(fields) == WN_COUNT(members);
    for (unsigned i = 0; fine && i < WN_COUNT(members); i++) {
        json_t *field = json_array_get(fields, i);
        const char *name = json_string_value(json_object_get(field, "name"));
        const char *word = json_string_value(json_object_get(field, "type"));
        fine = name && word && strcmp(name, members[i].name) == 0 &&
               strcmp(word, members[i].type) == 0;
    }
    if (!fine) {
        wn_load_fault(load, "a record is of input string, partition int, offset long, index int "
                            "(made origin)");
        return false;
    }
    ret_type->avro = WN_AVRO_ORIGIN;
    return true;
}

static bool read_object(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    static const char *const keys[] = { "type", "logicalType", NULL };
    static const struct {
        const char *word;
        bool (*read)(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type);
    } complex[] = {
        { "enum", read_enum },
        { "fixed", read_fixed },
        { "array", read_array },
        { "record", read_record },
    };

    const char *word = json_string_value(json_object_get(type, "type"));
    if (!word) {
        wn_load_fault(load, "its type has no word under \"type\"");
        return false;
    }
    for (unsigned i = 0; i < WN_COUNT(complex); i++) {
        if (strcmp(complex[i].word, word) == 0) {
            return complex[i].read(load, type, ret_type);
        }
    }
    wn_load_keys(load, type, "its type", keys);
    const char *logical = wn_load_optional(load, type, "logicalType");
    if (!find_word(load, word, ret_type)) {
        return false;
    }
    ret_type->timestamp = logical && strcmp(logical, "timestamp-millis") == 0;
    if (logical && (!ret_type->timestamp || ret_type->avro != WN_AVRO_LONG)) {
        wn_load_fault(load, "the only logicalType is timestamp-millis, on long");
        return false;
    }
    return true;
}

bool wn_load_avro(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type)
{
    if (json_is_string(type)) {
        return find_word(load, json_string_value(type), ret_type);
    }
    if (json_is_object(type)) {
        return read_object(load, type, ret_type);
    }
    json_t *one = json_array_get(type, 1);
    const char *null = json_string_value(json_array_get(type, 0));
    if (json_array_size(type) != 2 || !null || strcmp(null, "null") != 0 || json_is_array(one)) {
        wn_load_fault(load, "its type is a word, an object, or a union of \"null\" and one type, "
                            "null first");
        return false;
    }
    if (!wn_load_avro(load, one, ret_type)) {
        return false;
    }
    ret_type->nullable = true;
    if (ret_type->avro == WN_AVRO_ITEMS || ret_type->avro == WN_AVRO_ENUMS ||
        ret_type->avro == WN_AVRO_ORIGIN) {
        wn_load_fault(load, "a list or record is never null");
        return false;
    }
    return true;
}
