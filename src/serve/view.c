// SPDX-License-Identifier: Apache-2.0

#include "view.h"

#include <stdlib.h>
#include <time.h>

#include "winnow/clock.h"
#include "winnow/memory.h"

static int64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void wn_view_take(struct wn_board *const *boards, unsigned n, struct wn_view *ret_view)
{
    *ret_view =
        (struct wn_view){ .workers = wn_take(n, sizeof(struct wn_view_worker)), .n_workers = n };
    for (unsigned i = 0; i < n; i++) {
        struct wn_view_worker *worker = &ret_view->workers[i];
        worker->posted = wn_board_read(boards[i], &worker->status);
        worker->turned_ms = wn_board_turned_ms(boards[i]);
    }
    ret_view->clock_ms = wn_monotonic_ms() + 1; // Not before what the boards say.
    ret_view->now_ms = wall_ms();
}

void wn_view_deinit(struct wn_view *view)
{
    for (unsigned i = 0; i < view->n_workers; i++) {
        wn_status_deinit(&view->workers[i].status);
    }
    free(view->workers);
    *view = (struct wn_view){ .n_workers = 0 };
}

bool wn_view_is_alive(const struct wn_view *view, const struct wn_view_worker *worker)
{
    return view->clock_ms - worker->turned_ms < WN_VIEW_ALIVE_MS;
}

/** Append what partitions wait for. @return whether all run. */
static bool are_running(const struct wn_status *status, struct wn_buffer *ret_why)
{
    bool all = true;
    for (size_t i = 0; i < status->n_partitions; i++) {
        const struct wn_status_partition *partition = &status->partitions[i];
        if (partition->phase == WN_STATUS_RUNNING) {
            continue;
        }
        all = false;
        wn_buffer_format(ret_why, "%s[%d] is %s", status->inputs[partition->input].topic,
                         (int)partition->partition, wn_status_phase_name(partition->phase));
        if (partition->phase == WN_STATUS_PAUSED) {
            wn_buffer_format(ret_why, ": %s", wn_reason_info(partition->reason)->id);
        }
        wn_buffer_text(ret_why, "\n");
    }
    return all;
}

bool wn_view_is_ready(const struct wn_view *view, const struct wn_view_worker *worker,
                      struct wn_buffer *ret_why)
{
    const struct wn_status *status = &worker->status;
    const size_t before = ret_why->len;
    if (!worker->posted) {
        wn_buffer_text(ret_why, "it has not begun: it waits for the brokers\n");
        return false;
    }
    if (!wn_view_is_alive(view, worker)) {
        wn_buffer_text(ret_why, "its loop does not turn\n");
    }
    if (!status->assigned) {
        wn_buffer_text(ret_why, "the group has given it no partitions yet\n");
    }
    (void)are_running(status, ret_why);
    if (status->began_ms != 0 && view->clock_ms - status->began_ms >= WN_VIEW_OPEN_MS) {
        wn_buffer_text(ret_why, "its transaction is open for more than a minute\n");
    }
    if (status->aborts_in_a_row >= WN_VIEW_ABORTS) {
        wn_buffer_format(ret_why, "%u aborts, and no commit since\n", status->aborts_in_a_row);
    }
    return ret_why->len == before;
}

bool wn_view_health(const struct wn_view *view, struct wn_buffer *ret_text)
{
    bool all = true;
    for (unsigned i = 0; i < view->n_workers; i++) {
        const struct wn_view_worker *worker = &view->workers[i];
        if (!wn_view_is_alive(view, worker)) {
            all = false;
            wn_buffer_format(ret_text, "worker %u: its loop did not turn for %lld s\n", i + 1,
                             (long long)((view->clock_ms - worker->turned_ms) / 1000));
        }
    }
    if (all) {
        wn_buffer_text(ret_text, "ok\n");
    }
    return all;
}

bool wn_view_readiness(const struct wn_view *view, struct wn_buffer *ret_text)
{
    bool all = true;
    for (unsigned i = 0; i < view->n_workers; i++) {
        WN_CLEANUP(wn_buffer_deinit) struct wn_buffer why = { 0 };
        if (wn_view_is_ready(view, &view->workers[i], &why)) {
            continue;
        }
        all = false;
        struct wn_slice rest = wn_buffer_slice(&why);
        while (rest.len > 0) {
            const char *end = memchr(rest.at, '\n', rest.len);
            const size_t len = end ? (size_t)(end - rest.at) : rest.len;
            wn_buffer_format(ret_text, "worker %u: %.*s\n", i + 1, (int)len, rest.at);
            rest = wn_slice_after(rest, end ? len + 1 : len);
        }
    }
    if (all) {
        wn_buffer_text(ret_text, "ok\n");
    }
    return all;
}
