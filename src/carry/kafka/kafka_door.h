// SPDX-License-Identifier: Apache-2.0

/**
 * The first contact with the brokers: whether they are there, and whether they and we trust each
 * other. For kafka*.c only.
 */

#ifndef WINNOW_KAFKA_DOOR_H
#define WINNOW_KAFKA_DOOR_H

#include "kafka_error.h"

/** A client that was let in: a consumer without a group, which makes no topic by asking for it. Its
 * own log is silent. */
struct wn_door;

/** How long to wait, and for whom not. */
struct wn_patience {
    int timeout_ms;
    wn_give_up *give_up; ///< Asked between attempts; may be NULL.
    void *context;
};

/**
 * Open a client and wait until a broker answers.
 *
 * @return WN_OK, or WN_FATAL: "config", "broker-away", "broker-trust" (a password or a certificate
 * is refused, by either side; the text says which and what to do).
 */
WN_NODISCARD
enum wn_code wn_door_open(const struct wn_settings *settings, const struct wn_patience *patience,
                          struct wn_door **ret_door, struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_door *wn_door_close(struct wn_door *door);

/** @return its client. */
rd_kafka_t *wn_door_client(const struct wn_door *door);

/** @return the ids of the brokers that are up. */
const int32_t *wn_door_brokers(const struct wn_door *door, unsigned *ret_n);

#endif
