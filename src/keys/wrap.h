// SPDX-License-Identifier: Apache-2.0

/**
 * 32 secret octets under another key: XChaCha20-Poly1305 with the name of what is wrapped as
 * associated data, so that no file can stand in for another.
 *
 * A wrapped key is text: 144 hexadecimal digits (24 octets nonce, 32 secret, 16 tag).
 */

#ifndef WINNOW_KEYS_WRAP_H
#define WINNOW_KEYS_WRAP_H

#include "winnow/error.h"
#include "winnow/mac.h"

enum {
    WN_WRAPPED_HEX = 145
}; ///< With its NUL.

/** What a wrapped key is: its name and period are bound to it. */
struct wn_wrap_name {
    const char *purpose; ///< NULL: the signing key.
    uint32_t period;
};

/** Wrap `secret` under `kek`. */
void wn_wrap(const uint8_t kek[WN_KEY_BYTES], struct wn_wrap_name name,
             const uint8_t secret[WN_KEY_BYTES], char ret_text[WN_WRAPPED_HEX]);

/** Unwrap into locked memory of the caller's. @return false where it is not that key under `kek`.
 */
WN_NODISCARD
bool wn_unwrap(const uint8_t kek[WN_KEY_BYTES], struct wn_wrap_name name, struct wn_slice text,
               uint8_t ret_secret[WN_KEY_BYTES]);

#endif
