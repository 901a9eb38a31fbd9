// SPDX-License-Identifier: Apache-2.0

#include "text.h"

#include "json.h"
#include "winnow/hash.h"
#include "winnow/identifier.h"

static uint64_t word_at(const char *at, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, at, len);
    return word;
}

static bool is_ascii(struct wn_slice text)
{
    uint64_t all = 0;
    if (text.len >= 8) {
        for (size_t i = 0; i + 8 < text.len; i += 8) {
            all |= word_at(text.at + i, 8);
        }
        all |= word_at(text.at + text.len - 8, 8);
    } else if (text.len >= 4) {
        all = word_at(text.at, 4) | word_at(text.at + text.len - 4, 4);
    } else if (text.len > 0) {
        unsigned char first = (unsigned char)text.at[0];
        all = first | (unsigned char)text.at[text.len / 2] | (unsigned char)text.at[text.len - 1];
    }
    return (all & 0x8080808080808080U) == 0;
}

/** @return how many octets the first character of `at` has; 0: it is none. */
static size_t utf8_len(const unsigned char *at, size_t len)
{
    unsigned char lead = at[0];
    if (lead < 0x80) {
        return 1;
    }
    size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || len < need) {
        return 0;
    }
    // The second octet is where overlong forms, surrogates and what is above U+10FFFF show.
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < least || at[1] > most) {
        return 0;
    }
    for (size_t i = 2; i < need; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return need;
}

/** @return whether a text is UTF-8 (RFC 3629: nothing overlong, no surrogates). */
static bool is_utf8(struct wn_slice text)
{
    if (is_ascii(text)) {
        return true;
    }
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_len(at + i, text.len - i);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

/**
 * Undo percent-encoding, once (RFC 3986 §2.1); a text without a percent sign stays where it is.
 *
 * @param ret_plain  In `text` or in the arena.
 * @return false where a percent sign is not followed by two hexadecimal digits.
 */
static bool undo_percent(struct wn_arena *arena, struct wn_slice text, struct wn_slice *ret_plain)
{
    if (text.len == 0 || !memchr(text.at, '%', text.len)) {
        *ret_plain = text;
        return true;
    }
    char *plain = wn_arena_take(arena, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%') {
            plain[n++] = text.at[i];
            continue;
        }
        uint8_t octet;
        if (i + 2 >= text.len || !wn_unhex((struct wn_slice){ text.at + i + 1, 2 }, 1, &octet)) {
            return false;
        }
        plain[n++] = (char)octet;
        i += 2;
    }
    *ret_plain = (struct wn_slice){ plain, n };
    return true;
}

bool wn_text_skip_bom(struct wn_slice *rest, bool end)
{
    size_t len = strlen(WN_TEXT_BOM);
    size_t common = rest->len < len ? rest->len : len;
    if (common == 0 || memcmp(rest->at, WN_TEXT_BOM, common) != 0) {
        return common > 0 || end;
    }
    if (common < len) {
        return end;
    }
    *rest = wn_slice_after(*rest, len);
    return true;
}

/** @return whether all characters are below U+0100, each of one octet or of two (0xc2, 0xc3). */
static bool is_latin1(struct wn_slice text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t i = 0; i < text.len; i++) {
        if (at[i] >= 0x80) {
            if (at[i] < 0xc2 || at[i] > 0xc3 || i + 1 == text.len || (at[i + 1] & 0xc0) != 0x80) {
                return false;
            }
            i++;
        }
    }
    return true;
}

/**
 * Take each character for the octet of its number.
 *
 * A text that has other characters, or is not UTF-8, was not written so, and stays as it is.
 *
 * @return the octets, in `text` or in the arena.
 */
static struct wn_slice latin1_octets(struct wn_arena *arena, struct wn_slice text)
{
    if (is_ascii(text) || !is_latin1(text)) {
        return text;
    }
    char *octets = wn_arena_take(arena, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned octet = (unsigned char)text.at[i];
        if (octet >= 0x80) {
            octet = (octet << 6 | ((unsigned char)text.at[++i] & 0x3f)) & 0xff;
        }
        octets[n++] = (char)octet;
    }
    return (struct wn_slice){ octets, n };
}

/** Undo an escaping. @return WN_OK, or WN_REJECT: "bad-encoding", "json-syntax". */
static enum wn_code undo(struct wn_arena *arena, enum wn_escaping escaping, struct wn_slice *text,
                         struct wn_error *err)
{
    switch (escaping) {
    case WN_ESCAPING_NONE:
        return WN_OK;
    case WN_ESCAPING_PERCENT:
        if (!undo_percent(arena, *text, text)) {
            return wn_fail(
                err, WN_REJECT, "bad-encoding",
                "a percent sign without two hexadecimal digits behind it; see `encoded:` "
                "of the source");
        }
        return WN_OK;
    case WN_ESCAPING_JSON:
        return wn_json_unescape(arena, *text, text, err) == WN_OK
                   ? WN_OK
                   : wn_context(err, "`encoded:` of the source");
    case WN_ESCAPING_LATIN_1:
        *text = latin1_octets(arena, *text);
        return WN_OK;
    }
    return WN_OK;
}

enum wn_code wn_text_take(const struct wn_text_sink *sink, const struct wn_trie_node *node,
                          struct wn_slice text, bool checks_utf8, struct wn_error *err)
{
    if (node->escaping != WN_ESCAPING_NONE) {
        const char *before = text.at;
        if (undo(sink->arena, node->escaping, &text, err) != WN_OK) {
            return err->code;
        }
        checks_utf8 = checks_utf8 || text.at != before;
    }
    const enum wn_encoding otherwise = sink->options->otherwise;
    if ((checks_utf8 || otherwise != WN_ENCODING_UTF8) && !is_utf8(text) &&
        wn_text_utf8(text, otherwise, sink->arena, &text, err) != WN_OK) {
        return err->code;
    }
    if (text.len > 0) {
        wn_trie_put(sink->arena, sink->row, sink->tails, node->take, WN_TAKEN_TEXT, text);
    }
    return WN_OK;
}
