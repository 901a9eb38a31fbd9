// SPDX-License-Identifier: Apache-2.0

/** Lists that people keep: what is read, and how each fault is said without what stands in a cell.
 */

#include "winnow/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "table.h"

static const char *const columns[] = { "name", "since", "until", NULL };

static int enter(void **state)
{
    char *folder = strdup("test-rows-XXXXXX");
    *state = folder;
    assert_non_null(folder);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    remove("list.csv");
    assert_non_null(*state);
    int rc = chdir("..") == 0 && rmdir(*state) == 0 ? 0 : -1;
    free(*state);
    return rc;
}

static void write_list(const char *text, size_t len)
{
    struct wn_error err = { 0 };
    assert_int_equal(wn_io_replace("list.csv", 0600, text, len, &err), WN_OK);
}

/** Put the cells into the buffer: `LINE name|since|until;`. */
static bool note(struct wn_rows *rows, const struct wn_slice *cells)
{
    struct wn_buffer *out = rows->context;
    wn_buffer_format(out, "%u ", rows->line);
    for (unsigned i = 0; i < 3; i++) {
        wn_buffer_add(out, cells[i].at, cells[i].len);
        wn_buffer_text(out, i < 2 ? "|" : ";");
    }
    return true;
}

/** Read the list. @return whether it was good; `ret_said` its rows, or its faults. */
static bool read_list(wn_rows_visit *visit, struct wn_buffer *ret_said)
{
    struct wn_faults faults = { 0 };
    struct wn_rows rows = { .file = "list.csv",
                            .columns = columns,
                            .faults = &faults,
                            .visit = visit,
                            .context = ret_said };
    bool good = wn_rows_read(&rows);
    if (!good) {
        ret_said->len = 0;
        wn_buffer_add(ret_said, faults.lines.at, faults.lines.len);
    }
    assert_int_equal(good, rows.n_faults == 0);
    wn_faults_deinit(&faults);
    return good;
}

static const struct row {
    const char *name;
    const char *text;
    const char *rows;   ///< NULL: it is refused.
    const char *faults; ///< All of them.
} table[] = {
    { "a header alone is an empty list", "name,since,until\n", "", NULL },
    { "rows have their line", "name,since,until\na,1,2\n\nb,3,\n", "2 a|1|2;4 b|3|;", NULL },
    { "CRLF and a byte order mark", "\xef\xbb\xbfname,since,until\r\na,1,2\r\n", "2 a|1|2;", NULL },
    { "quotes around commas and quotes", "name,since,until\n\"a,\"\"b\"\"\",\"\",\"2\"\n",
      "2 a,\"b\"||2;", NULL },
    { "spaces are of the cell", "name,since,until\n a ,1,2\n", "2  a |1|2;", NULL },
    { "nothing at all", "", NULL, "list.csv: is empty; its first line is the header\n" },
    { "no header, and no word of what stands there", "anna@example.net,1,2\nb,1,2\n", NULL,
      "list.csv:1: the header's column 1 is not 'name'\n" },
    { "the columns in another order", "since,name,until\n", NULL,
      "list.csv:1: the header's column 1 is not 'name'\n" },
    { "a header with too few columns", "name,since\n", NULL,
      "list.csv:1: not as many cells as the header has columns (3)\n" },
    { "too few and too many cells, and it goes on", "name,since,until\na,1\nb,1,2,3\nc,1,2\n", NULL,
      "list.csv:2: not as many cells as the header has columns (3)\n"
      "list.csv:3: not as many cells as the header has columns (3)\n" },
    { "a quote that does not close", "name,since,until\na,\"1,2\n", NULL,
      "list.csv:2: since: a quote that does not close on its line\n" },
    { "text behind a quote", "name,since,until\n\"a\"b,1,2\n", NULL,
      "list.csv:2: name: text behind a closing quote; a quote in a cell stands twice\n" },
    { "a quote in the middle", "name,since,until\na\"b,1,2\n", NULL,
      "list.csv:2: name: a quote inside a cell; put the whole cell in quotes\n" },
    { "a cut last line: what is missing could be its end", "name,since,until\na,1,2\nb,1,", NULL,
      "list.csv:3: the last line does not end: the file is cut\n" },
    { "a header without its end", "name,since,until", NULL,
      "list.csv:1: the last line does not end: the file is cut\n" },
};

static void check(void **state)
{
    const struct row *row = *state;
    void *folder = NULL;
    struct wn_buffer said = { 0 };
    assert_int_equal(enter(&folder), 0);
    write_list(row->text, strlen(row->text));
    assert_int_equal(read_list(note, &said), row->rows != NULL);
    wn_buffer_add(&said, "", 1);
    assert_string_equal((const char *)said.at, row->rows ? row->rows : row->faults);
    wn_buffer_deinit(&said);
    assert_int_equal(leave(&folder), 0);
}

/** Say a fault of every row. */
static bool complain(struct wn_rows *rows, const struct wn_slice *cells)
{
    (void)cells;
    wn_rows_fault(rows, "since", "not a day");
    return true;
}

static void says_twenty_faults_and_counts_the_others(void **state)
{
    (void)state;
    struct wn_buffer said = { 0 };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&text, "name,since,until\n");
    for (unsigned i = 0; i < 33; i++) {
        wn_buffer_text(&text, "a,1,2\n");
    }
    write_list((const char *)text.at, text.len);
    assert_false(read_list(complain, &said));
    wn_buffer_add(&said, "", 1);
    const char *said_text = (const char *)said.at;
    assert_non_null(strstr(said_text, "list.csv:2: since: not a day\n"));
    assert_non_null(strstr(said_text, "list.csv:21: since: not a day\nlist.csv: 13 more faults\n"));
    wn_buffer_deinit(&text);
    wn_buffer_deinit(&said);
}

static bool count(struct wn_rows *rows, const struct wn_slice *cells)
{
    size_t *sums = rows->context;
    sums[0]++;
    sums[1] += cells[0].len;
    return sums[0] != sums[2];
}

/** More than a window, with lines that lie over its end; and a visitor that has seen enough. */
static void reads_what_is_larger_than_its_window(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_buffer text = { 0 };
    size_t len = 0;
    wn_buffer_text(&text, "name,since,until\n");
    for (unsigned i = 0; i < 5000; i++) {
        wn_buffer_format(&text, "%0*u,1,2\n", (int)(1 + i % 300), i);
        const char *line = (const char *)text.at + text.len;
        size_t back = 0;
        while (line[-(ptrdiff_t)back - 2] != '\n') {
            back++;
        }
        len += back + 1 - strlen(",1,2\n");
    }
    write_list((const char *)text.at, text.len);
    for (size_t stop = 0; stop < 2; stop++) {
        size_t sums[] = { 0, 0, stop * 7 };
        struct wn_rows rows = { .file = "list.csv",
                                .columns = columns,
                                .faults = &faults,
                                .visit = count,
                                .context = sums };
        assert_true(wn_rows_read(&rows));
        assert_int_equal(sums[0], stop ? 7 : 5000);
        if (!stop) {
            assert_int_equal(sums[1], len);
            uint8_t digest[WN_SHA256_BYTES];
            wn_sha256_of(text.at, text.len, digest);
            assert_memory_equal(rows.sha256, digest, sizeof(digest));
        }
    }
    wn_buffer_deinit(&text);
}

static void refuses_a_line_that_is_too_long(void **state)
{
    (void)state;
    for (unsigned over = 0; over < 2; over++) {
        struct wn_buffer text = { 0 };
        struct wn_buffer said = { 0 };
        wn_buffer_text(&text, "name,since,until\n");
        wn_buffer_format(&text, "%0*u,1,2", WN_ROWS_LINE - 4 + (int)over, 1);
        if (over) {
            memset(wn_buffer_room(&text, WN_ROWS_WINDOW), 'x', WN_ROWS_WINDOW);
            text.len += WN_ROWS_WINDOW;
        }
        wn_buffer_text(&text, "\n");
        write_list((const char *)text.at, text.len);
        assert_int_equal(read_list(note, &said), over == 0);
        wn_buffer_add(&said, "", 1);
        if (over) {
            assert_string_equal((const char *)said.at, "list.csv:2: longer than 65536 octets\n");
        }
        wn_buffer_deinit(&said);
        wn_buffer_deinit(&text);
    }
}

/** Write to the file that is being read. */
static bool meddle(struct wn_rows *rows, const struct wn_slice *cells)
{
    (void)cells;
    if (rows->line == 2) {
        int fd = open(rows->file, O_WRONLY | O_APPEND);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "c,1,2\n", 6), 6);
        close(fd);
    }
    return true;
}

static void refuses_what_changes_meanwhile(void **state)
{
    (void)state;
    struct wn_buffer said = { 0 };
    write_list("name,since,until\na,1,2\n", 23);
    assert_false(read_list(meddle, &said));
    assert_true(
        wn_slice_is(wn_buffer_slice(&said),
                    "list.csv: it changed while it was read; write it aside and rename it\n"));
    wn_buffer_deinit(&said);
}

static void says_that_there_is_no_file(void **state)
{
    (void)state;
    struct wn_buffer said = { 0 };
    assert_false(read_list(note, &said));
    assert_true(wn_slice_is(wn_buffer_slice(&said), "list.csv: No such file or directory\n"));
    assert_int_equal(mkdir("list.csv", 0700), 0);
    said.len = 0;
    assert_false(read_list(note, &said));
    assert_true(wn_slice_is(wn_buffer_slice(&said), "list.csv: is no file\n"));
    wn_buffer_deinit(&said);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test_setup_teardown(says_twenty_faults_and_counts_the_others, enter, leave),
        cmocka_unit_test_setup_teardown(reads_what_is_larger_than_its_window, enter, leave),
        cmocka_unit_test_setup_teardown(refuses_a_line_that_is_too_long, enter, leave),
        cmocka_unit_test_setup_teardown(refuses_what_changes_meanwhile, enter, leave),
        cmocka_unit_test_setup_teardown(says_that_there_is_no_file, enter, leave),
    };
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, table, check);
    WN_ADD_TESTS(&tests, others);
    return wn_run_tests("rows", &tests);
}
