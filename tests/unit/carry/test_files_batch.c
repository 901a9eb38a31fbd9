// SPDX-License-Identifier: Apache-2.0

#include "files_batch.h"

#include <stdlib.h>

#include "scratch_folder.h"
#include "winnow/container.h"

enum {
    BILLING,
    INSIGHT
};

static struct wn_type type = {
    .shape = { .type = "call" },
    .purposes = {
        { .name = "billing", .number = BILLING, .schema = (char[]){ "\"string\"" } },
        { .name = "insight", .number = INSIGHT, .schema = (char[]){ "\"string\"" } },
    },
    .n_purposes = 2,
};
static struct wn_policy policy = { .types = &type, .n_types = 1 };

static const char id[] = "00112233445566778899aabbccddeeff";

/** A batch in a folder of its own. */
struct bed {
    char top[PATH_MAX];
    struct wn_folder folder;
    struct wn_mac *key;
    struct wn_batch batch;
};

static void bed_make(struct bed *bed)
{
    static const uint8_t octets[WN_KEY_BYTES] = { 1, 2, 3 };
    struct wn_error err;
    *bed = (struct bed){ 0 };
    scratch_make(bed->top);
    assert_int_equal(wn_folder_open(bed->top, &bed->folder, &err), WN_OK);
    bed->key = wn_mac_open(octets);
    assert_non_null(bed->key);
    bed->batch.folder = &bed->folder;
    bed->batch.policy = &policy;
    bed->batch.file_key = bed->key;
    wn_batch_begin(&bed->batch, 7, id);
}

static void bed_remove(struct bed *bed)
{
    wn_batch_deinit(&bed->batch);
    wn_mac_close(bed->key);
    wn_folder_close(&bed->folder);
    scratch_remove(bed->top);
}

/** Add a record that is one letter of Avro string. */
static void add(struct bed *bed, unsigned purpose, char letter, uint64_t order)
{
    const char avro[2] = { 2, letter };
    const struct wn_usage usage = {
        .type = &type, .purpose = &type.purposes[purpose], .avro = { avro, 2 }, .order = order
    };
    struct wn_error err;
    assert_int_equal(wn_batch_usage(&bed->batch, &usage, &err), WN_OK);
}

/** Read an outlet's letters back, in their order; and its marker. */
static struct wn_buffer letters(const struct bed *bed, const struct wn_outlet *outlet,
                                uint8_t ret_sync[16])
{
    char path[PATH_MAX];
    struct wn_container_reader *reader = NULL;
    struct wn_slice block;
    struct wn_buffer text = { 0 };
    struct wn_error err;
    uint64_t n = 0;
    assert_int_equal(wn_container_open(scratch_path(bed->top, outlet->aside, path), &reader, &err),
                     WN_OK);
    do {
        assert_int_equal(wn_container_block(reader, &block, &n, &err), WN_OK);
        for (size_t i = 1; i < block.len; i += 2) {
            wn_buffer_add(&text, &block.at[i], 1);
        }
    } while (n > 0);
    memcpy(ret_sync, wn_container_sync(reader), 16);
    wn_container_reader_close(reader);
    return text;
}

static void has_no_file_without_records(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_error err;
    unsigned at = 0;
    bed_make(&bed);
    assert_int_equal(wn_batch_finish(&bed.batch, &err), WN_OK);
    assert_null(wn_batch_next(&bed.batch, &at));
    assert_int_equal(scratch_count(bed.top, "tmp"), 0);
    bed_remove(&bed);
}

static void keeps_billing_s_order_and_shuffles_the_others(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_error err;
    uint8_t syncs[3][16];
    unsigned at = 0;
    bed_make(&bed);
    static const uint64_t orders[] = { 50, 20, 20, 40, 20 };
    static const char given[] = "abcde";
    for (size_t i = 0; i < WN_COUNT(orders); i++) {
        add(&bed, BILLING, given[i], 0);
        add(&bed, INSIGHT, given[4 - i], orders[i]);
    }
    assert_int_equal(wn_batch_quarantine(&bed.batch, wn_slice_of("\x02q"), &err), WN_OK);
    assert_int_equal(wn_batch_finish(&bed.batch, &err), WN_OK);

    const struct wn_outlet *billing = wn_batch_next(&bed.batch, &at);
    const struct wn_outlet *insight = wn_batch_next(&bed.batch, &at);
    const struct wn_outlet *quarantine = wn_batch_next(&bed.batch, &at);
    assert_null(wn_batch_next(&bed.batch, &at));
    assert_string_equal(billing->file, "usage.billing.call/00112233445566778899aabbccddeeff.avro");
    assert_string_equal(quarantine->file, "quarantine/00112233445566778899aabbccddeeff.avro");
    assert_int_equal(billing->records, 5);

    struct wn_buffer text = letters(&bed, billing, syncs[0]);
    assert_true(wn_slice_is(wn_buffer_slice(&text), "abcde"));
    wn_buffer_deinit(&text);
    // By order; of the three with order 20 (d, c, a) by their octets.
    text = letters(&bed, insight, syncs[1]);
    assert_true(wn_slice_is(wn_buffer_slice(&text), "acdbe"));
    wn_buffer_deinit(&text);
    text = letters(&bed, quarantine, syncs[2]);
    wn_buffer_deinit(&text);

    // No two containers of a batch have a marker in common, and insight's name tells nothing.
    assert_memory_not_equal(syncs[0], syncs[1], 16);
    assert_memory_not_equal(syncs[0], syncs[2], 16);
    assert_true(strncmp(insight->file, "usage.insight.call/", 19) == 0);
    assert_int_equal(strlen(insight->file), 19 + 32 + strlen(".avro"));
    assert_null(strstr(insight->file, id));
    bed_remove(&bed);
}

static void shuffles_up_to_a_million(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_error err;
    uint8_t sync[16];
    unsigned at = 0;
    bed_make(&bed);
    for (unsigned i = 0; i < WN_BATCH_SHUFFLED; i++) {
        add(&bed, INSIGHT, 'x', WN_BATCH_SHUFFLED - i);
    }
    add(&bed, INSIGHT, 'b', 2);
    add(&bed, INSIGHT, 'a', 1);
    assert_int_equal(wn_batch_finish(&bed.batch, &err), WN_OK);
    struct wn_buffer text = letters(&bed, wn_batch_next(&bed.batch, &at), sync);
    assert_int_equal(text.len, WN_BATCH_SHUFFLED + 2);
    assert_memory_equal(text.at + WN_BATCH_SHUFFLED - 2, "xxab", 4);
    wn_buffer_deinit(&text);
    bed_remove(&bed);
}

/** Records of 4 MiB: as many as fit wait for each other. */
static void shuffles_up_to_so_many_octets(void **state)
{
    (void)state;
    enum {
        LONG = 4 << 20,
        FIT = WN_BATCH_SHUFFLED_BYTES / LONG
    };
    struct bed bed;
    struct wn_error err;
    char *octets = calloc(LONG, 1);
    assert_non_null(octets);
    bed_make(&bed);
    for (unsigned i = 0; i < FIT; i++) {
        const struct wn_usage usage = { .type = &type,
                                        .purpose = &type.purposes[INSIGHT],
                                        .avro = { octets, LONG },
                                        .order = FIT - i };
        assert_int_equal(bed.batch.outlets[INSIGHT].n_rows, i);
        assert_int_equal(wn_batch_usage(&bed.batch, &usage, &err), WN_OK);
    }
    assert_int_equal(bed.batch.outlets[INSIGHT].n_rows, 0);
    free(octets);
    bed_remove(&bed);
}

static void tells_the_hour_only(void **state)
{
    (void)state;
    struct bed bed;
    struct wn_error err;
    struct stat status;
    char path[PATH_MAX];
    unsigned at = 0;
    bed_make(&bed);
    add(&bed, INSIGHT, 'x', 1);
    assert_int_equal(wn_batch_finish(&bed.batch, &err), WN_OK);
    const struct wn_outlet *insight = wn_batch_next(&bed.batch, &at);
    assert_int_equal(stat(scratch_path(bed.top, insight->aside, path), &status), 0);
    assert_int_equal(status.st_mtim.tv_sec % 3600, 0);
    assert_int_equal(status.st_mtim.tv_nsec, 0);
    bed_remove(&bed);
}

static void gives_the_same_names_and_bytes_again(void **state)
{
    (void)state;
    char sha256[2][WN_SHA256_HEX];
    char file[2][192];
    for (unsigned i = 0; i < 2; i++) {
        struct bed bed;
        struct wn_error err;
        unsigned at = 0;
        bed_make(&bed);
        // A batch that was given up leaves no trace in the next one.
        if (i == 1) {
            add(&bed, INSIGHT, 'z', 3);
            wn_batch_close(&bed.batch);
            wn_folder_empty_aside(&bed.folder);
            wn_batch_begin(&bed.batch, 7, id);
        }
        add(&bed, INSIGHT, 'x', 2);
        add(&bed, INSIGHT, 'y', 1);
        assert_int_equal(wn_batch_finish(&bed.batch, &err), WN_OK);
        const struct wn_outlet *insight = wn_batch_next(&bed.batch, &at);
        memcpy(sha256[i], insight->sha256, sizeof(sha256[i]));
        memcpy(file[i], insight->file, sizeof(file[i]));
        bed_remove(&bed);
    }
    assert_string_equal(sha256[0], sha256[1]);
    assert_string_equal(file[0], file[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_no_file_without_records),
        cmocka_unit_test(keeps_billing_s_order_and_shuffles_the_others),
        cmocka_unit_test(shuffles_up_to_a_million),
        cmocka_unit_test(shuffles_up_to_so_many_octets),
        cmocka_unit_test(tells_the_hour_only),
        cmocka_unit_test(gives_the_same_names_and_bytes_again),
    };
    return cmocka_run_group_tests_name("files-batch", tests, NULL, NULL);
}
