// SPDX-License-Identifier: Apache-2.0

/*
 * A record is walked along its structural index: an array of the places where tokens begin.
 *
 *     {"variables":{"uuid":"3d","billsec":"68"},"callflow":[{…},{…}]}
 *     ^^          ^^^     ^^   ^^        ^^   ^^^          ^^
 *
 * A string ends at the last quote before the next place, so that skipping one costs nothing, and
 * a name that nobody wants costs a hash. The grammar is checked over every place, also within
 * values that are skipped; what is not looked at there is the escapes in strings.
 *
 * Which paths the value at hand lies on is a set of trie nodes, usually of one or two: an element
 * of a list can be the first, the last and any. The sets of the enclosing values stand below it
 * on one stack, whose size is known, since a node can be active once in a lane. A lane is the
 * record's top, or the items of one list of `each`, whose takes go to a row of their own.
 *
 * For `-1` the last element of a list is looked up first: a bracket count over the index, cheaper
 * and simpler than taking back what earlier elements gave.
 *
 * Where the source says that values are wrapped (struct wn_wrapping), a node has twins for the same
 * value within its wrapping, so that the walk goes on as for any name or element. Only the takes of
 * the container know of it: it is no fault that one stands there, but that it has not what stands
 * for it.
 */

#include <assert.h>

#include "json_escape.h"
#include "json_token.h"
#include "text.h"

enum {
    NO_NODE = 0xffff
};

/** A set of active nodes: `n` of the stack from `at`. */
struct set {
    const struct wn_json_active *at;
    size_t n;
};

static enum wn_code walk_value(struct walk *w, struct set set);

/** Put another active node on the stack. */
static void push(struct walk *w, const struct wn_trie_node *node, struct wn_taken *row,
                 unsigned lane)
{
    struct wn_reader *reader = w->reader;
    assert(reader->n_stack < (size_t)w->paths->n_nodes * (w->paths->n_lists + 1));
    reader->stack[reader->n_stack++] = (struct wn_json_active){ node, row, lane };
}

static enum wn_code duplicate(struct walk *w)
{
    return wn_fail(w->err, WN_REJECT, "duplicate-field",
                   "octet %zu of the record: a name that is wanted stands twice in one object",
                   (size_t)w->text.index[w->i]);
}

/** Begin a record: what was learned stands as long as names have the numbers that they had. */
static void begin_guess(struct wn_reader *reader, struct wn_drift *drift)
{
    struct wn_json_guess *guess = &reader->guess;
    guess->last = 0;
    if (drift && !(wn_drift_is_known(drift, guess) && guess->drift == drift)) {
        guess->drift = drift;
        memset(guess->next, 0, sizeof(guess->next));
        memset(guess->below, 0xff, sizeof(guess->below)); // NO_NODE
        wn_json_forms_clear(reader->forms);
        reader->form = NULL;
    }
}

/** Remember an unwanted name as the successor of the one before. */
static void learn(struct walk *w, struct set set, unsigned number)
{
    struct wn_json_guess *guess = &w->reader->guess;
    guess->next[guess->last] = (uint16_t)number;
    guess->below[number] = set.n == 1 ? (uint16_t)(set.at->node - w->paths->nodes) : NO_NODE;
    guess->last = number;
}

/** Note an unwanted name; one without a number may be a value, and is nothing to remember. */
static void note_unwanted(struct walk *w, size_t at, unsigned number)
{
    if (number == 0) {
        w->form = NULL;
        return;
    }
    note(w, (struct wn_json_step){
                .what = WN_JSON_UNWANTED, .token = (uint32_t)at, .number = number });
}

/** @return whether the name is the one that was to be expected, and unwanted; counts it then. */
static inline bool is_guessed(struct walk *w, struct set set, size_t at, struct wn_slice name)
{
    struct wn_json_guess *guess = &w->reader->guess;
    unsigned number = guess->next[guess->last];
    if (!w->drift || number == 0 || set.n != 1 ||
        guess->below[number] != set.at->node - w->paths->nodes) {
        return false; // A name without a number, such as an empty one, is none to expect.
    }
    struct wn_slice expected = wn_drift_name_of(w->drift, number);
    if (expected.len != name.len || !wn_trie_same(expected.at, name.at, name.len)) {
        return false;
    }
    wn_drift_count_at(w->drift, number);
    note_unwanted(w, at, number);
    guess->last = number;
    return true;
}

/** Push the children of this name. @return WN_OK, or WN_REJECT: "duplicate-field". */
static enum wn_code push_named(struct walk *w, struct set set, uint64_t object, size_t at,
                               struct wn_slice name)
{
    uint64_t hash = wn_trie_hash(name);
    size_t before = w->reader->n_stack;
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_json_active *active = &set.at[i];
        const struct wn_trie_node *child = wn_trie_find(w->paths, active->node, name, hash);
        if (!child) {
            continue;
        }
        size_t number = (size_t)(child - w->paths->nodes);
        uint64_t *seen = &w->reader->seen[(size_t)active->lane * w->paths->n_nodes + number];
        if (*seen == object) {
            return duplicate(w);
        }
        *seen = object;
        push(w, child, active->row, active->lane);
    }
    bool is_wrapping = set.n == 1 && set.at->node->inner != 0; // Its names are the writer's form.
    if (w->reader->n_stack > before) {
        note(w, (struct wn_json_step){ .what = WN_JSON_WANTED,
                                       .token = (uint32_t)at,
                                       .node = w->reader->stack[before].node });
    } else if (w->drift && !is_wrapping) {
        unsigned number = wn_drift_count_hash(w->drift, name, hash);
        learn(w, set, number);
        note_unwanted(w, at, number);
    }
    return WN_OK;
}

/** Walk the value at hand with what was pushed since `before`, and pop that. */
static enum wn_code walk_pushed(struct walk *w, size_t before)
{
    struct wn_reader *reader = w->reader;
    struct set set = { reader->stack + before, reader->n_stack - before };
    enum wn_code rc = set.n > 0 ? walk_value(w, set) : pass_value(w);
    reader->n_stack = before;
    return rc;
}

static enum wn_code walk_member(struct walk *w, struct set set, uint64_t object)
{
    size_t at = w->i;
    if (pass_name(w) != WN_OK) {
        return w->err->code;
    }
    struct wn_slice name = string_text(w, at);
    if (is_guessed(w, set, at, name)) {
        return pass_value(w);
    }
    if (wn_json_has_escape(name)) {
        w->form = NULL; // Names are compared as they are written.
        if (wn_json_unescape(w->arena, name, &name, w->err) != WN_OK) {
            return w->err->code;
        }
    }
    size_t before = w->reader->n_stack;
    if (push_named(w, set, object, at, name) != WN_OK) {
        return w->err->code;
    }
    return walk_pushed(w, before);
}

/** Tell the takes of a node that something stands where a text is wanted. */
static void put_composite(struct walk *w, const struct wn_json_active *active)
{
    if (active->node->take != WN_NO_TAKE) {
        note(w, (struct wn_json_step){ .what = WN_JSON_COMPOSITE, .node = active->node });
        wn_trie_put(w->arena, active->row, w->reader->tails + (size_t)active->lane * WN_TAKES,
                    active->node->take, WN_TAKEN_COMPOSITE, (struct wn_slice){ 0 });
    }
}

/** Tell the takes of the set that stand for a list, or for an object that is no wrapping. */
static void take_composite(struct walk *w, struct set set, bool may_be_wrapping, bool is_single)
{
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_trie_node *node = set.at[i].node;
        if (!(may_be_wrapping && node->inner != 0) && !(is_single && node->sole != 0)) {
            put_composite(w, &set.at[i]);
        }
    }
}

/** Tell the takes of wrappings that this object, now at its end, was none. */
static void take_unwrapped(struct walk *w, struct set set, uint64_t object)
{
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_json_active *active = &set.at[i];
        size_t place = (size_t)active->lane * w->paths->n_nodes + active->node->inner;
        if (active->node->inner != 0 && w->reader->seen[place] != object) {
            put_composite(w, active);
        }
    }
}

/** Pass a comma, or stay at the closing bracket. @param ret_more  Whether another value follows. */
static enum wn_code pass_comma(struct walk *w, char close, bool *ret_more)
{
    *ret_more = token(w) == ',';
    if (*ret_more) {
        w->i++;
    } else if (token(w) != close) {
        return broken(w,
                      close == '}' ? "a comma or a closing brace" : "a comma or a closing bracket");
    }
    return WN_OK;
}

static enum wn_code walk_object(struct walk *w, struct set set)
{
    uint64_t object = ++w->reader->n_objects;
    if (enter(w) != WN_OK) {
        return w->err->code;
    }
    bool more = token(w) != '}';
    while (more) {
        if (walk_member(w, set, object) != WN_OK) {
            return w->err->code;
        }
        if (pass_comma(w, '}', &more) != WN_OK) {
            return w->err->code;
        }
    }
    take_unwrapped(w, set, object);
    w->i++;
    w->depth--;
    return WN_OK;
}

/** @return the token that begins the last element of the list whose first begins at hand. */
static size_t find_last(const struct walk *w)
{
    size_t last = w->i;
    size_t open = 1;
    for (size_t i = w->i; i < w->text.n && open > 0; i++) {
        switch (w->text.raw.at[w->text.index[i]]) {
        case '{':
        case '[':
            open++;
            break;
        case '}':
        case ']':
            open--;
            break;
        case ',':
            last = open == 1 ? i + 1 : last;
            break;
        default:
            break;
        }
    }
    return last;
}

/** Begin the row of a further item. @return WN_OK, or WN_REJECT: "too-many-items". */
static enum wn_code add_item(struct walk *w, unsigned lane)
{
    const unsigned first = 8;
    struct wn_taken *row;
    if (wn_trie_add_item(w->paths, w->arena, &w->reader->lists[lane - 1], first, &row, w->err) !=
        WN_OK) {
        return w->err->code;
    }
    push(w, &w->paths->nodes[WN_TRIE_ITEM], row, lane);
    return WN_OK;
}

/** Push what an element of a list is: the first, the last, any, and an item. */
static enum wn_code push_element(struct walk *w, struct set set, bool is_first, bool is_last)
{
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_json_active *active = &set.at[i];
        const struct wn_trie_node *node = active->node;
        const struct wn_trie_node *const children[] = {
            is_first ? wn_trie_at(w->paths, node->first) : NULL,
            is_last ? wn_trie_at(w->paths, node->last) : NULL,
            wn_trie_at(w->paths, node->any),
            is_first && is_last ? wn_trie_at(w->paths, node->sole) : NULL,
        };
        for (size_t k = 0; k < WN_COUNT(children); k++) {
            if (!children[k]) {
                continue;
            }
            push(w, children[k], active->row, active->lane);
            bool is_item = children[k]->list != 0 && token(w) != 'n'; // null is no item.
            if (is_item && add_item(w, children[k]->list) != WN_OK) {
                return w->err->code;
            }
        }
    }
    return WN_OK;
}

static enum wn_code walk_list(struct walk *w, struct set set)
{
    if (enter(w) != WN_OK) {
        return w->err->code;
    }
    bool wants_last = false;
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_trie_node *node = set.at[i].node;
        wants_last = wants_last || node->last != 0 || node->sole != 0;
    }
    size_t first = w->i;
    size_t last = wants_last ? find_last(w) : 0;
    bool more = token(w) != ']';
    take_composite(w, set, false, !more || last == first);
    while (more) {
        size_t before = w->reader->n_stack;
        if (push_element(w, set, w->i == first, w->i == last) != WN_OK ||
            walk_pushed(w, before) != WN_OK) {
            return w->err->code;
        }
        if (pass_comma(w, ']', &more) != WN_OK) {
            return w->err->code;
        }
    }
    w->i++;
    w->depth--;
    return WN_OK;
}

/** Note which takes get a string or scalar. */
static void note_takes(struct walk *w, struct set set, size_t at)
{
    for (size_t i = 0; w->form && i < set.n; i++) {
        if (set.at[i].node->take != WN_NO_TAKE) {
            note(w, (struct wn_json_step){
                        .what = WN_JSON_TEXT, .token = (uint32_t)at, .node = set.at[i].node });
        }
    }
}

/** Give a text to every take of the set. */
static enum wn_code take_text(struct walk *w, struct set set, struct wn_slice text)
{
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_json_active *active = &set.at[i];
        if (active->node->take == WN_NO_TAKE) {
            continue;
        }
        struct wn_text_sink sink = { w->reader->options, w->arena, active->row,
                                     w->reader->tails + (size_t)active->lane * WN_TAKES };
        if (wn_text_take(&sink, active->node, text, false, w->err) != WN_OK) {
            return w->err->code;
        }
    }
    return WN_OK;
}

static bool wants_names(struct set set)
{
    for (size_t i = 0; i < set.n; i++) {
        if (set.at[i].node->n_names > 0) {
            return true;
        }
    }
    return false;
}

static bool wants_elements(struct set set)
{
    for (size_t i = 0; i < set.n; i++) {
        const struct wn_trie_node *node = set.at[i].node;
        if (node->first != 0 || node->last != 0 || node->any != 0 || node->sole != 0) {
            return true;
        }
    }
    return false;
}

static enum wn_code walk_string(struct walk *w, struct set set)
{
    struct wn_slice text = string_text(w, w->i);
    note_takes(w, set, w->i);
    if (wn_json_has_escape(text) && wn_json_unescape(w->arena, text, &text, w->err) != WN_OK) {
        return w->err->code;
    }
    w->i++;
    return take_text(w, set, text);
}

/** Walk a value that lies on a path; recursion ends with the trie, 16 names below its top. */
static enum wn_code walk_value(struct walk *w, struct set set)
{
    size_t at = w->i;
    switch (token(w)) {
    case '"':
        return walk_string(w, set);
    case '{':
        take_composite(w, set, true, false);
        return wants_names(set) ? walk_object(w, set) : skip_value(w);
    case '[':
        if (wants_elements(set)) {
            return walk_list(w, set);
        }
        take_composite(w, set, false, false);
        return skip_value(w);
    default:
        if (pass_scalar(w) != WN_OK) {
            return w->err->code;
        }
        note_takes(w, set, at);
        return w->text.raw.at[w->text.index[at]] == 'n'
                   ? WN_OK
                   : take_text(w, set, wn_json_token(&w->text, at));
    }
}

/**
 * Find the member that names an object: the object at hand.
 *
 * @param ret_at  Its token, a string.
 */
static enum wn_code find_name(struct walk *w, size_t *ret_at)
{
    size_t found = 0;
    size_t open = 0;
    for (size_t i = w->i; i + 2 < w->text.n; i++) {
        char c = w->text.raw.at[w->text.index[i]];
        if (c == '{' || c == '[') {
            open++;
        } else if (c == '}' || c == ']') {
            open--;
        } else if (open == 1 && c == '"' && w->text.raw.at[w->text.index[i + 1]] == ':' &&
                   wn_slice_same(string_text(w, i), w->paths->wrapping.named)) {
            if (found != 0) {
                return duplicate(w);
            }
            found = i + 2;
        }
        if (open == 0) {
            break;
        }
    }
    if (found == 0 || w->text.raw.at[w->text.index[found]] != '"') {
        return broken(w, "an object that says its name; see `json:` of the source");
    }
    *ret_at = found;
    return WN_OK;
}

/** Walk a record that is a list of named values as though it were an object. */
static enum wn_code walk_named(struct walk *w, struct set set)
{
    uint64_t object = ++w->reader->n_objects;
    if (enter(w) != WN_OK) {
        return w->err->code;
    }
    bool more = token(w) != ']';
    while (more) {
        size_t at = 0;
        size_t before = w->reader->n_stack;
        if (token(w) != '{') {
            return broken(w, "an object");
        }
        if (find_name(w, &at) != WN_OK) {
            return w->err->code;
        }
        struct wn_slice name = string_text(w, at);
        if (wn_json_unescape(w->arena, name, &name, w->err) != WN_OK ||
            push_named(w, set, object, at, name) != WN_OK || walk_pushed(w, before) != WN_OK) {
            return w->err->code;
        }
        if (pass_comma(w, ']', &more) != WN_OK) {
            return w->err->code;
        }
    }
    w->i++;
    w->depth--;
    return WN_OK;
}

/** Index the record, unless split() has just done so. */
static enum wn_code get_index(struct walk *w, struct wn_slice raw)
{
    struct wn_reader *reader = w->reader;
    bool is_utf8 = reader->is_utf8;
    w->text = reader->indexed;
    if (w->text.raw.at != raw.at || w->text.raw.len != raw.len || raw.len == 0) {
        w->text = (struct wn_json_text){ .raw = raw };
        enum wn_json_indexed outcome =
            wn_json_simd_index(reader->simd, raw, &w->text.index, &w->text.n);
        if (outcome == WN_JSON_CONTROL) {
            return wn_fail(w->err, WN_REJECT, "json-syntax",
                           "a string has a control character that is not escaped");
        }
        if (outcome == WN_JSON_UNCLOSED) {
            return wn_fail(w->err, WN_REJECT, "json-syntax", "a string is not closed");
        }
        is_utf8 = outcome == WN_JSON_INDEXED;
        reader->form = wn_json_forms_find(reader->forms, &w->text);
    }
    reader->indexed.raw.len = 0; // The next bytes at this address may be others.
    if (!is_utf8 && reader->options->otherwise == WN_ENCODING_UTF8) {
        return wn_fail(w->err, WN_REJECT, "bad-encoding",
                       "the record is not UTF-8; see `text:` of the source");
    }
    return WN_OK;
}

/** Walk the record from its first token to its last. */
static enum wn_code walk_record(struct walk *w, struct wn_taken_set *taken)
{
    struct wn_reader *reader = w->reader;
    const struct wn_paths *paths = w->paths;
    reader->n_stack = 0;
    memset(reader->lists, 0, sizeof(reader->lists));
    bool is_named = token(w) == '[' && paths->wrapping.named.len > 0;
    if (token(w) != '{' && !is_named) {
        return broken(w, "an object");
    }
    push(w, &paths->nodes[WN_TRIE_TOP], taken->top, 0);
    struct set top = { reader->stack, 1 };
    if ((is_named ? walk_named(w, top) : walk_object(w, top)) != WN_OK) {
        return w->err->code;
    }
    if (w->i < w->text.n) {
        return broken(w, "the record's end");
    }
    taken->lists = reader->lists;
    return WN_OK;
}

enum wn_code wn_json_decode(struct wn_reader *reader, struct wn_slice raw, struct wn_arena *arena,
                            struct wn_drift *drift, struct wn_taken_set *taken,
                            struct wn_error *err)
{
    const struct wn_paths *paths = reader->options->paths;
    struct walk w = {
        .reader = reader, .paths = paths, .arena = arena, .drift = drift, .err = err
    };
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, paths->n_takes, sizeof(*taken->top)),
    };
    begin_guess(reader, drift);
    if (get_index(&w, raw) != WN_OK) {
        return err->code;
    }
    const bool has_forms = drift && paths->n_lists == 0 && paths->wrapping.wrapped.len == 0 &&
                           paths->wrapping.named.len == 0;
    if (has_forms && reader->form) {
        const struct wn_text_sink sink = { reader->options, arena, taken->top, reader->tails };
        enum wn_code rc = wn_json_form_take(reader->form, &w.text, &sink, drift, err);
        if (rc != WN_RETRY) {
            return rc;
        }
    }
    w.form = has_forms ? wn_json_forms_learn(reader->forms, w.text.n) : NULL;
    if (walk_record(&w, taken) != WN_OK) {
        return err->code;
    }
    if (w.form) {
        wn_json_forms_keep(reader->forms, w.form, &w.text);
    }
    return WN_OK;
}
