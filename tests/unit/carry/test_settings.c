// SPDX-License-Identifier: Apache-2.0

#include "winnow/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table.h"
#include "winnow/hash.h"
#include "winnow/source.h"

/** A folder `etc` with winnow.yaml in it, in an empty current folder. */
static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int enter(void **state)
{
    char *folder = strdup("test-settings-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 && mkdir("etc", 0700) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    static const char *const names[] = { "etc/winnow.yaml", "etc/policy/sources/a.yaml",
                                         "etc/policy/sources", "etc/policy", "etc" };
    for (size_t i = 0; i < WN_COUNT(names); i++) {
        remove(names[i]);
    }
    int rc = chdir("..") == 0 && rmdir(*state) == 0 ? 0 : -1;
    free(*state);
    return rc;
}

static void is_complete_without_a_file(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    assert_true(wn_settings_read(NULL, &faults, &settings));
    assert_null(settings.file);
    assert_string_equal(settings.site.country, "31");
    assert_int_equal(settings.site.home.n, 0);
    assert_int_equal(settings.site.test.n, 1);
    assert_null(settings.site.zone);
    assert_string_equal(settings.policy, WINNOW_SHARE "/schemas");
    assert_null(settings.lists.helplines);
    assert_string_equal(wn_settings_helplines(&settings),
                        WINNOW_SHARE "/schemas/lists/helplines.csv");
    assert_int_equal(settings.lists.helplines_limit_ms, 0);
    assert_false(settings.lists.filters_free);
    assert_null(settings.keys.dir);
    assert_true(settings.limits.lateness_ms == 35LL * 86400000);
    assert_true(settings.limits.future_ms == 86400000);
    assert_true(settings.limits.tolerance_ms == 1000);
    assert_true(settings.limits.duration_ms[WN_CEILING_VOICE] == 7LL * 86400000);
    assert_true(settings.limits.duration_ms[WN_CEILING_SMS] == 7LL * 86400000);
    assert_true(settings.limits.duration_ms[WN_CEILING_FAX] == 7LL * 86400000);
    assert_true(settings.limits.duration_ms[WN_CEILING_OTHER] == 7LL * 86400000);
    assert_true(settings.limits.duration_ms[WN_CEILING_DATA] == 35LL * 86400000);
    assert_true(settings.limits.duration_ms[WN_CEILING_SESSION] == 400LL * 86400000);
    assert_true(settings.limits.octets_per_s == 1250000000);
    assert_true(settings.limits.mobile_octets_per_s == 500000000);
    assert_true(settings.limits.octets_least_s == 60);
    assert_true(settings.limits.octets_most == 1LL << 50);
    assert_true(settings.limits.now_ms == INT64_MIN);
    assert_null(settings.consent);
    assert_true(settings.consent_ms == 60000);
    assert_int_equal(settings.limits.poison.share, 500);
    assert_int_equal(settings.limits.poison.least, 1000);
    assert_true(settings.batch_bytes == 256LL * 1048576);
    assert_int_equal(settings.kafka.n, 0);
    assert_string_equal(settings.group, "winnow");
    assert_int_equal(settings.n_inputs, 0);
    assert_int_equal(settings.workers, 1);
    assert_int_equal(settings.commit_records, 50000);
    assert_int_equal(settings.commit_ms, 500);
    assert_int_equal(settings.receipt_records, 50000);
    assert_int_equal(settings.receipt_ms, 60000);
    assert_int_equal(settings.state_ms, 3600000);
    assert_int_equal(settings.state_held, 4000000);
    assert_false(settings.no_sandbox);
    assert_null(settings.state_dir);
    assert_string_equal(settings.http_listen, "127.0.0.1:9464");
    wn_settings_deinit(&settings);
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
}

static const char whole[] =
    "site:\n"
    "  country: 44\n"
    "  home: [\"204-98\", \"999-070\"]\n"
    "  zone: Europe/Amsterdam\n"
    "  test: {imsi: [\"001-01\"], numbers: [\"+31600000001\", \"31600000002\"]}\n"
    "policy: policy\n"
    "keys: {dir: keys, kek: /secure/kek, register: ../register}\n"
    "consent: lists/consent.csv\n"
    "lists: {helplines: {file: lists/helplines.csv, limit: 400d, free: filter}}\n"
    "limits: {lateness: 40d, consent: 5min, poison: {share: 2.5%, least: 200}, future: 2h, "
    "tolerance: 5s, "
    "duration: {voice: 12h, sms: 1s, fax: 2h, other: 3h, data: 4h, session: 5h}, "
    "volume: {rate: 1MiB, mobile: 500, least: 90s, most: 1GiB}}\n"
    "files: {batch: 1MiB, unpacked: 2GiB, ratio: 30}\n"
    "kafka:\n"
    "  bootstrap.servers: broker-1.example:9092\n"
    "  sasl.password: {file: kafka.password}\n"
    "kafka.consumer: {session.timeout.ms: 6000}\n"
    "kafka.producer: {linger.ms: 0}\n"
    "group: winnow-2\n"
    "instance: ams-1\n"
    "inputs:\n"
    "  - {topic: raw.freeswitch, source: freeswitch-json, affinity: session}\n"
    "  - {topic: raw.radius, source: freeradius-detail}\n"
    "run:\n"
    "  workers: 2\n"
    "  commit: {records: 1000, ms: 50}\n"
    "  receipt: {records: 2000}\n"
    "  state: state\n"
    "  runs: 5min\n"
    "  held: 1000000\n"
    "  sandbox: off\n"
    "http: {listen: \"[::1]:9465\"}\n";

static void reads_every_key(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    write_file("etc/winnow.yaml", whole);
    bool fine = wn_settings_read("etc/winnow.yaml", &faults, &settings);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, "");
    assert_true(fine);

    assert_string_equal(settings.site.country, "44");
    assert_int_equal(settings.site.home.n, 2);
    assert_true(wn_slice_is(settings.site.home.list[1], "999-070"));
    assert_string_equal(settings.site.zone, "Europe/Amsterdam");
    assert_int_equal(settings.site.n_test_numbers, 2);
    assert_true(wn_slice_is(settings.site.test_numbers[0], "31600000001"));
    assert_true(wn_slice_is(settings.site.test_numbers[1], "31600000002"));
    assert_string_equal(settings.policy, "etc/policy");
    assert_string_equal(settings.keys.dir, "etc/keys");
    assert_string_equal(settings.keys.kek, "/secure/kek");
    assert_string_equal(settings.keys.reg, "etc/../register");
    assert_true(settings.limits.lateness_ms == 40LL * 86400000);
    assert_string_equal(settings.consent, "etc/lists/consent.csv");
    assert_true(settings.consent_ms == 300000);
    assert_true(settings.limits.future_ms == 7200000);
    assert_true(settings.limits.tolerance_ms == 5000);
    assert_true(settings.limits.duration_ms[WN_CEILING_VOICE] == 43200000);
    assert_true(settings.limits.duration_ms[WN_CEILING_SMS] == 1000);
    assert_true(settings.limits.duration_ms[WN_CEILING_FAX] == 7200000);
    assert_true(settings.limits.duration_ms[WN_CEILING_OTHER] == 10800000);
    assert_true(settings.limits.duration_ms[WN_CEILING_DATA] == 14400000);
    assert_true(settings.limits.duration_ms[WN_CEILING_SESSION] == 18000000);
    assert_true(settings.limits.octets_per_s == 1048576);
    assert_true(settings.limits.mobile_octets_per_s == 500);
    assert_true(settings.limits.octets_least_s == 90);
    assert_true(settings.limits.octets_most == 1073741824);
    assert_int_equal(settings.limits.poison.share, 250);
    assert_int_equal(settings.limits.poison.least, 200);
    assert_int_equal(settings.unpack.bytes, 2147483648);
    assert_int_equal(settings.unpack.ratio, 30);
    assert_int_equal(settings.batch_bytes, 1048576);
    assert_string_equal(wn_settings_helplines(&settings), "etc/lists/helplines.csv");
    assert_true(settings.lists.helplines_limit_ms == 400LL * 86400000);
    assert_true(settings.lists.filters_free);
    assert_int_equal(settings.kafka.n, 2);
    assert_string_equal(settings.kafka.list[1].name, "sasl.password");
    assert_null(settings.kafka.list[1].value);
    assert_string_equal(settings.kafka.list[1].secret.file, "etc/kafka.password");
    assert_null(settings.kafka.list[1].secret.credential);
    assert_int_equal(settings.kafka.list[1].line, 14);
    assert_int_equal(settings.consumer.n, 1);
    assert_string_equal(settings.consumer.list[0].value, "6000");
    assert_int_equal(settings.producer.n, 1);
    assert_string_equal(settings.group, "winnow-2");
    assert_string_equal(settings.instance, "ams-1");
    assert_int_equal(settings.n_inputs, 2);
    assert_string_equal(settings.inputs[0].source, "freeswitch-json");
    assert_int_equal(settings.inputs[0].affinity, WN_AFFINITY_SESSION);
    assert_string_equal(settings.inputs[1].topic, "raw.radius");
    assert_int_equal(settings.inputs[1].affinity, -1);
    assert_int_equal(settings.inputs[1].line, 21);
    assert_int_equal(settings.workers, 2);
    assert_int_equal(settings.commit_records, 1000);
    assert_int_equal(settings.commit_ms, 50);
    assert_int_equal(settings.receipt_records, 2000);
    assert_int_equal(settings.receipt_ms, 60000);
    assert_string_equal(settings.state_dir, "etc/state");
    assert_int_equal(settings.state_ms, 300000);
    assert_int_equal(settings.state_held, 1000000);
    assert_true(settings.no_sandbox);
    assert_string_equal(settings.http_listen, "[::1]:9465");
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
}

static void http_is_off_where_it_says_so(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    write_file("etc/winnow.yaml", "http: off\n");
    assert_true(wn_settings_read("etc/winnow.yaml", &faults, &settings));
    assert_null(settings.http_listen);
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
}

static void takes_paths_as_they_are_beside_a_file_here(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    write_file("etc/winnow.yaml", "policy: p\n");
    assert_int_equal(chdir("etc"), 0);
    bool fine = wn_settings_read("winnow.yaml", &faults, &settings);
    assert_int_equal(chdir(".."), 0);
    assert_true(fine);
    assert_string_equal(settings.policy, "p");
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
}

/** A config and everything that is wrong with it. */
struct fault_row {
    const char *name;
    const char *yaml, *faults;
};

#define BAD_LISTEN                                                                                 \
    "etc/winnow.yaml:1: http.listen: not an address in numbers and a port, such as "               \
    "127.0.0.1:9464 or [::1]:9464\n"

static const struct fault_row rows[] = {
    { "says all that is wrong at once",
      "sites: {}\n"
      "limits: {lateness: hidden}\n"
      "run: {workers: 0, commit: {records: hidden, msec: 5}}\n"
      "kafka: {acks: 1}\n"
      "group: hidden name\n",
      "etc/winnow.yaml:1: there is no 'sites'; did you mean 'site'?\n"
      "etc/winnow.yaml:2: limits.lateness: not a duration (a whole number and ms, s, min, h or d, "
      "as "
      "in 500ms)\n"
      "etc/winnow.yaml:4: kafka: acks is winnow's own: a transaction needs all replicas; leave it "
      "out\n"
      "etc/winnow.yaml:5: group: not a name (letters, digits, '.', '_', '-', at most 64)\n"
      "etc/winnow.yaml:3: run.workers: not a whole number from 1 to 256\n"
      "etc/winnow.yaml:3: run.commit: there is no 'msec'; what there is: records, ms\n"
      "etc/winnow.yaml:3: run.commit.records: not a whole number from 1 to 10000000\n" },
    { "refuses lists that it does not know, and what they can't be",
      "lists: {helpline: a, shield: b}\n",
      "etc/winnow.yaml:1: lists: there is no 'helpline'; did you mean 'helplines'?\n"
      "etc/winnow.yaml:1: lists: there is no 'shield'; what there is: helplines, portability\n" },
    { "refuses what the list of helplines can't be",
      "lists: {helplines: {fil: a, limit: soon, free: drop}}\n",
      "etc/winnow.yaml:1: lists.helplines: there is no 'fil'; did you mean 'file'?\n"
      "etc/winnow.yaml:1: lists.helplines.limit: not a duration (a whole number and ms, s, min, h "
      "or d, as in 500ms)\n"
      "etc/winnow.yaml:1: lists.helplines.free: one of these is expected here: class, filter\n" },
    { "refuses lists that are none", "lists: [a]\n",
      "etc/winnow.yaml:1: lists: a map is expected here\n" },
    { "refuses a list without a name", "lists: {helplines: \"\"}\n",
      "etc/winnow.yaml:1: lists.helplines: is empty\n" },
    { "refuses limits that would refuse everything, and those that it does not know",
      "limits:\n  future: 999ms\n  tolerance: 0s\n  latenes: 1d\n"
      "  duration: {voice: 0s, video: 1d}\n  volume: {rate: 0, least: 10ms, per_second: 1, most: "
      "big}\n",
      "etc/winnow.yaml:4: limits: there is no 'latenes'; did you mean 'lateness'?\n"
      "etc/winnow.yaml:2: limits.future: at least a second is expected here\n"
      "etc/winnow.yaml:3: limits.tolerance: at least a second is expected here\n"
      "etc/winnow.yaml:5: limits.duration.voice: at least a second is expected here\n"
      "etc/winnow.yaml:5: limits.duration: there is no 'video'; what there is: voice, sms, fax, "
      "other, data, session\n"
      "etc/winnow.yaml:6: limits.volume: there is no 'per_second'; what there is: rate, mobile, "
      "least, most\n"
      "etc/winnow.yaml:6: limits.volume.rate: at least an octet is expected here\n"
      "etc/winnow.yaml:6: limits.volume.most: not a size (a whole number and nothing, KiB, MiB or "
      "GiB, as in 256MiB)\n"
      "etc/winnow.yaml:6: limits.volume.least: at least a second is expected here\n" },
    { "refuses an http that is neither off nor a place", "http: hidden\n",
      "etc/winnow.yaml:1: http: off, or {listen: ADDRESS:PORT}, is expected here\n" },
    { "refuses keys of http that it does not know", "http: {listn: 1}\n",
      "etc/winnow.yaml:1: http: there is no 'listn'; did you mean 'listen'?\n" },
    { "refuses a name in place of an address", "http: {listen: localhost:9464}\n", BAD_LISTEN },
    { "refuses an address without a port", "http: {listen: 127.0.0.1}\n", BAD_LISTEN },
    { "refuses a port that is none", "http: {listen: 127.0.0.1:65536}\n", BAD_LISTEN },
    { "refuses an IPv6 address without brackets", "http: {listen: \"::1:9464\"}\n", BAD_LISTEN },
    { "refuses brackets without an address", "http: {listen: \"[]:9464\"}\n", BAD_LISTEN },
    { "names a key of a section that it does not know", "keys: {dir: k, kck: x}\n",
      "etc/winnow.yaml:1: keys: there is no 'kck'; did you mean 'kek'?\n" },
    { "refuses a section that is no map", "site: hidden\nrun: [1]\nkafka: hidden\ninputs: hidden\n",
      "etc/winnow.yaml:1: site: a map is expected here\n"
      "etc/winnow.yaml:3: kafka: a map of librdkafka's properties is expected here\n"
      "etc/winnow.yaml:4: inputs: a list is expected here\n"
      "etc/winnow.yaml:2: run: a map is expected here\n" },
    { "refuses empty paths and names", "policy:\nkeys: {dir: \"\"}\ninstance:\n",
      "etc/winnow.yaml:1: policy: is empty\n"
      "etc/winnow.yaml:2: keys.dir: is empty\n"
      "etc/winnow.yaml:3: instance: is empty\n" },
    { "refuses a site that is none",
      "site:\n"
      "  country: \"031\"\n"
      "  zone: Hidden/Place\n"
      "  home: [204-98, \"20498\", [x]]\n"
      "  test: {imsi: \"001-01\", numbers: [\"0600000001\", \"hidden\"]}\n",
      "etc/winnow.yaml:2: site.country: not a country code of E.164 (31 is that of the "
      "Netherlands)\n"
      "etc/winnow.yaml:3: site.zone: the system's time zone database has no such zone (a name as "
      "in "
      "Europe/Amsterdam)\n"
      "etc/winnow.yaml:4: site.home[1]: not a network (country and network code in quotes, as in "
      "\"204-98\")\n"
      "etc/winnow.yaml:4: site.home[2]: not a network (country and network code in quotes, as in "
      "\"204-98\")\n"
      "etc/winnow.yaml:5: site.test.imsi: a list is expected here\n"
      "etc/winnow.yaml:5: site.test.numbers[1]: not a number (E.164 digits, as in "
      "\"+31600000001\")\n" },
    { "refuses inputs that are none",
      "inputs:\n"
      "  - {topic: raw.a}\n"
      "  - {source: s}\n"
      "  - {topic: \"a b\", source: ../s, affinity: hidden}\n"
      "  - {topic: raw.a, source: s, partition: 1}\n"
      "  - hidden\n"
      "instance: a\n",
      "etc/winnow.yaml:2: inputs[0]: has no 'source'\n"
      "etc/winnow.yaml:3: inputs[1]: has no 'topic'\n"
      "etc/winnow.yaml:4: inputs[2].topic: not a name (letters, digits, '.', '_', '-', at most "
      "249)\n"
      "etc/winnow.yaml:4: inputs[2].source: not a name (letters, digits, '.', '_', '-', at most "
      "64)\n"
      "etc/winnow.yaml:4: inputs[2].affinity: one of these is expected here: none, node, session\n"
      "etc/winnow.yaml:5: inputs[3]: there is no 'partition'; what there is: topic, source, "
      "affinity\n"
      "etc/winnow.yaml:5: inputs[3]: its topic is that of inputs[0]\n"
      "etc/winnow.yaml:6: inputs[4]: a map is expected here\n" },
    { "takes a secret from a file or a credential only",
      "kafka:\n"
      "  sasl.password: hidden\n"
      "  ssl.key.password: {file: f, credential: c}\n"
      "  ssl.keystore.password: {}\n"
      "  ssl.key.pem: {path: f}\n"
      "  sasl.oauthbearer.client.secret: {credential: ../c}\n"
      "  sasl.username: {file: f}\n",
      "etc/winnow.yaml:2: kafka: sasl.password: a secret stands in no configuration; write it to a "
      "file that only its user can read, and say {file: F}, or {credential: NAME} for systemd's\n"
      "etc/winnow.yaml:3: kafka: ssl.key.password: {file: F} or {credential: NAME} is expected "
      "here\n"
      "etc/winnow.yaml:4: kafka: ssl.keystore.password: {file: F} or {credential: NAME} is "
      "expected "
      "here\n"
      "etc/winnow.yaml:5: kafka: ssl.key.pem: there is no 'path'; what there is: file, credential\n"
      "etc/winnow.yaml:6: kafka: sasl.oauthbearer.client.secret: {file: F} or {credential: NAME} "
      "is "
      "expected here\n"
      "etc/winnow.yaml:7: kafka: sasl.username: a text is expected here\n" },
    { "keeps every property that winnow owns",
      "kafka:\n"
      "  group.id: x\n"
      "  group.instance.id: x\n"
      "  client.id: x\n"
      "  transactional.id: x\n"
      "  isolation.level: read_uncommitted\n"
      "  enable.auto.commit: true\n"
      "  enable.auto.offset.store: true\n"
      "  auto.offset.reset: earliest\n"
      "  partition.assignment.strategy: cooperative-sticky\n"
      "  group.protocol: consumer\n"
      "  enable.idempotence: false\n"
      "  plugin.library.paths: x.so\n"
      "kafka.consumer: {enable.partition.eof: false, session.timeout.ms: 1}\n"
      "kafka.producer: {acks: 0, linger.ms: [hidden]}\n",
      "etc/winnow.yaml:2: kafka: group.id is winnow's own: it is set by group:; leave it out\n"
      "etc/winnow.yaml:3: kafka: group.instance.id is winnow's own: it is made of group:, "
      "instance: "
      "and the worker's number; leave it out\n"
      "etc/winnow.yaml:4: kafka: client.id is winnow's own: it is made of group:, instance: and "
      "the "
      "worker's number; leave it out\n"
      "etc/winnow.yaml:5: kafka: transactional.id is winnow's own: it is made of group:, instance: "
      "and the worker's number; leave it out\n"
      "etc/winnow.yaml:6: kafka: isolation.level is winnow's own: only committed records may be "
      "read, "
      "or doubles come in; leave it out\n"
      "etc/winnow.yaml:7: kafka: enable.auto.commit is winnow's own: offsets are committed with "
      "the "
      "outputs, in one transaction; leave it out\n"
      "etc/winnow.yaml:8: kafka: enable.auto.offset.store is winnow's own: offsets are committed "
      "with "
      "the outputs, in one transaction; leave it out\n"
      "etc/winnow.yaml:9: kafka: auto.offset.reset is winnow's own: winnow sets every start "
      "itself, so "
      "that a gap is a break with a receipt; leave it out\n"
      "etc/winnow.yaml:10: kafka: partition.assignment.strategy is winnow's own: state follows "
      "partitions by the eager assignors only; leave it out\n"
      "etc/winnow.yaml:11: kafka: group.protocol is winnow's own: state follows partitions by the "
      "classic group protocol only; leave it out\n"
      "etc/winnow.yaml:12: kafka: enable.idempotence is winnow's own: a transaction needs it; "
      "leave "
      "it out\n"
      "etc/winnow.yaml:13: kafka: plugin.library.paths is winnow's own: foreign code would run "
      "beside "
      "the keys; leave it out\n"
      "etc/winnow.yaml:14: kafka.consumer: enable.partition.eof is winnow's own: the end of a "
      "partition closes its transaction; leave it out\n"
      "etc/winnow.yaml:15: kafka.producer: acks is winnow's own: a transaction needs all replicas; "
      "leave it out\n"
      "etc/winnow.yaml:15: kafka.producer: linger.ms: a text is expected here\n" },
    { "refuses a pace that starves the transaction", "run: {commit: {ms: 15000}, runs: soon}\n",
      "etc/winnow.yaml:1: run.commit.ms: not a whole number from 1 to 5000\n"
      "etc/winnow.yaml:1: run.runs: not a duration (a whole number and ms, s, min, h or d, as in "
      "500ms)\n" },
    { "refuses half a sandbox", "run: {sandbox: partly}\n",
      "etc/winnow.yaml:1: run.sandbox: one of these is expected here: on, off\n" },
    { "says that a file is no YAML", "run: {\n",
      "etc/winnow.yaml:2: this is no YAML: did not find expected node content\n" },
    { "takes an empty map for the defaults", "{}\n", "" },
};

static void check_fault(void **state)
{
    const struct fault_row *row = *state;
    void *folder = NULL;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    assert_int_equal(enter(&folder), 0);
    write_file("etc/winnow.yaml", row->yaml);
    bool fine = wn_settings_read("etc/winnow.yaml", &faults, &settings);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, row->faults);
    assert_null(strstr((const char *)faults.lines.at, "hidden"));
    assert_int_equal(fine, row->faults[0] == '\0');
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
    assert_int_equal(leave(&folder), 0);
}

static void says_that_there_is_no_file(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    assert_false(wn_settings_read("etc/other.yaml", &faults, &settings));
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at,
                        "etc/other.yaml: No such file or directory\n");
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
}

static void makes_a_name_of_the_machine_id(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings, again;
    assert_true(wn_settings_read(NULL, &faults, &settings));
    assert_true(wn_settings_read(NULL, &faults, &again));
    assert_string_equal(settings.instance, again.instance);
    FILE *file = fopen("/etc/machine-id", "r");
    if (file) {
        char id[33] = "";
        uint8_t octets[6];
        bool whole_id = fread(id, 1, 32, file) == 32;
        fclose(file);
        if (whole_id) {
            assert_true(wn_unhex(wn_slice_of(settings.instance), sizeof(octets), octets));
            assert_null(strstr(id, settings.instance)); // Hashed, not cut.
        }
    } else {
        assert_string_equal(settings.instance, "");
    }
    wn_settings_deinit(&settings);
    wn_settings_deinit(&again);
    wn_faults_deinit(&faults);
}

static void finds_a_source_beside_the_policy(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_settings settings;
    assert_int_equal(mkdir("etc/policy", 0700) | mkdir("etc/policy/sources", 0700), 0);
    write_file("etc/policy/sources/a.yaml", "format: json\n");
    write_file("etc/winnow.yaml", "policy: policy\n");
    assert_true(wn_settings_read("etc/winnow.yaml", &faults, &settings));
    assert_string_equal(wn_settings_source(&settings, "a", &faults), "etc/policy/sources/a.yaml");
    assert_null(wn_settings_source(&settings, "b", &faults));
    assert_null(wn_settings_source(&settings, "../a", &faults));
    assert_null(wn_settings_source(&settings, "", &faults));
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal(
        (const char *)faults.lines.at,
        "etc/winnow.yaml: there is no source b: neither etc/policy/sources/b.yaml nor one "
        "in " WINNOW_SHARE "/schemas/sources\n"
        "etc/winnow.yaml: a source is named without folder and ending, as in freeswitch-json\n"
        "etc/winnow.yaml: a source is named without folder and ending, as in freeswitch-json\n");
    wn_settings_deinit(&settings);
    wn_faults_deinit(&faults);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(is_complete_without_a_file),       TEST(reads_every_key),
        TEST(http_is_off_where_it_says_so),     TEST(takes_paths_as_they_are_beside_a_file_here),
        TEST(says_that_there_is_no_file),       TEST(makes_a_name_of_the_machine_id),
        TEST(finds_a_source_beside_the_policy),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, rows, check_fault);
    return wn_run_tests("settings", &all);
}
