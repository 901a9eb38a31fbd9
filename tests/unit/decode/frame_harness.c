// SPDX-License-Identifier: Apache-2.0

#include "frame_harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "table.h"

/** Where the harness stands in the input. */
struct place {
    size_t at;   ///< Octets that were passed.
    size_t seen; ///< Octets that were shown.
    bool done;
};

static void tell_part(const struct wn_framer *framer, struct wn_slice raw, struct wn_buffer *text)
{
    struct wn_paths *paths = wn_paths_open();
    struct wn_arena arena = { 0 };
    struct wn_taken_set taken;
    struct wn_error err;
    for (unsigned i = 0; wn_frame_part_name(i); i++) {
        char path[40];
        uint8_t take;
        snprintf(path, sizeof(path), "/file/%s", wn_frame_part_name(i));
        assert_int_equal(wn_paths_add(paths, wn_slice_of(path), &take, &err), WN_OK);
        assert_int_equal(take, i);
    }
    wn_paths_compile(paths);
    wn_framer_decode_part(framer, raw, paths, &arena, &taken);
    const char *comma = "";
    wn_buffer_text(text, "{");
    for (unsigned i = 0; wn_frame_part_name(i); i++) {
        if (taken.top[i].state == WN_TAKEN_TEXT) {
            wn_buffer_format(text, "%s%s=%.*s", comma, wn_frame_part_name(i),
                             (int)taken.top[i].text.len, taken.top[i].text.at);
            comma = " ";
        }
    }
    wn_buffer_text(text, "}");
    wn_arena_deinit(&arena);
    wn_paths_close(paths);
}

static void tell_piece(const struct wn_framer *framer, struct wn_slice raw, size_t at,
                       const char *reason, struct wn_buffer *text)
{
    if (text->len > 0) {
        wn_buffer_text(text, " ");
    }
    if (reason) {
        wn_buffer_format(text, "!%s@", reason);
    }
    wn_buffer_format(text, "%s%zu+%zu", framer->is_part ? "#" : "", at, raw.len);
    if (framer->is_part) {
        tell_part(framer, raw, text);
    } else if (framer->record.standard != WN_FRAME_NO_STANDARD) {
        wn_buffer_format(text, "/%u", framer->record.standard);
    }
}

/** Split once, over a copy of what may be seen. */
static void split_once(struct wn_framer *framer, struct wn_slice input, size_t step,
                       struct place *place, struct wn_buffer *text)
{
    const size_t len = place->seen - place->at;
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    if (len > 0) {
        memcpy(copy + 1, input.at + place->at, len); // Odd, and its end is the end of the memory.
    }
    struct wn_slice rest = { copy + 1, len };
    struct wn_slice raw;
    struct wn_error err = { .reason = NULL };
    const bool end = place->seen == input.len;
    enum wn_code rc = wn_framer_split(framer, &rest, end, &raw, &err);
    const size_t passed = (size_t)(rest.at - copy) - 1;
    assert_true(passed + rest.len == len);
    if (rc == WN_RETRY) {
        assert_false(end);
        place->seen = input.len - place->seen > step ? place->seen + step : input.len;
    } else if (raw.len == 0) {
        assert_true(rc == WN_OK && end && rest.len == 0);
        place->done = true;
    } else {
        assert_true(rc == WN_OK || rc == WN_REJECT);
        assert_true(raw.at > copy && raw.at + raw.len <= rest.at);
        const size_t at = place->at + (size_t)(raw.at - copy) - 1;
        tell_piece(framer, raw, at, rc == WN_OK ? NULL : err.reason, text);
    }
    place->at += passed;
    free(copy);
}

static void tell_odd(void *context, const char *name, uint64_t count)
{
    wn_buffer_format(context, " %s=%llu", name, (unsigned long long)count);
}

void frame_tell(struct wn_slice input, enum wn_framing named, size_t step,
                struct wn_buffer *ret_text)
{
    struct wn_framer framer;
    struct wn_drift *drift = wn_drift_open();
    struct place place = { .seen = step > 0 && step < input.len ? step : input.len };
    wn_framer_begin(&framer, named);
    while (!place.done) {
        split_once(&framer, input, step, &place, ret_text);
    }
    assert_int_equal(place.at, input.len);
    assert_int_equal(framer.at, input.len);
    wn_framer_end(&framer, drift);
    wn_drift_each(drift, tell_odd, ret_text);
    wn_drift_close(drift);
    wn_buffer_add(ret_text, "", 1);
    ret_text->len--;
}

static uint8_t digit_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, c);
    assert_true(at && c);
    return (uint8_t)(at - digits);
}

void frame_bytes(const char *hex, struct wn_buffer *ret_bytes)
{
    while (*hex) {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        uint8_t octet = (uint8_t)(digit_of(hex[0]) << 4 | digit_of(hex[1]));
        unsigned long n = 1;
        hex += 2;
        if (*hex == '*') {
            char *behind;
            n = strtoul(hex + 1, &behind, 10);
            hex = behind;
        }
        for (; n > 0; n--) {
            wn_buffer_add(ret_bytes, &octet, 1);
        }
    }
}
