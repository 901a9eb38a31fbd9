// SPDX-License-Identifier: Apache-2.0

/**
 * Named places where a test may kill the process: `WINNOW_KILL_AT=after-state` ends it by SIGKILL
 * at the first `wn_step("after-state")`, `WINNOW_KILL_AT=after-state:3` at the third; and hold it:
 * `WINNOW_STOP_AT=after-state` by SIGSTOP at each, until the test sends SIGCONT.
 *
 * Compiled into every build, so that what is tested is what is shipped: without the variable a step
 * costs one comparison, and who may set the environment of the process may kill it anyway.
 */

#ifndef WINNOW_STEP_H
#define WINNOW_STEP_H

#include "winnow/base.h"

/** Kill or hold the process where the environment says so; else do nothing. */
void wn_step(const char *name);

/** @return whether the environment names this step: for a step that lies inside another library's
 * call. */
bool wn_step_wanted(const char *name);

#endif
