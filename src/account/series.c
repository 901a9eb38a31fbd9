// SPDX-License-Identifier: Apache-2.0

/*
 * A series in coordinates, that is in distances to its `last`:
 *
 *        behind │first            gaps           last│ ahead
 *     ──────────┼──────────[·····]─────[··]──────────┼──────────▶
 *            1 - span                                0
 *
 * Gaps stand in rising order of their coordinates. A range is added in at most four pieces: what
 * lies ahead (a gap may open before it), what lies behind (a gap may open after it), and what lies
 * in the span, which closes gaps.
 */

#include "series.h"

#include <string.h>

#include "winnow/memory.h"

/** Numbers between a series' first and last, at most: then its beginning is forgotten. */
static const uint32_t span_most = UINT32_C(1) << 30;

/** @return the coordinate of a number. */
static int64_t at(const struct wn_series *series, uint32_t number)
{
    return (int32_t)(number - series->last);
}

/** @return the coordinate of the first number. */
static int64_t front(const struct wn_series *series)
{
    return -(int64_t)(series->last - series->first);
}

/** @return the first gap that ends at this coordinate or behind it. */
static unsigned gap_from(const struct wn_series *series, int64_t from)
{
    unsigned low = 0;
    unsigned high = series->n_gaps;
    while (low < high) {
        const unsigned middle = low + (high - low) / 2;
        if (at(series, series->gaps[middle].last) < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** A range of coordinates, both inclusive; `from` above `to`: none. */
struct range {
    int64_t from, to;
};

static struct range cut(struct range range, int64_t from, int64_t to)
{
    range.from = range.from > from ? range.from : from;
    range.to = range.to < to ? range.to : to;
    return range;
}

/** @return how many numbers of a range were given. */
static uint64_t count_seen(const struct wn_series *series, struct range range)
{
    range = cut(range, front(series), 0);
    if (range.from > range.to) {
        return 0;
    }
    uint64_t seen = (uint64_t)(range.to - range.from) + 1;
    for (unsigned i = gap_from(series, range.from); i < series->n_gaps; i++) {
        const struct range gap =
            cut(range, at(series, series->gaps[i].first), at(series, series->gaps[i].last));
        if (gap.from > gap.to) {
            break;
        }
        seen -= (uint64_t)(gap.to - gap.from) + 1;
    }
    return seen;
}

/** @return the i-th range of given numbers of `more`, in the coordinates of `series`. */
static struct range run_of(const struct wn_series *series, const struct wn_series *more, unsigned i)
{
    const uint32_t first = i == 0 ? more->first : more->gaps[i - 1].last + 1;
    const uint32_t last = i == more->n_gaps ? more->last : more->gaps[i].first - 1;
    const int64_t base = at(series, more->first);
    return (struct range){ base + (int64_t)(first - more->first),
                           base + (int64_t)(last - more->first) };
}

uint64_t wn_series_missing(const struct wn_series *series)
{
    uint64_t missing = 0;
    for (unsigned i = 0; i < series->n_gaps; i++) {
        missing += wn_gap_numbers(&series->gaps[i]);
    }
    return missing;
}

bool wn_series_is_sound(const struct wn_series *series)
{
    uint64_t from = 1;
    for (unsigned i = 0; i < series->n_gaps; i++) {
        const uint64_t first = series->gaps[i].first - series->first;
        const uint64_t last = series->gaps[i].last - series->first;
        if (first < from || last < first || last + 1 >= wn_series_span(series)) {
            return false;
        }
        from = last + 2;
    }
    return series->records > 0;
}

/** @return how something behind the first number fits. */
static enum wn_fit fit_behind(uint64_t distance, uint32_t first, uint32_t *ret_distance)
{
    *ret_distance = distance > UINT32_MAX ? UINT32_MAX : (uint32_t)distance;
    const bool late = distance == 1 || (distance < WN_SEQUENCE_LATE && first > 1);
    return late ? WN_FIT_NEAR : WN_FIT_NONE;
}

static enum wn_fit fit_ahead(int64_t distance, uint32_t *ret_distance)
{
    *ret_distance = (uint32_t)distance;
    if (distance == 1) {
        return WN_FIT_NEXT;
    }
    return distance <= WN_SEQUENCE_REACH ? WN_FIT_NEAR : WN_FIT_NONE;
}

enum wn_fit wn_series_fit(const struct wn_series *series, const struct wn_series *more,
                          uint32_t *ret_distance)
{
    const struct range all = { at(series, more->first),
                               at(series, more->first) + (int64_t)wn_series_span(more) - 1 };
    *ret_distance = 0;
    if (all.from > 0) {
        return fit_ahead(all.from, ret_distance);
    }
    if (all.to < front(series)) {
        return fit_behind((uint64_t)(front(series) - all.to), more->first, ret_distance);
    }
    uint64_t common = 0;
    for (unsigned i = 0; i <= more->n_gaps; i++) {
        common += count_seen(series, run_of(series, more, i));
    }
    // New records under numbers that were there: another counter. That the last number comes again
    // is a repeat.
    const uint64_t numbers = wn_series_span(more) - wn_series_missing(more);
    const uint64_t fresh = numbers - common + (all.from == 0 ? 1 : 0);
    if (more->passed > fresh) {
        return WN_FIT_NONE;
    }
    return common > 0 ? WN_FIT_SEEN : WN_FIT_INSIDE;
}

enum wn_fit wn_series_fit_number(const struct wn_series *series, uint32_t number, bool passed,
                                 uint32_t *ret_distance)
{
    const int64_t place = at(series, number);
    *ret_distance = 0;
    if (place > 0) {
        return fit_ahead(place, ret_distance);
    }
    if (place < front(series)) {
        return fit_behind((uint64_t)(front(series) - place), number, ret_distance);
    }
    if (count_seen(series, (struct range){ place, place }) == 0) {
        return WN_FIT_INSIDE;
    }
    return passed && place < 0 ? WN_FIT_NONE : WN_FIT_SEEN;
}

/** Put a gap in a place; where it has no room, it is counted. */
static void open_gap(struct wn_series *series, unsigned place, const struct wn_gap *gap,
                     unsigned most)
{
    if (series->n_gaps >= most) {
        series->unlisted += wn_gap_numbers(gap);
        return;
    }
    if (series->n_gaps == series->room) {
        series->room = 2 * series->room + 4;
        series->gaps = wn_grow(series->gaps, series->room, sizeof(*series->gaps));
    }
    memmove(&series->gaps[place + 1], &series->gaps[place],
            (series->n_gaps - place) * sizeof(*series->gaps));
    series->gaps[place] = *gap;
    series->n_gaps++;
}

static void close_gaps(struct wn_series *series, unsigned place, unsigned n)
{
    memmove(&series->gaps[place], &series->gaps[place + n],
            (series->n_gaps - place - n) * sizeof(*series->gaps));
    series->n_gaps -= n;
}

/** Take a range in the span out of the gaps. */
static void fill(struct wn_series *series, struct range range, unsigned most)
{
    unsigned i = gap_from(series, range.from);
    while (i < series->n_gaps && at(series, series->gaps[i].first) <= range.to) {
        struct wn_gap *gap = &series->gaps[i];
        const struct wn_gap rest = { (uint32_t)((int64_t)series->last + range.to + 1), gap->last,
                                     gap->since_ms };
        const bool left = at(series, gap->first) < range.from;
        const bool right = at(series, gap->last) > range.to;
        if (left) {
            gap->last = (uint32_t)((int64_t)series->last + range.from - 1);
        }
        if (left && right) {
            open_gap(series, i + 1, &rest, most);
        } else if (right) {
            *gap = rest;
        } else if (!left) {
            close_gaps(series, i, 1);
            continue;
        }
        i++;
    }
}

/** Forget the beginning of what has become too long: its gaps are nobody's any more. */
static void trim(struct wn_series *series)
{
    if (series->last - series->first <= span_most) {
        return;
    }
    series->first = series->last - span_most;
    unsigned n = 0;
    while (n < series->n_gaps && at(series, series->gaps[n].last) < front(series)) {
        series->unlisted += wn_gap_numbers(&series->gaps[n++]);
    }
    close_gaps(series, 0, n);
    if (series->n_gaps > 0 && at(series, series->gaps[0].first) <= front(series)) {
        series->first = series->gaps[0].last + 1;
        series->unlisted += wn_gap_numbers(&series->gaps[0]);
        close_gaps(series, 0, 1);
    }
}

static void add_range(struct wn_series *series, struct range range, int64_t since_ms, unsigned most)
{
    const uint32_t old = series->last;
    const uint32_t from = (uint32_t)((int64_t)old + range.from);
    const uint32_t to = (uint32_t)((int64_t)old + range.to);
    const struct range inside = cut(range, front(series), 0);
    if (range.to < front(series) - 1) {
        open_gap(series, 0, &(struct wn_gap){ to + 1, series->first - 1, since_ms }, most);
    }
    if (range.from < front(series)) {
        series->first = from;
    }
    if (inside.from <= inside.to) {
        fill(series, inside, most);
    }
    if (range.from > 1) {
        open_gap(series, series->n_gaps, &(struct wn_gap){ old + 1, from - 1, since_ms }, most);
    }
    if (range.to > 0) {
        series->last = to;
        trim(series);
    }
}

void wn_series_add(struct wn_series *series, const struct wn_series *more, int64_t since_ms,
                   unsigned most)
{
    for (unsigned i = 0; i <= more->n_gaps; i++) {
        const bool own = i > 0 && more->gaps[i - 1].since_ms != INT64_MIN;
        add_range(series, run_of(series, more, i), own ? more->gaps[i - 1].since_ms : since_ms,
                  most);
    }
    const uint64_t numbers = wn_series_span(series) - wn_series_missing(series);
    series->records += more->records;
    series->passed += more->passed;
    series->passed = series->passed < numbers ? series->passed : numbers;
    series->unlisted += more->unlisted;
}

void wn_series_add_number(struct wn_series *series, const struct wn_sequence_number *number,
                          unsigned most)
{
    const int64_t place = at(series, number->number);
    const struct range range = { place, place };
    const bool fresh = count_seen(series, range) == 0;
    series->records++;
    if (place == 1) {
        series->last = number->number;
        trim(series);
    } else if (fresh) {
        add_range(series, range, number->time_ms, most);
    }
    series->passed += fresh && number->passed ? 1 : 0;
}
