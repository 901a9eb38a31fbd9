// SPDX-License-Identifier: Apache-2.0

/*
 * Files of records, cut: tells the pieces of each (frame_harness.h), one a line, for
 * test_frame_files.py to compare with the truth, and cuts each file short in many places. Of a file
 * that is cut every record before the cut is the same, and what is left of it is not passed in
 * silence.
 */

#include <stdio.h>
#include <stdlib.h>

#include "frame_harness.h"
#include "table.h"

enum {
    FRONT = 2048, ///< Octets at the front of a file that are all places for a cut,
    BACK = 600,   ///< and at its end.
    STEP = 61,    ///< Between them each so many octets is one.
    PIECES = 4096,
};

struct piece {
    size_t at, len;
    bool is_part, is_refused;
};

struct pieces {
    struct piece list[PIECES];
    size_t n;
    bool tells_part; ///< A CallEventDataFile: what stands before its records is passed.
};

static void fail_at(const char *name, size_t cut, const char *what)
{
    fprintf(stderr, "%s, cut at %zu: %s\n", name, cut, what);
    exit(1);
}

static void split_all(struct wn_slice input, struct pieces *pieces)
{
    struct wn_framer framer;
    struct wn_slice rest = input;
    wn_framer_begin(&framer, WN_FRAMING_AUTO);
    for (pieces->n = 0;; pieces->n++) {
        struct wn_slice raw;
        struct wn_error err;
        const enum wn_code rc = wn_framer_split(&framer, &rest, true, &raw, &err);
        pieces->tells_part = framer.framing == WN_FRAMING_CEDF;
        if (raw.len == 0 || pieces->n == PIECES) {
            return;
        }
        pieces->list[pieces->n] = (struct piece){
            .at = (size_t)(raw.at - input.at),
            .len = raw.len,
            .is_part = framer.is_part,
            .is_refused = rc != WN_OK,
        };
    }
}

static bool is_padding(struct wn_slice bytes)
{
    size_t n = 0;
    while (n < bytes.len && (bytes.at[n] == 0 || (uint8_t)bytes.at[n] == 0xff)) {
        n++;
    }
    return n == bytes.len;
}

static bool is_same(const struct piece *a, const struct piece *b)
{
    return a->at == b->at && a->len == b->len && a->is_part == b->is_part &&
           a->is_refused == b->is_refused;
}

static void check_cut(const char *name, struct wn_slice input, const struct pieces *whole,
                      size_t cut)
{
    static struct pieces pieces;
    const struct wn_slice front = { input.at, cut };
    split_all(front, &pieces);
    size_t n = 0;
    size_t behind = 0;
    for (; n < pieces.n && !pieces.list[n].is_refused; n++) {
        if (n >= whole->n || !is_same(&pieces.list[n], &whole->list[n])) {
            fail_at(name, cut, "a piece is another one");
        }
        behind = pieces.list[n].at + pieces.list[n].len;
    }
    if (pieces.n > n + 1 || (n < pieces.n && pieces.list[n].at + pieces.list[n].len != cut)) {
        fail_at(name, cut, "what is left is not one piece");
    }
    if (n == pieces.n && n < whole->n && !pieces.tells_part &&
        !is_padding(wn_slice_after(front, behind))) {
        fail_at(name, cut, "what is left was passed in silence");
    }
    if (n < whole->n && whole->list[n].at + whole->list[n].len < cut && n > 0) {
        fail_at(name, cut, "a record before the cut is missing");
    }
}

static void check_file(const char *path)
{
    static struct pieces whole;
    struct wn_buffer bytes = { 0 };
    struct wn_buffer text = { 0 };
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail_at(path, 0, "it can't be opened");
    }
    size_t n;
    do {
        n = fread(wn_buffer_room(&bytes, 65536), 1, 65536, file);
        bytes.len += n;
    } while (n > 0);
    fclose(file);
    const struct wn_slice input = wn_buffer_slice(&bytes);
    frame_tell(input, WN_FRAMING_AUTO, 4096, &text);
    printf("%s %s\n", name, (const char *)text.at);
    split_all(input, &whole);
    for (size_t cut = 0; cut < input.len; cut += cut < FRONT || cut + BACK > input.len ? 1 : STEP) {
        check_cut(name, input, &whole, cut);
    }
    wn_buffer_deinit(&text);
    wn_buffer_deinit(&bytes);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        check_file(argv[i]);
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
