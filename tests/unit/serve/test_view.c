// SPDX-License-Identifier: Apache-2.0

/** What is written of a view: health, readiness, metrics and page, each over one fixture that a row
 * changes. */

#include "view.h"

#include <stdio.h>

#include "table.h"

enum {
    CLOCK = 1000000,  ///< [monotonic ms]
    NOW = 1795500000, ///< [UTC s]
    DAY = 86400,
};

static struct wn_status_input inputs[2];
static struct wn_status_partition partitions[2];
static struct wn_view_worker worker;

/** A worker that does well. */
static struct wn_view view_fixture(void)
{
    memset(inputs, 0, sizeof(inputs));
    (void)snprintf(inputs[0].topic, sizeof(inputs[0].topic), "raw.calls");
    (void)snprintf(inputs[0].source, sizeof(inputs[0].source), "freeswitch-json");
    (void)snprintf(inputs[1].topic, sizeof(inputs[1].topic), "raw.a\"b\\c<d>&");
    inputs[0].in = 1234567;
    inputs[0].passed = 1234000;
    inputs[0].duplicates = 500;
    inputs[0].filtered[WN_REASON_ATTEMPT] = 60;
    inputs[0].quarantined[WN_REASON_BAD_TIME] = 7;
    inputs[0].purposes[0].out = 1234000;
    inputs[0].purposes[1].no_consent = 1000000;
    inputs[0].purposes[1].withheld[WN_REASON_KEY_MISSING] = 3;
    inputs[0].receipts = 25;
    partitions[0] =
        (struct wn_status_partition){ .phase = WN_STATUS_RUNNING,
                                      .next = 900,
                                      .high = 1000,
                                      .stable = 990,
                                      .numbers = { .nodes = 2, .gaps = 3, .missing = 40 },
                                      .poison_share = 123,
                                      .poison_seen = 10000 };
    partitions[1] = partitions[0];
    partitions[1].partition = 1;
    worker = (struct wn_view_worker){
        .posted = true,
        .turned_ms = CLOCK - 10,
        .status = { .name = "winnow-ams-1-1",
                    .transaction = WN_TXN_OPEN,
                    .began_ms = CLOCK - 250,
                    .committed_ms = CLOCK - 1500,
                    .started_ms = (int64_t)(NOW - DAY) * 1000,
                    .assigned = true,
                    .commits = 77,
                    .aborts = { 2, 0, 1, 0, 0 },
                    .rate_milli = 5000999,
                    .helplines = { true, (int64_t)(NOW - 3 * DAY) * 1000, false },
                    .keys = { { "insight", (int64_t)(NOW + 20 * DAY) * 1000 } },
                    .n_keys = 1,
                    .n_purposes = 2,
                    .purposes = { "billing", "insight" },
                    .inputs = inputs,
                    .n_inputs = 1,
                    .partitions = partitions,
                    .n_partitions = 2 }
    };
    return (struct wn_view){ CLOCK, (int64_t)NOW * 1000, &worker, 1 };
}

static void as_it_is(void)
{
}

static void dies(void)
{
    worker.turned_ms = CLOCK - 60000;
}

static void nearly_dies(void)
{
    worker.turned_ms = CLOCK - 59999;
}

static void did_not_begin(void)
{
    worker.posted = false;
    memset(&worker.status, 0, sizeof(worker.status));
}

static void has_no_partitions(void)
{
    worker.status.assigned = false;
    worker.status.n_partitions = 0;
}

static void stands_by(void)
{
    worker.status.n_partitions = 0;
}

static void restores(void)
{
    partitions[1] = (struct wn_status_partition){ .partition = 1,
                                                  .phase = WN_STATUS_RESTORING,
                                                  .next = -1,
                                                  .high = -1,
                                                  .stable = -1,
                                                  .restored = 250,
                                                  .to_restore = 1000 };
}

static void is_paused(void)
{
    partitions[1].phase = WN_STATUS_PAUSED;
    partitions[1].reason = WN_REASON_POISON;
}

static void does_not_commit(void)
{
    worker.status.began_ms = CLOCK - 60000;
}

static void aborts(void)
{
    worker.status.aborts_in_a_row = 3;
}

static void aborted_twice(void)
{
    worker.status.aborts_in_a_row = 2;
}

static void brokers_are_silent(void)
{
    partitions[0].high = partitions[0].stable = -1;
    partitions[1] = partitions[0];
}

static void went_on_meanwhile(void)
{
    partitions[0].next = 1005;
}

static void has_a_strange_name(void)
{
    worker.status.n_inputs = 2;
    partitions[1].input = 1;
}

static void has_old_lists(void)
{
    worker.status.consent = (struct wn_status_list){ true, (int64_t)(NOW - DAY) * 1000, true };
    worker.status.helplines.too_old = true;
    worker.status.keys[0].until_ms = (int64_t)(NOW + 3 * DAY) * 1000;
}

typedef bool write_it(const struct wn_view *view, struct wn_buffer *ret_text);

static bool metrics(const struct wn_view *view, struct wn_buffer *ret_text)
{
    wn_view_metrics(view, ret_text);
    return true;
}

static bool page(const struct wn_view *view, struct wn_buffer *ret_text)
{
    wn_view_page(view, ret_text);
    return true;
}

struct row {
    const char *name;
    void (*change)(void);
    write_it *write;
    bool good;
    const char *has[5];
    const char *has_not[4];
};

static const struct row rows[] = {
    { "healthy: the loop turns", as_it_is, wn_view_health, true, { "ok\n" }, { NULL } },
    { "healthy: just before a minute", nearly_dies, wn_view_health, true, { "ok\n" }, { NULL } },
    { "not healthy: it did not turn for a minute",
      dies,
      wn_view_health,
      false,
      { "worker 1: its loop did not turn for 60 s\n" },
      { "ok" } },
    { "healthy while it waits for the brokers",
      did_not_begin,
      wn_view_health,
      true,
      { "ok\n" },
      { NULL } },
    { "ready", as_it_is, wn_view_readiness, true, { "ok\n" }, { NULL } },
    { "ready: what passes by itself",
      aborted_twice,
      wn_view_readiness,
      true,
      { "ok\n" },
      { NULL } },
    { "ready: a stand-by without partitions",
      stands_by,
      wn_view_readiness,
      true,
      { "ok\n" },
      { NULL } },
    { "not ready before it began",
      did_not_begin,
      wn_view_readiness,
      false,
      { "worker 1: it has not begun" },
      { "ok\n" } },
    { "not ready where it died", dies, wn_view_readiness, false, { "does not turn" }, { "ok" } },
    { "not ready before the group answered",
      has_no_partitions,
      wn_view_readiness,
      false,
      { "worker 1: the group has given it no partitions yet\n" },
      { NULL } },
    { "not ready while it restores",
      restores,
      wn_view_readiness,
      false,
      { "worker 1: raw.calls[1] is restoring\n" },
      { "raw.calls[0]" } },
    { "not ready with a paused partition",
      is_paused,
      wn_view_readiness,
      false,
      { "worker 1: raw.calls[1] is paused: poison\n" },
      { "raw.calls[0]" } },
    { "not ready where a transaction stays open",
      does_not_commit,
      wn_view_readiness,
      false,
      { "open for more than a minute" },
      { NULL } },
    { "not ready where it aborts again and again",
      aborts,
      wn_view_readiness,
      false,
      { "worker 1: 3 aborts, and no commit since\n" },
      { NULL } },

    { "metrics of the worker",
      as_it_is,
      metrics,
      true,
      { "winnow_alive{worker=\"1\"} 1\n", "winnow_transaction_age_seconds{worker=\"1\"} 0.250\n",
        "winnow_commit_age_seconds{worker=\"1\"} 1.500\n",
        "winnow_aborts_total{worker=\"1\",class=\"pauses\"} 1\n" },
      { "winnow_consent_age_seconds{" } },
    { "metrics of partitions",
      as_it_is,
      metrics,
      true,
      { "winnow_lag_offsets{worker=\"1\",topic=\"raw.calls\",partition=\"0\"} 100\n",
        "winnow_unstable_offsets{worker=\"1\",topic=\"raw.calls\",partition=\"1\"} 10\n",
        "winnow_poison_share_ratio{worker=\"1\",topic=\"raw.calls\",partition=\"0\"} 0.012\n",
        "winnow_sequence_missing{worker=\"1\",topic=\"raw.calls\",partition=\"0\"} 40\n",
        "winnow_partitions{worker=\"1\",state=\"running\"} 2\n" },
      { "winnow_partition_paused{", "winnow_restore_done_ratio{" } },
    { "metrics of records by reason, also those that are 0",
      as_it_is,
      metrics,
      true,
      { "winnow_verdicts_total{worker=\"1\",topic=\"raw.calls\",verdict=\"filtered\",reason="
        "\"attempt\"} "
        "60\n",
        "verdict=\"quarantined\",reason=\"bad-time\"} 7\n",
        "verdict=\"quarantined\",reason=\"json-syntax\"} 0\n",
        "purpose=\"insight\",fate=\"withheld\",reason=\"key-missing\"} 3\n" },
      { "verdict=\"filtered\",reason=\"bad-time\"" } },
    { "metrics: lists and keys",
      has_old_lists,
      metrics,
      true,
      { "winnow_helplines_age_seconds{worker=\"1\"} 259200\n",
        "winnow_consent_too_old{worker=\"1\"} 1\n",
        "winnow_keys_until_seconds{worker=\"1\",purpose=\"insight\"} 1795759200\n" },
      { NULL } },
    { "metrics: a paused partition by its reason",
      is_paused,
      metrics,
      true,
      { "winnow_partition_paused{worker=\"1\",topic=\"raw.calls\",partition=\"1\",reason="
        "\"poison\"} "
        "1\n" },
      { NULL } },
    { "metrics: a restore's progress",
      restores,
      metrics,
      true,
      { "winnow_restore_done_ratio{worker=\"1\",topic=\"raw.calls\",partition=\"1\"} 0.250\n" },
      { "winnow_next_offset{worker=\"1\",topic=\"raw.calls\",partition=\"1\"}" } },
    { "metrics: what the brokers do not say is absent",
      brokers_are_silent,
      metrics,
      true,
      { "winnow_next_offset{" },
      { "winnow_lag_offsets{", "winnow_unstable_offsets{" } },
    { "metrics: lag is never negative",
      went_on_meanwhile,
      metrics,
      true,
      { "winnow_lag_offsets{worker=\"1\",topic=\"raw.calls\",partition=\"0\"} 0\n" },
      { NULL } },
    { "metrics: a name is quoted",
      has_a_strange_name,
      metrics,
      true,
      { "topic=\"raw.a\\\"b\\\\c<d>&\",partition=\"1\"" },
      { NULL } },
    { "metrics before it began",
      did_not_begin,
      metrics,
      true,
      { "winnow_alive{worker=\"1\"} 1\n", "winnow_ready{worker=\"1\"} 0\n" },
      { "winnow_commits_total{", "winnow_info{" } },

    { "the page says that all is well",
      as_it_is,
      page,
      true,
      { "Ready: assigned and committing.", "raw.calls[1]", "1&#8239;234&#8239;000",
        "20 days left" },
      { "<script", "http://", "https://", "Not ready" } },
    { "the page says what is wrong, what it means and what to do",
      is_paused,
      page,
      true,
      { "Not ready:", "raw.calls[1] is paused: poison", "<td class=\"bad\">paused</td>",
        "winnow ctl" },
      { NULL } },
    { "the page shows a restore's progress",
      restores,
      page,
      true,
      { "25 % of its log is read" },
      { NULL } },
    { "the page says what it does not know",
      brokers_are_silent,
      page,
      true,
      { "not known" },
      { NULL } },
    { "the page says that keys end and lists age",
      has_old_lists,
      page,
      true,
      { "3 days left: winnow keys ensure", "too old to rely on" },
      { NULL } },
    { "the page escapes names",
      has_a_strange_name,
      page,
      true,
      { "raw.a&quot;b\\c&lt;d&gt;&amp;[1]" },
      { "raw.a\"b", "<d>" } },
    { "the page of a worker that did not begin",
      did_not_begin,
      page,
      true,
      { "a worker that has not begun" },
      { "Verdicts" } },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_buffer text = { 0 };
    const struct wn_view view = view_fixture();
    row->change();
    assert_int_equal(row->write(&view, &text), row->good);
    wn_buffer_add(&text, "", 1);
    for (size_t i = 0; i < WN_COUNT(row->has) && row->has[i]; i++) {
        if (!strstr((const char *)text.at, row->has[i])) {
            fail_msg("has not: %s", row->has[i]);
        }
    }
    for (size_t i = 0; i < WN_COUNT(row->has_not) && row->has_not[i]; i++) {
        if (strstr((const char *)text.at, row->has_not[i])) {
            fail_msg("has: %s", row->has_not[i]);
        }
    }
    wn_buffer_deinit(&text);
}

int main(void)
{
    return WN_RUN_TABLE("view", rows, check);
}
