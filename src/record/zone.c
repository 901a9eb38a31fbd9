// SPDX-License-Identifier: Apache-2.0

/**
 * Time zones from TZif files (RFC 8536), version 2 and later.
 *
 *     header  magic, version, six counts      ┐ for 32-bit readers: skipped by its counts
 *     block   transitions … indicators        ┘
 *     header  magic, version, six counts
 *     block   transitions  n × i64   ascending instants
 *             types        n × u8    which local time begins there
 *             local times  m × { i32 offset, u8 is summer, u8 where its abbreviation begins }
 *             abbreviations, leap seconds, indicators
 *     footer  NL TZ text NL                   the rule behind the last transition
 *
 * Before the first transition local time 0 holds, behind the last one the footer's rule; where the
 * footer is empty the last local time stays. A file is refused as a whole where anything in it
 * points outside of it: a wrong zone is worse than none.
 */

#include "zone.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "read.h"
#include "zone_rule.h"

enum {
    HEADER_BYTES = 44,
    COUNTS_AT = 20,
    FILE_MOST = 256 * 1024, ///< Octets; the largest of the database has under 4 KiB.
    TRANSITIONS_MOST = 4096,
    TYPES_MOST = 256,
    OFFSET_MOST_S = 26 * 3600, ///< RFC 8536 3.2.
    REACH_S = 26 * 3600,       ///< Local time and UTC are never further apart.
};

struct wn_zone {
    size_t n;                   ///< Transitions.
    int64_t *at;                ///< Ascending [s].
    uint8_t *type;              ///< What begins there: index into `types`.
    struct wn_zone_type *types; ///< At least one.
    struct wn_zone_rule rule;
};

/** The counts of a header, in the file's order. */
struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t get_u32(const char *at)
{
    uint32_t number = 0;
    for (size_t i = 0; i < 4; i++) {
        number = number << 8 | (unsigned char)at[i];
    }
    return number;
}

static int64_t get_i64(const char *at)
{
    return (int64_t)((uint64_t)get_u32(at) << 32 | get_u32(at + 4));
}

/** Take a header and judge its counts. @return false: it is none, or its counts are absurd */
static bool take_header(struct wn_slice *rest, struct counts *ret_counts)
{
    if (rest->len < HEADER_BYTES || !wn_slice_starts(*rest, "TZif") || rest->at[4] < '2') {
        return false;
    }
    const char *at = rest->at + COUNTS_AT;
    *ret_counts = (struct counts){ get_u32(at),      get_u32(at + 4),  get_u32(at + 8),
                                   get_u32(at + 12), get_u32(at + 16), get_u32(at + 20) };
    *rest = wn_slice_after(*rest, HEADER_BYTES);
    return ret_counts->isut <= TYPES_MOST && ret_counts->isstd <= TYPES_MOST &&
           ret_counts->leap <= TRANSITIONS_MOST && ret_counts->time <= TRANSITIONS_MOST &&
           ret_counts->type <= TYPES_MOST && ret_counts->chars <= FILE_MOST;
}

/** @return octets of the block that a header announces; times have `width` octets. */
static size_t block_bytes(const struct counts *counts, size_t width)
{
    return counts->time * (width + 1) + counts->type * (size_t)6 + counts->chars +
           counts->leap * (width + 4) + counts->isstd + counts->isut;
}

/** Take `n` octets, which are there. */
static const char *take(struct wn_slice *rest, size_t n)
{
    assert(n <= rest->len);
    const char *at = rest->at;
    *rest = wn_slice_after(*rest, n);
    return at;
}

static bool read_transitions(struct wn_slice *rest, const struct counts *counts,
                             struct wn_zone *zone)
{
    zone->n = counts->time;
    for (size_t i = 0; i < zone->n; i++) {
        zone->at[i] = get_i64(take(rest, 8));
        if (i > 0 && zone->at[i] <= zone->at[i - 1]) {
            return false;
        }
    }
    for (size_t i = 0; i < zone->n; i++) {
        zone->type[i] = (uint8_t)*take(rest, 1);
        if (zone->type[i] >= counts->type) {
            return false;
        }
    }
    return true;
}

static bool read_types(struct wn_slice *rest, const struct counts *counts, struct wn_zone *zone)
{
    const char *types = take(rest, counts->type * (size_t)6);
    const char *chars = take(rest, counts->chars);

    for (size_t i = 0; i < counts->type; i++) {
        const char *type = types + i * 6;
        int32_t offset_s = (int32_t)get_u32(type);
        size_t name = (unsigned char)type[5];
        if (offset_s < -OFFSET_MOST_S || offset_s > OFFSET_MOST_S || name >= counts->chars) {
            return false;
        }
        size_t len = strnlen(chars + name, counts->chars - name);
        if (len == counts->chars - name || len >= WN_ZONE_NAME) {
            return false; // Without its NUL, or too long.
        }
        zone->types[i].offset_s = offset_s;
        memcpy(zone->types[i].name, chars + name, len + 1);
    }
    return true;
}

static bool read_footer(struct wn_slice footer, struct wn_zone *zone)
{
    if (footer.len < 2 || footer.at[0] != '\n') {
        return false;
    }
    const char *end = memchr(footer.at + 1, '\n', footer.len - 1);
    if (!end) {
        return false;
    }
    struct wn_slice text = { footer.at + 1, (size_t)(end - footer.at) - 1 };
    return text.len == 0 || wn_zone_rule_read(text, &zone->rule);
}

static bool fill(struct wn_slice rest, const struct counts *counts, struct wn_zone *zone)
{
    if (!read_transitions(&rest, counts, zone) || !read_types(&rest, counts, zone)) {
        return false;
    }
    take(&rest, (size_t)counts->isstd + counts->isut);
    return read_footer(rest, zone);
}

struct wn_zone *wn_zone_parse(struct wn_slice bytes)
{
    struct counts counts;
    if (!take_header(&bytes, &counts) || block_bytes(&counts, 4) > bytes.len) {
        return NULL;
    }
    bytes = wn_slice_after(bytes, block_bytes(&counts, 4));
    if (!take_header(&bytes, &counts) || block_bytes(&counts, 8) > bytes.len || counts.type == 0 ||
        counts.chars == 0 || counts.leap != 0) {
        return NULL;
    }

    struct wn_zone *zone = calloc(1, sizeof(*zone));
    if (!zone) {
        return NULL;
    }
    zone->at = calloc(counts.time + 1U, sizeof(*zone->at));
    zone->type = calloc(counts.time + 1U, sizeof(*zone->type));
    zone->types = calloc(counts.type, sizeof(*zone->types));
    bool is_whole = zone->at && zone->type && zone->types && fill(bytes, &counts, zone);
    return is_whole ? zone : wn_zone_close(zone);
}

struct wn_zone *wn_zone_close(struct wn_zone *zone)
{
    if (zone) {
        free(zone->types);
        free(zone->type);
        free(zone->at);
        free(zone);
    }
    return NULL;
}

static const char *database_dir(void)
{
    const char *dir = getenv("TZDIR");
    return dir && dir[0] != '\0' ? dir : "/usr/share/zoneinfo";
}

/** @return whether a name can only lie in the database: no absolute path, no way up. */
static bool is_zone_name(const char *name)
{
    char before = '/';
    for (const char *at = name; *at != '\0'; at++) {
        bool begins = before == '/';
        bool fits =
            wn_is_letter(*at) ||
            (!begins && (wn_is_digit(*at) || *at == '_' || *at == '-' || *at == '+' || *at == '/'));
        if (!fits) {
            return false;
        }
        before = *at;
    }
    return before != '/';
}

/** Read a file of up to FILE_MOST octets. @return octets read, or -1 with errno. */
static int64_t read_file(const char *path, char *bytes)
{
    FILE *file = fopen(path, "rbe");
    if (!file) {
        return -1;
    }
    size_t len = fread(bytes, 1, FILE_MOST, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed) {
        errno = EIO;
        return -1;
    }
    return (int64_t)len;
}

enum wn_code wn_zone_open(const char *name, struct wn_zone **ret_zone, struct wn_error *err)
{
    const char *dir = database_dir();
    char path[PATH_MAX];
    int len = is_zone_name(name) ? snprintf(path, sizeof(path), "%s/%s", dir, name) : -1;
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return wn_fail(err, WN_FATAL, "config",
                       "'%s' is no name of a time zone; it is written as in Europe/Amsterdam",
                       name);
    }

    char *bytes = malloc(FILE_MOST);
    int64_t size = bytes ? read_file(path, bytes) : -1;
    struct wn_zone *zone =
        size >= 0 ? wn_zone_parse((struct wn_slice){ bytes, (size_t)size }) : NULL;
    free(bytes);
    if (size < 0) {
        return wn_fail(err, WN_FATAL, "config",
                       "no time zone '%s' in %s; correct the name, or install the package tzdata",
                       name, dir);
    }
    if (!zone) {
        return wn_fail(err, WN_FATAL, "config",
                       "%s: not a TZif file of version 2 or later without leap seconds; install "
                       "the package tzdata again",
                       path);
    }
    *ret_zone = zone;
    return WN_OK;
}

const char *wn_zone_database(void)
{
    static _Thread_local char version[16]; // One a thread: nobody sees another's half written.
    static const char before[] = "# version ";

    char path[PATH_MAX];
    char line[64] = { 0 };
    int len = snprintf(path, sizeof(path), "%s/tzdata.zi", database_dir());
    FILE *file = len > 0 && (size_t)len < sizeof(path) ? fopen(path, "rbe") : NULL;
    if (file) {
        size_t n = fread(line, 1, sizeof(line) - 1, file);
        line[n] = '\0';
        fclose(file);
    }
    size_t n = strncmp(line, before, sizeof(before) - 1) == 0
                   ? strcspn(line + sizeof(before) - 1, "\r\n ")
                   : 0;
    if (n == 0 || n >= sizeof(version)) {
        return "unknown";
    }
    memcpy(version, line + sizeof(before) - 1, n);
    version[n] = '\0';
    return version;
}

static int64_t floor_s(int64_t ms)
{
    return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
}

/** @return the local time that holds at an instant. */
static const struct wn_zone_type *type_at(const struct wn_zone *zone, int64_t utc_s)
{
    if (zone->n == 0 || utc_s >= zone->at[zone->n - 1]) {
        if (zone->rule.n > 0) {
            return wn_zone_rule_at(&zone->rule, utc_s);
        }
        return &zone->types[zone->n == 0 ? 0 : zone->type[zone->n - 1]];
    }
    if (utc_s < zone->at[0]) {
        return &zone->types[0];
    }
    size_t low = 0; // at[low] <= utc_s < at[high]
    size_t high = zone->n - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (zone->at[middle] <= utc_s) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &zone->types[zone->type[low]];
}

int32_t wn_zone_offset_s(const struct wn_zone *zone, int64_t utc_ms)
{
    return type_at(zone, floor_s(utc_ms))->offset_s;
}

const char *wn_zone_abbreviation(const struct wn_zone *zone, int64_t utc_ms)
{
    return type_at(zone, floor_s(utc_ms))->name;
}

unsigned wn_zone_utc(const struct wn_zone *zone, const struct wn_civil *local,
                     int64_t ret_utc_ms[2])
{
    const int64_t as_utc_ms = wn_civil_utc_ms(local);
    const int64_t as_utc_s = floor_s(as_utc_ms);
    // A change that matters lies within reach of the instant: look at both sides of it. The
    // greater offset gives the earlier instant.
    int32_t before_s = type_at(zone, as_utc_s - REACH_S)->offset_s;
    int32_t after_s = type_at(zone, as_utc_s + REACH_S)->offset_s;
    const int32_t offsets[2] = { before_s > after_s ? before_s : after_s,
                                 before_s > after_s ? after_s : before_s };

    unsigned n = 0;
    for (size_t i = 0; i < 2; i++) {
        bool is_new = i == 0 || offsets[1] != offsets[0];
        if (is_new && type_at(zone, as_utc_s - offsets[i])->offset_s == offsets[i]) {
            ret_utc_ms[n++] = as_utc_ms - offsets[i] * INT64_C(1000);
        }
    }
    if (n == 1) {
        ret_utc_ms[1] = ret_utc_ms[0];
    }
    return n;
}
