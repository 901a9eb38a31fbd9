// SPDX-License-Identifier: Apache-2.0

/* Known answers: FIPS 180-4's examples (SHA-256), RFC 3720 B.4 (CRC-32C). */

#include "winnow/hash.h"

#include <stdlib.h>

#include "table.h"

struct sha_row {
    const char *name;
    const char *text;
    unsigned times;
    const char *hex;
};

static const struct sha_row shas[] = {
    { "hashes nothing", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "hashes one block", "abc", 1,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "hashes two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "hashes a million letters", "aaaaaaaaaa", 100000,
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static void check_sha(void **state)
{
    const struct sha_row *row = *state;
    struct wn_sha256 *hash = wn_sha256_open();
    for (int round = 0; round < 2; round++) { // The same object again.
        for (unsigned i = 0; i < row->times; i++) {
            wn_sha256_add(hash, row->text, strlen(row->text));
        }
        uint8_t digest[WN_SHA256_BYTES];
        char hex[WN_SHA256_HEX];
        wn_sha256_finish(hash, digest);
        wn_hex(digest, sizeof(digest), hex);
        assert_string_equal(hex, row->hex);
    }
    assert_null(wn_sha256_close(hash));
    assert_null(wn_sha256_close(NULL));
    if (row->times == 1) {
        uint8_t digest[WN_SHA256_BYTES];
        char hex[WN_SHA256_HEX];
        wn_sha256_of(row->text, strlen(row->text), digest);
        wn_hex(digest, sizeof(digest), hex);
        assert_string_equal(hex, row->hex);
    }
}

struct crc_row {
    const char *name;
    uint8_t bytes[48];
    size_t len;
    uint32_t crc;
};

static const struct crc_row crcs[] = {
    { "sums nothing", { 0 }, 0, 0 },
    { "sums 32 zeros", { 0 }, 32, 0x8a9136aa },
    { "sums 32 ones",
      { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 },
      32,
      0x62a8ab43 },
    { "sums 32 rising octets",
      { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 },
      32,
      0x46dd794e },
    { "sums 32 falling octets",
      { 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
        15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1,  0 },
      32,
      0x113fdb5c },
    { "sums what is no multiple of eight",
      { '1', '2', '3', '4', '5', '6', '7', '8', '9' },
      9,
      0xe3069283 },
};

static void check_crc(void **state)
{
    const struct crc_row *row = *state;
    assert_true(wn_crc32c(0, row->bytes, row->len) == row->crc);
    for (size_t cut = 0; cut <= row->len; cut++) { // In two pieces.
        uint32_t crc = wn_crc32c(0, row->bytes, cut);
        assert_true(wn_crc32c(crc, row->bytes + cut, row->len - cut) == row->crc);
    }
}

/** CRC-32C by its definition (RFC 3720 B.4), a bit at a time. */
static uint32_t crc_by_bits(const uint8_t *bytes, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < 8 * len; i++) {
        uint32_t bit = (crc ^ bytes[i / 8] >> i % 8) & 1;
        crc = crc >> 1 ^ (bit ? 0x82f63b78 : 0);
    }
    return ~crc;
}

/** Lengths around the lanes that are summed side by side. */
static void sums_long_texts(void **state)
{
    (void)state;
    enum {
        MOST = 10000
    };
    static uint8_t bytes[MOST];
    uint32_t seed = 1;
    for (size_t i = 0; i < MOST; i++) {
        seed = seed * 1664525U + 1013904223U;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    static const size_t lens[] = { 1023, 1024, 3071, 3072, 3073, 3080, 6143, 6144, 6151, MOST - 1 };
    for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
        uint32_t expected = crc_by_bits(bytes + 1, lens[i]);
        assert_true(wn_crc32c(0, bytes + 1, lens[i]) == expected);
        uint32_t begun = wn_crc32c(0, bytes + 1, 5);
        assert_true(wn_crc32c(begun, bytes + 6, lens[i] - 5) == expected);
    }
}

struct hex_row {
    const char *name;
    const char *text;
    size_t len;
    bool fine;
};

static const struct hex_row hexes[] = {
    { "reads lower case", "00ff7f", 3, true },
    { "reads upper case", "00FF7F", 3, true },
    { "reads nothing", "", 0, true },
    { "refuses a digit too few", "00ff7", 3, false },
    { "refuses a digit too many", "00ff7f0", 3, false },
    { "refuses another letter", "00fg7f", 3, false },
    { "refuses a space", "00 f7f", 3, false },
};

static void check_hex(void **state)
{
    const struct hex_row *row = *state;
    static const uint8_t expected[] = { 0, 255, 127 };
    uint8_t bytes[3] = { 0 };
    assert_int_equal(wn_unhex(wn_slice_of(row->text), row->len, bytes), row->fine);
    if (row->fine) {
        assert_memory_equal(bytes, expected, row->len);
    }
}

static void spreads_neighbours(void **state)
{
    (void)state;
    // 4,096 neighbouring keys over 65,536 places: a hash that mixes leaves few collisions (about
    // 128).
    bool *taken = calloc(65536, sizeof(*taken));
    assert_non_null(taken);
    unsigned collisions = 0;
    for (uint32_t key = 0; key < 4096; key++) {
        size_t place = wn_hash64(&key, sizeof(key)) & 65535;
        collisions += taken[place];
        taken[place] = true;
    }
    free(taken);
    assert_in_range(collisions, 0, 256);
    assert_true(wn_hash64("ab", 2) != wn_hash64("ab\0", 3));
    assert_true(wn_hash64("12345678", 8) != wn_hash64("12345679", 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_long_texts),
        cmocka_unit_test(spreads_neighbours),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, shas, check_sha);
    WN_ADD_TABLE(&all, crcs, check_crc);
    WN_ADD_TABLE(&all, hexes, check_hex);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("hash", &all);
}
