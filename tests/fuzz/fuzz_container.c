// SPDX-License-Identifier: Apache-2.0

/*
 * Any bytes give blocks or a fault. A file that is cut gives the same blocks as far as it goes.
 */

#include "scratch.h"

#include <unistd.h>

#include "winnow/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MOST_BLOCKS = 64
};

struct blocks {
    uint64_t hashes[MOST_BLOCKS];
    size_t n;
    bool whole; ///< It ended without a fault.
};

static void read_blocks(const uint8_t *data, size_t size, struct blocks *ret_blocks)
{
    int fd = scratch_file(data, size);
    char path[32];
    scratch_path(fd, path);
    struct wn_container_reader *reader = NULL;
    struct wn_error err;
    *ret_blocks = (struct blocks){ 0 };
    enum wn_code rc = wn_container_open(path, &reader, &err);
    must((rc == WN_OK) == (reader != NULL));
    while (rc == WN_OK && ret_blocks->n < MOST_BLOCKS) {
        struct wn_slice block;
        uint64_t n;
        rc = wn_container_block(reader, &block, &n, &err);
        if (rc == WN_OK && n == 0) {
            ret_blocks->whole = true;
            break;
        }
        if (rc == WN_OK) {
            must(block.len <= (size_t)64 << 20);
            ret_blocks->hashes[ret_blocks->n++] = wn_hash64(block.at, block.len) ^ n;
        }
    }
    wn_container_reader_close(reader);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct blocks whole;
    struct blocks cut;
    read_blocks(data, size, &whole);
    read_blocks(data, size / 2, &cut);
    must(cut.n <= whole.n);
    for (size_t i = 0; i < cut.n; i++) {
        must(cut.hashes[i] == whole.hashes[i]);
    }
    return 0;
}
