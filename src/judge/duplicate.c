// SPDX-License-Identifier: Apache-2.0

/*
 * Is it new? The keyed hash of the duplicate key tells, without keeping any identifier.
 *
 *     HMAC(key, type ‖ values of duplicate_key)      octets 0–15  record_id
 *                                                    octets 16–27 fingerprint of the entry
 *
 * A source without a clock of its own has a tolerance: a record sent again starts a little earlier
 * or later. Then two HMACs differ in what follows the values, each with its length as every
 * value has:
 *
 *     record_id     … ‖ exact start [s]               one event, one id, though it moves
 *     fingerprint   … ‖ floor(start / 2·tolerance)    and the two buckets beside it are probed
 *
 * and the entry keeps the exact start, so that |Δ| ≤ tolerance decides, not the bucket. Sessions
 * are found the same way, under a key of their own: the session takes the start of the nearest
 * entry, which came first, and its id is the HMAC over session key and that start.
 */

#include "winnow/judge.h"

#include <assert.h>
#include <stdlib.h>

enum wn_code wn_judge_keys(struct wn_keyring *keyring, struct wn_judge_keys *ret_keys,
                           struct wn_error *err)
{
    ret_keys->key = wn_keyring_find(keyring, "record", "key", 0);
    ret_keys->session = wn_keyring_find(keyring, "record", "session", 0);
    ret_keys->content = wn_keyring_find(keyring, "record", "content", 0);
    if (!ret_keys->key || !ret_keys->session || !ret_keys->content) {
        return wn_fail(err, WN_FATAL, "keys",
                       "no key of the purpose 'record': without it no record can be told from its "
                       "duplicate; restore the folder, or make one with 'winnow keys init'");
    }
    return WN_OK;
}

static void add_u32(struct wn_buffer *bytes, uint32_t number)
{
    const uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                                (uint8_t)(number >> 8), (uint8_t)number };
    wn_buffer_add(bytes, octets, sizeof(octets));
}

/** Append a value as every value is: its length, then i64 big-endian. */
static void add_number(struct wn_buffer *bytes, int64_t number)
{
    add_u32(bytes, sizeof(number));
    add_u32(bytes, (uint32_t)((uint64_t)number >> 32));
    add_u32(bytes, (uint32_t)(uint64_t)number);
}

static int64_t floor_div(int64_t number, int64_t by)
{
    int64_t quotient = number / by;
    return number % by < 0 ? quotient - 1 : quotient;
}

static int64_t start_s(const struct wn_decoded *decoded)
{
    uint8_t slot = decoded->record.shape->bound.start;
    assert(wn_record_has(&decoded->record, slot)); // wn_source_required() saw to it.
    return floor_div(decoded->record.values[slot].number, 1000);
}

/** Probe the buckets around the record's start; `scratch` holds the key's bytes. */
static void probe_buckets(const struct wn_mac *mac, const struct wn_decoded *decoded,
                          struct wn_buffer *scratch, struct wn_probe *ret_probe)
{
    int64_t width = 2 * decoded->source->tolerance_s;
    int64_t bucket = floor_div(start_s(decoded), width);
    size_t len = scratch->len;

    ret_probe->n = WN_PROBES;
    ret_probe->own = 1;
    ret_probe->extra = (uint32_t)start_s(decoded);
    for (int i = 0; i < WN_PROBES; i++) {
        uint8_t full[WN_MAC_BYTES];
        add_number(scratch, bucket + i - 1);
        wn_mac_of(mac, scratch->at, scratch->len, full);
        memcpy(ret_probe->fingerprints[i], full + 16, sizeof(ret_probe->fingerprints[i]));
        scratch->len = len;
    }
    // The bucket before may reach into the day before.
    ret_probe->first_day =
        wn_day_of((start_s(decoded) - decoded->source->tolerance_s) * INT64_C(1000));
}

void wn_duplicate_probe(const struct wn_judge_keys *keys, struct wn_decoded *decoded,
                        struct wn_buffer *scratch, struct wn_probe *ret_probe)
{
    uint8_t full[WN_MAC_BYTES];
    const struct wn_source *source = decoded->source;

    scratch->len = 0;
    wn_key_bytes(&decoded->section->duplicate_key, decoded, scratch);
    ret_probe->day = wn_day_of(wn_end_ms(decoded));

    if (source->tolerance_s > 0) {
        probe_buckets(keys->key, decoded, scratch, ret_probe);
        add_number(scratch, start_s(decoded));
        wn_mac_of(keys->key, scratch->at, scratch->len, full);
        memcpy(decoded->record.record_id, full, sizeof(decoded->record.record_id));
        return;
    }

    wn_mac_of(keys->key, scratch->at, scratch->len, full);
    memcpy(decoded->record.record_id, full, sizeof(decoded->record.record_id));
    memcpy(ret_probe->fingerprints[0], full + 16, sizeof(ret_probe->fingerprints[0]));
    ret_probe->n = 1;
    ret_probe->own = 0;
    ret_probe->first_day = wn_day_of(start_s(decoded) * INT64_C(1000));
}

void wn_duplicate_content(const struct wn_judge_keys *keys, const struct wn_decoded *decoded,
                          struct wn_buffer *scratch, struct wn_probe *probe)
{
    const struct wn_source *source = decoded->source;
    if (source->tolerance_s > 0) {
        return;
    }
    uint8_t full[WN_MAC_BYTES];
    scratch->len = 0;
    wn_key_bytes(&decoded->section->content, decoded, scratch);
    wn_mac_of(keys->content, scratch->at, scratch->len, full);
    probe->extra =
        (uint32_t)full[0] << 24 | (uint32_t)full[1] << 16 | (uint32_t)full[2] << 8 | full[3];
}

/** How far two starts lie apart [s]. */
static int64_t apart(uint32_t a, uint32_t b)
{
    return llabs((int64_t)a - (int64_t)b);
}

struct wn_verdict wn_duplicate_decide(const struct wn_source *source, const struct wn_probe *probe,
                                      const struct wn_found *found, size_t n_found)
{
    bool conflict = false;
    for (size_t i = 0; i < n_found; i++) {
        if (source->tolerance_s > 0 ? apart(found[i].extra, probe->extra) <= source->tolerance_s
                                    : found[i].extra == probe->extra) {
            return (struct wn_verdict){ WN_DUPLICATE, WN_REASON_NONE };
        }
        conflict = source->tolerance_s == 0;
    }
    if (conflict) {
        return (struct wn_verdict){ WN_QUARANTINED, WN_REASON_DUPLICATE_CONFLICT };
    }
    return (struct wn_verdict){ WN_PASSED, WN_REASON_NONE };
}

bool wn_session_probe(const struct wn_judge_keys *keys, const struct wn_decoded *decoded,
                      struct wn_buffer *scratch, struct wn_probe *ret_probe)
{
    if (decoded->section->session_key.n == 0) {
        return false;
    }
    scratch->len = 0;
    wn_key_bytes(&decoded->section->session_key, decoded, scratch);
    ret_probe->n = 0;
    ret_probe->day = wn_day_of(wn_end_ms(decoded));
    if (decoded->source->tolerance_s > 0) {
        probe_buckets(keys->session, decoded, scratch, ret_probe);
    }
    return true;
}

bool wn_session_decide(const struct wn_judge_keys *keys, struct wn_decoded *decoded,
                       struct wn_buffer *scratch, const struct wn_probe *probe,
                       const struct wn_entries *found, struct wn_entry *ret_entry)
{
    uint8_t full[WN_MAC_BYTES];
    bool stage = false;

    if (decoded->source->tolerance_s > 0) {
        const struct wn_found *nearest = NULL;
        int32_t newest = INT32_MIN;
        for (size_t i = 0; i < found->n; i++) {
            int64_t distance = apart(found->list[i].extra, probe->extra);
            if (distance <= decoded->source->tolerance_s &&
                (!nearest || distance < apart(nearest->extra, probe->extra))) {
                nearest = &found->list[i];
            }
        }
        for (size_t i = 0; nearest && i < found->n; i++) {
            if (found->list[i].extra == nearest->extra && found->list[i].day > newest) {
                newest = found->list[i].day;
            }
        }
        ret_entry->extra = nearest ? nearest->extra : probe->extra;
        memcpy(ret_entry->fingerprint, probe->fingerprints[probe->own],
               sizeof(ret_entry->fingerprint));
        // A long session is entered anew on each day, so that the window does not lose it.
        stage = !nearest || newest < probe->day;
        add_number(scratch, ret_entry->extra);
    }
    wn_mac_of(keys->session, scratch->at, scratch->len, full);
    memcpy(decoded->record.session, full, sizeof(decoded->record.session));
    decoded->record.has_session = true;
    return stage;
}
