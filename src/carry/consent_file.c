// SPDX-License-Identifier: Apache-2.0

/*
 *           differs                     good
 *     held ─────────► stale: reading ─────────► held, swapped
 *                      │    ▲
 *                wrong │    │ it is another one again
 *                      ▼    │
 *                     stale: waiting ──── limit ───► too old
 *
 * The limit counts from when the file was first seen to differ, also while it is read. A file that
 * was written to just before it was read is read once more: within one tick of the file system's
 * clock a second write of the same length would not show.
 */

#include "winnow/consent_file.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "versions.h"
#include "winnow/log.h"
#include "winnow/memory.h"

enum {
    TICK_MS = 100, ///< Longer than a tick of any file system's clock.
};

/** One reading of the file. */
struct reading {
    struct wn_faults faults;
    struct wn_consent *consent; ///< NULL: it was wrong.
    struct wn_stamp stamp;
    bool again; ///< It was written just before.
};

struct wn_consent_file {
    struct wn_consent_file_options options;
    struct wn_consent_keys keys;
    struct wn_consent_ground ground;
    bool has_key;
    atomic_bool give_up; ///< The reader is to end.
    atomic_bool done;    ///< The thread is through.
    bool has_thread;
    pthread_t thread;
    struct reading reading; ///< The thread's, while there is one that is not done.

    pthread_mutex_t lock;       ///< Of all below, between those who hold a version.
    struct wn_versions consent; ///< The last one counts.
    int64_t changed_ms;         ///< When it was written [UTC ms].
    struct wn_consent_view view;
    struct wn_stamp tried; ///< Of the file that was read last, good or not.
    struct wn_stamp said;  ///< Of the one whose faults were said last.
    bool has_said, again;
    int64_t looked_ms;
    int64_t stale_ms; ///< Since when the file is another one than what counts; 0: it is not.
};

static bool was_just_written(const struct wn_stamp *stamp)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return now_ms - wn_io_modified_ms(stamp) < TICK_MS;
}

static void *read_file(void *context)
{
    struct wn_consent_file *file = context;
    struct reading *reading = &file->reading;
    if (wn_consent_load(file->options.file, &file->ground, &reading->faults, &reading->consent,
                        &reading->stamp)) {
        reading->again = was_just_written(&reading->stamp);
    }
    atomic_store(&file->done, true);
    return NULL;
}

/** Read the file: beside the caller where that is wanted and can be. */
static void begin(struct wn_consent_file *file, bool beside)
{
    file->reading = (struct reading){ .consent = NULL };
    atomic_store(&file->done, false);
    file->has_thread = beside && pthread_create(&file->thread, NULL, read_file, file) == 0;
    if (!file->has_thread) {
        (void)read_file(file);
    }
}

/** Say each fault of the file: its line, column and rule. */
static void say_faults(struct wn_consent_file *file, const struct reading *reading)
{
    if (file->has_said && wn_io_same_stamp(&file->said, &reading->stamp)) {
        return;
    }
    file->has_said = true;
    file->said = reading->stamp;
    struct wn_slice rest = wn_buffer_slice(&reading->faults.lines);
    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        const size_t len = end ? (size_t)(end - rest.at) : rest.len;
        wn_log(WN_LOG_ERROR, "consent-refused", "text=\"%.*s\"", (int)len, rest.at);
        rest = wn_slice_after(rest, end ? len + 1 : len);
    }
}

/** Swap in what was read, or say what is wrong with it. */
static void finish(struct wn_consent_file *file, struct wn_faults *faults)
{
    struct reading *reading = &file->reading;
    if (file->has_thread) {
        (void)pthread_join(file->thread, NULL);
        file->has_thread = false;
    }
    file->tried = reading->stamp;
    file->again = reading->again;
    if (!reading->consent) {
        if (faults) {
            wn_buffer_add(&faults->lines, reading->faults.lines.at, reading->faults.lines.len);
            faults->n += reading->faults.n;
        } else {
            say_faults(file, reading);
        }
    } else {
        const struct wn_consent *old = wn_versions_now(&file->consent);
        const bool same = old && memcmp(wn_consent_version(old),
                                        wn_consent_version(reading->consent), WN_SHA256_BYTES) == 0;
        if (!same && old) {
            char version[WN_SHA256_HEX];
            wn_hex(wn_consent_version(reading->consent), WN_SHA256_BYTES, version);
            wn_log(WN_LOG_INFO, "consent-swapped", "intervals=%zu version=%s",
                   wn_consent_count(reading->consent), version);
        }
        wn_versions_add(&file->consent, reading->consent);
        file->changed_ms = (int64_t)reading->stamp.modified.tv_sec * 1000 +
                           reading->stamp.modified.tv_nsec / 1000000;
        file->stale_ms = 0;
        file->has_said = false;
    }
    wn_faults_deinit(&reading->faults);
    *reading = (struct reading){ .consent = NULL };
}

/** Is the file another one than was read last? A file that can't be looked at has a stamp as well:
 * none. */
static bool differs(const struct wn_consent_file *file)
{
    const struct wn_stamp now = wn_io_look(file->options.file);
    return file->again || !wn_io_same_stamp(&now, &file->tried);
}

static void judge_age(struct wn_consent_file *file, int64_t clock_ms)
{
    const bool was_too_old = file->view.too_old;
    const bool late = file->stale_ms != 0 && clock_ms - file->stale_ms > file->options.limit_ms;
    file->view.consent = wn_versions_now(&file->consent);
    file->view.too_old = !file->view.consent || late;
    if (file->view.too_old && !was_too_old) {
        wn_log(WN_LOG_ERROR, "consent-too-old",
               "text=\"%s: what needs consent is withheld until it can be read\"",
               file->options.file);
    }
}

static void close_version(void *version)
{
    (void)wn_consent_close(version);
}

struct wn_consent_file *wn_consent_file_open(const struct wn_consent_file_options *options,
                                             struct wn_faults *faults)
{
    struct wn_consent_file *file = wn_take(1, sizeof(*file));
    file->options = *options;
    file->consent.close = close_version;
    (void)pthread_mutex_init(&file->lock, NULL);
    file->has_key = true;
    if (options->file) {
        file->has_key = wn_consent_keys(options->keyring, &file->keys);
        file->ground = (struct wn_consent_ground){ .keys = &file->keys,
                                                   .policy = options->policy,
                                                   .site = options->site,
                                                   .give_up = &file->give_up };
        begin(file, false);
        finish(file, faults);
        judge_age(file, 0);
    }
    return file;
}

struct wn_consent_file *wn_consent_file_close(struct wn_consent_file *file)
{
    if (file) {
        if (file->has_thread) {
            atomic_store(&file->give_up, true);
            (void)pthread_join(file->thread, NULL);
        }
        wn_faults_deinit(&file->reading.faults);
        wn_consent_close(file->reading.consent);
        wn_versions_deinit(&file->consent);
        (void)pthread_mutex_destroy(&file->lock);
        free(file);
    }
    return NULL;
}

bool wn_consent_file_has_key(const struct wn_consent_file *file)
{
    return file->has_key;
}

int64_t wn_consent_file_changed_ms(struct wn_consent_file *file)
{
    (void)pthread_mutex_lock(&file->lock);
    const int64_t changed_ms = wn_versions_now(&file->consent) ? file->changed_ms : 0;
    (void)pthread_mutex_unlock(&file->lock);
    return changed_ms;
}

const struct wn_consent_view *wn_consent_file_look(struct wn_consent_file *file, int64_t clock_ms)
{
    if (!file->options.file) {
        return &file->view;
    }
    if (file->has_thread) {
        if (atomic_load(&file->done)) {
            finish(file, NULL);
        }
    } else if (clock_ms - file->looked_ms >= file->options.look_ms || file->looked_ms == 0) {
        file->looked_ms = clock_ms;
        if (differs(file)) {
            file->stale_ms = file->stale_ms == 0 ? clock_ms : file->stale_ms;
            begin(file, file->options.beside);
            if (!file->has_thread) {
                finish(file, NULL);
            }
        }
    }
    judge_age(file, clock_ms);
    return &file->view;
}

void wn_consent_file_hold(struct wn_consent_file *file, int64_t clock_ms,
                          struct wn_consent_view *held)
{
    (void)pthread_mutex_lock(&file->lock);
    struct wn_consent_view now = *wn_consent_file_look(file, clock_ms);
    now.consent = wn_versions_hold(&file->consent, held->consent);
    *held = now;
    (void)pthread_mutex_unlock(&file->lock);
}

void wn_consent_file_drop(struct wn_consent_file *file, struct wn_consent_view *held)
{
    (void)pthread_mutex_lock(&file->lock);
    wn_versions_drop(&file->consent, held->consent);
    *held = (struct wn_consent_view){ .consent = NULL };
    (void)pthread_mutex_unlock(&file->lock);
}
