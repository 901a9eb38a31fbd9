// SPDX-License-Identifier: Apache-2.0

#include "step.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/** @return what follows the step's name in a variable of the environment, "" or ":" and a number;
 * NULL: it does not name the step. */
static const char *wanted(const char *variable, const char *name)
{
    const char *text = getenv(variable);
    size_t len = strlen(name);
    bool named = text && strncmp(text, name, len) == 0 && (text[len] == '\0' || text[len] == ':');
    return named ? text + len : NULL;
}

/** @return the number behind the name, or `otherwise`. */
static long number_of(const char *rest, long otherwise)
{
    return rest[0] == ':' ? strtol(rest + 1, NULL, 10) : otherwise;
}

bool wn_step_wanted(const char *name)
{
    return wanted("WINNOW_KILL_AT", name) || wanted("WINNOW_STOP_AT", name);
}

static void sleep_ms(long ms)
{
    const struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };
    (void)nanosleep(&pause, NULL);
}

void wn_step(const char *name)
{
    // How often the wanted step was passed: the one state of this file, of tests only.
    static atomic_long to_kill;
    static atomic_long to_stop;
    static atomic_long to_sleep;
    const char *kill_at = wanted("WINNOW_KILL_AT", name);
    const char *stop_at = wanted("WINNOW_STOP_AT", name);
    const char *sleep_at = wanted("WINNOW_SLEEP_AT", name);
    if (stop_at) {
        long passed = atomic_fetch_add(&to_stop, 1) + 1;
        if (passed == number_of(stop_at, passed)) {
            (void)raise(SIGSTOP);
        }
    }
    if (sleep_at && atomic_fetch_add(&to_sleep, 1) == 0) {
        sleep_ms(number_of(sleep_at, 0));
    }
    if (kill_at && atomic_fetch_add(&to_kill, 1) + 1 >= number_of(kill_at, 1)) {
        (void)raise(SIGKILL);
    }
}
