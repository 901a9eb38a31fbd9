// SPDX-License-Identifier: Apache-2.0

/* Framings told apart, and what writers do to them. */

#include "frame_harness.h"
#include "table.h"

/* A record {recordType 0} of 5 octets, one of 7, and one of 5 octets with a length in four. */
#define A "a0 03 80 01 00 "
#define B "bf 4f 04 80 01 55 00 "
#define LONG_B "bf 4f 83 00 00 03 80 01 55 "

/* Headers of TS 32.297: length, header length, then the rest of the first 50 octets. */
#define TIMES "ac 80 08 80 ac 83 bb 40 "
#define MAPPED "ff ff ff ff 00*10 ff ff c0 00 02 0a "
#define TAIL(count, closed, lost) "c1 c1 " TIMES count "00 00 00 07 " closed MAPPED lost "00 00 "
#define FILE_50(length, count) length "00 00 00 32 " TAIL(count, "00 ", "00 ")
#define CS "c1 26 "
#define PS "c1 27 "

#define HEADER_50 "#0+50{length=59 count=1 sequence=7 lost=0 closed=0 abnormal=0 node=192.0.2.10}"
#define ONE FILE_50("00 00 00 3b ", "00 00 00 01 ")
/* The same without what only a whole file knows. */
#define OPEN FILE_50("ff ff ff ff ", "ff ff ff ff ")
#define HEADER_OPEN "#0+50{sequence=7 lost=0 closed=0 abnormal=0 node=192.0.2.10}"

#define GUARD "00 00 00 22 00 00 00 18 e6 e6 00 00 00*8 00 00 00 01 "
#define CUSTOM "00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00 26 00 00 00 01 "

static const struct row {
    const char *name;
    enum wn_framing named;
    const char *input;
    const char *told;
} told[] = {
    { "nothing", WN_FRAMING_AUTO, "", "" },
    { "nothing, of a framing that is named", WN_FRAMING_TS32297, "", "" },
    { "TS 32.297, 50 octets", WN_FRAMING_AUTO, ONE "00 05 " PS A, HEADER_50 " 54+5/7" },
    { "TS 32.297, several records", WN_FRAMING_AUTO, ONE "00 05 " CS A "00 07 " PS B,
      HEADER_50 " 54+5/6 63+7/7" },
    { "TS 32.297 without a record", WN_FRAMING_AUTO, ONE, HEADER_50 },
    { "TS 32.297, an IPv4 address in front, 52 octets", WN_FRAMING_AUTO,
      "00 00 00 3d 00 00 00 34 c1 c1 " TIMES "00 00 00 01 00 00 00 07 00 c0 00 02 0b 00*16 00 "
      "00 00 00 00 00 05 " PS A,
      "#0+52{length=61 count=1 sequence=7 lost=0 closed=0 abnormal=0 node=192.0.2.11} 56+5/7" },
    { "TS 32.297, release 16, 54 octets, records with a release octet", WN_FRAMING_AUTO,
      "00 00 00 40 00 00 00 36 e1 e1 " TIMES "00 00 00 01 00 00 00 07 03 ff ff ff ff 20 01 0d b8 "
      "00*11 01 82 00 00 00 00 06 06 00 05 e1 34 06 " A,
      "#0+54{length=64 count=1 sequence=7 lost=2 closed=3 abnormal=0 node=2001:db8::1} 59+5/20" },
    { "TS 32.297, a release octet that was left out", WN_FRAMING_AUTO,
      "00 00 00 3b 00 00 00 32 e1 e1 " TIMES
      "00 00 00 01 00 00 00 07 00 00*20 01 00 00 00 05 e1 34 " A,
      "#0+50{length=59 count=1 sequence=7 lost=1 closed=0 abnormal=0} 54+5/20" },
    { "TS 32.297, a routeing filter and a private extension", WN_FRAMING_AUTO,
      "00 00 00 46 00 00 00 3d c1 c1 " TIMES "00 00 00 01 00 00 00 07 00 " MAPPED
      "00 00 05 41 42 43 44 45 00 04 01 02 03 04 00 05 " PS A,
      "#0+61{length=70 count=1 sequence=7 lost=0 closed=0 abnormal=0 node=192.0.2.10} 65+5/7" },
    { "TS 32.297, never closed", WN_FRAMING_AUTO, OPEN "00 05 " PS A, HEADER_OPEN " 54+5/7" },
    { "TS 32.297, a count of 0 before it is closed", WN_FRAMING_AUTO,
      FILE_50("00 00 00 00 ", "00 00 00 00 ") "00 05 " PS A, HEADER_OPEN " 54+5/7" },
    { "TS 32.297, closed abnormally, records lost", WN_FRAMING_AUTO,
      "ff ff ff ff 00 00 00 32 " TAIL("00 00 00 02 ", "83 ", "85 ") "00 05 " PS A,
      "#0+50{count=2 sequence=7 lost=5 closed=131 abnormal=1 node=192.0.2.10} 54+5/7" },
    { "TS 32.297, at least 127 lost", WN_FRAMING_AUTO,
      "ff ff ff ff 00 00 00 32 " TAIL("00 00 00 02 ", "00 ", "ff ") "00 05 " PS A,
      "#0+50{count=2 sequence=7 lost=127 closed=0 abnormal=0 node=192.0.2.10} 54+5/7" },
    { "TS 32.297, at least one lost", WN_FRAMING_AUTO,
      "ff ff ff ff 00 00 00 32 " TAIL("00 00 00 02 ", "00 ", "80 ") "00 05 " PS A,
      "#0+50{count=2 sequence=7 lost=1 closed=0 abnormal=0 node=192.0.2.10} 54+5/7" },
    { "TS 32.297, nothing set but lengths (free5GC)", WN_FRAMING_AUTO,
      "00 00 00 3b 00 00 00 32 00 00 00*8 00 00 00 01 00*4 00 00*20 00 00 00 00 05 00 20 " A,
      "#0+50{length=59 count=1 sequence=0 lost=0 closed=0 abnormal=0} 54+5/0" },
    { "files that were joined", WN_FRAMING_AUTO, ONE "00 05 " PS A ONE "00 05 " CS A,
      HEADER_50 " 54+5/7 #59+50{length=59 count=1 sequence=7 lost=0 closed=0 abnormal=0 "
                "node=192.0.2.10} 113+5/6" },
    { "a header in the octets' other order", WN_FRAMING_AUTO,
      "3b 00 00 00 32 00 00 00 c1 c1 " TIMES "01 00 00 00 07 00 00 00 00 " MAPPED
      "00 00 00 05 00 " PS A,
      "!unknown-framing@0+59" },
    { "a header of a month that is none", WN_FRAMING_AUTO,
      "00 00 00 3b 00 00 00 32 c1 c1 dc 80 08 80 ac 83 bb 40 00 00 00 01 00 00 00 07 00 " MAPPED
      "00 00 00 00 05 " PS A,
      "!unknown-framing@0+59" },
    { "the same, named", WN_FRAMING_TS32297,
      "00 00 00 3b 00 00 00 32 c1 c1 dc 80 08 80 ac 83 bb 40 00 00 00 01 00 00 00 07 00 " MAPPED
      "00 00 00 00 05 " PS A,
      HEADER_50 " 54+5/7" },
    { "a header longer than the file", WN_FRAMING_AUTO, "00 00 00 3b 00 00 00 40 c1 c1 " TIMES,
      "!unknown-framing@0+18" },
    { "the same, named", WN_FRAMING_TS32297, "00 00 00 3b 00 00 00 40 c1 c1 " TIMES,
      "!unknown-framing@0+18" },
    { "a header too short, named", WN_FRAMING_TS32297, "00 00 00 3b 00 00 00 20 00*40",
      "!unknown-framing@0+48" },
    { "gtp-guard", WN_FRAMING_AUTO, GUARD "00 05 e6 e6 00 " A, "#0+24{length=34 count=1} 29+5" },
    { "gtp-guard, another reading of the record's header", WN_FRAMING_AUTO,
      GUARD "00 05 e6 e6 " A "00 07 e6 e6 " B, "#0+24{length=34 count=1} 28+5 37+7" },
    { "gtp-guard, named", WN_FRAMING_GUARD24, GUARD "00 05 e6 e6 00 " A,
      "#0+24{length=34 count=1} 29+5" },
    { "gtp-guard, files that were joined", WN_FRAMING_AUTO,
      GUARD "00 05 e6 e6 00 " A GUARD "00 05 e6 e6 00 " A,
      "#0+24{length=34 count=1} 29+5 #34+24{length=34 count=1} 63+5" },
    { "Cisco custom2", WN_FRAMING_AUTO, CUSTOM "00 05 " A "00 05 " A,
      "#0+24{length=38 count=2} 26+5 33+5" },
    { "Cisco custom2, lengths of four octets", WN_FRAMING_AUTO,
      CUSTOM "00 00 00 05 " A "00 00 00 05 " A, "#0+24{length=38 count=2} 28+5 37+5" },
    { "Cisco custom2, named, of another size than it says", WN_FRAMING_CUSTOM24, CUSTOM "00 05 " A,
      "#0+24{length=38 count=2} 26+5" },
    { "lengths before records", WN_FRAMING_AUTO, "00 05 " A "00 07 " B, "2+5 9+7" },
    { "lengths before records, named", WN_FRAMING_PREFIXED, "00 05 " A "00 07 " B, "2+5 9+7" },
    { "records by themselves", WN_FRAMING_AUTO, A B LONG_B, "0+5 5+7 12+9" },
    { "one record", WN_FRAMING_AUTO, B, "0+7" },
    { "one record of indefinite length", WN_FRAMING_AUTO, "bf 4f 80 80 01 55 00 00 " A, "0+8 8+5" },
    { "padding between records", WN_FRAMING_AUTO, A "00 00 00 " B "ff*20 " A, "0+5 8+7 35+5" },
    { "padding in front", WN_FRAMING_AUTO, "ff ff " A, "2+5" },
    { "blocks of 2 KiB", WN_FRAMING_AUTO, A "ff*2043 " A B "ff*2036 " A "ff*2043",
      "0+5 2048+5 2053+7 4096+5" },
    { "nothing but padding", WN_FRAMING_AUTO, "00*2048", "!unknown-framing@0+2048" },
    { "nothing but padding, named", WN_FRAMING_BLOCKS, "00*2048", "" },
    { "CallEventDataFile", WN_FRAMING_AUTO,
      "30 1d a0 02 80 00 a1 0c " A B "a2 09 81 04 91 13 06 f0 84 01 02 ",
      "#0+6{length=31} 8+5 13+7 #20+11{count=2 node=31600}" },
    { "CallEventDataFile of indefinite lengths", WN_FRAMING_AUTO,
      "30 80 a0 80 80 00 00 00 a1 80 " A "a0 80 80 01 00 00 00 00 00 a2 03 84 01 02 00 00",
      "#0+8{} 10+5 15+7 #24+5{count=2}" },
    { "CallEventDataFile without header and trailer", WN_FRAMING_AUTO, "30 07 a1 05 " A,
      "#0+2{length=9} 4+5" },
    { "CallEventDataFiles that were joined, with extensions", WN_FRAMING_AUTO,
      "30 0b a1 05 " A "a7 02 80 00 30 07 a1 05 " A,
      "#0+2{length=13} 4+5 #9+4{} #13+2{length=9} 17+5" },
    { "a SEQUENCE of something else", WN_FRAMING_AUTO, "30 03 02 01 00", "!unknown-framing@0+5" },
    { "TAP", WN_FRAMING_AUTO, "61 03 64 01 00", "!tap-file@0+5" },
    { "a TAP notification", WN_FRAMING_AUTO, "62 03 64 01 00", "!tap-file@0+5" },
    { "blocks of letters", WN_FRAMING_AUTO, "46 44 00 05 " A, "!unsupported-encoding@0+9" },
    { "text", WN_FRAMING_AUTO, "7b 22 61 22 3a 31 7d", "!unknown-framing@0+7" },
    { "one octet", WN_FRAMING_AUTO, "a0", "!unknown-framing@0+1" },
};

static const struct row broken[] = {
    { "a length that counts its header of four octets", WN_FRAMING_AUTO,
      ONE "00 09 " PS A "00 0b " PS B, HEADER_50 " 54+5/7 63+7/7 frame-length=2" },
    { "a length that counts its header of five octets", WN_FRAMING_AUTO,
      "ff ff ff ff 00 00 00 32 " TAIL("ff ff ff ff ", "00 ", "00 ") "00 0a e1 34 06 " A
                                                                    "00 0c e1 34 06 " B,
      HEADER_OPEN " 55+5/20 65+7/20 frame-length=2" },
    { "a length that counts itself, before a bare record", WN_FRAMING_PREFIXED,
      "00 07 " A "00 09 " B, "2+5 9+7 frame-length=2" },
    { "a frame longer than its record", WN_FRAMING_AUTO, ONE "00 08 " PS A "00 00 00 00 05 " PS A,
      HEADER_50 " 54+5/7 66+5/7 frame-excess=1" },
    { "a frame longer than its record by as much as a header", WN_FRAMING_AUTO,
      ONE "00 09 " PS A "01 02 03 04 00 05 " PS A, HEADER_50 " 54+5/7 67+5/7 frame-excess=1" },
    { "a frame shorter than its record", WN_FRAMING_AUTO,
      ONE "00 05 " PS "a0 04 80 01 00 00 05 " PS A, HEADER_50 " !record-cut@54+5/7 63+5/7" },
    { "a frame that holds no record but octets", WN_FRAMING_AUTO,
      ONE "00 05 " PS "ff ff ff ff ff 00 05 " PS A, HEADER_50 " 54+5/7 63+5/7" },
    { "a frame that holds an indefinite length without end", WN_FRAMING_AUTO,
      ONE "00 05 " PS "a0 80 80 01 00 00 05 " PS A, HEADER_50 " 54+5/7 63+5/7" },
    { "a record whose tag can't be read", WN_FRAMING_AUTO,
      ONE "00 05 " PS "bf ff ff ff ff 00 05 " PS A, HEADER_50 " 54+5/7 63+5/7" },
    { "a length beyond the input, of a record that is whole", WN_FRAMING_AUTO,
      ONE "40 05 " PS A "00 05 " PS A, HEADER_50 " 54+5/7 63+5/7 frame-overflow=1" },
    { "a length beyond the input, of the last record", WN_FRAMING_AUTO, ONE "40 05 " PS A,
      HEADER_50 " 54+5/7 frame-overflow=1" },
    { "a record longer than its length can say (free5GC)", WN_FRAMING_AUTO,
      ONE "00 05 " PS "a0 83 01 00 00 04*65536 00 05 " PS A,
      HEADER_50 " 54+65541/7 65599+5/7 frame-overflow=1" },
    { "frames without a record", WN_FRAMING_AUTO, ONE "00 00 " PS "00 00 " PS "00 05 " PS A,
      HEADER_50 " 62+5/7 frame-empty=2" },
    { "a frame of nothing but its header", WN_FRAMING_AUTO, ONE "00 04 " PS "00 05 " PS A,
      HEADER_50 " 58+5/7 frame-empty=1 frame-length=1" },
    { "another encoding", WN_FRAMING_AUTO, ONE "00 03 c1 47 40 02 10 00 05 " PS A,
      HEADER_50 " !unsupported-encoding@54+3/7 61+5/7" },
    { "XER", WN_FRAMING_AUTO, ONE "00 04 c1 87 3c 61 2f 3e",
      HEADER_50 " !unsupported-encoding@54+4/7" },
    { "a format that is none, of a record that is one", WN_FRAMING_AUTO,
      ONE "00 05 c1 07 " A "00 05 " PS A, HEADER_50 " 54+5/7 63+5/7" },
    { "a format that is none, of something else", WN_FRAMING_AUTO,
      ONE "00 05 " PS A "00 03 c1 e7 40 02 10 00 05 " PS A,
      HEADER_50 " 54+5/7 !unsupported-encoding@63+3/7 70+5/7" },
    { "padding behind the last record", WN_FRAMING_AUTO, ONE "00 05 " PS A "00*300",
      HEADER_50 " 54+5/7" },
    { "three octets of padding behind the last record", WN_FRAMING_AUTO,
      ONE "00 05 " PS A "ff ff ff", HEADER_50 " 54+5/7" },
    { "padding between records", WN_FRAMING_AUTO,
      ONE "00 05 " PS A "00*11 05 " PS A "ff*11 00 05 " PS A, HEADER_50 " 54+5/7 73+5/7 93+5/7" },
    { "an odd octet of padding between records", WN_FRAMING_AUTO,
      ONE "00 05 " PS A "00 00 05 " PS A, HEADER_50 " 54+5/7 64+5/7" },
    { "octets where a header should stand", WN_FRAMING_AUTO,
      ONE "00 05 " PS A "12 34 56 f8 9a 00 05 " PS A, HEADER_50 " 54+5/7 !frame-lost@59+14" },
    { "a length that no reading makes right", WN_FRAMING_AUTO,
      ONE "00 05 " PS A "00 06 " PS "a0 09 80 01 00 00 05 " PS A "00 05 " PS A,
      HEADER_50 " 54+5/7 !frame-lost@59+27" },
    { "an input that ends in a header", WN_FRAMING_AUTO, ONE "00 05 " PS A "00 05 c1",
      HEADER_50 " 54+5/7 !record-cut@59+3" },
    { "an input that ends in a record", WN_FRAMING_AUTO, ONE "00 05 " PS A "00 05 " PS "a0 03",
      HEADER_50 " 54+5/7 !record-cut@59+6" },
    { "an input that ends so that a length seems to count its header", WN_FRAMING_AUTO,
      ONE "00 07 " PS "bf 4f 04", HEADER_50 " !record-cut@50+7" },
    { "a record header of gtp-guard without its mark", WN_FRAMING_AUTO,
      GUARD "00 05 e6 e6 00 " A "00 05 e6 e7 00 " A "00 05 00 00 00 a1 01 00 00 00",
      "#0+24{length=34 count=1} 29+5 39+5 49+3 frame-excess=1" },
    { "zeros between records with lengths", WN_FRAMING_PREFIXED, "00 05 " A "00*8 00 05 " A,
      "2+5 17+5" },
    { "a length of zero between records", WN_FRAMING_PREFIXED, "00 05 " A "00 00 00 05 " A,
      "2+5 11+5 frame-empty=1" },
    { "a record by itself that is cut", WN_FRAMING_AUTO, A "bf 4f 04 80 01",
      "0+5 !record-cut@5+5" },
    { "the only record, cut", WN_FRAMING_AUTO, "bf 4f 04 80 01 55", "!record-cut@0+6" },
    { "an indefinite length without end", WN_FRAMING_AUTO, A "a0 80 80 01 00 ",
      "0+5 !record-cut@5+5" },
    { "what is no record behind a record", WN_FRAMING_AUTO, A B "80 01 00 " A,
      "0+5 !frame-lost@5+15" },
    { "a record of another class", WN_FRAMING_BER, A "00 60 03 80 01 00 " A,
      "0+5 !frame-lost@6+10" },
    { "a tag that can't be read", WN_FRAMING_AUTO, A "bf ff ff ff ff 01 00 " A,
      "0+5 !frame-lost@5+12" },
    { "a length that can't be true", WN_FRAMING_AUTO, A "a0 84 7f ff ff ff 80 01 00 " A,
      "0+5 !record-too-long@5+14" },
    { "a length that leads into the next block", WN_FRAMING_AUTO,
      A "ff*2043 " A "ff*2043 " A "a0 82 08 00 80 01 00 ff*2036 " A,
      "0+5 2048+5 4096+5 !record-cut@4101+2043 6144+5" },
    { "a length that leads into the next block, named", WN_FRAMING_BLOCKS,
      A "a0 82 08 00 80 01 00 ff*2036 " A, "0+5 !record-cut@5+2043 2048+5" },
    { "what is no record in a block", WN_FRAMING_BLOCKS, A "00 12 34 ff*2040 " A,
      "0+5 !frame-lost@6+2042 2048+5" },
    { "a CallEventDataFile with a broken record", WN_FRAMING_AUTO,
      "30 13 a1 0c " A "a0 09 80 01 00 00 00 a2 03 84 01 02",
      "#0+2{length=21} 4+5 !record-cut@9+7 #16+5{count=2}" },
    { "a CallEventDataFile that is cut among its records", WN_FRAMING_AUTO,
      "30 13 a1 0c " A "a0 03", "#0+2{length=21} 4+5 !record-cut@9+2" },
    { "a CallEventDataFile that is cut in its trailer", WN_FRAMING_AUTO,
      "30 0c a1 05 " A "a2 03 84", "#0+2{length=14} 4+5 !record-cut@9+3" },
    { "what is no CallEventDataFile, named", WN_FRAMING_CEDF, A, "!unknown-framing@0+5" },
    { "something behind a CallEventDataFile", WN_FRAMING_AUTO, "30 07 a1 05 " A "61 ff ff ff ff ff",
      "#0+2{length=9} 4+5 !frame-lost@9+6" },
};

static void check(void **state)
{
    static const size_t steps[] = { 0, 1, 2, 7, 4096 };
    const struct row *row = *state;
    struct wn_buffer bytes = { 0 };
    frame_bytes(row->input, &bytes);
    for (size_t i = 0; i < WN_COUNT(steps); i++) {
        if (steps[i] > 0 && steps[i] < 64 && bytes.len > 8192) {
            continue; // Each step copies what is left.
        }
        struct wn_buffer text = { 0 };
        frame_tell(wn_buffer_slice(&bytes), row->named, steps[i], &text);
        assert_string_equal((const char *)text.at, row->told);
        wn_buffer_deinit(&text);
    }
    wn_buffer_deinit(&bytes);
}

/** What is lost has no limit, but its pieces have. */
static void loses_no_more_than_a_record_at_once(void **state)
{
    static const size_t steps[] = { 0, 1 << 20 };
    (void)state;
    for (size_t i = 0; i < WN_COUNT(steps); i++) {
        struct wn_buffer bytes = { 0 };
        struct wn_buffer text = { 0 };
        frame_bytes(A B "12 34 ", &bytes);
        memset(wn_buffer_room(&bytes, 40 << 20), 0x12, 40 << 20);
        bytes.len += 40 << 20;
        frame_tell(wn_buffer_slice(&bytes), WN_FRAMING_AUTO, steps[i], &text);
        assert_string_equal((const char *)text.at,
                            "0+5 !frame-lost@5+16777216 !frame-lost@16777221+16777216 "
                            "!frame-lost@33554437+8388617");
        wn_buffer_deinit(&bytes);
        wn_buffer_deinit(&text);
    }
}

static void finds_framings_by_name(void **state)
{
    (void)state;
    assert_int_equal(wn_framing_find(wn_slice_of("cedf")), WN_FRAMING_CEDF);
    assert_int_equal(wn_framing_find(wn_slice_of("auto")), WN_FRAMING_AUTO);
    assert_int_equal(wn_framing_find(wn_slice_of("Auto")), WN_FRAMINGS);
    assert_null(wn_framing_name(WN_FRAMINGS));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(finds_framings_by_name),
                                        cmocka_unit_test(loses_no_more_than_a_record_at_once) };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, told, check);
    WN_ADD_TABLE(&all, broken, check);
    return wn_run_tests("frame", &all);
}
