// SPDX-License-Identifier: Apache-2.0

/*
 * A record is read alike whatever came before it: each of these behind each other, by one reader
 * that remembers forms, and by a reader that has seen nothing.
 */

#include <stdio.h>

#include "harness.h"

static const char *const records[] = {
    "{\"a\":\"x\",\"n\":1}",
    "{\"a\":\"y\",\"n\":2}",
    "{\"a\":null,\"n\":2}", // Same tokens, and a value less.
    "{\"a\":7,\"n\":\"s\"}",
    "{\"a\":\"\",\"n\":2}",
    "{\"a\":\"y\",\"n\":02}", // Not a number.
    "{\"a\":\"y\",\"n\":nul}",
    "{\"a\":\"\\u0041\\n\",\"n\":1}",
    "{\"a\":\"\\ud83d\",\"n\":1}", // A lone surrogate where a text is wanted.
    "{\"n\":\"x\",\"a\":1}",       // Same tokens, other names.
    "{\"m\":\"x\",\"a\":1}",
    "{\"a\":\"x\",\"a\":1}",       // Twice.
    "{\"n\":\"x\",\"n\":1}",       // Twice, and unwanted.
    "{\"\\u0061\":\"x\",\"n\":1}", // An escaped name.
    "{\"a\\\"\":\"x\",\"n\":1}",
    "{\"a\" : \"x\" , \"n\" : 1 }", // White space.
    "{\"ab\":\"x\",\"n\":1}",
    "{\"\":\"x\",\"n\":1}",
    "{\"20612345678\":\"x\",\"n\":1}", // A name that may be a value.
    "{\"20687654321\":\"x\",\"n\":1}",
    "{\"b\":{\"c\":1},\"n\":1}",
    "{\"b\":{\"d\":1},\"n\":1}",
    "{\"b\":{\"c\":{}},\"n\":1}",
    "{\"b\":[\"c\",1],\"n\":1}",
    "{\"l\":[1,2,\"3\"],\"n\":1}",
    "{\"l\":[\"1\",2,3],\"n\":1}",
    "{\"l\":[],\"n\":1}",
    "{\"n\":{\"p\":[1,{}]},\"a\":2}",
    "{\"n\":{\"q\":[1,{}]},\"a\":2}", // What is skipped may have other names.
    "{\"v\":\"a%41\",\"n\":1}",
    "{\"v\":\"a%4\",\"n\":1}",
    "{\"a\":\"x\"\"n\":1}",
    "{\"a\":\"x\",\"n\":1}}",
    "{\"a\":\"\xff\",\"n\":1}",
    "{}",
};

/** Write a name and how often it was counted. */
static void tell_count(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, " %s=%llu", name, (unsigned long long)count);
}

/** Decode one record; tell its reason or takes. */
static void decode(struct wn_reader *reader, const struct wn_paths *paths, struct wn_drift *drift,
                   const char *record, struct wn_buffer *ret_text)
{
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    enum wn_code rc =
        wn_format_json.decode(reader, wn_slice_of(record), &arena, drift, &taken, &err);
    if (rc != WN_OK) {
        wn_buffer_text(ret_text, err.reason);
    }
    for (unsigned i = 0; rc == WN_OK && i < wn_paths_count(paths); i++) {
        for (const struct wn_taken *it = &taken.top[i]; it; it = it->next) {
            wn_buffer_format(ret_text, "%d", (int)it->state);
            wn_buffer_add(ret_text, it->text.at, it->text.len);
        }
        wn_buffer_text(ret_text, "|");
    }
    wn_buffer_text(ret_text, "\n");
    wn_arena_deinit(&arena);
}

/** Read records one after the other; `fresh`: each by a reader that has seen nothing. */
static void read_all(const struct wn_paths *paths, const char *const *list, size_t n, bool fresh,
                     struct wn_buffer *ret_text)
{
    const struct wn_format_options options = { .paths = paths };
    struct wn_reader *reader = wn_format_json.open(&options);
    struct wn_drift *drift = wn_drift_open();
    for (size_t i = 0; i < n; i++) {
        if (fresh) {
            wn_format_json.close(reader);
            reader = wn_format_json.open(&options);
        }
        decode(reader, paths, drift, list[i], ret_text);
    }
    wn_drift_each(drift, tell_count, ret_text);
    wn_buffer_add(ret_text, "", 1);
    wn_drift_close(drift);
    wn_format_json.close(reader);
}

static void reads_alike_whatever_came_before(void **state)
{
    (void)state;
    const struct harness_source source = { .paths = "/a /b /b/c /l/* /l/-1 /v", .percent = "/v" };
    struct wn_paths *paths = harness_paths(&source);
    for (size_t i = 0; i < WN_COUNT(records); i++) {
        for (size_t k = 0; k < WN_COUNT(records); k++) {
            // Twice each, so that both forms are known; then the second behind the first again.
            const char *const list[] = { records[i], records[i], records[k],
                                         records[k], records[i], records[k] };
            struct wn_buffer remembered = { 0 };
            struct wn_buffer fresh = { 0 };
            read_all(paths, list, WN_COUNT(list), false, &remembered);
            read_all(paths, list, WN_COUNT(list), true, &fresh);
            assert_string_equal((const char *)remembered.at, (const char *)fresh.at);
            wn_buffer_deinit(&fresh);
            wn_buffer_deinit(&remembered);
        }
    }
    wn_paths_close(paths);
}

static void reads_more_forms_than_are_remembered(void **state)
{
    (void)state;
    const struct harness_source source = { .paths = "/a" };
    struct wn_paths *paths = harness_paths(&source);
    enum {
        FORMS = 24,
        ROUNDS = 3
    };
    char texts[FORMS][512];
    const char *list[FORMS * ROUNDS];
    for (size_t i = 0; i < FORMS; i++) { // 0 to 23 names before the one that is wanted.
        size_t n = (size_t)snprintf(texts[i], sizeof(texts[i]), "{");
        for (size_t k = 0; k < i; k++) {
            n += (size_t)snprintf(texts[i] + n, sizeof(texts[i]) - n, "\"n%zu\":%zu,", k, k);
        }
        snprintf(texts[i] + n, sizeof(texts[i]) - n, "\"a\":%zu}", i);
    }
    for (size_t i = 0; i < WN_COUNT(list); i++) {
        list[i] = texts[i % FORMS];
    }
    struct wn_buffer remembered = { 0 };
    struct wn_buffer fresh = { 0 };
    read_all(paths, list, WN_COUNT(list), false, &remembered);
    read_all(paths, list, WN_COUNT(list), true, &fresh);
    assert_string_equal((const char *)remembered.at, (const char *)fresh.at);
    wn_buffer_deinit(&fresh);
    wn_buffer_deinit(&remembered);
    wn_paths_close(paths);
}

int main(void)
{
    struct wn_tests all = { 0 };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_alike_whatever_came_before),
        cmocka_unit_test(reads_more_forms_than_are_remembered),
    };
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("json_form", &all);
}
