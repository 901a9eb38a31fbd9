// SPDX-License-Identifier: Apache-2.0

#include "winnow/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "table.h"

/** Who listens, and what the environment says. */
struct told_row {
    const char *name;
    const char *socket; ///< $NOTIFY_SOCKET; `%d` is the process; NULL: unset.
    bool listens;       ///< There is a socket of that name.
    bool told;
};

static const struct told_row told_rows[] = {
    { "tells a socket by its path", "/tmp/winnow-notify-%d", true, true },
    { "tells an abstract socket", "@winnow-notify-%d", true, true },
    { "tells nobody where the environment names none", NULL, false, false },
    { "tells nobody where nobody listens", "@winnow-notify-nobody-%d", false, false },
    { "tells nobody by a relative path", "winnow-notify-%d", false, false },
    { "tells nobody by an empty abstract name", "@", false, false },
    { "tells nobody by a name that is longer than an address",
      "/tmp/"
      "winnow-notify-%d-of-a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-"
      "and-on-and-on-and-on",
      false, false },
};

static int listen_at(const char *name, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    snprintf(address->sun_path, sizeof(address->sun_path), "%s", name);
    if (name[0] == '@') {
        address->sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (const struct sockaddr *)address, len), 0);
    return fd;
}

static void check_told(void **state)
{
    const struct told_row *row = *state;
    char name[300] = "";
    struct sockaddr_un address;
    unsetenv("NOTIFY_SOCKET");
    if (row->socket) {
        // The rows are ours.
        const char *at = strstr(row->socket, "%d");
        size_t before = at ? (size_t)(at - row->socket) : strlen(row->socket);
        snprintf(name, sizeof(name), "%.*s", (int)before, row->socket);
        if (at) {
            snprintf(name + before, sizeof(name) - before, "%d%s", (int)getpid(), at + 2);
        }
        setenv("NOTIFY_SOCKET", name, 1);
    }
    int fd = row->listens ? listen_at(name, &address) : -1;
    assert_int_equal(wn_notify("READY=1\nSTATUS=1 of 2"), row->told);
    if (fd >= 0) {
        char got[100];
        ssize_t len = recv(fd, got, sizeof(got), 0);
        assert_int_equal(len, strlen("READY=1\nSTATUS=1 of 2"));
        assert_memory_equal(got, "READY=1\nSTATUS=1 of 2", (size_t)len);
        close(fd);
        if (name[0] == '/') {
            unlink(name);
        }
    }
    unsetenv("NOTIFY_SOCKET");
}

struct watchdog_row {
    const char *name;
    const char *us;  ///< $WATCHDOG_USEC; NULL: unset.
    const char *pid; ///< $WATCHDOG_PID: "us", a number, or NULL: unset.
    int64_t ms;
};

static const struct watchdog_row watchdog_rows[] = {
    { "is told at half of its time", "90000000", "us", 45000 },
    { "is told by whoever it is, where it names no process", "90000000", NULL, 45000 },
    { "is not told by another process", "90000000", "1", 0 },
    { "is told each millisecond at most", "10", "us", 1 },
    { "is not there where the environment does not say so", NULL, NULL, 0 },
    { "is not there at zero", "0", "us", 0 },
    { "is not there at no number", "soon", "us", 0 },
    { "is not there where its process is no number", "90000000", "x", 0 },
};

static void check_watchdog(void **state)
{
    const struct watchdog_row *row = *state;
    char pid[20];
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (row->us) {
        setenv("WATCHDOG_USEC", row->us, 1);
    }
    if (row->pid) {
        setenv("WATCHDOG_PID", strcmp(row->pid, "us") == 0 ? pid : row->pid, 1);
    }
    assert_int_equal(wn_notify_watchdog_ms(), row->ms);
}

int main(void)
{
    struct wn_tests tests = { 0 };
    WN_ADD_TABLE(&tests, told_rows, check_told);
    WN_ADD_TABLE(&tests, watchdog_rows, check_watchdog);
    return wn_run_tests("notify", &tests);
}
