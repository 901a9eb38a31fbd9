// SPDX-License-Identifier: Apache-2.0

/*
 * kafka-tool: what the integration tests need of a broker, without winnow's own code.
 *
 * All are called as `kafka-tool BROKER VERB …`:
 *
 *     make TOPIC PARTITIONS [name=value …]    `broker=2` first: all on that one
 *     remove TOPIC
 *     grow TOPIC PARTITIONS                   adds partitions
 *     alter TOPIC name=value                  sets a setting, the others stay; "name=": its default
 *     fill TOPIC PARTITION                    standard input: one message a line, as it stands
 *     fill-txn TOPIC PARTITION ID             the same, in one transaction
 *     pack TOPIC PARTITION                    standard input: u32 big-endian length and octets,
 *                                             again and again
 *     dump TOPIC [uncommitted]                JSON lines: partition, offset, timestamp; key, value
 *                                             and headers in hex
 *     ends TOPIC PARTITION                    low and high watermark
 *     group GROUP TOPIC PARTITION [OFFSET]    committed offset; sets it (the group must be empty)
 *     forget GROUP                            deletes the group and its offsets (it must be empty)
 *     follow GROUP TOPIC PARTITIONS           prints the sum of its committed offsets, again and
 *                                             again, until standard input ends
 *     trim TOPIC PARTITION OFFSET             deletes records before it
 *
 * What $KAFKA_TOOL_MARK says is the key, and the value of a header, of every message that is sent.
 *
 * Exit status 1 and a line on standard error where anything fails.
 */

#include <librdkafka/rdkafka.h>

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** A partition or a count given on the command line. */
static int number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "kafka-tool: %s: %s\n", what, why);
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

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[200];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK) {
        die(name, why);
    }
}

static rd_kafka_t *make(rd_kafka_type_t type, rd_kafka_conf_t *conf, const char *broker)
{
    char why[200];
    set(conf, "bootstrap.servers", broker);
    set(conf, "message.max.bytes", "20000000");
    set(conf, "topic.metadata.refresh.interval.ms", "2000"); // A leader may have died just now.
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof(why));
    if (!client) {
        die("client", why);
    }
    return client;
}

static rd_kafka_t *reader(const char *broker, const char *group, const char *isolation)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "group.id", group);
    set(conf, "enable.auto.commit", "false");
    set(conf, "isolation.level", isolation);
    set(conf, "enable.partition.eof", "true");
    set(conf, "auto.offset.reset", "error");
    set(conf, "fetch.wait.max.ms", "10");
    set(conf, "fetch.message.max.bytes", "20000000");
    return make(RD_KAFKA_CONSUMER, conf, broker);
}

// ---- Filling -----------------------------------------------------------------------------------

static long n_failed;

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
    (void)client;
    (void)context;
    if (message->err) {
        fprintf(stderr, "kafka-tool: %s\n", rd_kafka_err2str(message->err));
        n_failed++;
    }
}

static void put(rd_kafka_t *client, const char *topic, int partition, const char *at, size_t len)
{
    rd_kafka_resp_err_t code;
    char *mark = getenv("KAFKA_TOOL_MARK");
    void *value =
        (void *)(uintptr_t)at; // NOLINT: librdkafka copies it, and declares it without const.
    while ((code = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic),
                                     RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_VALUE(value, len),
                                     RD_KAFKA_V_KEY(mark, mark ? strlen(mark) : 0),
                                     RD_KAFKA_V_HEADER("mark", mark ? mark : "", -1),
                                     RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END)) ==
           RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_poll(client, 10);
    }
    must("produce", code);
}

static void put_lines(rd_kafka_t *client, const char *topic, int partition)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 0) {
        put(client, topic, partition, line, (size_t)(line[len - 1] == '\n' ? len - 1 : len));
    }
    free(line);
}

static void put_packs(rd_kafka_t *client, const char *topic, int partition)
{
    unsigned char head[4];
    while (fread(head, 1, 4, stdin) == 4) {
        size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        char *bytes = malloc(len + 1);
        if (!bytes || fread(bytes, 1, len, stdin) != len) {
            die("pack", "cut");
        }
        put(client, topic, partition, bytes, len);
        free(bytes);
    }
}

static void fill(const char *broker, const char *topic, int partition, const char *id, int packs)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    set(conf, "enable.idempotence", "true");
    set(conf, "linger.ms", "5");
    if (id) {
        set(conf, "transactional.id", id);
    }
    rd_kafka_t *client = make(RD_KAFKA_PRODUCER, conf, broker);
    if (id) {
        must_object("init", rd_kafka_init_transactions(client, 30000));
        must_object("begin", rd_kafka_begin_transaction(client));
    }
    if (packs) {
        put_packs(client, topic, partition);
    } else {
        put_lines(client, topic, partition);
    }
    if (id) {
        must_object("commit", rd_kafka_commit_transaction(client, 30000));
    }
    must("flush", rd_kafka_flush(client, 60000));
    rd_kafka_destroy(client);
    if (n_failed) {
        exit(1);
    }
}

// ---- Reading -----------------------------------------------------------------------------------

static void print_hex(const char *name, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    printf(",\"%s\":", name);
    if (!at) {
        printf("null");
        return;
    }
    putchar('"');
    for (size_t i = 0; i < len; i++) {
        printf("%02x", at[i]);
    }
    putchar('"');
}

static void print_message(const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    rd_kafka_headers_t *headers = NULL;
    size_t n_headers =
        rd_kafka_message_headers(message, &headers) ? 0 : rd_kafka_header_cnt(headers);
    printf("{\"partition\":%d,\"offset\":%" PRId64 ",\"timestamp\":%" PRId64 ",\"headers\":%zu",
           (int)message->partition, message->offset, rd_kafka_message_timestamp(message, &type),
           n_headers);
    print_hex("key", message->key, message->key_len);
    print_hex("value", message->payload, message->len);
    printf("}\n");
}

static void dump_partition(rd_kafka_t *client, const char *topic, int partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    must("assign", rd_kafka_assign(client, list));
    rd_kafka_topic_partition_list_destroy(list);
    for (int end = 0; !end;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 30000);
        if (!message) {
            die(topic, "nothing came in 30 s");
        }
        if (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            die(topic, rd_kafka_message_errstr(message));
        }
        end = message->err != 0;
        if (!end) {
            print_message(message);
        }
        rd_kafka_message_destroy(message);
    }
}

static void dump(const char *broker, const char *topic, const char *isolation)
{
    rd_kafka_t *client = reader(broker, "kafka-tool", isolation);
    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    const struct rd_kafka_metadata *found = NULL;
    must(topic, rd_kafka_metadata(client, 0, handle, &found, 10000));
    must(topic, found->topics[0].err);
    for (int i = 0; i < found->topics[0].partition_cnt; i++) {
        dump_partition(client, topic, i);
    }
    rd_kafka_metadata_destroy(found);
    rd_kafka_topic_destroy(handle);
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

static void ends(const char *broker, const char *topic, int partition)
{
    rd_kafka_t *client = reader(broker, "kafka-tool", "read_uncommitted");
    int64_t low = 0;
    int64_t high = 0;
    must(topic, rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, 10000));
    printf("%" PRId64 " %" PRId64 "\n", low, high);
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

static void group_offset(const char *broker, char **argv, int argc)
{
    rd_kafka_t *client = reader(broker, argv[0], "read_committed");
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *place =
        rd_kafka_topic_partition_list_add(list, argv[1], number(argv[2]));
    if (argc > 3) {
        place->offset = strtoll(argv[3], NULL, 10);
        must("commit", rd_kafka_commit(client, list, 0));
        must("commit", place->err);
    } else {
        must("committed", rd_kafka_committed(client, list, 20000));
        printf("%" PRId64 "\n", place->offset);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

static void follow(const char *broker, const char *group, const char *topic, int partitions)
{
    rd_kafka_t *client = reader(broker, group, "read_uncommitted");
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    while (poll(&input, 1, 200) == 0) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
        rd_kafka_topic_partition_list_add_range(list, topic, 0, partitions - 1);
        int64_t sum = 0;
        int known = rd_kafka_committed(client, list, 2000) == RD_KAFKA_RESP_ERR_NO_ERROR;
        for (int i = 0; i < list->cnt; i++) {
            known = known && !list->elems[i].err;
            sum += list->elems[i].offset > 0 ? list->elems[i].offset : 0;
        }
        rd_kafka_topic_partition_list_destroy(list);
        if (known) {
            printf("%" PRId64 "\n", sum);
            fflush(stdout);
        }
    }
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

// ---- Topics ------------------------------------------------------------------------------------

/** A client, and where what it asks of the brokers is answered. */
struct admin {
    rd_kafka_t *client;
    rd_kafka_queue_t *answers;
};

static struct admin admin_open(const char *broker)
{
    struct admin admin = { .client = make(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), broker) };
    admin.answers = rd_kafka_queue_new(admin.client);
    return admin;
}

/** @return the answer to what was asked last, for rd_kafka_event_destroy(). */
static rd_kafka_event_t *admin_await(const struct admin *admin, const char *what)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(admin->answers, 20000);
    if (!event) {
        die(what, "no answer");
    }
    must(what, rd_kafka_event_error(event));
    return event;
}

static void admin_close(struct admin *admin)
{
    rd_kafka_queue_destroy(admin->answers);
    rd_kafka_destroy(admin->client);
}

static void place_topic(rd_kafka_NewTopic_t *topic, int partitions, int32_t broker)
{
    char why[200];
    for (int i = 0; i < partitions; i++) {
        if (rd_kafka_NewTopic_set_replica_assignment(topic, i, &broker, 1, why, sizeof(why))) {
            die("broker", why);
        }
    }
}

static void make_topic(const char *broker, int argc, char **argv)
{
    struct admin admin = admin_open(broker);
    char why[200];
    // As many replicas as the broker likes; an assignment is taken only without a number besides.
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(argv[0], number(argv[1]), -1, why, sizeof(why));
    for (int i = 2; topic && i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (strncmp(argv[i], "broker=", 7) == 0) {
            place_topic(topic, number(argv[1]), number(equals + 1));
        } else if (equals) {
            *equals = '\0';
            must(argv[i], rd_kafka_NewTopic_set_config(topic, argv[i], equals + 1));
        }
    }
    rd_kafka_CreateTopics(admin.client, &topic, 1, NULL, admin.answers);
    rd_kafka_event_t *event = admin_await(&admin, "make");
    size_t n = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n);
    must(argv[0], rd_kafka_topic_result_error(results[0]));
    rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy(topic);
    admin_close(&admin);
}

static void remove_topic(const char *broker, const char *name)
{
    struct admin admin = admin_open(broker);
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    rd_kafka_DeleteTopics(admin.client, &topic, 1, NULL, admin.answers);
    rd_kafka_event_t *event = admin_await(&admin, "remove");
    size_t n = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &n);
    must(name, rd_kafka_topic_result_error(results[0]));
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteTopic_destroy(topic);
    admin_close(&admin);
}

static void grow_topic(const char *broker, const char *name, int partitions)
{
    struct admin admin = admin_open(broker);
    char why[200];
    rd_kafka_NewPartitions_t *more =
        rd_kafka_NewPartitions_new(name, (size_t)partitions, why, sizeof(why));
    rd_kafka_CreatePartitions(admin.client, &more, 1, NULL, admin.answers);
    rd_kafka_event_t *event = admin_await(&admin, "grow");
    rd_kafka_event_destroy(event);
    rd_kafka_NewPartitions_destroy(more);
    admin_close(&admin);
}

static void forget_group(const char *broker, const char *name)
{
    struct admin admin = admin_open(broker);
    rd_kafka_DeleteGroup_t *group = rd_kafka_DeleteGroup_new(name);
    rd_kafka_DeleteGroups(admin.client, &group, 1, NULL, admin.answers);
    rd_kafka_event_t *event = admin_await(&admin, "forget");
    size_t n = 0;
    const rd_kafka_group_result_t **results =
        rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &n);
    const rd_kafka_error_t *error = rd_kafka_group_result_error(results[0]);
    if (error) {
        die(name, rd_kafka_error_string(error));
    }
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteGroup_destroy(group);
    admin_close(&admin);
}

/** Take the settings that the topic was given, but for one. */
static void keep_settings(rd_kafka_event_t *event, const char *but, rd_kafka_ConfigResource_t *wish)
{
    size_t n = 0;
    const rd_kafka_ConfigResource_t **found =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &n);
    must("describe", rd_kafka_ConfigResource_error(found[0]));
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(found[0], &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]);
        if (rd_kafka_ConfigEntry_source(entries[i]) ==
                RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG &&
            strcmp(name, but) != 0) {
            rd_kafka_ConfigResource_set_config(wish, name, rd_kafka_ConfigEntry_value(entries[i]));
        }
    }
}

static void alter(const char *broker, const char *topic, char *setting)
{
    struct admin admin = admin_open(broker);
    char *equals = strchr(setting, '=');
    if (!equals) {
        die("alter", "name=value is expected");
    }
    *equals = '\0';
    rd_kafka_ConfigResource_t *wish = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_DescribeConfigs(admin.client, &wish, 1, NULL, admin.answers);
    rd_kafka_event_t *event = admin_await(&admin, "describe");
    keep_settings(event, setting, wish);
    rd_kafka_event_destroy(event);
    if (equals[1]) {
        rd_kafka_ConfigResource_set_config(wish, setting, equals + 1);
    }
    rd_kafka_AlterConfigs(admin.client, &wish, 1, NULL, admin.answers);
    event = admin_await(&admin, "alter");
    size_t n = 0;
    const rd_kafka_ConfigResource_t **results =
        rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &n);
    must(topic, rd_kafka_ConfigResource_error(results[0]));
    rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy(wish);
    admin_close(&admin);
}

static void trim(const char *broker, char **argv)
{
    struct admin admin = admin_open(broker);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, argv[0], number(argv[1]))->offset =
        strtoll(argv[2], NULL, 10);
    rd_kafka_DeleteRecords_t *wish = rd_kafka_DeleteRecords_new(list);
    rd_kafka_DeleteRecords(admin.client, &wish, 1, NULL, admin.answers);
    rd_kafka_event_t *event = admin_await(&admin, "trim");
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteRecords_destroy(wish);
    rd_kafka_topic_partition_list_destroy(list);
    admin_close(&admin);
}

int main(int argc, char **argv)
{
    const char *broker = argc > 1 ? argv[1] : "";
    const char *verb = argc > 3 ? argv[2] : "";
    if (strcmp(verb, "make") == 0 && argc >= 5) {
        make_topic(broker, argc - 3, argv + 3);
    } else if (strcmp(verb, "remove") == 0) {
        remove_topic(broker, argv[3]);
    } else if (strcmp(verb, "grow") == 0 && argc == 5) {
        grow_topic(broker, argv[3], number(argv[4]));
    } else if (strcmp(verb, "alter") == 0 && argc == 5) {
        alter(broker, argv[3], argv[4]);
    } else if (strcmp(verb, "fill") == 0 && argc == 5) {
        fill(broker, argv[3], number(argv[4]), NULL, 0);
    } else if (strcmp(verb, "pack") == 0 && argc == 5) {
        fill(broker, argv[3], number(argv[4]), NULL, 1);
    } else if (strcmp(verb, "fill-txn") == 0 && argc == 6) {
        fill(broker, argv[3], number(argv[4]), argv[5], 0);
    } else if (strcmp(verb, "dump") == 0) {
        dump(broker, argv[3], argc > 4 ? "read_uncommitted" : "read_committed");
    } else if (strcmp(verb, "ends") == 0 && argc == 5) {
        ends(broker, argv[3], number(argv[4]));
    } else if (strcmp(verb, "group") == 0 && argc >= 6) {
        group_offset(broker, argv + 3, argc - 3);
    } else if (strcmp(verb, "forget") == 0) {
        forget_group(broker, argv[3]);
    } else if (strcmp(verb, "follow") == 0 && argc == 6) {
        follow(broker, argv[3], argv[4], number(argv[5]));
    } else if (strcmp(verb, "trim") == 0 && argc == 6) {
        trim(broker, argv + 3);
    } else {
        die("usage", "see the top of tests/support/kafka_tool.c");
    }
    return 0;
}
