// SPDX-License-Identifier: Apache-2.0

#include <arpa/inet.h>

#include "settings_parts.h"

enum {
    PORT_MOST = 65535
};

/** @return whether a text is `ADDRESS:PORT` or `[ADDRESS]:PORT`, in numbers: no name is looked up.
 */
static bool is_listen(const char *text)
{
    char host[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    const bool six = text[0] == '[';
    const char *end = strrchr(text, ':');
    uint64_t port = 0;
    if (!end || (six && (end == text + 1 || end[-1] != ']'))) {
        return false;
    }
    const size_t len = (size_t)(end - text) - (six ? 2 : 0);
    if (len >= sizeof(host)) {
        return false;
    }
    memcpy(host, text + six, len);
    host[len] = '\0';
    return inet_pton(six ? AF_INET6 : AF_INET, host, address) == 1 &&
           wn_slice_number(wn_slice_of(end + 1), &port) && port <= PORT_MOST;
}

void wn_settings_http(const struct wn_config *config, const struct wn_node *http,
                      const char **ret_listen)
{
    static const char *const known[] = { "listen", NULL };
    if (!http) {
        return;
    }
    if (http->type == WN_NODE_TEXT) {
        if (wn_slice_is(http->text, "off")) {
            *ret_listen = NULL;
        } else {
            wn_config_fault(config, http, "http: off, or {listen: ADDRESS:PORT}, is expected here");
        }
        return;
    }
    wn_config_keys(config, http, "http", known);
    const struct wn_node *node = wn_config_find(http, "listen");
    const char *listen = wn_settings_word(config, node, "http.listen");
    if (listen && is_listen(listen)) {
        *ret_listen = listen;
    } else if (listen) {
        wn_config_fault(config, node,
                        "http.listen: not an address in numbers and a port, such as 127.0.0.1:9464 "
                        "or [::1]:9464");
    }
}
