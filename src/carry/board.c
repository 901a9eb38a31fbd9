// SPDX-License-Identifier: Apache-2.0

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "winnow/clock.h"
#include "winnow/memory.h"
#include "winnow/status.h"

/** Ends of a partition, as the watch found them. */
struct ends {
    char topic[250];
    int32_t partition;
    int64_t high, stable;
};

struct wn_board {
    atomic_llong turned_ms;
    pthread_mutex_t lock; ///< Of all below.
    bool posted;
    struct wn_status status;
    struct ends *ends;
    size_t n_ends;
};

const char *wn_status_phase_name(enum wn_status_phase phase)
{
    static const char *const names[WN_STATUS_PHASES] = { "waiting", "restoring", "running",
                                                         "paused" };
    return names[phase];
}

const char *wn_status_abort_name(enum wn_status_abort abort)
{
    static const char *const names[WN_STATUS_ABORTS] = { "abortable", "same-again", "pauses",
                                                         "fenced", "fatal" };
    return names[abort];
}

void wn_status_deinit(struct wn_status *status)
{
    free(status->inputs);
    free(status->partitions);
    status->inputs = NULL;
    status->partitions = NULL;
    status->n_inputs = 0;
    status->n_partitions = 0;
}

/** Copy a status into one whose lists are replaced. */
static void copy(const struct wn_status *from, struct wn_status *to)
{
    struct wn_status_input *inputs = wn_grow(to->inputs, from->n_inputs + 1, sizeof(*inputs));
    struct wn_status_partition *partitions =
        wn_grow(to->partitions, from->n_partitions + 1, sizeof(*partitions));
    if (from->n_inputs > 0) {
        memcpy(inputs, from->inputs, from->n_inputs * sizeof(*inputs));
    }
    if (from->n_partitions > 0) {
        memcpy(partitions, from->partitions, from->n_partitions * sizeof(*partitions));
    }
    *to = *from;
    to->inputs = inputs;
    to->partitions = partitions;
}

struct wn_board *wn_board_open(void)
{
    struct wn_board *board = wn_take(1, sizeof(*board));
    (void)pthread_mutex_init(&board->lock, NULL);
    wn_board_turned(board, wn_monotonic_ms() + 1);
    return board;
}

struct wn_board *wn_board_close(struct wn_board *board)
{
    if (board) {
        wn_status_deinit(&board->status);
        free(board->ends);
        (void)pthread_mutex_destroy(&board->lock);
        free(board);
    }
    return NULL;
}

void wn_board_turned(struct wn_board *board, int64_t clock_ms)
{
    atomic_store_explicit(&board->turned_ms, clock_ms, memory_order_relaxed);
}

int64_t wn_board_turned_ms(const struct wn_board *board)
{
    return atomic_load_explicit(&board->turned_ms, memory_order_relaxed);
}

void wn_board_post(struct wn_board *board, const struct wn_status *status)
{
    (void)pthread_mutex_lock(&board->lock);
    copy(status, &board->status);
    board->posted = true;
    (void)pthread_mutex_unlock(&board->lock);
}

static struct ends *find_ends(const struct wn_board *board, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < board->n_ends; i++) {
        struct ends *ends = &board->ends[i];
        if (ends->partition == partition && strcmp(ends->topic, topic) == 0) {
            return ends;
        }
    }
    return NULL;
}

void wn_board_ends(struct wn_board *board, const char *topic, int32_t partition, int64_t high,
                   int64_t stable)
{
    const size_t len = strlen(topic);
    (void)pthread_mutex_lock(&board->lock);
    struct ends *ends = find_ends(board, topic, partition);
    if (!ends && len < sizeof(ends->topic)) {
        board->ends = wn_grow(board->ends, board->n_ends + 1, sizeof(*board->ends));
        ends = &board->ends[board->n_ends++];
        memcpy(ends->topic, topic, len + 1);
        ends->partition = partition;
    }
    if (ends) {
        ends->high = high;
        ends->stable = stable;
    }
    (void)pthread_mutex_unlock(&board->lock);
}

bool wn_board_read(struct wn_board *board, struct wn_status *ret_status)
{
    memset(ret_status, 0, sizeof(*ret_status));
    (void)pthread_mutex_lock(&board->lock);
    copy(&board->status, ret_status);
    for (size_t i = 0; i < ret_status->n_partitions; i++) {
        struct wn_status_partition *partition = &ret_status->partitions[i];
        const struct ends *ends =
            find_ends(board, ret_status->inputs[partition->input].topic, partition->partition);
        partition->high = ends ? ends->high : -1;
        partition->stable = ends ? ends->stable : -1;
    }
    bool posted = board->posted;
    (void)pthread_mutex_unlock(&board->lock);
    return posted;
}
