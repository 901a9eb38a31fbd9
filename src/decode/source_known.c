// SPDX-License-Identifier: Apache-2.0

/* Paths against what the format knows of its records: a slip would be absent from every one. */

#include "load.h"
#include "trie.h"

static void tell(struct wn_loader *loader, const struct wn_node *node, const char *key,
                 struct wn_slice path, size_t at, const char *nearest)
{
    struct wn_slice name = wn_slice_after(path, at + 1);
    const char *slash = name.len > 0 ? memchr(name.at, '/', name.len) : NULL;
    name.len = slash ? (size_t)(slash - name.at) : name.len;
    const int shown = name.len < 64 ? (int)name.len : 64;
    const int before = at < 128 ? (int)at : 128;
    if (nearest) {
        wn_config_fault(&loader->config, node,
                        "%s: there is no '%.*s'%s%.*s in any record; did you mean '%s'?", key,
                        shown, name.at, at > 0 ? " under " : "", before, path.at, nearest);
    } else {
        wn_config_fault(&loader->config, node,
                        "%s: there is no '%.*s'%s%.*s in any record; what the standard does not "
                        "know is named by its tag, such as context.120",
                        key, shown, name.at, at > 0 ? " under " : "", before, path.at);
    }
}

/**
 * Put the path of an item behind that of its list, or of the element around it.
 *
 * @return false where the list lies in no element
 */
static bool join(struct wn_slice list, struct wn_slice path, struct wn_buffer *out)
{
    const bool is_outer = wn_slice_starts(path, "../");
    const struct wn_slice from = is_outer ? wn_trie_outer(list) : list;
    if (from.len == 0) {
        return false;
    }
    out->len = 0;
    wn_buffer_add(out, from.at, from.len);
    path = wn_slice_after(path, is_outer ? 2 : 1);
    wn_buffer_add(out, path.at, path.len);
    return true;
}

/** As wn_plan_load_path_is_known(), of an item: one of its lists suffices. */
static bool item_is_known(struct wn_loader *loader, const struct wn_node *node,
                          struct wn_slice path, const char *key)
{
    const struct wn_format *format = loader->source->format;
    const bool is_list = loader->each && loader->each->type == WN_NODE_LIST;
    const struct wn_node *lists = is_list ? loader->each->items : loader->each;
    const size_t n = is_list ? loader->each->n : loader->each != NULL;
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer whole = { 0 };
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer missed = { 0 };
    const char *nearest = NULL;
    size_t missed_at = 0;
    for (size_t i = 0; i < n; i++) {
        const char *near_here;
        size_t at;
        if (lists[i].type != WN_NODE_TEXT || !format->knows(lists[i].text, &at, &near_here)) {
            return true; // Its own fault is said.
        }
        if (!join(lists[i].text, path, &whole)) {
            continue;
        }
        if (format->knows(wn_buffer_slice(&whole), &at, &near_here)) {
            return true;
        }
        if (missed.len == 0 || (!nearest && near_here)) {
            missed.len = 0;
            wn_buffer_add(&missed, whole.at, whole.len);
            missed_at = at;
            nearest = near_here;
        }
    }
    if (missed.len > 0) {
        tell(loader, node, key, wn_buffer_slice(&missed), missed_at, nearest);
    }
    return missed.len == 0;
}

bool wn_plan_load_path_is_known(struct wn_loader *loader, const struct wn_node *node,
                                struct wn_slice path, const char *key)
{
    const struct wn_format *format = loader->source->format;
    const char *nearest;
    size_t at;
    if (!format || !format->knows) {
        return true;
    }
    if (path.at[0] == '.') {
        return item_is_known(loader, node, path, key);
    }
    if (!format->knows(path, &at, &nearest)) {
        tell(loader, node, key, path, at, nearest);
        return false;
    }
    return true;
}
