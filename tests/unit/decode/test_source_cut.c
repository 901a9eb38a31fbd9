// SPDX-License-Identifier: Apache-2.0

/*
 * A record that is cut at any octet costs itself and no more: of every line of the golden inputs of
 * the sources of rows, each cut is read before a whole line, which must give what it gives alone.
 */

#include "source_harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "winnow/io.h"

static const struct row {
    const char *name; ///< The input.
    const char *source;
    unsigned headings; ///< Lines before the records.
    const char *part;  ///< How a line begins that is no record, or NULL.
} rows[] = {
    { "asterisk-csv/calls", "asterisk-csv", 0, NULL },
    { "asterisk-csv/change-of-clock", "asterisk-csv", 0, NULL },
    { "carrier-csv/october", "carrier-csv", 2, "T;" },
    { "cucm-csv/release-12", "cucm-csv", 2, NULL },
    { "mvne-csv/october", "mvne-csv", 2, "TRL," },
};

static const char shown[] = "start end duration direction called calling cause node subscriber "
                            "flags rule key";

/** Take a line with its end off the front of a text. */
static struct wn_slice take_line(struct wn_slice *rest)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    struct wn_slice line = { rest->at, end ? (size_t)(end - rest->at) + 1 : rest->len };
    *rest = wn_slice_after(*rest, line.len);
    return line;
}

static void tell(const struct wn_source *source, struct wn_slice headings, struct wn_slice cut,
                 struct wn_slice whole, struct wn_buffer *ret_text)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer input = { 0 };
    wn_buffer_add(&input, headings.at, headings.len);
    wn_buffer_add(&input, cut.at, cut.len);
    wn_buffer_text(&input, cut.len > 0 ? "\n" : "");
    wn_buffer_add(&input, whole.at, whole.len);
    ret_text->len = 0;
    source_tell(source, wn_buffer_slice(&input), shown, ret_text);
    wn_buffer_add(ret_text, "", 1);
}

static void check(void **state)
{
    const struct row *row = *state;
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer file = { 0 };
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer alone = { 0 };
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer behind = { 0 };
    struct wn_error err = { 0 };
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/golden/%s.raw", getenv("WINNOW_SOURCE"), row->name);
    assert_true(wn_io_read(path, 1 << 20, &file, &err) == WN_OK);
    struct wn_source *source = source_load_file(row->source);

    struct wn_slice rest = wn_buffer_slice(&file);
    struct wn_slice headings = { rest.at, 0 };
    for (unsigned i = 0; i < row->headings; i++) {
        headings.len += take_line(&rest).len;
    }
    struct wn_slice peek = rest;
    const struct wn_slice whole = take_line(&peek);
    tell(source, headings, (struct wn_slice){ 0 }, whole, &alone);
    unsigned n = 0;
    while (rest.len > 0) {
        struct wn_slice line = take_line(&rest);
        const bool is_part = row->part && wn_slice_starts(line, row->part);
        for (size_t cut = 1; cut < line.len; cut++, n++) {
            tell(source, headings, (struct wn_slice){ line.at, cut }, whole, &behind);
            const char *last = (const char *)behind.at + behind.len - alone.len;
            assert_true(behind.len > alone.len || (is_part && behind.len == alone.len));
            assert_string_equal(last, (const char *)alone.at);
        }
    }
    assert_true(n > 1000);
    wn_source_close(source);
}

int main(void)
{
    return SOURCE_RUN_TABLE("source-cut", rows, check);
}
