// SPDX-License-Identifier: Apache-2.0

/* A source that is like another one: what it takes from it, and where faults are told. */

#include "source_harness.h"

#include <unistd.h>

#include "winnow/io.h"

#define REST                                                                                       \
    "type: call\n"                                                                                 \
    "clock: {zone: Europe/Amsterdam}\n"                                                            \
    "node: {value: n1}\n"                                                                          \
    "subscriber: [{kind: imsi, from: /imsi}]\n"                                                    \
    "duplicate_key: [/id]\n"                                                                       \
    "fields:\n"                                                                                    \
    "  - {field: start, from: /start, as: epoch_s}\n"                                              \
    "  - {field: duration, from: /duration, as: s}\n"                                              \
    "  - {field: service, value: voice}\n"
#define BASE                                                                                       \
    "format: csv\n"                                                                                \
    "csv: {columns: [start, duration, imsi, id]}\n" REST

/** Files `a.yaml` (loaded), `b.yaml`, `c.yaml`, and what comes of it. */
static const struct row {
    const char *name;
    const char *a, *b, *c;
    const char *input;
    const char *show;
    const char *told; ///< Or the faults, where `input` is NULL.
} rows[] = {
    { "takes all that it does not say itself", "like: b\n", BASE, NULL,
      "1792888200,60,204980000000001,x\n", "start duration node",
      "start=1792888200000 duration=60000 node=n1\n" },
    { "keeps what it says itself",
      "like: b\nnode: {value: ours}\ncsv: {columns: [id, imsi, duration, start]}\n", BASE, NULL,
      "x,204980000000001,60,1792888200\n", "start node", "start=1792888200000 node=ours\n" },
    { "is like one that is like another one", "like: b\nnode: {value: ours}\n",
      "like: c\nnode: {value: theirs}\nclock: {zone: UTC}\n", BASE,
      "1792888200,60,204980000000001,x\n", "start node utc_offset",
      "start=1792888200000 node=ours utc_offset=0\n" },
    { "joins the lists of words", "like: b\nwords: {y: [b]}\n",
      BASE "words: {x: [a], y: [c]}\nfilter:\n"
           "  - {rule: trunk, when: {from: /id, is: $x}}\n"
           "  - {rule: omit, when: {from: /id, is: $y}}\n",
      NULL,
      "1792888200,60,204980000000001,a\n1792888200,60,204980000000001,b\n"
      "1792888200,60,204980000000001,c\n",
      "rule", "rule=trunk\nrule=omit\nrule=-\n" },
    { "lets a column be missing",
      "like: b\ncsv: {columns: [start, duration, imsi], missing: [id]}\n", BASE, NULL,
      "1792888200,60,204980000000001\n1792888200,60,204980000000001,x\n", "key start",
      "key=[00][00][00][04]call[ff][ff][ff][ff] start=1792888200000\ncolumn-count\n" },

    { "tells faults where they stand", "like: b\nnode: {value: ours}\ncsv: {columns: [start]}\n",
      BASE "colour: red\n", NULL, NULL, "",
      "b.yaml:12: there is no 'colour'; what there is: like, format, framing, type, types, csv, "
      "json, "
      "encoded, text, decimal, integers, records, emit, affinity, clock, tolerance, volumes, node, "
      "numbers, "
      "words, usage, fields, "
      "subscriber, required, duplicate_key, content, session_key, flags, filter, declared, gaps\n"
      "b.yaml:10: from: '/duration' is not among the columns of `csv`; add it there, or mend the "
      "path\n"
      "b.yaml:6: from: '/imsi' is not among the columns of `csv`; add it there, or mend the path\n"
      "b.yaml:7: duplicate_key: '/id' is not among the columns of `csv`; add it there, or mend the "
      "path\n" },
    { "is like one that is not there", "like: b\nformat: 7\n", NULL, NULL, NULL, "",
      "a.yaml:1: like: the name of a source that lies beside this one is expected here: b.yaml: "
      "No such file or directory\n" },
    { "is like one in another folder", "like: ../b\n", BASE, NULL, NULL, "",
      "a.yaml:1: like: the name of a source that lies beside this one is expected here\n" },
    { "is like nothing", "like: ''\n", BASE, NULL, NULL, "",
      "a.yaml:1: like: the name of a source that lies beside this one is expected here\n" },
    { "is like several", "like: [b, c]\n", BASE, BASE, NULL, "",
      "a.yaml:1: like: a text is expected here\n" },
    { "is like itself", "like: b\n", "like: c\n", "like: b\n", NULL, "",
      "c.yaml:1: like: more than 4 sources, each like the next; name the last one here\n" },
    { "is like what is no YAML", "like: b\n", "{", NULL, NULL, "",
      "b.yaml:2: this is no YAML: did not find expected node content\n" },
    { "is like one that says a thing twice", "like: b\n", BASE "format: csv\n", NULL, NULL, "",
      "b.yaml:12: 'format' stands here for the second time; the first is in line 1\n" },
    { "is like what is no map", "like: b\n", "[a]\n", NULL, NULL, "",
      "b.yaml:1: a map is expected (key: value)\n" },
    { "has a column that is missing",
      "like: b\ncsv: {columns: [start, duration, imsi, id], missing: [id]}\n", BASE, NULL, NULL, "",
      "a.yaml:2: missing: 'id' is among the columns; leave one of them out\n" },
    { "has a header row and misses a column", "like: b\ncsv: {columns: header, missing: [id]}\n",
      BASE, NULL, NULL, "",
      "a.yaml:2: missing: stands only beside a list of columns; what a header row has not is "
      "absent "
      "anyway\n" },
};

static void write_or_remove(const char *file, const char *text)
{
    struct wn_error err = { 0 };
    unlink(file);
    if (text) {
        assert_true(wn_io_replace(file, 0600, text, strlen(text), &err) == WN_OK);
    }
}

static void check(void **state)
{
    const struct row *row = *state;
    const struct wn_source_ground ground = source_ground();
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;
    struct wn_buffer told = { 0 };
    write_or_remove("a.yaml", row->a);
    write_or_remove("b.yaml", row->b);
    write_or_remove("c.yaml", row->c);

    enum wn_code rc = wn_source_load("a.yaml", ground.shapes, ground.n_shapes, ground.site, &faults,
                                     &source, &err);
    wn_buffer_add(&told, faults.lines.at, faults.lines.len);
    assert_int_equal(rc, row->input ? WN_OK : WN_FATAL);
    if (row->input) {
        assert_string_equal(source->name, "a");
        source_tell(source, wn_slice_of(row->input), row->show, &told);
    }
    wn_buffer_add(&told, "", 1);
    assert_string_equal((const char *)told.at, row->told);
    wn_source_close(source);
    wn_faults_deinit(&faults);
    wn_buffer_deinit(&told);
    write_or_remove("a.yaml", NULL);
    write_or_remove("b.yaml", NULL);
    write_or_remove("c.yaml", NULL);
}

/** Load `a.yaml`. @return its id and rule, as one text. */
static struct wn_source *load(void)
{
    const struct wn_source_ground ground = source_ground();
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;
    assert_int_equal(wn_source_load("a.yaml", ground.shapes, ground.n_shapes, ground.site, &faults,
                                    &source, &err),
                     WN_OK);
    wn_faults_deinit(&faults);
    return source;
}

static void has_an_id_that_changes_with_either_file(void **state)
{
    (void)state;
    write_or_remove("a.yaml", "like: b\n");
    write_or_remove("b.yaml", BASE);
    struct wn_source *first = load();
    write_or_remove("b.yaml", BASE "# mended\n");
    struct wn_source *second = load();
    assert_string_not_equal(first->id, second->id);
    assert_memory_equal(first->rule_id, second->rule_id, sizeof(first->rule_id));
    wn_source_close(first);
    wn_source_close(second);
    write_or_remove("a.yaml", NULL);
    write_or_remove("b.yaml", NULL);
}

static void says_in_which_file_a_line_stands(void **state)
{
    (void)state;
    write_or_remove("a.yaml", "\nlike: b\nnode: {value: n2}\n");
    write_or_remove("b.yaml", BASE "filter: [{rule: omit}]\n");
    struct wn_source *source = load();
    unsigned line = source->sections[0].filters[0].line;
    assert_string_equal(wn_source_file(source, &line), "b.yaml");
    assert_int_equal(line, 12);
    line = 3;
    assert_string_equal(wn_source_file(source, &line), "a.yaml");
    assert_int_equal(line, 3);
    wn_source_close(source);
    write_or_remove("a.yaml", NULL);
    write_or_remove("b.yaml", NULL);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(has_an_id_that_changes_with_either_file),
        cmocka_unit_test(says_in_which_file_a_line_stands),
    };
    struct wn_tests tests = { 0 };
    if (source_setup(NULL) != 0) {
        return 1;
    }
    WN_ADD_TABLE(&tests, rows, check);
    WN_ADD_TESTS(&tests, others);
    int failed = wn_run_tests("source-like", &tests);
    return source_teardown(NULL) != 0 ? 1 : failed;
}
