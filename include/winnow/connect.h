// SPDX-License-Identifier: Apache-2.0

/**
 * What is on the brokers, compared with what `run` needs: `check --connect`. It reads metadata and
 * settings, asks for the group's offsets and reads at the ends of topics; it alters nothing, and no
 * record is looked at.
 */

#ifndef WINNOW_CONNECT_H
#define WINNOW_CONNECT_H

#include "winnow/describe.h"
#include "winnow/wants.h"

/** One thing that is not as `run` needs it. All texts are the findings'. */
struct wn_finding {
    bool fault;          ///< Else a warning.
    const char *where;   ///< A topic, "broker 1", "group winnow".
    const char *setting; ///< "retention.ms", "partitions", "replicas", "rights", "version".
    const char *found;   ///< "3600000"; "none".
    const char *wanted;  ///< "604800000 or more".
    const char *why;     ///< One clause: what goes wrong otherwise.
    const char *remedy;  ///< A command, or a sentence where there is none.
};

struct wn_findings {
    struct wn_finding *list;
    unsigned n, n_faults;
    unsigned n_topics, n_brokers; ///< That were looked at.
    struct wn_arena arena;
};

/** What to compare. */
struct wn_connect {
    const struct wn_settings *settings;
    const struct wn_policy *policy;
    const int *affinities; ///< enum wn_affinity of each input; -1: its source can't be read.
    int timeout_ms;        ///< How long to wait for a broker [ms].
};

/**
 * Compare.
 *
 * @param ret_findings  In order of topics, then brokers, then rights; to be given to
 * wn_findings_deinit(), also on failure.
 * @return WN_OK also where there are findings; WN_FATAL: "config", "broker-away",
 * "broker-trust".
 */
WN_NODISCARD
enum wn_code wn_connect_look(const struct wn_connect *ask, struct wn_findings *ret_findings,
                             struct wn_error *err);

/** Give the memory back; may be called twice. */
void wn_findings_deinit(struct wn_findings *findings);

#endif
