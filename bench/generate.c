// SPDX-License-Identifier: Apache-2.0

/**
 * Raw records for benchmarks, the same bytes for the same arguments.
 *
 *     generate freeswitch N
 *         mod_json_cdr legs of about 10 KB: 200 variables, of which about 20 are wanted
 *     generate flat N
 *         flat JSON calls of about 600 octets, for bench/sources/flat-json.yaml
 *     generate detail N
 *         FreeRADIUS detail records of about 700 octets
 *     generate csv N
 *         rows of Asterisk's cdr_csv, 21 columns, of about 350 octets
 *
 * Distinct subscribers: one in ten records; numbers of +44 7700 900xxx; one record in fifty is an
 * attempt, one in two hundred is sent twice.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t seed = 0x9e3779b97f4a7c15U;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static unsigned below(unsigned n)
{
    return (unsigned)(next() % n);
}

/** What a call of any format has. */
struct call {
    uint64_t id[2];
    unsigned account, caller, called, mos;
    int64_t answer_us, end_us; ///< `answer_us` 0: an attempt.
};

static struct call make_call(unsigned long number, unsigned long n)
{
    struct call call = {
        .id = { next(), next() },
        .account = below((unsigned)(n / 10 + 1)),
        .caller = below(1000),
        .called = below(1000),
        .mos = 300 + below(150),
    };
    int64_t start = INT64_C(1792850400000000) + (int64_t)number * 20000 + below(20000);
    int64_t length = (int64_t)below(600000000) + 1000000;
    call.answer_us = below(50) == 0 ? 0 : start + below(9000000);
    call.end_us = (call.answer_us ? call.answer_us : start) + length;
    return call;
}

static void uuid(const struct call *call, char text[37])
{
    snprintf(text, 37, "%08x-%04x-4%03x-8%03x-%012" PRIx64, (unsigned)(call->id[0] >> 32),
             (unsigned)(call->id[0] >> 16 & 0xffff), (unsigned)(call->id[0] & 0xfff),
             (unsigned)(call->id[1] >> 52), call->id[1] & 0xffffffffffffU);
}

static int64_t billed_us(const struct call *call)
{
    return call->answer_us ? call->end_us - call->answer_us : 0;
}

static void freeswitch(const struct call *call)
{
    char id[37];
    uuid(call, id);
    printf("{\"core-uuid\":\"5d0a0b2e-11aa-4c5f-9a51-0f2f0c0ffee0\",\"switchname\":\"sip-north-1\","
           "\"channel_data\":{\"state\":\"CS_REPORTING\",\"direction\":\"inbound\","
           "\"state_number\":\"11\"},\"variables\":{\"direction\":\"inbound\",\"uuid\":\"%s\","
           "\"accountcode\":\"C-%u\",\"sip_from_user\":\"447700900%03u\"",
           id, call->account, call->caller);
    for (unsigned i = 0; i < 180; i++) {
        printf(",\"rtp_or_sip_variable_%u\":\"value%%20%u%%3A%08x\"", i, i, (unsigned)next());
    }
    printf(",\"answer_uepoch\":\"%" PRId64 "\",\"end_uepoch\":\"%" PRId64
           "\",\"answer_epoch\":\"%" PRId64 "\",\"billusec\":\"%" PRId64 "\",\"billsec\":\"%" PRId64
           "\",\"hangup_cause\":\"NORMAL_CLEARING\",\"rtp_audio_in_mos\":\"%u.%02u\"},",
           call->answer_us, call->end_us, call->answer_us / 1000000, billed_us(call),
           billed_us(call) / 1000000, call->mos / 100, call->mos % 100);
    printf("\"app_log\":{\"applications\":[");
    for (unsigned i = 0; i < 12; i++) {
        printf("%s{\"app_name\":\"set\",\"app_data\":\"name_%u=%08x%08x\",\"app_stamp\":\"%u\"}",
               i ? "," : "", i, (unsigned)next(), (unsigned)next(), i);
    }
    printf("]},\"callflow\":[");
    for (unsigned i = 0; i < 2; i++) {
        printf("%s{\"dialplan\":\"XML\",\"profile_index\":\"%u\",\"caller_profile\":{\"username\":"
               "\"447700900%03u\",\"dialplan\":\"XML\",\"caller_id_name\":\"Somebody %u\","
               "\"caller_id_number\":\"447700900%03u\",\"network_addr\":\"198.51.100.%u\","
               "\"destination_number\":\"447700900%03u\",\"context\":\"default\","
               "\"chan_name\":\"sofia/internal/447700900%03u@198.51.100.7\"}}",
               i ? "," : "", i, call->caller, call->caller, call->caller, below(250), call->called,
               call->caller);
    }
    printf("]}\n");
}

static void flat(const struct call *call)
{
    char id[37];
    uuid(call, id);
    printf(
        "{\"id\":\"%s\",\"node\":\"msc-7\",\"account\":\"C-%u\",\"caller\":\"447700900%03u\","
        "\"called\":\"447700900%03u\",\"answer\":%" PRId64 ",\"end\":%" PRId64
        ",\"duration_us\":%" PRId64 ",\"cause\":\"NORMAL_CLEARING\",\"trunk\":\"carrier-%u\","
        "\"caller_name\":\"Somebody "
        "%u\",\"caller_ip\":\"198.51.100.%u\",\"user_agent\":\"Softphone "
        "5.%u\",\"sip_call_id\":\"%016" PRIx64 "%016" PRIx64 "\",\"codec\":\"PCMA\",\"contact\":\""
        "sip:447700900%03u@198.51.100.%u:5060\",\"via\":\"SIP/2.0/UDP 198.51.100.%u;branch=z9hG4bK%"
        "08x\",\"rate\":8000,\"lost\":%u,\"jitter\":[0.%u,1.%u,2.%u]}\n",
        id, call->account, call->caller, call->called, call->answer_us, call->end_us,
        billed_us(call), below(9), call->caller, below(250), below(9), next(), next(), call->caller,
        below(250), below(250), (unsigned)next(), below(99), below(9), below(9), below(9));
}

static void detail(const struct call *call)
{
    printf(
        "Sun Oct 25 00:00:41 2026\n\tAcct-Status-Type = Stop\n\tAcct-Session-Id = \"%016" PRIx64
        "\"\n\tNAS-IP-Address = 172.20.2.1\n\tNAS-Identifier = \"pgw-south\"\n\tUser-Name = "
        "\"user%u@web.example\"\n\tCalling-Station-Id = \"447700900%03u\"\n\tCalled-Station-Id = "
        "\"web.example\"\n\tNAS-Port-Type = Wireless-Other\n\tService-Type = Framed-User\n\t"
        "Framed-Protocol = GPRS-PDP-Context\n\tFramed-IP-Address = 100.110.19.7\n\t3GPP-IMSI = "
        "\"20498%010u\"\n\t3GPP-SGSN-MCC-MNC = \"20498\"\n\t3GPP-RAT-Type = EUTRAN\n\t"
        "Acct-Session-Time = %" PRId64 "\n\tAcct-Input-Octets = %u\n\tAcct-Input-Gigawords = 0\n\t"
        "Acct-Output-Octets = %u\n\tAcct-Output-Gigawords = 0\n\tEvent-Timestamp = \"Oct 25 2026 "
        "%02u:%02u:%02u CEST\"\n\tTimestamp = 1792879241\n\n",
        call->id[0], call->account, call->caller, call->account,
        (call->end_us - call->answer_us) / 1000000 % 80000, below(400000000), below(400000000),
        below(2), below(60), below(60));
}

/** `YYYY-MM-DD HH:MM:SS` of Amsterdam in summer. */
static void stamp(int64_t time_us, char text[32])
{
    const time_t local = (time_t)(time_us / 1000000) + 7200;
    struct tm civil;
    gmtime_r(&local, &civil);
    strftime(text, 32, "%Y-%m-%d %H:%M:%S", &civil);
}

static void csv(const struct call *call)
{
    static unsigned sequence;
    char begin[32];
    char answer[32] = "";
    char end[32];
    const int64_t begin_us = (call->answer_us ? call->answer_us : call->end_us) - 8000000;
    const int64_t billed_s =
        call->answer_us ? call->end_us / 1000000 - call->answer_us / 1000000 : 0;
    stamp(begin_us, begin);
    stamp(call->end_us, end);
    if (call->answer_us) {
        stamp(call->answer_us, answer);
    }
    printf("\"C-%u\",\"447700900%03u\",\"447700900%03u\",\"from-customers\",\"\"\"Somebody %u\"\" "
           "<447700900%03u>\",\"PJSIP/cust-%08x\",\"PJSIP/trunk-%08x\",\"Dial\","
           "\"PJSIP/447700900%03u@trunk,30\",\"%s\",\"%s\",\"%s\",%" PRId64 ",%" PRId64
           ",\"%s\",\"DOCUMENTATION\",\"ams1-%" PRId64 ".%u\",\"\",\"\",\"ams1-%" PRId64
           ".%u\",%u\n",
           call->account, call->caller, call->called, call->caller, call->caller,
           (unsigned)call->id[0], (unsigned)call->id[1], call->called, begin, answer, end,
           call->end_us / 1000000 - begin_us / 1000000, billed_s,
           call->answer_us ? "ANSWERED" : "NO ANSWER", begin_us / 1000000, sequence,
           begin_us / 1000000, sequence, sequence);
    sequence++;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*write)(const struct call *call);
    } formats[] = {
        { "freeswitch", freeswitch }, { "flat", flat }, { "detail", detail }, { "csv", csv }
    };
    for (size_t k = 0; argc == 3 && k < sizeof(formats) / sizeof(formats[0]); k++) {
        const unsigned long n = strtoul(argv[2], NULL, 10);
        for (unsigned long i = 0; strcmp(argv[1], formats[k].name) == 0 && i < n; i++) {
            struct call call = make_call(i, n);
            formats[k].write(&call);
            if (below(200) == 0) {
                formats[k].write(&call);
            }
        }
        if (strcmp(argv[1], formats[k].name) == 0) {
            return 0;
        }
    }
    fprintf(stderr, "generate freeswitch|flat|detail|csv N\n");
    return 2;
}
