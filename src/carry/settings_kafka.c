// SPDX-License-Identifier: Apache-2.0

#include "settings_parts.h"

/** What winnow owns: set otherwise, records would be lost, doubled or unseen. */
static const struct owned {
    const char *name; ///< A `*` at its end stands for anything.
    const char *reason;
} owned[] = {
    { "group.id", "it is set by group:" },
    { "group.instance.id", "it is made of group:, instance: and the worker's number" },
    { "client.id", "it is made of group:, instance: and the worker's number" },
    { "transactional.id", "it is made of group:, instance: and the worker's number" },
    { "isolation.level", "only committed records may be read, or doubles come in" },
    { "enable.auto.*", "offsets are committed with the outputs, in one transaction" },
    { "auto.commit.*", "offsets are committed with the outputs, in one transaction" },
    { "auto.offset.reset",
      "winnow sets every start itself, so that a gap is a break with a receipt" },
    { "partition.assignment.strategy", "state follows partitions by the eager assignors only" },
    { "group.protocol*", "state follows partitions by the classic group protocol only" },
    { "group.remote.assignor", "state follows partitions by the classic group protocol only" },
    { "acks", "a transaction needs all replicas" },
    { "request.required.acks", "a transaction needs all replicas" },
    { "enable.idempotence", "a transaction needs it" },
    { "enable.partition.eof", "the end of a partition closes its transaction" },
    { "partitioner*", "the records of a subscriber must stay on one partition" },
    { "plugin.library.paths", "foreign code would run beside the keys" },
};

static bool is_named(const struct owned *row, struct wn_slice name)
{
    size_t len = strlen(row->name);
    if (row->name[len - 1] != '*') {
        return wn_slice_is(name, row->name);
    }
    return name.len >= len - 1 && memcmp(name.at, row->name, len - 1) == 0;
}

/** @return why winnow owns a property, or NULL. */
static const char *why_owned(struct wn_slice name)
{
    for (size_t i = 0; i < WN_COUNT(owned); i++) {
        if (is_named(&owned[i], name)) {
            return owned[i].reason;
        }
    }
    return NULL;
}

void wn_settings_kafka(const struct wn_config *config, const struct wn_node *map, const char *key,
                       struct wn_properties *ret_properties)
{
    if (!map) {
        return;
    }
    if (map->type != WN_NODE_MAP) {
        wn_config_fault(config, map, "%s: a map of librdkafka's properties is expected here", key);
        return;
    }
    struct wn_property *list = wn_arena_zeroed(config->arena, map->n + 1, sizeof(*list));
    unsigned n = 0;
    for (size_t i = 0; i < map->n; i++) {
        const struct wn_pair *pair = &map->pairs[i];
        const char *reason = why_owned(pair->key);
        if (reason) {
            wn_faults_add(config->faults, config->file, pair->line,
                          "%s: %.64s is winnow's own: %s; leave it out", key, pair->key.at, reason);
        } else if (pair->value.type != WN_NODE_TEXT) {
            wn_faults_add(config->faults, config->file, pair->line,
                          "%s: %.64s: a text is expected here", key, pair->key.at);
        } else {
            list[n++] = (struct wn_property){ pair->key.at, pair->value.text.at, pair->line };
        }
    }
    *ret_properties = (struct wn_properties){ list, n };
}
