// SPDX-License-Identifier: Apache-2.0

/**
 * What a transform leaves of one value. Values come from a record that passed
 * wn_minimise_check(); nothing here knows a field.
 */

#ifndef WINNOW_MINIMISE_TRANSFORM_H
#define WINNOW_MINIMISE_TRANSFORM_H

#include "winnow/policy.h"
#include "winnow/record.h"

enum {
    WN_TRANSFORM_TEXT = 48, ///< Scratch of wn_transform_text().
    WN_NUMBER_TEXT = 32,    ///< Octets of a number's text, at most.
};

/** Round down to a whole step since 1970, also before it. */
int64_t wn_transform_floor(int64_t time_ms, int64_t step_ms);

/** @return the largest bound that is not above the value, else 0. */
int64_t wn_transform_bucket(const struct wn_output *output, int64_t number);

/**
 * Write what a transform that gives text leaves of a value: keep, destination, country, digits,
 * network, model.
 *
 * @param value     NULL: absent.
 * @param scratch   Holds the text where it is not the value's own or a constant.
 * @param ret_text  The text; not set where there is none. Of a kept number in E.164 without the
 *                  `+` that wn_transform_plus() asks for.
 * @return false: null.
 */
bool wn_transform_text(const struct wn_output *output, const struct wn_value *value,
                       char scratch[WN_TRANSFORM_TEXT], struct wn_slice *ret_text);

/** @return whether the digits of a number that is there may be seen. */
static inline bool wn_transform_shows(const struct wn_value *value)
{
    return value->text.len > 0 && (value->marks & WN_MARK_SHIELDED) == 0;
}

/** @return whether a `+` goes before a text: E.164 as its reader knows it; a short code has none.
 */
static inline bool wn_transform_plus(const struct wn_output *output, const struct wn_value *value)
{
    return output->kind == WN_KIND_NUMBER && output->transform == WN_TRANSFORM_KEEP && value &&
           (value->marks & WN_MARK_E164) != 0;
}

/** Clear all but the network part of an address of 16 octets (IPv4 as ::ffff:0:0/96). */
void wn_transform_prefix(const struct wn_output *output, struct wn_slice address,
                         uint8_t ret_prefix[16]);

#endif
