// SPDX-License-Identifier: Apache-2.0

/** `winnow audit`: are the receipts good, and the outputs what they say? */

#include <stdio.h>

#include "command.h"
#include "winnow/files.h"

/** Audit a folder of sift. @return exit status. */
static int audit_folder(const char *folder, const uint8_t public_key[32])
{
    struct wn_buffer report = { 0 };
    struct wn_error err = { 0 };
    unsigned findings = 0;
    int status = CMD_DONE;
    if (wn_files_audit(folder, public_key, &report, &findings, &err) != WN_OK) {
        status = cmd_failed(&err);
    } else {
        fwrite(report.at, 1, report.len, stdout);
        status = findings > 0 ? CMD_FAILED : CMD_DONE;
    }
    wn_buffer_deinit(&report);
    return status;
}

int cmd_audit(int argc, char **argv)
{
    const char *config = NULL;
    const char *key_file = NULL;
    const struct cmd_option options[] = {
        { "config", "F", "Audit the topics of this configuration.", &config, NULL },
        { "public-key", "F", "Public half of the signing key (signing.pub).", &key_file, NULL },
    };
    const struct cmd_usage usage = {
        "audit", "(DIR | --config F) --public-key F",
        "Check receipts (signatures, chain, sums), every output that they name, and that there is\n"
        "no other. Says each finding on a line; exit status 1 where there is one.",
        options, WN_COUNT(options)
    };
    int status = CMD_DONE;
    const int n = cmd_options(&usage, argc, argv, &status);
    if (n < 0) {
        return status;
    }
    if ((n == 1) == (config != NULL) || n > 1) {
        return cmd_wrong(&usage, "DIR or --config is needed, one of them");
    }
    if (!key_file) {
        return cmd_wrong(&usage, "--public-key is needed: ask the operator for signing.pub, by "
                                 "another way than the one that the receipts came");
    }
    uint8_t public_key[32];
    struct wn_error err = { 0 };
    if (wn_public_key_read(key_file, public_key, &err) != WN_OK) {
        return cmd_failed(&err);
    }
    return config ? cmd_wrong(&usage, "topics are not audited in this version: audit a DIR")
                  : audit_folder(argv[1], public_key);
}
