// SPDX-License-Identifier: Apache-2.0

/** Helplines leave no digit in a record, and change nothing of what makes it the same event. */

#include <stdio.h>
#include <stdlib.h>

#include "table.h"
#include "winnow/judge.h"
#include "winnow/policy.h"

static const char yaml[] =
    "format: json\n"
    "type: call\n"
    "affinity: none\n"
    "clock: {zone: UTC, resolution: 1us}\n"
    "numbers: {bare: international, internal: [\"1xx\"]}\n"
    "node: {from: /node}\n"
    "fields:\n"
    "  - {field: service, value: voice}\n"
    "  - {field: direction, value: originating}\n"
    "  - {field: start, from: /start, as: epoch_ms}\n"
    "  - {field: duration, value: 60000}\n"
    "  - {field: called, from: /called, as: number}\n"
    "  - {field: calling, from: /calling, as: number, withheld: {from: /clir, is: \"1\"}}\n"
    "  - {field: forwarding, from: /forwarding, as: number}\n"
    "  - {field: account, from: /account}\n"
    "  - {field: trunk, from: /trunk}\n"
    "subscriber:\n"
    "  - {kind: account, from: account}\n"
    "  - {kind: nai, from: /user}\n"
    "  - {kind: number, from: {originating: calling}}\n"
    "duplicate_key: [node, start, called, calling, account, subscriber]\n"
    "content: [forwarding, trunk]\n"
    "session_key: []\n";

static const char list_text[] = "number,country,class,source\n"
                                "113,NL,freephone,a\n"
                                "+318000113,NL,freephone,b\n"
                                "+319000767,NL,shared-cost,c\n";

/** All that a record is decoded with. */
struct bench {
    struct wn_policy *policy;
    struct wn_site site;
    struct wn_source *source;
    struct wn_decoder *decoder;
    struct wn_helplines *list;
    struct wn_lists lists;
    struct wn_limits limits;
};

static void open_bench(struct bench *bench)
{
    struct wn_faults faults = { 0 };
    struct wn_error err;
    char folder[512];
    const char *top = getenv("WINNOW_SOURCE");
    *bench = (struct bench){ .site = wn_site_default(), .limits = wn_limits_default() };
    (void)snprintf(folder, sizeof(folder), "%s/schemas", top ? top : ".");
    assert_int_equal(wn_policy_load(folder, &faults, &bench->policy, &err), WN_OK);
    const struct wn_shape *shape = &wn_policy_type(bench->policy, "call")->shape;
    const struct wn_source_ground ground = { &shape, 1, &bench->site };
    if (wn_source_parse("test.yaml", wn_slice_of(yaml), &ground, &faults, &bench->source, &err) !=
        WN_OK) {
        fail_msg("%.*s", (int)faults.lines.len, (const char *)faults.lines.at);
    }
    bench->decoder = wn_decoder_open(bench->source);
    assert_int_equal(wn_io_replace("lists-test.csv", 0600, list_text, sizeof(list_text) - 1, &err),
                     WN_OK);
    assert_true(wn_helplines_read("lists-test.csv", &faults, &bench->list));
    assert_int_equal(remove("lists-test.csv"), 0);
    bench->lists = (struct wn_lists){ .helplines = bench->list, .site = &bench->site };
}

static void close_bench(struct bench *bench)
{
    wn_helplines_close(bench->list);
    wn_decoder_close(bench->decoder);
    wn_source_close(bench->source);
    wn_policy_close(bench->policy);
}

static struct wn_decoded *decode(struct bench *bench, const char *fields)
{
    static char json[1024];
    struct wn_decoded *decoded = NULL;
    struct wn_error err;
    (void)snprintf(json, sizeof(json), "{\"node\":\"n\",\"start\":1792850400000,%s}", fields);
    struct wn_slice rest = wn_slice_of(json);
    struct wn_slice raw;
    wn_decoder_begin(bench->decoder);
    if (wn_decoder_split(bench->decoder, &rest, true, &raw, &err) != WN_OK ||
        wn_decoder_decode(bench->decoder, raw, NULL, &decoded, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
    return decoded;
}

/** Write a slot as `text/class` for a number, its text else; `-` where it is absent. */
static void write_slot(const struct wn_record *record, const char *name, struct wn_buffer *out)
{
    uint8_t slot = wn_shape_find(record->shape, wn_slice_of(name));
    const struct wn_value *value = &record->values[slot];
    if (!wn_record_has(record, slot)) {
        wn_buffer_format(out, " %s=-", name);
    } else if (record->shape->fields[slot].kind == WN_KIND_NUMBER) {
        wn_buffer_format(out, " %s=%.*s/%s%s", name, (int)value->text.len,
                         value->text.len > 0 ? value->text.at : "",
                         wn_number_class_name((enum wn_number_class)value->class),
                         (value->marks & WN_MARK_SHIELDED) != 0 ? "!" : "");
    } else {
        wn_buffer_format(out, " %s=%.*s", name, (int)value->text.len, value->text.at);
    }
}

static const struct row {
    const char *name;
    const char *fields;
    const char *shown; ///< What is left of the record; `!`: masked.
    bool too_old;
} rows[] = {
    { "leaves other numbers", "\"called\":\"0201234567\",\"calling\":\"0612345678\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=- "
      "other=31201234567/geographic account=- trunk=- subscriber=31612345678",
      false },
    { "takes it out of the called number and of the other party's",
      "\"called\":\"0800 0113\",\"calling\":\"0612345678\"",
      "called=31/freephone! calling=31612345678/mobile forwarding=- other=31/freephone! account=- "
      "trunk=- subscriber=31612345678",
      false },
    { "takes a short code out", "\"called\":\"113\",\"calling\":\"0612345678\"",
      "called=/internal! calling=31612345678/mobile forwarding=- other=/internal! account=- "
      "trunk=- subscriber=31612345678",
      false },
    { "takes it out of the forwarding number",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"forwarding\":\"+319000767\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=31/premium! "
      "other=31201234567/geographic account=- trunk=- subscriber=31612345678",
      false },
    { "makes a class of a subscriber who is one",
      "\"called\":\"0201234567\",\"calling\":\"0800-0113\"",
      "called=31201234567/geographic calling=31/freephone! forwarding=- "
      "other=31201234567/geographic account=- trunk=- subscriber=freephone:",
      false },
    { "takes it out of an account, and of the subscriber that it makes",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"account\":\"0800-0113\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=- "
      "other=31201234567/geographic account=- trunk=- subscriber=freephone:",
      false },
    { "takes it out of a user name",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"user\":\"+319000767@ims.example\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=- "
      "other=31201234567/geographic account=- trunk=- subscriber=premium:",
      false },
    { "takes it out of a label",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"trunk\":\"to-08000113\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=- "
      "other=31201234567/geographic account=- trunk=- subscriber=31612345678",
      false },
    { "takes a short code out of a label",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"trunk\":\"113\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=- "
      "other=31201234567/geographic account=- trunk=- subscriber=31612345678",
      false },
    { "leaves an account that only looks like a short code",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"account\":\"113\"",
      "called=31201234567/geographic calling=31612345678/mobile forwarding=- "
      "other=31201234567/geographic account=113 trunk=- subscriber=113",
      false },
    { "masks every number where the list is too old, and no subscriber",
      "\"called\":\"0201234567\",\"calling\":\"0612345678\",\"account\":\"c 1\"",
      "called=31/geographic! calling=31/mobile! forwarding=- other=31/geographic! account=c 1 "
      "trunk=- subscriber=c 1",
      true },
    { "knows a helpline where the list is too old",
      "\"called\":\"08000113\",\"calling\":\"0612345678\"",
      "called=31/freephone! calling=31/mobile! forwarding=- other=31/freephone! account=- trunk=- "
      "subscriber=31612345678",
      true },
};

static void check(void **state)
{
    static const char *const slots[] = { "called", "calling", "forwarding",
                                         "other",  "account", "trunk" };
    const struct row *row = *state;
    struct bench bench;
    struct wn_buffer before = { 0 }, after = { 0 }, shown = { 0 };
    bool too_old;
    open_bench(&bench);
    struct wn_decoded *decoded = decode(&bench, row->fields);
    wn_key_bytes(&bench.source->sections[0].duplicate_key, decoded, &before);
    wn_key_bytes(&bench.source->sections[0].content, decoded, &before);
    if (row->too_old) {
        bench.lists.limit_ms = 1000;
        bench.lists.changed_ms = 5000;
        bench.limits.now_ms = 6001;
    }
    assert_int_equal(wn_lists_apply(&bench.lists, &bench.limits, decoded, &too_old),
                     WN_REASON_NONE);
    assert_int_equal(too_old, row->too_old);
    for (size_t i = 0; i < WN_COUNT(slots); i++) {
        write_slot(&decoded->record, slots[i], &shown);
    }
    wn_buffer_format(&shown, " subscriber=%.*s", (int)decoded->record.subscriber.len,
                     decoded->record.subscriber.at);
    wn_buffer_add(&shown, "", 1);
    assert_string_equal((const char *)shown.at + 1, row->shown);

    // The same event, whatever the list.
    wn_key_bytes(&bench.source->sections[0].duplicate_key, decoded, &after);
    wn_key_bytes(&bench.source->sections[0].content, decoded, &after);
    assert_true(wn_slice_same(wn_buffer_slice(&before), wn_buffer_slice(&after)));
    wn_buffer_deinit(&before);
    wn_buffer_deinit(&after);
    wn_buffer_deinit(&shown);
    close_bench(&bench);
}

/** `free: filter`: what is filtered is the call to a free one. */
static const struct filtered {
    const char *name;
    const char *fields;
    enum wn_reason reason;
} filtered[] = {
    { "filters a call to a free one", "\"called\":\"113\",\"calling\":\"0612345678\"",
      WN_REASON_HELPLINE },
    { "does not filter a call that its caller pays",
      "\"called\":\"09000767\",\"calling\":\"0612345678\"", WN_REASON_NONE },
    { "does not filter what a helpline dialled",
      "\"called\":\"0612345678\",\"calling\":\"08000113\"", WN_REASON_NONE },
    { "does not filter another call", "\"called\":\"0612345678\",\"calling\":\"0201234567\"",
      WN_REASON_NONE },
};

static void check_filtered(void **state)
{
    const struct filtered *row = *state;
    struct bench bench;
    bool too_old;
    open_bench(&bench);
    bench.lists.filters_free = true;
    struct wn_decoded *decoded = decode(&bench, row->fields);
    assert_int_equal(wn_lists_apply(&bench.lists, &bench.limits, decoded, &too_old), row->reason);
    close_bench(&bench);
}

/** A withheld number stays withheld, and keys see what they saw. */
static void a_withheld_number_stays_withheld(void **state)
{
    (void)state;
    struct bench bench;
    bool too_old;
    open_bench(&bench);
    struct wn_decoded *decoded =
        decode(&bench, "\"called\":\"0201234567\",\"calling\":\"08000113\",\"clir\":\"1\"");
    assert_int_equal(wn_lists_apply(&bench.lists, &bench.limits, decoded, &too_old),
                     WN_REASON_NONE);
    const uint8_t slot = decoded->record.shape->bound.calling;
    assert_int_equal(decoded->record.values[slot].marks & ~WN_MARK_E164,
                     WN_MARK_WITHHELD | WN_MARK_SHIELDED);
    close_bench(&bench);
}

/** What `destination_network` is of a number called, behind the helplines. */
static const struct destination_row {
    const char *name;
    const char *fields;
    const char *shown;
} destinations[] = {
    { "the network of a number", "\"called\":\"0970123456\"", " destination_network=north" },
    { "none of a number that the list has not", "\"called\":\"0201234567\"",
      " destination_network=-" },
    { "none of a helpline", "\"called\":\"08000113\"", " destination_network=-" },
    { "none of a short code", "\"called\":\"1233\"", " destination_network=-" },
    { "none without a number", "\"calling\":\"0970123456\"", " destination_network=-" },
};

static void check_destination(void **state)
{
    static const char text[] = "first,last,network,since,until\n+31970,,north,,\n"
                               "+31800,,free,,\n+31123,,short,,\n";
    const struct destination_row *row = *state;
    struct bench bench;
    struct wn_portability *list = NULL;
    struct wn_faults faults = { 0 };
    struct wn_error err;
    bool too_old;
    open_bench(&bench);
    assert_int_equal(wn_io_replace("ports-test.csv", 0600, text, sizeof(text) - 1, &err), WN_OK);
    assert_true(wn_portability_read("ports-test.csv", &faults, &list));
    assert_int_equal(remove("ports-test.csv"), 0);
    for (int with = 0; with < 2; with++) {
        struct wn_decoded *decoded = decode(&bench, row->fields);
        struct wn_buffer shown = { 0 };
        bench.lists.portability = with ? list : NULL;
        assert_int_equal(wn_lists_apply(&bench.lists, &bench.limits, decoded, &too_old),
                         WN_REASON_NONE);
        wn_destination(&bench.lists, decoded);
        write_slot(&decoded->record, "destination_network", &shown);
        wn_buffer_add(&shown, "", 1);
        assert_string_equal((const char *)shown.at, with ? row->shown : " destination_network=-");
        wn_buffer_deinit(&shown);
    }
    wn_portability_close(list);
    close_bench(&bench);
}

static void age_is_judged_by_a_clock(void **state)
{
    (void)state;
    struct wn_lists lists = { .limit_ms = 1000, .changed_ms = 5000 };
    struct wn_limits limits = { .now_ms = INT64_MIN };
    assert_false(wn_lists_too_old(&lists, &limits));
    limits.now_ms = 6000;
    assert_false(wn_lists_too_old(&lists, &limits));
    limits.now_ms = 6001;
    assert_true(wn_lists_too_old(&lists, &limits));
    lists.limit_ms = 0;
    assert_false(wn_lists_too_old(&lists, &limits));
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(a_withheld_number_stays_withheld),
        cmocka_unit_test(age_is_judged_by_a_clock),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, filtered, check_filtered);
    WN_ADD_TABLE(&all, destinations, check_destination);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("lists", &all);
}
