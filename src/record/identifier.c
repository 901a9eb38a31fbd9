// SPDX-License-Identifier: Apache-2.0

/**
 * Names: user names, mail addresses, accounts, ids and labels; the one home of utf8proc.
 *
 * One person must have one pseudonym, so that a name is brought to NFC before it is hashed: a
 * precomposed and a decomposed é are one. A code point that this build's Unicode does not know is
 * refused: a later version may give it a decomposition, and the same name another pseudonym. ASCII,
 * which is nearly everything, is NFC already and costs one pass.
 */

#include "winnow/identifier.h"

#include <utf8proc.h>

#include "read.h"

static size_t utf8_length(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead > 0xf4 || len == 0 || len > left) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (lead == 0xe0 && at[1] < 0xa0) || (lead == 0xf0 && at[1] < 0x90);
    bool surrogate = lead == 0xed && at[1] > 0x9f;
    bool too_high = lead == 0xf4 && at[1] > 0x8f;
    return overlong || surrogate || too_high ? 0 : len;
}

static bool is_utf8(struct wn_slice text)
{
    const uint8_t *at = (const uint8_t *)text.at;
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_length(at + i, text.len - i);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

static bool is_ascii(struct wn_slice text)
{
    unsigned char any = 0;
    for (size_t i = 0; i < text.len; i++) {
        any |= (unsigned char)text.at[i];
    }
    return any < 0x80;
}

/** Windows-1252, 0x80 to 0x9f: code points; 0: the octet is no character. */
static const uint16_t cp1252[] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/** @return the code point of an octet; 0: it is no character. */
static unsigned code_point(uint8_t octet, enum wn_encoding encoding)
{
    const bool differs = encoding == WN_ENCODING_CP1252 && octet >= 0x80 && octet < 0xa0;
    return differs ? cp1252[octet - 0x80] : octet;
}

/** Append a code point of at most 16 bits as UTF-8. */
static void put_utf8(unsigned code, char *utf8, size_t *len)
{
    if (code < 0x80) {
        utf8[(*len)++] = (char)code;
        return;
    }
    if (code < 0x800) {
        utf8[(*len)++] = (char)(0xc0 | code >> 6);
    } else {
        utf8[(*len)++] = (char)(0xe0 | code >> 12);
        utf8[(*len)++] = (char)(0x80 | (code >> 6 & 0x3f));
    }
    utf8[(*len)++] = (char)(0x80 | (code & 0x3f));
}

enum wn_code wn_text_utf8(struct wn_slice text, enum wn_encoding otherwise, struct wn_arena *arena,
                          struct wn_slice *ret_utf8, struct wn_error *err)
{
    if (is_utf8(text)) {
        *ret_utf8 = text;
        return WN_OK;
    }
    if (otherwise == WN_ENCODING_UTF8) {
        return wn_fail(err, WN_REJECT, "bad-encoding",
                       "text that is not UTF-8; where the switch writes ISO 8859-1 or "
                       "Windows-1252, say `text: {else: latin-1}` or `cp1252` in the source");
    }

    char *utf8 = wn_arena_take(arena, 3 * text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t octet = (uint8_t)text.at[i];
        const unsigned code = code_point(octet, otherwise);
        if (code == 0 && octet != 0) {
            return wn_fail(err, WN_REJECT, "bad-encoding",
                           "octet %zu of a text is no character of Windows-1252", i + 1);
        }
        put_utf8(code, utf8, &len);
    }
    *ret_utf8 = (struct wn_slice){ utf8, len };
    return WN_OK;
}

/** Bring ASCII letters to lower case from `from` on; copies only where there is one. */
static struct wn_slice lower_ascii(struct wn_slice text, size_t from, struct wn_arena *arena)
{
    for (size_t i = from; i < text.len; i++) {
        if (wn_ascii_lower(text.at[i]) == text.at[i]) {
            continue;
        }
        char *lower = wn_arena_take(arena, text.len);
        memcpy(lower, text.at, i);
        for (; i < text.len; i++) {
            lower[i] = wn_ascii_lower(text.at[i]);
        }
        return (struct wn_slice){ lower, text.len };
    }
    return text;
}

static utf8proc_int32_t keep_case(utf8proc_int32_t code, void *data)
{
    (void)data;
    return code;
}

static utf8proc_int32_t lower_case(utf8proc_int32_t code, void *data)
{
    (void)data;
    return utf8proc_tolower(code);
}

static enum wn_code normalise(struct wn_slice utf8, bool lower, struct wn_arena *arena,
                              struct wn_slice *ret_nfc, struct wn_error *err)
{
    if (is_ascii(utf8)) {
        *ret_nfc = lower ? lower_ascii(utf8, 0, arena) : utf8;
        return WN_OK;
    }

    const utf8proc_option_t nfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_REJECTNA;
    const uint8_t *at = (const uint8_t *)utf8.at;
    utf8proc_custom_func change = lower ? lower_case : keep_case;
    utf8proc_ssize_t n =
        utf8proc_decompose_custom(at, (utf8proc_ssize_t)utf8.len, NULL, 0, nfc, change, NULL);
    if (n < 0) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "a name with a code point that Unicode %s does not assign: its normal form "
                       "is not settled",
                       utf8proc_unicode_version());
    }

    // One more for the NUL that utf8proc puts behind the text.
    utf8proc_int32_t *codes = wn_arena_take(arena, ((size_t)n + 1) * sizeof(*codes));
    utf8proc_decompose_custom(at, (utf8proc_ssize_t)utf8.len, codes, n, nfc, change, NULL);
    utf8proc_ssize_t len = utf8proc_reencode(codes, n, nfc);
    *ret_nfc = (struct wn_slice){ (const char *)codes, (size_t)len };
    return WN_OK;
}

/** @return where the realm begins: behind the last `@`, or the length where there is none. */
static size_t realm_of(struct wn_slice name)
{
    for (size_t i = name.len; i > 0; i--) {
        if (name.at[i - 1] == '@') {
            return i;
        }
    }
    return name.len;
}

/** An outer EAP identity names nobody: `anonymous@realm`, `@realm`. */
static bool is_nobody(struct wn_slice name)
{
    struct wn_slice stripped = wn_slice_strip(name);
    size_t realm = realm_of(stripped);
    bool has_realm = realm > 0 && stripped.at[realm - 1] == '@';
    struct wn_slice user = { stripped.at, has_realm ? realm - 1 : stripped.len };
    if (user.len == 0) {
        return true;
    }

    static const char anonymous[] = "anonymous";
    if (user.len != sizeof(anonymous) - 1) {
        return false;
    }
    for (size_t i = 0; i < user.len; i++) {
        if (wn_ascii_lower(user.at[i]) != anonymous[i]) {
            return false;
        }
    }
    return true;
}

enum wn_code wn_nai_read(const struct wn_reading *how, struct wn_slice text, struct wn_arena *arena,
                         struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    if (is_nobody(text) || wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    struct wn_slice utf8;
    enum wn_code rc = wn_text_utf8(text, how->otherwise, arena, &utf8, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_slice nfc;
    rc = normalise(utf8, false, arena, &nfc, err);
    if (rc != WN_OK) {
        return rc;
    }
    ret_value->text = lower_ascii(nfc, realm_of(nfc), arena);
    *ret_present = true;
    return WN_OK;
}

/** @return whether there is something on both sides of an `@`, and no blank or control. */
static bool is_address(struct wn_slice email)
{
    size_t realm = realm_of(email);
    for (size_t i = 0; i < email.len; i++) {
        unsigned char octet = (unsigned char)email.at[i];
        if (octet <= ' ' || octet == 0x7f) {
            return false;
        }
    }
    return realm > 1 && realm < email.len;
}

enum wn_code wn_email_read(const struct wn_reading *how, struct wn_slice text,
                           struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                           struct wn_error *err)
{
    text = wn_slice_strip(text);
    if (wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    struct wn_slice utf8;
    enum wn_code rc = wn_text_utf8(text, how->otherwise, arena, &utf8, err);
    if (rc != WN_OK) {
        return rc;
    }
    if (!is_address(utf8)) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not a mail address: a name, '@' and a domain without blanks are expected");
    }
    rc = normalise(utf8, true, arena, &ret_value->text, err);
    *ret_present = rc == WN_OK;
    return rc;
}

enum wn_code wn_account_read(const struct wn_reading *how, struct wn_slice text,
                             struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                             struct wn_error *err)
{
    text = wn_slice_strip(text);
    if (wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    struct wn_slice utf8;
    enum wn_code rc = wn_text_utf8(text, how->otherwise, arena, &utf8, err);
    if (rc != WN_OK) {
        return rc;
    }
    rc = normalise(utf8, false, arena, &ret_value->text, err);
    *ret_present = rc == WN_OK;
    return rc;
}

enum wn_code wn_id_read(const struct wn_reading *how, struct wn_slice text, struct wn_arena *arena,
                        struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    (void)arena;
    (void)err;
    ret_value->text = text; // Only ever hashed: the octets as they are.
    *ret_present = wn_placeholder_of(text) == WN_PLACEHOLDER_NONE;
    return WN_OK;
}

enum wn_code wn_token_read(const struct wn_reading *how, struct wn_slice text,
                           struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                           struct wn_error *err)
{
    // Zeros may mean something: charging characteristics 0000.
    if (!wn_text_is_all(text, '0') && wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    if (memchr(text.at, '@', text.len) != NULL || wn_text_has_nine_digits(text)) {
        return wn_fail(err, WN_REJECT, "token-suspect",
                       "a label with '@' or nine digits in a row may be a person's number or name; "
                       "map it as the kind that it is, or not at all");
    }
    enum wn_code rc = wn_text_utf8(text, how->otherwise, arena, &ret_value->text, err);
    *ret_present = rc == WN_OK;
    return rc;
}
