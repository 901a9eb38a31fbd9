// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>
#include <string.h>

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

/** What stands in no configuration: it is in a file or a credential. */
static const char *const secrets[] = {
    "sasl.password",    "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config",
    "ssl.key.password", "ssl.keystore.password",          "ssl.key.pem",
    "ssl_key",
};

static bool is_secret(struct wn_slice name)
{
    for (size_t i = 0; i < WN_COUNT(secrets); i++) {
        if (wn_slice_is(name, secrets[i])) {
            return true;
        }
    }
    return false;
}

bool wn_settings_secret(const struct wn_config *config, const struct wn_node *node, const char *key,
                        struct wn_secret_place *ret_place)
{
    static const char *const known[] = { "file", "credential", NULL };
    const unsigned before = config->faults->n;
    *ret_place = (struct wn_secret_place){ NULL, NULL };
    if (node->type != WN_NODE_MAP) {
        wn_config_fault(config, node,
                        "%s: a secret stands in no configuration; write it to a file that only its "
                        "user can read, and say {file: F}, or {credential: NAME} for systemd's",
                        key);
        return false;
    }
    wn_config_keys(config, node, key, known);
    const struct wn_node *credential = wn_config_find(node, "credential");
    wn_settings_path(config, wn_config_find(node, "file"), key, &ret_place->file);
    if (credential) {
        ret_place->credential = wn_settings_word(config, credential, key);
    }
    const bool name_is_fine = !ret_place->credential || !strchr(ret_place->credential, '/');
    if (config->faults->n == before &&
        ((ret_place->file != NULL) == (ret_place->credential != NULL) || !name_is_fine)) {
        wn_config_fault(config, node, "%s: {file: F} or {credential: NAME} is expected here", key);
    }
    return config->faults->n == before;
}

void wn_settings_check_secret(const struct wn_settings *settings, const char *key, unsigned line,
                              const struct wn_secret_place *place, struct wn_faults *faults)
{
    char text[WN_SECRET_BYTES];
    struct wn_error err;
    if (wn_secret_read(place, text, &err) != WN_OK) {
        wn_faults_add(faults, settings->file, line, "%s: %s", key, err.text);
    }
    explicit_bzero(text, sizeof(text));
}

void wn_settings_check_secrets(const struct wn_settings *settings, struct wn_faults *faults)
{
    const struct wn_secret_place *registry = &settings->registry.password;
    if (registry->file || registry->credential) {
        wn_settings_check_secret(settings, "registry: password", 0, registry, faults);
    }
    const struct wn_properties *const lists[] = { &settings->kafka, &settings->consumer,
                                                  &settings->producer };
    for (size_t i = 0; i < WN_COUNT(lists); i++) {
        for (unsigned j = 0; j < lists[i]->n; j++) {
            const struct wn_property *property = &lists[i]->list[j];
            if (!property->value) {
                wn_settings_check_secret(settings, property->name, property->line,
                                         &property->secret, faults);
            }
        }
    }
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
        } else if (is_secret(pair->key)) {
            struct wn_property *property = &list[n];
            char name[128];
            (void)snprintf(name, sizeof(name), "%s: %.64s", key, pair->key.at);
            *property = (struct wn_property){ .name = pair->key.at, .line = pair->line };
            n += wn_settings_secret(config, &pair->value, name, &property->secret);
        } else if (pair->value.type != WN_NODE_TEXT) {
            wn_faults_add(config->faults, config->file, pair->line,
                          "%s: %.64s: a text is expected here", key, pair->key.at);
        } else {
            list[n++] = (struct wn_property){ .name = pair->key.at,
                                              .value = pair->value.text.at,
                                              .line = pair->line };
        }
    }
    *ret_properties = (struct wn_properties){ list, n };
}
