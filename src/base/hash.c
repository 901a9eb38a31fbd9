// SPDX-License-Identifier: Apache-2.0

/*
 * CRC-32C by the processor where it can (SSE 4.2), else bit by bit; SHA-256 by OpenSSL's EVP, which
 * uses the processor's instructions where it has them.
 */

#include "winnow/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

struct wn_sha256 {
    EVP_MD_CTX *context;
};

static void begin(struct wn_sha256 *hash)
{
    if (!hash->context || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
        fputs("winnow: SHA-256 is not available\n", stderr);
        abort();
    }
}

struct wn_sha256 *wn_sha256_open(void)
{
    struct wn_sha256 *hash = malloc(sizeof(*hash));
    if (!hash) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    hash->context = EVP_MD_CTX_new();
    begin(hash);
    return hash;
}

void wn_sha256_add(struct wn_sha256 *hash, const void *bytes, size_t len)
{
    EVP_DigestUpdate(hash->context, bytes, len);
}

void wn_sha256_finish(struct wn_sha256 *hash, uint8_t ret_digest[WN_SHA256_BYTES])
{
    EVP_DigestFinal_ex(hash->context, ret_digest, NULL);
    begin(hash);
}

struct wn_sha256 *wn_sha256_close(struct wn_sha256 *hash)
{
    if (hash) {
        EVP_MD_CTX_free(hash->context);
        free(hash);
    }
    return NULL;
}

void wn_sha256_of(const void *bytes, size_t len, uint8_t ret_digest[WN_SHA256_BYTES])
{
    if (EVP_Digest(bytes, len, ret_digest, NULL, EVP_sha256(), NULL) != 1) {
        fputs("winnow: SHA-256 is not available\n", stderr);
        abort();
    }
}

void wn_hex(const uint8_t *bytes, size_t len, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        ret_text[2 * i] = digits[bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_text[2 * len] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool wn_unhex(struct wn_slice text, size_t len, uint8_t *ret_bytes)
{
    if (text.len != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int high = nibble(text.at[2 * i]);
        int low = nibble(text.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static uint32_t crc_step(uint32_t crc, unsigned char octet)
{
    static const uint32_t polynomial = 0x82f63b78; // RFC 3720 B.4, reflected.
    crc ^= octet;
    for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
    }
    return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc_fast(uint32_t crc, const unsigned char *at,
                                                           size_t len)
{
    uint64_t wide = crc;
    for (; len >= 8; at += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    for (; len > 0; at++, len--) {
        crc = _mm_crc32_u8(crc, *at);
    }
    return crc;
}
#endif

uint32_t wn_crc32c(uint32_t crc, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    crc = ~crc;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        return ~crc_fast(crc, at, len);
    }
#endif
    for (size_t i = 0; i < len; i++) {
        crc = crc_step(crc, at[i]);
    }
    return ~crc;
}

uint64_t wn_hash64(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = 0x9e3779b97f4a7c15U ^ len;
    for (; len >= 8; at += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        hash = (hash ^ word) * 0xff51afd7ed558ccdU;
        hash ^= hash >> 32;
    }
    uint64_t tail = 0;
    if (len > 0) {
        memcpy(&tail, at, len);
    }
    hash = (hash ^ tail) * 0xc4ceb9fe1a85ec53U;
    return hash ^ hash >> 29;
}
