// SPDX-License-Identifier: Apache-2.0

/*
 * Every line of country_vectors.txt and dialling_vectors.txt, which the scripts beside them wrote
 * by the library phonenumbers, is a test: no valid number of the world is refused, its country is
 * known, and each country dials as it does.
 */

#include <stdio.h>
#include <stdlib.h>

#include "table.h"
#include "winnow/number.h"

enum {
    MOST = 4096,
    LINE = 64
};

struct row {
    const char *name;
    char where[LINE];  ///< Country code of the site, dialling_vectors.txt; else "".
    char digits[LINE]; ///< As dialled.
    char answer[LINE]; ///< The country, or E.164 digits, or "emergency".
    char label[4 * LINE];
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_site site = wn_site_default();
    const struct wn_number_rules rules = { 0 };
    const struct wn_reading how = { .site = &site, .numbers = &rules };
    struct wn_arena arena = { 0 };
    struct wn_value value;
    struct wn_error err = { 0 };
    bool present = false;

    if (row->where[0] != '\0') {
        snprintf(site.country, sizeof(site.country), "%.3s", row->where);
    }
    enum wn_code rc = wn_kind_read(WN_KIND_NUMBER, &how, wn_slice_of(row->digits), &arena, &value,
                                   &present, &err);
    assert_int_equal(rc, WN_OK);
    assert_true(present);
    if (row->where[0] == '\0') {
        assert_string_equal(wn_number_country(&value), row->answer);
    } else if (strcmp(row->answer, "emergency") == 0) {
        assert_int_equal(value.class, WN_NUMBER_EMERGENCY);
    } else {
        assert_true((value.marks & WN_MARK_E164) != 0);
        assert_true(wn_slice_is(value.text, row->answer));
    }
    wn_arena_deinit(&arena);
}

/** Read a line of either file into a row. */
static bool read_row(const char *line, bool dials, struct row *ret_row)
{
    if (dials) {
        bool is_row = sscanf(line, "%3[0-9] %20[0-9] %20s", ret_row->where, ret_row->digits,
                             ret_row->answer) == 3;
        snprintf(ret_row->label, sizeof(ret_row->label), "in +%s %s is %s", ret_row->where,
                 ret_row->digits, ret_row->answer);
        return is_row;
    }
    ret_row->digits[0] = '+';
    bool is_row = sscanf(line, "%20[0-9] %10s", ret_row->digits + 1, ret_row->answer) == 2;
    snprintf(ret_row->label, sizeof(ret_row->label), "%s is of %s", ret_row->digits,
             ret_row->answer);
    return is_row;
}

/** Read a file's rows behind those that are there. @return false: it is missing, or damaged */
static bool read_rows(const char *name, bool dials, struct row *rows, size_t *n)
{
    const char *top = getenv("WINNOW_SOURCE");
    char path[4096];
    char line[2 * LINE];
    const size_t before = *n;
    bool fine = true;
    snprintf(path, sizeof(path), "%s/tests/unit/record/%s", top ? top : ".", name);
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    while (fine && *n < MOST && fgets(line, sizeof(line), file)) {
        rows[*n].name = rows[*n].label;
        fine = read_row(line, dials, &rows[*n]);
        (*n)++;
    }
    fclose(file);
    return fine && *n > before;
}

int main(void)
{
    static struct row rows[MOST];
    size_t n = 0;
    if (!read_rows("country_vectors.txt", false, rows, &n) ||
        !read_rows("dialling_vectors.txt", true, rows, &n)) {
        fprintf(stderr, "the vectors can't be read\n");
        return 1;
    }
    return wn_run_table("country", rows, sizeof(rows[0]), n, check);
}
