// SPDX-License-Identifier: Apache-2.0

/*
 * The client is a consumer without a group: a producer's question for a topic would make it where
 * the brokers make topics by themselves.
 */

#include <stdio.h>
#include <time.h>

#include "kafka_error.h"
#include "winnow/describe.h"
#include "winnow/memory.h"

enum {
    ASK_MS = 5000, ///< How long a question to the broker may take.
    TRY_MS = 500,
};

struct wn_cluster {
    rd_kafka_t *client;
    int32_t *brokers;
    unsigned n_brokers;
    rd_kafka_resp_err_t trouble; ///< What hindered the client last.
    char text[160];
};

static void note_trouble(rd_kafka_t *client, int code, const char *text, void *context)
{
    struct wn_cluster *cluster = context;
    (void)client;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        return; // It says less than what came before it.
    }
    cluster->trouble = (rd_kafka_resp_err_t)code;
    (void)snprintf(cluster->text, sizeof(cluster->text), "%.150s", text);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keep_brokers(struct wn_cluster *cluster, const struct rd_kafka_metadata *found)
{
    cluster->n_brokers = (unsigned)found->broker_cnt;
    cluster->brokers = wn_take(cluster->n_brokers, sizeof(*cluster->brokers));
    for (unsigned i = 0; i < cluster->n_brokers; i++) {
        cluster->brokers[i] = found->brokers[i].id;
    }
}

static enum wn_code await_brokers(struct wn_cluster *cluster, const struct wn_settings *settings,
                                  int timeout_ms, struct wn_error *err)
{
    const int64_t until = clock_ms() + timeout_ms;
    do {
        const struct rd_kafka_metadata *found = NULL;
        if (rd_kafka_metadata(cluster->client, 0, NULL, &found, TRY_MS) == 0) {
            keep_brokers(cluster, found);
            rd_kafka_metadata_destroy(found);
        }
        (void)rd_kafka_poll(cluster->client, 0);
    } while (cluster->n_brokers == 0 && clock_ms() < until &&
             cluster->trouble != RD_KAFKA_RESP_ERR__AUTHENTICATION);
    if (cluster->n_brokers > 0) {
        return WN_OK;
    }
    if (cluster->trouble == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
        return wn_fail(err, WN_FATAL, "rights", "%s: %s", wn_settings_brokers(settings),
                       cluster->text);
    }
    return wn_fail(err, WN_FATAL, "broker-away",
                   "%s: no broker answered in %d s; is it running, and may this host reach it?%s%s",
                   wn_settings_brokers(settings), (timeout_ms + 999) / 1000,
                   cluster->text[0] ? " " : "", cluster->text);
}

enum wn_code wn_cluster_open(const struct wn_settings *settings, int timeout_ms,
                             struct wn_cluster **ret_cluster, struct wn_error *err)
{
    static const struct wn_kafka_own defaults[] = { { "socket.timeout.ms", "5000" },
                                                    { NULL, NULL } };
    static const struct wn_kafka_own own[] = { { "allow.auto.create.topics", "false" },
                                               { "log_level", "0" },
                                               { NULL, NULL } };
    rd_kafka_conf_t *conf;
    enum wn_code rc = wn_kafka_conf(settings, WN_KAFKA_ROLE_CONSUMER, defaults, own, &conf, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_cluster *cluster = wn_take(1, sizeof(*cluster));
    rd_kafka_conf_set_error_cb(conf, note_trouble);
    rd_kafka_conf_set_opaque(conf, cluster);
    rc = wn_kafka_new(RD_KAFKA_CONSUMER, conf, &cluster->client, err);
    rc = rc == WN_OK ? await_brokers(cluster, settings, timeout_ms, err) : rc;
    if (rc != WN_OK) {
        wn_cluster_close(cluster);
        return rc;
    }
    *ret_cluster = cluster;
    return WN_OK;
}

struct wn_cluster *wn_cluster_close(struct wn_cluster *cluster)
{
    if (cluster) {
        if (cluster->client) {
            rd_kafka_destroy_flags(cluster->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
        free(cluster->brokers);
        free(cluster);
    }
    return NULL;
}

const int32_t *wn_cluster_brokers(const struct wn_cluster *cluster, unsigned *ret_n)
{
    *ret_n = cluster->n_brokers;
    return cluster->brokers;
}

/** An answer: what can't be had now may be asked again. */
static enum wn_code answer(rd_kafka_resp_err_t code, const char *what, struct wn_error *err)
{
    struct wn_kafka_flags flags = { .retriable = true };
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return WN_OK;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        flags = (struct wn_kafka_flags){ .fatal = true };
        break;
    default:
        break;
    }
    return wn_kafka_fail(err, wn_kafka_classify(code, flags), code, what, rd_kafka_err2str(code));
}

static void read_shape(const struct rd_kafka_metadata_topic *topic,
                       struct wn_topic_shape *ret_shape)
{
    *ret_shape = (struct wn_topic_shape){ .partitions = topic->partition_cnt };
    for (int i = 0; i < topic->partition_cnt; i++) {
        const struct rd_kafka_metadata_partition *partition = &topic->partitions[i];
        if (i == 0 || partition->replica_cnt < ret_shape->replicas) {
            ret_shape->replicas = partition->replica_cnt;
        }
        ret_shape->leaderless += partition->leader < 0;
    }
}

enum wn_code wn_cluster_topic(struct wn_cluster *cluster, const char *name,
                              struct wn_topic_shape *ret_shape, struct wn_error *err)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(cluster->client, name, NULL);
    if (!topic) {
        return wn_fail(err, WN_FATAL, "config", "%s: not a name that Kafka takes", name);
    }
    const struct rd_kafka_metadata *found = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(cluster->client, 0, topic, &found, ASK_MS);
    if (!code) {
        code =
            found->topic_cnt == 1 ? found->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        if (code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
            code = RD_KAFKA_RESP_ERR_NO_ERROR;
        }
        if (!code) {
            read_shape(&found->topics[0], ret_shape);
        }
        rd_kafka_metadata_destroy(found);
    }
    rd_kafka_topic_destroy(topic);
    return answer(code, name, err);
}

static void keep_told(const rd_kafka_ConfigResource_t *resource, struct wn_arena *arena,
                      struct wn_told_list *ret_told)
{
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
    *ret_told =
        (struct wn_told_list){ wn_arena_zeroed(arena, n + 1, sizeof(struct wn_told)), (unsigned)n };
    for (size_t i = 0; i < n; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        ret_told->list[i].name =
            wn_arena_copy(arena, wn_slice_of(rd_kafka_ConfigEntry_name(entries[i]))).at;
        ret_told->list[i].value = value ? wn_arena_copy(arena, wn_slice_of(value)).at : NULL;
    }
}

static enum wn_code read_told(rd_kafka_event_t *event, const char *what, struct wn_arena *arena,
                              struct wn_told_list *ret_told, struct wn_error *err)
{
    if (rd_kafka_event_error(event)) {
        return answer(rd_kafka_event_error(event), what, err);
    }
    size_t n = 0;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &n);
    if (n != 1) {
        return wn_fail(err, WN_RETRY, "broker-away", "%s: no answer about its settings", what);
    }
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[0]);
    if (!code) {
        keep_told(resources[0], arena, ret_told);
    }
    return answer(code, what, err);
}

enum wn_code wn_cluster_settings(struct wn_cluster *cluster, const char *topic, int32_t broker,
                                 struct wn_arena *arena, struct wn_told_list *ret_told,
                                 struct wn_error *err)
{
    char id[16];
    char what[32];
    char why[128];
    (void)snprintf(id, sizeof(id), "%d", (int)broker);
    (void)snprintf(what, sizeof(what), "broker %s", id);
    rd_kafka_ConfigResource_t *resource =
        topic ? rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
              : rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, id);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(cluster->client);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(cluster->client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, why, sizeof(why));
    rd_kafka_DescribeConfigs(cluster->client, &resource, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ASK_MS + 1000);
    const enum wn_code rc = event
                                ? read_told(event, topic ? topic : what, arena, ret_told, err)
                                : wn_fail(err, WN_RETRY, "broker-away",
                                          "%s: no answer about its settings", topic ? topic : what);
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_ConfigResource_destroy(resource);
    return rc;
}

const char *wn_told_of(const struct wn_told_list *told, const char *name)
{
    for (unsigned i = 0; i < told->n; i++) {
        if (strcmp(told->list[i].name, name) == 0) {
            return told->list[i].value;
        }
    }
    return NULL;
}
