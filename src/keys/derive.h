// SPDX-License-Identifier: Apache-2.0

/** From a root to the keys of its kinds. */

#ifndef WINNOW_KEYS_DERIVE_H
#define WINNOW_KEYS_DERIVE_H

#include "register.h"
#include "winnow/mac.h"

/** HKDF-Expand(root, "winnow/pseudonym/v1" 00 "main" 00 purpose 00 kind 00 period_be32), 32 octets.
 */
void wn_derive(const uint8_t root[WN_KEY_BYTES], const char *purpose, const char *kind,
               uint32_t period, uint8_t ret_key[WN_KEY_BYTES]);

/** Compute a root's check value: the first 8 octets of HMAC(key of kind `kcv`, "winnow/kcv/v1"). */
void wn_derive_kcv(const uint8_t root[WN_KEY_BYTES], const char *purpose, uint32_t period,
                   uint8_t ret_kcv[WN_KCV_BYTES]);

#endif
