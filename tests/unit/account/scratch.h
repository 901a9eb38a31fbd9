// SPDX-License-Identifier: Apache-2.0

/** Folders for tests that write files: made empty, removed with all that is in them. */

#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "table.h"
#include "winnow/io.h"

enum {
    SCRATCH_PATH = 256
};

/** Make an empty folder and write its path. */
static inline void scratch_make(char ret_path[SCRATCH_PATH])
{
    const char *base = getenv("TMPDIR");
    snprintf(ret_path, SCRATCH_PATH, "%s/winnow-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(ret_path));
}

/** Remove a folder and the files in it. */
static inline void scratch_remove(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    closedir(folder);
    assert_int_equal(rmdir(path), 0);
}

/** @return how many files of a folder end so; the path of the last one seen is written. */
static inline unsigned scratch_count(const char *folder, const char *ending,
                                     char ret_path[SCRATCH_PATH + 256])
{
    DIR *open_folder = opendir(folder);
    assert_non_null(open_folder);
    unsigned n = 0;
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder)) {
        size_t len = strlen(entry->d_name), tail = strlen(ending);
        if (len >= tail && strcmp(entry->d_name + len - tail, ending) == 0) {
            snprintf(ret_path, SCRATCH_PATH + 256, "%s/%s", folder, entry->d_name);
            n++;
        }
    }
    closedir(open_folder);
    return n;
}

/** Read a whole file. */
static inline void scratch_read(const char *path, struct wn_buffer *ret_bytes)
{
    struct wn_error err;
    assert_int_equal(wn_io_read(path, SIZE_MAX / 2, ret_bytes, &err), WN_OK);
}

/** Write a whole file. */
static inline void scratch_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/** Copy all files of a folder into an empty one. */
static inline void scratch_copy(const char *from, const char *to)
{
    DIR *open_folder = opendir(from);
    assert_non_null(open_folder);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char source[SCRATCH_PATH + 256], target[SCRATCH_PATH + 256];
        snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
        snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
        struct wn_buffer bytes = { 0 };
        scratch_read(source, &bytes);
        scratch_write(target, bytes.at, bytes.len);
        wn_buffer_deinit(&bytes);
    }
    closedir(open_folder);
}

#endif
