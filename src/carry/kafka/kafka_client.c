// SPDX-License-Identifier: Apache-2.0

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kafka_error.h"
#include "kafka_trust.h"
#include "winnow/log.h"

enum {
    LEAVE_MS = 2000, ///< How long a client may take to go.
    LEAVE_TURN_MS = 2,
};

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client;
    wn_log(level <= 4 ? WN_LOG_WARNING : WN_LOG_DEBUG, "kafka", "facility=%s text=\"%s\"", facility,
           text);
}

static void on_error(rd_kafka_t *client, int code, const char *text, void *context)
{
    (void)context;
    wn_log(WN_LOG_WARNING, "kafka-error", "client=\"%s\" error=%s text=\"%s\"",
           rd_kafka_name(client), rd_kafka_err2name((rd_kafka_resp_err_t)code), text);
}

static enum wn_code set(rd_kafka_conf_t *conf, const char *name, const char *value, unsigned line,
                        struct wn_error *err)
{
    char why[256];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK) {
        return WN_OK;
    }
    // The library's text may hold the value, which may be a password.
    return wn_fail(err, WN_FATAL, "config",
                   "line %u: kafka: librdkafka %s refuses the property '%s'; see its "
                   "CONFIGURATION.md for its name and values",
                   line, rd_kafka_version_str(), name);
}

static enum wn_code set_secret(rd_kafka_conf_t *conf, const struct wn_property *property,
                               struct wn_error *err)
{
    char text[WN_SECRET_BYTES];
    enum wn_code rc = wn_secret_read(&property->secret, text, err);
    if (rc != WN_OK) {
        return wn_context(err, "line %u: kafka: %.64s", property->line, property->name);
    }
    rc = set(conf, property->name, text, property->line, err);
    explicit_bzero(text, sizeof(text));
    return rc;
}

static enum wn_code set_all(rd_kafka_conf_t *conf, const struct wn_properties *properties,
                            struct wn_error *err)
{
    for (unsigned i = 0; i < properties->n; i++) {
        const struct wn_property *property = &properties->list[i];
        enum wn_code rc = property->value
                              ? set(conf, property->name, property->value, property->line, err)
                              : set_secret(conf, property, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    return WN_OK;
}

static enum wn_code set_own(rd_kafka_conf_t *conf, const struct wn_kafka_own *own,
                            struct wn_error *err)
{
    for (; own->name; own++) {
        enum wn_code rc = set(conf, own->name, own->value, 0, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    return WN_OK;
}

static enum wn_code fill(rd_kafka_conf_t *conf, const struct wn_settings *settings,
                         enum wn_kafka_role role, const struct wn_kafka_own *const lists[2],
                         struct wn_error *err)
{
    static const struct wn_properties none = { NULL, 0 };
    const struct wn_properties *more = role == WN_KAFKA_ROLE_CONSUMER   ? &settings->consumer
                                       : role == WN_KAFKA_ROLE_PRODUCER ? &settings->producer
                                                                        : &none;
    // A broker that dies is still named as leader until the controller misses it. librdkafka 2.0.2
    // asks when the connection breaks, and then, left alone, after five minutes again: an outage.
    static const struct wn_kafka_own common[] = { { "topic.metadata.refresh.interval.ms", "5000" },
                                                  { NULL, NULL } };
    enum wn_code rc = set_own(conf, common, err);
    rc = rc == WN_OK ? set_own(conf, lists[0], err) : rc;
    rc = rc == WN_OK ? set_all(conf, &settings->kafka, err) : rc;
    rc = rc == WN_OK ? set_all(conf, more, err) : rc;
    return rc == WN_OK ? set_own(conf, lists[1], err) : rc;
}

enum wn_code wn_kafka_conf(const struct wn_settings *settings, enum wn_kafka_role role,
                           const struct wn_kafka_own *defaults, const struct wn_kafka_own *own,
                           rd_kafka_conf_t **ret_conf, struct wn_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const struct wn_kafka_own *const lists[2] = { defaults, own };
    enum wn_code rc = fill(conf, settings, role, lists, err);
    if (rc != WN_OK) {
        rd_kafka_conf_destroy(conf);
        return settings->file ? wn_context(err, "%s", settings->file) : rc;
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    // Refused by a library that was built without TLS: then there are no certificates.
    (void)rd_kafka_conf_set_ssl_cert_verify_cb(conf, wn_trust_certificate);
    *ret_conf = conf;
    return WN_OK;
}

enum wn_code wn_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **ret_client,
                          struct wn_error *err)
{
    char why[256];
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof(why));
    if (!client) {
        rd_kafka_conf_destroy(conf);
        return wn_fail(err, WN_FATAL, "config", "kafka: librdkafka starts no client: %s", why);
    }
    *ret_client = client;
    return WN_OK;
}

/** A client on its way out. */
struct leaving {
    rd_kafka_t *client;
    atomic_int ended; ///< 1: it is gone; 2: nobody waits for it any more.
};

static void *leave(void *context)
{
    struct leaving *leaving = context;
    rd_kafka_destroy_flags(leaving->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (atomic_exchange(&leaving->ended, 1) == 2) {
        (void)pthread_detach(pthread_self());
        free(leaving);
    }
    return NULL;
}

void wn_kafka_leave(rd_kafka_t *client)
{
    const struct timespec pause = { 0, LEAVE_TURN_MS * 1000000L };
    pthread_t thread;
    struct leaving *leaving = calloc(1, sizeof(*leaving));
    if (!leaving) {
        abort();
    }
    leaving->client = client;
    if (pthread_create(&thread, NULL, leave, leaving) != 0) {
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        free(leaving);
        return;
    }
    for (int waited = 0; waited < LEAVE_MS && atomic_load(&leaving->ended) == 0;
         waited += LEAVE_TURN_MS) {
        (void)nanosleep(&pause, NULL);
    }
    if (atomic_exchange(&leaving->ended, 2) == 0) {
        wn_log(WN_LOG_WARNING, "left-behind", "client=%s", "consumer");
        return;
    }
    (void)pthread_join(thread, NULL);
    free(leaving);
}

/** What a message that is none says of its partition. */
static void fault(const rd_kafka_message_t *from, struct wn_message *ret_message)
{
    ret_message->kind = WN_MESSAGE_FAULT;
    ret_message->text = rd_kafka_message_errstr(from);
    switch ((int)from->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        ret_message->kind = WN_MESSAGE_END;
        break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        ret_message->reason = "input-trimmed";
        break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        ret_message->reason = "rights";
        break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        ret_message->reason = "topic-missing";
        break;
    default:
        break;
    }
}

void wn_kafka_message(rd_kafka_message_t *from, struct wn_message *ret_message)
{
    rd_kafka_timestamp_type_t type;
    *ret_message = (struct wn_message){
        .kind = WN_MESSAGE_RECORD,
        .topic = from->rkt ? rd_kafka_topic_name(from->rkt) : "",
        .partition = from->partition,
        .offset = from->offset,
        .timestamp_ms = -1,
        .handle = from,
    };
    if (from->err) {
        fault(from, ret_message);
        return;
    }
    ret_message->timestamp_ms = rd_kafka_message_timestamp(from, &type);
    ret_message->key = (struct wn_slice){ from->key, from->key_len };
    ret_message->value = (struct wn_slice){ from->payload, from->len };
}
