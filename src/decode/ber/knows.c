// SPDX-License-Identifier: Apache-2.0

/*
 * Whether a record of the description can have a path at all: the same steps as routes take
 * (route.c), by the path's names alone. What is a vendor's is free: a tag that is not described
 * there, an object identifier in a list, all below them.
 */

#include "knows.h"

#include <stdio.h>

#include "route.h"
#include "winnow/config.h"

enum {
    NAME_MOST = 64, // Octets of a name that is compared; described ones are shorter.
};

/** How far the record that went furthest went. */
struct search {
    struct wn_slice left; ///< Of the path, from the name that is not there.
    const char *nearest;
    size_t distance;
};

/** Take note of the name that is nearest to the one that a type has not. */
static void miss(struct search *search, struct wn_slice left, struct wn_slice name,
                 const struct wn_ber_type *type)
{
    char word[NAME_MOST];
    if (left.len < search->left.len) {
        *search = (struct search){ .left = left };
    }
    if (left.len > search->left.len || name.len >= sizeof(word)) {
        return;
    }
    memcpy(word, name.at, name.len);
    word[name.len] = '\0';
    for (unsigned i = 0; type->what != WN_BER_LIST && i < type->n; i++) {
        const char *one[] = { wn_ber_fields[type->first + i].name, NULL };
        const char *nearest = wn_config_nearest(word, one);
        const size_t distance = nearest ? wn_config_distance(word, nearest) : 0;
        if (nearest && (!search->nearest || distance < search->distance)) {
            search->nearest = nearest;
            search->distance = distance;
        }
    }
    search->nearest = type->what == WN_BER_LIST ? "*" : search->nearest;
}

/** @return the type that a name leads to from another, or NULL. */
static const struct wn_ber_type *go_to(const struct wn_ber_type *type, struct wn_slice name)
{
    uint32_t tag;
    struct wn_slice form;
    if (type->what == WN_BER_LIST) {
        const bool is_element = wn_slice_is(name, "*") || wn_slice_is(name, "0") ||
                                wn_slice_is(name, "-1") || wn_route_is_oid(name);
        return is_element ? &wn_ber_types[type->of] : NULL;
    }
    const bool is_described = type->what == WN_BER_GROUP || type->what == WN_BER_CHOICE;
    for (unsigned i = 0; is_described && i < type->n; i++) {
        const struct wn_ber_field *field = &wn_ber_fields[type->first + i];
        if (wn_slice_same((struct wn_slice){ field->name, field->len }, name)) {
            return &wn_ber_types[field->type];
        }
    }
    if (!wn_route_read_tag(name, &tag, &form) || (is_described && wn_ber_find(type, tag))) {
        return NULL;
    }
    return &wn_route_undescribed;
}

/** Whether a record with these fields has the path; where not, how far it went, if that is asked.
 */
static bool has(const struct wn_ber_type *type, struct wn_slice path, struct search *search)
{
    while (path.len > 0) {
        const struct wn_slice left = path;
        struct wn_slice name = wn_slice_after(path, 1);
        const char *slash = name.len > 0 ? memchr(name.at, '/', name.len) : NULL;
        name.len = slash ? (size_t)(slash - name.at) : name.len;
        path = wn_slice_after(path, 1 + name.len);
        type = type->what == WN_BER_VALUE ? &wn_route_undescribed : type;
        const struct wn_ber_type *next = go_to(type, name);
        if (!next) {
            if (search) {
                miss(search, left, name, type);
            }
            return false;
        }
        type = next;
    }
    return true;
}

/** Whether any record has the path; `search` NULL: how far they went is not asked. */
static bool any_has(struct wn_slice path, struct search *search)
{
    for (unsigned i = 0; i < wn_ber_n_records; i++) {
        const uint16_t fields = wn_ber_records[i].fields;
        if (fields != 0 && has(&wn_ber_types[fields], path, search)) {
            return true;
        }
    }
    return false;
}

bool wn_ber_knows(struct wn_slice path, size_t *ret_at, const char **ret_nearest)
{
    struct search search = { .left = path };
    // The nearest name is looked for only where it will be told: that takes most of the time.
    if (any_has(path, NULL) || any_has(path, &search)) {
        return true;
    }
    *ret_at = path.len - search.left.len;
    *ret_nearest = search.nearest;
    return false;
}
