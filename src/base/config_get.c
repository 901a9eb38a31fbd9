// SPDX-License-Identifier: Apache-2.0

/*
 * Getters: a node of the tree as a type. A fault says what was expected and never what was found.
 */

#include "winnow/config.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    SHOWN = 64
};

const struct wn_node *wn_config_find(const struct wn_node *map, const char *key)
{
    if (!map || map->type != WN_NODE_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < map->n; i++) {
        if (wn_slice_is(map->pairs[i].key, key)) {
            return &map->pairs[i].value;
        }
    }
    return NULL;
}

const char *wn_config_file(const struct wn_config *config, unsigned *line)
{
    unsigned n = *line / WN_CONFIG_LINES;
    *line %= WN_CONFIG_LINES;
    return n > 0 && n <= WN_CONFIG_OTHERS && config->others[n - 1] ? config->others[n - 1]
                                                                   : config->file;
}

void wn_config_fault(const struct wn_config *config, const struct wn_node *node, const char *format,
                     ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    unsigned line = node ? node->line : 0;
    const char *file = wn_config_file(config, &line);
    wn_faults_add(config->faults, file, line, "%s", sentence);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t wn_config_distance(const char *a, const char *b)
{
    size_t before[SHOWN + 1], last[SHOWN + 1] = { 0 }, row[SHOWN + 1] = { 0 };
    size_t len_a = least(strlen(a), SHOWN), len_b = least(strlen(b), SHOWN);
    for (size_t j = 0; j <= len_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= len_a; i++) {
        memcpy(before, last, sizeof(before));
        memcpy(last, row, sizeof(last));
        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t changed = last[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, changed);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[len_b];
}

const char *wn_config_nearest(const char *word, const char *const *words)
{
    const char *nearest = NULL;
    size_t best = SHOWN;
    for (size_t i = 0; words[i]; i++) {
        size_t distance = wn_config_distance(word, words[i]);
        if (distance < best && distance <= (strlen(words[i]) + 2) / 3) {
            nearest = words[i];
            best = distance;
        }
    }
    return nearest;
}

/** Join words as "a, b, c". */
static void join(const char *const *words, size_t size, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; words[i] && len < size; i++) {
        int more = snprintf(ret_text + len, size - len, "%s%s", i > 0 ? ", " : "", words[i]);
        len += more > 0 ? (size_t)more : 0;
    }
}

static bool is_known(struct wn_slice key, const char *const *keys)
{
    for (size_t i = 0; keys[i]; i++) {
        if (wn_slice_is(key, keys[i])) {
            return true;
        }
    }
    return false;
}

void wn_config_keys(const struct wn_config *config, const struct wn_node *map, const char *where,
                    const char *const *keys)
{
    const char *colon = where && where[0] != '\0' ? ": " : "";
    where = where ? where : "";
    if (map->type != WN_NODE_MAP) {
        wn_config_fault(config, map, "%s%sa map is expected here", where, colon);
        return;
    }
    for (size_t i = 0; i < map->n; i++) {
        const struct wn_pair *pair = &map->pairs[i];
        if (is_known(pair->key, keys)) {
            continue;
        }
        const struct wn_node at = { .line = pair->line };
        const char *nearest = wn_config_nearest(pair->key.at, keys);
        if (nearest) {
            wn_config_fault(config, &at, "%s%sthere is no '%.*s'; did you mean '%s'?", where, colon,
                            SHOWN, pair->key.at, nearest);
        } else {
            char known[512];
            join(keys, sizeof(known), known);
            wn_config_fault(config, &at, "%s%sthere is no '%.*s'; what there is: %s", where, colon,
                            SHOWN, pair->key.at, known);
        }
    }
}

const char *wn_config_text(const struct wn_config *config, const struct wn_node *node,
                           const char *key)
{
    if (!node) {
        return NULL;
    }
    if (node->type != WN_NODE_TEXT) {
        wn_config_fault(config, node, "%s: a text is expected here", key);
        return NULL;
    }
    return node->text.at;
}

/** Read `-` and digits that fill the slice. */
static bool read_number(struct wn_slice text, int64_t *ret_number)
{
    bool minus = wn_slice_starts(text, "-");
    uint64_t size;
    if (!wn_slice_number(minus ? wn_slice_after(text, 1) : text, &size) || size > INT64_MAX) {
        return false;
    }
    *ret_number = minus ? -(int64_t)size : (int64_t)size;
    return true;
}

bool wn_config_number(const struct wn_config *config, const struct wn_node *node, const char *key,
                      int64_t least_number, int64_t most_number, int64_t *ret_number)
{
    int64_t number;
    if (!node) {
        return false;
    }
    if (node->type != WN_NODE_TEXT || !read_number(node->text, &number) || number < least_number ||
        number > most_number) {
        wn_config_fault(config, node, "%s: not a whole number from %lld to %lld", key,
                        (long long)least_number, (long long)most_number);
        return false;
    }
    *ret_number = number;
    return true;
}

bool wn_config_bool(const struct wn_config *config, const struct wn_node *node, const char *key,
                    bool *ret_value)
{
    if (!node) {
        return false;
    }
    bool yes = node->type == WN_NODE_TEXT && wn_slice_is(node->text, "true");
    if (!yes && (node->type != WN_NODE_TEXT || !wn_slice_is(node->text, "false"))) {
        wn_config_fault(config, node, "%s: true or false is expected here", key);
        return false;
    }
    *ret_value = yes;
    return true;
}

struct unit {
    const char *name;
    int64_t size;
};

/** Read a whole number and one of the units that fill the slice. */
static bool read_quantity(const struct wn_node *node, const struct unit *units, size_t n_units,
                          int64_t *ret_quantity)
{
    if (node->type != WN_NODE_TEXT) {
        return false;
    }
    struct wn_slice digits = node->text;
    while (digits.len > 0 && (digits.at[digits.len - 1] < '0' || digits.at[digits.len - 1] > '9')) {
        digits.len--;
    }
    struct wn_slice unit = wn_slice_after(node->text, digits.len);
    uint64_t number;
    if (!wn_slice_number(digits, &number) || number > INT64_MAX) {
        return false;
    }
    for (size_t i = 0; i < n_units; i++) {
        if (wn_slice_is(unit, units[i].name)) {
            return !__builtin_mul_overflow((int64_t)number, units[i].size, ret_quantity);
        }
    }
    return false;
}

bool wn_config_duration(const struct wn_config *config, const struct wn_node *node, const char *key,
                        int64_t *ret_ms)
{
    static const struct unit units[] = {
        { "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };
    int64_t ms;
    if (!node) {
        return false;
    }
    if (!read_quantity(node, units, WN_COUNT(units), &ms)) {
        wn_config_fault(config, node,
                        "%s: not a duration (a whole number and ms, s, min, h or d, as in 500ms)",
                        key);
        return false;
    }
    *ret_ms = ms;
    return true;
}

/** Read `5` or `0.25` as hundredths. */
static bool read_hundredths(struct wn_slice text, uint64_t *ret_hundredths)
{
    const char *point = memchr(text.at, '.', text.len);
    const struct wn_slice whole = { text.at, point ? (size_t)(point - text.at) : text.len };
    struct wn_slice part = { point ? point + 1 : NULL, point ? text.len - whole.len - 1 : 0 };
    uint64_t number;
    uint64_t hundredths = 0;
    if (whole.len > 3 || part.len > 2 || !wn_slice_number(whole, &number) ||
        (point && !wn_slice_number(part, &hundredths))) {
        return false;
    }
    *ret_hundredths = number * 100 + (part.len == 1 ? hundredths * 10 : hundredths);
    return true;
}

bool wn_config_share(const struct wn_config *config, const struct wn_node *node, const char *key,
                     uint32_t *ret_share)
{
    uint64_t share = 0;
    if (!node) {
        return false;
    }
    const struct wn_slice text = node->text;
    if (node->type != WN_NODE_TEXT || text.len < 2 || text.at[text.len - 1] != '%' ||
        !read_hundredths((struct wn_slice){ text.at, text.len - 1 }, &share) || share < 1 ||
        share > 10000) {
        wn_config_fault(config, node, "%s: not a share from 0.01%% to 100%%, as in 5%%", key);
        return false;
    }
    *ret_share = (uint32_t)share;
    return true;
}

bool wn_config_bytes(const struct wn_config *config, const struct wn_node *node, const char *key,
                     int64_t *ret_bytes)
{
    static const struct unit units[] = {
        { "", 1 },
        { "KiB", 1024 },
        { "MiB", 1048576 },
        { "GiB", 1073741824 },
    };
    int64_t bytes;
    if (!node) {
        return false;
    }
    if (!read_quantity(node, units, WN_COUNT(units), &bytes)) {
        wn_config_fault(config, node,
                        "%s: not a size (a whole number and nothing, KiB, MiB or GiB, as in "
                        "256MiB)",
                        key);
        return false;
    }
    *ret_bytes = bytes;
    return true;
}

int wn_config_word(const struct wn_config *config, const struct wn_node *node, const char *key,
                   const char *const *words)
{
    if (!node) {
        return -1;
    }
    for (int i = 0; node->type == WN_NODE_TEXT && words[i]; i++) {
        if (wn_slice_is(node->text, words[i])) {
            return i;
        }
    }
    char list[512];
    join(words, sizeof(list), list);
    wn_config_fault(config, node, "%s: one of these is expected here: %s", key, list);
    return -1;
}
