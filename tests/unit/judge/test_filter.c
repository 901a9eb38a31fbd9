// SPDX-License-Identifier: Apache-2.0

/** Which rule takes a record: the source's, in their order, then the site's. */

#include "judge_fixture.h"
#include "table.h"

#define SOURCE                                                                                     \
    "duplicate_key: [node, /id]\ncontent: []\nsession_key: []\nclock: {zone: UTC}\n"               \
    "numbers: {internal: [\"2xxx\"]}\nfilter:\n"                                                   \
    "  - {rule: omit, when: {from: /mark, is: omit}}\n"                                            \
    "  - {rule: covered, when: {from: /mark, starts: o}}\n"

#define RECORD(members) "{\"node\":\"n\",\"id\":\"1\"," members "}"
#define CALLING "\"calling\":\"+31610000009\""

enum where {
    BARE, ///< A site without home networks.
    SITE, ///< Home 204-98 and 204-08, test 001-01 and 204-98-9, two test numbers.
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
static const struct row {
    const char *name;
    enum where where;
    const char *json;
    enum wn_reason rule;
} rows[] = {
    { "an ordinary call", SITE, RECORD(CALLING ",\"called\":\"0201230000\""), WN_REASON_NONE },
    { "the source's first rule that holds", SITE, RECORD(CALLING ",\"mark\":\"omit\""),
      WN_REASON_OMIT },
    { "the source's second", SITE, RECORD(CALLING ",\"mark\":\"other\""), WN_REASON_COVERED },
    { "the source's rules come first", SITE,
      RECORD("\"imsi\":\"001010000000001\",\"mark\":\"omit\""), WN_REASON_OMIT },

    { "a SIM of a home network", SITE, RECORD("\"imsi\":\"204980000000001\""), WN_REASON_NONE },
    { "a SIM of the other home network", SITE, RECORD("\"imsi\":\"204080000000001\""),
      WN_REASON_NONE },
    { "a SIM of a neighbouring network", SITE, RECORD("\"imsi\":\"204970000000001\""),
      WN_REASON_FOREIGN_IMSI },
    { "a SIM of another country", SITE, RECORD("\"imsi\":\"262010000000001\""),
      WN_REASON_FOREIGN_IMSI },
    { "nobody is foreign where no network is home", BARE, RECORD("\"imsi\":\"262010000000001\""),
      WN_REASON_NONE },
    { "a test SIM", SITE, RECORD("\"imsi\":\"001010000000001\""), WN_REASON_TEST },
    { "a test SIM where no network is home", BARE, RECORD("\"imsi\":\"001010000000001\""),
      WN_REASON_TEST },
    { "a range of test SIMs of a home network", SITE, RECORD("\"imsi\":\"204989000000001\""),
      WN_REASON_TEST },
    { "beside the range", SITE, RECORD("\"imsi\":\"204988999999999\""), WN_REASON_NONE },

    { "a test number that calls", SITE, RECORD("\"calling\":\"0600000001\""), WN_REASON_TEST },
    { "a test number that is called", SITE, RECORD(CALLING ",\"called\":\"+31600000002\""),
      WN_REASON_TEST },
    { "a test number that withholds itself", SITE,
      RECORD("\"imsi\":\"204980000000001\",\"calling\":\"+31600000002\",\"withheld\":1"),
      WN_REASON_TEST },
    { "a test number in another spelling", SITE, RECORD(CALLING ",\"called\":\"tel:06-0000-0002\""),
      WN_REASON_TEST },
    { "a number behind a test number", SITE, RECORD(CALLING ",\"called\":\"+31600000003\""),
      WN_REASON_NONE },
    { "a number longer than a test number", SITE, RECORD(CALLING ",\"called\":\"+4930000002\""),
      WN_REASON_NONE },
    { "a test extension", SITE, RECORD(CALLING ",\"called\":\"2999\""), WN_REASON_TEST },
    { "test numbers of nobody", BARE, RECORD("\"calling\":\"0600000001\""), WN_REASON_NONE },

    { "112", BARE, RECORD(CALLING ",\"called\":\"112\""), WN_REASON_EMERGENCY },
    { "112 behind the country code", BARE, RECORD(CALLING ",\"called\":\"+31112\""),
      WN_REASON_EMERGENCY },
    { "911", BARE, RECORD(CALLING ",\"called\":\"911\""), WN_REASON_EMERGENCY },
    { "112 calls back", BARE, RECORD("\"imsi\":\"204980000000001\",\"calling\":\"112\""),
      WN_REASON_EMERGENCY },
    { "113 is no emergency number", BARE, RECORD(CALLING ",\"called\":\"113\""), WN_REASON_NONE },
    { "a number that begins with 112", BARE, RECORD(CALLING ",\"called\":\"0112000000\""),
      WN_REASON_NONE },
    { "a test of 112 is a test", SITE, RECORD("\"calling\":\"0600000001\",\"called\":\"112\""),
      WN_REASON_TEST },
    { "a roamer's call to 112 is an emergency", SITE,
      RECORD("\"imsi\":\"262010000000001\",\"called\":\"112\""), WN_REASON_EMERGENCY },
};

static void check(void **state)
{
    static const struct wn_slice home[] = { { "204-98", 6 }, { "204-08", 6 } };
    static const struct wn_slice test[] = { { "001-01", 6 }, { "204-989", 7 } };
    struct wn_slice numbers[] = { { "31600000002", 11 }, { "2999", 4 }, { "31600000001", 11 } };
    const struct row *row = *state;
    struct judge_fixture fixture = judge_fixture_open("call", SOURCE);
    struct wn_site site = wn_site_default();

    if (row->where == SITE) {
        wn_site_sort_numbers(numbers, WN_COUNT(numbers));
        site.home = (struct wn_networks){ home, WN_COUNT(home) };
        site.test = (struct wn_networks){ test, WN_COUNT(test) };
        site.test_numbers = numbers;
        site.n_test_numbers = WN_COUNT(numbers);
    }
    fixture.source->site = &site;
    struct wn_decoded *decoded = judge_fixture_decode(&fixture, row->json);
    assert_string_equal(wn_reason_info(wn_filter(decoded))->id, wn_reason_info(row->rule)->id);
    judge_fixture_close(&fixture);
}

int main(void)
{
    return WN_RUN_TABLE("filter", rows, check);
}
