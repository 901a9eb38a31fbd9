// SPDX-License-Identifier: Apache-2.0

/*
 *   mark    kind 1 · sequence i64 · part u32                         all numbers big-endian
 *   head    format 1 · text group · partitions u32 · rule_id 8 · sequence i64 · next_offset i64
 *           · last {offset i64 · timestamp i64 · crc u32} · closed i64 · text previous
 *           · n u32 · n × {day i32 · offset i64 · sequence i64} · text open · CRC-32C u32
 *   text    len u32 · octets
 *
 * The CRC is over everything before it: Kafka's own covers the way, this one the memory of a
 * broker's disk and ours. JSON would do as well, but a head is written with each transaction.
 */

#include "head.h"

#include <assert.h>
#include <string.h>

#include "winnow/hash.h"

enum {
    FORMAT = 1,
    CRC_BYTES = 4
};

static void put_text(struct wn_buffer *out, struct wn_slice text)
{
    wn_buffer_put(out, text.len, 4);
    wn_buffer_add(out, text.at, text.len);
}

static bool take_i64(struct wn_slice *from, int64_t *ret_number)
{
    uint64_t number = 0;
    if (!wn_slice_take(from, 8, &number)) {
        return false;
    }
    *ret_number = (int64_t)number;
    return true;
}

static bool take_u32(struct wn_slice *from, uint32_t *ret_number)
{
    uint64_t number = 0;
    if (!wn_slice_take(from, 4, &number)) {
        return false;
    }
    *ret_number = (uint32_t)number;
    return true;
}

static bool take_slice(struct wn_slice *from, struct wn_slice *ret_text)
{
    uint32_t len = 0;
    if (!take_u32(from, &len) || from->len < len) {
        return false;
    }
    *ret_text = (struct wn_slice){ from->at, len };
    *from = wn_slice_after(*from, len);
    return true;
}

/** Read a text into an array; false where it does not fit with its NUL. */
static bool take_text(struct wn_slice *from, char *ret_text, size_t room)
{
    struct wn_slice text;
    if (!take_slice(from, &text) || text.len >= room) {
        return false;
    }
    if (text.len > 0) {
        memcpy(ret_text, text.at, text.len);
    }
    ret_text[text.len] = '\0';
    return true;
}

void wn_mark_write(const struct wn_mark *mark, struct wn_buffer *ret_bytes)
{
    wn_buffer_put(ret_bytes, (uint64_t)mark->kind, 1);
    wn_buffer_put(ret_bytes, (uint64_t)mark->sequence, 8);
    wn_buffer_put(ret_bytes, mark->part, 4);
}

enum wn_code wn_mark_read(struct wn_slice *bytes, struct wn_mark *ret_mark, struct wn_error *err)
{
    struct wn_slice rest = *bytes;
    struct wn_mark mark = { WN_LOG_CHANGES, 0, 0 };
    uint64_t kind = 0;
    if (!wn_slice_take(&rest, 1, &kind) || !take_i64(&rest, &mark.sequence) ||
        !take_u32(&rest, &mark.part) || (kind != WN_LOG_CHANGES && kind != WN_LOG_HEAD)) {
        return wn_fail(err, WN_FATAL, "state-lost",
                       "a message of %zu octets is none of the state log; did something else write "
                       "to the state topic?",
                       bytes->len);
    }
    mark.kind = (enum wn_log_kind)kind;
    *bytes = rest;
    *ret_mark = mark;
    return WN_OK;
}

void wn_head_write(const struct wn_head *head, struct wn_slice open, struct wn_buffer *ret_bytes)
{
    assert(head->n_days <= WN_DAY_MARKS);
    size_t begin = ret_bytes->len;
    wn_buffer_put(ret_bytes, FORMAT, 1);
    put_text(ret_bytes, wn_slice_of(head->group));
    wn_buffer_put(ret_bytes, head->partitions, 4);
    wn_buffer_add(ret_bytes, head->rule_id, sizeof(head->rule_id));
    wn_buffer_put(ret_bytes, (uint64_t)head->sequence, 8);
    wn_buffer_put(ret_bytes, (uint64_t)head->next_offset, 8);
    wn_buffer_put(ret_bytes, (uint64_t)head->last.offset, 8);
    wn_buffer_put(ret_bytes, (uint64_t)head->last.timestamp_ms, 8);
    wn_buffer_put(ret_bytes, head->last.crc, 4);
    wn_buffer_put(ret_bytes, (uint64_t)head->closed, 8);
    put_text(ret_bytes, wn_slice_of(head->previous));
    wn_buffer_put(ret_bytes, head->n_days, 4);
    for (uint32_t i = 0; i < head->n_days; i++) {
        wn_buffer_put(ret_bytes, (uint32_t)head->days[i].day, 4);
        wn_buffer_put(ret_bytes, (uint64_t)head->days[i].offset, 8);
        wn_buffer_put(ret_bytes, (uint64_t)head->days[i].sequence, 8);
    }
    put_text(ret_bytes, open);
    wn_buffer_put(ret_bytes, wn_crc32c(0, ret_bytes->at + begin, ret_bytes->len - begin),
                  CRC_BYTES);
}

static bool take_days(struct wn_slice *from, struct wn_head *head)
{
    if (!take_u32(from, &head->n_days) || head->n_days > WN_DAY_MARKS) {
        return false;
    }
    for (uint32_t i = 0; i < head->n_days; i++) {
        uint32_t day = 0;
        struct wn_day_mark *mark = &head->days[i];
        if (!take_u32(from, &day) || !take_i64(from, &mark->offset) ||
            !take_i64(from, &mark->sequence)) {
            return false;
        }
        mark->day = (int32_t)day;
    }
    return true;
}

static bool take_head(struct wn_slice *from, struct wn_head *head, struct wn_slice *ret_open)
{
    uint64_t format = 0;
    if (!wn_slice_take(from, 1, &format) || format != FORMAT ||
        !take_text(from, head->group, sizeof(head->group)) || !take_u32(from, &head->partitions) ||
        from->len < sizeof(head->rule_id)) {
        return false;
    }
    memcpy(head->rule_id, from->at, sizeof(head->rule_id));
    *from = wn_slice_after(*from, sizeof(head->rule_id));
    return take_i64(from, &head->sequence) && take_i64(from, &head->next_offset) &&
           take_i64(from, &head->last.offset) && take_i64(from, &head->last.timestamp_ms) &&
           take_u32(from, &head->last.crc) && take_i64(from, &head->closed) &&
           take_text(from, head->previous, sizeof(head->previous)) && take_days(from, head) &&
           take_slice(from, ret_open);
}

enum wn_code wn_head_read(struct wn_slice bytes, struct wn_head *ret_head,
                          struct wn_slice *ret_open, struct wn_error *err)
{
    struct wn_slice rest = bytes;
    uint32_t crc = 0;
    memset(ret_head, 0, sizeof(*ret_head));
    if (!take_head(&rest, ret_head, ret_open) || rest.len != CRC_BYTES || !take_u32(&rest, &crc) ||
        crc != wn_crc32c(0, bytes.at, bytes.len - CRC_BYTES)) {
        return wn_fail(err, WN_FATAL, "state-lost",
                       "a head of the state log (%zu octets) is damaged, or of a later version",
                       bytes.len);
    }
    return WN_OK;
}

void wn_head_forget(struct wn_head *head, int32_t today, int32_t keep_days)
{
    uint32_t old = 0;
    while (old < head->n_days && head->days[old].day < today - keep_days) {
        old++;
    }
    head->n_days -= old;
    memmove(head->days, head->days + old, head->n_days * sizeof(head->days[0]));
}

void wn_head_note(struct wn_head *head, int32_t today, int32_t keep_days, int64_t offset,
                  int64_t sequence)
{
    wn_head_forget(head, today, keep_days);
    // A clock that was set back must not break the order: the last day counts on.
    if (head->n_days > 0 && head->days[head->n_days - 1].day >= today) {
        return;
    }
    if (head->n_days == WN_DAY_MARKS) {
        return; // A window of more than 500 days: the last mark covers what follows.
    }
    head->days[head->n_days++] = (struct wn_day_mark){ today, offset, sequence };
}
