// SPDX-License-Identifier: Apache-2.0

/**
 * What winnow asks of Kafka, without librdkafka's types: only the files kafka*.c include rdkafka.h,
 * and only kafka_error.c tells its errors apart.
 *
 * Four clients: the *consumer* (member of the group, by name), the *producer* (transactional, by
 * the same name), *readers* (no members: they read a partition from where they are told), and the
 * *admin*.
 *
 * Errors say what to do: WN_RETRY (same call again), WN_ABORT (abort the transaction, rewind;
 * reason "batch-refused": the same batch would fail again), WN_FATAL (reason "name-taken": fenced;
 * else the end). Texts name topics, partitions and offsets, and never a value.
 *
 * Threads: each client belongs to one thread at a time.
 */

#ifndef WINNOW_KAFKA_H
#define WINNOW_KAFKA_H

#include "winnow/error.h"
#include "winnow/settings.h"
#include "winnow/slice.h"
#include "winnow/txn.h"

enum {
    WN_OFFSET_NONE = -1,  ///< No offset is known.
    WN_OFFSET_BEGIN = -2, ///< The partition's low watermark.
};

/** A place in a partition. */
struct wn_place {
    const char *topic;
    int32_t partition;
    int64_t offset;
};

enum wn_message_kind {
    WN_MESSAGE_NONE, ///< Nothing came in the time given.
    WN_MESSAGE_RECORD,
    WN_MESSAGE_END,   ///< The end of the partition; `offset` is the next one's.
    WN_MESSAGE_FAULT, ///< The partition can't be read; `reason` and `text` say why.
};

/** A message, or what was said in its place. */
struct wn_message {
    enum wn_message_kind kind;
    const char *topic; ///< Lives until the message is given back.
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; ///< -1: none.
    struct wn_slice key, value;
    const char *reason; ///< FAULT: "input-trimmed" (offset out of range), "rights",
                        ///< "topic-missing"; NULL: passes by itself.
    const char *text;   ///< FAULT: what the library said.
    void *handle;       ///< The library's.
};

/** Whether a wait should end: the process was told to stop and its time is up. */
typedef bool wn_give_up(void *context);

/**
 * Knock: wait until a broker lets us in, before anything else is asked of them.
 *
 * @param give_up  Asked between attempts; may be NULL.
 * @return WN_OK, or WN_FATAL: "config", "broker-away", "broker-trust" (a password or a certificate
 * is refused, by either side; the text says which and what to do).
 */
WN_NODISCARD
enum wn_code wn_kafka_knock(const struct wn_settings *settings, int timeout_ms, wn_give_up *give_up,
                            void *context, struct wn_error *err);

enum {
    WN_DOUBT = 200
};

/** @return whether these settings are known not to work with this librdkafka and newer brokers; a
 * sentence says why. */
WN_NODISCARD
bool wn_kafka_doubt(const struct wn_settings *settings, char ret_sentence[WN_DOUBT]);

// ---- What a topic is --------------------------------------------------------------------------

/** A client that reads partitions by hand, and asks for offsets; no member of any group. */
struct wn_reader;

/**
 * Open a reader.
 *
 * @param committed  true: read_committed; false: it sees what is uncommitted, and its ends are the
 * high watermarks.
 * @return WN_OK, or WN_FATAL: "config" (a property that librdkafka refuses).
 */
WN_NODISCARD
enum wn_code wn_reader_open(const struct wn_settings *settings, bool committed,
                            struct wn_reader **ret_reader, struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_reader *wn_reader_close(struct wn_reader *reader);

/** Read one partition from an offset on (or WN_OFFSET_BEGIN), and no other. */
WN_NODISCARD
enum wn_code wn_reader_start(struct wn_reader *reader, const struct wn_place *place,
                             struct wn_error *err);

/** Take the next message; good until the next call of a function of the reader. */
void wn_reader_next(struct wn_reader *reader, int timeout_ms, struct wn_message *ret_message);

/** Read no further; the last message is given back. */
void wn_reader_stop(struct wn_reader *reader);

/**
 * Ask for the watermarks of a partition.
 *
 * @param ret_high  Of a committed reader: the last stable offset.
 * @return WN_OK, or WN_RETRY: "broker-away"; WN_FATAL: "topic-missing", "rights".
 */
WN_NODISCARD
enum wn_code wn_reader_ends(struct wn_reader *reader, const char *topic, int32_t partition,
                            int64_t *ret_low, int64_t *ret_high, struct wn_error *err);

/**
 * Ask for the group's committed offset, waiting for a pending one.
 *
 * @param place  `offset` is filled in: WN_OFFSET_NONE where there is none.
 * @return WN_OK, or WN_RETRY: "broker-away"; WN_FATAL: "rights".
 */
WN_NODISCARD
enum wn_code wn_reader_committed(struct wn_reader *reader, struct wn_place *place,
                                 struct wn_error *err);

/** @return WN_OK and the number of a topic's partitions, or WN_RETRY "broker-away"; WN_FATAL:
 * "topic-missing", "rights". */
WN_NODISCARD
enum wn_code wn_reader_partitions(struct wn_reader *reader, const char *topic,
                                  int32_t *ret_partitions, struct wn_error *err);

/** @return the cluster's id in `ret_id`, or WN_RETRY: "broker-away". */
WN_NODISCARD
enum wn_code wn_reader_cluster(struct wn_reader *reader, char ret_id[64], struct wn_error *err);

/** A record that should be where it was. */
struct wn_witness {
    struct wn_place place;
    int64_t timestamp_ms;
    uint32_t crc; ///< CRC-32C of its value.
    enum {
        WN_CHECK_OPEN,
        WN_CHECK_SAME,
        WN_CHECK_OTHER,
        WN_CHECK_GONE
    } result;
};

/**
 * Look whether records are still what they were: all partitions at once.
 *
 * @param checks  Of one partition in the order of their offsets; `result` is filled in.
 * @return WN_OK, or WN_RETRY: "broker-away" (not all answered in time).
 */
WN_NODISCARD
enum wn_code wn_reader_check(struct wn_reader *reader, struct wn_witness *checks, size_t n,
                             int timeout_ms, struct wn_error *err);

// ---- The consumer -----------------------------------------------------------------------------

struct wn_consumer;

/** What a rebalance asks of the worker. */
enum wn_change {
    WN_CHANGE_NONE,
    WN_CHANGE_ASSIGNED, ///< wn_consumer_places() says what; go on with wn_consumer_assign().
    WN_CHANGE_REVOKED,  ///< Finish, then wn_consumer_unassign().
    WN_CHANGE_LOST,     ///< Others may have it already: abort, then wn_consumer_unassign().
};

/**
 * Join the group for these topics.
 *
 * @param name  `group.instance.id` and `client.id`.
 */
WN_NODISCARD
enum wn_code wn_consumer_open(const struct wn_settings *settings, const char *name,
                              const char *const *topics, unsigned n_topics,
                              struct wn_consumer **ret_consumer, struct wn_error *err);

/** Close without leaving the group: a static member keeps its place. NULL is fine. @return NULL */
struct wn_consumer *wn_consumer_close(struct wn_consumer *consumer);

/**
 * Take what has come, at most for a batch.
 *
 * Where a rebalance ran meanwhile, everything belongs to the assignment before and nothing is
 * returned.
 *
 * @param ret_messages  Theirs until the next call of it.
 * @return how many.
 */
size_t wn_consumer_poll(struct wn_consumer *consumer, int timeout_ms,
                        const struct wn_message **ret_messages);

/** @return what the last rebalance asks for; the same until it is answered. */
enum wn_change wn_consumer_change(const struct wn_consumer *consumer);

/** @return the partitions of the group's last assignment; their offsets say nothing. */
const struct wn_place *wn_consumer_places(const struct wn_consumer *consumer, size_t *ret_n);

/**
 * Read these partitions from these offsets, and no others: at the start, after an abort, to pause.
 * What was fetched before is dropped.
 *
 * @return WN_OK, or WN_RETRY, or WN_FATAL: "name-taken".
 */
WN_NODISCARD
enum wn_code wn_consumer_assign(struct wn_consumer *consumer, const struct wn_place *places,
                                size_t n, struct wn_error *err);

/** Answer a revocation. */
WN_NODISCARD
enum wn_code wn_consumer_unassign(struct wn_consumer *consumer, struct wn_error *err);

/** @return WN_OK, or WN_FATAL: "name-taken" or what else ended the consumer: no event says so. */
WN_NODISCARD
enum wn_code wn_consumer_alive(struct wn_consumer *consumer, struct wn_error *err);

// ---- The producer -----------------------------------------------------------------------------

struct wn_producer;

enum {
    WN_PRODUCER_TOPICS = 128
}; ///< Topics that a producer writes to, at most.

/** What became of messages of one origin; all-zero before. */
struct wn_delivery {
    int64_t offset; ///< The highest that was delivered, plus one; 0: none.
    bool refused;   ///< One was refused for what it is: the same again would be, too.
};

/** A message to send. */
struct wn_put {
    unsigned topic;    ///< As wn_producer_topic() numbered it.
    int32_t partition; ///< -1: by the key.
    struct wn_slice key;
    struct wn_slice front, body;  ///< Its value, in two pieces.
    int64_t timestamp_ms;         ///< 0: the clock.
    struct wn_delivery *delivery; ///< Must live as long as the producer.
};

/**
 * Open a transactional producer, and end what its predecessor of the same name left open.
 *
 * @param give_up  Asked between attempts; may be NULL.
 * @return WN_OK, or WN_RETRY "broker-away" (given up); WN_FATAL: "rights", "name-taken".
 */
WN_NODISCARD
enum wn_code wn_producer_open(const struct wn_settings *settings, const char *name,
                              wn_give_up *give_up, void *context, struct wn_producer **ret_producer,
                              struct wn_error *err);

/** Drop what is open and close; NULL is fine. @return NULL */
struct wn_producer *wn_producer_close(struct wn_producer *producer);

/** @return the number of a topic, the same for the same name. */
unsigned wn_producer_topic(struct wn_producer *producer, const char *name);

/** @return where its transaction stands. */
enum wn_txn_state wn_producer_state(const struct wn_producer *producer);

/** Begin. @return WN_OK, or WN_FATAL. */
WN_NODISCARD
enum wn_code wn_producer_begin(struct wn_producer *producer, struct wn_error *err);

/**
 * Send a message in the open transaction; waits where the queue is full.
 *
 * @return WN_OK, or WN_ABORT: the transaction is broken.
 */
WN_NODISCARD
enum wn_code wn_producer_put(struct wn_producer *producer, const struct wn_put *put,
                             struct wn_error *err);

/** Take in delivery reports that have come. */
void wn_producer_serve(struct wn_producer *producer);

/**
 * Send the offsets, with the group's metadata of the consumer's last assignment.
 *
 * @return WN_OK, WN_ABORT, or WN_FATAL.
 */
WN_NODISCARD
enum wn_code wn_producer_offsets(struct wn_producer *producer, const struct wn_consumer *consumer,
                                 const struct wn_place *places, size_t n, struct wn_error *err);

/**
 * Commit.
 *
 * @return WN_OK; WN_ABORT: not committed, abort it; WN_FATAL: fenced, or nobody knows whether it
 *         was: a new producer settles it.
 */
WN_NODISCARD
enum wn_code wn_producer_commit(struct wn_producer *producer, struct wn_error *err);

/**
 * @return whether a connection broke while the last commit, which is done, was under way: its
 * request may still arrive, and would end this producer's next transaction too early. A new
 * producer must begin that one.
 */
bool wn_producer_is_doubtful(const struct wn_producer *producer);

/** Abort. @return WN_OK (then rewind and say so), or WN_FATAL. */
WN_NODISCARD
enum wn_code wn_producer_abort(struct wn_producer *producer, struct wn_error *err);

/** The consumer stands at the committed offsets again. */
void wn_producer_rewound(struct wn_producer *producer);

// ---- Topics -----------------------------------------------------------------------------------

/** A topic to make. */
struct wn_topic {
    const char *name;
    int32_t partitions;
    const char *const *settings; ///< Name, value, name, value, …, NULL.
    enum {
        WN_TOPIC_OPEN,
        WN_TOPIC_MADE,
        WN_TOPIC_WAS_THERE
    } result;
};

/**
 * Make topics that are not there.
 *
 * @return WN_OK, or WN_FATAL: "broker-away", "rights", "config"; the text names the topic.
 */
WN_NODISCARD
enum wn_code wn_topics_create(const struct wn_settings *settings, struct wn_topic *topics, size_t n,
                              struct wn_error *err);

#endif
