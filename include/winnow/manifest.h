// SPDX-License-Identifier: Apache-2.0

/**
 * DIR/manifest.db: which inputs became which outputs, batch by batch, in SQLite. No row a record.
 *
 * Its transaction is the commit of the files carrier: what is in it is published or will be, what
 * is not in it never happened. So one call writes a whole publication, and every file of it is
 * listed with the place where it was written aside: whoever opens the folder next can finish the
 * renames.
 *
 * Besides it remembers *facts*: what must not change as long as the folder lives (the key that
 * duplicates are found with, the rule of each source).
 *
 * Reasons: WN_FATAL "file-write" (a full disk, no rights, damaged), "file-read" (opened for
 * reading only).
 *
 * Threads: a manifest belongs to the thread that opened it. sqlite3.h is known to manifest.c only.
 */

#ifndef WINNOW_MANIFEST_H
#define WINNOW_MANIFEST_H

#include "winnow/hash.h"
#include "winnow/receipt.h"

struct wn_manifest;

/**
 * Open the manifest.
 *
 * @param path       File path, or ":memory:".
 * @param read_only  false: create it where there is none.
 * @return WN_OK, or WN_FATAL: "file-write", "file-read" (not a manifest, or one of a later
 * version).
 */
WN_NODISCARD
enum wn_code wn_manifest_open(const char *path, bool read_only, struct wn_manifest **ret_manifest,
                              struct wn_error *err);

/** Close it; NULL is fine. @return NULL */
struct wn_manifest *wn_manifest_close(struct wn_manifest *manifest);

/** Where the folder stands. */
struct wn_manifest_newest {
    uint64_t batch;             ///< Number of the newest batch; 0: none yet.
    uint64_t receipt;           ///< Number of the newest receipt; 0: none yet.
    char sha256[WN_SHA256_HEX]; ///< Of that receipt: the next one's `previous`.
};

/** Say where the folder stands. */
WN_NODISCARD
enum wn_code wn_manifest_newest(struct wn_manifest *manifest, struct wn_manifest_newest *ret_newest,
                                struct wn_error *err);

/** Say whether a content was sifted before. @param sha256  Of the unpacked content, hex. */
WN_NODISCARD
enum wn_code wn_manifest_has_input(struct wn_manifest *manifest, const char *sha256, bool *ret_has,
                                   struct wn_error *err);

/** A fact: name and value. */
struct wn_manifest_fact {
    const char *name;
    const char *value;
};

/** Say whether the folder knows another value of a fact; false where it knows none. */
WN_NODISCARD
enum wn_code wn_manifest_contradicts(struct wn_manifest *manifest,
                                     const struct wn_manifest_fact *fact, bool *ret_contradicts,
                                     struct wn_error *err);

/** A file of a publication. Paths are taken from DIR. */
struct wn_manifest_file {
    const char *aside;  ///< Where it was written: "tmp/7-0.avro".
    const char *file;   ///< Where it belongs.
    const char *sha256; ///< Of the whole file, hex.
    uint64_t records;   ///< 0 for a receipt.
};

/** What is committed at once. */
struct wn_publication {
    uint64_t batch;             ///< Its number, one more than the newest; 0: an event, no batch.
    const char *batch_id;       ///< NULL for an event.
    uint64_t receipt;           ///< Number of its receipt.
    const char *receipt_sha256; ///< Of the receipt without its newline, hex.
    const struct wn_receipt_input *inputs;
    unsigned n_inputs;
    const struct wn_manifest_file *files; ///< In the order of the renames; the receipt is the last.
    unsigned n_files;
    const struct wn_manifest_fact *facts; ///< Remembered where they are new.
    unsigned n_facts;
};

/**
 * Commit a publication: durable when it returns WN_OK.
 *
 * After a failure nobody knows which way it went (the disk may have failed behind the commit):
 * leave what was written aside where it is, and open the folder anew.
 */
WN_NODISCARD
enum wn_code wn_manifest_commit(struct wn_manifest *manifest,
                                const struct wn_publication *publication, struct wn_error *err);

/** Visit a file; not WN_OK ends the walk and is returned. `file`'s texts live during the call. */
typedef enum wn_code wn_manifest_visit(void *context, uint64_t receipt,
                                       const struct wn_manifest_file *file, struct wn_error *err);

/**
 * Visit the files of all receipts from number `first` on, in the order of numbers and renames.
 *
 * The manifest must not be written to from `visit`.
 */
WN_NODISCARD
enum wn_code wn_manifest_each_file(struct wn_manifest *manifest, uint64_t first,
                                   wn_manifest_visit *visit, void *context, struct wn_error *err);

#endif
