// SPDX-License-Identifier: Apache-2.0

#include "winnow/slice.h"

#include "table.h"
#include "winnow/arena.h"
#include "winnow/error.h"

struct number_row {
    const char *name;
    const char *text;
    bool fine;
    uint64_t number;
};

static const struct number_row numbers[] = {
    { "reads zero", "0", true, 0 },
    { "reads leading zeros", "00042", true, 42 },
    { "reads the largest", "18446744073709551615", true, UINT64_MAX },
    { "refuses one more than the largest", "18446744073709551616", false, 0 },
    { "refuses ten times the largest", "184467440737095516150", false, 0 },
    { "refuses nothing", "", false, 0 },
    { "refuses a sign", "-1", false, 0 },
    { "refuses a space behind", "1 ", false, 0 },
    { "refuses a letter", "1a", false, 0 },
    { "refuses an octet above ASCII", "1\xb2", false, 0 },
};

static void check_number(void **state)
{
    const struct number_row *row = *state;
    uint64_t number = 77;
    assert_int_equal(wn_slice_number(wn_slice_of(row->text), &number), row->fine);
    assert_true(number == (row->fine ? row->number : 77));
}

struct strip_row {
    const char *name;
    const char *text, *stripped;
};

static const struct strip_row strips[] = {
    { "strips both ends", " \tx y\t ", "x y" },      { "keeps what has none", "xy", "xy" },
    { "leaves nothing of blanks", " \t ", "" },      { "takes nothing", "", "" },
    { "keeps other white space", "\nx\r", "\nx\r" },
};

static void check_strip(void **state)
{
    const struct strip_row *row = *state;
    assert_true(wn_slice_is(wn_slice_strip(wn_slice_of(row->text)), row->stripped));
}

static const struct octets_row {
    const char *name;
    uint64_t number;
    unsigned octets;
    const char *written;
} octets_rows[] = {
    { "one octet", 0xfe, 1, "\xfe" },
    { "the highest octet first", 0x01020384, 4, "\x01\x02\x03\x84" },
    { "no more octets than are asked for", 0x01020384, 2, "\x03\x84" },
    { "eight octets", UINT64_MAX - 1, 8, "\xff\xff\xff\xff\xff\xff\xff\xfe" },
};

static void check_octets(void **state)
{
    const struct octets_row *row = *state;
    const uint64_t all = row->octets == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * row->octets) - 1;
    struct wn_buffer buffer = { 0 };
    uint64_t number = 77;
    wn_buffer_text(&buffer, "x");
    wn_buffer_put(&buffer, row->number, row->octets);
    assert_int_equal(buffer.len, 1 + row->octets);
    assert_memory_equal(buffer.at + 1, row->written, row->octets);
    struct wn_slice rest = wn_slice_after(wn_buffer_slice(&buffer), 1);
    struct wn_slice cut = { rest.at, rest.len - 1 };
    assert_false(wn_slice_take(&cut, row->octets, &number));
    assert_true(number == 77 && cut.len == rest.len - 1);
    assert_true(wn_slice_take(&rest, row->octets, &number));
    assert_true(number == (row->number & all) && rest.len == 0);
    wn_buffer_deinit(&buffer);
}

static void compares(void **state)
{
    (void)state;
    struct wn_slice none = { 0 };
    assert_true(wn_slice_is(none, ""));
    assert_true(wn_slice_same(none, wn_slice_of("")));
    assert_true(wn_slice_same(wn_slice_of("ab"), wn_slice_of("ab")));
    assert_false(wn_slice_same(wn_slice_of("ab"), wn_slice_of("abc")));
    assert_false(wn_slice_same(wn_slice_of("ab"), wn_slice_of("ac")));
    assert_true(wn_slice_same_any_case(none, wn_slice_of("")));
    assert_true(wn_slice_same_any_case(wn_slice_of("Ab-9Z"), wn_slice_of("aB-9z")));
    assert_false(wn_slice_same_any_case(wn_slice_of("ab"), wn_slice_of("abc")));
    assert_false(wn_slice_same_any_case(wn_slice_of("ab["), wn_slice_of("ab{")));
    assert_false(wn_slice_is(wn_slice_of("abc"), "ab"));
    assert_true(wn_slice_starts(wn_slice_of("abc"), "ab"));
    assert_false(wn_slice_starts(wn_slice_of("a"), "ab"));
    assert_true(wn_slice_is(wn_slice_after(wn_slice_of("abc"), 2), "c"));
}

static void grows_a_buffer(void **state)
{
    (void)state;
    struct wn_buffer buffer = { 0 };
    for (int i = 0; i < 1000; i++) {
        wn_buffer_format(&buffer, "%04d", i);
    }
    assert_int_equal(buffer.len, 4000);
    assert_true(buffer.capacity >= 4000);
    assert_memory_equal(buffer.at + 3996, "0999", 4);
    wn_buffer_text(&buffer, "end");
    assert_memory_equal(buffer.at + 4000, "end", 3);

    uint8_t *kept = buffer.at;
    wn_buffer_wipe(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_ptr_equal(buffer.at, kept);
    for (int i = 0; i < 4003; i++) {
        assert_int_equal(kept[i], 0);
    }
    wn_buffer_deinit(&buffer);
    wn_buffer_deinit(&buffer);
    assert_null(buffer.at);
}

static void takes_from_an_arena(void **state)
{
    (void)state;
    struct wn_arena arena = { 0 };
    const char *first = wn_arena_take(&arena, 1);
    const char *second = wn_arena_take(&arena, 1);
    assert_int_equal((uintptr_t)first % 16, 0);
    assert_int_equal((uintptr_t)second % 16, 0);
    assert_ptr_not_equal(first, second);

    const uint8_t *zeroed = wn_arena_zeroed(&arena, 100, 3);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(zeroed[i], 0);
    }
    struct wn_slice copy = wn_arena_copy(&arena, wn_slice_of("copy"));
    assert_string_equal(copy.at, "copy");
    assert_non_null(wn_arena_take(&arena, 1048576)); // A block of its own.

    wn_arena_reset(&arena);
    assert_ptr_equal(wn_arena_take(&arena, 1), first); // The first block is kept.
    assert_int_equal(*first, 0);                       // Wiped.
    wn_arena_deinit(&arena);
    wn_arena_deinit(&arena);
}

static void puts_context_in_front(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    assert_int_equal(wn_fail(&err, WN_REJECT, "bad-time", "month %d", 13), WN_REJECT);
    assert_int_equal(wn_context(&err, "start"), WN_REJECT);
    assert_int_equal(wn_context(&err, "%s@%d", "raw", 7), WN_REJECT);
    assert_string_equal(err.text, "raw@7: start: month 13");
    assert_string_equal(err.reason, "bad-time");
}

static void cuts_what_is_too_long(void **state)
{
    (void)state;
    struct wn_error err = { 0 };
    char place[600];
    memset(place, 'p', sizeof(place) - 1);
    place[sizeof(place) - 1] = '\0';
    wn_fail(&err, WN_FATAL, "keys", "inner");
    wn_context(&err, "%s", place);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    wn_fail(&err, WN_FATAL, "keys", "%s", place);
    wn_context(&err, "outer");
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_memory_equal(err.text, "outer: ppp", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(grows_a_buffer),
        cmocka_unit_test(takes_from_an_arena),
        cmocka_unit_test(puts_context_in_front),
        cmocka_unit_test(cuts_what_is_too_long),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, numbers, check_number);
    WN_ADD_TABLE(&all, strips, check_strip);
    WN_ADD_TABLE(&all, octets_rows, check_octets);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("slice", &all);
}
