// SPDX-License-Identifier: Apache-2.0

/*
 * Stamps in an order of their own, `24-10-2026 21:00:05`, are put into the one that the readers of
 * times know; what follows the last part (a fraction, an offset) stays as it is. And durations
 * written as a clock shows them.
 */

#include "read.h"
#include "winnow/time.h"

enum {
    PARTS = 6,
    HOURS_MOST = 9, ///< Digits of hours.
};

/** The parts, in the order of `2026-10-24 21:00:05`, and what stands behind each. */
static const struct {
    const char *letters;
    char behind;
} parts[PARTS] = { { "YYYY", '-' }, { "MM", '-' }, { "DD", ' ' },
                   { "hh", ':' },   { "mm", ':' }, { "ss", '\0' } };

bool wn_layout_read(struct wn_slice text, struct wn_layout *ret_layout)
{
    struct wn_layout layout = { .len = text.len };
    unsigned found = 0;
    if (text.len >= sizeof(layout.text)) {
        return false;
    }
    for (size_t i = 0; i < text.len;) {
        unsigned part = 0;
        while (part < PARTS && !wn_slice_starts(wn_slice_after(text, i), parts[part].letters)) {
            part++;
        }
        if (part < PARTS && (found >> part & 1) == 0) {
            found |= 1U << part;
            layout.at[part] = (uint8_t)i;
            memset(layout.text + i, '9', strlen(parts[part].letters));
            i += strlen(parts[part].letters);
        } else if (part < PARTS || text.at[i] == '\0' || !strchr(" -/.:T", text.at[i])) {
            return false;
        } else {
            layout.text[i] = text.at[i];
            i++;
        }
    }
    *ret_layout = layout;
    return found == (1U << PARTS) - 1;
}

bool wn_layout_apply(const struct wn_layout *layout, struct wn_slice text,
                     char ret_stamp[WN_LAYOUT_STAMP])
{
    if (text.len < layout->len) {
        return false;
    }
    for (size_t i = 0; i < layout->len; i++) {
        const bool fits =
            layout->text[i] == '9' ? wn_is_digit(text.at[i]) : text.at[i] == layout->text[i];
        if (!fits) {
            return false;
        }
    }
    size_t n = 0;
    for (unsigned part = 0; part < PARTS; part++) {
        const size_t len = strlen(parts[part].letters);
        memcpy(ret_stamp + n, text.at + layout->at[part], len);
        n += len;
        ret_stamp[n++] = parts[part].behind;
    }
    return true;
}

/** Read two digits up to 59. @return -1 where they are none */
static int read_sixty(const char *at)
{
    const int number =
        wn_is_digit(at[0]) && wn_is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
    return number < 60 ? number : -1;
}

enum wn_code wn_time_hms(struct wn_slice text, int64_t *ret_ms, struct wn_error *err)
{
    enum {
        BEHIND = 6 // Octets of `:02:05`.
    };
    uint64_t hours = 0;
    const struct wn_slice first = { text.at, text.len > BEHIND ? text.len - BEHIND : 0 };
    const char *at = first.len > 0 ? text.at + first.len : ":xx:xx";
    const int minutes = read_sixty(at + 1);
    const int seconds = read_sixty(at + 4);
    if (at[0] != ':' || at[3] != ':' || minutes < 0 || seconds < 0 || first.len > HOURS_MOST ||
        !wn_slice_number(first, &hours)) {
        return wn_fail(err, WN_REJECT, "bad-integer", "not a duration such as 1:02:05");
    }
    *ret_ms = (((int64_t)hours * 60 + minutes) * 60 + seconds) * 1000;
    return WN_OK;
}
