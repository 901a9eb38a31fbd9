// SPDX-License-Identifier: Apache-2.0

/*
 * The client is a consumer without a group: a producer's question for a topic would make it where
 * the brokers make topics by themselves.
 */

#include <stdio.h>

#include "kafka_door.h"
#include "winnow/describe.h"
#include "winnow/memory.h"

enum {
    ASK_MS = 5000 ///< How long a question to the broker may take.
};

struct wn_cluster {
    struct wn_door *door;
};

enum wn_code wn_cluster_open(const struct wn_settings *settings, int timeout_ms,
                             struct wn_cluster **ret_cluster, struct wn_error *err)
{
    const struct wn_patience patience = { timeout_ms, NULL, NULL };
    struct wn_door *door;
    enum wn_code rc = wn_door_open(settings, &patience, &door, err);
    if (rc == WN_OK) {
        struct wn_cluster *cluster = wn_take(1, sizeof(*cluster));
        cluster->door = door;
        *ret_cluster = cluster;
    }
    return rc;
}

struct wn_cluster *wn_cluster_close(struct wn_cluster *cluster)
{
    if (cluster) {
        (void)wn_door_close(cluster->door);
        free(cluster);
    }
    return NULL;
}

const int32_t *wn_cluster_brokers(const struct wn_cluster *cluster, unsigned *ret_n)
{
    return wn_door_brokers(cluster->door, ret_n);
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
    rd_kafka_topic_t *topic = rd_kafka_topic_new(wn_door_client(cluster->door), name, NULL);
    if (!topic) {
        return wn_fail(err, WN_FATAL, "config", "%s: not a name that Kafka takes", name);
    }
    const struct rd_kafka_metadata *found = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(wn_door_client(cluster->door), 0, topic, &found, ASK_MS);
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
    return wn_kafka_answer(code, name, err);
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
        return wn_kafka_answer(rd_kafka_event_error(event), what, err);
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
    return wn_kafka_answer(code, what, err);
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
    rd_kafka_queue_t *queue = rd_kafka_queue_new(wn_door_client(cluster->door));
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(wn_door_client(cluster->door), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, why, sizeof(why));
    rd_kafka_DescribeConfigs(wn_door_client(cluster->door), &resource, 1, options, queue);
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
