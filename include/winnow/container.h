// SPDX-License-Identifier: Apache-2.0

/**
 * Avro object container files with zstd blocks (Avro 1.11 specification, "Object Container Files",
 * codec `zstandard`): our own writer, since avro-c has no such codec, and the reader of its frames.
 *
 * Same records, schema and sync marker give the same bytes.
 */

#ifndef WINNOW_CONTAINER_H
#define WINNOW_CONTAINER_H

#include "winnow/error.h"
#include "winnow/hash.h"

struct wn_container;

/**
 * Begin a container at `path` (mode 0640, must not be there yet).
 *
 * @param schema  Avro JSON.
 * @param sync    Marker of 16 octets.
 * @return WN_OK, or WN_FATAL: "file-write".
 */
WN_NODISCARD
enum wn_code wn_container_create(const char *path, const char *schema, const uint8_t sync[16],
                                 struct wn_container **ret_container, struct wn_error *err);

/** Add a record's Avro binary; a block is written at 256 KiB. WN_FATAL: "file-write". */
WN_NODISCARD
enum wn_code wn_container_add(struct wn_container *container, struct wn_slice avro,
                              struct wn_error *err);

/**
 * Write the last block, sync the file, close it, and say its SHA-256 and how many records it holds.
 * `*container` is NULL afterwards, also on failure.
 */
WN_NODISCARD
enum wn_code wn_container_finish(struct wn_container **container, char ret_sha256[65],
                                 uint64_t *ret_records, struct wn_error *err);

/** Close without finishing; the file is the caller's to remove. NULL is fine. @return NULL */
struct wn_container *wn_container_close(struct wn_container *container);

/** A container being read. */
struct wn_container_reader;

/** Open for reading. @return WN_OK, or WN_FATAL: "file-read" (not a container, another codec than
 * null or zstandard). */
WN_NODISCARD
enum wn_code wn_container_open(const char *path, struct wn_container_reader **ret_reader,
                               struct wn_error *err);

/** @return the schema in its header; lives as long as the reader. */
const char *wn_container_schema(const struct wn_container_reader *reader);

/** @return the sync marker, 16 octets. */
const uint8_t *wn_container_sync(const struct wn_container_reader *reader);

/** Read the next block, unpacked: `n` records one after the other; `n` 0 at the end. WN_FATAL:
 * "file-read". */
WN_NODISCARD
enum wn_code wn_container_block(struct wn_container_reader *reader, struct wn_slice *ret_block,
                                uint64_t *ret_n, struct wn_error *err);

/** Close it; NULL is fine. @return NULL */
struct wn_container_reader *wn_container_reader_close(struct wn_container_reader *reader);

#endif
