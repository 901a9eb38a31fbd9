// SPDX-License-Identifier: Apache-2.0

/**
 * The outputs of one batch, while they are written aside: a container for each purpose and record
 * type, and one for the quarantine. The sink of the pipeline.
 */

#ifndef WINNOW_FILES_BATCH_H
#define WINNOW_FILES_BATCH_H

#include "files_folder.h"
#include "winnow/container.h"
#include "winnow/pipeline.h"

enum {
    WN_BATCH_ID = 33
}; ///< 32 hex digits and a NUL.

/** Records of one output that are shuffled among themselves: all of a batch, up to this (ADR 11).
 */
enum {
    WN_BATCH_SHUFFLED = 1000000,         ///< Records.
    WN_BATCH_SHUFFLED_BYTES = 128 << 20, ///< Of Avro.
};

/** A record that waits for the others. */
struct wn_shuffled {
    uint64_t order;
    size_t at, len;       ///< In the outlet's `waiting`.
    const uint8_t *bytes; ///< Its octets, once all are there.
};

/** Where the records of one purpose and type go, or what is quarantined. */
struct wn_outlet {
    struct wn_container *container; ///< NULL: no record came yet.
    char aside[64], file[192];      ///< From DIR.
    bool shuffled;
    struct wn_buffer waiting;
    struct wn_shuffled *rows;
    unsigned n_rows, room_rows;
    char sha256[WN_SHA256_HEX]; ///< Once finished.
    uint64_t records;
};

enum {
    WN_OUTLETS = WN_TYPES * WN_PURPOSES + 1
};

/** All-zero is no batch. */
struct wn_batch {
    const struct wn_folder *folder;
    const struct wn_policy *policy;
    const struct wn_mac *file_key; ///< Of purpose `record`, kind `file`.
    uint64_t number;
    char id[WN_BATCH_ID];
    struct wn_outlet outlets[WN_OUTLETS]; ///< By type and purpose; the last is the quarantine.
};

/** Begin a batch. Nothing is written yet: no container without records. */
void wn_batch_begin(struct wn_batch *batch, uint64_t number, const char *id);

/** Take a usage record: `struct wn_sink.usage`; `context` is the batch. WN_FATAL: "file-write". */
enum wn_code wn_batch_usage(void *context, const struct wn_usage *usage, struct wn_error *err);

/** Take a piece of quarantine: `struct wn_sink.quarantine`. WN_FATAL: "file-write". */
enum wn_code wn_batch_quarantine(void *context, struct wn_slice avro, struct wn_error *err);

/** Write and sync all that is open; `sha256` and `records` of the outlets are set. */
WN_NODISCARD
enum wn_code wn_batch_finish(struct wn_batch *batch, struct wn_error *err);

/** @return the outlets that have records, one after the other; NULL behind the last. `at` is 0 at
 * first. */
const struct wn_outlet *wn_batch_next(const struct wn_batch *batch, unsigned *at);

/** Close what is open; what was written stays. May be called twice. */
void wn_batch_close(struct wn_batch *batch);

/** Close, and give the memory back. */
void wn_batch_deinit(struct wn_batch *batch);

#endif
