// SPDX-License-Identifier: Apache-2.0

/* The number that a node gave a record, and which node it was, whatever becomes of the record. */

#include <inttypes.h>

#include "source_harness.h"

#define GOOD                                                                                       \
    "\"id\":\"a\",\"imsi\":\"204980000000001\",\"start\":\"1792888205\",\"duration\":\"60\""

/** A base and its change. */
#define CALL(...)                                                                                  \
    {                                                                                              \
        .type = "call", .change = __VA_ARGS__                                                      \
    }

static const struct row {
    const char *name;
    struct source_text text;
    const char *record;
    const char *told;
} rows[] = {
    { "a number and the source's node", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":7}",
      "7 of n1" },
    { "a number as text", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":\"007\"}", "7 of n1" },
    { "the first that is present", CALL("gaps: {number: [/a, /seq]}\n"), "{" GOOD ",\"seq\":7}",
      "7 of n1" },
    { "a node of its own", CALL("gaps: {number: /seq, node: [/x, /gw]}\n"),
      "{" GOOD ",\"seq\":7,\"gw\":\"pgw-1\"}", "7 of pgw-1" },
    { "… that is absent", CALL("gaps: {number: /seq, node: /gw}\n"), "{" GOOD ",\"seq\":7}",
      "7 of n1" },
    { "a node that two names make", CALL("gaps: {number: /seq, join: [/gw, /sm]}\n"),
      "{" GOOD ",\"seq\":7,\"gw\":\"pgw\",\"sm\":\"012\"}", "7 of pgw-012" },
    { "no node at all", CALL("gaps: {number: /seq}\n", .change2 = "node: {from: /gw}\n"),
      "{" GOOD ",\"seq\":7}", "7 of nobody" },
    { "a node that is a list", CALL("gaps: {number: /seq, node: /gw}\n"),
      "{" GOOD ",\"seq\":7,\"gw\":[1]}", "7 of n1" },
    { "the largest number", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":4294967295}",
      "4294967295 of n1" },
    { "one more", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":4294967296}",
      "unreadable of n1" },
    { "a number below 0", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":-1}",
      "unreadable of n1" },
    { "no number", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":\"one\"}",
      "unreadable of n1" },
    { "an object", CALL("gaps: {number: /seq}\n"), "{" GOOD ",\"seq\":{}}", "unreadable of n1" },
    { "a record without a number", CALL("gaps: {number: /seq}\n"), "{" GOOD "}", "nothing" },
    { "a source without gaps", CALL(NULL), "{" GOOD ",\"seq\":7}", "nothing" },
    { "a record that is refused has its number", CALL("gaps: {number: /seq}\n"),
      "{\"id\":\"a\",\"start\":\"never\",\"seq\":7}", "refused, 7 of n1" },
    { "and one that can't be taken apart to its end, as far as it was",
      CALL("gaps: {number: /seq}\n"), "{\"id\":\"a\",\"seq\":7,\"start\":1,\"start\":2}",
      "refused, 7 of n1" },
    { "but not behind that", CALL("gaps: {number: /seq}\n"),
      "{\"id\":\"a\",\"start\":1,\"start\":2,\"seq\":7}", "refused, nothing" },
};

static void tell(const struct wn_numbered *numbered, struct wn_buffer *text)
{
    if (!numbered->there) {
        wn_buffer_text(text, "nothing");
        return;
    }
    if (numbered->readable) {
        wn_buffer_format(text, "%" PRIu32, numbered->number);
    } else {
        wn_buffer_text(text, "unreadable");
    }
    wn_buffer_text(text, " of ");
    if (numbered->node.len == 0) {
        wn_buffer_text(text, "nobody");
    }
    wn_buffer_add(text, numbered->node.at, numbered->node.len);
}

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_source *source = source_load(&row->text, NULL);
    struct wn_decoder *decoder = wn_decoder_open(source);
    for (int i = 0; i < 2; i++) { // Nothing of one record stays for the next.
        struct wn_slice rest = wn_slice_of(row->record);
        struct wn_slice raw = { 0 };
        struct wn_buffer text = { 0 };
        struct wn_decoded *decoded = NULL;
        struct wn_error err;
        wn_decoder_begin(decoder);
        if (wn_decoder_split(decoder, &rest, true, &raw, &err) != WN_OK ||
            wn_decoder_decode(decoder, raw, NULL, &decoded, &err) != WN_OK) {
            wn_buffer_text(&text, "refused, ");
        }
        const struct wn_numbered none = { .there = false };
        tell(decoded ? &decoded->numbered : &none, &text);
        wn_buffer_add(&text, "", 1);
        assert_string_equal((const char *)text.at, row->told);
        wn_buffer_deinit(&text);
    }
    wn_decoder_close(decoder);
    wn_source_close(source);
}

int main(void)
{
    return SOURCE_RUN_TABLE("source-gaps", rows, check);
}
