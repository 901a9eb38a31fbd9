// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>
#include <stdlib.h>

#include "kafka_error.h"

enum {
    CREATE_MS = 20000
};

static enum wn_code read_result(const rd_kafka_topic_result_t *result, struct wn_topic *topic,
                                struct wn_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_topic_result_error(result);
    if (!code) {
        topic->result = WN_TOPIC_MADE;
        return WN_OK;
    }
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        topic->result = WN_TOPIC_WAS_THERE;
        return WN_OK;
    }
    const char *text = rd_kafka_topic_result_error_string(result);
    struct wn_kafka_flags flags = { .fatal = true };
    return wn_kafka_fail(err, wn_kafka_classify(code, flags), code, topic->name,
                         text ? text : rd_kafka_err2str(code));
}

static enum wn_code read_results(rd_kafka_event_t *event, struct wn_topic *topics, size_t n,
                                 struct wn_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    if (code) {
        const char *text = rd_kafka_event_error_string(event);
        return wn_kafka_fail(err, WN_KAFKA_FATAL, code, "topics", text);
    }
    size_t n_results = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n_results);
    enum wn_code rc = WN_OK;
    for (size_t i = 0; i < n_results && rc == WN_OK; i++) {
        for (size_t j = 0; j < n; j++) {
            if (strcmp(topics[j].name, rd_kafka_topic_result_name(results[i])) == 0) {
                rc = read_result(results[i], &topics[j], err);
            }
        }
    }
    return rc;
}

static rd_kafka_NewTopic_t *wish(const struct wn_topic *topic)
{
    char why[128];
    rd_kafka_NewTopic_t *wanted =
        rd_kafka_NewTopic_new(topic->name, topic->partitions, -1, why, sizeof(why));
    for (const char *const *at = topic->settings; wanted && at && at[0]; at += 2) {
        (void)rd_kafka_NewTopic_set_config(wanted, at[0], at[1]);
    }
    return wanted;
}

static enum wn_code create(rd_kafka_t *client, struct wn_topic *topics, size_t n,
                           struct wn_error *err)
{
    rd_kafka_NewTopic_t **wanted = calloc(n + 1, sizeof(rd_kafka_NewTopic_t *));
    if (!wanted) {
        abort();
    }
    size_t n_wanted = 0;
    for (size_t i = 0; i < n; i++) {
        wanted[n_wanted] = wish(&topics[i]);
        n_wanted += wanted[n_wanted] != NULL;
    }
    enum wn_code rc = WN_OK;
    if (n_wanted < n) {
        rc = wn_fail(err, WN_FATAL, "config",
                     "a topic's name or number of partitions is not one that Kafka takes");
    } else {
        rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
        rd_kafka_AdminOptions_t *options =
            rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
        char why[128];
        (void)rd_kafka_AdminOptions_set_request_timeout(options, CREATE_MS, why, sizeof(why));
        rd_kafka_CreateTopics(client, wanted, n_wanted, options, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, CREATE_MS + 1000);
        rc = event ? read_results(event, topics, n, err)
                   : wn_fail(err, WN_FATAL, "broker-away", "topics: no broker answers");
        if (event) {
            rd_kafka_event_destroy(event);
        }
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_queue_destroy(queue);
    }
    rd_kafka_NewTopic_destroy_array(wanted, n_wanted);
    free((void *)wanted);
    return rc;
}

enum wn_code wn_topics_create(const struct wn_settings *settings, struct wn_topic *topics, size_t n,
                              struct wn_error *err)
{
    static const struct wn_kafka_own none[] = { { NULL, NULL } };
    rd_kafka_conf_t *conf;
    enum wn_code rc = wn_kafka_conf(settings, WN_KAFKA_ROLE_ADMIN, none, none, &conf, err);
    if (rc != WN_OK) {
        return rc;
    }
    rd_kafka_t *client;
    rc = wn_kafka_new(RD_KAFKA_PRODUCER, conf, &client, err);
    if (rc != WN_OK) {
        return rc;
    }
    rc = create(client, topics, n, err);
    rd_kafka_destroy(client);
    return rc;
}
