// SPDX-License-Identifier: Apache-2.0

/*
 * Reading a receipt. jansson parses; then the text is written again from what it understood, in the
 * canonical form, and must be the same octets. So there is one text for what a receipt says, and
 * whatever a reader might take otherwise (a second member of one name, 1.0 for 1, an escape that is
 * not needed, a space) is no receipt.
 *
 * The form is checked before the signature, and the signature is over the text without it.
 */

#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "receipt_nodes.h"
#include "winnow/hash.h"
#include "winnow/memory.h"
#include "winnow/receipt.h"

enum {
    DEPTH = 8
}; ///< Of nested values; a receipt has four.

static bool canonical(const json_t *value, unsigned depth, struct wn_buffer *out);

static void canonical_text(const char *text, size_t len, struct wn_buffer *out)
{
    wn_buffer_text(out, "\"");
    for (size_t i = 0; i < len; i++) {
        static const char plain[] = "\"\\\b\t\n\f\r", letters[] = "\"\\btnfr";
        const char *escaped = text[i] != '\0' ? strchr(plain, text[i]) : NULL;
        if (escaped) {
            wn_buffer_format(out, "\\%c", letters[escaped - plain]);
        } else if ((unsigned char)text[i] < 0x20) {
            wn_buffer_format(out, "\\u%04x", (unsigned char)text[i]);
        } else {
            wn_buffer_add(out, &text[i], 1);
        }
    }
    wn_buffer_text(out, "\"");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool canonical_object(const json_t *object, unsigned depth, struct wn_buffer *out)
{
    size_t n = json_object_size(object);
    const char **names = wn_take(n, sizeof(*names));
    json_t *walk = (json_t *)(uintptr_t)object; // NOLINT(performance-no-int-to-ptr): only iterated.
    size_t i = 0;
    for (void *at = json_object_iter(walk); at; at = json_object_iter_next(walk, at)) {
        names[i++] = json_object_iter_key(at);
    }
    qsort(names, n, sizeof(*names), by_name);
    bool good = true;
    wn_buffer_text(out, "{");
    for (i = 0; i < n && good; i++) {
        wn_buffer_text(out, i > 0 ? "," : "");
        canonical_text(names[i], strlen(names[i]), out);
        wn_buffer_text(out, ":");
        good = canonical(json_object_get(object, names[i]), depth - 1, out);
    }
    wn_buffer_text(out, "}");
    free(names);
    return good;
}

/** Append a value in the canonical form. @return false where it has none: a real, a boolean, too
 * deep. */
static bool canonical(const json_t *value, unsigned depth, struct wn_buffer *out)
{
    if (depth == 0) {
        return false;
    }
    if (json_is_object(value)) {
        return canonical_object(value, depth, out);
    }
    if (json_is_array(value)) {
        bool good = true;
        wn_buffer_text(out, "[");
        for (size_t i = 0; i < json_array_size(value) && good; i++) {
            wn_buffer_text(out, i > 0 ? "," : "");
            good = canonical(json_array_get(value, i), depth - 1, out);
        }
        wn_buffer_text(out, "]");
        return good;
    }
    if (json_is_string(value)) {
        canonical_text(json_string_value(value), json_string_length(value), out);
        return true;
    }
    if (json_is_integer(value)) {
        wn_buffer_format(out, "%lld", (long long)json_integer_value(value));
        return true;
    }
    wn_buffer_text(out, "null");
    return json_is_null(value);
}

static enum wn_code refuse(struct wn_error *err, const char *what)
{
    return wn_fail(err, WN_REJECT, "receipt", "not a receipt: %s", what);
}

/** Parse a text that must be canonical. @param ret_root  For json_decref(). */
static enum wn_code parse(struct wn_slice bytes, json_t **ret_root, struct wn_error *err)
{
    json_error_t fault;
    json_t *root =
        json_loadb(bytes.len > 0 ? bytes.at : "", bytes.len, JSON_REJECT_DUPLICATES, &fault);
    if (!root || !json_is_object(root)) {
        json_decref(root);
        return refuse(err, "no JSON object");
    }
    struct wn_buffer again = { 0 };
    bool good = canonical(root, DEPTH, &again) && wn_slice_same(wn_buffer_slice(&again), bytes);
    wn_buffer_deinit(&again);
    if (!good) {
        json_decref(root);
        return refuse(err, "not in the canonical form (members in byte order, integers only, no "
                           "spaces)");
    }
    *ret_root = root;
    return WN_OK;
}

/** Take the signature out. @return false where there is none in lower-case hexadecimal. */
static bool take_signature(json_t *root, uint8_t ret_signature[crypto_sign_BYTES])
{
    const char *text = json_string_value(json_object_get(root, "signature"));
    char again[2 * crypto_sign_BYTES + 1];
    if (!text || !wn_unhex(wn_slice_of(text), crypto_sign_BYTES, ret_signature)) {
        return false;
    }
    wn_hex(ret_signature, crypto_sign_BYTES, again);
    bool good = strcmp(again, text) == 0;
    json_object_del(root, "signature");
    return good;
}

enum wn_code wn_receipt_verify(struct wn_slice bytes, const uint8_t public_key[32],
                               struct wn_error *err)
{
    json_t *root = NULL;
    enum wn_code rc = parse(bytes, &root, err);
    if (rc != WN_OK) {
        return rc;
    }
    uint8_t signature[crypto_sign_BYTES];
    struct wn_buffer signed_text = { 0 };
    if (!take_signature(root, signature)) {
        rc = refuse(err, "it has no signature");
    } else if (sodium_init() < 0 || !canonical(root, DEPTH, &signed_text) ||
               crypto_sign_verify_detached(signature, signed_text.at, signed_text.len,
                                           public_key) != 0) {
        rc = refuse(err, "the signature does not fit the text and this public key");
    }
    wn_buffer_deinit(&signed_text);
    json_decref(root);
    return rc;
}

/** A receipt being read; the first member that is not as it must be is kept. */
struct reader {
    struct wn_arena *arena;
    const char *bad;
};

static bool bad(struct reader *reader, const char *name)
{
    reader->bad = reader->bad ? reader->bad : name;
    return false;
}

static bool read_count(struct reader *reader, const json_t *object, const char *name,
                       uint64_t *ret_count)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return bad(reader, name);
    }
    *ret_count = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_number(struct reader *reader, const json_t *object, const char *name,
                        int64_t *ret_number)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value)) {
        return bad(reader, name);
    }
    *ret_number = json_integer_value(value);
    return true;
}

/** @param nullable  null may stand there, and gives NULL. */
static bool read_text(struct reader *reader, const json_t *object, const char *name, bool nullable,
                      const char **ret_text)
{
    const json_t *value = json_object_get(object, name);
    if (nullable && json_is_null(value)) {
        *ret_text = NULL;
        return true;
    }
    if (!json_is_string(value)) {
        return bad(reader, name);
    }
    *ret_text = wn_arena_copy(reader->arena, wn_slice_of(json_string_value(value))).at;
    return true;
}

static bool read_hex(struct reader *reader, const json_t *object, const char *name, size_t len,
                     const char **ret_text)
{
    uint8_t octets[32];
    return read_text(reader, object, name, false, ret_text) &&
           (wn_unhex(wn_slice_of(*ret_text), len, octets) || bad(reader, name));
}

static bool read_time(struct reader *reader, const json_t *object, const char *name, int64_t none,
                      int64_t *ret_ms)
{
    if (json_is_null(json_object_get(object, name))) {
        *ret_ms = none;
        return true;
    }
    return read_number(reader, object, name, ret_ms);
}

static bool read_reasons(struct reader *reader, const json_t *object, const char *name,
                         uint64_t counts[WN_REASONS])
{
    json_t *reasons = json_object_get(object, name);
    if (!json_is_object(reasons)) {
        return bad(reader, name);
    }
    for (void *at = json_object_iter(reasons); at; at = json_object_iter_next(reasons, at)) {
        enum wn_reason reason = wn_reason_find(wn_slice_of(json_object_iter_key(at)));
        if (reason == WN_REASON_NONE ||
            !read_count(reader, reasons, json_object_iter_key(at), &counts[reason])) {
            return bad(reader, name);
        }
    }
    return true;
}

static bool read_attempts(struct reader *reader, const json_t *root, struct wn_tally *tally)
{
    const json_t *attempts = json_object_get(root, "attempts");
    size_t found = 0;
    for (unsigned i = 0; i < WN_ATTEMPTS; i++) {
        const char *name = wn_attempt_name((enum wn_attempt)i);
        if (json_object_get(attempts, name)) {
            if (!read_count(reader, attempts, name, &tally->attempts[i])) {
                return bad(reader, "attempts");
            }
            found++;
        }
    }
    return (json_is_object(attempts) && json_object_size(attempts) == found) ||
           bad(reader, "attempts");
}

static bool read_drift(struct reader *reader, const json_t *root, struct wn_drift *drift)
{
    json_t *names = json_object_get(root, "drift");
    if (!json_is_object(names)) {
        return bad(reader, "drift");
    }
    for (void *at = json_object_iter(names); at; at = json_object_iter_next(names, at)) {
        uint64_t count;
        if (!read_count(reader, names, json_object_iter_key(at), &count)) {
            return bad(reader, "drift");
        }
        wn_drift_restore(drift, wn_slice_of(json_object_iter_key(at)), count);
    }
    return true;
}

static bool read_purposes(struct reader *reader, const json_t *root, struct wn_receipt *receipt,
                          struct wn_tally *tally)
{
    const json_t *purposes = json_object_get(root, "purposes");
    size_t found = 0;
    for (unsigned i = 0; i < receipt->n_purposes; i++) {
        const json_t *purpose = json_object_get(purposes, receipt->purposes[i]);
        struct wn_tally_purpose *counts = &tally->purposes[i];
        if (!purpose) {
            continue; // The policy got a purpose since.
        }
        found++;
        if (json_object_size(purpose) != 3 || !read_count(reader, purpose, "out", &counts->out) ||
            !read_count(reader, purpose, "no_consent", &counts->no_consent) ||
            !read_reasons(reader, purpose, "withheld", counts->withheld)) {
            return bad(reader, "purposes");
        }
    }
    return (json_is_object(purposes) && json_object_size(purposes) == found) ||
           bad(reader, "purposes");
}

static bool read_keys(struct reader *reader, const json_t *root, struct wn_tally *tally)
{
    const json_t *keys = json_object_get(root, "keys");
    if (!json_is_array(keys) || json_array_size(keys) > WN_TALLY_KEYS) {
        return bad(reader, "keys");
    }
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        const char *kcv = NULL, *purpose = NULL;
        uint64_t period = 0;
        uint8_t octets[8];
        if (json_object_size(key) != 3 || !read_hex(reader, key, "kcv", sizeof(octets), &kcv) ||
            !read_text(reader, key, "purpose", false, &purpose) ||
            !read_count(reader, key, "period", &period) || period > UINT32_MAX ||
            !wn_unhex(wn_slice_of(kcv), sizeof(octets), octets)) {
            return bad(reader, "keys");
        }
        wn_tally_key(tally, purpose, (uint32_t)period, octets);
    }
    return true;
}

/** @return whether a list may have this name: 1 to 15 characters of `a-z` and `-`. */
static bool is_list_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
    return len > 0 && len < WN_LIST_NAME && name[len] == '\0';
}

static bool read_lists(struct reader *reader, const json_t *root, struct wn_tally *tally)
{
    json_t *lists = json_object_get(root, "lists");
    if (!json_is_object(lists)) {
        return bad(reader, "lists");
    }
    for (void *at = json_object_iter(lists); at; at = json_object_iter_next(lists, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *versions = json_object_iter_value(at);
        if (!is_list_name(name) || json_array_size(versions) == 0) {
            return bad(reader, "lists");
        }
        const unsigned before = tally->n_lists;
        for (size_t i = 0; i < json_array_size(versions); i++) {
            const char *text = json_string_value(json_array_get(versions, i));
            uint8_t version[WN_SHA256_BYTES];
            if (!text || !wn_unhex(wn_slice_of(text), sizeof(version), version)) {
                return bad(reader, "lists");
            }
            wn_tally_list(tally, name, version);
        }
        if (tally->n_lists - before != json_array_size(versions)) {
            return bad(reader, "lists"); // One stands there twice.
        }
    }
    return true;
}

/** @return whether a total may have this name: 1 to 31 of `a-z0-9_-`, a letter first. */
static bool is_total_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return name[0] >= 'a' && len < WN_DECLARED_NAME && name[len] == '\0';
}

static bool read_declared(struct reader *reader, const json_t *root, struct wn_tally *tally)
{
    json_t *totals = json_object_get(root, "declared");
    if (!json_is_object(totals)) {
        return bad(reader, "declared");
    }
    for (void *at = json_object_iter(totals); at; at = json_object_iter_next(totals, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *total = json_object_iter_value(at);
        struct wn_tally_declared declared = { .name = "" };
        if (!is_total_name(name) || json_object_size(total) != 6 ||
            !read_count(reader, total, "absent", &declared.absent) ||
            !read_number(reader, total, "declared", &declared.declared) ||
            !read_number(reader, total, "found", &declared.found) ||
            !read_count(reader, total, "inputs", &declared.inputs) ||
            !read_count(reader, total, "missing", &declared.missing) ||
            !read_count(reader, total, "surplus", &declared.surplus)) {
            return bad(reader, "declared");
        }
        memcpy(declared.name, name, strlen(name));
        wn_tally_declared_add(tally, &declared);
    }
    return true;
}

static bool read_nodes(struct reader *reader, const json_t *root, struct wn_tally *tally)
{
    return wn_receipt_read_nodes(json_object_get(root, "nodes"), tally->nodes) ||
           bad(reader, "nodes");
}

static bool read_input(struct reader *reader, const json_t *object, struct wn_receipt_input *input)
{
    if (!read_count(reader, object, "records", &input->records)) {
        return false;
    }
    if (!json_object_get(object, "topic")) {
        return json_object_size(object) == 3 &&
               read_hex(reader, object, "sha256", WN_SHA256_BYTES, &input->sha256) &&
               read_number(reader, object, "bytes", &input->bytes);
    }
    int64_t partition = 0;
    int64_t index = 0;
    input->is_one = json_object_get(object, "index") != NULL;
    if (input->is_one &&
        (!read_number(reader, object, "index", &index) || index < 0 || index > INT32_MAX)) {
        return false;
    }
    input->index = (int32_t)index;
    bool good = json_object_size(object) == (input->is_one ? 6 : 5) &&
                read_text(reader, object, "topic", false, &input->topic) &&
                read_number(reader, object, "partition", &partition) &&
                read_number(reader, object, "first_offset", &input->first_offset) &&
                read_number(reader, object, "last_offset", &input->last_offset);
    input->partition = (int32_t)partition;
    return good && partition >= 0 && partition <= INT32_MAX;
}

static bool read_output(struct reader *reader, const json_t *object,
                        struct wn_receipt_output *output)
{
    bool file = json_object_get(object, "file") != NULL;
    return json_object_size(object) == 3 &&
           read_text(reader, object, file ? "file" : "topic", false,
                     file ? &output->file : &output->topic) &&
           read_hex(reader, object, file ? "sha256" : "digest", WN_SHA256_BYTES, &output->digest) &&
           read_count(reader, object, "records", &output->records);
}

static bool read_puts(struct reader *reader, const json_t *root, struct wn_receipt *receipt)
{
    const json_t *list = json_object_get(root, "inputs");
    if (!json_is_array(list)) {
        return bad(reader, "inputs");
    }
    receipt->n_inputs = (unsigned)json_array_size(list);
    struct wn_receipt_input *inputs =
        wn_arena_zeroed(reader->arena, receipt->n_inputs, sizeof(*inputs));
    for (unsigned i = 0; i < receipt->n_inputs; i++) {
        if (!read_input(reader, json_array_get(list, i), &inputs[i])) {
            return bad(reader, "inputs");
        }
    }
    receipt->inputs = inputs;
    list = json_object_get(root, "outputs");
    if (!json_is_array(list)) {
        return bad(reader, "outputs");
    }
    receipt->n_outputs = (unsigned)json_array_size(list);
    struct wn_receipt_output *outputs =
        wn_arena_zeroed(reader->arena, receipt->n_outputs, sizeof(*outputs));
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        if (!read_output(reader, json_array_get(list, i), &outputs[i])) {
            return bad(reader, "outputs");
        }
    }
    receipt->outputs = outputs;
    return true;
}

static bool read_event(struct reader *reader, const json_t *root, struct wn_receipt_event *event)
{
    const json_t *object = json_object_get(root, "event");
    if (!object) {
        return true;
    }
    return (json_object_size(object) == 3 &&
            read_text(reader, object, "kind", false, &event->kind) &&
            read_text(reader, object, "reason", true, &event->reason) &&
            read_text(reader, object, "refers", true, &event->refers)) ||
           bad(reader, "event");
}

/** @return whether the members that are not read are there, and no others. */
static bool check_rest(struct reader *reader, const json_t *root)
{
    enum {
        MEMBERS = 25
    };
    size_t n = json_object_size(root) - (json_object_get(root, "event") ? 1U : 0U) -
               (json_object_get(root, "signature") ? 1U : 0U);
    if (n != MEMBERS) {
        return bad(reader, "a member too many or too few");
    }
    return (json_is_string(json_object_get(root, "tzdata")) || bad(reader, "tzdata")) &&
           (json_is_string(json_object_get(root, "version")) || bad(reader, "version"));
}

static bool read_tally(struct reader *reader, const json_t *root, struct wn_receipt *receipt,
                       struct wn_tally *tally)
{
    return read_count(reader, root, "in", &tally->in) &&
           read_count(reader, root, "passed", &tally->passed) &&
           read_count(reader, root, "duplicates", &tally->duplicates) &&
           read_count(reader, root, "superseded", &tally->superseded) &&
           read_reasons(reader, root, "filtered", tally->filtered) &&
           read_attempts(reader, root, tally) &&
           read_reasons(reader, root, "quarantined", tally->quarantined) &&
           read_time(reader, root, "first", INT64_MAX, &tally->first_ms) &&
           read_time(reader, root, "last", INT64_MIN, &tally->last_ms) &&
           read_drift(reader, root, tally->drift) && read_keys(reader, root, tally) &&
           read_lists(reader, root, tally) && read_reasons(reader, root, "masked", tally->masked) &&
           read_declared(reader, root, tally) && read_nodes(reader, root, tally) &&
           read_purposes(reader, root, receipt, tally);
}

static bool read_receipt(struct reader *reader, const json_t *root, struct wn_receipt *receipt,
                         struct wn_tally *tally)
{
    return check_rest(reader, root) && read_count(reader, root, "receipt", &receipt->number) &&
           read_text(reader, root, "previous", true, &receipt->previous) &&
           read_text(reader, root, "policy", true, &receipt->policy) &&
           read_text(reader, root, "source", true, &receipt->source) &&
           read_text(reader, root, "source_id", true, &receipt->source_id) &&
           read_event(reader, root, &receipt->event) && read_puts(reader, root, receipt) &&
           read_tally(reader, root, receipt, tally);
}

enum wn_code wn_receipt_read(struct wn_slice bytes, const char *const *purposes,
                             unsigned n_purposes, struct wn_arena *arena,
                             struct wn_receipt *ret_receipt, struct wn_error *err)
{
    json_t *root = NULL;
    enum wn_code rc = parse(bytes, &root, err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_receipt receipt = { .purposes = purposes, .n_purposes = n_purposes };
    struct wn_tally *tally = wn_tally_open();
    struct reader reader = { .arena = arena };
    receipt.tally = tally;
    if (read_receipt(&reader, root, &receipt, tally)) {
        *ret_receipt = receipt;
    } else {
        wn_tally_close(tally);
        rc = wn_fail(err, WN_REJECT, "receipt", "not a receipt: member '%s'",
                     reader.bad ? reader.bad : "outputs");
    }
    json_decref(root);
    return rc;
}

enum wn_code wn_receipt_purposes(struct wn_slice bytes, struct wn_arena *arena,
                                 const char *ret_purposes[WN_PURPOSES], unsigned *ret_n,
                                 struct wn_error *err)
{
    json_t *root = NULL;
    enum wn_code rc = parse(bytes, &root, err);
    if (rc != WN_OK) {
        return rc;
    }
    json_t *purposes = json_object_get(root, "purposes");
    unsigned n = 0;
    if (json_object_size(purposes) > WN_PURPOSES) {
        rc = refuse(err, "more purposes than a policy may have");
    } else {
        for (void *at = json_object_iter(purposes); at; at = json_object_iter_next(purposes, at)) {
            ret_purposes[n++] = wn_arena_copy(arena, wn_slice_of(json_object_iter_key(at))).at;
        }
        *ret_n = n;
    }
    json_decref(root);
    return rc;
}
