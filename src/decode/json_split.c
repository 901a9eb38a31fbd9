// SPDX-License-Identifier: Apache-2.0

/*
 * Where a JSON record ends.
 *
 * Most inputs have one record a line. For a line from `{` to `}` the structural index is made at
 * once, the brackets are counted over it, and decode() finds the index ready (cut_line()).
 *
 * All else is scanned octet by octet (struct wn_json_scan): records that span lines, several on a
 * line, a line that came in pieces, and whatever is broken. A record begins with `{`, and a
 * string never spans lines, so a fault is noticed at the end of its line at the latest:
 *
 *     {"a": 1, "b": "tex        <- the writer was cut off: record-cut, the next line is whole
 *     {"a": 2, "b": "text"}
 *
 * - A line that begins with `{`, in the first column, while braces are open shows that the record
 *   before it was cut.
 * - A broken record ends at its line; one that spans lines goes on to the line that begins with
 *   `}`, or before one that begins with `{`, so that its objects further in are not taken for
 *   records.
 * - What does not begin with `{` is a broken record to the end of its line; where the source says
 *   that a record may be a list (struct wn_wrapping), one that begins with `[` is its line.
 *
 * No octet is scanned twice but for a line that cut_line() gave up: the scan goes on where it
 * stopped when more bytes have come.
 */

#include "json.h"
#include "text.h"

/** What an octet is to the scan; 0: nothing. */
enum {
    BRACKET = 1,
    QUOTE,
    BACKSLASH,
    NEWLINE,
};

static const uint8_t class_of[256] = {
    ['{'] = BRACKET, ['}'] = BRACKET,    ['['] = BRACKET,  [']'] = BRACKET,
    ['"'] = QUOTE,   ['\\'] = BACKSLASH, ['\n'] = NEWLINE,
};

/** Braces in the lower half, square brackets in the upper one: one addition counts both. */
static const int64_t weight_of[256] = {
    ['{'] = 1,
    ['}'] = -1,
    ['['] = (int64_t)1 << 32,
    [']'] = -((int64_t)1 << 32),
};

static enum wn_code finish(struct wn_reader *reader, struct wn_slice *rest, size_t len,
                           struct wn_slice *ret_raw)
{
    *ret_raw = (struct wn_slice){ rest->at, len };
    *rest = wn_slice_after(*rest, len);
    reader->scan = (struct wn_json_scan){ 0 };
    return WN_OK;
}

static enum wn_code refuse(struct wn_reader *reader, struct wn_slice *rest, size_t len,
                           struct wn_slice *ret_raw)
{
    finish(reader, rest, len, ret_raw);
    return WN_REJECT;
}

/** The record, or line, does not end within the limit; what follows it is lost to its line's end.
 */
static enum wn_code refuse_long(struct wn_reader *reader, struct wn_slice *rest,
                                struct wn_slice *ret_raw, struct wn_error *err)
{
    wn_fail(err, WN_REJECT, "record-too-long", "no record ends within %d octets", WN_RECORD_BYTES);
    reader->is_over = rest->at[WN_RECORD_BYTES - 1] != '\n';
    return refuse(reader, rest, WN_RECORD_BYTES, ret_raw);
}

/**
 * Find the line at hand, without its end.
 *
 * @return WN_OK; WN_RETRY: it goes on behind `rest`; or WN_REJECT: it is too long, `ret_raw` is
 * lost.
 */
static enum wn_code find_line(struct wn_reader *reader, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_line, struct wn_slice *ret_raw,
                              struct wn_error *err)
{
    size_t most = rest->len < WN_RECORD_BYTES ? rest->len : WN_RECORD_BYTES;
    size_t from = reader->scan.at < most ? reader->scan.at : most;
    const char *newline = memchr(rest->at + from, '\n', most - from);
    if (!newline && most == WN_RECORD_BYTES) {
        return refuse_long(reader, rest, ret_raw, err);
    }
    if (!newline && !end) {
        reader->scan.at = rest->len;
        return WN_RETRY;
    }
    *ret_line = (struct wn_slice){ rest->at, newline ? (size_t)(newline - rest->at) : most };
    return WN_OK;
}

/** Refuse what is no record, to the end of its line. */
static enum wn_code refuse_line(struct wn_reader *reader, struct wn_slice *rest, bool end,
                                struct wn_slice *ret_raw, struct wn_error *err)
{
    struct wn_slice line;
    enum wn_code rc = find_line(reader, rest, end, &line, ret_raw, err);
    if (rc != WN_OK) {
        return rc;
    }
    if (reader->is_over) {
        wn_fail(err, WN_REJECT, "record-too-long", "the end of a record of more than %d octets",
                WN_RECORD_BYTES);
    } else {
        wn_fail(err, WN_REJECT, "json-syntax", "a record begins with an opening brace");
    }
    reader->is_over = false;
    return refuse(reader, rest, line.len, ret_raw);
}

/** @return how many tokens the object at the beginning has; 0: it does not end, or badly. */
static size_t count_tokens(const char *at, const uint32_t *index, size_t n)
{
    int64_t open = 0;
    for (size_t i = 0; i < n; i++) {
        open += weight_of[(unsigned char)at[index[i]]];
        if ((uint32_t)open == 0) {
            return open == 0 ? i + 1 : 0;
        }
    }
    return 0;
}

/** Cut a record that stands on one line. @return false where the scan must look at it. */
static bool cut_line(struct wn_reader *reader, struct wn_slice *rest, bool end,
                     struct wn_slice *ret_raw)
{
    size_t most = rest->len < WN_RECORD_BYTES ? rest->len : WN_RECORD_BYTES;
    const char *newline = memchr(rest->at, '\n', most);
    if (!newline && (!end || rest->len > WN_RECORD_BYTES)) {
        reader->is_dense = true; // Do not look for the line's end again for each record on it.
        return false;
    }
    struct wn_slice line = { rest->at, newline ? (size_t)(newline - rest->at) : most };
    while (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\r') {
        line.len--; // Ends at the brace at the latest.
    }
    if (line.at[line.len - 1] != '}') {
        return false;
    }
    struct wn_json_text text = { .raw = line };
    enum wn_json_indexed outcome = wn_json_simd_index(reader->simd, line, &text.index, &text.n);
    if (outcome != WN_JSON_INDEXED && outcome != WN_JSON_BAD_UTF8) {
        return false;
    }
    reader->form = wn_json_forms_find(reader->forms, &text);
    size_t n = reader->form ? text.n : count_tokens(line.at, text.index, text.n);
    if (n == 0) {
        return false;
    }
    reader->is_dense = n < text.n;
    text.raw.len = text.index[n - 1] + (size_t)1;
    text.n = n;
    if (reader->is_dense) {
        reader->form = wn_json_forms_find(reader->forms, &text);
    }
    reader->is_utf8 = outcome == WN_JSON_INDEXED;
    finish(reader, rest, text.raw.len, ret_raw);
    // UTF-8 was checked over the whole line: what another record has must not be laid to this one.
    if (reader->is_utf8 || !reader->is_dense) {
        reader->indexed = text;
    }
    return true;
}

/** Cut a record that is a list: it stands on a line of its own. */
static enum wn_code cut_list(struct wn_reader *reader, struct wn_slice *rest, bool end,
                             struct wn_slice *ret_raw, struct wn_error *err)
{
    struct wn_slice line;
    enum wn_code rc = find_line(reader, rest, end, &line, ret_raw, err);
    if (rc != WN_OK) {
        return rc;
    }
    while (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\r') {
        line.len--; // Ends at the bracket at the latest.
    }
    if (line.at[line.len - 1] != ']' || line.len == 1) {
        wn_fail(err, WN_REJECT, "record-cut", "the record ends in the middle");
        return refuse(reader, rest, line.len, ret_raw);
    }
    return finish(reader, rest, line.len, ret_raw);
}

/** The record at hand is lost: from here on only its end is looked for. */
static void lose(struct wn_json_scan *scan, struct wn_slice rest, bool is_cut)
{
    scan->is_broken = true;
    scan->is_cut = is_cut;
    scan->is_last = scan->line == 0 || rest.at[scan->line] == '}';
}

/** @return how many octets a backslash covers: an escaped quote ends no string. 0: ask again. */
static size_t escape_len(struct wn_slice rest, size_t at, bool end)
{
    if (at + 1 == rest.len) {
        return end || rest.len >= WN_RECORD_BYTES ? 1 : 0;
    }
    return rest.at[at + 1] == '"' || rest.at[at + 1] == '\\' ? 2 : 1;
}

/** Count a bracket outside of strings. @return whether it closes the record, well or badly. */
static bool count_bracket(struct wn_json_scan *scan, struct wn_slice rest)
{
    scan->open += weight_of[(unsigned char)rest.at[scan->at]];
    if ((uint32_t)scan->open != 0) {
        return false;
    }
    if (scan->open != 0) {
        lose(scan, rest, false);
    }
    return true;
}

/**
 * Go on to the record's end, a fault, or the next line.
 *
 * @return WN_OK: the record ends at `scan->at`; WN_RETRY: more bytes are needed, or call again.
 */
static enum wn_code scan_line(struct wn_json_scan *scan, struct wn_slice rest, size_t most,
                              bool end)
{
    for (size_t step = 1; scan->at < most && step > 0; scan->at += step) {
        bool is_end = false;
        step = 1;
        switch (class_of[(unsigned char)rest.at[scan->at]]) {
        case QUOTE:
            scan->in_string = !scan->in_string;
            break;
        case BACKSLASH:
            step = escape_len(rest, scan->at, end);
            break;
        case BRACKET:
            is_end = !scan->in_string && count_bracket(scan, rest);
            break;
        case NEWLINE:
            if (scan->in_string) {
                lose(scan, rest, true);
            }
            scan->line = ++scan->at;
            return WN_RETRY;
        default:
            break;
        }
        if (is_end) {
            scan->at++;
            return scan->is_broken ? WN_RETRY : WN_OK;
        }
    }
    return WN_RETRY;
}

/** Pass a line of a record that is lost. */
static void pass_line(struct wn_json_scan *scan, struct wn_slice rest, size_t most)
{
    const char *newline = memchr(rest.at + scan->at, '\n', most - scan->at);
    if (newline) {
        scan->line = (size_t)(newline - rest.at) + 1;
    }
    scan->at = newline ? scan->line : most;
}

static enum wn_code refuse_lost(struct wn_reader *reader, struct wn_slice *rest, size_t len,
                                struct wn_slice *ret_raw, struct wn_error *err)
{
    if (!reader->scan.is_broken || reader->scan.is_cut) {
        wn_fail(err, WN_REJECT, "record-cut", "the record ends in the middle");
    } else {
        wn_fail(err, WN_REJECT, "json-syntax",
                "a string is not closed on its line, or brackets do not match");
    }
    return refuse(reader, rest, len, ret_raw);
}

/** @return whether the record at hand, which is not whole, ends before the line that begins now. */
static bool ends_before_line(struct wn_json_scan *scan, char c)
{
    bool is_next = c == '{';
    bool ends = is_next || (scan->is_broken && scan->is_last);
    scan->is_cut = scan->is_cut && is_next;
    scan->is_last = c == '}';
    return ends;
}

static enum wn_code scan_record(struct wn_reader *reader, struct wn_slice *rest, bool end,
                                struct wn_slice *ret_raw, struct wn_error *err)
{
    struct wn_json_scan *scan = &reader->scan;
    size_t most = rest->len < WN_RECORD_BYTES ? rest->len : WN_RECORD_BYTES;
    while (scan->at < most) {
        bool is_begin = scan->line > 0 && scan->at == scan->line;
        if (is_begin && ends_before_line(scan, rest->at[scan->at])) {
            return refuse_lost(reader, rest, scan->at, ret_raw, err);
        }
        size_t before = scan->at;
        if (scan->is_broken) {
            pass_line(scan, *rest, most);
        } else if (scan_line(scan, *rest, most, end) == WN_OK) {
            return finish(reader, rest, scan->at, ret_raw);
        }
        if (scan->at == before) {
            return WN_RETRY;
        }
    }
    if (scan->at >= WN_RECORD_BYTES) {
        return refuse_long(reader, rest, ret_raw, err);
    }
    return end ? refuse_lost(reader, rest, rest->len, ret_raw, err) : WN_RETRY;
}

/** Skip white space between records. */
static void skip_space(struct wn_reader *reader, struct wn_slice *rest)
{
    size_t n = 0;
    while (n < rest->len && (rest->at[n] == ' ' || rest->at[n] == '\t' || rest->at[n] == '\r' ||
                             rest->at[n] == '\n')) {
        if (rest->at[n] == '\n') {
            reader->is_dense = false;
            reader->is_over = false;
        }
        n++;
    }
    *rest = wn_slice_after(*rest, n);
}

enum wn_code wn_json_split(struct wn_reader *reader, struct wn_slice *rest, bool end,
                           struct wn_slice *ret_raw, struct wn_error *err)
{
    reader->indexed.raw.len = 0;
    *ret_raw = (struct wn_slice){ rest->at, 0 };
    if (reader->at_begin && !wn_text_skip_bom(rest, end)) {
        return WN_RETRY;
    }
    reader->at_begin = false;
    if (reader->scan.at > rest->len) { // Not the bytes of the call before.
        reader->scan = (struct wn_json_scan){ 0 };
    }
    if (reader->scan.at == 0) {
        skip_space(reader, rest);
    }
    if (rest->len == 0) {
        ret_raw->at = rest->at;
        return end ? WN_OK : WN_RETRY;
    }
    bool may_be_list = reader->options->paths->wrapping.named.len > 0;
    if (may_be_list && !reader->is_over && rest->at[0] == '[') {
        return cut_list(reader, rest, end, ret_raw, err);
    }
    if (reader->is_over || rest->at[0] != '{') {
        return refuse_line(reader, rest, end, ret_raw, err);
    }
    if (reader->scan.at == 0 && !reader->is_dense && cut_line(reader, rest, end, ret_raw)) {
        return WN_OK;
    }
    return scan_record(reader, rest, end, ret_raw, err);
}
