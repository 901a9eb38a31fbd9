// SPDX-License-Identifier: Apache-2.0

#include "json.h"
#include "winnow/hash.h"

/** Read four hexadecimal digits. @return -1 where there are none. */
static int32_t read_unit(struct wn_slice text)
{
    uint8_t unit[2];
    if (text.len < 4 || !wn_unhex((struct wn_slice){ text.at, 4 }, 2, unit)) {
        return -1;
    }
    return unit[0] << 8 | unit[1];
}

/** Write a code point above U+0000 as UTF-8. @return the octets written. */
static size_t put_utf8(char *at, uint32_t code)
{
    if (code < 0x80) {
        at[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        at[0] = (char)(0xc0 | code >> 6);
        at[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        at[0] = (char)(0xe0 | code >> 12);
        at[1] = (char)(0x80 | (code >> 6 & 0x3f));
        at[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    at[0] = (char)(0xf0 | code >> 18);
    at[1] = (char)(0x80 | (code >> 12 & 0x3f));
    at[2] = (char)(0x80 | (code >> 6 & 0x3f));
    at[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static enum wn_code bad_escape(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "json-syntax", "a string has an escape that JSON does not know");
}

/**
 * Read what follows `\u`, and the second half of a pair of surrogates with it.
 *
 * @param rest  Behind the `u`; moves on.
 */
static enum wn_code read_code(struct wn_slice *rest, uint32_t *ret_code, struct wn_error *err)
{
    int32_t high = read_unit(*rest);
    if (high < 0) {
        return bad_escape(err);
    }
    *rest = wn_slice_after(*rest, 4);
    uint32_t code = (uint32_t)high;
    if (code >= 0xd800 && code < 0xdc00 && wn_slice_starts(*rest, "\\u")) {
        int32_t low = read_unit(wn_slice_after(*rest, 2));
        if (low >= 0xdc00 && low < 0xe000) {
            *rest = wn_slice_after(*rest, 6);
            code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
        }
    }
    if (code == 0 || (code >= 0xd800 && code < 0xe000)) {
        return wn_fail(err, WN_REJECT, "bad-encoding",
                       "an escape in a string stands for no character: U+0000 or half a surrogate");
    }
    *ret_code = code;
    return WN_OK;
}

/** @return what `\c` stands for, or 0. */
static char plain_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

enum wn_code wn_json_unescape(struct wn_arena *arena, struct wn_slice text,
                              struct wn_slice *ret_plain, struct wn_error *err)
{
    const char *escape = text.len > 0 ? memchr(text.at, '\\', text.len) : NULL;
    if (!escape) {
        *ret_plain = text;
        return WN_OK;
    }
    char *plain = wn_arena_take(arena, text.len); // Nothing gets longer.
    size_t n = 0;
    struct wn_slice rest = text;
    for (; escape; escape = rest.len > 0 ? memchr(rest.at, '\\', rest.len) : NULL) {
        size_t before = (size_t)(escape - rest.at);
        memcpy(plain + n, rest.at, before);
        n += before;
        rest = wn_slice_after(rest, before + 1);
        if (rest.len == 0) {
            return bad_escape(err);
        }
        char kind = rest.at[0];
        rest = wn_slice_after(rest, 1);
        if (kind == 'u') {
            uint32_t code = 0;
            if (read_code(&rest, &code, err) != WN_OK) {
                return err->code;
            }
            n += put_utf8(plain + n, code);
        } else if (plain_escape(kind) != 0) {
            plain[n++] = plain_escape(kind);
        } else {
            return bad_escape(err);
        }
    }
    if (rest.len > 0) {
        memcpy(plain + n, rest.at, rest.len);
    }
    *ret_plain = (struct wn_slice){ plain, n + rest.len };
    return WN_OK;
}

static size_t skip_digits(struct wn_slice token, size_t i)
{
    while (i < token.len && token.at[i] >= '0' && token.at[i] <= '9') {
        i++;
    }
    return i;
}

static bool is_number(struct wn_slice token)
{
    size_t i = token.len > 0 && token.at[0] == '-' ? 1 : 0;
    size_t behind = skip_digits(token, i);
    if (behind == i || (token.at[i] == '0' && behind > i + 1)) {
        return false;
    }
    i = behind;
    if (i < token.len && token.at[i] == '.') {
        behind = skip_digits(token, i + 1);
        if (behind == i + 1) {
            return false;
        }
        i = behind;
    }
    if (i < token.len && (token.at[i] == 'e' || token.at[i] == 'E')) {
        i++;
        if (i < token.len && (token.at[i] == '+' || token.at[i] == '-')) {
            i++;
        }
        behind = skip_digits(token, i);
        if (behind == i) {
            return false;
        }
        i = behind;
    }
    return i == token.len;
}

bool wn_json_is_scalar(struct wn_slice token)
{
    return is_number(token) || wn_slice_is(token, "true") || wn_slice_is(token, "false") ||
           wn_slice_is(token, "null");
}
