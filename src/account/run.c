// SPDX-License-Identifier: Apache-2.0

/*
 * A run file:
 *
 *     octets      what
 *     128         header: magic, SHA-256 of the scope, position, day, count, blocks, two CRC-32C,
 * its own CRC-32C 64 × blocks filter 16 × count  entries: 12 octets of fingerprint, 4 of extra,
 * sorted
 *
 * Numbers are little-endian, as the machine has them: a run is mapped and used as it lies, and
 * never leaves its host.
 *
 * The filter is a blocked Bloom filter with 12 bits an entry: a fingerprint's first 8 octets,
 * scaled to the number of blocks, choose a block of one cache line; 7 times 9 bits of its octets 4
 * to 11 choose bits in it. Scaled and not masked, so that sorted entries fill the blocks one after
 * the other: filter and entries are written as two streams, and a run of any size is made in a few
 * buffers.
 *
 * Entries are searched by interpolation: fingerprints are uniformly distributed, so the n-th of
 * them lies near n / count of the number space, within a few times √count places. From there the
 * bounds double outwards, then halve.
 *
 * Mapped pages count as memory of the process once touched. The entries' pages are let go after
 * some searches (wn_runs_find) and behind a merge; they stay in the page cache.
 */

#include "run.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "runs are mapped as little-endian");
_Static_assert(sizeof(struct wn_entry) == 16, "an entry is 16 octets on disk");

enum {
    BLOCK_BYTES = 64,
    BITS_AN_ENTRY = 12,
    BITS_SET = 7,
    BUFFER_BYTES = 64 * 1024,
    LET_GO_BYTES = 256 * 1024, ///< Behind a merge.
};

static const char run_magic[8] = "WNRUN1\n";

struct header {
    char magic[8];
    uint8_t scope[32];
    int64_t offset, sequence, day;
    uint64_t count, blocks;
    uint32_t filter_crc, entries_crc;
    uint8_t zero[36];
    uint32_t crc; ///< Of all above.
};
_Static_assert(sizeof(struct header) == 128, "the filter begins at a cache line");

static const struct wn_entry *entries_of(const struct wn_run *run)
{
    return (const struct wn_entry *)(run->map + sizeof(struct header) + run->blocks * BLOCK_BYTES);
}

static enum wn_code damaged(struct wn_error *err, const char *path, const char *what)
{
    return wn_fail(err, WN_FATAL, "file-read",
                   "%s: %s; restore the state folder from a backup that is not older than the last "
                   "commit",
                   path, what);
}

static enum wn_code system_fault(struct wn_error *err, const char *reason, const char *path)
{
    return wn_fail(err, WN_FATAL, reason, "%s: %s", path, strerror(errno));
}

/** @return what chooses a fingerprint's bits in its block: nine bits each, from the lowest on. */
static uint64_t spread(const uint8_t fingerprint[12])
{
    uint64_t bits;
    memcpy(&bits, fingerprint + 4, sizeof(bits));
    return bits;
}

static void set_bits(uint8_t block[BLOCK_BYTES], const uint8_t fingerprint[12])
{
    uint64_t bits = spread(fingerprint);
    for (int i = 0; i < BITS_SET; i++, bits >>= 9) {
        block[(bits & 511) >> 3] |= (uint8_t)(1U << (bits & 7));
    }
}

bool wn_run_may_hold(const struct wn_run *run, const uint8_t fingerprint[12])
{
    uint64_t place = wn_key_scale(wn_fingerprint_key(fingerprint), run->blocks);
    const uint8_t *block = run->map + sizeof(struct header) + place * BLOCK_BYTES;
    uint64_t bits = spread(fingerprint);
    for (int i = 0; i < BITS_SET; i++, bits >>= 9) {
        if ((block[(bits & 511) >> 3] >> (bits & 7) & 1) == 0) {
            return false;
        }
    }
    return true;
}

/** @return the first place whose fingerprint is not below `fingerprint`. */
static uint64_t lower_bound(const struct wn_entry *entries, uint64_t count,
                            const uint8_t fingerprint[12])
{
    uint64_t guess = wn_key_scale(wn_fingerprint_key(fingerprint), count);
    uint64_t low = guess, high = guess;
    for (uint64_t step = 16; low > 0 && memcmp(entries[low].fingerprint, fingerprint, 12) >= 0;
         step *= 2) {
        low = low > step ? low - step : 0;
    }
    for (uint64_t step = 16; high < count && memcmp(entries[high].fingerprint, fingerprint, 12) < 0;
         step *= 2) {
        high = count - high > step ? high + step : count;
    }
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (memcmp(entries[middle].fingerprint, fingerprint, 12) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void wn_run_find(const struct wn_run *run, const uint8_t fingerprint[12],
                 struct wn_finding *finding)
{
    const struct wn_entry *entries = entries_of(run);
    for (uint64_t at = lower_bound(entries, run->count, fingerprint);
         at < run->count && memcmp(entries[at].fingerprint, fingerprint, 12) == 0; at++) {
        wn_finding_add(finding, entries[at].extra, run->day);
    }
}

/** Let go of the whole pages between two addresses of a mapping. */
static void let_go(const void *from, const void *to)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)from + page - 1) & ~(page - 1);
    uintptr_t last = (uintptr_t)to & ~(page - 1);
    if (first < last) {
        madvise((void *)first, last - first, MADV_DONTNEED); // NOLINT(performance-no-int-to-ptr)
    }
}

void wn_run_let_go(const struct wn_run *run, bool filter)
{
    const struct wn_entry *entries = entries_of(run);
    let_go(filter ? (const void *)run->map : entries, entries + run->count);
}

struct wn_run_source wn_run_source(const struct wn_run *run)
{
    const struct wn_entry *entries = entries_of(run);
    return (struct wn_run_source){ entries, entries + run->count, run, entries };
}

static struct wn_run *make(const char *path, const struct header *header)
{
    struct wn_run *run = wn_take(1, sizeof(*run));
    run->path = wn_take(strlen(path) + 1, 1);
    memcpy(run->path, path, strlen(path) + 1);
    const char *slash = strrchr(run->path, '/');
    run->name = slash ? slash + 1 : run->path;
    run->day = (int32_t)header->day;
    run->count = header->count;
    run->blocks = header->blocks;
    run->crc = header->crc;
    run->bytes =
        sizeof(*header) + header->blocks * BLOCK_BYTES + header->count * sizeof(struct wn_entry);
    run->refs = 1;
    return run;
}

static enum wn_code map(int fd, struct wn_run *run, struct wn_error *err)
{
    void *at = mmap(NULL, run->bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        return system_fault(err, "file-read", run->path);
    }
    madvise(at, run->bytes, MADV_RANDOM);
    run->map = at;
    return WN_OK;
}

/** Read `len` octets and compute their checksum, without mapping them. */
static enum wn_code checksum(int fd, const char *path, uint64_t len, uint32_t *ret_crc,
                             struct wn_error *err)
{
    uint8_t buffer[BUFFER_BYTES];
    *ret_crc = 0;
    while (len > 0) {
        ssize_t got = read(fd, buffer, len < sizeof(buffer) ? (size_t)len : sizeof(buffer));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return system_fault(err, "file-read", path);
        }
        if (got == 0) {
            return damaged(err, path, "a run that is cut");
        }
        *ret_crc = wn_crc32c(*ret_crc, buffer, (size_t)got);
        len -= (uint64_t)got;
    }
    return WN_OK;
}

/** Check what the header says; the sizes first, since all else relies on them. */
static enum wn_code check_header(const char *path, const struct header *header, uint64_t size,
                                 const uint8_t scope[32], struct wn_error *err)
{
    if (memcmp(header->magic, run_magic, sizeof(run_magic)) != 0 ||
        wn_crc32c(0, header, sizeof(*header) - sizeof(header->crc)) != header->crc) {
        return damaged(err, path, "not a run, or its header is damaged");
    }
    if (memcmp(header->scope, scope, sizeof(header->scope)) != 0) {
        return damaged(err, path, "a run of another input");
    }
    uint64_t most = (uint64_t)1 << 48;
    if (header->count > most || header->blocks > most || header->blocks == 0 ||
        size != sizeof(*header) + header->blocks * BLOCK_BYTES +
                    header->count * sizeof(struct wn_entry)) {
        return damaged(err, path, "a run of another length than its header says");
    }
    return WN_OK;
}

static enum wn_code verify(int fd, const char *path, const uint8_t scope[32],
                           struct header *ret_header, struct wn_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return system_fault(err, "file-read", path);
    }
    ssize_t got = read(fd, ret_header, sizeof(*ret_header));
    if (got != (ssize_t)sizeof(*ret_header)) {
        return damaged(err, path, "a run that is cut");
    }
    enum wn_code rc = check_header(path, ret_header, (uint64_t)status.st_size, scope, err);
    uint32_t filter_crc = 0, entries_crc = 0;
    if (rc == WN_OK) {
        rc = checksum(fd, path, ret_header->blocks * BLOCK_BYTES, &filter_crc, err);
    }
    if (rc == WN_OK) {
        rc = checksum(fd, path, ret_header->count * sizeof(struct wn_entry), &entries_crc, err);
    }
    if (rc == WN_OK &&
        (filter_crc != ret_header->filter_crc || entries_crc != ret_header->entries_crc)) {
        return damaged(err, path, "a damaged run: its checksum differs");
    }
    return rc;
}

enum wn_code wn_run_open(const char *path, const uint8_t scope[32], struct wn_run **ret_run,
                         struct wn_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return damaged(err, path, strerror(errno));
    }
    struct header header = { .count = 0 };
    enum wn_code rc = verify(fd, path, scope, &header, err);
    if (rc == WN_OK) {
        struct wn_run *run = make(path, &header);
        run->synced = true;
        rc = map(fd, run, err);
        if (rc == WN_OK) {
            *ret_run = run;
        } else {
            wn_run_unref(run);
        }
    }
    close(fd);
    return rc;
}

/** One of the two streams of a run being written. */
struct stream {
    uint64_t offset; ///< In the file.
    size_t len;      ///< Octets in the buffer.
    uint32_t crc;
    uint8_t buffer[BUFFER_BYTES];
};

struct writer {
    int fd;
    const char *path;
    struct stream filter, entries;
    uint64_t n_blocks, block_at; ///< The block that is being filled.
    uint8_t block[BLOCK_BYTES];
    uint64_t count;
    struct wn_entry last;
};

static enum wn_code write_at(int fd, const char *path, uint64_t offset, const void *bytes,
                             size_t len, struct wn_error *err)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t put = pwrite(fd, at, len, (off_t)offset);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return system_fault(err, "file-write", path);
        }
        at += put;
        offset += (uint64_t)put;
        len -= (size_t)put;
    }
    return WN_OK;
}

static enum wn_code drain(struct writer *writer, struct stream *stream, struct wn_error *err)
{
    enum wn_code rc =
        write_at(writer->fd, writer->path, stream->offset, stream->buffer, stream->len, err);
    stream->crc = wn_crc32c(stream->crc, stream->buffer, stream->len);
    stream->offset += stream->len;
    stream->len = 0;
    return rc;
}

static enum wn_code append(struct writer *writer, struct stream *stream, const void *bytes,
                           size_t len, struct wn_error *err)
{
    if (stream->len + len > sizeof(stream->buffer)) {
        enum wn_code rc = drain(writer, stream, err);
        if (rc != WN_OK) {
            return rc;
        }
    }
    memcpy(stream->buffer + stream->len, bytes, len);
    stream->len += len;
    return WN_OK;
}

/** Write the filter's blocks up to `place`, which begins empty. */
static enum wn_code turn_block(struct writer *writer, uint64_t place, struct wn_error *err)
{
    while (writer->block_at < place) {
        enum wn_code rc =
            append(writer, &writer->filter, writer->block, sizeof(writer->block), err);
        if (rc != WN_OK) {
            return rc;
        }
        memset(writer->block, 0, sizeof(writer->block));
        writer->block_at++;
    }
    return WN_OK;
}

static enum wn_code write_entry(struct writer *writer, const struct wn_entry *entry,
                                struct wn_error *err)
{
    if (writer->count > 0 && wn_entry_order(&writer->last, entry) == 0) {
        return WN_OK; // The same in two sources.
    }
    assert(writer->count == 0 || wn_entry_order(&writer->last, entry) < 0);
    uint64_t place = wn_key_scale(wn_fingerprint_key(entry->fingerprint), writer->n_blocks);
    enum wn_code rc = turn_block(writer, place, err);
    if (rc != WN_OK) {
        return rc;
    }
    set_bits(writer->block, entry->fingerprint);
    writer->last = *entry;
    writer->count++;
    return append(writer, &writer->entries, entry, sizeof(*entry), err);
}

/** Move a source on, and let go of mapped pages behind it. */
static void advance(struct wn_run_source *source)
{
    source->at++;
    if (source->run && (size_t)(source->at - source->kept) * sizeof(*source->at) >= LET_GO_BYTES) {
        let_go(source->kept, source->at);
        source->kept = source->at;
    }
}

static enum wn_code merge(struct writer *writer, struct wn_run_source *sources, size_t n_sources,
                          struct wn_error *err)
{
    for (;;) {
        struct wn_run_source *least = NULL;
        for (size_t i = 0; i < n_sources; i++) {
            if (sources[i].at < sources[i].end &&
                (!least || wn_entry_order(sources[i].at, least->at) < 0)) {
                least = &sources[i];
            }
        }
        if (!least) {
            return turn_block(writer, writer->n_blocks, err);
        }
        enum wn_code rc = write_entry(writer, least->at, err);
        if (rc != WN_OK) {
            return rc;
        }
        advance(least);
    }
}

/** Write everything; the header last, since it holds the counts and checksums. */
static enum wn_code write_all(struct writer *writer, const struct wn_run_identity *identity,
                              struct wn_run_source *sources, size_t n_sources,
                              struct wn_run **ret_run, struct wn_error *err)
{
    enum wn_code rc = merge(writer, sources, n_sources, err);
    if (rc == WN_OK) {
        rc = drain(writer, &writer->filter, err);
    }
    if (rc == WN_OK) {
        rc = drain(writer, &writer->entries, err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    struct header header = { .offset = identity->position.offset,
                             .sequence = identity->position.sequence,
                             .day = identity->day,
                             .count = writer->count,
                             .blocks = writer->n_blocks,
                             .filter_crc = writer->filter.crc,
                             .entries_crc = writer->entries.crc };
    memcpy(header.magic, run_magic, sizeof(run_magic));
    memcpy(header.scope, identity->scope, sizeof(header.scope));
    header.crc = wn_crc32c(0, &header, sizeof(header) - sizeof(header.crc));
    rc = write_at(writer->fd, writer->path, 0, &header, sizeof(header), err);
    if (rc != WN_OK) {
        return rc;
    }
    struct wn_run *run = make(writer->path, &header);
    rc = map(writer->fd, run, err);
    if (rc != WN_OK) {
        wn_run_unref(run);
        return rc;
    }
    *ret_run = run;
    return WN_OK;
}

enum wn_code wn_run_write(const char *path, const struct wn_run_identity *identity,
                          struct wn_run_source *sources, size_t n_sources, struct wn_run **ret_run,
                          struct wn_error *err)
{
    uint64_t most = 0;
    for (size_t i = 0; i < n_sources; i++) {
        most += (uint64_t)(sources[i].end - sources[i].at);
    }
    struct writer *writer = wn_take(1, sizeof(*writer));
    writer->path = path;
    writer->n_blocks = most * BITS_AN_ENTRY / (BLOCK_BYTES * UINT64_C(8)) + 1;
    writer->filter.offset = sizeof(struct header);
    writer->entries.offset = sizeof(struct header) + writer->n_blocks * BLOCK_BYTES;
    writer->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum wn_code rc = writer->fd < 0
                          ? system_fault(err, "file-write", path)
                          : write_all(writer, identity, sources, n_sources, ret_run, err);
    if (writer->fd >= 0) {
        close(writer->fd);
        if (rc != WN_OK) {
            unlink(path);
        }
    }
    free(writer);
    return rc;
}

enum wn_code wn_run_sync(struct wn_run *run, struct wn_error *err)
{
    if (run->synced) {
        return WN_OK;
    }
    int fd = open(run->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return system_fault(err, "file-write", run->path);
    }
    enum wn_code rc = fsync(fd) == 0 ? WN_OK : system_fault(err, "file-write", run->path);
    close(fd);
    run->synced = rc == WN_OK;
    return rc;
}

struct wn_run *wn_run_ref(struct wn_run *run)
{
    run->refs++;
    return run;
}

struct wn_run *wn_run_unref(struct wn_run *run)
{
    if (run && --run->refs == 0) {
        if (run->map) {
            // A mapping that is only read is still given back by a pointer to what may be written.
            munmap((void *)(uintptr_t)run->map, run->bytes); // NOLINT(performance-no-int-to-ptr)
        }
        free(run->path);
        free(run);
    }
    return NULL;
}
