// SPDX-License-Identifier: Apache-2.0

#include "scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "winnow/clock.h"

enum {
    ANSWER_MS = 10000, ///< How long a question waits for the brokers.
    STILL_MS = 60000,  ///< How long reading may stand still: longer than a transaction may last.
    WAIT_MS = 200,
};

struct wn_scan {
    const struct wn_settings *settings;
    struct wn_reader *committed, *uncommitted;
    wn_give_up *give_up;
    void *context;
};

enum wn_code wn_scan_open(const struct wn_settings *settings, wn_give_up *give_up, void *context,
                          struct wn_scan **ret_scan, struct wn_error *err)
{
    // What is refused would be asked for in vain until the time is up.
    if (wn_kafka_knock(settings, ANSWER_MS, give_up, context, err) != WN_OK) {
        return err->code;
    }
    struct wn_scan *scan = calloc(1, sizeof(*scan));
    if (!scan) {
        abort();
    }
    scan->settings = settings;
    scan->give_up = give_up;
    scan->context = context;
    if (wn_reader_open(settings, true, &scan->committed, err) != WN_OK ||
        wn_reader_open(settings, false, &scan->uncommitted, err) != WN_OK) {
        (void)wn_scan_close(scan);
        return err->code;
    }
    *ret_scan = scan;
    return WN_OK;
}

struct wn_scan *wn_scan_close(struct wn_scan *scan)
{
    if (scan) {
        scan->committed = wn_reader_close(scan->committed);
        scan->uncommitted = wn_reader_close(scan->uncommitted);
        free(scan);
    }
    return NULL;
}

static bool gives_up(const struct wn_scan *scan)
{
    return scan->give_up && scan->give_up(scan->context);
}

/** @return whether a question that had no answer is asked again. */
static bool ask_again(const struct wn_scan *scan, enum wn_code rc, int64_t until)
{
    if (rc != WN_RETRY || wn_monotonic_ms() >= until || gives_up(scan)) {
        return false;
    }
    const struct timespec pause = { 0, WAIT_MS * 1000000L };
    (void)nanosleep(&pause, NULL);
    return true;
}

/** What becomes of a question in the end. */
static enum wn_code settle(const struct wn_scan *scan, enum wn_code rc, const char *topic,
                           struct wn_error *err)
{
    if (rc == WN_RETRY) {
        return wn_fail(err, WN_FATAL, "broker-away",
                       "%s: no broker answered in %d s; is it running, and may this host reach it?",
                       wn_settings_brokers(scan->settings), ANSWER_MS / 1000);
    }
    if (rc == WN_FATAL && strcmp(err->reason, "topic-missing") == 0) {
        return wn_fail(err, WN_FATAL, "topic-missing",
                       "%s: no such topic; make it with: winnow topics create --config F", topic);
    }
    return rc;
}

enum wn_code wn_scan_partitions(struct wn_scan *scan, const char *topic, int32_t *ret_partitions,
                                struct wn_error *err)
{
    int64_t until = wn_monotonic_ms() + ANSWER_MS;
    enum wn_code rc;
    do {
        rc = wn_reader_partitions(scan->uncommitted, topic, ret_partitions, err);
    } while (ask_again(scan, rc, until));
    return settle(scan, rc, topic, err);
}

enum wn_code wn_scan_ends(struct wn_scan *scan, const char *topic, int32_t partition,
                          struct wn_ends *ret_ends, struct wn_error *err)
{
    int64_t until = wn_monotonic_ms() + ANSWER_MS;
    enum wn_code rc;
    do {
        rc = wn_reader_ends(scan->uncommitted, topic, partition, &ret_ends->low, &ret_ends->end,
                            err);
    } while (ask_again(scan, rc, until));
    return settle(scan, rc, topic, err);
}

/** Go on behind what retention took away. @return WN_OK, or WN_FATAL. */
static enum wn_code skip_trimmed(struct wn_scan *scan, struct wn_place *at, struct wn_error *err)
{
    struct wn_ends ends;
    enum wn_code rc = wn_scan_ends(scan, at->topic, at->partition, &ends, err);
    if (rc == WN_OK && ends.low > at->offset) {
        at->offset = ends.low;
    }
    return rc == WN_OK ? wn_reader_start(scan->committed, at, err) : rc;
}

/** Take one message. @return as wn_scan_read(). */
static enum wn_code take(struct wn_scan *scan, const struct wn_message *message,
                         struct wn_place *at, struct wn_error *err)
{
    if (message->kind == WN_MESSAGE_END) {
        at->offset = message->offset > at->offset ? message->offset : at->offset;
        return WN_OK;
    }
    if (message->kind != WN_MESSAGE_FAULT || !message->reason) {
        return WN_OK;
    }
    if (strcmp(message->reason, "input-trimmed") == 0) {
        return skip_trimmed(scan, at, err);
    }
    return wn_fail(err, WN_FATAL, message->reason, "%s[%d]: %s", at->topic, (int)at->partition,
                   message->text);
}

enum wn_code wn_scan_read(struct wn_scan *scan, const struct wn_place *from, int64_t end,
                          wn_scan_visit *visit, void *context, struct wn_error *err)
{
    struct wn_place at = *from;
    if (at.offset >= end) {
        return WN_OK;
    }
    enum wn_code rc = wn_reader_start(scan->committed, &at, err);
    int64_t until = wn_monotonic_ms() + STILL_MS;
    while (rc == WN_OK && at.offset < end) {
        struct wn_message message;
        wn_reader_next(scan->committed, WAIT_MS, &message);
        if (message.kind != WN_MESSAGE_RECORD) {
            rc = take(scan, &message, &at, err);
            if (rc == WN_OK && at.offset < end && (wn_monotonic_ms() >= until || gives_up(scan))) {
                rc = wn_fail(err, WN_FATAL, "broker-away",
                             "%s[%d]: nothing comes behind offset %lld; a transaction is open "
                             "there, or the broker is away",
                             at.topic, (int)at.partition, (long long)at.offset);
            }
            continue;
        }
        if (message.offset < end) {
            rc = visit(context, &message, err);
        }
        at.offset = message.offset + 1;
        until = wn_monotonic_ms() + STILL_MS;
    }
    return rc;
}

enum wn_code wn_scan_topic(struct wn_scan *scan, const char *topic, wn_scan_visit *visit,
                           void *context, struct wn_error *err)
{
    int32_t partitions = 0;
    enum wn_code rc = wn_scan_partitions(scan, topic, &partitions, err);
    for (int32_t i = 0; i < partitions && rc == WN_OK; i++) {
        struct wn_ends ends;
        rc = wn_scan_ends(scan, topic, i, &ends, err);
        if (rc == WN_OK) {
            const struct wn_place from = { topic, i, ends.low };
            rc = wn_scan_read(scan, &from, ends.end, visit, context, err);
        }
    }
    return rc;
}
