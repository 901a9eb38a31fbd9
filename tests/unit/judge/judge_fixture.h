// SPDX-License-Identifier: Apache-2.0

/** A source of the tests, and records by it: JSON objects whose names are the fields'. */

#ifndef JUDGE_FIXTURE_H
#define JUDGE_FIXTURE_H

#include "winnow/judge.h"
#include "winnow/policy.h"

/** The shipped policy and a source compiled against it; ends the test program where that fails. */
struct judge_fixture {
    struct wn_policy *policy;
    struct wn_source *source;
    struct wn_decoder *decoder;
};

/**
 * @param type   "call" or "session".
 * @param extra  Lines of YAML put in front of `fields:`, such as a tolerance, keys and filters.
 */
struct judge_fixture judge_fixture_open(const char *type, const char *extra);
void judge_fixture_close(struct judge_fixture *fixture);

/** Decode a JSON object; the test fails where it is refused. Good until the next call. */
struct wn_decoded *judge_fixture_decode(struct judge_fixture *fixture, const char *json);

#endif
