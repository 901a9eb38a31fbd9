// SPDX-License-Identifier: Apache-2.0

/** Avro's primitives: known answers of the specification, and avro-c for random ones. */

#include "table.h"

#include <avro.h>

#include "winnow/avro.h"

/** Avro 1.11, "Binary encoding", table of zig-zag examples, and the ends of the range. */
static const struct row {
    const char *name;
    int64_t number;
    uint8_t bytes[10];
    size_t len;
} rows[] = {
    { "0", 0, { 0x00 }, 1 },
    { "-1", -1, { 0x01 }, 1 },
    { "1", 1, { 0x02 }, 1 },
    { "-2", -2, { 0x03 }, 1 },
    { "-64", -64, { 0x7f }, 1 },
    { "64", 64, { 0x80, 0x01 }, 2 },
    { "a time", 1795514400000, { 0x80, 0xf4, 0xfb, 0xcf, 0xc1, 0x68 }, 6 },
    { "the largest",
      INT64_MAX,
      { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 },
      10 },
    { "the smallest",
      INT64_MIN,
      { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 },
      10 },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer out = { 0 };

    wn_avro_long(&out, row->number);
    assert_int_equal(out.len, row->len);
    assert_memory_equal(out.at, row->bytes, row->len);
    wn_buffer_deinit(&out);
}

static void appends_the_other_primitives(void **state)
{
    (void)state;
    static const uint8_t wanted[] = { 0x06, 'f', 'o', 'o', 0x01, 0x00, 0x00, 0xca, 0xfe };
    struct wn_buffer out = { 0 };

    wn_avro_bytes(&out, "foo", 3);
    wn_avro_boolean(&out, true);
    wn_avro_boolean(&out, false);
    wn_avro_bytes(&out, NULL, 0);
    wn_avro_fixed(&out, "\xca\xfe", 2);
    assert_int_equal(out.len, sizeof(wanted));
    assert_memory_equal(out.at, wanted, sizeof(wanted));
    wn_buffer_deinit(&out);
}

static void writes_random_longs_as_avro_c_does(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252u;
    avro_value_iface_t *class = avro_generic_long_class();
    avro_value_t value;
    avro_generic_value_new(class, &value);

    for (unsigned i = 0; i < 10000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int64_t number = (int64_t)random >> (random % 64);
        char theirs[16];
        struct wn_buffer ours = { 0 };
        avro_writer_t writer = avro_writer_memory(theirs, sizeof(theirs));
        avro_value_set_long(&value, number);
        assert_int_equal(avro_value_write(writer, &value), 0);
        wn_avro_long(&ours, number);
        assert_int_equal(ours.len, avro_writer_tell(writer));
        assert_memory_equal(ours.at, theirs, ours.len);
        avro_writer_free(writer);
        wn_buffer_deinit(&ours);
    }
    avro_value_decref(&value);
    avro_value_iface_decref(class);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_the_other_primitives),
        cmocka_unit_test(writes_random_longs_as_avro_c_does),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("avro", &all);
}
