// SPDX-License-Identifier: Apache-2.0

/*
 * A library to be preloaded that makes the n-th call that changes a file go wrong.
 *
 *     WINNOW_FAULT=MODE:N       N from 1; without it nothing goes wrong
 *     WINNOW_FAULT_SEEN=PATH    made when the fault struck
 *
 *     fail   the n-th call fails with ENOSPC
 *     full   the n-th call and all later ones that need room do: a disk that stays full
 *     kill   the process is killed instead of the n-th call
 *     torn   a write puts half of its octets, any other call is done, then the process is killed
 *
 * Counted are the calls by which files come to be what they are: open for writing, write, pwrite,
 * ftruncate, fsync, fdatasync, rename, unlink, mkdir, futimens. What SQLite does goes the same way.
 */

#define _GNU_SOURCE // NOLINT: RTLD_NEXT.

// The C library calls its parameters __fd and the like, which are not ours to use.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/** What is to happen to a call. */
enum fate {
    GO_ON,
    FAIL,
    KILL,
    TEAR
};

static void seen(void)
{
    const char *path = getenv("WINNOW_FAULT_SEEN");
    if (path) {
        long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);
        if (fd >= 0) {
            syscall(SYS_close, fd);
        }
    }
}

/** Count a call, and say its fate. @param needs_room  A full disk refuses it. */
static enum fate fate_of_call(bool needs_room)
{
    static atomic_long calls;
    const char *wanted = getenv("WINNOW_FAULT");
    const char *colon = wanted ? strchr(wanted, ':') : NULL;
    if (!colon) {
        return GO_ON;
    }
    const long n = strtol(colon + 1, NULL, 10);
    const long call = atomic_fetch_add(&calls, 1) + 1;
    if (strncmp(wanted, "full", 4) == 0 && call > n && needs_room) {
        return FAIL;
    }
    if (call != n) {
        return GO_ON;
    }
    seen();
    if (strncmp(wanted, "kill", 4) == 0) {
        return KILL;
    }
    return strncmp(wanted, "torn", 4) == 0 ? TEAR : FAIL;
}

static void die(void)
{
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

/** The function behind ours. */
static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) {
        abort();
    }
    return function;
}

/* A call that is done or not: before() says whether it fails, after() ends the process behind it.
 */

static bool before(enum fate fate)
{
    if (fate == KILL) {
        die();
    }
    if (fate == FAIL) {
        errno = ENOSPC;
        return true;
    }
    return false;
}

static int after(enum fate fate, int result)
{
    if (fate == TEAR) {
        die();
    }
    return result;
}

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t write(int fd, const void *bytes, size_t len)
{
    ssize_t (*real)(int, const void *, size_t) = next("write");
    if (fd <= STDERR_FILENO) {
        return real(fd, bytes, len);
    }
    enum fate fate = fate_of_call(true);
    if (before(fate)) {
        return -1;
    }
    if (fate == TEAR) {
        (void)!real(fd, bytes, len / 2);
        die();
    }
    return real(fd, bytes, len);
}

static ssize_t pwrite_any(const char *name, int fd, const void *bytes, size_t len, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t) = next(name);
    enum fate fate = fate_of_call(true);
    if (before(fate)) {
        return -1;
    }
    if (fate == TEAR) {
        (void)!real(fd, bytes, len / 2, offset);
        die();
    }
    return real(fd, bytes, len, offset);
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return pwrite_any("pwrite", fd, bytes, len, offset);
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
    return pwrite_any("pwrite64", fd, bytes, len, offset);
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, ...) = next(name);
    if ((flags & O_ACCMODE) == O_RDONLY) {
        return real(path, flags, mode);
    }
    enum fate fate = fate_of_call((flags & O_CREAT) != 0);
    return before(fate) ? -1 : after(fate, real(path, flags, mode));
}

/** The mode behind the flags, where there is one. */
static mode_t mode_of(int flags, va_list args)
{
    return (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return open_any("open", path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return open_any("open64", path, flags, mode);
}

EXPORT int fsync(int fd)
{
    int (*real)(int) = next("fsync");
    enum fate fate = fate_of_call(true);
    return before(fate) ? -1 : after(fate, real(fd));
}

EXPORT int fdatasync(int fd)
{
    int (*real)(int) = next("fdatasync");
    enum fate fate = fate_of_call(true);
    return before(fate) ? -1 : after(fate, real(fd));
}

EXPORT int ftruncate(int fd, off_t size)
{
    int (*real)(int, off_t) = next("ftruncate");
    enum fate fate = fate_of_call(false);
    return before(fate) ? -1 : after(fate, real(fd, size));
}

EXPORT int ftruncate64(int fd, off64_t size)
{
    int (*real)(int, off64_t) = next("ftruncate64");
    enum fate fate = fate_of_call(false);
    return before(fate) ? -1 : after(fate, real(fd, size));
}

EXPORT int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = next("rename");
    enum fate fate = fate_of_call(true);
    return before(fate) ? -1 : after(fate, real(from, to));
}

EXPORT int unlink(const char *path)
{
    int (*real)(const char *) = next("unlink");
    enum fate fate = fate_of_call(false);
    return before(fate) ? -1 : after(fate, real(path));
}

EXPORT int unlinkat(int folder, const char *path, int flags)
{
    int (*real)(int, const char *, int) = next("unlinkat");
    enum fate fate = fate_of_call(false);
    return before(fate) ? -1 : after(fate, real(folder, path, flags));
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t) = next("mkdir");
    enum fate fate = fate_of_call(true);
    return before(fate) ? -1 : after(fate, real(path, mode));
}

EXPORT int futimens(int fd, const struct timespec times[2])
{
    int (*real)(int, const struct timespec *) = next("futimens");
    enum fate fate = fate_of_call(false);
    return before(fate) ? -1 : after(fate, real(fd, times));
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
