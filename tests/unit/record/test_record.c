// SPDX-License-Identifier: Apache-2.0

/** Shapes: slots found by name, and those that the engine binds. */

#include "table.h"
#include "winnow/record.h"

static const char *const flags[] = { "ambiguous_time", "node_zone" };

static struct wn_shape shape_of(void)
{
    struct wn_shape shape = {
        .type = "session",
        .fields = { { .name = "record_id", .made = WN_MADE_RECORD_ID },
                    { .name = "start", .kind = WN_KIND_TIME },
                    { .name = "duration", .kind = WN_KIND_DURATION },
                    { .name = "usage" },
                    { .name = "counterpart", .kind = WN_KIND_NUMBER, .made = WN_MADE_OTHER } },
        .n_fields = 5,
        .items = { { .name = "rating_group", .kind = WN_KIND_COUNT },
                   { .name = "uplink", .kind = WN_KIND_OCTETS } },
        .n_items = 2,
        .flags = flags,
        .n_flags = 2,
    };
    wn_shape_bind(&shape);
    return shape;
}

static void finds_slots_by_name(void **state)
{
    (void)state;
    const struct wn_shape shape = shape_of();
    assert_int_equal(wn_shape_find(&shape, wn_slice_of("start")), 1);
    assert_int_equal(wn_shape_find(&shape, wn_slice_of("star")), WN_NO_SLOT);
    assert_int_equal(wn_shape_find(&shape, wn_slice_of("")), WN_NO_SLOT);
}

static void binds_what_is_there(void **state)
{
    (void)state;
    const struct wn_shape shape = shape_of();
    assert_int_equal(shape.bound.start, 1);
    assert_int_equal(shape.bound.duration, 2);
    assert_int_equal(shape.group, 3);
    assert_int_equal(shape.bound.other, 4);
    assert_int_equal(shape.bound.end, WN_NO_SLOT);
    assert_int_equal(shape.bound.called, WN_NO_SLOT);
    assert_int_equal(shape.bound.utc_offset, WN_NO_SLOT);
    assert_int_equal(shape.bound.subscriber, WN_NO_SLOT);
}

static void has_no_slot_beyond_the_bitmap(void **state)
{
    (void)state;
    const struct wn_record record = { .present = UINT64_MAX - 1 };
    assert_false(wn_record_has(&record, 0));
    assert_true(wn_record_has(&record, 63));
    assert_false(wn_record_has(&record, 64));
    assert_false(wn_record_has(&record, WN_NO_SLOT));
}

static void finds_symbols(void **state)
{
    (void)state;
    assert_int_equal(wn_symbol_find(flags, 2, wn_slice_of("node_zone")), 1);
    assert_int_equal(wn_symbol_find(flags, 2, wn_slice_of("node")), -1);
    assert_int_equal(wn_symbol_find(NULL, 0, wn_slice_of("node")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_slots_by_name),
        cmocka_unit_test(binds_what_is_there),
        cmocka_unit_test(has_no_slot_beyond_the_bitmap),
        cmocka_unit_test(finds_symbols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
