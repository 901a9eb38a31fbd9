// SPDX-License-Identifier: Apache-2.0

#include "winnow/site.h"

static const struct wn_slice test_networks[] = { { "001-01", 6 } };

struct wn_site wn_site_default(void)
{
    return (struct wn_site){
        .country = "31",
        .test = { .list = test_networks, .n = WN_COUNT(test_networks) },
    };
}

/** @return whether the IMSI begins with the network's digits; `-` does not count. */
static bool begins_with(struct wn_slice imsi, struct wn_slice network)
{
    size_t at = 0;
    for (size_t i = 0; i < network.len; i++) {
        if (network.at[i] == '-') {
            continue;
        }
        if (at == imsi.len || imsi.at[at] != network.at[i]) {
            return false;
        }
        at++;
    }
    return at > 0;
}

static bool any_begins(const struct wn_networks *networks, struct wn_slice imsi)
{
    for (size_t i = 0; i < networks->n; i++) {
        if (begins_with(imsi, networks->list[i])) {
            return true;
        }
    }
    return false;
}

enum wn_network wn_site_network(const struct wn_site *site, struct wn_slice imsi)
{
    if (any_begins(&site->test, imsi)) {
        return WN_NETWORK_TEST;
    }
    if (site->home.n == 0) {
        return WN_NETWORK_UNSAID;
    }
    return any_begins(&site->home, imsi) ? WN_NETWORK_HOME : WN_NETWORK_FOREIGN;
}
