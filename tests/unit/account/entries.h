// SPDX-License-Identifier: Apache-2.0

/** Entries and states for tests: fingerprints from a number, short calls that must succeed. */

#ifndef ENTRIES_H
#define ENTRIES_H

#include "scratch.h"
#include "winnow/hash.h"
#include "winnow/state.h"

enum {
    DAY = 20700,
    WINDOW = 36
};

/** @return an entry whose fingerprint is spread evenly, made from a number. */
static inline struct wn_entry entry_from(uint64_t number, uint32_t extra)
{
    struct wn_entry entry = { { 0 }, extra };
    uint64_t first = wn_hash64(&number, sizeof(number));
    uint64_t second = wn_hash64(&first, sizeof(first));
    first = wn_hash64(&second, sizeof(second));
    memcpy(entry.fingerprint, &first, 8);
    memcpy(entry.fingerprint + 8, &second, 4);
    return entry;
}

static inline struct wn_state_position at_sequence(int64_t sequence)
{
    return (struct wn_state_position){ 0, sequence };
}

static inline struct wn_state *open_state(const char *folder)
{
    struct wn_state *state = NULL;
    struct wn_error err;
    if (wn_state_open(folder, "files", WINDOW, &state, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
    return state;
}

static inline void stage(struct wn_state *state, int32_t day, uint64_t number, uint32_t extra)
{
    struct wn_error err;
    struct wn_entry entry = entry_from(number, extra);
    if (wn_state_stage(state, day, &entry, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void flush(struct wn_state *state, bool staged, int64_t sequence)
{
    struct wn_error err;
    if (wn_state_flush(state, staged, at_sequence(sequence), &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void publish(struct wn_state *state)
{
    struct wn_error err;
    if (wn_state_publish(state, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void recover(const char *folder, int64_t sequence)
{
    struct wn_error err;
    if (wn_state_recover(folder, at_sequence(sequence), &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
}

/** @return how many entries are found for a number, from a day on. */
static inline size_t find_from(const struct wn_state *state, uint64_t number, int32_t first_day)
{
    struct wn_found found[64];
    struct wn_entry entry = entry_from(number, 0);
    return wn_state_find(state, entry.fingerprint, first_day, found, WN_COUNT(found));
}

static inline size_t find(const struct wn_state *state, uint64_t number)
{
    return find_from(state, number, 0);
}

#endif
