// SPDX-License-Identifier: Apache-2.0

#include "winnow/site.h"

#include <stdlib.h>

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

bool wn_site_is_foreign_network(const struct wn_site *site, struct wn_slice network)
{
    for (size_t i = 0; i < site->home.n; i++) {
        if (wn_slice_same(site->home.list[i], network)) {
            return false;
        }
    }
    return site->home.n > 0;
}

/** Order by length, then by digits: most comparisons end at the length. */
static int compare(const void *left, const void *right)
{
    const struct wn_slice *a = left;
    const struct wn_slice *b = right;
    if (a->len != b->len) {
        return a->len < b->len ? -1 : 1;
    }
    return a->len > 0 ? memcmp(a->at, b->at, a->len) : 0;
}

void wn_site_sort_numbers(struct wn_slice *numbers, size_t n)
{
    if (n > 0) {
        qsort(numbers, n, sizeof(*numbers), compare);
    }
}

bool wn_site_is_test_number(const struct wn_site *site, struct wn_slice digits)
{
    return site->n_test_numbers > 0 &&
           bsearch(&digits, site->test_numbers, site->n_test_numbers, sizeof(digits), compare);
}
