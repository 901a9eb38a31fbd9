// SPDX-License-Identifier: Apache-2.0

/** Derived schemas are what is committed, avro-c reads them, and their fingerprints are Avro's. */

#include "table.h"

#include <stdio.h>
#include <stdlib.h>

#include <avro.h>

#include "winnow/io.h"
#include "winnow/policy.h"

/** Primitive ones: the specification's test vectors; the others: made by fastavro 1.x. */
static const struct row {
    const char *name;
    const char *json;
    uint64_t fingerprint;
} rows[] = {
    { "null", "\"null\"", UINT64_C(0x63dd24e7cc258f8a) },
    { "boolean", "\"boolean\"", UINT64_C(0x9f42fc78a4d4f764) },
    { "int", "\"int\"", UINT64_C(0x7275d51a3f395c8f) },
    { "int as an object is the same", "{\"type\":\"int\"}", UINT64_C(0x7275d51a3f395c8f) },
    { "a logical type does not matter", "{\"type\":\"int\",\"logicalType\":\"date\"}",
      UINT64_C(0x7275d51a3f395c8f) },
    { "long", "\"long\"", UINT64_C(0xd054e14493f41db7) },
    { "float", "\"float\"", UINT64_C(0x4d7c02cb3ea8d790) },
    { "double", "\"double\"", UINT64_C(0x8e7535c032ab957e) },
    { "bytes", "\"bytes\"", UINT64_C(0x4fc016dac3201965) },
    { "string", "\"string\"", UINT64_C(0x8f014872634503c7) },
    { "no JSON has none", "{", 0 },
    { "a number is no schema", "1", 0 },
    { "a record's field needs a type", "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{}]}", 0 },
};

static void check(void **state)
{
    const struct row *row = *state;
    assert_true(wn_schema_fingerprint(row->json) == row->fingerprint);
}

static void names_are_full_and_docs_do_not_matter(void **state)
{
    (void)state;
    static const char with[] =
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n.s\",\"doc\":\"d\",\"fields\":["
        "{\"name\":\"a\",\"doc\":\"d\",\"default\":null,\"type\":[\"null\",{\"type\":\"enum\","
        "\"name\":\"E\",\"symbols\":[\"x\",\"y\"]}]},"
        "{\"name\":\"b\",\"type\":{\"type\":\"array\",\"items\":\"E\"}},"
        "{\"name\":\"c\",\"type\":{\"size\":4,\"name\":\"o.F\",\"type\":\"fixed\"}}]}";
    static const char canonical[] =
        "{\"name\":\"n.s.R\",\"type\":\"record\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\","
        "{\"name\":\"n.s.E\",\"type\":\"enum\",\"symbols\":[\"x\",\"y\"]}]},{\"name\":\"b\","
        "\"type\":{\"type\":\"array\",\"items\":\"n.s.E\"}},{\"name\":\"c\",\"type\":{\"name\":"
        "\"o.F\",\"type\":\"fixed\",\"size\":4}}]}";

    assert_true(wn_schema_fingerprint(with) == wn_schema_fingerprint(canonical));
    assert_true(wn_schema_fingerprint(with) == UINT64_C(0x41ae5cdf43e8eff9));
}

static struct wn_policy *policy;

static void is_what_is_committed(void **state)
{
    (void)state;
    for (unsigned t = 0; t < policy->n_types; t++) {
        const struct wn_type *type = &policy->types[t];
        for (unsigned p = 0; p < type->n_purposes; p++) {
            struct wn_buffer committed = { 0 };
            struct wn_error err = { 0 };
            char path[512];
            snprintf(path, sizeof(path), "%s/schemas/derived/%s.%s.avsc", getenv("WINNOW_SOURCE"),
                     type->purposes[p].name, type->shape.type);
            assert_int_equal(wn_io_read(path, 1 << 20, &committed, &err), WN_OK);
            wn_buffer_add(&committed, "", 1);
            // Where they differ on purpose: meson compile update-derived, and look at the diff.
            assert_string_equal((const char *)committed.at, type->purposes[p].schema);
            wn_buffer_deinit(&committed);
        }
    }
}

static void is_read_by_avro_c(void **state)
{
    (void)state;
    for (unsigned t = 0; t < policy->n_types; t++) {
        const struct wn_type *type = &policy->types[t];
        for (unsigned p = 0; p < type->n_purposes; p++) {
            const struct wn_purpose *purpose = &type->purposes[p];
            avro_schema_t schema = NULL;
            assert_int_equal(
                avro_schema_from_json_length(purpose->schema, strlen(purpose->schema), &schema), 0);
            assert_string_equal(avro_schema_name(schema), type->name);
            char namespace[64];
            snprintf(namespace, sizeof(namespace), "winnow.%s", purpose->name);
            assert_string_equal(avro_schema_namespace(schema), namespace);
            assert_int_equal(avro_schema_record_size(schema), purpose->n_outputs);
            for (unsigned i = 0; i < purpose->n_outputs; i++) {
                assert_string_equal(avro_schema_record_field_name(schema, (int)i),
                                    purpose->outputs[i].name);
            }
            avro_schema_decref(schema);
        }
    }
}

static void holds_no_annotation_and_no_field_of_another_purpose(void **state)
{
    (void)state;
    const struct wn_purpose *insight = wn_type_purpose(wn_policy_type(policy, "call"), "insight");
    static const char *const never[] = { "\"winnow\":", "\"kind\"",   "record_id",   "\"origin\"",
                                         "\"start\"",   "\"called\"", "\"calling\"", "imei" };

    for (unsigned i = 0; i < WN_COUNT(never); i++) {
        assert_null(strstr(insight->schema, never[i]));
    }
}

static void has_the_fingerprints_that_fastavro_gives(void **state)
{
    (void)state;
    static const struct {
        const char *type, *purpose;
        uint64_t fingerprint;
    } known[] = {
        { "call", "billing", UINT64_C(0xcce62acf6bf49edf) },
        { "call", "insight", UINT64_C(0x06bba826a6b0f9f1) },
        { "session", "billing", UINT64_C(0x6c93ca73a7ea99f1) },
        { "session", "insight", UINT64_C(0x391bfdb8f5d23a44) },
    };

    for (unsigned i = 0; i < WN_COUNT(known); i++) {
        const struct wn_purpose *purpose =
            wn_type_purpose(wn_policy_type(policy, known[i].type), known[i].purpose);
        assert_true(purpose->fingerprint == known[i].fingerprint);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_full_and_docs_do_not_matter),
        cmocka_unit_test(is_what_is_committed),
        cmocka_unit_test(is_read_by_avro_c),
        cmocka_unit_test(holds_no_annotation_and_no_field_of_another_purpose),
        cmocka_unit_test(has_the_fingerprints_that_fastavro_gives),
    };
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    char folder[512];

    snprintf(folder, sizeof(folder), "%s/schemas", getenv("WINNOW_SOURCE"));
    if (wn_policy_load(folder, &faults, &policy, &err) != WN_OK) {
        return 1;
    }
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, tests);
    int failed = wn_run_tests("derive", &all);
    wn_policy_close(policy);
    return failed;
}
