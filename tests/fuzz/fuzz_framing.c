// SPDX-License-Identifier: Apache-2.0

#include "ber/frame.h"
#include "fuzz.h"
#include "scratch.h"

#include <stdlib.h>

#include "winnow/hash.h"

enum {
    HEADER_MOST = 12, ///< Octets before a record that are no padding and cost nothing.
};

/** What two runs over the same input are compared by. */
struct run {
    uint64_t pieces;  ///< Hash over offsets, lengths, reasons and values.
    uint64_t odd;     ///< Oddities.
    size_t n_pieces;  ///< Octets in pieces.
    size_t n_skipped; ///< Octets between them.
};

static uint64_t mix(uint64_t hash, uint64_t more)
{
    uint64_t both[2] = { hash, more };
    return wn_hash64(both, sizeof(both));
}

static uint64_t count_odd(const struct wn_framer *framer)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < WN_FRAME_ODDITIES; i++) {
        n += framer->odd[i];
    }
    return n;
}

/** What is skipped is padding, or a header, or it is counted. */
static void look_at_gap(struct wn_slice gap, bool is_counted)
{
    size_t n = 0;
    for (size_t i = 0; i < gap.len; i++) {
        n += gap.at[i] != 0 && (uint8_t)gap.at[i] != 0xff ? 1 : 0;
    }
    must(n <= HEADER_MOST || is_counted);
}

static uint64_t look_at_part(const struct wn_framer *framer, struct wn_slice raw,
                             const struct wn_paths *parts, uint64_t hash)
{
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    wn_framer_decode_part(framer, raw, parts, &arena, &taken);
    for (unsigned i = 0; i < wn_paths_count(parts); i++) {
        const struct wn_slice text = taken.top[i].text;
        must(text.len < 64 && (taken.top[i].state == WN_TAKEN_TEXT) == (text.len > 0));
        hash = mix(hash, wn_hash64(text.at, text.len));
    }
    wn_arena_deinit(&arena);
    return hash;
}

/** Run the whole input through, `step` octets at a time; each call sees a copy of its own. */
static struct run run(struct wn_slice input, enum wn_framing named, size_t step,
                      const struct wn_paths *parts)
{
    struct wn_framer framer;
    struct run run = { 0 };
    size_t at = 0, seen = step < input.len ? step : input.len, behind = 0;
    uint64_t odd = 0, before = 0;
    wn_framer_begin(&framer, named);
    for (bool done = false; !done;) {
        const size_t len = seen - at;
        char *copy = malloc(len + 1);
        must(copy != NULL);
        if (len > 0) {
            memcpy(copy + 1, input.at + at, len); // Odd, and its end is the end of the memory.
        }
        struct wn_slice rest = { copy + 1, len }, raw = { copy + 1, 0 };
        struct wn_error err = { 0 };
        const enum wn_code rc = wn_framer_split(&framer, &rest, seen == input.len, &raw, &err);
        const size_t passed = (size_t)(rest.at - copy) - 1;
        const size_t begins = at + (size_t)(raw.at - copy) - 1;
        must(passed + rest.len == len);
        if (rc == WN_RETRY) {
            must(seen < input.len);
            seen = input.len - seen > step ? seen + step : input.len;
        } else {
            must(rc == WN_OK || (rc == WN_REJECT && raw.len > 0));
            must(raw.at > copy && raw.at + raw.len <= rest.at);
            done = raw.len == 0;
            must(!done || (seen == input.len && rest.len == 0));
            const size_t ends = done ? input.len : begins + raw.len;
            const struct wn_slice gap = { input.at + behind, (done ? input.len : begins) - behind };
            look_at_gap(gap, count_odd(&framer) > odd || framer.framing == WN_FRAMING_CEDF);
            odd = before; // What is too long in a frame stands behind its record.
            before = count_odd(&framer);
            run.n_skipped += gap.len;
            run.n_pieces += raw.len;
            run.pieces = mix(mix(run.pieces, begins), raw.len);
            run.pieces = rc == WN_OK ? mix(run.pieces, framer.record.standard)
                                     : mix(run.pieces, wn_hash64(err.reason, strlen(err.reason)));
            run.pieces =
                framer.is_part ? look_at_part(&framer, raw, parts, run.pieces) : run.pieces;
            behind = ends;
        }
        at += passed;
        free(copy);
    }
    must(framer.at == input.len && run.n_pieces + run.n_skipped == input.len);
    run.odd = count_odd(&framer);
    return run;
}

/**
 * Pieces and what lies between them are the whole input, and what lies between them is headers or
 * padding, or is counted; chunks change nothing. The first octet says how long the chunks are, the
 * second which framing is named.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct wn_paths *parts = wn_paths_open();
    fuzz_add_paths(parts, "/file/length /file/count /file/sequence /file/lost /file/closed "
                          "/file/abnormal /file/node /file/other /other");
    wn_paths_compile(parts);
    const struct wn_slice input = { (const char *)data + 2, size - 2 };
    const enum wn_framing named = (enum wn_framing)(data[1] % WN_FRAMINGS);
    const struct run whole = run(input, named, input.len + 1, parts);
    const struct run chunks = run(input, named, (size_t)data[0] + 1, parts);
    must(whole.pieces == chunks.pieces && whole.odd == chunks.odd);
    must(whole.n_pieces == chunks.n_pieces && whole.n_skipped == chunks.n_skipped);
    wn_paths_close(parts);
    return 0;
}
