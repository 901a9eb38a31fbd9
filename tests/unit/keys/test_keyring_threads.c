// SPDX-License-Identifier: Apache-2.0

/** A ring among workers: whoever asks first derives, everybody gets the same key. */

#include <pthread.h>

#include "table.h"
#include "winnow/keyring.h"

enum {
    WORKERS = 4
};

static const char *const kinds[] = { "imsi", "imei", "nai", "account", "number", "mac", "email" };

/** A worker, and what it found. */
struct asker {
    pthread_t thread;
    struct wn_keyring *keyring;
    const struct wn_mac *found[2][WN_COUNT(kinds)];
};

static void *ask(void *context)
{
    struct asker *asker = context;
    for (size_t i = 0; i < WN_COUNT(kinds); i++) {
        asker->found[0][i] = wn_keyring_find(asker->keyring, "billing", kinds[i], 0);
        asker->found[1][i] = wn_keyring_find(asker->keyring, "insight", kinds[i], 202611);
    }
    return NULL;
}

static void workers_find_the_same_keys(void **state)
{
    (void)state;
    const char *const purposes[] = { "billing", "insight" };
    struct asker askers[WORKERS] = { { .keyring = NULL } };
    struct wn_keyring *keyring = NULL;
    struct wn_error err;
    assert_int_equal(wn_keyring_scratch(purposes, 2, &keyring, &err), WN_OK);
    for (size_t i = 0; i < WORKERS; i++) {
        askers[i].keyring = keyring;
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
    }
    for (size_t i = 0; i < WN_COUNT(kinds); i++) {
        assert_non_null(askers[0].found[0][i]);
        assert_ptr_not_equal(askers[0].found[0][i], askers[0].found[1][i]);
        for (size_t j = 1; j < WORKERS; j++) {
            assert_ptr_equal(askers[j].found[0][i], askers[0].found[0][i]);
            assert_ptr_equal(askers[j].found[1][i], askers[0].found[1][i]);
        }
    }
    wn_keyring_close(keyring);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(workers_find_the_same_keys) };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("keyring among threads", &all);
}
