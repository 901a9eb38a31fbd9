// SPDX-License-Identifier: Apache-2.0

/**
 * Forms: how the octets of a raw value that is no text stand for it.
 *
 * Formats of text (csv, detail, json) give text, form 0. BER gives the content octets as they stand
 * in the record, and says by the form what its table knows of them; a conversion reads them for its
 * kind. Nothing is turned into text that nobody asked to see.
 *
 * To add a form: a constant here, its text in `src/decode/ber/text.c`, its type in the description.
 */

#ifndef WINNOW_FORM_H
#define WINNOW_FORM_H

#include "winnow/kind.h"
#include "winnow/path.h"

WN_C_BEGIN

/**
 * The form of a value; its octets, and its text by wn_taken_text().
 *
 * 3GPP's codings are of TS 32.298, TS 29.002, TS 24.008 and TS 23.040.
 */
enum wn_form {
    WN_FORM_TEXT = 0,     ///< Text, UTF-8 or ASCII; as it is.
    WN_FORM_INTEGER,      ///< Two's complement, any number of octets, also none; decimal.
    WN_FORM_UNSIGNED,     ///< An id at the width it has: never negative; decimal.
    WN_FORM_BOOLEAN,      ///< One octet, true where it is not 0; `true`, `false`.
    WN_FORM_ENUM,         ///< As INTEGER.
    WN_FORM_NULL,         ///< No octets: that it is there says it; `true`.
    WN_FORM_OCTETS,       ///< Octets of no known meaning; hexadecimal.
    WN_FORM_BITS,         ///< Number of unused bits, then the bits; numbers of those set: `3,24`.
    WN_FORM_OID,          ///< Object identifier; `1.3.6.1`.
    WN_FORM_TBCD,         ///< Two digits an octet, the first one in the low half; digits.
    WN_FORM_TIMESTAMP,    ///< TimeStamp: BCD YYMMDDhhmmss, sign, hhmm; `2026-10-25T02:30:00+02:00`.
    WN_FORM_MS_TIME_ZONE, ///< Two octets; hexadecimal.
    WN_FORM_ADDRESS,     ///< AddressString: type of number, TBCD; digits, `+` before international.
    WN_FORM_DIRECTORY,   ///< BCDDirectoryNumber: as ADDRESS, an octet 3a may follow the first.
    WN_FORM_SMS_ADDRESS, ///< TS 23.040 §9.1.2.5: half octets, type of number, TBCD or letters.
    WN_FORM_IP, ///< IPAddress, one of five alternatives: the octets are that whole element, its tag
                ///< [0] to [5] and length in front, however the CHOICEs around it nest;
                ///< `192.0.2.1`.
    WN_FORM_PLMN, ///< PLMN-Id of three octets; `204-04`.
    WN_FORMS,
};

/**
 * Give a value's text, by its form: what conditions, keys, `explain` and `cat` look at.
 *
 * @param taken     WN_TAKEN_TEXT.
 * @param arena     Where a text is made that is not in the record.
 * @param ret_text  Good as long as the record and the arena. Untouched on failure.
 * @return WN_OK, or WN_REJECT: "bad-integer" (no octets, or over 64 bits), "bad-bcd" (a filler
 *         before the last digit), "bad-ber" (a BOOLEAN, bits or an object identifier that is none).
 */
WN_NODISCARD
enum wn_code wn_taken_text(const struct wn_taken *taken, struct wn_arena *arena,
                           struct wn_slice *ret_text, struct wn_error *err);

/**
 * Read a value of the form IP: all alternatives of one address give the same 16 octets.
 *
 * @return as wn_kind_read() of an ip, and WN_REJECT: "bad-ber" (cut).
 */
WN_NODISCARD
enum wn_code wn_ip_element(const struct wn_reading *how, struct wn_slice element,
                           struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                           struct wn_error *err);

WN_C_END

#endif
