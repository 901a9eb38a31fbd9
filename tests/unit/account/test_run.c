// SPDX-License-Identifier: Apache-2.0

/** Runs: what was written is found, nothing else passes the filter, any changed octet is noticed.
 */

#include "account/run.h"

#include "entries.h"

enum {
    N = 3000
};

static const uint8_t scope[32] = { 1, 2, 3 };

static int by_order(const void *a, const void *b)
{
    return wn_entry_order(a, b);
}

/** Write a run of the numbers `first` … `first + n - 1`. */
static struct wn_run *write_run(const char *path, uint64_t first, size_t n)
{
    struct wn_entry *entries = calloc(n > 0 ? n : 1, sizeof(*entries));
    assert_non_null(entries);
    for (size_t i = 0; i < n; i++) {
        entries[i] = entry_from(first + i, (uint32_t)i);
    }
    qsort(entries, n, sizeof(*entries), by_order);
    struct wn_run_source source = { .at = entries, .end = entries + n };
    struct wn_run_identity identity = { .position = at_sequence(1), .day = DAY };
    memcpy(identity.scope, scope, sizeof(scope));
    struct wn_run *run = NULL;
    struct wn_error err;
    assert_int_equal(wn_run_write(path, &identity, &source, 1, &run, &err), WN_OK);
    free(entries);
    return run;
}

static size_t find_in(const struct wn_run *run, uint64_t number)
{
    struct wn_found found[8];
    struct wn_finding finding = { found, 0, WN_COUNT(found) };
    struct wn_entry entry = entry_from(number, 0);
    wn_run_find(run, entry.fingerprint, &finding);
    return finding.n;
}

static void finds_what_it_holds(const char *folder)
{
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof(path), "%s/a.run", folder);
    wn_run_unref(write_run(path, 0, N));
    struct wn_run *run = NULL;
    struct wn_error err;
    assert_int_equal(wn_run_open(path, scope, &run, &err), WN_OK);
    assert_int_equal(run->count, N);
    unsigned passed = 0;
    for (uint64_t i = 0; i < N; i++) {
        struct wn_entry there = entry_from(i, 0), not_there = entry_from(i + N, 0);
        assert_true(wn_run_may_hold(run, there.fingerprint));
        assert_int_equal(find_in(run, i), 1);
        assert_int_equal(find_in(run, i + N), 0);
        passed += wn_run_may_hold(run, not_there.fingerprint) ? 1 : 0;
    }
    assert_in_range(passed, 0, N / 50); // The filter keeps 98 of 100 new keys off the entries.
    wn_run_let_go(run, true);
    assert_int_equal(find_in(run, 17), 1);
    wn_run_unref(run);
}

static void holds_nothing(const char *folder)
{
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof(path), "%s/a.run", folder);
    struct wn_run *run = write_run(path, 0, 0);
    assert_int_equal(find_in(run, 1), 0);
    wn_run_unref(run);
}

static void merges_once_each(const char *folder)
{
    char path[3][SCRATCH_PATH + 16];
    for (int i = 0; i < 3; i++) {
        snprintf(path[i], sizeof(path[i]), "%s/%d.run", folder, i);
    }
    struct wn_run *first = write_run(path[0], 0, 200000), *second = write_run(path[1], 0, 100);
    struct wn_run_source sources[2] = { wn_run_source(first), wn_run_source(second) };
    struct wn_run_identity identity = { .day = DAY };
    memcpy(identity.scope, scope, sizeof(scope));
    struct wn_run *merged = NULL;
    struct wn_error err;
    assert_int_equal(wn_run_write(path[2], &identity, sources, 2, &merged, &err), WN_OK);
    assert_int_equal(merged->count, 200000);
    assert_int_equal(wn_run_sync(merged, &err), WN_OK);
    wn_run_unref(merged);
    assert_int_equal(wn_run_open(path[2], scope, &merged, &err), WN_OK);
    for (uint64_t i = 0; i < 200000; i += 101) {
        assert_int_equal(find_in(merged, i), 1);
    }
    wn_run_unref(merged);
    wn_run_unref(first);
    wn_run_unref(second);
}

static void refuse(const char *path, const struct wn_buffer *bytes)
{
    scratch_write(path, bytes->at, bytes->len);
    struct wn_run *run = NULL;
    struct wn_error err;
    assert_int_equal(wn_run_open(path, scope, &run, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, "restore"));
}

static void notices_every_octet(const char *folder)
{
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof(path), "%s/a.run", folder);
    wn_run_unref(write_run(path, 0, 40));
    struct wn_buffer bytes = { 0 };
    scratch_read(path, &bytes);
    assert_int_equal(bytes.len, 128 + 64 + 40 * 16);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.at[i] ^= (uint8_t)(1U << (i % 8));
        refuse(path, &bytes);
        bytes.at[i] ^= (uint8_t)(1U << (i % 8));
    }
    size_t whole = bytes.len;
    for (bytes.len = 0; bytes.len < whole; bytes.len += 31) {
        refuse(path, &bytes);
    }
    bytes.len = whole;
    wn_buffer_add(&bytes, "", 1);
    refuse(path, &bytes);
    wn_buffer_deinit(&bytes);
}

static void refuses_another_scope(const char *folder)
{
    char path[SCRATCH_PATH + 16];
    snprintf(path, sizeof(path), "%s/a.run", folder);
    wn_run_unref(write_run(path, 0, 40));
    static const uint8_t other[32] = { 9 };
    struct wn_run *run = NULL;
    struct wn_error err;
    assert_int_equal(wn_run_open(path, other, &run, &err), WN_FATAL);
    assert_string_equal(err.reason, "file-read");
}

static void leaves_nothing_on_a_full_disk(const char *folder)
{
    (void)folder;
    struct wn_entry entry = entry_from(1, 1);
    struct wn_run_source source = { .at = &entry, .end = &entry + 1 };
    struct wn_run_identity identity = { .day = DAY };
    struct wn_run *run = NULL;
    struct wn_error err;
    assert_int_equal(wn_run_write("/nonexistent/a.run", &identity, &source, 1, &run, &err),
                     WN_FATAL);
    assert_string_equal(err.reason, "file-write");
    assert_null(run);
}

struct row {
    const char *name;
    void (*body)(const char *folder);
};

static const struct row rows[] = {
    { "a run finds what it holds, and its filter keeps the rest off", finds_what_it_holds },
    { "a run without entries finds nothing", holds_nothing },
    { "runs that share entries merge into one with each entry once", merges_once_each },
    { "every changed octet, every cut, an octet more: refused", notices_every_octet },
    { "a run of another scope is refused", refuses_another_scope },
    { "a run that can't be written is file-write", leaves_nothing_on_a_full_disk },
};

static void check(void **state)
{
    const struct row *row = *state;
    char folder[SCRATCH_PATH];
    scratch_make(folder);
    row->body(folder);
    scratch_remove(folder);
}

int main(void)
{
    return WN_RUN_TABLE("run", rows, check);
}
