// SPDX-License-Identifier: Apache-2.0

/**
 * What is true of the operator's site, whatever the source: `site:` of winnow.yaml.
 */

#ifndef WINNOW_SITE_H
#define WINNOW_SITE_H

#include "winnow/slice.h"

/** Networks as `204-98` or `204-098`; text of the config's arena. */
struct wn_networks {
    const struct wn_slice *list;
    size_t n;
};

/** The site; wn_site_default() where no config says more. */
struct wn_site {
    char country[4];         ///< E.164 country code, digits: "31".
    struct wn_networks home; ///< Own networks; empty: nobody is foreign.
    struct wn_networks test; ///< Networks of test SIMs: 001-01.
    const struct wn_slice
        *test_numbers; ///< E.164 digits without +, in order: wn_site_sort_numbers().
    size_t n_test_numbers;
    const char *zone; ///< IANA name, or NULL: the source's.
};

/** How a source writes numbers: `numbers:` of the source. */
struct wn_number_rules {
    enum {
        WN_BARE_REFUSED,       ///< Digits without +, 00 or 0: "bad-identifier".
        WN_BARE_INTERNATIONAL, ///< They begin with the country code.
        WN_BARE_NATIONAL,      ///< They lack the trunk prefix.
    } bare;
    bool keeps_class; ///< What is no number is one of class `unknown` without digits; else
                      ///< "bad-identifier".
    const struct wn_slice *internal; ///< Patterns of extensions; `x` is any digit.
    size_t n_internal;
};

/** Country 31, no home networks, test network 001-01, no zone of its own. */
struct wn_site wn_site_default(void);

/** What a network of an IMSI is to the site. */
enum wn_network {
    WN_NETWORK_HOME,
    WN_NETWORK_FOREIGN,
    WN_NETWORK_TEST,
    WN_NETWORK_UNSAID, ///< The site names no home networks.
};

/**
 * Place an IMSI: TEST where it begins with a test network, HOME with one of the site's, else
 * FOREIGN; UNSAID where `home` is empty and it is no test network.
 */
enum wn_network wn_site_network(const struct wn_site *site, struct wn_slice imsi);

/** @return whether a network (`204-98`) is none of the site's; never where `home` is empty. */
bool wn_site_is_foreign_network(const struct wn_site *site, struct wn_slice network);

/** Put test numbers in the order in which they are searched. */
void wn_site_sort_numbers(struct wn_slice *numbers, size_t n);

/** @return whether these are the digits of one of the site's test numbers. */
bool wn_site_is_test_number(const struct wn_site *site, struct wn_slice digits);

#endif
