// SPDX-License-Identifier: Apache-2.0

/*
 * A source's file is read anew where it changed: operations mend a mapping, and nobody restarts
 * anything. A change counts once the file stood still from one look to the next, for editors write
 * in several steps.
 *
 *     look       stamp of the file and of those that it is like; their hash is what counts
 *     judge      whole, the same duplicate rule (old entries must meet new records), affinity
 *     close      the open receipts: a receipt names one source
 *     swap       pipeline and source, between two transactions
 *     go on      guards begin anew, partitions that waited for the mended source are read again
 *
 * What is refused is said once, in the log and in `winnow ctl status`, and the source stays as it
 * was.
 */

#include <stdio.h>
#include <stdlib.h>

#include "winnow/log.h"
#include "worker_impl.h"

enum {
    LOOK_MS = 1000
};

static bool is_of(const struct wn_inlet *inlet, const struct wn_input_work *work)
{
    return inlet->facts == &work->facts;
}

static void refuse(struct wn_input_work *work, const char *name, const char *reason,
                   const char *text)
{
    (void)snprintf(work->refused, sizeof(work->refused), "%s", text);
    wn_log(WN_LOG_ERROR, "source-refused", "source=%s reason=%s text=\"%s\"", name, reason, text);
}

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/** Add another file to a stamp: one that changes where either does. */
static void add_stamp(struct wn_stamp *stamp, const struct wn_stamp *other)
{
    stamp->device ^= other->device;
    stamp->inode ^= other->inode;
    stamp->size += other->size;
    stamp->modified =
        is_newer(&other->modified, &stamp->modified) ? other->modified : stamp->modified;
    stamp->changed = is_newer(&other->changed, &stamp->changed) ? other->changed : stamp->changed;
}

/** Look at the file, and at those of the sources that the present one is like. @return are there */
static bool stamp_of(const struct wn_input_work *work, struct wn_stamp *ret_stamp)
{
    struct stat status;
    const char *other;
    if (stat(work->file, &status) != 0) {
        return false;
    }
    *ret_stamp = wn_io_stamp(&status);
    for (unsigned i = 0; (other = wn_source_other_file(work->facts.names.source, i)); i++) {
        if (stat(other, &status) != 0) {
            return false;
        }
        const struct wn_stamp stamp = wn_io_stamp(&status);
        add_stamp(ret_stamp, &stamp);
    }
    return true;
}

/** @return whether the file is another one than the last that was looked into, and stands still. */
static bool is_changed(struct wn_input_work *work)
{
    struct wn_stamp now;
    if (!stamp_of(work, &now)) {
        return false; // Between an editor's two steps.
    }
    const bool still = wn_io_same_stamp(&now, &work->seen);
    work->seen = now;
    return still && !wn_io_same_stamp(&now, &work->read);
}

struct wn_source *wn_worker_load_source(const struct wn_worker *worker, struct wn_input_work *work,
                                        const struct wn_policy *policy)
{
    const struct wn_shape *shapes[WN_TYPES];
    struct wn_faults faults = { 0 };
    struct wn_error err = { .reason = "config" };
    struct wn_source *source = NULL;
    for (unsigned i = 0; i < policy->n_types; i++) {
        shapes[i] = &policy->types[i].shape;
    }
    if (wn_source_load(work->file, shapes, policy->n_types, &worker->settings->site, &faults,
                       &source, &err) != WN_OK) {
        struct wn_buffer first = { 0 };
        const uint8_t *end = faults.n > 0 ? memchr(faults.lines.at, '\n', faults.lines.len) : NULL;
        wn_buffer_add(&first, faults.lines.at, end ? (size_t)(end - faults.lines.at) : 0);
        wn_buffer_format(&first, " (%u faults in all)", faults.n);
        wn_buffer_add(&first, "", 1);
        refuse(work, work->facts.names.source->name, "config",
               end ? (const char *)first.at : err.text);
        wn_buffer_deinit(&first);
    }
    wn_faults_deinit(&faults);
    return source;
}

bool wn_worker_may_follow(const struct wn_worker *worker, struct wn_input_work *work,
                          const struct wn_source *source)
{
    const struct wn_source *present = work->facts.names.source;
    struct wn_error err;
    if (memcmp(source->rule_id, present->rule_id, sizeof(source->rule_id)) != 0) {
        refuse(work, present->name, "rule-changed",
               "its duplicate rule (types, duplicate_key, content, tolerance) is another one, and "
               "the state would miss duplicates: put the rule back, or begin a new group on a new "
               "input topic");
        return false;
    }
    if (wn_worker_affinity(&worker->settings->inputs[work - worker->inputs], source,
                           work->facts.partitions, &err) != WN_OK) {
        refuse(work, present->name, err.reason, err.text);
        return false;
    }
    return true;
}

bool wn_worker_is_at_hand(const struct wn_worker *worker, const struct wn_input_work *work)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        if (is_of(worker->inlets[i], work) && worker->inlets[i]->phase == WN_PHASE_RESTORING) {
            return false;
        }
    }
    return true;
}

/** Let what the guard had stopped go on under the new source. */
static void go_on(struct wn_worker *worker, const struct wn_input_work *work)
{
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        if (!is_of(inlet, work)) {
            continue;
        }
        wn_poison_forget(&inlet->poison);
        inlet->poison_kept = inlet->poison;
        if (wn_worker_is_poisoned(inlet)) {
            inlet->assignment = worker->assignment;
            wn_log(WN_LOG_WARNING, "resumed", "partition=%s reason=source-read", inlet->name);
            wn_restorer_give(worker->restorer, inlet);
        }
    }
}

void wn_worker_take_source(struct wn_worker *worker, struct wn_input_work *work,
                           struct wn_source *source, struct wn_pipeline *pipeline)
{
    (void)wn_pipeline_close(work->pipeline);
    (void)wn_source_close(work->own);
    work->pipeline = pipeline;
    work->own = source;
    work->facts.names.source = source;
    work->refused[0] = '\0';
    wn_log(WN_LOG_WARNING, "source-read", "source=%s id=%.16s", source->name, source->id);
    go_on(worker, work);
}

static enum wn_code swap(struct wn_worker *worker, struct wn_input_work *work,
                         struct wn_source *source, struct wn_error *err)
{
    struct wn_pipeline *pipeline = NULL;
    enum wn_code rc = wn_worker_pipeline(worker, worker->policy, source, &pipeline, err);
    if (rc != WN_OK) {
        (void)wn_source_close(source);
        return rc;
    }
    wn_worker_take_source(worker, work, source, pipeline);
    return WN_OK;
}

/** Take a changed source in. */
static enum wn_code take_in(struct wn_worker *worker, struct wn_input_work *work,
                            struct wn_error *err)
{
    struct wn_source *source = wn_worker_load_source(worker, work, worker->policy);
    const bool same = source && strcmp(source->id, work->facts.names.source->id) == 0;
    if (!source || same || !wn_worker_may_follow(worker, work, source)) {
        work->read = work->seen;
        if (same) {
            work->refused[0] = '\0'; // Put back as it was.
        }
        (void)wn_source_close(source);
        return WN_OK;
    }
    enum wn_code rc = wn_worker_due(worker, true, err);
    rc = rc == WN_OK ? wn_worker_finish(worker, true, err) : rc;
    if (rc != WN_OK || wn_producer_state(worker->producer) != WN_TXN_IDLE || worker->reassign) {
        (void)wn_source_close(source);
        return rc; // At the next look.
    }
    work->read = work->seen;
    return swap(worker, work, source, err);
}

enum wn_code wn_worker_look_for_sources(struct wn_worker *worker, struct wn_error *err)
{
    const int64_t now = wn_worker_clock_ms();
    enum wn_code rc = WN_OK;
    if (now - worker->sources_ms < LOOK_MS || !worker->options->source_files) {
        return WN_OK;
    }
    worker->sources_ms = now;
    for (unsigned i = 0; i < worker->n_inputs && rc == WN_OK; i++) {
        struct wn_input_work *work = &worker->inputs[i];
        if (wn_worker_is_at_hand(worker, work) && is_changed(work)) {
            rc = take_in(worker, work, err);
        }
    }
    return rc;
}
