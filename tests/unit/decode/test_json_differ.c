// SPDX-License-Identifier: Apache-2.0

/*
 * jansson as a second opinion: what it accepts must be read alike, as often as random documents
 * find something to differ in. What it refuses may still be read (escapes in values that nobody
 * wants are not looked at), but never the other way round.
 */

#include <stdio.h>

#include <jansson.h>

#include "harness.h"

enum {
    DOCUMENTS = 40000,
    DEPTH = 5,
    PATHS = 6
};

/** A path of the source, and the same for jansson. */
static const char *const paths[PATHS] = { "/a", "/b/a", "/b/-1/a", "/c/0", "/c/-1/b", "/a/b/c" };
static const struct harness_source source = { .paths = "/a /b/a /b/-1/a /c/0 /c/-1/b /a/b/c" };

/** xorshift: the same documents everywhere. */
static uint32_t roll(uint64_t *seed, uint32_t sides)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 32) % sides;
}

static void add_space(struct wn_buffer *text, uint64_t *seed)
{
    static const char *const spaces[] = { "", "", "", "", " ", "\n", "\t ", "\r\n" };
    wn_buffer_text(text, spaces[roll(seed, WN_COUNT(spaces))]);
}

static void add_scalar(struct wn_buffer *text, uint64_t *seed)
{
    static const char *const scalars[] = {
        "0",           "-1",          "12.50",        "1e2",          "-0.5E-3",
        "true",        "false",       "null",         "\"\"",         "\"x\"",
        "\"}{\"",      "\"\\\"\"",    "\"\\\\\"",     "\"\\u00e9\"",  "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"", "\"\\u0000\"", "\"a\\n\\tb\"", "\"\xc3\xa9\"", "\"\xff\"",
        "01",          "nul",         "\"\\q\"",      "\"\t\"",       "1.",
        "-",           "\"\\/[,:\"",  "\"\xe2\x82\"", "truex",        "\"x\"y",
    };
    // The last ones are wrong, and rare.
    uint32_t n = roll(seed, 8) == 0 ? WN_COUNT(scalars) : 15;
    wn_buffer_text(text, scalars[roll(seed, n)]);
}

static void add_value(struct wn_buffer *text, uint64_t *seed, int depth)
{
    static const char *const names[] = { "a", "b", "c", "\\u0061", "d", "e" };
    uint32_t kind = roll(seed, depth == DEPTH ? 1 : 4);
    if (depth > 0 && (kind < 2 || depth >= DEPTH)) {
        add_scalar(text, seed);
        return;
    }
    bool is_object = depth == 0 || kind == 2;
    wn_buffer_text(text, is_object ? "{" : "[");
    uint32_t n = roll(seed, 5);
    for (uint32_t i = 0; i < n; i++) {
        wn_buffer_text(text, i > 0 && roll(seed, 200) > 0 ? "," : "");
        add_space(text, seed);
        if (is_object) {
            // Each name once but for its escaped form: twice is another matter.
            wn_buffer_format(text, "\"%s\"", names[(i + (n & 1)) % WN_COUNT(names)]);
            add_space(text, seed);
            wn_buffer_text(text, roll(seed, 200) > 0 ? ":" : "");
            add_space(text, seed);
        }
        add_value(text, seed, depth + 1);
        add_space(text, seed);
    }
    wn_buffer_text(text, roll(seed, 400) == 0 ? "" : is_object ? "}" : "]");
}

static const json_t *find(const json_t *value, struct wn_slice path)
{
    while (value && path.len > 0) {
        char name[8] = { 0 };
        struct wn_slice rest = wn_slice_after(path, 1);
        const char *slash = memchr(rest.at, '/', rest.len);
        size_t len = slash ? (size_t)(slash - rest.at) : rest.len;
        memcpy(name, rest.at, len);
        path = wn_slice_after(rest, len);
        if (json_is_object(value)) {
            value = json_object_get(value, name);
        } else if (json_is_array(value) && json_array_size(value) > 0 &&
                   (strcmp(name, "0") == 0 || strcmp(name, "-1") == 0)) {
            value = json_array_get(value, name[0] == '0' ? 0 : json_array_size(value) - 1);
        } else {
            value = NULL;
        }
    }
    return value;
}

/** Tell a value as harness_run() does; a number as jansson understood it. */
static void tell(const json_t *value, struct wn_buffer *text)
{
    if (json_is_object(value) || json_is_array(value)) {
        wn_buffer_text(text, "{}");
    } else if (json_is_true(value) || json_is_false(value)) {
        wn_buffer_text(text, json_is_true(value) ? "true" : "false");
    } else if (json_is_integer(value)) {
        wn_buffer_format(text, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        double real = json_real_value(value);
        wn_buffer_text(text, real > 50 ? "1e2" : real > 1 ? "12.50" : "-0.5E-3");
    } else if (json_is_string(value) && json_string_length(value) > 0) {
        wn_buffer_add(text, json_string_value(value), json_string_length(value));
    } else {
        wn_buffer_text(text, "-");
    }
}

static bool has_twice(struct wn_slice raw)
{
    json_error_t error;
    json_t *again = json_loadb(raw.at, raw.len, JSON_REJECT_DUPLICATES, &error);
    json_decref(again);
    return !again;
}

/** Read one document twice. @return whether jansson accepts it */
static bool compare(struct wn_slice raw)
{
    struct wn_buffer ours = { 0 };
    const char *reason = harness_decode(&wn_format_json, &source, raw, &ours);
    json_error_t error;
    json_t *root = json_loadb(raw.at, raw.len, 0, &error);
    if (root && !(reason && has_twice(raw))) {
        struct wn_buffer theirs = { 0 };
        for (size_t i = 0; i < PATHS; i++) {
            wn_buffer_text(&theirs, i > 0 ? "|" : "");
            tell(find(root, wn_slice_of(paths[i])), &theirs);
        }
        wn_buffer_add(&theirs, "", 1);
        assert_null(reason);
        assert_string_equal((const char *)ours.at, (const char *)theirs.at);
        wn_buffer_deinit(&theirs);
    }
    bool accepted = root != NULL;
    json_decref(root);
    wn_buffer_deinit(&ours);
    return accepted;
}

static void reads_random_documents_as_jansson_does(void **state)
{
    (void)state;
    uint64_t seed = 20261124;
    unsigned accepted = 0;
    for (int i = 0; i < DOCUMENTS; i++) {
        struct wn_buffer text = { 0 };
        add_value(&text, &seed, 0);
        accepted += compare(wn_buffer_slice(&text));
        wn_buffer_deinit(&text);
    }
    // Both kinds must be common, or the comparison is of little worth.
    assert_in_range(accepted, DOCUMENTS / 5, DOCUMENTS - DOCUMENTS / 20);
}

static void reads_what_is_nearly_a_document_as_jansson_does(void **state)
{
    (void)state;
    static const char record[] = "{\"a\":{\"b\":{\"c\":\"x\\u00e9\"}},\"b\":[{\"a\":1},{\"a\":2}],"
                                 "\"c\":[true,{\"b\":null},{\"b\":-1}],\"d\":\"\\\\\"}";
    static const char octets[] = "\"\\{}[]:,x7 -.\xff\n";
    for (size_t at = 0; at < sizeof(record) - 1; at++) {
        char changed[sizeof(record)];
        memcpy(changed, record, sizeof(record));
        for (size_t i = 0; i < sizeof(octets) - 1; i++) {
            changed[at] = octets[i];
            compare((struct wn_slice){ changed, sizeof(record) - 1 });
        }
        compare((struct wn_slice){ record, at });
    }
    assert_true(compare(wn_slice_of(record)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_random_documents_as_jansson_does),
        cmocka_unit_test(reads_what_is_nearly_a_document_as_jansson_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
