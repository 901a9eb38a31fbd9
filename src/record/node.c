// SPDX-License-Identifier: Apache-2.0

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "read.h"

enum {
    NAME_MOST = 64,
    DIGITS = 9,   ///< In a row: a telephone number, an IMSI.
    HEX_MAC = 12, ///< Of a MAC address, and nothing besides.
};

static bool is_separator(char c)
{
    return c == '.' || c == ':' || c == '-' || c == '_';
}

/** @return whether a name has digits in a row as a number has, however they are grouped. */
static bool has_number(struct wn_slice name)
{
    unsigned digits = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (wn_is_digit(name.at[i])) {
            digits++;
        } else if (!is_separator(name.at[i])) {
            digits = 0;
        }
        if (digits == DIGITS) {
            return true;
        }
    }
    return false;
}

/** @return whether a name is a MAC or IP address, and nothing besides. */
static bool is_address(struct wn_slice name)
{
    struct in6_addr address;
    char text[NAME_MOST + 1];
    unsigned hex = 0;
    bool other = false;
    for (size_t i = 0; i < name.len; i++) {
        const bool is_hex = wn_hex_digit(name.at[i]) >= 0;
        hex += is_hex ? 1 : 0;
        other = other || !(is_hex || is_separator(name.at[i]));
    }
    (void)snprintf(text, sizeof(text), "%.*s", (int)name.len, name.at);
    return (!other && hex == HEX_MAC) || inet_pton(AF_INET, text, &address) == 1 ||
           inet_pton(AF_INET6, text, &address) == 1;
}

bool wn_node_may_show(struct wn_slice name)
{
    if (name.len == 0 || name.len > NAME_MOST || is_separator(name.at[0])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        if (!wn_is_letter(c) && !wn_is_digit(c) && !is_separator(c)) {
            return false;
        }
    }
    return !has_number(name) && !is_address(name);
}
