// SPDX-License-Identifier: Apache-2.0

/**
 * The one place that tells librdkafka's errors apart, and makes its clients: for kafka*.c only.
 */

#ifndef WINNOW_KAFKA_ERROR_H
#define WINNOW_KAFKA_ERROR_H

#include <librdkafka/rdkafka.h>

#include "winnow/kafka.h"

/** The five classes of errors. */
enum wn_kafka_class {
    WN_KAFKA_RETRIABLE,  ///< The same call again.
    WN_KAFKA_ABORTABLE,  ///< Abort, rewind, do over.
    WN_KAFKA_SAME_AGAIN, ///< Abort; the same batch would fail again.
    WN_KAFKA_FENCED,     ///< Another one has our name, or a stall made the broker think so.
    WN_KAFKA_FATAL,      ///< The end of this client.
};

/** What librdkafka says of an error besides its code. */
struct wn_kafka_flags {
    bool retriable, abortable, fatal;
};

/** Tell an error apart. */
enum wn_kafka_class wn_kafka_classify(rd_kafka_resp_err_t code, struct wn_kafka_flags flags);

/**
 * Put an error into words: "what: text (NAME)".
 *
 * @return the code that stands for its class.
 */
enum wn_code wn_kafka_fail(struct wn_error *err, enum wn_kafka_class class,
                           rd_kafka_resp_err_t code, const char *what, const char *text);

/** The same for an error object, which is given back here. */
enum wn_code wn_kafka_fail_object(struct wn_error *err, const char *what, rd_kafka_error_t *error);

/** An answer of the brokers to a question about `what`: what can't be had now may be asked again.
 * @return WN_OK, WN_RETRY, or WN_FATAL: "rights", "topic-missing". */
WN_NODISCARD
enum wn_code wn_kafka_answer(rd_kafka_resp_err_t code, const char *what, struct wn_error *err);

/** Which properties a client takes besides `kafka:`. */
enum wn_kafka_role {
    WN_KAFKA_ROLE_CONSUMER,
    WN_KAFKA_ROLE_PRODUCER,
    WN_KAFKA_ROLE_ADMIN
};

/** A property of ours: name and value. */
struct wn_kafka_own {
    const char *name, *value;
};

/**
 * Begin a configuration: our defaults, then the operator's properties, then what is ours alone.
 *
 * @param defaults  Ended by a NULL name: what the operator may change.
 * @param ret_conf  The caller's to hand to rd_kafka_new().
 * @return WN_OK, or WN_FATAL: "config" (names the line).
 */
WN_NODISCARD
enum wn_code wn_kafka_conf(const struct wn_settings *settings, enum wn_kafka_role role,
                           const struct wn_kafka_own *defaults, const struct wn_kafka_own *own,
                           rd_kafka_conf_t **ret_conf, struct wn_error *err);

/** Make a client; `conf` is gone afterwards. @return WN_OK, or WN_FATAL: "config". */
WN_NODISCARD
enum wn_code wn_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **ret_client,
                          struct wn_error *err);

/**
 * Destroy a consumer without leaving the group; within two seconds.
 *
 * librdkafka 2.0.2 does not come back where a topic that was read is deleted: then the client is
 * left behind, and a process that was told to stop ends all the same.
 */
void wn_kafka_leave(rd_kafka_t *client);

/** Fill in a message from the library's. */
void wn_kafka_message(rd_kafka_message_t *from, struct wn_message *ret_message);

/** @return the group's metadata, kept from the last assignment; NULL before the first. */
const rd_kafka_consumer_group_metadata_t *wn_consumer_metadata(const struct wn_consumer *consumer);

#endif
