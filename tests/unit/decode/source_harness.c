// SPDX-License-Identifier: Apache-2.0

#include "source_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "winnow/io.h"
#include "winnow/number.h"
#include "winnow/policy.h"

static struct wn_policy *policy;
static const struct wn_shape *shapes[WN_TYPES];
static struct wn_site site;
static struct wn_slice home[1];
static char folder[] = "/tmp/winnow-source-XXXXXX";

static const char base_call[] = "format: json\n"
                                "type: call\n"
                                "clock: {zone: Europe/Amsterdam}\n"
                                "node: {value: n1}\n"
                                "subscriber: [{kind: imsi, from: /imsi}]\n"
                                "duplicate_key: [/id]\n"
                                "session_key: []\n"
                                "fields:\n"
                                "  - {field: start, from: /start, as: epoch_s}\n"
                                "  - {field: duration, from: /duration, as: s}\n"
                                "  - {field: service, value: voice}\n";

static const char base_session[] = "format: json\n"
                                   "type: session\n"
                                   "clock: {zone: Europe/Amsterdam}\n"
                                   "node: {value: n1}\n"
                                   "subscriber: [{kind: imsi, from: /imsi}]\n"
                                   "duplicate_key: [/id]\n"
                                   "session_key: []\n"
                                   "usage: {each: /list/*, fields: [{field: uplink, from: ./up, "
                                   "as: octets}, {field: sponsored, from: ./free}, {field: "
                                   "rating_group, from: ./group, as: int}]}\n"
                                   "fields:\n"
                                   "  - {field: start, from: /start, as: epoch_s}\n"
                                   "  - {field: duration, from: /duration, as: s}\n"
                                   "  - {field: service, value: data}\n";

static const char base_ber[] = "format: ber\n"
                               "type: session\n"
                               "clock: {zone: Europe/Amsterdam}\n"
                               "node: {value: n1}\n"
                               "subscriber: [{kind: imsi, from: /servedIMSI}]\n"
                               "duplicate_key: [/chargingID]\n"
                               "session_key: []\n"
                               "usage: {each: /listOfServiceData/*, fields: [{field: uplink, from: "
                               "./datavolumeFBCUplink, as: octets}]}\n"
                               "fields:\n"
                               "  - {field: start, from: /recordOpeningTime, as: timestamp}\n"
                               "  - {field: duration, from: /duration, as: s}\n"
                               "  - {field: service, value: data}\n";

int source_setup(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    char path[512];
    const char *tree = getenv("WINNOW_SOURCE");

    if (!tree || !mkdtemp(folder)) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/schemas", tree);
    if (wn_policy_load(path, &faults, &policy, &err) != WN_OK) {
        return -1;
    }
    for (unsigned i = 0; i < policy->n_types; i++) {
        shapes[i] = &policy->types[i].shape;
    }
    home[0] = wn_slice_of("204-98");
    site = wn_site_default();
    site.home = (struct wn_networks){ home, 1 };
    return chdir(folder);
}

int source_teardown(void **state)
{
    (void)state;
    policy = wn_policy_close(policy);
    unlink("s.yaml");
    return rmdir(folder);
}

struct wn_site *source_site(void)
{
    return &site;
}

struct wn_source_ground source_ground(void)
{
    return (struct wn_source_ground){ shapes, policy->n_types, &site };
}

/** Put a change into a text: in place of the line with the same first word, or at the end. */
static void put_change(const char *change, struct wn_buffer *text)
{
    size_t word = strcspn(change, ":") + 1;
    struct wn_buffer changed = { 0 };
    const char *at = (const char *)text->at;
    const char *end = at + text->len;
    bool put = false;

    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        const char *next = line ? line + 1 : end;
        if (!put && (size_t)(next - at) > word && memcmp(at, change, word) == 0) {
            wn_buffer_text(&changed, change);
            put = true;
            next = *change == 'f' && strncmp(change, "fields", 6) == 0 ? end : next;
        } else {
            wn_buffer_add(&changed, at, (size_t)(next - at));
        }
        at = next;
    }
    if (!put) {
        wn_buffer_text(&changed, change);
    }
    wn_buffer_deinit(text);
    *text = changed;
}

struct wn_source *source_load(const struct source_text *text, struct wn_buffer *faults)
{
    struct wn_buffer yaml = { 0 };
    struct wn_faults found = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;

    wn_buffer_text(&yaml, strcmp(text->type, "call") == 0  ? base_call
                          : strcmp(text->type, "ber") == 0 ? base_ber
                                                           : base_session);
    wn_buffer_text(&yaml, text->more ? text->more : "");
    if (text->change) {
        put_change(text->change, &yaml);
    }
    if (text->change2) {
        put_change(text->change2, &yaml);
    }
    assert_true(wn_io_replace("s.yaml", 0600, yaml.at, yaml.len, &err) == WN_OK);
    wn_buffer_deinit(&yaml);

    enum wn_code rc =
        wn_source_load("s.yaml", shapes, policy->n_types, &site, &found, &source, &err);
    if (!faults && found.n > 0) {
        fail_msg("%.*s", (int)found.lines.len, (const char *)found.lines.at);
    }
    assert_true((rc == WN_OK) == (found.n == 0));
    if (rc != WN_OK && faults) {
        assert_int_equal(rc, WN_FATAL);
        assert_string_equal(err.reason, "config");
        assert_null(source);
        wn_buffer_add(faults, found.lines.at, found.lines.len);
    }
    wn_faults_deinit(&found);
    return source;
}

struct wn_source *source_load_file(const char *name)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;
    char path[512];
    snprintf(path, sizeof(path), "%s/schemas/sources/%s.yaml", getenv("WINNOW_SOURCE"), name);
    if (wn_source_load(path, shapes, policy->n_types, &site, &faults, &source, &err) != WN_OK) {
        fail_msg("%.*s", (int)faults.lines.len, (const char *)faults.lines.at);
    }
    assert_string_equal(source->name, name);
    return source;
}

void source_check_fault(void **state)
{
    const struct source_fault_row *row = *state;
    struct wn_buffer faults = { 0 };
    struct wn_source *source = source_load(&row->text, &faults);

    wn_buffer_add(&faults, "", 1);
    assert_string_equal((const char *)faults.at, row->faults);
    wn_source_close(source);
    wn_buffer_deinit(&faults);
}

void source_check(void **state)
{
    const struct source_row *row = *state;
    struct wn_buffer told = { 0 };
    struct wn_source *source = source_load(&row->text, NULL);

    source_tell(source, wn_slice_of(row->input), row->show, &told);
    wn_buffer_add(&told, "", 1);
    assert_string_equal((const char *)told.at, row->told);
    wn_source_close(source);
    wn_buffer_deinit(&told);
}

int source_run_table(const char *group, const void *rows, size_t size, size_t count,
                     CMUnitTestFunction check)
{
    if (source_setup(NULL) != 0) {
        return 1;
    }
    int failed = wn_run_table(group, rows, size, count, check);
    return source_teardown(NULL) != 0 ? 1 : failed;
}

static void tell_value(const struct wn_field *field, const struct wn_value *value,
                       struct wn_buffer *text)
{
    if (field->kind == WN_KIND_ENUM) {
        wn_buffer_text(text, field->symbols[value->number]);
    } else if (field->kind == WN_KIND_FLAG) {
        wn_buffer_text(text, value->number ? "true" : "false");
    } else if (field->kind == WN_KIND_CAUSE) {
        wn_buffer_text(text, wn_cause_name((enum wn_cause)value->number));
    } else if (wn_kind_is_text(field->kind)) {
        wn_buffer_add(text, value->text.at, value->text.len);
    } else {
        wn_buffer_format(text, "%lld", (long long)value->number);
    }
    if (field->kind == WN_KIND_NUMBER) {
        wn_buffer_format(text, "/%s%s", wn_number_class_name((enum wn_number_class)value->class),
                         (value->marks & WN_MARK_WITHHELD) != 0 ? "/withheld" : "");
    }
}

static void tell_items(const struct wn_record *record, struct wn_buffer *text)
{
    for (unsigned i = 0; i < record->n_items; i++) {
        wn_buffer_text(text, "(");
        bool first = true;
        for (unsigned slot = 0; slot < record->shape->n_items; slot++) {
            const struct wn_field *field = &record->shape->items[slot];
            bool is_default =
                field->kind == WN_KIND_FLAG && record->items[i].values[slot].number == 0;
            if ((record->items[i].present >> slot & 1) != 0 && !is_default) {
                wn_buffer_format(text, "%s%s=", first ? "" : " ", field->name);
                tell_value(field, &record->items[i].values[slot], text);
                first = false;
            }
        }
        wn_buffer_text(text, ")");
    }
}

static void tell_flags(const struct wn_record *record, struct wn_buffer *text)
{
    for (unsigned i = 0; i < record->shape->n_flags; i++) {
        if ((record->flags >> i & 1) != 0) {
            wn_buffer_format(text, "+%s", record->shape->flags[i]);
        }
    }
}

static void tell_rule(const struct wn_decoded *decoded, struct wn_buffer *text)
{
    for (unsigned i = 0; i < decoded->section->n_filters; i++) {
        const struct wn_filter *filter = &decoded->section->filters[i];
        if (wn_condition_holds(filter->when, decoded)) {
            wn_buffer_text(text, wn_reason_info(filter->rule)->id);
            return;
        }
    }
    wn_buffer_text(text, "-");
}

/** Tell a key: printable octets as they are, others in hexadecimal. */
static void tell_key(const struct wn_decoded *decoded, struct wn_buffer *text)
{
    struct wn_buffer bytes = { 0 };
    wn_key_bytes(&decoded->section->duplicate_key, decoded, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        bool plain = bytes.at[i] > ' ' && bytes.at[i] < 0x7f;
        wn_buffer_format(text, plain ? "%c" : "[%02x]", bytes.at[i]);
    }
    wn_buffer_deinit(&bytes);
}

/** Tell what is no field. @return false: it is one. */
static bool tell_special(const struct wn_decoded *decoded, struct wn_slice name,
                         struct wn_buffer *text)
{
    const struct wn_record *record = &decoded->record;
    struct wn_error err = { 0 };
    if (wn_slice_is(name, "type")) {
        wn_buffer_text(text, record->shape->type);
    } else if (wn_slice_is(name, "node")) {
        wn_buffer_add(text, record->node.at, record->node.len);
    } else if (wn_slice_is(name, "subscriber")) {
        wn_buffer_format(text, "%s:",
                         record->subscriber_kind == WN_KIND_NONE
                             ? "nobody"
                             : wn_kind_name(record->subscriber_kind));
        wn_buffer_add(text, record->subscriber.at, record->subscriber.len);
    } else if (wn_slice_is(name, "flags")) {
        tell_flags(record, text);
    } else if (wn_slice_is(name, "rule")) {
        tell_rule(decoded, text);
    } else if (wn_slice_is(name, "items")) {
        tell_items(record, text);
    } else if (wn_slice_is(name, "key")) {
        tell_key(decoded, text);
    } else if (wn_slice_is(name, "required")) {
        wn_buffer_text(text, wn_source_required(decoded, &err) == WN_OK ? "ok" : err.text);
    } else {
        return wn_slice_is(name, "drift");
    }
    return true;
}

static void tell_record(const struct wn_decoded *decoded, const char *show, struct wn_buffer *text)
{
    const char *between = "";
    while (*show != '\0') {
        size_t len = strcspn(show, " ");
        struct wn_slice name = { show, len };
        show += len + (show[len] == ' ');
        if (wn_slice_is(name, "drift")) {
            continue;
        }
        wn_buffer_format(text, "%s%.*s=", between, (int)name.len, name.at);
        between = " ";
        if (tell_special(decoded, name, text)) {
            continue;
        }
        uint8_t slot = wn_shape_find(decoded->record.shape, name);
        assert_true(slot != WN_NO_SLOT);
        if (wn_record_has(&decoded->record, slot)) {
            const struct wn_field *field = &decoded->record.shape->fields[slot];
            struct wn_field number = { .kind = WN_KIND_NUMBER };
            tell_value(field->made == WN_MADE_OTHER ? &number : field,
                       &decoded->record.values[slot], text);
        } else {
            wn_buffer_text(text, "-");
        }
    }
    wn_buffer_text(text, "\n");
}

static void tell_drift(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, "drift %s %llu\n", name, (unsigned long long)count);
}

void source_tell(const struct wn_source *source, struct wn_slice input, const char *show,
                 struct wn_buffer *ret_text)
{
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_drift *drift = wn_drift_open();
    struct wn_slice rest = input, raw;
    struct wn_error err = { 0 };

    wn_decoder_begin(decoder);
    for (;;) {
        enum wn_code rc = wn_decoder_split(decoder, &rest, true, &raw, &err);
        if (rc == WN_OK && raw.len == 0) {
            break;
        }
        struct wn_decoded *decoded = NULL;
        if (rc == WN_OK) {
            rc = wn_decoder_decode(decoder, raw, drift, &decoded, &err);
        }
        if (rc == WN_OK) {
            tell_record(decoded, show, ret_text);
        } else {
            assert_int_equal(rc, WN_REJECT);
            assert_true(wn_reason_find(wn_slice_of(err.reason)) != WN_REASON_NONE);
            wn_buffer_format(ret_text, "%s\n", err.reason);
        }
    }
    if (strstr(show, "drift")) {
        wn_drift_each(drift, tell_drift, ret_text);
    }
    wn_drift_close(drift);
    wn_decoder_close(decoder);
}
