// SPDX-License-Identifier: Apache-2.0

#include "step.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/** @return whether a variable of the environment names the step. */
static bool names(const char *variable, const char *name)
{
    const char *wanted = getenv(variable);
    if (!wanted) {
        return false;
    }
    size_t len = strlen(name);
    return strncmp(wanted, name, len) == 0 && (wanted[len] == '\0' || wanted[len] == ':');
}

bool wn_step_wanted(const char *name)
{
    return names("WINNOW_KILL_AT", name);
}

void wn_step(const char *name)
{
    // How often the wanted step was passed: the one state of this file, of tests only.
    static atomic_long passed;
    if (names("WINNOW_STOP_AT", name)) {
        (void)raise(SIGSTOP);
    }
    if (!wn_step_wanted(name)) {
        return;
    }
    const char *wanted = getenv("WINNOW_KILL_AT");
    const char *count = wanted ? strchr(wanted, ':') : NULL;
    long least = count ? strtol(count + 1, NULL, 10) : 1;
    if (atomic_fetch_add(&passed, 1) + 1 >= least) {
        (void)raise(SIGKILL);
    }
}
