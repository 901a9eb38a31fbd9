// SPDX-License-Identifier: Apache-2.0

#include "keys/register.h"

#include <sodium.h>

#include "folder.h"
#include "winnow/hash.h"

static const uint8_t seed[32] = { 's', 'e', 'e', 'd' };
static const uint8_t kcv_a[WN_KCV_BYTES] = { 0, 1, 2, 3, 4, 5, 6, 255 };
static const uint8_t kcv_b[WN_KCV_BYTES] = { 9 };

struct signer {
    uint8_t public_key[32], secret[64];
};

static struct signer signer_of(const uint8_t from[32])
{
    struct signer signer;
    assert_true(sodium_init() >= 0);
    crypto_sign_seed_keypair(signer.public_key, signer.secret, from);
    return signer;
}

/** Three entries: billing made, insight of a month made and destroyed. */
static void write_three(struct wn_buffer *text)
{
    struct signer signer = signer_of(seed);
    struct wn_register reg = { 0 };
    const struct wn_register_entry entries[] = {
        { false, "billing", 0, kcv_a, 1795514400, NULL },
        { false, "insight", 202611, kcv_b, 1795514401, NULL },
        { true, "insight", 202611, kcv_b, 1795514402, NULL },
    };
    for (size_t i = 0; i < WN_COUNT(entries); i++) {
        wn_register_add(&reg, &entries[i], signer.secret, text);
    }
    assert_int_equal(reg.n, 3);
    assert_true(wn_slice_same(wn_buffer_slice(&reg.text), wn_buffer_slice(text)));
    wn_register_deinit(&reg);
}

static void writes_lines_that_others_can_verify(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    write_three(&text);
    static const char bare[] =
        "{\"kcv\":\"00010203040506ff\",\"kind\":\"made\",\"n\":1,\"period\":0,\"previous\":null,"
        "\"purpose\":\"billing\",\"time\":1795514400}";
    static const char begin[] =
        "{\"kcv\":\"00010203040506ff\",\"kind\":\"made\",\"n\":1,\"period\":0,\"previous\":null,"
        "\"purpose\":\"billing\",\"signature\":\"";
    struct wn_slice slice = wn_buffer_slice(&text);
    assert_true(wn_slice_starts(slice, begin));
    uint8_t signature[64], digest[WN_SHA256_BYTES];
    char hex[WN_SHA256_HEX];
    assert_true(wn_unhex((struct wn_slice){ slice.at + sizeof(begin) - 1, 128 }, 64, signature));
    struct signer signer = signer_of(seed);
    assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)bare, sizeof(bare) - 1,
                                                 signer.public_key),
                     0);
    // The second line holds the hash of the first.
    const char *end = memchr(slice.at, '\n', slice.len);
    wn_sha256_of(slice.at, (size_t)(end - slice.at), digest);
    wn_hex(digest, sizeof(digest), hex);
    wn_buffer_add(&text, "", 1);
    assert_non_null(strstr((const char *)text.at, hex));
    wn_buffer_deinit(&text);
}

static const uint8_t officer[32] = { 0xff, 1 };
// printf 'ff01%060d' 0 | xxd -r -p | sha256sum
static const uint8_t officer_id[WN_KCV_BYTES] = { 0xe9, 0x5d, 0x43, 0x19, 0x6e, 0x38, 0x73, 0x05 };

static enum wn_code read_text(struct wn_slice text, struct wn_register *reg, struct wn_error *err)
{
    struct signer signer = signer_of(seed);
    *reg = (struct wn_register){ 0 };
    return wn_register_add_lines(reg, "r", text, signer.public_key, err);
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    struct wn_register reg;
    struct wn_error err = { 0 };
    write_three(&text);
    assert_fine(read_text(wn_buffer_slice(&text), &reg, &err), &err);
    assert_int_equal(reg.n_keys, 2);
    const struct wn_register_key *key = wn_register_find(&reg, "insight", 202611);
    assert_non_null(key);
    assert_true(key->destroyed);
    assert_int_equal(key->made_s, 1795514401);
    assert_int_equal(key->destroyed_s, 1795514402);
    assert_memory_equal(key->kcv, kcv_b, sizeof(kcv_b));
    assert_false(wn_register_find(&reg, "billing", 0)->destroyed);
    assert_null(wn_register_find(&reg, "insight", 202612));
    assert_null(wn_register_find(&reg, "insigh", 202611));
    wn_register_deinit(&reg);
    wn_register_deinit(&reg);
    wn_buffer_deinit(&text);
}

static void refuses_every_changed_octet(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    struct wn_register reg;
    write_three(&text);
    for (size_t i = 0; i + 1 < text.len; i++) { // The last newline: see the cut lines.
        struct wn_error err = { 0 };
        text.at[i] ^= 1;
        assert_int_equal(read_text(wn_buffer_slice(&text), &reg, &err), WN_FATAL);
        assert_string_equal(err.reason, "register");
        text.at[i] ^= 1;
        wn_register_deinit(&reg);
    }
    wn_buffer_deinit(&text);
}

static void begins_with_the_officers_key(void **state)
{
    (void)state;
    struct signer signer = signer_of(seed);
    struct wn_register reg = { 0 };
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    wn_register_begin(&reg, officer, 1795514400, signer.secret, &text);
    assert_true(reg.has_officer);
    wn_register_deinit(&reg);
    static const char begin[] =
        "{\"kcv\":\"e95d43196e387305\",\"kind\":\"officer\",\"n\":1,\"officer\":"
        "\"ff01000000000000000000000000000000000000000000000000000000000000\",\"period\":0,"
        "\"previous\":null,\"purpose\":\"officer\",\"signature\":\"";
    assert_true(wn_slice_starts(wn_buffer_slice(&text), begin));

    assert_fine(read_text(wn_buffer_slice(&text), &reg, &err), &err);
    assert_int_equal(reg.n, 1);
    assert_int_equal(reg.n_keys, 0); // It is no key of a purpose.
    assert_int_equal(reg.officer_s, 1795514400);
    assert_memory_equal(reg.officer, officer, sizeof(officer));
    assert_memory_equal(reg.officer_id, officer_id, sizeof(officer_id));
    assert_fine(wn_register_check_officer(&reg, "r", officer, "o", &err), &err);
    wn_register_deinit(&reg);
    for (size_t i = 0; i + 1 < text.len; i++) {
        text.at[i] ^= 1;
        assert_int_equal(read_text(wn_buffer_slice(&text), &reg, &err), WN_FATAL);
        text.at[i] ^= 1;
        wn_register_deinit(&reg);
    }
    wn_buffer_deinit(&text);
}

static void refuses_an_officers_key_that_it_does_not_name(void **state)
{
    (void)state;
    struct signer signer = signer_of(seed);
    struct wn_register reg = { 0 };
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    assert_int_equal(wn_register_check_officer(&reg, "r", officer, "o", &err), WN_FATAL);
    assert_string_equal(err.reason, "register");
    assert_string_equal(err.text,
                        "r: its first line does not name the officer's public key: it was emptied, "
                        "or made before registers did so; put its newest copy back, or make a new "
                        "keys folder");
    wn_register_begin(&reg, officer, 1, signer.secret, &text);
    for (size_t i = 0; i < sizeof(officer); i++) {
        uint8_t other[32];
        memcpy(other, officer, sizeof(other));
        other[i] ^= 1;
        assert_int_equal(wn_register_check_officer(&reg, "r", other, "o", &err), WN_FATAL);
        assert_string_equal(err.reason, "keys");
    }
    assert_string_equal(err.text,
                        "o: is not the officer's public key that the register r names, and "
                        "quarantine would be sealed to somebody else; put it back from a backup "
                        "(the register's first line has its digits, too)");
    wn_register_deinit(&reg);
    wn_buffer_deinit(&text);
}

static void takes_no_notice_of_a_line_without_its_end(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    struct wn_register reg;
    struct wn_error err = { 0 };
    write_three(&text);
    size_t ends[3] = { 0 }, n = 0;
    for (size_t i = 0; i < text.len && n < 3; i++) {
        if (text.at[i] == '\n') {
            ends[n++] = i + 1;
        }
    }
    for (size_t cut = 0; cut <= text.len; cut++) {
        size_t lines = 0;
        while (lines < 3 && cut >= ends[lines]) {
            lines++;
        }
        assert_fine(read_text((struct wn_slice){ (const char *)text.at, cut }, &reg, &err), &err);
        assert_int_equal(reg.n, lines);
        assert_int_equal(reg.text.len, lines > 0 ? ends[lines - 1] : 0);
        wn_register_deinit(&reg);
    }
    wn_buffer_deinit(&text);
}

static void refuses_lines_that_are_left_out_doubled_or_swapped(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    write_three(&text);
    struct wn_slice lines[3], rest = wn_buffer_slice(&text);
    for (int i = 0; i < 3; i++) {
        const char *end = memchr(rest.at, '\n', rest.len);
        lines[i] = (struct wn_slice){ rest.at, (size_t)(end - rest.at) + 1 };
        rest = wn_slice_after(rest, lines[i].len);
    }
    static const int orders[][3] = {
        { 1, 2, -1 }, { 0, 2, -1 }, { 0, 0, -1 }, { 0, 2, 1 }, { 1, 0, 2 }
    };
    for (size_t i = 0; i < WN_COUNT(orders); i++) {
        struct wn_buffer mixed = { 0 };
        struct wn_register reg;
        struct wn_error err = { 0 };
        for (int j = 0; j < 3 && orders[i][j] >= 0; j++) {
            wn_buffer_add(&mixed, lines[orders[i][j]].at, lines[orders[i][j]].len);
        }
        assert_int_equal(read_text(wn_buffer_slice(&mixed), &reg, &err), WN_FATAL);
        assert_string_equal(err.reason, "register");
        wn_register_deinit(&reg);
        wn_buffer_deinit(&mixed);
    }
    wn_buffer_deinit(&text);
}

static void refuses_a_line_that_followed_on_another(void **state)
{
    (void)state;
    struct signer signer = signer_of(seed);
    struct wn_register one = { 0 }, two = { 0 }, reg;
    struct wn_buffer first = { 0 }, ignored = { 0 };
    struct wn_error err = { 0 };
    const struct wn_register_entry a = { false, "a", 0, kcv_a, 1, NULL },
                                   b = { false, "b", 0, kcv_a, 1, NULL };
    const struct wn_register_entry c = { false, "c", 0, kcv_a, 2, NULL };
    wn_register_add(&one, &a, signer.secret, &first);
    wn_register_add(&two, &b, signer.secret, &ignored);
    wn_register_add(&two, &c, signer.secret, &first); // Signed, and number 2, but not behind a.
    assert_int_equal(read_text(wn_buffer_slice(&first), &reg, &err), WN_FATAL);
    assert_string_equal(err.text, "r:2: the register was changed: it does not follow on the line "
                                  "before it; put its newest copy back");
    wn_register_deinit(&one);
    wn_register_deinit(&two);
    wn_register_deinit(&reg);
    wn_buffer_deinit(&first);
    wn_buffer_deinit(&ignored);
}

static void refuses_another_signer(void **state)
{
    (void)state;
    struct wn_buffer text = { 0 };
    struct wn_register reg = { 0 };
    struct wn_error err = { 0 };
    static const uint8_t other[32] = { 'o' };
    struct signer signer = signer_of(other);
    write_three(&text);
    assert_int_equal(
        wn_register_add_lines(&reg, "r", wn_buffer_slice(&text), signer.public_key, &err),
        WN_FATAL);
    assert_string_equal(err.text, "r:1: the register was changed: its signature is not of this "
                                  "folder's signing key; put its newest copy back");
    wn_register_deinit(&reg);
    wn_buffer_deinit(&text);
}

/** Entries that are signed and chained in order, and still can't be. */
struct event_row {
    const char *name;
    struct wn_register_entry first, second;
    const char *text;
};

static const struct event_row events[] = {
    { "refuses a key that is made again",
      { false, "a", 0, kcv_a, 1, NULL },
      { false, "a", 0, kcv_b, 2, NULL },
      "r:2: the register was changed: it makes a key that was made before; put its newest copy "
      "back" },
    { "refuses the end of a key that never was",
      { false, "a", 0, kcv_a, 1, NULL },
      { true, "a", 202611, kcv_a, 2, NULL },
      "r:2: the register was changed: it destroys a key that is not there; put its newest copy "
      "back" },
    { "refuses the end of another key",
      { false, "a", 0, kcv_a, 1, NULL },
      { true, "a", 0, kcv_b, 2, NULL },
      "r:2: the register was changed: it destroys a key that is not there; put its newest copy "
      "back" },
};

static void check_event(void **state)
{
    const struct event_row *row = *state;
    // Written by a register that knows other things: the first entry, then the second on top of it.
    struct signer signer = signer_of(seed);
    struct wn_register one = { 0 }, two = { 0 }, reg;
    struct wn_buffer text = { 0 }, last = { 0 };
    struct wn_error err = { 0 };
    wn_register_add(&one, &row->first, signer.secret, &text);
    two.n = one.n;
    memcpy(two.last, one.last, sizeof(two.last));
    if (row->second.destroyed) {
        struct wn_register_entry made = row->second;
        made.destroyed = false;
        wn_register_add(&two, &made, signer.secret, &last);
        two.n = one.n;
        memcpy(two.last, one.last, sizeof(two.last));
        last.len = 0;
    }
    wn_register_add(&two, &row->second, signer.secret, &last);
    wn_buffer_add(&text, last.at, last.len);
    assert_int_equal(read_text(wn_buffer_slice(&text), &reg, &err), WN_FATAL);
    assert_string_equal(err.text, row->text);
    wn_register_deinit(&one);
    wn_register_deinit(&two);
    wn_register_deinit(&reg);
    wn_buffer_deinit(&text);
    wn_buffer_deinit(&last);
}

/** A first entry that is signed, and names no officer's key. */
struct officer_row {
    const char *name;
    struct wn_register_entry entry;
    const char *text;
};

static const struct officer_row officers[] = {
    { "refuses an officer's key that has another's id",
      { false, "officer", 0, kcv_a, 2, officer },
      "r:1: the register was changed: it is not an entry as winnow writes them; put its newest "
      "copy back" },
    { "refuses an officer's key under another purpose",
      { false, "billing", 0, officer_id, 2, officer },
      "r:1: the register was changed: it is not an entry as winnow writes them; put its newest "
      "copy back" },
    { "refuses an officer's key of a month",
      { false, "officer", 202611, officer_id, 2, officer },
      "r:1: the register was changed: it is not an entry as winnow writes them; put its newest "
      "copy back" },
};

static void check_officer(void **state)
{
    const struct officer_row *row = *state;
    struct signer signer = signer_of(seed);
    struct wn_register one = { 0 }, reg;
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    wn_register_add(&one, &row->entry, signer.secret, &text);
    assert_int_equal(read_text(wn_buffer_slice(&text), &reg, &err), WN_FATAL);
    assert_string_equal(err.reason, "register");
    assert_string_equal(err.text, row->text);
    wn_register_deinit(&one);
    wn_register_deinit(&reg);
    wn_buffer_deinit(&text);
}

static void refuses_a_second_officers_key(void **state)
{
    (void)state;
    struct signer signer = signer_of(seed);
    struct wn_register one = { 0 }, reg;
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    char last[WN_SHA256_HEX], hex[2 * 64 + 1];
    uint8_t signature[64];
    wn_register_begin(&one, officer, 1, signer.secret, &text);
    wn_hex(one.last, sizeof(one.last), last);
    static const char front[] =
        "{\"kcv\":\"e95d43196e387305\",\"kind\":\"officer\",\"n\":2,\"officer\":"
        "\"ff01000000000000000000000000000000000000000000000000000000000000\",\"period\":0,"
        "\"previous\":\"";
    struct wn_buffer line = { 0 };
    wn_buffer_format(&line, "%s%s\",\"purpose\":\"officer\",\"time\":2}", front, last);
    crypto_sign_detached(signature, NULL, line.at, line.len, signer.secret);
    wn_hex(signature, sizeof(signature), hex);
    wn_buffer_format(&text, "%s%s\",\"purpose\":\"officer\",\"signature\":\"%s\",\"time\":2}\n",
                     front, last, hex);
    assert_int_equal(read_text(wn_buffer_slice(&text), &reg, &err), WN_FATAL);
    assert_string_equal(err.text, "r:2: the register was changed: it names an officer's key, which "
                                  "only the first line does; put its newest copy back");
    wn_register_deinit(&one);
    wn_register_deinit(&reg);
    wn_buffer_deinit(&line);
    wn_buffer_deinit(&text);
}

static void appends_behind_what_is_valid(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    struct wn_buffer bytes = { 0 };
    assert_fine(wn_io_replace("r", 0600, "one\ntw", 6, &err), &err);
    assert_fine(wn_register_append("r", 4, wn_slice_of("two\n"), &err), &err);
    assert_fine(wn_io_read("r", 100, &bytes, &err), &err);
    assert_true(wn_slice_is(wn_buffer_slice(&bytes), "one\ntwo\n"));
    wn_buffer_deinit(&bytes);
    assert_int_equal(wn_register_append("no/r", 0, wn_slice_of("x\n"), &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
}

static void tells_names_and_periods(void **state)
{
    (void)state;
    static const char *const good[] = { "a", "billing", "a-b_9",
                                        "abcdefghijklmnopqrstuvwxyz01234" };
    static const char *const bad[] = { "",    "A",   "9a",
                                       "-a",  "a b", "a/b",
                                       "a.b", "..",  "abcdefghijklmnopqrstuvwxyz012345" };
    for (size_t i = 0; i < WN_COUNT(good); i++) {
        assert_true(wn_register_is_purpose(good[i]));
    }
    for (size_t i = 0; i < WN_COUNT(bad); i++) {
        assert_false(wn_register_is_purpose(bad[i]));
    }
    assert_true(wn_register_is_period(0));
    assert_true(wn_register_is_period(202601));
    assert_true(wn_register_is_period(202612));
    assert_false(wn_register_is_period(202600));
    assert_false(wn_register_is_period(202613));
    assert_false(wn_register_is_period(1));
    assert_false(wn_register_is_period(199912));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_lines_that_others_can_verify),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(refuses_every_changed_octet),
        cmocka_unit_test(begins_with_the_officers_key),
        cmocka_unit_test(refuses_an_officers_key_that_it_does_not_name),
        cmocka_unit_test(refuses_a_second_officers_key),
        cmocka_unit_test(takes_no_notice_of_a_line_without_its_end),
        cmocka_unit_test(refuses_lines_that_are_left_out_doubled_or_swapped),
        cmocka_unit_test(refuses_a_line_that_followed_on_another),
        cmocka_unit_test(refuses_another_signer),
        cmocka_unit_test_setup_teardown(appends_behind_what_is_valid, enter, leave),
        cmocka_unit_test(tells_names_and_periods),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, events, check_event);
    WN_ADD_TABLE(&all, officers, check_officer);
    return wn_run_tests("register", &all);
}
