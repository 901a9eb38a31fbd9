// SPDX-License-Identifier: Apache-2.0

#include "harness.h"

#include <stdlib.h>

#include "winnow/form.h"

enum {
    COLUMNS = 16,
    STEP_WHOLE = 1 << 30
};

struct harness {
    struct wn_paths *paths;
    struct wn_format_options options;
    struct wn_slice columns[COLUMNS];
    struct wn_slice types[COLUMNS];
    struct wn_paths *parts;
    struct wn_slice part_columns[COLUMNS];
    struct wn_csv_line line;
    const struct wn_format *format;
    struct wn_reader *reader;
    struct wn_arena arena;
};

static struct wn_slice next_word(struct wn_slice *words)
{
    const char *space = memchr(words->at, ' ', words->len);
    size_t len = space ? (size_t)(space - words->at) : words->len;
    struct wn_slice word = { words->at, len };
    *words = wn_slice_after(*words, space ? len + 1 : len);
    return word;
}

typedef enum wn_code add_path(struct wn_paths *paths, struct wn_slice path, struct wn_error *err);

static enum wn_code add_top(struct wn_paths *paths, struct wn_slice path, struct wn_error *err)
{
    uint8_t take;
    return wn_paths_add(paths, path, &take, err);
}

static enum wn_code add_item(struct wn_paths *paths, struct wn_slice path, struct wn_error *err)
{
    uint8_t take;
    return wn_paths_add_item(paths, path, &take, err);
}

static enum wn_code add_percent(struct wn_paths *paths, struct wn_slice path, struct wn_error *err)
{
    return wn_paths_encode(paths, path, WN_ESCAPING_PERCENT, err);
}

static enum wn_code add_json(struct wn_paths *paths, struct wn_slice path, struct wn_error *err)
{
    return wn_paths_encode(paths, path, WN_ESCAPING_JSON, err);
}

static enum wn_code add_latin_1(struct wn_paths *paths, struct wn_slice path, struct wn_error *err)
{
    return wn_paths_encode(paths, path, WN_ESCAPING_LATIN_1, err);
}

static enum wn_code add_each(struct wn_paths *paths, struct wn_slice path, struct wn_error *err)
{
    uint8_t list;
    return wn_paths_add_each(paths, path, &list, err);
}

static void add_all(struct wn_paths *paths, const char *list, add_path *add)
{
    struct wn_slice words = wn_slice_of(list ? list : "");
    while (words.len > 0) {
        struct wn_error err;
        assert_int_equal(add(paths, next_word(&words), &err), WN_OK);
    }
}

struct wn_paths *harness_paths(const struct harness_source *source)
{
    struct wn_paths *paths = wn_paths_open();
    add_all(paths, source->paths, add_top);
    add_all(paths, source->each, add_each);
    add_all(paths, source->item_paths, add_item);
    add_all(paths, source->percent, add_percent);
    add_all(paths, source->json_json, add_json);
    add_all(paths, source->latin_1, add_latin_1);
    const struct wn_wrapping wrapping = {
        .wrapped = wn_slice_of(source->wrapped ? source->wrapped : ""),
        .named = wn_slice_of(source->named ? source->named : ""),
        .single = source->single,
    };
    wn_paths_wrap(paths, &wrapping);
    wn_paths_compile(paths);
    return paths;
}

static void set_up_parts(struct harness *harness, const struct harness_source *source)
{
    static const struct wn_slice firsts[] = { { "T", 1 }, { "TRL", 3 } };
    struct wn_slice words = wn_slice_of(source->part_columns);
    harness->line = (struct wn_csv_line){
        .name = { "t", 1 }, .first = firsts, .n_first = 2, .columns = harness->part_columns
    };
    while (words.len > 0) {
        harness->part_columns[harness->line.n_columns++] = next_word(&words);
    }
    harness->parts = wn_paths_open();
    add_all(harness->parts, source->parts, add_top);
    wn_paths_compile(harness->parts);
    harness->options.parts = harness->parts;
    harness->options.csv_lines = &harness->line;
    harness->options.n_csv_lines = 1;
}

static void set_up(struct harness *harness, const struct wn_format *format,
                   const struct harness_source *source)
{
    *harness = (struct harness){ .paths = harness_paths(source), .format = format };
    harness->options = (struct wn_format_options){
        .paths = harness->paths,
        .csv_delimiter = ',',
        .csv_quote = '"',
        .otherwise = source->otherwise,
    };
    if (source->delimiter) {
        harness->options.csv_delimiter = source->delimiter;
    }
    if (source->has_no_quote) {
        harness->options.csv_quote = 0;
    }
    if (source->columns) {
        struct wn_slice words = wn_slice_of(source->columns);
        while (words.len > 0) {
            harness->columns[harness->options.n_csv_columns++] = next_word(&words);
        }
        harness->options.csv_columns = harness->columns;
    }
    harness->options.csv_any_case = source->any_case;
    struct wn_slice types = wn_slice_of(source->types ? source->types : "");
    while (types.len > 0) {
        harness->types[harness->options.n_csv_types++] = next_word(&types);
    }
    harness->options.csv_types = harness->types;
    if (source->parts) {
        set_up_parts(harness, source);
    }
    harness->reader = format->open(&harness->options);
    format->begin(harness->reader);
}

static void tear_down(struct harness *harness)
{
    harness->reader = harness->format->close(harness->reader);
    harness->paths = wn_paths_close(harness->paths);
    harness->parts = wn_paths_close(harness->parts);
    wn_arena_deinit(&harness->arena);
}

static void tell_value(const struct wn_taken *taken, struct wn_arena *arena, struct wn_buffer *text)
{
    for (; taken; taken = taken->next) {
        if (taken->state == WN_TAKEN_ABSENT) {
            wn_buffer_text(text, "-");
        } else if (taken->state == WN_TAKEN_COMPOSITE) {
            wn_buffer_text(text, "{}");
        } else {
            struct wn_slice value = { 0 };
            struct wn_error err;
            assert_int_equal(wn_taken_text(taken, arena, &value, &err), WN_OK);
            wn_buffer_add(text, value.at, value.len);
        }
        if (taken->next) {
            wn_buffer_text(text, "+");
        }
    }
}

static void tell_row(const struct wn_taken *row, unsigned n, struct wn_arena *arena,
                     struct wn_buffer *text)
{
    for (unsigned i = 0; i < n; i++) {
        wn_buffer_text(text, i > 0 ? "|" : "");
        tell_value(&row[i], arena, text);
    }
}

static void tell(struct harness *harness, struct wn_taken_set *taken, struct wn_buffer *text)
{
    static const uint8_t lists[WN_LISTS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    wn_taken_pick(taken, lists, wn_paths_count_lists(harness->paths));
    if (taken->kind) {
        wn_buffer_format(text, "%s %s:", taken->kind->name,
                         taken->kind->fate ? taken->kind->fate : "billed");
    }
    tell_row(taken->top, wn_paths_count(harness->paths), &harness->arena, text);
    unsigned n = wn_paths_count_item(harness->paths);
    for (unsigned i = 0; i < taken->n_items; i++) {
        wn_buffer_text(text, "(");
        tell_row(taken->items + (size_t)i * n, n, &harness->arena, text);
        wn_buffer_text(text, ")");
    }
}

/** Decode one record. @return the reason why it was refused, or NULL */
static const char *decode(struct harness *harness, struct wn_slice raw, struct wn_buffer *text)
{
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    wn_arena_reset(&harness->arena);
    enum wn_code rc =
        harness->format->decode(harness->reader, raw, &harness->arena, NULL, &taken, &err);
    if (rc == WN_OK) {
        tell(harness, &taken, text);
        return NULL;
    }
    assert_int_equal(rc, WN_REJECT);
    return err.reason;
}

/** Take a part that is no record apart. @return the reason why it was refused, or NULL */
static const char *decode_part(struct harness *harness, struct wn_slice raw, struct wn_buffer *text)
{
    struct wn_taken_set taken;
    struct wn_error err = { 0 };
    wn_buffer_text(text, "#");
    wn_arena_reset(&harness->arena);
    if (harness->format->decode_part(harness->reader, raw, &harness->arena, &taken, &err) !=
        WN_OK) {
        return err.reason;
    }
    tell_row(taken.top, wn_paths_count(harness->parts), &harness->arena, text);
    return NULL;
}

/** Where the harness stands in the input. */
struct place {
    size_t at;   ///< Octets that split() has passed.
    size_t seen; ///< Octets that it has been shown.
    bool done;
};

/** Call split() once on a copy of what may be seen. */
static void split_once(struct harness *harness, struct wn_slice input, size_t step,
                       struct place *place, struct wn_buffer *text)
{
    struct wn_slice rest = { NULL, place->seen - place->at };
    char *copy = malloc(rest.len + (rest.len == 0));
    assert_non_null(copy);
    if (rest.len > 0) {
        memcpy(copy, input.at + place->at, rest.len);
    }
    rest.at = copy;
    bool end = place->seen == input.len;
    struct wn_slice raw = { 0 };
    struct wn_error err = { 0 };
    enum wn_code rc = harness->format->split(harness->reader, &rest, end, &raw, &err);
    size_t passed = (size_t)(rest.at - copy);
    assert_true(passed + rest.len == place->seen - place->at);
    if (rc == WN_RETRY) {
        assert_false(end);
        place->seen = input.len - place->seen > step ? place->seen + step : input.len;
    } else if (raw.len == 0) {
        assert_int_equal(rc, WN_OK);
        assert_true(end && rest.len == 0);
        place->done = true;
    } else {
        assert_true(raw.at >= copy && raw.at + raw.len <= rest.at);
        const bool is_part =
            rc == WN_OK && harness->format->is_part && harness->format->is_part(harness->reader);
        const char *reason = is_part       ? decode_part(harness, raw, text)
                             : rc == WN_OK ? decode(harness, raw, text)
                                           : err.reason;
        wn_buffer_text(text, reason ? reason : "");
        wn_buffer_text(text, "\n");
    }
    place->at += passed;
    free(copy);
}

void harness_run(const struct wn_format *format, const struct harness_source *source,
                 struct wn_slice input, size_t step, struct wn_buffer *ret_text)
{
    struct harness harness;
    set_up(&harness, format, source);
    struct place place = { .seen = step < input.len ? step : input.len };
    while (!place.done) {
        split_once(&harness, input, step, &place, ret_text);
    }
    assert_true(place.at == input.len);
    wn_buffer_add(ret_text, "", 1);
    ret_text->len--;
    tear_down(&harness);
}

void harness_check(const struct wn_format *format, const struct harness_source *source,
                   struct wn_slice input, const char *expected)
{
    static const size_t steps[] = { STEP_WHOLE, 1, 2, 7, 4096 };
    for (size_t i = 0; i < WN_COUNT(steps); i++) {
        struct wn_buffer text = { 0 };
        harness_run(format, source, input, steps[i], &text);
        assert_string_equal((const char *)text.at, expected);
        wn_buffer_deinit(&text);
    }
}

const char *harness_decode(const struct wn_format *format, const struct harness_source *source,
                           struct wn_slice raw, struct wn_buffer *ret_text)
{
    struct harness harness;
    set_up(&harness, format, source);
    char *copy = malloc(raw.len + (raw.len == 0));
    assert_non_null(copy);
    if (raw.len > 0) {
        memcpy(copy, raw.at, raw.len);
    }
    const char *reason = decode(&harness, (struct wn_slice){ copy, raw.len }, ret_text);
    wn_buffer_add(ret_text, "", 1);
    ret_text->len--;
    free(copy);
    tear_down(&harness);
    return reason;
}
