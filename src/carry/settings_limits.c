// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>

#include "settings_parts.h"

/** Read a duration of a second at least: a limit of less would refuse everything. */
static void read_time(const struct wn_config *config, const struct wn_node *node, const char *key,
                      int64_t *ret_ms)
{
    int64_t ms;
    if (!wn_config_duration(config, node, key, &ms)) {
        return;
    }
    if (ms < 1000) {
        wn_config_fault(config, node, "%s: at least a second is expected here", key);
        return;
    }
    *ret_ms = ms;
}

/** Read a size of an octet at least. */
static void read_size(const struct wn_config *config, const struct wn_node *node, const char *key,
                      int64_t *ret_octets)
{
    int64_t octets;
    if (!wn_config_bytes(config, node, key, &octets)) {
        return;
    }
    if (octets < 1) {
        wn_config_fault(config, node, "%s: at least an octet is expected here", key);
        return;
    }
    *ret_octets = octets;
}

static void read_durations(const struct wn_config *config, const struct wn_node *map,
                           int64_t ret_ms[WN_CEILINGS])
{
    const char *known[WN_CEILINGS + 1] = { NULL };
    char key[64];
    if (!map) {
        return;
    }
    for (unsigned i = 0; i < WN_CEILINGS; i++) {
        known[i] = wn_ceiling_name((enum wn_ceiling)i);
        snprintf(key, sizeof(key), "limits.duration.%s", known[i]);
        read_time(config, wn_config_find(map, known[i]), key, &ret_ms[i]);
    }
    wn_config_keys(config, map, "limits.duration", known);
}

static void read_volumes(const struct wn_config *config, const struct wn_node *map,
                         struct wn_limits *ret_limits)
{
    static const char *const known[] = { "rate", "mobile", "least", "most", NULL };
    int64_t least_ms = 0;
    if (!map) {
        return;
    }
    wn_config_keys(config, map, "limits.volume", known);
    read_size(config, wn_config_find(map, "rate"), "limits.volume.rate", &ret_limits->octets_per_s);
    read_size(config, wn_config_find(map, "mobile"), "limits.volume.mobile",
              &ret_limits->mobile_octets_per_s);
    read_size(config, wn_config_find(map, "most"), "limits.volume.most", &ret_limits->octets_most);
    read_time(config, wn_config_find(map, "least"), "limits.volume.least", &least_ms);
    if (least_ms > 0) {
        ret_limits->octets_least_s = least_ms / 1000;
    }
}

static void read_poison(const struct wn_config *config, const struct wn_node *poison,
                        struct wn_poison_limits *ret_limits)
{
    static const char *const known[] = { "share", "least", NULL };
    if (poison) {
        int64_t least = ret_limits->least;
        wn_config_keys(config, poison, "limits.poison", known);
        wn_config_share(config, wn_config_find(poison, "share"), "limits.poison.share",
                        &ret_limits->share);
        wn_config_number(config, wn_config_find(poison, "least"), "limits.poison.least", 1,
                         WN_POISON_WINDOW, &least);
        ret_limits->least = (uint32_t)least;
    }
}

void wn_settings_limits(const struct wn_config *config, const struct wn_node *node,
                        struct wn_settings *settings)
{
    static const char *const known[] = { "lateness", "future", "consent", "tolerance",
                                         "duration", "volume", "poison",  NULL };
    struct wn_limits *limits = &settings->limits;
    if (!node) {
        return;
    }
    wn_config_keys(config, node, "limits", known);
    wn_config_duration(config, wn_config_find(node, "lateness"), "limits.lateness",
                       &limits->lateness_ms);
    read_time(config, wn_config_find(node, "future"), "limits.future", &limits->future_ms);
    wn_config_duration(config, wn_config_find(node, "consent"), "limits.consent",
                       &settings->consent_ms);
    read_time(config, wn_config_find(node, "tolerance"), "limits.tolerance", &limits->tolerance_ms);
    read_durations(config, wn_config_find(node, "duration"), limits->duration_ms);
    read_volumes(config, wn_config_find(node, "volume"), limits);
    read_poison(config, wn_config_find(node, "poison"), &limits->poison);
}
