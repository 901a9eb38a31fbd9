// SPDX-License-Identifier: Apache-2.0

/** What pseudonym.c keeps for encode.c. Nothing outside this room includes it. */

#ifndef WINNOW_MINIMISE_MINIMISER_H
#define WINNOW_MINIMISE_MINIMISER_H

#include "winnow/minimise.h"

/** The pseudonym of a value of any kind but `subscriber`. @return false where the key is missing.
 */
WN_NODISCARD
bool wn_pseudonym_of(struct wn_minimiser *minimiser, const char *purpose, enum wn_kind kind,
                     uint32_t period, const struct wn_value *value, uint8_t ret_pseudonym[16]);

/** What is made once a record, before it is encoded. */
struct wn_ready {
    uint32_t period;
    const uint8_t *key_id;     ///< 8 octets.
    const uint8_t *subscriber; ///< Its pseudonym: 16 octets.
};

/**
 * Encode a record for a purpose; appended to `ret_bytes`.
 *
 * @return false where a pseudonym's key is missing; what was appended is then to be dropped.
 */
WN_NODISCARD
bool wn_encode(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
               const struct wn_record *record, const struct wn_ready *ready,
               struct wn_buffer *ret_bytes);

#endif
