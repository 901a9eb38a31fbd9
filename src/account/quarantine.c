// SPDX-License-Identifier: Apache-2.0

/*
 * What is sealed of a piece:
 *
 *     raw octets (at most 512 KiB) | 80 | 00 … 00      to the next multiple of 256
 *
 * Length tells of content; the padding hides it to 256 octets. A sealed box makes a key pair for
 * each piece and forgets its secret half, so what was sealed can't be opened here.
 */

#include "winnow/quarantine.h"

#include <sodium.h>

#include "avro_take.h"
#include "winnow/avro.h"
#include "winnow/hash.h"
#include "winnow/memory.h"

enum {
    PIECE_BYTES = 512 * 1024,
    PAD_BYTES = 256,
    OFFICER_BYTES = 8
};

const char *wn_quarantine_schema(void)
{
    return "{\n"
           "  \"type\": \"record\",\n"
           "  \"name\": \"Quarantine\",\n"
           "  \"namespace\": \"winnow\",\n"
           "  \"doc\": \"A raw record that could not be accounted for, sealed to the officer.\",\n"
           "  \"fields\": [\n"
           "    {\"name\": \"reason\", \"type\": \"string\", \"doc\": \"Id, see the runbook.\"},\n"
           "    {\"name\": \"source\", \"type\": \"string\", \"doc\": \"Name of the source.\"},\n"
           "    {\"name\": \"origin\", \"doc\": \"Where the raw record lies.\", \"type\": {\n"
           "      \"type\": \"record\", \"name\": \"QuarantineOrigin\", \"fields\": [\n"
           "        {\"name\": \"input\", \"type\": \"string\", "
           "\"doc\": \"Topic, or SHA-256 of the content.\"},\n"
           "        {\"name\": \"partition\", \"type\": \"int\", "
           "\"doc\": \"Of the topic; 0 for files.\"},\n"
           "        {\"name\": \"offset\", \"type\": \"long\", "
           "\"doc\": \"Of the message, or octets from the beginning.\"},\n"
           "        {\"name\": \"index\", \"type\": \"int\", "
           "\"doc\": \"Place in the message; 0 for files.\"}\n"
           "      ]}},\n"
           "    {\"name\": \"piece\", \"type\": \"int\", \"doc\": \"From 1.\"},\n"
           "    {\"name\": \"pieces\", \"type\": \"int\", \"doc\": \"How many there are.\"},\n"
           "    {\"name\": \"officer\", \"type\": {\"type\": \"fixed\", \"name\": \"OfficerKey\", "
           "\"size\": 8},\n"
           "      \"doc\": \"First octets of the SHA-256 of the officer's public key.\"},\n"
           "    {\"name\": \"version\", \"type\": \"string\", \"doc\": \"Of winnow.\"},\n"
           "    {\"name\": \"receipt\", \"type\": \"long\", "
           "\"doc\": \"Number of the receipt that accounts for it.\"},\n"
           "    {\"name\": \"sealed\", \"type\": \"bytes\",\n"
           "      \"doc\": \"libsodium sealed box of the padded octets; empty once dropped.\"}\n"
           "  ]\n"
           "}\n";
}

static void officer_id(const uint8_t public_key[32], uint8_t ret_id[OFFICER_BYTES])
{
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(public_key, crypto_box_PUBLICKEYBYTES, digest);
    memcpy(ret_id, digest, OFFICER_BYTES);
}

/** Pad a piece and seal it. @return false where libsodium can't. */
static bool seal(struct wn_slice piece, const uint8_t officer[32], struct wn_buffer *padded,
                 struct wn_buffer *sealed)
{
    size_t len = (piece.len + PAD_BYTES) / PAD_BYTES * PAD_BYTES;
    uint8_t *room = wn_buffer_room(padded, len);
    memset(room, 0, len);
    if (piece.len > 0) {
        memcpy(room, piece.at, piece.len);
    }
    room[piece.len] = 0x80;
    padded->len = len;
    sealed->len = 0;
    uint8_t *box = wn_buffer_room(sealed, len + crypto_box_SEALBYTES);
    bool good = crypto_box_seal(box, room, len, officer) == 0;
    sealed->len = len + crypto_box_SEALBYTES;
    wn_buffer_wipe(padded);
    return good;
}

enum wn_code wn_quarantine_seal(struct wn_slice raw, const struct wn_envelope *like,
                                const uint8_t officer[32], wn_quarantine_piece *visit,
                                void *context, struct wn_error *err)
{
    if (sodium_init() < 0) {
        return wn_fail(err, WN_FATAL, "internal", "libsodium could not be started");
    }
    struct wn_envelope envelope = *like;
    envelope.version = wn_slice_of(WINNOW_VERSION);
    envelope.pieces = (int32_t)(raw.len > 0 ? (raw.len + PIECE_BYTES - 1) / PIECE_BYTES : 1);
    officer_id(officer, envelope.officer);
    struct wn_buffer padded = { 0 }, sealed = { 0 }, avro = { 0 };
    enum wn_code rc = WN_OK;
    for (envelope.piece = 1; envelope.piece <= envelope.pieces && rc == WN_OK; envelope.piece++) {
        struct wn_slice piece = { raw.at, raw.len < PIECE_BYTES ? raw.len : PIECE_BYTES };
        if (!seal(piece, officer, &padded, &sealed)) {
            rc = wn_fail(err, WN_FATAL, "keys",
                         "the officer's public key is not usable; make it anew (officer.pub)");
            break;
        }
        envelope.sealed = wn_buffer_slice(&sealed);
        avro.len = 0;
        wn_envelope_write(&envelope, &avro);
        rc = visit(context, wn_buffer_slice(&avro), err);
        raw = wn_slice_after(raw, piece.len);
    }
    wn_buffer_deinit(&avro);
    wn_buffer_deinit(&sealed);
    wn_buffer_deinit(&padded);
    return rc;
}

void wn_envelope_write(const struct wn_envelope *envelope, struct wn_buffer *ret_avro)
{
    wn_avro_bytes(ret_avro, envelope->reason.at, envelope->reason.len);
    wn_avro_bytes(ret_avro, envelope->source.at, envelope->source.len);
    wn_avro_bytes(ret_avro, envelope->origin.input.at, envelope->origin.input.len);
    wn_avro_long(ret_avro, envelope->origin.partition);
    wn_avro_long(ret_avro, envelope->origin.offset);
    wn_avro_long(ret_avro, envelope->origin.index);
    wn_avro_long(ret_avro, envelope->piece);
    wn_avro_long(ret_avro, envelope->pieces);
    wn_avro_fixed(ret_avro, envelope->officer, sizeof(envelope->officer));
    wn_avro_bytes(ret_avro, envelope->version.at, envelope->version.len);
    wn_avro_long(ret_avro, envelope->receipt);
    wn_avro_bytes(ret_avro, envelope->sealed.at, envelope->sealed.len);
}

enum wn_code wn_envelope_take(struct wn_slice *rest, struct wn_envelope *ret_envelope,
                              struct wn_error *err)
{
    struct wn_envelope envelope = { .piece = 0 };
    struct wn_slice officer;
    bool whole =
        wn_avro_take_string(rest, &envelope.reason) &&
        wn_avro_take_string(rest, &envelope.source) &&
        wn_avro_take_string(rest, &envelope.origin.input) &&
        wn_avro_take_int(rest, &envelope.origin.partition) &&
        wn_avro_take_long(rest, &envelope.origin.offset) &&
        wn_avro_take_int(rest, &envelope.origin.index) && wn_avro_take_int(rest, &envelope.piece) &&
        wn_avro_take_int(rest, &envelope.pieces) &&
        wn_avro_take_fixed(rest, OFFICER_BYTES, &officer) &&
        wn_avro_take_string(rest, &envelope.version) &&
        wn_avro_take_long(rest, &envelope.receipt) && wn_avro_take_bytes(rest, &envelope.sealed);
    if (!whole || envelope.piece < 1 || envelope.piece > envelope.pieces || envelope.receipt < 0) {
        return wn_fail(err, WN_REJECT, "quarantine", "not an envelope of the quarantine");
    }
    memcpy(envelope.officer, officer.at, sizeof(envelope.officer));
    *ret_envelope = envelope;
    return WN_OK;
}

enum wn_code wn_envelope_read(struct wn_slice avro, struct wn_envelope *ret_envelope,
                              struct wn_error *err)
{
    struct wn_envelope envelope;
    enum wn_code rc = wn_envelope_take(&avro, &envelope, err);
    if (rc == WN_OK && avro.len > 0) {
        rc = wn_fail(err, WN_REJECT, "quarantine", "octets follow an envelope of the quarantine");
    }
    if (rc == WN_OK) {
        *ret_envelope = envelope;
    }
    return rc;
}

/** @return length without the padding, or SIZE_MAX where there is none. */
static size_t unpadded(const uint8_t *bytes, size_t len)
{
    size_t at = len;
    while (at > 0 && len - at < PAD_BYTES && bytes[at - 1] == 0) {
        at--;
    }
    return at > 0 && len - at < PAD_BYTES && bytes[at - 1] == 0x80 ? at - 1 : SIZE_MAX;
}

/** Both halves of the officer's key. */
struct officer {
    uint8_t public_key[32], secret[32];
};

static enum wn_code open_box(const struct wn_envelope *envelope, const struct officer *officer,
                             struct wn_buffer *ret_raw, struct wn_error *err)
{
    size_t len = envelope->sealed.len - crypto_box_SEALBYTES;
    uint8_t *room = wn_buffer_room(ret_raw, len);
    if (crypto_box_seal_open(room, (const uint8_t *)envelope->sealed.at, envelope->sealed.len,
                             officer->public_key, officer->secret) != 0) {
        return wn_fail(err, WN_REJECT, "quarantine",
                       "a damaged piece: the officer's key does not open it");
    }
    size_t raw_len = len % PAD_BYTES == 0 ? unpadded(room, len) : SIZE_MAX;
    if (raw_len == SIZE_MAX) {
        sodium_memzero(room, len);
        return wn_fail(err, WN_REJECT, "quarantine", "a damaged piece: it has no padding");
    }
    ret_raw->len += raw_len;
    return WN_OK;
}

enum wn_code wn_envelope_open(const struct wn_envelope *envelope, const uint8_t officer_secret[32],
                              struct wn_buffer *ret_raw, struct wn_error *err)
{
    struct officer officer;
    uint8_t id[OFFICER_BYTES];
    if (envelope->sealed.len == 0) {
        return wn_fail(err, WN_REJECT, "quarantine", "this piece was dropped");
    }
    if (envelope->sealed.len < crypto_box_SEALBYTES || sodium_init() < 0 ||
        crypto_scalarmult_base(officer.public_key, officer_secret) != 0) {
        return wn_fail(err, WN_REJECT, "quarantine", "a damaged piece: it is cut");
    }
    officer_id(officer.public_key, id);
    if (memcmp(id, envelope->officer, sizeof(id)) != 0) {
        return wn_fail(err, WN_REJECT, "quarantine",
                       "this piece was sealed to another officer's key");
    }
    memcpy(officer.secret, officer_secret, sizeof(officer.secret));
    enum wn_code rc = open_box(envelope, &officer, ret_raw, err);
    sodium_memzero(&officer, sizeof(officer));
    return rc;
}
