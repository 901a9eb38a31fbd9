// SPDX-License-Identifier: Apache-2.0

/*
 * Any bytes give a tree or a fault. A tree is a map at most 32 levels deep, whose texts end in a
 * NUL and hold none, and whose maps hold no key twice; every fault is one printable line.
 */

#include <stdlib.h>

#include "winnow/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MOST_DEPTH = 32
};

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_text(struct wn_slice text)
{
    demand(text.at[text.len] == '\0' && strlen(text.at) == text.len);
}

/** Ask every getter; none may crash over any node. */
static void ask(const struct wn_config *config, const struct wn_node *node)
{
    static const char *const words[] = { "workers", "commit", NULL };
    int64_t number;
    bool yes;
    const char *text = wn_config_text(config, node, "k");
    demand(!text || text == node->text.at);
    (void)wn_config_number(config, node, "k", 0, 9, &number);
    (void)wn_config_bool(config, node, "k", &yes);
    (void)wn_config_duration(config, node, "k", &number);
    (void)wn_config_bytes(config, node, "k", &number);
    (void)wn_config_word(config, node, "k", words);
    wn_config_keys(config, node, "k", words);
}

static void check(const struct wn_config *config, const struct wn_node *node, int depth)
{
    demand(depth <= MOST_DEPTH && node->line > 0);
    ask(config, node);
    if (node->type == WN_NODE_TEXT) {
        check_text(node->text);
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node->type == WN_NODE_LIST) {
            check(config, &node->items[i], depth + 1);
            continue;
        }
        const struct wn_pair *pair = &node->pairs[i];
        check_text(pair->key);
        demand(wn_config_find(node, pair->key.at) == &pair->value);
        check(config, &pair->value, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_config config = { .file = "f", .faults = &faults, .arena = &arena };
    bool is_tree = wn_config_parse(&config, (struct wn_slice){ (const char *)data, size });
    if (is_tree) {
        demand(config.root.type == WN_NODE_MAP);
        check(&config, &config.root, 0);
    }
    demand(is_tree || faults.n > 0);
    unsigned lines = 0;
    for (size_t i = 0; i < faults.lines.len; i++) {
        lines += faults.lines.at[i] == '\n';
        demand(faults.lines.at[i] == '\n' ||
               (faults.lines.at[i] >= ' ' && faults.lines.at[i] != 127));
    }
    demand(lines == faults.n);
    wn_faults_deinit(&faults);
    wn_arena_deinit(&arena);
    return 0;
}
