// SPDX-License-Identifier: Apache-2.0

#include "audit_nodes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "winnow/memory.h"

enum {
    SAID = 20,            ///< Lines of each sort; further ones are counted.
    GAPS_MOST = 1 << 20,  ///< Of a source: an audit has more room than a receipt.
    NODES_MOST = 1 << 16, ///< The same of nodes, which come and go over years.
};

/** What one receipt says of one run of a node's counter. */
struct entry {
    int64_t time_ms; ///< Newest event time of its chain; INT64_MIN: not known.
    size_t order;    ///< In which it came.
    unsigned source;
    char node[WN_NODE_NAME];
    struct wn_series series;
};

/** All nodes of one source. */
struct source {
    char name[64];
    struct wn_sequences *set;
};

struct wn_audit_nodes {
    struct entry *entries;
    size_t n, room;
    struct source *sources;
    unsigned n_sources;
    int64_t newest_ms;
};

struct wn_audit_nodes *wn_audit_nodes_open(void)
{
    struct wn_audit_nodes *nodes = wn_take(1, sizeof(*nodes));
    nodes->newest_ms = INT64_MIN;
    return nodes;
}

struct wn_audit_nodes *wn_audit_nodes_close(struct wn_audit_nodes *nodes)
{
    if (nodes) {
        for (size_t i = 0; i < nodes->n; i++) {
            free(nodes->entries[i].series.gaps);
        }
        for (unsigned i = 0; i < nodes->n_sources; i++) {
            wn_sequences_close(nodes->sources[i].set);
        }
        free(nodes->entries);
        free(nodes->sources);
        free(nodes);
    }
    return NULL;
}

static unsigned find_source(struct wn_audit_nodes *nodes, const char *name)
{
    unsigned i = 0;
    while (i < nodes->n_sources && strcmp(nodes->sources[i].name, name) != 0) {
        i++;
    }
    if (i == nodes->n_sources) {
        nodes->sources = wn_grow(nodes->sources, i + 1, sizeof(*nodes->sources));
        nodes->sources[i] = (struct source){ .set = wn_sequences_open() };
        nodes->sources[i].set->most_gaps = GAPS_MOST;
        nodes->sources[i].set->most_nodes = NODES_MOST;
        (void)snprintf(nodes->sources[i].name, sizeof(nodes->sources[i].name), "%s", name);
        nodes->n_sources++;
    }
    return i;
}

static void add_entry(struct wn_audit_nodes *nodes, const struct entry *like,
                      const struct wn_series *series)
{
    if (nodes->n == nodes->room) {
        nodes->room = 2 * nodes->room + 64;
        nodes->entries = wn_grow(nodes->entries, nodes->room, sizeof(*nodes->entries));
    }
    struct entry *entry = &nodes->entries[nodes->n];
    *entry = *like;
    entry->order = nodes->n++;
    entry->series = *series;
    entry->series.room = series->n_gaps;
    entry->series.gaps = wn_take(series->n_gaps, sizeof(*series->gaps));
    if (series->n_gaps > 0) {
        memcpy(entry->series.gaps, series->gaps, series->n_gaps * sizeof(*series->gaps));
    }
}

void wn_audit_nodes_take(struct wn_audit_nodes *nodes, const struct wn_receipt *receipt,
                         int64_t *newest_ms)
{
    const struct wn_sequences *set = receipt->tally->nodes;
    *newest_ms = receipt->tally->last_ms > *newest_ms ? receipt->tally->last_ms : *newest_ms;
    nodes->newest_ms = *newest_ms > nodes->newest_ms ? *newest_ms : nodes->newest_ms;
    if (set->n == 0) {
        return;
    }
    struct entry like = { .time_ms = *newest_ms,
                          .source = find_source(nodes, receipt->source ? receipt->source : "") };
    for (unsigned i = 0; i < set->n; i++) {
        memcpy(like.node, set->list[i].name, sizeof(like.node));
        for (unsigned k = 0; k < set->list[i].n_series; k++) {
            add_entry(nodes, &like, &set->list[i].series[k]);
        }
    }
}

static int by_time(const void *a, const void *b)
{
    const struct entry *first = a;
    const struct entry *second = b;
    if (first->time_ms != second->time_ms) {
        return first->time_ms < second->time_ms ? -1 : 1;
    }
    return first->order < second->order ? -1 : 1;
}

/** Append `2026-10-24T20:00:05Z`. */
static void put_time(struct wn_buffer *text, int64_t time_ms)
{
    struct tm civil;
    char written[32] = "";
    const time_t seconds = (time_t)(time_ms / 1000);
    if (gmtime_r(&seconds, &civil)) {
        (void)strftime(written, sizeof(written), "%Y-%m-%dT%H:%M:%SZ", &civil);
    }
    wn_buffer_text(text, written);
}

/** Append `no gap`, `1 gap`, `2 gaps`. */
static void put_count(struct wn_buffer *text, uint64_t n, const char *what)
{
    if (n == 0) {
        wn_buffer_format(text, "no %s", what);
    } else {
        wn_buffer_format(text, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
    }
}

/** What is being said. */
struct saying {
    const struct source *source;
    const struct wn_sequence *node;
    struct wn_buffer *notes, *gaps;
    int64_t before_ms;       ///< Gaps that showed before are open for good.
    uint64_t said, unsaid;   ///< Gaps, in notes.
    uint64_t lines, further; ///< Of the other sorts.
};

static void say_gap(struct saying *saying, const struct wn_gap *gap)
{
    const bool known = gap->since_ms != INT64_MIN;
    const bool open = !known || gap->since_ms >= saying->before_ms;
    struct wn_buffer *json = saying->gaps;
    wn_buffer_format(json,
                     "%s{\"count\":%" PRIu64 ",\"first\":%" PRIu32 ",\"last\":%" PRIu32
                     ",\"node\":\"%s\",\"open\":%s,\"since\":",
                     json->len > 0 ? "," : "", wn_gap_numbers(gap), gap->first, gap->last,
                     saying->node->name, open ? "true" : "false");
    wn_buffer_text(json, known ? "\"" : "null");
    if (known) {
        put_time(json, gap->since_ms);
        wn_buffer_text(json, "\"");
    }
    wn_buffer_format(json, ",\"source\":\"%s\"}", saying->source->name);
    if (saying->said == SAID) {
        saying->unsaid++;
        return;
    }
    saying->said++;
    wn_buffer_format(saying->notes, "sequence-gap: %s: node %s: ", saying->source->name,
                     saying->node->name);
    if (gap->first == gap->last) {
        wn_buffer_format(saying->notes, "%" PRIu32 " is missing", gap->first);
    } else {
        wn_buffer_format(saying->notes, "%" PRIu32 " to %" PRIu32 " are missing, %" PRIu64,
                         gap->first, gap->last, wn_gap_numbers(gap));
    }
    if (known) {
        wn_buffer_text(saying->notes, ", since ");
        put_time(saying->notes, gap->since_ms);
    }
    wn_buffer_text(saying->notes, open ? "\n" : ", for good: what comes now is late\n");
}

/** Begin another line about the node. @return false where there are enough. */
static bool begin_line(struct saying *saying, const char *event)
{
    if (saying->lines == SAID) {
        saying->further++;
        return false;
    }
    saying->lines++;
    wn_buffer_format(saying->notes, "%s: %s: node %s: ", event, saying->source->name,
                     saying->node->name);
    return true;
}

static void say_resets(struct saying *saying)
{
    const struct wn_sequence *node = saying->node;
    for (unsigned i = 1; i < node->n_series; i++) {
        const struct wn_series *series = &node->series[i];
        const bool frozen = i == node->n_series - 1 && wn_sequence_is_frozen(node);
        if (!frozen && begin_line(saying, "sequence-reset")) {
            wn_buffer_format(saying->notes,
                             "the counter was set anew: %" PRIu32 " to %" PRIu32 ", then %" PRIu32
                             " to %" PRIu32 "\n",
                             node->series[i - 1].first, node->series[i - 1].last, series->first,
                             series->last);
        }
    }
}

static void say_node(struct saying *saying)
{
    const struct wn_sequence *node = saying->node;
    uint64_t unlisted = 0;
    if (wn_sequence_is_loose(node)) {
        if (begin_line(saying, "sequence-unknown")) {
            put_count(saying->notes, node->series[0].records, "record");
            wn_buffer_format(saying->notes, " in no account: %s\n",
                             strcmp(node->name, WN_NODE_MORE) == 0
                                 ? "there were more nodes than a receipt can hold"
                                 : "the number can't be read");
        }
        return;
    }
    for (unsigned i = 0; i < node->n_series; i++) {
        unlisted += node->series[i].unlisted;
        for (unsigned k = 0; k < node->series[i].n_gaps; k++) {
            say_gap(saying, &node->series[i].gaps[k]);
        }
    }
    say_resets(saying);
    if (wn_sequence_is_frozen(node) && begin_line(saying, "sequence-frozen")) {
        wn_buffer_text(saying->notes, "it writes 0 into every record: there is no account\n");
    }
    if (unlisted > 0 && begin_line(saying, "sequence-unknown")) {
        wn_buffer_format(saying->notes,
                         "%" PRIu64 " more numbers were missing from receipts that had more gaps "
                         "than they can hold, or lie too far back\n",
                         unlisted);
    }
}

static void say_source(struct saying *saying)
{
    const struct wn_sequences *set = saying->source->set;
    for (unsigned i = 0; i < set->n; i++) {
        saying->node = &set->list[i];
        say_node(saying);
    }
    if (saying->unsaid > 0) {
        wn_buffer_format(saying->notes, "sequence-gap: %s: %" PRIu64 " more gaps; --json has all\n",
                         saying->source->name, saying->unsaid);
    }
    if (saying->further > 0) {
        wn_buffer_format(saying->notes, "%s: %" PRIu64 " more notes of nodes\n",
                         saying->source->name, saying->further);
    }
    const struct wn_sequence_totals totals = wn_sequences_totals(set);
    if (totals.gaps > 0 || totals.resets > 0) {
        struct wn_buffer *notes = saying->notes;
        wn_buffer_format(notes, "%s: ", saying->source->name);
        put_count(notes, totals.nodes, "node");
        wn_buffer_text(notes, " with numbers of their own, ");
        put_count(notes, totals.gaps, "gap");
        wn_buffer_text(notes, ", ");
        put_count(notes, totals.missing, "number");
        wn_buffer_text(notes, " missing, ");
        put_count(notes, totals.resets, "reset");
        wn_buffer_text(notes, "\n");
    }
}

void wn_audit_nodes_say(struct wn_audit_nodes *nodes, int64_t lateness_ms,
                        struct wn_buffer *ret_notes, struct wn_buffer *ret_gaps)
{
    if (nodes->n > 1) {
        qsort(nodes->entries, nodes->n, sizeof(*nodes->entries), by_time);
    }
    for (size_t i = 0; i < nodes->n; i++) {
        struct entry *entry = &nodes->entries[i];
        wn_sequences_join_series(nodes->sources[entry->source].set, wn_slice_of(entry->node),
                                 &entry->series, entry->time_ms);
        free(entry->series.gaps);
    }
    nodes->n = 0;
    for (unsigned i = 0; i < nodes->n_sources; i++) {
        struct saying saying = {
            .source = &nodes->sources[i],
            .notes = ret_notes,
            .gaps = ret_gaps,
            .before_ms = nodes->newest_ms < INT64_MIN + lateness_ms
                             ? INT64_MIN
                             : nodes->newest_ms - lateness_ms,
        };
        say_source(&saying);
    }
}
