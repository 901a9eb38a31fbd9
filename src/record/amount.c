// SPDX-License-Identifier: Apache-2.0

/*
 * An amount is read digit by digit into a whole number of millionths, downwards from zero where it
 * is negative, so that the least number needs no case of its own. Digits below a millionth must be
 * zeros: 0,00420000 is fine, 0,00000042 is refused.
 */

#include "winnow/amount.h"

#include "read.h"

enum {
    DECIMALS = 6,
    CODE = 3, ///< Letters of a currency.
};

// clang-format off
/** ISO 4217, list one (codes of currencies, with the funds and metals left out), and those that
 * ended in 2025 and 2026, which late records may name; sorted. XDR: settlements between networks. */
static const char currencies[][CODE + 1] = {
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD",
    "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD",
    "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ",
    "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR",
    "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR",
    "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
    "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR",
    "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
    "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS",
    "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XDR", "XOF", "XPF", "YER", "ZAR",
    "ZMW", "ZWG",
};
// clang-format on

static enum wn_code fail(struct wn_error *err, const char *what)
{
    return wn_fail(err, WN_REJECT, "bad-amount", "%s", what);
}

/** Whether a text looks like `1,2E+10`: what a spreadsheet makes of an amount. */
static bool has_exponent(struct wn_slice text)
{
    size_t i = 0;
    while (i < text.len && (wn_is_digit(text.at[i]) || text.at[i] == '.' || text.at[i] == ',')) {
        i++;
    }
    return i > 0 && i + 1 < text.len && wn_ascii_lower(text.at[i]) == 'e' &&
           (wn_is_digit(text.at[i + 1]) || text.at[i + 1] == '+' || text.at[i + 1] == '-');
}

/** Take one more digit behind those that are there. @return false: more than 63 bits. */
static bool add_digit(int64_t *number, char digit, bool negative)
{
    int64_t value = digit - '0';
    return !__builtin_mul_overflow(*number, 10, number) &&
           !__builtin_add_overflow(*number, negative ? -value : value, number);
}

enum wn_code wn_amount_read(struct wn_slice text, enum wn_amount_unit unit, char sign,
                            int64_t *ret_millionths, struct wn_error *err)
{
    const bool negative = text.len > 0 && text.at[0] == '-';
    struct wn_slice rest = wn_slice_after(text, negative ? 1 : 0);
    unsigned decimals = unit == WN_AMOUNT_MILLIONTHS   ? DECIMALS
                        : unit == WN_AMOUNT_HUNDREDTHS ? 2
                                                       : 0;
    bool behind = false;
    bool last_is_digit = false;
    int64_t number = 0;

    if (has_exponent(rest)) {
        return wn_fail(err, WN_REJECT, "spreadsheet-damaged", "an amount with an exponent");
    }
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        last_is_digit = wn_is_digit(c);
        if (c == sign && unit == WN_AMOUNT_DECIMAL && !behind) {
            behind = true;
            continue;
        }
        if (!last_is_digit) {
            return fail(err, "an amount has digits, one decimal sign as `decimal:` of the source "
                             "says, and at most a minus in front");
        }
        if (behind && decimals == DECIMALS) {
            if (c != '0') {
                return fail(err, "finer than a millionth of the currency's unit");
            }
            continue;
        }
        decimals += behind ? 1 : 0;
        if (!add_digit(&number, c, negative)) {
            return fail(err, "an amount of more than 63 bits");
        }
    }
    if (!last_is_digit) {
        return fail(err, "an amount ends with a digit");
    }
    for (; decimals < DECIMALS; decimals++) {
        if (!add_digit(&number, '0', negative)) {
            return fail(err, "an amount of more than 63 bits");
        }
    }
    *ret_millionths = number;
    return WN_OK;
}

/** @return whether a text is an alphabetic code of ISO 4217, in capitals. */
static bool is_currency(struct wn_slice code)
{
    size_t low = 0;
    size_t high = WN_COUNT(currencies);
    while (code.len == CODE && low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(code.at, currencies[middle], CODE);
        if (order == 0) {
            return true;
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return false;
}

enum wn_code wn_currency_read(const struct wn_reading *how, struct wn_slice text,
                              struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                              struct wn_error *err)
{
    (void)how;
    text = wn_slice_strip(text);
    if (wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    char upper[CODE] = { 0 };
    for (size_t i = 0; text.len == CODE && i < CODE; i++) {
        const char c = text.at[i];
        upper[i] = c;
        if (c >= 'a' && c <= 'z') {
            upper[i] = (char)(c - 'a' + 'A');
        }
    }
    const struct wn_slice code = { upper, text.len == CODE ? CODE : 0 };
    if (!is_currency(code)) {
        return fail(err, "no code of ISO 4217; map the sender's own word to one with `map`");
    }
    ret_value->text = wn_arena_copy(arena, code);
    *ret_present = true;
    return WN_OK;
}
