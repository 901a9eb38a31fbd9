// SPDX-License-Identifier: Apache-2.0

/**
 * The files carrier: raw records from files, minimised into a folder, batch by batch.
 *
 * A batch is published whole or not at all, and once: contents that were sifted before are left
 * out, a crash at any point leaves nothing half published, and the same command run again finishes
 * the job with the same bytes in `usage.*`. What is published:
 *
 *     DIR/usage.billing.TYPE/BATCH.avro      DIR/usage.PURPOSE.TYPE/KEYED-NAME.avro
 *     DIR/quarantine/BATCH.avro              DIR/receipts/BATCH.json (the last to appear)
 *
 * Reasons: "file-read" (an input, a damaged DIR), "file-write" (DIR), "out-locked", "config" (DIR
 * was made with another duplicate rule), "keys" (DIR was made with other keys), "locked-memory",
 * "internal"; WN_ABORT "poison": the source has gone wrong, the batch at hand is given up.
 *
 * Threads: one at a time.
 */

#ifndef WINNOW_FILES_H
#define WINNOW_FILES_H

#include "winnow/audit.h"
#include "winnow/consent_file.h"
#include "winnow/lists.h"
#include "winnow/pipeline.h"
#include "winnow/unpack.h"

/** How far a sift has come. */
struct wn_files_progress {
    uint64_t records;  ///< Of committed batches and of the one at hand.
    uint64_t refused;  ///< Of them, quarantined.
    unsigned permille; ///< Of the inputs' size.
};

typedef void wn_files_tell(void *context, const struct wn_files_progress *progress);

/** What a sift is made of; all of it must outlive it. */
struct wn_files_options {
    const char *folder; ///< DIR; made where it is not there.
    const struct wn_policy *policy;
    const struct wn_source *source;
    struct wn_keyring *keyring;
    struct wn_lists_at_work *lists;  ///< Renewed before each batch.
    struct wn_limits limits;         ///< With `--as-of` as the clock, or none.
    int64_t batch_bytes;             ///< Least size of a batch, unpacked.
    struct wn_unpack_limits unpack;  ///< Of archives.
    struct wn_consent_file *consent; ///< NULL: nobody has consented.
    unsigned cached;                 ///< Pseudonyms to remember (wn_minimiser_open).
    wn_files_tell *tell; ///< Called once in a quarter of a MiB; NULL: nobody wants to know.
    void *context;       ///< Of `tell`.
};

struct wn_files;

/**
 * Open DIR: lock it, finish what a crash left of the last publication, map its state.
 *
 * @param ret_files  On success the caller's to give to wn_files_close(). Untouched on failure.
 */
WN_NODISCARD
enum wn_code wn_files_open(const struct wn_files_options *options, struct wn_files **ret_files,
                           struct wn_error *err);

/** Unlock and close; NULL is fine. @return NULL */
struct wn_files *wn_files_close(struct wn_files *files);

/**
 * Add an input: a file (plain, gzip, Zstandard), a folder (its files by name; not hidden ones, nor
 * those of folders in it) or `-` (standard input, spooled to an unlinked file in DIR).
 *
 * @param place  Of the argument, from 1: how a repeated content is reported.
 */
WN_NODISCARD
enum wn_code wn_files_add(struct wn_files *files, const char *argument, unsigned place,
                          struct wn_error *err);

/**
 * Sift all inputs; what is refused by itself (`file-refused`) is left out. On failure the batch at
 * hand is not published, those before it are; the only thing left to do is to close.
 */
WN_NODISCARD
enum wn_code wn_files_sift(struct wn_files *files, struct wn_error *err);

enum {
    WN_FILES_PLACES = WN_TYPES * WN_PURPOSES + 2
};

/** What a sift published in one folder of DIR. */
struct wn_files_place {
    char folder[160]; ///< From DIR.
    uint64_t files, records;
};

/** What a sift did: of the batches that it committed. */
struct wn_files_summary {
    const struct wn_tally *tally;
    uint64_t batches, inputs, bytes;
    uint64_t refused;         ///< Inputs that unpack to more than they may: `file-refused`.
    const char *refusals;     ///< Why, one a line: of the first 20; "": none.
    uint64_t repeated;        ///< Inputs whose content was sifted before: `file-repeated`.
    unsigned first_repeated;  ///< Place of the argument of the first of them.
    uint64_t differing;       ///< Inputs that do not hold what they declare: `totals-differ`.
    unsigned first_differing; ///< Place of the argument of the first of them.
    struct wn_sequence_totals numbers; ///< Of nodes, over all that was ever sifted into the folder.
    uint64_t left_out;                 ///< Entries of folders that are no files: folders above all.
    struct wn_files_place places[WN_FILES_PLACES]; ///< Where the files lie; receipts last.
    unsigned n_places;
};

/** @return the summary; lives as long as `files`. */
const struct wn_files_summary *wn_files_summary(const struct wn_files *files);

/**
 * Audit a folder: receipts (form, signature, chain, sums), every file that they name, files that
 * none names, the manifest.
 *
 * @param ret_said  What it says: appended to.
 * @return WN_OK also where there are findings; WN_FATAL: "file-read", "out-locked".
 */
WN_NODISCARD
enum wn_code wn_files_audit(const char *folder, const uint8_t public_key[32],
                            struct wn_audit_said *ret_said, struct wn_error *err);

/** Say what content a file is: the SHA-256 of its unpacked octets, hex. WN_FATAL: "file-read". */
WN_NODISCARD
enum wn_code wn_files_sha256(const char *file, char ret_sha256[65], struct wn_error *err);

/** An envelope in a folder's quarantine. */
struct wn_files_envelope {
    const char *file; ///< From DIR.
    const struct wn_envelope *envelope;
};

typedef enum wn_code wn_files_envelope_visit(void *context, const struct wn_files_envelope *at,
                                             struct wn_error *err);

/** Visit all envelopes of `DIR/quarantine`, files by name, pieces in their order. */
WN_NODISCARD
enum wn_code wn_files_each_envelope(const char *folder, wn_files_envelope_visit *visit,
                                    void *context, struct wn_error *err);

/** What to drop. */
struct wn_files_drop {
    const char *reason; ///< Id.
    const char *source; ///< NULL: of all sources.
};

/**
 * Erase the sealed bytes of quarantined records: each file that holds some is written anew without
 * them, under a receipt of its own (event `drop`) that refers to the one that named it.
 *
 * @param ret_records   Envelopes emptied.
 * @param ret_receipts  Receipts written.
 */
WN_NODISCARD
enum wn_code wn_files_drop(const char *folder, const struct wn_files_drop *drop,
                           struct wn_keyring *keyring, uint64_t *ret_records,
                           uint64_t *ret_receipts, struct wn_error *err);

#endif
