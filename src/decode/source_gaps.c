// SPDX-License-Identifier: Apache-2.0

/*
 * `gaps`: where a record has the number that its node gave it, so that numbers which never came can
 * be told; and where a file says which of its node's files it is.
 */

#include "load.h"

/** @return the conversion of this name. */
static const struct wn_conversion *find_conversion(const char *name)
{
    const struct wn_conversion *conversion = NULL;
    for (unsigned i = 0; (conversion = wn_conversion_at(i)) != NULL; i++) {
        if (strcmp(conversion->name, name) == 0) {
            return conversion;
        }
    }
    return NULL;
}

/** Read a number's paths. */
static void load_number(struct wn_loader *loader, const struct wn_place *place,
                        const struct wn_node *number, struct wn_term *ret_term)
{
    *ret_term = (struct wn_term){ .kind = WN_KIND_COUNT };
    wn_plan_set_conversion(ret_term, find_conversion("int"));
    wn_plan_load_paths(loader, place, number, "number", &ret_term->from);
}

/** Read `files`: paths of parts. */
static void load_files(struct wn_loader *loader, const struct wn_node *files)
{
    static const char *const keys[] = { "number", "node", NULL };
    const struct wn_place place = { .of_part = true };
    struct wn_source_plan *plan = loader->plan;
    wn_config_keys(&loader->config, files, "files", keys);
    const struct wn_node *number = wn_config_find(files, "number");
    const struct wn_node *node = wn_config_find(files, "node");
    if (!number) {
        wn_config_fault(&loader->config, files,
                        "files: {number: PATHS}, with `node: PATHS` or without, is expected here");
        return;
    }
    load_number(loader, &place, number, &plan->gaps.file_number);
    if (node) {
        wn_plan_load_paths(loader, &place, node, "node", &plan->gaps.file_node.from);
    }
}

void wn_plan_load_gaps(struct wn_loader *loader)
{
    static const char *const keys[] = { "number", "node", "join", "files", NULL };
    const struct wn_node *map = wn_config_find(&loader->config.root, "gaps");
    const struct wn_place place = { 0 };
    struct wn_source_plan *plan = loader->plan;
    if (!map) {
        return;
    }
    wn_config_keys(&loader->config, map, "gaps", keys);
    if (map->type != WN_NODE_MAP) {
        return;
    }
    const struct wn_node *number = wn_config_find(map, "number");
    const struct wn_node *node = wn_config_find(map, "node");
    const struct wn_node *join = wn_config_find(map, "join");
    const struct wn_node *files = wn_config_find(map, "files");
    if ((!number && !files) || (!number && (node || join)) || (node && join)) {
        wn_config_fault(&loader->config, map,
                        "gaps: {number: PATHS}, with `node: PATHS` or `join: PATHS` or neither, is "
                        "expected here");
        return;
    }
    plan->gaps.line = map->line;
    if (files) {
        load_files(loader, files);
    }
    if (!number) {
        return;
    }
    load_number(loader, &place, number, &plan->gaps.number);
    if (node || join) {
        wn_plan_load_paths(loader, &place, node ? node : join, node ? "node" : "join",
                           &plan->gaps.node.from);
        plan->gaps.node.joins = join != NULL;
    }
}
