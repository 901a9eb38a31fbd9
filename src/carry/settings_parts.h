// SPDX-License-Identifier: Apache-2.0

/** The parts of reading winnow.yaml: one for each section that is long. */

#ifndef WINNOW_CARRY_SETTINGS_PARTS_H
#define WINNOW_CARRY_SETTINGS_PARTS_H

#include "winnow/settings.h"

/** Read `site:`; what is absent keeps its default. */
void wn_settings_site(const struct wn_config *config, const struct wn_node *site,
                      struct wn_site *ret_site);

/** Read `limits:`; what is absent keeps its default. */
void wn_settings_limits(const struct wn_config *config, const struct wn_node *node,
                        struct wn_settings *settings);

/** Read properties of librdkafka; those that winnow owns are refused. `key` is the section's. */
void wn_settings_kafka(const struct wn_config *config, const struct wn_node *map, const char *key,
                       struct wn_properties *ret_properties);

/** Read where a secret lies: `{file: F}` or `{credential: NAME}`. @return false: a fault. */
bool wn_settings_secret(const struct wn_config *config, const struct wn_node *node, const char *key,
                        struct wn_secret_place *ret_place);

/** As wn_settings_check_secrets(), of one. */
void wn_settings_check_secret(const struct wn_settings *settings, const char *key, unsigned line,
                              const struct wn_secret_place *place, struct wn_faults *faults);

/** Read `lists:`; what is absent keeps its default. */
void wn_settings_lists(const struct wn_config *config, const struct wn_node *lists,
                       struct wn_list_settings *ret_lists);

/** Read `registry:`; what is absent keeps its default. */
void wn_settings_registry(const struct wn_config *config, const struct wn_node *node,
                          struct wn_registry_settings *ret_registry);

/** Read `http:`; what is absent keeps its default. */
void wn_settings_http(const struct wn_config *config, const struct wn_node *http,
                      const char **ret_listen);

/** Read a path, a relative one from the config's folder, into a member that keeps its default where
 * it is absent. */
void wn_settings_path(const struct wn_config *config, const struct wn_node *node, const char *key,
                      const char **ret_path);

/** @return a scalar that is not empty, or NULL; a fault where there is something else. */
const char *wn_settings_word(const struct wn_config *config, const struct wn_node *node,
                             const char *key);

#endif
