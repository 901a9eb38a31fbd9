// SPDX-License-Identifier: Apache-2.0

#include "winnow/settings.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "settings_parts.h"
#include "winnow/hash.h"
#include "winnow/io.h"
#include "winnow/mac.h"
#include "winnow/source.h"

static const char machine_id[] = "/etc/machine-id";

enum {
    INSTANCE_BYTES = 6,
    NAME_MOST = 64,
    TOPIC_MOST = 249
};

const char *wn_settings_word(const struct wn_config *config, const struct wn_node *node,
                             const char *key)
{
    const char *text = wn_config_text(config, node, key);
    if (text && text[0] == '\0') {
        wn_config_fault(config, node, "%s: is empty", key);
        return NULL;
    }
    return text;
}

/** Read a path; a relative one is taken from the config's folder. NULL: absent, or a fault. */
static const char *read_path(const struct wn_config *config, const struct wn_node *node,
                             const char *key)
{
    const char *path = wn_settings_word(config, node, key);
    const char *slash = strrchr(config->file, '/');
    if (!path || path[0] == '/' || !slash) {
        return path;
    }
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer text = { 0 };
    wn_buffer_add(&text, config->file, (size_t)(slash - config->file) + 1);
    wn_buffer_text(&text, path);
    return wn_arena_copy(config->arena, wn_buffer_slice(&text)).at;
}

void wn_settings_path(const struct wn_config *config, const struct wn_node *node, const char *key,
                      const char **ret_path)
{
    const char *path = read_path(config, node, key);
    if (path) {
        *ret_path = path;
    }
}

/** @return whether a text may be part of a topic's or a client's name. */
static bool is_name(const char *text, size_t most)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return len > 0 && len <= most && text[len] == '\0' && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

static void set_name(const struct wn_config *config, const struct wn_node *node, const char *key,
                     size_t most, const char **ret_name)
{
    const char *name = wn_settings_word(config, node, key);
    if (!name) {
        return;
    }
    if (!is_name(name, most)) {
        wn_config_fault(config, node,
                        "%s: not a name (letters, digits, '.', '_', '-', at most %zu)", key, most);
        return;
    }
    *ret_name = name;
}

static void read_keys(const struct wn_config *config, const struct wn_node *keys,
                      struct wn_key_paths *ret_paths)
{
    static const char *const known[] = { "dir", "kek", "register", NULL };
    if (!keys) {
        return;
    }
    wn_config_keys(config, keys, "keys", known);
    wn_settings_path(config, wn_config_find(keys, "dir"), "keys.dir", &ret_paths->dir);
    wn_settings_path(config, wn_config_find(keys, "kek"), "keys.kek", &ret_paths->kek);
    wn_settings_path(config, wn_config_find(keys, "register"), "keys.register", &ret_paths->reg);
}

static void read_input(const struct wn_config *config, const struct wn_node *node, size_t i,
                       struct wn_input *ret_input)
{
    static const char *const known[] = { "topic", "source", "affinity", NULL };
    static const char *const words[] = { "none", "node", "session", NULL };
    static const enum wn_affinity affinities[] = { WN_AFFINITY_NONE, WN_AFFINITY_NODE,
                                                   WN_AFFINITY_SESSION };
    char where[32], key[64];
    snprintf(where, sizeof(where), "inputs[%zu]", i);
    *ret_input = (struct wn_input){ .affinity = -1, .line = node->line };
    wn_config_keys(config, node, where, known);
    if (node->type != WN_NODE_MAP) {
        return;
    }
    const struct wn_node *topic = wn_config_find(node, "topic");
    const struct wn_node *source = wn_config_find(node, "source");
    if (!topic || !source) {
        wn_config_fault(config, node, "%s: has no '%s'", where, topic ? "source" : "topic");
    }
    snprintf(key, sizeof(key), "%s.topic", where);
    set_name(config, topic, key, TOPIC_MOST, &ret_input->topic);
    snprintf(key, sizeof(key), "%s.source", where);
    set_name(config, source, key, NAME_MOST, &ret_input->source);
    snprintf(key, sizeof(key), "%s.affinity", where);
    int word = wn_config_word(config, wn_config_find(node, "affinity"), key, words);
    ret_input->affinity = word < 0 ? -1 : (int)affinities[word];
}

static void read_inputs(const struct wn_config *config, const struct wn_node *node,
                        struct wn_settings *settings)
{
    if (!node) {
        return;
    }
    if (node->type != WN_NODE_LIST) {
        wn_config_fault(config, node, "inputs: a list is expected here");
        return;
    }
    struct wn_input *inputs = wn_arena_zeroed(config->arena, node->n + 1, sizeof(*inputs));
    for (size_t i = 0; i < node->n; i++) {
        read_input(config, &node->items[i], i, &inputs[i]);
        for (size_t j = 0; j < i; j++) {
            if (inputs[i].topic && inputs[j].topic &&
                strcmp(inputs[i].topic, inputs[j].topic) == 0) {
                wn_config_fault(config, &node->items[i],
                                "inputs[%zu]: its topic is that of inputs[%zu]", i, j);
            }
        }
    }
    settings->inputs = inputs;
    settings->n_inputs = (unsigned)node->n;
}

/** Read `{records: N, ms: N}`. */
static void read_pace(const struct wn_config *config, const struct wn_node *node, const char *where,
                      int64_t most_ms, int64_t ret_pace[2])
{
    static const char *const known[] = { "records", "ms", NULL };
    char key[64];
    if (!node) {
        return;
    }
    wn_config_keys(config, node, where, known);
    snprintf(key, sizeof(key), "%s.records", where);
    wn_config_number(config, wn_config_find(node, "records"), key, 1, 10000000, &ret_pace[0]);
    snprintf(key, sizeof(key), "%s.ms", where);
    wn_config_number(config, wn_config_find(node, "ms"), key, 1, most_ms, &ret_pace[1]);
}

static void read_run(const struct wn_config *config, const struct wn_node *run,
                     struct wn_settings *settings)
{
    static const char *const known[] = { "workers", "commit", "receipt", "state",
                                         "runs",    "held",   "sandbox", NULL };
    static const char *const words[] = { "on", "off", NULL };
    if (!run) {
        return;
    }
    wn_config_keys(config, run, "run", known);
    int64_t workers = settings->workers;
    wn_config_number(config, wn_config_find(run, "workers"), "run.workers", 1, WN_WORKERS,
                     &workers);
    settings->workers = (unsigned)workers;

    // A commit must come well before transaction.timeout.ms, which is 15 s.
    int64_t commit[2] = { settings->commit_records, settings->commit_ms };
    int64_t receipt[2] = { settings->receipt_records, settings->receipt_ms };
    read_pace(config, wn_config_find(run, "commit"), "run.commit", 5000, commit);
    read_pace(config, wn_config_find(run, "receipt"), "run.receipt", 3600000, receipt);
    settings->commit_records = commit[0];
    settings->commit_ms = commit[1];
    settings->receipt_records = receipt[0];
    settings->receipt_ms = receipt[1];
    wn_settings_path(config, wn_config_find(run, "state"), "run.state", &settings->state_dir);
    wn_config_duration(config, wn_config_find(run, "runs"), "run.runs", &settings->state_ms);
    wn_config_number(config, wn_config_find(run, "held"), "run.held", 1, INT64_MAX,
                     &settings->state_held);
    settings->no_sandbox =
        wn_config_word(config, wn_config_find(run, "sandbox"), "run.sandbox", words) == 1;
}

static void read_files(const struct wn_config *config, const struct wn_node *files,
                       struct wn_settings *settings)
{
    static const char *const known[] = { "batch", "unpacked", "ratio", NULL };
    int64_t bytes = 0;
    int64_t ratio = 0;
    if (!files) {
        return;
    }
    wn_config_keys(config, files, "files", known);
    wn_config_bytes(config, wn_config_find(files, "batch"), "files.batch", &settings->batch_bytes);
    wn_config_bytes(config, wn_config_find(files, "unpacked"), "files.unpacked", &bytes);
    wn_config_number(config, wn_config_find(files, "ratio"), "files.ratio", 1, 1000000, &ratio);
    settings->unpack = (struct wn_unpack_limits){ (uint64_t)bytes, (uint64_t)ratio };
}

/**
 * Make a name from the machine id: hashed, as machine-id(5) asks for, so that the id itself shows
 * nowhere. @return NULL where there is none.
 */
static const char *make_instance(struct wn_arena *arena)
{
    static const char label[] = "winnow/instance/v1";
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer id = { 0 };
    struct wn_error err = { 0 };
    if (wn_io_read(machine_id, 4096, &id, &err) != WN_OK || id.len < 32) {
        return NULL;
    }
    uint8_t mac[WN_MAC_BYTES];
    char hex[2 * INSTANCE_BYTES + 1];
    wn_mac_once(id.at, 32, label, sizeof(label) - 1, mac);
    wn_hex(mac, INSTANCE_BYTES, hex);
    return wn_arena_copy(arena, wn_slice_of(hex)).at;
}

static void read_root(const struct wn_config *config, struct wn_settings *settings)
{
    static const char *const known[] = {
        "site",   "policy", "keys",           "consent",        "limits", "lists",
        "files",  "kafka",  "kafka.consumer", "kafka.producer", "group",  "instance",
        "inputs", "run",    "http",           "registry",       NULL,
    };
    const struct wn_node *root = &config->root;
    wn_config_keys(config, root, NULL, known);
    wn_settings_site(config, wn_config_find(root, "site"), &settings->site);
    wn_settings_path(config, wn_config_find(root, "policy"), "policy", &settings->policy);
    read_keys(config, wn_config_find(root, "keys"), &settings->keys);
    wn_settings_path(config, wn_config_find(root, "consent"), "consent", &settings->consent);
    wn_settings_lists(config, wn_config_find(root, "lists"), &settings->lists);
    wn_settings_limits(config, wn_config_find(root, "limits"), settings);
    read_files(config, wn_config_find(root, "files"), settings);
    wn_settings_kafka(config, wn_config_find(root, "kafka"), "kafka", &settings->kafka);
    wn_settings_kafka(config, wn_config_find(root, "kafka.consumer"), "kafka.consumer",
                      &settings->consumer);
    wn_settings_kafka(config, wn_config_find(root, "kafka.producer"), "kafka.producer",
                      &settings->producer);
    set_name(config, wn_config_find(root, "group"), "group", NAME_MOST, &settings->group);
    set_name(config, wn_config_find(root, "instance"), "instance", NAME_MOST, &settings->instance);
    read_inputs(config, wn_config_find(root, "inputs"), settings);
    read_run(config, wn_config_find(root, "run"), settings);
    wn_settings_http(config, wn_config_find(root, "http"), &settings->http_listen);
    wn_settings_registry(config, wn_config_find(root, "registry"), &settings->registry);
}

static void set_defaults(const char *file, struct wn_settings *ret_settings)
{
    *ret_settings = (struct wn_settings){
        .file = file,
        .site = wn_site_default(),
        .policy = WINNOW_SHARE "/schemas",
        .limits = wn_limits_default(),
        .consent_ms = 60000,
        .batch_bytes = 268435456,
        .group = "winnow",
        .workers = 1,
        .commit_records = 50000,
        .commit_ms = 500,
        .receipt_records = 50000,
        .receipt_ms = 60000,
        .state_ms = 3600000,
        .state_held = 4000000,
        .http_listen = "127.0.0.1:9464",
        .registry = { .enters = true, .timeout_ms = 5000 },
    };
}

bool wn_settings_read(const char *file, struct wn_faults *faults, struct wn_settings *ret_settings)
{
    unsigned before = faults->n;
    set_defaults(file, ret_settings);
    if (file) {
        struct wn_config config = {
            .file = file,
            .faults = faults,
            .arena = &ret_settings->arena,
        };
        if (wn_config_read(&config)) {
            read_root(&config, ret_settings);
        }
    }
    if (!ret_settings->instance) {
        ret_settings->instance = make_instance(&ret_settings->arena);
    }
    if (!ret_settings->instance) {
        ret_settings->instance = "";
        if (ret_settings->n_inputs > 0) {
            wn_faults_add(faults, file, 0,
                          "instance: %s can't be read; name this instance, as no other is named",
                          machine_id);
        }
    }
    return faults->n == before;
}

const char *wn_settings_brokers(const struct wn_settings *settings)
{
    for (unsigned i = 0; i < settings->kafka.n; i++) {
        const char *name = settings->kafka.list[i].name;
        if (strcmp(name, "bootstrap.servers") == 0 || strcmp(name, "metadata.broker.list") == 0) {
            return settings->kafka.list[i].value;
        }
    }
    return "(bootstrap.servers is not set)";
}

void wn_settings_deinit(struct wn_settings *settings)
{
    wn_arena_deinit(&settings->arena);
    *settings = (struct wn_settings){ 0 };
}

const char *wn_settings_source(struct wn_settings *settings, const char *name,
                               struct wn_faults *faults)
{
    static const char share[] = WINNOW_SHARE "/schemas";
    if (!is_name(name, NAME_MOST)) {
        wn_faults_add(faults, settings->file, 0,
                      "a source is named without folder and ending, as in freeswitch-json");
        return NULL;
    }
    const char *const folders[] = { settings->policy, share };
    for (size_t i = 0; i < WN_COUNT(folders); i++) {
        WN_CLEANUP(wn_buffer_deinit) struct wn_buffer path = { 0 };
        wn_buffer_format(&path, "%s/sources/%s.yaml", folders[i], name);
        const char *kept = wn_arena_copy(&settings->arena, wn_buffer_slice(&path)).at;
        if (access(kept, F_OK) == 0) {
            return kept;
        }
    }
    wn_faults_add(faults, settings->file, 0,
                  "there is no source %s: neither %s/sources/%s.yaml nor "
                  "one in %s/sources",
                  name, settings->policy, name, share);
    return NULL;
}
