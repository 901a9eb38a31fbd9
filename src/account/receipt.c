// SPDX-License-Identifier: Apache-2.0

/*
 * Writing a receipt. Its members are written in byte order by the order of the statements here, so
 * the text is canonical as it grows:
 *
 *     {"declared":{},"drift":{…},…,"receipt":7,"signature":"…","source":"…",…,"version":"…"}
 *                                             └── put in last: the signature is over all the rest
 *
 * A receipt has all members whatever happened, an event's too, so that a reader needs no cases;
 * only `event` and `signature` are there or not.
 */

#include "winnow/receipt.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "receipt_nodes.h"
#include "winnow/hash.h"
#include "winnow/memory.h"
#include "winnow/time.h"

/** Append a string, escaped as little as JSON allows (RFC 8785, 3.2.2.2). */
static void put_text(struct wn_buffer *out, const char *text)
{
    wn_buffer_text(out, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        static const char plain[] = "\"\\\b\t\n\f\r", letters[] = "\"\\btnfr";
        const char *escaped = strchr(plain, *at);
        if (escaped) {
            wn_buffer_format(out, "\\%c", letters[escaped - plain]);
        } else if ((unsigned char)*at < 0x20) {
            wn_buffer_format(out, "\\u%04x", (unsigned char)*at);
        } else {
            wn_buffer_add(out, at, 1);
        }
    }
    wn_buffer_text(out, "\"");
}

/** Append a member's name, and a comma before it where it is not the first of its object. */
static void put_name(struct wn_buffer *out, const char *name)
{
    if (out->len > 0 && out->at[out->len - 1] != '{') {
        wn_buffer_text(out, ",");
    }
    put_text(out, name);
    wn_buffer_text(out, ":");
}

static void put_member(struct wn_buffer *out, const char *name, const char *text)
{
    put_name(out, name);
    if (text) {
        put_text(out, text);
    } else {
        wn_buffer_text(out, "null");
    }
}

static void put_count(struct wn_buffer *out, const char *name, uint64_t count)
{
    put_name(out, name);
    wn_buffer_format(out, "%llu", (unsigned long long)count);
}

static void put_number(struct wn_buffer *out, const char *name, int64_t number)
{
    put_name(out, name);
    wn_buffer_format(out, "%lld", (long long)number);
}

static void put_drift(void *context, const char *name, uint64_t count)
{
    put_count(context, name, count);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Append the counts that are not zero, as an object by reason. */
static void put_reasons(struct wn_buffer *out, const char *name, const uint64_t counts[WN_REASONS])
{
    const char *ids[WN_REASONS] = { NULL };
    size_t n = 0;
    for (int i = 0; i < WN_REASONS; i++) {
        if (counts[i] > 0) {
            ids[n++] = wn_reason_info((enum wn_reason)i)->id;
        }
    }
    qsort(ids, n, sizeof(ids[0]), by_text);
    put_name(out, name);
    wn_buffer_text(out, "{");
    for (size_t i = 0; i < n; i++) {
        put_count(out, ids[i], counts[wn_reason_find(wn_slice_of(ids[i]))]);
    }
    wn_buffer_text(out, "}");
}

/** Append why attempts came to nothing, where there are any. */
static void put_attempts(struct wn_buffer *out, const struct wn_tally *tally)
{
    static const enum wn_attempt sorted[WN_ATTEMPTS] = { WN_ATTEMPT_NETWORK, WN_ATTEMPT_NUMBER,
                                                         WN_ATTEMPT_REFUSED, WN_ATTEMPT_UNKNOWN,
                                                         WN_ATTEMPT_USER };
    put_name(out, "attempts");
    wn_buffer_text(out, "{");
    for (unsigned i = 0; i < WN_ATTEMPTS; i++) {
        if (tally->attempts[sorted[i]] > 0) {
            put_count(out, wn_attempt_name(sorted[i]), tally->attempts[sorted[i]]);
        }
    }
    wn_buffer_text(out, "}");
}

/** Append a comma between elements. */
static void put_comma(struct wn_buffer *out, unsigned i)
{
    if (i > 0) {
        wn_buffer_text(out, ",");
    }
}

static void put_inputs(struct wn_buffer *out, const struct wn_receipt *receipt)
{
    put_name(out, "inputs");
    wn_buffer_text(out, "[");
    for (unsigned i = 0; i < receipt->n_inputs; i++) {
        const struct wn_receipt_input *input = &receipt->inputs[i];
        put_comma(out, i);
        wn_buffer_text(out, "{");
        if (input->topic) {
            put_number(out, "first_offset", input->first_offset);
            if (input->is_one) {
                put_number(out, "index", input->index);
            }
            put_number(out, "last_offset", input->last_offset);
            put_number(out, "partition", input->partition);
            put_count(out, "records", input->records);
            put_member(out, "topic", input->topic);
        } else {
            put_number(out, "bytes", input->bytes);
            put_count(out, "records", input->records);
            put_member(out, "sha256", input->sha256);
        }
        wn_buffer_text(out, "}");
    }
    wn_buffer_text(out, "]");
}

static void put_outputs(struct wn_buffer *out, const struct wn_receipt *receipt)
{
    put_name(out, "outputs");
    wn_buffer_text(out, "[");
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        const struct wn_receipt_output *output = &receipt->outputs[i];
        put_comma(out, i);
        wn_buffer_text(out, "{");
        if (output->topic) {
            put_member(out, "digest", output->digest);
            put_count(out, "records", output->records);
            put_member(out, "topic", output->topic);
        } else {
            put_member(out, "file", output->file);
            put_count(out, "records", output->records);
            put_member(out, "sha256", output->digest);
        }
        wn_buffer_text(out, "}");
    }
    wn_buffer_text(out, "]");
}

static int by_key(const void *a, const void *b)
{
    const struct wn_tally_key *first = a, *second = b;
    int order = strcmp(first->purpose, second->purpose);
    if (order == 0) {
        order = (first->period > second->period) - (first->period < second->period);
    }
    return order != 0 ? order : memcmp(first->kcv, second->kcv, sizeof(first->kcv));
}

static void put_keys(struct wn_buffer *out, const struct wn_tally *tally)
{
    struct wn_tally_key *keys = wn_take(tally->n_keys, sizeof(*keys));
    memcpy(keys, tally->keys, tally->n_keys * sizeof(*keys));
    qsort(keys, tally->n_keys, sizeof(*keys), by_key);
    put_name(out, "keys");
    wn_buffer_text(out, "[");
    for (unsigned i = 0; i < tally->n_keys; i++) {
        char kcv[17];
        wn_hex(keys[i].kcv, sizeof(keys[i].kcv), kcv);
        put_comma(out, i);
        wn_buffer_text(out, "{");
        put_member(out, "kcv", kcv);
        put_count(out, "period", keys[i].period);
        put_member(out, "purpose", keys[i].purpose);
        wn_buffer_text(out, "}");
    }
    wn_buffer_text(out, "]");
    free(keys);
}

/** Append `{"consent":["<sha256>",…],"helplines":[…]}`: versions in the order of their first use.
 */
static void put_lists(struct wn_buffer *out, const struct wn_tally *tally)
{
    const char **names = wn_take(tally->n_lists, sizeof(*names));
    for (unsigned i = 0; i < tally->n_lists; i++) {
        names[i] = tally->lists[i].name;
    }
    qsort(names, tally->n_lists, sizeof(*names), by_text);
    put_name(out, "lists");
    wn_buffer_text(out, "{");
    for (unsigned i = 0; i < tally->n_lists; i++) {
        if (i > 0 && strcmp(names[i - 1], names[i]) == 0) {
            continue; // Another version: it stands in the list of the first.
        }
        put_name(out, names[i]);
        wn_buffer_text(out, "[");
        unsigned n = 0;
        for (unsigned j = 0; j < tally->n_lists; j++) {
            if (strcmp(tally->lists[j].name, names[i]) == 0) {
                char version[WN_SHA256_HEX];
                wn_hex(tally->lists[j].version, sizeof(tally->lists[j].version), version);
                put_comma(out, n++);
                put_text(out, version);
            }
        }
        wn_buffer_text(out, "]");
    }
    wn_buffer_text(out, "}");
    free(names);
}

static int by_declared(const void *a, const void *b)
{
    const struct wn_tally_declared *first = a;
    const struct wn_tally_declared *second = b;
    return strcmp(first->name, second->name);
}

/** Append `{"records":{"absent":0,"declared":33,"found":32,"inputs":1,"missing":1,"surplus":0}}`.
 */
static void put_declared(struct wn_buffer *out, const struct wn_tally *tally)
{
    struct wn_tally_declared *sorted = wn_take(tally->n_declared, sizeof(*sorted));
    if (tally->n_declared > 0) {
        memcpy(sorted, tally->declared, tally->n_declared * sizeof(*sorted));
        qsort(sorted, tally->n_declared, sizeof(*sorted), by_declared);
    }
    put_name(out, "declared");
    wn_buffer_text(out, "{");
    for (unsigned i = 0; i < tally->n_declared; i++) {
        put_name(out, sorted[i].name);
        wn_buffer_text(out, "{");
        put_count(out, "absent", sorted[i].absent);
        put_number(out, "declared", sorted[i].declared);
        put_number(out, "found", sorted[i].found);
        put_count(out, "inputs", sorted[i].inputs);
        put_count(out, "missing", sorted[i].missing);
        put_count(out, "surplus", sorted[i].surplus);
        wn_buffer_text(out, "}");
    }
    wn_buffer_text(out, "}");
    free(sorted);
}

static void put_purposes(struct wn_buffer *out, const struct wn_receipt *receipt,
                         const struct wn_tally *tally)
{
    unsigned order[WN_PURPOSES];
    for (unsigned i = 0; i < receipt->n_purposes; i++) {
        unsigned at = i;
        for (; at > 0 && strcmp(receipt->purposes[order[at - 1]], receipt->purposes[i]) > 0; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    put_name(out, "purposes");
    wn_buffer_text(out, "{");
    for (unsigned i = 0; i < receipt->n_purposes; i++) {
        const struct wn_tally_purpose *purpose = &tally->purposes[order[i]];
        put_name(out, receipt->purposes[order[i]]);
        wn_buffer_text(out, "{");
        put_count(out, "no_consent", purpose->no_consent);
        put_count(out, "out", purpose->out);
        put_reasons(out, "withheld", purpose->withheld);
        wn_buffer_text(out, "}");
    }
    wn_buffer_text(out, "}");
}

static void put_event(struct wn_buffer *out, const struct wn_receipt_event *event)
{
    if (!event->kind) {
        return;
    }
    put_name(out, "event");
    wn_buffer_text(out, "{");
    put_member(out, "kind", event->kind);
    put_member(out, "reason", event->reason);
    put_member(out, "refers", event->refers);
    wn_buffer_text(out, "}");
}

static void put_time(struct wn_buffer *out, const char *name, int64_t time_ms, int64_t none)
{
    if (time_ms == none) {
        put_member(out, name, NULL);
    } else {
        put_number(out, name, time_ms);
    }
}

static void put_empty(struct wn_buffer *out, const char *name, const char *brackets)
{
    put_name(out, name);
    wn_buffer_text(out, brackets);
}

/** Append the text without a signature. @return where the signature goes. */
static size_t put_receipt(struct wn_buffer *out, const struct wn_receipt *receipt,
                          const struct wn_tally *tally)
{
    wn_buffer_text(out, "{");
    put_attempts(out, tally);
    put_declared(out, tally);
    put_empty(out, "drift", "{");
    wn_drift_each(tally->drift, put_drift, out);
    wn_buffer_text(out, "}");
    put_count(out, "duplicates", tally->duplicates);
    put_event(out, &receipt->event);
    put_reasons(out, "filtered", tally->filtered);
    put_time(out, "first", tally->first_ms, INT64_MAX);
    put_count(out, "in", tally->in);
    put_inputs(out, receipt);
    put_keys(out, tally);
    put_time(out, "last", tally->last_ms, INT64_MIN);
    put_lists(out, tally);
    put_reasons(out, "masked", tally->masked);
    put_name(out, "nodes");
    wn_receipt_put_nodes(out, tally->nodes);
    put_outputs(out, receipt);
    put_count(out, "passed", tally->passed);
    put_member(out, "policy", receipt->policy);
    put_member(out, "previous", receipt->previous);
    put_purposes(out, receipt, tally);
    put_reasons(out, "quarantined", tally->quarantined);
    put_count(out, "receipt", receipt->number);
    size_t place = out->len;
    put_member(out, "source", receipt->source);
    put_member(out, "source_id", receipt->source_id);
    put_count(out, "superseded", tally->superseded);
    put_member(out, "tzdata", wn_zone_database());
    put_member(out, "version", WINNOW_VERSION);
    wn_buffer_text(out, "}");
    return place;
}

void wn_receipt_write(const struct wn_receipt *receipt, const struct wn_keyring *keyring,
                      struct wn_buffer *ret_bytes, char ret_sha256[65])
{
    struct wn_tally *empty = receipt->tally ? NULL : wn_tally_open();
    struct wn_buffer text = { 0 };
    size_t place = put_receipt(&text, receipt, receipt->tally ? receipt->tally : empty);
    size_t begin = ret_bytes->len;
    wn_buffer_add(ret_bytes, text.at, place);
    if (keyring) {
        uint8_t signature[crypto_sign_BYTES];
        char hex[2 * crypto_sign_BYTES + 1];
        wn_keyring_sign(keyring, wn_buffer_slice(&text), signature);
        wn_hex(signature, sizeof(signature), hex);
        put_member(ret_bytes, "signature", hex);
    }
    wn_buffer_add(ret_bytes, text.at + place, text.len - place);
    wn_buffer_deinit(&text);
    wn_tally_close(empty);
    if (ret_sha256) {
        uint8_t digest[WN_SHA256_BYTES];
        wn_sha256_of(ret_bytes->at + begin, ret_bytes->len - begin, digest);
        wn_hex(digest, sizeof(digest), ret_sha256);
    }
}

void wn_receipt_digest(uint8_t digest[32], bool ordered, struct wn_slice value)
{
    uint8_t of_value[WN_SHA256_BYTES];
    wn_sha256_of(value.at, value.len, of_value);
    wn_receipt_digest_add(digest, ordered, of_value);
}

void wn_receipt_digest_add(uint8_t digest[32], bool ordered, const uint8_t of_value[32])
{
    if (ordered) {
        uint8_t both[2 * WN_SHA256_BYTES];
        memcpy(both, digest, WN_SHA256_BYTES);
        memcpy(both + WN_SHA256_BYTES, of_value, WN_SHA256_BYTES);
        wn_sha256_of(both, sizeof(both), digest);
        return;
    }
    unsigned carry = 0;
    for (int i = WN_SHA256_BYTES - 1; i >= 0; i--) { // Big-endian.
        carry += (unsigned)digest[i] + of_value[i];
        digest[i] = (uint8_t)carry;
        carry >>= 8;
    }
}
