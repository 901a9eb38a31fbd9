// SPDX-License-Identifier: Apache-2.0

/* What an entry makes of a record: conversions, maps, differences, totals, withheld numbers. */

#include "source_harness.h"

#define REC(members) SOURCE_RECORD(members)
#define MORE(text)                                                                                 \
    {                                                                                              \
        .type = "call", .more = "  - " text "\n"                                                   \
    }

static const struct source_row rows[] = {
    { "int and hundredths",
      MORE("{field: billable, from: /b, as: int}\n  - {field: quality, from: /q, as: hundredths}"),
      REC(",\"b\":\"68\",\"q\":\"4.50\"") REC(",\"b\":7,\"q\":3.1") REC(",\"q\":4")
          REC(",\"q\":\"4.509\""),
      "billable quality",
      "billable=68 quality=450\nbillable=7 quality=310\nbillable=- "
      "quality=400\nbillable=- quality=450\n" },
    { "what is no whole number is refused", MORE("{field: billable, from: /b, as: int}"),
      REC(",\"b\":\"-1\"") REC(",\"b\":\"1.5\"") REC(",\"b\":\"9223372036854775808\"")
          REC(",\"b\":\" 1\"") REC(",\"b\":{\"c\":1}") REC(",\"b\":[1]") REC(",\"b\":true")
              REC(",\"b\":\"9223372036854775807\""),
      "billable",
      "bad-integer\nbad-integer\nbad-integer\nbad-integer\nbad-integer\nbad-integer\nbad-integer\n"
      "billable=9223372036854775807\n" },
    { "a number with an exponent comes from a spreadsheet",
      MORE("{field: billable, from: /b, as: int}"), REC(",\"b\":\"3.16E+10\"") REC(",\"b\":1e5"),
      "billable", "spreadsheet-damaged\nspreadsheet-damaged\n" },
    { "what is no score is refused", MORE("{field: quality, from: /q, as: hundredths}"),
      REC(",\"q\":\"4.\"") REC(",\"q\":\".5\"") REC(",\"q\":\"4,5\"") REC(",\"q\":\"4.5x\""),
      "quality", "bad-integer\nbad-integer\nbad-integer\nbad-integer\n" },
    { "an amount in units, with a point unless the source says otherwise",
      MORE("{field: wholesale_currency, value: EUR}\n"
           "  - {field: wholesale, from: /w, as: decimal}"),
      REC(",\"w\":\"-0.0420\"") REC(",\"w\":12") REC(",\"w\":\"0,5\"") REC(",\"w\":0.0000005")
          REC(",\"w\":[]") REC(""),
      "wholesale wholesale_currency required",
      "wholesale=-42000 wholesale_currency=EUR required=ok\n"
      "wholesale=12000000 wholesale_currency=EUR required=ok\n"
      "bad-amount\nbad-amount\nbad-amount\nwholesale=- wholesale_currency=EUR required=ok\n" },
    { "a decimal comma holds for amounts, scores and seconds",
      { .type = "call",
        .change = "decimal: comma",
        .more = "  - {field: wholesale_currency, from: /c, map: {\"€\": EUR, zl: PLN}}\n"
                "  - {field: wholesale, from: /w, as: decimal}\n"
                "  - {field: quality, from: /q, as: hundredths}\n"
                "  - {field: end, from: start, minus: {from: /s, as: s}}\n" },
      REC(",\"w\":\"1,5\",\"c\":\"€\",\"q\":\"4,5\",\"s\":\"1,25\"")
          REC(",\"w\":\"1.5\",\"c\":\"zl\"") REC(",\"q\":\"4.5\"") REC(",\"s\":\"1.25\""),
      "wholesale wholesale_currency quality end",
      "wholesale=1500000 wholesale_currency=EUR quality=450 end=1792888203750\n"
      "bad-amount\nbad-integer\nbad-integer\n" },
    { "cents, millionths, and an amount that nobody gave a currency",
      MORE("{field: wholesale_currency, from: /c}\n"
           "  - {field: wholesale, from: /cents, as: cents}\n"
           "  - {field: wholesale, from: /m, as: millionths}"),
      REC(",\"c\":\"usd\",\"cents\":125") REC(",\"c\":\"USD\",\"m\":\"125\"") REC(",\"m\":1")
          REC(",\"c\":\"dollar\",\"m\":1"),
      "wholesale wholesale_currency required",
      "wholesale=1250000 wholesale_currency=USD required=ok\n"
      "wholesale=125 wholesale_currency=USD required=ok\n"
      "wholesale=1 wholesale_currency=- required=an amount without its currency\nbad-amount\n" },
    { "null, empty and named texts are absent",
      MORE("{field: billable, from: [/b, /c], as: int, absent: [none, \"-\"]}"),
      REC("") REC(",\"b\":null") REC(",\"b\":\"\",\"c\":1") REC(",\"b\":\"none\",\"c\":2")
          REC(",\"b\":\"-\""),
      "billable", "billable=-\nbillable=-\nbillable=1\nbillable=2\nbillable=-\n" },
    { "the first entry that gives a value wins, and the second is not read",
      MORE("{field: billable, from: /b, as: int}\n  - {field: billable, from: /c, as: int}"),
      REC(",\"b\":1,\"c\":\"x\"") REC(",\"c\":2") REC(",\"c\":\"x\""), "billable",
      "billable=1\nbillable=2\nbad-integer\n" },
    { "an entry whose condition does not hold is not read",
      MORE("{field: billable, from: /b, as: int, when: {from: /c, present: true}}"),
      REC(",\"b\":\"x\"") REC(",\"b\":3,\"c\":1"), "billable", "billable=-\nbillable=3\n" },

    { "seconds, milliseconds, microseconds, cut",
      MORE("{field: end, from: /e, as: epoch_us, when: {from: /e, present: true}}"),
      REC(",\"e\":\"1792888265123999\""), "start end duration",
      "start=1792888205000 end=1792888265123 duration=60000\n" },
    { "epoch_ms, and epoch_s with a fraction",
      MORE("{field: end, from: /m, as: epoch_ms}\n  - {field: end, from: /s, as: epoch_s}"),
      REC(",\"m\":\"1792888265123\"") REC(",\"s\":\"1792888265.9876\""), "end",
      "end=1792888265123\nend=1792888265987\n" },
    { "a stamp that stands for no time is absent",
      MORE("{field: end, from: /e, as: epoch_s}\n  - {field: end, from: /f, as: stamp_utc}"),
      REC(",\"e\":\"0\"") REC(",\"e\":-1") REC(",\"e\":0.000000") REC(",\"f\":\"0000-00-00 "
                                                                      "00:00:00\""),
      "end", "end=-\nend=-\nend=-\nend=-\n" },
    { "what is no time is refused", MORE("{field: end, from: /e, as: epoch_s}"),
      REC(",\"e\":\"yesterday\"") REC(",\"e\":\"1\"") REC(",\"e\":[]") REC(",\"e\":{}"), "end",
      "bad-time\nbad-time\nbad-time\nbad-time\n" },
    { "a RADIUS date in the repeated hour is told by its zone",
      MORE("{field: end, from: /e, as: radius_date}"),
      REC(",\"e\":\"Oct 25 2026 02:30:00 CEST\"") REC(",\"e\":\"Oct 25 2026 02:30:00 CET\"")
          REC(",\"e\":\"Oct 25 2026 02:30:00\"") REC(",\"e\":\"2026-10-25T00:30:00Z\""),
      "end flags",
      "end=1792888200000 flags=+node_zone\nend=1792891800000 flags=+node_zone\n"
      "end=1792888200000 flags=+ambiguous_time+node_zone\nend=1792888200000 flags=+node_zone\n" },
    { "an ambiguous time that is not used does not show",
      MORE("{field: end, from: /e, as: radius_date, minus: {from: /d, as: s}}"),
      REC(",\"e\":\"Oct 25 2026 02:30:00\"") REC(",\"e\":\"Oct 25 2026 02:30:00\",\"d\":0"),
      "end flags", "end=- flags=+node_zone\nend=1792888200000 flags=+ambiguous_time+node_zone\n" },
    { "a time that spring skips", MORE("{field: end, from: /e, as: radius_date}"),
      REC(",\"e\":\"Mar 29 2026 02:30:00\""), "end", "time-nonexistent\n" },
    { "an offset from a 3GPP time zone", MORE("{field: utc_offset, from: /z, as: tz_3gpp}"),
      REC(",\"z\":\"0x8001\"") REC(",\"z\":\"0x4000\"") REC(",\"z\":\"summer\"") REC(""),
      "utc_offset flags",
      "utc_offset=120 flags=\nutc_offset=60 flags=\nbad-time\nutc_offset=120 flags=+node_zone\n" },
    { "an offset from a stamp and its epoch, to the minute",
      MORE("{field: utc_offset, from: /stamp, as: stamp_utc, minus: {from: /epoch, as: epoch_s}}"),
      REC(",\"stamp\":\"2026-10-25 02:30:05\",\"epoch\":\"1792888205\"")
          REC(",\"stamp\":\"2026-10-25 02:30:04\",\"epoch\":\"1792888205\"")
              REC(",\"stamp\":\"2026-10-24 19:00:05\",\"epoch\":\"1792888205\"")
                  REC(",\"stamp\":\"2026-10-26 02:30:05\",\"epoch\":\"1792888205\"")
                      REC(",\"stamp\":\"2026-10-25 02:30\",\"epoch\":\"1792888205\""),
      "utc_offset",
      "utc_offset=120\nutc_offset=120\nutc_offset=-330\nbad-time\n"
      "spreadsheet-damaged\n" },
    { "a time minus a duration is a time", MORE("{field: end, from: start, minus: duration}"),
      REC(""), "end", "end=1792888145000\n" },
    { "a time minus a time is a duration",
      { .type = "call",
        .change = "fields:\n"
                  "  - {field: start, from: /start, as: epoch_s}\n"
                  "  - {field: end, from: /end, as: epoch_s}\n"
                  "  - {field: duration, from: end, minus: start}\n"
                  "  - {field: service, value: voice}\n" },
      REC(",\"end\":\"1792888207.5\"") REC(""),
      "duration",
      "duration=2500\nduration=-\n" },
    { "nothing comes out where either side is absent, unless or says what to read",
      MORE("{field: end, from: /t, as: epoch_s, minus: {from: /d, as: s}}\n"
           "  - {field: billable, value: 1, when: {field: end, present: true}}\n"
           "  - {field: end, from: /u, as: epoch_s, minus: {from: /d, as: s, or: \"5\"}}"),
      REC(",\"t\":1792888265") REC(",\"d\":1") REC(",\"t\":1792888265,\"d\":1")
          REC(",\"u\":1792888265"),
      "end billable",
      "end=- billable=-\nend=- billable=-\nend=1792888264000 billable=1\n"
      "end=1792888260000 billable=-\n" },

    { "a map gives words, else the rest",
      MORE("{field: radio, from: /r, map: {EUTRAN: eutran, \"6\": eutran}, else: other}"),
      REC(",\"r\":\"EUTRAN\"") REC(",\"r\":6") REC(",\"r\":\"new\"") REC(""), "radio",
      "radio=eutran\nradio=eutran\nradio=other\nradio=-\n" },
    { "a name that is not in a map without else is absent and counted as drift",
      MORE("{field: radio, from: [/x/r, /x/r/*], map: {a: nr}}"),
      REC(",\"x\":{\"r\":\"b\"}") REC(",\"x\":{\"r\":\"a\"}"), "radio drift",
      "radio=-\nradio=nr\ndrift r 1\n" },
    { "a map gives flags and causes",
      MORE("{field: final, from: /f, map: {Stop: true, Interim: false}}\n"
           "  - {field: cause, from: /f, map: {Stop: failed}}"),
      REC(",\"f\":\"Stop\"") REC(",\"f\":\"Interim\"") REC(",\"f\":\"Start\""), "final cause",
      "final=true cause=failed\nfinal=false cause=unknown\nfinal=true cause=unknown\n" },
    { "words and flags are read as they stand",
      MORE("{field: direction, from: /w}\n  - {field: incomplete, from: /i}"),
      REC(",\"w\":\"transit\",\"i\":true") REC(",\"w\":\"sideways\",\"i\":\"false\""),
      "direction incomplete drift",
      "direction=transit incomplete=true\ndirection=unknown incomplete=false\ndrift w 1\n" },
    { "a map over a field's words",
      MORE("{field: direction, from: /w}\n"
           "  - {field: cause, from: direction, map: {transit: abnormal, unknown: failed}}"),
      REC(",\"w\":\"transit\"") REC(""), "cause", "cause=abnormal\ncause=unknown\n" },
    { "causes of FreeSWITCH; an unknown one is drift under its name",
      MORE("{field: cause, from: /v/hangup_cause, as: freeswitch_cause}"),
      REC(",\"v\":{\"hangup_cause\":\"NORMAL_CLEARING\"}")
          REC(",\"v\":{\"hangup_cause\":\"MEDIA_TIMEOUT\"}")
              REC(",\"v\":{\"hangup_cause\":\"OUT_OF_ORANGES\"}"),
      "cause drift", "cause=normal\ncause=abnormal\ncause=unknown\ndrift hangup_cause 1\n" },
    { "causes of RADIUS, by name and number", MORE("{field: cause, from: /c, as: radius_cause}"),
      REC(",\"c\":\"User-Request\"") REC(",\"c\":\"2\"") REC(",\"c\":\"99\"") REC(",\"c\":[1]"),
      "cause", "cause=normal\ncause=abnormal\ncause=unknown\nbad-identifier\n" },

    { "constants of several kinds",
      MORE("{field: billable, value: 7}\n  - {field: visited_network, value: \"20498\"}\n"
           "  - {field: trunk, value: east-1}\n  - {field: cause, value: failed}"),
      REC(""), "billable visited_network trunk cause",
      "billable=7 visited_network=204-98 trunk=east-1 cause=failed\n" },
    { "text kinds are read their own way",
      MORE("{field: imei, from: /i}\n  - {field: trunk, from: /t}\n"
           "  - {field: visited_network, from: /p, as: plmn}\n  - {field: account, from: /a}"),
      REC(",\"i\":\"0010172400000117\",\"t\":\"gw-7\",\"p\":\"00101\",\"a\":\" K-17 \"")
          REC(",\"i\":\"0000000000000000\"") REC(",\"t\":\"sip:0612345678\"") REC(",\"i\":\"x\""),
      "imei trunk visited_network account",
      "imei=00101724000001 trunk=gw-7 visited_network=001-01 account=K-17\n"
      "imei=- trunk=- visited_network=- account=-\ntoken-suspect\nbad-identifier\n" },
    { "text that is not UTF-8 is refused", MORE("{field: account, from: /a}"),
      REC(",\"a\":\"caf\xe9\""), "account", "bad-encoding\n" },
    { "text that is not UTF-8 is Latin-1 where the source says so",
      { .type = "call",
        .change = "text: {else: latin-1}\n",
        .more = "  - {field: account, from: /a}\n" },
      REC(",\"a\":\"caf\xe9\""),
      "account",
      "account=caf\xc3\xa9\n" },
    { "Windows-1252 where the source says so, in maps too",
      { .type = "call",
        .change = "text: {else: cp1252}\n",
        .more = "  - {field: account, from: /a}\n"
                "  - {field: wholesale_currency, from: /c, map: {\"€\": EUR}}\n" },
      REC(",\"a\":\"\x8e\x80\x9f\",\"c\":\"\x80\"") REC(",\"a\":\"a\x81\"") REC(",\"c\":\"€\""),
      "account wholesale_currency",
      "account=Ž€Ÿ wholesale_currency=EUR\nbad-encoding\naccount=- wholesale_currency=EUR\n" },
    { "percent-encoded values are decoded once",
      { .type = "call",
        .change = "encoded: {/v/*: percent}\n",
        .more = "  - {field: account, from: /v/a}\n  - {field: trunk, from: /t}\n" },
      REC(",\"v\":{\"a\":\"a%2520b\"},\"t\":\"c%20d\""),
      "account trunk",
      "account=a%20b trunk=c%20d\n" },

    { "defaults", MORE("{field: calling, from: /c}"), REC(""),
      "final incomplete direction cause utc_offset end billable flags node",
      "final=true incomplete=false direction=unknown cause=unknown utc_offset=120 end=- "
      "billable=- flags=+node_zone node=n1\n" },
    { "the zone's offset is that at the start", MORE("{field: calling, from: /c}"),
      "{\"id\":\"a\",\"start\":\"1792891800\"}\n{\"id\":\"a\"}\n", "utc_offset flags",
      "utc_offset=60 flags=+node_zone\nutc_offset=- flags=\n" },
    { "without a zone there is no offset",
      { .type = "call", .change = "clock: {resolution: 1s}\n" },
      REC(""),
      "utc_offset flags",
      "utc_offset=- flags=\n" },
    { "a short message lasts 0 ms",
      { .type = "call",
        .change = "fields:\n  - {field: start, from: /start, as: epoch_s}\n"
                  "  - {field: service, from: /service}\n" },
      REC(",\"service\":\"sms\"") REC(",\"service\":\"voice\""),
      "duration required",
      "duration=0 required=ok\nduration=- required=field 'duration' is absent, and its type is not "
      "nullable\n" },
    { "the node, from the record, or otherwise",
      { .type = "call", .change = "node: {from: [/n, /m], or: unknown}\n" },
      REC(",\"n\":\"sw-1\"") REC(",\"m\":\"sw-2\"") REC("") REC(",\"n\":[\"a\"]"),
      "node",
      "node=sw-1\nnode=sw-2\nnode=unknown\nbad-identifier\n" },
    { "the node, of several parts",
      { .type = "call", .change = "node: {join: [/n, /m], or: unknown}\n" },
      REC(",\"m\":2,\"n\":\"sw\"") REC(",\"m\":\"sw-2\"") REC("") REC(",\"n\":[\"a\"]"),
      "node",
      "node=sw-2\nnode=sw-2\nnode=unknown\nbad-identifier\n" },
    { "the node, before the epoch of an id",
      { .type = "call", .change = "node: {from: [/n, /m], before: epoch, or: unknown}\n" },
      REC(",\"n\":\"sw-1-1690325492.2\"") REC(",\"n\":\"1690325492.2\"")
          REC(",\"n\":\"a-person-1\",\"m\":\"sw-1690325492.2\""),
      "node",
      "node=sw-1\nnode=unknown\nnode=sw\n" },
    { "the worst of several causes",
      MORE("{field: cause, from: [/c, /d], as: cucm_cause, pick: worst}"),
      REC(",\"c\":16,\"d\":0") REC(",\"c\":0,\"d\":41") REC(",\"c\":41,\"d\":16")
          REC(",\"c\":16,\"d\":\"393216\"") REC(",\"c\":0,\"d\":0") REC(",\"c\":33,\"d\":16")
              REC(",\"c\":{},\"d\":16"),
      "cause drift",
      "cause=normal\ncause=abnormal\ncause=abnormal\ncause=normal\ncause=unknown\n"
      "cause=unknown\nbad-identifier\ndrift c 1\n" },
    { "the first of several causes",
      MORE("{field: cause, from: [/c, /d], as: cucm_cause, pick: first}"),
      REC(",\"c\":16,\"d\":41") REC(",\"c\":0,\"d\":41"), "cause",
      "cause=normal\ncause=abnormal\n" },
};

int main(void)
{
    return SOURCE_RUN_TABLE("source-field", rows, source_check);
}
