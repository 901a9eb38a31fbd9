// SPDX-License-Identifier: Apache-2.0

/* What an input declares of itself, and what is found in it. */

#include "source_harness.h"

/** What is read of each record. */
#define RECORDS                                                                                    \
    "clock: {zone: Europe/Amsterdam}\n"                                                            \
    "node: {value: n1}\n"                                                                          \
    "subscriber: [{kind: imsi, from: /imsi}]\n"                                                    \
    "duplicate_key: [/id]\n"                                                                       \
    "session_key: []\n"                                                                            \
    "fields:\n"                                                                                    \
    "  - {field: start, from: /start, as: epoch_s}\n"                                              \
    "  - {field: duration, from: /seconds, as: s}\n"                                               \
    "  - {field: service, value: voice}\n"

/** A source of lines `id,imsi,start,seconds,cost`, with a trailer `T,records,seconds,cost`. */
#define SOURCE(change)                                                                             \
    "format: csv\n"                                                                                \
    "type: call\n"                                                                                 \
    "decimal: comma\n"                                                                             \
    "csv:\n"                                                                                       \
    "  delimiter: ';'\n"                                                                           \
    "  columns: [id, imsi, start, seconds, cost]\n"                                                \
    "  lines: {h: {first: H}, t: {first: T, columns: [mark, n, seconds, cost]}}\n" RECORDS         \
    "declared:\n"                                                                                  \
    "  - {total: records, from: /t/n, as: int, found: records}\n"                                  \
    "  - {total: seconds, from: /t/seconds, as: s, absent: ['-1'],\n"                              \
    "     found: {from: /seconds, as: s}" change "}\n"                                             \
    "  - {total: cost, from: /t/cost, as: decimal, required: false,\n"                             \
    "     found: {from: /cost, as: decimal}}\n"

#define GOOD "1;204980000000001;1792888205;60;0,5\n"

static const struct row {
    const char *name;
    const char *input;
    const char *told; ///< Of each total: how often declared, declared/found.
} rows[] = {
    { "a whole input", "H;x\n" GOOD "2;204980000000001;1792888205;30,5;-0,25\nT;2;90,5;0,25\n",
      "records 1x 2/2 seconds 1x 90500/90500 cost 1x 250000/250000" },
    { "a record is missing", "H\n" GOOD "T;2;60;0,5\n",
      "records 1x 2/1 seconds 1x 60000/60000 cost 1x 500000/500000" },
    { "an input that was cut", "H\n" GOOD, "records 0x 0/1 seconds 0x 0/60000 cost 0x 0/500000" },
    { "nothing at all", "", "records 0x 0/0 seconds 0x 0/0 cost 0x 0/0" },
    { "records that are refused are found, with what can be read of them",
      "1;nobody;1792888205;60;0,5\n2;204980000000001;never;30;1\n3;4\n4;204980000000001;1792888205;"
      "x;,5\n"
      "T;4;90;2\n",
      "records 1x 4/4 seconds 1x 90000/90000 cost 1x 2000000/2000000" },
    { "two inputs put together", GOOD "T;1;60;0,5\nH\n" GOOD GOOD "T;2;120;1\n",
      "records 2x 3/3 seconds 2x 180000/180000 cost 2x 1500000/1500000" },
    { "what a trailer leaves empty it does not declare", GOOD "T;1;-1;\n",
      "records 1x 1/1 seconds 0x 0/60000 cost 0x 0/500000" },
    { "what can't be read", GOOD "T;one;60;0,00000001\n",
      "records 0x 0/1 unreadable seconds 1x 60000/60000 cost 0x 0/500000 unreadable" },
    { "a trailer of other columns", GOOD "T;1\n",
      "records 0x 0/1 unreadable seconds 0x 0/60000 unreadable cost 0x 0/500000 unreadable" },
    { "sums that are too large stay at the largest number",
      "1;204980000000001;1792888205;60;9000000000000\n1;204980000000001;1792888205;60;"
      "9000000000000\n"
      "T;2;9223372036854775;-9000000000000\nT;0;1;-9000000000000\n",
      "records 2x 2/2 seconds 2x 9223372036854775807/120000 cost 2x "
      "-9223372036854775808/9223372036854775807" },
};

static struct wn_source *load(const char *text)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;
    const struct wn_source_ground ground = source_ground();
    if (wn_source_parse("s.yaml", wn_slice_of(text), &ground, &faults, &source, &err) != WN_OK) {
        fail_msg("%.*s", (int)faults.lines.len, (const char *)faults.lines.at);
    }
    wn_faults_deinit(&faults);
    return source;
}

/** Read all of an input. @return how many records were refused by decode */
static void read_all(struct wn_decoder *decoder, const char *input)
{
    struct wn_slice rest = wn_slice_of(input);
    struct wn_slice raw = { 0 };
    struct wn_error err;
    wn_decoder_begin(decoder);
    for (;;) {
        enum wn_code rc = wn_decoder_split(decoder, &rest, true, &raw, &err);
        if (raw.len == 0) {
            return;
        }
        struct wn_decoded *decoded = NULL;
        assert_true(rc == WN_OK || rc == WN_REJECT);
        assert_true(raw.at[0] != 'T' && raw.at[0] != 'H');
        if (rc == WN_OK) {
            rc = wn_decoder_decode(decoder, raw, NULL, &decoded, &err);
        }
        (void)rc;
    }
}

static void tell(struct wn_decoder *decoder, struct wn_buffer *text)
{
    struct wn_declared list[WN_DECLARED];
    const unsigned n = wn_decoder_end(decoder, NULL, list);
    for (unsigned i = 0; i < n; i++) {
        wn_buffer_format(text, "%s%s %llux %lld/%lld%s", i > 0 ? " " : "", list[i].name,
                         (unsigned long long)list[i].n, (long long)list[i].declared,
                         (long long)list[i].found, list[i].unreadable ? " unreadable" : "");
    }
    wn_buffer_add(text, "", 1);
    text->len--;
    assert_int_equal(wn_decoder_end(decoder, NULL, list), 0); // It is over once.
}

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_source *source = load(SOURCE(""));
    struct wn_decoder *decoder = wn_decoder_open(source);
    for (int i = 0; i < 2; i++) { // Nothing of one input stays for the next.
        struct wn_buffer text = { 0 };
        read_all(decoder, row->input);
        tell(decoder, &text);
        assert_string_equal((const char *)text.at, row->told);
        wn_buffer_deinit(&text);
    }
    wn_decoder_close(decoder);
    wn_source_close(source);
}

static void says_what_is_required(void **state)
{
    (void)state;
    struct wn_source *source = load(SOURCE(", required: false"));
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_declared list[WN_DECLARED];
    wn_decoder_begin(decoder);
    assert_int_equal(wn_decoder_end(decoder, NULL, list), 3);
    assert_true(list[0].required);
    assert_false(list[1].required);
    assert_false(list[2].required);
    wn_decoder_close(decoder);
    wn_source_close(source);
}

/** A source whose header line says of its file what no sum can. */
#define FILES(gaps)                                                                                \
    "format: csv\n"                                                                                \
    "type: call\n"                                                                                 \
    "csv:\n"                                                                                       \
    "  columns: [id, imsi, start, seconds]\n"                                                      \
    "  lines: {h: {first: H, columns: [mark, node, number, size, lost]}}\n" RECORDS "declared:\n"  \
    "  - {total: size, from: /h/size, as: octets, found: octets}\n"                                \
    "  - {total: lost, from: /h/lost, as: int, found: none}\n" gaps

static void finds_octets_and_what_should_not_be(void **state)
{
    (void)state;
    struct wn_source *source = load(FILES(""));
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_buffer text = { 0 };
    read_all(decoder, "H,a,7,60,3\n\n1,204980000000001,1792888205,60\nbroken\n");
    tell(decoder, &text);
    assert_string_equal((const char *)text.at, "size 1x 60/51 lost 1x 3/0");
    wn_buffer_deinit(&text);
    wn_decoder_close(decoder);
    wn_source_close(source);
}

static void tell_file(void *context, const struct wn_numbered *numbered)
{
    wn_buffer_format(context, "%.*s %u%s\n", (int)numbered->node.len, numbered->node.at,
                     numbered->number, numbered->readable ? "" : " unreadable");
}

static void tells_the_numbers_of_files(void **state)
{
    (void)state;
    struct wn_source *source = load(FILES("gaps: {files: {number: /h/number, node: /h/node}}\n"));
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_buffer text = { 0 };
    const char *input = "H,a,7,,\nH,b,4294967295,,\n1,204980000000001,1792888205,60\nH,,x,,\n"
                        "H,c,,,\n";
    read_all(decoder, input); // Nobody asks.
    wn_decoder_watch_files(decoder, tell_file, &text);
    read_all(decoder, input);
    wn_buffer_add(&text, "", 1);
    assert_string_equal((const char *)text.at,
                        "files-a 7\nfiles-b 4294967295\nfiles 0 unreadable\n");
    wn_buffer_deinit(&text);
    wn_decoder_close(decoder);
    wn_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(says_what_is_required),
                                        cmocka_unit_test(finds_octets_and_what_should_not_be),
                                        cmocka_unit_test(tells_the_numbers_of_files) };
    struct wn_tests all = { 0 };
    if (source_setup(NULL) != 0) {
        return 1;
    }
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, tests);
    int failed = wn_run_tests("source_declared", &all);
    return source_teardown(NULL) != 0 ? 1 : failed;
}
