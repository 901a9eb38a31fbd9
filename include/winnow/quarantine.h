// SPDX-License-Identifier: Apache-2.0

/**
 * Quarantine: a clear envelope, and the raw record sealed to the officer.
 *
 * The raw bytes are padded to a multiple of 256 (ISO/IEC 7816-4: 80 00 …) and put in a libsodium
 * sealed box to the officer's public key, at most 512 KiB of them a piece. winnow itself can't open
 * it. One Avro schema for both carriers, `winnow.Quarantine`: reason, source, origin {input,
 * partition, offset, index}, piece, pieces, officer (fixed 8: first octets of SHA-256 of the
 * officer's public key), version, receipt, sealed (bytes, empty once dropped).
 */

#ifndef WINNOW_QUARANTINE_H
#define WINNOW_QUARANTINE_H

#include "winnow/error.h"
#include "winnow/reason.h"
#include "winnow/record.h"

/** The schema of an envelope, Avro JSON; static storage. */
const char *wn_quarantine_schema(void);

/** Called with each piece's Avro binary. */
typedef enum wn_code wn_quarantine_piece(void *context, struct wn_slice avro, struct wn_error *err);

/** An envelope; read back, its slices point into the Avro bytes. */
struct wn_envelope {
    struct wn_slice reason, source, version;
    struct wn_origin origin;
    int32_t piece, pieces; ///< `piece` counts from 1.
    uint8_t officer[8];
    int64_t receipt;        ///< Number of the receipt that accounts for it.
    struct wn_slice sealed; ///< Empty: dropped.
};

/**
 * Seal a raw record: one call of `visit` for each piece, in order; an empty record has one piece,
 * too.
 *
 * @param like     Says reason, source, origin and receipt; the rest follows.
 * @param officer  The officer's public key (X25519).
 * @param visit    Not WN_OK ends the walk.
 * @return what `visit` returned; or WN_FATAL: "keys" (no usable public key), "internal".
 */
WN_NODISCARD
enum wn_code wn_quarantine_seal(struct wn_slice raw, const struct wn_envelope *like,
                                const uint8_t officer[32], wn_quarantine_piece *visit,
                                void *context, struct wn_error *err);

/** Read one envelope off the front of a container's block. @return WN_OK, or WN_REJECT:
 * "quarantine" (no envelope). */
WN_NODISCARD
enum wn_code wn_envelope_take(struct wn_slice *rest, struct wn_envelope *ret_envelope,
                              struct wn_error *err);

/** Read an envelope that fills the bytes. @return WN_OK, or WN_REJECT: "quarantine" (no envelope).
 */
WN_NODISCARD
enum wn_code wn_envelope_read(struct wn_slice avro, struct wn_envelope *ret_envelope,
                              struct wn_error *err);

/** Write an envelope as Avro binary (`drop` writes one without sealed bytes). */
void wn_envelope_write(const struct wn_envelope *envelope, struct wn_buffer *ret_avro);

/** Open a piece with the officer's keys; raw bytes are appended without the padding. WN_REJECT:
 * "quarantine" (another key, damaged, dropped); nothing is appended then. */
WN_NODISCARD
enum wn_code wn_envelope_open(const struct wn_envelope *envelope, const uint8_t officer_secret[32],
                              struct wn_buffer *ret_raw, struct wn_error *err);

#endif
