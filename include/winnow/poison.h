// SPDX-License-Identifier: Apache-2.0

/**
 * Poison guard: has a source gone wrong? Where a switch was updated or a source is mapped wrongly,
 * one reason refuses record after record: then it is better to stop and ask than to divert the
 * revenue into quarantine.
 *
 * The guard looks at the last WN_POISON_WINDOW records of a source, of whatever fate, and trips
 * where more than a share of them was quarantined for one reason. It judges from `least` records
 * on. What trips it stays tripped for the caller: it gives up what was not committed yet, so that
 * the same records come again once a person has looked (files: the batch; Kafka: the transaction,
 * and the partition is paused).
 *
 * `unsupported-record-type` never trips: such records are usage that this version can't read, and
 * no mended source would.
 *
 * A guard is a plain value: a carrier keeps a copy of it as it was at the last commit, and puts it
 * back where it aborts. All-zero is a guard that has seen nothing. Pure: no clock, no I/O.
 */

#ifndef WINNOW_POISON_H
#define WINNOW_POISON_H

#include "winnow/error.h"
#include "winnow/reason.h"

enum {
    WN_POISON_WINDOW = 10000, ///< Records that are looked at.
    WN_POISON_SHARES = 10000, ///< A share is so many hundredths of a percent.
};

/** Config `limits: {poison: {share: 5%, least: 1000}}`. */
struct wn_poison_limits {
    uint32_t share; ///< More than this share trips, 1 to WN_POISON_SHARES (which never does).
    uint32_t least; ///< Records from which on it is judged, 1 to WN_POISON_WINDOW.
};

/** @return 5 %, from 1,000 on. */
struct wn_poison_limits wn_poison_limits_default(void);

/** A guard; all-zero has seen nothing. */
struct wn_poison {
    uint32_t n;    ///< Records in the window.
    uint32_t next; ///< Where the next one goes.
    uint32_t counts[WN_REASONS];
    bool excused[WN_REASONS]; ///< A person said to go on.
    bool any_excused;
    enum wn_reason tripped;           ///< What tripped it; NONE: nothing did.
    uint8_t window[WN_POISON_WINDOW]; ///< Reasons, the oldest at `next` once it is full.
};

/**
 * Take a record's fate in.
 *
 * @param reason  What it was quarantined for; WN_REASON_NONE: it was not.
 * @return the reason that trips the guard, or WN_REASON_NONE.
 */
enum wn_reason wn_poison_take(struct wn_poison *poison, const struct wn_poison_limits *limits,
                              enum wn_reason reason);

/** Say what tripped it: reason "poison". @return WN_ABORT: give up what is not committed. */
enum wn_code wn_poison_fail(const struct wn_poison *poison, const char *source,
                            struct wn_error *err);

/** Forget all records, and who was excused: the source is another one now. */
void wn_poison_forget(struct wn_poison *poison);

/**
 * Go on although it tripped: forget all records, and let the reason pass until its share has come
 * down to the limit; from then on it is judged again.
 */
void wn_poison_excuse(struct wn_poison *poison, enum wn_reason reason);

#endif
