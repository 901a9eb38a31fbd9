// SPDX-License-Identifier: Apache-2.0

/* Any bytes load or give faults; and what loads decodes any of a few odd records, without a crash.
 * What is told of a record (trace.h) is what was done to it: the fields that an entry gave are
 * those that are given, and a record that an entry refuses ends with that entry. */

#include <stdlib.h>

#include "winnow/source.h"
#include "winnow/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const directions[] = { "originating", "terminating", "forwarded", "transit",
                                          "unknown" };
static const char *const services[] = { "voice", "sms", "data" };
static const char *const flags[] = { "ambiguous_time", "node_zone", "made_up_time" };

/** A type with a field of every kind and a repeated group. */
static const struct wn_shape *shape_of(struct wn_shape *shape)
{
    static const struct wn_field fields[] = {
        { .name = "record_id", .made = WN_MADE_RECORD_ID },
        { .name = "subscriber", .kind = WN_KIND_SUBSCRIBER },
        { .name = "final", .kind = WN_KIND_FLAG },
        { .name = "start", .kind = WN_KIND_TIME },
        { .name = "end", .kind = WN_KIND_TIME, .nullable = true },
        { .name = "utc_offset", .kind = WN_KIND_OFFSET, .nullable = true },
        { .name = "duration", .kind = WN_KIND_DURATION },
        { .name = "billable", .kind = WN_KIND_COUNT, .nullable = true },
        { .name = "direction", .kind = WN_KIND_ENUM, .symbols = directions, .n_symbols = 5 },
        { .name = "service", .kind = WN_KIND_ENUM, .symbols = services, .n_symbols = 3 },
        { .name = "cause", .kind = WN_KIND_CAUSE },
        { .name = "visited_network", .kind = WN_KIND_PLMN, .nullable = true },
        { .name = "apn", .kind = WN_KIND_APN, .nullable = true },
        { .name = "called", .kind = WN_KIND_NUMBER, .nullable = true },
        { .name = "calling", .kind = WN_KIND_NUMBER, .nullable = true },
        { .name = "other", .made = WN_MADE_OTHER, .nullable = true },
        { .name = "account", .kind = WN_KIND_ACCOUNT, .nullable = true },
        { .name = "trunk", .kind = WN_KIND_TOKEN, .nullable = true },
        { .name = "imei", .kind = WN_KIND_IMEI, .nullable = true },
        { .name = "mac", .kind = WN_KIND_MAC, .nullable = true },
        { .name = "ip", .kind = WN_KIND_IP, .nullable = true },
        { .name = "quality", .kind = WN_KIND_SCORE, .nullable = true },
        { .name = "wholesale", .kind = WN_KIND_AMOUNT, .nullable = true },
        { .name = "wholesale_currency", .kind = WN_KIND_CURRENCY, .nullable = true },
        { .name = "uplink", .kind = WN_KIND_OCTETS, .nullable = true },
        { .name = "session_uplink", .kind = WN_KIND_OCTETS, .nullable = true },
        { .name = "usage" },
    };
    static const struct wn_field items[] = {
        { .name = "uplink", .kind = WN_KIND_OCTETS, .nullable = true },
        { .name = "rating_group", .kind = WN_KIND_COUNT, .nullable = true },
        { .name = "sponsored", .kind = WN_KIND_FLAG },
    };
    *shape = (struct wn_shape){ .type = "call", .flags = flags, .n_flags = WN_COUNT(flags) };
    memcpy(shape->fields, fields, sizeof(fields));
    memcpy(shape->items, items, sizeof(items));
    shape->n_fields = WN_COUNT(fields);
    shape->n_items = WN_COUNT(items);
    wn_shape_bind(shape);
    return shape;
}

/** What a trace said. */
struct told {
    uint64_t given;
    bool refused, whose;
};

static void tell(void *context, const struct wn_trace *trace)
{
    struct told *told = context;
    if (told->refused) {
        abort(); // The refusal is the last.
    }
    told->refused = trace->what == WN_TRACED_REFUSED;
    if (trace->what != WN_TRACED_GAVE || trace->of_item) {
        return;
    }
    if (trace->slot != WN_NO_SLOT) {
        told->given |= UINT64_C(1) << trace->slot;
    }
    told->whose = told->whose || strcmp(trace->field, "subscriber") == 0;
}

static void miss(void *context, const struct wn_missing *missing)
{
    (void)missing;
    (*(unsigned *)context)++;
}

/** Compare what is told of a record with what was done. */
static void check_trace(const struct wn_decoded *decoded, enum wn_code rc, const char *reason)
{
    struct told told = { 0 };
    struct wn_error err;
    unsigned missing = 0;
    wn_source_trace(decoded, tell, &told);
    if (rc == WN_OK && (told.refused || told.given != decoded->given ||
                        told.whose != (decoded->record.subscriber_kind != WN_KIND_NONE))) {
        abort();
    }
    if (rc != WN_OK && decoded->section && !told.refused && strcmp(reason, "bad-identifier") != 0) {
        abort(); // A key that is no scalar, and what is of no type, no entry refuses; all else is.
    }
    if (rc == WN_OK) {
        wn_source_each_missing(decoded, miss, &missing);
        if ((wn_source_required(decoded, &err) != WN_OK) != (missing > 0)) {
            abort();
        }
    }
}

/** Decode what looks like records, and ask all that judge asks. */
static void decode(const struct wn_source *source)
{
    static const char input[] =
        "{\"id\":\"a\",\"imsi\":\"204980000000001\",\"start\":\"1792888205\",\"duration\":60,\"a\":"
        "{\"b\":[1,\"x\",{\"c\":null}]},\"list\":[{\"up\":5,\"group\":1},[],{\"up\":\"y\"}],"
        "\"calling\":\"anonymous\",\"called\":\"+447700900123\"}\n"
        "{\"id\":[],\"start\":{},\"list\":{}}\n[1]\n"
        "1792888205,60,+447700900123\n1,2\n"
        "Sun Oct 25 02:00:00 2026\n\tAcct-Session-Id = \"8000003C\"\n\tUser-Name = \"jo\"\n"
        "\tAcct-Input-Octets = 5\n\tEvent-Timestamp = \"Oct 25 2026 02:31:05 CEST\"\n\n";
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_buffer bytes = { 0 };
    struct wn_slice rest = { input, sizeof(input) - 1 }, raw;
    struct wn_error err;

    wn_decoder_begin(decoder);
    for (;;) {
        struct wn_decoded *decoded;
        enum wn_code rc = wn_decoder_split(decoder, &rest, true, &raw, &err);
        if (rc == WN_OK && raw.len == 0) {
            break;
        }
        if (rc != WN_OK) {
            continue;
        }
        rc = wn_decoder_decode(decoder, raw, NULL, &decoded, &err);
        check_trace(decoded, rc, err.reason);
        if (rc != WN_OK) {
            continue;
        }
        for (unsigned i = 0; i < decoded->section->n_filters; i++) {
            (void)wn_condition_holds(decoded->section->filters[i].when, decoded);
        }
        (void)!wn_source_required(decoded, &err);
        bytes.len = 0;
        wn_key_bytes(&decoded->section->duplicate_key, decoded, &bytes);
        wn_key_bytes(&decoded->section->session_key, decoded, &bytes);
        wn_key_bytes(&decoded->section->content, decoded, &bytes);
        if (bytes.len < 3 * 8) {
            abort(); // Each begins with the type.
        }
    }
    wn_buffer_deinit(&bytes);
    wn_decoder_close(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_shape room;
    const struct wn_shape *const shape = shape_of(&room);
    const struct wn_site site = wn_site_default();
    const struct wn_source_ground ground = { &shape, 1, &site };
    struct wn_faults faults = { 0 };
    struct wn_source *source = NULL;
    struct wn_error err;

    if (wn_source_parse("fuzz.yaml", (struct wn_slice){ (const char *)data, size }, &ground,
                        &faults, &source, &err) == WN_OK) {
        if (faults.n > 0) {
            abort();
        }
        decode(source);
        wn_source_close(source);
    } else if (faults.n == 0) {
        abort();
    }
    wn_faults_deinit(&faults);
    return 0;
}
