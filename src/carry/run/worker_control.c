// SPDX-License-Identifier: Apache-2.0

/*
 * Orders that came by the control socket; crew_orders.c says what they look like, and sends them to
 * the workers that have partitions which they are about.
 */

#include <stdio.h>
#include <string.h>

#include "winnow/log.h"
#include "worker_impl.h"

static const char *phase_name(const struct wn_inlet *inlet)
{
    if (!inlet->owned) {
        return "away";
    }
    switch (inlet->phase) {
    case WN_PHASE_AWAY:
        return "away";
    case WN_PHASE_RESTORING:
        return "restoring";
    case WN_PHASE_RUNNING:
        return "running";
    case WN_PHASE_PAUSED:
        break;
    }
    return "paused";
}

static void say_status(const struct wn_worker *worker, struct wn_buffer *ret_reply)
{
    wn_buffer_format(ret_reply, "%s transaction=%s\n", worker->name,
                     wn_txn_name(wn_producer_state(worker->producer)));
    for (size_t i = 0; i < worker->n_awaited; i++) {
        const struct wn_awaited *awaited = &worker->awaited[i];
        wn_buffer_format(ret_reply, "%s[%d] waiting worker=%u\n", awaited->work->facts.names.topic,
                         (int)awaited->partition, worker->mate->number);
    }
    for (size_t i = 0; i < worker->n_inlets; i++) {
        const struct wn_inlet *inlet = worker->inlets[i];
        wn_buffer_format(ret_reply, "%s %s worker=%u", inlet->name, phase_name(inlet),
                         worker->mate->number);
        if (inlet->phase != WN_PHASE_RESTORING) {
            wn_buffer_format(ret_reply, " next=%lld receipts=%llu", (long long)inlet->next,
                             (unsigned long long)inlet->chain.now.closed);
        }
        if (inlet->phase == WN_PHASE_PAUSED) {
            wn_buffer_format(ret_reply, " reason=%s break=%s text=\"%s\"", inlet->why.reason,
                             inlet->is_break ? "yes" : "no", inlet->why.text);
        }
        wn_buffer_text(ret_reply, "\n");
    }
}

static bool is_target(const struct wn_inlet *inlet, const char *target)
{
    char name[300];
    (void)snprintf(name, sizeof(name), "%s:%d", inlet->facts->names.topic, (int)inlet->partition);
    return target[0] == '\0' || strcmp(target, "*") == 0 || strcmp(target, name) == 0;
}

static bool may_go_on(const struct wn_inlet *inlet, const char *target, bool breaks)
{
    return inlet->owned && inlet->phase == WN_PHASE_PAUSED && inlet->is_break == breaks &&
           is_target(inlet, target);
}

static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (*text < 0x20 || *text > 0x7e) {
            return false;
        }
    }
    return true;
}

static size_t count_waiting(const struct wn_worker *worker, const char *target, bool breaks)
{
    size_t n = 0;
    for (size_t i = 0; i < worker->n_inlets; i++) {
        n += may_go_on(worker->inlets[i], target, breaks);
    }
    return n;
}

/** Give every paused partition that is meant back to the restorer. */
static void go_on(struct wn_worker *worker, const char *target, const char *reason,
                  struct wn_buffer *ret_reply)
{
    if (count_waiting(worker, target, reason != NULL) == 0) {
        wn_buffer_format(ret_reply, "no partition %s waits for that; see: winnow ctl status\n",
                         target);
        return;
    }
    wn_buffer_text(ret_reply, "ok\n");
    for (size_t i = 0; i < worker->n_inlets; i++) {
        struct wn_inlet *inlet = worker->inlets[i];
        if (!may_go_on(inlet, target, reason != NULL)) {
            continue;
        }
        (void)snprintf(inlet->accept, sizeof(inlet->accept), "%s", reason ? reason : "");
        inlet->refusals = 0;
        inlet->by_hand = false;
        if (wn_worker_is_poisoned(inlet)) { // A person says so: until its share has come down.
            wn_poison_excuse(&inlet->poison, inlet->tripped);
            inlet->poison_kept = inlet->poison;
        }
        inlet->assignment = worker->assignment;
        wn_log(WN_LOG_WARNING, reason ? "break-accepted" : "resumed", "partition=%s", inlet->name);
        wn_restorer_give(worker->restorer, inlet);
        wn_buffer_format(ret_reply, "%s goes on\n", inlet->name);
    }
}

/** @return whether a reason may stand in a receipt and in the log; else that is answered. */
static bool is_reason(const char *text, struct wn_buffer *ret_reply)
{
    const bool good = text[0] != '\0' && strlen(text) <= 200 && is_printable(text);
    if (!good) {
        wn_buffer_text(ret_reply,
                       "no: a reason of 1 to 200 printable ASCII characters is expected: "
                       "it stands in the log, that of a break in a signed receipt\n");
    }
    return good;
}

/** @return the one partition of ours that is meant, or NULL. */
static struct wn_inlet *find_one(const struct wn_worker *worker, const char *target)
{
    for (size_t i = 0; i < worker->n_inlets && target[0] != '\0'; i++) {
        if (worker->inlets[i]->owned && is_target(worker->inlets[i], target)) {
            return worker->inlets[i];
        }
    }
    return NULL;
}

/** Pause a partition by hand: what is in the transaction of it is finished first. */
static void hold(struct wn_worker *worker, const char *target, const char *reason,
                 struct wn_buffer *ret_reply)
{
    struct wn_inlet *inlet = find_one(worker, target);
    if (!inlet || inlet->phase != WN_PHASE_RUNNING) {
        wn_buffer_format(ret_reply, "no: %s is not running here; see: winnow ctl status\n", target);
        return;
    }
    if (wn_worker_finish(worker, false, &worker->asked) != WN_OK) {
        wn_buffer_format(ret_reply, "no: %s\n", worker->asked.text);
        return;
    }
    worker->asked.code = WN_OK;
    (void)wn_fail(&inlet->hand, WN_ABORT, "by-hand", "%s", reason);
    inlet->by_hand = true;
    wn_worker_pause(worker, inlet, &inlet->hand, false);
    wn_buffer_format(ret_reply, "ok\n%s is paused\n", inlet->name);
}

/** @return how many of our partitions an order is about. */
static size_t count(const struct wn_worker *worker, char fields[3][512])
{
    if (strcmp(fields[0], "resume") == 0 || strcmp(fields[0], "accept-break") == 0) {
        return count_waiting(worker, fields[1], fields[0][0] == 'a');
    }
    const bool about_one = strcmp(fields[0], "pause") == 0 || strcmp(fields[0], "replay") == 0;
    return about_one && strcmp(fields[1], "*") != 0 && find_one(worker, fields[1]) ? 1 : 0;
}

static void execute(struct wn_worker *worker, const char *line, char fields[3][512],
                    struct wn_buffer *ret_reply)
{
    if (strcmp(fields[0], "replay") == 0) {
        worker->asked.code = wn_worker_replay(worker, line, ret_reply, &worker->asked);
    } else if (strcmp(fields[0], "status") == 0) {
        say_status(worker, ret_reply);
    } else if (strcmp(fields[0], "resume") == 0) {
        go_on(worker, fields[1], NULL, ret_reply);
    } else if (strcmp(fields[0], "accept-break") == 0) {
        if (is_reason(fields[2], ret_reply)) {
            go_on(worker, fields[1], fields[2], ret_reply);
        }
    } else if (strcmp(fields[0], "pause") == 0) {
        if (is_reason(fields[2], ret_reply)) {
            hold(worker, fields[1], fields[2], ret_reply);
        }
    } else {
        wn_buffer_text(ret_reply, "no: status, accept-break, pause, resume and replay are known\n");
    }
}

size_t wn_worker_order(void *context, enum wn_order order, const char *line,
                       struct wn_buffer *ret_reply)
{
    struct wn_worker *worker = context;
    char fields[3][512] = { "", "", "" };
    const char *rest = line;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strcspn(rest, "\t");
        (void)snprintf(fields[i], sizeof(fields[i]), "%.*s", (int)(len < 500 ? len : 500), rest);
        rest += len;
        if (*rest == '\0') {
            break;
        }
        rest++;
    }
    if (order == WN_ORDER_DO) {
        execute(worker, line, fields, ret_reply);
    }
    return order == WN_ORDER_COUNT ? count(worker, fields) : 0;
}
