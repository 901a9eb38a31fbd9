// SPDX-License-Identifier: Apache-2.0

#include <sys/wait.h>

#include "files_folder.h"
#include "scratch_folder.h"

static const struct wn_manifest_file files[] = {
    { "tmp/1-0.avro", "usage.billing.call/x.avro", "f0", 7 },
    { "tmp/1.json", "receipts/x.json", "f1", 0 },
};
static const struct wn_publication publication = {
    .batch = 1,
    .batch_id = "x",
    .receipt = 1,
    .receipt_sha256 = "r1",
    .files = files,
    .n_files = 2,
};

static void write_aside(const struct wn_folder *folder)
{
    struct wn_error err;
    assert_int_equal(wn_folder_write(folder, "tmp/1-0.avro", wn_slice_of("usage"), &err), WN_OK);
    assert_int_equal(wn_folder_write(folder, "tmp/1.json", wn_slice_of("receipt"), &err), WN_OK);
    assert_int_equal(wn_folder_sync_aside(folder, &err), WN_OK);
}

static void open_folder(const char *path, struct wn_folder *ret_folder)
{
    struct wn_error err = { 0 };
    if (wn_folder_open(path, ret_folder, &err) != WN_OK) {
        fail_msg("%s", err.text);
    }
}

static void gives_files_their_names(void **state)
{
    (void)state;
    char top[PATH_MAX];
    char path[PATH_MAX];
    struct wn_folder folder;
    struct wn_error err;
    scratch_make(top);
    open_folder(scratch_path(top, "deep/out", path), &folder);
    write_aside(&folder);
    assert_int_equal(wn_manifest_commit(folder.manifest, &publication, &err), WN_OK);
    assert_false(scratch_has(path, "receipts/x.json"));
    assert_int_equal(wn_folder_rename(&folder, 1, &err), WN_OK);
    assert_true(scratch_has(path, "usage.billing.call/x.avro"));
    assert_true(scratch_has(path, "receipts/x.json"));
    assert_int_equal(scratch_count(path, "tmp"), 0);
    wn_folder_close(&folder);
    wn_folder_close(&folder);
    scratch_remove(top);
}

/** Where a crash may leave a publication. */
static const struct crash {
    const char *name;
    unsigned renamed; ///< How many of its files have their names.
    bool committed;
    bool published; ///< What a start makes of it.
} crashes[] = {
    { "removes what was not committed", 0, false, false },
    { "finishes what was committed and has no name yet", 0, true, true },
    { "finishes what was committed and has half its names", 1, true, true },
    { "leaves alone what is finished", 2, true, true },
};

static void check_crash(void **state)
{
    const struct crash *row = *state;
    char top[PATH_MAX];
    char from[PATH_MAX];
    char to[PATH_MAX];
    struct wn_folder folder;
    struct wn_error err;
    scratch_make(top);
    open_folder(top, &folder);
    write_aside(&folder);
    scratch_write(top, "tmp/left-over", "x", 1);
    if (row->committed) {
        assert_int_equal(wn_manifest_commit(folder.manifest, &publication, &err), WN_OK);
    }
    for (unsigned i = 0; i < row->renamed; i++) {
        char home[PATH_MAX];
        scratch_path(top, files[i].file, to);
        snprintf(home, sizeof(home), "%s", to);
        *strrchr(home, '/') = '\0';
        assert_int_equal(mkdir(home, 0750), 0);
        assert_int_equal(rename(scratch_path(top, files[i].aside, from), to), 0);
    }
    wn_folder_close(&folder);

    open_folder(top, &folder);
    assert_int_equal(scratch_has(top, "usage.billing.call/x.avro"), row->published);
    assert_int_equal(scratch_has(top, "receipts/x.json"), row->published);
    assert_int_equal(scratch_count(top, "tmp"), 0);
    assert_int_equal(folder.newest.batch, row->published ? 1 : 0);
    wn_folder_close(&folder);
    scratch_remove(top);
}

static void lets_others_take_published_files_away(void **state)
{
    (void)state;
    char top[PATH_MAX];
    char path[PATH_MAX];
    struct wn_folder folder;
    struct wn_error err;
    scratch_make(top);
    open_folder(top, &folder);
    write_aside(&folder);
    assert_int_equal(wn_manifest_commit(folder.manifest, &publication, &err), WN_OK);
    assert_int_equal(wn_folder_rename(&folder, 1, &err), WN_OK);
    wn_folder_close(&folder);
    assert_int_equal(unlink(scratch_path(top, "usage.billing.call/x.avro", path)), 0);
    open_folder(top, &folder);
    wn_folder_close(&folder);
    scratch_remove(top);
}

static void fails_where_a_file_aside_is_gone(void **state)
{
    (void)state;
    char top[PATH_MAX];
    struct wn_folder folder;
    struct wn_error err = { 0 };
    scratch_make(top);
    open_folder(top, &folder);
    assert_int_equal(wn_manifest_commit(folder.manifest, &publication, &err), WN_OK);
    assert_int_equal(wn_folder_rename(&folder, 1, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    wn_folder_close(&folder);
    scratch_remove(top);
}

/** What a second process gets. */
static int open_in_child(const char *top, bool read)
{
    struct wn_folder folder = { 0 };
    struct wn_error err = { 0 };
    enum wn_code rc =
        read ? wn_folder_open_read(top, &folder, &err) : wn_folder_open(top, &folder, &err);
    return rc == WN_OK ? 0 : strcmp(err.reason, "out-locked") == 0 ? 4 : 1;
}

static int in_child(const char *top, bool read)
{
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(open_in_child(top, read));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void is_written_by_one_and_read_by_several(void **state)
{
    (void)state;
    char top[PATH_MAX];
    struct wn_folder folder;
    struct wn_error err;
    scratch_make(top);
    open_folder(top, &folder);
    assert_int_equal(in_child(top, false), 4);
    assert_int_equal(in_child(top, true), 4);
    wn_folder_close(&folder);
    assert_int_equal(wn_folder_open_read(top, &folder, &err), WN_OK);
    assert_int_equal(in_child(top, true), 0);
    assert_int_equal(in_child(top, false), 4);
    wn_folder_close(&folder);
    assert_int_equal(in_child(top, false), 0);
    scratch_remove(top);
}

static void reads_a_folder_that_is_no_folder_of_ours(void **state)
{
    (void)state;
    char top[PATH_MAX];
    char path[PATH_MAX];
    struct wn_folder folder;
    struct wn_error err = { 0 };
    scratch_make(top);
    assert_int_equal(wn_folder_open_read(top, &folder, &err), WN_OK);
    assert_int_equal(wn_folder_read_manifest(&folder, &err), WN_OK);
    assert_null(folder.manifest);
    scratch_write(top, "manifest.db", "", 0);
    scratch_write(top, "manifest.db-journal", "x", 1);
    assert_int_equal(wn_folder_read_manifest(&folder, &err), WN_FATAL);
    assert_non_null(strstr(err.text, "interrupted"));
    wn_folder_close(&folder);
    assert_int_equal(unlink(scratch_path(top, "manifest.db", path)), 0);
    assert_int_equal(unlink(scratch_path(top, "manifest.db-journal", path)), 0);
    assert_int_equal(scratch_count(top, "."), 0); // Nothing was written.
    assert_int_equal(wn_folder_open_read(scratch_path(top, "missing", path), &folder, &err),
                     WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    scratch_remove(top);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_files_their_names),
        cmocka_unit_test(lets_others_take_published_files_away),
        cmocka_unit_test(fails_where_a_file_aside_is_gone),
        cmocka_unit_test(is_written_by_one_and_read_by_several),
        cmocka_unit_test(reads_a_folder_that_is_no_folder_of_ours),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, crashes, check_crash);
    return wn_run_tests("files-folder", &all);
}
