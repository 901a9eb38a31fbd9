// SPDX-License-Identifier: Apache-2.0

/**
 * Identifiers of subscribers and devices, each read and made canonical in one place.
 *
 * Called by wn_kind_read(); the canonical forms are those of kind.h. All return WN_OK with
 * `*ret_present` false for a placeholder.
 */

#ifndef WINNOW_IDENTIFIER_H
#define WINNOW_IDENTIFIER_H

#include "winnow/kind.h"

/**
 * Text of a record as UTF-8, NFC not yet applied.
 *
 * @param otherwise  What text is that is not UTF-8.
 * @return WN_OK, or WN_REJECT: "bad-encoding".
 */
WN_NODISCARD
enum wn_code wn_text_utf8(struct wn_slice text, enum wn_encoding otherwise, struct wn_arena *arena,
                          struct wn_slice *ret_utf8, struct wn_error *err);

/**
 * @param imsi  14 or 15 digits.
 * @return length of the MNC in digits by the table of record/network.c: 2, 3, or 0 where the
 * country mixes both.
 */
unsigned wn_imsi_mnc_digits(struct wn_slice imsi);

/** @return the ISO 3166 code of a PLMN's country (`204-04` is "NL"), or "unknown". */
const char *wn_plmn_country(struct wn_slice plmn);

/**
 * Whether the name of a node may stand in a receipt.
 *
 * A switch's own name is no person's, but a source may be wrong about where it stands: only 1 to 64
 * letters, digits, `.`, `:`, `-` and `_` (none of these in front) are shown, never nine digits in a
 * row, however they are grouped, and never an address (IP, MAC).
 */
bool wn_node_may_show(struct wn_slice name);

#endif
