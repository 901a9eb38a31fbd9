// SPDX-License-Identifier: Apache-2.0

/*
 * What the service manager is told: that all workers are ready, how many partitions run and wait,
 * that it reloads and stops; and, as its watchdog asks for it, that all loops turn. Each worker
 * notes on its board that its loop turned, and where it waits for the brokers in steps; the
 * watchdog is told once all have done so since it was told last: a worker that hangs silences all.
 */

#include <stdio.h>

#include "crew.h"
#include "winnow/notify.h"
#include "winnow/status.h"

enum {
    STATUS_MS = 1000
};

/** Tell that all are ready, once they are. */
static void tell_ready(struct wn_crew *crew)
{
    for (unsigned i = 0; i < crew->n_mates; i++) {
        if (!atomic_load(&crew->mates[i].connected)) {
            return;
        }
    }
    crew->ready = true;
    crew->watchdog_ms = wn_notify_watchdog_ms();
    (void)wn_notify("READY=1");
}

/** Tell the watchdog, where it is time to and all have turned since. */
static void tell_alive(struct wn_crew *crew, int64_t now)
{
    if (crew->watchdog_ms <= 0 || now - crew->alive_ms < crew->watchdog_ms) {
        return;
    }
    for (unsigned i = 0; i < crew->n_mates; i++) {
        if (wn_board_turned_ms(crew->mates[i].board) < crew->alive_ms) {
            return;
        }
    }
    crew->alive_ms = now;
    (void)wn_notify("WATCHDOG=1");
}

/** Write the line that `systemctl status` shows. */
static void write_status(const struct wn_crew *crew, char *line, size_t room)
{
    size_t running = 0;
    size_t paused = 0;
    size_t owned = 0;
    const char *reason = "";
    for (unsigned i = 0; i < crew->n_mates; i++) {
        struct wn_status status;
        (void)wn_board_read(crew->mates[i].board, &status);
        owned += status.n_partitions;
        for (size_t j = 0; j < status.n_partitions; j++) {
            const struct wn_status_partition *partition = &status.partitions[j];
            running += partition->phase == WN_STATUS_RUNNING;
            if (partition->phase == WN_STATUS_PAUSED) {
                paused++;
                reason = wn_reason_info(partition->reason)->id;
            }
        }
        wn_status_deinit(&status);
    }
    int len = snprintf(line, room, "STATUS=%zu of %zu partitions running", running, owned);
    if (paused > 0 && len > 0 && (size_t)len < room) {
        (void)snprintf(line + len, room - (size_t)len, ", %zu paused (%s); see: winnow ctl status",
                       paused, reason);
    }
}

void wn_crew_tell_status(struct wn_crew *crew)
{
    const int64_t now = wn_worker_clock_ms();
    if (!crew->ready) {
        tell_ready(crew);
    }
    tell_alive(crew, now);
    if (now - crew->status_ms < STATUS_MS) {
        return;
    }
    crew->status_ms = now;
    char line[sizeof(crew->status)];
    write_status(crew, line, sizeof(line));
    if (strcmp(line, crew->status) != 0) {
        memcpy(crew->status, line, sizeof(line));
        (void)wn_notify(line);
    }
}

void wn_crew_tell(struct wn_crew *crew, enum wn_crew_news news)
{
    if (news == WN_CREW_STOPPING) {
        (void)wn_notify("STOPPING=1\nSTATUS=stopping: the transactions end, receipts are closed");
    } else if (news == WN_CREW_RELOADING) {
        char lines[64];
        (void)snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%lld",
                       (long long)wn_worker_clock_ms() * 1000);
        crew->reloading = true;
        (void)wn_notify(lines);
    } else if (crew->reloading) {
        crew->reloading = false;
        (void)wn_notify("READY=1");
    }
}
