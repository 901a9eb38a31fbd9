// SPDX-License-Identifier: Apache-2.0

/**
 * How a function says that it failed.
 *
 * The return value says what the caller must do next; `struct wn_error` says
 * what happened. A function returns only the codes that its documentation
 * names. Text may name a field, an offset or a length, and never a value: it
 * reaches logs, metrics and the quarantine topic.
 */

#ifndef WINNOW_ERROR_H
#define WINNOW_ERROR_H

#include "winnow/base.h"

WN_C_BEGIN

/** What the caller must do, from least to most severe. */
enum wn_code {
    WN_OK = 0, ///< Go on.
    WN_REJECT, ///< Put this record in quarantine; the batch goes on.
    WN_RETRY,  ///< Do the same call again later (or with more bytes: the header says).
    WN_ABORT,  ///< Abort the transaction, rewind, start the batch over.
    WN_FATAL,  ///< Stop the process.
};

/** A failure on its way up. Lives on the caller's stack; owns nothing. */
struct wn_error {
    enum wn_code code;
    const char *reason; ///< Stable id, a string literal, such as "detail-syntax".
    char text[512];     ///< One sentence for a person, outermost context first.
};

/**
 * Record a failure where it is first noticed.
 *
 * @param err     Filled in; never NULL.
 * @param reason  A string literal; kept, not copied. A record's faults use the
 *                ids of record/reason.c.
 * @return `code`, so that a failure is one statement: `return wn_fail(…);`
 */
enum wn_code wn_fail(struct wn_error *err, enum wn_code code, const char *reason,
                     const char *format, ...) WN_PRINTF(4, 5);

/**
 * Put the place in front of a failure that is passed on: "raw.freeswitch[3]@1823: …".
 *
 * @return `err->code`, so that passing on is one statement, too.
 */
enum wn_code wn_context(struct wn_error *err, const char *format, ...) WN_PRINTF(2, 3);

WN_C_END

#endif
