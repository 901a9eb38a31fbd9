// SPDX-License-Identifier: Apache-2.0

#include "sift_report.h"

#include <stdio.h>

#include "winnow/clock.h"

enum {
    EVERY_MS = 250
};

void sift_progress_tell(void *context, const struct wn_files_progress *progress)
{
    struct sift_progress *line = context;
    const int64_t now = wn_monotonic_ms();
    line->begun_ms = line->begun_ms == 0 ? now : line->begun_ms;
    if (now - line->shown_ms < EVERY_MS) {
        return;
    }
    const int64_t taken = now - line->begun_ms;
    const uint64_t rate = taken > 0 ? progress->records * 1000 / (uint64_t)taken : 0;
    fprintf(stderr, "\r%3u %%  %llu records  %llu records/s  %llu refused \033[K",
            progress->permille / 10, (unsigned long long)progress->records,
            (unsigned long long)rate, (unsigned long long)progress->refused);
    line->shown_ms = now;
    line->shown = true;
}

void sift_progress_end(struct sift_progress *progress)
{
    if (progress->shown) {
        fputs("\r\033[K", stderr);
        progress->shown = false;
    }
}

/** Append "  bad-time 3, late 1": the counts by reason that are not zero. */
static void add_reasons(struct wn_buffer *text, const uint64_t counts[WN_REASONS])
{
    const char *comma = "  ";
    for (unsigned i = 0; i < WN_REASONS; i++) {
        if (counts[i] > 0) {
            wn_buffer_format(text, "%s%s %llu", comma, wn_reason_info((enum wn_reason)i)->id,
                             (unsigned long long)counts[i]);
            comma = ", ";
        }
    }
}

/** Append "; attempts by: user 2, network 1", where there are any. */
static void add_attempts(struct wn_buffer *text, const struct wn_tally *tally)
{
    const char *comma = "; attempts by: ";
    for (unsigned i = 0; i < WN_ATTEMPTS; i++) {
        if (tally->attempts[i] > 0) {
            wn_buffer_format(text, "%s%s %llu", comma, wn_attempt_name((enum wn_attempt)i),
                             (unsigned long long)tally->attempts[i]);
            comma = ", ";
        }
    }
}

static uint64_t sum_of(const uint64_t counts[WN_REASONS])
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < WN_REASONS; i++) {
        sum += counts[i];
    }
    return sum;
}

/** Append one line of the summary: a name and a count. */
static void add_line(struct wn_buffer *text, const char *name, uint64_t count)
{
    wn_buffer_format(text, "%-12s %9llu", name, (unsigned long long)count);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void add_verdicts(struct wn_buffer *text, const struct wn_files_summary *summary)
{
    const struct wn_tally *tally = summary->tally;
    add_line(text, "in", tally->in);
    wn_buffer_format(text, "  from %llu file%s, in %llu batch%s\n",
                     (unsigned long long)summary->inputs, plural(summary->inputs),
                     (unsigned long long)summary->batches, summary->batches == 1 ? "" : "es");
    add_line(text, "passed", tally->passed);
    wn_buffer_text(text, "\n");
    add_line(text, "duplicates", tally->duplicates);
    wn_buffer_text(text, "\n");
    if (tally->superseded > 0) {
        add_line(text, "superseded", tally->superseded);
        wn_buffer_text(text, "\n");
    }
    add_line(text, "filtered", sum_of(tally->filtered));
    add_reasons(text, tally->filtered);
    add_attempts(text, tally);
    wn_buffer_text(text, "\n");
    add_line(text, "quarantined", sum_of(tally->quarantined));
    add_reasons(text, tally->quarantined);
    wn_buffer_text(text, "\n");
}

/** Say how a purpose gets what was withheld from it after all. */
static void add_way_out(struct wn_buffer *text, const uint64_t withheld[WN_REASONS])
{
    if (withheld[WN_REASON_KEY_MISSING] > 0) {
        wn_buffer_format(text,
                         "%22s  `winnow keys list` says which key; when it is there, sift the same "
                         "files into a new --out\n",
                         "");
    }
}

/** Say where inputs do not hold what they declare. */
static void add_declared(struct wn_buffer *text, const struct wn_files_summary *summary)
{
    const struct wn_tally *tally = summary->tally;
    if (wn_tally_differences(tally) == 0) {
        return;
    }
    wn_buffer_format(
        text, "totals-differ: %llu input%s not hold what %s; the first is argument %u\n",
        (unsigned long long)summary->differing, summary->differing == 1 ? " does" : "s do",
        summary->differing == 1 ? "it declares" : "they declare", summary->first_differing);
    for (unsigned i = 0; i < tally->n_declared; i++) {
        if (wn_tally_declared_differs(&tally->declared[i])) {
            wn_buffer_text(text, "  ");
            wn_tally_declared_text(&tally->declared[i], text);
            wn_buffer_text(text, "\n");
        }
    }
}

/** Say what nodes have not given, over all that was ever sifted. */
static void add_gaps(struct wn_buffer *text, const struct wn_files_summary *summary,
                     const char *folder)
{
    const struct wn_sequence_totals *numbers = &summary->numbers;
    if (numbers->gaps > 0) {
        wn_buffer_format(text,
                         "sequence-gap: %llu number%s missing, in %llu gap%s; "
                         "winnow audit %s names them\n",
                         (unsigned long long)numbers->missing,
                         numbers->missing == 1 ? " of nodes is" : "s of nodes are",
                         (unsigned long long)numbers->gaps, plural(numbers->gaps), folder);
    }
    if (numbers->frozen > 0) {
        wn_buffer_format(text, "sequence-frozen: %llu node%s 0 into every record\n",
                         (unsigned long long)numbers->frozen,
                         numbers->frozen == 1 ? " writes" : "s write");
    }
}

void sift_summary_text(const struct wn_files_summary *summary, const struct wn_policy *policy,
                       const char *folder, struct wn_buffer *ret_text)
{
    if (summary->refused > 0) {
        wn_buffer_format(ret_text, "file-refused: %llu file%s left out\n",
                         (unsigned long long)summary->refused,
                         summary->refused == 1 ? " was" : "s were");
    }
    if (summary->repeated > 0) {
        wn_buffer_format(ret_text,
                         "file-repeated: %llu content%s had been sifted before and %s left out; "
                         "the first is argument %u\n",
                         (unsigned long long)summary->repeated, plural(summary->repeated),
                         summary->repeated == 1 ? "was" : "were", summary->first_repeated);
    }
    if (summary->left_out > 0) {
        wn_buffer_format(
            ret_text,
            "left out: %llu entr%s of folders that %s no file%s; a folder in a folder is "
            "not read, name it too\n",
            (unsigned long long)summary->left_out, summary->left_out == 1 ? "y" : "ies",
            summary->left_out == 1 ? "is" : "are", plural(summary->left_out));
    }
    add_declared(ret_text, summary);
    add_gaps(ret_text, summary, folder);
    add_verdicts(ret_text, summary);
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        const struct wn_tally_purpose *purpose = &summary->tally->purposes[i];
        const uint64_t withheld = sum_of(purpose->withheld);
        add_line(ret_text, policy->purposes[i], purpose->out);
        wn_buffer_text(ret_text, "  out");
        if (purpose->no_consent > 0) {
            wn_buffer_format(ret_text, ", %llu without consent",
                             (unsigned long long)purpose->no_consent);
        }
        if (withheld > 0) {
            wn_buffer_format(ret_text, ", %llu withheld:", (unsigned long long)withheld);
            add_reasons(ret_text, purpose->withheld);
        }
        wn_buffer_text(ret_text, "\n");
        add_way_out(ret_text, purpose->withheld);
    }
    for (unsigned i = 0; i < summary->n_places; i++) {
        const struct wn_files_place *place = &summary->places[i];
        wn_buffer_format(ret_text, "%s/%s: %llu file%s", folder, place->folder,
                         (unsigned long long)place->files, plural(place->files));
        if (place->records > 0) {
            wn_buffer_format(ret_text, ", %llu record%s", (unsigned long long)place->records,
                             plural(place->records));
        }
        wn_buffer_text(ret_text, "\n");
    }
}

/** Append `"name":{"bad-time":3}`. */
static void json_reasons(struct wn_buffer *text, const char *name,
                         const uint64_t counts[WN_REASONS])
{
    const char *comma = "";
    wn_buffer_format(text, "\"%s\":{", name);
    for (unsigned i = 0; i < WN_REASONS; i++) {
        if (counts[i] > 0) {
            wn_buffer_format(text, "%s\"%s\":%llu", comma, wn_reason_info((enum wn_reason)i)->id,
                             (unsigned long long)counts[i]);
            comma = ",";
        }
    }
    wn_buffer_text(text, "}");
}

/** Append `"name":number,`. */
static void json_number(struct wn_buffer *text, const char *name, uint64_t number)
{
    wn_buffer_format(text, "\"%s\":%llu,", name, (unsigned long long)number);
}

/** Append `"attempts":{"user":2},`: those that are not zero. */
static void json_attempts(struct wn_buffer *text, const struct wn_tally *tally)
{
    const char *comma = "";
    wn_buffer_text(text, "\"attempts\":{");
    for (unsigned i = 0; i < WN_ATTEMPTS; i++) {
        if (tally->attempts[i] > 0) {
            wn_buffer_format(text, "%s\"%s\":%llu", comma, wn_attempt_name((enum wn_attempt)i),
                             (unsigned long long)tally->attempts[i]);
            comma = ",";
        }
    }
    wn_buffer_text(text, "},");
}

/** Append `"declared":{"records":{"absent":0,…}},`. */
static void json_declared(struct wn_buffer *text, const struct wn_tally *tally)
{
    wn_buffer_text(text, "\"declared\":{");
    for (unsigned i = 0; i < tally->n_declared; i++) {
        const struct wn_tally_declared *declared = &tally->declared[i];
        wn_buffer_format(text, "%s\"%s\":{", i == 0 ? "" : ",", declared->name);
        json_number(text, "absent", declared->absent);
        wn_buffer_format(text, "\"declared\":%lld,\"found\":%lld,", (long long)declared->declared,
                         (long long)declared->found);
        json_number(text, "inputs", declared->inputs);
        json_number(text, "missing", declared->missing);
        wn_buffer_format(text, "\"surplus\":%llu}", (unsigned long long)declared->surplus);
    }
    wn_buffer_text(text, "},");
}

static void json_purposes(struct wn_buffer *text, const struct wn_tally *tally,
                          const struct wn_policy *policy)
{
    wn_buffer_text(text, "\"purposes\":{");
    for (unsigned i = 0; i < policy->n_purposes; i++) {
        const struct wn_tally_purpose *purpose = &tally->purposes[i];
        wn_buffer_format(text, "%s\"%s\":{", i == 0 ? "" : ",", policy->purposes[i]);
        json_number(text, "no_consent", purpose->no_consent);
        json_number(text, "out", purpose->out);
        json_reasons(text, "withheld", purpose->withheld);
        wn_buffer_text(text, "}");
    }
    wn_buffer_text(text, "},");
}

/** Append `"gaps":{"frozen":0,…},`. */
static void json_gaps(struct wn_buffer *text, const struct wn_sequence_totals *numbers)
{
    wn_buffer_text(text, "\"gaps\":{");
    json_number(text, "frozen", numbers->frozen);
    json_number(text, "gaps", numbers->gaps);
    json_number(text, "missing", numbers->missing);
    json_number(text, "nodes", numbers->nodes);
    wn_buffer_format(text, "\"resets\":%llu},", (unsigned long long)numbers->resets);
}

void sift_summary_json(const struct wn_files_summary *summary, const struct wn_policy *policy,
                       struct wn_buffer *ret_text)
{
    const struct wn_tally *tally = summary->tally;
    wn_buffer_text(ret_text, "{");
    json_attempts(ret_text, tally);
    json_number(ret_text, "batches", summary->batches);
    json_number(ret_text, "bytes", summary->bytes);
    json_declared(ret_text, tally);
    json_number(ret_text, "duplicates", tally->duplicates);
    json_number(ret_text, "file-refused", summary->refused);
    json_number(ret_text, "file-repeated", summary->repeated);
    json_reasons(ret_text, "filtered", tally->filtered);
    wn_buffer_text(ret_text, ",");
    json_gaps(ret_text, &summary->numbers);
    json_number(ret_text, "in", tally->in);
    json_number(ret_text, "inputs", summary->inputs);
    json_number(ret_text, "left-out", summary->left_out);
    json_number(ret_text, "passed", tally->passed);
    wn_buffer_text(ret_text, "\"places\":[");
    for (unsigned i = 0; i < summary->n_places; i++) {
        const struct wn_files_place *place = &summary->places[i];
        wn_buffer_format(ret_text, "%s{\"files\":%llu,\"folder\":\"%s\",\"records\":%llu}",
                         i == 0 ? "" : ",", (unsigned long long)place->files, place->folder,
                         (unsigned long long)place->records);
    }
    wn_buffer_text(ret_text, "],");
    json_purposes(ret_text, tally, policy);
    json_reasons(ret_text, "quarantined", tally->quarantined);
    wn_buffer_text(ret_text, ",");
    json_number(ret_text, "repeated-first-argument", summary->first_repeated);
    json_number(ret_text, "superseded", tally->superseded);
    json_number(ret_text, "totals-differ", summary->differing);
    wn_buffer_format(ret_text, "\"totals-differ-first-argument\":%u}\n", summary->first_differing);
}
