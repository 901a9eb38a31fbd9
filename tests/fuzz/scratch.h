// SPDX-License-Identifier: Apache-2.0

/** A file in memory, for what only reads files. */

#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Stop where a property does not hold; not assert(), which a build could leave out. */
void must(bool holds);

/** Make a file of these bytes, without a name. @return its descriptor, the caller's to close. */
int scratch_file(const void *bytes, size_t len);

/** Write the path by which a descriptor can be opened again. */
void scratch_path(int fd, char ret_path[32]);

#endif
