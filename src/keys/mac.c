// SPDX-License-Identifier: Apache-2.0

/*
 * HMAC(K, m) = H(K ^ opad | H(K ^ ipad | m)), and the padded keys are one block each: the states of
 * SHA-256 behind these blocks are computed once. A MAC of a short message is then two blocks, with
 * a context on the stack and no allocation.
 *
 * OpenSSL 3 calls the low-level SHA-256 deprecated in favour of EVP, which allocates at each use
 * and keeps key state on the heap; the warning is off in this one file. The members of SHA256_CTX
 * are its public header's.
 */

#include "winnow/mac.h"

#include <assert.h>
#include <endian.h>

#include <openssl/sha.h>
#include <sodium.h>

#include "locked.h"
#include "mac_state.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum {
    BLOCK = 64,
    SHORT_BLOCKS = 4,
    SHORT = SHORT_BLOCKS * BLOCK - 9, ///< Octets of a message that fits, with its padding.
};

_Static_assert(sizeof(((SHA256_CTX *)0)->h) == sizeof(((struct wn_mac *)0)->inner),
               "a state of SHA-256 is eight words of 32 bits");

/** Go on behind the block of the padded key. */
static void resume(SHA256_CTX *context, const uint32_t state[8])
{
    memset(context, 0, sizeof(*context));
    memcpy(context->h, state, sizeof(context->h));
    context->Nl = BLOCK * 8; // Bits hashed so far.
    context->md_len = SHA256_DIGEST_LENGTH;
}

static void absorb_key(const uint8_t key[BLOCK], uint8_t pad, uint32_t ret_state[8])
{
    uint8_t block[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
        block[i] = key[i] ^ pad;
    }
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, block, sizeof(block));
    memcpy(ret_state, context.h, sizeof(context.h));
    explicit_bzero(block, sizeof(block));
    explicit_bzero(&context, sizeof(context));
}

void wn_mac_init(struct wn_mac *mac, const void *key, size_t key_len)
{
    uint8_t padded[BLOCK] = { 0 };
    if (key_len > BLOCK) {
        SHA256_CTX context;
        SHA256_Init(&context);
        SHA256_Update(&context, key, key_len);
        SHA256_Final(padded, &context);
        explicit_bzero(&context, sizeof(context));
    } else if (key_len > 0) {
        memcpy(padded, key, key_len);
    }
    absorb_key(padded, 0x36, mac->inner);
    absorb_key(padded, 0x5c, mac->outer);
    explicit_bzero(padded, sizeof(padded));
}

/** Finish the inner hash in `context` and run the outer one. Wipes the context. */
static void finish(const struct wn_mac *mac, SHA256_CTX *context, uint8_t ret_mac[WN_MAC_BYTES])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_Final(digest, context);
    resume(context, mac->outer);
    SHA256_Update(context, digest, sizeof(digest));
    SHA256_Final(ret_mac, context);
    explicit_bzero(context, sizeof(*context));
}

/** Put the end of a message as SHA-256 wants it: a bit, zeros, the length in bits. */
static size_t pad(uint8_t blocks[SHORT_BLOCKS * BLOCK], size_t len)
{
    const size_t padded = (len + 1 + sizeof(uint64_t) + BLOCK - 1) / BLOCK * BLOCK;
    const uint64_t bits = ((uint64_t)len + BLOCK) * 8; // The padded key came before.
    blocks[len] = 0x80;
    memset(blocks + len + 1, 0, padded - len - 1);
    for (size_t i = 0; i < sizeof(bits); i++) {
        blocks[padded - 1 - i] = (uint8_t)(bits >> (8 * i));
    }
    return padded;
}

/** Hash blocks, and give the state as a digest. */
static void transform(SHA256_CTX *context, const uint8_t *blocks, size_t len, uint8_t *ret_digest)
{
    for (size_t i = 0; i < len; i += BLOCK) {
        SHA256_Transform(context, blocks + i);
    }
    for (size_t i = 0; i < WN_COUNT(context->h); i++) {
        const uint32_t word = htobe32(context->h[i]);
        memcpy(ret_digest + 4 * i, &word, sizeof(word));
    }
}

/** The same as wn_mac_of(), without the stages of a hash whose message comes in pieces. */
static void mac_short(const struct wn_mac *mac, const void *bytes, size_t len,
                      uint8_t ret_mac[WN_MAC_BYTES])
{
    uint8_t blocks[SHORT_BLOCKS * BLOCK];
    SHA256_CTX context;
    if (len > 0) {
        memcpy(blocks, bytes, len);
    }
    memcpy(context.h, mac->inner, sizeof(context.h));
    size_t padded = pad(blocks, len);
    transform(&context, blocks, padded, blocks);
    memcpy(context.h, mac->outer, sizeof(context.h));
    transform(&context, blocks, pad(blocks, WN_MAC_BYTES), ret_mac);
    explicit_bzero(blocks, padded);
    explicit_bzero(context.h, sizeof(context.h));
}

void wn_mac_of(const struct wn_mac *mac, const void *bytes, size_t len,
               uint8_t ret_mac[WN_MAC_BYTES])
{
    if (len <= SHORT) {
        mac_short(mac, bytes, len, ret_mac);
        return;
    }
    SHA256_CTX context;
    resume(&context, mac->inner);
    SHA256_Update(&context, bytes, len);
    finish(mac, &context, ret_mac);
}

void wn_mac_once(const void *key, size_t key_len, const void *bytes, size_t len,
                 uint8_t ret_mac[WN_MAC_BYTES])
{
    struct wn_mac mac;
    wn_mac_init(&mac, key, key_len);
    wn_mac_of(&mac, bytes, len, ret_mac);
    explicit_bzero(&mac, sizeof(mac));
}

struct wn_mac *wn_mac_open(const uint8_t key[WN_KEY_BYTES])
{
    struct wn_mac *mac = wn_locked_take(sizeof(*mac));
    if (mac) {
        wn_mac_init(mac, key, WN_KEY_BYTES);
    }
    return mac;
}

struct wn_mac *wn_mac_close(struct wn_mac *mac)
{
    return wn_locked_give(mac);
}

void wn_hkdf_expand(const uint8_t prk[WN_KEY_BYTES], const void *info, size_t info_len,
                    uint8_t *ret_okm, size_t len)
{
    assert(len <= (size_t)255 * WN_MAC_BYTES);
    struct wn_mac mac;
    wn_mac_init(&mac, prk, WN_KEY_BYTES);
    uint8_t piece[WN_MAC_BYTES];
    for (uint8_t i = 1; len > 0; i++) {
        SHA256_CTX context;
        resume(&context, mac.inner);
        if (i > 1) {
            SHA256_Update(&context, piece, sizeof(piece));
        }
        SHA256_Update(&context, info, info_len);
        SHA256_Update(&context, &i, 1);
        finish(&mac, &context, piece);

        size_t n = len < sizeof(piece) ? len : sizeof(piece);
        memcpy(ret_okm, piece, n);
        ret_okm += n;
        len -= n;
    }
    explicit_bzero(piece, sizeof(piece));
    explicit_bzero(&mac, sizeof(mac));
}
