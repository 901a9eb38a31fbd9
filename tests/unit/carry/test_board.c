// SPDX-License-Identifier: Apache-2.0

/**
 * A board between threads: one posts, one notes ends, others read. Run under ThreadSanitizer, the
 * test fails where anything is shared without the lock; and a reader never sees half a status.
 */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "table.h"
#include "winnow/status.h"

enum {
    POSTS = 2000,
    READERS = 3,
    MOST = 9, ///< Inputs and partitions of a status, at most.
};

struct stage {
    struct wn_board *board;
    atomic_bool end;
    atomic_int wrong;
};

/** A status that can be checked: everything in it follows from `n`. */
static void make(unsigned n, struct wn_status *ret_status)
{
    *ret_status = (struct wn_status){ .commits = n, .n_inputs = 1 + n % MOST };
    ret_status->inputs = calloc(MOST, sizeof(*ret_status->inputs));
    ret_status->partitions = calloc(MOST, sizeof(*ret_status->partitions));
    assert_true(ret_status->inputs && ret_status->partitions);
    ret_status->n_partitions = 1 + n % MOST;
    (void)snprintf(ret_status->name, sizeof(ret_status->name), "worker-%u", n);
    for (unsigned i = 0; i < ret_status->n_inputs; i++) {
        (void)snprintf(ret_status->inputs[i].topic, sizeof(ret_status->inputs[i].topic), "raw.%u",
                       i);
        ret_status->inputs[i].in = n;
        ret_status->partitions[i] = (struct wn_status_partition){ .input = i, .next = (int64_t)n };
    }
}

static bool is_whole(const struct wn_status *status)
{
    char name[32];
    const unsigned n = (unsigned)status->commits;
    (void)snprintf(name, sizeof(name), "worker-%u", n);
    bool good = strcmp(status->name, name) == 0 && status->n_inputs == 1 + n % MOST &&
                status->n_partitions == status->n_inputs;
    for (unsigned i = 0; i < status->n_inputs && good; i++) {
        const struct wn_status_partition *partition = &status->partitions[i];
        good = status->inputs[i].in == n && partition->next == (int64_t)n &&
               partition->input == i &&
               (partition->high == -1 || partition->high == partition->stable + 1);
    }
    return good;
}

static void *read_board(void *context)
{
    struct stage *stage = context;
    while (!atomic_load(&stage->end)) {
        struct wn_status status;
        if (wn_board_read(stage->board, &status) && !is_whole(&status)) {
            atomic_fetch_add(&stage->wrong, 1);
        }
        if (wn_board_turned_ms(stage->board) < 1) {
            atomic_fetch_add(&stage->wrong, 1);
        }
        wn_status_deinit(&status);
        (void)sched_yield();
    }
    return NULL;
}

static void *note_ends(void *context)
{
    struct stage *stage = context;
    for (int64_t n = 0; !atomic_load(&stage->end); n++) {
        wn_board_ends(stage->board, "raw.0", 0, n + 1, n);
        (void)sched_yield();
    }
    return NULL;
}

static void a_reader_never_sees_half_a_status(void **state)
{
    (void)state;
    struct stage stage = { .board = wn_board_open() };
    pthread_t threads[READERS + 1];
    for (unsigned i = 0; i < READERS + 1; i++) {
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < READERS ? read_board : note_ends, &stage), 0);
    }
    for (unsigned n = 0; n < POSTS; n++) {
        struct wn_status status;
        make(n, &status);
        wn_board_turned(stage.board, 1 + (int64_t)n);
        wn_board_post(stage.board, &status);
        wn_status_deinit(&status);
    }
    atomic_store(&stage.end, true);
    for (unsigned i = 0; i < READERS + 1; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&stage.wrong), 0);
    stage.board = wn_board_close(stage.board);
}

static void an_empty_board_has_nothing_to_say(void **state)
{
    (void)state;
    struct wn_board *board = wn_board_open();
    struct wn_status status;
    assert_false(wn_board_read(board, &status));
    assert_int_equal(status.n_partitions, 0);
    assert_true(wn_board_turned_ms(board) > 0);
    wn_status_deinit(&status);
    assert_null(wn_board_close(board));
    assert_null(wn_board_close(NULL));
}

static void ends_belong_to_one_partition_and_outlive_a_post(void **state)
{
    (void)state;
    struct wn_board *board = wn_board_open();
    struct wn_status status;
    make(MOST - 1, &status);
    wn_board_ends(board, "raw.1", 0, 500, 400);
    wn_board_ends(board, "raw.2", 1, 7, 7);
    wn_board_post(board, &status);
    wn_board_post(board, &status);
    wn_status_deinit(&status);
    assert_true(wn_board_read(board, &status));
    assert_int_equal(status.partitions[1].high, 500);
    assert_int_equal(status.partitions[1].stable, 400);
    assert_int_equal(status.partitions[0].high, -1);
    assert_int_equal(status.partitions[2].stable, -1); // That was another partition of it.
    wn_status_deinit(&status);
    wn_board_ends(board, "raw.1", 0, -1, -1);
    assert_true(wn_board_read(board, &status));
    assert_int_equal(status.partitions[1].high, -1);
    wn_status_deinit(&status);
    (void)wn_board_close(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_never_sees_half_a_status),
        cmocka_unit_test(an_empty_board_has_nothing_to_say),
        cmocka_unit_test(ends_belong_to_one_partition_and_outlive_a_post),
    };
    return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}
