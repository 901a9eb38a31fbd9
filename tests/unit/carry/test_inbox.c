// SPDX-License-Identifier: Apache-2.0

/** Orders between threads: each is done once, between two turns, and its answer is whole. */

#include "inbox.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "table.h"

enum {
    ORDERS = 2000
};

/** A worker that turns until it is told to end. */
struct worker {
    pthread_t thread;
    struct wn_inbox inbox;
    atomic_bool end;
    size_t counted, done;
};

static size_t work(void *context, enum wn_order order, const char *line,
                   struct wn_buffer *ret_reply)
{
    struct worker *worker = context;
    if (order == WN_ORDER_COUNT) {
        return ++worker->counted;
    }
    worker->done++;
    wn_buffer_format(ret_reply, "ok %s", line);
    return 0;
}

static void *turn(void *context)
{
    struct worker *worker = context;
    while (!atomic_load(&worker->end)) {
        wn_inbox_serve(&worker->inbox, work, worker);
        (void)sched_yield();
    }
    return NULL;
}

static void await(struct wn_inbox *inbox)
{
    while (!wn_inbox_wait(inbox, 50)) {
    }
}

static void each_order_is_answered_once(void **state)
{
    (void)state;
    struct worker worker = { .counted = 0 };
    wn_inbox_init(&worker.inbox);
    atomic_init(&worker.end, false);
    assert_int_equal(pthread_create(&worker.thread, NULL, turn, &worker), 0);
    for (unsigned i = 0; i < ORDERS; i++) {
        char line[32];
        char expected[40];
        (void)snprintf(line, sizeof(line), "order %u", i);
        wn_inbox_put(&worker.inbox, WN_ORDER_COUNT, line);
        await(&worker.inbox);
        assert_int_equal(worker.inbox.n, i + 1);
        assert_int_equal(worker.inbox.reply.len, 0);
        wn_inbox_put(&worker.inbox, WN_ORDER_DO, line);
        await(&worker.inbox);
        (void)snprintf(expected, sizeof(expected), "ok %s", line);
        assert_int_equal(worker.inbox.reply.len, strlen(expected));
        assert_memory_equal(worker.inbox.reply.at, expected, strlen(expected));
    }
    atomic_store(&worker.end, true);
    assert_int_equal(pthread_join(worker.thread, NULL), 0);
    assert_int_equal(worker.counted, ORDERS);
    assert_int_equal(worker.done, ORDERS);
    wn_inbox_deinit(&worker.inbox);
}

/** Whoever waits is not held by a worker that hangs, and an empty inbox costs it nothing. */
static void it_waits_a_while_and_no_longer(void **state)
{
    (void)state;
    struct worker worker = { .counted = 0 };
    wn_inbox_init(&worker.inbox);
    assert_true(wn_inbox_wait(&worker.inbox, 1000)); // There is nothing to wait for.
    wn_inbox_put(&worker.inbox, WN_ORDER_DO, "x");
    assert_false(wn_inbox_wait(&worker.inbox, 1));
    wn_inbox_serve(&worker.inbox, work, &worker);
    assert_true(wn_inbox_wait(&worker.inbox, 1));
    wn_inbox_serve(&worker.inbox, work, &worker);
    assert_int_equal(worker.done, 1);
    wn_inbox_deinit(&worker.inbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_order_is_answered_once),
        cmocka_unit_test(it_waits_a_while_and_no_longer),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("inbox", &all);
}
