// SPDX-License-Identifier: Apache-2.0

/*
 * Everything is read, whatever is wrong with what was read before it: a config with faults still
 * names its policy, a policy with faults still has types that sources can be read against.
 */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "winnow/consent.h"
#include "winnow/kafka.h"
#include "winnow/memory.h"
#include "winnow/time.h"
#include "winnow/trace.h"
#include "winnow/worker.h"

#define WARN(check, file, line, ...) wn_faults_add(&(check)->warnings, (file), (line), __VA_ARGS__)

static struct check_source *add_source(struct check *check, const char *name)
{
    for (size_t i = 0; i < check->n_sources; i++) {
        if (strcmp(check->sources[i].name, name) == 0) {
            return &check->sources[i];
        }
    }
    check->sources = wn_grow(check->sources, check->n_sources + 1, sizeof(*check->sources));
    struct check_source *source = &check->sources[check->n_sources++];
    *source =
        (struct check_source){ .name =
                                   wn_arena_copy(&check->settings.arena, wn_slice_of(name)).at };
    return source;
}

static int by_name(const void *left, const void *right)
{
    const struct check_source *a = left;
    const struct check_source *b = right;
    return strcmp(a->name, b->name);
}

/** Without inputs: every source of the policy's folder, and those that inputs do not name. */
static void list_sources(struct check *check)
{
    static const char ending[] = ".yaml";
    struct wn_buffer folder = { 0 };
    wn_buffer_format(&folder, "%s/sources", check->settings.policy);
    wn_buffer_add(&folder, "", 1);
    DIR *dir = opendir((const char *)folder.at);
    if (!dir) {
        WARN(check, (const char *)folder.at, 0, "%s: no source is looked at", strerror(errno));
    }
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        struct wn_slice name = wn_slice_of(entry->d_name);
        if (name.len > strlen(ending) && entry->d_name[0] != '.' &&
            strcmp(entry->d_name + name.len - strlen(ending), ending) == 0) {
            name.len -= strlen(ending);
            (void)add_source(check, wn_arena_copy(&check->settings.arena, name).at);
        }
    }
    if (dir) {
        closedir(dir);
    }
    wn_buffer_deinit(&folder);
    if (check->n_sources > 0) {
        qsort(check->sources, check->n_sources, sizeof(*check->sources), by_name);
    }
}

/** What a remark is about. */
struct remarked {
    struct check *check;
    const char *file;
};

static void warn_remark(void *context, unsigned line, const char *sentence)
{
    const struct remarked *remarked = context;
    WARN(remarked->check, remarked->file, line, "%s", sentence);
}

/** @return the file of the source that this one is `like`, beside it; in the arena. */
static const char *file_of_like(struct wn_arena *arena, const char *file, const char *name)
{
    struct wn_buffer path = { 0 };
    const char *slash = strrchr(file, '/');
    wn_buffer_add(&path, file, slash ? (size_t)(slash - file) + 1 : 0);
    wn_buffer_format(&path, "%s.yaml", name);
    const char *kept = wn_arena_copy(arena, wn_buffer_slice(&path)).at;
    wn_buffer_deinit(&path);
    return kept;
}

/** @return whether a name is of a record type that the policy has, without a fault; or no name. */
static bool is_right_type(const struct check *check, const struct wn_node *type)
{
    return !type || type->type != WN_NODE_TEXT || wn_policy_type(check->policy, type->text.at);
}

/** @return whether all record types that a source names have no fault. */
static bool has_right_types(const struct check *check, const char *file)
{
    struct wn_arena arena = { 0 };
    struct wn_faults faults = { 0 };
    const struct wn_node *type = NULL, *types = NULL;
    for (unsigned n = 0; !check->policy_is_right && file && n <= WN_CONFIG_OTHERS; n++) {
        struct wn_config config = { .file = file, .faults = &faults, .arena = &arena };
        if (!wn_config_read(&config)) {
            break;
        }
        type = type ? type : wn_config_find(&config.root, "type");
        types = types ? types : wn_config_find(&config.root, "types");
        const struct wn_node *like = wn_config_find(&config.root, "like");
        file =
            like && like->type == WN_NODE_TEXT ? file_of_like(&arena, file, like->text.at) : NULL;
    }
    bool right = is_right_type(check, type);
    for (size_t i = 0; types && types->type == WN_NODE_LIST && i < types->n; i++) {
        right = right && is_right_type(check, wn_config_find(&types->items[i], "type"));
    }
    wn_faults_deinit(&faults);
    wn_arena_deinit(&arena);
    return right;
}

/** Find a source's file; where there is none, the input that names it is at fault. */
static const char *find_source(struct check *check, const char *name)
{
    struct wn_faults none = { 0 };
    const struct wn_settings *settings = &check->settings;
    const char *file = wn_settings_source(&check->settings, name, &none);
    for (unsigned i = 0; !file && i < settings->n_inputs; i++) {
        if (settings->inputs[i].source && strcmp(settings->inputs[i].source, name) == 0) {
            wn_faults_add(&check->faults, settings->file, settings->inputs[i].line,
                          "inputs: there is no source %s: neither %s/sources/%s.yaml nor an "
                          "installed one",
                          name, settings->policy, name);
        }
    }
    wn_faults_deinit(&none);
    return file;
}

static void read_source(struct check *check, struct check_source *source)
{
    const struct wn_shape *shapes[WN_TYPES];
    struct wn_error err;
    for (unsigned i = 0; i < check->policy->n_types; i++) {
        shapes[i] = &check->policy->types[i].shape;
    }
    source->file = find_source(check, source->name);
    if (!source->file) {
        return;
    }
    if (!has_right_types(check, source->file)) {
        WARN(check, source->file, 0,
             "is not looked at: its record type has faults, or is none of the policy's; mend the "
             "policy first");
        return;
    }
    if (wn_source_load(source->file, shapes, check->policy->n_types, &check->settings.site,
                       &check->faults, &source->source, &err) == WN_OK) {
        struct remarked remarked = { check, source->file };
        wn_source_each_remark(source->source, warn_remark, &remarked);
    }
}

/** What only a start of `run` would say. */
static void look_at_inputs(struct check *check)
{
    const struct wn_settings *settings = &check->settings;
    bool has_brokers = false;
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        const struct wn_input *input = &settings->inputs[i];
        char name[WN_TOPIC_NAME];
        if (input->source) {
            add_source(check, input->source)->n_inputs++;
        }
        if (input->topic && !wn_state_topic(settings->group, input->topic, name)) {
            wn_faults_add(&check->faults, settings->file, input->line,
                          "inputs: the name of its state topic, winnow.state.<group>.<input>, is "
                          "over 249 characters");
        }
    }
    for (unsigned i = 0; i < settings->kafka.n; i++) {
        const char *name = settings->kafka.list[i].name;
        has_brokers = has_brokers || strcmp(name, "bootstrap.servers") == 0 ||
                      strcmp(name, "metadata.broker.list") == 0;
    }
    if (settings->n_inputs > 0 && !has_brokers) {
        wn_faults_add(&check->faults, settings->file, 0,
                      "kafka: bootstrap.servers is missing; name the brokers");
    }
    if (settings->n_inputs > 0 && !settings->state_dir) {
        WARN(check, settings->file, 0,
             "run.state: no folder is named: the duplicate state is read from its topic at every "
             "start, and `winnow ctl` has no socket");
    }
}

const struct wn_source *check_source_of(struct check *check, const struct wn_input *input)
{
    return input->source ? add_source(check, input->source)->source : NULL;
}

int check_affinity(struct check *check, const struct wn_input *input)
{
    const struct wn_source *source = check_source_of(check, input);
    return input->affinity >= 0 ? input->affinity : source ? (int)source->affinity : -1;
}

/** Inputs, when their sources are read. */
static void warn_affinity(struct check *check)
{
    const struct wn_settings *settings = &check->settings;
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        const struct wn_input *input = &settings->inputs[i];
        if (check_affinity(check, input) == WN_AFFINITY_NONE) {
            WARN(check, settings->file, input->line,
                 "inputs: affinity is none: the topic must have one partition, or duplicates on "
                 "two are not found; say session or node where the writer keeps it so");
        }
    }
}

static void warn_site(struct check *check)
{
    const struct wn_settings *settings = &check->settings;
    if (settings->site.home.n == 0) {
        WARN(check, settings->file, 0,
             "site.home: no own networks are named: nobody is foreign, and inbound roamers pass "
             "for customers");
    }
    if (!settings->site.zone) {
        WARN(check, settings->file, 0,
             "site.zone: none is named: sources without a `clock: {zone}` can't read local times");
    }
    if (settings->lists.helplines_limit_ms == 0) {
        WARN(check, settings->file, 0,
             "lists.helplines.limit: is not set: the list counts however old it is");
    }
    if (!settings->keys.dir && settings->n_inputs > 0) {
        wn_faults_add(&check->faults, settings->file, 0,
                      "keys.dir: is missing; `winnow run` needs the keys folder");
    } else if (!settings->keys.dir) {
        WARN(check, settings->file, 0,
             "keys.dir: no folder is named; `winnow sift` needs --keys then");
    }
    bool asks = false;
    for (unsigned t = 0; t < check->policy->n_types; t++) {
        for (unsigned p = 0; p < check->policy->types[t].n_purposes; p++) {
            asks = asks || check->policy->types[t].purposes[p].needs_consent;
        }
    }
    if (asks && !settings->consent) {
        WARN(check, settings->file, 0,
             "consent: no file is named: nobody has consented, and purposes that rest on consent "
             "give nothing out");
    }
}

static void read_lists(struct check *check)
{
    struct wn_lists_at_work *lists = NULL;
    if (wn_lists_open(&check->settings, &check->faults, &lists)) {
        wn_lists_close(lists);
    }
}

/** Read the consent file, with keys that are thrown away: what it says is not kept. */
static void read_consent(struct check *check)
{
    struct wn_keyring *scratch = NULL;
    struct wn_consent *consent = NULL;
    struct wn_consent_keys keys;
    struct wn_stamp stamp;
    struct wn_error err = { 0 };
    if (!check->settings.consent) {
        return;
    }
    if (wn_keyring_scratch(check->policy->purposes, check->policy->n_purposes, &scratch, &err) !=
        WN_OK) {
        wn_faults_add(&check->faults, NULL, 0, "%s", err.text);
        return;
    }
    const struct wn_consent_ground ground = { .keys = &keys,
                                              .policy = check->policy,
                                              .site = &check->settings.site };
    if (wn_consent_keys(scratch, &keys) &&
        wn_consent_load(check->settings.consent, &ground, &check->faults, &consent, &stamp)) {
        wn_consent_close(consent);
    }
    wn_keyring_close(scratch);
}

static void warn_key(struct check *check, const char *purpose, uint32_t period)
{
    if (!wn_keyring_has(check->keyring, purpose, period, NULL)) {
        WARN(check, check->settings.keys.dir, 0,
             "there is no key of purpose '%s', period %u: it is withheld; winnow keys ensure",
             purpose, period);
    }
}

/** Warn of keys that a purpose needs now or next month. */
static void warn_keys_ahead(struct check *check)
{
    const uint32_t month = wn_month_of((int64_t)time(NULL) * 1000);
    const uint32_t next = month % 100 == 12 ? month + 89 : month + 1;
    for (unsigned i = 0; i < check->policy->n_purposes; i++) {
        const char *name = check->policy->purposes[i];
        const struct wn_purpose *purpose = NULL; // Its period is the same in all types.
        for (unsigned t = 0; t < check->policy->n_types && !purpose; t++) {
            purpose = wn_type_purpose(&check->policy->types[t], name);
        }
        if (purpose && purpose->period == WN_PERIOD_MONTH) {
            warn_key(check, name, month);
            warn_key(check, name, next);
        } else if (purpose) {
            warn_key(check, name, 0);
        }
    }
    if (check->settings.consent) {
        warn_key(check, WN_CONSENT_PURPOSE, 0);
    }
    if (!wn_keyring_has(check->keyring, "record", 0, NULL)) {
        wn_faults_add(&check->faults, check->settings.keys.dir, 0,
                      "there is no key of purpose 'record', which names every record; winnow keys "
                      "list says why");
    }
}

static bool is_there(const char *folder, const char *ending)
{
    struct wn_buffer path = { 0 };
    wn_buffer_format(&path, "%s%s", folder, ending);
    wn_buffer_add(&path, "", 1);
    struct stat status;
    const bool there = stat((const char *)path.at, &status) == 0;
    wn_buffer_deinit(&path);
    return there;
}

static void read_keys(struct check *check)
{
    const struct wn_key_paths *keys = &check->settings.keys;
    struct wn_error err = { 0 };
    struct wn_key_row row;
    if (!keys->dir) {
        return;
    }
    if (wn_keyring_open(keys, &check->keyring, &err) != WN_OK) {
        wn_faults_add(&check->faults, NULL, 0, "%s", err.text);
        return;
    }
    for (unsigned i = 0; wn_keyring_row(check->keyring, i, &row); i++) {
        if (row.state == WN_KEY_MISSING || row.state == WN_KEY_BROKEN) {
            wn_faults_add(&check->faults, keys->dir, 0,
                          "the key of purpose '%s', period %u, is %s: bring its file back from a "
                          "backup; until then the purpose is withheld",
                          row.purpose, row.period,
                          row.state == WN_KEY_MISSING ? "missing" : "broken");
        }
    }
    warn_keys_ahead(check);
    if (!keys->kek && is_there(keys->dir, ".kek")) {
        WARN(check, keys->dir, 0,
             "the key-encryption key lies beside the keys: who copies both has the keys; hand it "
             "over as a systemd credential");
    }
    if (is_there(keys->dir, ".officer.key")) {
        WARN(check, keys->dir, 0,
             "the officer's private key (%s.officer.key) is still on this machine; it is to be "
             "taken away",
             keys->dir);
    }
}

/** Secrets that can't be read, and a way to log in that is known not to work. */
static void look_at_login(struct check *check)
{
    const struct wn_settings *settings = &check->settings;
    char doubt[WN_DOUBT];
    wn_settings_check_secrets(settings, &check->faults);
    if (wn_kafka_doubt(settings, doubt)) {
        WARN(check, settings->file, 0, "kafka: sasl.mechanism: %s", doubt);
    }
}

void check_gather(struct check *check, const char *config, const char *policy)
{
    struct wn_settings *settings = &check->settings;
    const bool read = wn_settings_read(config, &check->faults, settings);
    assert(read || check->faults.n > 0); // What is right of it is there in any case.
    settings->policy = policy ? policy : settings->policy;
    const unsigned before = check->faults.n;
    check->policy = wn_policy_look(settings->policy, &check->faults);
    check->policy_is_right = check->faults.n == before;

    look_at_inputs(check);
    look_at_login(check);
    if (check->n_sources == 0) {
        list_sources(check);
    }
    for (size_t i = 0; i < check->n_sources; i++) {
        read_source(check, &check->sources[i]);
    }
    warn_affinity(check);
    check_twice(check);
    warn_site(check);
    read_lists(check);
    check->n_config = check->faults.n;
    read_keys(check);
    const unsigned keys = check->faults.n;
    read_consent(check);
    check->n_config += check->faults.n - keys;
}

void check_deinit(struct check *check)
{
    for (size_t i = 0; i < check->n_sources; i++) {
        wn_source_close(check->sources[i].source);
    }
    free(check->sources);
    wn_keyring_close(check->keyring);
    wn_policy_close(check->policy);
    wn_settings_deinit(&check->settings);
    wn_faults_deinit(&check->faults);
    wn_faults_deinit(&check->warnings);
    wn_findings_deinit(&check->findings);
    *check = (struct check){ .policy = NULL };
}
