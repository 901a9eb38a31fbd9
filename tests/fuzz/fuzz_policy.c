// SPDX-License-Identifier: Apache-2.0

/*
 * Any bytes are a schema or give faults. What loads keeps the rules whatever else it says: no kind
 * that can't be kept is kept, nothing is for a purpose without a basis, and avro-c reads the schema
 * of every purpose.
 */

#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <avro.h>

#include "winnow/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A folder for the one file, made once. */
static const char *folder(void)
{
    static char path[] = "/tmp/winnow-fuzz-XXXXXX";
    static bool made;
    must(made || mkdtemp(path) != NULL);
    made = true;
    return path;
}

static void check_purpose(const struct wn_purpose *purpose)
{
    must(purpose->basis && purpose->basis[0] && purpose->retention && purpose->schema);
    for (unsigned i = 0; i < purpose->n_outputs; i++) {
        const struct wn_output *output = &purpose->outputs[i];
        bool kept = output->kind != WN_KIND_NONE && output->transform == WN_TRANSFORM_KEEP;
        must(!kept || wn_kind_may_keep(output->kind));
    }
    avro_schema_t schema = NULL;
    must(avro_schema_from_json_length(purpose->schema, strlen(purpose->schema), &schema) == 0);
    avro_schema_decref(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/call.avsc", folder());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    struct wn_faults faults = { 0 };
    struct wn_policy *policy = NULL;
    struct wn_error err;
    enum wn_code rc = wn_policy_load(folder(), &faults, &policy, &err);
    must((rc == WN_OK) == (faults.n == 0) && (rc == WN_OK) == (policy != NULL));
    for (unsigned t = 0; policy && t < policy->n_types; t++) {
        for (unsigned p = 0; p < policy->types[t].n_purposes; p++) {
            check_purpose(&policy->types[t].purposes[p]);
        }
    }
    if (policy) {
        struct wn_buffer text = { 0 };
        wn_policy_show(policy, &text);
        must(text.len > 0);
        wn_buffer_deinit(&text);
    }
    wn_policy_close(policy);
    wn_faults_deinit(&faults);
    (void)unlink(path);
    return 0;
}
