// SPDX-License-Identifier: Apache-2.0

/*
 * Every record of tests/data/3gpp, cut at every octet: the front of it alone is never a record, and
 * a record whose length is that of its front is read or refused for a reason. Each front is an
 * allocation of its own, so a sanitizer sees a read beyond it.
 */

#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "winnow/ber.h"

enum {
    FILE_MOST = 1 << 20,
};

static const char wanted_paths[] = "/servedIMSI /duration /chargingID /servingNodeAddress/-1 "
                                   "/listOfServiceData/*/datavolumeFBCUplink /callingNumber "
                                   "/diagnostics/gsm0408Cause /servingNodeType/* "
                                   "/pDUSessionChargingInformation/servingCNPLMNID";

static const struct file_row {
    const char *name;
} rows[] = {
    { "chf" },     { "eggsn" },  { "epdg" },    { "gateway-in" }, { "gateway-out" }, { "ggsn" },
    { "mo-call" }, { "mo-sms" }, { "mt-call" }, { "mt-sms" },     { "pgw" },         { "roaming" },
    { "sgsn" },    { "sgw" },    { "transit" }, { "twag" },
};

/** A reader over wanted_paths. */
struct reading {
    struct wn_paths *paths;
    struct wn_format_options options;
    struct wn_reader *reader;
    struct wn_arena arena;
};

/** @return the reason why a record is refused, or NULL */
static const char *decode(struct reading *reading, struct wn_slice raw)
{
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    wn_arena_reset(&reading->arena);
    const enum wn_code rc =
        wn_format_ber.decode(reading->reader, raw, &reading->arena, NULL, &taken, &err);
    assert_true(rc == WN_OK || (rc == WN_REJECT && err.reason));
    return rc == WN_OK ? NULL : err.reason;
}

static void cut_record(struct reading *reading, struct wn_slice record)
{
    struct wn_slice rest = record;
    struct wn_tlv tlv;
    struct wn_error err;
    assert_null(decode(reading, record));
    assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_OK);
    const size_t head = (size_t)(tlv.content.at - record.at);
    for (size_t n = 0; n < record.len; n++) {
        char *front = malloc(n + 8);
        assert_non_null(front);
        char *exact = malloc(n + (n == 0));
        assert_non_null(exact);
        memcpy(exact, record.at, n);
        const char *reason = decode(reading, (struct wn_slice){ exact, n });
        assert_non_null(reason);
        assert_string_equal(reason, "record-cut");
        free(exact);

        const size_t tag = (record.at[0] & 31) == 31 ? ((record.at[1] & 0x80) != 0 ? 3 : 2) : 1;
        const size_t len = n < head ? 0 : n - head;
        memcpy(front, record.at, tag);
        front[tag] = '\x82';
        front[tag + 1] = (char)(len >> 8);
        front[tag + 2] = (char)(len & 0xff);
        exact = malloc(tag + 3 + len);
        assert_non_null(exact);
        memcpy(exact, front, tag + 3);
        memcpy(exact + tag + 3, tlv.content.at, len);
        (void)decode(reading, (struct wn_slice){ exact, tag + 3 + len });
        free(exact);
        free(front);
    }
}

static void check_file(void **state)
{
    const struct file_row *row = *state;
    const char *source = getenv("WINNOW_SOURCE");
    char path[512];
    assert_non_null(source);
    snprintf(path, sizeof(path), "%s/tests/data/3gpp/%s.ber", source, row->name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(FILE_MOST);
    assert_non_null(bytes);
    struct wn_slice rest = { bytes, fread(bytes, 1, FILE_MOST, file) };
    fclose(file);
    assert_true(rest.len > 0);

    const struct harness_source wanted = { .paths = wanted_paths };
    struct reading reading = { .paths = harness_paths(&wanted) };
    reading.options.paths = reading.paths;
    reading.reader = wn_format_ber.open(&reading.options);
    wn_format_ber.begin(reading.reader);
    while (rest.len > 0) {
        const char *at = rest.at;
        struct wn_tlv tlv;
        struct wn_error err;
        assert_int_equal(wn_tlv_next(&rest, &tlv, &err), WN_OK);
        cut_record(&reading, (struct wn_slice){ at, tlv.whole });
    }
    wn_format_ber.close(reading.reader);
    wn_paths_close(reading.paths);
    wn_arena_deinit(&reading.arena);
    free(bytes);
}

int main(void)
{
    return WN_RUN_TABLE("ber-cut", rows, check_file);
}
