// SPDX-License-Identifier: Apache-2.0

#include "winnow/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

/*
 * Each row is tried in a process of its own, in a folder with `read/file`, `write/file`,
 * `other/file`, `alone` (a rule of its own) and `read/link`, which points to other/file.
 */

enum {
    DONE = 0,
    SKIPPED = 77, ///< The kernel or the build has it not.
};

struct row {
    const char *name;
    int (*does)(void); ///< 0, or -1 with errno.
    int refused;       ///< errno; 0: it is done.
    bool by_seccomp;
};

static int open_and_close(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close(fd);
}

static int reads(void)
{
    return open_and_close("read/file", O_RDONLY);
}

static int reads_alone(void)
{
    return open_and_close("alone", O_RDONLY);
}

static int reads_what_it_writes(void)
{
    return open_and_close("write/file", O_RDONLY);
}

static int reads_other(void)
{
    return open_and_close("other/file", O_RDONLY);
}

static int reads_by_link(void)
{
    return open_and_close("read/link", O_RDONLY);
}

static int reads_replaced(void)
{
    return rename("write/new", "write/file") == 0 ? open_and_close("write/file", O_RDONLY) : -1;
}

static int writes(void)
{
    return open_and_close("write/file", O_WRONLY | O_TRUNC);
}

static int writes_new(void)
{
    return open_and_close("write/made", O_WRONLY | O_CREAT | O_EXCL);
}

static int writes_what_it_reads(void)
{
    return open_and_close("read/file", O_WRONLY);
}

static int makes_in_what_it_reads(void)
{
    return open_and_close("read/made", O_WRONLY | O_CREAT);
}

static int makes_folder(void)
{
    return mkdir("write/folder", 0700);
}

static int makes_folder_elsewhere(void)
{
    return mkdir("other/folder", 0700);
}

static int makes_socket(void)
{
    const struct sockaddr_un address = { AF_UNIX, "write/socket" };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return bind(fd, (const struct sockaddr *)&address, sizeof(address));
}

static int makes_link(void)
{
    return symlink("../other/file", "write/link");
}

static int removes(void)
{
    return unlink("write/file");
}

static int removes_elsewhere(void)
{
    return unlink("other/file");
}

static int runs_a_program(void)
{
    char *const arguments[] = { (char[]){ "true" }, NULL };
    return execv("/bin/true", arguments);
}

static int changes_its_root(void)
{
    return chroot("read");
}

static int becomes_another(void)
{
    return setuid(12345);
}

static const struct row rows[] = {
    { "a folder that is read is read", reads, 0, false },
    { "a file that is read is read", reads_alone, 0, false },
    { "a folder that is written is read", reads_what_it_writes, 0, false },
    { "a folder that is not named is not read", reads_other, EACCES, false },
    { "a link gives no way out", reads_by_link, EACCES, false },
    { "a file that was renamed into a folder is read", reads_replaced, 0, false },
    { "a folder that is written is written", writes, 0, false },
    { "a folder that is written gets new files", writes_new, 0, false },
    { "a folder that is read is not written", writes_what_it_reads, EACCES, false },
    { "a folder that is read gets no new file", makes_in_what_it_reads, EACCES, false },
    { "a folder that is written gets folders", makes_folder, 0, false },
    { "a folder that is not named gets no folder", makes_folder_elsewhere, EACCES, false },
    { "a folder that is written gets sockets", makes_socket, 0, false },
    { "a folder that is written gets no links", makes_link, EACCES, false },
    { "a folder that is written loses files", removes, 0, false },
    { "a folder that is not named keeps its files", removes_elsewhere, EACCES, false },
    { "no program is run, says Landlock", runs_a_program, EACCES, false },
    { "no program is run, says seccomp", runs_a_program, EPERM, true },
    { "no other root is taken", changes_its_root, EPERM, true },
    { "nobody else is become", becomes_another, EPERM, true },
};

static void make_file(const char *path)
{
    assert_int_equal(open_and_close(path, O_WRONLY | O_CREAT), 0);
}

static void make_all(void)
{
    static const char *const folders[] = { "read", "write", "other" };
    for (size_t i = 0; i < WN_COUNT(folders); i++) {
        assert_int_equal(mkdir(folders[i], 0700), 0);
    }
    make_file("read/file");
    make_file("write/file");
    make_file("write/new");
    make_file("other/file");
    make_file("alone");
    assert_int_equal(symlink("../other/file", "read/link"), 0);
}

static void remove_all(const char *folder)
{
    static const char *const names[] = {
        "write/socket", "write/made", "write/new", "write/file", "write/link",
        "write/folder", "read/made",  "read/file", "read/link",  "other/file",
        "other/folder", "alone",      "read",      "write",      "other",
    };
    for (size_t i = 0; i < WN_COUNT(names); i++) {
        (void)remove(names[i]);
    }
    assert_int_equal(chdir(".."), 0);
    assert_int_equal(rmdir(folder), 0);
}

/** In the child. @return its status: what errno was, or SKIPPED. */
static int try_it(const struct row *row)
{
    const struct wn_sandbox_rule rules[] = {
        { "read", WN_SANDBOX_READ },
        { "alone", WN_SANDBOX_READ },
        { "write", WN_SANDBOX_WRITE },
        { "not/there", WN_SANDBOX_READ },
    };
    struct wn_sandbox_result result;
    wn_sandbox_enter(rules, WN_COUNT(rules), &result);
    if (row->by_seccomp ? !result.seccomp : result.landlock == 0) {
        return SKIPPED;
    }
    // Landlock is asked last: seccomp says no to a program before it.
    const int wanted = row->does == runs_a_program && result.seccomp ? EPERM : row->refused;
    const int got = row->does() == 0 ? 0 : errno;
    return got == wanted ? DONE : 1;
}

static void check(void **state)
{
    const struct row *row = *state;
    char folder[] = "test-sandbox-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    make_all();
    const pid_t child = fork();
    if (child == 0) {
        _exit(try_it(row));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    remove_all(folder);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED) {
        print_message("# not here: %s\n", row->name);
    } else {
        assert_int_equal(WEXITSTATUS(status), DONE);
    }
}

int main(void)
{
    return WN_RUN_TABLE("sandbox", rows, check);
}
