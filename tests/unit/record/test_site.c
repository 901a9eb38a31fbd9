// SPDX-License-Identifier: Apache-2.0

/** Whose network an IMSI is of, and which networks are abroad. */

#include "table.h"
#include "winnow/site.h"

static const struct wn_slice homes[] = { { "204-98", 6 }, { "204-099", 7 } };

struct row {
    const char *name;
    const char *imsi;
    bool has_home;
    enum wn_network network;
};

static const struct row rows[] = {
    { "is at home", "204980123456789", true, WN_NETWORK_HOME },
    { "is at home with three digits of MNC", "204099123456789", true, WN_NETWORK_HOME },
    { "is foreign in another network of the country", "204040123456789", true, WN_NETWORK_FOREIGN },
    { "is foreign with the first two digits of three", "204090123456789", true,
      WN_NETWORK_FOREIGN },
    { "is a test card", "001010123456789", true, WN_NETWORK_TEST },
    { "is a test card where no home is named", "001010123456789", false, WN_NETWORK_TEST },
    { "is unsaid where no home is named", "204040123456789", false, WN_NETWORK_UNSAID },
    { "is foreign where it is cut short", "2049", true, WN_NETWORK_FOREIGN },
    { "is foreign without digits", "", true, WN_NETWORK_FOREIGN },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_site site = wn_site_default();
    if (row->has_home) {
        site.home = (struct wn_networks){ homes, WN_COUNT(homes) };
    }
    assert_int_equal(wn_site_network(&site, wn_slice_of(row->imsi)), row->network);
}

struct visited {
    const char *name;
    const char *network;
    bool has_home;
    bool foreign;
};

static const struct visited visited[] = {
    { "an own network is not abroad", "204-98", true, false },
    { "another network is abroad", "204-04", true, true },
    { "an MNC of three digits is another one than of two", "204-098", true, true },
    { "nothing is abroad where no home is named", "204-04", false, false },
};

static void check_visited(void **state)
{
    const struct visited *row = *state;
    struct wn_site site = wn_site_default();
    if (row->has_home) {
        site.home = (struct wn_networks){ homes, WN_COUNT(homes) };
    }
    assert_int_equal(wn_site_is_foreign_network(&site, wn_slice_of(row->network)), row->foreign);
}

static void has_defaults(void **state)
{
    (void)state;
    const struct wn_site site = wn_site_default();
    assert_string_equal(site.country, "31");
    assert_int_equal(site.home.n, 0);
    assert_int_equal(site.test.n, 1);
    assert_int_equal(site.n_test_numbers, 0);
    assert_null(site.zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(has_defaults) };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, visited, check_visited);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("site", &all);
}
