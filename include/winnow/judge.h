// SPDX-License-Identifier: Apache-2.0

/**
 * Judge: may it go, is it new? filter → plausible → lists → duplicate, in this order, each in its
 * own file.
 *
 * Pure: no clock, no I/O, no state. What the state knows of a key is handed in.
 */

#ifndef WINNOW_JUDGE_H
#define WINNOW_JUDGE_H

#include "winnow/helplines.h"
#include "winnow/keyring.h"
#include "winnow/poison.h"
#include "winnow/portability.h"
#include "winnow/source.h"
#include "winnow/state_entry.h"

/** What became of a raw record. */
enum wn_outcome {
    WN_PASSED,
    WN_DUPLICATE,
    WN_SUPERSEDED,
    WN_FILTERED,
    WN_QUARANTINED,
};

/** The one verdict of a record. */
struct wn_verdict {
    enum wn_outcome outcome;
    enum wn_reason reason; ///< FILTERED, QUARANTINED.
};

/** Ceilings of `duration`, by what is used: a service's word, or a session's time so far. */
enum wn_ceiling {
    WN_CEILING_VOICE,   ///< 7 days.
    WN_CEILING_SMS,     ///< 7 days.
    WN_CEILING_FAX,     ///< 7 days.
    WN_CEILING_OTHER,   ///< 7 days; of a service that has no row here, too.
    WN_CEILING_DATA,    ///< 35 days: of one record.
    WN_CEILING_SESSION, ///< 400 days: data of a source whose volumes are cumulative.
    WN_CEILINGS,
};

/** @return the ceiling's name in `limits: {duration: {…}}`: "voice", …, "session". */
const char *wn_ceiling_name(enum wn_ceiling ceiling);

/** Limits of config `limits:` and the clock. All of them may be met, none may be passed. */
struct wn_limits {
    int64_t lateness_ms;  ///< How old an event may be; 35 days.
    int64_t future_ms;    ///< How far ahead of the clock it may end; 1 day.
    int64_t now_ms;       ///< The clock, or INT64_MIN: neither late nor future is judged.
    int64_t tolerance_ms; ///< How far `duration` may be off the stamps, where the source's
                          ///< resolution is finer; 1 s.
    int64_t duration_ms[WN_CEILINGS]; ///< By enum wn_ceiling.
    int64_t octets_per_s;             ///< What an access can carry; 1.25·10⁹ (10 Gbit/s).
    int64_t mobile_octets_per_s;      ///< The same where the subscriber is an IMSI; 5·10⁸.
    int64_t octets_least_s;           ///< A volume is given so much time at least; 60 s.
    int64_t octets_most;              ///< However long it took; 2⁵⁰.
    struct wn_poison_limits poison;   ///< When a source has gone wrong.
};

/** The defaults that stand beside the members; no clock; poison at 5 % from 1,000 records on. */
struct wn_limits wn_limits_default(void);

/**
 * filter: the first rule of the source that holds, else a rule of the site.
 *
 * The site's rules need no line in a source, so that no source can forget them: `test` (the
 * subscriber's IMSI is of `site: {test: {imsi}}`, or a number of the record is one of `test:
 * {numbers}`), `foreign-imsi` (the IMSI is of none of the `home` networks, where there are any),
 * `emergency` (a number of the record is an emergency number). They see withheld numbers, too.
 *
 * @return the rule, or WN_REASON_NONE.
 */
enum wn_reason wn_filter(const struct wn_decoded *decoded);

/**
 * plausible: what is required is there, duration agrees with the stamps, ceilings, late and future.
 *
 * Voice of 0 ms is this module's own rule: `duration-mismatch` where the stamps differ, else the
 * filter `zero-usage`: in `ret_filter`.
 *
 * @param ret_filter  WN_REASON_NONE, or the rule that filters the record after all (with WN_OK).
 * @return WN_OK, or WN_REJECT: "missing-field", "missing-subscriber", "duration-mismatch",
 *         "duration-implausible", "volume-implausible", "late", "future".
 */
WN_NODISCARD
enum wn_code wn_plausible(const struct wn_decoded *decoded, const struct wn_limits *limits,
                          enum wn_reason *ret_filter, struct wn_error *err);

/** Lists that act on records, as they are now: the same for all records of a batch. */
struct wn_lists {
    const struct wn_helplines *helplines;     ///< Never NULL.
    const struct wn_portability *portability; ///< Whose network a number is of; NULL: unsaid.
    bool filters_free;  ///< A call to a free helpline is filtered: `helpline`; else it is masked.
    int64_t limit_ms;   ///< How old the file may be; 0: as old as it is.
    int64_t changed_ms; ///< When it was changed last [UTC ms].
    const struct wn_site *site;
};

/** @return whether the list of helplines is older than it may be; without a clock it never is. */
bool wn_lists_too_old(const struct wn_lists *lists, const struct wn_limits *limits);

/**
 * lists: take every helpline out of a record, so that nothing behind judge can show it: in fields
 * of kind number its class and country stay (wn_helplines_mask()), in items as well; an account, a
 * user name or a label that holds one (wn_helplines_find_in(), …_find_label()) becomes absent, or
 * its class's word where it can't be absent; a subscriber who is one becomes its class: one
 * pseudonym for all of them. Keys of duplicates and sessions still see what was there.
 *
 * Where the list is too old all numbers are masked: whether one is a helpline is not known.
 *
 * @param ret_too_old  Whether it was too old.
 * @return WN_REASON_NONE, or WN_REASON_HELPLINE: the record is filtered (`called` is a free one and
 *         the config says so).
 */
enum wn_reason wn_lists_apply(const struct wn_lists *lists, const struct wn_limits *limits,
                              struct wn_decoded *decoded, bool *ret_too_old);

/**
 * portability: fill `destination_network`, where the source did not, with the network that `called`
 * was of at `start`. Behind wn_lists_apply(): a number that must not show, or is nobody's E.164
 * number, has none.
 */
void wn_destination(const struct wn_lists *lists, struct wn_decoded *decoded);

/** @return the event's time: `end` of a cumulative record, else `start` [UTC ms]: key period. */
int64_t wn_event_ms(const struct wn_decoded *decoded);

/** @return when the record ended, `end` or `start` + `duration` [UTC ms]: day of the entry,
 * lateness. */
int64_t wn_end_ms(const struct wn_decoded *decoded);

/** The keys of purpose `record` that duplicates need. */
struct wn_judge_keys {
    const struct wn_mac *key, *session, *content;
};

/** Find them. @return WN_OK, or WN_FATAL: "keys" (no root of purpose `record`). */
WN_NODISCARD
enum wn_code wn_judge_keys(struct wn_keyring *keyring, struct wn_judge_keys *ret_keys,
                           struct wn_error *err);

enum {
    WN_PROBES = 3
}; ///< Buckets probed where there is a tolerance; else one.

/** What to ask the state for, for one record. */
struct wn_probe {
    uint8_t fingerprints[WN_PROBES][12]; ///< The middle one (or the only one) is the record's own.
    unsigned n;                          ///< 1 or WN_PROBES.
    unsigned own;                        ///< Index of the record's own.
    int32_t first_day;                   ///< Day of the start: days before need no search.
    int32_t day;                         ///< Day of the entry: of the record's end.
    uint32_t extra;                      ///< Digest, or start [s].
};

/**
 * Compute record_id (into the record) and the fingerprints of the duplicate key. What the entry
 * keeps besides comes from wn_duplicate_content(): meanwhile the state can get ready for the
 * search.
 *
 * @param scratch  Working memory, kept between calls.
 */
void wn_duplicate_probe(const struct wn_judge_keys *keys, struct wn_decoded *decoded,
                        struct wn_buffer *scratch, struct wn_probe *ret_probe);

/** Compute the digest of a record's content, `probe->extra`, unless that is its start. */
void wn_duplicate_content(const struct wn_judge_keys *keys, const struct wn_decoded *decoded,
                          struct wn_buffer *scratch, struct wn_probe *probe);

/**
 * Decide by what the state found: entries of all probed fingerprints.
 *
 * @return WN_PASSED, WN_DUPLICATE, or WN_QUARANTINED (`duplicate-conflict`).
 */
struct wn_verdict wn_duplicate_decide(const struct wn_source *source, const struct wn_probe *probe,
                                      const struct wn_found *found, size_t n_found);

/** The same for the session of a source with a tolerance; false where the source has no session
 * key. */
bool wn_session_probe(const struct wn_judge_keys *keys, const struct wn_decoded *decoded,
                      struct wn_buffer *scratch, struct wn_probe *ret_probe);

/**
 * Choose the session's start (the nearest entry's within the tolerance, else the record's own) and
 * fill record.session. Follows wn_session_probe() with the same scratch.
 *
 * @param ret_entry  What is to be staged, where true is returned.
 * @return whether an entry is to be staged: for a new session, or one whose entry is of an older
 *         day than the record's end.
 */
bool wn_session_decide(const struct wn_judge_keys *keys, struct wn_decoded *decoded,
                       struct wn_buffer *scratch, const struct wn_probe *probe,
                       const struct wn_entries *found, struct wn_entry *ret_entry);

#endif
