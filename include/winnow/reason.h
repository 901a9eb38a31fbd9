// SPDX-License-Identifier: Apache-2.0

/**
 * The one list of reasons: why a record is quarantined or filtered, why a purpose is withheld,
 * and why winnow stops or pauses.
 *
 * Ids are bare kebab-case words with one meaning each, stable once shipped: they are receipt
 * members, metric labels, quarantine envelopes and headings of docs/runbook.md, which is
 * generated from this table (`winnow help --runbook`).
 *
 * To add one: an enumerator here, a row in record/reason.c, `meson compile update-runbook`.
 */

#ifndef WINNOW_REASON_H
#define WINNOW_REASON_H

#include "winnow/slice.h"

/** What happens to what the reason is given for. */
enum wn_fate {
    WN_FATE_QUARANTINE, ///< The record is sealed away.
    WN_FATE_FILTER,     ///< The record is dropped and counted.
    WN_FATE_WITHHOLD,   ///< One purpose of the record is withheld and counted.
    WN_FATE_PAUSE,      ///< An input partition waits for a person.
    WN_FATE_STOP,       ///< The process ends.
};

enum wn_reason {
    WN_REASON_NONE, ///< No reason: the record passed.

    WN_REASON_UNKNOWN_FRAMING,
    WN_REASON_FRAME_LOST,
    WN_REASON_TAP_FILE,
    WN_REASON_FOREIGN_ASN1,
    WN_REASON_UNSUPPORTED_ENCODING,
    WN_REASON_RECORD_CUT,
    WN_REASON_RECORD_TOO_LONG,
    WN_REASON_MESSAGE_TOO_LONG,
    WN_REASON_TOO_DEEP,
    WN_REASON_TOO_MANY_FIELDS,
    WN_REASON_TOO_MANY_ITEMS,
    WN_REASON_BAD_BER,
    WN_REASON_JSON_SYNTAX,
    WN_REASON_DETAIL_SYNTAX,
    WN_REASON_CSV_QUOTE,
    WN_REASON_COLUMN_COUNT,
    WN_REASON_BAD_ENCODING,
    WN_REASON_SPREADSHEET_DAMAGED,
    WN_REASON_UNKNOWN_RECORD_TYPE,
    WN_REASON_UNSUPPORTED_RECORD_TYPE,
    WN_REASON_MISSING_FIELD,
    WN_REASON_DUPLICATE_FIELD,
    WN_REASON_MISSING_SUBSCRIBER,
    WN_REASON_BAD_INTEGER,
    WN_REASON_BAD_AMOUNT,
    WN_REASON_BAD_BCD,
    WN_REASON_BAD_TIME,
    WN_REASON_BAD_IDENTIFIER,
    WN_REASON_VALUE_CUT,
    WN_REASON_TOKEN_SUSPECT,
    WN_REASON_TIME_NONEXISTENT,
    WN_REASON_LATE,
    WN_REASON_FUTURE,
    WN_REASON_DURATION_MISMATCH,
    WN_REASON_DURATION_IMPLAUSIBLE,
    WN_REASON_VOLUME_IMPLAUSIBLE,
    WN_REASON_COUNTER_WENT_BACK,
    WN_REASON_DUPLICATE_CONFLICT,
    WN_REASON_TRANSFORM_FAILED,

    WN_REASON_ATTEMPT,
    WN_REASON_ZERO_USAGE,
    WN_REASON_OMIT,
    WN_REASON_NOT_USAGE,
    WN_REASON_OTHER_LEG,
    WN_REASON_INTERNAL_CALL,
    WN_REASON_TRUNK,
    WN_REASON_COVERED,
    WN_REASON_FOREIGN_IMSI,
    WN_REASON_TEST,
    WN_REASON_EMERGENCY,
    WN_REASON_UNAUTHENTICATED,
    WN_REASON_HELPLINE,

    WN_REASON_KEY_MISSING,
    WN_REASON_NOT_FINAL,
    WN_REASON_LIST_TOO_OLD,

    WN_REASON_OFFSET_DIFFERS,
    WN_REASON_STATE_LOST,
    WN_REASON_INPUT_RECREATED,
    WN_REASON_INPUT_TRIMMED,
    WN_REASON_PARTITION_ADDED,
    WN_REASON_AFFINITY,
    WN_REASON_RULE_CHANGED,
    WN_REASON_BATCH_REFUSED,
    WN_REASON_POISON,
    WN_REASON_BY_HAND,

    WN_REASON_CONFIG,
    WN_REASON_KEYS,
    WN_REASON_REGISTER,
    WN_REASON_LOCKED_MEMORY,
    WN_REASON_BROKER_AWAY,
    WN_REASON_BROKER_TRUST,
    WN_REASON_REGISTRY,
    WN_REASON_RIGHTS,
    WN_REASON_TOPIC_MISSING,
    WN_REASON_NAME_TAKEN,
    WN_REASON_FILE_READ,
    WN_REASON_FILE_REFUSED,
    WN_REASON_FILE_WRITE,
    WN_REASON_OUT_LOCKED,
    WN_REASON_INTERNAL,

    WN_REASONS, ///< How many there are.
};

/** A row of the table. */
struct wn_reason_info {
    const char *id; ///< Kebab-case.
    enum wn_fate fate;
    const char *meaning;  ///< What happened: one sentence.
    const char *protects; ///< What going on would have harmed.
    const char *remedy;   ///< The one thing to do, with the command where there is one.
};

/** @return the row of a reason; never NULL. */
const struct wn_reason_info *wn_reason_info(enum wn_reason reason);

/** @return what sets a reason that a record can meet, for the runbook: a part of the way, a key of
 *          a source or of winnow.yaml; "" for reasons that no record meets. */
const char *wn_reason_set_by(enum wn_reason reason);

/** @return the reason with this id, or WN_REASON_NONE. */
enum wn_reason wn_reason_find(struct wn_slice id);

#endif
