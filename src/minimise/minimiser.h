// SPDX-License-Identifier: Apache-2.0

/** What pseudonym.c keeps for encode.c. Nothing outside this room includes it. */

#ifndef WINNOW_MINIMISE_MINIMISER_H
#define WINNOW_MINIMISE_MINIMISER_H

#include "winnow/minimise.h"

/**
 * The check value of the root that a purpose's pseudonyms of a period are made with.
 *
 * @return NULL where there is no such root: the purpose is withheld.
 */
const uint8_t *wn_minimiser_key_id(struct wn_minimiser *minimiser, const char *purpose,
                                   uint32_t period);

/** The pseudonym of a value of any kind but `subscriber`. @return false where the key is missing.
 */
WN_NODISCARD
bool wn_pseudonym_of(struct wn_minimiser *minimiser, const char *purpose, enum wn_kind kind,
                     uint32_t period, const struct wn_value *value, uint8_t ret_pseudonym[16]);

#endif
