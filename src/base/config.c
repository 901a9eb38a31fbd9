// SPDX-License-Identifier: Apache-2.0

/*
 * libyaml's events become a tree, in one pass.
 *
 * The limits (1 MiB, 32 levels, 4,096 keys a map) are far above any real file; they bound memory
 * and recursion for a file that is none. What ends the reading is what leaves no tree: broken
 * YAML and a limit. All else (an anchor, a tag, a key twice) is reported, and the reading goes on.
 */

#include "winnow/config.h"

#include <stdarg.h>
#include <stdio.h>

#include <yaml.h>

#include "winnow/io.h"

enum {
    MOST_BYTES = 1024 * 1024,
    MOST_DEPTH = 32,
    MOST_PAIRS = 4096,
    SHOWN = 64
};

struct reader {
    yaml_parser_t parser;
    struct wn_slice bytes;
    struct wn_config *config;
};

void wn_faults_add(struct wn_faults *faults, const char *file, unsigned line, const char *format,
                   ...)
{
    if (file && line > 0) {
        wn_buffer_format(&faults->lines, "%s:%u: ", file, line);
    } else if (file) {
        wn_buffer_format(&faults->lines, "%s: ", file);
    }
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);

    // A fault is one line, whatever a key holds.
    for (char *at = sentence; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            *at = '?';
        }
    }
    wn_buffer_text(&faults->lines, sentence);
    wn_buffer_text(&faults->lines, "\n");
    faults->n++;
}

/** Take the first line, with its end. */
static struct wn_slice take_line(struct wn_slice *rest)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    struct wn_slice line = { rest->at, end ? (size_t)(end - rest->at) + 1 : rest->len };
    *rest = wn_slice_after(*rest, line.len);
    return line;
}

void wn_faults_merge(struct wn_faults *faults, const struct wn_faults *others)
{
    struct wn_slice rest = wn_buffer_slice(&others->lines);
    while (rest.len > 0) {
        const struct wn_slice line = take_line(&rest);
        struct wn_slice before = wn_buffer_slice(&faults->lines);
        bool has = false;
        while (before.len > 0 && !has) {
            has = wn_slice_same(take_line(&before), line);
        }
        if (!has) {
            wn_buffer_add(&faults->lines, line.at, line.len);
            faults->n++;
        }
    }
}

void wn_faults_deinit(struct wn_faults *faults)
{
    wn_buffer_deinit(&faults->lines);
    faults->n = 0;
}

static void fault(const struct reader *reader, size_t line, const char *sentence)
{
    wn_faults_add(reader->config->faults, reader->config->file, (unsigned)line + 1, "%s", sentence);
}

/** Say what libyaml found; its sentences are literals of its own and hold nothing of the file. */
static void say_broken(const struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    size_t line = parser->problem_mark.line;
    if (parser->error == YAML_READER_ERROR) { // Has an offset in place of a mark.
        line = 0;
        for (size_t i = 0; i < parser->problem_offset && i < reader->bytes.len; i++) {
            line += reader->bytes.at[i] == '\n';
        }
    }
    wn_faults_add(reader->config->faults, reader->config->file, (unsigned)line + 1,
                  "this is no YAML: %s", parser->problem ? parser->problem : "out of memory");
}

static bool next(struct reader *reader, yaml_event_t *ret_event)
{
    if (yaml_parser_parse(&reader->parser, ret_event) != 1) {
        say_broken(reader);
        return false;
    }
    return true;
}

static unsigned line_of(const struct reader *reader, const yaml_event_t *event)
{
    return reader->config->first_line + (unsigned)event->start_mark.line + 1;
}

static struct wn_slice copy(struct reader *reader, const yaml_event_t *event)
{
    struct wn_slice text = { (const char *)event->data.scalar.value, event->data.scalar.length };
    if (text.len > 0 && memchr(text.at, '\0', text.len)) {
        fault(reader, event->start_mark.line, "a text can't hold a NUL character");
        text.len = 0;
    }
    return wn_arena_copy(reader->config->arena, text);
}

static void refuse_decoration(const struct reader *reader, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor) {
        fault(reader, event->start_mark.line, "anchors (&name) are not read here; write it out");
    }
    if (tag) {
        fault(reader, event->start_mark.line, "tags (!name) are not read here; leave it out");
    }
}

static bool read_value(struct reader *reader, yaml_event_t *event, unsigned depth,
                       struct wn_node *ret_node);

/** Move what was collected into the arena. */
static const void *keep(struct reader *reader, const struct wn_buffer *buffer)
{
    void *at = wn_arena_take(reader->config->arena, buffer->len);
    if (buffer->len > 0) {
        memcpy(at, buffer->at, buffer->len);
    }
    return at;
}

static bool read_list(struct reader *reader, unsigned depth, struct wn_node *ret_node)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer items = { 0 };
    ret_node->type = WN_NODE_LIST;
    for (;;) {
        yaml_event_t event;
        if (!next(reader, &event)) {
            return false;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        struct wn_node item;
        if (!read_value(reader, &event, depth + 1, &item)) {
            return false;
        }
        wn_buffer_add(&items, &item, sizeof(item));
        ret_node->n++;
    }
    ret_node->items = keep(reader, &items);
    return true;
}

static const struct wn_pair *find_pair(const struct wn_pair *pairs, size_t n, struct wn_slice key)
{
    for (size_t i = 0; i < n; i++) {
        if (wn_slice_same(pairs[i].key, key)) {
            return &pairs[i];
        }
    }
    return NULL;
}

/**
 * Read a key. @return false where the reading ends; `ret_pair->key.at` is NULL where the key can't
 * be used (said already).
 */
static bool read_key(struct reader *reader, yaml_event_t *event, unsigned depth,
                     struct wn_pair *ret_pair)
{
    *ret_pair = (struct wn_pair){ .line = line_of(reader, event) };
    if (event->type == YAML_SCALAR_EVENT) {
        refuse_decoration(reader, event);
        ret_pair->key = copy(reader, event);
        yaml_event_delete(event);
        return true;
    }
    fault(reader, event->start_mark.line, "a key must be a plain text");
    struct wn_node ignored;
    return read_value(reader, event, depth + 1, &ignored);
}

/** Add a pair whose key is new. */
static void add_pair(struct reader *reader, struct wn_buffer *pairs, const struct wn_pair *pair,
                     size_t *n)
{
    if (!pair->key.at) {
        return;
    }
    const struct wn_pair *first =
        find_pair((const struct wn_pair *)(const void *)pairs->at, *n, pair->key);
    if (first) {
        const unsigned before = reader->config->first_line;
        wn_faults_add(reader->config->faults, reader->config->file, pair->line - before,
                      "'%.*s' stands here for the second time; the first is in line %u", SHOWN,
                      pair->key.at, first->line - before);
        return;
    }
    wn_buffer_add(pairs, pair, sizeof(*pair));
    (*n)++;
}

static bool read_map(struct reader *reader, unsigned depth, struct wn_node *ret_node)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer pairs = { 0 };
    ret_node->type = WN_NODE_MAP;
    for (;;) {
        yaml_event_t event;
        if (!next(reader, &event)) {
            return false;
        }
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        if (ret_node->n == MOST_PAIRS) {
            fault(reader, event.start_mark.line, "more than 4096 keys in one map");
            yaml_event_delete(&event);
            return false;
        }
        struct wn_pair pair;
        if (!read_key(reader, &event, depth, &pair) || !next(reader, &event) ||
            !read_value(reader, &event, depth + 1, &pair.value)) {
            return false;
        }
        add_pair(reader, &pairs, &pair, &ret_node->n);
    }
    ret_node->pairs = keep(reader, &pairs);
    return true;
}

/** Read one value, whose first event is given (and deleted here). Recursion ends at MOST_DEPTH. */
static bool read_value(struct reader *reader, yaml_event_t *event, unsigned depth,
                       struct wn_node *ret_node)
{
    *ret_node = (struct wn_node){ .line = line_of(reader, event) };
    refuse_decoration(reader, event);

    yaml_event_type_t type = event->type;
    if (type == YAML_SCALAR_EVENT) {
        ret_node->text = copy(reader, event);
    } else if (type == YAML_ALIAS_EVENT) {
        fault(reader, event->start_mark.line, "aliases (*name) are not read here; write it out");
        ret_node->text = wn_arena_copy(reader->config->arena, (struct wn_slice){ 0 });
    } else if (depth == MOST_DEPTH) {
        fault(reader, event->start_mark.line, "nested deeper than 32 levels");
    }
    yaml_event_delete(event);

    if (type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT) {
        return true;
    }
    if (depth == MOST_DEPTH) {
        return false;
    }
    return type == YAML_SEQUENCE_START_EVENT ? read_list(reader, depth, ret_node)
                                             : read_map(reader, depth, ret_node);
}

/** Take two events of the frame around a document, and tell what the second was. */
static bool next_second(struct reader *reader, yaml_event_type_t *ret_type, size_t *ret_line)
{
    for (int i = 0; i < 2; i++) {
        yaml_event_t event;
        if (!next(reader, &event)) {
            return false;
        }
        *ret_type = event.type;
        *ret_line = event.start_mark.line;
        yaml_event_delete(&event);
    }
    return true;
}

static bool read_document(struct reader *reader)
{
    yaml_event_type_t type = YAML_NO_EVENT;
    size_t line = 0;
    if (!next_second(reader, &type, &line)) { // The stream's start, and the document's.
        return false;
    }
    if (type != YAML_DOCUMENT_START_EVENT) {
        wn_faults_add(reader->config->faults, reader->config->file, 0,
                      "the file is empty; a map is expected");
        return false;
    }
    yaml_event_t event;
    if (!next(reader, &event) || !read_value(reader, &event, 0, &reader->config->root)) {
        return false;
    }
    if (!next_second(reader, &type, &line)) { // The document's end, and the stream's.
        return false;
    }
    if (type == YAML_DOCUMENT_START_EVENT) {
        fault(reader, line, "a second document begins here; one a file is read");
    }
    if (reader->config->root.type != WN_NODE_MAP) {
        fault(reader, reader->config->root.line - reader->config->first_line - 1,
              "a map is expected (key: value)");
        return false;
    }
    return true;
}

bool wn_config_parse(struct wn_config *config, struct wn_slice bytes)
{
    struct reader reader = { .config = config, .bytes = bytes };
    config->root = (struct wn_node){ 0 };
    if (bytes.len > MOST_BYTES) {
        wn_faults_add(config->faults, config->file, 0, "larger than 1 MiB");
        return false;
    }
    if (yaml_parser_initialize(&reader.parser) != 1) {
        wn_faults_add(config->faults, config->file, 0, "out of memory");
        return false;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)bytes.at, bytes.len);
    bool fine = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    return fine;
}

bool wn_config_read(struct wn_config *config)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer bytes = { 0 };
    struct wn_error err = { 0 };
    if (wn_io_read(config->file, MOST_BYTES, &bytes, &err) != WN_OK) {
        wn_faults_add(config->faults, NULL, 0, "%s", err.text); // Names the file itself.
        return false;
    }
    bool fine = wn_config_parse(config, wn_buffer_slice(&bytes));
    wn_buffer_wipe(&bytes); // A password may be in it.
    return fine;
}
