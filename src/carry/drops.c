// SPDX-License-Identifier: Apache-2.0

#include "drops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winnow/hash.h"
#include "winnow/memory.h"
#include "winnow/receipt.h"
#include "winnow/worker.h"

/** A reading of the receipts. */
struct reading {
    struct wn_drops *drops;
    const uint8_t *signer;
};

const struct wn_drop_chain *wn_drops_chain(const struct wn_drops *drops, int32_t partition)
{
    for (size_t i = 0; i < drops->n_chains; i++) {
        if (drops->chains[i].partition == partition) {
            return &drops->chains[i];
        }
    }
    return NULL;
}

/** Let a partition's chain go on. @return false where the receipt stands again. */
static bool follow(struct wn_drops *drops, int32_t partition, uint64_t number,
                   struct wn_slice bytes)
{
    const struct wn_drop_chain *known = wn_drops_chain(drops, partition);
    if (!known) {
        drops->chains = wn_grow(drops->chains, drops->n_chains + 1, sizeof(*drops->chains));
        drops->chains[drops->n_chains++] = (struct wn_drop_chain){ .partition = partition };
        known = &drops->chains[drops->n_chains - 1];
    }
    struct wn_drop_chain *chain = &drops->chains[known - drops->chains];
    if (number <= chain->number) {
        return false;
    }
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(bytes.at, bytes.len, digest);
    wn_hex(digest, sizeof(digest), chain->sha256);
    chain->number = number;
    return true;
}

static bool is_drop(const struct wn_receipt *receipt)
{
    return receipt->event.kind && strcmp(receipt->event.kind, "drop") == 0 &&
           receipt->event.reason && receipt->source && receipt->n_inputs == 1 &&
           receipt->inputs[0].topic && strcmp(receipt->inputs[0].topic, WN_QUARANTINE_TOPIC) == 0;
}

static void take_drop(struct wn_drops *drops, const struct wn_receipt *receipt,
                      struct wn_slice bytes)
{
    const struct wn_receipt_input *input = &receipt->inputs[0];
    if (!follow(drops, input->partition, receipt->number, bytes)) {
        return;
    }
    drops->list = wn_grow(drops->list, drops->n + 1, sizeof(*drops->list));
    struct wn_dropped *dropped = &drops->list[drops->n++];
    *dropped = (struct wn_dropped){ .partition = input->partition,
                                    .first = input->first_offset,
                                    .last = input->last_offset };
    (void)snprintf(dropped->reason, sizeof(dropped->reason), "%.63s", receipt->event.reason);
    (void)snprintf(dropped->source, sizeof(dropped->source), "%.63s", receipt->source);
}

static enum wn_code on_receipt(void *context, const struct wn_message *message,
                               struct wn_error *err)
{
    static const char beginning[] = WN_QUARANTINE_TOPIC ":";
    const struct reading *reading = context;
    const char *purposes[WN_PURPOSES] = { NULL };
    unsigned n = 0;
    struct wn_arena arena = { 0 };
    struct wn_receipt receipt = { 0 };
    struct wn_error wrong;
    (void)err;
    const bool of_quarantine = wn_slice_starts(message->key, beginning);
    if (!of_quarantine && !wn_replays_may_be(message->value)) {
        return WN_OK; // Of an input partition.
    }
    enum wn_code rc = wn_receipt_purposes(message->value, &arena, purposes, &n, &wrong);
    rc = rc == WN_OK ? wn_receipt_read(message->value, purposes, n, &arena, &receipt, &wrong) : rc;
    if (rc == WN_OK) {
        // The tally is ours, says its header, and of no use here.
        (void)wn_tally_close((struct wn_tally *)(uintptr_t)receipt.tally); // NOLINT
    }
    rc = rc == WN_OK ? wn_receipt_verify(message->value, reading->signer, &wrong) : rc;
    if (rc == WN_OK && !of_quarantine) {
        wn_replays_take(&reading->drops->replays, &receipt);
    } else if (rc != WN_OK || !is_drop(&receipt)) {
        reading->drops->not_signed++;
    } else {
        take_drop(reading->drops, &receipt, message->value);
    }
    wn_arena_deinit(&arena);
    return WN_OK;
}

enum wn_code wn_drops_read(struct wn_scan *scan, const uint8_t signer[32],
                           struct wn_drops *ret_drops, struct wn_error *err)
{
    struct reading reading = { ret_drops, signer };
    *ret_drops = (struct wn_drops){ .n = 0 };
    return wn_scan_topic(scan, WN_RECEIPTS_TOPIC, on_receipt, &reading, err);
}

void wn_drops_deinit(struct wn_drops *drops)
{
    free(drops->list);
    free(drops->chains);
    wn_replays_deinit(&drops->replays);
    *drops = (struct wn_drops){ .n = 0 };
}

bool wn_drops_has(const struct wn_drops *drops, int32_t partition, int64_t offset,
                  const struct wn_envelope *envelope)
{
    for (size_t i = 0; i < drops->n; i++) {
        const struct wn_dropped *dropped = &drops->list[i];
        if (dropped->partition == partition && offset >= dropped->first &&
            offset <= dropped->last && wn_slice_is(envelope->reason, dropped->reason) &&
            (dropped->source[0] == '\0' || wn_slice_is(envelope->source, dropped->source))) {
            return true;
        }
    }
    return false;
}
