// SPDX-License-Identifier: Apache-2.0

/** What the formats do to a text that is wanted. */

#ifndef WINNOW_DECODE_TEXT_H
#define WINNOW_DECODE_TEXT_H

#include "winnow/arena.h"
#include "winnow/error.h"
#include "winnow/format.h"

#include "trie.h"

/** A text without the UTF-8 byte order mark that some editors put in front. */
#define WN_TEXT_BOM "\xef\xbb\xbf"

/**
 * Skip a byte order mark at the beginning of an input.
 *
 * @return false where more bytes are needed to tell.
 */
WN_NODISCARD
bool wn_text_skip_bom(struct wn_slice *rest, bool end);

/** Where decoded texts go. */
struct wn_text_sink {
    const struct wn_format_options *options;
    struct wn_arena *arena;
    struct wn_taken *row;
    struct wn_taken **tails; ///< See wn_trie_put().
};

/**
 * Put a decoded text into the row for the take of `node`, in UTF-8; empty text is absent.
 *
 * @param checks_utf8  The format has not looked at the encoding yet.
 * @return WN_OK, or WN_REJECT: "bad-encoding".
 */
WN_NODISCARD
enum wn_code wn_text_take(const struct wn_text_sink *sink, const struct wn_trie_node *node,
                          struct wn_slice text, bool checks_utf8, struct wn_error *err);

#endif
