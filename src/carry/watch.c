// SPDX-License-Identifier: Apache-2.0

/*
 * Lag needs two ends of a partition: the high watermark, which only a read_uncommitted client is
 * told, and the last stable offset, which only a read_committed one is. The worker's own consumer
 * can't be asked while it works, and answers nothing about partitions that are paused: so a thread
 * asks, with readers of its own. What the brokers do not answer is unknown (-1), never old.
 */

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "winnow/kafka.h"
#include "winnow/log.h"
#include "winnow/memory.h"
#include "winnow/status.h"

enum {
    EVERY_S = 3, ///< How often the ends are asked for.
};

struct wn_watch {
    const struct wn_settings *settings;
    struct wn_board *const *boards;
    unsigned n_boards;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool stop; ///< Under `lock`.
    struct wn_reader *committed, *uncommitted;
};

static bool is_told_to_stop(struct wn_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    bool stop = watch->stop;
    (void)pthread_mutex_unlock(&watch->lock);
    return stop;
}

/** Wait for the next round. @return false: the end. */
static bool rest(struct wn_watch *watch)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += EVERY_S;
    (void)pthread_mutex_lock(&watch->lock);
    int rc = 0;
    while (!watch->stop && rc == 0) {
        rc = pthread_cond_timedwait(&watch->told, &watch->lock, &until);
    }
    bool stop = watch->stop;
    (void)pthread_mutex_unlock(&watch->lock);
    return !stop;
}

static bool have_readers(struct wn_watch *watch)
{
    struct wn_error err = { .code = WN_OK };
    if (!watch->committed &&
        wn_reader_open(watch->settings, true, &watch->committed, &err) != WN_OK) {
        return false;
    }
    return watch->uncommitted ||
           wn_reader_open(watch->settings, false, &watch->uncommitted, &err) == WN_OK;
}

/** Ask for the ends of one partition of a board. @return whether a broker answered. */
static bool ask(struct wn_watch *watch, struct wn_board *board, const char *topic,
                int32_t partition)
{
    int64_t low;
    int64_t high = -1;
    int64_t stable = -1;
    struct wn_error err = { .code = WN_OK };
    enum wn_code rc = wn_reader_ends(watch->uncommitted, topic, partition, &low, &high, &err);
    if (rc == WN_OK) {
        rc = wn_reader_ends(watch->committed, topic, partition, &low, &stable, &err);
    }
    if (rc != WN_OK) {
        high = -1;
        stable = -1;
    }
    wn_board_ends(board, topic, partition, high, stable);
    return rc != WN_RETRY;
}

/** Ask for all of a board; where no broker answers, the others are not asked for: each would take
 * its time. @return whether one answered. */
static bool ask_all(struct wn_watch *watch, struct wn_board *board, bool answered)
{
    struct wn_status status;
    if (wn_board_read(board, &status) && status.n_partitions > 0 && have_readers(watch)) {
        for (size_t i = 0; i < status.n_partitions && !is_told_to_stop(watch); i++) {
            const struct wn_status_partition *partition = &status.partitions[i];
            const char *topic = status.inputs[partition->input].topic;
            if (answered) {
                answered = ask(watch, board, topic, partition->partition);
            } else {
                wn_board_ends(board, topic, partition->partition, -1, -1);
            }
        }
    }
    wn_status_deinit(&status);
    return answered;
}

static void *run(void *context)
{
    struct wn_watch *watch = context;
    do {
        bool answered = true;
        for (unsigned i = 0; i < watch->n_boards && !is_told_to_stop(watch); i++) {
            answered = ask_all(watch, watch->boards[i], answered);
        }
    } while (rest(watch));
    watch->committed = wn_reader_close(watch->committed);
    watch->uncommitted = wn_reader_close(watch->uncommitted);
    return NULL;
}

enum wn_code wn_watch_open(const struct wn_settings *settings, struct wn_board *const *boards,
                           unsigned n_boards, struct wn_watch **ret_watch, struct wn_error *err)
{
    struct wn_watch *watch = wn_take(1, sizeof(*watch));
    watch->settings = settings;
    watch->boards = boards;
    watch->n_boards = n_boards;
    (void)pthread_mutex_init(&watch->lock, NULL);
    (void)pthread_cond_init(&watch->told, NULL);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
        free(watch);
        return wn_fail(err, WN_FATAL, "internal", "no thread can be started");
    }
    *ret_watch = watch;
    return WN_OK;
}

struct wn_watch *wn_watch_close(struct wn_watch *watch)
{
    if (watch) {
        (void)pthread_mutex_lock(&watch->lock);
        watch->stop = true;
        (void)pthread_cond_signal(&watch->told);
        (void)pthread_mutex_unlock(&watch->lock);
        (void)pthread_join(watch->thread, NULL);
        (void)pthread_cond_destroy(&watch->told);
        (void)pthread_mutex_destroy(&watch->lock);
        free(watch);
    }
    return NULL;
}
