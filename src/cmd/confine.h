// SPDX-License-Identifier: Apache-2.0

/** What `winnow run` gives up before it starts its first thread. */

#ifndef WINNOW_CONFINE_H
#define WINNOW_CONFINE_H

#include "winnow/settings.h"

/**
 * Enter the sandbox: of files, those that the settings name, with their folders, and the system's
 * own are read; `run: {state:}`, which is made here, is written. Says in the log what holds.
 *
 * Nothing happens where `run: {sandbox: off}` says so, or where librdkafka runs a program (kinit of
 * Kerberos).
 *
 * @param config  The file that the settings were read from.
 * @return WN_OK, or WN_FATAL: "file-write" (no state folder).
 */
WN_NODISCARD
enum wn_code cmd_confine(struct wn_settings *settings, const char *config, struct wn_error *err);

#endif
