// SPDX-License-Identifier: Apache-2.0

#include "judge_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "table.h"

static const char fields[] =
    "format: json\n"
    "affinity: session\n"
    "node: {from: /node}\n"
    "subscriber: [{kind: imsi, from: /imsi}, {kind: nai, from: /user}, {kind: number, from: "
    "/calling}]\n"
    "fields:\n"
    "  - {field: service, value: voice, when: {from: /service, is: voice}}\n"
    "  - {field: service, value: sms, when: {from: /service, is: sms}}\n"
    "  - {field: service, value: data, when: {from: /service, is: data}}\n"
    "  - {field: service, value: fax, when: {from: /service, is: fax}}\n"
    "  - {field: service, value: other, when: {from: /service, is: other}}\n"
    "  - {field: start, from: /start, as: epoch_ms}\n"
    "  - {field: end, from: /end, as: epoch_ms}\n"
    "  - {field: duration, from: /duration, as: ms}\n"
    "  - {field: duration, from: /until, as: epoch_ms, minus: start}\n"
    "  - {field: final, from: /final, map: {\"yes\": true, \"no\": false}}\n";

static const char numbers[] =
    "  - {field: calling, from: /calling, withheld: {from: /withheld, present: true}}\n"
    "  - {field: called, from: /called}\n"
    "  - {field: direction, value: terminating, when: {from: /withheld, present: true}}\n";

static const char volumes[] = "  - {field: session_uplink, from: /up, as: octets}\n"
                              "  - {field: session_downlink, from: /down, as: octets}\n";

static void give_up(const char *what)
{
    fprintf(stderr, "fixture: %s\n", what);
    exit(99);
}

struct judge_fixture judge_fixture_open(const char *type, const char *extra)
{
    static struct wn_site site; // Outlives the source, which looks at it.
    struct judge_fixture fixture = { 0 };
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    char folder[512];
    char place[] = "/tmp/winnow-judge-XXXXXX";
    char path[64];

    site = wn_site_default();
    const char *top = getenv("WINNOW_SOURCE");
    snprintf(folder, sizeof(folder), "%s/schemas", top ? top : ".");
    if (!mkdtemp(place)) {
        give_up("no temporary folder");
    }
    snprintf(path, sizeof(path), "%s/test.yaml", place);
    FILE *file = fopen(path, "w");
    if (!file) {
        give_up("no temporary file");
    }
    fprintf(file, "type: %s\n%s%s%s", type, extra, fields,
            strcmp(type, "session") == 0 ? volumes : numbers);
    fclose(file);

    if (wn_policy_load(folder, &faults, &fixture.policy, &err) != WN_OK) {
        give_up(err.text);
    }
    const struct wn_shape *shape = &wn_policy_type(fixture.policy, type)->shape;
    if (wn_source_load(path, &shape, 1, &site, &faults, &fixture.source, &err) != WN_OK) {
        fwrite(faults.lines.at, 1, faults.lines.len, stderr);
        give_up(err.text);
    }
    unlink(path);
    rmdir(place);
    wn_faults_deinit(&faults);
    fixture.decoder = wn_decoder_open(fixture.source);
    return fixture;
}

void judge_fixture_close(struct judge_fixture *fixture)
{
    wn_decoder_close(fixture->decoder);
    wn_source_close(fixture->source);
    wn_policy_close(fixture->policy);
}

struct wn_decoded *judge_fixture_decode(struct judge_fixture *fixture, const char *json)
{
    struct wn_decoded *decoded = NULL;
    struct wn_error err = { 0 };
    struct wn_slice rest = wn_slice_of(json);
    struct wn_slice raw;
    wn_decoder_begin(fixture->decoder);
    if (wn_decoder_split(fixture->decoder, &rest, true, &raw, &err) != WN_OK ||
        wn_decoder_decode(fixture->decoder, raw, NULL, &decoded, &err) != WN_OK) {
        fail_msg("%s: %s", err.reason, err.text);
    }
    return decoded;
}
