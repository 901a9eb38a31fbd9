// SPDX-License-Identifier: Apache-2.0

#include "winnow/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/** @return the length of the address; 0: there is none that we could tell. */
static socklen_t read_address(struct sockaddr_un *ret_address)
{
    const char *name = getenv("NOTIFY_SOCKET");
    const size_t len = name ? strlen(name) : 0;
    if (len < 2 || len >= sizeof(ret_address->sun_path) || (name[0] != '/' && name[0] != '@')) {
        return 0;
    }
    *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(ret_address->sun_path, name, len);
    if (name[0] == '@') {
        ret_address->sun_path[0] = '\0'; // unix(7): an abstract name begins with a null octet.
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

bool wn_notify(const char *lines)
{
    struct sockaddr_un address;
    const socklen_t len = read_address(&address);
    const int fd = len > 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0) {
        return false;
    }
    const ssize_t sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT,
                                (const struct sockaddr *)&address, len);
    (void)close(fd);
    return sent >= 0;
}

/** @return a whole number of the environment, or -1. */
static long long read_number(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    const long long value = text ? strtoll(text, &end, 10) : -1;
    return text && end != text && *end == '\0' && value >= 0 ? value : -1;
}

int64_t wn_notify_watchdog_ms(void)
{
    const long long pid = read_number("WATCHDOG_PID");
    const long long us = read_number("WATCHDOG_USEC");
    if (us <= 0 || (getenv("WATCHDOG_PID") && pid != getpid())) {
        return 0;
    }
    return us < 2000 ? 1 : us / 2000;
}
