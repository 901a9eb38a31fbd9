// SPDX-License-Identifier: Apache-2.0

/*
 * A source description is read in the order in which its parts build on each other, not in that of
 * the file: words before conditions, the clock before times, items before fields, fields before
 * keys. Every part reports its own faults; with one of them the source is not handed out.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "load.h"
#include "winnow/hash.h"
#include "winnow/io.h"

enum {
    FILE_MOST = 1 << 20, // As base/config.c; more is its fault to report.
};

/** Name the source after its file. */
static void load_name(struct wn_loader *loader, const char *file)
{
    static const char ending[] = ".yaml";
    const char *slash = strrchr(file, '/');
    struct wn_slice name = wn_slice_of(slash ? slash + 1 : file);
    char *room = loader->source->name;

    if (name.len > strlen(ending) &&
        memcmp(name.at + name.len - strlen(ending), ending, strlen(ending)) == 0) {
        name.len -= strlen(ending);
    }
    bool fine = name.len > 0 && name.len < sizeof(loader->source->name);
    for (size_t i = 0; i < name.len && fine; i++) {
        fine = (name.at[i] >= 'a' && name.at[i] <= 'z') ||
               (name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '-';
    }
    if (!fine) {
        wn_faults_add(loader->config.faults, file, 0,
                      "a source is named after its file: lower-case letters, digits and hyphens, "
                      "at most %zu of them; rename it",
                      sizeof(loader->source->name) - 1);
        return;
    }
    memcpy(room, name.at, name.len);
    room[name.len] = '\0';
}

/** Read all parts, in the order in which they build on each other. */
static void load_parts(struct wn_loader *loader)
{
    static const char *const keys[] = { "like",          "format",   "framing",     "type",
                                        "types",         "csv",      "json",        "encoded",
                                        "text",          "decimal",  "integers",    "records",
                                        "emit",          "affinity", "clock",       "tolerance",
                                        "volumes",       "node",     "numbers",     "words",
                                        "usage",         "fields",   "subscriber",  "required",
                                        "duplicate_key", "content",  "session_key", "flags",
                                        "filter",        "declared", "gaps",        NULL };
    wn_config_keys(&loader->config, &loader->config.root, NULL, keys);
    wn_plan_load_format(loader);
    wn_plan_load_framing(loader);
    wn_plan_load_csv(loader);
    wn_plan_load_json(loader);
    wn_plan_load_encoded(loader);
    wn_plan_load_text(loader);
    wn_plan_load_decimal(loader);
    wn_plan_load_integers(loader);
    wn_plan_load_emit(loader);
    wn_plan_load_records(loader);
    wn_plan_load_clock(loader);
    wn_plan_load_ways(loader);
    wn_plan_load_numbers(loader);
    wn_plan_load_words(loader);
    wn_plan_load_node(loader);
    wn_plan_load_gaps(loader);
    wn_plan_load_sections(loader);
    wn_plan_load_declared(loader);
}

static int compare_rules(const void *left, const void *right)
{
    return memcmp(left, right, WN_SHA256_BYTES);
}

/** Make the id of the duplicate rule: that of the one section, or of all that differ, sorted. */
static void make_rule_id(struct wn_loader *loader)
{
    const size_t n = loader->source->n_sections, size = sizeof(loader->rules[0]);
    uint8_t digest[WN_SHA256_BYTES];
    size_t n_different = 0;
    qsort(loader->rules, n, size, compare_rules);
    for (size_t i = 0; i < n; i++) {
        if (n_different == 0 ||
            memcmp(loader->rules[n_different - 1], loader->rules[i], size) != 0) {
            memmove(loader->rules[n_different++], loader->rules[i], size);
        }
    }
    memcpy(digest, loader->rules[0], sizeof(digest));
    if (n_different > 1) {
        wn_sha256_of(loader->rules, n_different * size, digest);
    }
    memcpy(loader->source->rule_id, digest, sizeof(loader->source->rule_id));
}

/** Make the ids: of the file, and of the duplicate rule. */
static void make_ids(struct wn_loader *loader, struct wn_slice bytes)
{
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_of(bytes.at, bytes.len, digest);
    wn_hex(digest, sizeof(digest), loader->source->id);
    make_rule_id(loader);
}

/** Keep the names of the files: faults are told by them, and what a line did. */
static void keep_files(struct wn_loader *loader)
{
    struct wn_config *files = &loader->plan->files;
    *files = loader->config;
    const struct wn_slice file = wn_arena_copy(&loader->plan->arena, wn_slice_of(files->file));
    files->file = file.at;
    files->faults = NULL;
}

const char *wn_source_file(const struct wn_source *source, unsigned *line)
{
    return wn_config_file(&source->plan->files, line);
}

const char *wn_source_other_file(const struct wn_source *source, unsigned i)
{
    return i < WN_CONFIG_OTHERS ? source->plan->files.others[i] : NULL;
}

static struct wn_source *make_source(const struct wn_site *site)
{
    struct wn_source *source = calloc(1, sizeof(*source));
    struct wn_source_plan *plan = calloc(1, sizeof(*plan));
    if (!source || !plan) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    source->plan = plan;
    plan->paths = wn_paths_open();
    plan->parts = wn_paths_open();
    plan->options.paths = plan->paths;
    plan->options.parts = plan->parts;
    plan->decimal = '.';
    source->site = site;
    plan->reading = (struct wn_reading){ .site = site, .numbers = &plan->numbers };
    return source;
}

int64_t wn_source_clock_change_ms(const struct wn_source *source, int64_t from_ms, int64_t to_ms)
{
    const struct wn_zone *zone = source->plan->zone;
    return zone ? (wn_zone_offset_s(zone, to_ms) - wn_zone_offset_s(zone, from_ms)) * INT64_C(1000)
                : 0;
}

struct wn_source *wn_source_close(struct wn_source *source)
{
    if (source) {
        wn_zone_close(source->plan->zone);
        wn_paths_close(source->plan->parts);
        wn_paths_close(source->plan->paths);
        wn_arena_deinit(&source->plan->arena);
        free(source->plan);
        free(source);
    }
    return NULL;
}

enum wn_code wn_source_parse(const char *file, struct wn_slice bytes,
                             const struct wn_source_ground *ground, struct wn_faults *faults,
                             struct wn_source **ret_source, struct wn_error *err)
{
    assert(ground->site);
    const unsigned before = faults->n;
    struct wn_source *source = make_source(ground->site);
    struct wn_loader loader = {
        .config = { .file = file, .faults = faults, .arena = &source->plan->arena },
        .ground = ground,
        .source = source,
        .plan = source->plan,
    };

    load_name(&loader, file);
    if (wn_config_parse(&loader.config, bytes)) {
        WN_CLEANUP(wn_buffer_deinit) struct wn_buffer all = { 0 };
        wn_buffer_add(&all, bytes.at, bytes.len);
        wn_plan_load_like(&loader, &all);
        if (!loader.is_unlike) {
            load_parts(&loader);
        }
        make_ids(&loader, wn_buffer_slice(&all));
        keep_files(&loader);
        wn_paths_compile(source->plan->paths);
        wn_paths_compile(source->plan->parts);
    }
    wn_buffer_deinit(&loader.rule);
    if (faults->n > before) {
        unsigned n = faults->n - before;
        wn_source_close(source);
        return wn_fail(err, WN_FATAL, "config", "%s: %u fault%s; nothing is read by this source",
                       file, n, n == 1 ? "" : "s");
    }
    *ret_source = source;
    return WN_OK;
}

// NOLINTNEXTLINE(readability-function-size): one call says all that a load needs.
enum wn_code wn_source_load(const char *file, const struct wn_shape *const *shapes,
                            unsigned n_shapes, const struct wn_site *site, struct wn_faults *faults,
                            struct wn_source **ret_source, struct wn_error *err)
{
    const struct wn_source_ground ground = { shapes, n_shapes, site };
    WN_CLEANUP(wn_buffer_deinit) struct wn_buffer bytes = { 0 };
    if (wn_io_read(file, FILE_MOST, &bytes, err) != WN_OK) {
        wn_faults_add(faults, NULL, 0, "%s", err->text);
        return wn_fail(err, WN_FATAL, "config", "%s: 1 fault; nothing is read by this source",
                       file);
    }
    return wn_source_parse(file, wn_buffer_slice(&bytes), &ground, faults, ret_source, err);
}
