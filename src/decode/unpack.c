// SPDX-License-Identifier: Apache-2.0

/*
 * A plain file is read straight to where the caller wants it. An archive is read into a buffer of
 * its own first, which plain files, most of them small, do not pay for.
 */

#include "winnow/unpack.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

enum {
    IN_BYTES = 256 * 1024,
    MAGIC_BYTES = 4,       ///< That tell the packing.
    WINDOW_LOG = 27,       ///< 128 MiB.
    FREE_BYTES = 64 << 20, ///< That any archive may unpack to.
    GZIP_WINDOW = 15 + 16, ///< The largest window; gzip's own wrapper, no other.
};

enum packing {
    PLAIN,
    GZIP,
    ZSTD,
};

struct wn_unpack {
    int fd;
    char *name;
    uint64_t most;   ///< [octets] unpacked
    uint64_t total;  ///< [octets] unpacked so far
    uint64_t offset; ///< In the file, behind what was read of it.
    enum packing packing;
    bool at_end;    ///< The file has no more octets.
    bool in_member; ///< A gzip member or Zstandard frame is open.
    bool has_gzip;  ///< `gzip` is to be given back.
    z_stream gzip;
    ZSTD_DCtx *zstd;
    uint8_t *in;          ///< Of an archive: IN_BYTES.
    size_t in_at, in_len; ///< What is left of `in`.
};

uint64_t wn_unpack_most(const struct wn_unpack_limits *limits, uint64_t size)
{
    const uint64_t bytes = limits->bytes > 0 ? limits->bytes : (uint64_t)256 << 30;
    const uint64_t ratio = limits->ratio > 0 ? limits->ratio : 500;
    uint64_t most = size > bytes / ratio ? bytes : size * ratio;
    most = most < FREE_BYTES ? FREE_BYTES : most;
    most = most < bytes ? most : bytes;
    return most > size ? most : size; // A plain file is what it is.
}

static enum wn_code fail_system(const struct wn_unpack *unpack, struct wn_error *err)
{
    return wn_fail(err, WN_FATAL, "file-read", "%s: %s", unpack->name, strerror(errno));
}

static enum wn_code fail_archive(const struct wn_unpack *unpack, const char *what,
                                 struct wn_error *err)
{
    static const char *const names[] = { [PLAIN] = "", [GZIP] = "gzip", [ZSTD] = "Zstandard" };
    return wn_fail(err, WN_FATAL, "file-read",
                   "%s: octet %" PRIu64 ": the %s archive is %s; get the file again", unpack->name,
                   unpack->offset - (unpack->in_len - unpack->in_at), names[unpack->packing], what);
}

/** Read the file's next octets. @param ret_len  How many; 0 at its end. */
static enum wn_code read_file(struct wn_unpack *unpack, void *bytes, size_t room, size_t *ret_len,
                              struct wn_error *err)
{
    *ret_len = 0;
    if (unpack->at_end) {
        return WN_OK;
    }
    ssize_t n;
    do {
        n = pread(unpack->fd, bytes, room, (off_t)unpack->offset);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return fail_system(unpack, err);
    }
    unpack->offset += (uint64_t)n;
    unpack->at_end = n == 0;
    *ret_len = (size_t)n;
    return WN_OK;
}

/** Fill `in` where it is empty. */
static enum wn_code fill(struct wn_unpack *unpack, struct wn_error *err)
{
    if (unpack->in_at < unpack->in_len) {
        return WN_OK;
    }
    unpack->in_at = 0;
    unpack->in_len = 0;
    return read_file(unpack, unpack->in, IN_BYTES, &unpack->in_len, err);
}

static void out_of_memory(void)
{
    fputs("winnow: out of memory\n", stderr);
    abort();
}

/** Tell the packing by its magic number (RFC 1952 §2.3.1, RFC 8878 §3.1). */
static enum packing packing_of(const uint8_t *bytes, size_t len)
{
    static const uint8_t gzip[] = { 0x1f, 0x8b };
    static const uint8_t zstd[MAGIC_BYTES] = { 0x28, 0xb5, 0x2f, 0xfd };
    if (len >= sizeof(gzip) && memcmp(bytes, gzip, sizeof(gzip)) == 0) {
        return GZIP;
    }
    return len >= sizeof(zstd) && memcmp(bytes, zstd, sizeof(zstd)) == 0 ? ZSTD : PLAIN;
}

/** Get ready for an archive. */
static void begin(struct wn_unpack *unpack)
{
    unpack->in = malloc(IN_BYTES);
    if (!unpack->in) {
        out_of_memory();
    }
    if (unpack->packing == GZIP) {
        if (inflateInit2(&unpack->gzip, GZIP_WINDOW) != Z_OK) {
            out_of_memory();
        }
        unpack->has_gzip = true;
        return;
    }
    unpack->zstd = ZSTD_createDCtx();
    if (!unpack->zstd) {
        out_of_memory();
    }
    size_t rc = ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
    assert(!ZSTD_isError(rc));
    (void)rc;
}

enum wn_code wn_unpack_open(int fd, const char *name, uint64_t most, struct wn_unpack **ret_unpack,
                            struct wn_error *err)
{
    struct wn_unpack *unpack = calloc(1, sizeof(*unpack));
    if (!unpack || !(unpack->name = strdup(name))) {
        out_of_memory();
        return WN_FATAL;
    }
    unpack->fd = fd;
    unpack->most = most;
    uint8_t magic[MAGIC_BYTES];
    size_t len;
    if (read_file(unpack, magic, sizeof(magic), &len, err) != WN_OK) {
        wn_unpack_close(unpack);
        return err->code;
    }
    unpack->packing = packing_of(magic, len);
    unpack->offset = 0; // The content begins with these octets.
    if (unpack->packing != PLAIN) {
        begin(unpack);
    }
    *ret_unpack = unpack;
    return WN_OK;
}

/** Unpack what fits. Every turn of the loop takes octets in or gives some out. */
static enum wn_code read_gzip(struct wn_unpack *unpack, void *bytes, size_t room, size_t *ret_len,
                              struct wn_error *err)
{
    z_stream *gzip = &unpack->gzip;
    gzip->next_out = bytes;
    gzip->avail_out = (uInt)room;
    while (gzip->avail_out == room) {
        if (fill(unpack, err) != WN_OK) {
            return err->code;
        }
        size_t left = unpack->in_len - unpack->in_at;
        if (left == 0) {
            return unpack->in_member ? fail_archive(unpack, "cut", err) : WN_OK;
        }
        if (!unpack->in_member && inflateReset(gzip) != Z_OK) {
            return fail_archive(unpack, "damaged", err);
        }
        unpack->in_member = true;
        gzip->next_in = unpack->in + unpack->in_at;
        gzip->avail_in = (uInt)left;
        int rc = inflate(gzip, Z_NO_FLUSH);
        unpack->in_at += left - gzip->avail_in;
        if (rc == Z_STREAM_END) {
            unpack->in_member = false;
        } else if (rc != Z_OK) {
            return fail_archive(unpack, "damaged", err);
        }
    }
    *ret_len = room - gzip->avail_out;
    return WN_OK;
}

/** As read_gzip(). A frame may still have output when its input is used up. */
static enum wn_code read_zstd(struct wn_unpack *unpack, void *bytes, size_t room, size_t *ret_len,
                              struct wn_error *err)
{
    ZSTD_outBuffer out = { bytes, room, 0 };
    bool may_flush = unpack->in_member;
    while (out.pos == 0) {
        if (fill(unpack, err) != WN_OK) {
            return err->code;
        }
        bool is_empty = unpack->in_at == unpack->in_len;
        if (is_empty && !may_flush) {
            return unpack->in_member ? fail_archive(unpack, "cut", err) : WN_OK;
        }
        ZSTD_inBuffer in = { unpack->in, unpack->in_len, unpack->in_at };
        size_t rc = ZSTD_decompressStream(unpack->zstd, &out, &in);
        unpack->in_at = in.pos;
        if (ZSTD_isError(rc)) {
            return fail_archive(unpack, "damaged, or wants a window of over 128 MiB", err);
        }
        unpack->in_member = rc != 0;
        may_flush = unpack->in_member && !is_empty;
    }
    *ret_len = out.pos;
    return WN_OK;
}

enum wn_code wn_unpack_read(struct wn_unpack *unpack, void *bytes, size_t room, size_t *ret_len,
                            struct wn_error *err)
{
    assert(room > 0);
    if (room > (size_t)1 << 30) {
        room = (size_t)1 << 30; // What zlib's counters hold.
    }
    size_t len = 0;
    enum wn_code rc = unpack->packing == GZIP   ? read_gzip(unpack, bytes, room, &len, err)
                      : unpack->packing == ZSTD ? read_zstd(unpack, bytes, room, &len, err)
                                                : read_file(unpack, bytes, room, &len, err);
    if (rc != WN_OK) {
        return rc;
    }
    unpack->total += len;
    if (unpack->total > unpack->most) {
        return wn_fail(err, WN_REJECT, "file-refused",
                       "%s: unpacks to more than %" PRIu64 " octets, too much for its size",
                       unpack->name, unpack->most);
    }
    *ret_len = len;
    return WN_OK;
}

struct wn_unpack *wn_unpack_close(struct wn_unpack *unpack)
{
    if (unpack) {
        if (unpack->has_gzip) {
            inflateEnd(&unpack->gzip);
        }
        ZSTD_freeDCtx(unpack->zstd);
        if (unpack->in) {
            explicit_bzero(unpack->in, IN_BYTES); // Raw records.
            free(unpack->in);
        }
        free(unpack->name);
        free(unpack);
    }
    return NULL;
}
