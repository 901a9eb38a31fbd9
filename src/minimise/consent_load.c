// SPDX-License-Identifier: Apache-2.0

/*
 * A row's way: purpose → times → identifier by its kind's reader → canonical bytes → digest. The
 * first three may each be wrong by themselves, and all that is wrong with a row is said. The
 * identifier lives in the window of the reader, in an arena and in one buffer: all are wiped.
 */

#include "consent_list.h"
#include "winnow/memory.h"
#include "winnow/number.h"
#include "winnow/time.h"

enum {
    KIND,
    IDENTIFIER,
    PURPOSE,
    FROM,
    TO
};

static const char *const columns[] = { "kind", "identifier", "purpose", "from", "to", NULL };

/** A file on its way into memory. */
struct loading {
    const struct wn_consent_ground *ground;
    struct wn_consent *consent;
    size_t n;
    struct wn_arena arena;
    struct wn_buffer canonical;
    struct wn_buffer purposes; ///< Those that may be named, for a fault.
    bool needs[WN_PURPOSES];   ///< Whether the purpose rests on consent.
};

bool wn_consent_keys(struct wn_keyring *keyring, struct wn_consent_keys *ret_keys)
{
    bool found = false;
    for (unsigned kind = 0; kind < WN_KINDS; kind++) {
        ret_keys->by_kind[kind] = NULL;
        if (wn_kind_is_subscriber((enum wn_kind)kind)) {
            ret_keys->by_kind[kind] =
                wn_keyring_find(keyring, WN_CONSENT_PURPOSE, wn_kind_name((enum wn_kind)kind), 0);
            found = found || ret_keys->by_kind[kind];
        }
    }
    return found;
}

/** Find the purposes that rest on consent, for any type. */
static void list_purposes(struct loading *load)
{
    const struct wn_policy *policy = load->ground->policy;
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes; j++) {
            const struct wn_purpose *purpose = &policy->types[i].purposes[j];
            load->needs[purpose->number] |= purpose->needs_consent;
        }
    }
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        if (load->needs[i]) {
            wn_buffer_text(&load->purposes, load->purposes.len > 0 ? ", " : "");
            wn_buffer_text(&load->purposes, policy->purposes[i]);
        }
    }
    wn_buffer_add(&load->purposes, "", 1);
}

/** @return the number of a purpose, or WN_PURPOSES and a fault. */
static unsigned read_purpose(struct wn_rows *rows, struct wn_slice name)
{
    const struct loading *load = rows->context;
    const struct wn_policy *policy = load->ground->policy;
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        if (load->needs[i] && wn_slice_is(name, policy->purposes[i])) {
            return i;
        }
    }
    wn_rows_fault(rows, columns[PURPOSE], "no purpose of the policy that rests on consent (%s)",
                  load->purposes.len > 1 ? (const char *)load->purposes.at : "there is none");
    return WN_PURPOSES;
}

static bool read_time(struct wn_rows *rows, unsigned column, struct wn_slice text, int64_t *ret_ms)
{
    struct wn_error err;
    if (wn_time_utc(text, ret_ms, &err) == WN_OK) {
        return true;
    }
    wn_rows_fault(rows, columns[column], "%s", err.text);
    return false;
}

static bool read_times(struct wn_rows *rows, const struct wn_slice *cells,
                       struct wn_interval *interval)
{
    bool good = read_time(rows, FROM, cells[FROM], &interval->from_ms);
    interval->to_ms = INT64_MAX;
    if (cells[TO].len > 0) {
        good = read_time(rows, TO, cells[TO], &interval->to_ms) && good;
    }
    if (good && interval->to_ms < interval->from_ms) {
        wn_rows_fault(rows, columns[TO], "is before 'from'");
        good = false;
    }
    return good;
}

/** Read an identifier to its canonical bytes. */
static bool read_identifier(struct wn_rows *rows, enum wn_kind kind, struct wn_slice text)
{
    static const struct wn_number_rules numbers = { .bare = WN_BARE_REFUSED };
    struct loading *load = rows->context;
    const struct wn_reading how = { .site = load->ground->site, .numbers = &numbers };
    struct wn_value value;
    struct wn_error err;
    bool present = false;

    wn_arena_reset(&load->arena);
    wn_buffer_wipe(&load->canonical);
    if (wn_kind_read(kind, &how, text, &load->arena, &value, &present, &err) != WN_OK) {
        wn_rows_fault(rows, columns[IDENTIFIER], "%s", err.text);
        return false;
    }
    if (!present || value.text.len == 0) {
        wn_rows_fault(rows, columns[IDENTIFIER], "is empty, or a placeholder that names nobody");
        return false;
    }
    if (kind == WN_KIND_NUMBER && wn_number_is_nobodys((enum wn_number_class)value.class)) {
        wn_rows_fault(rows, columns[IDENTIFIER],
                      "a number that is nobody's own: a short code, a service or an extension");
        return false;
    }
    wn_kind_canonical(kind, &value, NULL, &load->canonical);
    return true;
}

static bool read_subscriber(struct wn_rows *rows, const struct wn_slice *cells,
                            enum wn_kind *ret_kind)
{
    *ret_kind = wn_kind_find(cells[KIND]);
    if (!wn_kind_is_subscriber(*ret_kind)) {
        wn_rows_fault(rows, columns[KIND], "no kind of subscriber: imsi, nai, account or number");
        return false;
    }
    return read_identifier(rows, *ret_kind, cells[IDENTIFIER]);
}

static bool take_row(struct wn_rows *rows, const struct wn_slice *cells)
{
    struct loading *load = rows->context;
    struct wn_interval interval;
    enum wn_kind kind;

    const size_t most = load->ground->most_rows > 0 ? load->ground->most_rows : WN_CONSENT_ROWS;
    if (load->n++ == most) {
        wn_rows_fault(rows, NULL, "more than %zu rows", most);
        return false;
    }
    const atomic_bool *give_up = load->ground->give_up;
    if (give_up && atomic_load(give_up)) {
        wn_rows_fault(rows, NULL, "the program ends");
        return false;
    }
    const unsigned purpose = read_purpose(rows, cells[PURPOSE]);
    const bool timed = read_times(rows, cells, &interval);
    if (!read_subscriber(rows, cells, &kind) || purpose == WN_PURPOSES || !timed) {
        return true;
    }
    const int64_t named_ms = interval.to_ms == INT64_MAX ? interval.from_ms : interval.to_ms;
    if (named_ms > load->consent->end_ms) {
        load->consent->end_ms = named_ms;
    }
    const struct wn_mac *key = load->ground->keys->by_kind[kind];
    if (key) {
        uint8_t whole[WN_MAC_BYTES];
        wn_mac_of(key, load->canonical.at, load->canonical.len, whole);
        memcpy(interval.subscriber, whole, sizeof(interval.subscriber));
        wn_consent_list_add(&load->consent->lists[purpose], &interval);
    }
    return true;
}

bool wn_consent_load(const char *file, const struct wn_consent_ground *ground,
                     struct wn_faults *faults, struct wn_consent **ret_consent,
                     struct wn_stamp *ret_stamp)
{
    struct loading load = { .ground = ground };
    load.consent = wn_take(1, sizeof(*load.consent));
    load.consent->end_ms = INT64_MIN;
    list_purposes(&load);

    struct wn_rows rows = {
        .file = file, .columns = columns, .faults = faults, .visit = take_row, .context = &load
    };
    const bool good = wn_rows_read(&rows);
    *ret_stamp = rows.stamp;
    if (good) {
        memcpy(load.consent->version, rows.sha256, sizeof(rows.sha256));
        for (unsigned i = 0; i < WN_PURPOSES; i++) {
            wn_consent_list_settle(&load.consent->lists[i]);
        }
        *ret_consent = load.consent;
        load.consent = NULL;
    }
    wn_consent_close(load.consent);
    wn_arena_deinit(&load.arena);
    wn_buffer_wipe(&load.canonical);
    wn_buffer_deinit(&load.canonical);
    wn_buffer_deinit(&load.purposes);
    return good;
}
