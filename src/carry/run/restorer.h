// SPDX-License-Identifier: Apache-2.0

/**
 * The thread that restores: the worker's poll loop never waits for a restore, however long the log.
 *
 * Inlets are handed over and come back by queues; nothing else is shared.
 */

#ifndef WINNOW_RESTORER_H
#define WINNOW_RESTORER_H

#include "inlet.h"

struct wn_restorer;

/** Start it. Its clients are opened when there is something to do, and closed when there is no
 * more. */
WN_NODISCARD
enum wn_code wn_restorer_open(const struct wn_settings *settings, struct wn_restorer **ret_restorer,
                              struct wn_error *err);

/** Stop it; inlets in its hands are let go of where they are. NULL is fine. @return NULL */
struct wn_restorer *wn_restorer_close(struct wn_restorer *restorer);

/** Hand an inlet over: its phase is RESTORING until it comes back. */
void wn_restorer_give(struct wn_restorer *restorer, struct wn_inlet *inlet);

/**
 * Take an inlet back.
 *
 * @param ret_err  What wn_restore() said; `code` is WN_OK where it went well.
 * @return NULL where none is ready.
 */
struct wn_inlet *wn_restorer_take(struct wn_restorer *restorer, struct wn_error *ret_err);

#endif
