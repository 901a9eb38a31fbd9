// SPDX-License-Identifier: Apache-2.0

/* The sources that are shipped, over records as their switches write them (all made up). */

#include "source_harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "winnow/io.h"

/* FreeSWITCH, new shape: a leg of ours, in 10,001,250 µs answered to end. */
#define FS(direction, variables, callflow)                                                         \
    "{\"core-uuid\":\"c0\",\"switchname\":\"fs-1\",\"channel_data\":{\"direction\":\"" direction   \
    "\"},\"variables\":{\"direction\":\"" direction                                                \
    "\",\"uuid\":\"3da8bf84\",\"answer_uepoch\":\"1792888205000001\",\"answer_epoch\":"            \
    "\"1792888205\",\"answer_stamp\":\"2026-10-25%2002%3A30%3A05\",\"end_uepoch\":"                \
    "\"1792888215001251\",\"billusec\":\"10001250\",\"billsec\":\"10\",\"hangup_cause\":"          \
    "\"NORMAL_CLEARING\",\"rtp_audio_in_mos\":\"4.50\",\"sip_user_agent\":\"phone\"" variables     \
    "},\"callflow\":[{\"caller_profile\":{\"destination_number\":\"9999\"}},{\"caller_profile\":"  \
    "{" callflow "}}]}\n"

#define PARTIES(from, to, context)                                                                 \
    "\"caller_id_number\":\"" from "\",\"destination_number\":\"" to "\",\"context\":\"" context   \
    "\""

/* FreeSWITCH, old shape: times beside the variables, neither switch nor direction in them. */
#define FS_OLD(answered)                                                                           \
    "{\"core-uuid\":\"c0\",\"channel_data\":{\"direction\":\"inbound\"},\"variables\":{\"uuid\":"  \
    "\"u-2\"},\"times\":{\"answered_time\":\"" answered                                            \
    "\",\"hangup_time\":\"1792888215001251\"},\"callflow\":{\"caller_profile\":{}}}"

#define FS_SHOW                                                                                    \
    "node start end duration billable utc_offset direction called calling other "                  \
    "cause quality subscriber rule required"

#define DETAIL(status, members)                                                                    \
    "Sun Oct 25 02:00:00 2026\n\tAcct-Session-Id = \"8000003C\"\n\tAcct-Status-Type = " status     \
    "\n\tNAS-IP-Address = 198.51.100.7\n" members "\tTimestamp = 1792888265\n\n"

#define COUNTERS                                                                                   \
    "\tAcct-Session-Time = 60\n\tAcct-Input-Octets = 5\n\tAcct-Input-Gigawords = 1\n"              \
    "\tAcct-Output-Octets = 7\n"

#define DETAIL_SHOW                                                                                \
    "node start end duration final session_uplink session_downlink cause radio apn "               \
    "visited_network subscriber flags rule required"

static const struct row {
    const char *name;
    const char *source;
    const char *input;
    const char *show;
    const char *told;
} rows[] = {
    { "FreeSWITCH: a call of ours, dialled number from the oldest profile", "freeswitch-json",
      FS("inbound", "", PARTIES("+31201234567", "0612345678", "default")), FS_SHOW,
      "node=fs-1 start=1792888205000 end=1792888215001 duration=10001 billable=10 utc_offset=120 "
      "direction=originating called=31612345678/mobile calling=31201234567/geographic "
      "other=31612345678/mobile cause=normal quality=450 subscriber=number:31201234567 rule=- "
      "required=ok\n" },
    { "FreeSWITCH: a call from a trunk, withheld", "freeswitch-json",
      FS("inbound", ",\"sip_Privacy\":\"id%3Bcritical\"",
         PARTIES("+447700900123", "31201234567", "public")),
      "direction called calling other subscriber rule required",
      "direction=terminating called=31201234567/geographic calling=/withheld/withheld "
      "other=/withheld/withheld subscriber=number:31201234567 rule=- required=ok\n" },
    { "FreeSWITCH: the leg to a trunk of a forwarded call, and any other outbound leg",
      "freeswitch-json",
      FS("outbound", ",\"sip_gateway_name\":\"east\"",
         PARTIES("+447700900123", "+31612345678",
                 "default") ",\"originator\":{\"originator_caller_profiles\":[{\"context\":"
                            "\"public\",\"destination_"
                            "number\":\"+31201234567\"}]}")
          FS("outbound", "", PARTIES("1001", "1002", "default")),
      "direction forwarding trunk subscriber rule required",
      "direction=forwarded forwarding=31201234567/geographic trunk=east "
      "subscriber=number:31201234567 rule=- required=ok\n"
      "direction=unknown forwarding=- trunk=- subscriber=nobody: rule=other-leg required=no entry "
      "of `subscriber` gives a value\n" },
    { "FreeSWITCH: an account comes before the number", "freeswitch-json",
      FS("inbound", ",\"accountcode\":\"K%2D17\"", PARTIES("1001", "1002", "default")),
      "subscriber account calling called required",
      "subscriber=account:K-17 account=K-17 calling=1001/internal called=1002/internal "
      "required=ok\n" },
    { "FreeSWITCH, old shape: times beside the variables; not answered is an attempt",
      "freeswitch-json", FS_OLD("1792888205000001") FS_OLD("0"),
      "node start end duration utc_offset flags direction rule",
      "node=unknown start=1792888205000 end=1792888215001 duration=10001 utc_offset=120 "
      "flags=+node_zone direction=originating rule=-\n"
      "node=unknown start=- end=1792888215001 duration=- utc_offset=- flags= direction=originating "
      "rule=attempt\n" },
    { "FreeSWITCH: a percent sign without digits is refused", "freeswitch-json",
      FS("inbound", ",\"accountcode\":\"50%\"", PARTIES("1001", "1002", "default")), "account",
      "bad-encoding\n" },

    { "detail: a stop, with the time of its event", "freeradius-detail",
      DETAIL("Stop", COUNTERS "\tUser-Name = \"jo@EX.example\"\n\tEvent-Timestamp = \"Oct 25 2026 "
                              "02:31:05 CEST\"\n\tAcct-Terminate-Cause = Lost-Carrier\n"
                              "\t3GPP-SGSN-MCC-MNC = \"20498\"\n\t3GPP-RAT-Type = 51\n"
                              "\tCalled-Station-Id = \"02-00-00-00-00-01:hotel\"\n"),
      DETAIL_SHOW,
      "node=198.51.100.7 start=1792888205000 end=1792888265000 duration=60000 final=true "
      "session_uplink=4294967301 session_downlink=7 cause=abnormal radio=nr apn=- "
      "visited_network=204-98 subscriber=nai:jo@ex.example flags=+node_zone rule=- required=ok\n" },
    { "detail, names of version 4: an interim record without a clock, delayed", "freeradius-detail",
      DETAIL("::Interim-Update",
             COUNTERS "\tVendor-Specific.3GPP.IMSI = \"204980000000001\"\n\tAcct-Delay-Time = 5\n"
                      "\tVendor-Specific.3GPP.RAT-Type = ::EUTRAN\n\tCalled-Station-Id = "
                      "\"internet.example\"\n"),
      DETAIL_SHOW,
      "node=198.51.100.7 start=1792888200000 end=1792888260000 duration=60000 final=false "
      "session_uplink=4294967301 session_downlink=7 cause=unknown radio=eutran "
      "apn=internet.example visited_network=- subscriber=imsi:204980000000001 "
      "flags=+node_zone+made_up_time+retransmission rule=- required=ok\n" },
    { "detail: what is filtered", "freeradius-detail",
      DETAIL("Start", "\tUser-Name = \"jo\"\n") DETAIL("Accounting-On", "")
          DETAIL("Stop", COUNTERS "\t3GPP-IMSI = \"001010000000001\"\n")
              DETAIL("Stop", COUNTERS "\t3GPP-IMSI = \"999700000000001\"\n")
                  DETAIL("Stop", "\tAcct-Session-Time = 0\n\tUser-Name = \"jo\"\n"),
      "rule", "rule=not-usage\nrule=not-usage\nrule=test\nrule=foreign-imsi\nrule=zero-usage\n" },
    { "detail: nothing in the key moves when a record is sent again", "freeradius-detail",
      DETAIL("Stop", COUNTERS "\tUser-Name = \"jo\"\n")
          DETAIL("2", COUNTERS "\tUser-Name = \"jo\"\n\tAcct-Delay-Time = 9\n"),
      "key",
      "key=[00][00][00][07]session[00][00][00][0c]198.51.100.7[00][00][00][08]8000003C"
      "[00][00][00][03]nai[00][00][00][02]jo[00][00][00][04]true[00][00][00][08][00][00][00][00]"
      "[00][00][ea]`[00][00][00][08][00][00][00][01][00][00][00][05][00][00][00][08][00][00][00]"
      "[00][00][00][00][07]\n"
      "key=[00][00][00][07]session[00][00][00][0c]198.51.100.7[00][00][00][08]8000003C"
      "[00][00][00][03]nai[00][00][00][02]jo[00][00][00][04]true[00][00][00][08][00][00][00][00]"
      "[00][00][ea]`[00][00][00][08][00][00][00][01][00][00][00][05][00][00][00][08][00][00][00]"
      "[00][00][00][00][07]\n" },
    { "detail: a user name in Latin-1", "freeradius-detail",
      DETAIL("Stop", COUNTERS "\tUser-Name = \"caf\\351\"\n"), "subscriber",
      "subscriber=nai:caf\xc3\xa9\n" },

    { "Kamailio: ours calls, is called, a trunk, an attempt, a call without a BYE",
      "kamailio-flatstore",
      "1792889993|1792889994|0.403000|c1|a||b|b|192.0.2.1|u|31600450101|447700900811|0|k1\n"
      "1792889993|1792889994|1.000000|c2|a||b|b|192.0.2.1|u|447700900811|31600450101|1|k2\n"
      "1792889993|1792889994|1.000000|c3|a||b|b|192.0.2.1|u|447700900811|447700900812|0|k3\n"
      "1792889993|1792889993|0.000000|c4|a||b|b|192.0.2.1|u|31600450101|447700900811|0|k4\n"
      "1792890005|1792890014|9.451000||||||||447700900820|31600450220|0|k5\n"
      "1792890005|1792890014|9.451000\n",
      "duration direction calling called incomplete subscriber rule required",
      "duration=403 direction=originating calling=31600450101/unknown "
      "called=447700900811/international incomplete=false subscriber=number:31600450101 rule=- "
      "required=ok\n"
      "duration=1000 direction=terminating calling=/withheld/withheld called=31600450101/unknown "
      "incomplete=false subscriber=number:31600450101 rule=- required=ok\n"
      "duration=1000 direction=unknown calling=447700900811/international "
      "called=447700900812/international incomplete=false subscriber=nobody: rule=trunk "
      "required=no entry of `subscriber` gives a value\n"
      "duration=0 direction=originating calling=31600450101/unknown "
      "called=447700900811/international incomplete=false subscriber=number:31600450101 "
      "rule=attempt required=ok\n"
      "duration=9451 direction=terminating calling=447700900820/international "
      "called=31600450220/unknown incomplete=true subscriber=number:31600450220 rule=- "
      "required=ok\n"
      "column-count\n" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer told = { 0 };
    struct wn_source *source = source_load_file(row->source);

    source_tell(source, wn_slice_of(row->input), row->show, &told);
    wn_buffer_add(&told, "", 1);
    assert_string_equal((const char *)told.at, row->told);
    wn_source_close(source);
    wn_buffer_deinit(&told);
}

static void says_what_others_read(void **state)
{
    (void)state;
    struct wn_source *detail = source_load_file("freeradius-detail");
    const struct wn_section *section = &detail->sections[0];
    assert_int_equal(detail->n_sections, 1);
    assert_null(section->when);
    assert_string_equal(section->shape->type, "session");
    assert_string_equal(detail->format->name, "detail");
    assert_int_equal(detail->affinity, WN_AFFINITY_NONE);
    assert_true(section->cumulative);
    assert_int_equal(detail->tolerance_s, 300);
    assert_int_equal(detail->resolution_ms, 1000);
    assert_int_equal(section->duplicate_key.n, 7);
    assert_int_equal(section->content.n, 0);
    assert_int_equal(section->session_key.n, 3);
    assert_int_equal(section->n_filters, 4);
    assert_int_equal(section->filters[0].rule, WN_REASON_NOT_USAGE);
    assert_int_equal(strlen(detail->id), 64);
    wn_source_close(detail);
}

/** The rule id of a call source with these changes. */
static void rule_of(const char *change, const char *change2, uint8_t ret_rule[8])
{
    struct source_text text = { .type = "call", .change = change, .change2 = change2 };
    struct wn_source *source = source_load(&text, NULL);
    memcpy(ret_rule, source->rule_id, 8);
    wn_source_close(source);
}

static void changes_the_rule_id_with_the_rule(void **state)
{
    static const char *const others[] = { "duplicate_key: [/id, start]\n", "content: [duration]\n",
                                          "session_key: []\ntolerance: 5min\n",
                                          "duplicate_key: [node]\n" };
    (void)state;
    uint8_t rule[8], other[8];
    rule_of(NULL, NULL, rule);
    rule_of("required: [/x]\n", "affinity: node\n", other);
    assert_memory_equal(rule, other, 8);
    for (size_t i = 0; i < WN_COUNT(others); i++) {
        rule_of(others[i], NULL, other);
        assert_memory_not_equal(rule, other, 8);
    }
}

static void refuses_a_file_that_is_no_source(void **state)
{
    static const struct {
        const char *file, *text, *faults;
    } files[] = {
        { "missing.yaml", NULL, "missing.yaml: " },
        { "Bad Name.yaml", "format: json\n",
          "Bad Name.yaml: a source is named after its file: lower-case letters, digits and "
          "hyphens, "
          "at most 63 of them; rename it\n"
          "Bad Name.yaml:1: node: is missing; say which switch writes: {from: PATH, or: TEXT}, or "
          "{value: TEXT}\n"
          "Bad Name.yaml:1: type: is missing; name the policy's record type\n" },
        { "e.yaml", "", "e.yaml: the file is empty; a map is expected\n" },
        { "f.yaml", "format: [\n", "f.yaml:" },
    };
    (void)state;
    for (size_t i = 0; i < WN_COUNT(files); i++) {
        struct wn_faults faults = { 0 };
        struct wn_error err = { 0 };
        struct wn_source *source = NULL;
        if (files[i].text) {
            assert_true(wn_io_replace(files[i].file, 0600, files[i].text, strlen(files[i].text),
                                      &err) == WN_OK);
        }
        assert_int_equal(
            wn_source_load(files[i].file, NULL, 0, source_site(), &faults, &source, &err),
            WN_FATAL);
        assert_null(source);
        assert_string_equal(err.reason, "config");
        assert_true(faults.n > 0);
        size_t len = strlen(files[i].faults);
        assert_true(faults.lines.len >= len);
        assert_memory_equal(faults.lines.at, files[i].faults, len);
        wn_faults_deinit(&faults);
        (void)remove(files[i].file);
    }
}

static void takes_the_zone_of_the_site_where_the_source_has_none(void **state)
{
    struct source_text text = { .type = "call", .change = "clock: {resolution: 1s}\n" };
    struct wn_buffer told = { 0 };
    (void)state;
    source_site()->zone = "Asia/Kolkata";
    struct wn_source *source = source_load(&text, NULL);
    source_tell(source, wn_slice_of(SOURCE_RECORD("")), "utc_offset", &told);
    assert_true(wn_slice_is(wn_buffer_slice(&told), "utc_offset=330\n"));
    wn_source_close(source);
    wn_buffer_deinit(&told);

    source_site()->zone = "Atlantis/Poseidonis";
    assert_null(source_load(&text, &told));
    assert_true(wn_slice_starts(wn_buffer_slice(&told), "s.yaml: site.zone: "));
    wn_buffer_deinit(&told);
    source_site()->zone = NULL;
}

static void bounds_what_a_file_can_ask_for(void **state)
{
    static const struct {
        const char *before, *each, *after, *fault;
        unsigned most;
    } limits[] = {
        { "words: {a: [", "x, ", "]}\n", "s.yaml:12: words: at most 4096 texts can stand here\n",
          4096 },
        { "required: [", "/x, ", "]\n", "s.yaml:12: required: at most 64 names can stand here\n",
          64 },
        { "content: [", "/x, ", "]\n", "s.yaml:12: content: at most 16 parts can stand here\n",
          16 },
        { "node: {from: [", "/x, ", "]}\n",
          "s.yaml:4: from: from 1 to 16 paths are expected here\n", 16 },
    };
    (void)state;
    for (size_t i = 0; i < WN_COUNT(limits); i++) {
        struct wn_buffer change = { 0 }, faults = { 0 };
        wn_buffer_text(&change, limits[i].before);
        for (unsigned n = 0; n <= limits[i].most; n++) {
            wn_buffer_text(&change, limits[i].each);
        }
        wn_buffer_text(&change, limits[i].after);
        wn_buffer_add(&change, "", 1);
        struct source_text text = { .type = "call", .change = (const char *)change.at };
        assert_null(source_load(&text, &faults));
        wn_buffer_add(&faults, "", 1);
        assert_string_equal((const char *)faults.at, limits[i].fault);
        wn_buffer_deinit(&change);
        wn_buffer_deinit(&faults);
    }
}

/** The example in docs/sources.md is a source. */
static void loads_the_example_of_the_manual(void **state)
{
    struct wn_buffer page = { 0 };
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    struct wn_source *source = NULL;
    const struct wn_source_ground ground = source_ground();
    char path[512];
    (void)state;

    snprintf(path, sizeof(path), "%s/docs/sources.md", getenv("WINNOW_SOURCE"));
    assert_true(wn_io_read(path, 1 << 20, &page, &err) == WN_OK);
    wn_buffer_add(&page, "", 1);
    const char *from = strstr((const char *)page.at, "```yaml\n");
    assert_non_null(from);
    from += strlen("```yaml\n");
    struct wn_slice example = { from, (size_t)(strstr(from, "```") - from) };

    enum wn_code rc = wn_source_parse("example.yaml", example, &ground, &faults, &source, &err);
    assert_int_equal(faults.n, 0);
    assert_int_equal(rc, WN_OK);
    wn_source_close(source);
    wn_faults_deinit(&faults);
    wn_buffer_deinit(&page);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(bounds_what_a_file_can_ask_for),
        cmocka_unit_test(loads_the_example_of_the_manual),
        cmocka_unit_test(says_what_others_read),
        cmocka_unit_test(changes_the_rule_id_with_the_rule),
        cmocka_unit_test(refuses_a_file_that_is_no_source),
        cmocka_unit_test(takes_the_zone_of_the_site_where_the_source_has_none),
    };
    struct wn_tests tests = { 0 };
    if (source_setup(NULL) != 0) {
        return 1;
    }
    WN_ADD_TABLE(&tests, rows, check);
    WN_ADD_TESTS(&tests, others);
    int failed = wn_run_tests("source-real", &tests);
    return source_teardown(NULL) != 0 ? 1 : failed;
}
