// SPDX-License-Identifier: Apache-2.0

/* A source whose records are of several types: which section takes one, and what it says of it. */

#include "source_harness.h"

#include <unistd.h>

#include "winnow/trace.h"

#define COMMON                                                                                     \
    "format: json\n"                                                                               \
    "clock: {zone: Europe/Amsterdam}\n"                                                            \
    "node: {from: /node, or: n1}\n"                                                                \
    "subscriber: [{kind: imsi, from: /imsi}]\n"                                                    \
    "duplicate_key: [node, /id]\n"
#define CALL_FIELDS                                                                                \
    "    fields:\n"                                                                                \
    "      - {field: start, from: /at, as: epoch_s}\n"                                             \
    "      - {field: service, value: sms}\n"                                                       \
    "      - {field: called, from: /to}\n"
#define SESSION_FIELDS                                                                             \
    "    fields:\n"                                                                                \
    "      - {field: start, from: /start, as: epoch_s}\n"                                          \
    "      - {field: duration, from: /duration, as: s}\n"                                          \
    "      - {field: service, value: data}\n"
#define TYPES                                                                                      \
    "types:\n"                                                                                     \
    "  - type: session\n"                                                                          \
    "    when: {from: /kind, is: pdu}\n" SESSION_FIELDS "  - type: call\n"                         \
    "    when: {from: /kind, is: sms}\n" CALL_FIELDS

#define PDU(members) "{\"kind\":\"pdu\",\"id\":\"a\",\"imsi\":\"204980000000001\"" members "}\n"
#define SMS(members) "{\"kind\":\"sms\",\"id\":\"a\",\"imsi\":\"204980000000001\"" members "}\n"

/** A whole source, and what comes of it. */
static const struct row {
    const char *name;
    const char *yaml;
    const char *input; ///< NULL: it is refused, and `told` are the faults.
    const char *show;
    const char *told;
} rows[] = {
    { "each record is of the first type whose condition holds", COMMON TYPES,
      PDU(",\"start\":\"1792888205\",\"duration\":\"60\"")
          SMS(",\"at\":\"1792888206\",\"to\":\"0610000002\"")
              PDU(",\"start\":\"1792888207\",\"duration\":\"61\""),
      "type start service duration subscriber required",
      "type=session start=1792888205000 service=data duration=60000 "
      "subscriber=imsi:204980000000001 required=ok\n"
      "type=call start=1792888206000 service=sms duration=0 subscriber=imsi:204980000000001 "
      "required=ok\n"
      "type=session start=1792888207000 service=data duration=61000 "
      "subscriber=imsi:204980000000001 required=ok\n" },
    { "the type stands in the key", COMMON TYPES, PDU("") SMS(""), "key",
      "key=[00][00][00][07]session[00][00][00][02]n1[00][00][00][01]a\n"
      "key=[00][00][00][04]call[00][00][00][02]n1[00][00][00][01]a\n" },
    { "what no entry takes is refused, whatever else is wrong with it", COMMON TYPES,
      "{\"kind\":\"loc\",\"start\":\"x\"}\n{\"at\":{}}\n" SMS(""), "type",
      "unknown-record-type\nunknown-record-type\ntype=call\n" },
    { "the last entry may take the rest",
      COMMON "types:\n  - type: call\n    when: {from: /kind, is: sms}\n" CALL_FIELDS
             "  - type: session\n" SESSION_FIELDS,
      SMS("") "{\"kind\":\"loc\"}\n{}\n", "type", "type=call\ntype=session\ntype=session\n" },
    { "an entry's own key stands in place of the source's",
      COMMON "required: [/start]\n"
             "filter: [{rule: omit, when: {from: /drop, present: true}}]\n" TYPES
             "    required: [/at]\n"
             "    duplicate_key: [/ref]\n"
             "    subscriber: [{kind: number, from: /own}]\n"
             "    filter: [{rule: attempt, when: {from: /failed, present: true}}]\n",
      PDU(",\"drop\":1,\"failed\":1") SMS(",\"drop\":1,\"failed\":1,\"own\":\"0610000001\"")
          SMS(",\"at\":\"1792888206\",\"drop\":1,\"own\":\"0610000001\",\"ref\":\"7\""),
      "rule subscriber key required",
      "rule=omit subscriber=imsi:204980000000001 "
      "key=[00][00][00][07]session[00][00][00][02]n1[00][00][00][01]a required=/start is required "
      "and absent\n"
      "rule=attempt subscriber=number:31610000001 key=[00][00][00][04]call[ff][ff][ff][ff] "
      "required=/at is required and absent\n"
      "rule=- subscriber=number:31610000001 "
      "key=[00][00][00][04]call[00][00][00][01]7 required=ok\n" },
    { "a type may stand several times, and be the source's own",
      COMMON "type: call\ntypes:\n"
             "  - when: {from: /kind, is: sms}\n" CALL_FIELDS "  - fields:\n"
             "      - {field: start, from: /start, as: epoch_s}\n"
             "      - {field: service, value: voice}\n",
      SMS(",\"at\":\"1792888206\"") PDU(",\"start\":\"1792888207\""), "type service start",
      "type=call service=sms start=1792888206000\ntype=call service=voice start=1792888207000\n" },
    { "a condition may ask for the node, a list of words, and several things",
      COMMON "words: {messages: [sms, mms]}\ntypes:\n"
             "  - type: call\n    when: [{from: /kind, is: $messages}, {field: node, is: c1}]\n" //
      CALL_FIELDS "  - type: session\n" SESSION_FIELDS,
      "{\"kind\":\"mms\",\"node\":\"c1\"}\n{\"kind\":\"mms\",\"node\":\"c2\"}\n", "type",
      "type=call\ntype=session\n" },
    { "a fault of a value that only another type reads is none", COMMON TYPES,
      PDU(",\"start\":\"1792888205\",\"at\":\"x\",\"to\":{}") SMS(",\"at\":\"x\""), "type start",
      "type=session start=1792888205000\nbad-time\n" },
    { "a part of a key that is an object is refused where it is in the type's key",
      COMMON TYPES "    duplicate_key: [/ref]\n", PDU(",\"ref\":{}") SMS(",\"ref\":{}"), "type",
      "type=session\nbad-identifier\n" },
    { "each type has its own list of items",
      COMMON "types:\n  - type: session\n    when: {from: /kind, is: pdu}\n"
             "    usage: {each: [/a/*, /b/*], fields: [{field: uplink, from: ./up, as: octets}]}\n"
             "    fields:\n"
             "      - {field: service, value: data}\n"
             "      - {field: start, from: /start, as: epoch_s}\n"
             "      - {field: uplink, sum: usage/uplink}\n"
             "  - type: session\n"
             "    usage: {each: /b/*, fields: [{field: downlink, from: ./up, as: octets}]}\n"
             "    fields:\n"
             "      - {field: service, value: data}\n"
             "      - {field: start, from: /start, as: epoch_s}\n",
      PDU(",\"a\":[{\"up\":1},{\"up\":2}],\"b\":[{\"up\":4}]") PDU(",\"a\":[],\"b\":[{\"up\":4}]")
          SMS(",\"a\":[{\"up\":1},{\"up\":2}],\"b\":[{\"up\":4}]") SMS(",\"a\":[{\"up\":1}]"),
      "items uplink",
      "items=(uplink=1)(uplink=2) uplink=3\nitems=(uplink=4) uplink=4\n"
      "items=(downlink=4) uplink=-\nitems= uplink=-\n" },
    { "cumulative counters are of a type",
      COMMON "types:\n  - type: session\n    when: {from: /kind, is: pdu}\n"
             "    volumes: cumulative\n" SESSION_FIELDS
             "      - {field: session_uplink, from: /up, as: octets}\n"
             "  - type: session\n" SESSION_FIELDS
             "      - {field: uplink, from: /up, as: octets}\n",
      PDU(",\"up\":5") SMS(",\"up\":6"), "uplink session_uplink",
      "uplink=- session_uplink=5\nuplink=6 session_uplink=-\n" },
    { "drift is what no type names", COMMON TYPES, PDU(",\"at\":\"1\",\"x\":1") SMS(",\"x\":1"),
      "type drift", "type=session\ntype=call\ndrift x 2\n" },

    { "a list without entries", COMMON "types: []\n", NULL, "",
      "s.yaml:6: types: from 1 to 16 entries are expected here\n" },
    { "no list", COMMON "types: {type: call}\n", NULL, "",
      "s.yaml:6: types: a list is expected here\n" },
    { "an entry that is no map", COMMON "types: [call]\n", NULL, "",
      "s.yaml:6: types: a map is expected here\n" },
    { "an entry behind one that takes all",
      COMMON "types:\n  - type: session\n" SESSION_FIELDS "  - type: call\n"
             "    when: {from: /kind, is: sms}\n" CALL_FIELDS,
      NULL, "",
      "s.yaml:7: types: without `when` an entry takes every record, and those behind it none; "
      "give it one, or move it to the end\n" },
    { "an entry without a type, and one of a type that is none",
      COMMON "types:\n  - when: {from: /kind, is: pdu}\n    fields: []\n  - {type: fax}\n", NULL,
      "",
      "s.yaml:7: type: is missing; name the policy's record type\n"
      "s.yaml:9: type: there is no record type 'fax'; what there is: call, session\n" },
    { "an entry that says what only a source can",
      COMMON TYPES "    node: {value: n2}\n    declared: []\n", NULL, "",
      "s.yaml:19: types: there is no 'node'; what there is: type, when, volumes, usage, fields, "
      "subscriber, required, duplicate_key, content, session_key, flags, filter\n"
      "s.yaml:20: types: there is no 'declared'; what there is: type, when, volumes, usage, "
      "fields, subscriber, required, duplicate_key, content, session_key, flags, filter\n" },
    { "a condition that asks for a field",
      COMMON "types:\n  - type: call\n    when: {field: service, is: sms}\n" CALL_FIELDS
             "  - type: session\n    when: {zero: [duration]}\n" SESSION_FIELDS,
      NULL, "",
      "s.yaml:8: field: no field has a value yet, only `node`; look at a path with `from`\n"
      "s.yaml:14: zero: no field has a value yet, only `node`; look at a path with `from`\n" },
    { "a condition that asks for the subscriber",
      COMMON "types:\n  - type: call\n    when: {network: home}\n" CALL_FIELDS, NULL, "",
      "s.yaml:8: network: the subscriber is found after all fields; this stands under `flags` and "
      "`filter` only\n" },
    { "a fault of what the types share is said once, one of a type's own too",
      COMMON "content: [start, start]\n" TYPES "      - {field: uplinks, from: /up, as: octets}\n"
             "      - {field: calling, from: /by}\n      - {field: calling, from: [by]}\n",
      NULL, "",
      "s.yaml:6: content: 'start' stands there twice; leave one out\n"
      "s.yaml:20: field: there is no field of a call 'uplinks'; what there is: record_id, origin, "
      "source, node, key_id, subscriber, subscriber_kind, account, session, sequence, final, "
      "incomplete, start, end, utc_offset, duration, billable, direction, service, cause, "
      "visited_network, radio, flags, called, calling, other, destination_network, forwarding, "
      "volume, trunk, imei, "
      "quality, "
      "wholesale, wholesale_currency\n"
      "s.yaml:22: from: 'by' is no path; a path begins with a slash, such as /a/b\n" },
    { "a key that no type can do without",
      "format: json\nnode: {value: n1}\nsubscriber: [{kind: imsi, from: /imsi}]\n" TYPES
      "    duplicate_key: [/id]\n",
      NULL, "",
      "s.yaml:5: duplicate_key: is missing; say which values make a record the same chargeable "
      "event\n" },
};

static struct wn_source *load(const char *yaml, struct wn_buffer *told)
{
    const struct wn_source_ground ground = source_ground();
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;
    enum wn_code rc = wn_source_parse("s.yaml", wn_slice_of(yaml), &ground, &faults, &source, &err);
    assert_int_equal(rc, faults.n == 0 ? WN_OK : WN_FATAL);
    wn_buffer_add(told, faults.lines.at, faults.lines.len);
    wn_faults_deinit(&faults);
    return source;
}

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer told = { 0 };
    struct wn_source *source = load(row->yaml, &told);
    assert_true(!row->input || told.len == 0);
    if (row->input) {
        source_tell(source, wn_slice_of(row->input), row->show, &told);
    }
    wn_buffer_add(&told, "", 1);
    assert_string_equal((const char *)told.at, row->told);
    wn_source_close(source);
    wn_buffer_deinit(&told);
}

static void rule_of(const char *yaml, uint8_t ret_rule[8])
{
    struct wn_buffer faults = { 0 };
    struct wn_source *source = load(yaml, &faults);
    assert_non_null(source);
    memcpy(ret_rule, source->rule_id, sizeof(source->rule_id));
    wn_source_close(source);
}

static void the_duplicate_rule_is_that_of_all_types(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        bool is_same;
    } changes[] = {
        { COMMON TYPES "    duplicate_key: [/ref]\n", false },
        { COMMON TYPES "    content: [start]\n", false },
        { COMMON TYPES "    filter: [{rule: omit}]\n", true },
        { COMMON "content: [start]\n" TYPES, false },
        { COMMON "types:\n  - type: session\n    when: {from: /kind, is: [pdu, pdn]}\n" //
          SESSION_FIELDS "  - type: call\n" CALL_FIELDS,
          true },
        { COMMON "types:\n  - type: session\n" SESSION_FIELDS, false },
        { COMMON "types:\n  - type: call\n    when: {from: /kind, is: sms}\n" CALL_FIELDS
                 "  - type: session\n" SESSION_FIELDS,
          true },
        { COMMON TYPES "  - type: call\n    filter: [{rule: not-usage}]\n" CALL_FIELDS, true },
        { COMMON TYPES "  - type: call\n    session_key: [/id]\n" CALL_FIELDS
                       "      - {field: final, value: true}\n",
          false },
    };
    uint8_t rule[8], changed[8];
    rule_of(COMMON TYPES, rule);
    for (size_t i = 0; i < WN_COUNT(changes); i++) {
        rule_of(changes[i].yaml, changed);
        assert_true((memcmp(rule, changed, sizeof(rule)) == 0) == changes[i].is_same);
    }
}

static void one_type_has_the_rule_that_it_has_without_types(void **state)
{
    (void)state;
    uint8_t rule[8], other[8];
    rule_of(COMMON "type: session\nfields:\n  - {field: start, from: /start, as: epoch_s}\n"
                   "  - {field: service, value: data}\n",
            rule);
    rule_of(COMMON "types:\n  - type: session\n" SESSION_FIELDS, other);
    assert_memory_equal(rule, other, sizeof(rule));
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(the_duplicate_rule_is_that_of_all_types),
        cmocka_unit_test(one_type_has_the_rule_that_it_has_without_types),
    };
    struct wn_tests tests = { 0 };
    if (source_setup(NULL) != 0) {
        return 1;
    }
    WN_ADD_TABLE(&tests, rows, check);
    WN_ADD_TESTS(&tests, others);
    int failed = wn_run_tests("source-types", &tests);
    return source_teardown(NULL) != 0 ? 1 : failed;
}
