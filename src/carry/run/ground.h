// SPDX-License-Identifier: Apache-2.0

/**
 * What must be there before the workers of a process begin: the cluster, topics, partitions and
 * affinity. It is looked for once, and read by all workers.
 */

#ifndef WINNOW_GROUND_H
#define WINNOW_GROUND_H

#include "inlet.h"
#include "winnow/worker.h"

enum {
    WN_INPUTS = 64, ///< Inputs of a process, at most.
};

struct wn_ground {
    char cluster[64];
    char state_topics[WN_INPUTS][WN_TOPIC_NAME];
    struct wn_input_facts facts[WN_INPUTS]; ///< But for the numbers of a producer's topics.
    unsigned n_inputs;
};

/**
 * Find it.
 *
 * @param reader   read_uncommitted.
 * @param give_up  Asked between two attempts; see kafka.h.
 * @return WN_OK, or WN_FATAL: "broker-away", "topic-missing", "affinity", "config".
 */
WN_NODISCARD
enum wn_code wn_ground_find(const struct wn_worker_options *options, struct wn_reader *reader,
                            wn_give_up *give_up, void *context, struct wn_ground *ret_ground,
                            struct wn_error *err);

/** Check that duplicates meet on one partition. WN_FATAL: "affinity". */
WN_NODISCARD
enum wn_code wn_ground_affinity(const struct wn_input *input, const struct wn_source *source,
                                int32_t partitions, struct wn_error *err);

/** Say so where a partition was added to an input. */
void wn_ground_look_for_added(const struct wn_ground *ground, struct wn_reader *reader);

#endif
