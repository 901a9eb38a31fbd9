// SPDX-License-Identifier: Apache-2.0

/**
 * One record's way: decode → judge → minimise → account. Knows no Kafka and no files; both carriers
 * call it, and hand in where results go (the sink) and what the input keeps (the lane).
 */

#ifndef WINNOW_PIPELINE_H
#define WINNOW_PIPELINE_H

#include "winnow/consent.h"
#include "winnow/judge.h"
#include "winnow/minimise.h"
#include "winnow/quarantine.h"
#include "winnow/state.h"
#include "winnow/tally.h"

/** One encoded usage record on its way out. */
struct wn_usage {
    const struct wn_type *type;
    const struct wn_purpose *purpose;
    struct wn_slice avro;      ///< Binary, without any header.
    const uint8_t *subscriber; ///< 16 octets: its pseudonym of this purpose and period.
    uint64_t order; ///< Keyed: where the record stands among others of its block, for purposes
                    ///< other than billing.
    const struct wn_origin *origin;
};

/** Where results go. Both may return WN_ABORT or WN_FATAL, which the pipeline passes on. */
struct wn_sink {
    void *context;
    enum wn_code (*usage)(void *context, const struct wn_usage *usage, struct wn_error *err);
    wn_quarantine_piece *quarantine; ///< Called with `context`; once a piece.
};

/** What one input keeps: an input partition, or the batch of files. */
struct wn_lane {
    struct wn_state *state;
    struct wn_tally *tally;                ///< Of the open transaction or batch.
    const struct wn_limits *limits;        ///< Lateness, and the clock.
    struct wn_poison *poison;              ///< Guards the source; NULL: nothing does.
    const struct wn_consent_view *consent; ///< NULL: nobody has consented.
    const struct wn_lists *lists;          ///< What must not show; never NULL.
    uint64_t receipt;                      ///< Number of the one that will account for its records.
};

/** A record that has gone its way: what `winnow explain` looks at. */
struct wn_sighting {
    struct wn_slice raw;
    const struct wn_origin *origin;
    const struct wn_decoded *decoded; ///< NULL where no record could be cut off the input.
    struct wn_verdict verdict;
    const struct wn_error *fault; ///< What a quarantined record was refused for; else NULL.
};

/**
 * Called once a record, when it is counted. All that it is given is good until it returns.
 *
 * @return WN_OK, or a code that ends wn_pipeline_bytes(), with `err` set.
 */
typedef enum wn_code wn_watch(void *context, const struct wn_sighting *sighting,
                              struct wn_error *err);

struct wn_pipeline;

/** What it is made of; all must outlive it. */
struct wn_pipeline_options {
    const struct wn_policy *policy;
    const struct wn_source *source;
    struct wn_keyring *keyring;
    const struct wn_sink *sink;
    unsigned cached; ///< Pseudonyms to remember (wn_minimiser_open).
    wn_watch *watch; ///< NULL: nobody looks.
    void *watcher;   ///< Its context.
};

/** Open one for one source; one a worker. WN_FATAL: "keys", "locked-memory". */
WN_NODISCARD
enum wn_code wn_pipeline_open(const struct wn_pipeline_options *options,
                              struct wn_pipeline **ret_pipeline, struct wn_error *err);

/** Close; NULL is fine. @return NULL */
struct wn_pipeline *wn_pipeline_close(struct wn_pipeline *pipeline);

/** Bytes of an input on their way in. */
struct wn_intake {
    struct wn_slice rest; ///< Moves behind what was taken; what is left begins a record whose end
                          ///< is not there yet.
    struct wn_origin
        origin;          ///< Files: `offset` moves along with `rest`. Packed: `index` counts up.
    bool begin;          ///< The input begins with these bytes: a new file or message.
    bool end;            ///< No more bytes will follow.
    bool packed;         ///< A message of one or many records, not a file.
    const int32_t *only; ///< Packed: ascending indexes of the records to be taken, the others are
                         ///< passed over, and nothing is declared; NULL: all.
    size_t n_only;
};

/**
 * Take all records out of the bytes of an input, one after the other.
 *
 * @param intake  What came; says afterwards what is left.
 * @return WN_OK, or WN_ABORT or WN_FATAL from the sink or the state, or what the watch said;
 * WN_ABORT "poison": the guard tripped.
 */
WN_NODISCARD
enum wn_code wn_pipeline_bytes(struct wn_pipeline *pipeline, const struct wn_lane *lane,
                               struct wn_intake *intake, struct wn_error *err);

#endif
