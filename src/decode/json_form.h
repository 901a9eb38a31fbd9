// SPDX-License-Identifier: Apache-2.0

/**
 * Forms: what the last records looked like, so that the next one need not be walked.
 *
 * A switch writes the same names in the same order again and again. The *form* of a record is the
 * sequence of its tokens and of the names in it that matter. A record of a known form has passed
 * the grammar; what is left to do is to compare its names, to look at its scalars, to count and to
 * take: a list of steps, written down once while a record was walked (json_walk.c).
 *
 * A form holds no octet of a record: a name that is wanted is the source's, one that is not is a
 * number of the drift counts. A record with a name that has neither (it may be a value) leaves no
 * form, nor does one with more tokens than a form has room for. Sources with items of `each`, or
 * whose values stand in wrappings, do without: there a name that nobody wants may still matter.
 */

#ifndef WINNOW_DECODE_JSON_FORM_H
#define WINNOW_DECODE_JSON_FORM_H

#include "trie.h"

enum {
    WN_JSON_FORMS = 8,          ///< Remembered; the one that was not used longest goes.
    WN_JSON_FORM_TOKENS = 4096, ///< Of a form, at most.
    WN_JSON_FORM_STEPS = 4096,  ///< The same.
};

/** One thing to do with a token. */
struct wn_json_step {
    enum wn_json_step_what {
        WN_JSON_UNWANTED, ///< A name: `number` of the drift counts.
        WN_JSON_WANTED,   ///< A name: that of `node`.
        WN_JSON_SCALAR,   ///< Must be a number, true, false or null.
        WN_JSON_TEXT,     ///< A string or scalar: the take of `node`.
        WN_JSON_COMPOSITE ///< An object or list: the take of `node`.
    } what;
    uint32_t token; ///< Its place in the index.
    union {
        unsigned number;                 ///< UNWANTED.
        const struct wn_trie_node *node; ///< All others but SCALAR.
    };
};

/** A form, or one that is being learned. */
struct wn_json_form {
    size_t n_tokens; ///< 0: there is none.
    size_t n_steps;
    uint64_t used; ///< When it was used last.
    struct wn_json_step *steps;
    char *kinds; ///< Of each token: a bracket, comma, colon or quote itself; NUL: a scalar.
};

struct wn_json_forms;
struct wn_text_sink;

/** A text with its structural index. */
struct wn_json_text {
    struct wn_slice raw;
    const uint32_t *index;
    size_t n;
};

static inline bool wn_json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/** @return the i-th token up to the next one, without white space behind it. */
static inline struct wn_slice wn_json_token(const struct wn_json_text *text, size_t i)
{
    size_t begin = text->index[i];
    size_t end = i + 1 < text->n ? text->index[i + 1] : text->raw.len;
    while (wn_json_is_space(text->raw.at[end - 1])) {
        end--;
    }
    return (struct wn_slice){ text->raw.at + begin, end - begin };
}

/** @return what stands between the quotes of a string. */
static inline struct wn_slice wn_json_unquote(struct wn_slice token)
{
    assert(token.len >= 2 && token.at[token.len - 1] == '"');
    return (struct wn_slice){ token.at + 1, token.len - 2 };
}

/** @return no forms yet; the caller's to close. */
struct wn_json_forms *wn_json_forms_open(void);

/** Give them back; NULL is fine. @return NULL */
struct wn_json_forms *wn_json_forms_close(struct wn_json_forms *forms);

/** Forget them: the drift counts' numbers are others now. */
void wn_json_forms_clear(struct wn_json_forms *forms);

/** @return the form of a text, or NULL; good until one is learned. */
const struct wn_json_form *wn_json_forms_find(struct wn_json_forms *forms,
                                              const struct wn_json_text *text);

/** Begin to learn a form. @return NULL: it has too many tokens. */
struct wn_json_form *wn_json_forms_learn(struct wn_json_forms *forms, size_t n_tokens);

/** Note a step. @return false where there is no room: the form must not be kept. */
bool wn_json_form_add(struct wn_json_form *form, struct wn_json_step step);

/** Keep what was learned from this text of as many tokens as said. */
void wn_json_forms_keep(struct wn_json_forms *forms, struct wn_json_form *form,
                        const struct wn_json_text *text);

/**
 * Take out of a record of this form what the paths want, and count the other names.
 *
 * @return WN_OK; WN_RETRY: its names are others, nothing was done; or WN_REJECT, as
 *         wn_json_decode().
 */
enum wn_code wn_json_form_take(const struct wn_json_form *form, const struct wn_json_text *text,
                               const struct wn_text_sink *sink, struct wn_drift *drift,
                               struct wn_error *err);

#endif
