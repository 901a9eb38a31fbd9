// SPDX-License-Identifier: Apache-2.0

/** Whether a string has escapes at all: asked of every name and every value that is wanted. */

#ifndef WINNOW_DECODE_JSON_ESCAPE_H
#define WINNOW_DECODE_JSON_ESCAPE_H

#include "trie.h"

/** @return whether one of eight octets is a backslash. */
static inline bool wn_json_escape_in(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t zero_if = word ^ (ones * '\\');
    return ((zero_if - ones) & ~zero_if & (ones << 7)) != 0;
}

/** @return whether there is a backslash: quicker than memchr() for something short. */
static inline bool wn_json_has_escape(struct wn_slice text)
{
    const char *at = text.at;
    if (text.len < 4) {
        return (text.len > 0 && at[0] == '\\') || (text.len > 1 && at[1] == '\\') ||
               (text.len > 2 && at[2] == '\\');
    }
    if (text.len < 8) {
        return wn_json_escape_in(wn_trie_word(at, 4) << 32 | wn_trie_word(at + text.len - 4, 4));
    }
    for (size_t i = 0; i + 8 < text.len; i += 8) {
        if (wn_json_escape_in(wn_trie_word(at + i, 8))) {
            return true;
        }
    }
    return wn_json_escape_in(wn_trie_word(at + text.len - 8, 8));
}

#endif
