// SPDX-License-Identifier: Apache-2.0

/**
 * What benchmarks of decoding begin with, `POLICY SOURCE.yaml FILE`: the source, and the file in
 * memory.
 */

#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include "winnow/io.h"
#include "winnow/policy.h"
#include "winnow/source.h"

/** All-zero before; bench_source_deinit() gives it back. */
struct bench_source {
    struct wn_policy *policy;
    struct wn_source *source;
    struct wn_buffer bytes;
};

/** @return false, and a line on standard error, where one of the three can't be read. */
static inline bool bench_source_load(const char *program, char **paths,
                                     struct bench_source *ret_loaded)
{
    enum {
        MOST = 1 << 30
    };
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    const struct wn_site site = wn_site_default();
    const struct wn_shape *shapes[WN_TYPES];
    bool fine = wn_policy_load(paths[0], &faults, &ret_loaded->policy, &err) == WN_OK;
    for (unsigned i = 0; fine && i < ret_loaded->policy->n_types; i++) {
        shapes[i] = &ret_loaded->policy->types[i].shape;
    }
    fine = fine && wn_source_load(paths[1], shapes, ret_loaded->policy->n_types, &site, &faults,
                                  &ret_loaded->source, &err) == WN_OK;
    fine = fine && wn_io_read(paths[2], MOST, &ret_loaded->bytes, &err) == WN_OK;
    if (!fine) {
        fprintf(stderr, "%s: %s\n", program, err.text);
    }
    wn_faults_deinit(&faults);
    return fine;
}

static inline void bench_source_deinit(struct bench_source *loaded)
{
    wn_buffer_deinit(&loaded->bytes);
    wn_source_close(loaded->source);
    wn_policy_close(loaded->policy);
}

#endif
