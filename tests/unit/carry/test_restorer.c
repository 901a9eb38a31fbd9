// SPDX-License-Identifier: Apache-2.0

/**
 * Where threads meet: inlets handed to the restorer and taken back. Run under ThreadSanitizer, the
 * test fails where anything but the queues is shared.
 *
 * Restore and readers are doubles: librdkafka's own threads are C11 threads, which
 * ThreadSanitizer does not follow. The real ones run in tests/integration.
 */

#include <sched.h>
#include <stdatomic.h>

#include "restore.h"
#include "restorer.h"
#include "table.h"

enum {
    INLETS = 16,
    ROUNDS = 2000
};

enum wn_code wn_restore(const struct wn_restore *restore, struct wn_inlet *inlet,
                        struct wn_error *err)
{
    if (atomic_load(restore->stop)) {
        return wn_fail(err, WN_RETRY, "broker-away", "stopped");
    }
    inlet->next++; // Not atomic on purpose: it is the thread's while it restores.
    inlet->has_head = !inlet->has_head;
    return inlet->next % 7 == 0 ? wn_fail(err, WN_ABORT, "state-lost", "every seventh") : WN_OK;
}

enum wn_code wn_reader_open(const struct wn_settings *settings, bool committed,
                            struct wn_reader **ret_reader, struct wn_error *err)
{
    (void)settings;
    (void)committed;
    (void)ret_reader;
    (void)err;
    return WN_OK;
}

struct wn_reader *wn_reader_close(struct wn_reader *reader)
{
    (void)reader;
    return NULL;
}

enum wn_code wn_reader_committed(struct wn_reader *reader, struct wn_place *place,
                                 struct wn_error *err)
{
    (void)reader;
    (void)place;
    (void)err;
    return WN_OK;
}

enum wn_code wn_reader_ends(struct wn_reader *reader, const char *topic, int32_t partition,
                            int64_t *ret_low, int64_t *ret_high, struct wn_error *err)
{
    (void)reader;
    (void)topic;
    (void)partition;
    (void)err;
    *ret_low = 0;
    *ret_high = 0;
    return WN_OK;
}

static void every_inlet_comes_back_once(void **state)
{
    (void)state;
    static struct wn_inlet inlets[INLETS];
    struct wn_settings settings = { 0 };
    struct wn_restorer *restorer = NULL;
    struct wn_error err = { 0 };
    unsigned out = 0;
    unsigned back = 0;
    unsigned broken = 0;

    assert_int_equal(wn_restorer_open(&settings, &restorer, &err), WN_OK);
    for (unsigned i = 0; i < INLETS; i++) {
        wn_restorer_give(restorer, &inlets[i]);
        out++;
    }
    while (back < INLETS * ROUNDS) {
        struct wn_error said = { 0 };
        struct wn_inlet *inlet = wn_restorer_take(restorer, &said);
        if (!inlet) {
            (void)sched_yield();
            continue;
        }
        back++;
        broken += said.code == WN_ABORT;
        inlet->phase = WN_PHASE_AWAY;
        inlet->why.code = WN_OK;
        if (out < INLETS * ROUNDS) {
            wn_restorer_give(restorer, inlet);
            out++;
        }
    }
    int64_t total = 0;
    unsigned expected_broken = 0;
    for (unsigned i = 0; i < INLETS; i++) {
        total += inlets[i].next;
        expected_broken += (unsigned)(inlets[i].next / 7);
    }
    assert_int_equal(total, INLETS * ROUNDS);
    assert_int_equal(broken, expected_broken);
    wn_restorer_close(restorer);
}

static void it_ends_with_work_in_its_hands(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        static struct wn_inlet inlets[INLETS];
        struct wn_settings settings = { 0 };
        struct wn_restorer *restorer = NULL;
        struct wn_error err = { 0 };
        memset(inlets, 0, sizeof(inlets));
        assert_int_equal(wn_restorer_open(&settings, &restorer, &err), WN_OK);
        for (unsigned i = 0; i < INLETS; i++) {
            wn_restorer_give(restorer, &inlets[i]);
        }
        assert_null(wn_restorer_close(restorer));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_inlet_comes_back_once),
        cmocka_unit_test(it_ends_with_work_in_its_hands),
    };
    return cmocka_run_group_tests_name("restorer", tests, NULL, NULL);
}
