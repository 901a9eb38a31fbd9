// SPDX-License-Identifier: Apache-2.0

/*
 * The status page: what is wrong stands first, then the partitions, then what became of the
 * records. One HTML document: no script, no image, no font, nothing from elsewhere; it asks for
 * itself again every ten seconds. A state is told by a word, and the colour only repeats it.
 */

#include <inttypes.h>

#include "view.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    OPEN_WARN_MS = 10 * SECOND_MS,
    KEY_WARN_DAYS = 14,
};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
    "<meta http-equiv=\"refresh\" content=\"10\"><title>winnow</title><style>\n"
    ":root{color-scheme:light "
    "dark;--line:#d5d9df;--soft:#5a6472;--bad:#b3261e;--good:#1b6e3c;--bg:#f6f7f9}"
    "@media(prefers-color-scheme:dark){:root{--line:#3a424d;--soft:#a3adba;--bad:#ff8a80;--good:#"
    "7fd6a0;--bg:#1d2126}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem}"
    "h1{font-size:1.3rem;margin:0}h2{font-size:1rem;margin:1.6rem 0 .4rem}"
    "p{margin:.3rem "
    "0}.soft{color:var(--soft)}.bad{color:var(--bad);font-weight:600}.good{color:var(--good);font-"
    "weight:600}\n"
    ".tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:.9rem 0;padding:0;list-style:none}"
    ".tiles li{background:var(--bg);border:1px solid var(--line);border-radius:6px;flex:1 1 "
    "9rem;padding:.5rem .8rem}"
    ".tiles b{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}\n"
    "div.t{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid var(--line);padding:.25rem "
    ".6rem;text-align:left;vertical-align:top}"
    "th{color:var(--soft);font-weight:500}td.n,th.n{text-align:right;font-variant-numeric:tabular-"
    "nums;white-space:nowrap}"
    "code{font-size:.92em}\n</style></head><body>\n";

/** Append a text as HTML. */
static void write_text(struct wn_buffer *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            wn_buffer_text(out, "&lt;");
            break;
        case '>':
            wn_buffer_text(out, "&gt;");
            break;
        case '&':
            wn_buffer_text(out, "&amp;");
            break;
        case '"':
            wn_buffer_text(out, "&quot;");
            break;
        default:
            wn_buffer_add(out, text, 1);
        }
    }
}

/** Append a number with a thin space between groups of three digits. */
static void write_number(struct wn_buffer *out, uint64_t number)
{
    char digits[24];
    int n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n-- > 0) {
        wn_buffer_add(out, &digits[n], 1);
        if (n > 0 && n % 3 == 0) {
            wn_buffer_text(out, "&#8239;");
        }
    }
}

/** Append a time that passed, in the two units that matter. */
static void write_age(struct wn_buffer *out, int64_t ms)
{
    if (ms < MINUTE_MS) {
        wn_buffer_format(out, "%lld.%lld s", (long long)(ms / SECOND_MS),
                         (long long)(ms % SECOND_MS / 100));
    } else if (ms < HOUR_MS) {
        wn_buffer_format(out, "%lld min %lld s", (long long)(ms / MINUTE_MS),
                         (long long)(ms % MINUTE_MS / SECOND_MS));
    } else if (ms < DAY_MS) {
        wn_buffer_format(out, "%lld h %lld min", (long long)(ms / HOUR_MS),
                         (long long)(ms % HOUR_MS / MINUTE_MS));
    } else {
        wn_buffer_format(out, "%lld d %lld h", (long long)(ms / DAY_MS),
                         (long long)(ms % DAY_MS / HOUR_MS));
    }
}

static void open_table(struct wn_buffer *out, const char *title, const char *columns)
{
    wn_buffer_format(out,
                     "<h2>%s</h2>\n<div class=\"t\"><table><thead><tr>%s</tr></thead><tbody>\n",
                     title, columns);
}

static void close_table(struct wn_buffer *out)
{
    wn_buffer_text(out, "</tbody></table></div>\n");
}

// ---- What is wrong, and the figures
// ---------------------------------------------------------------

static void write_state(const struct wn_view *view, const struct wn_view_worker *worker,
                        struct wn_buffer *out)
{
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer why = { 0 };
    if (wn_view_is_ready(view, worker, &why)) {
        wn_buffer_text(out, "<p class=\"good\">Ready: assigned and committing.</p>\n");
        return;
    }
    wn_buffer_text(out, "<p class=\"bad\">Not ready:</p>\n<ul>\n");
    struct wn_slice rest = wn_buffer_slice(&why);
    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        const size_t len = end ? (size_t)(end - rest.at) : rest.len;
        WN_CLEANUP(wn_buffer_deinit) struct wn_buffer line = { 0 };
        wn_buffer_add(&line, rest.at, len);
        wn_buffer_add(&line, "", 1);
        wn_buffer_text(out, "<li>");
        write_text(out, (const char *)line.at);
        wn_buffer_text(out, "</li>\n");
        rest = wn_slice_after(rest, end ? len + 1 : len);
    }
    wn_buffer_text(out, "</ul>\n");
}

/** @return the sum of what is known of the lag; -1: of no partition. */
static int64_t lag_of(const struct wn_status *status)
{
    int64_t lag = -1;
    for (size_t i = 0; i < status->n_partitions; i++) {
        const struct wn_status_partition *partition = &status->partitions[i];
        if (partition->next >= 0 && partition->high >= 0) {
            const int64_t behind = partition->high - partition->next;
            lag = (lag < 0 ? 0 : lag) + (behind > 0 ? behind : 0);
        }
    }
    return lag;
}

static void write_tiles(const struct wn_view *view, const struct wn_view_worker *worker,
                        struct wn_buffer *out)
{
    const struct wn_status *status = &worker->status;
    const int64_t lag = lag_of(status);
    wn_buffer_text(out, "<ul class=\"tiles\">\n<li>Records a second<b>");
    write_number(out, status->rate_milli / 1000);
    wn_buffer_text(out, "</b></li>\n<li>Lag<b>");
    if (lag >= 0) {
        write_number(out, (uint64_t)lag);
    } else {
        wn_buffer_text(out, "not known");
    }
    wn_buffer_text(out, "</b></li>\n<li>Last commit<b>");
    if (status->committed_ms != 0) {
        write_age(out, view->clock_ms - status->committed_ms);
        wn_buffer_text(out, " ago");
    } else {
        wn_buffer_text(out, "none yet");
    }
    wn_buffer_text(out, "</b></li>\n<li>Open transaction<b>");
    if (status->began_ms != 0) {
        const int64_t age = view->clock_ms - status->began_ms;
        wn_buffer_format(out, "<span class=\"%s\">", age >= OPEN_WARN_MS ? "bad" : "");
        write_age(out, age);
        wn_buffer_text(out, "</span>");
    } else {
        wn_buffer_text(out, "none");
    }
    wn_buffer_text(out, "</b></li>\n</ul>\n");
}

// ---- Partitions
// -----------------------------------------------------------------------------------

static void write_offset(struct wn_buffer *out, bool known, int64_t number)
{
    wn_buffer_text(out, "<td class=\"n\">");
    if (known) {
        write_number(out, number > 0 ? (uint64_t)number : 0);
    } else {
        wn_buffer_text(out, "–");
    }
    wn_buffer_text(out, "</td>");
}

/** Append a row below a partition's: what it waits for, and what to do. */
static void write_wait(const struct wn_status_partition *partition, struct wn_buffer *out)
{
    const bool restores = partition->phase == WN_STATUS_RESTORING && partition->to_restore > 0;
    if (partition->phase != WN_STATUS_PAUSED && !restores && !partition->excused) {
        return;
    }
    wn_buffer_text(out, "<tr><td></td><td colspan=\"6\">");
    if (partition->phase == WN_STATUS_PAUSED) {
        const struct wn_reason_info *info = wn_reason_info(partition->reason);
        wn_buffer_format(out, "<code>%s</code>: ", info->id);
        write_text(out, info->meaning);
        wn_buffer_text(out, " ");
        write_text(out, info->remedy);
        wn_buffer_text(out, ".");
    } else if (restores) {
        wn_buffer_format(out, "%lld %% of its log is read",
                         (long long)(partition->restored * 100 / partition->to_restore));
    }
    wn_buffer_text(out, partition->excused ? " A person let a reason pass the poison guard." : "");
    wn_buffer_text(out, "</td></tr>\n");
}

static void write_partitions(const struct wn_status *status, struct wn_buffer *out)
{
    open_table(out, "Partitions",
               "<th>Partition</th><th>Source</th><th>State</th><th class=\"n\">Lag</th>"
               "<th class=\"n\">Not yet stable</th><th class=\"n\">Next offset</th>"
               "<th class=\"n\">Refused for one reason</th>");
    for (size_t i = 0; i < status->n_partitions; i++) {
        const struct wn_status_partition *partition = &status->partitions[i];
        const struct wn_status_input *input = &status->inputs[partition->input];
        const bool known = partition->high >= 0;
        wn_buffer_text(out, "<tr><td><code>");
        write_text(out, input->topic);
        wn_buffer_format(out, "[%d]</code></td><td>", (int)partition->partition);
        write_text(out, input->source);
        wn_buffer_text(
            out, input->refused ? " <span class=\"bad\">(its changed file is refused)</span>" : "");
        wn_buffer_format(out, "</td><td class=\"%s\">%s</td>",
                         partition->phase == WN_STATUS_RUNNING  ? "good"
                         : partition->phase == WN_STATUS_PAUSED ? "bad"
                                                                : "",
                         wn_status_phase_name(partition->phase));
        write_offset(out, known && partition->next >= 0, partition->high - partition->next);
        write_offset(out, known && partition->stable >= 0, partition->high - partition->stable);
        write_offset(out, partition->next >= 0, partition->next);
        wn_buffer_format(out, "<td class=\"n\">%u.%02u %%</td>", partition->poison_share / 100,
                         partition->poison_share % 100);
        wn_buffer_text(out, "</tr>\n");
        write_wait(partition, out);
    }
    if (status->n_partitions == 0) {
        wn_buffer_text(out, "<tr><td colspan=\"7\">None is assigned.</td></tr>\n");
    }
    close_table(out);
}

// ---- What became of the records
// -------------------------------------------------------------------

static void write_verdict(const struct wn_status_input *input, const char *verdict,
                          const char *reason, const char *meaning, uint64_t number,
                          struct wn_buffer *out)
{
    wn_buffer_text(out, "<tr><td><code>");
    write_text(out, input->topic);
    wn_buffer_format(out, "</code></td><td>%s</td><td><code>%s</code></td><td class=\"n\">",
                     verdict, reason);
    write_number(out, number);
    wn_buffer_text(out, "</td><td>");
    write_text(out, meaning);
    wn_buffer_text(out, "</td></tr>\n");
}

static void write_reasons(const struct wn_status_input *input, const char *verdict,
                          const uint64_t numbers[WN_REASONS], struct wn_buffer *out)
{
    for (unsigned i = 1; i < WN_REASONS; i++) {
        const struct wn_reason_info *info = wn_reason_info((enum wn_reason)i);
        if (numbers[i] > 0) {
            write_verdict(input, verdict, info->id, info->meaning, numbers[i], out);
        }
    }
}

static void write_verdicts(const struct wn_status *status, struct wn_buffer *out)
{
    open_table(out, "Verdicts since the start",
               "<th>Input</th><th>Verdict</th><th>Reason</th><th class=\"n\">Records</th>"
               "<th>Meaning</th>");
    for (unsigned i = 0; i < status->n_inputs; i++) {
        const struct wn_status_input *input = &status->inputs[i];
        write_verdict(input, "passed", "", "", input->passed, out);
        if (input->duplicates > 0) {
            write_verdict(input, "duplicate", "", "Seen before.", input->duplicates, out);
        }
        if (input->superseded > 0) {
            write_verdict(input, "superseded", "", "A later one of the session counts.",
                          input->superseded, out);
        }
        write_reasons(input, "filtered", input->filtered, out);
        write_reasons(input, "<span class=\"bad\">quarantined</span>", input->quarantined, out);
    }
    close_table(out);
}

static void write_purposes(const struct wn_status *status, struct wn_buffer *out)
{
    open_table(out, "Where they went",
               "<th>Input</th><th>Purpose</th><th class=\"n\">Out</th>"
               "<th class=\"n\">No consent</th><th class=\"n\">Withheld</th>");
    for (unsigned i = 0; i < status->n_inputs; i++) {
        for (unsigned j = 0; j < status->n_purposes; j++) {
            const struct wn_tally_purpose *purpose = &status->inputs[i].purposes[j];
            uint64_t withheld = 0;
            for (unsigned k = 0; k < WN_REASONS; k++) {
                withheld += purpose->withheld[k];
            }
            wn_buffer_text(out, "<tr><td><code>");
            write_text(out, status->inputs[i].topic);
            wn_buffer_text(out, "</code></td><td>");
            write_text(out, status->purposes[j]);
            const uint64_t numbers[] = { purpose->out, purpose->no_consent, withheld };
            for (size_t k = 0; k < WN_COUNT(numbers); k++) {
                wn_buffer_text(out, "</td><td class=\"n\">");
                write_number(out, numbers[k]);
            }
            wn_buffer_text(out, "</td></tr>\n");
        }
    }
    close_table(out);
}

// ---- Transactions, lists, keys
// ---------------------------------------------------------------------

static void write_transactions(const struct wn_status *status, struct wn_buffer *out)
{
    open_table(out, "Transactions since the start", "<th>Outcome</th><th class=\"n\">Number</th>");
    wn_buffer_text(out, "<tr><td>committed</td><td class=\"n\">");
    write_number(out, status->commits);
    wn_buffer_text(out, "</td></tr>\n");
    for (unsigned i = 0; i < WN_STATUS_ABORTS; i++) {
        wn_buffer_format(out, "<tr><td>aborted: %s</td><td class=\"n\">",
                         wn_status_abort_name((enum wn_status_abort)i));
        write_number(out, status->aborts[i]);
        wn_buffer_text(out, "</td></tr>\n");
    }
    close_table(out);
}

static void write_list(const struct wn_view *view, const char *name,
                       const struct wn_status_list *list, struct wn_buffer *out)
{
    wn_buffer_format(out, "<tr><td>%s</td><td>", name);
    if (!list->there) {
        wn_buffer_text(out, "none is named");
    } else if (list->changed_ms == 0) {
        wn_buffer_text(out, "<span class=\"bad\">none can be read</span>");
    } else {
        const int64_t age = view->now_ms - list->changed_ms;
        write_age(out, age > 0 ? age : 0);
        wn_buffer_text(out, " old");
    }
    wn_buffer_text(out, list->too_old ? " <span class=\"bad\">(too old to rely on)</span>" : "");
    wn_buffer_text(out, "</td></tr>\n");
}

static void write_ages(const struct wn_view *view, const struct wn_status *status,
                       struct wn_buffer *out)
{
    open_table(out, "Lists and keys", "<th>What</th><th>How it stands</th>");
    write_list(view, "list of helplines", &status->helplines, out);
    write_list(view, "consent file", &status->consent, out);
    for (unsigned i = 0; i < status->n_keys; i++) {
        const int64_t days = (status->keys[i].until_ms - view->now_ms) / DAY_MS;
        wn_buffer_text(out, "<tr><td>keys of ");
        write_text(out, status->keys[i].purpose);
        wn_buffer_format(out, "</td><td class=\"%s\">%lld days left%s</td></tr>\n",
                         days < KEY_WARN_DAYS ? "bad" : "", (long long)(days > 0 ? days : 0),
                         days < KEY_WARN_DAYS ? ": winnow keys ensure" : "");
    }
    close_table(out);
}

void wn_view_page(const struct wn_view *view, struct wn_buffer *ret_text)
{
    wn_buffer_text(ret_text, head);
    wn_buffer_text(ret_text, "<h1>winnow</h1>\n<p class=\"soft\">" WINNOW_VERSION
                             " · numbers are of committed transactions · <a "
                             "href=\"/metrics\">metrics</a></p>\n");
    for (unsigned i = 0; i < view->n_workers; i++) {
        const struct wn_view_worker *worker = &view->workers[i];
        wn_buffer_text(ret_text, "<h2>");
        write_text(ret_text, worker->posted ? worker->status.name : "a worker that has not begun");
        wn_buffer_text(ret_text, "</h2>\n");
        write_state(view, worker, ret_text);
        if (worker->posted) {
            write_tiles(view, worker, ret_text);
            write_partitions(&worker->status, ret_text);
            write_verdicts(&worker->status, ret_text);
            write_purposes(&worker->status, ret_text);
            write_transactions(&worker->status, ret_text);
            write_ages(view, &worker->status, ret_text);
        }
    }
    wn_buffer_text(ret_text, "</body></html>\n");
}
