// SPDX-License-Identifier: Apache-2.0

#include "winnow/format.h"

static const struct wn_format *const formats[] = {
    &wn_format_ber,
    &wn_format_csv,
    &wn_format_detail,
    &wn_format_json,
};

const struct wn_format *wn_format_at(unsigned i)
{
    return i < WN_COUNT(formats) ? formats[i] : NULL;
}

const struct wn_format *wn_format_find(struct wn_slice name)
{
    for (unsigned i = 0; i < WN_COUNT(formats); i++) {
        if (wn_slice_is(name, formats[i]->name)) {
            return formats[i];
        }
    }
    return NULL;
}
