// SPDX-License-Identifier: Apache-2.0

/*
 * How a publication becomes visible:
 *
 *     1  every file is written to tmp/ and synced, then tmp/ itself
 *     2  the manifest's transaction: from here on the publication is a fact
 *     3  the files get their names, in the manifest's order; folders synced
 *     4  the receipt gets its name; its folder synced
 *
 * A crash before 2 leaves files in tmp/ that nobody names: they are removed at the next start. A
 * crash behind 2 leaves some of them in tmp/: the manifest says where they belong. Only the newest
 * receipt can be in that state, because the folder is always opened (and so mended) before the
 * next one is committed.
 */

#include "files_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "step.h"
#include "winnow/io.h"

static enum wn_code fail(struct wn_error *err, const char *path)
{
    return wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
}

enum wn_code wn_folder_path(const struct wn_folder *folder, const char *name,
                            char ret_path[PATH_MAX], struct wn_error *err)
{
    if (snprintf(ret_path, PATH_MAX, "%s/%s", folder->path, name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return fail(err, folder->path);
    }
    return WN_OK;
}

enum wn_code wn_folder_write(const struct wn_folder *folder, const char *name,
                             struct wn_slice bytes, struct wn_error *err)
{
    char path[PATH_MAX];
    if (wn_folder_path(folder, name, path, err) != WN_OK) {
        return err->code;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) {
        return fail(err, path);
    }
    enum wn_code rc = wn_io_write(fd, path, bytes.at, bytes.len, err);
    if (rc == WN_OK && fsync(fd) != 0) {
        rc = fail(err, path);
    }
    if (close(fd) != 0 && rc == WN_OK) {
        rc = fail(err, path);
    }
    return rc;
}

enum wn_code wn_folder_sync_aside(const struct wn_folder *folder, struct wn_error *err)
{
    char path[PATH_MAX];
    if (wn_folder_path(folder, "tmp", path, err) != WN_OK) {
        return err->code;
    }
    return wn_io_sync_folder(path, err);
}

/** Make the folder that `file` belongs in, and sync its name. `ret_path` is that folder. */
static enum wn_code make_home(const struct wn_folder *folder, const char *file,
                              char ret_path[PATH_MAX], struct wn_error *err)
{
    if (wn_folder_path(folder, file, ret_path, err) != WN_OK) {
        return err->code;
    }
    *strrchr(ret_path, '/') = '\0';
    if (mkdir(ret_path, 0750) == 0) {
        return wn_io_sync_folder(folder->path, err);
    }
    return errno == EEXIST ? WN_OK : fail(err, ret_path);
}

/** @param again  After a crash: what is no longer aside got its name then (and may be gone since).
 */
static enum wn_code rename_file(const struct wn_folder *folder, const struct wn_manifest_file *file,
                                bool again, struct wn_error *err)
{
    char aside[PATH_MAX];
    char path[PATH_MAX];
    char home[PATH_MAX];
    if (wn_folder_path(folder, file->aside, aside, err) != WN_OK ||
        wn_folder_path(folder, file->file, path, err) != WN_OK ||
        make_home(folder, file->file, home, err) != WN_OK) {
        return err->code;
    }
    wn_step("rename");
    if (rename(aside, path) != 0 && !(again && errno == ENOENT)) {
        return fail(err, path);
    }
    return wn_io_sync_folder(home, err);
}

/** What rename_all() hands to visit_file(). */
struct renaming {
    const struct wn_folder *folder;
    uint64_t receipt;
    bool again;
};

static enum wn_code visit_file(void *context, uint64_t receipt, const struct wn_manifest_file *file,
                               struct wn_error *err)
{
    const struct renaming *renaming = context;
    return receipt == renaming->receipt ? rename_file(renaming->folder, file, renaming->again, err)
                                        : WN_OK;
}

static enum wn_code rename_all(const struct wn_folder *folder, uint64_t receipt, bool again,
                               struct wn_error *err)
{
    struct renaming renaming = { folder, receipt, again };
    return wn_manifest_each_file(folder->manifest, receipt, visit_file, &renaming, err);
}

enum wn_code wn_folder_rename(const struct wn_folder *folder, uint64_t receipt,
                              struct wn_error *err)
{
    return rename_all(folder, receipt, false, err);
}

/** Remove everything from tmp/. */
static enum wn_code empty_aside(const struct wn_folder *folder, struct wn_error *err)
{
    char path[PATH_MAX];
    if (wn_folder_path(folder, "tmp", path, err) != WN_OK) {
        return err->code;
    }
    DIR *dir = opendir(path);
    if (!dir) {
        return fail(err, path);
    }
    enum wn_code rc = WN_OK;
    for (const struct dirent *entry = readdir(dir); entry && rc == WN_OK; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlinkat(dirfd(dir), entry->d_name, 0) != 0) {
            rc = fail(err, path);
        }
    }
    closedir(dir);
    return rc;
}

void wn_folder_empty_aside(const struct wn_folder *folder)
{
    struct wn_error err;
    (void)!empty_aside(folder, &err); // The next start does it.
}

static enum wn_code take_lock(struct wn_folder *folder, bool shared, struct wn_error *err)
{
    char path[PATH_MAX];
    if (wn_folder_path(folder, "lock", path, err) != WN_OK) {
        return err->code;
    }
    int fd =
        shared ? open(path, O_RDONLY | O_CLOEXEC) : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        return shared ? WN_OK : fail(err, path);
    }
    if (flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        bool taken = errno == EWOULDBLOCK;
        enum wn_code rc = taken ? wn_fail(err, WN_FATAL, "out-locked",
                                          "%s: another winnow works in this folder", folder->path)
                                : fail(err, path);
        close(fd);
        return rc;
    }
    folder->lock = fd + 1;
    return WN_OK;
}

static enum wn_code set_path(struct wn_folder *folder, const char *path, struct wn_error *err)
{
    *folder = (struct wn_folder){ 0 };
    if (snprintf(folder->path, sizeof(folder->path), "%s", path) >= (int)sizeof(folder->path)) {
        errno = ENAMETOOLONG;
        return fail(err, path);
    }
    return WN_OK;
}

static enum wn_code open_all(struct wn_folder *folder, struct wn_error *err)
{
    char path[PATH_MAX];
    if (wn_io_make_folder(folder->path, 0750, err) != WN_OK ||
        take_lock(folder, false, err) != WN_OK ||
        wn_folder_path(folder, "tmp", path, err) != WN_OK ||
        wn_io_make_folder(path, 0700, err) != WN_OK ||
        wn_folder_path(folder, "manifest.db", path, err) != WN_OK ||
        wn_manifest_open(path, false, &folder->manifest, err) != WN_OK ||
        wn_io_sync_folder(folder->path, err) != WN_OK ||
        wn_manifest_newest(folder->manifest, &folder->newest, err) != WN_OK) {
        return err->code;
    }
    if (folder->newest.receipt > 0 &&
        rename_all(folder, folder->newest.receipt, true, err) != WN_OK) {
        return err->code;
    }
    return empty_aside(folder, err);
}

enum wn_code wn_folder_open(const char *path, struct wn_folder *ret_folder, struct wn_error *err)
{
    if (set_path(ret_folder, path, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = open_all(ret_folder, err);
    if (rc != WN_OK) {
        wn_folder_close(ret_folder);
    }
    return rc;
}

enum wn_code wn_folder_open_read(const char *path, struct wn_folder *ret_folder,
                                 struct wn_error *err)
{
    struct stat status;
    if (set_path(ret_folder, path, err) != WN_OK) {
        return err->code;
    }
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: is not a folder that can be read", path);
    }
    return take_lock(ret_folder, true, err);
}

enum wn_code wn_folder_read_manifest(struct wn_folder *folder, struct wn_error *err)
{
    char path[PATH_MAX];
    char journal[PATH_MAX];
    if (wn_folder_path(folder, "manifest.db", path, err) != WN_OK ||
        wn_folder_path(folder, "manifest.db-journal", journal, err) != WN_OK) {
        return err->code;
    }
    if (access(path, F_OK) != 0) {
        return WN_OK;
    }
    if (access(journal, F_OK) == 0) {
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: a run was interrupted; let sift finish it, then look again", path);
    }
    return wn_manifest_open(path, true, &folder->manifest, err);
}

void wn_folder_close(struct wn_folder *folder)
{
    folder->manifest = wn_manifest_close(folder->manifest);
    if (folder->lock > 0) {
        close(folder->lock - 1);
        folder->lock = 0;
    }
}
