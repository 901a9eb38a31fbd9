// SPDX-License-Identifier: Apache-2.0

/*
 * In topics the worker reads the records again: see topics.h. In files the raw records are not in
 * DIR but where the operator keeps them: what is said is which contents hold refused records, and
 * which of the named files they are.
 */

#include "quarantine_replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "quarantine_where.h"
#include "winnow/files.h"
#include "winnow/memory.h"
#include "winnow/topics.h"

/** Refused records of one content. */
struct content {
    char sha256[WN_SHA256_HEX];
    uint64_t records;
    const char *file; ///< That was named; NULL: none.
};

struct contents {
    const struct wn_topics_replay *what;
    struct content *list;
    size_t n;
    uint64_t records;
};

static struct content *find_content(const struct contents *contents, struct wn_slice sha256)
{
    for (size_t i = 0; i < contents->n; i++) {
        if (wn_slice_is(sha256, contents->list[i].sha256)) {
            return &contents->list[i];
        }
    }
    return NULL;
}

static enum wn_code take_envelope(void *context, const struct quarantine_at *at,
                                  struct wn_error *err)
{
    struct contents *contents = context;
    const struct wn_topics_replay *what = contents->what;
    const struct wn_envelope *envelope = at->envelope;
    (void)err;
    if (envelope->piece != 1 || (what->reason && !wn_slice_is(envelope->reason, what->reason)) ||
        (what->source && !wn_slice_is(envelope->source, what->source))) {
        return WN_OK;
    }
    struct content *content = find_content(contents, envelope->origin.input);
    if (!content) {
        contents->list = wn_grow(contents->list, contents->n + 1, sizeof(*contents->list));
        content = &contents->list[contents->n++];
        *content = (struct content){ .records = 0 };
        (void)snprintf(content->sha256, sizeof(content->sha256), "%.*s",
                       (int)(envelope->origin.input.len < WN_SHA256_HEX - 1
                                 ? envelope->origin.input.len
                                 : WN_SHA256_HEX - 1),
                       envelope->origin.input.at);
    }
    content->records++;
    contents->records++;
    return WN_OK;
}

/** Find out which contents the named files are. @return CMD_DONE, or an exit status. */
static int name_files(const struct contents *contents, char **files, int n)
{
    for (int i = 0; i < n; i++) {
        char sha256[WN_SHA256_HEX];
        struct wn_error err;
        if (wn_files_sha256(files[i], sha256, &err) != WN_OK) {
            return cmd_failed(&err);
        }
        struct content *content = find_content(contents, wn_slice_of(sha256));
        if (content) {
            content->file = files[i];
        }
    }
    return CMD_DONE;
}

static int replay_files(const struct quarantine_where *where, const struct wn_topics_replay *what,
                        char **files, int n)
{
    struct contents contents = { .what = what };
    struct wn_error err;
    int status = CMD_DONE;
    if (quarantine_each(where, take_envelope, &contents, &err) != WN_OK) {
        status = cmd_failed(&err);
    }
    status = status == CMD_DONE ? name_files(&contents, files, n) : status;
    if (status == CMD_DONE && contents.n == 0) {
        printf("nothing was refused\n");
    } else if (status == CMD_DONE) {
        printf("%-64s  refused  file\n", "SHA-256 of the unpacked content");
        for (size_t i = 0; i < contents.n; i++) {
            const struct content *content = &contents.list[i];
            printf("%s %8llu  %s\n", content->sha256, (unsigned long long)content->records,
                   content->file ? content->file : "-");
        }
        fprintf(
            stderr,
            "winnow: %llu refused record%s in %zu file%s. A folder is not added to by a "
            "replay: mend the source and\nwinnow: sift these files again into a new --out, with "
            "the same keys; for them it takes the place of\nwinnow: this one, whose records have "
            "the same record_id there. Name candidates as FILE to find them.\n",
            (unsigned long long)contents.records, contents.records == 1 ? "" : "s", contents.n,
            contents.n == 1 ? "" : "s");
    }
    free(contents.list);
    return status;
}

static int replay_topics(const struct quarantine_where *where, const struct wn_topics_replay *what)
{
    uint8_t signer[32];
    struct wn_topics_replayed sum;
    struct wn_buffer notes = { 0 };
    struct wn_error err;
    if (!quarantine_signer(&where->settings, signer, &err)) {
        return cmd_failed(&err);
    }
    const enum wn_code rc = wn_topics_replay(&where->settings, signer, what, &notes, &sum, &err);
    fwrite(notes.at, 1, notes.len, stderr);
    wn_buffer_deinit(&notes);
    printf("%llu records taken up again: %llu passed, %llu duplicates, %llu superseded, %llu "
           "filtered, %llu refused again\n",
           (unsigned long long)sum.records, (unsigned long long)sum.passed,
           (unsigned long long)sum.duplicates, (unsigned long long)sum.superseded,
           (unsigned long long)sum.filtered, (unsigned long long)sum.quarantined);
    if (rc != WN_OK) {
        return cmd_failed(&err);
    }
    if (sum.gone > 0) {
        fprintf(
            stderr,
            "winnow: %llu records are gone from their topics; what is left of them is sealed: "
            "winnow quarantine show\nwinnow: --officer-key F --show-values; fed again, they are "
            "records like any others\n",
            (unsigned long long)sum.gone);
    }
    if (sum.left > 0) {
        fprintf(stderr, "winnow: %llu records were not taken up, see above\n",
                (unsigned long long)sum.left);
    }
    return sum.gone + sum.left > 0 ? CMD_FAILED : CMD_DONE;
}

int quarantine_replay(int argc, char **argv)
{
    struct wn_topics_replay what = { 0 };
    const char *config = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "In the topics of this configuration, by its running worker.", &config,
          NULL },
        { "reason", "R", "Only what was refused for this reason.", &what.reason, NULL },
        { "source", "S", "Of this source only.", &what.source, NULL },
    };
    const struct cmd_usage usage = {
        "quarantine replay", "[OPTION]... (--config F | DIR [FILE...])",
        "Take refused records up again, once the source is mended. In topics the running worker "
        "reads\nthem again, by their places, each once, under a receipt of its own; it needs no "
        "key. For a folder\nof sift, say which contents hold refused records, and which FILEs "
        "those are: they are to be\nsifted again into a new folder.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    const enum wn_reason reason =
        what.reason ? wn_reason_find(wn_slice_of(what.reason)) : WN_REASON_NONE;
    if (what.reason &&
        (reason == WN_REASON_NONE || wn_reason_info(reason)->fate != WN_FATE_QUARANTINE)) {
        return cmd_wrong(&usage, "--reason expects a reason of quarantine; `winnow quarantine "
                                 "list` shows them");
    }
    struct quarantine_where where;
    status = quarantine_where_open(&usage, n > 1 && !config ? 1 : n, argv[1], config, &where);
    if (status == CMD_DONE) {
        status = where.folder ? replay_files(&where, &what, argv + 2, n - 1)
                              : replay_topics(&where, &what);
    }
    quarantine_where_close(&where);
    return status;
}
