// SPDX-License-Identifier: Apache-2.0

#include "cat_raw.h"

#include <inttypes.h>

#include "text.h"
#include "winnow/ber_print.h"
#include "winnow/format.h"
#include "winnow/io.h"

enum {
    FILE_MOST = 1 << 30,
};

static void write_value(struct wn_buffer *out, struct wn_slice text, bool is_plain)
{
    if (is_plain) {
        wn_buffer_add(out, text.at, text.len);
    } else {
        cmd_text_json(out, text);
    }
}

static void write_shape(struct wn_buffer *out, struct wn_slice text, bool is_plain)
{
    struct wn_buffer shape = { 0 };
    if (is_plain && wn_slice_is(text, "null")) {
        wn_buffer_add(out, text.at, text.len);
        return;
    }
    cmd_text_shape_of(&shape, text);
    struct wn_slice bare = wn_buffer_slice(&shape);
    if (bare.len > 1 && bare.at[0] == '\'' && bare.at[bare.len - 1] == '\'') {
        bare = (struct wn_slice){ bare.at + 1, bare.len - 2 };
    }
    cmd_text_json(out, bare);
    wn_buffer_deinit(&shape);
}

/** Print what split() cut. @param offset  Of it in the file. */
static enum wn_code print_piece(const struct cmd_cat_raw *how, struct wn_slice raw, size_t offset,
                                struct wn_buffer *out, struct wn_error *fault)
{
    const struct wn_ber_printing printing = {
        .write = how->values ? write_value : write_shape,
        .octets = how->octets,
    };
    enum wn_code rc = fault->code;
    if (rc == WN_OK) {
        rc = wn_ber_print(&printing, raw, out, fault);
    }
    if (rc != WN_OK) {
        wn_buffer_format(out, "{\"reason\":\"%s\",\"offset\":%zu}", fault->reason, offset);
    }
    wn_buffer_text(out, "\n");
    return rc;
}

static enum wn_code print_pieces(const struct cmd_cat_raw *how, struct wn_reader *reader,
                                 struct wn_slice rest, cmd_cat_line *line, void *context,
                                 struct wn_error *err)
{
    const char *front = rest.at;
    struct wn_buffer out = { 0 };
    enum wn_code rc = WN_OK;
    uint64_t n_read = 0;
    uint64_t n_bad = 0;
    while (rc == WN_OK) {
        struct wn_slice raw = { 0 };
        struct wn_error fault = { 0 };
        const enum wn_code cut = wn_format_ber.split(reader, &rest, true, &raw, &fault);
        if (raw.len == 0) {
            break;
        }
        if (cut == WN_OK && wn_format_ber.is_part(reader)) {
            continue;
        }
        out.len = 0;
        if (print_piece(how, raw, (size_t)(raw.at - front), &out, &fault) == WN_OK) {
            n_read++;
        } else {
            n_bad++;
        }
        rc = line(context, wn_buffer_slice(&out), err);
    }
    wn_buffer_deinit(&out);
    if (rc == WN_OK && n_read == 0 && n_bad > 0) {
        rc = wn_fail(err, WN_FATAL, "file-read",
                     "neither a container, nor a receipt, nor charging records in BER");
    }
    return rc;
}

enum wn_code cmd_cat_raw(const struct cmd_cat_raw *how, const char *path, cmd_cat_line *line,
                         void *context, struct wn_error *err)
{
    struct wn_buffer bytes = { 0 };
    enum wn_code rc = wn_io_read(path, FILE_MOST, &bytes, err);
    if (rc == WN_OK) {
        struct wn_paths *paths = wn_paths_open();
        wn_paths_compile(paths);
        const struct wn_format_options options = { .paths = paths };
        struct wn_reader *reader = wn_format_ber.open(&options);
        wn_format_ber.begin(reader);
        rc = print_pieces(how, reader, wn_buffer_slice(&bytes), line, context, err);
        if (rc != WN_OK && strcmp(err->reason, "file-read") == 0) {
            wn_context(err, "%s", path);
        }
        wn_format_ber.close(reader);
        wn_paths_close(paths);
    }
    wn_buffer_wipe(&bytes);
    wn_buffer_deinit(&bytes);
    return rc;
}
