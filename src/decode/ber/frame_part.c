// SPDX-License-Identifier: Apache-2.0

/*
 * What a header or trailer says, as texts under `/file/`. What it leaves open is absent: a length
 * or count of all ones, a count of 0, which writers leave there until they close the file.
 */

#include "../trie.h"
#include "frame_step.h"
#include "winnow/ber.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

/** Names under `/file/`. */
enum name {
    NAME_LENGTH,
    NAME_COUNT,
    NAME_SEQUENCE,
    NAME_LOST,
    NAME_CLOSED,
    NAME_ABNORMAL,
    NAME_NODE,
    NAMES,
};

static const char *const names[NAMES] = {
    [NAME_LENGTH] = "length", [NAME_COUNT] = "count",   [NAME_SEQUENCE] = "sequence",
    [NAME_LOST] = "lost",     [NAME_CLOSED] = "closed", [NAME_ABNORMAL] = "abnormal",
    [NAME_NODE] = "node",
};

enum {
    ABNORMAL = 128,  ///< Reasons of closure from here on are abnormal.
    VALUE_MOST = 48, ///< Octets of a value's text.
};

/** A length or count that is not known yet; an address that is none. */
static const uint64_t open_number = UINT32_MAX;

/** What a part says. */
struct said {
    uint64_t numbers[NAMES];
    bool has[NAMES];
    char node[VALUE_MOST];
};

const char *wn_frame_part_name(unsigned i)
{
    return i < NAMES ? names[i] : NULL;
}

static void say(struct said *said, enum name name, uint64_t number)
{
    said->numbers[name] = number;
    said->has[name] = true;
}

/** Say a length or a count, unless it is open. */
static void say_total(struct said *said, enum name name, uint64_t number)
{
    if (number != 0 && number != open_number) {
        say(said, name, number);
    }
}

/** @return how many records the indicator of lost records says, at least. */
static uint64_t lost_records(uint8_t indicator)
{
    if (indicator <= 128) { // 128: at least one.
        return indicator == 128 ? 1 : indicator;
    }
    return indicator == 255 ? 127 : indicator - 128U;
}

/** Say the address of a node: four octets and IPv6; some write IPv4 into those four octets. */
static void say_address(struct said *said, struct wn_slice bytes)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    const char *six = bytes.at + 4;
    const bool is_front =
        wn_number_at(bytes, 0, 4) != open_number && wn_number_at(bytes, 0, 4) != 0;
    const bool is_four = is_front || memcmp(six, mapped, sizeof(mapped)) == 0;
    const char *four = is_front ? bytes.at : six + sizeof(mapped);
    const char *from = is_four ? four : six;
    if (!is_front && wn_frame_run(wn_slice_after(bytes, 4), 0) == 16) {
        return;
    }
    said->has[NAME_NODE] =
        inet_ntop(is_four ? AF_INET : AF_INET6, from, said->node, sizeof(said->node)) != NULL;
}

static void read_standard(struct said *said, struct wn_slice raw)
{
    const uint8_t closed = wn_octet(raw, 26);
    const uint64_t length = wn_number_at(raw, 0, 4);
    say_total(said, NAME_LENGTH, length);
    say_total(said, NAME_COUNT, wn_number_at(raw, 18, 4));
    say(said, NAME_SEQUENCE, wn_number_at(raw, 22, 4));
    say(said, NAME_CLOSED, closed);
    say(said, NAME_ABNORMAL, closed >= ABNORMAL ? 1 : 0);
    say(said, NAME_LOST, lost_records(wn_octet(raw, 47)));
    say_address(said, (struct wn_slice){ raw.at + 27, 20 });
}

/** Say the digits of an address of a switch, behind the octet of its type. */
static void say_entity(struct said *said, struct wn_slice content)
{
    size_t n = 0;
    for (size_t i = 2; i < 2 * content.len && n + 1 < sizeof(said->node); i++) {
        const unsigned digit =
            i % 2 == 0 ? wn_octet(content, i / 2) & 0xfU : (unsigned)wn_octet(content, i / 2) >> 4;
        if (digit > 9) {
            break;
        }
        said->node[n++] = (char)('0' + digit);
    }
    said->has[NAME_NODE] = n > 0;
}

/** The trailer of a CallEventDataFile: {[1] entity, [4] number of records}. */
static void read_trailer(struct said *said, struct wn_slice raw)
{
    struct wn_tlv tlv;
    struct wn_error unused;
    if (wn_tlv_next(&raw, &tlv, &unused) != WN_OK) {
        return;
    }
    struct wn_slice rest = tlv.content;
    while (wn_tlv_next(&rest, &tlv, &unused) == WN_OK) {
        const bool is_field = tlv.class_ == WN_BER_CONTEXT && !tlv.constructed;
        if (is_field && tlv.tag == 4 && tlv.content.len > 0 && tlv.content.len <= 8) {
            say(said, NAME_COUNT, wn_number_at(tlv.content, 0, (unsigned)tlv.content.len));
        } else if (is_field && tlv.tag == 1) {
            say_entity(said, tlv.content);
        }
    }
}

static void read_cedf(struct said *said, struct wn_slice raw)
{
    const struct wn_view view = { raw, false };
    if (wn_octet(raw, 0) == 0xa2) {
        read_trailer(said, raw);
        return;
    }
    const struct wn_frame_tlv tlv = wn_frame_tlv(&view, 0, UINT64_MAX);
    if (wn_octet(raw, 0) == 0x30 && tlv.sight == WN_SIGHT_EXACT) { // Else its length is open.
        say(said, NAME_LENGTH, tlv.whole);
    }
}

static void read_part(const struct wn_framer *framer, struct wn_slice raw, struct said *said)
{
    switch (framer->framing) {
    case WN_FRAMING_TS32297:
        read_standard(said, raw);
        break;
    case WN_FRAMING_GUARD24:
        say_total(said, NAME_LENGTH, wn_number_at(raw, 0, 4));
        say_total(said, NAME_COUNT, wn_number_at(raw, 20, 4));
        break;
    case WN_FRAMING_CUSTOM24:
        say_total(said, NAME_COUNT, wn_number_at(raw, 8, 4));
        say_total(said, NAME_LENGTH, wn_number_at(raw, 16, 4));
        break;
    case WN_FRAMING_CEDF:
        read_cedf(said, raw);
        break;
    case WN_FRAMING_AUTO:
    case WN_FRAMING_PREFIXED:
    case WN_FRAMING_BER:
    case WN_FRAMING_BLOCKS:
    case WN_FRAMINGS:
    default:
        break;
    }
}

void wn_framer_decode_part(const struct wn_framer *framer, struct wn_slice raw,
                           const struct wn_paths *parts, struct wn_arena *arena,
                           struct wn_taken_set *taken)
{
    const struct wn_slice file = wn_slice_of("file");
    struct wn_taken *tails[WN_TAKES];
    struct said said = { .node = "" };
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, parts->n_takes, sizeof(*taken->top)),
    };
    const struct wn_trie_node *node =
        wn_trie_find(parts, &parts->nodes[WN_TRIE_TOP], file, wn_trie_hash(file));
    if (!node) {
        return;
    }
    read_part(framer, raw, &said);
    for (unsigned i = 0; i < NAMES; i++) {
        const struct wn_slice name = wn_slice_of(names[i]);
        const struct wn_trie_node *wanted = wn_trie_find(parts, node, name, wn_trie_hash(name));
        char text[VALUE_MOST];
        if (!said.has[i] || !wanted || wanted->take == WN_NO_TAKE) {
            continue;
        }
        if (i == NAME_NODE) {
            memcpy(text, said.node, sizeof(text));
        } else {
            snprintf(text, sizeof(text), "%" PRIu64, said.numbers[i]);
        }
        wn_trie_put(arena, taken->top, tails, wanted->take, WN_TAKEN_TEXT,
                    wn_arena_copy(arena, wn_slice_of(text)));
    }
}
