// SPDX-License-Identifier: Apache-2.0

#include "country.h"

#include <assert.h>

#include "read.h"

/** A code and what it stands for. */
struct row {
    uint16_t code;
    char iso[5];
};

// clang-format off
/** ITU-T E.164, assigned country codes; prefix-free, sorted by number. */
static const struct row codes[] = {
    { 1, "NANP" }, { 7, "RU" }, { 20, "EG" }, { 27, "ZA" }, { 30, "GR" }, { 31, "NL" },
    { 32, "BE" }, { 33, "FR" }, { 34, "ES" }, { 36, "HU" }, { 39, "IT" }, { 40, "RO" },
    { 41, "CH" }, { 43, "AT" }, { 44, "GB" }, { 45, "DK" }, { 46, "SE" }, { 47, "NO" },
    { 48, "PL" }, { 49, "DE" }, { 51, "PE" }, { 52, "MX" }, { 53, "CU" }, { 54, "AR" },
    { 55, "BR" }, { 56, "CL" }, { 57, "CO" }, { 58, "VE" }, { 60, "MY" }, { 61, "AU" },
    { 62, "ID" }, { 63, "PH" }, { 64, "NZ" }, { 65, "SG" }, { 66, "TH" }, { 81, "JP" },
    { 82, "KR" }, { 84, "VN" }, { 86, "CN" }, { 90, "TR" }, { 91, "IN" }, { 92, "PK" },
    { 93, "AF" }, { 94, "LK" }, { 95, "MM" }, { 98, "IR" }, { 211, "SS" }, { 212, "MA" },
    { 213, "DZ" }, { 216, "TN" }, { 218, "LY" }, { 220, "GM" }, { 221, "SN" }, { 222, "MR" },
    { 223, "ML" }, { 224, "GN" }, { 225, "CI" }, { 226, "BF" }, { 227, "NE" }, { 228, "TG" },
    { 229, "BJ" }, { 230, "MU" }, { 231, "LR" }, { 232, "SL" }, { 233, "GH" }, { 234, "NG" },
    { 235, "TD" }, { 236, "CF" }, { 237, "CM" }, { 238, "CV" }, { 239, "ST" }, { 240, "GQ" },
    { 241, "GA" }, { 242, "CG" }, { 243, "CD" }, { 244, "AO" }, { 245, "GW" }, { 246, "IO" },
    { 247, "AC" }, { 248, "SC" }, { 249, "SD" }, { 250, "RW" }, { 251, "ET" }, { 252, "SO" },
    { 253, "DJ" }, { 254, "KE" }, { 255, "TZ" }, { 256, "UG" }, { 257, "BI" }, { 258, "MZ" },
    { 260, "ZM" }, { 261, "MG" }, { 262, "RE" }, { 263, "ZW" }, { 264, "NA" }, { 265, "MW" },
    { 266, "LS" }, { 267, "BW" }, { 268, "SZ" }, { 269, "KM" }, { 290, "SH" }, { 291, "ER" },
    { 297, "AW" }, { 298, "FO" }, { 299, "GL" }, { 350, "GI" }, { 351, "PT" }, { 352, "LU" },
    { 353, "IE" }, { 354, "IS" }, { 355, "AL" }, { 356, "MT" }, { 357, "CY" }, { 358, "FI" },
    { 359, "BG" }, { 370, "LT" }, { 371, "LV" }, { 372, "EE" }, { 373, "MD" }, { 374, "AM" },
    { 375, "BY" }, { 376, "AD" }, { 377, "MC" }, { 378, "SM" }, { 380, "UA" }, { 381, "RS" },
    { 382, "ME" }, { 383, "XK" }, { 385, "HR" }, { 386, "SI" }, { 387, "BA" }, { 389, "MK" },
    { 420, "CZ" }, { 421, "SK" }, { 423, "LI" }, { 500, "FK" }, { 501, "BZ" }, { 502, "GT" },
    { 503, "SV" }, { 504, "HN" }, { 505, "NI" }, { 506, "CR" }, { 507, "PA" }, { 508, "PM" },
    { 509, "HT" }, { 590, "GP" }, { 591, "BO" }, { 592, "GY" }, { 593, "EC" }, { 594, "GF" },
    { 595, "PY" }, { 596, "MQ" }, { 597, "SR" }, { 598, "UY" }, { 599, "CW" }, { 670, "TL" },
    { 672, "NF" }, { 673, "BN" }, { 674, "NR" }, { 675, "PG" }, { 676, "TO" }, { 677, "SB" },
    { 678, "VU" }, { 679, "FJ" }, { 680, "PW" }, { 681, "WF" }, { 682, "CK" }, { 683, "NU" },
    { 685, "WS" }, { 686, "KI" }, { 687, "NC" }, { 688, "TV" }, { 689, "PF" }, { 690, "TK" },
    { 691, "FM" }, { 692, "MH" }, { 800, "INT" }, { 808, "INT" }, { 850, "KP" }, { 852, "HK" },
    { 853, "MO" }, { 855, "KH" }, { 856, "LA" }, { 870, "INT" }, { 878, "INT" }, { 880, "BD" },
    { 881, "INT" }, { 882, "INT" }, { 883, "INT" }, { 886, "TW" }, { 888, "INT" }, { 960, "MV" },
    { 961, "LB" }, { 962, "JO" }, { 963, "SY" }, { 964, "IQ" }, { 965, "KW" }, { 966, "SA" },
    { 967, "YE" }, { 968, "OM" }, { 970, "PS" }, { 971, "AE" }, { 972, "IL" }, { 973, "BH" },
    { 974, "QA" }, { 975, "BT" }, { 976, "MN" }, { 977, "NP" }, { 979, "INT" }, { 992, "TJ" },
    { 993, "TM" }, { 994, "AZ" }, { 995, "GE" }, { 996, "KG" }, { 998, "UZ" },
};

/** Codes that several countries share: the beginnings that belong to another than the first. */
static const struct {
    char begins[8];
    char iso[3];
} shared[] = {
    { "76", "KZ" }, { "77", "KZ" }, { "3906698", "VA" }, { "441481", "GG" }, { "447781", "GG" },
    { "447839", "GG" }, { "4479111", "GG" }, { "4479117", "GG" }, { "441534", "JE" },
    { "447509", "JE" }, { "4477003", "JE" }, { "4477007", "JE" }, { "4477008", "JE" },
    { "447797", "JE" }, { "447829", "JE" }, { "447937", "JE" }, { "441624", "IM" },
    { "447524", "IM" }, { "447624", "IM" }, { "4474576", "IM" }, { "4779", "SJ" },
    { "6189162", "CC" }, { "6189164", "CX" }, { "262269", "YT" }, { "262639", "YT" },
    { "2908", "TA" }, { "35818", "AX" }, { "5993", "BQ" }, { "5994", "BQ" }, { "5997", "BQ" },
};
// clang-format on

/** @return the row of a country code, or NULL. */
static const struct row *find(unsigned code)
{
    size_t low = 0;
    size_t high = WN_COUNT(codes);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (codes[middle].code == code) {
            return &codes[middle];
        }
        if (codes[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/** How long the code is that begins with these two digits; 0: none does. */
static const char lengths[10][11] = {
    "0000000000", "1111111111", "2333333203", "2222232332", "2232222222",
    "3222222223", "2222222333", "1111111111", "3220232330", "2222223323",
};

/** @return the length that a code would have here, or 0. */
static unsigned length_of(struct wn_slice digits)
{
    assert(digits.len == 0 || wn_is_digit(digits.at[0]));
    if (digits.len < 2) {
        return digits.len == 1 && (digits.at[0] == '1' || digits.at[0] == '7') ? 1 : 0;
    }
    assert(wn_is_digit(digits.at[1]));
    unsigned length = (unsigned)(lengths[digits.at[0] - '0'][digits.at[1] - '0'] - '0');
    return length <= digits.len ? length : 0;
}

/** The codes are prefix-free: two digits say how long the code is that a number may begin with. */
static const struct row *match(struct wn_slice digits, unsigned *ret_length)
{
    const unsigned length = length_of(digits);
    unsigned code = 0;
    for (unsigned i = 0; i < length; i++) {
        assert(wn_is_digit(digits.at[i]));
        code = code * 10 + (unsigned)(digits.at[i] - '0');
    }
    const struct row *row = length > 0 ? find(code) : NULL;
    *ret_length = row ? length : 0;
    return row;
}

unsigned wn_country_code_length(struct wn_slice digits)
{
    unsigned length = length_of(digits);
    if (length == 3) {
        match(digits, &length);
    }
    return length; // All of one and two digits are assigned.
}

bool wn_country_has_zero(struct wn_slice digits)
{
    static const uint16_t with_zero[] = { 39,  47,  225, 226, 227, 229, 241,
                                          242, 247, 250, 378, 687, 992 };

    unsigned length;
    const struct row *row = match(digits, &length);
    bool is_world = row && strcmp(row->iso, "INT") == 0;
    for (size_t i = 0; row && i < WN_COUNT(with_zero); i++) {
        if (row->code == with_zero[i]) {
            return true;
        }
    }
    return is_world;
}

const char *wn_country_of(struct wn_slice digits)
{
    for (size_t i = 0; i < WN_COUNT(shared); i++) {
        if (wn_slice_starts(digits, shared[i].begins)) {
            return shared[i].iso;
        }
    }
    unsigned length;
    const struct row *row = match(digits, &length);
    return row ? row->iso : "unknown";
}
