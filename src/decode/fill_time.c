// SPDX-License-Identifier: Apache-2.0

/*
 * Which of two instants a local time means, in the hour that autumn repeats.
 *
 *     02:30 on 25 October 2026 ─┬─ 00:30 UTC, in summer time
 *                               └─ 01:30 UTC, an hour later
 *
 * Evidence of the same record decides, never an order of records. First `near`: an instant told
 * another way, which lies within 60 s of exactly one of the two. Then the pair of start and end: of
 * the two to four ways to read them exactly one may be as long as `duration` says. A duration that
 * was itself made of such a time proves nothing. What stays open keeps the first instant, or takes
 * the second where the source says so, and gets the flag `ambiguous_time`.
 */

#include <stdlib.h>

#include "plan.h"

bool wn_fill_choose(struct wn_fill *fill, const struct wn_near *near, struct wn_read *read)
{
    struct wn_read other, step = { 0 };
    struct wn_error err = { 0 };
    struct wn_instants instants = { read->value.number, read->later };

    // Evidence that can't be read is none; it never costs the record.
    if (wn_fill_term(fill, &near->term, &other, &err) != WN_OK || !other.present || other.twice) {
        return false;
    }
    if (near->has_step &&
        (wn_fill_term(fill, &near->step, &step, &err) != WN_OK || !step.present || step.twice)) {
        return false;
    }
    int64_t ms;
    if (near->subtracts ? __builtin_sub_overflow(other.value.number, step.value.number, &ms)
                        : __builtin_add_overflow(other.value.number, step.value.number, &ms)) {
        return false;
    }
    bool is_one = wn_time_choose(&instants, ms);
    read->value.number = instants.ms;
    return is_one;
}

static bool has(uint64_t slots, uint8_t slot)
{
    return slot < WN_SLOTS && (slots >> slot & 1) != 0;
}

/** @return the i-th instant of a slot that has one or two. */
static int64_t instant(const struct wn_fill *fill, uint8_t slot, unsigned i)
{
    return i > 0 && has(fill->twice, slot) ? fill->later[slot] : fill->values[slot].number;
}

void wn_fill_settle(struct wn_fill *fill, const struct wn_record *record)
{
    const uint8_t start = record->shape->bound.start;
    const uint8_t end = record->shape->bound.end;
    const uint8_t duration = record->shape->bound.duration;
    const uint64_t given = fill->scope.given;

    if (fill->twice == 0 || !has(given, start) || !has(given, end) || !has(given, duration) ||
        has(fill->twice, duration) || (!has(fill->twice, start) && !has(fill->twice, end))) {
        return;
    }
    const unsigned n_starts = has(fill->twice, start) ? 2 : 1;
    const unsigned n_ends = has(fill->twice, end) ? 2 : 1;
    unsigned n = 0;
    int64_t start_ms = 0, end_ms = 0;
    for (unsigned i = 0; i < n_starts * n_ends; i++) {
        int64_t from = instant(fill, start, i / n_ends), to = instant(fill, end, i % n_ends);
        int64_t more;
        if (!__builtin_sub_overflow(to, from, &more) &&
            !__builtin_sub_overflow(more, fill->values[duration].number, &more) &&
            llabs(more) <= fill->scope.decoded->source->resolution_ms) {
            start_ms = from;
            end_ms = to;
            n++;
        }
    }
    if (n == 1) {
        fill->values[start].number = start_ms;
        fill->values[end].number = end_ms;
        fill->twice &= ~(UINT64_C(1) << start | UINT64_C(1) << end);
    }
}

void wn_fill_take_second(struct wn_fill *fill)
{
    for (uint8_t slot = 0; fill->twice != 0 && slot < WN_SLOTS; slot++) {
        if (fill->plan->takes_second && has(fill->twice, slot)) {
            fill->values[slot].number = fill->later[slot];
        }
    }
}
