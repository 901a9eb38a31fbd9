// SPDX-License-Identifier: Apache-2.0

#include "winnow/tally.h"

#include <assert.h>
#include <string.h>

#include "winnow/memory.h"

struct wn_tally *wn_tally_open(void)
{
    struct wn_tally *tally = wn_take(1, sizeof(*tally));
    tally->nodes = wn_sequences_open();
    tally->drift = wn_drift_open();
    wn_tally_clear(tally);
    return tally;
}

struct wn_tally *wn_tally_close(struct wn_tally *tally)
{
    if (tally) {
        wn_drift_close(tally->drift);
        wn_sequences_close(tally->nodes);
        free(tally->lists);
        free(tally->declared);
        free(tally);
    }
    return NULL;
}

void wn_tally_clear(struct wn_tally *tally)
{
    struct wn_drift *drift = tally->drift;
    wn_drift_clear(drift);
    wn_sequences_clear(tally->nodes);
    *tally = (struct wn_tally){ .first_ms = INT64_MAX,
                                .last_ms = INT64_MIN,
                                .lists = tally->lists,
                                .room_lists = tally->room_lists,
                                .declared = tally->declared,
                                .room_declared = tally->room_declared,
                                .nodes = tally->nodes,
                                .drift = drift };
}

static void add_counts(uint64_t into[WN_REASONS], const uint64_t from[WN_REASONS])
{
    for (int i = 0; i < WN_REASONS; i++) {
        into[i] += from[i];
    }
}

void wn_tally_add(struct wn_tally *into, const struct wn_tally *from)
{
    into->in += from->in;
    into->passed += from->passed;
    into->duplicates += from->duplicates;
    into->superseded += from->superseded;
    add_counts(into->filtered, from->filtered);
    add_counts(into->quarantined, from->quarantined);
    for (int i = 0; i < WN_ATTEMPTS; i++) {
        into->attempts[i] += from->attempts[i];
    }
    for (int i = 0; i < WN_PURPOSES; i++) {
        into->purposes[i].out += from->purposes[i].out;
        into->purposes[i].no_consent += from->purposes[i].no_consent;
        add_counts(into->purposes[i].withheld, from->purposes[i].withheld);
    }
    add_counts(into->masked, from->masked);
    into->first_ms = from->first_ms < into->first_ms ? from->first_ms : into->first_ms;
    into->last_ms = from->last_ms > into->last_ms ? from->last_ms : into->last_ms;
    for (unsigned i = 0; i < from->n_keys; i++) {
        wn_tally_key(into, from->keys[i].purpose, from->keys[i].period, from->keys[i].kcv);
    }
    for (unsigned i = 0; i < from->n_lists; i++) {
        wn_tally_list(into, from->lists[i].name, from->lists[i].version);
    }
    for (unsigned i = 0; i < from->n_declared; i++) {
        wn_tally_declared_add(into, &from->declared[i]);
    }
    wn_sequences_join(into->nodes, from->nodes);
    wn_drift_add(into->drift, from->drift);
}

void wn_tally_key(struct wn_tally *tally, const char *purpose, uint32_t period,
                  const uint8_t kcv[8])
{
    for (unsigned i = 0; i < tally->n_keys; i++) {
        const struct wn_tally_key *key = &tally->keys[i];
        if (key->period == period && memcmp(key->kcv, kcv, sizeof(key->kcv)) == 0 &&
            (key->purpose == purpose || strcmp(key->purpose, purpose) == 0)) {
            return;
        }
    }
    assert(tally->n_keys < WN_TALLY_KEYS);
    struct wn_tally_key *key = &tally->keys[tally->n_keys++];
    key->purpose = purpose;
    key->period = period;
    memcpy(key->kcv, kcv, sizeof(key->kcv));
}

void wn_tally_list(struct wn_tally *tally, const char *name, const uint8_t version[32])
{
    const size_t len = strlen(name);
    for (unsigned i = 0; i < tally->n_lists; i++) {
        const struct wn_tally_list *list = &tally->lists[i];
        if (strcmp(list->name, name) == 0 &&
            memcmp(list->version, version, sizeof(list->version)) == 0) {
            return;
        }
    }
    if (tally->n_lists == tally->room_lists) {
        tally->room_lists = 2 * tally->room_lists + 4;
        tally->lists = wn_grow(tally->lists, tally->room_lists, sizeof(*tally->lists));
    }
    struct wn_tally_list *list = &tally->lists[tally->n_lists++];
    assert(len > 0 && len < sizeof(list->name));
    memset(list, 0, sizeof(*list));
    memcpy(list->name, name, len);
    memcpy(list->version, version, sizeof(list->version));
}

/** Add; more than 63 bits stay at the largest number. */
static int64_t sum(int64_t a, int64_t b)
{
    int64_t both;
    return !__builtin_add_overflow(a, b, &both) ? both : b > 0 ? INT64_MAX : INT64_MIN;
}

/** The same of what can't be negative, as a receipt can hold it. */
static uint64_t count(uint64_t a, uint64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

void wn_tally_declared_add(struct wn_tally *tally, const struct wn_tally_declared *declared)
{
    unsigned i = 0;
    while (i < tally->n_declared && strcmp(tally->declared[i].name, declared->name) != 0) {
        i++;
    }
    if (i == tally->room_declared) {
        tally->room_declared = 2 * tally->room_declared + 4;
        tally->declared = wn_grow(tally->declared, tally->room_declared, sizeof(*tally->declared));
    }
    struct wn_tally_declared *into = &tally->declared[i];
    if (i == tally->n_declared) {
        tally->n_declared++;
        *into = *declared;
        return;
    }
    into->inputs = count(into->inputs, declared->inputs);
    into->absent = count(into->absent, declared->absent);
    into->declared = sum(into->declared, declared->declared);
    into->found = sum(into->found, declared->found);
    into->missing = count(into->missing, declared->missing);
    into->surplus = count(into->surplus, declared->surplus);
}

void wn_tally_declare(struct wn_tally *tally, const struct wn_declared *declared)
{
    struct wn_tally_declared one = { .name = "" };
    const size_t len = strlen(declared->name);
    assert(len > 0 && len < sizeof(one.name));
    memcpy(one.name, declared->name, len);
    if (declared->unreadable || declared->n == 0) {
        one.absent = declared->unreadable || declared->required ? 1 : 0;
    } else {
        const uint64_t less = (uint64_t)declared->declared - (uint64_t)declared->found;
        one.inputs = 1;
        one.declared = declared->declared;
        one.found = declared->found;
        if (declared->declared > declared->found) {
            one.missing = less > INT64_MAX ? INT64_MAX : less;
        } else {
            one.surplus = 0 - less > INT64_MAX ? INT64_MAX : 0 - less;
        }
    }
    wn_tally_declared_add(tally, &one);
}

unsigned wn_tally_differences(const struct wn_tally *tally)
{
    unsigned n = 0;
    for (unsigned i = 0; i < tally->n_declared; i++) {
        n += wn_tally_declared_differs(&tally->declared[i]) ? 1 : 0;
    }
    return n;
}

void wn_tally_declared_text(const struct wn_tally_declared *declared, struct wn_buffer *ret_text)
{
    const char *comma = "";
    wn_buffer_format(ret_text, "%s: ", declared->name);
    if (declared->missing > 0 || declared->surplus > 0) {
        wn_buffer_format(ret_text, "declared %lld, found %lld", (long long)declared->declared,
                         (long long)declared->found);
        comma = ", ";
    }
    if (declared->missing > 0) {
        wn_buffer_format(ret_text, ", missing %llu", (unsigned long long)declared->missing);
    }
    if (declared->surplus > 0) {
        wn_buffer_format(ret_text, ", surplus %llu", (unsigned long long)declared->surplus);
    }
    if (declared->absent > 0) {
        wn_buffer_format(ret_text, "%sabsent or unreadable in %llu input%s", comma,
                         (unsigned long long)declared->absent, declared->absent == 1 ? "" : "s");
    }
}

/** @return the sum over all reasons; `ret_strange` is set where a count stands under a reason of
 * another fate. */
static uint64_t sum_of(const uint64_t counts[WN_REASONS], enum wn_fate fate, bool *ret_strange)
{
    uint64_t sum = 0;
    for (int i = 0; i < WN_REASONS; i++) {
        sum += counts[i];
        bool fits = wn_reason_info((enum wn_reason)i)->fate == fate && i != WN_REASON_NONE;
        *ret_strange = *ret_strange || (counts[i] > 0 && !fits);
    }
    return sum;
}

enum wn_code wn_tally_balanced(const struct wn_tally *tally, unsigned n_purposes,
                               struct wn_error *err)
{
    bool strange = false;
    uint64_t fates = tally->passed + tally->duplicates + tally->superseded +
                     sum_of(tally->filtered, WN_FATE_FILTER, &strange) +
                     sum_of(tally->quarantined, WN_FATE_QUARANTINE, &strange);
    if (fates != tally->in) {
        return wn_fail(err, WN_FATAL, "internal",
                       "the counts do not balance: in is not passed + duplicates + superseded + "
                       "filtered + quarantined");
    }
    uint64_t attempts = 0;
    for (unsigned i = 0; i < WN_ATTEMPTS; i++) {
        attempts += tally->attempts[i];
    }
    if (attempts != tally->filtered[WN_REASON_ATTEMPT]) {
        return wn_fail(err, WN_FATAL, "internal",
                       "the counts do not balance: the groups of attempts are not those filtered");
    }
    for (unsigned i = 0; i < n_purposes; i++) {
        const struct wn_tally_purpose *purpose = &tally->purposes[i];
        uint64_t sum = purpose->out + purpose->no_consent +
                       sum_of(purpose->withheld, WN_FATE_WITHHOLD, &strange);
        if (sum != tally->passed) {
            return wn_fail(err, WN_FATAL, "internal",
                           "the counts do not balance: purpose %u: passed is not out + no_consent "
                           "+ withheld",
                           i);
        }
    }
    (void)sum_of(tally->masked, WN_FATE_WITHHOLD, &strange);
    if (strange) {
        return wn_fail(err, WN_FATAL, "internal",
                       "the counts do not balance: a record is counted under a reason of another "
                       "fate");
    }
    return WN_OK;
}
