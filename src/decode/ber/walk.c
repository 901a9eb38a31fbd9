// SPDX-License-Identifier: Apache-2.0

#include "walk.h"

enum {
    TAG_SEQUENCE = 16,
    TAG_SET = 17,
    TAG_OID = 6,
    BITS = 64, ///< Of a word of `struct seen`.
};

/** Which wanted fields of a group have been met. */
struct seen {
    uint64_t bits[(WN_ROUTE_FIELDS + BITS) / BITS];
};

static enum wn_code walk_group(struct wn_walk *w, const struct wn_route *route,
                               struct wn_slice content);
static enum wn_code walk_list(struct wn_walk *w, const struct wn_list_route *list,
                              struct wn_slice content, bool goes_on);

/** Count an element that the route has no field for, by its tag. */
static void count_unknown(const struct wn_walk *w, uint32_t tag)
{
    char name[32];
    if (w->drift) {
        const size_t len = wn_route_tag_name(tag, name);
        wn_drift_count(w->drift, (struct wn_slice){ name, len });
    }
}

static void count_name(const struct wn_walk *w, const struct wn_route *route, struct wn_way *way)
{
    if (!w->drift) {
        return;
    }
    if (way->learned == w->learned && way->number != 0) {
        wn_drift_count_at(w->drift, way->number);
        return;
    }
    const struct wn_slice name = route->more[way - route->ways].name;
    way->number = (uint16_t)wn_drift_count_hash(w->drift, name, wn_trie_hash(name));
    way->learned = w->learned;
}

static inline void put(const struct wn_walk *w, const struct wn_put *to, enum wn_taken_state state,
                       uint8_t form, struct wn_slice octets)
{
    wn_trie_put(w->arena, w->rows[to->lane], w->tails[to->lane], to->take, state, octets);
    w->tails[to->lane][to->take]->form = form;
}

/** Whether values of this form may be cut into segments, and are absent where they are empty. */
static bool is_string(uint8_t form)
{
    return form != WN_FORM_INTEGER && form != WN_FORM_UNSIGNED && form != WN_FORM_BOOLEAN &&
           form != WN_FORM_ENUM && form != WN_FORM_NULL && form != WN_FORM_IP &&
           form != WN_FORM_OID && form != WN_FORM_BITS;
}

/** Put what is at a stop. `element` is a field, or an element of a list with `in_list`. */
static enum wn_code arrive(struct wn_walk *w, const struct wn_stop *stop,
                           const struct wn_ber_type *type, const struct wn_element *element,
                           bool in_list)
{
    struct wn_slice octets = element->content;
    enum wn_taken_state state = WN_TAKEN_COMPOSITE;
    if (type->what == WN_BER_VALUE && stop->n_puts > 0) {
        state = WN_TAKEN_TEXT;
        if (type->form == WN_FORM_IP) {
            octets = in_list ? element->whole : octets;
        } else if (element->constructed && is_string(type->form)) {
            octets = wn_element_join(element, w->arena);
        }
        if (octets.len == 0 && is_string(type->form)) {
            return WN_OK;
        }
    }
    for (unsigned i = 0; i < stop->n_puts; i++) {
        put(w, &stop->puts[i], state, type->form, octets);
    }
    if (stop->inside) {
        const bool is_alternative = in_list && type->what == WN_BER_CHOICE;
        return walk_group(w, stop->inside, is_alternative ? element->whole : element->content);
    }
    return WN_OK;
}

/** Give the items from `before` on what the element around them holds. */
static void end_outer(const struct wn_walk *w, unsigned i, unsigned before)
{
    const struct wn_taken_list *list = &w->lists[i];
    const unsigned n_takes = w->paths->n_item_takes;
    const struct wn_taken *outer = w->rows[WN_LANE_OUTER + i];
    for (unsigned take = 0; take < n_takes; take++) {
        for (unsigned row = before; outer[take].state != WN_TAKEN_ABSENT && row < list->n; row++) {
            list->rows[(size_t)row * n_takes + take] = outer[take];
        }
    }
}

/** Walk an element that is an item, or that items lie in. */
static enum wn_code walk_rows(struct wn_walk *w, const struct wn_list_route *list,
                              const struct wn_element *element)
{
    const unsigned first = 2; // Most records have one or two items; a row is not small.
    unsigned before[WN_LISTS] = { 0 };
    for (unsigned i = 0; i < WN_LISTS; i++) {
        if ((list->items >> i & 1) != 0 &&
            wn_trie_add_item(w->paths, w->arena, &w->lists[i], first, &w->rows[WN_LANE_ITEM + i],
                             w->err) != WN_OK) {
            return w->err->code;
        }
        if ((list->outers >> i & 1) != 0) {
            before[i] = w->lists[i].n;
            w->rows[WN_LANE_OUTER + i] =
                wn_arena_zeroed(w->arena, w->paths->n_item_takes, sizeof(struct wn_taken));
        }
    }
    if (arrive(w, &list->any, list->type, element, true) != WN_OK) {
        return w->err->code;
    }
    for (unsigned i = 0; i < WN_LISTS; i++) {
        if ((list->outers >> i & 1) != 0) {
            end_outer(w, i, before[i]);
        }
    }
    return WN_OK;
}

/** Whether an element has the tag that elements of this type have. */
static bool is_due(const struct wn_ber_type *type, uint32_t tag)
{
    switch ((enum wn_ber_what)type->what) {
    case WN_BER_VALUE:
        return type->universal == 0 || tag == type->universal;
    case WN_BER_CHOICE:
        return true;
    case WN_BER_GROUP:
    case WN_BER_LIST:
    default:
        return tag == TAG_SEQUENCE || tag == TAG_SET;
    }
}

/** Walk an element along the path of the object identifier that it begins with. */
static enum wn_code walk_oid(struct wn_walk *w, const struct wn_list_route *list,
                             const struct wn_element *element)
{
    struct wn_slice rest = element->content;
    struct wn_element first;
    struct wn_error unused;
    struct wn_slice text;
    wn_element_skip_zeros(&rest);
    if (rest.len == 0 || wn_element_next(&rest, &first, &unused) != WN_OK || first.tag != TAG_OID) {
        return WN_OK;
    }
    const struct wn_taken taken = {
        .state = WN_TAKEN_TEXT,
        .form = WN_FORM_OID,
        .text = first.content,
    };
    if (wn_taken_text(&taken, w->arena, &text, &unused) != WN_OK) {
        return WN_OK;
    }
    for (unsigned i = 0; i < list->n_oids; i++) {
        if (wn_slice_same(list->oids[i].oid, text)) {
            return arrive(w, &list->oids[i].stop, list->type, element, true);
        }
    }
    return WN_OK;
}

/** Forget what the last element gave: the list goes on. */
static void forget_last(const struct wn_walk *w, uint16_t number, uint8_t lane)
{
    const struct wn_trie_node *node = &w->paths->nodes[number];
    const uint16_t special[] = { node->first, node->last, node->any };
    if (node->take != WN_NO_TAKE) {
        w->rows[lane][node->take] = (struct wn_taken){ 0 };
    }
    for (size_t i = 0; node->n_names > 0 && i <= node->mask; i++) {
        if (node->edges[i].node != 0) {
            forget_last(w, node->edges[i].node, lane);
        }
    }
    for (unsigned i = 0; i < WN_COUNT(special); i++) {
        if (special[i] != 0) {
            forget_last(w, special[i], lane);
        }
    }
}

static enum wn_code walk_element(struct wn_walk *w, const struct wn_list_route *list,
                                 const struct wn_element *element, bool is_first, bool is_last)
{
    const bool has_any = list->any.n_puts > 0 || list->any.inside || list->any.list;
    if ((has_any || list->items != 0) && walk_rows(w, list, element) != WN_OK) {
        return w->err->code;
    }
    if (is_first && arrive(w, &list->first, list->type, element, true) != WN_OK) {
        return w->err->code;
    }
    if (is_last && arrive(w, &list->last, list->type, element, true) != WN_OK) {
        return w->err->code;
    }
    return list->n_oids > 0 ? walk_oid(w, list, element) : WN_OK;
}

/** Walk a list; one that goes on was there before, and its elements come behind those. */
static enum wn_code walk_list(struct wn_walk *w, const struct wn_list_route *list,
                              struct wn_slice content, bool goes_on)
{
    bool is_first = !goes_on;
    wn_element_skip_zeros(&content);
    if (goes_on && content.len > 0) {
        for (unsigned i = 0; i < list->last_places.n; i++) {
            forget_last(w, list->last_places.at[i].node, list->last_places.at[i].lane);
        }
    }
    while (content.len > 0) {
        struct wn_element element;
        if (wn_element_next(&content, &element, w->err) != WN_OK) {
            return w->err->code;
        }
        wn_element_skip_zeros(&content);
        if (!is_due(list->type, element.tag)) {
            count_unknown(w, element.tag);
            continue;
        }
        if (walk_element(w, list, &element, is_first, content.len == 0) != WN_OK) {
            return w->err->code;
        }
        is_first = false;
    }
    return WN_OK;
}

/** @return the way of a tag, or NULL. */
static struct wn_way *find_way(const struct wn_route *route, uint32_t tag)
{
    const uint32_t first = wn_ber_tag(WN_BER_CONTEXT, 0);
    if (tag - first < WN_ROUTE_TAGS) {
        const unsigned number = route->by_tag[tag - first];
        return number > 0 ? &route->ways[number - 1] : NULL;
    }
    for (unsigned i = 0; i < route->n_ways; i++) {
        if (route->ways[i].tag == tag) {
            return &route->ways[i];
        }
    }
    return NULL;
}

/** Note that a wanted field was met. @return whether it was before */
static bool is_seen(struct seen *seen, const struct wn_way *way)
{
    uint64_t *word = &seen->bits[way->bit / BITS];
    const uint64_t bit = (uint64_t)1 << way->bit % BITS;
    const bool is_again = (*word & bit) != 0;
    *word |= bit;
    return is_again;
}

/** Take a field that is wanted, of whatever type. */
static enum wn_code take_field(struct wn_walk *w, const struct wn_route *route,
                               const struct wn_way *way, bool is_again,
                               const struct wn_element *element)
{
    const struct wn_way_more *more = &route->more[way - route->ways];
    if (more->stop.list) {
        for (unsigned i = 0; !is_again && i < more->stop.n_puts; i++) {
            put(w, &more->stop.puts[i], WN_TAKEN_COMPOSITE, 0, element->content);
        }
        return walk_list(w, more->stop.list, element->content, is_again);
    }
    if (is_again) {
        return wn_fail(w->err, WN_REJECT, "duplicate-field", "%.64s stands there twice",
                       more->name.at);
    }
    return arrive(w, &more->stop, more->type, element, false);
}

static enum wn_code walk_group(struct wn_walk *w, const struct wn_route *route,
                               struct wn_slice content)
{
    struct seen seen = { { 0 } };
    for (wn_element_skip_zeros(&content); content.len > 0; wn_element_skip_zeros(&content)) {
        struct wn_element element;
        if (wn_element_next(&content, &element, w->err) != WN_OK) {
            return wn_context(w->err, "%s", route->name);
        }
        struct wn_way *way = find_way(route, element.tag);
        if (!way) {
            count_unknown(w, element.tag);
            continue;
        }
        if (!way->wanted) {
            count_name(w, route, way);
            continue;
        }
        const bool is_again = is_seen(&seen, way);
        if (way->is_plain && !is_again && !element.constructed && element.content.len > 0) {
            put(w, &way->put, WN_TAKEN_TEXT, way->form, element.content);
        } else if (take_field(w, route, way, is_again, &element) != WN_OK) {
            return w->err->code;
        }
    }
    return WN_OK;
}

enum wn_code wn_walk_record(struct wn_walk *walk, const struct wn_route *route,
                            struct wn_slice content)
{
    return walk_group(walk, route, content);
}
