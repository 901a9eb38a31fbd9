// SPDX-License-Identifier: Apache-2.0

#include "harness.h"

/** An input, and what harness_run() tells of it. */
static const struct row {
    const char *name;
    struct harness_source source;
    const char *input;
    const char *expected;
} rows[] = {
    { "finds nothing in nothing", { .paths = "/a" }, "", "" },
    { "takes names from the header row",
      { .paths = "/b /a" },
      "a,b,c\n1,2,3\n4,5,6\n",
      "2|1\n5|4\n" },
    { "takes names from the source",
      { .paths = "/b /a", .columns = "a b c" },
      "a,b,c\n1,2,3\n",
      "b|a\n2|1\n" },
    { "has no records where there is a header row only", { .paths = "/a" }, "a,b,c\n", "" },
    { "reads a last row without a line's end", { .paths = "/b" }, "a,b\n1,2", "2\n" },
    { "takes lines that end with CR LF", { .paths = "/b" }, "a,b\r\n1,2\r\n3,4\r\n", "2\n4\n" },
    { "skips empty lines", { .paths = "/b" }, "\n\na,b\n\n1,2\n\r\n3,4\n\n", "2\n4\n" },
    { "skips a byte order mark",
      { .paths = "/a" },
      "\xef\xbb\xbf"
      "a,b\n1,2\n",
      "1\n" },
    { "takes empty values for absent", { .paths = "/a /b /c" }, "a,b,c\n,\"\",\n", "-|-|-\n" },
    { "reads values in quotes", { .paths = "/a /b" }, "a,b\n\"1\",\"x, y\"\n", "1|x, y\n" },
    { "makes doubled quotes single",
      { .paths = "/a /b" },
      "a,b\n\"say \"\"x\"\"\",\"\"\"\"\n",
      "say \"x\"|\"\n" },
    { "reads names in quotes", { .paths = "/a,b /c\"d" }, "\"a,b\",\"c\"\"d\"\n1,2\n", "1|2\n" },
    { "takes another delimiter",
      { .paths = "/a /b", .delimiter = ';' },
      "a;b\n1,5;\"2;3\"\n",
      "1,5|2;3\n" },
    { "takes a quote for text where there is none",
      { .paths = "/a /b", .has_no_quote = true },
      "a,b\n\"1,2\"\n",
      "\"1|2\"\n" },
    { "reads a flat store",
      { .paths = "/a /c", .columns = "a b c", .delimiter = '|', .has_no_quote = true },
      "1|x y|3\n",
      "1|3\n" },
    { "loses one line with an open quote",
      { .paths = "/b" },
      "a,b\n1,\"2\n3,4\n5,6\"\n",
      "csv-quote\n4\ncsv-quote\n" },
    { "refuses text behind a closing quote",
      { .paths = "/b" },
      "a,b\n1,\"2\"x\n3,4\n",
      "csv-quote\n4\n" },
    { "refuses a quote within a value", { .paths = "/b" }, "a,b\n1,2\"x\n3,4\n", "csv-quote\n4\n" },
    { "refuses a quote that is not doubled",
      { .paths = "/b" },
      "a,b\n1,\"x \"y\" z\"\n3,4\n",
      "csv-quote\n4\n" },
    { "refuses a row with a column too few",
      { .paths = "/b" },
      "a,b\n1\n3,4\n",
      "column-count\n4\n" },
    { "refuses a row with a column too many",
      { .paths = "/b" },
      "a,b\n1,2,3\n3,4\n",
      "column-count\n4\n" },
    { "refuses a first row that is a record, and all behind it",
      { .paths = "/b" },
      "1,anna\n2,bert\n",
      "column-count\ncolumn-count\n" },
    { "takes a header row that names one thing that is wanted",
      { .paths = "/b /z" },
      "a,b\n1,2\n",
      "2|-\n" },
    { "refuses every row behind a broken header row",
      { .paths = "/b" },
      "a,\"b\n1,2\n3,4\n",
      "csv-quote\ncolumn-count\ncolumn-count\n" },
    { "refuses rows where two columns have the name",
      { .paths = "/b" },
      "a,b,b\n1,2,3\n",
      "duplicate-field\n" },
    { "lets two columns have a name that nobody wants",
      { .paths = "/b" },
      "a,a,b\n1,2,3\n",
      "3\n" },
    { "finds names in any case where the source says so",
      { .paths = "/callId /B", .any_case = true },
      "b,CALLID,x\n1,2,3\n",
      "2|1\n" },
    { "finds names as they stand where it does not", { .paths = "/B /a" }, "a,b\n1,2\n", "-|1\n" },
    { "refuses rows where two columns have the name in another case",
      { .paths = "/b", .any_case = true },
      "a,b,B\n1,2,3\n",
      "duplicate-field\n" },
    { "leaves out a row of types",
      { .paths = "/a /b", .types = "INTEGER VARCHAR(" },
      "a,b\nINTEGER,VARCHAR(50)\n1,\"2\"\n",
      "1|2\n" },
    { "takes a row for a record where one of its values is no type",
      { .paths = "/a /b", .types = "INTEGER VARCHAR(" },
      "a,b\nINTEGER,50\n1,2\n",
      "INTEGER|50\n1|2\n" },
    { "takes a row of types elsewhere for a record",
      { .paths = "/a /b", .types = "INTEGER VARCHAR(" },
      "a,b\n1,2\nINTEGER,VARCHAR(50)\n",
      "1|2\nINTEGER|VARCHAR(50)\n" },
    { "takes a row of types for a record where the source has none",
      { .paths = "/a /b" },
      "a,b\nINTEGER,VARCHAR(50)\n",
      "INTEGER|VARCHAR(50)\n" },
    { "refuses a row of types with an open quote",
      { .paths = "/a /b", .types = "INTEGER VARCHAR(" },
      "a,b\nINTEGER,\"VARCHAR(50)\n1,2\n",
      "csv-quote\n1|2\n" },
    { "leaves out the header and types of a file that was joined to this one",
      { .paths = "/a /b", .types = "INTEGER VARCHAR(" },
      "a,b\r\nINTEGER,INTEGER\r\n1,2\r\na,b\r\nINTEGER,INTEGER\r\n3,4\r\n",
      "1|2\n3|4\n" },
    { "leaves out a header that stands twice", { .paths = "/a" }, "a,b\na,b\n1,2\n", "1\n" },
    { "takes another header in the middle for a record",
      { .paths = "/a" },
      "a,b\n1,2\nb,a\n",
      "1\nb\n" },
    { "refuses what follows a broken header, also where it looks like one",
      { .paths = "/a", .types = "INTEGER" },
      "a,\"b\nINTEGER,INTEGER\n1,2\n",
      "csv-quote\ncolumn-count\ncolumn-count\n" },
    { "tells a trailer by its first value",
      { .paths = "/a", .columns = "a b", .parts = "/t/n /t/sum", .part_columns = "mark n sum" },
      "1,2\nT,2,30\n3,4\n",
      "1\n#2|30\n3\n" },
    { "tells a trailer before the header row, and by another word, in quotes",
      { .paths = "/b", .parts = "/t/n", .part_columns = "mark n" },
      "\xef\xbb\xbf\"TRL\",\"a\"\"b\"\na,b\n1,2\r\nT,\r\n",
      "#a\"b\n2\n#-\n" },
    { "asks a trailer for its own number of columns",
      { .paths = "/a", .columns = "a b", .parts = "/t/n", .part_columns = "mark n" },
      "T,1,2\nT\n1,2\nT,\"1\nT,\xff\n3\n",
      "#column-count\n#column-count\n1\n#csv-quote\n#bad-encoding\ncolumn-count\n" },
    { "takes no value for a mark that only begins like it",
      { .paths = "/a", .columns = "a b", .parts = "/t/n", .part_columns = "mark n" },
      "TR,1\n T,1\nt,1\n,T\n\"T\"\"\",1\nTRLX,1\n",
      "TR\n T\nt\n-\nT\"\nTRLX\n" },
    { "gives nothing of a column that is missing", { .paths = "/b /c" }, "a,c\n1,2\n", "-|2\n" },
    { "decodes percent signs", { .paths = "/a /b", .percent = "/a" }, "a,b\n%7C,%7C\n", "||%7C\n" },
    { "refuses a percent sign before no digits",
      { .paths = "/a", .percent = "/a" },
      "a,b\n%7,1\n",
      "bad-encoding\n" },
    { "refuses invalid UTF-8", { .paths = "/a" }, "a,b\n\xff,1\n2,3\n", "bad-encoding\n2\n" },
    { "does not look at values that nobody wants", { .paths = "/b" }, "a,b\n\xff,1\n", "1\n" },
    { "reads Windows-1252 in names of columns and in values",
      { .paths = "/pr\xc3\xad\xc5\xbe", .otherwise = WN_ENCODING_CP1252 },
      "pr\xed\x9e,b\n\x80 1,1\n\xe2\x82\xac 1,1\n\x81,1\n2,3\n",
      "\xe2\x82\xac 1\n\xe2\x82\xac 1\nbad-encoding\n2\n" },
    { "reads another encoding where the source says so",
      { .paths = "/a", .otherwise = WN_ENCODING_LATIN1 },
      "a,b\n\xff,1\n",
      "\xc3\xbf\n" },
};

static void check(void **state)
{
    const struct row *row = *state;
    harness_check(&wn_format_csv, &row->source, wn_slice_of(row->input), row->expected);
}

static void reads_a_header_row_for_each_input(void **state)
{
    (void)state;
    struct wn_paths *paths = harness_paths(&(struct harness_source){ .paths = "/b" });
    struct wn_format_options options = { .paths = paths, .csv_delimiter = ',', .csv_quote = '"' };
    struct wn_reader *reader = wn_format_csv.open(&options);
    struct wn_arena arena = { 0 };
    static const char *const inputs[] = { "a,b\n1,2\n", "b,a\n2,1\n", "b\n2\n" };
    for (size_t i = 0; i < WN_COUNT(inputs); i++) {
        struct wn_slice rest = wn_slice_of(inputs[i]);
        struct wn_slice raw;
        struct wn_taken_set taken;
        struct wn_error err = { 0 };
        wn_format_csv.begin(reader);
        assert_int_equal(wn_format_csv.split(reader, &rest, true, &raw, &err), WN_OK);
        assert_int_equal(wn_format_csv.decode(reader, raw, &arena, NULL, &taken, &err), WN_OK);
        assert_true(wn_slice_is(taken.top[0].text, "2"));
        assert_int_equal(wn_format_csv.split(reader, &rest, true, &raw, &err), WN_OK);
        assert_int_equal(raw.len, 0);
    }
    wn_arena_deinit(&arena);
    assert_null(wn_format_csv.close(reader));
    assert_null(wn_format_csv.close(NULL));
    wn_paths_close(paths);
}

static void loses_only_what_is_cut(void **state)
{
    (void)state;
    static const struct harness_source source = { .paths = "/b /c" };
    static const char record[] = "1,\"x \"\"y\"\", z\",\"3\"";
    for (size_t cut = 1; cut < sizeof(record) - 1; cut++) {
        struct wn_buffer input = { 0 };
        struct wn_buffer text = { 0 };
        wn_buffer_text(&input, "a,b,c\n");
        wn_buffer_add(&input, record, cut);
        wn_buffer_text(&input, "\n4,5,6\n");
        harness_run(&wn_format_csv, &source, wn_buffer_slice(&input), 3, &text);
        const char *rest = strchr((const char *)text.at, '\n');
        assert_non_null(rest);
        assert_string_equal(rest, "\n5|6\n");
        wn_buffer_deinit(&input);
        wn_buffer_deinit(&text);
    }
}

static void check_long(size_t len, const char *expected)
{
    static const struct harness_source source = { .paths = "/a" };
    struct wn_buffer input = { 0 };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&input, "a,b\n1,");
    memset(wn_buffer_room(&input, len), 'x', len);
    input.len += len - 2;
    wn_buffer_text(&input, "\n2,3\n");
    harness_run(&wn_format_csv, &source, wn_buffer_slice(&input), 5 << 20, &text);
    assert_string_equal((const char *)text.at, expected);
    wn_buffer_deinit(&input);
    wn_buffer_deinit(&text);
}

static void stops_at_16_mib(void **state)
{
    (void)state;
    check_long(WN_RECORD_BYTES - 1, "1\n2\n");
    check_long(WN_RECORD_BYTES + 1, "record-too-long\nrecord-too-long\n2\n");
}

static void stops_at_4096_columns(void **state)
{
    (void)state;
    static const struct harness_source source = { .paths = "/a" };
    for (unsigned more = 0; more < 2; more++) {
        struct wn_buffer input = { 0 };
        struct wn_buffer text = { 0 };
        for (unsigned line = 0; line < 2; line++) {
            wn_buffer_text(&input, line == 0 ? "a" : "1");
            for (unsigned i = 1; i < WN_RECORD_FIELDS + more; i++) {
                wn_buffer_text(&input, ",x");
            }
            wn_buffer_text(&input, "\n");
        }
        harness_run(&wn_format_csv, &source, wn_buffer_slice(&input), 1 << 20, &text);
        assert_string_equal((const char *)text.at,
                            more == 0 ? "1\n" : "too-many-fields\ncolumn-count\n");
        wn_buffer_deinit(&input);
        wn_buffer_deinit(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_header_row_for_each_input),
        cmocka_unit_test(loses_only_what_is_cut),
        cmocka_unit_test(stops_at_16_mib),
        cmocka_unit_test(stops_at_4096_columns),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("csv", &all);
}
