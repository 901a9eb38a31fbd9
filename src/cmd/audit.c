// SPDX-License-Identifier: Apache-2.0

/** `winnow audit`: are the receipts good, and the outputs what they say? */

#include <stdio.h>
#include <time.h>

#include "audit_topics.h"
#include "command.h"
#include "text.h"
#include "winnow/files.h"
#include "winnow/time.h"

/** Audit a folder of sift. @return exit status. */
static int audit_folder(const char *folder, const uint8_t public_key[32],
                        struct wn_audit_said *said)
{
    struct wn_error err = { 0 };
    if (wn_files_audit(folder, public_key, said, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    return said->n_findings > 0 ? CMD_FAILED : CMD_DONE;
}

/** `{"findings":["PLACE: sentence", …],"gaps":[{…}, …],"notes":[…],"summary":"…"}`. */
static void add_json(struct wn_buffer *text, const struct wn_audit_said *said)
{
    struct wn_slice rest = wn_buffer_slice(&said->report);
    struct wn_slice findings = { rest.at, 0 };
    struct wn_slice line = { rest.at, 0 };
    struct wn_slice last = line;
    while (cmd_text_line(&rest, &line)) {
        findings.len = (size_t)(line.at - findings.at); // All but the closing line.
        last = line;
    }
    wn_buffer_text(text, "{\"findings\":");
    cmd_text_json_lines(text, findings);
    wn_buffer_text(text, ",\"gaps\":[");
    wn_buffer_add(text, said->gaps.at, said->gaps.len);
    wn_buffer_text(text, "],\"notes\":");
    cmd_text_json_lines(text, wn_buffer_slice(&said->notes));
    wn_buffer_text(text, ",\"summary\":");
    cmd_text_json(text, last);
    wn_buffer_text(text, "}\n");
}

static void print(const struct wn_audit_said *said, bool json)
{
    struct wn_buffer text = { 0 };
    struct wn_slice notes = wn_buffer_slice(&said->notes);
    struct wn_slice line;
    if (json) {
        add_json(&text, said);
    } else {
        while (cmd_text_line(&notes, &line)) {
            wn_buffer_text(&text, "note: ");
            wn_buffer_add(&text, line.at, line.len);
            wn_buffer_text(&text, "\n");
        }
        wn_buffer_add(&text, said->report.at, said->report.len);
    }
    fwrite(text.at, 1, text.len, stdout);
    wn_buffer_deinit(&text);
}

/** Read `2026-10-24T00:00:00Z`; NULL leaves the time as it is. */
static bool read_time(const char *text, int64_t *time_ms)
{
    struct wn_civil civil;
    struct wn_error err;
    if (!text) {
        return true;
    }
    const size_t len = strlen(text);
    if (len != strlen("2026-10-24T00:00:00Z") || text[len - 1] != 'Z' ||
        wn_time_civil((struct wn_slice){ text, len - 1 }, &civil, &err) != WN_OK) {
        return false;
    }
    struct tm broken_down = { .tm_year = civil.year - 1900,
                              .tm_mon = civil.month - 1,
                              .tm_mday = civil.day,
                              .tm_hour = civil.hour,
                              .tm_min = civil.minute,
                              .tm_sec = civil.second };
    *time_ms = (int64_t)timegm(&broken_down) * 1000;
    return true;
}

/** What the command line says. */
struct arguments {
    const char *config, *key_file, *from, *to;
    bool json;
};

/** Check what was given, and read the key. @return CMD_DONE or an exit status. */
static int check_arguments(const struct cmd_usage *usage, int n, const struct arguments *arguments,
                           struct audit_topics *ret_topics)
{
    *ret_topics = (struct audit_topics){ .config = arguments->config,
                                         .from_ms = INT64_MIN,
                                         .to_ms = INT64_MAX };
    if ((n == 1) == (arguments->config != NULL) || n > 1) {
        return cmd_wrong(usage, "DIR or --config is needed, one of them");
    }
    if (n == 1 && (arguments->from || arguments->to)) {
        return cmd_wrong(usage, "--from and --to go with --config: a DIR is audited whole");
    }
    if (!read_time(arguments->from, &ret_topics->from_ms) ||
        !read_time(arguments->to, &ret_topics->to_ms)) {
        return cmd_wrong(usage,
                         "--from and --to expect a time in UTC such as 2026-10-24T00:00:00Z");
    }
    if (!arguments->key_file) {
        return cmd_wrong(usage, "--public-key is needed: ask the operator for signing.pub, by "
                                "another way than the one that the receipts came");
    }
    struct wn_error err = { 0 };
    if (wn_public_key_read(arguments->key_file, ret_topics->public_key, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    return CMD_DONE;
}

int cmd_audit(int argc, char **argv)
{
    struct arguments arguments = { .json = false };
    const struct cmd_option options[] = {
        { "config", "F", "Audit the topics of this configuration.", &arguments.config, NULL },
        { "public-key", "F", "Public half of the signing key (signing.pub).", &arguments.key_file,
          NULL },
        { "from", "T", "Recount what receipts say that were written from T on.", &arguments.from,
          NULL },
        { "to", "T", "... and before T.", &arguments.to, NULL },
        { "json", NULL, "The report as one JSON object.", NULL, &arguments.json },
    };
    const struct cmd_usage usage = {
        "audit", "(DIR | --config F [--from T --to T]) --public-key F [--json]",
        "Check receipts (signatures, chain, sums), every output that they name, and that there is\n"
        "no other. Says each finding on a line; exit status 1 where there is one. A note is no\n"
        "finding: inputs that do not hold what they declare (totals-differ), numbers that a node\n"
        "gave no record (sequence-gap), and in topics what retention took away. winnow run may be\n"
        "at work.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    struct audit_topics topics;
    status = check_arguments(&usage, n, &arguments, &topics);
    if (status != CMD_DONE) {
        return status;
    }
    struct wn_audit_said said = { .n_findings = 0 };
    status = arguments.config ? audit_topics(&topics, &said)
                              : audit_folder(argv[1], topics.public_key, &said);
    if (said.report.len > 0) {
        print(&said, arguments.json);
    }
    wn_audit_said_deinit(&said);
    return status;
}
