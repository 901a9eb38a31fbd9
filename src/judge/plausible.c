// SPDX-License-Identifier: Apache-2.0

/*
 * Is the record complete, and can it be true? The ceilings are decisions: `limits:` of the config
 * may say others.
 */

#include "winnow/judge.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SECOND_MS = 1000,
    MINUTE_S = 60,
};
static const int64_t day_ms = INT64_C(86400) * SECOND_MS;

static const char *const ceilings[] = {
    [WN_CEILING_VOICE] = "voice", [WN_CEILING_SMS] = "sms",   [WN_CEILING_FAX] = "fax",
    [WN_CEILING_OTHER] = "other", [WN_CEILING_DATA] = "data", [WN_CEILING_SESSION] = "session",
};

_Static_assert(WN_COUNT(ceilings) == WN_CEILINGS, "a ceiling has no name");

const char *wn_ceiling_name(enum wn_ceiling ceiling)
{
    assert(ceiling < WN_CEILINGS);
    return ceilings[ceiling];
}

struct wn_limits wn_limits_default(void)
{
    return (struct wn_limits){
        .lateness_ms = 35 * day_ms,
        .future_ms = day_ms,
        .now_ms = INT64_MIN,
        .tolerance_ms = SECOND_MS,
        .duration_ms = {
            [WN_CEILING_VOICE] = 7 * day_ms,
            [WN_CEILING_SMS] = 7 * day_ms,
            [WN_CEILING_FAX] = 7 * day_ms,
            [WN_CEILING_OTHER] = 7 * day_ms,
            [WN_CEILING_DATA] = 35 * day_ms,
            [WN_CEILING_SESSION] = 400 * day_ms,
        },
        .octets_per_s = INT64_C(1250000000),
        .mobile_octets_per_s = INT64_C(500000000),
        .octets_least_s = MINUTE_S,
        .octets_most = INT64_C(1) << 50,
        .poison = wn_poison_limits_default(),
    };
}

/** The word of an enum slot, or "". */
static const char *word(const struct wn_record *record, uint8_t slot)
{
    if (!wn_record_has(record, slot)) {
        return "";
    }
    return record->shape->fields[slot].symbols[record->values[slot].number];
}

/** Number of a slot; `otherwise` where it is absent. */
static int64_t number(const struct wn_record *record, uint8_t slot, int64_t otherwise)
{
    return wn_record_has(record, slot) ? record->values[slot].number : otherwise;
}

int64_t wn_end_ms(const struct wn_decoded *decoded)
{
    const struct wn_record *record = &decoded->record;
    int64_t start = number(record, record->shape->bound.start, 0);
    return number(record, record->shape->bound.end,
                  start + number(record, record->shape->bound.duration, 0));
}

int64_t wn_event_ms(const struct wn_decoded *decoded)
{
    const struct wn_record *record = &decoded->record;
    return decoded->section->cumulative ? wn_end_ms(decoded)
                                        : number(record, record->shape->bound.start, 0);
}

/**
 * Whether the stamps say what the duration says, to the clock's resolution. Where the source's zone
 * sets its clock between them, a difference of just that (an hour, mostly) is evidence of the
 * change, not an error: some switches subtract local times.
 */
static bool stamps_agree(const struct wn_decoded *decoded, const struct wn_limits *limits)
{
    const struct wn_record *record = &decoded->record;
    if (!wn_record_has(record, record->shape->bound.end) ||
        !wn_record_has(record, record->shape->bound.start) ||
        !wn_record_has(record, record->shape->bound.duration)) {
        return true;
    }
    const int64_t start = record->values[record->shape->bound.start].number;
    const int64_t end = record->values[record->shape->bound.end].number;
    const int64_t difference =
        llabs(end - start - record->values[record->shape->bound.duration].number);
    const int64_t allowed = limits->tolerance_ms > decoded->source->resolution_ms
                                ? limits->tolerance_ms
                                : decoded->source->resolution_ms;
    if (difference <= allowed) {
        return true;
    }
    const int64_t change = llabs(wn_source_clock_change_ms(decoded->source, start, end));
    return change != 0 && llabs(difference - change) <= allowed;
}

static int64_t duration_ceiling(const struct wn_decoded *decoded, const struct wn_limits *limits)
{
    const char *service = word(&decoded->record, decoded->record.shape->bound.service);
    unsigned ceiling = 0;
    while (ceiling < WN_CEILING_SESSION && strcmp(service, ceilings[ceiling]) != 0) {
        ceiling++;
    }
    if (ceiling == WN_CEILING_DATA && decoded->section->cumulative) {
        ceiling = WN_CEILING_SESSION;
    } else if (ceiling == WN_CEILING_SESSION) {
        ceiling = WN_CEILING_OTHER;
    }
    return limits->duration_ms[ceiling];
}

/** @return the octets that a record may count at most. */
static int64_t volume_ceiling(const struct wn_record *record, const struct wn_limits *limits)
{
    const int64_t per_s = record->subscriber_kind == WN_KIND_IMSI ? limits->mobile_octets_per_s
                                                                  : limits->octets_per_s;
    int64_t seconds = number(record, record->shape->bound.duration, 0) / SECOND_MS;
    int64_t most;
    seconds = seconds < limits->octets_least_s ? limits->octets_least_s : seconds;
    return __builtin_mul_overflow(per_s, seconds, &most) || most > limits->octets_most
               ? limits->octets_most
               : most;
}

/** Check what the items count: none of them may count more than the whole record may. */
static enum wn_code check_items(const struct wn_record *record, int64_t most_ms, int64_t most,
                                struct wn_error *err)
{
    const struct wn_shape *shape = record->shape;
    for (unsigned i = 0; i < record->n_items; i++) {
        const struct wn_item *item = &record->items[i];
        for (unsigned slot = 0; slot < shape->n_items; slot++) {
            const enum wn_kind kind = shape->items[slot].kind;
            const int64_t value = item->values[slot].number;
            if ((item->present >> slot & 1) == 0) {
                continue;
            }
            if (kind == WN_KIND_OCTETS && (value < 0 || value > most)) {
                return wn_fail(err, WN_REJECT, "volume-implausible",
                               "usage, item %u: %s: more octets than the access could carry in "
                               "the time",
                               i, shape->items[slot].name);
            }
            if (kind == WN_KIND_DURATION && (value < 0 || value > most_ms)) {
                return wn_fail(err, WN_REJECT, "duration-implausible",
                               "usage, item %u: %s: negative, or over the ceiling", i,
                               shape->items[slot].name);
            }
        }
    }
    return WN_OK;
}

static enum wn_code check_ceilings(const struct wn_decoded *decoded, const struct wn_limits *limits,
                                   struct wn_error *err)
{
    const struct wn_record *record = &decoded->record;
    const int64_t duration = number(record, record->shape->bound.duration, 0);
    const int64_t most_ms = duration_ceiling(decoded, limits);
    if (duration < 0 || duration > most_ms) {
        return wn_fail(err, WN_REJECT, "duration-implausible",
                       "duration: negative, or over the ceiling of the service");
    }
    const int64_t most = volume_ceiling(record, limits);
    for (uint64_t left = record->shape->octets & record->present; left != 0; left &= left - 1) {
        const int slot = __builtin_ctzll(left);
        const struct wn_field *field = &record->shape->fields[slot];
        if (record->values[slot].number < 0 || record->values[slot].number > most) {
            return wn_fail(err, WN_REJECT, "volume-implausible",
                           "%s: more octets than the access could carry in the time", field->name);
        }
    }
    return check_items(record, most_ms, most, err);
}

static enum wn_code check_clock(const struct wn_decoded *decoded, const struct wn_limits *limits,
                                struct wn_error *err)
{
    if (limits->now_ms == INT64_MIN) {
        return WN_OK;
    }
    int64_t end = wn_end_ms(decoded);
    if (end < limits->now_ms - limits->lateness_ms) {
        return wn_fail(err, WN_REJECT, "late", "ended before the lateness window");
    }
    if (end > limits->now_ms + limits->future_ms) {
        return wn_fail(err, WN_REJECT, "future", "ends too far ahead of the clock");
    }
    return WN_OK;
}

enum wn_code wn_plausible(const struct wn_decoded *decoded, const struct wn_limits *limits,
                          enum wn_reason *ret_filter, struct wn_error *err)
{
    const struct wn_record *record = &decoded->record;
    uint8_t duration = record->shape->bound.duration;

    *ret_filter = WN_REASON_NONE;
    if (wn_source_required(decoded, err) != WN_OK) {
        return err->code;
    }
    if (!stamps_agree(decoded, limits)) {
        return wn_fail(err, WN_REJECT, "duration-mismatch",
                       "duration differs from end minus start by more than the resolution");
    }
    if (check_ceilings(decoded, limits, err) != WN_OK ||
        check_clock(decoded, limits, err) != WN_OK) {
        return err->code;
    }
    if (strcmp(word(record, record->shape->bound.service), "voice") == 0 &&
        number(record, duration, 1) == 0) {
        // Stamps that do differ prove an answered call whose duration was lost.
        if (wn_record_has(record, record->shape->bound.end) &&
            record->values[record->shape->bound.end].number !=
                record->values[record->shape->bound.start].number) {
            return wn_fail(err, WN_REJECT, "duration-mismatch",
                           "duration is 0, and start and end differ");
        }
        *ret_filter = WN_REASON_ZERO_USAGE;
    }
    return WN_OK;
}
