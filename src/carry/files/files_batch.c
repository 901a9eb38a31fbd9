// SPDX-License-Identifier: Apache-2.0

/*
 * Purposes stay apart: who holds two purposes' files of one batch must not be able to lay them side
 * by side. billing's file is named after the batch and keeps the order of the input (its records
 * name their origin anyway). Every other purpose's file
 *
 *     - is named by HMAC(K, "name" 00 FOLDER 00 batch id), K of purpose `record`, kind `file`
 *     - has HMAC(K, "sync" 00 FOLDER 00 batch id) as its marker, as all containers have
 *     - holds its records in the order of a keyed hash of each, over the whole batch (ADR 11)
 *     - was last changed at the full hour
 *
 * All of it follows from input and keys, so a batch that is made again is the same.
 */

#include "files_batch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "step.h"
#include "winnow/memory.h"

enum {
    QUARANTINE = WN_OUTLETS - 1,
};

/** HMAC over "LABEL 00 FOLDER 00 BATCH". */
static void keyed(const struct wn_mac *key, const char *label, const char *folder, const char *id,
                  uint8_t ret_mac[WN_MAC_BYTES])
{
    struct wn_buffer text = { 0 };
    wn_buffer_add(&text, label, strlen(label) + 1);
    wn_buffer_add(&text, folder, strlen(folder) + 1);
    wn_buffer_text(&text, id);
    wn_mac_of(key, text.at, text.len, ret_mac);
    wn_buffer_deinit(&text);
}

void wn_batch_begin(struct wn_batch *batch, uint64_t number, const char *id)
{
    wn_batch_close(batch);
    batch->number = number;
    snprintf(batch->id, sizeof(batch->id), "%s", id);
    for (unsigned i = 0; i < WN_OUTLETS; i++) {
        batch->outlets[i].sha256[0] = '\0';
        batch->outlets[i].records = 0;
    }
}

/** Begin an outlet's container with its first record. */
static enum wn_code outlet_open(const struct wn_batch *batch, struct wn_outlet *outlet,
                                const char *folder, const char *schema, struct wn_error *err)
{
    char name[WN_BATCH_ID];
    uint8_t mac[WN_MAC_BYTES];
    snprintf(name, sizeof(name), "%s", batch->id);
    if (outlet->shuffled) {
        keyed(batch->file_key, "name", folder, batch->id, mac);
        wn_hex(mac, 16, name);
    }
    snprintf(outlet->aside, sizeof(outlet->aside), "tmp/%llu-%u.avro",
             (unsigned long long)batch->number, (unsigned)(outlet - batch->outlets));
    if (snprintf(outlet->file, sizeof(outlet->file), "%s/%s.avro", folder, name) >=
        (int)sizeof(outlet->file)) {
        return wn_fail(err, WN_FATAL, "file-write", "the names of purpose and type are too long");
    }
    char path[PATH_MAX];
    uint8_t marker[WN_MAC_BYTES];
    keyed(batch->file_key, "sync", folder, batch->id, marker);
    if (wn_folder_path(batch->folder, outlet->aside, path, err) != WN_OK) {
        return err->code;
    }
    return wn_container_create(path, schema, marker, &outlet->container, err);
}

static enum wn_code outlet_open_usage(const struct wn_batch *batch, struct wn_outlet *outlet,
                                      const struct wn_usage *usage, struct wn_error *err)
{
    char folder[128];
    if (snprintf(folder, sizeof(folder), "usage.%s.%s", usage->purpose->name,
                 usage->type->shape.type) >= (int)sizeof(folder)) {
        return wn_fail(err, WN_FATAL, "file-write", "the names of purpose and type are too long");
    }
    outlet->shuffled = strcmp(usage->purpose->name, "billing") != 0;
    return outlet_open(batch, outlet, folder, usage->purpose->schema, err);
}

/** By the keyed order; of equals (they would have to collide) by their octets. */
static int by_order(const void *left, const void *right)
{
    const struct wn_shuffled *a = left;
    const struct wn_shuffled *b = right;
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    int diff = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
    if (diff == 0 && a->len != b->len) {
        diff = a->len < b->len ? -1 : 1;
    }
    return diff;
}

/** Let a record wait for the others. */
static void outlet_hold(struct wn_outlet *outlet, const struct wn_usage *usage)
{
    if (outlet->n_rows == outlet->room_rows) {
        outlet->room_rows = outlet->room_rows > 0 ? 2 * outlet->room_rows : 1024;
        outlet->rows = wn_grow(outlet->rows, outlet->room_rows, sizeof(*outlet->rows));
    }
    outlet->rows[outlet->n_rows++] =
        (struct wn_shuffled){ usage->order, outlet->waiting.len, usage->avro.len, NULL };
    wn_buffer_add(&outlet->waiting, usage->avro.at, usage->avro.len);
}

/** Put what waits into the container, in its order. */
static enum wn_code outlet_flush(struct wn_outlet *outlet, struct wn_error *err)
{
    for (unsigned i = 0; i < outlet->n_rows; i++) {
        outlet->rows[i].bytes = outlet->waiting.at + outlet->rows[i].at;
    }
    if (outlet->n_rows > 1) {
        qsort(outlet->rows, outlet->n_rows, sizeof(*outlet->rows), by_order);
    }
    for (unsigned i = 0; i < outlet->n_rows; i++) {
        const struct wn_slice avro = { (const char *)outlet->rows[i].bytes, outlet->rows[i].len };
        if (wn_container_add(outlet->container, avro, err) != WN_OK) {
            return err->code;
        }
    }
    outlet->n_rows = 0;
    outlet->waiting.len = 0;
    return WN_OK;
}

enum wn_code wn_batch_usage(void *context, const struct wn_usage *usage, struct wn_error *err)
{
    struct wn_batch *batch = context;
    size_t type = (size_t)(usage->type - batch->policy->types);
    assert(type < batch->policy->n_types && usage->purpose->number < WN_PURPOSES);
    struct wn_outlet *outlet = &batch->outlets[type * WN_PURPOSES + usage->purpose->number];

    if (!outlet->container && outlet_open_usage(batch, outlet, usage, err) != WN_OK) {
        return err->code;
    }
    if (!outlet->shuffled) {
        return wn_container_add(outlet->container, usage->avro, err);
    }
    outlet_hold(outlet, usage);
    const bool full =
        outlet->n_rows == WN_BATCH_SHUFFLED || outlet->waiting.len >= WN_BATCH_SHUFFLED_BYTES;
    return full ? outlet_flush(outlet, err) : WN_OK;
}

enum wn_code wn_batch_quarantine(void *context, struct wn_slice avro, struct wn_error *err)
{
    struct wn_batch *batch = context;
    struct wn_outlet *outlet = &batch->outlets[QUARANTINE];
    if (!outlet->container &&
        outlet_open(batch, outlet, "quarantine", wn_quarantine_schema(), err) != WN_OK) {
        return err->code;
    }
    return wn_container_add(outlet->container, avro, err);
}

/** Set when a file was changed to the full hour, for good. */
static enum wn_code floor_time(const char *path, struct wn_error *err)
{
    const time_t hour = time(NULL) / 3600 * 3600;
    const struct timespec times[2] = { { hour, 0 }, { hour, 0 } };
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && futimens(fd, times) == 0 && fsync(fd) == 0;
    enum wn_code rc =
        done ? WN_OK : wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

static enum wn_code outlet_finish(const struct wn_batch *batch, struct wn_outlet *outlet,
                                  struct wn_error *err)
{
    char path[PATH_MAX];
    if (outlet_flush(outlet, err) != WN_OK ||
        wn_container_finish(&outlet->container, outlet->sha256, &outlet->records, err) != WN_OK ||
        wn_folder_path(batch->folder, outlet->aside, path, err) != WN_OK) {
        return err->code;
    }
    return outlet->shuffled ? floor_time(path, err) : WN_OK;
}

enum wn_code wn_batch_finish(struct wn_batch *batch, struct wn_error *err)
{
    for (unsigned i = 0; i < WN_OUTLETS; i++) {
        if (batch->outlets[i].container && outlet_finish(batch, &batch->outlets[i], err) != WN_OK) {
            return err->code;
        }
    }
    wn_step("batch-written");
    return WN_OK;
}

const struct wn_outlet *wn_batch_next(const struct wn_batch *batch, unsigned *at)
{
    while (*at < WN_OUTLETS) {
        const struct wn_outlet *outlet = &batch->outlets[(*at)++];
        if (outlet->records > 0) {
            return outlet;
        }
    }
    return NULL;
}

void wn_batch_close(struct wn_batch *batch)
{
    for (unsigned i = 0; i < WN_OUTLETS; i++) {
        struct wn_outlet *outlet = &batch->outlets[i];
        outlet->container = wn_container_close(outlet->container);
        outlet->n_rows = 0;
        wn_buffer_wipe(&outlet->waiting);
    }
}

void wn_batch_deinit(struct wn_batch *batch)
{
    wn_batch_close(batch);
    for (unsigned i = 0; i < WN_OUTLETS; i++) {
        free(batch->outlets[i].rows);
        batch->outlets[i].rows = NULL;
        batch->outlets[i].room_rows = 0;
        wn_buffer_deinit(&batch->outlets[i].waiting);
    }
}
