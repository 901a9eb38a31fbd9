// SPDX-License-Identifier: Apache-2.0

/** The policy in plain words, and transforms by name and in words. */

#include "table.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "winnow/policy.h"

enum {
    HOUR = 3600000,
    DAY = 86400000
};

static const struct row {
    const char *name;
    struct wn_output output;
    const char *written, *words;
} rows[] = {
    { "keeps a time", { .kind = WN_KIND_TIME }, "keep", "exact to the millisecond" },
    { "keeps a count", { .kind = WN_KIND_OCTETS }, "keep", "exact" },
    { "keeps a word", { .kind = WN_KIND_ENUM }, "keep", "as it is" },
    { "keeps a number", { .kind = WN_KIND_NUMBER }, "keep", "whole number, where it may show" },
    { "keeps what winnow makes", { .made = WN_MADE_RECORD_ID }, "keep", "as it is" },
    { "a pseudonym",
      { .kind = WN_KIND_IMSI, .transform = WN_TRANSFORM_PSEUDONYM },
      "pseudonym",
      "keyed pseudonym only" },
    { "the hour",
      { .kind = WN_KIND_TIME, .transform = WN_TRANSFORM_FLOOR, .args = { HOUR }, .n_args = 1 },
      "floor(1h)",
      "hour only" },
    { "the day",
      { .kind = WN_KIND_TIME, .transform = WN_TRANSFORM_FLOOR, .args = { DAY }, .n_args = 1 },
      "floor(1d)",
      "day only" },
    { "a range of durations",
      { .kind = WN_KIND_DURATION,
        .transform = WN_TRANSFORM_BUCKET,
        .args = { 1500, 30000, 60000, HOUR, DAY },
        .n_args = 5 },
      "bucket(1500,30000,60000,3600000,86400000)",
      "range only (its lower bound: 0, 1500 ms, 30 s, 1 min, 1 h, 1 d)" },
    { "a range of octets",
      { .kind = WN_KIND_OCTETS,
        .transform = WN_TRANSFORM_BUCKET,
        .args = { 999, 1000000, 20000000000 },
        .n_args = 3 },
      "bucket(999,1000000,20000000000)",
      "range only (its lower bound: 0, 999 octets, 1 MB, 20 GB)" },
    { "a range of scores",
      { .kind = WN_KIND_SCORE, .transform = WN_TRANSFORM_BUCKET, .args = { 200 }, .n_args = 1 },
      "bucket(200)",
      "range only (its lower bound: 0, 200)" },
    { "first digits",
      { .kind = WN_KIND_NUMBER, .transform = WN_TRANSFORM_DIGITS, .args = { 5 }, .n_args = 1 },
      "digits(5)",
      "first 5 digits only" },
    { "a network part",
      { .kind = WN_KIND_IP, .transform = WN_TRANSFORM_PREFIX, .args = { 24, 48 }, .n_args = 2 },
      "prefix(24,48)",
      "network part only (24 bits of IPv4, 48 of IPv6)" },
    { "a model",
      { .kind = WN_KIND_IMEI, .transform = WN_TRANSFORM_MODEL },
      "model",
      "model of the device only" },
    { "a home network",
      { .kind = WN_KIND_IMSI, .transform = WN_TRANSFORM_NETWORK },
      "network",
      "home network only" },
    { "a destination",
      { .kind = WN_KIND_NUMBER, .transform = WN_TRANSFORM_DESTINATION },
      "destination",
      "country and class only" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer written = { 0 };
    struct wn_buffer words = { 0 };

    wn_transform_name(&row->output, &written);
    wn_transform_words(&row->output, &words);
    wn_buffer_add(&written, "", 1);
    wn_buffer_add(&words, "", 1);
    assert_string_equal((const char *)written.at, row->written);
    assert_string_equal((const char *)words.at, row->words);
    wn_buffer_deinit(&written);
    wn_buffer_deinit(&words);
}

static struct wn_policy *policy;

static void shows_a_table_of_fields_and_purposes(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "  legal basis                        | contract                           | consent; "
        "without it nothing goes\n",
        "  kept for                           | 6 months, from the invoice         | 13 months, "
        "from the event\n",
        "  start                              | exact to the millisecond           | hour only (as "
        "hour)\n",
        "  end                                | never (read to judge only)         | never (read "
        "to judge only)\n",
        "  record_id                          | as it is                           | never\n",
        "  usage: each item's rating_group    | exact                              | never\n",
    };
    struct wn_buffer text = { 0 };

    wn_policy_show(policy, &text);
    wn_buffer_add(&text, "", 1);
    for (unsigned i = 0; i < WN_COUNT(lines); i++) {
        assert_non_null(strstr((const char *)text.at, lines[i]));
    }
    assert_null(strstr((const char *)text.at, " \n"));
    wn_buffer_deinit(&text);
}

static void shows_the_same_as_json(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    wn_policy_show_json(policy, &text);

    json_t *json = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "policy")), policy->id);
    const json_t *call = json_array_get(json_object_get(json, "types"), 0);
    const json_t *fields = json_object_get(call, "fields");
    assert_int_equal(json_array_size(fields), policy->types[0].shape.n_fields);
    const json_t *start = json_array_get(fields, 12);
    assert_string_equal(json_string_value(json_object_get(start, "name")), "start");
    const json_t *hour =
        json_array_get(json_object_get(json_object_get(start, "purposes"), "insight"), 0);
    assert_string_equal(json_string_value(json_object_get(hour, "as")), "hour");
    assert_string_equal(json_string_value(json_object_get(hour, "do")), "floor(1h)");
    assert_string_equal(json_string_value(json_object_get(hour, "words")), "hour only");
    json_decref(json);
    wn_buffer_deinit(&text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_table_of_fields_and_purposes),
        cmocka_unit_test(shows_the_same_as_json),
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
    int failed = wn_run_tests("policy_show", &all);
    wn_policy_close(policy);
    return failed;
}
