// SPDX-License-Identifier: Apache-2.0

/** Heap memory that is there or ends the process: there is no sane way on without it. */

#ifndef WINNOW_MEMORY_H
#define WINNOW_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

/** Take zeroed memory for `n` elements of `size` octets. @return never NULL; for free(). */
static inline void *wn_take(size_t n, size_t size)
{
    void *at = calloc(n > 0 ? n : 1, size);
    if (!at) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return at;
}

/** Make memory larger; what was in it stays. @return never NULL; for free(). */
static inline void *wn_grow(void *at, size_t n, size_t size)
{
    void *grown = reallocarray(at, n, size);
    if (!grown) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return grown;
}

#endif
