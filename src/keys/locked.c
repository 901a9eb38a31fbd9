// SPDX-License-Identifier: Apache-2.0

#include "locked.h"

#include <string.h>
#include <sys/resource.h>

#include <sodium.h>

void *wn_locked_take(size_t size)
{
    if (sodium_init() < 0) {
        return NULL;
    }
    void *memory = sodium_malloc(size);
    if (!memory) {
        return NULL;
    }
    // sodium_malloc() locks, but keeps silent where it can't; a second lock costs nothing.
    if (sodium_mlock(memory, size) != 0) {
        sodium_free(memory);
        return NULL;
    }
    memset(memory, 0, size);
    return memory;
}

void *wn_locked_give(void *memory)
{
    sodium_free(memory); // Wipes and unlocks.
    return NULL;
}

void wn_locked_givep(void *pointer)
{
    wn_locked_give(*(void **)pointer);
}

enum wn_code wn_locked_fail(size_t size, struct wn_error *err)
{
    struct rlimit limit = { 0, 0 };
    getrlimit(RLIMIT_MEMLOCK, &limit);
    return wn_fail(
        err, WN_FATAL, "locked-memory",
        "%zu octets for keys can't be locked into memory: RLIMIT_MEMLOCK is %llu octets; "
        "raise it (LimitMEMLOCK= of the unit, or ulimit -l)",
        size, (unsigned long long)limit.rlim_cur);
}
