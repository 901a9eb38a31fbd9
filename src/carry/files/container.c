// SPDX-License-Identifier: Apache-2.0

/*
 * An object container file (Avro 1.11 specification, "Object Container Files"):
 *
 *     "Obj" 01 | metadata map {avro.codec, avro.schema} | sync marker
 *     { records: long | octets: long | one zstd frame | sync marker } …
 *
 * Nothing in it takes the clock or a random number: the marker is the caller's, blocks end by
 * their size alone, and zstd at one level gives the same frame for the same bytes. So the same
 * records give the same file, and a file that was begun and lost is made again as it was.
 *
 * The SHA-256 of the file is taken while it is written: reading it again to hash it would only
 * vouch for what the page cache says.
 */

#include "winnow/container.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "winnow/avro.h"
#include "winnow/io.h"

enum {
    BLOCK_BYTES = 256 << 10, ///< Unpacked, before a block is written.
    LEVEL = -2, ///< Of zstd: most of a record is hashes, which no level packs; 1 saves 1.4 octets
                ///< a record and costs 3 % of a sift of flat JSON.
    SYNC_BYTES = 16,
    MOST_BLOCK = 64 << 20, ///< Of a block that is read, packed and unpacked.
    MOST_META = 4 << 20,   ///< Of a metadata value that is read.
    MOST_PAIRS = 1024,
    READ_BYTES = 64 << 10,
};

static const char magic[4] = { 'O', 'b', 'j', 1 };

struct wn_container {
    char *path;
    int fd;
    uint8_t sync[SYNC_BYTES];
    struct wn_buffer block;  ///< Records of the block at hand.
    struct wn_buffer packed; ///< A block as it is written.
    uint64_t in_block, records;
    ZSTD_CCtx *zstd;
    struct wn_sha256 *hash;
};

static enum wn_code put(struct wn_container *container, const void *bytes, size_t len,
                        struct wn_error *err)
{
    wn_sha256_add(container->hash, bytes, len);
    return wn_io_write(container->fd, container->path, bytes, len, err);
}

static enum wn_code write_header(struct wn_container *container, const char *schema,
                                 struct wn_error *err)
{
    static const char codec[] = "zstandard";
    struct wn_buffer *head = &container->packed;
    head->len = 0;
    wn_buffer_add(head, magic, sizeof(magic));
    wn_avro_long(head, 2);
    wn_avro_bytes(head, "avro.codec", strlen("avro.codec"));
    wn_avro_bytes(head, codec, strlen(codec));
    wn_avro_bytes(head, "avro.schema", strlen("avro.schema"));
    wn_avro_bytes(head, schema, strlen(schema));
    wn_avro_long(head, 0);
    wn_buffer_add(head, container->sync, SYNC_BYTES);
    return put(container, head->at, head->len, err);
}

static enum wn_code write_block(struct wn_container *container, struct wn_error *err)
{
    if (container->in_block == 0) {
        return WN_OK;
    }
    struct wn_buffer *packed = &container->packed;
    size_t bound = ZSTD_compressBound(container->block.len);
    packed->len = 0;
    wn_buffer_room(packed, bound);
    size_t size = ZSTD_compressCCtx(container->zstd, packed->at, bound, container->block.at,
                                    container->block.len, LEVEL);
    if (ZSTD_isError(size)) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: zstd: %s", container->path,
                       ZSTD_getErrorName(size));
    }
    struct wn_buffer head = { 0 };
    wn_avro_long(&head, (int64_t)container->in_block);
    wn_avro_long(&head, (int64_t)size);
    enum wn_code rc = put(container, head.at, head.len, err);
    wn_buffer_deinit(&head);
    if (rc == WN_OK) {
        rc = put(container, packed->at, size, err);
    }
    if (rc == WN_OK) {
        rc = put(container, container->sync, SYNC_BYTES, err);
    }
    container->block.len = 0;
    container->in_block = 0;
    return rc;
}

enum wn_code wn_container_create(const char *path, const char *schema, const uint8_t sync[16],
                                 struct wn_container **ret_container, struct wn_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", path, strerror(errno));
    }
    struct wn_container *container = calloc(1, sizeof(*container));
    if (!container) {
        close(fd);
        return wn_fail(err, WN_FATAL, "file-write", "%s: out of memory", path);
    }
    container->fd = fd;
    container->path = strdup(path);
    container->zstd = ZSTD_createCCtx();
    container->hash = wn_sha256_open();
    memcpy(container->sync, sync, SYNC_BYTES);
    if (!container->path || !container->zstd) {
        wn_container_close(container);
        return wn_fail(err, WN_FATAL, "file-write", "%s: out of memory", path);
    }
    if (write_header(container, schema, err) != WN_OK) {
        wn_container_close(container);
        return err->code;
    }
    *ret_container = container;
    return WN_OK;
}

enum wn_code wn_container_add(struct wn_container *container, struct wn_slice avro,
                              struct wn_error *err)
{
    wn_buffer_add(&container->block, avro.at, avro.len);
    container->in_block++;
    container->records++;
    return container->block.len >= BLOCK_BYTES ? write_block(container, err) : WN_OK;
}

enum wn_code wn_container_finish(struct wn_container **container, char ret_sha256[65],
                                 uint64_t *ret_records, struct wn_error *err)
{
    struct wn_container *done = *container;
    *container = NULL;
    enum wn_code rc = write_block(done, err);
    if (rc == WN_OK && fsync(done->fd) != 0) {
        rc = wn_fail(err, WN_FATAL, "file-write", "%s: %s", done->path, strerror(errno));
    }
    int fd = done->fd;
    done->fd = -1;
    if (close(fd) != 0 && rc == WN_OK) {
        rc = wn_fail(err, WN_FATAL, "file-write", "%s: %s", done->path, strerror(errno));
    }
    if (rc == WN_OK) {
        uint8_t digest[WN_SHA256_BYTES];
        wn_sha256_finish(done->hash, digest);
        wn_hex(digest, sizeof(digest), ret_sha256);
        *ret_records = done->records;
    }
    wn_container_close(done);
    return rc;
}

struct wn_container *wn_container_close(struct wn_container *container)
{
    if (container) {
        if (container->fd >= 0) {
            close(container->fd);
        }
        wn_buffer_deinit(&container->block);
        wn_buffer_deinit(&container->packed);
        ZSTD_freeCCtx(container->zstd);
        wn_sha256_close(container->hash);
        free(container->path);
        free(container);
    }
    return NULL;
}

/* Reading. */

struct wn_container_reader {
    char *path;
    int fd;
    struct wn_buffer in; ///< What was read of the file, from `at` on not used yet.
    size_t at;
    bool zstandard;
    char *schema;
    uint8_t sync[SYNC_BYTES];
    struct wn_buffer block;
    ZSTD_DCtx *zstd;
};

static enum wn_code damaged(const struct wn_container_reader *reader, const char *what,
                            struct wn_error *err)
{
    wn_fail(err, WN_FATAL, "file-read", "%s: %s", reader->path, what);
    return WN_FATAL;
}

/** Have `need` octets behind `at`. @return WN_OK; WN_RETRY where the file ends before; WN_FATAL. */
static enum wn_code fill(struct wn_container_reader *reader, size_t need, struct wn_error *err)
{
    if (reader->at > 0 && reader->in.len - reader->at < need) {
        reader->in.len -= reader->at;
        memmove(reader->in.at, reader->in.at + reader->at, reader->in.len);
        reader->at = 0;
    }
    while (reader->in.len - reader->at < need) {
        uint8_t *room = wn_buffer_room(&reader->in, READ_BYTES);
        ssize_t got = read(reader->fd, room, READ_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return damaged(reader, strerror(errno), err);
        }
        if (got == 0) {
            return WN_RETRY;
        }
        reader->in.len += (size_t)got;
    }
    return WN_OK;
}

/** Take `len` octets; the end of the file is a fault. The slice lives until the next take. */
static enum wn_code take(struct wn_container_reader *reader, size_t len, struct wn_slice *ret_bytes,
                         struct wn_error *err)
{
    enum wn_code rc = fill(reader, len, err);
    if (rc == WN_RETRY) {
        return damaged(reader, "ends in the middle", err);
    }
    if (rc == WN_OK) {
        *ret_bytes = (struct wn_slice){ (const char *)reader->in.at + reader->at, len };
        reader->at += len;
    }
    return rc;
}

static enum wn_code take_long(struct wn_container_reader *reader, int64_t *ret_number,
                              struct wn_error *err)
{
    uint64_t zigzag = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        struct wn_slice octet = { 0 };
        if (take(reader, 1, &octet, err) != WN_OK) {
            return err->code;
        }
        zigzag |= (uint64_t)((unsigned char)octet.at[0] & 0x7f) << shift;
        if (((unsigned char)octet.at[0] & 0x80) == 0) {
            *ret_number = (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
            return WN_OK;
        }
    }
    return damaged(reader, "a number of over 64 bits", err);
}

static enum wn_code take_bytes(struct wn_container_reader *reader, struct wn_slice *ret_bytes,
                               struct wn_error *err)
{
    int64_t len;
    if (take_long(reader, &len, err) != WN_OK) {
        return err->code;
    }
    if (len < 0 || len > MOST_META) {
        return damaged(reader, "its metadata are damaged", err);
    }
    return take(reader, (size_t)len, ret_bytes, err);
}

/** Take one pair of the metadata map. */
static enum wn_code take_pair(struct wn_container_reader *reader, struct wn_error *err)
{
    struct wn_slice bytes = { 0 };
    if (take_bytes(reader, &bytes, err) != WN_OK) {
        return err->code;
    }
    bool is_schema = wn_slice_is(bytes, "avro.schema");
    bool is_codec = wn_slice_is(bytes, "avro.codec");
    if (take_bytes(reader, &bytes, err) != WN_OK) {
        return err->code;
    }
    if (is_schema && !reader->schema) {
        reader->schema = strndup(bytes.at, bytes.len);
    }
    if (is_codec) {
        reader->zstandard = wn_slice_is(bytes, "zstandard");
        if (!reader->zstandard && !wn_slice_is(bytes, "null")) {
            return damaged(reader, "its codec is neither zstandard nor null", err);
        }
    }
    return WN_OK;
}

static enum wn_code read_header(struct wn_container_reader *reader, struct wn_error *err)
{
    struct wn_slice bytes = { 0 };
    enum wn_code rc = fill(reader, sizeof(magic), err);
    if (rc == WN_FATAL) {
        return rc;
    }
    if (rc == WN_RETRY || memcmp(reader->in.at, magic, sizeof(magic)) != 0) {
        return damaged(reader, "not an Avro container", err);
    }
    reader->at = sizeof(magic);
    int64_t pairs = 0;
    for (unsigned all = 0;;) {
        int64_t octets;
        if (take_long(reader, &pairs, err) != WN_OK ||
            (pairs < 0 && take_long(reader, &octets, err) != WN_OK)) {
            return err->code;
        }
        if (pairs == 0) {
            break;
        }
        if (pairs < -MOST_PAIRS || pairs > MOST_PAIRS) {
            return damaged(reader, "its metadata are damaged", err);
        }
        for (int64_t i = pairs < 0 ? -pairs : pairs; i > 0; i--) {
            if (++all > MOST_PAIRS) {
                return damaged(reader, "its metadata are damaged", err);
            }
            if (take_pair(reader, err) != WN_OK) {
                return err->code;
            }
        }
    }
    if (!reader->schema) {
        return damaged(reader, "has no schema", err);
    }
    if (take(reader, SYNC_BYTES, &bytes, err) != WN_OK) {
        return err->code;
    }
    memcpy(reader->sync, bytes.at, SYNC_BYTES);
    return WN_OK;
}

enum wn_code wn_container_open(const char *path, struct wn_container_reader **ret_reader,
                               struct wn_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: %s", path, strerror(errno));
    }
    struct wn_container_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        close(fd);
        return wn_fail(err, WN_FATAL, "file-read", "%s: out of memory", path);
    }
    reader->fd = fd;
    reader->path = strdup(path);
    reader->zstd = ZSTD_createDCtx();
    if (!reader->path || !reader->zstd) {
        wn_container_reader_close(reader);
        return wn_fail(err, WN_FATAL, "file-read", "%s: out of memory", path);
    }
    if (read_header(reader, err) != WN_OK) {
        wn_container_reader_close(reader);
        return err->code;
    }
    *ret_reader = reader;
    return WN_OK;
}

const char *wn_container_schema(const struct wn_container_reader *reader)
{
    return reader->schema;
}

const uint8_t *wn_container_sync(const struct wn_container_reader *reader)
{
    return reader->sync;
}

/** Unpack one or several zstd frames into `block`; other writers may leave their sizes out. */
static enum wn_code unpack(struct wn_container_reader *reader, struct wn_slice packed,
                           struct wn_error *err)
{
    ZSTD_inBuffer in = { packed.at, packed.len, 0 };
    size_t left = 1;
    ZSTD_DCtx_reset(reader->zstd, ZSTD_reset_session_only);
    while (in.pos < in.size || left != 0) {
        uint8_t *room = wn_buffer_room(&reader->block, BLOCK_BYTES);
        ZSTD_outBuffer out = { room, BLOCK_BYTES, 0 };
        size_t taken = in.pos;
        left = ZSTD_decompressStream(reader->zstd, &out, &in);
        if (ZSTD_isError(left)) {
            return damaged(reader, "a block does not unpack", err);
        }
        reader->block.len += out.pos;
        if (reader->block.len > MOST_BLOCK) {
            return damaged(reader, "a block of over 64 MiB", err);
        }
        if (left != 0 && out.pos == 0 && in.pos == taken) {
            return damaged(reader, "a block does not unpack", err);
        }
    }
    return WN_OK;
}

enum wn_code wn_container_block(struct wn_container_reader *reader, struct wn_slice *ret_block,
                                uint64_t *ret_n, struct wn_error *err)
{
    reader->block.len = 0;
    *ret_block = (struct wn_slice){ 0 };
    *ret_n = 0;
    enum wn_code rc = fill(reader, 1, err);
    if (rc != WN_OK) {
        return rc == WN_RETRY ? WN_OK : rc;
    }
    int64_t n = 0;
    int64_t size = 0;
    if (take_long(reader, &n, err) != WN_OK || take_long(reader, &size, err) != WN_OK) {
        return err->code;
    }
    if (n < 1 || size < 0 || size > MOST_BLOCK) {
        return damaged(reader, "a block's header is damaged", err);
    }
    struct wn_slice bytes = { 0 };
    if (take(reader, (size_t)size, &bytes, err) != WN_OK) {
        return err->code;
    }
    if (reader->zstandard) {
        if (unpack(reader, bytes, err) != WN_OK) {
            return err->code;
        }
    } else {
        wn_buffer_add(&reader->block, bytes.at, bytes.len);
    }
    if (take(reader, SYNC_BYTES, &bytes, err) != WN_OK) {
        return err->code;
    }
    if (memcmp(bytes.at, reader->sync, SYNC_BYTES) != 0) {
        return damaged(reader, "a block does not end with the file's marker", err);
    }
    *ret_block = wn_buffer_slice(&reader->block);
    *ret_n = (uint64_t)n;
    return WN_OK;
}

struct wn_container_reader *wn_container_reader_close(struct wn_container_reader *reader)
{
    if (reader) {
        close(reader->fd);
        wn_buffer_deinit(&reader->in);
        wn_buffer_deinit(&reader->block);
        ZSTD_freeDCtx(reader->zstd);
        free(reader->schema);
        free(reader->path);
        free(reader);
    }
    return NULL;
}
