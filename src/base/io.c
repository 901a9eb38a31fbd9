// SPDX-License-Identifier: Apache-2.0

#include "winnow/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 65536
};

static enum wn_code fail(struct wn_error *err, const char *reason, const char *path)
{
    return wn_fail(err, WN_FATAL, reason, "%s: %s", path, strerror(errno));
}

enum wn_code wn_io_read(const char *path, size_t most, struct wn_buffer *ret_bytes,
                        struct wn_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(err, "file-read", path);
    }
    size_t total = 0;
    for (;;) {
        uint8_t *room = wn_buffer_room(ret_bytes, CHUNK);
        ssize_t got = read(fd, room, CHUNK);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            fail(err, "file-read", path);
            close(fd);
            return WN_FATAL;
        }
        if (got == 0) {
            close(fd);
            return WN_OK;
        }
        ret_bytes->len += (size_t)got;
        total += (size_t)got;
        if (total > most) {
            close(fd);
            return wn_fail(err, WN_FATAL, "file-read", "%s: larger than %zu octets", path, most);
        }
    }
}

struct wn_stamp wn_io_stamp(const struct stat *status)
{
    return (struct wn_stamp){ status->st_dev, status->st_ino, status->st_size, status->st_mtim,
                              status->st_ctim };
}

struct wn_stamp wn_io_look(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? wn_io_stamp(&status) : (struct wn_stamp){ 0 };
}

int64_t wn_io_modified_ms(const struct wn_stamp *stamp)
{
    return (int64_t)stamp->modified.tv_sec * 1000 + stamp->modified.tv_nsec / 1000000;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool wn_io_same_stamp(const struct wn_stamp *a, const struct wn_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

enum wn_code wn_io_write(int fd, const char *path, const void *bytes, size_t len,
                         struct wn_error *err)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return fail(err, "file-write", path);
        }
        at += put;
        len -= (size_t)put;
    }
    return WN_OK;
}

/** The folder that `path` lies in. */
static void folder_of(const char *path, char ret_folder[PATH_MAX])
{
    snprintf(ret_folder, PATH_MAX, "%s", path);
    char *slash = strrchr(ret_folder, '/');
    if (!slash) {
        snprintf(ret_folder, PATH_MAX, ".");
    } else if (slash == ret_folder) {
        slash[1] = '\0';
    } else {
        *slash = '\0';
    }
}

static enum wn_code write_synced(const char *path, mode_t mode, const void *bytes, size_t len,
                                 struct wn_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        return fail(err, "file-write", path);
    }
    enum wn_code rc = wn_io_write(fd, path, bytes, len, err);
    if (rc == WN_OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0)) {
        rc = fail(err, "file-write", path);
    }
    if (close(fd) != 0 && rc == WN_OK) {
        rc = fail(err, "file-write", path);
    }
    return rc;
}

enum wn_code wn_io_replace(const char *path, mode_t mode, const void *bytes, size_t len,
                           struct wn_error *err)
{
    char aside[PATH_MAX];
    if (snprintf(aside, sizeof(aside), "%s.tmp", path) >= (int)sizeof(aside)) {
        errno = ENAMETOOLONG;
        return fail(err, "file-write", path);
    }
    if (write_synced(aside, mode, bytes, len, err) != WN_OK) {
        unlink(aside);
        return err->code;
    }
    if (rename(aside, path) != 0) {
        fail(err, "file-write", path);
        unlink(aside);
        return err->code;
    }
    char folder[PATH_MAX];
    folder_of(path, folder);
    return wn_io_sync_folder(folder, err);
}

enum wn_code wn_io_sync_folder(const char *path, struct wn_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail(err, "file-write", path);
    }
    enum wn_code rc = fsync(fd) == 0 ? WN_OK : fail(err, "file-write", path);
    close(fd);
    return rc;
}

enum wn_code wn_io_make_folder(const char *path, mode_t mode, struct wn_error *err)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part)) {
        errno = ENAMETOOLONG;
        return fail(err, "file-write", path);
    }
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST) {
            return fail(err, "file-write", part);
        }
        *slash = '/';
    }
    struct stat status;
    if (mkdir(part, mode) != 0 && errno != EEXIST) {
        return fail(err, "file-write", part);
    }
    if (stat(part, &status) != 0 || !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return fail(err, "file-write", part);
    }
    return WN_OK;
}
