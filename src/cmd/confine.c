// SPDX-License-Identifier: Apache-2.0

/*
 * Which files `run` needs. Configuration, policy, lists, consent and certificates are replaced by
 * renaming another file over them while it runs, and Landlock's rules are bound to what a path
 * names when they are made: so the folder of each is in the rules, too. The same holds for /etc,
 * where resolv.conf and hosts are replaced; who may read what there, the files' own modes say.
 */

#include "confine.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "winnow/io.h"
#include "winnow/log.h"
#include "winnow/sandbox.h"

enum {
    RULES = 512
};

struct rules {
    struct wn_sandbox_rule list[RULES];
    size_t n;
    struct wn_arena arena;
};

static const char *const system_reads[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    WINNOW_SHARE,
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/proc/stat",
    "/proc/sys",
    "/run/NetworkManager",
    "/run/resolvconf",
    "/run/systemd/resolve",
    "/sys/devices/system/cpu",
};

static void add(struct rules *rules, const char *path, enum wn_sandbox_access access)
{
    if (path && path[0] != '\0' && rules->n < RULES) {
        rules->list[rules->n++] = (struct wn_sandbox_rule){ path, access };
    }
}

static bool is_root(const char *path)
{
    struct stat one, root;
    return stat(path, &one) == 0 && stat("/", &root) == 0 && one.st_dev == root.st_dev &&
           one.st_ino == root.st_ino;
}

/** Let a file or folder be read, and what its folder holds: never everything. */
static void add_with_folder(struct rules *rules, const char *path)
{
    if (!path) {
        return;
    }
    add(rules, path, WN_SANDBOX_READ);
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    const char *folder =
        len == 0 ? "." : wn_arena_copy(&rules->arena, (struct wn_slice){ path, len }).at;
    if (!is_root(folder)) {
        add(rules, folder, WN_SANDBOX_READ);
    }
}

/** Let the files be read that a property names, as ssl.ca.location does. */
static void add_properties(struct rules *rules, const struct wn_properties *properties)
{
    for (unsigned i = 0; i < properties->n; i++) {
        const struct wn_property *property = &properties->list[i];
        if (property->value && strchr(property->value, '/')) {
            add_with_folder(rules, property->value);
        }
        add_with_folder(rules, property->secret.file);
    }
}

static void add_settings(struct rules *rules, struct wn_settings *settings, const char *config)
{
    struct wn_faults unsaid = { 0 }; // They are said where the sources are read.
    add_with_folder(rules, config);
    add_with_folder(rules, settings->policy);
    add_with_folder(rules, settings->keys.dir);
    add_with_folder(rules, settings->keys.kek);
    add_with_folder(rules, settings->keys.reg);
    add_with_folder(rules, settings->consent);
    add_with_folder(rules, wn_settings_helplines(settings));
    add_with_folder(rules, settings->lists.portability);
    for (unsigned i = 0; i < settings->n_inputs; i++) {
        add(rules, wn_settings_source(settings, settings->inputs[i].source, &unsaid),
            WN_SANDBOX_READ);
    }
    add_properties(rules, &settings->kafka);
    add_properties(rules, &settings->consumer);
    add_properties(rules, &settings->producer);
    add_with_folder(rules, settings->registry.authorities);
    add_with_folder(rules, settings->registry.password.file);
    add(rules, settings->state_dir, WN_SANDBOX_WRITE);
    wn_faults_deinit(&unsaid);
}

static bool has_kerberos(const struct wn_properties *properties)
{
    for (unsigned i = 0; i < properties->n; i++) {
        const struct wn_property *property = &properties->list[i];
        if (strncmp(property->name, "sasl.mechanism", strlen("sasl.mechanism")) == 0 &&
            property->value && strcmp(property->value, "GSSAPI") == 0) {
            return true;
        }
    }
    return false;
}

static void say(const struct wn_sandbox_result *result)
{
    const bool whole = result->landlock > 0 && result->seccomp;
    if (whole) {
        wn_log(WN_LOG_INFO, "confined", "landlock=%d seccomp=yes", result->landlock);
        return;
    }
    wn_log(WN_LOG_WARNING, "confined", "landlock=%d seccomp=%s text=\"%s%s%s%s; the rest holds\"",
           result->landlock, result->seccomp ? "yes" : "no",
           result->landlock > 0 ? "" : "Landlock: ",
           result->landlock > 0 ? "" : strerror(result->landlock_errno),
           result->landlock > 0 || result->seccomp ? "" : ", ",
           result->seccomp ? "" : result->without);
}

enum wn_code cmd_confine(struct wn_settings *settings, const char *config, struct wn_error *err)
{
    if (settings->state_dir && wn_io_make_folder(settings->state_dir, 0700, err) != WN_OK) {
        return err->code;
    }
    const bool kerberos = has_kerberos(&settings->kafka) || has_kerberos(&settings->consumer) ||
                          has_kerberos(&settings->producer);
    if (settings->no_sandbox || kerberos) {
        wn_log(WN_LOG_WARNING, "not-confined", "text=\"%s\"",
               kerberos ? "Kerberos: librdkafka runs kinit; the service's unit must hold it"
                        : "run: {sandbox: off}, which is for debugging");
        return WN_OK;
    }
    struct rules rules = { .n = 0 };
    for (size_t i = 0; i < WN_COUNT(system_reads); i++) {
        add(&rules, system_reads[i], WN_SANDBOX_READ);
    }
    add(&rules, getenv("CREDENTIALS_DIRECTORY"), WN_SANDBOX_READ);
    add(&rules, getenv("TZDIR"), WN_SANDBOX_READ);
    add_settings(&rules, settings, config);
    struct wn_sandbox_result result;
    wn_sandbox_enter(rules.list, rules.n, &result);
    wn_arena_deinit(&rules.arena);
    say(&result);
    return WN_OK;
}
