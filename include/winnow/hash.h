// SPDX-License-Identifier: Apache-2.0

/**
 * Unkeyed hashes: SHA-256 (FIPS 180-4) for contents, CRC-32C (RFC 3720 appendix B.4) for a
 * message, a fast one for hash tables in memory.
 */

#ifndef WINNOW_HASH_H
#define WINNOW_HASH_H

#include "winnow/slice.h"

enum {
    WN_SHA256_BYTES = 32,
    WN_SHA256_HEX = 65
};

struct wn_sha256;

/** @return a new hash in progress; the caller's to give to wn_sha256_close(). Never NULL. */
struct wn_sha256 *wn_sha256_open(void);

/** Add bytes. */
void wn_sha256_add(struct wn_sha256 *hash, const void *bytes, size_t len);

/** Finish, and begin anew: the same object may hash the next content. */
void wn_sha256_finish(struct wn_sha256 *hash, uint8_t ret_digest[WN_SHA256_BYTES]);

/** Give it back; NULL is fine. @return NULL */
struct wn_sha256 *wn_sha256_close(struct wn_sha256 *hash);

/** Hash one piece of memory. */
void wn_sha256_of(const void *bytes, size_t len, uint8_t ret_digest[WN_SHA256_BYTES]);

/** Write `len` octets as lower-case hexadecimal and a NUL: `2 * len + 1` characters. */
void wn_hex(const uint8_t *bytes, size_t len, char *ret_text);

/** Read exactly `len` octets of hexadecimal. @return false where `text` is not that. */
WN_NODISCARD
bool wn_unhex(struct wn_slice text, size_t len, uint8_t *ret_bytes);

/** @return the CRC-32C of `bytes`, going on from `crc` (0 at first). */
uint32_t wn_crc32c(uint32_t crc, const void *bytes, size_t len);

/** @return a 64-bit hash for tables in memory; not stable between versions, not for secrets. */
uint64_t wn_hash64(const void *bytes, size_t len);

#endif
