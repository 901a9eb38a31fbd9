// SPDX-License-Identifier: Apache-2.0

/** Receipts: one canonical text, signed, read back whole, and no octet of it can change unseen. */

#include "winnow/receipt.h"

#include "signer.h"
#include "table.h"
#include "winnow/hash.h"
#include "winnow/time.h"

#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

#define AMOUNT                                                                                     \
    "\"amount\":{\"absent\":1,\"declared\":-500,\"found\":500,\"inputs\":1,\"missing\":0,"         \
    "\"surplus\":1000},"
#define RECORDS                                                                                    \
    "\"records\":{\"absent\":0,\"declared\":10,\"found\":9,\"inputs\":1,\"missing\":1,"            \
    "\"surplus\":0}"

#define NODES                                                                                      \
    "[{\"first\":5000,\"last\":5000,\"missing\":[],\"node\":\"ams-1\",\"passed\":1,\"records\":1," \
    "\"unlisted\":0},"                                                                             \
    "{\"first\":1,\"last\":1,\"missing\":[],\"node\":\"ams-1\",\"passed\":1,\"records\":1,"        \
    "\"unlisted\":0},"                                                                             \
    "{\"first\":4294967294,\"last\":3,\"missing\":[[4294967295,4294967295],[1,2]],"                \
    "\"node\":\"sgw-2\",\"passed\":2,\"records\":3,\"unlisted\":0}]"

static const char *const purposes[] = { "insight", "billing" };

static struct wn_tally *make_tally(void)
{
    static const uint8_t kcv[8] = { 0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3 };
    struct wn_tally *tally = wn_tally_open();
    tally->in = 9;
    tally->passed = 4;
    tally->duplicates = 1;
    tally->filtered[WN_REASON_ZERO_USAGE] = 1;
    tally->filtered[WN_REASON_ATTEMPT] = 2;
    tally->attempts[WN_ATTEMPT_USER] = tally->attempts[WN_ATTEMPT_NETWORK] = 1;
    tally->quarantined[WN_REASON_BAD_TIME] = 1;
    tally->purposes[0].no_consent = 3;
    tally->purposes[0].withheld[WN_REASON_KEY_MISSING] = 1;
    tally->purposes[1].out = 4;
    tally->masked[WN_REASON_LIST_TOO_OLD] = 2;
    tally->first_ms = 1764000000000;
    tally->last_ms = 1764000060000;
    wn_tally_key(tally, "insight", 202611, kcv);
    wn_tally_key(tally, "billing", 0, kcv);
    uint8_t version[32];
    assert_true(wn_unhex(wn_slice_of(OTHER), 32, version));
    wn_tally_list(tally, "helplines", version);
    wn_tally_list(tally, "consent", version);
    assert_true(wn_unhex(wn_slice_of(HASH), 32, version));
    wn_tally_list(tally, "helplines", version);
    const struct wn_declared declared[] = {
        { .name = "records", .n = 1, .declared = 10, .found = 9 },
        { .name = "amount", .required = true },
        { .name = "amount", .n = 1, .declared = -500, .found = 500 },
    };
    for (size_t i = 0; i < WN_COUNT(declared); i++) {
        wn_tally_declare(tally, &declared[i]);
    }
    static const struct {
        const char *node;
        uint32_t number;
        bool passed;
    } numbers[] = { { "sgw-2", 4294967294, true },
                    { "ams-1", 5000, true },
                    { "sgw-2", 3, false },
                    { "ams-1", 1, true },
                    { "sgw-2", 0, true } };
    for (size_t i = 0; i < WN_COUNT(numbers); i++) {
        const struct wn_sequence_number number = { .node = wn_slice_of(numbers[i].node),
                                                   .number = numbers[i].number,
                                                   .readable = true,
                                                   .passed = numbers[i].passed };
        wn_sequences_take(tally->nodes, &number);
    }
    wn_drift_count(tally->drift, wn_slice_of("variables"));
    wn_drift_count(tally->drift, wn_slice_of("variables"));
    wn_drift_count(tally->drift, wn_slice_of("not a name"));
    return tally;
}

static const struct wn_receipt_input file_input = { .sha256 = HASH, .bytes = 4096, .records = 9 };
static const struct wn_receipt_output outputs[] = {
    { .file = "usage.billing.call/b.avro", .digest = OTHER, .records = 4 },
    { .topic = "quarantine", .digest = HASH, .records = 1 },
};

static struct wn_receipt make(const struct wn_tally *tally)
{
    return (struct wn_receipt){ .number = 7,
                                .previous = HASH,
                                .policy = OTHER,
                                .source = "freeswitch-json",
                                .source_id = HASH,
                                .tally = tally,
                                .purposes = purposes,
                                .n_purposes = 2,
                                .inputs = &file_input,
                                .n_inputs = 1,
                                .outputs = outputs,
                                .n_outputs = 2 };
}

static const char expected[] =
    "{\"attempts\":{\"network\":1,\"user\":1},\"declared\":{" AMOUNT RECORDS
    "},\"drift\":{\"(hidden)\":1,\"variables\":2},\"duplicates\":1,"
    "\"filtered\":{\"attempt\":2,\"zero-usage\":1},\"first\":1764000000000,\"in\":9,"
    "\"inputs\":[{\"bytes\":4096,\"records\":9,\"sha256\":\"" HASH "\"}],"
    "\"keys\":[{\"kcv\":\"deadbeef00010203\",\"period\":0,\"purpose\":\"billing\"},"
    "{\"kcv\":\"deadbeef00010203\",\"period\":202611,\"purpose\":\"insight\"}],"
    "\"last\":1764000060000,"
    "\"lists\":{\"consent\":[\"" OTHER "\"],\"helplines\":[\"" OTHER "\",\"" HASH "\"]},"
    "\"masked\":{\"list-too-old\":2},\"nodes\":" NODES ","
    "\"outputs\":[{\"file\":\"usage.billing.call/b.avro\",\"records\":4,\"sha256\":\"" OTHER "\"},"
    "{\"digest\":\"" HASH "\",\"records\":1,\"topic\":\"quarantine\"}],"
    "\"passed\":4,\"policy\":\"" OTHER "\",\"previous\":\"" HASH "\","
    "\"purposes\":{\"billing\":{\"no_consent\":0,\"out\":4,\"withheld\":{}},"
    "\"insight\":{\"no_consent\":3,\"out\":0,\"withheld\":{\"key-missing\":1}}},"
    "\"quarantined\":{\"bad-time\":1},\"receipt\":7,\"source\":\"freeswitch-json\","
    "\"source_id\":\"" HASH "\",\"superseded\":0,\"tzdata\":\"";

static void says_what_the_design_says(void **state)
{
    (void)state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally);
    struct wn_buffer text = { 0 };
    wn_receipt_write(&receipt, NULL, &text, NULL);
    struct wn_buffer whole = { 0 };
    wn_buffer_format(&whole, "%s%s\",\"version\":\"%s\"}", expected, wn_zone_database(),
                     WINNOW_VERSION);
    wn_buffer_add(&text, "", 1);
    wn_buffer_add(&whole, "", 1);
    assert_string_equal((const char *)text.at, (const char *)whole.at);
    wn_buffer_deinit(&whole);
    wn_buffer_deinit(&text);
    wn_tally_close(tally);
}

/** A published receipt, signed by seed 1. */
static void publish(const struct wn_receipt *receipt, struct wn_buffer *ret_text, char sha256[65])
{
    struct wn_keyring signer;
    signer_make(1, &signer);
    wn_receipt_write(receipt, &signer, ret_text, sha256);
}

static enum wn_code verify(struct wn_slice text, uint8_t seed)
{
    struct wn_keyring signer;
    struct wn_error err;
    signer_make(seed, &signer);
    enum wn_code rc = wn_receipt_verify(text, signer.public_key, &err);
    if (rc != WN_OK) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, "receipt");
    }
    return rc;
}

static void verifies_only_with_its_key(void **state)
{
    (void)state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally);
    struct wn_buffer text = { 0 };
    char sha256[65], again[65];
    wn_buffer_text(&text, "before");
    publish(&receipt, &text, sha256);
    struct wn_slice published = wn_slice_after(wn_buffer_slice(&text), 6);
    assert_int_equal(verify(published, 1), WN_OK);
    assert_int_equal(verify(published, 2), WN_REJECT);
    uint8_t digest[32];
    wn_sha256_of(published.at, published.len, digest);
    wn_hex(digest, 32, again);
    assert_string_equal(sha256, again);
    wn_buffer_deinit(&text);
    wn_receipt_write(&receipt, NULL, &text, NULL);
    assert_int_equal(verify(wn_buffer_slice(&text), 1), WN_REJECT);
    wn_buffer_deinit(&text);
    wn_tally_close(tally);
}

static void every_octet_counts(void **state)
{
    (void)state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally);
    struct wn_buffer text = { 0 };
    publish(&receipt, &text, NULL);
    for (size_t i = 0; i < text.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.at[i] ^= (uint8_t)(1U << bit);
            assert_int_equal(verify(wn_buffer_slice(&text), 1), WN_REJECT);
            text.at[i] ^= (uint8_t)(1U << bit);
        }
    }
    for (size_t len = 0; len < text.len; len++) {
        assert_int_equal(verify((struct wn_slice){ (const char *)text.at, len }, 1), WN_REJECT);
    }
    wn_buffer_text(&text, "\n");
    assert_int_equal(verify(wn_buffer_slice(&text), 1), WN_REJECT);
    wn_buffer_deinit(&text);
    wn_tally_close(tally);
}

/** A text that is good but for its form; each gives the same values as the canonical one. */
struct form {
    const char *name;
    const char *from, *to; ///< What is replaced in the published text.
};

static const struct form forms[] = {
    { "a space after a colon", "\"in\":9", "\"in\": 9" },
    { "a real for an integer", "\"in\":9", "\"in\":9.0" },
    { "an exponent", "\"in\":9", "\"in\":9e0" },
    { "minus nothing", "\"duplicates\":1,", "\"duplicates\":-0," },
    { "an escape that is not needed", "\"source\"", "\"sourc\\u0065\"" },
    { "a slash that is escaped", "call/b.avro", "call\\/b.avro" },
    { "a member twice", "\"in\":9", "\"in\":9,\"in\":9" },
    { "members in another order", "\"drift\":{\"(hidden)\":1,\"variables\":2},\"duplicates\":1,",
      "\"duplicates\":1,\"drift\":{\"(hidden)\":1,\"variables\":2}," },
    { "a boolean", "\"nodes\":" NODES "", "\"nodes\":true" },
    { "a value nested too deep", "\"nodes\":" NODES "",
      "\"nodes\":[{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}]" },
    { "a line end at the front", "{\"attempts\"", "\n{\"attempts\"" },
    { "a group of attempts that nobody knows", "\"network\":1", "\"moon\":1" },
    { "attempts that are no object", "{\"network\":1,\"user\":1}", "[]" },
    { "a number beyond 64 bits", "\"in\":9", "\"in\":99999999999999999999" },
};

static void replace(struct wn_buffer *text, const char *from, const char *to)
{
    wn_buffer_add(text, "", 1);
    char *at = strstr((char *)text->at, from);
    assert_non_null(at);
    struct wn_buffer changed = { 0 };
    wn_buffer_add(&changed, text->at, (size_t)((uint8_t *)at - text->at));
    wn_buffer_text(&changed, to);
    wn_buffer_text(&changed, at + strlen(from));
    wn_buffer_deinit(text);
    *text = changed;
}

static void check_form(void **state)
{
    const struct form *form = *state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally), read;
    struct wn_buffer text = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_error err;
    publish(&receipt, &text, NULL);
    replace(&text, form->from, form->to);
    assert_int_equal(verify(wn_buffer_slice(&text), 1), WN_REJECT);
    assert_int_equal(wn_receipt_read(wn_buffer_slice(&text), purposes, 2, &arena, &read, &err),
                     WN_REJECT);
    assert_string_equal(err.reason, "receipt");
    wn_arena_deinit(&arena);
    wn_buffer_deinit(&text);
    wn_tally_close(tally);
}

/** Canonical, but not what a receipt says. */
static const struct form contents[] = {
    { "a member too many", "\"in\":9,", "\"in\":9,\"inn\":1," },
    { "a member missing", "\"superseded\":0,", "" },
    { "a total without a name", "\"records\":{", "\"\":{" },
    { "a total whose name could be a value", "\"records\":{", "\"record of 31610000000\":{" },
    { "a total with a member too few", "\"absent\":0,", "" },
    { "a total with another member", "\"surplus\":0}", "\"surpluses\":0}" },
    { "a total that lacks less than nothing", "\"missing\":1", "\"missing\":-1" },
    { "a total that is a number",
      "\"amount\":{\"absent\":1,\"declared\":-500,\"found\":500,\"inputs\":1,\"missing\":0,"
      "\"surplus\":1000}",
      "\"amount\":1" },
    { "a count below zero", "\"in\":9", "\"in\":-9" },
    { "a text for a count", "\"in\":9", "\"in\":\"9\"" },
    { "a reason that there is not", "\"attempt\":2", "\"attempts\":2" },
    { "a purpose that the reader does not know", "\"purposes\":{\"billing\":",
      "\"purposes\":{\"ads\":{\"no_consent\":0,\"out\":0,\"withheld\":{}},\"billing\":" },
    { "a purpose with a member too many", "\"out\":4,", "\"out\":4,\"shared\":4," },
    { "a digest that is none", "\"policy\":\"", "\"policy\":1,\"policx\":\"" },
    { "an input that is neither file nor topic", "\"bytes\":4096,", "" },
    { "an output with a digest cut", "\"digest\":\"00", "\"digest\":\"" },
    { "a check value that is none", "\"kcv\":\"deadbeef00010203\",\"period\":0",
      "\"kcv\":\"deadbeef0001020x\",\"period\":0" },
    { "lists that are no object", "\"lists\":{", "\"lists\":[],\"listz\":{" },
    { "a list that only says one version", "\"consent\":[\"" OTHER "\"]",
      "\"consent\":\"" OTHER "\"" },
    { "a list without a version", "\"consent\":[\"" OTHER "\"]", "\"consent\":[]" },
    { "a list's version cut", "\"consent\":[\"ff", "\"consent\":[\"" },
    { "a list's version that is no text", "\"consent\":[\"" OTHER "\"]", "\"consent\":[1]" },
    { "a list's version twice", "\"consent\":[", "\"consent\":[\"" OTHER "\"," },
    { "a list with a digit in its name", "\"consent\":[", "\"consen1\":[" },
    { "a list with a long name", "\"consent\":[", "\"consent-consent-\":[" },
    { "a list without a name", "\"consent\":[", "\"\":[" },
    { "a reason of masking that there is not", "\"list-too-old\":2", "\"list-too-young\":2" },
    { "nodes that are no list", "\"nodes\":" NODES, "\"nodes\":{}" },
    { "a node without a name", "\"node\":\"sgw-2\"", "\"node\":\"\"" },
    { "a node whose name may not show", "\"node\":\"sgw-2\"", "\"node\":\"31610000001\"" },
    { "a node with a member too many", "\"records\":3", "\"records\":3,\"recordz\":3" },
    { "a node without records", "\"records\":3", "\"records\":0" },
    { "a number of more than 32 bits", "\"last\":3", "\"last\":4294967296" },
    { "a number below 0", "\"last\":3", "\"last\":-1" },
    { "a gap of one number", "[1,2]", "[1]" },
    { "a gap that is no pair", "[1,2]", "1" },
    { "a gap of texts", "[1,2]", "[\"1\",\"2\"]" },
    { "a gap that ends before it begins", "[1,2]", "[2,1]" },
    { "a gap at the last number", "[1,2]", "[1,3]" },
    { "a gap at the first number", "[4294967295,4294967295]", "[4294967294,4294967295]" },
    { "gaps that touch", "[1,2]", "[0,2]" },
    { "a gap beyond the last number", "[1,2]", "[7,8]" },
    { "an event without a kind", "\"filtered\"",
      "\"event\":{\"kind\":null,\"reason\":null,\"refers\":null},\"filtered\"" },
};

static void check_content(void **state)
{
    const struct form *content = *state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally), read;
    struct wn_buffer text = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_error err;
    wn_receipt_write(&receipt, NULL, &text, NULL);
    replace(&text, content->from, content->to);
    assert_int_equal(wn_receipt_read(wn_buffer_slice(&text), purposes, 2, &arena, &read, &err),
                     WN_REJECT);
    assert_string_equal(err.reason, "receipt");
    wn_arena_deinit(&arena);
    wn_buffer_deinit(&text);
    wn_tally_close(tally);
}

/** Write, read, write: the same text. */
static void expect_same_again(const struct wn_receipt *receipt)
{
    struct wn_buffer text = { 0 }, again = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_receipt read;
    struct wn_error err;
    wn_receipt_write(receipt, NULL, &text, NULL);
    if (wn_receipt_read(wn_buffer_slice(&text), purposes, 2, &arena, &read, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
    wn_receipt_write(&read, NULL, &again, NULL);
    assert_true(wn_slice_same(wn_buffer_slice(&text), wn_buffer_slice(&again)));
    struct wn_tally *tally;
    memcpy(&tally, &read.tally, sizeof(struct wn_tally *));
    wn_tally_close(tally);
    wn_arena_deinit(&arena);
    wn_buffer_deinit(&again);
    wn_buffer_deinit(&text);
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally);
    expect_same_again(&receipt);
    static const struct wn_receipt_input topic = {
        .topic = "raw.calls", .partition = 3, .first_offset = 10, .last_offset = 18, .records = 9
    };
    receipt.inputs = &topic;
    receipt.previous = NULL;
    receipt.source = "a \"quoted\" \\ name\twith\b\f\r\n\x01 and \xc3\xa9";
    expect_same_again(&receipt);
    static const struct wn_receipt_input one = { .topic = "raw.calls",
                                                 .partition = 3,
                                                 .first_offset = 10,
                                                 .last_offset = 10,
                                                 .is_one = true,
                                                 .index = 2,
                                                 .records = 9 };
    receipt.inputs = &one;
    receipt.event = (struct wn_receipt_event){ "replay", "bad-time", "3-7" };
    expect_same_again(&receipt);
    receipt.event = (struct wn_receipt_event){ NULL, NULL, NULL };
    receipt.inputs = &topic;
    wn_tally_close(tally);
}

static void an_event_has_no_counts(void **state)
{
    (void)state;
    struct wn_receipt receipt = { .number = 8,
                                  .previous = HASH,
                                  .event = { "break", "state-lost", "7" },
                                  .purposes = purposes,
                                  .n_purposes = 2 };
    struct wn_buffer text = { 0 };
    wn_receipt_write(&receipt, NULL, &text, NULL);
    wn_buffer_add(&text, "", 1);
    const char *at = (const char *)text.at;
    assert_non_null(strstr(at, "\"duplicates\":0,\"event\":{\"kind\":\"break\",\"reason\":"
                               "\"state-lost\",\"refers\":\"7\"},\"filtered\":{},\"first\":null,"
                               "\"in\":0,\"inputs\":[],\"keys\":[],\"last\":null,"));
    assert_non_null(strstr(at, "\"policy\":null"));
    wn_buffer_deinit(&text);
    expect_same_again(&receipt);
    receipt.event.reason = NULL;
    receipt.event.refers = NULL;
    expect_same_again(&receipt);
}

static void lists_its_purposes(void **state)
{
    (void)state;
    struct wn_tally *tally = make_tally();
    struct wn_receipt receipt = make(tally);
    struct wn_buffer text = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_error err;
    const char *names[WN_PURPOSES];
    unsigned n = 0;
    wn_receipt_write(&receipt, NULL, &text, NULL);
    assert_int_equal(wn_receipt_purposes(wn_buffer_slice(&text), &arena, names, &n, &err), WN_OK);
    assert_int_equal(n, 2);
    assert_true(strcmp(names[0], "billing") == 0 || strcmp(names[1], "billing") == 0);
    assert_int_equal(wn_receipt_purposes(wn_slice_of("[]"), &arena, names, &n, &err), WN_REJECT);
    wn_arena_deinit(&arena);
    wn_buffer_deinit(&text);
    wn_tally_close(tally);
}

static void drift_is_read_back_whole(void **state)
{
    (void)state;
    struct wn_tally *tally = make_tally();
    for (int i = 0; i < 1005; i++) {
        char name[32];
        snprintf(name, sizeof(name), "n%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676);
        wn_drift_count(tally->drift, wn_slice_of(name));
    }
    struct wn_receipt receipt = make(tally);
    expect_same_again(&receipt);
    wn_tally_close(tally);
}

static void digests_of_topics(void **state)
{
    (void)state;
    // SHA-256("abc"), and SHA-256 of 32 zeros and that, by another implementation.
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char chained[] =
        "589f9ffed4c477966bfb8d41f37895b08c69047df8f911d6f3b57fbe08faee8d";
    uint8_t digest[32] = { 0 };
    char hex[65];
    wn_receipt_digest(digest, false, wn_slice_of("abc"));
    wn_hex(digest, 32, hex);
    assert_string_equal(hex, abc);

    // Any order gives the same sum, and a sum that overflows wraps.
    uint8_t forth[32] = { 0 }, back[32] = { 0 };
    static const char *const values[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    for (int i = 0; i < 8; i++) {
        wn_receipt_digest(forth, false, wn_slice_of(values[i]));
        wn_receipt_digest(back, false, wn_slice_of(values[7 - i]));
    }
    assert_memory_equal(forth, back, 32);

    memset(digest, 0, sizeof(digest));
    wn_receipt_digest(digest, true, wn_slice_of("abc"));
    wn_hex(digest, 32, hex);
    assert_string_equal(hex, chained);
    memset(forth, 0, sizeof(forth));
    memset(back, 0, sizeof(back));
    for (int i = 0; i < 8; i++) {
        wn_receipt_digest(forth, true, wn_slice_of(values[i]));
        wn_receipt_digest(back, true, wn_slice_of(values[7 - i]));
    }
    assert_memory_not_equal(forth, back, 32);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(says_what_the_design_says), cmocka_unit_test(verifies_only_with_its_key),
        cmocka_unit_test(every_octet_counts),        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(an_event_has_no_counts),    cmocka_unit_test(lists_its_purposes),
        cmocka_unit_test(drift_is_read_back_whole),  cmocka_unit_test(digests_of_topics),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, others);
    WN_ADD_TABLE(&all, forms, check_form);
    WN_ADD_TABLE(&all, contents, check_content);
    return wn_run_tests("receipt", &all);
}
