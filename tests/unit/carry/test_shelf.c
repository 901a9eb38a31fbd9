// SPDX-License-Identifier: Apache-2.0

/**
 * Inlets between the workers of a process: each has one holder, and its state goes along. Run under
 * ThreadSanitizer, the test fails where an inlet is touched by two.
 */

#include "shelf.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "scratch_folder.h"
#include "table.h"

enum {
    WORKERS = 4,
    PARTITIONS = 3,
    ROUNDS = 3000
};

/** A shelf, and what it stands on. */
struct bed {
    char top[PATH_MAX];
    struct wn_settings settings;
    struct wn_ground ground;
    struct wn_shelf *shelf;
};

static void make(struct bed *bed)
{
    static const char *const topics[] = { "raw.a", "raw.b" };
    *bed = (struct bed){ .settings = { .state_ms = 3600000, .state_held = 1000 } };
    scratch_make(bed->top);
    bed->settings.state_dir = bed->top;
    (void)snprintf(bed->ground.cluster, sizeof(bed->ground.cluster), "cluster");
    for (unsigned i = 0; i < WN_COUNT(topics); i++) {
        struct wn_input_facts *facts = &bed->ground.facts[i];
        facts->settings = &bed->settings;
        facts->cluster = bed->ground.cluster;
        facts->names.topic = topics[i];
        facts->window_days = 36;
    }
    bed->ground.n_inputs = WN_COUNT(topics);
    bed->shelf = wn_shelf_open(&bed->ground, &bed->settings);
}

static void end(struct bed *bed)
{
    assert_null(wn_shelf_close(bed->shelf));
    scratch_remove(bed->top);
}

static void one_holds_it_and_the_next_gets_it_as_it_was(void **state)
{
    (void)state;
    struct bed bed;
    make(&bed);
    struct wn_input_facts mine = bed.ground.facts[1];
    struct wn_input_facts theirs = bed.ground.facts[1];
    struct wn_inlet *inlet = wn_shelf_take(bed.shelf, &mine, 2);
    assert_non_null(inlet);
    assert_string_equal(inlet->name, "raw.b[2]");
    assert_ptr_equal(inlet->facts, &mine);
    assert_ptr_equal(inlet->chain.names, &mine.names);
    assert_null(wn_shelf_take(bed.shelf, &theirs, 2)); // Not yet.
    struct wn_inlet *other = wn_shelf_take(bed.shelf, &bed.ground.facts[0], 2);
    assert_ptr_not_equal(other, inlet);
    inlet->position = (struct wn_state_position){ 41, 7 };
    inlet->owned = true;
    inlet->phase = WN_PHASE_RUNNING;
    inlet->by_hand = true;
    wn_shelf_put(bed.shelf, inlet);
    assert_ptr_equal(wn_shelf_take(bed.shelf, &theirs, 2), inlet);
    assert_ptr_equal(inlet->facts, &theirs);
    assert_ptr_equal(inlet->chain.names, &theirs.names);
    assert_int_equal(inlet->position.offset, 41);
    assert_int_equal(inlet->phase, WN_PHASE_AWAY);
    assert_false(inlet->owned);
    assert_true(inlet->by_hand); // It stays paused wherever it goes.
    wn_shelf_put(bed.shelf, inlet);
    wn_shelf_put(bed.shelf, other);
    end(&bed);
}

/** Entries that nobody works with are written as runs, where it is time to; nobody's inlet is
 * touched that is taken. */
static void what_lies_here_is_written(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_error err;
    make(&bed);
    for (int32_t partition = 0; partition < 2; partition++) {
        struct wn_inlet *inlet = wn_shelf_take(bed.shelf, &bed.ground.facts[0], partition);
        assert_int_equal(wn_inlet_open_state(inlet, true, &err), WN_OK);
        inlet->position = (struct wn_state_position){ 5, 3 };
        if (partition == 0) {
            wn_shelf_put(bed.shelf, inlet);
        }
        assert_int_equal(wn_shelf_tend(bed.shelf, false, &err), WN_OK);
        assert_int_equal(inlet->written, -1); // Not for an hour.
        assert_int_equal(wn_shelf_tend(bed.shelf, true, &err), WN_OK);
        assert_int_equal(inlet->written, partition == 0 ? 3 : -1);
        if (partition == 1) {
            wn_shelf_put(bed.shelf, inlet);
        }
    }
    end(&bed);
}

/** A worker that takes and puts back; the counter is not atomic on purpose. */
struct worker {
    pthread_t thread;
    struct bed *bed;
    struct wn_input_facts facts;
    unsigned turns;
};

static void *take_and_put(void *context)
{
    struct worker *worker = context;
    while (worker->turns < ROUNDS) {
        struct wn_inlet *inlet = wn_shelf_take(worker->bed->shelf, &worker->facts,
                                               (int32_t)(worker->turns % PARTITIONS));
        if (!inlet) {
            (void)sched_yield();
            continue;
        }
        assert_ptr_equal(inlet->facts, &worker->facts);
        inlet->next++;
        worker->turns++;
        wn_shelf_put(worker->bed->shelf, inlet);
    }
    return NULL;
}

static void workers_hand_them_over(void **state)
{
    (void)state;
    struct bed bed;
    struct worker workers[WORKERS];
    struct wn_error err;
    make(&bed);
    for (size_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){ .bed = &bed, .facts = bed.ground.facts[0] };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, take_and_put, &workers[i]), 0);
    }
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(wn_shelf_tend(bed.shelf, true, &err), WN_OK);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    int64_t total = 0;
    for (int32_t partition = 0; partition < PARTITIONS; partition++) {
        struct wn_inlet *inlet = wn_shelf_take(bed.shelf, &bed.ground.facts[0], partition);
        assert_non_null(inlet);
        total += inlet->next;
        wn_shelf_put(bed.shelf, inlet);
    }
    assert_int_equal(total, WORKERS * ROUNDS);
    end(&bed);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_holds_it_and_the_next_gets_it_as_it_was),
        cmocka_unit_test(what_lies_here_is_written),
        cmocka_unit_test(workers_hand_them_over),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("shelf", &all);
}
