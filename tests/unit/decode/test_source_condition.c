// SPDX-License-Identifier: Apache-2.0

/* Conditions, and what rests on them: filters, flags, the subscriber, withheld numbers, keys. */

#include "source_harness.h"

#define REC(members) SOURCE_RECORD(members)
#define WHEN(text)                                                                                 \
    {                                                                                              \
        .type = "call", .change = "filter: [{rule: test, when: " text "}]\n"                       \
    }
#define WITH(fields, text)                                                                         \
    {                                                                                              \
        .type = "call", .change = "filter: [{rule: test, when: " text "}]\n",                      \
        .more = "  - " fields "\n"                                                                 \
    }
#define YES "rule=test\n"
#define NO "rule=-\n"

/** Numbers, withheld by `p`; the direction stands behind them. */
#define NUMBERS "numbers: {bare: international, internal: [\"1xxx\"]}\n"
#define PARTIES                                                                                    \
    "  - {field: called, from: /b}\n"                                                              \
    "  - {field: calling, from: [/a, /a2], withheld: {from: /p, is: id}}\n"                        \
    "  - {field: direction, from: /w}\n"

static const struct source_row rows[] = {
    { "present and absent", WHEN("{from: /x, present: true}"),
      REC("") REC(",\"x\":\"\"") REC(",\"x\":null") REC(",\"x\":\"a\"") REC(",\"x\":{\"y\":1}"),
      "rule", NO NO NO YES YES },
    { "absent is present: false", WHEN("{from: [/x, /y], present: false}"),
      REC("") REC(",\"x\":\"\"") REC(",\"y\":\"a\""), "rule", YES YES NO },
    { "an absent value passes no other test, and not negates that",
      WHEN("{any: [{from: /x, is: a}, {from: /x, starts: a}, {from: /x, contains: a}, {from: /x, "
           "above: -1}]}"),
      REC("") REC(",\"x\":\"\"") REC(",\"x\":\"a\""), "rule", NO NO YES },
    { "is, of one and of several", WHEN("{from: /x, is: [a, bc]}"),
      REC(",\"x\":\"a\"") REC(",\"x\":\"b\"") REC(",\"x\":\"bc\"") REC(",\"x\":\"A\""), "rule",
      YES NO YES NO },
    { "starts and contains", WHEN("[{from: /x, starts: [ab, \"+\"]}, {from: /x, contains: yz}]"),
      REC(",\"x\":\"abyz\"") REC(",\"x\":\"ab\"") REC(",\"x\":\"yzab\"") REC(",\"x\":\"+yz\"")
          REC(",\"x\":\"abzy\""),
      "rule", YES NO NO YES NO },
    { "above, with fractions and signs", WHEN("{from: /x, above: 0}"),
      REC(",\"x\":\"0\"") REC(",\"x\":\"0.000\"") REC(",\"x\":\"0.001\"") REC(",\"x\":1")
          REC(",\"x\":-1") REC(",\"x\":\"many\"") REC(",\"x\":\"18446744073709551615\""),
      "rule", NO NO YES YES NO NO YES },
    { "above a number below zero", WHEN("{from: /x, above: -2}"),
      REC(",\"x\":-2") REC(",\"x\":-1.5") REC(",\"x\":-3") REC(",\"x\":0"), "rule", NO YES NO YES },
    { "any of the values of a path with a star", WHEN("{from: /x/*/y, is: b}"),
      REC(",\"x\":[{\"y\":\"a\"},{\"y\":\"b\"}]") REC(",\"x\":[{\"y\":\"a\"}]") REC(",\"x\":[]")
          REC(",\"x\":[{},{\"y\":\"b\"}]"),
      "rule", YES NO NO YES },
    { "the first and the last of a list", WHEN("[{from: /x/0, is: a}, {from: /x/-1, is: b}]"),
      REC(",\"x\":[\"a\",\"c\",\"b\"]") REC(",\"x\":[\"b\",\"a\"]"), "rule", YES NO },
    { "the first path that is present is the one that is tested", WHEN("{from: [/x, /y], is: a}"),
      REC(",\"y\":\"a\"") REC(",\"x\":\"b\",\"y\":\"a\""), "rule", YES NO },
    { "the site's words",
      { .type = "call",
        .change = "words: {ours: [a, b], theirs: [c]}\n",
        .change2 = "filter: [{rule: test, when: {from: /x, is: [$ours, d]}}]\n" },
      REC(",\"x\":\"b\"") REC(",\"x\":\"c\"") REC(",\"x\":\"d\"") REC(",\"x\":\"$ours\""),
      "rule",
      YES NO YES NO },
    { "all, any and not",
      WHEN("{all: [{any: [{from: /x, is: a}, {from: /y, is: a}]}, {not: {from: /z, is: a}}]}"),
      REC(",\"x\":\"a\"") REC(",\"y\":\"a\"") REC(",\"x\":\"a\",\"z\":\"a\"") REC(""), "rule",
      YES YES NO NO },
    { "not of a list is not all of them", WHEN("{not: [{from: /x, is: a}, {from: /y, is: a}]}"),
      REC(",\"x\":\"a\",\"y\":\"a\"") REC(",\"x\":\"a\""), "rule", NO YES },

    { "a field's number",
      WHEN("[{field: duration, above: 59999}, {field: duration, is: [60000, 1]}]"),
      REC("") REC(",\"x\":1"), "rule", YES YES },
    { "a field's word, and what it begins with",
      WITH("{field: direction, from: /w}", "{field: direction, starts: [t, unk]}"),
      REC(",\"w\":\"transit\"") REC(",\"w\":\"terminating\"") REC(",\"w\":\"forwarded\"") REC(""),
      "rule", YES YES NO NO },
    { "a condition sees no default",
      WITH("{field: final, from: /f}", "{field: final, present: false}"),
      REC("") REC(",\"f\":\"false\""), "final rule", "final=true rule=test\nfinal=false rule=-\n" },
    { "zero is 0 or absent", WITH("{field: billable, from: /b, as: int}", "{zero: [billable]}"),
      REC("") REC(",\"b\":0") REC(",\"b\":1"), "rule", YES YES NO },
    { "a number's digits have the country code and no plus",
      { .type = "call",
        .change = NUMBERS,
        .change2 = "filter: [{rule: trunk, when: {field: called, starts: [\"3160045\"]}}]\n",
        .more = PARTIES },
      REC(",\"b\":\"+31600450001\"") REC(",\"b\":\"0031600450001\"") REC(",\"b\":\"0600450001\"")
          REC(",\"b\":\"+44 7700 900123\""),
      "rule",
      "rule=trunk\nrule=trunk\nrule=trunk\nrule=-\n" },
    { "networks of an IMSI",
      { .type = "call",
        .change = "filter:\n  - {rule: test, when: {network: test}}\n"
                  "  - {rule: foreign-imsi, when: {network: foreign}}\n"
                  "  - {rule: covered, when: {network: home}}\n",
        .change2 = "subscriber: [{kind: imsi, from: /sim}, {kind: nai, from: /user}]\n" },
      REC(",\"sim\":\"204980000000001\"") REC(",\"sim\":\"001010000000001\"")
          REC(",\"sim\":\"999700000000001\"") REC(",\"user\":\"204980000000001\"") REC(""),
      "rule",
      "rule=covered\nrule=test\nrule=foreign-imsi\nrule=-\nrule=-\n" },
    { "a network that is none of the site's is roaming",
      { .type = "call", .more = "  - {field: visited_network, from: /v, as: plmn}\n" },
      REC(",\"v\":\"20498\"") REC(",\"v\":\"20404\"") REC(""),
      "visited_network flags",
      "visited_network=204-98 flags=+node_zone\nvisited_network=204-04 "
      "flags=+node_zone+roaming\nvisited_network=- flags=+node_zone\n" },
    { "the first rule that holds counts; a rule without condition always holds",
      { .type = "call",
        .change =
            "filter: [{rule: omit, when: {from: /x, is: a}}, {rule: trunk}, {rule: test}]\n" },
      REC(",\"x\":\"a\"") REC(""),
      "rule",
      "rule=omit\nrule=trunk\n" },
    { "node and subscriber are tested as fields",
      { .type = "call",
        .change = "filter: [{rule: test, when: [{field: node, is: n1}, {field: subscriber, starts: "
                  "\"20498\"}]}]\n" },
      REC("") "{\"id\":\"a\",\"imsi\":\"204990000000001\"}\n",
      "rule",
      YES NO },
    { "flags",
      { .type = "call",
        .change = "flags: [{flag: sponsored, when: {from: /s, present: true}}, {flag: "
                  "rated_online}]\n" },
      REC(",\"s\":1") REC(""),
      "flags",
      "flags=+node_zone+rated_online+sponsored\nflags=+node_zone+rated_online\n" },

    { "the first subscriber whose condition holds and that gives a value",
      { .type = "call",
        .change = "subscriber:\n"
                  "  - {kind: account, from: /acc, when: {from: /k, is: a}}\n"
                  "  - {kind: nai, from: [/u, /v]}\n"
                  "  - {kind: imsi, from: /imsi2}\n" },
      REC(",\"acc\":\"K1\",\"k\":\"a\"") REC(",\"acc\":\"K1\",\"u\":\"Jo@Ex.example\"")
          REC(",\"u\":\"anonymous@ex.example\",\"v\":\"bo@ex.example\"")
              REC(",\"u\":\"anonymous\",\"imsi2\":\"204980000000009\"") REC("")
                  REC(",\"imsi2\":\"12\""),
      "subscriber required",
      "subscriber=account:K1 required=ok\nsubscriber=nai:Jo@ex.example required=ok\n"
      "subscriber=nai:bo@ex.example required=ok\nsubscriber=imsi:204980000000009 required=ok\n"
      "subscriber=nobody: required=no entry of `subscriber` gives a value\nbad-identifier\n" },
    { "a number by direction; extensions and short codes are nobody's",
      { .type = "call",
        .change = NUMBERS,
        .change2 = "subscriber: [{kind: number, from: {originating: calling, terminating: "
                   "called}}]\n",
        .more = PARTIES },
      REC(",\"a\":\"+31600450001\",\"b\":\"+447700900123\",\"w\":\"originating\"")
          REC(",\"a\":\"+31600450001\",\"b\":\"+447700900123\",\"w\":\"terminating\"")
              REC(",\"a\":\"1001\",\"b\":\"+447700900123\",\"w\":\"originating\"")
                  REC(",\"a\":\"112\",\"b\":\"+447700900123\",\"w\":\"originating\"") REC(
                      ",\"a\":\"+31600450001\",\"w\":\"transit\"") REC(",\"a\":\"+31600450001\""),
      "subscriber",
      "subscriber=number:31600450001\nsubscriber=number:447700900123\nsubscriber=nobody:\n"
      "subscriber=nobody:\nsubscriber=nobody:\nsubscriber=nobody:\n" },

    { "a withheld number is kept on an originating record only",
      { .type = "call", .change = NUMBERS, .more = PARTIES },
      REC(",\"a\":\"+447700900123\",\"b\":\"+31600450001\",\"p\":\"id\",\"w\":\"originating\"")
          REC(",\"a\":\"+447700900123\",\"b\":\"+31600450001\",\"p\":\"id\",\"w\":\"terminating\"")
              REC(",\"a\":\"+447700900123\",\"b\":\"+31600450001\",\"p\":\"id\"")
                  REC(",\"a\":\"+447700900123\",\"b\":\"+31600450001\",\"w\":\"terminating\""),
      "calling other",
      "calling=447700900123/international/withheld other=31600450001/unknown\n"
      "calling=/withheld/withheld other=/withheld/withheld\n"
      "calling=/withheld/withheld other=31600450001/unknown\n"
      "calling=447700900123/international other=447700900123/international\n" },
    { "a placeholder that asks for it is no number, and keeps the next one in",
      { .type = "call", .change = NUMBERS, .more = PARTIES },
      REC(",\"a\":\"anonymous\",\"w\":\"terminating\"")
          REC(",\"a\":\"anonymous\",\"a2\":\"+447700900123\",\"w\":\"terminating\"")
              REC(",\"a\":\"anonymous\",\"a2\":\"+447700900123\",\"w\":\"originating\"")
                  REC(",\"p\":\"id\",\"w\":\"originating\"") REC(",\"w\":\"originating\""),
      "calling",
      "calling=/withheld/withheld\ncalling=/withheld/withheld\n"
      "calling=447700900123/international/withheld\ncalling=/withheld/withheld\ncalling=-\n" },
    { "conditions and keys see a withheld number; a placeholder is absent",
      { .type = "call",
        .change = "filter: [{rule: trunk, when: {field: calling, starts: \"4477\"}}, {rule: omit, "
                  "when: {field: calling, present: true}}]\n",
        .change2 = "duplicate_key: [calling]\n",
        .more = PARTIES },
      REC(",\"a\":\"+447700900123\",\"p\":\"id\",\"w\":\"terminating\"")
          REC(",\"a\":\"anonymous\",\"w\":\"terminating\""),
      "rule key",
      "rule=trunk key=[00][00][00][04]call[00][00][00][0c]447700900123\n"
      "rule=- key=[00][00][00][04]call[ff][ff][ff][ff]\n" },

    { "the bytes of a key",
      { .type = "call",
        .change =
            "duplicate_key: [node, /id, subscriber, final, duration, /x, service, billable]\n",
        .more = "  - {field: final, from: /f}\n  - {field: billable, from: /b, as: int}\n" },
      REC(",\"x\":\"y z\""),
      "key",
      "key=[00][00][00][04]call[00][00][00][02]n1[00][00][00][01]a[00][00][00][04]imsi"
      "[00][00][00][0f]204980000000001[00][00][00][04]true"
      "[00][00][00][08][00][00][00][00][00][00][ea]`[00][00][00][03]y[20]z"
      "[00][00][00][05]voice[ff][ff][ff][ff]\n" },
    { "a key without subscriber and path",
      { .type = "call", .change = "duplicate_key: [subscriber, /id]\n" },
      "{\"imsi\":null}\n",
      "key",
      "key=[00][00][00][04]call[ff][ff][ff][ff][ff][ff][ff][ff][ff][ff][ff][ff]\n" },
    { "a part of a key that is an object is refused",
      { .type = "call" },
      "{\"id\":{\"x\":1}}\n",
      "key",
      "bad-identifier\n" },

    { "what is required: paths, fields, types, the subscriber, in this order",
      { .type = "call",
        .change = "required: [/x, billable, node]\n",
        .more = "  - {field: billable, from: /b, as: int}\n" },
      REC(",\"x\":\"1\",\"b\":1") REC(",\"b\":1")
          REC(",\"x\":\"1\"") "{\"x\":1,\"b\":1,\"start\":1792888205}\n{\"x\":1,\"b\":1,\"start\":"
                              "1792888205,"
                              "\"duration\":1}\n",
      "required",
      "required=ok\nrequired=/x is required and absent\nrequired=field 'billable' is required and "
      "absent\nrequired=field 'duration' is absent, and its type is not nullable\n"
      "required=no entry of `subscriber` gives a value\n" },

    { "items and their totals",
      { .type = "session",
        .more = "  - {field: uplink, sum: usage/uplink}\n"
                "  - {field: session_uplink, max: usage/uplink}\n"
                "  - {field: session_downlink, min: usage/uplink}\n"
                "  - {field: sequence, count: usage/rating_group}\n"
                "  - {field: incomplete, any: usage/sponsored}\n"
                "  - {field: downlink, last: usage/uplink}\n" },
      REC(",\"list\":[{\"up\":5,\"group\":1},{\"up\":\"4294967296\",\"free\":true}]")
          REC(",\"list\":[{\"group\":2}]") REC(",\"list\":[]") REC(""),
      "items uplink session_uplink session_downlink sequence incomplete downlink",
      "items=(rating_group=1 uplink=5)(uplink=4294967296 sponsored=true) uplink=4294967301 "
      "session_uplink=4294967296 session_downlink=5 sequence=1 incomplete=true "
      "downlink=4294967296\n"
      "items=(rating_group=2) uplink=- session_uplink=- session_downlink=- sequence=1 "
      "incomplete=false downlink=-\n"
      "items= uplink=- session_uplink=- session_downlink=- sequence=- incomplete=false "
      "downlink=-\n"
      "items= uplink=- session_uplink=- session_downlink=- sequence=- incomplete=false "
      "downlink=-\n" },
    { "a sum of more than 63 bits",
      { .type = "session", .more = "  - {field: uplink, sum: usage/uplink}\n" },
      REC(",\"list\":[{\"up\":\"9223372036854775807\"},{\"up\":1}]"),
      "uplink",
      "bad-integer\n" },
    { "an item that can't be read quarantines the record, before any filter",
      { .type = "session", .change = "filter: [{rule: test}]\n" },
      REC(",\"list\":[{\"up\":5},{\"up\":\"x\"}]"),
      "rule",
      "bad-integer\n" },
    { "items from the first list that is present, and conditions within an item",
      { .type = "session",
        .change =
            "usage: {each: [/b/*, /list/*], fields: [{field: rating_group, from: ./group, as: "
            "int}, {field: uplink, from: ./up, as: octets, when: [{field: rating_group, "
            "above: 1}, {from: ./ok, is: \"1\"}, {from: /k, present: true}]}]}\n" },
      REC(",\"k\":1,\"list\":[{\"up\":1,\"group\":1,\"ok\":1},{\"up\":2,\"group\":2,\"ok\":1},{"
          "\"up\":3,"
          "\"group\":3}]") REC(",\"list\":[{\"group\":1}],\"b\":[{\"group\":9}]"),
      "items",
      "items=(rating_group=1)(rating_group=2 uplink=2)(rating_group=3)\n"
      "items=(rating_group=9)\n" },
    { "counters of two halves",
      { .type = "session",
        .more = "  - {field: uplink, from: /lo, as: octets, high: [/hi, /hi2]}\n" },
      REC(",\"lo\":5") REC(",\"lo\":5,\"hi\":2") REC(",\"lo\":\"4294967295\",\"hi2\":2147483647")
          REC(",\"lo\":\"4294967296\"") REC(",\"lo\":1,\"hi\":\"2147483648\"") REC(",\"hi\":1")
              REC(",\"hi\":0") REC(",\"lo\":1,\"hi\":\"x\"") REC(",\"lo\":1,\"hi\":[]"),
      "uplink",
      "uplink=5\nuplink=8589934597\nuplink=9223372036854775807\nbad-integer\nbad-integer\n"
      "bad-integer\nuplink=-\nbad-integer\nbad-integer\n" },
};

int main(void)
{
    return SOURCE_RUN_TABLE("source-condition", rows, source_check);
}
