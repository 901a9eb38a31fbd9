// SPDX-License-Identifier: Apache-2.0

/** An empty folder of its own for each test, as current folder; all in it goes with it. */

#ifndef FOLDER_H
#define FOLDER_H

#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table.h"
#include "winnow/io.h"
#include "winnow/keeper.h"

static const struct wn_key_paths paths = { .dir = "keys" };

static inline int enter(void **state)
{
    char *folder = strdup("test-keys-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static inline int leave(void **state)
{
    char *const roots[] = { *state, NULL };
    int rc = chdir("..");
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const FTSENT *entry;
    while (tree && (entry = fts_read(tree))) {
        rc |= entry->fts_info != FTS_D && remove(entry->fts_accpath) != 0 ? -1 : 0;
    }
    fts_close(tree);
    free(*state);
    return rc;
}

static inline void assert_fine(enum wn_code rc, const struct wn_error *err)
{
    if (rc != WN_OK) {
        fail_msg("%s: %s", err->reason, err->text);
    }
}

/** Make a folder with these roots. */
static inline void make_keys(const struct wn_key_want *wants, size_t n)
{
    struct wn_error err = { 0 };
    struct wn_keeper_done done;
    assert_fine(wn_keeper_init(&paths, NULL, 1795514400, &err), &err);
    assert_fine(wn_keeper_ensure(&paths, wants, n, 1795514400, &done, &err), &err);
    assert_int_equal(done.made, n);
}

static inline bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static inline void copy_file(const char *from, const char *to, mode_t mode)
{
    struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    assert_fine(wn_io_read(from, 1 << 20, &bytes, &err), &err);
    assert_fine(wn_io_replace(to, mode, bytes.at, bytes.len, &err), &err);
    wn_buffer_deinit(&bytes);
}

static inline mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

/** Open the ring, which must work. */
static inline struct wn_keyring *open_ring(void)
{
    struct wn_keyring *keyring = NULL;
    struct wn_error err = { 0 };
    assert_fine(wn_keyring_open(&paths, &keyring, &err), &err);
    return keyring;
}

/** Open the ring, which must fail for this reason; `text` (NULL: any) is the whole message. */
static inline void assert_refused(const char *reason, const char *text)
{
    struct wn_keyring *keyring = NULL;
    struct wn_error err = { 0 };
    assert_int_equal(wn_keyring_open(&paths, &keyring, &err), WN_FATAL);
    assert_string_equal(err.reason, reason);
    if (text) {
        assert_string_equal(err.text, text);
    }
}

#endif
