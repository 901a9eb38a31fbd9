// SPDX-License-Identifier: Apache-2.0

/** Rows as tests: every row of a table is a cmocka test of its own, named by its first member. */

#ifndef TABLE_H
#define TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "winnow/base.h"

/**
 * Run `check(&row)` for every row of `rows`, an array of structs whose first
 * member is `const char *name`. @return the number of rows that failed.
 */
#define WN_RUN_TABLE(group, rows, check)                                                           \
    wn_run_table((group), (rows), sizeof((rows)[0]), WN_COUNT(rows), (check))

int wn_run_table(const char *group, const void *rows, size_t size, size_t count,
                 CMUnitTestFunction check);

/** Tests that run as one group: TAP allows a program one plan. All-zero is empty. */
struct wn_tests {
    struct CMUnitTest *list;
    size_t n;
};

/** Add every row of `rows`, as WN_RUN_TABLE() would run it. */
#define WN_ADD_TABLE(tests, rows, check)                                                           \
    wn_add_table((tests), (rows), sizeof((rows)[0]), WN_COUNT(rows), (check))

void wn_add_table(struct wn_tests *tests, const void *rows, size_t size, size_t count,
                  CMUnitTestFunction check);

/** Add an array of cmocka's own tests. */
#define WN_ADD_TESTS(tests, array) wn_add_tests((tests), (array), WN_COUNT(array))

void wn_add_tests(struct wn_tests *tests, const struct CMUnitTest *more, size_t count);

/** Run them and forget them. @return the number that failed. */
int wn_run_tests(const char *group, struct wn_tests *tests);

#endif
