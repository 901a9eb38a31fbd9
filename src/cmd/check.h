// SPDX-License-Identifier: Apache-2.0

/** The parts of `winnow check`: what is looked at (check_gather.c, check_brokers.c), what is said
 * (check_show.c). */

#ifndef WINNOW_CMD_CHECK_H
#define WINNOW_CMD_CHECK_H

#include "command.h"
#include "winnow/connect.h"

/** A source that was looked at. */
struct check_source {
    const char *name;
    const char *file;         ///< NULL: there is none.
    struct wn_source *source; ///< NULL: it has faults, or its type has.
    unsigned n_inputs;        ///< That it reads.
};

/** Everything that was looked at, and what is wrong with it. */
struct check {
    struct wn_settings settings;
    struct wn_policy *policy;   ///< What is right of it; NULL before.
    bool policy_is_right;       ///< All of it.
    struct wn_keyring *keyring; ///< NULL: none is named, or it can't be used.
    struct check_source *sources;
    size_t n_sources;
    struct wn_faults faults;
    unsigned n_config; ///< Of the faults: of config, policy, sources, lists, consent.
    struct wn_faults warnings;
    bool connected;              ///< The brokers were asked.
    struct wn_findings findings; ///< What they said.
};

/** Look at everything that a config, or without one a policy's folder, names. */
void check_gather(struct check *check, const char *config, const char *policy);

/** @return the source of an input, or NULL: none is named, or it can't be read. */
const struct wn_source *check_source_of(struct check *check, const struct wn_input *input);

/** Warn of what inputs together would bill twice; when their sources are read. */
void check_twice(struct check *check);

/** @return the affinity of an input (enum wn_affinity), or -1: its source can't be read. */
int check_affinity(struct check *check, const struct wn_input *input);

/** Ask the brokers; what hinders that is a fault. */
void check_brokers(struct check *check);

/** Append what was found on the brokers, as text, or as members of a JSON object. */
void check_brokers_text(const struct check *check, struct wn_buffer *text);
void check_brokers_json(const struct check *check, struct wn_buffer *text);

/** Give all back. */
void check_deinit(struct check *check);

/** Append faults, warnings and the effect of the policy, as text or as one JSON object. */
void check_text(const struct check *check, struct wn_buffer *text);
void check_json(const struct check *check, struct wn_buffer *text);

#endif
