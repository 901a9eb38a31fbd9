// SPDX-License-Identifier: Apache-2.0

/**
 * A record of 3GPP as JSON by the standard's names: for `winnow cat`, and for tests that compare
 * the description of records with what an independent decoder finds.
 *
 *     {"record":"pGWRecord","value":{"recordType":85,"servedIMSI":"001010123456789","context.120":"2a"}}
 *
 * A list is an array, a choice an object with its alternative, NULL is null, bits are an array of
 * the numbers of those set, an enumeration is its word or, where it has none, its number. What is
 * not described is named by its tag, and hexadecimal. A field that stands there twice is written
 * twice.
 */

#ifndef WINNOW_BER_PRINT_H
#define WINNOW_BER_PRINT_H

#include "winnow/error.h"
#include "winnow/slice.h"

WN_C_BEGIN

/**
 * Write one value as JSON, or what may be shown of it.
 *
 * @param text      Its text (wn_taken_text()).
 * @param is_plain  It is a number, `true`, `false` or `null`: a text of JSON as it is.
 */
typedef void wn_ber_write(struct wn_buffer *out, struct wn_slice text, bool is_plain);

/** How records are printed. */
struct wn_ber_printing {
    wn_ber_write *write; ///< Of each value.
    bool octets;         ///< Strings of octets in hexadecimal as they stand, whatever their form.
};

/**
 * Append one record, without a newline.
 *
 * What can't be read by its form is hexadecimal. Nesting beyond WN_DEPTH is "too-deep".
 *
 * @return WN_OK, or WN_REJECT: as wn_format_ber decodes ("unknown-record-type", "foreign-asn1",
 *         "record-cut", "bad-ber", "too-deep"); `out` is as it was before.
 */
WN_NODISCARD
enum wn_code wn_ber_print(const struct wn_ber_printing *how, struct wn_slice raw,
                          struct wn_buffer *out, struct wn_error *err);

WN_C_END

#endif
