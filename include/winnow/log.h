// SPDX-License-Identifier: Apache-2.0

/**
 * One line of `key=value` per event on stderr.
 *
 * By construction no record reaches a log: there is no call that takes a slice, and callers pass
 * names, numbers and error texts only. Only `cmd/` and `carry/` log.
 *
 * Threads: any; a line is one write.
 */

#ifndef WINNOW_LOG_H
#define WINNOW_LOG_H

#include "winnow/base.h"

enum wn_log_level {
    WN_LOG_DEBUG,
    WN_LOG_INFO,
    WN_LOG_WARNING,
    WN_LOG_ERROR,
};

/**
 * Write `level=info event=NAME key=value …`.
 *
 * @param event   Stable id of the event, in kebab-case.
 * @param format  The further `key=value` pairs, or "". Quote what may hold a space.
 */
void wn_log(enum wn_log_level level, const char *event, const char *format, ...) WN_PRINTF(3, 4);

#endif
