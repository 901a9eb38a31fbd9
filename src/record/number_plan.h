// SPDX-License-Identifier: Apache-2.0

/** Numbering plans: how a country dials, and what a number of it is. */

#ifndef WINNOW_RECORD_NUMBER_PLAN_H
#define WINNOW_RECORD_NUMBER_PLAN_H

#include "winnow/number.h"

/** How numbers are dialled in a country: a row of record/dialling.c. */
struct wn_dialling {
    uint16_t country;      ///< E.164 code.
    char international[5]; ///< What stands before a country code.
    char trunk[3];         ///< What stands before a national number; "": nothing.
    uint8_t least, most;   ///< Digits of a national number, services aside; 0: not known.
    char emergency[40];    ///< Emergency numbers but 112, a blank between.
};

/** @return the rules of a country; `00` and `0` where the table has none. */
const struct wn_dialling *wn_dialling_of(const char *country);

/** @return whether so many digits, with no prefix before them, are a national number: where there
 *          is no trunk prefix, and in North America, where it may be left out. */
bool wn_dialling_is_national(const struct wn_dialling *dialling, size_t n_digits);

/** @return whether these are the digits of an emergency number there. */
bool wn_dialling_is_emergency(const struct wn_dialling *dialling, struct wn_slice digits);

/** @return whether these are the digits of a short code of the Netherlands that has a meaning. */
bool wn_plan_nl_is_short(struct wn_slice digits, enum wn_number_class *ret_class);

/**
 * @param digits  E.164 digits.
 * @param home    The site's country code.
 * @return the class of a number, seen from the site: foreign ones are `international`, those of a
 *         home country other than the Netherlands `unknown` (there is no plan of it here), and so
 *         are unassigned country codes.
 */
enum wn_number_class wn_plan_class(struct wn_slice digits, const char *home);

#endif
