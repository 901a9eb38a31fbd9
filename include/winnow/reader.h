// SPDX-License-Identifier: Apache-2.0

/**
 * Reading Avro records generically, by avro-c: for `cat`, `audit` and the ledger, where speed is
 * not the point.
 */

#ifndef WINNOW_READER_H
#define WINNOW_READER_H

#include "winnow/error.h"
#include "winnow/slice.h"

/** A schema ready for reading. */
struct wn_avro_reader;

/** Compile the schema of a record, given as JSON. WN_FATAL: "file-read" (avro-c refuses it, or it
 * is no record's, or a record holds itself). */
WN_NODISCARD
enum wn_code wn_avro_reader_open(const char *schema, struct wn_avro_reader **ret_reader,
                                 struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_avro_reader *wn_avro_reader_close(struct wn_avro_reader *reader);

/**
 * Read one record off the front of `rest` and append it as one JSON object without newline:
 * members in the schema's order, fixed and bytes as lower-case hex, enum as its symbol, union as
 * its value.
 *
 * Survives any bytes: lengths and counts are checked against what is left before anything is
 * allocated, strings must be UTF-8.
 *
 * @param rest      Moves behind the record; untouched on failure.
 * @param ret_json  NULL: skip the record.
 * @return WN_OK, or WN_REJECT: "file-read" (damaged, or of another schema).
 */
WN_NODISCARD
enum wn_code wn_avro_reader_json(struct wn_avro_reader *reader, struct wn_slice *rest,
                                 struct wn_buffer *ret_json, struct wn_error *err);

/**
 * Append the names of the schema's leaves for a CSV header (`origin.input`), without newline.
 *
 * @return WN_OK.
 */
WN_NODISCARD
enum wn_code wn_avro_reader_csv_header(struct wn_avro_reader *reader, struct wn_buffer *ret_csv,
                                       struct wn_error *err);

/**
 * Read one record off the front of `rest` and append it as a CSV row (RFC 4180), without newline.
 *
 * null is empty, fixed and bytes are hex; arrays, maps, and records that may be null are one column
 * of JSON.
 *
 * @return as wn_avro_reader_json().
 */
WN_NODISCARD
enum wn_code wn_avro_reader_csv(struct wn_avro_reader *reader, struct wn_slice *rest,
                                struct wn_buffer *ret_csv, struct wn_error *err);

#endif
