// SPDX-License-Identifier: Apache-2.0

#include "winnow/keeper.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "folder.h"
#include "keys/vault.h"

static const struct wn_key_want wants[] = {
    { "record", 0 },
    { "billing", 0 },
    { "insight", 202611 },
    { "insight", 202612 },
};

static void assert_state(const char *purpose, uint32_t period, enum wn_key_state state)
{
    struct wn_keyring *keyring = open_ring();
    struct wn_key_row row;
    for (unsigned i = 0; wn_keyring_row(keyring, i, &row); i++) {
        if (strcmp(row.purpose, purpose) == 0 && row.period == period) {
            assert_int_equal(row.state, state);
            assert_int_equal(wn_keyring_find(keyring, purpose, "imsi", period) != NULL,
                             state == WN_KEY_LIVE);
            wn_keyring_close(keyring);
            return;
        }
    }
    fail_msg("%s is not in the register", purpose);
}

static void makes_a_folder(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    assert_fine(wn_keeper_init(&paths, NULL, 1795514400, &err), &err);
    assert_int_equal(mode_of("keys"), 0700);
    assert_int_equal(mode_of("keys/signing.key"), 0400);
    assert_int_equal(mode_of("keys/signing.pub"), 0444);
    assert_int_equal(mode_of("keys/officer.pub"), 0444);
    assert_int_equal(mode_of("keys.kek"), 0400);
    assert_int_equal(mode_of("keys.officer.key"), 0400);
    assert_int_equal(mode_of("keys.register"), 0600);
    assert_false(is_there("keys.new"));
    wn_keyring_close(open_ring());

    assert_int_equal(wn_keeper_init(&paths, NULL, 1795514400, &err), WN_FATAL);
    assert_string_equal(err.reason, "keys");
    assert_string_equal(err.text, "keys: is there already; winnow keys ensure makes the keys that "
                                  "it lacks, also where an earlier init was interrupted");
}

static void takes_the_keys_it_is_given(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    assert_fine(wn_io_replace("my.kek", 0400, hex, 64, &err), &err);
    const struct wn_key_paths mine = { .dir = "keys", .kek = "my.kek", .reg = "my.register" };
    assert_fine(wn_keeper_init(&mine, "officer.secret", 1795514400, &err), &err);
    assert_true(is_there("officer.secret"));
    assert_true(is_there("my.register"));
    assert_false(is_there("keys.kek"));
    struct wn_keyring *keyring = NULL;
    assert_fine(wn_keyring_open(&mine, &keyring, &err), &err);
    wn_keyring_close(keyring);
}

/** What hinders an init. */
struct init_row {
    const char *name;
    const char *command, *officer, *text;
};

static const struct init_row inits[] = {
    { "keeps the officer's key out of the folder", "true", "keys/officer.key",
      "keys/officer.key: the officer's private key must not lie in the keys folder; name another "
      "place with --officer-key" },
    { "keeps an officer's key that is there", "echo x > keys.officer.key", NULL,
      "keys.officer.key: is there already; move it away, or name another place with "
      "--officer-key" },
    { "keeps the register of a folder that is gone", "echo x > keys.register", NULL,
      "keys.register: is the register of a folder that is gone; put that folder back, or move the "
      "register away" },
    { "keeps another folder's register beside what an interrupted init left",
      "mkdir keys.new && printf '%064d\\n' 0 > keys.new/signing.pub && echo x > keys.register",
      NULL,
      "keys.register: is the register of a folder that is gone; put that folder back, or move the "
      "register away" },
    { "refuses a key-encryption key that others may read", "echo x > keys.kek; chmod 0644 keys.kek",
      NULL, "keys.kek: others have access (mode 0644); chmod 0400 keys.kek" },
};

static void check_init(void **state)
{
    const struct init_row *row = *state;
    void *folder = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(enter(&folder), 0);
    assert_int_equal(system(row->command), 0); // NOLINT(cert-env33-c): a test's own literal.
    assert_int_equal(wn_keeper_init(&paths, row->officer, 1795514400, &err), WN_FATAL);
    assert_string_equal(err.reason, "keys");
    assert_string_equal(err.text, row->text);
    assert_false(is_there("keys"));
    assert_int_equal(leave(&folder), 0);
}

static void says_what_the_system_says_of_a_place(void **state)
{
    (void)state;
    // As root nothing is forbidden; below a file there can be nothing, either.
    struct wn_error err = { 0 };
    assert_fine(wn_io_replace("file", 0600, "x", 1, &err), &err);
    const struct wn_key_paths below = { .dir = "file/keys" };
    assert_int_equal(wn_keeper_init(&below, NULL, 1795514400, &err), WN_FATAL);
    assert_string_equal(err.reason, "keys");
    assert_string_equal(err.text, "file/keys: Not a directory");
    assert_int_equal(wn_keeper_init(&paths, "file/officer", 1795514400, &err), WN_FATAL);
    assert_string_equal(err.text, "file/officer: Not a directory");
    const struct wn_key_paths reg = { .dir = "keys", .reg = "file/register" };
    assert_int_equal(wn_keeper_init(&reg, NULL, 1795514400, &err), WN_FATAL);
    assert_string_equal(err.text, "file/register: Not a directory");
    assert_false(is_there("keys"));
}

static void makes_nothing_by_a_clock_that_stands(void **state)
{
    (void)state;
    static const int64_t wrong[] = { 0, -1, 1577836799, 7289654400 };
    static const int64_t right[] = { 1577836800, 1795514400, 7289654399 }; // 2020 to 2200
    struct wn_error err = { 0 };
    for (size_t i = 0; i < WN_COUNT(wrong); i++) {
        assert_int_equal(wn_keeper_init(&paths, NULL, wrong[i], &err), WN_FATAL);
        assert_string_equal(err.reason, "keys");
        assert_string_equal(err.text,
                            "the clock of this machine is wrong by decades, and keys are made by "
                            "the month: set it, then run the same command again");
        assert_false(is_there("keys"));
        assert_false(is_there("keys.kek"));
    }
    for (size_t i = 0; i < WN_COUNT(right); i++) {
        assert_fine(wn_keeper_check_clock(right[i], &err), &err);
    }
}

static void goes_on_where_an_init_was_killed_behind_its_folder(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_init(&paths, NULL, 1795514400, &err), &err);
    assert_int_equal(wn_keeper_init(&paths, NULL, 1795514400, &err), WN_FATAL);
    assert_non_null(strstr(err.text, "winnow keys ensure"));
    assert_fine(wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1795514400, &done, &err), &err);
    assert_int_equal(done.made, WN_COUNT(wants));
    assert_state("insight", 202612, WN_KEY_LIVE);
}

static void begins_anew_after_an_interrupted_init(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    // As a crash before the last step leaves it.
    assert_fine(wn_keeper_init(&paths, NULL, 1795514400, &err), &err);
    assert_int_equal(rename("keys", "keys.new"), 0);
    assert_fine(wn_keeper_init(&paths, NULL, 1795514400, &err), &err);
    assert_false(is_there("keys.new"));
    wn_keyring_close(open_ring());
    // And in the middle of the files.
    assert_int_equal(rename("keys", "keys.new"), 0);
    assert_int_equal(remove("keys.new/officer.pub"), 0);
    assert_int_equal(remove("keys.officer.key"), 0);
    assert_int_equal(remove("keys.register"), 0);
    assert_fine(wn_keeper_init(&paths, NULL, 1795514400, &err), &err);
    wn_keyring_close(open_ring());
}

static void makes_what_is_missing_and_no_more(void **state)
{
    (void)state;
    make_keys(wants, 3);
    struct wn_keyring *before = open_ring();
    uint8_t old[8], kept[8];
    assert_true(wn_keyring_has(before, "insight", 202611, old));
    wn_keyring_close(before);

    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1795514500, &done, &err), &err);
    assert_int_equal(done.made, 1);
    assert_int_equal(done.kept, 3);
    assert_int_equal(mode_of("keys/insight-202612.key"), 0400);
    struct wn_keyring *after = open_ring();
    assert_true(wn_keyring_has(after, "insight", 202611, kept));
    assert_memory_equal(old, kept, sizeof(old));
    wn_keyring_close(after);

    assert_fine(wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1795514600, &done, &err), &err);
    assert_int_equal(done.made, 0);
    assert_int_equal(done.kept, 4);
    const struct wn_key_want twice[] = { { "new", 0 }, { "new", 0 } };
    assert_fine(wn_keeper_ensure(&paths, twice, 2, 1795514600, &done, &err), &err);
    assert_int_equal(done.made, 1);
}

static void refuses_names_that_are_none(void **state)
{
    (void)state;
    make_keys(wants, 1);
    static const struct wn_key_want bad[] = {
        { "../x", 0 }, { "Billing", 0 }, { "a", 13 }, { "", 0 }
    };
    for (size_t i = 0; i < WN_COUNT(bad); i++) {
        struct wn_error err = { 0 };
        struct wn_keeper_done done;
        assert_int_equal(wn_keeper_ensure(&paths, &bad[i], 1, 0, &done, &err), WN_FATAL);
        assert_string_equal(err.reason, "keys");
    }
}

static void makes_no_second_key_for_one_that_is_gone(void **state)
{
    (void)state;
    make_keys(wants, 3);
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_int_equal(remove("keys/insight-202611.key"), 0);
    assert_int_equal(wn_keeper_ensure(&paths, wants, 4, 1, &done, &err), WN_FATAL);
    assert_string_equal(err.reason, "keys");
    assert_string_equal(
        err.text,
        "keys/insight-202611.key: the key of insight 2026-11 is missing, and can't be made again: "
        "another one would give its subscribers other pseudonyms; put the file back from a backup, "
        "import it, or destroy the key");
    assert_int_equal(done.made, 1);
    assert_int_equal(done.faulty, 1);
    assert_state("insight", 202612, WN_KEY_LIVE); // The others are made.
    assert_state("insight", 202611, WN_KEY_MISSING);
}

static void makes_no_second_key_for_one_that_is_broken(void **state)
{
    (void)state;
    make_keys(wants, 3);
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    copy_file("keys/record-0.key", "keys/billing-0.key", 0400);
    assert_int_equal(wn_keeper_ensure(&paths, wants, 4, 1, &done, &err), WN_FATAL);
    assert_string_equal(err.reason, "keys");
    assert_string_equal(
        err.text,
        "keys/billing-0.key: the key of billing is broken, and can't be made again: another one "
        "would give its subscribers other pseudonyms; put the file back from a backup, import it, "
        "or destroy the key");
    assert_int_equal(done.made, 1);
    assert_state("insight", 202612, WN_KEY_LIVE);
    assert_state("billing", 0, WN_KEY_BROKEN);

    // Also where nobody wants it now, and with another one; not when they are destroyed.
    assert_int_equal(remove("keys/insight-202611.key"), 0);
    assert_int_equal(wn_keeper_ensure(&paths, wants, 1, 1, &done, &err), WN_FATAL);
    assert_int_equal(done.kept, 1);
    assert_int_equal(done.faulty, 2);
    assert_non_null(strstr(err.text, "keys/billing-0.key: the key of billing is broken"));
    assert_non_null(
        strstr(err.text, " (and 1 more are missing or broken: winnow keys list names them)"));
    assert_fine(wn_keeper_destroy(&paths, "billing", 0, 2, &done, &err), &err);
    assert_fine(wn_keeper_destroy(&paths, "insight", 202611, 2, &done, &err), &err);
    assert_fine(wn_keeper_ensure(&paths, wants, 4, 3, &done, &err), &err);
}

static void destroys_for_ever(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    copy_file("keys/insight-202611.key", "backup", 0400);

    assert_fine(wn_keeper_destroy(&paths, "insight", 202611, 1795600000, &done, &err), &err);
    assert_int_equal(done.destroyed, 1);
    assert_false(is_there("keys/insight-202611.key"));
    assert_state("insight", 202611, WN_KEY_DESTROYED);
    assert_state("insight", 202612, WN_KEY_LIVE);

    // Not made again, not destroyed twice, not back from a backup.
    assert_fine(wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1, &done, &err), &err);
    assert_int_equal(done.made, 0);
    assert_int_equal(done.destroyed, 1);
    assert_fine(wn_keeper_destroy(&paths, "insight", 202611, 1795600001, &done, &err), &err);
    assert_int_equal(done.destroyed, 0);
    copy_file("backup", "keys/insight-202611.key", 0400);
    assert_state("insight", 202611, WN_KEY_DESTROYED);
    assert_false(is_there("keys/insight-202611.key"));
}

static void destroys_what_is_gone_already(void **state)
{
    (void)state;
    make_keys(wants, 3);
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_int_equal(remove("keys/insight-202611.key"), 0);
    assert_fine(wn_keeper_destroy(&paths, "insight", 202611, 1, &done, &err), &err);
    assert_state("insight", 202611, WN_KEY_DESTROYED);
}

static void says_that_there_is_no_such_key(void **state)
{
    (void)state;
    make_keys(wants, 3);
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_int_equal(wn_keeper_destroy(&paths, "insight", 0, 1, &done, &err), WN_FATAL);
    assert_string_equal(err.text,
                        "keys: there is no key of insight; winnow keys list shows which there are");
    assert_int_equal(wn_keeper_destroy(&paths, "billing", 202611, 1, &done, &err), WN_FATAL);
    assert_string_equal(
        err.text,
        "keys: there is no key of billing 2026-11; winnow keys list shows which there are");
}

static void comes_back_with_a_whole_folder_and_stays_destroyed(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_int_equal(system("cp -a keys backup"), 0); // NOLINT(cert-env33-c)
    assert_fine(wn_keeper_destroy(&paths, "insight", 202611, 1, &done, &err), &err);
    assert_int_equal(system("rm -rf keys && cp -a backup keys"), 0); // NOLINT(cert-env33-c)
    assert_true(is_there("keys/insight-202611.key"));
    assert_state("insight", 202611, WN_KEY_DESTROYED);
    assert_state("insight", 202612, WN_KEY_LIVE);
}

/** Leave the folder as a crash in making or destroying does. */
static void crash(bool is_staged, bool is_entered, bool is_destroyed)
{
    struct wn_vault vault;
    struct wn_error err = { 0 };
    struct wn_buffer lines = { 0 };
    struct wn_register_entry entry = { .purpose = "late", .time_s = 1 };
    static const uint8_t root[WN_KEY_BYTES] = { 7 };
    static const uint8_t kcv[WN_KCV_BYTES] = { 0xf9, 0x7d, 0xc3, 0x82, 0xc8, 0xc6, 0x54, 0x98 };
    entry.kcv = kcv;
    assert_fine(wn_vault_place(&paths, &vault, &err), &err);
    assert_fine(wn_vault_open(&vault, &err), &err);
    size_t valid = vault.reg.text.len;
    if (is_staged) {
        assert_fine(wn_vault_stage(&vault, "late", 0, root, &err), &err);
    }
    if (is_entered) {
        wn_register_add(&vault.reg, &entry, vault.secrets->signing, &lines);
    }
    if (is_destroyed) {
        entry.destroyed = true;
        wn_register_add(&vault.reg, &entry, vault.secrets->signing, &lines);
    }
    assert_fine(wn_register_append("keys.register", valid, wn_buffer_slice(&lines), &err), &err);
    wn_buffer_deinit(&lines);
    wn_vault_close(&vault);
}

static void undoes_a_key_that_was_not_entered(void **state)
{
    (void)state;
    make_keys(wants, 2);
    crash(true, false, false);
    assert_true(is_there("keys/late-0.key.tmp"));
    wn_keyring_close(open_ring());
    assert_false(is_there("keys/late-0.key.tmp"));
    assert_false(is_there("keys/late-0.key"));
}

static void finishes_a_key_that_was_entered(void **state)
{
    (void)state;
    make_keys(wants, 2);
    crash(true, true, false);
    assert_state("late", 0, WN_KEY_LIVE);
    assert_false(is_there("keys/late-0.key.tmp"));
    assert_int_equal(mode_of("keys/late-0.key"), 0400);
}

static void finishes_a_destruction(void **state)
{
    (void)state;
    make_keys(wants, 2);
    crash(true, true, false);
    wn_keyring_close(open_ring());
    copy_file("keys/late-0.key", "backup", 0400);
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_destroy(&paths, "late", 0, 2, &done, &err), &err);
    copy_file("backup", "keys/late-0.key", 0400); // As if the removal had not been reached.
    assert_state("late", 0, WN_KEY_DESTROYED);
    assert_false(is_there("keys/late-0.key"));
    crash(false, false, false);
}

static void does_not_finish_a_staged_key_that_was_destroyed(void **state)
{
    (void)state;
    make_keys(wants, 2);
    crash(true, true, true);
    assert_state("late", 0, WN_KEY_DESTROYED);
    assert_false(is_there("keys/late-0.key.tmp"));
    assert_false(is_there("keys/late-0.key"));
}

static void mends_a_cut_line(void **state)
{
    (void)state;
    make_keys(wants, 2);
    struct stat before, after;
    assert_int_equal(stat("keys.register", &before), 0);
    FILE *file = fopen("keys.register", "a");
    assert_non_null(file);
    fputs("{\"kcv\":\"0011", file);
    fclose(file);
    assert_state("billing", 0, WN_KEY_LIVE);

    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_ensure(&paths, wants, 3, 1, &done, &err), &err);
    assert_int_equal(done.made, 1);
    assert_state("insight", 202611, WN_KEY_LIVE);
    assert_int_equal(stat("keys.register", &after), 0);
    assert_true(after.st_size > before.st_size);
}

static int ensure_on_a_full_disk(void)
{
    // Room for key files (160 octets each), not for the register's three lines.
    const struct rlimit limit = { 700, 700 };
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    signal(SIGXFSZ, SIG_IGN);
    bool fine = setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1, &done, &err) == WN_FATAL &&
                strcmp(err.reason, "file-write") == 0 &&
                strcmp(err.text, "keys.register: File too large") == 0;
    return fine ? 0 : 1;
}

static void leaves_all_as_it_was_where_the_disk_is_full(void **state)
{
    (void)state;
    make_keys(wants, 1);
    struct wn_buffer before = { 0 }, after = { 0 };
    struct wn_error err = { 0 };
    assert_fine(wn_io_read("keys.register", 10000, &before, &err), &err);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(ensure_on_a_full_disk());
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_fine(wn_io_read("keys.register", 10000, &after, &err), &err);
    assert_true(wn_slice_same(wn_buffer_slice(&before), wn_buffer_slice(&after)));
    wn_buffer_deinit(&before);
    wn_buffer_deinit(&after);

    struct wn_keeper_done done;
    assert_fine(wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1, &done, &err), &err);
    assert_int_equal(done.made, 3);
}

static void lets_one_writer_in_at_a_time(void **state)
{
    (void)state;
    enum {
        CHILDREN = 6
    };
    make_keys(wants, 1);
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct wn_error err = { 0 };
            struct wn_keeper_done done;
            enum wn_code rc = wn_keeper_ensure(&paths, wants, WN_COUNT(wants), 1, &done, &err);
            _exit(rc == WN_OK ? (int)done.made : 100);
        }
    }
    int made = 0;
    for (int i = 0; i < CHILDREN; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        made += WEXITSTATUS(status);
    }
    assert_int_equal(made, WN_COUNT(wants) - 1);
    assert_state("insight", 202612, WN_KEY_LIVE);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(makes_a_folder),
        TEST(takes_the_keys_it_is_given),
        TEST(begins_anew_after_an_interrupted_init),
        TEST(says_what_the_system_says_of_a_place),
        TEST(makes_nothing_by_a_clock_that_stands),
        TEST(goes_on_where_an_init_was_killed_behind_its_folder),
        TEST(makes_what_is_missing_and_no_more),
        TEST(refuses_names_that_are_none),
        TEST(makes_no_second_key_for_one_that_is_gone),
        TEST(makes_no_second_key_for_one_that_is_broken),
        TEST(destroys_for_ever),
        TEST(destroys_what_is_gone_already),
        TEST(says_that_there_is_no_such_key),
        TEST(comes_back_with_a_whole_folder_and_stays_destroyed),
        TEST(undoes_a_key_that_was_not_entered),
        TEST(finishes_a_key_that_was_entered),
        TEST(finishes_a_destruction),
        TEST(does_not_finish_a_staged_key_that_was_destroyed),
        TEST(mends_a_cut_line),
        TEST(leaves_all_as_it_was_where_the_disk_is_full),
        TEST(lets_one_writer_in_at_a_time),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, inits, check_init);
    return wn_run_tests("keeper", &all);
}
