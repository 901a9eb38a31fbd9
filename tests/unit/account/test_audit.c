// SPDX-License-Identifier: Apache-2.0

/** Audit: good chains have no findings; each fault is found, with receipt and place. */

#include "winnow/audit.h"

#include <stdio.h>

#include "signer.h"
#include "table.h"
#include "winnow/hash.h"
#include "winnow/receipt.h"

#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

enum {
    RECEIPTS = 5,
    RECORDS = 10
};

static const char *const purposes[] = { "billing", "insight" };

/** A chain of receipts of one Kafka partition. */
struct chain {
    struct wn_buffer text[RECEIPTS];
    int32_t partition;
};

/** What may be changed in receipt `at` before it is written. */
struct fault {
    unsigned at; ///< From 1; 0: none.
    void (*change)(struct wn_receipt *receipt, struct wn_tally *tally,
                   struct wn_receipt_output outputs[3]);
};

static void fill(struct wn_tally *tally)
{
    tally->in = RECORDS;
    tally->passed = 6;
    tally->duplicates = 1;
    tally->filtered[WN_REASON_ATTEMPT] = 1;
    tally->attempts[WN_ATTEMPT_UNKNOWN] = 1;
    tally->quarantined[WN_REASON_BAD_TIME] = 2;
    tally->purposes[0].out = 6;
    tally->purposes[1].out = 2;
    tally->purposes[1].no_consent = 4;
}

static void write_one(unsigned number, const char *previous, int32_t partition,
                      const struct fault *fault, struct wn_buffer *ret_text, char ret_sha256[65])
{
    struct wn_keyring signer;
    struct wn_tally *tally = wn_tally_open();
    struct wn_receipt_input input = { .topic = "raw.calls",
                                      .partition = partition,
                                      .first_offset = (int64_t)number * 100,
                                      .last_offset = (int64_t)number * 100 + 99,
                                      .records = RECORDS };
    struct wn_receipt_output outputs[3] = {
        { .topic = "usage.billing.call", .digest = HASH, .records = 6 },
        { .topic = "usage.insight.call", .digest = HASH, .records = 2 },
        { .topic = "winnow.quarantine", .digest = HASH, .records = 3 },
    };
    struct wn_receipt receipt = { .number = number,
                                  .previous = previous,
                                  .policy = HASH,
                                  .source = "s",
                                  .source_id = HASH,
                                  .tally = tally,
                                  .purposes = purposes,
                                  .n_purposes = 2,
                                  .inputs = &input,
                                  .n_inputs = 1,
                                  .outputs = outputs,
                                  .n_outputs = 3 };
    fill(tally);
    if (fault && fault->at == number) {
        fault->change(&receipt, tally, outputs);
    }
    signer_make(1, &signer);
    wn_receipt_write(&receipt, &signer, ret_text, ret_sha256);
    wn_tally_close(tally);
}

static void make_chain(struct chain *chain, const struct fault *fault)
{
    char sha256[2][65];
    for (unsigned i = 0; i < RECEIPTS; i++) {
        write_one(i + 1, i > 0 ? sha256[(i + 1) % 2] : NULL, chain->partition, fault,
                  &chain->text[i], sha256[i % 2]);
    }
}

static void forget(struct chain *chain)
{
    for (int i = 0; i < RECEIPTS; i++) {
        wn_buffer_deinit(&chain->text[i]);
    }
}

static struct wn_audit *open_audit(void)
{
    struct wn_keyring signer;
    signer_make(1, &signer);
    return wn_audit_open(signer.public_key);
}

static void add(struct wn_audit *audit, const char *name, const struct chain *chain, int i)
{
    char place[32];
    snprintf(place, sizeof(place), "%s@%d", name, i + 1);
    wn_audit_receipt(audit, name, place, wn_buffer_slice(&chain->text[i]), false);
}

/** Expect so many findings, and a text in the report; give the audit back. */
static void expect(struct wn_audit *audit, unsigned n, const char *text)
{
    struct wn_buffer report = { 0 };
    unsigned found = wn_audit_report(audit, &report);
    wn_buffer_add(&report, "", 1);
    if (found != n || !strstr((const char *)report.at, text)) {
        fail_msg("%u findings expected, '%s' in:\n%s", n, text, (const char *)report.at);
    }
    wn_buffer_deinit(&report);
    wn_audit_close(audit);
}

/** A fault of a receipt's content, well signed: found by its sums and outputs. */
struct content_row {
    const char *name;
    void (*change)(struct wn_receipt *receipt, struct wn_tally *tally,
                   struct wn_receipt_output outputs[3]);
    unsigned findings;
    const char *text;
};

#define CHANGE(name)                                                                               \
    static void name(struct wn_receipt *receipt, struct wn_tally *tally,                           \
                     struct wn_receipt_output outputs[3])

CHANGE(in_is_off)
{
    (void)receipt;
    (void)outputs;
    tally->in++;
}

CHANGE(purpose_is_off)
{
    (void)receipt;
    (void)outputs;
    tally->purposes[1].no_consent--;
}

CHANGE(output_is_off)
{
    (void)receipt;
    (void)tally;
    outputs[1].records++;
}

CHANGE(output_is_left_out)
{
    (void)outputs;
    (void)tally;
    receipt->n_outputs = 1;
}

CHANGE(output_of_nobody)
{
    (void)receipt;
    (void)tally;
    outputs[1].topic = "usage.marketing.call";
}

CHANGE(declares)
{
    (void)receipt;
    (void)outputs;
    const struct wn_tally_declared records = {
        .name = "records", .inputs = 1, .absent = 1, .declared = 33, .found = 32, .missing = 1
    };
    const struct wn_tally_declared amount = { .name = "amount", .inputs = 1 };
    wn_tally_declared_add(tally, &records);
    wn_tally_declared_add(tally, &amount);
}

CHANGE(overlap)
{
    (void)outputs;
    (void)tally;
    struct wn_receipt_input *input;
    memcpy(&input, &receipt->inputs, sizeof(struct wn_receipt_input *));
    input->first_offset -= 1;
}

CHANGE(another_partition)
{
    (void)outputs;
    (void)tally;
    struct wn_receipt_input *input;
    memcpy(&input, &receipt->inputs, sizeof(struct wn_receipt_input *));
    input->partition += 1;
}

static const struct content_row content_rows[] = {
    { "in that is not its fates", in_is_off, 2, "p@3: receipt 3: the counts do not balance" },
    { "a purpose that lost a record", purpose_is_off, 1, "purpose 1: passed is not" },
    { "an output with a record more", output_is_off, 1,
      "purpose insight: `out` is 2, its outputs have 3 records" },
    { "outputs that are not named", output_is_left_out, 2,
      "2 records went to quarantine, its quarantine has 0 pieces" },
    { "an output that is no purpose's", output_of_nobody, 2,
      "output usage.marketing.call belongs to no purpose" },
    { "offsets that overlap", overlap, 1, "p@3: receipt 3: its offsets overlap" },
    { "a receipt of another partition", another_partition, 2, "accounts for another input" },
};

static void check_content(void **state)
{
    const struct content_row *row = *state;
    struct fault fault = { 3, row->change };
    struct chain chain = { .partition = 0 };
    make_chain(&chain, &fault);
    struct wn_audit *audit = open_audit();
    for (int i = 0; i < RECEIPTS; i++) {
        add(audit, "p", &chain, i);
    }
    expect(audit, row->findings, row->text);
    forget(&chain);
}

/** Which receipts of a good chain are shown, in which order. */
struct order_row {
    const char *name;
    int order[8]; ///< Places from 1, 0 ends it.
    unsigned findings;
    const char *text;
};

static const struct order_row order_rows[] = {
    { "a good chain has no findings",
      { 1, 2, 3, 4, 5 },
      0,
      "5 receipts in 1 chains, 15 outputs, 50 records in: no findings" },
    { "a receipt that is missing",
      { 1, 2, 4, 5 },
      1,
      "p@4: receipt 4: receipts 3 to 3 of this chain are missing" },
    { "a beginning that is missing",
      { 3, 4 },
      1,
      "p@3: receipt 3: receipts 1 to 2 of this chain are missing" },
    { "a receipt twice",
      { 1, 2, 2, 3 },
      2,
      "p@2: receipt 2: its number was there already: 3 was due" },
    { "no receipts at all", { 0 }, 0, "0 receipts" },
};

static void check_order(void **state)
{
    const struct order_row *row = *state;
    struct chain chain = { .partition = 0 };
    make_chain(&chain, NULL);
    struct wn_audit *audit = open_audit();
    for (int i = 0; row->order[i] != 0; i++) {
        add(audit, "p", &chain, row->order[i] - 1);
    }
    expect(audit, row->findings, row->text);
    forget(&chain);
}

/** Every octet of one receipt in a chain, flipped: found. */
static void finds_every_octet(void **state)
{
    (void)state;
    struct chain chain = { .partition = 0 };
    make_chain(&chain, NULL);
    struct wn_buffer *text = &chain.text[1];
    for (size_t i = 0; i < text->len; i++) {
        text->at[i] ^= (uint8_t)(1U << (i % 8));
        struct wn_audit *audit = open_audit();
        for (int k = 0; k < RECEIPTS; k++) {
            add(audit, "p", &chain, k);
        }
        struct wn_buffer report = { 0 };
        assert_in_range(wn_audit_report(audit, &report), 2, 20); // At itself, and at the next.
        wn_buffer_add(&report, "", 1);
        assert_non_null(strstr((const char *)report.at, "p@2: "));
        assert_non_null(strstr((const char *)report.at, "p@3: "));
        wn_buffer_deinit(&report);
        wn_audit_close(audit);
        text->at[i] ^= (uint8_t)(1U << (i % 8));
    }
    forget(&chain);
}

static void broken_previous(void **state)
{
    (void)state;
    struct chain chain = { .partition = 0 };
    make_chain(&chain, NULL);
    // Signed by the right key, good in itself, but not what stood there.
    char sha256[65];
    wn_buffer_deinit(&chain.text[2]);
    write_one(3, HASH, 0, NULL, &chain.text[2], sha256);
    struct wn_audit *audit = open_audit();
    for (int k = 0; k < RECEIPTS; k++) {
        add(audit, "p", &chain, k);
    }
    expect(audit, 2, "p@3: receipt 3: `previous` is not the SHA-256 of receipt 2");

    audit = open_audit();
    wn_buffer_deinit(&chain.text[0]);
    write_one(1, HASH, 0, NULL, &chain.text[0], sha256);
    add(audit, "p", &chain, 0);
    expect(audit, 1, "the first of its chain, and names a previous one");
    forget(&chain);
}

static void another_key(void **state)
{
    (void)state;
    struct chain chain = { .partition = 0 };
    make_chain(&chain, NULL);
    struct wn_keyring other;
    signer_make(2, &other);
    struct wn_audit *audit = wn_audit_open(other.public_key);
    add(audit, "p", &chain, 0);
    expect(audit, 1, "p@1: receipt 1: not a receipt: the signature does not fit");
    forget(&chain);
}

static void two_chains(void **state)
{
    (void)state;
    struct chain first = { .partition = 0 }, second = { .partition = 1 };
    make_chain(&first, NULL);
    make_chain(&second, NULL);
    struct wn_audit *audit = open_audit();
    for (int k = 0; k < RECEIPTS; k++) {
        add(audit, "raw.calls-0", &first, k);
        add(audit, "raw.calls-1", &second, k);
    }
    expect(audit, 0, "10 receipts in 2 chains, 30 outputs, 100 records in: no findings");

    audit = open_audit(); // The same, told to be one chain: a mixture is found.
    for (int k = 0; k < 2; k++) {
        add(audit, "p", &first, k);
        add(audit, "p", &second, k);
    }
    expect(audit, 6, "its number was there already");

    audit = open_audit(); // A chain that goes on with the other's receipts.
    add(audit, "p", &first, 0);
    add(audit, "p", &second, 1);
    expect(audit, 2, "`previous` is not the SHA-256 of receipt 1");
    forget(&second);
    forget(&first);
}

static void open_tail(void **state)
{
    (void)state;
    struct chain chain = { .partition = 0 };
    make_chain(&chain, NULL);
    struct wn_audit *audit = open_audit();
    add(audit, "p", &chain, 0);
    // The head's: the same, unsigned.
    struct wn_slice signed_text = wn_buffer_slice(&chain.text[1]);
    struct wn_buffer open = { 0 };
    wn_buffer_add(&chain.text[1], "", 1);
    signed_text.at = (const char *)chain.text[1].at;
    const char *cut = strstr(signed_text.at, ",\"signature\":");
    assert_non_null(cut);
    size_t before = (size_t)(cut - signed_text.at), signature = 13 + 130;
    wn_buffer_add(&open, signed_text.at, before);
    wn_buffer_add(&open, cut + signature, signed_text.len - before - signature);
    wn_audit_receipt(audit, "p", "head", wn_buffer_slice(&open), true);
    expect(audit, 0, "2 receipts in 1 chains, 6 outputs");

    audit = open_audit();
    add(audit, "p", &chain, 0);
    wn_audit_receipt(audit, "p", "head", wn_buffer_slice(&open), false);
    expect(audit, 1, "head: receipt 2: not a receipt: it has no signature");

    audit = open_audit();
    add(audit, "p", &chain, 0);
    wn_audit_receipt(audit, "p", "head", wn_buffer_slice(&open), true);
    add(audit, "p", &chain, 2);
    expect(audit, 2, "p@3: receipt 3: it stands behind the open receipt");
    wn_buffer_deinit(&open);
    forget(&chain);
}

static void put_event(struct wn_audit *audit, const struct wn_receipt *event, const char *place)
{
    struct wn_keyring signer;
    struct wn_buffer text = { 0 };
    signer_make(1, &signer);
    wn_receipt_write(event, &signer, &text, NULL);
    wn_audit_receipt(audit, "p", place, wn_buffer_slice(&text), false);
    wn_buffer_deinit(&text);
}

static void events_in_a_chain(void **state)
{
    (void)state;
    struct chain chain = { .partition = 0 };
    make_chain(&chain, NULL);
    struct wn_audit *audit = open_audit();
    add(audit, "p", &chain, 0);
    uint8_t digest[32];
    char sha256[65];
    wn_sha256_of(chain.text[0].at, chain.text[0].len, digest);
    wn_hex(digest, 32, sha256);
    static const struct wn_receipt_output dropped = { .file = "quarantine/a.avro",
                                                      .digest = HASH,
                                                      .records = 3 };
    struct wn_receipt event = { .number = 2,
                                .previous = sha256,
                                .event = { "drop", "bad-time", "1" },
                                .purposes = purposes,
                                .n_purposes = 2,
                                .outputs = &dropped,
                                .n_outputs = 1 };
    put_event(audit, &event, "drop");
    expect(audit, 0, "2 receipts");

    audit = open_audit();
    add(audit, "p", &chain, 0);
    event = (struct wn_receipt){ .number = 40,
                                 .previous = sha256,
                                 .event = { "break", "state-lost", NULL } };
    put_event(audit, &event, "break");
    expect(audit, 0, "2 receipts");

    audit = open_audit();
    add(audit, "p", &chain, 0);
    event.previous = HASH;
    put_event(audit, &event, "break");
    expect(audit, 1, "break: receipt 40: `previous` is not the SHA-256 of receipt 1");
    forget(&chain);
}

/** Outputs, counted and checked. */
static void visit(void *context, const struct wn_audit_output *output)
{
    unsigned *n = context;
    static const char *const places[] = { "usage.billing.call", "usage.insight.call",
                                          "winnow.quarantine" };
    assert_string_equal(output->place, places[*n % 3]);
    assert_int_equal(output->receipt, *n / 3 + 1);
    assert_string_equal(output->chain, "p");
    assert_string_equal(output->digest, HASH);
    assert_string_equal(output->input_topic, "raw.calls");
    assert_int_equal(output->input_partition, 4);
    assert_int_equal(output->first_offset, output->receipt * 100);
    assert_int_equal(output->last_offset, output->receipt * 100 + 99);
    ++*n;
}

static void shows_outputs(void **state)
{
    (void)state;
    struct chain chain = { .partition = 4 };
    make_chain(&chain, NULL);
    struct wn_audit *audit = open_audit();
    for (int k = 0; k < RECEIPTS; k++) {
        add(audit, "p", &chain, k);
    }
    unsigned n = 0;
    wn_audit_each_output(audit, visit, &n);
    assert_int_equal(n, 15);
    wn_audit_find(audit, "usage.billing.call", "record %d was added", 7);
    expect(audit, 1, "usage.billing.call: record 7 was added\n5 receipts");
    assert_null(wn_audit_close(NULL));
    forget(&chain);
}

/** Totals that differ are noted, and make no finding of a true receipt. */
static void totals_that_differ(void **state)
{
    (void)state;
    const struct fault fault = { .at = 2, .change = declares };
    struct chain chain = { .partition = 4 };
    struct wn_buffer notes = { 0 };
    make_chain(&chain, &fault);
    struct wn_audit *audit = open_audit();
    for (int k = 0; k < RECEIPTS; k++) {
        add(audit, "p", &chain, k);
    }
    wn_audit_notes(audit, &notes);
    assert_true(wn_slice_is(wn_buffer_slice(&notes),
                            "p@2: receipt 2 of raw.calls[4]: totals-differ: records: declared 33, "
                            "found 32, missing 1, absent or unreadable in 1 input\n"));
    expect(audit, 0, "no findings");

    audit = open_audit();
    for (int k = 0; k < 21; k++) { // A chain each.
        char name[8];
        snprintf(name, sizeof(name), "p%d", k % 100);
        add(audit, name, &chain, 1);
    }
    notes.len = 0;
    wn_audit_notes(audit, &notes);
    wn_buffer_add(&notes, "", 1);
    assert_non_null(
        strstr((const char *)notes.at, "p19@2: receipt 2 of raw.calls[4]: totals-differ"));
    assert_null(strstr((const char *)notes.at, "p20@2"));
    assert_non_null(strstr((const char *)notes.at, "\ntotals-differ in 1 more\n"));
    wn_audit_close(audit);
    wn_buffer_deinit(&notes);
    forget(&chain);
}

static void unreadable_receipts(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "{}", "[]", "nonsense", "{\"receipt\":1}" };
    for (size_t i = 0; i < WN_COUNT(texts); i++) {
        struct wn_audit *audit = open_audit();
        wn_audit_receipt(audit, "p", "place", wn_slice_of(texts[i]), false);
        expect(audit, 1, "place: not a receipt");
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(finds_every_octet),  cmocka_unit_test(broken_previous),
        cmocka_unit_test(another_key),        cmocka_unit_test(two_chains),
        cmocka_unit_test(open_tail),          cmocka_unit_test(events_in_a_chain),
        cmocka_unit_test(shows_outputs),      cmocka_unit_test(unreadable_receipts),
        cmocka_unit_test(totals_that_differ),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, order_rows, check_order);
    WN_ADD_TABLE(&all, content_rows, check_content);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("audit", &all);
}
