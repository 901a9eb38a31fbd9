// SPDX-License-Identifier: Apache-2.0

/**
 * What is on the brokers: topics, their settings, the brokers' settings, and what may be seen of
 * them. Nothing is altered, no topic is made by asking for it, and no group is joined.
 *
 * Threads: a handle belongs to one thread at a time.
 */

#ifndef WINNOW_DESCRIBE_H
#define WINNOW_DESCRIBE_H

#include "winnow/arena.h"
#include "winnow/error.h"
#include "winnow/settings.h"

struct wn_cluster;

/**
 * Open a client and wait until a broker answers.
 *
 * The library's own log is silent: what hindered it last is in the error's text. See
 * wn_kafka_knock().
 *
 * @param timeout_ms  How long to wait [ms].
 * @return WN_OK, or WN_FATAL: "config", "broker-away", "broker-trust".
 */
WN_NODISCARD
enum wn_code wn_cluster_open(const struct wn_settings *settings, int timeout_ms,
                             struct wn_cluster **ret_cluster, struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_cluster *wn_cluster_close(struct wn_cluster *cluster);

/** @return the ids of the brokers that are up. */
const int32_t *wn_cluster_brokers(const struct wn_cluster *cluster, unsigned *ret_n);

/** How a topic lies. */
struct wn_topic_shape {
    int32_t partitions;
    int32_t replicas;   ///< Of the partition that has the fewest.
    int32_t leaderless; ///< Partitions without a leader.
};

/** @return WN_OK, or WN_RETRY: "broker-away"; WN_FATAL: "topic-missing", "rights" (it may be there,
 * but not seen). */
WN_NODISCARD
enum wn_code wn_cluster_topic(struct wn_cluster *cluster, const char *name,
                              struct wn_topic_shape *ret_shape, struct wn_error *err);

/** A setting, as the broker says it; a default, too. */
struct wn_told {
    const char *name;
    const char *value; ///< NULL: not told (a secret).
};

struct wn_told_list {
    struct wn_told *list;
    unsigned n;
};

/**
 * Ask for all settings of a topic, or of a broker.
 *
 * @param topic   Its name, or NULL: of the broker.
 * @param broker  Its id; not looked at where a topic is named.
 * @param arena   Holds the texts.
 * @return WN_OK, or WN_RETRY: "broker-away"; WN_FATAL: "rights" (DescribeConfigs is wanting),
 * "topic-missing".
 */
WN_NODISCARD
enum wn_code wn_cluster_settings(struct wn_cluster *cluster, const char *topic, int32_t broker,
                                 struct wn_arena *arena, struct wn_told_list *ret_told,
                                 struct wn_error *err);

/** @return the value that was told of a setting, or NULL. */
const char *wn_told_of(const struct wn_told_list *told, const char *name);

#endif
