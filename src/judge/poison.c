// SPDX-License-Identifier: Apache-2.0

/*
 * The window is a ring of reasons with a count for each. Only the reason of the newest record can
 * have risen, so it alone is judged; but for the moment when the window has `least` records: then
 * all are.
 */

#include "winnow/poison.h"

_Static_assert(WN_REASONS <= UINT8_MAX, "a reason fits an octet of the window");

struct wn_poison_limits wn_poison_limits_default(void)
{
    return (struct wn_poison_limits){ .share = 500, .least = 1000 };
}

static bool is_over(const struct wn_poison *poison, const struct wn_poison_limits *limits,
                    enum wn_reason reason)
{
    return reason != WN_REASON_NONE && reason != WN_REASON_UNSUPPORTED_RECORD_TYPE &&
           (uint64_t)poison->counts[reason] * WN_POISON_SHARES >
               (uint64_t)limits->share * poison->n;
}

/** Judge those again whose share came down. */
static void end_excuses(struct wn_poison *poison, const struct wn_poison_limits *limits)
{
    poison->any_excused = false;
    for (unsigned i = 0; i < WN_REASONS; i++) {
        poison->excused[i] = poison->excused[i] && is_over(poison, limits, (enum wn_reason)i);
        poison->any_excused = poison->any_excused || poison->excused[i];
    }
}

static enum wn_reason judge_all(const struct wn_poison *poison,
                                const struct wn_poison_limits *limits)
{
    for (unsigned i = 0; i < WN_REASONS; i++) {
        if (!poison->excused[i] && is_over(poison, limits, (enum wn_reason)i)) {
            return (enum wn_reason)i;
        }
    }
    return WN_REASON_NONE;
}

enum wn_reason wn_poison_take(struct wn_poison *poison, const struct wn_poison_limits *limits,
                              enum wn_reason reason)
{
    const bool full = poison->n == WN_POISON_WINDOW;
    if (full) {
        poison->counts[poison->window[poison->next]]--;
    } else {
        poison->n++;
    }
    poison->window[poison->next] = (uint8_t)reason;
    poison->counts[reason]++;
    poison->next = (poison->next + 1) % WN_POISON_WINDOW;
    if (poison->n < limits->least) {
        return WN_REASON_NONE;
    }
    if (poison->any_excused) {
        end_excuses(poison, limits);
    }
    if (poison->n == limits->least && !full) {
        poison->tripped = judge_all(poison, limits);
    } else if (!poison->excused[reason] && is_over(poison, limits, reason)) {
        poison->tripped = reason;
    }
    return poison->tripped;
}

enum wn_code wn_poison_fail(const struct wn_poison *poison, const char *source,
                            struct wn_error *err)
{
    return wn_fail(err, WN_ABORT, "poison",
                   "%u of the last %u records of source '%s' were refused as %s: nothing of the "
                   "batch at hand goes out",
                   poison->counts[poison->tripped], poison->n, source,
                   wn_reason_info(poison->tripped)->id);
}

void wn_poison_forget(struct wn_poison *poison)
{
    *poison = (struct wn_poison){ .n = 0 };
}

void wn_poison_excuse(struct wn_poison *poison, enum wn_reason reason)
{
    struct wn_poison fresh = { .any_excused = true };
    memcpy(fresh.excused, poison->excused, sizeof(fresh.excused));
    fresh.excused[reason] = true;
    *poison = fresh;
}
