// SPDX-License-Identifier: Apache-2.0

#include "winnow/lists.h"

#include <pthread.h>
#include <stdio.h>

#include "versions.h"
#include "winnow/hash.h"
#include "winnow/log.h"
#include "winnow/memory.h"

/** A file that is looked at between batches. */
struct watched {
    const char *name;     ///< Of the list, in the log.
    const char *file;     ///< NULL: there is none.
    struct wn_stamp seen; ///< Of the file that was looked at last, taken or not.
};

struct wn_lists_at_work {
    pthread_mutex_t lock; ///< Of all below, between those who hold versions.
    struct wn_lists now;
    struct wn_versions helplines, portability; ///< What `now` points to is the last.
    struct watched of_helplines, of_portability;
    bool said_too_old;
};

/** Have a list that was read be the one that acts. */
static void take_helplines(struct wn_lists_at_work *lists, struct wn_helplines *helplines)
{
    wn_versions_add(&lists->helplines, helplines);
    lists->of_helplines.seen = helplines->stamp;
    lists->now.helplines = helplines;
    lists->now.changed_ms = wn_io_modified_ms(&helplines->stamp);
}

static void take_portability(struct wn_lists_at_work *lists, struct wn_portability *portability)
{
    wn_versions_add(&lists->portability, portability);
    lists->of_portability.seen = portability->stamp;
    lists->now.portability = portability;
}

static void close_helplines(void *version)
{
    (void)wn_helplines_close(version);
}

static void close_portability(void *version)
{
    (void)wn_portability_close(version);
}

bool wn_lists_open(struct wn_settings *settings, struct wn_faults *faults,
                   struct wn_lists_at_work **ret_lists)
{
    struct wn_helplines *helplines = NULL;
    struct wn_portability *portability = NULL;
    const char *file = wn_settings_helplines(settings);
    const char *ports = settings->lists.portability;
    bool good = wn_helplines_read(file, faults, &helplines);
    good = (!ports || wn_portability_read(ports, faults, &portability)) && good;
    if (!good) {
        wn_helplines_close(helplines);
        wn_portability_close(portability);
        return false;
    }
    struct wn_lists_at_work *lists = wn_take(1, sizeof(*lists));
    (void)pthread_mutex_init(&lists->lock, NULL);
    lists->helplines.close = close_helplines;
    lists->portability.close = close_portability;
    lists->of_helplines = (struct watched){ .name = "helplines", .file = file };
    lists->of_portability = (struct watched){ .name = "portability", .file = ports };
    lists->now = (struct wn_lists){ .filters_free = settings->lists.filters_free,
                                    .limit_ms = settings->lists.helplines_limit_ms,
                                    .site = &settings->site };
    take_helplines(lists, helplines);
    if (portability) {
        take_portability(lists, portability);
    }
    *ret_lists = lists;
    return true;
}

struct wn_lists_at_work *wn_lists_close(struct wn_lists_at_work *lists)
{
    if (lists) {
        wn_versions_deinit(&lists->helplines);
        wn_versions_deinit(&lists->portability);
        (void)pthread_mutex_destroy(&lists->lock);
        free(lists);
    }
    return NULL;
}

const struct wn_lists *wn_lists_now(const struct wn_lists_at_work *lists)
{
    return &lists->now;
}

/** @return whether another file is there than was looked at last. */
static bool has_changed(struct watched *watched)
{
    if (!watched->file) {
        return false;
    }
    const struct wn_stamp stamp = wn_io_look(watched->file);
    const bool same = wn_io_same_stamp(&stamp, &watched->seen);
    watched->seen = stamp;
    return !same;
}

static void log_swapped(const struct watched *watched, const uint8_t version[32], size_t rows)
{
    char hex[WN_SHA256_HEX];
    wn_hex(version, 32, hex);
    wn_log(WN_LOG_INFO, "list-swapped", "list=%s version=%s rows=%zu", watched->name, hex, rows);
}

static void log_refused(const struct watched *watched, const struct wn_faults *faults)
{
    const char *text = faults->lines.len > 0 ? (const char *)faults->lines.at : "";
    wn_log(WN_LOG_ERROR, "list-refused", "list=%s faults=%u text=\"%.*s\" kept=%s", watched->name,
           faults->n, (int)strcspn(text, "\n"), text, "old");
}

void wn_lists_renew(struct wn_lists_at_work *lists, const struct wn_limits *limits)
{
    struct wn_faults faults = { 0 };
    if (has_changed(&lists->of_helplines)) {
        struct wn_helplines *helplines = NULL;
        if (wn_helplines_read(lists->of_helplines.file, &faults, &helplines)) {
            take_helplines(lists, helplines);
            log_swapped(&lists->of_helplines, helplines->version, helplines->n_rows);
        } else {
            log_refused(&lists->of_helplines, &faults);
        }
    }
    if (has_changed(&lists->of_portability)) {
        struct wn_portability *portability = NULL;
        wn_faults_deinit(&faults);
        if (wn_portability_read(lists->of_portability.file, &faults, &portability)) {
            take_portability(lists, portability);
            log_swapped(&lists->of_portability, portability->version, portability->n_rows);
        } else {
            log_refused(&lists->of_portability, &faults);
        }
    }
    wn_faults_deinit(&faults);
    const bool too_old = wn_lists_too_old(&lists->now, limits);
    if (too_old && !lists->said_too_old) {
        wn_log(WN_LOG_ERROR, "list-too-old", "list=helplines limit_days=%lld",
               (long long)(lists->now.limit_ms / 86400000));
    }
    lists->said_too_old = too_old;
}

void wn_lists_hold(struct wn_lists_at_work *lists, const struct wn_limits *limits,
                   struct wn_lists *held)
{
    (void)pthread_mutex_lock(&lists->lock);
    wn_lists_renew(lists, limits);
    struct wn_lists now = lists->now;
    now.helplines = wn_versions_hold(&lists->helplines, held->helplines);
    now.portability = wn_versions_hold(&lists->portability, held->portability);
    *held = now;
    (void)pthread_mutex_unlock(&lists->lock);
}

void wn_lists_drop(struct wn_lists_at_work *lists, struct wn_lists *held)
{
    (void)pthread_mutex_lock(&lists->lock);
    wn_versions_drop(&lists->helplines, held->helplines);
    wn_versions_drop(&lists->portability, held->portability);
    *held = (struct wn_lists){ .helplines = NULL };
    (void)pthread_mutex_unlock(&lists->lock);
}
