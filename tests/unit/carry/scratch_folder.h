// SPDX-License-Identifier: Apache-2.0

/** A folder of its own for a test, and what lies in it. */

#ifndef SCRATCH_FOLDER_H
#define SCRATCH_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table.h"
#include "winnow/io.h"

/** Make a folder. */
static inline void scratch_make(char ret_folder[PATH_MAX])
{
    const char *top = getenv("TMPDIR");
    snprintf(ret_folder, PATH_MAX, "%s/winnow-carry-XXXXXX", top ? top : "/tmp");
    assert_non_null(mkdtemp(ret_folder));
}

/** Remove it and all that is in it. */
static inline void scratch_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char path[PATH_MAX];
        assert_true(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < PATH_MAX);
        if (unlink(path) != 0) {
            scratch_remove(path);
        }
    }
    closedir(dir);
    assert_int_equal(rmdir(folder), 0);
}

/** Write `FOLDER/NAME` into `ret_path`. */
static inline const char *scratch_path(const char *folder, const char *name,
                                       char ret_path[PATH_MAX])
{
    assert_true(snprintf(ret_path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX);
    return ret_path;
}

/** Write a file of the folder. */
static inline void scratch_write(const char *folder, const char *name, const void *bytes,
                                 size_t len)
{
    char path[PATH_MAX];
    FILE *file = fopen(scratch_path(folder, name, path), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/** Read a file of the folder whole; the buffer is the caller's to give back. */
static inline struct wn_buffer scratch_read(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct wn_buffer bytes = { 0 };
    struct wn_error err;
    assert_int_equal(wn_io_read(scratch_path(folder, name, path), 1 << 30, &bytes, &err), WN_OK);
    return bytes;
}

/** @return whether there is a file of that name. */
static inline bool scratch_has(const char *folder, const char *name)
{
    char path[PATH_MAX];
    return access(scratch_path(folder, name, path), F_OK) == 0;
}

/** @return how many entries a folder has. */
static inline unsigned scratch_count(const char *folder, const char *name)
{
    char path[PATH_MAX];
    unsigned n = 0;
    DIR *dir = opendir(scratch_path(folder, name, path));
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 ? 1 : 0;
    }
    closedir(dir);
    return n;
}

#endif
