// SPDX-License-Identifier: Apache-2.0

/** What the files of the reader share: a schema, and a check that bytes fit it. */

#ifndef ACCOUNT_READER_H
#define ACCOUNT_READER_H

#include <avro.h>

#include "winnow/reader.h"

/**
 * Find where a value ends, and refuse what is damaged, before avro-c sees it: avro-c takes lengths
 * on trust, and would allocate what a damaged one says.
 *
 * @return false where `rest` does not begin with a whole value of the schema.
 */
WN_NODISCARD
bool wn_avro_check(avro_schema_t schema, struct wn_slice *rest, unsigned depth);

/**
 * Refuse schemas that avro-c takes but can't make a value of: a record that holds itself without a
 * union, a list or a map between (it would recurse for ever), a fixed of absurd size, too many
 * fields.
 */
WN_NODISCARD
bool wn_avro_schema_has_end(avro_schema_t schema);

enum {
    WN_AVRO_DEPTH = 32
}; ///< Of nested values.

#endif
