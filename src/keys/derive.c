// SPDX-License-Identifier: Apache-2.0

#include "derive.h"

#include <assert.h>

enum {
    INFO = 128
};

/** Append a text and its zero octet. */
static size_t put(uint8_t info[INFO], size_t len, const char *text)
{
    size_t more = strlen(text) + 1;
    assert(len + more <= INFO - 4);
    memcpy(info + len, text, more);
    return len + more;
}

void wn_derive(const uint8_t root[WN_KEY_BYTES], const char *purpose, const char *kind,
               uint32_t period, uint8_t ret_key[WN_KEY_BYTES])
{
    uint8_t info[INFO];
    size_t len = put(info, 0, "winnow/pseudonym/v1");
    len = put(info, len, "main");
    len = put(info, len, purpose);
    len = put(info, len, kind);
    for (int shift = 24; shift >= 0; shift -= 8) {
        info[len++] = (uint8_t)(period >> shift);
    }
    wn_hkdf_expand(root, info, len, ret_key, WN_KEY_BYTES);
}

void wn_derive_kcv(const uint8_t root[WN_KEY_BYTES], const char *purpose, uint32_t period,
                   uint8_t ret_kcv[WN_KCV_BYTES])
{
    static const char text[] = "winnow/kcv/v1";
    uint8_t key[WN_KEY_BYTES], mac[WN_MAC_BYTES];
    wn_derive(root, purpose, "kcv", period, key);
    wn_mac_once(key, sizeof(key), text, sizeof(text) - 1, mac);
    memcpy(ret_kcv, mac, WN_KCV_BYTES);
    explicit_bzero(key, sizeof(key));
    explicit_bzero(mac, sizeof(mac));
}
