// SPDX-License-Identifier: Apache-2.0

#include "inlet.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "step.h"
#include "winnow/io.h"

struct wn_inlet *wn_inlet_open(const struct wn_input_facts *facts, int32_t partition)
{
    struct wn_inlet *inlet = calloc(1, sizeof(*inlet));
    if (!inlet) {
        abort();
    }
    inlet->facts = facts;
    inlet->partition = partition;
    (void)snprintf(inlet->name, sizeof(inlet->name), "%s[%d]", facts->names.topic, (int)partition);
    inlet->position = (struct wn_state_position){ -1, -1 };
    inlet->written = -1;
    inlet->refused_at = -1;
    inlet->first_record.offset = -1;
    inlet->tally = wn_tally_open();
    wn_chain_init(&inlet->chain, &facts->names, partition);
    return inlet;
}

void wn_inlet_move(struct wn_inlet *inlet, const struct wn_input_facts *facts)
{
    inlet->facts = facts;
    inlet->chain.names = &facts->names;
}

struct wn_inlet *wn_inlet_close(struct wn_inlet *inlet)
{
    if (inlet) {
        (void)wn_state_close(inlet->state);
        (void)wn_tally_close(inlet->tally);
        wn_chain_deinit(&inlet->chain);
        free(inlet);
    }
    return NULL;
}

void wn_inlet_undo(struct wn_inlet *inlet)
{
    if (!inlet->touched) {
        return;
    }
    wn_state_abort(inlet->state);
    wn_tally_clear(inlet->tally);
    inlet->next = inlet->began_at;
    inlet->poison = inlet->poison_kept;
    inlet->touched = false;
    inlet->first_record.offset = -1;
}

enum wn_code wn_inlet_write_runs(struct wn_inlet *inlet, struct wn_error *err)
{
    bool nothing = !inlet->state || inlet->position.offset < 0 || inlet->touched ||
                   inlet->position.sequence == inlet->written ||
                   inlet->facts->settings->state_dir == NULL;
    if (nothing) {
        return WN_OK;
    }
    enum wn_code rc = wn_state_flush(inlet->state, false, inlet->position, err);
    if (rc == WN_OK) {
        wn_step("in-runs");
        rc = wn_state_publish(inlet->state, err);
    }
    if (rc == WN_OK) {
        inlet->written = inlet->position.sequence;
    }
    return rc;
}

/** Folder of its runs: `STATE/CLUSTER/TOPIC-PARTITION`. @return whether there is one (`run:
 * state:`). */
static bool folder_of_runs(const struct wn_inlet *inlet, char *ret_path, size_t room)
{
    const struct wn_input_facts *facts = inlet->facts;
    if (!facts->settings->state_dir) {
        return false;
    }
    int len = snprintf(ret_path, room, "%s/%s/%s-%d", facts->settings->state_dir, facts->cluster,
                       facts->names.topic, (int)inlet->partition);
    return len > 0 && (size_t)len < room;
}

static void remove_runs(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
}

enum wn_code wn_inlet_open_state(struct wn_inlet *inlet, bool fresh, struct wn_error *err)
{
    char folder[1024];
    char scope[512];
    bool on_disk = folder_of_runs(inlet, folder, sizeof(folder));
    (void)snprintf(scope, sizeof(scope), "%s.%s.%d", inlet->facts->cluster,
                   inlet->facts->names.topic, (int)inlet->partition);
    inlet->state = wn_state_close(inlet->state);
    inlet->position = (struct wn_state_position){ -1, -1 };
    inlet->written = -1;
    enum wn_code rc = on_disk ? wn_io_make_folder(folder, 0700, err) : WN_OK;
    if (rc == WN_OK && on_disk && fresh) {
        remove_runs(folder);
    }
    if (rc == WN_OK && on_disk) {
        rc = wn_state_recover(folder, inlet->position, err);
    }
    if (rc == WN_OK) {
        rc = wn_state_open(on_disk ? folder : NULL, scope, inlet->facts->window_days, &inlet->state,
                           err);
    }
    if (rc == WN_OK) {
        inlet->position = wn_state_position(inlet->state);
        inlet->written = inlet->position.sequence;
    }
    return rc;
}
