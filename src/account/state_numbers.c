// SPDX-License-Identifier: Apache-2.0

#include "state_impl.h"

enum {
    NODES_MOST = 16384, ///< More than a receipt has: nodes come and go.
};

static const int64_t day_ms = 86400000;

struct wn_sequences *wn_state_open_numbers(void)
{
    struct wn_sequences *numbers = wn_sequences_open();
    numbers->most_nodes = NODES_MOST;
    return numbers;
}

void wn_state_stage_numbers(struct wn_state *state, const struct wn_sequences *numbers)
{
    wn_sequences_clear(state->staged_numbers);
    wn_sequences_join(state->staged_numbers, numbers);
}

const struct wn_sequences *wn_state_numbers(const struct wn_state *state)
{
    return state->numbers;
}

void wn_state_merge_numbers(struct wn_state *state)
{
    wn_sequences_join(state->numbers, state->staged_numbers);
    wn_sequences_clear(state->staged_numbers);
    if (state->newest != WN_NO_DAY) {
        wn_sequences_expire(state->numbers, wn_state_oldest(state, state->newest) * day_ms);
    }
}
