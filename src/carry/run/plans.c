// SPDX-License-Identifier: Apache-2.0

/*
 *     look       stamp of a source's file and of those that it is like; a change counts once the
 *                file stood still from one look to the next, for editors write in several steps;
 *                their hash is what counts. SIGHUP: policy, then the source of each
 *                input against it
 *     judge      whole; the same record types, purposes, topics, bases and key periods (receipts,
 *                producers and consent are numbered by them); the same duplicate rule (old entries
 *                must meet new records); affinity; a pipeline can be opened
 *     publish    the newest plan: from now on workers take it, each where none of its transactions
 *                rests on the old one (worker_follow.c)
 *     settle     all have taken it: it is said
 *
 * Lists and consent are looked at before each transaction anyway.
 */

#include "plans.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "versions.h"
#include "winnow/io.h"
#include "winnow/log.h"
#include "winnow/memory.h"
#include "winnow/pipeline.h"
#include "winnow/registry.h"

enum {
    LOOK_MS = 1000
};

/** The source of an input. */
struct work {
    const struct wn_input *input;
    const char *file;
    struct wn_versions read;         ///< Since the start; under `lock`.
    const struct wn_source *present; ///< The newest: what `read` has, or what it began with.
    struct wn_stamp seen, looked;    ///< The file at the last look; when it was read last.
    char refused[512]; ///< Why a changed file was not taken; "": nothing is the matter.
    atomic_bool is_refused;
};

struct wn_plans {
    const struct wn_worker_options *options;
    const struct wn_ground *ground;
    pthread_mutex_t lock;           ///< Between who publishes and those who hold.
    const struct wn_policy *policy; ///< Under `lock`, for others.
    struct work works[WN_INPUTS];
    atomic_uint number;
    struct wn_policy *
        *own; ///< Read since the start. They stay: consent and counts point into them.
    size_t n_own;
    struct wn_plan said; ///< The last that all had taken; held.
    char refused[512];   ///< Why the last SIGHUP was not answered; "": it was.
    int heard;           ///< SIGHUPs that were answered.
    int64_t looked_ms;
};

/** What is read anew, until it counts: a new policy and all sources, or one source. */
struct reading {
    struct wn_policy *policy;             ///< NULL: the present one stays.
    struct wn_source *sources[WN_INPUTS]; ///< NULL: so does the input's.
};

static void drop(struct reading *reading)
{
    for (unsigned i = 0; i < WN_INPUTS; i++) {
        reading->sources[i] = wn_source_close(reading->sources[i]);
    }
    reading->policy = wn_policy_close(reading->policy);
}

// ---- What is refused ---------------------------------------------------------------------------

static void refuse_source(struct work *work, const char *reason, const char *text)
{
    (void)snprintf(work->refused, sizeof(work->refused), "%s", text);
    atomic_store(&work->is_refused, true);
    wn_log(WN_LOG_ERROR, "source-refused", "source=%s reason=%s text=\"%s\"", work->present->name,
           reason, text);
}

static void forgive_source(struct work *work)
{
    work->refused[0] = '\0';
    atomic_store(&work->is_refused, false);
}

static void refuse(struct wn_plans *plans, const char *reason, const char *text)
{
    (void)snprintf(plans->refused, sizeof(plans->refused), "%s", text);
    wn_log(WN_LOG_ERROR, "policy-refused", "reason=%s text=\"%s\"", reason, text);
}

/** Append the first of the faults, and how many there are; without any, `otherwise`. */
static void write_faults(const struct wn_faults *faults, const char *otherwise, char text[512])
{
    const uint8_t *end = faults->n > 0 ? memchr(faults->lines.at, '\n', faults->lines.len) : NULL;
    if (end) {
        (void)snprintf(text, 512, "%.*s (%u faults in all)", (int)(end - faults->lines.at),
                       (const char *)faults->lines.at, faults->n);
    } else {
        (void)snprintf(text, 512, "%s", otherwise);
    }
}

// ---- A source's file ---------------------------------------------------------------------------

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
static bool stamp_of(const struct work *work, struct wn_stamp *ret_stamp)
{
    struct stat status;
    const char *other;
    if (stat(work->file, &status) != 0) {
        return false;
    }
    *ret_stamp = wn_io_stamp(&status);
    for (unsigned i = 0; (other = wn_source_other_file(work->present, i)); i++) {
        if (stat(other, &status) != 0) {
            return false;
        }
        const struct wn_stamp stamp = wn_io_stamp(&status);
        add_stamp(ret_stamp, &stamp);
    }
    return true;
}

/** @return whether the file is another one than the last that was looked into, and stands still. */
static bool is_changed(struct work *work)
{
    struct wn_stamp now;
    if (!stamp_of(work, &now)) {
        return false; // Between an editor's two steps.
    }
    const bool still = wn_io_same_stamp(&now, &work->seen);
    work->seen = now;
    return still && !wn_io_same_stamp(&now, &work->looked);
}

/** Load an input's source against a policy. @return NULL: it is refused, which was said. */
static struct wn_source *load_source(const struct wn_plans *plans, struct work *work,
                                     const struct wn_policy *policy)
{
    const struct wn_shape *shapes[WN_TYPES];
    struct wn_faults faults = { 0 };
    struct wn_error err = { .reason = "config" };
    struct wn_source *source = NULL;
    for (unsigned i = 0; i < policy->n_types; i++) {
        shapes[i] = &policy->types[i].shape;
    }
    if (wn_source_load(work->file, shapes, policy->n_types, &plans->options->settings->site,
                       &faults, &source, &err) != WN_OK) {
        char text[512];
        write_faults(&faults, err.text, text);
        refuse_source(work, "config", text);
    }
    wn_faults_deinit(&faults);
    return source;
}

/** @return whether a pipeline can be opened for it; else `err` says why. */
static bool opens(const struct wn_plans *plans, const struct wn_policy *policy,
                  const struct wn_source *source, struct wn_error *err)
{
    static const struct wn_sink nowhere = { NULL, NULL, NULL };
    const struct wn_pipeline_options options = {
        .policy = policy, .source = source, .keyring = plans->options->keyring, .sink = &nowhere
    };
    struct wn_pipeline *pipeline = NULL;
    const bool good = wn_pipeline_open(&options, &pipeline, err) == WN_OK;
    (void)wn_pipeline_close(pipeline);
    return good;
}

/** @return whether a source may stand in for the present one; else that was said. */
static bool may_follow(const struct wn_plans *plans, struct work *work,
                       const struct wn_policy *policy, const struct wn_source *source)
{
    const struct wn_source *present = work->present;
    struct wn_error err;
    if (memcmp(source->rule_id, present->rule_id, sizeof(source->rule_id)) != 0) {
        refuse_source(
            work, "rule-changed",
            "its duplicate rule (types, duplicate_key, content, tolerance) is another one, and "
            "the state would miss duplicates: put the rule back, or begin a new group on a new "
            "input topic");
        return false;
    }
    if (wn_ground_affinity(work->input, source,
                           plans->ground->facts[work - plans->works].partitions, &err) != WN_OK ||
        !opens(plans, policy, source, &err)) {
        refuse_source(work, err.reason, err.text);
        return false;
    }
    return true;
}

// ---- A policy ----------------------------------------------------------------------------------

static bool load_policy(struct wn_plans *plans, struct reading *reading)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { .reason = "config" };
    const bool good =
        wn_policy_load(plans->options->settings->policy, &faults, &reading->policy, &err) == WN_OK;
    if (!good) {
        char text[512];
        write_faults(&faults, err.text, text);
        refuse(plans, "config", text);
    }
    wn_faults_deinit(&faults);
    if (good && wn_registry_resolve(plans->options->settings, WN_REGISTRY_USE, reading->policy,
                                    &err) != WN_OK) {
        refuse(plans, err.reason, err.text);
        return false;
    }
    return good;
}

static bool is_same_purpose(const struct wn_purpose *a, const struct wn_purpose *b)
{
    return a->number == b->number && strcmp(a->topic, b->topic) == 0 &&
           a->needs_consent == b->needs_consent && a->period == b->period;
}

static bool is_same_type(const struct wn_type *a, const struct wn_type *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->n_purposes == b->n_purposes;
    for (unsigned i = 0; same && i < a->n_purposes; i++) {
        same = is_same_purpose(&a->purposes[i], &b->purposes[i]);
    }
    return same;
}

/** @return whether the frame is the same that receipts, producer and consent are built on. */
static bool is_same_frame(const struct wn_policy *a, const struct wn_policy *b)
{
    bool same = a->n_types == b->n_types && a->n_purposes == b->n_purposes;
    for (unsigned i = 0; same && i < a->n_purposes; i++) {
        same = strcmp(a->purposes[i], b->purposes[i]) == 0;
    }
    for (unsigned i = 0; same && i < a->n_types; i++) {
        same = is_same_type(&a->types[i], &b->types[i]);
    }
    return same;
}

/** Read policy and sources anew. @return whether they may count; else that was said. */
static bool read_all(struct wn_plans *plans, struct reading *reading)
{
    if (!load_policy(plans, reading)) {
        return false;
    }
    if (!is_same_frame(plans->policy, reading->policy)) {
        refuse(plans, "config",
               "its record types, purposes, topics, key periods, or what rests on consent are "
               "others: make the topics, then start anew");
        return false;
    }
    for (unsigned i = 0; i < plans->ground->n_inputs; i++) {
        struct work *work = &plans->works[i];
        reading->sources[i] = load_source(plans, work, reading->policy);
        if (!reading->sources[i] ||
            !may_follow(plans, work, reading->policy, reading->sources[i])) {
            refuse(plans, "source-refused", work->refused);
            return false;
        }
    }
    plans->refused[0] = '\0';
    return true;
}

/** Read those sources anew whose file changed. @return whether there is one that may count. */
static bool read_changed(struct wn_plans *plans, struct reading *reading)
{
    bool any = false;
    for (unsigned i = 0; i < plans->ground->n_inputs; i++) {
        struct work *work = &plans->works[i];
        if (!is_changed(work)) {
            continue;
        }
        work->looked = work->seen;
        struct wn_source *source = load_source(plans, work, plans->policy);
        const bool same = source && strcmp(source->id, work->present->id) == 0;
        if (same) {
            forgive_source(work); // Put back as it was.
        }
        if (!source || same || !may_follow(plans, work, plans->policy, source)) {
            (void)wn_source_close(source);
            continue;
        }
        reading->sources[i] = source;
        any = true;
    }
    return any;
}

// ---- Plans -------------------------------------------------------------------------------------

static void close_version(void *version)
{
    (void)wn_source_close(version);
}

struct wn_plans *wn_plans_open(const struct wn_worker_options *options,
                               const struct wn_ground *ground)
{
    struct wn_plans *plans = wn_take(1, sizeof(*plans));
    plans->options = options;
    plans->ground = ground;
    plans->policy = options->policy;
    atomic_init(&plans->number, 1);
    (void)pthread_mutex_init(&plans->lock, NULL);
    for (unsigned i = 0; i < ground->n_inputs; i++) {
        struct work *work = &plans->works[i];
        work->input = &options->settings->inputs[i];
        work->file = options->source_files ? options->source_files[i] : NULL;
        work->read.close = close_version;
        work->present = options->sources[i];
        atomic_init(&work->is_refused, false);
    }
    wn_plans_hold(plans, &plans->said);
    return plans;
}

struct wn_plans *wn_plans_close(struct wn_plans *plans)
{
    if (plans) {
        for (unsigned i = 0; i < WN_INPUTS; i++) {
            wn_versions_deinit(&plans->works[i].read);
        }
        for (size_t i = 0; i < plans->n_own; i++) {
            plans->own[i] = wn_policy_close(plans->own[i]);
        }
        free((void *)plans->own);
        (void)pthread_mutex_destroy(&plans->lock);
        free(plans);
    }
    return NULL;
}

unsigned wn_plans_number(const struct wn_plans *plans)
{
    return atomic_load_explicit(&plans->number, memory_order_acquire);
}

bool wn_plans_is_refused(const struct wn_plans *plans, unsigned input)
{
    return atomic_load(&plans->works[input].is_refused);
}

void wn_plans_hold(struct wn_plans *plans, struct wn_plan *ret_plan)
{
    (void)pthread_mutex_lock(&plans->lock);
    ret_plan->number = wn_plans_number(plans);
    ret_plan->policy = plans->policy;
    for (unsigned i = 0; i < plans->ground->n_inputs; i++) {
        struct work *work = &plans->works[i];
        const struct wn_source *read = wn_versions_hold(&work->read, NULL);
        ret_plan->sources[i] = read ? read : plans->options->sources[i];
    }
    (void)pthread_mutex_unlock(&plans->lock);
}

void wn_plans_drop(struct wn_plans *plans, struct wn_plan *plan)
{
    (void)pthread_mutex_lock(&plans->lock);
    for (unsigned i = 0; plan->number > 0 && i < plans->ground->n_inputs; i++) {
        wn_versions_drop(&plans->works[i].read, plan->sources[i]);
    }
    (void)pthread_mutex_unlock(&plans->lock);
    *plan = (struct wn_plan){ .number = 0 };
}

/** Let what was read count: it is the plans' from now on. */
static void publish(struct wn_plans *plans, struct reading *reading)
{
    (void)pthread_mutex_lock(&plans->lock);
    if (reading->policy) {
        plans->own = wn_grow((void *)plans->own, plans->n_own + 1, sizeof(struct wn_policy *));
        plans->own[plans->n_own++] = reading->policy;
        plans->policy = reading->policy;
    }
    for (unsigned i = 0; i < plans->ground->n_inputs; i++) {
        if (reading->sources[i]) {
            wn_versions_add(&plans->works[i].read, reading->sources[i]);
            plans->works[i].present = reading->sources[i];
            forgive_source(&plans->works[i]);
        }
    }
    atomic_store_explicit(&plans->number, wn_plans_number(plans) + 1, memory_order_release);
    (void)pthread_mutex_unlock(&plans->lock);
    *reading = (struct reading){ .policy = NULL };
}

/** Say what counts from now on. */
static void settle(struct wn_plans *plans)
{
    struct wn_plan now = { .number = 0 };
    wn_plans_hold(plans, &now);
    if (plans->said.policy != now.policy) {
        wn_log(WN_LOG_WARNING, "policy-read", "id=%.16s", now.policy->id);
    }
    for (unsigned i = 0; i < plans->ground->n_inputs; i++) {
        const struct wn_source *source = now.sources[i];
        if (plans->said.sources[i] != source) {
            wn_log(WN_LOG_WARNING, "source-read", "source=%s id=%.16s", source->name, source->id);
        }
    }
    wn_plans_drop(plans, &plans->said);
    plans->said = now;
}

enum wn_look wn_plans_look(struct wn_plans *plans, unsigned taken, int hangups, int64_t clock_ms)
{
    if (!plans->options->source_files || taken < wn_plans_number(plans)) {
        return WN_LOOK_NOTHING;
    }
    if (plans->said.number < taken) {
        settle(plans);
        return WN_LOOK_TAKEN;
    }
    const bool told = hangups != plans->heard;
    if (!told && clock_ms - plans->looked_ms < LOOK_MS) {
        return WN_LOOK_NOTHING;
    }
    struct reading reading = { .policy = NULL };
    plans->looked_ms = clock_ms;
    plans->heard = hangups;
    const bool good = told ? read_all(plans, &reading) : read_changed(plans, &reading);
    if (good) {
        publish(plans, &reading);
        return WN_LOOK_NEW;
    }
    drop(&reading);
    return told ? WN_LOOK_REFUSED : WN_LOOK_NOTHING;
}

void wn_plans_say(const struct wn_plans *plans, struct wn_buffer *ret_text)
{
    wn_buffer_format(ret_text, "policy id=%.16s", plans->said.policy->id);
    if (plans->refused[0]) {
        wn_buffer_format(ret_text, " refused=\"%s\"", plans->refused);
    }
    wn_buffer_text(ret_text, "\n");
    for (unsigned i = 0; i < plans->ground->n_inputs; i++) {
        const struct work *work = &plans->works[i];
        const struct wn_source *source = plans->said.sources[i];
        wn_buffer_format(ret_text, "%s source=%s id=%.16s", work->input->topic, source->name,
                         source->id);
        if (work->refused[0]) {
            wn_buffer_format(ret_text, " refused=\"%s\"", work->refused);
        }
        wn_buffer_text(ret_text, "\n");
    }
}
