// SPDX-License-Identifier: Apache-2.0

/**
 * The control socket of a running winnow: a Unix socket of mode 0600 in `run: state:`, so that who
 * may write that folder's files may give orders. One line in, some lines out, closed.
 */

#ifndef WINNOW_CONTROL_H
#define WINNOW_CONTROL_H

#include "winnow/error.h"
#include "winnow/slice.h"

struct wn_control;

/** Answer a line (without its newline); the first word of the answer is `ok` or `no`. */
typedef void wn_control_answer(void *context, const char *line, struct wn_buffer *ret_reply);

/**
 * Listen. A socket that a dead process left is replaced, a living one's is not.
 *
 * @return WN_OK, or WN_FATAL: "file-write".
 */
WN_NODISCARD
enum wn_code wn_control_open(const char *path, struct wn_control **ret_control,
                             struct wn_error *err);

/** Stop listening, remove the socket; NULL is fine. @return NULL */
struct wn_control *wn_control_close(struct wn_control *control);

/** Wait until somebody asks, or so long, or for a signal. */
void wn_control_wait(const struct wn_control *control, int ms);

/** Answer who is waiting, one at most; returns at once where nobody is. */
void wn_control_serve(struct wn_control *control, wn_control_answer *answer, void *context);

/**
 * Ask a running winnow.
 *
 * @return WN_OK, or WN_FATAL: "not-running" (nobody listens there).
 */
WN_NODISCARD
enum wn_code wn_control_ask(const char *path, const char *line, struct wn_buffer *ret_reply,
                            struct wn_error *err);

#endif
