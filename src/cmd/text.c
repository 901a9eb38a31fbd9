// SPDX-License-Identifier: Apache-2.0

#include "text.h"

#include <stdio.h>

#include "winnow/path.h"

enum {
    DEPTH_MOST = 16,
    PATH_BYTES = 256,
    SHAPE_MOST = 48,
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void cmd_text_json(struct wn_buffer *text, struct wn_slice value)
{
    wn_buffer_text(text, "\"");
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.at[i];
        if (c == '"' || c == '\\') {
            wn_buffer_format(text, "\\%c", c);
        } else if ((unsigned char)c < 0x20 || c == 0x7f) {
            wn_buffer_format(text, "\\u%04x", (unsigned)(unsigned char)c);
        } else {
            wn_buffer_add(text, &c, 1);
        }
    }
    wn_buffer_text(text, "\"");
}

bool cmd_text_line(struct wn_slice *rest, struct wn_slice *ret_line)
{
    const char *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
    if (!end) {
        return false;
    }
    *ret_line = (struct wn_slice){ rest->at, (size_t)(end - rest->at) };
    *rest = wn_slice_after(*rest, ret_line->len + 1);
    return true;
}

void cmd_text_json_lines(struct wn_buffer *text, struct wn_slice lines)
{
    struct wn_slice line;
    bool first = true;
    wn_buffer_text(text, "[");
    while (cmd_text_line(&lines, &line)) {
        wn_buffer_text(text, first ? "" : ",");
        cmd_text_json(text, line);
        first = false;
    }
    wn_buffer_text(text, "]");
}

void cmd_text_csv(struct wn_buffer *text, struct wn_slice value)
{
    bool quote = false;
    for (size_t i = 0; i < value.len && !quote; i++) {
        quote = strchr("\",\r\n", value.at[i]) != NULL;
    }
    if (!quote) {
        wn_buffer_add(text, value.at, value.len);
        return;
    }
    wn_buffer_text(text, "\"");
    for (size_t i = 0; i < value.len; i++) {
        wn_buffer_add(text, &value.at[i], 1);
        if (value.at[i] == '"') {
            wn_buffer_text(text, "\"");
        }
    }
    wn_buffer_text(text, "\"");
}

/** A receipt being taken apart: canonical JSON, without spaces. */
struct walk {
    struct wn_slice rest;
    char path[PATH_BYTES]; ///< Of the member at hand: "filtered.attempt".
    struct wn_buffer rows; ///< "member,value", one a line.
    char number[24];
    unsigned depth;
};

/** Take one character if it is `c`. */
static bool take(struct walk *walk, char c)
{
    if (walk->rest.len == 0 || walk->rest.at[0] != c) {
        return false;
    }
    walk->rest = wn_slice_after(walk->rest, 1);
    return true;
}

/** Take a text; its escapes stay as they are. */
static bool take_text(struct walk *walk, struct wn_slice *ret_text)
{
    if (!take(walk, '"')) {
        return false;
    }
    size_t len = 0;
    while (len < walk->rest.len && walk->rest.at[len] != '"') {
        len += walk->rest.at[len] == '\\' ? 2 : 1;
    }
    if (len >= walk->rest.len) {
        return false;
    }
    *ret_text = (struct wn_slice){ walk->rest.at, len };
    walk->rest = wn_slice_after(walk->rest, len + 1);
    return true;
}

static bool take_value(struct walk *walk);

/** Take what stands between brackets: members of an object, elements of a list. */
static bool take_inside(struct walk *walk, char close, bool named)
{
    const size_t len = strlen(walk->path);
    unsigned index = 0;
    if (take(walk, close)) {
        return true;
    }
    do {
        char place[16];
        struct wn_slice name;
        snprintf(place, sizeof(place), "%u", index++);
        name = wn_slice_of(place);
        if (named && !(take_text(walk, &name) && take(walk, ':'))) {
            return false;
        }
        snprintf(walk->path + len, sizeof(walk->path) - len, "%s%.*s", len > 0 ? "." : "",
                 (int)(name.len < PATH_BYTES ? name.len : PATH_BYTES), name.at);
        if (!take_value(walk)) {
            return false;
        }
        walk->path[len] = '\0';
    } while (take(walk, ','));
    return take(walk, close);
}

/** Take a value, and append a row for it where it is a text, a number or null. */
static bool take_value(struct walk *walk)
{
    struct wn_slice value = { 0 };
    if (take(walk, '{') || take(walk, '[')) {
        const bool named = walk->rest.at[-1] == '{';
        if (++walk->depth > DEPTH_MOST) {
            return false;
        }
        bool good = take_inside(walk, named ? '}' : ']', named);
        walk->depth--;
        return good;
    }
    if (walk->rest.len > 0 && walk->rest.at[0] == '"') {
        if (!take_text(walk, &value)) {
            return false;
        }
    } else {
        value = walk->rest;
        value.len = 0;
        while (value.len < walk->rest.len && !strchr(",]}", walk->rest.at[value.len])) {
            value.len++;
        }
        walk->rest = wn_slice_after(walk->rest, value.len);
    }
    if (strcmp(walk->path, "receipt") == 0) {
        snprintf(walk->number, sizeof(walk->number), "%.*s",
                 (int)(value.len < sizeof(walk->number) ? value.len : 0), value.at);
    }
    cmd_text_csv(&walk->rows, wn_slice_of(walk->path));
    wn_buffer_text(&walk->rows, ",");
    cmd_text_csv(&walk->rows, value);
    wn_buffer_text(&walk->rows, "\n");
    return true;
}

bool cmd_text_receipt_csv(struct wn_buffer *text, struct wn_slice receipt)
{
    struct walk walk = { .rest = receipt };
    bool good = take_value(&walk) && (walk.rest.len == 0 || walk.rest.at[0] == '\n');
    for (size_t at = 0; good && at < walk.rows.len;) {
        const char *row = (const char *)walk.rows.at + at;
        const size_t len = strcspn(row, "\n") + 1; // Every row ends with one.
        wn_buffer_format(text, "%s,", walk.number);
        wn_buffer_add(text, row, len);
        at += len;
    }
    wn_buffer_deinit(&walk.rows);
    return good;
}

/** The length of a name at the beginning of `text`, or 0 where it may be a value. */
static size_t name_length(struct wn_slice text)
{
    size_t len = 0;
    while (len < text.len && (is_digit(text.at[len]) || is_letter(text.at[len]) ||
                              (text.at[len] && strchr("_.:-", text.at[len])))) {
        len++;
    }
    return wn_drift_may_show((struct wn_slice){ text.at, len }) ? len : 0;
}

/** How much of `text`, which begins with a quote, is a quoted name before a colon; else 0. */
static size_t quoted_name(struct wn_slice text)
{
    const size_t len = name_length(wn_slice_after(text, 1));
    size_t at = len + 1;
    if (len == 0 || at >= text.len || text.at[at] != '"') {
        return 0;
    }
    at++;
    while (at < text.len && is_blank(text.at[at])) {
        at++;
    }
    return at < text.len && text.at[at] == ':' ? at : 0;
}

/** How much of `text`, which begins a line, is blanks and a name before " = "; else 0. */
static size_t line_name(struct wn_slice text)
{
    size_t blanks = 0;
    while (blanks < text.len && is_blank(text.at[blanks])) {
        blanks++;
    }
    const size_t len = name_length(wn_slice_after(text, blanks));
    return len > 0 && wn_slice_starts(wn_slice_after(text, blanks + len), " = ") ? blanks + len : 0;
}

static char shape_of(char c)
{
    if (is_digit(c)) {
        return '9';
    }
    if (is_letter(c)) {
        return c >= 'a' ? 'a' : 'A';
    }
    if ((unsigned char)c >= 0x80) {
        return '?';
    }
    return c;
}

void cmd_text_shape(struct wn_buffer *text, struct wn_slice raw)
{
    for (size_t i = 0; i < raw.len;) {
        const struct wn_slice rest = wn_slice_after(raw, i);
        size_t name = 0;
        if (i == 0 || raw.at[i - 1] == '\n') {
            name = line_name(rest);
        }
        if (name == 0 && raw.at[i] == '"') {
            name = quoted_name(rest);
        }
        if (name > 0) {
            wn_buffer_add(text, rest.at, name);
            i += name;
            continue;
        }
        const char shape = shape_of(raw.at[i]);
        cmd_text_raw(text, (struct wn_slice){ &shape, 1 });
        i++;
    }
}

void cmd_text_shape_of(struct wn_buffer *text, struct wn_slice value)
{
    const size_t len = value.len < SHAPE_MOST ? value.len : SHAPE_MOST;
    wn_buffer_text(text, "'");
    for (size_t i = 0; i < len; i++) {
        const char shape = shape_of(value.at[i]);
        cmd_text_cell(text, (struct wn_slice){ &shape, 1 });
    }
    wn_buffer_text(text, "'");
    if (len < value.len) {
        wn_buffer_format(text, "… (%zu octets)", value.len);
    }
}

void cmd_text_cell(struct wn_buffer *text, struct wn_slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.at[i];
        if (c < 0x20 || c == 0x7f) {
            wn_buffer_format(text, "\\x%02x", c);
        } else {
            wn_buffer_add(text, &value.at[i], 1);
        }
    }
}

void cmd_text_raw(struct wn_buffer *text, struct wn_slice raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        const unsigned char c = (unsigned char)raw.at[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            wn_buffer_format(text, "\\x%02x", c);
        } else {
            wn_buffer_add(text, &raw.at[i], 1);
        }
    }
}
