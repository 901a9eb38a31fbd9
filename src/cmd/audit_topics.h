// SPDX-License-Identifier: Apache-2.0

/** `winnow audit --config F`. */

#ifndef WINNOW_AUDIT_TOPICS_H
#define WINNOW_AUDIT_TOPICS_H

#include "winnow/audit.h"

/** What the command line says. */
struct audit_topics {
    const char *config;
    uint8_t public_key[32];
    int64_t from_ms, to_ms; ///< INT64_MIN and INT64_MAX where not given.
};

/**
 * Audit the topics of a configuration.
 *
 * @param ret_said  What it says: appended to.
 * @return an exit status: CMD_FAILED also where there are findings. Where nothing was audited that
 * was said, and the report is empty.
 */
int audit_topics(const struct audit_topics *what, struct wn_audit_said *ret_said);

#endif
