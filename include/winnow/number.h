// SPDX-License-Identifier: Apache-2.0

/**
 * Telephone numbers: to E.164 by the site's dialling rules, their class, their country.
 *
 * A number is read by wn_kind_read(): `+`, the international prefix, extensions, short codes, the
 * trunk prefix and bare digits, in `tel:` and `sip:` URIs as well; record/number.c says in which
 * order. 112 is an emergency call whatever the extensions are, and `+31113` is 113. A new country
 * is a row of record/number_plan.c.
 *
 * Numbering plan of the Netherlands: plan BWBR0010198, Staatscourant 2004-85 (no number is another
 * one followed by digits), 2006-77 (14xx), 2006-96 (18xy), 2007-182 (116xxx), 2013-11505 (0800),
 * 2020-19241 (113); country codes: ITU-T E.164, list of assigned codes.
 */

#ifndef WINNOW_NUMBER_H
#define WINNOW_NUMBER_H

#include "winnow/kind.h"

/** The closed list of number classes; names by wn_number_class_name(). */
enum wn_number_class {
    WN_NUMBER_GEOGRAPHIC,
    WN_NUMBER_MOBILE,
    WN_NUMBER_M2M,
    WN_NUMBER_PERSONAL,
    WN_NUMBER_LOCATION_INDEPENDENT,
    WN_NUMBER_COMPANY,
    WN_NUMBER_FREEPHONE,
    WN_NUMBER_PREMIUM,
    WN_NUMBER_DIRECTORY,
    WN_NUMBER_EMERGENCY,
    WN_NUMBER_HARMONISED,
    WN_NUMBER_SHORT,
    WN_NUMBER_FEATURE,      ///< With `*` or `#`: no text, its digits may be somebody's number.
    WN_NUMBER_INTERNAL,     ///< Matches a pattern of the source's `numbers: {internal: …}`.
    WN_NUMBER_ALPHANUMERIC, ///< A sender's name, 11 characters; of `sip:name@host` no text.
    WN_NUMBER_SATELLITE,
    WN_NUMBER_INTERNATIONAL, ///< Any other country than the site's.
    WN_NUMBER_WITHHELD,      ///< Restricted or absent.
    WN_NUMBER_UNKNOWN, ///< No row fits, the shape is valid; home numbers of other sites than 31.
    WN_NUMBER_CLASSES,
};

/** @return the class's word with `_` (an Avro symbol): "location_independent". */
const char *wn_number_class_name(enum wn_number_class class);

/** @return whether a number of this class can't be anybody's own (internal, short, directory, …).
 */
bool wn_number_is_nobodys(enum wn_number_class class);

/**
 * @param value  Of kind number.
 * @return the ISO 3166 code of an E.164 number ("NL"), "NANP", "INT", or "unknown" (short codes:
 * the site's country is not assumed: "unknown").
 */
const char *wn_number_country(const struct wn_value *value);

#endif
