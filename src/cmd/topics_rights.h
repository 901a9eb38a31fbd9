// SPDX-License-Identifier: Apache-2.0

/** `winnow topics create --print-acls`. */

#ifndef WINNOW_CMD_TOPICS_RIGHTS_H
#define WINNOW_CMD_TOPICS_RIGHTS_H

#include "command.h"
#include "winnow/wants.h"

/**
 * Print the rights that `run` needs with these settings, each as a kafka-acls.sh command, and
 * behind a `#` those that other commands need besides. No broker is asked.
 */
void topics_rights_print(const struct wn_settings *settings, const struct wn_policy *policy);

#endif
