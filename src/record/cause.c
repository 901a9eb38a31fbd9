// SPDX-License-Identifier: Apache-2.0

/**
 * Why a call or session ended, in four classes.
 *
 * These are the classes of *answered* usage: a call that was never answered is judge's business
 * and is `failed` whatever its cause says. Only RADIUS knows causes that mean that no session came
 * about. FreeSWITCH writes 16 beside every cause of its own, so it is read by name; numbers up to
 * 127 are those of Q.850, its own begin at 142. Cisco's call manager writes Q.850 and numbers of
 * its own above them; it has no names.
 *
 * What an attempt came to nothing by is told by the number alone, in all tables that Q.850 is part
 * of.
 */

#include <assert.h>

#include "winnow/kind.h"

enum {
    Q850_MOST = 127
}; ///< Greatest cause of Q.850; above begin those of others.

/** A cause by name and number; several names may have one number. */
struct row {
    const char *name; ///< NULL: a number only.
    unsigned number;
    enum wn_cause class;
};

// clang-format off
static const struct row freeswitch[] = {
    { "NORMAL_CLEARING", 16, WN_CAUSE_NORMAL }, // By far the most frequent: first.
    { "NONE", 0, WN_CAUSE_NORMAL },
    { "UNSPECIFIED", 0, WN_CAUSE_NORMAL },
    { "UNALLOCATED_NUMBER", 1, WN_CAUSE_ABNORMAL },
    { "NO_ROUTE_TRANSIT_NET", 2, WN_CAUSE_ABNORMAL },
    { "NO_ROUTE_DESTINATION", 3, WN_CAUSE_ABNORMAL },
    { NULL, 4, WN_CAUSE_ABNORMAL }, // Q.850: special information tone.
    { NULL, 5, WN_CAUSE_ABNORMAL }, // Q.850: misdialled trunk prefix.
    { "CHANNEL_UNACCEPTABLE", 6, WN_CAUSE_ABNORMAL },
    { "CALL_AWARDED_DELIVERED", 7, WN_CAUSE_ABNORMAL },
    { NULL, 8, WN_CAUSE_ABNORMAL }, // Q.850: preemption.
    { NULL, 9, WN_CAUSE_ABNORMAL }, // Q.850: preemption, circuit reserved for reuse.
    { NULL, 14, WN_CAUSE_ABNORMAL }, // Q.850: ported number.
    { "USER_BUSY", 17, WN_CAUSE_NORMAL },
    { "NO_USER_RESPONSE", 18, WN_CAUSE_NORMAL },
    { "NO_ANSWER", 19, WN_CAUSE_NORMAL },
    { "SUBSCRIBER_ABSENT", 20, WN_CAUSE_NORMAL },
    { "CALL_REJECTED", 21, WN_CAUSE_NORMAL },
    { "NUMBER_CHANGED", 22, WN_CAUSE_ABNORMAL },
    { "REDIRECTION_TO_NEW_DESTINATION", 23, WN_CAUSE_NORMAL },
    { NULL, 24, WN_CAUSE_ABNORMAL }, // Q.850: rejected, feature at the destination.
    { "EXCHANGE_ROUTING_ERROR", 25, WN_CAUSE_ABNORMAL },
    { NULL, 26, WN_CAUSE_NORMAL }, // Q.850: non-selected user clearing.
    { "DESTINATION_OUT_OF_ORDER", 27, WN_CAUSE_ABNORMAL },
    { "INVALID_NUMBER_FORMAT", 28, WN_CAUSE_ABNORMAL },
    { "FACILITY_REJECTED", 29, WN_CAUSE_ABNORMAL },
    { "RESPONSE_TO_STATUS_ENQUIRY", 30, WN_CAUSE_ABNORMAL },
    { "NORMAL_UNSPECIFIED", 31, WN_CAUSE_NORMAL },
    { "NORMAL_CIRCUIT_CONGESTION", 34, WN_CAUSE_ABNORMAL },
    { "NETWORK_OUT_OF_ORDER", 38, WN_CAUSE_ABNORMAL },
    { NULL, 39, WN_CAUSE_ABNORMAL }, // Q.850: permanent frame connection out of service.
    { NULL, 40, WN_CAUSE_ABNORMAL }, // Q.850: permanent frame connection operational.
    { "NORMAL_TEMPORARY_FAILURE", 41, WN_CAUSE_ABNORMAL },
    { "SWITCH_CONGESTION", 42, WN_CAUSE_ABNORMAL },
    { "ACCESS_INFO_DISCARDED", 43, WN_CAUSE_ABNORMAL },
    { "REQUESTED_CHAN_UNAVAIL", 44, WN_CAUSE_ABNORMAL },
    { "PRE_EMPTED", 45, WN_CAUSE_ABNORMAL },
    { NULL, 46, WN_CAUSE_ABNORMAL }, // Q.850: precedence call blocked.
    { NULL, 47, WN_CAUSE_ABNORMAL }, // Q.850: resource unavailable.
    { NULL, 49, WN_CAUSE_ABNORMAL }, // Q.850: quality of service not available.
    { "FACILITY_NOT_SUBSCRIBED", 50, WN_CAUSE_ABNORMAL },
    { "OUTGOING_CALL_BARRED", 52, WN_CAUSE_ABNORMAL },
    { NULL, 53, WN_CAUSE_ABNORMAL }, // Q.850: outgoing calls barred within the closed user group.
    { "INCOMING_CALL_BARRED", 54, WN_CAUSE_ABNORMAL },
    { NULL, 55, WN_CAUSE_ABNORMAL }, // Q.850: incoming calls barred within the closed user group.
    { "BEARERCAPABILITY_NOTAUTH", 57, WN_CAUSE_ABNORMAL },
    { "BEARERCAPABILITY_NOTAVAIL", 58, WN_CAUSE_ABNORMAL },
    { NULL, 62, WN_CAUSE_ABNORMAL }, // Q.850: inconsistency in access information.
    { "SERVICE_UNAVAILABLE", 63, WN_CAUSE_ABNORMAL },
    { "BEARERCAPABILITY_NOTIMPL", 65, WN_CAUSE_ABNORMAL },
    { "CHAN_NOT_IMPLEMENTED", 66, WN_CAUSE_ABNORMAL },
    { "FACILITY_NOT_IMPLEMENTED", 69, WN_CAUSE_ABNORMAL },
    { NULL, 70, WN_CAUSE_ABNORMAL }, // Q.850: only restricted digital information.
    { "SERVICE_NOT_IMPLEMENTED", 79, WN_CAUSE_ABNORMAL },
    { "INVALID_CALL_REFERENCE", 81, WN_CAUSE_ABNORMAL },
    { NULL, 82, WN_CAUSE_ABNORMAL }, // Q.850: identified channel does not exist.
    { NULL, 83, WN_CAUSE_ABNORMAL }, // Q.850: suspended call, another identity.
    { NULL, 84, WN_CAUSE_ABNORMAL }, // Q.850: call identity in use.
    { NULL, 85, WN_CAUSE_ABNORMAL }, // Q.850: no call suspended.
    { NULL, 86, WN_CAUSE_ABNORMAL }, // Q.850: the call identity has been cleared.
    { NULL, 87, WN_CAUSE_ABNORMAL }, // Q.850: not a member of the closed user group.
    { "INCOMPATIBLE_DESTINATION", 88, WN_CAUSE_ABNORMAL },
    { NULL, 90, WN_CAUSE_ABNORMAL }, // Q.850: no such closed user group.
    { NULL, 91, WN_CAUSE_ABNORMAL }, // Q.850: invalid transit network selection.
    { "INVALID_MSG_UNSPECIFIED", 95, WN_CAUSE_ABNORMAL },
    { "MANDATORY_IE_MISSING", 96, WN_CAUSE_ABNORMAL },
    { "MESSAGE_TYPE_NONEXIST", 97, WN_CAUSE_ABNORMAL },
    { "WRONG_MESSAGE", 98, WN_CAUSE_ABNORMAL },
    { "IE_NONEXIST", 99, WN_CAUSE_ABNORMAL },
    { "INVALID_IE_CONTENTS", 100, WN_CAUSE_ABNORMAL },
    { "WRONG_CALL_STATE", 101, WN_CAUSE_ABNORMAL },
    { "RECOVERY_ON_TIMER_EXPIRE", 102, WN_CAUSE_ABNORMAL },
    { "MANDATORY_IE_LENGTH_ERROR", 103, WN_CAUSE_ABNORMAL },
    { NULL, 110, WN_CAUSE_ABNORMAL }, // Q.850: message with an unknown parameter, discarded.
    { "PROTOCOL_ERROR", 111, WN_CAUSE_ABNORMAL },
    { "INTERWORKING", 127, WN_CAUSE_ABNORMAL },
    { "SUCCESS", 142, WN_CAUSE_NORMAL },
    { "ORIGINATOR_CANCEL", 487, WN_CAUSE_NORMAL },
    { "CRASH", 700, WN_CAUSE_ABNORMAL },
    { "SYSTEM_SHUTDOWN", 701, WN_CAUSE_ABNORMAL },
    { "LOSE_RACE", 702, WN_CAUSE_NORMAL },
    { "MANAGER_REQUEST", 703, WN_CAUSE_NORMAL },
    { "BLIND_TRANSFER", 800, WN_CAUSE_NORMAL },
    { "ATTENDED_TRANSFER", 801, WN_CAUSE_NORMAL },
    { "ALLOTTED_TIMEOUT", 802, WN_CAUSE_NORMAL },
    { "USER_CHALLENGE", 803, WN_CAUSE_ABNORMAL },
    { "MEDIA_TIMEOUT", 804, WN_CAUSE_ABNORMAL },
    { "PICKED_OFF", 805, WN_CAUSE_NORMAL },
    { "USER_NOT_REGISTERED", 806, WN_CAUSE_ABNORMAL },
    { "PROGRESS_TIMEOUT", 807, WN_CAUSE_ABNORMAL },
    { "INVALID_GATEWAY", 808, WN_CAUSE_ABNORMAL },
    { "GATEWAY_DOWN", 809, WN_CAUSE_ABNORMAL },
    { "INVALID_URL", 810, WN_CAUSE_ABNORMAL },
    { "INVALID_PROFILE", 811, WN_CAUSE_ABNORMAL },
    { "NO_PICKUP", 812, WN_CAUSE_ABNORMAL },
    { "SRTP_READ_ERROR", 813, WN_CAUSE_ABNORMAL },
    { "BOWOUT", 814, WN_CAUSE_NORMAL },
    { "BUSY_EVERYWHERE", 815, WN_CAUSE_ABNORMAL },
    { "DECLINE", 816, WN_CAUSE_ABNORMAL },
    { "DOES_NOT_EXIST_ANYWHERE", 817, WN_CAUSE_ABNORMAL },
    { "NOT_ACCEPTABLE", 818, WN_CAUSE_ABNORMAL },
    { "UNWANTED", 819, WN_CAUSE_ABNORMAL },
    { "NO_IDENTITY", 820, WN_CAUSE_ABNORMAL },
    { "BAD_IDENTITY_INFO", 821, WN_CAUSE_ABNORMAL },
    { "UNSUPPORTED_CERTIFICATE", 822, WN_CAUSE_ABNORMAL },
    { "INVALID_IDENTITY", 823, WN_CAUSE_ABNORMAL },
    { "STALE_DATE", 824, WN_CAUSE_ABNORMAL },
    { "REJECT_ALL", 825, WN_CAUSE_ABNORMAL },
};

/** Acct-Terminate-Cause: RFC 2866 5.10, RFC 3580, and the names that servers print. */
static const struct row radius[] = {
    { "User-Request", 1, WN_CAUSE_NORMAL },
    { "Lost-Carrier", 2, WN_CAUSE_ABNORMAL },
    { "Lost-Service", 3, WN_CAUSE_ABNORMAL },
    { "Idle-Timeout", 4, WN_CAUSE_NORMAL },
    { "Session-Timeout", 5, WN_CAUSE_NORMAL },
    { "Admin-Reset", 6, WN_CAUSE_ABNORMAL },
    { "Admin-Reboot", 7, WN_CAUSE_ABNORMAL },
    { "Port-Error", 8, WN_CAUSE_ABNORMAL },
    { "NAS-Error", 9, WN_CAUSE_ABNORMAL },
    { "NAS-Request", 10, WN_CAUSE_ABNORMAL },
    { "NAS-Reboot", 11, WN_CAUSE_ABNORMAL },
    { "Port-Unneeded", 12, WN_CAUSE_NORMAL },
    { "Port-Preempted", 13, WN_CAUSE_ABNORMAL },
    { "Port-Suspended", 14, WN_CAUSE_NORMAL },
    { "Service-Unavailable", 15, WN_CAUSE_FAILED },
    { "Callback", 16, WN_CAUSE_NORMAL },
    { "User-Error", 17, WN_CAUSE_FAILED },
    { "Host-Request", 18, WN_CAUSE_NORMAL },
    { "Supplicant-Restart", 19, WN_CAUSE_NORMAL },
    { "Reauthentication-Failure", 20, WN_CAUSE_FAILED },
    { "Port-Reinit", 21, WN_CAUSE_ABNORMAL },
    { "Port-Reinitialized", 21, WN_CAUSE_ABNORMAL },
    { "Port-Disabled", 22, WN_CAUSE_ABNORMAL },
    { "Port-Administratively-Disabled", 22, WN_CAUSE_ABNORMAL },
};

/** Statuses of SIP as causes of Q.850: RFC 3398 7.2.4.1 and 8.2.6.1; 487 is a caller's own cancel. */
static const struct {
    uint16_t status, cause;
} sip[] = {
    { 400, 41 },  { 401, 21 }, { 402, 21 },  { 403, 21 },  { 404, 1 },   { 405, 63 },  { 406, 79 },
    { 407, 21 },  { 408, 102 }, { 410, 22 }, { 413, 127 }, { 414, 127 }, { 415, 79 },  { 416, 127 },
    { 420, 127 }, { 421, 127 }, { 423, 127 }, { 480, 18 }, { 481, 41 },  { 482, 25 },  { 483, 25 },
    { 484, 28 },  { 485, 1 },  { 486, 17 },  { 487, 31 },  { 488, 88 },  { 500, 41 },  { 501, 79 },
    { 502, 38 },  { 503, 41 }, { 504, 102 }, { 505, 127 }, { 513, 127 }, { 580, 47 },  { 600, 17 },
    { 603, 21 },  { 604, 1 },  { 606, 88 },
};

/** CauseForTerm of circuit-switched records, TS 32.298 5.1.2.1.9: 1 and 2 go on in another record. */
static const struct row cs[] = {
    { NULL, 0, WN_CAUSE_NORMAL },  { NULL, 1, WN_CAUSE_NORMAL },   { NULL, 2, WN_CAUSE_NORMAL },
    { NULL, 3, WN_CAUSE_FAILED },  { NULL, 4, WN_CAUSE_ABNORMAL }, { NULL, 5, WN_CAUSE_NORMAL },
    { NULL, 52, WN_CAUSE_FAILED }, { NULL, 53, WN_CAUSE_FAILED },  { NULL, 54, WN_CAUSE_FAILED },
    { NULL, 58, WN_CAUSE_FAILED },
};

/** CauseForRecClosing of packet-switched records, TS 32.298 5.1.2.2.8: 16 to 27 close a part. */
static const struct row ps[] = {
    { NULL, 0, WN_CAUSE_NORMAL },  { NULL, 4, WN_CAUSE_ABNORMAL }, { NULL, 5, WN_CAUSE_NORMAL },
    { NULL, 16, WN_CAUSE_NORMAL }, { NULL, 17, WN_CAUSE_NORMAL },  { NULL, 18, WN_CAUSE_NORMAL },
    { NULL, 19, WN_CAUSE_NORMAL }, { NULL, 20, WN_CAUSE_NORMAL },  { NULL, 21, WN_CAUSE_NORMAL },
    { NULL, 22, WN_CAUSE_NORMAL }, { NULL, 23, WN_CAUSE_NORMAL },  { NULL, 24, WN_CAUSE_NORMAL },
    { NULL, 25, WN_CAUSE_NORMAL }, { NULL, 26, WN_CAUSE_NORMAL },  { NULL, 27, WN_CAUSE_NORMAL },
    { NULL, 52, WN_CAUSE_FAILED }, { NULL, 53, WN_CAUSE_FAILED },  { NULL, 54, WN_CAUSE_FAILED },
    { NULL, 58, WN_CAUSE_FAILED },
};
// clang-format on

static const char *const names[] = {
    [WN_CAUSE_NORMAL] = "normal",
    [WN_CAUSE_FAILED] = "failed",
    [WN_CAUSE_ABNORMAL] = "abnormal",
    [WN_CAUSE_UNKNOWN] = "unknown",
};

static const char *const attempt_names[WN_ATTEMPTS] = {
    [WN_ATTEMPT_UNKNOWN] = "unknown", [WN_ATTEMPT_USER] = "user",
    [WN_ATTEMPT_NUMBER] = "number",   [WN_ATTEMPT_REFUSED] = "refused",
    [WN_ATTEMPT_NETWORK] = "network",
};

/** Causes of Q.850 and FreeSWITCH by which a user, the number or a right ended an attempt. */
static const struct {
    uint16_t first, last;
    enum wn_attempt attempt;
} attempts[] = {
    { 1, 1, WN_ATTEMPT_NUMBER },     { 16, 21, WN_ATTEMPT_USER },
    { 22, 22, WN_ATTEMPT_NUMBER },   { 23, 23, WN_ATTEMPT_USER },
    { 26, 26, WN_ATTEMPT_USER },     { 28, 28, WN_ATTEMPT_NUMBER },
    { 29, 29, WN_ATTEMPT_REFUSED },  { 31, 31, WN_ATTEMPT_USER },
    { 50, 50, WN_ATTEMPT_REFUSED },  { 52, 57, WN_ATTEMPT_REFUSED },
    { 87, 87, WN_ATTEMPT_REFUSED },  { 487, 487, WN_ATTEMPT_USER },
    { 702, 702, WN_ATTEMPT_USER },   { 803, 803, WN_ATTEMPT_REFUSED },
    { 805, 807, WN_ATTEMPT_USER },   { 810, 810, WN_ATTEMPT_NUMBER },
    { 812, 812, WN_ATTEMPT_USER },   { 815, 816, WN_ATTEMPT_USER },
    { 817, 817, WN_ATTEMPT_NUMBER }, { 818, 818, WN_ATTEMPT_REFUSED },
    { 819, 819, WN_ATTEMPT_USER },   { 820, 824, WN_ATTEMPT_REFUSED },
    { 825, 825, WN_ATTEMPT_USER },
};

const char *wn_cause_name(enum wn_cause cause)
{
    assert(cause < WN_COUNT(names));
    return names[cause];
}

const char *wn_attempt_name(enum wn_attempt attempt)
{
    assert(attempt < WN_ATTEMPTS);
    return attempt_names[attempt];
}

/** @return what a cause of Q.850 or FreeSWITCH says of an attempt; 0 says nothing. */
static enum wn_attempt attempt_of(uint64_t number)
{
    for (size_t i = 0; i < WN_COUNT(attempts); i++) {
        if (number >= attempts[i].first && number <= attempts[i].last) {
            return attempts[i].attempt;
        }
    }
    return number == 0 ? WN_ATTEMPT_UNKNOWN : WN_ATTEMPT_NETWORK;
}

/** @return what a class of 3GPP or RADIUS says of one: only a refusal is told apart. */
static enum wn_attempt attempt_by(const struct row *row)
{
    return row->class == WN_CAUSE_FAILED && row->number >= 52 ? WN_ATTEMPT_REFUSED
                                                              : WN_ATTEMPT_UNKNOWN;
}

static enum wn_cause tell(const struct row *rows, const struct row *row,
                          struct wn_cause_told *ret_told)
{
    if (!row) {
        *ret_told = (struct wn_cause_told){ false, WN_ATTEMPT_UNKNOWN };
        return WN_CAUSE_UNKNOWN;
    }
    *ret_told = (struct wn_cause_told){ true, rows == freeswitch ? attempt_of(row->number)
                                                                 : attempt_by(row) };
    return row->class;
}

/** @return the class of a number, which several rows may have: the first. */
static enum wn_cause of_number(const struct row *rows, size_t n, uint64_t number,
                               struct wn_cause_told *ret_told)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].number == number) {
            return tell(rows, &rows[i], ret_told);
        }
    }
    return tell(rows, NULL, ret_told);
}

static enum wn_cause look_up(const struct row *rows, size_t n, struct wn_slice text,
                             struct wn_cause_told *ret_told)
{
    text = wn_slice_strip(text);
    uint64_t number = 0;
    if (wn_slice_number(text, &number)) {
        return of_number(rows, n, number, ret_told);
    }
    for (size_t i = 0; i < n; i++) {
        const char *name = rows[i].name;
        if (name && text.len > 0 && name[0] == text.at[0] && wn_slice_is(text, name)) {
            return tell(rows, &rows[i], ret_told);
        }
    }
    return tell(rows, NULL, ret_told);
}

enum wn_cause wn_cause_freeswitch(struct wn_slice text, struct wn_cause_told *ret_told)
{
    return look_up(freeswitch, WN_COUNT(freeswitch), text, ret_told);
}

enum wn_cause wn_cause_radius(struct wn_slice text, struct wn_cause_told *ret_told)
{
    return look_up(radius, WN_COUNT(radius), text, ret_told);
}

enum wn_cause wn_cause_q850(struct wn_slice text, struct wn_cause_told *ret_told)
{
    uint64_t number = 0;
    return wn_slice_number(wn_slice_strip(text), &number) && number <= Q850_MOST
               ? of_number(freeswitch, WN_COUNT(freeswitch), number, ret_told)
               : tell(freeswitch, NULL, ret_told);
}

enum wn_cause wn_cause_sip(struct wn_slice text, struct wn_cause_told *ret_told)
{
    text = wn_slice_strip(text);
    if (wn_slice_starts(text, "sip:")) {
        text = wn_slice_after(text, 4);
    }
    uint64_t status = 0;
    if (wn_slice_number(text, &status) && status >= 200 && status < 300) {
        *ret_told = (struct wn_cause_told){ true, WN_ATTEMPT_UNKNOWN };
        return WN_CAUSE_NORMAL;
    }
    for (size_t i = 0; i < WN_COUNT(sip); i++) {
        if (sip[i].status == status) {
            return of_number(freeswitch, WN_COUNT(freeswitch), sip[i].cause, ret_told);
        }
    }
    return tell(freeswitch, NULL, ret_told);
}

enum wn_cause wn_cause_cs(struct wn_slice text, struct wn_cause_told *ret_told)
{
    return look_up(cs, WN_COUNT(cs), text, ret_told);
}

enum wn_cause wn_cause_ps(struct wn_slice text, struct wn_cause_told *ret_told)
{
    return look_up(ps, WN_COUNT(ps), text, ret_told);
}

enum wn_cause wn_cause_cucm(struct wn_slice text, struct wn_cause_told *ret_told)
{
    enum {
        SPLIT_BEFORE_5 = 126,  ///< Split by a transfer or conference, in releases before 5.
        CONFERENCE_LEFT = 128, ///< Dropped from a conference.
        SPLIT = 393216,        ///< Split by a transfer or conference.
    };
    uint64_t number = 0;
    const bool is_number = wn_slice_number(wn_slice_strip(text), &number);
    if (is_number && number > 0 && number <= Q850_MOST && number != SPLIT_BEFORE_5) {
        return of_number(freeswitch, WN_COUNT(freeswitch), number, ret_told);
    }
    *ret_told = (struct wn_cause_told){ is_number, WN_ATTEMPT_UNKNOWN };
    if (!is_number || number == 0) {
        return WN_CAUSE_UNKNOWN;
    }
    if (number == SPLIT_BEFORE_5 || number == CONFERENCE_LEFT || number == SPLIT) {
        return WN_CAUSE_NORMAL;
    }
    // Above are its own and the statuses of SIP: none of them ends a call as it should.
    ret_told->attempt = WN_ATTEMPT_NETWORK;
    return WN_CAUSE_ABNORMAL;
}

enum wn_cause wn_cause_worse(enum wn_cause a, enum wn_cause b)
{
    static const unsigned ranks[] = {
        [WN_CAUSE_NORMAL] = 0,
        [WN_CAUSE_UNKNOWN] = 1,
        [WN_CAUSE_FAILED] = 2,
        [WN_CAUSE_ABNORMAL] = 3,
    };
    assert(a < WN_COUNT(ranks) && b < WN_COUNT(ranks));
    return ranks[a] >= ranks[b] ? a : b;
}
