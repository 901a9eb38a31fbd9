// SPDX-License-Identifier: Apache-2.0

/*
 * FreeRADIUS detail, versions 3 and 4.
 *
 *     Sat Oct 24 22:03:55 2026              a header: ctime, local time, no zone
 *     \tAcct-Status-Type = Stop             a tab, a name, " = ", a value
 *     \tUser-Name = "a@glas.example"        text stands in quotes: \n \r \t \\ \" \ooo
 *     \tService-Type = ::Framed-User        version 4 marks names of enumerations
 *                                           an empty line ends the record
 *
 * What a server on a full disk leaves behind decides the rules (docs/sources.md):
 *
 * - It cuts a record in the middle and goes on with the next header on the same line. So a line
 *   that ends with a header, unless within closed quotes, ends the record as "record-cut", and
 *   the next one begins there.
 * - It cuts long texts, without a closing quote, and goes on with the next line. So a value never
 *   reaches over a line's end, and one without its closing quote is "value-cut" where it is wanted.
 * - What is cut so that the next record is glued to it without a header shows as an attribute that
 *   is wanted once and stands there twice: "record-cut".
 *
 * The header's time is not used: it has no zone, and `Timestamp` says the same.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"
#include "winnow/format.h"

enum {
    HEADER_BYTES = 24
};

struct wn_reader {
    const struct wn_format_options *options;
    bool at_begin;  ///< A byte order mark may come.
    size_t line;    ///< Of the record at hand: lines before this offset were looked at.
    bool is_record; ///< … and the first of them is a header.
    struct wn_taken *tails[WN_TAKES];
    uint64_t seen[WN_TAKES]; ///< In which record an attribute was met last.
    uint64_t n_records;
};

static struct wn_reader *detail_open(const struct wn_format_options *options)
{
    struct wn_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    reader->options = options;
    reader->at_begin = true;
    return reader;
}

static struct wn_reader *detail_close(struct wn_reader *reader)
{
    free(reader);
    return NULL;
}

static void detail_begin(struct wn_reader *reader)
{
    reader->at_begin = true;
    reader->line = 0;
    reader->is_record = false;
}

static bool is_name_of(const char *at, const char *names, size_t len)
{
    for (size_t i = 0; i < len; i += 3) {
        if (memcmp(at, names + i, 3) == 0) {
            return true;
        }
    }
    return false;
}

/** @return whether 24 octets have spaces and colons where ctime(3) writes them. */
static bool has_shape(const char *at)
{
    return at[16] == ':' && at[13] == ':' && at[19] == ' ' && at[10] == ' ' && at[7] == ' ' &&
           at[3] == ' ';
}

static bool has_digits(const char *at)
{
    static const uint8_t places[] = { 9, 11, 12, 14, 15, 17, 18, 20, 21, 22, 23 };
    bool all = at[8] == ' ' || (at[8] >= '0' && at[8] <= '3');
    for (size_t i = 0; i < sizeof(places); i++) {
        all = all && at[places[i]] >= '0' && at[places[i]] <= '9';
    }
    return all;
}

/** @return whether a line (without its end) ends with a date as ctime(3) writes it. */
static bool ends_with_header(struct wn_slice line)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (line.len < HEADER_BYTES) {
        return false;
    }
    const char *at = line.at + line.len - HEADER_BYTES;
    return has_shape(at) && has_digits(at) && is_name_of(at, days, sizeof(days) - 1) &&
           is_name_of(at + 4, months, sizeof(months) - 1);
}

/** @return the slice without a carriage return at its end. */
static struct wn_slice without_return(struct wn_slice line)
{
    if (line.len > 0 && line.at[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

/** Cut `len` octets off, and skip `skip` behind them. */
static void cut(struct wn_reader *reader, struct wn_slice *rest, size_t len, size_t skip,
                struct wn_slice *ret_raw)
{
    *ret_raw = (struct wn_slice){ rest->at, len };
    *rest = wn_slice_after(*rest, len + skip);
    reader->line = 0;
    reader->is_record = false;
}

/** Cut something that is not whole. The reason depends on whether it began as a record does. */
static enum wn_code refuse(struct wn_reader *reader, struct wn_slice *rest, size_t len, size_t skip,
                           struct wn_slice *ret_raw, struct wn_error *err)
{
    struct wn_slice piece = { rest->at, len };
    bool is_record = reader->is_record || (len == HEADER_BYTES && ends_with_header(piece));
    cut(reader, rest, len, skip, ret_raw);
    if (len >= WN_RECORD_BYTES) {
        return wn_fail(err, WN_REJECT, "record-too-long", "no record ends within %d octets",
                       WN_RECORD_BYTES);
    }
    if (is_record) {
        return wn_fail(err, WN_REJECT, "record-cut",
                       "the record ends in the middle, without an empty line behind it");
    }
    return wn_fail(err, WN_REJECT, "detail-syntax", "a record begins with a line that is a date");
}

/**
 * Look at the line at hand, `line`, which begins at `reader->line`.
 *
 * @return WN_RETRY: the record goes on; else as split() does.
 */
static enum wn_code look_at_line(struct wn_reader *reader, struct wn_slice *rest,
                                 struct wn_slice line, struct wn_slice *ret_raw,
                                 struct wn_error *err)
{
    size_t begin = reader->line;
    struct wn_slice text = without_return(line);
    if (text.len == 0) {
        size_t skip = line.len + 1;
        if (!reader->is_record) {
            return refuse(reader, rest, begin, skip, ret_raw, err);
        }
        cut(reader, rest, begin, skip, ret_raw);
        return WN_OK;
    }
    if (ends_with_header(text)) {
        size_t header = begin + text.len - HEADER_BYTES;
        if (header > 0) {
            return refuse(reader, rest, header, 0, ret_raw, err);
        }
        reader->is_record = true;
    }
    return WN_RETRY;
}

/** Skip empty lines between records. */
static void skip_empty(struct wn_slice *rest)
{
    size_t n = 0;
    while (n < rest->len && (rest->at[n] == '\n' || (rest->at[n] == '\r' && n + 1 < rest->len &&
                                                     rest->at[n + 1] == '\n'))) {
        n++;
    }
    *rest = wn_slice_after(*rest, n);
}

static enum wn_code detail_split(struct wn_reader *reader, struct wn_slice *rest, bool end,
                                 struct wn_slice *ret_raw, struct wn_error *err)
{
    *ret_raw = (struct wn_slice){ rest->at, 0 };
    if (reader->at_begin && !wn_text_skip_bom(rest, end)) {
        return WN_RETRY;
    }
    reader->at_begin = false;
    if (reader->line > rest->len) { // Not the bytes of the call before.
        reader->line = 0;
        reader->is_record = false;
    }
    if (reader->line == 0) {
        skip_empty(rest);
    }
    if (rest->len == 0) {
        ret_raw->at = rest->at;
        return end ? WN_OK : WN_RETRY;
    }
    size_t most = rest->len < WN_RECORD_BYTES ? rest->len : WN_RECORD_BYTES;
    while (reader->line < most) {
        struct wn_slice line = { rest->at + reader->line, most - reader->line };
        const char *newline = memchr(line.at, '\n', line.len);
        if (newline) {
            line.len = (size_t)(newline - line.at);
        } else if (!end || most == WN_RECORD_BYTES) {
            break;
        }
        if (newline || ends_with_header(without_return(line))) {
            enum wn_code rc = look_at_line(reader, rest, line, ret_raw, err);
            if (rc != WN_RETRY) {
                return rc;
            }
        }
        reader->line += line.len + (newline ? 1 : 0);
    }
    if (end || most == WN_RECORD_BYTES) {
        return refuse(reader, rest, most, 0, ret_raw, err);
    }
    return WN_RETRY;
}

/** One attribute of a record: what stands on a line behind the tab. */
struct attribute {
    struct wn_slice name;
    struct wn_slice value; ///< As it is written.
};

/** Part a line into name and value. @return false where it is no attribute. */
static bool part(struct wn_slice line, struct attribute *ret)
{
    size_t i = 0;
    while (i < line.len && (line.at[i] == '\t' || line.at[i] == ' ')) {
        i++;
    }
    size_t begin = i;
    while (i < line.len && line.at[i] != ' ' && line.at[i] != '=') {
        i++;
    }
    ret->name = (struct wn_slice){ line.at + begin, i - begin };
    while (i < line.len && line.at[i] == ' ') {
        i++;
    }
    if (begin == 0 || ret->name.len == 0 || i == line.len || line.at[i] != '=') {
        return false;
    }
    i++;
    while (i < line.len && line.at[i] == ' ') {
        i++;
    }
    ret->value = wn_slice_after(line, i);
    return true;
}

static bool is_octal(char c, char most)
{
    return c >= '0' && c <= most;
}

/** @return the octet that an escape behind its backslash stands for, -1: there is no such. */
static int read_escape(struct wn_slice escape, size_t *ret_len)
{
    static const char names[] = "nrt\\\"";
    static const char octets[] = "\n\r\t\\\"";
    const char *named = escape.at[0] ? strchr(names, escape.at[0]) : NULL;
    *ret_len = named ? 1 : 3;
    if (named) {
        return octets[named - names];
    }
    if (escape.len < 3 || !is_octal(escape.at[0], '3') || !is_octal(escape.at[1], '7') ||
        !is_octal(escape.at[2], '7')) {
        return -1;
    }
    return (escape.at[0] & 3) << 6 | (escape.at[1] & 7) << 3 | (escape.at[2] & 7);
}

static enum wn_code value_cut(struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, "value-cut",
                   "a value that is wanted has no closing quote: the server cut it");
}

/** Undo the escapes of a text from its opening quote to the one that closes it. */
static enum wn_code unquote(struct wn_arena *arena, struct wn_slice value,
                            struct wn_slice *ret_text, struct wn_error *err)
{
    struct wn_slice inner = wn_slice_after(value, 1);
    const char *quote = inner.len > 0 ? memchr(inner.at, '"', inner.len) : NULL;
    if (quote == inner.at + inner.len - 1 && quote && !memchr(inner.at, '\\', inner.len)) {
        *ret_text = (struct wn_slice){ inner.at, inner.len - 1 };
        return WN_OK;
    }
    char *text = wn_arena_take(arena, inner.len);
    size_t n = 0;
    size_t i = 0;
    for (; i < inner.len && inner.at[i] != '"'; i++) {
        if (inner.at[i] != '\\') {
            text[n++] = inner.at[i];
            continue;
        }
        size_t len;
        struct wn_slice escape = wn_slice_after(inner, i + 1);
        int octet = escape.len > 0 ? read_escape(escape, &len) : -1;
        if (octet < 0) {
            // An escape that the end of a cut value has halved is no fault of its own.
            bool is_cut = !memchr(inner.at + i + 1, '"', inner.len - i - 1);
            return is_cut ? value_cut(err)
                          : wn_fail(err, WN_REJECT, "detail-syntax",
                                    "a value that is wanted has an escape that is none");
        }
        text[n++] = (char)octet;
        i += len;
    }
    if (i == inner.len) {
        return value_cut(err);
    }
    if (i + 1 < inner.len) {
        return wn_fail(err, WN_REJECT, "detail-syntax",
                       "a value that is wanted goes on behind its closing quote");
    }
    *ret_text = (struct wn_slice){ text, n };
    return WN_OK;
}

static enum wn_code read_value(struct wn_arena *arena, struct wn_slice value,
                               struct wn_slice *ret_text, struct wn_error *err)
{
    if (value.len > 0 && value.at[0] == '"') {
        return unquote(arena, value, ret_text, err);
    }
    *ret_text = wn_slice_starts(value, "::") ? wn_slice_after(value, 2) : value;
    return WN_OK;
}

/** Take an attribute that lies on a path: `/Name`, once, or `/Name/STAR`, often. */
static enum wn_code take(struct wn_reader *reader, const struct wn_text_sink *sink,
                         const struct wn_trie_node *node, struct wn_slice value,
                         struct wn_error *err)
{
    struct wn_slice text = { 0 };
    if (read_value(sink->arena, value, &text, err) != WN_OK) {
        return err->code;
    }
    if (node->take != WN_NO_TAKE) {
        if (reader->seen[node->take] == reader->n_records) {
            return wn_fail(err, WN_REJECT, "record-cut",
                           "an attribute that is wanted once stands there twice: two records in "
                           "one, or the source must say /NAME/*");
        }
        reader->seen[node->take] = reader->n_records;
        if (wn_text_take(sink, node, text, true, err) != WN_OK) {
            return err->code;
        }
    }
    const struct wn_trie_node *any = wn_trie_at(sink->options->paths, node->any);
    return any && any->take != WN_NO_TAKE ? wn_text_take(sink, any, text, true, err) : WN_OK;
}

/** Cut the next line off, without its end. */
static struct wn_slice next_line(struct wn_slice *rest)
{
    const char *newline = memchr(rest->at, '\n', rest->len);
    size_t len = newline ? (size_t)(newline - rest->at) : rest->len;
    struct wn_slice line = { rest->at, len };
    *rest = wn_slice_after(*rest, newline ? len + 1 : len);
    return without_return(line);
}

static enum wn_code detail_decode(struct wn_reader *reader, struct wn_slice raw,
                                  struct wn_arena *arena, struct wn_drift *drift,
                                  struct wn_taken_set *taken, struct wn_error *err)
{
    const struct wn_paths *paths = reader->options->paths;
    const struct wn_trie_node *top = &paths->nodes[WN_TRIE_TOP];
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, paths->n_takes, sizeof(*taken->top)),
    };
    struct wn_text_sink sink = { reader->options, arena, taken->top, reader->tails };
    reader->n_records++;
    struct wn_slice header = raw.len > 0 ? next_line(&raw) : raw;
    if (header.len != HEADER_BYTES || !has_shape(header.at)) { // split() has looked at the rest.
        return wn_fail(err, WN_REJECT, "detail-syntax",
                       "a record begins with a line that is a date");
    }
    for (unsigned n = 1; raw.len > 0; n++) {
        struct attribute attribute;
        if (!part(next_line(&raw), &attribute)) {
            return wn_fail(err, WN_REJECT, "detail-syntax",
                           "attribute %u of the record: no tab, name and equals sign", n);
        }
        if (n > WN_RECORD_FIELDS) {
            return wn_fail(err, WN_REJECT, "too-many-fields", "a record has more than %d names",
                           WN_RECORD_FIELDS);
        }
        uint64_t hash = wn_trie_hash(attribute.name);
        const struct wn_trie_node *node = wn_trie_find(paths, top, attribute.name, hash);
        if (node && take(reader, &sink, node, attribute.value, err) != WN_OK) {
            return wn_context(err, "attribute %u of the record", n);
        }
        if (!node && drift) {
            wn_drift_count_hash(drift, attribute.name, hash);
        }
    }
    return WN_OK;
}

const struct wn_format wn_format_detail = {
    .name = "detail",
    .open = detail_open,
    .close = detail_close,
    .begin = detail_begin,
    .split = detail_split,
    .decode = detail_decode,
};
