// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE // memfd_create

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scratch.h"

void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

int scratch_file(const void *bytes, size_t len)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(fd >= 0);
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, (const char *)bytes + at, len - at);
        must(n > 0);
        at += (size_t)n;
    }
    return fd;
}

void scratch_path(int fd, char ret_path[32])
{
    (void)snprintf(ret_path, 32, "/proc/self/fd/%d", fd);
}
