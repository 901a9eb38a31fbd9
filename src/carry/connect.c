// SPDX-License-Identifier: Apache-2.0

#include "winnow/connect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "winnow/kafka.h"
#include "winnow/memory.h"

enum {
    READ_MS = 5000, ///< How long a topic has to show that it can be read.
    NAPS = 10,      ///< How often a topic is looked for again, of all topics together: a broker
    NAP_MS = 200,   ///< hears of one that was just made, and of its leaders, a little later.
    TURNS = 4,      ///< How often the group's refusal may come first.
};

/** A comparison under way. */
struct work {
    const struct wn_connect *ask;
    const char *brokers; ///< For commands.
    struct wn_cluster *cluster;
    struct wn_findings *findings;
    struct wn_topics_plan plan;
    unsigned naps;                            ///< Taken so far.
    bool no_group;                            ///< Nothing may be asked of the group.
    struct wn_topic_shape shapes[WN_PLANNED]; ///< Of the plan's topics; partitions 0: not seen.
};

static const char *text(struct wn_arena *arena, const char *format, ...) WN_PRINTF(2, 3);

static const char *text(struct wn_arena *arena, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    return wn_arena_copy(arena, wn_slice_of(line)).at;
}

#define TEXT(work, ...) text(&(work)->findings->arena, __VA_ARGS__)

static void add(struct work *work, struct wn_finding finding)
{
    struct wn_findings *findings = work->findings;
    finding.where = TEXT(work, "%s", finding.where); // A topic's name goes with the plan.
    findings->list = wn_grow(findings->list, findings->n + 1, sizeof(*findings->list));
    findings->list[findings->n++] = finding;
    findings->n_faults += finding.fault;
}

static const char *alter_topic(struct work *work, const char *topic, const char *setting,
                               const char *value)
{
    return TEXT(work,
                "kafka-configs.sh --bootstrap-server %s --entity-type topics --entity-name %s "
                "--alter --add-config %s=%s",
                work->brokers, topic, setting, value);
}

// ---- Settings ----------------------------------------------------------------------------------

static const char *wanted_words(struct work *work, const struct wn_want *want, const char *value)
{
    return TEXT(work, "%s%s", value,
                want->rule == WN_RULE_LEAST  ? " or more"
                : want->rule == WN_RULE_MOST ? " or less"
                                             : "");
}

/** Compare what was told of a topic, or of a broker, with the wishes of its role. */
static void compare(struct work *work, const char *where, enum wn_role role,
                    const struct wn_told_list *told)
{
    const struct wn_want *want;
    for (unsigned i = 0; (want = wn_want_of(role, i)) != NULL; i++) {
        char value[32];
        const char *found = wn_told_of(told, want->setting);
        if (!found || wn_want_holds(want, work->ask->settings, found)) {
            continue; // A setting that this broker does not know is none that could be wrong.
        }
        wn_want_value(want, work->ask->settings, value);
        const char *remedy =
            role == WN_ROLE_BROKER
                ? TEXT(work, "say %s=%s in server.properties, and restart the brokers one by one",
                       want->setting, value)
                : alter_topic(work, where, want->setting, value);
        add(work, (struct wn_finding){ want->fault, where, want->setting,
                                       wn_arena_copy(&work->findings->arena, wn_slice_of(found)).at,
                                       wanted_words(work, want, value), want->why, remedy });
    }
}

/** Settings that can't be seen: a warning, for `run` does without the right. */
static void unseen(struct work *work, const char *where, const char *resource,
                   const struct wn_error *err)
{
    add(work, (struct wn_finding){
                  false, where, "rights", TEXT(work, "%s", err->text), "DescribeConfigs",
                  "its settings were not compared",
                  TEXT(work,
                       "kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME "
                       "--operation DescribeConfigs %s",
                       work->brokers, resource) });
}

// ---- Topics ------------------------------------------------------------------------------------

static void missing(struct work *work, const struct wn_planned *topic, const struct wn_error *err)
{
    if (strcmp(err->reason, "topic-missing") == 0) {
        const bool input = topic->role == WN_ROLE_INPUT;
        add(work, (struct wn_finding){
                      true, topic->name, "topic", "none", "a topic of this name",
                      input ? "there is nothing to read" : "`run` does not start without it",
                      TEXT(work, "winnow topics create --config %s%s", work->ask->settings->file,
                           input ? " --partitions N, or make it as its writer needs it; is the "
                                   "name under inputs: right?"
                                 : "") });
        return;
    }
    const bool rights = strcmp(err->reason, "rights") == 0;
    add(work, (struct wn_finding){
                  true, topic->name, rights ? "rights" : "topic", TEXT(work, "%s", err->text),
                  rights ? "Describe" : "an answer", "`run` could not use it",
                  rights ? TEXT(work,
                                "kafka-acls.sh --bootstrap-server %s --add --allow-principal "
                                "User:NAME --operation Describe --topic %s",
                                work->brokers, topic->name)
                         : "look at the brokers, and check again" });
}

static void compare_partitions(struct work *work, const struct wn_planned *topic)
{
    const struct wn_topic_shape *shape = &work->shapes[topic - work->plan.list];
    const bool output = topic->role == WN_ROLE_BILLING || topic->role == WN_ROLE_OTHER ||
                        topic->role == WN_ROLE_QUARANTINE;
    if (output && shape->partitions > WN_OUTPUT_PARTITIONS) {
        add(work, (struct wn_finding){ false, topic->name, "partitions",
                                       TEXT(work, "%d", (int)shape->partitions),
                                       TEXT(work, "%d or less", WN_OUTPUT_PARTITIONS),
                                       "each one that a transaction writes to makes its commit "
                                       "slower",
                                       "make it anew with fewer, before anything reads it" });
    }
    if (topic->role == WN_ROLE_INPUT && shape->partitions > 1 &&
        work->ask->affinities[topic->input] == WN_AFFINITY_NONE) {
        add(work, (struct wn_finding){
                      true, topic->name, "partitions", TEXT(work, "%d", (int)shape->partitions),
                      "1", "its affinity is none, and duplicates on two partitions are not found",
                      "use one partition, or say `affinity: session` or `node` under inputs: where "
                      "its writer keeps it so" });
    }
    if (shape->leaderless > 0) {
        add(work, (struct wn_finding){ true, topic->name, "leader",
                                       TEXT(work, "none for %d of %d partitions",
                                            (int)shape->leaderless, (int)shape->partitions),
                                       "a leader for each", "they can be neither read nor written",
                                       "bring the brokers back that hold them" });
    }
}

/** The state of an input partition lies in the partition of the same number. */
static void compare_state(struct work *work, const struct wn_planned *topic)
{
    const int32_t found = work->shapes[topic - work->plan.list].partitions;
    for (unsigned i = 0; i < work->plan.n; i++) {
        const struct wn_planned *input = &work->plan.list[i];
        const int32_t wanted = work->shapes[i].partitions;
        if (input->role == WN_ROLE_INPUT && input->input == topic->input && wanted > 0 &&
            wanted != found) {
            add(work,
                (struct wn_finding){
                    true, topic->name, "partitions", TEXT(work, "%d", (int)found),
                    TEXT(work, "%d", (int)wanted),
                    "the state of an input partition lies in the partition of the same number",
                    found < wanted
                        ? TEXT(work,
                               "where nothing has run yet: kafka-topics.sh --bootstrap-server %s "
                               "--alter --topic %s --partitions %d; else begin a new input topic "
                               "and a new group",
                               work->brokers, topic->name, (int)wanted)
                        : "begin a new group, with state topics of its own" });
        }
    }
}

static void compare_replicas(struct work *work, const struct wn_planned *topic,
                             const struct wn_told_list *told)
{
    const int32_t replicas = work->shapes[topic - work->plan.list].replicas;
    const char *told_least = wn_told_of(told, "min.insync.replicas");
    const int32_t least = told_least ? (int32_t)strtol(told_least, NULL, 10) : 0;
    const char *name = topic->name;
    if (replicas == 1 && work->findings->n_brokers > 1) {
        add(work, (struct wn_finding){ false, name, "replicas", "1", "2 or more",
                                       "its records are gone with one broker's disk",
                                       "kafka-reassign-partitions.sh, with replicas on several "
                                       "brokers" });
    }
    if (least > replicas) {
        add(work, (struct wn_finding){
                      true, name, "min.insync.replicas", TEXT(work, "%s", told_least),
                      TEXT(work, "%d or less", (int)replicas),
                      "there are fewer replicas, and all writing is refused",
                      alter_topic(work, name, "min.insync.replicas", replicas > 2 ? "2" : "1") });
    } else if (replicas > 1 && least == replicas) {
        add(work, (struct wn_finding){
                      false, name, "min.insync.replicas", TEXT(work, "%s", told_least),
                      TEXT(work, "%d or less", (int)replicas - 1),
                      "with one broker away all writing is refused",
                      alter_topic(work, name, "min.insync.replicas", replicas > 2 ? "2" : "1") });
    } else if (replicas > 1 && least == 1) {
        add(work, (struct wn_finding){ false, name, "min.insync.replicas", "1", "2 or more",
                                       "what one broker alone has taken is lost with it, though it "
                                       "was committed",
                                       alter_topic(work, name, "min.insync.replicas", "2") });
    }
}

static bool is_settled(enum wn_code rc, const struct wn_topic_shape *shape,
                       const struct wn_error *err)
{
    return rc == WN_OK ? shape->leaderless == 0 : strcmp(err->reason, "topic-missing") != 0;
}

/** Look for a topic, and again where it may just have been made. */
static enum wn_code find_topic(struct work *work, const char *name,
                               struct wn_topic_shape *ret_shape, struct wn_error *err)
{
    const struct timespec nap = { 0, NAP_MS * 1000000L };
    enum wn_code rc = wn_cluster_topic(work->cluster, name, ret_shape, err);
    while (!is_settled(rc, ret_shape, err) && work->naps++ < NAPS) {
        (void)nanosleep(&nap, NULL);
        rc = wn_cluster_topic(work->cluster, name, ret_shape, err);
    }
    return rc;
}

static void look_at_topic(struct work *work, const struct wn_planned *topic)
{
    struct wn_error err;
    struct wn_topic_shape shape;
    struct wn_told_list told = { NULL, 0 };
    if (find_topic(work, topic->name, &shape, &err) != WN_OK) {
        missing(work, topic, &err);
        return;
    }
    work->shapes[topic - work->plan.list] = shape;
    work->findings->n_topics++;
    compare_partitions(work, topic);
    if (topic->role == WN_ROLE_STATE) {
        compare_state(work, topic);
    }
    if (wn_cluster_settings(work->cluster, topic->name, -1, &work->findings->arena, &told, &err) !=
        WN_OK) {
        unseen(work, topic->name, TEXT(work, "--topic %s", topic->name), &err);
        return;
    }
    compare_replicas(work, topic, &told);
    compare(work, topic->name, topic->role, &told);
}

// ---- Brokers -----------------------------------------------------------------------------------

/** Brokers from 4.0 on have no such setting. */
static void compare_version(struct work *work, const char *where, const struct wn_told_list *told)
{
    const char *version = wn_told_of(told, "inter.broker.protocol.version");
    char *end;
    if (!version) {
        return;
    }
    const long major = strtol(version, &end, 10);
    const long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    const bool fault = major < 2 || (major == 2 && minor < 5);
    if (fault || major < 3 || (major == 3 && minor < 6)) {
        add(work, (struct wn_finding){
                      fault, where, "version", TEXT(work, "%.20s", version), "3.6 or newer",
                      fault ? "offsets of a group can't be fenced, and a stalled worker could "
                              "double records"
                            : "a worker that stalls can leave a transaction open, which blocks its "
                              "readers until the broker is helped by hand",
                      "upgrade the brokers" });
    }
}

static void compare_log_replicas(struct work *work, const char *where,
                                 const struct wn_told_list *told)
{
    static const char *const names[] = { "offsets.topic.replication.factor",
                                         "transaction.state.log.replication.factor" };
    for (size_t i = 0; i < WN_COUNT(names) && work->findings->n_brokers > 1; i++) {
        const char *found = wn_told_of(told, names[i]);
        if (found && strcmp(found, "1") == 0) {
            add(work, (struct wn_finding){
                          false, where, names[i], "1", "2 or more",
                          "with one broker away no offset or transaction can be committed",
                          "kafka-reassign-partitions.sh for __consumer_offsets and "
                          "__transaction_state" });
        }
    }
}

static void look_at_broker(struct work *work, int32_t id)
{
    struct wn_error err;
    struct wn_told_list told = { NULL, 0 };
    const char *where = TEXT(work, "broker %d", (int)id);
    if (wn_cluster_settings(work->cluster, NULL, id, &work->findings->arena, &told, &err) !=
        WN_OK) {
        unseen(work, where, "--cluster", &err);
        return;
    }
    compare_version(work, where, &told);
    compare_log_replicas(work, where, &told);
    compare(work, where, WN_ROLE_BROKER, &told);
}

// ---- Rights ------------------------------------------------------------------------------------

static void no_right(struct work *work, const char *where, const char *right, const char *resource,
                     const char *why)
{
    add(work, (struct wn_finding){
                  true, where, "rights", "none", right, why,
                  TEXT(work,
                       "kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME "
                       "--operation %s %s",
                       work->brokers, right, resource) });
}

static bool is_denied(const struct wn_message *message, const char *topic)
{
    return message->kind == WN_MESSAGE_FAULT && message->reason &&
           strcmp(message->reason, "rights") == 0 && strcmp(message->topic, topic) == 0;
}

/** Read at the end of a partition: nothing comes, or that it may not. */
static void try_to_read(struct work *work, struct wn_reader *reader, const char *topic)
{
    struct wn_error err;
    struct wn_message message;
    struct wn_place place = { topic, 0, 0 };
    int64_t low;
    if (wn_reader_ends(reader, topic, 0, &low, &place.offset, &err) != WN_OK ||
        wn_reader_start(reader, &place, &err) != WN_OK) {
        return;
    }
    unsigned turns = 0;
    do {
        wn_reader_next(reader, READ_MS, &message);
        // What is said of no topic is said of the group.
        work->no_group = work->no_group || is_denied(&message, "");
    } while (is_denied(&message, "") && ++turns < TURNS);
    if (is_denied(&message, topic)) {
        no_right(work, topic, "Read", TEXT(work, "--topic %s", topic), "`run` reads it");
    }
    wn_reader_stop(reader);
}

static enum wn_code look_at_rights(struct work *work, struct wn_error *err)
{
    const struct wn_settings *settings = work->ask->settings;
    struct wn_reader *reader = NULL;
    const enum wn_code rc = wn_reader_open(settings, true, &reader, err);
    if (rc != WN_OK) {
        return rc;
    }
    bool asked = false;
    for (unsigned i = 0; i < work->plan.n; i++) {
        const struct wn_planned *topic = &work->plan.list[i];
        struct wn_place place = { topic->name, 0, 0 };
        if (work->shapes[i].partitions == 0 || !wn_role_reads(topic->role)) {
            continue;
        }
        try_to_read(work, reader, topic->name);
        if (topic->role == WN_ROLE_INPUT && !asked) {
            asked = true;
            work->no_group =
                work->no_group || (wn_reader_committed(reader, &place, err) == WN_FATAL &&
                                   strcmp(err->reason, "rights") == 0);
        }
    }
    if (work->no_group) {
        no_right(work, TEXT(work, "group %s", settings->group), "Read",
                 TEXT(work, "--group %s", settings->group), "`run` is a member of it");
    }
    (void)wn_reader_close(reader);
    return WN_OK;
}

enum wn_code wn_connect_look(const struct wn_connect *ask, struct wn_findings *ret_findings,
                             struct wn_error *err)
{
    struct work *work = wn_take(1, sizeof(*work));
    *work = (struct work){ .ask = ask,
                           .brokers = wn_settings_brokers(ask->settings),
                           .findings = ret_findings };
    *ret_findings = (struct wn_findings){ .list = NULL };
    enum wn_code rc = wn_cluster_open(ask->settings, ask->timeout_ms, &work->cluster, err);
    if (rc == WN_OK) {
        const int32_t *brokers = wn_cluster_brokers(work->cluster, &ret_findings->n_brokers);
        wn_topics_plan(ask->settings, ask->policy, &work->plan);
        for (unsigned i = 0; i < work->plan.n; i++) {
            look_at_topic(work, &work->plan.list[i]);
        }
        for (unsigned i = 0; i < ret_findings->n_brokers; i++) {
            look_at_broker(work, brokers[i]);
        }
        rc = look_at_rights(work, err);
    }
    (void)wn_cluster_close(work->cluster);
    free(work);
    return rc;
}

void wn_findings_deinit(struct wn_findings *findings)
{
    free(findings->list);
    wn_arena_deinit(&findings->arena);
    *findings = (struct wn_findings){ .list = NULL };
}
