// SPDX-License-Identifier: Apache-2.0

/* Fields, conversions and conditions: every rule of docs/sources.md and its sentence. */

#include "source_harness.h"

#define MORE(text)                                                                                 \
    {                                                                                              \
        .type = "call", .more = "  - " text "\n"                                                   \
    }
#define ITEM(text)                                                                                 \
    {                                                                                              \
        .type = "session", .change = "usage: {each: /list/*, fields: [" text "]}\n"                \
    }
#define WHEN(text) MORE("{field: cause, value: normal, when: " text "}")
#define FILTER(text)                                                                               \
    {                                                                                              \
        .type = "call", .change = "filter: [{rule: test, when: " text "}]\n"                       \
    }

static const struct source_fault_row rows[] = {
    { "an unknown field", MORE("{field: caled, from: /a}"),
      "s.yaml:12: field: there is no field 'caled'; did you mean 'called'?\n" },
    { "an unknown key of an entry", MORE("{field: end, frm: /a, value: 1}"),
      "s.yaml:12: fields: there is no 'frm'; did you mean 'from'?\n"
      "s.yaml:12: value: a time can't be a constant; read it with `from`\n" },
    { "an entry without a field", MORE("{from: /a}"),
      "s.yaml:12: field: is missing; name what the entry fills\n" },
    { "an entry without a value", MORE("{field: called}"),
      "s.yaml:12: fields: the entry has no value; give it one of: from, value, sum, min, max, "
      "first, last, count, any\n" },
    { "an entry of two values", MORE("{field: incomplete, from: /a, value: true}"),
      "s.yaml:12: fields: 'from' and 'value' stand in one entry; make two entries of it\n" },
    { "an entry that is a text", MORE("start"), "s.yaml:12: fields: a map is expected here\n" },
    { "a field that winnow makes", MORE("{field: record_id, from: /a}"),
      "s.yaml:12: field: winnow itself makes 'record_id'; leave the entry out\n" },
    { "the other party is made too", MORE("{field: other, from: /a}"),
      "s.yaml:12: field: winnow itself makes 'other'; leave the entry out\n" },
    { "the subscriber is no field to fill", MORE("{field: subscriber, from: /a}"),
      "s.yaml:12: field: 'subscriber' is filled by `subscriber:`; leave the entry out\n" },
    { "the group is no field to fill",
      { .type = "session", .more = "  - {field: usage, from: /a}\n" },
      "s.yaml:13: field: 'usage' is filled by `usage:`; leave the entry out\n" },
    { "a field that every record must have",
      { .type = "call",
        .change = "fields:\n  - {field: duration, from: /d, as: s}\n  - {field: service, value: "
                  "voice}\n" },
      "s.yaml:9: fields: no entry fills 'start', which every call must have; add one\n" },
    { "a path without a slash is a field", MORE("{field: called, from: dst}"),
      "s.yaml:12: from: there is no field 'dst'; what there is: record_id, origin, source, node, "
      "key_id, subscriber, subscriber_kind, account, session, sequence, final, incomplete, start, "
      "end, utc_offset, duration, billable, direction, service, cause, visited_network, radio, "
      "flags, called, calling, other, destination_network, forwarding, volume, trunk, imei, "
      "quality, "
      "wholesale, wholesale_currency\n" },
    { "an amount without a currency", MORE("{field: wholesale, from: /w, as: decimal}"),
      "s.yaml:9: fields: an amount is filled, and no currency; add an entry for it, such as one "
      "with `value: EUR`\n" },
    { "a value that must be there and may be unreadable",
      MORE("{field: start, from: /d, as: timestamp, on_error: absent}"),
      "s.yaml:12: on_error: 'start' must have a value; only what may be missing is absent where it "
      "can't be read\n" },
    { "an error of a constant", MORE("{field: trunk, value: x, on_error: absent}"),
      "s.yaml:12: on_error: stands only with `from`\n" },
    { "a word of on_error that is none", MORE("{field: trunk, from: /d, on_error: ignore}"),
      "s.yaml:12: on_error: one of these is expected here: quarantine, absent\n" },
    { "a time of day beside what is no stamp",
      MORE("{field: end, from: /d, time: /t, as: epoch_s}"),
      "s.yaml:12: time: stands only with `as: stamp_local` or `as: stamp_utc`\n" },
    { "a currency that is none", MORE("{field: wholesale_currency, value: euro}"),
      "s.yaml:12: value: no value of the kind currency, which 'wholesale_currency' has\n" },
    { "an amount that does not say how it is written",
      MORE("{field: wholesale_currency, value: EUR}\n  - {field: wholesale, from: /w}"),
      "s.yaml:13: as: is missing; a value of the kind amount is read from a path by one of: "
      "decimal, cents, millionths\n" },
    { "a decimal sign that is none",
      { .type = "call", .change = "decimal: \",\"" },
      "s.yaml:12: decimal: one of these is expected here: point, comma\n" },
    { "a field that is filled further down",
      MORE("{field: end, from: start, minus: billable}\n"
           "  - {field: billable, from: /b, as: int}"),
      "s.yaml:12: from: no entry further up fills 'billable'; move that entry up, or add one\n" },
    { "an empty name in a path", MORE("{field: called, from: /a//b}"),
      "s.yaml:12: from: a name in a path is empty\n" },
    { "a field among paths", MORE("{field: called, from: [/a, calling]}"),
      "s.yaml:12: from: 'calling' is no path; a path begins with a slash, such as /a/b\n" },
    { "no path at all", MORE("{field: called, from: []}"),
      "s.yaml:12: from: from 1 to 16 paths are expected here\n" },
    { "an item's path outside of usage", MORE("{field: called, from: ./a}"),
      "s.yaml:12: from: './' begins a path from an item; it stands under `usage` only\n" },
    { "a field of another kind", MORE("{field: end, from: duration}"),
      "s.yaml:12: from: 'duration' is of the kind duration, and one of the kind time is expected "
      "here\n" },
    { "words of another list", MORE("{field: direction, from: service}"),
      "s.yaml:12: from: 'service' and 'direction' have different words; map them with `map`\n" },
    { "a conversion of a field", MORE("{field: end, from: start, as: epoch_s}"),
      "s.yaml:12: as: stands only with a path; a field has its value already\n" },
    { "a map of a number", MORE("{field: cause, from: duration, map: {\"0\": failed}}"),
      "s.yaml:12: map: 'duration' has no text to look up; map its path instead\n" },
    { "as is obligatory for a time", MORE("{field: end, from: /e}"),
      "s.yaml:12: as: is missing; a value of the kind time is read from a path by one of: epoch_s, "
      "epoch_ms, epoch_us, stamp_utc, stamp_local, radius_date, id_epoch, timestamp\n" },
    { "as is obligatory for a cause", MORE("{field: cause, from: /c}"),
      "s.yaml:12: as: is missing; a value of the kind cause is read from a path by one of: "
      "freeswitch_cause, q850_cause, sip_cause, radius_cause, cs_cause, ps_cause, cucm_cause\n" },
    { "what is picked of no cause", MORE("{field: trunk, from: [/a, /b], pick: worst}"),
      "s.yaml:12: pick: stands only with a cause that `as` reads\n" },
    { "what is picked of a map",
      MORE("{field: cause, from: [/a, /b], map: {x: normal}, pick: worst}"),
      "s.yaml:12: pick: stands only with a cause that `as` reads\n" },
    { "what is picked by another order",
      MORE("{field: cause, from: /a, as: cucm_cause, pick: best}"),
      "s.yaml:12: pick: one of these is expected here: first, worst\n" },
    { "an unknown conversion", MORE("{field: end, from: /e, as: epoch}"),
      "s.yaml:12: as: there is no conversion 'epoch'; did you mean 'epoch_s'?\n" },
    { "a conversion to another kind", MORE("{field: end, from: /e, as: ms}"),
      "s.yaml:12: as: ms gives no value of the kind time; these do: epoch_s, epoch_ms, epoch_us, "
      "stamp_utc, stamp_local, radius_date, id_epoch, timestamp\n" },
    { "a conversion to a word", MORE("{field: radio, from: /r, as: int}"),
      "s.yaml:12: as: int gives no value of the kind enum; map its words with `map`\n" },
    { "a map beside a conversion",
      MORE("{field: cause, from: /c, as: radius_cause, map: {a: normal}}"),
      "s.yaml:12: map: stands in place of `as`; leave one out\n" },
    { "a map to a word that is none", MORE("{field: radio, from: /r, map: {a: lte}}"),
      "s.yaml:12: map: one of these is expected here: geran, utran, hspa, eutran, nbiot, ltem, nr, "
      "wlan, gan, virtual, other\n" },
    { "an else to a word that is none", MORE("{field: final, from: /r, map: {a: true}, else: no}"),
      "s.yaml:12: else: one of these is expected here: false, true\n" },
    { "an else without a map", MORE("{field: called, from: /r, else: x}"),
      "s.yaml:12: else: stands only with `map`\n" },
    { "an empty map", MORE("{field: radio, from: /r, map: {}}"),
      "s.yaml:12: map: a map is expected here: {TEXT: WORD}\n" },
    { "an absent text that is empty", MORE("{field: called, from: /r, absent: ['']}"),
      "s.yaml:12: absent: an empty text is an absent value; leave it out\n" },
    { "an upper half of what is no counter", MORE("{field: billable, from: /r, as: int, high: /h}"),
      "s.yaml:12: high: stands only with `as: octets`\n" },
    { "a difference that is neither time nor duration",
      MORE("{field: billable, from: /r, as: int, minus: start}"),
      "s.yaml:12: minus: gives a time, a duration or an offset; 'billable' is of the kind "
      "count\n" },
    { "a time minus a time is no time", MORE("{field: end, from: start, minus: start}"),
      "s.yaml:12: from: 'start' is of the kind time, and one of the kind duration is expected "
      "here\n" },
    { "a minus that is a path alone", MORE("{field: end, from: start, minus: /d}"),
      "s.yaml:12: minus: a field is expected here, or {from: PATH, as: CONVERSION}\n" },
    { "a minus without a conversion", MORE("{field: end, from: start, minus: {from: /d}}"),
      "s.yaml:12: as: is missing; a value of the kind duration is read from a path by one of: s, "
      "ms, us, hms\n" },
    { "an or that can't be read",
      MORE("{field: end, from: start, minus: {from: /d, as: s, or: none}}"),
      "s.yaml:12: or: no text that `as` can read\n" },
    { "an or of a field", MORE("{field: end, from: start, minus: {from: duration, or: '0'}}"),
      "s.yaml:12: or: stands only with a path and `as`\n" },
    { "what stands only with from",
      MORE("{field: final, value: true, map: {a: true}, absent: [a]}"),
      "s.yaml:12: map: stands only with `from`\n"
      "s.yaml:12: absent: stands only with `from`\n" },
    { "a constant that is no word", MORE("{field: direction, value: in}"),
      "s.yaml:12: value: one of these is expected here: originating, terminating, forwarded, "
      "transit, unknown\n" },
    { "a constant that is no number", MORE("{field: billable, value: many}"),
      "s.yaml:12: value: not a whole number from 0 to 9223372036854775807\n" },
    { "a constant that its kind can't read", MORE("{field: visited_network, value: home}"),
      "s.yaml:12: value: no value of the kind plmn, which 'visited_network' has\n" },
    { "withheld of what is no number",
      MORE("{field: trunk, from: /t, withheld: {from: /p, is: id}}"),
      "s.yaml:12: withheld: 'trunk' is no number of the record; only such a one is withheld\n" },
    { "a date of local time without a zone",
      { .type = "call",
        .change = "clock: {resolution: 1s}\n",
        .more = "  - {field: end, from: /e, as: radius_date}\n" },
      "s.yaml:12: as: radius_date reads local times, and no zone is known; name one with `clock: "
      "{zone: …}`\n" },

    { "a total of what is not usage",
      { .type = "session", .more = "  - {field: uplink, sum: uplink}\n" },
      "s.yaml:13: sum: usage/NAME is expected here\n" },
    { "a total of an unknown field",
      { .type = "session", .more = "  - {field: uplink, sum: usage/uplnk}\n" },
      "s.yaml:13: sum: there is no field of usage 'uplnk'; did you mean 'uplink'?\n" },
    { "a total of a field that nothing fills",
      { .type = "session", .more = "  - {field: downlink, sum: usage/downlink}\n" },
      "s.yaml:13: sum: no entry further up fills 'downlink'; move that entry up, or add one\n" },
    { "a total of another kind",
      { .type = "session", .more = "  - {field: sequence, max: usage/uplink}\n" },
      "s.yaml:13: max: of the kind octets gives none of the kind count\n" },
    { "any of what is no flag",
      { .type = "session", .more = "  - {field: incomplete, any: usage/uplink}\n" },
      "s.yaml:13: any: of the kind octets gives none of the kind flag\n" },
    { "a total without usage", MORE("{field: billable, count: usage/uplink}"),
      "s.yaml:12: count: the source has no `usage:`, so there is nothing to total\n" },
    { "a total within usage", ITEM("{field: uplink, sum: usage/uplink}"),
      "s.yaml:8: sum: totals the items; it stands under `fields` only\n" },
    { "an unknown field of an item", ITEM("{field: uplnk, from: ./a, as: octets}"),
      "s.yaml:8: field: there is no field of usage 'uplnk'; did you mean 'uplink'?\n" },

    { "a condition that is a text", WHEN("always"),
      "s.yaml:12: when: a condition is expected here, with exactly one of: from, field, zero, "
      "network, record, all, any, not\n" },
    { "a condition of two heads", WHEN("{from: /a, field: start, present: true}"),
      "s.yaml:12: when: a condition is expected here, with exactly one of: from, field, zero, "
      "network, record, all, any, not\n" },
    { "an empty list of conditions", WHEN("[]"),
      "s.yaml:12: when: one condition at least is expected here\n" },
    { "a condition without a test", WHEN("{from: /a}"),
      "s.yaml:12: when: exactly one test is expected here: present, is, starts, contains, above or "
      "bit\n" },
    { "a condition of two tests", WHEN("{from: /a, is: b, present: true}"),
      "s.yaml:12: when: exactly one test is expected here: present, is, starts, contains, above or "
      "bit\n" },
    { "an unknown test", WHEN("{from: /a, present: true, iz: b}"),
      "s.yaml:12: when: there is no 'iz'; did you mean 'is'?\n" },
    { "a presence that is neither", WHEN("{from: /a, present: maybe}"),
      "s.yaml:12: present: true or false is expected here\n" },
    { "above what is no number", WHEN("{from: /a, above: none}"),
      "s.yaml:12: above: not a whole number from -9223372036854775807 to "
      "9223372036854775807\n" },
    { "a test of the empty text", WHEN("{from: /a, is: ''}"),
      "s.yaml:12: is: an empty text is an absent value; leave it out\n" },
    { "a list that words does not have", WHEN("{from: /a, is: $trunks}"),
      "s.yaml:12: is: there is no list 'trunks' under `words`; add it there\n" },
    { "a field tested as a path", WHEN("{from: start, present: true}"),
      "s.yaml:12: from: a path is expected here; a field is tested with `field`\n" },
    { "a condition on a field that nothing fills", WHEN("{field: called, present: true}"),
      "s.yaml:12: field: no entry further up fills 'called'; move that entry up, or add one\n" },
    { "a condition on a word that is none", WHEN("{field: service, is: [voice, vox]}"),
      "s.yaml:12: is: there is no word 'vox'; what there is: voice, sms, data, fax, other\n" },
    { "a number that is tested by a word", WHEN("{field: duration, is: long}"),
      "s.yaml:12: is: the field holds a number; a whole number is expected here\n" },
    { "a number that is tested by its beginning", WHEN("{field: duration, starts: '1'}"),
      "s.yaml:12: starts: not a test for 'duration', whose kind is duration\n" },
    { "a word that is above", WHEN("{field: service, above: 1}"),
      "s.yaml:12: above: not a test for 'service', whose kind is enum\n" },
    { "zero of what is no number", WHEN("{zero: [service]}"),
      "s.yaml:12: zero: 'service' holds no number, its kind is enum\n" },
    { "zero of nothing", WHEN("{zero: []}"), "s.yaml:12: zero: name one field at least\n" },
    { "a network before the subscriber is known", WHEN("{network: home}"),
      "s.yaml:12: network: the subscriber is found after all fields; this stands under `flags` and "
      "`filter` only\n" },
    { "an unknown network", FILTER("{network: roaming}"),
      "s.yaml:12: network: one of these is expected here: home, foreign, test\n" },
    { "a list beside its word", FILTER("{all: [{network: test}], any: [{network: test}]}"),
      "s.yaml:12: when: a condition is expected here, with exactly one of: from, field, zero, "
      "network, record, all, any, not\n" },
    { "conditions without end",
      FILTER("{not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: "
             "{not: {not: {not: {network: test}}}}}}}}}}}}}}}}}}"),
      "s.yaml:12: not: nested deeper than 16 conditions\n" },
};

int main(void)
{
    return SOURCE_RUN_TABLE("source-field-fault", rows, source_check_fault);
}
