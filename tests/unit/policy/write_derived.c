// SPDX-License-Identifier: Apache-2.0

/** Writes the derived schemas of a policy: `write-derived POLICY FOLDER` (target update-derived).
 */

#include <stdio.h>

#include "winnow/io.h"
#include "winnow/policy.h"

static bool write_type(const struct wn_type *type, const char *folder)
{
    bool fine = true;
    for (unsigned i = 0; i < type->n_purposes; i++) {
        const struct wn_purpose *purpose = &type->purposes[i];
        struct wn_error err = { 0 };
        char path[512];
        snprintf(path, sizeof(path), "%s/%s.%s.avsc", folder, purpose->name, type->shape.type);
        if (wn_io_replace(path, 0644, purpose->schema, strlen(purpose->schema), &err) != WN_OK) {
            fprintf(stderr, "write-derived: %s\n", err.text);
            fine = false;
        }
    }
    return fine;
}

int main(int argc, char **argv)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    WN_CLEANUP(wn_policy_closep) struct wn_policy *policy = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: write-derived POLICY FOLDER\n");
        return 2;
    }
    bool fine = wn_policy_load(argv[1], &faults, &policy, &err) == WN_OK;
    for (unsigned i = 0; fine && i < policy->n_types; i++) {
        fine = write_type(&policy->types[i], argv[2]);
    }
    fprintf(stderr, "%.*s", (int)faults.lines.len, (const char *)faults.lines.at);
    wn_faults_deinit(&faults);
    return fine ? 0 : 1;
}
