// SPDX-License-Identifier: Apache-2.0

/*
 * A record takes the steps of its form in two passes: the first compares and has no effect, so that
 * a record that only looked alike can still be walked; the second counts and takes, in the order in
 * which the walk did.
 */

#include "json.h"
#include "json_escape.h"
#include "text.h"

#include <stdlib.h>

#include "winnow/memory.h"

struct wn_json_forms {
    struct wn_json_form list[WN_JSON_FORMS];
    size_t last; ///< Which was found last: the likeliest.
    uint64_t n_used;
};

/** What a token is to a form: itself, where it is a bracket, comma, colon or quote; else NUL. */
static const char kind_of[256] = {
    ['{'] = '{', ['}'] = '}', ['['] = '[', [']'] = ']', [','] = ',', [':'] = ':', ['"'] = '"',
};

struct wn_json_forms *wn_json_forms_open(void)
{
    return wn_take(1, sizeof(struct wn_json_forms));
}

struct wn_json_forms *wn_json_forms_close(struct wn_json_forms *forms)
{
    if (forms) {
        for (size_t i = 0; i < WN_JSON_FORMS; i++) {
            free(forms->list[i].steps);
            free(forms->list[i].kinds);
        }
        free(forms);
    }
    return NULL;
}

void wn_json_forms_clear(struct wn_json_forms *forms)
{
    for (size_t i = 0; i < WN_JSON_FORMS; i++) {
        forms->list[i].n_tokens = 0;
        forms->list[i].used = 0;
    }
}

static bool is_of_form(const struct wn_json_form *form, const struct wn_json_text *text)
{
    if (form->n_tokens != text->n) {
        return false;
    }
    const char *kinds = form->kinds;
    for (size_t i = 0; i < text->n; i++) {
        if (kind_of[(unsigned char)text->raw.at[text->index[i]]] != kinds[i]) {
            return false;
        }
    }
    return true;
}

const struct wn_json_form *wn_json_forms_find(struct wn_json_forms *forms,
                                              const struct wn_json_text *text)
{
    for (size_t k = 0; k < WN_JSON_FORMS; k++) {
        size_t i = (forms->last + k) % WN_JSON_FORMS;
        if (is_of_form(&forms->list[i], text)) {
            forms->last = i;
            forms->list[i].used = ++forms->n_used;
            return &forms->list[i];
        }
    }
    return NULL;
}

struct wn_json_form *wn_json_forms_learn(struct wn_json_forms *forms, size_t n_tokens)
{
    if (n_tokens > WN_JSON_FORM_TOKENS) {
        return NULL;
    }
    struct wn_json_form *oldest = &forms->list[0];
    for (size_t i = 1; i < WN_JSON_FORMS; i++) {
        oldest = forms->list[i].used < oldest->used ? &forms->list[i] : oldest;
    }
    if (!oldest->steps) {
        oldest->steps = wn_take(WN_JSON_FORM_STEPS, sizeof(*oldest->steps));
        oldest->kinds = wn_take(WN_JSON_FORM_TOKENS, 1);
    }
    oldest->n_tokens = 0;
    oldest->n_steps = 0;
    return oldest;
}

bool wn_json_form_add(struct wn_json_form *form, struct wn_json_step step)
{
    if (form->n_steps == WN_JSON_FORM_STEPS) {
        return false;
    }
    form->steps[form->n_steps++] = step;
    return true;
}

void wn_json_forms_keep(struct wn_json_forms *forms, struct wn_json_form *form,
                        const struct wn_json_text *text)
{
    for (size_t i = 0; i < text->n; i++) {
        form->kinds[i] = kind_of[(unsigned char)text->raw.at[text->index[i]]];
    }
    form->n_tokens = text->n;
    form->used = ++forms->n_used;
}

/** @return whether a string token is this name. A quote behind it ends it: no name has a quote. */
static inline bool is_name(struct wn_slice raw, size_t at, struct wn_slice name)
{
    return raw.len - at > name.len + 1 && raw.at[at + 1 + name.len] == '"' &&
           wn_trie_same(raw.at + at + 1, name.at, name.len);
}

/** Has the record the names of its form, and are its scalars such? */
static bool fits(const struct wn_json_text *text, const struct wn_json_form *form,
                 const struct wn_drift *drift)
{
    for (size_t i = 0; i < form->n_steps; i++) {
        const struct wn_json_step *step = &form->steps[i];
        bool same = true;
        switch (step->what) {
        case WN_JSON_UNWANTED:
            same =
                is_name(text->raw, text->index[step->token], wn_drift_name_of(drift, step->number));
            break;
        case WN_JSON_WANTED:
            same = is_name(text->raw, text->index[step->token], step->node->name);
            break;
        case WN_JSON_SCALAR:
            same = wn_json_is_scalar(wn_json_token(text, step->token));
            break;
        case WN_JSON_TEXT:
        case WN_JSON_COMPOSITE:
            break;
        }
        if (!same) {
            return false;
        }
    }
    return true;
}

/** Take a string or scalar; null is absent. */
static enum wn_code take(const struct wn_json_text *text, const struct wn_json_step *step,
                         const struct wn_text_sink *sink, struct wn_error *err)
{
    struct wn_slice value = wn_json_token(text, step->token);
    if (value.at[0] == 'n') {
        return WN_OK;
    }
    if (value.at[0] == '"') {
        value = wn_json_unquote(value);
        if (wn_json_has_escape(value) &&
            wn_json_unescape(sink->arena, value, &value, err) != WN_OK) {
            return err->code;
        }
    }
    return wn_text_take(sink, step->node, value, false, err);
}

enum wn_code wn_json_form_take(const struct wn_json_form *form, const struct wn_json_text *text,
                               const struct wn_text_sink *sink, struct wn_drift *drift,
                               struct wn_error *err)
{
    if (!fits(text, form, drift)) {
        return WN_RETRY;
    }
    for (size_t i = 0; i < form->n_steps; i++) {
        const struct wn_json_step *step = &form->steps[i];
        switch (step->what) {
        case WN_JSON_UNWANTED:
            wn_drift_count_at(drift, step->number);
            break;
        case WN_JSON_TEXT:
            if (take(text, step, sink, err) != WN_OK) {
                return err->code;
            }
            break;
        case WN_JSON_COMPOSITE:
            wn_trie_put(sink->arena, sink->row, sink->tails, step->node->take, WN_TAKEN_COMPOSITE,
                        (struct wn_slice){ 0 });
            break;
        case WN_JSON_WANTED:
        case WN_JSON_SCALAR:
            break;
        }
    }
    return WN_OK;
}
