// SPDX-License-Identifier: Apache-2.0

/** The table of `winnow quarantine list`. */

#ifndef WINNOW_QUARANTINE_LIST_H
#define WINNOW_QUARANTINE_LIST_H

#include "quarantine_where.h"

/**
 * Append a row for each source and reason: records, those dropped, sealed octets, and where the
 * first and the last lie.
 *
 * @param json  One JSON object a row in place of a table.
 * @return WN_OK, or WN_FATAL: what quarantine_each() says.
 */
WN_NODISCARD
enum wn_code quarantine_list(const struct quarantine_where *where, bool json,
                             struct wn_buffer *ret_text, struct wn_error *err);

#endif
