// SPDX-License-Identifier: Apache-2.0

/** Quarantine: sealed to the officer, padded, in pieces; the envelope is Avro that others read. */

#include "winnow/quarantine.h"

#include <stdlib.h>

#include <sodium.h>

#include "table.h"
#include "winnow/hash.h"
#include "winnow/reader.h"

enum {
    PIECE = 512 * 1024,
    BOX = 48
};

struct row {
    const char *name;
    size_t len; ///< Of the raw record.
    int pieces;
    size_t sealed; ///< Length of the last piece's sealed octets.
};

static const struct row rows[] = {
    { "nothing is one piece of padding", 0, 1, 256 + BOX },
    { "one octet is padded to 256", 1, 1, 256 + BOX },
    { "255 octets fit", 255, 1, 256 + BOX },
    { "256 octets need a block more for the padding", 256, 1, 512 + BOX },
    { "a piece that is full", PIECE, 1, PIECE + 256 + BOX },
    { "an octet more is a piece of its own", PIECE + 1, 2, 256 + BOX },
    { "three pieces", 2 * PIECE + 700, 3, 768 + BOX },
};

/** Pieces, kept. */
struct pieces {
    struct wn_buffer avro[8];
    int n;
    int fail_at; ///< Piece whose visit fails, from 1; 0: none.
};

static enum wn_code keep(void *context, struct wn_slice avro, struct wn_error *err)
{
    struct pieces *pieces = context;
    wn_buffer_add(&pieces->avro[pieces->n++], avro.at, avro.len);
    return pieces->n == pieces->fail_at ? wn_fail(err, WN_ABORT, "broker-away", "away") : WN_OK;
}

static void forget(struct pieces *pieces)
{
    for (int i = 0; i < pieces->n; i++) {
        wn_buffer_deinit(&pieces->avro[i]);
    }
}

static struct wn_slice make_raw(size_t len, struct wn_buffer *ret_raw)
{
    uint8_t *room = wn_buffer_room(ret_raw, len + 1);
    for (size_t i = 0; i < len; i++) {
        room[i] = (uint8_t)(i % 3 == 0 ? 0x80 : (i % 3 == 1 ? 0 : i)); // Like padding.
    }
    ret_raw->len = len;
    return wn_buffer_slice(ret_raw);
}

static struct wn_origin make_origin(void)
{
    return (struct wn_origin){
        .input = wn_slice_of("raw.calls"), .partition = 3, .offset = 5000000000, .index = 12
    };
}

static struct wn_envelope make_like(void)
{
    return (struct wn_envelope){ .reason = wn_slice_of("bad-time"),
                                 .source = wn_slice_of("freeradius-detail"),
                                 .origin = make_origin(),
                                 .receipt = 5000000001 };
}

static void seal(struct wn_slice raw, const uint8_t officer[32], struct pieces *ret_pieces)
{
    const struct wn_envelope like = make_like();
    struct wn_error err;
    assert_int_equal(wn_quarantine_seal(raw, &like, officer, keep, ret_pieces, &err), WN_OK);
}

static void make_officer(uint8_t octet, uint8_t ret_public[32], uint8_t ret_secret[32])
{
    uint8_t seed[32];
    memset(seed, octet, sizeof(seed));
    crypto_box_seed_keypair(ret_public, ret_secret, seed);
}

static void check_pieces(void **state)
{
    const struct row *row = *state;
    uint8_t officer[32], secret[32], digest[32];
    make_officer(1, officer, secret);
    struct wn_buffer raw = { 0 }, opened = { 0 };
    struct pieces pieces = { .n = 0 };
    seal(make_raw(row->len, &raw), officer, &pieces);
    assert_int_equal(pieces.n, row->pieces);
    wn_sha256_of(officer, 32, digest);
    for (int i = 0; i < pieces.n; i++) {
        struct wn_envelope envelope;
        struct wn_error err;
        assert_int_equal(wn_envelope_read(wn_buffer_slice(&pieces.avro[i]), &envelope, &err),
                         WN_OK);
        assert_true(wn_slice_is(envelope.reason, "bad-time"));
        assert_true(wn_slice_is(envelope.source, "freeradius-detail"));
        assert_true(wn_slice_is(envelope.version, WINNOW_VERSION));
        assert_true(wn_slice_is(envelope.origin.input, "raw.calls"));
        assert_int_equal(envelope.origin.partition, 3);
        assert_int_equal(envelope.origin.offset, 5000000000);
        assert_int_equal(envelope.origin.index, 12);
        assert_int_equal(envelope.receipt, 5000000001);
        assert_int_equal(envelope.piece, i + 1);
        assert_int_equal(envelope.pieces, row->pieces);
        assert_memory_equal(envelope.officer, digest, 8);
        assert_int_equal(envelope.sealed.len,
                         i + 1 < row->pieces ? PIECE + 256 + BOX : row->sealed);
        assert_int_equal(wn_envelope_open(&envelope, secret, &opened, &err), WN_OK);
    }
    assert_int_equal(opened.len, raw.len);
    assert_true(wn_slice_same(wn_buffer_slice(&opened), wn_buffer_slice(&raw)));
    wn_buffer_deinit(&opened);
    wn_buffer_deinit(&raw);
    forget(&pieces);
}

static void opens_only_with_the_officers_key(void **state)
{
    (void)state;
    uint8_t officer[32], secret[32], other[32], other_secret[32];
    make_officer(1, officer, secret);
    make_officer(2, other, other_secret);
    struct pieces pieces = { .n = 0 };
    struct wn_envelope envelope;
    struct wn_buffer opened = { 0 };
    struct wn_error err;
    seal(wn_slice_of("User-Name = \"anna@example\""), officer, &pieces);
    struct wn_slice avro = wn_buffer_slice(&pieces.avro[0]);
    for (size_t i = 0; i + 4 <= avro.len; i++) {
        assert_memory_not_equal(avro.at + i, "anna", 4);
    }
    assert_int_equal(wn_envelope_read(avro, &envelope, &err), WN_OK);

    assert_int_equal(wn_envelope_open(&envelope, other_secret, &opened, &err), WN_REJECT);
    assert_string_equal(err.reason, "quarantine");
    assert_non_null(strstr(err.text, "another officer"));
    uint8_t digest[32]; // Also where the envelope was made to say that it is the other officer's.
    wn_sha256_of(other, 32, digest);
    memcpy(envelope.officer, digest, 8);
    assert_int_equal(wn_envelope_open(&envelope, other_secret, &opened, &err), WN_REJECT);
    assert_int_equal(opened.len, 0);
    wn_buffer_deinit(&opened);
    forget(&pieces);
}

static void notices_every_octet_of_the_box(void **state)
{
    (void)state;
    uint8_t officer[32], secret[32];
    make_officer(1, officer, secret);
    struct pieces pieces = { .n = 0 };
    struct wn_envelope envelope;
    struct wn_buffer opened = { 0 };
    struct wn_error err;
    seal(wn_slice_of("x"), officer, &pieces);
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&pieces.avro[0]), &envelope, &err), WN_OK);
    size_t first = (size_t)((const uint8_t *)envelope.sealed.at - pieces.avro[0].at);
    for (size_t i = 0; i < envelope.sealed.len; i++) {
        pieces.avro[0].at[first + i] ^= 1;
        assert_int_equal(wn_envelope_open(&envelope, secret, &opened, &err), WN_REJECT);
        pieces.avro[0].at[first + i] ^= 1;
    }
    envelope.sealed.len = 20;
    assert_int_equal(wn_envelope_open(&envelope, secret, &opened, &err), WN_REJECT);
    envelope.sealed.len = 0;
    assert_int_equal(wn_envelope_open(&envelope, secret, &opened, &err), WN_REJECT);
    assert_non_null(strstr(err.text, "dropped"));
    assert_int_equal(opened.len, 0);
    wn_buffer_deinit(&opened);
    forget(&pieces);
}

static void drop_keeps_the_envelope(void **state)
{
    (void)state;
    uint8_t officer[32], secret[32];
    make_officer(1, officer, secret);
    struct pieces pieces = { .n = 0 };
    struct wn_envelope envelope, dropped;
    struct wn_buffer avro = { 0 };
    struct wn_error err;
    seal(wn_slice_of("raw"), officer, &pieces);
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&pieces.avro[0]), &envelope, &err), WN_OK);
    wn_envelope_write(&envelope, &avro);
    assert_true(wn_slice_same(wn_buffer_slice(&avro), wn_buffer_slice(&pieces.avro[0])));
    avro.len = 0;
    envelope.sealed.len = 0;
    wn_envelope_write(&envelope, &avro);
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&avro), &dropped, &err), WN_OK);
    assert_int_equal(dropped.sealed.len, 0);
    assert_true(wn_slice_same(dropped.reason, envelope.reason));
    wn_buffer_deinit(&avro);
    forget(&pieces);
}

static void a_failing_visit_ends_it(void **state)
{
    (void)state;
    uint8_t officer[32], secret[32];
    make_officer(1, officer, secret);
    struct wn_buffer raw = { 0 };
    struct pieces pieces = { .fail_at = 2 };
    const struct wn_envelope like = make_like();
    struct wn_error err;
    assert_int_equal(
        wn_quarantine_seal(make_raw((size_t)3 * PIECE, &raw), &like, officer, keep, &pieces, &err),
        WN_ABORT);
    assert_int_equal(pieces.n, 2);
    uint8_t zero[32] = { 0 }; // Not a point that a secret can be agreed with.
    assert_int_equal(wn_quarantine_seal(wn_slice_of("x"), &like, zero, keep, &pieces, &err),
                     WN_FATAL);
    assert_string_equal(err.reason, "keys");
    wn_buffer_deinit(&raw);
    forget(&pieces);
}

static void damaged_envelopes_are_refused(void **state)
{
    (void)state;
    struct wn_envelope envelope = { .reason = wn_slice_of("bad-time"),
                                    .source = wn_slice_of("s"),
                                    .version = wn_slice_of("1"),
                                    .piece = 1,
                                    .pieces = 1,
                                    .sealed = wn_slice_of("sealed") };
    struct wn_envelope read;
    struct wn_buffer avro = { 0 };
    struct wn_error err;
    wn_envelope_write(&envelope, &avro);
    size_t whole = avro.len;
    for (avro.len = 0; avro.len < whole; avro.len++) {
        assert_int_equal(wn_envelope_read(wn_buffer_slice(&avro), &read, &err), WN_REJECT);
        assert_string_equal(err.reason, "quarantine");
    }
    wn_buffer_text(&avro, "x");
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&avro), &read, &err), WN_REJECT);
    struct wn_slice rest = wn_buffer_slice(&avro);
    assert_int_equal(wn_envelope_take(&rest, &read, &err), WN_OK);
    assert_int_equal(rest.len, 1);
    avro.len = 0;
    envelope.piece = 2;
    wn_envelope_write(&envelope, &avro);
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&avro), &read, &err), WN_REJECT);
    avro.len = 0;
    envelope.piece = 1;
    envelope.receipt = -1;
    wn_envelope_write(&envelope, &avro);
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&avro), &read, &err), WN_REJECT);
    avro.len = 0;
    envelope.receipt = 0;
    envelope.source = wn_slice_of("\xff");
    wn_envelope_write(&envelope, &avro);
    assert_int_equal(wn_envelope_read(wn_buffer_slice(&avro), &read, &err), WN_REJECT);
    wn_buffer_deinit(&avro);
}

static void avro_c_reads_it(void **state)
{
    (void)state;
    uint8_t officer[32], secret[32];
    make_officer(1, officer, secret);
    struct pieces pieces = { .n = 0 };
    struct wn_envelope envelope;
    struct wn_buffer json = { 0 };
    struct wn_avro_reader *reader = NULL;
    struct wn_error err;
    seal(wn_slice_of("raw"), officer, &pieces);
    assert_int_equal(wn_avro_reader_open(wn_quarantine_schema(), &reader, &err), WN_OK);
    struct wn_slice rest = wn_buffer_slice(&pieces.avro[0]);
    assert_int_equal(wn_envelope_read(rest, &envelope, &err), WN_OK);
    assert_int_equal(wn_avro_reader_json(reader, &rest, &json, &err), WN_OK);
    assert_int_equal(rest.len, 0);
    char *hex = calloc(1, 2 * envelope.sealed.len + 1);
    assert_non_null(hex);
    char id[17];
    wn_hex((const uint8_t *)envelope.sealed.at, envelope.sealed.len, hex);
    wn_hex(envelope.officer, 8, id);
    struct wn_buffer expected = { 0 };
    wn_buffer_format(&expected,
                     "{\"reason\":\"bad-time\",\"source\":\"freeradius-detail\",\"origin\":{"
                     "\"input\":\"raw.calls\",\"partition\":3,\"offset\":5000000000,\"index\":12},"
                     "\"piece\":1,\"pieces\":1,\"officer\":\"%s\",\"version\":\"%s\","
                     "\"receipt\":5000000001,\"sealed\":\"%s\"}",
                     id, WINNOW_VERSION, hex);
    assert_true(wn_slice_same(wn_buffer_slice(&json), wn_buffer_slice(&expected)));
    free(hex);
    wn_buffer_deinit(&expected);
    wn_buffer_deinit(&json);
    wn_avro_reader_close(reader);
    forget(&pieces);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(opens_only_with_the_officers_key),
        cmocka_unit_test(notices_every_octet_of_the_box),
        cmocka_unit_test(drop_keeps_the_envelope),
        cmocka_unit_test(a_failing_visit_ends_it),
        cmocka_unit_test(damaged_envelopes_are_refused),
        cmocka_unit_test(avro_c_reads_it),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_pieces);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("quarantine", &all);
}
