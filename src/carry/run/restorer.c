// SPDX-License-Identifier: Apache-2.0

#include "restorer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "restore.h"
#include "winnow/log.h"

/** A queue of inlets, linked through themselves. */
struct queue {
    struct wn_inlet *first, *last;
};

struct wn_restorer {
    const struct wn_settings *settings;
    pthread_t thread;
    pthread_mutex_t lock; ///< Of the queues.
    pthread_cond_t given;
    struct queue waiting, done;
    atomic_bool stop;
    struct wn_reader *committed, *uncommitted; ///< The thread's.
};

static void push(struct queue *queue, struct wn_inlet *inlet)
{
    inlet->link = NULL;
    if (queue->last) {
        queue->last->link = inlet;
    } else {
        queue->first = inlet;
    }
    queue->last = inlet;
}

static struct wn_inlet *pop(struct queue *queue)
{
    struct wn_inlet *inlet = queue->first;
    if (inlet) {
        queue->first = inlet->link;
        if (!queue->first) {
            queue->last = NULL;
        }
        inlet->link = NULL;
    }
    return inlet;
}

static enum wn_code have_clients(struct wn_restorer *restorer, struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    if (!restorer->committed) {
        rc = wn_reader_open(restorer->settings, true, &restorer->committed, err);
    }
    if (rc == WN_OK && !restorer->uncommitted) {
        rc = wn_reader_open(restorer->settings, false, &restorer->uncommitted, err);
    }
    return rc;
}

static void drop_clients(struct wn_restorer *restorer)
{
    restorer->committed = wn_reader_close(restorer->committed);
    restorer->uncommitted = wn_reader_close(restorer->uncommitted);
}

static void work(struct wn_restorer *restorer, struct wn_inlet *inlet)
{
    struct wn_error err = { .code = WN_OK };
    enum wn_code rc = atomic_load(&inlet->wanted)
                          ? have_clients(restorer, &err)
                          : wn_fail(&err, WN_RETRY, "broker-away", "nobody wants it any more");
    if (rc == WN_OK) {
        const struct wn_restore restore = { restorer->committed, restorer->uncommitted,
                                            &restorer->stop, &inlet->wanted };
        rc = wn_restore(&restore, inlet, &err);
    }
    if (rc != WN_OK) {
        err.code = rc;
        inlet->why = err;
    }
}

/** @return whether there is nothing to do. */
static bool is_idle(struct wn_restorer *restorer)
{
    (void)pthread_mutex_lock(&restorer->lock);
    bool idle = restorer->waiting.first == NULL;
    (void)pthread_mutex_unlock(&restorer->lock);
    return idle;
}

/** Wait for work. @return NULL: the end. */
static struct wn_inlet *await(struct wn_restorer *restorer)
{
    (void)pthread_mutex_lock(&restorer->lock);
    while (!restorer->waiting.first && !atomic_load(&restorer->stop)) {
        (void)pthread_cond_wait(&restorer->given, &restorer->lock);
    }
    struct wn_inlet *inlet = atomic_load(&restorer->stop) ? NULL : pop(&restorer->waiting);
    (void)pthread_mutex_unlock(&restorer->lock);
    return inlet;
}

/** Have the clients connected while the worker joins the group: one takes a second to find its
 * coordinator. */
static void warm_up(struct wn_restorer *restorer)
{
    struct wn_error err;
    if (restorer->settings->n_inputs > 0 && have_clients(restorer, &err) == WN_OK) {
        struct wn_place place = { restorer->settings->inputs[0].topic, 0, WN_OFFSET_NONE };
        int64_t low;
        int64_t high;
        if (wn_reader_committed(restorer->committed, &place, &err) != WN_OK ||
            wn_reader_ends(restorer->uncommitted, place.topic, 0, &low, &high, &err) != WN_OK) {
            wn_log(WN_LOG_DEBUG, "not-warm", "text=\"%s\"", err.text);
        }
    }
}

static void *run(void *context)
{
    struct wn_restorer *restorer = context;
    struct wn_inlet *inlet;
    warm_up(restorer);
    while ((inlet = await(restorer)) != NULL) {
        work(restorer, inlet);
        (void)pthread_mutex_lock(&restorer->lock);
        push(&restorer->done, inlet);
        (void)pthread_mutex_unlock(&restorer->lock);
        if (is_idle(restorer)) {
            drop_clients(restorer);
        }
    }
    drop_clients(restorer);
    return NULL;
}

enum wn_code wn_restorer_open(const struct wn_settings *settings, struct wn_restorer **ret_restorer,
                              struct wn_error *err)
{
    struct wn_restorer *restorer = calloc(1, sizeof(*restorer));
    if (!restorer) {
        abort();
    }
    restorer->settings = settings;
    (void)pthread_mutex_init(&restorer->lock, NULL);
    (void)pthread_cond_init(&restorer->given, NULL);
    if (pthread_create(&restorer->thread, NULL, run, restorer) != 0) {
        free(restorer);
        return wn_fail(err, WN_FATAL, "internal", "no thread can be started");
    }
    *ret_restorer = restorer;
    return WN_OK;
}

struct wn_restorer *wn_restorer_close(struct wn_restorer *restorer)
{
    if (!restorer) {
        return NULL;
    }
    atomic_store(&restorer->stop, true);
    (void)pthread_mutex_lock(&restorer->lock);
    (void)pthread_cond_signal(&restorer->given);
    (void)pthread_mutex_unlock(&restorer->lock);
    (void)pthread_join(restorer->thread, NULL);
    (void)pthread_cond_destroy(&restorer->given);
    (void)pthread_mutex_destroy(&restorer->lock);
    free(restorer);
    return NULL;
}

void wn_restorer_give(struct wn_restorer *restorer, struct wn_inlet *inlet)
{
    assert(inlet->phase != WN_PHASE_RESTORING && !inlet->touched);
    inlet->phase = WN_PHASE_RESTORING;
    atomic_store(&inlet->wanted, true);
    atomic_store(&inlet->restored, 0);
    atomic_store(&inlet->to_restore, 0);
    (void)pthread_mutex_lock(&restorer->lock);
    push(&restorer->waiting, inlet);
    (void)pthread_cond_signal(&restorer->given);
    (void)pthread_mutex_unlock(&restorer->lock);
}

struct wn_inlet *wn_restorer_take(struct wn_restorer *restorer, struct wn_error *ret_err)
{
    (void)pthread_mutex_lock(&restorer->lock);
    struct wn_inlet *inlet = pop(&restorer->done);
    (void)pthread_mutex_unlock(&restorer->lock);
    if (inlet) {
        *ret_err = inlet->why;
    }
    return inlet;
}
