// SPDX-License-Identifier: Apache-2.0

/** Causes of release: every class of answered usage, by name and by number. */

#include <stdio.h>
#include <stdlib.h>

#include "table.h"
#include "winnow/kind.h"

struct row {
    const char *name;
    const char *text;
    bool radius;
    enum wn_cause class;
};

static const struct row rows[] = {
    { "normal clearing", "NORMAL_CLEARING", false, WN_CAUSE_NORMAL },
    { "normal, unspecified", "NORMAL_UNSPECIFIED", false, WN_CAUSE_NORMAL },
    { "no cause", "NONE", false, WN_CAUSE_NORMAL },
    { "success", "SUCCESS", false, WN_CAUSE_NORMAL },
    { "a busy leg of a transfer", "USER_BUSY", false, WN_CAUSE_NORMAL },
    { "a rejected leg of a transfer", "CALL_REJECTED", false, WN_CAUSE_NORMAL },
    { "a cancelled leg", "ORIGINATOR_CANCEL", false, WN_CAUSE_NORMAL },
    { "a lost race", "LOSE_RACE", false, WN_CAUSE_NORMAL },
    { "a manager's request", "MANAGER_REQUEST", false, WN_CAUSE_NORMAL },
    { "a blind transfer", "BLIND_TRANSFER", false, WN_CAUSE_NORMAL },
    { "an attended transfer", "ATTENDED_TRANSFER", false, WN_CAUSE_NORMAL },
    { "the end of the allotted time", "ALLOTTED_TIMEOUT", false, WN_CAUSE_NORMAL },
    { "picked off", "PICKED_OFF", false, WN_CAUSE_NORMAL },
    { "bowed out", "BOWOUT", false, WN_CAUSE_NORMAL },
    { "no media", "MEDIA_TIMEOUT", false, WN_CAUSE_ABNORMAL },
    { "a crash", "CRASH", false, WN_CAUSE_ABNORMAL },
    { "a shutdown", "SYSTEM_SHUTDOWN", false, WN_CAUSE_ABNORMAL },
    { "a gateway that went down", "GATEWAY_DOWN", false, WN_CAUSE_ABNORMAL },
    { "a media encryption error", "SRTP_READ_ERROR", false, WN_CAUSE_ABNORMAL },
    { "recovery on a timer", "RECOVERY_ON_TIMER_EXPIRE", false, WN_CAUSE_ABNORMAL },
    { "interworking", "INTERWORKING", false, WN_CAUSE_ABNORMAL },
    { "an unallocated number", "UNALLOCATED_NUMBER", false, WN_CAUSE_ABNORMAL },
    { "the last of its own", "REJECT_ALL", false, WN_CAUSE_ABNORMAL },
    { "16", "16", false, WN_CAUSE_NORMAL },
    { "31", "31", false, WN_CAUSE_NORMAL },
    { "26, which has no name", "26", false, WN_CAUSE_NORMAL },
    { "46, which has no name", "46", false, WN_CAUSE_ABNORMAL },
    { "102", "102", false, WN_CAUSE_ABNORMAL },
    { "127", "127", false, WN_CAUSE_ABNORMAL },
    { "487", "487", false, WN_CAUSE_NORMAL },
    { "804", "804", false, WN_CAUSE_ABNORMAL },
    { "a number that nobody assigned", "33", false, WN_CAUSE_UNKNOWN },
    { "a name of tomorrow", "QUANTUM_LOSS", false, WN_CAUSE_UNKNOWN },
    { "a name in lower case", "normal_clearing", false, WN_CAUSE_UNKNOWN },
    { "nothing", "", false, WN_CAUSE_UNKNOWN },
    { "the user's request", "User-Request", true, WN_CAUSE_NORMAL },
    { "an idle session", "Idle-Timeout", true, WN_CAUSE_NORMAL },
    { "the end of a session's time", "Session-Timeout", true, WN_CAUSE_NORMAL },
    { "a callback", "Callback", true, WN_CAUSE_NORMAL },
    { "the host's request", "Host-Request", true, WN_CAUSE_NORMAL },
    { "a supplicant that restarted", "Supplicant-Restart", true, WN_CAUSE_NORMAL },
    { "a lost carrier", "Lost-Carrier", true, WN_CAUSE_ABNORMAL },
    { "a server that rebooted", "NAS-Reboot", true, WN_CAUSE_ABNORMAL },
    { "a disabled port", "Port-Administratively-Disabled", true, WN_CAUSE_ABNORMAL },
    { "no service", "Service-Unavailable", true, WN_CAUSE_FAILED },
    { "a user's error", "User-Error", true, WN_CAUSE_FAILED },
    { "no second authentication", "Reauthentication-Failure", true, WN_CAUSE_FAILED },
    { "RADIUS 1", "1", true, WN_CAUSE_NORMAL },
    { "RADIUS 2", "2", true, WN_CAUSE_ABNORMAL },
    { "RADIUS 15", "15", true, WN_CAUSE_FAILED },
    { "RADIUS 21", "21", true, WN_CAUSE_ABNORMAL },
    { "RADIUS 99", "99", true, WN_CAUSE_UNKNOWN },
    { "a switch's name to RADIUS", "NORMAL_CLEARING", true, WN_CAUSE_UNKNOWN },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_cause_told told = { .known = row->class == WN_CAUSE_UNKNOWN };
    struct wn_slice text = wn_slice_of(row->text);
    enum wn_cause class =
        row->radius ? wn_cause_radius(text, &told) : wn_cause_freeswitch(text, &told);

    assert_string_equal(wn_cause_name(class), wn_cause_name(row->class));
    assert_int_equal(told.known, row->class != WN_CAUSE_UNKNOWN);
}

struct cucm_row {
    const char *name;
    const char *text;
    enum wn_cause class;
    bool known;
};

static const struct cucm_row cucm_rows[] = {
    { "the side that did not clear", "0", WN_CAUSE_UNKNOWN, true },
    { "normal clearing", "16", WN_CAUSE_NORMAL, true },
    { "a busy leg of a transfer", "17", WN_CAUSE_NORMAL, true },
    { "a temporary failure", "41", WN_CAUSE_ABNORMAL, true },
    { "recovery on a timer", "102", WN_CAUSE_ABNORMAL, true },
    { "split, before release 5", "126", WN_CAUSE_NORMAL, true },
    { "interworking", "127", WN_CAUSE_ABNORMAL, true },
    { "dropped from a conference", "128", WN_CAUSE_NORMAL, true },
    { "the first of its own", "129", WN_CAUSE_ABNORMAL, true },
    { "split by a transfer or conference", "393216", WN_CAUSE_NORMAL, true },
    { "a status of SIP", "419430421", WN_CAUSE_ABNORMAL, true },
    { "a number that nobody assigned", "33", WN_CAUSE_UNKNOWN, false },
    { "a name", "NORMAL_CLEARING", WN_CAUSE_UNKNOWN, false },
    { "a sign", "-1", WN_CAUSE_UNKNOWN, false },
};

static void check_cucm(void **state)
{
    const struct cucm_row *row = *state;
    struct wn_cause_told told = { .known = !row->known };
    enum wn_cause class = wn_cause_cucm(wn_slice_of(row->text), &told);
    assert_string_equal(wn_cause_name(class), wn_cause_name(row->class));
    assert_int_equal(told.known, row->known);
}

static void finds_the_worse_of_two(void **state)
{
    (void)state;
    static const enum wn_cause order[] = { WN_CAUSE_NORMAL, WN_CAUSE_UNKNOWN, WN_CAUSE_FAILED,
                                           WN_CAUSE_ABNORMAL };
    for (size_t i = 0; i < WN_COUNT(order); i++) {
        for (size_t j = 0; j < WN_COUNT(order); j++) {
            assert_int_equal(wn_cause_worse(order[i], order[j]), order[i > j ? i : j]);
        }
    }
}

/** A scheme, and what is in each class, as numbers and ranges; all others up to 1000 are unknown.
 */
struct scheme_row {
    const char *name;
    wn_cause_read *read;
    const char *normal, *abnormal, *failed;
};

static const struct scheme_row scheme_rows[] = {
    { "Q.850", wn_cause_q850, "0 16-21 23 26 31",
      "1-9 14 22 24 25 27-30 34 38-47 49 50 52-55 57 58 62 63 65 66 69 70 79 81-88 90 91 95-103 "
      "110 "
      "111 127",
      "" },
    { "FreeSWITCH", wn_cause_freeswitch, "0 16-21 23 26 31 142 487 702 703 800-802 805 814",
      "1-9 14 22 24 25 27-30 34 38-47 49 50 52-55 57 58 62 63 65 66 69 70 79 81-88 90 91 95-103 "
      "110 "
      "111 127 700 701 803 804 806-813 815-825",
      "" },
    { "RADIUS", wn_cause_radius, "1 4 5 12 14 16 18 19", "2 3 6-11 13 21 22", "15 17 20" },
    { "CauseForTerm", wn_cause_cs, "0-2 5", "4", "3 52-54 58" },
    { "CauseForRecClosing", wn_cause_ps, "0 5 16-27", "4", "52-54 58" },
    { "SIP", wn_cause_sip, "200-299 401-403 407 480 486 487 600 603",
      "400 404-406 408 410 413-416 420 421 423 481-485 488 500-505 513 580 604 606", "" },
};

/** @return whether a number is in a list such as `1 16-18`. */
static bool is_in(const char *list, long number)
{
    while (*list) {
        char *end;
        long first = strtol(list, &end, 10);
        long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        if (number >= first && number <= last) {
            return true;
        }
        list = *end == ' ' ? end + 1 : end;
    }
    return false;
}

static void check_scheme(void **state)
{
    const struct scheme_row *row = *state;
    for (long number = 0; number <= 1000; number++) {
        char text[8];
        struct wn_cause_told told = { 0 };
        snprintf(text, sizeof(text), "%ld", number);
        enum wn_cause class = is_in(row->normal, number)     ? WN_CAUSE_NORMAL
                              : is_in(row->abnormal, number) ? WN_CAUSE_ABNORMAL
                              : is_in(row->failed, number)   ? WN_CAUSE_FAILED
                                                             : WN_CAUSE_UNKNOWN;
        enum wn_cause got = row->read(wn_slice_of(text), &told);
        if (got != class || told.known != (class != WN_CAUSE_UNKNOWN)) {
            fail_msg("%ld is %s, and not %s", number, wn_cause_name(got), wn_cause_name(class));
        }
    }
}

/** What attempts came to nothing by, as numbers and ranges; all others that are known up to 1000
 * are `network` (0, and what ends none, `unknown`). */
static const struct attempt_row {
    const char *name;
    wn_cause_read *read;
    const char *user, *number, *refused, *unknown;
} attempt_rows[] = {
    { "attempts of Q.850", wn_cause_q850, "16-21 23 26 31", "1 22 28", "29 50 52-57 87", "0" },
    { "attempts of FreeSWITCH", wn_cause_freeswitch,
      "16-21 23 26 31 487 702 805-807 812 815 816 819 825", "1 22 28 810 817",
      "29 50 52-57 87 803 818 820-824", "0" },
    { "attempts of Cisco", wn_cause_cucm, "16-21 23 26 31", "1 22 28", "29 50 52-57 87",
      "0 126 128" },
    { "attempts of SIP", wn_cause_sip, "401-403 407 480 486 487 600 603", "404 410 484 485 604", "",
      "200-299" },
    { "attempts of CauseForTerm", wn_cause_cs, "", "", "52-54 58", "0-5" },
    { "attempts of CauseForRecClosing", wn_cause_ps, "", "", "52-54 58", "0 4 5 16-27" },
    { "attempts of RADIUS", wn_cause_radius, "", "", "", "1-22" },
};

static void check_attempt(void **state)
{
    const struct attempt_row *row = *state;
    for (long number = 0; number <= 1000; number++) {
        char text[8];
        struct wn_cause_told told = { 0 };
        snprintf(text, sizeof(text), "%ld", number);
        (void)row->read(wn_slice_of(text), &told);
        enum wn_attempt attempt = !told.known || is_in(row->unknown, number) ? WN_ATTEMPT_UNKNOWN
                                  : is_in(row->user, number)                 ? WN_ATTEMPT_USER
                                  : is_in(row->number, number)               ? WN_ATTEMPT_NUMBER
                                  : is_in(row->refused, number)              ? WN_ATTEMPT_REFUSED
                                                                             : WN_ATTEMPT_NETWORK;
        if (told.attempt != attempt) {
            fail_msg("%ld is by %s, and not by %s", number, wn_attempt_name(told.attempt),
                     wn_attempt_name(attempt));
        }
    }
}

/** Texts that are no number. */
static void reads_statuses_of_sip_with_their_scheme(void **state)
{
    (void)state;
    struct wn_cause_told told;
    assert_int_equal(wn_cause_sip(wn_slice_of("sip:200"), &told), WN_CAUSE_NORMAL);
    assert_true(told.known);
    assert_int_equal(wn_cause_sip(wn_slice_of(" sip:503 "), &told), WN_CAUSE_ABNORMAL);
    assert_true(told.known);
    assert_int_equal(wn_cause_sip(wn_slice_of("OK"), &told), WN_CAUSE_UNKNOWN);
    assert_false(told.known);
    assert_int_equal(wn_cause_sip(wn_slice_of(""), &told), WN_CAUSE_UNKNOWN);
    assert_false(told.known);
    assert_int_equal(wn_cause_q850(wn_slice_of("NORMAL_CLEARING"), &told), WN_CAUSE_UNKNOWN);
    assert_false(told.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_statuses_of_sip_with_their_scheme),
        cmocka_unit_test(finds_the_worse_of_two),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, cucm_rows, check_cucm);
    WN_ADD_TABLE(&all, scheme_rows, check_scheme);
    WN_ADD_TABLE(&all, attempt_rows, check_attempt);
    WN_ADD_TESTS(&all, tests);
    return wn_run_tests("cause", &all);
}
