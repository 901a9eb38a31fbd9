// SPDX-License-Identifier: Apache-2.0

/*
 * The policy in plain words, for a privacy officer: per record type what each purpose rests on,
 * then field by field what it gets, and last what nobody gets. Nothing here is kept beside the
 * plan: what it says is what the encoder does.
 */

#include <stdlib.h>

#include <jansson.h>

#include "winnow/columns.h"
#include "winnow/policy.h"

enum {
    CELL = 34, ///< Width of a column of the table.
};

void wn_purpose_words(const struct wn_purpose *purpose, const struct wn_field *field, uint8_t slot,
                      bool of_item, struct wn_buffer *ret_text)
{
    const struct wn_output *outputs = of_item ? purpose->items : purpose->outputs;
    const unsigned n = of_item ? purpose->n_items : purpose->n_outputs;
    const size_t before = ret_text->len;
    for (unsigned i = 0; i < n; i++) {
        const struct wn_output *output = &outputs[i];
        if (output->slot != slot || output->avro == WN_AVRO_ITEMS) {
            continue;
        }
        wn_buffer_text(ret_text, ret_text->len > before ? "; " : "");
        wn_transform_words(output, ret_text);
        if (strcmp(output->name, field->name) != 0) {
            wn_buffer_format(ret_text, " (as %s)", output->name);
        }
    }
    if (ret_text->len == before) {
        wn_buffer_text(ret_text, field->judge ? "never (read to judge only)" : "never");
    }
}

static void put_fields(const struct wn_type *type, bool items, struct wn_columns *columns,
                       struct wn_buffer *out)
{
    const struct wn_shape *shape = &type->shape;
    const unsigned n = items ? shape->n_items : shape->n_fields;

    for (unsigned slot = 0; slot < n; slot++) {
        const struct wn_field *field = items ? &shape->items[slot] : &shape->fields[slot];
        if (!items && slot == shape->group) {
            put_fields(type, true, columns, out);
            continue;
        }
        wn_buffer_format(&columns->cells[0], "%s%s", items ? "usage: each item's " : "",
                         field->name);
        for (unsigned p = 0; p < type->n_purposes; p++) {
            wn_purpose_words(&type->purposes[p], field, (uint8_t)slot, items,
                             &columns->cells[1 + p]);
        }
        wn_columns_row(columns, out);
    }
}

/** One line of the top: a name and one cell a purpose. */
static void put_top(const struct wn_type *type, const char *name, unsigned what,
                    struct wn_columns *columns, struct wn_buffer *out)
{
    wn_buffer_text(&columns->cells[0], name);
    for (unsigned p = 0; p < type->n_purposes; p++) {
        const struct wn_purpose *purpose = &type->purposes[p];
        const bool month = purpose->period == WN_PERIOD_MONTH;
        struct wn_buffer *cell = &columns->cells[1 + p];
        switch (what) {
        case 0:
            wn_buffer_text(cell, purpose->name);
            break;
        case 1:
            wn_buffer_text(cell, purpose->basis);
            wn_buffer_text(cell, purpose->needs_consent ? "; without it nothing goes out" : "");
            break;
        case 2:
            wn_buffer_format(cell, "%s, from the %s", purpose->retention, purpose->counted_from);
            break;
        case 3:
            wn_buffer_text(cell, month ? "another key each calendar month (UTC) of the event"
                                       : "one key for the whole relationship");
            break;
        case 4:
            wn_buffer_text(cell, purpose->only_final ? "the final one of a session" : "all");
            break;
        default:
            wn_buffer_text(cell, purpose->topic);
            break;
        }
    }
    wn_columns_row(columns, out);
}

static void put_type(const struct wn_type *type, struct wn_buffer *out)
{
    static const char *const tops[] = { "",           "legal basis",   "kept for",
                                        "pseudonyms", "which records", "topic" };
    struct wn_columns columns = { .n = 1 + type->n_purposes };

    for (unsigned i = 0; i < columns.n; i++) {
        columns.widths[i] = CELL;
    }

    wn_buffer_format(out, "\n%s: %s\n\n", type->shape.type, type->doc ? type->doc : "");
    for (unsigned i = 0; i < WN_COUNT(tops); i++) {
        put_top(type, tops[i], i, &columns, out);
    }
    wn_columns_rule(&columns, out);
    put_fields(type, false, &columns, out);
    wn_columns_deinit(&columns);
}

void wn_policy_show(const struct wn_policy *policy, struct wn_buffer *ret_text)
{
    wn_buffer_format(
        ret_text,
        "Policy %s\n\n"
        "A purpose gets what stands in its column and nothing else. What no line names is skipped\n"
        "unread. There is no way at all to carry a password, the content of a message, audio, a\n"
        "cell or a position; IMSI, IMEI, user name, e-mail and MAC address leave only as keyed\n"
        "pseudonyms (an IMSI also as its network, a device as its model), an IP address only as "
        "its\n"
        "network part.\n",
        policy->id);
    for (unsigned i = 0; i < policy->n_types; i++) {
        put_type(&policy->types[i], ret_text);
    }
}

static json_t *outputs_json(const struct wn_output *outputs, unsigned n, unsigned slot)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < n; i++) {
        if (outputs[i].slot != slot || outputs[i].avro == WN_AVRO_ITEMS) {
            continue;
        }
        struct wn_buffer name = { 0 };
        struct wn_buffer words = { 0 };
        wn_transform_name(&outputs[i], &name);
        wn_transform_words(&outputs[i], &words);
        json_array_append_new(list, json_pack("{s:s, s:s%, s:s%}", "as", outputs[i].name, "do",
                                              (const char *)name.at, name.len, "words",
                                              (const char *)words.at, words.len));
        wn_buffer_deinit(&name);
        wn_buffer_deinit(&words);
    }
    return list;
}

static json_t *fields_json(const struct wn_type *type, bool items)
{
    static const char *const made[] = {
        [WN_MADE_RECORD_ID] = "record_id", [WN_MADE_ORIGIN] = "origin",
        [WN_MADE_SOURCE] = "source",       [WN_MADE_NODE] = "node",
        [WN_MADE_KEY_ID] = "key_id",       [WN_MADE_SUBSCRIBER_KIND] = "subscriber_kind",
        [WN_MADE_SESSION] = "session",     [WN_MADE_FLAGS] = "flags",
        [WN_MADE_OTHER] = "other",
    };
    const struct wn_shape *shape = &type->shape;
    const unsigned n = items ? shape->n_items : shape->n_fields;

    json_t *list = json_array();
    for (unsigned slot = 0; slot < n; slot++) {
        const struct wn_field *field = items ? &shape->items[slot] : &shape->fields[slot];
        const char *doc = items ? type->item_docs[slot] : type->docs[slot];
        json_t *json = json_pack("{s:s, s:s?, s:b}", "name", field->name, "doc", doc, "judge",
                                 (int)field->judge);
        if (!items && slot == shape->group) {
            json_object_set_new(json, "items", fields_json(type, true));
        } else if (field->made != WN_MADE_NOT) {
            json_object_set_new(json, "made", json_string(made[field->made]));
        } else {
            json_object_set_new(json, "kind", json_string(wn_kind_name(field->kind)));
        }
        json_t *purposes = json_object();
        for (unsigned p = 0; p < type->n_purposes; p++) {
            const struct wn_purpose *purpose = &type->purposes[p];
            json_object_set_new(purposes, purpose->name,
                                outputs_json(items ? purpose->items : purpose->outputs,
                                             items ? purpose->n_items : purpose->n_outputs, slot));
        }
        json_object_set_new(json, "purposes", purposes);
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *purposes_json(const struct wn_type *type)
{
    json_t *list = json_array();
    for (unsigned p = 0; p < type->n_purposes; p++) {
        const struct wn_purpose *purpose = &type->purposes[p];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:b}", "name", purpose->name,
                            "topic", purpose->topic, "basis", purpose->basis, "needs_consent",
                            (int)purpose->needs_consent, "retention", purpose->retention,
                            "counted_from", purpose->counted_from, "period",
                            purpose->period == WN_PERIOD_MONTH ? "month" : "none", "only_final",
                            (int)purpose->only_final));
    }
    return list;
}

void wn_policy_show_json(const struct wn_policy *policy, struct wn_buffer *ret_text)
{
    json_t *types = json_array();
    for (unsigned i = 0; i < policy->n_types; i++) {
        const struct wn_type *type = &policy->types[i];
        json_array_append_new(types, json_pack("{s:s, s:s?, s:o, s:o}", "type", type->shape.type,
                                               "doc", type->doc, "purposes", purposes_json(type),
                                               "fields", fields_json(type, false)));
    }
    json_t *all = json_pack("{s:s, s:o}", "policy", policy->id, "types", types);
    char *text = json_dumps(all, JSON_INDENT(2));
    wn_buffer_text(ret_text, text ? text : "{}");
    wn_buffer_text(ret_text, "\n");
    free(text);
    json_decref(all);
}
