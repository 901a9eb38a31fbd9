// SPDX-License-Identifier: Apache-2.0

/*
 * Envelopes lie in the partitions of the quarantine topic as it comes, and so do the pieces of one
 * record: those are held until all are there, and what is not whole in the end is shown as it is.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drops.h"
#include "publisher.h"
#include "winnow/receipt.h"
#include "winnow/topics.h"
#include "winnow/worker.h"

enum {
    HEADER = 10 ///< Avro's single-object encoding: C3 01, the schema's fingerprint.
};

/** A piece that waits for the others of its record. */
struct held {
    uint8_t *bytes; ///< Avro binary.
    size_t len;
    struct wn_envelope envelope; ///< Slices into `bytes`.
};

/** Called with each envelope and where it lies. */
typedef enum wn_code walk_visit(void *context, const struct wn_message *message,
                                const struct wn_envelope *envelope, struct wn_error *err);

/** A walk over the envelopes, in the order of their messages. */
struct walk {
    walk_visit *visit;
    void *context;
    uint64_t foreign;
};

/** @return whether a text of an envelope has the form of a name: it will be printed. */
static bool is_name(struct wn_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!good) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 249;
}

static bool read_envelope(struct wn_slice value, struct wn_envelope *ret_envelope)
{
    struct wn_error wrong;
    return value.len >= HEADER && (uint8_t)value.at[0] == 0xc3 && value.at[1] == 0x01 &&
           wn_envelope_read(wn_slice_after(value, HEADER), ret_envelope, &wrong) == WN_OK &&
           is_name(ret_envelope->reason) && is_name(ret_envelope->source) &&
           is_name(ret_envelope->origin.input);
}

static enum wn_code walk_message(void *context, const struct wn_message *message,
                                 struct wn_error *err)
{
    struct walk *walk = context;
    struct wn_envelope envelope;
    if (!read_envelope(message->value, &envelope)) {
        walk->foreign++;
        return WN_OK;
    }
    return walk->visit(walk->context, message, &envelope, err);
}

// ---- Visiting -----------------------------------------------------------------------------------

struct visiting {
    wn_topics_envelope_visit *visit;
    void *context;
    struct wn_drops drops;
    struct held *held;
    size_t n_held, room;
};

static enum wn_code hand_on(struct visiting *visiting, const struct wn_envelope *envelope,
                            struct wn_error *err)
{
    char input[300];
    const struct wn_slice topic = envelope->origin.input;
    (void)snprintf(input, sizeof(input), "%.*s[%" PRId32 "]",
                   topic.len < 249 ? (int)topic.len : 249, topic.at, envelope->origin.partition);
    struct wn_replays *replays = &visiting->drops.replays;
    const struct wn_topics_envelope at = { input, envelope, wn_replays_has(replays, envelope),
                                           wn_replays_made_anew(replays, envelope) };
    return visiting->visit(visiting->context, &at, err);
}

static bool is_same_record(const struct wn_envelope *a, const struct wn_envelope *b)
{
    return a->origin.offset == b->origin.offset && a->origin.index == b->origin.index &&
           a->origin.partition == b->origin.partition && a->receipt == b->receipt &&
           wn_slice_same(a->origin.input, b->origin.input);
}

static void hold(struct visiting *visiting, const struct wn_envelope *envelope)
{
    if (visiting->n_held == visiting->room) {
        visiting->room = visiting->room > 0 ? 2 * visiting->room : 16;
        struct held *grown = realloc(visiting->held, visiting->room * sizeof(*grown));
        if (!grown) {
            abort();
        }
        visiting->held = grown;
    }
    struct wn_buffer bytes = { 0 };
    struct wn_error err;
    wn_envelope_write(envelope, &bytes);
    struct held *held = &visiting->held[visiting->n_held];
    *held = (struct held){ .bytes = bytes.at, .len = bytes.len };
    if (wn_envelope_read(wn_buffer_slice(&bytes), &held->envelope, &err) == WN_OK) {
        visiting->n_held++; // Always: it was just written.
    }
}

static int by_record(const void *left, const void *right)
{
    const struct wn_envelope *a = &((const struct held *)left)->envelope;
    const struct wn_envelope *b = &((const struct held *)right)->envelope;
    const int64_t pairs[][2] = { { a->origin.partition, b->origin.partition },
                                 { a->origin.offset, b->origin.offset },
                                 { a->origin.index, b->origin.index },
                                 { a->receipt, b->receipt },
                                 { a->piece, b->piece } };
    size_t len =
        a->origin.input.len < b->origin.input.len ? a->origin.input.len : b->origin.input.len;
    int order = len > 0 ? memcmp(a->origin.input.at, b->origin.input.at, len) : 0;
    if (order == 0) {
        order = (a->origin.input.len > b->origin.input.len) -
                (a->origin.input.len < b->origin.input.len);
    }
    for (size_t i = 0; i < WN_COUNT(pairs) && order == 0; i++) {
        order = (pairs[i][0] > pairs[i][1]) - (pairs[i][0] < pairs[i][1]);
    }
    return order;
}

/** Hand on the pieces of one record where all are there, and forget them. */
static enum wn_code hand_on_whole(struct visiting *visiting, const struct wn_envelope *of,
                                  struct wn_error *err)
{
    int32_t n = 0;
    for (size_t i = 0; i < visiting->n_held; i++) {
        n += is_same_record(&visiting->held[i].envelope, of) ? 1 : 0;
    }
    if (n < of->pieces) {
        return WN_OK;
    }
    enum wn_code rc = WN_OK;
    qsort(visiting->held, visiting->n_held, sizeof(*visiting->held), by_record);
    size_t kept = 0;
    for (size_t i = 0; i < visiting->n_held; i++) {
        struct held *held = &visiting->held[i];
        if (!is_same_record(&held->envelope, of)) {
            visiting->held[kept++] = *held;
            continue;
        }
        rc = rc == WN_OK ? hand_on(visiting, &held->envelope, err) : rc;
        free(held->bytes);
    }
    visiting->n_held = kept;
    return rc;
}

static enum wn_code visit_envelope(void *context, const struct wn_message *message,
                                   const struct wn_envelope *envelope, struct wn_error *err)
{
    struct visiting *visiting = context;
    struct wn_envelope seen = *envelope;
    if (wn_drops_has(&visiting->drops, message->partition, message->offset, envelope)) {
        seen.sealed.len = 0;
    }
    if (seen.pieces == 1) {
        return hand_on(visiting, &seen, err);
    }
    hold(visiting, &seen);
    return hand_on_whole(visiting, &seen, err);
}

enum wn_code wn_topics_each_envelope(const struct wn_settings *settings, const uint8_t signer[32],
                                     wn_topics_envelope_visit *visit, void *context,
                                     struct wn_topics_met *ret_met, struct wn_error *err)
{
    struct visiting visiting = { .visit = visit, .context = context };
    struct walk walk = { .visit = visit_envelope, .context = &visiting };
    struct wn_scan *scan = NULL;
    enum wn_code rc = wn_scan_open(settings, NULL, NULL, &scan, err);
    if (rc == WN_OK && signer) {
        rc = wn_drops_read(scan, signer, &visiting.drops, err);
    }
    rc = rc == WN_OK ? wn_scan_topic(scan, WN_QUARANTINE_TOPIC, walk_message, &walk, err) : rc;
    if (visiting.n_held > 0) {
        qsort(visiting.held, visiting.n_held, sizeof(*visiting.held), by_record);
    }
    for (size_t i = 0; i < visiting.n_held; i++) {
        rc = rc == WN_OK ? hand_on(&visiting, &visiting.held[i].envelope, err) : rc;
        free(visiting.held[i].bytes);
    }
    *ret_met = (struct wn_topics_met){ walk.foreign, visiting.drops.not_signed };
    free(visiting.held);
    wn_drops_deinit(&visiting.drops);
    (void)wn_scan_close(scan);
    return rc;
}

// ---- Dropping -----------------------------------------------------------------------------------

/** What is to be dropped of one partition. */
struct share {
    uint64_t records, messages;
    int64_t first, last;
};

struct dropping {
    const struct wn_settings *settings;
    const struct wn_topics_drop *what;
    const struct wn_keyring *keyring;
    struct wn_drops drops;
    struct share *shares; ///< By partition.
    int32_t n_shares;
};

static enum wn_code note_hit(void *context, const struct wn_message *message,
                             const struct wn_envelope *envelope, struct wn_error *err)
{
    struct dropping *dropping = context;
    const struct wn_topics_drop *what = dropping->what;
    (void)err;
    if (message->partition >= dropping->n_shares || !wn_slice_is(envelope->reason, what->reason) ||
        (what->source && !wn_slice_is(envelope->source, what->source)) ||
        wn_drops_has(&dropping->drops, message->partition, message->offset, envelope)) {
        return WN_OK;
    }
    struct share *share = &dropping->shares[message->partition];
    share->first = share->messages == 0 ? message->offset : share->first;
    share->last = message->offset;
    share->messages++;
    share->records += envelope->piece == 1 ? 1 : 0;
    return WN_OK;
}

/** Find what is to be dropped, after the publisher has our name. */
static enum wn_code find_hits(struct dropping *dropping, struct wn_scan *scan, struct wn_error *err)
{
    struct walk walk = { .visit = note_hit, .context = dropping };
    const uint8_t *signer = wn_keyring_signing_public(dropping->keyring);
    enum wn_code rc = wn_scan_partitions(scan, WN_QUARANTINE_TOPIC, &dropping->n_shares, err);
    if (rc != WN_OK) {
        return rc;
    }
    dropping->shares = calloc((size_t)dropping->n_shares + 1, sizeof(*dropping->shares));
    if (!dropping->shares) {
        abort();
    }
    rc = wn_drops_read(scan, signer, &dropping->drops, err);
    return rc == WN_OK ? wn_scan_topic(scan, WN_QUARANTINE_TOPIC, walk_message, &walk, err) : rc;
}

/** Write the receipt of one partition's share. */
static void write_receipt(const struct dropping *dropping, int32_t partition,
                          struct wn_buffer *ret_bytes)
{
    const struct share *share = &dropping->shares[partition];
    const struct wn_drop_chain *chain = wn_drops_chain(&dropping->drops, partition);
    const struct wn_receipt_input input = { .topic = WN_QUARANTINE_TOPIC,
                                            .partition = partition,
                                            .first_offset = share->first,
                                            .last_offset = share->last };
    const struct wn_receipt receipt = {
        .number = chain ? chain->number + 1 : 1,
        .previous = chain ? chain->sha256 : NULL,
        .event = { "drop", dropping->what->reason, NULL },
        .policy = "",
        .source = dropping->what->source ? dropping->what->source : "",
        .source_id = "",
        .inputs = &input,
        .n_inputs = 1,
    };
    char sha256[65];
    wn_receipt_write(&receipt, dropping->keyring, ret_bytes, sha256);
}

static enum wn_code publish(const struct dropping *dropping, struct wn_publisher *publisher,
                            int32_t receipt_partitions, uint64_t *ret_receipts,
                            struct wn_error *err)
{
    const size_t room = (size_t)dropping->n_shares + 1;
    struct wn_publication_message *messages = calloc(room, sizeof(*messages));
    struct wn_buffer *texts = calloc(room, sizeof(*texts));
    char(*keys)[64] = calloc(room, sizeof(*keys));
    size_t n = 0;
    if (!messages || !texts || !keys) {
        abort();
    }
    for (int32_t i = 0; i < dropping->n_shares; i++) {
        if (dropping->shares[i].messages == 0) {
            continue;
        }
        write_receipt(dropping, i, &texts[n]);
        (void)snprintf(keys[n], sizeof(keys[n]), "%s:%" PRId32, WN_QUARANTINE_TOPIC, i);
        messages[n] =
            (struct wn_publication_message){ WN_RECEIPTS_TOPIC, i % receipt_partitions,
                                             wn_slice_of(keys[n]), wn_buffer_slice(&texts[n]) };
        n++;
    }
    enum wn_code rc = n > 0 ? wn_publisher_send(publisher, messages, n, err) : WN_OK;
    *ret_receipts = rc == WN_OK ? n : 0;
    for (size_t i = 0; i < n; i++) {
        wn_buffer_deinit(&texts[i]);
    }
    free(keys);
    free(texts);
    free(messages);
    return rc;
}

enum wn_code wn_topics_drop(const struct wn_settings *settings, const struct wn_topics_drop *drop,
                            const struct wn_keyring *keyring, uint64_t *ret_records,
                            uint64_t *ret_receipts, struct wn_error *err)
{
    struct dropping dropping = { .settings = settings, .what = drop, .keyring = keyring };
    struct wn_scan *scan = NULL;
    struct wn_publisher *publisher = NULL;
    int32_t receipt_partitions = 1;
    char name[300];
    *ret_records = 0;
    *ret_receipts = 0;
    (void)snprintf(name, sizeof(name), "%.249s-drop", settings->group);
    enum wn_code rc = wn_scan_open(settings, NULL, NULL, &scan, err);
    // The brokers' absence is said by the scan, in one line.
    rc = rc == WN_OK ? wn_scan_partitions(scan, WN_RECEIPTS_TOPIC, &receipt_partitions, err) : rc;
    rc = rc == WN_OK ? wn_publisher_open(settings, name, NULL, NULL, &publisher, err) : rc;
    rc = rc == WN_OK ? find_hits(&dropping, scan, err) : rc;
    rc = rc == WN_OK ? publish(&dropping, publisher, receipt_partitions, ret_receipts, err) : rc;
    for (int32_t i = 0; i < dropping.n_shares && rc == WN_OK; i++) {
        *ret_records += dropping.shares[i].records;
    }
    (void)wn_publisher_close(publisher);
    (void)wn_scan_close(scan);
    wn_drops_deinit(&dropping.drops);
    free(dropping.shares);
    return rc;
}
