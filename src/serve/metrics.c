// SPDX-License-Identifier: Apache-2.0

/*
 * One table of metrics: /metrics, docs/metrics.md and the tests of contrib/ come from it.
 *
 * A label is of a bounded set: workers, topics and partitions of the configuration, purposes of the
 * policy, reasons and classes of the code. Numbers are kept in thousandths, so that seconds and
 * shares need no floating point.
 */

#include <inttypes.h>
#include <stdio.h>

#include "view.h"
#include "winnow/http.h"

/** A number, where there is one [thousandths]. */
struct number {
    bool there;
    int64_t milli;
};

typedef struct number of_worker(const struct wn_view *view, const struct wn_view_worker *worker);
typedef struct number of_partition(const struct wn_status_partition *partition);
typedef void write_all(const struct wn_status *status, const char *name, struct wn_buffer *out);

/** A metric; one of the three functions gives its samples. */
struct metric {
    const char *name;
    const char *type;
    const char *labels;  ///< For the manual.
    const char *meaning; ///< One sentence: the HELP line.
    const char *alarm;   ///< What to alarm on.
    of_worker *worker;
    of_partition *partition;
    write_all *write;
};

static struct number some(int64_t milli)
{
    return (struct number){ true, milli };
}

static struct number whole(int64_t number)
{
    return some(number * 1000);
}

static const struct number none = { false, 0 };

// ---- Samples of a worker
// --------------------------------------------------------------------------

static struct number up(const struct wn_view *view, const struct wn_view_worker *worker)
{
    return whole(wn_view_is_alive(view, worker));
}

static struct number ready(const struct wn_view *view, const struct wn_view_worker *worker)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer why = { 0 };
    return whole(wn_view_is_ready(view, worker, &why));
}

static struct number turn_age(const struct wn_view *view, const struct wn_view_worker *worker)
{
    return some(view->clock_ms - worker->turned_ms);
}

static struct number start_time(const struct wn_view *view, const struct wn_view_worker *worker)
{
    (void)view;
    return worker->posted ? some(worker->status.started_ms) : none;
}

static struct number commits(const struct wn_view *view, const struct wn_view_worker *worker)
{
    (void)view;
    return worker->posted ? whole((int64_t)worker->status.commits) : none;
}

static struct number transaction_age(const struct wn_view *view,
                                     const struct wn_view_worker *worker)
{
    const int64_t began = worker->status.began_ms;
    return worker->posted ? some(began != 0 ? view->clock_ms - began : 0) : none;
}

static struct number commit_age(const struct wn_view *view, const struct wn_view_worker *worker)
{
    const int64_t committed = worker->status.committed_ms;
    return committed != 0 ? some(view->clock_ms - committed) : none;
}

static struct number age_of(const struct wn_view *view, const struct wn_status_list *list)
{
    return list->there && list->changed_ms != 0 ? some(view->now_ms - list->changed_ms) : none;
}

static struct number helplines_age(const struct wn_view *view, const struct wn_view_worker *worker)
{
    return age_of(view, &worker->status.helplines);
}

static struct number helplines_old(const struct wn_view *view, const struct wn_view_worker *worker)
{
    (void)view;
    const struct wn_status_list *list = &worker->status.helplines;
    return list->there ? whole(list->too_old) : none;
}

static struct number consent_age(const struct wn_view *view, const struct wn_view_worker *worker)
{
    return age_of(view, &worker->status.consent);
}

static struct number consent_old(const struct wn_view *view, const struct wn_view_worker *worker)
{
    (void)view;
    const struct wn_status_list *list = &worker->status.consent;
    return list->there ? whole(list->too_old) : none;
}

// ---- Samples of a partition
// -----------------------------------------------------------------------

static struct number next_offset(const struct wn_status_partition *partition)
{
    return partition->next >= 0 ? whole(partition->next) : none;
}

static struct number lag(const struct wn_status_partition *partition)
{
    if (partition->next < 0 || partition->high < 0) {
        return none;
    }
    const int64_t behind = partition->high - partition->next;
    return whole(behind > 0 ? behind : 0); // It may have gone on since the brokers were asked.
}

static struct number unstable(const struct wn_status_partition *partition)
{
    return partition->high >= 0 && partition->stable >= 0
               ? whole(partition->high - partition->stable)
               : none;
}

static struct number restore_done(const struct wn_status_partition *partition)
{
    if (partition->phase != WN_STATUS_RESTORING) {
        return none;
    }
    return some(partition->to_restore > 0 ? partition->restored * 1000 / partition->to_restore : 0);
}

static struct number sequence_gaps(const struct wn_status_partition *partition)
{
    return partition->numbers.nodes > 0 ? whole((int64_t)partition->numbers.gaps) : none;
}

static struct number sequence_missing(const struct wn_status_partition *partition)
{
    return partition->numbers.nodes > 0 ? whole((int64_t)partition->numbers.missing) : none;
}

static struct number sequence_resets(const struct wn_status_partition *partition)
{
    return partition->numbers.nodes > 0 ? whole((int64_t)partition->numbers.resets) : none;
}

static struct number poison_share(const struct wn_status_partition *partition)
{
    return partition->poison_seen > 0 ? some(partition->poison_share / 10) : none;
}

static struct number poison_excused(const struct wn_status_partition *partition)
{
    return whole(partition->excused);
}

// ---- Samples of several labels
// --------------------------------------------------------------------

/** Append a label's value, quoted as the format wants it. */
static void write_label(struct wn_buffer *out, const char *name, const char *value)
{
    wn_buffer_format(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') {
            wn_buffer_text(out, "\\");
        }
        wn_buffer_add(out, value, 1);
    }
    wn_buffer_text(out, "\"");
}

static void write_info(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    wn_buffer_format(out, "%s{version=\"%s\",", name, WINNOW_VERSION);
    write_label(out, "name", status->name);
    wn_buffer_text(out, "} 1\n");
}

static void write_aborts(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < WN_STATUS_ABORTS; i++) {
        wn_buffer_format(out, "%s{class=\"%s\"} %" PRIu64 "\n", name,
                         wn_status_abort_name((enum wn_status_abort)i), status->aborts[i]);
    }
}

static void write_phases(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned phase = 0; phase < WN_STATUS_PHASES; phase++) {
        unsigned n = 0;
        for (size_t i = 0; i < status->n_partitions; i++) {
            n += status->partitions[i].phase == (enum wn_status_phase)phase;
        }
        wn_buffer_format(out, "%s{state=\"%s\"} %u\n", name,
                         wn_status_phase_name((enum wn_status_phase)phase), n);
    }
}

static void write_paused(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (size_t i = 0; i < status->n_partitions; i++) {
        const struct wn_status_partition *partition = &status->partitions[i];
        if (partition->phase == WN_STATUS_PAUSED) {
            wn_buffer_format(out, "%s{", name);
            write_label(out, "topic", status->inputs[partition->input].topic);
            wn_buffer_format(out, ",partition=\"%d\",reason=\"%s\"} 1\n", (int)partition->partition,
                             wn_reason_info(partition->reason)->id);
        }
    }
}

static void write_keys(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_keys; i++) {
        wn_buffer_format(out, "%s{", name);
        write_label(out, "purpose", status->keys[i].purpose);
        wn_buffer_format(out, "} %lld\n", (long long)(status->keys[i].until_ms / 1000));
    }
}

/** Append one sample of an input: `more` are its further labels, with a comma before. */
static void write_input(const struct wn_status_input *input, const char *name, const char *more,
                        uint64_t number, struct wn_buffer *out)
{
    wn_buffer_format(out, "%s{", name);
    write_label(out, "topic", input->topic);
    wn_buffer_format(out, "%s} %" PRIu64 "\n", more, number);
}

static void write_in(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        write_input(&status->inputs[i], name, "", status->inputs[i].in, out);
    }
}

static void write_receipts(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        write_input(&status->inputs[i], name, "", status->inputs[i].receipts, out);
    }
}

static void write_refused(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        write_input(&status->inputs[i], name, "", status->inputs[i].refused, out);
    }
}

/** Append a sample for each reason of a fate: also those that are 0, so that a rate has a start. */
static void write_reasons(const struct wn_status_input *input, const char *name, const char *labels,
                          enum wn_fate fate, const uint64_t numbers[WN_REASONS],
                          struct wn_buffer *out)
{
    for (unsigned i = 1; i < WN_REASONS; i++) {
        const struct wn_reason_info *info = wn_reason_info((enum wn_reason)i);
        if (info->fate == fate) {
            WN_CLEANUP(wn_buffer_deinit) struct wn_buffer more = { 0 };
            wn_buffer_format(&more, "%s,reason=\"%s\"", labels, info->id);
            wn_buffer_add(&more, "", 1);
            write_input(input, name, (const char *)more.at, numbers[i], out);
        }
    }
}

static void write_verdicts(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        const struct wn_status_input *input = &status->inputs[i];
        write_input(input, name, ",verdict=\"passed\",reason=\"\"", input->passed, out);
        write_input(input, name, ",verdict=\"duplicate\",reason=\"\"", input->duplicates, out);
        write_input(input, name, ",verdict=\"superseded\",reason=\"\"", input->superseded, out);
        write_reasons(input, name, ",verdict=\"filtered\"", WN_FATE_FILTER, input->filtered, out);
        write_reasons(input, name, ",verdict=\"quarantined\"", WN_FATE_QUARANTINE,
                      input->quarantined, out);
    }
}

static void write_purposes(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        const struct wn_status_input *input = &status->inputs[i];
        for (unsigned j = 0; j < status->n_purposes; j++) {
            static const char *const fates[] = { "out", "no-consent" };
            const struct wn_tally_purpose *purpose = &input->purposes[j];
            const uint64_t numbers[] = { purpose->out, purpose->no_consent };
            WN_CLEANUP(wn_buffer_deinit) struct wn_buffer label = { 0 };
            wn_buffer_text(&label, ",");
            write_label(&label, "purpose", status->purposes[j]);
            for (size_t k = 0; k < WN_COUNT(fates); k++) {
                WN_CLEANUP(wn_buffer_deinit) struct wn_buffer more = { 0 };
                wn_buffer_format(&more, "%.*s,fate=\"%s\",reason=\"\"", (int)label.len,
                                 (const char *)label.at, fates[k]);
                wn_buffer_add(&more, "", 1);
                write_input(input, name, (const char *)more.at, numbers[k], out);
            }
            wn_buffer_text(&label, ",fate=\"withheld\"");
            wn_buffer_add(&label, "", 1);
            write_reasons(input, name, (const char *)label.at, WN_FATE_WITHHOLD, purpose->withheld,
                          out);
        }
    }
}

/** Append a sample for each group, also those that are 0. */
static void write_attempts(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        for (unsigned j = 0; j < WN_ATTEMPTS; j++) {
            char label[32];
            snprintf(label, sizeof(label), ",by=\"%s\"", wn_attempt_name((enum wn_attempt)j));
            write_input(&status->inputs[i], name, label, status->inputs[i].attempts[j], out);
        }
    }
}

static void write_masked(const struct wn_status *status, const char *name, struct wn_buffer *out)
{
    for (unsigned i = 0; i < status->n_inputs; i++) {
        uint64_t n = 0;
        for (unsigned j = 0; j < WN_REASONS; j++) {
            n += status->inputs[i].masked[j];
        }
        write_input(&status->inputs[i], name, "", n, out);
    }
}

// ---- The table
// ------------------------------------------------------------------------------------

#define GAUGE "gauge"
#define COUNTER "counter"
#define NOT_BY_ITSELF "Not by itself."

static const struct metric metrics[] = {
    { "winnow_info", GAUGE, "version, name", "Version and name of each worker, always 1.",
      NOT_BY_ITSELF, NULL, NULL, write_info },
    { "winnow_alive", GAUGE, "",
      "1 where the worker's loop turned in the last minute, as /healthz.",
      "0 for a minute, or absent.", up, NULL, NULL },
    { "winnow_ready", GAUGE, "", "1 where it is assigned and committing, as /readyz.",
      "0 for five minutes.", ready, NULL, NULL },
    { "winnow_turn_age_seconds", GAUGE, "", "Seconds since the worker's loop turned last.",
      "Over 60.", turn_age, NULL, NULL },
    { "winnow_start_time_seconds", GAUGE, "", "When the worker began, in seconds since 1970.",
      "It changes often: the process restarts.", start_time, NULL, NULL },
    { "winnow_commits_total", COUNTER, "", "Transactions that were committed.", NOT_BY_ITSELF,
      commits, NULL, NULL },
    { "winnow_aborts_total", COUNTER, "class",
      "Transactions that were aborted, by class: abortable passes by itself; same-again would be "
      "refused again; pauses: a partition waits for a person; fenced; fatal: a new producer.",
      "Any fenced; more than a few of the others in ten minutes.", NULL, NULL, write_aborts },
    { "winnow_transaction_age_seconds", GAUGE, "",
      "Seconds that the open transaction is open; 0: none is.", "Over 10: readers wait for it.",
      transaction_age, NULL, NULL },
    { "winnow_commit_age_seconds", GAUGE, "",
      "Seconds since the last commit; absent before the "
      "first.",
      "Over 60 while there is lag.", commit_age, NULL, NULL },
    { "winnow_partitions", GAUGE, "state", "Input partitions of this worker by state.",
      "Any paused; restoring for longer than its progress explains.", NULL, NULL, write_phases },
    { "winnow_partition_paused", GAUGE, "topic, partition, reason",
      "1 for each partition that waits for a person; the reason is a heading of docs/runbook.md.",
      "Any: nothing of it is billed until somebody acts.", NULL, NULL, write_paused },
    { "winnow_next_offset", GAUGE, "topic, partition", "Offset of the next record.", NOT_BY_ITSELF,
      NULL, next_offset, NULL },
    { "winnow_lag_offsets", GAUGE, "topic, partition",
      "Offsets between the next record and the high watermark; absent where the brokers do not "
      "answer.",
      "It grows for ten minutes, or is absent.", NULL, lag, NULL },
    { "winnow_unstable_offsets", GAUGE, "topic, partition",
      "Offsets between the last stable offset and the high watermark: a writer's transaction is "
      "open, and nothing behind it can be read.",
      "Over 0 for five minutes: look for a writer that hangs.", NULL, unstable, NULL },
    { "winnow_restore_done_ratio", GAUGE, "topic, partition",
      "Share of the state log that is read, from 0 to 1, while a partition is restored.",
      "It stands still.", NULL, restore_done, NULL },
    { "winnow_poison_share_ratio", GAUGE, "topic, partition",
      "Share, from 0 to 1, of the last records that one reason refuses; the poison guard pauses "
      "over limits: {poison: {share}}.",
      "Over half of the limit: the source goes wrong.", NULL, poison_share, NULL },
    { "winnow_sequence_gaps", GAUGE, "topic, partition",
      "Open gaps in the numbering of nodes, as this partition has it (a source's `gaps:`); with "
      "one "
      "partition, or affinity: node, these are lost or late records.",
      "It does not come down: `winnow audit` names node and numbers.", NULL, sequence_gaps, NULL },
    { "winnow_sequence_missing", GAUGE, "topic, partition", "Numbers in these gaps.",
      "Not by itself.", NULL, sequence_missing, NULL },
    { "winnow_sequence_resets", GAUGE, "topic, partition",
      "How often a node's counter was set anew, of those that are remembered.",
      "It grows often: a node restarts.", NULL, sequence_resets, NULL },
    { "winnow_poison_excused", GAUGE, "topic, partition",
      "1 while a reason passes the poison guard because a person said so.",
      "1 for a day: the source should have been mended.", NULL, poison_excused, NULL },
    { "winnow_records_total", COUNTER, "topic",
      "Records of committed transactions; replayed ones count again.",
      "0 in an hour in which the "
      "switch writes.",
      NULL, NULL, write_in },
    { "winnow_verdicts_total", COUNTER, "topic, verdict, reason",
      "What became of them: passed, duplicate, superseded, filtered or quarantined, by reason.",
      "More than 1 % quarantined.", NULL, NULL, write_verdicts },
    { "winnow_attempts_total", COUNTER, "topic, by",
      "Of those filtered as attempt, what they came to nothing by: user, number, refused, network "
      "or unknown.",
      "A growing share of network: calls fail.", NULL, NULL, write_attempts },
    { "winnow_usage_records_total", COUNTER, "topic, purpose, fate, reason",
      "What each purpose got of the records that passed: out, no-consent, or withheld by reason.",
      "Any withheld: records of that purpose are missing.", NULL, NULL, write_purposes },
    { "winnow_masked_records_total", COUNTER, "topic",
      "Records whose numbers went on as their class only: helplines.", NOT_BY_ITSELF, NULL, NULL,
      write_masked },
    { "winnow_receipts_total", COUNTER, "topic", "Receipts that were signed and committed.",
      "0 in ten minutes with records.", NULL, NULL, write_receipts },
    { "winnow_source_refused", GAUGE, "topic",
      "1 where the source's file was changed for the worse, and the old one stays.", "1.", NULL,
      NULL, write_refused },
    { "winnow_helplines_age_seconds", GAUGE, "", "Age of the list of helplines that acts.",
      "Near lists: {helplines: {limit}}.", helplines_age, NULL, NULL },
    { "winnow_helplines_too_old", GAUGE, "",
      "1 where the list is older than its limit: all numbers are masked.", "1.", helplines_old,
      NULL, NULL },
    { "winnow_consent_age_seconds", GAUGE, "",
      "Age of the consent file that counts; absent without one.", "Older than it is written.",
      consent_age, NULL, NULL },
    { "winnow_consent_too_old", GAUGE, "",
      "1 where it may not be relied upon: what needs consent is withheld.", "1.", consent_old, NULL,
      NULL },
    { "winnow_keys_until_seconds", GAUGE, "purpose",
      "End of the last month in a row that has a key, in seconds since 1970: then the purpose is "
      "withheld.",
      "Less than 14 days ahead: run winnow keys ensure.", NULL, NULL, write_keys },
};

static void write_number(struct wn_buffer *out, int64_t milli)
{
    const long long rest = milli % 1000 < 0 ? -(milli % 1000) : milli % 1000;
    wn_buffer_format(out, "%s%lld", milli < 0 && milli > -1000 ? "-" : "",
                     (long long)(milli / 1000));
    if (rest != 0) {
        wn_buffer_format(out, ".%03lld", rest);
    }
    wn_buffer_text(out, "\n");
}

/** Add the label of the worker to each sample that was written from `from` on. */
static void add_worker(struct wn_buffer *out, size_t from, unsigned worker)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer old = { 0 };
    wn_buffer_add(&old, out->at + from, out->len - from);
    out->len = from;
    struct wn_slice rest = wn_buffer_slice(&old);
    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        const size_t line = end ? (size_t)(end - rest.at) + 1 : rest.len;
        const char *brace = memchr(rest.at, '{', line);
        const char *space = memchr(rest.at, ' ', line);
        const size_t name = (size_t)((brace ? brace : space) - rest.at);
        wn_buffer_add(out, rest.at, name);
        wn_buffer_format(out, "{worker=\"%u\"%s", worker, brace ? "," : "}");
        const size_t skip = name + (brace ? 1 : 0);
        wn_buffer_add(out, rest.at + skip, line - skip);
        rest = wn_slice_after(rest, line);
    }
}

static void write_partitions(const struct wn_status *status, const struct metric *metric,
                             struct wn_buffer *out)
{
    for (size_t i = 0; i < status->n_partitions; i++) {
        const struct wn_status_partition *partition = &status->partitions[i];
        const struct number number = metric->partition(partition);
        if (number.there) {
            wn_buffer_format(out, "%s{", metric->name);
            write_label(out, "topic", status->inputs[partition->input].topic);
            wn_buffer_format(out, ",partition=\"%d\"} ", (int)partition->partition);
            write_number(out, number.milli);
        }
    }
}

static void write_samples(const struct wn_view *view, const struct wn_view_worker *worker,
                          const struct metric *metric, struct wn_buffer *out)
{
    if (metric->worker) {
        const struct number number = metric->worker(view, worker);
        if (number.there) {
            wn_buffer_format(out, "%s ", metric->name);
            write_number(out, number.milli);
        }
    } else if (worker->posted && metric->partition) {
        write_partitions(&worker->status, metric, out);
    } else if (worker->posted) {
        metric->write(&worker->status, metric->name, out);
    }
}

void wn_view_metrics(const struct wn_view *view, struct wn_buffer *ret_text)
{
    for (size_t i = 0; i < WN_COUNT(metrics); i++) {
        const struct metric *metric = &metrics[i];
        wn_buffer_format(ret_text, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->meaning,
                         metric->name, metric->type);
        for (unsigned j = 0; j < view->n_workers; j++) {
            const size_t from = ret_text->len;
            write_samples(view, &view->workers[j], metric, ret_text);
            add_worker(ret_text, from, j + 1);
        }
    }
}

void wn_http_metrics_manual(struct wn_buffer *ret_text)
{
    wn_buffer_text(
        ret_text,
        "# Metrics\n\n"
        "Generated from the code's own table by `winnow help --metrics`; do not edit.\n\n"
        "`winnow run` serves them at `/metrics` of `http: {listen: 127.0.0.1:9464}`. A "
        "name ends in "
        "its unit; what has none\n"
        "is a number, or 1 for yes. Each has the label `worker`; no label and no number "
        "comes from a "
        "value of a record.\n"
        "Counters are of committed transactions since the start of the process. What a reason "
        "means "
        "and what to do is in\n"
        "`docs/runbook.md`; `contrib/prometheus` has the alarms as rules, `contrib/grafana` a "
        "dashboard.\n\n"
        "| metric | type | labels | meaning | alarm on |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < WN_COUNT(metrics); i++) {
        const struct metric *metric = &metrics[i];
        wn_buffer_format(ret_text, "| `%s` | %s | %s | %s | %s |\n", metric->name, metric->type,
                         metric->labels[0] ? metric->labels : "–", metric->meaning, metric->alarm);
    }
    wn_buffer_text(ret_text, "\n## Health\n\n"
                             "`/healthz` is 200 where the loop of each worker turned in the last "
                             "minute, else 503: restart "
                             "the process.\n"
                             "`/readyz` is 200 where each worker is assigned and committing: the "
                             "group has answered, all "
                             "its partitions run\n"
                             "(none is restored or paused), its transaction is open for less than "
                             "a minute, and there were not "
                             "three aborts\n"
                             "without a commit since; else 503, and a line says each thing that is "
                             "lacking. `/` is a page for "
                             "people.\n");
}
