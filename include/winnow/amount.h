// SPDX-License-Identifier: Apache-2.0

/**
 * Amounts of money and their currency: the kinds `amount` and `currency`.
 *
 * An amount is a whole number of millionths of the currency's main unit (0,0420 euro is 42000),
 * signed, 64 bits: ±9.2 million million units, whatever the currency's own minor unit is (the yen
 * has none, the dinar of Kuwait three decimals). What is no whole number of millionths, or does not
 * fit, is refused and never rounded: rounding is rating's. An amount is nothing without its
 * currency; a record that has one and not the other is refused (source.h).
 *
 * A currency is an alphabetic code of ISO 4217.
 */

#ifndef WINNOW_AMOUNT_H
#define WINNOW_AMOUNT_H

#include "winnow/error.h"
#include "winnow/slice.h"

/** How an amount is written. */
enum wn_amount_unit {
    WN_AMOUNT_DECIMAL,    ///< Units with a fraction: `12,5`, `-0,0042`, `,5`.
    WN_AMOUNT_HUNDREDTHS, ///< A whole number of hundredths: `1250`.
    WN_AMOUNT_MILLIONTHS, ///< A whole number of millionths: `12500000`.
};

/**
 * Read an amount. No thousands' separators, no sign of a currency; a minus may stand in front.
 *
 * @param sign     The decimal sign, `.` or `,`; the other one is refused.
 * @param ret_millionths  Of the currency's main unit. Untouched on failure.
 * @return WN_OK, or WN_REJECT: "bad-amount" (not a number in this form, a digit that is not 0 below
 *         a millionth, more than 63 bits), "spreadsheet-damaged" (an exponent).
 */
WN_NODISCARD
enum wn_code wn_amount_read(struct wn_slice text, enum wn_amount_unit unit, char sign,
                            int64_t *ret_millionths, struct wn_error *err);

#endif
