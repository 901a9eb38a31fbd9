// SPDX-License-Identifier: Apache-2.0

/** The member `nodes` of a receipt. */

#ifndef ACCOUNT_RECEIPT_NODES_H
#define ACCOUNT_RECEIPT_NODES_H

#include <jansson.h>

#include "winnow/sequences.h"

/** Append `[{"first":7,"last":12,"missing":[[9,10]],"node":"ams-1","passed":4,"records":4,
 * "unlisted":0},…]`: by node, its series in the order in which they began. */
void wn_receipt_put_nodes(struct wn_buffer *out, const struct wn_sequences *set);

/** Read it back. @return false where it is not of this form; then the set may have a part. */
WN_NODISCARD
bool wn_receipt_read_nodes(const json_t *list, struct wn_sequences *set);

#endif
