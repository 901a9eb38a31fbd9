// SPDX-License-Identifier: Apache-2.0

/*
 * librdkafka's errors, told apart once. Its own flags come first (fatal, requires abort,
 * retriable), but for two things that they don't say: that a fatal error means "fenced", and that
 * an aborted batch would fail again.
 */

#include "kafka_error.h"

#include <assert.h>
#include <stdio.h>

static bool is_fenced(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        return true;
    default:
        return false;
    }
}

/** A topic that is written to was deleted, or its number of partitions is another one. */
static bool is_missing(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return true;
    default:
        return false;
    }
}

/** What a repetition can't mend: the message, our rights, or a topic that is not there. */
static bool is_same_again(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        return true;
    default:
        return is_missing(code);
    }
}

enum wn_kafka_class wn_kafka_classify(rd_kafka_resp_err_t code, struct wn_kafka_flags flags)
{
    if (is_fenced(code)) {
        return WN_KAFKA_FENCED;
    }
    if (flags.fatal) {
        return WN_KAFKA_FATAL;
    }
    if (flags.abortable) {
        return is_same_again(code) ? WN_KAFKA_SAME_AGAIN : WN_KAFKA_ABORTABLE;
    }
    if (flags.retriable) {
        return WN_KAFKA_RETRIABLE;
    }
    return is_same_again(code) ? WN_KAFKA_SAME_AGAIN : WN_KAFKA_FATAL;
}

/** @return the reason of an error that ends something. */
static const char *reason_of(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        return "rights";
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
        return "broker-away";
    default:
        return is_missing(code) ? "topic-missing" : "internal";
    }
}

/** What to do about a topic that is written to, and is missing. */
static const char remake[] = "; was the topic deleted? make it with: winnow topics create --config "
                             "F, then: winnow ctl resume";

enum wn_code wn_kafka_fail(struct wn_error *err, enum wn_kafka_class class,
                           rd_kafka_resp_err_t code, const char *what, const char *text)
{
    const char *name = rd_kafka_err2name(code);
    switch (class) {
    case WN_KAFKA_RETRIABLE:
        return wn_fail(err, WN_RETRY, "broker-away", "%s: %s (%s)", what, text, name);
    case WN_KAFKA_ABORTABLE:
        return wn_fail(err, WN_ABORT, "broker-away", "%s: %s (%s)", what, text, name);
    case WN_KAFKA_SAME_AGAIN:
        return wn_fail(err, WN_ABORT, "batch-refused", "%s: %s (%s)%s", what, text, name,
                       is_missing(code) ? remake : "");
    case WN_KAFKA_FENCED:
        return wn_fail(err, WN_FATAL, "name-taken", "%s: %s (%s)", what, text, name);
    case WN_KAFKA_FATAL:
        break;
    }
    return wn_fail(err, WN_FATAL, reason_of(code), "%s: %s (%s)", what, text, name);
}

enum wn_code wn_kafka_fail_object(struct wn_error *err, const char *what, rd_kafka_error_t *error)
{
    assert(error);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    struct wn_kafka_flags flags = { rd_kafka_error_is_retriable(error) != 0,
                                    rd_kafka_error_txn_requires_abort(error) != 0,
                                    rd_kafka_error_is_fatal(error) != 0 };
    enum wn_code rc = wn_kafka_fail(err, wn_kafka_classify(code, flags), code, what,
                                    rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return rc;
}

enum wn_code wn_kafka_answer(rd_kafka_resp_err_t code, const char *what, struct wn_error *err)
{
    struct wn_kafka_flags flags = { .retriable = true };
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return WN_OK;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        flags.fatal = true;
        break;
    default:
        flags.fatal = is_missing(code);
        break;
    }
    return wn_kafka_fail(err, wn_kafka_classify(code, flags), code, what, rd_kafka_err2str(code));
}
