// SPDX-License-Identifier: Apache-2.0

/**
 * A purpose's view of a record: transforms and pseudonyms applied, encoded as Avro binary.
 *
 * Values in, bytes out: what the purpose's plan does not name is never looked at. The encoder is
 * our own (Avro 1.11 specification, "Binary encoding"), byte for byte equal to avro-c's.
 */

#ifndef WINNOW_MINIMISE_H
#define WINNOW_MINIMISE_H

#include "winnow/keyring.h"
#include "winnow/policy.h"
#include "winnow/record.h"

/** Pseudonyms by keyring, with a cache in locked memory; one a worker. */
struct wn_minimiser;

/**
 * Names of purposes that are handed in later must outlive the minimiser: they are the policy's.
 *
 * @param cached  Identifiers to remember, at most (a power of two; bounded by what can be locked,
 * 0: none).
 * @return WN_OK, or WN_FATAL: "locked-memory".
 */
WN_NODISCARD
enum wn_code wn_minimiser_open(struct wn_keyring *keyring, unsigned cached,
                               struct wn_minimiser **ret_minimiser, struct wn_error *err);

/** Wipe and close; NULL is fine. @return NULL */
struct wn_minimiser *wn_minimiser_close(struct wn_minimiser *minimiser);

/**
 * Check that every transform of a purpose accepts the record's values, without any key.
 *
 * @return WN_OK, or WN_REJECT: "transform-failed", "token-suspect"; the text names purpose and
 * field.
 */
WN_NODISCARD
enum wn_code wn_minimise_check(const struct wn_purpose *purpose, const struct wn_record *record,
                               struct wn_error *err);

/**
 * Say that this record's subscriber will be wanted soon: its place in the cache, which is larger
 * than the processor's, is fetched meanwhile. Without effect on what comes out.
 */
void wn_minimise_expect(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
                        const struct wn_record *record, uint32_t period);

/** Why a record of a purpose does not go out, or that it does. */
enum wn_minimised {
    WN_MINIMISED_OUT,
    WN_MINIMISED_KEY_MISSING
};

/**
 * Encode a record for a purpose. The record has passed wn_minimise_check().
 *
 * @param period          0, or yyyymm of the event: which key.
 * @param ret_bytes       Avro binary, appended.
 * @param ret_subscriber  The subscriber's pseudonym of this purpose and period: the Kafka key.
 */
WN_NODISCARD
enum wn_minimised wn_minimise(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
                              const struct wn_record *record, uint32_t period,
                              struct wn_buffer *ret_bytes, uint8_t ret_subscriber[16]);

/**
 * The check value of the root that a purpose's pseudonyms of a period are made with; what the
 * keyring said is remembered.
 *
 * @return 8 octets, good until the next call for another purpose or period; NULL where there is no
 * such root: the purpose is withheld.
 */
WN_NODISCARD
const uint8_t *wn_minimiser_key_id(struct wn_minimiser *minimiser, const char *purpose,
                                   uint32_t period);

/** A pseudonym: HMAC-SHA-256 over the canonical bytes, its first 16 octets. @return
 * false where the key is missing. */
WN_NODISCARD
bool wn_pseudonym(struct wn_minimiser *minimiser, const char *purpose, enum wn_kind kind,
                  uint32_t period, struct wn_slice canonical, uint8_t ret_pseudonym[16]);

#endif
