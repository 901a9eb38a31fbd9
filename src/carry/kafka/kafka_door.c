// SPDX-License-Identifier: Apache-2.0

/*
 * librdkafka tries for ever and logs what hindered it, in OpenSSL's words. A person wants to know
 * once which of a few things it is: so the last hindrance is kept, and put into a sentence with its
 * remedy. A password or certificate that is refused will be refused again: it is not waited out
 * (but for the other brokers, which may be in order).
 */

#include "kafka_door.h"

#include <pthread.h>
#include <stdio.h>

#include "kafka_trust.h"
#include "winnow/clock.h"
#include "winnow/memory.h"

enum {
    TRY_MS = 500,
    OTHERS_MS = 3000, ///< How long the other brokers have to answer where one refuses.
};

struct wn_door {
    rd_kafka_t *client;
    int32_t *brokers;
    unsigned n_brokers;
    pthread_mutex_t lock; ///< Of `trouble`: certificates are looked at in the library's threads.
    struct wn_trouble trouble;
};

static void note_trouble(rd_kafka_t *client, int code, const char *text, void *context)
{
    struct wn_door *door = context;
    (void)client;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        return; // It says less than what came before it.
    }
    (void)pthread_mutex_lock(&door->lock);
    door->trouble.code = (rd_kafka_resp_err_t)code;
    (void)snprintf(door->trouble.text, sizeof(door->trouble.text), "%s", text);
    (void)pthread_mutex_unlock(&door->lock);
}

// NOLINTNEXTLINE(readability-function-size, readability-non-const-parameter): the library's list.
static int note_certificate(rd_kafka_t *client, const char *name, int32_t broker, int *x509_error,
                            int depth, const char *bytes, size_t size, char *why, size_t room,
                            void *context)
{
    struct wn_door *door = context;
    if (*x509_error != 0) {
        (void)pthread_mutex_lock(&door->lock);
        door->trouble.certificate = *x509_error;
        (void)pthread_mutex_unlock(&door->lock);
    }
    return wn_trust_certificate(client, name, broker, x509_error, depth, bytes, size, why, room,
                                NULL);
}

static struct wn_trouble trouble_of(struct wn_door *door)
{
    (void)pthread_mutex_lock(&door->lock);
    struct wn_trouble trouble = door->trouble;
    (void)pthread_mutex_unlock(&door->lock);
    return trouble;
}

static void keep_brokers(struct wn_door *door, const struct rd_kafka_metadata *found)
{
    door->n_brokers = (unsigned)found->broker_cnt;
    door->brokers = wn_take(door->n_brokers, sizeof(*door->brokers));
    for (unsigned i = 0; i < door->n_brokers; i++) {
        door->brokers[i] = found->brokers[i].id;
    }
}

/** @return whether to wait longer. */
static bool waits(struct wn_door *door, const struct wn_settings *settings, int64_t until,
                  int64_t *refused_ms)
{
    const int64_t now = wn_monotonic_ms();
    const struct wn_trouble trouble = trouble_of(door);
    if (wn_trouble_is_refusal(&trouble)) {
        const bool others = strchr(wn_settings_brokers(settings), ',') != NULL;
        *refused_ms = *refused_ms == 0 ? now : *refused_ms;
        return others && now - *refused_ms < OTHERS_MS && now < until;
    }
    return now < until;
}

static enum wn_code await_brokers(struct wn_door *door, const struct wn_settings *settings,
                                  const struct wn_patience *patience, struct wn_error *err)
{
    const int64_t until = wn_monotonic_ms() + patience->timeout_ms;
    int64_t refused_ms = 0;
    do {
        const struct rd_kafka_metadata *found = NULL;
        if (rd_kafka_metadata(door->client, 0, NULL, &found, TRY_MS) == 0) {
            keep_brokers(door, found);
            rd_kafka_metadata_destroy(found);
        }
        (void)rd_kafka_poll(door->client, 0);
    } while (door->n_brokers == 0 && waits(door, settings, until, &refused_ms) &&
             !(patience->give_up && patience->give_up(patience->context)));
    if (door->n_brokers > 0) {
        return WN_OK;
    }
    const struct wn_trouble trouble = trouble_of(door);
    return wn_trouble_fail(&trouble, settings, patience->timeout_ms, err);
}

enum wn_code wn_door_open(const struct wn_settings *settings, const struct wn_patience *patience,
                          struct wn_door **ret_door, struct wn_error *err)
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
    struct wn_door *door = wn_take(1, sizeof(*door));
    (void)pthread_mutex_init(&door->lock, NULL);
    rd_kafka_conf_set_error_cb(conf, note_trouble);
    (void)rd_kafka_conf_set_ssl_cert_verify_cb(conf, note_certificate);
    rd_kafka_conf_set_opaque(conf, door);
    rc = wn_kafka_new(RD_KAFKA_CONSUMER, conf, &door->client, err);
    rc = rc == WN_OK ? await_brokers(door, settings, patience, err) : rc;
    if (rc != WN_OK) {
        wn_door_close(door);
        return rc;
    }
    *ret_door = door;
    return WN_OK;
}

struct wn_door *wn_door_close(struct wn_door *door)
{
    if (door) {
        if (door->client) {
            rd_kafka_destroy_flags(door->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
        (void)pthread_mutex_destroy(&door->lock);
        free(door->brokers);
        free(door);
    }
    return NULL;
}

rd_kafka_t *wn_door_client(const struct wn_door *door)
{
    return door->client;
}

const int32_t *wn_door_brokers(const struct wn_door *door, unsigned *ret_n)
{
    *ret_n = door->n_brokers;
    return door->brokers;
}

enum wn_code wn_kafka_knock(const struct wn_settings *settings, int timeout_ms, wn_give_up *give_up,
                            void *context, struct wn_error *err)
{
    const struct wn_patience patience = { timeout_ms, give_up, context };
    struct wn_door *door = NULL;
    enum wn_code rc = wn_door_open(settings, &patience, &door, err);
    (void)wn_door_close(door);
    return rc;
}
