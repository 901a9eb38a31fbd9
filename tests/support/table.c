// SPDX-License-Identifier: Apache-2.0

#include "table.h"

#include <stdlib.h>

int wn_run_table(const char *group, const void *rows, size_t size, size_t count,
                 CMUnitTestFunction check)
{
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    if (!tests) {
        return (int)count;
    }

    for (size_t i = 0; i < count; i++) {
        const char *row = (const char *)rows + i * size;
        const char *name;
        memcpy(&name, row, sizeof(name));
        tests[i].name = name;
        tests[i].test_func = check;
        memcpy(&tests[i].initial_state, &row,
               sizeof(row)); // Rows are const; cmocka's state is not.
    }

    int failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
    free(tests);
    return failed;
}
