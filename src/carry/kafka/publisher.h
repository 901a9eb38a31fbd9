// SPDX-License-Identifier: Apache-2.0

/**
 * A few messages in one transaction, by a command that is no worker: entries of the register,
 * receipts of a drop. No offsets go with it.
 *
 * Opening ends what another one of the same name has open: of two that read, think and write, one
 * is refused ("name-taken") and nothing of it is seen. So read after opening.
 */

#ifndef WINNOW_PUBLISHER_H
#define WINNOW_PUBLISHER_H

#include "winnow/kafka.h"

struct wn_publisher;

/**
 * Open.
 *
 * @param name  `transactional.id`; begins with the group's name, so that the same rights cover it.
 * @param give_up  Asked while it waits; may be NULL.
 * @return WN_OK, or WN_FATAL: "broker-away", "rights", "config", "name-taken".
 */
WN_NODISCARD
enum wn_code wn_publisher_open(const struct wn_settings *settings, const char *name,
                               wn_give_up *give_up, void *context,
                               struct wn_publisher **ret_publisher, struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_publisher *wn_publisher_close(struct wn_publisher *publisher);

/** A message. */
struct wn_publication_message {
    const char *topic;
    int32_t partition;
    struct wn_slice key, value;
};

/**
 * Publish all of them, or none.
 *
 * @return WN_OK, or WN_FATAL: "name-taken" (another one of our name came), "broker-away", "rights".
 */
WN_NODISCARD
enum wn_code wn_publisher_send(struct wn_publisher *publisher,
                               const struct wn_publication_message *messages, size_t n,
                               struct wn_error *err);

#endif
