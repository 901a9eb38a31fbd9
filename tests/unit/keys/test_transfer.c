// SPDX-License-Identifier: Apache-2.0

#include "winnow/keeper.h"

#include "folder.h"
#include "keys/vault.h"
#include "keys/wrap.h"
#include "winnow/hash.h"

static const struct wn_key_want wants[] = {
    { "record", 0 },
    { "billing", 0 },
    { "insight", 202611 },
    { "insight", 202612 },
};

static const struct wn_key_paths other = { .dir = "other" };

static void export_to(const char *file)
{
    struct wn_error err = { 0 };
    assert_fine(wn_keeper_export(&paths, file, "wrap", &err), &err);
}

static struct wn_keeper_done import_from(const char *file)
{
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_import(&other, file, "wrap", 1795600000, &done, &err), &err);
    return done;
}

/** A pseudonym of a folder; false where the key is not live there. */
static bool pseudonym(const struct wn_key_paths *from, const char *purpose, uint32_t period,
                      uint8_t ret_mac[WN_MAC_BYTES])
{
    struct wn_keyring *keyring = NULL;
    struct wn_error err = { 0 };
    assert_fine(wn_keyring_open(from, &keyring, &err), &err);
    const struct wn_mac *mac = wn_keyring_find(keyring, purpose, "imsi", period);
    if (mac) {
        wn_mac_of(mac, "001010000000001", 15, ret_mac);
    }
    bool is_live = mac != NULL;
    wn_keyring_close(keyring);
    return is_live;
}

static void assert_same(const char *purpose, uint32_t period)
{
    uint8_t here[WN_MAC_BYTES], there[WN_MAC_BYTES];
    assert_true(pseudonym(&paths, purpose, period, here));
    assert_true(pseudonym(&other, purpose, period, there));
    assert_memory_equal(here, there, sizeof(here));
}

static void destroy(const struct wn_key_paths *where, uint32_t period)
{
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_destroy(where, "insight", period, 1795700000, &done, &err), &err);
}

static void ensure(const struct wn_key_paths *where, const char *purpose, uint32_t period)
{
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    const struct wn_key_want want = { purpose, period };
    assert_fine(wn_keeper_ensure(where, &want, 1, 1795700001, &done, &err), &err);
}

static void assert_same_file(const char *one, const char *two)
{
    struct wn_buffer a = { 0 }, b = { 0 };
    struct wn_error err = { 0 };
    assert_fine(wn_io_read(one, 100000, &a, &err), &err);
    assert_fine(wn_io_read(two, 100000, &b, &err), &err);
    assert_true(wn_slice_same(wn_buffer_slice(&a), wn_buffer_slice(&b)));
    wn_buffer_deinit(&a);
    wn_buffer_deinit(&b);
}

static void gives_another_host_the_same_pseudonyms(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    destroy(&paths, 202612);
    export_to("export");
    assert_int_equal(mode_of("export"), 0400);
    assert_int_equal(mode_of("wrap"), 0400);

    struct wn_keeper_done done = import_from("export");
    assert_int_equal(done.made, 3);
    assert_int_equal(done.destroyed, 1);
    assert_same("billing", 0);
    assert_same("record", 0);
    assert_same("insight", 202611);
    uint8_t mac[WN_MAC_BYTES];
    assert_false(pseudonym(&other, "insight", 202612, mac));
    assert_int_equal(mode_of("other/billing-0.key"), 0400);
    assert_int_equal(mode_of("other.kek"), 0400);
    assert_same_file("keys.register", "other.register");
    assert_same_file("keys/signing.pub", "other/signing.pub");
    assert_same_file("keys/officer.pub", "other/officer.pub");
    assert_int_not_equal(system("cmp -s keys.kek other.kek"), 0); // NOLINT(cert-env33-c)
    assert_false(is_there("other.officer.key"));
}

static void merges_what_is_new(void **state)
{
    (void)state;
    make_keys(wants, 3);
    export_to("one");
    import_from("one");
    ensure(&paths, "insight", 202612);
    destroy(&paths, 202611);
    export_to("two");

    struct wn_keeper_done done = import_from("two");
    assert_int_equal(done.made, 1);
    assert_int_equal(done.kept, 2);
    assert_int_equal(done.destroyed, 1);
    assert_same("insight", 202612);
    assert_false(is_there("other/insight-202611.key"));

    done = import_from("two"); // Again: nothing more.
    assert_int_equal(done.made, 0);
    assert_int_equal(done.kept, 3);
    done = import_from("one"); // An old one does not bring it back.
    assert_int_equal(done.made, 0);
    uint8_t mac[WN_MAC_BYTES];
    assert_false(pseudonym(&other, "insight", 202611, mac));
    assert_same("insight", 202612);
}

static void merges_where_both_went_on(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    export_to("one");
    import_from("one");
    destroy(&other, 202611);
    ensure(&other, "local", 0);
    ensure(&paths, "insight", 202701);
    destroy(&paths, 202612);
    export_to("two");

    struct wn_keeper_done done = import_from("two");
    assert_int_equal(done.made, 1);
    assert_int_equal(done.destroyed, 2);
    uint8_t mac[WN_MAC_BYTES];
    assert_false(pseudonym(&other, "insight", 202611, mac));
    assert_false(pseudonym(&other, "insight", 202612, mac));
    assert_true(pseudonym(&other, "local", 0, mac));
    assert_same("insight", 202701);
}

static void puts_back_a_file_that_was_lost(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    export_to("one");
    import_from("one");
    assert_int_equal(remove("other/billing-0.key"), 0);
    struct wn_keeper_done done = import_from("one");
    assert_int_equal(done.made, 1);
    assert_same("billing", 0);
}

static void makes_the_folder_under_a_register_that_is_left(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    export_to("one");
    import_from("one");
    destroy(&other, 202611);
    assert_int_equal(system("rm -rf other"), 0); // NOLINT(cert-env33-c)
    import_from("one");
    uint8_t mac[WN_MAC_BYTES];
    assert_false(pseudonym(&other, "insight", 202611, mac));
    assert_same("billing", 0);
}

static void assert_import_refused(const char *file, const char *wrap, const char *text)
{
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_int_equal(wn_keeper_import(&other, file, wrap, 1, &done, &err), WN_FATAL);
    assert_string_equal(err.reason, "keys");
    assert_string_equal(err.text, text);
}

static void refuses_a_folder_that_was_made_apart(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    make_keys(wants, WN_COUNT(wants));
    export_to("one");
    assert_fine(wn_keeper_init(&other, NULL, 1795514400, &err), &err);
    assert_import_refused("one", "wrap",
                          "one: has another signing key or officer's key than other: the two were "
                          "made apart and can't be one; import into a folder that is not there "
                          "yet");
}

static void makes_no_folder_under_another_ones_register(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    make_keys(wants, 1);
    export_to("one");
    assert_fine(wn_keeper_init(&other, NULL, 1795514400, &err), &err);
    assert_int_equal(system("rm -rf other"), 0); // NOLINT(cert-env33-c)
    assert_int_equal(wn_keeper_import(&other, "one", "wrap", 1, &done, &err), WN_FATAL);
    assert_string_equal(err.reason, "register");
    assert_false(is_there("other"));
}

/** Make an export as winnow would, but of a register that does not name `officer`. */
static void export_of_a_liar(const char *file, bool names_one)
{
    static const uint8_t officer[32] = { 1 };
    struct wn_vault vault;
    struct wn_error err = { 0 };
    struct wn_register reg = { 0 };
    struct wn_buffer text = { 0 }, lines = { 0 };
    char hex[WN_SHA256_HEX], wrapped[WN_WRAPPED_HEX];
    uint8_t wrap[WN_KEY_BYTES], key[WN_KEY_BYTES], mac[WN_MAC_BYTES];
    assert_fine(wn_officer_key_read("wrap", wrap, &err), &err);
    assert_fine(wn_vault_place(&paths, &vault, &err), &err);
    assert_fine(wn_vault_open(&vault, &err), &err);
    if (names_one) {
        wn_register_begin(&reg, officer, 1, vault.secrets->signing, &lines);
    }
    wn_hex(vault.officer_public, sizeof(vault.officer_public), hex);
    wn_wrap(wrap, (struct wn_wrap_name){ 0 }, vault.secrets->signing, wrapped);
    wn_buffer_format(&text, "winnow-export/v1\nofficer %s\nsigning %s\nregister %zu\n", hex,
                     wrapped, lines.len);
    wn_buffer_add(&text, lines.at, lines.len);
    wn_hkdf_expand(wrap, "winnow/export/v1", 16, key, sizeof(key));
    wn_mac_once(key, sizeof(key), text.at, text.len, mac);
    wn_hex(mac, sizeof(mac), hex);
    wn_buffer_format(&text, "check %s\n", hex);
    assert_fine(wn_io_replace(file, 0400, text.at, text.len, &err), &err);
    wn_vault_close(&vault);
    wn_register_deinit(&reg);
    wn_buffer_deinit(&text);
    wn_buffer_deinit(&lines);
}

static void refuses_an_officers_key_that_the_register_does_not_name(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    make_keys(wants, 1);
    export_to("one");
    export_of_a_liar("none", false);
    assert_int_equal(wn_keeper_import(&other, "none", "wrap", 1, &done, &err), WN_FATAL);
    assert_string_equal(err.reason, "register");
    export_of_a_liar("bad", true);
    assert_import_refused("bad", "wrap",
                          "bad: is not the officer's public key that the register bad names, and "
                          "quarantine would be sealed to somebody else; put it back from a backup "
                          "(the register's first line has its digits, too)");
    assert_false(is_there("other"));
}

static void refuses_another_key_of_the_same_month(void **state)
{
    (void)state;
    make_keys(wants, 2);
    export_to("one");
    import_from("one");
    ensure(&paths, "insight", 202611);
    ensure(&other, "insight", 202611);
    export_to("two");
    copy_file("other.register", "before", 0600);
    assert_import_refused("two", "wrap",
                          "two: has another key of insight 202611 than other: one subscriber would "
                          "have two pseudonyms; destroy the one that was not used yet");
    assert_same_file("before", "other.register");
}

static void refuses_every_changed_octet(void **state)
{
    (void)state;
    make_keys(wants, 1);
    export_to("one");
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    assert_fine(wn_io_read("one", 100000, &bytes, &err), &err);
    for (size_t i = 0; i < bytes.len; i++) {
        struct wn_keeper_done done;
        bytes.at[i] ^= 1;
        assert_fine(wn_io_replace("bad", 0400, bytes.at, bytes.len, &err), &err);
        bytes.at[i] ^= 1;
        assert_int_equal(wn_keeper_import(&other, "bad", "wrap", 1, &done, &err), WN_FATAL);
    }
    for (size_t cut = 0; cut < bytes.len; cut += 13) {
        struct wn_keeper_done done;
        assert_fine(wn_io_replace("bad", 0400, bytes.at, cut, &err), &err);
        assert_int_equal(wn_keeper_import(&other, "bad", "wrap", 1, &done, &err), WN_FATAL);
    }
    assert_false(is_there("other"));
    wn_buffer_deinit(&bytes);
}

static void refuses_another_key_file(void **state)
{
    (void)state;
    make_keys(wants, 1);
    export_to("one");
    assert_import_refused("one", "keys.kek",
                          "one: can't be read with this key file: it is another export's, or the "
                          "export was changed on its way");
    assert_import_refused("one", "missing", "missing: No such file or directory");
    assert_int_equal(chmod("wrap", 0644), 0);
    assert_import_refused("one", "wrap", "wrap: others have access (mode 0644); chmod 0400 wrap");
}

static void exports_only_a_whole_folder(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    make_keys(wants, 3);
    assert_int_equal(wn_keeper_export(&paths, "keys.kek", "wrap", &err), WN_FATAL);
    assert_string_equal(err.text, "keys.kek: is there already; name a new file");
    assert_int_equal(remove("keys/billing-0.key"), 0);
    assert_int_equal(wn_keeper_export(&paths, "one", "wrap", &err), WN_FATAL);
    assert_string_equal(err.text,
                        "keys/billing-0.key: the key is gone or can't be unwrapped, so that "
                        "an export would lack it; put the file back, or destroy the key");
    assert_false(is_there("one"));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(gives_another_host_the_same_pseudonyms),
        TEST(merges_what_is_new),
        TEST(merges_where_both_went_on),
        TEST(puts_back_a_file_that_was_lost),
        TEST(makes_the_folder_under_a_register_that_is_left),
        TEST(refuses_a_folder_that_was_made_apart),
        TEST(makes_no_folder_under_another_ones_register),
        TEST(refuses_an_officers_key_that_the_register_does_not_name),
        TEST(refuses_another_key_of_the_same_month),
        TEST(refuses_every_changed_octet),
        TEST(refuses_another_key_file),
        TEST(exports_only_a_whole_folder),
    };
    return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
