// SPDX-License-Identifier: Apache-2.0

/**
 * Who has consented to what, from when to when: one version of the consent file, in memory.
 *
 * The file (docs/consent.md) has the columns `kind,identifier,purpose,from,to`. An identifier is
 * made canonical by the reader of its kind, as records are, and only its keyed digest is kept: the
 * pseudonym under the purpose `consent`, period 0. Intervals are half open, `from` ≤ t < `to`; an
 * empty `to` is until withdrawn; those of one subscriber that touch are one.
 *
 * A record passes for a purpose where consent held at the time of its event *and* holds now. What
 * is now, the caller says; where there is no clock it is the end of the file, the last time that it
 * names: who has a `to` has withdrawn by then.
 *
 * A version never changes once it is loaded; it is wiped when it is closed.
 *
 * Threads: any may ask. Loading needs no keyring but the keys that wn_consent_keys() found, so that
 * it may go on beside the worker.
 */

#ifndef WINNOW_CONSENT_H
#define WINNOW_CONSENT_H

#include <stdatomic.h>

#include "winnow/minimise.h"
#include "winnow/rows.h"

/** The purpose whose keys hide who has consented. */
#define WN_CONSENT_PURPOSE "consent"

enum {
    WN_CONSENT_ROWS = 1 << 25, ///< Intervals of a file, at most: 1 GiB of memory.
};

/** The keys of purpose `consent`, by kind; all NULL where there is no such root. */
struct wn_consent_keys {
    const struct wn_mac *by_kind[WN_KINDS];
};

/** Find them. @return whether there is a root; else purposes that need consent are withheld. */
bool wn_consent_keys(struct wn_keyring *keyring, struct wn_consent_keys *ret_keys);

/** What a file is read with; all of it must outlive the load. */
struct wn_consent_ground {
    const struct wn_consent_keys *keys;
    const struct wn_policy *policy; ///< Whose purposes may be named.
    const struct wn_site *site;     ///< How numbers are dialled.
    const atomic_bool *give_up;     ///< Set by another thread: end with a fault; NULL: nobody does.
    size_t most_rows;               ///< 0: WN_CONSENT_ROWS.
};

struct wn_consent;

/**
 * Load a file.
 *
 * @param faults       Every fault goes here, with line and column, never with an identifier.
 * @param ret_consent  On success the caller's to give to wn_consent_close(); untouched on failure.
 * @param ret_stamp    What the file was, good or not; all-zero where it can't be opened.
 * @return whether it was good.
 */
WN_NODISCARD
bool wn_consent_load(const char *file, const struct wn_consent_ground *ground,
                     struct wn_faults *faults, struct wn_consent **ret_consent,
                     struct wn_stamp *ret_stamp);

/** Wipe it and give it back; NULL is fine. @return NULL */
struct wn_consent *wn_consent_close(struct wn_consent *consent);

/** @return SHA-256 of the file: its version. */
const uint8_t *wn_consent_version(const struct wn_consent *consent);

/** @return the last time that the file names [UTC ms]; INT64_MIN: it has no rows. */
int64_t wn_consent_end_ms(const struct wn_consent *consent);

/** @return how many intervals are held, of all purposes. */
size_t wn_consent_count(const struct wn_consent *consent);

/** @return whether a subscriber's consent to a purpose held at this instant. */
bool wn_consent_held(const struct wn_consent *consent, unsigned purpose,
                     const uint8_t subscriber[16], int64_t time_ms);

/** Consent as it stands for a batch or transaction. */
struct wn_consent_view {
    const struct wn_consent *consent; ///< NULL: no file is named, nobody has consented.
    bool too_old;                     ///< It may not be relied upon any more.
};

/** What consent says of a record and a purpose. */
enum wn_consent_answer {
    WN_CONSENT_GIVEN,
    WN_CONSENT_NONE,        ///< Not at the time of the event, or not now.
    WN_CONSENT_TOO_OLD,     ///< The purpose is withheld: "list-too-old".
    WN_CONSENT_KEY_MISSING, ///< The purpose is withheld: "key-missing".
};

/**
 * Ask whether a record may pass for a purpose that needs consent.
 *
 * @param minimiser  Computes the subscriber's digest.
 * @param event_ms   wn_event_ms() of the record.
 * @param now_ms     The clock, or INT64_MIN: the end of the file.
 */
enum wn_consent_answer wn_consent_ask(const struct wn_consent_view *view,
                                      struct wn_minimiser *minimiser,
                                      const struct wn_purpose *purpose,
                                      const struct wn_record *record, int64_t event_ms,
                                      int64_t now_ms);

#endif
