// SPDX-License-Identifier: Apache-2.0

/*
 * A reader is a consumer that joins no group: it assigns to itself what it is told to read. It
 * carries the group's name for one purpose only, to ask for the group's committed offsets; as it is
 * read_committed, the broker answers with stable ones (it waits for a pending transaction's end).
 */

#include <stdio.h>
#include <stdlib.h>

#include "kafka_error.h"
#include "winnow/clock.h"
#include "winnow/hash.h"

enum {
    ASK_MS = 2000
}; ///< How long a question to the broker may take.

struct wn_reader {
    rd_kafka_t *client;
    rd_kafka_message_t *last; ///< Of wn_reader_next().
    char no_group[160];       ///< What to say where the group is not ours to ask for.
};

enum wn_code wn_reader_open(const struct wn_settings *settings, bool committed,
                            struct wn_reader **ret_reader, struct wn_error *err)
{
    static const struct wn_kafka_own defaults[] = {
        { "fetch.wait.max.ms", "10" },
        { "check.crcs", "true" },
        { "socket.nagle.disable", "true" },
        { "socket.timeout.ms", "2000" }, // The library's own limits of a question end with it.
        { "queued.max.messages.kbytes", "16384" },
        { NULL, NULL },
    };
    const struct wn_kafka_own own[] = {
        { "group.id", settings->group },
        { "isolation.level", committed ? "read_committed" : "read_uncommitted" },
        { "enable.auto.commit", "false" },
        { "enable.auto.offset.store", "false" },
        { "auto.offset.reset", "error" },
        { "enable.partition.eof", "true" },
        { NULL, NULL },
    };
    rd_kafka_conf_t *conf;
    enum wn_code rc = wn_kafka_conf(settings, WN_KAFKA_ROLE_CONSUMER, defaults, own, &conf, err);
    if (rc != WN_OK) {
        return rc;
    }
    rd_kafka_t *client;
    rc = wn_kafka_new(RD_KAFKA_CONSUMER, conf, &client, err);
    if (rc != WN_OK) {
        return rc;
    }
    rd_kafka_poll_set_consumer(client);
    struct wn_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        abort();
    }
    reader->client = client;
    (void)snprintf(reader->no_group, sizeof(reader->no_group),
                   "the group %.80s: Read is not granted on it", settings->group);
    *ret_reader = reader;
    return WN_OK;
}

static void give_back(struct wn_reader *reader)
{
    if (reader->last) {
        rd_kafka_message_destroy(reader->last);
        reader->last = NULL;
    }
}

struct wn_reader *wn_reader_close(struct wn_reader *reader)
{
    if (reader) {
        give_back(reader);
        rd_kafka_destroy_flags(reader->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        free(reader);
    }
    return NULL;
}

enum wn_code wn_reader_start(struct wn_reader *reader, const struct wn_place *place,
                             struct wn_error *err)
{
    give_back(reader);
    // A client that never asked for a partition looks for its leader once a second only.
    int64_t low;
    int64_t high;
    (void)rd_kafka_query_watermark_offsets(reader->client, place->topic, place->partition, &low,
                                           &high, ASK_MS);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, place->topic, place->partition)->offset =
        place->offset == WN_OFFSET_BEGIN ? RD_KAFKA_OFFSET_BEGINNING : place->offset;
    rd_kafka_resp_err_t code = rd_kafka_assign(reader->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code) {
        return wn_kafka_fail(err, WN_KAFKA_FATAL, code, place->topic, rd_kafka_err2str(code));
    }
    return WN_OK;
}

void wn_reader_next(struct wn_reader *reader, int timeout_ms, struct wn_message *ret_message)
{
    give_back(reader);
    reader->last = rd_kafka_consumer_poll(reader->client, timeout_ms);
    if (!reader->last) {
        *ret_message = (struct wn_message){ .kind = WN_MESSAGE_NONE };
        return;
    }
    wn_kafka_message(reader->last, ret_message);
    if (reader->last->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
        ret_message->text = reader->no_group; // The library's text does not name it.
    }
}

void wn_reader_stop(struct wn_reader *reader)
{
    give_back(reader);
    (void)rd_kafka_assign(reader->client, NULL);
}

enum wn_code wn_reader_ends(struct wn_reader *reader, const char *topic, int32_t partition,
                            int64_t *ret_low, int64_t *ret_high, struct wn_error *err)
{
    return wn_kafka_answer(rd_kafka_query_watermark_offsets(reader->client, topic, partition,
                                                            ret_low, ret_high, ASK_MS),
                           topic, err);
}

enum wn_code wn_reader_committed(struct wn_reader *reader, struct wn_place *place,
                                 struct wn_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, place->topic, place->partition);
    rd_kafka_resp_err_t code = rd_kafka_committed(reader->client, list, ASK_MS);
    if (!code) {
        code = list->elems[0].err;
    }
    if (!code) {
        place->offset = list->elems[0].offset >= 0 ? list->elems[0].offset : WN_OFFSET_NONE;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return wn_kafka_answer(code, place->topic, err);
}

enum wn_code wn_reader_partitions(struct wn_reader *reader, const char *topic,
                                  int32_t *ret_partitions, struct wn_error *err)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(reader->client, topic, NULL);
    if (!handle) {
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        return wn_kafka_fail(err, WN_KAFKA_FATAL, code, topic, rd_kafka_err2str(code));
    }
    const struct rd_kafka_metadata *found = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(reader->client, 0, handle, &found, ASK_MS);
    if (!code) {
        code = found->topic_cnt == 1 ? found->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
        *ret_partitions = found->topic_cnt == 1 ? found->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(found);
    }
    rd_kafka_topic_destroy(handle);
    return wn_kafka_answer(code, topic, err);
}

enum wn_code wn_reader_cluster(struct wn_reader *reader, char ret_id[64], struct wn_error *err)
{
    char *id = rd_kafka_clusterid(reader->client, ASK_MS);
    if (!id) {
        return wn_fail(err, WN_RETRY, "broker-away", "no broker says the cluster's id");
    }
    (void)snprintf(ret_id, 64, "%.63s", id);
    rd_kafka_mem_free(reader->client, id);
    return WN_OK;
}

static void judge_check(struct wn_witness *check, const struct wn_message *message)
{
    if (message->kind != WN_MESSAGE_RECORD || message->offset > check->place.offset) {
        check->result = WN_CHECK_GONE;
    } else if (message->offset == check->place.offset) {
        bool same = message->timestamp_ms == check->timestamp_ms &&
                    wn_crc32c(0, message->value.at, message->value.len) == check->crc;
        check->result = same ? WN_CHECK_SAME : WN_CHECK_OTHER;
    }
}

/**
 * Give a message to the checks that it answers: an offset out of range says something of the first
 * only.
 *
 * @return how many are answered now that were open.
 */
static size_t answer_checks(struct wn_witness *checks, size_t n, const struct wn_message *message)
{
    size_t answered = 0;
    for (size_t i = 0; i < n; i++) {
        struct wn_witness *check = &checks[i];
        if (check->result == WN_CHECK_OPEN && check->place.partition == message->partition &&
            strcmp(check->place.topic, message->topic) == 0) {
            judge_check(check, message);
            answered += check->result != WN_CHECK_OPEN;
            if (message->kind == WN_MESSAGE_FAULT) {
                break;
            }
        }
    }
    return answered;
}

/** Read each partition from its first open check on. */
static enum wn_code assign_checks(struct wn_reader *reader, const struct wn_witness *checks,
                                  size_t n, struct wn_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++) {
        const struct wn_place *place = &checks[i].place;
        if (checks[i].result == WN_CHECK_OPEN &&
            !rd_kafka_topic_partition_list_find(list, place->topic, place->partition)) {
            rd_kafka_topic_partition_list_add(list, place->topic, place->partition)->offset =
                place->offset;
        }
    }
    rd_kafka_resp_err_t code = rd_kafka_assign(reader->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code ? wn_kafka_fail(err, WN_KAFKA_FATAL, code, "check", rd_kafka_err2str(code)) : WN_OK;
}

enum wn_code wn_reader_check(struct wn_reader *reader, struct wn_witness *checks, size_t n,
                             int timeout_ms, struct wn_error *err)
{
    for (size_t i = 0; i < n; i++) {
        checks[i].result = WN_CHECK_OPEN;
    }
    enum wn_code rc = assign_checks(reader, checks, n, err);
    int64_t until = wn_monotonic_ms() + timeout_ms;
    size_t open = n;
    while (rc == WN_OK && open > 0 && wn_monotonic_ms() < until) {
        struct wn_message message;
        wn_reader_next(reader, 100, &message);
        bool passes = message.kind == WN_MESSAGE_FAULT && !message.reason;
        if (message.kind == WN_MESSAGE_NONE || passes) {
            continue;
        }
        open -= answer_checks(checks, n, &message);
        if (message.kind == WN_MESSAGE_FAULT && open > 0) {
            rc = assign_checks(reader, checks, n, err);
        }
    }
    wn_reader_stop(reader);
    if (rc == WN_OK && open > 0) {
        return wn_fail(err, WN_RETRY, "broker-away",
                       "%s[%d]: the records that were read last can't be read again in %d ms",
                       checks[0].place.topic, (int)checks[0].place.partition, timeout_ms);
    }
    return rc;
}
