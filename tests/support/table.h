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

#endif
