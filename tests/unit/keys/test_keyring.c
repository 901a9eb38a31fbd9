// SPDX-License-Identifier: Apache-2.0

#include "winnow/keyring.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <sodium.h>

#include "folder.h"
#include "keys/locked.h"
#include "keys/vault.h"
#include "keys/wrap.h"
#include "winnow/hash.h"

static const struct wn_key_want wants[] = {
    { "record", 0 },
    { "billing", 0 },
    { "insight", 202611 },
    { "insight", 202612 },
};

static void makes_a_ring_for_looking_without_a_folder(void **state)
{
    (void)state;
    const char *const purposes[] = { "billing", "insight" };
    struct wn_keyring *one = NULL, *two = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_keyring_scratch(purposes, 2, &one, &err), WN_OK);
    assert_int_equal(wn_keyring_scratch(purposes, 2, &two, &err), WN_OK);

    const struct wn_mac *mac = wn_keyring_find(one, "insight", "imsi", 202611);
    assert_non_null(mac);
    assert_ptr_equal(wn_keyring_find(one, "insight", "imsi", 190001), mac); // One serves all.
    assert_non_null(wn_keyring_find(one, "record", "key", 0));
    assert_true(wn_keyring_has(one, "consent", 0, NULL));
    assert_null(wn_keyring_find(one, "other", "imsi", 0));

    const struct wn_mac *others[] = {
        wn_keyring_find(one, "billing", "imsi", 0),
        wn_keyring_find(one, "insight", "nai", 0),
        wn_keyring_find(two, "insight", "imsi", 202611),
    };
    uint8_t here[WN_MAC_BYTES], there[WN_MAC_BYTES];
    wn_mac_of(mac, "001010000000001", 15, here);
    for (size_t i = 0; i < WN_COUNT(others); i++) {
        wn_mac_of(others[i], "001010000000001", 15, there);
        assert_memory_not_equal(here, there, 16);
    }
    assert_memory_not_equal(wn_keyring_officer_public(one), wn_keyring_officer_public(two), 32);
    wn_keyring_close(one);
    wn_keyring_close(two);
}

static void uses_what_is_in_locked_memory(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    struct wn_keyring *keyring = open_ring();
    const struct wn_mac *imsi = wn_keyring_find(keyring, "billing", "imsi", 0);
    assert_non_null(imsi);
    assert_ptr_equal(wn_keyring_find(keyring, "billing", "imsi", 0), imsi); // Kept.

    const struct wn_mac *others[] = {
        wn_keyring_find(keyring, "billing", "nai", 0),
        wn_keyring_find(keyring, "insight", "imsi", 202611),
        wn_keyring_find(keyring, "insight", "imsi", 202612),
        wn_keyring_find(keyring, "record", "key", 0),
    };
    uint8_t mac[WN_MAC_BYTES], other[WN_MAC_BYTES];
    wn_mac_of(imsi, "001010000000001", 15, mac);
    for (size_t i = 0; i < WN_COUNT(others); i++) {
        assert_non_null(others[i]);
        wn_mac_of(others[i], "001010000000001", 15, other);
        assert_memory_not_equal(mac, other, 16);
    }
    assert_null(wn_keyring_find(keyring, "billing", "imsi", 202611));
    assert_null(wn_keyring_find(keyring, "insight", "imsi", 0));
    assert_null(wn_keyring_find(keyring, "other", "imsi", 0));

    struct wn_keyring *again = open_ring(); // Another process gets the same.
    wn_mac_of(wn_keyring_find(again, "billing", "imsi", 0), "001010000000001", 15, other);
    assert_memory_equal(mac, other, sizeof(mac));
    wn_keyring_close(again);
    assert_null(wn_keyring_close(keyring));
    assert_null(wn_keyring_close(NULL));
}

static void keeps_a_key_of_every_kind(void **state)
{
    (void)state;
    static const char *const kinds[] = { "imsi",    "imei",    "nai",  "number", "email",
                                         "mac",     "account", "id",   "key",    "session",
                                         "content", "file",    "order" };
    const struct wn_mac *macs[WN_COUNT(kinds)];
    make_keys(wants, WN_COUNT(wants));
    struct wn_keyring *keyring = open_ring();
    for (size_t i = 0; i < WN_COUNT(kinds); i++) {
        macs[i] = wn_keyring_find(keyring, "billing", kinds[i], 0);
    }
    for (size_t i = 0; i < WN_COUNT(kinds); i++) {
        assert_ptr_equal(wn_keyring_find(keyring, "billing", kinds[i], 0), macs[i]);
    }
    wn_keyring_close(keyring);
}

static void derives_as_the_vectors_do(void **state)
{
    (void)state;
    // A root of known octets, planted by the steps that making one takes.
    make_keys(wants, 1);
    struct wn_vault vault;
    struct wn_error err = { 0 };
    struct wn_buffer line = { 0 };
    uint8_t root[WN_KEY_BYTES], kcv[WN_KCV_BYTES];
    char hex[WN_SHA256_HEX];
    memset(root, 0xff, sizeof(root));
    // By tests/unit/keys/make_vectors.py: purpose a, kind imsi, period 0, root of ff.
    assert_true(wn_unhex(wn_slice_of("6c5a419db2abc3b2"), sizeof(kcv), kcv));
    assert_fine(wn_vault_place(&paths, &vault, &err), &err);
    assert_fine(wn_vault_open(&vault, &err), &err);
    size_t valid = vault.reg.text.len;
    const struct wn_register_entry entry = { .purpose = "a", .kcv = kcv, .time_s = 1795514400 };
    assert_fine(wn_vault_stage(&vault, "a", 0, root, &err), &err);
    wn_register_add(&vault.reg, &entry, vault.secrets->signing, &line);
    assert_fine(wn_vault_commit(&vault, valid, wn_buffer_slice(&line), &err), &err);
    wn_vault_close(&vault);
    wn_buffer_deinit(&line);

    struct wn_keyring *keyring = open_ring();
    uint8_t mac[WN_MAC_BYTES], said[WN_KCV_BYTES];
    assert_true(wn_keyring_has(keyring, "a", 0, said));
    assert_memory_equal(said, kcv, sizeof(kcv));
    wn_mac_of(wn_keyring_find(keyring, "a", "imsi", 0), "1", 1, mac);
    wn_hex(mac, 16, hex);
    assert_string_equal(hex, "623af0bc3dfb2098d9569aacc48d399b");
    wn_keyring_close(keyring);
}

static void lists_by_purpose_and_period(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    struct wn_keyring *keyring = open_ring();
    static const struct wn_key_want order[] = {
        { "billing", 0 },
        { "insight", 202611 },
        { "insight", 202612 },
        { "record", 0 },
    };
    for (unsigned i = 0; i < WN_COUNT(order); i++) {
        struct wn_key_row row;
        uint8_t kcv[8];
        assert_true(wn_keyring_row(keyring, i, &row));
        assert_string_equal(row.purpose, order[i].purpose);
        assert_int_equal(row.period, order[i].period);
        assert_int_equal(row.state, WN_KEY_LIVE);
        assert_int_equal(row.made_s, 1795514400);
        assert_true(wn_keyring_has(keyring, row.purpose, row.period, kcv));
        assert_memory_equal(kcv, row.kcv, sizeof(kcv));
    }
    struct wn_key_row row;
    assert_false(wn_keyring_row(keyring, 4, &row));
    assert_false(wn_keyring_has(keyring, "billing", 202611, NULL));
    wn_keyring_close(keyring);
}

static void signs_what_the_public_key_verifies(void **state)
{
    (void)state;
    make_keys(wants, 1);
    struct wn_keyring *keyring = open_ring();
    struct wn_error err = { 0 };
    uint8_t signature[64], public_key[32];
    wn_keyring_sign(keyring, wn_slice_of("{\"in\":1}"), signature);
    assert_fine(wn_public_key_read("keys/signing.pub", public_key, &err), &err);
    assert_memory_equal(public_key, wn_keyring_signing_public(keyring), 32);
    assert_int_equal(
        crypto_sign_verify_detached(signature, (const uint8_t *)"{\"in\":1}", 8, public_key), 0);
    assert_int_equal(
        crypto_sign_verify_detached(signature, (const uint8_t *)"{\"in\":2}", 8, public_key), -1);
    wn_keyring_close(keyring);
}

static void seals_what_the_officer_opens(void **state)
{
    (void)state;
    make_keys(wants, 1);
    struct wn_keyring *keyring = open_ring();
    struct wn_error err = { 0 };
    uint8_t sealed[5 + crypto_box_SEALBYTES], secret[32], public_key[32], opened[5];
    crypto_box_seal(sealed, (const uint8_t *)"octet", 5, wn_keyring_officer_public(keyring));
    assert_fine(wn_officer_key_read("keys.officer.key", secret, &err), &err);
    assert_fine(wn_public_key_read("keys/officer.pub", public_key, &err), &err);
    assert_int_equal(crypto_box_seal_open(opened, sealed, sizeof(sealed), public_key, secret), 0);
    assert_memory_equal(opened, "octet", 5);
    wn_keyring_close(keyring);
}

static void names_the_officers_key_as_envelopes_do(void **state)
{
    (void)state;
    make_keys(wants, 1);
    struct wn_keyring *keyring = open_ring();
    uint8_t digest[WN_SHA256_BYTES];
    const struct wn_key_row row = wn_keyring_officer(keyring);
    wn_sha256_of(wn_keyring_officer_public(keyring), 32, digest);
    assert_memory_equal(row.kcv, digest, sizeof(row.kcv));
    assert_string_equal(row.purpose, "officer");
    assert_int_equal(row.made_s, 1795514400);
    assert_true(wn_slice_starts(wn_keyring_register(keyring), "{\"kcv\":"));
    wn_keyring_close(keyring);
}

static void goes_on_without_a_root_that_is_gone_or_broken(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    assert_int_equal(remove("keys/insight-202611.key"), 0);
    copy_file("keys/billing-0.key", "keys/insight-202612.key", 0400); // Not that key.

    struct wn_keyring *keyring = open_ring();
    struct wn_key_row row;
    assert_true(wn_keyring_row(keyring, 1, &row));
    assert_int_equal(row.state, WN_KEY_MISSING);
    assert_true(wn_keyring_row(keyring, 2, &row));
    assert_int_equal(row.state, WN_KEY_BROKEN);
    assert_null(wn_keyring_find(keyring, "insight", "imsi", 202611));
    assert_null(wn_keyring_find(keyring, "insight", "imsi", 202612));
    assert_false(wn_keyring_has(keyring, "insight", 202612, NULL));
    assert_non_null(wn_keyring_find(keyring, "billing", "imsi", 0));
    wn_keyring_close(keyring);
}

static void uses_no_key_file_of_which_an_octet_changed(void **state)
{
    (void)state;
    make_keys(wants, 2);
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    assert_fine(wn_io_read("keys/billing-0.key", 1000, &bytes, &err), &err);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.at[i] ^= 1;
        assert_fine(wn_io_replace("keys/billing-0.key", 0400, bytes.at, bytes.len, &err), &err);
        bytes.at[i] ^= 1;
        struct wn_keyring *keyring = open_ring();
        assert_null(wn_keyring_find(keyring, "billing", "imsi", 0));
        wn_keyring_close(keyring);
    }
    wn_buffer_deinit(&bytes);
}

static void uses_no_other_root_under_a_keys_name(void **state)
{
    (void)state;
    make_keys(wants, 2);
    struct wn_vault vault;
    struct wn_error err = { 0 };
    static const uint8_t other[WN_KEY_BYTES] = { 1 };
    assert_fine(wn_vault_place(&paths, &vault, &err), &err);
    assert_fine(wn_vault_open(&vault, &err), &err);
    assert_int_equal(remove("keys/billing-0.key"), 0);
    assert_fine(wn_vault_write_wrapped(&vault, "keys/billing-0.key", "billing", 0, other, &err),
                &err);
    wn_vault_close(&vault);
    struct wn_keyring *keyring = open_ring();
    struct wn_key_row row;
    assert_true(wn_keyring_row(keyring, 0, &row));
    assert_int_equal(row.state, WN_KEY_BROKEN);
    assert_null(wn_keyring_find(keyring, "billing", "imsi", 0));
    wn_keyring_close(keyring);
}

static void binds_a_wrapped_key_to_its_name(void **state)
{
    (void)state;
    static const uint8_t kek[WN_KEY_BYTES] = { 1 }, other_kek[WN_KEY_BYTES] = { 2 };
    static const uint8_t secret[WN_KEY_BYTES] = { 3 };
    static const struct wn_wrap_name names[] = {
        { "insight", 202611 }, { "insight", 202612 }, { "insight", 0 },
        { "insigh", 202611 },  { NULL, 0 },
    };
    uint8_t opened[WN_KEY_BYTES];
    for (size_t i = 0; i < WN_COUNT(names); i++) {
        char text[WN_WRAPPED_HEX], again[WN_WRAPPED_HEX];
        wn_wrap(kek, names[i], secret, text);
        wn_wrap(kek, names[i], secret, again);
        assert_string_not_equal(text, again); // A nonce of its own.
        assert_false(wn_unwrap(other_kek, names[i], wn_slice_of(text), opened));
        for (size_t j = 0; j < WN_COUNT(names); j++) {
            assert_int_equal(wn_unwrap(kek, names[j], wn_slice_of(text), opened), i == j);
        }
        assert_true(wn_unwrap(kek, names[i], wn_slice_of(text), opened));
        assert_memory_equal(opened, secret, sizeof(secret));
    }
}

/** A hand on the folder that must be refused. */
struct hand_row {
    const char *name;
    const char *command; ///< As the shell takes it.
    const char *reason, *text;
};

static const struct hand_row hands[] = {
    { "refuses a missing folder", "mv keys gone", "keys", "keys: No such file or directory" },
    { "refuses a folder that others may write", "chmod 0770 keys", "keys",
      "keys: others have access (mode 0770); chmod 0700 keys" },
    { "refuses a folder behind a symbolic link", "mv keys real && ln -s real keys", "keys",
      "keys: a symbolic link is not followed; put what it points to in its place" },
    { "refuses a file in the folder's place", "mv keys real && touch keys", "keys",
      "keys: Not a directory" },
    { "refuses a missing key-encryption key", "rm -f keys.kek", "keys",
      "keys.kek: No such file or directory" },
    { "refuses a key-encryption key that others may read", "chmod 0440 keys.kek", "keys",
      "keys.kek: others have access (mode 0440); chmod 0400 keys.kek" },
    { "refuses a key-encryption key that the world may write", "chmod 0402 keys.kek", "keys",
      "keys.kek: others have access (mode 0402); chmod 0400 keys.kek" },
    { "refuses a key-encryption key behind a symbolic link", "mv keys.kek a && ln -s a keys.kek",
      "keys", "keys.kek: a symbolic link is not followed; put what it points to in its place" },
    { "refuses a folder as key-encryption key", "rm -f keys.kek && mkdir keys.kek", "keys",
      "keys.kek: not a file" },
    { "refuses a key-encryption key that is cut", "chmod 0600 keys.kek && truncate -s 63 keys.kek",
      "keys",
      "keys.kek: a key-encryption key is 64 hexadecimal digits in one line, and this is not" },
    { "refuses a key-encryption key that is too long",
      "chmod 0600 keys.kek && echo >> keys.kek && echo >> keys.kek", "keys",
      "keys.kek: larger than such a file can be" },
    { "refuses another key-encryption key",
      "chmod 0600 keys.kek && head -c 32 /dev/zero | od -An -v -tx1 | tr -d ' \\n' > keys.kek",
      "keys",
      "keys/signing.key: can't be unwrapped: keys.kek is not the key-encryption key of this "
      "folder, "
      "or the file was changed" },
    { "refuses a root that others may read", "chmod 0404 keys/billing-0.key", "keys",
      "keys/billing-0.key: others have access (mode 0404); chmod 0400 keys/billing-0.key" },
    { "refuses a root behind a symbolic link",
      "mv keys/billing-0.key a && ln -s ../a keys/billing-0.key", "keys",
      "keys/billing-0.key: a symbolic link is not followed; put what it points to in its place" },
    { "refuses a missing signing key", "rm -f keys/signing.key", "keys",
      "keys/signing.key: No such file or directory" },
    { "refuses a root in place of the signing key", "cp -fp keys/billing-0.key keys/signing.key",
      "keys",
      "keys/signing.key: can't be unwrapped: keys.kek is not the key-encryption key of this "
      "folder, "
      "or the file was changed" },
    { "refuses another public key", "cp -fp keys/officer.pub keys/signing.pub", "keys",
      "keys/signing.pub: is not the public half of signing.key; put both back from one backup" },
    { "refuses another officer's key", "cp -fp keys/signing.pub keys/officer.pub", "keys",
      "keys/officer.pub: is not the officer's public key that the register keys.register names, "
      "and quarantine would be sealed to somebody else; put it back from a backup (the register's "
      "first line has its digits, too)" },
    { "refuses an officer's key with another octet",
      "chmod 0644 keys/officer.pub && { grep -q ^0 keys/officer.pub && sed -i s/^0/1/ "
      "keys/officer.pub || sed -i s/^./0/ keys/officer.pub; }",
      "keys", NULL },
    { "refuses a missing public key", "rm -f keys/signing.pub", "keys",
      "keys/signing.pub: No such file or directory" },
    { "refuses a missing officer's key", "rm -f keys/officer.pub", "keys",
      "keys/officer.pub: No such file or directory" },
    { "refuses an officer's key that others may write", "chmod 0666 keys/officer.pub", "keys",
      "keys/officer.pub: others have access (mode 0666); chmod go-w keys/officer.pub" },
    { "refuses a missing register", "rm -f keys.register", "register",
      "keys.register: the register is missing; it alone knows which keys were destroyed: put its "
      "newest copy back" },
    { "refuses a register that others may write", "chmod 0660 keys.register", "keys",
      "keys.register: others have access (mode 0660); chmod go-w keys.register" },
    { "refuses a register behind a symbolic link", "mv keys.register a && ln -s a keys.register",
      "keys",
      "keys.register: a symbolic link is not followed; put what it points to in its place" },
    { "refuses an empty register", ": > keys.register", "register",
      "keys.register: its first line does not name the officer's public key: it was emptied, or "
      "made before registers did so; put its newest copy back, or make a new keys folder" },
    { "refuses a register rolled back by a line", "sed -i '$d' keys.register", "register",
      "keys/billing-0.key: the register keys.register never saw this key: it is older than the "
      "folder, or of another one; put its newest copy back" },
    { "refuses a register without its first line", "sed -i 1d keys.register", "register",
      "keys.register:1: the register was changed: it does not follow on the line before it; put "
      "its "
      "newest copy back" },
};

static void check_hand(void **state)
{
    const struct hand_row *row = *state;
    void *folder = NULL;
    assert_int_equal(enter(&folder), 0);
    make_keys(wants, 2);
    assert_int_equal(system(row->command), 0); // NOLINT(cert-env33-c): a test's own literal.
    assert_refused(row->reason, row->text);
    assert_int_equal(leave(&folder), 0);
}

static void refuses_another_owner(void **state)
{
    (void)state;
    make_keys(wants, 2);
    if (geteuid() != 0) {
        return; // Only root can give a file away.
    }
    assert_int_equal(chown("keys.kek", 65534, (gid_t)-1), 0);
    assert_refused("keys", "keys.kek: its owner is user 65534, neither this process's user (0) nor "
                           "root; chown 0 keys.kek");
    assert_int_equal(chown("keys.kek", 0, (gid_t)-1), 0);
    assert_int_equal(chown("keys", 65534, (gid_t)-1), 0);
    assert_refused("keys", NULL);
}

static void finds_its_places(void **state)
{
    (void)state;
    make_keys(wants, 1);
    struct wn_keyring *keyring = NULL;
    struct wn_error err = { 0 };
    const struct wn_key_paths slashed = { .dir = "keys//" };
    assert_fine(wn_keyring_open(&slashed, &keyring, &err), &err);
    keyring = wn_keyring_close(keyring);

    assert_int_equal(mkdir("elsewhere", 0700), 0);
    assert_int_equal(rename("keys.kek", "elsewhere/k"), 0);
    assert_int_equal(rename("keys.register", "elsewhere/r"), 0);
    const struct wn_key_paths named = { .dir = "keys", .kek = "elsewhere/k", .reg = "elsewhere/r" };
    assert_fine(wn_keyring_open(&named, &keyring, &err), &err);
    keyring = wn_keyring_close(keyring);

    // A credential of systemd: its group bits show an access list.
    assert_int_equal(rename("elsewhere/k", "elsewhere/winnow.kek"), 0);
    assert_int_equal(chmod("elsewhere/winnow.kek", 0440), 0);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "elsewhere", 1), 0);
    const struct wn_key_paths credential = { .dir = "keys", .reg = "elsewhere/r" };
    enum wn_code rc = wn_keyring_open(&credential, &keyring, &err);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_fine(rc, &err);
    keyring = wn_keyring_close(keyring);
}

static void refuses_places_that_defeat_it(void **state)
{
    (void)state;
    make_keys(wants, 1);
    static const struct wn_key_paths bad[] = {
        { .dir = "." },
        { .dir = "keys/.." },
        { .dir = "/" },
        { .dir = "" },
        { .dir = "keys", .kek = "keys/kek" },
        { .dir = "keys", .reg = "keys/register" },
        { .dir = "keys", .reg = "keys/../keys/register" },
    };
    for (size_t i = 0; i < WN_COUNT(bad); i++) {
        struct wn_keyring *keyring = NULL;
        struct wn_error err = { 0 };
        assert_int_equal(wn_keyring_open(&bad[i], &keyring, &err), WN_FATAL);
        assert_string_equal(err.reason, "keys");
        assert_null(keyring);
    }
}

/** Take away what lets this process lock memory. @return whether it worked. */
static bool forbid_locking(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 } };
    const struct rlimit limit = { 0, 0 };
    if (syscall(SYS_capget, &header, none) != 0) {
        return false;
    }
    none[0].effective &= ~(1U << CAP_IPC_LOCK);
    none[0].permitted &= ~(1U << CAP_IPC_LOCK);
    return setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && syscall(SYS_capset, &header, none) == 0;
}

/** Run a function in a child. @return its exit status. */
static int in_child(int (*run)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(run());
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int open_without_locking(void)
{
    struct wn_keyring *keyring = NULL;
    struct wn_error err = { 0 };
    const uint8_t key[WN_KEY_BYTES] = { 0 };
    if (!forbid_locking()) {
        return 2;
    }
    if (mlock(key, sizeof(key)) == 0) {
        return 0; // A sanitizer's mlock() does nothing: there is nothing to see here.
    }
    bool fine = wn_keyring_open(&paths, &keyring, &err) == WN_FATAL &&
                strcmp(err.reason, "locked-memory") == 0 &&
                strstr(err.text, "RLIMIT_MEMLOCK is 0 octets") &&
                strstr(err.text, "LimitMEMLOCK=") && !wn_mac_open(key) && !wn_locked_take(1);
    return fine ? 0 : 1;
}

static void is_fatal_where_memory_cannot_be_locked(void **state)
{
    (void)state;
    make_keys(wants, WN_COUNT(wants));
    assert_int_equal(in_child(open_without_locking), 0);
}

static int harden(void)
{
    struct rlimit limit;
    wn_process_harden();
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 &&
                   limit.rlim_cur == 0
               ? 0
               : 1;
}

static void turns_dumps_off(void **state)
{
    (void)state;
    assert_int_equal(in_child(harden), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(makes_a_ring_for_looking_without_a_folder),
        TEST(uses_what_is_in_locked_memory),
        TEST(keeps_a_key_of_every_kind),
        TEST(derives_as_the_vectors_do),
        TEST(lists_by_purpose_and_period),
        TEST(signs_what_the_public_key_verifies),
        TEST(seals_what_the_officer_opens),
        TEST(names_the_officers_key_as_envelopes_do),
        TEST(goes_on_without_a_root_that_is_gone_or_broken),
        TEST(uses_no_key_file_of_which_an_octet_changed),
        TEST(uses_no_other_root_under_a_keys_name),
        TEST(binds_a_wrapped_key_to_its_name),
        TEST(refuses_another_owner),
        TEST(finds_its_places),
        TEST(refuses_places_that_defeat_it),
        TEST(is_fatal_where_memory_cannot_be_locked),
        TEST(turns_dumps_off),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, hands, check_hand);
    return wn_run_tests("keyring", &all);
}
