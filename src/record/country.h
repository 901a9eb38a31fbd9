// SPDX-License-Identifier: Apache-2.0

/** Country codes of E.164 numbers. */

#ifndef WINNOW_RECORD_COUNTRY_H
#define WINNOW_RECORD_COUNTRY_H

#include "winnow/slice.h"

/** @return digits of the country code that E.164 digits begin with (1 to 3), 0: unassigned. */
unsigned wn_country_code_length(struct wn_slice digits);

/**
 * @return whether what follows the country code may be a zero: it belongs to the number in Italy,
 *         San Marino, Norway, Tajikistan, New Caledonia, on Ascension and in plans of Africa (BF,
 *         BJ, CG, CI, GA, NE, RW), and to services of the world.
 */
bool wn_country_has_zero(struct wn_slice digits);

/** @return the ISO 3166 code of E.164 digits, "NANP", "INT", or "unknown" (unassigned). */
const char *wn_country_of(struct wn_slice digits);

#endif
