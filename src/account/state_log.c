// SPDX-License-Identifier: Apache-2.0

/*
 * A change message, numbers big-endian:
 *
 *     1 octet     version: 1
 *     then groups, one a day:
 *       4 octets  day (signed)
 *       4 octets  count
 *       count ×   12 octets of fingerprint, 4 of extra
 *
 * or numbers of nodes: wn_sequences_write(), which begins with another octet.
 */

#include <assert.h>

#include "state_impl.h"
#include "winnow/memory.h"

enum {
    VERSION = 1,
    GROUP_BYTES = 8,
    ENTRY_BYTES = 16,
    LAST_DAY = 100000
};

/** A message in progress. */
struct log_writer {
    struct wn_buffer message;
    size_t most;
    size_t group; ///< Where the open group's count stands; 0: no group is open.
    int32_t day;
    wn_state_message *visit;
    void *context;
};

static uint32_t get_u32(const void *from)
{
    const uint8_t *at = from;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static enum wn_code send(struct log_writer *writer, struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    if (writer->message.len > 0) {
        rc = writer->visit(writer->context, wn_buffer_slice(&writer->message), err);
    }
    writer->message.len = 0;
    writer->group = 0;
    return rc;
}

static enum wn_code add(struct log_writer *writer, int32_t day, const struct wn_entry *entry,
                        struct wn_error *err)
{
    bool opens = writer->group == 0 || writer->day != day;
    size_t need = ENTRY_BYTES + (opens ? (size_t)GROUP_BYTES : 0);
    if (writer->message.len > 0 && writer->message.len + need > writer->most) {
        enum wn_code rc = send(writer, err);
        if (rc != WN_OK) {
            return rc;
        }
        opens = true;
    }
    if (writer->message.len == 0) {
        wn_buffer_add(&writer->message, &(uint8_t){ VERSION }, 1);
    }
    if (opens) {
        wn_buffer_put(&writer->message, (uint32_t)day, 4);
        writer->group = writer->message.len;
        writer->day = day;
        wn_buffer_put(&writer->message, 0, 4);
    }
    wn_buffer_add(&writer->message, entry->fingerprint, sizeof(entry->fingerprint));
    wn_buffer_put(&writer->message, entry->extra, 4);
    uint8_t *count = writer->message.at + writer->group;
    uint32_t n = get_u32(count) + 1;
    for (int i = 0; i < 4; i++) {
        count[i] = (uint8_t)(n >> (24 - 8 * i));
    }
    return WN_OK;
}

static enum wn_code add_tables(struct log_writer *writer, const struct wn_tables *tables,
                               struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    for (size_t i = 0; i < tables->n && rc == WN_OK; i++) {
        const struct wn_table *table = &tables->at[i].table;
        struct wn_entry *entries = wn_take(table->n, sizeof(*entries));
        wn_table_sort(table, entries);
        for (size_t k = 0; k < table->n && rc == WN_OK; k++) {
            rc = add(writer, tables->at[i].day, &entries[k], err);
        }
        free(entries);
    }
    return rc;
}

enum wn_code wn_state_each_message(const struct wn_state *state, size_t most,
                                   wn_state_message *visit, void *context, struct wn_error *err)
{
    assert(most >= 1 + GROUP_BYTES + ENTRY_BYTES);
    struct log_writer writer = { .most = most, .visit = visit, .context = context };
    enum wn_code rc = WN_OK;
    for (size_t i = 0; i < state->runs->n && rc == WN_OK; i++) {
        const struct wn_run *run = state->runs->at[i];
        if (run->standing != WN_RUN_PENDING) {
            continue;
        }
        struct wn_run_source source = wn_run_source(run);
        for (; source.at < source.end && rc == WN_OK; source.at++) {
            rc = add(&writer, run->day, source.at, err);
        }
        wn_run_let_go(run, false);
    }
    if (rc == WN_OK) {
        rc = add_tables(&writer, &state->staged, err);
    }
    if (rc == WN_OK) {
        rc = send(&writer, err);
    }
    if (rc == WN_OK) {
        rc = wn_sequences_each_piece(state->staged_numbers, most, visit, context, err);
    }
    wn_buffer_deinit(&writer.message);
    return rc;
}

/** Take the next group off a message. @return false where there is none, or it is no group. */
static bool take_group(struct wn_slice *rest, int32_t *ret_day, struct wn_slice *ret_entries)
{
    if (rest->len < GROUP_BYTES) {
        return false;
    }
    int32_t day = (int32_t)get_u32(rest->at);
    uint64_t len = (uint64_t)get_u32(rest->at + 4) * ENTRY_BYTES;
    if (day < 0 || day > LAST_DAY || len == 0 || len > rest->len - GROUP_BYTES) {
        return false;
    }
    *ret_day = day;
    *ret_entries = (struct wn_slice){ rest->at + GROUP_BYTES, (size_t)len };
    *rest = wn_slice_after(*rest, GROUP_BYTES + (size_t)len);
    return true;
}

static bool is_message(struct wn_slice message)
{
    if (message.len < 1 || message.at[0] != VERSION) {
        return false;
    }
    struct wn_slice rest = wn_slice_after(message, 1), entries;
    int32_t day;
    while (rest.len > 0) {
        if (!take_group(&rest, &day, &entries)) {
            return false;
        }
    }
    return true;
}

enum wn_code wn_state_apply(struct wn_state *state, struct wn_slice message, struct wn_error *err)
{
    assert(!state->flushed);
    if (message.len > 0 && (uint8_t)message.at[0] == WN_SEQUENCES_VERSION &&
        wn_sequences_read(message, false, state->numbers)) {
        return WN_OK;
    }
    if (!is_message(message)) {
        return wn_fail(err, WN_FATAL, "state-lost",
                       "not a change message of the state, or one of a newer version; see "
                       "`state-lost` in the runbook");
    }
    struct wn_slice rest = wn_slice_after(message, 1), entries;
    int32_t day;
    while (take_group(&rest, &day, &entries)) {
        for (; entries.len > 0; entries = wn_slice_after(entries, ENTRY_BYTES)) {
            struct wn_entry entry;
            memcpy(entry.fingerprint, entries.at, sizeof(entry.fingerprint));
            entry.extra = get_u32(entries.at + sizeof(entry.fingerprint));
            wn_tables_add(&state->committed, day, &entry);
        }
        state->newest = day > state->newest ? day : state->newest;
    }
    return WN_OK;
}
