// SPDX-License-Identifier: Apache-2.0

/**
 * A schema registry (Confluent's, or one that speaks its API): where it is configured, usage
 * records go out in its wire format, octet 0 and the schema's id as four octets big-endian, in
 * place of Avro's single-object encoding. Subjects are `<topic>-value`.
 *
 * Ids are asked for at a start and where a policy is read anew, never for a record: a registry that
 * is away later stops nothing.
 *
 * API: https://docs.confluent.io/platform/current/schema-registry/develop/api.html; wire format:
 * ".../fundamentals/serdes-develop/index.html", "Wire format".
 */

#ifndef WINNOW_REGISTRY_H
#define WINNOW_REGISTRY_H

#include "winnow/policy.h"
#include "winnow/settings.h"

/** What to do about a schema that the registry does not have. */
enum wn_registry_mode {
    WN_REGISTRY_USE,  ///< Register it where the settings say so, else it is an error.
    WN_REGISTRY_LOOK, ///< Leave its id 0: nothing is altered.
    WN_REGISTRY_TRY,  ///< As USE, but nothing is altered: where it would be registered, ask whether
                      ///< it is compatible.
};

/**
 * Fill in `schema_id` of each purpose of each type; where no registry is configured, do nothing.
 *
 * @return WN_OK, or WN_FATAL: "registry" (away, slow, not ours to use, no such schema, not
 * compatible; the text names URL and subject), "config" (its password can't be read).
 */
WN_NODISCARD
enum wn_code wn_registry_resolve(const struct wn_settings *settings, enum wn_registry_mode mode,
                                 struct wn_policy *policy, struct wn_error *err);

#endif
