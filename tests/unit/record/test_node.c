// SPDX-License-Identifier: Apache-2.0

/** Which names of nodes may stand in a receipt: a switch's own, and nothing that may be a person's.
 */

#include "table.h"
#include "winnow/identifier.h"

static const struct row {
    const char *name;
    const char *node;
    bool shown;
} rows[] = {
    { "a name", "pgw-ams-1", true },
    { "a name with a domain", "pgw1.ams.example.org", true },
    { "a counter of a gateway", "1034PGW_ams:2", true },
    { "an id of a network function", "8f52f358-4a71-42be-93e3-800fefc5d3fa", true },
    { "eight digits", "node12345678", true },
    { "one letter", "a", true },
    { "64 letters", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl", true },
    { "65", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm", false },
    { "nothing", "", false },
    { "nine digits", "node123456789", false },
    { "a telephone number", "31610000001", false },
    { "in groups", "06-1000-0001", false },
    { "an IMSI in groups of a name", "204.98.0000000001", false },
    { "an IPv4 address", "192.0.2.13", false },
    { "an IPv6 address", "2001:db8::1", false },
    { "another one", "fe80::a", false },
    { "a MAC address", "00-00-5e-00-53-01", false },
    { "without separators", "00005e0053ab", false },
    { "an e-mail address", "jan@example.org", false },
    { "a blank", "pgw 1", false },
    { "a quote", "pgw\"1", false },
    { "a letter beyond ASCII", "pgw-\xc3\xa9", false },
    { "a separator in front", "-pgw", false },
    { "a name of ours", "(more)", false },
};

static void check(void **state)
{
    const struct row *row = *state;
    assert_int_equal(wn_node_may_show(wn_slice_of(row->node)), row->shown);
}

int main(void)
{
    return WN_RUN_TABLE("node", rows, check);
}
