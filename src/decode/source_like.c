// SPDX-License-Identifier: Apache-2.0

/*
 * A source that is another one, but for what it says itself.
 *
 *     ours.yaml                          asterisk-csv.yaml
 *         like: asterisk-csv      ┌───►      csv, clock, fields …    every key that ours has not
 *         node: {value: pbx-2} ───┘          words                   list by list
 *         words: {trunks: [T-]}
 *
 * The trees are joined before anything of them is read, so no other part knows of it. Each node
 * keeps the line and the file that it stands in (config.h).
 */

#include <stdio.h>

#include "load.h"
#include "winnow/io.h"

enum {
    FILE_MOST = 1 << 20, // As base/config.c.
};

/** @return the path of a source beside another one's file, in the arena; NULL: no such name. */
static const char *beside(const struct wn_loader *loader, struct wn_slice name)
{
    const char *file = loader->config.file;
    const char *slash = strrchr(file, '/');
    const int folder = slash ? (int)(slash - file) + 1 : 0;
    const size_t size = (size_t)folder + name.len + sizeof(".yaml");
    char *path = wn_arena_take(&loader->plan->arena, size);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
            return NULL;
        }
    }
    (void)snprintf(path, size, "%.*s%.*s.yaml", folder, file, (int)name.len, name.at);
    return name.len > 0 ? path : NULL;
}

/** Read the file that `like` names. @return false and a fault. */
static bool read_other(struct wn_loader *loader, const struct wn_node *like, unsigned n,
                       struct wn_buffer *bytes, struct wn_node *ret_root)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer read = { 0 };
    struct wn_error err = { 0 };
    if (!wn_config_text(&loader->config, like, "like")) {
        return false;
    }
    if (n == WN_CONFIG_OTHERS) {
        wn_config_fault(&loader->config, like,
                        "like: more than %d sources, each like the next; name the last one here",
                        WN_CONFIG_OTHERS);
        return false;
    }
    const char *path = beside(loader, like->text);
    if (!path || wn_io_read(path, FILE_MOST, &read, &err) != WN_OK) {
        wn_config_fault(&loader->config, like,
                        "like: the name of a source that lies beside this one is expected here%s%s",
                        path ? ": " : "", path ? err.text : "");
        return false;
    }
    wn_buffer_add(bytes, read.at, read.len);
    struct wn_config other = {
        .file = path,
        .faults = loader->config.faults,
        .arena = loader->config.arena,
        .first_line = (n + 1) * WN_CONFIG_LINES,
    };
    loader->config.others[n] = path;
    if (!wn_config_parse(&other, wn_buffer_slice(&read))) {
        return false;
    }
    *ret_root = other.root;
    return true;
}

struct wn_node wn_plan_load_joined(struct wn_loader *loader, const struct wn_node *own,
                                   const char *but, const struct wn_node *other)
{
    struct wn_pair *pairs = wn_plan_load_zeroed(loader, own->n + other->n, sizeof(*pairs));
    struct wn_node joined = { .type = WN_NODE_MAP, .line = own->line, .pairs = pairs };
    for (size_t i = 0; i < own->n; i++) {
        if (!but || !wn_slice_is(own->pairs[i].key, but)) {
            pairs[joined.n++] = own->pairs[i];
        }
    }
    const size_t n_own = joined.n;
    for (size_t i = 0; i < other->n; i++) {
        bool has = false;
        for (size_t j = 0; j < n_own && !has; j++) {
            has = wn_slice_same(pairs[j].key, other->pairs[i].key);
        }
        if (!has) {
            pairs[joined.n++] = other->pairs[i];
        }
    }
    return joined;
}

/** Put the lists of words of the other source beside our own. */
static void join_words(struct wn_loader *loader, struct wn_node *root, const struct wn_node *other)
{
    const struct wn_node *words = wn_config_find(other, "words");
    struct wn_pair *pairs = wn_plan_load_zeroed(loader, root->n, sizeof(*pairs));
    for (size_t i = 0; i < root->n; i++) {
        pairs[i] = root->pairs[i];
        if (words && words->type == WN_NODE_MAP && wn_slice_is(pairs[i].key, "words") &&
            pairs[i].value.type == WN_NODE_MAP) {
            pairs[i].value = wn_plan_load_joined(loader, &pairs[i].value, NULL, words);
        }
    }
    root->pairs = pairs;
}

void wn_plan_load_like(struct wn_loader *loader, struct wn_buffer *bytes)
{
    static const struct wn_node nothing = { .type = WN_NODE_MAP };
    struct wn_node *root = &loader->config.root;
    const struct wn_node *like;
    for (unsigned n = 0; (like = wn_config_find(root, "like")) != NULL; n++) {
        struct wn_node other = nothing;
        if (!read_other(loader, like, n, bytes, &other)) {
            loader->is_unlike = true;
            return;
        }
        *root = wn_plan_load_joined(loader, root, "like", &other);
        join_words(loader, root, &other);
    }
}
