// SPDX-License-Identifier: Apache-2.0

#include "wrap.h"

#include <assert.h>

#include <sodium.h>

#include "winnow/hash.h"

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED = WN_KEY_BYTES + TAG,
    NAME = 64,
};

_Static_assert(2 * (NONCE + SEALED) + 1 == WN_WRAPPED_HEX, "a wrapped key's length");

/** Write the associated data: "winnow/key/v1" 00 purpose 00 period_be32, or "winnow/signing/v1". */
static size_t associate(struct wn_wrap_name name, uint8_t ret_data[NAME])
{
    const char *label = name.purpose ? "winnow/key/v1" : "winnow/signing/v1";
    size_t len = strlen(label);
    memcpy(ret_data, label, len);
    if (!name.purpose) {
        return len;
    }
    size_t more = strlen(name.purpose);
    assert(len + more + 6 <= NAME);
    ret_data[len++] = 0;
    memcpy(ret_data + len, name.purpose, more);
    len += more;
    ret_data[len++] = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        ret_data[len++] = (uint8_t)(name.period >> shift);
    }
    return len;
}

void wn_wrap(const uint8_t kek[WN_KEY_BYTES], struct wn_wrap_name name,
             const uint8_t secret[WN_KEY_BYTES], char ret_text[WN_WRAPPED_HEX])
{
    uint8_t data[NAME], wrapped[NONCE + SEALED];
    size_t data_len = associate(name, data);
    randombytes_buf(wrapped, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped + NONCE, NULL, secret, WN_KEY_BYTES, data,
                                               data_len, NULL, wrapped, kek);
    wn_hex(wrapped, sizeof(wrapped), ret_text);
}

bool wn_unwrap(const uint8_t kek[WN_KEY_BYTES], struct wn_wrap_name name, struct wn_slice text,
               uint8_t ret_secret[WN_KEY_BYTES])
{
    uint8_t data[NAME], wrapped[NONCE + SEALED];
    if (!wn_unhex(text, sizeof(wrapped), wrapped)) {
        return false;
    }
    size_t data_len = associate(name, data);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_secret, NULL, NULL, wrapped + NONCE,
                                                      SEALED, data, data_len, wrapped, kek) == 0;
}
