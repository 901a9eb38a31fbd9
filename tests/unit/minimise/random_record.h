// SPDX-License-Identifier: Apache-2.0

/** Records by chance, of any shape: values of every kind, absent ones, items, flags. */

#ifndef RANDOM_RECORD_H
#define RANDOM_RECORD_H

#include <stdio.h>
#include <string.h>

#include "winnow/number.h"
#include "winnow/record.h"

enum {
    RANDOM_ITEMS = 4,
    RANDOM_TEXT = 96
};

/** A record and where its texts lie. */
struct random_record {
    uint64_t state; ///< Seed; not 0.
    struct wn_record record;
    struct wn_item items[RANDOM_ITEMS];
    char texts[WN_SLOTS + RANDOM_ITEMS * WN_ITEM_SLOTS + 8][RANDOM_TEXT];
    unsigned n_texts;
};

static inline uint64_t random_next(struct random_record *random)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return random->state;
}

static inline unsigned random_below(struct random_record *random, unsigned n)
{
    return (unsigned)(random_next(random) >> 33) % n;
}

/** `len` characters out of `letters`, behind `prefix`. */
static inline struct wn_slice random_text(struct random_record *random, const char *prefix,
                                          const char *letters, unsigned len)
{
    char *text = random->texts[random->n_texts++];
    size_t at = strlen(prefix);
    memcpy(text, prefix, at);
    for (unsigned i = 0; i < len; i++) {
        text[at + i] = letters[random_below(random, (unsigned)strlen(letters))];
    }
    return (struct wn_slice){ text, at + len };
}

static inline struct wn_slice random_octets(struct random_record *random, unsigned len)
{
    char *text = random->texts[random->n_texts++];
    for (unsigned i = 0; i < len; i++) {
        text[i] = (char)random_next(random);
    }
    return (struct wn_slice){ text, len };
}

static inline void random_number(struct random_record *random, struct wn_value *value)
{
    const unsigned what = random_below(random, 5);
    value->class = (uint8_t)random_below(random, WN_NUMBER_CLASSES);
    if (what == 0) {
        value->text = random_text(random, "", "1", 0);
        value->class = WN_NUMBER_WITHHELD;
        value->marks = WN_MARK_WITHHELD;
    } else if (what == 1) {
        value->text = random_text(random, "1", "0123456789", 3);
    } else {
        value->text = random_text(random, what == 2 ? "44" : "31", "0123456789", 9);
        value->marks =
            (uint8_t)(WN_MARK_E164 | (random_below(random, 4) == 0 ? WN_MARK_SHIELDED : 0));
    }
}

/** A value of a kind that passes wn_minimise_check(). */
static inline struct wn_value random_value(struct random_record *random,
                                           const struct wn_field *field)
{
    static const char digits[] = "0123456789";
    struct wn_value value = { 0 };

    switch ((int)field->kind) {
    case WN_KIND_TIME:
        value.number = INT64_C(1700000000000) + (int64_t)(random_next(random) % 100000000000);
        break;
    case WN_KIND_DURATION:
    case WN_KIND_OCTETS:
        value.number = (int64_t)(random_next(random) >> (14 + random_below(random, 50)));
        break;
    case WN_KIND_COUNT:
    case WN_KIND_SCORE:
        value.number = (int64_t)(random_next(random) >> (33 + random_below(random, 31)));
        break;
    case WN_KIND_AMOUNT:
        value.number = (int64_t)(random_next(random) >> random_below(random, 64));
        break;
    case WN_KIND_OFFSET:
        value.number = (int64_t)random_below(random, 1560) - 720;
        break;
    case WN_KIND_FLAG:
        value.number = random_below(random, 2);
        break;
    case WN_KIND_ENUM:
    case WN_KIND_CAUSE:
        value.number = random_below(random, field->n_symbols);
        break;
    case WN_KIND_NUMBER:
        random_number(random, &value);
        break;
    case WN_KIND_IMSI:
        value.text = random_text(random, "20498", digits, 10);
        break;
    case WN_KIND_IMEI:
        value.text = random_text(random, "35", digits, 12);
        break;
    case WN_KIND_MAC:
        value.text = random_octets(random, 6);
        break;
    case WN_KIND_IP:
        value.text = random_octets(random, 16);
        if (random_below(random, 2) == 0) {
            memcpy(random->texts[random->n_texts - 1], "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        }
        break;
    case WN_KIND_PLMN:
        value.text = random_text(random, "204-", digits, 2);
        break;
    default: // Words: nai, email, account, id, token, apn.
        value.text = random_text(random, "x", "abcdefgh.-", random_below(random, 80));
        break;
    }
    return value;
}

static inline void random_fields(struct random_record *random, const struct wn_field *fields,
                                 unsigned n, struct wn_value *values, uint64_t *ret_present)
{
    *ret_present = 0;
    for (unsigned i = 0; i < n; i++) {
        if ((fields[i].kind == WN_KIND_NONE || fields[i].kind == WN_KIND_SUBSCRIBER) ||
            (fields[i].nullable && random_below(random, 3) == 0)) {
            continue;
        }
        values[i] = random_value(random, &fields[i]);
        *ret_present |= UINT64_C(1) << i;
    }
}

/** Fill `random->record` anew. */
static inline void random_record(struct random_record *random, const struct wn_shape *shape)
{
    static const enum wn_kind kinds[] = { WN_KIND_IMSI, WN_KIND_NAI, WN_KIND_ACCOUNT,
                                          WN_KIND_NUMBER };
    struct wn_record *record = &random->record;
    const struct wn_field subscriber = { .kind = WN_KIND_IMSI };
    uint64_t present;

    random->n_texts = 0;
    record->shape = shape;
    random_fields(random, shape->fields, shape->n_fields, record->values, &record->present);
    record->items = random->items;
    record->n_items = shape->group == WN_NO_SLOT ? 0 : random_below(random, RANDOM_ITEMS);
    for (unsigned i = 0; i < record->n_items; i++) {
        random_fields(random, shape->items, shape->n_items, random->items[i].values, &present);
        random->items[i].present = (uint32_t)present;
    }
    record->node = random_text(random, "", "abc-", random_below(random, 3) * 10);
    record->source = random_text(random, "source-", "abc", 5);
    record->origin.input = random_text(random, "", "0123456789abcdef", 64);
    record->origin.partition = (int32_t)random_below(random, 64);
    record->origin.offset = (int64_t)(random_next(random) >> 20);
    record->origin.index = (int32_t)random_below(random, 1000);
    record->subscriber_kind = kinds[random_below(random, 4)];
    record->subscriber = random_value(random, &subscriber).text;
    record->flags = random_below(random, 4) == 0 ? random_below(random, 1u << shape->n_flags) : 0;
    record->has_session = random_below(random, 2) == 0;
    for (unsigned i = 0; i < sizeof(record->record_id); i++) {
        record->record_id[i] = (uint8_t)random_next(random);
        record->session[i] = (uint8_t)random_next(random);
    }
}

#endif
