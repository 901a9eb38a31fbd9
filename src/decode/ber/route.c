// SPDX-License-Identifier: Apache-2.0

#include "route.h"

#include <stdio.h>

/*
 * A field that is described is found in the trie by its name, one that is not by its tag:
 * `context.120`, with the form of its value behind a colon where it is not plain octets
 * (`context.120:integer`). The recursion ends where the trie does: it goes down only where a path
 * does.
 */

const struct wn_ber_type wn_route_undescribed = { .name = "undescribed", .what = WN_BER_GROUP };

static const char *const classes[] = { "universal", "application", "context", "private" };

struct maker {
    struct wn_arena *arena;
    const struct wn_paths *paths;
};

static const struct wn_route *make_route(const struct maker *maker, const struct wn_ber_type *type,
                                         const struct wn_places *places);
static struct wn_stop make_stop(const struct maker *maker, const struct wn_ber_type *type,
                                const struct wn_places *places);

size_t wn_route_tag_name(uint32_t tag, char name[32])
{
    return (size_t)snprintf(name, 32, "%s.%u", classes[tag >> 28 & 3], tag & 0xfffffffU);
}

static void add_place(struct wn_places *places, uint16_t node, unsigned lane)
{
    if (node != 0 && places->n < WN_ROUTE_PLACES) {
        places->at[places->n++] = (struct wn_place){ .node = node, .lane = (uint8_t)lane };
    }
}

static const struct wn_trie_node *node_of(const struct maker *maker, const struct wn_place *place)
{
    return &maker->paths->nodes[place->node];
}

/** @return where the paths of `places` go on under a name. */
static struct wn_places go_to(const struct maker *maker, const struct wn_places *places,
                              struct wn_slice name)
{
    struct wn_places ret = { .n = 0 };
    const uint64_t hash = wn_trie_hash(name);
    for (unsigned i = 0; i < places->n; i++) {
        const struct wn_trie_node *child =
            wn_trie_find(maker->paths, node_of(maker, &places->at[i]), name, hash);
        if (child) {
            add_place(&ret, (uint16_t)(child - maker->paths->nodes), places->at[i].lane);
        }
    }
    return ret;
}

static bool goes_on(const struct maker *maker, const struct wn_places *places)
{
    for (unsigned i = 0; i < places->n; i++) {
        const struct wn_trie_node *node = node_of(maker, &places->at[i]);
        if (node->n_names > 0 || node->any != 0) {
            return true;
        }
    }
    return false;
}

bool wn_route_read_tag(struct wn_slice name, uint32_t *ret_tag, struct wn_slice *ret_form)
{
    const char *point = memchr(name.at, '.', name.len);
    const size_t word = point ? (size_t)(point - name.at) : 0;
    for (unsigned i = 0; i < WN_COUNT(classes); i++) {
        uint64_t tag;
        if (word == 0 || !wn_slice_is((struct wn_slice){ name.at, word }, classes[i])) {
            continue;
        }
        struct wn_slice number = wn_slice_after(name, word + 1);
        const char *colon = number.len > 0 ? memchr(number.at, ':', number.len) : NULL;
        *ret_form = (struct wn_slice){ 0 };
        if (colon) {
            const size_t len = (size_t)(colon - number.at);
            *ret_form = wn_slice_after(number, len + 1);
            number.len = len;
        }
        if (!wn_slice_number(number, &tag) || tag >> 28 != 0) {
            return false;
        }
        *ret_tag = wn_ber_tag(i, (uint32_t)tag);
        return true;
    }
    return false;
}

/** @return the described type of a value of this form: the table begins with them. */
static const struct wn_ber_type *type_of_form(struct wn_slice form)
{
    const char *otherwise = "octets";
    const struct wn_ber_type *plain = NULL;
    for (const struct wn_ber_type *type = wn_ber_types;
         type->what == WN_BER_VALUE && type->form != WN_FORM_ENUM; type++) {
        if (wn_slice_is(form, type->name)) {
            return type;
        }
        plain = strcmp(type->name, otherwise) == 0 ? type : plain;
    }
    assert(plain);
    return plain;
}

static void add_way(const struct maker *maker, struct wn_route *route, uint32_t tag,
                    struct wn_way_more more, const struct wn_places *places)
{
    const uint32_t first = wn_ber_tag(WN_BER_CONTEXT, 0);
    struct wn_way way = { .tag = tag, .wanted = places->n > 0 };
    if (way.wanted) {
        more.stop = make_stop(maker, more.type, places);
        way.is_plain = more.type->what == WN_BER_VALUE && more.type->form != WN_FORM_IP &&
                       more.stop.n_puts == 1;
        way.form = more.type->form;
        way.put = way.is_plain ? more.stop.puts[0] : way.put;
    }
    route->more[route->n_ways] = more;
    route->ways[route->n_ways++] = way;
    if (tag >= first && tag - first < WN_ROUTE_TAGS) {
        route->by_tag[tag - first] = (uint8_t)route->n_ways;
    }
}

/** Add the tags that paths name and the description does not. */
static void add_undescribed(const struct maker *maker, struct wn_route *route,
                            const struct wn_ber_type *type, const struct wn_places *places)
{
    for (unsigned i = 0; i < places->n; i++) {
        const struct wn_trie_node *node = node_of(maker, &places->at[i]);
        for (size_t at = 0; node->n_names > 0 && at <= node->mask; at++) {
            uint32_t tag;
            struct wn_slice form;
            const struct wn_trie_edge *edge = &node->edges[at];
            if (edge->node == 0 || !wn_route_read_tag(edge->name, &tag, &form) ||
                wn_ber_find(type, tag)) {
                continue;
            }
            bool is_known = false;
            for (unsigned k = type->n; k < route->n_ways; k++) {
                is_known = is_known || route->ways[k].tag == tag;
            }
            if (is_known || route->n_ways == WN_ROUTE_FIELDS) {
                continue;
            }
            const struct wn_places next = go_to(maker, places, edge->name);
            const struct wn_way_more more = {
                .name = edge->name,
                .type = goes_on(maker, &next) ? &wn_route_undescribed : type_of_form(form),
            };
            add_way(maker, route, tag, more, &next);
        }
    }
}

static const struct wn_route *make_route(const struct maker *maker, const struct wn_ber_type *type,
                                         const struct wn_places *places)
{
    struct wn_route *route = wn_arena_zeroed(maker->arena, 1, sizeof(*route));
    size_t most = type->n; // And each name that the paths have here may be a tag.
    for (unsigned i = 0; i < places->n; i++) {
        most += node_of(maker, &places->at[i])->n_names;
    }
    route->name = type->name;
    route->ways = wn_arena_zeroed(maker->arena, most, sizeof(*route->ways));
    route->more = wn_arena_zeroed(maker->arena, most, sizeof(*route->more));
    for (unsigned i = 0; i < type->n; i++) {
        const struct wn_ber_field *field = &wn_ber_fields[type->first + i];
        struct wn_way_more more = {
            .name = { field->name, field->len },
            .type = &wn_ber_types[field->type],
        };
        const struct wn_places next = go_to(maker, places, more.name);
        if (more.type->what == WN_BER_VALUE && goes_on(maker, &next)) {
            more.type = &wn_route_undescribed; // What it holds is: a vendor's extension.
        }
        add_way(maker, route, field->tag, more, &next);
    }
    add_undescribed(maker, route, type, places);
    unsigned bits = 0;
    for (unsigned i = 0; i < route->n_ways; i++) {
        route->ways[i].bit = (uint8_t)(route->ways[i].wanted ? bits++ : 0);
    }
    return route;
}

bool wn_route_is_oid(struct wn_slice name)
{
    bool has_point = false;
    for (size_t i = 0; i < name.len; i++) {
        has_point = has_point || name.at[i] == '.';
        if ((name.at[i] < '0' || name.at[i] > '9') && name.at[i] != '.') {
            return false;
        }
    }
    return has_point;
}

static void add_oids(const struct maker *maker, struct wn_list_route *list,
                     const struct wn_places *places)
{
    struct wn_oid_route *oids = NULL;
    for (unsigned i = 0; i < places->n; i++) {
        const struct wn_trie_node *node = node_of(maker, &places->at[i]);
        for (size_t at = 0; node->n_names > 0 && at <= node->mask; at++) {
            const struct wn_trie_edge *edge = &node->edges[at];
            bool is_new = edge->node != 0 && wn_route_is_oid(edge->name);
            for (unsigned k = 0; k < list->n_oids; k++) {
                is_new = is_new && oids && !wn_slice_same(oids[k].oid, edge->name);
            }
            if (!is_new || list->n_oids == WN_TAKES) {
                continue;
            }
            oids = oids ? oids : wn_arena_zeroed(maker->arena, WN_TAKES, sizeof(*oids));
            const struct wn_places next = go_to(maker, places, edge->name);
            oids[list->n_oids++] = (struct wn_oid_route){
                .oid = edge->name,
                .stop = make_stop(maker, list->type, &next),
            };
        }
    }
    list->oids = oids;
}

static const struct wn_list_route *
make_list(const struct maker *maker, const struct wn_ber_type *type, const struct wn_places *places)
{
    struct wn_list_route *list = wn_arena_zeroed(maker->arena, 1, sizeof(*list));
    struct wn_places any = { .n = 0 };
    struct wn_places first = { .n = 0 };
    list->type = &wn_ber_types[type->of];
    for (unsigned i = 0; i < places->n; i++) {
        const struct wn_place *place = &places->at[i];
        const struct wn_trie_node *node = node_of(maker, place);
        add_place(&any, node->any, place->lane);
        add_place(&first, node->first, place->lane);
        add_place(&list->last_places, node->last, place->lane);
        if (node->any == 0 || place->lane != WN_LANE_TOP) {
            continue;
        }
        const struct wn_trie_node *element = &maker->paths->nodes[node->any];
        if (element->list != 0) {
            list->items |= (uint8_t)(1U << (element->list - 1));
            add_place(&any, WN_TRIE_ITEM, WN_LANE_ITEM + element->list - 1U);
        }
        list->outers |= element->outers;
        for (unsigned k = 0; k < WN_LISTS; k++) {
            if ((element->outers >> k & 1) != 0) {
                add_place(&any, WN_TRIE_OUTER, WN_LANE_OUTER + k);
            }
        }
    }
    list->any = make_stop(maker, list->type, &any);
    list->first = make_stop(maker, list->type, &first);
    list->last = make_stop(maker, list->type, &list->last_places);
    add_oids(maker, list, places);
    return list;
}

static struct wn_stop make_stop(const struct maker *maker, const struct wn_ber_type *type,
                                const struct wn_places *places)
{
    struct wn_stop stop = { 0 };
    if (places->n == 0) {
        return stop;
    }
    struct wn_put *puts = wn_arena_zeroed(maker->arena, places->n, sizeof(*puts));
    for (unsigned i = 0; i < places->n; i++) {
        const struct wn_trie_node *node = node_of(maker, &places->at[i]);
        if (node->take != WN_NO_TAKE) {
            puts[stop.n_puts].lane = places->at[i].lane;
            puts[stop.n_puts++].take = node->take;
        }
    }
    stop.puts = puts;
    if (type->what == WN_BER_LIST) {
        stop.list = make_list(maker, type, places);
    } else if (type->what != WN_BER_VALUE) {
        stop.inside = make_route(maker, type, places);
    }
    return stop;
}

const struct wn_route *wn_route_make(struct wn_arena *arena, const struct wn_paths *paths,
                                     uint16_t type)
{
    const struct maker maker = { .arena = arena, .paths = paths };
    const struct wn_places top = { .at = { { WN_TRIE_TOP, WN_LANE_TOP } }, .n = 1 };
    return make_route(&maker, &wn_ber_types[type], &top);
}
