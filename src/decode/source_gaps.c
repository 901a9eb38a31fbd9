// SPDX-License-Identifier: Apache-2.0

/*
 * `gaps`: where a record has the number that its node gave it, so that numbers which never came can
 * be told.
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

void wn_plan_load_gaps(struct wn_loader *loader)
{
    static const char *const keys[] = { "number", "node", "join", NULL };
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
    if (!number || (node && join)) {
        wn_config_fault(&loader->config, map,
                        "gaps: {number: PATHS}, with `node: PATHS` or `join: PATHS` or neither, is "
                        "expected here");
        return;
    }
    const struct wn_conversion *conversion = find_conversion("int");
    plan->gaps.line = map->line;
    plan->gaps.number = (struct wn_term){ .kind = WN_KIND_COUNT,
                                          .convert = conversion->convert,
                                          .reason = conversion->reason };
    wn_plan_load_paths(loader, &place, number, "number", &plan->gaps.number.from);
    if (node || join) {
        wn_plan_load_paths(loader, &place, node ? node : join, node ? "node" : "join",
                           &plan->gaps.node);
        plan->gaps.joins = join != NULL;
    }
}
