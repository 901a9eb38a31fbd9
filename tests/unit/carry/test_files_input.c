// SPDX-License-Identifier: Apache-2.0

#include <sys/wait.h>

#include "files_input.h"
#include "files_members.h"
#include "scratch_folder.h"
#include "winnow/format.h"

static void adds_a_folder_s_files_by_name(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_input_list inputs = { 0 };
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_write(folder, "b", "22", 2);
    scratch_write(folder, "a10", "1", 1);
    scratch_write(folder, "a2", "333", 3);
    scratch_write(folder, ".hidden", "x", 1);
    assert_int_equal(mkdir(scratch_path(folder, "c", path), 0700), 0);
    scratch_write(folder, "c/inside", "x", 1);

    assert_int_equal(wn_input_list_add(&inputs, folder, 4, folder, &err), WN_OK);
    assert_int_equal(
        wn_input_list_add(&inputs, scratch_path(folder, "c/inside", path), 5, folder, &err), WN_OK);
    static const char *const expected[] = { "a10", "a2", "b", "c/inside" };
    assert_int_equal(inputs.n, WN_COUNT(expected));
    assert_int_equal(inputs.size, 7);
    for (size_t i = 0; i < inputs.n; i++) {
        assert_string_equal(inputs.list[i].name, scratch_path(folder, expected[i], path));
        assert_int_equal(inputs.list[i].place, i == 3 ? 5 : 4);
    }
    wn_input_list_deinit(&inputs);
    wn_input_list_deinit(&inputs);
    scratch_remove(folder);
}

static void refuses_what_is_not_there(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_input_list inputs = { 0 };
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_path(folder, "missing", path);
    assert_int_equal(wn_input_list_add(&inputs, path, 1, folder, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_non_null(strstr(err.text, path));
    assert_int_equal(wn_input_list_add(&inputs, "/dev/null", 1, folder, &err), WN_FATAL);
    assert_non_null(strstr(err.text, "neither a file nor a folder"));
    assert_int_equal(inputs.n, 0);
    wn_input_list_deinit(&inputs);
    scratch_remove(folder);
}

/** Takes whole lines; keeps all bytes, and how large the largest window was. */
struct taken {
    struct wn_buffer bytes;
    size_t largest;
    unsigned begins, ends;
    const char *spoil; ///< Written to at the first call.
};

static enum wn_code take_lines(void *context, bool begin, struct wn_slice *rest, bool end,
                               struct wn_error *err)
{
    struct taken *taken = context;
    (void)err;
    taken->begins += begin ? 1 : 0;
    taken->ends += end ? 1 : 0;
    taken->largest = rest->len > taken->largest ? rest->len : taken->largest;
    size_t len = rest->len;
    while (!end && len > 0 && rest->at[len - 1] != '\n') {
        len--;
    }
    wn_buffer_add(&taken->bytes, rest->at, len);
    *rest = wn_slice_after(*rest, len);
    if (begin && taken->spoil) {
        FILE *file = fopen(taken->spoil, "ab");
        assert_non_null(file);
        fputs("more\n", file);
        fclose(file);
    }
    return WN_OK;
}

/** `n` lines of `size` octets. */
static struct wn_buffer lines_of(size_t n, size_t size)
{
    struct wn_buffer text = { 0 };
    for (size_t i = 0; i < n; i++) {
        memset(wn_buffer_room(&text, size), 'a' + (int)(i % 26), size);
        text.len += size;
        wn_buffer_text(&text, "\n");
    }
    return text;
}

static const struct content {
    const char *name;
    size_t lines, size;
    size_t window_most; ///< What the largest window may be.
} contents[] = {
    { "reads an empty file", 0, 0, 0 },
    { "reads a small file at once", 3, 10, 33 },
    { "reads a large file in windows of a chunk and a record", 2000, 1000, (256 << 10) + 1001 },
    { "lets the window grow for a large record, and reads on", 3, 3 << 20, 13 << 20 },
};

static void check_content(void **state)
{
    const struct content *row = *state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_buffer text = lines_of(row->lines, row->size);
    struct wn_input_list inputs = { 0 };
    struct wn_window window = { 0 };
    struct wn_content content = { 0 };
    struct taken taken = { 0 };
    struct wn_error err = { 0 };
    uint8_t digest[32];
    scratch_make(folder);
    scratch_write(folder, "input", text.len > 0 ? (const void *)text.at : "", text.len);
    wn_sha256_of(text.len > 0 ? (const void *)text.at : "", text.len, digest);

    assert_int_equal(
        wn_input_list_add(&inputs, scratch_path(folder, "input", path), 1, folder, &err), WN_OK);
    assert_int_equal(wn_content_hash(&inputs.list[0], &window, &content, &err), WN_OK);
    assert_memory_equal(content.digest, digest, sizeof(digest));
    assert_int_equal(content.bytes, text.len);
    assert_int_equal(wn_content_read(&inputs.list[0], &content, &window, take_lines, &taken, &err),
                     WN_OK);
    assert_true(wn_slice_same(wn_buffer_slice(&taken.bytes), wn_buffer_slice(&text)));
    assert_int_equal(taken.begins, 1);
    assert_int_equal(taken.ends, 1);
    assert_true(taken.largest <= row->window_most);

    // Who only looks gets the same in one pass.
    struct taken looked = { 0 };
    assert_int_equal(wn_content_look(&inputs.list[0], &window, take_lines, &looked, &err), WN_OK);
    assert_true(wn_slice_same(wn_buffer_slice(&looked.bytes), wn_buffer_slice(&text)));
    wn_buffer_deinit(&looked.bytes);

    // What was read is wiped, all of it.
    const size_t used = window.used_most;
    assert_true(used >= taken.largest);
    wn_window_wipe(&window);
    for (size_t i = 0; i < used; i++) {
        assert_int_equal(window.at[i], 0);
    }
    wn_window_deinit(&window);
    wn_input_list_deinit(&inputs);
    wn_buffer_deinit(&taken.bytes);
    wn_buffer_deinit(&text);
    scratch_remove(folder);
}

/** What happens to a file between or in the two passes. */
enum change {
    REWRITE,
    APPEND,
    REPLACE,
    APPEND_WHILE_READ,
    CRC_ONLY,
    LENGTH_ONLY
};

static const struct changed {
    const char *name;
    enum change change;
} changes[] = {
    { "refuses a file that was written anew", REWRITE },
    { "refuses a file that grew", APPEND },
    { "refuses another file under its name", REPLACE },
    { "refuses a file that grows while it is read", APPEND_WHILE_READ },
    { "refuses other bytes under the same times", CRC_ONLY },
    { "refuses another length under the same times", LENGTH_ONLY },
};

static void check_change(void **state)
{
    const struct changed *row = *state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    char other[PATH_MAX];
    struct wn_input_list inputs = { 0 };
    struct wn_window window = { 0 };
    struct wn_content content = { 0 };
    struct taken taken = { 0 };
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_write(folder, "input", "one\ntwo\n", 8);
    scratch_path(folder, "input", path);
    assert_int_equal(wn_input_list_add(&inputs, path, 1, folder, &err), WN_OK);
    assert_int_equal(wn_content_hash(&inputs.list[0], &window, &content, &err), WN_OK);
    switch (row->change) {
    case REWRITE:
        scratch_write(folder, "input", "one\ntwo!\n", 9);
        break;
    case APPEND:
        scratch_write(folder, "input", "one\ntwo\nthree\n", 14);
        break;
    case REPLACE:
        scratch_write(folder, "other", "one\ntwo\n", 8);
        assert_int_equal(rename(scratch_path(folder, "other", other), path), 0);
        break;
    case APPEND_WHILE_READ:
        taken.spoil = path;
        break;
    case CRC_ONLY:
        content.crc ^= 1;
        break;
    case LENGTH_ONLY:
        content.bytes++;
        break;
    }
    assert_int_equal(wn_content_read(&inputs.list[0], &content, &window, take_lines, &taken, &err),
                     WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_non_null(strstr(err.text, "it changed while it was read"));
    wn_window_deinit(&window);
    wn_input_list_deinit(&inputs);
    wn_buffer_deinit(&taken.bytes);
    scratch_remove(folder);
}

static enum wn_code take_nothing(void *context, bool begin, struct wn_slice *rest, bool end,
                                 struct wn_error *err)
{
    (void)context;
    (void)begin;
    (void)rest;
    (void)end;
    (void)err;
    return WN_OK;
}

static void never_waits_for_ever_for_a_record(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_buffer text = lines_of(1, (size_t)WN_RECORD_BYTES + (1 << 20));
    struct wn_input_list inputs = { 0 };
    struct wn_window window = { 0 };
    struct wn_content content = { 0 };
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_write(folder, "input", text.at, text.len);
    assert_int_equal(
        wn_input_list_add(&inputs, scratch_path(folder, "input", path), 1, folder, &err), WN_OK);
    assert_int_equal(wn_content_hash(&inputs.list[0], &window, &content, &err), WN_OK);
    assert_int_equal(wn_content_read(&inputs.list[0], &content, &window, take_nothing, NULL, &err),
                     WN_FATAL);
    assert_string_equal(err.reason, "internal");
    assert_true(window.capacity < (size_t)WN_RECORD_BYTES + (1 << 20));
    wn_window_deinit(&window);
    wn_input_list_deinit(&inputs);
    wn_buffer_deinit(&text);
    scratch_remove(folder);
}

/** In a child, whose standard input is a pipe. @return 0 where all is well. */
static int spool_in_child(const char *folder)
{
    struct wn_input_list inputs = { 0 };
    struct wn_window window = { 0 };
    struct wn_content content = { 0 };
    struct wn_error err = { 0 };
    struct stat status;
    if (wn_input_list_add(&inputs, "-", 2, folder, &err) != WN_OK || inputs.n != 1) {
        return 1;
    }
    if (fstat(inputs.list[0].spool, &status) != 0 || status.st_nlink != 0 ||
        (status.st_mode & 0777) != 0600 || scratch_count(folder, ".") != 0) {
        return 2;
    }
    if (wn_content_hash(&inputs.list[0], &window, &content, &err) != WN_OK || content.bytes != 8) {
        return 3;
    }
    if (wn_input_list_add(&inputs, "-", 3, folder, &err) != WN_FATAL ||
        !strstr(err.text, "twice")) {
        return 4;
    }
    wn_input_list_deinit(&inputs);
    wn_window_deinit(&window);
    return 0;
}

static void spools_standard_input_to_a_file_without_a_name(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    int ends[2];
    scratch_make(folder);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "one\ntwo\n", 8), 8);
    close(ends[1]);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        _exit(spool_in_child(folder));
    }
    close(ends[0]);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    scratch_remove(folder);
}

static void keeps_each_content_once(void **state)
{
    (void)state;
    struct wn_members members = { 0 };
    const struct wn_input_file input = { .name = "x", .spool = -1 };
    struct wn_content content = { .bytes = 10 };
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 1000; i++) {
            memcpy(content.digest, &i, sizeof(i));
            content.digest[31] = 1;
            assert_int_equal(wn_members_add(&members, &input, &content), round == 0);
        }
    }
    assert_int_equal(members.n, 1000);
    assert_int_equal(members.bytes, 10000);
    wn_members_clear(&members);
    assert_int_equal(members.n, 0);
    assert_true(wn_members_add(&members, &input, &content));
    wn_members_deinit(&members);
    wn_members_clear(&members);
    wn_members_deinit(&members);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_a_folder_s_files_by_name),
        cmocka_unit_test(refuses_what_is_not_there),
        cmocka_unit_test(never_waits_for_ever_for_a_record),
        cmocka_unit_test(spools_standard_input_to_a_file_without_a_name),
        cmocka_unit_test(keeps_each_content_once),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, contents, check_content);
    WN_ADD_TABLE(&all, changes, check_change);
    return wn_run_tests("files-input", &all);
}
