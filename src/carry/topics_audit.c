// SPDX-License-Identifier: Apache-2.0

/*
 * An audit while a worker may be at work. What one transaction wrote becomes visible partition by
 * partition, so the topics can't be read at one moment; the heads of the state topics make one:
 *
 *     1  heads: then          of each input partition: next offset, last closed receipt, the open
 * one 2  receipts             up to those that the heads name; later ones are younger than the
 * audit 3  outputs, quarantine  to their uncommitted ends, which lie behind all of the heads'
 *                             transactions; records from the heads' next offsets on are younger
 *     4  heads: now           a record that claims to be of an offset behind them is forged; where
 *                             they moved, topics without origin can't be compared
 *
 * The heads' partitions are read as everything else: to the uncommitted end, as read_committed.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topics_audit.h"
#include "winnow/worker.h"

static char *copy(const char *text)
{
    char *own = strdup(text);
    if (!own) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    return own;
}

struct wn_audit_chain *wn_audit_chain(struct wn_audit_work *work, const char *input,
                                      int32_t partition)
{
    for (size_t i = 0; i < work->n_chains; i++) {
        struct wn_audit_chain *chain = &work->chains[i];
        if (chain->partition == partition && strcmp(chain->input, input) == 0) {
            return chain;
        }
    }
    struct wn_audit_chain *grown =
        realloc(work->chains, (work->n_chains + 1) * sizeof(*work->chains));
    if (!grown) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    work->chains = grown;
    struct wn_audit_chain *chain = &grown[work->n_chains++];
    char name[300];
    (void)snprintf(name, sizeof(name), "%s[%" PRId32 "]", input, partition);
    *chain = (struct wn_audit_chain){ .name = copy(name),
                                      .input = copy(input),
                                      .partition = partition,
                                      .then = { .strange = -1 },
                                      .now = { .strange = -1 },
                                      .last_ms = INT64_MIN };
    const struct wn_recount_chain flow = { .name = name, .input = input, .partition = partition };
    chain->number = wn_recount_chain(work->recount, &flow);
    return chain;
}

static void work_deinit(struct wn_audit_work *work)
{
    for (size_t i = 0; i < work->n_chains; i++) {
        struct wn_audit_chain *chain = &work->chains[i];
        wn_last_head_deinit(&chain->then);
        wn_last_head_deinit(&chain->now);
        free(chain->name);
        free(chain->input);
        free(chain->state_topic);
    }
    free(work->chains);
    work->recount = wn_recount_close(work->recount);
    work->audit = wn_audit_close(work->audit);
    work->scan = wn_scan_close(work->scan);
}

// ---- Heads --------------------------------------------------------------------------------------

/** Begin the chain of one partition of an input with its head. */
static enum wn_code begin_chain(struct wn_audit_work *work, const char *input, int32_t partition,
                                const char *state, struct wn_error *err)
{
    struct wn_audit_chain *chain = wn_audit_chain(work, input, partition);
    if (chain->state_topic) {
        return WN_OK; // An input that stands twice.
    }
    chain->state_topic = copy(state);
    enum wn_code rc = wn_last_head_read(work->scan, state, partition, &chain->then, err);
    wn_recount_head(work->recount, chain->number, chain->then.there ? chain->then.next : 0);
    return rc;
}

static enum wn_code read_heads_then(struct wn_audit_work *work, struct wn_error *err)
{
    const struct wn_settings *settings = work->what->settings;
    enum wn_code rc = WN_OK;
    for (unsigned i = 0; i < settings->n_inputs && rc == WN_OK; i++) {
        const char *input = settings->inputs[i].topic;
        char state[WN_TOPIC_NAME];
        int32_t partitions = 0;
        if (!wn_state_topic(settings->group, input, state)) {
            return wn_fail(err, WN_FATAL, "config", "%s: its state topic's name is too long",
                           input);
        }
        rc = wn_scan_partitions(work->scan, state, &partitions, err);
        for (int32_t j = 0; j < partitions && rc == WN_OK; j++) {
            rc = begin_chain(work, input, j, state, err);
        }
    }
    return rc;
}

/** @param ret_moved  Whether a worker went on since the audit began. */
static enum wn_code read_heads_now(struct wn_audit_work *work, bool *ret_moved,
                                   struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    *ret_moved = false;
    for (size_t i = 0; i < work->n_chains && rc == WN_OK; i++) {
        struct wn_audit_chain *chain = &work->chains[i];
        if (chain->state_topic) {
            rc = wn_last_head_read(work->scan, chain->state_topic, chain->partition, &chain->now,
                                   err);
            *ret_moved = *ret_moved || chain->now.offset != chain->then.offset ||
                         chain->now.there != chain->then.there;
        }
    }
    return rc;
}

/** What is younger than the audit must be younger than nothing that is there by now. */
static void check_younger(struct wn_audit_work *work)
{
    for (size_t i = 0; i < work->n_chains; i++) {
        const struct wn_audit_chain *chain = &work->chains[i];
        if (!chain->state_topic) {
            continue;
        }
        wn_recount_younger(work->recount, chain->number, chain->now.there ? chain->now.next : 0);
        if (chain->then.there && chain->newest > chain->now.closed) {
            wn_audit_find(work->audit, chain->state_topic,
                          "the head names receipt %" PRIu64 " of %s, and %s has receipt %" PRIu64
                          ": the state was put back",
                          chain->now.closed, chain->name, WN_RECEIPTS_TOPIC, chain->newest);
        }
    }
}

// ---- Outputs ------------------------------------------------------------------------------------

/** A topic being read. */
struct counting {
    struct wn_audit_work *work;
    const struct wn_purpose *purpose; ///< NULL: quarantine.
    bool any;                         ///< A message of the partition was seen,
    int64_t first_ms;                 ///< the first one of this time.
};

static void count_ordered(const struct counting *counting, const struct wn_recount_message *message,
                          struct wn_slice avro)
{
    struct wn_recount *recount = counting->work->recount;
    struct wn_envelope envelope;
    struct wn_origin origin;
    struct wn_error err;
    if (counting->purpose && wn_usage_origin(counting->purpose, avro, &origin)) {
        wn_recount_add(recount, message, &origin, &(const struct wn_recount_piece){ 0 });
    } else if (!counting->purpose && wn_envelope_read(avro, &envelope, &err) == WN_OK) {
        const struct wn_recount_piece piece = { envelope.piece, (uint64_t)envelope.receipt };
        wn_recount_add(recount, message, &envelope.origin, &piece);
    } else {
        wn_recount_foreign(recount, message, "is no record of this topic's schema");
    }
}

static enum wn_code on_output(void *context, const struct wn_message *message, struct wn_error *err)
{
    struct counting *counting = context;
    struct wn_recount *recount = counting->work->recount;
    struct wn_slice avro;
    const struct wn_recount_message found = { message->partition, message->offset,
                                              message->timestamp_ms, message->value };
    (void)err;
    if (!counting->any) {
        counting->any = true;
        counting->first_ms = message->timestamp_ms;
    }
    if (!wn_recount_header(recount, &found, &avro)) {
        return WN_OK;
    }
    if (counting->purpose && counting->purpose->number != 0) {
        wn_recount_sum(recount, avro);
    } else {
        count_ordered(counting, &found, avro);
    }
    return WN_OK;
}

enum {
    SLACK_MS = 60000 ///< Clocks of hosts, and a batch between record and receipt.
};

/** Note what retention has left of a partition. */
static void note_age(struct wn_recount_age *age, const struct counting *counting, int32_t partition,
                     int64_t low)
{
    int64_t reaches = counting->any ? counting->first_ms + SLACK_MS : INT64_MAX;
    if (low > 0 && (!age->trimmed || reaches > age->reaches_ms)) {
        age->trimmed = true;
        age->partition = partition;
        age->low = low;
        age->reaches_ms = reaches;
    }
}

static enum wn_code read_output(struct wn_audit_work *work, const char *topic,
                                const struct wn_purpose *purpose, struct wn_recount_age *age,
                                struct wn_error *err)
{
    int32_t partitions = 0;
    enum wn_code rc = wn_scan_partitions(work->scan, topic, &partitions, err);
    for (int32_t i = 0; i < partitions && rc == WN_OK; i++) {
        struct counting counting = { .work = work, .purpose = purpose };
        struct wn_ends ends;
        rc = wn_scan_ends(work->scan, topic, i, &ends, err);
        if (rc == WN_OK) {
            const struct wn_place from = { topic, i, ends.low };
            rc = wn_scan_read(work->scan, &from, ends.end, on_output, &counting, err);
            note_age(age, &counting, i, ends.low);
        }
    }
    return rc;
}

/** @return whether receipts of inputs that the configuration does not name are there. */
static bool has_others(const struct wn_audit_work *work)
{
    for (size_t i = 0; i < work->n_chains; i++) {
        if (!work->chains[i].state_topic &&
            strcmp(work->chains[i].input, WN_QUARANTINE_TOPIC) != 0) {
            return true;
        }
    }
    return false;
}

/** Count one output. @param purpose  NULL: quarantine. */
static enum wn_code count_output(struct wn_audit_work *work, const char *name,
                                 const struct wn_purpose *purpose, struct wn_error *err)
{
    const bool ordered = !purpose || purpose->number == 0;
    const struct wn_recount_topic topic = { .name = name,
                                            .ordered = ordered,
                                            .fingerprint = purpose ? purpose->fingerprint : 0,
                                            .schema_id = purpose ? purpose->schema_id : 0,
                                            .any_schema = !purpose };
    struct wn_recount_age age = { .trimmed = false };
    wn_recount_begin(work->recount, &topic);
    enum wn_code rc = read_output(work, name, purpose, &age, err);
    bool moved = false;
    if (rc == WN_OK && !ordered) {
        rc = read_heads_now(work, &moved, err);
    }
    if (moved) {
        age.unsettled = "winnow run was at work, and its records carry no origin; audit again "
                        "while it stands still";
    } else if (!ordered && has_others(work)) {
        age.unsettled = "its records carry no origin, and some are of inputs that this "
                        "configuration does not name";
    }
    if (rc == WN_OK) {
        wn_recount_finish(work->recount, &age, work->notes);
    }
    return rc;
}

static enum wn_code count_outputs(struct wn_audit_work *work, struct wn_error *err)
{
    const struct wn_policy *policy = work->what->policy;
    enum wn_code rc = count_output(work, WN_QUARANTINE_TOPIC, NULL, err);
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes && rc == WN_OK; j++) {
            const struct wn_purpose *purpose = &policy->types[i].purposes[j];
            rc = count_output(work, purpose->topic, purpose, err);
        }
    }
    return rc;
}

enum wn_code wn_topics_audit(const struct wn_topics_audit *audit, struct wn_audit_said *ret_said,
                             struct wn_error *err)
{
    struct wn_audit_work work = { .what = audit, .notes = &ret_said->notes };
    bool moved = false;
    work.audit = wn_audit_open(audit->public_key);
    work.recount = wn_recount_open(work.audit);
    enum wn_code rc = wn_scan_open(audit->settings, NULL, NULL, &work.scan, err);
    rc = rc == WN_OK ? read_heads_then(&work, err) : rc;
    rc = rc == WN_OK ? wn_audit_receipts(&work, err) : rc;
    rc = rc == WN_OK ? count_outputs(&work, err) : rc;
    rc = rc == WN_OK ? read_heads_now(&work, &moved, err) : rc;
    if (rc == WN_OK) {
        check_younger(&work);
        if (wn_recount_n_younger(work.recount) > 0) {
            wn_buffer_format(&ret_said->notes, "%" PRIu64 " records are younger than this audit\n",
                             wn_recount_n_younger(work.recount));
        }
        wn_audit_say(work.audit, audit->settings->limits.lateness_ms, ret_said);
    }
    work_deinit(&work);
    return rc;
}
