// SPDX-License-Identifier: Apache-2.0

/**
 * The Kafka carrier at work. A worker is one consumer, one transactional producer, and the input
 * partitions that the group gives it; a process has as many as `run: {workers: N}` says, each in a
 * thread of its own. Partitions move between the workers of a process as they move between
 * processes: by the group.
 */

#ifndef WINNOW_WORKER_H
#define WINNOW_WORKER_H

#include <signal.h>

#include "winnow/consent_file.h"
#include "winnow/keyring.h"
#include "winnow/lists.h"
#include "winnow/policy.h"
#include "winnow/settings.h"
#include "winnow/source.h"
#include "winnow/status.h"

/** What workers are made of; all must outlive them. */
struct wn_worker_options {
    const struct wn_settings *settings;
    const struct wn_policy *policy;
    struct wn_keyring *keyring;
    struct wn_lists_at_work *lists;         ///< Held anew before each transaction.
    const struct wn_source *const *sources; ///< One for each of the settings' inputs.
    const char *const *source_files; ///< Where each came from: it is read anew where that changed;
                                     ///< NULL: they stay as they are.
    struct wn_consent_file *consent;
    struct wn_board *const *boards;      ///< Where they show how they stand: one a worker.
    const volatile sig_atomic_t *stop;   ///< Set by SIGTERM.
    const volatile sig_atomic_t *reload; ///< Counts SIGHUPs; NULL: none is heard.
};

/**
 * Run the workers until told to stop. Where one can't go on, all stop.
 *
 * @return WN_OK: stopped, everything committed or aborted, receipts closed, runs written; WN_FATAL:
 * "config", "affinity", "broker-away", "topic-missing", "rights", "name-taken" (exit 4),
 * "file-write", "internal".
 *
 * Threads: the one that catches signals; others are started.
 */
WN_NODISCARD
enum wn_code wn_workers_run(const struct wn_worker_options *options, struct wn_error *err);

/** Topics besides the policy's and the inputs'. */
#define WN_QUARANTINE_TOPIC "winnow.quarantine"
#define WN_RECEIPTS_TOPIC "winnow.receipts"
#define WN_KEYS_TOPIC "winnow.keys"

/** Formats of the names of our transactions: a worker's of group, instance and its number from 1
 * (it is its group.instance.id and client.id, too); that of the register's topic of the group. */
#define WN_WORKER_NAME "%s-%s-%u"
#define WN_KEYS_NAME "%.249s-keys"

enum {
    WN_TOPIC_NAME = 250
};

/** Write the name of an input's state topic: `winnow.state.<group>.<input>`. @return false where it
 * is over 249 characters. */
WN_NODISCARD
bool wn_state_topic(const char *group, const char *input, char ret_name[WN_TOPIC_NAME]);

/** Write the name of the control socket, `STATE/ctl`. @return false where it is too long for one
 * (107 characters). */
WN_NODISCARD
bool wn_control_path(const struct wn_settings *settings, char ret_path[108]);

#endif
