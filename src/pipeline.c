// SPDX-License-Identifier: Apache-2.0

/*
 * The way of a record, on one page:
 *
 *     split    bytes → raw record                        decode/, by the source's format
 *     decode   raw record → values by slot, and its type decode/, by the source's plan
 *     filter   no usage, not answered, …                 judge/
 *     plausible                                          judge/
 *     lists    helplines are taken out, whose network    judge/
 *     duplicate: the state's entries are asked for here, judge decides
 *     minimise per purpose: check, consent, key, encode  minimise/
 *     account  the verdict is counted, quarantine sealed, the entry staged, the node's number taken
 *     guard    has the source gone wrong?                judge/poison.c
 *     declared what the input said of itself, at its end decode/totals.c
 *
 * Every record leaves by settle(), once: that is why the sums of a receipt hold. Nothing of a
 * record goes to the sink before every purpose has accepted its values.
 */

#include "winnow/pipeline.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FOUND_MOST = 64
}; ///< Entries looked at for one key; more of them can't decide otherwise.

struct wn_pipeline {
    struct wn_pipeline_options options;
    const struct wn_type *types[WN_SECTIONS]; ///< Of each section of the source.
    struct wn_decoder *decoder;
    struct wn_minimiser *minimiser;
    struct wn_judge_keys keys;
    const struct wn_mac *order;
    struct wn_tally *filing;  ///< Numbers of files go there; NULL: of a replay they are known.
    struct wn_buffer scratch; ///< Key bytes of the record at hand.
    struct wn_buffer encoded[WN_PURPOSES];
};

/** What is known of the record at hand. */
struct journey {
    struct wn_pipeline *pipeline;
    const struct wn_lane *lane;
    const struct wn_type *type; ///< NULL until it is decoded.
    const struct wn_origin *origin;
    struct wn_slice raw;
    struct wn_decoded *decoded;
    struct wn_probe probe;
    bool again; ///< A replay: its first account has its number.
    bool stage_session;
    struct wn_entry session;
    bool list_too_old;
};

static struct wn_verdict quarantined(const struct wn_error *err)
{
    enum wn_reason reason = wn_reason_find(wn_slice_of(err->reason));
    assert(reason != WN_REASON_NONE);
    return (struct wn_verdict){ WN_QUARANTINED, reason };
}

static size_t find_all(const struct wn_state *state, const struct wn_probe *probe,
                       struct wn_found *ret_found)
{
    size_t n = 0;
    for (unsigned i = 0; i < probe->n; i++) {
        n += wn_state_find(state, probe->fingerprints[i], probe->first_day, ret_found + n,
                           FOUND_MOST - n);
    }
    return n;
}

/** Is it new? And which session is it of? */
static struct wn_verdict judge_duplicate(struct journey *journey)
{
    struct wn_pipeline *pipeline = journey->pipeline;
    struct wn_found found[FOUND_MOST];

    wn_duplicate_probe(&pipeline->keys, journey->decoded, &pipeline->scratch, &journey->probe);
    for (unsigned i = 0; i < journey->probe.n; i++) {
        wn_state_expect(journey->lane->state, journey->probe.fingerprints[i],
                        journey->probe.first_day);
    }
    wn_duplicate_content(&pipeline->keys, journey->decoded, &pipeline->scratch, &journey->probe);
    size_t n = find_all(journey->lane->state, &journey->probe, found);
    struct wn_verdict verdict =
        wn_duplicate_decide(journey->decoded->source, &journey->probe, found, n);
    if (verdict.outcome != WN_PASSED) {
        return verdict;
    }

    struct wn_probe probe;
    if (wn_session_probe(&pipeline->keys, journey->decoded, &pipeline->scratch, &probe)) {
        const struct wn_entries entries = { found, find_all(journey->lane->state, &probe, found) };
        journey->stage_session =
            wn_session_decide(&pipeline->keys, journey->decoded, &pipeline->scratch, &probe,
                              &entries, &journey->session);
    }
    return verdict;
}

/** The key period of a purpose that the record falls into. */
static uint32_t period_of(const struct wn_purpose *purpose, const struct wn_decoded *decoded)
{
    return purpose->period == WN_PERIOD_MONTH ? wn_month_of(wn_event_ms(decoded)) : 0;
}

/** decode and judge: the record's one verdict; `err` says what a quarantined one is refused for. */
static struct wn_verdict judge(struct journey *journey, struct wn_error *err)
{
    struct wn_pipeline *pipeline = journey->pipeline;
    if (wn_decoder_decode(pipeline->decoder, journey->raw, journey->lane->tally->drift,
                          &journey->decoded, err) != WN_OK) {
        return quarantined(err);
    }
    const struct wn_decoded *decoded = journey->decoded;
    journey->decoded->record.origin = *journey->origin;

    enum wn_reason rule = wn_filter(journey->decoded);
    if (rule != WN_REASON_NONE) {
        return (struct wn_verdict){ WN_FILTERED, rule };
    }
    journey->type = pipeline->types[decoded->section - decoded->source->sections];
    if (wn_plausible(journey->decoded, journey->lane->limits, &rule, err) != WN_OK) {
        return quarantined(err);
    }
    if (rule != WN_REASON_NONE) {
        return (struct wn_verdict){ WN_FILTERED, rule };
    }
    rule = wn_lists_apply(journey->lane->lists, journey->lane->limits, journey->decoded,
                          &journey->list_too_old);
    if (rule != WN_REASON_NONE) {
        return (struct wn_verdict){ WN_FILTERED, rule };
    }
    wn_destination(journey->lane->lists, journey->decoded);
    if (journey->type->n_purposes > 0) {
        const struct wn_purpose *first = &journey->type->purposes[0];
        wn_minimise_expect(pipeline->minimiser, first, &journey->decoded->record,
                           period_of(first, journey->decoded));
    }
    struct wn_verdict verdict = judge_duplicate(journey);
    if (verdict.outcome != WN_PASSED) {
        return verdict;
    }

    // A value that any purpose refuses stops the record for all, consent or not.
    for (unsigned i = 0; i < journey->type->n_purposes; i++) {
        if (wn_minimise_check(&journey->type->purposes[i], &journey->decoded->record, err) !=
            WN_OK) {
            return quarantined(err);
        }
    }
    return verdict;
}

/** Whether the record is the last of its session. */
static bool is_final(const struct wn_record *record)
{
    uint8_t slot = record->shape->bound.final;
    return !wn_record_has(record, slot) || record->values[slot].number != 0;
}

/** A number that orders records of a block without telling when they came. */
static uint64_t order_of(const struct wn_pipeline *pipeline, const struct wn_purpose *purpose,
                         const struct wn_record *record)
{
    uint8_t bytes[sizeof(record->record_id) + 1];
    uint8_t full[WN_MAC_BYTES];
    memcpy(bytes, record->record_id, sizeof(record->record_id));
    bytes[sizeof(record->record_id)] = (uint8_t)purpose->number;
    wn_mac_of(pipeline->order, bytes, sizeof(bytes), full);
    uint64_t order;
    memcpy(&order, full, sizeof(order));
    return order;
}

/** Has the subscriber consented? Where not, it is counted why. */
static bool has_consent(const struct journey *journey, const struct wn_purpose *purpose,
                        struct wn_tally_purpose *counts)
{
    const struct wn_lane *lane = journey->lane;
    const struct wn_consent_view nobody = { .consent = NULL };
    const struct wn_consent_view *view = lane->consent ? lane->consent : &nobody;

    if (view->consent && !view->too_old) {
        wn_tally_list(lane->tally, "consent", wn_consent_version(view->consent));
    }
    switch (wn_consent_ask(view, journey->pipeline->minimiser, purpose, &journey->decoded->record,
                           wn_event_ms(journey->decoded), lane->limits->now_ms)) {
    case WN_CONSENT_GIVEN:
        return true;
    case WN_CONSENT_NONE:
        counts->no_consent++;
        break;
    case WN_CONSENT_TOO_OLD:
        counts->withheld[WN_REASON_LIST_TOO_OLD]++;
        break;
    case WN_CONSENT_KEY_MISSING:
        counts->withheld[WN_REASON_KEY_MISSING]++;
        break;
    }
    return false;
}

/** Take a passed record to one purpose. */
static enum wn_code minimise_for(struct journey *journey, const struct wn_purpose *purpose,
                                 struct wn_error *err)
{
    struct wn_pipeline *pipeline = journey->pipeline;
    struct wn_record *record = &journey->decoded->record;
    struct wn_tally *tally = journey->lane->tally;
    struct wn_tally_purpose *counts = &tally->purposes[purpose->number];

    if (purpose->needs_consent && !has_consent(journey, purpose, counts)) {
        return WN_OK;
    }
    if (purpose->only_final && !is_final(record)) {
        counts->withheld[WN_REASON_NOT_FINAL]++;
        return WN_OK;
    }

    uint32_t period = period_of(purpose, journey->decoded);
    uint8_t subscriber[16];
    struct wn_buffer *out = &pipeline->encoded[purpose->number];
    out->len = 0;
    const uint8_t *kcv = wn_minimiser_key_id(pipeline->minimiser, purpose->name, period);
    if (!kcv || wn_minimise(pipeline->minimiser, purpose, record, period, out, subscriber) !=
                    WN_MINIMISED_OUT) {
        counts->withheld[WN_REASON_KEY_MISSING]++;
        return WN_OK;
    }
    wn_tally_key(tally, purpose->name, period, kcv);
    counts->out++;

    const struct wn_usage usage = {
        .type = journey->type,
        .purpose = purpose,
        .avro = wn_buffer_slice(out),
        .subscriber = subscriber,
        .order = purpose->number == 0 ? 0 : order_of(pipeline, purpose, record),
        .origin = journey->origin,
    };
    return pipeline->options.sink->usage(pipeline->options.sink->context, &usage, err);
}

static enum wn_code let_pass(struct journey *journey, struct wn_error *err)
{
    struct wn_tally *tally = journey->lane->tally;
    struct wn_entry entry = { .extra = journey->probe.extra };
    memcpy(entry.fingerprint, journey->probe.fingerprints[journey->probe.own],
           sizeof(entry.fingerprint));

    int64_t event = wn_event_ms(journey->decoded);
    tally->passed++;
    tally->masked[WN_REASON_LIST_TOO_OLD] += journey->list_too_old;
    tally->first_ms = event < tally->first_ms ? event : tally->first_ms;
    tally->last_ms = event > tally->last_ms ? event : tally->last_ms;

    const struct wn_type *type = journey->type;
    for (unsigned i = 0; i < type->n_purposes; i++) {
        if (minimise_for(journey, &type->purposes[i], err) != WN_OK) {
            return err->code;
        }
    }
    if (wn_state_stage(journey->lane->state, journey->probe.day, &entry, err) != WN_OK) {
        return err->code;
    }
    return journey->stage_session
               ? wn_state_stage(journey->lane->state, journey->probe.day, &journey->session, err)
               : WN_OK;
}

/** Has the source gone wrong? */
static enum wn_code guard(const struct journey *journey, struct wn_verdict verdict,
                          struct wn_error *err)
{
    const struct wn_lane *lane = journey->lane;
    if (!lane->poison) {
        return WN_OK;
    }
    enum wn_reason reason =
        wn_poison_take(lane->poison, &lane->limits->poison,
                       verdict.outcome == WN_QUARANTINED ? verdict.reason : WN_REASON_NONE);
    return reason == WN_REASON_NONE
               ? WN_OK
               : wn_poison_fail(lane->poison, journey->pipeline->options.source->name, err);
}

static enum wn_code quarantine(const struct journey *journey, enum wn_reason reason,
                               struct wn_error *err)
{
    const struct wn_pipeline_options *options = &journey->pipeline->options;
    const struct wn_envelope like = { .reason = wn_slice_of(wn_reason_info(reason)->id),
                                      .source = wn_slice_of(options->source->name),
                                      .origin = *journey->origin,
                                      .receipt = (int64_t)journey->lane->receipt };
    return wn_quarantine_seal(journey->raw, &like, wn_keyring_officer_public(options->keyring),
                              options->sink->quarantine, options->sink->context, err);
}

/**
 * Take what a record says of its node's own count, whatever became of it, or what a file does.
 *
 * @param passed  The record, where it did; else NULL.
 */
static void take_number(struct wn_pipeline *pipeline, struct wn_tally *tally,
                        const struct wn_numbered *numbered, const struct wn_decoded *passed)
{
    char name[WN_NODE_NAME];
    const int64_t event = passed ? wn_event_ms(passed) : INT64_MIN;
    struct wn_sequence_number number = {
        .node = wn_node_name(numbered->node, pipeline->order, name),
        .number = numbered->number,
        .readable = numbered->readable,
        .passed = passed != NULL,
        .time_ms = event > tally->last_ms ? event : tally->last_ms,
    };
    wn_sequences_take(tally->nodes, &number);
}

/** The same of a file, told by the decoder. A file that is sent twice repeats its number. */
static void take_file(void *context, const struct wn_numbered *numbered)
{
    struct wn_pipeline *pipeline = context;
    if (pipeline->filing) {
        take_number(pipeline, pipeline->filing, numbered, NULL);
    }
}

/** Why an attempt came to nothing. */
static enum wn_attempt attempt_of(const struct wn_record *record)
{
    const uint8_t slot = record->shape->bound.cause;
    return wn_record_has(record, slot) ? (enum wn_attempt)record->values[slot].class
                                       : WN_ATTEMPT_UNKNOWN;
}

/** account: every record ends here, counted once. */
static enum wn_code settle(struct journey *journey, struct wn_verdict verdict, struct wn_error *err)
{
    struct wn_tally *tally = journey->lane->tally;

    tally->in++;
    if (journey->decoded && journey->decoded->numbered.there && !journey->again) {
        take_number(journey->pipeline, tally, &journey->decoded->numbered,
                    verdict.outcome == WN_PASSED ? journey->decoded : NULL);
    }
    switch (verdict.outcome) {
    case WN_PASSED:
        return let_pass(journey, err);
    case WN_DUPLICATE:
        tally->duplicates++;
        return WN_OK;
    case WN_SUPERSEDED:
        tally->superseded++;
        return WN_OK;
    case WN_FILTERED:
        tally->filtered[verdict.reason]++;
        if (verdict.reason == WN_REASON_ATTEMPT) {
            assert(journey->decoded); // A rule took it.
            tally->attempts[attempt_of(&journey->decoded->record)]++;
        }
        return WN_OK;
    case WN_QUARANTINED:
        tally->quarantined[verdict.reason]++;
        return quarantine(journey, verdict.reason, err);
    }
    return WN_OK;
}

/** Tell who looks on what became of a record. */
static enum wn_code show(const struct journey *journey, struct wn_verdict verdict,
                         const struct wn_error *fault, struct wn_error *err)
{
    const struct wn_pipeline_options *options = &journey->pipeline->options;
    const struct wn_sighting sighting = {
        .raw = journey->raw,
        .origin = journey->origin,
        .decoded = journey->decoded,
        .verdict = verdict,
        .fault = verdict.outcome == WN_QUARANTINED && fault->reason ? fault : NULL,
    };
    return options->watch(options->watcher, &sighting, err);
}

/** The input is over: what did it say of itself, and what was found in it? */
static void settle_declared(const struct wn_pipeline *pipeline, const struct wn_lane *lane)
{
    struct wn_declared declared[WN_DECLARED];
    const unsigned n = wn_decoder_end(pipeline->decoder, lane->tally->drift, declared);
    for (unsigned i = 0; i < n; i++) {
        wn_tally_declare(lane->tally, &declared[i]);
    }
}

/** @return whether the record at hand is none of those that are to be taken. */
static bool is_passed_over(const struct wn_intake *intake)
{
    if (!intake->only) {
        return false;
    }
    size_t i = 0;
    while (i < intake->n_only && intake->only[i] < intake->origin.index) {
        i++;
    }
    return i == intake->n_only || intake->only[i] != intake->origin.index;
}

/** Note the lists that act on what is counted here. */
static void note_lists(const struct wn_lane *lane)
{
    wn_tally_list(lane->tally, "helplines", lane->lists->helplines->version);
    if (lane->lists->portability) {
        wn_tally_list(lane->tally, "portability", lane->lists->portability->version);
    }
}

enum wn_code wn_pipeline_bytes(struct wn_pipeline *pipeline, const struct wn_lane *lane,
                               struct wn_intake *intake, struct wn_error *err)
{
    if (intake->begin) {
        wn_decoder_begin(pipeline->decoder);
    }
    pipeline->filing = intake->only ? NULL : lane->tally;
    const char *base = intake->rest.at;
    const int64_t offset = intake->origin.offset;
    bool noted = false;
    for (;;) {
        struct journey journey = { .pipeline = pipeline,
                                   .lane = lane,
                                   .origin = &intake->origin,
                                   .again = intake->only != NULL };
        struct wn_error fault;
        enum wn_code rc =
            wn_decoder_split(pipeline->decoder, &intake->rest, intake->end, &journey.raw, &fault);
        const int64_t behind = offset + (intake->rest.at - base);
        const bool none = rc == WN_RETRY || (rc == WN_OK && journey.raw.len == 0);
        if (!intake->packed) {
            intake->origin.offset = none ? behind : offset + (journey.raw.at - base);
        }
        if (none) {
            if (intake->end && !intake->only) { // A receipt has it: of a replay the input is old.
                settle_declared(pipeline, lane);
            }
            return WN_OK;
        }
        if (!noted) { // The lists stay the same during the call.
            note_lists(lane);
            noted = true;
        }
        if (is_passed_over(intake)) {
            intake->origin.index++;
            continue;
        }
        fault.reason = rc == WN_OK ? NULL : fault.reason; // A conflict has none.
        struct wn_verdict verdict = rc == WN_OK ? judge(&journey, &fault) : quarantined(&fault);
        if (settle(&journey, verdict, err) != WN_OK ||
            (pipeline->options.watch && show(&journey, verdict, &fault, err) != WN_OK) ||
            guard(&journey, verdict, err) != WN_OK) {
            return err->code;
        }
        if (intake->packed) {
            intake->origin.index++;
        } else {
            intake->origin.offset = behind;
        }
    }
}

enum wn_code wn_pipeline_open(const struct wn_pipeline_options *options,
                              struct wn_pipeline **ret_pipeline, struct wn_error *err)
{
    struct wn_pipeline *pipeline = calloc(1, sizeof(*pipeline));
    if (!pipeline) {
        return wn_fail(err, WN_FATAL, "internal", "out of memory");
    }
    pipeline->options = *options;
    for (unsigned i = 0; i < options->source->n_sections; i++) {
        const char *type = options->source->sections[i].shape->type;
        pipeline->types[i] = wn_policy_type(options->policy, type);
        assert(pipeline->types[i]); // The source was compiled against the policy's shapes.
    }
    pipeline->order = wn_keyring_find(options->keyring, "record", "order", 0);
    pipeline->decoder = wn_decoder_open(options->source);
    wn_decoder_watch_files(pipeline->decoder, take_file, pipeline);
    if (wn_judge_keys(options->keyring, &pipeline->keys, err) != WN_OK ||
        wn_minimiser_open(options->keyring, options->cached, &pipeline->minimiser, err) != WN_OK) {
        wn_pipeline_close(pipeline);
        return err->code;
    }
    *ret_pipeline = pipeline;
    return WN_OK;
}

struct wn_pipeline *wn_pipeline_close(struct wn_pipeline *pipeline)
{
    if (pipeline) {
        wn_minimiser_close(pipeline->minimiser);
        wn_decoder_close(pipeline->decoder);
        for (unsigned i = 0; i < WN_PURPOSES; i++) {
            wn_buffer_wipe(&pipeline->encoded[i]);
            wn_buffer_deinit(&pipeline->encoded[i]);
        }
        wn_buffer_wipe(&pipeline->scratch);
        wn_buffer_deinit(&pipeline->scratch);
        free(pipeline);
    }
    return NULL;
}
