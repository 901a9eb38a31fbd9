// SPDX-License-Identifier: Apache-2.0

/**
 * The cursor over a record's structural index, and how a value is passed that nobody wants: the
 * lower half of json_walk.c. Inline, for most of a record is passed so.
 */

#ifndef WINNOW_DECODE_JSON_TOKEN_H
#define WINNOW_DECODE_JSON_TOKEN_H

#include "json.h"

struct walk {
    struct wn_reader *reader;
    const struct wn_paths *paths;
    struct wn_json_text text;
    size_t i; ///< The token at hand.
    struct wn_arena *arena;
    struct wn_drift *drift;
    struct wn_json_form *form; ///< Being learned; NULL: none.
    unsigned depth;
    unsigned n_fields;
    struct wn_error *err;
};

static enum wn_code broken(struct walk *w, const char *expected)
{
    size_t offset = w->i < w->text.n ? w->text.index[w->i] : w->text.raw.len;
    return wn_fail(w->err, WN_REJECT, "json-syntax", "octet %zu of the record: %s expected", offset,
                   expected);
}

/** @return the first octet of the token at hand; NUL behind the last. */
static inline char token(const struct walk *w)
{
    if (w->i >= w->text.n) {
        return '\0';
    }
    return w->text.raw.at[w->text.index[w->i]];
}

/** @return what stands between the quotes of the i-th token, a string. */
static inline struct wn_slice string_text(const struct walk *w, size_t i)
{
    return wn_json_unquote(wn_json_token(&w->text, i));
}

/** Note what was done with a token, where a form is learned. */
static inline void note(struct walk *w, struct wn_json_step step)
{
    if (w->form && !wn_json_form_add(w->form, step)) {
        w->form = NULL;
    }
}

static enum wn_code enter(struct walk *w)
{
    if (w->depth == WN_DEPTH) {
        return wn_fail(w->err, WN_REJECT, "too-deep", "values are nested more than %d deep",
                       WN_DEPTH);
    }
    w->depth++;
    w->i++;
    return WN_OK;
}

/** Pass a name and its colon. */
static inline enum wn_code pass_name(struct walk *w)
{
    if (token(w) != '"') {
        return broken(w, "a name");
    }
    w->i++;
    if (token(w) != ':') {
        return broken(w, "a colon");
    }
    w->i++;
    if (++w->n_fields > WN_RECORD_FIELDS) {
        return wn_fail(w->err, WN_REJECT, "too-many-fields", "a record has more than %d names",
                       WN_RECORD_FIELDS);
    }
    return WN_OK;
}

static enum wn_code pass_scalar(struct walk *w)
{
    if (w->i >= w->text.n || !wn_json_is_scalar(wn_json_token(&w->text, w->i))) {
        return broken(w, "a value");
    }
    note(w, (struct wn_json_step){ .what = WN_JSON_SCALAR, .token = (uint32_t)w->i });
    w->i++;
    return WN_OK;
}

/** Begin a container that is skipped; one that is empty is passed whole. */
static enum wn_code skip_begin(struct walk *w, uint64_t *kinds, bool *ret_open)
{
    bool is_object = token(w) == '{';
    if (enter(w) != WN_OK) {
        return w->err->code;
    }
    *ret_open = token(w) != (is_object ? '}' : ']');
    if (!*ret_open) {
        w->i++;
        w->depth--;
        return WN_OK;
    }
    *kinds = *kinds << 1 | (is_object ? 1 : 0);
    return is_object ? pass_name(w) : WN_OK;
}

/**
 * Pass what stands behind a value that is skipped: commas and closing brackets.
 *
 * @param ret_more  Whether another value follows, in a container that is skipped, too.
 */
static inline enum wn_code skip_behind(struct walk *w, unsigned outside, uint64_t *kinds,
                                       bool *ret_more)
{
    while (w->depth > outside) {
        bool is_object = (*kinds & 1) != 0;
        char c = token(w);
        w->i++;
        if (c == ',') {
            *ret_more = true;
            return is_object ? pass_name(w) : WN_OK;
        }
        if (c != (is_object ? '}' : ']')) {
            w->i--;
            return broken(w, "a comma or a closing bracket");
        }
        w->depth--;
        *kinds >>= 1;
    }
    *ret_more = false;
    return WN_OK;
}

/** Skip a value that nobody wants; `kinds` has a bit for each open container, 1: an object. */
static enum wn_code skip_value(struct walk *w)
{
    uint64_t kinds = 0;
    unsigned outside = w->depth;
    for (bool more = true; more;) {
        char c = token(w);
        bool is_open = false;
        enum wn_code rc = WN_OK;
        if (c == '"') {
            w->i++;
        } else if (c == '{' || c == '[') {
            rc = skip_begin(w, &kinds, &is_open);
        } else {
            rc = pass_scalar(w);
        }
        if (rc == WN_OK && !is_open) {
            rc = skip_behind(w, outside, &kinds, &more);
        }
        if (rc != WN_OK) {
            return rc;
        }
    }
    return WN_OK;
}

/** Skip a value: for a text, as most are, nothing is to be done but to count it. */
static inline enum wn_code pass_value(struct walk *w)
{
    if (token(w) == '"') {
        w->i++;
        return WN_OK;
    }
    return skip_value(w);
}

#endif
