// SPDX-License-Identifier: Apache-2.0

/**
 * The plan of the Netherlands: no number of it is another one followed by digits, so that prefix
 * and length decide. Prefixes stand here without the trunk 0.
 *
 * Of other countries only the dialling rules are known (dialling.c). A number of such a home
 * country has the class `unknown`.
 */

#include "number_plan.h"

#include "country.h"
#include "read.h"

enum {
    SHORT_MOST = 6
}; ///< Digits of the longest short code.

/** Digits that a number begins with, and how long it is. */
struct row {
    const char *begins;
    uint8_t length, other; ///< Digits; a number has one of two lengths.
    enum wn_number_class class;
};

static enum wn_number_class look_up(const struct row *rows, size_t n, struct wn_slice digits)
{
    for (size_t i = 0; i < n; i++) {
        if (wn_slice_starts(digits, rows[i].begins)) {
            bool fits = digits.len == rows[i].length || digits.len == rows[i].other;
            return fits ? rows[i].class : WN_NUMBER_UNKNOWN;
        }
    }
    return WN_NUMBER_UNKNOWN;
}

bool wn_plan_nl_is_short(struct wn_slice digits, enum wn_number_class *ret_class)
{
    if (digits.len > SHORT_MOST) {
        return false; // Most numbers; the table need not be asked.
    }
    static const struct row codes[] = {
        { "112", 3, 3, WN_NUMBER_EMERGENCY },
        { "113", 3, 3, WN_NUMBER_HARMONISED },
        { "116", 6, 6, WN_NUMBER_HARMONISED },
        { "12", 4, 4, WN_NUMBER_SHORT },
        { "1400", 4, 4, WN_NUMBER_SHORT },
        { "140", 5, 6, WN_NUMBER_SHORT }, // 14 and area code.
        { "141", 4, 4, WN_NUMBER_SHORT },
        { "144", 3, 3, WN_NUMBER_SHORT },
        { "18", 4, 4, WN_NUMBER_DIRECTORY },
        { "911", 3, 3, WN_NUMBER_EMERGENCY },
    };

    enum wn_number_class class = look_up(codes, WN_COUNT(codes), digits);
    if (class == WN_NUMBER_UNKNOWN) {
        return false;
    }
    *ret_class = class;
    return true;
}

/**
 * @param national  Digits without country code and trunk prefix.
 * @return the class of a Dutch number; WN_NUMBER_UNKNOWN where prefix or length fit no row.
 */
static enum wn_number_class nl_class(struct wn_slice national)
{
    static const struct row plan[] = {
        { "61", 9, 9, WN_NUMBER_MOBILE },    { "62", 9, 9, WN_NUMBER_MOBILE },
        { "63", 9, 9, WN_NUMBER_MOBILE },    { "64", 9, 9, WN_NUMBER_MOBILE },
        { "65", 9, 9, WN_NUMBER_MOBILE },    { "66", 9, 9, WN_NUMBER_MOBILE }, // Paging.
        { "68", 9, 9, WN_NUMBER_MOBILE },    { "1", 9, 9, WN_NUMBER_GEOGRAPHIC },
        { "2", 9, 9, WN_NUMBER_GEOGRAPHIC }, { "3", 9, 9, WN_NUMBER_GEOGRAPHIC },
        { "4", 9, 9, WN_NUMBER_GEOGRAPHIC }, { "5", 9, 9, WN_NUMBER_GEOGRAPHIC },
        { "7", 9, 9, WN_NUMBER_GEOGRAPHIC }, { "800", 7, 10, WN_NUMBER_FREEPHONE },
        { "84", 9, 9, WN_NUMBER_PERSONAL },  { "85", 9, 9, WN_NUMBER_LOCATION_INDEPENDENT },
        { "87", 9, 9, WN_NUMBER_PERSONAL },  { "88", 9, 9, WN_NUMBER_COMPANY },
        { "900", 7, 10, WN_NUMBER_PREMIUM }, { "906", 7, 10, WN_NUMBER_PREMIUM },
        { "909", 7, 10, WN_NUMBER_PREMIUM }, { "91", 9, 9, WN_NUMBER_LOCATION_INDEPENDENT },
        { "97", 11, 11, WN_NUMBER_M2M },
    };

    if (wn_slice_starts(national, "82")) { // Private networks: the plan says no length.
        return WN_NUMBER_COMPANY;
    }
    return look_up(plan, WN_COUNT(plan), national);
}

/** Codes that are no country's: services of the whole world, satellites. */
static enum wn_number_class world_class(struct wn_slice digits)
{
    static const struct row services[] = {
        { "800", 11, 11, WN_NUMBER_FREEPHONE },
        { "979", 12, 12, WN_NUMBER_PREMIUM },
    };
    static const char *const satellites[] = { "870", "881", "882", "883" };

    for (size_t i = 0; i < WN_COUNT(services); i++) {
        if (wn_slice_starts(digits, services[i].begins)) {
            return look_up(services, WN_COUNT(services), digits);
        }
    }
    for (size_t i = 0; i < WN_COUNT(satellites); i++) {
        if (wn_slice_starts(digits, satellites[i])) {
            return WN_NUMBER_SATELLITE;
        }
    }
    return WN_NUMBER_INTERNATIONAL;
}

enum wn_number_class wn_plan_class(struct wn_slice digits, const char *home)
{
    if (wn_country_code_length(digits) == 0) {
        return WN_NUMBER_UNKNOWN;
    }
    if (!wn_slice_starts(digits, home)) { // Country codes are prefix-free.
        return world_class(digits);
    }
    return strcmp(home, "31") == 0 ? nl_class(wn_slice_after(digits, 2)) : WN_NUMBER_UNKNOWN;
}
