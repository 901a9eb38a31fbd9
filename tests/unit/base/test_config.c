// SPDX-License-Identifier: Apache-2.0

#include "winnow/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "table.h"

/** Write a node as `{key: [a, b]}`, so that a tree can be compared as text. */
static void dump(const struct wn_node *node, struct wn_buffer *ret_text)
{
    if (node->type == WN_NODE_TEXT) {
        wn_buffer_add(ret_text, node->text.at, node->text.len);
        return;
    }
    bool map = node->type == WN_NODE_MAP;
    wn_buffer_text(ret_text, map ? "{" : "[");
    for (size_t i = 0; i < node->n; i++) {
        wn_buffer_text(ret_text, i > 0 ? ", " : "");
        if (map) {
            wn_buffer_format(ret_text, "%s: ", node->pairs[i].key.at);
        }
        dump(map ? &node->pairs[i].value : &node->items[i], ret_text);
    }
    wn_buffer_text(ret_text, map ? "}" : "]");
}

struct tree_row {
    const char *name;
    const char *yaml;
    size_t len;         ///< 0: the text's.
    const char *tree;   ///< NULL: there is none.
    const char *faults; ///< All of them.
};

static const struct tree_row trees[] = {
    { "reads block and flow alike",
      "site:\n  country: 31\n  home: [\"204-98\", '204-99']\nrun: {workers: 2}\n", 0,
      "{site: {country: 31, home: [204-98, 204-99]}, run: {workers: 2}}", "" },
    { "leaves every scalar a text", "a: no\nb: 0x10\nc: ~\nk:\ne: 1.50\n", 0,
      "{a: no, b: 0x10, c: ~, k: , e: 1.50}", "" },
    { "lets a key hold dots and slashes", "{bootstrap.servers: x, /variables/*: percent}", 0,
      "{bootstrap.servers: x, /variables/*: percent}", "" },
    { "takes comments for nothing", "# first\na: 1 # second\n", 0, "{a: 1}", "" },
    { "keeps a text of several lines", "a: |\n  one\n  two\n", 0, "{a: one\ntwo\n}", "" },
    { "reads an empty map", "{}", 0, "{}", "" },
    { "reads an empty list", "a: []", 0, "{a: []}", "" },
    { "refuses an anchor and its alias", "a: &x secret\nb: *x\n", 0, "{a: secret, b: }",
      "f.yaml:1: anchors (&name) are not read here; write it out\n"
      "f.yaml:2: aliases (*name) are not read here; write it out\n" },
    { "refuses an anchor on a map, a list and a key", "a: &x {b: 1}\nc: &y [1]\n&z k: 2\n", 0,
      "{a: {b: 1}, c: [1], k: 2}",
      "f.yaml:1: anchors (&name) are not read here; write it out\n"
      "f.yaml:2: anchors (&name) are not read here; write it out\n"
      "f.yaml:3: anchors (&name) are not read here; write it out\n" },
    { "refuses tags", "a: !!int 5\nb: !mine {c: 1}\nk: !!seq [1]\n", 0, "{a: 5, b: {c: 1}, k: [1]}",
      "f.yaml:1: tags (!name) are not read here; leave it out\n"
      "f.yaml:2: tags (!name) are not read here; leave it out\n"
      "f.yaml:3: tags (!name) are not read here; leave it out\n" },
    { "refuses a second document", "a: 1\n---\nb: 2\n", 0, "{a: 1}",
      "f.yaml:2: a second document begins here; one a file is read\n" },
    { "takes a document's marks", "---\na: 1\n...\n", 0, "{a: 1}", "" },
    { "refuses a key that is there already, and keeps the first", "a: 1\nb: 2\na: 3\n", 0,
      "{a: 1, b: 2}", "f.yaml:3: 'a' stands here for the second time; the first is in line 1\n" },
    { "takes the same key in another map", "a: {x: 1}\nb: {x: 2}\n", 0, "{a: {x: 1}, b: {x: 2}}",
      "" },
    { "refuses a key that is a list", "? [a, b]\n: 1\nc: 2\n", 0, "{c: 2}",
      "f.yaml:1: a key must be a plain text\n" },
    { "refuses a root that is a list", "- a\n", 0, NULL,
      "f.yaml:1: a map is expected (key: value)\n" },
    { "refuses a root that is a text", "\n\nword\n", 0, NULL,
      "f.yaml:3: a map is expected (key: value)\n" },
    { "refuses an empty file", "", 0, NULL, "f.yaml: the file is empty; a map is expected\n" },
    { "refuses a file of comments", "# nothing\n", 0, NULL,
      "f.yaml: the file is empty; a map is expected\n" },
    { "names the line of what is no YAML", "a: 1\nb: [1, 2\nc: 3\n", 0, NULL,
      "f.yaml:3: this is no YAML: did not find expected ',' or ']'\n" },
    { "names the line of a tab", "a:\n\tb: 1\n", 0, NULL,
      "f.yaml:2: this is no YAML: found character that cannot start any token\n" },
    { "says the faults before the one that ends the reading", "a: &x 1\na: 2\nb: }\n", 0, NULL,
      "f.yaml:1: anchors (&name) are not read here; write it out\n"
      "f.yaml:2: 'a' stands here for the second time; the first is in line 1\n"
      "f.yaml:3: this is no YAML: did not find expected node content\n" },
    { "refuses what is not UTF-8, with its line", "a: 1\nb: \xff\n", 0, NULL,
      "f.yaml:2: this is no YAML: invalid leading UTF-8 octet\n" },
    { "refuses UTF-16",
      "\xff\xfe"
      "a\0:\0",
      6, NULL, "f.yaml:1: this is no YAML: invalid leading UTF-8 octet\n" },
    { "refuses a NUL in a text", "a: \"x\\0y\"\n", 0, "{a: }",
      "f.yaml:1: a text can't hold a NUL character\n" },
    { "reads 32 levels",
      "{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: "
      "{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}"
      "}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}",
      0,
      "{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: "
      "{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}"
      "}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}",
      "" },
    { "ends at the 33rd level",
      "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n", 0, NULL,
      "f.yaml:1: nested deeper than 32 levels\n" },
    { "keeps a fault in one line whatever a key holds", "\"a\\nb\": 1\n\"a\\nb\": 2\n", 0,
      "{a\nb: 1}", "f.yaml:2: 'a?b' stands here for the second time; the first is in line 1\n" },
};

static void check_tree(void **state)
{
    const struct tree_row *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_config config = { .file = "f.yaml", .faults = &faults, .arena = &arena };
    struct wn_slice yaml = { row->yaml, row->len > 0 ? row->len : strlen(row->yaml) };

    bool there = wn_config_parse(&config, yaml);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, row->faults);
    assert_int_equal(there, row->tree != NULL);
    if (row->tree) {
        struct wn_buffer text = { 0 };
        dump(&config.root, &text);
        wn_buffer_add(&text, "", 1);
        assert_string_equal((const char *)text.at, row->tree);
        wn_buffer_deinit(&text);
    }
    wn_faults_deinit(&faults);
    wn_arena_deinit(&arena);
}

/** Every getter over the value of key `v`; what it writes stays -1 on failure. */
enum getter {
    TEXT,
    NUMBER,
    BOOL,
    DURATION,
    BYTES,
    SHARE,
    WORD,
    KEYS
};

struct get_row {
    const char *name;
    const char *yaml;
    enum getter getter;
    int64_t value;
    const char *faults;
};

static const struct get_row gets[] = {
    { "reads a text", "v: x y", TEXT, 3, "" },
    { "takes a number for a text", "v: 12", TEXT, 2, "" },
    { "reads an empty text", "v:", TEXT, 0, "" },
    { "refuses a list for a text", "v: [hidden]", TEXT, -1,
      "f.yaml:1: k: a text is expected here\n" },
    { "refuses a map for a text", "\nv: {a: hidden}", TEXT, -1,
      "f.yaml:2: k: a text is expected here\n" },
    { "says nothing of an absent text", "w: 1", TEXT, -1, "" },
    { "reads the least number", "v: -5", NUMBER, -5, "" },
    { "reads the largest number", "v: 256", NUMBER, 256, "" },
    { "reads a quoted number", "v: \"7\"", NUMBER, 7, "" },
    { "refuses a number above", "v: 257", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a number below", "v: -6", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a number of 70 bits", "v: 1180591620717411303424", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a number of 64 bits", "v: 9223372036854775808", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a fraction", "v: 1.0", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a plus", "v: +1", NUMBER, -1, "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a lone minus", "v: \"-\"", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses an empty number", "v:", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "refuses a list for a number", "v: [1]", NUMBER, -1,
      "f.yaml:1: k: not a whole number from -5 to 256\n" },
    { "says nothing of an absent number", "w: 1", NUMBER, -1, "" },
    { "reads true", "v: true", BOOL, 1, "" },
    { "reads false", "v: false", BOOL, 0, "" },
    { "refuses yes", "v: yes", BOOL, -1, "f.yaml:1: k: true or false is expected here\n" },
    { "refuses True", "v: True", BOOL, -1, "f.yaml:1: k: true or false is expected here\n" },
    { "refuses a map for a bool", "v: {}", BOOL, -1,
      "f.yaml:1: k: true or false is expected here\n" },
    { "says nothing of an absent bool", "w: true", BOOL, -1, "" },
    { "reads milliseconds", "v: 500ms", DURATION, 500, "" },
    { "reads seconds", "v: 15s", DURATION, 15000, "" },
    { "reads minutes", "v: 5min", DURATION, 300000, "" },
    { "reads hours", "v: 12h", DURATION, 43200000, "" },
    { "reads days", "v: 35d", DURATION, 3024000000, "" },
    { "reads nothing at all", "v: 0s", DURATION, 0, "" },
    { "refuses a duration without a unit", "v: 500", DURATION, -1,
      "f.yaml:1: k: not a duration (a whole number and ms, s, min, h or d, as in 500ms)\n" },
    { "refuses a unit alone", "v: ms", DURATION, -1,
      "f.yaml:1: k: not a duration (a whole number and ms, s, min, h or d, as in 500ms)\n" },
    { "refuses an ambiguous unit", "v: 5m", DURATION, -1,
      "f.yaml:1: k: not a duration (a whole number and ms, s, min, h or d, as in 500ms)\n" },
    { "refuses a fraction of a duration", "v: 1.5h", DURATION, -1,
      "f.yaml:1: k: not a duration (a whole number and ms, s, min, h or d, as in 500ms)\n" },
    { "refuses a duration behind all numbers", "v: 9223372036854775807d", DURATION, -1,
      "f.yaml:1: k: not a duration (a whole number and ms, s, min, h or d, as in 500ms)\n" },
    { "refuses a duration below zero", "v: -1s", DURATION, -1,
      "f.yaml:1: k: not a duration (a whole number and ms, s, min, h or d, as in 500ms)\n" },
    { "reads octets", "v: 4096", BYTES, 4096, "" },
    { "reads mebibytes", "v: 256MiB", BYTES, 268435456, "" },
    { "reads kibibytes", "v: 1KiB", BYTES, 1024, "" },
    { "reads gibibytes", "v: 2GiB", BYTES, 2147483648, "" },
    { "refuses a size in megabytes", "v: 256MB", BYTES, -1,
      "f.yaml:1: k: not a size (a whole number and nothing, KiB, MiB or GiB, as in 256MiB)\n" },
    { "refuses an empty size", "v:", BYTES, -1,
      "f.yaml:1: k: not a size (a whole number and nothing, KiB, MiB or GiB, as in 256MiB)\n" },
    { "reads a share", "v: 5%", SHARE, 500, "" },
    { "reads a hundredth of a percent", "v: 0.01%", SHARE, 1, "" },
    { "reads a tenth of a percent", "v: 0.5%", SHARE, 50, "" },
    { "reads all", "v: 100%", SHARE, 10000, "" },
    { "refuses a share of nothing", "v: 0%", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses more than all", "v: 100.01%", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses a share without its sign", "v: 5", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses a sign alone", "v: \"%\"", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses a share below zero", "v: \"-5%\"", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses a thousandth", "v: 0.001%", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses a point without digits", "v: 5.%", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "refuses a list for a share", "v: [5%]", SHARE, -1,
      "f.yaml:1: k: not a share from 0.01% to 100%, as in 5%\n" },
    { "reads the first word", "v: none", WORD, 0, "" },
    { "reads the last word", "v: node", WORD, 2, "" },
    { "refuses another word", "v: hidden", WORD, -1,
      "f.yaml:1: k: one of these is expected here: none, session, node\n" },
    { "refuses a list for a word", "v: [none]", WORD, -1,
      "f.yaml:1: k: one of these is expected here: none, session, node\n" },
    { "knows its keys", "v: {workers: 1, commit: 2}", KEYS, -1, "" },
    { "proposes the nearest key", "v:\n  worker: hidden\n  comnit: hidden\n  wrokers: 1", KEYS, -1,
      "f.yaml:2: k: there is no 'worker'; did you mean 'workers'?\n"
      "f.yaml:3: k: there is no 'comnit'; did you mean 'commit'?\n"
      "f.yaml:4: k: there is no 'wrokers'; did you mean 'workers'?\n" },
    { "lists what there is where nothing is near", "v: {threads: 2}", KEYS, -1,
      "f.yaml:1: k: there is no 'threads'; what there is: workers, commit\n" },
    { "wants a map", "v: hidden", KEYS, -1, "f.yaml:1: k: a map is expected here\n" },
};

static int64_t get(const struct wn_config *config, const struct wn_node *node, enum getter getter)
{
    static const char *const words[] = { "none", "session", "node", NULL };
    static const char *const keys[] = { "workers", "commit", NULL };
    int64_t number = -1;
    bool yes = false;
    uint32_t share = 0;
    const char *text;
    switch (getter) {
    case TEXT:
        text = wn_config_text(config, node, "k");
        return text ? (int64_t)strlen(text) : -1;
    case NUMBER:
        return wn_config_number(config, node, "k", -5, 256, &number) ? number : -1;
    case BOOL:
        return wn_config_bool(config, node, "k", &yes) ? yes : -1;
    case DURATION:
        return wn_config_duration(config, node, "k", &number) ? number : -1;
    case BYTES:
        return wn_config_bytes(config, node, "k", &number) ? number : -1;
    case SHARE:
        return wn_config_share(config, node, "k", &share) ? (int64_t)share : -1;
    case WORD:
        return wn_config_word(config, node, "k", words);
    case KEYS:
        wn_config_keys(config, node, "k", keys);
        return -1;
    }
    return -1;
}

static void check_get(void **state)
{
    const struct get_row *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_config config = { .file = "f.yaml", .faults = &faults, .arena = &arena };

    assert_true(wn_config_parse(&config, wn_slice_of(row->yaml)));
    int64_t value = get(&config, wn_config_find(&config.root, "v"), row->getter);
    assert_true(value == row->value);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, row->faults);
    wn_faults_deinit(&faults);
    wn_arena_deinit(&arena);
}

static void reads_a_file(void **state)
{
    (void)state;
    char path[] = "test-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    fputs("a: 1\n", file);
    fclose(file);

    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_config config = { .file = path, .faults = &faults, .arena = &arena };
    assert_true(wn_config_read(&config));
    assert_int_equal(config.root.n, 1);
    assert_int_equal(config.root.pairs[0].line, 1);
    remove(path);
    wn_arena_deinit(&arena);
    wn_faults_deinit(&faults);
}

static void says_that_a_file_is_missing(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_config config = { .file = "no/such.yaml", .faults = &faults, .arena = &arena };
    assert_false(wn_config_read(&config));
    assert_int_equal(faults.n, 1);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, "no/such.yaml: No such file or directory\n");
    wn_arena_deinit(&arena);
    wn_faults_deinit(&faults);
}

static void refuses_more_than_the_limits(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_buffer yaml = { 0 };
    struct wn_config config = { .file = "f.yaml", .faults = &faults, .arena = &arena };

    for (int i = 0; i < 4096; i++) {
        wn_buffer_format(&yaml, "k%d: 1\n", i);
    }
    assert_true(wn_config_parse(&config, wn_buffer_slice(&yaml)));
    wn_buffer_text(&yaml, "one: more\n");
    assert_false(wn_config_parse(&config, wn_buffer_slice(&yaml)));

    wn_buffer_wipe(&yaml);
    wn_buffer_text(&yaml, "a: ");
    memset(wn_buffer_room(&yaml, 1048576), 'x', 1048576);
    yaml.len = 1048576;
    assert_true(wn_config_parse(&config, wn_buffer_slice(&yaml)));
    yaml.len++;
    assert_false(wn_config_parse(&config, wn_buffer_slice(&yaml)));

    assert_int_equal(faults.n, 2);
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at,
                        "f.yaml:4097: more than 4096 keys in one map\n"
                        "f.yaml: larger than 1 MiB\n");
    wn_buffer_deinit(&yaml);
    wn_arena_deinit(&arena);
    wn_faults_deinit(&faults);
}

static void measures_a_slip(void **state)
{
    (void)state;
    assert_int_equal(wn_config_distance("", ""), 0);
    assert_int_equal(wn_config_distance("abc", ""), 3);
    assert_int_equal(wn_config_distance("kitten", "sitting"), 3);
    assert_int_equal(wn_config_distance("ab", "ba"), 1);
    assert_int_equal(wn_config_distance("consumer", "consumer"), 0);
}

static void finds_nothing_in_what_is_no_map(void **state)
{
    (void)state;
    const struct wn_node text = { .type = WN_NODE_TEXT };
    assert_null(wn_config_find(NULL, "a"));
    assert_null(wn_config_find(&text, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_file),
        cmocka_unit_test(says_that_a_file_is_missing),
        cmocka_unit_test(refuses_more_than_the_limits),
        cmocka_unit_test(measures_a_slip),
        cmocka_unit_test(finds_nothing_in_what_is_no_map),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, trees, check_tree);
    WN_ADD_TABLE(&all, gets, check_get);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("config", &all);
}
