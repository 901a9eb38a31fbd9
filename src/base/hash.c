// SPDX-License-Identifier: Apache-2.0

/*
 * SHA-256 by OpenSSL's EVP, which uses the processor's instructions where it has them. CRC-32C by
 * the processor where it can (SSE 4.2), else bit by bit.
 *
 * The processor begins a CRC step each cycle but ends it three cycles later, so one chain of steps
 * leaves it idle for two of three. Long texts are therefore summed in three chains, side by side,
 * each over a lane of LANE octets, which a carry-less multiplication (PCLMULQDQ) brings together:
 *
 *     crc(A ‖ B ‖ C) = crc(A) · x^(16·LANE)  +  crc(B) · x^(8·LANE)  +  crc(C)       modulo P
 *
 * The product of a CRC and a constant is no CRC yet but 64 bits wide; the CRC step takes it modulo
 * P and multiplies by x^32 on the way, and the product of two reflected numbers lacks one x: hence
 * the 33 in the constants.
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
#include <wmmintrin.h>

enum {
    LANE = 1024
}; ///< Octets of a chain.

static inline uint64_t word_at(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/** @return `crc` moved by the power of x that `constant` is, but for x^-33: 64 bits, not reduced.
 */
__attribute__((target("sse4.2,pclmul"))) static inline uint64_t moved(uint64_t crc,
                                                                      uint32_t constant)
{
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
        _mm_cvtsi64_si128((long long)crc), _mm_cvtsi64_si128((long long)constant), 0));
}

/** Sum three lanes, of LANE octets each. */
__attribute__((target("sse4.2,pclmul"))) static uint32_t crc_lanes(uint32_t crc,
                                                                   const unsigned char *at)
{
    static const uint32_t by_two_lanes = 0xa51b6135; // x^(16 * LANE - 33) modulo P, reflected.
    static const uint32_t by_one_lane = 0x170076fa;  // x^(8 * LANE - 33)
    uint64_t first = crc;
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < LANE; i += 8) {
        first = _mm_crc32_u64(first, word_at(at + i));
        second = _mm_crc32_u64(second, word_at(at + LANE + i));
        third = _mm_crc32_u64(third, word_at(at + (size_t)2 * LANE + i));
    }
    uint64_t both = moved(first, by_two_lanes) ^ moved(second, by_one_lane);
    return (uint32_t)(third ^ _mm_crc32_u64(0, both));
}

__attribute__((target("sse4.2"))) static uint32_t crc_fast(uint32_t crc, const unsigned char *at,
                                                           size_t len)
{
    uint64_t wide = crc;
    for (; len >= 8; at += 8, len -= 8) {
        wide = _mm_crc32_u64(wide, word_at(at));
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
        const size_t lanes = (size_t)3 * LANE;
        for (bool wide = __builtin_cpu_supports("pclmul"); wide && len >= lanes;) {
            crc = crc_lanes(crc, at);
            at += lanes;
            len -= lanes;
        }
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
