// SPDX-License-Identifier: Apache-2.0

/* What stands before and behind the fields: every rule of docs/sources.md and its sentence. */

#include "source_harness.h"

/** A base and its first change; further members may follow. */
#define CALL(...)                                                                                  \
    {                                                                                              \
        .type = "call", .change = __VA_ARGS__                                                      \
    }
#define SESSION(...)                                                                               \
    {                                                                                              \
        .type = "session", .change = __VA_ARGS__                                                   \
    }

#define BER(...)                                                                                   \
    {                                                                                              \
        .type = "ber", .change = __VA_ARGS__                                                       \
    }

static const struct source_fault_row rows[] = {
    { "an unknown key is refused, with the nearest one", CALL("sesion_key: []\n"),
      "s.yaml:12: there is no 'sesion_key'; did you mean 'session_key'?\n" },
    { "all faults of a file are reported at once",
      CALL("format: jsn\n", .change2 = "affinity: sometimes\n",
           .more = "  - {field: strt, value: 1}\n"),
      "s.yaml:1: format: there is no format 'jsn'; did you mean 'json'?\n"
      "s.yaml:13: affinity: one of these is expected here: none, node, session\n"
      "s.yaml:12: field: there is no field 'strt'; did you mean 'start'?\n" },
    { "a record's type needs a format that has types",
      CALL("filter: [{rule: covered, when: {record: pGWRecord}}]\n"),
      "s.yaml:12: record: only ber has types of records; this source's format does not\n" },
    { "an unknown type of record is refused, with the nearest one",
      BER("filter: [{rule: covered, when: {record: pgwRecord}}]\n"),
      "s.yaml:13: record: there is no record 'pgwRecord'; did you mean 'pGWRecord'?\n" },
    { "a name that no record has, with the nearest one",
      BER("subscriber: [{kind: imsi, from: [/servedIMSI, /servedIMSII]}]\n",
          .change2 = "duplicate_key: [/outer]\n"),
      "s.yaml:5: from: there is no 'servedIMSII' in any record; did you mean 'servedIMSI'?\n"
      "s.yaml:6: duplicate_key: there is no 'outer' in any record; what the standard does not know "
      "is named by its tag, such as context.120\n" },
    { "names within others, a list without a star, a tag that has a name, a name within a value",
      BER("required: [/diagnostics/gsm0408Case, /listOfServiceData/ratingGroup, /context.3, "
          "/servedIMSI/digits]\n"),
      "s.yaml:13: required: there is no 'gsm0408Case' under /diagnostics in any record; did you "
      "mean 'gsm0408Cause'?\n"
      "s.yaml:13: required: there is no 'ratingGroup' under /listOfServiceData in any record; did "
      "you mean '*'?\n"
      "s.yaml:13: required: there is no 'context.3' in any record; what the standard does not know "
      "is named by its tag, such as context.120\n"
      "s.yaml:13: required: there is no 'digits' under /servedIMSI in any record; what the "
      "standard does not know is named by its tag, such as context.120\n" },
    { "names of an item, of the element around it, and a list",
      BER("usage: {each: [/listOfServiceData/*, /listOfMultipleUnitUsage/*/usedUnitContainers/*], "
          "fields: [{field: uplink, from: [./ratingGruop, ../ratingGruop, ./dataVolumeUplink, "
          "../ratingGroup], as: octets}]}\n"),
      "s.yaml:8: from: there is no 'ratingGruop' under /listOfServiceData/* in any record; did you "
      "mean 'ratingGroup'?\n"
      "s.yaml:8: from: there is no 'ratingGruop' under /listOfMultipleUnitUsage/* in any record; "
      "did you mean 'ratingGroup'?\n" },
    { "a list of items that no record has, once",
      BER("usage: {each: /listOfServiceDate/*, fields: [{field: uplink, from: ./up, as: "
          "octets}]}\n"),
      "s.yaml:8: each: there is no 'listOfServiceDate' in any record; did you mean "
      "'listOfServiceData'?\n" },
    { "names of a vendor are free, and one fault is of the line",
      BER("required: [/context.120, /private.3:text, /context.99/universal.2:integer, "
          "/recordExtensions/1.3.6.1.4.1.32473.6/information/universal.4:text, "
          "/servingNodeAddress/-1, /nodeIDD]\n"),
      "s.yaml:13: required: there is no 'nodeIDD' in any record; did you mean 'nodeID'?\n" },
    { "a framing that is none", BER("framing: ts32279\n"),
      "s.yaml:13: framing: there is no framing 'ts32279'; did you mean 'ts32297'?\n" },
    { "a framing of what has none", CALL("format: json\n", .more = "framing: auto\n"),
      "s.yaml:12: framing: stands only beside `format: ber`\n" },
    { "what a file does not say of itself",
      BER("declared: [{total: n, from: /file/opened, as: int, found: "
          "none}, {total: m, from: /count, as: int, found: none}]\n"),
      "s.yaml:13: from: '/file/opened' is nothing that a file says of itself; write /file/NAME: "
      "length, count, sequence, lost, closed, abnormal, node\n"
      "s.yaml:13: from: '/count' is nothing that a file says of itself; write /file/NAME: "
      "length, count, sequence, lost, closed, abnormal, node\n" },
    { "gaps without a number", CALL("gaps: {node: /gw}\n"),
      "s.yaml:12: gaps: {number: PATHS}, with `node: PATHS` or `join: PATHS` or neither, is "
      "expected here\n" },
    { "gaps with two sorts of node", CALL("gaps: {number: /seq, node: /gw, join: [/gw, /sm]}\n"),
      "s.yaml:12: gaps: {number: PATHS}, with `node: PATHS` or `join: PATHS` or neither, is "
      "expected here\n" },
    { "gaps with an unknown key", CALL("gaps: {number: /seq, as: int}\n"),
      "s.yaml:12: gaps: there is no 'as'; what there is: number, node, join, files\n" },
    { "gaps between files without a number",
      CALL("format: csv\n",
           .change2 = "csv: {columns: [id, imsi, start, duration], lines: {h: {first: H, columns: "
                      "[m, n]}}}\n",
           .more = "gaps: {files: {node: /h/n, join: /h/m}}\n"),
      "s.yaml:12: files: there is no 'join'; what there is: number, node\n"
      "s.yaml:12: files: {number: PATHS}, with `node: PATHS` or without, is expected here\n" },
    { "gaps between files by paths that are none of a part",
      CALL("format: csv\n",
           .change2 = "csv: {columns: [id, imsi, start, duration], lines: {h: {first: H, columns: "
                      "[m, n]}}}\n",
           .more = "gaps: {files: {number: /id, node: n}}\n"),
      "s.yaml:12: number: '/id' is no column of a line of `csv: {lines: …}`; write /LINE/COLUMN\n"
      "s.yaml:12: node: 'n' is no path; a path begins with a slash, such as /a/b\n" },
    { "gaps whose number is no path", CALL("gaps: {number: seq}\n"),
      "s.yaml:12: number: 'seq' is no path; a path begins with a slash, such as /a/b\n" },
    { "gaps that are no map", CALL("gaps: /seq\n"), "s.yaml:12: gaps: a map is expected here\n" },
    { "a format that is a list", CALL("format: [json]\n"),
      "s.yaml:1: format: a text is expected here\n" },
    { "without the type, what does not need it is still read",
      CALL("type: fax\n", .change2 = "tolerance: soon\n"),
      "s.yaml:12: tolerance: not a duration (a whole number and ms, s, min, h or d, as in "
      "500ms)\n"
      "s.yaml:2: type: there is no record type 'fax'; what there is: call, session\n" },
    { "csv needs its columns", CALL("format: csv\n"),
      "s.yaml:1: csv: is missing; say the columns: csv: {columns: [A, B]}\n" },
    { "csv without columns", CALL("format: csv\n", .change2 = "csv: {quote: none}\n"),
      "s.yaml:12: columns: is missing; list the names in order, or say `header` where the first "
      "row has them\n" },
    { "columns that are another word", CALL("format: csv\n", .change2 = "csv: {columns: first}\n"),
      "s.yaml:12: columns: a list of names is expected here, or `header`\n" },
    { "a path that is no column",
      CALL("format: csv\n", .change2 = "csv: {columns: [start, duration, imsi]}\n"),
      "s.yaml:6: duplicate_key: '/id' is not among the columns of `csv`; add it there, or mend "
      "the path\n" },
    { "a column named twice",
      CALL("format: csv\n", .change2 = "csv: {columns: [start, duration, imsi, id, start]}\n"),
      "s.yaml:12: columns: 'start' stands there twice; give each its own name\n" },
    { "names of another sort",
      CALL("format: csv\n", .change2 = "csv: {columns: header, names: lower}\n"),
      "s.yaml:12: names: one of these is expected here: exact, any-case\n" },
    { "types where the columns are listed",
      CALL("format: csv\n",
           .change2 = "csv: {columns: [start, duration, imsi, id], types: [INTEGER]}\n"),
      "s.yaml:12: types: stands only with `columns: header`\n" },
    { "any case where the columns are listed",
      CALL("format: csv\n",
           .change2 = "csv: {columns: [start, duration, imsi, id], names: any-case}\n"),
      "s.yaml:12: names: stands only with `columns: header`\n" },
    { "a kind of record of a format that has none",
      CALL("format: json\n", .change2 = "records: {pGWRecord: billed}\n"),
      "s.yaml:12: records: only ber has types of records; this source's format does not\n" },
    { "no kind of record", BER("records: []\n"),
      "s.yaml:13: records: a map is expected here: {sGWRecord: billed}\n" },
    { "a record an item", CALL("format: json\n", .change2 = "emit: per-item\n"),
      "s.yaml:12: emit: one raw record gives one usage record, or receipts could not count them; "
      "its items stand in `usage`\n" },
    { "a position in the content", CALL("format: json\n", .change2 = "content: [position]\n"),
      "s.yaml:12: content: where a record lies is no value of it; `position` stands in "
      "`duplicate_key` only\n" },
    { "types that are none",
      CALL("format: csv\n", .change2 = "csv: {columns: header, types: []}\n"),
      "s.yaml:12: types: the list is empty; name one text at least\n" },
    { "a path of two names in csv",
      CALL("duplicate_key: [/id/x]\n", .change2 = "format: csv\ncsv: {columns: header}\n"),
      "s.yaml:7: duplicate_key: csv has one level of names; write /COLUMN\n" },
    { "a path of two names in detail",
      CALL("duplicate_key: [/id/x]\n", .change2 = "format: detail\n"),
      "s.yaml:6: duplicate_key: detail has one level of names; write /NAME, or /NAME/* where it "
      "may repeat\n" },
    { "a delimiter of two characters",
      CALL("format: csv\n", .change2 = "csv: {columns: header, delimiter: '||'}\n"),
      "s.yaml:12: delimiter: one ASCII character is expected here\n" },
    { "a quote that is the delimiter",
      CALL("format: csv\n", .change2 = "csv: {columns: header, delimiter: '\"'}\n"),
      "s.yaml:12: csv: delimiter and quote are the same; change one of them\n" },
    { "lines that say nothing of themselves",
      CALL("format: csv\n",
           .change2 = "csv: {columns: header, lines: {Trailer: {columns: [a, a]}}}\n"),
      "s.yaml:12: lines: a name is of small letters, digits, - and _, and begins with a letter\n"
      "s.yaml:12: first: is missing; say by which first value such a line is told\n"
      "s.yaml:12: columns: 'a' stands there twice; give each its own name\n" },
    { "lines that are no map",
      CALL("format: csv\n", .change2 = "csv: {columns: header, lines: [T]}\n"),
      "s.yaml:12: lines: a map of 1 to 8 is expected here: {NAME: {first: TEXT, columns: [A, "
      "B]}}\n" },
    { "two lines of one mark",
      CALL("format: csv\n",
           .change2 = "csv: {columns: header, lines: {a: {first: T}, b: {first: [U, T]}}}\n"),
      "s.yaml:12: first: 'T' stands under two lines; leave one out\n" },
    { "a total without a name, a path, a conversion, and what is found",
      CALL("declared: [{total: Records, from: trailer, as: imsi}, {total: a, from: /t/n, as: "
           "imsi}, {total: a, from: /t/n, as: s, found: "
           "some}]\n"),
      "s.yaml:12: total: a name of small letters, digits, - and _ is expected here\n"
      "s.yaml:12: as: a total is read by one of: int, s, ms, us, hms, octets, decimal, cents, "
      "millionths\n"
      "s.yaml:12: found: `records`, `octets`, `none`, or {from: PATH, as: CONVERSION} to sum, is "
      "expected here\n"
      "s.yaml:12: from: '/t/n' is no column of a line of `csv: {lines: …}`; write /LINE/COLUMN\n"
      "s.yaml:12: found: `records`, `octets`, `none`, or {from: PATH, as: CONVERSION} to sum, is "
      "expected here\n"
      "s.yaml:12: total: 'a' stands there twice\n" },
    { "a total of another kind than what is summed, and one that is no yes or no",
      CALL("format: csv\n",
           .change2 = "csv: {columns: [id, imsi, start, duration], lines: {t: {first: T, columns: "
                      "[m, n]}}}\n",
           .more = "declared:\n  - {total: n, from: /t/n, as: s, found: records, required: maybe}\n"
                   "  - {total: s, from: n, as: s, found: {from: duration, as: s}}\n"
                   "  - {total: u, from: /t/x, as: s, found: {from: /seconds, as: s}}\n"),
      "s.yaml:13: required: true or false is expected here\n"
      "s.yaml:13: found: of the kind count, and the total is of the kind duration\n"
      "s.yaml:14: from: a path is expected here, such as /trailer/records\n"
      "s.yaml:14: from: a path is expected here, such as /seconds\n"
      "s.yaml:15: from: '/t/x' is no column of a line of `csv: {lines: …}`; write /LINE/COLUMN\n"
      "s.yaml:15: from: '/seconds' is not among the columns of `csv`; add it there, or mend the "
      "path\n" },
    { "more totals than there may be", CALL("declared: [{}, {}, {}, {}, {}, {}, {}, {}, {}]\n"),
      "s.yaml:12: declared: at most 8 totals are expected here\n" },
    { "a layout that lacks a part, has one twice, or words in it",
      CALL("clock: {zone: Europe/Amsterdam, layout: \"DD-MM-YYYY hh:mm\"}\n"),
      "s.yaml:3: layout: YYYY, MM, DD, hh, mm and ss are expected here, each once, and blanks or - "
      "/ . : T between them, such as DD-MM-YYYY hh:mm:ss\n" },
    { "a quote that is no character",
      CALL("format: csv\n", .change2 = "csv: {columns: header, quote: quote}\n"),
      "s.yaml:12: quote: one ASCII character, or none, is expected here\n" },
    { "csv beside another format", CALL("csv: {columns: header}\n"),
      "s.yaml:12: csv: stands only beside `format: csv`\n" },
    { "json beside another format", CALL("format: detail\n", .change2 = "json: {lists: single}\n"),
      "s.yaml:12: json: stands only beside `format: json`\n" },
    { "names without values", CALL("json: {named: name, lists: many}\n"),
      "s.yaml:12: lists: one of these is expected here: single\n"
      "s.yaml:12: named: needs `wrapped`: the member that has the value\n" },
    { "a wrapping without a name", CALL("json: {wrapped: ''}\n"),
      "s.yaml:12: wrapped: the name of a member is expected here\n" },
    { "an encoding that is not known", CALL("encoded: {/v/*: base64}\n"),
      "s.yaml:12: encoded: one of these is expected here: percent, json, latin-1\n" },
    { "an encoded path that is none", CALL("encoded: {v: percent}\n"),
      "s.yaml:12: encoded: a path begins with a slash, such as /a/b\n" },
    { "an encoded that is a list", CALL("encoded: [percent]\n"),
      "s.yaml:12: encoded: a map is expected here: {PATH: percent}\n" },
    { "another text encoding", CALL("text: {else: utf-16}\n"),
      "s.yaml:12: else: one of these is expected here: latin-1, cp1252\n" },
    { "a text without else", CALL("text: {}\n"),
      "s.yaml:12: text: {else: latin-1} or {else: cp1252} is expected here\n" },
    { "a zone that the system does not know is said once",
      CALL("clock: {zone: Europe/Atlantis}\n",
           .more = "  - {field: end, from: /e, as: radius_date}\n"),
      "s.yaml:3: zone: no time zone 'Europe/Atlantis' in /usr/share/zoneinfo; correct the name, or "
      "install the package tzdata\n" },
    { "a resolution that is not one of the three", CALL("clock: {zone: UTC, resolution: 1min}\n"),
      "s.yaml:3: resolution: one of these is expected here: 1us, 1ms, 1s\n" },
    { "a tolerance of half a second", CALL("tolerance: 500ms\n"),
      "s.yaml:12: tolerance: whole seconds from 1s to 24h are expected here\n" },
    { "with a tolerance there is no content",
      SESSION("tolerance: 5min\n", .change2 = "content: [duration]\n"),
      "s.yaml:14: content: with `tolerance` the source has no clock of its own, and content is "
      "empty: []\n" },
    { "with a tolerance no time is in a key",
      SESSION("tolerance: 5min\n", .change2 = "duplicate_key: [/id, start]\n"),
      "s.yaml:6: duplicate_key: with `tolerance` no time stands in a key; `start` is in it "
      "already, and 'start' moves when a record is sent again\n" },
    { "volumes of another sort", SESSION("volumes: gauge\n"),
      "s.yaml:13: volumes: one of these is expected here: delta, cumulative\n" },
    { "a record's octets where the source counts since the session began",
      SESSION("volumes: cumulative\n", .change2 = "usage: {each: /l/*, fields: []}\n",
              .more = "  - {field: uplink, from: /up, as: octets}\n"
                      "  - {field: session_uplink, from: /up, as: octets}\n"),
      "s.yaml:13: field: with `volumes: cumulative` only session_uplink and session_downlink hold "
      "octets; 'uplink' is of one record\n" },
    { "a node that is a text", CALL("node: n1\n"), "s.yaml:4: node: a map is expected here\n" },
    { "a node without a value", CALL("node: {or: n1}\n"),
      "s.yaml:4: node: {from: PATHS}, with `before: epoch` or without, or {join: PATHS}, either "
      "with "
      "`or: TEXT` or without, or {value: TEXT} is expected here\n" },
    { "a node of two values", CALL("node: {from: /n, value: n1}\n"),
      "s.yaml:4: node: {from: PATHS}, with `before: epoch` or without, or {join: PATHS}, either "
      "with "
      "`or: TEXT` or without, or {value: TEXT} is expected here\n" },
    { "a node that is joined and cut", CALL("node: {join: [/n, /m], before: epoch}\n"),
      "s.yaml:4: node: {from: PATHS}, with `before: epoch` or without, or {join: PATHS}, either "
      "with "
      "`or: TEXT` or without, or {value: TEXT} is expected here\n" },
    { "a node that is cut before something else", CALL("node: {from: /n, before: '-'}\n"),
      "s.yaml:4: before: one of these is expected here: epoch\n" },
    { "a node that is joined of no path", CALL("node: {join: n}\n"),
      "s.yaml:4: join: 'n' is no path; a path begins with a slash, such as /a/b\n" },
    { "a node without a name", CALL("node: {value: ''}\n"),
      "s.yaml:4: value: a name is expected here\n" },
    { "a node from a field", CALL("node: {from: start}\n"),
      "s.yaml:4: from: 'start' is no path; a path begins with a slash, such as /a/b\n" },
    { "bare numbers of another sort", CALL("numbers: {bare: local}\n"),
      "s.yaml:12: bare: one of these is expected here: international, national\n" },
    { "a pattern that is none", CALL("numbers: {internal: ['1***']}\n"),
      "s.yaml:12: internal: a pattern is of digits and x, which stands for any digit\n" },
    { "words that are no lists", CALL("words: {a: b}\n"),
      "s.yaml:12: words: a list is expected here\n" },
    { "an empty text in words", CALL("words: {a: ['']}\n"),
      "s.yaml:12: words: an empty text is an absent value; leave it out\n" },
    { "a usage without lists", SESSION("usage: {fields: []}\n"),
      "s.yaml:8: usage: {each: PATH/*, fields: […]} is expected here\n" },
    { "a usage of a type that has none", CALL("usage: {each: /l/*, fields: []}\n"),
      "s.yaml:12: usage: the type call has no repeated group\n" },
    { "a list of items without a star", SESSION("usage: {each: /list, fields: []}\n"),
      "s.yaml:8: each: a list of items ends with a star, such as /a/*\n" },
    { "items in a format without lists", SESSION("format: detail\n"),
      "s.yaml:8: each: detail has no lists; only json and ber have items\n" },
    { "subscriber is obligatory", CALL("subscriber: []\n"),
      "s.yaml:5: subscriber: the list is empty; say whom a record is about\n" },
    { "a subscriber of another kind", CALL("subscriber: [{kind: mac, from: /mac}]\n"),
      "s.yaml:5: kind: one of these is expected here: imsi, nai, account, number\n" },
    { "a subscriber without a place", CALL("subscriber: [{kind: imsi}]\n"),
      "s.yaml:5: from: is missing; name paths, a field, or {DIRECTION: FIELD}\n" },
    { "a subscriber without a kind", CALL("subscriber: [{from: /imsi}]\n"),
      "s.yaml:5: kind: is missing; say what the value is: imsi, nai, account or number\n" },
    { "a subscriber from a field of another kind", CALL("subscriber: [{kind: nai, from: start}]\n"),
      "s.yaml:5: from: 'start' is of the kind time, and one of the kind nai is expected here\n" },
    { "a subscriber by a direction that nothing fills",
      CALL("subscriber: [{kind: number, from: {originating: calling}}]\n"),
      "s.yaml:5: from: no entry fills 'direction', by which this chooses; add one, or name one "
      "field\n" },
    { "a subscriber by an unknown direction",
      CALL("subscriber: [{kind: number, from: {outgoing: calling, terminating: start}}]\n",
           .more = "  - {field: direction, value: transit}\n"),
      "s.yaml:5: from: there is no direction 'outgoing'; what there is: originating, terminating, "
      "forwarded, transit, unknown\n"
      "s.yaml:5: from: 'start' is of the kind time, and one of the kind number is expected "
      "here\n" },
    { "a required field that nothing fills", CALL("required: [called]\n"),
      "s.yaml:12: required: no entry further up fills 'called'; move that entry up, or add one\n" },
    { "a required thing that is no name", CALL("required: [[/a]]\n"),
      "s.yaml:12: required: fields and paths are expected here\n" },
    { "a duplicate key is obligatory", CALL("duplicate_key: []\n"),
      "s.yaml:6: duplicate_key: is missing; say which values make a record the same chargeable "
      "event\n" },
    { "a key with a path of several values", CALL("duplicate_key: [/ids/*]\n"),
      "s.yaml:6: duplicate_key: a part of a key is one value; a path with a star has several\n" },
    { "a key that names a value twice", CALL("duplicate_key: [/id, start, /id]\n"),
      "s.yaml:6: duplicate_key: '/id' stands there twice; leave one out\n" },
    { "a key with a field that nothing fills", CALL("content: [end]\n"),
      "s.yaml:12: content: no entry further up fills 'end'; move that entry up, or add one\n" },
    { "a key with a field that winnow makes", CALL("content: [record_id]\n"),
      "s.yaml:12: content: no entry further up fills 'record_id'; move that entry up, or add "
      "one\n" },
    { "a key that is a text", CALL("session_key: /id\n"),
      "s.yaml:7: session_key: a list is expected here\n" },
    { "final must be mapped where records share a session", SESSION("session_key: [/id]\n"),
      "s.yaml:7: session_key: where records share a session `final` must be filled; add an entry "
      "that maps it\n" },
    { "an unknown flag", CALL("flags: [{flag: node_zoned}]\n"),
      "s.yaml:12: flag: there is no flag 'node_zoned'; did you mean 'node_zone'?\n" },
    { "a flag without a name", CALL("flags: [{when: {from: /a, present: true}}]\n"),
      "s.yaml:12: flag: is missing; name one of the type's flags\n" },
    { "an unknown rule", CALL("filter: [{rule: atempt}]\n"),
      "s.yaml:12: rule: there is no rule of a filter 'atempt'; did you mean 'attempt'?\n" },
    { "a rule that is a reason of the quarantine", CALL("filter: [{rule: bad-time}]\n"),
      "s.yaml:12: rule: there is no rule of a filter 'bad-time'; what there is: attempt, "
      "zero-usage, omit, not-usage, other-leg, internal-call, trunk, covered, foreign-imsi, test, "
      "emergency, unauthenticated, helpline\n" },
    { "a filter that is no list", CALL("filter: {rule: test}\n"),
      "s.yaml:12: filter: a list is expected here\n" },
    { "a filter without a rule", CALL("filter: [{when: {network: test}}]\n"),
      "s.yaml:12: rule: is missing; name what is filtered\n" },
};

int main(void)
{
    return SOURCE_RUN_TABLE("source-fault", rows, source_check_fault);
}
