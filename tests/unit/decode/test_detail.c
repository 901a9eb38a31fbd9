// SPDX-License-Identifier: Apache-2.0

#include "harness.h"

#define HEADER "Sat Oct 24 22:03:55 2026\n"
#define NEXT "Sun Nov  1 02:00:00 2026\n\tUser-Name = \"next\"\n\n"
#define NAME(text) "\tUser-Name = " text "\n"

/** An input, and what harness_run() tells of it; the takes are /User-Name and /Class/STAR. */
static const struct split_row {
    const char *name;
    const char *input;
    const char *expected;
} split_rows[] = {
    { "finds nothing in nothing", "", "" },
    { "finds nothing in empty lines", "\n\r\n\n", "" },
    { "reads a record", HEADER NAME("\"a\"") "\n", "a|-\n" },
    { "reads two records", HEADER NAME("\"a\"") "\n" NEXT, "a|-\nnext|-\n" },
    { "reads a record without attributes", HEADER "\n" NEXT, "-|-\nnext|-\n" },
    { "skips empty lines between records", "\n\n" HEADER NAME("a") "\n\n\n" NEXT "\n",
      "a|-\nnext|-\n" },
    { "skips a byte order mark", "\xef\xbb\xbf" HEADER NAME("a") "\n", "a|-\n" },
    { "takes lines that end with CR LF",
      "Sat Oct 24 22:03:55 2026\r\n\tUser-Name = \"a\"\r\n\tClass = 0x01\r\n\r\n" NEXT,
      "a|0x01\nnext|-\n" },
    { "calls the last record cut where no empty line follows", HEADER NAME("\"a\""),
      "record-cut\n" },
    { "calls the last record cut where its line does not end", HEADER "\tUser-Na", "record-cut\n" },
    { "calls a header alone cut", HEADER, "record-cut\n" },
    { "calls a header without a line's end cut", "Sat Oct 24 22:03:55 2026", "record-cut\n" },
    { "begins a record where a header is glued to a name", HEADER NAME("\"a\"") "\tAcct-" NEXT,
      "record-cut\nnext|-\n" },
    { "begins a record where a header is glued to an open quote", HEADER "\tUser-Name = \"al" NEXT,
      "record-cut\nnext|-\n" },
    { "begins a record where a header is glued to a closed quote",
      HEADER "\tUser-Name = \"al\"" NEXT, "record-cut\nnext|-\n" },
    { "begins a record where a header is glued to a header", "Sat Oct 24 22:03:55 2026" NEXT,
      "record-cut\nnext|-\n" },
    { "begins a record where a header follows without an empty line", HEADER NAME("\"a\"") NEXT,
      "record-cut\nnext|-\n" },
    { "begins a record where a header follows half of one", "Sat Oct 24 2" NEXT,
      "detail-syntax\nnext|-\n" },
    { "begins a record where a header is glued, at the end of the input",
      HEADER "\tAcct-Sun Nov  1 02:00:00 2026", "record-cut\nrecord-cut\n" },
    { "takes a header in a closed quote for text",
      HEADER NAME("\"Sat Oct 24 22:03:55 2026\"") "\n" NEXT,
      "Sat Oct 24 22:03:55 2026|-\nnext|-\n" },
    { "takes a record in a closed quote for text",
      HEADER NAME("\"\\n\\nSat Oct 24 22:03:55 2026\\n\\tUser-Name = \\\"x\\\"\"") "\n" NEXT,
      "\n\nSat Oct 24 22:03:55 2026\n\tUser-Name = \"x\"|-\nnext|-\n" },
    { "takes a date with a zone for a value",
      HEADER "\tEvent-Timestamp = \"Oct 24 2026 22:03:55 CEST\"\n\n" NEXT, "-|-\nnext|-\n" },
    { "refuses attributes without a header, to the empty line", NAME("\"a\"") "\tX = 1\n\n" NEXT,
      "detail-syntax\nnext|-\n" },
    { "refuses attributes without a header, to the next one", NAME("\"a\"") NEXT,
      "detail-syntax\nnext|-\n" },
    { "refuses a day that there is not", "Sot Oct 24 22:03:55 2026\n" NAME("a") "\n" NEXT,
      "detail-syntax\nnext|-\n" },
    { "refuses a month that there is not", "Sat Okt 24 22:03:55 2026\n" NAME("a") "\n" NEXT,
      "detail-syntax\nnext|-\n" },
    { "refuses a date with a zone for a header",
      "Sat Oct 24 22:03:55 2026 CEST\n" NAME("a") "\n" NEXT, "detail-syntax\nnext|-\n" },
    { "does not read a value across a line's end",
      HEADER "\tUser-Name = \"al\n\tX = \"b\"\n\n" NEXT, "value-cut\nnext|-\n" },
};

static void check_split(void **state)
{
    static const struct harness_source source = { .paths = "/User-Name /Class/*" };
    const struct split_row *row = *state;
    harness_check(&wn_format_detail, &source, wn_slice_of(row->input), row->expected);
}

/** The lines of one record below its header, the paths, and what is found. */
static const struct decode_row {
    const char *name;
    struct harness_source source;
    const char *lines;
    const char *expected; ///< The takes, or the reason.
} decode_rows[] = {
    { "reads text in quotes", { .paths = "/A" }, "\tA = \"x y\"\n", "x y" },
    { "reads a value without quotes", { .paths = "/A" }, "\tA = 172.20.1.1\n", "172.20.1.1" },
    { "reads octets as they are written", { .paths = "/A" }, "\tA = 0x01ff\n", "0x01ff" },
    { "drops the mark of an enumeration",
      { .paths = "/A /B" },
      "\tA = ::Framed-User\n\tB = \"::1\"\n",
      "Framed-User|::1" },
    { "takes empty text for absent", { .paths = "/A /B" }, "\tA = \"\"\n\tB = \n", "-|-" },
    { "undoes escapes",
      { .paths = "/A" },
      "\tA = \"\\n\\r\\t\\\\\\\"\\001\\177\\303\\266\"\n",
      "\n\r\t\\\"\001\177\xc3\xb6" },
    { "undoes escapes before a quote", { .paths = "/A" }, "\tA = \"x\\\\\"\n", "x\\" },
    { "keeps octets above 0x7f as they are",
      { .paths = "/A" },
      "\tA = \"\xe2\x80\xa8\"\n",
      "\xe2\x80\xa8" },
    { "refuses invalid UTF-8", { .paths = "/A" }, "\tA = \"\\377\"\n", "bad-encoding" },
    { "refuses a surrogate in UTF-8",
      { .paths = "/A" },
      "\tA = \"\\355\\240\\200\"\n",
      "bad-encoding" },
    { "refuses overlong UTF-8", { .paths = "/A" }, "\tA = \"\\300\\200\"\n", "bad-encoding" },
    { "refuses half a character", { .paths = "/A" }, "\tA = \"\\342\\202\"\n", "bad-encoding" },
    { "refuses what is above U+10FFFF",
      { .paths = "/A" },
      "\tA = \"\\364\\220\\200\\200\"\n",
      "bad-encoding" },
    { "reads another encoding where the source says so",
      { .paths = "/A", .otherwise = WN_ENCODING_LATIN1 },
      "\tA = \"\\377\"\n",
      "\xc3\xbf" },
    { "does not look at values that nobody wants",
      { .paths = "/A" },
      "\tX = \"\\377\\q\n\tA = 1\n\tY =\n\tZ = \"a\"b\n",
      "1" },
    { "refuses a value that is cut", { .paths = "/A" }, "\tA = \"xyz\n", "value-cut" },
    { "refuses a value that is a quote", { .paths = "/A" }, "\tA = \"\n", "value-cut" },
    { "refuses a value that is cut in an escape",
      { .paths = "/A" },
      "\tA = \"xyz\\\n",
      "value-cut" },
    { "refuses a value that is cut in octal digits",
      { .paths = "/A" },
      "\tA = \"xyz\\01\n",
      "value-cut" },
    { "refuses a value that ends with an escaped quote",
      { .paths = "/A" },
      "\tA = \"xyz\\\"\n",
      "value-cut" },
    { "refuses an unknown escape", { .paths = "/A" }, "\tA = \"\\q\"\n", "detail-syntax" },
    { "refuses octal digits above 377", { .paths = "/A" }, "\tA = \"\\400\"\n", "detail-syntax" },
    { "refuses two octal digits", { .paths = "/A" }, "\tA = \"\\01\"\n", "detail-syntax" },
    { "refuses text behind the closing quote",
      { .paths = "/A" },
      "\tA = \"x\"y\n",
      "detail-syntax" },
    { "refuses a line without an equals sign",
      { .paths = "/A" },
      "\tA = 1\n\tB\n",
      "detail-syntax" },
    { "refuses a line without a tab", { .paths = "/A" }, "A = 1\n", "detail-syntax" },
    { "refuses a line without a name", { .paths = "/A" }, "\t= 1\n", "detail-syntax" },
    { "reads names with tags, dots and numbers",
      { .paths = "/Tunnel-Password:1 /Attr-26.99999.1 /Vendor-Specific.3GPP.IMSI" },
      "\tTunnel-Password:1 = \"a\"\n\tAttr-26.99999.1 = 0x01\n\tVendor-Specific.3GPP.IMSI = "
      "\"b\"\n",
      "a|0x01|b" },
    { "refuses an attribute that stands twice",
      { .paths = "/A" },
      "\tA = 1\n\tB = 1\n\tA = 1\n",
      "record-cut" },
    { "refuses an attribute that stands twice, once empty",
      { .paths = "/A" },
      "\tA = \"\"\n\tA = 1\n",
      "record-cut" },
    { "lets an attribute stand twice that nobody wants",
      { .paths = "/A" },
      "\tB = 1\n\tB = 2\n\tA = 3\n",
      "3" },
    { "lets an attribute repeat below a star",
      { .paths = "/A/*" },
      "\tA = 1\n\tA = \"2\"\n\tA = 3\n",
      "1+2+3" },
    { "decodes percent signs", { .paths = "/A", .percent = "/A" }, "\tA = \"%41\"\n", "A" },
};

static void check_decode(void **state)
{
    const struct decode_row *row = *state;
    struct wn_buffer raw = { 0 };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&raw, HEADER);
    wn_buffer_text(&raw, row->lines);
    const char *reason =
        harness_decode(&wn_format_detail, &row->source, wn_buffer_slice(&raw), &text);
    assert_string_equal(reason ? reason : (const char *)text.at, row->expected);
    wn_buffer_deinit(&raw);
    wn_buffer_deinit(&text);
}

/** A record cut at any octet costs itself, and not the next one, which is glued to it. */
static void loses_only_what_is_cut(void **state)
{
    (void)state;
    static const struct harness_source source = { .paths = "/User-Name /Class/*" };
    static const char record[] =
        HEADER "\tUser-Name = \"a\\\"\\\\b\"\n\tX = ::Y\n\tClass = 0x01\n\tClass = \"\\001\"\n";
    for (size_t cut = 1; cut < sizeof(record) - 1; cut++) {
        struct wn_buffer input = { 0 };
        struct wn_buffer text = { 0 };
        wn_buffer_add(&input, record, cut);
        wn_buffer_text(&input, NEXT);
        harness_run(&wn_format_detail, &source, wn_buffer_slice(&input), 5, &text);
        bool has_header = cut >= sizeof(HEADER) - 2;
        assert_string_equal((const char *)text.at,
                            has_header ? "record-cut\nnext|-\n" : "detail-syntax\nnext|-\n");
        wn_buffer_deinit(&input);
        wn_buffer_deinit(&text);
    }
}

static void stops_at_4096_names(void **state)
{
    (void)state;
    static const struct harness_source source = { .paths = "/A" };
    for (unsigned more = 0; more < 2; more++) {
        struct wn_buffer raw = { 0 };
        struct wn_buffer text = { 0 };
        wn_buffer_text(&raw, HEADER);
        for (unsigned i = 0; i < WN_RECORD_FIELDS + more; i++) {
            wn_buffer_text(&raw, "\tX = 1\n");
        }
        const char *reason =
            harness_decode(&wn_format_detail, &source, wn_buffer_slice(&raw), &text);
        assert_true(more == 0 ? !reason : strcmp(reason, "too-many-fields") == 0);
        wn_buffer_deinit(&raw);
        wn_buffer_deinit(&text);
    }
}

/** A record whose attributes, or only line, take `len` octets up to the empty line. */
static void check_long(size_t len, const char *line, const char *expected)
{
    static const struct harness_source source = { .paths = "/User-Name" };
    struct wn_buffer input = { 0 };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&input, HEADER "\tX = ");
    while (input.len + 1 < len) {
        wn_buffer_text(&input, input.len + 1 + strlen(line) <= len ? line : "x");
    }
    wn_buffer_text(&input, "\n\n" NEXT);
    harness_run(&wn_format_detail, &source, wn_buffer_slice(&input), 5 << 20, &text);
    assert_string_equal((const char *)text.at, expected);
    wn_buffer_deinit(&input);
    wn_buffer_deinit(&text);
}

static void stops_at_16_mib(void **state)
{
    (void)state;
    check_long(WN_RECORD_BYTES - 1, "xxxxxxxxxxxxxxxx", "-\nnext\n");
    check_long(WN_RECORD_BYTES + 8, "xxxxxxxxxxxxxxxx", "record-too-long\ndetail-syntax\nnext\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loses_only_what_is_cut),
        cmocka_unit_test(stops_at_4096_names),
        cmocka_unit_test(stops_at_16_mib),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, split_rows, check_split);
    WN_ADD_TABLE(&all, decode_rows, check_decode);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("detail", &all);
}
