// SPDX-License-Identifier: Apache-2.0

#include "table.h"

#include "kafka_error.h"

static const struct row {
    const char *name;
    rd_kafka_resp_err_t code;
    struct wn_kafka_flags flags;
    enum wn_kafka_class class;
    enum wn_code rc;
    const char *reason;
    bool remade; ///< It is said how a topic is made again.
} rows[] = {
    { "a timeout is made again",
      RD_KAFKA_RESP_ERR__TIMED_OUT,
      { .retriable = true },
      WN_KAFKA_RETRIABLE,
      WN_RETRY,
      "broker-away",
      false },
    { "a rebalance aborts",
      RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
      { .abortable = true },
      WN_KAFKA_ABORTABLE,
      WN_ABORT,
      "broker-away",
      false },
    { "a member that is unknown aborts",
      RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
      { .abortable = true },
      WN_KAFKA_ABORTABLE,
      WN_ABORT,
      "broker-away",
      false },
    { "what requires an abort is not tried again, though it may be",
      RD_KAFKA_RESP_ERR__TIMED_OUT,
      { .abortable = true, .retriable = true },
      WN_KAFKA_ABORTABLE,
      WN_ABORT,
      "broker-away",
      false },
    { "a message that is too large comes again",
      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
      { .abortable = true },
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused",
      false },
    { "an invalid record comes again",
      RD_KAFKA_RESP_ERR_INVALID_RECORD,
      { .abortable = true },
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused",
      false },
    { "lost rights on a topic come again",
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      { .abortable = true },
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused",
      false },
    { "lost rights on a topic come again, without a flag",
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      { .abortable = false },
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused",
      false },
    { .name = "a topic that is deleted comes again, and is to be made: by the library's own list",
      .code = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      .flags = { .abortable = true },
      .class = WN_KAFKA_SAME_AGAIN,
      .rc = WN_ABORT,
      .reason = "batch-refused",
      .remade = true },
    { .name = "a topic that is deleted comes again, and is to be made: by the broker's word",
      .code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      .flags = { .abortable = true },
      .class = WN_KAFKA_SAME_AGAIN,
      .rc = WN_ABORT,
      .reason = "batch-refused",
      .remade = true },
    { .name = "a partition that is not there any more comes again, and is to be made",
      .code = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
      .flags = { .abortable = true },
      .class = WN_KAFKA_SAME_AGAIN,
      .rc = WN_ABORT,
      .reason = "batch-refused",
      .remade = true },
    { "lost rights that are fatal are the end",
      RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      { .fatal = true },
      WN_KAFKA_FATAL,
      WN_FATAL,
      "rights",
      false },
    { "a producer is fenced",
      RD_KAFKA_RESP_ERR__FENCED,
      { .fatal = true },
      WN_KAFKA_FENCED,
      WN_FATAL,
      "name-taken",
      false },
    { "an old epoch is fenced",
      RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
      { .fatal = true },
      WN_KAFKA_FENCED,
      WN_FATAL,
      "name-taken",
      false },
    { "a static member is fenced",
      RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
      { .fatal = true },
      WN_KAFKA_FENCED,
      WN_FATAL,
      "name-taken",
      false },
    { "what is fatal is the end",
      RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,
      { .fatal = true },
      WN_KAFKA_FATAL,
      WN_FATAL,
      "internal",
      false },
    { "what says nothing of itself is the end",
      RD_KAFKA_RESP_ERR__STATE,
      { .fatal = false },
      WN_KAFKA_FATAL,
      WN_FATAL,
      "internal",
      false },
    { "a topic that is missing is named",
      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      { .fatal = true },
      WN_KAFKA_FATAL,
      WN_FATAL,
      "topic-missing",
      false },
};

static void check(void **state)
{
    const struct row *row = *state;
    enum wn_kafka_class class = wn_kafka_classify(row->code, row->flags);
    assert_int_equal(class, row->class);

    struct wn_error err = { 0 };
    assert_int_equal(wn_kafka_fail(&err, class, row->code, "call", "text"), row->rc);
    assert_int_equal(err.code, row->rc);
    assert_string_equal(err.reason, row->reason);
    assert_non_null(strstr(err.text, "call: text ("));
    assert_int_equal(strstr(err.text, "make it with: winnow topics create") != NULL, row->remade);
}

int main(void)
{
    return WN_RUN_TABLE("kafka_error", rows, check);
}
