// SPDX-License-Identifier: Apache-2.0

/** What `run` wants of topics and brokers: what holds, what is made, and which topics there are. */

#include "winnow/wants.h"

#include <stdlib.h>

#include "table.h"

static const struct wn_property patient[] = {
    { .name = "transaction.timeout.ms", .value = "60000", .line = 1 },
    { .name = "message.max.bytes", .value = "2000000", .line = 2 },
};

/** Settings by default, and with properties of the operator's. */
static struct wn_settings settings_of(bool with_properties)
{
    return (struct wn_settings){
        .group = "g",
        .limits = { .lateness_ms = 35LL * 86400000 },
        .producer = { patient, with_properties ? WN_COUNT(patient) : 0 },
    };
}

// ---- What holds --------------------------------------------------------------------------------

static const struct row {
    const char *name;
    const char *setting, *found;
    enum wn_role role;
    bool holds;
    bool with_properties;
} rows[] = {
    { "outputs are deleted by time", "cleanup.policy", "delete", WN_ROLE_BILLING, true, false },
    { "outputs are not compacted, too", "cleanup.policy", "delete,compact", WN_ROLE_OTHER, false,
      false },
    { "the register is not deleted, too", "cleanup.policy", "compact,delete", WN_ROLE_KEYS, false,
      false },
    { "state of the window and a week", "retention.ms", "3715200000", WN_ROLE_STATE, true, false },
    { "state of an hour less", "retention.ms", "3711600000", WN_ROLE_STATE, false, false },
    { "state for ever", "retention.ms", "-1", WN_ROLE_STATE, true, false },
    { "receipts for ever", "retention.ms", "-1", WN_ROLE_RECEIPTS, true, false },
    { "receipts for a hundred years", "retention.ms", "3153600000000", WN_ROLE_RECEIPTS, false,
      false },
    { "a message as large as ours", "max.message.bytes", "1048588", WN_ROLE_STATE, true, false },
    { "a message of an octet less", "max.message.bytes", "1048587", WN_ROLE_STATE, false, false },
    { "a message as large as the operator's", "max.message.bytes", "2000012", WN_ROLE_STATE, true,
      true },
    { "a message smaller than the operator's", "max.message.bytes", "1048588", WN_ROLE_STATE, false,
      true },
    { "a transaction of ours", "transaction.max.timeout.ms", "15000", WN_ROLE_BROKER, true, false },
    { "a transaction of the operator's", "transaction.max.timeout.ms", "15000", WN_ROLE_BROKER,
      false, true },
    { "a session under the broker's least", "group.min.session.timeout.ms", "15001", WN_ROLE_BROKER,
      false, false },
    { "a number that is none", "retention.ms", "12d", WN_ROLE_STATE, false, false },
    { "no number", "retention.ms", "", WN_ROLE_STATE, false, false },
    { "a number that is too large", "retention.ms", "99999999999999999999", WN_ROLE_STATE, false,
      false },
    { "the broker's clock on insight", "message.timestamp.type", "LogAppendTime", WN_ROLE_OTHER,
      false, false },
};

static void check_value(void **state)
{
    const struct row *row = *state;
    const struct wn_settings settings = settings_of(row->with_properties);
    const struct wn_want *want;
    bool holds = true;
    bool known = false;
    for (unsigned i = 0; (want = wn_want_of(row->role, i)) != NULL; i++) {
        if (strcmp(want->setting, row->setting) == 0) {
            known = true;
            holds = holds && wn_want_holds(want, &settings, row->found);
        }
    }
    assert_true(known);
    assert_int_equal(holds, row->holds);
}

// ---- What is made ------------------------------------------------------------------------------

/** @return whether a value fulfils all wishes of a role for its setting. */
static bool holds_all(enum wn_role role, const struct wn_settings *settings, const char *setting,
                      const char *value)
{
    const struct wn_want *want;
    bool holds = true;
    for (unsigned i = 0; (want = wn_want_of(role, i)) != NULL; i++) {
        holds =
            holds && (strcmp(want->setting, setting) != 0 || wn_want_holds(want, settings, value));
    }
    return holds;
}

static void made_is_expected(void **state)
{
    (void)state;
    const struct wn_settings settings = settings_of(true);
    for (unsigned role = WN_ROLE_INPUT; role <= WN_ROLE_BROKER; role <<= 1) {
        const struct wn_want *want;
        for (unsigned i = 0; (want = wn_want_of((enum wn_role)role, i)) != NULL; i++) {
            char value[32];
            wn_want_value(want, &settings, value);
            assert_true(holds_all((enum wn_role)role, &settings, want->setting, value));
            assert_true(strlen(want->why) > 20);
            assert_false(want->made && role == WN_ROLE_BROKER);
        }
    }
}

// ---- Which topics ------------------------------------------------------------------------------

static void each_topic_once(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum wn_role role;
        unsigned input;
    } expected[] = {
        { "usage.billing.call", WN_ROLE_BILLING, 0 },
        { "usage.insight.call", WN_ROLE_OTHER, 0 },
        { "winnow.quarantine", WN_ROLE_QUARANTINE, 0 },
        { "winnow.receipts", WN_ROLE_RECEIPTS, 0 },
        { "winnow.keys", WN_ROLE_KEYS, 0 },
        { "raw.a", WN_ROLE_INPUT, 0 },
        { "winnow.state.g.raw.a", WN_ROLE_STATE, 0 },
        { "raw.b", WN_ROLE_INPUT, 2 },
        { "winnow.state.g.raw.b", WN_ROLE_STATE, 2 },
    };
    char longest[250];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    const struct wn_input inputs[] = {
        { .topic = "raw.a" }, { .topic = longest }, { .topic = "raw.b" }, { .topic = "raw.a" }
    };
    struct wn_settings settings = settings_of(false);
    settings.inputs = inputs;
    settings.n_inputs = WN_COUNT(inputs);
    struct wn_type *type = calloc(1, sizeof(*type));
    struct wn_topics_plan *plan = calloc(1, sizeof(*plan));
    assert_non_null(type);
    assert_non_null(plan);
    type->purposes[0] = (struct wn_purpose){ .name = "billing", .topic = "usage.billing.call" };
    type->purposes[1] = (struct wn_purpose){ .name = "insight", .topic = "usage.insight.call" };
    type->n_purposes = 2;
    const struct wn_policy policy = { .types = type, .n_types = 1 };
    wn_topics_plan(&settings, &policy, plan);
    assert_int_equal(plan->n, WN_COUNT(expected));
    for (unsigned i = 0; i < plan->n; i++) {
        assert_string_equal(plan->list[i].name, expected[i].name);
        assert_int_equal(plan->list[i].role, expected[i].role);
        assert_int_equal(plan->list[i].input, expected[i].input);
    }
    free(plan);
    free(type);
}

static void names_of_transactions(void **state)
{
    (void)state;
    struct wn_settings settings = settings_of(false);
    char id[WN_TRANSACTIONAL_ID];
    settings.instance = "ams-1";
    settings.workers = 2;
    assert_true(wn_transactional_id(&settings, 0, id));
    assert_string_equal(id, "g-ams-1-1");
    assert_true(wn_transactional_id(&settings, 1, id));
    assert_string_equal(id, "g-ams-1-2");
    assert_true(wn_transactional_id(&settings, 2, id));
    assert_string_equal(id, "g-keys");
    assert_false(wn_transactional_id(&settings, 3, id));
}

int main(void)
{
    const struct CMUnitTest others[] = { cmocka_unit_test(made_is_expected),
                                         cmocka_unit_test(each_topic_once),
                                         cmocka_unit_test(names_of_transactions) };
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, rows, check_value);
    WN_ADD_TESTS(&tests, others);
    return wn_run_tests("wants", &tests);
}
