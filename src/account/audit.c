// SPDX-License-Identifier: Apache-2.0

/*
 * A receipt is checked from the outside in: form and signature, place in its chain, sums, outputs.
 * A receipt that can't be read still has a place: the next one's `previous` is the hash of what
 * stood there, so a change in one receipt shows twice, at itself and at the next. Its number is
 * taken to be the one that was due, so that one fault does not look like many.
 */

#include "winnow/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "audit_nodes.h"
#include "winnow/hash.h"
#include "winnow/memory.h"
#include "winnow/receipt.h"

enum {
    NOTES_MOST = 20 ///< Named; further ones are counted.
};

/** What is known of a chain of receipts. */
struct chain {
    const char *name;
    bool begun, ended; ///< `ended`: by an open receipt.
    uint64_t number;   ///< Of the last receipt.
    char sha256[WN_SHA256_HEX];
    const char *topic; ///< Of the last input; NULL: none, or files.
    int32_t partition;
    int64_t last_offset;
    int64_t newest_ms; ///< Event time; INT64_MIN: none.
};

struct wn_audit {
    uint8_t public_key[32];
    struct wn_arena arena;
    struct chain *chains;
    size_t n_chains;
    struct wn_audit_output *outputs;
    size_t n_outputs, capacity;
    struct wn_buffer findings;
    unsigned n_findings;
    struct wn_buffer notes;
    uint64_t n_notes;
    struct wn_audit_nodes *nodes;
    uint64_t n_receipts, n_records;
};

/** A receipt being checked. */
struct checked {
    struct wn_audit *audit;
    struct chain *chain;
    const char *place;
    const struct wn_receipt *receipt;
};

struct wn_audit *wn_audit_open(const uint8_t public_key[32])
{
    struct wn_audit *audit = wn_take(1, sizeof(*audit));
    memcpy(audit->public_key, public_key, sizeof(audit->public_key));
    audit->nodes = wn_audit_nodes_open();
    return audit;
}

struct wn_audit *wn_audit_close(struct wn_audit *audit)
{
    if (audit) {
        wn_buffer_deinit(&audit->findings);
        wn_buffer_deinit(&audit->notes);
        wn_audit_nodes_close(audit->nodes);
        free(audit->outputs);
        free(audit->chains);
        wn_arena_deinit(&audit->arena);
        free(audit);
    }
    return NULL;
}

/** A file's name makes no line of its own. */
static void one_line(struct wn_buffer *text, size_t begin)
{
    for (size_t i = begin; i < text->len; i++) {
        const uint8_t c = text->at[i];
        text->at[i] = c < ' ' || c == 0x7f ? '?' : c;
    }
}

static void find(struct wn_audit *audit, const char *place, const char *format, va_list args)
    WN_PRINTF(3, 0);

static void find(struct wn_audit *audit, const char *place, const char *format, va_list args)
{
    char sentence[512];
    const size_t begin = audit->findings.len;
    vsnprintf(sentence, sizeof(sentence), format, args);
    wn_buffer_format(&audit->findings, "%s: %s", place, sentence);
    one_line(&audit->findings, begin);
    wn_buffer_text(&audit->findings, "\n");
    audit->n_findings++;
}

void wn_audit_find(struct wn_audit *audit, const char *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    find(audit, place, format, args);
    va_end(args);
}

/** Add a finding of the receipt at hand. */
static void note(const struct checked *checked, const char *format, ...) WN_PRINTF(2, 3);

static void note(const struct checked *checked, const char *format, ...)
{
    char sentence[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    wn_audit_find(checked->audit, checked->place, "receipt %" PRIu64 ": %s",
                  checked->receipt->number, sentence);
}

static struct chain *find_chain(struct wn_audit *audit, const char *name)
{
    for (size_t i = 0; i < audit->n_chains; i++) {
        if (strcmp(audit->chains[i].name, name) == 0) {
            return &audit->chains[i];
        }
    }
    audit->chains = wn_grow(audit->chains, audit->n_chains + 1, sizeof(*audit->chains));
    struct chain *chain = &audit->chains[audit->n_chains++];
    *chain = (struct chain){ .name = wn_arena_copy(&audit->arena, wn_slice_of(name)).at,
                             .newest_ms = INT64_MIN };
    return chain;
}

/** @return a text of the audit's own: the one before where it is the same. */
static const char *keep(struct wn_audit *audit, const char *before, const char *text)
{
    return before && strcmp(before, text) == 0 ? before
                                               : wn_arena_copy(&audit->arena, wn_slice_of(text)).at;
}

/** Check the number. @return whether the one before this receipt is the last that was seen. */
static bool check_number(const struct checked *checked)
{
    const struct chain *chain = checked->chain;
    const struct wn_receipt *receipt = checked->receipt;
    uint64_t due = chain->begun ? chain->number + 1 : 1;
    bool is_break = receipt->event.kind && strcmp(receipt->event.kind, "break") == 0;
    if (receipt->number == due || (is_break && chain->begun && receipt->number > due)) {
        return true;
    }
    if (receipt->number > due) {
        note(checked, "receipts %" PRIu64 " to %" PRIu64 " of this chain are missing", due,
             receipt->number - 1);
    } else {
        note(checked, "its number was there already: %" PRIu64 " was due", due);
    }
    return false;
}

static void check_chain(const struct checked *checked)
{
    const struct chain *chain = checked->chain;
    const char *previous = checked->receipt->previous;
    if (chain->ended) {
        note(checked, "it stands behind the open receipt of its chain");
    }
    if (!check_number(checked)) {
        return; // Then `previous` names what was not seen.
    }
    if (!chain->begun && previous) {
        note(checked, "it is the first of its chain, and names a previous one");
    } else if (chain->begun && (!previous || strcmp(previous, chain->sha256) != 0)) {
        note(checked, "`previous` is not the SHA-256 of receipt %" PRIu64, chain->number);
    }
}

static void check_offsets(const struct checked *checked)
{
    struct chain *chain = checked->chain;
    const struct wn_receipt *receipt = checked->receipt;
    for (unsigned i = 0; i < receipt->n_inputs; i++) {
        const struct wn_receipt_input *input = &receipt->inputs[i];
        if (!input->topic) {
            continue;
        }
        if (input->last_offset < input->first_offset && input->records > 0) {
            note(checked, "its offsets go backwards");
        }
        bool follows = chain->topic && strcmp(chain->topic, input->topic) == 0 &&
                       chain->partition == input->partition;
        if (chain->topic && !follows && i == 0) {
            note(checked, "it accounts for another input than the receipt before it");
        }
        if (follows && input->first_offset <= chain->last_offset && !receipt->event.kind) {
            note(checked, "its offsets overlap with the receipt before it");
        }
        chain->topic = keep(checked->audit, chain->topic, input->topic);
        chain->partition = input->partition;
        if (!input->is_one) { // A replay takes up what lies before.
            chain->last_offset = input->last_offset;
        }
    }
}

static void check_sums(const struct checked *checked)
{
    const struct wn_receipt *receipt = checked->receipt;
    struct wn_error err;
    if (wn_tally_balanced(receipt->tally, receipt->n_purposes, &err) != WN_OK) {
        note(checked, "%s", err.text);
    }
    uint64_t records = 0;
    for (unsigned i = 0; i < receipt->n_inputs; i++) {
        records += receipt->inputs[i].records;
    }
    if (records != receipt->tally->in) {
        note(checked, "its inputs have %" PRIu64 " records, `in` is %" PRIu64, records,
             receipt->tally->in);
    }
}

/** @return whether `name` is one of the parts of a path or topic between `.` and `/`. */
static bool has_part(const char *place, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = place; *at != '\0';) {
        size_t part = strcspn(at, "./");
        if (part == len && memcmp(at, name, len) == 0) {
            return true;
        }
        at += part;
        at += *at != '\0' ? 1 : 0;
    }
    return false;
}

/** Add up outputs that belong to a purpose, or (`name` "quarantine") to none. @return records. */
static uint64_t records_of(const struct wn_receipt *receipt, const char *name, bool *counted)
{
    uint64_t records = 0;
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        const struct wn_receipt_output *output = &receipt->outputs[i];
        if (!counted[i] && has_part(output->file ? output->file : output->topic, name)) {
            records += output->records;
            counted[i] = true;
        }
    }
    return records;
}

/**
 * Outputs' records against the counts: each purpose's `out`, and a piece at least for each
 * quarantined record. An event without records (a drop names the file that it wrote anew) has
 * nothing to compare.
 */
static void check_outputs(const struct checked *checked)
{
    const struct wn_receipt *receipt = checked->receipt;
    const struct wn_tally *tally = receipt->tally;
    if (receipt->event.kind && tally->in == 0) {
        return;
    }
    bool *counted = wn_take(receipt->n_outputs, sizeof(*counted));
    uint64_t quarantined = 0;
    for (int i = 0; i < WN_REASONS; i++) {
        quarantined += tally->quarantined[i];
    }
    uint64_t pieces = records_of(receipt, "quarantine", counted);
    if (pieces < quarantined || (pieces > 0 && quarantined == 0)) {
        note(checked,
             "%" PRIu64 " records went to quarantine, its quarantine has %" PRIu64 " pieces",
             quarantined, pieces);
    }
    for (unsigned i = 0; i < receipt->n_purposes; i++) {
        uint64_t records = records_of(receipt, receipt->purposes[i], counted);
        if (records != tally->purposes[i].out) {
            note(checked, "purpose %s: `out` is %" PRIu64 ", its outputs have %" PRIu64 " records",
                 receipt->purposes[i], tally->purposes[i].out, records);
        }
    }
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        if (!counted[i]) {
            const struct wn_receipt_output *output = &receipt->outputs[i];
            note(checked, "output %s belongs to no purpose",
                 output->file ? output->file : output->topic);
        }
    }
    free(counted);
}

/** Remember the outputs, for the caller to look at. */
static void add_outputs(const struct checked *checked)
{
    struct wn_audit *audit = checked->audit;
    const struct wn_receipt *receipt = checked->receipt;
    for (unsigned i = 0; i < receipt->n_outputs; i++) {
        const struct wn_receipt_output *from = &receipt->outputs[i];
        const struct wn_audit_output *last =
            audit->n_outputs > 0 ? &audit->outputs[audit->n_outputs - 1] : NULL;
        struct wn_audit_output output = { .receipt = receipt->number,
                                          .chain = checked->chain->name,
                                          .place = keep(audit, last ? last->place : NULL,
                                                        from->file ? from->file : from->topic),
                                          .digest = keep(audit, NULL, from->digest),
                                          .records = from->records };
        if (receipt->n_inputs > 0 && receipt->inputs[0].topic) {
            const struct wn_receipt_input *input = &receipt->inputs[0];
            output.input_topic = keep(audit, last ? last->input_topic : NULL, input->topic);
            output.input_partition = input->partition;
            output.first_offset = input->first_offset;
            output.last_offset = input->last_offset;
        }
        if (audit->n_outputs == audit->capacity) {
            audit->capacity = audit->capacity > 0 ? 2 * audit->capacity : 16;
            audit->outputs = wn_grow(audit->outputs, audit->capacity, sizeof(*audit->outputs));
        }
        audit->outputs[audit->n_outputs++] = output;
    }
}

/** Name the input of a receipt of topics: receipts of all of them lie in one. */
static void note_input(const struct checked *checked)
{
    const struct wn_receipt *receipt = checked->receipt;
    if (receipt->n_inputs > 0 && receipt->inputs[0].topic) {
        wn_buffer_format(&checked->audit->notes, " of %s[%" PRId32 "]", receipt->inputs[0].topic,
                         receipt->inputs[0].partition);
    }
}

/** Remember totals that differ: what the switch says against itself makes no receipt untrue. */
static void note_declared(const struct checked *checked)
{
    struct wn_audit *audit = checked->audit;
    const struct wn_tally *tally = checked->receipt->tally;
    for (unsigned i = 0; i < tally->n_declared; i++) {
        if (wn_tally_declared_differs(&tally->declared[i]) && audit->n_notes++ < NOTES_MOST) {
            const size_t begin = audit->notes.len;
            wn_buffer_format(&audit->notes, "%s: receipt %" PRIu64, checked->place,
                             checked->receipt->number);
            one_line(&audit->notes, begin);
            note_input(checked);
            wn_buffer_text(&audit->notes, ": totals-differ: ");
            wn_tally_declared_text(&tally->declared[i], &audit->notes);
            wn_buffer_text(&audit->notes, "\n");
        }
    }
}

/** Read a receipt with whatever purposes it has. */
static enum wn_code read_receipt(struct wn_arena *arena, struct wn_slice bytes,
                                 struct wn_receipt *ret_receipt, struct wn_error *err)
{
    const char **purposes = wn_arena_zeroed(arena, WN_PURPOSES, sizeof(*purposes));
    unsigned n = 0;
    enum wn_code rc = wn_receipt_purposes(bytes, arena, purposes, &n, err);
    return rc == WN_OK ? wn_receipt_read(bytes, purposes, n, arena, ret_receipt, err) : rc;
}

/** Let the chain go on behind a receipt. */
static void extend(struct chain *chain, uint64_t number, struct wn_slice bytes, bool open)
{
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(bytes.at, bytes.len, digest);
    wn_hex(digest, sizeof(digest), chain->sha256);
    chain->number = number;
    chain->begun = true;
    chain->ended = open;
}

void wn_audit_receipt(struct wn_audit *audit, const char *chain_name, const char *place,
                      struct wn_slice bytes, bool open)
{
    struct chain *chain = find_chain(audit, chain_name);
    struct wn_receipt receipt = { 0 };
    struct wn_arena arena = { 0 }; // Of this receipt: topics hold those of years.
    struct wn_error err;
    audit->n_receipts++;
    if (read_receipt(&arena, bytes, &receipt, &err) != WN_OK) {
        wn_audit_find(audit, place, "%s", err.text);
        extend(chain, chain->begun ? chain->number + 1 : 1, bytes, open);
        wn_arena_deinit(&arena);
        return;
    }
    struct checked checked = { audit, chain, place, &receipt };
    bool good = open || wn_receipt_verify(bytes, audit->public_key, &err) == WN_OK;
    if (!good) {
        note(&checked, "%s", err.text);
    }
    check_chain(&checked);
    check_offsets(&checked);
    check_sums(&checked);
    check_outputs(&checked);
    if (good) {
        add_outputs(&checked);
        note_declared(&checked);
        wn_audit_nodes_take(audit->nodes, &receipt, &chain->newest_ms);
        audit->n_records += receipt.tally->in;
    }
    extend(chain, receipt.number, bytes, open);
    struct wn_tally *tally = (struct wn_tally *)(uintptr_t)receipt.tally; // NOLINT: ours, read.
    wn_tally_close(tally);
    wn_arena_deinit(&arena);
}

void wn_audit_each_output(const struct wn_audit *audit, wn_audit_visit *visit, void *context)
{
    for (size_t i = 0; i < audit->n_outputs; i++) {
        visit(context, &audit->outputs[i]);
    }
}

void wn_audit_notes(const struct wn_audit *audit, struct wn_buffer *ret_notes)
{
    wn_buffer_add(ret_notes, audit->notes.at, audit->notes.len);
    if (audit->n_notes > NOTES_MOST) {
        wn_buffer_format(ret_notes, "totals-differ in %" PRIu64 " more\n",
                         audit->n_notes - NOTES_MOST);
    }
}

unsigned wn_audit_report(const struct wn_audit *audit, struct wn_buffer *ret_text)
{
    wn_buffer_add(ret_text, audit->findings.at, audit->findings.len);
    wn_buffer_format(ret_text,
                     "%" PRIu64 " receipts in %zu chains, %zu outputs, %" PRIu64 " records in: ",
                     audit->n_receipts, audit->n_chains, audit->n_outputs, audit->n_records);
    if (audit->n_findings == 0) {
        wn_buffer_text(ret_text, "no findings\n");
    } else {
        wn_buffer_format(ret_text, "%u findings\n", audit->n_findings);
    }
    return audit->n_findings;
}

void wn_audit_say(struct wn_audit *audit, int64_t lateness_ms, struct wn_audit_said *ret_said)
{
    ret_said->n_findings = wn_audit_report(audit, &ret_said->report);
    wn_audit_notes(audit, &ret_said->notes);
    wn_audit_nodes_say(audit->nodes, lateness_ms, &ret_said->notes, &ret_said->gaps);
}

void wn_audit_said_deinit(struct wn_audit_said *said)
{
    wn_buffer_deinit(&said->report);
    wn_buffer_deinit(&said->notes);
    wn_buffer_deinit(&said->gaps);
}
