// SPDX-License-Identifier: Apache-2.0

/*
 * One batch, from the first byte to its receipt:
 *
 *     hash      the content of each input; what was sifted before is left out; until there is
 * enough read      its records, through the pipeline, into containers aside balance   the sums of
 * the tally finish    containers and receipt written and synced, tmp/ synced flush     the state,
 * aside, as the position {0, batch} commit    the manifest's transaction  ← here it becomes a fact
 *     rename    outputs, receipt last
 *     publish   the state
 *
 * State and manifest are two stores and one commit: the state's index is written aside with the
 * batch's number first, and counts only if the manifest then has that number. A start asks the
 * manifest, tells the state (wn_state_recover), and refuses to go on where the two part, because a
 * duplicate that can't be seen would be billed.
 */

#include "winnow/files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files_batch.h"
#include "files_folder.h"
#include "files_input.h"
#include "files_members.h"
#include "step.h"

static const int64_t day_ms = 86400000;

struct wn_files {
    struct wn_files_options options;
    struct wn_folder folder;
    char state_path[PATH_MAX];
    struct wn_state *state;
    struct wn_pipeline *pipeline;
    struct wn_sink sink;
    struct wn_tally *tally; ///< Of the batch at hand.
    struct wn_tally *total; ///< Of the batches that are committed.
    struct wn_input_list inputs;
    struct wn_window window;
    struct wn_members members; ///< Of the batch at hand.
    struct wn_batch batch;
    struct wn_files_summary summary;
    uint64_t refused; ///< Quarantined in committed batches.
    uint64_t done;    ///< Size of the inputs that are done [octets on the disk].
    char record_kcv[17], signing[65], rule[17], rule_name[80];
};

enum {
    FACTS = 3
};

/** What must stay as it is as long as the folder lives. */
static void list_facts(const struct wn_files *files, struct wn_manifest_fact ret_facts[FACTS])
{
    ret_facts[0] = (struct wn_manifest_fact){ "key of purpose record", files->record_kcv };
    ret_facts[1] = (struct wn_manifest_fact){ "signing key", files->signing };
    ret_facts[2] = (struct wn_manifest_fact){ files->rule_name, files->rule };
}

static enum wn_code set_facts(struct wn_files *files, struct wn_error *err)
{
    uint8_t kcv[8];
    if (!wn_keyring_has(files->options.keyring, "record", 0, kcv)) {
        return wn_fail(err, WN_FATAL, "keys", "there is no key of purpose 'record'");
    }
    wn_hex(kcv, sizeof(kcv), files->record_kcv);
    wn_hex(wn_keyring_signing_public(files->options.keyring), 32, files->signing);
    wn_hex(files->options.source->rule_id, 8, files->rule);
    snprintf(files->rule_name, sizeof(files->rule_name), "rule of %s", files->options.source->name);
    return WN_OK;
}

/** Was the folder made with these keys and this rule? */
static enum wn_code check_facts(struct wn_files *files, struct wn_error *err)
{
    struct wn_manifest_fact facts[FACTS];
    list_facts(files, facts);
    for (size_t i = 0; i < FACTS; i++) {
        bool other = false;
        if (wn_manifest_contradicts(files->folder.manifest, &facts[i], &other, err) != WN_OK) {
            return err->code;
        }
        if (other && i < FACTS - 1) {
            return wn_fail(err, WN_FATAL, "keys",
                           "%s: was made with another %s; name its keys, or another --out",
                           files->folder.path, facts[i].name);
        }
        if (other) {
            return wn_fail(err, WN_FATAL, "config",
                           "%s: was made with another duplicate rule of source '%s', whose entries "
                           "would miss duplicates; sift into a new --out",
                           files->folder.path, files->options.source->name);
        }
    }
    return WN_OK;
}

static enum wn_code open_state(struct wn_files *files, struct wn_error *err)
{
    const uint64_t batch = files->folder.newest.batch;
    const int64_t lateness = files->options.limits.lateness_ms;
    const unsigned window_days = (unsigned)((lateness + day_ms - 1) / day_ms) + 1;
    const struct wn_state_position committed = { 0, (int64_t)batch };
    if (wn_folder_path(&files->folder, "state", files->state_path, err) != WN_OK ||
        wn_state_recover(files->state_path, committed, err) != WN_OK ||
        wn_state_open(files->state_path, "files", window_days, &files->state, err) != WN_OK) {
        return err->code;
    }
    const int64_t has = wn_state_position(files->state).sequence;
    if ((batch > 0 || has > 0) && has != (int64_t)batch) {
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: is of batch %lld, the manifest of batch %llu; bring both back from one "
                       "backup, or sift into a new --out",
                       files->state_path, (long long)has, (unsigned long long)batch);
    }
    return WN_OK;
}

static enum wn_code open_pipeline(struct wn_files *files, struct wn_error *err)
{
    const struct wn_files_options *options = &files->options;
    files->batch.folder = &files->folder;
    files->batch.policy = options->policy;
    files->batch.file_key = wn_keyring_find(options->keyring, "record", "file", 0);
    if (!files->batch.file_key) {
        return wn_fail(err, WN_FATAL, "keys", "there is no key of purpose 'record'");
    }
    files->sink = (struct wn_sink){ &files->batch, wn_batch_usage, wn_batch_quarantine };
    const struct wn_pipeline_options parts = {
        .policy = options->policy,
        .source = options->source,
        .keyring = options->keyring,
        .sink = &files->sink,
        .cached = options->cached,
    };
    return wn_pipeline_open(&parts, &files->pipeline, err);
}

enum wn_code wn_files_open(const struct wn_files_options *options, struct wn_files **ret_files,
                           struct wn_error *err)
{
    struct wn_files *files = calloc(1, sizeof(*files));
    if (!files) {
        return wn_fail(err, WN_FATAL, "internal", "out of memory");
    }
    files->options = *options;
    files->tally = wn_tally_open();
    files->total = wn_tally_open();
    files->summary.tally = files->total;
    if (set_facts(files, err) != WN_OK ||
        wn_folder_open(options->folder, &files->folder, err) != WN_OK ||
        check_facts(files, err) != WN_OK || open_state(files, err) != WN_OK ||
        open_pipeline(files, err) != WN_OK) {
        wn_files_close(files);
        return err->code;
    }
    *ret_files = files;
    return WN_OK;
}

struct wn_files *wn_files_close(struct wn_files *files)
{
    if (files) {
        wn_batch_deinit(&files->batch);
        wn_members_deinit(&files->members);
        wn_window_deinit(&files->window);
        wn_input_list_deinit(&files->inputs);
        wn_pipeline_close(files->pipeline);
        wn_state_close(files->state);
        wn_folder_close(&files->folder);
        wn_tally_close(files->total);
        wn_tally_close(files->tally);
        free(files);
    }
    return NULL;
}

enum wn_code wn_files_add(struct wn_files *files, const char *argument, unsigned place,
                          struct wn_error *err)
{
    char aside[PATH_MAX];
    if (wn_folder_path(&files->folder, "tmp", aside, err) != WN_OK) {
        return err->code;
    }
    return wn_input_list_add(&files->inputs, argument, place, aside, err);
}

const struct wn_files_summary *wn_files_summary(const struct wn_files *files)
{
    return &files->summary;
}

/** An input that is being read. */
struct passage {
    struct wn_files *files;
    const struct wn_member *member;
    struct wn_origin origin;
};

static uint64_t refused_in(const struct wn_tally *tally)
{
    uint64_t refused = 0;
    for (unsigned i = 0; i < WN_REASONS; i++) {
        refused += tally->quarantined[i];
    }
    return refused;
}

static void tell(const struct passage *passage)
{
    const struct wn_files *files = passage->files;
    if (!files->options.tell) {
        return;
    }
    const struct wn_member *member = passage->member;
    double share = 1;
    if (files->inputs.size > 0 && member->content.bytes > 0) {
        double part = (double)passage->origin.offset / (double)member->content.bytes;
        share =
            ((double)files->done + part * (double)member->input->size) / (double)files->inputs.size;
    }
    const struct wn_files_progress progress = {
        .records = files->total->in + files->tally->in,
        .refused = files->refused + refused_in(files->tally),
        .permille = (unsigned)(share * 1000),
    };
    files->options.tell(files->options.context, &progress);
}

/** Bytes of an input go through the pipeline. */
static enum wn_code pass(void *context, bool begin, struct wn_slice *rest, bool end,
                         struct wn_error *err)
{
    struct passage *passage = context;
    struct wn_files *files = passage->files;
    struct wn_lane lane = { files->state, files->tally };
    enum wn_code rc = wn_pipeline_bytes(files->pipeline, begin, rest, end, &lane,
                                        &files->options.limits, &passage->origin, false, err);
    tell(passage);
    return rc;
}

/** Take the records of all members. */
static enum wn_code read_members(struct wn_files *files, struct wn_error *err)
{
    for (size_t i = 0; i < files->members.n; i++) {
        struct wn_member *member = &files->members.list[i];
        struct passage passage = {
            .files = files,
            .member = member,
            .origin = { .input = wn_slice_of(member->content.sha256) },
        };
        uint64_t before = files->tally->in;
        if (wn_content_read(member->input, &member->content, &files->window, pass, &passage, err) !=
            WN_OK) {
            return err->code;
        }
        member->records = files->tally->in - before;
        files->done += member->input->size;
    }
    return WN_OK;
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
    enum wn_code rc = wn_state_flush(files->state, true, position, err);
    wn_step("state-flushed");
    return rc;
}

/** The commit, and what follows from it. */
static enum wn_code publish(struct wn_files *files, const struct closing *closing,
                            struct wn_error *err)
{
    struct wn_manifest_fact facts[FACTS];
    list_facts(files, facts);
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
        .n_facts = FACTS,
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
    wn_tally_add(files->total, files->tally);
    files->refused += refused_in(files->tally);
    files->summary.batches++;
    files->summary.inputs += files->members.n;
    files->summary.bytes += files->members.bytes;
    for (unsigned i = 0; i <= closing->n_outputs; i++) {
        note_place(&files->summary, &closing->files[i]);
    }
}

/** Name the batch after its contents. */
static void name_batch(const struct wn_files *files, char ret_id[WN_BATCH_ID])
{
    struct wn_sha256 *hash = wn_sha256_open();
    uint8_t digest[WN_SHA256_BYTES];
    for (size_t i = 0; i < files->members.n; i++) {
        wn_sha256_add(hash, files->members.list[i].content.digest, WN_SHA256_BYTES);
    }
    wn_sha256_finish(hash, digest);
    wn_sha256_close(hash);
    wn_hex(digest, (WN_BATCH_ID - 1) / 2, ret_id);
}

static enum wn_code sift_batch(struct wn_files *files, struct wn_error *err)
{
    char id[WN_BATCH_ID];
    struct closing closing = { 0 };
    name_batch(files, id);
    wn_tally_clear(files->tally);
    wn_batch_begin(&files->batch, files->folder.newest.batch + 1, id);

    enum wn_code rc = read_members(files, err);
    wn_window_wipe(&files->window);
    if (rc == WN_OK) {
        rc = write_aside(files, &closing, err);
    }
    if (rc != WN_OK) {
        wn_state_abort(files->state);
        wn_batch_close(&files->batch);
        wn_folder_empty_aside(&files->folder);
    } else {
        rc = publish(files, &closing, err);
    }
    if (rc == WN_OK) {
        note_batch(files, &closing);
    }
    closing_deinit(&closing);
    wn_members_clear(&files->members);
    return rc;
}

/** Hash an input, and take it into the batch unless its content was sifted before. */
static enum wn_code take_input(struct wn_files *files, const struct wn_input_file *input,
                               struct wn_error *err)
{
    struct wn_content content;
    bool repeated = false;
    if (wn_content_hash(input, &files->window, &content, err) != WN_OK ||
        wn_manifest_has_input(files->folder.manifest, content.sha256, &repeated, err) != WN_OK) {
        return err->code;
    }
    if (!repeated && wn_members_add(&files->members, input, &content)) {
        return WN_OK;
    }
    files->summary.first_repeated =
        files->summary.repeated == 0 ? input->place : files->summary.first_repeated;
    files->summary.repeated++;
    files->done += input->size;
    return WN_OK;
}

enum wn_code wn_files_sift(struct wn_files *files, struct wn_error *err)
{
    const uint64_t enough =
        files->options.batch_bytes > 0 ? (uint64_t)files->options.batch_bytes : 1;
    for (size_t i = 0; i < files->inputs.n; i++) {
        if (take_input(files, &files->inputs.list[i], err) != WN_OK) {
            return err->code;
        }
        bool last = i + 1 == files->inputs.n;
        if (files->members.n > 0 && (last || files->members.bytes >= enough) &&
            sift_batch(files, err) != WN_OK) {
            return err->code;
        }
    }
    return WN_OK;
}
