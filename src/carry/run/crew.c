// SPDX-License-Identifier: Apache-2.0

/*
 * One thread a worker, and this one for what is one a process:
 *
 *     orders     control socket → the worker's inbox
 *     plans      policy and sources that changed are read anew, and taken by all
 *     shelf      runs of what no worker has
 *     told       the service manager: that all are ready, that all turn
 *     end        SIGTERM, or one that can't go on: all stop; the first one's fault is the process's
 */

#include "crew.h"

#include <stdlib.h>
#include <time.h>

#include "winnow/clock.h"
#include "winnow/io.h"
#include "winnow/log.h"
#include "winnow/memory.h"

enum {
    TURN_MS = 50,
    ADDED_MS = 60 * 1000, ///< How often it is looked for added partitions.
};

int64_t wn_worker_clock_ms(void)
{
    return wn_monotonic_ms() + 1;
}

int64_t wn_worker_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- Begin -------------------------------------------------------------------------------------

/** Asked between attempts to reach the brokers: whoever waits for them is alive. */
static bool gives_up(void *context)
{
    struct wn_crew *crew = context;
    for (unsigned i = 0; i < crew->n_mates; i++) {
        wn_board_turned(crew->mates[i].board, wn_worker_clock_ms());
    }
    return *crew->options->stop != 0;
}

static enum wn_code open_control(struct wn_crew *crew, struct wn_error *err)
{
    const struct wn_settings *settings = crew->options->settings;
    char path[108];
    if (!settings->state_dir) {
        return WN_OK;
    }
    if (!wn_control_path(settings, path)) {
        return wn_fail(err, WN_FATAL, "config",
                       "run: state: the folder's name is too long for a socket in it (100)");
    }
    enum wn_code rc = wn_io_make_folder(settings->state_dir, 0700, err);
    return rc == WN_OK ? wn_control_open(path, &crew->control, err) : rc;
}

static void *run(void *context)
{
    struct wn_mate *mate = context;
    mate->rc = wn_worker_run(mate, &mate->err);
    atomic_store(&mate->ended, true);
    return NULL;
}

static enum wn_code start(struct wn_crew *crew, struct wn_error *err)
{
    while (crew->n_started < crew->n_mates) {
        struct wn_mate *mate = &crew->mates[crew->n_started];
        if (pthread_create(&mate->thread, NULL, run, mate) != 0) {
            return wn_fail(err, WN_FATAL, "internal", "no thread can be started for worker %u",
                           mate->number);
        }
        crew->n_started++;
    }
    return WN_OK;
}

static enum wn_code open_crew(struct wn_crew *crew, struct wn_error *err)
{
    const struct wn_worker_options *options = crew->options;
    enum wn_code rc = open_control(crew, err);
    rc = rc == WN_OK ? wn_reader_open(options->settings, false, &crew->reader, err) : rc;
    rc = rc == WN_OK ? wn_ground_find(options, crew->reader, gives_up, crew, &crew->ground, err)
                     : rc;
    if (rc == WN_OK) {
        crew->plans = wn_plans_open(options, &crew->ground);
        crew->shelf = wn_shelf_open(&crew->ground, options->settings);
        crew->added_ms = wn_worker_clock_ms();
        rc = start(crew, err);
    }
    return rc;
}

// ---- One a process -----------------------------------------------------------------------------

static unsigned lowest_plan(const struct wn_crew *crew)
{
    unsigned lowest = wn_plans_number(crew->plans);
    for (unsigned i = 0; i < crew->n_started; i++) {
        const unsigned taken = atomic_load(&crew->mates[i].taken);
        lowest = taken < lowest ? taken : lowest;
    }
    return lowest;
}

static void look_at_plans(struct wn_crew *crew)
{
    const int hangups = crew->options->reload ? *crew->options->reload : 0;
    if (hangups != crew->hangups) {
        crew->hangups = hangups;
        wn_crew_tell(crew, WN_CREW_RELOADING);
    }
    const enum wn_look look =
        wn_plans_look(crew->plans, lowest_plan(crew), hangups, wn_worker_clock_ms());
    if (look == WN_LOOK_REFUSED || look == WN_LOOK_TAKEN) {
        wn_crew_tell(crew, WN_CREW_RELOADED);
    }
}

/** @return the first worker that ended, or NULL. */
static const struct wn_mate *ended(const struct wn_crew *crew)
{
    for (unsigned i = 0; i < crew->n_started; i++) {
        if (atomic_load(&crew->mates[i].ended)) {
            return &crew->mates[i];
        }
    }
    return NULL;
}

static void wait_a_while(const struct wn_crew *crew)
{
    if (crew->control) {
        wn_control_wait(crew->control, TURN_MS);
    } else {
        const struct timespec pause = { 0, TURN_MS * 1000000L };
        (void)nanosleep(&pause, NULL);
    }
}

/** Once a turn. */
static enum wn_code turn(struct wn_crew *crew, struct wn_error *err)
{
    wait_a_while(crew);
    wn_crew_tell_status(crew);
    if (crew->control) {
        wn_control_serve(crew->control, wn_crew_answer, crew);
    }
    look_at_plans(crew);
    const int64_t now = wn_worker_clock_ms();
    if (now - crew->added_ms >= ADDED_MS) {
        crew->added_ms = now;
        wn_ground_look_for_added(&crew->ground, crew->reader);
    }
    return wn_shelf_tend(crew->shelf, false, err);
}

// ---- End ---------------------------------------------------------------------------------------

/** Have all workers stop, and wait for them. @return what the first of them fell over. */
static enum wn_code stop(struct wn_crew *crew, struct wn_error *err)
{
    const struct wn_mate *first = ended(crew);
    wn_log(WN_LOG_INFO, "stopping", "workers=%u", crew->n_started);
    wn_crew_tell(crew, WN_CREW_STOPPING);
    atomic_store(&crew->stop, true);
    for (unsigned i = 0; i < crew->n_started; i++) {
        (void)pthread_join(crew->mates[i].thread, NULL);
        const struct wn_mate *mate = &crew->mates[i];
        first = !first && mate->rc != WN_OK ? mate : first;
    }
    crew->n_started = 0;
    if (first && first->rc != WN_OK) {
        wn_log(WN_LOG_ERROR, "worker-ended", "worker=%u reason=%s", first->number,
               first->err.reason);
        *err = first->err;
        return first->rc;
    }
    return crew->shelf ? wn_shelf_tend(crew->shelf, true, err) : WN_OK;
}

static void close_crew(struct wn_crew *crew)
{
    (void)wn_control_close(crew->control);
    (void)wn_shelf_close(crew->shelf);
    (void)wn_plans_close(crew->plans);
    (void)wn_reader_close(crew->reader);
    for (unsigned i = 0; i < crew->n_mates; i++) {
        wn_inbox_deinit(&crew->mates[i].inbox);
    }
    free(crew->mates);
    free(crew);
}

static struct wn_crew *make(const struct wn_worker_options *options)
{
    struct wn_crew *crew = wn_take(1, sizeof(*crew));
    crew->options = options;
    crew->n_mates = options->settings->workers;
    crew->mates = wn_take(crew->n_mates, sizeof(*crew->mates));
    atomic_init(&crew->stop, false);
    for (unsigned i = 0; i < crew->n_mates; i++) {
        struct wn_mate *mate = &crew->mates[i];
        mate->crew = crew;
        mate->number = i + 1;
        mate->board = options->boards[i];
        wn_inbox_init(&mate->inbox);
        atomic_init(&mate->connected, false);
        atomic_init(&mate->taken, 1);
        atomic_init(&mate->ended, false);
    }
    return crew;
}

enum wn_code wn_workers_run(const struct wn_worker_options *options, struct wn_error *err)
{
    struct wn_crew *crew = make(options);
    struct wn_error later = { .code = WN_OK };
    enum wn_code rc = open_crew(crew, err);
    while (rc == WN_OK && !*options->stop && !ended(crew)) {
        rc = turn(crew, err);
    }
    const enum wn_code stopped = crew->n_started > 0 ? stop(crew, &later) : WN_OK;
    if (*options->stop && !crew->plans) {
        rc = WN_OK; // Told to stop while it waited for the brokers: nothing was begun.
    } else if (rc == WN_OK && stopped != WN_OK) {
        *err = later;
        rc = stopped;
    }
    close_crew(crew);
    return rc;
}
