// SPDX-License-Identifier: Apache-2.0

/** `winnow quarantine list|show|drop|replay (DIR | --config F)`: what was refused. */

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "quarantine_list.h"
#include "quarantine_replay.h"
#include "text.h"
#include "winnow/files.h"
#include "winnow/topics.h"

/** What `show` is at. */
struct showing {
    const char *reason, *source;
    bool values;
    uint8_t secret[32];
    struct wn_buffer raw, text;
    int32_t joined; ///< Pieces of the record at hand that were opened.
    uint64_t shown, dropped, replayed, damaged;
};

static bool is_wanted(const struct showing *showing, const struct wn_envelope *envelope)
{
    return (!showing->reason || wn_slice_is(envelope->reason, showing->reason)) &&
           (!showing->source || wn_slice_is(envelope->source, showing->source));
}

/** Print the record whose last piece was opened. */
static void print_record(struct showing *showing, const struct quarantine_at *at)
{
    const struct wn_envelope *envelope = at->envelope;
    struct wn_buffer *text = &showing->text;
    text->len = 0;
    wn_buffer_format(text, "--- %s offset %lld  ", at->place, (long long)envelope->origin.offset);
    if (envelope->origin.index > 0) {
        wn_buffer_format(text, "index %d  ", (int)envelope->origin.index);
    }
    wn_buffer_add(text, envelope->source.at, envelope->source.len);
    wn_buffer_text(text, "  ");
    wn_buffer_add(text, envelope->reason.at, envelope->reason.len);
    wn_buffer_format(text, "  %zu octets\n", showing->raw.len);
    if (showing->values) {
        cmd_text_raw(text, wn_buffer_slice(&showing->raw));
    } else {
        cmd_text_shape(text, wn_buffer_slice(&showing->raw));
    }
    if (text->at[text->len - 1] != '\n') {
        wn_buffer_text(text, "\n");
    }
    fwrite(text->at, 1, text->len, stdout);
    showing->shown++;
    wn_buffer_wipe(text);
    wn_buffer_wipe(&showing->raw);
}

static enum wn_code show_piece(void *context, const struct quarantine_at *at, struct wn_error *err)
{
    struct showing *showing = context;
    const struct wn_envelope *envelope = at->envelope;
    if (!is_wanted(showing, envelope)) {
        return WN_OK;
    }
    const bool last = envelope->piece == envelope->pieces;
    if (envelope->piece == 1) {
        wn_buffer_wipe(&showing->raw);
        showing->joined = 0;
    }
    if (envelope->sealed.len == 0 || at->replayed) {
        showing->dropped += last && !at->replayed ? 1 : 0;
        showing->replayed += last && at->replayed ? 1 : 0;
        return WN_OK;
    }
    if (envelope->piece != showing->joined + 1 ||
        wn_envelope_open(envelope, showing->secret, &showing->raw, err) != WN_OK) {
        showing->damaged++; // Or one before it is missing.
        return WN_OK;
    }
    showing->joined++;
    if (last) {
        print_record(showing, at);
    }
    return WN_OK;
}

static int show(int argc, char **argv)
{
    struct showing showing = { 0 };
    const char *key_file = NULL;
    const char *config = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "Of the topics of this configuration.", &config, NULL },
        { "officer-key", "F", "The officer's private key.", &key_file, NULL },
        { "reason", "R", "Only records refused for this reason.", &showing.reason, NULL },
        { "source", "S", "Only records of this source.", &showing.source, NULL },
        { "show-values", NULL, "The records as they are, not their shape.", NULL, &showing.values },
    };
    const struct cmd_usage usage = {
        "quarantine show", "[OPTION]... --officer-key F (DIR | --config F)",
        "Open quarantined records with the officer's key. Digits show as 9 and letters as a,\n"
        "unless --show-values is given.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (!key_file) {
        return cmd_wrong(&usage, "--officer-key is needed");
    }
    struct quarantine_where where;
    status = quarantine_where_open(&usage, n, argv[1], config, &where);
    if (status != CMD_DONE) {
        quarantine_where_close(&where);
        return status;
    }
    wn_process_harden();
    struct wn_error err = { 0 };
    enum wn_code rc = wn_officer_key_read(key_file, showing.secret, &err);
    if (rc == WN_OK) {
        rc = quarantine_each(&where, show_piece, &showing, &err);
    }
    quarantine_where_close(&where);
    explicit_bzero(showing.secret, sizeof(showing.secret));
    wn_buffer_wipe(&showing.raw);
    wn_buffer_deinit(&showing.raw);
    wn_buffer_deinit(&showing.text);
    fflush(stdout);
    if (rc != WN_OK) {
        return cmd_failed(&err);
    }
    fprintf(stderr, "winnow: %llu shown, %llu dropped before, %llu replayed since\n",
            (unsigned long long)showing.shown, (unsigned long long)showing.dropped,
            (unsigned long long)showing.replayed);
    if (showing.damaged > 0) {
        fprintf(stderr, "winnow: %llu pieces do not open: another officer's key, or damaged\n",
                (unsigned long long)showing.damaged);
        return CMD_FAILED;
    }
    return CMD_DONE;
}

/** Drop in a folder or in topics, signed. */
static int drop_signed(const struct quarantine_where *where, const struct wn_files_drop *what,
                       const struct wn_key_paths *paths)
{
    const struct wn_topics_drop in_topics = { what->reason, what->source };
    struct wn_error err = { 0 };
    struct wn_keyring *keyring = NULL;
    uint64_t records = 0;
    uint64_t receipts = 0;
    wn_process_harden();
    enum wn_code rc = wn_keyring_open(paths, &keyring, &err);
    if (rc == WN_OK && where->folder) {
        rc = wn_files_drop(where->folder, what, keyring, &records, &receipts, &err);
    } else if (rc == WN_OK) {
        rc = wn_topics_drop(&where->settings, &in_topics, keyring, &records, &receipts, &err);
    }
    wn_keyring_close(keyring);
    if (rc == WN_OK || receipts > 0) {
        printf("%llu %s, %llu receipts written\n", (unsigned long long)records,
               where->folder ? "envelopes emptied" : "records marked as dropped",
               (unsigned long long)receipts);
    }
    return rc == WN_OK ? CMD_DONE : cmd_failed(&err);
}

static int drop(int argc, char **argv)
{
    struct wn_files_drop what = { 0 };
    struct wn_key_paths paths = { 0 };
    const char *config = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "In the topics of this configuration, with its keys.", &config, NULL },
        { "reason", "R", "Drop what was refused for this reason.", &what.reason, NULL },
        { "source", "S", "Of this source only.", &what.source, NULL },
        { "keys", "DIR", "Keys folder: a drop is signed.", &paths.dir, NULL },
        { "kek", "F", "Key that wraps the keys; default DIR.kek.", &paths.kek, NULL },
        { "register", "F", "Register of keys; default DIR.register.", &paths.reg, NULL },
    };
    const struct cmd_usage usage = {
        "quarantine drop", "[OPTION]... --reason R (--keys DIR DIR | --config F)",
        "Erase the sealed bytes of quarantined records, with a signed receipt. The envelopes and\n"
        "their counts stay. In topics they are marked as dropped: retention erases them.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if (!what.reason || (!config && !paths.dir)) {
        return cmd_wrong(&usage, "--reason is needed, and DIR with --keys, or --config");
    }
    const enum wn_reason reason = wn_reason_find(wn_slice_of(what.reason));
    if (reason == WN_REASON_NONE || wn_reason_info(reason)->fate != WN_FATE_QUARANTINE) {
        return cmd_wrong(&usage, "--reason expects a reason of quarantine; `winnow quarantine "
                                 "list` shows them");
    }
    struct quarantine_where where;
    status = quarantine_where_open(&usage, n, argv[1], config, &where);
    if (status == CMD_DONE) {
        const struct wn_key_paths *configured = &where.settings.keys;
        status = drop_signed(&where, &what, paths.dir ? &paths : configured);
    }
    quarantine_where_close(&where);
    return status;
}

static int list(int argc, char **argv)
{
    bool json = false;
    const char *config = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "Of the topics of this configuration.", &config, NULL },
        { "json", NULL, "One JSON object a row.", NULL, &json },
    };
    const struct cmd_usage usage = {
        "quarantine list", "[--json] (DIR | --config F)",
        "Count what was refused, by source and reason, and say where the first and the last\n"
        "of each lie. Needs no key.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    struct quarantine_where where;
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    status = quarantine_where_open(&usage, n, argv[1], config, &where);
    if (status == CMD_DONE && quarantine_list(&where, json, &text, &err) != WN_OK) {
        status = cmd_failed(&err);
    } else if (status == CMD_DONE) {
        fwrite(text.at, 1, text.len, stdout);
    }
    quarantine_where_close(&where);
    wn_buffer_deinit(&text);
    return status;
}

int cmd_quarantine(int argc, char **argv)
{
    static const struct cmd_usage usage = {
        "quarantine", "list|show|drop|replay ...",
        "What was refused: `list` counts it, `show` opens it with the officer's key, `drop`\n"
        "erases it, `replay` takes it up again. Each has --help.",
        NULL, 0
    };
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "list") == 0) {
        return list(argc - 1, argv + 1);
    }
    if (strcmp(verb, "show") == 0) {
        return show(argc - 1, argv + 1);
    }
    if (strcmp(verb, "drop") == 0) {
        return drop(argc - 1, argv + 1);
    }
    if (strcmp(verb, "replay") == 0) {
        return quarantine_replay(argc - 1, argv + 1);
    }
    int status = CMD_DONE;
    if (cmd_options(&usage, argc, argv, &status) < 0) {
        return status;
    }
    return cmd_wrong(&usage, "list, show, drop or replay is needed");
}
