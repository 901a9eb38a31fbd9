// SPDX-License-Identifier: Apache-2.0

/**
 * Reading topics from one end to the other, once, as a command does that is no worker.
 *
 * Where the end of a partition is asked for, it is the uncommitted one, and reading waits until
 * read_committed has come there: what is open then is decided by then. So whoever asks for an end
 * after he saw a head finds every message of that head's transaction.
 *
 * Reasons of failures: "broker-away", "broker-trust", "topic-missing", "rights", "config".
 */

#ifndef WINNOW_SCAN_H
#define WINNOW_SCAN_H

#include "winnow/kafka.h"

struct wn_scan;

/**
 * Open.
 *
 * @param give_up  Asked while it waits; may be NULL.
 * @return WN_OK, or WN_FATAL.
 */
WN_NODISCARD
enum wn_code wn_scan_open(const struct wn_settings *settings, wn_give_up *give_up, void *context,
                          struct wn_scan **ret_scan, struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_scan *wn_scan_close(struct wn_scan *scan);

/** @return WN_OK and the number of a topic's partitions, or WN_FATAL. */
WN_NODISCARD
enum wn_code wn_scan_partitions(struct wn_scan *scan, const char *topic, int32_t *ret_partitions,
                                struct wn_error *err);

/** Where a partition begins and ends. */
struct wn_ends {
    int64_t low, end; ///< Low watermark; high watermark, also of what is not committed yet.
};

/** @return WN_OK, or WN_FATAL. */
WN_NODISCARD
enum wn_code wn_scan_ends(struct wn_scan *scan, const char *topic, int32_t partition,
                          struct wn_ends *ret_ends, struct wn_error *err);

/** Called with each message; not WN_OK ends the reading. */
typedef enum wn_code wn_scan_visit(void *context, const struct wn_message *message,
                                   struct wn_error *err);

/**
 * Read a partition's committed messages from an offset on to `end`.
 *
 * What retention takes away meanwhile is left out.
 *
 * @return what `visit` returned; or WN_FATAL.
 */
WN_NODISCARD
enum wn_code wn_scan_read(struct wn_scan *scan, const struct wn_place *from, int64_t end,
                          wn_scan_visit *visit, void *context, struct wn_error *err);

/** Read all partitions of a topic to their present ends. @return as wn_scan_read(). */
WN_NODISCARD
enum wn_code wn_scan_topic(struct wn_scan *scan, const char *topic, wn_scan_visit *visit,
                           void *context, struct wn_error *err);

#endif
