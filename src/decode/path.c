// SPDX-License-Identifier: Apache-2.0

#include "winnow/path.h"

#include "trie.h"
#include "winnow/memory.h"
#include "winnow/record.h"

static uint16_t add_node(struct wn_paths *paths)
{
    if (paths->n_nodes == paths->capacity) {
        paths->capacity = paths->capacity ? 2 * paths->capacity : 64;
        paths->nodes = wn_grow(paths->nodes, paths->capacity, sizeof(*paths->nodes));
    }
    paths->nodes[paths->n_nodes] = (struct wn_trie_node){ .take = WN_NO_TAKE };
    return (uint16_t)paths->n_nodes++;
}

struct wn_paths *wn_paths_open(void)
{
    struct wn_paths *paths = wn_take(1, sizeof(*paths));
    for (unsigned i = WN_TRIE_TOP; i <= WN_TRIE_OUTER; i++) {
        add_node(paths);
    }
    return paths;
}

struct wn_paths *wn_paths_close(struct wn_paths *paths)
{
    if (paths) {
        for (unsigned i = 0; i < paths->n_nodes; i++) {
            free(paths->nodes[i].edges);
        }
        free(paths->nodes);
        wn_arena_deinit(&paths->arena);
        free(paths);
    }
    return NULL;
}

/** Cut the next name off a path that begins with a slash. */
static struct wn_slice next_name(struct wn_slice *path)
{
    assert(path->len > 0 && path->at[0] == '/');
    struct wn_slice name = wn_slice_after(*path, 1);
    const char *slash = name.len > 0 ? memchr(name.at, '/', name.len) : NULL;
    if (slash) {
        name.len = (size_t)(slash - name.at);
    }
    *path = wn_slice_after(*path, 1 + name.len);
    return name;
}

static enum wn_code check_path(struct wn_slice path, struct wn_error *err)
{
    if (path.len == 0 || path.at[0] != '/') {
        return wn_fail(err, WN_FATAL, "config", "a path begins with a slash, such as /a/b");
    }
    for (unsigned depth = 0; path.len > 0; depth++) {
        if (depth == WN_TRIE_DEPTH) {
            return wn_fail(err, WN_FATAL, "config", "a path has at most %d names", WN_TRIE_DEPTH);
        }
        if (next_name(&path).len == 0) {
            return wn_fail(err, WN_FATAL, "config", "a name in a path is empty");
        }
    }
    return WN_OK;
}

/** @return the child of this name in the list that a node has before it is compiled; 0: none. */
static uint16_t find_listed(const struct wn_trie_node *node, struct wn_slice name)
{
    for (unsigned i = 0; i < node->n_names; i++) {
        if (wn_slice_same(node->edges[i].name, name)) {
            return node->edges[i].node;
        }
    }
    return 0;
}

static void add_edge(struct wn_paths *paths, uint16_t parent, struct wn_slice name, uint16_t child)
{
    struct wn_trie_node *node = &paths->nodes[parent];
    node->edges = wn_grow(node->edges, node->n_names + 1U, sizeof(*node->edges));
    node->edges[node->n_names++] = (struct wn_trie_edge){
        .hash = wn_trie_hash(name),
        .name = wn_arena_copy(&paths->arena, name),
        .node = child,
    };
    paths->nodes[child].name = node->edges[node->n_names - 1].name;
}

/** Add a child; `0` and `-1` are names too, for objects that have such. */
static uint16_t add_child(struct wn_paths *paths, uint16_t parent, struct wn_slice name)
{
    bool is_star = wn_slice_is(name, "*");
    uint16_t child = is_star ? paths->nodes[parent].any : find_listed(&paths->nodes[parent], name);
    if (child != 0) {
        return child;
    }
    child = add_node(paths);
    struct wn_trie_node *node = &paths->nodes[parent];
    if (is_star) {
        node->any = child;
        return child;
    }
    if (wn_slice_is(name, "0")) {
        node->first = child;
    } else if (wn_slice_is(name, "-1")) {
        node->last = child;
    }
    add_edge(paths, parent, name, child);
    return child;
}

static uint16_t add_nodes(struct wn_paths *paths, uint16_t node, struct wn_slice path)
{
    while (path.len > 0) {
        struct wn_slice name = next_name(&path);
        node = add_child(paths, node, name);
    }
    return node;
}

/** Add a path below `top` and give it the next number of `count`, unless it has one. */
static enum wn_code add_take(struct wn_paths *paths, uint16_t top, struct wn_slice path,
                             unsigned *count, uint8_t *ret_take, struct wn_error *err)
{
    assert(!paths->compiled);
    if (check_path(path, err) != WN_OK) {
        return err->code;
    }
    uint16_t number = add_nodes(paths, top, path); // May move the nodes.
    struct wn_trie_node *node = &paths->nodes[number];
    if (node->take == WN_NO_TAKE) {
        if (*count == WN_TAKES) {
            return wn_fail(err, WN_FATAL, "config", "a source has at most %d paths", WN_TAKES);
        }
        node->take = (uint8_t)(*count)++;
    }
    *ret_take = node->take;
    return WN_OK;
}

enum wn_code wn_paths_add(struct wn_paths *paths, struct wn_slice path, uint8_t *ret_take,
                          struct wn_error *err)
{
    return add_take(paths, WN_TRIE_TOP, path, &paths->n_takes, ret_take, err);
}

enum wn_code wn_paths_add_item(struct wn_paths *paths, struct wn_slice path, uint8_t *ret_take,
                               struct wn_error *err)
{
    const bool is_outer = wn_slice_starts(path, "../");
    if (!is_outer && !wn_slice_starts(path, "./")) {
        return wn_fail(err, WN_FATAL, "config", "a path from the item begins with ./ or ../");
    }
    return add_take(paths, is_outer ? WN_TRIE_OUTER : WN_TRIE_ITEM,
                    wn_slice_after(path, is_outer ? 2 : 1), &paths->n_item_takes, ret_take, err);
}

struct wn_slice wn_trie_outer(struct wn_slice list)
{
    static const char star[] = "/*/";
    for (size_t len = list.len; len > 2; len--) {
        if (wn_slice_starts(wn_slice_after(list, len - 2), star)) {
            return (struct wn_slice){ list.at, len };
        }
    }
    return (struct wn_slice){ 0 };
}

/** Mark the elements that the list of this number lies in. */
static void mark_outer(struct wn_paths *paths, struct wn_slice path, unsigned list)
{
    const struct wn_slice outer = wn_trie_outer(path);
    if (outer.len > 0) {
        const uint16_t number = add_nodes(paths, WN_TRIE_TOP, outer);
        paths->nodes[number].outers |= (uint8_t)(1U << list);
    }
}

enum wn_code wn_paths_add_each(struct wn_paths *paths, struct wn_slice path, uint8_t *ret_list,
                               struct wn_error *err)
{
    assert(!paths->compiled);
    if (check_path(path, err) != WN_OK) {
        return err->code;
    }
    if (path.len < 3 || path.at[path.len - 1] != '*' || path.at[path.len - 2] != '/') {
        return wn_fail(err, WN_FATAL, "config", "a list of items ends with a star, such as /a/*");
    }
    uint16_t number = add_nodes(paths, WN_TRIE_TOP, path); // May move the nodes.
    struct wn_trie_node *node = &paths->nodes[number];
    if (node->list == 0) {
        if (paths->n_lists == WN_LISTS) {
            return wn_fail(err, WN_FATAL, "config", "items come from at most %d lists", WN_LISTS);
        }
        node->list = (uint8_t)++paths->n_lists;
        mark_outer(paths, path, paths->n_lists - 1);
    }
    *ret_list = (uint8_t)(paths->nodes[number].list - 1);
    return WN_OK;
}

enum wn_code wn_paths_encode(struct wn_paths *paths, struct wn_slice path,
                             enum wn_escaping escaping, struct wn_error *err)
{
    assert(!paths->compiled);
    if (check_path(path, err) != WN_OK) {
        return err->code;
    }
    struct wn_trie_encoded *encoded = wn_arena_zeroed(&paths->arena, 1, sizeof(*encoded));
    encoded->path = wn_arena_copy(&paths->arena, path);
    encoded->escaping = escaping;
    encoded->next = paths->encoded;
    paths->encoded = encoded;
    return WN_OK;
}

/**
 * Mark what an encoded path covers: every node that it leads to and all below. A star stands for
 * each child; an element of a list of items is an item besides. Ends at the trie's depth.
 */
static void mark_encoded(struct wn_paths *paths, uint16_t at, struct wn_slice path,
                         enum wn_escaping escaping)
{
    struct wn_trie_node *node = &paths->nodes[at];
    if (node->list != 0) {
        mark_encoded(paths, WN_TRIE_ITEM, path, escaping);
    }
    bool covers_all = path.len == 0;
    if (covers_all) {
        node->escaping = escaping;
    }
    struct wn_slice name = covers_all ? wn_slice_of("*") : next_name(&path);
    bool is_star = wn_slice_is(name, "*");
    for (unsigned i = 0; i < node->n_names; i++) {
        if (is_star || wn_slice_same(node->edges[i].name, name)) {
            mark_encoded(paths, node->edges[i].node, path, escaping);
        }
    }
    if (is_star && node->any != 0) {
        mark_encoded(paths, node->any, path, escaping);
    }
}

void wn_paths_wrap(struct wn_paths *paths, const struct wn_wrapping *wrapping)
{
    assert(!paths->compiled);
    paths->wrapping.wrapped = wn_arena_copy(&paths->arena, wrapping->wrapped);
    paths->wrapping.named = wn_arena_copy(&paths->arena, wrapping->named);
    paths->wrapping.single = wrapping->single;
}

/** Add a node that has the take, the children and the escaping of another. */
static uint16_t add_twin(struct wn_paths *paths, uint16_t number)
{
    uint16_t twin = add_node(paths); // May move the nodes.
    const struct wn_trie_node *node = &paths->nodes[number];
    struct wn_trie_node *at = &paths->nodes[twin];
    *at = *node;
    at->edges = NULL;
    if (node->n_names > 0) {
        at->edges = wn_grow(NULL, node->n_names, sizeof(*at->edges));
        memcpy(at->edges, node->edges, node->n_names * sizeof(*at->edges));
    }
    return twin;
}

/** Give a node its twins: the value within a wrapping, and the only element of a list. */
static void wrap_node(struct wn_paths *paths, uint16_t number)
{
    const struct wn_wrapping *wrapping = &paths->wrapping;
    const struct wn_trie_node *node = &paths->nodes[number];
    bool has_elements = node->first != 0 || node->last != 0 || node->any != 0;
    uint16_t sole = wrapping->single && !has_elements ? add_twin(paths, number) : 0;
    paths->nodes[number].sole = sole;

    bool is_wrapped = wrapping->wrapped.len > 0;
    if (is_wrapped && find_listed(&paths->nodes[number], wrapping->wrapped) == 0) {
        uint16_t inner = add_twin(paths, number);
        paths->nodes[number].inner = inner;
        add_edge(paths, number, wrapping->wrapped, inner);
    }
}

/** Make a hash table, at most half full, of a node's list of children. */
static void compile_node(struct wn_trie_node *node)
{
    if (node->n_names == 0) {
        return;
    }
    size_t places = 2;
    while (places < (size_t)2 * node->n_names) {
        places *= 2;
    }
    struct wn_trie_edge *table = wn_grow(NULL, places, sizeof(*table));
    memset(table, 0, places * sizeof(*table));
    node->mask = (uint32_t)places - 1;
    for (unsigned i = 0; i < node->n_names; i++) {
        size_t place = node->edges[i].hash & node->mask;
        while (table[place].node != 0) {
            place = (place + 1) & node->mask;
        }
        table[place] = node->edges[i];
    }
    free(node->edges);
    node->edges = table;
}

void wn_paths_compile(struct wn_paths *paths)
{
    assert(!paths->compiled);
    for (const struct wn_trie_encoded *it = paths->encoded; it; it = it->next) {
        mark_encoded(paths, WN_TRIE_TOP, it->path, it->escaping);
    }
    for (unsigned i = WN_TRIE_OUTER + 1, n = paths->n_nodes; i < n; i++) {
        if (paths->nodes[i].list == 0) {
            wrap_node(paths, (uint16_t)i);
        }
    }
    for (unsigned i = 0; i < paths->n_nodes; i++) {
        compile_node(&paths->nodes[i]);
    }
    paths->compiled = true;
}

unsigned wn_paths_count(const struct wn_paths *paths)
{
    return paths->n_takes;
}

unsigned wn_paths_count_item(const struct wn_paths *paths)
{
    return paths->n_item_takes;
}

unsigned wn_paths_count_lists(const struct wn_paths *paths)
{
    return paths->n_lists;
}

void wn_taken_pick(struct wn_taken_set *taken, const uint8_t *lists, unsigned n)
{
    taken->items = NULL;
    taken->n_items = 0;
    for (unsigned i = 0; taken->lists && i < n && taken->n_items == 0; i++) {
        taken->items = taken->lists[lists[i]].rows;
        taken->n_items = taken->lists[lists[i]].n;
    }
}

enum wn_code wn_trie_add_item(const struct wn_paths *paths, struct wn_arena *arena,
                              struct wn_taken_list *list, unsigned first, struct wn_taken **ret_row,
                              struct wn_error *err)
{
    const unsigned n_takes = paths->n_item_takes;
    if (list->n == WN_ITEMS) {
        return wn_fail(err, WN_REJECT, "too-many-items", "a list has more than %d items", WN_ITEMS);
    }
    if (list->n == list->capacity) {
        const unsigned capacity = list->capacity ? 2 * list->capacity : first;
        struct wn_taken *rows = wn_arena_zeroed(arena, (size_t)capacity * n_takes, sizeof(*rows));
        if (list->n > 0) {
            memcpy(rows, list->rows, (size_t)list->n * n_takes * sizeof(*rows));
        }
        list->rows = rows;
        list->capacity = capacity;
    }
    *ret_row = list->rows + (size_t)list->n * n_takes;
    list->n++;
    return WN_OK;
}
