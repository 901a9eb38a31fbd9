// SPDX-License-Identifier: Apache-2.0

/*
 * The folder of schemas becomes a policy: each file is read by itself (type.c), then what holds
 * across the files is checked, then the derived schemas are made. A policy with one fault is no
 * policy.
 */

#include "winnow/policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "load.h"
#include "winnow/hash.h"
#include "winnow/io.h"

enum {
    MOST_BYTES = 1024 * 1024, ///< Of a schema file.
};

/** Names of the schema files, sorted by byte. */
struct listing {
    char *names[WN_TYPES];
    unsigned n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void listing_deinit(struct listing *listing)
{
    for (unsigned i = 0; i < listing->n; i++) {
        free(listing->names[i]);
    }
}

static void list(const char *folder, struct wn_faults *faults, struct listing *ret_listing)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        wn_faults_add(faults, folder, 0, "%s (the folder of the policy's *.avsc)", strerror(errno));
        return;
    }
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len <= 5 || strcmp(entry->d_name + len - 5, ".avsc") != 0 || entry->d_name[0] == '.') {
            continue;
        }
        if (ret_listing->n == WN_TYPES) {
            wn_faults_add(faults, folder, 0, "more than %d schemas", WN_TYPES);
            break;
        }
        ret_listing->names[ret_listing->n] = strdup(entry->d_name);
        if (ret_listing->names[ret_listing->n]) {
            ret_listing->n++;
        }
    }
    closedir(dir);
    qsort(ret_listing->names, ret_listing->n, sizeof(char *), by_name);
    if (ret_listing->n == 0) {
        wn_faults_add(faults, folder, 0, "no schema here (*.avsc)");
    }
}

/** Read one file into the policy's next type; its bytes go into the policy's id. */
static void load_file(struct wn_policy *policy, const char *path, struct wn_sha256 *id,
                      struct wn_faults *faults)
{
    struct wn_buffer text = { 0 };
    struct wn_error err = { 0 };
    if (wn_io_read(path, MOST_BYTES, &text, &err) != WN_OK) {
        wn_faults_add(faults, NULL, 0, "%s", err.text);
        wn_buffer_deinit(&text);
        return;
    }
    wn_sha256_add(id, text.at, text.len);

    json_error_t error;
    json_t *root = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    if (root) {
        struct wn_loading load = { .policy = policy,
                                   .type = &policy->types[policy->n_types],
                                   .faults = faults,
                                   .file = path };
        const unsigned before = faults->n;
        policy->n_types++;
        wn_load_type(&load, root);
        load.type->faulty = faults->n > before;
    } else {
        wn_faults_add(faults, path, error.line > 0 ? (unsigned)error.line : 0, "%s", error.text);
    }
    json_decref(root);
    wn_buffer_deinit(&text);
}

static int by_purpose(const void *a, const void *b)
{
    const char *left = *(const char *const *)a;
    const char *right = *(const char *const *)b;
    int billing = (strcmp(right, "billing") == 0) - (strcmp(left, "billing") == 0);
    return billing != 0 ? billing : strcmp(left, right);
}

static unsigned find(const struct wn_policy *policy, const char *purpose)
{
    unsigned i = 0;
    while (i < policy->n_purposes && strcmp(policy->purposes[i], purpose) != 0) {
        i++;
    }
    return i;
}

/** Give each purpose its number, the same in all types, and its program. */
static void number_purposes(struct wn_policy *policy, struct wn_faults *faults, const char *folder)
{
    for (unsigned t = 0; t < policy->n_types; t++) {
        for (unsigned p = 0; p < policy->types[t].n_purposes; p++) {
            const char *name = policy->types[t].purposes[p].name;
            if (find(policy, name) < policy->n_purposes) {
                continue;
            }
            if (policy->n_purposes == WN_PURPOSES) {
                wn_faults_add(faults, folder, 0, "more than %d purposes", WN_PURPOSES);
                return;
            }
            policy->purposes[policy->n_purposes++] = name;
        }
    }
    qsort(policy->purposes, policy->n_purposes, sizeof(policy->purposes[0]), by_purpose);
    for (unsigned t = 0; t < policy->n_types; t++) {
        for (unsigned p = 0; p < policy->types[t].n_purposes; p++) {
            struct wn_purpose *purpose = &policy->types[t].purposes[p];
            purpose->number = find(policy, purpose->name);
            wn_purpose_compile(purpose);
        }
    }
}

static bool differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

/** A purpose is one, whatever the type; and what is for one reader goes to no other. */
static void check_pair(const struct wn_purpose *a, const struct wn_purpose *b, const char *file,
                       const char *other, struct wn_faults *faults)
{
    if (a->topic && b->topic && strcmp(a->topic, b->topic) == 0) {
        wn_faults_add(faults, file, 0,
                      "purpose '%s': its topic is that of purpose '%s' in %s; each needs its own",
                      a->name, b->name, other);
    }
    if (strcmp(a->name, b->name) != 0) {
        return;
    }
    const struct {
        const char *key;
        bool differs;
    } same[] = {
        { "basis", differ(a->basis, b->basis) },
        { "retention", differ(a->retention, b->retention) },
        { "counted_from", differ(a->counted_from, b->counted_from) },
        { "period", a->period != b->period },
    };
    for (unsigned i = 0; i < WN_COUNT(same); i++) {
        if (same[i].differs) {
            wn_faults_add(faults, file, 0, "purpose '%s': its '%s' differs from that in %s",
                          a->name, same[i].key, other);
        }
    }
}

/** Check one purpose against those of another type (or of its own, up to itself). */
static void check_against(const struct wn_purpose *purpose, const char *file,
                          const struct wn_type *type, const char *other, struct wn_faults *faults)
{
    for (unsigned i = 0; i < type->n_purposes && &type->purposes[i] != purpose; i++) {
        check_pair(purpose, &type->purposes[i], file, other, faults);
    }
}

static void check_agreement(const struct wn_policy *policy, const char *const *paths,
                            struct wn_faults *faults)
{
    for (unsigned t = 0; t < policy->n_types; t++) {
        for (unsigned p = 0; p < policy->types[t].n_purposes; p++) {
            for (unsigned o = 0; o <= t; o++) {
                check_against(&policy->types[t].purposes[p], paths[t], &policy->types[o], paths[o],
                              faults);
            }
        }
    }
}

static void derive_all(const struct wn_policy *policy, const char *const *paths,
                       struct wn_faults *faults)
{
    for (unsigned t = 0; t < policy->n_types; t++) {
        for (unsigned p = 0; p < policy->types[t].n_purposes; p++) {
            struct wn_error err = { 0 };
            if (wn_policy_derive(&policy->types[t], &policy->types[t].purposes[p], &err) != WN_OK) {
                wn_faults_add(faults, paths[t], 0, "%s", err.text);
            }
        }
    }
}

static void load_all(struct wn_policy *policy, const char *folder, const struct listing *listing,
                     struct wn_faults *faults)
{
    const unsigned before = faults->n;
    const char *paths[WN_TYPES] = { NULL };
    struct wn_sha256 *id = wn_sha256_open();

    for (unsigned i = 0; i < listing->n; i++) {
        struct wn_buffer path = { 0 };
        wn_buffer_format(&path, "%s/%s", folder, listing->names[i]);
        const char *text = wn_arena_copy(&policy->arena, wn_buffer_slice(&path)).at;
        wn_buffer_deinit(&path);
        const unsigned types = policy->n_types;
        paths[types] = text;
        load_file(policy, text, id, faults);
    }
    uint8_t digest[WN_SHA256_BYTES];
    wn_sha256_finish(id, digest);
    wn_hex(digest, sizeof(digest), policy->id);
    wn_sha256_close(id);

    number_purposes(policy, faults, folder);
    check_agreement(policy, paths, faults);
    if (faults->n == before) {
        derive_all(policy, paths, faults);
    }
}

/** @return an empty policy, or NULL where memory is exhausted. */
static struct wn_policy *make(void)
{
    struct wn_policy *policy = calloc(1, sizeof(*policy));
    if (!policy) {
        return NULL;
    }
    policy->types = calloc(WN_TYPES, sizeof(*policy->types));
    return policy->types ? policy : wn_policy_close(policy);
}

enum wn_code wn_policy_load(const char *folder, struct wn_faults *faults,
                            struct wn_policy **ret_policy, struct wn_error *err)
{
    const unsigned before = faults->n;
    struct wn_policy *policy = make();
    if (!policy) {
        return wn_fail(err, WN_FATAL, "config", "policy %s: out of memory", folder);
    }

    struct listing listing = { 0 };
    list(folder, faults, &listing);
    load_all(policy, folder, &listing, faults);
    listing_deinit(&listing);
    const unsigned n = faults->n - before;
    if (n > 0) {
        wn_policy_close(policy);
        return wn_fail(err, WN_FATAL, "config", "policy %s: %u fault%s", folder, n,
                       n == 1 ? "" : "s");
    }
    *ret_policy = policy;
    return WN_OK;
}

struct wn_policy *wn_policy_look(const char *folder, struct wn_faults *faults)
{
    struct wn_policy *policy = make();
    struct listing listing = { 0 };
    unsigned right = 0;
    if (!policy) {
        fputs("winnow: out of memory\n", stderr);
        abort();
    }
    list(folder, faults, &listing);
    load_all(policy, folder, &listing, faults);
    listing_deinit(&listing);
    for (unsigned i = 0; i < policy->n_types; i++) {
        if (policy->types[i].faulty) {
            continue;
        }
        if (right < i) {
            policy->types[right] = policy->types[i];
            policy->types[i] = (struct wn_type){ .name = NULL };
        }
        right++;
    }
    policy->n_types = right;
    return policy;
}

struct wn_policy *wn_policy_close(struct wn_policy *policy)
{
    if (policy) {
        for (unsigned t = 0; t < policy->n_types; t++) {
            for (unsigned p = 0; p < policy->types[t].n_purposes; p++) {
                free(policy->types[t].purposes[p].schema);
            }
        }
        free(policy->types);
        wn_arena_deinit(&policy->arena);
        free(policy);
    }
    return NULL;
}

const struct wn_type *wn_policy_type(const struct wn_policy *policy, const char *name)
{
    for (unsigned i = 0; i < policy->n_types; i++) {
        if (strcmp(policy->types[i].shape.type, name) == 0) {
            return &policy->types[i];
        }
    }
    return NULL;
}

const struct wn_purpose *wn_type_purpose(const struct wn_type *type, const char *name)
{
    for (unsigned i = 0; i < type->n_purposes; i++) {
        if (strcmp(type->purposes[i].name, name) == 0) {
            return &type->purposes[i];
        }
    }
    return NULL;
}
