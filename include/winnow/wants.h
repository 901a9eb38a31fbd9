// SPDX-License-Identifier: Apache-2.0

/**
 * What `run` wants of its topics and brokers: one table. `topics create` makes topics by it, and
 * `check --connect` compares what is there with it, so that what the one makes is what the other
 * expects.
 *
 * To add a wish, add a row to the table in wants.c. Settings are named as Apache Kafka names them
 * ("Topic configs" and "Broker configs" of its documentation). Pure: no broker is asked here.
 */

#ifndef WINNOW_WANTS_H
#define WINNOW_WANTS_H

#include "winnow/policy.h"
#include "winnow/settings.h"
#include "winnow/worker.h"

/** What a topic is for; bits, for a wish may be for several. */
enum wn_role {
    WN_ROLE_INPUT = 1,
    WN_ROLE_BILLING = 2, ///< Usage records of billing.
    WN_ROLE_OTHER = 4,   ///< Usage records of another purpose.
    WN_ROLE_QUARANTINE = 8,
    WN_ROLE_RECEIPTS = 16,
    WN_ROLE_KEYS = 32,
    WN_ROLE_STATE = 64,
    WN_ROLE_BROKER = 128, ///< No topic: every broker.
};

enum wn_rule {
    WN_RULE_IS,    ///< This text.
    WN_RULE_LEAST, ///< This number or more; -1, Kafka's "unlimited", is more.
    WN_RULE_MOST,  ///< This number or less; -1 is more.
};

/** One wish. */
struct wn_want {
    unsigned roles; ///< enum wn_role, or-ed.
    enum wn_rule rule;
    const char *setting; ///< "retention.ms".
    const char *text;    ///< IS.
    int64_t number;      ///< LEAST, MOST; where `measure` is set, added to it.
    unsigned measure;    ///< What of the settings the number rests on: see wants.c; 0: nothing.
    bool made;       ///< `topics create` sets it: older brokers refuse names that they don't know.
    bool fault;      ///< Records would be lost, doubled or seen, or nothing would run; else it is
                     ///< a warning.
    const char *why; ///< One clause: what goes wrong otherwise.
};

/** A topic that `run` needs. */
struct wn_planned {
    char name[WN_TOPIC_NAME];
    enum wn_role role;
    unsigned input; ///< Index into the settings' inputs: of INPUT and STATE.
};

enum {
    WN_PLANNED = WN_TYPES * WN_PURPOSES + 3 + 2 * 64,
    WN_OUTPUT_PARTITIONS = 12, ///< Of an output, at most and unless said: a commit takes 12 ms; of
                               ///< 144, 95 ms.
};

/** All of them: outputs, quarantine, receipts, keys, and an input and its state for each input. */
struct wn_topics_plan {
    struct wn_planned list[WN_PLANNED];
    unsigned n;
};

/** List what `run` needs, each name once; inputs whose state's name would be too long are left out
 * (check says so). */
void wn_topics_plan(const struct wn_settings *settings, const struct wn_policy *policy,
                    struct wn_topics_plan *ret_plan);

/** @return whether `run` reads the topics of a role. */
bool wn_role_reads(enum wn_role role);

/** @return whether `run` writes the topics of a role. */
bool wn_role_writes(enum wn_role role);

enum {
    WN_TRANSACTIONAL_ID = 512
};

/**
 * Write the i-th transactional.id that `run` uses: each worker's, then the register's.
 *
 * @return false behind the last one.
 */
WN_NODISCARD
bool wn_transactional_id(const struct wn_settings *settings, unsigned i,
                         char ret_id[WN_TRANSACTIONAL_ID]);

/** @return the i-th wish of a role, or NULL behind the last one. */
const struct wn_want *wn_want_of(enum wn_role role, unsigned i);

/**
 * Write what is wanted as the value that a setting takes: "604800000", "delete".
 *
 * @param settings  What some numbers rest on: the lateness window, timeouts, message sizes.
 */
void wn_want_value(const struct wn_want *want, const struct wn_settings *settings,
                   char ret_value[32]);

/** @return whether a value that was found is as wanted; a number that is none is not. */
bool wn_want_holds(const struct wn_want *want, const struct wn_settings *settings,
                   const char *found);

#endif
