// SPDX-License-Identifier: Apache-2.0

/*
 * A schema file from the outside: the record, its purposes, then field by field, and last what
 * holds of the type as a whole (what judge binds, no purpose without a field).
 */

#include "load.h"

#include <stdarg.h>
#include <stdio.h>

void wn_load_fault(struct wn_loading *load, const char *format, ...)
{
    char sentence[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);

    if (load->field) {
        wn_faults_add(load->faults, load->file, 0, "field '%.64s': %s", load->field, sentence);
    } else {
        wn_faults_add(load->faults, load->file, 0, "%s", sentence);
    }
}

void wn_load_keys(struct wn_loading *load, json_t *object, const char *what,
                  const char *const *keys)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value)
    {
        bool known = false;
        for (unsigned i = 0; keys[i] && !known; i++) {
            known = strcmp(keys[i], key) == 0;
        }
        if (!known) {
            wn_load_fault(load, "%s has no '%.64s'", what, key);
        }
    }
}

const char *wn_load_optional(struct wn_loading *load, json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!value) {
        return NULL;
    }
    if (!json_is_string(value)) {
        wn_load_fault(load, "'%s' is no text", key);
        return NULL;
    }
    return wn_arena_copy(&load->policy->arena, wn_slice_of(json_string_value(value))).at;
}

const char *wn_load_text(struct wn_loading *load, json_t *object, const char *what, const char *key)
{
    if (!json_object_get(object, key)) {
        wn_load_fault(load, "%s lacks '%s'", what, key);
        return NULL;
    }
    return wn_load_optional(load, object, key);
}

bool wn_avro_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    return name[0] != '\0' && strchr(letters, name[0]) && strlen(name) <= 64 &&
           strspn(name + strspn(name, letters),
                  "0123456789abcdefghijklmnopqrstuvwxyz"
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(name + strspn(name, letters));
}

/** Read a word of a closed list. @return its index, or -1 and a fault that names the list. */
static int read_word(struct wn_loading *load, json_t *object, const char *what, const char *key,
                     const char *const *words)
{
    const char *text = wn_load_text(load, object, what, key);
    if (!text) {
        return -1;
    }
    struct wn_buffer list = { 0 };
    int found = -1;
    for (int i = 0; words[i]; i++) {
        wn_buffer_format(&list, "%s%s", i > 0 ? ", " : "", words[i]);
        found = strcmp(words[i], text) == 0 ? i : found;
    }
    if (found < 0) {
        wn_load_fault(load, "%s: '%s' is one of %.*s", what, key, (int)list.len,
                      (const char *)list.at);
    }
    wn_buffer_deinit(&list);
    return found;
}

/** @return whether the text is a number of days, months or years. */
static bool is_retention(const char *text)
{
    static const char *const units[] = { "day", "days", "month", "months", "year", "years" };

    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 4 || text[0] == '0' || text[digits] != ' ') {
        return false;
    }
    for (unsigned i = 0; i < WN_COUNT(units); i++) {
        if (strcmp(text + digits + 1, units[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** @return whether Kafka takes this as a topic's name, and it is none of winnow's own. */
static bool is_topic(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= 200 && text[0] != '.' && strncmp(text, "winnow.", 7) != 0 &&
           strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") == len;
}

static void read_purpose(struct wn_loading *load, json_t *object, struct wn_purpose *ret_purpose)
{
    static const char *const keys[] = { "topic",  "basis", "retention", "counted_from",
                                        "period", "only",  NULL };
    static const char *const bases[] = { "consent",
                                         "contract",
                                         "legal-obligation",
                                         "vital-interests",
                                         "public-task",
                                         "legitimate-interests",
                                         NULL };
    static const char *const counted[] = { "invoice", "event", NULL };
    static const char *const periods[] = { "none", "month", NULL };
    static const char *const only[] = { "final", NULL };

    char what[96];
    snprintf(what, sizeof(what), "purpose '%.64s'", ret_purpose->name);
    if (!json_is_object(object)) {
        wn_load_fault(load, "%s is no object", what);
        return;
    }
    wn_load_keys(load, object, what, keys);
    ret_purpose->topic = wn_load_text(load, object, what, "topic");
    if (ret_purpose->topic && !is_topic(ret_purpose->topic)) {
        wn_load_fault(load,
                      "%s: 'topic' is letters, digits, '.', '_', '-', and does not begin "
                      "with 'winnow.'",
                      what);
    }
    int basis = read_word(load, object, what, "basis", bases);
    ret_purpose->basis = basis < 0 ? NULL : bases[basis];
    ret_purpose->needs_consent = basis == 0;
    ret_purpose->retention = wn_load_text(load, object, what, "retention");
    if (ret_purpose->retention && !is_retention(ret_purpose->retention)) {
        wn_load_fault(load, "%s: 'retention' is a number of days, months or years: \"13 months\"",
                      what);
    }
    int from = read_word(load, object, what, "counted_from", counted);
    ret_purpose->counted_from = from < 0 ? NULL : counted[from];
    ret_purpose->period =
        read_word(load, object, what, "period", periods) == 1 ? WN_PERIOD_MONTH : WN_PERIOD_NONE;
    if (json_object_get(object, "only")) {
        ret_purpose->only_final = read_word(load, object, what, "only", only) == 0;
    }
}

static void read_purposes(struct wn_loading *load, json_t *annotation)
{
    static const char *const reserved[] = { "record", "consent", "kind", "made", "judge" };

    if (!json_is_object(annotation) || json_object_size(annotation) == 0) {
        wn_load_fault(load, "the record has no purposes: \"winnow\": {\"billing\": {…}}");
        return;
    }
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(annotation, key, value)
    {
        bool ours = false;
        for (unsigned i = 0; i < WN_COUNT(reserved); i++) {
            ours = ours || strcmp(reserved[i], key) == 0;
        }
        if (ours) {
            wn_load_fault(load, "the name '%s' is winnow's own, no purpose's", key);
        }
        if (!wn_avro_name(key)) {
            wn_load_fault(load, "purpose '%.64s' is no Avro name (letters, digits and _)", key);
        }
        if (load->type->n_purposes == WN_PURPOSES) {
            wn_load_fault(load, "more than %d purposes", WN_PURPOSES);
            break;
        }
        struct wn_purpose *purpose = &load->type->purposes[load->type->n_purposes++];
        purpose->name = wn_arena_copy(&load->policy->arena, wn_slice_of(key)).at;
        read_purpose(load, value, purpose);
    }
}

/** The type is named by the file: `call.avsc` holds the record `Call`. */
static void read_name(struct wn_loading *load, json_t *root)
{
    const char *name = wn_load_text(load, root, "the record", "name");
    const char *slash = strrchr(load->file, '/');
    struct wn_slice stem = wn_slice_of(slash ? slash + 1 : load->file);
    stem.len -= strlen(".avsc");

    const char *type = wn_arena_copy(&load->policy->arena, stem).at;
    load->type->shape.type = type;
    load->type->name = name ? name : type;
    if (!name) {
        return;
    }
    if (!wn_avro_name(name) || name[0] < 'A' || name[0] > 'Z' || stem.len != strlen(name) ||
        stem.at[0] - 'a' != name[0] - 'A' || strcmp(type + 1, name + 1) != 0) {
        wn_load_fault(load, "the record's name is the file's with a capital: call.avsc has Call");
    }
}

/** Fields that judge and the engine bind by name: what they must be. */
static const struct bound {
    const char *name;
    enum wn_kind kind;
    const char *symbols; ///< Of an enum: the closed list.
} bounds[] = {
    { "start", WN_KIND_TIME, NULL },
    { "end", WN_KIND_TIME, NULL },
    { "duration", WN_KIND_DURATION, NULL },
    { "direction", WN_KIND_ENUM, "originating, terminating, forwarded, transit, unknown" },
    { "service", WN_KIND_ENUM, "voice, sms, data, fax, other" },
    { "final", WN_KIND_FLAG, NULL },
    { "incomplete", WN_KIND_FLAG, NULL },
    { "sequence", WN_KIND_COUNT, NULL },
    { "cause", WN_KIND_CAUSE, NULL },
    { "utc_offset", WN_KIND_OFFSET, NULL },
    { "called", WN_KIND_NUMBER, NULL },
    { "calling", WN_KIND_NUMBER, NULL },
    { "forwarding", WN_KIND_NUMBER, NULL },
    { "subscriber", WN_KIND_SUBSCRIBER, NULL },
};

static void check_bound(struct wn_loading *load, const struct wn_field *field)
{
    for (unsigned i = 0; i < WN_COUNT(bounds); i++) {
        if (strcmp(bounds[i].name, field->name) != 0) {
            continue;
        }
        if (field->kind != bounds[i].kind) {
            wn_load_fault(load, "judge reads it by its name, so its kind is '%s'",
                          wn_kind_name(bounds[i].kind));
        } else if (bounds[i].symbols) {
            struct wn_buffer words = { 0 };
            for (unsigned s = 0; s < field->n_symbols; s++) {
                wn_buffer_format(&words, "%s%s", s > 0 ? ", " : "", field->symbols[s]);
            }
            if (!wn_slice_is(wn_buffer_slice(&words), bounds[i].symbols)) {
                wn_load_fault(load, "judge reads it by its name, so its symbols are %s",
                              bounds[i].symbols);
            }
            wn_buffer_deinit(&words);
        }
        return;
    }
    if (field->kind == WN_KIND_SUBSCRIBER) {
        wn_load_fault(load, "the field of kind 'subscriber' is named 'subscriber'");
    }
}

/** What holds of the type as a whole. */
static void check_type(struct wn_loading *load)
{
    struct wn_type *type = load->type;
    bool start = false;

    for (unsigned i = 0; i < type->shape.n_fields; i++) {
        const struct wn_field *field = &type->shape.fields[i];
        load->field = field->name;
        check_bound(load, field);
        if (strcmp(field->name, "start") == 0) {
            start = true;
            if (field->nullable) {
                wn_load_fault(load, "key period and retention count from it: it is not nullable");
            }
        }
    }
    load->field = NULL;
    if (!start) {
        wn_load_fault(load, "there is no field 'start': key period and retention count from it");
    }
    for (unsigned i = 0; i < type->n_purposes; i++) {
        if (type->purposes[i].n_outputs == 0) {
            wn_load_fault(load, "no field names purpose '%.64s'", type->purposes[i].name);
        }
    }
}

void wn_load_type(struct wn_loading *load, json_t *root)
{
    static const char *const keys[] = {
        "type", "name", "namespace", "doc", "winnow", "fields", NULL
    };

    const char *what = json_string_value(json_object_get(root, "type"));
    if (!what || strcmp(what, "record") != 0) {
        wn_load_fault(load, "this is no Avro record: {\"type\": \"record\", …}");
        return;
    }
    wn_load_keys(load, root, "the record", keys);
    read_name(load, root);
    load->type->doc = wn_load_optional(load, root, "doc");
    read_purposes(load, json_object_get(root, "winnow"));

    json_t *fields = json_object_get(root, "fields");
    if (json_array_size(fields) == 0) {
        wn_load_fault(load, "the record has no fields");
        return;
    }
    if (json_array_size(fields) > WN_SLOTS) {
        wn_load_fault(load, "more than %d fields", WN_SLOTS);
        return;
    }
    load->type->shape.group = WN_NO_SLOT;
    for (size_t i = 0; i < json_array_size(fields); i++) {
        wn_load_field(load, json_array_get(fields, i));
    }
    load->field = NULL;
    wn_shape_bind(&load->type->shape);
    check_type(load);
}
