// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

#include "table.h"

#include "head.h"
#include "winnow/hash.h"

/** Written by hand from the drawing in head.c; the CRC stands apart. */
static const char known[] = "01"
                            "0000000177"       // group "w"
                            "00000004"         // partitions
                            "0102030405060708" // rule id
                            "0000000000000009" // sequence
                            "0000000000000100" // next offset
                            "00000000000000ff" // last record: offset,
                            "0000018bcfe56800" //   2023-11-14T22:13:20Z,
                            "deadbeef"         //   CRC
                            "0000000000000002" // closed
                            "000000026162"     // previous "ab"
                            "00000002"         // days
                            "00004fe0"         //   20448
                            "0000000000000005" //   offset
                            "0000000000000003" //   sequence
                            "00004fe1"         //   20449
                            "0000000000000007" //   offset
                            "0000000000000004" //   sequence
                            "000000027b7d";    // open "{}"

static struct wn_head example(void)
{
    struct wn_head head = { .group = "w",
                            .partitions = 4,
                            .rule_id = { 1, 2, 3, 4, 5, 6, 7, 8 },
                            .sequence = 9,
                            .next_offset = 256,
                            .last = { 255, 1700000000000, 0xdeadbeef },
                            .closed = 2,
                            .previous = "ab",
                            .n_days = 2 };
    head.days[0] = (struct wn_day_mark){ 20448, 5, 3 };
    head.days[1] = (struct wn_day_mark){ 20449, 7, 4 };
    return head;
}

static struct wn_buffer written(void)
{
    struct wn_buffer bytes = { 0 };
    struct wn_head head = example();
    wn_head_write(&head, wn_slice_of("{}"), &bytes);
    return bytes;
}

static void writes_the_known_octets(void **state)
{
    (void)state;
    struct wn_buffer bytes = written();
    size_t len = strlen(known) / 2;
    uint8_t expected[256];
    assert_true(wn_unhex(wn_slice_of(known), len, expected));
    assert_int_equal(bytes.len, len + 4);
    assert_memory_equal(bytes.at, expected, len);
    uint32_t crc = wn_crc32c(0, expected, len);
    assert_int_equal(bytes.at[len], crc >> 24);
    assert_int_equal(bytes.at[len + 3], crc & 0xff);
    wn_buffer_deinit(&bytes);
}

static void reads_back_what_it_wrote(void **state)
{
    (void)state;
    struct wn_buffer bytes = written();
    struct wn_head head;
    struct wn_slice open;
    struct wn_error err;
    assert_true(wn_head_read(wn_buffer_slice(&bytes), &head, &open, &err) == WN_OK);
    struct wn_head expected = example();
    assert_string_equal(head.group, expected.group);
    assert_int_equal(head.partitions, 4);
    assert_memory_equal(head.rule_id, expected.rule_id, 8);
    assert_int_equal(head.sequence, 9);
    assert_int_equal(head.next_offset, 256);
    assert_int_equal(head.last.offset, 255);
    assert_true(head.last.timestamp_ms == 1700000000000);
    assert_true(head.last.crc == 0xdeadbeef);
    assert_int_equal(head.closed, 2);
    assert_string_equal(head.previous, "ab");
    assert_int_equal(head.n_days, 2);
    assert_int_equal(head.days[1].day, 20449);
    assert_int_equal(head.days[1].offset, 7);
    assert_int_equal(head.days[1].sequence, 4);
    assert_true(wn_slice_is(open, "{}"));
    wn_buffer_deinit(&bytes);
}

static void refuses_a_head_that_is_cut_anywhere(void **state)
{
    (void)state;
    struct wn_buffer bytes = written();
    for (size_t len = 0; len < bytes.len; len++) {
        // A copy of its own, so that a sanitizer sees a read behind the end.
        char *cut = malloc(len + 1);
        assert_non_null(cut);
        memcpy(cut, bytes.at, len);
        struct wn_head head;
        struct wn_slice open;
        struct wn_error err = { 0 };
        assert_true(wn_head_read((struct wn_slice){ cut, len }, &head, &open, &err) == WN_FATAL);
        assert_string_equal(err.reason, "state-lost");
        free(cut);
    }
    wn_buffer_deinit(&bytes);
}

static void refuses_a_head_with_any_octet_changed(void **state)
{
    (void)state;
    struct wn_buffer bytes = written();
    for (size_t i = 0; i < bytes.len; i++) {
        struct wn_head head;
        struct wn_slice open;
        struct wn_error err = { 0 };
        bytes.at[i] ^= 0x10;
        assert_true(wn_head_read(wn_buffer_slice(&bytes), &head, &open, &err) == WN_FATAL);
        bytes.at[i] ^= 0x10;
    }
    wn_buffer_deinit(&bytes);
}

static void refuses_a_head_with_something_behind_it(void **state)
{
    (void)state;
    struct wn_buffer bytes = written();
    wn_buffer_text(&bytes, "x");
    struct wn_head head;
    struct wn_slice open;
    struct wn_error err = { 0 };
    assert_true(wn_head_read(wn_buffer_slice(&bytes), &head, &open, &err) == WN_FATAL);
    wn_buffer_deinit(&bytes);
}

static void reads_a_mark_off_the_front(void **state)
{
    (void)state;
    struct wn_buffer bytes = { 0 };
    const struct wn_mark mark = { WN_LOG_HEAD, 0x0102030405060708, 3 };
    wn_mark_write(&mark, &bytes);
    wn_buffer_text(&bytes, "body");
    const uint8_t expected[] = { 2, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 3 };
    assert_memory_equal(bytes.at, expected, sizeof(expected));

    struct wn_slice rest = wn_buffer_slice(&bytes);
    struct wn_mark read;
    struct wn_error err;
    assert_true(wn_mark_read(&rest, &read, &err) == WN_OK);
    assert_int_equal(read.kind, WN_LOG_HEAD);
    assert_true(read.sequence == mark.sequence);
    assert_int_equal(read.part, 3);
    assert_true(wn_slice_is(rest, "body"));
    wn_buffer_deinit(&bytes);
}

static void refuses_what_is_no_mark(void **state)
{
    (void)state;
    const char *const none[] = { "", "\x02short", "\x03 kind of nobody" };
    for (size_t i = 0; i < WN_COUNT(none); i++) {
        struct wn_slice bytes = wn_slice_of(none[i]);
        struct wn_mark mark;
        struct wn_error err = { 0 };
        assert_true(wn_mark_read(&bytes, &mark, &err) == WN_FATAL);
        assert_string_equal(err.reason, "state-lost");
    }
}

static void notes_the_first_changes_of_a_day_only(void **state)
{
    (void)state;
    struct wn_head head = { 0 };
    wn_head_note(&head, 100, 38, 5, 1);
    wn_head_note(&head, 100, 38, 9, 2);
    wn_head_note(&head, 101, 38, 12, 3);
    assert_int_equal(head.n_days, 2);
    assert_int_equal(head.days[0].offset, 5);
    assert_int_equal(head.days[0].sequence, 1);
    assert_int_equal(head.days[1].offset, 12);
}

static void forgets_days_that_no_record_needs(void **state)
{
    (void)state;
    struct wn_head head = { 0 };
    wn_head_note(&head, 100, 38, 5, 1);
    wn_head_note(&head, 101, 38, 12, 3);
    wn_head_forget(&head, 138, 38);
    assert_int_equal(head.n_days, 2); // The last day of the window still counts.
    wn_head_forget(&head, 139, 38);
    assert_int_equal(head.n_days, 1);
    assert_int_equal(head.days[0].day, 101);
    wn_head_forget(&head, 200, 38);
    assert_int_equal(head.n_days, 0);
}

static void keeps_the_order_where_the_clock_is_set_back(void **state)
{
    (void)state;
    struct wn_head head = { 0 };
    wn_head_note(&head, 100, 38, 5, 1);
    wn_head_note(&head, 99, 38, 9, 2);
    assert_int_equal(head.n_days, 1);
    assert_int_equal(head.days[0].day, 100);
}

static void holds_no_more_days_than_there_is_room_for(void **state)
{
    (void)state;
    struct wn_head head = { 0 };
    for (int32_t day = 0; day < WN_DAY_MARKS + 5; day++) {
        wn_head_note(&head, day, 100000, day, day);
    }
    assert_int_equal(head.n_days, WN_DAY_MARKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_known_octets),
        cmocka_unit_test(reads_back_what_it_wrote),
        cmocka_unit_test(refuses_a_head_that_is_cut_anywhere),
        cmocka_unit_test(refuses_a_head_with_any_octet_changed),
        cmocka_unit_test(refuses_a_head_with_something_behind_it),
        cmocka_unit_test(reads_a_mark_off_the_front),
        cmocka_unit_test(refuses_what_is_no_mark),
        cmocka_unit_test(notes_the_first_changes_of_a_day_only),
        cmocka_unit_test(forgets_days_that_no_record_needs),
        cmocka_unit_test(keeps_the_order_where_the_clock_is_set_back),
        cmocka_unit_test(holds_no_more_days_than_there_is_room_for),
    };
    return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
