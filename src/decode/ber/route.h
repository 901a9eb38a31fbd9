// SPDX-License-Identifier: Apache-2.0

/**
 * Routes: the description of the records laid over what a source wants, made once when a reader is
 * opened, so that a record is walked by tags alone and no name is compared.
 *
 * A *route* is a group or choice as it is met at one place of one record type: for each field what
 * becomes of it. A *lane* is a row that values go to: the record's top, the item of a list, or the
 * element around it.
 */

#ifndef WINNOW_DECODE_BER_ROUTE_H
#define WINNOW_DECODE_BER_ROUTE_H

#include "../trie.h"
#include "element.h"

enum {
    WN_LANE_TOP = 0,
    WN_LANE_ITEM = 1,                        ///< Of the first list.
    WN_LANE_OUTER = WN_LANE_ITEM + WN_LISTS, ///< Of the element around the first list's.
    WN_LANES = WN_LANE_OUTER + WN_LISTS,
    WN_ROUTE_TAGS = 128,   ///< Context tags below have a place in a route's table.
    WN_ROUTE_PLACES = 16,  ///< Nodes of the trie that one field may stand for, at most.
    WN_ROUTE_FIELDS = 250, ///< Wanted fields of a route, at most: as many as takes.
};

/** A value's way: into which row, as which take. */
struct wn_put {
    uint8_t lane, take;
};

/** Where in the trie a walk is, at once. */
struct wn_place {
    uint16_t node;
    uint8_t lane;
};

struct wn_places {
    struct wn_place at[WN_ROUTE_PLACES];
    unsigned n;
};

struct wn_route;

/** What becomes of a value, or of what is in a group, choice or list. */
struct wn_stop {
    const struct wn_put *puts;
    unsigned n_puts;
    const struct wn_route *inside;    ///< Of a group or choice; NULL: not entered.
    const struct wn_list_route *list; ///< Of a list; NULL: not entered.
};

/** An element that is chosen by an object identifier. */
struct wn_oid_route {
    struct wn_slice oid; ///< As text.
    struct wn_stop stop;
};

/** A list whose elements are wanted. */
struct wn_list_route {
    const struct wn_ber_type *type; ///< Of its elements.
    struct wn_stop any;             ///< Of each element.
    struct wn_stop first, last;     ///< Of the first, of the last, besides.
    uint8_t items;                  ///< Bit of each list of items whose element is an item.
    uint8_t outers;                 ///< Bit of each list of items that lies in an element.
    struct wn_places last_places;   ///< What is forgotten where the list goes on.
    const struct wn_oid_route *oids;
    unsigned n_oids;
};

/** A field: what is looked at for each element. Small, so that a route stays in the cache. */
struct wn_way {
    uint32_t tag;
    uint32_t learned; ///< When `number` was; see struct wn_walk.
    uint16_t number;  ///< Of drift; 0: it has none.
    uint8_t bit;      ///< Number among the wanted ones.
    bool wanted;
    bool is_plain; ///< Wanted as one take of a value that is no IP address: `put` and `form`.
    uint8_t form;
    struct wn_put put;
};

/** What a field is besides. */
struct wn_way_more {
    struct wn_slice name; ///< What drift is counted under.
    const struct wn_ber_type *type;
    struct wn_stop stop;
};

struct wn_route {
    const char *name; ///< Of the type.
    struct wn_way *ways;
    struct wn_way_more *more; ///< Of each way.
    unsigned n_ways;
    uint8_t by_tag[WN_ROUTE_TAGS]; ///< Number of the way of a context tag, from 1.
};

/** Lay the fields of a record type over the paths. `arena` outlives the routes. */
const struct wn_route *wn_route_make(struct wn_arena *arena, const struct wn_paths *paths,
                                     uint16_t type);

/**
 * Find what an element that is not described is called, in drift and in paths: `context.120`.
 *
 * @param name  Room for it. @return its length
 */
size_t wn_route_tag_name(uint32_t tag, char name[32]);

/** Type of what is not described and is gone into: its elements are not described either. */
extern const struct wn_ber_type wn_route_undescribed;

/** Read a path's name of a tag, and the form behind its colon. @return false where it is none. */
bool wn_route_read_tag(struct wn_slice name, uint32_t *ret_tag, struct wn_slice *ret_form);

/** @return whether a name is an object identifier: digits and points. */
bool wn_route_is_oid(struct wn_slice name);

#endif
