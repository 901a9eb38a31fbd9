// SPDX-License-Identifier: Apache-2.0

/*
 * What the service manager is told: that the worker is ready, how many partitions run and wait,
 * that it reloads and stops; and, as its watchdog asks for it, that the loop turns. The watchdog is
 * told by the loop alone, and where it waits for the brokers in steps: a worker that hangs is
 * silent.
 */

#include <stdio.h>

#include "winnow/notify.h"
#include "worker_impl.h"

enum {
    STATUS_MS = 1000
};

void wn_worker_is_alive(struct wn_worker *worker)
{
    const int64_t now = wn_worker_clock_ms();
    if (worker->options->board) {
        wn_board_turned(worker->options->board, now);
    }
    if (worker->watchdog_ms > 0 && now - worker->alive_ms >= worker->watchdog_ms) {
        worker->alive_ms = now;
        (void)wn_notify("WATCHDOG=1");
    }
}

/** Write the line that `systemctl status` shows. */
static void write_status(const struct wn_worker *worker, char *line, size_t room)
{
    size_t running = 0;
    size_t paused = 0;
    size_t owned = 0;
    const char *reason = "";
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        if (!inlet->owned) {
            continue;
        }
        owned++;
        running += inlet->phase == WN_PHASE_RUNNING;
        if (inlet->phase == WN_PHASE_PAUSED) {
            paused++;
            reason = inlet->why.reason;
        }
    }
    int len = snprintf(line, room, "STATUS=%zu of %zu partitions running", running, owned);
    if (paused > 0 && len > 0 && (size_t)len < room) {
        (void)snprintf(line + len, room - (size_t)len, ", %zu paused (%s); see: winnow ctl status",
                       paused, reason);
    }
}

void wn_worker_tell_status(struct wn_worker *worker)
{
    wn_worker_is_alive(worker);
    const int64_t now = wn_worker_clock_ms();
    if (now - worker->status_ms < STATUS_MS) {
        return;
    }
    worker->status_ms = now;
    char line[sizeof(worker->status)];
    write_status(worker, line, sizeof(line));
    if (strcmp(line, worker->status) != 0) {
        memcpy(worker->status, line, sizeof(line));
        (void)wn_notify(line);
    }
}

void wn_worker_tell(struct wn_worker *worker, enum wn_worker_news news)
{
    if (news == WN_WORKER_READY) {
        worker->watchdog_ms = wn_notify_watchdog_ms();
        (void)wn_notify("READY=1");
    } else if (news == WN_WORKER_STOPPING) {
        (void)wn_notify("STOPPING=1\nSTATUS=stopping: the transaction ends, receipts are closed");
    } else if (news == WN_WORKER_RELOADING) {
        char lines[64];
        (void)snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%lld",
                       (long long)wn_worker_clock_ms() * 1000);
        (void)wn_notify(lines);
    } else {
        (void)wn_notify("READY=1");
    }
}
