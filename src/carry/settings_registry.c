// SPDX-License-Identifier: Apache-2.0

#include <string.h>

#include "settings_parts.h"

enum {
    URL_MOST = 400,
    TIMEOUT_LEAST_MS = 100,
    TIMEOUT_MOST_MS = 60000
};

/** @return whether a text is the address of a registry: names and passwords are not in it. */
static bool is_url(const char *text)
{
    static const char *const schemes[] = { "http://", "https://" };
    for (size_t i = 0; i < WN_COUNT(schemes); i++) {
        const size_t len = strlen(schemes[i]);
        if (strncmp(text, schemes[i], len) == 0) {
            return text[len] != '\0' && strlen(text) <= URL_MOST && !strpbrk(text, "@?# \"'");
        }
    }
    return false;
}

/** The address, without a slash at its end. */
static void read_url(const struct wn_config *config, const struct wn_node *node,
                     const char **ret_url)
{
    const char *url = wn_settings_word(config, node, "registry.url");
    if (url && !is_url(url)) {
        wn_config_fault(config, node,
                        "registry.url: http://HOST:PORT or https://… is expected here; the user "
                        "stands under registry: user");
    } else if (url) {
        struct wn_slice kept = wn_slice_of(url);
        while (kept.len > 0 && kept.at[kept.len - 1] == '/') {
            kept.len--;
        }
        *ret_url = wn_arena_copy(config->arena, kept).at;
    }
}

static void read_timeout(const struct wn_config *config, const struct wn_node *node,
                         int64_t *ret_ms)
{
    wn_config_duration(config, node, "registry.timeout", ret_ms);
    if (*ret_ms < TIMEOUT_LEAST_MS || *ret_ms > TIMEOUT_MOST_MS) {
        wn_config_fault(config, node, "registry.timeout: from 1s to 60s is expected here");
    }
}

void wn_settings_registry(const struct wn_config *config, const struct wn_node *node,
                          struct wn_registry_settings *ret_registry)
{
    static const char *const known[] = { "url",      "user",    "password", "ca",
                                         "register", "timeout", NULL };
    static const char *const words[] = { "on", "off", NULL };
    if (!node) {
        return;
    }
    wn_config_keys(config, node, "registry", known);
    const struct wn_node *url = wn_config_find(node, "url");
    const struct wn_node *user = wn_config_find(node, "user");
    const struct wn_node *password = wn_config_find(node, "password");
    if (node->type == WN_NODE_MAP && !url) {
        wn_config_fault(config, node, "registry: has no 'url'");
    }
    read_url(config, url, &ret_registry->url);
    if (user) {
        ret_registry->user = wn_settings_word(config, user, "registry.user");
    }
    if (password) {
        (void)wn_settings_secret(config, password, "registry.password", &ret_registry->password);
    }
    if (node->type == WN_NODE_MAP && (user != NULL) != (password != NULL)) {
        wn_config_fault(config, node, "registry: user and password go together");
    }
    wn_settings_path(config, wn_config_find(node, "ca"), "registry.ca", &ret_registry->authorities);
    ret_registry->enters =
        wn_config_word(config, wn_config_find(node, "register"), "registry.register", words) != 1;
    read_timeout(config, wn_config_find(node, "timeout"), &ret_registry->timeout_ms);
}
