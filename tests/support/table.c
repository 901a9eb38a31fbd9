// SPDX-License-Identifier: Apache-2.0

#include "table.h"

#include <stdlib.h>

void wn_add_tests(struct wn_tests *tests, const struct CMUnitTest *more, size_t count)
{
    struct CMUnitTest *list = realloc(tests->list, (tests->n + count) * sizeof(*list));
    if (!list) {
        abort();
    }
    memcpy(list + tests->n, more, count * sizeof(*more));
    tests->list = list;
    tests->n += count;
}

void wn_add_table(struct wn_tests *tests, const void *rows, size_t size, size_t count,
                  CMUnitTestFunction check)
{
    for (size_t i = 0; i < count; i++) {
        const char *row = (const char *)rows + i * size;
        struct CMUnitTest test = { .test_func = check };
        memcpy(&test.name, row, sizeof(test.name));
        memcpy(&test.initial_state, &row,
               sizeof(row)); // Rows are const; cmocka's state is not.
        wn_add_tests(tests, &test, 1);
    }
}

int wn_run_tests(const char *group, struct wn_tests *tests)
{
    int failed = _cmocka_run_group_tests(group, tests->list, tests->n, NULL, NULL);
    free(tests->list);
    *tests = (struct wn_tests){ 0 };
    return failed;
}

int wn_run_table(const char *group, const void *rows, size_t size, size_t count,
                 CMUnitTestFunction check)
{
    struct wn_tests tests = { 0 };
    wn_add_table(&tests, rows, size, count, check);
    return wn_run_tests(group, &tests);
}
