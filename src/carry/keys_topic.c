// SPDX-License-Identifier: Apache-2.0

/*
 * Two hosts may start at once, with different registers. So entries are written by a transactional
 * producer that all hosts of the group share by name, and the topic is read and compared again
 * between its opening and its writing: of two that would write, one is fenced, begins anew, and
 * finds what the other one wrote.
 *
 * The last value of a key counts, as compaction keeps it. A value that is empty was deleted.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publisher.h"
#include "scan.h"
#include "winnow/arena.h"
#include "winnow/log.h"
#include "winnow/memory.h"
#include "winnow/topics.h"
#include "winnow/worker.h"

enum {
    ATTEMPTS = 5,
    ENTRIES_MOST = 1 << 20 ///< Numbers above are no register's.
};

/** Our register and what the topic has. */
struct comparison {
    struct wn_slice *ours; ///< Lines without newline.
    size_t n_ours;
    struct wn_slice *theirs; ///< Empty: not there. In `arena`.
    int64_t *offsets;        ///< Where they lie.
    size_t n_theirs;
    struct wn_arena arena;
};

static void split(struct comparison *comparison, struct wn_slice text)
{
    size_t room = 0;
    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        struct wn_slice line = { text.at, end ? (size_t)(end - text.at) : text.len };
        if (comparison->n_ours == room) {
            room = room > 0 ? 2 * room : 64;
            comparison->ours = wn_grow(comparison->ours, room, sizeof(*comparison->ours));
        }
        comparison->ours[comparison->n_ours++] = line;
        text = wn_slice_after(text, end ? line.len + 1 : line.len);
    }
}

static void comparison_deinit(struct comparison *comparison)
{
    free(comparison->ours);
    free(comparison->theirs);
    free(comparison->offsets);
    wn_arena_deinit(&comparison->arena);
}

static enum wn_code note_entry(void *context, const struct wn_message *message,
                               struct wn_error *err)
{
    struct comparison *comparison = context;
    uint64_t number = 0;
    (void)err;
    if (!wn_slice_number(message->key, &number) || number == 0 || number > ENTRIES_MOST) {
        return WN_OK; // Nothing that a register could have.
    }
    if (number > comparison->n_theirs) {
        comparison->theirs = wn_grow(comparison->theirs, number, sizeof(*comparison->theirs));
        comparison->offsets = wn_grow(comparison->offsets, number, sizeof(*comparison->offsets));
        for (size_t i = comparison->n_theirs; i < number; i++) {
            comparison->theirs[i] = (struct wn_slice){ NULL, 0 };
            comparison->offsets[i] = -1;
        }
        comparison->n_theirs = number;
    }
    comparison->theirs[number - 1] = wn_arena_copy(&comparison->arena, message->value);
    comparison->offsets[number - 1] = message->offset;
    return WN_OK;
}

/** Find a member's value in a line of the register: `"name":` up to a comma or brace. */
static struct wn_slice member(struct wn_slice line, const char *name)
{
    for (size_t i = 0; i < line.len; i++) {
        struct wn_slice rest = wn_slice_after(line, i);
        if (wn_slice_starts(rest, name)) {
            rest = wn_slice_after(rest, strlen(name));
            size_t len = 0;
            while (len < rest.len && rest.at[len] != ',' && rest.at[len] != '}') {
                len++;
            }
            return (struct wn_slice){ rest.at, len };
        }
    }
    return (struct wn_slice){ "", 0 }; // An entry of another kind: it is printed.
}

/** Say how entry `i` (from 0) differs. Only our own line is quoted. */
static enum wn_code say_difference(const struct comparison *comparison, size_t i,
                                   struct wn_error *err)
{
    const struct wn_slice ours = comparison->ours[i];
    const struct wn_slice theirs = comparison->theirs[i];
    const struct wn_slice purpose = member(ours, "\"purpose\":");
    const struct wn_slice period = member(ours, "\"period\":");
    const bool same_key = wn_slice_same(purpose, member(theirs, "\"purpose\":")) &&
                          wn_slice_same(period, member(theirs, "\"period\":"));
    const bool same_value = wn_slice_same(member(ours, "\"kcv\":"), member(theirs, "\"kcv\":"));
    return wn_fail(err, WN_FATAL, "register",
                   "%s[0]@%lld: entry %zu (purpose %.*s, period %.*s) is not that of our register: "
                   "%s; take over the keys of the host that makes them: winnow keys import",
                   WN_KEYS_TOPIC, (long long)comparison->offsets[i], i + 1, (int)purpose.len,
                   purpose.at, (int)period.len, period.at,
                   same_key && !same_value
                       ? "this host's key has another check value than the one in use"
                       : "this register went another way than the one in use");
}

/** @return WN_OK and how many entries the topic lacks, or WN_FATAL: "register". */
static enum wn_code compare(const struct comparison *comparison, size_t *ret_missing,
                            struct wn_error *err)
{
    *ret_missing = 0;
    for (size_t i = 0; i < comparison->n_ours; i++) {
        if (i >= comparison->n_theirs || comparison->theirs[i].len == 0) {
            ++*ret_missing;
        } else if (!wn_slice_same(comparison->ours[i], comparison->theirs[i])) {
            return say_difference(comparison, i, err);
        }
    }
    for (size_t i = comparison->n_theirs; i > comparison->n_ours; i--) {
        if (comparison->theirs[i - 1].len > 0) {
            return wn_fail(err, WN_FATAL, "register",
                           "%s[0]@%lld: has entry %zu, our register ends with entry %zu: it was "
                           "rolled back, or is older than another host's; a key that was destroyed "
                           "since would come back",
                           WN_KEYS_TOPIC, (long long)comparison->offsets[i - 1], i,
                           comparison->n_ours);
        }
    }
    return WN_OK;
}

/** Read the topic and compare. */
static enum wn_code look(struct wn_scan *scan, struct comparison *comparison, size_t *ret_missing,
                         struct wn_error *err)
{
    comparison->n_theirs = 0;
    wn_arena_reset(&comparison->arena);
    enum wn_code rc = wn_scan_topic(scan, WN_KEYS_TOPIC, note_entry, comparison, err);
    return rc == WN_OK ? compare(comparison, ret_missing, err) : rc;
}

static enum wn_code send(struct wn_publisher *publisher, const struct comparison *comparison,
                         struct wn_error *err)
{
    struct wn_publication_message *messages =
        wn_grow(NULL, comparison->n_ours + 1, sizeof(*messages));
    char(*keys)[24] = wn_grow(NULL, comparison->n_ours + 1, sizeof(*keys));
    size_t n = 0;
    for (size_t i = 0; i < comparison->n_ours; i++) {
        if (i < comparison->n_theirs && comparison->theirs[i].len > 0) {
            continue;
        }
        (void)snprintf(keys[n], sizeof(keys[n]), "%zu", i + 1);
        messages[n] = (struct wn_publication_message){ .topic = WN_KEYS_TOPIC,
                                                       .key = wn_slice_of(keys[n]),
                                                       .value = comparison->ours[i] };
        n++;
    }
    enum wn_code rc = n > 0 ? wn_publisher_send(publisher, messages, n, err) : WN_OK;
    if (rc == WN_OK && n > 0) {
        wn_log(WN_LOG_INFO, "register-published", "entries=%zu", n);
    }
    free(keys);
    free(messages);
    return rc;
}

/** Publish what is missing. */
static enum wn_code publish(const struct wn_settings *settings, struct wn_scan *scan,
                            struct comparison *comparison, wn_give_up *give_up, void *context,
                            struct wn_error *err)
{
    char name[300];
    size_t missing = 0;
    struct wn_publisher *publisher = NULL;
    (void)snprintf(name, sizeof(name), WN_KEYS_NAME, settings->group);
    enum wn_code rc = wn_publisher_open(settings, name, give_up, context, &publisher, err);
    rc = rc == WN_OK ? look(scan, comparison, &missing, err) : rc;
    rc = rc == WN_OK ? send(publisher, comparison, err) : rc;
    // Another group's hosts do not share our name: look once more at what stands there now.
    rc = rc == WN_OK ? look(scan, comparison, &missing, err) : rc;
    (void)wn_publisher_close(publisher);
    return rc;
}

enum wn_code wn_keys_topic_publish(const struct wn_settings *settings,
                                   const struct wn_keyring *keyring, wn_give_up *give_up,
                                   void *context, struct wn_error *err)
{
    struct comparison comparison = { .n_ours = 0 };
    struct wn_scan *scan = NULL;
    size_t missing = 0;
    split(&comparison, wn_keyring_register(keyring));
    enum wn_code rc = wn_scan_open(settings, give_up, context, &scan, err);
    rc = rc == WN_OK ? look(scan, &comparison, &missing, err) : rc;
    for (int attempt = 1; rc == WN_OK && missing > 0; attempt++) {
        rc = publish(settings, scan, &comparison, give_up, context, err);
        bool taken = rc == WN_FATAL && strcmp(err->reason, "name-taken") == 0;
        if (!taken || attempt == ATTEMPTS) {
            break;
        }
        rc = look(scan, &comparison, &missing, err);
    }
    (void)wn_scan_close(scan);
    comparison_deinit(&comparison);
    return rc;
}
