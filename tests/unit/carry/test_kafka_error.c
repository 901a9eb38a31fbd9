// SPDX-License-Identifier: Apache-2.0

#include "table.h"

#include "kafka_error.h"

static const struct row {
    const char *name;
    rd_kafka_resp_err_t code;
    struct wn_kafka_flags flags;
    bool remade; ///< It is said how a topic is made again.
    enum wn_kafka_class class;
    enum wn_code rc;
    const char *reason;
} rows[] = {
    { "a timeout is made again",
      RD_KAFKA_RESP_ERR__TIMED_OUT,
      { .retriable = true },
      false,
      WN_KAFKA_RETRIABLE,
      WN_RETRY,
      "broker-away" },
    { "a rebalance aborts",
      RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
      { .abortable = true },
      false,
      WN_KAFKA_ABORTABLE,
      WN_ABORT,
      "broker-away" },
    { "a member that is unknown aborts",
      RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
      { .abortable = true },
      false,
      WN_KAFKA_ABORTABLE,
      WN_ABORT,
      "broker-away" },
    { "what requires an abort is not tried again, though it may be",
      RD_KAFKA_RESP_ERR__TIMED_OUT,
      { .abortable = true, .retriable = true },
      false,
      WN_KAFKA_ABORTABLE,
      WN_ABORT,
      "broker-away" },
    { "a message that is too large comes again",
      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
      { .abortable = true },
      false,
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused" },
    { "an invalid record comes again",
      RD_KAFKA_RESP_ERR_INVALID_RECORD,
      { .abortable = true },
      false,
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused" },
    { "lost rights on a topic come again",
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      { .abortable = true },
      false,
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused" },
    { "lost rights on a topic come again, without a flag",
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      { .abortable = false },
      false,
      WN_KAFKA_SAME_AGAIN,
      WN_ABORT,
      "batch-refused" },
    { .name = "a topic that is deleted comes again, and is to be made: by the library's own list",
      .code = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      .flags = { .abortable = true },
      .remade = true,
      .class = WN_KAFKA_SAME_AGAIN,
      .rc = WN_ABORT,
      .reason = "batch-refused" },
    { .name = "a topic that is deleted comes again, and is to be made: by the broker's word",
      .code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      .flags = { .abortable = true },
      .remade = true,
      .class = WN_KAFKA_SAME_AGAIN,
      .rc = WN_ABORT,
      .reason = "batch-refused" },
    { .name = "a partition that is not there any more comes again, and is to be made",
      .code = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
      .flags = { .abortable = true },
      .remade = true,
      .class = WN_KAFKA_SAME_AGAIN,
      .rc = WN_ABORT,
      .reason = "batch-refused" },
    { "lost rights that are fatal are the end",
      RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      { .fatal = true },
      false,
      WN_KAFKA_FATAL,
      WN_FATAL,
      "rights" },
    { "a producer is fenced",
      RD_KAFKA_RESP_ERR__FENCED,
      { .fatal = true },
      false,
      WN_KAFKA_FENCED,
      WN_FATAL,
      "name-taken" },
    { "an old epoch is fenced",
      RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
      { .fatal = true },
      false,
      WN_KAFKA_FENCED,
      WN_FATAL,
      "name-taken" },
    { "a static member is fenced",
      RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
      { .fatal = true },
      false,
      WN_KAFKA_FENCED,
      WN_FATAL,
      "name-taken" },
    { "what is fatal is the end",
      RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,
      { .fatal = true },
      false,
      WN_KAFKA_FATAL,
      WN_FATAL,
      "internal" },
    { "what says nothing of itself is the end",
      RD_KAFKA_RESP_ERR__STATE,
      { .fatal = false },
      false,
      WN_KAFKA_FATAL,
      WN_FATAL,
      "internal" },
    { "a topic that is missing is named",
      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      { .fatal = true },
      false,
      WN_KAFKA_FATAL,
      WN_FATAL,
      "topic-missing" },
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
