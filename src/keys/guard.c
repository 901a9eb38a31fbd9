// SPDX-License-Identifier: Apache-2.0

#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "winnow/hash.h"
#include "winnow/io.h"

static enum wn_code refuse(const char *path, struct wn_error *err)
{
    if (errno == ELOOP || errno == ENOTDIR) {
        struct stat status;
        if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode)) {
            return wn_fail(
                err, WN_FATAL, "keys",
                "%s: a symbolic link is not followed; put what it points to in its place", path);
        }
    }
    return wn_fail(err, WN_FATAL, "keys", "%s: %s", path, strerror(errno));
}

static enum wn_code check(const char *path, const struct stat *status, mode_t denied,
                          const char *remedy, struct wn_error *err)
{
    if (status->st_uid != geteuid() && status->st_uid != 0) {
        return wn_fail(
            err, WN_FATAL, "keys",
            "%s: its owner is user %u, neither this process's user (%u) nor root; chown %u "
            "%s",
            path, (unsigned)status->st_uid, (unsigned)geteuid(), (unsigned)geteuid(), path);
    }
    if ((status->st_mode & denied) != 0) {
        return wn_fail(err, WN_FATAL, "keys", "%s: others have access (mode %04o); chmod %s %s",
                       path, (unsigned)(status->st_mode & 07777), remedy, path);
    }
    return WN_OK;
}

static enum wn_code open_checked(const char *path, int flags, mode_t denied, const char *remedy,
                                 int *ret_fd, struct wn_error *err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags);
    if (fd < 0) {
        return refuse(path, err);
    }
    struct stat status;
    if (fstat(fd, &status) != 0) {
        close(fd);
        return refuse(path, err);
    }
    if ((flags & O_DIRECTORY) == 0 && !S_ISREG(status.st_mode)) {
        close(fd);
        return wn_fail(err, WN_FATAL, "keys", "%s: not a file", path);
    }
    if (check(path, &status, denied, remedy, err) != WN_OK) {
        close(fd);
        return err->code;
    }
    *ret_fd = fd;
    return WN_OK;
}

enum wn_code wn_guard_open(const char *path, enum wn_guard guard, int *ret_fd, struct wn_error *err)
{
    static const mode_t denied[] = {
        [WN_GUARD_SECRET] = S_IRWXG | S_IRWXO,
        [WN_GUARD_CREDENTIAL] = S_IWGRP | S_IXGRP | S_IRWXO,
        [WN_GUARD_OPEN] = S_IWGRP | S_IWOTH,
    };
    return open_checked(path, 0, denied[guard], guard == WN_GUARD_OPEN ? "go-w" : "0400", ret_fd,
                        err);
}

enum wn_code wn_guard_open_folder(const char *path, int *ret_fd, struct wn_error *err)
{
    return open_checked(path, O_DIRECTORY, S_IWGRP | S_IWOTH, "0700", ret_fd, err);
}

enum wn_code wn_guard_read(const char *path, enum wn_guard guard, size_t size, char *ret_bytes,
                           size_t *ret_len, struct wn_error *err)
{
    int fd = -1;
    if (wn_guard_open(path, guard, &fd, err) != WN_OK) {
        return err->code;
    }
    size_t len = 0;
    for (;;) {
        char more;
        bool full = len == size;
        ssize_t got = read(fd, full ? &more : ret_bytes + len, full ? 1 : size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            refuse(path, err);
            close(fd);
            return err->code;
        }
        if (got > 0 && full) {
            close(fd);
            return wn_fail(err, WN_FATAL, "keys", "%s: larger than such a file can be", path);
        }
        if (got == 0) {
            close(fd);
            *ret_len = len;
            return WN_OK;
        }
        len += (size_t)got;
    }
}

enum wn_code wn_guard_read_hex(const char *path, enum wn_guard guard, const char *what,
                               uint8_t ret_key[32], struct wn_error *err)
{
    char text[66];
    size_t len = 0;
    if (wn_guard_read(path, guard, sizeof(text), text, &len, err) != WN_OK) {
        explicit_bzero(text, sizeof(text));
        return err->code;
    }
    if (len > 0 && text[len - 1] == '\n') {
        len--;
    }
    bool fine = wn_unhex((struct wn_slice){ text, len }, 32, ret_key);
    explicit_bzero(text, sizeof(text));
    if (!fine) {
        return wn_fail(err, WN_FATAL, "keys",
                       "%s: a %s is 64 hexadecimal digits in one line, and this is not", path,
                       what);
    }
    return WN_OK;
}

/** Write a new file, synced. */
static enum wn_code write_aside(const char *path, unsigned mode, const char *text, size_t len,
                                struct wn_error *err)
{
    (void)unlink(path); // What an interrupted attempt left.
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0) {
        return refuse(path, err);
    }
    enum wn_code rc = wn_io_write(fd, path, text, len, err);
    if (rc == WN_OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0)) {
        rc = refuse(path, err);
    }
    close(fd);
    return rc;
}

enum wn_code wn_guard_write_hex(const char *path, unsigned mode, const uint8_t key[32],
                                struct wn_error *err)
{
    char text[66], aside[PATH_MAX], folder[PATH_MAX];
    struct stat status;
    if (lstat(path, &status) == 0) {
        errno = EEXIST;
        return refuse(path, err);
    }
    if (snprintf(aside, sizeof(aside), "%s.tmp", path) >= (int)sizeof(aside)) {
        errno = ENAMETOOLONG;
        return refuse(path, err);
    }
    wn_hex(key, 32, text);
    text[64] = '\n';
    enum wn_code rc = write_aside(aside, mode, text, 65, err);
    explicit_bzero(text, sizeof(text));
    if (rc == WN_OK && rename(aside, path) != 0) {
        rc = refuse(path, err);
    }
    if (rc != WN_OK) {
        unlink(aside);
        return rc;
    }
    wn_guard_folder_of(path, sizeof(folder), folder);
    return wn_io_sync_folder(folder, err);
}

void wn_guard_folder_of(const char *path, size_t size, char *ret_folder)
{
    snprintf(ret_folder, size, "%s", path);
    char *slash = strrchr(ret_folder, '/');
    if (!slash) {
        snprintf(ret_folder, size, ".");
    } else {
        slash[slash == ret_folder] = '\0';
    }
}

/** @return whether `path` is `dir` itself or begins with it and a slash. */
static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

bool wn_guard_is_inside(const char *path, const char *dir)
{
    char folder[PATH_MAX], real[PATH_MAX], real_dir[PATH_MAX];
    wn_guard_folder_of(path, sizeof(folder), folder);
    if (!realpath(dir, real_dir) || !realpath(folder, real)) {
        return is_below(folder, dir); // One of them is still to be made.
    }
    return is_below(real, real_dir);
}
