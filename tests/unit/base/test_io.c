// SPDX-License-Identifier: Apache-2.0

#include "winnow/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

/** Every test has an empty folder of its own as current folder; it is removed behind it. */
static int enter(void **state)
{
    char *folder = strdup("test-io-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    static const char *const names[] = { "a", "a.tmp", "f/g/h", "f/g", "f" };
    for (size_t i = 0; i < WN_COUNT(names); i++) {
        remove(names[i]);
    }
    int rc = chdir("..") == 0 && rmdir(*state) == 0 ? 0 : -1;
    free(*state);
    return rc;
}

static void assert_holds(const char *path, const char *text)
{
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    assert_int_equal(wn_io_read(path, 100, &bytes, &err), WN_OK);
    assert_true(wn_slice_is(wn_buffer_slice(&bytes), text));
    wn_buffer_deinit(&bytes);
}

static void replaces_a_file(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    struct stat status;
    assert_int_equal(wn_io_replace("a", 0400, "one", 3, &err), WN_OK);
    assert_holds("a", "one");
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0400);
    assert_int_equal(wn_io_replace("a", 0644, "two", 3, &err), WN_OK); // Over one of mode 0400.
    assert_holds("a", "two");
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(access("a.tmp", F_OK), -1);
}

static void leaves_the_old_file_where_the_disk_is_full(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    assert_int_equal(wn_io_replace("a", 0600, "old", 3, &err), WN_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = { 8, 8 };
        signal(SIGXFSZ, SIG_IGN);
        bool refused = setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                       wn_io_replace("a", 0600, "much that is new", 16, &err) == WN_FATAL &&
                       strcmp(err.reason, "file-write") == 0 &&
                       strcmp(err.text, "a.tmp: File too large") == 0;
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_holds("a", "old");
    assert_int_equal(access("a.tmp", F_OK), -1);
}

static void says_where_it_cannot_write(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    assert_int_equal(wn_io_replace("no/a", 0600, "x", 1, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_string_equal(err.text, "no/a.tmp: No such file or directory");

    char path[PATH_MAX + 8];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(wn_io_replace(path, 0600, "x", 1, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_int_equal(wn_io_make_folder(path, 0700, &err), WN_FATAL);

    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        assert_int_equal(wn_io_write(fd, "a", "x", 1, &err), WN_FATAL);
        assert_string_equal(err.text, "a: No space left on device");
        close(fd);
    }
}

static void says_what_it_cannot_read(void **state)
{
    (void)state;
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    assert_int_equal(wn_io_read("a", 10, &bytes, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_string_equal(err.text, "a: No such file or directory");
    assert_int_equal(wn_io_read(".", 10, &bytes, &err), WN_FATAL);
    assert_string_equal(err.text, ".: Is a directory");

    assert_int_equal(wn_io_replace("a", 0600, "12345", 5, &err), WN_OK);
    assert_int_equal(wn_io_read("a", 5, &bytes, &err), WN_OK);
    assert_int_equal(wn_io_read("a", 4, &bytes, &err), WN_FATAL);
    assert_string_equal(err.text, "a: larger than 4 octets");
    wn_buffer_deinit(&bytes);
}

static void makes_folders(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    assert_int_equal(wn_io_make_folder("f/g/h", 0700, &err), WN_OK);
    assert_int_equal(wn_io_make_folder("f/g/h", 0700, &err), WN_OK);
    assert_int_equal(wn_io_make_folder("f/g/h/", 0700, &err), WN_OK);
    assert_int_equal(wn_io_sync_folder("f/g/h", &err), WN_OK);
    assert_int_equal(wn_io_replace("a", 0600, "x", 1, &err), WN_OK);
    assert_int_equal(wn_io_make_folder("a", 0700, &err), WN_FATAL);
    assert_string_equal(err.text, "a: Not a directory");
    assert_int_equal(wn_io_make_folder("a/b", 0700, &err), WN_FATAL);
    assert_int_equal(wn_io_sync_folder("a", &err), WN_FATAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_a_file, enter, leave),
        cmocka_unit_test_setup_teardown(leaves_the_old_file_where_the_disk_is_full, enter, leave),
        cmocka_unit_test_setup_teardown(says_where_it_cannot_write, enter, leave),
        cmocka_unit_test_setup_teardown(says_what_it_cannot_read, enter, leave),
        cmocka_unit_test_setup_teardown(makes_folders, enter, leave),
    };
    return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}
