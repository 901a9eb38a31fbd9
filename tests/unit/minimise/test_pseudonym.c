// SPDX-License-Identifier: Apache-2.0

/** Pseudonyms: known answers of another implementation, never linked, and the same from the cache.
 */

#include "table.h"

#include "keyring_double.h"
#include "winnow/minimise.h"

#define LONG_NAME "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" // 41 octets: longer than a slot.

/** Computed with Python's hmac and hashlib: HMAC-SHA-256 under SHA-256("PURPOSE/KIND/PERIOD"). */
static const struct row {
    const char *name;
    const char *purpose;
    enum wn_kind kind;
    uint32_t period;
    const char *canonical;
    const char *pseudonym;
} rows[] = {
    { "an IMSI for billing", "billing", WN_KIND_IMSI, 0, "204980000000001",
      "1dbe3beb5780fb7fb65715634edb44a6" },
    { "a user name", "billing", WN_KIND_NAI, 0, "anna@example.net",
      "ff42b95c45a2d49568bd49be835a3dfc" },
    { "the same IMSI for insight in a month", "insight", WN_KIND_IMSI, 202611, "204980000000001",
      "31e6ce3875507a134f67d39ecda23da3" },
    { "a number", "billing", WN_KIND_NUMBER, 0, "31600000001", "8e5b423916008c75391f079d5420beee" },
    { "a short code with its class", "billing", WN_KIND_NUMBER, 0, "short:1400",
      "c37e66b51f31eddf2a32f05fd6045c7c" },
    { "a name that is too long for the cache", "billing", WN_KIND_NAI, 0, LONG_NAME,
      "b6a074ee0c5258718866ecf7bdf7fdc8" },
};

static struct wn_minimiser *open_with(struct wn_keyring *keyring, unsigned cached)
{
    struct wn_minimiser *minimiser = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_minimiser_open(keyring, cached, &minimiser, &err), WN_OK);
    return minimiser;
}

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_keyring keyring = { 0 };
    struct wn_minimiser *minimiser = open_with(&keyring, 64);
    uint8_t pseudonym[16];
    char hex[33];

    for (unsigned i = 0; i < 2; i++) { // Computed, then from the cache.
        memset(pseudonym, 0, sizeof(pseudonym));
        assert_true(wn_pseudonym(minimiser, row->purpose, row->kind, row->period,
                                 wn_slice_of(row->canonical), pseudonym));
        wn_hex(pseudonym, sizeof(pseudonym), hex);
        assert_string_equal(hex, row->pseudonym);
    }
    assert_int_equal(keyring.n_found, strlen(row->canonical) > 40 ? 2 : 1);
    wn_minimiser_close(minimiser);
    keyring_double_deinit(&keyring);
}

static void works_without_a_cache(void **state)
{
    (void)state;
    struct wn_keyring keyring = { 0 };
    struct wn_minimiser *minimiser = open_with(&keyring, 0);
    uint8_t one[16];
    uint8_t two[16];

    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_IMSI, 0, wn_slice_of("1"), one));
    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_IMSI, 0, wn_slice_of("1"), two));
    assert_memory_equal(one, two, sizeof(one));
    assert_int_equal(keyring.n_found, 2);
    wn_minimiser_close(minimiser);
    keyring_double_deinit(&keyring);
}

/** Every pseudonym of a crowd that overflows the cache is what it is without one. */
static void is_right_however_full_the_cache_is(void **state)
{
    (void)state;
    static const char *const purposes[] = { "billing", "insight" };
    static const enum wn_kind kinds[] = { WN_KIND_IMSI, WN_KIND_NAI };
    static const uint32_t periods[] = { 202610, 202611 };
    struct wn_keyring keyring = { 0 };
    struct wn_minimiser *cached = open_with(&keyring, 128);
    struct wn_minimiser *plain = open_with(&keyring, 0);
    uint32_t random = 1;

    for (unsigned i = 0; i < 20000; i++) {
        char text[24];
        uint8_t one[16];
        uint8_t two[16];
        random = random * 1664525 + 1013904223;
        snprintf(text, sizeof(text), "%u", random >> 24);
        const char *purpose = purposes[random >> 8 & 1];
        enum wn_kind kind = kinds[random >> 9 & 1];
        uint32_t period = periods[random >> 10 & 1];
        assert_true(wn_pseudonym(cached, purpose, kind, period, wn_slice_of(text), one));
        assert_true(wn_pseudonym(plain, purpose, kind, period, wn_slice_of(text), two));
        assert_memory_equal(one, two, sizeof(one));
    }
    assert_true(keyring.n_found < 40000); // The cache was of use,
    assert_true(keyring.n_found > 21000); // and too small.
    wn_minimiser_close(cached);
    wn_minimiser_close(plain);
    keyring_double_deinit(&keyring);
}

static void is_linked_neither_by_purpose_nor_kind_nor_period(void **state)
{
    (void)state;
    struct wn_keyring keyring = { 0 };
    struct wn_minimiser *minimiser = open_with(&keyring, 64);
    uint8_t made[5][16];
    struct wn_slice who = wn_slice_of("204980000000001");

    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_IMSI, 0, who, made[0]));
    assert_true(wn_pseudonym(minimiser, "insight", WN_KIND_IMSI, 0, who, made[1]));
    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_ACCOUNT, 0, who, made[2]));
    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_IMSI, 202611, who, made[3]));
    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_IMSI, 202612, who, made[4]));
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned k = 0; k < i; k++) {
            assert_memory_not_equal(made[i], made[k], 16);
        }
    }
    wn_minimiser_close(minimiser);
    keyring_double_deinit(&keyring);
}

static void says_that_the_key_is_missing(void **state)
{
    (void)state;
    struct wn_keyring keyring = { .missing = "insight" };
    struct wn_minimiser *minimiser = open_with(&keyring, 64);
    uint8_t pseudonym[16];
    struct wn_slice who = wn_slice_of("204980000000001");

    assert_false(wn_pseudonym(minimiser, "insight", WN_KIND_IMSI, 202611, who, pseudonym));
    assert_false(wn_pseudonym(minimiser, "insight", WN_KIND_IMSI, 202611, who, pseudonym));
    assert_true(wn_pseudonym(minimiser, "billing", WN_KIND_IMSI, 0, who, pseudonym));
    wn_minimiser_close(minimiser);
    keyring_double_deinit(&keyring);
}

static void closes_nothing(void **state)
{
    (void)state;
    assert_null(wn_minimiser_close(NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_without_a_cache),
        cmocka_unit_test(is_right_however_full_the_cache_is),
        cmocka_unit_test(is_linked_neither_by_purpose_nor_kind_nor_period),
        cmocka_unit_test(says_that_the_key_is_missing),
        cmocka_unit_test(closes_nothing),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("pseudonym", &all);
}
