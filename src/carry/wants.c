// SPDX-License-Identifier: Apache-2.0

#include "winnow/wants.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DAY_MS = 24 * 3600 * 1000,
    HOUR_MS = 3600 * 1000,
    BATCH_OVERHEAD = 12, ///< Offset and length before a batch in the log.
};

/** Numbers that rest on the settings. */
enum measure {
    FIXED,
    WINDOW_MS,      ///< The window of duplicates, in whole days.
    MESSAGE,        ///< The largest batch that our producer sends [octets].
    TRANSACTION_MS, ///< Our transaction.timeout.ms.
    SESSION_MS,     ///< Our session.timeout.ms.
};

#define USAGE (WN_ROLE_BILLING | WN_ROLE_OTHER)
#define OURS (USAGE | WN_ROLE_QUARANTINE | WN_ROLE_RECEIPTS | WN_ROLE_KEYS | WN_ROLE_STATE)
#define WEEK (7LL * DAY_MS)
#define FORTNIGHT (14LL * DAY_MS)

static const struct wn_want wants[] = {
    // ---- What a topic keeps
    { WN_ROLE_INPUT | USAGE | WN_ROLE_QUARANTINE | WN_ROLE_RECEIPTS | WN_ROLE_STATE, WN_RULE_IS,
      "cleanup.policy", "delete", 0, FIXED, true, true,
      "compaction would delete all records of a key but the last one" },
    { WN_ROLE_KEYS, WN_RULE_IS, "cleanup.policy", "compact", 0, FIXED, true, true,
      "an entry of the register that is deleted is a key whose destruction is forgotten" },
    { WN_ROLE_INPUT, WN_RULE_LEAST, "retention.ms", NULL, FORTNIGHT, FIXED, true, false,
      "what is refused is read again from here for as long as the quarantine keeps it; and a run "
      "that was stopped for longer has lost records" },
    { WN_ROLE_INPUT, WN_RULE_MOST, "retention.ms", NULL, FORTNIGHT, FIXED, false, false,
      "raw records are the largest store of personal data, and are kept no longer than needed" },
    { USAGE, WN_RULE_LEAST, "retention.ms", NULL, WEEK, FIXED, true, false,
      "a reader that was stopped for longer has lost records" },
    { USAGE, WN_RULE_MOST, "retention.ms", NULL, WEEK, FIXED, false, false,
      "topics are transport; what is kept for longer is kept where the policy's retention and "
      "customers' rights are applied" },
    { WN_ROLE_QUARANTINE, WN_RULE_LEAST, "retention.ms", NULL, FORTNIGHT, FIXED, true, true,
      "refused records would be gone before anybody has mended their source" },
    { WN_ROLE_QUARANTINE, WN_RULE_MOST, "retention.ms", NULL, FORTNIGHT, FIXED, false, false,
      "refused records are raw records, sealed, and are kept no longer than needed" },
    { WN_ROLE_RECEIPTS, WN_RULE_IS, "retention.ms", "-1", 0, FIXED, true, true,
      "receipts prove what was done, and their chain is audited from its beginning" },
    { WN_ROLE_STATE, WN_RULE_LEAST, "retention.ms", NULL, WEEK, WINDOW_MS, true, true,
      "duplicates of records whose entries are gone would be billed twice" },
    { WN_ROLE_INPUT | USAGE, WN_RULE_IS, "retention.bytes", "-1", 0, FIXED, true, false,
      "a limit of size deletes records that nobody has read yet" },
    { WN_ROLE_QUARANTINE | WN_ROLE_RECEIPTS | WN_ROLE_STATE, WN_RULE_IS, "retention.bytes", "-1", 0,
      FIXED, true, true, "a limit of size deletes what is still needed" },
    { WN_ROLE_STATE, WN_RULE_MOST, "segment.ms", NULL, DAY_MS, FIXED, true, false,
      "a segment is deleted as a whole, so what is out of the window stays for as long" },

    // ---- What a topic takes
    { OURS, WN_RULE_LEAST, "max.message.bytes", NULL, BATCH_OVERHEAD, MESSAGE, true, true,
      "larger batches are refused, and their partition pauses" },
    { WN_ROLE_OTHER, WN_RULE_IS, "message.timestamp.type", "CreateTime", 0, FIXED, true, true,
      "the broker's own clock would show to the millisecond which records of billing lie beside "
      "which of this purpose" },
    { WN_ROLE_BILLING | WN_ROLE_QUARANTINE, WN_RULE_IS, "message.timestamp.type", "CreateTime", 0,
      FIXED, true, false, "stamps would be the broker's, not those of the run" },
    { WN_ROLE_OTHER, WN_RULE_LEAST, "message.timestamp.before.max.ms", NULL, 2LL * HOUR_MS, FIXED,
      false, true, "stamps are floored to the hour, and would be refused as too old" },
    { WN_ROLE_OTHER, WN_RULE_LEAST, "message.timestamp.difference.max.ms", NULL, 2LL * HOUR_MS,
      FIXED, false, true, "stamps are floored to the hour, and would be refused as too old" },
    { OURS | WN_ROLE_INPUT, WN_RULE_IS, "unclean.leader.election.enable", "false", 0, FIXED, false,
      true, "a replica that lags behind could lead, and committed records would be gone" },

    // ---- The brokers
    { WN_ROLE_BROKER, WN_RULE_LEAST, "transaction.max.timeout.ms", NULL, 0, TRANSACTION_MS, false,
      true, "a transaction.timeout.ms over it is refused, and nothing runs" },
    { WN_ROLE_BROKER, WN_RULE_LEAST, "transactional.id.expiration.ms", NULL, WEEK, FIXED, false,
      false, "a worker that was stopped for longer is forgotten, and one that stalled not fenced" },
    { WN_ROLE_BROKER, WN_RULE_IS, "unclean.leader.election.enable", "false", 0, FIXED, false, true,
      "offsets and transactions that were committed could be undone" },
    { WN_ROLE_BROKER, WN_RULE_LEAST, "offsets.retention.minutes", NULL, WEEK / 60000, FIXED, false,
      false,
      "the offsets of a group that was stopped for longer are dropped: its partitions pause "
      "at a break until somebody accepts it" },
    { WN_ROLE_BROKER, WN_RULE_LEAST, "group.max.session.timeout.ms", NULL, 0, SESSION_MS, false,
      true, "a session.timeout.ms over it is refused, and nothing runs" },
    { WN_ROLE_BROKER, WN_RULE_MOST, "group.min.session.timeout.ms", NULL, 0, SESSION_MS, false,
      true, "a session.timeout.ms under it is refused, and nothing runs" },
};

// ---- Which topics ------------------------------------------------------------------------------

static void add(struct wn_topics_plan *plan, const char *name, enum wn_role role, unsigned input)
{
    for (unsigned i = 0; i < plan->n; i++) {
        if (strcmp(plan->list[i].name, name) == 0) {
            return;
        }
    }
    if (plan->n < WN_PLANNED) {
        struct wn_planned *planned = &plan->list[plan->n++];
        *planned = (struct wn_planned){ .role = role, .input = input };
        (void)snprintf(planned->name, sizeof(planned->name), "%s", name);
    }
}

void wn_topics_plan(const struct wn_settings *settings, const struct wn_policy *policy,
                    struct wn_topics_plan *ret_plan)
{
    ret_plan->n = 0;
    for (unsigned i = 0; i < policy->n_types; i++) {
        for (unsigned j = 0; j < policy->types[i].n_purposes; j++) {
            const struct wn_purpose *purpose = &policy->types[i].purposes[j];
            const bool billing = strcmp(purpose->name, "billing") == 0;
            add(ret_plan, purpose->topic, billing ? WN_ROLE_BILLING : WN_ROLE_OTHER, 0);
        }
    }
    add(ret_plan, WN_QUARANTINE_TOPIC, WN_ROLE_QUARANTINE, 0);
    add(ret_plan, WN_RECEIPTS_TOPIC, WN_ROLE_RECEIPTS, 0);
    add(ret_plan, WN_KEYS_TOPIC, WN_ROLE_KEYS, 0);
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        char state[WN_TOPIC_NAME];
        const char *topic = settings->inputs[i].topic;
        if (topic && wn_state_topic(settings->group, topic, state)) {
            add(ret_plan, topic, WN_ROLE_INPUT, i);
            add(ret_plan, state, WN_ROLE_STATE, i);
        }
    }
}

bool wn_role_reads(enum wn_role role)
{
    return ((unsigned)role & (WN_ROLE_INPUT | WN_ROLE_STATE | WN_ROLE_RECEIPTS | WN_ROLE_KEYS)) !=
           0;
}

bool wn_role_writes(enum wn_role role)
{
    return ((unsigned)role & OURS) != 0;
}

bool wn_transactional_id(const struct wn_settings *settings, unsigned i,
                         char ret_id[WN_TRANSACTIONAL_ID])
{
    if (i < settings->workers) {
        (void)snprintf(ret_id, WN_TRANSACTIONAL_ID, WN_WORKER_NAME, settings->group,
                       settings->instance, i + 1);
    } else {
        (void)snprintf(ret_id, WN_TRANSACTIONAL_ID, WN_KEYS_NAME, settings->group);
    }
    return i <= settings->workers;
}

// ---- What of them ------------------------------------------------------------------------------

const struct wn_want *wn_want_of(enum wn_role role, unsigned i)
{
    for (size_t at = 0; at < WN_COUNT(wants); at++) {
        if ((wants[at].roles & (unsigned)role) && i-- == 0) {
            return &wants[at];
        }
    }
    return NULL;
}

/** @return what the operator set a property to, else our default. */
static int64_t property(const struct wn_settings *settings, const struct wn_properties *own,
                        const char *name, int64_t ours)
{
    const struct wn_properties *const lists[] = { &settings->kafka, own };
    for (size_t i = 0; i < WN_COUNT(lists); i++) {
        for (unsigned j = 0; j < lists[i]->n; j++) {
            uint64_t number;
            if (strcmp(lists[i]->list[j].name, name) == 0 &&
                wn_slice_number(wn_slice_of(lists[i]->list[j].value), &number)) {
                ours = (int64_t)number;
            }
        }
    }
    return ours;
}

static int64_t measured(enum measure measure, const struct wn_settings *settings)
{
    switch (measure) {
    case FIXED:
        break;
    case WINDOW_MS: // Lateness and a day.
        return ((settings->limits.lateness_ms + DAY_MS - 1) / DAY_MS + 1) * DAY_MS;
    case MESSAGE:
        return property(settings, &settings->producer, "message.max.bytes", 1048576);
    case TRANSACTION_MS:
        return property(settings, &settings->producer, "transaction.timeout.ms", 15000);
    case SESSION_MS:
        return property(settings, &settings->consumer, "session.timeout.ms", 15000);
    }
    return 0;
}

static int64_t number_of(const struct wn_want *want, const struct wn_settings *settings)
{
    return want->number + measured((enum measure)want->measure, settings);
}

void wn_want_value(const struct wn_want *want, const struct wn_settings *settings,
                   char ret_value[32])
{
    if (want->rule == WN_RULE_IS) {
        (void)snprintf(ret_value, 32, "%s", want->text);
    } else {
        (void)snprintf(ret_value, 32, "%" PRId64, number_of(want, settings));
    }
}

bool wn_want_holds(const struct wn_want *want, const struct wn_settings *settings,
                   const char *found)
{
    if (want->rule == WN_RULE_IS) {
        return strcmp(found, want->text) == 0;
    }
    char *end;
    errno = 0;
    const int64_t number = strtoll(found, &end, 10);
    if (end == found || *end || errno) {
        return false;
    }
    const bool unlimited = number < 0;
    const int64_t wanted = number_of(want, settings);
    return want->rule == WN_RULE_LEAST ? unlimited || number >= wanted
                                       : !unlimited && number <= wanted;
}
