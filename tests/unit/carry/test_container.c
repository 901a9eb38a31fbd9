// SPDX-License-Identifier: Apache-2.0

#include "scratch_folder.h"
#include "winnow/avro.h"
#include "winnow/container.h"

static const char schema[] = "\"bytes\"";
static const uint8_t marker[16] = { 's', 'y', 'n', 'c', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

/** The n-th record of a test: a text of `size` octets that zstd can't make nothing of. */
static void record_of(unsigned n, size_t size, struct wn_buffer *ret_record)
{
    struct wn_buffer text = { 0 };
    uint64_t state = n + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        uint8_t octet = (uint8_t)(state >> 56);
        wn_buffer_add(&text, &octet, 1);
    }
    ret_record->len = 0;
    wn_avro_bytes(ret_record, text.at, text.len);
    wn_buffer_deinit(&text);
}

static void write_container(const char *path, unsigned records, size_t size, char ret_sha256[65])
{
    struct wn_container *container = NULL;
    struct wn_error err;
    struct wn_buffer record = { 0 };
    uint64_t n = 99;
    assert_int_equal(wn_container_create(path, schema, marker, &container, &err), WN_OK);
    for (unsigned i = 0; i < records; i++) {
        record_of(i, size, &record);
        assert_int_equal(wn_container_add(container, wn_buffer_slice(&record), &err), WN_OK);
    }
    assert_int_equal(wn_container_finish(&container, ret_sha256, &n, &err), WN_OK);
    assert_null(container);
    assert_int_equal(n, records);
    wn_buffer_deinit(&record);
}

/** Read all: @return WN_OK and how many records and octets there are, or the fault. */
static enum wn_code read_container(const char *path, uint64_t *ret_records, size_t *ret_bytes,
                                   struct wn_buffer *ret_all, struct wn_error *err)
{
    struct wn_container_reader *reader = NULL;
    struct wn_slice block;
    uint64_t n = 0;
    *ret_records = 0;
    *ret_bytes = 0;
    if (wn_container_open(path, &reader, err) != WN_OK) {
        return err->code;
    }
    enum wn_code rc = WN_OK;
    do {
        rc = wn_container_block(reader, &block, &n, err);
        if (rc == WN_OK && ret_all) {
            wn_buffer_add(ret_all, block.at, block.len);
        }
        *ret_records += n;
        *ret_bytes += block.len;
    } while (rc == WN_OK && n > 0);
    wn_container_reader_close(reader);
    return rc;
}

static const struct trip {
    const char *name;
    size_t size; ///< Of a record.
    unsigned records;
    unsigned blocks; ///< 256 KiB of records each.
} trips[] = {
    { "has no block without records", 0, 0, 0 },
    { "carries one record", 10, 1, 1 },
    { "carries records without octets", 0, 3, 1 },
    { "carries many small records in one block", 60, 1000, 1 },
    { "begins a new block at 256 KiB", 1000, 600, 3 },
    { "carries a record larger than a block", 614400, 2, 2 },
};

static void check_trip(void **state)
{
    const struct trip *row = *state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    char sha256[65];
    char again[65];
    scratch_make(folder);
    write_container(scratch_path(folder, "a.avro", path), row->records, row->size, sha256);

    struct wn_buffer all = { 0 };
    struct wn_error err = { 0 };
    uint64_t n;
    size_t octets;
    assert_int_equal(read_container(path, &n, &octets, &all, &err), WN_OK);
    assert_int_equal(n, row->records);

    struct wn_buffer expected = { 0 };
    struct wn_buffer record = { 0 };
    for (unsigned i = 0; i < row->records; i++) {
        record_of(i, row->size, &record);
        wn_buffer_add(&expected, record.at, record.len);
    }
    assert_true(wn_slice_same(wn_buffer_slice(&all), wn_buffer_slice(&expected)));

    // The hash is the file's, and the same records give the same file.
    struct wn_buffer file = scratch_read(folder, "a.avro");
    uint8_t digest[32];
    char hex[65];
    wn_sha256_of(file.at, file.len, digest);
    wn_hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, sha256);
    write_container(scratch_path(folder, "b.avro", path), row->records, row->size, again);
    assert_string_equal(again, sha256);

    unsigned markers = 0;
    for (size_t i = 0; i + sizeof(marker) <= file.len; i++) {
        markers += memcmp(file.at + i, marker, sizeof(marker)) == 0 ? 1 : 0;
    }
    assert_int_equal(markers, row->blocks + 1);

    wn_buffer_deinit(&file);
    wn_buffer_deinit(&all);
    wn_buffer_deinit(&expected);
    wn_buffer_deinit(&record);
    scratch_remove(folder);
}

/** Magic, a map of two, the marker: written by hand after the specification. */
static const char header[] = "Obj\x01"
                             "\x04"
                             "\x14"
                             "avro.codec"
                             "\x12"
                             "zstandard"
                             "\x16"
                             "avro.schema"
                             "\x0e"
                             "\"bytes\""
                             "\x00";

static void writes_the_header_of_the_specification(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    char sha256[65];
    scratch_make(folder);
    write_container(scratch_path(folder, "a.avro", path), 0, 0, sha256);
    struct wn_buffer file = scratch_read(folder, "a.avro");
    assert_int_equal(file.len, sizeof(header) - 1 + sizeof(marker));
    assert_memory_equal(file.at, header, sizeof(header) - 1);
    assert_memory_equal(file.at + sizeof(header) - 1, marker, sizeof(marker));
    wn_buffer_deinit(&file);
    scratch_remove(folder);
}

#define SYNC "0123456789abcdef"

static const struct given {
    const char *name;
    const char *bytes;
    size_t len;
    const char *reason; ///< NULL: it is read, with one record of two octets.
    const char *text;   ///< Part of what is said.
} givens[] = {
#define G(bytes) bytes, sizeof(bytes) - 1
    { "reads a file without compression",
      G("Obj\x01\x02\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC "\x02\x04\x02x" SYNC),
      NULL, NULL },
    { "reads a map in several blocks with their sizes",
      G("Obj\x01\x01\x28\x16"
        "avro.schema\x0e\"bytes\"\x02\x14"
        "avro.codec\x08null\x00" SYNC "\x02\x04\x02x" SYNC),
      NULL, NULL },
    { "refuses an empty file", G(""), "file-read", "not an Avro container" },
    { "refuses what is no container", G("{\"receipt\":1}"), "file-read", "not an Avro container" },
    { "refuses another codec",
      G("Obj\x01\x04\x14"
        "avro.codec\x0e"
        "deflate\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC),
      "file-read", "codec" },
    { "refuses a header without a schema", G("Obj\x01\x00" SYNC), "file-read", "no schema" },
    { "refuses a cut header",
      G("Obj\x01\x02\x16"
        "avro.sch"),
      "file-read", "ends in the middle" },
    { "refuses a wild count of metadata",
      G("Obj\x01\xfe\xff\xff\xff\x0f"
        "xxxxxxxxxxxxxxxx"),
      "file-read", "metadata" },
    { "refuses a wild length of a name",
      G("Obj\x01\x02\xfe\xff\xff\xff\x0f"
        "xxxxxxxxxxxx"),
      "file-read", "metadata" },
    { "refuses a number of over 64 bits",
      G("Obj\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "file-read", "64 bits" },
    { "refuses a block that does not end with the marker",
      G("Obj\x01\x02\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC "\x02\x04\x02x"
        "0123456789abcdeg"),
      "file-read", "marker" },
    { "refuses a block of no records",
      G("Obj\x01\x02\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC "\x00\x00" SYNC),
      "file-read", "header" },
    { "refuses a block of a wild size",
      G("Obj\x01\x02\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC "\x02\xfe\xff\xff\xff\x0f"),
      "file-read", "header" },
    { "refuses a block that is not zstd",
      G("Obj\x01\x04\x14"
        "avro.codec\x12zstandard\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC "\x02\x04xx" SYNC),
      "file-read", "unpack" },
    { "refuses a block without octets",
      G("Obj\x01\x04\x14"
        "avro.codec\x12zstandard\x16"
        "avro.schema\x0e\"bytes\"\x00" SYNC "\x02\x00" SYNC),
      "file-read", "unpack" },
#undef G
};

static void check_given(void **state)
{
    const struct given *row = *state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_error err = { 0 };
    uint64_t n;
    size_t octets;
    scratch_make(folder);
    scratch_write(folder, "a.avro", row->bytes, row->len);
    enum wn_code rc = read_container(scratch_path(folder, "a.avro", path), &n, &octets, NULL, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_FATAL);
        assert_string_equal(err.reason, row->reason);
        assert_non_null(strstr(err.text, row->text));
        assert_non_null(strstr(err.text, path));
    } else {
        assert_int_equal(rc, WN_OK);
        assert_int_equal(n, 1);
        assert_int_equal(octets, 2);
    }
    scratch_remove(folder);
}

/** Cut anywhere, a file is whole only where a block ends. */
static void is_whole_at_a_block_s_end_only(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    char sha256[65];
    scratch_make(folder);
    write_container(scratch_path(folder, "a.avro", path), 3, 200, sha256);
    struct wn_buffer file = scratch_read(folder, "a.avro");
    unsigned whole = 0;
    for (size_t len = 0; len < file.len; len++) {
        struct wn_error err = { 0 };
        uint64_t n;
        size_t octets;
        scratch_write(folder, "cut.avro", file.at, len);
        char cut[PATH_MAX];
        if (read_container(scratch_path(folder, "cut.avro", cut), &n, &octets, NULL, &err) ==
            WN_OK) {
            whole++;
            assert_int_equal(n, 0); // The header alone.
        } else {
            assert_string_equal(err.reason, "file-read");
        }
    }
    assert_int_equal(whole, 1);
    wn_buffer_deinit(&file);
    scratch_remove(folder);
}

static void never_overwrites(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_container *container = NULL;
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_write(folder, "a.avro", "there", 5);
    assert_int_equal(
        wn_container_create(scratch_path(folder, "a.avro", path), schema, marker, &container, &err),
        WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_null(container);
    scratch_remove(folder);
}

static void says_where_a_full_disk_is(void **state)
{
    (void)state;
    struct wn_container *container = NULL;
    struct wn_error err = { 0 };
    char folder[PATH_MAX];
    char path[PATH_MAX];
    scratch_make(folder);
    scratch_path(folder, "missing/a.avro", path);
    assert_int_equal(wn_container_create(path, schema, marker, &container, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_non_null(strstr(err.text, path));
    assert_null(wn_container_close(NULL));
    assert_null(wn_container_reader_close(NULL));
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_header_of_the_specification),
        cmocka_unit_test(is_whole_at_a_block_s_end_only),
        cmocka_unit_test(never_overwrites),
        cmocka_unit_test(says_where_a_full_disk_is),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, trips, check_trip);
    WN_ADD_TABLE(&all, givens, check_given);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("container", &all);
}
