// SPDX-License-Identifier: Apache-2.0

/** The policy as a whole: what is in the tree, what holds across files, limits, lookups. */

#include "table.h"

#include "policy_folder.h"
#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/policy.h"

#define P(topic, basis, period)                                                                    \
    "{\"topic\":\"" topic "\",\"basis\":\"" basis "\",\"retention\":\"6 months\","                 \
    "\"counted_from\":\"event\",\"period\":\"" period "\"}"
#define START                                                                                      \
    "{\"name\":\"start\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"},"       \
    "\"winnow\":{\"kind\":\"time\",\"a\":\"keep\"}}"
#define RECORD(name, purposes, fields)                                                             \
    "{\"type\":\"record\",\"name\":\"" name "\",\"winnow\":" purposes ",\"fields\":[" fields "]}"
#define CALL RECORD("Call", "{\"a\":" P("a.call", "contract", "none") "}", START)

static struct wn_policy *load_tree(void)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_policy *policy = NULL;
    char folder[512];
    snprintf(folder, sizeof(folder), "%s/schemas", getenv("WINNOW_SOURCE"));
    assert_int_equal(wn_policy_load(folder, &faults, &policy, &err), WN_OK);
    return policy;
}

static const struct wn_output *find_output(const struct wn_purpose *purpose, const char *name)
{
    for (unsigned i = 0; i < purpose->n_outputs; i++) {
        if (strcmp(purpose->outputs[i].name, name) == 0) {
            return &purpose->outputs[i];
        }
    }
    return NULL;
}

/** Output names of a purpose and type of the tree: an interface, so written down by hand. */
static const struct names {
    const char *name;
    const char *type, *purpose;
    const char *names;
} names[] = {
    { "billing gets of a call what the design says, in this order", "call", "billing",
      "record_id origin source node key_id subscriber subscriber_kind account session sequence "
      "final incomplete start utc_offset duration billable direction service cause "
      "visited_network radio flags called called_class called_shielded calling calling_class "
      "calling_withheld destination_network forwarding volume trunk wholesale wholesale_currency" },
    { "insight gets of a call no id, no origin and no exact value", "call", "insight",
      "subscriber hour duration direction service visited_country radio destination device "
      "device_model quality" },
    { "billing gets of a session what the design says, in this order", "session", "billing",
      "record_id origin source node key_id subscriber subscriber_kind account session sequence "
      "final incomplete start utc_offset duration billable direction service cause "
      "visited_network radio flags apn uplink downlink total session_uplink session_downlink "
      "charging_characteristics usage" },
    { "insight gets of a session no id, no origin and no exact value", "session", "insight",
      "subscriber hour duration direction service visited_country radio uplink downlink "
      "session_uplink session_downlink device device_model" },
};

static void check_names(void **state)
{
    const struct names *row = *state;
    struct wn_policy *policy = load_tree();
    const struct wn_purpose *purpose =
        wn_type_purpose(wn_policy_type(policy, row->type), row->purpose);
    struct wn_buffer got = { 0 };

    for (unsigned i = 0; i < purpose->n_outputs; i++) {
        wn_buffer_format(&got, "%s%s", i > 0 ? " " : "", purpose->outputs[i].name);
        assert_non_null(purpose->outputs[i].doc);
    }
    wn_buffer_add(&got, "", 1);
    assert_string_equal((const char *)got.at, row->names);
    wn_buffer_deinit(&got);
    wn_policy_close(policy);
}

static void gives_each_purpose_its_terms(void **state)
{
    (void)state;
    struct wn_policy *policy = load_tree();
    const struct wn_type *call = wn_policy_type(policy, "call");
    const struct wn_purpose *billing = wn_type_purpose(call, "billing");
    const struct wn_purpose *insight = wn_type_purpose(call, "insight");

    assert_int_equal(policy->n_types, 2);
    assert_int_equal(policy->n_purposes, 2);
    assert_string_equal(policy->purposes[0], "billing");
    assert_string_equal(policy->purposes[1], "insight");
    assert_int_equal(billing->number, 0);
    assert_int_equal(insight->number, 1);
    assert_string_equal(billing->topic, "usage.billing.call");
    assert_false(billing->needs_consent);
    assert_false(billing->only_final);
    assert_int_equal(billing->period, WN_PERIOD_NONE);
    assert_string_equal(billing->retention, "6 months");
    assert_string_equal(billing->counted_from, "invoice");
    assert_true(insight->needs_consent);
    assert_true(insight->only_final);
    assert_int_equal(insight->period, WN_PERIOD_MONTH);
    assert_null(wn_policy_type(policy, "Call"));
    assert_null(wn_type_purpose(call, "fraud"));
    wn_policy_close(policy);
    assert_null(wn_policy_close(NULL));
}

static void plans_what_becomes_of_a_value(void **state)
{
    (void)state;
    struct wn_policy *policy = load_tree();
    const struct wn_type *call = wn_policy_type(policy, "call");
    const struct wn_purpose *insight = wn_type_purpose(call, "insight");
    const struct wn_output *hour = find_output(insight, "hour");
    const struct wn_output *device = find_output(insight, "device");

    assert_int_equal(hour->transform, WN_TRANSFORM_FLOOR);
    assert_int_equal(hour->args[0], 3600000);
    assert_int_equal(hour->avro, WN_AVRO_LONG);
    assert_true(hour->timestamp);
    assert_int_equal(hour->slot, wn_shape_find(&call->shape, wn_slice_of("start")));
    assert_int_equal(device->avro, WN_AVRO_FIXED);
    assert_int_equal(device->fixed_bytes, 16);
    assert_true(device->nullable);
    const struct wn_output *kind = find_output(wn_type_purpose(call, "billing"), "subscriber_kind");
    assert_int_equal(kind->kind_symbols[WN_KIND_IMSI], 0);
    assert_int_equal(kind->kind_symbols[WN_KIND_NUMBER], 3);
    wn_policy_close(policy);
}

static void shows_the_shape_to_sources(void **state)
{
    (void)state;
    struct wn_policy *policy = load_tree();
    const struct wn_shape *shape = &wn_policy_type(policy, "session")->shape;

    assert_string_equal(shape->type, "session");
    assert_int_equal(shape->group, wn_shape_find(shape, wn_slice_of("usage")));
    assert_int_equal(shape->n_items, 12);
    assert_int_equal(shape->n_flags, 10);
    assert_string_equal(shape->flags[3], "made_up_time");
    const struct wn_field *end = &shape->fields[wn_shape_find(shape, wn_slice_of("end"))];
    assert_true(end->judge);
    assert_true(end->nullable);
    const struct wn_field *cause = &shape->fields[shape->bound.cause];
    assert_int_equal(cause->kind, WN_KIND_CAUSE);
    assert_int_equal(cause->n_symbols, 4);
    const struct wn_field *other =
        &wn_policy_type(policy, "call")
             ->shape.fields[wn_policy_type(policy, "call")->shape.bound.other];
    assert_int_equal(other->kind, WN_KIND_NUMBER);
    assert_int_equal(other->made, WN_MADE_OTHER);
    wn_policy_close(policy);
}

static void is_named_by_its_bytes(void **state)
{
    (void)state;
    struct wn_policy *policy = load_tree();
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    uint8_t digest[WN_SHA256_BYTES];
    char hex[WN_SHA256_HEX];
    static const char *const files[] = { "call.avsc", "session.avsc" };

    for (unsigned i = 0; i < WN_COUNT(files); i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/schemas/%s", getenv("WINNOW_SOURCE"), files[i]);
        assert_int_equal(wn_io_read(path, 1 << 20, &bytes, &err), WN_OK);
    }
    wn_sha256_of(bytes.at, bytes.len, digest);
    wn_hex(digest, sizeof(digest), hex);
    assert_string_equal(policy->id, hex);
    wn_buffer_deinit(&bytes);
    wn_policy_close(policy);
}

/** A look at the folder says the same, and leaves the types that are right. */
static void check_look(const char *faults)
{
    struct wn_faults seen = { 0 };
    struct wn_policy *policy = wn_policy_look("p", &seen);
    wn_buffer_add(&seen.lines, "", 1);
    assert_string_equal((const char *)seen.lines.at, faults);
    for (unsigned i = 0; i < policy->n_types; i++) {
        assert_non_null(policy->types[i].shape.type);
        assert_int_not_equal(policy->types[i].shape.bound.start, WN_NO_SLOT);
        assert_ptr_equal(wn_policy_type(policy, policy->types[i].shape.type), &policy->types[i]);
    }
    wn_faults_deinit(&seen);
    wn_policy_close(policy);
}

static void looks_past_a_type_with_faults(void **state)
{
    (void)state;
    static const char wrong[] = RECORD("Call", "{\"a\":" P("a.call", "contract", "none") "}",
                                       "{\"name\":\"x\",\"type\":\"string\"}," START);
    struct wn_faults faults = { 0 };
    char scratch[64];
    policy_folder_enter(scratch);
    policy_folder_write("call.avsc", wrong);
    policy_folder_write("session.avsc",
                        RECORD("Session", "{\"a\":" P("a.session", "contract", "none") "}", START));
    struct wn_policy *policy = wn_policy_look("p", &faults);
    policy_folder_remove("call.avsc");
    policy_folder_remove("session.avsc");
    policy_folder_leave(scratch);
    assert_true(faults.n > 0);
    assert_int_equal(policy->n_types, 1);
    assert_string_equal(policy->types[0].shape.type, "session");
    wn_faults_deinit(&faults);
    wn_policy_close(policy);
}

/** Files that do not go together, or are none. */
static const struct folder {
    const char *name;
    const char *call, *session; ///< NULL: no such file.
    const char *faults;
} folders[] = {
    { "takes two types whose purposes agree", CALL,
      RECORD("Session", "{\"a\":" P("a.session", "contract", "none") "}", START), "" },
    { "refuses a basis that differs between types", CALL,
      RECORD("Session", "{\"a\":" P("a.session", "consent", "none") "}", START),
      "p/session.avsc: purpose 'a': its 'basis' differs from that in p/call.avsc\n" },
    { "refuses a key period that differs between types", CALL,
      RECORD("Session", "{\"a\":" P("a.session", "contract", "month") "}", START),
      "p/session.avsc: purpose 'a': its 'period' differs from that in p/call.avsc\n" },
    { "refuses one topic for two types", CALL,
      RECORD("Session", "{\"a\":" P("a.call", "contract", "none") "}", START),
      "p/session.avsc: purpose 'a': its topic is that of purpose 'a' in p/call.avsc; each needs "
      "its own\n" },
    { "refuses a record that is not named like its file", CALL,
      RECORD("Data", "{\"a\":" P("a.session", "contract", "none") "}", START),
      "p/session.avsc: the record's name is the file's with a capital: call.avsc has Call\n" },
    { "refuses a type without a start",
      RECORD("Call", "{\"a\":" P("a.call", "contract", "none") "}",
             "{\"name\":\"x\",\"type\":\"string\",\"winnow\":{\"kind\":\"token\",\"a\":\"keep\"}}"),
      NULL, "p/call.avsc: there is no field 'start': key period and retention count from it\n" },
    { "refuses a folder without schemas", NULL, NULL, "p: no schema here (*.avsc)\n" },
    { "refuses an Avro type that is no record", "{\"type\":\"string\"}", NULL,
      "p/call.avsc: this is no Avro record: {\"type\": \"record\", …}\n" },
    { "refuses a record without fields",
      RECORD("Call", "{\"a\":" P("a.call", "contract", "none") "}", ""), NULL,
      "p/call.avsc: the record has no fields\n" },
    { "reports faults of all files at once", "[]", "{\"type\":\"string\"}",
      "p/call.avsc: this is no Avro record: {\"type\": \"record\", …}\n"
      "p/session.avsc: this is no Avro record: {\"type\": \"record\", …}\n" },
};

static void check_folder(void **state)
{
    const struct folder *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_policy *policy = NULL;
    char scratch[64];

    policy_folder_enter(scratch);
    if (row->call) {
        policy_folder_write("call.avsc", row->call);
    }
    if (row->session) {
        policy_folder_write("session.avsc", row->session);
    }
    enum wn_code rc = wn_policy_load("p", &faults, &policy, &err);
    check_look(row->faults);
    policy_folder_remove("call.avsc");
    policy_folder_remove("session.avsc");
    policy_folder_leave(scratch);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, row->faults);
    assert_int_equal(rc, row->faults[0] != '\0' ? WN_FATAL : WN_OK);
    wn_faults_deinit(&faults);
    wn_policy_close(policy);
}

/** Load a type with `n` fields beside its start. @return whether it was taken; the faults' text. */
static bool load_fields(unsigned n, struct wn_faults *faults)
{
    struct wn_error err = { 0 };
    struct wn_policy *policy = NULL;
    struct wn_buffer text = { 0 };
    char scratch[64];

    wn_buffer_text(&text, "{\"type\":\"record\",\"name\":\"Call\",\"winnow\":{\"a\":" P(
                              "a.call", "contract", "none") "},\"fields\":[" START);
    for (unsigned i = 0; i < n; i++) {
        wn_buffer_format(&text,
                         ",{\"name\":\"f%u\",\"type\":[\"null\",\"string\"],\"winnow\":{\"kind\":"
                         "\"number\",\"a\":[\"keep\",{\"as\":\"c%u\",\"do\":\"class\"}]}}",
                         i, i);
    }
    wn_buffer_add(&text, "]}", 3);
    policy_folder_enter(scratch);
    policy_folder_write("call.avsc", (const char *)text.at);
    enum wn_code rc = wn_policy_load("p", faults, &policy, &err);
    policy_folder_remove("call.avsc");
    policy_folder_leave(scratch);
    wn_buffer_deinit(&text);
    wn_policy_close(policy);
    wn_buffer_add(&faults->lines, "", 1);
    return rc == WN_OK;
}

static void limits_fields_and_outputs(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };

    assert_true(load_fields(47, &faults)); // 95 outputs.
    wn_faults_deinit(&faults);
    assert_false(load_fields(48, &faults)); // 97 outputs.
    assert_string_equal((const char *)faults.lines.at,
                        "p/call.avsc: field 'f47': a: more than 96 outputs\n");
    wn_faults_deinit(&faults);
    assert_false(load_fields(64, &faults));
    assert_string_equal((const char *)faults.lines.at, "p/call.avsc: more than 64 fields\n");
    wn_faults_deinit(&faults);
}

static void names_the_folder_that_is_not_there(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_policy *policy = NULL;

    assert_int_equal(wn_policy_load("/nonexistent/p", &faults, &policy, &err), WN_FATAL);
    assert_string_equal(err.text, "policy /nonexistent/p: 1 fault");
    assert_non_null(strstr((const char *)faults.lines.at, "/nonexistent/p: No such file"));
    wn_faults_deinit(&faults);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_purpose_its_terms),
        cmocka_unit_test(plans_what_becomes_of_a_value),
        cmocka_unit_test(shows_the_shape_to_sources),
        cmocka_unit_test(is_named_by_its_bytes),
        cmocka_unit_test(looks_past_a_type_with_faults),
        cmocka_unit_test(limits_fields_and_outputs),
        cmocka_unit_test(names_the_folder_that_is_not_there),
    };

    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, names, check_names);
    WN_ADD_TABLE(&all, folders, check_folder);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("policy", &all);
}
