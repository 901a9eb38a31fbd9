// SPDX-License-Identifier: Apache-2.0

/**
 * A number as some switch wrote it, to E.164 digits or a short code, in three steps.
 *
 *     tel:06%2012345678;phone-context=+31    what a source gives
 *         │ unwrap: scheme, user part, phone-context
 *     06%2012345678            +31
 *         │ scan: digits, `+`; separators go; letters and `*` `#` are told apart
 *     0612345678               +31
 *         │ dial: +, emergency, extensions, carrier select, 00, short codes, trunk, context, bare
 *     31612345678              E.164, class mobile
 *
 * The order of the last step matters. 112 is an emergency call whatever the extensions are. An
 * extension is recognised before any dialling rule, because a PBX does so as well. A short code
 * comes before `bare`, since it must not get a country code.
 *
 * Digits that stand in one piece in the text are borrowed from it; else they are put together in
 * the arena. Nothing is allocated besides.
 */

#include "winnow/number.h"

#include <assert.h>

#include "country.h"
#include "number_plan.h"
#include "read.h"

enum {
    DIGITS = 40,       ///< More are no number.
    ALPHANUMERIC = 11, ///< Characters of a sender's name (TS 23.040 9.1.2.5).
    E164_LEAST = 7,    ///< Digits, country code included.
    E164_MOST = 15,
    SHORT_LEAST = 3,
    SHORT_MOST = 6,
};

static const char msisdn[] = "msisdn-"; ///< Before a GPSI that is a number (TS 29.571).

/** A number taken apart. */
struct dialled {
    const struct wn_reading *how;
    struct wn_arena *arena;
    struct wn_slice context; ///< Digits of `;phone-context=+…`; empty: none.
    const char *raw;         ///< The digits in the text, where they stand in one piece; else NULL.
    size_t n;                ///< Digits in `digits`.
    bool plus;
    char digits[DIGITS];
};

/** What scan() has met besides digits. */
struct met {
    bool feature; ///< `*` or `#`.
    bool letters;
    bool odd; ///< What no number has.
};

static const char *const class_names[] = {
    [WN_NUMBER_GEOGRAPHIC] = "geographic",
    [WN_NUMBER_MOBILE] = "mobile",
    [WN_NUMBER_M2M] = "m2m",
    [WN_NUMBER_PERSONAL] = "personal",
    [WN_NUMBER_LOCATION_INDEPENDENT] = "location_independent",
    [WN_NUMBER_COMPANY] = "company",
    [WN_NUMBER_FREEPHONE] = "freephone",
    [WN_NUMBER_PREMIUM] = "premium",
    [WN_NUMBER_DIRECTORY] = "directory",
    [WN_NUMBER_EMERGENCY] = "emergency",
    [WN_NUMBER_HARMONISED] = "harmonised",
    [WN_NUMBER_SHORT] = "short",
    [WN_NUMBER_FEATURE] = "feature",
    [WN_NUMBER_INTERNAL] = "internal",
    [WN_NUMBER_ALPHANUMERIC] = "alphanumeric",
    [WN_NUMBER_SATELLITE] = "satellite",
    [WN_NUMBER_INTERNATIONAL] = "international",
    [WN_NUMBER_WITHHELD] = "withheld",
    [WN_NUMBER_UNKNOWN] = "unknown",
};

_Static_assert(WN_COUNT(class_names) == WN_NUMBER_CLASSES, "a class has no name");

const char *wn_number_class_name(enum wn_number_class class)
{
    assert(class < WN_NUMBER_CLASSES);
    return class_names[class];
}

bool wn_number_is_nobodys(enum wn_number_class class)
{
    return class == WN_NUMBER_INTERNAL || class == WN_NUMBER_SHORT ||
           class == WN_NUMBER_DIRECTORY || class == WN_NUMBER_EMERGENCY ||
           class == WN_NUMBER_HARMONISED || class == WN_NUMBER_FEATURE ||
           class == WN_NUMBER_ALPHANUMERIC || class == WN_NUMBER_WITHHELD;
}

const char *wn_number_country(const struct wn_value *value)
{
    return (value->marks & WN_MARK_E164) != 0 ? wn_country_of(value->text) : "unknown";
}

static struct wn_slice cut_at(struct wn_slice text, char stop)
{
    const char *at = memchr(text.at, stop, text.len);
    return at ? (struct wn_slice){ text.at, (size_t)(at - text.at) } : text;
}

static bool starts_any_case(struct wn_slice text, const char *lower)
{
    size_t len = strlen(lower);
    for (size_t i = 0; i < len; i++) {
        if (i >= text.len || wn_ascii_lower(text.at[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

/** @return the digits of `;phone-context=+31`, or nothing where it is a domain or missing. */
static struct wn_slice find_context(struct wn_slice parameters)
{
    static const char name[] = ";phone-context=+";
    for (; parameters.len > 0; parameters = wn_slice_after(parameters, 1)) {
        if (starts_any_case(parameters, name)) {
            struct wn_slice value = cut_at(wn_slice_after(parameters, sizeof(name) - 1), ';');
            return wn_text_is_digits(value) && value.len <= E164_MOST ? value
                                                                      : (struct wn_slice){ 0 };
        }
    }
    return (struct wn_slice){ 0 };
}

/** Find the user part of `tel:`, `sip:` and `sips:` URIs and of `user@host`. @return is a URI */
static bool unwrap(struct wn_slice text, struct wn_slice *ret_user, struct wn_slice *ret_context)
{
    const char *open =
        text.len > 1 && text.at[text.len - 1] == '>' ? memchr(text.at, '<', text.len) : NULL;
    if (open) { // A name may stand before: it is dropped.
        const size_t at = (size_t)(open - text.at) + 1;
        text = (struct wn_slice){ text.at + at, text.len - at - 1 };
    }
    size_t scheme = starts_any_case(text, "tel:")    ? 4
                    : starts_any_case(text, "sip:")  ? 4
                    : starts_any_case(text, "sips:") ? 5
                                                     : 0;
    struct wn_slice user = cut_at(wn_slice_after(text, scheme), '@');
    *ret_context = find_context(user);
    *ret_user = wn_slice_strip(cut_at(user, ';'));
    return scheme > 0;
}

/** Look at one character. @return false: there are too many digits */
static bool scan_one(char c, struct dialled *number, struct met *met)
{
    if (wn_is_digit(c)) {
        if (number->n == DIGITS) {
            return false;
        }
        number->digits[number->n++] = c;
    } else if (c == '+' && number->n == 0 && !number->plus) {
        number->plus = true;
    } else if (c == '*' || c == '#') {
        met->feature = true;
    } else if (wn_is_letter(c) || c == '_' || c == '&') {
        met->letters = true;
    } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')' && c != '/') {
        met->odd = true;
    }
    return true;
}

/** Decode `%61` at `*i`, where it is one, and move to its last character. */
static char decode_at(struct wn_slice text, size_t *i)
{
    if (text.at[*i] == '%' && text.len - *i > 2) {
        const int high = wn_hex_digit(text.at[*i + 1]);
        const int low = wn_hex_digit(text.at[*i + 2]);
        if (high >= 0 && low >= 0) {
            *i += 2;
            return (char)(high << 4 | low);
        }
    }
    return text.at[*i];
}

/** Look the user part of a URI up in the list of placeholders, whatever is escaped in it. */
static enum wn_placeholder placeholder_of_user(struct wn_slice user, bool is_uri)
{
    char text[DIGITS];
    size_t n = 0;
    if (!is_uri || user.len == 0 || !memchr(user.at, '%', user.len)) {
        return wn_placeholder_of(user);
    }
    for (size_t i = 0; i < user.len; i++) {
        if (n == sizeof(text)) {
            return WN_PLACEHOLDER_NONE; // Longer than any of them.
        }
        text[n++] = decode_at(user, &i);
    }
    return wn_placeholder_of((struct wn_slice){ text, n });
}

/**
 * Tell digits from the rest, decode `%` in a URI. @return false: there are too many digits
 */
static bool scan(struct wn_slice user, bool is_uri, struct dialled *ret_number, struct met *ret_met)
{
    size_t first = user.len;
    size_t last = 0;
    for (size_t i = 0; i < user.len; i++) {
        char c = user.at[i];
        size_t from = i;
        if (is_uri) {
            c = decode_at(user, &i);
        }
        size_t before = ret_number->n;
        if (!scan_one(c, ret_number, ret_met)) {
            return false;
        }
        if (ret_number->n > before) {
            first = first < from ? first : from;
            last = i;
        }
    }
    bool whole = ret_number->n > 0 && last - first + 1 == ret_number->n;
    ret_number->raw = whole ? user.at + first : NULL;
    return true;
}

/** Take a number that is digits alone, or a plus and digits, as most are. @return whether it is */
static bool scan_plain(struct wn_slice text, struct dialled *ret_number)
{
    const bool plus = text.len > 0 && text.at[0] == '+';
    const struct wn_slice digits = wn_slice_after(text, plus);
    if (digits.len == 0 || digits.len > DIGITS) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (!wn_is_digit(digits.at[i])) {
            return false;
        }
    }
    memcpy(ret_number->digits, digits.at, digits.len);
    ret_number->n = digits.len;
    ret_number->raw = digits.at;
    ret_number->plus = plus;
    return true;
}

/** Give digits out: from the `skip`th on, behind `prefix`. */
static enum wn_code give(const struct dialled *number, struct wn_slice prefix, size_t skip,
                         struct wn_value *ret_value)
{
    size_t rest = number->n - skip;
    if (prefix.len == 0 && number->raw) {
        ret_value->text = (struct wn_slice){ number->raw + skip, rest };
        return WN_OK;
    }
    char *text = wn_arena_take(number->arena, prefix.len + rest);
    if (prefix.len > 0) {
        memcpy(text, prefix.at, prefix.len);
    }
    memcpy(text + prefix.len, number->digits + skip, rest);
    ret_value->text = (struct wn_slice){ text, prefix.len + rest };
    return WN_OK;
}

static enum wn_code give_short(const struct dialled *number, size_t skip,
                               enum wn_number_class class, struct wn_value *ret_value)
{
    ret_value->class = (uint8_t) class;
    return give(number, (struct wn_slice){ 0 }, skip, ret_value);
}

static enum wn_code bad_number(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "bad-identifier",
                   "not a telephone number: E.164 with + or the international prefix, a national "
                   "number, a short code or an extension of `numbers: {internal: …}` is expected, "
                   "%d to %d digits with country code",
                   E164_LEAST, E164_MOST);
}

/** Finish a number whose country code is known. */
static enum wn_code give_e164(const struct dialled *number, struct wn_slice prefix, size_t skip,
                              struct wn_value *ret_value, struct wn_error *err)
{
    give(number, prefix, skip, ret_value);
    struct wn_slice digits = ret_value->text;
    if (digits.len < E164_LEAST || digits.len > E164_MOST || digits.at[0] == '0') {
        return bad_number(err);
    }
    unsigned code = wn_country_code_length(digits);
    if (code > 0 && digits.at[code] == '0' && !wn_country_has_zero(digits)) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "a number with a zero after its country code: the trunk prefix must not be "
                       "dialled there");
    }
    ret_value->class = (uint8_t)wn_plan_class(digits, number->how->site->country);
    ret_value->marks |= WN_MARK_E164;
    return WN_OK;
}

/** @return whether the digits match one of the source's patterns of extensions. */
static bool is_internal(const struct dialled *number)
{
    const struct wn_number_rules *rules = number->how->numbers;
    for (size_t i = 0; i < rules->n_internal; i++) {
        struct wn_slice pattern = rules->internal[i];
        bool fits = pattern.len == number->n;
        for (size_t j = 0; fits && j < pattern.len; j++) {
            fits = wn_ascii_lower(pattern.at[j]) == 'x' || pattern.at[j] == number->digits[j];
        }
        if (fits) {
            return true;
        }
    }
    return false;
}

/**
 * @return how many digits of carrier selection (`16xy`) stand before a Dutch number. A number
 *         behind it begins with 0 or is a short code, which no number of +1 6xx does.
 */
static size_t carrier_select(const struct dialled *number)
{
    struct wn_slice digits = { number->digits, number->n };
    if (number->plus || strcmp(number->how->site->country, "31") != 0 || digits.len < 7 ||
        !wn_slice_starts(digits, "16")) {
        return 0;
    }
    struct wn_slice rest = wn_slice_after(digits, 4);
    enum wn_number_class class;
    return (rest.at[0] == '0' && rest.len >= 8) || wn_plan_nl_is_short(rest, &class) ? 4 : 0;
}

/** Finish a number that begins with a country code at `skip`: `+31113` is a short code, too. */
static enum wn_code dial_abroad(const struct dialled *number, size_t skip,
                                struct wn_value *ret_value, struct wn_error *err)
{
    struct wn_slice rest = { number->digits + skip, number->n - skip };
    enum wn_number_class class;
    if (strcmp(number->how->site->country, "31") == 0 && wn_slice_starts(rest, "31") &&
        wn_plan_nl_is_short(wn_slice_after(rest, 2), &class)) {
        return give_short(number, skip + 2, class, ret_value);
    }
    const char *country = number->how->site->country;
    if (wn_slice_starts(rest, country) &&
        wn_dialling_is_emergency(wn_dialling_of(country), wn_slice_after(rest, strlen(country)))) {
        return give_short(number, skip + strlen(country), WN_NUMBER_EMERGENCY, ret_value);
    }
    return give_e164(number, (struct wn_slice){ 0 }, skip, ret_value, err);
}

static bool is_short(const struct dialled *number, size_t skip, enum wn_number_class *ret_class)
{
    const char *country = number->how->site->country;
    struct wn_slice rest = { number->digits + skip, number->n - skip };
    bool here = number->context.len == 0 || wn_slice_is(number->context, country);
    if (!here || rest.at[0] == '0') {
        return false;
    }
    if (strcmp(country, "31") == 0 && wn_plan_nl_is_short(rest, ret_class)) {
        return true;
    }
    *ret_class = WN_NUMBER_SHORT;
    return rest.len >= SHORT_LEAST && rest.len <= SHORT_MOST &&
           !wn_dialling_is_national(wn_dialling_of(country), rest.len);
}

/** Apply the dialling rules, in their order. */
static enum wn_code dial(const struct dialled *number, struct wn_value *ret_value,
                         struct wn_error *err)
{
    if (number->plus) {
        return dial_abroad(number, 0, ret_value, err);
    }

    const char *country = number->how->site->country;
    const struct wn_dialling *rules = wn_dialling_of(country);
    if (wn_dialling_is_emergency(rules, (struct wn_slice){ number->digits, number->n })) {
        return give_short(number, 0, WN_NUMBER_EMERGENCY, ret_value);
    }
    if (is_internal(number)) {
        return give_short(number, 0, WN_NUMBER_INTERNAL, ret_value);
    }

    const size_t skip = carrier_select(number);
    const struct wn_slice rest = { number->digits + skip, number->n - skip };
    if (wn_slice_starts(rest, rules->international)) {
        return dial_abroad(number, skip + strlen(rules->international), ret_value, err);
    }
    enum wn_number_class class;
    if (is_short(number, skip, &class)) {
        return give_short(number, skip, class, ret_value);
    }

    size_t trunk = strlen(rules->trunk);
    bool has_trunk =
        rest.at[0] == '0' // Where there is no trunk prefix the 0 belongs to it.
            ? trunk == 0 || wn_slice_starts(rest, rules->trunk)
            : trunk > 0 && rest.len > SHORT_MOST && wn_slice_starts(rest, rules->trunk);
    struct wn_slice before = number->context.len > 0 ? number->context : wn_slice_of(country);
    if (has_trunk || number->context.len > 0) {
        return give_e164(number, before, skip + (has_trunk ? trunk : 0), ret_value, err);
    }
    switch (number->how->numbers->bare) {
    case WN_BARE_INTERNATIONAL:
        return dial_abroad(number, skip, ret_value, err);
    case WN_BARE_NATIONAL:
        return give_e164(number, before, skip, ret_value, err);
    case WN_BARE_REFUSED:
        break;
    }
    if (wn_dialling_is_national(rules, rest.len)) {
        return give_e164(number, before, skip, ret_value, err);
    }
    return wn_fail(err, WN_REJECT, "bad-identifier",
                   "a number without +, international or trunk prefix: say in the source whether "
                   "such are `numbers: {bare: international}` or `national`");
}

/**
 * Give a name in place of a number: the sender of a short message. A name in an address
 * (`sip:name@host`) is a person's user name: it is dropped, and only the class stands.
 */
static enum wn_code give_name(struct wn_slice name, bool is_address, const struct met *met,
                              struct wn_value *ret_value, struct wn_error *err)
{
    ret_value->class = WN_NUMBER_ALPHANUMERIC;
    if (is_address) {
        return WN_OK;
    }
    if (met->odd || name.len > ALPHANUMERIC || memchr(name.at, '+', name.len) != NULL) {
        return bad_number(err);
    }
    ret_value->text = name;
    return WN_OK;
}

static enum wn_code read_number(const struct wn_reading *how, struct wn_slice text,
                                struct wn_arena *arena, struct wn_value *ret_value,
                                bool *ret_present, struct wn_error *err)
{
    ret_value->class = WN_NUMBER_WITHHELD;
    text = wn_slice_strip(text);
    const bool is_msisdn = starts_any_case(text, msisdn); // Of 5G: digits with the country code.
    text = wn_slice_after(text, is_msisdn ? sizeof(msisdn) - 1 : 0);
    enum wn_placeholder placeholder = wn_placeholder_of(text);

    struct dialled number = { .how = how, .arena = arena };
    struct wn_slice user = { 0 };
    bool is_uri = false;
    const bool is_plain = placeholder == WN_PLACEHOLDER_NONE && scan_plain(text, &number);
    number.plus |= is_msisdn;
    if (placeholder == WN_PLACEHOLDER_NONE && !is_plain) {
        is_uri = unwrap(text, &user, &number.context);
        placeholder = placeholder_of_user(user, is_uri);
    }
    if (placeholder != WN_PLACEHOLDER_NONE) {
        ret_value->marks = placeholder == WN_PLACEHOLDER_ASKED ? WN_MARK_WITHHELD : 0;
        return WN_OK;
    }

    struct met met = { 0 };
    bool fits = is_plain || scan(user, is_uri, &number, &met);
    *ret_present = true;
    if (met.feature) {
        ret_value->class = WN_NUMBER_FEATURE; // Its digits may be somebody's number: dropped.
        return WN_OK;
    }
    if (met.letters) {
        bool is_address = is_uri || memchr(text.at, '@', text.len) != NULL;
        return give_name(user, is_address, &met, ret_value, err);
    }
    if (!fits || met.odd || number.n == 0) {
        return bad_number(err);
    }
    if (wn_text_is_all((struct wn_slice){ number.digits, number.n }, '0')) {
        *ret_present = false;
        return WN_OK;
    }
    return dial(&number, ret_value, err);
}

enum wn_code wn_number_read(const struct wn_reading *how, struct wn_slice text,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err)
{
    enum wn_code rc = read_number(how, text, arena, ret_value, ret_present, err);
    if (rc == WN_REJECT && how->numbers->keeps_class) {
        *ret_value = (struct wn_value){ .class = WN_NUMBER_UNKNOWN };
        *ret_present = true;
        return WN_OK;
    }
    return rc;
}
