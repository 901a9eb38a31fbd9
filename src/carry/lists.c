// SPDX-License-Identifier: Apache-2.0

#include "winnow/lists.h"

#include <stdio.h>

#include "winnow/hash.h"
#include "winnow/log.h"
#include "winnow/memory.h"

struct wn_lists_at_work {
    struct wn_lists now;
    struct wn_helplines *helplines; ///< What `now` points to.
    const char *file;
    struct wn_stamp seen; ///< Of the file that was looked at last, taken or not.
    bool said_too_old;
};

/** Have a list that was read be the one that acts. */
static void take(struct wn_lists_at_work *lists, struct wn_helplines *helplines)
{
    wn_helplines_close(lists->helplines);
    lists->helplines = helplines;
    lists->seen = helplines->stamp;
    lists->now.helplines = helplines;
    lists->now.changed_ms = wn_io_modified_ms(&helplines->stamp);
}

bool wn_lists_open(struct wn_settings *settings, struct wn_faults *faults,
                   struct wn_lists_at_work **ret_lists)
{
    struct wn_helplines *helplines = NULL;
    const char *file = wn_settings_helplines(settings);
    if (!wn_helplines_read(file, faults, &helplines)) {
        return false;
    }
    struct wn_lists_at_work *lists = wn_take(1, sizeof(*lists));
    lists->file = file;
    lists->now = (struct wn_lists){ .filters_free = settings->lists.filters_free,
                                    .limit_ms = settings->lists.helplines_limit_ms,
                                    .site = &settings->site };
    take(lists, helplines);
    *ret_lists = lists;
    return true;
}

struct wn_lists_at_work *wn_lists_close(struct wn_lists_at_work *lists)
{
    if (lists) {
        wn_helplines_close(lists->helplines);
        free(lists);
    }
    return NULL;
}

const struct wn_lists *wn_lists_now(const struct wn_lists_at_work *lists)
{
    return &lists->now;
}

/** Read the file that is there now. */
static void read_anew(struct wn_lists_at_work *lists)
{
    struct wn_faults faults = { 0 };
    struct wn_helplines *helplines = NULL;
    if (wn_helplines_read(lists->file, &faults, &helplines)) {
        char version[WN_SHA256_HEX];
        wn_hex(helplines->version, sizeof(helplines->version), version);
        take(lists, helplines);
        wn_log(WN_LOG_INFO, "list-swapped", "list=helplines version=%s rows=%u", version,
               helplines->n_rows);
    } else {
        const char *text = faults.lines.len > 0 ? (const char *)faults.lines.at : "";
        wn_log(WN_LOG_ERROR, "list-refused", "list=helplines faults=%u text=\"%.*s\" kept=%s",
               faults.n, (int)strcspn(text, "\n"), text, "old");
    }
    wn_faults_deinit(&faults);
}

void wn_lists_renew(struct wn_lists_at_work *lists, const struct wn_limits *limits)
{
    const struct wn_stamp stamp = wn_io_look(lists->file);
    if (!wn_io_same_stamp(&stamp, &lists->seen)) {
        lists->seen = stamp;
        read_anew(lists);
    }
    const bool too_old = wn_lists_too_old(&lists->now, limits);
    if (too_old && !lists->said_too_old) {
        wn_log(WN_LOG_ERROR, "list-too-old", "list=helplines limit_days=%lld",
               (long long)(lists->now.limit_ms / 86400000));
    }
    lists->said_too_old = too_old;
}
