// SPDX-License-Identifier: Apache-2.0

/**
 * What a service manager is told, by the protocol of sd_notify(3) and without its library: a
 * datagram of `NAME=value` lines to the socket that $NOTIFY_SOCKET names, a path or, behind `@`, an
 * abstract name. Without one, nothing is said.
 *
 * Nothing of a record is in what is told: callers pass states and counts.
 *
 * Threads: any.
 */

#ifndef WINNOW_NOTIFY_H
#define WINNOW_NOTIFY_H

#include "winnow/base.h"

/**
 * Tell `READY=1`, `STOPPING=1`, `STATUS=…`, `WATCHDOG=1`: one a line.
 *
 * Never waits, and what can't be told is not an error: the manager's own time limit finds it.
 *
 * @return whether somebody was told.
 */
bool wn_notify(const char *lines);

/** @return how often the manager's watchdog wants to be told [ms]: half of what it waits
 * ($WATCHDOG_USEC); 0: there is none, or it watches another process ($WATCHDOG_PID). */
int64_t wn_notify_watchdog_ms(void);

#endif
