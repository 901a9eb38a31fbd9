// SPDX-License-Identifier: Apache-2.0

#include "shelf.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "winnow/clock.h"
#include "winnow/memory.h"

/** A place on it: of one partition, for ever. */
struct place {
    struct wn_inlet *inlet;
    unsigned input; ///< Of the ground.
    bool taken;     ///< By a worker, or by who writes its runs.
};

struct wn_shelf {
    const struct wn_ground *ground;
    const struct wn_settings *settings;
    pthread_mutex_t lock; ///< Of the places; an inlet that is taken is its holder's.
    struct place *places;
    size_t n_places;
    int64_t tended_ms; ///< When runs were written last.
};

struct wn_shelf *wn_shelf_open(const struct wn_ground *ground, const struct wn_settings *settings)
{
    struct wn_shelf *shelf = wn_take(1, sizeof(*shelf));
    shelf->ground = ground;
    shelf->settings = settings;
    shelf->tended_ms = wn_monotonic_ms();
    (void)pthread_mutex_init(&shelf->lock, NULL);
    return shelf;
}

struct wn_shelf *wn_shelf_close(struct wn_shelf *shelf)
{
    if (shelf) {
        for (size_t i = 0; i < shelf->n_places; i++) {
            (void)wn_inlet_close(shelf->places[i].inlet);
        }
        free(shelf->places);
        (void)pthread_mutex_destroy(&shelf->lock);
        free(shelf);
    }
    return NULL;
}

/** @return the number of the input that facts are of. */
static unsigned input_of(const struct wn_shelf *shelf, const struct wn_input_facts *facts)
{
    unsigned i = 0;
    while (strcmp(shelf->ground->facts[i].names.topic, facts->names.topic) != 0) {
        i++;
        assert(i < shelf->ground->n_inputs);
    }
    return i;
}

/** Find a partition's place, or make it. */
static struct place *have_place(struct wn_shelf *shelf, const struct wn_input_facts *facts,
                                int32_t partition)
{
    const unsigned input = input_of(shelf, facts);
    for (size_t i = 0; i < shelf->n_places; i++) {
        struct place *place = &shelf->places[i];
        if (place->input == input && place->inlet->partition == partition) {
            return place;
        }
    }
    shelf->places = wn_grow(shelf->places, shelf->n_places + 1, sizeof(*shelf->places));
    struct place *place = &shelf->places[shelf->n_places++];
    *place = (struct place){ wn_inlet_open(&shelf->ground->facts[input], partition), input, false };
    return place;
}

struct wn_inlet *wn_shelf_take(struct wn_shelf *shelf, const struct wn_input_facts *facts,
                               int32_t partition)
{
    struct wn_inlet *inlet = NULL;
    (void)pthread_mutex_lock(&shelf->lock);
    struct place *place = have_place(shelf, facts, partition);
    if (!place->taken) {
        place->taken = true;
        inlet = place->inlet;
        wn_inlet_move(inlet, facts);
    }
    (void)pthread_mutex_unlock(&shelf->lock);
    return inlet;
}

void wn_shelf_put(struct wn_shelf *shelf, struct wn_inlet *inlet)
{
    assert(!inlet->touched && inlet->phase != WN_PHASE_RESTORING);
    inlet->owned = false;
    inlet->phase = WN_PHASE_AWAY;
    (void)pthread_mutex_lock(&shelf->lock);
    struct place *place = have_place(shelf, inlet->facts, inlet->partition);
    assert(place->taken && place->inlet == inlet);
    wn_inlet_move(inlet, &shelf->ground->facts[place->input]);
    place->taken = false;
    (void)pthread_mutex_unlock(&shelf->lock);
}

/** Take whatever lies at a place. @return NULL: nothing does. */
static struct wn_inlet *take_at(struct wn_shelf *shelf, size_t at)
{
    struct wn_inlet *inlet = NULL;
    (void)pthread_mutex_lock(&shelf->lock);
    if (at < shelf->n_places && !shelf->places[at].taken) {
        shelf->places[at].taken = true;
        inlet = shelf->places[at].inlet;
    }
    (void)pthread_mutex_unlock(&shelf->lock);
    return inlet;
}

/** @return how many entries of what lies here are only in memory; and how many places there are. */
static uint64_t count_held(struct wn_shelf *shelf, size_t *ret_places)
{
    uint64_t held = 0;
    (void)pthread_mutex_lock(&shelf->lock);
    *ret_places = shelf->n_places;
    for (size_t i = 0; i < shelf->n_places; i++) {
        const struct place *place = &shelf->places[i];
        const bool counts = !place->taken && place->inlet->state;
        held += counts ? wn_state_held(place->inlet->state) : 0;
    }
    (void)pthread_mutex_unlock(&shelf->lock);
    return held;
}

enum wn_code wn_shelf_tend(struct wn_shelf *shelf, bool all, struct wn_error *err)
{
    const int64_t now = wn_monotonic_ms();
    size_t n = 0;
    const uint64_t held = count_held(shelf, &n);
    if (!shelf->settings->state_dir ||
        (!all && now - shelf->tended_ms < shelf->settings->state_ms &&
         held < (uint64_t)shelf->settings->state_held)) {
        return WN_OK;
    }
    shelf->tended_ms = now;
    enum wn_code rc = WN_OK;
    for (size_t i = 0; i < n && rc == WN_OK; i++) {
        struct wn_inlet *inlet = take_at(shelf, i);
        if (inlet) {
            rc = wn_inlet_write_runs(inlet, err);
            wn_shelf_put(shelf, inlet);
        }
    }
    return rc;
}
