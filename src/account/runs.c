// SPDX-License-Identifier: Apache-2.0

#include "run.h"
#include "winnow/memory.h"

enum {
    TOUCHES = 128
}; ///< Searches between letting go; the kernel maps 64 KiB around each.

void wn_runs_add(struct wn_runs *runs, struct wn_run *run)
{
    if (runs->n == runs->capacity) {
        runs->capacity = runs->capacity > 0 ? runs->capacity * 2 : 16;
        runs->at = wn_grow(runs->at, runs->capacity, sizeof(struct wn_run *));
    }
    size_t place = runs->n;
    for (; place > 0 && runs->at[place - 1]->day > run->day; place--) {
        runs->at[place] = runs->at[place - 1];
    }
    runs->at[place] = run;
    runs->n++;
}

bool wn_runs_has(const struct wn_runs *runs, const struct wn_run *run)
{
    for (size_t i = 0; i < runs->n; i++) {
        if (runs->at[i] == run) {
            return true;
        }
    }
    return false;
}

struct wn_run *wn_runs_take(struct wn_runs *runs, size_t place)
{
    struct wn_run *run = runs->at[place];
    runs->n--;
    memmove(&runs->at[place], &runs->at[place + 1], (runs->n - place) * sizeof(struct wn_run *));
    return run;
}

void wn_runs_find(struct wn_runs *runs, const uint8_t fingerprint[12], int32_t first_day,
                  struct wn_finding *finding)
{
    for (size_t i = runs->n; i > 0 && runs->at[i - 1]->day >= first_day; i--) {
        if (wn_run_may_hold(runs->at[i - 1], fingerprint)) {
            wn_run_find(runs->at[i - 1], fingerprint, finding);
            runs->touches++;
        }
    }
    if (runs->touches >= TOUCHES) {
        for (size_t i = 0; i < runs->n; i++) {
            wn_run_let_go(runs->at[i], false);
        }
        runs->touches = 0;
    }
}

void wn_runs_deinit(struct wn_runs *runs)
{
    for (size_t i = 0; i < runs->n; i++) {
        wn_run_unref(runs->at[i]);
    }
    free(runs->at);
    *runs = (struct wn_runs){ 0 };
}
