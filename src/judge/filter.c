// SPDX-License-Identifier: Apache-2.0

#include "winnow/judge.h"

enum wn_reason wn_filter(const struct wn_decoded *decoded)
{
    const struct wn_source *source = decoded->source;
    for (unsigned i = 0; i < source->n_filters; i++) {
        if (wn_condition_holds(source->filters[i].when, decoded)) {
            return source->filters[i].rule;
        }
    }
    return WN_REASON_NONE;
}
