// SPDX-License-Identifier: Apache-2.0

/*
 * The transactional producer.
 *
 * Three things that librdkafka does not do by itself, all measured on 2.0.2:
 *
 * - A produce() that fails does not fail the transaction: the commit would say ok without that
 * message. So any result but a full queue breaks the transaction here (txn.h), and a delivery
 * report that failed does, too.
 * - An abort that overtakes the first message is answered with a fatal error: the first delivery
 * report of the transaction is waited for before an abort.
 * - A call that timed out is repeated in short turns, so that a worker that is told to stop while
 * the brokers are away can give up.
 * - A commit whose connection breaks is sent again by the library, which says nothing of it. The
 * first request may still lie in the network, with the epoch that this producer goes on with: it
 * would end the next transaction in its middle. Connections that are closed are counted, and one
 * that was closed while a commit was under way makes the producer doubtful (docs/adr/0015).
 */

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kafka_error.h"
#include "step.h"
#include "winnow/clock.h"
#include "winnow/log.h"

enum {
    TURN_MS = 1500, ///< A turn of a call that may take long.
    FIRST_REPORT_MS = 2000,
};

struct wn_producer {
    rd_kafka_t *client;
    rd_kafka_topic_t *topics[WN_PRODUCER_TOPICS];
    unsigned n_topics;
    enum wn_txn_state state;
    size_t sent, reported; ///< Messages of the open transaction.
    struct wn_error fault; ///< Why it is broken, where it is.
    atomic_uint closed;    ///< Connections that were closed: counted by the library's threads.
    bool doubtful;         ///< One was while the last commit was under way.
    struct wn_buffer value;
    wn_give_up *give_up;
    void *context;
};

static void move(struct wn_producer *producer, enum wn_txn_event event)
{
    producer->state = wn_txn_next(producer->state, event);
}

static void break_it(struct wn_producer *producer, const struct wn_error *why)
{
    if (!wn_txn_may(producer->state, WN_TXN_BREAK)) {
        return; // A report of a transaction that is over: purged by its abort.
    }
    bool worse = producer->fault.code == WN_OK || strcmp(why->reason, "batch-refused") == 0;
    if (worse) {
        producer->fault = *why;
    }
    move(producer, WN_TXN_BREAK);
}

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
    (void)client;
    struct wn_producer *producer = context;
    struct wn_delivery *delivery = message->_private;
    producer->reported++;
    if (!message->err) {
        if (delivery && message->offset >= delivery->offset) {
            delivery->offset = message->offset + 1;
        }
        return;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
        message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        return;
    }
    struct wn_error err;
    struct wn_kafka_flags flags = { .abortable = true };
    enum wn_kafka_class class = wn_kafka_classify(message->err, flags);
    (void)wn_kafka_fail(&err, class, message->err, rd_kafka_topic_name(message->rkt),
                        "a message was not delivered");
    if (class == WN_KAFKA_SAME_AGAIN && delivery) {
        delivery->refused = true;
    }
    break_it(producer, &err);
}

static int on_close(int socket, void *context)
{
    struct wn_producer *producer = context;
    (void)atomic_fetch_add(&producer->closed, 1);
    return close(socket);
}

static enum wn_code configure(const struct wn_settings *settings, const char *name,
                              rd_kafka_conf_t **ret_conf, struct wn_error *err)
{
    static const struct wn_kafka_own defaults[] = {
        { "linger.ms", "5" },
        { "batch.num.messages", "10000" },
        { "queue.buffering.max.messages", "1000000" },
        { "queue.buffering.max.kbytes", "262144" },
        { "message.max.bytes", "1048576" },
        { "compression.codec", "zstd" },
        { "transaction.timeout.ms", "15000" },
        { "socket.nagle.disable", "true" },
        { NULL, NULL },
    };
    const struct wn_kafka_own own[] = {
        { "transactional.id", name },        { "client.id", name },
        { "enable.idempotence", "true" },    { "acks", "all" },
        { "partitioner", "murmur2_random" }, { NULL, NULL },
    };
    return wn_kafka_conf(settings, WN_KAFKA_ROLE_PRODUCER, defaults, own, ret_conf, err);
}

/** @return whether a call that failed with WN_RETRY is to be made again. */
static bool once_more(struct wn_producer *producer, enum wn_code rc, const struct wn_error *err)
{
    if (rc != WN_RETRY) {
        return false;
    }
    wn_log(WN_LOG_WARNING, "kafka-retry", "state=%s error=\"%s\"", wn_txn_name(producer->state),
           err->text);
    rd_kafka_poll(producer->client, 50);
    return !producer->give_up || !producer->give_up(producer->context);
}

static enum wn_code init(struct wn_producer *producer, struct wn_error *err)
{
    enum wn_code rc;
    do {
        rd_kafka_error_t *error = rd_kafka_init_transactions(producer->client, TURN_MS);
        rc = error ? wn_kafka_fail_object(err, "init_transactions", error) : WN_OK;
    } while (once_more(producer, rc, err));
    if (rc == WN_ABORT) {
        // Rights on the transactional id: nothing is open yet that could be aborted.
        return wn_fail(err, WN_FATAL, "rights",
                       "the broker refuses our transactional.id; grant WRITE and DESCRIBE on it");
    }
    return rc;
}

enum wn_code wn_producer_open(const struct wn_settings *settings, const char *name,
                              wn_give_up *give_up, void *context, struct wn_producer **ret_producer,
                              struct wn_error *err)
{
    rd_kafka_conf_t *conf;
    enum wn_code rc = configure(settings, name, &conf, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_producer *producer = calloc(1, sizeof(*producer));
    if (!producer) {
        abort();
    }
    producer->give_up = give_up;
    producer->context = context;
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_closesocket_cb(conf, on_close);
    rc = wn_kafka_new(RD_KAFKA_PRODUCER, conf, &producer->client, err);
    rc = rc == WN_OK ? init(producer, err) : rc;
    if (rc != WN_OK) {
        (void)wn_producer_close(producer);
        return rc;
    }
    *ret_producer = producer;
    return WN_OK;
}

struct wn_producer *wn_producer_close(struct wn_producer *producer)
{
    if (!producer) {
        return NULL;
    }
    for (unsigned i = 0; i < producer->n_topics; i++) {
        rd_kafka_topic_destroy(producer->topics[i]);
    }
    if (producer->client) {
        (void)rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                                   RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_poll(producer->client, 0);
        rd_kafka_destroy(producer->client);
    }
    wn_buffer_deinit(&producer->value);
    free(producer);
    return NULL;
}

unsigned wn_producer_topic(struct wn_producer *producer, const char *name)
{
    for (unsigned i = 0; i < producer->n_topics; i++) {
        if (strcmp(rd_kafka_topic_name(producer->topics[i]), name) == 0) {
            return i;
        }
    }
    assert(producer->n_topics < WN_PRODUCER_TOPICS);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer->client, name, NULL);
    assert(topic); // Only a second configuration of the same topic is refused.
    producer->topics[producer->n_topics] = topic;
    return producer->n_topics++;
}

enum wn_txn_state wn_producer_state(const struct wn_producer *producer)
{
    return producer->state;
}

enum wn_code wn_producer_begin(struct wn_producer *producer, struct wn_error *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(producer->client);
    if (error) {
        move(producer, WN_TXN_DIE);
        enum wn_code rc = wn_kafka_fail_object(err, "begin_transaction", error);
        err->code = WN_FATAL;
        return rc == WN_OK ? WN_OK : WN_FATAL;
    }
    move(producer, WN_TXN_BEGIN);
    producer->sent = 0;
    producer->reported = 0;
    producer->fault = (struct wn_error){ .code = WN_OK };
    return WN_OK;
}

static rd_kafka_resp_err_t produce(struct wn_producer *producer, const struct wn_put *put)
{
    rd_kafka_topic_t *topic = producer->topics[put->topic];
    const int32_t partition = put->partition < 0 ? RD_KAFKA_PARTITION_UA : put->partition;
    // The library copies key and value; it declares them without const.
    void *key = NULL;
    if (put->key.len > 0) {
        memcpy(&key, &put->key.at, sizeof(key));
    }
    return rd_kafka_producev(producer->client, RD_KAFKA_V_RKT(topic),
                             RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key, put->key.len),
                             RD_KAFKA_V_VALUE(producer->value.at, producer->value.len),
                             RD_KAFKA_V_TIMESTAMP(put->timestamp_ms),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_OPAQUE(put->delivery), RD_KAFKA_V_END);
}

enum wn_code wn_producer_put(struct wn_producer *producer, const struct wn_put *put,
                             struct wn_error *err)
{
    if (producer->state != WN_TXN_OPEN) {
        *err = producer->fault;
        err->code = WN_ABORT;
        return WN_ABORT;
    }
    producer->value.len = 0;
    wn_buffer_add(&producer->value, put->front.at, put->front.len);
    wn_buffer_add(&producer->value, put->body.at, put->body.len);
    rd_kafka_resp_err_t code;
    while ((code = produce(producer, put)) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_poll(producer->client, 10);
    }
    if (!code) {
        producer->sent++;
        return WN_OK;
    }
    char what[300];
    (void)snprintf(what, sizeof(what), "%s: a message of %zu octets",
                   rd_kafka_topic_name(producer->topics[put->topic]), producer->value.len);
    struct wn_kafka_flags flags = { .abortable = true };
    enum wn_kafka_class class = wn_kafka_classify(code, flags);
    enum wn_code rc = wn_kafka_fail(err, class, code, what, rd_kafka_err2str(code));
    if (class == WN_KAFKA_SAME_AGAIN && put->delivery) {
        put->delivery->refused = true;
    }
    break_it(producer, err);
    return rc;
}

void wn_producer_serve(struct wn_producer *producer)
{
    rd_kafka_poll(producer->client, 0);
}

/** What is known of a transaction that failed: the first message that did not arrive says more than
 * the call. */
static enum wn_code failed(struct wn_producer *producer, enum wn_code rc, struct wn_error *err)
{
    if (rc == WN_ABORT || rc == WN_OK) {
        if (producer->state == WN_TXN_BROKEN && producer->fault.code != WN_OK) {
            *err = producer->fault;
        }
        err->code = WN_ABORT;
        return WN_ABORT;
    }
    move(producer, WN_TXN_DIE);
    err->code = WN_FATAL;
    return WN_FATAL;
}

enum wn_code wn_producer_offsets(struct wn_producer *producer, const struct wn_consumer *consumer,
                                 const struct wn_place *places, size_t n, struct wn_error *err)
{
    rd_kafka_poll(producer->client, 0);
    if (producer->state == WN_TXN_BROKEN) {
        return failed(producer, WN_ABORT, err);
    }
    const rd_kafka_consumer_group_metadata_t *metadata = wn_consumer_metadata(consumer);
    assert(metadata);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_topic_partition_list_add(list, places[i].topic, places[i].partition)->offset =
            places[i].offset;
    }
    enum wn_code rc;
    do {
        rd_kafka_error_t *error =
            rd_kafka_send_offsets_to_transaction(producer->client, list, metadata, TURN_MS);
        rc = error ? wn_kafka_fail_object(err, "send_offsets_to_transaction", error) : WN_OK;
    } while (once_more(producer, rc, err));
    rd_kafka_topic_partition_list_destroy(list);
    if (rc != WN_OK) {
        return failed(producer, rc, err);
    }
    if (producer->state == WN_TXN_BROKEN) {
        return failed(producer, WN_ABORT, err);
    }
    move(producer, WN_TXN_SEND);
    return WN_OK;
}

enum wn_code wn_producer_commit(struct wn_producer *producer, struct wn_error *err)
{
    const bool killed_inside = wn_step_wanted("in-commit");
    const unsigned closed = atomic_load(&producer->closed);
    enum wn_code rc;
    do {
        rd_kafka_error_t *error =
            rd_kafka_commit_transaction(producer->client, killed_inside ? 3 : TURN_MS);
        rc = error ? wn_kafka_fail_object(err, "commit_transaction", error) : WN_OK;
        wn_step("in-commit");
    } while (once_more(producer, rc, err));
    // A report that failed while the commit flushed: the commit knows of it as well.
    if (rc != WN_OK) {
        return failed(producer, rc, err);
    }
    if (producer->state == WN_TXN_BROKEN) {
        move(producer, WN_TXN_DIE);
        return wn_fail(err, WN_FATAL, "internal",
                       "a transaction was committed of which a message did not arrive");
    }
    producer->doubtful = atomic_load(&producer->closed) != closed;
    move(producer, WN_TXN_COMMIT);
    return WN_OK;
}

bool wn_producer_is_doubtful(const struct wn_producer *producer)
{
    return producer->doubtful;
}

enum wn_code wn_producer_abort(struct wn_producer *producer, struct wn_error *err)
{
    int64_t until = wn_monotonic_ms() + FIRST_REPORT_MS;
    while (producer->sent > 0 && producer->reported == 0 && wn_monotonic_ms() < until) {
        rd_kafka_poll(producer->client, 5);
    }
    enum wn_code rc;
    do {
        rd_kafka_error_t *error = rd_kafka_abort_transaction(producer->client, TURN_MS);
        rc = error ? wn_kafka_fail_object(err, "abort_transaction", error) : WN_OK;
    } while (once_more(producer, rc, err));
    if (rc != WN_OK) {
        move(producer, WN_TXN_DIE);
        err->code = WN_FATAL;
        return WN_FATAL;
    }
    move(producer, WN_TXN_ABORT);
    return WN_OK;
}

void wn_producer_rewound(struct wn_producer *producer)
{
    if (producer->state == WN_TXN_UNDONE) {
        move(producer, WN_TXN_REWIND);
    }
}
