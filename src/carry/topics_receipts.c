// SPDX-License-Identifier: Apache-2.0

/*
 * Who may write to winnow.receipts can only add to it. So a message that is no receipt, is not
 * signed, or repeats a number is said and left out; the chain is that of the others, and what was
 * taken away from it shows as missing.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "topics_audit.h"
#include "winnow/hash.h"
#include "winnow/receipt.h"
#include "winnow/worker.h"

/** A receipt at hand. */
struct at_hand {
    struct wn_audit_work *work;
    struct wn_audit_chain *chain;
    const struct wn_receipt *receipt;
    struct wn_slice bytes;
    const char *place;
    int64_t time_ms;
};

static bool is_ours(const struct wn_policy *policy, const char *topic)
{
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes; j++) {
            if (strcmp(policy->types[i].purposes[j].topic, topic) == 0) {
                return true;
            }
        }
    }
    return strcmp(topic, WN_QUARANTINE_TOPIC) == 0;
}

static bool is_replay(const struct wn_receipt *receipt)
{
    return receipt->event.kind && strcmp(receipt->event.kind, "replay") == 0;
}

/** Hand the records that a replay names to the recount. @param range  SIZE_MAX: it is younger. */
static void add_replays(const struct at_hand *at, size_t range)
{
    for (unsigned i = 0; i < at->receipt->n_inputs; i++) {
        const struct wn_receipt_input *input = &at->receipt->inputs[i];
        const struct wn_recount_replay replay = {
            .chain = at->chain->number,
            .range = range,
            .receipt = at->receipt->number,
            .offset = input->first_offset,
            .index = input->index,
        };
        wn_recount_replay(at->work->recount, &replay);
    }
}

/** @return whether all inputs are of one partition, and single records where there are several. */
static bool is_of_one_partition(const struct wn_receipt *receipt)
{
    const struct wn_receipt_input *first = receipt->n_inputs > 0 ? &receipt->inputs[0] : NULL;
    bool good = first && first->topic && (receipt->n_inputs == 1 || is_replay(receipt));
    for (unsigned i = 0; i < receipt->n_inputs && good; i++) {
        const struct wn_receipt_input *input = &receipt->inputs[i];
        good = input->topic && strcmp(input->topic, first->topic) == 0 &&
               input->partition == first->partition && input->is_one == is_replay(receipt);
    }
    return good;
}

/** Hand what a receipt accounts for to the recount. */
static void add_range(const struct at_hand *at)
{
    struct wn_audit_work *work = at->work;
    const struct wn_topics_audit *what = work->what;
    const struct wn_receipt *receipt = at->receipt;
    const char *kind = receipt->event.kind;
    if (kind && strcmp(kind, "drop") == 0) {
        return; // Of quarantine; nothing of it is gone.
    }
    if (kind && strcmp(kind, "break") == 0) {
        wn_recount_break(work->recount, at->chain->number, at->time_ms);
    }
    const struct wn_recount_range range = {
        .chain = at->chain->number,
        .receipt = receipt->number,
        .first = receipt->inputs[0].first_offset,
        .last = receipt->inputs[0].last_offset,
        .since_ms = at->chain->last_ms,
        .wanted = at->time_ms >= what->from_ms && at->time_ms < what->to_ms,
        .replay = is_replay(receipt),
        .same_policy = strcmp(receipt->policy, what->policy->id) == 0,
    };
    const size_t number = wn_recount_range(work->recount, &range);
    if (range.replay) {
        add_replays(at, number);
    }
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        const struct wn_receipt_output *output = &receipt->outputs[i];
        if (!output->topic || !output->digest) {
            continue;
        }
        wn_recount_want(work->recount, number, output->topic, output->digest, output->records);
        if (!is_ours(what->policy, output->topic) && strcmp(work->unread, output->topic) != 0) {
            (void)snprintf(work->unread, sizeof(work->unread), "%s", output->topic);
            wn_buffer_format(work->notes, "%s: not checked: the policy has no such output\n",
                             output->topic);
        }
    }
}

/** Check the key: who reads the topic finds a chain by it. */
static void check_key(const struct at_hand *at, struct wn_slice key)
{
    char due[300];
    (void)snprintf(due, sizeof(due), "%s:%" PRId32, at->chain->input, at->chain->partition);
    if (!wn_slice_is(key, due)) {
        wn_audit_find(at->work->audit, at->place,
                      "receipt %" PRIu64 " of %s: its key is not that of its chain",
                      at->receipt->number, at->chain->name);
    }
}

static void take_receipt(const struct at_hand *at, struct wn_slice key)
{
    struct wn_audit_chain *chain = at->chain;
    const uint64_t number = at->receipt->number;
    if (number <= chain->newest) {
        wn_audit_find(at->work->audit, at->place,
                      "receipt %" PRIu64
                      " of %s stands again, or behind its successor: somebody else wrote it",
                      number, chain->name);
        return;
    }
    chain->newest = number;
    check_key(at, key);
    if (chain->then.there && number > chain->then.closed) {
        if (is_replay(at->receipt)) {
            add_replays(at, SIZE_MAX);
        }
        return; // Younger than the audit.
    }
    if (chain->then.there && number == chain->then.closed) {
        uint8_t digest[WN_SHA256_BYTES];
        char sha256[WN_SHA256_HEX];
        wn_sha256_of(at->bytes.at, at->bytes.len, digest);
        wn_hex(digest, sizeof(digest), sha256);
        if (strcmp(sha256, chain->then.previous) != 0) {
            wn_audit_find(at->work->audit, at->place,
                          "receipt %" PRIu64 " of %s is not the one that the state's head names",
                          number, chain->name);
        }
    }
    wn_audit_receipt(at->work->audit, chain->name, at->place, at->bytes, false);
    add_range(at);
    chain->last = number;
    chain->last_ms = at->time_ms;
}

/** Read a receipt with whatever purposes it has. */
static enum wn_code read_receipt(struct wn_slice bytes, struct wn_arena *arena,
                                 struct wn_receipt *ret_receipt, struct wn_error *err)
{
    const char *purposes[WN_PURPOSES] = { NULL };
    unsigned n = 0;
    enum wn_code rc = wn_receipt_purposes(bytes, arena, purposes, &n, err);
    rc = rc == WN_OK ? wn_receipt_read(bytes, purposes, n, arena, ret_receipt, err) : rc;
    if (rc == WN_OK) {
        // The tally is ours, says its header, and of no use here.
        (void)wn_tally_close((struct wn_tally *)(uintptr_t)ret_receipt->tally); // NOLINT
        ret_receipt->tally = NULL;
    }
    return rc;
}

static enum wn_code on_receipt(void *context, const struct wn_message *message,
                               struct wn_error *err)
{
    struct wn_audit_work *work = context;
    struct wn_arena arena = { 0 };
    struct wn_receipt receipt = { 0 };
    struct wn_error wrong;
    char place[300];
    (void)err;
    (void)snprintf(place, sizeof(place), "%s[%" PRId32 "]@%" PRId64, message->topic,
                   message->partition, message->offset);
    enum wn_code rc = read_receipt(message->value, &arena, &receipt, &wrong);
    rc = rc == WN_OK ? wn_receipt_verify(message->value, work->what->public_key, &wrong) : rc;
    if (rc != WN_OK) {
        wn_audit_find(work->audit, place, "%s: somebody else wrote it", wrong.text);
    } else if (!is_of_one_partition(&receipt)) {
        wn_audit_find(work->audit, place, "receipt %" PRIu64 " is not of one input partition",
                      receipt.number);
    } else {
        const struct at_hand at = {
            work,     wn_audit_chain(work, receipt.inputs[0].topic, receipt.inputs[0].partition),
            &receipt, message->value,
            place,    message->timestamp_ms,
        };
        take_receipt(&at, message->key);
    }
    wn_arena_deinit(&arena);
    return WN_OK;
}

/** The end of a chain: the open receipt, or that there is none. */
static void end_chain(struct wn_audit_work *work, struct wn_audit_chain *chain)
{
    const struct wn_last_head *head = &chain->then;
    char place[600];
    (void)snprintf(place, sizeof(place), "%s[%" PRId32 "]@%" PRId64, chain->state_topic,
                   chain->partition, head->offset);
    if (head->open.len == 0) {
        if (chain->last < head->closed) {
            wn_audit_find(work->audit, place,
                          "the head names receipt %" PRIu64 " of %s, %s has %" PRIu64
                          ": receipts are missing",
                          head->closed, chain->name, WN_RECEIPTS_TOPIC, chain->last);
        }
        return;
    }
    struct wn_arena arena = { 0 };
    struct wn_receipt receipt = { 0 };
    struct wn_error wrong;
    const struct wn_slice bytes = wn_buffer_slice(&head->open);
    wn_audit_receipt(work->audit, chain->name, place, bytes, true);
    if (read_receipt(bytes, &arena, &receipt, &wrong) == WN_OK && receipt.n_inputs == 1 &&
        receipt.inputs[0].topic && strcmp(receipt.inputs[0].topic, chain->input) == 0 &&
        receipt.inputs[0].partition == chain->partition) {
        const struct at_hand at = { work, chain, &receipt, bytes, place, head->time_ms };
        add_range(&at);
    } else {
        wn_audit_find(work->audit, place, "the open receipt is not one of %s", chain->name);
    }
    wn_arena_deinit(&arena);
}

enum wn_code wn_audit_receipts(struct wn_audit_work *work, struct wn_error *err)
{
    enum wn_code rc = wn_scan_topic(work->scan, WN_RECEIPTS_TOPIC, on_receipt, work, err);
    for (size_t i = 0; i < work->n_chains && rc == WN_OK; i++) {
        struct wn_audit_chain *chain = &work->chains[i];
        if (!chain->state_topic) {
            continue;
        }
        if (chain->then.strange >= 0) {
            char place[600];
            (void)snprintf(place, sizeof(place), "%s[%" PRId32 "]@%" PRId64, chain->state_topic,
                           chain->partition, chain->then.strange);
            wn_audit_find(work->audit, place,
                          "is no message of the state log: somebody else wrote it");
        }
        if (chain->then.there) {
            end_chain(work, chain);
        } else if (chain->last > 0) {
            wn_audit_find(work->audit, chain->state_topic,
                          "has no head for %s, of which there are %" PRIu64 " receipts",
                          chain->name, chain->last);
        }
    }
    return rc;
}
