// SPDX-License-Identifier: Apache-2.0

/* Which entry of a source did what to a record, what it reads, and what is missing. */

#include "winnow/trace.h"

#include "source_harness.h"

static const char text[] =
    "format: json\n"                                                        // 1
    "type: session\n"                                                       // 2
    "node: {from: [/n, /n2], or: unknown}\n"                                // 3
    "usage:\n"                                                              // 4
    "  each: /u/*\n"                                                        // 5
    "  fields:\n"                                                           // 6
    "    - {field: uplink, from: ./up, as: octets}\n"                       // 7
    "fields:\n"                                                             // 8
    "  - {field: service, value: data}\n"                                   // 9
    "  - {field: start, from: [/s, /s2], as: epoch_s}\n"                    // 10
    "  - {field: start, from: /t, as: epoch_ms, when: {from: /k, is: t}}\n" // 11
    "  - {field: end, from: /e, as: epoch_s, absent: [\"9\"]}\n"            // 12
    "  - {field: duration, from: end, minus: start}\n"                      // 13
    "  - {field: duration, from: /d, as: s}\n"                              // 14
    "  - {field: final, from: /f, map: {a: true, b: false}}\n"              // 15
    "  - {field: cause, from: /c, as: radius_cause}\n"                      // 16
    "  - {field: session_uplink, from: /o, as: octets, high: /h}\n"         // 17
    "  - {field: uplink, sum: usage/uplink}\n"                              // 18
    "subscriber:\n"                                                         // 19
    "  - {kind: imsi, from: /i}\n"                                          // 20
    "  - {kind: nai, from: /a}\n"                                           // 21
    "required: [/q, start]\n"                                               // 22
    "duplicate_key: [/q, node]\n"                                           // 23
    "session_key: []\n"                                                     // 24
    "filter:\n"                                                             // 25
    "  - {rule: test, when: {from: /z, is: y}}\n";                          // 26

static struct wn_source *load(void)
{
    const struct wn_source_ground ground = source_ground();
    struct wn_faults faults = { 0 };
    struct wn_source *source = NULL;
    struct wn_error err = { 0 };
    if (wn_source_parse("s.yaml", wn_slice_of(text), &ground, &faults, &source, &err) != WN_OK) {
        fail_msg("%.*s", (int)faults.lines.len, (const char *)faults.lines.at);
    }
    wn_faults_deinit(&faults);
    return source;
}

static void tell(void *context, const struct wn_trace *trace)
{
    static const char *const words[] = {
        [WN_TRACED_GAVE] = "gave",       [WN_TRACED_BEHIND] = "behind",
        [WN_TRACED_WHEN] = "when",       [WN_TRACED_ABSENT] = "absent",
        [WN_TRACED_EMPTY] = "empty",     [WN_TRACED_UNMAPPED] = "unmapped",
        [WN_TRACED_REFUSED] = "refused",
    };
    wn_buffer_format(context, "%s %u %s", trace->field, trace->line, words[trace->what]);
    if (trace->of_item) {
        wn_buffer_format(context, " [%u]", trace->item);
    }
    if (trace->from == WN_TRACE_PATH && trace->path.len > 0) {
        wn_buffer_format(context, " %.*s=%.*s", (int)trace->path.len, trace->path.at,
                         (int)trace->value.len, trace->value.at);
    }
    if (trace->from == WN_TRACE_FIELD) {
        wn_buffer_format(context, " of %s", trace->name);
    }
    wn_buffer_text(context, trace->unknown ? " unknown" : "");
    if (trace->what == WN_TRACED_REFUSED) {
        wn_buffer_format(context, " %s", trace->reason);
    }
    wn_buffer_text(context, "\n");
}

static void tell_missing(void *context, const struct wn_missing *missing)
{
    wn_buffer_format(context, "missing %.*s %u\n", (int)missing->name.len, missing->name.at,
                     missing->line);
}

static const struct row {
    const char *name;
    const char *record;
    const char *told;
} rows[] = {
    { "each entry by its line, and the path that gave",
      "{\"n2\":\"x\",\"s2\":\"1792888205\",\"d\":\"5\",\"f\":\"b\",\"c\":\"User-Request\","
      "\"u\":[{\"up\":1},{}],\"i\":\"204980000000001\",\"q\":\"1\"}",
      "node 3 gave /n2=x\n"
      "uplink 7 gave [0] ./up=1\n"
      "uplink 7 absent [1]\n"
      "service 9 gave\n"
      "start 10 gave /s2=1792888205\n"
      "start 11 behind\n"
      "end 12 absent\n"
      "duration 13 absent of end\n"
      "duration 14 gave /d=5\n"
      "final 15 gave /f=b\n"
      "cause 16 gave /c=User-Request\n"
      "session_uplink 17 absent\n"
      "uplink 18 gave\n"
      "subscriber 20 gave /i=204980000000001\n"
      "subscriber 21 behind\n" },
    { "what stands for nothing, is in no map, or has no class",
      "{\"s\":\"0\",\"t\":\"1\",\"e\":\"9\",\"f\":\"c\",\"c\":\"Odd\",\"a\":\"anonymous@x."
      "example\"}",
      "node 3 gave\n"
      "service 9 gave\n"
      "start 10 empty /s=0\n"
      "start 11 when\n"
      "end 12 empty /e=9\n"
      "duration 13 absent of end\n"
      "duration 14 absent\n"
      "final 15 unmapped /f=c\n"
      "cause 16 gave /c=Odd unknown\n"
      "session_uplink 17 absent\n"
      "uplink 18 absent\n"
      "subscriber 20 absent\n"
      "subscriber 21 empty /a=anonymous@x.example\n"
      "missing /q 22\n"
      "missing start 22\n"
      "missing start 0\n"
      "missing duration 0\n"
      "missing subscriber 0\n" },
    { "the path that is refused is the last",
      "{\"s\":\"1792888205\",\"e\":\"1792888206\",\"f\":\"a\",\"o\":\"x1\",\"i\":\"1\"}",
      "node 3 gave\n"
      "service 9 gave\n"
      "start 10 gave /s=1792888205\n"
      "start 11 behind\n"
      "end 12 gave /e=1792888206\n"
      "duration 13 gave of end\n"
      "duration 14 behind\n"
      "final 15 gave /f=a\n"
      "cause 16 absent\n"
      "session_uplink 17 refused /o=x1 bad-integer\n" },
    { "an object where one value is wanted", "{\"s\":{\"x\":1}}",
      "node 3 gave\n"
      "service 9 gave\n"
      "start 10 refused /s= bad-time\n" },
    { "a subscriber that can't be read", "{\"s\":\"1792888205\",\"d\":\"1\",\"i\":\"12\"}",
      "node 3 gave\n"
      "service 9 gave\n"
      "start 10 gave /s=1792888205\n"
      "start 11 behind\n"
      "end 12 absent\n"
      "duration 13 absent of end\n"
      "duration 14 gave /d=1\n"
      "final 15 absent\n"
      "cause 16 absent\n"
      "session_uplink 17 absent\n"
      "uplink 18 absent\n"
      "subscriber 20 refused /i=12 bad-identifier\n" },
    { "an item that is refused", "{\"u\":[{\"up\":1},{\"up\":\"x\"}]}",
      "node 3 gave\n"
      "uplink 7 gave [0] ./up=1\n"
      "uplink 7 refused [1] ./up=x bad-integer\n" },
    { "nothing of what is no record", "{\"s\":tru}", "" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_source *source = load();
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_buffer told = { 0 };
    struct wn_decoded *decoded;
    struct wn_slice rest = wn_slice_of(row->record), raw;
    struct wn_error err;

    wn_decoder_begin(decoder);
    assert_int_equal(wn_decoder_split(decoder, &rest, true, &raw, &err), WN_OK);
    const enum wn_code rc = wn_decoder_decode(decoder, raw, NULL, &decoded, &err);
    const struct wn_decoded before = *decoded;
    wn_source_trace(decoded, tell, &told);
    assert_memory_equal(decoded, &before, sizeof(before)); // Nothing of it was touched.
    const size_t len = told.len;
    if (rc == WN_OK) {
        wn_source_each_missing(decoded, tell_missing, &told);
        assert_int_equal(wn_source_required(decoded, &err) != WN_OK, told.len > len);
    }
    wn_buffer_add(&told, "", 1);
    assert_string_equal((const char *)told.at, row->told);
    wn_buffer_deinit(&told);
    wn_decoder_close(decoder);
    wn_source_close(source);
}

static void tell_use(void *context, const struct wn_use *use)
{
    static const char *const words[] = {
        [WN_USE_NODE] = "node",           [WN_USE_FIELD] = "field", [WN_USE_SUBSCRIBER] = "whose",
        [WN_USE_CONDITION] = "condition", [WN_USE_KEY] = "key",     [WN_USE_REQUIRED] = "required",
    };
    wn_buffer_format(context, "%s %s %.*s %u\n", words[use->what], use->name, (int)use->path.len,
                     use->path.at, use->line);
}

static void names_every_use(void **state)
{
    (void)state;
    struct wn_source *source = load();
    struct wn_buffer told = { 0 };
    wn_source_each_use(source, tell_use, &told);
    wn_buffer_add(&told, "", 1);
    assert_string_equal((const char *)told.at, "node  /n 3\n"
                                               "node  /n2 3\n"
                                               "field uplink ./up 7\n"
                                               "field service  9\n"
                                               "field start /s 10\n"
                                               "field start /s2 10\n"
                                               "field start /t 11\n"
                                               "condition  /k 11\n"
                                               "field end /e 12\n"
                                               "field duration  13\n"
                                               "field duration /d 14\n"
                                               "field final /f 15\n"
                                               "field cause /c 16\n"
                                               "field session_uplink /o 17\n"
                                               "field session_uplink /h 17\n"
                                               "field uplink  18\n"
                                               "whose  /i 20\n"
                                               "whose  /a 21\n"
                                               "condition  /z 26\n"
                                               "key duplicate_key /q 23\n"
                                               "required  /q 22\n");
    wn_buffer_deinit(&told);
    wn_source_close(source);
}

static void tell_remark(void *context, unsigned line, const char *sentence)
{
    (void)line;
    wn_buffer_text(context, sentence);
}

/** Whether a duplicate key may be the same for records that have nothing in common. */
static const struct remark {
    const char *name;
    struct source_text text;
    bool may_be_empty;
} remarks[] = {
    { "a key of which nothing is required",
      { .type = "call", .change = "required: [/other]\n", .change2 = "duplicate_key: [/x]\n" },
      true },
    { "a key that holds what is required",
      { .type = "call", .change = "required: [/x]\n", .change2 = "duplicate_key: [/x, /y]\n" },
      false },
    { "a key of a field that is always there",
      { .type = "call", .change = "duplicate_key: [start, subscriber]\n" },
      false },
    { "a key that only tells switches apart",
      { .type = "call", .change = "duplicate_key: [node]\n" },
      true },
};

static void check_remark(void **state)
{
    const struct remark *row = *state;
    struct wn_source *source = source_load(&row->text, NULL);
    struct wn_buffer told = { 0 };
    wn_source_each_remark(source, tell_remark, &told);
    wn_buffer_add(&told, "", 1);
    assert_int_equal(strstr((const char *)told.at, "no part of it is in every record") != NULL,
                     row->may_be_empty);
    wn_buffer_deinit(&told);
    wn_source_close(source);
}

int main(void)
{
    const struct CMUnitTest uses[] = { cmocka_unit_test(names_every_use) };
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, rows, check);
    WN_ADD_TABLE(&tests, remarks, check_remark);
    WN_ADD_TESTS(&tests, uses);
    if (source_setup(NULL) != 0) {
        return 1;
    }
    const int failed = wn_run_tests("source_trace", &tests);
    return source_teardown(NULL) != 0 ? 1 : failed;
}
