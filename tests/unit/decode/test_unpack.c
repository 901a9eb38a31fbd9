// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ZLIB_CONST // Its input is not written to.
#include <zlib.h>
#include <zstd.h>

#include "table.h"
#include "winnow/slice.h"
#include "winnow/unpack.h"

enum {
    ROOM = 1000,
    MOST = 64 << 20,
    CONTENT_BYTES = 700000,
    MUCH_ROOM = 8 * CONTENT_BYTES,
};

/** Text that packs, but not to nothing. */
static void add_content(struct wn_buffer *content, size_t len)
{
    uint32_t seed = 1;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525U + 1013904223U;
        *wn_buffer_room(content, 1) = (uint8_t)("abcdefgh"[seed >> 29]);
        content->len++;
    }
}

static void add_gzip(struct wn_buffer *packed, struct wn_slice content)
{
    z_stream stream = { 0 };
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&stream, content.len) + 64;
    stream.next_in = (const Bytef *)content.at;
    stream.avail_in = (uInt)content.len;
    stream.next_out = wn_buffer_room(packed, most);
    stream.avail_out = (uInt)most;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed->len += stream.total_out;
    deflateEnd(&stream);
}

static void add_zstd(struct wn_buffer *packed, struct wn_slice content)
{
    size_t most = ZSTD_compressBound(content.len);
    size_t n = ZSTD_compress(wn_buffer_room(packed, most), most, content.at, content.len, 3);
    assert_false(ZSTD_isError(n));
    packed->len += n;
}

static int file_of(struct wn_slice bytes)
{
    char path[] = "/tmp/winnow-unpack-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    return fd;
}

/** Read everything, `room` octets at most at a time. */
static enum wn_code read_all(int fd, uint64_t most, size_t room, struct wn_buffer *content,
                             struct wn_error *err)
{
    struct wn_unpack *unpack = NULL;
    enum wn_code rc = wn_unpack_open(fd, "in.gz", most, &unpack, err);
    size_t len = 1;
    while (rc == WN_OK && len > 0) {
        rc = wn_unpack_read(unpack, wn_buffer_room(content, room), room, &len, err);
        content->len += rc == WN_OK ? len : 0;
    }
    assert_null(wn_unpack_close(unpack));
    return rc;
}

typedef void add_packed(struct wn_buffer *packed, struct wn_slice content);

static void add_plain(struct wn_buffer *packed, struct wn_slice content)
{
    wn_buffer_add(packed, content.at, content.len);
}

static const struct row {
    const char *name;
    add_packed *add;
    size_t len;
    unsigned n; ///< Members, or frames.
    size_t room;
} rows[] = {
    { "reads a plain file", add_plain, CONTENT_BYTES, 1, ROOM },
    { "reads an empty file", add_plain, 0, 1, ROOM },
    { "reads a file of one octet", add_plain, 1, 1, ROOM },
    { "reads gzip", add_gzip, CONTENT_BYTES, 1, ROOM },
    { "reads gzip with much room", add_gzip, CONTENT_BYTES, 1, MUCH_ROOM },
    { "reads gzip an octet at a time", add_gzip, 5000, 2, 1 },
    { "reads several gzip members", add_gzip, CONTENT_BYTES, 3, ROOM },
    { "reads empty gzip members", add_gzip, 0, 3, ROOM },
    { "reads Zstandard", add_zstd, CONTENT_BYTES, 1, ROOM },
    { "reads Zstandard with much room", add_zstd, CONTENT_BYTES, 1, MUCH_ROOM },
    { "reads Zstandard an octet at a time", add_zstd, 5000, 2, 1 },
    { "reads several Zstandard frames", add_zstd, CONTENT_BYTES, 3, ROOM },
    { "reads empty Zstandard frames", add_zstd, 0, 3, ROOM },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer once = { 0 };
    struct wn_buffer all = { 0 };
    struct wn_buffer packed = { 0 };
    struct wn_buffer read = { 0 };
    struct wn_error err = { 0 };
    add_content(&once, row->len);
    for (unsigned i = 0; i < row->n; i++) {
        wn_buffer_add(&all, once.at, once.len);
        row->add(&packed, wn_buffer_slice(&once));
    }
    int fd = file_of(wn_buffer_slice(&packed));
    assert_int_equal(read_all(fd, MOST, row->room, &read, &err), WN_OK);
    assert_true(wn_slice_same(wn_buffer_slice(&read), wn_buffer_slice(&all)));
    // Read from the beginning, wherever the descriptor stands; and it is still open.
    read.len = 0;
    assert_int_equal(read_all(fd, all.len, row->room, &read, &err), WN_OK);
    assert_true(wn_slice_same(wn_buffer_slice(&read), wn_buffer_slice(&all)));
    if (all.len > 0) {
        read.len = 0;
        assert_int_equal(read_all(fd, all.len - 1, row->room, &read, &err), WN_REJECT);
        assert_string_equal(err.reason, "file-refused");
        assert_non_null(strstr(err.text, "in.gz: unpacks to more than"));
    }
    close(fd);
    wn_buffer_deinit(&once);
    wn_buffer_deinit(&all);
    wn_buffer_deinit(&packed);
    wn_buffer_deinit(&read);
}

/** An archive that is cut anywhere is an error that names the file and the place. */
static void check_cuts(add_packed *add, size_t magic)
{
    struct wn_buffer content = { 0 };
    struct wn_buffer packed = { 0 };
    add_content(&content, 300);
    add(&packed, wn_buffer_slice(&content));
    for (size_t cut = magic; cut < packed.len; cut++) {
        struct wn_buffer read = { 0 };
        struct wn_error err = { 0 };
        char place[64];
        int fd = file_of((struct wn_slice){ (const char *)packed.at, cut });
        assert_int_equal(read_all(fd, MOST, ROOM, &read, &err), WN_FATAL);
        assert_string_equal(err.reason, "file-read");
        snprintf(place, sizeof(place), "in.gz: octet %zu: ", cut);
        assert_non_null(strstr(err.text, place));
        assert_non_null(strstr(err.text, "archive is cut"));
        close(fd);
        wn_buffer_deinit(&read);
    }
    wn_buffer_deinit(&content);
    wn_buffer_deinit(&packed);
}

static void names_the_place_of_a_cut(void **state)
{
    (void)state;
    check_cuts(add_gzip, 2);
    check_cuts(add_zstd, 4);
}

static void refuses_damage(void **state)
{
    (void)state;
    static add_packed *const adds[] = { add_gzip, add_zstd };
    for (size_t i = 0; i < WN_COUNT(adds); i++) {
        struct wn_buffer packed = { 0 };
        struct wn_buffer read = { 0 };
        struct wn_error err = { 0 };
        adds[i](&packed, wn_slice_of("one text"));
        wn_buffer_text(&packed, "and what is no archive");
        int fd = file_of(wn_buffer_slice(&packed));
        assert_int_equal(read_all(fd, MOST, ROOM, &read, &err), WN_FATAL);
        assert_string_equal(err.reason, "file-read");
        assert_non_null(strstr(err.text, "damaged"));
        close(fd);
        wn_buffer_deinit(&packed);
        wn_buffer_deinit(&read);
    }
}

static void says_what_the_system_says(void **state)
{
    (void)state;
    struct wn_unpack *unpack = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_unpack_open(-1, "some/file", MOST, &unpack, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_string_equal(err.text, "some/file: Bad file descriptor");
    assert_null(unpack);
    assert_null(wn_unpack_close(NULL));
}

static const struct most_row {
    const char *name;
    struct wn_unpack_limits limits;
    uint64_t size, most;
} most_rows[] = {
    { "lets a small archive unpack to 64 MiB", { 0, 0 }, 20, 64 << 20 },
    { "lets one at the bound do just that", { 0, 0 }, (64 << 20) / 500, 64 << 20 },
    { "lets a larger one unpack to 500 times its size", { 0, 0 }, 1000000, 500000000 },
    { "lets none unpack to more than 256 GiB", { 0, 0 }, (uint64_t)1 << 33, (uint64_t)1 << 38 },
    { "lets a plain file be what it is", { 0, 0 }, (uint64_t)1 << 40, (uint64_t)1 << 40 },
    { "takes the ratio that is configured", { 0, 1000 }, 1000000, 1000000000 },
    { "takes the size that is configured", { 100000000, 0 }, 1000000, 100000000 },
    { "takes a size below 64 MiB", { 1000, 0 }, 20, 1000 },
    { "does not wrap", { UINT64_MAX, 1000000 }, (uint64_t)1 << 50, UINT64_MAX },
};

static void check_most(void **state)
{
    const struct most_row *row = *state;
    assert_true(wn_unpack_most(&row->limits, row->size) == row->most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_place_of_a_cut),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(says_what_the_system_says),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, most_rows, check_most);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("unpack", &all);
}
