// SPDX-License-Identifier: Apache-2.0

/**
 * What is seen from outside, over HTTP/1.1: `/metrics` (Prometheus text format 0.0.4), `/healthz`,
 * `/readyz` and `/`, a page for people, without scripts and without anything from elsewhere.
 *
 * Only GET and HEAD without a body; one request a connection, sixteen connections at most, ten
 * seconds each, 16 KiB of request: a client that is slow, hostile or many costs itself. There is no
 * login and no TLS: it listens on loopback unless the configuration says otherwise, and tells
 * nothing of a record: names of the configuration, reasons of the table, numbers.
 *
 * Threads: one of its own; it reads boards and nothing else (status.h).
 */

#ifndef WINNOW_HTTP_H
#define WINNOW_HTTP_H

#include "winnow/status.h"

struct wn_http;

/** What it is made of; all must outlive it. */
struct wn_http_options {
    const char
        *listen;      ///< `ADDRESS:PORT` or `[ADDRESS]:PORT`; port 0: a free one, which is logged.
    const char *file; ///< The configuration, for messages.
    struct wn_board *const *boards; ///< One a worker.
    unsigned n_boards;              ///< From 1.
};

/**
 * Listen and serve.
 *
 * @return WN_OK, or WN_FATAL: "config" (the address is taken, or not one of this host; names the
 * setting), "internal".
 */
WN_NODISCARD
enum wn_code wn_http_open(const struct wn_http_options *options, struct wn_http **ret_http,
                          struct wn_error *err);

/** @return the port that it listens on. */
uint16_t wn_http_port(const struct wn_http *http);

/** Stop serving; requests under way are cut. NULL is fine. @return NULL */
struct wn_http *wn_http_close(struct wn_http *http);

/** Append docs/metrics.md, generated from the table of metrics. */
void wn_http_metrics_manual(struct wn_buffer *ret_text);

#endif
