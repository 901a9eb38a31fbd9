// SPDX-License-Identifier: Apache-2.0

#include "read.h"

/** Formats 5.13, in lower case. */
static const struct {
    const char *text;
    enum wn_placeholder what;
} placeholders[] = {
    { "anonymous", WN_PLACEHOLDER_ASKED },
    { "anonymous@anonymous.invalid", WN_PLACEHOLDER_ASKED },
    { "restricted", WN_PLACEHOLDER_ASKED },
    { "private", WN_PLACEHOLDER_ASKED },
    { "withheld", WN_PLACEHOLDER_ASKED },
    { "unknown", WN_PLACEHOLDER_ABSENT },
    { "unavailable", WN_PLACEHOLDER_ABSENT },
    { "-", WN_PLACEHOLDER_ABSENT },
    { "n/a", WN_PLACEHOLDER_ABSENT },
    { "none", WN_PLACEHOLDER_ABSENT },
    { "<null>", WN_PLACEHOLDER_ABSENT },
};

enum {
    LONGEST = 27
}; ///< Octets of the longest placeholder above.

enum wn_placeholder wn_placeholder_of(struct wn_slice text)
{
    text = wn_slice_strip(text);
    if (text.len == 0 || wn_text_is_all(text, '0')) {
        return WN_PLACEHOLDER_ABSENT;
    }
    if (text.len > LONGEST || wn_is_digit(text.at[0]) || text.at[0] == '+') {
        return WN_PLACEHOLDER_NONE;
    }

    char lower[LONGEST];
    for (size_t i = 0; i < text.len; i++) {
        lower[i] = wn_ascii_lower(text.at[i]);
    }
    for (size_t i = 0; i < WN_COUNT(placeholders); i++) {
        if (placeholders[i].text[0] == lower[0] &&
            wn_slice_is((struct wn_slice){ lower, text.len }, placeholders[i].text)) {
            return placeholders[i].what;
        }
    }
    return WN_PLACEHOLDER_NONE;
}

bool wn_text_is_all(struct wn_slice text, char octet)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != octet) {
            return false;
        }
    }
    return text.len > 0;
}

bool wn_text_is_digits(struct wn_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!wn_is_digit(text.at[i])) {
            return false;
        }
    }
    return text.len > 0;
}

bool wn_text_has_nine_digits(struct wn_slice text)
{
    unsigned run = 0;
    for (size_t i = 0; i < text.len && run < 9; i++) {
        run = wn_is_digit(text.at[i]) ? run + 1 : 0;
    }
    return run >= 9;
}
