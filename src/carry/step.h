// SPDX-License-Identifier: Apache-2.0

/**
 * Named places where a test may end, hold or delay the process, by the environment:
 *
 *     WINNOW_KILL_AT=after-state        SIGKILL at the first `wn_step("after-state")`
 *     WINNOW_STOP_AT=after-state        SIGSTOP at each, until the test sends SIGCONT
 *     WINNOW_SLEEP_AT=after-state:4000  the thread sleeps so many ms at the first
 *
 * `after-state:3` kills at the third pass, or stops at the third alone.
 *
 * Compiled into every build, so that what is tested is what is shipped: without the variables a
 * step costs three comparisons, and who may set the environment of the process may kill it anyway.
 */

#ifndef WINNOW_STEP_H
#define WINNOW_STEP_H

#include "winnow/base.h"

/** Do what the environment says; else nothing. */
void wn_step(const char *name);

/** @return whether the process is to be killed or held at this step: for a step that lies inside
 * another library's call. */
bool wn_step_wanted(const char *name);

#endif
