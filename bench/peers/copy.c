// SPDX-License-Identifier: Apache-2.0

/**
 * The limit that run is measured against: a bare transactional copy that writes what run writes,
 * and does nothing else.
 *
 *     copy BROKER IN RECORDS  USAGE OUT OCTETS  STATE  RECEIPTS RECEIPT_OCTETS
 *
 * Reads RECORDS records (a message holds one or more, a line each) of the one partition of topic
 * IN, from its beginning, and writes
 *
 *     USAGE     OUT messages of OCTETS octets, spread evenly over the records, with a key of 16
 *     STATE     16 octets a usage message at the end of each transaction, 512 KiB a message at most
 *     RECEIPTS  a message of RECEIPT_OCTETS octets every 50,000 records
 *
 * One consumer and one producer with the settings of src/carry, in one thread (and the helper that
 * wakes the fetcher, as there). A transaction ends at 50,000 records, 500 ms or 32 MiB of input.
 *
 * Compression costs what it costs run: what is a keyed hash there (key, record_id, subscriber,
 * state) is random here; the rest of a usage message is the first octets of its record.
 *
 * Prints records, usage messages, transactions, and the seconds from the first message to the
 * return of the last commit.
 */

#include <librdkafka/rdkafka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BATCH = 2000,
    COMMIT_RECORDS = 50000,
    COMMIT_MS = 500,
    COMMIT_BYTES = 32 * 1024 * 1024,
    RECEIPT_RECORDS = 50000,
    STATE_ENTRY = 16,
    STATE_MOST = 512 * 1024,
    KEY = 16,
    USAGE_MOST = 4096,
    RANDOM = 32, ///< Octets of a usage message that no compression shortens.
    WAIT_MS = 60000,
};

struct setting {
    const char *name, *value;
};

/** What is copied, and how far it is. */
struct copy {
    rd_kafka_t *consumer, *producer;
    rd_kafka_topic_t *usage, *state, *receipts;
    const char *in;
    int64_t records, out;         ///< To be read and to be written.
    size_t octets;                ///< Of a usage message.
    size_t receipt_octets;        ///< Of a receipt.
    int64_t n_read, n_out;        ///< So far.
    int64_t n_receipted;          ///< Of `n_read`.
    int64_t n_transactions;       ///< So far.
    int64_t txn_records, txn_out; ///< In the open transaction.
    int64_t txn_bytes;            ///< Of its input.
    int64_t next;                 ///< Offset after the last message.
    double txn_begin_s;           ///< 0: none is open.
    double begin_s;               ///< 0: nothing came yet.
    uint64_t seed;
    atomic_bool stop; ///< For the helper thread.
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "copy: %s: %s\n", what, why);
    exit(1);
}

static void must(const char *what, rd_kafka_resp_err_t code)
{
    if (code) {
        die(what, rd_kafka_err2str(code));
    }
}

static void must_object(const char *what, rd_kafka_error_t *error)
{
    if (error) {
        die(what, rd_kafka_error_string(error));
    }
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static rd_kafka_t *open_client(rd_kafka_type_t type, const char *broker,
                               const struct setting *settings, rd_kafka_conf_t *conf)
{
    char why[256];
    if (rd_kafka_conf_set(conf, "bootstrap.servers", broker, why, sizeof(why))) {
        die("bootstrap.servers", why);
    }
    for (; settings->name; settings++) {
        if (rd_kafka_conf_set(conf, settings->name, settings->value, why, sizeof(why))) {
            die(settings->name, why);
        }
    }
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof(why));
    if (!client) {
        die("client", why);
    }
    return client;
}

static rd_kafka_t *open_consumer(const char *broker, const char *in)
{
    static const struct setting settings[] = {
        { "group.id", "copy" },
        { "group.instance.id", "copy-1" },
        { "client.id", "copy-1" },
        { "partition.assignment.strategy", "range,roundrobin" },
        { "isolation.level", "read_committed" },
        { "enable.auto.commit", "false" },
        { "enable.auto.offset.store", "false" },
        { "enable.partition.eof", "true" },
        { "fetch.wait.max.ms", "10" },
        { "check.crcs", "true" },
        { "socket.nagle.disable", "true" },
        { "session.timeout.ms", "15000" },
        { "queued.min.messages", "1000000" },
        { "queued.max.messages.kbytes", "32768" },
        { NULL, NULL },
    };
    rd_kafka_t *client = open_client(RD_KAFKA_CONSUMER, broker, settings, rd_kafka_conf_new());
    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    // An assignment by hand in place of a group's: the next call does not wait for one.
    rd_kafka_topic_partition_list_add(list, in, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    must("assign", rd_kafka_assign(client, list));
    rd_kafka_topic_partition_list_destroy(list);
    return client;
}

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
    (void)client;
    (void)context;
    must("delivery", message->err);
}

static rd_kafka_t *open_producer(const char *broker)
{
    static const struct setting settings[] = {
        { "transactional.id", "copy-1" },
        { "client.id", "copy-1" },
        { "enable.idempotence", "true" },
        { "acks", "all" },
        { "partitioner", "murmur2_random" },
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
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_t *client = open_client(RD_KAFKA_PRODUCER, broker, settings, conf);
    must_object("init_transactions", rd_kafka_init_transactions(client, WAIT_MS));
    return client;
}

/** librdkafka 2.0.2 sleeps for a second when its queue was full; any answer wakes its fetcher. */
static void *wake_fetcher(void *context)
{
    struct copy *copy = context;
    const struct timespec pause = { 0, 5000000 };
    while (!atomic_load(&copy->stop)) {
        int64_t low;
        int64_t high;
        (void)rd_kafka_query_watermark_offsets(copy->consumer, copy->in, 0, &low, &high, 1000);
        (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

static void fill_random(struct copy *copy, char *at, size_t len)
{
    for (size_t i = 0; i < len; i += sizeof(copy->seed)) {
        copy->seed ^= copy->seed << 13;
        copy->seed ^= copy->seed >> 7;
        copy->seed ^= copy->seed << 17;
        size_t rest = len - i;
        memcpy(at + i, &copy->seed, rest < sizeof(copy->seed) ? rest : sizeof(copy->seed));
    }
}

static void put(struct copy *copy, rd_kafka_topic_t *topic, int32_t partition, char *key,
                char *value, size_t len)
{
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value, len, key, key ? KEY : 0,
                            NULL) != 0) {
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            must("produce", code);
        }
        rd_kafka_poll(copy->producer, 10);
    }
}

static void put_usage(struct copy *copy, const char *line, size_t len)
{
    char value[USAGE_MOST];
    fill_random(copy, value, RANDOM);
    size_t rest = copy->octets - RANDOM;
    size_t have = rest < len ? rest : len;
    memcpy(value + RANDOM, line, have);
    memset(value + RANDOM + have, 0, rest - have);
    put(copy, copy->usage, RD_KAFKA_PARTITION_UA, value, value, copy->octets);
    copy->n_out++;
    copy->txn_out++;
}

static void put_state(struct copy *copy)
{
    static char value[STATE_MOST];
    int64_t left = copy->txn_out * STATE_ENTRY;
    do {
        size_t len = left < STATE_MOST ? (size_t)left : STATE_MOST;
        fill_random(copy, value, len);
        put(copy, copy->state, 0, NULL, value, len);
        left -= (int64_t)len;
    } while (left > 0);
}

static void put_receipt(struct copy *copy)
{
    char value[USAGE_MOST] = { 0 };
    if (copy->n_read - copy->n_receipted >= RECEIPT_RECORDS || copy->n_read == copy->records) {
        put(copy, copy->receipts, 0, NULL, value, copy->receipt_octets);
        copy->n_receipted = copy->n_read;
    }
}

static void commit(struct copy *copy)
{
    put_receipt(copy);
    put_state(copy);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, copy->in, 0)->offset = copy->next;
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata_new("copy");
    must_object("offsets", rd_kafka_send_offsets_to_transaction(copy->producer, list, group, -1));
    must_object("commit", rd_kafka_commit_transaction(copy->producer, -1));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(list);
    copy->txn_begin_s = 0;
    copy->txn_records = 0;
    copy->txn_out = 0;
    copy->txn_bytes = 0;
    copy->n_transactions++;
}

static void take_line(struct copy *copy, const char *line, size_t len)
{
    copy->n_read++;
    copy->txn_records++;
    if (copy->n_read * copy->out / copy->records > copy->n_out) {
        put_usage(copy, line, len);
    }
}

static void take(struct copy *copy, const rd_kafka_message_t *message)
{
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        return;
    }
    must("consume", message->err);
    if (copy->txn_begin_s <= 0) {
        must_object("begin", rd_kafka_begin_transaction(copy->producer));
        copy->txn_begin_s = now_s();
        copy->begin_s = copy->begin_s > 0 ? copy->begin_s : copy->txn_begin_s;
    }
    const char *at = message->payload;
    const char *end = at + message->len;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        take_line(copy, at, (size_t)(stop - at));
        at = newline ? newline + 1 : end;
    }
    copy->txn_bytes += (int64_t)message->len;
    copy->next = message->offset + 1;
    if (copy->txn_records >= COMMIT_RECORDS || copy->txn_bytes >= COMMIT_BYTES) {
        commit(copy);
    }
}

static void run(struct copy *copy)
{
    static rd_kafka_message_t *batch[BATCH];
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(copy->consumer);
    while (copy->n_read < copy->records || copy->txn_begin_s > 0) {
        double left_s = copy->txn_begin_s + COMMIT_MS / 1e3 - now_s();
        int wait_ms = copy->txn_begin_s <= 0 || left_s > 0.05 ? 50
                      : left_s > 0                            ? (int)(left_s * 1e3)
                                                              : 0;
        ssize_t n = rd_kafka_consume_batch_queue(queue, wait_ms, batch, BATCH);
        for (ssize_t i = 0; i < n; i++) {
            take(copy, batch[i]);
            rd_kafka_message_destroy(batch[i]);
        }
        rd_kafka_poll(copy->producer, 0);
        if (copy->txn_begin_s > 0 && now_s() - copy->txn_begin_s >= COMMIT_MS / 1e3) {
            commit(copy);
        }
    }
    rd_kafka_queue_destroy(queue);
}

static struct copy open_copy(char **argv)
{
    struct copy copy = {
        .in = argv[2],
        .records = strtoll(argv[3], NULL, 10),
        .out = strtoll(argv[5], NULL, 10),
        .octets = strtoul(argv[6], NULL, 10),
        .receipt_octets = strtoul(argv[9], NULL, 10),
        .seed = UINT64_C(0x9e3779b97f4a7c15),
    };
    if (copy.records <= 0 || copy.out < 0 || copy.out > copy.records || copy.octets < RANDOM ||
        copy.octets > USAGE_MOST || copy.receipt_octets > USAGE_MOST) {
        die("arguments", "out of range; see the top of bench/peers/copy.c");
    }
    copy.consumer = open_consumer(argv[1], copy.in);
    copy.producer = open_producer(argv[1]);
    copy.usage = rd_kafka_topic_new(copy.producer, argv[4], NULL);
    copy.state = rd_kafka_topic_new(copy.producer, argv[7], NULL);
    copy.receipts = rd_kafka_topic_new(copy.producer, argv[8], NULL);
    return copy;
}

int main(int argc, char **argv)
{
    if (argc != 10) {
        fprintf(stderr, "copy BROKER IN RECORDS USAGE OUT OCTETS STATE RECEIPTS RECEIPT_OCTETS\n");
        return 2;
    }
    struct copy copy = open_copy(argv);
    pthread_t helper;
    if (pthread_create(&helper, NULL, wake_fetcher, &copy) != 0) {
        die("thread", "not started");
    }
    run(&copy);
    double end_s = now_s();
    atomic_store(&copy.stop, true);
    (void)pthread_join(helper, NULL);
    printf("%lld records, %lld out, %lld transactions, %.3f s\n", (long long)copy.n_read,
           (long long)copy.n_out, (long long)copy.n_transactions, end_s - copy.begin_s);
    rd_kafka_topic_destroy(copy.usage);
    rd_kafka_topic_destroy(copy.state);
    rd_kafka_topic_destroy(copy.receipts);
    rd_kafka_destroy(copy.producer);
    rd_kafka_destroy_flags(copy.consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return 0;
}
