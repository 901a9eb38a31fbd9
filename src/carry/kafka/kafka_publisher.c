// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>
#include <stdlib.h>

#include "kafka_error.h"
#include "publisher.h"
#include "winnow/clock.h"

enum {
    TURN_MS = 1500,
    ALL_MS = 30000, ///< How long a call may take in all its turns.
};

struct wn_publisher {
    rd_kafka_t *client;
    wn_give_up *give_up;
    void *context;
    size_t failed;           ///< Messages of the open transaction that did not arrive,
    rd_kafka_resp_err_t why; ///< and why the last of them.
};

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
    (void)client;
    struct wn_publisher *publisher = context;
    if (message->err && message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
        message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) { // Those say nothing of why.
        publisher->failed++;
        publisher->why = message->err;
    }
}

/** @return whether a call is made again. */
static bool once_more(const struct wn_publisher *publisher, enum wn_code rc, int64_t until)
{
    return rc == WN_RETRY && wn_monotonic_ms() < until &&
           !(publisher->give_up && publisher->give_up(publisher->context));
}

/** What is left to do for the caller is to stop. */
static enum wn_code final(enum wn_code rc, struct wn_error *err)
{
    err->code = rc == WN_OK ? WN_OK : WN_FATAL;
    return err->code;
}

static enum wn_code configure(const struct wn_settings *settings, const char *name,
                              rd_kafka_conf_t **ret_conf, struct wn_error *err)
{
    static const struct wn_kafka_own defaults[] = {
        { "linger.ms", "1" },
        { "message.max.bytes", "1048576" },
        { "transaction.timeout.ms", "15000" },
        { NULL, NULL },
    };
    const struct wn_kafka_own own[] = {
        { "transactional.id", name },
        { "client.id", name },
        { "enable.idempotence", "true" },
        { "acks", "all" },
        { NULL, NULL },
    };
    return wn_kafka_conf(settings, WN_KAFKA_ROLE_PRODUCER, defaults, own, ret_conf, err);
}

static enum wn_code init(struct wn_publisher *publisher, struct wn_error *err)
{
    int64_t until = wn_monotonic_ms() + ALL_MS;
    enum wn_code rc;
    do {
        rd_kafka_error_t *error = rd_kafka_init_transactions(publisher->client, TURN_MS);
        rc = error ? wn_kafka_fail_object(err, "init_transactions", error) : WN_OK;
    } while (once_more(publisher, rc, until));
    if (rc == WN_ABORT) {
        return wn_fail(err, WN_FATAL, "rights",
                       "the broker refuses our transactional.id %s; grant WRITE and DESCRIBE on it",
                       rd_kafka_name(publisher->client));
    }
    return final(rc, err);
}

enum wn_code wn_publisher_open(const struct wn_settings *settings, const char *name,
                               wn_give_up *give_up, void *context,
                               struct wn_publisher **ret_publisher, struct wn_error *err)
{
    rd_kafka_conf_t *conf;
    enum wn_code rc = configure(settings, name, &conf, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_publisher *publisher = calloc(1, sizeof(*publisher));
    if (!publisher) {
        abort();
    }
    publisher->give_up = give_up;
    publisher->context = context;
    rd_kafka_conf_set_opaque(conf, publisher);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rc = wn_kafka_new(RD_KAFKA_PRODUCER, conf, &publisher->client, err);
    rc = rc == WN_OK ? init(publisher, err) : rc;
    if (rc != WN_OK) {
        (void)wn_publisher_close(publisher);
        return rc;
    }
    *ret_publisher = publisher;
    return WN_OK;
}

struct wn_publisher *wn_publisher_close(struct wn_publisher *publisher)
{
    if (publisher) {
        if (publisher->client) {
            (void)rd_kafka_purge(publisher->client, RD_KAFKA_PURGE_F_QUEUE |
                                                        RD_KAFKA_PURGE_F_INFLIGHT |
                                                        RD_KAFKA_PURGE_F_NON_BLOCKING);
            rd_kafka_poll(publisher->client, 0);
            rd_kafka_destroy(publisher->client);
        }
        free(publisher);
    }
    return NULL;
}

static enum wn_code put(struct wn_publisher *publisher,
                        const struct wn_publication_message *message, struct wn_error *err)
{
    // The library copies key and value; it declares them without const.
    void *key = (void *)(uintptr_t)message->key.at;     // NOLINT(performance-no-int-to-ptr)
    void *value = (void *)(uintptr_t)message->value.at; // NOLINT(performance-no-int-to-ptr)
    rd_kafka_resp_err_t code = rd_kafka_producev(
        publisher->client, RD_KAFKA_V_TOPIC(message->topic),
        RD_KAFKA_V_PARTITION(message->partition), RD_KAFKA_V_KEY(key, message->key.len),
        RD_KAFKA_V_VALUE(value, message->value.len), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_END);
    if (!code) {
        return WN_OK;
    }
    return wn_kafka_fail(err, WN_KAFKA_FATAL, code, message->topic, rd_kafka_err2str(code));
}

static enum wn_code commit(struct wn_publisher *publisher, struct wn_error *err)
{
    int64_t until = wn_monotonic_ms() + ALL_MS;
    enum wn_code rc;
    do {
        rd_kafka_error_t *error = rd_kafka_commit_transaction(publisher->client, TURN_MS);
        rc = error ? wn_kafka_fail_object(err, "commit_transaction", error) : WN_OK;
    } while (once_more(publisher, rc, until));
    return rc;
}

/** A message that did not arrive says more than the commit; that another one of our name came, most
 * of all. */
static void say_why(struct wn_publisher *publisher, const char *topic, struct wn_error *err)
{
    const struct wn_kafka_flags flags = { .fatal = true };
    char text[256] = "a message was not delivered";
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(publisher->client, text, sizeof(text));
    rd_kafka_resp_err_t code = fatal ? fatal : publisher->why;
    if (fatal || publisher->failed > 0) {
        (void)wn_kafka_fail(err, wn_kafka_classify(code, flags), code, topic, text);
    }
}

enum wn_code wn_publisher_send(struct wn_publisher *publisher,
                               const struct wn_publication_message *messages, size_t n,
                               struct wn_error *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(publisher->client);
    if (error) {
        return final(wn_kafka_fail_object(err, "begin_transaction", error), err);
    }
    publisher->failed = 0;
    enum wn_code rc = WN_OK;
    for (size_t i = 0; i < n && rc == WN_OK; i++) {
        rc = put(publisher, &messages[i], err);
    }
    rc = rc == WN_OK ? commit(publisher, err) : rc;
    if (rc != WN_OK) {
        say_why(publisher, messages[0].topic, err);
    }
    if (rc != WN_OK && strcmp(err->reason, "name-taken") != 0) {
        error = rd_kafka_abort_transaction(publisher->client, TURN_MS);
        if (error) {
            rd_kafka_error_destroy(error); // The broker ends it when its time is up.
        }
    }
    return final(rc, err);
}
