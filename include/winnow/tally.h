// SPDX-License-Identifier: Apache-2.0

/**
 * The counts of a batch (files) or of one input partition's open transaction: what a receipt says.
 */

#ifndef WINNOW_TALLY_H
#define WINNOW_TALLY_H

#include "winnow/path.h"
#include "winnow/policy.h"
#include "winnow/reason.h"
#include "winnow/sequences.h"
#include "winnow/source.h"

/** What became of a passed record for one purpose. */
struct wn_tally_purpose {
    uint64_t out;
    uint64_t no_consent;
    uint64_t withheld[WN_REASONS]; ///< By reason of fate WITHHOLD.
};

/** Keys that pseudonyms were made with: purpose and period, with check value. */
struct wn_tally_key {
    const char *purpose; ///< The policy's string.
    uint32_t period;
    uint8_t kcv[8];
};

/** Keys that one receipt names, at most: eight purposes for more than five years of months. */
enum {
    WN_TALLY_KEYS = 512
};

/** Octets of a list's name, the final NUL included: "helplines", "consent". */
enum {
    WN_LIST_NAME = 16
};

/** A version of a list that judged or allowed records: SHA-256 of its file. */
struct wn_tally_list {
    char name[WN_LIST_NAME];
    uint8_t version[32];
};

/**
 * What inputs say of themselves under one name, against what was found in them (source.h), summed
 * over inputs. Differences of inputs never cancel: what one lacks is `missing`, what another has
 * too much is `surplus`.
 */
struct wn_tally_declared {
    char name[WN_DECLARED_NAME];
    uint64_t inputs;         ///< That declared it.
    uint64_t absent;         ///< That should have and did not, or can't be read: cut files.
    int64_t declared, found; ///< Of the inputs that declared it.
    uint64_t missing, surplus;
};

/** Counts; wn_tally_open() makes an empty one. */
struct wn_tally {
    uint64_t in, passed, duplicates, superseded;
    uint64_t filtered[WN_REASONS];
    uint64_t attempts[WN_ATTEMPTS]; ///< Of those filtered as `attempt`, why: enum wn_attempt.
    uint64_t quarantined[WN_REASONS];
    struct wn_tally_purpose purposes[WN_PURPOSES];
    uint64_t masked[WN_REASONS]; ///< Passed records whose numbers went on as their class only, by
                                 ///< reason; they stand under their purposes as well.
    int64_t first_ms, last_ms;   ///< Event times of passed records; INT64_MAX and INT64_MIN: none.
    struct wn_tally_key keys[WN_TALLY_KEYS];
    unsigned n_keys;
    struct wn_tally_list *lists; ///< In the order of first use; as many as there were.
    unsigned n_lists, room_lists;
    struct wn_tally_declared *declared; ///< As many names as there were.
    unsigned n_declared, room_declared;
    struct wn_sequences *nodes; ///< Numbers that nodes gave; never NULL.
    struct wn_drift *drift;
};

/** @return an empty tally, the caller's to give to wn_tally_close(). Never NULL. */
struct wn_tally *wn_tally_open(void);

/** Give it back; NULL is fine. @return NULL */
struct wn_tally *wn_tally_close(struct wn_tally *tally);

/** Forget everything. */
void wn_tally_clear(struct wn_tally *tally);

/** Add one to another: a committed transaction to the open receipt. */
void wn_tally_add(struct wn_tally *into, const struct wn_tally *from);

/** Note the key that was used; once each. `purpose` must outlive the tally. */
void wn_tally_key(struct wn_tally *tally, const char *purpose, uint32_t period,
                  const uint8_t kcv[8]);

/**
 * Note a version of a list that acted on what is counted here; once each.
 *
 * @param name     1 to WN_LIST_NAME - 1 characters of `a-z` and `-`; copied.
 * @param version  SHA-256 of the list's file.
 */
void wn_tally_list(struct wn_tally *tally, const char *name, const uint8_t version[32]);

/** Add what an input said of itself once it was over. */
void wn_tally_declare(struct wn_tally *tally, const struct wn_declared *declared);

/** Add the same of several inputs. */
void wn_tally_declared_add(struct wn_tally *tally, const struct wn_tally_declared *declared);

/** @return whether a total differs from what was found, or is absent where it should not be. */
static inline bool wn_tally_declared_differs(const struct wn_tally_declared *declared)
{
    return declared->absent > 0 || declared->missing > 0 || declared->surplus > 0;
}

/** @return how many of the totals do. */
unsigned wn_tally_differences(const struct wn_tally *tally);

/**
 * Append what differs of one total, for a person: `records: declared 33, found 32, missing 1`.
 * Numbers only; durations in milliseconds, amounts in millionths.
 */
void wn_tally_declared_text(const struct wn_tally_declared *declared, struct wn_buffer *ret_text);

/**
 * Check the two sums that a receipt rests on: `in = passed + duplicates + superseded + Σfiltered +
 * Σquarantined`, and for each purpose `passed = out + no_consent + Σwithheld`. Asked before
 * anything is published.
 *
 * And each count stands under a reason of its own fate, and each attempt in one group.
 *
 * @return WN_OK, or WN_FATAL: "internal" (names the sum that is off).
 */
WN_NODISCARD
enum wn_code wn_tally_balanced(const struct wn_tally *tally, unsigned n_purposes,
                               struct wn_error *err);

#endif
