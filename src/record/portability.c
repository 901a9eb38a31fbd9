// SPDX-License-Identifier: Apache-2.0

/*
 * Ranges lie in one another like brackets, so each knows the one around it: the last range that
 * begins at a number or before it holds the number, or one of those around it does. The same range
 * with other dates lies in its twin.
 */

#include "winnow/portability.h"

#include <stdio.h>
#include <stdlib.h>

#include "read.h"
#include "winnow/memory.h"
#include "winnow/rows.h"
#include "winnow/time.h"

enum {
    DIGITS = 15
};

static const uint32_t nothing = UINT32_MAX; ///< No range around.

enum {
    FIRST,
    LAST,
    NETWORK,
    SINCE,
    UNTIL
};

static const char *const columns[] = { "first", "last", "network", "since", "until", NULL };

/** A range: numbers as if they had fifteen digits. */
struct wn_ported {
    uint64_t first, last; ///< Filled up with 0 and 9.
    int64_t since_ms, until_ms;
    uint32_t around; ///< Row of the range around it.
    uint32_t line;
    uint16_t network;
};

/** A file on its way into memory. */
struct loading {
    struct wn_portability *list;
    size_t room;
};

static int by_range(const void *a, const void *b)
{
    const struct wn_ported *x = a, *y = b;
    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    if (x->last != y->last) { // The wider one first: it is around the other.
        return x->last > y->last ? -1 : 1;
    }
    return (x->since_ms > y->since_ms) - (x->since_ms < y->since_ms);
}

/** Fill digits up to fifteen. */
static uint64_t fill_up(struct wn_slice digits, unsigned with)
{
    uint64_t number = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        number = number * 10 + (i < digits.len ? (uint64_t)(digits.at[i] - '0') : with);
    }
    return number;
}

static bool read_digits(struct wn_rows *rows, unsigned column, struct wn_slice cell,
                        struct wn_slice *ret_digits)
{
    *ret_digits = wn_slice_after(cell, 1);
    if (cell.len < 2 || cell.at[0] != '+' || ret_digits->len > DIGITS || ret_digits->at[0] == '0' ||
        !wn_text_is_digits(*ret_digits)) {
        wn_rows_fault(rows, columns[column], "not + and 1 to %d digits of E.164", DIGITS);
        return false;
    }
    return true;
}

static bool read_range(struct wn_rows *rows, const struct wn_slice *cells, struct wn_ported *row)
{
    struct wn_slice first, last;
    if (!read_digits(rows, FIRST, cells[FIRST], &first)) {
        return false;
    }
    last = first;
    if (cells[LAST].len > 0 && !read_digits(rows, LAST, cells[LAST], &last)) {
        return false;
    }
    row->first = fill_up(first, 0);
    row->last = fill_up(last, 9);
    if (last.len != first.len || row->last < row->first) {
        wn_rows_fault(rows, columns[LAST], "is before 'first', or has another number of digits");
        return false;
    }
    return true;
}

static bool read_network(struct wn_rows *rows, struct wn_slice name, struct wn_ported *row)
{
    struct wn_portability *list = ((struct loading *)rows->context)->list;
    size_t good = 0;
    while (good < name.len && good < WN_PORTABILITY_NAME && name.at[good] != '\0' &&
           strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
                  name.at[good])) {
        good++;
    }
    if (good == 0 || good < name.len) {
        wn_rows_fault(rows, columns[NETWORK], "not a name of 1 to %d letters, digits, . _ or -",
                      WN_PORTABILITY_NAME);
        return false;
    }
    unsigned i = 0;
    while (i < list->n_networks && !wn_slice_is(name, list->networks[i])) {
        i++;
    }
    if (i == WN_PORTABILITY_NETWORKS) {
        wn_rows_fault(rows, columns[NETWORK], "more than %d networks", WN_PORTABILITY_NETWORKS);
        return false;
    }
    if (i == list->n_networks) {
        list->networks = wn_grow(list->networks, ++list->n_networks, sizeof(*list->networks));
        memset(list->networks[i], 0, sizeof(*list->networks));
        memcpy(list->networks[i], name.at, name.len);
    }
    row->network = (uint16_t)i;
    return true;
}

static bool read_time(struct wn_rows *rows, unsigned column, struct wn_slice cell, int64_t *ret_ms)
{
    struct wn_error err;
    if (cell.len == 0 || wn_time_utc(cell, ret_ms, &err) == WN_OK) {
        return true;
    }
    wn_rows_fault(rows, columns[column], "%s", err.text);
    return false;
}

/** Take a row of the file. */
static bool take_row(struct wn_rows *rows, const struct wn_slice *cells)
{
    struct loading *loading = rows->context;
    struct wn_portability *list = loading->list;
    struct wn_ported row = { .since_ms = INT64_MIN, .until_ms = INT64_MAX, .line = rows->line };
    if (list->n_rows == WN_PORTABILITY_ROWS) {
        wn_rows_fault(rows, NULL, "more than %d rows", WN_PORTABILITY_ROWS);
        return false;
    }
    bool good = read_range(rows, cells, &row);
    good = read_network(rows, cells[NETWORK], &row) && good;
    good = read_time(rows, SINCE, cells[SINCE], &row.since_ms) && good;
    good = read_time(rows, UNTIL, cells[UNTIL], &row.until_ms) && good;
    if (good && row.until_ms <= row.since_ms) {
        wn_rows_fault(rows, columns[UNTIL], "is not after 'since'");
        good = false;
    }
    if (!good) {
        return true;
    }
    if (list->n_rows == loading->room) {
        loading->room = 2 * loading->room + 64;
        list->rows = wn_grow(list->rows, loading->room, sizeof(row));
    }
    list->rows[list->n_rows++] = row;
    return true;
}

/** Find the range around each. @return false where one lies across another. */
static bool nest(struct wn_portability *list, const char *file, struct wn_faults *faults)
{
    unsigned n_faults = 0;
    for (size_t i = 0; i < list->n_rows; i++) {
        struct wn_ported *row = &list->rows[i];
        uint32_t around = i == 0 ? nothing : (uint32_t)(i - 1);
        while (around != nothing && list->rows[around].last < row->first) {
            around = list->rows[around].around;
        }
        row->around = around;
        const struct wn_ported *other = around == nothing ? NULL : &list->rows[around];
        const bool across = other && other->last < row->last;
        const bool twice = other && other->first == row->first && other->last == row->last &&
                           other->until_ms > row->since_ms;
        if ((across || twice) && n_faults++ < WN_ROWS_FAULTS) {
            wn_faults_add(faults, file, row->line, "first: the range %s that of line %u%s",
                          across ? "lies across" : "is", other->line,
                          across ? ": a range holds another one whole, or nothing of it"
                                 : ", and in force at the same time");
        }
    }
    return n_faults == 0;
}

bool wn_portability_read(const char *file, struct wn_faults *faults,
                         struct wn_portability **ret_list)
{
    struct loading loading = { .list = wn_take(1, sizeof(*loading.list)) };
    struct wn_portability *list = loading.list;
    struct wn_rows rows = {
        .file = file, .columns = columns, .faults = faults, .visit = take_row, .context = &loading
    };
    bool good = wn_rows_read(&rows);
    if (good && list->n_rows > 0) {
        qsort(list->rows, list->n_rows, sizeof(*list->rows), by_range);
        good = nest(list, file, faults);
    }
    if (!good) {
        wn_portability_close(list);
        return false;
    }
    memcpy(list->version, rows.sha256, sizeof(list->version));
    list->stamp = rows.stamp;
    *ret_list = list;
    return true;
}

struct wn_portability *wn_portability_close(struct wn_portability *list)
{
    if (list) {
        free(list->rows);
        free(list->networks);
        free(list);
    }
    return NULL;
}

struct wn_slice wn_portability_find(const struct wn_portability *list, struct wn_slice digits,
                                    int64_t at_ms)
{
    size_t low = 0;
    size_t high = list->n_rows; // The first row that begins behind the number.
    if (digits.len == 0 || digits.len > DIGITS || !wn_text_is_digits(digits)) {
        return (struct wn_slice){ 0 };
    }
    const uint64_t number = fill_up(digits, 0);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (list->rows[middle].first <= number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    uint32_t at = low == 0 ? nothing : (uint32_t)(low - 1);
    while (at != nothing) {
        const struct wn_ported *row = &list->rows[at];
        if (number <= row->last && row->since_ms <= at_ms && at_ms < row->until_ms) {
            return wn_slice_of(list->networks[row->network]);
        }
        at = row->around;
    }
    return (struct wn_slice){ 0 };
}
