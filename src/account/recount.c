// SPDX-License-Identifier: Apache-2.0

/*
 * Taking in: receipts first, as ranges of each chain, then a topic's messages, each put under the
 * range that it lies in. A record that lies in none is somebody else's, unless it is younger than
 * the audit.
 *
 *     chain raw.calls[0]   | receipt 1  | receipt 2 |  break 3  | receipt 4 | receipt 5 …
 *     offsets                0 …      99  100 … 180                40 … 150   151 …
 *     epoch                  0            0           1            1           1
 *
 * A record of offset 45 lies in receipt 1 or in receipt 4: its time is before or after that of the
 * break.
 */

#include "recount.h"

#include <inttypes.h>
#include <stdio.h>

#include "winnow/memory.h"
#include "winnow/receipt.h"

struct wn_recount *wn_recount_open(struct wn_audit *audit)
{
    struct wn_recount *recount = wn_take(1, sizeof(*recount));
    recount->audit = audit;
    return recount;
}

struct wn_recount *wn_recount_close(struct wn_recount *recount)
{
    if (recount) {
        for (size_t i = 0; i < recount->n_flows; i++) {
            free(recount->flows[i].breaks);
            free(recount->flows[i].ranges);
            free(recount->flows[i].replays);
        }
        free(recount->flows);
        free(recount->ranges);
        free(recount->claims);
        free(recount->found);
        wn_arena_deinit(&recount->arena);
        free(recount);
    }
    return NULL;
}

static struct wn_recount_flow *find_flow(const struct wn_recount *recount, struct wn_slice input,
                                         int32_t partition)
{
    for (size_t i = 0; i < recount->n_flows; i++) {
        struct wn_recount_flow *flow = &recount->flows[i];
        if (flow->is.partition == partition && wn_slice_is(input, flow->is.input)) {
            return flow;
        }
    }
    return NULL;
}

static const char *keep(struct wn_recount *recount, const char *text)
{
    return wn_arena_copy(&recount->arena, wn_slice_of(text)).at;
}

size_t wn_recount_chain(struct wn_recount *recount, const struct wn_recount_chain *chain)
{
    const struct wn_recount_flow *known =
        find_flow(recount, wn_slice_of(chain->input), chain->partition);
    if (known) {
        return (size_t)(known - recount->flows);
    }
    recount->flows = wn_grow(recount->flows, recount->n_flows + 1, sizeof(*recount->flows));
    struct wn_recount_flow *flow = &recount->flows[recount->n_flows];
    *flow = (struct wn_recount_flow){ .is = *chain, .youngest = -1 };
    flow->is.name = keep(recount, chain->name);
    flow->is.input = keep(recount, chain->input);
    return recount->n_flows++;
}

void wn_recount_head(struct wn_recount *recount, size_t chain, int64_t next)
{
    recount->flows[chain].has_head = true;
    recount->flows[chain].next = next;
}

void wn_recount_break(struct wn_recount *recount, size_t chain, int64_t time_ms)
{
    struct wn_recount_flow *flow = &recount->flows[chain];
    flow->breaks = wn_grow(flow->breaks, flow->n_breaks + 1, sizeof(*flow->breaks));
    flow->breaks[flow->n_breaks++] = time_ms;
}

/** @return twice the room where it is used up. */
static size_t more_room(size_t room)
{
    return room > 0 ? 2 * room : 64;
}

size_t wn_recount_range(struct wn_recount *recount, const struct wn_recount_range *range)
{
    struct wn_recount_flow *flow = &recount->flows[range->chain];
    if (recount->n_ranges == recount->ranges_room) {
        recount->ranges_room = more_room(recount->ranges_room);
        recount->ranges = wn_grow(recount->ranges, recount->ranges_room, sizeof(*recount->ranges));
    }
    recount->ranges[recount->n_ranges] =
        (struct wn_recount_known){ .is = *range, .epoch = flow->n_breaks };
    if (range->last >= range->first && !range->replay) {
        if (flow->n_ranges == flow->room) {
            flow->room = more_room(flow->room);
            flow->ranges = wn_grow(flow->ranges, flow->room, sizeof(*flow->ranges));
        }
        flow->ranges[flow->n_ranges++] =
            (struct wn_recount_slot){ flow->n_breaks, range->first, recount->n_ranges };
    }
    recount->sorted = false;
    return recount->n_ranges++;
}

void wn_recount_replay(struct wn_recount *recount, const struct wn_recount_replay *replay)
{
    struct wn_recount_flow *flow = &recount->flows[replay->chain];
    if (flow->n_replays == flow->replays_room) {
        flow->replays_room = more_room(flow->replays_room);
        flow->replays = wn_grow(flow->replays, flow->replays_room, sizeof(*flow->replays));
    }
    flow->replays[flow->n_replays++] = (struct wn_recount_replayed){ *replay, flow->n_breaks };
    recount->sorted = false;
}

void wn_recount_want(struct wn_recount *recount, size_t range, const char *topic,
                     const char *digest_hex, uint64_t records)
{
    if (recount->n_claims == recount->claims_room) {
        recount->claims_room = more_room(recount->claims_room);
        recount->claims = wn_grow(recount->claims, recount->claims_room, sizeof(*recount->claims));
    }
    struct wn_recount_claim *claim = &recount->claims[recount->n_claims];
    const struct wn_recount_claim *last = claim > recount->claims ? claim - 1 : NULL;
    *claim = (struct wn_recount_claim){ .range = range, .records = records };
    claim->topic = last && strcmp(last->topic, topic) == 0 ? last->topic : keep(recount, topic);
    if (wn_unhex(wn_slice_of(digest_hex), sizeof(claim->digest), claim->digest)) {
        recount->n_claims++;
    }
}

// ---- A topic ------------------------------------------------------------------------------------

static int by_place(const void *left, const void *right)
{
    const struct wn_recount_slot *a = left;
    const struct wn_recount_slot *b = right;
    if (a->epoch != b->epoch) {
        return a->epoch < b->epoch ? -1 : 1;
    }
    return (a->first > b->first) - (a->first < b->first);
}

static int by_record(const void *left, const void *right)
{
    const struct wn_recount_replay *a = &((const struct wn_recount_replayed *)left)->is;
    const struct wn_recount_replay *b = &((const struct wn_recount_replayed *)right)->is;
    if (a->offset != b->offset) {
        return a->offset < b->offset ? -1 : 1;
    }
    if (a->index != b->index) {
        return a->index < b->index ? -1 : 1;
    }
    return (a->receipt > b->receipt) - (a->receipt < b->receipt);
}

void wn_recount_begin(struct wn_recount *recount, const struct wn_recount_topic *topic)
{
    for (size_t i = 0; i < recount->n_flows && !recount->sorted; i++) {
        struct wn_recount_flow *flow = &recount->flows[i];
        if (flow->n_ranges > 0) {
            qsort(flow->ranges, flow->n_ranges, sizeof(*flow->ranges), by_place);
        }
        if (flow->n_replays > 0) {
            qsort(flow->replays, flow->n_replays, sizeof(*flow->replays), by_record);
        }
    }
    recount->sorted = true;
    recount->topic = *topic;
    recount->n_found = 0;
    recount->n_summed = 0;
    recount->n_foreign = 0;
    recount->n_unknown = 0;
    recount->n_elsewhere = 0;
    memset(recount->sum, 0, sizeof(recount->sum));
}

static void name_message(const struct wn_recount *recount, const struct wn_recount_message *message,
                         char ret_text[300])
{
    snprintf(ret_text, 300, "%.249s[%" PRId32 "]@%" PRId64, recount->topic.name, message->partition,
             message->offset);
}

void wn_recount_foreign(struct wn_recount *recount, const struct wn_recount_message *message,
                        const char *why)
{
    if (recount->n_foreign++ < WN_RECOUNT_NAMED) {
        char place[300];
        name_message(recount, message, place);
        wn_audit_find(recount->audit, place, "%s: somebody else wrote it", why);
    }
}

/** The schema's fingerprint, little-endian behind C3 01. */
static uint64_t fingerprint_of(struct wn_slice value)
{
    uint64_t fingerprint = 0;
    for (unsigned i = 0; i < 8; i++) {
        fingerprint |= (uint64_t)(uint8_t)value.at[2 + i] << 8 * i;
    }
    return fingerprint;
}

enum {
    HEADER = 10,
    REGISTERED = 5
};

/** @return how many octets stand before the record: single-object encoding, or a schema registry's
 * wire format; 0: neither. */
static size_t header_of(struct wn_slice value)
{
    if (value.len >= HEADER && (uint8_t)value.at[0] == 0xc3 && value.at[1] == 0x01) {
        return HEADER;
    }
    return value.len >= REGISTERED && value.at[0] == 0 ? REGISTERED : 0;
}

/** @return whether a record is of the schema at hand, as far as that can be known. */
static bool is_of_schema(const struct wn_recount *recount, struct wn_slice value)
{
    if (header_of(value) == HEADER) {
        return fingerprint_of(value) == recount->topic.fingerprint;
    }
    uint32_t id = 0;
    for (unsigned i = 1; i < REGISTERED; i++) {
        id = id << 8 | (uint8_t)value.at[i];
    }
    return recount->topic.schema_id == 0 || id == recount->topic.schema_id;
}

bool wn_recount_header(struct wn_recount *recount, const struct wn_recount_message *message,
                       struct wn_slice *ret_avro)
{
    const struct wn_slice value = message->value;
    const size_t header = header_of(value);
    if (header == 0) {
        wn_recount_foreign(recount, message,
                           "is no record in Avro's single-object encoding, nor in a schema "
                           "registry's wire format");
        return false;
    }
    *ret_avro = wn_slice_after(value, header);
    return true;
}

/** @return the place behind the last range that begins at or before (epoch, offset). */
static size_t place_behind(const struct wn_recount_flow *flow, size_t epoch, int64_t offset)
{
    size_t low = 0;
    size_t high = flow->n_ranges;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct wn_recount_slot *slot = &flow->ranges[middle];
        bool before = slot->epoch < epoch || (slot->epoch == epoch && slot->first <= offset);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

/** @return the range of an epoch that holds the offset, or SIZE_MAX. */
static size_t find_range(const struct wn_recount *recount, const struct wn_recount_flow *flow,
                         size_t epoch, int64_t offset)
{
    size_t behind = place_behind(flow, epoch, offset);
    if (behind == 0) {
        return SIZE_MAX;
    }
    size_t number = flow->ranges[behind - 1].range;
    const struct wn_recount_known *range = &recount->ranges[number];
    return range->epoch == epoch && offset <= range->is.last ? number : SIZE_MAX;
}

static size_t epoch_of(const struct wn_recount_flow *flow, int64_t time_ms)
{
    size_t epoch = 0;
    while (epoch < flow->n_breaks && flow->breaks[epoch] <= time_ms) {
        epoch++;
    }
    return epoch;
}

/** @return the place of the first replay of a record, or behind the last one that is before it. */
static size_t first_replay(const struct wn_recount_flow *flow, const struct wn_origin *origin)
{
    size_t low = 0;
    size_t high = flow->n_replays;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct wn_recount_replay *at = &flow->replays[middle].is;
        const bool before = at->offset < origin->offset ||
                            (at->offset == origin->offset && at->index < origin->index);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

/**
 * Find the replay that a record comes from: an envelope names its receipt; a usage record is of the
 * last replay in its epoch, for the ones before it refused the record.
 *
 * @return NULL: it was accounted for when it was first read.
 */
static const struct wn_recount_replay *replay_of(const struct wn_recount_flow *flow,
                                                 const struct wn_recount_message *message,
                                                 const struct wn_origin *origin,
                                                 const struct wn_recount_piece *piece)
{
    const struct wn_recount_replay *found = NULL;
    const size_t epoch = flow->n_replays > 0 ? epoch_of(flow, message->time_ms) : 0;
    for (size_t i = first_replay(flow, origin); i < flow->n_replays; i++) {
        const struct wn_recount_replayed *at = &flow->replays[i];
        if (at->is.offset != origin->offset || at->is.index != origin->index) {
            break;
        }
        if (piece->piece > 0 ? at->is.receipt == piece->receipt : at->epoch == epoch) {
            found = &at->is;
        }
    }
    return found;
}

/** @return the range of the record's own epoch, else of the nearest other one. */
static size_t range_of(const struct wn_recount *recount, const struct wn_recount_flow *flow,
                       int64_t offset, int64_t time_ms)
{
    const size_t epoch = epoch_of(flow, time_ms);
    size_t found = find_range(recount, flow, epoch, offset);
    for (size_t away = 1; found == SIZE_MAX && away <= flow->n_breaks; away++) {
        if (away <= epoch) {
            found = find_range(recount, flow, epoch - away, offset);
        }
        if (found == SIZE_MAX && epoch + away <= flow->n_breaks) {
            found = find_range(recount, flow, epoch + away, offset);
        }
    }
    return found;
}

/** @return whether the offset lies behind everything that receipts of the chain account for. */
static bool is_behind(const struct wn_recount *recount, const struct wn_recount_flow *flow,
                      int64_t offset)
{
    return flow->n_ranges == 0 ||
           offset > recount->ranges[flow->ranges[flow->n_ranges - 1].range].is.last;
}

/** A record under no receipt. */
static void add_unknown(struct wn_recount *recount, const struct wn_recount_message *message,
                        struct wn_recount_flow *flow, const struct wn_origin *origin)
{
    char place[300];
    name_message(recount, message, place);
    if (flow && flow->has_head && origin->offset >= flow->next) {
        flow->younger++;
        if (origin->offset > flow->youngest) {
            flow->youngest = origin->offset;
            memcpy(flow->where, place, sizeof(place));
        }
        return;
    }
    if (flow && !flow->has_head && is_behind(recount, flow, origin->offset)) {
        recount->n_elsewhere++;
        return;
    }
    if (recount->n_unknown++ >= WN_RECOUNT_NAMED) {
        return;
    }
    if (flow) {
        wn_audit_find(recount->audit, place,
                      "%s offset %" PRId64
                      ": no receipt accounts for this record: somebody else wrote it",
                      flow->is.name, origin->offset);
    } else {
        wn_audit_find(recount->audit, place,
                      "comes from an input that no receipt names: somebody else wrote it");
    }
}

void wn_recount_add(struct wn_recount *recount, const struct wn_recount_message *message,
                    const struct wn_origin *origin, const struct wn_recount_piece *piece)
{
    struct wn_recount_flow *flow = find_flow(recount, origin->input, origin->partition);
    const struct wn_recount_replay *replay = flow ? replay_of(flow, message, origin, piece) : NULL;
    if (replay && replay->range == SIZE_MAX) {
        flow->younger++;
        return;
    }
    size_t range = replay ? replay->range
                   : flow ? range_of(recount, flow, origin->offset, message->time_ms)
                          : SIZE_MAX;
    if (range == SIZE_MAX) {
        add_unknown(recount, message, flow, origin);
        return;
    }
    const struct wn_recount_range *is = &recount->ranges[range].is;
    if (is->same_policy && !recount->topic.any_schema && !is_of_schema(recount, message->value)) {
        char why[400];
        snprintf(why, sizeof(why), "receipt %" PRIu64 " of %.249s: its schema is not its policy's",
                 is->receipt, flow->is.name);
        wn_recount_foreign(recount, message, why);
    }
    if (!is->wanted) {
        return;
    }
    if (recount->n_found == recount->found_room) {
        recount->found_room = more_room(recount->found_room);
        recount->found = wn_grow(recount->found, recount->found_room, sizeof(*recount->found));
    }
    struct wn_recount_found *found = &recount->found[recount->n_found++];
    *found = (struct wn_recount_found){ .range = range,
                                        .offset = origin->offset,
                                        .index = origin->index,
                                        .piece = piece->piece,
                                        .partition = message->partition,
                                        .at = message->offset,
                                        .time_ms = message->time_ms };
    const size_t header = header_of(message->value);
    wn_sha256_of(message->value.at + header, message->value.len - header, found->sha256);
}

void wn_recount_sum(struct wn_recount *recount, struct wn_slice avro)
{
    wn_receipt_digest(recount->sum, false, avro);
    recount->n_summed++;
}

void wn_recount_younger(struct wn_recount *recount, size_t chain, int64_t next)
{
    const struct wn_recount_flow *flow = &recount->flows[chain];
    if (flow->younger > 0 && flow->youngest >= next) {
        wn_audit_find(recount->audit, flow->where,
                      "%s offset %" PRId64 " was not read yet: somebody else wrote it",
                      flow->is.name, flow->youngest);
    }
}

uint64_t wn_recount_n_younger(const struct wn_recount *recount)
{
    uint64_t n = 0;
    for (size_t i = 0; i < recount->n_flows; i++) {
        n += recount->flows[i].younger;
    }
    return n;
}
