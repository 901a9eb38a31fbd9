// SPDX-License-Identifier: Apache-2.0

/**
 * Networks: PLMN, the length of an MNC, and access point names.
 *
 * The octets of a PLMN say themselves whether its MNC has two digits or three; an IMSI does not,
 * so that it takes a table.
 */

#include "read.h"

enum {
    PLMN_SHORT = 6, ///< Characters of `204-04`.
    PLMN_LONG = 7,  ///< Characters of `204-004`.
    APN_LONGEST = 100,
};

// clang-format off
/** ITU-T E.212, mobile country codes, sorted by number. */
static const struct {
    uint16_t mcc;
    char iso[4];
} countries[] = {
    { 202, "GR" }, { 204, "NL" }, { 206, "BE" }, { 208, "FR" }, { 212, "MC" }, { 213, "AD" },
    { 214, "ES" }, { 216, "HU" }, { 218, "BA" }, { 219, "HR" }, { 220, "RS" }, { 221, "XK" },
    { 222, "IT" }, { 225, "VA" }, { 226, "RO" }, { 228, "CH" }, { 230, "CZ" }, { 231, "SK" },
    { 232, "AT" }, { 234, "GB" }, { 235, "GB" }, { 238, "DK" }, { 240, "SE" }, { 242, "NO" },
    { 244, "FI" }, { 246, "LT" }, { 247, "LV" }, { 248, "EE" }, { 250, "RU" }, { 255, "UA" },
    { 257, "BY" }, { 259, "MD" }, { 260, "PL" }, { 262, "DE" }, { 266, "GI" }, { 268, "PT" },
    { 270, "LU" }, { 272, "IE" }, { 274, "IS" }, { 276, "AL" }, { 278, "MT" }, { 280, "CY" },
    { 282, "GE" }, { 283, "AM" }, { 284, "BG" }, { 286, "TR" }, { 288, "FO" }, { 289, "GE" },
    { 290, "GL" }, { 292, "SM" }, { 293, "SI" }, { 294, "MK" }, { 295, "LI" }, { 297, "ME" },
    { 302, "CA" }, { 308, "PM" }, { 310, "US" }, { 311, "US" }, { 312, "US" }, { 313, "US" },
    { 314, "US" }, { 315, "US" }, { 316, "US" }, { 330, "PR" }, { 332, "VI" }, { 334, "MX" },
    { 338, "JM" }, { 340, "GP" }, { 342, "BB" }, { 344, "AG" }, { 346, "KY" }, { 348, "VG" },
    { 350, "BM" }, { 352, "GD" }, { 354, "MS" }, { 356, "KN" }, { 358, "LC" }, { 360, "VC" },
    { 362, "CW" }, { 363, "AW" }, { 364, "BS" }, { 365, "AI" }, { 366, "DM" }, { 368, "CU" },
    { 370, "DO" }, { 372, "HT" }, { 374, "TT" }, { 376, "TC" }, { 400, "AZ" }, { 401, "KZ" },
    { 402, "BT" }, { 404, "IN" }, { 405, "IN" }, { 406, "IN" }, { 410, "PK" }, { 412, "AF" },
    { 413, "LK" }, { 414, "MM" }, { 415, "LB" }, { 416, "JO" }, { 417, "SY" }, { 418, "IQ" },
    { 419, "KW" }, { 420, "SA" }, { 421, "YE" }, { 422, "OM" }, { 424, "AE" }, { 425, "IL" },
    { 426, "BH" }, { 427, "QA" }, { 428, "MN" }, { 429, "NP" }, { 430, "AE" }, { 431, "AE" },
    { 432, "IR" }, { 434, "UZ" }, { 436, "TJ" }, { 437, "KG" }, { 438, "TM" }, { 440, "JP" },
    { 441, "JP" }, { 450, "KR" }, { 452, "VN" }, { 454, "HK" }, { 455, "MO" }, { 456, "KH" },
    { 457, "LA" }, { 460, "CN" }, { 461, "CN" }, { 466, "TW" }, { 467, "KP" }, { 470, "BD" },
    { 472, "MV" }, { 502, "MY" }, { 505, "AU" }, { 510, "ID" }, { 514, "TL" }, { 515, "PH" },
    { 520, "TH" }, { 525, "SG" }, { 528, "BN" }, { 530, "NZ" }, { 536, "NR" }, { 537, "PG" },
    { 539, "TO" }, { 540, "SB" }, { 541, "VU" }, { 542, "FJ" }, { 543, "WF" }, { 544, "AS" },
    { 545, "KI" }, { 546, "NC" }, { 547, "PF" }, { 548, "CK" }, { 549, "WS" }, { 550, "FM" },
    { 551, "MH" }, { 552, "PW" }, { 553, "TV" }, { 554, "TK" }, { 555, "NU" }, { 602, "EG" },
    { 603, "DZ" }, { 604, "MA" }, { 605, "TN" }, { 606, "LY" }, { 607, "GM" }, { 608, "SN" },
    { 609, "MR" }, { 610, "ML" }, { 611, "GN" }, { 612, "CI" }, { 613, "BF" }, { 614, "NE" },
    { 615, "TG" }, { 616, "BJ" }, { 617, "MU" }, { 618, "LR" }, { 619, "SL" }, { 620, "GH" },
    { 621, "NG" }, { 622, "TD" }, { 623, "CF" }, { 624, "CM" }, { 625, "CV" }, { 626, "ST" },
    { 627, "GQ" }, { 628, "GA" }, { 629, "CG" }, { 630, "CD" }, { 631, "AO" }, { 632, "GW" },
    { 633, "SC" }, { 634, "SD" }, { 635, "RW" }, { 636, "ET" }, { 637, "SO" }, { 638, "DJ" },
    { 639, "KE" }, { 640, "TZ" }, { 641, "UG" }, { 642, "BI" }, { 643, "MZ" }, { 645, "ZM" },
    { 646, "MG" }, { 647, "RE" }, { 648, "ZW" }, { 649, "NA" }, { 650, "MW" }, { 651, "LS" },
    { 652, "BW" }, { 653, "SZ" }, { 654, "KM" }, { 655, "ZA" }, { 657, "ER" }, { 658, "SH" },
    { 659, "SS" }, { 702, "BZ" }, { 704, "GT" }, { 706, "SV" }, { 708, "HN" }, { 710, "NI" },
    { 712, "CR" }, { 714, "PA" }, { 716, "PE" }, { 722, "AR" }, { 724, "BR" }, { 730, "CL" },
    { 732, "CO" }, { 734, "VE" }, { 736, "BO" }, { 738, "GY" }, { 740, "EC" }, { 742, "GF" },
    { 744, "PY" }, { 746, "SR" }, { 748, "UY" }, { 750, "FK" }, { 901, "INT" },
};
// clang-format on

static unsigned read_mcc(struct wn_slice digits)
{
    unsigned mcc = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i == digits.len || !wn_is_digit(digits.at[i])) {
            return 0;
        }
        mcc = mcc * 10 + (unsigned)(digits.at[i] - '0');
    }
    return mcc;
}

const char *wn_plmn_country(struct wn_slice plmn)
{
    unsigned mcc = read_mcc(plmn);
    size_t low = 0;
    size_t high = WN_COUNT(countries);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (countries[middle].mcc == mcc) {
            return countries[middle].iso;
        }
        if (countries[middle].mcc < mcc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return "unknown";
}

static bool has(const uint16_t *list, size_t n, unsigned mcc)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == mcc) {
            return true;
        }
    }
    return false;
}

/** @return the length of an MNC of 405, India, by its first two digits; 0: both lengths begin so.
 */
static unsigned mnc_digits_of_405(struct wn_slice imsi)
{
    static const struct {
        uint8_t first, last, digits;
    } rows[] = {
        { 0, 0, 3 },   { 2, 2, 3 },   { 5, 15, 2 },  { 17, 23, 2 }, { 28, 28, 2 },
        { 51, 56, 2 }, { 66, 68, 2 }, { 70, 74, 2 }, { 75, 75, 3 }, { 76, 77, 2 },
        { 79, 80, 3 }, { 87, 88, 3 }, { 90, 92, 3 },
    };

    if (imsi.len < 5 || !wn_is_digit(imsi.at[3]) || !wn_is_digit(imsi.at[4])) {
        return 0;
    }
    const unsigned begins = (unsigned)(imsi.at[3] - '0') * 10 + (unsigned)(imsi.at[4] - '0');
    for (size_t i = 0; i < WN_COUNT(rows); i++) {
        if (begins >= rows[i].first && begins <= rows[i].last) {
            return rows[i].digits;
        }
    }
    return 0;
}

/** @return whether it is one of the few of three digits in a country of two. */
static bool is_stray(struct wn_slice imsi)
{
    static const char *const strays[] = {
        "257501", "262901", "467193", "510995", "510996", "738002"
    };
    for (size_t i = 0; i < WN_COUNT(strays); i++) {
        if (wn_slice_starts(imsi, strays[i])) {
            return true;
        }
    }
    return false;
}

unsigned wn_imsi_mnc_digits(struct wn_slice imsi)
{
    static const uint16_t mixed[] = { 330, 350, 374, 502, 714 };
    static const uint16_t three[] = { 302, 334, 338, 342, 344, 346, 348, 352, 354, 356,
                                      358, 360, 365, 366, 376, 708, 722, 732, 750 };

    unsigned mcc = read_mcc(imsi);
    if (has(mixed, WN_COUNT(mixed), mcc)) {
        return 0;
    }
    if (mcc == 405) {
        return mnc_digits_of_405(imsi);
    }
    return is_stray(imsi) || (mcc >= 310 && mcc <= 316) || has(three, WN_COUNT(three), mcc) ? 3 : 2;
}

static enum wn_code bad_plmn(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-identifier",
                   "not a network: five or six digits, or a form such as 204-04, are expected; "
                   "look at what the source takes it from");
}

enum wn_code wn_plmn_read(const struct wn_reading *how, struct wn_slice text,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err)
{
    (void)how;
    text = wn_slice_strip(text);
    if (wn_text_is_all(text, 'f') || wn_text_is_all(text, 'F') ||
        wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }

    bool written = (text.len == PLMN_SHORT || text.len == PLMN_LONG) && text.at[3] == '-';
    if (written) {
        if (!wn_text_is_digits((struct wn_slice){ text.at, 3 }) ||
            !wn_text_is_digits(wn_slice_after(text, 4))) {
            return bad_plmn(err);
        }
        ret_value->text = text;
    } else {
        if ((text.len != PLMN_SHORT - 1 && text.len != PLMN_LONG - 1) || !wn_text_is_digits(text)) {
            return bad_plmn(err);
        }
        char *plmn = wn_arena_take(arena, PLMN_LONG);
        memcpy(plmn, text.at, 3);
        plmn[3] = '-';
        memcpy(plmn + 4, text.at + 3, text.len - 3);
        ret_value->text = (struct wn_slice){ plmn, text.len + 1 };
    }
    *ret_present = true;
    return WN_OK;
}

/**
 * @return whether a text is or begins with a MAC address before a colon: `0a:…`, `0a-…`,
 *         `0a1b.…` or twelve hexadecimal digits. On Wi-Fi Called-Station-Id is MAC:SSID.
 */
static bool is_mac_form(struct wn_slice text)
{
    unsigned digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (digits == 12) {
            return c == ':' || c == ' ' || c == '-';
        }
        if (wn_hex_digit(c) >= 0) {
            digits++;
        } else if (i == 0 || (c != ':' && c != '-' && c != '.')) {
            return false;
        }
    }
    return digits == 12;
}

/** Cut `.mncXXX.mccXXX.gprs` off. */
static struct wn_slice network_identifier(struct wn_slice apn)
{
    static const char operator_id[] = ".mnc###.mcc###.gprs";
    const size_t len = sizeof(operator_id) - 1;

    if (apn.len < len) {
        return apn;
    }
    const char *tail = apn.at + apn.len - len;
    for (size_t i = 0; i < len; i++) {
        if (operator_id[i] == '#' ? !wn_is_digit(tail[i])
                                  : wn_ascii_lower(tail[i]) != operator_id[i]) {
            return apn;
        }
    }
    return (struct wn_slice){ apn.at, apn.len - len };
}

/** @return whether it is labels of letters, digits, hyphens and underscores between dots. */
static bool is_labels(struct wn_slice apn)
{
    char before = '.';
    for (size_t i = 0; i < apn.len; i++) {
        char c = apn.at[i];
        if (c == '.' ? before == '.'
                     : !wn_is_letter(c) && !wn_is_digit(c) && c != '-' && c != '_') {
            return false;
        }
        before = c;
    }
    return before != '.' && apn.len <= APN_LONGEST;
}

enum wn_code wn_apn_read(const struct wn_reading *how, struct wn_slice text, struct wn_arena *arena,
                         struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    text = wn_slice_strip(text);
    if (wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    if (is_mac_form(text) || wn_text_has_nine_digits(text) ||
        memchr(text.at, '@', text.len) != NULL) {
        return wn_fail(err, WN_REJECT, "token-suspect",
                       "an access point name that holds a MAC address, '@' or nine digits in a row "
                       "may name a person; do not map this name as an apn");
    }

    struct wn_slice apn = network_identifier(text);
    if (!is_labels(apn)) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an access point name: labels of letters, digits and hyphens between "
                       "dots, at most %d characters, are expected",
                       APN_LONGEST);
    }
    for (size_t i = 0; i < apn.len; i++) {
        if (wn_ascii_lower(apn.at[i]) != apn.at[i]) {
            char *lower = wn_arena_take(arena, apn.len);
            for (size_t j = 0; j < apn.len; j++) {
                lower[j] = wn_ascii_lower(apn.at[j]);
            }
            apn.at = lower;
            break;
        }
    }
    ret_value->text = apn;
    *ret_present = true;
    return WN_OK;
}
