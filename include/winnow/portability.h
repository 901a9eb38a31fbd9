// SPDX-License-Identifier: Apache-2.0

/**
 * Whose network a number is of: ranges by date, since a prefix tells nothing once numbers move.
 *
 * A CSV file (rows.h) with the columns
 *
 *     first    `+` and E.164 digits, or the first of them: a block (+3161) or one number
 *     last     the last of a range of as many digits; empty: the block of `first`
 *     network  the operator's name for it, at most 32 of `A-Z a-z 0-9 . _ -`
 *     since    from when, UTC (2026-11-03T23:00:00Z); empty: always
 *     until    until when, exclusive; empty: still
 *
 * Of ranges that hold a number the narrowest counts that is in force at the time: a number that was
 * ported stands in the file beside the block that it came from. Ranges may lie in one another, not
 * across one another; the same range twice must not be in force at one time.
 */

#ifndef WINNOW_PORTABILITY_H
#define WINNOW_PORTABILITY_H

#include "winnow/config.h"
#include "winnow/io.h"

enum {
    WN_PORTABILITY_ROWS = 1 << 24,     ///< Rows, at most: 48 octets each in memory.
    WN_PORTABILITY_NETWORKS = 1 << 12, ///< Names of networks, at most.
    WN_PORTABILITY_NAME = 32,          ///< Octets of a name, at most.
};

struct wn_ported; ///< record/ only.

/** A list as it was read; read-only. */
struct wn_portability {
    uint8_t version[32];   ///< SHA-256 of the file.
    struct wn_stamp stamp; ///< Of the file as it was read.
    struct wn_ported *rows;
    size_t n_rows;
    char (*networks)[WN_PORTABILITY_NAME + 1];
    unsigned n_networks;
};

/**
 * Read a list whole.
 *
 * @param faults    Every fault, by line; none says what stands in a cell.
 * @param ret_list  On success the caller's to give to wn_portability_close().
 * @return false where there is a fault: the file can't be read, a row is not as above, ranges lie
 *         across one another.
 */
WN_NODISCARD
bool wn_portability_read(const char *file, struct wn_faults *faults,
                         struct wn_portability **ret_list);

/** Give it back; NULL is fine. @return NULL */
struct wn_portability *wn_portability_close(struct wn_portability *list);

/**
 * @param digits  E.164, country code first, without `+`.
 * @param at_ms   The event's time [UTC ms].
 * @return the name of the network, borrowed from the list; empty where the list does not say.
 */
struct wn_slice wn_portability_find(const struct wn_portability *list, struct wn_slice digits,
                                    int64_t at_ms);

#endif
