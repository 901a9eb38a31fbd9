// SPDX-License-Identifier: Apache-2.0

/*
 * Closing a batch. Up to the manifest's transaction everything can be given up, and is; behind it
 * the batch is a fact, and whatever fails then is finished by the next start (files_folder.c).
 */

#include "files_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "declared_log.h"
#include "step.h"

void wn_files_facts(const struct wn_files *files, struct wn_manifest_fact ret_facts[WN_FILES_FACTS])
{
    ret_facts[0] = (struct wn_manifest_fact){ "key of purpose record", files->record_kcv };
    ret_facts[1] = (struct wn_manifest_fact){ "signing key", files->signing };
    ret_facts[2] = (struct wn_manifest_fact){ files->rule_name, files->rule };
}

uint64_t wn_files_refused(const struct wn_tally *tally)
{
    uint64_t refused = 0;
    for (unsigned i = 0; i < WN_REASONS; i++) {
        refused += tally->quarantined[i];
    }
    return refused;
}

/** A batch on its way to being a fact: what its receipt and the manifest say. */
struct closing {
    struct wn_receipt_input *inputs;
    struct wn_receipt_output outputs[WN_OUTLETS];
    struct wn_manifest_file files[WN_OUTLETS + 1];
    unsigned n_outputs;
    char receipt_aside[64], receipt_file[96], receipt_file_sha256[WN_SHA256_HEX];
    char receipt_sha256[WN_SHA256_HEX];
};

static void closing_deinit(struct closing *closing)
{
    free(closing->inputs);
}

static enum wn_code list_parts(const struct wn_files *files, struct closing *closing,
                               struct wn_error *err)
{
    const size_t n = files->members.n;
    closing->inputs = calloc(n, sizeof(*closing->inputs));
    if (!closing->inputs) {
        return wn_fail(err, WN_FATAL, "internal", "out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        const struct wn_member *member = &files->members.list[i];
        closing->inputs[i] = (struct wn_receipt_input){
            .sha256 = member->content.sha256,
            .bytes = (int64_t)member->content.bytes,
            .records = member->records,
        };
    }
    unsigned at = 0;
    const struct wn_outlet *outlet;
    while ((outlet = wn_batch_next(&files->batch, &at)) != NULL) {
        closing->outputs[closing->n_outputs] = (struct wn_receipt_output){
            .file = outlet->file, .digest = outlet->sha256, .records = outlet->records
        };
        closing->files[closing->n_outputs++] =
            (struct wn_manifest_file){ outlet->aside, outlet->file, outlet->sha256,
                                       outlet->records };
    }
    return WN_OK;
}

/** Write and sign the receipt, aside. */
static enum wn_code write_receipt(const struct wn_files *files, struct closing *closing,
                                  struct wn_error *err)
{
    const struct wn_manifest_newest *newest = &files->folder.newest;
    const struct wn_receipt receipt = {
        .number = newest->receipt + 1,
        .previous = newest->receipt > 0 ? newest->sha256 : NULL,
        .policy = files->options.policy->id,
        .source = files->options.source->name,
        .source_id = files->options.source->id,
        .tally = files->tally,
        .purposes = files->options.policy->purposes,
        .n_purposes = files->options.policy->n_purposes,
        .inputs = closing->inputs,
        .n_inputs = (unsigned)files->members.n,
        .outputs = closing->outputs,
        .n_outputs = closing->n_outputs,
    };
    snprintf(closing->receipt_aside, sizeof(closing->receipt_aside), "tmp/%llu.json",
             (unsigned long long)files->batch.number);
    snprintf(closing->receipt_file, sizeof(closing->receipt_file), "receipts/%s.json",
             files->batch.id);
    struct wn_buffer bytes = { 0 };
    wn_receipt_write(&receipt, files->options.keyring, &bytes, closing->receipt_sha256);
    wn_buffer_text(&bytes, "\n");
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(bytes.at, bytes.len, digest);
    wn_hex(digest, sizeof(digest), closing->receipt_file_sha256);
    enum wn_code rc =
        wn_folder_write(&files->folder, closing->receipt_aside, wn_buffer_slice(&bytes), err);
    wn_buffer_deinit(&bytes);
    closing->files[closing->n_outputs] =
        (struct wn_manifest_file){ closing->receipt_aside, closing->receipt_file,
                                   closing->receipt_file_sha256, 0 };
    return rc;
}

/** All that must be on the disk before the commit. */
static enum wn_code write_aside(struct wn_files *files, struct closing *closing,
                                struct wn_error *err)
{
    if (wn_tally_balanced(files->tally, files->options.policy->n_purposes, err) != WN_OK ||
        wn_batch_finish(&files->batch, err) != WN_OK || list_parts(files, closing, err) != WN_OK ||
        write_receipt(files, closing, err) != WN_OK ||
        wn_folder_sync_aside(&files->folder, err) != WN_OK) {
        return err->code;
    }
    const struct wn_state_position position = { 0, (int64_t)files->batch.number };
    wn_state_stage_numbers(files->state, files->tally->nodes);
    enum wn_code rc = wn_state_flush(files->state, true, position, err);
    wn_step("state-flushed");
    return rc;
}

/** The commit, and what follows from it. */
static enum wn_code publish(struct wn_files *files, const struct closing *closing,
                            struct wn_error *err)
{
    struct wn_manifest_fact facts[WN_FILES_FACTS];
    wn_files_facts(files, facts);
    const struct wn_publication publication = {
        .batch = files->batch.number,
        .batch_id = files->batch.id,
        .receipt = files->folder.newest.receipt + 1,
        .receipt_sha256 = closing->receipt_sha256,
        .inputs = closing->inputs,
        .n_inputs = (unsigned)files->members.n,
        .files = closing->files,
        .n_files = closing->n_outputs + 1,
        .facts = facts,
        .n_facts = WN_FILES_FACTS,
    };
    if (wn_manifest_commit(files->folder.manifest, &publication, err) != WN_OK) {
        return err->code;
    }
    wn_step("committed");
    if (wn_folder_rename(&files->folder, publication.receipt, err) != WN_OK) {
        return err->code;
    }
    wn_step("receipt-published");
    if (wn_state_publish(files->state, err) != WN_OK) {
        return err->code;
    }
    wn_step("state-published");
    return wn_manifest_newest(files->folder.manifest, &files->folder.newest, err);
}

/** Add what a file's folder now holds to the summary. */
static void note_place(struct wn_files_summary *summary, const struct wn_manifest_file *file)
{
    const int len = (int)strcspn(file->file, "/");
    unsigned i = 0;
    while (i < summary->n_places &&
           (strncmp(summary->places[i].folder, file->file, (size_t)len) != 0 ||
            summary->places[i].folder[len] != '\0')) {
        i++;
    }
    if (i == WN_FILES_PLACES) {
        return;
    }
    struct wn_files_place *place = &summary->places[i];
    if (i == summary->n_places) {
        summary->n_places++;
        snprintf(place->folder, sizeof(place->folder), "%.*s", len, file->file);
    }
    place->files++;
    place->records += file->records;
}

static void note_batch(struct wn_files *files, const struct closing *closing)
{
    const struct wn_sequence_totals numbers = wn_sequences_totals(wn_state_numbers(files->state));
    wn_declared_log("batch", files->batch.id, files->tally);
    wn_gaps_log("batch", files->batch.id, &files->summary.numbers, &numbers);
    files->summary.numbers = numbers;
    wn_tally_add(files->total, files->tally);
    files->refused += wn_files_refused(files->tally);
    files->summary.batches++;
    files->summary.inputs += files->members.n;
    files->summary.bytes += files->members.bytes;
    for (unsigned i = 0; i <= closing->n_outputs; i++) {
        note_place(&files->summary, &closing->files[i]);
    }
}

void wn_files_abort(struct wn_files *files)
{
    wn_state_abort(files->state);
    wn_batch_close(&files->batch);
    wn_folder_empty_aside(&files->folder);
}

enum wn_code wn_files_commit(struct wn_files *files, struct wn_error *err)
{
    struct closing closing = { 0 };
    enum wn_code rc = write_aside(files, &closing, err);
    if (rc != WN_OK) {
        wn_files_abort(files);
    } else {
        rc = publish(files, &closing, err);
    }
    if (rc == WN_OK) {
        note_batch(files, &closing);
    }
    closing_deinit(&closing);
    return rc;
}
