// SPDX-License-Identifier: Apache-2.0

/*
 * Is the record complete, and can it be true? Ceilings are decisions: voice and fax
 * 7 days; data 35 days a record, 400 days for a session's cumulative time; volume at most
 * 1.25 GB/s (10 Gbit/s) over the duration, taken as 60 s at least, and never over 2^50.
 */

#include "winnow/judge.h"

#include <stdlib.h>

enum {
    SECOND_MS = 1000,
    HOUR_MS = 3600 * SECOND_MS,
    VOLUME_SECONDS_LEAST = 60,
};
static const int64_t day_ms = INT64_C(24) * HOUR_MS;
static const int64_t octets_per_second = INT64_C(1250000000);
static const int64_t octets_most = INT64_C(1) << 50;

struct wn_limits wn_limits_default(void)
{
    return (struct wn_limits){ .lateness_ms = 35 * day_ms,
                               .now_ms = INT64_MIN,
                               .poison = wn_poison_limits_default() };
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
    return decoded->source->cumulative ? wn_end_ms(decoded)
                                       : number(record, record->shape->bound.start, 0);
}

/**
 * Whether the stamps say what the duration says, to the clock's resolution. Where the source's zone
 * sets its clock between them, a difference of just that (an hour, mostly) is evidence of the
 * change, not an error: some switches subtract local times.
 */
static bool stamps_agree(const struct wn_decoded *decoded)
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
    if (difference <= decoded->source->resolution_ms) {
        return true;
    }
    const int64_t change = llabs(wn_source_clock_change_ms(decoded->source, start, end));
    return change != 0 && llabs(difference - change) <= decoded->source->resolution_ms;
}

static int64_t duration_ceiling(const struct wn_decoded *decoded)
{
    if (strcmp(word(&decoded->record, decoded->record.shape->bound.service), "data") != 0) {
        return 7 * day_ms;
    }
    return decoded->source->cumulative ? 400 * day_ms : 35 * day_ms;
}

static enum wn_code check_volumes(const struct wn_decoded *decoded, struct wn_error *err)
{
    const struct wn_record *record = &decoded->record;
    int64_t seconds = number(record, record->shape->bound.duration, 0) / SECOND_MS;
    if (seconds < VOLUME_SECONDS_LEAST) {
        seconds = VOLUME_SECONDS_LEAST;
    }
    int64_t most =
        octets_most / octets_per_second < seconds ? octets_most : octets_per_second * seconds;

    for (uint64_t left = record->shape->octets & record->present; left != 0; left &= left - 1) {
        const int slot = __builtin_ctzll(left);
        const struct wn_field *field = &record->shape->fields[slot];
        if ((record->values[slot].number < 0 || record->values[slot].number > most)) {
            return wn_fail(err, WN_REJECT, "volume-implausible",
                           "%s: more octets than the access could carry in the time", field->name);
        }
    }
    return WN_OK;
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
    if (end > limits->now_ms + day_ms) {
        return wn_fail(err, WN_REJECT, "future", "ends more than a day ahead of the clock");
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
    if (!stamps_agree(decoded)) {
        return wn_fail(err, WN_REJECT, "duration-mismatch",
                       "duration differs from end minus start by more than the resolution");
    }
    if (number(record, duration, 0) < 0 ||
        number(record, duration, 0) > duration_ceiling(decoded)) {
        return wn_fail(err, WN_REJECT, "duration-implausible", "duration: over the ceiling");
    }
    if (check_volumes(decoded, err) != WN_OK || check_clock(decoded, limits, err) != WN_OK) {
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
