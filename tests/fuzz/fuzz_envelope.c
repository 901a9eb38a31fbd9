// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"
#include "scratch.h"

#include <stdlib.h>

#include "winnow/quarantine.h"
#include "winnow/reader.h"

/**
 * What we take for an envelope avro-c reads too, and ends at the same octet; written and read again
 * it is the same; nobody's key opens it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nobody[32] = { 1 };
    struct wn_slice ours = { (const char *)data, size }, theirs = ours;
    struct wn_envelope envelope, again;
    struct wn_avro_reader *reader = NULL;
    struct wn_buffer text = { 0 };
    struct wn_error err;
    must(wn_avro_reader_open(wn_quarantine_schema(), &reader, &err) == WN_OK);
    enum wn_code rc = wn_avro_reader_json(reader, &theirs, &text, &err);
    if (wn_envelope_take(&ours, &envelope, &err) == WN_OK) {
        must(rc == WN_OK && ours.len == theirs.len);
        text.len = 0;
        wn_envelope_write(&envelope, &text);
        must(wn_envelope_read(wn_buffer_slice(&text), &again, &err) == WN_OK);
        must(wn_slice_same(again.sealed, envelope.sealed) &&
             wn_slice_same(again.origin.input, envelope.origin.input) &&
             again.origin.offset == envelope.origin.offset && again.piece == envelope.piece);
        text.len = 0;
        must(wn_envelope_open(&envelope, nobody, &text, &err) == WN_REJECT);
    }
    wn_buffer_deinit(&text);
    wn_avro_reader_close(reader);
    return 0;
}
