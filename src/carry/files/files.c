// SPDX-License-Identifier: Apache-2.0

/*
 * One batch, from the first byte to its receipt:
 *
 *     hash      the content of each input, until there is enough; repeated ones are left out
 *     read      its records, through the pipeline, into containers aside
 *     balance   the sums of the tally                      from here on: files_commit.c
 *     finish    containers and receipt written and synced, tmp/ synced
 *     flush     the state, aside, as the position {0, batch}
 *     commit    the manifest's transaction: here the batch becomes a fact
 *     rename    outputs, receipt last
 *     publish   the state
 *
 * State and manifest are two stores and one commit: the state's index is written aside with the
 * batch's number first, and counts only if the manifest then has that number. A start asks the
 * manifest, tells the state (wn_state_recover), and refuses to go on where the two part, because a
 * duplicate that can't be seen would be billed.
 */

#include "files_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "winnow/clock.h"

static const int64_t day_ms = 86400000;

enum {
    REFUSALS_SAID = 20,
    EVER_DAYS = 300 * 366 ///< Longer than from the first to the last year of a time.
};

static enum wn_code no_record_key(struct wn_error *err)
{
    return wn_fail(err, WN_FATAL, "keys",
                   "there is no key of purpose 'record', which names every record; winnow keys "
                   "list says whether its file is missing, broken or destroyed: put it back from a "
                   "backup, or where it was destroyed begin with new keys and a new --out");
}

static enum wn_code set_facts(struct wn_files *files, struct wn_error *err)
{
    uint8_t kcv[8];
    if (!wn_keyring_has(files->options.keyring, "record", 0, kcv)) {
        return no_record_key(err);
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
    struct wn_manifest_fact facts[WN_FILES_FACTS];
    wn_files_facts(files, facts);
    for (size_t i = 0; i < WN_FILES_FACTS; i++) {
        bool other = false;
        if (wn_manifest_contradicts(files->folder.manifest, &facts[i], &other, err) != WN_OK) {
            return err->code;
        }
        if (other && i < WN_FILES_FACTS - 1) {
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

/**
 * How long entries count. Without a clock nothing is too late, so nothing may be forgotten: one
 * record of a far year would end the window of all that came before it (ADR 10).
 */
static unsigned window_days(const struct wn_limits *limits)
{
    if (limits->now_ms == INT64_MIN) {
        return EVER_DAYS;
    }
    return (unsigned)((limits->lateness_ms + day_ms - 1) / day_ms) + 1;
}

static enum wn_code open_state(struct wn_files *files, struct wn_error *err)
{
    const uint64_t batch = files->folder.newest.batch;
    const struct wn_state_position committed = { 0, (int64_t)batch };
    if (wn_folder_path(&files->folder, "state", files->state_path, err) != WN_OK ||
        wn_state_recover(files->state_path, committed, err) != WN_OK ||
        wn_state_open(files->state_path, "files", window_days(&files->options.limits),
                      &files->state, err) != WN_OK) {
        return err->code;
    }
    const int64_t has = wn_state_position(files->state).sequence;
    if ((batch > 0 || has > 0) && has != (int64_t)batch) {
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: is of batch %lld, the manifest of batch %llu; bring both back from one "
                       "backup, or sift into a new --out",
                       files->state_path, (long long)(has < 0 ? 0 : has),
                       (unsigned long long)batch);
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
        return no_record_key(err);
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
    files->summary.refusals = "";
    files->inputs.limits = options->unpack;
    if (set_facts(files, err) != WN_OK ||
        wn_folder_open(options->folder, &files->folder, err) != WN_OK ||
        check_facts(files, err) != WN_OK || open_state(files, err) != WN_OK ||
        open_pipeline(files, err) != WN_OK) {
        wn_files_close(files);
        return err->code;
    }
    files->summary.numbers = wn_sequences_totals(wn_state_numbers(files->state));
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
        wn_buffer_deinit(&files->refusals);
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
    struct stat input;
    struct stat out;
    if (wn_folder_path(&files->folder, "tmp", aside, err) != WN_OK) {
        return err->code;
    }
    if (stat(argument, &input) == 0 && stat(files->folder.path, &out) == 0 &&
        input.st_dev == out.st_dev && input.st_ino == out.st_ino) {
        return wn_fail(err, WN_FATAL, "config",
                       "%s: is the folder of --out itself, whose files are no raw records; name "
                       "the input's folder or files",
                       argument);
    }
    enum wn_code rc = wn_input_list_add(&files->inputs, argument, place, aside, err);
    files->summary.left_out = files->inputs.left_out;
    return rc;
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
        .refused = files->refused + wn_files_refused(files->tally),
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
    const struct wn_lane lane = {
        .state = files->state,
        .tally = files->tally,
        .limits = &files->options.limits,
        .poison = &files->poison,
        .consent = files->consent,
        .lists = wn_lists_now(files->options.lists),
        .receipt = files->folder.newest.receipt + 1,
    };
    struct wn_intake intake = {
        .rest = *rest, .origin = passage->origin, .begin = begin, .end = end
    };
    enum wn_code rc = wn_pipeline_bytes(files->pipeline, &lane, &intake, err);
    *rest = intake.rest;
    passage->origin = intake.origin;
    tell(passage);
    return rc;
}

/** @return a number that changes where an input does not hold what it declares. */
static uint64_t differences(const struct wn_tally *tally)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < tally->n_declared; i++) {
        const struct wn_tally_declared *declared = &tally->declared[i];
        n += declared->absent + declared->missing + declared->surplus;
    }
    return n;
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
        const uint64_t before = files->tally->in;
        const uint64_t differed = differences(files->tally);
        if (wn_content_read(member->input, &member->content, &files->window, pass, &passage, err) !=
            WN_OK) {
            return err->code;
        }
        member->records = files->tally->in - before;
        if (differences(files->tally) != differed) {
            files->summary.first_differing = files->summary.differing == 0
                                                 ? member->input->place
                                                 : files->summary.first_differing;
            files->summary.differing++;
        }
        files->done += member->input->size;
    }
    return WN_OK;
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

/** The version of the consent file that counts for the batch. */
static void take_consent(struct wn_files *files)
{
    if (files->options.consent) {
        files->consent = wn_consent_file_look(files->options.consent, wn_monotonic_ms() + 1);
    }
}

static enum wn_code sift_batch(struct wn_files *files, struct wn_error *err)
{
    char id[WN_BATCH_ID];
    name_batch(files, id);
    wn_tally_clear(files->tally);
    take_consent(files);
    wn_lists_renew(files->options.lists, &files->options.limits);
    wn_batch_begin(&files->batch, files->folder.newest.batch + 1, id);

    enum wn_code rc = read_members(files, err);
    wn_window_wipe(&files->window);
    if (rc == WN_OK) {
        rc = wn_files_commit(files, err);
    } else {
        wn_files_abort(files);
    }
    wn_members_clear(&files->members);
    return rc;
}

/** An input costs itself: note it, the others go on. */
static void refuse_input(struct wn_files *files, const struct wn_input_file *input,
                         const struct wn_error *err)
{
    struct wn_buffer *texts = &files->refusals;
    if (files->summary.refused++ < REFUSALS_SAID) {
        texts->len -= texts->len > 0 ? 1 : 0; // Its NUL.
        for (const char *c = err->text; *c != '\0'; c++) {
            // A file's name in it ends no line and moves no cursor.
            const bool control = (unsigned char)*c < ' ' || *c == '\x7f';
            wn_buffer_add(texts, control ? "?" : c, 1);
        }
        wn_buffer_add(texts, "\n", 2);
        files->summary.refusals = (const char *)texts->at;
    }
    files->done += input->size;
}

/** Hash an input, and take it into the batch unless its content was sifted before. */
static enum wn_code take_input(struct wn_files *files, const struct wn_input_file *input,
                               struct wn_error *err)
{
    struct wn_content content;
    bool repeated = false;
    const enum wn_code rc = wn_content_hash(input, &files->window, &content, err);
    if (rc == WN_REJECT) {
        refuse_input(files, input, err);
        return WN_OK;
    }
    if (rc != WN_OK ||
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
