// SPDX-License-Identifier: Apache-2.0

#include "chain.h"

#include <assert.h>
#include <stdio.h>

#include "winnow/hash.h"

void wn_chain_init(struct wn_chain *chain, const struct wn_chain_names *names, int32_t partition)
{
    memset(chain, 0, sizeof(*chain));
    chain->names = names;
    chain->partition = partition;
    chain->now.tally = wn_tally_open();
    chain->staged.tally = wn_tally_open();
}

void wn_chain_deinit(struct wn_chain *chain)
{
    chain->now.tally = wn_tally_close(chain->now.tally);
    chain->staged.tally = wn_tally_close(chain->staged.tally);
}

unsigned wn_chain_sum(const struct wn_policy *policy, const struct wn_type *type,
                      const struct wn_purpose *purpose)
{
    return (unsigned)(type - policy->types) * WN_PURPOSES + purpose->number;
}

static void copy_account(struct wn_account *to, const struct wn_account *from)
{
    struct wn_tally *tally = to->tally;
    *to = *from;
    to->tally = tally;
    wn_tally_clear(tally);
    wn_tally_add(tally, from->tally);
}

/** Nothing is open any more. */
static void empty(struct wn_account *account)
{
    account->open = false;
    account->first_offset = 0;
    account->last_offset = -1;
    memset(account->sums, 0, sizeof(account->sums));
    wn_tally_clear(account->tally);
}

void wn_chain_follow(struct wn_chain *chain, uint64_t closed, const char *previous)
{
    empty(&chain->now);
    chain->now.closed = closed;
    (void)snprintf(chain->now.previous, sizeof(chain->now.previous), "%s", previous);
    chain->opened_ms = 0;
    copy_account(&chain->staged, &chain->now);
}

/** @return the topic of a sum, or NULL where the policy has no such output. */
static const char *topic_of(const struct wn_chain_names *names, unsigned sum)
{
    if (sum == WN_SUM_QUARANTINE) {
        return names->quarantine_topic;
    }
    const struct wn_policy *policy = names->policy;
    unsigned type = sum / WN_PURPOSES;
    if (type >= policy->n_types) {
        return NULL;
    }
    for (unsigned i = 0; i < policy->types[type].n_purposes; i++) {
        const struct wn_purpose *purpose = &policy->types[type].purposes[i];
        if (purpose->number == sum % WN_PURPOSES) {
            return purpose->topic;
        }
    }
    return NULL;
}

static enum wn_code load_sums(struct wn_chain *chain, const struct wn_receipt *receipt,
                              struct wn_error *err)
{
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        const struct wn_receipt_output *output = &receipt->outputs[i];
        unsigned sum = 0;
        while (sum < WN_SUMS && (!topic_of(chain->names, sum) || !output->topic ||
                                 strcmp(topic_of(chain->names, sum), output->topic) != 0)) {
            sum++;
        }
        struct wn_sum *into = &chain->now.sums[sum < WN_SUMS ? sum : 0];
        if (sum == WN_SUMS || !output->digest ||
            !wn_unhex(wn_slice_of(output->digest), sizeof(into->digest), into->digest)) {
            return wn_fail(err, WN_FATAL, "state-lost",
                           "the open receipt names an output that the policy does not");
        }
        into->records = output->records;
    }
    return WN_OK;
}

/** Point the keys' purposes at the policy's strings: those of the receipt go away with its arena.
 */
static bool settle_keys(const struct wn_policy *policy, struct wn_tally *tally)
{
    for (unsigned i = 0; i < tally->n_keys; i++) {
        unsigned at = 0;
        while (at < policy->n_purposes &&
               strcmp(policy->purposes[at], tally->keys[i].purpose) != 0) {
            at++;
        }
        if (at == policy->n_purposes) {
            return false;
        }
        tally->keys[i].purpose = policy->purposes[at];
    }
    return true;
}

static enum wn_code load_open(struct wn_chain *chain, struct wn_slice open, struct wn_arena *arena,
                              struct wn_error *err)
{
    const struct wn_policy *policy = chain->names->policy;
    struct wn_receipt receipt;
    if (wn_receipt_read(open, policy->purposes, policy->n_purposes, arena, &receipt, err) !=
        WN_OK) {
        err->code = WN_FATAL;
        err->reason = "state-lost";
        return wn_context(err, "the open receipt of the head");
    }
    struct wn_tally *tally; // Ours, says its header.
    memcpy(&tally, &receipt.tally, sizeof(struct wn_tally *));
    bool known = tally && settle_keys(policy, tally);
    if (known) {
        wn_tally_add(chain->now.tally, tally);
    }
    (void)wn_tally_close(tally);
    if (!known) {
        return wn_fail(err, WN_FATAL, "state-lost",
                       "the open receipt names a key's purpose that the policy does not");
    }
    if (receipt.n_inputs != 1) {
        return wn_fail(err, WN_FATAL, "state-lost", "the open receipt names no offset range");
    }
    chain->now.open = true;
    chain->now.first_offset = receipt.inputs[0].first_offset;
    chain->now.last_offset = receipt.inputs[0].last_offset;
    return load_sums(chain, &receipt, err);
}

enum wn_code wn_chain_load(struct wn_chain *chain, const struct wn_head *head, struct wn_slice open,
                           struct wn_error *err)
{
    wn_chain_follow(chain, (uint64_t)head->closed, head->previous);
    enum wn_code rc = WN_OK;
    if (open.len > 0) {
        struct wn_arena arena = { 0 };
        rc = load_open(chain, open, &arena, err);
        wn_arena_deinit(&arena);
    }
    copy_account(&chain->staged, &chain->now);
    return rc;
}

void wn_chain_begin(struct wn_chain *chain)
{
    copy_account(&chain->staged, &chain->now);
}

void wn_chain_add(struct wn_chain *chain, unsigned sum, struct wn_slice avro)
{
    assert(sum < WN_SUMS);
    struct wn_sum *into = &chain->staged.sums[sum];
    // Billing and quarantine stand in order of origin; what is shuffled has a sum without order.
    bool ordered = sum == WN_SUM_QUARANTINE || sum % WN_PURPOSES == 0;
    wn_receipt_digest(into->digest, ordered, avro);
    into->records++;
}

void wn_chain_stage(struct wn_chain *chain, const struct wn_tally *tally, int64_t first,
                    int64_t next)
{
    struct wn_account *staged = &chain->staged;
    if (!staged->open) {
        staged->open = true;
        staged->first_offset = first;
    }
    staged->last_offset = next - 1;
    wn_tally_add(staged->tally, tally);
}

/** Outputs of the staged receipt. @return how many. */
static unsigned list_outputs(const struct wn_chain *chain, struct wn_receipt_output *outputs,
                             char (*digests)[WN_SHA256_HEX])
{
    unsigned n = 0;
    for (unsigned sum = 0; sum < WN_SUMS; sum++) {
        const struct wn_sum *from = &chain->staged.sums[sum];
        if (from->records == 0) {
            continue;
        }
        wn_hex(from->digest, sizeof(from->digest), digests[n]);
        outputs[n] = (struct wn_receipt_output){ .topic = topic_of(chain->names, sum),
                                                 .digest = digests[n],
                                                 .records = from->records };
        n++;
    }
    return n;
}

/** Write a receipt of the staged account, or of an event. */
static void write(const struct wn_chain *chain, const struct wn_due *due,
                  const struct wn_keyring *keyring, struct wn_buffer *ret_bytes,
                  char ret_sha256[WN_SHA256_HEX])
{
    const struct wn_account *staged = &chain->staged;
    const struct wn_chain_names *names = chain->names;
    struct wn_receipt_output outputs[WN_SUMS];
    char digests[WN_SUMS][WN_SHA256_HEX];
    const struct wn_receipt_input input = {
        .topic = names->topic,
        .partition = chain->partition,
        .first_offset = due ? due->first_offset : staged->first_offset,
        .last_offset = due ? due->last_offset : staged->last_offset,
        .records = due ? 0 : staged->tally->in,
    };
    struct wn_receipt receipt = {
        .number = staged->closed + 1,
        .previous = staged->previous[0] ? staged->previous : NULL,
        .policy = names->policy->id,
        .source = names->source->name,
        .source_id = names->source->id,
        .tally = due ? NULL : staged->tally,
        .purposes = names->policy->purposes,
        .n_purposes = names->policy->n_purposes,
        .inputs = &input,
        .n_inputs = 1,
        .outputs = outputs,
        .n_outputs = due ? 0 : list_outputs(chain, outputs, digests),
    };
    if (due) {
        receipt.event = (struct wn_receipt_event){ due->kind, due->reason, due->refers };
    }
    wn_receipt_write(&receipt, keyring, ret_bytes, ret_sha256);
}

void wn_chain_write_open(const struct wn_chain *chain, struct wn_buffer *ret_bytes)
{
    if (chain->staged.open) {
        write(chain, NULL, NULL, ret_bytes, NULL);
    }
}

void wn_chain_close(struct wn_chain *chain, struct wn_buffer *ret_bytes)
{
    assert(chain->staged.open);
    char sha256[WN_SHA256_HEX];
    write(chain, NULL, chain->names->keyring, ret_bytes, sha256);
    empty(&chain->staged);
    chain->staged.closed++;
    memcpy(chain->staged.previous, sha256, sizeof(sha256));
}

void wn_chain_event(struct wn_chain *chain, const struct wn_due *due, struct wn_buffer *ret_bytes)
{
    assert(due->due && chain->staged.tally->in == 0);
    empty(&chain->staged); // A range without records: the event's range covers it.
    char sha256[WN_SHA256_HEX];
    write(chain, due, chain->names->keyring, ret_bytes, sha256);
    chain->staged.closed++;
    memcpy(chain->staged.previous, sha256, sizeof(sha256));
}

void wn_chain_replayed(struct wn_chain *chain, const struct wn_chain_replay *replay,
                       const struct wn_tally *tally, struct wn_buffer *ret_bytes)
{
    struct wn_account *staged = &chain->staged;
    const struct wn_chain_names *names = chain->names;
    struct wn_receipt_output outputs[WN_SUMS];
    char digests[WN_SUMS][WN_SHA256_HEX];
    char sha256[WN_SHA256_HEX];
    assert(staged->tally->in == 0);
    const struct wn_receipt receipt = {
        .number = staged->closed + 1,
        .previous = staged->previous[0] ? staged->previous : NULL,
        .event = { "replay", replay->reason, replay->refers },
        .policy = names->policy->id,
        .source = names->source->name,
        .source_id = names->source->id,
        .tally = tally,
        .purposes = names->policy->purposes,
        .n_purposes = names->policy->n_purposes,
        .inputs = replay->records,
        .n_inputs = replay->n,
        .outputs = outputs,
        .n_outputs = list_outputs(chain, outputs, digests),
    };
    wn_receipt_write(&receipt, names->keyring, ret_bytes, sha256);
    memset(staged->sums, 0, sizeof(staged->sums));
    staged->closed++;
    memcpy(staged->previous, sha256, sizeof(sha256));
}

void wn_chain_commit(struct wn_chain *chain, int64_t now_ms)
{
    bool goes_on = chain->now.open && chain->now.closed == chain->staged.closed;
    if (!goes_on || chain->opened_ms == 0) {
        chain->opened_ms = now_ms;
    }
    struct wn_account was = chain->now;
    chain->now = chain->staged;
    chain->staged = was;
}
