// SPDX-License-Identifier: Apache-2.0

/** Recount: what agrees is not found; what was added, altered or removed is, under its receipt. */

#include "winnow/recount.h"

#include <stdio.h>

#include "table.h"
#include "winnow/avro.h"
#include "winnow/hash.h"
#include "winnow/receipt.h"

enum {
    N = 10,      ///< Records of a receipt.
    RECEIPTS = 3 ///< Offsets 0-9, 10-19; a break; 5-14 again.
};

#define TOPIC "usage.billing.call"

static const int64_t firsts[RECEIPTS] = { 0, 10, 5 };
static const uint64_t numbers[RECEIPTS] = { 1, 2, 4 };
static const uint64_t fingerprint = 0x0807060504030201;

/** What somebody did to the topic. */
enum edit {
    NOTHING,
    COPY,         ///< A record stands again.
    ALTERED_COPY, ///< It stands again, and is another one.
    TWO_COPIES,
    ALTERED, ///< A record is another one.
    REMOVED,
    NEW,           ///< A record more, of an origin between two others (index 1).
    BEHIND,        ///< A record of an offset behind all receipts.
    STRANGER,      ///< A record of another input.
    SCHEMA,        ///< A copy's header names another schema, and it stands in place of the record.
    NO_HEADER,     ///< Octets that are no record.
    TRIMMED,       ///< Removed, and a low watermark above 0.
    TRIMMED_EARLY, ///< The same, but what was taken was written long before.
};

struct row {
    const char *name;
    enum edit edit;
    int64_t offset;
    const char *finding; ///< NULL: none.
    const char *note;    ///< NULL: none.
};

static const struct row rows[] = {
    { "what agrees has no findings, also over a break", NOTHING, 0, NULL, NULL },
    { "a copy is named with its message", COPY, 3,
      "receipt 1 of raw.calls[0]: 1 record more than "
      "its 10, added by somebody else: offset 3 (message [1]@777)",
      NULL },
    { "an altered copy is told from the record", ALTERED_COPY, 12,
      "receipt 2 of raw.calls[0]: 1 record more than its 10, added by somebody else: offset 12 "
      "(message [1]@777)",
      NULL },
    { "two copies are both named", TWO_COPIES, 3,
      "2 records more than its 10, added by somebody "
      "else: offset 3 (message [1]@777), offset 4 (message [1]@778)",
      NULL },
    { "an altered record is found under its receipt", ALTERED, 12,
      "receipt 2 of raw.calls[0]: as many records as it says (10), but not the same between "
      "offsets "
      "10 and 19",
      NULL },
    { "a removed record is found under its receipt", REMOVED, 0,
      "receipt 1 of raw.calls[0]: 1 record fewer than its 10 between offsets 0 and 9", NULL },
    { "a record more of its own origin is named", NEW, 14,
      "receipt 2 of raw.calls[0]: 1 record more "
      "than its 10, added by somebody else: offset 14 index 1 (message [1]@777)",
      NULL },
    { "a record that no receipt accounts for is named", BEHIND, 25,
      TOPIC "[1]@777: raw.calls[0] offset 25: no receipt accounts for this record", NULL },
    { "an input that no receipt names is not repeated", STRANGER, 3,
      TOPIC "[1]@777: comes from an input that no receipt names", NULL },
    { "another schema than the policy's is named", SCHEMA, 3,
      "receipt 1 of raw.calls[0]: its schema is not its policy's", NULL },
    { "octets without a header are named", NO_HEADER, 3,
      TOPIC "[1]@777: is no record in Avro's single-object encoding", NULL },
    { "what retention took is a note", TRIMMED, 3, NULL,
      TOPIC ": 1 receipt of raw.calls[0] (1 to 1): not checked, aged out: partition 2 begins at "
            "offset 40" },
    { "retention does not excuse what came later", TRIMMED_EARLY, 12,
      "receipt 2 of raw.calls[0]: 1 record fewer than its 10", NULL },
};

/** Write the value of a record; each epoch's differ. */
static size_t write_value(int64_t offset, bool after_break, bool altered, char ret_value[64])
{
    for (unsigned i = 0; i < 8; i++) {
        ret_value[2 + i] = (char)(fingerprint >> 8 * i);
    }
    ret_value[0] = (char)0xc3;
    ret_value[1] = 0x01;
    return 10 + (size_t)snprintf(ret_value + 10, 54, "record %lld%s%s", (long long)offset,
                                 after_break ? " after" : "", altered ? " altered" : "");
}

static int64_t time_of(size_t receipt)
{
    return 1000 * ((int64_t)receipt + 1);
}

/** Show a message to the recount. */
static void show(struct wn_recount *recount, const struct wn_recount_message *message,
                 const struct wn_origin *origin)
{
    struct wn_slice avro;
    if (wn_recount_header(recount, message, &avro)) {
        wn_recount_add(recount, message, origin, &(const struct wn_recount_piece){ 0 });
    }
}

static void add_receipts(struct wn_recount *recount)
{
    const struct wn_recount_chain chain = { "raw.calls[0]", "raw.calls", 0 };
    const size_t number = wn_recount_chain(recount, &chain);
    wn_recount_head(recount, number, 30);
    for (size_t i = 0; i < RECEIPTS; i++) {
        if (i == 2) {
            wn_recount_break(recount, number, time_of(i) - 500);
        }
        const struct wn_recount_range range = {
            .chain = number,
            .receipt = numbers[i],
            .first = firsts[i],
            .last = firsts[i] + N - 1,
            .since_ms = i == 0 ? INT64_MIN : time_of(i - 1),
            .wanted = true,
            .same_policy = true,
        };
        uint8_t digest[32] = { 0 };
        char hex[65];
        for (int64_t j = 0; j < N; j++) {
            char value[64];
            size_t len = write_value(firsts[i] + j, i == 2, false, value);
            wn_receipt_digest(digest, true, (struct wn_slice){ value + 10, len - 10 });
        }
        wn_hex(digest, sizeof(digest), hex);
        wn_recount_want(recount, wn_recount_range(recount, &range), TOPIC, hex, N);
    }
}

/** Show what is in the topic: in another order than that of origin. */
static void show_all(struct wn_recount *recount, const struct row *row)
{
    for (size_t i = RECEIPTS; i-- > 0;) {
        for (int64_t j = N; j-- > 0;) {
            const int64_t offset = firsts[i] + j;
            const bool hit = offset == row->offset && i < 2;
            const bool gone =
                row->edit == REMOVED || row->edit == TRIMMED || row->edit == TRIMMED_EARLY;
            char value[64];
            size_t len = write_value(offset, i == 2, hit && row->edit == ALTERED, value);
            if (hit && row->edit == SCHEMA) {
                value[2] ^= 1;
            }
            const struct wn_recount_message message = {
                (int32_t)(j % 3), (int64_t)i * 100 + j, time_of(i) - 10, { value, len }
            };
            const struct wn_origin origin = { wn_slice_of("raw.calls"), 0, offset, 0 };
            if (!(hit && gone)) {
                show(recount, &message, &origin);
            }
        }
    }
}

/** Show what somebody added. */
static void show_added(struct wn_recount *recount, const struct row *row)
{
    char value[64];
    const bool other = row->edit == ALTERED_COPY || row->edit == NEW;
    size_t len = write_value(row->offset, false, other, value);
    struct wn_recount_message message = { 1, 777, time_of(1) + 20, { value, len } };
    struct wn_origin origin = { wn_slice_of("raw.calls"), 0, row->offset, 0 };
    message.time_ms = row->offset < 10 ? time_of(0) + 20 : time_of(1) + 20;
    switch (row->edit) {
    case NEW:
        origin.index = 1;
        break;
    case STRANGER:
        origin.input = wn_slice_of("447700900123");
        break;
    case NO_HEADER:
        message.value.len = 9;
        break;
    case COPY:
    case ALTERED_COPY:
    case TWO_COPIES:
    case BEHIND:
        break;
    case NOTHING:
    case ALTERED:
    case REMOVED:
    case SCHEMA:
    case TRIMMED:
    case TRIMMED_EARLY:
        return;
    }
    show(recount, &message, &origin);
    if (row->edit == TWO_COPIES) {
        origin.offset++;
        message.offset++;
        message.value.len = write_value(origin.offset, false, false, value);
        show(recount, &message, &origin);
    }
}

static void check_row(void **state)
{
    const struct row *row = *state;
    const uint8_t no_key[32] = { 0 };
    struct wn_audit *audit = wn_audit_open(no_key);
    struct wn_recount *recount = wn_recount_open(audit);
    const struct wn_recount_topic topic = { TOPIC, true, fingerprint, 0, false };
    struct wn_recount_age age = { .partition = 2, .low = 40 };
    age.trimmed = row->edit == TRIMMED || row->edit == TRIMMED_EARLY;
    age.reaches_ms = time_of(0) - 1;
    struct wn_buffer report = { 0 };
    struct wn_buffer notes = { 0 };

    add_receipts(recount);
    wn_recount_begin(recount, &topic);
    show_all(recount, row);
    show_added(recount, row);
    wn_recount_finish(recount, &age, &notes);

    unsigned n = wn_audit_report(audit, &report);
    wn_buffer_add(&report, "", 1);
    wn_buffer_add(&notes, "", 1);
    if (n != (row->finding ? 1 : 0) || (row->finding && !strstr((char *)report.at, row->finding))) {
        fail_msg("found: %s", (char *)report.at);
    }
    if ((row->note != NULL) != (notes.len > 1) ||
        (row->note && !strstr((char *)notes.at, row->note))) {
        fail_msg("noted: %s", (char *)notes.at);
    }
    assert_null(strstr((char *)report.at, "447700900123"));
    wn_buffer_deinit(&report);
    wn_buffer_deinit(&notes);
    wn_recount_close(recount);
    wn_audit_close(audit);
}

static void compares_sums_of_topics_without_order(void **state)
{
    (void)state;
    for (int edit = 0; edit < 4; edit++) {
        const uint8_t no_key[32] = { 0 };
        struct wn_audit *audit = wn_audit_open(no_key);
        struct wn_recount *recount = wn_recount_open(audit);
        const struct wn_recount_topic topic = { TOPIC, false, fingerprint, 0, false };
        const struct wn_recount_chain chain = { "raw.calls[0]", "raw.calls", 0 };
        const struct wn_recount_range range = { .chain = wn_recount_chain(recount, &chain),
                                                .receipt = 1,
                                                .last = 9,
                                                .wanted = true,
                                                .same_policy = true };
        const struct wn_recount_age age = { .unsettled = edit == 3 ? "a worker works" : NULL };
        uint8_t digest[32] = { 0 };
        char hex[65];
        wn_receipt_digest(digest, false, wn_slice_of("one"));
        wn_receipt_digest(digest, false, wn_slice_of("two"));
        wn_hex(digest, sizeof(digest), hex);
        wn_recount_want(recount, wn_recount_range(recount, &range), TOPIC, hex, 2);
        wn_recount_begin(recount, &topic);
        wn_recount_sum(recount, wn_slice_of("two"));
        wn_recount_sum(recount, wn_slice_of(edit == 1 ? "six" : "one"));
        if (edit >= 2) {
            wn_recount_sum(recount, wn_slice_of("one"));
        }
        struct wn_buffer report = { 0 };
        struct wn_buffer notes = { 0 };
        wn_recount_finish(recount, &age, &notes);
        assert_int_equal(wn_audit_report(audit, &report), edit == 1 || edit == 2);
        assert_int_equal(notes.len > 0, edit == 3);
        wn_buffer_deinit(&report);
        wn_buffer_deinit(&notes);
        wn_recount_close(recount);
        wn_audit_close(audit);
    }
}

static void tells_the_worker_from_a_stranger(void **state)
{
    (void)state;
    const uint8_t no_key[32] = { 0 };
    struct wn_audit *audit = wn_audit_open(no_key);
    struct wn_recount *recount = wn_recount_open(audit);
    const struct wn_recount_topic topic = { TOPIC, true, fingerprint, 0, false };
    const struct wn_recount_chain chain = { "raw.calls[0]", "raw.calls", 0 };
    struct wn_buffer report = { 0 };
    const size_t number = wn_recount_chain(recount, &chain);
    wn_recount_head(recount, number, 20);
    wn_recount_begin(recount, &topic);
    char value[64];
    const struct wn_recount_message message = {
        0, 5, 1, { value, write_value(25, false, false, value) }
    };
    const struct wn_origin origin = { wn_slice_of("raw.calls"), 0, 25, 0 };
    show(recount, &message, &origin);
    assert_int_equal(wn_recount_n_younger(recount), 1);
    wn_recount_younger(recount, number, 26);
    assert_int_equal(wn_audit_report(audit, &report), 0);
    wn_recount_younger(recount, number, 25);
    assert_int_equal(wn_audit_report(audit, &report), 1);
    wn_buffer_deinit(&report);
    wn_recount_close(recount);
    wn_audit_close(audit);
}

static void reads_the_origin_behind_other_fields(void **state)
{
    (void)state;
    static const char octets[] = "0123456789abcdef"     // fixed
                                 "\x02\x06"             // branch 1, a string of 3
                                 "abc"                  //
                                 "\x00"                 // branch 0: null
                                 "\x04\x02\x04\x00"     // two enums, the end
                                 "\x01"                 // true
                                 "\x12raw.calls"        // origin: input
                                 "\x06"                 // partition 3
                                 "\xd2\xf5\xdc\xcc\x04" // offset 617323881
                                 "\x08"                 // index 4
                                 "rest";
    const size_t whole = sizeof(octets) - 1 - 4;
    struct wn_purpose *purpose = test_calloc(1, sizeof(*purpose));
    purpose->n_outputs = 6;
    purpose->outputs[0] = (struct wn_output){ .avro = WN_AVRO_FIXED, .fixed_bytes = 16 };
    purpose->outputs[1] = (struct wn_output){ .avro = WN_AVRO_STRING, .nullable = true };
    purpose->outputs[2] = (struct wn_output){ .avro = WN_AVRO_LONG, .nullable = true };
    purpose->outputs[3] = (struct wn_output){ .avro = WN_AVRO_ENUMS };
    purpose->outputs[4] = (struct wn_output){ .avro = WN_AVRO_BOOLEAN };
    purpose->outputs[5] = (struct wn_output){ .avro = WN_AVRO_ORIGIN };
    struct wn_origin origin;
    assert_true(wn_usage_origin(purpose, (struct wn_slice){ octets, whole }, &origin));
    assert_true(wn_slice_is(origin.input, "raw.calls"));
    assert_int_equal(origin.partition, 3);
    assert_int_equal(origin.offset, 617323881);
    assert_int_equal(origin.index, 4);
    for (size_t len = 0; len < whole; len++) {
        assert_false(wn_usage_origin(purpose, (struct wn_slice){ octets, len }, &origin));
    }
    purpose->n_outputs = 5; // A purpose without origin.
    assert_false(wn_usage_origin(purpose, (struct wn_slice){ octets, whole }, &origin));
    test_free(purpose);
}

/** What a replay let pass, in the test of replays. */
static const struct replay_row {
    const char *name;
    struct wn_recount_piece piece; ///< Of the message: all-zero is usage.
    uint64_t named;                ///< Receipt of the replay that names the record; 0: none does.
    bool younger;                  ///< It is younger than the audit.
    const char *finding;           ///< NULL: all is well.
} replay_rows[] = {
    { "a replayed usage record is its replay's", { 0, 0 }, 2, false, NULL },
    { "without the replay it is somebody else's",
      { 0, 0 },
      0,
      false,
      "receipt 1 of raw.calls[0]: 1 record more than its 0" },
    { "an envelope is under the receipt that it names", { 1, 2 }, 2, false, NULL },
    { "an envelope from before the replay stays where it was",
      { 1, 1 },
      2,
      false,
      "receipt 1 of raw.calls[0]: 1 record more than its 0" },
    { "what a younger replay let pass is younger", { 0, 0 }, 9, true, NULL },
};

static void check_replay(void **state)
{
    const struct replay_row *row = *state;
    const uint8_t no_key[32] = { 0 };
    struct wn_audit *audit = wn_audit_open(no_key);
    struct wn_recount *recount = wn_recount_open(audit);
    const struct wn_recount_topic topic = { TOPIC, true, fingerprint, 0, false };
    const struct wn_recount_chain chain = { "raw.calls[0]", "raw.calls", 0 };
    const struct wn_recount_range first = {
        .chain = wn_recount_chain(recount, &chain), .receipt = 1, .last = 9, .wanted = true
    };
    struct wn_recount_range replay = first;
    char value[64];
    char hex[65];
    uint8_t digest[32] = { 0 };
    const size_t len = write_value(4, false, false, value);
    wn_receipt_digest(digest, true, (struct wn_slice){ value + 10, len - 10 });
    wn_hex(digest, sizeof(digest), hex);
    (void)wn_recount_range(recount, &first);
    if (row->named > 0 && !row->younger) {
        replay.receipt = row->named;
        replay.replay = true;
        const struct wn_recount_replay named = { first.chain, wn_recount_range(recount, &replay),
                                                 row->named, 4, 1 };
        wn_recount_replay(recount, &named);
        wn_recount_want(recount, named.range, TOPIC, hex, row->finding ? 0 : 1);
    } else if (row->named > 0) {
        const struct wn_recount_replay named = { first.chain, SIZE_MAX, row->named, 4, 1 };
        wn_recount_replay(recount, &named);
    }
    wn_recount_begin(recount, &topic);
    const struct wn_recount_message message = { 0, 7, 100, { value, len } };
    const struct wn_origin origin = { wn_slice_of("raw.calls"), 0, 4, 1 };
    struct wn_slice avro;
    assert_true(wn_recount_header(recount, &message, &avro));
    wn_recount_add(recount, &message, &origin, &row->piece);
    struct wn_buffer report = { 0 };
    struct wn_buffer notes = { 0 };
    const struct wn_recount_age age = { .low = 0 };
    wn_recount_finish(recount, &age, &notes);
    const unsigned n = wn_audit_report(audit, &report);
    wn_buffer_add(&report, "", 1);
    if ((n > 0) != (row->finding != NULL) ||
        (row->finding && !strstr((char *)report.at, row->finding))) {
        fail_msg("found: %s", (char *)report.at);
    }
    assert_int_equal(wn_recount_n_younger(recount), row->younger ? 1 : 0);
    wn_buffer_deinit(&report);
    wn_buffer_deinit(&notes);
    wn_recount_close(recount);
    wn_audit_close(audit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_sums_of_topics_without_order),
        cmocka_unit_test(tells_the_worker_from_a_stranger),
        cmocka_unit_test(reads_the_origin_behind_other_fields),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_row);
    WN_ADD_TABLE(&all, replay_rows, check_replay);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("recount", &all);
}
