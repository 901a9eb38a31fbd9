// SPDX-License-Identifier: Apache-2.0

// clang-format off
/**
 * Kinds: the closed set of meanings that a field's values can have, and how each is read from
 * text and made canonical. The only place where a kind is parsed.
 *
 * | kind | value.number | value.text |
 * |---|---|---|
 * | time | UTC [ms] | |
 * | duration | [ms] | |
 * | octets count score | [octets] [1] [1/100] | |
 * | amount | millionths of its currency's unit, signed (amount.h) | |
 * | offset | minutes east of UTC | |
 * | flag | 0 or 1 | |
 * | enum | index of the symbol | |
 * | cause | enum wn_cause | |
 * | number | | digits, and value.class, value.marks |
 * | imsi imei nai email account id token plmn apn | | the canonical form |
 * | currency | | a code of ISO 4217 |
 * | mac ip | | 6 or 16 octets |
 * | subscriber | | canonical form of value.class, which is a kind |
 *
 * To add a kind: an enumerator, a row of the table in record/kind.c, a function that reads it.
 */
// clang-format on

#ifndef WINNOW_KIND_H
#define WINNOW_KIND_H

#include "winnow/arena.h"
#include "winnow/error.h"
#include "winnow/site.h"

enum wn_kind {
    WN_KIND_NONE, ///< A made field without a kind, or the repeated group.
    WN_KIND_TIME,
    WN_KIND_DURATION,
    WN_KIND_OCTETS,
    WN_KIND_COUNT,
    WN_KIND_OFFSET,
    WN_KIND_SCORE,
    WN_KIND_AMOUNT,
    WN_KIND_FLAG,
    WN_KIND_ENUM,
    WN_KIND_CAUSE,
    WN_KIND_NUMBER,
    WN_KIND_IMSI,
    WN_KIND_IMEI,
    WN_KIND_NAI,
    WN_KIND_EMAIL,
    WN_KIND_MAC,
    WN_KIND_IP,
    WN_KIND_ACCOUNT,
    WN_KIND_SUBSCRIBER,
    WN_KIND_ID,
    WN_KIND_TOKEN,
    WN_KIND_PLMN,
    WN_KIND_APN,
    WN_KIND_CURRENCY,
    WN_KINDS,
};

/** Classes of the cause of release, in the order of the policy's enum. */
enum wn_cause {
    WN_CAUSE_NORMAL,
    WN_CAUSE_FAILED,
    WN_CAUSE_ABNORMAL,
    WN_CAUSE_UNKNOWN,
};

/** Why an attempt came to nothing: who or what stood in its way. */
enum wn_attempt {
    WN_ATTEMPT_UNKNOWN, ///< The source does not say.
    WN_ATTEMPT_USER,    ///< Busy, no answer, rejected, cancelled.
    WN_ATTEMPT_NUMBER,  ///< No such number, changed, incomplete.
    WN_ATTEMPT_REFUSED, ///< Barred, not subscribed, not proven.
    WN_ATTEMPT_NETWORK, ///< Congestion, out of order, incompatible: what is left.
    WN_ATTEMPTS,
};

/** Marks of a number. */
enum {
    WN_MARK_WITHHELD = 1, ///< The caller asked that it be withheld.
    WN_MARK_SHIELDED = 2, ///< A list masks it: `text` is its country code at most (helplines.h).
    WN_MARK_E164 = 4,     ///< The digits are E.164, country code first; else a short code.
};

/** One value; 40 octets. Text is borrowed: from the raw record or the record's arena. */
struct wn_value {
    int64_t number;
    struct wn_slice text;
    uint8_t class; ///< number: enum wn_number_class; subscriber: enum wn_kind; cause: enum
                   ///< wn_attempt, what it would be of an attempt.
    uint8_t marks; ///< number: WN_MARK_….
};

/** What every reader of text may need to know. */
struct wn_reading {
    const struct wn_site *site;            ///< Never NULL.
    const struct wn_number_rules *numbers; ///< The source's; never NULL.
    enum wn_encoding otherwise;            ///< What text is that is not UTF-8.
};

/** @return the kind's name as the policy writes it ("imsi"). */
const char *wn_kind_name(enum wn_kind kind);

/** @return the kind with this name, or WN_KIND_NONE. */
enum wn_kind wn_kind_find(struct wn_slice name);

/** @return whether `keep` may be done to a value of this kind. */
bool wn_kind_may_keep(enum wn_kind kind);

/** @return whether a subscriber may be of this kind: imsi, nai, account, number. */
bool wn_kind_is_subscriber(enum wn_kind kind);

/** @return whether values of this kind are text that wn_kind_read() can read. */
bool wn_kind_is_text(enum wn_kind kind);

/**
 * Read a value of a text kind (number, imsi, imei, nai, email, mac, ip, account, id, token, plmn,
 * apn, currency) and make it canonical.
 *
 * @param text         As decoded; need not be UTF-8.
 * @param arena        Holds what can't be borrowed from `text`.
 * @param ret_value    number: with class and marks.
 * @param ret_present  false: a placeholder of its kind, to be taken as absent;
 *                     for a number that means a request, value.marks has WN_MARK_WITHHELD.
 * @return WN_OK, or WN_REJECT: "bad-identifier", "bad-encoding", "token-suspect", "bad-amount".
 */
WN_NODISCARD
enum wn_code wn_kind_read(enum wn_kind kind, const struct wn_reading *how, struct wn_slice text,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err);

/**
 * Append the canonical bytes, those that are hashed: i64 big-endian for
 * numbers, the word for enum, flag (`true`, `false`) and cause, digits or `class:digits` for a
 * number, else the text.
 *
 * @param symbols  The enum's words; NULL for every other kind.
 */
void wn_kind_canonical(enum wn_kind kind, const struct wn_value *value, const char *const *symbols,
                       struct wn_buffer *ret_bytes);

/** @return the word of a cause class. */
const char *wn_cause_name(enum wn_cause cause);

/** @return the word of a group of attempts: `user`, `number`, `refused`, `network`, `unknown`. */
const char *wn_attempt_name(enum wn_attempt attempt);

/** What a cause says besides its class. */
struct wn_cause_told {
    bool known; ///< false: an unknown value, class `unknown`: to be counted as drift.
    enum wn_attempt attempt;
};

/**
 * Read a cause of release.
 *
 * @param text      The switch's own name or number.
 * @param ret_told  Filled in.
 * @return its class, as of answered usage.
 */
typedef enum wn_cause wn_cause_read(struct wn_slice text, struct wn_cause_told *ret_told);

/** By FreeSWITCH's name or Q.850 number. */
wn_cause_read wn_cause_freeswitch;

/** RADIUS: Acct-Terminate-Cause by name or number. */
wn_cause_read wn_cause_radius;

/** A number of Q.850 alone. */
wn_cause_read wn_cause_q850;

/** A final status of SIP, `486` or `sip:486`: as the cause of Q.850 that RFC 3398 takes for it; 2xx
 * is `normal`. */
wn_cause_read wn_cause_sip;

/** CauseForTerm of circuit-switched records of TS 32.298, by number. */
wn_cause_read wn_cause_cs;

/** CauseForRecClosing of packet-switched records of TS 32.298, by number. */
wn_cause_read wn_cause_ps;

/**
 * A number as Cisco's call manager writes it: Q.850, and its own, whose ends by transfer and
 * conference are normal ones. 0, the side that did not clear, is `unknown` and known: to be left
 * out by the caller.
 */
wn_cause_read wn_cause_cucm;

/** @return the worse of two classes: abnormal, failed, unknown, normal. */
enum wn_cause wn_cause_worse(enum wn_cause a, enum wn_cause b);

#endif
