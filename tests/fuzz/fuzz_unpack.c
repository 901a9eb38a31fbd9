// SPDX-License-Identifier: Apache-2.0

/*
 * Any bytes unpack or give a fault, to no more than is allowed, and alike however much is asked for
 * at once.
 */

#include "scratch.h"

#include <unistd.h>

#include "winnow/hash.h"
#include "winnow/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MOST = 1 << 20
};

/** Unpack, `step` octets at a time. @return whether it came to its end; what came, as a hash */
static bool unpack(int fd, size_t step, uint64_t *ret_hash)
{
    static uint8_t room[65536];
    struct wn_unpack *reader = NULL;
    struct wn_error err;
    struct wn_buffer all = { 0 };
    enum wn_code rc = wn_unpack_open(fd, "fuzz", MOST, &reader, &err);
    size_t got = 1;
    while (rc == WN_OK && got > 0) {
        got = 0;
        rc = wn_unpack_read(reader, room, step, &got, &err);
        must(got <= step);
        if (rc == WN_OK) {
            wn_buffer_add(&all, room, got);
        }
    }
    must(all.len <= MOST);
    *ret_hash = all.len > 0 ? wn_hash64(all.at, all.len) : 0;
    wn_buffer_deinit(&all);
    wn_unpack_close(reader);
    return rc == WN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    int fd = scratch_file(data + 1, size - 1);
    uint64_t hashes[2];
    bool whole = unpack(fd, 65536, &hashes[0]);
    bool parts = unpack(fd, (size_t)data[0] * 16 + 1, &hashes[1]);
    must(whole == parts);
    must(!whole || hashes[0] == hashes[1]);
    close(fd);
    return 0;
}
