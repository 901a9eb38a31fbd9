// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE // NOLINT: struct ucred.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "winnow/control.h"
#include "winnow/log.h"

enum {
    LINE_MOST = 64 * 1024, ///< A replay names records.
    CHUNK = 4096,
    REPLY_MOST = 1024 * 1024,
    WAIT_S = 1, ///< How long a worker waits for a line that does not come.
};

struct wn_control {
    int fd;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

static enum wn_code address_of(const char *path, struct sockaddr_un *ret_address,
                               struct wn_error *err)
{
    memset(ret_address, 0, sizeof(*ret_address));
    ret_address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof(ret_address->sun_path)) {
        return wn_fail(err, WN_FATAL, "file-write",
                       "%s: longer than a socket's name may be (%zu octets); set run: state: to a "
                       "shorter folder",
                       path, sizeof(ret_address->sun_path) - 1);
    }
    memcpy(ret_address->sun_path, path, strlen(path) + 1);
    return WN_OK;
}

static int connect_to(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        int kept = errno;
        (void)close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

static enum wn_code bind_to(int fd, const char *path, const struct sockaddr_un *address,
                            struct wn_error *err)
{
    int living = connect_to(address);
    if (living >= 0) {
        (void)close(living);
        return wn_fail(err, WN_FATAL, "file-write",
                       "%s: another winnow listens there; give each its own run: state:", path);
    }
    (void)unlink(path);
    mode_t mask = umask(0177); // Mode 0600 from its first moment on.
    int rc = bind(fd, (const struct sockaddr *)address, sizeof(*address));
    int kept = errno;
    (void)umask(mask);
    if (rc != 0 || listen(fd, 4) != 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", path,
                       strerror(rc != 0 ? kept : errno));
    }
    return WN_OK;
}

enum wn_code wn_control_open(const char *path, struct wn_control **ret_control,
                             struct wn_error *err)
{
    struct sockaddr_un address;
    enum wn_code rc = address_of(path, &address, err);
    if (rc != WN_OK) {
        return rc;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    }
    rc = bind_to(fd, path, &address, err);
    if (rc != WN_OK) {
        (void)close(fd);
        return rc;
    }
    struct wn_control *control = calloc(1, sizeof(*control));
    if (!control) {
        abort();
    }
    control->fd = fd;
    memcpy(control->path, address.sun_path, sizeof(control->path));
    *ret_control = control;
    return WN_OK;
}

struct wn_control *wn_control_close(struct wn_control *control)
{
    if (control) {
        (void)unlink(control->path);
        (void)close(control->fd);
        free(control);
    }
    return NULL;
}

static bool send_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/** Read up to a newline. @return whether there was one in time. */
static bool read_line(int fd, char *line, size_t room)
{
    size_t len = 0;
    while (len + 1 < room) {
        ssize_t got = recv(fd, line + len, room - 1 - len, 0);
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        line[len] = '\0';
        char *end = strchr(line, '\n');
        if (end) {
            *end = '\0';
            return true;
        }
    }
    return false;
}

/** Say in the log who ordered what: the verb, its target and reason, as far as they can be printed.
 */
static void audit(int fd, const char *line, const struct wn_buffer *reply)
{
    struct ucred who = { .uid = (uid_t)-1 };
    socklen_t len = sizeof(who);
    char order[300];
    size_t n = 0;
    (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
    for (; n < sizeof(order) - 1 && line[n] != 0; n++) {
        const bool plain = line[n] > 0x20 && line[n] < 0x7f && line[n] != '"';
        order[n] = ' ';
        if (plain) {
            order[n] = line[n];
        }
    }
    order[n] = '\0';
    const bool good = reply->len >= 2 && memcmp(reply->at, "ok", 2) == 0;
    wn_log(WN_LOG_INFO, "order", "uid=%lld pid=%lld order=\"%s\" answer=%s", (long long)who.uid,
           (long long)who.pid, order, good ? "ok" : "no");
}

void wn_control_wait(const struct wn_control *control, int ms)
{
    struct pollfd asked = { .fd = control->fd, .events = POLLIN };
    (void)poll(&asked, 1, ms);
}

void wn_control_serve(struct wn_control *control, wn_control_answer *answer, void *context)
{
    int fd = accept(control->fd, NULL, NULL);
    if (fd < 0) {
        return;
    }
    const struct timeval wait = { WAIT_S, 0 };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    struct wn_buffer reply = { 0 };
    struct wn_buffer text = { 0 };
    char *line = (char *)wn_buffer_room(&text, LINE_MOST);
    if (read_line(fd, line, LINE_MOST)) {
        answer(context, line, &reply);
        audit(fd, line, &reply);
        (void)send_all(fd, reply.at, reply.len);
    }
    wn_buffer_deinit(&text);
    wn_buffer_deinit(&reply);
    (void)close(fd);
}

enum wn_code wn_control_ask(const char *path, const char *line, struct wn_buffer *ret_reply,
                            struct wn_error *err)
{
    struct sockaddr_un address;
    enum wn_code rc = address_of(path, &address, err);
    if (rc != WN_OK) {
        return rc;
    }
    int fd = connect_to(&address);
    if (fd < 0) {
        return wn_fail(err, WN_FATAL, "not-running",
                       "%s: %s; is 'winnow run' running with this configuration?", path,
                       strerror(errno));
    }
    bool sent = send_all(fd, line, strlen(line)) && send_all(fd, "\n", 1);
    ssize_t got = 1;
    while (sent && got > 0 && ret_reply->len < REPLY_MOST) {
        got = recv(fd, wn_buffer_room(ret_reply, CHUNK), CHUNK, 0);
        ret_reply->len += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    if (!sent || ret_reply->len == 0) {
        return wn_fail(err, WN_FATAL, "not-running", "%s: no answer", path);
    }
    return WN_OK;
}
