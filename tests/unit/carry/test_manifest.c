// SPDX-License-Identifier: Apache-2.0

#include "scratch_folder.h"
#include "winnow/manifest.h"

static const struct wn_receipt_input inputs[] = {
    { .sha256 = "aa", .bytes = 100, .records = 3 },
    { .sha256 = "bb", .bytes = 200, .records = 4 },
};
static const struct wn_manifest_file files[] = {
    { "tmp/1-0.avro", "usage.billing.call/x.avro", "f0", 7 },
    { "tmp/1.json", "receipts/x.json", "f1", 0 },
};
static const struct wn_manifest_fact facts[] = { { "rule of a", "0102" } };

static const struct wn_publication first = {
    .batch = 1,
    .batch_id = "x",
    .receipt = 1,
    .receipt_sha256 = "r1",
    .inputs = inputs,
    .n_inputs = 2,
    .files = files,
    .n_files = 2,
    .facts = facts,
    .n_facts = 1,
};

static struct wn_manifest *open_memory(void)
{
    struct wn_manifest *manifest = NULL;
    struct wn_error err;
    assert_int_equal(wn_manifest_open(":memory:", false, &manifest, &err), WN_OK);
    return manifest;
}

static void stands_at_nothing_when_new(void **state)
{
    (void)state;
    struct wn_manifest *manifest = open_memory();
    struct wn_manifest_newest newest = { 9, 9, "x" };
    struct wn_error err;
    bool has = true;
    assert_int_equal(wn_manifest_newest(manifest, &newest, &err), WN_OK);
    assert_int_equal(newest.batch, 0);
    assert_int_equal(newest.receipt, 0);
    assert_string_equal(newest.sha256, "");
    assert_int_equal(wn_manifest_has_input(manifest, "aa", &has, &err), WN_OK);
    assert_false(has);
    assert_null(wn_manifest_close(manifest));
    assert_null(wn_manifest_close(NULL));
}

/** Puts the files that it is shown one behind the other: "1:tmp/…>file=sha/records ". */
static enum wn_code list_file(void *context, uint64_t receipt, const struct wn_manifest_file *file,
                              struct wn_error *err)
{
    (void)err;
    wn_buffer_format(context, "%llu:%s>%s=%s/%llu ", (unsigned long long)receipt, file->aside,
                     file->file, file->sha256, (unsigned long long)file->records);
    return WN_OK;
}

static enum wn_code stop(void *context, uint64_t receipt, const struct wn_manifest_file *file,
                         struct wn_error *err)
{
    (void)receipt;
    (void)file;
    (*(int *)context)++;
    return wn_fail(err, WN_ABORT, "internal", "stop");
}

static void remembers_a_publication(void **state)
{
    (void)state;
    struct wn_manifest *manifest = open_memory();
    struct wn_manifest_newest newest;
    struct wn_error err;
    struct wn_buffer text = { 0 };
    bool is = false;
    int seen = 0;
    assert_int_equal(wn_manifest_commit(manifest, &first, &err), WN_OK);
    assert_int_equal(wn_manifest_newest(manifest, &newest, &err), WN_OK);
    assert_int_equal(newest.batch, 1);
    assert_int_equal(newest.receipt, 1);
    assert_string_equal(newest.sha256, "r1");
    assert_int_equal(wn_manifest_has_input(manifest, "bb", &is, &err), WN_OK);
    assert_true(is);
    assert_int_equal(wn_manifest_each_file(manifest, 1, list_file, &text, &err), WN_OK);
    wn_buffer_add(&text, "", 1);
    assert_string_equal((const char *)text.at, "1:tmp/1-0.avro>usage.billing.call/x.avro=f0/7 "
                                               "1:tmp/1.json>receipts/x.json=f1/0 ");
    assert_int_equal(wn_manifest_each_file(manifest, 1, stop, &seen, &err), WN_ABORT);
    assert_int_equal(seen, 1);
    assert_int_equal(wn_manifest_each_file(manifest, 2, stop, &seen, &err), WN_OK);
    wn_buffer_deinit(&text);
    wn_manifest_close(manifest);
}

static void keeps_the_first_value_of_a_fact(void **state)
{
    (void)state;
    struct wn_manifest *manifest = open_memory();
    struct wn_error err;
    const struct wn_manifest_fact other = { "rule of a", "0103" };
    const struct wn_manifest_fact unknown = { "rule of b", "0103" };
    bool contradicts = true;
    assert_int_equal(wn_manifest_contradicts(manifest, &other, &contradicts, &err), WN_OK);
    assert_false(contradicts);
    assert_int_equal(wn_manifest_commit(manifest, &first, &err), WN_OK);
    assert_int_equal(wn_manifest_contradicts(manifest, &other, &contradicts, &err), WN_OK);
    assert_true(contradicts);
    assert_int_equal(wn_manifest_contradicts(manifest, &facts[0], &contradicts, &err), WN_OK);
    assert_false(contradicts);
    assert_int_equal(wn_manifest_contradicts(manifest, &unknown, &contradicts, &err), WN_OK);
    assert_false(contradicts);
    wn_manifest_close(manifest);
}

static const struct refused {
    const char *name;
    struct wn_publication publication;
} refused[] = {
    { "refuses a batch's number twice",
      { .batch = 1, .batch_id = "y", .receipt = 2, .receipt_sha256 = "r2" } },
    { "refuses a batch's id twice",
      { .batch = 2, .batch_id = "x", .receipt = 2, .receipt_sha256 = "r2" } },
    { "refuses a receipt's number twice",
      { .batch = 2, .batch_id = "y", .receipt = 1, .receipt_sha256 = "r2" } },
    { "refuses a content twice",
      { .batch = 2,
        .batch_id = "y",
        .receipt = 2,
        .receipt_sha256 = "r2",
        .inputs = inputs,
        .n_inputs = 2 } },
};

static void check_refused(void **state)
{
    const struct refused *row = *state;
    struct wn_manifest *manifest = open_memory();
    struct wn_manifest_newest newest;
    struct wn_error err = { 0 };
    assert_int_equal(wn_manifest_commit(manifest, &first, &err), WN_OK);
    assert_int_equal(wn_manifest_commit(manifest, &row->publication, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    // Nothing of it is left, and the next one goes through.
    assert_int_equal(wn_manifest_newest(manifest, &newest, &err), WN_OK);
    assert_int_equal(newest.batch, 1);
    assert_int_equal(newest.receipt, 1);
    const struct wn_publication event = { .receipt = 2, .receipt_sha256 = "r2" };
    assert_int_equal(wn_manifest_commit(manifest, &event, &err), WN_OK);
    assert_int_equal(wn_manifest_newest(manifest, &newest, &err), WN_OK);
    assert_int_equal(newest.batch, 1);
    assert_int_equal(newest.receipt, 2);
    wn_manifest_close(manifest);
}

static void lasts_when_it_is_closed(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_manifest *manifest = NULL;
    struct wn_manifest_newest newest;
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_path(folder, "manifest.db", path);
    assert_int_equal(wn_manifest_open(path, true, &manifest, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_null(manifest);
    assert_int_equal(wn_manifest_open(path, false, &manifest, &err), WN_OK);
    assert_int_equal(wn_manifest_commit(manifest, &first, &err), WN_OK);
    manifest = wn_manifest_close(manifest);
    assert_int_equal(wn_manifest_open(path, true, &manifest, &err), WN_OK);
    assert_int_equal(wn_manifest_newest(manifest, &newest, &err), WN_OK);
    assert_int_equal(newest.batch, 1);
    wn_manifest_close(manifest);
    assert_int_equal(scratch_count(folder, "."), 1); // No journal is left beside it.
    scratch_remove(folder);
}

static void refuses_what_is_no_manifest(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct wn_manifest *manifest = NULL;
    struct wn_error err = { 0 };
    scratch_make(folder);
    scratch_write(folder, "manifest.db", "this is no database, whatever its name may say of it",
                  52);
    scratch_path(folder, "manifest.db", path);
    assert_int_equal(wn_manifest_open(path, false, &manifest, &err), WN_FATAL);
    assert_non_null(strstr(err.text, path));
    assert_null(manifest);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_at_nothing_when_new),
        cmocka_unit_test(remembers_a_publication),
        cmocka_unit_test(keeps_the_first_value_of_a_fact),
        cmocka_unit_test(lasts_when_it_is_closed),
        cmocka_unit_test(refuses_what_is_no_manifest),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TESTS(&all, tests);
    WN_ADD_TABLE(&all, refused, check_refused);
    return wn_run_tests("manifest", &all);
}
