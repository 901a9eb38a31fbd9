// SPDX-License-Identifier: Apache-2.0

/*
 * The consumer: a static member of the group.
 *
 * The rebalance callback only notes. librdkafka waits for rd_kafka_assign() after it, which the
 * worker calls when it has finished its transaction: the callback runs inside a poll, where nothing
 * can be finished. The group's metadata is kept from the callback, per assignment: asked for at the
 * commit it would be that of a later generation, and a process that was stopped for a while could
 * commit what it no longer owns.
 *
 * A helper thread asks for the watermarks of one partition a leader, every 5 ms while records come:
 * librdkafka 2.0.2 backs off for a second when its queue is full, and any answer of the broker
 * wakes its fetcher. Where the version has `fetch.queue.backoff.ms`, that is set instead and no
 * thread started.
 */

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kafka_error.h"
#include "winnow/log.h"

enum {
    BATCH = 2000,     ///< Messages a poll, at most.
    LEADERS = 64,     ///< Brokers that are woken, at most.
    NUDGE_MS = 5,     ///< How often.
    ASK_MS = 1000,    ///< How long a question may take.
    CLOSE_MS = 500,   ///< How long a close waits for the helper thread.
    NUDGE_POLLS = 20, ///< For how many nudges after the last record.
};

/** The helper thread and what it shares with the worker. */
struct nudger {
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;                  ///< Of `list`.
    rd_kafka_topic_partition_list_t *list; ///< One partition a leader.
    atomic_int wanted;                     ///< Nudges left.
    atomic_bool stop;
    atomic_int ended; ///< 1: the thread has ended; 2: nobody waits for it any more.
};

struct wn_consumer {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t **batch;
    struct wn_message *messages;
    size_t n; ///< Messages in `batch`.
    enum wn_change change;
    unsigned epoch; ///< Counts rebalance callbacks.
    rd_kafka_topic_partition_list_t *assigned;
    struct wn_place *places; ///< Of `assigned`.
    rd_kafka_consumer_group_metadata_t *metadata;
    struct nudger nudger;
};

static void keep_metadata(struct wn_consumer *consumer, rd_kafka_t *client)
{
    if (consumer->metadata) {
        rd_kafka_consumer_group_metadata_destroy(consumer->metadata);
    }
    consumer->metadata = rd_kafka_consumer_group_metadata(client);
}

static void keep_places(struct wn_consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
    if (consumer->assigned) {
        rd_kafka_topic_partition_list_destroy(consumer->assigned);
    }
    consumer->assigned = rd_kafka_topic_partition_list_copy(list);
    free(consumer->places);
    consumer->places = calloc((size_t)list->cnt + 1, sizeof(*consumer->places));
    if (!consumer->places) {
        abort();
    }
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *from = &consumer->assigned->elems[i];
        consumer->places[i] = (struct wn_place){ from->topic, from->partition, WN_OFFSET_NONE };
    }
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *context)
{
    struct wn_consumer *consumer = context;
    consumer->epoch++;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        keep_metadata(consumer, client);
        keep_places(consumer, list);
        consumer->change = WN_CHANGE_ASSIGNED;
        return;
    }
    consumer->change = rd_kafka_assignment_lost(client) ? WN_CHANGE_LOST : WN_CHANGE_REVOKED;
}

static void nudge(struct wn_consumer *consumer)
{
    struct nudger *nudger = &consumer->nudger;
    (void)pthread_mutex_lock(&nudger->lock);
    rd_kafka_topic_partition_list_t *list =
        nudger->list ? rd_kafka_topic_partition_list_copy(nudger->list) : NULL;
    (void)pthread_mutex_unlock(&nudger->lock);
    for (int i = 0; list && i < list->cnt; i++) {
        int64_t low;
        int64_t high;
        (void)rd_kafka_query_watermark_offsets(consumer->client, list->elems[i].topic,
                                               list->elems[i].partition, &low, &high, ASK_MS);
    }
    if (list) {
        rd_kafka_topic_partition_list_destroy(list);
    }
}

static void destroy(struct wn_consumer *consumer);

/*
 * A question of 2.0.2 does not end with its own time limit while the brokers are away, but after
 * the socket's, a minute: then the thread is left behind, and gives the consumer back when it comes
 * out.
 */
static void *run_nudger(void *context)
{
    struct wn_consumer *consumer = context;
    struct nudger *nudger = &consumer->nudger;
    const struct timespec pause = { 0, NUDGE_MS * 1000000L };
    while (!atomic_load(&nudger->stop)) {
        if (atomic_load(&nudger->wanted) > 0) {
            (void)atomic_fetch_sub(&nudger->wanted, 1);
            nudge(consumer);
        }
        (void)nanosleep(&pause, NULL);
    }
    if (atomic_exchange(&nudger->ended, 1) == 2) {
        (void)pthread_detach(pthread_self());
        destroy(consumer);
    }
    return NULL;
}

static bool has_leader(const int32_t *leaders, int n, int32_t leader)
{
    for (int i = 0; i < n; i++) {
        if (leaders[i] == leader) {
            return true;
        }
    }
    return false;
}

/** @return the leader of a partition, or -1. */
static int32_t leader_of(const struct rd_kafka_metadata *all, const struct wn_place *place)
{
    for (int i = 0; i < all->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *topic = &all->topics[i];
        if (strcmp(topic->topic, place->topic) != 0) {
            continue;
        }
        for (int j = 0; j < topic->partition_cnt; j++) {
            if (topic->partitions[j].id == place->partition) {
                return topic->partitions[j].leader;
            }
        }
    }
    return -1;
}

/** Choose one partition a leader; none where the brokers don't answer: it is an optimisation. */
static void choose_leaders(struct wn_consumer *consumer, const struct wn_place *places, size_t n)
{
    if (!consumer->nudger.started || n == 0) {
        return;
    }
    const struct rd_kafka_metadata *all = NULL;
    if (rd_kafka_metadata(consumer->client, 0, NULL, &all, ASK_MS)) {
        return;
    }
    int32_t leaders[LEADERS] = { 0 };
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    for (size_t i = 0; i < n && list->cnt < LEADERS; i++) {
        int32_t leader = leader_of(all, &places[i]);
        if (leader >= 0 && !has_leader(leaders, list->cnt, leader)) {
            leaders[list->cnt] = leader;
            rd_kafka_topic_partition_list_add(list, places[i].topic, places[i].partition);
        }
    }
    rd_kafka_metadata_destroy(all);
    (void)pthread_mutex_lock(&consumer->nudger.lock);
    rd_kafka_topic_partition_list_t *old = consumer->nudger.list;
    consumer->nudger.list = list;
    (void)pthread_mutex_unlock(&consumer->nudger.lock);
    if (old) {
        rd_kafka_topic_partition_list_destroy(old);
    }
}

static enum wn_code configure(const struct wn_settings *settings, const char *name,
                              rd_kafka_conf_t **ret_conf, bool *ret_nudge, struct wn_error *err)
{
    static const struct wn_kafka_own defaults[] = {
        { "fetch.wait.max.ms", "10" },
        { "check.crcs", "true" },
        { "socket.nagle.disable", "true" },
        { "session.timeout.ms", "15000" },
        { "queued.min.messages", "1000000" },
        { "queued.max.messages.kbytes", "32768" },
        { NULL, NULL },
    };
    const struct wn_kafka_own own[] = {
        { "group.id", settings->group },
        { "group.instance.id", name },
        { "client.id", name },
        { "partition.assignment.strategy", "range,roundrobin" },
        { "isolation.level", "read_committed" },
        { "enable.auto.commit", "false" },
        { "enable.auto.offset.store", "false" },
        { "auto.offset.reset", "error" },
        { "enable.partition.eof", "true" },
        { NULL, NULL },
    };
    enum wn_code rc = wn_kafka_conf(settings, WN_KAFKA_ROLE_CONSUMER, defaults, own, ret_conf, err);
    if (rc == WN_OK) {
        char why[128];
        *ret_nudge = rd_kafka_conf_set(*ret_conf, "fetch.queue.backoff.ms", "5", why,
                                       sizeof(why)) != RD_KAFKA_CONF_OK;
    }
    return rc;
}

static enum wn_code subscribe(struct wn_consumer *consumer, const char *const *topics,
                              unsigned n_topics, struct wn_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n_topics);
    for (unsigned i = 0; i < n_topics; i++) {
        rd_kafka_topic_partition_list_add(list, topics[i], RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code ? wn_kafka_fail(err, WN_KAFKA_FATAL, code, "subscribe", rd_kafka_err2str(code))
                : WN_OK;
}

static void start_nudger(struct wn_consumer *consumer)
{
    consumer->nudger.started =
        pthread_create(&consumer->nudger.thread, NULL, run_nudger, consumer) == 0;
}

enum wn_code wn_consumer_open(const struct wn_settings *settings, const char *name,
                              const char *const *topics, unsigned n_topics,
                              struct wn_consumer **ret_consumer, struct wn_error *err)
{
    rd_kafka_conf_t *conf;
    bool nudge_it = false;
    enum wn_code rc = configure(settings, name, &conf, &nudge_it, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_consumer *consumer = calloc(1, sizeof(*consumer));
    if (!consumer) {
        abort();
    }
    (void)pthread_mutex_init(&consumer->nudger.lock, NULL);
    consumer->batch = calloc(BATCH, sizeof(rd_kafka_message_t *));
    consumer->messages = calloc(BATCH, sizeof(*consumer->messages));
    if (!consumer->batch || !consumer->messages) {
        abort();
    }
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rc = wn_kafka_new(RD_KAFKA_CONSUMER, conf, &consumer->client, err);
    if (rc == WN_OK) {
        rd_kafka_poll_set_consumer(consumer->client);
        consumer->queue = rd_kafka_queue_get_consumer(consumer->client);
        rc = subscribe(consumer, topics, n_topics, err);
    }
    if (rc != WN_OK) {
        (void)wn_consumer_close(consumer);
        return rc;
    }
    if (nudge_it) {
        start_nudger(consumer);
    }
    *ret_consumer = consumer;
    return WN_OK;
}

static void give_back(struct wn_consumer *consumer)
{
    for (size_t i = 0; i < consumer->n; i++) {
        rd_kafka_message_destroy(consumer->batch[i]);
    }
    consumer->n = 0;
}

/** @return whether the helper thread has ended; else it closes the consumer itself. */
static bool close_nudger(struct nudger *nudger)
{
    const struct timespec pause = { 0, NUDGE_MS * 1000000L };
    if (!nudger->started) {
        return true;
    }
    atomic_store(&nudger->stop, true);
    for (int turns = 0; turns < CLOSE_MS / NUDGE_MS && atomic_load(&nudger->ended) == 0; turns++) {
        (void)nanosleep(&pause, NULL);
    }
    if (atomic_exchange(&nudger->ended, 2) == 0) {
        wn_log(WN_LOG_WARNING, "left-behind", "client=%s", "consumer");
        return false;
    }
    (void)pthread_join(nudger->thread, NULL);
    return true;
}

static void destroy(struct wn_consumer *consumer)
{
    if (consumer->nudger.list) {
        rd_kafka_topic_partition_list_destroy(consumer->nudger.list);
    }
    (void)pthread_mutex_destroy(&consumer->nudger.lock);
    if (consumer->queue) {
        rd_kafka_queue_destroy(consumer->queue);
    }
    if (consumer->metadata) {
        rd_kafka_consumer_group_metadata_destroy(consumer->metadata);
    }
    if (consumer->assigned) {
        rd_kafka_topic_partition_list_destroy(consumer->assigned);
    }
    if (consumer->client) {
        wn_kafka_leave(consumer->client);
    }
    free(consumer->places);
    free(consumer->messages);
    free(consumer->batch);
    free(consumer);
}

struct wn_consumer *wn_consumer_close(struct wn_consumer *consumer)
{
    if (consumer) {
        give_back(consumer);
        if (close_nudger(&consumer->nudger)) {
            destroy(consumer);
        }
    }
    return NULL;
}

size_t wn_consumer_poll(struct wn_consumer *consumer, int timeout_ms,
                        const struct wn_message **ret_messages)
{
    give_back(consumer);
    unsigned epoch = consumer->epoch;
    ssize_t got = rd_kafka_consume_batch_queue(consumer->queue, timeout_ms, consumer->batch, BATCH);
    consumer->n = got > 0 ? (size_t)got : 0;
    if (epoch != consumer->epoch) {
        give_back(consumer);
    }
    for (size_t i = 0; i < consumer->n; i++) {
        wn_kafka_message(consumer->batch[i], &consumer->messages[i]);
    }
    if (consumer->n > 0) {
        atomic_store(&consumer->nudger.wanted, NUDGE_POLLS);
    }
    *ret_messages = consumer->messages;
    return consumer->n;
}

enum wn_change wn_consumer_change(const struct wn_consumer *consumer)
{
    return consumer->change;
}

const struct wn_place *wn_consumer_places(const struct wn_consumer *consumer, size_t *ret_n)
{
    *ret_n = consumer->assigned ? (size_t)consumer->assigned->cnt : 0;
    return consumer->places;
}

enum wn_code wn_consumer_assign(struct wn_consumer *consumer, const struct wn_place *places,
                                size_t n, struct wn_error *err)
{
    give_back(consumer);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++) {
        assert(places[i].offset >= 0);
        rd_kafka_topic_partition_list_add(list, places[i].topic, places[i].partition)->offset =
            places[i].offset;
    }
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code) {
        struct wn_kafka_flags flags = { .retriable = true };
        return wn_kafka_fail(err, wn_kafka_classify(code, flags), code, "assign",
                             rd_kafka_err2str(code));
    }
    if (consumer->change == WN_CHANGE_ASSIGNED) {
        consumer->change = WN_CHANGE_NONE;
    }
    choose_leaders(consumer, places, n);
    return WN_OK;
}

enum wn_code wn_consumer_unassign(struct wn_consumer *consumer, struct wn_error *err)
{
    give_back(consumer);
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->client, NULL);
    if (consumer->change != WN_CHANGE_ASSIGNED) {
        consumer->change = WN_CHANGE_NONE;
    }
    if (code) {
        struct wn_kafka_flags flags = { .retriable = true };
        return wn_kafka_fail(err, wn_kafka_classify(code, flags), code, "unassign",
                             rd_kafka_err2str(code));
    }
    return WN_OK;
}

enum wn_code wn_consumer_alive(struct wn_consumer *consumer, struct wn_error *err)
{
    char why[256];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(consumer->client, why, sizeof(why));
    if (!code) {
        return WN_OK;
    }
    struct wn_kafka_flags flags = { .fatal = true };
    return wn_kafka_fail(err, wn_kafka_classify(code, flags), code, "consumer", why);
}

const rd_kafka_consumer_group_metadata_t *wn_consumer_metadata(const struct wn_consumer *consumer)
{
    return consumer->metadata;
}
