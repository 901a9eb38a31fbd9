// SPDX-License-Identifier: Apache-2.0

/* Known answers: RFC 4231 section 4 (HMAC-SHA-256), RFC 5869 appendix A (HKDF's second half). */

#include "winnow/mac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "table.h"
#include "winnow/hash.h"

struct hmac_row {
    const char *name;
    const char *key; ///< Hexadecimal.
    const char *text;
    const char *mac; ///< Its beginning.
};

#define FA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A131 FA FA FA "aaaaaaaaaaaaaaaaaaaaaa"
#define TEN(x) x x x x x x x x x x

static const struct hmac_row hmacs[] = {
    { "RFC 4231 case 1: a key of 20 octets", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "RFC 4231 case 2: a key shorter than the digest", "4a656665", "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { "RFC 4231 case 3: key and data together longer than a block",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", TEN("\xdd\xdd\xdd\xdd\xdd"),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
    { "RFC 4231 case 4: a key of 25 octets", "0102030405060708090a0b0c0d0e0f10111213141516171819",
      TEN("\xcd\xcd\xcd\xcd\xcd"),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
    { "RFC 4231 case 5: truncated to 128 bits", "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
      "Test With Truncation", "a3b6167473100ee06e0c796c2955552b" },
    { "RFC 4231 case 6: a key longer than a block", A131,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { "RFC 4231 case 7: key and data longer than a block", A131,
      "This is a test using a larger than block-size key and a larger than block-size data. The "
      "key "
      "needs to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
};

static void check_hmac(void **state)
{
    const struct hmac_row *row = *state;
    uint8_t key[131], mac[WN_MAC_BYTES];
    size_t key_len = strlen(row->key) / 2;
    char hex[WN_SHA256_HEX];
    assert_true(wn_unhex(wn_slice_of(row->key), key_len, key));
    wn_mac_once(key, key_len, row->text, strlen(row->text), mac);
    wn_hex(mac, sizeof(mac), hex);
    assert_memory_equal(hex, row->mac, strlen(row->mac));
}

struct hkdf_row {
    const char *name;
    const char *prk, *info, *okm;
};

static const struct hkdf_row hkdfs[] = {
    { "RFC 5869 A.1: two blocks",
      "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5", "f0f1f2f3f4f5f6f7f8f9",
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865" },
    { "RFC 5869 A.2: a long info, three blocks",
      "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
      "d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
      "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87" },
    { "RFC 5869 A.3: no info", "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
      "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8" },
};

static void check_hkdf(void **state)
{
    const struct hkdf_row *row = *state;
    uint8_t prk[32], info[80], okm[82], expected[82];
    size_t info_len = strlen(row->info) / 2, len = strlen(row->okm) / 2;
    assert_true(wn_unhex(wn_slice_of(row->prk), 32, prk));
    assert_true(wn_unhex(wn_slice_of(row->info), info_len, info));
    assert_true(wn_unhex(wn_slice_of(row->okm), len, expected));
    wn_hkdf_expand(prk, info, info_len, okm, len);
    assert_memory_equal(okm, expected, len);
    wn_hkdf_expand(prk, info, info_len, okm, 7); // A part of the first block.
    assert_memory_equal(okm, expected, 7);
}

static void agrees_with_another_hmac_at_every_length(void **state)
{
    (void)state;
    uint8_t key[WN_KEY_BYTES], bytes[300];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 7 + 3);
    }
    memcpy(key, bytes + 100, sizeof(key));
    struct wn_mac *mac = wn_mac_open(key);
    assert_non_null(mac);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        uint8_t ours[WN_MAC_BYTES], theirs[WN_MAC_BYTES];
        wn_mac_of(mac, bytes, len, ours);
        assert_non_null(HMAC(EVP_sha256(), key, sizeof(key), bytes, len, theirs, NULL));
        assert_memory_equal(ours, theirs, sizeof(ours));
    }
    assert_null(wn_mac_close(mac));
    assert_null(wn_mac_close(NULL));
}

static void takes_a_key_of_any_length(void **state)
{
    (void)state;
    uint8_t key[200], ours[WN_MAC_BYTES], theirs[WN_MAC_BYTES];
    memset(key, 0x5a, sizeof(key));
    for (size_t len = 0; len <= sizeof(key); len++) {
        wn_mac_once(key, len, "x", 1, ours);
        assert_non_null(HMAC(EVP_sha256(), key, (int)len, (const uint8_t *)"x", 1, theirs, NULL));
        assert_memory_equal(ours, theirs, sizeof(ours));
    }
}

static void expands_to_the_most(void **state)
{
    (void)state;
    static uint8_t okm[255 * 32];
    const uint8_t prk[32] = { 1 };
    uint8_t message[32 + 1], last[WN_MAC_BYTES];
    wn_hkdf_expand(prk, NULL, 0, okm, sizeof(okm));
    memcpy(message, okm + sizeof(okm) - 64, 32); // T(255) = HMAC(prk, T(254) | 255).
    message[32] = 255;
    wn_mac_once(prk, sizeof(prk), message, sizeof(message), last);
    assert_memory_equal(last, okm + sizeof(okm) - 32, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_another_hmac_at_every_length),
        cmocka_unit_test(takes_a_key_of_any_length),
        cmocka_unit_test(expands_to_the_most),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, hmacs, check_hmac);
    WN_ADD_TABLE(&all, hkdfs, check_hkdf);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("mac", &all);
}
