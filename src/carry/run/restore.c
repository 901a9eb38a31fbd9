// SPDX-License-Identifier: Apache-2.0

/*
 * A restore, in this order:
 *
 *   1. the group's committed offset, stable: a pending transaction of a worker before us is
 *      waited for
 *   2. the uncommitted end of the state partition
 *   3. read the state log as read_committed until that end is reached: what was open is decided
 *      then
 *   4. compare (evidence.c); where head and offset differ, ask for the offset again: a member that
 *      was kicked without knowing reads an old one. If it moved, all over again.
 *
 * What is kept (state in memory from an earlier assignment, or runs on disk) saves reading what
 * lies before the head that it stands for. It is used only where exactly that head is still at its
 * offset in the log; else it is dropped and the log read from its beginning.
 */

#include "restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "step.h"
#include "winnow/hash.h"
#include "winnow/log.h"

enum {
    WAIT_MS = 200,
    CHECK_MS = 10000
};

/** One pass over the state log. */
struct pass {
    const struct wn_restore *restore;
    struct wn_inlet *inlet;
    int64_t low, end;     ///< Of the state partition: low watermark, uncommitted end.
    int64_t from;         ///< Where reading began.
    bool kept;            ///< The first message must be the head that is kept.
    bool any;             ///< A message was seen.
    struct wn_mark first; ///< Of the first message.
    int64_t first_offset;
    struct wn_buffer open; ///< Open receipt of the last head.
};

static bool stopped(const struct wn_restore *restore)
{
    return atomic_load(restore->stop) || !atomic_load(restore->wanted);
}

static enum wn_code stop_error(struct wn_error *err)
{
    return wn_fail(err, WN_RETRY, "broker-away", "the restore was stopped");
}

static void nap(void)
{
    const struct timespec pause = { 0, 200 * 1000000L };
    (void)nanosleep(&pause, NULL);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** Repeat a question until it is answered, or the restore stopped. @return whether to ask again. */
static bool ask_again(const struct wn_restore *restore, enum wn_code rc)
{
    if (rc != WN_RETRY || stopped(restore)) {
        return false;
    }
    nap();
    return true;
}

static enum wn_code ask_ends(const struct wn_restore *restore, const char *topic, int32_t partition,
                             int64_t ends[2], struct wn_error *err)
{
    enum wn_code rc;
    do {
        rc = wn_reader_ends(restore->uncommitted, topic, partition, &ends[0], &ends[1], err);
    } while (ask_again(restore, rc));
    return rc;
}

static enum wn_code ask_committed(const struct wn_restore *restore, const struct wn_inlet *inlet,
                                  int64_t *ret_offset, struct wn_error *err)
{
    struct wn_place place = { inlet->facts->names.topic, inlet->partition, WN_OFFSET_NONE };
    enum wn_code rc;
    do {
        rc = wn_reader_committed(restore->committed, &place, err);
    } while (ask_again(restore, rc));
    *ret_offset = place.offset;
    return rc;
}

// ---- State: kept, mapped or empty -------------------------------------------------------------

/** Have a state; one that is damaged on disk costs reading the log from its beginning. */
static enum wn_code have_state(struct wn_inlet *inlet, struct wn_error *err)
{
    if (inlet->state) {
        return WN_OK;
    }
    enum wn_code rc = wn_inlet_open_state(inlet, false, err);
    if (rc != WN_OK && strcmp(err->reason, "file-read") == 0) {
        wn_log(WN_LOG_WARNING, "runs-dropped", "partition=%s error=\"%s\"", inlet->name, err->text);
        rc = wn_inlet_open_state(inlet, true, err);
    }
    return rc;
}

// ---- The log ----------------------------------------------------------------------------------

static enum wn_code take_head(struct pass *pass, const struct wn_message *message,
                              const struct wn_mark *mark, struct wn_slice body,
                              struct wn_error *err)
{
    struct wn_inlet *inlet = pass->inlet;
    struct wn_slice open;
    enum wn_code rc = wn_head_read(body, &inlet->head, &open, err);
    if (rc == WN_OK) {
        inlet->has_head = true;
        inlet->head_ms = message->timestamp_ms;
        inlet->position = (struct wn_state_position){ message->offset, mark->sequence };
        pass->open.len = 0;
        wn_buffer_add(&pass->open, open.at, open.len);
    }
    return rc;
}

/** Take a message in. WN_RETRY: what is kept does not fit the log. */
static enum wn_code take_message(struct pass *pass, const struct wn_message *message,
                                 struct wn_error *err)
{
    struct wn_slice body = message->value;
    struct wn_mark mark;
    wn_step("in-restore");
    enum wn_code rc = wn_mark_read(&body, &mark, err);
    pass->inlet->n_read++;
    if (rc != WN_OK) {
        return wn_context(err, "%s[%d]@%lld", message->topic, (int)message->partition,
                          (long long)message->offset);
    }
    if (!pass->any) {
        pass->any = true;
        pass->first = mark;
        pass->first_offset = message->offset;
        const struct wn_state_position *kept = &pass->inlet->position;
        bool fits = mark.kind == WN_LOG_HEAD && message->offset == kept->offset &&
                    mark.sequence == kept->sequence;
        if (pass->kept && !fits) {
            return wn_fail(err, WN_RETRY, "state-lost", "what is kept does not fit the log");
        }
    }
    if (mark.kind == WN_LOG_HEAD) {
        return take_head(pass, message, &mark, body, err);
    }
    return wn_state_apply(pass->inlet->state, body, err);
}

/** What stands in the place of a message: it passes by itself, it is a right that is wanting
 * (WN_FATAL), or what was asked for is gone (WN_RETRY). */
static enum wn_code take_fault(const char *topic, const struct wn_message *message,
                               struct wn_error *err)
{
    if (!message->reason) {
        return WN_OK;
    }
    if (strcmp(message->reason, "rights") == 0) {
        return wn_fail(err, WN_FATAL, "rights", "%s: %s", topic, message->text);
    }
    return wn_fail(err, WN_RETRY, "state-lost", "%s: %s", topic, message->text);
}

/** Read from `from` until the uncommitted end is reached. WN_RETRY: stopped, or it does not fit. */
static enum wn_code read_log(struct pass *pass, struct wn_error *err)
{
    const struct wn_place place = { pass->inlet->facts->state_topic, pass->inlet->partition,
                                    pass->from };
    if (pass->from >= pass->end) {
        return WN_OK;
    }
    enum wn_code rc = wn_reader_start(pass->restore->committed, &place, err);
    int64_t at = pass->from;
    atomic_store(&pass->inlet->to_restore, pass->end - pass->from);
    while (rc == WN_OK && at < pass->end) {
        atomic_store(&pass->inlet->restored, at - pass->from);
        if (stopped(pass->restore)) {
            return stop_error(err);
        }
        struct wn_message message;
        wn_reader_next(pass->restore->committed, WAIT_MS, &message);
        switch (message.kind) {
        case WN_MESSAGE_RECORD:
            rc = take_message(pass, &message, err);
            at = message.offset + 1;
            break;
        case WN_MESSAGE_END:
            at = message.offset; // Below the end while a transaction before it is open.
            break;
        case WN_MESSAGE_FAULT:
            rc = take_fault(place.topic, &message, err);
            break;
        case WN_MESSAGE_NONE:
            break;
        }
    }
    return rc;
}

/** A state message that can't be read is a break, not the end of the process. */
static enum wn_code read_or_break(struct pass *pass, bool *ret_damaged, struct wn_error *err)
{
    enum wn_code rc = read_log(pass, err);
    *ret_damaged = rc == WN_FATAL && strcmp(err->reason, "state-lost") == 0;
    return rc;
}

/** Make the inlet's state what the log says: from what is kept where it fits, else from the
 * beginning. */
static enum wn_code take_log(struct pass *pass, bool *ret_damaged, struct wn_error *err)
{
    struct wn_inlet *inlet = pass->inlet;
    enum wn_code rc = have_state(inlet, err);
    if (rc != WN_OK) {
        return rc;
    }
    wn_state_abort(inlet->state);
    inlet->has_head = false;
    inlet->n_read = 0;
    *ret_damaged = false;
    pass->kept = inlet->position.offset >= pass->low && inlet->position.offset < pass->end;
    if (pass->kept) {
        pass->from = inlet->position.offset;
        rc = read_or_break(pass, ret_damaged, err);
        bool fits = rc == WN_OK && pass->any;
        inlet->kept = fits;
        if (fits || stopped(pass->restore) || (rc == WN_FATAL && !*ret_damaged)) {
            return rc;
        }
        wn_log(WN_LOG_INFO, "state-read-anew", "partition=%s", inlet->name);
    }
    rc = wn_inlet_open_state(inlet, true, err);
    if (rc == WN_OK) {
        inlet->position = (struct wn_state_position){ -1, -1 };
        inlet->has_head = false;
        pass->open.len = 0;
        pass->kept = false;
        inlet->kept = false;
        pass->any = false;
        pass->from = pass->low;
        rc = read_or_break(pass, ret_damaged, err);
    }
    return rc;
}

/** @return whether the log still begins with, or before, what the head needs. */
static bool begins(const struct pass *pass)
{
    const struct wn_head *head = &pass->inlet->head;
    if (pass->kept || !pass->inlet->has_head || head->n_days == 0) {
        return true;
    }
    int64_t needed = head->days[0].sequence;
    return pass->any && (pass->first.sequence < needed ||
                         (pass->first.sequence == needed && pass->first.part == 0));
}

// ---- Receipts: only where there is no head ----------------------------------------------------

/** The last receipt of the partition. */
struct last_receipt {
    bool there;
    uint64_t number;
    char sha256[WN_SHA256_HEX];
    int64_t upto; ///< Offset behind what it accounts for.
};

static void note_receipt(const struct wn_inlet *inlet, const struct wn_message *message,
                         struct last_receipt *last)
{
    char key[300];
    (void)snprintf(key, sizeof(key), "%s:%d", inlet->facts->names.topic, (int)inlet->partition);
    if (!wn_slice_is(message->key, key)) {
        return;
    }
    const struct wn_policy *policy = inlet->facts->names.policy;
    struct wn_arena arena = { 0 };
    struct wn_receipt receipt;
    struct wn_error err;
    if (wn_receipt_read(message->value, policy->purposes, policy->n_purposes, &arena, &receipt,
                        &err) == WN_OK) {
        uint8_t digest[WN_SHA256_BYTES];
        wn_sha256_of(message->value.at, message->value.len, digest);
        wn_hex(digest, sizeof(digest), last->sha256);
        last->there = true;
        last->number = receipt.number;
        if (receipt.n_inputs > 0 &&
            !receipt.inputs[0].is_one) { // A replay took up what lies before.
            last->upto = receipt.inputs[0].last_offset + 1;
        }
        struct wn_tally *tally; // Ours, says its header.
        memcpy(&tally, &receipt.tally, sizeof(struct wn_tally *));
        (void)wn_tally_close(tally);
    }
    wn_arena_deinit(&arena);
}

static enum wn_code find_receipt(const struct wn_restore *restore, const struct wn_inlet *inlet,
                                 struct last_receipt *ret_last, struct wn_error *err)
{
    *ret_last = (struct last_receipt){ .there = false };
    struct wn_place place = { inlet->facts->receipts_topic,
                              inlet->partition % inlet->facts->receipt_partitions, 0 };
    int64_t ends[2] = { 0, 0 };
    enum wn_code rc = ask_ends(restore, place.topic, place.partition, ends, err);
    if (rc != WN_OK || ends[0] >= ends[1]) {
        return rc;
    }
    place.offset = ends[0];
    rc = wn_reader_start(restore->committed, &place, err);
    for (int64_t at = ends[0]; rc == WN_OK && at < ends[1];) {
        struct wn_message message;
        wn_reader_next(restore->committed, WAIT_MS, &message);
        if (message.kind == WN_MESSAGE_RECORD) {
            note_receipt(inlet, &message, ret_last);
            at = message.offset + 1;
        } else if (message.kind == WN_MESSAGE_END) {
            at = message.offset;
        } else if (message.kind == WN_MESSAGE_FAULT &&
                   take_fault(place.topic, &message, err) == WN_FATAL) {
            return WN_FATAL;
        }
        if (stopped(restore)) {
            return stop_error(err);
        }
    }
    return rc;
}

// ---- The decision -----------------------------------------------------------------------------

static enum wn_code check_last(const struct wn_restore *restore, const struct wn_inlet *inlet,
                               struct wn_evidence *evidence, struct wn_error *err)
{
    const struct wn_last *last = &inlet->head.last;
    evidence->other_incarnation = false;
    if (!inlet->has_head || last->offset < evidence->low) {
        return WN_OK; // There was none yet, or it was trimmed since.
    }
    if (last->offset >= evidence->high) {
        evidence->other_incarnation = true;
        return WN_OK;
    }
    struct wn_witness check = { .place = { inlet->facts->names.topic, inlet->partition,
                                           last->offset },
                                .timestamp_ms = last->timestamp_ms,
                                .crc = last->crc };
    enum wn_code rc;
    do {
        rc = wn_reader_check(restore->uncommitted, &check, 1, CHECK_MS, err);
    } while (ask_again(restore, rc));
    evidence->other_incarnation = check.result != WN_CHECK_SAME;
    return rc;
}

static enum wn_code gather(const struct pass *pass, struct wn_evidence *evidence,
                           struct last_receipt *ret_last, struct wn_error *err)
{
    const struct wn_inlet *inlet = pass->inlet;
    evidence->has_head = inlet->has_head;
    evidence->head_next = inlet->has_head ? inlet->head.next_offset : WN_OFFSET_NONE;
    evidence->begins = begins(pass);
    evidence->state_low = pass->low;
    *ret_last = (struct last_receipt){ .there = false };
    int64_t ends[2] = { 0, 0 };
    enum wn_code rc =
        ask_ends(pass->restore, inlet->facts->names.topic, inlet->partition, ends, err);
    evidence->low = ends[0];
    evidence->high = ends[1];
    if (rc == WN_OK) {
        rc = check_last(pass->restore, inlet, evidence, err);
    }
    if (rc == WN_OK && !inlet->has_head) {
        rc = find_receipt(pass->restore, inlet, ret_last, err);
        evidence->has_receipt = ret_last->there;
    }
    return rc;
}

static void pause_inlet(struct wn_inlet *inlet, bool is_break, const char *reason, const char *text)
{
    inlet->is_break = is_break;
    (void)wn_fail(&inlet->why, WN_ABORT, reason, "%s: %s", inlet->name, text);
}

/** What no acceptance mends: the log is another one's, or was made under other rules. */
static bool is_foreign(struct wn_inlet *inlet)
{
    const struct wn_head *head = &inlet->head;
    if (!inlet->has_head) {
        return false;
    }
    if (strcmp(head->group, inlet->facts->settings->group) != 0) {
        pause_inlet(inlet, false, "config", "the state log was written by another group");
    } else if (memcmp(head->rule_id, inlet->facts->names.source->rule_id, sizeof(head->rule_id)) !=
               0) {
        pause_inlet(inlet, false, "rule-changed",
                    "the source's duplicate key is not the one that the state was made with; use "
                    "the source as it was, or a new group on a new input topic");
    } else if (head->partitions != (uint32_t)inlet->facts->partitions) {
        pause_inlet(inlet, false, "partition-added",
                    "the topic had another number of partitions when the state was begun");
    } else {
        return false;
    }
    return true;
}

static void describe(struct wn_inlet *inlet, enum wn_finding finding,
                     const struct wn_evidence *evidence)
{
    char text[400];
    (void)snprintf(text, sizeof(text),
                   "committed offset %lld, head's next offset %lld, input from %lld to %lld, state "
                   "log from %lld%s%s; look why, then: winnow ctl accept-break REASON",
                   (long long)evidence->committed, (long long)evidence->head_next,
                   (long long)evidence->low, (long long)evidence->high,
                   (long long)evidence->state_low,
                   evidence->begins ? "" : ", whose beginning is gone",
                   evidence->other_incarnation ? ", the last record is not what it was" : "");
    pause_inlet(inlet, true, wn_finding_reason(finding), text);
}

/** A log without a head: the chain goes on behind the last receipt, and the sequence begins where
 * none was. */
static void begin_log(struct wn_inlet *inlet, const struct pass *pass,
                      const struct last_receipt *last, bool genesis)
{
    const struct wn_input_facts *facts = inlet->facts;
    struct wn_head *head = &inlet->head;
    memset(head, 0, sizeof(*head));
    (void)snprintf(head->group, sizeof(head->group), "%.249s", facts->settings->group);
    head->partitions = (uint32_t)facts->partitions;
    memcpy(head->rule_id, facts->names.source->rule_id, sizeof(head->rule_id));
    head->sequence = genesis ? 0 : now_ms();
    head->last.offset = -1;
    inlet->log_end = pass->end;
    wn_chain_follow(&inlet->chain, last->there ? last->number : 0, last->there ? last->sha256 : "");
}

static void set_due(struct wn_inlet *inlet, const char *kind, const char *reason,
                    const char *refers)
{
    struct wn_due *due = &inlet->due;
    due->due = true;
    (void)snprintf(due->kind, sizeof(due->kind), "%s", kind);
    (void)snprintf(due->reason, sizeof(due->reason), "%s", reason);
    (void)snprintf(due->refers, sizeof(due->refers), "%s", refers);
    due->last_offset = inlet->next - 1;
}

/** Take the chain over from the head, or begin one. */
static enum wn_code take_chain(struct wn_inlet *inlet, const struct pass *pass,
                               const struct last_receipt *last, bool genesis, struct wn_error *err)
{
    if (!inlet->has_head) {
        begin_log(inlet, pass, last, genesis);
        return WN_OK;
    }
    inlet->log_end = inlet->position.offset + 1;
    return wn_chain_load(&inlet->chain, &inlet->head, wn_buffer_slice(&pass->open), err);
}

/** Go on at `inlet->next`; an accepted break or a gap at the genesis is receipted first. */
static enum wn_code go_on(struct wn_inlet *inlet, const struct pass *pass, enum wn_finding finding,
                          const struct last_receipt *last, struct wn_error *err)
{
    bool genesis = finding == WN_FINDING_GENESIS;
    enum wn_code rc = take_chain(inlet, pass, last, genesis, err);
    if (rc != WN_OK) {
        return rc;
    }
    inlet->due = (struct wn_due){ .due = false };
    inlet->close_at_once = finding != WN_FINDING_GO;
    if (genesis && inlet->next > 0) {
        set_due(inlet, "genesis", "input-trimmed", "input-trimmed");
        inlet->due.first_offset = 0;
    }
    if (wn_finding_reason(finding)) {
        set_due(inlet, "break", inlet->accept, wn_finding_reason(finding));
        const struct wn_account *now = &inlet->chain.now;
        inlet->due.first_offset = now->open && now->tally->in == 0 ? now->first_offset
                                  : inlet->has_head                ? inlet->head.next_offset
                                                                   : last->upto;
        if (finding == WN_FINDING_INPUT_RECREATED || pass->inlet->head.last.offset >= inlet->next) {
            inlet->head.last.offset = -1; // Of a record that is no longer before us.
        }
        if (!begins(pass)) {
            inlet->head.n_days = 0; // What the break lost is not asked for again.
        }
    }
    inlet->accept[0] = '\0';
    return WN_OK;
}

static enum wn_code decide(struct wn_inlet *inlet, const struct pass *pass,
                           const struct wn_evidence *evidence, const struct last_receipt *last,
                           struct wn_error *err)
{
    enum wn_finding finding = wn_restore_find(evidence);
    inlet->why = (struct wn_error){ .code = WN_OK };
    if (is_foreign(inlet)) {
        return WN_OK;
    }
    if (wn_finding_reason(finding) && !inlet->accept[0]) {
        describe(inlet, finding, evidence);
        return WN_OK;
    }
    inlet->next = finding == WN_FINDING_GO ? evidence->head_next : wn_restore_start(evidence);
    return go_on(inlet, pass, finding, last, err);
}

/** A pass. @param ret_again  The offset moved meanwhile: all over again. */
static enum wn_code restore_once(struct pass *pass, bool *ret_again, struct wn_error *err)
{
    struct wn_inlet *inlet = pass->inlet;
    struct wn_evidence evidence = { .committed = WN_OFFSET_NONE };
    struct last_receipt last;
    int64_t ends[2] = { 0, 0 };
    bool damaged = false;
    enum wn_code rc = ask_committed(pass->restore, inlet, &evidence.committed, err);
    if (rc == WN_OK) {
        rc = ask_ends(pass->restore, inlet->facts->state_topic, inlet->partition, ends, err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    pass->low = ends[0];
    pass->end = ends[1];
    rc = take_log(pass, &damaged, err);
    if (damaged) {
        pause_inlet(inlet, false, "state-lost", err->text);
        return WN_OK;
    }
    if (rc == WN_RETRY && !stopped(pass->restore)) {
        *ret_again = true;
        return WN_OK;
    }
    rc = rc == WN_OK ? gather(pass, &evidence, &last, err) : rc;
    int64_t committed = evidence.committed;
    if (rc == WN_OK && committed != evidence.head_next) {
        rc = ask_committed(pass->restore, inlet, &committed, err);
    }
    if (rc != WN_OK) {
        return rc;
    }
    *ret_again = committed != evidence.committed;
    return *ret_again ? WN_OK : decide(inlet, pass, &evidence, &last, err);
}

enum wn_code wn_restore(const struct wn_restore *restore, struct wn_inlet *inlet,
                        struct wn_error *err)
{
    enum wn_code rc = WN_OK;
    bool again = true;
    while (rc == WN_OK && again) {
        struct pass pass = { .restore = restore, .inlet = inlet };
        again = false;
        if (stopped(restore)) {
            return stop_error(err);
        }
        rc = restore_once(&pass, &again, err);
        wn_buffer_deinit(&pass.open);
        if (again) {
            nap();
        }
    }
    return rc;
}
