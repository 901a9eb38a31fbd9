// SPDX-License-Identifier: Apache-2.0

/**
 * The files carrier's own: what a sift holds, shared by how it runs (files.c) and how a batch is
 * closed (files_commit.c).
 */

#ifndef WINNOW_FILES_IMPL_H
#define WINNOW_FILES_IMPL_H

#include "files_batch.h"
#include "files_folder.h"
#include "files_input.h"
#include "files_members.h"
#include "winnow/files.h"

struct wn_files {
    struct wn_files_options options;
    struct wn_folder folder;
    char state_path[PATH_MAX];
    struct wn_state *state;
    struct wn_pipeline *pipeline;
    struct wn_sink sink;
    struct wn_tally *tally;                ///< Of the batch at hand.
    struct wn_tally *total;                ///< Of the batches that are committed.
    struct wn_poison poison;               ///< Over all batches of this sift.
    const struct wn_consent_view *consent; ///< Of the batch at hand.
    struct wn_input_list inputs;
    struct wn_window window;
    struct wn_members members; ///< Of the batch at hand.
    struct wn_batch batch;
    struct wn_files_summary summary;
    struct wn_buffer refusals; ///< Of inputs.
    uint64_t refused;          ///< Quarantined in committed batches.
    uint64_t done;             ///< Size of the inputs that are done [octets on the disk].
    char record_kcv[17], signing[65], rule[17], rule_name[80];
};

enum {
    WN_FILES_FACTS = 3
};

/** What must stay as it is as long as the folder lives: the rule of the source is the last. */
void wn_files_facts(const struct wn_files *files,
                    struct wn_manifest_fact ret_facts[WN_FILES_FACTS]);

/** @return how many records of a tally were quarantined. */
uint64_t wn_files_refused(const struct wn_tally *tally);

/** Give the batch at hand up: nothing of it stays. */
void wn_files_abort(struct wn_files *files);

/** Everything behind a batch's last record, from the balance of its tally to its published state.
 */
WN_NODISCARD
enum wn_code wn_files_commit(struct wn_files *files, struct wn_error *err);

#endif
