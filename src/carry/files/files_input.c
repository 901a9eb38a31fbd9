// SPDX-License-Identifier: Apache-2.0

/*
 * A file is read twice: its hash must be known before its first record leaves (it is the records'
 * `origin`, and a content that was sifted before must not be begun). So it must be the same file
 * both times. Hashing it again would cost as much as reading its records; instead the second pass
 * compares identity, size and times of the file, and a CRC-32C of its unpacked content, which the
 * processor computes at many GB/s and which sees what the times are too coarse for. Somebody who
 * can set the file's times back and keep its CRC can as well write what he likes into it at once.
 *
 * Standard input can't be read twice, so it is spooled to a file without a name.
 *
 * The window: what is left of a record whose end is not there yet moves to the front, more is read
 * behind it. Where a whole window gave no record, it doubles, so that a record of 16 MiB is looked
 * at seven times and not sixty-four.
 */

#include "files_input.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "winnow/format.h"
#include "winnow/io.h"
#include "winnow/unpack.h"

enum {
    CHUNK = 256 << 10,
    WINDOW_MOST = WN_RECORD_BYTES + 2 * CHUNK,
};

static enum wn_code fail_read(struct wn_error *err, const char *name)
{
    return wn_fail(err, WN_FATAL, "file-read", "%s: %s", name, strerror(errno));
}

static void push(struct wn_input_list *inputs, const struct wn_input_file *input)
{
    if (inputs->n == inputs->capacity) {
        size_t capacity = inputs->capacity == 0 ? 16 : inputs->capacity * 2;
        struct wn_input_file *list = realloc(inputs->list, capacity * sizeof(*list));
        if (!list) {
            fputs("winnow: out of memory\n", stderr);
            abort();
        }
        inputs->list = list;
        inputs->capacity = capacity;
    }
    inputs->list[inputs->n] = *input;
    inputs->list[inputs->n++].limits = inputs->limits;
    inputs->size += input->size;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/** Names of a folder's entries, but hidden ones; sorted. They are the caller's to free. */
static enum wn_code list_folder(const char *folder, char ***ret_names, size_t *ret_n,
                                struct wn_error *err)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        return fail_read(err, folder);
    }
    size_t n = 0;
    size_t capacity = 0;
    char **names = NULL;
    errno = 0;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (n == capacity) {
            capacity = capacity == 0 ? 64 : capacity * 2;
            char **more = realloc(names, capacity * sizeof(*names));
            if (!more) {
                break;
            }
            names = more;
        }
        names[n] = strdup(entry->d_name);
        if (!names[n]) {
            break;
        }
        n++;
    }
    enum wn_code rc = errno == 0 ? WN_OK : fail_read(err, folder);
    closedir(dir);
    if (n > 0) {
        qsort(names, n, sizeof(*names), by_name);
    }
    *ret_names = names;
    *ret_n = n;
    return rc;
}

static enum wn_code add_file(struct wn_input_list *inputs, const char *name, unsigned place,
                             bool skip_others, struct wn_error *err)
{
    struct stat status;
    if (stat(name, &status) != 0) {
        return fail_read(err, name);
    }
    if (!S_ISREG(status.st_mode) && skip_others) {
        inputs->left_out++;
        return WN_OK;
    }
    if (!S_ISREG(status.st_mode)) {
        return wn_fail(err, WN_FATAL, "file-read",
                       "%s: neither a file nor a folder; pipe it into '-'", name);
    }
    const struct wn_input_file input = {
        .name = wn_arena_copy(&inputs->arena, wn_slice_of(name)).at,
        .place = place,
        .spool = -1,
        .size = (uint64_t)status.st_size,
    };
    push(inputs, &input);
    return WN_OK;
}

static enum wn_code add_folder(struct wn_input_list *inputs, const char *folder, unsigned place,
                               struct wn_error *err)
{
    char **names = NULL;
    size_t n = 0;
    enum wn_code rc = list_folder(folder, &names, &n, err);
    for (size_t i = 0; i < n; i++) {
        char path[PATH_MAX];
        if (rc == WN_OK &&
            snprintf(path, sizeof(path), "%s/%s", folder, names[i]) >= (int)sizeof(path)) {
            errno = ENAMETOOLONG;
            rc = fail_read(err, folder);
        }
        if (rc == WN_OK) {
            rc = add_file(inputs, path, place, true, err);
        }
        free(names[i]);
    }
    free(names);
    return rc;
}

/** A file without a name, readable by its owner only, in `folder`. */
static int open_nameless(const char *folder)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/spool-XXXXXX", folder) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkstemp(path);
    if (fd >= 0 && (unlink(path) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static enum wn_code spool(int fd, const char *folder, uint64_t *ret_size, struct wn_error *err)
{
    char *chunk = malloc(CHUNK);
    if (!chunk) {
        return wn_fail(err, WN_FATAL, "file-read", "standard input: out of memory");
    }
    enum wn_code rc = WN_OK;
    for (uint64_t size = 0; rc == WN_OK;) {
        ssize_t got = read(STDIN_FILENO, chunk, CHUNK);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            rc = fail_read(err, "standard input");
        }
        if (got <= 0) {
            *ret_size = size;
            break;
        }
        rc = wn_io_write(fd, folder, chunk, (size_t)got, err);
        size += (uint64_t)got;
    }
    explicit_bzero(chunk, CHUNK);
    free(chunk);
    return rc;
}

static enum wn_code add_standard_input(struct wn_input_list *inputs, unsigned place,
                                       const char *spool_folder, struct wn_error *err)
{
    for (size_t i = 0; i < inputs->n; i++) {
        if (inputs->list[i].spool >= 0) {
            return wn_fail(err, WN_FATAL, "file-read", "standard input: '-' stands twice");
        }
    }
    struct wn_input_file input = { .name = "standard input", .place = place };
    input.spool = open_nameless(spool_folder);
    if (input.spool < 0) {
        return wn_fail(err, WN_FATAL, "file-write", "%s: %s", spool_folder, strerror(errno));
    }
    enum wn_code rc = spool(input.spool, spool_folder, &input.size, err);
    if (rc != WN_OK) {
        close(input.spool);
        return rc;
    }
    push(inputs, &input);
    return WN_OK;
}

enum wn_code wn_input_list_add(struct wn_input_list *inputs, const char *argument, unsigned place,
                               const char *spool_folder, struct wn_error *err)
{
    struct stat status;
    if (strcmp(argument, "-") == 0) {
        return add_standard_input(inputs, place, spool_folder, err);
    }
    if (stat(argument, &status) == 0 && S_ISDIR(status.st_mode)) {
        return add_folder(inputs, argument, place, err);
    }
    return add_file(inputs, argument, place, false, err);
}

void wn_input_list_deinit(struct wn_input_list *inputs)
{
    for (size_t i = 0; i < inputs->n; i++) {
        if (inputs->list[i].spool >= 0) {
            close(inputs->list[i].spool);
        }
    }
    free(inputs->list);
    wn_arena_deinit(&inputs->arena);
    *inputs = (struct wn_input_list){ 0 };
}

void wn_window_wipe(struct wn_window *window)
{
    if (window->used_most > 0) {
        explicit_bzero(window->at, window->used_most);
        window->used_most = 0;
    }
}

void wn_window_deinit(struct wn_window *window)
{
    wn_window_wipe(window);
    free(window->at);
    *window = (struct wn_window){ 0 };
}

/** Make the window at least `size` large; what was in it stays, and no copy of it is left behind.
 */
static enum wn_code grow(struct wn_window *window, size_t size, struct wn_error *err)
{
    if (size <= window->capacity) {
        return WN_OK;
    }
    size = (size + CHUNK - 1) / CHUNK * CHUNK; // Not a little more each time.
    char *larger = malloc(size);
    if (!larger) {
        return wn_fail(err, WN_FATAL, "file-read", "out of memory");
    }
    size_t used = window->used_most;
    if (used > 0) {
        memcpy(larger, window->at, used);
    }
    wn_window_deinit(window);
    window->at = larger;
    window->capacity = size;
    window->used_most = used;
    return WN_OK;
}

/** Note what identifies the open file. */
static enum wn_code stamp(int fd, const char *name, struct wn_stamp *ret_stamp,
                          struct wn_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return fail_read(err, name);
    }
    *ret_stamp = wn_io_stamp(&status);
    return WN_OK;
}

static enum wn_code changed(const struct wn_input_file *input, struct wn_error *err)
{
    return wn_fail(err, WN_FATAL, "file-read",
                   "%s: it changed while it was read; run again when it is whole", input->name);
}

/** An input that is open. */
struct reading {
    const struct wn_input_file *input;
    int fd;
    struct wn_unpack *unpack;
    struct wn_content content; ///< Of what was read so far.
};

static enum wn_code reading_open(const struct wn_input_file *input, struct reading *ret_reading,
                                 struct wn_error *err)
{
    *ret_reading = (struct reading){ .input = input, .fd = input->spool };
    if (input->spool < 0) {
        ret_reading->fd = open(input->name, O_RDONLY | O_CLOEXEC);
        if (ret_reading->fd < 0) {
            return fail_read(err, input->name);
        }
        (void)posix_fadvise(ret_reading->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    if (stamp(ret_reading->fd, input->name, &ret_reading->content.stamp, err) != WN_OK) {
        return err->code;
    }
    const uint64_t size = (uint64_t)ret_reading->content.stamp.size;
    return wn_unpack_open(ret_reading->fd, input->name, wn_unpack_most(&input->limits, size),
                          &ret_reading->unpack, err);
}

static void reading_close(struct reading *reading)
{
    reading->unpack = wn_unpack_close(reading->unpack);
    if (reading->fd >= 0 && reading->input->spool < 0) {
        close(reading->fd);
    }
    reading->fd = -1;
}

/** Read up to `target` octets of the window. @param used  In use; moves. */
static enum wn_code reading_fill(struct reading *reading, struct wn_window *window, size_t target,
                                 size_t *used, bool *ret_end, struct wn_error *err)
{
    if (grow(window, target, err) != WN_OK) {
        return err->code;
    }
    *ret_end = false;
    while (*used < target && !*ret_end) {
        size_t got = 0;
        if (wn_unpack_read(reading->unpack, window->at + *used, target - *used, &got, err) !=
            WN_OK) {
            return err->code;
        }
        reading->content.crc = wn_crc32c(reading->content.crc, window->at + *used, got);
        reading->content.bytes += got;
        *used += got;
        window->used_most = *used > window->used_most ? *used : window->used_most;
        *ret_end = got == 0;
    }
    return WN_OK;
}

/** Is the file still what it was when it was opened? */
static enum wn_code reading_unchanged(const struct reading *reading, struct wn_error *err)
{
    struct wn_stamp now;
    if (stamp(reading->fd, reading->input->name, &now, err) != WN_OK) {
        return err->code;
    }
    return wn_io_same_stamp(&now, &reading->content.stamp) ? WN_OK : changed(reading->input, err);
}

static enum wn_code hash_all(struct reading *reading, struct wn_window *window,
                             struct wn_sha256 *hash, struct wn_error *err)
{
    for (bool end = false; !end;) {
        size_t used = 0;
        if (reading_fill(reading, window, CHUNK, &used, &end, err) != WN_OK) {
            return err->code;
        }
        wn_sha256_add(hash, window->at, used);
    }
    return reading_unchanged(reading, err);
}

enum wn_code wn_content_hash(const struct wn_input_file *input, struct wn_window *window,
                             struct wn_content *ret_content, struct wn_error *err)
{
    struct reading reading;
    struct wn_sha256 *hash = wn_sha256_open();
    enum wn_code rc = reading_open(input, &reading, err);
    if (rc == WN_OK) {
        rc = hash_all(&reading, window, hash, err);
    }
    if (rc == WN_OK) {
        *ret_content = reading.content;
        wn_sha256_finish(hash, ret_content->digest);
        wn_hex(ret_content->digest, sizeof(ret_content->digest), ret_content->sha256);
    }
    wn_sha256_close(hash);
    reading_close(&reading);
    return rc;
}

static enum wn_code read_all(struct reading *reading, struct wn_window *window,
                             wn_content_visit *visit, void *context, struct wn_error *err)
{
    size_t used = 0;
    size_t target = CHUNK;
    bool begin = true;
    for (bool end = false; !end;) {
        if (reading_fill(reading, window, target, &used, &end, err) != WN_OK) {
            return err->code;
        }
        struct wn_slice rest = { window->at, used };
        if (visit(context, begin, &rest, end, err) != WN_OK) {
            return err->code;
        }
        begin = false;
        assert(rest.len <= used);
        bool moved = rest.len < used;
        if (rest.len > 0 && moved) {
            memmove(window->at, rest.at, rest.len);
        }
        used = rest.len;
        target = moved ? used + CHUNK : used * 2;
        target = target < CHUNK ? CHUNK : target;
        target = target > WINDOW_MOST ? WINDOW_MOST : target;
        if (end ? used > 0 : used >= WINDOW_MOST) {
            return wn_fail(err, WN_FATAL, "internal", "%s: the format takes no record off its end",
                           reading->input->name);
        }
    }
    return WN_OK;
}

enum wn_code wn_content_read(const struct wn_input_file *input, const struct wn_content *content,
                             struct wn_window *window, wn_content_visit *visit, void *context,
                             struct wn_error *err)
{
    struct reading reading;
    enum wn_code rc = reading_open(input, &reading, err);
    if (rc == WN_OK && !wn_io_same_stamp(&reading.content.stamp, &content->stamp)) {
        rc = changed(input, err);
    }
    if (rc == WN_OK) {
        rc = read_all(&reading, window, visit, context, err);
    }
    if (rc == WN_OK) {
        rc = reading_unchanged(&reading, err);
    }
    if (rc == WN_OK &&
        (reading.content.bytes != content->bytes || reading.content.crc != content->crc)) {
        rc = changed(input, err);
    }
    reading_close(&reading);
    return rc;
}

enum wn_code wn_content_look(const struct wn_input_file *input, struct wn_window *window,
                             wn_content_visit *visit, void *context, struct wn_error *err)
{
    struct reading reading;
    enum wn_code rc = reading_open(input, &reading, err);
    if (rc == WN_OK) {
        rc = read_all(&reading, window, visit, context, err);
    }
    if (rc == WN_OK) {
        rc = reading_unchanged(&reading, err);
    }
    reading_close(&reading);
    return rc;
}
