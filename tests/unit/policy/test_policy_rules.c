// SPDX-License-Identifier: Apache-2.0

/** Every rule of the loader has an error of its own, which names file, field and rule. */

#include "table.h"

#include "policy_folder.h"
#include "winnow/policy.h"

#define PURPOSE(topic)                                                                             \
    "{\"topic\":\"" topic "\",\"basis\":\"contract\",\"retention\":\"6 months\","                  \
    "\"counted_from\":\"invoice\",\"period\":\"none\"}"
#define BILLING "{\"billing\":" PURPOSE("b.call") "}"
#define START                                                                                      \
    "{\"name\":\"start\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"},"       \
    "\"winnow\":{\"kind\":\"time\",\"billing\":\"keep\"}}"
#define FIELD(name, type, annotation)                                                              \
    "{\"name\":\"" name "\",\"type\":" type ",\"winnow\":{" annotation "}}"
#define STRING "[\"null\",\"string\"]"
#define ENUM(name, symbols) "{\"type\":\"enum\",\"name\":\"" name "\",\"symbols\":[" symbols "]}"
#define KIND(kind, transform) "\"kind\":\"" kind "\",\"billing\":\"" transform "\""
#define IN "p/call.avsc: "
#define X IN "field 'x': "
#define USAGE(fields)                                                                              \
    "{\"name\":\"usage\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\","             \
    "\"name\":\"Usage\",\"fields\":[" fields "]}}}"

static const struct row {
    const char *name;
    const char *purposes; ///< NULL: BILLING.
    const char *fields;   ///< Beside START.
    const char *faults;   ///< "": none.
} rows[] = {
    { "takes a field with a kind and a purpose", NULL, FIELD("x", STRING, KIND("token", "keep")),
      "" },
    { "takes null as the default of a nullable field", NULL,
      "{\"name\":\"x\",\"type\":" STRING
      ",\"default\":null,\"winnow\":{" KIND("token", "keep") "}}",
      "" },
    { "takes a field that only judge reads", NULL,
      FIELD("x", STRING, "\"kind\":\"imsi\",\"judge\":true"), "" },
    { "takes one enum in two fields, by its name", NULL,
      FIELD("x", ENUM("E", "\"a\""), KIND("enum", "keep")) "," FIELD("y", "\"E\"",
                                                                     KIND("enum", "keep")),
      "" },

    { "refuses a field without annotation", NULL, "{\"name\":\"x\",\"type\":\"string\"}",
      X "no annotation \"winnow\": every field has a purpose or is judge's\n" },
    { "refuses an orphan", NULL, FIELD("x", STRING, "\"kind\":\"token\""),
      X "every field has a purpose or is judge's: this one has neither\n" },
    { "refuses a purpose on what only judge reads", NULL,
      FIELD("x", STRING, KIND("token", "keep") ",\"judge\":true"),
      X "what only judge reads has no purpose\n" },
    { "refuses judge: false", NULL, FIELD("x", STRING, KIND("token", "keep") ",\"judge\":false"),
      X "'judge' is true, or is left out\n" X "what only judge reads has no purpose\n" },
    { "refuses an unknown kind: there is none for a password", NULL,
      FIELD("x", STRING, KIND("password", "keep")),
      X "unknown kind 'password'; what has no kind can't be carried\n" },
    { "refuses an unknown transform", NULL, FIELD("x", STRING, KIND("token", "hash")),
      X "billing: unknown transform 'hash'\n" },
    { "refuses an unknown annotation", NULL,
      FIELD("x", STRING, KIND("token", "keep") ",\"bililng\":\"keep\""),
      X "unknown annotation 'bililng': neither kind, made, judge nor a purpose of the record\n" },
    { "refuses an unknown member of an output", NULL,
      FIELD("x", STRING, "\"kind\":\"token\",\"billing\":{\"as\":\"y\",\"do\":\"keep\",\"if\":1}"),
      X "billing has no 'if'\n" },
    { "refuses an output without a transform", NULL,
      FIELD("x", STRING, "\"kind\":\"token\",\"billing\":{\"as\":\"y\"}"),
      X "billing lacks 'do'\n" },
    { "refuses an empty list of outputs", NULL,
      FIELD("x", STRING, "\"kind\":\"token\",\"billing\":[]"), X "billing: an empty list\n" },
    { "refuses a number for an output", NULL,
      FIELD("x", STRING, "\"kind\":\"token\",\"billing\":1"),
      X "billing: a transform, {\"as\": name, \"do\": transform}, or a list of them\n" },
    { "refuses kind and made together", NULL,
      FIELD("x", STRING, "\"made\":\"node\"," KIND("token", "keep")),
      X "either a source fills it (kind) or winnow makes it (made)\n" },
    { "refuses neither kind nor made", NULL, FIELD("x", STRING, "\"billing\":\"keep\""),
      X "neither 'kind' nor 'made'\n" },

    { "refuses to keep an IMSI", NULL, FIELD("x", STRING, KIND("imsi", "keep")),
      X "billing: kind 'imsi' can't be kept; it has pseudonym, network\n" },
    { "refuses to keep an IMEI", NULL, FIELD("x", STRING, KIND("imei", "keep")),
      X "billing: kind 'imei' can't be kept; it has pseudonym, model\n" },
    { "refuses to keep a user name", NULL, FIELD("x", STRING, KIND("nai", "keep")),
      X "billing: kind 'nai' can't be kept; it has pseudonym\n" },
    { "refuses to keep an e-mail address", NULL, FIELD("x", STRING, KIND("email", "keep")),
      X "billing: kind 'email' can't be kept; it has pseudonym\n" },
    { "refuses to keep a MAC address", NULL, FIELD("x", "\"bytes\"", KIND("mac", "keep")),
      X "billing: kind 'mac' can't be kept; it has pseudonym\n" },
    { "refuses to keep an IP address", NULL, FIELD("x", "\"bytes\"", KIND("ip", "keep")),
      X "billing: kind 'ip' can't be kept; it has prefix\n" },
    { "refuses to keep a technical id", NULL, FIELD("x", STRING, KIND("id", "keep")),
      X "billing: kind 'id' can't be kept; it has pseudonym\n" },
    { "refuses to keep the subscriber", NULL,
      FIELD("subscriber", "\"string\"", KIND("subscriber", "keep")),
      IN "field 'subscriber': billing: kind 'subscriber' can't be kept; it has pseudonym\n" },
    { "refuses a transform of another kind", NULL, FIELD("x", STRING, KIND("token", "model")),
      X "billing: transform 'model' does not fit kind 'token'; it has keep\n" },
    { "refuses a pseudonym of a time", NULL,
      FIELD("x", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
            KIND("time", "pseudonym")),
      X "billing: transform 'pseudonym' does not fit kind 'time'; it has keep, floor\n" },
    { "refuses a pseudonym of an address, which may be anybody's tomorrow", NULL,
      FIELD("x", "\"bytes\"", KIND("ip", "pseudonym")),
      X "billing: transform 'pseudonym' does not fit kind 'ip'; it has prefix\n" },
    { "refuses another floor than of an hour or a day", NULL,
      FIELD("x", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
            KIND("time", "floor(1m)")),
      X "billing: transform 'floor' is written floor(1h) or floor(1d)\n" },
    { "refuses a floor without a step", NULL,
      FIELD("x", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", KIND("time", "floor")),
      X "billing: transform 'floor' is written floor(1h) or floor(1d)\n" },
    { "refuses bounds that do not rise", NULL,
      FIELD("x", "\"long\"", KIND("octets", "bucket(10,10)")),
      X
      "billing: transform 'bucket' is written bucket(a,b,…) with 1 to 16 rising bounds over 0\n" },
    { "refuses a bound of 0", NULL, FIELD("x", "\"long\"", KIND("octets", "bucket(0,10)")),
      X
      "billing: transform 'bucket' is written bucket(a,b,…) with 1 to 16 rising bounds over 0\n" },
    { "refuses an empty bound", NULL, FIELD("x", "\"long\"", KIND("octets", "bucket(1,,2)")),
      X
      "billing: transform 'bucket' is written bucket(a,b,…) with 1 to 16 rising bounds over 0\n" },
    { "refuses seventeen bounds", NULL,
      FIELD("x", "\"long\"", KIND("octets", "bucket(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17)")),
      X
      "billing: transform 'bucket' is written bucket(a,b,…) with 1 to 16 rising bounds over 0\n" },
    { "refuses a bound that an int can't hold", NULL,
      FIELD("x", "\"int\"", KIND("count", "bucket(2147483648)")),
      X
      "billing: transform 'bucket' is written bucket(a,b,…) with 1 to 16 rising bounds over 0\n" },
    { "takes sixteen bounds", NULL,
      FIELD("x", "\"long\"", KIND("octets", "bucket(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16)")),
      "" },
    { "takes a prefix of 24 and 48", NULL, FIELD("x", "\"bytes\"", KIND("ip", "prefix(24,48)")),
      "" },
    { "refuses a prefix over 24", NULL, FIELD("x", "\"bytes\"", KIND("ip", "prefix(25,48)")),
      X "billing: transform 'prefix' is written prefix(v4,v6) with at most 24 bits of IPv4 and 48 "
        "of IPv6\n" },
    { "refuses a prefix over 48", NULL, FIELD("x", "\"bytes\"", KIND("ip", "prefix(24,49)")),
      X "billing: transform 'prefix' is written prefix(v4,v6) with at most 24 bits of IPv4 and 48 "
        "of IPv6\n" },
    { "refuses a prefix of one number", NULL, FIELD("x", "\"bytes\"", KIND("ip", "prefix(24)")),
      X "billing: transform 'prefix' is written prefix(v4,v6) with at most 24 bits of IPv4 and 48 "
        "of IPv6\n" },
    { "refuses so many digits that they are the number", NULL,
      FIELD("x", STRING, KIND("number", "digits(9)")),
      X "billing: transform 'digits' is written digits(n) with n from 1 to 8\n" },
    { "refuses an argument where none belongs", NULL, FIELD("x", STRING, KIND("token", "keep(1)")),
      X "billing: transform 'keep' takes no arguments\n" },

    { "refuses a type that does not fit the kind", NULL,
      FIELD("x", "\"string\"", KIND("octets", "keep")),
      X "its type does not fit kind 'octets', which is long\n" },
    { "refuses a time without its logical type", NULL, FIELD("x", "\"long\"", KIND("time", "keep")),
      X
      "its type does not fit kind 'time', which is long with the logicalType timestamp-millis\n" },
    { "refuses a number that can't be hidden", NULL,
      FIELD("x", "\"string\"", KIND("number", "keep")),
      X "its type does not fit kind 'number', which is [\"null\", \"string\"], since a number may "
        "have to be hidden\n" },
    { "refuses causes that are not ours", NULL,
      FIELD("cause", ENUM("Cause", "\"normal\",\"abnormal\",\"failed\",\"unknown\""),
            KIND("cause", "keep")),
      IN "field 'cause': its type does not fit kind 'cause', which is an enum of normal, failed, "
         "abnormal, unknown, in this order\n" },
    { "refuses services that judge does not know", NULL,
      FIELD("service", ENUM("Service", "\"voice\",\"sms\""), KIND("enum", "keep")),
      IN "field 'service': judge reads it by its name, so its symbols are voice, sms, data, fax, "
         "other\n" },
    { "refuses directions that judge does not know", NULL,
      FIELD("direction", ENUM("Direction", "\"in\",\"out\""), KIND("enum", "keep")),
      IN "field 'direction': judge reads it by its name, so its symbols are originating, "
         "terminating, forwarded, transit, unknown\n" },
    { "refuses another kind for a field that judge reads", NULL,
      FIELD("duration", "\"long\"", KIND("count", "keep")),
      IN "field 'duration': judge reads it by its name, so its kind is 'duration'\n" },
    { "refuses the subscriber under another name", NULL,
      FIELD("x", "\"string\"", KIND("subscriber", "pseudonym")),
      X "the field of kind 'subscriber' is named 'subscriber'\n" },
    { "refuses a union that does not begin with null", NULL,
      FIELD("x", "[\"string\",\"null\"]", KIND("token", "keep")),
      X "its type is a word, an object, or a union of \"null\" and one type, null first\n" },
    { "refuses a type that Avro or we do not know", NULL,
      FIELD("x", "\"double\"", KIND("octets", "keep")),
      X "unknown type 'double'; there are boolean, int, long, string, bytes, and what stands "
        "further up by its name\n" },
    { "refuses another logical type", NULL,
      FIELD("x", "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", KIND("time", "keep")),
      X "the only logicalType is timestamp-millis, on long\n" },
    { "refuses a symbol that is no Avro name", NULL,
      FIELD("x", ENUM("E", "\"a-b\""), KIND("enum", "keep")),
      X "symbol 1 of its enum is no Avro name (letters, digits and _)\n" },
    { "refuses a symbol twice", NULL,
      FIELD("x", ENUM("E", "\"a\",\"b\",\"a\""), KIND("enum", "keep")),
      X "symbol 'a' of its enum stands there twice\n" },
    { "refuses a type that is defined twice", NULL,
      FIELD("y", ENUM("E", "\"a\""), KIND("enum", "keep")) "," FIELD("x", ENUM("E", "\"b\""),
                                                                     KIND("enum", "keep")),
      X "type 'E' is defined twice; refer to it by its name\n" },
    { "refuses a type name of the derived schema", NULL,
      FIELD("x", ENUM("NumberClass", "\"a\""), KIND("enum", "keep")),
      X "the type name 'NumberClass' is taken by the derived schema\n" },
    { "refuses a default other than null", NULL,
      "{\"name\":\"x\",\"type\":\"string\",\"default\":\"\",\"winnow\":{" KIND("token",
                                                                               "keep") "}}",
      X "the only default is null, of a nullable type\n" },
    { "refuses an attribute that it would ignore", NULL,
      "{\"name\":\"x\",\"type\":\"string\",\"winow\":{},\"winnow\":{" KIND("token", "keep") "}}",
      X "a field has no 'winow'\n" },

    { "refuses something that winnow does not make", NULL,
      FIELD("x", STRING, "\"made\":\"cell\",\"billing\":\"keep\""), X "winnow makes no 'cell'\n" },
    { "refuses a made field of another type", NULL,
      FIELD("x", "\"string\"", "\"made\":\"record_id\",\"billing\":\"keep\""),
      X "what is made 'record_id' is fixed winnow.RecordId of 16\n" },
    { "refuses subscriber kinds other than the four", NULL,
      FIELD("x", ENUM("K", "\"imsi\",\"nai\""),
            "\"made\":\"subscriber_kind\",\"billing\":\"keep\""),
      X "what is made 'subscriber_kind' is an enum of imsi, nai, account, number\n" },
    { "refuses flags that are no list of an enum", NULL,
      FIELD("x", ENUM("K", "\"a\""), "\"made\":\"flags\",\"billing\":\"keep\""),
      X "what is made 'flags' is an array of an enum\n" },
    { "refuses to transform what winnow makes", NULL,
      FIELD("x", STRING, "\"made\":\"node\",\"billing\":\"pseudonym\""),
      X "billing: what winnow makes is kept or left out\n" },
    { "refuses to make a thing twice", NULL,
      FIELD("y", STRING, "\"made\":\"node\",\"billing\":\"keep\"") "," FIELD(
          "x", STRING, "\"made\":\"node\",\"billing\":\"keep\""),
      X "'node' is made once; field 'y' has it\n" },
    { "refuses the other party under another name", NULL,
      FIELD("x", STRING, "\"made\":\"other\",\"billing\":\"class\""),
      X "the field that is made 'other' has that name\n" },

    { "refuses two fields of one name", NULL,
      FIELD("x", STRING, KIND("token", "keep")) "," FIELD(
          "x", STRING, "\"kind\":\"token\",\"billing\":{\"as\":\"y\",\"do\":\"keep\"}"),
      X "two fields have this name\n" },
    { "refuses two outputs of one name", NULL,
      FIELD("x", STRING, "\"kind\":\"token\",\"billing\":{\"as\":\"start\",\"do\":\"keep\"}"),
      X "billing: two outputs are named 'start'\n" },
    { "refuses an output whose name is no Avro name", NULL,
      FIELD("x", STRING, "\"kind\":\"token\",\"billing\":{\"as\":\"a-b\",\"do\":\"keep\"}"),
      X "billing: 'a-b' is no Avro name (letters, digits and _)\n" },
    { "refuses a field whose name is no Avro name", NULL,
      FIELD("1x", STRING, "\"kind\":\"token\",\"judge\":true"),
      IN "field '1x': its name is no Avro name (letters, digits and _)\n" },

    { "takes items of the repeated group", NULL,
      USAGE(FIELD("up", "\"long\"", KIND("octets", "keep"))), "" },
    { "refuses a list of records under another name", NULL,
      "{\"name\":\"x\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"X\","
      "\"fields\":[" FIELD("up", "\"long\"", KIND("octets", "keep")) "]}}}",
      X "a list of records is the repeated group, whose name is 'usage'\n" },
    { "refuses usage that is no list", NULL, FIELD("usage", STRING, KIND("token", "keep")),
      IN "field 'usage': 'usage' is the repeated group: an array of records\n" },
    { "refuses an item's field without a purpose", NULL,
      USAGE(FIELD("up", "\"long\"", "\"kind\":\"octets\"")),
      IN "field 'usage.up': every field has a purpose or is judge's: this one has neither\n" },
    { "refuses to keep an IMSI in an item", NULL,
      USAGE(FIELD("up", "\"string\"", KIND("imsi", "keep"))),
      IN "field 'usage.up': billing: kind 'imsi' can't be kept; it has pseudonym, network\n" },
    { "refuses a subscriber of an item", NULL,
      USAGE(FIELD("up", "\"string\"", KIND("subscriber", "pseudonym"))),
      IN "field 'usage.up': the subscriber is the record's, not an item's\n" },
    { "refuses what is made in an item", NULL,
      USAGE(FIELD("up", STRING, "\"made\":\"node\",\"billing\":\"keep\"")),
      IN "field 'usage.up': winnow makes no 'node' of an item\n" },
    { "refuses an annotation of the list itself", NULL,
      "{\"name\":\"usage\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"
      "\"Usage\",\"fields\":[" FIELD("up", "\"long\"",
                                     KIND("octets", "keep")) "]}},"
                                                             "\"winnow\":{\"billing\":\"keep\"}}",
      IN "field 'usage': the fields of its items say what their purposes are, not the list\n" },

    { "refuses a record without purposes", "{}",
      FIELD("x", STRING, "\"kind\":\"id\",\"judge\":true"),
      IN "the record has no purposes: \"winnow\": {\"billing\": {…}}\n" IN
         "field 'start': unknown annotation 'billing': neither kind, made, judge nor a purpose of "
         "the record\n" },
    { "refuses the purpose record: it is winnow's own",
      "{\"billing\":" PURPOSE("b") ",\"record\":" PURPOSE("r") "}",
      FIELD("x", STRING, KIND("token", "keep") ",\"record\":\"keep\""),
      IN "the name 'record' is winnow's own, no purpose's\n" },
    { "refuses the purpose consent: it is winnow's own",
      "{\"billing\":" PURPOSE("b") ",\"consent\":" PURPOSE("c") "}",
      FIELD("x", STRING, KIND("token", "keep") ",\"consent\":\"keep\""),
      IN "the name 'consent' is winnow's own, no purpose's\n" },
    { "refuses a purpose that no field names",
      "{\"billing\":" PURPOSE("b") ",\"fraud\":" PURPOSE("f") "}",
      FIELD("x", STRING, KIND("token", "keep")), IN "no field names purpose 'fraud'\n" },
    { "refuses two purposes on one topic",
      "{\"billing\":" PURPOSE("b") ",\"fraud\":" PURPOSE("b") "}",
      FIELD("x", STRING, KIND("token", "keep") ",\"fraud\":\"keep\""),
      IN "purpose 'fraud': its topic is that of purpose 'billing' in p/call.avsc; each needs its "
         "own\n" },
    { "refuses a purpose without all that it rests on", "{\"billing\":{}}",
      FIELD("x", STRING, KIND("token", "keep")),
      IN "purpose 'billing' lacks 'topic'\n" IN "purpose 'billing' lacks 'basis'\n" IN
         "purpose 'billing' lacks 'retention'\n" IN "purpose 'billing' lacks 'counted_from'\n" IN
         "purpose 'billing' lacks 'period'\n" },
    { "refuses words that it does not know, so that a slip does not open a stream",
      "{\"billing\":{\"topic\":\"winnow.keys\",\"basis\":\"Consent\",\"retention\":\"for ever\","
      "\"counted_from\":\"birth\",\"period\":\"week\",\"only\":\"all\",\"to\":\"x\"}}",
      FIELD("x", STRING, KIND("token", "keep")),
      IN "purpose 'billing' has no 'to'\n" IN
         "purpose 'billing': 'topic' is letters, digits, '.', '_', '-', and does not begin with "
         "'winnow.'\n" IN
         "purpose 'billing': 'basis' is one of consent, contract, legal-obligation, "
         "vital-interests, public-task, legitimate-interests\n" IN
         "purpose 'billing': 'retention' is a number of days, months or years: \"13 months\"\n" IN
         "purpose 'billing': 'counted_from' is one of invoice, event\n" IN
         "purpose 'billing': 'period' is one of none, month\n" IN
         "purpose 'billing': 'only' is one of final\n" },
    { "refuses a key that stands twice",
      "{\"billing\":" PURPOSE("b") ",\"billing\":" PURPOSE("c") "}",
      FIELD("x", STRING, KIND("token", "keep")), IN "duplicate object key" },

    { "says everything that is wrong at once", NULL,
      FIELD("x", STRING, KIND("imsi", "keep")) "," FIELD(
          "y", "\"double\"", KIND("token", "keep")) ","
                                                    "{\"name\":\"z\",\"type\":\"string\"}",
      X "billing: kind 'imsi' can't be kept; it has pseudonym, network\n" IN
        "field 'y': unknown type 'double'; there are boolean, int, long, string, bytes, and what "
        "stands further up by its name\n" IN
        "field 'z': no annotation \"winnow\": every field has a purpose or is judge's\n" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_policy *policy = NULL;
    char scratch[64];
    char text[8192];

    policy_folder_enter(scratch);
    snprintf(text, sizeof(text),
             "{\"type\":\"record\",\"name\":\"Call\",\"winnow\":%s,\"fields\":[" START ",%s]}",
             row->purposes ? row->purposes : BILLING, row->fields);
    policy_folder_write("call.avsc", text);
    enum wn_code rc = wn_policy_load("p", &faults, &policy, &err);
    policy_folder_remove("call.avsc");
    policy_folder_leave(scratch);

    wn_buffer_add(&faults.lines, "", 1);
    const char *said = (const char *)faults.lines.at;
    if (strstr(row->faults, "duplicate object key")) { // The rest is jansson's words.
        assert_non_null(strstr(said, "p/call.avsc:1: duplicate object key"));
    } else {
        assert_string_equal(said, row->faults);
    }
    assert_int_equal(rc, row->faults[0] != '\0' ? WN_FATAL : WN_OK);
    assert_true(rc == WN_OK || strcmp(err.reason, "config") == 0);
    assert_true((rc == WN_OK) == (policy != NULL));
    wn_faults_deinit(&faults);
    wn_policy_close(policy);
}

int main(void)
{
    return WN_RUN_TABLE("policy_rules", rows, check);
}
